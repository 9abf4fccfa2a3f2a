"""Published quantities of land: the number and area of zones, and hectares on offer that have no plot.

The land on offer in a territory is published as one number. What a site offered once, and what was built there since,
are published as two more. Their difference is the most that may still be located in that site; the rest of the offer
has no published location.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.measure import WHOLE_TERRITORY, Assumes, Assumption, FigureKind, Measure, MeasuredLayers, cite_rows
from gis.measures.topology import PARTS_ONCE, SHARED_ONCE, TOLERANCE_M2, containing_sites
from gis.provenance import Bounds, Figure
from gis.schemas import Claims, ClaimStatus, ClaimUse, Row, Sites, records
from gis.units import to_ha, to_m2

RULE: Final = "gis.measures.published_supply"

ZONES_COUNTED: Final = FigureKind(
    kind="zones_counted",
    unit="count",
    rule=f"{RULE}.zone_figures",
    fr="Zones d’activités, celles qu’aucune source ne nomme comprises.",
    en="Activity zones, those that no source names included.",
    subject_in_id=False,
    counts=("sites",),
    pages=("zones", "home"),
    headline=True,
)
ZONES_NAMED: Final = FigureKind(
    kind="zones_named",
    unit="count",
    rule=f"{RULE}.zone_figures",
    fr="Zones d’activités qu’une source nomme.",
    en="Activity zones that a source names.",
    subject_in_id=False,
    counts=("sites",),
    pages=("zones", "home"),
)
ZONES_KNOWN_HA: Final = FigureKind(
    kind="zones_known_ha",
    unit="ha",
    rule=f"{RULE}.zone_figures",
    fr="Surface brute des zones d’activités, mesurée sur leur contour, sinon publiée.",
    en="Gross area of the activity zones that have an outline, which is measured, or a published area.",
    subject_in_id=False,
    counts=("sites",),
    pages=("zones", "home"),
    headline=True,
)
ZONES_OVERLAID_HA: Final = FigureKind(
    kind="zones_overlaid_ha",
    unit="ha",
    rule=f"{RULE}.zone_figures",
    fr="Surface que les zones auraient en plus si chacune comptait seule : plusieurs la revendiquent, elle est "
    "comptée une fois.",
    en="Ground that zones would have more if each of them counted alone: several claim it, and it is counted once.",
    subject_in_id=False,
    counts=("sites",),
    pages=("zones", "territory", "home"),
)
ZONES_WITH_AREA: Final = FigureKind(
    kind="zones_with_area",
    unit="count",
    rule=f"{RULE}.zone_figures",
    fr="Zones d’activités qui ont un contour ou une surface publiée.",
    en="Activity zones that have an outline or a published area.",
    subject_in_id=False,
    counts=("sites",),
    pages=("zones", "home"),
)
OFFER_HA: Final = FigureKind(
    kind="offer_ha",
    unit="ha",
    rule=f"{RULE}.offer_figures",
    fr="Hectares disponibles, tels que publiés.",
    en="Hectares on offer, as published.",
    subject_in_id=False,
    pages=("available", "home"),
    headline=True,
)
OFFER_LOCATED_HA: Final = FigureKind(
    kind="offer_located_ha",
    unit="ha",
    rule=f"{RULE}.offer_figures",
    fr="Hectares disponibles qui peuvent se trouver dans un site nommé : ce qui y était à vendre, moins ce qui y est "
    "bâti.",
    en="Hectares on offer that may lie in a named site: what was offered there, less what was built.",
    subject_in_id=False,
    pages=("available", "home"),
    headline=True,
)
OFFER_UNPLACED_HA: Final = FigureKind(
    kind="offer_unplaced_ha",
    unit="ha",
    rule=f"{RULE}.offer_figures",
    fr="Hectares disponibles sans lieu publié.",
    en="Hectares on offer that have no published place.",
    subject_in_id=False,
    pages=("available", "home"),
    headline=True,
)

STAND_INS: Final = Assumption(
    key="stand_ins",
    fr="Les zones qu’aucune source ne nomme tiennent lieu du reste du compte publié, et de rien d’autre.",
    en="Zones that no source names stand for the rest of the published count, and for nothing else.",
)
STATED_APART: Final = Assumption(
    key="stated_apart",
    fr="Les zones dont la surface est publiée sans contour sont réputées ne pas partager de sol avec les autres.",
    en="Zones whose area is stated and whose shape nobody has published are taken to share no ground with the others.",
)
OFFER_STILL_OPEN: Final = Assumption(
    key="offer_still_open",
    fr="Ce qui était à vendre et n’est pas connu comme bâti peut l’être encore : un maximum.",
    en="What was once offered and is not known to be built may still be on offer: an upper bound.",
)


@dataclass(frozen=True, slots=True)
class PublishedSupply:
    """The published land on offer, in square metres."""

    claim_id: str
    total_m2: float
    located_m2: dict[str, float]

    @property
    def unplaced_m2(self) -> float:
        """The least area without a published location."""
        return max(self.total_m2 - sum(self.located_m2.values()), 0.0)


def _found_claims(claims: Iterable[Row], use: ClaimUse) -> list[Row]:
    return [claim for claim in claims if claim["use"] == use and claim["status"] == ClaimStatus.FOUND]


def _located_m2_by_site(claims: Iterable[Row]) -> dict[str, float]:
    """Return the most that may still be on offer in each site, in square metres: largest offer minus least built."""
    rows = list(claims)
    offered, built = (_stated_m2_by_site(_found_claims(rows, use)) for use in (ClaimUse.OFFER, ClaimUse.BUILT))
    return {site: max(max(offers_m2) - min(built.get(site, [0.0])), 0.0) for site, offers_m2 in offered.items()}


def _stated_m2_by_site(claims: Iterable[Row]) -> dict[str, list[float]]:
    """Return the areas stated for each site, in square metres: several sources may state an area of the same land."""
    m2_by_site: dict[str, list[float]] = {}
    for claim in claims:
        m2_by_site.setdefault(claim["site_id"], []).append(to_m2(claim["low"], claim["unit"]))
    return m2_by_site


def located_offer_m2(claims: Iterable[Row]) -> float | None:
    """Return the most that may still be on offer in named sites, in square metres; None if no site has an offer."""
    m2_by_site = _located_m2_by_site(claims)
    return sum(m2_by_site.values()) if m2_by_site else None


def published_offer(claims: DataFrame[Claims]) -> PublishedSupply | None:
    """Return the published offer of land in the territory, or None if there is none."""
    rows = records(claims)
    totals = _found_claims(rows, ClaimUse.AVAILABLE)
    if not totals:
        return None
    [total, *_] = totals
    return PublishedSupply(total["claim_id"], to_m2(total["low"], total["unit"]), _located_m2_by_site(rows))


def zone_figures(sites: GeoDataFrame[Sites]) -> list[Figure]:
    """Count the activity zones and sum their published areas, in hectares.

    A nested site does not count again: `counted` states which sites count. Land of several zones counts once.
    """
    zones = [site for site in records(sites) if site["counted"] == "oui"]
    if not zones:
        return []
    named_zones = [site for site in zones if site["stand_in"] != "oui"]
    sized_zones = [site for site in named_zones if _site_gross_ha(site) > 0]
    figures = [
        _zones_figure(ZONES_COUNTED, Bounds.exactly(len(zones)), named_zones or zones, [STAND_INS]),
        _zones_figure(
            ZONES_NAMED,
            Bounds.exactly(sum(bool(site["site_name"]) for site in named_zones)) if named_zones else Bounds(0, None),
            named_zones,
        ),
        _zones_figure(
            ZONES_WITH_AREA, Bounds.exactly(len(sized_zones)) if sized_zones else Bounds(0, None), sized_zones
        ),
    ]
    total, overlaid, assumption_flags = _ground_of_zones_ha(sized_zones, containing_sites(sites))
    upper_ha = None if len(sized_zones) < len(zones) else total
    figures.append(_zones_figure(ZONES_KNOWN_HA, Bounds(total, upper_ha), sized_zones, assumption_flags))
    if overlaid:
        figures.append(_zones_figure(ZONES_OVERLAID_HA, Bounds.exactly(overlaid), sized_zones, [SHARED_ONCE]))
    return figures


def _zones_figure(kind: FigureKind, value: Bounds, zones: list[Row], assumes: Assumes = ()) -> Figure:
    low, high = (None if bound is None else float(bound) for bound in (value.low, value.high))
    return kind.figure(WHOLE_TERRITORY, Bounds(low, high), cite_rows(sites=zones), assumes=assumes)


def _ground_of_zones_ha(
    zones: list[Row], above: Mapping[str, tuple[str, ...]]
) -> tuple[float, float, dict[Assumption, bool]]:
    """Return the land of zones, overlaps once; the area lost by counting overlaps once; and the assumptions.

    A zone inside another one is part of its land, whether they have geometries or not.
    """
    keys = {zone["site_id"] for zone in zones}
    drawn_ids = {zone["site_id"] for zone in zones if zone["measured_m2"] > 0}
    outermost_zones = [zone for zone in zones if not keys.intersection(above[zone["site_id"]])]
    inner_zones = [zone for zone in zones if drawn_ids.intersection(above[zone["site_id"]])]
    alone_ha = sum(_site_gross_ha(zone) for zone in outermost_zones if zone["site_id"] in drawn_ids)
    stated_ha = sum(_site_gross_ha(zone) for zone in outermost_zones if zone["site_id"] not in drawn_ids)
    outer_ha, all_ha = (
        to_ha(
            float(
                shapely.area(
                    shapely.union_all([zone["geometry"] for zone in some_zones if zone["site_id"] in drawn_ids])
                )
            )
        )
        for some_zones in (outermost_zones, (*outermost_zones, *inner_zones))
    )
    slack = to_ha(TOLERANCE_M2)
    overlaid = alone_ha - outer_ha if alone_ha - outer_ha > slack else 0.0
    assumption_flags = {
        PARTS_ONCE: len(outermost_zones) < len(zones),
        SHARED_ONCE: overlaid > 0,
        STATED_APART: bool(stated_ha and drawn_ids),
    }
    ground = all_ha if abs(all_ha - alone_ha) > slack else alone_ha  # the sum of areas if nothing overlaps
    return stated_ha + ground, overlaid, assumption_flags


def _site_gross_ha(site: Row) -> float:
    """Return the area of a site: measured if it has a geometry, else as published; NaN if not stated."""
    return to_ha(site["measured_m2"]) if site["measured_m2"] > 0 else float(site["land_low_ha"])


def offer_figures(claims: DataFrame[Claims]) -> list[Figure]:
    """Return the figures of the published offer, in hectares: in total, possibly in named sites, without a location."""
    published = published_offer(claims)
    if published is None:
        return []
    rows = records(claims)
    total_claims = [claim for claim in rows if claim["claim_id"] == published.claim_id]
    part_claims = [*_found_claims(rows, ClaimUse.OFFER), *_found_claims(rows, ClaimUse.BUILT)]
    total = to_ha(published.total_m2)
    located = to_ha(sum(published.located_m2.values())) if published.located_m2 else None
    unplaced = Bounds(to_ha(published.unplaced_m2), total)
    return [
        OFFER_HA.figure(WHOLE_TERRITORY, Bounds.exactly(total), cite_rows(claims=total_claims)),
        OFFER_LOCATED_HA.figure(
            WHOLE_TERRITORY, Bounds(None, located), cite_rows(claims=part_claims), assumes=[OFFER_STILL_OPEN]
        ),
        OFFER_UNPLACED_HA.figure(
            WHOLE_TERRITORY, unplaced, cite_rows(claims=[*total_claims, *part_claims]), assumes=[OFFER_STILL_OPEN]
        ),
    ]


def _compute(layers: MeasuredLayers, _: Mapping[str, Figure]) -> list[Figure]:
    return zone_figures(layers.sites) + offer_figures(layers.claims)


MEASURE: Final = Measure(
    name="published_supply",
    figures=(
        ZONES_COUNTED,
        ZONES_NAMED,
        ZONES_KNOWN_HA,
        ZONES_OVERLAID_HA,
        ZONES_WITH_AREA,
        OFFER_HA,
        OFFER_LOCATED_HA,
        OFFER_UNPLACED_HA,
    ),
    assumptions=(STAND_INS, STATED_APART, OFFER_STILL_OPEN, PARTS_ONCE, SHARED_ONCE),
    reads=("sites/land_ha",),
    compute=_compute,
)
