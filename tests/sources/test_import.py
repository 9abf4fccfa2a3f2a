"""Files of one's own: how they are proposed to be read, read as a person corrected it, and joined with the rest."""

import csv
import json
import tomllib
from dataclasses import asdict
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import tomlkit
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, MultiPoint, MultiPolygon, Point, box

from gis.errors import CrsError, SchemaError, SourceChangedError, SourceError
from gis.provenance import Basis, Source
from gis.schemas import KEYS
from gis.sources.own_files.cells import is_same_word
from gis.sources.own_files.import_synonyms import COLUMNS, NAMED, UPPER, WORDS
from gis.sources.own_files.mapped import read_layer
from gis.sources.own_files.mapping import (
    TARGETS,
    TableReading,
    columns_of_layer,
    mapping_file,
    read_mapping,
    vocabulary_of_column,
)
from gis.sources.own_files.mapping_text import proposed_mapping_text
from gis.sources.own_files.proposing import Sample, propose_reading
from gis.sources.tables.rows import mended_text, open_rows
from gis.sources.tables.toml_writing import comment_text, noted_value

ZONE = CRS.from_epsg(3950)
SAID = ("--source", "ville", "--basis", "digitised", "--publisher", "Ville", "--licence", "LO 2.0", "--edition", "2024")


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def imported(command, demo):
    """Import a file into the hand-made territory, and return how it ended."""

    def run(file, *options, layer="sites", said=SAID):
        return command("import", demo.path, file, "--as", layer, *said, *options)

    return run


def mapping_of(folder, file):
    return tomllib.loads(mapping_file(folder.path / "raw" / file.name).read_text(encoding="utf-8"))


def write_csv(file, rows, *, delimiter=";", encoding="utf-8"):
    with file.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys(), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return file


def geojson(shape, crs=4326):
    return json.dumps(gpd.GeoSeries([shape], crs=3950).to_crs(crs).iloc[0].__geo_interface__)


# Columns and words as cities, departments and agencies unlike each other publish them; the rows are ours.
CITIES = {
    "a metropolis, a spreadsheet of parks": (
        "sites",
        {
            "id-parc": ["chatelliers", "melleray"],
            "nature parc": ["Parc d'activités", "Parc d'activités agricoles"],
            "nom parc": ["Les Prés", "La Côte"],
            "superficie totale ha": ["63.7", "170.72"],
            "type parc": ["Pôle économique de proximité", "Pôle économique de proximité"],
            "vocation principale": ["Activités", "Agricole"],
            "nombre établissements": ["137", "26"],
            "nombre emplois": ["1620", "136"],
            "gestion": ["Métropole", "Métropole"],
        },
        {
            "site_id": "id-parc",
            "site_name": "nom parc",
            "vocation": "vocation principale",
            "land_low_ha": "superficie totale ha",
            "land_high_ha": "superficie totale ha",
            "jobs": "nombre emplois",
        },
    ),
    "a metropolis, stages of its own": (
        "sites",
        {
            "id_za": ["1", "2", "3"],
            "nom": ["Le Bois", "L’Étang", "Été"],
            "etape": ["créée", "potentielle", "terminée"],
            "etat": ["extension", "renouvellement", "extension"],
            "scot": ["compatible avec le SCoT"] * 3,
            "territoire": ["structurante", "proximité", "pôle tertiaire"],
        },
        {"site_id": "id_za", "site_name": "nom", "site_state": "etape"},
    ),
    "a department, English in capitals": (
        "sites",
        {
            "OBJECTID": ["1", "2"],
            "ZONEID": ["A1", "A2"],
            "ZONENAME": ["Prés", "Côte"],
            "INSEE": ["99001", "71001"],
        },
        {"site_id": "ZONEID", "site_name": "ZONENAME", "insee": "INSEE"},
    ),
    "a department, French in capitals": (
        "sites",
        {
            "IDENTIFIANT": ["Z1", "Z2"],
            "NOM": ["Prés", "Côte"],
            "INSEE": ["99001", "99002"],
            "VILLE": ["Port-Neuf", "Les Prés"],
            "CP": ["62000", "62001"],
            "CATEGORIE": ["Artisanale", "Industrielle"],
            "GESTIONNAIRE": ["Ville", "Ville"],
        },
        {"site_id": "IDENTIFIANT", "site_name": "NOM", "insee": "INSEE", "vocation": "CATEGORIE"},
    ),
    "an agency, commercial zones without a name": (
        "sites",
        {
            "idcom": ["99001,99002", "99002"],
            "activite": ["Commerce", "Autre / Mixte"],
            "Surf_ha": ["8,25", "9"],
        },
        {
            "site_id": "#",
            "vocation": "activite",
            "insee": "idcom",
            "land_low_ha": "Surf_ha",
            "land_high_ha": "Surf_ha",
        },
    ),
    "an overseas territory, five letters a name": (
        "sites",
        {"nom": ["Nord", "Sud"], "code": ["Z1", "Z2"], "observ": ["en cours", "fini"], "amenag": ["SEM", "SEM"]},
        {"site_id": "code", "site_name": "nom", "note": "observ"},
    ),
    "a city, poles with the layer in every name": (
        "sites",
        {
            "OBJECTID": ["1", "2"],
            "NOM_POLE": ["Pôle nord", "Pôle sud"],
            "SURFACE_POLE": ["80000", "90000"],
            "ACTIVITES_POLE": ["Industrie", "Commerce"],
            "SALARIES_POLES": ["100", "200"],
            "NB_ETABLISSEMENTS": ["3", "4"],
        },
        {
            "site_id": "OBJECTID",
            "site_name": "NOM_POLE",
            "vocation": "ACTIVITES_POLE",
            "land_low_ha": "SURFACE_POLE",
            "land_high_ha": "SURFACE_POLE",
            "jobs": "SALARIES_POLES",
        },
    ),
    "names cut by a Shapefile": (
        "sites",
        {
            "g_nom_zon": ["Prés", "Côte"],
            "ID_ZONE": ["a", "b"],
            "superficie": ["8", "9"],
            "code_commu": ["99001", "99002"],
        },
        {"site_id": "ID_ZONE", "site_name": "g_nom_zon", "insee": "code_commu", "land_low_ha": "superficie"},
    ),
    "accents encoded twice": (
        "sites",
        {"IdentifiÃ©": ["a", "b"], "LibellÃ©": ["Prés", "Côte"], "Effectifs salariÃ©s": ["3", "4"]},
        {"site_name": "LibellÃ©", "jobs": "Effectifs salariÃ©s"},
    ),
    "accents lost": (
        "sites",
        {"identifiant": ["a", "b"], "libell?": ["Prés", "Côte"]},
        {"site_id": "identifiant", "site_name": "libell?"},
    ),
    "lots to sell": (
        "terrains",
        {
            "N° lot": ["1", "2"],
            "Zone": ["port", "port"],
            "État d'occupation": ["Libre", "Occupée"],
            "Commercialisation": ["A vendre", "Sous option"],
            "Viabilisé": ["oui", "non"],
            "Prix m²": ["32,5", "1 200,50"],
        },
        {
            "terrain_id": "N° lot",
            "site_id": "Zone",
            "occupied": "État d'occupation",
            "sale": "Commercialisation",
            "servicing": "Viabilisé",
            "price_eur_m2": "Prix m²",
        },
    ),
    "codes in columns that say nothing": (
        "establishments",
        {"colonne1": ["1" * 14, "2" * 14], "raison sociale": ["Algues", "Bois"], "lieu": ["99001", "99002"]},
        {"establishment_id": "colonne1", "siret": "colonne1", "establishment_name": "raison sociale", "insee": "lieu"},
    ),
    "a cadastre": (
        "parcels",
        {"id": ["99001000AB0001", "99001000AB0002"], "contenance": ["1200", "80"], "updated": ["2023-01-01"] * 2},
        {"parcel_id": "id", "stated_m2": "contenance", "as_of": "updated"},
    ),
}


@pytest.mark.parametrize(("layer", "cells", "expected"), CITIES.values(), ids=CITIES)
def test_columns_are_found_by_name_and_by_content(layer, cells, expected):
    communes = {"99001": "Port-Neuf", "99002": "Les Prés"}
    found = propose_reading(layer, Sample("file", "", cells), communes=communes, known={"site_id": {"port"}})
    columns = found.reading.columns
    assert {ours: theirs for ours, theirs in columns.items() if ours in expected} == expected
    assert set(found.left) == set(cells) - set(columns.values())
    assert all(found.reading.prefixes.get(key, "") == "" for key in ("parcel_id", "establishment_id"))


def test_words_of_a_city_are_mapped_and_those_that_could_be_two_are_listed():
    _, cells, _ = CITIES["lots to sell"]
    found = propose_reading("terrains", Sample("lots", "", cells), communes={}, known={})
    words = asdict(found.reading)["values"]
    assert words["sale"] == {"A vendre": "en vente", "Sous option": "réservé par option de réservation"}
    assert words["occupied"] == {"Libre": "", "Occupée": "occupé"}
    assert found.unknown == {"occupied": {"Libre": 1}}


def test_plain_numbers_get_a_prefix_and_references_find_it():
    lots = propose_reading(
        "terrains", Sample("lots", "", {"lot": ["1"], "zone": ["7"]}), communes={}, known={"site_id": {"za-7"}}
    )
    assert lots.reading.prefixes == {"terrain_id": "lots-", "site_id": "za-"}


@pytest.mark.parametrize(
    ("header", "stated", "unit"),
    [("SURF_M2", "80000", "m2"), ("surface", "80000", "m2"), ("surface", "8", ""), ("surface en ha", "8", "")],
    ids=["by name", "beside the shapes: m²", "beside the shapes: ha", "hectares by name"],
)
def test_the_unit_of_an_area_is_that_of_its_name_or_of_the_shapes(header, stated, unit):
    sample = Sample("za", "", {"id": ["a"], header: [stated]}, [80_000.0], has_shapes=True)
    found = propose_reading("sites", sample, communes={}, known={})
    assert found.reading.units.get("land_low_ha", "") == unit


def test_what_others_say_are_words_and_columns_of_ours():
    for layer, names in COLUMNS.items():
        assert set(names) <= set(columns_of_layer(layer))
    ours = {
        name: {*vocabulary_of_column(column)} for layer in TARGETS for name, column in columns_of_layer(layer).items()
    }
    for column, words in WORDS.items():
        assert set(words) <= ours[column], column


# Formats


ROWS = [
    {"code": "a", "nom": "Été, l’œuf", "surf_ha": "8.25", "insee": "99001"},
    {"code": "b", "nom": "ZI du Nord", "surf_ha": "", "insee": "99002"},
]


def in_format(inbox, kind, shapes):
    frame = pd.DataFrame(ROWS).assign(surf_ha=[8.25, np.nan])
    drawn = gpd.GeoDataFrame(frame, geometry=shapes, crs=3950)
    file = inbox / f"zones.{kind.partition(' ')[0]}"
    match kind:
        case "csv of GeoJSON":
            rows = [row | {"geo_shape": geojson(shape)} for row, shape in zip(ROWS, shapes, strict=True)]
            return write_csv(file, rows)
        case "csv of WKT":
            return write_csv(
                file, [r | {"wkt": shape.wkt} for r, shape in zip(ROWS, shapes, strict=True)], delimiter=","
            )
        case "csv in Windows-1252":
            return write_csv(
                file, [row | {"surf_ha": row["surf_ha"].replace(".", ",")} for row in ROWS], encoding="cp1252"
            )
        case "csv in UTF-16":
            return write_csv(file, ROWS, encoding="utf-16")
        case "xlsx":
            frame.to_excel(file, sheet_name="Zones", index=False)
        case "ods":
            import pyogrio  # noqa: PLC0415  (its writer is asked for here alone)

            columns = [frame[name].to_numpy(dtype=object if name != "surf_ha" else float) for name in frame]
            pyogrio.raw.write(
                file, None, columns, list(frame), layer="Zones", driver="ODS", geometry_type=None, crs=None
            )
        case "shp without cpg":
            drawn.to_file(file, encoding="cp1252")
            file.with_suffix(".cpg").unlink()
        case "geojson":
            drawn.to_crs(4326).to_file(file)
        case _:
            drawn.to_file(file)
    return file


@pytest.mark.parametrize(
    "kind",
    [
        "gpkg",
        "geojson",
        "shp",
        "shp without cpg",
        "fgb",
        "csv of GeoJSON",
        "csv of WKT",
        "csv in Windows-1252",
        "csv in UTF-16",
        "xlsx",
        "ods",
    ],
)
def test_the_same_rows_come_of_every_format(demo, inbox, imported, square, kind):
    shapes = [square(400, 200), square(100, 100)]
    file = in_format(inbox, kind, shapes)
    before = file.read_bytes()
    ended = imported(file)
    assert ended.code == 0, ended
    assert (demo.path / "raw" / file.name).read_bytes() == before
    sites = demo.open().sites.set_index("site_id")
    assert list(sites.loc[["a", "b"], "site_name"]) == [row["nom"] for row in ROWS]
    assert list(sites.loc[["a", "b"], "insee"]) == ["99001", "99002"]
    assert list(sites.loc[["a", "b"], "land_low_ha"].fillna(-1)) == [8.25, -1]
    assert {*sites.loc[["a", "b"], "as_of"]} == {"2024"}
    has_shapes = kind not in {"csv in Windows-1252", "csv in UTF-16", "xlsx", "ods"}
    assert {*sites.loc[["a", "b"], "basis"]} == {"digitised" if has_shapes else "stated"}
    if has_shapes:
        assert np.round(sites.loc[["a", "b"], "measured_m2"]).tolist() == [80_000, 10_000]


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="cp1252", categories=("L",)), min_size=2, max_size=12),
            st.one_of(st.none(), st.integers(1, 10**7).map(lambda n: n / 1000)),
            st.sampled_from(["99001", "99002"]),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.booleans(),
)
def test_any_table_comes_through_as_it_was(tmp_path_factory, rows, delimiter, encoding, comma):
    file = tmp_path_factory.mktemp("any") / "table.csv"
    sign = "," if comma else "."
    write_csv(
        file,
        [
            {
                "Code zone": f"z{n}",
                "Libellé": name,
                "Surface ha": "" if area is None else f"{area:.4f}".replace(".", sign),
                "Code INSEE": insee,
            }
            for n, (name, area, insee) in enumerate(rows)
        ],
        delimiter=delimiter,
        encoding=encoding,
    )
    with open_rows(file) as opened:
        cells = {name: [] for name in opened.columns}
        for record in opened.records:
            for name, text in record.cells.items():
                cells[name].append(text)
    proposal = propose_reading("sites", Sample("table", "", cells), communes={"99001": "a", "99002": "b"}, known={})
    source = Source("s", "t", "p", "l")
    found = read_layer(file, proposal.reading, crs=ZONE, source=source, basis=Basis.SURVEYED)
    frame = found.frame
    assert found.issues == ()
    assert list(frame["site_id"]) == [f"z{n}" for n in range(len(rows))]
    assert list(frame["site_name"]) == [mended_text(name) for name, _, _ in rows]
    assert list(frame["insee"]) == [insee for *_, insee in rows]
    stated = [np.nan if area is None else area for _, area, _ in rows]
    np.testing.assert_allclose(frame["land_low_ha"].to_numpy(), stated, rtol=1e-9)


@given(
    st.dictionaries(
        st.text(max_size=12), st.lists(st.text(max_size=8), min_size=3, max_size=3), min_size=1, max_size=6
    ).filter(lambda cells: "#" not in cells),
    st.sampled_from([*TARGETS]),
)
def test_any_proposal_is_read_back_and_gives_no_column_twice(tmp_path_factory, cells, layer):
    found = propose_reading(layer, Sample("any", "", cells), communes={}, known={})
    path = tmp_path_factory.mktemp("any") / "any.csv.mapping.toml"
    path.write_text(
        'source = "s"\nbasis = "stated"\n' + proposed_mapping_text(found, cells), encoding="utf-8", newline="\n"
    )
    (reading,) = read_mapping(path).readings
    assert reading == found.reading
    name = NAMED.get(layer, "")  # a name may be the key too, and no other column
    single = {ours: theirs for ours, theirs in reading.columns.items() if ours not in {*UPPER.values(), "siret", name}}
    assert len(single) == len(set(single.values()))
    assert reading.columns.get(name) not in {theirs for ours, theirs in single.items() if ours != KEYS[layer]}


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_text_is_read_back_and_its_comment_is_none_of_it(text, note):
    written = tomlkit.dumps({"a": noted_value(text, comment_text(note)), "b": True})
    assert tomllib.loads(written) == {"a": text, "b": True}


@given(st.text(st.sampled_from("aeéèêëàâçîïôùûÉ -'"), max_size=20).map(str.strip))
def test_accents_that_were_encoded_twice_are_put_right(text):
    twice = text.encode().decode("latin-1")
    if all(ord(sign) < 0x80 or ord(sign) > 0x9F for sign in twice):  # what Windows-1252 can say
        assert mended_text(twice) == text
    assert mended_text(text) == text


def test_the_same_word_is_known_by_any_spelling():
    for column, words in WORDS.items():
        for first, second in pairwise(words):
            assert not is_same_word(first, second), column


# What is asked for, and what is refused


def test_a_crs_that_is_missing_is_asked_for_before_anything_is_written(demo, inbox, imported, square):
    file = in_format(inbox, "shp", [square(400, 200), square(100, 100)])
    file.with_suffix(".prj").unlink()
    ended = imported(file)
    assert ended.code == 1
    assert ended.err.endswith("no CRS. Say which one with --crs EPSG:…; it is never guessed.\n")
    assert not (demo.path / "raw").exists()
    assert "`CC50` is not known. Write it as EPSG:3950." in imported(file, "--crs", "CC50").err
    assert imported(file, "--crs", "EPSG:3950").code == 0
    assert round(demo.open().sites.iloc[-2]["measured_m2"]) == 80_000


def test_broken_shapes_are_refused_by_their_features(demo, inbox, imported, square):
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)])
    shapes = [square(400, 200), shapely.affinity.translate(bow, 1_674_000, 9_259_000)]
    ended = imported(in_format(inbox, "gpkg", shapes))
    assert ended.code == 1
    assert "zones.gpkg: feature 2 (b): the shape is broken (Self-intersection" in ended.err
    assert not (demo.path / "raw").exists()


SHAPES = {
    "with heights": (lambda ground: shapely.force_3d(ground, 31), 80_000, ""),
    "of two parts": (lambda ground: MultiPolygon([ground, shapely.affinity.translate(ground, 900)]), 160_000, ""),
    "that nobody drew": (lambda _: None, None, ""),
    "without a point in it": (lambda _: shapely.Polygon(), None, ""),
    "that is a point": (lambda ground: ground.centroid, None, ""),
    "with a line beside it": (
        lambda ground: shapely.GeometryCollection([ground, shapely.LineString([(0, 0), (1, 1)])]),
        80_000,
        "What is no ground in the shape is left out.",
    ),
}


@pytest.mark.parametrize("case", SHAPES.values(), ids=SHAPES)
def test_a_shape(demo, inbox, imported, square, case):
    drawn, area, message = case
    file = inbox / "zones.gpkg"
    shapes = [square(10, 10, north=900), drawn(square(400, 200))]
    gpd.GeoDataFrame({"code": ["a", "b"], "nom": ["Un", "Deux"]}, geometry=shapes, crs=3950).to_file(file)
    assert imported(file).code == 0
    territory = demo.open()
    site = territory.sites.set_index("site_id").loc["b"]
    assert (None if np.isnan(site["measured_m2"]) else round(site["measured_m2"])) == area
    assert site["basis"] == ("stated" if area is None else "digitised")
    assert list(territory.issues["message"]) == ([message] if message else [])


def test_a_cell_that_is_no_shape_is_an_issue(demo, inbox, imported, square):
    rows = [{"code": "a", "wkt": square(10, 10).wkt}, {"code": "b", "wkt": "POLYGON ((here))"}]
    assert imported(write_csv(inbox / "zones.csv", rows)).code == 0
    assert "The text is no shape, and is left out." in set(demo.open().issues["message"])


def test_lines_of_the_catalogue_end_as_they_did(demo, inbox, imported):
    catalogue = demo.path / "sources.toml"
    catalogue.write_bytes(b"# ours\r\n" + catalogue.read_bytes())
    before = catalogue.read_bytes().rstrip()
    assert imported(write_csv(inbox / "zones.csv", ROWS)).code == 0
    assert catalogue.read_bytes().startswith(before)


def test_features_of_one_key_become_one_row(demo, inbox, imported, square):
    file = inbox / "zones.gpkg"
    shapes = [square(400, 200), square(10, 10, north=900), shapely.affinity.translate(square(400, 200), 900)]
    gpd.GeoDataFrame({"ref": ["a", "b", "a"], "nom": ["Un", "Deux", "Un"]}, geometry=shapes, crs=3950).to_file(file)
    assert imported(file).code == 0
    demo.change(f"raw/{file.name}.mapping.toml", 'site_id = "#"', 'site_id = "ref"')
    demo.change(f"raw/{file.name}.mapping.toml", 'site_id = "zones-"', "")
    territory = demo.open()
    assert round(territory.sites.set_index("site_id").loc["a", "measured_m2"]) == 160_000
    assert [row[:24] for row in territory.issues["message"]] == ["The key stands twice: th"]


def test_nothing_that_stands_in_the_folder_is_written_over(demo, inbox, imported, square):
    file = in_format(inbox, "gpkg", [square(400, 200), square(100, 100)])
    before = (demo.path / "sources.toml").read_text(encoding="utf-8")
    assert imported(file).code == 0
    assert (demo.path / "sources.toml").read_text(encoding="utf-8").startswith(before)
    demo.change("raw/zones.gpkg.mapping.toml", 'site_name = "', 'other_names = "')
    corrected = (demo.path / "raw" / "zones.gpkg.mapping.toml").read_text(encoding="utf-8")
    again = imported(file)
    assert again.code == 1
    assert "says how sites are read already. Correct it there, or delete that table" in again.err
    assert (demo.path / "raw" / "zones.gpkg.mapping.toml").read_text(encoding="utf-8") == corrected
    file.unlink()
    other = imported(in_format(inbox, "gpkg", [square(1, 1), square(2, 2)]))
    assert other.code == 1
    assert "another file of this name is there. Rename yours" in other.err


def test_one_file_feeds_two_layers_and_the_mapping_of_the_first_stays(demo, inbox, imported, square):
    file = inbox / "foncier.gpkg"
    zones = gpd.GeoDataFrame({"code": ["a"], "nom": ["Un"]}, geometry=[square(400, 200)], crs=3950)
    zones.to_file(file, layer="zones")
    lots = gpd.GeoDataFrame({"num_lot": ["7"], "occup": ["friche"]}, geometry=[square(100, 100)], crs=3950)
    lots.to_file(file, layer="lots")
    ended = imported(file)
    assert ended.code == 1
    assert "holds 2 layers. Say which with --layer: `zones`, `lots`." in ended.err
    assert imported(file, "--layer", "zones").code == 0
    first = (demo.path / "raw" / "foncier.gpkg.mapping.toml").read_text(encoding="utf-8")
    assert imported(file, "--layer", "lots", layer="terrains").code == 0
    assert (demo.path / "raw" / "foncier.gpkg.mapping.toml").read_text(encoding="utf-8").startswith(first)
    territory = demo.open()
    (terrain,) = territory.terrains.to_dict("records")
    assert (terrain["terrain_id"], terrain["site_id"], terrain["occupied"]) == ("lots-7", "a", "friche")


def test_a_source_is_never_made_up(imported, inbox, demo):
    file = write_csv(inbox / "zones.csv", ROWS)
    for said, missing in ((SAID[:2], "--basis"), (SAID[2:4], "--source"), (SAID[:4], "--publisher and --licence")):
        ended = imported(file, said=said)
        assert ended.code == 2
        assert missing in ended.err
    assert not (demo.path / "raw").exists()
    assert imported(file, said=("--source", "registre", "--basis", "stated")).code == 0
    assert demo.open().sites.iloc[-1]["source_id"] == "registre"


def test_a_broken_or_foreign_file_is_refused(imported, inbox):
    for name, content in (("x.gpkg", b"nothing"), ("x.csv", b"  \n"), ("x.pdf", b"%PDF"), ("y.csv", b"a;a\n1;2\n")):
        (inbox / name).write_bytes(content)
        ended = imported(inbox / name)
        assert ended.code == 1, name
        assert name in ended.err
    assert imported(inbox / "absent.csv").code == 1


# What a person corrects


LOTS = [
    {"num_lot": "1", "zone": "LE PORT", "occup": "Libre", "prix_m2": "1 250,5", "maj": "17/05/2024"},
    {"num_lot": "2", "zone": "port", "occup": "Occupée", "prix_m2": "46,000", "maj": "mai"},
    {"num_lot": "3", "zone": "gare", "occup": "", "prix_m2": "", "maj": ""},
]


def test_unknown_words_are_listed_and_their_correction_is_applied(demo, inbox, imported):
    file = write_csv(inbox / "lots.csv", LOTS)
    ended = imported(file, layer="terrains")
    assert "words of occupied to be said: `Libre` (1 rows)" in ended.out
    assert demo.open().terrains.set_index("terrain_id").loc["lots-1", "occupied"] == "inconnu"
    demo.change("raw/lots.csv.mapping.toml", '"Libre" = ""', '"Libre" = "vacant"')
    assert mapping_of(demo, file)["terrains"]["columns"]["as_of"] == "maj"  # though one cell is no date
    territory = demo.open()
    terrains = territory.terrains.set_index("terrain_id")
    assert list(terrains["occupied"]) == ["vacant", "occupé"]
    assert list(terrains["site_id"]) == ["port", "port"]
    assert list(terrains["as_of"]) == ["2024-05-17", "2024"]
    assert list(terrains["price_eur_m2"]) == [1250.5, 46.0]
    assert {(row["row"], row["column_name"], row["value"]) for row in territory.issues.to_dict("records")} == {
        ("lots-2", "as_of", "mai"),
        ("lots-3", "site_id", "gare"),
    }


def test_a_number_that_could_be_two_is_an_issue_until_somebody_says_its_sign(demo, inbox, imported):
    file = write_csv(inbox / "lots.csv", [LOTS[1], LOTS[1] | {"num_lot": "4"}])
    ended = imported(file, layer="terrains")
    assert "price_eur_m2 : `46,000` could be two numbers: say its decimal sign in decimals." in ended.out
    territory = demo.open()
    assert territory.terrains["price_eur_m2"].isna().all()
    assert "46,000" in set(territory.issues["value"])
    text = (demo.path / "raw" / "lots.csv.mapping.toml").read_text(encoding="utf-8")
    demo.put("raw/lots.csv.mapping.toml", text + '\n[terrains.decimals]\nprice_eur_m2 = ","\n')
    assert set(demo.open().terrains["price_eur_m2"]) == {46.0}


FAULTS = {
    "no source": ('source = "ville"\n', "", "has no source."),
    "a source that is not known": ('"ville"', '"village"', "source: `village` is not known. Add it to sources.toml."),
    "a basis that is none": ('"digitised"', '"heard"', "basis: `heard` is not known."),
    "a layer that is none": ("[terrains]", "[plots]", "`plots` is no layer."),
    "a column that is none": ("price_eur_m2 =", "price =", "[terrains.columns]: `price` is no column of terrains."),
    "a column that the file has no more": (
        '"occup"',
        '"occupation"',
        "the file has no column `occupation` (any more).",
    ),
    "a word that is none of ours": ('"Libre" = ""', '"Libre" = "libre"', "occupied: `libre` is no word of ours."),
    "no key": ('terrain_id = "num_lot"', 'useful = "num_lot"', "has no `terrain_id`, the key of terrains."),
    "a key that is not known": ("[terrains]\n", '[terrains]\nsrs = "x"\n', "[terrains]: `srs` is not known."),
    "a CRS that is none": ("[terrains]\n", '[terrains]\ncrs = "CC50"\n', "crs: `CC50` is not known."),
    "a unit that is none": ("[terrains]\n", '[terrains]\nunits.power_kw = "a"\n', "`a` is no unit of area."),
    "a number for a text": ("[terrains]\n", "[terrains]\ntable = 1\n", "table is no text."),
}


@pytest.mark.parametrize("case", FAULTS.values(), ids=FAULTS)
def test_a_fault_of_a_mapping_is_named(demo, inbox, imported, case):
    old, new, message = case
    assert imported(write_csv(inbox / "lots.csv", LOTS), layer="terrains").code == 0
    text = (demo.path / "raw" / "lots.csv.mapping.toml").read_text(encoding="utf-8")
    assert old in text
    text = text.replace("[terrains.", "[plots.") if new == "[plots]" else text
    demo.put("raw/lots.csv.mapping.toml", text.replace(old, new, 1))
    with pytest.raises(SchemaError) as refused:
        _ = demo.open().terrains
    assert message in str(refused.value)


def test_a_mapping_without_its_file_is_refused(demo, inbox, imported):
    assert (
        imported(write_csv(inbox / "lots.csv", LOTS), layer="terrains", said=("--source", "registre", *SAID[2:4])).code
        == 0
    )
    (demo.path / "raw" / "lots.csv").unlink()
    with pytest.raises(SchemaError, match=r"lots\.csv\.mapping\.toml: the file that it maps is not beside it"):
        _ = demo.open().terrains


def test_a_part_of_a_shapefile_that_changed_is_refused(demo, inbox, imported, square):
    assert imported(in_format(inbox, "shp", [square(400, 200), square(100, 100)])).code == 0
    table = demo.path / "raw" / "zones.dbf"
    table.write_bytes(table.read_bytes().replace(b"ZI du Nord", b"ZI du Sud "))
    with pytest.raises(SourceChangedError, match=r"zones\.dbf: not the one that was imported"):
        _ = demo.open().sites


def test_a_layer_without_a_word_for_unknown_asks_for_one(demo, inbox, imported, square):
    file = inbox / "contraintes.gpkg"
    gpd.GeoDataFrame({"code": ["x", "y"], "motif": ["PPRI", "Bruit"]}, geometry=[square(9, 9)] * 2, crs=3950).to_file(
        file
    )
    ended = imported(file, layer="exclusions")
    assert ended.code == 0
    assert "before it can be built: " in ended.out
    assert "column `reason`: 1 rows say none (y…), and exclusions has no word for it." in ended.out
    demo.change("raw/contraintes.gpkg.mapping.toml", '"Bruit" = ""', '"Bruit" = "frozen"')
    assert list(demo.open().exclusions["reason"]) == ["risk_plan", "frozen"]


# Joining


def test_a_row_of_the_same_key_is_replaced_value_by_value_and_reported(demo, inbox, imported, square):
    rows = [
        {"code": "port", "nom": "Port de commerce", "surf_ha": "9,5"},
        {"code": "quai", "nom": "Le quai", "surf_ha": "2,5"},
    ]
    file = write_csv(inbox / "zones.csv", [row | {"wkt": square(400, 200).wkt} for row in rows])
    assert imported(file).code == 0
    text = (demo.path / "claims.csv").read_text(encoding="utf-8")
    demo.put("claims.csv", text.replace("sites/port/land_ha", ""))
    territory = demo.open()
    sites = territory.sites.set_index("site_id")
    assert list(sites.index) == ["port", "quai"]
    port = sites.loc["port"]
    assert (port["site_name"], port["land_low_ha"], port["insee"]) == ("Port de commerce", 9.5, "99001")
    assert (port["source_id"], port["basis"], round(port["measured_m2"])) == ("ville", "digitised", 80_000)
    said = {(row["row"], row["column_name"]): row["message"] for row in territory.issues.to_dict("records")}
    assert said["port", "site_name"] == "Replaces Le port, said by registre."
    assert said["port", "land_low_ha"] == "Replaces 8, said by registre."
    assert said["port", "insee"] == "Kept from registre: zones.csv says nothing of it."


def test_a_later_file_is_above_an_earlier_one_and_says_how_far_apart_they_are(demo, inbox, imported, square):
    for name, size in (("a.csv", 200), ("b.csv", 300)):
        row = {"code": "quai", "nom": "Le quai", "wkt": square(400, size).wkt}
        said = ("--source", name, *SAID[2:])
        assert imported(write_csv(inbox / name, [row]), said=said).code == 0
    territory = demo.open()
    site = territory.sites.iloc[-1]
    assert (site["source_id"], round(site["measured_m2"])) == ("b.csv", 120_000)
    assert "Replaces the shape of a.csv: 100.0 m apart at most, +4.00 ha." in set(territory.issues["message"])


def test_shapes_by_key_still_come_above(demo, inbox, imported, square):
    assert imported(write_csv(inbox / "z.csv", [{"code": "quai", "nom": "x", "wkt": square(400, 200).wkt}])).code == 0
    demo.draw("sites.gpkg", "site_id", {"port": square(100, 100)})
    sites = demo.open().sites.set_index("site_id")
    assert np.round(sites.loc[["port", "quai"], "measured_m2"]).tolist() == [10_000, 80_000]


def test_a_mapped_file_called_like_a_layer_is_read_by_its_mapping(demo, inbox, imported, square):
    file = inbox / "sites.gpkg"
    gpd.GeoDataFrame({"code": ["quai"], "nom": ["x"]}, geometry=[square(400, 200)], crs=3950).to_file(file)
    assert imported(file).code == 0
    assert list(demo.open().sites["site_id"]) == ["port", "quai"]


def test_terrains_that_name_no_site_lie_in_the_one_that_holds_most_of_them(demo, inbox, imported):
    x, y = 1_674_000, 9_259_000
    zones = [{"code": "a", "nom": "A", "wkt": box(x, y, x + 400, y + 200).wkt}]
    assert imported(write_csv(inbox / "zones.csv", zones)).code == 0
    grounds = [box(x, y, x + 100, y + 100), box(x + 360, y, x + 460, y + 100), Point(x, y)]
    lots = [{"lot": f"l{n}", "wkt": ground.wkt} for n, ground in enumerate(grounds)]
    file = write_csv(inbox / "lots.csv", lots)
    assert imported(file, "--crs", "EPSG:3950", layer="terrains", said=("--source", "lots", *SAID[2:])).code == 0
    territory = demo.open()
    assert dict(zip(territory.terrains["terrain_id"], territory.terrains["site_id"], strict=True)) == {"l0": "a"}
    assert {row["row"] for row in territory.issues.to_dict("records") if row["column_name"] == "site_id"} == {
        "l1",
        "l2",
    }


def test_roads_come_in_as_lines_and_accesses_as_points(demo, inbox, imported):
    x, y = 1_674_000, 9_259_000
    lines = [LineString([(x, y), (x + 100, y)]), LineString([(x, y), (x, y + 50)])]
    roads = inbox / "voirie.gpkg"
    columns = {"id": ["r1", "r2"], "classe": ["départementale", "rue"], "nom": ["D 1", "Rue"]}
    gpd.GeoDataFrame(columns, geometry=lines, crs=3950).to_file(roads)
    assert imported(roads, layer="roads").code == 0
    stops = [
        {"id": "g1", "nature": "Gare voyageurs", "nom": "Gare", "wkt": Point(x, y).wkt},
        {"id": "g2", "nature": "Échangeur", "nom": "Sortie 6", "wkt": MultiPoint([(x + 9, y)]).wkt},
        {"id": "g3", "nature": "Port", "nom": "Quai", "wkt": box(x, y, x + 9, y + 9).wkt},
    ]
    said = ("--source", "gares", *SAID[2:])
    assert imported(write_csv(inbox / "gares.csv", stops), "--crs", "EPSG:3950", layer="accesses", said=said).code == 0
    territory = demo.open()
    assert list(territory.roads["road_class"]) == ["main", "street"]
    assert territory.roads.length.round().tolist() == [100, 50]
    assert list(territory.accesses["access_kind"]) == ["station", "motorway_exit", "port"]
    assert [shape and (shape.x - x, shape.y - y) for shape in territory.accesses.geometry] == [(0, 0), (9, 0), None]
    assert "The shape is a Polygon, no point, and is left out." in set(territory.issues["message"])


def test_what_is_imported_is_built_and_bundled(demo, inbox, imported, rebuilt, square):
    zones = [{"code": "za1", "nom": "ZA <b>Nord</b>", "type": "ZAE", "insee": "99001", "wkt": square(400, 200).wkt}]
    assert imported(write_csv(inbox / "zae.csv", zones)).code == 0
    built = rebuilt(demo)
    assert "za1" in set(built.layers["sites"]["site_id"])
    page = built.page("zones").read_text(encoding="utf-8")
    assert "ZA &lt;b&gt;Nord" in page or "ZA \\u003cb\\u003eNord" in page
    assert "<b>Nord" not in page


def test_a_read_layer_asks_for_the_crs_that_nobody_says(inbox, square):
    file = in_format(inbox, "shp", [square(400, 200), square(100, 100)])
    file.with_suffix(".prj").unlink()
    said = {"crs": ZONE, "source": Source("s", "t", "p", "l"), "basis": Basis.SURVEYED}
    with pytest.raises(CrsError, match="never guessed"):
        read_layer(file, TableReading("sites", {"site_id": "code"}), **said)
    with pytest.raises(CrsError, match="coordinates fit EPSG:3950"):
        read_layer(file, TableReading("sites", {"site_id": "code"}, crs="EPSG:4326"), **said)
    with pytest.raises(SourceError, match="no such file"):
        read_layer(inbox / "absent.shp", TableReading("sites", {"site_id": "code"}), **said)


def issues_of(demo):
    return {(row["row"], row["column_name"], row["value"]) for row in demo.open().issues.to_dict("records")}


def test_a_point_that_could_stand_between_thousands_is_asked_about(demo, inbox, imported):
    rows = [
        {"id_zone": "A1", "nom": "Nord", "surface_m2": "12.500", "nb_emplois": "1.250"},
        {"id_zone": "A2", "nom": "Sud", "surface_m2": "8.750", "nb_emplois": "80"},
    ]
    ended = imported(write_csv(inbox / "zae.csv", rows))
    assert "land_low_ha  : `12.500` could be two numbers: say its decimal sign in decimals." in ended.out
    assert "jobs         : `1.250` could be two numbers" in ended.out
    sites = demo.open().sites.set_index("site_id")
    assert sites.loc[["A1", "A2"], "land_low_ha"].isna().all()
    assert sites.loc["A2", "jobs"] == 80
    assert issues_of(demo) >= {("A1", "jobs", "1.250"), ("A2", "land_low_ha", "8.750")}
    file = mapping_file(demo.path / "raw" / "zae.csv")
    text = file.read_text(encoding="utf-8")
    file.write_text(f'{text}\n[sites.decimals]\nland_low_ha = ","\nland_high_ha = ","\njobs = "."\n', encoding="utf-8")
    sites = demo.open().sites.set_index("site_id")
    assert list(sites.loc[["A1", "A2"], "land_low_ha"]) == [1.25, 0.875]
    assert sites.loc["A1", "jobs"] == 1.25


def test_numbers_that_a_file_holds_as_numbers_are_not_asked_about(demo, inbox, imported, square):
    file = inbox / "zae.gpkg"
    shapes = [square(400, 200), square(100, 100, east=500)]
    columns = {"id_zone": ["a", "b"], "nom": ["Nord", "Sud"], "surface_ha": [8.125, np.inf], "nb_emplois": [12, 3]}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=3950).to_file(file)
    ended = imported(file)
    assert "could be two" not in ended.out
    sites = demo.open().sites.set_index("site_id")
    assert sites.loc["a", "land_low_ha"] == 8.125
    assert np.isnan(sites.loc["b", "land_low_ha"])
    assert ("b", "land_low_ha", "inf") in issues_of(demo)


SPOILT = {
    "a word for nothing": ("NC", "8,5", "7"),
    "zero": ("0", "8,5", "7"),
    "less than nothing": ("-1", "8,5", "7"),
    "more than there is": ("99999999", "8,5", "7"),
    "more than a number holds": ("9" * 400, "8,5", "7"),
}


@pytest.mark.parametrize("cells", SPOILT.values(), ids=SPOILT)
def test_one_cell_does_not_lose_its_column(demo, inbox, imported, cells):
    rows = [{"id_zone": f"A{n}", "nom": f"Zone {n}", "surface_ha": cell} for n, cell in enumerate(cells, 1)]
    ended = imported(write_csv(inbox / "zae.csv", rows))
    assert "land_low_ha  = surface_ha" in ended.out
    assert list(demo.open().sites.set_index("site_id").loc[["A1", "A2", "A3"], "land_low_ha"].fillna(-1)) == [
        -1,
        8.5,
        7,
    ]
    assert issues_of(demo) == {("A1", "land_low_ha", cells[0])}


def test_a_column_that_is_not_placed_says_why(inbox, imported):
    rows = [
        {"id_zone": "A1", "nom": "Nord", "surface_ha": "voir plan", "nom2": "N", "couleur": "vert"},
        {"id_zone": "A2", "nom": "Sud", "surface_ha": "idem", "nom2": "S", "couleur": "bleu"},
    ]
    out = imported(write_csv(inbox / "zae.csv", rows)).out
    assert "not placed: surface_ha (called like land_low_ha, but `voir plan` does not fit, as others do not)" in out
    assert "not placed: couleur (no column of ours is called so)" in out


SIRETS = [
    ("05500000000012", "05500000000012", ""),
    ("5500000000020", "05500000000020", "13 digits: a spreadsheet took the first zero away"),
    ("5,55E+13", "", "A spreadsheet took its digits: 14 are due"),
    ("732 829 320 00074", "73282932000074", ""),
    ("73282932000075", "73282932000075", "Its last digit does not fit the others"),
    ("n.c.", "", "It is no number of 14 digits"),
]


def test_a_siret_is_read_as_spreadsheets_leave_it(demo, inbox, imported):
    rows = [{"siret": text, "enseigne": f"Firme {n}", "commune": "99001"} for n, (text, *_) in enumerate(SIRETS)]
    assert imported(write_csv(inbox / "firmes.csv", rows), layer="establishments").code == 0
    territory = demo.open()
    firms = territory.establishments.set_index("establishment_name")
    told = {(row["value"]): row["message"] for row in territory.issues.to_dict("records")}
    for n, (text, siret, message) in enumerate(SIRETS):
        firm = firms.loc[f"Firme {n}"]
        assert (firm["siret"], firm["establishment_id"]) == (siret, siret or f"firmes-{n + 1}")
        assert told.get(text, "").startswith(message)
        assert (text in told) == bool(message)


def test_a_siren_is_the_key_of_its_owner(demo, inbox, imported):
    said = ["732 829 320", "55000000", "7,33E+08", "U123"]
    rows = [{"siren": text, "denomination": f"Société {n}", "type": "PM"} for n, text in enumerate(said)]
    ended = imported(write_csv(inbox / "owners.csv", rows), layer="owners")
    assert ended.code == 0, ended
    owners = demo.open().owners.set_index("owner_name")["owner_id"]
    assert list(owners[[f"Société {n}" for n in range(4)]]) == ["732829320", "055000000", "owners-3", "U123"]


def test_moments_are_days_of_the_territory(demo, inbox, imported, square):
    moments = pd.to_datetime(["2023-12-31T23:00:00Z", "2024-06-30T21:30:00Z", "2024-01-01T00:00:00Z"])
    shapes = [square(100, 100, east=200 * n) for n in range(3)]
    columns = {"id_zone": ["a", "b", "c"], "nom": ["Un", "Deux", "Trois"], "date_maj": moments}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=3950).to_file(inbox / "zae.gpkg")
    assert imported(inbox / "zae.gpkg").code == 0
    sites = demo.open().sites.set_index("site_id")
    assert list(sites.loc[["a", "b", "c"], "as_of"]) == ["2024-01-01", "2024-06-30", "2024-01-01"]


def test_far_days_of_a_file_are_open_ends_or_unknown(inbox):
    rows = [
        {"siret": "05500000000012", "ouverture": "2020-05-17", "fermeture": "31/12/9999"},
        {"siret": "73282932000074", "ouverture": "01/01/1023", "fermeture": "2024-02-01"},
    ]
    columns = {"establishment_id": "siret", "siret": "siret", "active_from": "ouverture", "active_to": "fermeture"}
    file = write_csv(inbox / "firmes.csv", rows)
    found = read_layer(
        file, TableReading("establishments", columns), crs=ZONE, source=Source("s", "t", "p", "l"), basis=Basis.STATED
    )
    assert list(found.frame["active_from"]) == ["2020-05-17", ""]
    assert list(found.frame["active_to"]) == ["", "2024-02-01"]
    assert [(row["row"], row["column_name"], row["value"]) for row in found.issues] == [
        ("05500000000012", "active_to", "31/12/9999"),
        ("73282932000074", "active_from", "01/01/1023"),
    ]
