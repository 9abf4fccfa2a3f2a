"""Map content common to several pages: communes as background, and the tiles of rows that have a position."""

from collections.abc import Collection, Iterable

import folium
import geopandas as gpd
import numpy as np

from gis.crs import transformer_to_degrees
from gis.maps.canvas import CanvasLayer, DrawnBlock, map_of_layer
from gis.maps.territory_view import TerritoryView
from gis.measures.tiles import Block
from gis.provenance import row_name
from gis.schemas import records


def communes_background(known: TerritoryView) -> gpd.GeoDataFrame:
    """Return the communes with an outline, as a background layer."""
    communes_with_outline = known.communes[known.communes.geometry.notna()]
    return gpd.GeoDataFrame(
        {"name": list(communes_with_outline["commune_name"])},
        geometry=list(communes_with_outline.geometry),
        crs=known.crs,
    )


def anchor_of_site(known: TerritoryView, site_id: str) -> tuple[float, float] | None:
    """Return the anchor of the frame of a site: latitude and longitude of its upper left corner; None if unknown."""
    subjects = {row_name("sites", site_id)} | {
        row_name("tenancies", key) for key in known.tenancies.loc[known.tenancies["site_id"] == site_id, "tenancy_id"]
    }
    placed_tiles = known.tiles[known.tiles["subject"].isin(subjects) & known.tiles.geometry.notna()]
    if placed_tiles.empty:
        return None
    west, _, _, north = placed_tiles.total_bounds
    longitude, latitude = transformer_to_degrees(known.crs).transform(west, north)
    return round(latitude, 7), round(longitude, 7)


def tile_blocks(known: TerritoryView, subjects: Collection[str], *, fill: str) -> list[DrawnBlock]:
    """Return the positioned tiles of some rows, each anchored at its upper left corner."""
    placed_tiles = known.tiles[known.tiles["subject"].isin(list(subjects)) & known.tiles.geometry.notna()]
    transformer = transformer_to_degrees(known.crs)
    blocks = []
    for tile in records(placed_tiles):
        west, south, east, north = tile["geometry"].bounds
        longitude, latitude = transformer.transform(west, north)
        blocks.append(
            DrawnBlock(
                key=tile["subject"],
                label=tile["label"],
                anchor=(round(latitude, 7), round(longitude, 7)),
                block=Block(0.0, 0.0, east - west, north - south),
                fill=fill,
                circle=bool(np.isnan(tile["area_m2"])),
            )
        )
    return blocks


def map_of_sites(known: TerritoryView, keys: Iterable[str], shapes: gpd.GeoDataFrame, *, fill: str) -> folium.Map:
    """Draw geometries, and the positioned tiles of some rows, over the communes."""
    ground = communes_background(known)
    layer = CanvasLayer(
        ground=ground,
        shapes=shapes,
        blocks=tile_blocks(known, list(keys), fill=fill),
        view=ground.geometry if len(ground) else shapes.geometry,
        label="",
    )
    return map_of_layer(layer)
