"""A file and how it is read → rows of one layer: `read_layer`.

Rows come as the file has them, checked cell by cell. What is doubtful becomes an issue; a broken shape stops, named by
its feature. Whose row is meant where two have one key is told by `gis.sources.ranking`.
"""

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.errors
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from gis.crs import Drawn, time_of
from gis.days import NO_DAY
from gis.errors import CrsError, Fault, GeometryError, SchemaError
from gis.provenance import Basis, Source
from gis.public import is_public
from gis.schemas import KEYS, Answer, Row, SiteType, Spatial, drawn_as
from gis.sources.cells import DATED, converter, plain
from gis.sources.mapping import LAYERS, NUMBER, Reading, columns_of, unknown_of
from gis.sources.points import brought, point_of
from gis.sources.rows import Record, open_rows
from gis.sources.shapes import made, mended_shape, shape_of, way
from gis.sources.whereabouts import strangers, systems_that_fit

#: Puts the cells of a record right before they are read, or says why the record is left out.
Repair = Callable[[Mapping[str, str]], Mapping[str, str] | str]

_MEND: Final = (
    "Mend it in QGIS (Vector > Geometry tools > Fix geometries) and import the mended file, or say --mend "
    "(`mend = true` in the mapping)."
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a file says of one layer: rows, the columns it has a word on, what is doubtful, and what is elsewhere.

    `elsewhere` are keys of rows that lie in no commune of the territory; they are not in the frame.
    """

    layer: str
    place: str
    frame: pd.DataFrame
    says: frozenset[str]
    issues: tuple[Row, ...]
    elsewhere: frozenset[str]
    points: Mapping[str, BaseGeometry] = field(default_factory=dict)  # of rows that say where they are, no ground


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A row as it is being read: its key, the row itself, and its shape as the file has it."""

    where: str
    key: str
    row: Row
    shape: Any


def read_layer(  # noqa: PLR0913  (each is one thing that the file does not say)
    file: Path,
    reading: Reading,
    *,
    crs: CRS,
    source: Source,
    basis: Basis,
    encoding: str = "",
    communes: Mapping[str, str] | None = None,
    repair: Repair = lambda cells: cells,
    added: Collection[str] = (),
) -> Found:
    """Read one table of a file as one layer.

    Parameters
    ----------
    file, reading
        The file, and which of its columns are which of ours.
    crs
        The zone in metres to bring shapes to.
    source, basis
        What the rows cite, and how those with a shape are known; without one they are `stated`. A row that says no
        date of its own gets the edition of the source.
    encoding
        Encoding of the file, where it does not say it itself.
    communes
        INSEE code → name. Rows of other communes are passed over; none keeps them all.
    repair, added
        Puts the cells of a record right first, or leaves it out, and the columns that it adds to those of the file.

    Returns
    -------
    found
        Rows in the order of the file, one a key, with every column of the layer.

    Raises
    ------
    SchemaError
        If the file has not the columns that the reading names, or the layer has no word for what nobody said.
    CrsError
        If nobody says in which CRS the shapes are.
    GeometryError
        If a shape is broken; every such feature is named.
    """
    place = f"{file.name}, {reading.table}" if reading.table else file.name
    issues: list[Row] = []
    rows: list[_Drawn] = []
    elsewhere: set[str] = set()
    key = KEYS[reading.layer]
    zone = time_of(crs, communes or ())
    with open_rows(file, table=reading.table, encoding=encoding) as opened:
        cells_of = _cell_reader(_pointed(reading, opened.typed), communes or {}, issues, zone, plain(file.stem))
        _check_columns(file, reading, {*opened.columns, *added})
        said = CRS.from_user_input(reading.crs) if reading.crs else opened.crs
        as_text = reading.geometry != ""
        for record in opened.records:
            cells = repair(record.cells)
            if isinstance(cells, str):
                issues.append(issue(reading.layer, "", "", record.where, cells))
                continue
            values = cells_of(record, cells)
            if not values[key]:
                issues.append(issue(reading.layer, "", key, record.where, "The row has no key and is left out."))
            elif _is_elsewhere(reading.layer, values, communes):
                elsewhere.add(values[key])
            else:
                shape = _parsed(cells[reading.geometry]) if as_text else record.shape
                shape = point_of(cells, reading.x, reading.y) if reading.x else shape
                rows.append(_Drawn(f"{record.where} ({values[key]})", values[key], values, shape))
        issues += [issue(reading.layer, "", column, text, why) for _, column, text, why in opened.doubts]
    spatial = issubclass(LAYERS[reading.layer], Spatial)
    shapes: list[BaseGeometry | None] = [None] * len(rows)
    as_points = reading.x != "" and not (spatial and drawn_as(reading.layer) is Drawn.POINT)
    points: dict[str, BaseGeometry] = {}
    if as_points or (not spatial and opened.drawn):
        points = _points(reading, rows, said, crs, issues)
    elif spatial and (as_text or opened.drawn or reading.x):
        said = said or _fitting(file, reading, [row.shape for row in rows], crs, issues) if as_text else said
        shapes, doubts = _grounds(file, reading, rows, said, crs)
        issues += doubts
    frame = _frame(reading.layer, rows, shapes, crs, issues)
    frame["source_id"] = source.source_id
    drawn = frame.geometry.notna() if spatial else np.full(len(frame), basis is not Basis.DIGITISED)
    frame["basis"] = np.where(drawn, basis.value, Basis.STATED.value)
    _complete(file, reading, frame, source)
    says = frozenset({*reading.columns, *reading.constants})
    return Found(reading.layer, place, frame, says, tuple(issues), frozenset(elsewhere), points=points)


def _points(
    reading: Reading, rows: Sequence[_Drawn], said: CRS | None, crs: CRS, issues: list[Row]
) -> dict[str, BaseGeometry]:
    """Return where rows say that they are, in the CRS asked for; a place that is none is an issue."""
    found: dict[str, BaseGeometry] = {}
    for row in rows:
        shape = row.shape if isinstance(row.shape, str | BaseGeometry) or not row.shape else made(row.shape)[0]
        if isinstance(shape, BaseGeometry) and not shape.is_empty:
            found.setdefault(row.key, shape)
        elif row.shape:
            what = shape if isinstance(shape, str) else row.where
            issues.append(issue(reading.layer, row.key, "geometry", what, "It says no place, and is not used."))
    if said is None and found:
        message = f"{len(found)} points are not used: nobody says in which CRS they are (`crs` in the mapping)."
        issues.append(issue(reading.layer, "", "geometry", "", message))
    return brought(found, said, crs) if said is not None and found else {}


def _check_columns(file: Path, reading: Reading, there: Collection[str]) -> None:
    wanted = {theirs: ours for ours, theirs in reading.columns.items() if theirs != NUMBER}
    wanted |= {theirs: "geometry" for theirs in (reading.geometry, reading.x, reading.y) if theirs}
    mend = f"There are: {', '.join(sorted(there))}. Correct the mapping."
    faults = [
        Fault(f"[{reading.layer}.columns] {ours}", f"the file has no column `{theirs}` (any more).", mend)
        for theirs, ours in wanted.items()
        if theirs not in there
    ]
    if faults:
        raise SchemaError.of(str(file), faults)


def issue(layer: str, row: str, column: str, value: str, message: str) -> Row:
    """Make one row of the layer of issues."""
    return {"layer": layer, "row": row, "column_name": column, "value": value, "message": message}


def _pointed(reading: Reading, typed: Collection[str]) -> Reading:
    """Say of which columns the file holds numbers: their point is a decimal sign."""
    return replace(
        reading, pointed=reading.pointed | {ours for ours, theirs in reading.columns.items() if theirs in typed}
    )


def _cell_reader(
    reading: Reading, communes: Mapping[str, str], issues: list[Row], zone: dt.tzinfo | None, name_of_file: str
) -> Callable[[Record, Mapping[str, str]], Row]:
    """Return what reads the cells of one record; doubtful ones are added to `issues`, each once.

    Where the key of a row is said but unknown, the number of the row stands for it.
    """
    columns = columns_of(reading.layer)
    key = KEYS[reading.layer]
    converters = {name: converter(name, column, reading, communes, zone) for name, column in columns.items()}

    def cells_of(record: Record, cells: Mapping[str, str]) -> Row:
        values: Row = {}
        doubts: dict[tuple[str, str], tuple[str, str]] = {}
        for name, convert in converters.items():
            theirs = reading.columns.get(name, "")
            text = str(record.number) if theirs == NUMBER else cells.get(theirs, "")
            text = text or reading.constants.get(name, "")
            value, doubt = convert(text)
            values[name] = f"{reading.prefixes.get(name, '')}{value}" if isinstance(value, str) and value else value
            if doubt:
                doubts.setdefault((theirs, doubt), (name, text))
        if not values[key] and any(name == key for name, _ in doubts.values()):
            values[key] = f"{name_of_file.replace(' ', '-')}-{record.number}"
        for (_, doubt), (name, text) in doubts.items():
            issues.append(issue(reading.layer, values[key], name, text, doubt))
        return values

    return cells_of


def _is_elsewhere(layer: str, values: Row, communes: Mapping[str, str] | None) -> bool:
    said = values["parcel_id"][:5] if layer == "parcels" else values.get("insee", "")
    return bool(communes and said) and not any(code in (communes or {}) for code in said.split("|"))


def _parsed(text: str) -> BaseGeometry | str | None:
    """Read a shape from a cell: GeoJSON, WKT, or WKT with its SRID before it; a text that is none stays a text."""
    if not text:
        return None
    try:
        shape = made(json.loads(text))[0] if text.startswith("{") else shapely.from_wkt(text.rpartition(";")[2])
    except (ValueError, RecursionError, shapely.errors.ShapelyError):
        return text
    return text if shape is None else shape


def _grounds(
    file: Path, reading: Reading, rows: Sequence[_Drawn], said: CRS | None, crs: CRS
) -> tuple[list[BaseGeometry | None], list[Row]]:
    """Return the shape of each row in the CRS asked for, and what is doubtful about it."""
    if said is None:
        mend = "Say which one with `gis import … --crs EPSG:…`, or as crs in the mapping; it is never guessed."
        raise CrsError.of(str(file), [Fault("", "no CRS.", mend)])
    forward = way(said, crs, str(file))
    layer, drawn = reading.layer, drawn_as(reading.layer)
    shapes: list[BaseGeometry | None] = []
    issues: list[Row] = []
    faults = []
    drawings = [_part(row.shape, drawn) for row in rows]
    far = strangers(str(file), [made(part)[0] for part, _ in drawings], said, crs, drawn)
    for row, (drawing, doubtful), stranger in zip(rows, drawings, far, strict=True):
        part, doubt = (None, stranger) if stranger else (drawing, doubtful)
        moved, broken = shape_of(part, forward, drawn) if part is not None else (None, "")
        if broken and reading.mend:
            moved, told = mended_shape(part, forward, drawn)
            doubt, broken = (f"{broken[:1].upper()}{broken[1:]} {told}", "") if told else (doubt, broken)
        shapes.append(moved)
        if doubt:
            issues.append(issue(layer, row.key, "geometry", row.where, doubt))
        if broken:
            faults.append(Fault(row.where, broken, _MEND))
    if faults:
        raise GeometryError.of(str(file), faults)
    return shapes, issues


#: What a layer is drawn as, in the words of a message, and one shape of it or several.
_KINDS: Final[Mapping[Drawn, tuple[str, tuple[str, ...], Callable[[Any], BaseGeometry]]]] = {
    Drawn.POLYGON: ("ground", ("Polygon", "MultiPolygon"), shapely.MultiPolygon),
    Drawn.LINE: ("line", ("LineString", "MultiLineString"), shapely.MultiLineString),
    Drawn.POINT: ("point", ("Point",), shapely.MultiPoint),
}


def _part(geometry: Any, drawn: Drawn) -> tuple[Any, str]:
    """Return what a layer is drawn as in a shape, and what is doubtful about the rest; nobody drew an empty one."""
    word, kinds, several = _KINDS[drawn]
    if isinstance(geometry, str):
        return None, "The text is no shape, and is left out."
    kind = (geometry["type"] if not isinstance(geometry, BaseGeometry) else geometry.geom_type) if geometry else ""
    if kind in {*kinds, ""}:
        return (None if isinstance(geometry, BaseGeometry) and geometry.is_empty else _unless_empty(geometry)), ""
    if kind in {"GeometryCollection", "MultiPoint"}:
        whole, broken = made(geometry)
        if whole is None:
            return None, f"It is left out: {broken}"
        members = shapely.get_parts(whole)
        fitting = [one for each in members if each.geom_type in kinds for one in shapely.get_parts(each)]
        left = "" if len(fitting) == len(members) else f"What is no {word} in the shape is left out."
        if fitting or kind == "GeometryCollection":
            return (fitting[0] if len(fitting) == 1 else several(fitting) if fitting else None), left
    return None, f"The shape is a {kind}, no {word}, and is left out."


def _unless_empty(geometry: Any) -> Any:
    """Return a shape, or nothing when it has no point at all."""
    if geometry is None or isinstance(geometry, BaseGeometry):
        return geometry
    points = geometry.get("coordinates")
    return None if isinstance(points, list | tuple) and (not points or points[0] in ([], ())) else geometry


def _fitting(
    file: Path, reading: Reading, shapes: Iterable[BaseGeometry | str | None], crs: CRS, issues: list[Row]
) -> CRS | None:
    """Return the one system in which every shape lies where the zone of the territory is used, and say so.

    Where none does, the one in which all lie in the country: each shape is then said to be far off.
    """
    drawn = [shape for shape in shapes if isinstance(shape, BaseGeometry)]
    fit = systems_that_fit(drawn, crs) or systems_that_fit(drawn, crs, anywhere=True)
    if len(fit) != 1:
        found = "no CRS, and its coordinates fit " + (" and ".join(each.to_string() for each in fit) or "none we know.")
        mend = "Say which one with `gis import … --crs EPSG:…`; it is never guessed."
        raise CrsError.of(str(file), [Fault(f"column `{reading.geometry}`", found, mend)])
    message = "The file says no CRS. Its coordinates fit this one alone."
    issues.append(issue(reading.layer, "", reading.geometry, fit[0].to_string(), message))
    return fit[0]


def _frame(
    layer: str, rows: Sequence[_Drawn], shapes: Sequence[BaseGeometry | None], crs: CRS, issues: list[Row]
) -> Any:
    """Make a frame of the rows; those that share a key become one, their shapes put together."""
    first: dict[str, int] = {}
    ground: dict[str, list[BaseGeometry]] = {}
    points = drawn_as(layer) is Drawn.POINT
    for n, (row, shape) in enumerate(zip(rows, shapes, strict=True)):
        if first.setdefault(row.key, n) != n:
            put = "the first is meant" if points else "the shapes are put together, the first row gives the rest"
            message = f"The key stands twice: {put}."
            issues.append(issue(layer, row.key, KEYS[layer], row.where, message))
        if shape is not None:
            ground.setdefault(row.key, []).append(shape)
    columns = columns_of(layer)
    frame: Any = pd.DataFrame(index=range(len(first)))
    for name, column in columns.items():
        values = [rows[n].row[name] for n in first.values()]
        frame[name] = array(values, str(column.dtype))
    if issubclass(LAYERS[layer], Spatial):
        ground_of = np.full(len(first), None, dtype=object)
        for n, key in enumerate(first):
            parts = ground.get(key, [])
            together = len(parts) > 1 and not points
            ground_of[n] = shapely.union_all(parts) if together else parts[0] if parts else None
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(ground_of, crs=crs))
    return frame


def array(values: Sequence[Any], dtype: str) -> Any:
    """Make a column of values that are already of its type."""
    if dtype.startswith("float"):
        return np.array(values, dtype=float)
    if dtype.startswith("datetime"):
        return np.array(
            [NO_DAY if pd.isna(value) else np.datetime64(value, "ns") for value in values], dtype="datetime64[ns]"
        )
    return pd.array(list(values), dtype="str")


def _complete(file: Path, reading: Reading, frame: pd.DataFrame, source: Source) -> None:
    """Fill in what follows from the rest: the date of the source, whether a site counts; refuse what cannot be said."""
    columns = columns_of(reading.layer)
    faults = []
    for name, column in columns.items():
        if unknown_of(column) is None and frame[name].isna().any():
            missing = frame.loc[frame[name].isna(), KEYS[reading.layer]].tolist()
            few = f" ({', '.join(missing[:3])}…)" if is_public(reading.layer) else ""
            found = f"{len(missing)} rows say none{few}, and {reading.layer} has no word for it."
            mend = (
                f'Say it in [{reading.layer}.values.{name}], or for all rows: [{reading.layer}.constants] {name} = "…".'
            )
            faults.append(Fault(f"column `{name}`", found, mend))
    if faults:
        raise SchemaError.of(str(file), faults)
    if "as_of" in columns and source.edition:
        dated = converter(DATED[0], columns["as_of"], reading, {})(source.edition)[0]
        frame["as_of"] = frame["as_of"].where(frame["as_of"] != "", dated)
    if reading.layer == "sites":
        counted = frame["site_type"].map(
            lambda kind: "" if kind == SiteType.UNKNOWN else (Answer.YES if kind == SiteType.ZONE else Answer.NO).value
        )
        frame["counted"] = frame["counted"].where(frame["counted"] != "", counted)
