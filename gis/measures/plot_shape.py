"""Shape of a plot: its largest piece, rectangle and circle, its width, its compactness and its road frontage."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.errors import Fault, SchemaError
from gis.measures.fit import TOLERANCE_M, Placement, check_rectangle_sizes, fit_rectangle, hull_width
from gis.units import M2_PER_HA

#: Greatest ratio by which the area of the largest rectangle may exceed the one found, in addition to the tolerance of
#: `fit_rectangle`.
LARGEST_WITHIN: Final = 0.03
#: Its parts: the least gain in area that is searched for, which is also the resolution of side ratios; and the
#: tolerance of `fit_rectangle`, as a share of the shorter side.
_GAIN: Final = 0.01
_TOLERANCE: Final = 0.003
#: Greatest distance between the centre line of a road and a border with frontage on it, in metres.
FRONTAGE_M: Final = 12.0
#: By how much a piece may fall short of `min_ha` and `min_width_m`: areas have rounding errors, and the largest circle
#: is an approximation.
AREA_TOLERANCE_M2: Final = 0.01
WIDTH_TOLERANCE_M: Final = 0.1


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle: its centre in the CRS of the plot, its radius in metres."""

    centre: tuple[float, float]
    radius_m: float


def largest_circle(plot: shapely.Polygon | shapely.MultiPolygon, *, tolerance_m: float = TOLERANCE_M / 2) -> Circle:
    """Return the largest circle in a plot (`shapely.maximum_inscribed_circle`), at most a tolerance too small.

    >>> from shapely import box
    >>> round(largest_circle(box(0, 0, 200, 80)).radius_m, 1)
    40.0
    """
    line = shapely.maximum_inscribed_circle(plot, tolerance=tolerance_m)
    x, y = shapely.get_coordinates(line)[0]
    return Circle((float(x), float(y)), float(shapely.length(line)))


def circle_widths(plots: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the diameter of the largest circle in each plot, in metres; NaN if the plot is absent."""
    widths = np.full(len(plots), np.nan)
    has_shape = ~(shapely.is_missing(plots) | shapely.is_empty(plots))
    widths[has_shape] = 2 * shapely.length(
        shapely.maximum_inscribed_circle(plots[has_shape], tolerance=TOLERANCE_M / 2)
    )
    return widths


def largest_piece_m2(shapes: np.ndarray, min_ha: float, min_width_m: float) -> np.ndarray:
    """Return the area of the largest connected piece of each shape that is large and wide enough; 0 if none is."""
    parts, shape = shapely.get_parts(shapes, return_index=True)
    area = shapely.area(parts)
    is_large = (area > 0) & (area >= min_ha * M2_PER_HA - AREA_TOLERANCE_M2)
    parts, shape, area = parts[is_large], shape[is_large], area[is_large]
    is_wide = _wide_enough(parts, min_width_m)
    largest = np.zeros(len(shapes))
    np.maximum.at(largest, shape[is_wide], area[is_wide])
    return largest


def _wide_enough(parts: np.ndarray, min_width_m: float) -> np.ndarray:
    """Tell which polygons contain a circle of this diameter: a coarse test first, a finer one for undecided cases."""
    is_wide = np.full(len(parts), min_width_m <= 0)
    undecided = np.flatnonzero(~is_wide)
    for tolerance in (1.0, WIDTH_TOLERANCE_M / 2):
        diameters_m = 2 * shapely.length(shapely.maximum_inscribed_circle(parts[undecided], tolerance=tolerance))
        is_wide[undecided] = diameters_m >= min_width_m - WIDTH_TOLERANCE_M
        undecided = undecided[~is_wide[undecided] & (diameters_m + 2 * tolerance >= min_width_m - WIDTH_TOLERANCE_M)]
    return is_wide


def plot_width(plot: BaseGeometry) -> float:
    """Return the width of a plot: the least distance between two enclosing parallels; the maximum over its parts.

    >>> from shapely import affinity, box
    >>> round(plot_width(affinity.rotate(box(0, 0, 200, 80), 17)), 6)
    80.0
    """
    return max((hull_width(part) for part in shapely.get_parts(plot)), default=0.0)


def plot_compactness(plot: BaseGeometry) -> float:
    r"""Return :math:`4 \pi A / P^2`: 1 for a disc, near 0 for a thin strip (Cox 1927; Polsby and Popper 1991).

    >>> from shapely import box
    >>> round(plot_compactness(box(0, 0, 100, 100)), 3)
    0.785
    """
    return float(4 * math.pi * plot.area / plot.length**2) if plot.length else 0.0


def frontage_lengths(
    plots: NDArray[np.object_], roads: NDArray[np.object_], *, within_m: float = FRONTAGE_M
) -> NDArray[np.float64]:
    """Return the length of the border of each plot that lies along roads, in metres.

    Parameters
    ----------
    plots
        Polygons; an absent plot gives NaN.
    roads
        Centre lines in the same CRS. Without any road the frontage is unknown, not 0: NaN for all plots.
    within_m
        Greatest distance between the centre line of a road and a border with frontage on it.

    Examples
    --------
    >>> from shapely import LineString, box
    >>> plots = np.array([box(0, 10, 50, 60), box(0, 60, 50, 90)])
    >>> frontage_lengths(plots, np.array([LineString([(-100, 0), (200, 0)])])).tolist()
    [54.0, 0.0]
    """
    lengths = np.full(len(plots), np.nan)
    rows_with_shape = np.flatnonzero(~shapely.is_missing(plots))
    lines = roads[~shapely.is_missing(roads)]
    if not len(lines):
        return lengths
    lengths[rows_with_shape] = 0.0
    bands = shapely.buffer(lines, within_m, cap_style="flat")
    plot, road = shapely.STRtree(bands).query(plots[rows_with_shape], predicate="intersects")
    for n in np.unique(plot).tolist():
        ground_on_roads = shapely.union_all(bands[road[plot == n]])
        lengths[rows_with_shape[n]] = shapely.length(
            shapely.intersection(shapely.boundary(plots[rows_with_shape[n]]), ground_on_roads)
        )
    return lengths


def largest_rectangle(
    plot: BaseGeometry, *, ratio: float | None = None, setback_m: float = 0.0, tolerance_m: float = TOLERANCE_M
) -> Placement | None:
    """Find the rectangle of the largest area in a plot, at any angle, with a given ratio of sides or any ratio.

    `fit_rectangle` tests each candidate. For a given ratio, bisection finds the scale. For any ratio, the search is a
    branch and bound over ratios: a rectangle of area A with a ratio between p and q contains one of √(A p) × √(A / q);
    if that one does not fit, no rectangle of at least that area with such a ratio does. Daniels, Milenkovic and Roth
    (1997) find the largest rectangle at a given angle; Knauer, Schlipf, Schmidt and Tiwary (2012) one at any angle in a
    convex polygon.

    Parameters
    ----------
    plot
        As in `fit_rectangle`.
    ratio
        The longer side divided by the shorter one; any ratio by default.
    setback_m, tolerance_m
        As in `fit_rectangle`. The area found is within `LARGEST_WITHIN` of the largest, in addition to that tolerance
        on both sides.

    Returns
    -------
    placement
        The rectangle, or None if not even one with the size of the tolerance fits.

    Raises
    ------
    SchemaError
        If `ratio` is below 1, or as `fit_rectangle` does.

    Examples
    --------
    >>> from shapely import Polygon
    >>> ell = Polygon([(0, 0), (90, 0), (90, 30), (30, 30), (30, 90), (0, 90)])
    >>> found = largest_rectangle(ell)
    >>> round(found.a * found.b / 2700, 1)
    1.0
    """
    if ratio is not None and not (math.isfinite(ratio) and ratio >= 1):
        fault = Fault("ratio", f"{ratio:g} is no ratio of the longer side to the shorter.", "Give 1 or more.")
        raise SchemaError.of("rectangle", [fault])
    check_rectangle_sizes(tolerance_m, tolerance_m, setback_m=setback_m)
    search = _Search(plot, setback_m, tolerance_m)
    if ratio is not None:
        return search.widest(ratio, None)
    best = search.widest(1.0, None)
    if best is None:
        return None
    across = float(2 * shapely.minimum_bounding_radius(plot))
    pending = [(1.0, across**2 / (best.a * best.b))]
    while pending:
        low, high = pending.pop(0)
        area = best.a * best.b * (1 + _GAIN)
        high = min(high, across**2 / area)
        if low >= high or search.at(math.sqrt(area * low), math.sqrt(area / high)) is None:
            continue
        middle = math.sqrt(low * high)
        best = search.widest(middle, best) or best
        if high / low > 1 + _GAIN:
            pending += [(low, middle), (middle, high)]
    return best


@dataclass(frozen=True, slots=True)
class _Search:
    """Search for rectangles in one plot."""

    plot: BaseGeometry
    setback_m: float
    tolerance_m: float

    def at(self, a: float, b: float) -> Placement | None:
        tolerance = max(self.tolerance_m, _TOLERANCE * b)
        return fit_rectangle(self.plot, a, b, setback_m=self.setback_m, tolerance_m=tolerance)

    def widest(self, ratio: float, best: Placement | None) -> Placement | None:
        """Return the largest rectangle with a ratio of sides, or `best` if none is larger."""
        low = math.sqrt(best.a * best.b / ratio) if best else self.tolerance_m
        high = math.sqrt(self.plot.area / ratio)
        placement = self.at(low * ratio, low) if high > low else None
        if placement is None:
            return best
        best = placement
        while high - low > max(self.tolerance_m / 2, _TOLERANCE * low):
            middle = (low + high) / 2
            placement = self.at(middle * ratio, middle)
            best, low, high = (placement, middle, high) if placement else (best, low, middle)
        return best
