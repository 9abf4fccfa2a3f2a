"""A disk that is full, or refuses: one error that names the file, and what was there is as it was."""

import datetime as dt
import os
import resource
import shutil
import signal
import tempfile
from pathlib import Path

import geopandas as gpd
import pytest

import gis
from gis.build import build
from gis.errors import GisError
from gis.placing import writing_under_lock
from gis.store.folder import write_folder
from gis.store.geopackage import write_geopackage
from gis.store.workbook import WorkbookSheet, write_workbook
from tests.writing.conftest import ended, forked


def refusal(act):
    """Run an action in a process of its own, and return the one error that it ends in."""
    read, write = os.pipe()

    def told():
        try:
            act()
        except GisError as error:
            os.write(write, str(error).encode())

    child = forked(told)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as stream:
        text = stream.read()
    assert ended(child) == 0
    return text


def limited(size, act):
    """Let no file grow beyond a size, as a disk that is full in the middle."""

    def run():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        act()

    return run


@pytest.mark.parametrize("name", ["layers/demo", "layers/demo.gpkg", "maps/demo/index.html"])
def test_a_disk_that_is_full_in_the_middle_of_a_build(good, tree, monkeypatch, name):
    place = good.path.parents[1] / name
    if name.endswith("html"):
        monkeypatch.setattr("gis.build.write_geopackage", lambda _, file, **__: file.write_text("short"))
        monkeypatch.setattr("gis.build.write_ledger", lambda *given: given[-1].write_text("short"))
    size = 10 if place.is_dir() else place.stat().st_size * 2 // 3
    before = tree(good.path.parents[1])
    good.change("tenancies.csv", "20000,20000", "30000,30000")
    text = refusal(limited(size, lambda: build(good.path)))
    assert text.startswith(f"{place}: cannot be written (")
    assert "Free some space" in text or "look at the free space" in text
    good.change("tenancies.csv", "30000,30000", "20000,20000")
    assert tree(good.path.parents[1]) == before


def test_a_disk_that_is_full_in_the_middle_of_a_workbook(tmp_path, tree):
    folder = tmp_path / "out"
    write_folder(folder, lambda new: (new / "a").write_text("1", encoding="utf-8") and None)
    before = tree(tmp_path)
    rows = [[os.urandom(40).hex()] for _ in range(2000)]

    def act():
        sheet = WorkbookSheet("a", "M", "t", ["l"], [("titre", "code")], rows)
        write_folder(
            folder, lambda new: write_workbook([sheet], new / "a.xlsx", title="t", edition=dt.date(2026, 1, 1))
        )

    text = refusal(limited(20_000, act))
    assert f"{folder}" in text
    assert "cannot be written (File too large). Free some space." in text
    assert tree(tmp_path) == before


def test_a_disk_that_is_full_when_the_journal_is_written(tmp_path, tree, monkeypatch):
    """Nothing is in place before the journal is whole."""
    (tmp_path / "a").write_text("old", encoding="utf-8")
    before = tree(tmp_path)
    sync = os.fsync
    left = [3]

    def full(handle):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        sync(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GisError, match=r"cannot be written \(No space left on device\)\. Free some space"):
        write_one(tmp_path / "a")
    assert tree(tmp_path) == before


def write_one(place):
    with writing_under_lock(place) as run:
        new = run.aside(place.parent) / place.name
        new.write_text("new", encoding="utf-8")
        run.put({place: new})


def test_a_geopackage_that_is_not_whole_is_refused_whatever_gdal_says(tmp_path, square):
    shapes = [square(10, 10, east=20 * n) for n in range(2000)]
    frame = gpd.GeoDataFrame({"site_id": [f"s{n}" for n in range(2000)]}, geometry=shapes, crs=3950)

    def write(name):
        write_geopackage({"sites": frame}, tmp_path / name, edition=dt.date(2026, 1, 1))

    write("whole.gpkg")
    size = (tmp_path / "whole.gpkg").stat().st_size
    for n, part in enumerate((0.2, 0.5, 0.8, 0.9, 0.99)):
        text = refusal(limited(int(size * part), lambda n=n: write(f"{n}.gpkg")))
        assert f"{n}.gpkg: cannot be written (" in text, f"with {part} of the room"


# --- rights ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def plain(demo):
    """Put the hand-made territory where somebody without rights can reach it."""
    home = Path(tempfile.mkdtemp())
    shutil.copytree(demo.path.parents[1], home, dirs_exist_ok=True)
    for each in (home, *home.rglob("*")):
        each.chmod(0o777 if each.is_dir() else 0o666)
    yield home / "layers" / "demo"
    shutil.rmtree(home)


def without_rights(act):
    def run():
        if os.geteuid() == 0:
            os.seteuid(65534)
        act()

    return run


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        *(
            (name, 0)
            for name in (
                "territory.toml",
                "sources.toml",
                "communes.csv",
                "sites.csv",
                "premises.csv",
                "tenancies.csv",
                "claims.csv",
                "raw",
            )
        ),
        ("raw", 0o111),
    ],
)
def test_a_file_or_folder_that_cannot_be_read_is_named(plain, name, mode):
    if name == "raw":
        (plain / name).mkdir()
    (plain / name).chmod(mode)
    text = refusal(without_rights(lambda: build(plain)))
    assert f"{plain / name}" in text
    assert "Permission denied" in text
    (plain / name).chmod(0o777)
    assert [each.name for each in plain.parent.iterdir()] == ["demo"]


def test_a_folder_that_cannot_be_written_is_named(plain):
    plain.parent.chmod(0o555)
    plain.chmod(0o555)
    text = refusal(without_rights(lambda: build(plain)))
    assert text.startswith(f"{plain.parent}: cannot be written (Permission denied).")
    assert refusal(without_rights(lambda: gis.open(plain).figures)) == ""


def test_pages_that_cannot_be_replaced_are_named_and_all_stays_old(plain, tree):
    build(plain)
    pages = plain.parents[1] / "maps" / "demo"
    before = tree(plain.parents[1])
    pages.chmod(0o555)
    text = refusal(without_rights(lambda: build(plain)))
    assert f"{pages}" in text
    assert "cannot be written (Permission denied)" in text
    assert tree(plain.parents[1]) == before
