"""The page of ground on offer: what is published of it, and the plots and premises where terrains have shapes."""

from collections.abc import Iterator, Mapping
from typing import Any

import folium

from gis.maps import json_values
from gis.maps.backdrop import map_of_sites
from gis.maps.called import SiteCommunes, lot_name, site_name
from gis.maps.canvas import Shape, shapes_frame
from gis.maps.chains import cited_rows, rows_of
from gis.maps.claim_records import claim_records, claims_named
from gis.maps.figure_records import figure_records
from gis.maps.listing import offer_tables
from gis.maps.packing import pack, unpack
from gis.maps.page_kind import PageContent, PageKind, own_link, printed_assumptions, words
from gis.maps.palette import MARK
from gis.maps.plots import fills_of_terrains, plots_data
from gis.maps.static_tables import claims_table, figures_table
from gis.maps.territory_view import TerritoryView
from gis.measures import registry
from gis.measures.availability import immediately_available
from gis.measures.published_supply import offer
from gis.provenance import row_name
from gis.schemas import ClaimUse, records, row_of
from gis.units import M2_PER_HA, to_ha


def available_map(known: TerritoryView) -> folium.Map:
    """Draw the hectares on offer that may lie in a named site, one square each."""
    claims = known.claims.loc[known.claims["use"] == ClaimUse.AVAILABLE, "claim_id"]
    there = known.terrains[known.terrains.geometry.notna()]
    fills = fills_of_terrains(known)
    shapes = [Shape(row["terrain_id"], lot_name(row), fills.get(row["terrain_id"], "")) for row in records(there)]
    keys = [row_name("claims", claim) for claim in claims]
    return map_of_sites(known, keys, shapes_frame(shapes, there.geometry, known.crs), fill=MARK)


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
    figures = registry.shown_on("available", known.figures)
    found = plots_data(known, communes) if len(known.terrains) else {}
    offered = [row["part"] for name in ("plots", "rooms") if name in found for row in unpack(found[name])]
    return {
        "total_ha": to_ha(published.total_m2) if published else None,
        "unplaced_ha": to_ha(published.unplaced_m2) if published else None,
        "located": located,
        "terrains": pack(_terrains(known, communes)),
        **found,
        "cited": cited_rows(known, rows_of([*offered, *(f for f in figures if f.kind != "freed_ha")])),
        "assumptions": printed_assumptions(known, "available"),
        "claims": claims_named(known, settings.get("claims", [])),
        "premises": claims_named(known, settings.get("premises", [])),
        "contact": str(known.settings.get("contact", "")),
        "figures": figure_records(figures),
    }


def _site_communes(known: TerritoryView) -> dict[str, list[str]]:
    communes = SiteCommunes(known)
    return {site: communes.of(site) for site in known.sites["site_id"]}


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


def _content(known: TerritoryView) -> Iterator[PageContent]:
    data = available_data(known)
    drawn = len(known.terrains) > 0
    banner = "banner.plots" if drawn else "banner.available"
    if not known.communes.geometry.notna().any():
        banner = "banner.no_outlines"
    told = [data[name] for name in ("claims", "premises") if data[name]]
    yield PageContent(
        href="available.html",
        title=words("available.title"),
        map=available_map(known),
        map_first=drawn,
        data=data,
        tables=[figures_table(known, data), *offer_tables(known), *map(claims_table, told)],
        banner=words(banner),
    )


PAGE = PageKind(
    "available",
    own_link("available"),
    _content,
    words=("available.", "access.", "network.", "column.", "exclusion."),
)
