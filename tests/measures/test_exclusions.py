"""What exclusions take of shapes: three answers, each true to its question, and nothing lost between them."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box
from shapely.affinity import rotate, translate

from gis.errors import CrsError, GeometryError, SchemaError
from gis.maps import i18n
from gis.measures.exclusions import (
    MANY_VERTICES,
    PRIORITY,
    excluded,
    exclusion_shape_pairs,
    reasons_by_priority,
    split_by_exclusions,
)
from gis.schemas import FAMILIES, ExclusionFamily, ExclusionReason, Exclusions

X, Y = 1_674_000, 9_259_000
NAMES = ("attributed_m2", "any_m2", "only_m2")
NEAR = 1e-4  # square metres


def square(east, north, width=100.0, height=100.0):
    """Draw a rectangle, in metres."""
    return box(X + east, Y + north, X + east + width, Y + north + height)


def rows_of(*shapes):
    """Make a layer of shapes, named by their number."""
    names = [str(n) for n in range(len(shapes))]
    return gpd.GeoDataFrame({"parcel_id": names}, geometry=gpd.GeoSeries(shapes, crs=3950))


NAMED = ("reason", "geometry", "buffer_m", "whole_from_share")


def away(*rows):
    """Make exclusions of what is read of them: reason, shape, buffer, share from which on they take the whole."""
    filled = [(*row, np.nan, np.nan)[:4] for row in rows]
    reason, shapes, keep, share = zip(*filled, strict=True) if rows else ((),) * 4
    columns = {"reason": list(reason), "buffer_m": np.array(keep, float), "whole_from_share": np.array(share, float)}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=3950))


def measured(layer, exclusions, **options):
    """Return what is taken, by row and reason."""
    found = excluded(layer, exclusions, key="parcel_id", **options)
    assert not found.duplicated(["row", "reason"]).any()
    return {
        (row["row"], row["reason"]): tuple(round(row[name], 4) for name in ("left_m2", *NAMES))
        for row in found.to_dict("records")
    }


# --- by hand


def test_ground_of_two_reasons_counts_for_the_first_and_comes_back_with_neither():
    exclusions = away(("heritage", square(40, 0, 40)), ("water", square(0, 0, 60)))
    assert measured(rows_of(square(0, 0)), exclusions) == {
        ("0", ""): (2000, 8000, 8000, 8000),
        ("0", "water"): (2000, 6000, 6000, 4000),
        ("0", "heritage"): (2000, 2000, 4000, 2000),
    }


def test_a_territory_may_declare_another_order():
    exclusions = away(("heritage", square(40, 0, 40)), ("water", square(0, 0, 60)))
    found = excluded(rows_of(square(0, 0)), exclusions, key="parcel_id", priority=["heritage"])
    assert found["reason"].tolist() == ["", "heritage", "water"]
    assert found["attributed_m2"].round(4).tolist() == [8000, 4000, 4000]
    assert found["only_m2"].round(4).tolist() == [8000, 2000, 4000]


def test_a_buffer_keeps_its_distance():
    assert measured(rows_of(square(0, 0)), away(("power_line", square(-1, -50, 1, 200), 30.0)))["0", ""][0] == 7000


def test_exclusions_of_one_reason_that_overlap_are_one_ground():
    exclusions = away(("water", square(0, 0, 60)), ("water", square(40, 0, 40)))
    assert measured(rows_of(square(0, 0)), exclusions)["0", "water"] == (2000, 8000, 8000, 8000)


def test_from_its_share_on_an_exclusion_takes_the_whole():
    rows = rows_of(square(0, 0), square(100, 0), square(200, 0))
    found = measured(rows, away(("slope", square(70, 0, 160), 0.0, 0.3), ("water", square(0, 0, 50))))
    assert found["0", "slope"] == (0, 10_000, 10_000, 5000)
    assert found["0", "water"] == (0, 0, 5000, 0)
    assert found["1", "slope"] == (0, 10_000, 10_000, 10_000)
    assert found["2", "slope"] == (0, 10_000, 10_000, 10_000)
    found = measured(rows, away(("slope", square(70, 0, 160), 0.0, 0.31)))
    assert [found[row, "slope"][0] for row in "012"] == [7000, 0, 7000]


def test_exclusions_of_one_reason_and_share_cover_together():
    halves = away(("slope", square(0, 0, 20), 0.0, 0.4), ("slope", square(80, 0, 20), 0.0, 0.4))
    assert measured(rows_of(square(0, 0)), halves)["0", ""][0] == 0
    apart = away(("slope", square(0, 0, 20), 0.0, 0.4), ("slope", square(80, 0, 20), 0.0, 0.3))
    assert measured(rows_of(square(0, 0)), apart)["0", ""][0] == 6000


def test_what_is_no_terrain_loses_what_is_covered_alone():
    shapes = np.array([square(0, 0), square(100, 0)])
    found = split_by_exclusions(shapes, away(("slope", square(50, 0), 0.0, 0.5)), divisible=np.array([True, False]))
    assert found.left_m2.round(4).tolist() == [5000, 0]


def test_a_share_that_is_not_reached_by_touching_takes_nothing():
    assert measured(rows_of(square(0, 0)), away(("slope", square(100, 0), 0.0, 1e-12)))["0", ""][0] == 10_000


def test_an_exclusion_without_a_shape_or_aside_takes_nothing():
    exclusions = away(("water", None, 20.0), ("slope", square(100, 0)), ("option", square(500, 0)))
    assert measured(rows_of(square(0, 0)), exclusions) == {("0", ""): (10_000, 0, 0, 0)}


def test_a_row_without_a_shape_is_left_out_and_nothing_of_nothing_is_nothing():
    rows = rows_of(None, square(0, 0))
    assert [row for row, _ in measured(rows, away(("water", square(0, 0))))] == ["1", "1"]
    assert measured(rows.iloc[:0], away(("water", square(0, 0)))) == {}
    assert measured(rows.iloc[1:], away()) == {("1", ""): (10_000, 0, 0, 0)}


def test_a_hole_of_an_exclusion_is_free():
    ring = square(-50, -50, 200, 200).difference(square(25, 25, 50, 50))
    assert measured(rows_of(square(0, 0), square(30, 30, 10, 10)), away(("zoning", ring))) == {
        ("0", ""): (2500, 7500, 7500, 7500),
        ("0", "zoning"): (2500, 7500, 7500, 7500),
        ("1", ""): (100, 0, 0, 0),
    }


def test_where_an_exclusion_takes_ground_and_touches_beside_it_only_ground_counts():
    horseshoe = shapely.union_all([square(0, 0, 30), square(0, 0, 100, 20), square(70, 0, 30)])
    exclusions = away(
        ("water", square(-10, 30, 80, 80)), ("heritage", square(-10, 60, 200, 10)), ("frozen", square(-10, 80, 25, 10))
    )
    assert measured(rows_of(horseshoe), exclusions) == {
        ("0", ""): (4400, 2400, 2400, 2400),
        ("0", "water"): (4400, 2100, 2100, 1650),
        ("0", "heritage"): (4400, 300, 600, 300),
        ("0", "frozen"): (4400, 0, 150, 0),
    }


def test_ground_of_many_vertices_takes_what_it_covers():
    rng = np.random.default_rng(1)
    way = np.column_stack([np.linspace(X - 50, X + 450, 900), Y + 200 + rng.normal(0, 30, 900)])
    river = shapely.LineString(way).buffer(2)
    cells = [square(100 * n, 100 * m) for n in range(4) for m in range(4)]
    assert shapely.get_num_coordinates(river) > 4 * MANY_VERTICES
    found = excluded(rows_of(*cells), away(("water", river)), key="parcel_id")
    left = found.loc[found["reason"] == "", "left_m2"].to_numpy()
    assert left == pytest.approx([cell.difference(river).area for cell in cells], abs=NEAR)


def test_pairs_are_those_that_share_ground():
    exclusions = away(("water", square(50, 0)), ("water", square(200, 0)), ("slope", None), ("slope", square(0, 0)))
    found = exclusion_shape_pairs(np.array([square(0, 0), square(100, 0)]), exclusions)
    assert sorted(zip(*found.tolist(), strict=True)) == [(0, 0), (0, 1), (3, 0)]


# --- by chance

spots = st.tuples(*(st.integers(-3, 12),) * 2, *(st.integers(1, 8),) * 2, st.sampled_from([0, 0, 30, 45]))
reasons = st.sampled_from(["slope", "water", "zoning", "heritage", "power_line", "frozen"])
shares = st.sampled_from([np.nan, np.nan, np.nan, 0.25, 0.5, 1.0])


def drawn(spot):
    """Draw a rectangle on a grid of 10 m, turned or not."""
    east, north, width, height, turn = spot
    return rotate(square(10 * east, 10 * north, 10 * width, 10 * height), turn)


@st.composite
def cases(draw):
    """Draw rows, some of them of several pieces, and exclusions of some reasons."""
    rows = draw(st.lists(st.lists(spots, min_size=1, max_size=2), min_size=1, max_size=4))
    shapes = [shapely.union_all([drawn(spot) for spot in row]) for row in rows]
    rules = st.tuples(reasons, spots, st.sampled_from([0.0, 0.0, 15.0]), shares)
    return shapes, [
        (reason, drawn(spot), keep, share) for reason, spot, keep, share in draw(st.lists(rules, max_size=6))
    ]


def by_hand(shape, exclusions, order):
    """Measure by unions alone: what is left, then for each reason what it is given, covers and covers alone."""
    ground = {}
    for reason in order:
        mine = [
            (each.buffer(keep, quad_segs=16) if keep else each, share)
            for r, each, keep, share in exclusions
            if r == reason
        ]
        union = shapely.union_all([each for each, _ in mine])
        for least in {share for _, share in mine if not np.isnan(share)}:
            joined = shapely.union_all([each for each, share in mine if share == least])
            covered = shape.intersection(joined).area / shape.area
            if covered > 1e-12 and covered >= least - 1e-9:
                union = shape
        parts = shapely.get_parts(shape.intersection(union))
        ground[reason] = shapely.union_all(parts[shapely.area(parts) > 0])
    left = shape.area - shapely.union_all([*ground.values()]).area
    taken = {}
    before = shapely.Polygon()
    for reason in order:
        others = shapely.union_all([each for name, each in ground.items() if name != reason])
        after = before.union(ground[reason])
        taken[reason] = (after.area - before.area, ground[reason].area, ground[reason].difference(others).area)
        before = after
    return left, taken


@given(case=cases(), first=st.lists(reasons, unique=True, max_size=3))
def test_what_is_left_and_what_each_reason_is_given_add_up_to_gross(case, first):
    shapes, exclusions = case
    found = excluded(rows_of(*shapes), away(*exclusions), key="parcel_id", priority=first)
    for n, shape in enumerate(shapes):
        mine = found[found["row"] == str(n)]
        lost, parts = mine.iloc[0], mine.iloc[1:]
        assert lost["gross_m2"] == pytest.approx(shape.area, abs=NEAR)
        assert lost["left_m2"] + parts["attributed_m2"].sum() == pytest.approx(shape.area, abs=NEAR)
        assert {lost[name] for name in NAMES} == {parts["attributed_m2"].sum()}
        assert (parts["only_m2"] <= parts["attributed_m2"] + NEAR).all()
        assert (parts["attributed_m2"] <= parts["any_m2"] + NEAR).all()
        assert (parts["any_m2"] <= lost["any_m2"] + NEAR).all()
        assert list(parts["reason"]) == [
            reason for reason in reasons_by_priority(first) if reason in set(parts["reason"])
        ]


@given(case=cases(), first=st.lists(reasons, unique=True, max_size=3))
def test_each_answer_is_what_unions_give(case, first):
    shapes, exclusions = case
    order = reasons_by_priority(first)
    found = split_by_exclusions(np.array(shapes), away(*exclusions), shaped=True)
    taken = found.taken(order)
    for n, shape in enumerate(shapes):
        left, expected = by_hand(shape, exclusions, order)
        assert found.left_m2[n] == pytest.approx(left, abs=NEAR)
        assert shapely.area(found.left[n]) == pytest.approx(left, abs=NEAR)
        assert found.left[n].is_valid
        for reason, numbers in expected.items():
            column = PRIORITY.index(reason)
            assert [each[n, column] for each in taken] == pytest.approx(numbers, abs=NEAR)


@given(case=cases(), data=st.data())
def test_the_order_of_reasons_moves_only_what_is_attributed(case, data):
    shapes, exclusions = case
    found = split_by_exclusions(np.array(shapes), away(*exclusions))
    here, there = found.taken(), found.taken(data.draw(st.permutations(PRIORITY)))
    assert here.any.tolist() == there.any.tolist()
    assert here.only.tolist() == there.only.tolist()
    assert here.attributed.sum(axis=1) == pytest.approx(there.attributed.sum(axis=1), abs=NEAR)


@given(case=cases(), at=st.integers(-20, 110))
def test_how_a_publisher_cuts_exclusions_up_changes_nothing(case, at):
    shapes, exclusions = case
    sides = [square(-999, -999, 999 + at, 3000), square(at, -999, 3000, 3000)]
    cut = [
        (reason, piece, 0.0, share)
        for reason, shape, keep, share in exclusions
        for piece in (shape.buffer(keep).intersection(side) for side in sides)
        if piece.area > 0
    ]
    whole = [(reason, shape.buffer(keep), 0.0, share) for reason, shape, keep, share in exclusions]
    one, many = (split_by_exclusions(np.array(shapes), away(*rows)) for rows in (whole, cut))
    assert one.left_m2 == pytest.approx(many.left_m2, abs=NEAR)
    for first, second in zip(one.taken(), many.taken(), strict=True):
        assert first == pytest.approx(second, abs=NEAR)


@given(case=cases(), east=st.integers(-5000, 5000), random=st.randoms())
def test_moving_everything_or_shuffling_exclusions_changes_nothing(case, east, random):
    shapes, exclusions = case
    moved = [
        (reason, translate(shape, east, 7), *rest)
        for reason, shape, *rest in random.sample(exclusions, len(exclusions))
    ]
    here = split_by_exclusions(np.array(shapes), away(*exclusions)).taken()
    there = split_by_exclusions(np.array([translate(shape, east, 7) for shape in shapes]), away(*moved)).taken()
    for first, second in zip(here, there, strict=True):
        assert first == pytest.approx(second, abs=NEAR)


@given(case=cases(), more=st.tuples(reasons, spots, shares))
def test_another_exclusion_never_gives_ground_back(case, more):
    shapes, exclusions = case
    reason, spot, share = more
    before = split_by_exclusions(np.array(shapes), away(*exclusions)).left_m2
    after = split_by_exclusions(np.array(shapes), away(*exclusions, (reason, drawn(spot), 0.0, share))).left_m2
    assert (after <= before + NEAR).all()


# --- the vocabulary


def test_every_reason_has_a_family_and_a_name_in_both_languages():
    assert set(FAMILIES) == set(ExclusionReason)
    assert set(FAMILIES.values()) == set(ExclusionFamily)
    for language in i18n.LANGUAGES:
        names = i18n.text_catalogue(language)
        assert all(names[f"exclusion.{reason}"] for reason in ExclusionReason)


def test_a_priority_is_a_whole_order():
    assert reasons_by_priority([]) == PRIORITY
    assert reasons_by_priority(["frozen", "water"])[:3] == ("frozen", "water", "slope")
    assert sorted(reasons_by_priority(["frozen", "water"])) == sorted(PRIORITY)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["wind"], "`wind`: is no reason. Write one of slope, water,"),
        (["water", "water"], "`water`: stands twice. Keep one."),
    ],
    ids=["an unknown reason", "a reason twice"],
)
def test_a_priority_is_refused_with(names, said):
    with pytest.raises(SchemaError) as refusal:
        reasons_by_priority(names, "territory.toml")
    assert str(refusal.value).startswith(f"territory.toml: {said}")


FAULTS = {
    "a reason that is none": (("wind", square(0, 0)), SchemaError, "`wind` is not in the vocabulary. Write one of"),
    "a distance below 0": (("water", square(0, 0), -5.0), SchemaError, "column `buffer_m`: `-5.0` breaks the rule"),
    "a share of 0": (("water", square(0, 0), 0.0, 0.0), SchemaError, "column `whole_from_share`: `0.0` breaks"),
    "a share above 1": (("water", square(0, 0), 0.0, 1.5), SchemaError, "column `whole_from_share`: `1.5` breaks"),
    "a ring that crosses itself": (
        ("water", shapely.Polygon([(X, Y), (X + 9, Y + 9), (X + 9, Y), (X, Y + 9)])),
        GeometryError,
        "the shape is broken (Self-intersection",
    ),
    "a line": (("water", shapely.LineString([(X, Y), (X + 9, Y)])), GeometryError, "the shape is a LineString"),
}


@pytest.mark.parametrize(("row", "error", "said"), FAULTS.values(), ids=FAULTS)
def test_an_exclusion_is_refused_with(land_of, row, error, said):
    with pytest.raises(error) as refusal:
        land_of(Exclusions, dict(zip(NAMED, row, strict=False)))
    assert str(refusal.value).startswith("Exclusions: 0")
    assert said in str(refusal.value)


def test_exclusions_in_another_system_are_refused():
    exclusions = away(("water", square(0, 0)))
    with pytest.raises(CrsError, match="EPSG:3950, EPSG:2154"):
        excluded(rows_of(square(0, 0)), exclusions.to_crs(2154), key="parcel_id")
    with pytest.raises(CrsError, match="EPSG:4326 is in degree"):
        excluded(rows_of(square(0, 0)), exclusions.to_crs(4326), key="parcel_id")
