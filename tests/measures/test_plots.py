"""Plots: what touches is one offer, what does not is none, and what nobody knows makes no offer larger."""

import itertools
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, affinity, box, union_all

from gis.errors import CrsError, SchemaError
from gis.measures.plots import (
    Need,
    PlotGround,
    _smallest_sets,
    access_distances,
    assemble_plots,
    buildable_ground,
    smallest_plots,
    touching_terrains,
)
from gis.schemas import (
    Accesses,
    AccessKind,
    Exclusions,
    Owners,
    Parcels,
    Roads,
    Sites,
    Terrains,
)

X, Y = 1_674_000, 9_259_000
NOW = {"useful": "oui", "occupied": "vacant", "sale": "en vente", "servicing": "viabilisé et aménagé"}
LATER = NOW | {"servicing": "viabilisation en cours"}
NOBODY = NOW | {"sale": "inconnu"}
SOLD = NOW | {"sale": "vendu, commercialisation achevée"}


def field(east, north, width=1.0, height=1.0):
    """Draw a rectangle, in sides of a square hectare."""
    return box(X + 100 * east, Y + 100 * north, X + 100 * (east + width), Y + 100 * (north + height))


@pytest.fixture(scope="session")
def ground_of(layer_of):
    """Make ground of terrains (name → shape and state, more columns), with what else is known of it."""

    def make(terrains, exclusions=(), parcels=(), owners=(), roads=()):
        rows = [
            {"terrain_id": name, "site_id": "est", "geometry": shape, **state}
            for name, (shape, state) in terrains.items()
        ]
        kinds = [{"owner_id": name, "owner_kind": kind} for name, kind in owners]
        return PlotGround(
            layer_of(Terrains, rows),
            layer_of(
                Exclusions, [{"exclusion_id": f"x{n}", "geometry": s} for n, s in enumerate(exclusions)], reason="water"
            ),
            layer_of(
                Parcels, [{"parcel_id": f"{n:014}", "owner_id": o, "geometry": s} for n, (s, o) in enumerate(parcels)]
            ),
            layer_of(Owners, kinds),
            layer_of(Roads, [{"road_id": f"r{n}", "geometry": s} for n, s in enumerate(roads)], road_class="street"),
        )

    return make


def found(layer):
    return layer["plot_id"].tolist()


def test_terrains_that_share_an_edge_are_one_plot_and_those_that_share_a_point_are_two(ground_of):
    ground = ground_of({"a": (field(0, 0), NOW), "b": (field(1, 0), NOW), "c": (field(2, 1), NOW)})
    assert found(assemble_plots(ground)) == ["a+b", "c"]
    assert assemble_plots(ground)["gross_ha"].tolist() == pytest.approx([2, 1])
    assert assemble_plots(ground)["terrains"].tolist() == [2, 1]


@pytest.mark.parametrize(("gap", "expected"), [(0.04, ["a+b"]), (-0.04, ["a+b"]), (0.2, ["a", "b"])])
def test_a_gap_or_an_overlap_up_to_the_tolerance_is_none(ground_of, gap, expected):
    ground = ground_of({"a": (field(0, 0), NOW), "b": (affinity.translate(field(1, 0), gap), NOW)})
    assert found(assemble_plots(ground)) == expected


def test_an_edge_that_one_side_has_cut_is_shared_all_the_same(ground_of):
    ground = ground_of({"a": (field(0, 0, 1, 2), NOW), "b": (field(1, 0.5), NOW)})
    assert found(assemble_plots(ground)) == ["a+b"]


def test_sold_ground_between_two_terrains_keeps_them_apart(ground_of):
    ground = ground_of({"a": (field(0, 0), NOW), "b": (field(1, 0), SOLD), "c": (field(2, 0), NOW)})
    assert found(assemble_plots(ground)) == ["a", "c"]


def test_what_nobody_knows_makes_a_plot_of_its_own_and_no_sure_one_larger(ground_of):
    ground = ground_of({"a": (field(0, 0), NOBODY), "b": (field(1, 0), NOW), "c": (field(0, 1), NOBODY)})
    layer = assemble_plots(ground)
    assert found(layer) == ["b", "a+c"]
    assert layer["available"].tolist() == ["oui", "inconnu"]


def test_later_is_asked_apart(ground_of):
    ground = ground_of({"a": (field(0, 0), NOW), "b": (field(1, 0), LATER)})
    later = assemble_plots(ground, later=True)
    assert found(later) == ["b"]
    assert later[["later", "serviced"]].values.tolist() == [["oui", "non"]]
    assert assemble_plots(ground)["later"].tolist() == ["non"]


def test_a_terrain_that_nobody_has_drawn_is_a_plot_of_unknown_size(ground_of):
    [row] = assemble_plots(ground_of({"a": (None, NOW)})).to_dict("records")
    assert row["plot_id"] == "a"
    assert row["geometry"] is None
    assert all(np.isnan(row[name]) for name in ("gross_ha", "left_ha", "width_m", "circle_m", "compactness", "owners"))


def test_without_terrains_there_is_no_plot(ground_of):
    assert len(assemble_plots(ground_of({}))) == 0


def test_what_is_left_is_measured_and_the_shape_is_all_its_ground(ground_of):
    ground = ground_of({"a": (field(0, 0, 2, 1), NOW)}, exclusions=[field(1.5, -1, 1, 3)])
    [row] = assemble_plots(ground).to_dict("records")
    assert (row["gross_ha"], row["left_ha"], row["width_m"]) == (
        pytest.approx(2),
        pytest.approx(1.5),
        pytest.approx(100),
    )
    assert row["geometry"].area == pytest.approx(20_000)
    assert buildable_ground(assemble_plots(ground), ground.exclusions)[0].area == pytest.approx(15_000)


def test_ground_that_is_excluded_whole_is_left_with_nothing(ground_of):
    ground = ground_of({"a": (field(0, 0), NOW)}, exclusions=[field(-1, -1, 3, 3)])
    [row] = assemble_plots(ground).to_dict("records")
    assert (row["left_ha"], row["width_m"], row["circle_m"]) == (0, 0, 0)
    assert buildable_ground(assemble_plots(ground), ground.exclusions)[0].is_empty


def test_owners_are_counted_and_one_unknown_makes_the_count_unknown(ground_of):
    terrains = {name: (field(2 * n, 0), NOW) for n, name in enumerate("abcd")}
    parcels = [
        *((field(0, 0, 1, 0.5), "mairie"), (field(0, 0.5, 1, 0.5), "mairie")),
        *((field(2, 0, 1, 0.5), "mairie"), (field(2, 0.5, 1, 0.5), "port")),
        *((field(4, 0, 1, 0.5), "mairie"), (field(4, 0.5, 1, 0.5), "")),
        (field(6, 0, 1, 0.5), "port"),
        (field(1, 0), ""),
    ]
    ground = ground_of(terrains, parcels=parcels, owners=[("mairie", "legal"), ("port", "legal")])
    assert assemble_plots(ground)["owners"].tolist() == pytest.approx([1, 2, np.nan, np.nan], nan_ok=True)
    unknown = ground_of(terrains, parcels=parcels, owners=[("mairie", "unknown"), ("port", "legal")])
    assert np.isnan(assemble_plots(unknown)["owners"]).all()


def test_what_terrains_say_is_joined(ground_of):
    states = (
        NOW
        | {
            "price_eur_m2": 20.0,
            "power_kw": 100.0,
            "vocation": "industrie",
            "available_from": np.datetime64("2025-01-01"),
        },
        NOW | {"price_eur_m2": 30.0, "vocation": "bureaux", "available_from": np.datetime64("2026-01-01")},
    )
    both = ground_of({"a": (field(0, 0), states[0]), "b": (field(1, 0), states[1])})
    [row] = assemble_plots(both).to_dict("records")
    assert (row["price_low_eur_m2"], row["price_high_eur_m2"], row["power_kw"]) == (20, 30, 100)
    assert row["vocation"] == "industrie|bureaux"
    assert str(row["available_from"].date()) == "2026-01-01"
    one = ground_of({"a": (field(0, 0), states[0]), "b": (field(1, 0), NOW)})
    [row] = assemble_plots(one).to_dict("records")
    assert np.isnan(row["price_low_eur_m2"])
    assert row["available_from"] is None or row["available_from"] != row["available_from"]


def test_frontage_is_unknown_without_roads_and_measured_with_them(ground_of):
    terrains = {"a": (field(0, 0), NOW)}
    assert np.isnan(assemble_plots(ground_of(terrains))["frontage_m"][0])
    road = LineString([(X - 500, Y - 8), (X + 500, Y - 8)])
    assert assemble_plots(ground_of(terrains, roads=[road]))["frontage_m"][0] == pytest.approx(108)


def test_no_ground_opens_onto_a_motorway(ground_of):
    near, far = (LineString([(X - 500, Y - away), (X + 500, Y - away)]) for away in (8, 400))
    ground = ground_of({"a": (field(0, 0), NOW)}, roads=[near, far])
    assert assemble_plots(ground)["frontage_m"][0] == pytest.approx(108)
    motorway = ground.roads.assign(road_class=["motorway", "street"])
    assert assemble_plots(replace(ground, roads=motorway))["frontage_m"][0] == 0


def test_layers_in_two_systems_are_refused(ground_of):
    ground = ground_of({"a": (field(0, 0), NOW)})
    other = PlotGround(ground.terrains, ground.exclusions.to_crs(2154), ground.parcels, ground.owners, ground.roads)
    with pytest.raises(CrsError, match="Bring them into one"):
        assemble_plots(other)


cells = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=12, unique=True)


@given(cells, st.floats(0, 360), st.data())
def test_plots_are_what_a_search_of_neighbours_on_a_board_finds(ground_of, spots, turn, data):
    states = data.draw(st.lists(st.sampled_from([NOW, NOBODY, SOLD]), min_size=len(spots), max_size=len(spots)))
    shapes = [affinity.rotate(field(x, y), turn, origin=(X, Y)) for x, y in spots]
    ground = ground_of({f"t{n:02}": each for n, each in enumerate(zip(shapes, states, strict=True))})
    layer = assemble_plots(ground, tolerance_m=0.05)
    expected = set()
    for state in (NOW, NOBODY):
        open_ = {spot for spot, said in zip(spots, states, strict=True) if said is state}
        while open_:
            group, edge = set(), {open_.pop()}
            while edge:
                group |= edge
                edge = {(x + i, y + j) for x, y in edge for i, j in ((0, 1), (1, 0), (0, -1), (-1, 0))} & open_
                open_ -= edge
            expected.add("|".join(sorted(f"t{spots.index(spot):02}" for spot in group)))
    assert {*layer["terrain_ids"]} == expected
    assert layer["plot_id"].is_unique
    assert layer["gross_ha"].tolist() == pytest.approx(layer["terrains"].tolist())
    assert (layer["left_ha"] <= layer["gross_ha"]).all()


def test_a_key_is_the_same_for_the_same_terrains_in_any_order_of_rows(ground_of):
    terrains = {f"t{n}": (field(n, 0), NOW) for n in range(6)}
    ground = ground_of(terrains)
    [key] = found(assemble_plots(ground))
    assert key.startswith("t0+5.")
    assert found(assemble_plots(ground_of({**terrains, "far": (field(20, 0), NOW)}))) == [key, "far"]


# --- the smallest sets -----------------------------------------------------------------------------------------------


def test_the_smallest_sets_are_the_pairs_that_are_enough(ground_of):
    ground = ground_of({f"t{n}": (field(n, 0), NOW) for n in range(4)})
    assert found(smallest_plots(ground, Need(min_ha=2)).plots) == ["t0+t1", "t1+t2", "t2+t3"]


def test_a_need_for_a_rectangle_is_met_by_terrains_that_hold_it_together(ground_of):
    ground = ground_of({"a": (field(0, 0), NOW), "b": (field(1, 0), NOW), "c": (field(0, 1), NOW)})
    need = Need(rectangle=(180, 90), setback_m=5)
    assert found(smallest_plots(ground, need).plots) == ["a+b", "a+c"]
    assert found(smallest_plots(ground, Need(rectangle=(90, 90), setback_m=5)).plots) == ["a", "b", "c"]
    assert found(smallest_plots(ground, Need(rectangle=(180, 180))).plots) == []


def test_a_search_that_would_take_too_long_is_given_up_and_says_so(ground_of):
    ground = ground_of({f"t{x}{y}": (field(x, y), NOW) for x in range(4) for y in range(4)})
    smallest = smallest_plots(ground, Need(min_ha=9), most_sets=200)
    assert len(smallest.plots) == 0
    assert smallest.given_up == tuple(found(assemble_plots(ground)))
    assert smallest_plots(ground, Need(min_ha=2), most_sets=200).given_up == ()


@given(cells, st.integers(1, 6))
def test_the_smallest_sets_are_those_that_trying_all_finds(spots, least):
    sizes = [1.0 if (x + y) % 3 else 0.5 for x, y in spots]
    left = np.array([field(x, y).buffer(0) for x, y in spots], dtype=object)
    beside = {
        n: {m for m, other in enumerate(spots) if abs(spot[0] - other[0]) + abs(spot[1] - other[1]) == 1}
        for n, spot in enumerate(spots)
    }
    left[:] = [affinity.scale(shape, 1, size) for shape, size in zip(left, sizes, strict=True)]

    def joined(those):
        seen, edge = set(), {those[0]}
        while edge:
            seen |= edge
            edge = {m for n in edge for m in beside[n]} & set(those) - seen
        return len(seen) == len(those)

    every = range(len(spots))
    for count in range(1, len(spots) + 1):
        expected = [
            [*those]
            for those in itertools.combinations(every, count)
            if sum(sizes[n] for n in those) >= least - 1e-9 and joined(those)
        ]
        if expected:
            break
    if joined([*every]):
        assert _smallest_sets({*every}, beside, (left, left), Need(min_ha=least), 10_000) == expected


@pytest.mark.parametrize("need", [Need(rectangle=(0, 10)), Need(rectangle=(10, 10), setback_m=-1)])
def test_a_need_of_no_size_is_refused(ground_of, need):
    with pytest.raises(SchemaError, match="is no"):
        smallest_plots(ground_of({"a": (field(0, 0), NOW)}), need)


# --- distances -------------------------------------------------------------------------------------------------------


def test_a_distance_is_measured_from_the_border_else_stated_else_unknown(layer_of, ground_of):
    ground = ground_of({"a": (field(0, 0), NOW), "b": (None, NOW)})
    accesses = layer_of(
        Accesses,
        [
            {"access_id": "e1", "access_kind": "motorway_exit", "geometry": Point(X + 2100, Y + 50)},
            {"access_id": "e2", "access_kind": "motorway_exit", "geometry": Point(X + 1100, Y + 50)},
        ],
    )
    sites = layer_of(Sites, [{"site_id": "est", "motorway_km": 3.0, "port_km": 40.0}], site_type="autre")
    rows = access_distances(assemble_plots(ground), "plot_id", accesses, sites).set_index(["subject", "access_kind"])
    exit_ = AccessKind.MOTORWAY_EXIT.value
    assert rows.loc[("a", exit_)].tolist() == [pytest.approx(1.0), "as_the_crow_flies", "e2"]
    assert rows.loc[("b", exit_)].tolist() == [3.0, "stated", ""]
    assert rows.loc[("a", "port")].tolist() == [40.0, "stated", ""]
    assert rows.loc[("a", "airport"), "approach"] == ""
    assert np.isnan(rows.loc[("a", "airport"), "km"])


def test_parts_of_one_terrain_touch_for_it(layer_of):
    halves = union_all([field(0, 0), field(3, 0)])
    terrains = layer_of(
        Terrains,
        [
            {"terrain_id": "a", "site_id": "est", "geometry": halves, **NOW},
            {"terrain_id": "b", "site_id": "est", "geometry": field(2, 0), **NOW},
            {"terrain_id": "c", "site_id": "est", "geometry": Polygon(field(9, 9)), **NOW},
        ],
    )
    assert touching_terrains(terrains).tolist() == [[0, 1]]
    assert isinstance(terrains, gpd.GeoDataFrame)
