"""Which polygons share a border, and which share ground: exactly where vertices are shared, within a tolerance else.

Two neighbours of a cadastre mostly have the same vertices along their border. Each edge is then found in both, and
sorting the edges of all polygons finds all borders at once: the exact way. What is left over are loose edges, those
that no neighbour has: the outer border of a block, and whatever was not drawn to the vertex. Only these are looked at
the tolerant way: how much of one lies within so many metres of another.

At a point two borders are near each other, too, but only over a few times that distance. A border therefore counts
when more than `SHORT` times the tolerance of it is shared, or more than `LONG` times it is near: the rest are points.
Borders that meet at less than about six degrees touch.

That an overlap always shows on loose edges: count how many polygons cover each spot. Crossing an edge that two
polygons on either side of it share leaves the number as it is. Where it rises to two there is a loose edge inside
another polygon, wholly (then its middle is) or in part (then it meets another loose edge on the way).
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Points = NDArray[np.complex128]  # x and y as one number: points are compared, turned and stretched at once
Bits = NDArray[np.uint64]
Shapes = NDArray[Any]

#: How far two borders may be apart and still be the same one: what is left of a coordinate after computing.
SAME_M: Final = 0.001
#: A border counts when it is longer than so many times the tolerance: one that is near, and one that is shared.
LONG: Final = 10.0
SHORT: Final = 4.0
#: Added to every distance that is compared: coordinates are true to less than that.
MICRON_M: Final = 1e-6
#: Ground that is less than this is none: a square centimetre.
NO_GROUND_M2: Final = 0.0001


@dataclass(frozen=True, slots=True)
class Contacts:
    """Pairs of polygons of one group that touch along an edge.

    `pairs` has two positions a row, the smaller first, in order. `exact` says where the whole border is edges that
    both have. `gap_m` is the length of the border that is only near: more than `SAME_M` apart, no more than the
    tolerance. `doubtful` are the pairs that may share ground, whether they touch or not.
    """

    pairs: Ints
    exact: Flags
    gap_m: Floats
    doubtful: Ints


class _PolygonEdges(NamedTuple):
    """The edges of polygons, with their ground on the left: from, to, whose, and a number that equal ones share."""

    start: Points
    end: Points
    whose: Ints
    name: Bits

    def only(self, those: Flags) -> "_PolygonEdges":
        """Return some of them."""
        return _PolygonEdges(self.start[those], self.end[those], self.whose[those], self.name[those])


def contacts(shapes: Shapes, group: Ints, tolerance_m: float) -> Contacts:
    """Find the polygons of one group that touch along an edge; at a point is not enough.

    Parameters
    ----------
    shapes
        Polygons, in metres.
    group
        Number of the group of each: polygons of two groups never touch.
    tolerance_m
        How far apart two borders may be, or how far over each other.
    """
    edges = _edges(shapes)
    count, reach = len(shapes), max(tolerance_m, SAME_M) + MICRON_M
    first, second, opposed, loose = _twins(edges, group[edges.whose])
    length = np.abs(edges.end[first] - edges.start[first])[opposed]
    first, second = edges.whose[first], edges.whose[second]
    shared = _keys(first[opposed], second[opposed], count)
    left = edges.only(loose)
    near, near_m, same_m, met = _near(left, group, count, reach)
    keys = _distinct(shared, near)
    twin = np.bincount(np.searchsorted(keys, shared), length, minlength=len(keys))
    along, same = np.zeros(len(keys)), np.zeros(len(keys))
    at = np.searchsorted(keys, near)
    along[at], same[at] = near_m, same_m
    touch = (twin + same > SHORT * reach) | (twin + along > LONG * reach)
    exact = (twin > SHORT * reach) & (same <= LONG * SAME_M)
    gap = np.where(along - same > LONG * reach, along - same, 0.0)
    folded = _keys(first[~opposed], second[~opposed], count)
    beside = near[near_m > LONG * reach]
    doubtful = _distinct(met, folded, beside, _inside(shapes, left, group))
    return Contacts(_pairs(keys[touch], count), exact[touch], gap[touch], _pairs(doubtful, count))


def overlaps(shapes: Shapes, group: Ints, doubtful: Ints) -> Ints:
    """Return the pairs of polygons of one group that share ground, the smaller position first, in order.

    `doubtful` are the pairs to begin with, as `contacts` finds them: every overlap is reached from one of them, by way
    of polygons that overlap.
    """
    if not len(doubtful):
        return doubtful
    count, tree = len(shapes), shapely.STRtree(shapes)
    keys = _keys(doubtful[:, 0], doubtful[:, 1], count)
    tried = found = keys[:0]
    while len(keys):
        a, b = np.divmod(keys, count)
        ground = shapely.area(shapely.intersection(shapes[a], shapes[b])) > NO_GROUND_M2
        fresh = np.setdiff1d(np.divmod(keys[ground], count), np.divmod(found, count))
        found, tried = _distinct(found, keys[ground]), _distinct(tried, keys)
        here, there = tree.query(shapes[fresh], predicate="intersects")
        here = fresh[here]
        apart = (here != there) & (group[here] == group[there])
        keys = np.setdiff1d(_keys(here[apart], there[apart], count), tried)
    return _pairs(found, count)


def distinct_pairs(pairs: Ints, count: int) -> Ints:
    """Return pairs of positions among so many once each, the smaller first, in order."""
    return _pairs(_distinct(_keys(pairs[:, 0], pairs[:, 1], count)), count)


def _keys(a: Ints, b: Ints, count: int) -> Ints:
    """Make one number of each pair of positions, whichever comes first."""
    return np.minimum(a, b) * count + np.maximum(a, b)


def _pairs(keys: Ints, count: int) -> Ints:
    return np.column_stack(np.divmod(keys, max(count, 1)))


def _distinct(*keys: Ints) -> Ints:
    """Return what stands in any of some lists, once, in order."""
    every = np.sort(np.concatenate(keys))
    distinct: Ints = every[np.append(True, every[1:] != every[:-1])[: len(every)]]
    return distinct


def _edges(shapes: Shapes) -> _PolygonEdges:
    holed = shapely.get_num_interior_rings(shapes) > 0
    rings, of = shapely.get_rings(shapes[holed], return_index=True)
    rings = np.concatenate([shapes[~holed], rings])
    whose = np.concatenate([np.flatnonzero(~holed), np.flatnonzero(holed)[of]])
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    xy += 0.0  # there is one zero
    point, name = xy.view(np.complex128)[:, 0], _mixed(xy)
    edge = ring[1:] == ring[:-1]
    start, end, ring = point[:-1][edge], point[1:][edge], ring[1:][edge]
    corner = start[np.append(True, ring[1:] != ring[:-1])[: len(ring)]][ring]
    area = np.bincount(ring, _across(start - corner, end - corner), minlength=len(rings))
    shell = np.append(True, whose[1:] != whose[:-1])[: len(rings)]
    turned = ((area > 0) != shell)[ring]
    return _PolygonEdges(
        np.where(turned, end, start), np.where(turned, start, end), whose[ring], (name[:-1] + name[1:])[edge]
    )


def _across(one: Points, other: Points) -> Floats:
    """Return the cross product of vectors."""
    return one.real * other.imag - one.imag * other.real


def _twins(edges: _PolygonEdges, group: Ints) -> tuple[Ints, Ints, Flags, Flags]:
    """Find the edges that two polygons of a group have.

    Returns the positions of both, whether their grounds lie on either side (else on the same), and which edges are
    loose: all but those that exactly two have, on either side.
    """
    name = edges.name + _scrambled(group.astype(np.uint64))
    order = np.argsort(name)
    name = name[order]
    again = name[1:] == name[:-1]
    first, second = order[:-1][again], order[1:][again]
    opposed = (edges.start[first] == edges.end[second]) & (edges.end[first] == edges.start[second])
    alike = (edges.start[first] == edges.start[second]) & (edges.end[first] == edges.end[second])
    true = (opposed | alike) & (edges.whose[first] != edges.whose[second])
    first, second, opposed = first[true], second[true], opposed[true]
    times = np.bincount(first, minlength=len(name)) + np.bincount(second, minlength=len(name))
    plain = opposed & (times[first] == 1) & (times[second] == 1)
    loose = np.ones(len(name), dtype=bool)
    loose[first[plain]] = loose[second[plain]] = False
    return first, second, opposed, loose


def _mixed(xy: Floats) -> Bits:
    """Make one number of each point, so that equal points have equal numbers and others hardly ever."""
    x, y = xy.view(np.uint64).T
    return _scrambled(_scrambled(x) + y)


def _scrambled(bits: Bits) -> Bits:
    """Scramble 64 bits, after SplitMix64 (Steele, Lea and Flood, 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _near(edges: _PolygonEdges, group: Ints, count: int, reach: float) -> tuple[Ints, Floats, Floats, Ints]:
    """Measure how far loose edges of two polygons run along each other.

    Returns the keys of the pairs of polygons; for each the metres within reach, and within `SAME_M`; and the keys of
    the pairs that meet elsewhere than at a vertex that both have.
    """
    ends = np.stack([edges.start, edges.end], axis=1)
    lines = np.asarray(shapely.linestrings(np.stack([ends.real, ends.imag], axis=2)))
    a, b = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=reach)
    p, q = edges.whose[a], edges.whose[b]
    apart = (p != q) & (group[p] == group[q])
    a, b, p, q = a[apart], b[apart], p[apart], q[apart]
    pairs = _keys(p, q, count)
    keys = _distinct(pairs)
    # each polygon of a pair has its own metres: the longer count
    side = 2 * np.searchsorted(keys, pairs) + (p > q)
    beside = _along(ends[a], ends[b], reach)
    there = beside > 0
    within = np.zeros(len(beside))
    within[there] = _along(ends[a[there]], ends[b[there]], SAME_M)
    along, same = (
        np.bincount(side, metres, minlength=2 * len(keys)).reshape(-1, 2).max(axis=1, initial=0.0)
        for metres in (beside, within)
    )
    joint = (ends[a][:, :, None] == ends[b][:, None, :]).any(axis=(1, 2))
    return keys, along, same, pairs[~joint]


def _along(lines: Points, others: Points, distance: float) -> Floats:
    """Return how many metres of each line lie beside another, no further from it than a distance; rows are start, end.

    Beside means: in the rectangle around the other line that ends where it ends.
    """
    way = others[:, 1] - others[:, 0]
    length = np.abs(way)
    # both lines turned and moved so that the other one lies on the axis of x, from 0
    begin, end = ((lines - others[:, :1]) * (way / length).conj()[:, None]).T
    low, high = np.zeros(len(length)), np.ones(len(length))
    for start, stop, least, most in (
        (begin.real, end.real, 0.0 * length, length),
        (begin.imag, end.imag, -distance, distance),
    ):
        step = stop - start
        with np.errstate(divide="ignore", invalid="ignore"):
            enter, leave = np.sort([(least - start) / step, (most - start) / step], axis=0)
        still = step == 0
        within = (start >= least) & (start <= most)
        low = np.maximum(low, np.where(still, np.where(within, 0.0, np.inf), enter))
        high = np.minimum(high, np.where(still, np.inf, leave))
    metres: Floats = np.maximum(high - low, 0.0) * np.abs(lines[:, 1] - lines[:, 0])
    return metres


def _inside(shapes: Shapes, edges: _PolygonEdges, group: Ints) -> Ints:
    """Return the keys of the pairs of polygons where the middle of a loose edge of one lies in the other."""
    middle = (edges.start + edges.end) / 2
    edge, polygon = shapely.STRtree(shapes).query(shapely.points(middle.real, middle.imag), predicate="intersects")
    mine = edges.whose[edge]
    apart = (mine != polygon) & (group[mine] == group[polygon])
    return _keys(mine[apart], polygon[apart], len(shapes))
