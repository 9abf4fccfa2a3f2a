"""Delimited text: any table comes through, and what is wrong with one is told with its row."""

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import GisError, SchemaError
from gis.sources.tables.delimited import (
    encoding_of_bytes,
    header_of_delimited,
    headerless_rows,
    open_table,
    table_of_text,
    text_of_bytes,
)
from gis.sources.tables.fact_tables import parse_number

LINE_ENDS = ("\n", "\r\n", "\r")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")

letters = st.characters(exclude_characters="\0\ufeff\ufdd0", codec="cp1252")
names = st.text(st.characters(codec="cp1252", categories=("L",)), min_size=1, max_size=6)


@st.composite
def tables(draw):
    header = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    cell = st.text(letters, max_size=8)
    rows = draw(st.lists(st.lists(cell, min_size=len(header), max_size=len(header)), max_size=5))
    return header, [row for row in rows if any(each.strip() for each in row)]


def written(rows, delimiter, line_end, *, every):
    """Write rows as spreadsheets do: between quotes what must be, or every cell."""

    def cell(text):
        must = every or len(rows[0]) == 1 or any(sign in text for sign in f'{delimiter}"\r\n')
        return '"' + text.replace('"', '""') + '"' if must else text

    return "".join(delimiter.join(map(cell, row)) + line_end for row in rows)


@given(tables(), st.sampled_from(",;\t|"), st.sampled_from(ENCODINGS), st.sampled_from(LINE_ENDS), st.booleans())
def test_any_table_comes_through_in_any_dress(table, delimiter, encoding, line_end, every):
    header, rows = table
    text = written([header, *rows], delimiter, line_end, every=every)
    content = text.encode(encoding)
    guessed = {"windows-1252": "cp1252"}.get(encoding_of_bytes(content), encoding_of_bytes(content))
    told = "" if guessed == encoding or content.isascii() else encoding  # bytes may be sound in two encodings
    found = table_of_text(text_of_bytes(content, "any", told), "any")
    lines = list(found.lines)
    assert found.header == tuple(header)
    assert [list(line.cells) for line in lines] == rows
    in_editor = io.StringIO(text, newline="").readlines()
    for line, row in zip(lines, rows, strict=True):
        here = "".join(in_editor[line.number - 1 :])
        assert here.startswith(written([row], delimiter, line_end, every=every or len(header) == 1))


FAULTS = {
    "nothing": ("", "the file is empty."),
    "blanks": (" \n;\n", "the file is empty."),
    "a doubled name": ("a;b;a\n1;2;3\n", "header: column `a` stands twice."),
    "rows of another length": ("a;b\n1\n1;2\n1;2;3\n", "2 faults\n  - row 2: 1 cells, the header has 2."),
    "NUL": ("a;b\n1;2\n1;\0\n", "row 3: holds the sign NUL."),
    "a quote that nothing closes": ('a;b\n1;2\n"1;2\n3;4\n', "row 3: a quotation mark is opened and never closed."),
    "a field too long": (f"a;b\n1;2\n1;{'x' * 100_000_001}\n", "row 3: a field is too long."),
}


@pytest.mark.parametrize(("text", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_with_its_row(text, message):
    with pytest.raises(SchemaError) as told:
        list(table_of_text(text, "t.csv").rows())
    assert str(told.value).startswith("t.csv: ")
    assert message in str(told.value)


GUESSED = {
    "a line that says the delimiter": ("sep=;\r\na;b,c\r\n1;2\r\n", {"a": "1", "b,c": "2"}, 3),
    "a comma in a name": ('a;"b, c";d\n1;2;3\n', {"a": "1", "b, c": "2", "d": "3"}, 2),
    "one column of sentences": ("note\nun, deux; trois\n", {"note": "un, deux; trois"}, 2),
    "empty columns at the end": ("a;b;;\n1;2;;\n", {"a": "1", "b": "2"}, 2),
    "a column without a name": (",a\n0,1\n", {"column 1": "0", "a": "1"}, 2),
    "blank lines": ("\n\na;b\n\n;\n1;2\n", {"a": "1", "b": "2"}, 6),
    "a mark and old line ends": ('\ufeffa;b\r"x\ry";2\r', {"a": "x\ry", "b": "2"}, 2),
}


@pytest.mark.parametrize(("text", "row", "line"), GUESSED.values(), ids=GUESSED)
def test_what_spreadsheets_leave_is_understood(text, row, line):
    assert list(table_of_text(text, "t.csv").rows()) == [(line, row)]


@given(st.binary(max_size=60) | st.text(st.sampled_from('a1;,\t|"\r\n \0'), max_size=40).map(str.encode))
def test_any_bytes_end_in_a_table_or_in_one_error(content):
    with contextlib.suppress(GisError):
        table = table_of_text(text_of_bytes(content, "any"), "any")
        assert all(tuple(row) == table.header for _, row in table.rows())


def test_the_header_is_read_alone_and_a_workbook_is_called_one(tmp_path):
    (tmp_path / "t.csv").write_text("é;b\n" + "1;2\n" * 50_000, encoding="cp1252")
    assert header_of_delimited(tmp_path / "t.csv") == open_table(tmp_path / "t.csv").header == ("é", "b")
    (tmp_path / "w.csv").write_bytes(b"PK\x03\x04...")
    with pytest.raises(SchemaError, match="a workbook or an archive, no text, whatever its name"):
        open_table(tmp_path / "w.csv")


def test_rows_of_a_known_form_are_refused_by_their_line():
    lines = io.StringIO('a;b\n"c\nd";e\nf\n', newline="")
    rows = headerless_rows(lines, "t", delimiter=";", least=2)
    assert [(line.number, line.cells) for line in (next(rows), next(rows))] == [(1, ["a", "b"]), (2, ["c\nd", "e"])]
    with pytest.raises(SchemaError, match="t: row 4: 1 cells, 2 are due"):
        next(rows)


@pytest.mark.parametrize("text", ["9" * 400, "inf", "nan", "1e400", "-0", "-0,0", "0." + "0" * 400 + "1", "∞", "1_0"])
def test_no_number_is_infinite_or_nothing_that_nobody_said(text):
    with pytest.raises(ValueError, match=r"."):
        parse_number(text)
