"""The GeoPackage opens in QGIS with the colours and labels of the pages."""

import sqlite3
from contextlib import closing
from xml.etree import ElementTree as ET

import pyogrio
import pytest

from gis.maps import i18n
from gis.maps.palette import MARK
from gis.maps.qgis import qml_by_layer
from gis.maps.site import site_data
from gis.schemas import LAYERS, SCHEMAS, french_labels
from gis.store.geopackage import STYLES, read_geopackage
from gis.territory import Territory


@pytest.fixture(scope="module", params=["built", "demo_built"])
def styled(request):
    made = request.getfixturevalue(request.param)
    return Territory(made.folder.path), made.files.geopackage


def looks(qml):
    """Return what each value is drawn with: its label, its colour, and whether it is filled."""
    root = ET.fromstring(qml.partition("\n")[2])  # noqa: S314  (it is ours)
    symbols = {
        each.get("name"): {option.get("name"): option.get("value") for option in each.iter("Option")}
        for each in root.iter("symbol")
    }
    return {
        each.get("value"): (
            each.get("label"),
            symbols[each.get("symbol")]["color"],
            symbols[each.get("symbol")]["style"],
        )
        for each in root.iter("category")
    }


def test_every_layer_has_a_style_that_qgis_opens_with(styled):
    _, geopackage = styled
    table = pyogrio.read_dataframe(geopackage, layer=STYLES)
    assert set(table["f_table_name"]) == {name for name, _ in pyogrio.list_layers(geopackage)} & {*LAYERS}
    assert table["useAsDefault"].all()
    with closing(sqlite3.connect(geopackage)) as file:
        columns = dict(file.execute("select table_name, column_name from gpkg_geometry_columns"))
    said = {row.f_table_name: row.f_geometry_column for row in table.itertuples()}
    assert {name: column for name, column in said.items() if column} == columns


def test_every_layer_that_can_be_written_has_a_style(styled):
    territory, _ = styled
    assert set(qml_by_layer(territory, {})) == {name for name, layer in LAYERS.items() if layer.written}


@pytest.mark.parametrize(("layer", "kind"), [("roads", "line"), ("accesses", "marker"), ("plots", "fill")])
def test_lines_and_points_have_symbols_of_their_kind(styled, layer, kind):
    _, geopackage = styled
    qml = pyogrio.read_dataframe(geopackage, layer=STYLES).set_index("f_table_name")["styleQML"][layer]
    root = ET.fromstring(qml.partition("\n")[2])  # noqa: S314  (it is ours)
    assert {symbol.get("type") for symbol in root.iter("symbol")} == {kind}
    values = {category.get("value") for category in root.iter("category")}
    column = {"roads": "road_class", "accesses": "access_kind", "plots": "available"}[layer]
    assert set(read_geopackage(geopackage)[layer][column]) <= values


def test_occupants_have_the_colour_of_their_page(styled):
    territory, geopackage = styled
    qml = pyogrio.read_dataframe(geopackage, layer=STYLES).set_index("f_table_name")["styleQML"]["tiles"]
    tiles = read_geopackage(geopackage)["tiles"]
    held = tiles[tiles["subject"].str.startswith("tenancies/") & tiles["area_m2"].notna()]
    drawn = looks(qml)
    fills = {
        row["occupant"]: row["fill"]
        for site in territory.focus.values()
        for row in site_data(territory, site)["tenancies"]
    }
    assert set(held["label"]) <= set(drawn)
    for name in set(held["label"]) & set(fills):
        red, green, blue, _ = map(int, drawn[name][1].split(","))
        assert f"#{red:02X}{green:02X}{blue:02X}" == fills[name].upper()


def test_terrains_say_whether_they_can_be_had_in_the_words_of_the_page(styled):
    territory, geopackage = styled
    terrains = read_geopackage(geopackage)["terrains"]
    qml = pyogrio.read_dataframe(geopackage, layer=STYLES).set_index("f_table_name")["styleQML"]["terrains"]
    label, colour, style = looks(qml)["oui"]
    assert (label, style) == (i18n.text_catalogue("fr")["available.state.oui"], "solid")
    assert colour == ",".join(str(int(MARK[n : n + 2], 16)) for n in (1, 3, 5)) + ",255"
    assert len(terrains) == len(territory.terrains)
    assert set(terrains["available_now"]) <= {"oui", "non", "inconnu"}
    rows = territory.terrains
    state = rows["useful"].eq("oui") & rows["occupied"].isin(["inoccupé", "vacant"]) & rows["sale"].eq("en vente")
    state &= rows["servicing"].isin(["viabilisé non aménagé", "viabilisé et aménagé"])
    assert list(terrains["available_now"].eq("oui")) == list(state)


def test_what_has_no_area_is_hollow(styled):
    _, geopackage = styled
    qml = pyogrio.read_dataframe(geopackage, layer=STYLES).set_index("f_table_name")["styleQML"]["tiles"]
    assert looks(qml)["?"][2] == "no"


# --- what QGIS calls columns and features ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def named(styled):
    """Return, of each layer with shapes, what QGIS calls its columns and a feature, and the fields it finds."""
    _, geopackage = styled
    found = {}
    for name, qml in pyogrio.read_dataframe(geopackage, layer=STYLES).set_index("f_table_name")["styleQML"].items():
        root = ET.fromstring(qml.partition("\n")[2])  # noqa: S314  (it is ours)
        found[name] = root, list(pyogrio.read_info(geopackage, layer=name)["fields"])
    return found


def test_every_field_of_a_layer_has_an_alias_in_french(named):
    for name, (root, fields) in named.items():
        aliases = {each.get("field"): each.get("name") for each in root.iter("alias")}
        assert aliases == {field: french_labels(name)[field] for field in fields}
        assert all(aliases.values())
        assert [each.get("index") for each in root.iter("alias")] == [str(n) for n, _ in enumerate(fields, 1)]
        meanings = SCHEMAS[name].to_schema().columns
        english = {field: meanings[field].description.rstrip(".") for field in fields if field in meanings}
        assert not [field for field, meaning in english.items() if aliases[field] in {meaning, field}]
    assert named["sites"][0].find("aliases/alias[@field='measured_m2']").get("name") == "Surface mesurée (m²)"


def test_what_a_layer_does_not_have_is_not_named(styled):
    territory, _ = styled
    few = {"sites": territory.sites[["site_id", "jobs", "geometry"]].assign(edition="internal")}
    found = {name: ET.fromstring(qml.partition("\n")[2]) for name, qml in qml_by_layer(territory, few).items()}  # noqa: S314
    aliases = [(each.get("field"), each.get("name")) for each in found["sites"].iter("alias")]
    assert aliases == [("site_id", "Identifiant du site"), ("jobs", "Emplois"), ("edition", "Édition")]
    assert found["sites"].findtext("previewExpression") == '"site_id"'
    assert not list(found["terrains"].iter("alias"))


def test_a_feature_is_called_by_its_name_or_else_its_key(named):
    shown = {name: root.findtext("previewExpression") for name, (root, _) in named.items()}
    assert shown["tiles"] == '"label"'
    assert shown["plots"] == '"plot_id"'
    assert shown["buildings"] == ('CASE WHEN "building_name" <> \'\' THEN "building_name" ELSE "building_id" END')
    for name, layer in LAYERS.items():
        if name in shown:
            assert f'"{layer.label or layer.key}"' in shown[name]


def test_qgis_is_told_to_take_all_that_a_style_holds(named):
    for name, (root, _) in named.items():
        drawn = "Symbology|Labeling|" if LAYERS[name].geometry else ""
        assert root.get("styleCategories") == f"LayerConfiguration|{drawn}Fields"
        assert bool(drawn) == (root.find("renderer-v2") is not None)
        after = [each.tag for each in root]
        assert after[-2:] == ["aliases", "previewExpression"]
