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
from gis.folding import folded
from gis.sources.tables.accounts import BESIDE
from gis.sources.tables.vectors import guarded

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


def sheets_of(file: Path) -> list[str]:
    """Return the names of the sheets of a workbook.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    with guarded(file), warnings.catch_warnings(action="ignore"):
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
    seen = _looked_at(file, name)
    grid, doubts = _grid(file, name)
    start = _header(grid)
    if start is None:
        return SheetRows((), (), tuple(doubts))
    header = grid[start][1]
    width = max((n + 1 for _, cells in grid[start:] for n, text in enumerate(cells) if text), default=0)
    used = [n for n in range(width) if any(cells[n] for _, cells in grid[start:])]
    columns = {n: header[n] or f"Field{n + 1}" for n in used}
    if twice := sorted({each for each in columns.values() if [*columns.values()].count(each) > 1}):
        fault = Fault("header", f"column `{twice[0]}` stands twice.", "Give each column a name of its own.")
        raise SchemaError.of(f"{file}, {name}", [fault])
    doubts += [_doubt(row, cells, ABOVE) for row, cells in grid[:start] if any(cells)]
    rows: list[tuple[int, list[str]]] = []
    above: list[list[str]] = []
    filled = [(row, cells) for row, cells in grid[start + 1 :] if any(cells)]
    notes = _footnotes(filled, len(used))
    for n, (row, cells) in enumerate(filled):
        if n in notes:
            doubts.append(_doubt(row, cells, FOOTNOTE))
        elif not totals and (row in seen.adding or is_total(cells) or _adds_up(cells, above)):
            doubts.append(_doubt(row, cells, TOTAL))
        else:
            rows.append((row, cells))
            above.append(cells)
    named = tuple((row, {columns[n]: cells[n] for n in used}) for row, cells in rows)
    head = grid[start][0]
    typed = frozenset(columns[n] for n in used if seen.known and seen.texts.get(n + 1, 0) <= head)
    return SheetRows(tuple(columns.values()), named, tuple(doubts), typed)


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


def is_total(cells: Sequence[str]) -> bool:
    """Tell whether a row is a total by its label: nothing else stands in it but numbers.

    >>> is_total(["", "TOTAL", "15,5"]), is_total(["Z1", "Total", "15,5"]), is_total(["", "Total Énergies", ""])
    (True, False, False)
    """
    said = [text for text in cells if text]
    labels = [text for text in said if _TOTAL.fullmatch(_bare(text))]
    return bool(labels) and all(text in labels or _NUMBER.fullmatch(text) for text in said)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", folded(text)))


def _doubt(row: int, cells: Sequence[str], why: str) -> SheetDoubt:
    return (f"row {row}", "", f"row {row}: " + " · ".join(text for text in cells if text), why)


def _grid(file: Path, name: str) -> tuple[list[tuple[int, list[str]]], list[SheetDoubt]]:
    """Return every row of a sheet with its number, as text, and what GDAL warned of."""
    wanted = {f"OGR_{kind}_{key}": value for kind in ("XLSX", "ODS") for key, value in _OPTIONS.items()}
    before = {option: pyogrio.get_gdal_config_option(option) for option in wanted}
    pyogrio.set_gdal_config_options(wanted)
    try:
        with guarded(file), warnings.catch_warnings(record=True, action="always") as warned:
            _, numbers, _, columns = pyogrio.raw.read(file, layer=name, read_geometry=False, return_fids=True)
    finally:
        pyogrio.set_gdal_config_options(before)
    doubts = [(file.name, "", "", " ".join(str(each.message).split())) for each in warned]
    rows = zip(*([_text(cell) for cell in column] for column in columns), strict=True)
    return [(int(n), list(cells)) for n, cells in zip(numbers, rows, strict=False)], doubts


_OPTIONS: Final = {"HEADERS": "DISABLE", "FIELD_TYPES": "STRING"}


def _text(cell: object) -> str:
    text = "" if cell is None or cell != cell else str(cell).strip()  # noqa: PLR0124  (NaN alone differs from itself)
    return _DAY.sub(r"\1-\2-\3", text) if _DAY.match(text) else text


def _header(grid: Sequence[tuple[int, Sequence[str]]]) -> int | None:
    """Return where the header stands: the first row that fills half the table with words; else the first filled one."""
    filled = [sum(map(bool, cells)) for _, cells in grid]
    widest = max(filled, default=0)
    least = min(widest, max(2, math.ceil(widest / 2)))
    words = [sum(1 for text in cells if text and not _NUMBER.fullmatch(text)) for _, cells in grid]
    first = next((n for n, count in enumerate(filled) if count >= least and words[n] * 2 >= count > 0), None)
    if first is None:
        return next((n for n, count in enumerate(filled) if count), None)
    if words[first] < filled[first]:  # a title with a year, perhaps: a fuller row of words alone is the header
        return next((n for n in range(first, len(grid)) if words[n] == filled[n] > filled[first]), first)
    return first


def _footnotes(rows: Sequence[tuple[int, Sequence[str]]], width: int) -> set[int]:
    """Return which of the last rows are footnotes: one text alone, that reads as one or stands apart from the table."""
    found: set[int] = set()
    if width < 2:  # noqa: PLR2004  (one cell is then a whole row)
        return found
    for n in range(len(rows) - 1, 0, -1):
        row, cells = rows[n]
        said = [text for text in cells if text]
        apart = row > rows[n - 1][0] + 1 or n + 1 in found
        reads = bool(_NOTE.match(_bare(said[0]))) or said[0].startswith(("*", "(")) or len(said[0]) > _LONG
        if len(said) > 1 or _NUMBER.fullmatch(said[0]) or not (reads or (apart and " " in said[0])):
            break
        found.add(n)
    return found


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


#: Fewest rows that a sum is told from a copy by.
_FEWEST: Final = 2


def _adds_up(cells: Sequence[str], above: Sequence[Sequence[str]]) -> bool:
    """Tell whether a row of nothing but sums stands below what it adds up, with the cells empty that others fill."""
    if len(above) < _FEWEST or all(cells):
        return False
    if not any(not text and all(each[n] for each in above) for n, text in enumerate(cells)):
        return False
    sums = []
    for n, text in enumerate(cells):
        if not text:
            continue
        value, parts = _number(text), [_number(each[n]) or 0.0 for each in above]
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


def _looked_at(file: Path, name: str) -> _SheetXml:
    """Look at the cells of a sheet; refuse one with a cell far from the others.

    Raises
    ------
    SourceError
        If the sheet is too large.
    """
    seen, rows, columns = _SheetXml(), 0, 0
    cells = _cells(file, name) if file.suffix.lower() == ".xlsx" else _ods_cells(file, name)
    for column, row, kind, formula in cells:
        seen.known = True
        rows, columns = max(rows, row), max(columns, column)
        if kind not in {"", "n"}:
            seen.texts[column] = max(row, seen.texts.get(column, 0))
        if (over := _OVER_ROWS.search(formula)) and over[1] != over[2]:
            seen.adding.add(row)
    if rows > LAST[0] or columns > LAST[1] or rows * columns > MOST_CELLS:
        far = f"`{name}` has cells as far as row {rows}, column {columns}."
        raise SourceError(f"{file}: {far} Delete what stands far from the table.")
    return seen


def _cells(file: Path, name: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield column, row, kind and formula of the cells of a sheet; none where the workbook is built in another way."""
    with guarded(file), zipfile.ZipFile(file) as archive:
        sheet = _member(archive, name)
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
    with guarded(file), zipfile.ZipFile(file) as archive:
        if "content.xml" not in archive.namelist():
            return
        if archive.getinfo("content.xml").file_size > MOST_BYTES:
            raise SourceError(f"{file}: unpacks to more than {MOST_BYTES:,} bytes. Do not use it.")
        content = archive.read("content.xml")
    tables: list[tuple[bool, int, int, int]] = []  # one may stand in a cell of another
    here, row, rows, column = False, 0, 1, 0
    for tag in _ODS_TAG.finditer(content):
        said = {key.decode(): (one or other).decode() for key, one, other in _ODS_SAID.findall(tag[3])}
        if tag[1]:
            if tag[2] == b"table" and tables:
                here, row, rows, column = tables.pop()
        elif tag[2] == b"table":
            tables += [] if tag[3].endswith(b"/") else [(here, row, rows, column)]
            here, row, rows = html.unescape(said.get("name", "")) == name, 0, 1
        elif tag[2] == b"table-row":
            row, rows, column = row + rows, _times(said, "rows", LAST[0]), 0
        elif here:
            times = _times(said, "columns", LAST[1])
            kind, formula = said.get("value-type", ""), html.unescape(said.get("formula", ""))
            for n in range(1, times + 1 if kind else 0):
                yield column + n, row + rows - 1, "s" if kind == "string" else "n", formula
            column += times


def _times(said: Mapping[str, str], what: str, most: int) -> int:
    """Return how many times a row or a cell stands there."""
    text = said.get(f"number-{what}-repeated", "1")
    return min(max(int(text), 1), most) if text.isdecimal() else 1


def _member(archive: zipfile.ZipFile, name: str) -> str | None:
    """Return which member of a workbook holds a sheet."""
    files = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    if not {*files} <= {*archive.namelist()}:
        return None
    book, links = (archive.read(each).decode(errors="replace") for each in files)
    for tag in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", book):
        said = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
        if html.unescape(said.get("name", "")) == name:
            for link in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", links):
                found = dict(re.findall(r'([\w:]+)="([^"]*)"', link))
                if found.get("Id") == said.get("r:id", ""):
                    target = found.get("Target", "")
                    member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                    return member if member in archive.namelist() else None
    return None
