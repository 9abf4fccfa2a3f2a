"""The home page of a territory: its sites, announced tenancies, its communes."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import folium

from gis.maps.backdrop import anchor_of_site, communes_background
from gis.maps.called import SiteCommunes, has_tile_at_point, lot_name, site_name
from gis.maps.canvas import CanvasLayer, DrawnBlock, Shape, map_of_layer, shapes_frame
from gis.maps.claim_records import claim_records
from gis.maps.figure_records import figure_records
from gis.maps.packing import pack_rows
from gis.maps.page import Link
from gis.maps.page_kind import PageContent, PageKind, bilingual_text, shapes_banner
from gis.maps.palette import MARK
from gis.maps.site import has_stated_area
from gis.maps.static_tables import claims_table, figures_table
from gis.maps.territory_view import TerritoryView
from gis.measures import registry
from gis.measures.availability import immediately_available
from gis.measures.occupancy import stated_area_kinds
from gis.measures.tiles import frame_of_area
from gis.provenance import Figure, row_name
from gis.schemas import Answer, Located, Row, records, row_of
from gis.units import M2_PER_HA, to_m2


def home_map(known: TerritoryView) -> folium.Map:
    """Draw the communes and the sites: geometries, tiles of the sites with a page, and tiles at a point."""
    ground = communes_background(known)
    pages = {row_name("sites", site): f"{slug}.html" for slug, site in known.focus.items()}
    href_by_row = {
        row_name("sites", site["site_id"]): _sheet_href_of_site(site) for site in records(known.sites)
    } | pages
    sites_with_shape = known.sites[known.sites.geometry.notna()]
    names = [row_name("sites", site) for site in sites_with_shape["site_id"]]
    shapes = shapes_frame(
        [
            Shape(key, site_name(site)["fr"], MARK, href=href_by_row[key])
            for key, site in zip(names, records(sites_with_shape), strict=True)
        ],
        sites_with_shape.geometry,
        known.crs,
    )
    blocks = [
        DrawnBlock(
            key=tile["subject"],
            label=tile["label"],
            anchor=anchor_of_site(known, tile["subject"].partition("/")[2]),
            block=frame_of_area(tile["area_m2"]) if tile["area_m2"] > 0 else frame_of_area(M2_PER_HA, 1.0),
            fill=MARK,
            circle=not tile["area_m2"] > 0,
            href=href_by_row[tile["subject"]],
        )
        for tile in records(known.tiles)
        if tile["subject"] in pages or (tile["subject"] in href_by_row and tile["located"] == Located.POINT)
    ]
    view = ground.geometry if len(ground) else shapes.geometry
    return map_of_layer(CanvasLayer(ground=ground, shapes=shapes, blocks=blocks, view=view, label=""))


def _sheet_href_of_site(site: Row) -> str:
    """Return the link for a site without its own page: its record on a page, or that of the zone that contains it."""
    if site["part_of"]:
        return f"zones.html#s={quote(site['part_of'])}"
    return f"{'zones' if site['counted'] == 'oui' else 'territory'}.html#s={quote(site['site_id'])}"


def home_data(known: TerritoryView) -> dict[str, Any]:
    """Return the data of the home page, as plain values."""
    index_claims = known.settings.get("index", {}).get("claims", [])
    by_id = known.claims.set_index("claim_id", drop=False)
    claims = by_id.loc[[claim for claim in index_claims if claim in by_id.index]]
    sites = [_site_card(known, slug, site_id) for slug, site_id in known.focus.items()]
    numbers = registry.headlines_with_pages(known.figures)
    numbered_figures = [figure for _, figure in numbers]
    other_figures = [
        figure for figure in registry.figures_shown_on("home", known.figures) if figure not in numbered_figures
    ]
    return {
        "numbers": [
            *({"figure": figure.figure_id, "href": f"{page}.html"} for page, figure in numbers),
            *({"claim": claim["id"], "href": "territory.html"} for claim in claim_records(claims, known.verdicts)),
        ],
        "entries": pack_rows(_search_entries(known)),
        "stated": has_tile_at_point(known, records(known.sites)),
        "outlines": bool(known.communes.geometry.notna().any()),
        "communes": list(known.communes["commune_name"]),
        "names_en": {
            row_name("sites", site["site_id"]): site_name(site)["en"]
            for site in records(known.sites)
            if (site["site_name_en"] or not site["site_name"]) and site["geometry"] is not None
        },
        "sites": sites,
        "claims": claim_records(claims, known.verdicts),
        "figures": figure_records(
            [
                *numbered_figures,
                *other_figures,
                *(figure for site in known.focus.values() for figure in headline_figures(known, site)),
            ]
        ),
    }


def _search_entries(known: TerritoryView) -> list[dict[str, str]]:
    """Return the search entries for the features of all pages: kind, name, distinguishing text, and link."""
    communes = dict(zip(known.communes["insee"], known.communes["commune_name"], strict=True))
    sites = {row["site_id"]: row for row in records(known.sites)}
    pages = {site: f"{slug}.html" for slug, site in known.focus.items()}

    site_communes = SiteCommunes(known)

    def commune_list(insee: str) -> str:
        return ", ".join(communes.get(code, code) for code in insee.split("|") if code)

    def search_entry(kind: str, name: str, detail: str, href: str) -> dict[str, str]:
        return {"kind": kind, "name": name, "detail": detail, "href": href}

    entries = [
        search_entry(
            "site",
            site_name(row)["fr"],
            ", ".join(site_communes.of(row["site_id"])),
            pages.get(row["site_id"], _sheet_href_of_site(row)),
        )
        for row in sites.values()
        if row["stand_in"] != Answer.YES
    ]
    tenants = known.tenancies.drop_duplicates(["site_id", "establishment_id"])
    entries += [
        search_entry(
            "tenant",
            row["occupant"],
            site_name(sites[row["site_id"]])["fr"],
            f"{pages[row['site_id']]}#s={quote(row['establishment_id'])}"
            if row["site_id"] in pages
            else _sheet_href_of_site(sites[row["site_id"]]),
        )
        for row in records(tenants)
    ]
    entries += [
        search_entry(
            "employer",
            row["establishment_name"],
            commune_list(row["insee"]),
            f"territory.html#s={quote(row['establishment_id'])}",
        )
        for row in records(known.establishments)
        if row["establishment_id"] not in set(tenants["establishment_id"])
    ]
    entries += [search_entry("commune", name, "", f"zones.html#q={quote(name)}") for name in communes.values()]
    terrains_with_shape = known.terrains[known.terrains.geometry.notna()]
    available_terrains = terrains_with_shape[immediately_available(terrains_with_shape) != Answer.NO]
    return entries + [
        search_entry(
            "plot",
            lot_name(row),
            " · ".join([site_name(sites[row["site_id"]])["fr"], *([row["terrain_id"]] if row["terrain_name"] else [])]),
            f"available.html#s={quote(row['terrain_id'])}",
        )
        for row in records(available_terrains)
    ]


def headline_figures(known: TerritoryView, site_id: str) -> list[Figure]:
    """Return the figures of a site that the home page shows: areas in place, and shares.

    The shares are the occupied shares of each kind of area if the layers give them, otherwise the share of the
    published land area.
    """
    site_row_name = row_name("sites", site_id)
    figures = [figure for figure in known.figures.values() if figure.subject == site_row_name]
    in_place_areas = [figure for figure in figures if figure.kind == "in_place_m2"]
    land_claim = known.choices.get(f"{site_row_name}/land_ha", "")
    held_shares = [figure for figure in figures if figure.kind.startswith("held_") and figure.unit == "ratio"]
    base_shares = [
        figure
        for figure in figures
        if figure.kind == "in_place_share" and row_name("claims", land_claim) in figure.rows
    ]
    return [*in_place_areas, *(held_shares or base_shares)]


def _site_card(known: TerritoryView, slug: str, site_id: str) -> dict[str, Any]:
    site = row_of(known.sites, "site_id", site_id)
    focus_entry = next(each for each in known.settings["focus"] if each["slug"] == slug)
    figures = headline_figures(known, site_id)
    areas = [figure for figure in figures if figure.kind == "in_place_m2"]
    held_shares = [figure for figure in figures if figure.kind.startswith("held_")]
    share = next((figure for figure in figures if figure.kind == "in_place_share"), None)
    tenancies = {row_name("tenancies", row["tenancy_id"]): row for row in records(known.tenancies)}
    tenancy_rows = [tenancies[row] for figure in areas for row in figure.rows]
    occupants_with_area = {row["establishment_id"] for row in tenancy_rows if row["area_low_m2"] > 0}
    has_one_kind = len(stated_area_kinds(known.tenancies, site_id=site_id)) == 1
    areas_in_place = [
        ("" if has_one_kind else figure.figure_id.rpartition(":")[2], figure.low)
        for figure in areas
        if has_one_kind or figure.low
    ]
    return {
        "key": row_name("sites", site_id),
        "href": f"{slug}.html",
        "name": site_name(site),
        "question": focus_entry.get("question", site_name(site)),
        "in_place": sorted(areas_in_place, key=lambda each: -(each[1] or 0.0)),
        "occupants": len(occupants_with_area),
        "said": has_stated_area(known, site_id),
        "share": share.low if share else None,
        "held": [(figure.kind.split("_")[1], figure.low, figure.high) for figure in held_shares],
        "base_m2": to_m2(site["land_low_ha"], "ha") if share else None,
    }


def _home_content(known: TerritoryView) -> Iterator[PageContent]:
    data = home_data(known)
    yield PageContent(
        href="index.html",
        title=bilingual_text("index.title"),
        map=home_map(known),
        data=data,
        tables=[claims_table(data["claims"]), figures_table(known, data)],
        banner=shapes_banner(known, known.focus.values()) if data["outlines"] else bilingual_text("banner.no_outlines"),
    )


PAGE = PageKind("home", lambda _: [Link("index.html", bilingual_text("nav.index"))], _home_content, words=("index.",))
