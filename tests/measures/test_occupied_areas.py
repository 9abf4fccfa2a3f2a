"""What is held kind by kind: land over land, footprint over footprint, floor over floor, never mixed."""

import datetime as dt

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gis.errors import CrsError
from gis.measures.occupancy import TO_COME, holds_by_premises, occupancy_figures, stated_area_kinds
from gis.measures.occupied_areas import Layers, held, held_figures, held_pieces
from gis.measures.vacancy import vacancy_figures
from gis.schemas import Buildings, Premises, Sites, Tenancies, Terrains
from tests.conftest import heavy
from tests.measures.conftest import layer

DAY = dt.date(2025, 9, 30)
KNOWN = {"from_earliest": "2020-01-01", "from_latest": "2020-01-01"}
MAYBE = {"from_earliest": "2025-01-01", "from_latest": "2025-12-31"}


def layers(tenancies, *, rooms=4, floors=(100.0, 200.0, 300.0, 400.0), shaped=(True,) * 4, sites=None):
    """Draw one site of 4 ha: terrains of 1 ha side by side, in each a building of 40 m × 50 m, in each one premises."""
    walls = [box(100 * n + 10, 10, 100 * n + 50, 60) for n in range(rooms)]
    rows = range(rooms)
    premises = [{"premises_id": f"p{n}", "building_id": f"b{n}", "floor_m2": floors[n]} for n in rows]
    return Layers(
        sites=layer(
            Sites,
            sites or [{"site_id": "port", "part_of": ""}],
            lambda _: {"site_type": "inconnu", "measured_m2": 40_000.0},
            geometry=[box(0, 0, 400, 100)] * len(sites or [1]),
        ),
        terrains=layer(
            Terrains,
            [{"terrain_id": f"t{n}"} for n in range(4)],
            lambda _: {"site_id": "port", **dict.fromkeys(("useful", "occupied", "sale", "servicing"), "inconnu")},
            geometry=[box(100 * n, 0, 100 * n + 100, 100) for n in range(4)],
        ),
        buildings=layer(
            Buildings, [{"building_id": f"b{n}"} for n in rows], lambda _: {"site_id": "port"}, geometry=walls
        ),
        premises=layer(
            Premises,
            premises,
            lambda _: {"site_id": "port"},
            geometry=[wall if drawn else None for wall, drawn in zip(walls, shaped, strict=False)],
        ),
        tenancies=layer(
            Tenancies,
            [
                {"tenancy_id": f"h{n}", "establishment_id": f"e{n}", "occupant": f"E{n}", **row, **dates(row)}
                for n, row in enumerate(tenancies)
            ],
            lambda _: {"site_id": "port", "area_kind": "not_said", "phase": "in_place"},
        ),
    )


def dates(row):
    return {name: dt.date.fromisoformat(value) for name, value in row.items() if name.startswith(("from", "to"))}


def bounds(frame, kind, site="port"):
    (row,) = frame[(frame["kind"] == kind) & (frame["site_id"] == site)].to_dict("records")
    return row["base_m2"], row["held_low_m2"], row["held_high_m2"], row["share_low"], row["share_high"]


def test_each_kind_is_divided_by_its_own_base():
    found = held(layers([{"premises_id": "p0", **KNOWN}, {"premises_id": "p1", **MAYBE}]), days=[DAY])
    assert bounds(found, "land") == (40_000, 10_000, 20_000, 0.25, 0.5)
    assert bounds(found, "footprint") == (8_000, 2_000, 4_000, 0.25, 0.5)
    assert bounds(found, "floor") == (1_000, 100, 300, 0.1, 0.3)
    assert [bounds(found, kind, "") for kind in ("land", "floor")] == [bounds(found, "land"), bounds(found, "floor")]


def test_who_is_to_come_counts_only_when_asked_for():
    there = layers([{"premises_id": "p2", "phase": "announced", **KNOWN}])
    assert bounds(held(there, days=[DAY]), "floor")[1:3] == (0, 1000)  # of today nobody has said anything
    assert bounds(held(there, days=[DAY], phases=("in_place", *TO_COME)), "floor")[1:3] == (300, 300)


@pytest.mark.parametrize("kind", ["land", "footprint", "floor"])
def test_without_any_tenancy_nobody_has_said_who_holds(kind):
    found = held(layers([]), days=[DAY])
    for site in ("port", ""):
        base, low, high, share_low, share_high = bounds(found, kind, site)
        assert (low, high, share_low, share_high) == (0, base, 0, 1)
    for figure in held_figures(layers([]), at=DAY):
        assert figure.low == 0 < figure.high
        assert "holders_unknown" in figure.assumptions
        assert "listed_alone" not in figure.assumptions
        assert figure.rows


def test_premises_held_by_two_count_once():
    found = held(layers([{"premises_id": "p0", **KNOWN}] * 2), days=[DAY])
    assert bounds(found, "floor")[1] == 100
    assert bounds(found, "land")[1] == 10_000


def test_premises_without_a_shape_may_take_their_building_or_anything():
    drawn = layers([{"premises_id": "p0", **KNOWN}], shaped=(False, True, True, True))
    assert bounds(held(drawn, days=[DAY]), "footprint")[1:3] == (0, 2_000)
    assert bounds(held(drawn, days=[DAY]), "land")[1:3] == (0, 10_000)
    lost = layers([{"premises_id": "p0", **KNOWN}], shaped=(False, True, True, True))
    lost.premises["building_id"] = ""
    assert bounds(held(lost, days=[DAY]), "footprint")[1:3] == (0, 8_000)
    assert bounds(held(lost, days=[DAY]), "land")[1:3] == (0, 40_000)


def test_premises_without_a_floor_area_are_left_out_of_both():
    found = held(layers([{"premises_id": "p0", **KNOWN}], floors=(float("nan"), 200.0, 300.0, 400.0)), days=[DAY])
    assert bounds(found, "floor")[:3] == (900, 0, 0)
    assert found.loc[found["kind"] == "floor", "left_out"].tolist() == [1, 1]


def test_a_site_inside_another_is_counted_once():
    two = layers(
        [{"premises_id": "p0", **KNOWN}],
        sites=[{"site_id": "port", "part_of": ""}, {"site_id": "quai", "part_of": "port"}],
    )
    found = held(two, days=[DAY])
    assert bounds(found, "land", "")[:2] == (40_000, 10_000)


def test_where_nothing_is_drawn_nothing_is_said():
    nothing = layers([{"premises_id": "p0", **KNOWN}], floors=(float("nan"),) * 4)
    bare = {name: getattr(nothing, name).copy() for name in ("sites", "terrains", "buildings", "premises")}
    for frame in bare.values():
        frame["geometry"] = gpd.GeoSeries([None] * len(frame), crs=3950)
    assert held(Layers(**bare, tenancies=nothing.tenancies), days=[DAY]).empty
    assert held_figures(Layers(**bare, tenancies=nothing.tenancies), at=DAY) == []


def test_an_outline_alone_says_nothing_of_who_holds_the_ground():
    there = layers([{"premises_id": "p0", **KNOWN}], rooms=1, shaped=(False,))
    bare = Layers(there.sites, there.terrains.iloc[:0], there.buildings, there.premises, there.tenancies)
    assert set(held(bare, days=[DAY])["kind"]) == {"footprint", "floor"}
    found = vacancy_figures(bare.sites, bare.terrains, bare.premises, bare.tenancies, at=DAY)
    assert {figure.kind for figure in found} == {"premises_vacancy", "floor_vacancy"}


def test_layers_in_two_systems_are_refused():
    mixed = layers([])
    with pytest.raises(CrsError):
        held(
            Layers(mixed.sites, mixed.terrains.to_crs(2154), mixed.buildings, mixed.premises, mixed.tenancies),
            days=[DAY],
        )


rows = st.lists(
    st.tuples(
        st.sampled_from(["p0", "p1", "p2", "p3"]),
        st.sampled_from([KNOWN, MAYBE]),
        st.sampled_from(["in_place", "announced"]),
    ),
    max_size=6,
)


@heavy
@given(rows, st.lists(st.booleans(), min_size=4, max_size=4))
def test_what_is_held_lies_within_its_bounds_and_its_base(drawn, shaped):
    there = layers([{"premises_id": key, "phase": phase, **when} for key, when, phase in drawn], shaped=shaped)
    alone, together = (held(there, days=[DAY], phases=phases) for phases in (("in_place",), ("in_place", *TO_COME)))
    for frame in (alone, together):
        assert (frame["held_low_m2"] <= frame["held_high_m2"] + 1e-6).all()
        assert (frame["held_high_m2"] <= frame["base_m2"] + 1e-6).all()
    assert (alone["held_low_m2"] <= together["held_low_m2"] + 1e-6).all()


@heavy
@given(rows)
def test_the_floor_vacant_and_the_floor_held_make_the_whole(drawn):
    there = layers([{"premises_id": key, "phase": phase, **when} for key, when, phase in drawn])
    found = vacancy_figures(there.sites, there.terrains, there.premises, there.tenancies, at=DAY)
    empty = next(figure for figure in found if figure.figure_id.startswith("floor_vacancy:port"))
    _, _, _, low, _ = bounds(held(there, days=[DAY]), "floor")
    _, _, _, _, high = bounds(held(there, days=[DAY], phases=("in_place", *TO_COME)), "floor")
    assert (empty.low, empty.high) == (pytest.approx(1 - high), pytest.approx(1 - low))


def test_figures_say_their_kind_their_rows_and_what_they_assume():
    found = {figure.figure_id: figure for figure in held_figures(layers([{"premises_id": "p0", **KNOWN}]), at=DAY)}
    land = found["held_land_m2:port@2025-09-30"]
    assert (land.low, land.high, land.unit) == (10_000, 10_000, "m2")
    assert land.rows == ("tenancies/h0", "premises/p0", "terrains/t0")
    assert {"listed_alone", "terrain_held_whole"} <= {*land.assumptions}
    share = found["held_floor_share:territory@2025-09-30"]
    assert (share.low, share.numerator, share.rows) == (0.1, "held_floor_m2:territory@2025-09-30", ("sites/port",))
    assert found["held_footprint_share:port@2025-09-30"].rows == tuple(f"buildings/b{n}" for n in range(4))


def test_areas_of_several_kinds_are_never_added_up(claims_of):
    mixed = layers(
        [
            {"premises_id": "p0", "area_low_m2": 100.0, "area_high_m2": 100.0, "area_kind": "floor", **KNOWN},
            {"premises_id": "p1", "area_low_m2": 50.0, "area_high_m2": 50.0, "area_kind": "footprint", **KNOWN},
            {"premises_id": "p2", "area_low_m2": 7.0, "area_high_m2": 7.0, "area_kind": "not_said", **KNOWN},
        ]
    ).tenancies
    base = {"use": "base", "unit": "m2", "value": "1000"}
    claims = claims_of({**base, "area_kind": "floor"}, {**base, "area_kind": "land"}, {**base, "area_kind": "not_said"})
    assert stated_area_kinds(mixed, site_id="port") == ("footprint", "floor", "not_said")
    found = {f.figure_id: f for f in occupancy_figures(mixed, claims, site_id="port", at=DAY)}
    stem = "port@2025-09-30"
    assert {key: figure.low for key, figure in found.items() if key.startswith("in_place_")} == {
        f"in_place_m2:{stem}:footprint": 50,
        f"in_place_m2:{stem}:floor": 100,
        f"in_place_m2:{stem}:not_said": 7,
        f"in_place_share:{stem}:1000-floor:floor": 0.1,
        f"in_place_share:{stem}:1000-not_said:not_said": 0.007,
    }
    assert "kind_not_said" not in found[f"in_place_share:{stem}:1000-floor:floor"].assumptions
    assert "kind_not_said" in found[f"in_place_share:{stem}:1000-not_said:not_said"].assumptions


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from([KNOWN, MAYBE])), max_size=6),
    st.lists(st.booleans(), min_size=4, max_size=4),
    st.floats(-60, 60),
)
@heavy
def test_pieces_of_who_holds_add_up_to_what_is_held(tenancies, shaped, moved):
    there = layers([{"premises_id": f"p{n}", **dates_} for n, dates_ in tenancies], shaped=shaped)
    drawn = there.premises.geometry.notna()
    there.premises.loc[drawn, "geometry"] = there.premises.loc[drawn].geometry.translate(moved)  # over two terrains
    holds = holds_by_premises(there.tenancies, at=DAY, phases=["in_place"])
    sure = {key for key, how in holds.items() if how == "yes"}
    for cut in held_pieces(there, site_id="port"):
        sums = [
            sum(area for keys, area in pieces.items() if {*keys} & those)
            for pieces, those in ((cut.low, sure), (cut.high, holds.keys()))
        ]
        if not tenancies:
            sums[1] = cut.base_m2  # nobody has said who holds: all of it may be held
        base, *expected = bounds(held(there, days=[DAY]), cut.kind)[:3]
        assert (cut.base_m2, *sums) == pytest.approx((base, *expected), abs=0.05)
