"""The package as a user gets it: a wheel, in an environment of its own, far from this folder."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gis.maps.packing import inflate

ROOT = Path(__file__).parents[1]
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
TERRITORY = "bethune-bruay"


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, **options)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, ROOT)
    (found,) = folder.glob("emprise-*.whl")
    return found


@pytest.fixture(scope="module")
def gis(wheel, tmp_path_factory):
    """Install the wheel and the locked versions of what it depends on; return its command."""
    folder = tmp_path_factory.mktemp("elsewhere")
    constraints = folder / "constraints.txt"
    locked = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^\S+==\S+(?: ; [^\\\n]+)?", locked, re.MULTILINE)
    constraints.write_text("\n".join(pins), encoding="utf-8")
    python = folder / "venv" / SCRIPTS / "python"
    if uv := shutil.which("uv"):
        run(uv, "venv", "--python", sys.executable, folder / "venv")
        run(uv, "pip", "install", "--python", python, "--constraint", constraints, wheel)
    else:
        run(sys.executable, "-m", "venv", folder / "venv")
        run(python, "-m", "pip", "install", "--constraint", constraints, wheel)
    return python.with_name("gis")


@pytest.fixture
def bare():
    """Leave of the environment what a system needs to start a program, and nothing of ours."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}


@pytest.fixture
def territory(tmp_path):
    """Copy the shipped territory, without the outlines that were fetched for it here."""
    folder = tmp_path / "work" / "layers" / TERRITORY
    shutil.copytree(ROOT / "layers" / TERRITORY, folder, ignore=shutil.ignore_patterns(".cache"))
    return folder


def test_the_wheel_holds_the_assets_and_nothing_they_were_made_from(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assets = {name for name in names if name.startswith("gis/maps/assets/")}
    made = ("emprise.css", "emprise.js", "licenses.txt", "loader.js")
    assert assets == {f"gis/maps/assets/dist/{name}" for name in made}


def test_the_wheel_holds_the_package_and_its_licences_alone(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    info = f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"
    assert {name.split("/")[0] for name in names} == {"gis", info}
    assert {f"{info}/licenses/LICENSE", f"{info}/licenses/THIRD-PARTY.md", "gis/py.typed"} < {*names}
    assert not [name for name in names if "node_modules" in name or "__pycache__" in name]


def test_the_wheel_holds_every_file_of_the_package(wheel):
    names = {*zipfile.ZipFile(wheel).namelist()}
    package = ROOT / "gis"
    sources = {
        path.relative_to(ROOT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in sources if not name.startswith("gis/maps/assets/")} <= names


def test_the_installed_command_says_what_it_can_do(gis, bare, tmp_path):
    said = run(gis, "--help", cwd=tmp_path, env=bare)
    assert "build" in said
    assert "outlines" in said


def test_the_installed_command_builds_a_territory_from_another_folder(gis, bare, territory, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run(gis, "build", territory, cwd=elsewhere, env=bare)
    assert territory.with_suffix(".gpkg").stat().st_size > 0
    assert territory.with_suffix(".figures.json").stat().st_size > 0
    page = tmp_path / "work" / "maps" / TERRITORY / "index.html"
    script = (ROOT / "gis/maps/assets/dist/emprise.js").read_text(encoding="utf-8")
    (packed,) = re.findall(r'id="page-script">(.*?)</script>', page.read_text(encoding="utf-8"))
    assert inflate(packed).startswith(script)
    assert not [*elsewhere.iterdir()]


def test_the_pages_go_where_they_are_asked_to(gis, bare, territory, tmp_path):
    run(gis, "build", territory, "--maps-dir", tmp_path / "pages", cwd=tmp_path, env=bare)
    assert [*(tmp_path / "pages").rglob("index.html")]
    assert not (tmp_path / "work" / "maps").exists()
