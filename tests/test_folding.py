"""One way to compare spellings, in both languages; classes are found by their name."""

import ast
import json
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gis
from gis.folding import folded_text, letters_and_digits

PACKAGE = Path(gis.__file__).parent
CASES = json.loads((Path(__file__).parent / "data" / "folding_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["text"] for case in CASES])
def test_a_text_is_folded_as_recorded(case):
    assert (folded_text(case["text"]), letters_and_digits(case["text"])) == (case["folded"], case["letters"])


@given(st.text())
def test_folding_again_changes_nothing(text):
    assert folded_text(folded_text(text)) == folded_text(text)
    assert letters_and_digits(text) == letters_and_digits(folded_text(text))


def test_nothing_else_folds_letters():
    others = [
        path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        if "NFKD" in (text := path.read_text(encoding="utf-8")) or "combining(" in text
    ]
    assert others == ["folding.py"]


def test_every_class_has_a_name_of_its_own():
    """A reader greps for a class, and finds the one."""
    places = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(path.relative_to(PACKAGE).as_posix())
    assert {name: files for name, files in places.items() if len(files) > 1} == {}
