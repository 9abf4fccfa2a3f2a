"""Transport on the page of a territory: roads and points of access, only as sources state them."""

from typing import Any, Final

import geopandas as gpd
import shapely

from gis.crs import DEGREES
from gis.maps.palette import ACCESSES, ROADS
from gis.maps.territory_view import TerritoryView
from gis.schemas import AccessKind, RoadClass, Row, records

#: Decimals of degrees in the coordinates of lines and points on a page: about a metre.
DECIMALS: Final = 5


def transport_data(known: TerritoryView) -> dict[str, Any]:
    """Return the roads and accesses with a geometry as plain values, sorted by kind."""
    roads, accesses = (layer[layer.geometry.notna()] for layer in (known.roads, known.accesses))
    lines = roads.to_crs(DEGREES).geometry
    order = {kind.value: n for n, kind in enumerate((*RoadClass, *AccessKind))}
    return {
        "roads": sorted(
            [
                {
                    **_feature_record(row, "road"),
                    "m": round(float(road.length), 4),
                    "fill": ROADS[RoadClass(row["road_class"])],
                    "lines": [_line_coordinates(part) for part in shapely.get_parts(line)],
                }
                for row, road, line in zip(records(roads), roads.geometry, lines, strict=True)
            ],
            key=lambda road: order[road["kind"]],
        ),
        "accesses": sorted(
            [
                {
                    **_feature_record(row, "access"),
                    "fill": ACCESSES[AccessKind(row["access_kind"])],
                    "at": _line_coordinates(point)[0],
                }
                for row, point in zip(records(accesses), _points_in_degrees(accesses), strict=True)
            ],
            key=lambda access: order[access["kind"]],
        ),
    }


def _feature_record(row: Row, what: str) -> dict[str, Any]:
    kind = row["road_class"] if what == "road" else row["access_kind"]
    name = {"id": row[f"{what}_id"], "kind": kind, "name": row[f"{what}_name"]}
    return name | {"source": row["source_id"], "basis": row["basis"]}


def _points_in_degrees(accesses: gpd.GeoDataFrame) -> gpd.GeoSeries:
    points: gpd.GeoSeries = accesses.to_crs(DEGREES).geometry
    return points


def _line_coordinates(line: Any) -> list[list[float]]:
    """Return latitude and longitude of each vertex, rounded to `DECIMALS`."""
    return [[round(y, DECIMALS), round(x, DECIMALS)] for x, y in shapely.get_coordinates(line).tolist()]
