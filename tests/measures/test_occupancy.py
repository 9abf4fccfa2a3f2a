"""Who holds a site on a day, and what is sure about it."""

import datetime as dt
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.measures.occupancy import (
    TO_COME,
    attributed,
    needed_base,
    needed_base_figures,
    occupancy,
    occupancy_figures,
    published_bases,
    rounding_bounds,
)
from gis.measures.presence import tenancy_presences
from gis.measures.three_valued import ANSWERS
from gis.provenance import Basis, Bounds
from gis.schemas import Phase

DAY = dt.date(2025, 9, 30)
ALL = [*Phase]

days = st.dates(dt.date(2000, 1, 1), dt.date(2040, 12, 31))
some_days = st.none() | days
areas = st.integers(1, 100_000)
some_areas = st.none() | areas
three = st.sampled_from("abc")


def in_order(pair):
    return sorted(pair) if None not in pair else list(pair)


bounds = st.tuples(some_days, some_days).map(in_order)
known = st.tuples(days, days).map(in_order)


def rows_of(*, begins=bounds, ends=bounds, sizes=some_areas, premises=three):
    """Draw tenancies as the recorded cases write them, their keys apart."""
    row = st.fixed_dictionaries(
        {
            "premises": premises,
            "phase": st.sampled_from(ALL),
            "from": begins,
            "to": ends,
            "area_m2": st.tuples(sizes, sizes).map(in_order),
        }
    )
    return st.lists(row, max_size=6).map(lambda rows: [{"id": f"t{n}", **each} for n, each in enumerate(rows)])


@pytest.fixture(scope="module")
def on(tenancies_of):
    """Say what tenancies are on a day."""
    return lambda rows, day=DAY: occupancy(tenancies_of(rows), site_id="port", at=day)


@given(rows_of(), days)
def test_the_lower_bound_is_never_above_the_upper_one(on, rows, day):
    found = on(rows, day)
    both = found.dropna(subset=["low_m2", "high_m2"])
    assert (both["low_m2"] <= both["high_m2"]).all()
    total = attributed(found, ALL)
    assert total.high is None or total.low <= total.high


@given(rows_of(begins=known, ends=known), st.sampled_from([-1, 0, 1]))
def test_outside_all_bounds_nothing_is_uncertain(on, rows, side):
    edges = [day for row in rows for day in (*row["from"], *row["to"])] or [DAY]
    before, after = min(edges) - dt.timedelta(1), max(edges)
    assert {*on(rows, before if side < 0 else after)["holds"]} <= {"yes", "no"}
    assert {*on(rows, before)["holds"]} <= {"no"}


@given(rows_of(premises=st.just("a")), days)
def test_premises_are_counted_once(on, rows, day):
    held = on(rows, day)
    assert attributed(held, ALL).low == max([0.0, *held.loc[held["holds"] == "yes", "low_m2"].dropna()])


@given(rows_of(), days, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(on, rows, day, random):
    shuffled = random.sample(rows, len(rows))
    assert attributed(on(shuffled, day), ALL) == attributed(on(rows, day), ALL)


@given(rows_of(), rows_of(sizes=st.none()), days)
def test_an_unknown_area_never_adds(on, rows, unknown, day):
    more = [*rows, *({**row, "id": f"u{n}"} for n, row in enumerate(unknown))]
    assert attributed(on(more, day), ALL).low == attributed(on(rows, day), ALL).low


@given(rows_of(), rows_of(premises=st.sampled_from("xyz")), days)
def test_disjoint_premises_add_up(on, here, there, day):
    there = [{**row, "id": f"x{n}"} for n, row in enumerate(there)]
    apart = Bounds.total(attributed(on(rows, day), ALL) for rows in (here, there))
    assert attributed(on([*here, *there], day), ALL) == apart


@given(rows_of(), days)
def test_nothing_that_goes_in_is_changed(tenancies_of, rows, day):
    tenancies = tenancies_of(rows)
    before = tenancies.copy()
    found = occupancy(tenancies, site_id="port", at=day)
    assert tenancies.equals(before)
    assert list(found.index) == list(tenancies.index)


def test_tenancies_of_other_sites_are_left_out(tenancies_of):
    rows = [{"id": "t", "premises": "a", "phase": "in_place", "from": [None, DAY], "to": [None] * 2, "area_m2": [1, 1]}]
    assert occupancy(tenancies_of(rows, site_id="gare"), site_id="port", at=DAY).empty


HOLDS = {
    "begun": ("in_place", ["2020-01-01", "2020-12-31"], [None, None], "yes", 100, 100),
    "begins on that day": ("in_place", ["2025-09-30"] * 2, [None, None], "yes", 100, 100),
    "begins the day after": ("in_place", ["2025-10-01"] * 2, [None, None], "no", 0, 0),
    "may have begun": ("in_place", ["2025-01-01", "2025-12-31"], [None, None], "maybe", 0, 100),
    "begun at the latest before": ("in_place", [None, "2023-05-31"], [None, None], "yes", 100, 100),
    "begun nobody knows when": ("in_place", [None, None], [None, None], "maybe", 0, 100),
    "ended on that day": ("in_place", ["2020-01-01"] * 2, ["2025-09-30"] * 2, "no", 0, 0),
    "ends the day after": ("in_place", ["2020-01-01"] * 2, ["2025-10-01"] * 2, "yes", 100, 100),
    "may have ended": ("in_place", ["2020-01-01"] * 2, ["2025-01-01", "2025-12-31"], "maybe", 0, 100),
    "left, nobody knows when": ("left", ["2020-01-01"] * 2, [None, None], "maybe", 0, 100),
    "left before": ("left", ["2020-01-01"] * 2, ["2021-01-01"] * 2, "no", 0, 0),
    "left after": ("left", ["2020-01-01"] * 2, ["2026-01-01"] * 2, "yes", 100, 100),
    "announced for a period begun": ("announced", ["2025-01-01", "2026-12-31"], [None, None], "yes", 100, 100),
    "announced for later": ("announced", ["2026-01-01", "2026-12-31"], [None, None], "no", 0, 0),
    "lease signed for a period begun": ("lease_signed", ["2025-01-01", "2026-12-31"], [None, None], "yes", 100, 100),
    "lease signed, nobody knows until when": ("lease_signed", ["2025-01-01", None], [None, None], "maybe", 0, 100),
}


@pytest.mark.parametrize("case", HOLDS.values(), ids=HOLDS)
def test_a_tenancy_that(on, case):
    phase, begins, ends, holds, low, high = case
    row = {"id": "t", "premises": "a", "phase": phase, "from": begins, "to": ends, "area_m2": [100, 100]}
    (found,) = on([row]).to_dict("records")
    assert (found["holds"], found["low_m2"], found["high_m2"]) == (holds, low, high)
    assert found["phase"] == ("in_place" if phase == "left" else phase)


BASE = {"use": "base", "unit": "ha", "area_kind": "land"}


def test_bases_are_what_was_published_the_largest_first_equal_ones_once(claims_of):
    claims = claims_of(
        {**BASE, "value": "16", "area_kind": "not_said"},
        {**BASE, "value": "32", "source_id": "presse"},
        {**BASE, "value": "320000", "unit": "m2"},
        {**BASE, "value": "40", "status": "source_not_refound"},
        {**BASE, "value": "50", "site_id": "gare"},
        {**BASE, "value": "60", "use": ""},
        {**BASE, "value": "16"},
    )
    found = [(base.base_id, base.m2, base.claims, base.sources) for base in published_bases(claims, site_id="port")]
    assert found == [
        ("320000-land", 320_000, ("claim-1", "claim-2"), ("presse", "registre")),
        ("160000-land", 160_000, ("claim-6",), ("registre",)),
        ("160000-not_said", 160_000, ("claim-0",), ("registre",)),
    ]


ROUNDED = {"60": (59.5, 60.5), "8,3": (8.25, 8.35), "8.30": (8.295, 8.305), "1 000": (999.5, 1000.5), "2-3": (1.5, 3.5)}


@pytest.mark.parametrize(("text", "said"), ROUNDED.items(), ids=ROUNDED)
def test_a_published_number_stands_for_what_rounds_to_it(text, said):
    found = rounding_bounds(text)
    assert (found.low, found.high) == pytest.approx(said)


NEEDED = {
    "60 % without the announced": (50_910, "60", 84_149, 85_563),
    "60 % with the announced": (76_910, "60", 127_124, 129_261),
    "100 %": (1000, "100", 995, 1005),
    "0 %, which nothing bounds": (1000, "0", 200_000, None),
}


@pytest.mark.parametrize(("area_m2", "share", "low", "high"), NEEDED.values(), ids=NEEDED)
def test_a_published_share_would_need_a_base(area_m2, share, low, high):
    found = needed_base(area_m2, rounding_bounds(share))
    assert (round(found.low), found.high and round(found.high)) == (low, high)


@given(areas, st.integers(1, 100))
def test_a_needed_base_times_its_share_is_the_area(area_m2, share):
    said = rounding_bounds(str(share))
    base = needed_base(area_m2, said)
    assert base.low * said.high / 100 == pytest.approx(area_m2)
    assert base.high * said.low / 100 == pytest.approx(area_m2)


def test_an_unknown_share_needs_no_base():
    assert needed_base(1000, Bounds(None, 60)) == needed_base(1000, Bounds(-2, 0)) == Bounds(None, None)


@pytest.fixture
def figures(tenancies_of, claims_of):
    """Compute the figures of 2 ha in place of unknown kind, and 1 ha announced, on 8 ha of land."""
    rows = [
        {"id": "algues", "premises": "a", "phase": "in_place", "area_m2": [20_000, 20_000]},
        {"id": "bois", "premises": "b", "phase": "announced", "area_m2": [10_000, 10_000]},
        {"id": "craie", "premises": "c", "phase": "in_place", "area_m2": [None, None]},
        {"id": "drap", "premises": "d", "phase": "in_place", "from": ["2026-01-01", None], "area_m2": [5, 5]},
    ]
    rows = [{"from": ["2020-01-01"] * 2, "to": [None] * 2, **row} for row in rows]
    claims = claims_of({**BASE, "value": "8"}, *SHARES)
    found = occupancy_figures(tenancies_of(rows), claims, site_id="port", at=DAY)
    by_id = {figure.figure_id: figure for figure in found}
    return {**by_id, **{each.figure_id: each for each in needed_base_figures(claims, by_id, site_id="port", at=DAY)}}


SHARE = {"use": "occupied_share", "unit": "%", "as_of": "2025-09"}
SHARES = [
    {**SHARE, "value": "50"},
    {**SHARE, "value": "51", "as_of": "2025-08"},
    {**SHARE, "value": "52", "status": "source_not_refound"},
    {**SHARE, "value": "53", "site_id": "gare"},
    {**SHARE, "value": "54", "use": "tenant_share"},
]


def test_figures_are_lower_bounds_with_their_chain(figures):
    area = figures["in_place_m2:port@2025-09-30"]
    assert (area.low, area.high, area.unit, area.basis) == (20_000, None, "m2", Basis.STATED)
    assert area.rows == ("tenancies/algues", "tenancies/craie")
    assert area.assumptions == ("list_incomplete", "premises_once", "area_unknown")
    assert figures["to_come_m2:port@2025-09-30"].low == 10_000
    assert figures["with_to_come_m2:port@2025-09-30"].low == 30_000
    assert figures["occupants_in_place:port@2025-09-30"].low == 2


def test_shares_are_of_each_published_base(figures):
    share = figures["in_place_share:port@2025-09-30:80000-land"]
    assert (share.low, share.high, share.unit) == (0.25, None, "ratio")
    assert (share.numerator, share.denominator) == ("in_place_m2:port@2025-09-30", "claims/claim-0")
    assert "kind_not_said" in share.assumptions
    assert figures["with_to_come_share:port@2025-09-30:80000-land"].low == 0.375


def test_what_is_left_is_an_upper_bound_never_vacant(figures):
    rest = figures["not_attributed_m2:port@2025-09-30:80000-land"]
    assert (rest.low, rest.high) == (None, 60_000)
    assert not [figure for figure in figures if "vacant" in figure]


def test_a_needed_base_is_computed_for_shares_of_that_month_whose_source_is_known(figures):
    needed = {key: (figure.low, figure.high) for key, figure in figures.items() if key.startswith("needed_base")}
    assert needed == {
        "needed_base_m2:port@2025-09-30:claim-1": pytest.approx((20_000 / 0.505, 20_000 / 0.495)),
        "needed_base_with_to_come_m2:port@2025-09-30:claim-1": pytest.approx((30_000 / 0.505, 30_000 / 0.495)),
    }


FROM = [
    [None, None],
    ["2021-01-01", "2021-01-01"],
    ["2021-01-01", "2022-12-31"],
    [None, "2022-12-31"],
    ["2021-01-01", None],
]
TO = [
    [None, None],
    ["2024-01-01", "2024-01-01"],
    ["2024-01-01", "2025-12-31"],
    [None, "2025-12-31"],
    ["2024-01-01", None],
]
DAYS = ["2020-12-31", "2021-01-01", "2022-06-30", "2022-12-31", "2024-01-01", "2025-06-30", "2025-12-31"]


@given(rows_of(), days)
def test_a_day_looked_up_in_the_steps_of_a_tenancy_is_what_it_is_on_that_day(on, tenancies_of, rows, day):
    found = on(rows, day)
    for holds, phase, each in zip(found["holds"], found["phase"], tenancy_presences(tenancies_of(rows)), strict=True):
        *_, (_, answer) = [step for step in each.steps if step[0] is None or step[0] <= day]
        assert (answer, each.phase, each.to_come) == (ANSWERS[holds], phase, Phase(phase) in TO_COME)
        assert all(one[1] != other[1] for one, other in pairwise(each.steps))
        assert each.steps[0][0] is None


def test_the_cases_that_the_pages_are_tested_on_are_what_is_computed_here(on, tenancies_of, recorded):
    """Every pair of bounds, each phase in turn, shared premises, areas known, half known and unknown."""
    cases = []
    for day, shift in product(DAYS, range(0, len(ALL), 2)):
        rows = [
            {
                "id": f"t{n:02}",
                "premises": f"p{n % 20:02}",
                "phase": ALL[(n + shift) % len(ALL)].value,
                "from": begins,
                "to": ends,
                "area_m2": [None if n % 7 == 6 else 1000 * (n + 1), None if n % 7 > 4 else 1000 * (n + 2)],
            }
            for n, (begins, ends) in enumerate(product(FROM, TO))
        ]
        found = on(rows, dt.date.fromisoformat(day))
        told = tenancy_presences(tenancies_of(rows))
        for row, each in zip(rows, told, strict=True):
            row["to_come"] = each.to_come
            row["steps"] = [[day and day.isoformat(), answer.value] for day, answer in each.steps]
        answer = {
            "in_place_m2": attributed(found, [Phase.IN_PLACE]).low,
            "with_m2": attributed(found, [Phase.IN_PLACE, *TO_COME]).low,
            "present": {key: ANSWERS[holds] for key, holds in zip(found["tenancy_id"], found["holds"], strict=True)},
        }
        cases.append({"tenancies": rows, "day": day, **answer})
    recorded("occupancy_cases.json", cases)
