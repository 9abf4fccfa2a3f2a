"""Validation: a frame that satisfies its schema becomes a layer; all faults of any other are reported at once."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar, overload

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame
from pyproj import CRS

from gis import crs
from gis.errors import Fault, SchemaError
from gis.schemas.columns import Public, Spatial, quoted
from gis.schemas.described import description_of
from gis.schemas.rows import Row

M = TypeVar("M", bound=pa.DataFrameModel)
S = TypeVar("S", bound=Spatial)


# A spatial layer is also a layer: the first matching overload applies.
@overload
def conform(  # type: ignore[overload-overlap]
    frame: pd.DataFrame, schema: type[S], *, place: str = "", names: Sequence[str] = ()
) -> GeoDataFrame[S]: ...
@overload
def conform(frame: pd.DataFrame, schema: type[M], *, place: str = "", names: Sequence[str] = ()) -> DataFrame[M]: ...
def conform(frame: pd.DataFrame, schema: type[M], *, place: str = "", names: Sequence[str] = ()) -> Any:
    """Validate a frame as a layer, or report all of its faults.

    Parameters
    ----------
    frame
        Rows. A GeoDataFrame must be in a projected CRS in metres; its geometries must be valid or absent, and of the
        type in the description of the layer.
    schema
        The schema of the layer.
    place
        The file to name in messages; the name of the layer by default.
    names
        Names of the rows in messages, in order; their keys by default.

    Returns
    -------
    layer
        The same rows and index, with the columns in the order of the schema.
        The same rows and index, with the columns in the order of the schema.

    Raises
    ------
    CrsError
        If the CRS is absent or not in metres.
    GeometryError
        If a geometry is empty, invalid or not of the type of the layer.
    SchemaError
        If columns or values violate the schema; reports all faults at once.

    Examples
    --------
    >>> from gis.schemas import Issues
    >>> conform(pd.DataFrame({"layer": ["sites"]}), Issues)
    Traceback (most recent call last):
    gis.errors.SchemaError: Issues: 4 faults
      - column `row`: absent. Add the column.
      - column `column_name`: absent. Add the column.
      - column `value`: absent. Add the column.
      - column `message`: absent. Add the column.
    """
    where = place or schema.__name__
    rows = partial(_row_names, frame, schema, names)
    if isinstance(frame, gpd.GeoDataFrame):
        crs.require_metric_crs(frame.crs, where)
        description = description_of(schema)
        drawn = description.drawn_as if description else crs.GeometryKind.POLYGON
        crs.check_shapes(frame.geometry, rows, where, drawn)
    if faults := schema_faults(frame, schema.to_schema(), rows):
        raise SchemaError.of(where, faults)
    return frame[[name for name in schema.to_schema().columns if name in frame]]


# A spatial layer is also a layer: the first matching overload applies.
@overload
def frame(  # type: ignore[overload-overlap]
    rows: Iterable[Row], schema: type[S], crs: CRS | None
) -> GeoDataFrame[S]: ...
@overload
def frame(rows: Iterable[Row], schema: type[M], crs: None = None) -> DataFrame[M]: ...
def frame(rows: Iterable[Row], schema: type[M], crs: CRS | None = None) -> Any:
    """Make a layer of rows, possibly none; values that a row lacks are unknown.

    Parameters
    ----------
    rows
        Column → value; an unknown text becomes "", a number NaN, a date NaT, a geometry None.
    schema
        The schema of the layer.
    crs
        The CRS of its geometries, in metres, if it is spatial.

    Raises
    ------
    SchemaError
        If a row violates the schema.

    Examples
    --------
    >>> from gis.schemas import Issues
    >>> frame([{"layer": "sites", "row": "port", "message": "Twice."}], Issues)[["layer", "row", "value"]].to_numpy()
    array([['sites', 'port', '']], dtype=object)
    >>> frame([], Issues).shape
    (0, 6)
    """
    row_list = list(rows)
    columns = {name: str(column.dtype) for name, column in schema.to_schema().columns.items() if name != "geometry"}
    other_names = dict.fromkeys(name for row in row_list for name in row if name not in columns)
    other_columns = {name: [row.get(name) for row in row_list] for name in other_names}
    table = pd.DataFrame(
        {name: _typed_values([row.get(name) for row in row_list], kind) for name, kind in columns.items()},
        index=range(len(row_list)),
    )
    if crs is not None:
        shapes = np.full(len(row_list), None, dtype=object)
        shapes[:] = other_columns.pop("geometry", shapes)
        table = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=crs))
    for name, values in other_columns.items():
        table[name] = values
    return conform(table, schema)


def _typed_values(values: Sequence[Any], kind: str) -> Any:
    """Return the values of a column in its type, with `None` replaced by the value for unknown."""
    if kind.startswith("str"):
        return pd.array(["" if value is None else value for value in values], dtype="str")
    if kind.startswith("datetime"):
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)).to_numpy(dtype=kind))
    if kind.startswith("float"):
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    return np.array(values, dtype=kind)


def schema_faults(frame: pd.DataFrame, schema: pa.DataFrameSchema, names: Callable[[], Sequence[str]]) -> list[Fault]:
    """Return the faults of a frame against a schema, in the order of its rows; `names` gives their names on demand."""
    if is_sound(frame, schema):
        return []
    plain_frame = frame.reset_index(drop=True)
    typed_columns = frozenset(
        name
        for name, schema_column in schema.columns.items()
        if name in plain_frame and _has_type(plain_frame[name], schema_column)
    )
    infinite_faults = _infinite_faults(plain_frame, names)
    try:
        _schema_without_types(schema, typed_columns).validate(plain_frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases.to_dict("records")
    else:
        return infinite_faults
    column_faults = [_column_fault(case) for case in cases if pd.isna(case["index"])]
    by_row = {
        (int(case["index"]), str(case["column"]), str(case["check"])): case
        for case in cases
        if not pd.isna(case["index"])
    }
    row_names = names()
    return [*column_faults, *infinite_faults] + [
        Fault(
            f"{row_names[row]}, column `{column}`",
            *_value_fault(check, quoted(schema.columns[column], plain_frame[column][row])),
        )
        for row, column, check in sorted(by_row)
    ]


def is_sound(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> bool:
    """Tell whether a frame satisfies a schema, ten times faster than pandera, which is called only if this fails."""
    if schema.checks or schema.unique or schema.index is not None or len(frame.columns) != len(schema.columns):
        return False
    return all(name in schema.columns and _is_kept(values, schema.columns[name]) for name, values in frame.items())


def _is_kept(values: "pd.Series[Any]", asked: pa.Column) -> bool:
    if not _has_type(values, asked) or (asked.unique and not values.is_unique):
        return False
    if values.hasnans:
        if not asked.nullable:
            return False
        values = values.dropna()
    if values.dtype.kind == "f" and np.isinf(values.to_numpy()).any():
        return False
    return all(check.name in _RULES and _RULES[check.name](values, check.statistics) for check in asked.checks)


def _has_lengths(values: "pd.Series[Any]", wanted: Mapping[str, Any]) -> bool:
    """Tell whether texts have the required lengths; a limit that is not set is None."""
    low, high, exact = (wanted.get(key) for key in ("min_value", "max_value", "exact_value"))
    return all(
        (low is None or low <= length) and (high is None or length <= high) and (exact is None or length == exact)
        for length in map(len, values.unique())
    )


#: Checks of columns that are evaluated without pandera, by their names in pandera.
_RULES: Final[dict[str, Callable[["pd.Series[Any]", Mapping[str, Any]], bool]]] = {
    "isin": lambda values, wanted: set(values.unique()) <= {*wanted["allowed_values"]},
    "str_length": _has_lengths,
    "greater_than_or_equal_to": lambda values, wanted: values.empty or values.min() >= wanted["min_value"],
    "greater_than": lambda values, wanted: values.empty or values.min() > wanted["min_value"],
    "less_than_or_equal_to": lambda values, wanted: values.empty or values.max() <= wanted["max_value"],
}


def _infinite_faults(plain: pd.DataFrame, names: Callable[[], Sequence[str]]) -> list[Fault]:
    """Return the faults of the numbers that are not finite; NaN is unknown and no fault."""
    infinite_cells = [
        (int(row), name)
        for name in plain
        if getattr(plain[name].dtype, "kind", "") == "f"
        for row in np.flatnonzero(np.isinf(plain[name].to_numpy(dtype=float)))
    ]
    row_names = names() if infinite_cells else ()
    return [
        Fault(f"{row_names[row]}, column `{name}`", "is infinite.", "Give a number.")
        for row, name in sorted(infinite_cells)
    ]


def _has_type(column: "pd.Series[Any]", asked: pa.Column) -> bool:
    return asked.dtype is not None and getattr(asked.dtype, "type", None) == column.dtype


#: Schemas without the types of some columns, by schema and columns: pandera takes a millisecond to check the type of
#: each text column, longer than all its other checks.
_UNTYPED: Final[dict[tuple[int, frozenset[str]], tuple[pa.DataFrameSchema, pa.DataFrameSchema]]] = {}


def _schema_without_types(schema: pa.DataFrameSchema, typed: frozenset[str]) -> pa.DataFrameSchema:
    """Return a schema that does not check again the types of columns that already have them."""
    key = (id(schema), typed)
    if key not in _UNTYPED:
        _UNTYPED[key] = (schema, schema.update_columns({name: {"dtype": None} for name in typed}))
    return _UNTYPED[key][1]


def _row_names(frame: pd.DataFrame, schema: type[pa.DataFrameModel], names: Sequence[str]) -> Sequence[str]:
    if len(names):
        return names
    description = description_of(schema)
    key = description.key if description else ""
    if key in frame.columns and schema.to_schema().columns[key].metadata["public"] is not Public.NEVER:
        return [str(value) for value in frame[key]]
    return [f"row {n}" for n in range(1, len(frame) + 1)]


def _column_fault(case: Mapping[str, Any]) -> Fault:
    match case["check"]:
        case "column_in_dataframe":
            return Fault(f"column `{case['failure_case']}`", "absent.", "Add the column.")
        case "column_in_schema":
            return Fault(f"column `{case['failure_case']}`", "unknown.", "Take it out or rename it.")
        case check:
            problem = f"holds {case['failure_case']}, the rule is {check}."
            return Fault(f"column `{case['column']}`", problem, "Convert the column.")


def _value_fault(check: str, value: str) -> tuple[str, str]:
    if check == "field_uniqueness":
        return f"{value} stands twice.", "Give each row a key of its own."
    if check == "not_nullable":
        return "nothing is there.", "Give a value."
    if words := re.fullmatch(r"isin\(\[(.*)\]\)", check):
        return f"{value} is not in the vocabulary.", f"Write one of {words[1]}."
    return f"{value} breaks the rule {check}.", "Give a value that keeps it."
