"""What is looked at without pandera is judged as pandera judges it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest

import gis.schemas
from gis.schemas import validation

#: Every column of every layer that is asked anything of its own, once for each thing that is asked.
COLUMNS = {
    f"{column.dtype} {[*column.checks]} {column.nullable} {column.unique}": column
    for schema in vars(gis.schemas).values()
    if isinstance(schema, type) and hasattr(schema, "to_schema") and schema.__name__ not in {"Layer", "Spatial"}
    for column in schema.to_schema().columns.values()
}
VALUES = {
    "str": [
        ["a", "b"],
        ["", "?"],
        ["a", None],
        ["a", "a"],
        ["0" * 9, "1" * 9],
        ["0" * 14, "1" * 14],
        ["x" * 5000, "y"],
    ],
    "float64": [[0.0, 1.0], [0.5, 2.0], [-1.0, 0.5], [np.nan, 0.5], [np.nan, np.nan], [np.inf, 1.0], [0.5, 0.5]],
    "int64": [[0, 1], [1, 2], [-1, 0], [1, 1], [10**9, 5]],
    "datetime64[ns]": [["2025-01-01", "2025-01-02"], ["2025-01-01", None], [None, None]],
    "geometry": [[None, None]],
}


def series(column):
    """Yield what may stand in a column, or may not, of its type."""
    kind = "str" if str(column.dtype).startswith("str") else str(column.dtype)
    words = [check.statistics["allowed_values"] for check in column.checks if check.name == "isin"]
    for values in [*VALUES[kind], *([each[0], each[-1]] for each in words), []]:
        yield gpd.GeoSeries(values, crs=3950) if kind == "geometry" else pd.Series(values, dtype=kind)


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_a_column_is_sound_where_pandera_finds_no_fault(column, monkeypatch):
    rules = pa.DataFrameSchema({column.name: column}, strict=True)
    frames = [pd.DataFrame({column.name: values}) for values in series(column)]
    quick = [validation.is_sound(frame, rules) for frame in frames]
    monkeypatch.setattr(validation, "is_sound", lambda *_: False)
    slow = [not validation.schema_faults(frame, rules, "one two".split) for frame in frames]
    assert quick == slow
    assert any(quick)


@pytest.mark.parametrize("values", [[1.5], ["1.5"], [True]], ids=repr)
def test_a_column_of_another_type_is_not_sound(values):
    frame = pd.DataFrame({"left": pd.Series(values, dtype="object")})
    for kind in ("str", "float64", "int64", "datetime64[ns]"):
        assert not validation.is_sound(frame, pa.DataFrameSchema({"left": pa.Column(kind)}, strict=True))


def test_a_frame_is_sound_with_the_columns_of_its_schema_alone():
    rules = pa.DataFrameSchema({"one": pa.Column("float64"), "two": pa.Column("float64")}, strict=True)
    frame = pd.DataFrame({"one": [1.5], "two": [2.5]})
    assert validation.is_sound(frame, rules)
    assert validation.is_sound(frame[["two", "one"]], rules)
    for other in (frame[["one"]], frame.assign(three=3.5), frame.rename(columns={"one": "three"})):
        assert not validation.is_sound(other, rules)
