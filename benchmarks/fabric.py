"""A seeded cadastre of any size: parcels that share every vertex with their neighbours, and who owns them."""

import geopandas as gpd
import numpy as np
import shapely

from gis.demo.fabric import DEGREES, ORIGIN, ZONE, Places, tile
from gis.demo.ground import draw

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
        plan = draw(rng, LOTS, LOT_M2)
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
    shapes = gpd.GeoSeries(tile(rng, places, quarter, np.concatenate(boxes)[:n]), crs=DEGREES).to_crs(ZONE)
    return gpd.GeoDataFrame(
        {
            "parcel_id": [f"{number:014d}" for number in range(n)],
            "owner_id": [f"o{owner}" for owner in np.concatenate(owners)[:n].tolist()],
        },
        geometry=shapely.transform(shapes.to_numpy(), lambda xy: np.round(xy, 3)),
        crs=ZONE,
    )
