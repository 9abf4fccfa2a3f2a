"""Streams the rows of any supported file: GeoPackage, GeoJSON, Shapefile, FlatGeobuf, CSV, spreadsheet.

A cell is text, as its publisher wrote it: a number without superfluous zeros, a date such as 2024-05-17, a missing
value as the empty text. fiona streams the geometries, so that an error names its feature; pyogrio reads spreadsheets.

Text that was decoded once too often ("zone de la ForÃªt") is corrected here. A CSV that is not UTF-8 is read as
Windows-1252; `gis.sources.tables.encodings` detects the encoding of a Shapefile.
"""

import contextlib
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from pyproj import CRS

from gis.errors import Fault, LayerError, SchemaError, SourceError, SourceMissingError
from gis.sources.tables import delimited
from gis.sources.tables.shapes import SUFFIXES
from gis.sources.tables.vectors import guarded_reading, layer_names_of_file, open_vector_layer
from gis.sources.tables.workbooks import TOTAL, SheetDoubt, is_total_row, read_sheet, sheet_names_of_file

#: What is read as text, and what as sheets of a spreadsheet.
TEXTS: Final = (".csv", ".tsv", ".txt")
SHEETS: Final = (".xlsx", ".ods")
READABLE: Final = (*SUFFIXES, *TEXTS, *SHEETS)

#: Files that belong to a Shapefile: they are read, and come along with it.
PARTS: Final = (".shx", ".dbf", ".prj", ".cpg")

#: Files that programs leave beside one for themselves: never read, so that they do not come along, and go with it. They
#: end so in the place of its suffix (indexes of a Shapefile, notes of any file), or behind it.
INDEXES: Final = (
    *(".qix", ".sbn", ".sbx", ".fbn", ".fbx", ".ain", ".aih", ".atx", ".ixs", ".mxs", ".idm", ".ind", ".qpj", ".cst"),
)
NOTES: Final = (".qmd", ".csvt")
BEHIND: Final = (".xml", ".aux.xml", ".qmd")

_WESTERN: Final = "windows-1252"


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a file: its number, what a message calls it, its cells as text, and its shape as GeoJSON has it."""

    number: int
    where: str
    cells: Mapping[str, str]
    shape: Any = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The columns of a table, its records (once), the CRS that it says, and whether it can hold shapes.

    `doubts` holds what is doubtful about cells or the whole file: where, column, text, and why; it is full when the
    records are taken.
    """

    columns: tuple[str, ...]
    records: Iterator[Record]
    crs: CRS | None = None
    drawn: bool = False
    typed: frozenset[str] = frozenset()  # columns that the file holds as numbers, so that a point is a decimal sign
    doubts: list[SheetDoubt] = field(default_factory=list)


def table_names_of_file(file: Path) -> list[str]:
    """Return the names of the layers or sheets of a file, those with columns; a text is one table without a name."""
    if file.suffix.lower() in TEXTS:
        return [""]
    if file.suffix.lower() in SHEETS:
        return sheet_names_of_file(file)
    return layer_names_of_file(file)


def file_with_parts(file: Path) -> list[Path]:
    """Return a file and what belongs to it: a Shapefile is several."""
    if file.suffix.lower() != ".shp":
        return [file]
    files_beside = {each.name.lower(): each for each in file.parent.iterdir() if each.stem == file.stem}
    names = (f"{file.stem}{suffix}".lower() for suffix in PARTS)
    return [file, *(files_beside[name] for name in names if name in files_beside)]


def leftover_files(file: Path) -> list[Path]:
    """Return what programs left beside a file, `.qix` and the like, but for what may be another file's."""
    files_beside = sorted(each for each in file.parent.glob("*") if each.is_file() and each != file)
    stem, name = file.stem.lower(), file.name.lower()
    is_alone = not any(each.stem.lower() == stem and each.suffix.lower() in READABLE for each in files_beside)
    endings = (*(INDEXES if file.suffix.lower() == ".shp" else ()), *(NOTES if is_alone else ()))
    names = {f"{stem}{ending}" for ending in endings} | {f"{name}{ending}" for ending in BEHIND}
    return [each for each in files_beside if each.name.lower() in names]


def encoding_of_text_file(file: Path) -> str:
    """Return the encoding to read a text with; nothing for other files, which say it or are judged cell by cell."""
    return delimited.encoding_of_bytes(delimited.bytes_of_file(file)) if file.suffix.lower() in TEXTS else ""


def header_of_table(file: Path, table: str = "") -> list[str]:
    """Return the columns of a table, and read no more of the file than that takes."""
    if file.suffix.lower() not in TEXTS:
        with open_rows(file, table=table) as rows:
            return list(rows.columns)
    try:
        return [mended_text(name) for name in delimited.header_of_delimited(file)]
    except SchemaError:  # no table: whoever reads it is told why
        return []


@contextlib.contextmanager
def open_rows(file: Path, *, table: str = "", encoding: str = "", totals: bool = False) -> Iterator[Rows]:
    """Open a table of a file; without `table` the only one, or the one called like the file.

    Rows of a text or a sheet that read as totals of others are left out, and told, but where `totals` are rows.

    Raises
    ------
    SourceMissingError
        If there is no such file.
    SourceError
        If it cannot be read.
    LayerError
        If it has several tables and none is named.
    """
    if not file.is_file():
        msg = f"{file}: no such file. Put it back, or name another."
        raise SourceMissingError(msg)
    check_file_kind(file)
    encoding = encoding or encoding_of_text_file(file)
    if file.suffix.lower() in TEXTS:
        yield _rows_of_text(file, encoding) if totals else _rows_without_totals(_rows_of_text(file, encoding))
        return
    name = _chosen_table(file, table)
    if file.suffix.lower() in SHEETS:
        yield _rows_of_sheet(file, name, totals=totals)
        return
    with open_vector_layer(file, name, encoding) as opened_layer:
        doubts: list[SheetDoubt] = []

        def read_records() -> Iterator[Record]:
            for number, (properties, shape) in enumerate(opened_layer.features, 1):
                cells = {column: text_of_value(value) for column, value in properties.items()}
                yield Record(number, f"feature {number}", cells, shape)
            doubts.extend((file.name, "", "", text) for text in opened_layer.warned)
            doubts.extend(opened_layer.decoder.doubts() if opened_layer.decoder else [])

        yield Rows(
            opened_layer.columns, read_records(), opened_layer.crs, opened_layer.drawn, opened_layer.typed, doubts
        )


#: How files begin, what each is, and the suffixes that say so.
_KINDS: Final = (
    (b"PK\x03\x04", "a workbook or a zip", SHEETS),
    (b"\xd0\xcf\x11\xe0", "a workbook of an old kind, or one with a password", ()),
    (b"SQLite format 3\x00", "a GeoPackage or another database", (".gpkg",)),
    (b"%PDF", "a PDF", ()),
    (b"\x1f\x8b", "a packed file", ()),
    (b"fgb\x03", "a FlatGeobuf", (".fgb",)),
)


def check_file_kind(file: Path) -> None:
    """Refuse a file that is something else than its name says.

    Raises
    ------
    SourceError
        If its first bytes are those of another kind of file.
    """
    with guarded_reading(file), file.open("rb") as stream:
        start = stream.read(16)
    for sign, kind_text, suffixes in _KINDS:
        if start.startswith(sign) and file.suffix.lower() not in suffixes:
            mend = f"Rename it to {file.stem}{suffixes[0]}." if suffixes else "Save it as .xlsx, .csv or .gpkg."
            raise SourceError(f"{file}: is {kind_text}, whatever its name says. {mend}")


def _rows_without_totals(rows: Rows) -> Rows:
    """Leave out the rows of a text that are totals of others, and say so."""

    def records_without_totals() -> Iterator[Record]:
        for record in rows.records:
            if is_total_row([*record.cells.values()]):
                cells_text = " · ".join(filter(None, record.cells.values()))
                rows.doubts.append((record.where, "", f"{record.where}: {cells_text}", TOTAL))
            else:
                yield record

    return replace(rows, records=records_without_totals())


def _chosen_table(file: Path, table: str) -> str:
    names = table_names_of_file(file)
    if table in names:
        return table
    if not table and len(names) == 1:
        return names[0]
    listed_names = ", ".join(f"`{name}`" for name in names)
    if table:
        raise LayerError.of(str(file), [Fault("", f"holds no layer `{table}`.", f"There are {listed_names}.")])
    raise LayerError.of(
        str(file), [Fault("", f"holds {len(names)} layers.", f"Say which with --layer: {listed_names}.")]
    )


def _rows_of_sheet(file: Path, name: str, *, totals: bool) -> Rows:
    """Read one sheet."""
    sheet = read_sheet(file, name, totals=totals)
    records = (
        Record(number, f"row {number}", {column: mended_text(text) for column, text in cells.items()})
        for number, cells in sheet.rows
    )
    return Rows(sheet.columns, records, typed=sheet.typed, doubts=[*sheet.doubts])


def _rows_of_text(file: Path, encoding: str) -> Rows:
    table = delimited.open_table(file, encoding=encoding)
    names = [mended_text(name) for name in table.header]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        fault = Fault("header", f"column `{twice[0]}` stands twice.", "Give each column a name of its own.")
        raise SchemaError.of(str(file), [fault])
    records = (
        Record(number, f"row {line.number}", dict(zip(names, map(mended_text, line.cells), strict=True)))
        for number, line in enumerate(table.lines, 1)
    )
    return Rows(tuple(names), records)


def text_of_value(value: object) -> str:
    """Return a value of a file as text.

    >>> [text_of_value(value) for value in (None, True, 46.0, 37.2, "ZI des PrÃ©s ")]
    ['', 'oui', '46', '37.2', 'ZI des Prés']
    """
    match value:
        case None:
            text = ""
        case bool() | np.bool_():
            text = "oui" if value else "non"
        case float() | np.floating():
            text = "" if np.isnan(value) else f"{value:.15g}"
        case np.datetime64():
            text = "" if np.isnat(value) else str(value.astype("datetime64[D]"))
        case dt.datetime():  # the zone decides the day, and is known to whoever reads the cell
            text = value.date().isoformat() if value.tzinfo is None else value.isoformat()
        case dt.date():
            text = value.isoformat()
        case bytes():
            text = ""
        case _:
            text = mended_text(str(value))
    return text


#: Letters that a second reading of UTF-8 leaves where one accented letter was.
_DOUBLED: Final = re.compile("[ÃÂâÅ]")


def mended_text(text: str) -> str:
    """Return a text without what stands around it, and with the accents that were encoded twice put right.

    >>> mended_text(" LibellÃ© ")
    'Libellé'
    """
    for encoding in (_WESTERN, "latin-1") if _DOUBLED.search(text) else ():
        with contextlib.suppress(UnicodeError):
            return text.encode(encoding).decode("utf-8").strip()
    return text.strip()
