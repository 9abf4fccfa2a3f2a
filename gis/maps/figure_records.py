"""Figures of the ledger with their provenance, as plain values for a page."""

from collections.abc import Iterable
from typing import Any

from gis.maps import json_values
from gis.provenance import Figure


def figure_records(figures: Iterable[Figure]) -> list[dict[str, Any]]:
    """Return figures with their provenance, as plain values for a page."""
    return [
        {
            "id": figure.figure_id,
            "kind": figure.kind,
            "subject": figure.subject,
            "low": figure.low,
            "high": figure.high,
            "unit": figure.unit,
            "at": json_values.iso_day_or_none(figure.at),
            "numerator": figure.numerator,
            "denominator": figure.denominator,
            "rows": list(figure.rows),
            "rule": figure.rule,
            "sources": list(figure.sources),
            "basis": figure.basis.value,
            "assumptions": list(figure.assumptions),
        }
        for figure in figures
    ]
