"""What lifting one reason frees, and what is on offer by the size looked for: both are availability, asked again."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gis.errors import CrsError, SchemaError
from gis.measures.availability import availability, availability_figures, territory_availability
from gis.measures.lifting import QUANTITIES, lifting, lifting_figures
from gis.measures.offer_curve import SIZES_HA, offer_curve
from gis.provenance import Basis
from gis.schemas import ExclusionReason, Step

X, Y = 1_674_000, 9_259_000


def hectares(east, north, width=1.0, height=1.0):
    """Draw a rectangle, in sides of a square hectare."""
    return box(X + 100 * east, Y + 100 * north, X + 100 * (east + width), Y + 100 * (north + height))


SAID = {"source_id": "registre", "basis": "stated"}
STATE = {"useful": "oui", "occupied": "vacant", "sale": "en vente", "servicing": "viabilisé et aménagé"}
ROWS = (
    {"site_id": "est", "part_of": "", **SAID},
    {"terrain_id": None, "site_id": "est", **STATE, **SAID},
    {"exclusion_id": None, "reason": "water", "buffer_m": np.nan, "whole_from_share": np.nan, **SAID},
)


def land(*layers):
    """Make sites, terrains and exclusions of rows that say what matters; of no more columns than are read."""
    made = []
    for blank, rows in zip(ROWS, (*layers, ())[:3], strict=True):
        filled = [{**blank, "geometry": None, **row} for row in rows]
        columns = {name: [str(n) if row[name] is None else row[name] for n, row in enumerate(filled)] for name in blank}
        shapes = gpd.GeoSeries([row["geometry"] for row in filled], crs=3950)
        types = {name: "float" if isinstance(blank[name], float) else "str" for name in blank}
        made.append(gpd.GeoDataFrame(pd.DataFrame(columns).astype(types), geometry=shapes))
    return tuple(made)


def of(found, site_id, reason):
    return found[(found["site_id"] == site_id) & (found["reason"] == reason)].iloc[0]


EST = {"site_id": "est", "geometry": hectares(0, 0, 4)}
UNKNOWN = {"sale": "inconnu"}
SOLD = {"sale": "vendu, commercialisation achevée"}


# --- by hand


def test_each_reason_says_what_it_takes_and_what_lifting_it_frees():
    layers = land(
        [EST],
        [
            {"geometry": hectares(0, 0, 2)},
            {"geometry": hectares(2, 0), **UNKNOWN},
            {"geometry": hectares(3, 0), **SOLD},
        ],
        [
            {"reason": "water", "geometry": hectares(0, 0, 1, 0.6)},
            {"reason": "heritage", "geometry": hectares(0, 0.4, 4, 0.4)},
            {"reason": "heritage"},
        ],
    )
    found = lifting(*layers)
    assert found["site_id"].tolist() == ["est"] * 3 + [""] * 3
    for site in ("est", ""):
        every, water, heritage = (of(found, site, reason) for reason in ("", "water", "heritage"))
        assert [every[f"{name}_{end}_ha"] for name in QUANTITIES for end in ("low", "high")] == pytest.approx(
            [2, 3, 1.2, 1.6, 1.2, 1.6, 1.2, 1.6, 0.8, 1.4]
        )
        assert [water[f"{name}_low_ha"] for name in QUANTITIES] == pytest.approx([2, 0.6, 0.6, 0.4, 0.8])
        assert [heritage[f"{name}_low_ha"] for name in QUANTITIES] == pytest.approx([2, 0.6, 0.8, 0.6, 0.8])
        assert [heritage[f"{name}_high_ha"] for name in QUANTITIES] == pytest.approx([3, 1.0, 1.2, 1.0, 1.4])
        assert [(row["family"], row["exclusions"], row["undrawn"]) for row in (every, water, heritage)] == [
            ("", 3, 1),
            ("physical", 1, 0),
            ("legal", 2, 1),
        ]


def test_a_declared_order_attributes_otherwise():
    exclusions = [{"reason": reason, "geometry": hectares(0, 0)} for reason in ("water", "frozen")]
    layers = land([EST], [{"geometry": hectares(0, 0, 2)}], exclusions)
    assert lifting(*layers, priority=["frozen"])["reason"].tolist()[:3] == ["", "frozen", "water"]
    assert of(lifting(*layers, priority=["frozen"]), "", "frozen")["attributed_low_ha"] == 1
    assert of(lifting(*layers), "", "frozen")["attributed_low_ha"] == 0


def test_a_site_without_any_shape_is_not_a_number_and_bounds_nothing():
    layers = land([{"site_id": "est"}], [{}], [{"geometry": hectares(0, 0)}])
    found = lifting(*layers)
    assert found[[f"{name}_low_ha" for name in QUANTITIES]].isna().all(axis=None)
    assert found["without_shape"].tolist() == [1] * 4
    (figure,) = lifting_figures(*layers)
    assert (figure.low, figure.high) == (None, None)
    assert offer_curve(*layers)["available_high_ha"].isna().all()


def test_ground_in_no_terrain_is_lost_as_far_as_it_is_covered():
    third = [{"geometry": hectares(0, 0, 2), "whole_from_share": 0.3}]
    layers = land([EST], [{"geometry": hectares(0, 0)}], third)
    found = lifting(*layers)
    assert availability(*layers)["reaches_high_ha"].iloc[-1] == 2
    assert offer_curve(*layers, sizes_ha=[2])["available_high_ha"].tolist() == [2, 2]
    assert of(found, "est", "")["otherwise_high_ha"] == 4
    assert of(found, "est", "")["left_high_ha"] == 2
    assert of(found, "est", "")["left_low_ha"] == 0


def test_figures_cite_what_would_gain_and_say_what_they_assume():
    layers = land(
        [EST],
        [{"geometry": hectares(0, 0, 2)}, {"geometry": hectares(2, 0, 2)}],
        [
            {"exclusion_id": "river", "geometry": hectares(0, 0, 1), "basis": "surveyed", "source_id": "plan"},
            {"exclusion_id": "pond", "geometry": hectares(9, 9)},
            {"exclusion_id": "listed", "reason": "heritage"},
        ],
    )
    water, heritage = lifting_figures(*layers)
    assert (water.figure_id, water.low, water.high) == ("freed_ha:territory@water", 1, 1)
    assert water.rows == ("terrains/0", "exclusions/river")
    assert water.sources == ("registre", "plan")
    assert water.basis == Basis.STATED
    assert water.assumptions == ("available_is_derived", "exclusions_listed", "exclusions_without_shape")
    assert (heritage.low, heritage.high, heritage.rows) == (0, None, ("exclusions/listed",))
    assert heritage.sources


@pytest.mark.parametrize(
    ("reason", "east", "said"), [("easement", 0, True), ("water", 0, False), ("easement", 9, False)]
)
def test_what_a_text_closes_is_said_to_be_taken_whole_where_lifting_it_frees_ground(reason, east, said):
    layers = land([EST], [{"geometry": hectares(0, 0)}], [{"reason": reason, "geometry": hectares(east, 0)}])
    (figure,) = lifting_figures(*layers)
    assert ("exclusions_by_text" in figure.assumptions) is said


def test_nobody_knows_how_much_is_freed_as_long_as_ground_has_no_shape():
    layers = land([EST, {"site_id": "far"}], [{"geometry": hectares(0, 0)}], [{"geometry": hectares(0, 0, 0.5)}])
    (figure,) = lifting_figures(*layers)
    assert (figure.low, figure.high) == (0.5, None)
    assert "ground_without_shape" in figure.assumptions


def test_a_piece_is_on_offer_up_to_the_size_it_has():
    road = [{"reason": "road_verge", "geometry": hectares(1, 0, 0.5)}]
    layers = land([EST], [{"geometry": hectares(0, 0, 4)}], road)
    found = offer_curve(*layers, sizes_ha=[0.5, 1.0, 2.5, 2.6])
    assert found["site_id"].tolist() == ["est"] * 4 + [""] * 4
    assert found["available_low_ha"].tolist() == pytest.approx([3.5, 3.5, 3.5, 0] * 2)
    assert offer_curve(*layers, sizes_ha=[0.5], min_width_m=101)["available_high_ha"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("sizes", "said"),
    [([1, 0], "0 ha is no size"), ([-1], "-1 ha is no"), ([np.nan], "nan ha is"), ([], "there is none")],
)
def test_a_size_that_is_none_is_refused(sizes, said):
    with pytest.raises(SchemaError, match=said):
        offer_curve(*land([EST], []), sizes_ha=sizes)


def test_exclusions_in_another_system_are_refused():
    sites, terrains, exclusions = land([EST], [], [{"geometry": hectares(0, 0)}])
    for measure in (lifting, lifting_figures, offer_curve):
        with pytest.raises(CrsError, match="EPSG:3950, EPSG:2154"):
            measure(sites, terrains, exclusions.to_crs(2154))


def test_an_order_that_names_no_reason_is_refused():
    with pytest.raises(SchemaError, match="`wind`: is no reason"):
        lifting(*land([EST], []), priority=["wind"])


# --- by chance

SIZE = 4
spots = st.tuples(*(st.integers(-1, 2 * SIZE),) * 2, *(st.integers(1, 5),) * 2)
reasons = st.sampled_from(
    [ExclusionReason.WATER, ExclusionReason.HERITAGE, ExclusionReason.OPTION, ExclusionReason.SLOPE]
)
shares = st.sampled_from([np.nan, np.nan, 0.3, 1.0])


@st.composite
def grounds(draw):
    """Draw a site in columns of terrains, some unknown or left out, a part of it, and exclusions on half hectares."""
    terrains = [
        {
            "terrain_id": f"{n}",
            "geometry": hectares(n, 0, 1, SIZE),
            "site_id": "part" if n == 0 else "est",
            **draw(st.sampled_from([{}, {}, UNKNOWN, SOLD])),
        }
        for n in range(SIZE)
        if draw(st.integers(0, 4))
    ]
    rules = draw(st.lists(st.tuples(reasons, spots, shares), max_size=5))
    exclusions = [
        {"reason": reason.value, "whole_from_share": share, "geometry": hectares(e / 2, n / 2, w / 2, h / 2)}
        for reason, (e, n, w, h), share in rules
    ]
    part = {"site_id": "part", "part_of": "est", "geometry": hectares(0, 0, 1, SIZE)}
    return [{"site_id": "est", "geometry": hectares(0, 0, SIZE, SIZE)}, part], terrains, exclusions


@given(ground=grounds(), lifted=st.one_of(st.just(""), reasons))
def test_lifting_a_reason_is_availability_without_it(ground, lifted):
    sites, terrains, exclusions = land(*ground)
    found = lifting(sites, terrains, exclusions)

    def bounds(kept):
        again = availability(sites, terrains, kept)
        rows = pd.concat([again, territory_availability(sites, terrains, kept)])
        return rows.loc[rows["step"] == Step.LARGE_ENOUGH, ["reaches_low_ha", "reaches_high_ha"]].to_numpy()

    here, there = bounds(exclusions), bounds(exclusions[(exclusions["reason"] != lifted) & (lifted != "")])
    rows = found[found["reason"] == lifted]
    assert rows.empty == (lifted not in {"", *exclusions["reason"]})
    if len(rows):
        assert rows[["frees_low_ha", "frees_high_ha"]].to_numpy() == pytest.approx(there - here, abs=1e-8)
        assert rows[["left_low_ha", "left_high_ha"]].to_numpy() == pytest.approx(here, abs=1e-8)


@given(ground=grounds())
def test_what_reasons_are_given_and_what_is_left_are_the_ground_otherwise_available(ground):
    found = lifting(*land(*ground))
    for end in ("low", "high"):
        every = found[found["reason"] == ""].set_index("site_id")
        given_ = found[found["reason"] != ""].groupby("site_id")[f"attributed_{end}_ha"].sum()
        added = every[f"left_{end}_ha"].add(given_, fill_value=0.0)
        assert added[every.index].tolist() == pytest.approx(every[f"otherwise_{end}_ha"].tolist(), abs=1e-8)
        assert (found[f"frees_{end}_ha"] <= found[f"attributed_{end}_ha"] + 1e-8).all()
        assert (found[f"attributed_{end}_ha"] <= found[f"any_{end}_ha"] + 1e-8).all()
    for name in QUANTITIES:
        assert (found[f"{name}_low_ha"] <= found[f"{name}_high_ha"] + 1e-8).all()


@given(ground=grounds(), sizes=st.lists(st.sampled_from(SIZES_HA), min_size=1, max_size=3, unique=True))
def test_a_larger_size_never_has_more_and_each_is_what_availability_says(ground, sizes):
    layers = land(*ground)
    found = offer_curve(*layers, sizes_ha=sizes)
    for size in sizes:
        rows = found[found["min_ha"] == size]
        again = availability(*layers, min_ha=size)
        last = again[again["step"] == Step.LARGE_ENOUGH]
        total = territory_availability(*layers, min_ha=size).iloc[-1]
        for end in ("low", "high"):
            expected = [*last[f"reaches_{end}_ha"], total[f"reaches_{end}_ha"]]
            assert rows[f"available_{end}_ha"].tolist() == pytest.approx(expected, abs=1e-8)
    for _, site in found.sort_values("min_ha").groupby("site_id"):
        assert site["available_low_ha"].is_monotonic_decreasing
        assert site["available_high_ha"].is_monotonic_decreasing
        assert (site["available_low_ha"] <= site["available_high_ha"]).all()


@given(ground=grounds())
def test_figures_are_the_rows_of_the_territory(ground):
    layers = land(*ground)
    rows = lifting(*layers)
    rows = rows[(rows["site_id"] == "") & (rows["reason"] != "")]
    figures = lifting_figures(*layers)
    assert [figure.figure_id.rpartition("@")[2] for figure in figures] == rows["reason"].tolist()
    assert [figure.low for figure in figures] == pytest.approx(rows["frees_low_ha"].tolist(), abs=1e-9)
    assert [figure.high for figure in figures] == pytest.approx(rows["frees_high_ha"].tolist(), abs=1e-9)
    available = availability_figures(*layers)[1]
    gaining = [figure for figure, high in zip(figures, rows["frees_high_ha"], strict=True) if high > 0]
    assert {row for figure in gaining for row in figure.rows if row.startswith("exclusions")} <= {*available.rows}
