"""Test cases of the statutory inventory: a land unit for each line of its decision table, exception and unknown.

Lines that the random territory contains anyway (never occupied, active, unknown) are not among them.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from gis.demo.fabric import Ints
from gis.schemas import Answer, Occupied, SiteState

#: So many terrains that could be a case there must be for each one that is.
_AMONG: Final = 3
#: The day the vacant ones were left, and the day from which premises are said to be vacant: more than two years ago.
LEFT: Final = dt.date(2021, 9, 30)
VACANT: Final = dt.date(2022, 2, 1)


class Case(StrEnum):
    """A case; the word is the reason that the inventory gives for it."""

    CLOSED = "closed"
    CLOSED_AND_PREMISES = "closed_and_vacant_premises"
    PREMISES = "vacant_premises"
    PAST_UNKNOWN = "past_unknown"
    EXCEPTION_UNKNOWN = "exception_unknown"
    ACTIVE_OR_NEVER = "active_or_never_occupied"
    OTHER_USE = "exception_other_use"
    DISAFFECTED = "exception_disaffected"


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of the terrain of a case.

    `left` is whether somebody has left its premises, `said_vacant` whether a source says that these are vacant.
    `stands` is since when an establishment stands there without premises; `economic` is what is said of CFE.
    """

    occupied: Occupied
    useful: Answer = Answer.YES
    left: bool = False
    said_vacant: bool = False
    stands: str = ""
    economic: str = "oui"


TOLD: Final[Mapping[Case, Told]] = {
    Case.CLOSED: Told(Occupied.VACANT, left=True),
    Case.CLOSED_AND_PREMISES: Told(Occupied.VACANT, left=True, said_vacant=True),
    Case.PREMISES: Told(Occupied.VACANT, said_vacant=True),
    Case.PAST_UNKNOWN: Told(Occupied.VACANT, left=True, economic="inconnu"),
    Case.EXCEPTION_UNKNOWN: Told(Occupied.VACANT, Answer.UNKNOWN, left=True),
    Case.ACTIVE_OR_NEVER: Told(Occupied.NEVER, stands="2025-06-15..2026-12-31"),
    Case.OTHER_USE: Told(Occupied.UNKNOWN, stands="1998", economic="non"),
    Case.DISAFFECTED: Told(Occupied.NEVER, Answer.NO),
}


def choose_case_terrains(
    sites: pd.DataFrame, site: Ints, roads: np.ndarray, terrain: Ints, parcel: Ints
) -> dict[int, Told]:
    """Choose a terrain for each case in the running zones: one that has its parcels to itself.

    Parameters
    ----------
    sites
        The sites, with `counted` and `site_state`.
    site, roads
        Number of the site of each terrain, and whether it is roads.
    terrain, parcel
        Terrain and parcel of each piece of ground.

    Returns
    -------
    cases
        What is told of each terrain that is one, by its number; none at all where there are too few to choose from.
    """
    running = (sites["counted"] == "oui") & (sites["site_state"] == SiteState.ACTIVE)
    has_own_parcels = ~roads & running.to_numpy()[site]
    pairs = np.unique(np.column_stack([parcel, terrain]), axis=0)
    shared = np.bincount(pairs[:, 0])[pairs[:, 0]] > 1
    has_own_parcels[pairs[shared, 1]] = False
    eligible_terrains = np.flatnonzero(has_own_parcels)
    if len(eligible_terrains) < _AMONG * len(TOLD):
        return {}
    chosen_terrains = eligible_terrains[np.arange(len(TOLD)) * len(eligible_terrains) // len(TOLD)]
    return dict(zip(chosen_terrains.tolist(), TOLD.values(), strict=True))
