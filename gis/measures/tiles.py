"""Tiles: diagrams of rows without a geometry. Areas are true to scale; no source states the positions.

A site is a frame, twice as wide as high, with its published land area. Its tenants are blocks in vertical strips from
the left: a strip takes the next tenant as long as this makes its blocks less elongated (the strip treemap of Bederson,
Shneiderman and Wattenberg, 2002, with vertical strips). A tenant without a published area is an open circle of fixed
size, in a row at the lower right. The page lays out its blocks by the same rule, so that another value of a disputed
area moves them in the same way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final, NamedTuple

import numpy as np
import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame
from shapely import box

from gis import schemas
from gis.crs import points_from_degrees
from gis.provenance import row_name
from gis.schemas import Communes, Located, Phase, Premises, Row, Sites, Tenancies, Tiles, records
from gis.units import M2_PER_HA

#: Width of the frame of a site divided by its height.
FRAME_RATIO: Final = 2.0
#: Diameter of the circle of a tenant without a published area, as a share of the height of the frame.
SYMBOL: Final = 0.08
#: Distance between two such circles, in diameters.
SYMBOL_STEP: Final = 3.0


#: Diameter of the circle of a site without a published area, and the least distance between two sites.
SITE_SYMBOL_M: Final = 300.0
GAP_M: Final = 60.0
#: Distance between two tiles of one hectare, in side lengths.
HECTARE_STEP: Final = 1.25
#: Offsets that are tried to keep tiles apart, nearest first: metres east and north.
_SPIRAL: Final = sorted(
    ((150.0 * i, 150.0 * j) for i in range(-60, 61) for j in range(-60, 61)),
    key=lambda move: (move[0] ** 2 + move[1] ** 2, move),
)

Origin = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Hectares:
    """A published quantity of land to draw: the claim, the hectares in each site, and those without a location."""

    subject: str
    row: Row
    located: Mapping[str, int]
    unplaced: int


class Block(NamedTuple):
    """A rectangle of a diagram: metres from the upper left corner of the frame, x to the right, y down."""

    x: float
    y: float
    width: float
    height: float


def frame_of_area(area_m2: float, ratio: float = FRAME_RATIO) -> Block:
    """Return the frame of a site with this area.

    >>> frame_of_area(320_000)
    Block(x=0.0, y=0.0, width=800.0, height=400.0)
    """
    height = sqrt(area_m2 / ratio)
    return Block(0.0, 0.0, ratio * height, height)


def strip_blocks(areas_m2: Sequence[float], outer: Block) -> list[Block]:
    """Lay out areas in a frame, in the order given, in strips from the left; square metres in, metres out.

    Areas whose sum exceeds the frame extend beyond its right edge: true areas take precedence over the frame.

    >>> for block in strip_blocks([100, 40, 40], Block(0, 0, 40, 10)):
    ...     print(block.x, block.y, block.width, block.height)
    0 0 10.0 10.0
    10.0 0 8.0 5.0
    10.0 5.0 8.0 5.0
    """
    blocks: list[Block] = []
    x, first = outer.x, 0
    while first < len(areas_m2):
        last = first + 1
        while last < len(areas_m2) and _strip_elongation(areas_m2[first : last + 1], outer.height) < _strip_elongation(
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


def _strip_elongation(strip: Sequence[float], height: float) -> float:
    """Return the largest side ratio of the blocks in a strip of this height."""
    width = sum(strip) / height
    return max(max(width * width / area, area / (width * width)) for area in strip)


def tiles_without_shape(
    sites: GeoDataFrame[Sites],
    premises: GeoDataFrame[Premises],
    tenancies: DataFrame[Tenancies],
    communes: GeoDataFrame[Communes],
    *,
    hectares: Sequence[Hectares] = (),
) -> GeoDataFrame[Tiles]:
    """Draw tiles of the rows that have no geometry.

    Parameters
    ----------
    sites, premises, tenancies
        The layers; only the tenancies of the day to draw. A site or premises with a geometry gets no tile. Premises are
        drawn once, with their most advanced tenancy. A nested site has no tile of its own, unless it has tenants.
    communes
        Outlines that place tiles at their commune if no source gives a point of the site; without an outline, the
        tiles have no location.
    hectares
        Published quantities of land, drawn as tiles of one hectare.

    Returns
    -------
    tiles
        One row per tile, in the CRS of `sites`: each site followed by its tenants, then the hectares. `area_m2` is the
        published area, NaN for a symbol. No two sites overlap. The geometry is absent if the tile has no location.
    """
    tile_places = _TilePlaces(communes, sites)
    premises_with_shape = set(premises.loc[premises.geometry.notna(), "premises_id"])
    tenancies_by_site = {
        site: tenancies_drawn(tenancies, site, without=premises_with_shape) for site in sites["site_id"]
    }
    rows: list[Row] = []
    for site in sorted(records(sites), key=lambda site: _site_rank(site, tenancies_by_site)):
        rows += _site_tiles(site, tenancies_by_site[site["site_id"]], tile_places)
    for quantity in hectares:
        rows += _hectare_tiles(quantity, sites, tile_places)
    return schemas.frame(rows, Tiles, sites.crs)


def _site_rank(site: Row, held: Mapping[str, Sequence[Row]]) -> tuple[bool, float, str]:
    """Return the sort key of a site: sites with tenants first, then by decreasing area, then those of unknown area."""
    area = site["land_low_ha"]
    return not held[site["site_id"]], -(0.0 if np.isnan(area) else area), site["site_id"]


def _site_tiles(site: Row, held: Sequence[Row], ground: "_TilePlaces") -> Iterable[Row]:
    """Yield the tile of a site without a geometry, and those of its tenants without one."""
    shape = site["geometry"]
    if site["part_of"] and not held and shape is None:
        return
    land_m2 = site["land_low_ha"] * M2_PER_HA
    if np.isnan(land_m2) and shape is not None:
        land_m2 = site["measured_m2"]
    unknown = bool(np.isnan(land_m2))
    side = SITE_SYMBOL_M if unknown else sqrt(land_m2)
    outer = Block(0.0, 0.0, side, side) if unknown or not held else frame_of_area(land_m2)
    if shape is None:
        origin, located = ground.stand(outer, site)
        subject = row_name("sites", site["site_id"])
        yield _tile_row(site, subject, site["site_name"], outer, origin, located, area=land_m2)
    else:
        _, _, east, north = shape.bounds
        origin, located = (east + 0.1 * outer.width, north), Located.COMMUNE
    areas = [tenancy["area_low_m2"] for tenancy in held]
    inner = outer if shape is None else spare_frame(areas, outer)
    for tenancy, block in zip(held, tenant_blocks(areas, inner), strict=True):
        subject = row_name("tenancies", tenancy["tenancy_id"])
        row = {**tenancy, "insee": site["insee"]}
        yield _tile_row(row, subject, tenancy["occupant"], block, origin, located, area=tenancy["area_low_m2"])


def _hectare_tiles(quantity: Hectares, sites: GeoDataFrame[Sites], ground: "_TilePlaces") -> Iterable[Row]:
    """Yield a published quantity as squares of one hectare: together for each site, the rest without a location."""
    n = 0
    by_id = {site["site_id"]: site for site in records(sites)}
    side = sqrt(M2_PER_HA)
    for site_id, count in quantity.located.items():
        site = by_id[site_id]
        across = max(ceil(sqrt(1.6 * count)), 1)
        outer = Block(0.0, 0.0, across * side * HECTARE_STEP, ceil(count / across) * side * HECTARE_STEP)
        origin, located = ground.stand(outer, site)
        for k in range(count):
            n += 1
            block = Block(k % across * side * HECTARE_STEP, k // across * side * HECTARE_STEP, side, side)
            row = {**quantity.row, "insee": site["insee"]}
            yield {
                **_tile_row(row, quantity.subject, site["site_name"], block, origin, located, area=M2_PER_HA),
                "n": n,
            }
    for _ in range(quantity.unplaced):
        n += 1
        row = {**quantity.row, "insee": ""}
        yield {
            **_tile_row(row, quantity.subject, "", frame_of_area(M2_PER_HA), None, Located.NONE, area=M2_PER_HA),
            "n": n,
        }


def _tile_row(  # noqa: PLR0913, PLR0917  (one argument for each column)
    row: Row, subject: str, label: str, block: Block, origin: Origin, located: Located, *, area: float
) -> Row:
    return {
        "source_id": row["source_id"],
        "basis": row["basis"],
        "subject": subject,
        "n": 1,
        "label": label,
        "phase": row.get("phase", ""),
        "area_m2": area,
        "located": located.value,
        "insee": row["insee"],
        "geometry": _tile_ground(block, origin, circle=bool(np.isnan(area))),
    }


class _TilePlaces:
    """Locations of tiles: at their point, at their commune, or between their communes, moved so as not to overlap."""

    def __init__(self, communes: GeoDataFrame[Communes], sites: GeoDataFrame[Sites]) -> None:
        points = points_from_degrees(sites["longitude"], sites["latitude"], sites.crs)
        self.points = {site: point for site, point in zip(sites["site_id"], points, strict=True) if point is not None}
        self.anchors = {
            code: shapely.point_on_surface(shape)
            for code, shape in zip(communes["insee"], communes.geometry, strict=True)
            if shape is not None
        }
        self.taken: list[shapely.Polygon] = []

    def stand(self, outer: Block, site: Row) -> tuple[Origin, Located]:
        """Return the upper left corner of the nearest free location for the rectangle of a site, and its kind."""
        codes = [code for code in str(site["insee"]).split("|") if code]
        points = [self.anchors[code] for code in codes if code in self.anchors]
        located = Located.BETWEEN if len(codes) > 1 else Located.COMMUNE
        if site["site_id"] in self.points:
            points, located = [self.points[site["site_id"]]], Located.POINT
        if not points:
            return None, Located.NONE
        x = sum(point.x for point in points) / len(points) - outer.width / 2
        y = sum(point.y for point in points) / len(points) + outer.height / 2
        for east, north in _SPIRAL:
            west, top = round(x + east), round(y + north)
            room = box(west - GAP_M, top - outer.height - GAP_M, west + outer.width + GAP_M, top + GAP_M)
            if not any(room.intersects(other) for other in self.taken):
                break
        self.taken.append(room)
        return (west, top), located


def tenancies_drawn(tenancies: DataFrame[Tenancies], site_id: str, *, without: Iterable[str] = ()) -> list[Row]:
    """Return the tenancies of a site that a diagram shows, one for each premises, in layout order.

    In place before announced, known areas before unknown ones, large before small; the key decides between equals.
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


def tenant_blocks(areas_m2: Sequence[float], outer: Block) -> list[Block]:
    """Lay out tenants in the frame: blocks for known areas, equal symbols at the lower right for NaN.

    Known areas come first, as `tenancies_drawn` orders them.
    """
    known_areas = [area for area in areas_m2 if not np.isnan(area)]
    side = SYMBOL * outer.height
    unknown = len(areas_m2) - len(known_areas)
    symbols = [
        Block(
            outer.width - side * (SYMBOL_STEP * (unknown - n) - 1),
            outer.height - 1.5 * side,
            side,
            side,
        )
        for n in range(unknown)
    ]
    return [*strip_blocks(known_areas, outer), *symbols]


def spare_frame(areas_m2: Sequence[float], outer: Block) -> Block:
    """Return the frame for tenants without a geometry next to a site with one: same height, just wide enough.

    >>> spare_frame([100.0, float("nan")], Block(0, 0, 40, 10)).width
    12.4
    """
    known_m2 = sum(area for area in areas_m2 if not np.isnan(area))
    unknown = sum(1 for area in areas_m2 if np.isnan(area))
    return outer._replace(width=known_m2 / outer.height + SYMBOL * SYMBOL_STEP * unknown * outer.height)


def _tile_ground(block: Block, origin: Origin, *, circle: bool = False) -> shapely.Polygon | None:
    if origin is None:
        return None
    west, north = origin[0] + block.x, origin[1] - block.y
    square = box(west, north - block.height, west + block.width, north)
    return square.centroid.buffer(block.width / 2, quad_segs=8) if circle else square
