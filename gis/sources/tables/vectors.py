"""The only module that opens vector files: GeoPackage, Shapefile and FlatGeobuf with GDAL, GeoJSON as JSON text.

Any exception of a library on damaged bytes becomes one `SourceError`; warnings of GDAL are collected as issues.
GeoJSON is read with `json`, because GDAL gives a column one type and loses the values that do not fit it.
"""

import contextlib
import json
import logging
import re
import sqlite3
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import fiona
import fiona.errors
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.errors import CrsError, Fault, GisError, SourceError
from gis.sources.tables.encodings import BYTES, Decoder, decoder_of
from gis.sources.tables.settled import HOUSEKEEPING, settled

#: What GDAL may take a file for: its suffix says it, and nothing else is tried.
DRIVERS: Final[Mapping[str, tuple[str, ...]]] = {
    ".gpkg": ("GPKG",),
    ".shp": ("ESRI Shapefile",),
    ".fgb": ("FlatGeobuf",),
    ".geojson": ("GeoJSON", "GeoJSONSeq", "TopoJSON", "ESRIJSON"),
    ".json": ("GeoJSON", "GeoJSONSeq", "TopoJSON", "ESRIJSON"),
}

_JSON: Final = (".geojson", ".json")
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class OpenedVector:
    """The columns of a layer, its features (once) as their properties and shape, its CRS, and what GDAL warned of.

    `typed` are the columns that hold numbers alone.
    """

    columns: tuple[str, ...]
    features: Iterator[tuple[Mapping[str, Any], Any]]
    crs: CRS | None
    drawn: bool
    warned: list[str] = field(default_factory=list)
    decoder: Decoder | None = None
    typed: frozenset[str] = frozenset()


@contextlib.contextmanager
def guarded(file: Path) -> Iterator[None]:
    """Say what a library raises over a file as one error of ours.

    Raises
    ------
    SourceError
        If it raises anything.
    """
    try:
        yield
    except GisError:
        raise
    except Exception as error:  # noqa: BLE001  (whatever a library makes of damaged bytes)
        said = " ".join(str(error).replace(str(file), file.name).split())[:_LONGEST] or type(error).__name__
        msg = f"{file}: GDAL cannot read it ({said}). Save it again as GeoPackage or GeoJSON."
        raise SourceError(msg) from None


def layers_of(file: Path) -> list[str]:
    """Return the names of the layers of a file, but for tables that programs keep beside them.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    _check_database(file)
    if file.suffix.lower() in _JSON and not _is_unicode(file):
        return [file.stem]  # GDAL cannot even say what is wrong with it
    with guarded(file), warnings.catch_warnings(action="ignore"):
        return [str(name) for name in fiona.listlayers(settled(file)) if not HOUSEKEEPING.fullmatch(str(name))]


def _check_database(file: Path) -> None:
    """Refuse a GeoPackage whose pages or whose own tables are damaged: fiona would end the process over some."""
    if file.suffix.lower() == ".gpkg":
        with guarded(file):
            there = settled(file)
            state = there.stat()
            if found := _damage(there.resolve(), state.st_size, state.st_mtime_ns):
                raise sqlite3.DatabaseError(found)


@lru_cache(maxsize=64)
def _damage(file: Path, _size: int, _changed: int) -> str:
    """Say what is damaged in a database, looking once at each state of it."""
    with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as base:
        try:
            said = [text for (text,) in base.execute("PRAGMA quick_check(1)")]
            named = base.execute("SELECT name FROM sqlite_master WHERE name GLOB 'gpkg_*' AND type = 'table'")
            for name in ["sqlite_master", *(name for (name,) in named.fetchall())]:
                base.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608  (names of the standard)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            return str(error)
    return "" if said == ["ok"] else " ".join(said)


@contextlib.contextmanager
def open_layer(file: Path, name: str, encoding: str = "") -> Iterator[OpenedVector]:
    """Open one layer of a file of features.

    Raises
    ------
    SourceError
        If it cannot be read; while its features are taken, too.
    CrsError
        If it names a CRS that nobody knows.
    """
    if file.suffix.lower() in _JSON and (collection := _collection(file)) is not None:
        yield collection
        return
    with contextlib.ExitStack() as stack:
        warned = stack.enter_context(_listening(file))
        _check_database(file)
        decoder = _decoder(file, encoding)
        options = {"encoding": BYTES if decoder else encoding} if decoder or encoding else {}
        with guarded(file), warnings.catch_warnings(record=True, action="always") as caught:
            drivers = DRIVERS.get(file.suffix.lower())
            records = stack.enter_context(fiona.open(settled(file), layer=name, enabled_drivers=drivers, **options))
            columns = tuple(decoder.text(each) if decoder else each for each in records.schema["properties"])
            drawn = records.schema["geometry"] != "None"
            kinds = zip(columns, records.schema["properties"].values(), strict=True)
            typed = frozenset(column for column, kind in kinds if str(kind).startswith(("float", "int")))
            wkt = records.crs_wkt
        warned += [" ".join(str(each.message).split()) for each in caught]
        crs = _crs(file, wkt) if wkt else None
        yield OpenedVector(columns, _features(file, records, decoder), crs, drawn, warned, decoder, typed)


def _decoder(file: Path, told: str) -> Decoder | None:
    """Return how the cells of a Shapefile are read; none for a file that says its encoding, or has no cells."""
    if file.suffix.lower() != ".shp":
        return None
    with guarded(file):
        beside = {each.suffix.lower(): each for each in file.parent.iterdir() if each.stem == file.stem}
        return decoder_of(beside[".dbf"], beside.get(".cpg"), told) if ".dbf" in beside else None


def _features(file: Path, records: Any, decoder: Decoder | None) -> Iterator[tuple[Mapping[str, Any], Any]]:
    with guarded(file):
        stream = iter(records)
    number = 0
    while True:
        number += 1
        with guarded(file):
            record = next(stream, None)
            if record is None:
                return
            properties, geometry = dict(record.properties), record.geometry
            if decoder:
                properties = dict(_decoded(decoder, number, properties))
            if isinstance(geometry, Exception) or (geometry is not None and not geometry.type):
                geometry = None
        yield properties, geometry


def _decoded(decoder: Decoder, number: int, properties: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in properties.items():
        column = decoder.text(name)
        yield column, decoder.text(value, number, column) if isinstance(value, str) else value


def _crs(file: Path, text: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except CRSError:
        shown = " ".join(text.split())[:40]
        fault = Fault("", f"its CRS `{shown}` is not known.", "Set it in QGIS (Layer > Set CRS) and save the file.")
        raise CrsError.of(str(file), [fault]) from None


class _Listener(logging.Handler):
    """Keeps what GDAL warns of, each once, without the path of the file."""

    def __init__(self, file: Path) -> None:
        super().__init__(logging.WARNING)
        self.file, self.told = file, list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message."""
        text = re.sub(r"^CPLE_\w+ in ", "", record.getMessage().replace(str(self.file), self.file.name))
        text = " ".join(text.split())[:_LONGEST]
        if text not in self.told:
            self.told.append(text)


@contextlib.contextmanager
def _listening(file: Path) -> Iterator[list[str]]:
    listener = _Listener(file)
    log = logging.getLogger("fiona")
    log.addHandler(listener)
    try:
        yield listener.told
    finally:
        log.removeHandler(listener)


# GeoJSON


def _is_unicode(file: Path) -> bool:
    with guarded(file):
        data = file.read_bytes()
        try:
            return bool(data.decode(json.detect_encoding(data))) or not data
        except UnicodeDecodeError:
            return False


def _collection(file: Path) -> OpenedVector | None:
    """Read a file as GeoJSON; none where it is other JSON, which GDAL may know."""
    doubts: list[str] = []
    try:
        data = file.read_bytes()
        try:
            text = data.decode(json.detect_encoding(data))
        except UnicodeDecodeError:
            text = data.decode("windows-1252", "replace")
            doubts = ["It is not in UTF-8, as GeoJSON must be, and is read as Windows-1252."]
        whole = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_named_once)
    except OSError as error:
        msg = f"{file}: cannot be read ({error.strerror}). Close it in other programs and look at your rights."
        raise SourceError(msg) from None
    except KeyError as error:
        raise _unsound(file, f"the name `{error.args[0]}` stands twice in one object.") from None
    except RecursionError:
        raise _unsound(file, "it is nested too deep.") from None
    except ValueError:
        if doubts:
            raise _unsound(file, "it is neither UTF-8 nor JSON.") from None
        return None  # features one a line, perhaps
    kind = whole.get("type") if isinstance(whole, dict) else None
    features = [whole] if kind == "Feature" else whole.get("features") if kind == "FeatureCollection" else None
    if features is None:
        return None
    if not isinstance(features, list):
        raise _unsound(file, "its `features` are no list.")
    rows = [_row(file, n, each) for n, each in enumerate(features, 1)]
    own = [each.get("id") for each in features]
    if any(isinstance(each, str) for each in own) and not any("id" in row for row, _ in rows):
        rows = [({"id": _plain(each), **row}, shape) for each, (row, shape) in zip(own, rows, strict=True)]
    columns = tuple(dict.fromkeys(name for row, _ in rows for name in row))
    drawn = any(shape is not None for _, shape in rows)
    typed = frozenset(name for name in columns if all(_is_number(row.get(name)) for row, _ in rows))
    features = (({**dict.fromkeys(columns), **row}, shape) for row, shape in rows)
    return OpenedVector(columns, features, _named_crs(file, whole), drawn, doubts, typed=typed)


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its pairs; a name that stands twice is a `KeyError`, for one of the two would be lost."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise KeyError(_plain(next(name for name in names if names.count(name) > 1)))
    return made


def _row(file: Path, number: int, feature: Any) -> tuple[dict[str, Any], Any]:
    """Return the properties and the shape of one feature, as they are written."""
    where = f"feature {number}"
    if not isinstance(feature, dict):
        raise _unsound(file, f"{where} is no object.")
    properties, geometry = feature.get("properties"), feature.get("geometry")
    if not isinstance(properties, dict | None) or not isinstance(geometry, dict | None):
        raise _unsound(file, f"{where}: its properties or its geometry are no object.")
    if geometry is not None and not isinstance(geometry.get("type"), str):
        raise _unsound(file, f"{where}: its geometry says no type.")
    return {_plain(name): _plain(value) for name, value in (properties or {}).items()}, geometry


def _plain(value: Any) -> Any:
    """Return a value of a property as a cell: what has parts as JSON; half a letter cannot be kept."""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _named_crs(file: Path, whole: Mapping[str, Any]) -> CRS | None:
    """Return the CRS that a file names; without a word longitudes and latitudes are meant."""
    if "crs" not in whole:
        return CRS.from_epsg(4326)
    crs = whole["crs"]
    if crs is None:
        return None
    said = crs.get("properties") if isinstance(crs, dict) else None
    name = said.get("name") if isinstance(said, dict) else None
    return _crs(file, name if isinstance(name, str) else json.dumps(crs))


def _unsound(file: Path, found: str) -> SourceError:
    return SourceError(f"{file}: is no sound GeoJSON: {found} Save it again as GeoPackage or GeoJSON.")
