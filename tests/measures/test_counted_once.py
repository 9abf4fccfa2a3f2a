"""Ground counts once: sums over sites are of their union, however sites and terrains overlap, nest or stand twice."""

import datetime as dt

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gis.measures.absorption import absorption_figures
from gis.measures.availability import availability, availability_figures
from gis.measures.lifting import lifting_figures
from gis.measures.occupied_areas import Layers, held_figures, held_pieces
from gis.measures.plots import built_areas_m2, unbuilt_ground
from gis.measures.published_supply import zone_figures
from gis.measures.vacancy import premises_vacancy, surface_vacancy, vacancy_figures
from gis.schemas import Buildings, Exclusions, Premises, Sites, Tenancies, Terrains
from tests.measures.conftest import layer

X, Y = 1_674_000, 9_259_000
DAY = dt.date(2025, 9, 30)
NOW = {"useful": "oui", "occupied": "vacant", "sale": "en vente", "servicing": "viabilisé et aménagé"}
SOLD = {**NOW, "occupied": "occupé", "sale": "vendu, commercialisation achevée"}


def ground(x, y, w, h):
    return box(X + 100 * x, Y + 100 * y, X + 100 * (x + w), Y + 100 * (y + h))


def sites_of(*rows):
    drawn = [
        {"site_id": key, "site_type": "autre", "counted": "oui", "part_of": above, "geometry": shape}
        | {"measured_m2": shape.area}
        for key, shape, above in rows
    ]
    return layer(Sites, drawn, lambda _: {}, geometry=[row["geometry"] for row in drawn])


def terrains_of(*rows):
    drawn = [{"terrain_id": key, "site_id": site, **said} for key, site, _, said in rows]
    return layer(Terrains, drawn, lambda _: {}, geometry=[shape for _, _, shape, _ in rows])


def gross(sites, terrains):
    return availability_figures(sites, terrains, layer(Exclusions, [], lambda _: {}))[0]


small = st.integers(0, 6)
spots = st.builds(ground, small, small, st.integers(1, 5), st.integers(1, 5))


@given(
    st.lists(spots, min_size=1, max_size=4), st.lists(st.tuples(spots, st.integers(0, 3), st.booleans()), max_size=4)
)
def test_the_sum_of_sites_and_terrains_is_their_union(outlines, lots):
    sites = sites_of(*((f"s{n}", shape, "") for n, shape in enumerate(outlines)))
    rows = [(f"t{n}", f"s{at % len(outlines)}", shape, NOW if now else SOLD) for n, (shape, at, now) in enumerate(lots)]
    union = shapely.union_all([*outlines, *(shape for shape, *_ in lots)]).area / 10_000
    figure = gross(sites, terrains_of(*rows))
    assert (figure.low, figure.high) == pytest.approx((union, union), abs=1e-6)
    (zones,) = [each for each in zone_figures(sites) if each.kind == "zones_known_ha"]
    assert zones.low == pytest.approx(shapely.union_all(outlines).area / 10_000, abs=1e-6)
    twice = gross(sites, terrains_of(*rows, *((f"{key}-bis", *rest) for key, *rest in rows)))
    assert twice.low == pytest.approx(union, abs=1e-6)
    again = sites_of(*((f"s{n}", shape, "") for n, shape in enumerate([*outlines, outlines[0]])))
    assert gross(again, terrains_of(*rows)).low == pytest.approx(union, abs=1e-6)
    vacancy = surface_vacancy(terrains_of(*rows), sites).iloc[-1]
    assert vacancy[["vacant_ha", "occupied_ha", "unknown_ha"]].sum() == pytest.approx(union, abs=1e-6)
    for site in availability(sites, terrains_of(*rows), layer(Exclusions, [], lambda _: {})).groupby("site_id"):
        assert site[1]["reaches_high_ha"].iloc[0] <= union + 1e-6


def test_nested_two_levels_deep_counts_once_and_cites_what_it_counts():
    sites = sites_of(
        ("park", ground(0, 0, 6, 5), ""), ("hall", ground(0, 0, 4, 4), "park"), ("shop", ground(0, 0, 2, 5), "hall")
    )
    (zones,) = [each for each in zone_figures(sites) if each.kind == "zones_known_ha"]
    assert (zones.low, zones.high) == (30, 30)
    assert zones.assumptions == ("parts_once",)
    terrains = terrains_of(("a", "shop", ground(0, 0, 1, 1), NOW), ("b", "park", ground(5, 4, 1, 1), SOLD))
    none = layer(Premises, [], lambda _: {}), layer(Tenancies, [], lambda _: {})
    rows = {each.subject: each.rows for each in vacancy_figures(sites, terrains, *none, at=DAY)}
    # What no terrain covers of each is of unknown occupation, and divided too.
    assert rows["sites/park"] == ("terrains/a", "terrains/b", "sites/park")
    assert rows["sites/hall"] == ("terrains/a", "sites/hall")
    assert rows["sites/shop"] == ("terrains/a", "sites/shop")


def test_a_vacancy_cites_the_ground_that_it_divides_and_no_other():
    sites = sites_of(
        *(("park", ground(0, 0, 6, 5), ""), ("hall", ground(0, 0, 4, 4), "park"), ("shop", ground(0, 0, 2, 2), "hall")),
        ("bare", ground(20, 0, 3, 3), ""),
    )
    derelict = {**NOW, "occupied": "friche"}
    tiles = {
        "a": ("shop", ground(0, 0, 2, 2), NOW),
        "b": ("hall", ground(2, 0, 2, 4), SOLD),
        "c": ("hall", ground(0, 2, 2, 2), SOLD),
        "d": ("park", ground(4, 0, 2, 5), NOW),
        "e": ("park", ground(0, 4, 4, 1), derelict),
    }
    none = layer(Premises, [], lambda _: {}), layer(Tenancies, [], lambda _: {})

    def told(without=""):
        kept = [(key, site, shape, said) for key, (site, shape, said) in tiles.items() if key != without]
        return {each.subject: each for each in vacancy_figures(sites, terrains_of(*kept), *none, at=DAY)}

    figures = told()
    assert {subject: each.rows for subject, each in figures.items()} == {
        "sites/park": ("terrains/a", "terrains/b", "terrains/c", "terrains/d"),
        "sites/hall": ("terrains/a", "terrains/b", "terrains/c"),
        "sites/shop": ("terrains/a",),
        "territory": ("sites/park", "sites/hall", "sites/shop", "sites/bare"),
    }
    for subject in ("sites/park", "sites/hall"):
        for key in tiles:
            moved = told(without=key)[subject].bounds != figures[subject].bounds
            counted = f"terrains/{key}" in figures[subject].rows
            assert moved is (counted or (key, subject) == ("e", "sites/park")), (subject, key)  # e bare is unknown


def test_a_lot_under_two_keys_counts_once_and_is_unknown_where_they_do_not_agree():
    sites = sites_of(("s", ground(0, 0, 4, 1), ""))
    shape, none = ground(0, 0, 2, 1), layer(Exclusions, [], lambda _: {})
    same = availability_figures(sites, terrains_of(("a", "s", shape, NOW), ("b", "s", shape, NOW)), none)
    assert [(each.kind, each.low, each.high) for each in same] == [
        ("gross_ha", 4, 4),
        ("gross_overlaid_ha", 2, 2),
        ("available_ha", 2, 4),
        ("immediately_available_ha", 2, 4),
    ]
    assert all("shared_once" in each.assumptions for each in same)
    apart = availability_figures(sites, terrains_of(("a", "s", shape, NOW), ("b", "s", shape, SOLD)), none)
    assert [(each.low, each.high) for each in apart[2:]] == [(0, 4), (0, 4)]
    assert "terrains/b" in apart[2].rows


def premises_of(*rows):
    shapes = [row.pop("geometry") for row in rows]
    said = [{"site_id": "s", "premises_name": "Hall", "floor_m2": 900.0, **row} for row in rows]
    return layer(Premises, said, lambda _: {}, geometry=shapes)


def tenancies_of(*premises):
    rows = [{"tenancy_id": f"of-{key}", "premises_id": key, "establishment_id": key} for key in premises]
    day = np.datetime64("2020-01-01", "ns")
    said = {"site_id": "s", "phase": "in_place", "area_kind": "floor", "occupant": "E"}
    return layer(Tenancies, rows, lambda _: {**said, "from_earliest": day, "from_latest": day})


hall = ground(0, 0, 0.3, 0.3)
APART = {
    "a near copy": ({"geometry": ground(0, 0, 0.3, 0.301)}, 1),
    "another spelling": ({"geometry": hall, "premises_name": "HALL"}, 1),
    "another name": ({"geometry": hall, "premises_name": "Étage"}, 2),
    "another floor": ({"geometry": hall, "floor_m2": 450.0}, 2),
    "other ground": ({"geometry": ground(0, 0.2, 0.3, 0.3)}, 2),
    "no name": ({"geometry": hall, "premises_name": ""}, 2),
    "no shape": ({"geometry": None}, 2),
}


@pytest.mark.parametrize(("other", "count"), APART.values(), ids=APART)
def test_premises_under_two_keys_count_once_and_others_on_their_ground_do_not(other, count):
    sites = sites_of(("s", ground(0, 0, 4, 1), ""))
    premises = premises_of({"premises_id": "p", "geometry": hall}, {"premises_id": "p-bis", **other})
    tenancies, none = tenancies_of("p"), terrains_of()
    table = premises_vacancy(premises, tenancies, at=DAY).iloc[-1]
    assert (table["premises"], table["vacant_high"]) == (count, count - 1)
    buildings = layer(Buildings, [], lambda _: {})
    layers = Layers(sites, none, buildings, premises, tenancies)
    held = {each.kind: each for each in held_figures(layers, at=DAY) if each.subject == "territory"}
    assert held["held_floor_m2"].low == 900
    (floor,) = [pieces for pieces in held_pieces(layers, site_id="s") if pieces.kind == "floor"]
    assert floor.base_m2 == 900 + (other.get("floor_m2", 900) if count == 2 else 0)
    assert sum(floor.low.values()) == floor.base_m2
    told = vacancy_figures(sites, none, premises, tenancies, at=DAY)
    told += [held["held_floor_m2"], held["held_floor_share"]]
    assert {"premises_under_two_keys" in each.assumptions for each in told} == {count == 1}
    assert ("premises_under_two_keys" in held["held_land_m2"].assumptions) is False
    assert premises_vacancy(premises, tenancies_of("p", "p-bis"), at=DAY)["vacant_high"].iloc[-1] == 0


@pytest.mark.parametrize("terrains", [[], [("a", "s", ground(0, 0, 2, 1), SOLD)]], ids=["no terrain", "one sold"])
@pytest.mark.parametrize("drawn", [True, False], ids=["a shape", "no shape"])
def test_no_figure_without_a_row_is_an_exact_number(terrains, drawn):
    sites = sites_of(("s", ground(0, 0, 2, 1), ""))
    if not drawn:
        sites = sites.assign(geometry=gpd.GeoSeries([None], crs=3950), measured_m2=np.nan)
        terrains = []
    plots, none = terrains_of(*terrains), layer(Exclusions, [], lambda _: {})
    empty = {schema: layer(schema, [], lambda _: {}) for schema in (Buildings, Premises, Tenancies)}
    figures = availability_figures(sites, plots, none)
    figures += [*lifting_figures(sites, plots, none), *zone_figures(sites)]
    figures += absorption_figures(plots, figures[1], at=DAY)[1:]
    figures += vacancy_figures(sites, plots, empty[Premises], empty[Tenancies], at=DAY)
    figures += held_figures(Layers(sites, plots, *empty.values()), at=DAY)
    assert len(figures) > 4
    for figure in figures:
        if not figure.rows and not figure.numerator:
            assert figure.low is None or figure.low != figure.high, figure


def test_a_building_takes_ground_and_one_that_only_leans_over_the_border_does_not():
    walls = [ground(0, 0, 0.5, 0.5), box(X + 199.999, Y, X + 260, Y + 50)]
    buildings = layer(Buildings, [{"building_id": f"b{n}"} for n in range(2)], lambda _: {}, geometry=walls)
    plots = np.array([ground(0, 0, 1, 1), ground(1, 0, 1, 1), None], dtype=object)
    assert built_areas_m2(plots, buildings).tolist() == pytest.approx([2500, 0, np.nan], nan_ok=True)
    assert [None if shape is None else round(shape.area) for shape in unbuilt_ground(plots, buildings)] == [
        7500,
        10_000,
        None,
    ]
    assert np.isnan(built_areas_m2(plots, buildings.iloc[:0])).all()
