"""The state of each terrain: occupation, sale, servicing, price, power and dates, consistent with each other."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from gis.demo.cases import Told
from gis.demo.chance import random_mask
from gis.demo.fabric import Ints
from gis.schemas import Answer, Occupied, Sale, Servicing

#: The day that everything is known of, and the day its history begins.
TODAY: Final = dt.date(2025, 6, 30)
START: Final = dt.date(2020, 1, 1)
#: Number of lots from which every value of every vocabulary occurs.
COMPLETE_FROM: Final = 100
#: Share of values that nobody knows.
_UNKNOWN: Final = 0.05
_POWERS_KW: Final = (36.0, 100.0, 250.0, 630.0, 1000.0, 2000.0, 5000.0)


@dataclass(frozen=True, slots=True)
class _Profile:
    """A combination that occurs on the ground, how often in a running site and in one to come."""

    useful: Answer
    occupied: Occupied
    sale: Sale
    servicing: Servicing
    turnkey: str
    running: float
    to_come: float


_YES, _NO = Answer.YES, Answer.NO
_PROFILES: Final = (
    _Profile(_YES, Occupied.OCCUPIED, Sale.SOLD, Servicing.FITTED_OUT, "non", 46, 3),
    _Profile(_YES, Occupied.NEVER, Sale.SOLD, Servicing.SERVICED, "non", 6, 4),
    _Profile(_YES, Occupied.NEVER, Sale.FOR_SALE, Servicing.SERVICED, "non", 9, 15),
    _Profile(_YES, Occupied.NEVER, Sale.FOR_SALE, Servicing.FITTED_OUT, "non", 3, 1),
    _Profile(_YES, Occupied.VACANT, Sale.FOR_SALE, Servicing.FITTED_OUT, "oui", 4, 0),
    _Profile(_YES, Occupied.NEVER, Sale.FOR_SALE_CONSTRAINED, Servicing.UNDER_WAY, "non", 4, 14),
    _Profile(_YES, Occupied.NEVER, Sale.OPTION, Servicing.SERVICED, "non", 4, 8),
    _Profile(_YES, Occupied.NEVER, Sale.RESERVED, Servicing.UNDER_WAY, "non", 3, 9),
    _Profile(_YES, Occupied.DERELICT, Sale.NOT_ON_SALE, Servicing.NONE, "non", 3, 1),
    _Profile(_YES, Occupied.DERELICT, Sale.FOR_SALE_CONSTRAINED, Servicing.FITTED_OUT, "non", 2, 0),
    _Profile(_YES, Occupied.IN_TRANSITION, Sale.NOT_ON_SALE, Servicing.FITTED_OUT, "", 2, 1),
    _Profile(_YES, Occupied.NEVER, Sale.NOT_ON_SALE, Servicing.NONE, "", 5, 38),
    _Profile(_NO, Occupied.NEVER, Sale.NOT_FOR_SALE, Servicing.IMPOSSIBLE, "non", 4, 5),
    _Profile(_YES, Occupied.VACANT, Sale.NOT_ON_SALE, Servicing.FITTED_OUT, "oui", 3, 0),
    _Profile(Answer.UNKNOWN, Occupied.UNKNOWN, Sale.UNKNOWN, Servicing.UNKNOWN, "inconnu", 2, 1),
)
_ON_OFFER: Final = (Sale.FOR_SALE, Sale.FOR_SALE_CONSTRAINED)
_RESERVED: Final = (Sale.OPTION, Sale.RESERVED)
_SERVICED: Final = (Servicing.SERVICED, Servicing.FITTED_OUT)


def terrain_states(  # noqa: PLR0913  (one argument for each kind of terrain)
    rng: np.random.Generator,
    to_come: np.ndarray,
    sure: Ints,
    roads: np.ndarray,
    *,
    known: np.ndarray,
    told: Mapping[int, Told],
) -> pd.DataFrame:
    """Give each terrain a state.

    Parameters
    ----------
    rng
        Draws.
    to_come
        Whether the site of each terrain is still being made.
    sure
        Terrains that are occupied and of which everything is known.
    roads
        Whether a terrain is the roads of its site: public, never built.
    known
        Whether nothing of a terrain is unknown.
    told
        Terrains whose state is told, by number.

    Returns
    -------
    states
        One row a terrain, in the order given: useful, occupied, sale, servicing, turnkey, occupied_as_of,
        price_eur_m2 (NaN is on request), power_kw, available_from, sold_on. From 100 lots on, every value of every
        vocabulary occurs.
    """
    count = len(to_come)
    profile = np.where(to_come, _pick_profiles(rng, count, to_come=True), _pick_profiles(rng, count, to_come=False))
    free_lots = rng.permutation(np.flatnonzero(~to_come & ~roads & ~np.isin(np.arange(count), sure)))
    free_lots = free_lots[~known[free_lots] & ~np.isin(free_lots, list(told))]
    complete_lots = free_lots[: len(_PROFILES)] if len(free_lots) >= COMPLETE_FROM else free_lots[:0]
    profile[complete_lots] = np.arange(len(complete_lots))
    profile[known & (profile == len(_PROFILES) - 1)] = 0
    for n, case in told.items():
        profile[n] = next(m for m, each in enumerate(_PROFILES) if each.occupied is case.occupied)
    profile[sure] = 0
    frame = pd.DataFrame(
        {
            name: np.array([str(getattr(each, name)) for each in _PROFILES], dtype=object)[profile]
            for name in ("useful", "occupied", "sale", "servicing", "turnkey")
        }
    )
    fully_known = roads | known | np.isin(np.arange(count), [*complete_lots, *sure, *told])
    for name in ("useful", "occupied", "sale", "servicing"):
        frame.loc[(random_mask(rng, count, _UNKNOWN)) & ~fully_known, name] = Answer.UNKNOWN.value
    frame.loc[roads, ["useful", "occupied", "sale", "servicing", "turnkey"]] = [
        Answer.NO.value,
        Occupied.NEVER.value,
        Sale.NOT_FOR_SALE.value,
        Servicing.FITTED_OUT.value,
        "",
    ]
    frame.loc[list(told), "useful"] = [case.useful.value for case in told.values()]
    is_observed = frame["occupied"] != Occupied.UNKNOWN
    frame["occupied_as_of"] = np.where(is_observed, np.datetime64(TODAY, "D"), np.datetime64("NaT", "D"))
    return _states_with_quantities(rng, frame)


def _pick_profiles(rng: np.random.Generator, count: int, *, to_come: bool) -> Ints:
    weights = np.array([each.to_come if to_come else each.running for each in _PROFILES])
    return rng.choice(len(_PROFILES), count, p=weights / weights.sum()).astype(np.int64)


def _states_with_quantities(rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    count = len(frame)
    offered = frame["sale"].isin(_ON_OFFER).to_numpy()
    reserved = frame["sale"].isin(_RESERVED).to_numpy()
    serviced = frame["servicing"].isin(_SERVICED).to_numpy() & (frame["useful"] != Answer.NO).to_numpy()
    sold = (frame["sale"] == Sale.SOLD).to_numpy()
    price = np.rint(2 * rng.uniform(18, 75, count)) / 2
    power = np.array(_POWERS_KW)[rng.integers(0, len(_POWERS_KW), count)]
    ready = _random_days(rng, count, dt.date(2022, 1, 1), dt.date(2028, 12, 31))
    sale = _random_days(rng, count, START, TODAY)
    no_day = np.datetime64("NaT", "D")
    return frame.assign(
        price_eur_m2=np.where(
            (offered & (random_mask(rng, count, 0.8))) | (reserved & (random_mask(rng, count, 0.4))), price, np.nan
        ),
        power_kw=np.where(serviced & (random_mask(rng, count, 0.88)), power, np.nan),
        available_from=np.where(offered & (random_mask(rng, count, 0.85)), ready, no_day),
        sold_on=np.where(sold & (random_mask(rng, count, 0.6)), sale, no_day),
    )


def _random_days(rng: np.random.Generator, count: int, first: dt.date, last: dt.date) -> np.ndarray:
    """Draw days, both ends included."""
    return np.datetime64(first, "D") + rng.integers(0, (last - first).days + 1, count)
