"""Finds polygons that share a border or may overlap: exactly where vertices are shared, otherwise within a tolerance.

Two neighbouring parcels of a cadastre mostly have the same vertices along their border. Each edge of that border then
occurs in both polygons, and one sort of the edges of all polygons finds all such borders: this is the exact method.
The edges left over are loose: no neighbour has them. They are the outer border of a block, and borders that were not
drawn vertex to vertex. Only loose edges go through the tolerant method: it measures how much of an edge lies within
the tolerance of another edge.

Two borders that only meet at a point are also near each other, but only over a few times the tolerance. A contact
therefore counts only if the polygons share more than `SHORT` times the tolerance, or run near each other over more
than `LONG` times the tolerance. A shorter contact is a contact at a point. Borders that meet at an angle of less than
about six degrees (a slope of one in `LONG`) count as touching.

Example, with a tolerance of 0.05 m (`polygon_contacts` has it as a doctest)::

       20 +------+      +------+
          |  c   |      |  d   |
          |      |      |      |
    10.03 +------+      |      |     a and c: a gap of 3 cm
       10 +------+------+------+     b and d: one common vertex
          |  a   |  b   |
        0 +------+------+
          0      10     20     30

- a and b share an edge of 10 m: more than 4 × 0.05 = 0.20 m, an exact contact;
- a and c share no edge, but run 0.03 m apart over 10 m: more than 10 × 0.05 = 0.50 m, a contact with a gap;
- b and d share a vertex and no edge: no contact. Neither is there one between b and c, which are near each other only
  at a corner;
- with a tolerance of 0.02 m, the gap is too wide, and only a and b touch.

Source: the thresholds are the project's own. The method is a textbook one: equal edges are matched by sorting their
hash values (SplitMix64; Steele, Lea and Flood, 2014), and a segment is clipped to a rectangle by its parameter.

Every overlap shows on loose edges. Proof: count the polygons that cover each point. The count does not change across
an edge that two polygons share from either side. Where it rises to two, a loose edge lies inside another polygon:
either wholly (then its midpoint does), or in part (then it meets another loose edge on the way).
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Points = NDArray[np.complex128]  # x + iy: compares, rotates and scales whole points
Bits = NDArray[np.uint64]
Shapes = NDArray[Any]

#: Two borders at most this far apart are the same border, in metres: the rounding error of computed coordinates.
SAME_M: Final = 0.001
#: A border counts if it is longer than this many times the tolerance: `LONG` if it is near, `SHORT` if it is shared.
LONG: Final = 10.0
SHORT: Final = 4.0
#: Added to every distance that is compared, in metres: the error of coordinates is smaller.
MICRON_M: Final = 1e-6
#: A smaller area counts as none, in square metres: a square centimetre.
NO_GROUND_M2: Final = 0.0001


@dataclass(frozen=True, slots=True)
class Contacts:
    """Pairs of polygons of one group that touch along an edge.

    `pairs` has two positions per row, the smaller first, in ascending order. `exact` is true where the whole common
    border consists of edges that both polygons have. `gap_m` is the length of the border that is only near, in metres:
    more than `SAME_M` apart, at most the tolerance. `doubtful` has the pairs that may overlap, touching or not.
    """

    pairs: Ints
    exact: Flags
    gap_m: Floats
    doubtful: Ints


class _PolygonEdges(NamedTuple):
    """Edges of polygons, interior on the left: start, end, position of the polygon, hash (the same for equal edges)."""

    start: Points
    end: Points
    whose: Ints
    name: Bits

    def only(self, those: Flags) -> "_PolygonEdges":
        """Return the edges selected by a mask."""
        return _PolygonEdges(self.start[those], self.end[those], self.whose[those], self.name[those])


def polygon_contacts(shapes: Shapes, group: Ints, tolerance_m: float) -> Contacts:
    """Find the pairs of polygons of one group that touch along an edge; contact at a point does not count.

    Parameters
    ----------
    shapes
        Polygons, in a CRS in metres.
    group
        Group number of each polygon: polygons of different groups never touch.
    tolerance_m
        How far two borders may be apart, or overlap, and still be one border, in metres.

    Examples
    --------
    The four polygons of the drawing in the module head. The 10 m between a and c are rounded: the last 2 cm of the
    two sides of a are near c as well.

    >>> a, b = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)
    >>> c, d = shapely.box(0, 10.03, 10, 20), shapely.box(20, 10, 30, 20)
    >>> shapes, group = np.array([a, b, c, d]), np.zeros(4, dtype=int)
    >>> contacts = polygon_contacts(shapes, group, tolerance_m=0.05)
    >>> contacts.pairs.tolist(), contacts.exact.tolist(), contacts.gap_m.round(1).tolist()
    ([[0, 1], [0, 2]], [True, False], [0.0, 10.0])
    >>> polygon_contacts(shapes, group, tolerance_m=0.02).pairs.tolist()
    [[0, 1]]
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
    """Return the pairs of polygons of one group that overlap, the smaller position first, in ascending order.

    `doubtful` has the pairs to start from, as `polygon_contacts` returns them. From these, the search follows
    overlapping polygons to their neighbours, and so reaches every overlap.
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
    """Return the distinct pairs of positions below `count`, the smaller position first, in ascending order."""
    return _pairs_of_keys(_distinct_keys(_pair_keys(pairs[:, 0], pairs[:, 1], count)), count)


def _pair_keys(a: Ints, b: Ints, count: int) -> Ints:
    """Encode each pair of positions as one integer, whatever the order within the pair."""
    return np.minimum(a, b) * count + np.maximum(a, b)


def _pairs_of_keys(keys: Ints, count: int) -> Ints:
    return np.column_stack(np.divmod(keys, max(count, 1)))


def _distinct_keys(*keys: Ints) -> Ints:
    """Return the distinct values of several arrays, in ascending order."""
    sorted_keys = np.sort(np.concatenate(keys))
    distinct: Ints = sorted_keys[np.append(True, sorted_keys[1:] != sorted_keys[:-1])[: len(sorted_keys)]]
    return distinct


def _polygon_edges(shapes: Shapes) -> _PolygonEdges:
    has_holes = shapely.get_num_interior_rings(shapes) > 0
    rings, holed_index = shapely.get_rings(shapes[has_holes], return_index=True)
    rings = np.concatenate([shapes[~has_holes], rings])
    polygon_of_ring = np.concatenate([np.flatnonzero(~has_holes), np.flatnonzero(has_holes)[holed_index]])
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    xy += 0.0  # turns -0.0 into 0.0, so that both have one hash
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
    """Return the z component of the cross product of vectors in the plane."""
    return one.real * other.imag - one.imag * other.real


def _shared_edges(edges: _PolygonEdges, group: Ints) -> tuple[Ints, Ints, Flags, Flags]:
    """Find the edges that two polygons of a group have in common.

    Returns the positions of both edges; whether the two interiors lie on opposite sides of the edge (otherwise they lie
    on the same side); and which edges are loose: all except those that exactly two polygons have, on opposite sides.
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
    """Hash each point to 64 bits: equal points have equal hashes, and different points almost never do."""
    x, y = xy.view(np.uint64).T
    return _scrambled_bits(_scrambled_bits(x) + y)


def _scrambled_bits(bits: Bits) -> Bits:
    """Mix 64 bits with the finalizer of SplitMix64 (Steele, Lea and Flood, 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _near_pairs(edges: _PolygonEdges, group: Ints, count: int, reach: float) -> tuple[Ints, Floats, Floats, Ints]:
    """Measure the length over which loose edges of two polygons run beside each other.

    Returns the keys of the pairs of polygons; for each pair the length within `reach` and the length within `SAME_M`,
    in metres; and the keys of the pairs that meet anywhere except at a common vertex.
    """
    ends = np.stack([edges.start, edges.end], axis=1)
    lines = np.asarray(shapely.linestrings(np.stack([ends.real, ends.imag], axis=2)))
    a, b = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=reach)
    p, q = edges.whose[a], edges.whose[b]
    of_two_polygons = (p != q) & (group[p] == group[q])
    a, b, p, q = a[of_two_polygons], b[of_two_polygons], p[of_two_polygons], q[of_two_polygons]
    pairs = _pair_keys(p, q, count)
    keys = _distinct_keys(pairs)
    # the length is measured along each polygon of a pair: the longer one counts
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
    """Return the length of each line that lies beside another line, at most `distance` from it, in metres.

    Each row has the start and the end of a line. "Beside" means within the rectangle around the other line: as long as
    that line, and `distance` wide on either side. The line is clipped to the rectangle by its parameter from 0 to 1
    (the textbook method of parametric clipping).
    """
    direction = others[:, 1] - others[:, 0]
    length = np.abs(direction)
    # rotate and move both lines, so that the other line lies on the x axis and starts at 0
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
    """Return the keys of the pairs of polygons where the midpoint of a loose edge of one lies in the other."""
    midpoints = (edges.start + edges.end) / 2
    edge, polygon = shapely.STRtree(shapes).query(
        shapely.points(midpoints.real, midpoints.imag), predicate="intersects"
    )
    edge_owner = edges.whose[edge]
    of_another_polygon = (edge_owner != polygon) & (group[edge_owner] == group[polygon])
    return _pair_keys(edge_owner[of_another_polygon], polygon[of_another_polygon], len(shapes))
