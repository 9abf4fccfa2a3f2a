"""Any file of rows, one at a time: GeoPackage, GeoJSON, Shapefile, FlatGeobuf, CSV, spreadsheet.

A cell is text, as its publisher wrote it: a number without a useless zero, a date as 2024-05-17, nothing as the empty
text. Shapes are streamed with fiona, so that a fault names its feature; pyogrio reads spreadsheets.

Text that went through one encoding too many ("ZI de BÃ©thune") is put right here. A CSV that is not UTF-8 is read as
Windows-1252, and so is a Shapefile that does not name its encoding.
"""

import contextlib
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import fiona
import fiona.errors
import numpy as np
import pyogrio
import pyogrio.errors
from pyproj import CRS

from gis.errors import Fault, LayerError, SchemaError, SourceError, SourceMissingError
from gis.sources import delimited
from gis.sources.settled import settled
from gis.sources.shapes import SUFFIXES

#: What is read as text, and what as sheets of a spreadsheet.
TEXTS: Final = (".csv", ".tsv", ".txt")
SHEETS: Final = (".xlsx", ".ods")
READABLE: Final = (*SUFFIXES, *TEXTS, *SHEETS)

#: Files that belong to a Shapefile.
PARTS: Final = (".shx", ".dbf", ".prj", ".cpg")

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
    """The columns of a table, its records (once), the CRS that it says, and whether it can hold shapes."""

    columns: tuple[str, ...]
    records: Iterator[Record]
    crs: CRS | None = None
    drawn: bool = False
    typed: frozenset[str] = frozenset()  # columns that the file holds as numbers, so that a point is a decimal sign


def tables_of(file: Path) -> list[str]:
    """Return the names of the layers or sheets of a file, those with columns; a text is one table without a name."""
    if file.suffix.lower() in TEXTS:
        return [""]
    with _named(file):
        if file.suffix.lower() in SHEETS:
            return [str(name) for name, _ in pyogrio.list_layers(file)]
        return [name for name in fiona.listlayers(settled(file)) if name != "layer_styles"]


def parts(file: Path) -> list[Path]:
    """Return a file and what belongs to it: a Shapefile is several."""
    if file.suffix.lower() != ".shp":
        return [file]
    beside = {each.name.lower(): each for each in file.parent.iterdir() if each.stem == file.stem}
    names = (f"{file.stem}{suffix}".lower() for suffix in PARTS)
    return [file, *(beside[name] for name in names if name in beside)]


def encoding_of(file: Path) -> str:
    """Return the encoding to read a text or a Shapefile with; nothing where the file itself says it."""
    suffix = file.suffix.lower()
    if suffix == ".shp":
        found = {part.suffix.lower(): part for part in parts(file)}
        if ".cpg" in found or ".dbf" not in found:
            return ""
        cells = found[".dbf"].read_bytes()
        return "" if cells[32:].isascii() else _encoding(cells[int.from_bytes(cells[8:10], "little") :])
    return delimited.encoding_of(delimited.bytes_of(file)) if suffix in TEXTS else ""


def _encoding(text: bytes) -> str:
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return _WESTERN
    return "utf-8-sig" if text.startswith(b"\xef\xbb\xbf") else "utf-8"


def header_of(file: Path, table: str = "") -> list[str]:
    """Return the columns of a table, and read no more of the file than that takes."""
    if file.suffix.lower() not in TEXTS:
        with open_rows(file, table=table) as rows:
            return list(rows.columns)
    try:
        return [mended(name) for name in delimited.header_of(file)]
    except SchemaError:  # no table: whoever reads it is told why
        return []


@contextlib.contextmanager
def open_rows(file: Path, *, table: str = "", encoding: str = "") -> Iterator[Rows]:
    """Open a table of a file; without `table` the only one, or the one called like the file.

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
    encoding = encoding or encoding_of(file)
    if file.suffix.lower() in TEXTS:
        yield _text(file, encoding)
        return
    name = _table(file, table)
    with _named(file):
        if file.suffix.lower() in SHEETS:
            yield _sheet(file, name)
            return
        given = {"encoding": encoding} if encoding else {}
        with fiona.open(settled(file), layer=name, **given) as records:
            names = tuple(records.schema["properties"])
            crs = CRS.from_wkt(records.crs_wkt) if records.crs_wkt else None
            drawn = records.schema["geometry"] != "None"
            kinds = records.schema["properties"].items()
            typed = frozenset(name for name, kind in kinds if str(kind).startswith(("float", "int")))
            yield Rows(names, (_feature(n, each) for n, each in enumerate(records, 1)), crs, drawn, typed)


@contextlib.contextmanager
def _named(file: Path) -> Iterator[None]:
    """Say what GDAL says of a file as one of our errors."""
    try:
        yield
    except (fiona.errors.FionaError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        msg = f"{file}: GDAL cannot read it ({error}). Save it again as GeoPackage or GeoJSON."
        raise SourceError(msg) from None


def _table(file: Path, table: str) -> str:
    names = tables_of(file)
    if table in names:
        return table
    if not table and len(names) == 1:
        return names[0]
    listed = ", ".join(f"`{name}`" for name in names)
    if table:
        raise LayerError.of(str(file), [Fault("", f"holds no layer `{table}`.", f"There are {listed}.")])
    raise LayerError.of(str(file), [Fault("", f"holds {len(names)} layers.", f"Say which with --layer: {listed}.")])


def _feature(number: int, record: Any) -> Record:
    cells = {name: text_of(value) for name, value in record.properties.items()}
    return Record(number, f"feature {number}", cells, record.geometry)


def _sheet(file: Path, name: str) -> Rows:
    """Read one sheet; its first row is the header."""
    options = ("OGR_XLSX_HEADERS", "OGR_ODS_HEADERS")
    before = {option: pyogrio.get_gdal_config_option(option) for option in options}
    pyogrio.set_gdal_config_options(dict.fromkeys(options, "FORCE"))
    try:
        meta, _, _, columns = pyogrio.raw.read(file, layer=name, read_geometry=False)
    finally:
        pyogrio.set_gdal_config_options(before)
    names = tuple(str(field) for field in meta["fields"])

    def records() -> Iterator[Record]:
        for number, values in enumerate(zip(*columns, strict=True), 2):
            cells = dict(zip(names, map(text_of, values), strict=True))
            if any(cells.values()):
                yield Record(number, f"row {number}", cells)

    typed = frozenset(name for name, column in zip(names, columns, strict=True) if column.dtype.kind in "fiu")
    return Rows(names, records(), typed=typed)


def _text(file: Path, encoding: str) -> Rows:
    table = delimited.open_table(file, encoding=encoding)
    names = [mended(name) for name in table.header]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        fault = Fault("header", f"column `{twice[0]}` stands twice.", "Give each column a name of its own.")
        raise SchemaError.of(str(file), [fault])
    records = (
        Record(number, f"row {line.number}", dict(zip(names, map(mended, line.cells), strict=True)))
        for number, line in enumerate(table.lines, 1)
    )
    return Rows(tuple(names), records)


def text_of(value: object) -> str:
    """Return a value of a file as text.

    >>> [text_of(value) for value in (None, True, 46.0, 37.2, "ZI des PrÃ©s ")]
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
            text = mended(str(value))
    return text


#: Letters that a second reading of UTF-8 leaves where one accented letter was.
_DOUBLED: Final = re.compile("[ÃÂâÅ]")


def mended(text: str) -> str:
    """Return a text without what stands around it, and with the accents that were encoded twice put right.

    >>> mended(" LibellÃ© ")
    'Libellé'
    """
    for encoding in (_WESTERN, "latin-1") if _DOUBLED.search(text) else ():
        with contextlib.suppress(UnicodeError):
            return text.encode(encoding).decode("utf-8").strip()
    return text.strip()
