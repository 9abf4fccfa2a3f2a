"""Several sources of one layer, joined: what gives way, what lies in what."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box
from shapely.affinity import translate

from gis.schemas import Buildings, Parcels, Sites
from gis.sources.conflation.conflate import (
    assign_enclosing_sites,
    merge_by_preference,
    parcels_in_sites,
    place_establishments,
    site_of_rows,
    sites_in_communes,
)
from gis.sources.conflation.joined import fill_rows_from_layer
from gis.sources.open_data.features import complete_columns

X, Y = 1_674_000, 9_259_000


def _square(side, *, east=0.0, north=0.0):
    return box(X + east, Y + north, X + east + side, Y + north + side)


def _layer(schema, key, shapes, **columns):
    frame = gpd.GeoDataFrame({key: list(shapes), **columns}, geometry=list(shapes.values()), crs=3950)
    made = complete_columns(frame.assign(basis="surveyed"), schema)
    return made.assign(source_id=columns.get("source_id", "s"), measured_m2=made.geometry.area)


def _buildings(source, **shapes):
    return _layer(Buildings, "building_id", shapes, source_id=source)


def _sites(**shapes):
    return _layer(Sites, "site_id", shapes)


def test_the_preferred_of_two_shapes_of_one_thing_is_kept_and_the_distance_told():
    first, second = _buildings("a", one=_square(10)), _buildings("b", two=_square(10, east=3), far=_square(10, east=50))
    joined = merge_by_preference([first, second], "buildings")
    assert list(joined.layer["building_id"]) == ["one", "far"]
    (row,) = joined.replaced
    assert (row["row"], row["replaced"], row["source_id"], row["replaced_source_id"]) == ("one", "two", "a", "b")
    assert row["apart_m"] == pytest.approx(3)
    assert row["overlap_share"] == pytest.approx(0.7)


def test_less_than_half_in_common_is_two_things():
    joined = merge_by_preference(
        [_buildings("a", one=_square(10)), _buildings("b", two=_square(10, east=6))], "buildings"
    )
    assert len(joined.layer) == 2
    assert joined.replaced == []


def test_a_small_site_in_a_large_one_is_no_second_drawing_of_it():
    zone, plant = _sites(zone=_square(100)), _sites(plant=_square(20))
    assert len(merge_by_preference([zone, plant], "sites", nested=True).layer) == 2
    assert len(merge_by_preference([zone, plant], "sites").layer) == 1


@given(st.lists(st.floats(0, 40), min_size=1, max_size=5), st.lists(st.floats(0, 40), max_size=5))
def test_what_is_joined_is_kept_or_told(first, second):
    a = _buildings("a", **{f"a{n}": _square(10, east=50 * n + east / 4) for n, east in enumerate(first)})
    b = _buildings("b", **{f"b{n}": _square(10, east=50 * n + east / 4) for n, east in enumerate(second)})
    joined = merge_by_preference([a, b], "buildings")
    assert set(a["building_id"]) <= set(joined.layer["building_id"])
    gone = {row["replaced"] for row in joined.replaced}
    assert gone | set(joined.layer["building_id"]) == set(a["building_id"]) | set(b["building_id"])
    assert not gone & set(joined.layer["building_id"])


def test_the_smallest_site_that_holds_half_of_another_is_its_whole():
    sites = _sites(zone=_square(100), park=_square(60), plant=_square(10, east=5), out=_square(10, east=200))
    assert list(assign_enclosing_sites(sites)["part_of"]) == ["", "zone", "park", ""]


def test_what_rows_say_of_wholes_stays_and_makes_no_circle():
    sites = _sites(zone=_square(100), plant=_square(10)).assign(part_of=["plant", ""])
    assert list(assign_enclosing_sites(sites)["part_of"]) == ["plant", ""]


def test_sites_beyond_the_communes_are_left_out_and_the_others_say_where_they_lie():
    communes = gpd.GeoDataFrame({"insee": ["1", "2"]}, geometry=[_square(100), _square(100, east=100)], crs=3950)
    sites = _sites(both=_square(20, east=88), mostly=_square(20, east=81), out=_square(20, east=195))
    found = sites_in_communes(sites, communes)
    assert dict(zip(found["site_id"], found["insee"], strict=True)) == {"both": "1|2", "mostly": "1"}


def _parcels(**shapes):
    return _layer(Parcels, "parcel_id", {key.ljust(14, "0"): shape for key, shape in shapes.items()})


def test_a_parcel_belongs_to_the_site_that_holds_half_of_it_and_a_sliver_is_told():
    sites = _sites(zone=_square(100), park=_square(50))
    parcels = _parcels(a=_square(10), b=_square(10, east=95), c=_square(10, east=97), d=_square(10, east=300))
    found, issues = parcels_in_sites(parcels, sites)
    assert list(found["site_id"]) == ["park", "zone", "", ""]
    assert list(found["site_share"].round(2))[:2] == [1.0, 0.5]
    assert found["site_share"][2:].isna().all()
    (said,) = issues
    assert said["row"] == "c0000000000000"
    assert said["message"] == "30 m² of it lie in that site, 30% of the parcel: it is not counted in."


@given(st.floats(0, 120))
def test_no_parcel_is_held_and_a_sliver_at_once(east):
    found = site_of_rows(_parcels(a=_square(10, east=east)), _sites(zone=_square(100)))
    assert (found.site_id[0] != "") + len(found.slivers) <= 1
    assert (found.site_id[0] != "") == (found.share[0] >= 0.5)


def test_rows_take_what_they_do_not_say_and_keep_what_they_do():
    own = _parcels(a=_square(10), b=_square(10)).assign(owner_id=["mine", ""], stated_m2=[np.nan, 7.0])
    own = own.assign(geometry=gpd.GeoSeries([None, own.geometry[1]], crs=3950), source_id="own", basis="stated")
    other = _parcels(a=_square(10, east=1), b=_square(10, east=1)).assign(owner_id="x", stated_m2=5.0)
    made = fill_rows_from_layer("parcels", own, other, Path())
    assert list(made["owner_id"]) == ["mine", "x"]
    assert list(made["stated_m2"]) == [5.0, 7.0]
    assert made.geometry[0].equals(other.geometry[0])
    assert made.geometry[1].equals(own.geometry[1])
    assert list(made["source_id"]) == ["s", "own"]
    assert list(made["basis"]) == ["surveyed", "stated"]


def test_an_establishment_stands_where_its_address_is_and_nowhere_if_that_is_not_known():
    sites = _sites(zone=_square(100), plant=_square(20))
    names = ["sure", "zone", "out", "street"]
    rows = pd.DataFrame(
        {
            "establishment_id": names,
            "x_m": [X + 5.0, X + 50.0, X + 500.0, X + 5.0],
            "y_m": [Y + 5.0] * 4,
            "placed": ["localisation à la plaque adresse"] * 3 + ["localisation à la rue (sans numéro)"],
            "site_id": pd.array([""] * 4, dtype="str"),
        }
    )
    found, issues = place_establishments(rows, {"sites": sites})
    assert list(found["site_id"]) == ["plant", "zone", "", ""]
    assert [row["row"] for row in issues] == ["street"]


def test_joining_does_not_depend_on_where_the_ground_lies():
    a, b = _buildings("a", one=_square(10)), _buildings("b", two=_square(10, east=3))
    moved = [layer.set_geometry([translate(shape, 900, -70) for shape in layer.geometry], crs=3950) for layer in (a, b)]
    assert merge_by_preference(moved, "buildings").replaced[0]["apart_m"] == pytest.approx(3)
