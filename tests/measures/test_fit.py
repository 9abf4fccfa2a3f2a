"""Rectangles in plots: what is found is there, what is refused is not, and nothing depends on where north is."""

import math
import time
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, affinity, box

from gis.errors import GeometryError, GisError, SchemaError
from gis.measures.fit import TOLERANCE_M, _inner_rectangle, fit_rectangle, hull_width, may_fit

ELL = Polygon([(0, 0), (90, 0), (90, 30), (30, 30), (30, 90), (0, 90)])
U = Polygon([(0, 0), (100, 0), (100, 60), (80, 60), (80, 20), (20, 20), (20, 60), (0, 60)])
RING = Polygon(box(0, 0, 100, 100).exterior, [box(40, 40, 60, 60).exterior])
TRIANGLE = Polygon([(0, 0), (100, 0), (0, 100)])
SLIVER = Polygon([(0, 0), (500, 1), (1000, 0), (500, 2)])
CIRCLE = Polygon([(100 * math.cos(t), 100 * math.sin(t)) for t in np.linspace(0, 2 * math.pi, 361)[:-1]])

#: Plot, sides, setback: the largest that fits, by a millimetre.
KNOWN = {
    "its own size": (box(0, 0, 120, 80), 120, 80, 0),
    "its own size, the other way round": (box(0, 0, 120, 80), 80, 120, 0),
    "its own size, less the setback": (box(0, 0, 120, 80), 110, 70, 5),
    "one arm of an L": (ELL, 90, 30, 0),
    "the square in the corner of an L": (ELL, 30, 30, 0),
    "the floor of a U": (U, 100, 20, 0),
    "an arm of a U": (U, 60, 20, 0),
    "beside a hole": (RING, 100, 40, 0),
    "beside a hole, less the setback": (RING, 90, 30, 5),
    "half of a triangle": (TRIANGLE, 50, 50, 0),
}
#: Plot, sides, setback: what is above the largest by half a metre.
TOO_LARGE = {
    "a long side": (box(0, 0, 120, 80), 120.5, 79.5, 0),
    "turned, both longer than the diagonal allows": (box(0, 0, 100, 100), 141, 3, 0),
    "across an L": (ELL, 31, 31, 0),
    "through a hole": (RING, 100, 40.5, 0),
    "a triangle": (TRIANGLE, 50.5, 50.5, 0),
    "a sliver": (SLIVER, 100, 2.1, 0),
    "a circle": (CIRCLE, 120.4, 160.4, 0),
    "a setback that leaves nothing": (box(0, 0, 120, 80), 1, 1, 40),
}


def room(placement, plot, setback=0.0):
    """Assert that a placement is a rectangle of its size, in the plot, so far from its border."""
    shape = placement.shape
    sides = np.hypot(*np.diff(np.array([*placement.corners, placement.corners[0]]), axis=0).T)
    assert sides == pytest.approx([placement.a, placement.b] * 2, abs=1e-6)
    assert shape.is_valid
    assert shape.exterior.is_ccw
    assert shape.centroid.distance(shapely.Point(placement.centre)) < 1e-6
    assert shape.difference(plot.buffer(1e-5)).area == 0
    assert shape.distance(plot.boundary) >= setback - 1e-5
    along = np.subtract(placement.corners[1], placement.corners[0])
    turn = math.degrees(math.atan2(along[1], along[0])) - placement.angle_deg
    assert abs((turn + 90) % 180 - 90) < 1e-6
    assert 0 <= placement.angle_deg < 180


def found_by_sums(plot, a, b, setback, angles):
    """Say whether there is room at one of these angles: the plot less the Minkowski sum of its border and a box."""
    for angle in angles:
        turned = affinity.rotate(plot.buffer(-setback, quad_segs=32), -angle, origin=(0, 0), use_radians=True)
        sums = [
            [(x + i * a / 2, y + j * b / 2) for x, y in side for i in (-1, 1) for j in (-1, 1)]
            for ring in shapely.get_rings(shapely.get_parts(turned))
            for side in pairwise(shapely.get_coordinates(ring))
        ]
        if not sums:
            return False
        left = turned.difference(shapely.union_all(shapely.convex_hull(shapely.multipoints(np.array(sums)))))
        if left.area > 1e-6:
            return True
    return False


@st.composite
def plots(draw, most=9):
    """Draw a star of a few corners, with a hole in some."""
    count = draw(st.integers(3, most))
    turns = np.cumsum(draw(st.lists(st.floats(0.15, 1.0), min_size=count, max_size=count)))
    turns = turns / turns[-1] * 2 * math.pi
    reach = np.array(draw(st.lists(st.floats(10, 100), min_size=count, max_size=count)))
    plot = Polygon(np.column_stack([reach * np.cos(turns), reach * np.sin(turns)]))
    assume(plot.is_valid)
    if draw(st.booleans()):
        x, y = draw(st.floats(-30, 30)), draw(st.floats(-30, 30))
        plot = plot.difference(box(x, y, x + 9, y + 14))
    assume(plot.is_valid and plot.geom_type == "Polygon" and plot.area > 50)
    return plot


sizes = st.floats(3, 90)
setbacks = st.sampled_from([0.0, 2.0, 7.5])


@pytest.mark.parametrize("case", KNOWN.values(), ids=KNOWN)
@pytest.mark.parametrize("turn", [0, 17.3, 90, 211.7])
def test_what_is_as_large_as_can_be_fits_however_the_plot_lies(case, turn):
    plot, a, b, setback = case
    turned = affinity.translate(affinity.rotate(plot, turn, origin=(0, 0)), 1_674_000, 9_259_000)
    room(fit_rectangle(turned, a, b, setback_m=setback), turned, setback)


@pytest.mark.parametrize("case", TOO_LARGE.values(), ids=TOO_LARGE)
@pytest.mark.parametrize("turn", [0, 33.1])
def test_what_is_too_large_does_not(case, turn):
    plot, a, b, setback = case
    assert fit_rectangle(affinity.rotate(plot, turn), a, b, setback_m=setback) is None


def test_a_long_thin_rectangle_lies_along_the_diagonal():
    plot = box(0, 0, 100, 100)
    found = fit_rectangle(plot, 135, 4)
    room(found, plot)
    assert found.angle_deg % 90 == pytest.approx(45, abs=2)


def test_a_setback_is_round_at_a_corner_that_points_inwards():
    plot = box(0, 0, 100, 100).difference(box(50, 50, 100, 100))
    corner = fit_rectangle(plot, 1e-3, 1e-3, setback_m=50 / (1 + math.sqrt(0.5)) - 1e-3, tolerance_m=1e-4)
    assert corner is not None  # a corner that is squared off would allow 33.3 m, and a mitre no more than that
    assert fit_rectangle(plot, 1, 1, setback_m=50 / (1 + math.sqrt(0.5)) + 0.1) is None


def test_of_several_parts_one_must_hold_it():
    halves = MultiPolygon([box(0, 0, 50, 50), box(60, 0, 130, 50)])
    room(fit_rectangle(halves, 70, 50), halves)
    assert fit_rectangle(halves, 71, 40) is None


def test_a_corner_that_stands_twice_but_for_its_last_digit_changes_nothing():
    plot = Polygon([(-60, -40), (0, -40), (1e-15, -40), (60, -40), (60, 40), (-60, 40)])
    assert fit_rectangle(plot, 121, 30, setback_m=1) is None
    for setback in (0, 5):
        room(fit_rectangle(plot, 120 - 2 * setback, 80 - 2 * setback, setback_m=setback), plot, setback)


@given(st.floats(1, 300), st.floats(1, 300), st.floats(1e-4, math.pi / 16), st.floats(-1, 1))
def test_what_is_inside_a_rectangle_stays_so_when_that_is_turned(first, second, turn, share):
    long, short = max(first, second), min(first, second)
    inner = _inner_rectangle(long, short, turn)
    held = affinity.rotate(box(0, 0, *inner), share * turn, use_radians=True) if min(inner) > 0 else None
    if held is not None:
        assert np.ptp(shapely.get_coordinates(held), axis=0) == pytest.approx(
            np.minimum(np.ptp(shapely.get_coordinates(held), axis=0), [long, short]), abs=1e-9
        )


@given(plots(), sizes, sizes, setbacks)
def test_what_is_found_is_there(plot, a, b, setback):
    found = fit_rectangle(plot, a, b, setback_m=setback)
    if found is not None:
        room(found, plot, setback)


@given(plots(most=7), sizes, sizes, setbacks, st.lists(st.floats(0, math.pi), min_size=6, max_size=6))
def test_what_is_refused_is_found_by_no_sum_of_minkowski_either(plot, a, b, setback, angles):
    if fit_rectangle(plot, a, b, setback_m=setback) is None:
        sides = np.diff(shapely.get_coordinates(plot.exterior), axis=0)[:3]
        angles += np.arctan2(sides[:, 1], sides[:, 0]).tolist()
        assert not found_by_sums(plot, a + TOLERANCE_M, b + TOLERANCE_M, setback + 0.02, angles)


@given(
    st.floats(5, 120),
    st.floats(5, 60),
    st.floats(0, 180),
    st.lists(st.tuples(st.floats(-90, 90), st.floats(-90, 90), st.floats(3, 60), st.booleans()), max_size=12),
)
def test_a_rectangle_hidden_in_a_plot_is_found_but_for_the_tolerance(a, b, angle, spots):
    hidden = affinity.rotate(box(-a / 2, -b / 2, a / 2, b / 2), angle, origin=(0, 0))
    plot = hidden
    for x, y, size, added in spots:
        spot = Polygon([(x, y), (x + size, y + size / 3), (x + size / 4, y + size)])
        plot = plot.union(spot) if added else plot.difference(spot.difference(hidden))
    plot = max(shapely.get_parts(plot).tolist(), key=lambda part: part.intersection(hidden).area)
    room(fit_rectangle(plot, a - TOLERANCE_M, b - TOLERANCE_M), plot)


@given(plots(), sizes, sizes, setbacks, st.tuples(st.floats(0, 360), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)))
def test_moving_and_turning_a_plot_changes_nothing_but_within_the_tolerance(plot, a, b, setback, moves):
    turn, dx, dy = moves
    moved = affinity.translate(affinity.rotate(plot, turn, origin=(0, 0)), dx, dy)
    small = 2 * TOLERANCE_M
    if fit_rectangle(plot, a, b, setback_m=setback) is not None:
        assert fit_rectangle(moved, a - small, b - small, setback_m=setback) is not None
    elif fit_rectangle(moved, a + small, b + small, setback_m=setback) is not None:
        pytest.fail("what was refused is found larger once moved")


@given(plots(), sizes, sizes, setbacks, st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.floats(0, 1)))
def test_what_fits_fits_smaller_and_nearer_to_the_border(plot, a, b, setback, shares):
    less_a, less_b, less = shares
    if fit_rectangle(plot, a, b, setback_m=setback) is not None:
        smaller = fit_rectangle(plot, (a - TOLERANCE_M) * less_a, (b - TOLERANCE_M) * less_b, setback_m=setback * less)
        assert smaller is not None


@given(plots(), sizes, sizes, setbacks)
def test_the_order_of_the_sides_changes_nothing_but_where_a_is(plot, a, b, setback):
    first, second = fit_rectangle(plot, a, b, setback_m=setback), fit_rectangle(plot, b, a, setback_m=setback)
    assert (first is None) == (second is None)
    if first is not None:
        assert (second.a, second.b) == (b, a)
        assert first.shape.symmetric_difference(second.shape).area < 1e-6


@given(plots(), sizes, sizes)
def test_what_is_refused_at_once_is_refused_at_length(plot, a, b):
    if not may_fit(plot, a, b):
        angles = np.linspace(0, math.pi, 12)
        assert not found_by_sums(plot, a, b, 0.0, angles)


@given(plots(), st.floats(0, math.pi))
def test_no_two_parallels_are_nearer_than_the_width(plot, angle):
    across = shapely.get_coordinates(plot) @ np.array([math.cos(angle), math.sin(angle)])
    assert np.ptp(across) >= hull_width(plot) - 1e-9


@pytest.mark.parametrize(
    ("sizes", "options", "said"),
    [
        ((0, 10), {}, "a: 0 m is no size. Give metres above 0."),
        ((10, -1), {}, "b: -1 m is no size."),
        ((math.nan, 10), {}, "a: nan m is no size."),
        ((10, math.inf), {}, "b: inf m is no size."),
        ((10, 10), {"setback_m": -5}, "setback: -5 m is no distance. Give metres, 0 or more."),
        ((10, 10), {"tolerance_m": 0}, "tolerance: 0 m is no size."),
    ],
)
def test_sizes_that_are_none_are_refused(sizes, options, said):
    with pytest.raises(SchemaError) as refused:
        fit_rectangle(box(0, 0, 50, 50), *sizes, **options)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "plot",
    [None, Polygon(), shapely.LineString([(0, 0), (9, 9)]), Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])],
    ids=["none", "empty", "a line", "self-crossing"],
)
def test_what_is_no_plot_is_refused(plot):
    with pytest.raises(GeometryError):
        fit_rectangle(plot, 1, 1)
    assert issubclass(GeometryError, GisError)


def ragged(corners, seed, rough=0.35):
    """Draw a plot of so many corners, about 200 m wide."""
    rng = np.random.default_rng(seed)
    turns = (np.arange(corners) + rng.uniform(-0.4, 0.4, corners)) * 2 * math.pi / corners
    reach = 100 * (1 + rough * rng.uniform(-1, 1, corners))
    return Polygon(np.column_stack([reach * np.cos(turns), reach * np.sin(turns)]).round(2))


def test_a_thousand_plots_take_seconds():
    plots_ = [ragged(12, seed) for seed in range(1000)]
    start = time.perf_counter()
    answers = [fit_rectangle(plot, 130, 105, setback_m=5) is not None for plot in plots_]
    assert 0 < sum(answers) < 1000
    assert time.perf_counter() - start < 60


def shared_cases():
    """Yield plots and rectangles, those of the known plots and others."""
    for name, (plot, a, b, setback) in {**KNOWN, **TOO_LARGE}.items():
        yield name, affinity.rotate(plot, 12.5, origin=(0, 0)), a, b, setback
    for seed in range(40):
        plot = ragged(60 if seed % 5 == 0 else 4 + seed % 25, seed)
        if seed % 4 == 0:
            plot = plot.difference(box(-10 - seed, -15, 12, 8 + seed % 7))
        for size in ((125, 95), (140, 70 + seed), (200, 20)):
            yield f"ragged {seed}", plot, *size, [0, 5, 10][seed % 3]
    for share in ROUND:
        yield f"round, {share} of what it needs", round_plot(200, 1 + share), 120, 80, 5


#: How much more or less than the half diagonal and the setback the radius of a round plot is.
ROUND = (-0.1, -0.01, -0.001, 0.001, 0.01, 0.1)


def round_plot(corners, share):
    """Draw a plot that is nearly a circle, with so much of the radius that 120 m × 80 m, setback 5 m, need."""
    turns = np.arange(corners) * 2 * math.pi / corners
    radius = share * (math.hypot(120, 80) / 2 + 5)
    return Polygon(np.column_stack([radius * np.cos(turns), radius * np.sin(turns)]).round(4))


@pytest.mark.parametrize("share", ROUND)
def test_of_nearly_round_plots_the_half_diagonal_decides(share):
    found = fit_rectangle(round_plot(400, 1 + share), 120, 80, setback_m=5)
    assert (found is not None) == (share > 0)
    if found:
        room(found, round_plot(400, 1 + share), 5)


def test_the_cases_that_the_pages_are_tested_on_are_what_is_found_here(recorded):
    cases = []
    for name, plot, a, b, setback in shared_cases():
        rings = [shapely.get_coordinates(ring).round(9).ravel().tolist() for ring in shapely.get_rings(plot)]
        shells = [np.reshape(ring, (-1, 2)) for ring in rings]
        found = fit_rectangle(Polygon(shells[0], shells[1:]), a, b, setback_m=setback)
        answer = found and {
            "centre": [round(value, 4) for value in found.centre],
            "angle": round(found.angle_deg, 4),
        }
        cases.append({"name": name, "rings": rings, "a": a, "b": b, "setback": setback, "placement": answer})
    found = [case["placement"] is not None for case in cases]
    assert 40 < sum(found) < len(found) - 40
    recorded("fit_cases.json", cases)
