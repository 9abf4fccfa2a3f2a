"""The first page of a territory: its sites, what is announced, its communes."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import folium

from gis.maps.backdrop import anchor_of, communes_ground
from gis.maps.called import SiteCommunes, lot_name, site_name, stated
from gis.maps.canvas import CanvasLayer, DrawnBlock, Shape, page_map, shapes_frame
from gis.maps.claim_records import claim_records
from gis.maps.figure_records import figure_records
from gis.maps.packing import pack
from gis.maps.page import Link
from gis.maps.page_kind import PageContent, PageKind, place_banner, words
from gis.maps.palette import MARK
from gis.maps.site import areas_said
from gis.maps.static_tables import claims_table, figures_table
from gis.maps.territory_view import TerritoryView
from gis.measures import registry
from gis.measures.availability import immediately_available
from gis.measures.occupancy import area_kinds
from gis.measures.tiles import frame
from gis.provenance import Figure, row_name
from gis.schemas import Answer, Located, Row, records, row_of
from gis.units import M2_PER_HA, to_m2


def home_map(known: TerritoryView) -> folium.Map:
    """Draw the communes, and each site that has a page: its shape, or its tile at its commune."""
    ground = communes_ground(known)
    pages = {row_name("sites", site): f"{slug}.html" for slug, site in known.focus.items()}
    sheets = {row_name("sites", site["site_id"]): _sheet_of(site) for site in records(known.sites)} | pages
    shaped = known.sites[known.sites.geometry.notna()]
    names = [row_name("sites", site) for site in shaped["site_id"]]
    shapes = shapes_frame(
        [
            Shape(key, site_name(site)["fr"], MARK, href=sheets[key])
            for key, site in zip(names, records(shaped), strict=True)
        ],
        shaped.geometry,
        known.crs,
    )
    blocks = [
        DrawnBlock(
            key=tile["subject"],
            label=tile["label"],
            anchor=anchor_of(known, tile["subject"].partition("/")[2]),
            block=frame(tile["area_m2"]) if tile["area_m2"] > 0 else frame(M2_PER_HA, 1.0),
            fill=MARK,
            circle=not tile["area_m2"] > 0,
            href=sheets[tile["subject"]],
        )
        for tile in records(known.tiles)
        if tile["subject"] in pages or (tile["subject"] in sheets and tile["located"] == Located.POINT)
    ]
    view = ground.geometry if len(ground) else shapes.geometry
    return page_map(CanvasLayer(ground=ground, shapes=shapes, blocks=blocks, view=view, label=""))


def _sheet_of(site: Row) -> str:
    """Return where a site without a page of its own is told of: its sheet, or that of the zone it lies in."""
    if site["part_of"]:
        return f"zones.html#s={quote(site['part_of'])}"
    return f"{'zones' if site['counted'] == 'oui' else 'territory'}.html#s={quote(site['site_id'])}"


def home_data(known: TerritoryView) -> dict[str, Any]:
    """Return everything the first page shows, as plain values."""
    shown = known.settings.get("index", {}).get("claims", [])
    by_id = known.claims.set_index("claim_id", drop=False)
    claims = by_id.loc[[claim for claim in shown if claim in by_id.index]]
    sites = [_card(known, slug, site_id) for slug, site_id in known.focus.items()]
    numbers = registry.headlines(known.figures)
    told = [figure for _, figure in numbers]
    pictured = [figure for figure in registry.shown_on("home", known.figures) if figure not in told]
    return {
        "numbers": [
            *({"figure": figure.figure_id, "href": f"{page}.html"} for page, figure in numbers),
            *({"claim": claim["id"], "href": "territory.html"} for claim in claim_records(claims, known.verdicts)),
        ],
        "entries": pack(_entries(known)),
        "stated": stated(known, records(known.sites)),
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
            [*told, *pictured, *(figure for site in known.focus.values() for figure in headline(known, site))]
        ),
    }


def _entries(known: TerritoryView) -> list[dict[str, str]]:
    """Return what a reader may look for on any page: its kind, its name, what tells it apart, where it is told of."""
    communes = dict(zip(known.communes["insee"], known.communes["commune_name"], strict=True))
    sites = {row["site_id"]: row for row in records(known.sites)}
    pages = {site: f"{slug}.html" for slug, site in known.focus.items()}

    where = SiteCommunes(known)

    def places(insee: str) -> str:
        return ", ".join(communes.get(code, code) for code in insee.split("|") if code)

    def entry(kind: str, name: str, detail: str, href: str) -> dict[str, str]:
        return {"kind": kind, "name": name, "detail": detail, "href": href}

    found = [
        entry(
            "site", site_name(row)["fr"], ", ".join(where.of(row["site_id"])), pages.get(row["site_id"], _sheet_of(row))
        )
        for row in sites.values()
        if row["stand_in"] != Answer.YES
    ]
    tenants = known.tenancies.drop_duplicates(["site_id", "establishment_id"])
    found += [
        entry(
            "tenant",
            row["occupant"],
            site_name(sites[row["site_id"]])["fr"],
            f"{pages[row['site_id']]}#s={quote(row['establishment_id'])}"
            if row["site_id"] in pages
            else _sheet_of(sites[row["site_id"]]),
        )
        for row in records(tenants)
    ]
    found += [
        entry(
            "employer",
            row["establishment_name"],
            places(row["insee"]),
            f"territory.html#s={quote(row['establishment_id'])}",
        )
        for row in records(known.establishments)
        if row["establishment_id"] not in set(tenants["establishment_id"])
    ]
    found += [entry("commune", name, "", f"zones.html#q={quote(name)}") for name in communes.values()]
    there = known.terrains[known.terrains.geometry.notna()]
    had = there[immediately_available(there) != Answer.NO]
    return found + [
        entry(
            "plot",
            lot_name(row),
            " · ".join([site_name(sites[row["site_id"]])["fr"], *([row["terrain_id"]] if row["terrain_name"] else [])]),
            f"available.html#s={quote(row['terrain_id'])}",
        )
        for row in records(had)
    ]


def headline(known: TerritoryView, site_id: str) -> list[Figure]:
    """Return the figures of a site that the first page shows: areas in place, and shares.

    Shares are those that the layers hold of each kind, else that of the published land area.
    """
    here = row_name("sites", site_id)
    figures = [figure for figure in known.figures.values() if figure.subject == here]
    area = [figure for figure in figures if figure.kind == "in_place_m2"]
    opening = known.choices.get(f"{here}/land_ha", "")
    held = [figure for figure in figures if figure.kind.startswith("held_") and figure.unit == "ratio"]
    share = [
        figure for figure in figures if figure.kind == "in_place_share" and row_name("claims", opening) in figure.rows
    ]
    return [*area, *(held or share)]


def _card(known: TerritoryView, slug: str, site_id: str) -> dict[str, Any]:
    site = row_of(known.sites, "site_id", site_id)
    entry = next(each for each in known.settings["focus"] if each["slug"] == slug)
    figures = headline(known, site_id)
    areas = [figure for figure in figures if figure.kind == "in_place_m2"]
    held = [figure for figure in figures if figure.kind.startswith("held_")]
    share = next((figure for figure in figures if figure.kind == "in_place_share"), None)
    tenancies = {row_name("tenancies", row["tenancy_id"]): row for row in records(known.tenancies)}
    rows = [tenancies[row] for figure in areas for row in figure.rows]
    sized = {row["establishment_id"] for row in rows if row["area_low_m2"] > 0}
    only = len(area_kinds(known.tenancies, site_id=site_id)) == 1
    told = [("" if only else figure.figure_id.rpartition(":")[2], figure.low) for figure in areas if only or figure.low]
    return {
        "key": row_name("sites", site_id),
        "href": f"{slug}.html",
        "name": site_name(site),
        "question": entry.get("question", site_name(site)),
        "in_place": sorted(told, key=lambda each: -(each[1] or 0.0)),
        "occupants": len(sized),
        "said": areas_said(known, site_id),
        "share": share.low if share else None,
        "held": [(figure.kind.split("_")[1], figure.low, figure.high) for figure in held],
        "base_m2": to_m2(site["land_low_ha"], "ha") if share else None,
    }


def _content(known: TerritoryView) -> Iterator[PageContent]:
    data = home_data(known)
    yield PageContent(
        href="index.html",
        title=words("index.title"),
        map=home_map(known),
        data=data,
        tables=[claims_table(data["claims"]), figures_table(known, data)],
        banner=place_banner(known, known.focus.values()) if data["outlines"] else words("banner.no_outlines"),
    )


PAGE = PageKind("home", lambda _: [Link("index.html", words("nav.index"))], _content, words=("index.",))
