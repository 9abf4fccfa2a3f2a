r"""The statutory inventory of activity zones (article L318-8-2 of the Code de l'urbanisme) and its vacancy rate.

.. math:: rate = \frac{vacant\ land\ units}{land\ units} \times 100

The text of the law states the ratio the other way round ("le nombre total d'unités foncières rapporté au nombre
d'unités foncières qui ne sont plus affectées…"). All who compute the rate divide as above, and so does this product.
The rate counts land units, never hectares. Two conditions are cumulative: for at least two years on 1 January, no
activity liable to CFE, and no occupant. The status of a land unit follows this decision table, from the regional guide
of Bourgogne-Franche-Comté (v3.6, p. 46):

    occupant present   an activity closed   vacant premises   status of the unit
    no                 no                   no                not vacant: never occupied
    yes                any                  any               not vacant: active
    no                 yes                  no                vacant: closed
    no                 yes                  yes               vacant: closed, and vacant premises
    no                 no                   yes               vacant: vacant premises
    a unit without any land intended for business, or held by an occupant not liable to CFE, cannot be vacant

Each condition is yes, no or unknown. If an unknown condition would decide, the status is unknown and the rate is a
pair of bounds. The same applies to unknown owners: a parcel of an unknown owner may be a land unit, or part of an
adjacent one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.measures.in_several import Once, overlapping_site_pairs, shared_unit_pairs, shared_units_once
from gis.measures.land_units import ANY_PIECE, BELONGING, land_units
from gis.measures.measure import Assumption
from gis.measures.occupancy import MAYBE, NO, YES, Base, occupancy_figures, published_bases
from gis.measures.occupancy_evidence import ANSWERS, Facts, Period, unit_evidence
from gis.measures.site_ground import TERRITORY
from gis.measures.topology import containing_sites, issue_layer
from gis.measures.vacancy import premises_vacancy, surface_vacancy
from gis.provenance import Figure, row_name
from gis.schemas import (
    Answer,
    InventoryRates,
    InventoryUnits,
    Issues,
    LandUnitCounts,
    NoRate,
    Owners,
    PremisesVacancy,
    Presences,
    Row,
    Sites,
    SiteState,
    SiteType,
    SurfaceVacancy,
    UnitEvidence,
    UnitReason,
    UnitStatus,
    conform,
    records,
)

RULE: Final = "gis.measures.inventory"

#: The article of the law, shown with the rate.
ARTICLE: Final = "L318-8-2"

ASSUMPTIONS: Final = (
    Assumption(
        key="formula_inverted",
        fr="Le taux divise les unités vacantes par le total, à l’inverse de la phrase de l’article.",
        en="The law names the quotient the other way round: vacant land units over land units is what is computed.",
    ),
    Assumption(
        key="units_not_hectares",
        fr="Une unité foncière compte autant qu’une autre, quelle que soit sa surface.",
        en="One land unit counts as much as another, whatever its area.",
    ),
    Assumption(
        key="exceptions_counted",
        fr="Les unités qui ne peuvent être vacantes restent dans le total.",
        en="Units that cannot be vacant stay in the number of land units.",
    ),
    Assumption(
        key="edges_left_out",
        fr="Une parcelle coupée par la limite d’une zone y est comptée à partir de la moitié de sa surface, ou de 3 m"
        " de large ; le nombre d’unités sans cette règle est donné à côté.",
        en="A piece of a parcel that the border of a zone cuts off is in the zone from half of the parcel on, or "
        "where it is somewhere 3 m wide: the number of land units without this rule stands beside.",
    ),
    Assumption(
        key="units_once",
        fr="Une unité foncière qui est dans plusieurs zones, parce qu’elles se recouvrent, est comptée dans chacune "
        "et une seule fois dans le taux du territoire.",
        en="A land unit that stands in several zones, as these share ground, counts in each of them and once in the "
        "rate of the territory.",
    ),
    Assumption(
        key="unknown_owner_apart",
        fr="Une parcelle de propriétaire inconnu peut être une unité à elle seule ou faire partie d’une unité voisine"
        " : le taux est borné sur tous les cas.",
        en="A parcel of unknown owner may be a land unit of its own or belong to one beside it.",
    ),
    Assumption(
        key="bounds_apart",
        fr="Ce qu’on ignore d’une unité est pris comme indépendant de ce qu’on ignore d’une autre : les bornes "
        "peuvent être plus larges que nécessaire, jamais plus étroites.",
        en="What is unknown of one land unit is taken not to depend on what is unknown of another: the bounds may be "
        "wider than they need be, never too narrow.",
    ),
)


class Share(NamedTuple):
    """The least share of a published area of a site that occupants in place hold."""

    site_id: str
    base: Base
    figure: Figure


@dataclass(frozen=True, slots=True)
class Inventory:
    """The inventory of a territory: its land units, their occupants past and present, and the rate of each zone.

    `rates` has one row per site in the order given, then one for the territory (`site_id` empty): zones that exist and
    are active, with nested zones counted once. The other fields are no statutory rates: vacancy by hectares and by
    premises, and the shares of published areas that occupants in place hold on the last day.
    """

    period: Period
    sites: GeoDataFrame[Sites]
    units: GeoDataFrame[InventoryUnits]
    presences: DataFrame[Presences]
    rates: DataFrame[InventoryRates]
    surfaces: DataFrame[SurfaceVacancy]
    premises: DataFrame[PremisesVacancy]
    shares: tuple[Share, ...]
    issues: DataFrame[Issues]


def inventoried_sites(sites: GeoDataFrame[Sites], named: set[str]) -> GeoDataFrame[Sites]:
    """Return the zones named by a source, and the sites in `named`, which are reported but count in no rate."""
    is_kept = ((sites["stand_in"] != Answer.YES) & _is_zone(sites)) | sites["site_id"].isin(list(named))
    return conform(sites[is_kept], Sites)


def _is_zone(sites: pd.DataFrame) -> "pd.Series[bool]":
    zone: pd.Series[bool] = (sites["counted"] == Answer.YES) | (
        (sites["counted"] == "") & (sites["site_type"] == SiteType.ZONE)
    )
    return zone


def statutory_inventory(facts: Facts, owners: DataFrame[Owners], period: Period) -> Inventory:
    """Draw up the inventory of the sites in `facts`.

    Parameters
    ----------
    facts
        The sites to inventory, and the layers on their occupants; in one CRS in metres.
    owners
        Owners of parcels.
    period
        The reference period.

    Returns
    -------
    inventory
        Land units in the order of the sites, with their geometries; rates as ratios. A site without a geometry, or
        without any parcel, has no rate, and its row states the reason.
    """
    units_found = land_units(facts.parcels, owners, facts.sites)
    evidence_found = unit_evidence(units_found.units, facts, period)
    overlapping_pairs = overlapping_site_pairs(
        facts.sites[facts.sites["site_id"].isin(_outermost_active_zones(facts.sites))]
    )
    same_unit_pairs = shared_unit_pairs(units_found.units, overlapping_pairs)
    units = judged_units(
        units_found.units, evidence_found.units, _other_zones_of_units(units_found.units, same_unit_pairs)
    )
    rates = _inventory_rates(
        facts.sites,
        units_found.counts,
        _counts_by_site(facts.sites, units, evidence_found.units, units_found.touching),
        _tenanted_sites(facts.sites, evidence_found.presences),
        [
            _count_of_shared_units(units, evidence_found.units, each)
            for each in shared_units_once(units, units_found.touching, same_unit_pairs)
        ],
        _every_piece_bounds(facts, owners, units_found.counts, overlapping_pairs),
    )
    issues = issue_layer([*records(units_found.issues), *records(evidence_found.issues)])
    return Inventory(
        period=period,
        sites=facts.sites,
        units=units,
        presences=evidence_found.presences,
        rates=rates,
        surfaces=surface_vacancy(facts.terrains, facts.sites),
        premises=premises_vacancy(facts.premises, facts.tenancies, at=period.end),
        shares=tuple(_held_base_shares(facts, period)),
        issues=issues,
    )


def _held_base_shares(facts: Facts, period: Period) -> Iterator[Share]:
    """Yield the share of each published area that occupants in place hold."""
    tenanted_sites = {*facts.tenancies["site_id"]}
    for site in facts.sites["site_id"]:
        if site in tenanted_sites:
            base_by_claim = {
                row_name("claims", each.claims[0]): each for each in published_bases(facts.claims, site_id=site)
            }
            figures = occupancy_figures(facts.tenancies, facts.claims, site_id=site, at=period.end)
            shares = (figure for figure in figures if figure.kind == "in_place_share")
            yield from (Share(site, base_by_claim[figure.denominator], figure) for figure in shares)


# --- one land unit --------------------------------------------------------------------------------------------------


def judged_units(
    units: gpd.GeoDataFrame, known: DataFrame[UnitEvidence], also_in: Sequence[str] = ()
) -> GeoDataFrame[InventoryUnits]:
    """Apply the decision table to each land unit.

    Parameters
    ----------
    units
        Land units.
    known
        The evidence for each unit, in the same order.
    also_in
        The other zones that contain each unit; none by default.

    Returns
    -------
    units
        The same rows, each with its answers, its status and the one reason for it.
    """
    answers = _answer_codes(known)
    past = np.maximum(answers["closed"], answers["vacant_premises"])
    vacant = np.minimum.reduce([YES - answers["occupied"], past, YES - answers["disaffected"]])
    occupied, disaffected = answers["occupied"], answers["disaffected"]
    reasons = {
        UnitReason.DISAFFECTED: (disaffected == YES) & (occupied != YES),
        UnitReason.OTHER_USE: (occupied == YES) & (answers["other_use"] == YES),
        UnitReason.ACTIVE: occupied == YES,
        UnitReason.NEVER_OCCUPIED: (occupied == NO) & (past == NO),
        UnitReason.ACTIVE_OR_NEVER: past == NO,
        UnitReason.OCCUPATION_UNKNOWN: occupied == MAYBE,
        UnitReason.PAST_UNKNOWN: past == MAYBE,
        UnitReason.EXCEPTION_UNKNOWN: disaffected == MAYBE,
        UnitReason.CLOSED_AND_PREMISES: (answers["closed"] == YES) & (answers["vacant_premises"] == YES),
        UnitReason.CLOSED: answers["closed"] == YES,
    }
    statuses = np.array([UnitStatus.NOT_VACANT.value, UnitStatus.UNKNOWN.value, UnitStatus.VACANT.value], dtype=object)
    answer_columns = {
        "occupied": ANSWERS[occupied],
        "closed": ANSWERS[answers["closed"]],
        "vacant_premises": ANSWERS[answers["vacant_premises"]],
        "exception": ANSWERS[np.maximum(disaffected, answers["other_use"])],
        "status": statuses[vacant],
        "reason": np.select([*reasons.values()], [reason.value for reason in reasons], UnitReason.PREMISES.value),
        "also_in": also_in or [""] * len(units),
    }
    return conform(
        units.assign(**{name: pd.array(each, dtype="str") for name, each in answer_columns.items()}), InventoryUnits
    )


def _answer_codes(known: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return answers as numbers: NO, MAYBE and YES."""
    code = {answer: n for n, answer in enumerate(ANSWERS)}
    return {name: known[name].map(code).to_numpy(dtype=int) for name in known.columns if name != "land_unit_id"}


# --- counts ---------------------------------------------------------------------------------------------------------


class Counted(NamedTuple):
    """Least and greatest numbers of vacant and of other land units, over all possible values of unknown data."""

    vacant_low: int
    vacant_high: int
    others_low: int
    others_high: int


def unit_count_bounds(
    owners: np.ndarray, occupied: np.ndarray, past: np.ndarray, disaffected: np.ndarray, touching: np.ndarray
) -> Counted:
    """Count the vacant and the other land units of one site, as bounds over all unknown owners and answers.

    A land unit is vacant if nobody is present, something was before, and its land is not all disaffected. If owners
    are unknown, adjacent pieces may form one unit: it is occupied if one piece is, has a past if one has, and is
    disaffected if all are. As separate units, the pieces give the greatest number of either kind. The least numbers
    are found owner by owner in each group of pieces that may be joined: the pieces of one owner form at least one
    unit, which adjacent pieces of unknown owners may or may not make vacant.

    Parameters
    ----------
    owners
        Owner of each piece, "" if unknown.
    occupied, past, disaffected
        NO, MAYBE or YES, for each piece.
    touching
        Pairs of pieces that share an edge.

    Returns
    -------
    counted
        Bounds that hold for all possible owners and answers; both are attained if all owners are known.

    Examples
    --------
    A vacant piece of A, an occupied one of an unknown owner, and one of B that was never occupied:

    >>> answers = [np.array(each) for each in ([NO, YES, NO], [YES, NO, NO], [NO, NO, NO])]
    >>> unit_count_bounds(np.array(["A", "", "B"]), *answers, np.array([[0, 1], [1, 2]]))
    Counted(vacant_low=0, vacant_high=1, others_low=1, others_high=2)
    """
    may_empty, may_past, may_useful = occupied != YES, past != NO, disaffected != YES
    surely_vacant = (occupied == NO) & (past == YES) & (disaffected == NO)
    groups, is_joined = _joinable_groups(owners, touching)
    low = np.zeros(2, dtype=int)
    for members in groups:
        low += _fewest_units_of_group(
            owners[members], surely_vacant[members], occupied[members], may_past[members], may_useful[members]
        )
    may_be_vacant = may_empty & may_past & (may_useful | is_joined)
    return Counted(int(low[0]), int(may_be_vacant.sum()), int(low[1]), int((~surely_vacant).sum()))


def _joinable_groups(owners: np.ndarray, touching: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Group the pieces that may form one unit through unknown owners; tell which pieces have such a neighbour."""
    one, other = touching.T
    owner_unknown = (owners[one] == "") | (owners[other] == "")
    graph = coo_array(
        (np.ones(owner_unknown.sum(), dtype=np.int8), (one[owner_unknown], other[owner_unknown])),
        shape=(len(owners),) * 2,
    )
    _, label = connected_components(graph, directed=False)
    size = np.bincount(label)
    return np.split(np.argsort(label, kind="stable"), np.cumsum(size)[:-1]), size[label] > 1


def _fewest_units_of_group(
    owners: np.ndarray, surely_vacant: np.ndarray, occupied: np.ndarray, may_past: np.ndarray, may_useful: np.ndarray
) -> np.ndarray:
    """Return the least numbers of vacant and of other units that one group of pieces can form."""
    owner_unknown = owners == ""
    known_owners = [owner for owner in dict.fromkeys(owners.tolist()) if owner]
    sets = [(owners == owner, (owners == owner) | owner_unknown) for owner in known_owners]
    fewest = np.array([0, 0])
    for is_owned, around in sets:
        fewest += _fewest_units_of_owner(is_owned, around, surely_vacant, occupied, may_past, may_useful)
    if owner_unknown.any():
        everything = np.ones(len(owners), dtype=bool)
        fewest_unowned = _fewest_units_of_owner(
            owner_unknown, everything, surely_vacant, occupied, may_past, may_useful
        )
        fewest = np.maximum(fewest, fewest_unowned)
    return fewest


def _fewest_units_of_owner(  # noqa: PLR0913, PLR0917  (one argument for each answer)
    own: np.ndarray,
    around: np.ndarray,
    surely_vacant: np.ndarray,
    occupied: np.ndarray,
    may_past: np.ndarray,
    may_useful: np.ndarray,
) -> np.ndarray:
    """Tell whether the pieces of one owner must form a vacant unit, and another unit, whatever adjacent pieces join."""
    stays_vacant = surely_vacant[own].any() and not (occupied[around] != NO).any()
    may_empty = occupied != YES
    can_be_vacant = (may_empty & may_past & around).any() and (may_empty & may_useful & around).any()
    stays_other = (occupied[own] == YES).any() or not can_be_vacant
    return np.array([int(stays_vacant), int(stays_other)])


def vacancy_rate_bounds(count: Counted, units_low: float, units_high: float) -> tuple[float, float]:
    """Return the least and the greatest rate, as ratios; NaN if there is no unit.

    The rate is vacant over vacant plus others, with the number of units within its own bounds.

    >>> vacancy_rate_bounds(Counted(1, 2, 2, 3), 4, 4)
    (0.25, 0.5)
    """
    if not units_high:
        return np.nan, np.nan
    most = min(count.vacant_low + count.others_high, units_high)
    fewest = max(count.vacant_high + count.others_low, units_low)
    return count.vacant_low / most, count.vacant_high / fewest


def _counts_by_site(
    sites: gpd.GeoDataFrame, units: gpd.GeoDataFrame, known: pd.DataFrame, touching: np.ndarray
) -> dict[str, Counted]:
    """Count the land units of each site, vacant or not."""
    answers = _answer_codes(known)
    past = np.maximum(answers["closed"], answers["vacant_premises"])
    owners, site = units["owner_id"].to_numpy(dtype=object), units["site_id"].to_numpy(dtype=object)
    position_in_site = np.full(len(units), -1)
    count_by_site = {}
    edges_of = pd.Series(site[touching[:, 0]] if len(touching) else [], dtype=object)
    edges = {key: touching[rows] for key, rows in edges_of.groupby(edges_of).indices.items()}
    rows_of = pd.Series(site, dtype=object)
    rows = rows_of.groupby(rows_of).indices
    for key in sites["site_id"]:
        unit_rows = rows.get(key, np.array([], dtype=int))
        position_in_site[unit_rows] = np.arange(len(unit_rows))
        pairs = position_in_site[edges.get(key, np.empty((0, 2), dtype=int))]
        unit_answers = (
            owners[unit_rows],
            answers["occupied"][unit_rows],
            past[unit_rows],
            answers["disaffected"][unit_rows],
        )
        count_by_site[key] = unit_count_bounds(*unit_answers, pairs)
    return count_by_site


def _tenanted_sites(sites: gpd.GeoDataFrame, presences: pd.DataFrame) -> set[str]:
    """Return the sites that had an occupant in the period, on their own land or in a site inside them."""
    above = containing_sites(sites)
    present_sites = set(presences.loc[presences["in_period"] == Answer.YES, "site_id"])
    return {site for present_site in present_sites for site in (present_site, *above.get(present_site, ()))}


def _is_active_zone(sites: pd.DataFrame) -> "pd.Series[bool]":
    active: pd.Series[bool] = _is_zone(sites) & (sites["site_state"] == SiteState.ACTIVE)
    return active


def _outermost_active_zones(sites: gpd.GeoDataFrame) -> list[str]:
    """Return the sites of the territory's rate: the outermost of the zones that exist and are active."""
    statistics = {*sites.loc[_is_active_zone(sites), "site_id"]}
    above = containing_sites(sites)
    return [site for site in sites["site_id"] if site in statistics and not statistics.intersection(above[site])]


def _other_zones_of_units(units: gpd.GeoDataFrame, same: np.ndarray) -> list[str]:
    """Return the other zones that contain each unit, separated by `|`."""
    site = units["site_id"].to_numpy(dtype=object)
    other_zones: list[dict[str, None]] = [{} for _ in site]
    for one, other in same.tolist():
        other_zones[one][site[other]] = other_zones[other][site[one]] = None
    return ["|".join(each) for each in other_zones]


def _count_of_shared_units(units: GeoDataFrame[InventoryUnits], known: pd.DataFrame, each: Once) -> Row:
    """Count the land units of overlapping zones, each once, with the answers of all its pieces combined."""
    answers = _answer_codes(known)
    past = np.maximum(answers["closed"], answers["vacant_premises"])
    owners, parcels, site = (units[name].to_numpy(dtype=object) for name in ("owner_id", "parcel_ids", "site_id"))
    unit_answers = (each.of_each(owners, "first"), each.of_each(answers["occupied"], "max"), each.of_each(past, "max"))
    low, high = each.fewest_and_most(owners)
    shared_sites = site[each.rows[(units["also_in"] != "").to_numpy()[each.rows]]]
    return {
        "sites": each.sites,
        "of_site": pd.Series(shared_sites).value_counts().to_dict(),
        "in_several": each.several,
        "unknown_owner": len({*parcels[each.rows[owners[each.rows] == ""]]}),
        "units_low": low,
        "units_high": high,
        **unit_count_bounds(*unit_answers, each.of_each(answers["disaffected"], "min"), each.touching)._asdict(),
    }


def _every_piece_bounds(
    facts: Facts, owners: DataFrame[Owners], counts: DataFrame[LandUnitCounts], pairs: list[tuple[str, str]]
) -> list[Row]:
    """Return the same counts as if every piece of a parcel belonged to its zone."""
    shared_sites = facts.sites[facts.sites["site_id"].isin({site for pair in pairs for site in pair})]
    edges = counts.loc[counts["site_id"].isin(shared_sites["site_id"]), "edges"].any()
    units_found = land_units(
        facts.parcels, owners, conform(shared_sites, Sites), belonging=ANY_PIECE if edges else BELONGING
    )
    holders = units_found.units["owner_id"].to_numpy(dtype=object)
    shared = shared_units_once(units_found.units, units_found.touching, shared_unit_pairs(units_found.units, pairs))
    bounds = [(each.sites, *each.fewest_and_most(holders)) for each in shared]
    return [{"sites": sites, "every_low": low, "every_high": high} for sites, low, high in bounds]


def _inventory_rates(  # noqa: PLR0913, PLR0917  (what is counted of each zone, and of zones that share land units)
    sites: GeoDataFrame[Sites],
    counts: DataFrame[LandUnitCounts],
    found: dict[str, Counted],
    tenanted: set[str],
    shared: list[Row],
    every: list[Row],
) -> DataFrame[InventoryRates]:
    is_zone, is_counted = _is_zone(sites).to_numpy(), _is_active_zone(sites).to_numpy()
    counts_by_site = counts.set_index("site_id").reindex(sites["site_id"])
    rows = []
    for n, site in enumerate(sites["site_id"]):
        site_counts = counts_by_site.iloc[n]
        no_rate = (
            NoRate.NO_SHAPE
            if np.isnan(site_counts["units_high"])
            else NoRate.NO_PARCELS
            if not site_counts["units_high"]
            else ""
        )
        rows.append(
            {
                "site_id": site,
                "sites": 1,
                "sites_known": int(not no_rate),
                "zone": _answer_word(is_zone[n]),
                "in_statistics": _answer_word(is_counted[n]),
                "no_rate": str(no_rate),
                "tenanted": _answer_word(site in tenanted),
                "in_several": sum(each["of_site"].get(site, 0) for each in shared),
                "unknown_owner": site_counts["unknown_owner"],
                "edges": site_counts["edges"],
                **{f"every_{end}": np.nan if no_rate else site_counts[f"every_{end}"] for end in ("low", "high")},
                "covered_share": site_counts["covered_share"],
                **_rate_numbers(None if no_rate else found[site], site_counts["units_low"], site_counts["units_high"]),
            }
        )
    summed = _outermost_active_zones(sites)
    territory_row = _territory_rate_row([row for row in rows if row["site_id"] in summed], shared, every)
    frame = pd.DataFrame([*rows, territory_row]).astype(
        dict.fromkeys(["in_several", "unknown_owner", "edges"], "int64")
    )
    texts = ["site_id", "zone", "in_statistics", "no_rate", "tenanted"]
    return conform(frame.astype(dict.fromkeys(texts, "str")), InventoryRates)


def _territory_rate_row(rows: list[Row], shared: list[Row], every: list[Row]) -> Row:
    """Return the row of the territory: the sum over the zones whose land units are known.

    For zones with common land units, the rows of `shared` and `every` replace the sums.
    """
    known_rows = [row for row in rows if row["sites_known"] == 1]

    def total(name: str, together: list[Row]) -> float:
        unshared_rows = [row for row in known_rows if not any(row["site_id"] in each["sites"] for each in together)]
        return float(sum(row[name] for row in (*unshared_rows, *together))) if known_rows else np.nan

    count = Counted(*(int(total(name, shared)) for name in Counted._fields)) if known_rows else None
    return {
        "site_id": TERRITORY,
        "sites": len(rows),
        "sites_known": len(known_rows),
        "zone": Answer.YES.value,
        "in_statistics": Answer.YES.value,
        "no_rate": (NoRate.NOTHING if known_rows else NoRate.NO_SHAPE if rows else NoRate.NO_ZONE).value,
        "tenanted": Answer.NO.value,
        "in_several": sum(each["in_several"] for each in shared),
        "unknown_owner": total("unknown_owner", shared) if known_rows else 0,
        "edges": total("edges", []) if known_rows else 0,
        **{f"every_{end}": total(f"every_{end}", every) for end in ("low", "high")},
        "covered_share": np.nan,
        **_rate_numbers(count, *(total(f"units_{end}", shared) for end in ("low", "high"))),
    }


def _rate_numbers(count: Counted | None, units_low: float, units_high: float) -> dict[str, float]:
    low, high = vacancy_rate_bounds(count, units_low, units_high) if count else (np.nan, np.nan)
    numbers = count._asdict() if count else dict.fromkeys(Counted._fields, np.nan)
    numbers |= {"units_low": units_low, "units_high": units_high, "vacancy_low": low, "vacancy_high": high}
    return {name: float(value) for name, value in numbers.items()}


def _answer_word(yes: object) -> str:
    return Answer.YES.value if yes else Answer.NO.value
