"""What the schema of a layer says of its columns: in English and in French."""

import re
from pathlib import Path

import pytest

from gis.public import DECLARED
from gis.schemas import SCHEMAS, Layer, Public, column
from gis.schemas.columns import Series
from gis.schemas.dictionary import dictionary_markdown

DOCUMENT = Path(__file__).parents[1] / "docs" / "data-dictionary.md"


def faults(schema):
    """Say what the schema of a layer leaves unsaid of its columns in French, or says amiss."""
    columns = schema.to_schema().columns
    labels = [each.metadata["label"] for each in columns.values()]
    for name, each in columns.items():
        label, note, meaning = each.metadata["label"], each.metadata["note"], each.description
        if not label:
            yield f"{name} has no label"
        elif labels.count(label) > 1:
            yield f"{name} has the label of another column"
        if label.endswith("."):
            yield f"the label of {name} ends in a dot"
        if re.search(r"['\"]|[ \u00a0][?!:;%]", label + note):
            yield f"{name} is not set as French is"
        if not note and says_more_than_a_label(meaning):
            yield f"{name} has no note"
        if note and (not note[0].isupper() or not note.endswith(".")):
            yield f"the note of {name} is no sentence"
        if note and note.rstrip(".") == label:
            yield f"the note of {name} says what its label says"
        if note and quoted(meaning) != quoted(note):
            yield f"the note of {name} names other attributes than the meaning"


def says_more_than_a_label(meaning):
    """Say whether a meaning has a condition, a quoted attribute, or more words than a name has."""
    bounded = re.sub(r", at (least|most)\.$", "", meaning)
    return bool(re.search(r"[,;:`(]", bounded)) or len(meaning.split()) > 6


def quoted(text):
    return sorted(re.findall(r"`([^`]+)`", text))


@pytest.mark.parametrize("layer", DECLARED)
def test_every_column_that_is_given_to_others_is_said_in_french(layer):
    assert list(faults(DECLARED[layer])) == []


def test_a_schema_that_says_nothing_in_french_is_told():
    class Silent(Layer):
        here: Series[str] = column("Where it is.", public=Public.ALWAYS)
        there: Series[str] = column("Where it is not, or `elsewhere`.", label="Source", public=Public.ALWAYS)
        dotted: Series[str] = column("Here.", label="Ici.", note="L'endroit.", public=Public.ALWAYS)

    assert list(faults(Silent)) == [
        "source_id has the label of another column",
        "here has no label",
        "there has the label of another column",
        "there has no note",
        "the label of dotted ends in a dot",
        "dotted is not set as French is",
    ]


def test_a_label_bears_the_unit():
    assert [column("", label="Largeur", unit=unit).metadata["label"] for unit in ("m", "count", None)] == [
        "Largeur (m)",
        "Largeur",
        "Largeur",
    ]


# --- the data dictionary ---------------------------------------------------------------------------------------------


def test_the_data_dictionary_is_made_of_the_schemas():
    assert DOCUMENT.read_text(encoding="utf-8") == dictionary_markdown(), (
        "Write it anew: python -m gis.schemas.dictionary > docs/data-dictionary.md"
    )


def test_the_data_dictionary_has_a_row_for_every_column_and_as_many_cells_in_each():
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", dictionary_markdown(), flags=re.MULTILINE | re.DOTALL))
    for layer, schema in SCHEMAS.items():
        rows = [line for line in sections[layer].splitlines() if line.startswith("|")]
        cells = [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]
        assert {len(each) for each in cells} == {9}
        assert [each[0].strip(" `") for each in cells[2:]] == list(schema.to_schema().columns)
