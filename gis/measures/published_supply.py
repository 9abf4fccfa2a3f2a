"""Published quantities of ground: zones that are counted, hectares on offer that have no plot.

What is on offer in a territory is published as one number; what a site once offered, and what was built there since,
as two more. The difference is the most that can still be located there; the rest has no published place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.topology import TOLERANCE_M2, wholes
from gis.provenance import Basis, Bounds, Figure, row_name
from gis.schemas import Claims, ClaimStatus, ClaimUse, Row, Sites, records
from gis.units import to_ha, to_m2

RULE: Final = "gis.measures.published_supply"

DEFINITIONS: Final = {
    "zones_counted": "Activity zones, those that no source names included.",
    "zones_named": "Activity zones that a source names.",
    "zones_known_ha": "Gross area of the activity zones that have an outline, which is measured, or a published area.",
    "zones_overlaid_ha": "Ground that zones would have more if each of them counted alone: several claim it, and it is "
    "counted once.",
    "zones_with_area": "Activity zones that have an outline or a published area.",
    "offer_ha": "Hectares on offer, as published.",
    "offer_located_ha": "Hectares on offer that may lie in a named site: what was offered there, less what was built.",
    "offer_unplaced_ha": "Hectares on offer that have no published place.",
}

ASSUMPTIONS: Final = {
    "stand_ins": "Zones that no source names stand for the rest of the published count, and for nothing else.",
    "stated_apart": "Zones whose area is stated and whose shape nobody has published are taken to share no ground with "
    "the others.",
    "offer_still_open": "What was once offered and is not known to be built may still be on offer: an upper bound.",
}


@dataclass(frozen=True, slots=True)
class PublishedSupply:
    """What is published of the ground on offer, in square metres."""

    claim_id: str
    total_m2: float
    located_m2: dict[str, float]

    @property
    def unplaced_m2(self) -> float:
        """The least that has no published place."""
        return max(self.total_m2 - sum(self.located_m2.values()), 0.0)


def _found(claims: Iterable[Row], use: ClaimUse) -> list[Row]:
    return [claim for claim in claims if claim["use"] == use and claim["status"] == ClaimStatus.FOUND]


def _located_by_site(claims: Iterable[Row]) -> dict[str, float]:
    """Return the most that may still be on offer in each site, square metres: the largest offer, the least built."""
    rows = list(claims)
    offered, built = (_by_site(_found(rows, use)) for use in (ClaimUse.OFFER, ClaimUse.BUILT))
    return {site: max(max(said) - min(built.get(site, [0.0])), 0.0) for site, said in offered.items()}


def _by_site(claims: Iterable[Row]) -> dict[str, list[float]]:
    """Return what is said of each site, square metres: several sources may speak of the same ground."""
    said: dict[str, list[float]] = {}
    for claim in claims:
        said.setdefault(claim["site_id"], []).append(to_m2(claim["low"], claim["unit"]))
    return said


def located_m2(claims: Iterable[Row]) -> float | None:
    """Return the most that may still be on offer in named sites, square metres; nothing where nobody said of any."""
    located = _located_by_site(claims)
    return sum(located.values()) if located else None


def offer(claims: DataFrame[Claims]) -> PublishedSupply | None:
    """Return what is published of the ground on offer in the territory, or nothing if nothing is."""
    rows = records(claims)
    totals = _found(rows, ClaimUse.AVAILABLE)
    if not totals:
        return None
    [total, *_] = totals
    return PublishedSupply(total["claim_id"], to_m2(total["low"], total["unit"]), _located_by_site(rows))


def zone_figures(sites: GeoDataFrame[Sites]) -> list[Figure]:
    """Count the activity zones and add up the areas that are published for them, hectares.

    A site inside another is not counted again: `counted` says which ones are. Ground of several zones is added once.
    """
    zones = [site for site in records(sites) if site["counted"] == "oui"]
    if not zones:
        return []
    named = [site for site in zones if site["stand_in"] != "oui"]
    known = [site for site in named if _gross_ha(site) > 0]
    figures = [
        _figure("zones_counted", Bounds.exactly(len(zones)), "count", named or zones, ("stand_ins",)),
        _figure(
            "zones_named",
            Bounds.exactly(sum(bool(site["site_name"]) for site in named)) if named else Bounds(0, None),
            "count",
            named,
        ),
        _figure("zones_with_area", Bounds.exactly(len(known)) if known else Bounds(0, None), "count", known),
    ]
    total, overlaid, assumptions = _together_ha(known, wholes(sites))
    whole = None if len(known) < len(zones) else total
    figures.append(_figure("zones_known_ha", Bounds(total, whole), "ha", known, assumptions))
    if overlaid:
        figures.append(_figure("zones_overlaid_ha", Bounds.exactly(overlaid), "ha", known, ("shared_once",)))
    return figures


def _together_ha(zones: list[Row], above: Mapping[str, tuple[str, ...]]) -> tuple[float, float, tuple[str, ...]]:
    """Return the ground of zones, that of several once; how much that is less than alone; and what is assumed of it.

    A zone inside another of them is in its ground, whether they have shapes or not.
    """
    keys = {zone["site_id"] for zone in zones}
    drawn = {zone["site_id"] for zone in zones if zone["measured_m2"] > 0}
    tops = [zone for zone in zones if not keys.intersection(above[zone["site_id"]])]
    inner = [zone for zone in zones if drawn.intersection(above[zone["site_id"]])]
    alone = sum(_gross_ha(zone) for zone in tops if zone["site_id"] in drawn)
    stated = sum(_gross_ha(zone) for zone in tops if zone["site_id"] not in drawn)
    outer, every = (
        to_ha(float(shapely.area(shapely.union_all([zone["geometry"] for zone in those if zone["site_id"] in drawn]))))
        for those in (tops, (*tops, *inner))
    )
    slack = to_ha(TOLERANCE_M2)
    overlaid = alone - outer if alone - outer > slack else 0.0
    kept = {
        "parts_once": len(tops) < len(zones),
        "shared_once": overlaid > 0,
        "stated_apart": bool(stated and drawn),
    }
    ground = every if abs(every - alone) > slack else alone  # sums of areas where nothing is shared
    return stated + ground, overlaid, tuple(key for key, holds in kept.items() if holds)


def _gross_ha(site: Row) -> float:
    """Return the area of a site: measured where it has a shape, else as published; NaN when nobody said."""
    return to_ha(site["measured_m2"]) if site["measured_m2"] > 0 else float(site["land_low_ha"])


def offer_figures(claims: DataFrame[Claims]) -> list[Figure]:
    """Say what is published of the ground on offer, where it may lie and how much has no place, hectares."""
    published = offer(claims)
    if published is None:
        return []
    rows = records(claims)
    said = [claim for claim in rows if claim["claim_id"] == published.claim_id]
    parts = [*_found(rows, ClaimUse.OFFER), *_found(rows, ClaimUse.BUILT)]
    total = to_ha(published.total_m2)
    located = to_ha(sum(published.located_m2.values())) if published.located_m2 else None
    unplaced = Bounds(to_ha(published.unplaced_m2), total)
    return [
        _figure("offer_ha", Bounds.exactly(total), "ha", said),
        _figure("offer_located_ha", Bounds(None, located), "ha", parts, ("offer_still_open",)),
        _figure("offer_unplaced_ha", unplaced, "ha", [*said, *parts], ("offer_still_open",)),
    ]


def _figure(kind: str, value: Bounds, unit: str, rows: list[Row], assumptions: tuple[str, ...] = ()) -> Figure:
    layer, key = ("claims", "claim_id") if kind.startswith("offer") else ("sites", "site_id")
    return Figure(
        figure_id=kind,
        kind=kind,
        subject="territory",
        low=None if value.low is None else float(value.low),
        high=None if value.high is None else float(value.high),
        unit=unit,
        definition=DEFINITIONS[kind],
        rule=f"{RULE}.{'offer' if kind.startswith('offer') else 'zone'}_figures",
        rows=tuple(row_name(layer, row[key]) for row in rows),
        sources=tuple(dict.fromkeys(row["source_id"] for row in rows)),
        basis=Basis.weakest(row["basis"] for row in rows),
        assumptions=assumptions,
    )
