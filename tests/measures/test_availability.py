"""What is left of a site: steps that add up, bounds that hold, and vacancy by ground and by premises."""

import datetime as dt
from itertools import pairwise, product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box
from shapely.affinity import translate

from gis.errors import CrsError
from gis.measures.availability import (
    HECTARES,
    availability,
    availability_figures,
    available_later,
    immediately_available,
    territory_availability,
)
from gis.measures.three_valued import (
    answer_for_sale,
    answer_serviced,
    answer_unoccupied,
    answer_useful,
    kleene_and,
    kleene_not,
)
from gis.measures.vacancy import premises_vacancy, surface_vacancy
from gis.provenance import Basis
from gis.schemas import (
    Answer,
    Exclusions,
    Occupied,
    Premises,
    Sale,
    Servicing,
    Sites,
    Step,
    Tenancies,
    Terrains,
    conform,
)
from tests.conftest import heavy

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
X, Y = 1_674_000, 9_259_000
STEPS = [*Step]
GOOD = ("oui", "vacant", "en vente", "viabilisé et aménagé")
BASE = {
    Sites: {"site_type": "autre", "insee": "99001"},
    Terrains: dict(zip(("useful", "occupied", "sale", "servicing"), GOOD, strict=True)),
    Exclusions: {"reason": "water"},
    Premises: {},
    Tenancies: {"phase": "in_place", "area_kind": "not_said", "establishment_id": "e", "occupant": "E"},
}


def layer(schema, rows, crs=3950):
    """Make a layer of rows that say no more than matters."""
    columns = {}
    for name, column in schema.to_schema().columns.items():
        if name == "geometry":
            continue
        kind = next((kind for kind in ("float", "datetime") if kind in str(column.dtype)), "str")
        blank = {"float": float("nan"), "datetime": pd.NaT, "str": ""}[kind]
        said = {"source_id": "plan", "basis": "surveyed"} | BASE[schema]
        dtype = {"datetime": "datetime64[ns]"}.get(kind, kind)
        columns[name] = pd.Series([row.get(name, said.get(name, blank)) for row in rows], dtype=dtype)
    if "geometry" not in schema.to_schema().columns:
        return conform(pd.DataFrame(columns), schema)
    geometry = gpd.GeoSeries([row.get("geometry") for row in rows], crs=crs)
    return conform(gpd.GeoDataFrame(columns, geometry=geometry), schema)


def hectares(east, north, width=1.0, height=1.0):
    """Draw a rectangle, in sides of a square hectare."""
    return box(X + 100 * east, Y + 100 * north, X + 100 * (east + width), Y + 100 * (north + height))


def site(site_id, shape=None, part_of=""):
    return {"site_id": site_id, "geometry": shape, "part_of": part_of}


def terrain(terrain_id, shape=None, site_id="est", state=GOOD, **more):
    words = dict(zip(("useful", "occupied", "sale", "servicing"), state, strict=True))
    return {"terrain_id": terrain_id, "site_id": site_id, "geometry": shape, **words, **more}


def exclusion(shape, buffer_m=float("nan"), key="river"):
    return {"exclusion_id": key, "geometry": shape, "buffer_m": buffer_m}


def measured(sites, terrains, exclusions=(), **options):
    """Return the layers of availability for rows, by site and step."""
    layers = layer(Sites, sites), layer(Terrains, terrains), layer(Exclusions, exclusions)
    return availability(*layers, **options)


def steps(found, site_id="est", column="reaches_high_ha"):
    rows = found[found["site_id"] == site_id]
    assert list(rows["step"]) == STEPS
    return rows[column].round(6).tolist()


# --- predicates

WORDS = {
    answer_useful: {"oui": YES, "non": NO, "inconnu": UNKNOWN},
    answer_unoccupied: {
        Occupied.NEVER: YES,
        Occupied.VACANT: YES,
        Occupied.OCCUPIED: NO,
        Occupied.DERELICT: NO,
        Occupied.IN_TRANSITION: NO,
        Occupied.UNKNOWN: UNKNOWN,
    },
    answer_for_sale: {word: YES if word == Sale.FOR_SALE else NO for word in Sale} | {Sale.UNKNOWN: UNKNOWN},
    answer_serviced: {
        Servicing.SERVICED: YES,
        Servicing.FITTED_OUT: YES,
        Servicing.UNDER_WAY: NO,
        Servicing.NONE: NO,
        Servicing.IMPOSSIBLE: NO,
        Servicing.UNKNOWN: UNKNOWN,
    },
}


@pytest.mark.parametrize("predicate", WORDS, ids=lambda predicate: predicate.__name__)
def test_each_word_of_the_standard_has_one_answer(predicate):
    assert {word: predicate(word) for word in WORDS[predicate]} == WORDS[predicate]


@pytest.mark.parametrize("words", [Occupied, Sale, Servicing, Answer], ids=lambda words: words.__name__)
def test_no_word_of_a_vocabulary_is_left_out(words):
    asked = {Occupied: answer_unoccupied, Sale: answer_for_sale, Servicing: answer_serviced, Answer: answer_useful}[
        words
    ]
    assert set(WORDS[asked]) == set(words)


def test_a_no_decides_and_an_unknown_beside_a_yes_stays_unknown():
    table = {(a, b): kleene_and([a, b]) for a, b in product(Answer, repeat=2)}
    assert [pair for pair, answer in table.items() if answer == YES] == [(YES, YES)]
    assert {pair for pair, answer in table.items() if answer == UNKNOWN} == {
        (YES, UNKNOWN),
        (UNKNOWN, YES),
        (UNKNOWN, UNKNOWN),
    }
    assert [kleene_not(answer) for answer in (YES, NO, UNKNOWN)] == [NO, YES, UNKNOWN]


EVERY_STATE = [*product(Answer, Occupied, Sale, Servicing)]


def test_immediately_available_is_the_truth_table_of_its_four_words():
    terrains = layer(Terrains, [terrain(str(n), state=state) for n, state in enumerate(EVERY_STATE)])
    yes = [{"oui"}, {"inoccupé", "vacant"}, {"en vente"}, {"viabilisé non aménagé", "viabilisé et aménagé"}]
    expected = [
        "non"
        if any(word != "inconnu" and word not in good for word, good in zip(state, yes, strict=True))
        else "inconnu"
        if "inconnu" in state
        else "oui"
        for state in EVERY_STATE
    ]
    assert immediately_available(terrains).tolist() == expected
    assert expected.count("oui") == 4


def test_what_comes_later_is_never_what_is_there_now():
    terrains = layer(Terrains, [terrain(str(n), state=state) for n, state in enumerate(EVERY_STATE)])
    later = available_later(terrains)
    assert not ((later == "oui") & (immediately_available(terrains) == "oui")).any()
    by_state = dict(zip(EVERY_STATE, later, strict=True))
    assert by_state[YES, Occupied.VACANT, Sale.FOR_SALE_CONSTRAINED, Servicing.SERVICED] == "oui"
    assert by_state[YES, Occupied.NEVER, Sale.FOR_SALE, Servicing.UNDER_WAY] == "oui"
    assert by_state[YES, Occupied.DERELICT, Sale.FOR_SALE, Servicing.SERVICED] == "oui"
    assert by_state[YES, Occupied.DERELICT, Sale.OPTION, Servicing.SERVICED] == "non"
    assert by_state[YES, Occupied.UNKNOWN, Sale.FOR_SALE_CONSTRAINED, Servicing.SERVICED] == "inconnu"


# --- the waterfall, by hand


def test_each_step_takes_its_hectare():
    states = [
        ("non", "vacant", "en vente", "viabilisé et aménagé"),
        ("oui", "occupé", "en vente", "viabilisé et aménagé"),
        ("oui", "vacant", "vendu, commercialisation achevée", "viabilisé et aménagé"),
        ("oui", "vacant", "en vente", "viabilisation en cours"),
        GOOD,
        GOOD,
        GOOD,
    ]
    terrains = [terrain(str(n), hectares(n, 0), state=state) for n, state in enumerate(states)]
    found = measured(
        [site("est", hectares(0, 0, 7))],
        terrains,
        [exclusion(hectares(4, 0)), exclusion(hectares(5, 0, 0.5), key="line")],
        min_ha=0.8,
    )
    assert steps(found) == [7, 6, 5, 4, 3, 1.5, 1]
    assert steps(found, column="reaches_low_ha") == [7, 6, 5, 4, 3, 1.5, 1]
    assert steps(found, column="fails_ha") == [0, 1, 1, 1, 1, 1.5, 0.5]


def test_what_is_unknown_stays_in_the_upper_bound_until_a_later_step_takes_it():
    states = [("inconnu", "vacant", "en vente", GOOD[3]), ("inconnu", "vacant", Sale.SOLD, GOOD[3]), GOOD]
    terrains = [terrain(str(n), hectares(n, 0), state=state) for n, state in enumerate(states)]
    found = measured([site("est", hectares(0, 0, 3))], terrains)
    assert steps(found, column="unknown_ha") == [0, 2, 0, 0, 0, 0, 0]
    assert steps(found, column="passes_ha") == [3, 1, 3, 2, 2, 2, 2]
    assert steps(found, column="reaches_low_ha") == [3, 1, 1, 1, 1, 1, 1]
    assert steps(found, column="reaches_high_ha") == [3, 3, 3, 2, 2, 2, 2]


def test_ground_in_no_terrain_is_unknown():
    found = measured([site("est", hectares(0, 0, 3))], [terrain("a", hectares(0, 0))])
    assert steps(found, column="unknown_ha") == [0, 2, 2, 2, 2, 0, 0]
    assert steps(found, column="reaches_low_ha")[-1] == 1
    assert steps(found)[-1] == 3


def test_a_site_without_a_shape_has_the_ground_of_its_terrains():
    assert steps(measured([site("est")], [terrain("a", hectares(0, 0))])) == [1] * 7


def test_a_site_without_any_shape_is_not_a_number():
    found = measured([site("est")], [terrain("a"), terrain("b", state=("non", *GOOD[1:]))])
    assert found[list(HECTARES)].isna().all(axis=None)
    assert found["without_shape"].tolist() == [2, 1, 1, 1, 1, 1, 1]
    assert not found["sites_known"].any()


def test_a_buffer_keeps_its_distance():
    found = measured(
        [site("est", hectares(0, 0, 2))], [terrain("a", hectares(0, 0, 2))], [exclusion(hectares(-1, -1, 1, 3), 50.0)]
    )
    assert steps(found)[-1] == 1.5


def test_an_exclusion_that_only_touches_takes_nothing_and_is_not_cited():
    layers = (
        layer(Sites, [site("est", hectares(0, 0))]),
        layer(Terrains, [terrain("a", hectares(0, 0))]),
        layer(Exclusions, [exclusion(hectares(1, 0)), exclusion(None, key="lost")]),
    )
    assert steps(availability(*layers))[-1] == 1
    available = availability_figures(*layers)[1]
    assert available.rows == ("terrains/a",)
    assert "exclusions_without_shape" in available.assumptions


@pytest.mark.parametrize(
    ("min_ha", "min_width_m", "left"),
    [(0, 0, 3), (1, 0, 3), (2, 0, 3), (2.01, 0, 0), (0, 100, 3), (0, 101, 0), (2, 100, 3)],
)
def test_one_connected_piece_is_large_and_wide_enough(min_ha, min_width_m, left):
    # A road cuts 4 × 1 ha into pieces of 1 and 2 ha.
    found = measured(
        [site("est", hectares(0, 0, 4))],
        [terrain("a", hectares(0, 0, 4))],
        [exclusion(hectares(1, 0, 1))],
        min_ha=min_ha,
        min_width_m=min_width_m,
    )
    assert steps(found)[-1] == left


def test_a_large_piece_and_a_wide_piece_do_not_help_each_other():
    long, wide = hectares(0, 0, 10, 0.2), hectares(0, 1, 1, 1)
    join = hectares(0, 0.2, 1, 0.8)
    found = measured(
        [site("est")],
        [terrain("a", shapely.union_all([long, wide, join]))],
        [exclusion(join)],
        min_ha=1.5,
        min_width_m=90,
    )
    assert steps(found)[-1] == 0


def test_width_is_the_largest_circle_at_any_angle():
    shape = shapely.affinity.rotate(hectares(0, 0, 3, 1), 33)
    for width, left in ((99.9, 3), (100.0, 3), (100.2, 0)):
        assert steps(measured([site("est")], [terrain("a", shape)], min_width_m=width))[-1] == left


def test_layers_in_two_systems_are_refused():
    layers = layer(Sites, [site("est")]), layer(Terrains, [])
    with pytest.raises(CrsError, match="EPSG:3950, EPSG:2154"):
        availability(*layers, layer(Exclusions, [], crs=2154))


def test_nothing_at_all_is_nothing():
    found = measured([], [])
    assert found.empty
    total = territory_availability(layer(Sites, []), layer(Terrains, []), layer(Exclusions, []))
    assert total["reaches_high_ha"].isna().all()
    assert not total["sites"].any()


# --- sites inside sites


def test_a_site_inside_another_is_counted_once_and_with_it():
    sites = layer(Sites, [site("park", hectares(0, 0, 4)), site("hall", hectares(0, 0, 2), "park"), site("far")])
    terrains = layer(
        Terrains,
        [terrain("a", hectares(0, 0), "hall"), terrain("b", hectares(2, 0), "park"), terrain("c", site_id="far")],
    )
    found = availability(sites, terrains, layer(Exclusions, []))
    assert steps(found, "park")[0] == 4
    assert steps(found, "hall")[0] == 2
    assert steps(found, "park", "reaches_low_ha")[-1] == 2
    total = territory_availability(sites, terrains, layer(Exclusions, []))
    assert total["reaches_high_ha"].tolist() == [4] * 7
    assert total["reaches_low_ha"].tolist() == [4, 2, 2, 2, 2, 2, 2]
    assert set(total["sites"]) == {2}
    assert set(total["sites_known"]) == {1}
    assert set(total["without_shape"]) == {1}


def test_terrains_of_the_whole_that_lie_on_a_part_are_counted_once():
    sites = [site("park", hectares(0, 0, 2)), site("hall", hectares(0, 0), "park")]
    found = measured(sites, [terrain("a", hectares(0, 0, 2), "park")])
    assert steps(found, "park") == [2] * 7
    assert steps(found, "hall")[0] == 1
    gross, *_ = availability_figures(
        layer(Sites, sites), layer(Terrains, [terrain("a", hectares(0, 0, 2), "park")]), layer(Exclusions, [])
    )
    assert gross.rows == ("terrains/a",)


def test_a_part_that_is_known_counts_where_its_whole_is_not():
    sites = layer(
        Sites, [site("park"), site("hall", hectares(0, 0), "park"), site("shop", hectares(0, 0, 0.5), "hall")]
    )
    total = territory_availability(sites, layer(Terrains, []), layer(Exclusions, []))
    assert total["reaches_high_ha"].tolist() == [1] * 7
    assert total[["sites", "sites_known"]].drop_duplicates().to_numpy().tolist() == [[1, 0]]
    assert availability_figures(sites, layer(Terrains, []), layer(Exclusions, []))[0].high is None


def test_an_exclusion_of_many_vertices_takes_what_it_covers():
    rng = np.random.default_rng(1)
    way = np.column_stack([np.linspace(X, X + 400, 500), Y + 200 + rng.normal(0, 40, 500)])
    river = shapely.LineString(way).buffer(3)
    cells = [hectares(east, north) for east, north in product(range(4), repeat=2)]
    terrains = [terrain(str(n), cell) for n, cell in enumerate(cells)]
    found = measured([site("est", hectares(0, 0, 4, 4))], terrains, [exclusion(river)])
    left = shapely.area(shapely.difference(hectares(0, 0, 4, 4), river)) / 1e4
    assert found["reaches_low_ha"].iloc[-1] == pytest.approx(left, abs=1e-9)


def test_a_terrain_under_an_exclusion_is_gone_whatever_is_asked_of_its_size():
    rows = [site("est", hectares(0, 0))], [terrain("a", hectares(0, 0))], [exclusion(hectares(-1, -1, 3, 3))]
    assert steps(measured(*rows, min_width_m=10.0)) == [1, 1, 1, 1, 1, 0, 0]


# --- the waterfall, by chance

SIZE = 4
states = st.tuples(*(st.sampled_from([*words]) for words in (Answer, Occupied, Sale, Servicing)))
likely = st.tuples(
    st.sampled_from(["oui", "oui", "non", "inconnu"]),
    st.sampled_from(["vacant", "inoccupé", "occupé", "inconnu"]),
    st.sampled_from(["en vente", "en vente", Sale.OPTION, "inconnu"]),
    st.sampled_from([*Servicing][-3:]),
)
cells = st.tuples(*(st.integers(0, SIZE - 1),) * 2, *(st.integers(1, 3),) * 2)


@st.composite
def grounds(draw):
    """Draw a site of 4 × 4 ha whose columns are cut into terrains, some left out, and exclusions on half hectares."""
    terrains = []
    for east in range(SIZE):
        cuts = sorted({0, SIZE, *draw(st.lists(st.integers(1, SIZE - 1), max_size=3))})
        for low, high in pairwise(cuts):
            if draw(st.integers(0, 5)):
                state = draw(st.one_of(states, likely, likely, st.just(GOOD)))
                terrains.append(terrain(f"{east}.{low}", hectares(east, low, 1, high - low), state=state))
    shapes = [hectares(e - 0.5, n - 0.5, w / 2, h / 2) for e, n, w, h in draw(st.lists(cells, max_size=4))]
    exclusions = [exclusion(shape, key=str(n)) for n, shape in enumerate(shapes)]
    return [site("est", hectares(0, 0, SIZE, SIZE))], terrains, exclusions


def by_hand(sites, terrains, exclusions, min_ha):
    """Compute the bounds after each step, each from the terrains alone and none from the step before."""
    (whole,) = (row["geometry"] for row in sites)
    rest = shapely.difference(whole, shapely.union_all([row["geometry"] for row in terrains]))
    unsaid = dict.fromkeys(("useful", "occupied", "sale", "servicing"), "inconnu")
    units = [*terrains, {**unsaid, "geometry": rest}]
    away = shapely.union_all([row["geometry"] for row in exclusions])
    asked = (
        ("useful", answer_useful),
        ("occupied", answer_unoccupied),
        ("sale", answer_for_sale),
        ("servicing", answer_serviced),
    )

    def bounds(step):
        low = high = 0.0
        for unit in units:
            answers = [ask(unit[column]) for column, ask in asked[:step]]
            shape = unit["geometry"] if step < 5 else shapely.difference(unit["geometry"], away)
            if step == 6 and max((part.area for part in shapely.get_parts(shape)), default=0.0) < min_ha * 1e4:
                continue
            if NO not in answers:
                high += shape.area / 1e4
                low += 0.0 if UNKNOWN in answers else shape.area / 1e4
        return low, high

    return [bounds(step) for step in range(len(STEPS))]


@given(grounds(), st.sampled_from([0.0, 0.5, 1.0, 2.0]))
def test_every_step_adds_up_to_what_the_step_before_left_open(ground, min_ha):
    found = measured(*ground, min_ha=min_ha)
    expected = np.array(by_hand(*ground, min_ha))
    assert found[["reaches_low_ha", "reaches_high_ha"]].to_numpy() == pytest.approx(expected, abs=1e-9)
    split = found[["passes_ha", "fails_ha", "unknown_ha"]].to_numpy().sum(axis=1)
    reach = [SIZE * SIZE, *expected[:-1, 1]]
    assert split == pytest.approx(reach, abs=1e-9)
    lost = found["fails_ha"].sum()
    assert lost + expected[-1, 1] == pytest.approx(SIZE * SIZE, abs=1e-9)
    assert (found["reaches_low_ha"] <= found["passes_ha"] + 1e-9).all()
    assert (found["reaches_low_ha"] <= found["reaches_high_ha"] + 1e-9).all()


@given(grounds())
def test_the_ground_after_servicing_is_what_the_predicate_says(ground):
    found = measured(*ground)
    terrains = layer(Terrains, ground[1])
    said = immediately_available(terrains)
    sure = terrains.geometry.area[said == "oui"].sum() / 1e4
    maybe = terrains.geometry.area[said == "inconnu"].sum() / 1e4
    rest = SIZE * SIZE - terrains.geometry.area.sum() / 1e4
    row = found[found["step"] == Step.SERVICED].iloc[0]
    assert (row["reaches_low_ha"], row["reaches_high_ha"]) == pytest.approx((sure, sure + maybe + rest), abs=1e-9)


@given(grounds(), st.integers(-9999, 9999), st.integers(-9999, 9999), st.randoms())
def test_moving_everything_or_shuffling_rows_changes_nothing(ground, east, north, random):
    options = {"min_ha": 1.0, "min_width_m": 60.0}
    moved = [
        [{**row, "geometry": translate(row["geometry"], east, north)} for row in random.sample(rows, len(rows))]
        for rows in ground
    ]
    there, here = measured(*moved, **options), measured(*ground, **options)
    pd.testing.assert_frame_equal(there, here, rtol=0, atol=1e-9)


@given(grounds(), cells, st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 60.0]))
def test_another_exclusion_never_adds_a_hectare(ground, cell, min_ha, min_width_m):
    sites, terrains, exclusions = ground
    east, north, width, height = cell
    more = [*exclusions, exclusion(hectares(east, north, width / 2, height / 2), key="more")]
    options = {"min_ha": min_ha, "min_width_m": min_width_m}
    before, after = measured(*ground, **options), measured(sites, terrains, more, **options)
    for column in ("reaches_low_ha", "reaches_high_ha"):
        assert (after[column] <= before[column] + 1e-9).all()


@given(st.lists(st.tuples(cells, st.sampled_from([0.0, 20.0])), max_size=5))
def test_exclusions_that_overlap_count_once(drawn):
    whole = hectares(0, 0, SIZE, SIZE)
    shapes = [(hectares(e, n, w / 2, h / 2), keep) for (e, n, w, h), keep in drawn]
    exclusions = [exclusion(shape, keep, key=str(n)) for n, (shape, keep) in enumerate(shapes)]
    found = measured([site("est", whole)], [terrain("a", whole)], exclusions)
    union = shapely.union_all([shape.buffer(keep) if keep else shape for shape, keep in shapes])
    taken = found.loc[found["step"] == Step.UNEXCLUDED, "fails_ha"].item()
    assert taken == pytest.approx(shapely.intersection(whole, union).area / 1e4, abs=1e-9)


@heavy
@given(st.lists(grounds(), min_size=1, max_size=3))
def test_the_territory_is_the_sum_of_its_sites(drawn):
    parts = []
    for n, rows in enumerate(drawn):
        parts.append(
            [
                [
                    {
                        **row,
                        **{key: f"{row[key]}{n}" for key in ("site_id", "terrain_id", "exclusion_id") if key in row},
                        "geometry": translate(row["geometry"], 1000 * n),
                    }
                    for row in kind
                ]
                for kind in rows
            ]
        )
    sites, terrains, exclusions = ([row for part in parts for row in part[kind]] for kind in range(3))
    total = territory_availability(layer(Sites, sites), layer(Terrains, terrains), layer(Exclusions, exclusions))
    alone = sum(measured(*part)[list(HECTARES)].to_numpy() for part in parts)
    assert total[list(HECTARES)].to_numpy() == pytest.approx(alone, abs=1e-9)
    gross, available, immediate = availability_figures(
        layer(Sites, sites), layer(Terrains, terrains), layer(Exclusions, exclusions)
    )
    for figure, step in ((gross, 0), (available, 6), (immediate, 4)):
        assert (figure.low, figure.high) == pytest.approx(tuple(alone[step, 3:]), abs=1e-9)


# --- figures


def test_figures_cite_what_counts_and_say_what_they_assume():
    sites = layer(Sites, [site("est", hectares(0, 0, 4)) | {"source_id": "zones"}])
    sold = (*GOOD[:2], Sale.SOLD, GOOD[3])
    terrains = layer(
        Terrains,
        [terrain("a", hectares(0, 0)), terrain("b", hectares(1, 0), state=sold), terrain("c", hectares(2, 0))],
    )
    exclusions = layer(
        Exclusions,
        [
            exclusion(hectares(0, 0, 0.5)) | {"basis": "digitised", "source_id": "hand"},
            exclusion(hectares(1, 0), key="sold"),
        ],
    )
    gross, available, immediate = availability_figures(sites, terrains, exclusions, min_ha=0.5)
    assert (gross.low, gross.high) == (4, 4)
    assert gross.rows == ("terrains/a", "terrains/b", "terrains/c", "sites/est")
    assert gross.basis == Basis.SURVEYED
    assert gross.assumptions == ()
    assert (available.low, available.high) == (1.5, 2.5)
    assert available.figure_id == "available_ha:territory@0.5ha,0m"
    assert available.rows == ("terrains/a", "terrains/c", "sites/est", "exclusions/river")
    assert available.sources == ("plan", "zones", "hand")
    assert available.basis == Basis.DIGITISED
    assert available.assumptions == ("available_is_derived", "ground_without_terrain", "exclusions_listed")
    assert (immediate.low, immediate.high) == (2, 3)
    assert immediate.rows == ("terrains/a", "terrains/c", "sites/est")


@pytest.mark.parametrize(
    ("reason", "east", "said"),
    [("easement", 0, True), ("zoning", 0, True), ("heritage", 0, True), ("water", 0, False), ("easement", 1, False)],
    ids=["an easement", "a zone or a prescription", "heritage", "water", "an easement that takes nothing"],
)
def test_ground_that_a_text_closes_is_said_to_be_taken_whole(reason, east, said):
    layers = (
        layer(Sites, [site("est", hectares(0, 0))]),
        layer(Terrains, [terrain("a", hectares(0, 0))]),
        layer(Exclusions, [exclusion(hectares(east, 0, 0.5)) | {"reason": reason}]),
    )
    gross, available, immediate = availability_figures(*layers)
    assert ("exclusions_by_text" in available.assumptions) is said
    assert "exclusions_by_text" not in (*gross.assumptions, *immediate.assumptions)


def test_nobody_knows_the_upper_bound_as_long_as_ground_has_no_shape():
    sites = layer(Sites, [site("est", hectares(0, 0)), site("far")])
    figures = availability_figures(sites, layer(Terrains, [terrain("a", hectares(0, 0))]), layer(Exclusions, []))
    assert [(figure.low, figure.high) for figure in figures] == [(1, None)] * 3
    assert all("ground_without_shape" in figure.assumptions for figure in figures)


def test_a_terrain_without_a_shape_opens_the_bound_unless_it_fails_or_its_site_is_drawn():
    none = layer(Exclusions, [])
    lost = terrain("lost", state=(*GOOD[:2], Sale.SOLD, GOOD[3]))
    terrains = layer(Terrains, [terrain("a", hectares(0, 0)), lost])
    gross, available, _ = availability_figures(layer(Sites, [site("est")]), terrains, none)
    assert (gross.high, available.high) == (None, 1)
    gross, available, _ = availability_figures(layer(Sites, [site("est", hectares(0, 0, 2))]), terrains, none)
    assert (gross.high, available.high) == (2, 2)


def test_a_territory_without_shapes_has_no_sum():
    figures = availability_figures(layer(Sites, [site("est")]), layer(Terrains, []), layer(Exclusions, []))
    assert [(figure.low, figure.high, figure.rows) for figure in figures] == [(None, None, ())] * 3


# --- vacancy


def test_surface_vacancy_divides_vacant_by_vacant_and_occupied():
    words = ["vacant", "occupé", "occupé", "occupé", "friche", "inoccupé", "occupation transitoire"]
    terrains = [terrain(str(n), hectares(n, 0), state=(GOOD[0], word, *GOOD[2:])) for n, word in enumerate(words)]
    found = surface_vacancy(layer(Terrains, terrains), layer(Sites, [site("est", hectares(0, 0, 7)), site("far")]))
    est, far, total = found.to_dict("records")
    for row in (est, total):
        assert (row["vacant_ha"], row["occupied_ha"], row["unknown_ha"]) == (1, 3, 0)
        assert (row["surface_vacancy_low"], row["surface_vacancy_high"]) == (0.25, 0.25)
    assert np.isnan(far["surface_vacancy_low"])
    assert (total["site_id"], total["sites"], total["sites_known"]) == ("", 2, 1)


@given(grounds(), st.data())
def test_surface_vacancy_is_within_its_bounds_whatever_the_unknown_is(ground, data):
    sites, terrains, _ = ground
    sites, drawn = layer(Sites, sites), layer(Terrains, terrains)
    row = surface_vacancy(drawn, sites).iloc[-1]
    settled = [
        row | {"occupied": data.draw(st.sampled_from(["vacant", "occupé", "inoccupé"]))}
        if row["occupied"] == "inconnu"
        else row
        for row in terrains
    ]
    vacant, occupied = (
        sum(t["geometry"].area for t in settled if t["occupied"] == word) for word in ("vacant", "occupé")
    )
    if vacant + occupied:
        share = vacant / (vacant + occupied)
        assert row["surface_vacancy_low"] - 1e-9 <= share <= row["surface_vacancy_high"] + 1e-9


def test_surface_vacancy_counts_a_part_once():
    sites = layer(Sites, [site("park", hectares(0, 0, 2)), site("hall", hectares(0, 0), "park")])
    terrains = layer(Terrains, [terrain("a", hectares(0, 0), "hall"), terrain("b", hectares(1, 0), "park")])
    assert surface_vacancy(terrains, sites)["vacant_ha"].tolist() == [2, 1, 2]


DAY = dt.date(2025, 6, 30)


def tenancy(key, premises_id, begin="2024-01-01", *, latest=None, **more):
    """Make a tenancy in place, from a day or between two."""
    said = {"tenancy_id": key, "site_id": "est", "premises_id": premises_id}
    return said | {"from_earliest": pd.Timestamp(begin), "from_latest": pd.Timestamp(latest or begin)} | more


def test_premises_vacancy_counts_premises_and_floors_that_nobody_holds():
    premises = layer(
        Premises,
        [
            {"premises_id": key, "site_id": "est" if key != "g" else "far", "floor_m2": floor}
            for key, floor in zip("abcdefg", (100, 200, 300, 400, 500, float("nan"), 1000), strict=True)
        ],
    )
    tenancies = layer(
        Tenancies,
        [
            tenancy("held", "a"),
            tenancy("ended", "b", phase="left", to_earliest=pd.Timestamp(DAY), to_latest=pd.Timestamp(DAY)),
            tenancy("somewhen", "c", "2025-01-01", latest="2025-12-31"),
            tenancy("said", "d", "2025-01-01", phase="announced"),
        ],
    )
    est, far, total = premises_vacancy(premises, tenancies, at=DAY).to_dict("records")
    assert (est["premises"], est["vacant_low"], est["vacant_high"], est["without_area"]) == (5, 2, 4, 1)
    assert (est["premises_vacancy_low"], est["premises_vacancy_high"]) == (0.4, 0.8)
    assert (est["floor_m2"], est["vacant_low_m2"], est["vacant_high_m2"]) == (1500, 700, 1400)
    assert est["floor_vacancy_high"] == pytest.approx(1400 / 1500)
    assert (far["premises_vacancy_low"], far["premises_vacancy_high"]) == (0, 1)  # nobody has said who is there
    assert (total["site_id"], total["premises"], total["vacant_high_m2"]) == ("", 6, 2400)


def test_premises_without_floor_areas_have_no_vacancy():
    premises = layer(Premises, [{"premises_id": "a", "site_id": "est"}])
    found = premises_vacancy(premises, layer(Tenancies, []), at=DAY)
    assert found["premises"].tolist() == [0, 0]
    assert found["premises_vacancy_low"].isna().all()
    assert premises_vacancy(layer(Premises, []), layer(Tenancies, []), at=DAY)["premises"].tolist() == [0]
