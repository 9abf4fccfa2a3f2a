"""Tables of facts (CSV) → typed layers, every fault of a file named in one go."""

import contextlib
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar, overload

import geopandas as gpd
import numpy as np
import pandas as pd
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame
from pyproj import CRS

from gis import days, schemas
from gis.errors import Fault, SchemaError
from gis.provenance import Basis, Span
from gis.schemas import (
    KEYS,
    Given,
    Layer,
    LayerDescription,
    Phase,
    Public,
    Row,
    Spatial,
    Table,
    conform,
    described_layer,
    quoted,
    records,
    schema_faults,
)
from gis.sources.tables import siret
from gis.sources.tables.codes import commune_code
from gis.sources.tables.delimited import open_table
from gis.spreadsheets import read_back
from gis.units import AREA_M2

L = TypeVar("L", bound=Layer)
S = TypeVar("S", bound=Spatial)

Rule = Callable[[pd.DataFrame, Sequence[str]], list[Fault]]

_DATE: Final = "datetime64[ns]"


# A spatial layer is one more kind of layer: the first that fits is meant.
@overload
def read_table(  # type: ignore[overload-overlap]
    folder: Path, schema: type[S], crs: CRS, known: Mapping[str, Collection[str]], issues: list[Row] | None = None
) -> GeoDataFrame[S]: ...
@overload
def read_table(
    folder: Path, schema: type[L], crs: CRS, known: Mapping[str, Collection[str]], issues: list[Row] | None = None
) -> DataFrame[L]: ...
def read_table(
    folder: Path, schema: type[L], crs: CRS, known: Mapping[str, Collection[str]], issues: list[Row] | None = None
) -> Any:
    """Read the table of facts of a layer, `NAME.csv`; where a territory may do without it, no file means no row.

    Parameters
    ----------
    folder
        The territory folder.
    schema
        The layer; its description says which columns hold keys of other layers.
    crs
        The zone of the territory, of shapes that are still absent.
    known
        The keys that may stand in a column: of sources under `sources`, else by the layer they are of.
    issues
        What is doubtful and stops nothing is added to it.

    Raises
    ------
    SchemaError
        With all the faults of the table.
    """
    description = described_layer(schema)
    path = folder / f"{description.name}.csv"
    if description.table is Table.OPTIONAL and not path.exists():
        return schemas.frame([], schema, crs if issubclass(schema, Spatial) else None)
    table = _read(path, schema, known, issues if issues is not None else [])
    return conform(_without_shapes(table, crs) if issubclass(schema, Spatial) else table, schema)


def _former_are_codes(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    return [
        Fault(
            f"{name}, column `former_codes`", f"`{part}` is no INSEE code.", "Write five characters, `|` between two."
        )
        for name, said in zip(names, frame["former_codes"], strict=True)
        for part in said.split("|")
        if said and commune_code(part) != part
    ]


def _parcel_faults(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    """Refuse keys that cannot be numbers of parcels: in a table of facts a person can put them right."""
    return [
        Fault(
            f"{name}, column `parcel_id`", f"`{key}` is no parcel number.", "Write the 14 characters of the cadastre."
        )
        for name, key in zip(names, frame["parcel_id"], strict=True)
        if len(key) != _PARCEL
    ]


#: Characters of the number of a parcel: commune, prefix, section, number.
_PARCEL: Final = 14


def order_faults(tenancies: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    """List the tenancies that end before they start, or whose bounds are the wrong way round."""
    rules = [
        _in_order("from_earliest", "from_latest"),
        _in_order("to_earliest", "to_latest"),
        _in_order("from_earliest", "to_latest", "ends before it starts"),
        _in_order("area_low_m2", "area_high_m2"),
    ]
    return [fault for rule in rules for fault in rule(tenancies, names)]


def _without_shapes(frame: pd.DataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Give rows a geometry that is absent everywhere."""
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(np.full(len(frame), None), crs=crs))


def _read(path: Path, schema: type[Layer], known: Mapping[str, Collection[str]], issues: list[Row]) -> pd.DataFrame:
    """Read one table, or refuse it with all its faults; what is doubtful and stops nothing is added to `issues`."""
    description = described_layer(schema)
    header, rows = _cells(path)
    columns = {name: column for name, column in schema.to_schema().columns.items() if name != "geometry"}
    given = {name: column.metadata["given"] for name, column in columns.items()}
    wanted = [name for name in columns if given[name] is not Given.COMPUTED and name != "basis"]
    faults = [
        Fault("header", f"column `{name}` is absent.", "Add it.")
        for name in wanted
        if name not in header and given[name] is Given.ALWAYS
    ]
    key = description.key
    named = columns[key].metadata["public"] is not Public.NEVER
    faults += [
        Fault("header", f"column {f'`{name}`' if named else n} is not known.", f"Known: {', '.join(wanted)}.")
        for n, name in enumerate(header, 1)
        if name not in [*wanted, "basis"]
    ]
    if faults:
        raise SchemaError.of(str(path), faults)
    names = [f"row {line} ({cells.get(key) or 'no key'})" if named else f"row {line}" for line, cells in rows]
    frame = pd.DataFrame(index=range(len(rows)))
    for name in [*wanted, "basis"]:
        texts = [cells.get(name, "") for _, cells in rows]
        if name == "basis":
            texts = [text or Basis.STATED.value for text in texts]
        frame[name] = _column(texts, _parser(name, str(columns[name].dtype)), name, names, faults)
    if "measured_m2" in columns:
        frame["measured_m2"] = np.full(len(frame), np.nan)
    faults += _reference_faults(frame, names, _references(description, known), columns)
    faults += _open_ends(description.name, rows, names, issues)
    dates = [_is_a_date(name) for name in DATED if name in columns]
    numbers = [_sirets(issues)] if "siret" in columns else []
    for rule in [*dates, *RULES.get(description.name, ()), *numbers]:
        faults += rule(frame, names)
    plain = schema.to_schema().remove_columns(["geometry"] if "geometry" in schema.to_schema().columns else [])
    faults += schema_faults(frame, plain, lambda: names)
    if faults:
        raise SchemaError.of(str(path), faults)
    return frame


def _references(description: LayerDescription, known: Mapping[str, Collection[str]]) -> dict[str, Collection[str]]:
    """Return the keys that may stand in each column that holds keys of another layer."""
    keys = {
        column: {*known[each.layer], *([""] if each.optional else [])}
        for column, each in description.references.items()
    }
    return {"source_id": known["sources"], **keys}


def _cells(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the header and, for each row, its line in the file and its cells."""
    table = open_table(path)
    rows = [(line, {name: read_back(cell).strip() for name, cell in cells.items()}) for line, cells in table.rows()]
    return list(table.header), rows


def _open_ends(
    layer: str, rows: Sequence[tuple[int, Mapping[str, str]]], names: Sequence[str], issues: list[Row]
) -> list[Fault]:
    """Note the ends that stand for none; return those that come before an end that is one."""
    faults = []
    for name, (_, cells) in zip(names, rows, strict=True):
        ends = {column: cells[column] for column in sorted(ENDS & cells.keys())}
        if cells.get("unit") in DATE_UNITS and _is_an_end(cells.get("states", "")):
            ends["value"] = cells["value"]
        opened = [column for column, text in ends.items() if days.dated(text, end=True)[1] is days.Doubt.OPEN]
        issues += [_issue(layer, cells[KEYS[layer]], each, ends[each], days.Doubt.OPEN.value) for each in opened]
        if "to_earliest" in opened and ends.get("to_latest") and "to_latest" not in opened:
            found = f"to_earliest is after to_latest ({ends['to_earliest']} > {ends['to_latest']})."
            faults.append(Fault(name, found, "Correct to_earliest or to_latest."))
    return faults


def _sirets(issues: list[Row]) -> Rule:
    """Make the rule that reads a SIRET as spreadsheets leave it; what is doubtful is added to `issues`."""

    def rule(frame: pd.DataFrame, _: Sequence[str]) -> list[Fault]:
        numbers = []
        for key, text in zip(frame["establishment_id"], frame["siret"], strict=True):
            number, doubt = siret.read(text)
            numbers.append(number)
            if doubt:
                issues.append(_issue("establishments", key, "siret", text, doubt))
        frame["siret"] = pd.array(numbers, dtype="str")
        return []

    return rule


def _issue(layer: str, row: str, column: str, value: str, message: str) -> Row:
    said = {"layer": layer, "row": row, "column_name": column, "value": value, "message": message}
    return said | {"file": f"{layer}.csv"}


def _is_an_end(stated: str) -> bool:
    """Tell whether a claim states an end (`tenancies/t1/to`)."""
    return stated.rpartition("/")[2] == "to"


#: A number that could be two: forty-six thousand, or forty-six and no thousandth.
TWOFOLD: Final = re.compile(r"-?[1-9]\d{0,2}(,\d{3})+", re.ASCII)


def number(text: str) -> float:
    """Read a number with a decimal point or comma; `46,000` could be two numbers and is refused."""
    if TWOFOLD.fullmatch(text.strip()):
        raise ValueError(text)
    plain = re.sub(r"\s", "", text).replace(",", ".")
    if not re.fullmatch(r"-?\d+(\.\d+)?", plain, re.ASCII):
        raise ValueError(text)
    return finite(plain)


def finite(plain: str) -> float:
    """Return the number that digits write, or refuse them: one too large or too small for a number, or minus nothing.

    >>> finite("1e3")
    1000.0
    >>> finite("1e400")
    Traceback (most recent call last):
        ...
    ValueError: 1e400
    """
    value = float(plain)
    nothing = value == 0 and (
        "-" in plain.lower().partition("e")[0] or re.search("[1-9]", plain.lower().partition("e")[0])
    )
    if not math.isfinite(value) or nothing:
        raise ValueError(plain)
    return value


def _day(text: str) -> np.datetime64:
    found, doubt = days.day(text)
    if doubt is days.Doubt.OUT:
        raise _OutError(text)
    if doubt:
        raise ValueError(text)
    return found


def _end(text: str) -> np.datetime64:
    found, doubt = days.day(text, end=True)
    return found if doubt is days.Doubt.OPEN else _day(text)


class _OutError(ValueError):
    """A day that no layer can hold."""


_NUMBER: Final = (number, np.nan, "is no number.", "Write digits, or nothing if nobody said.")
_DAY: Final = (_day, days.NO_DAY, "is no date.", "Write it as 2022-05-17, or nothing if nobody said.")
_END: Final = (_end, *_DAY[1:])

_Parser = tuple[Callable[[str], Any], Any, str, str]

_HELD: Final = f"is no day from {days.EARLIEST.year} to {days.LATEST.year}."

#: Columns that are ends: a day there that nobody will see is none.
ENDS: Final = frozenset({"to_earliest", "to_latest", "active_to"})


def _parser(name: str, dtype: str) -> _Parser | None:
    """Return how a column is read: the parser, nothing, what is wrong, how to mend it."""
    if dtype.startswith("float"):
        return _NUMBER
    return (_END if name in ENDS else _DAY) if dtype.startswith("date") else None


def _column(
    texts: Sequence[str],
    read: _Parser | None,
    column: str,
    names: Sequence[str],
    faults: list[Fault],
) -> Any:
    """Read one column of texts; what cannot be read is added to `faults`."""
    if read is None:
        return pd.array(list(texts), dtype="str")
    parse, nothing, found, mend = read
    values = []
    for text, name in zip(texts, names, strict=True):
        try:
            values.append(parse(text) if text else nothing)
        except ValueError as error:
            why = _HELD if isinstance(error, _OutError) else found
            faults.append(Fault(f"{name}, column `{column}`", f"`{_short(text)}` {why}", mend))
            values.append(nothing)
    return np.array(values, dtype=float if read is _NUMBER else _DATE)


def _short(text: str) -> str:
    """Return a text that a message can show."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


#: Signs of a cell that a message shows.
_SHOWN: Final = 60


def _reference_faults(
    frame: pd.DataFrame,
    names: Sequence[str],
    references: Mapping[str, Collection[str]],
    columns: Mapping[str, Any],
) -> list[Fault]:
    faults = []
    for column, keys in references.items():
        for name, value in zip(names, frame[column], strict=True):
            where = f"{name}, column `{column}`"
            if column == "source_id" and not value:
                faults.append(Fault(where, "no source.", "Say who published it (a key of sources.toml)."))
            elif value not in keys:
                table = "sources.toml" if column == "source_id" else f"{column.removesuffix('_id')}"
                faults.append(
                    Fault(
                        where,
                        f"{quoted(columns[column], value)} is not known.",
                        f"Add it to {table}, or correct it here.",
                    )
                )
    return faults


def _point_is_whole(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    """Refuse half a point."""
    half = frame["longitude"].isna() != frame["latitude"].isna()
    mend = "Write both longitude and latitude, or neither."
    return [Fault(names[int(n)], "half a point is no place.", mend) for n in np.flatnonzero(half)]


def _in_order(first: str, last: str, found: str = "") -> Rule:
    """Make the rule that one column is never above another."""

    def rule(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
        wrong = (frame[first] > frame[last]).fillna(value=False)
        return [
            Fault(
                names[int(n)],
                f"{found or f'{first} is after {last}'} ({frame[first][n]} > {frame[last][n]}).".replace(
                    " 00:00:00", ""
                ),
                f"Correct {first} or {last}.",
            )
            for n in np.flatnonzero(wrong)
        ]

    return rule


def _claims_of_parts_exist(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    known = set(frame["claim_id"])
    return [
        Fault(f"{name}, column `{column}`", f"`{part}` is not known.", "Name a claim of this file.")
        for column in ("parts", "whole")
        for name, text in zip(names, frame[column], strict=True)
        for part in filter(None, text.split("|"))
        if part not in known
    ]


#: Texts that hold a date as published: a year, a month, a day, a span of them.
DATED: Final = ("as_of", "opened", "active_from", "active_to")


#: What a source says of a date behind it: `2024 (prévu)`.
_REMARK: Final = re.compile(r"\s*\([^()]*\)$")


def _is_a_date(column: str) -> Rule:
    """Make the rule that a column holds dates as published, or nothing; it writes days as 2022-05-17.

    A remark in brackets may stand behind a date.
    """

    def rule(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
        mend = "Write 2022, 2022-05, 2022-05-17 or 2025-2026, or nothing if nobody said."
        faults, texts = [], []
        for name, text in zip(names, frame[column], strict=True):
            bare = _REMARK.sub("", text)
            found, doubt = days.dated(bare, end=column in ENDS)
            texts.append(found + text[len(bare) :])
            if doubt and doubt is not days.Doubt.OPEN:
                why = _HELD if doubt is days.Doubt.OUT else "is no date."
                faults.append(Fault(f"{name}, column `{column}`", f"`{_short(text)}` {why}", mend))
        frame[column] = pd.array(texts, dtype="str")
        return faults

    return rule


def _opens_before_it_closes(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    faults = []
    for name, first, last in zip(names, frame["active_from"], frame["active_to"], strict=True):
        with contextlib.suppress(SchemaError):  # `_is_a_date` tells
            begin, end = Span.parse(first), Span.parse(last)
            pairs = ((begin.earliest, begin.latest), (end.earliest, end.latest), (begin.earliest, end.latest))
            if any(one and other and one > other for one, other in pairs):
                found = f"`{first}` to `{last}` runs backwards."
                faults.append(Fault(name, found, "Correct active_from or active_to."))
    return faults


#: Units whose value is a number; the others are dates, years, names and texts.
NUMBER_UNITS: Final = {
    *AREA_M2,
    "%",
    "jobs",
    "count",
    "people",
    "EUR",
    "MEUR",
    "GEUR",
    "GWh",
    "MW",
    "h",
    "t",
    "years",
    "units",
}
DATE_UNITS: Final = {"date", "year"}
TEXT_UNITS: Final = {"text", "name"}


def _add_values(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    """Add low, high, earliest and latest to the claims, by unit; return what cannot be read."""
    faults = []
    low, high = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    ends = np.full((2, len(frame)), days.NO_DAY)
    columns = (frame[name] for name in ("value", "unit", "qualifier", "states"))
    for n, (text, unit, qualifier, stated) in enumerate(zip(*columns, strict=True)):
        where = f"{names[n]}, column `value`"
        try:
            if unit in NUMBER_UNITS:
                first, _, last = text.partition("-")
                low[n] = number(first)
                high[n] = np.nan if qualifier == "at least" else number(last or first)
            elif unit in DATE_UNITS:
                span = Span.parse(_date(text, end=_is_an_end(stated)))
                ends[:, n] = [days.as_ns(day) for day in (span.earliest, span.latest)]
            elif unit not in TEXT_UNITS:
                known = ", ".join(sorted({*NUMBER_UNITS, *DATE_UNITS, *TEXT_UNITS}))
                faults.append(Fault(f"{names[n]}, column `unit`", f"`{unit}` is not known.", f"Known: {known}."))
        except (ValueError, SchemaError) as error:
            found = f"`{_short(text)}` " + (_HELD if isinstance(error, _OutError) else f"is no value in {unit}.")
            faults.append(Fault(where, found, "Write a number, a date, or unit `text`."))
    frame["low"], frame["high"] = low, high
    frame["earliest"], frame["latest"] = ends
    return faults


def _date(text: str, *, end: bool) -> str:
    """Return a date as a layer holds it, or raise `ValueError`."""
    found, doubt = days.dated(text, end=end)
    if doubt is days.Doubt.OUT:
        raise _OutError(text)
    if doubt and doubt is not days.Doubt.OPEN:
        raise ValueError(text)
    return found


def _values_run_forward(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    backwards = (frame["low"] > frame["high"]) | (frame["earliest"] > frame["latest"])
    return [
        Fault(f"{name}, column `value`", f"`{text}` runs backwards.", "Write the smaller or earlier one first.")
        for name, text, wrong in zip(names, frame["value"], backwards, strict=True)
        if wrong
    ]


def _is_area(claim: Row, _: Mapping[str, float]) -> bool:
    return claim["unit"] in AREA_M2 and not claim["low"] <= 0


def _is_number(claim: Row, _: Mapping[str, float]) -> bool:
    return claim["unit"] in NUMBER_UNITS


def _is_date(claim: Row, _: Mapping[str, float]) -> bool:
    return claim["unit"] in DATE_UNITS


def _is_phase(claim: Row, _: Mapping[str, float]) -> bool:
    return claim["value"] in set(Phase)


def _is_plain(claim: Row, _: Mapping[str, float]) -> bool:
    return claim["unit"] in NUMBER_UNITS and re.fullmatch(r"\d+([.,]\d+)?", claim["value"], re.ASCII) is not None


def _is_count_of_parts(claim: Row, low: Mapping[str, float]) -> bool:
    return _is_plain(claim, low) and claim["parts"] != ""


def _is_share_of_parts(claim: Row, low: Mapping[str, float]) -> bool:
    parts = [low.get(part, np.nan) for part in claim["parts"].split("|")]
    return _is_plain(claim, low) and not np.isnan(parts).any() and low.get(claim["whole"], np.nan) > 0


#: What a claim must be for its `use`, or for the quantity that it states.
_FIT: Final[Mapping[str, tuple[str, Callable[[Row, Mapping[str, float]], bool]]]] = {
    "base": ("an area above 0", _is_area),
    "occupied_share": ("one number", _is_plain),
    "tenant_share": ("one number", _is_plain),
    "zone_count": ("one number", _is_plain),
    "available": ("an area above 0", _is_area),
    "offer": ("an area above 0", _is_area),
    "built": ("an area above 0", _is_area),
    "parts_count": ("one number, and `parts`", _is_count_of_parts),
    "parts_share": ("one number, `parts` that are numbers and a `whole` above 0", _is_share_of_parts),
    "area_m2": ("an area above 0", _is_area),
    "land_ha": ("an area above 0", _is_area),
    "from": ("a date", _is_date),
    "to": ("a date", _is_date),
    "phase": (f"one of {', '.join(Phase)}", _is_phase),
    "jobs_now": ("a number", _is_number),
    "jobs_planned": ("a number", _is_number),
}


def _claims_fit_their_use(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    low = dict(zip(frame["claim_id"], frame["low"], strict=True))
    faults = []
    for name, claim in zip(names, records(frame), strict=True):
        for column in ("use", "states"):
            need, fits = _FIT.get(claim[column].rpartition("/")[2], ("", _is_plain))
            if need and not fits(claim, low):
                found = f"`{claim[column]}` needs {need}, not `{claim['value']}` in `{claim['unit']}`."
                faults.append(Fault(f"{name}, column `{column}`", found, "Correct the claim, or empty that cell."))
    return faults


#: What is asked of the tables of some layers, beside what their schemas ask: each rule looks at the whole table, and
#: may add what it computes.
RULES: Final[Mapping[str, Sequence[Rule]]] = {
    "communes": (_former_are_codes,),
    "sites": (_in_order("land_low_ha", "land_high_ha"), _point_is_whole),
    "parcels": (_parcel_faults,),
    "establishments": (_in_order("jobs_low", "jobs_high"), _opens_before_it_closes),
    "tenancies": (order_faults,),
    "claims": (_claims_of_parts_exist, _add_values, _values_run_forward, _claims_fit_their_use),
}
