"""Writes sheets to one workbook (.xlsx) for Excel and LibreOffice; the same sheets give the same bytes.

Every text is written as text: a value that begins with `=`, `+`, `-` or `@` is never a formula.
"""

import contextlib
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

Cell = str | float | int | dt.date | None

#: The first day that workbooks count right; earlier ones are text.
_FIRST_DAY: Final = dt.date(1900, 3, 1)

#: What Excel allows: characters of the name of a sheet, and of a cell.
NAME_LENGTH: Final = 31
CELL_LENGTH: Final = 32_767
#: Names that Excel keeps for itself.
RESERVED: Final = frozenset({"history", "historique"})
#: Widest column, in characters.
_WIDEST: Final = 60
_CUT: Final = "… (suite dans le fichier CSV)"


@dataclass(frozen=True, slots=True)
class WorkbookSheet:
    """One sheet: a name as wished, the mark and the title above the table, lines of text, and the table.

    `head` has a title and a code for each column; either may be all that a sheet needs to be none.
    """

    name: str
    mark: str
    title: str
    lines: Sequence[str] = ()
    head: Sequence[tuple[str, str]] = ()
    rows: Sequence[Sequence[Cell]] = ()


def sheet_names(wished: Iterable[str]) -> list[str]:
    """Return names that Excel accepts, all different whatever their case, as near to those wished as can be.

    >>> sheet_names(["SCI [Nord]/Sud", "sci nord sud", "'", "History"])
    ['SCI Nord Sud', 'sci nord sud (2)', 'feuille', 'History_']
    """
    taken_names: set[str] = set()
    names = []
    for each in wished:
        allowed_name = " ".join(re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", each).split()).strip("' ") or "feuille"
        allowed_name = f"{allowed_name}_" if allowed_name.casefold() in RESERVED else allowed_name
        name, n = allowed_name[:NAME_LENGTH].rstrip("' "), 1
        while name.casefold() in taken_names:
            n += 1
            name = f"{allowed_name[: NAME_LENGTH - len(f' ({n})')].rstrip(chr(39) + ' ')} ({n})"
        taken_names.add(name.casefold())
        names.append(name)
    return names


def write_workbook(sheets: Sequence[WorkbookSheet], file: Path, *, title: str, edition: dt.date) -> None:
    """Write sheets to a new workbook.

    Parameters
    ----------
    sheets
        In order.
    file
        A file that does not exist yet.
    title
        Title of the document.
    edition
        The day that the document says it was made: the clock never enters it.
    """
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with _as_disk_error(), xlsxwriter.Workbook(str(file), options) as book:
        created_at = dt.datetime(edition.year, edition.month, edition.day, tzinfo=dt.UTC)
        book.set_properties({"title": title, "author": "Emprise", "comments": sheets[0].mark, "created": created_at})
        formats = {
            "mark": book.add_format({"bold": True, "font_color": "#9C0006"}),
            "title": book.add_format({"bold": True, "font_size": 14}),
            "line": book.add_format({"valign": "top"}),
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
            "code": book.add_format({"italic": True, "font_color": "#595959", "font_size": 8}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "number": book.add_format({"num_format": "#,##0.##"}),
            "count": book.add_format({"num_format": "#,##0"}),
        }
        for name, sheet in zip(sheet_names(each.name for each in sheets), sheets, strict=True):
            _write_sheet(book.add_worksheet(name), sheet, formats)


@contextlib.contextmanager
def _as_disk_error() -> Iterator[None]:
    """Let what the disk says of a workbook be what it says of any file."""
    try:
        yield
    except FileCreateError as error:
        raise error.args[0] from None


def _write_sheet(page: Any, sheet: WorkbookSheet, formats: dict[str, Any]) -> None:
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_header(f"&L{sheet.mark.replace('&', '&&')}&R&A")
    page.set_footer("&R&P / &N")
    page.write_string(0, 0, sheet.mark, formats["mark"])
    page.write_string(1, 0, sheet.title, formats["title"])
    for n, line in enumerate(sheet.lines, 2):
        page.write_string(n, 0, line, formats["line"])
    if not sheet.head:
        page.set_column(0, 0, _WIDEST)
        return
    top = 3 + len(sheet.lines)
    for n, (title, code) in enumerate(sheet.head):
        page.write_string(top, n, title, formats["head"])
        page.write_string(top + 1, n, code, formats["code"])
        lengths = [len(str(row[n])) for row in sheet.rows if row[n] is not None]
        page.set_column(n, n, min(_WIDEST, max([12, *lengths]) + 1))
    for m, row in enumerate(sheet.rows, top + 2):
        for n, cell in enumerate(row):
            _write_cell(page, m, n, cell, formats)
    page.freeze_panes(top + 2, 1)
    page.repeat_rows(top, top + 1)
    if sheet.rows:
        page.autofilter(top + 1, 0, top + 1 + len(sheet.rows), len(sheet.head) - 1)


def _write_cell(page: Any, row: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:
    match cell:
        case None | "":
            return
        case str():
            text = cell if len(cell) <= CELL_LENGTH else cell[: CELL_LENGTH - len(_CUT)] + _CUT
            page.write_string(row, column, text)
        case dt.date() if cell < _FIRST_DAY:
            page.write_string(row, column, cell.isoformat())
        case dt.date():
            page.write_datetime(row, column, dt.datetime(cell.year, cell.month, cell.day), formats["day"])  # noqa: DTZ001
        case int():
            page.write_number(row, column, cell, formats["count"])
        case float():
            page.write_number(row, column, cell, formats["number"])
