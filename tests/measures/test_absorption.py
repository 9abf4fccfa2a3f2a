"""How fast ground is sold, over full years alone, and how long what is on offer lasts."""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box
from shapely.affinity import translate

from gis.measures.absorption import (
    FEWEST_YEARS,
    absorption_figures,
    dated_sales,
    full_years,
    pace,
    sales_between,
    supply_years,
)
from gis.provenance import Basis, Bounds, Figure
from gis.schemas import Sale, Terrains

X, Y = 1_674_000, 9_259_000
AT = dt.date(2025, 9, 30)
SOLD = Sale.SOLD.value


def square(ha=1.0, at=0):
    return box(X + 100 * at, Y, X + 100 * (at + 1), Y + 100 * ha)


def sold(day, ha=1.0, **more):
    """Make a terrain that was sold on a day, or nobody knows when; without a shape when it has no hectares."""
    when = {"sold_on": np.datetime64(day, "ns")} if day else {}
    return {"sale": SOLD, "geometry": square(ha) if ha else None, **when, **more}


def paced(*rows, at=AT, since=None):
    """Return the pace of terrains side by side, of which no more is made than is read."""
    said = {"source_id": "registre", "basis": "stated"}
    blank = {"terrain_id": "", "sale": "", "sold_on": np.datetime64("NaT", "ns"), "geometry": None, **said}
    columns = {name: [row.get(name, empty) for row in rows] for name, empty in blank.items()}
    columns["geometry"] = [shape and translate(shape, 100 * n) for n, shape in enumerate(columns["geometry"])]
    shapes = gpd.GeoSeries(columns.pop("geometry"), crs=3950)
    columns["sold_on"] = np.array(columns["sold_on"], dtype="datetime64[ns]")
    return pace(dated_sales(gpd.GeoDataFrame(columns, geometry=shapes)), at=at, since=since)


# --- full years


@pytest.mark.parametrize(
    ("first", "at", "since", "years"),
    [
        ("2020-01-01", "2025-09-30", None, range(2021, 2025)),
        ("2020-12-31", "2025-12-30", None, range(2021, 2025)),
        ("2020-12-31", "2025-12-31", None, range(2021, 2026)),
        ("2022-05-01", "2025-09-30", "2020-01-01", range(2020, 2025)),
        ("2022-05-01", "2025-09-30", "2020-01-02", range(2021, 2025)),
        (None, "2025-09-30", "2020-01-01", range(2020, 2025)),
    ],
)
def test_a_full_year_is_on_record_from_its_first_day_to_its_last(land_of, first, at, since, years):
    sales = dated_sales(land_of(Terrains, sold(first)))
    day = dt.date.fromisoformat
    assert full_years(sales, at=day(at), since=since and day(since)) == years


def test_without_a_dated_sale_there_is_no_full_year():
    assert len(paced(sold(None)).years) == 0
    assert len(paced().years) == 0
    assert len(paced(sold("2026-02-01")).years) == 0


# --- pace, by hand


def test_hectares_sold_within_the_full_years_are_divided_by_their_number():
    found = paced(sold("2020-06-01", 9), sold("2021-01-01", 2), sold("2024-12-31", 4), sold("2025-01-01", 9))
    assert found.years == range(2021, 2025)
    assert found.per_year == Bounds(1.5, 1.5)
    assert found.sure.tolist() == [1, 2]


def test_a_year_without_a_sale_counts():
    assert paced(sold("2018-06-01"), sold("2024-06-01", 6)).per_year == Bounds(1, 1)


def test_a_sale_without_a_date_counts_in_the_upper_bound_alone():
    found = paced(sold("2020-06-01"), sold("2022-06-01", 4), sold(None, 8))
    assert found.per_year == Bounds(1, 3)
    assert found.maybe.tolist() == [2]


def test_a_sale_without_a_shape_leaves_the_upper_bound_unknown_unless_it_lies_outside():
    assert paced(sold("2020-06-01"), sold("2022-06-01", 4), sold("2023-06-01", 0)).per_year == Bounds(1, None)
    assert paced(sold("2020-06-01"), sold("2022-06-01", 4), sold(None, 0)).per_year == Bounds(1, None)
    assert paced(sold("2020-06-01", 0), sold("2022-06-01", 4)).per_year == Bounds(1, 1)


def test_a_dated_sale_counts_whatever_is_said_of_the_terrain_now():
    assert paced(sold("2020-06-01"), sold("2022-06-01", 4, sale="en vente")).per_year == Bounds(1, 1)


@pytest.mark.parametrize(("first", "known"), [("2021-06-01", True), ("2022-06-01", False)])
def test_fewer_than_three_full_years_make_no_pace(first, known):
    assert paced(sold(first), sold("2024-06-01")).per_year.low == (pytest.approx(1 / 3) if known else None)


def test_what_is_on_offer_is_divided_by_the_pace():
    assert supply_years(Bounds(6, 12), Bounds(2, 3)) == Bounds(2, 6)
    assert supply_years(Bounds(6, 12), Bounds(0, 3)) == Bounds(2, None)
    assert supply_years(Bounds(6, 12), Bounds(0, 0)) == Bounds(None, None)
    assert supply_years(Bounds(6, None), Bounds(2, None)) == Bounds(None, None)
    assert supply_years(Bounds(0, 0), Bounds(2, 2)) == Bounds(0, 0)


# --- one ground under several keys


def keyed(land_of, *rows):
    """Make sold terrains from key, shape and day, and return their figures."""
    there = [{**sold(day), "terrain_id": key, "geometry": shape} for key, shape, day in rows]
    first = {**sold("2019-01-01"), "geometry": square(at=90)}
    return absorption_figures(land_of(Terrains, first, *there), AVAILABLE, at=AT)


def test_a_lot_sold_under_two_keys_counts_once_and_the_figure_says_so(land_of):
    lot, again = ("a", square(6), "2022-06-01"), ("a-bis", square(6.0001), "2022-06-01")
    _, pace, supply = keyed(land_of, lot, again)
    assert (pace.low, pace.high) == pytest.approx((6 / 5, 6 / 5), abs=1e-4)
    assert {"terrains/a", "terrains/a-bis"} == {*pace.rows}
    assert "shared_once" in pace.assumptions
    assert "shared_once" in supply.assumptions
    assert "shared_once" not in keyed(land_of, lot)[1].assumptions


def test_a_lot_whose_keys_do_not_agree_on_the_day_counts_in_the_upper_bound_alone(land_of):
    within, away, undated = ("2022-06-01", "2025-06-01", None)
    for days, low in (((within, away), 0), ((within, undated), 6), ((undated, away), 0), ((away, away), None)):
        _, pace, _ = keyed(land_of, *((f"t{n}", square(6), day) for n, day in enumerate(days)))
        assert (pace.low, pace.high) == ((0, 0) if low is None else (low / 5, 6 / 5))


lots = st.builds(
    lambda x, y, w, h: box(X + 50 * x, Y + 50 * y, X + 50 * (x + w), Y + 50 * (y + h)),
    *[st.integers(0, 4)] * 2,
    *[st.integers(1, 3)] * 2,
)


@given(rows=st.lists(st.tuples(lots, st.sampled_from(["2018-01-01", "2022-06-01", "2023-06-01", None])), max_size=5))
def test_no_ground_is_sold_twice_however_lots_lie_over_each_other(land_of, rows):
    def of(*days):
        return shapely.union_all([shape for shape, day in rows if day in days]).area / 10_000

    told = [{**sold(day), "terrain_id": f"t{n}", "geometry": shape} for n, (shape, day) in enumerate(rows)]
    first = {**sold("2019-01-01"), "terrain_id": "first", "geometry": square(at=90)}
    found = pace(dated_sales(land_of(Terrains, first, *told)), at=AT, since=dt.date(2019, 1, 1))
    assert found.per_year.high * 6 == pytest.approx(1 + of("2022-06-01", "2023-06-01", None))
    within = shapely.union_all([shape for shape, day in rows if day in {"2022-06-01", "2023-06-01"}])
    before = shapely.union_all([shape for shape, day in rows if day == "2018-01-01"])
    assert found.per_year.low * 6 == pytest.approx(1 + within.difference(before).area / 10_000)


# --- editions


def edition(land_of, **states):
    """Make an edition of terrains from their state, or their state and day of sale."""
    rows = []
    for name, said in states.items():
        sale, day = said if isinstance(said, tuple) else (said, None)
        rows.append({**sold(day), "terrain_id": name, "sale": sale})
    return land_of(Terrains, *rows)


def test_editions_tell_between_which_days_a_terrain_was_sold(land_of):
    first = edition(land_of, a="en vente", b=SOLD, c="inconnu", d="en vente", e="en vente", f="en vente")
    second = edition(
        land_of,
        a=SOLD,
        b=SOLD,
        c=SOLD,
        d="en vente",
        new=SOLD,
        e=(SOLD, "2020-05-05"),
        f=(SOLD, "2019-01-01"),
    )
    third = edition(land_of, a="en vente", b=SOLD, d=SOLD)
    days = [dt.date(2020, 1, 1), dt.date(2021, 1, 1), dt.date(2022, 7, 1)]
    found = sales_between(dict(zip(reversed(days), (third, second, first), strict=True)))
    dates = found[["earliest", "latest"]].to_numpy().astype("datetime64[D]").astype("str").tolist()
    assert dict(zip(found["terrain_id"], dates, strict=True)) == {
        "a": ["2020-01-02", "2021-01-01"],
        "c": ["NaT", "2021-01-01"],
        "new": ["NaT", "2021-01-01"],
        "e": ["2020-05-05", "2020-05-05"],
        "f": ["2020-01-02", "2021-01-01"],
        "d": ["2021-01-02", "2022-07-01"],
    }


def test_a_pace_from_editions_begins_with_the_first(land_of):
    states = ["en vente", "en vente", SOLD, SOLD]
    days = [dt.date(2020, 1, 1), dt.date(2020, 12, 31), dt.date(2021, 12, 31), dt.date(2023, 6, 30)]
    editions = {day: edition(land_of, a=state) for day, state in zip(days, states, strict=True)}
    found = pace(sales_between(editions), at=days[-1], since=days[0])
    assert found.years == range(2020, 2023)
    assert found.per_year == Bounds(pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert sales_between({days[0]: editions[days[0]]}).empty


# --- by chance

days = st.dates(dt.date(2015, 1, 1), dt.date(2026, 12, 31))
areas = st.sampled_from([0.5, 1.0, 3.0])


@given(rows=st.lists(st.tuples(days, areas, st.booleans()), min_size=1, max_size=8), data=st.data())
def test_the_pace_holds_whenever_undated_terrains_were_sold(rows, data):
    told = [sold(day.isoformat() if known else None, ha) for day, ha, known in rows]
    since = dt.date(2015, 1, 1)
    found = paced(*told, at=dt.date(2026, 12, 31), since=since)
    assert found.years == range(2015, 2027)
    settled = [sold((day if known else data.draw(days)).isoformat(), ha) for day, ha, known in rows]
    exact = paced(*settled, at=dt.date(2026, 12, 31), since=since).per_year
    assert exact.low == exact.high == pytest.approx(sum(ha for _, ha, _ in rows) / 12)
    assert found.per_year.low <= exact.low + 1e-9
    assert exact.high <= found.per_year.high + 1e-9


@given(rows=st.lists(st.tuples(days, areas), max_size=8), at=days)
def test_what_was_sold_outside_the_full_years_changes_nothing(rows, at):
    found = paced(*(sold(day.isoformat(), ha) for day, ha in rows), at=at)
    within = [ha for day, ha in rows if day.year in found.years]
    if len(found.years) < FEWEST_YEARS:
        assert found.per_year == Bounds(None, None)
    else:
        assert found.per_year.low == found.per_year.high == pytest.approx(sum(within) / len(found.years))
        assert found.years.start == min(day.year for day, _ in rows) + 1
    assert all(dt.date(year, 12, 31) <= at for year in found.years)


# --- figures

AVAILABLE = Figure("available_ha:territory", "available_ha", "territory", 6, 12, "ha", "", "", sources=("plan",))


def test_figures_say_how_many_years_they_rest_on_and_what_they_assume(land_of):
    terrains = land_of(
        Terrains,
        sold("2020-06-01"),
        sold("2022-06-01", basis="surveyed", geometry=square(8, at=1)),
        sold(None, geometry=square(4, at=2)),
        {"sale": "en vente", "geometry": square(at=3)},
    )
    years, sale, supply = absorption_figures(terrains, AVAILABLE, at=AT)
    assert (years.low, years.high, years.unit, years.at) == (4, 4, "years", AT)
    assert (sale.figure_id, sale.low, sale.high, sale.unit) == ("absorption_ha_per_year:territory", 2, 3, "ha/year")
    assert sale.rows == ("terrains/1", "terrains/2")
    assert sale.basis == Basis.STATED
    assert sale.assumptions == ("first_sale_begins_the_record", "sales_without_date", "last_sale_only")
    assert (supply.low, supply.high) == (2, 6)
    assert (supply.numerator, supply.denominator) == ("available_ha:territory", sale.figure_id)
    assert supply.sources == ("plan", "registre")
    assert supply.assumptions[-1] == "pace_goes_on"


def test_below_three_years_only_their_number_is_said(land_of):
    (years,) = absorption_figures(land_of(Terrains, sold("2023-06-01")), AVAILABLE, at=AT)
    assert (years.low, years.high) == (1, 1)
    assert years.assumptions == ("first_sale_begins_the_record", "fewest_years")


def test_where_no_sale_has_a_day_nobody_knows_how_many_years_are_on_record(land_of):
    for rows in ([], [sold(None)], [sold("2026-02-01")]):
        (years,) = absorption_figures(land_of(Terrains, *rows), AVAILABLE, at=AT)
        assert (years.low, years.high) == (None, None)


def test_the_sales_on_record_are_cited_where_none_lies_within_the_years(land_of):
    for day, full in (("2018-06-01", 6), ("2025-02-01", 0)):
        years, *pace = absorption_figures(land_of(Terrains, sold(day), sold(None)), AVAILABLE, at=AT)
        assert (years.low, years.high) == (full, full)
        assert "terrains/0" in years.rows
        assert all("terrains/0" in figure.rows for figure in pace[:1])


def test_inputs_are_left_as_they_were(land_of):
    terrains = land_of(Terrains, sold("2020-06-01"), sold(None))
    before = terrains.copy()
    absorption_figures(terrains, AVAILABLE, at=AT)
    pd.testing.assert_frame_equal(terrains, before)
