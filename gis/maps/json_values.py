"""Values of layers as plain values for a page; an unknown value is None."""

import datetime as dt

import pandas as pd


def number_or_none(value: float | None, digits: int | None = None) -> float | None:
    """Return a number, rounded if `digits` is given; None if it is unknown.

    >>> number_or_none(2.345, 1), number_or_none(float("nan"))
    (2.3, None)
    """
    if pd.isna(value):
        return None
    return float(value) if digits is None else round(float(value), digits)


def iso_day_or_none(value: pd.Timestamp | dt.date | None) -> str | None:
    """Return a date in ISO 8601; None if it is unknown.

    >>> iso_day_or_none(dt.date(2025, 9, 30)), iso_day_or_none(pd.NaT)
    ('2025-09-30', None)
    """
    return None if value is None or pd.isna(value) else str(value.isoformat())[:10]
