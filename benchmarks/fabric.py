"""A seeded cadastre of any size: parcels that share every vertex with their neighbours, and who owns them."""

import geopandas as gpd
import numpy as np
import shapely

from gis.demo.fabric import DEGREES, ORIGIN, ZONE, Places, tile_polygons
from gis.demo.ground import draw_site_plan

#: Lots of one quarter, and their mean area in square metres.
LOTS = 250
LOT_M2 = 1_500.0
#: From the middle of one quarter to the next, in metres: they never touch.
APART_M = 1_200.0
#: Share of lots whose owner holds the lot that they were cut from one with, and of those held by a large owner.
SAME, LARGE = 0.45, 0.1
#: Number of large owners; the first holds the roads, and lots.
LARGE_OWNERS = 20


def parcels(n: int, seed: int = 1) -> gpd.GeoDataFrame:
    """Make so many parcels: quarters of blocks cut into lots, with the pieces of road between them.

    Returns
    -------
    parcels
        parcel_id (14 characters), owner_id, geometry in EPSG:3950 to the millimetre, a valid coverage: neighbours
        share every vertex. The roads of a quarter are contiguous, of one owner, around its blocks.
    """
    rng = np.random.default_rng(seed)
    boxes, sizes, owners, count = [], [], [], 0
    while count < n:
        plan = draw_site_plan(rng, LOTS, LOT_M2)
        owner = rng.integers(LARGE_OWNERS, max(2 * LARGE_OWNERS, n // 3), len(plan.lots))
        owner = np.where(rng.random(len(owner)) < LARGE, rng.integers(0, LARGE_OWNERS, len(owner)), owner)
        owner = np.where(rng.random(len(owner)) < SAME, owner[plan.twin], owner)
        boxes.append(np.concatenate([plan.lots, plan.roads]))
        owners.append(np.append(owner, np.zeros(len(plan.roads), dtype=int)))
        sizes.append(plan.size)
        count += len(boxes[-1])
    quarter = np.repeat(np.arange(len(boxes)), [len(box) for box in boxes])[:n]
    row, column = np.divmod(np.arange(len(boxes)), int(np.ceil(np.sqrt(len(boxes)))))
    places = Places.draw(rng, ORIGIN + APART_M * np.column_stack([column, row]), np.array(sizes, dtype=float))
    shapes = gpd.GeoSeries(tile_polygons(rng, places, quarter, np.concatenate(boxes)[:n]), crs=DEGREES).to_crs(ZONE)
    return gpd.GeoDataFrame(
        {
            "parcel_id": [f"{number:014d}" for number in range(n)],
            "owner_id": [f"o{owner}" for owner in np.concatenate(owners)[:n].tolist()],
        },
        geometry=shapely.transform(shapes.to_numpy(), lambda xy: np.round(xy, 3)),
        crs=ZONE,
    )


#: Of the ground: the share that each reason takes at least, before overlaps.
SHARES = {"water": 0.09, "power_line": 0.03, "risk_plan": 0.07, "zoning": 0.06}
#: From vertex to vertex, in metres: a bank, the edge of a perimeter, the edge of a wetland.
BANK_M, PERIMETER_M, WETLAND_M = 9.0, 6.0, 3.0
#: Of wetlands: the share with an island.
ISLANDS = 0.3


def constraints(bounds: tuple[float, float, float, float], seed: int = 1) -> gpd.GeoDataFrame:
    """Make constraints that cover about a quarter of the ground within bounds, some over one another.

    Returns
    -------
    constraints
        reason, geometry in EPSG:3950: ribbons of water, corridors of power lines, perimeters of risk, wetlands with
        and without an island that a plan protects. Many vertices each.
    """
    rng = np.random.default_rng(seed)
    ground = float(np.prod(np.subtract(bounds[2:], bounds[:2])))
    draw_of = {"water": _water, "power_line": _power_line, "risk_plan": _perimeter, "zoning": _wetland}
    reasons, shapes = [], []
    for reason, share in SHARES.items():
        taken = 0.0
        while taken < share * ground:
            shape = draw_of[reason](rng, np.array(bounds))
            taken += shape.area
            reasons.append(reason)
            shapes.append(shape)
    return gpd.GeoDataFrame({"reason": reasons}, geometry=shapes, crs=ZONE)


def _across(rng: np.random.Generator, bounds: np.ndarray, step: float) -> np.ndarray:
    """Lay points from one side of the bounds to the other, a step apart, west to east or south to north."""
    size = bounds[2:] - bounds[:2]
    along = int(rng.integers(2))
    ends = rng.uniform(0.0, 1.0, (2, 2)) * size
    ends[:, along] = [-0.01 * size[along], 1.01 * size[along]]
    count = max(int(size[along] / step), 3)
    return bounds[:2] + ends[0] + np.linspace(0.0, 1.0, count)[:, None] * (ends[1] - ends[0])


def _waves(rng: np.random.Generator, at: np.ndarray, lengths: tuple[float, ...], height: float) -> np.ndarray:
    """Add waves of several lengths, the long ones high."""
    parts = [height * length / lengths[0] * np.sin(at / length + rng.uniform(0, 6.28)) for length in lengths]
    return np.sum(parts, axis=0)


def _water(rng: np.random.Generator, bounds: np.ndarray) -> shapely.Geometry:
    line = _across(rng, bounds, BANK_M)
    at = BANK_M * np.arange(len(line))
    aside = (line[-1] - line[0])[::-1] * (-1, 1) / np.linalg.norm(line[-1] - line[0])
    middle = line + _waves(rng, at, (900.0, 400.0, 150.0), 180.0)[:, None] * aside
    half = rng.uniform(60.0, 150.0)
    banks = [
        middle
        + side
        * (half + _waves(rng, at, (300.0, 90.0, 30.0), 0.3 * half) + rng.normal(0, 0.6, len(at)))[:, None]
        * aside
        for side in (1, -1)
    ]
    return shapely.make_valid(shapely.Polygon(np.vstack([banks[0], banks[1][::-1]])))


def _power_line(rng: np.random.Generator, bounds: np.ndarray) -> shapely.Geometry:
    pylons = _across(rng, bounds, 420.0)
    return shapely.buffer(
        shapely.LineString(pylons + rng.normal(0, 15.0, pylons.shape)), rng.choice([15.0, 30.0, 40.0])
    )


def _round(rng: np.random.Generator, bounds: np.ndarray, radius: float, step: float) -> np.ndarray:
    """Draw an irregular ring."""
    turn = np.linspace(0.0, 2 * np.pi, int(2 * np.pi * radius / step), endpoint=False)
    waves = [rng.normal(0, 0.25 / k) * np.cos(k * turn + rng.uniform(0, 6.28)) for k in range(2, 12)]
    reach = radius * np.clip(1 + np.sum(waves, axis=0), 0.4, 1.8) * (1 + rng.normal(0, 0.004, len(turn)))
    return rng.uniform(bounds[:2], bounds[2:]) + reach[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])


def _perimeter(rng: np.random.Generator, bounds: np.ndarray) -> shapely.Geometry:
    return shapely.Polygon(_round(rng, bounds, rng.uniform(120.0, 420.0), PERIMETER_M))


def _wetland(rng: np.random.Generator, bounds: np.ndarray) -> shapely.Geometry:
    ring = _round(rng, bounds, rng.uniform(30.0, 120.0), WETLAND_M)
    island = ring.mean(axis=0) + 0.3 * (ring - ring.mean(axis=0))
    return shapely.make_valid(shapely.Polygon(ring, [island] if rng.random() < ISLANDS else []))
