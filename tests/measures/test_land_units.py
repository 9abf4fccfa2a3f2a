"""Land units: contiguous parcels of one owner inside a site, bounds where owners are unknown, nothing lost."""

from itertools import pairwise, product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box
from shapely.affinity import scale, translate

from gis.errors import CrsError, GeometryError, SchemaError
from gis.measures.adjacency import NO_GROUND_M2, overlapping_polygons, polygon_contacts
from gis.measures.land_units import ANY_PIECE, BELONGING, land_units
from gis.schemas import Parcels, conform
from tests.conftest import heavy

X, Y = 1_674_000, 9_259_000
ROW = {"source_id": "registre", "basis": "surveyed"}
KINDS = {"a": "legal", "b": "natural", "c": "legal", "d": "legal", "nobody": "unknown"}
OWNERS = pd.DataFrame({"owner_id": list(KINDS), "owner_kind": list(KINDS.values())})
EVERYWHERE = box(-1000, -1000, 5000, 5000)

#: Several hundred examples where all tests run.


def here(shape):
    return None if shape is None else translate(shape, X, Y)


def parcels(*rows, crs=3950):
    """Make parcels of (name, owner, shape in metres from the port)."""
    names, owners, shapes = zip(*rows, strict=True) if rows else ((), (), ())
    columns = {"parcel_id": pd.array(names, dtype="str"), "owner_id": pd.array(owners, dtype="str"), **ROW}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([here(shape) for shape in shapes], crs=crs))


def sites(*rows, crs=3950):
    """Make sites of (name, shape in metres from the port, the site it is part of)."""
    names, shapes, above = zip(*((*row, "")[:3] for row in rows), strict=True)
    columns = {"site_id": pd.array(names, dtype="str"), "part_of": pd.array(above, dtype="str"), **ROW}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([here(shape) for shape in shapes], crs=crs))


PORT = sites(("port", EVERYWHERE))


def found(*rows, at=PORT, **options):
    return land_units(parcels(*rows), OWNERS, at, **options)


def units(result):
    """Return the parcels of each unit."""
    return result.units["parcel_ids"].tolist()


def bounds(result):
    return result.counts[["units_low", "units_high"]].to_numpy().tolist()


def told(result):
    return list(result.issues[["row", "value", "message"]].itertuples(index=False, name=None))


def squares(*places):
    """Draw squares of 10 m at whole places of a grid."""
    return [box(10 * x, 10 * y, 10 * x + 10, 10 * y + 10) for x, y in places]


# --- what is contiguous ----------------------------------------------------------------------------------------------


def test_parcels_of_one_owner_that_share_an_edge_are_one_unit():
    one, two, three = squares((0, 0), (1, 0), (2, 0))
    result = found(("p1", "a", one), ("p2", "a", two), ("p3", "b", three))
    assert units(result) == ["p1|p2", "p3"]
    assert result.units["land_unit_id"].tolist() == ["port/p1", "port/p3"]
    assert result.units["measured_m2"].tolist() == [200, 100]
    assert result.units["parcels"].tolist() == [2, 1]
    assert result.units["owner_kind"].tolist() == ["legal", "natural"]
    assert result.touching.tolist() == [[0, 1]]
    assert told(result) == []


def test_contact_at_a_point_is_none():
    result = found(*((f"p{n}", "a", square) for n, square in enumerate(squares((0, 0), (1, 1), (2, 0)))))
    assert units(result) == ["p0", "p1", "p2"]
    assert result.touching.tolist() == []


@pytest.mark.parametrize("drawn", [True, False], ids=["with every vertex", "skipping vertices"])
def test_a_border_no_longer_than_four_times_the_tolerance_is_a_point(drawn):
    def units_with(border):
        above = [(10 - border, 10), (20, 10), (20, 20), (10 - border, 20)]
        below = [(0, 0), (10, 0), (10, 10), *([(10 - border, 10)] if drawn else []), (0, 10)]
        above[1:1] = [(10, 10)] if drawn else []
        return units(found(("p1", "a", Polygon(below)), ("p2", "a", Polygon(above))))

    assert units_with(0.19) == ["p1", "p2"]
    assert units_with(0.21) == ["p1|p2"]


def test_a_ring_of_parcels_is_one_unit_with_a_hole():
    ring = [(x, y) for x, y in product(range(3), repeat=2) if (x, y) != (1, 1)]
    rows = [(f"p{n}", "a", square) for n, square in enumerate(squares(*ring))]
    result = found(*rows, ("p9", "b", *squares((1, 1))))
    assert result.units["measured_m2"].tolist() == [800, 100]
    assert shapely.get_num_interior_rings(result.units.geometry.to_numpy()).tolist() == [1, 0]


def test_a_hole_that_touches_the_outside_at_a_point_is_allowed():
    around = [(0, 0), (1, 0), (2, 0), (0, 1), (2, 1), (1, 2)]
    result = found(*((f"p{n}", "a", square) for n, square in enumerate(squares(*around))))
    assert result.units["measured_m2"].tolist() == [500, 100]


def test_a_border_that_skips_a_vertex_is_shared():
    long, short, shorter = box(0, 0, 20, 10), box(0, 10, 13, 20), box(13, 10, 20, 20)
    result = found(("p1", "a", long), ("p2", "a", short), ("p3", "a", shorter))
    assert units(result) == ["p1|p2|p3"]
    assert result.units["measured_m2"].tolist() == [400]
    assert told(result) == []


@pytest.mark.parametrize("apart", [-0.05, -0.03, 0.03, 0.05], ids="{:+} m".format)
def test_a_border_off_by_no_more_than_the_tolerance_is_shared_and_told(apart):
    result = found(("p1", "a", box(0, 0, 10, 10)), ("p2", "a", box(10 + apart, 0, 21, 10)))
    assert units(result) == ["p1|p2"]
    assert result.units["measured_m2"].tolist() == pytest.approx([210], abs=1e-4)
    (first, *rest) = told(result)
    if apart < 0:
        assert first[:2] == ("p2", f"{-10 * apart:.2f} m²")
        assert first[2] == "Overlap with parcel p1, nowhere wider than 0.05 m: the smaller parcel keeps the ground."
        assert rest == []
    else:
        assert first == (
            "p1",
            "10.0 m",
            "A gap of up to 0.05 m along so much of its border with parcel p2: they touch.",
        )
        gap = ("p1", f"{10 * apart:.2f} m²", "Gaps between its parcels and no one's ground, now part of its land unit.")
        assert rest == [gap]


def test_a_gap_wider_than_the_tolerance_is_one():
    rows = ("p1", "a", box(0, 0, 10, 10)), ("p2", "a", box(10.06, 0, 21, 10))
    assert units(found(*rows)) == ["p1", "p2"]
    assert units(found(*rows, tolerance_m=0.1)) == ["p1|p2"]


def test_no_tolerance_still_finds_borders_that_are_shared():
    rows = ("p1", "a", box(0, 0, 10, 10)), ("p2", "a", box(10, 3, 20, 7)), ("p3", "a", box(20.01, 0, 30, 10))
    assert units(found(*rows, tolerance_m=0)) == ["p1|p2", "p3"]


def test_a_gap_that_is_another_parcel_is_never_filled():
    strip = box(10, 0, 10.03, 10)
    result = found(("p1", "a", box(0, 0, 10, 10)), ("p2", "b", strip), ("p3", "a", box(10.03, 0, 20, 10)))
    assert units(result) == ["p1", "p2", "p3"]
    assert bounds(result) == [[3, 3]]


def test_a_gap_between_two_owners_stays_open_and_is_told():
    result = found(("p1", "a", box(0, 0, 10, 10)), ("p2", "b", box(10.02, 0, 20, 10)))
    assert result.touching.tolist() == [[0, 1]]
    assert result.units["measured_m2"].sum() == pytest.approx(199.8)
    ((_, length, message),) = told(result)
    assert float(length.removesuffix(" m")) == pytest.approx(10, abs=0.1)
    assert message.startswith("A gap of up to 0.05 m")


# --- the site --------------------------------------------------------------------------------------------------------


def test_a_unit_that_the_border_of_the_site_cuts_apart_is_two():
    arch = Polygon([(0, 0), (30, 0), (30, 20), (20, 20), (20, 10), (10, 10), (10, 20), (0, 20)])
    result = found(("p1", "a", arch), at=sites(("north", box(0, 12, 30, 30))))
    assert result.units["land_unit_id"].tolist() == ["north/p1", "north/p1-2"]
    assert result.units["measured_m2"].tolist() == [80, 80]
    assert told(result) == [("p1", "340.00 m²", "Its ground outside every site is in no land unit.")]


def test_a_part_of_a_parcel_may_be_inside_a_site_and_another_outside():
    parts = shapely.union(*squares((0, 0), (3, 0)))
    result = found(("p1", "a", parts), ("p2", "a", box(10, 0, 12, 10)), at=sites(("s", box(-5, -5, 15, 15))))
    assert units(result) == ["p1|p2"]
    assert told(result) == [("p1", "100.00 m²", "Its ground outside every site is in no land unit.")]


def test_a_site_inside_one_parcel_is_one_piece_of_it():
    result = found(("p1", "a", box(0, 0, 50, 50)), at=sites(("s", box(10, 10, 20, 20))))
    assert result.units["measured_m2"].tolist() == [100]
    assert told(result) == [("p1", "2400.00 m²", "Its ground outside every site is in no land unit.")]


def test_a_parcel_in_a_hole_of_the_site_is_outside():
    result = found(("p1", "a", box(4, 4, 6, 6)), at=sites(("s", box(0, 0, 10, 10) - box(2, 2, 8, 8))))
    assert units(result) == []
    assert told(result) == [("", "4.00 m²", "Ground of 1 parcels that are in no site: it is in no land unit.")]


def test_a_parcel_in_two_sites_is_cut_at_their_border_and_told():
    at = sites(("west", box(0, 0, 5, 10)), ("east", box(5, 0, 20, 10)))
    result = found(("p1", "a", box(0, 0, 10, 10)), ("p2", "a", box(10, 0, 20, 10)), at=at)
    assert result.units["land_unit_id"].tolist() == ["west/p1", "east/p1"]
    assert result.units["measured_m2"].tolist() == [50, 150]
    assert told(result) == [("p1", "west, east", "It lies in 2 sites: each has its own piece.")]


def test_a_site_inside_another_has_units_of_its_own():
    at = sites(("park", box(0, 0, 20, 10)), ("hall", box(0, 0, 10, 10), "park"))
    result = found(("p1", "a", box(0, 0, 10, 10)), ("p2", "a", box(10, 0, 20, 10)), at=at)
    assert result.units["land_unit_id"].tolist() == ["park/p1", "hall/p1"]
    assert result.units["measured_m2"].tolist() == [200, 100]
    assert result.touching.tolist() == []
    assert told(result) == []


def test_parcels_in_no_site_are_summed_up():
    result = found(*((f"p{n}", "a", box(n, 0, n + 1, 1)) for n in range(4)), at=sites(("far", box(50, 50, 60, 60))))
    assert units(result) == []
    assert bounds(result) == [[0, 0]]
    assert told(result) == [("", "4.00 m²", "Ground of 4 parcels that are in no site: it is in no land unit.")]


def test_a_sliver_of_a_parcel_in_a_site_is_no_unit():
    result = found(
        ("p1", "a", box(0, 0, 10, 10)), ("p2", "b", box(10, 0, 20, 10)), at=sites(("s", box(0, 0, 10.04, 10)))
    )
    assert units(result) == ["p1"]
    assert told(result) == [
        ("p2", "99.60 m²", "Its ground outside every site is in no land unit."),
        ("p2", "0.40 m²", "A sliver of it, nowhere wider than 0.05 m: it is in no land unit."),
    ]


def test_a_border_of_the_site_that_follows_the_parcels_changes_nothing():
    rows = [("p1", "a", box(0, 0, 10, 10)), ("p2", "b", box(10, 0, 20, 10))]
    result = found(*rows, at=sites(("s", box(0, 0, 10, 10))))
    assert units(result) == ["p1"]
    assert result.counts["covered_share"].tolist() == [1]


def test_a_site_without_a_shape_has_no_units_and_no_counts():
    result = found(("p1", "a", box(0, 0, 10, 10)), at=sites(("lost", None), ("port", EVERYWHERE)))
    assert np.isnan(result.counts.loc[0, ["units_low", "units_high", "covered_share"]].astype(float)).all()
    assert bounds(result)[1] == [1, 1]


def test_nothing_at_all_makes_no_units():
    result = found(at=sites(("lost", None)))
    assert units(result) == []
    assert len(result.counts) == 1
    assert told(result) == []


def test_a_late_parcel_that_a_border_cuts_in_two_has_two_keys():
    arch = Polygon([(0, 0), (30, 0), (30, 20), (20, 20), (20, 10), (10, 10), (10, 20), (0, 20)])
    far = [(f"p{n}", "a", box(900 + 20 * n, 900, 910 + 20 * n, 910)) for n in range(6)]
    result = found(*far, ("p8", "", box(0, 20, 10, 30)), ("p9", "", arch), at=sites(("north", box(0, 12, 30, 30))))
    assert result.units["land_unit_id"].tolist() == ["north/p8", "north/p9", "north/p9-2"]


def test_no_number_of_a_key_is_the_key_of_another_parcel():
    arch = Polygon([(0, 0), (30, 0), (30, 20), (20, 20), (20, 10), (10, 10), (10, 20), (0, 20)])
    rows = ("p1", "a", arch), ("p1-2", "b", box(0, 20, 30, 30))
    result = found(*rows, at=sites(("north", box(0, 12, 30, 30))))
    assert result.units["land_unit_id"].tolist() == ["north/p1", "north/p1-3", "north/p1-2"]


# --- the edge of a site ----------------------------------------------------------------------------------------------


def test_a_strip_at_the_edge_belongs_to_no_site_and_is_told_and_counted_beside():
    rows = ("p1", "a", box(0, 0, 50, 50)), ("p2", "b", box(50, 0, 100, 50)), ("p3", "", box(0, 50, 50, 100))
    result = found(*rows, at=sites(("s", box(0, 0, 52, 51)), ("far", box(500, 0, 600, 9))))
    assert units(result) == ["p1"]
    assert result.edges[["land_unit_id", "belongs", "measured_m2"]].to_numpy().tolist() == [
        ["s/p2", "non", 100.0],
        ["s/p3", "non", 50.0],
    ]
    assert set(result.units["belongs"]) == {"oui"}
    columns = ["units_low", "units_high", "every_low", "every_high", "edges", "unknown_owner"]
    assert result.counts[columns].to_numpy().tolist() == [[1, 1, 2, 3, 2, 0], [0, 0, 0, 0, 0, 0]]
    assert ("p2", "100.00 m²", EDGE) in told(result)


EDGE = (
    "At the edge of site s, less than 50% of the parcel and nowhere 3 m wide: it does not belong to it, and is in no "
    "land unit."
)


@pytest.mark.parametrize(
    ("inside", "belongs"),
    [(box(0, 0, 2, 50), True), (box(0, 0, 1.9, 50), False), (box(0, 0, 4, 3.1), True), (box(0, 0, 4, 2.9), False)],
    ids=["half of it", "less than half of it", "wide", "narrow"],
)
def test_a_piece_belongs_from_half_of_its_parcel_or_from_three_metres_on(inside, belongs):
    result = found(("p1", "a", box(0, 0, 4, 50)), at=sites(("s", box(-100, -100, 0, 100) | inside)))
    assert (len(result.units), len(result.edges)) == ((1, 0) if belongs else (0, 1))


def test_a_narrow_parcel_that_no_border_cuts_is_a_unit():
    assert units(found(("path", "a", box(0, 0, 1, 90)), at=sites(("s", box(0, -5, 50, 95))))) == ["path"]


# --- owners ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("owner", ["", "nobody"], ids=["no owner", "owner of unknown kind"])
def test_an_unknown_owner_is_never_merged_and_never_named(owner):
    result = found(*((f"p{n}", owner, square) for n, square in enumerate(squares((0, 0), (1, 0)))))
    assert units(result) == ["p0", "p1"]
    assert bounds(result) == [[1, 2]]
    assert result.counts["unknown_owner"].tolist() == [2]
    assert set(result.units["owner_id"]) == {""}
    assert set(result.units["owner_kind"]) == {"unknown"}
    assert told(result) == []


def test_an_owner_of_another_vintage_is_unknown_and_told():
    result = found(*((f"p{n}", "z", square) for n, square in enumerate(squares((0, 0), (1, 0)))))
    assert bounds(result) == [[1, 2]]
    assert [(row, value) for row, value, _ in told(result)] == [("p0", "z"), ("p1", "z")]
    assert "another vintage" in told(result)[0][2]


def test_one_unknown_parcel_can_join_one_owner_only():
    cross = squares((1, 1), (0, 1), (2, 1), (1, 0), (1, 2))
    owners = ["", "a", "a", "b", "b"]
    result = found(*((f"p{n}", owner, square) for n, (owner, square) in enumerate(zip(owners, cross, strict=True))))
    assert bounds(result) == [[3, 5]]


def test_unknown_parcels_that_touch_nobody_known_are_one_unit_at_least():
    rows = [("p0", "a", box(100, 0, 110, 10))]
    rows += [(f"u{n}", "", square) for n, square in enumerate(squares((0, 0), (1, 0), (5, 0)))]
    assert bounds(found(*rows)) == [[3, 4]]


# --- faults ----------------------------------------------------------------------------------------------------------


def test_ground_that_two_parcels_claim_stays_with_the_smaller():
    result = found(("p1", "a", box(0, 0, 30, 30)), ("p2", "b", box(10, 10, 20, 20)))
    assert result.units["measured_m2"].tolist() == [800, 100]
    assert told(result) == [("p1", "100.00 m²", "Overlap with parcel p2: the smaller parcel keeps the ground.")]


def test_the_second_of_two_equal_parcels_is_all_told_and_in_no_unit():
    result = found(("p2", "b", box(0, 0, 10, 10)), ("p1", "a", box(0, 0, 10, 10)))
    assert units(result) == ["p1"]
    assert told(result) == [("p2", "100.00 m²", "Overlap with parcel p1: the smaller parcel keeps the ground.")]


def test_an_old_parcel_under_the_parcels_cut_from_it_is_told_once_for_each():
    old, new, newer = box(0, 0, 20, 10), *squares((0, 0), (1, 0))
    around = ("p4", "c", box(20, 0, 30, 10))
    result = found(("p1", "a", old), ("p2", "b", new), ("p3", "b", newer), around)
    assert units(result) == ["p2|p3", "p4"]
    assert [(row, value) for row, value, _ in told(result)] == [("p1", "100.00 m²")] * 2


def test_an_overlap_in_the_middle_of_shared_borders_is_found():
    rows = [(f"p{n}", "a", square) for n, square in enumerate(squares(*product(range(5), repeat=2)))]
    result = found(*rows, ("q", "b", box(22, 22, 28, 28)))
    assert result.units["measured_m2"].tolist() == [2464, 36]
    assert told(result) == [("p12", "36.00 m²", "Overlap with parcel q: the smaller parcel keeps the ground.")]


def test_a_parcel_without_a_shape_is_told():
    result = found(("p1", "a", None), ("p2", "a", box(0, 0, 10, 10)))
    assert units(result) == ["p2"]
    assert told(result) == [("p1", "", "It has no shape, and is in no land unit.")]


def test_a_ring_that_crosses_itself_is_refused_before():
    bow_tie = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    layer = parcels(("99001000AA0001", "a", bow_tie)).assign(stated_m2=np.nan, measured_m2=np.nan)
    with pytest.raises(GeometryError, match=r"99001000AA0001: the shape is broken \(Self-intersection"):
        conform(layer, Parcels)


@pytest.mark.parametrize("tolerance", [-0.1, float("nan")])
def test_a_tolerance_that_is_no_distance_is_refused(tolerance):
    with pytest.raises(SchemaError, match=r"tolerance_m: .* is no distance"):
        found(tolerance_m=tolerance)


def test_layers_in_two_systems_are_refused():
    with pytest.raises(CrsError, match="EPSG:3950, EPSG:2154"):
        land_units(parcels(), OWNERS, sites(("port", EVERYWHERE), crs=2154))


def test_the_inputs_are_not_changed():
    layers = parcels(("p2", "a", box(0, 0, 9, 9)), ("p1", "b", box(1, 1, 5, 5))), OWNERS.copy(), PORT.copy()
    before = [layer.copy() for layer in layers]
    land_units(*layers)
    for layer, copy in zip(layers, before, strict=True):
        pd.testing.assert_frame_equal(layer, copy)


def test_a_unit_is_as_sure_as_the_weakest_of_what_it_is_made_of():
    layer = parcels(*((f"p{n}", "a", square) for n, square in enumerate(squares((0, 0), (1, 0), (3, 0)))))
    layer["basis"] = ["surveyed", "digitised", "surveyed"]
    assert land_units(layer, OWNERS, PORT).units["basis"].tolist() == ["digitised", "surveyed"]
    drawn = sites(("s", box(0, 0, 35, 10))).assign(basis="digitised")
    assert land_units(layer, OWNERS, drawn).units["basis"].tolist() == ["digitised", "digitised"]


# --- under hypothesis ------------------------------------------------------------------------------------------------

steps = st.lists(st.integers(2, 9), min_size=1, max_size=4)
whom = st.sampled_from(["a", "b", "c"])
perhaps = st.sampled_from(["a", "b", ""])


@st.composite
def fabrics(draw, owners=whom):
    """Draw a cadastre: quadrangles that share every vertex, some merged with their neighbour, and their owners."""
    across, along = (np.concatenate([[0], np.cumsum(draw(steps))]) for _ in range(2))
    lean = draw(st.sampled_from([0.0, 0.13, 0.4]))
    nodes = {(i, j): (x + lean * y, y - lean * x / 2) for i, x in enumerate(across) for j, y in enumerate(along)}
    cells = [
        Polygon([nodes[i, j], nodes[i + 1, j], nodes[i + 1, j + 1], nodes[i, j + 1]])
        for i in range(len(across) - 1)
        for j in range(len(along) - 1)
    ]
    # a cell may be merged with the next: their neighbours then have a vertex in the middle of its side
    for n in sorted(draw(st.sets(st.integers(0, len(cells)), max_size=3)), reverse=True):
        if n + 1 < len(cells):
            union = shapely.coverage_union(cells[n], cells[n + 1])
            if isinstance(whole := shapely.get_parts(union), np.ndarray) and len(whole) == 1:
                cells[n : n + 2] = [whole[0]]
    there = draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells)))
    kept = [cell for cell, stays in zip(cells, there, strict=True) if stays] or cells
    held = draw(st.lists(owners, min_size=len(kept), max_size=len(kept)))
    return [(f"p{n:02d}", owner, cell) for n, (owner, cell) in enumerate(zip(held, kept, strict=True))]


corner = st.integers(0, 12)
rectangles = st.builds(lambda x, y, w, h: box(x, y, x + w, y + h), corner, corner, st.integers(1, 8), st.integers(1, 8))


@st.composite
def heaps(draw, owners=perhaps):
    """Draw parcels that lie over each other."""
    shapes = draw(st.lists(rectangles, min_size=1, max_size=6))
    return [(f"p{n:02d}", draw(owners), shape) for n, shape in enumerate(shapes)]


def same_ground(one, other):
    """Say whether two lists of polygons are the same, in any order."""
    one, other = np.array(list(one), dtype=object), np.array(list(other), dtype=object)
    differ = shapely.area(shapely.symmetric_difference(one[:, None], other[None, :])) < 1e-3
    return len(one) == len(other) and (differ.sum(axis=0) == 1).all() and (differ.sum(axis=1) == 1).all()


@given(fabrics())
def test_units_are_what_dissolve_and_explode_make(rows):
    witness = parcels(*rows).dissolve("owner_id").explode(index_parts=False).geometry
    result = found(*rows)
    assert same_ground(result.units.geometry, witness)
    assert bounds(result) == [[len(witness)] * 2]
    assert told(result) == []


@given(fabrics(), rectangles)
def test_units_in_a_site_are_what_clip_dissolve_and_explode_make(rows, site):
    cut = parcels(*rows).clip(here(site), keep_geom_type=True)
    witness = cut.dissolve("owner_id").explode(index_parts=False).geometry
    result = found(*rows, at=sites(("s", site)), tolerance_m=0, belonging=ANY_PIECE).units.geometry
    assert same_ground(result[result.area > 0.01], witness[witness.area > 0.01])


@heavy
@given(fabrics(perhaps), st.sampled_from([-2.5, -2.0, -0.3, 0.3, 1.0, 2.0, 2.5]), st.data())
def test_a_border_off_by_less_than_the_least_width_changes_no_unit(rows, off, data):
    rows = [(name, owner, scale(shape, 20, 20, origin=(0, 0))) for name, owner, shape in rows]
    those = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    inside = [shape for (*_, shape), taken in zip(rows, those, strict=True) if taken] or [rows[0][2]]
    exact = shapely.union_all(inside)
    drawn = shapely.buffer(exact, off, join_style="mitre")
    clean, rough = (found(*rows, at=sites(("s", outline))) for outline in (exact, drawn))
    assert units(rough) == units(clean)
    assert bounds(rough) == bounds(clean)
    assert rough.units["land_unit_id"].tolist() == clean.units["land_unit_id"].tolist()
    assert (rough.counts["every_high"] >= rough.counts["units_high"]).all()
    keys = [*rough.units["land_unit_id"], *rough.edges["land_unit_id"]]
    assert len(keys) == len({*keys})
    without = found(*rows, at=sites(("s", drawn)), belonging=ANY_PIECE)
    assert bounds(without) == rough.counts[["every_low", "every_high"]].to_numpy().tolist()
    assert BELONGING.least_width_m > 2.5 * 1.18  # around a corner a strip is wider than it is along a side


def unshared(shapes):
    """Give every polygon a vertex of its own in each of its sides, so that no edge is in two polygons."""

    def side(a, b, share):
        return [a, (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))]

    found = []
    for n, shape in enumerate(shapes):
        ring = [*shape.exterior.coords]
        share = 0.1 + 0.3 * n / len(shapes)  # under a half: no two meet from either end
        found.append(Polygon([point for a, b in pairwise(ring) for point in side(a, b, share)]))
    return found


@given(fabrics())
def test_the_exact_way_and_the_tolerant_way_find_the_same_contacts(rows):
    shapes = [here(shape) for *_, shape in rows]
    alone = np.zeros(len(rows), dtype=int)
    exact = polygon_contacts(np.array(shapes, dtype=object), alone, 0.05)
    tolerant = polygon_contacts(np.array(unshared(shapes), dtype=object), alone, 0.05)
    assert exact.exact.all()
    assert not tolerant.exact.any()
    assert exact.pairs.tolist() == tolerant.pairs.tolist()
    joined = found(*rows).units
    loose = found(*((name, owner, shape) for (name, owner, _), shape in zip(rows, unshared_at_home(rows), strict=True)))
    assert same_ground(joined.geometry, loose.units.geometry)
    assert joined["parcel_ids"].tolist() == loose.units["parcel_ids"].tolist()


def unshared_at_home(rows):
    return unshared([shape for *_, shape in rows])


@given(fabrics(), st.sampled_from([-0.02, 0.02]))
def test_gaps_and_overlaps_within_the_tolerance_change_no_unit_and_are_told(rows, by):
    drawn = [(name, owner, shapely.buffer(shape, by, join_style="mitre")) for name, owner, shape in rows]
    clean, rough = found(*rows), found(*drawn)
    assert units(rough) == units(clean)
    assert rough.touching.tolist() == clean.touching.tolist()
    assert bounds(rough) == bounds(clean)
    neighbours = len(
        polygon_contacts(np.array([here(shape) for *_, shape in rows]), np.zeros(len(rows), dtype=int), 0.05).pairs
    )
    about_borders = rough.issues["message"].str.contains("A gap of up to|nowhere wider than", regex=True)
    assert about_borders.sum() >= neighbours


@given(st.one_of(fabrics(perhaps), heaps()), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(rows, random):
    mixed = random.sample(rows, len(rows))
    before, after = found(*rows), found(*mixed)
    pd.testing.assert_frame_equal(before.units.drop(columns="geometry"), after.units.drop(columns="geometry"))
    assert shapely.equals(before.units.geometry.to_numpy(), after.units.geometry.to_numpy()).all()
    pd.testing.assert_frame_equal(before.counts, after.counts)
    pd.testing.assert_frame_equal(before.issues, after.issues)
    assert before.touching.tolist() == after.touching.tolist()


@given(st.one_of(fabrics(perhaps), heaps()), st.integers(-5000, 5000), st.integers(-5000, 5000))
def test_moving_everything_changes_nothing(rows, east, north):
    site = box(-3, -2, 11, 9)
    before = found(*rows, at=sites(("s", site)))
    moved = [(name, owner, translate(shape, east, north)) for name, owner, shape in rows]
    after = found(*moved, at=sites(("s", translate(site, east, north))))
    assert units(before) == units(after)
    assert bounds(before) == bounds(after)
    assert before.touching.tolist() == after.touching.tolist()
    assert before.units["measured_m2"].tolist() == pytest.approx(after.units["measured_m2"].tolist(), abs=1e-3)
    assert told(before) == told(after)


def ground(issues, start=""):
    """Add up the square metres of the issues whose message starts so."""
    those = issues[issues["value"].str.endswith("m²") & issues["message"].str.startswith(start)]
    return sum(float(value.removesuffix(" m²")) for value in those["value"])


def accounted(rows, result):
    """Assert that parcels in are units and issues out, to a centimetre a row."""
    filled = ground(result.issues, "Gaps")
    out = result.units["measured_m2"].sum() - filled + (ground(result.issues) - filled)
    slack = 0.005 * len(result.issues) + NO_GROUND_M2 * len(rows) ** 2
    assert sum(shape.area for *_, shape in rows) == pytest.approx(out, abs=slack)


@given(heaps(), st.integers(1, 11))
def test_hectares_in_are_hectares_in_units_and_in_issues(rows, border):
    west, east = box(0, 0, border, 14), box(border, 0, 16, 10)
    accounted(rows, found(*rows, at=sites(("west", west), ("east", east))))


@given(fabrics(perhaps), st.sampled_from([-0.02, 0.02, -0.1, 0.1]))
def test_hectares_add_up_where_borders_are_off(rows, by):
    drawn = [(name, owner, shapely.buffer(shape, by, join_style="mitre")) for name, owner, shape in rows]
    accounted(drawn, found(*drawn, at=sites(("s", box(-3, -2, 11, 9)))))


@given(heaps(), st.integers(1, 11))
def test_units_are_sound_polygons_that_share_no_ground(rows, border):
    result = found(*rows, at=sites(("west", box(0, 0, border, 14)), ("east", box(border, 0, 16, 10))))
    for _, unit in result.units.groupby("site_id"):
        shapes = unit.geometry.to_numpy()
        assert set(shapely.get_type_id(shapes)) == {3}
        assert shapely.is_valid(shapes).all()
        assert shapely.area(shapes).sum() == pytest.approx(shapely.union_all(shapes).area, abs=1e-3)


@given(heaps())
def test_every_overlap_is_found(rows):
    shapes = np.array([here(shape) for *_, shape in rows], dtype=object)
    alone = np.zeros(len(rows), dtype=int)
    pairs = overlapping_polygons(shapes, alone, polygon_contacts(shapes, alone, 0.05).doubtful)
    witness = [
        [a, b]
        for a in range(len(rows))
        for b in range(a + 1, len(rows))
        if shapes[a].intersection(shapes[b]).area > 0.5
    ]
    assert pairs.tolist() == witness


def tally(holders, touching):
    """Count the connected sets of one holder, one by one."""
    left, count = set(range(len(holders))), 0
    while left:
        count, border = count + 1, [left.pop()]
        while border:
            here = border.pop()
            near = {b for pair in touching for a, b in (pair, pair[::-1]) if a == here} & left
            joined = {other for other in near if holders[other] == holders[here]}
            left -= joined
            border += joined
    return count


@given(fabrics(st.sampled_from(["a", "b", "a", "b", ""])))
def test_the_counts_bound_every_assignment_of_unknown_owners(rows):
    unknown = [n for n, (_, owner, _) in enumerate(rows) if not owner][:4]
    rows = [(name, owner if owner or n in unknown else "c", shape) for n, (name, owner, shape) in enumerate(rows)]
    result = found(*rows)
    shapes = [shape for *_, shape in rows]
    touching = [(a, b) for a in range(len(rows)) for b in range(a) if shapes[a].intersection(shapes[b]).length > 1e-6]
    held = [owner for _, owner, _ in rows]
    counts = []
    for assigned in product(["a", "b", "c", *"wxyz"[: len(unknown)]], repeat=len(unknown)):
        for n, owner in zip(unknown, assigned, strict=True):
            held[n] = owner
        counts.append(tally(held, touching))
    ((low, high),) = bounds(result)
    assert low <= min(counts)
    assert high >= max(counts)
    if len(unknown) < 2:
        assert low == min(counts)
