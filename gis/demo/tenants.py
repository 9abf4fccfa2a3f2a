"""Establishments and tenancies: occupant, location, dates, area and kind of area."""

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd

from gis.demo import names
from gis.demo.buildings import FOCUS_PREMISES, BuiltLots
from gis.demo.cases import LEFT, Told
from gis.demo.chance import random_event, random_up_to
from gis.demo.land import Land
from gis.demo.states import START, TODAY
from gis.schemas import AreaKind, Occupied, OwnerKind, Phase, Row, records

#: What they do: French, English.
ACTIVITIES: Final = (
    ("usinage de précision", "precision machining"),
    ("entreposage", "warehousing"),
    ("emballage", "packaging"),
    ("menuiserie", "joinery"),
    ("recyclage de métaux", "metal recycling"),
    ("contrôle qualité", "quality control"),
    ("imprimerie", "printing"),
    ("réparation de machines", "machine repair"),
    ("commerce de gros", "wholesale"),
    ("bureau d’études", "engineering office"),
    ("plasturgie", "plastics"),
    ("agroalimentaire", "food processing"),
)
_WORDS: Final = ("Industrie", "Logistique", "Services", "Atelier", "Négoce", "Technique", "Équipement", "Conseil")
#: What an area is of, and in which share of cases; an area is not known at all in some more.
_KINDS: Final = {AreaKind.FLOOR: 0.7, AreaKind.FOOTPRINT: 0.15, AreaKind.LAND: 0.08, AreaKind.NOT_SAID: 0.07}
_AREA_UNKNOWN: Final = 0.05
#: One establishment in so many is a person's own.
_PERSON_EVERY: Final = 9
#: Of the dates that are known better than to the year, those known to the month.
_MONTHLY: Final = 0.4

Bounds = tuple[dt.date | None, dt.date | None]
_OPEN: Final[Bounds] = (None, None)


@dataclass(slots=True)
class _Ledger:
    """Rows as they are written, and the firms that they name."""

    firms: list[str]
    tenancies: list[dict[str, Any]] = field(default_factory=list)
    establishments: list[dict[str, Any]] = field(default_factory=list)

    def firm(self, site: str, insee: str, activity: int, jobs: int | None, **more: str) -> dict[str, Any]:
        """Add an establishment."""
        french, english = ACTIVITIES[activity % len(ACTIVITIES)]
        number = len(self.establishments)
        row = {
            "establishment_id": f"e{number + 1:04d}",
            "establishment_name": self.firms[number],
            "activity": french,
            "activity_en": english,
            "insee": insee,
            "site_id": site,
            "jobs_low": jobs,
            "jobs_high": None if jobs is None else jobs + (jobs % 3) * 5,
            "jobs_as_of": "" if jobs is None else "2025-06",
            "establishment_kind": (OwnerKind.LEGAL, OwnerKind.NATURAL)[number % _PERSON_EVERY == _PERSON_EVERY - 1],
            "economic": "oui",
            **more,
        }
        self.establishments.append(row)
        return row

    def hold(
        self, firm: dict[str, Any], premises: str, phase: Phase, begin: Bounds, *, end: Bounds = _OPEN, **more: Any
    ) -> None:
        """Add a tenancy."""
        site = premises.rpartition("-")[0]
        self.tenancies.append(
            {
                "site_id": site,
                "premises_id": premises,
                "establishment_id": firm["establishment_id"],
                "occupant": firm["establishment_name"],
                "activity": firm["activity"],
                "activity_en": firm["activity_en"],
                "phase": phase.value,
                "from_earliest": begin[0],
                "from_latest": begin[1],
                "to_earliest": end[0],
                "to_latest": end[1],
                "area_low_m2": None,
                "area_high_m2": None,
                "area_kind": AreaKind.NOT_SAID.value,
                "jobs_now": firm["jobs_low"] if phase is Phase.IN_PLACE else None,
                "jobs_planned": None,
                **more,
            }
        )


def establishments_and_tenancies(
    rng: np.random.Generator, land: Land, built: BuiltLots
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Let premises to establishments, over the six years before the day of the territory and a little beyond.

    Returns
    -------
    establishments, tenancies
        As in `gis.schemas`, without source and basis. The first premises of an occupied terrain are held on the day;
        those of a vacant one are not. Dates are known to the day, the month or the year; a few areas and kinds are not.
    """
    premises = built.premises.table
    insee = dict(zip(land.sites.table["site_id"], land.sites.table["insee"].str.partition("|")[0], strict=True))
    ledger = _Ledger(names.firm_names(rng, 3 * len(premises) + 20, _WORDS))
    _let_focus_building(ledger, premises.head(FOCUS_PREMISES), insee[str(land.sites.table["site_id"][0])])
    state = land.terrains.table["occupied"].to_numpy()[built.terrain]
    same_terrain = np.append([False], built.terrain[1:] == built.terrain[:-1])
    for n, row in enumerate(records(premises)):
        case = land.cases.get(int(built.terrain[n]))
        if case:
            _let_case_premises(ledger, row, insee[row["site_id"]], case)
        elif n >= FOCUS_PREMISES:
            fate_group = "vacant" if state[n] == Occupied.VACANT else "may" if same_terrain[n] else "must"
            _let_ordinary_premises(rng, ledger, row, insee[row["site_id"]], _FATES[fate_group])
    for n in range(max(2, len(ledger.establishments) // 25)):
        _add_firm_elsewhere(ledger, n, land)
    parcels, sites = land.parcels.table["parcel_id"].to_numpy(), land.terrains.table["site_id"].to_numpy()
    for terrain, case in land.cases.items():
        if case.stands:
            ground_columns = {"parcel_ids": str(parcels[land.parcel_of[terrain]]), "active_from": case.stands}
            ledger.firm(
                str(sites[terrain]), insee[sites[terrain]], terrain, None, economic=case.economic, **ground_columns
            )
    tenancies = pd.DataFrame(ledger.tenancies)
    width = max(4, len(str(len(tenancies))))
    tenancies.insert(0, "tenancy_id", [f"h{n:0{width}d}" for n in range(1, len(tenancies) + 1)])
    return _typed_columns(pd.DataFrame(ledger.establishments)), _typed_columns(tenancies)


def _typed_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Give columns of numbers and days their type, also when nobody knows any."""
    days = [name for name in frame if str(name).startswith(("from_", "to_"))]
    numbers = [
        name for name in frame if str(name).startswith(("jobs_", "area_")) and not str(name).endswith(("_of", "_kind"))
    ]
    types = {**dict.fromkeys(days, "datetime64[ns]"), **dict.fromkeys(numbers, "float64")}
    return frame.astype(types)


def _let_focus_building(ledger: _Ledger, premises: pd.DataFrame, insee: str) -> None:
    """Write the history of the main building of the focus site: every phase, every way of not knowing."""
    keys = [str(key) for key in premises["premises_id"]]
    floors = [float(floor) for floor in premises["floor_m2"]]
    site = keys[0].rpartition("-")[0]

    def add_firm(activity: int, jobs: int | None) -> dict[str, Any]:
        return ledger.firm(site, insee, activity, jobs)

    def area_columns(n: int, kind: AreaKind, share: float = 1.0) -> dict[str, Any]:
        held_m2 = round(floors[n] * share)
        return {"area_low_m2": held_m2, "area_high_m2": held_m2, "area_kind": kind.value}

    works, first, second, third, fourth, fifth, sixth, seventh, eighth = (
        add_firm(activity, jobs) for activity, jobs in enumerate((None, 120, 45, 30, 60, None, 25, None, 18))
    )
    begin, closing = bounds_of_year(1967), bounds_of_day(2021, 4, 30)
    ledger.hold(
        works,
        keys[0],
        Phase.LEFT,
        begin,
        end=closing,
        **area_columns(0, AreaKind.FLOOR),
        **_bilingual_note("premier occupant"),
    )
    ledger.hold(
        first,
        keys[0],
        Phase.ANNOUNCED,
        bounds_of_day(2021, 7, 2),
        end=bounds_of_day(2022, 3, 14),
        **area_columns(0, AreaKind.NOT_SAID),
    )
    ledger.hold(
        first, keys[0], Phase.IN_PLACE, bounds_of_day(2022, 3, 14), jobs_planned=180, **area_columns(0, AreaKind.FLOOR)
    )
    ledger.hold(second, keys[1], Phase.IN_PLACE, bounds_of_year(2022), **area_columns(1, AreaKind.FLOOR))
    ledger.hold(third, keys[2], Phase.IN_PLACE, bounds_of_month(2023, 5), **area_columns(2, AreaKind.FOOTPRINT, 0.96))
    ledger.hold(
        fourth,
        keys[3],
        Phase.LEASE_SIGNED,
        bounds_of_month(2025, 2),
        jobs_planned=60,
        **area_columns(3, AreaKind.FLOOR),
    )
    ledger.hold(
        fifth,
        keys[4],
        Phase.ANNOUNCED,
        (dt.date(2025, 1, 1), dt.date(2026, 12, 31)),
        **area_columns(4, AreaKind.NOT_SAID),
    )
    ledger.hold(sixth, keys[5], Phase.IN_PLACE, (None, dt.date(2023, 5, 31)))
    ledger.hold(
        seventh,
        keys[6],
        Phase.LEFT,
        bounds_of_month(2021, 10),
        end=bounds_of_month(2024, 9),
        **area_columns(6, AreaKind.LAND, 1.8),
    )
    ledger.hold(eighth, keys[6], Phase.IN_PLACE, bounds_of_day(2025, 1, 6), **area_columns(6, AreaKind.FLOOR))


def _bilingual_note(french: str) -> dict[str, str]:
    return {"note": french, "note_en": {"premier occupant": "first occupant"}[french]}


class _Fate(StrEnum):
    """What became of premises."""

    HELD = "held"
    IN_TURN = "in turn"  # by one, then by another
    SINCE_NOBODY_KNOWS = "since nobody knows"
    ANNOUNCED = "announced"
    SIGNED = "signed"
    LEFT = "left"
    UNKNOWN = "unknown"


#: Fates and their weights: of premises that must be held, of others in an occupied terrain, of vacant ones.
_FATES: Final[Mapping[str, Mapping[_Fate, float]]] = {
    "must": {_Fate.HELD: 70, _Fate.IN_TURN: 25, _Fate.SINCE_NOBODY_KNOWS: 5},
    "may": {_Fate.HELD: 50, _Fate.IN_TURN: 20, _Fate.ANNOUNCED: 10, _Fate.SIGNED: 10, _Fate.LEFT: 10},
    "vacant": {_Fate.LEFT: 80, _Fate.UNKNOWN: 20},
}


def _let_ordinary_premises(
    rng: np.random.Generator, ledger: _Ledger, premises: Row, insee: str, fates: Mapping[_Fate, float]
) -> None:
    """Write the history of ordinary premises."""
    key, site = str(premises["premises_id"]), str(premises["site_id"])
    area_columns = _held_area(rng, float(premises["floor_m2"]))

    def add_firm() -> dict[str, Any]:
        jobs = int(4 + 80 * rng.random() ** 3) if random_event(rng, 0.8) else None
        return ledger.firm(site, insee, random_up_to(rng, 99), jobs)

    def sharp_date(date: dt.date) -> Bounds:
        return blurred_date(rng, date, years=0.0)

    start = START + dt.timedelta(days=random_up_to(rng, 1940))
    long_ago = bounds_of_year(1990 + random_up_to(rng, 27))
    match list(fates)[int(rng.choice(len(fates), p=np.array([*fates.values()]) / sum(fates.values())))]:
        case _Fate.HELD:
            ledger.hold(
                add_firm(),
                key,
                Phase.IN_PLACE,
                blurred_date(rng, start) if random_event(rng, 0.65) else long_ago,
                **area_columns,
            )
        case _Fate.IN_TURN:
            time_between = dt.timedelta(days=65 + random_up_to(rng, 300))
            ledger.hold(add_firm(), key, Phase.LEFT, long_ago, end=sharp_date(start), **area_columns)
            ledger.hold(add_firm(), key, Phase.IN_PLACE, sharp_date(min(start + time_between, TODAY)), **area_columns)
        case _Fate.SINCE_NOBODY_KNOWS:
            ledger.hold(add_firm(), key, Phase.IN_PLACE, (None, start), **area_columns)
        case _Fate.ANNOUNCED:
            planned = blurred_date(rng, TODAY + dt.timedelta(days=1 + random_up_to(rng, 540)))
            ledger.hold(
                add_firm(), key, Phase.ANNOUNCED, planned, jobs_planned=5 + random_up_to(rng, 40), **area_columns
            )
        case _Fate.SIGNED:
            ledger.hold(
                add_firm(),
                key,
                Phase.LEASE_SIGNED,
                sharp_date(TODAY - dt.timedelta(days=random_up_to(rng, 170))),
                **area_columns,
            )
        case _Fate.LEFT:
            ledger.hold(add_firm(), key, Phase.LEFT, long_ago, end=blurred_date(rng, start), **area_columns)


def _let_case_premises(ledger: _Ledger, premises: Row, insee: str, case: Told) -> None:
    """Write the history of premises that an inventory must decide: left long ago, or nothing."""
    if case.left:
        firm = ledger.firm(str(premises["site_id"]), insee, len(ledger.tenancies), None, economic=case.economic)
        ledger.hold(firm, str(premises["premises_id"]), Phase.LEFT, bounds_of_year(1998), end=(LEFT, LEFT))


def _add_firm_elsewhere(ledger: _Ledger, n: int, land: Land) -> None:
    """Add an establishment that is in no premises: at a site, or at a commune alone."""
    sites, communes = land.sites.table, land.communes.table
    site_number = n % len(sites)
    if n % 2:
        site = str(sites["site_id"][site_number])
        lots = land.terrains.table
        # Where somebody is anyway, so that it says nothing new of the ground.
        occupied_lots = np.flatnonzero((lots["site_id"] == site) & (lots["occupied"] == Occupied.OCCUPIED))
        parcels = land.parcels.table["parcel_id"].to_numpy()[land.parcel_of[occupied_lots[:1]]]
        ground_columns = {"parcel_ids": str(parcels[0]), "active_from": str(1990 + n % 30)} if len(parcels) else {}
        ledger.firm(site, str(sites["insee"][site_number]).partition("|")[0], n, 12 + n, **ground_columns)
    else:
        ledger.firm("", str(communes["insee"][n % len(communes)]), n, None)


def _held_area(rng: np.random.Generator, floor: float) -> dict[str, Any]:
    """Say how much is held, and of what; of some nobody says."""
    if np.isnan(floor) or random_event(rng, _AREA_UNKNOWN):
        return {}
    kind = list(_KINDS)[int(rng.choice(len(_KINDS), p=list(_KINDS.values())))]
    low = max(10, round(floor * (0.6 if random_event(rng, 0.2) else 1.0)))
    high = round(low * 1.1) if random_event(rng, 0.1) else low
    return {"area_low_m2": low, "area_high_m2": high, "area_kind": kind.value}


def blurred_date(rng: np.random.Generator, date: dt.date, *, years: float = 0.3) -> Bounds:
    """Know a date to the year in this share of cases, else to the month or the day; the past ends with the present."""
    if random_event(rng, years):
        date_bounds = bounds_of_year(date.year)
    else:
        date_bounds = (
            bounds_of_month(date.year, date.month)
            if random_event(rng, _MONTHLY)
            else bounds_of_day(date.year, date.month, date.day)
        )
    first, last = date_bounds
    return (first, min(last, TODAY)) if date <= TODAY and last else date_bounds


def bounds_of_day(year: int, month: int, day: int) -> Bounds:
    """Return the bounds of a date known to the day."""
    return dt.date(year, month, day), dt.date(year, month, day)


def bounds_of_month(year: int, month: int) -> Bounds:
    """Return the bounds of a date known to the month.

    >>> bounds_of_month(2024, 2)[1].isoformat()
    '2024-02-29'
    """
    return dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])


def bounds_of_year(year: int) -> Bounds:
    """Return the bounds of a date known to the year."""
    return dt.date(year, 1, 1), dt.date(year, 12, 31)
