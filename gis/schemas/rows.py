"""Rows of a layer as plain dictionaries."""

from typing import Any

import pandas as pd

Row = dict[str, Any]


def records(layer: pd.DataFrame) -> list[Row]:
    """Return the rows of a layer as plain dictionaries, in order."""
    return [{str(name): value for name, value in row.items()} for row in layer.to_dict("records")]


def row_of(layer: pd.DataFrame, column: str, key: str) -> Row:
    """Return the row with a key in a column; there must be one."""
    return records(layer[layer[column] == key])[0]
