"""Bounds, dates and bases: what is known of a value, and what is not."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.days import EARLIEST, LATEST
from gis.errors import SchemaError
from gis.provenance import Basis, Bounds, Span

SPANS = {
    "a day": ("2022-01-19", "2022-01-19", "2022-01-19"),
    "a month": ("2024-02", "2024-02-01", "2024-02-29"),
    "a year": ("2022", "2022-01-01", "2022-12-31"),
    "two years": ("2025-2026", "2025-01-01", "2026-12-31"),
    "two months": ("2022-01..2022-06", "2022-01-01", "2022-06-30"),
    "until a day": ("..2023-05-11", None, "2023-05-11"),
    "from a year": ("2021..", "2021-01-01", None),
    "about a year": ("about 2024", "2024-01-01", "2024-12-31"),
    "nothing": (" ", None, None),
}

NO_DATES = ["soon", "22", "2022-13", "2022-02-30", "2022-1-1", "17/05/2022", "2022-05-17T08:00", "2022..soon", "0000"]

numbers = st.none() | st.integers(1, 1000)
bounds = st.builds(Bounds, numbers, numbers)


@pytest.mark.parametrize(("text", "earliest", "latest"), SPANS.values(), ids=SPANS)
def test_a_date_is_read_as_the_days_it_may_mean(text, earliest, latest):
    found = Span.parse(text)
    assert [day and day.isoformat() for day in (found.earliest, found.latest)] == [earliest, latest]


@given(st.dates(EARLIEST, LATEST))
def test_every_day_reads_as_itself(day):
    assert Span.parse(day.isoformat()) == Span(day, day)


@given(st.integers(EARLIEST.year, LATEST.year), st.integers(1, 12))
def test_a_month_ends_the_day_before_the_next_begins(year, month):
    found = Span.parse(f"{year:04}-{month:02}")
    assert found.earliest == dt.date(year, month, 1)
    assert (found.latest + dt.timedelta(1)).day == 1


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_is_refused_with_what_would_be_one(text):
    with pytest.raises(SchemaError, match=r"is no date\. Write 2022, 2022-05, 2022-05-17, 2025-2026 or 2022-01\.\."):
        Span.parse(text)


@given(st.lists(bounds), st.lists(bounds))
def test_totals_add_up_and_what_is_unknown_stays_unknown(some, others):
    total = Bounds.total([*some, *others])
    assert total == Bounds.total(some) + Bounds.total(others)
    assert (total.low is None) == any(each.low is None for each in (*some, *others))
    assert (total.high is None) == any(each.high is None for each in (*some, *others))


@given(st.tuples(*[st.integers(1, 1000)] * 2).map(sorted), st.tuples(*[st.integers(1, 1000)] * 2).map(sorted))
def test_a_ratio_has_every_ratio_between_its_bounds(upper, lower):
    ratio = Bounds(*upper) / Bounds(*lower)
    assert all(ratio.low <= a / b <= ratio.high for a in upper for b in lower)


def test_a_ratio_of_an_unknown_is_unknown_on_the_side_it_bounds():
    assert Bounds(1, None) / Bounds(2, 4) == Bounds(0.25, None)
    assert Bounds(1, 3) / Bounds(None, 4) == Bounds(0.25, None)
    assert Bounds(1, 3) / Bounds(2, None) == Bounds(None, 1.5)


@pytest.mark.parametrize(
    ("bases", "weakest"),
    [
        ([], Basis.STATED),
        (["surveyed"], Basis.SURVEYED),
        (["surveyed", "digitised"], Basis.DIGITISED),
        (["stated", "surveyed"], Basis.STATED),
    ],
    ids=["nothing", "one", "surveyed and digitised", "stated and surveyed"],
)
def test_a_chain_is_as_strong_as_its_weakest_basis(bases, weakest):
    assert Basis.weakest(bases) == weakest
