"""Turns rectangles on a plane into polygons that share every vertex with their neighbours.

Rectangles are laid out in whole metres, on a separate plane for each site, so that "lies on this edge" is a comparison
of integers. Each rectangle becomes a ring that includes the corners of its neighbours; the plane is rotated, bent and
translated, and each vertex is rounded once. The topology of neighbours is therefore exact in any CRS.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from gis.crs import DEGREES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[Any]

#: The zone the territory is measured in: RGF93 / CC50.
ZONE: Final = CRS.from_epsg(3950)
#: A spot in that zone, in metres. The ground that lies there is not meant.
ORIGIN: Final = (1_700_000.0, 9_230_000.0)
#: Decimals of longitude and latitude: a millimetre.
DECIMALS: Final = 8
#: Corners are moved by at most this much, so that lots look surveyed rather than ruled.
_JITTER_M: Final = 0.8
#: Beyond any coordinate of a plane, in metres.
_BEYOND: Final = 2**20


@dataclass(frozen=True, slots=True)
class Places:
    """Where each plane lies: centre in CC50, angle, size, and the two waves that bend it.

    `waves` has amplitude (m), length (m) and phase for each of the two directions; one row a plane.
    """

    centre: Floats
    angle: Floats
    size: Floats
    waves: Floats

    @classmethod
    def draw(cls, rng: np.random.Generator, centre: Floats, size: Floats) -> Self:
        """Turn and bend each plane at random."""
        count = len(centre)
        amplitude = np.minimum(rng.uniform(4.0, 12.0, (count, 2)), 0.04 * size.min(axis=1, keepdims=True))
        return cls(
            centre=centre,
            angle=rng.uniform(-0.9, 0.9, count),
            size=size,
            waves=np.stack([amplitude, rng.uniform(900.0, 1500.0, (count, 2)), rng.uniform(0, 6.28, (count, 2))], 1),
        )

    def metres(self, plane: Ints, xy: Floats) -> Floats:
        """Put points of planes on the ground: x and y in CC50."""
        amplitude, length, phase = (self.waves[plane, n] for n in range(3))
        bent = xy - self.size[plane] / 2 + amplitude * np.sin(6.2832 * xy[:, ::-1] / length + phase)
        cos, sin = np.cos(self.angle[plane]), np.sin(self.angle[plane])
        turned = np.column_stack([bent[:, 0] * cos - bent[:, 1] * sin, bent[:, 0] * sin + bent[:, 1] * cos])
        return turned + self.centre[plane]


def degrees_from_cc50(xy: Floats) -> Floats:
    """Bring points from CC50 to longitude and latitude, rounded once and for all."""
    transformer = Transformer.from_crs(ZONE, DEGREES, always_xy=True)
    return np.round(np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])), DECIMALS)


def cc50_from_degrees(xy: Floats) -> Floats:
    """Bring points from longitude and latitude back to CC50, as a reader will."""
    transformer = Transformer.from_crs(DEGREES, ZONE, always_xy=True)
    return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))


def demo_area_m2(shapes: Shapes) -> Floats:
    """Measure shapes in longitude and latitude as a reader will: brought back to CC50."""
    areas: Floats = shapely.area(shapely.transform(shapes, cc50_from_degrees))
    return areas


def tile_polygons(
    rng: np.random.Generator, places: Places, plane: Ints, box: Ints, *, jitter: float = _JITTER_M
) -> Shapes:
    """Make a polygon of each rectangle.

    Parameters
    ----------
    rng
        Moves the corners a little.
    places
        Where the planes lie.
    plane
        Plane of each rectangle.
    box
        West, south, east and north of each rectangle, in whole metres on its plane. Rectangles of one plane may touch
        and never overlap.
    jitter
        Largest move of a corner, in metres.

    Returns
    -------
    shapes
        Polygons in longitude and latitude, in the order given; those of one plane are a valid coverage.
    """
    corner_x = box[:, [0, 2, 2, 0]].ravel()
    corner_y = box[:, [1, 1, 3, 3]].ravel()
    nodes = np.unique(_sortable_key(np.repeat(plane, 4), corner_y, corner_x))
    node_plane, node_y, node_x = nodes // _BEYOND**2, nodes // _BEYOND % _BEYOND, nodes % _BEYOND
    upright = _sortable_key(node_plane, node_x, node_y)
    by_column = np.argsort(upright)
    upright = upright[by_column]

    west, south, east, north = box.T
    sides = [
        (
            np.searchsorted(nodes, _sortable_key(plane, south, west)),
            np.searchsorted(nodes, _sortable_key(plane, south, east)),
        ),
        (
            np.searchsorted(upright, _sortable_key(plane, east, south)),
            np.searchsorted(upright, _sortable_key(plane, east, north)),
        ),
        (
            np.searchsorted(nodes, _sortable_key(plane, north, east)),
            np.searchsorted(nodes, _sortable_key(plane, north, west)),
        ),
        (
            np.searchsorted(upright, _sortable_key(plane, west, north)),
            np.searchsorted(upright, _sortable_key(plane, west, south)),
        ),
    ]
    first = np.column_stack([start for start, _ in sides])
    length = np.column_stack([np.abs(end - start) for start, end in sides])
    step = np.tile([1, 1, -1, -1], len(box))
    count = length.ravel()
    offset_on_side = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    node_index = np.repeat(first.ravel(), count) + offset_on_side * np.repeat(step, count)
    vertical = np.repeat(np.tile([False, True, False, True], len(box)), count)
    node = np.where(vertical, by_column[node_index], node_index)

    xy = np.column_stack([node_x, node_y]) + rng.uniform(-jitter, jitter, (len(nodes), 2))
    ground = degrees_from_cc50(places.metres(node_plane, xy))
    rings = shapely.linearrings(ground[node], indices=np.repeat(np.arange(len(box)), length.sum(axis=1)))
    return np.asarray(shapely.polygons(rings))


def _sortable_key(plane: Ints, first: Ints, second: Ints) -> Ints:
    """Make one sortable number of a plane and two coordinates."""
    return (plane * _BEYOND + first) * _BEYOND + second


def dissolve_groups(shapes: Shapes, group: Ints, count: int) -> Shapes:
    """Unite the shapes of each group, numbered from 0 to `count` - 1; every vertex is kept."""
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(count + 1))
    united = np.empty(count, dtype=object)
    for n, (start, end) in enumerate(pairwise(bounds)):
        members = shapes[order[start:end]]
        united[n] = members[0] if len(members) == 1 else shapely.coverage_union_all(members)
    return united
