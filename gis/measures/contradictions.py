"""Contradictory or implausible facts: checks across all layers, which change no value.

Each kind of check has its module: `magnitudes`, `doubles`, `misplaced`, `moments`, `disagreements`. The limits of
plausible values are in one place, `plausible`; a territory can override them.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from pandera.typing import DataFrame

from gis.measures.disagreements import disagreement_issues
from gis.measures.doubles import double_issues
from gis.measures.magnitudes import magnitude_issues
from gis.measures.misplaced import misplaced_issues
from gis.measures.moments import moment_issues
from gis.measures.plausible import Plausible
from gis.measures.statements import Statements
from gis.measures.topology import issue_layer
from gis.schemas import Issues

#: The layers that are checked against each other.
COMPARED: Final = tuple(field.name for field in fields(Statements) if field.name not in {"opening", "limits"})


def contradiction_issues(
    layers: Mapping[str, Any], opening: dt.date, limits: Plausible | None = None
) -> DataFrame[Issues]:
    """Return the facts that other facts contradict, or that are implausible, check by check.

    Parameters
    ----------
    layers
        The layers of a territory by name, including `COMPARED`; spatial layers in one CRS in metres.
    opening
        The opening day of the pages: a stated past event must lie before it, unless it was stated since.
    limits
        The limits of plausible values; the defaults of `Plausible` if omitted.

    Returns
    -------
    issues
        One row per fact and fault; it names the row, both values, the other row and the correction.
    """
    statements = Statements(opening, limits or Plausible(), **{name: layers[name] for name in COMPARED})
    rows = [
        row
        for question in (magnitude_issues, double_issues, misplaced_issues, moment_issues, disagreement_issues)
        for row in question(statements)
    ]
    return issue_layer({name: str(value) for name, value in row.items()} for row in rows)
