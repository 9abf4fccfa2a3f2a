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


def polygon_contacts(shapes: Shapes, group: Ints, tolerance_m: float) -> Contacts:
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
    edges = _polygon_edges(shapes)
    count, reach = len(shapes), max(tolerance_m, SAME_M) + MICRON_M
    first, second, opposed, is_loose = _shared_edges(edges, group[edges.whose])
    length = np.abs(edges.end[first] - edges.start[first])[opposed]
    first, second = edges.whose[first], edges.whose[second]
    shared_keys = _pair_keys(first[opposed], second[opposed], count)
    loose_edges = edges.only(is_loose)
    near_keys, near_m, same_m, meeting_keys = _near_pairs(loose_edges, group, count, reach)
    keys = _distinct_keys(shared_keys, near_keys)
    metres_shared = np.bincount(np.searchsorted(keys, shared_keys), length, minlength=len(keys))
    metres_near, metres_same = np.zeros(len(keys)), np.zeros(len(keys))
    near_positions = np.searchsorted(keys, near_keys)
    metres_near[near_positions], metres_same[near_positions] = near_m, same_m
    touches = (metres_shared + metres_same > SHORT * reach) | (metres_shared + metres_near > LONG * reach)
    exact = (metres_shared > SHORT * reach) & (metres_same <= LONG * SAME_M)
    gap_lengths = np.where(metres_near - metres_same > LONG * reach, metres_near - metres_same, 0.0)
    folded_keys = _pair_keys(first[~opposed], second[~opposed], count)
    beside_keys = near_keys[near_m > LONG * reach]
    doubtful_keys = _distinct_keys(
        meeting_keys, folded_keys, beside_keys, _pairs_with_edge_inside(shapes, loose_edges, group)
    )
    return Contacts(
        _pairs_of_keys(keys[touches], count), exact[touches], gap_lengths[touches], _pairs_of_keys(doubtful_keys, count)
    )


def overlapping_polygons(shapes: Shapes, group: Ints, doubtful: Ints) -> Ints:
    """Return the pairs of polygons of one group that share ground, the smaller position first, in order.

    `doubtful` are the pairs to begin with, as `polygon_contacts` finds them: every overlap is reached from one of
    them, by way
    of polygons that overlap.
    """
    if not len(doubtful):
        return doubtful
    count, tree = len(shapes), shapely.STRtree(shapes)
    keys = _pair_keys(doubtful[:, 0], doubtful[:, 1], count)
    keys_tried = keys_found = keys[:0]
    while len(keys):
        a, b = np.divmod(keys, count)
        shares_ground = shapely.area(shapely.intersection(shapes[a], shapes[b])) > NO_GROUND_M2
        newly_overlapping = np.setdiff1d(np.divmod(keys[shares_ground], count), np.divmod(keys_found, count))
        keys_found, keys_tried = _distinct_keys(keys_found, keys[shares_ground]), _distinct_keys(keys_tried, keys)
        overlapping, neighbour = tree.query(shapes[newly_overlapping], predicate="intersects")
        overlapping = newly_overlapping[overlapping]
        same_group = (overlapping != neighbour) & (group[overlapping] == group[neighbour])
        keys = np.setdiff1d(_pair_keys(overlapping[same_group], neighbour[same_group], count), keys_tried)
    return _pairs_of_keys(keys_found, count)


def distinct_pairs(pairs: Ints, count: int) -> Ints:
    """Return pairs of positions among so many once each, the smaller first, in order."""
    return _pairs_of_keys(_distinct_keys(_pair_keys(pairs[:, 0], pairs[:, 1], count)), count)


def _pair_keys(a: Ints, b: Ints, count: int) -> Ints:
    """Make one number of each pair of positions, whichever comes first."""
    return np.minimum(a, b) * count + np.maximum(a, b)


def _pairs_of_keys(keys: Ints, count: int) -> Ints:
    return np.column_stack(np.divmod(keys, max(count, 1)))


def _distinct_keys(*keys: Ints) -> Ints:
    """Return what stands in any of some lists, once, in order."""
    sorted_keys = np.sort(np.concatenate(keys))
    distinct: Ints = sorted_keys[np.append(True, sorted_keys[1:] != sorted_keys[:-1])[: len(sorted_keys)]]
    return distinct


def _polygon_edges(shapes: Shapes) -> _PolygonEdges:
    has_holes = shapely.get_num_interior_rings(shapes) > 0
    rings, holed_index = shapely.get_rings(shapes[has_holes], return_index=True)
    rings = np.concatenate([shapes[~has_holes], rings])
    polygon_of_ring = np.concatenate([np.flatnonzero(~has_holes), np.flatnonzero(has_holes)[holed_index]])
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    xy += 0.0  # there is one zero
    point, point_hash = xy.view(np.complex128)[:, 0], _point_hashes(xy)
    is_edge = ring[1:] == ring[:-1]
    start, end, ring = point[:-1][is_edge], point[1:][is_edge], ring[1:][is_edge]
    first_corner = start[np.append(True, ring[1:] != ring[:-1])[: len(ring)]][ring]
    area = np.bincount(ring, _cross_product(start - first_corner, end - first_corner), minlength=len(rings))
    is_shell = np.append(True, polygon_of_ring[1:] != polygon_of_ring[:-1])[: len(rings)]
    is_reversed = ((area > 0) != is_shell)[ring]
    return _PolygonEdges(
        np.where(is_reversed, end, start),
        np.where(is_reversed, start, end),
        polygon_of_ring[ring],
        (point_hash[:-1] + point_hash[1:])[is_edge],
    )


def _cross_product(one: Points, other: Points) -> Floats:
    """Return the cross product of vectors."""
    return one.real * other.imag - one.imag * other.real


def _shared_edges(edges: _PolygonEdges, group: Ints) -> tuple[Ints, Ints, Flags, Flags]:
    """Find the edges that two polygons of a group have.

    Returns the positions of both, whether their grounds lie on either side (else on the same), and which edges are
    loose: all but those that exactly two have, on either side.
    """
    edge_names = edges.name + _scrambled_bits(group.astype(np.uint64))
    order = np.argsort(edge_names)
    edge_names = edge_names[order]
    same_as_next = edge_names[1:] == edge_names[:-1]
    first, second = order[:-1][same_as_next], order[1:][same_as_next]
    opposed = (edges.start[first] == edges.end[second]) & (edges.end[first] == edges.start[second])
    is_aligned = (edges.start[first] == edges.start[second]) & (edges.end[first] == edges.end[second])
    is_shared = (opposed | is_aligned) & (edges.whose[first] != edges.whose[second])
    first, second, opposed = first[is_shared], second[is_shared], opposed[is_shared]
    times_shared = np.bincount(first, minlength=len(edge_names)) + np.bincount(second, minlength=len(edge_names))
    shared_by_two = opposed & (times_shared[first] == 1) & (times_shared[second] == 1)
    is_loose = np.ones(len(edge_names), dtype=bool)
    is_loose[first[shared_by_two]] = is_loose[second[shared_by_two]] = False
    return first, second, opposed, is_loose


def _point_hashes(xy: Floats) -> Bits:
    """Make one number of each point, so that equal points have equal numbers and others hardly ever."""
    x, y = xy.view(np.uint64).T
    return _scrambled_bits(_scrambled_bits(x) + y)


def _scrambled_bits(bits: Bits) -> Bits:
    """Scramble 64 bits, after SplitMix64 (Steele, Lea and Flood, 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _near_pairs(edges: _PolygonEdges, group: Ints, count: int, reach: float) -> tuple[Ints, Floats, Floats, Ints]:
    """Measure how far loose edges of two polygons run along each other.

    Returns the keys of the pairs of polygons; for each the metres within reach, and within `SAME_M`; and the keys of
    the pairs that meet elsewhere than at a vertex that both have.
    """
    ends = np.stack([edges.start, edges.end], axis=1)
    lines = np.asarray(shapely.linestrings(np.stack([ends.real, ends.imag], axis=2)))
    a, b = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=reach)
    p, q = edges.whose[a], edges.whose[b]
    of_two_polygons = (p != q) & (group[p] == group[q])
    a, b, p, q = a[of_two_polygons], b[of_two_polygons], p[of_two_polygons], q[of_two_polygons]
    pairs = _pair_keys(p, q, count)
    keys = _distinct_keys(pairs)
    # each polygon of a pair has its own metres: the longer count
    pair_side = 2 * np.searchsorted(keys, pairs) + (p > q)
    metres_near = _metres_beside(ends[a], ends[b], reach)
    runs_beside = metres_near > 0
    metres_same = np.zeros(len(metres_near))
    metres_same[runs_beside] = _metres_beside(ends[a[runs_beside]], ends[b[runs_beside]], SAME_M)
    longest_near, longest_same = (
        np.bincount(pair_side, metres, minlength=2 * len(keys)).reshape(-1, 2).max(axis=1, initial=0.0)
        for metres in (metres_near, metres_same)
    )
    shares_vertex = (ends[a][:, :, None] == ends[b][:, None, :]).any(axis=(1, 2))
    return keys, longest_near, longest_same, pairs[~shares_vertex]


def _metres_beside(lines: Points, others: Points, distance: float) -> Floats:
    """Return how many metres of each line lie beside another, no further from it than a distance; rows are start, end.

    Beside means: in the rectangle around the other line that ends where it ends.
    """
    direction = others[:, 1] - others[:, 0]
    length = np.abs(direction)
    # both lines turned and moved so that the other one lies on the axis of x, from 0
    begin, end = ((lines - others[:, :1]) * (direction / length).conj()[:, None]).T
    low, high = np.zeros(len(length)), np.ones(len(length))
    for start, stop, least, most in (
        (begin.real, end.real, 0.0 * length, length),
        (begin.imag, end.imag, -distance, distance),
    ):
        step = stop - start
        with np.errstate(divide="ignore", invalid="ignore"):
            enter, leave = np.sort([(least - start) / step, (most - start) / step], axis=0)
        is_constant = step == 0
        is_between = (start >= least) & (start <= most)
        low = np.maximum(low, np.where(is_constant, np.where(is_between, 0.0, np.inf), enter))
        high = np.minimum(high, np.where(is_constant, np.inf, leave))
    metres: Floats = np.maximum(high - low, 0.0) * np.abs(lines[:, 1] - lines[:, 0])
    return metres


def _pairs_with_edge_inside(shapes: Shapes, edges: _PolygonEdges, group: Ints) -> Ints:
    """Return the keys of the pairs of polygons where the middle of a loose edge of one lies in the other."""
    midpoints = (edges.start + edges.end) / 2
    edge, polygon = shapely.STRtree(shapes).query(
        shapely.points(midpoints.real, midpoints.imag), predicate="intersects"
    )
    edge_owner = edges.whose[edge]
    of_another_polygon = (edge_owner != polygon) & (group[edge_owner] == group[polygon])
    return _pair_keys(edge_owner[of_another_polygon], polygon[of_another_polygon], len(shapes))
