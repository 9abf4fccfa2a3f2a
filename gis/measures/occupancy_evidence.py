"""Evidence for the statutory inventory: who was on which land unit, and when.

The reference period is the two years before 1 January of the year of the inventory. Three kinds of evidence are
combined for each land unit; each says yes, no or unknown:

- Occupants: tenancies, at the location of their premises (by the geometry of the premises, or by their building), and
  establishments, on the parcels that a source states. Without such a location, an occupant may be on any unit of its
  site.
- Surveys: the state of occupation of the terrains that cover the unit, on the date of the survey.
- Vacant premises: premises that a source lists as vacant since a date.

The silence of a list proves nothing by itself. `occupied` is no only if a survey of the whole unit found nobody, and
the last occupant in the lists had left before. Land that nobody surveyed is unknown.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.measure import Assumption
from gis.measures.occupancy import MAYBE, NO, TO_COME, YES, happened_by
from gis.measures.topology import TOLERANCE_M2, containing_sites, issue_layer, issue_row, layer_shapes
from gis.provenance import Span
from gis.schemas import (
    Answer,
    Buildings,
    Claims,
    Establishments,
    Issues,
    LandUnits,
    Occupied,
    OwnerKind,
    Parcels,
    Phase,
    Premises,
    Presences,
    Row,
    Sites,
    Tenancies,
    Terrains,
    UnitEvidence,
    conform,
    records,
)

ASSUMPTIONS: Final = (
    Assumption(
        key="liable_unless_said",
        fr="Tout établissement est réputé assujetti à la CFE, sauf si une source dit le contraire, bien qu’un grand "
        "nombre soient exonérés.",
        en="Every establishment is taken to be liable to CFE unless a source says otherwise, though many are exempt.",
    ),
    Assumption(
        key="state_holds",
        fr="Ce qu’un relevé constate pendant la période est réputé valoir jusqu’à sa fin, tant qu’aucune liste ne dit"
        " le contraire.",
        en="What a survey found in the period is taken to hold until its end, as long as no list says otherwise.",
    ),
    Assumption(
        key="last_listed_is_last",
        fr="Là où un relevé trouve une unité vide, le dernier occupant qu’une liste nomme est réputé être le dernier "
        "qu’il y ait eu.",
        en="Where a survey finds a unit empty, the last occupant that a list names is taken to be the last there was.",
    ),
    Assumption(
        key="parcel_in_zone",
        fr="Qui est établi sur une parcelle est réputé établi sur la partie de celle-ci qui est dans la zone.",
        en="Who stands on a parcel is taken to stand on the part of it that is in the zone.",
    ),
)

#: Answers in an order such that an `or` of several is their maximum and an `and` their minimum.
ANSWERS: Final = np.array([Answer.NO.value, Answer.UNKNOWN.value, Answer.YES.value], dtype=object)

Pairs = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True)
class Period:
    """Reference period of an inventory: two years; `end` is the day after the last one."""

    begin: dt.date
    end: dt.date

    @classmethod
    def before(cls, at: dt.date) -> Self:
        """Return the two years before 1 January of the year of a day.

        >>> Period.before(dt.date(2026, 5, 17))
        Period(begin=datetime.date(2024, 1, 1), end=datetime.date(2026, 1, 1))
        """
        return cls(dt.date(at.year - 2, 1, 1), dt.date(at.year, 1, 1))

    @property
    def last(self) -> dt.date:
        """The last day of the period."""
        return self.end - dt.timedelta(days=1)

    @property
    def next_due(self) -> dt.date:
        """The date by which the inventory must be updated: six years after its 1 January."""
        return self.end.replace(year=self.end.year + 6)


class Evidence(NamedTuple):
    """Evidence for each land unit, occupants past and present, and the issues found in both."""

    units: DataFrame[UnitEvidence]
    presences: DataFrame[Presences]
    issues: DataFrame[Issues]


@dataclass(frozen=True, slots=True)
class Facts:
    """The layers that locate occupants, in one CRS in metres."""

    sites: GeoDataFrame[Sites]
    parcels: GeoDataFrame[Parcels]
    terrains: GeoDataFrame[Terrains]
    buildings: GeoDataFrame[Buildings]
    premises: GeoDataFrame[Premises]
    tenancies: DataFrame[Tenancies]
    establishments: DataFrame[Establishments]
    claims: DataFrame[Claims]


def unit_evidence(units: GeoDataFrame[LandUnits], facts: Facts, period: Period) -> Evidence:
    """Gather the evidence for each land unit over the reference period.

    Parameters
    ----------
    units
        Land units of the sites to consider, in the CRS of the facts.
    facts
        All layers that locate occupants.
    period
        The reference period.

    Returns
    -------
    evidence
        One row per unit, in the order given; past, present and future occupants, by unit, and last those whose unit is
        unknown; and issues: establishments on unknown parcels, terrains whose state contradicts a list.
    """
    ground = _UnitPlaces(units, facts)
    surveyed = _surveyed_states(ground, facts.terrains, period)
    places = _units_of_premises(ground, facts)
    presences, stays, issues = _presences_and_stays(ground, facts, places, period)
    empty_premises = _vacant_premises_answers(facts.premises, places, period)

    def strongest_answers(pairs: Pairs, values: np.ndarray) -> np.ndarray:
        """Return the strongest answer among the rows on each unit; a row that may lie elsewhere counts as unknown."""
        row, unit, sure = pairs
        answers = values[row]
        strongest = np.zeros(len(units), dtype=int)
        np.maximum.at(strongest, unit, np.where(sure | (answers == NO), answers, MAYBE))
        return strongest

    present, left_before, left_liable = (
        strongest_answers(stays.pairs, each) for each in (stays.in_period, stays.left_before, stays.left_liable)
    )
    vacant = strongest_answers(empty_premises.pairs, empty_premises.vacant)
    emptied = strongest_answers(empty_premises.pairs, empty_premises.emptied)
    dated = (left_before == YES) | (strongest_answers(empty_premises.pairs, empty_premises.throughout) == YES)
    occupied_doubt = np.where(surveyed.unknown | (surveyed.empty & ~dated), MAYBE, NO)
    occupied = np.maximum.reduce([present, emptied, occupied_doubt, np.where(surveyed.occupied, YES, NO)])
    past_doubt = np.where(surveyed.unknown | (surveyed.empty & (left_before == NO)), MAYBE, NO)
    other_use = strongest_answers(stays.pairs, np.where(stays.other_use, stays.in_period, NO))
    liable_use = strongest_answers(stays.pairs, np.where(stays.other_use, NO, stays.in_period))
    answer_columns = {
        "occupied": occupied,
        "closed": np.maximum(left_liable, past_doubt),
        "vacant_premises": vacant,
        "disaffected": surveyed.disaffected,
        "other_use": np.where((other_use == YES) & (liable_use == NO), YES, NO),
    }
    table = pd.DataFrame(
        {
            "land_unit_id": units["land_unit_id"].to_numpy(),
            **{name: pd.array(ANSWERS[each], dtype="str") for name, each in answer_columns.items()},
        }
    ).astype("str")
    doubts = [*issues, *_survey_contradictions(units, surveyed, present == YES, left_before == YES)]
    return Evidence(conform(table, UnitEvidence), presences, issue_layer(doubts))


# --- locations ------------------------------------------------------------------------------------------------------


class _UnitPlaces:
    """Lookup of land units by geometry, parcel or site."""

    def __init__(self, units: GeoDataFrame[LandUnits], facts: Facts) -> None:
        self.units = units
        self.shapes = layer_shapes(units)
        self.tree = shapely.STRtree(self.shapes)
        self.site = units["site_id"].to_numpy(dtype=object)
        self.above = {site: {site, *chain} for site, chain in containing_sites(facts.sites).items()}
        self.by_site: dict[str, list[int]] = {}
        self.by_parcel: dict[str, list[int]] = {}
        for n, (site, parcels) in enumerate(zip(self.site, units["parcel_ids"], strict=True)):
            self.by_site.setdefault(site, []).append(n)
            for parcel in parcels.split("|"):
                self.by_parcel.setdefault(parcel, []).append(n)

    def overlay(self, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return pairs of a shape and a unit that overlap by more than a tolerance, with the area in square metres."""
        row, unit = self.tree.query(shapes, predicate="intersects")
        common_m2 = shapely.area(shapely.intersection(shapes[row], self.shapes[unit]))
        is_shared = common_m2 > TOLERANCE_M2
        return row[is_shared], unit[is_shared], common_m2[is_shared]

    def on_parcels(self, parcels: list[str]) -> Iterator[tuple[int, bool]]:
        """Yield the units that contain parcels, and whether an object on the parcel is certainly on that unit."""
        for parcel in parcels:
            units_on_parcel = self.by_parcel.get(parcel, [])
            for unit in units_on_parcel:
                others = [other for other in units_on_parcel if other != unit]
                yield unit, all(self._nested(self.site[unit], self.site[other]) for other in others)

    def _nested(self, one: str, other: str) -> bool:
        """Tell whether one of two sites lies inside the other."""
        return one != other and (one in self.above.get(other, ()) or other in self.above.get(one, ()))

    def in_site(self, site: str) -> Iterator[tuple[int, bool]]:
        """Yield the units that an object of a site may be on, and whether it certainly is, as the only unit."""
        for other, site_units in self.by_site.items():
            lies_around = other in self.above.get(site, {site})
            if lies_around or site in self.above.get(other, ()):
                yield from ((unit, lies_around and len(site_units) == 1) for unit in site_units)


def _pair_arrays(rows: list[tuple[int, int, bool]]) -> Pairs:
    row, unit, sure = zip(*rows, strict=True) if rows else ((), (), ())
    return np.array(row, dtype=int), np.array(unit, dtype=int), np.array(sure, dtype=bool)


class _PlacedUnits(NamedTuple):
    """The units that an object is on, and whether that is certain; `by_site`: only its site is known."""

    units: list[tuple[int, bool]]
    by_site: bool


def _units_of_premises(ground: _UnitPlaces, facts: Facts) -> dict[str, _PlacedUnits]:
    """Return the units that each premises is on: by its geometry, else by its building, else by its site."""
    building_shapes = dict(zip(facts.buildings["building_id"], layer_shapes(facts.buildings), strict=True))
    own_shapes = layer_shapes(facts.premises)
    shapes = own_shapes.copy()
    for n, key in enumerate(facts.premises["building_id"]):
        shapes[n] = building_shapes.get(key) if own_shapes[n] is None else own_shapes[n]
    units_by_premises: dict[int, list[int]] = {}
    row, unit, _ = ground.overlay(shapes)
    for n, place in zip(row.tolist(), unit.tolist(), strict=True):
        units_by_premises.setdefault(n, []).append(place)
    placements = {}
    for n, (key, site) in enumerate(zip(facts.premises["premises_id"], facts.premises["site_id"], strict=True)):
        if shapes[n] is None:
            placements[key] = _PlacedUnits(list(ground.in_site(site)), by_site=True)
        else:
            sure = own_shapes[n] is not None or len(units_by_premises.get(n, [])) == 1
            placements[key] = _PlacedUnits([(place, sure) for place in units_by_premises.get(n, [])], by_site=False)
    return placements


# --- occupants ------------------------------------------------------------------------------------------------------


class _Stays(NamedTuple):
    """Stays, as answers; `left_liable` is `left_before` if liable to CFE, `other_use` marks those that are not."""

    pairs: Pairs
    in_period: np.ndarray
    left_before: np.ndarray
    left_liable: np.ndarray
    other_use: np.ndarray


_ABOUT: Final = (
    *("site_id", "establishment_id", "occupant", "establishment_kind", "economic", "activity", "phase"),
    *("premises_id", "source_id"),
)
_DATES: Final = ("from_earliest", "from_latest", "to_earliest", "to_latest")


def _presences_and_stays(
    ground: _UnitPlaces, facts: Facts, places: Mapping[str, _PlacedUnits], period: Period
) -> tuple[DataFrame[Presences], _Stays, list[Row]]:
    issues: list[Row] = []
    placements = [*_tenancy_placements(facts, places), *_establishment_placements(ground, facts, issues)]
    stays = pd.DataFrame([stay for stay, _ in placements], columns=[*_ABOUT, *_DATES])
    stays = stays.astype(dict.fromkeys(_DATES, "datetime64[ns]") | dict.fromkeys(_ABOUT, "str"))
    in_period, left_before = _stays_over_period(stays, period)
    economic = stays["economic"].to_numpy(dtype=object)
    maybe_liable = np.minimum(left_before, MAYBE)
    left_liable = np.select(
        [economic == Answer.NO, economic == Answer.UNKNOWN], [0 * left_before, maybe_liable], left_before
    )
    pairs = _pair_arrays([(n, *place) for n, (_, where) in enumerate(placements) for place in where.units])
    stay_answers = _Stays(pairs, in_period, left_before, left_liable, economic == Answer.NO)
    by_site = np.array([where.by_site for _, where in placements], dtype=bool)
    return _presences_layer(ground, stays, stay_answers, by_site, {*facts.sites["site_id"]}), stay_answers, issues


def _presences_layer(
    ground: _UnitPlaces, stays: pd.DataFrame, seen: _Stays, by_site: np.ndarray, sites: set[str]
) -> DataFrame[Presences]:
    """Return the layer of stays, by unit, then those whose unit is unknown, once each."""
    row, unit, sure = seen.pairs
    is_kept = sure | ~by_site[row]
    order = np.lexsort((row[is_kept], unit[is_kept]))
    row, unit, sure = row[is_kept][order], unit[is_kept][order], sure[is_kept][order]
    unplaced_rows = np.flatnonzero(~np.isin(np.arange(len(stays)), row) & stays["site_id"].isin(list(sites)).to_numpy())
    table = stays.iloc[np.append(row, unplaced_rows)].reset_index(drop=True)
    table["site_id"] = pd.array([*ground.site[unit], *table["site_id"][len(row) :]], dtype="str")
    keys = ground.units["land_unit_id"].to_numpy(dtype=object)[unit]
    table["land_unit_id"] = pd.array([*keys, *[""] * len(unplaced_rows)], dtype="str")
    unit_is_sure = np.append(sure, np.ones(len(unplaced_rows), dtype=bool))
    for name, answers in (("in_period", seen.in_period), ("left_before", seen.left_before)):
        stay_answers = answers[np.append(row, unplaced_rows)]
        table[name] = pd.array(
            ANSWERS[np.where(unit_is_sure, stay_answers, np.minimum(stay_answers, MAYBE))], dtype="str"
        )
    return conform(table, Presences)


def _stays_over_period(stays: pd.DataFrame, period: Period) -> tuple[np.ndarray, np.ndarray]:
    """Tell for each stay whether it falls in the period, and whether it had ended when the period began.

    An occupant who left on the first day of the period had left by the end of that day, and so has been gone for two
    years on the day after the period.
    """
    begin, last = (np.datetime64(day, "ns") for day in (period.begin, period.last))
    to_come = stays["phase"].isin(TO_COME).to_numpy()
    undated = np.where((stays["phase"] == Phase.LEFT).to_numpy(), MAYBE, NO)
    begun = happened_by(stays["from_earliest"], stays["from_latest"], last, undated=MAYBE)
    ended = happened_by(stays["to_earliest"], stays["to_latest"], begin, undated=undated)
    in_period = np.minimum(begun, YES - ended)
    in_period = np.where(to_come, np.minimum(in_period, MAYBE), in_period)
    return in_period, np.where(to_come, NO, ended)


def _tenancy_placements(facts: Facts, places: Mapping[str, _PlacedUnits]) -> Iterator[tuple[Row, _PlacedUnits]]:
    """Yield tenancies with the units that their premises are on."""
    firms = {firm["establishment_id"]: firm for firm in records(facts.establishments)}
    for tenancy in records(facts.tenancies):
        yield tenancy | _occupant_kind(firms.get(tenancy["establishment_id"], {})), places[tenancy["premises_id"]]


def _establishment_placements(
    ground: _UnitPlaces, facts: Facts, issues: list[Row]
) -> Iterator[tuple[Row, _PlacedUnits]]:
    """Yield establishments that a source places on parcels, or at a site where they hold no premises."""
    known_parcels = {*facts.parcels["parcel_id"]}
    firms_with_premises = {*facts.tenancies["establishment_id"]}
    for firm in records(facts.establishments):
        key = firm["establishment_id"]
        parcels = list(filter(None, firm["parcel_ids"].split("|")))
        lost_parcels = [parcel for parcel in parcels if parcel not in known_parcels]
        if lost_parcels:
            message = "There are no such parcels: it may be on any land unit of its site, and on none without one."
            issues.append(issue_row("establishments", key, "parcel_ids", "|".join(lost_parcels), message))
        if len(lost_parcels) < len(parcels):
            places = _PlacedUnits(list(ground.on_parcels(parcels)), by_site=False)
        elif firm["site_id"] and (lost_parcels or key not in firms_with_premises):
            places = _PlacedUnits(list(ground.in_site(firm["site_id"])), by_site=True)
        else:
            continue
        begin, end = Span.parse(firm["active_from"]), Span.parse(firm["active_to"])
        dates = dict(zip(_DATES, (begin.earliest, begin.latest, end.earliest, end.latest), strict=True))
        phase = Phase.LEFT if firm["active_to"] else Phase.IN_PLACE
        occupant_row = {"occupant": firm["establishment_name"], "phase": phase.value, "premises_id": ""}
        yield firm | _occupant_kind(firm) | dates | occupant_row, places


def _occupant_kind(firm: Mapping[str, str]) -> dict[str, str]:
    """Return the kind of an occupant; if not stated, the kind is unknown and the occupant is liable to CFE."""
    return {
        "establishment_kind": firm.get("establishment_kind") or OwnerKind.UNKNOWN.value,
        "economic": firm.get("economic") or Answer.YES.value,
    }


class _EmptyPremises(NamedTuple):
    """Premises that a source lists as vacant, as answers."""

    pairs: Pairs
    vacant: np.ndarray
    throughout: np.ndarray
    emptied: np.ndarray


def _vacant_premises_answers(
    premises: GeoDataFrame[Premises], places: Mapping[str, _PlacedUnits], period: Period
) -> _EmptyPremises:
    """Read the list of vacant premises: vacant on the day of the inventory, throughout, or emptied in the period."""
    begin, end = (np.datetime64(day, "ns") for day in (period.begin, period.end))
    since = premises["vacant_since"].to_numpy()
    pairs = _pair_arrays([(n, *place) for n, key in enumerate(premises["premises_id"]) for place in places[key].units])
    return _EmptyPremises(
        pairs,
        vacant=np.where(since < end, YES, NO),
        throughout=np.where(since <= begin, YES, NO),
        emptied=np.where((since > begin) & (since < end), MAYBE, NO),
    )


# --- surveys --------------------------------------------------------------------------------------------------------


class _Surveyed(NamedTuple):
    """What the terrains that cover each unit state about it."""

    occupied: np.ndarray
    never: np.ndarray
    empty: np.ndarray
    unknown: np.ndarray
    disaffected: np.ndarray


def _surveyed_states(ground: _UnitPlaces, terrains: GeoDataFrame[Terrains], period: Period) -> _Surveyed:
    """Return the states of the terrains that cover each unit; land that no terrain covers is unknown."""
    begin, end = (np.datetime64(day, "ns") for day in (period.begin, period.end))
    shapes = layer_shapes(terrains)
    terrain, unit, common = ground.overlay(shapes)
    day = terrains["occupied_as_of"].to_numpy()
    states_said = terrains["occupied"].to_numpy(dtype=object)
    is_recent = day >= begin
    states = {
        "occupied": (states_said == Occupied.OCCUPIED) & is_recent & (day < end),
        "never": (states_said == Occupied.NEVER) & is_recent,
        "empty": np.isin(states_said, [Occupied.VACANT, Occupied.DERELICT]) & is_recent,
    }
    states["unknown"] = ~np.logical_or.reduce(list(states.values()))
    useful = terrains["useful"].to_numpy(dtype=object)

    def any_of(mask: np.ndarray) -> np.ndarray:
        answer = np.zeros(len(ground.units), dtype=bool)
        np.logical_or.at(answer, unit, mask[terrain])
        return answer

    is_bare = _partly_bare_units(ground, shapes, terrain, unit, common)
    unit_states = {name: any_of(mask) for name, mask in states.items()}
    unit_states["unknown"] |= is_bare
    is_useful, use_unsaid = any_of(useful == Answer.YES), any_of(useful == Answer.UNKNOWN) | is_bare
    return _Surveyed(**unit_states, disaffected=np.select([is_useful, use_unsaid], [NO, MAYBE], YES))


def _partly_bare_units(
    ground: _UnitPlaces, shapes: np.ndarray, terrain: np.ndarray, unit: np.ndarray, common: np.ndarray
) -> np.ndarray:
    """Tell which units have land outside terrains; if terrains overlap, the uncovered geometry is computed."""
    area = shapely.area(ground.shapes)
    covered = np.bincount(unit, common, minlength=len(area))
    is_bare: np.ndarray = covered < area - TOLERANCE_M2
    overlapped_units = set(np.flatnonzero(covered > area + TOLERANCE_M2).tolist())
    terrains_by_unit: dict[int, list[int]] = {}
    for n, place in zip(terrain.tolist(), unit.tolist(), strict=True):
        if place in overlapped_units:
            terrains_by_unit.setdefault(place, []).append(n)
    for place, rows in terrains_by_unit.items():
        bare_shape = shapely.difference(ground.shapes[place], shapely.union_all(shapes[rows]))
        is_bare[place] = shapely.area(bare_shape) > TOLERANCE_M2
    return is_bare


def _survey_contradictions(
    units: gpd.GeoDataFrame, surveyed: _Surveyed, there: np.ndarray, left: np.ndarray
) -> Iterator[Row]:
    """Yield units that a survey states were never occupied, though a list names an occupant."""
    only_never = surveyed.never & ~(surveyed.occupied | surveyed.empty | surveyed.unknown)
    for n in np.flatnonzero(only_never & (there | left)):
        message = (
            "Its terrains are said never to have been occupied, and a list names who was there: the list is followed."
        )
        yield issue_row("land_units", units["land_unit_id"].iloc[n], "occupied", Occupied.NEVER.value, message)
