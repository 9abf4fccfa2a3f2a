"""The bundle: one zip to mail, the same each time, that can be checked."""

import datetime as dt
import hashlib
import re
import zipfile

import pytest

from gis.errors import RenderError
from gis.store.bundle import write_bundle


@pytest.fixture
def bundled(demo, command):
    """Bundle a territory and return the zip."""
    ended = command("bundle", demo.path)
    assert (ended.code, ended.err) == (0, "")
    return demo.path.with_suffix(".zip")


def contents(file):
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {info.filename: (archive.read(info), info.date_time) for info in archive.infolist()}


def test_the_bundle_has_all_that_was_built_licences_and_hashes(bundled):
    built = {
        **{f"maps/{page.name}": page for page in (bundled.parents[1] / "maps" / bundled.stem).iterdir()},
        **{f"{bundled.stem}{end}": bundled.with_suffix(end) for end in (".gpkg", ".figures.json")},
    }
    found = contents(bundled)
    assert {"maps/index.html", "maps/port.html"} < built.keys()
    assert found.keys() == {*built, "LICENCES.txt", "SHA256SUMS"}
    assert {name: found[name][0] for name in built} == {name: file.read_bytes() for name, file in built.items()}


def test_the_hashes_of_the_bundle_check_out(bundled):
    found = contents(bundled)
    sums = dict(reversed(line.split("  ")) for line in found["SHA256SUMS"][0].decode().splitlines())
    assert sums.keys() == found.keys() - {"SHA256SUMS"}
    assert sums == {name: hashlib.sha256(found[name][0]).hexdigest() for name in sums}


def test_the_licences_name_every_source_and_what_the_pages_carry(bundled, demo):
    text = contents(bundled)["LICENCES.txt"][0].decode()
    for source in demo.open().sources.values():
        assert f"- {source.credit}: {source.licence}\n" in text
    assert "Permission is hereby granted" in text
    assert re.search(r"^leaflet \d", text, re.MULTILINE)


def test_two_bundles_are_the_same_bytes_and_carry_the_date_of_the_edition(bundled, demo, command, tmp_path):
    ended = command("bundle", demo.path, "--output", tmp_path / "again.zip")
    assert ended.out.strip().endswith("again.zip")
    assert (tmp_path / "again.zip").read_bytes() == bundled.read_bytes()
    assert {stamp for _, stamp in contents(bundled).values()} == {(2025, 9, 30, 0, 0, 0)}


def test_a_bundle_that_cannot_be_written_is_refused_in_one_line(demo, command, tmp_path):
    (tmp_path / "taken.zip").mkdir()
    ended = command("bundle", demo.path, "--output", tmp_path / "taken.zip")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"gis: {tmp_path / 'taken.zip'}: cannot be written (")
    assert [*tmp_path.glob(".*.new")] == []


def test_a_day_that_a_zip_cannot_hold_is_refused(tmp_path):
    with pytest.raises(RenderError, match=r"a zip holds no day after 2107, and it would be of 2108-01-01\. Correct"):
        write_bundle({}, {}, tmp_path / "late.zip", edition=dt.date(2108, 1, 1))
    assert not list(tmp_path.iterdir())
