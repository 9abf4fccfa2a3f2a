"""The pages of a whole territory: its zones, its ground on offer, its employers."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import shapely

from gis.crs import DEGREES
from gis.maps import json_values
from gis.maps.called import SiteCommunes, is_named, lot_name, position, site_name, stated
from gis.maps.canvas import CanvasLayer, Shape, page_map, shapes_frame
from gis.maps.packing import pack
from gis.maps.palette import MARK, ZONE
from gis.maps.plots import fills_of_terrains, plots_data
from gis.maps.site import claim_records, figure_records, ground_of, tile_blocks
from gis.maps.territory_view import TerritoryView
from gis.maps.transport import transport_data
from gis.measures.availability import immediately_available
from gis.measures.gaps import missing
from gis.measures.published_supply import offer
from gis.measures.site_ground import shared_by_sites
from gis.provenance import row_name
from gis.schemas import Answer, ClaimUse, Row, records, row_of
from gis.units import M2_PER_HA, to_ha


def _zones(known: TerritoryView) -> list[Row]:
    """Return the sites that count as activity zones, those that a source names first."""
    counted = [site for site in records(known.sites) if site["counted"] == "oui"]
    return sorted(counted, key=lambda site: site["stand_in"] == "oui")


def _map(known: TerritoryView, keys: Iterable[str], shapes: gpd.GeoDataFrame, *, fill: str) -> folium.Map:
    ground = ground_of(known)
    layer = CanvasLayer(
        ground=ground,
        shapes=shapes,
        blocks=tile_blocks(known, list(keys), fill=fill),
        view=ground.geometry if len(ground) else shapes.geometry,
        label="",
    )
    return page_map(layer)


def _commune_names(known: TerritoryView) -> dict[str, str]:
    return dict(zip(known.communes["insee"], known.communes["commune_name"], strict=True))


def _places(insee: str, names: dict[str, str]) -> list[str]:
    return [names.get(code, code) for code in insee.split("|") if code]


def _site_communes(known: TerritoryView) -> dict[str, list[str]]:
    communes = SiteCommunes(known)
    return {site: communes.of(site) for site in known.sites["site_id"]}


def zones_map(known: TerritoryView) -> folium.Map:
    """Draw the activity zones: their shapes, or their tiles at their communes."""
    there = known.sites[(known.sites["counted"] == "oui") & known.sites.geometry.notna()]
    shapes = [Shape(row_name("sites", site["site_id"]), site_name(site)["fr"], ZONE) for site in records(there)]
    keys = [row_name("sites", site["site_id"]) for site in _zones(known)]
    return _map(known, keys, shapes_frame(shapes, there.geometry, known.crs), fill=ZONE)


def zones_data(known: TerritoryView) -> dict[str, Any]:
    """Return everything the page of zones shows, as plain values."""
    communes = SiteCommunes(known)
    pages = {site: f"{slug}.html" for slug, site in known.focus.items()}
    sites = records(known.sites)

    falls = _falls(known)
    vacancy = {row["site_id"]: row for row in records(known.surface_vacancy)} if len(known.terrains) else {}
    empty_premises = {row["site_id"]: row for row in records(known.premises_vacancy)}
    held = records(known.held([known.opening]))
    statutory = {row["site_id"]: row for row in records(known.rates)}

    def entry(site: Row) -> dict[str, Any]:
        empty = vacancy.get(site["site_id"], {})
        measured = json_values.number(site["measured_m2"])
        return {
            "id": site["site_id"],
            "key": row_name("sites", site["site_id"]),
            "name": site_name(site),
            "other_names": [name for name in site["other_names"].split("|") if name],
            **communes.told(site),
            "land_ha": measured / M2_PER_HA if measured else json_values.number(site["land_low_ha"]),
            "land_kind": "measured" if measured else site["land_kind"],
            "jobs": json_values.number(site["jobs"]),
            "vocation": {"fr": site["vocation"], "en": site["vocation_en"] or site["vocation"]},
            "state": site["site_state"],
            "opened": site["opened"],
            "occupants": [name for name in site["occupants"].split("|") if name],
            "as_of": site["as_of"],
            "note": {"fr": site["note"], "en": site["note_en"] or site["note"]},
            "source": site["source_id"],
            "basis": site["basis"],
            "href": pages.get(site["site_id"], ""),
            "fall": falls.get(site["site_id"], []),
            "vacancy": [json_values.number(empty.get(f"surface_vacancy_{end}", np.nan)) for end in ("low", "high")],
            "premises": _premises(empty_premises.get(site["site_id"])),
            "legal": _legal(statutory.get(site["site_id"])),
            "held": [
                [row["kind"], row["share_low"], row["share_high"]] for row in held if row["site_id"] == site["site_id"]
            ],
            "missing": [key for key in missing(site) if key != "commune" or not communes.found(site["site_id"])],
            "inside": [entry(other) for other in sites if other["part_of"] == site["site_id"]],
        }

    zones = _zones(known)
    return {
        "zones": [entry(site) for site in zones if site["stand_in"] != "oui"],
        "counted": len(zones),
        "others": len(sites) - len(zones),
        "named": sum(map(is_named, zones)),
        "stand_ins": sum(site["stand_in"] == "oui" for site in zones),
        "stated": stated(known, zones),
        "shared": _shared(known, [site["site_id"] for site in zones if site["stand_in"] != "oui"]),
        "shapes": sum(site["geometry"] is not None for site in zones),
        "assumptions": _assumptions(known, "zones"),
        "claims": _claims(known, known.settings.get("zones", {}).get("claims", [])),
        "figures": figure_records(f for f in known.figures.values() if f.kind.startswith(("zones_", "gross_"))),
    }


def _shared(known: TerritoryView, zones: list[str]) -> list[tuple[str, str, float]]:
    """Return the pairs of zones whose falls share ground, in hectares, so that a sum over them can say so."""
    if not len(known.terrains):
        return []
    pairs = shared_by_sites(known.sites, known.terrains, zones)
    return [(one, other, round(to_ha(m2), 4)) for one, other, m2 in pairs]


def _premises(row: Row | None) -> dict[str, Any] | None:
    """Return how many premises of a site are vacant, and what share of them and of their floors that is."""
    if row is None or not row["premises"]:
        return None
    return {
        "all": row["premises"],
        "vacant": [row["vacant_low"], row["vacant_high"]],
        "share": [row["premises_vacancy_low"], row["premises_vacancy_high"]],
        "floor_share": [row["floor_vacancy_low"], row["floor_vacancy_high"]],
    }


def _legal(row: Row | None) -> dict[str, Any] | None:
    """Return the statutory rate of a zone with what it divides, or why it has none; nothing where the law asks none."""
    if row is None or row["zone"] != Answer.YES:
        return None
    if row["no_rate"]:
        return {"rate": None, "why": row["no_rate"]}
    pairs = {"rate": "vacancy", "vacant": "vacant", "units": "units", "every": "every"}
    return {
        **{
            name: [json_values.number(row[f"{column}_{end}"]) for end in ("low", "high")]
            for name, column in pairs.items()
        },
        "edges": row["edges"],
        "several": row["in_several"],
    }


def _falls(known: TerritoryView) -> dict[str, list[dict[str, Any]]]:
    """Return, for each site of which something has a shape, what each step lets through, takes away and cannot tell."""
    falls: dict[str, list[dict[str, Any]]] = {}
    for row in records(known.availability) if len(known.terrains) else []:
        hectares = [row[f"{part}_ha"] for part in ("passes", "fails", "unknown", "reaches_low", "reaches_high")]
        if not np.isnan(hectares).any():
            step = {"step": row["step"], "ha": [round(float(value), 4) for value in hectares]}
            falls.setdefault(row["site_id"], []).append(step)
    return falls


def _assumptions(known: TerritoryView, page: str) -> list[dict[str, str]]:
    """Return what territory.toml says that a page assumes."""
    return [entry["text"] for entry in known.settings.get("assumption", []) if page in entry["pages"]]


def _claims(known: TerritoryView, wanted: Iterable[str]) -> list[dict[str, Any]]:
    by_id = known.claims.set_index("claim_id", drop=False)
    return claim_records(by_id.loc[[claim for claim in wanted if claim in by_id.index]], known.verdicts)


def available_map(known: TerritoryView) -> folium.Map:
    """Draw the hectares on offer that may lie in a named site, one square each."""
    claims = known.claims.loc[known.claims["use"] == ClaimUse.AVAILABLE, "claim_id"]
    there = known.terrains[known.terrains.geometry.notna()]
    fills = fills_of_terrains(known)
    shapes = [Shape(row["terrain_id"], lot_name(row), fills.get(row["terrain_id"], "")) for row in records(there)]
    keys = [row_name("claims", claim) for claim in claims]
    return _map(known, keys, shapes_frame(shapes, there.geometry, known.crs), fill=MARK)


def available_data(known: TerritoryView) -> dict[str, Any]:
    """Return everything the page of ground on offer shows, as plain values."""
    communes = _site_communes(known)
    published = offer(known.claims)
    located = []
    for site_id, m2 in (published.located_m2 if published else {}).items():
        site = row_of(known.sites, "site_id", site_id)
        parts = known.claims[
            (known.claims["site_id"] == site_id) & known.claims["use"].isin([ClaimUse.OFFER, ClaimUse.BUILT])
        ]
        located.append(
            {
                "id": site_id,
                "name": site_name(site)["fr"],
                "communes": communes[site_id],
                "high_ha": to_ha(m2),
                "claims": claim_records(parts, known.verdicts),
            }
        )
    settings = known.settings.get("available", {})
    kinds = ("offer_", "immediately_", "available_", "freed_", "absorption_", "supply_", "gross_overlaid_")
    return {
        "total_ha": to_ha(published.total_m2) if published else None,
        "unplaced_ha": to_ha(published.unplaced_m2) if published else None,
        "located": located,
        "terrains": pack(_terrains(known, communes)),
        **(plots_data(known, communes) if len(known.terrains) else {}),
        "assumptions": _assumptions(known, "available"),
        "claims": _claims(known, settings.get("claims", [])),
        "premises": _claims(known, settings.get("premises", [])),
        "contact": str(known.settings.get("contact", "")),
        "figures": figure_records(f for f in known.figures.values() if f.kind.startswith(kinds)),
    }


def _terrains(known: TerritoryView, communes: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """Return the terrains that have a shape, in the order they are drawn, with whether each can be had now."""
    there = known.terrains[known.terrains.geometry.notna()]
    return [
        {
            "id": row["terrain_id"],
            "name": lot_name(row),
            "site": row["site_id"],
            "communes": communes[row["site_id"]],
            "ha": round(row["measured_m2"] / M2_PER_HA, 4),
            "now": now,
            **{key: row[key] for key in ("useful", "occupied", "sale", "servicing", "vocation")},
            "price": json_values.number(row["price_eur_m2"]),
            "power": json_values.number(row["power_kw"]),
            "from": json_values.day(row["available_from"]),
            "source": row["source_id"],
            "basis": row["basis"],
        }
        for row, now in zip(records(there), immediately_available(there), strict=True)
    ]


def _employers(known: TerritoryView) -> list[dict[str, Any]]:
    """Return the establishments that sources name, and the sites that do not count as a zone and are inside none."""
    names = _commune_names(known)
    found = [
        {
            "id": row["establishment_id"],
            "name": row["establishment_name"],
            "group": row["group"],
            "at": None,
            "activity": {"fr": row["activity"], "en": row["activity_en"] or row["activity"]},
            "communes": _places(row["insee"], names),
            "by_shape": False,
            "insee": row["insee"],
            "jobs": [json_values.number(row["jobs_low"]), json_values.number(row["jobs_high"])],
            "as_of": row["jobs_as_of"],
            "note": {"fr": row["note"], "en": row["note_en"] or row["note"]},
            "source": row["source_id"],
            "page": row["page"],
        }
        for row in records(known.establishments)
    ]
    communes = SiteCommunes(known)
    return found + [
        {
            "id": site["site_id"],
            "name": site_name(site)["fr"],
            "group": "industry" if site["counted"] == "non" else "",
            "at": position(site),
            "activity": {"fr": site["vocation"], "en": site["vocation_en"] or site["vocation"]},
            **communes.told(site),
            "insee": communes.codes(site["site_id"]),
            "jobs": [json_values.number(site["jobs"])] * 2,
            "as_of": site["as_of"],
            "note": {"fr": site["note"], "en": site["note_en"] or site["note"]},
            "source": site["source_id"],
            "page": "",
        }
        for site in records(other_sites(known))
    ]


def other_sites(known: TerritoryView) -> gpd.GeoDataFrame:
    """Return the sites that do not count as a zone, are inside none, and have no page of their own."""
    sites = known.sites
    away = sites["site_id"].isin(list(known.focus.values())) | (sites["part_of"] != "")
    return sites[(sites["counted"] != "oui") & ~away]


def territory_map(known: TerritoryView) -> folium.Map:
    """Draw the communes, and the sites that are no zone and have a shape; the page puts its points on them."""
    there = other_sites(known)
    there = there[there.geometry.notna()]
    shapes = [Shape(site["site_id"], site_name(site)["fr"]) for site in records(there)]
    return _map(known, [], shapes_frame(shapes, there.geometry, known.crs), fill=MARK)


def territory_data(known: TerritoryView) -> dict[str, Any]:
    """Return everything the page of the territory shows, as plain values."""
    settings, names = known.settings.get("territory", {}), _commune_names(known)
    return {
        "employers": pack(_employers(known)),
        "points": _points(known),
        **transport_data(known),
        "transport": _claims(known, settings.get("transport", [])),
        "hubs": [
            {
                "id": row["site_id"],
                "name": site_name(row),
                "communes": _places(row["insee"], names),
                "vocation": {"fr": row["vocation"], "en": row["vocation_en"] or row["vocation"]},
                "source": row["source_id"],
                "as_of": row["as_of"],
            }
            for row in records(known.sites)
            if row["site_id"] in settings.get("transport_sites", [])
        ],
        "claims": _claims(known, settings.get("claims", [])),
        "assumptions": _assumptions(known, "territory"),
        "figures": figure_records(
            figure
            for figure in known.figures.values()
            if figure.subject == "territory" and figure.kind.endswith(("_vacancy", "_share", "_overlaid_ha"))
        ),
    }


def _points(known: TerritoryView) -> dict[str, tuple[float, float, float]]:
    """Return the middle of each commune that has an outline: latitude, longitude, and degrees of latitude around it.

    The middle is that of the largest circle in the commune, and its radius is how far points may stand from it.
    """
    there = known.communes[known.communes.geometry.notna()]
    circles = there.geometry.maximum_inscribed_circle(tolerance=CIRCLE_TOLERANCE_M)
    points = gpd.GeoSeries(shapely.get_point(circles.to_numpy(), 0), crs=known.crs).to_crs(DEGREES)
    radii = (circles.length / M_PER_DEGREE).round(5)
    return dict(zip(there["insee"], zip(points.y.round(5), points.x.round(5), radii, strict=True), strict=True))


#: How closely the largest circle in a commune is looked for, and the metres in a degree of latitude.
CIRCLE_TOLERANCE_M: Final = 20.0
M_PER_DEGREE: Final = 111_200.0
