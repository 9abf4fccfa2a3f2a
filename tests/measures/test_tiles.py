"""Tiles: diagrams whose areas are true."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box, union_all

from gis.crs import checked_area_m2
from gis.measures.tiles import FRAME_RATIO, Block, frame_of_area, strip_blocks, tenancies_drawn, tenant_blocks

sizes = st.floats(1, 1e6)
frames = st.floats(1e3, 1e7).map(frame_of_area)


def rectangles(blocks):
    return [box(x, y, x + width, y + height) for x, y, width, height in blocks]


@given(sizes)
def test_the_area_of_a_frame_is_true(area):
    x, y, width, height = frame_of_area(area)
    assert (x, y) == (0, 0)
    assert width * height == pytest.approx(area)
    assert width / height == pytest.approx(FRAME_RATIO)


@given(st.lists(sizes, max_size=12), frames)
def test_the_areas_of_blocks_are_true_and_in_the_order_given(areas, outer):
    blocks = strip_blocks(areas, outer)
    assert [block.width * block.height for block in blocks] == pytest.approx(areas)


@given(st.lists(sizes, min_size=1, max_size=12), frames)
def test_blocks_do_not_overlap(areas, outer):
    assert union_all(rectangles(strip_blocks(areas, outer))).area == pytest.approx(sum(areas), rel=1e-6)


@given(st.lists(sizes, min_size=1, max_size=12), st.floats(1, 3))
def test_blocks_stay_inside_a_frame_that_they_fit_in(areas, slack):
    outer = frame_of_area(sum(areas) * slack)
    inside = box(0, 0, outer.width, outer.height).buffer(1e-6 * outer.width)
    assert union_all(rectangles(strip_blocks(areas, outer))).within(inside)


@given(st.lists(sizes, min_size=1, max_size=12), st.floats(0.1, 0.9))
def test_blocks_that_do_not_fit_run_over_the_right_edge_alone(areas, part):
    outer = frame_of_area(sum(areas) * part)
    blocks = strip_blocks(areas, outer)
    assert max(block.x + block.width for block in blocks) > outer.width
    assert max(block.y + block.height for block in blocks) <= outer.height * (1 + 1e-9)


@given(st.lists(sizes, max_size=6), st.integers(0, 6), frames)
def test_what_has_no_area_is_a_symbol_of_one_size_inside_the_frame(areas, unknown, outer):
    blocks = tenant_blocks([*areas, *[np.nan] * unknown], outer)
    symbols = rectangles(blocks[len(areas) :])
    assert blocks[: len(areas)] == strip_blocks(areas, outer)
    assert len(symbols) == unknown
    assert len({(round(s.bounds[2] - s.bounds[0], 6), round(s.bounds[3] - s.bounds[1], 6)) for s in symbols}) <= 1
    assert union_all(symbols).area == pytest.approx(sum(symbol.area for symbol in symbols))
    assert all(symbol.within(box(0, 0, outer.width, outer.height)) for symbol in symbols)


def test_a_strip_takes_the_next_block_only_while_that_makes_it_less_elongated():
    blocks = strip_blocks([100, 40, 40, 100], Block(0, 0, 40, 10))
    assert [block.x for block in blocks] == pytest.approx([0, 10, 10, 18])


def row(key, phase, area, premises=None):
    ends = {"from": ["2020-01-01"] * 2, "to": [None] * 2}
    return {"id": key, "phase": phase, "premises": premises or key, "area_m2": [area, area], **ends}


DRAWN = {
    "the larger first": ([row("a", "in_place", 1), row("b", "in_place", 2)], ["b", "a"]),
    "in place before announced": ([row("a", "announced", 9), row("b", "in_place", 1)], ["b", "a"]),
    "a known area before none": ([row("a", "in_place", None), row("b", "announced", 1)], ["b", "a"]),
    "the key settles what is equal": ([row("b", "in_place", 1), row("a", "in_place", 1)], ["a", "b"]),
    "who has left is not there": ([row("a", "left", 1), row("b", "in_place", 1)], ["b"]),
    "premises once, with the most advanced": (
        [row("a", "announced", 9, "hangar"), row("b", "in_place", 1, "hangar"), row("c", "in_place", 2)],
        ["c", "b"],
    ),
}


@pytest.mark.parametrize(("rows", "keys"), DRAWN.values(), ids=DRAWN)
def test_tenancies_are_drawn_in_order(tenancies_of, rows, keys):
    assert [tenancy["tenancy_id"] for tenancy in tenancies_drawn(tenancies_of(rows), "port")] == keys


def test_premises_with_a_shape_are_not_drawn_again(tenancies_of):
    rows = [row("a", "in_place", 1, "hangar"), row("b", "in_place", 1, "cour")]
    assert [each["tenancy_id"] for each in tenancies_drawn(tenancies_of(rows), "port", without=["hangar"])] == ["b"]


def test_tiles_of_the_layer_have_the_published_area_on_the_ground(demo):
    demo.outline()
    tiles = demo.open().tiles
    assert list(tiles["subject"]) == ["sites/port", "tenancies/algues", "tenancies/bois"]
    assert list(checked_area_m2(tiles.geometry)) == pytest.approx([80_000, 20_000, 10_000], rel=1e-6)
    assert list(tiles["area_m2"]) == pytest.approx([80_000, 20_000, 10_000], rel=1e-6)
    site, *tenants = tiles.geometry
    assert all(tenant.within(site.buffer(1e-6)) for tenant in tenants)
    assert site.within(demo.open().communes.geometry[0])


def test_a_tenant_without_an_area_is_a_circle_in_the_layer(demo):
    demo.outline()
    demo.change("tenancies.csv", "10000,10000", ",")
    circle = demo.open().tiles.set_index("subject").loc["tenancies/bois"]
    west, south, east, north = circle.geometry.bounds
    assert east - west == pytest.approx(north - south)
    assert circle.geometry.area == pytest.approx(np.pi / 4 * (east - west) ** 2, rel=0.01)
    assert np.isnan(circle["area_m2"])


def test_a_site_without_a_published_area_is_drawn_without_one(demo):
    demo.outline()
    demo.change("sites.csv", "8,8", ",")
    demo.change("claims.csv", "sites/port/land_ha", "")
    site = demo.open().tiles.set_index("subject").loc["sites/port"]
    assert np.isnan(site["area_m2"])
    assert len(site.geometry.exterior.coords) > 5


CASES = [
    (320_000, [46_000, 26_000, 2210, 1900, 800, None, None, None]),
    (320_000, [48_000, 27_000, 26_000, 2210, 1900, None]),
    (320_000, []),
    (80_000, [20_000, 10_000]),
    (80_000, [None]),
    (10_000, [10_000]),
    (10_000, [9000, 9000, 1]),
    (200_000, [1000] * 9),
    (160_000.5, [50_000.25, 25_000.125, 12_500.0625, 6250, 3125, 1562.5, None, None]),
]


def test_the_cases_that_the_pages_are_tested_on_are_what_is_laid_here(recorded):
    cases = [
        {
            "areas": areas,
            "frame_m2": frame_m2,
            "blocks": [
                list(each)
                for each in tenant_blocks([np.nan if a is None else a for a in areas], frame_of_area(frame_m2))
            ],
        }
        for frame_m2, areas in CASES
    ]
    recorded("tiles_cases.json", cases)
