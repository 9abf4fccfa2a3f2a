"""Cells of the CSV files that Emprise writes: no spreadsheet executes one, and reading returns what was written.

A spreadsheet executes a cell that begins with `=`, `+`, `-` or `@`, full-width forms included; some programs skip
leading blanks and invisible characters. Such a cell gets a leading apostrophe. A plain number does not (`-12.5`). A
cell that already has an apostrophe before such a text gets another one, so that `text_of_neutral_cell` can always
remove one.
The script of the pages follows the same rule, on the same cases (`tests/data/csv_cells.json`).
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

#: Blanks, control signs and signs without width.
_UNSEEN: Final = (
    r"\u0000-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180e\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
#: What begins a formula: ASCII, full-width and small forms; a tab or a carriage return before the text.
_RUN: Final = re.compile(rf"'*[{_UNSEEN}]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]")
_NUMBER: Final = re.compile(r"-?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?")


def neutral_cell(text: str) -> str:
    """Return a cell that no spreadsheet runs.

    >>> neutral_cell("=1+1"), neutral_cell(" ＝1"), neutral_cell("-12.5"), neutral_cell("ZI (-)")
    ("'=1+1", "' ＝1", '-12.5', 'ZI (-)')
    """
    return f"'{text}" if _RUN.match(text) and not _NUMBER.fullmatch(text) else text


def text_of_neutral_cell(cell: str) -> str:
    """Return the text that `neutral_cell` was given.

    >>> text_of_neutral_cell("'=1+1"), text_of_neutral_cell("''=1+1"), text_of_neutral_cell("l'eau")
    ('=1+1', "'=1+1", "l'eau")
    """
    return cell[1:] if cell.startswith("'") and neutral_cell(cell[1:]) == cell else cell


@dataclass(frozen=True, slots=True)
class Plain:
    """A cell that is written as it stands, without quotes: a number as its readers write it."""

    text: str


def csv_text(rows: Iterable[Sequence[object]], *, delimiter: str = ",", line_end: str = "\n") -> str:
    r"""Write rows as CSV; nothing known (`None`, NaN) is the empty cell, and no text can be a formula.

    Raises
    ------
    ValueError
        If a number is infinite.

    Examples
    --------
    >>> csv_text([["a", 1.5, None], ["=1+1", -2.0, "x;y"]])
    "a,1.5,\n'=1+1,-2.0,x;y\n"
    """
    return "".join(f"{_csv_line([_csv_cell(each, delimiter) for each in row], delimiter)}{line_end}" for row in rows)


def _csv_line(cells: list[str], delimiter: str) -> str:
    return '""' if cells == [""] else delimiter.join(cells)


def _csv_cell(value: object, delimiter: str) -> str:
    if isinstance(value, Plain):
        return value.text
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        if math.isinf(value):
            raise ValueError("an infinite number cannot be written")
        return repr(float(value))
    text = neutral_cell(value) if isinstance(value, str) else str(value)
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in f'{delimiter}"\r\n') else text
