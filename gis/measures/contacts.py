"""Which polygons share a border, and which share ground: exactly where vertices are shared, within a tolerance else.

Two neighbours of a cadastre mostly have the same vertices along their border. Each edge is then found in both, and
sorting the edges of all polygons finds all borders at once: the exact way. What is left over are loose edges, those
that no neighbour has: the outer border of a block, and whatever was not drawn to the vertex. Only these are looked at
the tolerant way: how much of one lies within so many metres of another.

At a point two borders are near each other, too, but only over a few times that distance; so a border counts when it is
longer than `SHORTEST` times the distance. Borders that meet at less than about six degrees therefore touch.

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
Shapes = NDArray[Any]

#: How far two borders may be apart and still be the same one: what is left of a coordinate after computing.
SAME_M: Final = 0.001
#: A border counts from so many times the distance that it is looked at with.
SHORTEST: Final = 10.0
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


class _Edges(NamedTuple):
    """The edges of polygons, with their ground on the left: from, to, and whose."""

    start: Floats
    end: Floats
    whose: Ints


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
    count, reach = len(shapes), max(tolerance_m, SAME_M)
    first, second, opposed, loose = _twins(edges, group[edges.whose])
    first, second = edges.whose[first], edges.whose[second]
    shared = _keys(first[opposed], second[opposed], count)
    left = _Edges(*(column[loose] for column in edges))
    near, near_m, same_m, met = _near(left, group, count, reach)
    keys = _distinct(shared, near)
    along, same, both = np.zeros(len(keys)), np.zeros(len(keys)), np.zeros(len(keys), dtype=bool)
    at = np.searchsorted(keys, near)
    along[at], same[at] = near_m, same_m
    both[np.searchsorted(keys, shared)] = True
    drawn = same > SHORTEST * SAME_M
    gap = np.where(along - same > SHORTEST * reach, along - same, 0.0)
    touch = both | drawn | (along > SHORTEST * reach)
    folded = _keys(first[~opposed], second[~opposed], count)
    beside = near[near_m > SHORTEST * reach]
    doubtful = _distinct(met, folded, beside, _inside(shapes, left, group))
    return Contacts(_pairs(keys[touch], count), (both & ~drawn)[touch], gap[touch], _pairs(doubtful, count))


def overlaps(shapes: Shapes, group: Ints, doubtful: Ints) -> Ints:
    """Return the pairs of polygons of one group that share ground, the smaller position first, in order.

    `doubtful` are the pairs to begin with, as `contacts` finds them: every overlap is reached from one of them, by way
    of polygons that overlap.
    """
    count, tree = len(shapes), shapely.STRtree(shapes)
    keys = _keys(doubtful[:, 0], doubtful[:, 1], count)
    tried = found = keys[:0]
    while len(keys):
        a, b = np.divmod(keys, count)
        ground = shapely.area(shapely.intersection(shapes[a], shapes[b])) > NO_GROUND_M2
        fresh = np.setdiff1d(np.divmod(keys[ground], count), np.divmod(found, max(count, 1)))
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
    return every[np.append(True, every[1:] != every[:-1])[: len(every)]]


def _edges(shapes: Shapes) -> _Edges:
    rings, whose = shapes, np.arange(len(shapes))
    if shapely.get_num_interior_rings(shapes).any():
        rings, whose = shapely.get_rings(shapes, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    xy += 0.0  # there is one zero
    inside = ring[1:] == ring[:-1]
    start, end, ring = xy[:-1][inside], xy[1:][inside], ring[1:][inside]
    corner = xy[np.searchsorted(ring, ring)]
    (x, y), (u, v) = (start - corner).T, (end - corner).T
    left = np.bincount(ring, x * v - y * u, minlength=len(rings)) > 0
    shell = np.append(True, whose[1:] != whose[:-1])[: len(rings)]
    turned = (left != shell)[ring][:, None]
    return _Edges(np.where(turned, end, start), np.where(turned, start, end), whose[ring])


def _twins(edges: _Edges, group: Ints) -> tuple[Ints, Ints, Flags, Flags]:
    """Find the edges that two polygons of a group have.

    Returns the positions of both, whether their grounds lie on either side (else on the same), and which edges are
    loose: all but those that exactly two have, on either side.
    """
    names = _mixed(edges.start) + _mixed(edges.end) + _scrambled(group.astype(np.uint64))
    order = np.argsort(names)
    names = names[order]
    again = names[1:] == names[:-1]
    first, second = order[:-1][again], order[1:][again]
    opposed = (edges.start[first] == edges.end[second]).all(axis=1) & (edges.end[first] == edges.start[second]).all(
        axis=1
    )
    alike = (edges.start[first] == edges.start[second]).all(axis=1) & (edges.end[first] == edges.end[second]).all(
        axis=1
    )
    true = (opposed | alike) & (edges.whose[first] != edges.whose[second])
    first, second, opposed = first[true], second[true], opposed[true]
    times = np.bincount(np.concatenate([first, second]), minlength=len(names))
    plain = opposed & (times[first] == 1) & (times[second] == 1)
    loose = np.ones(len(names), dtype=bool)
    loose[first[plain]] = loose[second[plain]] = False
    return first, second, opposed, loose


def _mixed(xy: Floats) -> NDArray[np.uint64]:
    """Make one number of a point, so that equal points have equal numbers and others hardly ever."""
    x, y = np.ascontiguousarray(xy).view(np.uint64).T
    return _scrambled(_scrambled(x) + y)


def _scrambled(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scramble 64 bits, after SplitMix64 (Steele, Lea and Flood, 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _near(edges: _Edges, group: Ints, count: int, reach: float) -> tuple[Ints, Floats, Floats, Ints]:
    """Measure how far loose edges of two polygons run along each other.

    Returns the keys of the pairs of polygons; for each the metres within reach, and within `SAME_M`; and the keys of
    the pairs that meet elsewhere than at a vertex that both have.
    """
    lines = shapely.linestrings(np.stack([edges.start, edges.end], axis=1))
    a, b = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=reach)
    p, q = edges.whose[a], edges.whose[b]
    apart = (p != q) & (group[p] == group[q])
    a, b, p, q = a[apart], b[apart], p[apart], q[apart]
    one, other = Segments(edges.start[a], edges.end[a]), Segments(edges.start[b], edges.end[b])
    pairs = _keys(p, q, count)
    keys = _distinct(pairs)
    # each polygon of a pair has its own metres: the longer count
    side = 2 * np.searchsorted(keys, pairs) + (p > q)
    along, same = (
        np.bincount(side, _along(one, other, distance), minlength=2 * len(keys)).reshape(-1, 2).max(axis=1, initial=0.0)
        for distance in (reach, SAME_M)
    )
    joint = np.zeros(len(a), dtype=bool)
    for mine in one:
        for theirs in other:
            joint |= (mine == theirs).all(axis=1)
    return keys, along, same, pairs[~joint]


class Segments(NamedTuple):
    """Straight lines, one a row."""

    start: Floats
    end: Floats


def _along(one: Segments, other: Segments, distance: float) -> Floats:
    """Return how many metres of each line lie beside another, no further from it than a distance.

    Beside means: in the rectangle around the other line that ends where it ends.
    """
    direction = other.end - other.start
    length = np.hypot(*direction.T)
    direction = direction / length[:, None]
    low, high = np.zeros(len(length)), np.ones(len(length))
    for axis, least, most in (
        (direction, np.zeros(len(length)), length),
        (direction[:, ::-1] * [-1.0, 1.0], np.full(len(length), -distance), np.full(len(length), distance)),
    ):
        begin = np.einsum("ij,ij->i", one.start - other.start, axis)
        step = np.einsum("ij,ij->i", one.end - other.start, axis) - begin
        with np.errstate(divide="ignore", invalid="ignore"):
            enter, leave = np.sort([(least - begin) / step, (most - begin) / step], axis=0)
        still = step == 0
        inside = (begin >= least) & (begin <= most)
        low = np.maximum(low, np.where(still, np.where(inside, -np.inf, np.inf), enter))
        high = np.minimum(high, np.where(still, np.inf, leave))
    return np.maximum(high - low, 0.0) * np.hypot(*(one.end - one.start).T)


def _inside(shapes: Shapes, edges: _Edges, group: Ints) -> Ints:
    """Return the keys of the pairs of polygons where the middle of a loose edge of one lies in the other."""
    middles = shapely.points((edges.start + edges.end) / 2)
    edge, polygon = shapely.STRtree(shapes).query(middles, predicate="intersects")
    mine = edges.whose[edge]
    apart = (mine != polygon) & (group[mine] == group[polygon])
    return _keys(mine[apart], polygon[apart], len(shapes))
