"""The page of activity zones: the attributes of each zone, and the land left after each step of availability."""

from collections.abc import Iterable, Iterator
from typing import Any

import folium
import numpy as np

from gis.maps import json_values
from gis.maps.backdrop import map_of_sites
from gis.maps.called import SiteCommunes, has_tile_at_point, is_named_site, site_name
from gis.maps.canvas import Shape, shapes_frame
from gis.maps.chains import packed_cited_rows, part_record, row_names_of_parts
from gis.maps.claim_records import claim_records_by_id
from gis.maps.figure_records import figure_records
from gis.maps.listing import zones_table
from gis.maps.page_kind import PageContent, PageKind, bilingual_text, printed_assumptions, single_page_link
from gis.maps.palette import ZONE
from gis.maps.static_tables import claims_table, figures_table
from gis.maps.territory_view import TerritoryView
from gis.measures import registry
from gis.measures.available_parts import KINDS, parts_of_sites
from gis.measures.gaps import missing_facts
from gis.measures.site_ground import ground_shared_by_sites
from gis.provenance import row_name
from gis.schemas import Answer, Row, records
from gis.units import M2_PER_HA, to_ha


def zones_map(known: TerritoryView) -> folium.Map:
    """Draw the activity zones: their geometries, or their tiles in their communes."""
    zones_with_shape = known.sites[(known.sites["counted"] == "oui") & known.sites.geometry.notna()]
    shapes = [
        Shape(row_name("sites", site["site_id"]), site_name(site)["fr"], ZONE) for site in records(zones_with_shape)
    ]
    keys = [row_name("sites", site["site_id"]) for site in _zones_named_first(known)]
    return map_of_sites(known, keys, shapes_frame(shapes, zones_with_shape.geometry, known.crs), fill=ZONE)


def zones_data(known: TerritoryView) -> dict[str, Any]:
    """Return the data of the page of zones, as plain values."""
    communes = SiteCommunes(known)
    pages = {site: f"{slug}.html" for slug, site in known.focus.items()}
    sites = records(known.sites)

    waterfalls = _waterfall_by_site(known)
    vacancy_by_site = {row["site_id"]: row for row in records(known.surface_vacancy)} if len(known.terrains) else {}
    empty_premises = {row["site_id"]: row for row in records(known.premises_vacancy)}
    held_areas = records(known.held([known.opening]))
    rate_by_site = {row["site_id"]: row for row in records(known.rates)}
    zones = _zones_named_first(known)
    sums = _sum_records_by_site(known, [site["site_id"] for site in zones if site["site_id"] in waterfalls])

    def zone_entry(site: Row) -> dict[str, Any]:
        zone_vacancy = vacancy_by_site.get(site["site_id"], {})
        measured = json_values.number_or_none(site["measured_m2"])
        return {
            "id": site["site_id"],
            "key": row_name("sites", site["site_id"]),
            "name": site_name(site),
            "other_names": [name for name in site["other_names"].split("|") if name],
            **communes.told(site),
            "land_ha": measured / M2_PER_HA if measured else json_values.number_or_none(site["land_low_ha"]),
            "land_kind": "measured" if measured else site["land_kind"],
            "jobs": json_values.number_or_none(site["jobs"]),
            "vocation": {"fr": site["vocation"], "en": site["vocation_en"] or site["vocation"]},
            "state": site["site_state"],
            "opened": site["opened"],
            "occupants": [name for name in site["occupants"].split("|") if name],
            "as_of": site["as_of"],
            "note": {"fr": site["note"], "en": site["note_en"] or site["note"]},
            "source": site["source_id"],
            "basis": site["basis"],
            "href": pages.get(site["site_id"], ""),
            "fall": waterfalls.get(site["site_id"], []),
            "sums": sums.get(site["site_id"], {}),
            "vacancy": [
                json_values.number_or_none(zone_vacancy.get(f"surface_vacancy_{end}", np.nan))
                for end in ("low", "high")
            ],
            "premises": _vacant_premises_record(empty_premises.get(site["site_id"])),
            "legal": _statutory_rate_record(rate_by_site.get(site["site_id"])),
            "held": [
                [row["kind"], row["share_low"], row["share_high"]]
                for row in held_areas
                if row["site_id"] == site["site_id"]
            ],
            "missing": [key for key in missing_facts(site) if key != "commune" or not communes.found(site["site_id"])],
            "inside": [zone_entry(other) for other in sites if other["part_of"] == site["site_id"]],
        }

    figures = registry.figures_shown_on("zones", known.figures)
    parts = [part for of_kind in sums.values() for part in of_kind.values()]
    return {
        "cited": packed_cited_rows(
            known, row_names_of_parts([*parts, *(f for f in figures if f.kind == "zones_known_ha")])
        ),
        "zones": [zone_entry(site) for site in zones if site["stand_in"] != "oui"],
        "counted": len(zones),
        "others": len(sites) - len(zones),
        "named": sum(map(is_named_site, zones)),
        "stand_ins": sum(site["stand_in"] == "oui" for site in zones),
        "stated": has_tile_at_point(known, zones),
        "shared": _shared_ground_pairs(known, [site["site_id"] for site in zones if site["stand_in"] != "oui"]),
        "shapes": sum(site["geometry"] is not None for site in zones),
        "assumptions": printed_assumptions(known, "zones"),
        "claims": claim_records_by_id(known, known.settings.get("zones", {}).get("claims", [])),
        "figures": figure_records(figures),
    }


def _zones_named_first(known: TerritoryView) -> list[Row]:
    """Return the sites that count as activity zones: first those that a source names, then the stand-ins."""
    counted = [site for site in records(known.sites) if site["counted"] == "oui"]
    return sorted(counted, key=lambda site: site["stand_in"] == "oui")


def _shared_ground_pairs(known: TerritoryView, zones: list[str]) -> list[tuple[str, str, float]]:
    """Return the pairs of zones whose waterfalls overlap, with the common area in hectares, which sums mention."""
    if not len(known.terrains):
        return []
    pairs = ground_shared_by_sites(known.sites, known.terrains, zones)
    return [(one, other, round(to_ha(m2), 4)) for one, other, m2 in pairs]


def _sum_records_by_site(known: TerritoryView, sites: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the provenance of the land of some sites, at the steps of the waterfall that are in the ledger."""
    parts = parts_of_sites(known.sites, known.terrains, known.exclusions, sites)
    return {site: {kind: part_record(known, of_kind[kind], kind) for kind in KINDS} for site, of_kind in parts.items()}


def _vacant_premises_record(row: Row | None) -> dict[str, Any] | None:
    """Return the premises of a site, the vacant ones, and the vacant shares of premises and of floor area."""
    if row is None or not row["premises"]:
        return None
    return {
        "all": row["premises"],
        "vacant": [row["vacant_low"], row["vacant_high"]],
        "share": [row["premises_vacancy_low"], row["premises_vacancy_high"]],
        "floor_share": [row["floor_vacancy_low"], row["floor_vacancy_high"]],
    }


def _statutory_rate_record(row: Row | None) -> dict[str, Any] | None:
    """Return the statutory rate of a zone with its counts, or why it has none; None if the law requires none."""
    if row is None or row["zone"] != Answer.YES:
        return None
    if row["no_rate"]:
        return {"rate": None, "why": row["no_rate"]}
    pairs = {"rate": "vacancy", "vacant": "vacant", "units": "units", "every": "every"}
    return {
        **{
            name: [json_values.number_or_none(row[f"{column}_{end}"]) for end in ("low", "high")]
            for name, column in pairs.items()
        },
        "edges": row["edges"],
        "several": row["in_several"],
    }


def _waterfall_by_site(known: TerritoryView) -> dict[str, list[dict[str, Any]]]:
    """Return, for each site with measured areas, the hectares that pass, fail and are unknown at each step."""
    waterfalls: dict[str, list[dict[str, Any]]] = {}
    for row in records(known.availability) if len(known.terrains) else []:
        hectares = [row[f"{part}_ha"] for part in ("passes", "fails", "unknown", "reaches_low", "reaches_high")]
        if not np.isnan(hectares).any():
            step = {"step": row["step"], "ha": [round(float(value), 4) for value in hectares]}
            waterfalls.setdefault(row["site_id"], []).append(step)
    return waterfalls


def _zones_content(known: TerritoryView) -> Iterator[PageContent]:
    data = zones_data(known)
    counted, shapes = data["counted"], data["shapes"]
    title = {0: "zones.title.none", 1: "zones.title.one"}.get(counted, "zones.title")
    banner = "banner.zones.shapes" if shapes and shapes == counted else "banner.zones"
    if not known.communes.geometry.notna().any():
        banner = "banner.no_outlines"
    yield PageContent(
        href="zones.html",
        title=bilingual_text(title, n=counted),
        map=zones_map(known),
        data=data,
        tables=[
            figures_table(known, data),
            zones_table(data["zones"]),
            *([claims_table(data["claims"])] if data["claims"] else []),
        ],
        banner=bilingual_text(banner, n=counted, named=data["named"], all=counted, shapes=shapes),
    )


PAGE = PageKind("zones", single_page_link("zones"), _zones_content, words=("zones.",))
