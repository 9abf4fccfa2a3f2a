"""Reads a file into rows of one layer, as its mapping describes: `read_layer`.

Rows keep the order of the file and are checked cell by cell. A doubtful value becomes an issue. A broken geometry stops
the read with an error that names its feature. `gis.sources.conflation.ranking` decides which row applies where two have
one key.
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

from gis.crs import GeometryKind, time_zone_of_territory
from gis.days import NO_DAY
from gis.errors import CrsError, Fault, GeometryError, SchemaError
from gis.provenance import Basis, Source
from gis.public import is_public_layer
from gis.schemas import KEYS, Answer, Row, SiteType, Spatial, drawn_as
from gis.sources.own_files.cells import cell_converter
from gis.sources.own_files.grounding import Outlines
from gis.sources.own_files.import_synonyms import NAMED
from gis.sources.own_files.mapping import KEEP, NUMBER, TARGETS, TableReading, columns_of_layer, unknown_word_of_column
from gis.sources.own_files.passed import Aside, areas_as_drawn_m2
from gis.sources.own_files.points import LOCATED, has_finite_place, is_point_shape, point_of_cells, points_in_crs
from gis.sources.tables import accounts
from gis.sources.tables.accounts import Account, Fate, Ledger
from gis.sources.tables.codes import (
    is_commune_of_districts,
    is_postal_heading,
    may_be_postal_code,
    parcel_number,
    territory_commune_of_code,
)
from gis.sources.tables.fact_tables import DATED
from gis.sources.tables.plain_words import normalised_text
from gis.sources.tables.rows import Record, open_rows
from gis.sources.tables.shapes import mended_shape, shape_in_crs, shape_of_geometry, transformer_between
from gis.sources.tables.whereabouts import stray_shape_reasons, systems_that_fit
from gis.sources.tables.workbooks import LEFT_OUT

#: Corrects the cells of a record before they are read, or returns why the record is left out.
Repair = Callable[[Mapping[str, str]], Mapping[str, str] | str]

#: Reads the cells of a record into a row, and returns the columns that are read as unknown.
_CellsOf = Callable[[Record, Mapping[str, str]], tuple[Row, frozenset[str]]]

_MEND: Final = (
    "Mend it in QGIS (Vector > Geometry tools > Fix geometries) and import the mended file, or say --mend "
    "(`mend = true` in the mapping)."
)


@dataclass(frozen=True, slots=True)
class FileLayer:
    """The rows of a file for one layer, the columns that it states, the issues, and the keys in other communes.

    `elsewhere` are keys of rows in no commune of the territory; they are not in the frame. `account` states what became
    of every row; `cells` gives, for each row of the frame, its note and the number of its cells.
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
    points: Mapping[str, BaseGeometry] = field(default_factory=dict)  # of rows with a position but no geometry


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A row while it is being read: its key, the row itself, its geometry as in the file, and its cells.

    `filled` are the columns of the file with a value, `unread` those among them that are read as unknown.
    """

    where: str
    key: str
    row: Row
    shape: Any
    filled: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    note: str = ""


def read_layer(  # noqa: PLR0913  (each is one fact that the file does not state)
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
        The file, and the correspondence of its columns to ours.
    crs
        The CRS in metres to transform geometries to.
    source, basis
        The source that rows cite, and the basis of rows with a geometry; rows without one are `stated`. A row without a
        date gets the edition of the source.
    encoding
        Encoding of the file, if the file does not declare it.
    communes
        INSEE code → name. Rows of other communes are passed over; without communes, all rows are kept.
    outlines
        Their outlines: if a row states no commune or a foreign one, the position of its geometry or point decides.
    former
        Code of a former commune → the one of `communes` that absorbed it; "" if it is not known which.
    repair, added
        Corrects the cells of a record or leaves the record out, and the columns that it adds to those of the file.

    Returns
    -------
    found
        Rows in the order of the file, one per key, with every column of the layer.

    Raises
    ------
    SchemaError
        If the file lacks a column that the reading names, or the vocabulary of a column has no term for unknown.
    CrsError
        If no CRS is stated for the geometries.
    GeometryError
        If a geometry is broken; every such feature is named.
    """
    place = f"{file.name}, {reading.table}" if reading.table else file.name
    layer, as_text = reading.layer, reading.geometry != ""
    taken = _Taken(Ledger(), Aside(layer, measured=is_drawn_as_polygon(layer)), outlines or Outlines({}), former)
    issues, ledger = taken.issues, taken.ledger
    zone = time_zone_of_territory(crs, communes or ())
    with open_rows(file, table=reading.table, encoding=encoding, totals=reading.totals == KEEP) as opened:
        cells_of = _cell_reader(
            _reading_with_pointed(reading, opened.typed), communes or {}, issues, zone, normalised_text(file.stem)
        )
        _check_columns_present(file, reading, {*opened.columns, *added})
        file_crs = CRS.from_user_input(reading.crs) if reading.crs else opened.crs
        taken.aside.forward = transformer_between(file_crs, crs, str(file)) if file_crs is not None else None
        columns_used = {*reading.columns.values(), *reading.joined.values(), reading.geometry, reading.x, reading.y}
        columns_mapped = frozenset(columns_used - {NUMBER, "", *added})
        for record in opened.records:
            _take_record(record, reading, repair, cells_of, columns_mapped, communes, taken)
        _settle_commune_doubts(reading, taken)
        issues += [file_issue(layer, "", column, text, why) for _, column, text, why in opened.doubts]
    for why in (LEFT_OUT[why] for *_, why in opened.doubts if why in LEFT_OUT):
        ledger.rows_in += 1
        ledger.row(Fate.REFUSED, why)
    spatial = issubclass(TARGETS[layer], Spatial)
    rows = taken.rows
    shapes: list[BaseGeometry | None] = [None] * len(rows)
    as_points = reading.x != "" and not (spatial and drawn_as(reading.layer) is GeometryKind.POINT)
    points: dict[str, BaseGeometry] = {}
    if as_points or (not spatial and opened.drawn):
        points = _points_of_rows(file, reading, rows, file_crs, crs, issues)
    elif spatial and (as_text or opened.drawn or reading.x):
        file_crs = (
            file_crs or _fitting_crs(file, reading, [row.shape for row in rows], crs, issues) if as_text else file_crs
        )
        point_rows = [row for row in rows if is_point_shape(row.shape)] if layer in LOCATED else []
        rows = [replace(row, shape=None) if layer in LOCATED and is_point_shape(row.shape) else row for row in rows]
        shapes, doubts = _shapes_of_rows(file, reading, rows, file_crs, crs, ledger)
        points = _points_of_rows(file, reading, point_rows, file_crs, crs, issues)
        issues += doubts
        taken.aside.forward = transformer_between(file_crs, crs, str(file)) if file_crs is not None else None
    issues += taken.aside.told(ledger)
    frame, cells_used = _frame_by_key(reading, rows, shapes, crs, issues, ledger)
    frame["source_id"] = source.source_id
    has_shape = frame.geometry.notna() if spatial else np.full(len(frame), basis is not Basis.DIGITISED)
    frame["basis"] = np.where(has_shape, basis.value, Basis.STATED.value)
    _complete_frame(file, reading, frame, source)
    said_columns = frozenset({*reading.columns, *reading.constants})
    issues_with_file = tuple({**each, "file": file.name} for each in issues)
    keys_elsewhere = frozenset(taken.elsewhere)
    return FileLayer(
        layer,
        place,
        frame,
        said_columns,
        issues_with_file,
        keys_elsewhere,
        ledger.closed(),
        cells_used,
        file.name,
        points,
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """The state of reading a file: account, rows set aside, rows kept, issues, and keys in other communes."""

    ledger: Ledger
    aside: Aside
    outlines: Outlines
    former: Mapping[str, str]
    rows: list[_Drawn] = field(default_factory=list)
    issues: list[Row] = field(default_factory=list)
    elsewhere: set[str] = field(default_factory=set)
    grounded: set[str] = field(default_factory=set)  # rows that state no commune, and lie in one
    coded: set[bool] = field(default_factory=set)  # whether codes end as postal codes do

    def ground_of(self, shape: Any) -> str | None:
        """Return the commune that contains a geometry, "" if none does, None if it is not known."""
        forward = self.aside.forward
        return self.outlines.commune_of(shape, forward) if self.outlines and forward is not None else None


def _take_record(  # noqa: PLR0913, PLR0917  (how a record is read, and where it is stored)
    record: Record,
    reading: TableReading,
    repair: Repair,
    cells_of: _CellsOf,
    mapped: frozenset[str],
    communes: Mapping[str, str] | None,
    taken: _Taken,
) -> None:
    """Read one record: keep it, or set it aside with the reason."""
    layer, key, ledger = reading.layer, KEYS[reading.layer], taken.ledger
    filled_columns = frozenset(name for name in mapped if record.cells.get(name))
    ledger.rows_in += 1
    ledger.cells_in += len(filled_columns)
    shape = _parse_shape_text(record.cells[reading.geometry]) if reading.geometry else record.shape
    shape = point_of_cells(record.cells, reading.x, reading.y) if reading.x else shape
    cells = repair(record.cells)
    if isinstance(cells, str):
        taken.issues.append(file_issue(layer, "", "", record.where, cells))
        why = cells.removesuffix(".").removesuffix(" and is left out")
        taken.aside.put(Fate.REFUSED, why, len(filled_columns), shape, record.where)
        return
    values, unread = cells_of(record, cells)
    if not values[key]:
        taken.issues.append(file_issue(layer, "", key, record.where, "The row has no key and is left out."))
        taken.aside.put(Fate.REFUSED, accounts.NO_KEY, len(filled_columns), shape, record.where)
        return
    numbered = reading.columns.get(key) == NUMBER
    if numbered and layer == "parcels" and not taken.rows and not taken.elsewhere:
        message = "No column holds numbers of parcels: the rows are numbered, and kept by their ground."
        taken.issues.append(file_issue(layer, "", key, "", message))
    place_text = cells.get(reading.columns.get(key if layer == "parcels" and not numbered else "insee", ""), "")
    place_text = place_text or reading.constants.get("insee", "")
    if layer != "parcels" and values.get("insee") and is_postal_heading(reading.columns.get("insee", "")):
        values["insee"], unread = "", unread | {reading.columns["insee"]}
        taken.issues.append(file_issue(layer, values[key], "insee", place_text, f"It is a postal code, {_NO_COMMUNE}"))
    why, note = _place_row_in_communes(layer, values, place_text, shape, communes, taken)
    if why:
        taken.elsewhere.add(values[key])
        taken.aside.put(Fate.PASSED_OVER, why, len(filled_columns), shape, values[key])
        return
    where = f"{record.where} ({values[key]})"
    taken.rows.append(_Drawn(where, values[key], values, shape, filled_columns, unread & filled_columns, note))


def _place_row_in_communes(  # noqa: PLR0913, PLR0917  (a row, and the data that it is compared with)
    layer: str, values: Row, due: str, shape: Any, communes: Mapping[str, str] | None, taken: _Taken
) -> tuple[str, str]:
    """Return why a row is outside the territory, and a note on it; write the resolved commune into the row.

    `due` is the text of the file in place of the commune, or the parcel number.
    """
    key, column = values[KEYS[layer]], KEYS[layer] if layer == "parcels" else "insee"

    def add_issue(message: str) -> None:
        taken.issues.append(file_issue(layer, key, column, due, message))

    other_commune, note, former_communes = _whereabouts_of_row(layer, values, due, communes, taken.former)
    for code in former_communes:
        add_issue(f"{code} is a former commune, which went into {taken.former[code]}: that one is meant.")
    if not note:
        taken.coded.add(other_commune.endswith("0"))
    why = f"{accounts.OTHER_COMMUNE}{other_commune}" if other_commune else ""
    ground_commune = taken.ground_of(shape) if other_commune or note else None
    if ground_commune and note == accounts.NO_COMMUNE:
        if "insee" in values:
            values["insee"] = ground_commune
            taken.grounded.add(key)
    elif ground_commune:
        add_issue(
            f"It says {other_commune or 'no code of a commune'}, and its ground lies in {ground_commune}, "
            "which is meant."
        )
        why, note = "", ""
        if layer != "parcels":
            values["insee"] = ground_commune
    elif not why and ground_commune == "":  # None is unknown
        why = accounts.OTHER_GROUND
    elif (
        ground_commune is None
        and other_commune
        and layer != "parcels"
        and may_be_postal_code(other_commune, communes or ())
    ):
        why, note = "", accounts.POSTAL
    return why, note


#: End of the message on a postal code.
_NO_COMMUNE: Final = "which is no commune: INSEE codes are due. Its commune is unknown."


def _settle_commune_doubts(reading: TableReading, taken: _Taken) -> None:
    """Report the rows whose position gives the commune, and decide whether codes are postal codes.

    Codes are postal codes if every code of the file ends as those do, and none belongs to the territory; otherwise they
    are codes of other communes.
    """
    layer, key, column = reading.layer, KEYS[reading.layer], reading.columns.get("insee", "")
    if taken.grounded:
        count = len(taken.grounded)
        rows = "1 row says" if count == 1 else f"{count:,} rows say"
        taken.issues.append(
            file_issue(
                layer, "", "insee", "", f"{rows} no commune: the one that the ground or the point lies in is meant."
            )
        )
    kept_rows = []
    for row in taken.rows:
        if row.note != accounts.POSTAL:
            kept_rows.append(row)
        elif all(taken.coded):
            code, row.row["insee"] = row.row["insee"], ""
            message = (
                f"Every code of the file ends as postal codes do, and none is of here. It is read as one, {_NO_COMMUNE}"
            )
            taken.issues.append(file_issue(layer, row.key, "insee", code, message))
            kept_rows.append(replace(row, unread=row.unread | ({column} & row.filled), note=accounts.UNKNOWN_CODE))
        else:
            why = f"{accounts.OTHER_COMMUNE}{row.row['insee'].partition('|')[0]}"
            taken.elsewhere.add(row.key)
            taken.aside.put(Fate.PASSED_OVER, why, len(row.filled), row.shape, row.row[key])
    taken.rows[:] = kept_rows


def is_drawn_as_polygon(layer: str) -> bool:
    """Return whether a layer is drawn as polygons, which are measured."""
    return issubclass(TARGETS[layer], Spatial) and drawn_as(layer) is GeometryKind.POLYGON


def _points_of_rows(  # noqa: PLR0913, PLR0917  (rows of a file, and the list of their issues)
    file: Path, reading: TableReading, rows: Sequence[_Drawn], said: CRS | None, crs: CRS, issues: list[Row]
) -> dict[str, BaseGeometry]:
    """Return the stated positions of rows in the given CRS; an invalid position is an issue."""
    point_by_key: dict[str, BaseGeometry] = {}
    for row in rows:
        shape = (
            row.shape if isinstance(row.shape, str | BaseGeometry) or not row.shape else shape_of_geometry(row.shape)[0]
        )
        if isinstance(shape, BaseGeometry) and has_finite_place(shape):
            point_by_key.setdefault(row.key, shape)
        elif row.shape:
            shown_text = shape if isinstance(shape, str) else row.where
            issues.append(
                file_issue(reading.layer, row.key, "geometry", shown_text, "It says no place, and is not used.")
            )
    if said is None and point_by_key:
        message = f"{len(point_by_key)} points are not used: nobody says in which CRS they are (`crs` in the mapping)."
        issues.append(file_issue(reading.layer, "", "geometry", "", message))
    if said is not None:
        reasons = stray_shape_reasons(str(file), [*point_by_key.values()], said, crs, GeometryKind.POINT)
        for key, why in zip(list(point_by_key), reasons, strict=True):
            if why:
                issues.append(file_issue(reading.layer, key, "geometry", point_by_key.pop(key).wkt[:60], why))
    points_in_zone = points_in_crs(point_by_key, said, crs) if said is not None and point_by_key else {}
    for key in sorted(point_by_key.keys() - points_in_zone.keys()) if said is not None else ():
        message = "Its point lies nowhere in the system of the territory, and is not used."
        issues.append(file_issue(reading.layer, key, "geometry", point_by_key[key].wkt[:60], message))
    return points_in_zone


def _check_columns_present(file: Path, reading: TableReading, there: Collection[str]) -> None:
    ours_by_theirs = {theirs: ours for ours, theirs in reading.columns.items() if theirs != NUMBER}
    ours_by_theirs |= {theirs: ours for ours, theirs in reading.joined.items()}
    ours_by_theirs |= {theirs: "geometry" for theirs in (reading.geometry, reading.x, reading.y) if theirs}
    columns_text = ", ".join(sorted(there)) if is_public_layer(reading.layer) else f"{len(there)} columns"
    mend = f"There are: {columns_text}. Correct the mapping."
    faults = [
        Fault(f"[{reading.heading}.columns] {ours}", f"the file has no column `{theirs}` (any more).", mend)
        for theirs, ours in ours_by_theirs.items()
        if theirs not in there
    ]
    if faults:
        raise SchemaError.of(str(file), faults)


def file_issue(layer: str, row: str, column: str, value: str, message: str) -> Row:
    """Return one row of the layer of issues."""
    return {"layer": layer, "row": row, "column_name": column, "value": value, "message": message}


def _reading_with_pointed(reading: TableReading, typed: Collection[str]) -> TableReading:
    """Mark the columns that the file stores as numbers: their point is a decimal sign."""
    return replace(
        reading, pointed=reading.pointed | {ours for ours, theirs in reading.columns.items() if theirs in typed}
    )


def _cell_reader(
    reading: TableReading, communes: Mapping[str, str], issues: list[Row], zone: dt.tzinfo | None, name_of_file: str
) -> _CellsOf:
    """Return the function that reads the cells of one record; it returns the unknown ones and adds doubts to `issues`.

    If the key of a row is stated but unreadable, or is derived from a name or two columns that are blank, the row
    number replaces it.
    """
    columns = columns_of_layer(reading.layer)
    key = KEYS[reading.layer]
    second_column = reading.joined.get(key, "")
    key_columns = [reading.columns.get(key, ""), *filter(None, [second_column])]
    is_key_derived = second_column or (
        NAMED.get(reading.layer) and reading.columns.get(NAMED[reading.layer]) == key_columns[0]
    )
    converters = {name: cell_converter(name, column, reading, communes, zone) for name, column in columns.items()}

    def read_cells(record: Record, cells: Mapping[str, str]) -> tuple[Row, frozenset[str]]:
        values: Row = {}
        unread, columns_read = set[str](), set[str]()
        doubts: dict[tuple[str, str], tuple[str, str]] = {}
        for name, convert in converters.items():
            theirs = reading.columns.get(name, "")
            text = str(record.number) if theirs == NUMBER else cells.get(theirs, "")
            if name == key and second_column:
                text = _joined_key(text, cells.get(second_column, ""))
                columns_read.add(second_column)
            text = text or reading.constants.get(name, "")
            value, doubt = convert(text) if theirs != NUMBER else (text, "")
            (unread if doubt and _is_value_unknown(value, columns[name]) else columns_read).add(theirs)
            values[name] = f"{reading.prefixes.get(name, '')}{value}" if isinstance(value, str) and value else value
            if doubt:
                doubts.setdefault((theirs, doubt), (name, text))
        if not values[key] and is_key_derived and (record.shape or any(cells.values())):
            blank_columns = " and ".join(f"`{each}`" for each in key_columns if not cells.get(each))
            message = f"It says no {blank_columns}: the number of the row stands for its key."
            doubts[key_columns[0], message] = (
                key,
                _joined_key(*(cells.get(each, "") for each in key_columns), partly=True),
            )
            values[key] = f"{name_of_file.replace(' ', '-')}-row-{record.number}"  # a name may be a number too
        if not values[key] and any(name == key for name, _ in doubts.values()):
            values[key] = f"{name_of_file.replace(' ', '-')}-{record.number}"
        for (_, doubt), (name, text) in doubts.items():
            issues.append(file_issue(reading.layer, values[key], name, text, doubt))
        return values, frozenset(unread - columns_read)

    return read_cells


def _joined_key(first: str, second: str = "", *, partly: bool = False) -> str:
    """Join the two parts of a key; return the empty text if one is blank, unless `partly`.

    >>> _joined_key("Est ", "12"), _joined_key("Est", ""), _joined_key("Est", "", partly=True)
    ('Est-12', '', 'Est')
    """
    key_parts = [" ".join(text.split()) for text in (first, second)]
    return "-".join(filter(None, key_parts)) if partly or all(key_parts) else ""


def _is_value_unknown(value: Any, column: pa.Column) -> bool:
    return bool(pd.isna(value)) or value in {"", unknown_word_of_column(column)}


class _Whereabouts(NamedTuple):
    """The other commune of a row, a note if its own is unknown, and the former communes that it names."""

    other: str = ""
    note: str = ""
    former: tuple[str, ...] = ()


def _whereabouts_of_row(
    layer: str, values: Row, said: str, communes: Mapping[str, str] | None, former: Mapping[str, str]
) -> _Whereabouts:
    """Return the commune of a row; its districts and former communes are replaced by the present communes.

    `said` is the text of the file in place of the commune, or the parcel number. A text that is not a code gives no
    location.
    """
    if communes is None or (layer != "parcels" and "insee" not in values):
        return _Whereabouts()
    parcel = parcel_number(values["parcel_id"]) if layer == "parcels" else ""
    codes = [parcel[:5]] if parcel else [] if layer == "parcels" else [*filter(None, values["insee"].split("|"))]
    if not codes or not communes:
        return _Whereabouts(note="" if codes else accounts.UNKNOWN_CODE if said else accounts.NO_COMMUNE)
    communes_here = [territory_commune_of_code(code, communes, former) for code in codes]
    if any(communes_here):
        if layer != "parcels":
            known_codes = (present_code or code for present_code, code in zip(communes_here, codes, strict=True))
            values["insee"] = "|".join(dict.fromkeys(known_codes))
        former_here = (
            code
            for code in codes
            if territory_commune_of_code(code, communes, former) and not territory_commune_of_code(code, communes)
        )
        return _Whereabouts(former=tuple(former_here))
    if any(is_commune_of_districts(code, communes) or code in former for code in codes):
        return _Whereabouts(note=accounts.UNKNOWN_CODE)
    return _Whereabouts(codes[0])


def _parse_shape_text(text: str) -> BaseGeometry | str | None:
    """Parse a geometry from a cell: GeoJSON, WKT, or WKT with a leading SRID; any other text is returned unchanged."""
    if not text:
        return None
    try:
        shape = (
            shape_of_geometry(json.loads(text))[0]
            if text.startswith("{")
            else shapely.from_wkt(text.rpartition(";")[2])
        )
    except (ValueError, RecursionError, shapely.errors.ShapelyError):
        return text
    return text if shape is None else shape


def _shapes_of_rows(  # noqa: PLR0913, PLR0917  (rows of a file, and the account of their areas)
    file: Path, reading: TableReading, rows: Sequence[_Drawn], said: CRS | None, crs: CRS, ledger: Ledger
) -> tuple[list[BaseGeometry | None], list[Row]]:
    """Return the geometry of each row in the given CRS, and the reason if it is doubtful."""
    if said is None:
        mend = "Say which one with `gis import … --crs EPSG:…`, or as crs in the mapping; it is never guessed."
        raise CrsError.of(str(file), [Fault("", "no CRS.", mend)])
    forward = transformer_between(said, crs, str(file))
    layer, drawn_kind = reading.layer, drawn_as(reading.layer)
    shapes: list[BaseGeometry | None] = []
    issues: list[Row] = []
    faults = []
    drawings = [_drawable_part(row.shape, drawn_kind) for row in rows]
    stray_reasons = stray_shape_reasons(
        str(file), [shape_of_geometry(part)[0] for part, _ in drawings], said, crs, drawn_kind
    )
    for row, (drawing, doubtful), stranger in zip(rows, drawings, stray_reasons, strict=True):
        part, doubt = (None, stranger) if stranger else (drawing, doubtful)
        moved_shape, shape_fault = shape_in_crs(part, forward, drawn_kind) if part is not None else (None, "")
        if shape_fault and reading.mend:
            moved_shape, mending_text = mended_shape(part, forward, drawn_kind)
            doubt, shape_fault = (
                (f"{shape_fault[:1].upper()}{shape_fault[1:]} {mending_text}", "")
                if mending_text
                else (doubt, shape_fault)
            )
        shapes.append(moved_shape)
        if doubt:
            issues.append(file_issue(layer, row.key, "geometry", row.where, doubt))
        if shape_fault:
            faults.append(Fault(row.where, shape_fault, _MEND))
    if faults:
        raise GeometryError.of(str(file), faults)
    if drawn_kind is GeometryKind.POLYGON:
        _account_for_ground(rows, drawings, shapes, forward, ledger)
    return shapes, issues


def _account_for_ground(
    rows: Sequence[_Drawn],
    drawings: Sequence[tuple[Any, str]],
    shapes: Sequence[BaseGeometry | None],
    forward: Transformer,
    ledger: Ledger,
) -> None:
    """Add the area of the geometries to the account, and the area left out or changed by repairs."""
    geometries = [
        part if shape is not None else row.shape for row, (part, _), shape in zip(rows, drawings, shapes, strict=True)
    ]
    sizes = areas_as_drawn_m2([None if isinstance(each, str) else each for each in geometries], forward)
    for size, shape in zip(sizes, shapes, strict=True):
        area_after = float(shapely.area(shape)) if shape is not None else 0.0
        is_same = shape is not None and abs(size - area_after) <= _SAME_M2 * max(size, area_after)
        area_before = area_after if is_same else size
        ledger.m2_in += area_before
        ledger.ground(Fate.REFUSED, accounts.LEFT_SHAPE if shape is None else accounts.MOVED, area_before - area_after)


#: Tolerance between two areas, relative: floating-point noise.
_SAME_M2: Final = 1e-9

#: By kind of geometry: its name in messages, its single types, and the constructor of its multi-part type.
_KINDS: Final[Mapping[GeometryKind, tuple[str, tuple[str, ...], Callable[[Any], BaseGeometry]]]] = {
    GeometryKind.POLYGON: ("ground", ("Polygon", "MultiPolygon"), shapely.MultiPolygon),
    GeometryKind.LINE: ("line", ("LineString", "MultiLineString"), shapely.MultiLineString),
    GeometryKind.POINT: ("point", ("Point",), shapely.MultiPoint),
}


def _drawable_part(geometry: Any, drawn: GeometryKind) -> tuple[Any, str]:
    """Return the part of a geometry that the layer can draw, and why the rest is doubtful; None if it is empty."""
    kind_word, kinds, multi_shape = _KINDS[drawn]
    if isinstance(geometry, str):
        return None, "The text is no shape, and is left out."
    kind = (geometry["type"] if not isinstance(geometry, BaseGeometry) else geometry.geom_type) if geometry else ""
    if kind in {*kinds, ""}:
        return (
            None if isinstance(geometry, BaseGeometry) and geometry.is_empty else _geometry_unless_empty(geometry)
        ), ""
    if kind in {"GeometryCollection", "MultiPoint"}:
        whole_shape, shape_fault = shape_of_geometry(geometry)
        if whole_shape is None:
            return None, f"It is left out: {shape_fault}"
        members = shapely.get_parts(whole_shape)
        fitting_parts = [
            member_part for each in members if each.geom_type in kinds for member_part in shapely.get_parts(each)
        ]
        rest_text = "" if len(fitting_parts) == len(members) else f"What is no {kind_word} in the shape is left out."
        if fitting_parts or kind == "GeometryCollection":
            return (
                fitting_parts[0] if len(fitting_parts) == 1 else multi_shape(fitting_parts) if fitting_parts else None
            ), rest_text
    return None, f"The shape is a {kind}, no {kind_word}, and is left out."


def _geometry_unless_empty(geometry: Any) -> Any:
    """Return a geometry, or None if it has no points."""
    if geometry is None or isinstance(geometry, BaseGeometry):
        return geometry
    points = geometry.get("coordinates")
    return None if isinstance(points, list | tuple) and (not points or points[0] in ([], ())) else geometry


def _fitting_crs(
    file: Path, reading: TableReading, shapes: Iterable[BaseGeometry | str | None], crs: CRS, issues: list[Row]
) -> CRS | None:
    """Return the only CRS in which every geometry lies in the area of use of the territory's CRS, with an issue.

    If none fits, return the only one in which all geometries lie in the country: each is then reported as far away.
    """
    drawn_shapes = [shape for shape in shapes if isinstance(shape, BaseGeometry)]
    fitting_systems = systems_that_fit(drawn_shapes, crs) or systems_that_fit(drawn_shapes, crs, anywhere=True)
    if len(fitting_systems) != 1:
        fault_text = "no CRS, and its coordinates fit " + (
            " and ".join(each.to_string() for each in fitting_systems) or "none we know."
        )
        mend = "Say which one with `gis import … --crs EPSG:…`; it is never guessed."
        raise CrsError.of(str(file), [Fault(f"column `{reading.geometry}`", fault_text, mend)])
    message = "The file says no CRS. Its coordinates fit this one alone."
    issues.append(file_issue(reading.layer, "", reading.geometry, fitting_systems[0].to_string(), message))
    return fitting_systems[0]


def _frame_by_key(  # noqa: PLR0913, PLR0917  (rows with their geometries, issues and account)
    reading: TableReading,
    rows: Sequence[_Drawn],
    shapes: Sequence[BaseGeometry | None],
    crs: CRS,
    issues: list[Row],
    ledger: Ledger,
) -> tuple[Any, dict[str, tuple[str, int]]]:
    """Build a frame of the rows; rows that share a key become one, with their geometries merged."""
    layer = reading.layer
    first_row_of_key: dict[str, int] = {}
    shapes_of_key: dict[str, list[BaseGeometry]] = {}
    points = drawn_as(layer) is GeometryKind.POINT if issubclass(TARGETS[layer], Spatial) else False
    used_cells: dict[str, tuple[str, int]] = {}
    for n, (row, shape) in enumerate(zip(rows, shapes, strict=True)):
        lost_columns = {reading.geometry} & row.filled if shape is None else frozenset[str]()
        unread = row.unread | lost_columns
        ledger.cells(Fate.REFUSED, accounts.UNREAD, len(unread))
        if first_row_of_key.setdefault(row.key, n) == n:
            ledger.row(Fate.USED, row.note)
            used_cells[row.key] = row.note, len(row.filled - unread)
        else:
            merge_text = "the first is meant" if points else "the shapes are put together, the first row gives the rest"
            issues.append(file_issue(layer, row.key, KEYS[layer], row.where, f"The key stands twice: {merge_text}."))
            differing_columns = _differing_columns(reading, rows[first_row_of_key[row.key]], row, issues) - unread
            ledger.row(Fate.MERGED, accounts.ONE_KEY)
            ledger.cells(Fate.REFUSED, accounts.DIFFERS, len(differing_columns))
            ledger.cells(Fate.MERGED, accounts.ONE_KEY, len(row.filled - unread - differing_columns))
        if shape is not None:
            shapes_of_key.setdefault(row.key, []).append(shape)
    ledger.cells(Fate.USED, "", sum(count for _, count in used_cells.values()))
    columns = columns_of_layer(layer)
    frame: Any = pd.DataFrame(index=range(len(first_row_of_key)))
    for name, column in columns.items():
        values = [rows[n].row[name] for n in first_row_of_key.values()]
        frame[name] = column_array(values, str(column.dtype))
    if issubclass(TARGETS[layer], Spatial):
        key_shapes = np.full(len(first_row_of_key), None, dtype=object)
        for n, key in enumerate(first_row_of_key):
            parts = shapes_of_key.get(key, [])
            is_merged = len(parts) > 1 and not points
            key_shapes[n] = shapely.union_all(parts) if is_merged else parts[0] if parts else None
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(key_shapes, crs=crs))
        if is_drawn_as_polygon(layer):
            for shape, parts in zip(
                key_shapes, (shapes_of_key.get(each, []) for each in first_row_of_key), strict=True
            ):
                whole_m2 = float(shapely.area(shape)) if shape is not None else 0.0
                ledger.ground(Fate.USED, "", whole_m2)
                if len(parts) > 1:
                    ledger.ground(Fate.MERGED, accounts.OVERLAP, float(np.sum(shapely.area(parts))) - whole_m2)
    return frame, used_cells


def _differing_columns(reading: TableReading, first: _Drawn, row: _Drawn, issues: list[Row]) -> frozenset[str]:
    """Return the columns of the file in which a row differs from the first row of its key, each with an issue."""
    ours_by_theirs: dict[str, str] = {}
    for ours, theirs in reading.columns.items():
        value, first_value = row.row[ours], first.row[ours]
        if theirs in row.filled - row.unread and _is_other_value(value, first_value):
            ours_by_theirs.setdefault(theirs, ours)
    for ours in ours_by_theirs.values():
        message = f"The key stands twice: {row.where.partition(' (')[0]} says this, and the first row is meant."
        issues.append(file_issue(reading.layer, row.key, ours, shown_value(row.row[ours]), message))
    return frozenset(ours_by_theirs)


def _is_other_value(one: Any, other: Any) -> bool:
    return bool(one != other) and not (bool(pd.isna(one)) and bool(pd.isna(other)))


def shown_value(value: Any) -> str:
    """Return a value of ours in the notation of issues."""
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return f"{value:g}" if isinstance(value, float) else str(value)


def column_array(values: Sequence[Any], dtype: str) -> Any:
    """Build a column from values that already have its type."""
    if dtype.startswith("float"):
        return np.array(values, dtype=float)
    if dtype.startswith("datetime"):
        return np.array(
            [NO_DAY if pd.isna(value) else np.datetime64(value, "ns") for value in values], dtype="datetime64[ns]"
        )
    return pd.array(list(values), dtype="str")


def _complete_frame(file: Path, reading: TableReading, frame: pd.DataFrame, source: Source) -> None:
    """Derive the remaining values: the date from the source, whether a site counts; refuse what cannot be stated."""
    columns = columns_of_layer(reading.layer)
    faults = []
    for name, column in columns.items():
        if unknown_word_of_column(column) is None and frame[name].isna().any():
            missing_keys = frame.loc[frame[name].isna(), KEYS[reading.layer]].tolist()
            examples = f" ({', '.join(missing_keys[:3])}…)" if is_public_layer(reading.layer) else ""
            fault_text = f"{len(missing_keys)} rows say none{examples}, and {reading.layer} has no word for it."
            mend = (
                f"Say it in [{reading.heading}.values.{name}], or for all rows: [{reading.heading}.constants] "
                f'{name} = "…".'
            )
            faults.append(Fault(f"column `{name}`", fault_text, mend))
    if faults:
        raise SchemaError.of(str(file), faults)
    if "as_of" in columns and source.edition:
        edition_day = cell_converter(DATED[0], columns["as_of"], reading, {})(source.edition)[0]
        frame["as_of"] = frame["as_of"].where(frame["as_of"] != "", edition_day)
    if reading.layer == "sites":
        count_answers = frame["site_type"].map(
            lambda kind: "" if kind == SiteType.UNKNOWN else (Answer.YES if kind == SiteType.ZONE else Answer.NO).value
        )
        frame["counted"] = frame["counted"].where(frame["counted"] != "", count_answers)
