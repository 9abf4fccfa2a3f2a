"""Measures are pure: frames in, frames out, no file, no network, no clock."""

import ast
from pathlib import Path

import pytest

import gis.measures

MODULES = sorted(Path(gis.measures.__file__).parent.glob("*.py"))
NAMES = {"open", "Path", "print", "input", "exec", "eval", "__import__"}
PACKAGES = {
    *("aiohttp", "fiona", "ftplib", "glob", "http", "httpx", "importlib", "io", "os", "pathlib", "pyogrio", "random"),
    *("requests", "secrets", "shutil", "socket", "sqlite3", "subprocess", "sys", "tempfile", "time", "urllib", "uuid"),
}
CLOCKS = {"now", "today", "utcnow", "time", "perf_counter", "monotonic"}
WRITERS = ("to_file", "to_csv", "to_json", "to_parquet", "to_feather", "to_excel", "to_sql", "to_pickle", "to_postgis")
FILES = ("write", "unlink", "mkdir", "save", "savez", "tofile", "loadtxt", "fromfile", "genfromtxt", "memmap")


def impurities(source):
    """Return what a module does that a pure one does not, as written there."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found += [alias.name for alias in names if alias.name.partition(".")[0] in PACKAGES]
            case ast.ImportFrom(module=module) if str(module).partition(".")[0] in PACKAGES:
                found.append(module)
            case ast.Name(id=name) if name in NAMES:
                found.append(name)
            case ast.Attribute(attr=name) if name in {*CLOCKS, *WRITERS, *FILES} or name.startswith(
                ("read_", "write_")
            ):
                found.append(name)
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_a_measure_is_pure(module):
    assert impurities(module.read_text(encoding="utf-8")) == []


IMPURE = {
    "a file opened": "open('x')",
    "a path": "from pathlib import Path",
    "a writer": "frame.to_csv('x')",
    "a writer of shapes": "layer.to_file('x')",
    "a writer that is only named": "save = layer.to_parquet",
    "a reader": "pd.read_csv('x')",
    "a reader of shapes": "gpd.read_file('x')",
    "the hour": "import datetime as dt; dt.datetime.now()",
    "the day": "date.today()",
    "a stopwatch": "import time",
    "the network": "import urllib.request",
    "the network, from": "from requests import get",
    "another program": "import subprocess",
    "the environment": "import os",
    "chance": "from random import random",
    "a module by its name": "__import__('os')",
}


@pytest.mark.parametrize("source", IMPURE.values(), ids=IMPURE)
def test_the_check_finds(source):
    assert impurities(source)


def test_there_are_measures_to_look_at():
    assert {"claims", "occupancy", "tiles"} <= {module.stem for module in MODULES}
