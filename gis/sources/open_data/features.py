"""Reads features of publishers (GeoJSON, compressed or not) into columns and valid geometries.

Shared by all source modules: a missing column is named in the error; an unknown vocabulary term and a repaired
geometry are issues.
"""

import datetime as dt
import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from gis import days
from gis.crs import DEGREES, GeometryKind, checked_area_m2, shape_defect, time_zone_of_territory, transformer
from gis.errors import Fault, GeometryError, SchemaError, SourceError
from gis.placing import whole_file
from gis.provenance import Source
from gis.schemas import KEYS, Row, Spatial, conform, described_layer, drawn_as
from gis.sources.open_data.answers import features_of_collection, parse_json
from gis.sources.open_data.assumed import Resting
from gis.sources.tables.accounts import DIFFERS, FAR, LEFT_SHAPE, ONE_KEY, Account, Fate, Ledger, Reason

#: Maximum expansion of a compressed file, as a ratio and in bytes; published geometries expand 5 to 10 times.
UNPACKED: Final = 100
UNPACKED_BYTES: Final = 2 << 30
#: Message on a value that a publisher has added to a vocabulary.
UNKNOWN_WORD: Final = "The source's word is not known here, and is read as unknown."
#: A line has no area: in a polygon layer it is drawn this wide on each side, which is not a buffer distance.
LINE_M: Final = 1.0
_SMALL: Final = 1 << 20
_BLOCK: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"

L = TypeVar("L", bound=pd.DataFrame)
S = TypeVar("S", bound=Spatial)


@dataclass(frozen=True, slots=True)
class ReadLayer(Generic[L]):
    """A typed layer read from files, its issues, and the rows that depend on an assumed rule."""

    layer: L
    issues: Sequence[Row] = ()
    resting: Sequence[Resting] = ()
    account: Account | None = None  # of the rows of its files; None if another layer of the same files has it


@dataclass(frozen=True, slots=True)
class TargetLayer:
    """The target of a reader: the CRS for measurement, the source to cite, and the area to restrict to, in that CRS."""

    crs: CRS
    source: Source
    near: BaseGeometry | None = None

    @property
    def zone(self) -> dt.tzinfo | None:
        """The time zone of the territory."""
        return time_zone_of_territory(self.crs)


@dataclass(frozen=True, slots=True)
class Features:
    """The features of some files of one kind: their properties, and their geometries in the published CRS."""

    place: str
    properties: Sequence[Mapping[str, Any]] = ()
    shapes: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=object))
    crs: CRS = DEGREES
    doubts: list[tuple[int, str, str, str]] = field(default_factory=list)  # feature, column, value, reason
    files: Sequence[str] = ()  # of each feature, below `raw/`; empty if they were not read from files
    left: Mapping[Reason, int] = field(default_factory=dict)  # counts of left-out features, by reason

    def __len__(self) -> int:
        return len(self.properties)

    def column(self, name: str) -> list[Any]:
        """Return one published column; the value of a feature without it is `None`.

        Raises
        ------
        SchemaError
            If no feature has it: the publisher has renamed or removed it.
        """
        if self.properties and not any(name in each for each in self.properties):
            known_names = ", ".join(sorted({key for each in self.properties[:50] for key in each}))
            mend = (
                f"The publisher changed it (there are: {known_names}). Run `gis doctor --online`, and tell the "
                "developers."
            )
            raise SchemaError.of(self.place, [Fault(f"column `{name}`", "is gone.", mend)])
        return [each.get(name) for each in self.properties]

    def optional(self, name: str) -> list[Any]:
        """Return a column that some editions do not have."""
        return [each.get(name) for each in self.properties]

    def texts(self, name: str) -> list[str]:
        """Return one published column as texts; a missing value is the empty text."""
        return [self._text(name, value) for value in self.column(name)]

    def words(self, name: str) -> list[str]:
        """Return a column that some editions do not have as texts; a missing value is the empty text."""
        return [self._text(name, value) for value in self.optional(name)]

    def _text(self, name: str, value: Any) -> str:
        if isinstance(value, Mapping | list):
            fault_text = f"holds {str(value)[:60]}, which is no text and no number."
            raise SchemaError.of(self.place, [Fault(f"column `{name}`", fault_text, "Fetch it again; else tell us.")])
        return "" if value is None else str(value).strip()

    def days(self, name: str, zone: dt.tzinfo | None) -> list[str]:
        """Return the date part of a timestamp column that some editions do not have; a missing value is the empty text.

        A timestamp becomes the date in `zone`. An invalid date is unknown, and an issue of the layer.
        """
        texts = []
        for n, text in enumerate(self.words(name)):
            iso_day, doubt = days.parse_date_cell(text, zone)
            texts.append(iso_day)
            if doubt:
                self.doubts.append((n, name, text, doubt.value))
        return texts

    def numbers(self, name: str) -> np.ndarray:
        """Return one published column as numbers; a missing value is NaN."""
        return self._finite(name, self.column(name))

    def optional_numbers(self, name: str) -> np.ndarray:
        """Return a column that some editions do not have as numbers; a missing value is NaN."""
        return self._finite(name, self.optional(name))

    def _finite(self, name: str, values: Sequence[Any]) -> np.ndarray:
        """Return values as numbers; a value that is not a number is an issue of the layer."""
        parsed_numbers = finite_numbers(values)
        for n, (value, number) in enumerate(zip(values, parsed_numbers, strict=True)):
            if np.isnan(number) and value is not None and str(value).strip() not in {"", "nan"}:
                self.doubts.append((n, name, str(value)[:60], "It is no number, and is read as unknown."))
        return parsed_numbers

    def where(self, keep: Iterable[bool], why: str, fate: Fate = Fate.PASSED_OVER) -> "Features":
        """Return the features selected by `keep`; the account gives `why` as the reason for the others."""
        mask = np.fromiter(keep, dtype=bool, count=len(self.properties))
        kept_properties = [each for each, is_kept in zip(self.properties, mask, strict=True) if is_kept]
        new_number = {int(old_place): new_place for new_place, old_place in enumerate(np.flatnonzero(mask))}
        doubts = [(new_number[n], column, value, why) for n, column, value, why in self.doubts if n in new_number]
        files = [file for file, is_kept in zip(self.files, mask, strict=False) if is_kept]
        left_counts = self.less(len(mask) - len(kept_properties), why, fate)
        return Features(self.place, kept_properties, self.shapes[mask], self.crs, doubts, files, left_counts)

    def less(self, count: int, why: str, fate: Fate = Fate.PASSED_OVER) -> Mapping[Reason, int]:
        """Return the counts of left-out features, with `count` more for a reason."""
        return {**self.left, (fate, why): self.left.get((fate, why), 0) + count} if count else self.left


def finite_numbers(values: Iterable[Any]) -> np.ndarray:
    """Return values as numbers; a value that is not a finite number becomes NaN."""

    def finite_number(value: Any) -> float:
        try:
            parsed = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else np.nan
        except (ValueError, OverflowError):
            return np.nan
        return parsed if np.isfinite(parsed) else np.nan

    return np.array([finite_number(value) for value in values], dtype=float)


def unpacked_bytes(file: Path) -> bytes:
    """Return the contents of a file, decompressed if it is gzip, whatever its name.

    Raises
    ------
    SourceError
        If it is truncated, corrupt, or expands to more than `UNPACKED` times its size or `UNPACKED_BYTES`.
    """
    body = file.read_bytes()
    if not body.startswith(_GZIP):
        return body
    most_bytes = min(max(_SMALL, len(body) * UNPACKED), UNPACKED_BYTES)
    unpacked_body = bytearray()
    try:
        with gzip.open(file) as stream:
            while block := stream.read(_BLOCK):
                unpacked_body += block
                if len(unpacked_body) > most_bytes:
                    raise SourceError(f"{file}: unpacks to {len(unpacked_body):,} bytes or more. Do not use it.")
    except (EOFError, OSError, zlib.error) as error:
        raise SourceError(f"{file}: is cut short or broken ({error}). Fetch it again.") from None
    return bytes(unpacked_body)


def read_features(files: Iterable[Path]) -> Features:
    """Read the features of GeoJSON files together; all must have one CRS, by default longitude and latitude.

    Raises
    ------
    SourceError
        If a file cannot be read as GeoJSON.
    """
    properties: list[Mapping[str, Any]] = []
    shapes: list[BaseGeometry | None] = []
    crs, place = None, ""
    places: list[str] = []
    for file in files:
        place = place or str(file)
        file_features, file_crs = _read_collection(file)
        if file_features and crs not in {None, file_crs}:
            raise SourceError(f"{file}: is in another CRS than {place}. Delete both, and fetch them again.")
        crs = file_crs if file_features else crs
        properties += [{"id": each.get("id"), **(each.get("properties") or {})} for each in file_features]
        shapes += shapes_of_features(file_features, str(file))
        places += [path_below_raw(file)] * len(file_features)
    column = np.empty(len(shapes), dtype=object)
    column[:] = shapes
    return Features(place, properties, column, crs or DEGREES, files=places)


def path_below_raw(file: Path) -> str:
    """Return the path of a fetched file below `raw/`: the folder of its source, and its name."""
    return f"{file.parent.name}/{file.name}"


def _read_collection(file: Path) -> tuple[list[Mapping[str, Any]], CRS]:
    try:
        collection_read = parse_json(unpacked_bytes(file))
    except ValueError as error:
        raise SourceError(f"{file}: is no sound GeoJSON ({error}). Delete it, and fetch it again.") from None
    features = features_of_collection(collection_read, str(file))
    return features, _crs_of_collection(collection_read, file)


def _crs_of_collection(collection: Mapping[str, Any], file: Path) -> CRS:
    """Return the CRS that a collection declares, or longitude and latitude if it declares none."""
    crs_name: Any = collection
    for key in ("crs", "properties", "name"):
        if crs_name is not None and not isinstance(crs_name, Mapping):
            break
        crs_name = (crs_name or {}).get(key)
    if not crs_name or (isinstance(crs_name, str) and "CRS84" in crs_name):
        return DEGREES
    try:
        return CRS.from_string(crs_name if isinstance(crs_name, str) else "")
    except CRSError:
        raise SourceError(
            f"{file}: is in a CRS that nobody knows ({crs_name!s:.60}). Delete it, and fetch it again."
        ) from None


def shapes_of_features(features: Sequence[Mapping[str, Any]], place: str) -> list[BaseGeometry | None]:
    """Return the geometries of features, `None` for a feature without one.

    Raises
    ------
    SourceError
        If a geometry is invalid, or has coordinates that are not finite.
    """
    try:
        texts = [json.dumps(each["geometry"]) if each.get("geometry") else None for each in features]
        shapes = list(shapely.from_geojson(texts))
    except (shapely.errors.ShapelyError, RecursionError, ValueError) as error:
        raise SourceError(f"{place}: a shape is broken ({error}). Fetch it again.") from None
    bounds = shapely.bounds(np.array(shapes, dtype=object))
    is_nowhere = ~np.isfinite(bounds).all(axis=-1) & ~shapely.is_empty(shapes) & ~shapely.is_missing(shapes)
    if is_nowhere.any():
        raise SourceError(
            f"{place}: the shape of feature {int(is_nowhere.argmax()) + 1} stands nowhere. Fetch it again."
        )
    return shapes


def write_features(file: Path, features: Sequence[Mapping[str, Any]], epsg: int) -> None:
    """Write features unchanged with their CRS, compressed."""
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
    write_packed_json(file, {"type": "FeatureCollection", "crs": crs, "features": list(features)})


def write_packed_json(file: Path, value: object) -> None:
    """Write a value as compressed JSON, completely or not at all; equal values give equal bytes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    with whole_file(file) as part:
        part.write_bytes(gzip.compress(text.encode(), mtime=0))


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """The location of values: the layer and its rows, the published column, and the file of each row."""

    layer: str
    keys: Sequence[str]
    column: str
    files: Sequence[str] = ()


def source_issue(layer: str, row: str, column: str, value: object, message: str, file: str = "") -> Row:  # noqa: PLR0913, PLR0917
    """Return an issue for a doubtful value; without a file, it applies to all files read together."""
    noted_issue = {"layer": layer, "row": row, "column_name": column, "value": str(value), "message": message}
    return noted_issue | {"file": file} if file else noted_issue


def translate_words(
    values: Sequence[str], words: Mapping[str, str], other: str, at: ColumnRef
) -> tuple[list[str], list[Row]]:
    """Translate a published vocabulary; an unknown term becomes `other`, with an issue.

    >>> translate_words(["U", "?"], {"U": "urban"}, "", ColumnRef("plan", ["a", "b"], "zone"))[0]
    ['urban', '']
    """
    issues = [
        source_issue(at.layer, key, at.column, value, UNKNOWN_WORD, file)
        for key, value, file in zip(at.keys, values, at.files or [""] * len(values), strict=True)
        if value not in words
    ]
    return [words.get(value, other) for value in values], issues


def distinct_issues(issues: Iterable[Row]) -> list[Row]:
    """Return each issue once: a feature may be in the files of several communes."""
    return list({tuple(row.values()): row for row in issues}.values())


def layer_of_features(
    features: Features, columns: Mapping[str, Any], schema: type[S], onto: TargetLayer, issues: Iterable[Row] = ()
) -> ReadLayer[Any]:
    """Build a typed layer of features: valid geometries in the target CRS, measured; others are left out with an issue.

    `columns` holds the key of the layer; `issues` are those already known. Of several features with one key the first
    is kept: services repeat features at the edges of requests, and a repeated feature that differs is an issue. In a
    polygon layer, a line is drawn `LINE_M` wide on each side. The account states what became of every feature.
    """
    name = described_layer(schema).name
    key = KEYS[name]
    row_keys = np.array(columns[key], dtype=object).astype(str)
    _, first_of_key, key_numbers = np.unique(row_keys, return_index=True, return_inverse=True)
    to_zone = transformer(features.crs, onto.crs)
    distinct_rows = np.sort(first_of_key)
    kept_rows = distinct_rows[_are_shapes_near(features.shapes[distinct_rows], to_zone, onto.near)]
    near_rows = {*kept_rows.tolist()}
    doubled_rows = [(n, int(first_row)) for n, first_row in enumerate(first_of_key[key_numbers]) if n != first_row]
    differing_issues = [
        source_issue(name, str(row_keys[n]), key, row_keys[n], _DIFFERS)
        for n, first_row in doubled_rows
        if first_row in near_rows and _features_differ(features, n, first_row)
    ]
    keys = [str(columns[key][n]) for n in kept_rows]
    shapes, mending_issues = _shapes_as_drawn(features.shapes[kept_rows], to_zone, name, keys)
    kept_columns = {column: np.asarray(values, dtype=object)[kept_rows] for column, values in columns.items()}
    frame = gpd.GeoDataFrame(
        {**kept_columns, "source_id": onto.source.source_id, "basis": onto.source.basis.value},
        geometry=gpd.GeoSeries(shapes, crs=onto.crs),
    )
    has_shape = frame.geometry.notna().to_numpy()
    frame = complete_columns(frame[has_shape].reset_index(drop=True), schema)
    ledger = Ledger()
    ledger.rows_in = len(features) + sum(features.left.values())
    ledger.rows((fate, why, count) for (fate, why), count in features.left.items())
    ledger.rows(
        [
            (Fate.USED, "", int(has_shape.sum())),
            (Fate.MERGED, ONE_KEY, len(doubled_rows) - len(differing_issues)),
            (Fate.REFUSED, DIFFERS, len(differing_issues)),
            (Fate.PASSED_OVER, FAR, len(distinct_rows) - len(kept_rows)),
            (Fate.REFUSED, LEFT_SHAPE, int((~has_shape).sum())),
        ]
    )
    if "measured_m2" in frame:
        frame["measured_m2"] = checked_area_m2(frame.geometry, place=features.place, names=list(frame[key]))
    key_at_row = dict(zip(kept_rows.tolist(), keys, strict=True))
    doubt_issues = [
        source_issue(name, key_at_row[n], *issue_fields) for n, *issue_fields in features.doubts if n in key_at_row
    ]
    file_of_key = dict(zip((str(each) for each in columns[key]), features.files, strict=False))
    all_issues = (*issues, *differing_issues, *doubt_issues, *mending_issues)
    issues_with_file = distinct_issues(
        [each if "file" in each else _issue_with_file(each, file_of_key) for each in all_issues]
    )
    return ReadLayer(conform(frame, schema, place=features.place), issues_with_file, account=ledger.closed())


def _issue_with_file(said: Row, files: Mapping[str, str]) -> Row:
    """Add to an issue the file from which its row was read, if known."""
    file = files.get(said["row"], "")
    return said | {"file": file} if file else said


def count_near_features(features: Features, onto: TargetLayer) -> int:
    """Count the features that touch the target area, by their bounding boxes."""
    to_zone = transformer(features.crs, onto.crs)
    return int(_are_shapes_near(features.shapes, to_zone, onto.near).sum())


#: Message on a feature whose key is repeated with other contents.
_DIFFERS: Final = "Its key stands twice, and the two do not say the same: the first is meant."


def _features_differ(features: Features, one: int, other: int) -> bool:
    """Return whether two features with one key differ in properties or geometry."""
    same_properties = features.properties[one] == features.properties[other]
    shapes = features.shapes[one], features.shapes[other]
    if any(shape is None for shape in shapes):
        return not same_properties or shapes[0] is not shapes[1]
    return not same_properties or not shapely.equals_exact(*shapes, tolerance=0.0)


def _are_shapes_near(shapes: np.ndarray, moved: Transformer, near: BaseGeometry | None) -> np.ndarray:
    """Return which geometries touch the target area, by bounding box; all of them if there is no such area."""
    if near is None or not len(shapes):
        return np.full(len(shapes), fill_value=True)
    ground = shapely.transform(near, _coordinate_mover(transformer(moved.target_crs, moved.source_crs)))
    shapely.prepare(ground)
    return np.asarray(shapely.intersects(ground, shapely.envelope(shapes)), dtype=bool)


def _coordinate_mover(moved: Transformer) -> Callable[[np.ndarray], np.ndarray]:
    return lambda xy: np.column_stack(moved.transform(*xy.T))


def complete_columns(frame: Any, schema: type[Any]) -> Any:
    """Add the columns of a layer to a frame, in their types; columns that the source does not provide are unknown."""
    for column, declared in schema.to_schema().columns.items():
        kind = str(declared.dtype)
        if column == "geometry":
            continue
        if column not in frame:
            frame[column] = "" if kind.startswith("str") else np.nan
        if kind.startswith("str"):
            frame[column] = frame[column].astype("str")
        elif kind.startswith("float"):
            frame[column] = frame[column].astype(float)
        elif kind.startswith("date"):
            texts = ("" if pd.isna(value) else str(value) for value in frame[column])
            frame[column] = np.array([days.parse_day_cell(text)[0] for text in texts], dtype=kind)
    return frame


def _shapes_as_drawn(
    shapes: np.ndarray, moved: Transformer, layer: str, keys: Sequence[str]
) -> tuple[np.ndarray, list[Row]]:
    """Transform geometries to a CRS, valid, 2D and of the layer's kind; repairs and omissions become issues."""
    drawn_kind = drawn_as(layer)
    flat_shapes = _transformed_shapes(shapely.force_2d(shapes), moved)
    is_lost = (
        ~np.isfinite(shapely.bounds(flat_shapes)).all(axis=-1)
        & ~shapely.is_empty(flat_shapes)
        & ~shapely.is_missing(flat_shapes)
    )
    flat_shapes[is_lost] = None
    if drawn_kind is GeometryKind.POLYGON:
        is_line = shapely.get_dimensions(flat_shapes) == 1
        flat_shapes[is_line] = shapely.buffer(flat_shapes[is_line], LINE_M, cap_style="flat")
    drawn_shapes = np.full(len(flat_shapes), None, dtype=object)
    issues = []
    for n, (shape, key) in enumerate(zip(flat_shapes, keys, strict=True)):
        fault_text = "it stands outside the CRS of the territory." if is_lost[n] else shape_defect(shape, drawn_kind)
        drawn_shapes[n] = shape if not fault_text else None if shape is None else _parts_of_kind(shape, drawn_kind)
        if fault_text and not _is_one_point(shape):
            outcome = "It is left out." if drawn_shapes[n] is None else "It was mended."
            issues.append(source_issue(layer, key, "geometry", "", f"As published {fault_text} {outcome}"))
    return drawn_shapes, issues


def _is_one_point(shape: BaseGeometry | None) -> bool:
    return shape is not None and shape.geom_type == "MultiPoint" and shapely.get_num_geometries(shape) == 1


def _transformed_shapes(shapes: np.ndarray, moved: Transformer) -> np.ndarray:
    if not len(shapes):
        return shapes
    try:
        with np.errstate(all="ignore"):  # coordinates outside the CRS are checked afterwards
            return np.asarray(shapely.transform(shapes, _coordinate_mover(moved)), dtype=object)
    except shapely.errors.ShapelyError as error:
        raise GeometryError(f"shapes cannot be brought into {moved.target_crs}: {error}.") from None


#: The type that the parts of a geometry must have in a layer of each kind.
_PARTS: Final = {GeometryKind.POLYGON: "Polygon", GeometryKind.LINE: "LineString", GeometryKind.POINT: "Point"}


def _parts_of_kind(shape: BaseGeometry, drawn: GeometryKind) -> BaseGeometry | None:
    """Return the parts of a geometry of the layer's kind, repaired; None if there are none, or several points."""
    try:
        pieces = shapely.get_parts(shapely.get_parts(shapely.make_valid(shape)))
        parts = [part for part in pieces if part.geom_type == _PARTS[drawn]]
        whole = shapely.union_all(parts) if parts else None
    except shapely.errors.ShapelyError:
        return None
    return None if whole is None or shape_defect(whole, drawn) else whole
