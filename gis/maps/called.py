"""Display names of sites, terrains and buildings, and the communes of sites, derived from the geometry if needed."""

import math
from collections.abc import Iterable
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from gis.maps import i18n
from gis.maps.territory_view import TerritoryView
from gis.provenance import row_name
from gis.schemas import Answer, Located, Row, records

#: Outlines of communes are generalised: a commune with a smaller share of the site is not one of its communes.
LEAST_SHARE: Final = 0.1


def is_named_site(site: Row) -> bool:
    """Return whether a source gives a site a name."""
    return bool(site["site_name"]) and site["stand_in"] != Answer.YES


def site_name(site: Row) -> dict[str, str]:
    """Return the name of a site in each language; a site without a name is called by its key."""
    if site["site_name"]:
        return {"fr": site["site_name"], "en": site["site_name_en"] or site["site_name"]}
    return {
        language: i18n.text_catalogue(language)["named.nobody"].format(key=site["site_id"])
        for language in i18n.LANGUAGES
    }


def position_of_site(site: Row) -> list[float] | None:
    """Return latitude and longitude of the point of a site that has no geometry; None if it has one, or no point."""
    coordinates = (site["latitude"], site["longitude"])
    return list(coordinates) if site["geometry"] is None and not any(map(math.isnan, coordinates)) else None


def has_tile_at_point(known: TerritoryView, sites: Iterable[Row]) -> bool:
    """Return whether a tile of one of these sites is positioned at a point given by a source."""
    names = [row_name("sites", site["site_id"]) for site in sites]
    return bool((known.tiles["subject"].isin(names) & (known.tiles["located"] == Located.POINT)).any())


def lot_name(terrain: Row) -> str:
    """Return the name of a terrain, or its key if it has no name."""
    return str(terrain["terrain_name"] or terrain["terrain_id"])


def building_name(building: Row) -> str:
    """Return the name of a building, or its key if it has no name."""
    return str(building["building_name"] or building["building_id"])


class SiteCommunes:
    """The communes of each site: those of its attribute `insee`, otherwise those that its geometry intersects."""

    def __init__(self, known: TerritoryView) -> None:
        self._names = dict(zip(known.communes["insee"], known.communes["commune_name"], strict=True))
        sites_without_code = known.sites[(known.sites["insee"] == "") & known.sites.geometry.notna()]
        self._said = dict(zip(known.sites["site_id"], known.sites["insee"], strict=True))
        self._by_shape = _communes_by_shape(sites_without_code, known.communes)

    def of(self, site_id: str) -> list[str]:
        """Return the names of the communes of a site."""
        return [self._names.get(code, code) for code in self.codes(site_id).split("|") if code]

    def codes(self, site_id: str) -> str:
        """Return the INSEE codes of the communes of a site, separated by `|`."""
        return "|".join(self._by_shape.get(site_id, ())) or str(self._said[site_id])

    def found(self, site_id: str) -> bool:
        """Return whether the communes of a site were derived from its geometry."""
        return site_id in self._by_shape

    def told(self, site: Row) -> dict[str, Any]:
        """Return the communes of a site as page data; `by_shape` is whether they were derived from its geometry."""
        return {"communes": self.of(site["site_id"]), "by_shape": self.found(site["site_id"])}


def _communes_by_shape(sites: gpd.GeoDataFrame, communes: gpd.GeoDataFrame) -> dict[str, list[str]]:
    """Return the INSEE codes of the communes that each site intersects, the one with the largest share first."""
    outlines = communes.loc[communes.geometry.notna(), ["insee", "geometry"]]
    if sites.empty or outlines.empty:
        return {}
    intersections = gpd.overlay(sites[["site_id", "geometry"]], outlines, how="intersection", keep_geom_type=True)
    areas = pd.Series(sites.area.to_numpy(), index=sites["site_id"])
    intersections = intersections.assign(
        share=intersections.area.to_numpy() / areas[intersections["site_id"]].to_numpy()
    )
    intersections = intersections[intersections["share"] >= LEAST_SHARE].sort_values(
        ["share", "insee"], ascending=[False, True]
    )
    codes_by_site: dict[str, list[str]] = {}
    for row in records(intersections):
        codes_by_site.setdefault(row["site_id"], []).append(row["insee"])
    return codes_by_site
