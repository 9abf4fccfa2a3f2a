"""Rows in are rows used, merged, passed over and refused, each with its reason; so are cells and hectares."""

import csv
import json
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import Polygon, box

from gis.provenance import Basis, Source
from gis.sources.own_files.cnig_files import recognise_deliveries
from gis.sources.own_files.grounding import Outlines
from gis.sources.own_files.importing import ImportPlace, ImportRequest, _sample_of_table
from gis.sources.own_files.kept import FileAccount, account_file, differing_accounts, kept_account_text
from gis.sources.own_files.mapped import read_layer
from gis.sources.own_files.mapping import NUMBER, TableReading
from gis.sources.own_files.proposing import propose_reading
from gis.sources.tables.accounts import Account, Fate, Ledger
from gis.sources.tables.codes import parcel_number
from gis.sources.tables.rows import table_names_of_file
from tests.conftest import heavy

CASES = Path(__file__).parents[1] / "data" / "cases"
SAID = ("--source", "ville", "--basis", "digitised", "--publisher", "Ville", "--licence", "LO 2.0", "--edition", "2024")
ZONE = CRS.from_epsg(3950)
#: Where the made cases lie.
COMMUNES = {"62119": "Un", "62178": "Deux", "62193": "Trois"}
SOURCE = Source("s", "t", "p", "l", edition="2025", basis=Basis.DIGITISED)
X, Y = 1_674_000.0, 9_259_000.0


def taken(file, layer, communes, crs="", **more):
    """Propose how a file is read, and read it so."""
    place = ImportPlace(file.parent, ZONE, communes)
    sample = _sample_of_table(place, file, ImportRequest(layer, crs=crs), "")
    proposal = propose_reading(layer, sample, communes=communes, known={}, crs=crs)
    return read(file, proposal.reading, communes, **more)


def read(file, reading, communes, **more):
    return read_layer(file, reading, crs=ZONE, source=SOURCE, basis=SOURCE.basis, communes=communes, **more)


def holds(account):
    """Say that every sum holds, by adding up what is told."""
    assert account.rows_in == sum(account.rows.values())
    assert account.cells_in == sum(account.cells.values())
    assert account.m2_in == pytest.approx(sum(account.m2.values()), abs=1e-3)
    assert min([*account.rows.values(), *account.cells.values()], default=0) >= 0
    return True


# Every case

MADE = {
    "short_section.gpkg": ("parcels", 3, 3),
    "lower.gpkg": ("parcels", 2, 2),
    "doubled.gpkg": ("parcels", 2, 1),
    "no_key.gpkg": ("parcels", 2, 2),
    "postal.csv": ("sites", 2, 2),
    "zae_total.xlsx": ("sites", 5, 2),
    "milliers_point.csv": ("sites", 3, 3),
    "siret.csv": ("establishments", 5, 5),
    "bornes.csv": ("sites", 3, 3),
    "dates.gpkg": ("sites", 3, 3),
    "cp1252.shp": ("sites", 2, 2),
    "cpg_iso.shp": ("sites", 2, 2),
    "cpg_utf8_wrong.shp": ("sites", 2, 2),
    "l93_sans_crs.geojson": ("sites", 2, 2),
}


@pytest.mark.parametrize("name", MADE)
def test_the_sum_holds_for_every_made_case(name):
    layer, rows, used = MADE[name]
    found = taken(CASES / name, layer, COMMUNES, "EPSG:2154" if name.startswith("l93") else "")
    assert holds(found.account)
    assert (found.account.rows_in, found.account.count(Fate.USED)) == (rows, used) == (rows, len(found.frame))
    if name.endswith(".gpkg"):
        drawn = pyogrio.read_dataframe(CASES / name).to_crs(ZONE)
        assert found.account.m2_in == pytest.approx(drawn.area.sum())
        assert found.account.m2[Fate.USED, ""] == pytest.approx(found.frame.area.sum())
    listed = [row for row in found.issues if row["file"] == name]
    left = found.account.count(Fate.MERGED) + found.account.count(Fate.PASSED_OVER) + found.account.count(Fate.REFUSED)
    assert len(listed) >= left


def test_the_sum_holds_for_every_table_of_a_delivery():
    file = CASES / "overlapping_sites_cnig.gpkg"
    deliveries = recognise_deliveries(file)
    assert deliveries
    for each in deliveries:
        found = read(file, each.reading, COMMUNES, repair=each.repair, added=each.added)
        assert holds(found.account)
        assert found.account.rows_in == pyogrio.read_info(file, layer=each.reading.table or None)["features"]
    assert {each.reading.table or table_names_of_file(file)[0] for each in deliveries} <= {*table_names_of_file(file)}


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp", ".fgb", ".csv", ".xlsx", ".ods"])
def test_every_reader_says_the_same_sum(tmp_path, suffix):
    file = tmp_path / f"zones{suffix}"
    table = {
        "code": ["a", "a", "b", "c"],
        "insee": ["99001", "99001", "88001", "99001"],
        "nom": ["Un", "Deux", "Trois", ""],
        "surface_ha": ["1.5", "1.5", "2.5", "x"],
    }
    if suffix in {".csv", ".xlsx", ".ods"}:
        rows = [list(table), *map(list, zip(*table.values(), strict=True))]
        if suffix == ".csv":
            with file.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, delimiter=";").writerows(rows)
        else:
            frame = gpd.pd.DataFrame(table)
            pyogrio.write_dataframe(frame, file)
    else:
        squares = [box(X + 200 * n, Y, X + 200 * n + 100, Y + 100) for n in range(4)]
        gpd.GeoDataFrame(table, geometry=squares, crs=3950).to_file(file)
    columns = {"site_id": "code", "insee": "insee", "site_name": "nom", "land_low_ha": "surface_ha"}
    found = read(file, TableReading("sites", columns), {"99001": "Port-Neuf"})
    assert holds(found.account)
    assert dict(found.account.rows) == {
        (Fate.USED, ""): 2,
        (Fate.MERGED, "one key"): 1,
        (Fate.PASSED_OVER, "commune 88001"): 1,
    }
    assert dict(found.account.cells) == {
        (Fate.USED, ""): 6,
        (Fate.REFUSED, "read as unknown"): 1,
        (Fate.REFUSED, "differs from the first row of its key"): 1,
        (Fate.MERGED, "one key"): 3,
        (Fate.PASSED_OVER, "commune 88001"): 4,
    }
    assert {(row["row"], row["column_name"], row["value"]) for row in found.issues} >= {
        ("a", "site_name", "Deux"),
        ("c", "land_low_ha", "x"),
        ("", "site_id", "b"),
    }
    if suffix not in {".csv", ".xlsx", ".ods"}:
        assert found.account.m2_in == pytest.approx(40_000)
        assert found.account.m2[Fate.PASSED_OVER, "commune 88001"] == pytest.approx(10_000)


# Whatever a table holds

SQUARE = st.builds(
    lambda east, north, size: box(X + east, Y + north, X + east + size, Y + north + size),
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(10, 90),
)
BOW = Polygon([(X, Y), (X + 80, Y + 60), (X + 80, Y), (X, Y + 70)])
SHAPES = st.one_of(
    SQUARE.map(lambda shape: (shape.wkt, shape.area)),
    st.sampled_from(
        [("", 0.0), ("nowhere", 0.0), (BOW.wkt, BOW.area), (f"POINT ({X} {Y})", 0.0), ("POLYGON EMPTY", 0.0)]
    ),
)
TABLES = st.lists(
    st.tuples(
        st.sampled_from(["", "a", "b", "c", "TOTAL"]),
        st.sampled_from(["", "99001", "71001", "88001", "88002", "Ailleurs", "99001|88001"]),
        st.sampled_from(["", "Un", "Deux"]),
        st.sampled_from(["", "1.5", "2.5", "x", "-1"]),
        SHAPES,
    ),
    max_size=12,
)


def fates(rows):
    """Say what becomes of rows as the promise has it, from the rows alone."""
    seen: set[str] = set()
    for key, code, name, size, (shape, _) in rows:
        cells = [key, code, name, size, shape]
        if not any(cells):
            continue
        if key == "TOTAL" and (not code or code.isdecimal()) and size != "x" and not name and not shape:
            yield Fate.REFUSED, "total"
        elif not key:
            yield Fate.REFUSED, "no key"
        elif code in {"88001", "88002"}:
            yield Fate.PASSED_OVER, f"commune {code}"
        elif key in seen:
            yield Fate.MERGED, "one key"
        else:
            seen.add(key)
            yield (
                Fate.USED,
                ""
                if "99001" in code or code == "71001"
                else ("no commune said" if not code else "no known code of a commune"),
            )


@heavy
@given(TABLES)
def test_rows_cells_and_hectares_add_up_whatever_a_table_holds(tmp_path, rows):
    file = tmp_path / "zones.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["code", "insee", "nom", "surface_ha", "wkt"])
        writer.writerows([[*cells, shape] for *cells, (shape, _) in rows])
    columns = {"site_id": "code", "insee": "insee", "site_name": "nom", "land_low_ha": "surface_ha"}
    reading = TableReading("sites", columns, geometry="wkt", crs="EPSG:3950", mend=True)
    found = read(file, reading, {"99001": "Port-Neuf", "71001": "Les Prés"})
    account = found.account
    assert holds(account)
    told = [*fates(rows)]
    assert dict(account.rows) == {reason: told.count(reason) for reason in dict.fromkeys(told)}
    assert account.rows_in == sum(1 for *cells, (shape, _) in rows if any([*cells, shape]))
    entered = [
        row for row, fate in zip((r for r in rows if any([*r[:4], r[4][0]])), told, strict=True) if fate[1] != "total"
    ]
    assert account.cells_in == sum(bool(text) for *cells, (shape, _) in entered for text in [*cells, shape])
    assert account.m2_in == pytest.approx(sum(area for *_, (_, area) in entered))
    assert account.m2.get((Fate.USED, ""), 0.0) == pytest.approx(
        np.nansum(shapely.area(found.frame.geometry.to_numpy()))
    )
    codes = {row["message"].partition(", which")[0] for row in found.issues if "passed over" in row["message"]}
    counts = {code: told.count((Fate.PASSED_OVER, f"commune {code}")) for code in ("88001", "88002")}
    assert codes == {f"{n} row{'' if n == 1 else 's'} of commune {code}" for code, n in counts.items() if n}


def test_ground_that_two_rows_of_one_key_cover_is_counted_once(tmp_path):
    file = tmp_path / "zones.gpkg"
    squares = [box(X, Y, X + 100, Y + 100), box(X + 50, Y, X + 150, Y + 100)]
    gpd.GeoDataFrame({"code": ["a", "a"]}, geometry=squares, crs=3950).to_file(file)
    account = read(file, TableReading("sites", {"site_id": "code"}), {"99001": "Port-Neuf"}).account
    assert account.m2_in == pytest.approx(20_000)
    assert account.m2[Fate.USED, ""] == pytest.approx(15_000)
    assert account.m2[Fate.MERGED, "covered twice under one key"] == pytest.approx(5_000)


def test_a_file_of_a_whole_country_gives_few_issues(tmp_path):
    file = tmp_path / "zones.csv"
    rows = [f"z{n};{n:05d}" for n in range(1001, 1001 + 5000, 7)]
    file.write_text("\n".join(["code;insee", *rows, "here;99001"]), encoding="utf-8")
    found = read(file, TableReading("sites", {"site_id": "code", "insee": "insee"}), {"99001": "Port-Neuf"})
    assert holds(found.account)
    assert len(found.issues) <= 100
    assert found.account.count(Fate.PASSED_OVER) == len(rows)


def test_an_account_that_does_not_add_up_is_a_fault_of_ours():
    ledger = Ledger()
    ledger.rows_in = 2
    ledger.row(Fate.USED)
    with pytest.raises(ArithmeticError, match="rows: 2 came and 1 are told"):
        ledger.closed()


# What a parcel number is, and what the code of a commune


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("99001000ab0001", "99001000AB0001"),
        (" 99001 000 AB 0001 ", "99001000AB0001"),
        ("99001-000-A-1", "990010000A0001"),
        ("97105000AB0012", "97105000AB0012"),
        ("2b033000ZA0100", "2B033000ZA0100"),
        ("1004000AB0001", "01004000AB0001"),
        ("AB 1", ""),
        ("short-section-1", ""),
        ("123456", ""),
        ("2C033000ZA0100", ""),
    ],
)
def test_a_parcel_number_has_fourteen_characters_however_it_is_written(text, number):
    assert parcel_number(text) == number
    assert parcel_number(parcel_number(text)) == number


@pytest.mark.parametrize(
    ("listed", "code", "here"),
    [
        ("75056", "75118", "75056"),
        ("75118", "75118", "75118"),
        ("75118", "75119", ""),
        ("69123", "69389", "69123"),
        ("13055", "13201", "13055"),
        ("13055", "13217", ""),
    ],
)
def test_districts_belong_to_their_commune(tmp_path, listed, code, here):
    file = tmp_path / "table.csv"
    file.write_text(f"cle;commune;idu\na;{code};{code}000AB0001\n", encoding="utf-8")
    sites = read(file, TableReading("sites", {"site_id": "cle", "insee": "commune"}), {listed: "Ville"})
    parcels = read(file, TableReading("parcels", {"parcel_id": "idu"}), {listed: "Ville"})
    assert list(sites.frame["insee"]) == ([here] if here else [])
    assert list(parcels.frame["parcel_id"]) == ([f"{code}000AB0001"] if here else [])
    assert parcels.account.rows == {(Fate.USED, "") if here else (Fate.PASSED_OVER, f"commune {code}"): 1}


def test_keys_that_are_no_parcel_number_are_issues_and_no_place():
    found = taken(CASES / "short_section.gpkg", "parcels", COMMUNES)
    assert [(row["row"], row["column_name"]) for row in found.issues] == [(f"AB {n}", "parcel_id") for n in (1, 2, 3)]
    assert found.account.rows == {(Fate.USED, "no known code of a commune"): 3}
    assert "62119000AB0001" in set(taken(CASES / "lower.gpkg", "parcels", COMMUNES).frame["parcel_id"])
    numbered = taken(CASES / "no_key.gpkg", "parcels", COMMUNES)
    assert numbered.account.rows == {(Fate.USED, "no commune said"): 2}
    assert len(numbered.issues) == 1
    assert NUMBER not in set(numbered.frame["parcel_id"])


def test_the_ground_decides_where_a_code_does_not(tmp_path):
    file = tmp_path / "zones.gpkg"
    east = {"in": 1000, "former": 2000, "postal": 3000, "border": 9990, "out": 30_000, "other": 30_000, "none": 1000}
    codes = {
        "in": "99001",
        "former": "88001",
        "postal": "Nord",
        "border": "88001",
        "out": "",
        "other": "88001",
        "none": "",
    }
    shapes = [box(X + at, Y + 4000, X + at + 50, Y + 4050) for at in east.values()]
    gpd.GeoDataFrame({"code": [*east], "insee": [*codes.values()]}, geometry=shapes, crs=3950).to_file(file)
    reading, communes = TableReading("sites", {"site_id": "code", "insee": "insee"}), {"99001": "Port-Neuf"}
    outlines = Outlines({"99001": box(X, Y, X + 10_000, Y + 10_000)})
    found = read(file, reading, communes, outlines=outlines)
    assert holds(found.account)
    assert dict(zip(found.frame["site_id"], found.frame["insee"], strict=True)) == {
        "in": "99001",
        "former": "99001",
        "postal": "99001",
        "none": "99001",
    }
    assert dict(found.account.rows) == {
        (Fate.USED, ""): 3,
        (Fate.USED, "no commune said"): 1,
        (Fate.PASSED_OVER, "commune 88001"): 2,
        (Fate.PASSED_OVER, "ground outside the communes"): 1,
    }
    meant = {(row["row"], row["value"]) for row in found.issues if "which is meant" in row["message"]}
    assert meant == {("former", "88001"), ("postal", "Nord")}
    kept = read(file, reading, communes, outlines=Outlines({"99001": None}))
    assert set(kept.frame["site_id"]) == {"in", "postal", "out", "none"}


# What is kept, and what is said of it


def test_what_is_kept_reads_back_and_tells_what_changed(tmp_path):
    file = tmp_path / "zones.csv"
    account = Account(
        2,
        4,
        31_200.0,
        {(Fate.USED, ""): 1, (Fate.REFUSED, "no key"): 1},
        {(Fate.USED, ""): 4},
        {(Fate.USED, ""): 31_200.0},
    )
    one = FileAccount(file.name, "sites", file.name, account)
    assert differing_accounts(tmp_path, [one]) == []
    text = kept_account_text(file, [one])
    assert tomllib.loads(text)["table"][0]["rows"] == {"in": 2, "used": 1, "refused: no key": 1}
    account_file(file).write_text(text, encoding="utf-8")
    assert kept_account_text(file, [one]) == text
    assert differing_accounts(tmp_path, [one]) == []
    other = FileAccount(
        file.name, "sites", file.name, account.moved("", (Fate.REFUSED, "names no row of sites"), 2, 0.0)
    )
    assert differing_accounts(tmp_path, [other]) == [other]
    account_file(file).write_text("no toml", encoding="utf-8")
    assert differing_accounts(tmp_path, [one]) == []


def zones(folder, rows):
    file = folder / "zones.csv"
    file.write_text("\n".join(["id_zone;nom;code_commune;surface_ha", *rows]), encoding="utf-8")
    return file


def test_an_import_ends_with_the_sum_and_a_build_says_when_it_is_another(demo, command, tmp_path):
    file = zones(tmp_path, ["z1;Nord;99001;3", "z2;Sud;99002;x", "z3;Est;99001;5", "z4;Loin;88001;5"])
    ended = command("import", demo.path, file, "--as", "sites", *SAID)
    assert ended.code == 0, ended
    last = ended.out.splitlines()[-1]
    start = "4 rows: 3 used, 0 merged, 1 passed over (other commune 88001), 0 refused; "
    assert last == start + "16 cells: 11 used, 4 passed over (other commune 88001), 1 unknown; no ground"
    kept = demo.path / "raw" / "zones.csv.account.toml"
    assert tomllib.loads(kept.read_text(encoding="utf-8"))["table"][0]["rows"]["passed over: commune 88001"] == 1

    assert not demo.open().changed_accounts
    listed = command("issues", demo.path, "--file", "zones.csv").out.splitlines()
    assert listed[-1] == f"zones.csv → sites: {last}"
    assert any("commune 88001" in line and "z4" in line for line in listed)
    said = json.loads(command("issues", demo.path, "--json").out)
    assert said["accounts"][0]["rows"]["used"] == 3
    assert {row["file"] for row in said["issues"] if row["row"] == "z2"} == {"zones.csv"}

    mapping = demo.path / "raw" / "zones.csv.mapping.toml"
    text = mapping.read_text(encoding="utf-8")
    assert 'site_name = "nom"' in text
    mapping.write_text(text.replace('site_name = "nom"', ""), encoding="utf-8")
    built = command("build", demo.path)
    assert "Not as when it was imported: zones.csv → sites: 4 rows" in built.out, built
    assert f"\n{len(said['issues'])} issues: `gis issues " in built.out
    before = kept.read_text(encoding="utf-8")
    kept.unlink()
    assert not demo.open().changed_accounts
    kept.write_text(before, encoding="utf-8")
    assert command("forget", demo.path, "zones.csv").code == 0
    assert not kept.exists()


def test_a_file_of_which_most_is_not_taken_asks_before_anything_is_written(demo, command, tmp_path, monkeypatch, tree):
    file = zones(tmp_path, ["z1;Nord;62400;3", "z2;Sud;62700;3"])
    before = tree(demo.path)
    asked = ("import", demo.path, file, "--as", "sites", *SAID)
    ended = command(*asked)
    assert ended.code == 1
    assert "2 passed over (other communes 62400, 62700)" in ended.err
    assert "look like postal codes" in ended.err
    assert "--yes" in ended.err
    assert tree(demo.path) == before
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", lambda *_, **__: False)
    assert command(*asked).code == 1
    assert tree(demo.path) == before
    monkeypatch.setattr("click.confirm", lambda *_, **__: True)
    assert command(*asked).code == 0
    assert (demo.path / "raw" / "zones.csv").is_file()


def test_keys_of_firms_elsewhere_are_not_quoted(tmp_path):
    file = tmp_path / "firms.csv"
    file.write_text("siret;nom;commune\n73282932000074;MARTIN Jeanne;88001\n", encoding="utf-8")
    columns = {"establishment_id": "siret", "siret": "siret", "establishment_name": "nom", "insee": "commune"}
    found = read(file, TableReading("establishments", columns), {"99001": "Port-Neuf"})
    assert [row["message"] for row in found.issues] == [
        "1 row of commune 88001, which is not of the territory, is passed over."
    ]
    assert "732829320" not in json.dumps(found.issues)


def test_a_cell_that_names_nothing_is_unknown_and_one_strange_commune_loses_no_column(command, demo, tmp_path):
    """One place that is no commune of ours is an issue of its cell; a zone that nobody knows is not said to be used."""
    rows = ["code;nom;commune;zone", "f1;Un;Port-Neuf;port", "f2;Deux;Ailleurs;port", "f3;Trois;Port-Neuf;nulle part"]
    (tmp_path / "firmes.csv").write_text("\n".join(rows), "utf-8")
    asked = ("--as", "establishments", "--source", "s", "--basis", "stated", "--publisher", "P", "--licence", "L")
    came = command("import", demo.path, tmp_path / "firmes.csv", *asked, "--edition", "2025")
    assert came.code == 0, came.err
    firms = demo.open().establishments.set_index("establishment_id")
    assert list(firms.loc[["f1", "f2", "f3"], "insee"]) == ["99001", "", "99001"]
    assert list(firms.loc[["f1", "f2", "f3"], "site_id"]) == ["port", "port", ""]
    told = command("issues", demo.path, "--file", "firmes.csv").out
    assert "12 cells: 10 used, 2 unknown" in told


def test_ground_of_several_layers_is_not_added_up(command, demo, tmp_path, square):
    zones = {"zone": square(400, 200), "lot": square(200, 200)}
    for layer, name in (("sites", "zone"), ("terrains", "lot")):
        frame = gpd.GeoDataFrame({"code": [name], "nom": [name], "site": ["zone"]}, geometry=[zones[name]], crs=3950)
        frame.to_file(tmp_path / f"{layer}.gpkg")
        said = ("--as", layer, "--source", layer, "--basis", "digitised", "--publisher", "P", "--licence", "L")
        assert command("import", demo.path, tmp_path / f"{layer}.gpkg", *said, "--edition", "2025").code == 0
    told = command("issues", demo.path).out.splitlines()
    assert "ha" in told[-2]
    assert told[-1].startswith("in all: 2 rows: 2 used")
    assert " ha" not in told[-1]
