r"""Placement of rectangles in polygons: whether a rectangle fits at some angle, with a setback from the boundary.

At one angle, this is a question of Minkowski sums. A rectangle :math:`R` fits in a polygon :math:`P` with a setback
:math:`s` if its centre is inside :math:`P` and outside :math:`e \oplus D_s \oplus (-R)` for every edge :math:`e` of the
boundary, rings of holes included (Lozano-Pérez 1983; :math:`D_s` is the disc of radius :math:`s`). Along one line
across the rectangle, each of these sums is an interval with a closed form, so sorting the intervals gives the free
places on the line. Nothing is approximated, and the setback is round at corners.

Over all angles and lines, the search is a branch and bound. A rectangle of :math:`a \times b` rotated by :math:`d`
contains an unrotated one of :math:`a' \times b'` with the same centre, where

.. math:: a' \cos d + b' \sin d \le a, \qquad a' \sin d + b' \cos d \le b.

So if the smaller rectangle has no place at an angle, the larger one has none at any angle within :math:`d` of it. The
same holds for a line and the lines beside it. Cells of angles and lines that are refused in this way are refused for
good; the other cells are halved. Before the search, two lengths decide nearly round plots, where no angle is better
than another: the diameter of the hull may be too small for the diagonal of the rectangle, and the circle in the middle
of the hull may have room for it.

Example: a square plot with sides of 100 m, and rectangles 110 m long. At 0° none fits: 110 > 100. At 45° the corners
of the plot are 70.71 m from its centre, and the free height at a distance x from the centre is 2 × (70.71 − x)::

                              /   \
                          /           \
                      /                   \
                  /                           \
              /                                   \
          +-------------------------------------------+
      /   |                                           |   \
      \   |                                           |   /
          +-------------------------------------------+
              \                                   /
                  \                           /
                      \                   /
                          \           /
                              \   /

- 110 × 31 m is placed. The ends are at x = 55 m, where the free height is 2 × (70.71 − 55) = 31.42 m, and 31 ≤ 31.42
  (`_free_lines`).
- 110 × 32 m is refused at 45°: 32 > 31.42. For the angles around 45°, rotate by :math:`d`. With d = 0.2° it contains
  109.89 × 31.62 m (`_inner_rectangle`), which has only 2 × (70.71 − 54.95) = 31.53 m of free height: all angles within
  0.2° of 45° are refused at once. With d = 0.5° it contains 109.73 × 31.04 m, which would fit (31.69 m free): that cell
  is not decided, and is halved.

Sources: Chazelle (1983) solves the convex case exactly; Daniels, Milenkovic and Roth (1997) solve the case of one
angle. For a polygon with holes at any angle, the exact methods try all triples of contacts, which costs at least the
cube of the number of corners; here a decimetre is precise enough.

The result follows a contract:

- "yes" comes with a placement, and the rectangle of `a × b` in that place has been checked against the polygon;
- "no" means that no rectangle of (a + tolerance) × (b + tolerance) has a place, at any angle.

Between these two cases, either answer is possible. The sides of the polygon are tried first, so that a rectangle is
found in a plot of exactly its size.

`gis/maps/assets/src/fit.js` does the same in the browser, in the same steps; both are tested on the same cases.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.crs import shape_defect
from gis.errors import Fault, GeometryError, SchemaError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: If the answer is no, a rectangle longer and wider by this much certainly has no place, in metres.
TOLERANCE_M: Final = 0.1
#: Precision of coordinates, in metres: a rectangle may cross the boundary by this much.
PRECISION_M: Final = 1e-6
#: Number of cells of the first level: they divide the half turn.
_FIRST_CELLS: Final = 8
#: Number of directions of the boundary that are tried first: those with the longest sides.
_SIDES: Final = 6
#: Places evaluated at once, times edges: limits the memory.
_AT_ONCE: Final = 400_000


@dataclass(frozen=True, slots=True)
class Placement:
    """A place where a rectangle fits: its centre and corners, in the CRS of the plot.

    `angle_deg` is the direction of the side `a`, counter-clockwise from the x axis, from 0 to below 180 degrees.
    `corners` are in counter-clockwise order, beginning with a side `a`.
    """

    a: float
    b: float
    centre: tuple[float, float]
    angle_deg: float
    corners: tuple[tuple[float, float], ...]

    @property
    def shape(self) -> shapely.Polygon:
        """The rectangle as a polygon."""
        return shapely.Polygon(self.corners)


def fit_rectangle(
    plot: BaseGeometry, a: float, b: float, *, setback_m: float = 0.0, tolerance_m: float = TOLERANCE_M
) -> Placement | None:
    """Find a place for a rectangle of `a × b` metres in a plot, at any angle.

    Parameters
    ----------
    plot
        A polygon in a CRS in metres; holes are obstacles. One part of a multipolygon must contain the whole rectangle.
    a, b
        Sides of the rectangle, in metres, in any order.
    setback_m
        Distance to keep from the boundary of the plot and of its holes, in metres.
    tolerance_m
        Tolerance of a refusal, in metres: see the contract in the module head.

    Returns
    -------
    placement
        A place where the rectangle fits, or None.

    Raises
    ------
    SchemaError
        If a side or the tolerance is not greater than 0, or if the setback is negative.
    GeometryError
        If the plot is empty, invalid or not a polygon.

    Examples
    --------
    The square plot of the module head: 110 × 31 m fits, 110 × 32 m does not.

    >>> fit_rectangle(shapely.box(0, 0, 100, 100), 110, 31) is not None
    True
    >>> fit_rectangle(shapely.box(0, 0, 100, 100), 110, 32) is None
    True

    A plot of 150 × 90 m, rotated by 30°, with a setback of 5 m: 90 − 2 × 5 = 80 m are left.

    >>> from shapely import affinity, box
    >>> plot = affinity.rotate(box(0, 0, 150, 90), 30, origin=(0, 0))
    >>> round(fit_rectangle(plot, 120, 80, setback_m=5).angle_deg, 6)
    30.0
    >>> fit_rectangle(plot, 120, 80, setback_m=5.1) is None
    True
    """
    check_rectangle_sizes(a, b, setback_m=setback_m, tolerance_m=tolerance_m)
    if fault_text := shape_defect(plot):
        raise GeometryError.of("fit", [Fault("plot", fault_text, "Give it a sound polygon.")])
    parts = sorted(shapely.get_parts(plot).tolist(), key=lambda part: -part.area)
    for part in parts:
        placement = _fit_in_polygon(part, a, b, setback_m, tolerance_m)
        if placement is not None:
            return placement
    return None


def check_rectangle_sizes(a: float, b: float, *, setback_m: float = 0.0, tolerance_m: float = TOLERANCE_M) -> None:
    """Raise `SchemaError` with every size that is not valid for a rectangle."""
    mend = "Give metres above 0."
    faults = [
        Fault(name, f"{value:g} m is no size.", mend)
        for name, value in (("a", a), ("b", b), ("tolerance", tolerance_m))
        if not (math.isfinite(value) and value > 0)
    ]
    if not (math.isfinite(setback_m) and setback_m >= 0):
        faults.append(Fault("setback", f"{setback_m:g} m is no distance.", "Give metres, 0 or more."))
    if faults:
        raise SchemaError.of("rectangle", faults)


def may_fit(plot: shapely.Polygon, a: float, b: float, setback_m: float = 0.0) -> bool:
    """Return whether a rectangle passes the cheap necessary tests: area, width of the hull, diameter of the hull."""
    if plot.area < a * b - PRECISION_M * (a + b):
        return False
    if hull_width(plot) < min(a, b) + 2 * setback_m - 2 * PRECISION_M:
        return False
    return hull_diameter(plot) >= math.hypot(a, b) + 2 * setback_m - 4 * PRECISION_M


def hull_diameter(shape: BaseGeometry) -> float:
    """Return the greatest distance between two corners of a polygon, in metres.

    >>> hull_diameter(shapely.box(0, 0, 30, 40))
    50.0
    """
    x, y = shapely.get_coordinates(shapely.convex_hull(shape)).T
    return float(np.hypot(x[:, None] - x, y[:, None] - y).max())


def hull_width(shape: BaseGeometry) -> float:
    """Return the least distance between two parallels that enclose a polygon, in metres (Freeman and Shapira 1975)."""
    hull = shapely.convex_hull(shape)
    if hull.geom_type != "Polygon":
        return 0.0
    points = shapely.get_coordinates(hull)[:-1]
    along = np.roll(points, -1, axis=0) - points
    across = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]
    reach = (points - points[0]) @ across.T
    return float((reach.max(axis=0) - reach.min(axis=0)).min())


# --- one polygon -----------------------------------------------------------------------------------------------------


class _RingSides(NamedTuple):
    """The sides of all rings (start and end of each, relative to `origin`) and the setback from them, in metres."""

    start: Floats
    end: Floats
    setback: float
    origin: Floats


class _Sides(NamedTuple):
    """Sides in the rotated frame of an angle, each from west to east."""

    west: Floats
    west_y: Floats
    east: Floats
    east_y: Floats


class _FreeLines(NamedTuple):
    """Free intervals on lines across a rectangle: largest gap, its middle, and the range of centres over all gaps."""

    gap: Floats
    middle: Floats
    low: Floats
    high: Floats


class _RectanglePlace(NamedTuple):
    """The place of a rectangle: the angle of its long side, and its centre in the rotated frame of that angle."""

    angle: float
    x: float
    y: float


class _Cells(NamedTuple):
    """Cells of the search: for each, the index of its interval of angles and of its interval of lines."""

    angle: Ints
    line: Ints


class _Grid(NamedTuple):
    """The size of the cells of one level: half their width in angle, and half their width along the rectangle."""

    turn: float
    half: float

    def middle(self, cells: _Cells) -> tuple[Floats, Floats]:
        """Return the middle angle of cells, and the x coordinate of their middle in the frame of that angle."""
        return np.asarray((2 * cells.angle + 1) * self.turn), np.asarray((2 * cells.line + 1) * self.half)


def _fit_in_polygon(plot: shapely.Polygon, a: float, b: float, setback: float, tolerance: float) -> Placement | None:
    if not may_fit(plot, a, b, setback):
        return None
    edges = _ring_sides(plot, setback)
    long, short = max(a, b), min(a, b)
    for place in _rectangle_places(plot, edges, (long, short), min(tolerance, short / 4)):
        placement = _placement_at(edges, a, b, place)
        if _polygon_holds(plot, placement, setback):
            return placement
    return None


def _ring_sides(plot: shapely.Polygon, setback: float) -> _RingSides:
    origin = np.array(plot.bounds).reshape(2, 2).mean(axis=0)
    points, ring = shapely.get_coordinates(shapely.get_rings(plot), return_index=True)
    points = points - origin
    is_side = (ring[1:] == ring[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    return _RingSides(points[:-1][is_side], points[1:][is_side], setback, origin)


def _rectangle_places(
    plot: shapely.Polygon, edges: _RingSides, sides: tuple[float, float], tolerance: float
) -> Iterator[_RectanglePlace]:
    """Yield candidate places: along the sides of the polygon, in its middle, then in increasingly fine cells."""
    long, short = sides
    yield from _places_along_sides(edges, long, short)
    yield from _place_in_circle(plot, edges, math.hypot(long, short) / 2 + edges.setback)
    if hull_diameter(plot) < math.hypot(long + tolerance, short + tolerance) + 2 * edges.setback:
        return
    half_turn = (math.pi if long > short else math.pi / 2) / (2 * _FIRST_CELLS)
    levels = max(0, math.ceil(math.log2(half_turn / math.asin(tolerance / (2 * (long + tolerance))))))
    grid = _Grid(half_turn, tolerance / 4 * 2**levels)
    cells = _first_cells(edges, grid)
    for level in range(levels + 1):
        cells, free = _open_cells(edges, grid, cells, (long + tolerance, short + tolerance))
        yield from _roomiest_places(edges, *grid.middle(cells), long, short)
        if level < levels:
            cells = _halved_cells(grid, cells, free)
            grid = _Grid(grid.turn / 2, grid.half / 2)


def _roomiest_places(
    edges: _RingSides, angle: Floats, x: Floats, long: float, short: float
) -> Iterator[_RectanglePlace]:
    """Yield the places that have room, those with the largest gap first."""
    half = long / 2 - PRECISION_M
    free = _free_lines(edges, angle, x - half, x + half, short - 2 * PRECISION_M)
    roomy = np.flatnonzero(free.gap >= short - 2 * PRECISION_M)
    for n in roomy[np.argsort(-free.gap[roomy], kind="stable")].tolist():
        yield _RectanglePlace(float(angle[n]), float(x[n]), float(free.middle[n]))


def _places_along_sides(edges: _RingSides, long: float, short: float) -> Iterator[_RectanglePlace]:
    """Yield places along the longest sides of the boundary, with one end of the rectangle at a corner."""
    along = edges.end - edges.start
    length = np.hypot(*along.T)
    angle = np.mod(np.arctan2(along[:, 1], along[:, 0]), math.pi / 2)
    rounded = np.round(angle, 4)
    _, direction = np.unique(rounded, return_inverse=True)
    order = np.argsort(-np.bincount(direction, weights=length), kind="stable")[:_SIDES]
    longest = [int(np.flatnonzero(direction == n)[np.argmax(length[direction == n])]) for n in order.tolist()]
    half = long / 2 + edges.setback
    for side in angle[longest].tolist():
        for turned in (side, side + math.pi / 2):
            corners = edges.start @ np.array([math.cos(turned), math.sin(turned)])
            x = np.unique(np.concatenate([corners + half, corners - half]))
            x = x[(x >= corners.min() + half - PRECISION_M) & (x <= corners.max() - half + PRECISION_M)]
            yield from _roomiest_places(edges, np.full(len(x), turned), x, long, short)


def _place_in_circle(plot: shapely.Polygon, edges: _RingSides, radius: float) -> Iterator[_RectanglePlace]:
    """Yield the centroid of the hull if a circle around the rectangle and its setback fits there, at any angle."""
    hull_centre = shapely.centroid(shapely.convex_hull(plot))
    if shapely.contains(plot, hull_centre) and shapely.distance(hull_centre, plot.boundary) >= radius:
        yield _RectanglePlace(0.0, hull_centre.x - float(edges.origin[0]), hull_centre.y - float(edges.origin[1]))


def _first_cells(edges: _RingSides, grid: _Grid) -> _Cells:
    """Return the cells of the first level."""
    line_count = math.ceil(_farthest_corner_m(edges) / (2 * grid.half))
    line = np.arange(-line_count, line_count, dtype=np.int64)
    return _Cells(np.repeat(np.arange(_FIRST_CELLS, dtype=np.int64), len(line)), np.tile(line, _FIRST_CELLS))


def _farthest_corner_m(edges: _RingSides) -> float:
    return float(np.hypot(*edges.start.T).max())


def _open_cells(edges: _RingSides, grid: _Grid, cells: _Cells, sides: tuple[float, float]) -> tuple[_Cells, _FreeLines]:
    """Drop the cells that certainly contain no place; return the others, with the range of possible centres in each."""
    inner_long, inner_short = _inner_rectangle(*sides, grid.turn)
    half = inner_long / 2 - grid.half
    if half <= 0:  # no line lies under all rectangles of a cell: not decided at this level
        reach = np.full(len(cells.line), _farthest_corner_m(edges))
        return cells, _FreeLines(gap=2 * reach, middle=0 * reach, low=-reach, high=reach)
    angle, x = grid.middle(cells)
    free = _free_lines(edges, angle, x - half, x + half, inner_short - 2 * PRECISION_M)
    kept = free.gap >= inner_short - 2 * PRECISION_M
    return _Cells(*(each[kept] for each in cells)), _FreeLines(*(each[kept] for each in free))


def _halved_cells(grid: _Grid, cells: _Cells, free: _FreeLines) -> _Cells:
    """Halve cells in angle and in x: rotating the frame shifts the x of a centre in proportion to its y."""
    _, x = grid.middle(cells)
    halves: list[Ints] = []
    for side in (-1, 1):
        cos, sin = math.cos(grid.turn / 2), side * math.sin(grid.turn / 2)
        first = (x - grid.half) * cos + np.minimum(free.low * sin, free.high * sin) - PRECISION_M
        last = (x + grid.half) * cos + np.maximum(free.low * sin, free.high * sin) + PRECISION_M
        start = np.floor(first / grid.half).astype(np.int64)
        count = np.floor(last / grid.half).astype(np.int64) - start + 1
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        halves.append(np.stack([np.repeat(2 * cells.angle + (side > 0), count), np.repeat(start, count) + within]))
    return _Cells(*np.unique(np.concatenate(halves, axis=1), axis=1))


def _inner_rectangle(long: float, short: float, turn: float) -> tuple[float, float]:
    r"""Return the sides of a rectangle that stays inside the given one rotated by any angle up to `turn`.

    The conditions are :math:`a' \cos t + b' \sin t \le a` and :math:`a' \sin t + b' \cos t \le b` for all angles
    :math:`t` from 0 to `turn`, in radians. The second one is strictest at `turn`. So is the first one, unless the
    rectangle is too long: its diagonal is then limited to `a`.

    The example of the module head, 110 × 32 m rotated by up to 0.2° and by up to 0.5°:

    >>> [round(side, 2) for side in _inner_rectangle(110, 32, math.radians(0.2))]
    [109.89, 31.62]
    >>> [round(side, 2) for side in _inner_rectangle(110, 32, math.radians(0.5))]
    [109.73, 31.04]
    """
    cos, sin, cos2 = math.cos(turn), math.sin(turn), math.cos(2 * turn)
    inner_long, inner_short = (long * cos - short * sin) / cos2, (short * cos - long * sin) / cos2
    if inner_short * cos >= inner_long * sin:
        return inner_long, inner_short
    inner_long = min(long * cos, short / sin)
    return inner_long, min(long * sin, (short - inner_long * sin) / cos)


def _placement_at(edges: _RingSides, a: float, b: float, place: _RectanglePlace) -> Placement:
    cos, sin = math.cos(place.angle), math.sin(place.angle)
    centre = edges.origin + np.array([place.x * cos - place.y * sin, place.x * sin + place.y * cos])
    angle = (place.angle + (math.pi / 2 if a < b else 0.0)) % math.pi
    along = np.array([math.cos(angle), math.sin(angle)]) * a / 2
    across = np.array([-math.sin(angle), math.cos(angle)]) * b / 2
    corners = (centre - along - across, centre + along - across, centre + along + across, centre - along + across)
    return Placement(
        a=a,
        b=b,
        centre=(float(centre[0]), float(centre[1])),
        angle_deg=math.degrees(angle),
        corners=tuple((float(corner[0]), float(corner[1])) for corner in corners),
    )


def _polygon_holds(plot: shapely.Polygon, found: Placement, setback: float) -> bool:
    """Check a placement against the polygon itself, within the precision of coordinates."""
    inner_shape = shapely.buffer(found.shape, -2 * PRECISION_M, join_style="mitre")
    keeps_setback = setback == 0 or shapely.distance(found.shape, plot.boundary) >= setback - 4 * PRECISION_M
    return bool(keeps_setback and shapely.covers(plot, inner_shape))


# --- what is free along lines ----------------------------------------------------------------------------------------


def _free_lines(edges: _RingSides, angle: Floats, left: Floats, right: Floats, enough: float) -> _FreeLines:
    """Find, at each angle, the free intervals between the parallels at `left` and `right`, across the rectangle.

    An interval is free if neither the boundary nor its setback enters the strip there. Returns the largest gap inside
    the polygon (minus infinity if there is none) and its middle, and the range of heights in which the centre of a
    rectangle of height `enough` may lie, over all gaps that are large enough.

    The example of the module head: a square with sides of 100 m, and a strip of 110 m through its centre. At 0° the
    strip reaches beyond the square, at 45° it leaves 2 × (70.71 − 55) m.

    >>> sides = _ring_sides(shapely.box(0, 0, 100, 100), setback=0.0)
    >>> angles, half = np.radians([0, 45]), np.array([55.0, 55.0])
    >>> _free_lines(sides, angles, -half, half, enough=31.0).gap.round(2).tolist()
    [0.0, 31.42]
    """
    step = max(1, _AT_ONCE // max(1, len(edges.start)))
    pieces = [
        _free_lines_at_once(edges, angle[n : n + step], left[n : n + step], right[n : n + step], enough)
        for n in range(0, max(1, len(angle)), step)
    ]
    return pieces[0] if len(pieces) == 1 else _FreeLines(*(np.concatenate(each) for each in zip(*pieces, strict=True)))


def _free_lines_at_once(edges: _RingSides, angle: Floats, left: Floats, right: Floats, enough: float) -> _FreeLines:
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    left, right = left[:, None], right[:, None]
    first_x, first_y = _turned_points(edges.start, cos, sin)
    last_x, last_y = _turned_points(edges.end, cos, sin)
    forward = first_x <= last_x
    west, east = np.where(forward, first_x, last_x), np.where(forward, last_x, first_x)
    west_y, east_y = np.where(forward, first_y, last_y), np.where(forward, last_y, first_y)
    is_met = (west - edges.setback < right) & (east + edges.setback > left)
    high = np.where(is_met, _tops_of_sides(_Sides(west, west_y, east, east_y), left, right, edges.setback), -np.inf)
    low = np.where(is_met, -_tops_of_sides(_Sides(west, -west_y, east, -east_y), left, right, edges.setback), np.inf)
    centre = (left + right) / 2
    crossed = (west <= centre) & (centre < east)

    order = np.argsort(low, axis=1)
    low = np.take_along_axis(low, order, axis=1)
    high = np.maximum.accumulate(np.take_along_axis(high, order, axis=1), axis=1)
    inside = np.cumsum(np.take_along_axis(crossed, order, axis=1), axis=1) % 2 == 1
    floor, ceiling = high[:, :-1], low[:, 1:]
    with np.errstate(invalid="ignore"):
        gap = np.where(inside[:, :-1] & np.isfinite(ceiling), ceiling - floor, -np.inf)
    has_room = gap >= enough
    largest = np.argmax(gap, axis=1)[:, None]
    with np.errstate(invalid="ignore"):
        middle = (np.take_along_axis(floor, largest, axis=1) + np.take_along_axis(ceiling, largest, axis=1)) / 2
    return _FreeLines(
        gap=np.take_along_axis(gap, largest, axis=1)[:, 0],
        middle=middle[:, 0],
        low=np.where(has_room, floor, np.inf).min(axis=1, initial=np.inf) + enough / 2,
        high=np.where(has_room, ceiling, -np.inf).max(axis=1, initial=-np.inf) - enough / 2,
    )


def _turned_points(points: Floats, cos: Floats, sin: Floats) -> tuple[Floats, Floats]:
    """Return points in the rotated frame of each angle."""
    x, y = points.T
    return x * cos + y * sin, y * cos - x * sin


def _tops_of_sides(sides: _Sides, left: Floats, right: Floats, around: float) -> Floats:
    """Return the greatest height of each side between two parallels, with a buffer of `around` metres.

    The top of a buffered side consists of two arcs with a straight piece between them: it rises, then falls.
    """
    west, west_y, east, east_y = sides
    rising = east_y > west_y
    top_x, top_y = np.where(rising, east, west), np.where(rising, east_y, west_y)
    highest_x = np.clip(top_x, left, right)
    width, rise = east - west, east_y - west_y
    slope = rise / np.where(width > 0, width, 1.0)
    if around == 0:
        return np.asarray(top_y + (highest_x - top_x) * slope)
    length = np.hypot(width, rise)
    length = np.where(length > 0, length, 1.0)  # the neighbours of a side of length 0 cover its buffer
    shift, lift = -around * rise / length, around * width / length
    straight = top_y + lift + (highest_x - top_x - shift) * slope
    from_west, from_east = np.abs(highest_x - west), np.abs(highest_x - east)
    arc_west = west_y + np.sqrt(np.maximum(around**2 - from_west**2, 0.0))
    arc_east = east_y + np.sqrt(np.maximum(around**2 - from_east**2, 0.0))
    return np.where(highest_x < west + shift, arc_west, np.where(highest_x > east + shift, arc_east, straight))
