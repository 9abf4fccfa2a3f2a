"""Rules between rows: sites apart, parts inside, terrains that tile."""

from itertools import pairwise

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box

from gis.errors import CrsError, SchemaError
from gis.measures.topology import (
    containing_sites,
    coverage_issues,
    overlapping_sites,
    overlapping_terrains,
    parts_outside,
    sites_far_from_commune,
    terrains_outside,
    untiled_sites,
)

X, Y = 1_674_000, 9_259_000


def hectares(east, north, width=1.0, height=1.0):
    return box(X + 100 * east, Y + 100 * north, X + 100 * (east + width), Y + 100 * (north + height))


def sites(*rows, crs=3950):
    """Make sites of (key, shape) or (key, shape, whole), with the columns that are read."""
    table = pd.DataFrame(
        [(key, *whole) if whole else (key, "") for key, _, *whole in rows], columns=["site_id", "part_of"]
    )
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([row[1] for row in rows], crs=crs))


def terrains(*rows, site_id="est", crs=3950):
    table = pd.DataFrame([(key, site_id) for key, _ in rows], columns=["terrain_id", "site_id"])
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([row[1] for row in rows], crs=crs))


def told(issues):
    return [tuple(row) for row in issues[["row", "column_name", "value", "message"]].to_numpy()]


EST = ("est", hectares(0, 0, 2))


def test_sites_side_by_side_are_fine():
    assert overlapping_sites(sites(EST, ("west", hectares(-1, 0)), ("lost", None))).empty


def test_sites_that_overlap_are_named_as_a_pair():
    found = overlapping_sites(sites(EST, ("west", hectares(1, 0, 2))))
    assert told(found) == [
        ("est", "geometry", "10000.0 m²", "Overlaps site west, and neither is `part_of` the other."),
    ]


def test_a_site_may_overlap_what_it_is_part_of_at_any_depth():
    nested = sites(EST, ("hall", hectares(0, 0), "est"), ("shop", hectares(0, 0, 0.5), "hall"))
    assert overlapping_sites(nested).empty
    assert parts_outside(nested).empty


def test_two_parts_of_one_site_may_not_overlap():
    found = overlapping_sites(sites(EST, ("a", hectares(0, 0), "est"), ("b", hectares(0.5, 0), "est")))
    assert [row[0] for row in told(found)] == ["a"]


def test_a_part_lies_inside_its_whole():
    found = parts_outside(sites(EST, ("hall", hectares(1.5, 0), "est"), ("shop", None, "nowhere")))
    assert told(found) == [
        ("hall", "geometry", "5000.0 m²", "Sticks out of site est."),
        ("shop", "part_of", "nowhere", "There is no such site."),
    ]


@pytest.mark.parametrize(
    "rows", [[("a", "a")], [("a", "b"), ("b", "a")], [("a", "b"), ("b", "c"), ("c", "a")]], ids=len
)
def test_a_site_inside_itself_is_refused(rows):
    with pytest.raises(SchemaError, match=r"a, column `part_of`: lies inside itself \(a in .*a\)"):
        containing_sites(pd.DataFrame(rows, columns=["site_id", "part_of"]))


def test_a_site_that_only_leads_to_a_circle_is_not_blamed():
    with pytest.raises(SchemaError) as refused:
        containing_sites(pd.DataFrame([("a", "b"), ("b", "b")], columns=["site_id", "part_of"]))
    assert "a, column" not in str(refused.value)


def test_a_terrain_lies_inside_its_site():
    found = terrains_outside(sites(EST, ("lost", None)), terrains(("in", hectares(0, 0)), ("out", hectares(1.9, 0))))
    assert told(found) == [("out", "geometry", "9000.0 m²", "Sticks out of site est.")]
    assert told(terrains_outside(sites(EST), terrains(("a", None), site_id="x"))) == [
        ("a", "site_id", "x", "There is no such site."),
    ]
    assert terrains_outside(sites(("lost", None)), terrains(("a", hectares(0, 0)), site_id="lost")).empty


def test_terrains_that_overlap_are_named_whatever_their_sites():
    found = overlapping_terrains(terrains(("a", hectares(0, 0)), ("b", hectares(0.9, 0)), ("c", None)))
    assert told(found) == [("a", "geometry", "1000.0 m²", "Overlaps terrain b.")]


def test_terrains_that_tile_their_site_are_fine():
    assert untiled_sites(sites(EST), terrains(("a", hectares(0, 0)), ("b", hectares(1, 0)))).empty


@pytest.mark.parametrize(
    ("second", "found"),
    [
        (hectares(1.1, 0, 0.9), [("1000.0 m²", "Ground of the site that is in no terrain.")]),
        (hectares(1, 0, 1.1), [("1000.0 m²", "Ground of its terrains that is off the site.")]),
        (hectares(0.9, 0, 1.1), [("400.0 m", "Its terrains overlap, or")]),
        (hectares(1, 0, 1, 0.5), [("150.0 m", "Its terrains overlap, or"), ("5000.0 m²", "Ground of the site")]),
        (hectares(1, 0, 0.99999), []),
    ],
    ids=["gap", "off the site", "overlap", "border that skips a vertex", "within the tolerance"],
)
def test_terrains_that_do_not_tile_are_measured(second, found):
    issues = told(untiled_sites(sites(EST), terrains(("a", hectares(0, 0)), ("b", second))))
    assert [message for *_, message in issues] == [
        next(message for *_, message in issues if message.startswith(start)) for _, start in found
    ]
    assert len(issues) == len(found)
    areas = [value for *_, value, message in issues if message.startswith("Ground")]
    assert areas == [value for value, message in found if message.startswith("Ground")]


def test_a_site_is_tiled_by_its_terrains_and_those_of_its_parts():
    whole = sites(EST, ("hall", hectares(0, 0), "est"))
    own = terrains(("b", hectares(1, 0)))
    part = terrains(("a", hectares(0, 0)), site_id="hall")
    assert untiled_sites(whole, pd.concat([own, part])).empty
    assert len(untiled_sites(whole, own)) == 1


def test_a_site_of_which_nothing_is_drawn_is_passed_over():
    assert untiled_sites(sites(EST, ("lost", None)), terrains(("a", None))).empty
    assert coverage_issues(sites(), terrains()).empty


def stated(*rows):
    """Make sites of (key, shape, INSEE codes)."""
    frame = sites(*(row[:2] for row in rows))
    return frame.assign(insee=[row[2] for row in rows])


@pytest.fixture
def communes():
    """Two communes of 1 km × 1 km side by side, and one whose outline nobody has."""
    table = pd.DataFrame({"insee": ["99001", "99002", "99003"]})
    shapes = [hectares(0, 0, 10, 10), hectares(10, 0, 10, 10), None]
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=3950))


def test_a_site_drawn_off_its_commune_is_named_with_how_far(communes):
    drawn = stated(("est", hectares(14, 0), "99001"), ("port", hectares(0, 14), "99001|99002"))
    assert told(sites_far_from_commune(drawn, communes)) == [
        ("est", "insee", "400 m", "Lies off 99001, stated for it."),
        ("port", "insee", "400 m", "Lies off 99001|99002, stated for it."),
    ]


def test_generalised_outlines_and_what_has_none_raise_no_issue(communes):
    near = hectares(10.9, 0)
    drawn = stated(
        ("near", near, "99001"),
        ("inside", hectares(12, 2), "99002"),
        ("between", hectares(9.5, 0), "99001|99002"),
        ("lost", hectares(90, 0), "99003"),
        ("unsaid", hectares(90, 0), ""),
        ("tile", None, "99001"),
    )
    assert sites_far_from_commune(drawn, communes).empty
    assert len(sites_far_from_commune(drawn, communes, tolerance_m=50)) == 1


def test_every_fault_is_listed_at_once():
    issues = coverage_issues(sites(EST, ("west", hectares(1, 0, 2))), terrains(("a", hectares(1.5, 0))))
    told = {(row.layer, row.row, row.value, row.message) for row in issues.itertuples()}
    assert len(issues) == 4
    assert ("sites", "est", "10000.0 m²", "Overlaps site west, and neither is `part_of` the other.") in told
    assert ("terrains", "a", "5000.0 m²", "Sticks out of site est.") in told
    assert coverage_issues(sites(EST), terrains(("a", EST[1]))).empty


def test_layers_in_two_systems_are_refused():
    with pytest.raises(CrsError, match="EPSG:3950, EPSG:2154"):
        untiled_sites(sites(EST), terrains(("a", EST[1]), crs=2154))


@given(st.lists(st.integers(1, 9), max_size=5), st.lists(st.integers(1, 9), max_size=5))
def test_any_cut_of_a_site_tiles_it_and_losing_one_piece_shows(across, along):
    columns, rows = (sorted({0, 10, *cuts}) for cuts in (across, along))
    cells = [hectares(w, s, e - w, n - s) for w, e in pairwise(columns) for s, n in pairwise(rows)]
    whole = sites(("est", hectares(0, 0, 10, 10)))
    pieces = [(str(n), cell) for n, cell in enumerate(cells)]
    assert coverage_issues(whole, terrains(*pieces)).empty
    lost = untiled_sites(whole, terrains(*pieces[1:]))
    assert lost["value"].tolist() == ([f"{cells[0].area:.1f} m²"] if len(pieces) > 1 else [])


def test_an_overlap_within_the_tolerance_is_drawing():
    near = Polygon([(X, Y), (X + 200.004, Y), (X + 200.004, Y + 100), (X, Y + 100)])
    assert shapely.area(near) > 2e4
    assert overlapping_sites(sites(("a", near), ("b", hectares(2, 0)))).empty
    assert len(overlapping_sites(sites(("a", near), ("b", hectares(2, 0))), tolerance_m2=0.1)) == 1
