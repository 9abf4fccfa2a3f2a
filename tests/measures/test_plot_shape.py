"""The form of plots: rectangles and circles that are as large as they can be, widths, borders on roads."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Polygon, affinity, box

from gis.errors import SchemaError
from gis.measures.fit import fit_rectangle
from gis.measures.plot_shape import (
    LARGEST_WITHIN,
    circle_widths,
    frontage_lengths,
    largest_circle,
    largest_rectangle,
    plot_compactness,
    plot_width,
)

ELL = Polygon([(0, 0), (90, 0), (90, 30), (30, 30), (30, 90), (0, 90)])
#: Plot, and the area of the largest rectangle in it.
LARGEST = {
    "a rectangle": (box(0, 0, 150, 90), 13_500),
    "a long one": (box(0, 0, 300, 20), 6_000),
    "an L": (ELL, 2_700),
    "a triangle, half of it": (Polygon([(0, 0), (80, 0), (0, 60)]), 1_200),
    "beside a hole": (Polygon(box(0, 0, 60, 60).exterior, [box(25, 25, 35, 35).exterior]), 1_500),
}


@pytest.mark.parametrize("case", LARGEST.values(), ids=LARGEST)
@pytest.mark.parametrize("turn", [0, 31])
def test_the_largest_rectangle_is_as_large_as_is_known_but_for_the_margin(case, turn):
    plot, area = case
    found = largest_rectangle(affinity.rotate(plot, turn))
    margin = 1 - LARGEST_WITHIN - 0.4 * (found.a + found.b) / area
    assert margin * area <= found.a * found.b <= area + 1e-3
    assert affinity.rotate(plot, turn).buffer(1e-5).covers(found.shape)


def test_the_largest_rectangle_of_a_ratio_keeps_it():
    found = largest_rectangle(box(0, 0, 150, 90), ratio=1.5)
    assert found.a / found.b == pytest.approx(1.5)
    assert found.b == pytest.approx(90, abs=0.4)


def test_a_setback_makes_the_largest_rectangle_smaller_on_all_sides():
    found = largest_rectangle(box(0, 0, 150, 90), setback_m=5)
    assert (found.a, found.b) == (pytest.approx(140, abs=1.5), pytest.approx(80, abs=1.5))


def test_what_is_too_thin_holds_no_rectangle():
    assert largest_rectangle(box(0, 0, 500, 0.05)) is None


@given(st.lists(st.tuples(st.floats(15, 60), st.floats(0.3, 1)), min_size=3, max_size=6))
def test_no_rectangle_that_is_larger_by_the_margin_fits(corners):
    turns = np.cumsum([step for _, step in corners])
    turns = turns / turns[-1] * 2 * math.pi
    plot = Polygon([(reach * math.cos(t), reach * math.sin(t)) for (reach, _), t in zip(corners, turns, strict=True)])
    found = largest_rectangle(plot, tolerance_m=0.2)
    if found is not None:
        area = found.a * found.b * (1 + LARGEST_WITHIN)
        for ratio in (1, 1.5, 2.5, 5):
            assert fit_rectangle(plot, math.sqrt(area * ratio) + 0.4, math.sqrt(area / ratio) + 0.4) is None


@pytest.mark.parametrize("ratio", [0.5, 0, -1, math.nan, math.inf])
def test_a_ratio_that_is_none_is_refused(ratio):
    with pytest.raises(SchemaError, match="is no ratio"):
        largest_rectangle(box(0, 0, 10, 10), ratio=ratio)


def test_the_largest_circle_lies_in_the_plot():
    circle = largest_circle(ELL)
    assert circle.radius_m == pytest.approx(30 / (1 + math.sqrt(0.5)), abs=0.06)  # between the corner and two sides
    assert ELL.buffer(0.01).covers(shapely.Point(circle.centre).buffer(circle.radius_m))


def test_widths_of_circles_are_unknown_without_a_plot():
    widths = circle_widths(np.array([box(0, 0, 40, 90), None, Polygon()], dtype=object))
    assert widths[0] == pytest.approx(40, abs=0.1)
    assert np.isnan(widths[1:]).all()


def test_the_width_of_several_parts_is_that_of_the_widest():
    assert plot_width(MultiPolygon([box(0, 0, 90, 20), box(100, 0, 140, 45)])) == pytest.approx(40)
    assert plot_width(Polygon()) == 0


def test_a_disc_is_as_compact_as_can_be():
    assert plot_compactness(shapely.Point(0, 0).buffer(50, quad_segs=64)) == pytest.approx(1, abs=1e-3)
    assert plot_compactness(box(0, 0, 100, 1)) < 0.04


def test_a_border_is_on_a_road_only_within_the_distance():
    plots = np.array([box(0, 10, 50, 60), box(0, 13, 50, 60), box(0, 60, 50, 90), None], dtype=object)
    roads = np.array([LineString([(-100, 0), (200, 0)]), None], dtype=object)
    assert frontage_lengths(plots, roads).tolist()[:3] == pytest.approx([54, 0, 0])
    assert np.isnan(frontage_lengths(plots, roads)[3])
    assert frontage_lengths(plots, roads, within_m=15).tolist()[:3] == pytest.approx([60, 54, 0])


def test_without_roads_a_border_on_them_is_unknown_not_nothing():
    assert np.isnan(frontage_lengths(np.array([box(0, 0, 9, 9)]), np.array([None], dtype=object))).all()


def test_two_roads_along_one_border_count_once():
    roads = np.array([LineString([(-100, y), (200, y)]) for y in (0, 4)])
    assert frontage_lengths(np.array([box(0, 10, 50, 60)]), roads)[0] == pytest.approx(62)
