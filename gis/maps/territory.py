"""The page of a territory: its employers, its other sites, its transport."""

from collections.abc import Iterator
from typing import Any, Final

import folium
import geopandas as gpd
import shapely

from gis.crs import DEGREES
from gis.maps import json_values
from gis.maps.backdrop import map_of_sites
from gis.maps.called import SiteCommunes, position_of_site, site_name
from gis.maps.canvas import Shape, shapes_frame
from gis.maps.chains import packed_cited_rows, row_names_of_parts
from gis.maps.claim_records import claim_records_by_id
from gis.maps.figure_records import figure_records
from gis.maps.listing import employers_table
from gis.maps.packing import pack_rows
from gis.maps.page_kind import PageContent, PageKind, bilingual_text, printed_assumptions, single_page_link
from gis.maps.palette import MARK
from gis.maps.static_tables import claims_table, figures_table
from gis.maps.territory_view import TerritoryView
from gis.maps.transport import transport_data
from gis.measures import registry
from gis.provenance import row_name
from gis.schemas import records


def territory_map(known: TerritoryView) -> folium.Map:
    """Draw the communes, and the sites outside zones that have a geometry; the page adds its points."""
    shaped_sites = sites_outside_zones(known)
    shaped_sites = shaped_sites[shaped_sites.geometry.notna()]
    shapes = [Shape(site["site_id"], site_name(site)["fr"]) for site in records(shaped_sites)]
    return map_of_sites(known, [], shapes_frame(shapes, shaped_sites.geometry, known.crs), fill=MARK)


def territory_data(known: TerritoryView) -> dict[str, Any]:
    """Return the data of the page of the territory, as plain values."""
    settings, names = known.settings.get("territory", {}), _commune_names(known)
    figures = registry.figures_shown_on("territory", known.figures)
    roads = transport_data(known)
    return {
        "cited": packed_cited_rows(
            known, [*row_names_of_parts(figures), *(row_name("roads", road["id"]) for road in roads["roads"])]
        ),
        "employers": pack_rows(_employer_records(known)),
        "points": _commune_middles(known),
        **roads,
        "transport": claim_records_by_id(known, settings.get("transport", [])),
        "hubs": [
            {
                "id": row["site_id"],
                "name": site_name(row),
                "communes": _names_of_communes(row["insee"], names),
                "vocation": {"fr": row["vocation"], "en": row["vocation_en"] or row["vocation"]},
                "source": row["source_id"],
                "as_of": row["as_of"],
            }
            for row in records(known.sites)
            if row["site_id"] in settings.get("transport_sites", [])
        ],
        "claims": claim_records_by_id(known, settings.get("claims", [])),
        "assumptions": printed_assumptions(known, "territory"),
        "figures": figure_records(figures),
    }


def _employer_records(known: TerritoryView) -> list[dict[str, Any]]:
    """Return the establishments that sources name, and the sites outside zones (`sites_outside_zones`)."""
    names = _commune_names(known)
    employers = [
        {
            "id": row["establishment_id"],
            "name": row["establishment_name"],
            "group": row["group"],
            "at": None,
            "activity": {"fr": row["activity"], "en": row["activity_en"] or row["activity"]},
            "communes": _names_of_communes(row["insee"], names),
            "by_shape": False,
            "insee": row["insee"],
            "jobs": [json_values.number_or_none(row["jobs_low"]), json_values.number_or_none(row["jobs_high"])],
            "as_of": row["jobs_as_of"],
            "note": {"fr": row["note"], "en": row["note_en"] or row["note"]},
            "source": row["source_id"],
            "page": row["page"],
        }
        for row in records(known.establishments)
    ]
    communes = SiteCommunes(known)
    return employers + [
        {
            "id": site["site_id"],
            "name": site_name(site)["fr"],
            "group": "industry" if site["counted"] == "non" else "",
            "at": position_of_site(site),
            "activity": {"fr": site["vocation"], "en": site["vocation_en"] or site["vocation"]},
            **communes.told(site),
            "insee": communes.codes(site["site_id"]),
            "jobs": [json_values.number_or_none(site["jobs"])] * 2,
            "as_of": site["as_of"],
            "note": {"fr": site["note"], "en": site["note_en"] or site["note"]},
            "source": site["source_id"],
            "page": "",
        }
        for site in records(sites_outside_zones(known))
    ]


def sites_outside_zones(known: TerritoryView) -> gpd.GeoDataFrame:
    """Return the sites that do not count as a zone, are inside no other site, and have no page of their own."""
    sites = known.sites
    shown_elsewhere = sites["site_id"].isin(list(known.focus.values())) | (sites["part_of"] != "")
    return sites[(sites["counted"] != "oui") & ~shown_elsewhere]


def _commune_names(known: TerritoryView) -> dict[str, str]:
    return dict(zip(known.communes["insee"], known.communes["commune_name"], strict=True))


def _names_of_communes(insee: str, names: dict[str, str]) -> list[str]:
    return [names.get(code, code) for code in insee.split("|") if code]


def _commune_middles(known: TerritoryView) -> dict[str, tuple[float, float, float]]:
    """Return the middle of each commune that has an outline: latitude, longitude, and a radius in degrees of latitude.

    The middle and the radius are those of the largest inscribed circle: points are drawn at most this far from it.
    """
    communes_with_outline = known.communes[known.communes.geometry.notna()]
    circles = communes_with_outline.geometry.maximum_inscribed_circle(tolerance=CIRCLE_TOLERANCE_M)
    points = gpd.GeoSeries(shapely.get_point(circles.to_numpy(), 0), crs=known.crs).to_crs(DEGREES)
    radii = (circles.length / M_PER_DEGREE).round(5)
    return dict(
        zip(communes_with_outline["insee"], zip(points.y.round(5), points.x.round(5), radii, strict=True), strict=True)
    )


#: Tolerance of the largest inscribed circle of a commune, in metres; and metres per degree of latitude.
CIRCLE_TOLERANCE_M: Final = 20.0


M_PER_DEGREE: Final = 111_200.0


def _territory_content(known: TerritoryView) -> Iterator[PageContent]:
    data = territory_data(known)
    outlined = known.communes.geometry.notna().any()
    yield PageContent(
        href="territory.html",
        title=bilingual_text("territory.title"),
        map=territory_map(known),
        data=data,
        tables=[
            figures_table(known, data),
            employers_table(data["employers"]),
            *([claims_table(data["claims"])] if data["claims"] else []),
        ],
        banner=bilingual_text("banner.territory" if outlined else "banner.no_outlines"),
    )


PAGE = PageKind("territory", single_page_link("territory"), _territory_content, words=("territory.", "road."))
