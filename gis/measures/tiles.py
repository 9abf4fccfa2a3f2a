"""A tile for what has no shape: a diagram whose areas are true and whose places are nobody's claim.

A site is a frame, twice as wide as high, of its published land area. Its tenants are blocks laid in the frame in
strips from the left: a strip takes the next tenant as long as that makes its blocks less elongated (the strip
treemap of Bederson, Shneiderman and Wattenberg, 2002, with vertical strips). A tenant without a published area
is an open circle of one size, in a row at the lower right. The page lays its blocks by the same rule, so that
another value of a disputed area moves them alike.
"""

from collections.abc import Iterable, Sequence
from math import sqrt
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame
from pyproj import CRS
from shapely import Point, box

from gis.provenance import row_name
from gis.schemas import Communes, Located, Phase, Premises, Row, Sites, Tenancies, Tiles, conform, records
from gis.units import M2_PER_HA

#: How many times wider than high the frame of a site is.
FRAME_RATIO: Final = 2.0
#: Diameter of the circle of a tenant without a published area, as a part of the height of the frame.
SYMBOL: Final = 0.08
#: Distance between two such circles, in diameters.
SYMBOL_STEP: Final = 3.0


class Block(NamedTuple):
    """A rectangle of a diagram: metres from the upper left corner of the frame, x to the right, y down."""

    x: float
    y: float
    width: float
    height: float


def frame(area_m2: float, ratio: float = FRAME_RATIO) -> Block:
    """Return the frame of a site of this area.

    >>> frame(320_000)
    Block(x=0.0, y=0.0, width=800.0, height=400.0)
    """
    height = sqrt(area_m2 / ratio)
    return Block(0.0, 0.0, ratio * height, height)


def strips(areas_m2: Sequence[float], outer: Block) -> list[Block]:
    """Lay areas in a frame, in the order given, in strips from the left; square metres in, metres out.

    Areas that are together larger than the frame run over its right edge: true areas win over the frame.

    >>> for block in strips([100, 40, 40], Block(0, 0, 40, 10)):
    ...     print(block.x, block.y, block.width, block.height)
    0 0 10.0 10.0
    10.0 0 8.0 5.0
    10.0 5.0 8.0 5.0
    """
    blocks: list[Block] = []
    x, first = outer.x, 0
    while first < len(areas_m2):
        last = first + 1
        while last < len(areas_m2) and _elongation(areas_m2[first : last + 1], outer.height) < _elongation(
            areas_m2[first:last], outer.height
        ):
            last += 1
        strip = areas_m2[first:last]
        width, y = sum(strip) / outer.height, outer.y
        for area in strip:
            blocks.append(Block(x, y, width, area / width))
            y += area / width
        x, first = x + width, last
    return blocks


def _elongation(strip: Sequence[float], height: float) -> float:
    """Return the largest ratio of sides in a strip of this height."""
    width = sum(strip) / height
    return max(max(width * width / area, area / (width * width)) for area in strip)


def tiles(
    sites: GeoDataFrame[Sites],
    premises: GeoDataFrame[Premises],
    tenancies: DataFrame[Tenancies],
    communes: GeoDataFrame[Communes],
    *,
    crs: CRS,
) -> GeoDataFrame[Tiles]:
    """Draw the rows that have no shape.

    Parameters
    ----------
    sites, premises, tenancies
        What is known; the tenancies are those of the day to draw. A site or premises with a shape gets no tile, and
        premises are drawn once, with their most advanced tenancy.
    communes
        Outlines, to stand tiles at their commune; where one is absent its tiles have no place.
    crs
        The zone that areas are measured in; the tiles are drawn in it.

    Returns
    -------
    tiles
        One row a tile, in `crs`: the frame of each site, then its tenants. `area_m2` is the published area, NaN for a
        symbol. The geometry is absent when the tile has no place.
    """
    anchors = _anchors(communes)
    shaped = set(premises.loc[premises.geometry.notna(), "premises_id"])
    rows: list[Row] = []
    for site in records(sites):
        has_shape = site["geometry"] is not None
        land_m2 = site["land_low_ha"] * M2_PER_HA
        if np.isnan(land_m2) and has_shape:
            land_m2 = site["measured_m2"]
        if np.isnan(land_m2):
            continue
        outer = frame(land_m2)
        insee = str(site["insee"]).split("|")
        origin = _origin(site, [anchors[code] for code in insee if code in anchors], outer)
        place = {
            "located": (
                Located.NONE if origin is None else Located.BETWEEN if len(insee) > 1 else Located.COMMUNE
            ).value,
            "insee": site["insee"],
        }
        if not has_shape:
            rows.append(
                {
                    **place,
                    **_cited(site),
                    "subject": row_name("sites", str(site["site_id"])),
                    "label": site["site_name"],
                    "phase": "",
                    "area_m2": land_m2,
                    "geometry": _ground(outer, origin),
                }
            )
        held = drawn(tenancies, str(site["site_id"]), without=shaped)
        areas = [tenancy["area_low_m2"] for tenancy in held]
        inner = spare_frame(areas, outer) if has_shape else outer
        for tenancy, block in zip(held, lay(areas, inner), strict=True):
            rows.append(
                {
                    **place,
                    **_cited(tenancy),
                    "subject": row_name("tenancies", str(tenancy["tenancy_id"])),
                    "label": tenancy["occupant"],
                    "phase": tenancy["phase"],
                    "area_m2": tenancy["area_low_m2"],
                    "geometry": _ground(block, origin, circle=bool(np.isnan(tenancy["area_low_m2"]))),
                }
            )
    columns = [name for name in Tiles.to_schema().columns if name != "geometry"]
    table = pd.DataFrame(rows, columns=[*columns, "geometry"]).assign(n=1)
    table = table.astype({"area_m2": float, "n": "int64"} | {c: "str" for c in columns if c not in {"area_m2", "n"}})
    layer = gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=gpd.GeoSeries(list(table["geometry"]), crs=crs))
    return conform(layer, Tiles)


def _cited(row: Row) -> Row:
    return {"source_id": row["source_id"], "basis": row["basis"]}


def drawn(tenancies: DataFrame[Tenancies], site_id: str, *, without: Iterable[str] = ()) -> list[Row]:
    """Choose the tenancies of a site that a diagram shows, one for each premises, in the order they are laid.

    In place before announced, a known area before none, large before small; the key settles what is equal.
    """
    rows = tenancies[
        (tenancies["site_id"] == site_id)
        & ~tenancies["premises_id"].isin(list(without))
        & (tenancies["phase"] != Phase.LEFT)
    ]
    ordered = rows.assign(
        _late=rows["phase"] != Phase.IN_PLACE,
        _none=rows["area_low_m2"].isna(),
        _area=-rows["area_low_m2"],
    ).sort_values(["_late", "_area", "tenancy_id"], kind="stable")
    first = ordered.drop_duplicates("premises_id").sort_values(["_none", "_late", "_area", "tenancy_id"], kind="stable")
    return records(first.drop(columns=["_late", "_none", "_area"]))


def lay(areas_m2: Sequence[float], outer: Block) -> list[Block]:
    """Lay tenants in the frame: blocks for known areas, equal symbols at the lower right for NaN ones.

    Known areas come first, as `drawn` orders them.
    """
    known = [area for area in areas_m2 if not np.isnan(area)]
    side = SYMBOL * outer.height
    unknown = len(areas_m2) - len(known)
    symbols = [
        Block(
            outer.width - side * (SYMBOL_STEP * (unknown - n) - 1),
            outer.height - 1.5 * side,
            side,
            side,
        )
        for n in range(unknown)
    ]
    return [*strips(known, outer), *symbols]


def spare_frame(areas_m2: Sequence[float], outer: Block) -> Block:
    """Return the frame for tenants without a shape beside a site that has one: as high as the site's, just wide enough.

    >>> spare_frame([100.0, float("nan")], Block(0, 0, 40, 10)).width
    12.4
    """
    known = sum(area for area in areas_m2 if not np.isnan(area))
    unknown = sum(1 for area in areas_m2 if np.isnan(area))
    return outer._replace(width=known / outer.height + SYMBOL * SYMBOL_STEP * unknown * outer.height)


def _anchors(communes: GeoDataFrame[Communes]) -> dict[str, Point]:
    """Return a point well inside each commune that has an outline."""
    return {
        code: shapely.point_on_surface(shape)
        for code, shape in zip(communes["insee"], communes.geometry, strict=True)
        if shape is not None
    }


def _origin(site: Row, points: Sequence[Point], outer: Block) -> tuple[float, float] | None:
    """Return where the upper left corner of the frame stands: at the commune, or beside the shape of the site."""
    shape = site["geometry"]
    if shape is not None:
        _, _, east, north = shape.bounds
        return east + 0.1 * outer.width, north
    if not points:
        return None
    x = sum(point.x for point in points) / len(points)
    y = sum(point.y for point in points) / len(points)
    return round(x - outer.width / 2), round(y + outer.height / 2)


def _ground(block: Block, origin: tuple[float, float] | None, *, circle: bool = False) -> shapely.Polygon | None:
    if origin is None:
        return None
    west, north = origin[0] + block.x, origin[1] - block.y
    square = box(west, north - block.height, west + block.width, north)
    return square.centroid.buffer(block.width / 2, quad_segs=8) if circle else square
