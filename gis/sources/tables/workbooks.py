"""Reads a worksheet as a table: finds the header below titles, and leaves out totals and footnotes.

Every row left out is reported. Cells are text, read by GDAL. The XML of the workbook tells which cells are sums over
rows, and which columns hold no text below their header: in these a point is a decimal separator.
"""

import html
import math
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyogrio

from gis.errors import Fault, SchemaError, SourceError
from gis.folding import folded_text
from gis.sources.tables.accounts import BESIDE
from gis.sources.tables.vectors import guarded_reading

#: Where a row stands, its column, its text, and why it is doubtful.
SheetDoubt = tuple[str, str, str, str]

#: The last row and the last column that a sheet may have, and how many cells we read.
LAST: Final = (1_048_576, 16_384)
MOST_CELLS: Final = 50_000_000

#: Most bytes that a sheet may unpack to.
MOST_BYTES: Final = 1_000_000_000

_TOTAL: Final = re.compile(
    r"(grand |sous )?(total|totaux)( general| generaux)?( (ha|m2|des|de|du|par|en)( .*)?)?|sommes?|sum"
)
_NOTE: Final = re.compile(
    r"(source|note|nota|nb|n b|remarque|legende|mise a jour|mis a jour|extrait|document|edite|champ)s?\b"
)
_NUMBER: Final = re.compile(r"[-+]?[\d\s.,\u00a0\u202f]*\d([eE][-+]?\d+)?\s*(ha|m2|m²|€|%)?")
_DAY: Final = re.compile(r"(\d{4})/(\d{2})/(\d{2})(?=$|\s)")
_LONG: Final = 40


@dataclass(frozen=True, slots=True)
class SheetRows:
    """The columns of a sheet, its rows by their number, what was left out, and which columns hold numbers alone."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    doubts: tuple[SheetDoubt, ...]
    typed: frozenset[str] = frozenset()


def sheet_names_of_file(file: Path) -> list[str]:
    """Return the names of the sheets of a workbook.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    with guarded_reading(file), warnings.catch_warnings(action="ignore"):
        return [str(name) for name, _ in pyogrio.list_layers(file)]


def read_sheet(file: Path, name: str, *, totals: bool = False) -> SheetRows:
    """Read one sheet; where `totals` are rows, those that read as totals of others stay.

    Raises
    ------
    SourceError
        If it cannot be read, or is larger than a sheet can be.
    SchemaError
        If a header stands twice.
    """
    sheet_xml = _look_at_cells(file, name)
    grid, doubts = _cell_grid(file, name)
    start = _header_row(grid)
    if start is None:
        return SheetRows((), (), tuple(doubts))
    header = grid[start][1]
    width = max((n + 1 for _, cells in grid[start:] for n, text in enumerate(cells) if text), default=0)
    used_columns = [n for n in range(width) if any(cells[n] for _, cells in grid[start:])]
    columns = {n: header[n] or f"Field{n + 1}" for n in used_columns}
    if twice := sorted({each for each in columns.values() if [*columns.values()].count(each) > 1}):
        fault = Fault("header", f"column `{twice[0]}` stands twice.", "Give each column a name of its own.")
        raise SchemaError.of(f"{file}, {name}", [fault])
    doubts += [_sheet_doubt(row, cells, ABOVE) for row, cells in grid[:start] if any(cells)]
    rows: list[tuple[int, list[str]]] = []
    rows_above: list[list[str]] = []
    filled_rows = [(row, cells) for row, cells in grid[start + 1 :] if any(cells)]
    footnotes = _footnote_rows(filled_rows, len(used_columns))
    for n, (row, cells) in enumerate(filled_rows):
        if n in footnotes:
            doubts.append(_sheet_doubt(row, cells, FOOTNOTE))
        elif not totals and (row in sheet_xml.adding or is_total_row(cells) or _row_adds_up(cells, rows_above)):
            doubts.append(_sheet_doubt(row, cells, TOTAL))
        else:
            rows.append((row, cells))
            rows_above.append(cells)
    named_rows = tuple((row, {columns[n]: cells[n] for n in used_columns}) for row, cells in rows)
    header_number = grid[start][0]
    typed_columns = frozenset(
        columns[n] for n in used_columns if sheet_xml.known and sheet_xml.texts.get(n + 1, 0) <= header_number
    )
    return SheetRows(tuple(columns.values()), named_rows, tuple(doubts), typed_columns)


#: What is said of a row of totals, here and in other tables.
TOTAL: Final = (
    "It reads as a total of other rows and is left out. If such rows are rows of their own, say --keep-totals "
    '(`totals = "keep"` in the mapping).'
)

#: What is said of other rows of a sheet that are none of the table.
ABOVE: Final = "It stands above the header and is left out."
FOOTNOTE: Final = "It reads as a footnote and is left out."

#: What each of them is called where rows are counted.
LEFT_OUT: Final = {TOTAL: BESIDE["total"], ABOVE: BESIDE["above"], FOOTNOTE: BESIDE["footnote"]}


def is_total_row(cells: Sequence[str]) -> bool:
    """Tell whether a row is a total by its label: nothing else stands in it but numbers.

    >>> (is_total_row(["", "TOTAL", "15,5"]), is_total_row(["Z1", "Total", "15,5"]),
    ...  is_total_row(["", "Total Énergies", ""]))
    (True, False, False)
    """
    filled_cells = [text for text in cells if text]
    labels = [text for text in filled_cells if _TOTAL.fullmatch(_bare_words(text))]
    return bool(labels) and all(text in labels or _NUMBER.fullmatch(text) for text in filled_cells)


def _bare_words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", folded_text(text)))


def _sheet_doubt(row: int, cells: Sequence[str], why: str) -> SheetDoubt:
    return (f"row {row}", "", f"row {row}: " + " · ".join(text for text in cells if text), why)


def _cell_grid(file: Path, name: str) -> tuple[list[tuple[int, list[str]]], list[SheetDoubt]]:
    """Return every row of a sheet with its number, as text, and what GDAL warned of."""
    options = {f"OGR_{kind}_{key}": value for kind in ("XLSX", "ODS") for key, value in _OPTIONS.items()}
    options_before = {option: pyogrio.get_gdal_config_option(option) for option in options}
    pyogrio.set_gdal_config_options(options)
    try:
        with guarded_reading(file), warnings.catch_warnings(record=True, action="always") as warnings_caught:
            _, numbers, _, columns = pyogrio.raw.read(file, layer=name, read_geometry=False, return_fids=True)
    finally:
        pyogrio.set_gdal_config_options(options_before)
    doubts = [(file.name, "", "", " ".join(str(each.message).split())) for each in warnings_caught]
    rows = zip(*([_text_of_cell(cell) for cell in column] for column in columns), strict=True)
    return [(int(n), list(cells)) for n, cells in zip(numbers, rows, strict=False)], doubts


_OPTIONS: Final = {"HEADERS": "DISABLE", "FIELD_TYPES": "STRING"}


def _text_of_cell(cell: object) -> str:
    text = "" if cell is None or cell != cell else str(cell).strip()  # noqa: PLR0124  (NaN alone differs from itself)
    return _DAY.sub(r"\1-\2-\3", text) if _DAY.match(text) else text


def _header_row(grid: Sequence[tuple[int, Sequence[str]]]) -> int | None:
    """Return where the header stands: the first row that fills half the table with words; else the first filled one."""
    filled_counts = [sum(map(bool, cells)) for _, cells in grid]
    widest = max(filled_counts, default=0)
    least = min(widest, max(2, math.ceil(widest / 2)))
    word_counts = [sum(1 for text in cells if text and not _NUMBER.fullmatch(text)) for _, cells in grid]
    first_row = next(
        (n for n, count in enumerate(filled_counts) if count >= least and word_counts[n] * 2 >= count > 0), None
    )
    if first_row is None:
        return next((n for n, count in enumerate(filled_counts) if count), None)
    if (
        word_counts[first_row] < filled_counts[first_row]
    ):  # a title with a year, perhaps: a fuller row of words alone is the header
        return next(
            (n for n in range(first_row, len(grid)) if word_counts[n] == filled_counts[n] > filled_counts[first_row]),
            first_row,
        )
    return first_row


def _footnote_rows(rows: Sequence[tuple[int, Sequence[str]]], width: int) -> set[int]:
    """Return which of the last rows are footnotes: one text alone, that reads as one or stands apart from the table."""
    footnote_numbers: set[int] = set()
    if width < 2:  # noqa: PLR2004  (one cell is then a whole row)
        return footnote_numbers
    for n in range(len(rows) - 1, 0, -1):
        row, cells = rows[n]
        filled_cells = [text for text in cells if text]
        stands_apart = row > rows[n - 1][0] + 1 or n + 1 in footnote_numbers
        reads_as_note = (
            bool(_NOTE.match(_bare_words(filled_cells[0])))
            or filled_cells[0].startswith(("*", "("))
            or len(filled_cells[0]) > _LONG
        )
        if (
            len(filled_cells) > 1
            or _NUMBER.fullmatch(filled_cells[0])
            or not (reads_as_note or (stands_apart and " " in filled_cells[0]))
        ):
            break
        footnote_numbers.add(n)
    return footnote_numbers


def _number_or_none(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


#: Fewest rows that a sum is told from a copy by.
_FEWEST: Final = 2


def _row_adds_up(cells: Sequence[str], above: Sequence[Sequence[str]]) -> bool:
    """Tell whether a row of nothing but sums stands below what it adds up, with the cells empty that others fill."""
    if len(above) < _FEWEST or all(cells):
        return False
    if not any(not text and all(each[n] for each in above) for n, text in enumerate(cells)):
        return False
    sums = []
    for n, text in enumerate(cells):
        if not text:
            continue
        value, parts = _number_or_none(text), [_number_or_none(each[n]) or 0.0 for each in above]
        sums.append(value is not None and bool(value) and math.isclose(value, math.fsum(parts), rel_tol=1e-9))
    return bool(sums) and all(sums)


# The XML of a workbook

_CELL: Final = re.compile(
    rb'<(?:\w+:)?c\s(?=[^>]*?\br="([A-Z]{1,9})(\d{1,12})")(?=(?:[^>]*?\bt="(\w+)")?)[^>]*>\s*'
    rb"(?:<(?:\w+:)?f\b[^>]*>([^<]*))?"
)
_OVER_ROWS: Final = re.compile(r"\b(?:SUM|SUBTOTAL)\(.*?\$?[A-Z]+\$?(\d+):\.?\$?[A-Z]+\$?(\d+)", re.IGNORECASE)
_ODS_TAG: Final = re.compile(
    rb"<(/?)(?:\w+:)?(table|table-row|table-cell|covered-table-cell)(?=[\s/>])((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>"
)
_ODS_SAID: Final = re.compile(rb"(?:\w+:)?([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


@dataclass(slots=True)
class _SheetXml:
    """What the XML of a sheet says: rows that sum a column up, and the last row of each column with a text."""

    known: bool = False
    adding: set[int] = field(default_factory=set)
    texts: dict[int, int] = field(default_factory=dict)


def _look_at_cells(file: Path, name: str) -> _SheetXml:
    """Look at the cells of a sheet; refuse one with a cell far from the others.

    Raises
    ------
    SourceError
        If the sheet is too large.
    """
    sheet_xml, rows, columns = _SheetXml(), 0, 0
    cells = _xlsx_cells(file, name) if file.suffix.lower() == ".xlsx" else _ods_cells(file, name)
    for column, row, kind, formula in cells:
        sheet_xml.known = True
        rows, columns = max(rows, row), max(columns, column)
        if kind not in {"", "n"}:
            sheet_xml.texts[column] = max(row, sheet_xml.texts.get(column, 0))
        if (sum_range := _OVER_ROWS.search(formula)) and sum_range[1] != sum_range[2]:
            sheet_xml.adding.add(row)
    if rows > LAST[0] or columns > LAST[1] or rows * columns > MOST_CELLS:
        far_text = f"`{name}` has cells as far as row {rows}, column {columns}."
        raise SourceError(f"{file}: {far_text} Delete what stands far from the table.")
    return sheet_xml


def _xlsx_cells(file: Path, name: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield column, row, kind and formula of the cells of a sheet; none where the workbook is built in another way."""
    with guarded_reading(file), zipfile.ZipFile(file) as archive:
        sheet = _sheet_member(archive, name)
        if sheet is None:
            return
        if archive.getinfo(sheet).file_size > MOST_BYTES:
            raise SourceError(f"{file}: `{name}` unpacks to more than {MOST_BYTES:,} bytes. Do not use it.")
        for column, row, kind, formula in _CELL.findall(archive.read(sheet)):
            number = 0
            for letter in column:
                number = number * 26 + letter - 64
            yield number, int(row), kind.decode(), formula.decode(errors="replace")


def _ods_cells(file: Path, name: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield column, row, kind (`s` of a text, else `n`) and formula of the cells of a sheet that hold something."""
    with guarded_reading(file), zipfile.ZipFile(file) as archive:
        if "content.xml" not in archive.namelist():
            return
        if archive.getinfo("content.xml").file_size > MOST_BYTES:
            raise SourceError(f"{file}: unpacks to more than {MOST_BYTES:,} bytes. Do not use it.")
        content = archive.read("content.xml")
    tables: list[tuple[bool, int, int, int]] = []  # one may stand in a cell of another
    is_in_sheet, row, rows, column = False, 0, 1, 0
    for tag in _ODS_TAG.finditer(content):
        attributes = {
            key.decode(): (double_quoted or single_quoted).decode()
            for key, double_quoted, single_quoted in _ODS_SAID.findall(tag[3])
        }
        if tag[1]:
            if tag[2] == b"table" and tables:
                is_in_sheet, row, rows, column = tables.pop()
        elif tag[2] == b"table":
            tables += [] if tag[3].endswith(b"/") else [(is_in_sheet, row, rows, column)]
            is_in_sheet, row, rows = html.unescape(attributes.get("name", "")) == name, 0, 1
        elif tag[2] == b"table-row":
            row, rows, column = row + rows, _repeat_count(attributes, "rows", LAST[0]), 0
        elif is_in_sheet:
            times = _repeat_count(attributes, "columns", LAST[1])
            kind, formula = attributes.get("value-type", ""), html.unescape(attributes.get("formula", ""))
            for n in range(1, times + 1 if kind else 0):
                yield column + n, row + rows - 1, "s" if kind == "string" else "n", formula
            column += times


def _repeat_count(said: Mapping[str, str], what: str, most: int) -> int:
    """Return how many times a row or a cell stands there."""
    text = said.get(f"number-{what}-repeated", "1")
    return min(max(int(text), 1), most) if text.isdecimal() else 1


def _sheet_member(archive: zipfile.ZipFile, name: str) -> str | None:
    """Return which member of a workbook holds a sheet."""
    files = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    if not {*files} <= {*archive.namelist()}:
        return None
    book, links = (archive.read(each).decode(errors="replace") for each in files)
    for tag in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", book):
        sheet_attributes = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
        if html.unescape(sheet_attributes.get("name", "")) == name:
            for link in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", links):
                link_attributes = dict(re.findall(r'([\w:]+)="([^"]*)"', link))
                if link_attributes.get("Id") == sheet_attributes.get("r:id", ""):
                    target = link_attributes.get("Target", "")
                    member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                    return member if member in archive.namelist() else None
    return None
