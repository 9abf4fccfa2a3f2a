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
from gis.sources.tables.codes import parse_commune_code
from gis.sources.tables.delimited import open_table
from gis.spreadsheets import text_of_neutral_cell
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
    table = _read_fact_table(path, schema, known, issues if issues is not None else [])
    return conform(_with_absent_shapes(table, crs) if issubclass(schema, Spatial) else table, schema)


def _former_code_faults(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    return [
        Fault(
            f"{name}, column `former_codes`", f"`{part}` is no INSEE code.", "Write five characters, `|` between two."
        )
        for name, former_text in zip(names, frame["former_codes"], strict=True)
        for part in former_text.split("|")
        if former_text and parse_commune_code(part) != part
    ]


def _parcel_number_faults(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
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


def tenancy_order_faults(tenancies: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    """List the tenancies that end before they start, or whose bounds are the wrong way round."""
    rules = [
        _order_rule("from_earliest", "from_latest"),
        _order_rule("to_earliest", "to_latest"),
        _order_rule("from_earliest", "to_latest", "ends before it starts"),
        _order_rule("area_low_m2", "area_high_m2"),
    ]
    return [fault for rule in rules for fault in rule(tenancies, names)]


def _with_absent_shapes(frame: pd.DataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Give rows a geometry that is absent everywhere."""
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(np.full(len(frame), None), crs=crs))


def _read_fact_table(
    path: Path, schema: type[Layer], known: Mapping[str, Collection[str]], issues: list[Row]
) -> pd.DataFrame:
    """Read one table, or refuse it with all its faults; what is doubtful and stops nothing is added to `issues`."""
    description = described_layer(schema)
    header, rows = _header_and_rows(path)
    columns = {name: column for name, column in schema.to_schema().columns.items() if name != "geometry"}
    given_of_column = {name: column.metadata["given"] for name, column in columns.items()}
    wanted_columns = [name for name in columns if given_of_column[name] is not Given.COMPUTED and name != "basis"]
    faults = [
        Fault("header", f"column `{name}` is absent.", "Add it.")
        for name in wanted_columns
        if name not in header and given_of_column[name] is Given.ALWAYS
    ]
    key = description.key
    shows_key = columns[key].metadata["public"] is not Public.NEVER
    faults += [
        Fault(
            "header", f"column {f'`{name}`' if shows_key else n} is not known.", f"Known: {', '.join(wanted_columns)}."
        )
        for n, name in enumerate(header, 1)
        if name not in [*wanted_columns, "basis"]
    ]
    if faults:
        raise SchemaError.of(str(path), faults)
    row_names = [f"row {line} ({cells.get(key) or 'no key'})" if shows_key else f"row {line}" for line, cells in rows]
    frame = pd.DataFrame(index=range(len(rows)))
    for name in [*wanted_columns, "basis"]:
        texts = [cells.get(name, "") for _, cells in rows]
        if name == "basis":
            texts = [text or Basis.STATED.value for text in texts]
        frame[name] = _parse_column(texts, _parser_of_column(name, str(columns[name].dtype)), name, row_names, faults)
    if "measured_m2" in columns:
        frame["measured_m2"] = np.full(len(frame), np.nan)
    faults += _reference_faults(frame, row_names, _keys_by_reference(description, known), columns)
    faults += _open_end_faults(description.name, rows, row_names, issues)
    date_rules = [_date_rule(name) for name in DATED if name in columns]
    siret_rules = [_siret_rule(issues)] if "siret" in columns else []
    for rule in [*date_rules, *RULES.get(description.name, ()), *siret_rules]:
        faults += rule(frame, row_names)
    plain_schema = schema.to_schema().remove_columns(["geometry"] if "geometry" in schema.to_schema().columns else [])
    faults += schema_faults(frame, plain_schema, lambda: row_names)
    if faults:
        raise SchemaError.of(str(path), faults)
    return frame


def _keys_by_reference(
    description: LayerDescription, known: Mapping[str, Collection[str]]
) -> dict[str, Collection[str]]:
    """Return the keys that may stand in each column that holds keys of another layer."""
    keys = {
        column: {*known[each.layer], *([""] if each.optional else [])}
        for column, each in description.references.items()
    }
    return {"source_id": known["sources"], **keys}


def _header_and_rows(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the header and, for each row, its line in the file and its cells."""
    table = open_table(path)
    rows = [
        (line, {name: text_of_neutral_cell(cell).strip() for name, cell in cells.items()})
        for line, cells in table.rows()
    ]
    return list(table.header), rows


def _open_end_faults(
    layer: str, rows: Sequence[tuple[int, Mapping[str, str]]], names: Sequence[str], issues: list[Row]
) -> list[Fault]:
    """Note the ends that stand for none; return those that come before an end that is one."""
    faults = []
    for name, (_, cells) in zip(names, rows, strict=True):
        ends = {column: cells[column] for column in sorted(ENDS & cells.keys())}
        if cells.get("unit") in DATE_UNITS and _states_an_end(cells.get("states", "")):
            ends["value"] = cells["value"]
        open_columns = [
            column for column, text in ends.items() if days.parse_date_cell(text, end=True)[1] is days.Doubt.OPEN
        ]
        issues += [
            _table_issue(layer, cells[KEYS[layer]], each, ends[each], days.Doubt.OPEN.value) for each in open_columns
        ]
        if "to_earliest" in open_columns and ends.get("to_latest") and "to_latest" not in open_columns:
            fault_text = f"to_earliest is after to_latest ({ends['to_earliest']} > {ends['to_latest']})."
            faults.append(Fault(name, fault_text, "Correct to_earliest or to_latest."))
    return faults


def _siret_rule(issues: list[Row]) -> Rule:
    """Make the rule that reads a SIRET as spreadsheets leave it; what is doubtful is added to `issues`."""

    def read_sirets(frame: pd.DataFrame, _: Sequence[str]) -> list[Fault]:
        numbers = []
        for key, text in zip(frame["establishment_id"], frame["siret"], strict=True):
            number, doubt = siret.parse_siret(text)
            numbers.append(number)
            if doubt:
                issues.append(_table_issue("establishments", key, "siret", text, doubt))
        frame["siret"] = pd.array(numbers, dtype="str")
        return []

    return read_sirets


def _table_issue(layer: str, row: str, column: str, value: str, message: str) -> Row:
    noted_issue = {"layer": layer, "row": row, "column_name": column, "value": value, "message": message}
    return noted_issue | {"file": f"{layer}.csv"}


def _states_an_end(stated: str) -> bool:
    """Tell whether a claim states an end (`tenancies/t1/to`)."""
    return stated.rpartition("/")[2] == "to"


#: A number that could be two: forty-six thousand, or forty-six and no thousandth.
TWOFOLD: Final = re.compile(r"-?[1-9]\d{0,2}(,\d{3})+", re.ASCII)


def parse_number(text: str) -> float:
    """Read a number with a decimal point or comma; `46,000` could be two numbers and is refused."""
    if TWOFOLD.fullmatch(text.strip()):
        raise ValueError(text)
    digits = re.sub(r"\s", "", text).replace(",", ".")
    if not re.fullmatch(r"-?\d+(\.\d+)?", digits, re.ASCII):
        raise ValueError(text)
    return parse_finite_number(digits)


def parse_finite_number(plain: str) -> float:
    """Return the number that digits write, or refuse them: one too large or too small for a number, or minus nothing.

    >>> parse_finite_number("1e3")
    1000.0
    >>> parse_finite_number("1e400")
    Traceback (most recent call last):
        ...
    ValueError: 1e400
    """
    value = float(plain)
    is_false_zero = value == 0 and (
        "-" in plain.lower().partition("e")[0] or re.search("[1-9]", plain.lower().partition("e")[0])
    )
    if not math.isfinite(value) or is_false_zero:
        raise ValueError(plain)
    return value


def _parse_day_cell(text: str) -> np.datetime64:
    day_value, doubt = days.parse_day_cell(text)
    if doubt is days.Doubt.OUT:
        raise _OutError(text)
    if doubt:
        raise ValueError(text)
    return day_value


def _parse_end_cell(text: str) -> np.datetime64:
    day_value, doubt = days.parse_day_cell(text, end=True)
    return day_value if doubt is days.Doubt.OPEN else _parse_day_cell(text)


class _OutError(ValueError):
    """A day that no layer can hold."""


_NUMBER: Final = (parse_number, np.nan, "is no number.", "Write digits, or nothing if nobody said.")
_DAY: Final = (_parse_day_cell, days.NO_DAY, "is no date.", "Write it as 2022-05-17, or nothing if nobody said.")
_END: Final = (_parse_end_cell, *_DAY[1:])

_Parser = tuple[Callable[[str], Any], Any, str, str]

_HELD: Final = f"is no day from {days.EARLIEST.year} to {days.LATEST.year}."

#: Columns that are ends: a day there that nobody will see is none.
ENDS: Final = frozenset({"to_earliest", "to_latest", "active_to"})


def _parser_of_column(name: str, dtype: str) -> _Parser | None:
    """Return how a column is read: the parser, nothing, what is wrong, how to mend it."""
    if dtype.startswith("float"):
        return _NUMBER
    return (_END if name in ENDS else _DAY) if dtype.startswith("date") else None


def _parse_column(
    texts: Sequence[str],
    read: _Parser | None,
    column: str,
    names: Sequence[str],
    faults: list[Fault],
) -> Any:
    """Read one column of texts; what cannot be read is added to `faults`."""
    if read is None:
        return pd.array(list(texts), dtype="str")
    parse, unknown_value, fault_text, mend = read
    values = []
    for text, name in zip(texts, names, strict=True):
        try:
            values.append(parse(text) if text else unknown_value)
        except ValueError as error:
            why = _HELD if isinstance(error, _OutError) else fault_text
            faults.append(Fault(f"{name}, column `{column}`", f"`{_shortened_text(text)}` {why}", mend))
            values.append(unknown_value)
    return np.array(values, dtype=float if read is _NUMBER else _DATE)


def _shortened_text(text: str) -> str:
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


def _half_point_faults(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    """Refuse half a point."""
    is_half = frame["longitude"].isna() != frame["latitude"].isna()
    mend = "Write both longitude and latitude, or neither."
    return [Fault(names[int(n)], "half a point is no place.", mend) for n in np.flatnonzero(is_half)]


def _order_rule(first: str, last: str, found: str = "") -> Rule:
    """Make the rule that one column is never above another."""

    def check_order(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
        is_wrong = (frame[first] > frame[last]).fillna(value=False)
        return [
            Fault(
                names[int(n)],
                f"{found or f'{first} is after {last}'} ({frame[first][n]} > {frame[last][n]}).".replace(
                    " 00:00:00", ""
                ),
                f"Correct {first} or {last}.",
            )
            for n in np.flatnonzero(is_wrong)
        ]

    return check_order


def _claims_of_parts_exist(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    claim_ids = set(frame["claim_id"])
    return [
        Fault(f"{name}, column `{column}`", f"`{part}` is not known.", "Name a claim of this file.")
        for column in ("parts", "whole")
        for name, text in zip(names, frame[column], strict=True)
        for part in filter(None, text.split("|"))
        if part not in claim_ids
    ]


#: Texts that hold a date as published: a year, a month, a day, a span of them.
DATED: Final = ("as_of", "opened", "active_from", "active_to")


#: What a source says of a date behind it: `2024 (prévu)`.
_REMARK: Final = re.compile(r"\s*\([^()]*\)$")


def _date_rule(column: str) -> Rule:
    """Make the rule that a column holds dates as published, or nothing; it writes days as 2022-05-17.

    A remark in brackets may stand behind a date.
    """

    def check_dates(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
        mend = "Write 2022, 2022-05, 2022-05-17 or 2025-2026, or nothing if nobody said."
        faults, texts = [], []
        for name, text in zip(names, frame[column], strict=True):
            bare_text = _REMARK.sub("", text)
            dated_text, doubt = days.parse_date_cell(bare_text, end=column in ENDS)
            texts.append(dated_text + text[len(bare_text) :])
            if doubt and doubt is not days.Doubt.OPEN:
                why = _HELD if doubt is days.Doubt.OUT else "is no date."
                faults.append(Fault(f"{name}, column `{column}`", f"`{_shortened_text(text)}` {why}", mend))
        frame[column] = pd.array(texts, dtype="str")
        return faults

    return check_dates


def _opens_before_it_closes(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    faults = []
    for name, opening_text, closing_text in zip(names, frame["active_from"], frame["active_to"], strict=True):
        with contextlib.suppress(SchemaError):  # `_date_rule` tells
            begin, end = Span.parse(opening_text), Span.parse(closing_text)
            pairs = ((begin.earliest, begin.latest), (end.earliest, end.latest), (begin.earliest, end.latest))
            if any(earlier and later and earlier > later for earlier, later in pairs):
                fault_text = f"`{opening_text}` to `{closing_text}` runs backwards."
                faults.append(Fault(name, fault_text, "Correct active_from or active_to."))
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


def _add_claim_values(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    """Add low, high, earliest and latest to the claims, by unit; return what cannot be read."""
    faults = []
    low, high = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    ends = np.full((2, len(frame)), days.NO_DAY)
    columns = (frame[name] for name in ("value", "unit", "qualifier", "states"))
    for n, (text, unit, qualifier, stated) in enumerate(zip(*columns, strict=True)):
        where = f"{names[n]}, column `value`"
        try:
            if unit in NUMBER_UNITS:
                low_text, _, high_text = text.partition("-")
                low[n] = parse_number(low_text)
                high[n] = np.nan if qualifier == "at least" else parse_number(high_text or low_text)
            elif unit in DATE_UNITS:
                span = Span.parse(_parse_date_cell(text, end=_states_an_end(stated)))
                ends[:, n] = [days.day_as_datetime64(day) for day in (span.earliest, span.latest)]
            elif unit not in TEXT_UNITS:
                known_units = ", ".join(sorted({*NUMBER_UNITS, *DATE_UNITS, *TEXT_UNITS}))
                faults.append(Fault(f"{names[n]}, column `unit`", f"`{unit}` is not known.", f"Known: {known_units}."))
        except (ValueError, SchemaError) as error:
            fault_text = f"`{_shortened_text(text)}` " + (
                _HELD if isinstance(error, _OutError) else f"is no value in {unit}."
            )
            faults.append(Fault(where, fault_text, "Write a number, a date, or unit `text`."))
    frame["low"], frame["high"] = low, high
    frame["earliest"], frame["latest"] = ends
    return faults


def _parse_date_cell(text: str, *, end: bool) -> str:
    """Return a date as a layer holds it, or raise `ValueError`."""
    dated_text, doubt = days.parse_date_cell(text, end=end)
    if doubt is days.Doubt.OUT:
        raise _OutError(text)
    if doubt and doubt is not days.Doubt.OPEN:
        raise ValueError(text)
    return dated_text


def _values_run_forward(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    backwards = (frame["low"] > frame["high"]) | (frame["earliest"] > frame["latest"])
    return [
        Fault(f"{name}, column `value`", f"`{text}` runs backwards.", "Write the smaller or earlier one first.")
        for name, text, wrong in zip(names, frame["value"], backwards, strict=True)
        if wrong
    ]


def _is_area_claim(claim: Row, _: Mapping[str, float]) -> bool:
    return claim["unit"] in AREA_M2 and not claim["low"] <= 0


def _is_number_claim(claim: Row, _: Mapping[str, float]) -> bool:
    return claim["unit"] in NUMBER_UNITS


def _is_date_claim(claim: Row, _: Mapping[str, float]) -> bool:
    return claim["unit"] in DATE_UNITS


def _is_phase_claim(claim: Row, _: Mapping[str, float]) -> bool:
    return claim["value"] in set(Phase)


def _is_one_number_claim(claim: Row, _: Mapping[str, float]) -> bool:
    return claim["unit"] in NUMBER_UNITS and re.fullmatch(r"\d+([.,]\d+)?", claim["value"], re.ASCII) is not None


def _is_count_of_parts(claim: Row, low: Mapping[str, float]) -> bool:
    return _is_one_number_claim(claim, low) and claim["parts"] != ""


def _is_share_of_parts(claim: Row, low: Mapping[str, float]) -> bool:
    parts = [low.get(part, np.nan) for part in claim["parts"].split("|")]
    return _is_one_number_claim(claim, low) and not np.isnan(parts).any() and low.get(claim["whole"], np.nan) > 0


#: What a claim must be for its `use`, or for the quantity that it states.
_FIT: Final[Mapping[str, tuple[str, Callable[[Row, Mapping[str, float]], bool]]]] = {
    "base": ("an area above 0", _is_area_claim),
    "occupied_share": ("one number", _is_one_number_claim),
    "tenant_share": ("one number", _is_one_number_claim),
    "zone_count": ("one number", _is_one_number_claim),
    "available": ("an area above 0", _is_area_claim),
    "offer": ("an area above 0", _is_area_claim),
    "built": ("an area above 0", _is_area_claim),
    "parts_count": ("one number, and `parts`", _is_count_of_parts),
    "parts_share": ("one number, `parts` that are numbers and a `whole` above 0", _is_share_of_parts),
    "area_m2": ("an area above 0", _is_area_claim),
    "land_ha": ("an area above 0", _is_area_claim),
    "from": ("a date", _is_date_claim),
    "to": ("a date", _is_date_claim),
    "phase": (f"one of {', '.join(Phase)}", _is_phase_claim),
    "jobs_now": ("a number", _is_number_claim),
    "jobs_planned": ("a number", _is_number_claim),
}


def _claims_fit_their_use(frame: pd.DataFrame, names: Sequence[str]) -> list[Fault]:
    low = dict(zip(frame["claim_id"], frame["low"], strict=True))
    faults = []
    for name, claim in zip(names, records(frame), strict=True):
        for column in ("use", "states"):
            need_text, is_fit = _FIT.get(claim[column].rpartition("/")[2], ("", _is_one_number_claim))
            if need_text and not is_fit(claim, low):
                fault_text = f"`{claim[column]}` needs {need_text}, not `{claim['value']}` in `{claim['unit']}`."
                faults.append(Fault(f"{name}, column `{column}`", fault_text, "Correct the claim, or empty that cell."))
    return faults


#: What is asked of the tables of some layers, beside what their schemas ask: each rule looks at the whole table, and
#: may add what it computes.
RULES: Final[Mapping[str, Sequence[Rule]]] = {
    "communes": (_former_code_faults,),
    "sites": (_order_rule("land_low_ha", "land_high_ha"), _half_point_faults),
    "parcels": (_parcel_number_faults,),
    "establishments": (_order_rule("jobs_low", "jobs_high"), _opens_before_it_closes),
    "tenancies": (tenancy_order_faults,),
    "claims": (_claims_of_parts_exist, _add_claim_values, _values_run_forward, _claims_fit_their_use),
}
