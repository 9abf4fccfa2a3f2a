"""Tables of one file that cite several sources, what is forgotten of a file, and what is said of one that is there."""

import tomllib

import geopandas as gpd
import pytest
from shapely import Polygon, box

from gis.errors import SchemaError
from gis.sources.own_files import importing
from gis.sources.own_files.forgetting import Only, forget_file
from gis.sources.own_files.mapping import read_mapping
from gis.sources.tables.catalogue_text import text_with_values
from gis.sources.tables.rows import BEHIND, INDEXES, NOTES, PARTS, file_with_parts, leftover_files
from tests.conftest import X, Y


def said(source, basis="digitised"):
    return ("--source", source, "--basis", basis, "--publisher", source.title(), "--licence", "LO 2.0")


def zones(start, at):
    squares = [box(X + at, Y, X + at + 90, Y + 80), box(X + at + 200, Y, X + at + 290, Y + 80)]
    return gpd.GeoDataFrame({"code": [f"{start}1", f"{start}2"], "nom": ["Un", "Deux"]}, geometry=squares, crs=3950)


@pytest.fixture
def layers(tmp_path):
    """A GeoPackage of three layers."""
    file = tmp_path / "zones.gpkg"
    for name, start, at in (("zae", "a", 0), ("projets", "b", 1000), ("halls", "h", 10)):
        zones(start, at).to_file(file, layer=name, mode="a" if file.exists() else "w")
    return file


@pytest.fixture
def three(command, demo, layers):
    """The hand-made territory, with that GeoPackage from three sources."""
    for table, layer, source, basis in (
        ("zae", "sites", "ville", "digitised"),
        ("projets", "sites", "agglo", "digitised"),
        ("halls", "buildings", "ign", "surveyed"),
    ):
        ended = command("import", demo.path, layers, "--layer", table, "--as", layer, *said(source, basis))
        assert ended.code == 0, ended.err
    return demo


def mapping(demo, name="zones.gpkg"):
    return tomllib.loads((demo.path / "raw" / f"{name}.mapping.toml").read_text(encoding="utf-8"))


def cited(rows, key):
    return {row[key]: (row["source_id"], row["basis"]) for _, row in rows.iterrows()}


def test_each_layer_of_a_geopackage_cites_its_own_source(command, three):
    found = three.open()
    sites = cited(found.sites, "site_id")
    assert [sites[key] for key in ("a1", "b2")] == [("ville", "digitised"), ("agglo", "digitised")]
    assert cited(found.buildings, "building_id")["h1"] == ("ign", "surveyed")
    told = command("sources", three.path).out
    assert all(f"{name}, zones.gpkg, {table}" in told for name, table in (("Ville", "zae"), ("Agglo", "projets")))
    tables = mapping(three)
    assert (tables["source"], tables["sites-2"]["source"]) == ("ville", "agglo")
    assert tables["buildings"]["basis"] == "surveyed"
    assert "source" not in tables["sites"]
    kept = tomllib.loads((three.path / "raw" / "zones.gpkg.account.toml").read_text(encoding="utf-8"))["table"]
    assert [each["place"].partition(", ")[2] for each in kept] == ["halls", "projets", "zae"]
    again = command(
        "import", three.path, three.path / "raw" / "zones.gpkg", "--layer", "zae", "--as", "sites", *said("x")
    )
    assert "says how sites of `zae` are read already" in again.err
    assert found.changed_accounts == ()


def test_another_edition_of_a_file_is_on_record_for_each_source(command, three, layers):
    zones("c", 0).to_file(layers, layer="zae", mode="w")
    zones("b", 1000).to_file(layers, layer="projets", mode="a")
    zones("h", 10).to_file(layers, layer="halls", mode="a")
    ended = command("import", three.path, layers, "--replace")
    assert ended.code == 0, ended.err
    assert cited(three.open().sites, "site_id")["c1"] == ("ville", "digitised")
    entries = tomllib.loads((three.path / "sources.toml").read_text(encoding="utf-8"))
    assert len({entries[name]["sha256"] for name in ("ville", "agglo", "ign")}) == 1


@pytest.mark.parametrize(
    ("asked", "goes", "stays"),
    [
        (("--layer", "zae"), {"ville"}, {"agglo", "ign"}),
        (("--source", "agglo"), {"agglo"}, {"ville", "ign"}),
        (("--as", "sites"), {"ville", "agglo"}, {"ign"}),
        (("--as", "sites", "--layer", "projets"), {"agglo"}, {"ville", "ign"}),
    ],
)
def test_a_part_of_a_file_is_forgotten(command, three, asked, goes, stays):
    ended = command("forget", three.path, "zones.gpkg", *asked)
    assert ended.code == 0, ended.err
    there = {*three.open().sources}
    assert not goes & there
    assert stays <= there
    assert {source for frame in (three.open().sites, three.open().buildings) for source in frame["source_id"]} >= stays
    assert three.open().changed_accounts == ()
    for source in sorted(stays):
        forget_file(three.path, "zones.gpkg", Only(source=source))
    assert not [*(three.path / "raw").iterdir()]


def test_what_is_no_part_of_a_file_is_not_forgotten(command, three, tree):
    before = tree(three.path)
    ended = command("forget", three.path, "zones.gpkg", "--layer", "nope")
    assert ended.code == 1
    assert "It feeds sites of `zae` (ville), sites of `projets` (agglo), buildings of `halls` (ign)." in ended.err
    assert tree(three.path) == before


def test_a_mapping_says_one_table_once_and_words_that_are_known(tmp_path):
    file = tmp_path / "z.mapping.toml"
    start = 'source = "a"\nbasis = "stated"\n[sites]\ntable = "z"\n[sites.columns]\nsite_id = "code"\n'
    for more, wrong in (
        ('[sites-2]\ntable = "z"\n[sites-2.columns]\nsite_id = "code"\n', "reads as sites what another table reads so"),
        ('[sites-2]\nbasis = "guessed"\ncolumns = {site_id = "c"}\n', "[sites-2] basis: `guessed` is not known"),
        ('[sites-2]\ntotals = "maybe"\ncolumns = {site_id = "c"}\n', "[sites-2] totals: `maybe` is not known"),
        ("[sites-2]\n[sites-2.columns]\n", "[sites-2.columns]: has no `site_id`"),
        ('[site-2]\ncolumns = {site_id = "c"}\n', "`site-2` is no layer"),
    ):
        file.write_text(start + more, encoding="utf-8")
        with pytest.raises(SchemaError) as error:
            read_mapping(file)
        assert wrong in str(error.value)
    file.write_text(start, encoding="utf-8")
    read = read_mapping(file)
    assert read.cited(read.readings[0]) == ("a", "stated")


def test_values_above_all_tables_change_where_they_stand():
    text = '# head\nsource = "a"\nbasis = "stated"\n\n[sites]\nsource = "b"\n\n[sites.columns]\nmend = "c"\n'
    assert text_with_values(text, "", {"source": "b"}, "m") == text.replace('source = "a"', 'source = "b"')
    assert text_with_values(text, "sites", {"mend": True}, "m") == text.replace("[sites]\n", "[sites]\nmend = true\n")


# What programs leave beside a file


def test_nothing_of_a_shapefile_is_left_behind(command, demo, tmp_path):
    zones("a", 0).to_file(tmp_path / "zones.shp")
    assert command("import", demo.path, tmp_path / "zones.shp", "--as", "sites", *said("ville")).code == 0
    raw = demo.path / "raw"
    for ending in (*INDEXES, *NOTES):
        (raw / f"zones{ending}").write_bytes(b"made by a program")
    for ending in BEHIND:
        (raw / f"zones.shp{ending}").write_bytes(b"made by a program")
    (raw / "zones-bis.qix").write_bytes(b"another's")
    assert demo.open().sites["site_id"].isin(["a1"]).any()
    assert (
        {each.suffix for each in file_with_parts(raw / "zones.shp")}
        == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
        == {".shp", *PARTS}
    )
    ended = command("forget", demo.path, "zones.shp")
    assert ended.code == 0
    assert "raw/zones.qix taken out" in ended.out
    assert [each.name for each in raw.iterdir()] == ["zones-bis.qix"]


def test_notes_that_may_be_another_files_stay(tmp_path):
    for name in ("zones.gpkg", "zones.shp", "zones.qmd", "zones.qix", "zones.shp.xml"):
        (tmp_path / name).write_bytes(b"")
    assert leftover_files(tmp_path / "zones.gpkg") == []
    assert [each.name for each in leftover_files(tmp_path / "zones.shp")] == ["zones.qix", "zones.shp.xml"]


# What is said of a file that is there: broken shapes, totals


BOW = Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])


def test_shapes_are_mended_of_a_file_that_was_imported_sound(command, demo, tmp_path):
    file = tmp_path / "zones.gpkg"
    zones("a", 0).to_file(file)
    assert command("import", demo.path, file, "--as", "sites", *said("ville")).code == 0
    zones("a", 0).set_geometry([box(X, Y, X + 9, Y + 9), BOW], crs=3950).to_file(file)
    assert "or say --mend" in command("import", demo.path, file, "--replace").err
    ended = command("import", demo.path, file, "--replace", "--mend")
    assert ended.code == 0, ended.err
    assert mapping(demo)["sites"]["mend"] is True
    assert any("It is mended" in text for text in demo.open().issues["message"])


def test_a_delivery_without_a_mapping_is_mended_too(command, demo, tmp_path):
    file = tmp_path / "livraison.gpkg"
    rows = {"site_id": ["s"], "site_nom": ["Zone"], "site_vocadomi": ["artisanale"], "site_comm_insee": ["99001"]}
    gpd.GeoDataFrame(rows, geometry=[box(X, Y, X + 9, Y + 9)], crs=2154).to_file(file)
    gpd.GeoDataFrame(rows, geometry=[BOW], crs=3950).to_crs(2154).to_file(tmp_path / "broken.gpkg")
    gpd.GeoDataFrame(rows, geometry=[box(X, Y, X + 9, Y + 9)], crs=3950).to_crs(2154).to_file(file)
    assert command("import", demo.path, file, *said("agglo")).code == 0
    assert not (demo.path / "raw" / "livraison.gpkg.mapping.toml").exists()
    (tmp_path / "broken.gpkg").replace(file)
    ended = command("import", demo.path, file, "--replace", "--mend")
    assert ended.code == 0, ended.err
    assert mapping(demo, file.name)["sites"]["mend"] is True
    assert cited(demo.open().sites, "site_id")["s"][0] == "agglo"


@pytest.mark.parametrize("later", [False, True], ids=["at import", "afterwards"])
def test_a_row_that_reads_as_a_total_stays_where_one_says_so(command, demo, tmp_path, later):
    file = tmp_path / "zones.csv"
    file.write_text("code;insee;surface_ha\na;99001;3\nTotal;99001;4\nb;99001;5\n", encoding="utf-8")
    ended = command("import", demo.path, file, "--as", "sites", *said("ville"), *([] if later else ["--keep-totals"]))
    assert ended.code == 0, ended.err
    if later:
        assert 'say --keep-totals (`totals = "keep"` in the mapping).' in ended.out
        assert "1 refused (total)" in ended.out
        assert "Total" not in set(demo.open().sites["site_id"])
        ended = command("import", demo.path, file, "--replace", "--keep-totals")
    assert ended.out.splitlines()[-1].startswith("3 rows: 3 used, ")
    assert mapping(demo, "zones.csv")["sites"]["totals"] == "keep"
    assert demo.open().sites.set_index("site_id")["land_low_ha"]["Total"] == 4


# Nobody waits for an answer with the lock in hand


def test_a_replacement_asks_before_the_lock_and_looks_again_under_it(command, demo, tmp_path, tree):
    file = tmp_path / "zones.csv"
    file.write_text("code;insee\na;99001\n", encoding="utf-8")
    assert command("import", demo.path, file, "--as", "sites", *said("ville")).code == 0
    file.write_text("code;insee\na;99001\nb;88001\nc;88001\n", encoding="utf-8")
    before, asked = tree(demo.path), []

    def ask(reason):
        asked.append(reason)
        other = demo.path / "raw" / "zones.csv.mapping.toml"
        assert not [*demo.path.parent.glob(".emprise-*.lock")]
        other.write_text(f"{other.read_text(encoding='utf-8')}\n# meanwhile\n", encoding="utf-8")
        return True

    place = importing.ImportPlace(demo.path, demo.open().crs, {"99001": "Port-Neuf"})
    source = demo.open().sources["ville"]
    with pytest.raises(importing.SourceError, match="another command wrote it meanwhile"):
        importing.import_file(place, file, importing.ImportRequest(replace=True), source, ask)
    assert len(asked) == 1
    after = tree(demo.path)
    assert after.keys() == before.keys()
    assert (demo.path / "raw" / "zones.csv").read_text(encoding="utf-8") == "code;insee\na;99001\n"
    assert command("import", demo.path, file, "--replace", "--yes").code == 0
