"""The inventory as files: two editions, marked, whole or not at all, and no person in what is published."""

import csv
import dataclasses
import datetime as dt
import io
import re
import shutil
import sqlite3
import unicodedata
import zipfile
from contextlib import closing
from functools import partial
from pathlib import Path

import fiona
import openpyxl
import pandas as pd
import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.demo import write_demo
from gis.errors import RenderError
from gis.public import Persons
from gis.store.folder import SUMS, write_folder
from gis.store.inventory import french_csv_text, write_inventory
from gis.store.inventory_tables import TEXTS, french_percent
from gis.store.workbook import CELL_LENGTH, WorkbookSheet, sheet_names, write_workbook
from gis.territory import Territory

AT = "2026-01-01"
MARKS = {"public": "ÉDITION PUBLIQUE", "internal": "ÉDITION INTERNE"}
WORDS = {"public": "publique", "internal": "interne"}


@pytest.fixture(scope="module")
def territory(tmp_path_factory):
    """Write the fictional territory: natural persons own ground of it."""
    home = tmp_path_factory.mktemp("inventory") / "demo"
    write_demo(home, sites=12, terrains=200, seed=1)
    return Territory(home)


@pytest.fixture(scope="module")
def found(territory):
    return territory.inventory(AT)


@pytest.fixture(scope="module")
def write(territory, found):
    return partial(write_inventory, found, territory)


@pytest.fixture(scope="module")
def written(write, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "inventaire"
    files = write(folder)
    assert sorted(file for file in folder.rglob("*") if file.is_file()) == sorted(files)
    return folder


@pytest.fixture
def copied(written, tmp_path):
    return shutil.copytree(written, tmp_path / "out")


def everything(file):
    """Return all the text that is in a file, as bytes, unpacked where it is packed."""
    raw = file.read_bytes()
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as archive:
            return b"\n".join(
                [raw, *map(str.encode, archive.namelist()), *(archive.read(n) for n in archive.namelist())]
            )
    return raw


def rows_of(file):
    return [*csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig")), delimiter=";")]


def table(written, edition, name):
    return rows_of(written / edition / f"inventaire-2026-{WORDS[edition]}-{name}.csv")


# --- editions --------------------------------------------------------------------------------------------------------


def test_every_file_is_of_one_edition_and_says_so_in_its_name_and_in_itself(written):
    for edition, mark in MARKS.items():
        files = [*(written / edition).iterdir()]
        assert {file.suffix for file in files} == {".csv", ".gpkg", ".xlsx"}
        for file in files:
            assert WORDS[edition] in file.name
            if file.suffix == ".xlsx":
                book = openpyxl.load_workbook(file)
                assert all(sheet["A1"].value.startswith(mark) for sheet in book)
                assert all(mark in sheet.oddHeader.left.text for sheet in book)
                assert mark in book.properties.title
            elif file.suffix == ".csv":
                assert {row["edition"] for row in rows_of(file)} == {WORDS[edition]}
            else:
                for layer in fiona.listlayers(file):
                    with fiona.open(file, layer=layer) as rows:
                        assert {row.properties["edition"] for row in rows} == {WORDS[edition]}


def test_no_byte_of_the_public_edition_leads_to_an_owner_who_is_a_person(territory, written, found):
    owners = territory.owners
    persons = owners[owners["owner_kind"] == "natural"]
    held = {*found.units["owner_id"]}
    assert set(persons["owner_id"]) & held
    seen = {"internal": 0}
    for file in [written / SUMS, *(written / "public").iterdir(), *(written / "internal").iterdir()]:
        content = everything(file)
        for owner, name in zip(persons["owner_id"], persons["owner_name"], strict=True):
            there = any(
                text.encode(code) in content
                for text in (name, name.upper())
                for code in ("utf-8", "utf-16-le", "latin-1")
                if _can(text, code)
            )
            if file.parent.name == "internal":
                seen["internal"] += there
            else:
                assert not there, (file, name)
                assert not re.search(rb"(?<![0-9A-Za-z])" + owner.encode() + rb"(?![0-9A-Za-z])", content), (
                    file,
                    owner,
                )
    assert seen["internal"]


def _can(text, code):
    try:
        text.encode(code)
    except UnicodeEncodeError:
        return False
    return True


def test_the_public_edition_says_nothing_of_an_occupant_that_may_be_a_person(territory, written):
    rows = table(written, "public", "occupants")
    others = [row for row in rows if row["establishment_kind"] != "personne morale"]
    assert {row["establishment_kind"] for row in others} == {"personne physique"}
    told = {"edition", "site_id", "land_unit_id", "establishment_kind", "in_period", "left_before"}
    assert all(not value for row in others for key, value in row.items() if key not in told)
    firms = territory.establishments
    content = b"".join(everything(file) for file in (written / "public").iterdir())
    for name in firms.loc[firms["establishment_kind"] == "natural", "establishment_name"]:
        assert name.encode() not in content
    assert next(iter(rows[0])) == "edition"
    assert "owner_id" not in table(written, "public", "unites-foncieres")[0]


def test_a_body_that_bears_the_name_of_a_person_who_owns_ground_is_not_named(territory, tmp_path, found):
    owners = territory.owners
    name = owners.loc[owners["owner_kind"] == "natural", "owner_name"].iloc[0]
    first, last, *_ = name.split()
    presences = found.presences.copy()
    presences.loc[presences.index[:3], "establishment_kind"] = "legal"
    presences.loc[presences.index[0], "occupant"] = name
    presences.loc[presences.index[1], "occupant"] = f"EURL {last.upper()} {first} (fictive) de la personne"
    presences.loc[presences.index[2], "occupant"] = "=cmd|' /C calc'!A0"
    write_inventory(dataclasses.replace(found, presences=presences), territory, tmp_path / "out")
    content = b"".join(everything(file) for file in (tmp_path / "out" / "public").iterdir())
    assert name.encode() not in content
    units = {row["occupant"] for row in table(tmp_path / "out", "public", "occupants")}
    assert "'=cmd|' /C calc'!A0" in units
    for file in (tmp_path / "out").rglob("*.xlsx"):
        assert b"<f>" not in everything(file)
        for sheet in openpyxl.load_workbook(file):
            assert all(cell.data_type != "f" for row in sheet for cell in row)
    (unit,) = {*presences.loc[presences.index[2:3], "land_unit_id"]}
    with fiona.open(tmp_path / "out" / "internal" / "inventaire-2026-interne.gpkg", layer="occupants") as rows:
        assert "=cmd|' /C calc'!A0" in {
            row.properties["occupant"] for row in rows if row.properties["land_unit_id"] == unit
        }


@given(
    st.lists(st.text(alphabet="aéÉbc ", min_size=1), min_size=1, max_size=3), st.text(alphabet="aebc -", max_size=12)
)
def test_a_text_with_all_the_words_of_a_name_is_hidden_whatever_their_order(words, text):
    hide = Persons(pd.DataFrame({"owner_kind": ["natural"], "owner_name": [" ".join(words)]})).hide
    plain = unicodedata.normalize("NFKD", " ".join(words)).encode("ascii", "ignore").decode().lower().split()
    for shown in (" ".join(words), " ".join(reversed(plain)).upper(), f"{' '.join(plain)} {text}"):
        assert hide(shown) == ("non diffusé" if plain else shown)
    assert (hide(text) == text) != (bool(plain) and {*plain} <= {*re.findall(r"\w+", text)})


# --- what is in them -------------------------------------------------------------------------------------------------


def test_the_rate_stands_beside_its_formula_and_article(written):
    for edition in MARKS:
        for row in table(written, edition, "zones"):
            assert row["rate_text"]
            assert "vacantes ÷ unités" in row["formula"]
            assert "L318-8-2" in row["article"]
            assert (row["period_begin"], row["period_end"], row["next_due"]) == ("2024-01-01", AT, "2032-01-01")
        sheet = openpyxl.load_workbook(written / edition / f"inventaire-2026-{WORDS[edition]}.xlsx")["Synthèse"]
        texts = [str(cell.value) for row in sheet for cell in row if cell.value is not None]
        assert any("L318-8-2" in text and "÷" in text and "Taux" in text for text in texts)
        assert any("à l’envers" in text for text in texts)
        assert any("01/01/2032" in text for text in texts)
        assert any("fictif" in text for text in texts)


def test_the_former_works_are_one_land_unit_and_0_percent_beside_what_stands_empty(written):
    works = table(written, "public", "zones")[0]
    assert (works["rate_text"], works["units_low"], works["units_high"]) == ("0\u202f%", "1", "1")
    assert "%" in works["surface_vacancy_text"]
    assert works["surface_vacancy_text"] != "0\u202f%"
    assert "part tenue" in works["note"]
    (unit,) = [row for row in table(written, "public", "unites-foncieres") if row["site_id"] == works["site_id"]]
    assert (unit["status"], unit["reason"]) == ("non vacante", "active")
    assert len(unit["occupants"].split("|")) > 3


def test_the_workbook_the_csv_and_the_geopackage_say_the_same(written, found):
    for edition, word in WORDS.items():
        book = openpyxl.load_workbook(written / edition / f"inventaire-2026-{word}.xlsx")
        with fiona.open(written / edition / f"inventaire-2026-{word}.gpkg", layer="land_units") as layer:
            assert layer.crs.to_epsg() == 2154
            shapes = {row.properties["land_unit_id"]: row for row in layer}
        csv_rows = table(written, edition, "unites-foncieres")
        sheet = [*book["Unités foncières"].iter_rows(values_only=True)]
        start = next(n for n, row in enumerate(sheet) if "land_unit_id" in row)
        codes = sheet[start]
        assert "unité foncière" in sheet[start - 1]
        assert len(sheet) - start - 1 == len(csv_rows) == len(shapes) == len(found.units)
        for values, row in zip(sheet[start + 1 :], csv_rows, strict=True):
            cells = dict(zip(codes, values, strict=True))
            for code in ("status", "reason", "parcel_ids", "owner_name"):
                assert (cells[code] or "") == row[code]
            assert cells["measured_m2"] == pytest.approx(float(row["measured_m2"].replace(",", ".")))
            shape = shapes[row["land_unit_id"]]
            assert shape.properties["status"] == row["status"]
            assert shape.geometry is not None


def test_every_column_is_in_the_dictionary(written):
    for edition in MARKS:
        described = {(row["table"], row["code"]) for row in table(written, edition, "dictionnaire")}
        for name, sheet in (("zones", "Zones"), ("unites-foncieres", "Unités foncières"), ("occupants", "Occupants")):
            assert {(sheet, code) for code in table(written, edition, name)[0]} - {(sheet, "edition")} <= described


def test_the_consultation_has_a_sheet_for_each_owner_of_ground_in_a_zone(written, territory, found):
    zones = set(found.rates.loc[found.rates["zone"] == "oui", "site_id"])
    units = found.units[found.units["site_id"].isin(zones) & (found.units["owner_id"] != "")]
    names = dict(zip(territory.owners["owner_id"], territory.owners["owner_name"], strict=True))
    book = openpyxl.load_workbook(written / "internal" / "inventaire-2026-interne-consultation-01.xlsx")
    assert {sheet["A2"].value for sheet in book.worksheets[1:]} == {names[owner] for owner in units["owner_id"]}
    assert len(book.worksheets) == 1 + units["owner_id"].nunique()
    assert not [*(written / "public").glob("*consultation*")]
    ids = [
        value
        for sheet in book.worksheets[1:]
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if isinstance(value, str) and re.fullmatch(r"s\d{3}/\w{14}(-\d+)?", value)
    ]
    assert sorted(ids) == sorted(units["land_unit_id"])


def test_a_territory_without_shapes_says_so_and_beside_it_what_is_held(tmp_path):
    shipped = Territory(Path(__file__).parents[2] / "layers" / "bethune-bruay")
    write_inventory(shipped.inventory(AT), shipped, tmp_path / "out")
    rows = {row["site_id"]: row for row in table(tmp_path / "out", "public", "zones")}
    assert {row["rate_text"] for row in rows.values()} == {"sans donnée (forme non publiée)"}
    assert TEXTS["one_unit"] in rows["bridgestone"]["note"]
    assert "15,9" in rows["bridgestone"]["note"]
    assert "32 ha" in rows["bridgestone"]["note"]
    assert TEXTS["one_unit"] not in rows["zi_ruitz"]["note"]
    assert len(table(tmp_path / "out", "public", "ratios-de-surface")) == 4
    assert not [*(tmp_path / "out").rglob("*unites-foncieres*")]


# --- whole or not at all ---------------------------------------------------------------------------------------------


def test_the_same_inventory_gives_the_same_bytes(territory, written, tmp_path, tree):
    again = Territory(territory.folder)
    write_inventory(again.inventory(dt.date(2026, 1, 1)), again, tmp_path / "again")
    assert tree(tmp_path / "again") == tree(written)


def test_what_was_written_before_is_replaced_and_what_is_gone_is_gone(territory, write, written, tmp_path, tree):
    folder = tmp_path / "out"
    write_inventory(territory.inventory("2028-01-01"), territory, folder)
    assert (folder / "public" / "inventaire-2028-publique.xlsx").is_file()
    write(folder)
    assert tree(folder) == tree(written)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


SPOILT = {
    "a file of somebody else": (
        lambda folder: (folder / "notes.txt").write_text("mine", encoding="utf-8"),
        "was not written",
    ),
    "a file that was changed": (
        lambda folder: next((folder / "public").glob("*zones.csv")).write_text("mine", encoding="utf-8"),
        "was changed since",
    ),
    "no list of what is in it": (lambda folder: (folder / SUMS).unlink(), "was not written"),
}


@pytest.mark.parametrize(("spoil", "message"), SPOILT.values(), ids=SPOILT)
def test_a_folder_is_refused_and_kept_when_it_holds(write, copied, tree, spoil, message):
    spoil(copied)
    before = tree(copied)
    with pytest.raises(RenderError, match=message):
        write(copied)
    assert tree(copied) == before
    assert [path.name for path in copied.parent.iterdir()] == ["out"]


def test_a_file_in_the_way_is_refused_and_kept(tmp_path):
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(RenderError, match="is a file"):
        write_folder(tmp_path / "out", lambda _: None)
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


def test_a_write_that_fails_leaves_the_old_files(write, written, copied, tree, monkeypatch):

    def full(*_, **__):
        raise RenderError("disk: cannot be written (No space left on device).")

    monkeypatch.setattr("gis.store.inventory.write_geopackage", full)
    with pytest.raises(RenderError, match="No space left"):
        write(copied)
    assert tree(copied) == tree(written)
    assert [path.name for path in copied.parent.iterdir()] == ["out"]


def test_a_disk_that_refuses_a_workbook_is_one_clear_error_and_leaves_the_old_files(
    write, written, copied, tree, monkeypatch
):

    def full(_, file, **__):
        raise OSError(28, "No space left on device", str(file))

    monkeypatch.setattr("gis.store.inventory.write_workbook", full)
    with pytest.raises(RenderError, match="No space left"):
        write(copied)
    assert tree(copied) == tree(written)


def test_a_folder_that_cannot_be_put_in_place_is_left_as_it_was(tmp_path, monkeypatch, tree):
    folder = tmp_path / "out"
    write_folder(folder, lambda new: (new / "a").write_text("1", encoding="utf-8") and None)
    before = tree(folder)
    replace = Path.replace

    def refuse(self, target):
        if Path(target).name == "b":
            raise OSError(13, "Permission denied", str(self))
        return replace(self, target)

    def write(new):
        (new / "a").write_text("2", encoding="utf-8")
        (new / "b").write_text("2", encoding="utf-8")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(RenderError, match="Permission denied"):
        write_folder(folder, write)
    assert tree(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


# --- sheets and cells ------------------------------------------------------------------------------------------------


@given(st.lists(st.text(max_size=40), max_size=12))
def test_names_of_sheets_are_such_that_excel_takes_them_all(wished):
    names = sheet_names(wished)
    assert len({name.casefold() for name in names}) == len(wished)
    for name in names:
        assert 1 <= len(name) <= 31
        assert not re.search(r"[\[\]:*?/\\]", name)
        assert name.strip("'") == name
        assert name.casefold() != "history"


def test_a_workbook_keeps_every_text_a_text_and_cuts_what_no_cell_can_hold(tmp_path):
    texts = ["=1+1", "+1", "-1", "@a", "{=1}", "http://x.example", "01", "\t=1", "x" * (CELL_LENGTH + 1)]
    rows = [[text, 1.5, 2, dt.date(2026, 1, 1), dt.date(1850, 1, 1)] for text in texts]
    sheet = WorkbookSheet("a", "M", "t", ["l"], [("titre", "code")] * 5, rows)
    write_workbook([sheet], tmp_path / "x.xlsx", title="t", edition=dt.date(2026, 1, 1))
    read = [*openpyxl.load_workbook(tmp_path / "x.xlsx")["a"].iter_rows(values_only=True)][6:]
    assert [row[0] for row in read[:-1]] == texts[:-1]
    assert read[-1][0].endswith("… (suite dans le fichier CSV)")
    assert len(read[-1][0]) == CELL_LENGTH
    assert read[0][1:] == (1.5, 2, dt.datetime(2026, 1, 1), "1850-01-01")  # noqa: DTZ001  (no day of a workbook)
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2026-01-01T00:00:00Z" in archive.read("docProps/core.xml")


@given(st.lists(st.lists(st.one_of(st.text(), st.integers(), st.none()), min_size=1, max_size=4), max_size=5))
def test_a_csv_reads_back_and_no_cell_of_it_is_a_formula(rows):
    for row in csv.reader(io.StringIO(french_csv_text([["h"], *rows]), newline=""), delimiter=";"):
        assert all(not re.match(r"[=+@\t\r]|-(?!\d)", cell) for cell in row)


def test_numbers_are_written_as_french_excel_reads_them(written):
    raw = (written / "public" / "inventaire-2026-publique-zones.csv").read_bytes()
    assert raw.startswith("\ufeffedition;".encode())
    assert b"\r\n" in raw
    assert re.search(rb";\d+,\d+;", raw)
    assert french_percent(1 / 3) == "33,3\u202f%"


def test_the_geopackage_carries_the_day_of_the_inventory_and_no_clock(written):
    with closing(sqlite3.connect(written / "public" / "inventaire-2026-publique.gpkg")) as file:
        changed = {day[:10] for (day,) in file.execute("SELECT last_change FROM gpkg_contents")}
    assert changed == {AT}
    assert {name for name, _ in pyogrio.list_layers(written / "public" / "inventaire-2026-publique.gpkg")} == {
        "sites",
        "land_units",
        "occupants",
        "surfaces",
        "dictionary",
    }
