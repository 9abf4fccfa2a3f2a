"""The first page of a territory: its sites, what is announced, its communes."""

from typing import Any, Final

import folium
import geopandas as gpd

from gis.maps.canvas import CanvasLayer, Drawn, page_map
from gis.maps.known import Known
from gis.maps.palette import MARK
from gis.maps.site import EMPTY_SHAPES, anchor_of, claim_records, figure_records, ground_of
from gis.measures.tiles import frame
from gis.provenance import Figure, row_name
from gis.schemas import records, row_of
from gis.units import to_m2


def home_map(known: Known) -> folium.Map:
    """Draw the communes, and each site that has a page: its shape, or its tile at its commune."""
    ground = ground_of(known)
    pages = {row_name("sites", site): f"{slug}.html" for slug, site in known.focus.items()}
    shaped = known.sites[known.sites.geometry.notna()]
    shapes = gpd.GeoDataFrame(
        {
            "key": [row_name("sites", site) for site in shaped["site_id"]],
            "label": list(shaped["site_name"]),
            "fill": MARK,
            "dashed": False,
            "href": [pages.get(row_name("sites", site), "") for site in shaped["site_id"]],
        },
        columns=list(EMPTY_SHAPES),
        geometry=list(shaped.geometry),
        crs=known.crs,
    )
    blocks = [
        Drawn(
            key=tile["subject"],
            label=tile["label"],
            anchor=anchor_of(known, tile["subject"].partition("/")[2]),
            block=frame(tile["area_m2"]),
            fill=MARK,
            href=pages.get(tile["subject"], ""),
        )
        for tile in records(known.tiles)
        if tile["subject"] in pages
    ]
    view = ground.geometry if len(ground) else shapes.geometry
    return page_map(CanvasLayer(ground=ground, shapes=shapes, blocks=blocks, view=view, label=""))


def home_data(known: Known) -> dict[str, Any]:
    """Return everything the first page shows, as plain values."""
    shown = known.settings.get("index", {}).get("claims", [])
    by_id = known.claims.set_index("claim_id", drop=False)
    claims = by_id.loc[[claim for claim in shown if claim in by_id.index]]
    sites = [_card(known, slug, site_id) for slug, site_id in known.focus.items()]
    territory = [figure for kind in TERRITORY for figure in known.figures.values() if figure.kind == kind]
    return {
        "numbers": [
            *({"figure": figure.figure_id, "href": _page_of(figure)} for figure in territory),
            *({"claim": claim["id"], "href": "territory.html"} for claim in claim_records(claims, known.verdicts)),
        ],
        "outlines": bool(known.communes.geometry.notna().any()),
        "communes": list(known.communes["commune_name"]),
        "sites": sites,
        "claims": claim_records(claims, known.verdicts),
        "figures": figure_records(
            [*territory, *(figure for site in known.focus.values() for figure in headline(known, site))]
        ),
    }


#: Figures of the whole territory that the first page shows, in order.
TERRITORY: Final = (
    "zones_counted",
    "zones_known_ha",
    "offer_ha",
    "offer_located_ha",
    "offer_unplaced_ha",
    "available_ha",
    "immediately_available_ha",
)


def _page_of(figure: Figure) -> str:
    return "available.html" if figure.kind.startswith(("offer", "available", "immediately")) else "zones.html"


def headline(known: Known, site_id: str) -> list[Figure]:
    """Return the figures of a site that the first page shows: area in place, and its share of the largest base."""
    here = row_name("sites", site_id)
    figures = [figure for figure in known.figures.values() if figure.subject == here]
    area = [figure for figure in figures if figure.kind == "in_place_m2"]
    opening = known.choices.get(f"{here}/land_ha", "")
    share = [
        figure for figure in figures if figure.kind == "in_place_share" and row_name("claims", opening) in figure.rows
    ]
    return [*area, *share]


def _card(known: Known, slug: str, site_id: str) -> dict[str, Any]:
    site = row_of(known.sites, "site_id", site_id)
    entry = next(each for each in known.settings["focus"] if each["slug"] == slug)
    figures = {figure.kind: figure for figure in headline(known, site_id)}
    area, share = figures["in_place_m2"], figures.get("in_place_share")
    held = {row_name("tenancies", row["tenancy_id"]): row for row in records(known.tenancies)}
    sized = {held[row]["establishment_id"] for row in area.rows if held[row]["area_low_m2"] > 0}
    return {
        "key": row_name("sites", site_id),
        "href": f"{slug}.html",
        "name": {"fr": site["site_name"], "en": site["site_name_en"] or site["site_name"]},
        "question": entry.get("question", {"fr": site["site_name"], "en": site["site_name"]}),
        "in_place_m2": area.low,
        "occupants": len(sized),
        "share": share.low if share else None,
        "base_m2": to_m2(site["land_low_ha"], "ha") if share else None,
    }
