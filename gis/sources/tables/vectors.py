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
from gis.sources.tables.encodings import BYTES, Decoder, decoder_of_shapefile
from gis.sources.tables.settled import HOUSEKEEPING, settled_file

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
def guarded_reading(file: Path) -> Iterator[None]:
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
        error_text = " ".join(str(error).replace(str(file), file.name).split())[:_LONGEST] or type(error).__name__
        msg = f"{file}: GDAL cannot read it ({error_text}). Save it again as GeoPackage or GeoJSON."
        raise SourceError(msg) from None


def layer_names_of_file(file: Path) -> list[str]:
    """Return the names of the layers of a file, but for tables that programs keep beside them.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    _check_database(file)
    if file.suffix.lower() in _JSON and not _is_unicode_file(file):
        return [file.stem]  # GDAL cannot even say what is wrong with it
    with guarded_reading(file), warnings.catch_warnings(action="ignore"):
        return [str(name) for name in fiona.listlayers(settled_file(file)) if not HOUSEKEEPING.fullmatch(str(name))]


def _check_database(file: Path) -> None:
    """Refuse a GeoPackage whose pages or whose own tables are damaged: fiona would end the process over some."""
    if file.suffix.lower() == ".gpkg":
        with guarded_reading(file):
            database = settled_file(file)
            file_state = database.stat()
            if damage := _database_damage(database.resolve(), file_state.st_size, file_state.st_mtime_ns):
                raise sqlite3.DatabaseError(damage)


@lru_cache(maxsize=64)
def _database_damage(file: Path, _size: int, _changed: int) -> str:
    """Say what is damaged in a database, looking once at each state of it."""
    with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as base:
        try:
            check_results = [text for (text,) in base.execute("PRAGMA quick_check(1)")]
            standard_tables = base.execute("SELECT name FROM sqlite_master WHERE name GLOB 'gpkg_*' AND type = 'table'")
            for name in ["sqlite_master", *(name for (name,) in standard_tables.fetchall())]:
                base.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608  (names of the standard)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            return str(error)
    return "" if check_results == ["ok"] else " ".join(check_results)


@contextlib.contextmanager
def open_vector_layer(file: Path, name: str, encoding: str = "") -> Iterator[OpenedVector]:
    """Open one layer of a file of features.

    Raises
    ------
    SourceError
        If it cannot be read; while its features are taken, too.
    CrsError
        If it names a CRS that nobody knows.
    """
    if file.suffix.lower() in _JSON and (collection := _geojson_layer(file)) is not None:
        yield collection
        return
    with contextlib.ExitStack() as stack:
        warnings_heard = stack.enter_context(_gdal_warnings(file))
        _check_database(file)
        decoder = _decoder_of_file(file, encoding)
        options = {"encoding": BYTES if decoder else encoding} if decoder or encoding else {}
        with guarded_reading(file), warnings.catch_warnings(record=True, action="always") as caught:
            drivers = DRIVERS.get(file.suffix.lower())
            records = stack.enter_context(
                fiona.open(settled_file(file), layer=name, enabled_drivers=drivers, **options)
            )
            columns = tuple(decoder.text(each) if decoder else each for each in records.schema["properties"])
            has_shapes = records.schema["geometry"] != "None"
            kinds = zip(columns, records.schema["properties"].values(), strict=True)
            typed_columns = frozenset(column for column, kind in kinds if str(kind).startswith(("float", "int")))
            wkt = records.crs_wkt
        warnings_heard += [" ".join(str(each.message).split()) for each in caught]
        crs = _crs_of_text(file, wkt) if wkt else None
        yield OpenedVector(
            columns, _vector_features(file, records, decoder), crs, has_shapes, warnings_heard, decoder, typed_columns
        )


def _decoder_of_file(file: Path, told: str) -> Decoder | None:
    """Return how the cells of a Shapefile are read; none for a file that says its encoding, or has no cells."""
    if file.suffix.lower() != ".shp":
        return None
    with guarded_reading(file):
        files_beside = {each.suffix.lower(): each for each in file.parent.iterdir() if each.stem == file.stem}
        return (
            decoder_of_shapefile(files_beside[".dbf"], files_beside.get(".cpg"), told)
            if ".dbf" in files_beside
            else None
        )


def _vector_features(file: Path, records: Any, decoder: Decoder | None) -> Iterator[tuple[Mapping[str, Any], Any]]:
    with guarded_reading(file):
        stream = iter(records)
    number = 0
    while True:
        number += 1
        with guarded_reading(file):
            record = next(stream, None)
            if record is None:
                return
            properties, geometry = dict(record.properties), record.geometry
            if decoder:
                properties = dict(_decoded_properties(decoder, number, properties))
            if isinstance(geometry, Exception) or (geometry is not None and not geometry.type):
                geometry = None
        yield properties, geometry


def _decoded_properties(decoder: Decoder, number: int, properties: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in properties.items():
        column = decoder.text(name)
        yield column, decoder.text(value, number, column) if isinstance(value, str) else value


def _crs_of_text(file: Path, text: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except CRSError:
        shown_text = " ".join(text.split())[:40]
        fault = Fault(
            "", f"its CRS `{shown_text}` is not known.", "Set it in QGIS (Layer > Set CRS) and save the file."
        )
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
def _gdal_warnings(file: Path) -> Iterator[list[str]]:
    listener = _Listener(file)
    log = logging.getLogger("fiona")
    log.addHandler(listener)
    try:
        yield listener.told
    finally:
        log.removeHandler(listener)


# GeoJSON


def _is_unicode_file(file: Path) -> bool:
    with guarded_reading(file):
        data = file.read_bytes()
        try:
            return bool(data.decode(json.detect_encoding(data))) or not data
        except UnicodeDecodeError:
            return False


def _geojson_layer(file: Path) -> OpenedVector | None:
    """Read a file as GeoJSON; none where it is other JSON, which GDAL may know."""
    doubts: list[str] = []
    try:
        data = file.read_bytes()
        try:
            text = data.decode(json.detect_encoding(data))
        except UnicodeDecodeError:
            text = data.decode("windows-1252", "replace")
            doubts = ["It is not in UTF-8, as GeoJSON must be, and is read as Windows-1252."]
        document = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_object_of_pairs)
    except OSError as error:
        msg = f"{file}: cannot be read ({error.strerror}). Close it in other programs and look at your rights."
        raise SourceError(msg) from None
    except KeyError as error:
        raise _unsound_error(file, f"the name `{error.args[0]}` stands twice in one object.") from None
    except RecursionError:
        raise _unsound_error(file, "it is nested too deep.") from None
    except ValueError:
        if doubts:
            raise _unsound_error(file, "it is neither UTF-8 nor JSON.") from None
        return None  # features one a line, perhaps
    kind = document.get("type") if isinstance(document, dict) else None
    features = [document] if kind == "Feature" else document.get("features") if kind == "FeatureCollection" else None
    if features is None:
        return None
    if not isinstance(features, list):
        raise _unsound_error(file, "its `features` are no list.")
    rows = [_properties_and_geometry(file, n, each) for n, each in enumerate(features, 1)]
    feature_ids = [each.get("id") for each in features]
    if any(isinstance(each, str) for each in feature_ids) and not any("id" in row for row, _ in rows):
        rows = [({"id": _cell_value(each), **row}, shape) for each, (row, shape) in zip(feature_ids, rows, strict=True)]
    columns = tuple(dict.fromkeys(name for row, _ in rows for name in row))
    has_shapes = any(shape is not None for _, shape in rows)
    typed_columns = frozenset(name for name in columns if all(_is_json_number(row.get(name)) for row, _ in rows))
    features = (({**dict.fromkeys(columns), **row}, shape) for row, shape in rows)
    return OpenedVector(columns, features, _crs_of_geojson(file, document), has_shapes, doubts, typed=typed_columns)


def _is_json_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _object_of_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its pairs; a name that stands twice is a `KeyError`, for one of the two would be lost."""
    built_object = dict(pairs)
    if len(built_object) < len(pairs):
        names = [name for name, _ in pairs]
        raise KeyError(_cell_value(next(name for name in names if names.count(name) > 1)))
    return built_object


def _properties_and_geometry(file: Path, number: int, feature: Any) -> tuple[dict[str, Any], Any]:
    """Return the properties and the shape of one feature, as they are written."""
    where = f"feature {number}"
    if not isinstance(feature, dict):
        raise _unsound_error(file, f"{where} is no object.")
    properties, geometry = feature.get("properties"), feature.get("geometry")
    if not isinstance(properties, dict | None) or not isinstance(geometry, dict | None):
        raise _unsound_error(file, f"{where}: its properties or its geometry are no object.")
    if geometry is not None and not isinstance(geometry.get("type"), str):
        raise _unsound_error(file, f"{where}: its geometry says no type.")
    return {_cell_value(name): _cell_value(value) for name, value in (properties or {}).items()}, geometry


def _cell_value(value: Any) -> Any:
    """Return a value of a property as a cell: what has parts as JSON; half a letter cannot be kept."""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _crs_of_geojson(file: Path, whole: Mapping[str, Any]) -> CRS | None:
    """Return the CRS that a file names; without a word longitudes and latitudes are meant."""
    if "crs" not in whole:
        return CRS.from_epsg(4326)
    crs = whole["crs"]
    if crs is None:
        return None
    crs_properties = crs.get("properties") if isinstance(crs, dict) else None
    name = crs_properties.get("name") if isinstance(crs_properties, dict) else None
    return _crs_of_text(file, name if isinstance(name, str) else json.dumps(crs))


def _unsound_error(file: Path, found: str) -> SourceError:
    return SourceError(f"{file}: is no sound GeoJSON: {found} Save it again as GeoPackage or GeoJSON.")
