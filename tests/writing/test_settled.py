"""A GeoPackage that another program has open is read with all that was committed, and nothing is left beside it."""

import os
import shutil
import signal
import sqlite3
import tomllib
from contextlib import closing

import geopandas as gpd
import pytest

from gis.sources.tables.catalogue import sha256_of_file
from gis.sources.tables.settled import settled_file
from tests.writing.conftest import ended, forked

SAID = ("--source", "ville", "--basis", "digitised", "--publisher", "Ville", "--licence", "LO 2.0")


@pytest.fixture
def zones(tmp_path, square):
    """Write a GeoPackage of two zones."""
    file = tmp_path / "inbox" / "zones.gpkg"
    file.parent.mkdir()
    shapes = [square(200, 100), square(100, 100, east=400)]
    frame = gpd.GeoDataFrame({"id_zone": ["a", "b"], "nom": ["Zone A", "Zone B"]}, geometry=shapes, crs=3950)
    frame.to_file(file, layer="zones")
    return file


def rows(file):
    with closing(sqlite3.connect(file)) as base:
        return sorted(base.execute("SELECT id_zone FROM zones").fetchall())


ADD = "INSERT INTO zones (id_zone, nom, geom) SELECT 'c', 'Zone C', geom FROM zones WHERE id_zone = 'b'"


def by_wal(file):
    """Commit a row that stands in the `-wal` alone, and keep the file open."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("PRAGMA wal_autocheckpoint = 0")
    for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        other.execute(f'DROP TRIGGER "{name}"')  # they call functions that only GDAL has
    other.execute("BEGIN")
    other.execute(ADD)
    other.execute("UPDATE gpkg_ogr_contents SET feature_count = 3")  # as those do
    other.execute("COMMIT")
    return other


def beside(file):
    return sorted(each.name for each in file.parent.iterdir())


def test_an_import_brings_what_was_committed_to_a_file_that_is_open(demo, command, zones):
    with closing(by_wal(zones)):
        before, kept = zones.read_bytes(), beside(zones)
        end = command("import", demo.path, zones, "--as", "sites", *SAID)
        assert end.code == 0, end.err
        assert "3 rows of sites" in end.out, end.out
        assert (zones.read_bytes(), beside(zones)) == (before, kept)
    copy = demo.path / "raw" / "zones.gpkg"
    assert rows(copy) == [("a",), ("b",), ("c",)]
    assert beside(copy) == ["zones.gpkg", "zones.gpkg.account.toml", "zones.gpkg.mapping.toml"]
    recorded = tomllib.loads((demo.path / "sources.toml").read_text(encoding="utf-8"))["ville"]
    assert recorded["sha256"] == sha256_of_file(copy)
    assert {"a", "b", "c"} <= {*demo.open().sites["site_id"]}


def test_an_import_brings_what_a_program_left_that_was_killed(demo, command, zones):
    def leave():
        base = by_wal(zones)
        os.kill(os.getpid(), signal.SIGKILL)
        base.close()

    assert ended(forked(leave)) == -signal.SIGKILL
    for name in ("zones.gpkg-shm",):
        zones.with_name(name).unlink()
    kept = beside(zones)
    assert command("import", demo.path, zones, "--as", "sites", *SAID).code == 0
    assert rows(demo.path / "raw" / "zones.gpkg") == [("a",), ("b",), ("c",)]
    assert beside(zones) == kept


def test_what_a_killed_program_had_not_committed_is_not_read(zones):
    def leave():
        base = sqlite3.connect(zones, isolation_level=None)
        base.execute("PRAGMA cache_size = 1")
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        base.execute("BEGIN")
        for n in range(3000):
            base.execute("INSERT INTO zones (id_zone, nom) VALUES (?, ?)", (f"x{n}", "x" * 100))
        os.kill(os.getpid(), signal.SIGKILL)

    assert ended(forked(leave)) == -signal.SIGKILL
    assert zones.with_name("zones.gpkg-journal").stat().st_size
    kept = {each.name: each.read_bytes() for each in zones.parent.iterdir()}
    assert rows(settled_file(zones)) == [("a",), ("b",)]
    assert {each.name: each.read_bytes() for each in zones.parent.iterdir()} == kept


def test_shapes_in_raw_are_read_as_they_stand_while_they_are_drawn(demo, square):
    demo.draw("sites.gpkg", "site_id", {"port": square(100, 100)})
    file = demo.path / "raw" / "sites.gpkg"
    assert round(demo.open().sites.set_index("site_id")["measured_m2"]["port"]) == 10_000
    wider = file.with_name("wider.gpkg")
    gpd.GeoDataFrame({"site_id": ["port"]}, geometry=[square(300, 100)], crs=3950).to_file(wider, layer="sites")
    with closing(sqlite3.connect(wider)) as base:
        ((shape,),) = base.execute("SELECT geom FROM sites").fetchall()
    wider.unlink()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("PRAGMA wal_autocheckpoint = 0")
        for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            other.execute(f'DROP TRIGGER "{name}"')
        other.execute("UPDATE sites SET geom = ?", (shape,))
        kept = beside(file)
        assert round(demo.open().sites.set_index("site_id")["measured_m2"]["port"]) == 30_000
        assert beside(file) == kept


def test_a_file_that_nobody_works_on_is_read_itself(zones, tmp_path):
    assert settled_file(zones) == zones
    other = shutil.copyfile(zones, tmp_path / "other.geojson")
    assert settled_file(other) == other
    zones.write_text("no database", encoding="utf-8")
    assert settled_file(zones) == zones


def test_a_file_kept_by_wal_leaves_nothing_beside_it_when_read(demo, command, zones):
    with closing(sqlite3.connect(zones)) as base:
        base.execute("PRAGMA journal_mode = WAL")
    assert beside(zones) == ["zones.gpkg"]
    assert settled_file(zones) != zones
    assert command("import", demo.path, zones, "--as", "sites", *SAID).code == 0
    assert command("import", demo.path, zones, "--as", "terrains", *SAID).code == 0
    assert beside(zones) == ["zones.gpkg"]


# --- a file that somebody only opened -------------------------------------------------------------------------------


@pytest.fixture
def imported(demo, command, zones):
    assert command("import", demo.path, zones, "--as", "sites", *SAID).code == 0
    return demo.path / "raw" / "zones.gpkg"


def touched(file, *statements):
    """Open a file as QGIS does, and leave other bytes."""
    with closing(sqlite3.connect(file, isolation_level=None)) as base:
        base.execute("PRAGMA journal_mode = WAL")
        for statement in statements:
            base.execute(statement)
        base.execute("PRAGMA journal_mode = DELETE")
        base.execute("VACUUM")


def test_an_imported_file_that_was_only_opened_is_still_the_one_on_record(demo, command, imported, zones):
    before = command("figures", demo.path)
    bytes_before = imported.read_bytes()
    touched(
        imported,
        "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, styleName TEXT)",
        "UPDATE gpkg_contents SET last_change = '2030-01-01T00:00:00Z'",
    )
    assert imported.read_bytes() != bytes_before
    assert command("figures", demo.path) == before
    assert command("import", demo.path, zones, "--as", "terrains", *SAID).code == 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE zones SET nom = 'Zone X' WHERE id_zone = 'a'",
        "ALTER TABLE zones ADD COLUMN more TEXT",
        "UPDATE gpkg_spatial_ref_sys SET definition = 'none' WHERE srs_id = 3950",
        "CREATE TABLE more (a TEXT)",
    ],
)
def test_an_imported_file_that_was_changed_is_refused(demo, command, imported, change):
    with closing(sqlite3.connect(imported, isolation_level=None)) as base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
    assert command("figures", demo.path).code == 0
    touched(imported, change)
    end = command("figures", demo.path)
    assert end.code == 1
    assert "zones.gpkg: its bytes are not those on record" in end.err


def test_an_imported_file_that_is_being_changed_is_refused(demo, command, imported):
    with closing(by_wal(imported)):
        end = command("figures", demo.path)
        assert "zones.gpkg: its bytes are not those on record" in end.err
