"""Steps of a tenancy: the days on which it starts or stops to hold, and its state from each of them on.

The rule is that of `gis.measures.occupancy`, evaluated for all days at once. Scripts look up a day in these steps;
they decide nothing themselves from dates, phases or bounds.
"""

import datetime as dt
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from gis.measures.occupancy import TO_COME, phases_and_holds
from gis.measures.three_valued import ANSWERS
from gis.schemas import Answer, Phase

#: A day before all days of a layer.
_EVER: Final = np.datetime64(pd.Timestamp.min.ceil("D"), "ns")
_BOUNDS: Final = ("from_earliest", "from_latest", "to_earliest", "to_latest")


class Presence(NamedTuple):
    """Presence of a tenancy: the phase under which it is shown, whether that counts as to come, and its steps.

    A step is a day and whether the tenancy holds from the end of that day; the first step has no day: it applies from
    the beginning.
    """

    phase: str
    to_come: bool
    steps: tuple[tuple[dt.date | None, Answer], ...]


def tenancy_presences(tenancies: pd.DataFrame) -> list[Presence]:
    """Return the steps of each tenancy, in the order given: the days on which it starts or stops to hold.

    Examples
    --------
    >>> import pandas as pd
    >>> days = {"from_earliest": "2020-01-01", "from_latest": "2020-12-31", "to_earliest": None, "to_latest": None}
    >>> row = pd.DataFrame([days]).astype("datetime64[ns]").assign(phase="in_place")
    >>> [(str(day), answer.value) for day, answer in tenancy_presences(row)[0].steps]
    [('None', 'non'), ('2020-01-01', 'inconnu'), ('2020-12-31', 'oui')]
    """
    changes = [np.full(len(tenancies), _EVER), *(tenancies[name].to_numpy(dtype="datetime64[ns]") for name in _BOUNDS)]
    states_by_change = [phases_and_holds(tenancies, days) for days in changes]
    phases = states_by_change[0][0]
    days, answers = np.stack(changes, axis=1), np.stack([holds for _, holds in states_by_change], axis=1)
    return [
        Presence(str(phase), Phase(phase) in TO_COME, _presence_steps(days[n], answers[n]))
        for n, phase in enumerate(phases)
    ]


def _presence_steps(days: np.ndarray, answers: np.ndarray) -> tuple[tuple[dt.date | None, Answer], ...]:
    """Sort the days of one tenancy, and leave out those without a change."""
    steps: list[tuple[dt.date | None, Answer]] = []
    for n in np.argsort(days, kind="stable").tolist():
        answer = ANSWERS[answers[n]]
        if np.isnat(days[n]) or (steps and steps[-1][1] == answer):
            continue
        steps.append((None if days[n] == _EVER else pd.Timestamp(days[n]).date(), answer))
    return tuple(steps)
