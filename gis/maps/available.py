"""The page of available land: published offers, and plots and premises if terrains have a geometry."""

from collections.abc import Iterator, Mapping
from typing import Any

import folium

from gis.maps import json_values
from gis.maps.backdrop import map_of_sites
from gis.maps.called import SiteCommunes, lot_name, site_name
from gis.maps.canvas import Shape, shapes_frame
from gis.maps.chains import packed_cited_rows, row_names_of_parts
from gis.maps.claim_records import claim_records, claim_records_by_id
from gis.maps.figure_records import figure_records
from gis.maps.listing import offer_tables
from gis.maps.packing import pack_rows, unpack_rows
from gis.maps.page_kind import PageContent, PageKind, bilingual_text, printed_assumptions, single_page_link
from gis.maps.palette import MARK
from gis.maps.plots import fills_of_terrains, plots_data
from gis.maps.static_tables import claims_table, figures_table
from gis.maps.territory_view import TerritoryView
from gis.measures import registry
from gis.measures.availability import immediately_available
from gis.measures.published_supply import published_offer
from gis.provenance import row_name
from gis.schemas import ClaimUse, records, row_of
from gis.units import M2_PER_HA, to_ha


def available_map(known: TerritoryView) -> folium.Map:
    """Draw terrains with a geometry, and the tiles of published offers that may lie in a named site."""
    claims = known.claims.loc[known.claims["use"] == ClaimUse.AVAILABLE, "claim_id"]
    terrains_with_shape = known.terrains[known.terrains.geometry.notna()]
    fills = fills_of_terrains(known)
    shapes = [
        Shape(row["terrain_id"], lot_name(row), fills.get(row["terrain_id"], ""))
        for row in records(terrains_with_shape)
    ]
    keys = [row_name("claims", claim) for claim in claims]
    return map_of_sites(known, keys, shapes_frame(shapes, terrains_with_shape.geometry, known.crs), fill=MARK)


def available_data(known: TerritoryView) -> dict[str, Any]:
    """Return the data of the page of available land, as plain values."""
    communes = _site_communes(known)
    supply = published_offer(known.claims)
    located = []
    for site_id, m2 in (supply.located_m2 if supply else {}).items():
        site = row_of(known.sites, "site_id", site_id)
        offer_claims = known.claims[
            (known.claims["site_id"] == site_id) & known.claims["use"].isin([ClaimUse.OFFER, ClaimUse.BUILT])
        ]
        located.append(
            {
                "id": site_id,
                "name": site_name(site)["fr"],
                "communes": communes[site_id],
                "high_ha": to_ha(m2),
                "claims": claim_records(offer_claims, known.verdicts),
            }
        )
    settings = known.settings.get("available", {})
    figures = registry.figures_shown_on("available", known.figures)
    plot_data = plots_data(known, communes) if len(known.terrains) else {}
    offered_parts = [
        row["part"] for name in ("plots", "rooms") if name in plot_data for row in unpack_rows(plot_data[name])
    ]
    return {
        "total_ha": to_ha(supply.total_m2) if supply else None,
        "unplaced_ha": to_ha(supply.unplaced_m2) if supply else None,
        "located": located,
        "terrains": pack_rows(_terrain_records(known, communes)),
        **plot_data,
        "cited": packed_cited_rows(
            known, row_names_of_parts([*offered_parts, *(f for f in figures if f.kind != "freed_ha")])
        ),
        "assumptions": printed_assumptions(known, "available"),
        "claims": claim_records_by_id(known, settings.get("claims", [])),
        "premises": claim_records_by_id(known, settings.get("premises", [])),
        "contact": str(known.settings.get("contact", "")),
        "figures": figure_records(figures),
    }


def _site_communes(known: TerritoryView) -> dict[str, list[str]]:
    communes = SiteCommunes(known)
    return {site: communes.of(site) for site in known.sites["site_id"]}


def _terrain_records(known: TerritoryView, communes: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """Return the terrains with a geometry, in drawing order; `now` is whether each is immediately available."""
    terrains_with_shape = known.terrains[known.terrains.geometry.notna()]
    return [
        {
            "id": row["terrain_id"],
            "name": lot_name(row),
            "site": row["site_id"],
            "communes": communes[row["site_id"]],
            "ha": round(row["measured_m2"] / M2_PER_HA, 4),
            "now": now,
            **{key: row[key] for key in ("useful", "occupied", "sale", "servicing", "vocation")},
            "price": json_values.number_or_none(row["price_eur_m2"]),
            "power": json_values.number_or_none(row["power_kw"]),
            "from": json_values.iso_day_or_none(row["available_from"]),
            "source": row["source_id"],
            "basis": row["basis"],
        }
        for row, now in zip(records(terrains_with_shape), immediately_available(terrains_with_shape), strict=True)
    ]


def _available_content(known: TerritoryView) -> Iterator[PageContent]:
    data = available_data(known)
    has_terrains = len(known.terrains) > 0
    banner = "banner.plots" if has_terrains else "banner.available"
    if not known.communes.geometry.notna().any():
        banner = "banner.no_outlines"
    claim_lists = [data[name] for name in ("claims", "premises") if data[name]]
    yield PageContent(
        href="available.html",
        title=bilingual_text("available.title"),
        map=available_map(known),
        map_first=has_terrains,
        data=data,
        tables=[figures_table(known, data), *offer_tables(known), *map(claims_table, claim_lists)],
        banner=bilingual_text(banner),
    )


PAGE = PageKind(
    "available",
    single_page_link("available"),
    _available_content,
    words=("available.", "access.", "network.", "column.", "exclusion."),
)
