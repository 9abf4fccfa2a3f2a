"""Files as QGIS, Windows and spreadsheets leave them: encodings, sheets, systems and axes, broken shapes, editions."""

import json
import sqlite3
import tomllib
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from openpyxl import Workbook
from shapely import LineString, Point, Polygon, box

from gis.errors import SchemaError
from gis.sources.tables.catalogue_text import text_with_values, text_without_entry
from gis.sources.tables.encodings import Decoder
from gis.sources.tables.rows import open_rows
from gis.sources.tables.settled import content_hash
from gis.sources.tables.vectors import layer_names_of_file

CASES = Path(__file__).parents[1] / "data" / "cases"
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
        asked = ("--as", layer) if layer else ()
        return command("import", demo.path, file, *asked, *said, *options)

    return run


def read(file):
    with open_rows(file) as rows:
        return [dict(record.cells) for record in rows.records], [(value, why) for *_, value, why in rows.doubts]


def zones(square, **more):
    return gpd.GeoDataFrame(
        {"code": ["a", "b"], "nom": ["Un", "Deux"], **more},
        geometry=[square(400, 200), square(90, 90, east=900)],
        crs=3950,
    )


def entry(demo, source="ville"):
    return tomllib.loads((demo.path / "sources.toml").read_text(encoding="utf-8")).get(source)


# Encodings

NAMES = ["Zone d’activités de la Forêt – été", "Œuvre à l'Étang"]


@pytest.mark.parametrize(("case", "odd"), [("cp1252", 0), ("cpg_iso", 0), ("cpg_utf8_wrong", 4)])
def test_letters_come_through_whatever_a_shapefile_says_of_them(case, odd):
    rows, doubts = read(CASES / f"{case}.shp")
    assert [row["LIBELLE"] for row in rows] == NAMES
    assert [row["COMMUNE"] for row in rows] == ["Béthune", "Calonne-Ricouart"]
    assert [f"{odd} cells are not" in why for _, why in doubts] == [True] * bool(odd)


DECLARED = {
    "ANSI 1252": ("cp1252", ""),
    "1252": ("cp1252", ""),
    "": ("cp1252", ""),
    "1258": ("cp1258", ""),
    "CP850": ("cp850", ""),
    "UTF-8": ("utf-8", ""),
    "klingon": ("cp1252", "which is no encoding"),
}


@pytest.mark.parametrize("said", DECLARED)
def test_what_a_codepage_file_says_is_understood(inbox, square, said):
    codec, doubt = DECLARED[said]
    file = inbox / "zones.shp"
    names = ["Été à la forêt"[:12], "Café"]
    zones(square).assign(nom=names).to_file(file, encoding="cp1252")
    table = file.with_suffix(".dbf")
    data = table.read_bytes()
    for name in names:
        old, new = name.encode("cp1252"), name.encode(codec)
        data = data.replace(old + b" " * (len(new) - len(old)), new)
    table.write_bytes(data)
    file.with_suffix(".cpg").write_text(said)
    rows, doubts = read(file)
    assert [row["nom"] for row in rows] == names
    assert [doubt in why for _, why in doubts] == [True] * bool(doubt)


def test_a_letter_that_was_cut_or_is_in_no_encoding_is_said():
    decoder = Decoder("UTF-8", "utf-8")
    cut = "Été".encode()[:-1].decode("latin-1")
    assert decoder.text(cut, 3, "nom") == "Ét"
    assert decoder.text("a\x81é", 4, "nom") == "a\ufffdé"
    assert [(column, text) for _, column, text, _ in decoder.doubts()] == [("nom", "Ét"), ("nom", "a\ufffdé")]


# Workbooks


def test_totals_sums_and_footnotes_never_become_zones(demo, imported):
    ended = imported(CASES / "zae_total.xlsx")
    assert ended.code == 0, ended
    territory = demo.open()
    sites = territory.sites.set_index("site_id").loc[["A1", "A2"]]
    assert sites["land_low_ha"].sum() == 15.5
    assert set(territory.sites["site_id"]) == {"port", "A1", "A2"}
    left = territory.issues[territory.issues["layer"] == "sites"]
    assert [value.partition(":")[0] for value in left["value"]][:3] == ["row 4", "row 5", "row 6"]


def test_a_header_that_stands_twice_is_refused(demo, imported):
    ended = imported(CASES / "entetes_doubles.xlsx")
    assert ended.code == 1
    assert "column `Nom` stands twice" in ended.err
    assert not (demo.path / "raw").exists()


SHEETS = {
    "titles above": (
        [
            ["Zones d'activités 2024"],
            [],
            ["Service économique", "2024"],
            ["code", "nom", "surf_ha"],
            ["a", "Un", 8],
            ["b", "Deux", 9],
        ],
        ["a", "b"],
        ["row 1", "row 3"],
    ),
    "a sum without a label": (
        [["code", "nom", "surf_ha"], ["a", "Un", 8], ["b", "Deux", 9], [None, None, 17]],
        ["a", "b"],
        ["row 4"],
    ),
    "numbers that add up by chance": ([["code", "surf_ha"], [1, 5], [2, 5], [3, 10]], ["1", "2", "3"], []),
    "a firm called Total": (
        [["code", "nom", "adresse"], ["a", "Total", "1 rue du Port"], ["b", "Deux", "2 rue"]],
        ["a", "b"],
        [],
    ),
    "a key that is blank": (
        [["code", "nom", "surf_ha"], ["a", "Un", 8], [None, "Deux", 9], ["c", "Trois", 1]],
        ["a", "", "c"],
        [],
    ),
    "notes below": (
        [
            ["code", "nom", "surf_ha"],
            ["a", "Un", 8],
            ["b", "Deux", 9],
            [],
            ["* y compris les voies"],
            ["Mise à jour : mai 2024"],
        ],
        ["a", "b"],
        ["row 5", "row 6"],
    ),
    "a last row of which the key alone is known": ([["code", "nom", "surf_ha"], ["a", "Un", 8], ["b"]], ["a", "b"], []),
}


@pytest.mark.parametrize("case", SHEETS)
@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_the_table_in_a_sheet_is_found(inbox, case, suffix):
    cells, codes, left = SHEETS[case]
    file = inbox / f"zones.{suffix}"
    _sheet(file, cells)
    rows, doubts = read(file)
    assert [row["code"] for row in rows] == codes
    assert [value.partition(":")[0] for value, _ in doubts] == left


def _sheet(file, cells):
    if file.suffix == ".xlsx":
        book = Workbook()
        for row in cells:
            book.active.append(row)
        book.save(file)
        return
    width = max(map(len, cells))
    rows = "".join(
        "<table:table-row>"
        + "".join(
            "<table:table-cell/>"
            if value is None
            else f'<table:table-cell office:value-type="float" office:value="{value}"/>'
            if isinstance(value, int)
            else f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
            for value in [*row, *[None] * (width - len(row))]
        )
        + "</table:table-row>"
        for row in cells
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
            f'<table:table table:name="Z">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )


def test_a_row_without_a_key_is_an_issue_and_the_key_column_stays(demo, inbox, imported):
    _sheet(
        inbox / "zones.xlsx",
        [["code", "nom", "insee"], ["a", "Un", "99001"], [None, "Deux", "99001"], ["c", "Trois", "99002"]],
    )
    assert imported(inbox / "zones.xlsx").code == 0
    territory = demo.open()
    assert set(territory.sites["site_id"]) == {"port", "a", "c"}
    assert "The row has no key and is left out." in set(territory.issues["message"])


def test_a_table_of_which_no_column_is_recognised_does_not_enter(demo, inbox, imported):
    _sheet(inbox / "zones.xlsx", [["x1", "x2"], ["&amp;", "Un"], ["?", "Deux"]])
    ended = imported(inbox / "zones.xlsx")
    assert ended.code == 1
    assert "no column is recognised as one of sites: x1, x2." in ended.err
    assert not (demo.path / "raw").exists()


def test_a_total_in_a_text_is_left_out_too(demo, inbox, imported):
    (inbox / "zones.csv").write_text("code;nom;surf_ha\na;Un;8\nb;Deux;9\n;TOTAL;17\n", encoding="utf-8")
    assert imported(inbox / "zones.csv").code == 0
    assert set(demo.open().sites["site_id"]) == {"port", "a", "b"}


def test_a_workbook_that_is_called_a_csv_is_called_what_it_is(inbox, imported):
    _sheet(inbox / "zones.xlsx", [["code", "nom"], ["a", "Un"]])
    (inbox / "zones.xlsx").rename(inbox / "zones.csv")
    ended = imported(inbox / "zones.csv")
    assert ended.code == 1
    assert ended.err.endswith("is a workbook or a zip, whatever its name says. Rename it to zones.xlsx.\n")


def test_a_cell_far_from_the_table_is_refused(inbox):
    book = Workbook()
    book.active.append(["code", "nom"])
    book.active["XFD1048576"] = "x"
    book.save(inbox / "zones.xlsx")
    with pytest.raises(Exception, match="as far as row 1048576, column 16384"):
        read(inbox / "zones.xlsx")


# Files as QGIS leaves them


def _touched(file):
    """Change the bytes of a GeoPackage as QGIS does when somebody only opens it and styles it."""
    base = sqlite3.connect(file)
    base.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, styleQML TEXT)")
    base.execute("CREATE TABLE qgis_projects (name TEXT, content BLOB)")
    base.execute("INSERT INTO layer_styles VALUES (1, '<qgis/>')")
    for table in ("layer_styles", "qgis_projects"):
        said = "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)"
        base.execute(said, (table, table))
    base.execute("UPDATE gpkg_contents SET last_change = '2030-01-01T00:00:00Z'")
    base.commit()
    base.close()


def test_a_geopackage_that_was_opened_and_styled_is_still_the_one_on_record(demo, inbox, imported, square):
    file = inbox / "zones.gpkg"
    zones(square).to_file(file)
    assert imported(file).code == 0
    raw = demo.path / "raw" / "zones.gpkg"
    before, held = raw.read_bytes(), content_hash(raw)
    _touched(raw)
    assert raw.read_bytes() != before
    assert content_hash(raw) == held
    assert layer_names_of_file(raw) == ["zones"]
    assert set(demo.open().sites["site_id"]) == {"port", "a", "b"}
    base = sqlite3.connect(raw)
    for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        base.execute(f'DROP TRIGGER "{name}"')
    base.execute("UPDATE zones SET nom = 'Trois' WHERE fid = 1")
    base.commit()
    base.close()
    assert content_hash(raw) != held


def test_a_file_that_was_changed_is_taken_in_anew(demo, inbox, imported, command, square):
    file = inbox / "zones.gpkg"
    zones(square).to_file(file)
    assert imported(file).code == 0
    raw = demo.path / "raw" / "zones.gpkg"
    zones(square).assign(nom=["Un", "Trois"]).to_file(raw)
    ended = command("sources", demo.path)
    assert ended.code == 1
    assert "`gis import … zones.gpkg --replace`" in ended.err
    (inbox / "other.csv").write_text("code;nom\nc;Ailleurs\n", encoding="utf-8")
    ended = imported(inbox / "other.csv")
    assert ended.code == 0, "a file at fault keeps no other out"
    assert "What else is in the folder cannot be read yet" in ended.out
    assert command("import", demo.path, raw, "--replace").code == 0
    assert set(demo.open().sites["site_name"]) == {"Le port", "Un", "Trois", "Ailleurs"}


@pytest.mark.parametrize("suffix", ["gpkg", "shp"])
def test_another_edition_replaces_the_file_and_is_read_the_same_way(demo, inbox, imported, command, square, suffix):
    file = inbox / f"zones.{suffix}"
    zones(square).to_file(file)
    assert imported(file).code == 0
    mapping = demo.path / "raw" / f"zones.{suffix}.mapping.toml"
    before = tomllib.loads(mapping.read_text(encoding="utf-8"))
    zones(square).assign(nom=["Un", "Neuf"]).to_file(file)
    assert "say --replace" in imported(file).err
    ended = command("import", demo.path, file, "--replace")
    assert ended.code == 0, ended
    after = tomllib.loads(mapping.read_text(encoding="utf-8"))
    assert {**before, "parts": 0} == {**after, "parts": 0}
    assert "Neuf" in set(demo.open().sites["site_name"])


def test_what_cannot_be_read_as_before_replaces_nothing(demo, inbox, imported, command, square, tree):
    file = inbox / "zones.gpkg"
    zones(square).to_file(file)
    assert imported(file).code == 0
    before = tree(demo.path)
    zones(square).rename(columns={"nom": "autre"}).to_file(file)
    ended = command("import", demo.path, file, "--replace")
    assert ended.code == 1
    assert "has no column `nom` (any more)" in ended.err
    assert tree(demo.path) == before
    file.rename(inbox / "new.gpkg")
    assert "was not imported" in command("import", demo.path, inbox / "new.gpkg", "--replace").err


def test_a_file_is_forgotten_with_its_mapping_and_its_source(demo, inbox, imported, command, square, tree):
    before = tree(demo.path)
    for suffix in ("gpkg", "shp"):
        file = inbox / f"zones.{suffix}"
        zones(square).to_file(file)
        assert imported(file).code == 0
        ended = command("forget", demo.path, f"raw/zones.{suffix}")
        assert ended.code == 0
        assert f"raw/zones.{suffix} taken out" in ended.out
        assert "source `ville` taken out of sources.toml" in ended.out
        assert {name: data for name, data in tree(demo.path).items() if name != "raw"} == before
    assert "Name a file of raw/." in command("forget", demo.path, "zones.gpkg").err


def test_a_source_that_something_else_cites_is_not_forgotten(demo, inbox, imported, command, square):
    zones(square).to_file(inbox / "zones.gpkg")
    assert imported(inbox / "zones.gpkg").code == 0
    demo.change("premises.csv", "hangar,port,Le hangar,registre", "hangar,a,Le hangar,ville")
    ended = command("forget", demo.path, "zones.gpkg")
    assert ended.code == 0
    assert "source `ville` stays, without the file: premises.csv cite it" in ended.out
    assert "What is left cannot be built yet" in ended.out
    assert entry(demo) == {
        "title": "zones.gpkg",
        "publisher": "Ville",
        "licence": "LO 2.0",
        "edition": "2024",
        "basis": "digitised",
    }


def test_entries_change_and_all_else_stays_as_it_was_written():
    text = '# of ours\n[a]\ntitle = "A" # why\n\n["b c"]\nfile = "x"\nsha256 = "1"\n\n[d]\ntitle = """\n[a]\n"""\n'
    assert text_without_entry(text, "b c", "p") == text.replace('["b c"]\nfile = "x"\nsha256 = "1"\n\n', "")
    changed = text_with_values(text, "b c", {"sha256": "2", "file": ""}, "p")
    assert tomllib.loads(changed)["b c"] == {"sha256": "2"}
    assert changed.startswith('# of ours\n[a]\ntitle = "A" # why\n')
    kept = text.replace('[a]\ntitle = "A" # why\n\n', "")  # what looks like its heading stands in a text
    assert text_without_entry(text, "a", "p") == kept
    assert text_without_entry(text, "d", "p") == text.partition("\n[d]")[0]


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ('a = {file = "x", n = 1}\n', 'a = {file = "y", n = 1}\n'),
        ('a.file = "x"\nb.file = "x"\n', 'a.file = "y"\nb.file = "x"\n'),
        ('[a]\n  file   =   "x"   # of ours\n', '[a]\n  file   =   "y"   # of ours\n'),
        ('[a]\r\nfile = "x"\r\n[b]\r\nn = 1\r\n', '[a]\nfile = "y"\n[b]\nn = 1\n'),
    ],
    ids=["on one line", "with dots", "with spaces and a comment", "of another system"],
)
def test_a_value_changes_however_a_person_wrote_it(text, changed):
    assert text_with_values(text, "a", {"file": "y"}, "p") == changed


def test_an_entry_that_nothing_can_be_written_into_is_refused():
    with pytest.raises(SchemaError, match="Change the entry by hand"):
        text_with_values("[a.b]\nn = 1\n", "a", {"file": "y"}, "p")  # `a` has no heading


def test_a_delivery_that_cannot_be_read_back_does_not_enter(demo, inbox, imported):
    head = "terr_id;site_id;terr_etat_occup;terr_stade_comm;terr_geomsurf\n"
    shape = json.dumps({"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 9e6], [1, 1]]]}).replace('"', '""')
    (inbox / "lots.csv").write_text(f'{head}t1;port;occupé;en vente;"{shape}"\n', encoding="utf-8")
    ended = imported(inbox / "lots.csv", layer="")
    assert ended.code == 1
    assert "no CRS, and its coordinates fit none we know" in ended.err
    assert not (demo.path / "raw").exists()


@pytest.mark.parametrize("placed", [True, False])
def test_a_delivery_whose_shapes_are_json_says_its_system_or_how_it_was_found(demo, inbox, imported, command, placed):
    """The second lies elsewhere in the country: the row stays, its shape does not."""
    corner = (674_000, 7_048_000) if placed else (656_000, 6_425_000)
    ground = box(*corner, corner[0] + 100, corner[1] + 100)
    head = "terr_id;site_id;terr_etat_occup;terr_stade_comm;terr_geomsurf\n"
    shape = shapely.to_geojson(ground).replace('"', '""')
    (inbox / "lots.csv").write_text(f'{head}t1;port;occupé;en vente;"{shape}"\n', encoding="utf-8")
    ended = imported(inbox / "lots.csv", layer="")
    assert ended.code == 0, ended
    assert "EPSG:2154`. The file says no CRS" in ended.out
    assert command("sources", demo.path).code == 0
    territory = demo.open()
    assert territory.terrains.geometry.notna().tolist() == [placed]


# Systems and axes


def test_metres_in_a_geojson_without_a_crs_are_told_their_system(demo, inbox, imported, square):
    text = json.loads(zones(square).to_crs(2154).to_json())
    text.pop("crs")
    (inbox / "zones.geojson").write_text(json.dumps(text), encoding="utf-8")
    ended = imported(inbox / "zones.geojson")
    assert ended.code == 1
    assert "coordinates fit EPSG:2154. Say --crs EPSG:2154" in ended.err
    assert not (demo.path / "raw").exists()
    assert imported(inbox / "zones.geojson", "--crs", "EPSG:2154").code == 0
    assert demo.open().sites["measured_m2"].dropna().round().tolist() == [80_000, 8_100]


LAYERS = {
    "sites": lambda square: [square(400, 200), square(90, 90, east=900)],
    "roads": lambda square: [LineString(shape.exterior.coords[:2]) for shape in (square(400, 200), square(90, 90))],
    "accesses": lambda square: [Point(square(400, 200).centroid), Point(square(90, 90).centroid)],
}


@pytest.mark.parametrize("layer", LAYERS)
def test_axes_that_are_swapped_are_found_at_import(demo, inbox, imported, square, layer):
    right = zones(square).set_geometry(gpd.GeoSeries(LAYERS[layer](square), crs=3950)).to_crs(4326)
    swapped = right.geometry.apply(lambda shape: shapely.transform(shape, lambda xy: xy[:, ::-1]))
    right.set_geometry(swapped).to_file(inbox / "swapped.gpkg")
    ended = imported(inbox / "swapped.gpkg", layer=layer)
    assert ended.code == 1
    assert "its axes are swapped" in ended.err
    assert not (demo.path / "raw").exists()


def test_one_swapped_or_far_shape_is_left_out_with_an_issue(demo, inbox, imported, square):
    drawn = zones(square).to_crs(4326)
    turned = shapely.transform(drawn.geometry.iloc[1], lambda xy: xy[:, ::-1])
    drawn.set_geometry([drawn.geometry.iloc[0], turned], crs=4326).to_file(inbox / "zones.gpkg")
    assert imported(inbox / "zones.gpkg").code == 0
    territory = demo.open()
    assert territory.sites.set_index("site_id").geometry.notna()[["a", "b"]].tolist() == [True, False]
    assert "The axes of the shape are swapped, and it is left out." in set(territory.issues["message"])


def test_an_access_drawn_far_from_the_territory_is_refused(good, refused):
    good.put("accesses.csv", "access_id,access_name,access_kind,source_id\nx,Gare,station,registre\n")
    good.path.joinpath("raw").mkdir()
    far = gpd.GeoDataFrame({"access_id": ["x"]}, geometry=[Point(50.5, 2.6)], crs=4326)
    far.to_file(good.path / "raw" / "accesses.gpkg")
    assert "its axes are swapped" in refused(good) or "lies far from the territory" in refused(good)


# Broken shapes


def test_a_broken_shape_is_mended_when_one_says_so_and_says_how_much_moved(demo, inbox, imported, square):
    whole = square(400, 200)
    x, y = whole.bounds[:2]
    bow = Polygon([(x, y), (x + 100, y + 100), (x + 100, y), (x, y + 100), (x, y)])
    zones(square).set_geometry([whole, bow], crs=3950).to_file(inbox / "zones.gpkg")
    ended = imported(inbox / "zones.gpkg")
    assert ended.code == 1
    assert "or say --mend (`mend = true` in the mapping)." in ended.err
    assert not (demo.path / "raw").exists()
    assert imported(inbox / "zones.gpkg", "--mend").code == 0
    assert (
        tomllib.loads((demo.path / "raw" / "zones.gpkg.mapping.toml").read_text(encoding="utf-8"))["sites"]["mend"]
        is True
    )
    territory = demo.open()
    assert territory.sites["measured_m2"].dropna().round().tolist() == [80_000, 5_000]
    (said,) = [text for text in territory.issues["message"] if "mended" in text]
    assert said.endswith("It is mended: 5 000.0 m² moved, of 5 000.0 m².")


# Numbers of workbooks


def _typed(file, rows):
    """Write an ODS as LibreOffice does: a cell with its value, and as it is shown."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )

    def cell(value):
        if not isinstance(value, tuple):
            return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        kind, number, shown = value
        name = "date-value" if kind == "date" else "value"
        return (
            f'<table:table-cell office:value-type="{kind}" office:{name}="{number}"><text:p>{shown}</text:p>'
            "</table:table-cell>"
        )

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    rest = f'<table:table-row table:number-rows-repeated="{1_048_576 - len(rows)}"><table:table-cell '
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
            f'<table:table table:name="Z">{lines}{rest}table:number-columns-repeated="16384"/></table:table-row>'
            '</table:table><table:table table:name="Y"><table:table-row><table:table-cell/></table:table-row>'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )


def test_numbers_of_an_ods_are_numbers_whatever_they_look_like(demo, inbox, imported):
    file = inbox / "zones.ods"
    late = [("date", "2024-05-17", "17/05/24"), "1.250"]
    later = [("date", "2024-05-18T10:00:00", "18/05/24"), ("float", "7", "7")]
    _typed(
        file,
        [
            ["code", "surface_m2", "prix", "part", "le", "texte"],
            [
                "a",
                ("float", "1.250", "1,25"),
                ("currency", "12.500", "12 €"),
                ("percentage", "0.125", "12,5 %"),
                *late,
            ],
            ["b", ("float", "46000", "46 000"), ("currency", "13", "13 €"), ("percentage", "1", "100 %"), *later],
        ],
    )
    with open_rows(file, table="Z") as rows:
        assert rows.typed == {"surface_m2", "prix", "part", "le"}
        assert [record.cells["le"][:10] for record in rows.records] == ["2024-05-17", "2024-05-18"]
    ended = imported(file, "--layer", "Z", said=(*SAID, "--basis", "stated"))
    assert ended.code == 0, ended.err
    territory = demo.open()
    assert territory.sites.set_index("site_id")["land_low_ha"][["a", "b"]].tolist() == pytest.approx([0.000125, 4.6])
    assert not territory.issues["message"].str.contains("could be").any()
