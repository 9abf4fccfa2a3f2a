"""CSV that we write: no spreadsheet runs a cell of it, and it is read back as it was."""

import csv
import io
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.sources.tables import delimited
from gis.spreadsheets import Plain, csv_text, neutral_cell, text_of_neutral_cell

CELLS = json.loads((Path(__file__).parent / "data" / "csv_cells.json").read_text(encoding="utf-8"))

signs = st.text(st.sampled_from("=+-@＝＋－＠' \t\r\n\u200b\ufeff\u00a0a1.,;|\"é"), max_size=8)
texts = st.one_of(signs, st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=12))


@pytest.mark.parametrize(("text", "cell"), CELLS)
def test_a_cell_that_could_run_gets_an_apostrophe(text, cell):
    assert neutral_cell(text) == cell


@given(texts)
def test_any_cell_is_read_back_and_none_runs(text):
    cell = neutral_cell(text)
    assert text_of_neutral_cell(cell) == text
    start = cell.lstrip(" \n\u00a0\u200b\ufeff")
    assert not start.startswith(tuple("=+@＝＋－＠\t\r"))
    if start.startswith("-"):
        assert start == cell
        assert math.isfinite(float(start.replace(",", ".")))


@given(
    st.lists(texts, min_size=2, max_size=4).flatmap(
        lambda head: st.lists(st.lists(texts, min_size=len(head), max_size=len(head)), min_size=1, max_size=4)
    ),
    st.sampled_from([",", ";"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_we_write_is_read_as_it_was(rows, delimiter, line_end):
    text = csv_text(rows, delimiter=delimiter, line_end=line_end)
    found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert [[text_of_neutral_cell(cell) for cell in row] for row in found] == rows
    head = [f"c{n}" for n in range(len(rows[0]))]
    table = delimited.table_of_text(csv_text([head, *rows], delimiter=delimiter, line_end=line_end), "any")
    kept = [row for row in rows if any(neutral_cell(cell).strip() for cell in row)]
    assert [[text_of_neutral_cell(cell) for cell in line.cells] for line in table.lines] == kept


def test_numbers_stay_numbers_and_an_infinite_one_is_refused():
    assert csv_text([[1, -2.5, None, math.nan, Plain("-0,5"), True]]) == "1,-2.5,,,-0,5,True\n"
    with pytest.raises(ValueError, match="infinite"):
        csv_text([[math.inf]])
