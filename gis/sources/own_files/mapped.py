"""A file and how it is read → rows of one layer: `read_layer`.

Rows come as the file has them, checked cell by cell. What is doubtful becomes an issue; a broken shape stops, named by
its feature. Whose row is meant where two have one key is told by `gis.sources.conflation.ranking`.
"""

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely
import shapely.errors
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from gis.crs import GeometryKind, time_of
from gis.days import NO_DAY
from gis.errors import CrsError, Fault, GeometryError, SchemaError
from gis.provenance import Basis, Source
from gis.public import is_public
from gis.schemas import KEYS, Answer, Row, SiteType, Spatial, drawn_as
from gis.sources.own_files.cells import converter
from gis.sources.own_files.grounding import Outlines
from gis.sources.own_files.import_synonyms import NAMED
from gis.sources.own_files.mapping import KEEP, NUMBER, TARGETS, TableReading, columns_of, unknown_of
from gis.sources.own_files.passed import Aside, plain_m2
from gis.sources.own_files.points import LOCATED, brought, is_point, is_somewhere, point_of
from gis.sources.tables import accounts
from gis.sources.tables.accounts import Account, Fate, Ledger
from gis.sources.tables.codes import commune_here, is_postal_heading, is_whole_of, may_be_postal, parcel_number
from gis.sources.tables.fact_tables import DATED
from gis.sources.tables.plain_words import plain
from gis.sources.tables.rows import Record, open_rows
from gis.sources.tables.shapes import made, mended_shape, shape_of, way
from gis.sources.tables.whereabouts import strangers, systems_that_fit
from gis.sources.tables.workbooks import LEFT_OUT

#: Puts the cells of a record right before they are read, or says why the record is left out.
Repair = Callable[[Mapping[str, str]], Mapping[str, str] | str]

#: Reads the cells of a record into a row, and says which of their columns are read as unknown.
_CellsOf = Callable[[Record, Mapping[str, str]], tuple[Row, frozenset[str]]]

_MEND: Final = (
    "Mend it in QGIS (Vector > Geometry tools > Fix geometries) and import the mended file, or say --mend "
    "(`mend = true` in the mapping)."
)


@dataclass(frozen=True, slots=True)
class FileLayer:
    """What a file says of one layer: rows, the columns it has a word on, what is doubtful, and what is elsewhere.

    `elsewhere` are keys of rows that lie in no commune of the territory; they are not in the frame. `account` says what
    became of every row, and `cells` what is noted of each row of the frame, and how many cells it gave.
    """

    layer: str
    place: str
    frame: pd.DataFrame
    says: frozenset[str]
    issues: tuple[Row, ...]
    elsewhere: frozenset[str]
    account: Account = field(default_factory=Account)
    cells: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    file: str = ""
    points: Mapping[str, BaseGeometry] = field(default_factory=dict)  # of rows that say where they are, no ground


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A row as it is being read: its key, the row itself, its shape as the file has it, and its cells.

    `filled` are the columns of the file that say something, `unread` those of them that are read as unknown.
    """

    where: str
    key: str
    row: Row
    shape: Any
    filled: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    note: str = ""


def read_layer(  # noqa: PLR0913  (each is one thing that the file does not say)
    file: Path,
    reading: TableReading,
    *,
    crs: CRS,
    source: Source,
    basis: Basis,
    encoding: str = "",
    communes: Mapping[str, str] | None = None,
    outlines: Outlines | None = None,
    former: Mapping[str, str] = MappingProxyType({}),
    repair: Repair = lambda cells: cells,
    added: Collection[str] = (),
) -> FileLayer:
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
    outlines
        Their outlines: where a row says no commune, or one of elsewhere, the ground of its shape or its point decides.
    former
        Code of a commune that is no more → the one of `communes` that it went into; "" where nobody can tell which.
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
    layer, as_text = reading.layer, reading.geometry != ""
    taken = _Taken(Ledger(), Aside(layer, measured=drawn_as_polygon(layer)), outlines or Outlines({}), former)
    issues, ledger = taken.issues, taken.ledger
    zone = time_of(crs, communes or ())
    with open_rows(file, table=reading.table, encoding=encoding, totals=reading.totals == KEEP) as opened:
        cells_of = _cell_reader(_pointed(reading, opened.typed), communes or {}, issues, zone, plain(file.stem))
        _check_columns(file, reading, {*opened.columns, *added})
        said = CRS.from_user_input(reading.crs) if reading.crs else opened.crs
        taken.aside.forward = way(said, crs, str(file)) if said is not None else None
        used = {*reading.columns.values(), *reading.joined.values(), reading.geometry, reading.x, reading.y}
        mapped = frozenset(used - {NUMBER, "", *added})
        for record in opened.records:
            _take(record, reading, repair, cells_of, mapped, communes, taken)
        _told_of_communes(reading, taken)
        issues += [issue(layer, "", column, text, why) for _, column, text, why in opened.doubts]
    for why in (LEFT_OUT[why] for *_, why in opened.doubts if why in LEFT_OUT):
        ledger.rows_in += 1
        ledger.row(Fate.REFUSED, why)
    spatial = issubclass(TARGETS[layer], Spatial)
    rows = taken.rows
    shapes: list[BaseGeometry | None] = [None] * len(rows)
    as_points = reading.x != "" and not (spatial and drawn_as(reading.layer) is GeometryKind.POINT)
    points: dict[str, BaseGeometry] = {}
    if as_points or (not spatial and opened.drawn):
        points = _points(file, reading, rows, said, crs, issues)
    elif spatial and (as_text or opened.drawn or reading.x):
        said = said or _fitting(file, reading, [row.shape for row in rows], crs, issues) if as_text else said
        pointed = [row for row in rows if is_point(row.shape)] if layer in LOCATED else []
        rows = [replace(row, shape=None) if layer in LOCATED and is_point(row.shape) else row for row in rows]
        shapes, doubts = _grounds(file, reading, rows, said, crs, ledger)
        points = _points(file, reading, pointed, said, crs, issues)
        issues += doubts
        taken.aside.forward = way(said, crs, str(file)) if said is not None else None
    issues += taken.aside.told(ledger)
    frame, cells_used = _frame(reading, rows, shapes, crs, issues, ledger)
    frame["source_id"] = source.source_id
    drawn = frame.geometry.notna() if spatial else np.full(len(frame), basis is not Basis.DIGITISED)
    frame["basis"] = np.where(drawn, basis.value, Basis.STATED.value)
    _complete(file, reading, frame, source)
    says = frozenset({*reading.columns, *reading.constants})
    told = tuple({**each, "file": file.name} for each in issues)
    elsewhere = frozenset(taken.elsewhere)
    return FileLayer(layer, place, frame, says, told, elsewhere, ledger.closed(), cells_used, file.name, points)


@dataclass(frozen=True, slots=True)
class _Taken:
    """What is taken of a file as its records pass: the account, rows set aside, rows kept, issues, keys elsewhere."""

    ledger: Ledger
    aside: Aside
    outlines: Outlines
    former: Mapping[str, str]
    rows: list[_Drawn] = field(default_factory=list)
    issues: list[Row] = field(default_factory=list)
    elsewhere: set[str] = field(default_factory=set)
    grounded: set[str] = field(default_factory=set)  # rows that say no commune, and lie in one
    coded: set[bool] = field(default_factory=set)  # whether codes end as postal ones do

    def ground_of(self, shape: Any) -> str | None:
        """Return the commune that a shape lies in, "" where it lies in none, None where nobody can tell."""
        forward = self.aside.forward
        return self.outlines.commune_of(shape, forward) if self.outlines and forward is not None else None


def _take(  # noqa: PLR0913, PLR0917  (how a record is read, and where it goes)
    record: Record,
    reading: TableReading,
    repair: Repair,
    cells_of: _CellsOf,
    mapped: frozenset[str],
    communes: Mapping[str, str] | None,
    taken: _Taken,
) -> None:
    """Read one record: it is kept, or set aside with its reason."""
    layer, key, ledger = reading.layer, KEYS[reading.layer], taken.ledger
    filled = frozenset(name for name in mapped if record.cells.get(name))
    ledger.rows_in += 1
    ledger.cells_in += len(filled)
    shape = _parsed(record.cells[reading.geometry]) if reading.geometry else record.shape
    shape = point_of(record.cells, reading.x, reading.y) if reading.x else shape
    cells = repair(record.cells)
    if isinstance(cells, str):
        taken.issues.append(issue(layer, "", "", record.where, cells))
        why = cells.removesuffix(".").removesuffix(" and is left out")
        taken.aside.put(Fate.REFUSED, why, len(filled), shape, record.where)
        return
    values, unread = cells_of(record, cells)
    if not values[key]:
        taken.issues.append(issue(layer, "", key, record.where, "The row has no key and is left out."))
        taken.aside.put(Fate.REFUSED, accounts.NO_KEY, len(filled), shape, record.where)
        return
    numbered = reading.columns.get(key) == NUMBER
    if numbered and layer == "parcels" and not taken.rows and not taken.elsewhere:
        message = "No column holds numbers of parcels: the rows are numbered, and kept by their ground."
        taken.issues.append(issue(layer, "", key, "", message))
    due = cells.get(reading.columns.get(key if layer == "parcels" and not numbered else "insee", ""), "")
    due = due or reading.constants.get("insee", "")
    if layer != "parcels" and values.get("insee") and is_postal_heading(reading.columns.get("insee", "")):
        values["insee"], unread = "", unread | {reading.columns["insee"]}
        taken.issues.append(issue(layer, values[key], "insee", due, f"It is a postal code, {_NO_COMMUNE}"))
    why, note = _placed(layer, values, due, shape, communes, taken)
    if why:
        taken.elsewhere.add(values[key])
        taken.aside.put(Fate.PASSED_OVER, why, len(filled), shape, values[key])
        return
    where = f"{record.where} ({values[key]})"
    taken.rows.append(_Drawn(where, values[key], values, shape, filled, unread & filled, note))


def _placed(  # noqa: PLR0913, PLR0917  (a row, and what it is held against)
    layer: str, values: Row, due: str, shape: Any, communes: Mapping[str, str] | None, taken: _Taken
) -> tuple[str, str]:
    """Return why a row is of elsewhere, and what is noted of it; write into it the commune that is meant.

    `due` is what the file writes where the commune is due, or the number of a parcel.
    """
    key, column = values[KEYS[layer]], KEYS[layer] if layer == "parcels" else "insee"

    def tell(message: str) -> None:
        taken.issues.append(issue(layer, key, column, due, message))

    other, note, before = _whereabouts(layer, values, due, communes, taken.former)
    for code in before:
        tell(f"{code} is a former commune, which went into {taken.former[code]}: that one is meant.")
    if not note:
        taken.coded.add(other.endswith("0"))
    why = f"{accounts.OTHER_COMMUNE}{other}" if other else ""
    ground = taken.ground_of(shape) if other or note else None
    if ground and note == accounts.NO_COMMUNE:
        if "insee" in values:
            values["insee"] = ground
            taken.grounded.add(key)
    elif ground:
        tell(f"It says {other or 'no code of a commune'}, and its ground lies in {ground}, which is meant.")
        why, note = "", ""
        if layer != "parcels":
            values["insee"] = ground
    elif not why and ground == "":  # None is not known
        why = accounts.OTHER_GROUND
    elif ground is None and other and layer != "parcels" and may_be_postal(other, communes or ()):
        why, note = "", accounts.POSTAL
    return why, note


#: What is said of a postal code.
_NO_COMMUNE: Final = "which is no commune: INSEE codes are due. Its commune is unknown."


def _told_of_communes(reading: TableReading, taken: _Taken) -> None:
    """Say of which rows the ground tells the commune, and decide on codes that may be postal ones.

    They are where every code of the file ends as those do, and none is of the territory; else they are of other
    communes.
    """
    layer, key, column = reading.layer, KEYS[reading.layer], reading.columns.get("insee", "")
    if taken.grounded:
        count = len(taken.grounded)
        rows = "1 row says" if count == 1 else f"{count:,} rows say"
        taken.issues.append(
            issue(layer, "", "insee", "", f"{rows} no commune: the one that the ground or the point lies in is meant.")
        )
    kept = []
    for row in taken.rows:
        if row.note != accounts.POSTAL:
            kept.append(row)
        elif all(taken.coded):
            code, row.row["insee"] = row.row["insee"], ""
            message = (
                f"Every code of the file ends as postal codes do, and none is of here. It is read as one, {_NO_COMMUNE}"
            )
            taken.issues.append(issue(layer, row.key, "insee", code, message))
            kept.append(replace(row, unread=row.unread | ({column} & row.filled), note=accounts.UNKNOWN_CODE))
        else:
            why = f"{accounts.OTHER_COMMUNE}{row.row['insee'].partition('|')[0]}"
            taken.elsewhere.add(row.key)
            taken.aside.put(Fate.PASSED_OVER, why, len(row.filled), row.shape, row.row[key])
    taken.rows[:] = kept


def drawn_as_polygon(layer: str) -> bool:
    """Tell whether the shapes of a layer are ground, which is measured."""
    return issubclass(TARGETS[layer], Spatial) and drawn_as(layer) is GeometryKind.POLYGON


def _points(  # noqa: PLR0913, PLR0917  (rows of a file, and where what is doubtful of them is written)
    file: Path, reading: TableReading, rows: Sequence[_Drawn], said: CRS | None, crs: CRS, issues: list[Row]
) -> dict[str, BaseGeometry]:
    """Return where rows say that they are, in the CRS asked for; a place that is none is an issue."""
    found: dict[str, BaseGeometry] = {}
    for row in rows:
        shape = row.shape if isinstance(row.shape, str | BaseGeometry) or not row.shape else made(row.shape)[0]
        if isinstance(shape, BaseGeometry) and is_somewhere(shape):
            found.setdefault(row.key, shape)
        elif row.shape:
            what = shape if isinstance(shape, str) else row.where
            issues.append(issue(reading.layer, row.key, "geometry", what, "It says no place, and is not used."))
    if said is None and found:
        message = f"{len(found)} points are not used: nobody says in which CRS they are (`crs` in the mapping)."
        issues.append(issue(reading.layer, "", "geometry", "", message))
    if said is not None:
        reasons = strangers(str(file), [*found.values()], said, crs, GeometryKind.POINT)
        for key, why in zip(list(found), reasons, strict=True):
            if why:
                issues.append(issue(reading.layer, key, "geometry", found.pop(key).wkt[:60], why))
    placed = brought(found, said, crs) if said is not None and found else {}
    for key in sorted(found.keys() - placed.keys()) if said is not None else ():
        message = "Its point lies nowhere in the system of the territory, and is not used."
        issues.append(issue(reading.layer, key, "geometry", found[key].wkt[:60], message))
    return placed


def _check_columns(file: Path, reading: TableReading, there: Collection[str]) -> None:
    wanted = {theirs: ours for ours, theirs in reading.columns.items() if theirs != NUMBER}
    wanted |= {theirs: ours for ours, theirs in reading.joined.items()}
    wanted |= {theirs: "geometry" for theirs in (reading.geometry, reading.x, reading.y) if theirs}
    named = ", ".join(sorted(there)) if is_public(reading.layer) else f"{len(there)} columns"
    mend = f"There are: {named}. Correct the mapping."
    faults = [
        Fault(f"[{reading.heading}.columns] {ours}", f"the file has no column `{theirs}` (any more).", mend)
        for theirs, ours in wanted.items()
        if theirs not in there
    ]
    if faults:
        raise SchemaError.of(str(file), faults)


def issue(layer: str, row: str, column: str, value: str, message: str) -> Row:
    """Make one row of the layer of issues."""
    return {"layer": layer, "row": row, "column_name": column, "value": value, "message": message}


def _pointed(reading: TableReading, typed: Collection[str]) -> TableReading:
    """Say of which columns the file holds numbers: their point is a decimal sign."""
    return replace(
        reading, pointed=reading.pointed | {ours for ours, theirs in reading.columns.items() if theirs in typed}
    )


def _cell_reader(
    reading: TableReading, communes: Mapping[str, str], issues: list[Row], zone: dt.tzinfo | None, name_of_file: str
) -> _CellsOf:
    """Return what reads the cells of one record, and says which are unknown; doubtful ones are added to `issues`.

    Where the key of a row is said but unknown, or its name is its key and nobody says it, the number of the row stands
    for it.
    """
    columns = columns_of(reading.layer)
    key = KEYS[reading.layer]
    second = reading.joined.get(key, "")
    parts = [reading.columns.get(key, ""), *filter(None, [second])]
    derived = second or (NAMED.get(reading.layer) and reading.columns.get(NAMED[reading.layer]) == parts[0])
    converters = {name: converter(name, column, reading, communes, zone) for name, column in columns.items()}

    def cells_of(record: Record, cells: Mapping[str, str]) -> tuple[Row, frozenset[str]]:
        values: Row = {}
        unread, taken = set[str](), set[str]()
        doubts: dict[tuple[str, str], tuple[str, str]] = {}
        for name, convert in converters.items():
            theirs = reading.columns.get(name, "")
            text = str(record.number) if theirs == NUMBER else cells.get(theirs, "")
            if name == key and second:
                text = _joined(text, cells.get(second, ""))
                taken.add(second)
            text = text or reading.constants.get(name, "")
            value, doubt = convert(text) if theirs != NUMBER else (text, "")
            (unread if doubt and _is_nothing(value, columns[name]) else taken).add(theirs)
            values[name] = f"{reading.prefixes.get(name, '')}{value}" if isinstance(value, str) and value else value
            if doubt:
                doubts.setdefault((theirs, doubt), (name, text))
        if not values[key] and derived and (record.shape or any(cells.values())):
            blank = " and ".join(f"`{each}`" for each in parts if not cells.get(each))
            message = f"It says no {blank}: the number of the row stands for its key."
            doubts[parts[0], message] = (key, _joined(*(cells.get(each, "") for each in parts), partly=True))
            values[key] = f"{name_of_file.replace(' ', '-')}-row-{record.number}"  # a name may be a number too
        if not values[key] and any(name == key for name, _ in doubts.values()):
            values[key] = f"{name_of_file.replace(' ', '-')}-{record.number}"
        for (_, doubt), (name, text) in doubts.items():
            issues.append(issue(reading.layer, values[key], name, text, doubt))
        return values, frozenset(unread - taken)

    return cells_of


def _joined(first: str, second: str = "", *, partly: bool = False) -> str:
    """Put the two parts of a key together; nothing where one is blank, unless `partly`.

    >>> _joined("Est ", "12"), _joined("Est", ""), _joined("Est", "", partly=True)
    ('Est-12', '', 'Est')
    """
    both = [" ".join(text.split()) for text in (first, second)]
    return "-".join(filter(None, both)) if partly or all(both) else ""


def _is_nothing(value: Any, column: pa.Column) -> bool:
    return bool(pd.isna(value)) or value in {"", unknown_of(column)}


class _Whereabouts(NamedTuple):
    """The other commune that a row lies in, what is not known of its own, and the former communes that it names."""

    other: str = ""
    note: str = ""
    former: tuple[str, ...] = ()


def _whereabouts(
    layer: str, values: Row, said: str, communes: Mapping[str, str] | None, former: Mapping[str, str]
) -> _Whereabouts:
    """Return where a row lies; its districts and what its communes were before become communes.

    `said` is what the file writes where the commune is due, or the number of a parcel. What is no code is no place.
    """
    if communes is None or (layer != "parcels" and "insee" not in values):
        return _Whereabouts()
    number = parcel_number(values["parcel_id"]) if layer == "parcels" else ""
    codes = [number[:5]] if number else [] if layer == "parcels" else [*filter(None, values["insee"].split("|"))]
    if not codes or not communes:
        return _Whereabouts(note="" if codes else accounts.UNKNOWN_CODE if said else accounts.NO_COMMUNE)
    here = [commune_here(code, communes, former) for code in codes]
    if any(here):
        if layer != "parcels":
            known = (there or code for there, code in zip(here, codes, strict=True))
            values["insee"] = "|".join(dict.fromkeys(known))
        before = (code for code in codes if commune_here(code, communes, former) and not commune_here(code, communes))
        return _Whereabouts(former=tuple(before))
    if any(is_whole_of(code, communes) or code in former for code in codes):
        return _Whereabouts(note=accounts.UNKNOWN_CODE)
    return _Whereabouts(codes[0])


def _parsed(text: str) -> BaseGeometry | str | None:
    """Read a shape from a cell: GeoJSON, WKT, or WKT with its SRID before it; a text that is none stays a text."""
    if not text:
        return None
    try:
        shape = made(json.loads(text))[0] if text.startswith("{") else shapely.from_wkt(text.rpartition(";")[2])
    except (ValueError, RecursionError, shapely.errors.ShapelyError):
        return text
    return text if shape is None else shape


def _grounds(  # noqa: PLR0913, PLR0917  (rows of a file, and where what becomes of their ground is written)
    file: Path, reading: TableReading, rows: Sequence[_Drawn], said: CRS | None, crs: CRS, ledger: Ledger
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
    if drawn is GeometryKind.POLYGON:
        _measure(rows, drawings, shapes, forward, ledger)
    return shapes, issues


def _measure(
    rows: Sequence[_Drawn],
    drawings: Sequence[tuple[Any, str]],
    shapes: Sequence[BaseGeometry | None],
    forward: Transformer,
    ledger: Ledger,
) -> None:
    """Write into the account the ground that came, and what of it was left out or moved when it was mended."""
    there = [
        part if shape is not None else row.shape for row, (part, _), shape in zip(rows, drawings, shapes, strict=True)
    ]
    sizes = plain_m2([None if isinstance(each, str) else each for each in there], forward)
    for size, shape in zip(sizes, shapes, strict=True):
        after = float(shapely.area(shape)) if shape is not None else 0.0
        is_same = shape is not None and abs(size - after) <= _SAME_M2 * max(size, after)
        before = after if is_same else size
        ledger.m2_in += before
        ledger.ground(Fate.REFUSED, accounts.LEFT_SHAPE if shape is None else accounts.MOVED, before - after)


#: Share of an area that is floating noise.
_SAME_M2: Final = 1e-9

#: What a layer is drawn as, in the words of a message, and one shape of it or several.
_KINDS: Final[Mapping[GeometryKind, tuple[str, tuple[str, ...], Callable[[Any], BaseGeometry]]]] = {
    GeometryKind.POLYGON: ("ground", ("Polygon", "MultiPolygon"), shapely.MultiPolygon),
    GeometryKind.LINE: ("line", ("LineString", "MultiLineString"), shapely.MultiLineString),
    GeometryKind.POINT: ("point", ("Point",), shapely.MultiPoint),
}


def _part(geometry: Any, drawn: GeometryKind) -> tuple[Any, str]:
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
    file: Path, reading: TableReading, shapes: Iterable[BaseGeometry | str | None], crs: CRS, issues: list[Row]
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


def _frame(  # noqa: PLR0913, PLR0917  (rows with their shapes, and where what becomes of them is written)
    reading: TableReading,
    rows: Sequence[_Drawn],
    shapes: Sequence[BaseGeometry | None],
    crs: CRS,
    issues: list[Row],
    ledger: Ledger,
) -> tuple[Any, dict[str, tuple[str, int]]]:
    """Make a frame of the rows; those that share a key become one, their shapes put together."""
    layer = reading.layer
    first: dict[str, int] = {}
    ground: dict[str, list[BaseGeometry]] = {}
    points = drawn_as(layer) is GeometryKind.POINT if issubclass(TARGETS[layer], Spatial) else False
    used: dict[str, tuple[str, int]] = {}
    for n, (row, shape) in enumerate(zip(rows, shapes, strict=True)):
        lost = {reading.geometry} & row.filled if shape is None else frozenset[str]()
        unread = row.unread | lost
        ledger.cells(Fate.REFUSED, accounts.UNREAD, len(unread))
        if first.setdefault(row.key, n) == n:
            ledger.row(Fate.USED, row.note)
            used[row.key] = row.note, len(row.filled - unread)
        else:
            put = "the first is meant" if points else "the shapes are put together, the first row gives the rest"
            issues.append(issue(layer, row.key, KEYS[layer], row.where, f"The key stands twice: {put}."))
            other = _differing(reading, rows[first[row.key]], row, issues) - unread
            ledger.row(Fate.MERGED, accounts.ONE_KEY)
            ledger.cells(Fate.REFUSED, accounts.DIFFERS, len(other))
            ledger.cells(Fate.MERGED, accounts.ONE_KEY, len(row.filled - unread - other))
        if shape is not None:
            ground.setdefault(row.key, []).append(shape)
    ledger.cells(Fate.USED, "", sum(count for _, count in used.values()))
    columns = columns_of(layer)
    frame: Any = pd.DataFrame(index=range(len(first)))
    for name, column in columns.items():
        values = [rows[n].row[name] for n in first.values()]
        frame[name] = array(values, str(column.dtype))
    if issubclass(TARGETS[layer], Spatial):
        ground_of = np.full(len(first), None, dtype=object)
        for n, key in enumerate(first):
            parts = ground.get(key, [])
            together = len(parts) > 1 and not points
            ground_of[n] = shapely.union_all(parts) if together else parts[0] if parts else None
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(ground_of, crs=crs))
        if drawn_as_polygon(layer):
            for shape, parts in zip(ground_of, (ground.get(each, []) for each in first), strict=True):
                whole = float(shapely.area(shape)) if shape is not None else 0.0
                ledger.ground(Fate.USED, "", whole)
                if len(parts) > 1:
                    ledger.ground(Fate.MERGED, accounts.OVERLAP, float(np.sum(shapely.area(parts))) - whole)
    return frame, used


def _differing(reading: TableReading, first: _Drawn, row: _Drawn, issues: list[Row]) -> frozenset[str]:
    """Return the columns of the file in which a row says something else than the first of its key, each an issue."""
    other: dict[str, str] = {}
    for ours, theirs in reading.columns.items():
        value, before = row.row[ours], first.row[ours]
        if theirs in row.filled - row.unread and _is_other(value, before):
            other.setdefault(theirs, ours)
    for ours in other.values():
        message = f"The key stands twice: {row.where.partition(' (')[0]} says this, and the first row is meant."
        issues.append(issue(reading.layer, row.key, ours, shown_value(row.row[ours]), message))
    return frozenset(other)


def _is_other(one: Any, other: Any) -> bool:
    return bool(one != other) and not (bool(pd.isna(one)) and bool(pd.isna(other)))


def shown_value(value: Any) -> str:
    """Return a value of ours as an issue writes it."""
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return f"{value:g}" if isinstance(value, float) else str(value)


def array(values: Sequence[Any], dtype: str) -> Any:
    """Make a column of values that are already of its type."""
    if dtype.startswith("float"):
        return np.array(values, dtype=float)
    if dtype.startswith("datetime"):
        return np.array(
            [NO_DAY if pd.isna(value) else np.datetime64(value, "ns") for value in values], dtype="datetime64[ns]"
        )
    return pd.array(list(values), dtype="str")


def _complete(file: Path, reading: TableReading, frame: pd.DataFrame, source: Source) -> None:
    """Fill in what follows from the rest: the date of the source, whether a site counts; refuse what cannot be said."""
    columns = columns_of(reading.layer)
    faults = []
    for name, column in columns.items():
        if unknown_of(column) is None and frame[name].isna().any():
            missing = frame.loc[frame[name].isna(), KEYS[reading.layer]].tolist()
            few = f" ({', '.join(missing[:3])}…)" if is_public(reading.layer) else ""
            found = f"{len(missing)} rows say none{few}, and {reading.layer} has no word for it."
            mend = (
                f"Say it in [{reading.heading}.values.{name}], or for all rows: [{reading.heading}.constants] "
                f'{name} = "…".'
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
