"""Days: what was written is what is read, nothing wraps, and no end is an open one."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.days import (
    EARLIEST,
    LATEST,
    NO_DAY,
    Doubt,
    day_as_datetime64,
    is_open_end,
    is_storable_day,
    parse_asked_day,
    parse_date_cell,
    parse_day_cell,
    read_published_date,
)

PARIS, FORT_DE_FRANCE = ZoneInfo("Europe/Paris"), ZoneInfo("America/Martinique")

FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y%m%d", "%Y-%m-%dT00:00:00Z", "%d/%m/%Y 14:30")

some_text = st.one_of(
    st.text(max_size=20),
    st.text(st.sampled_from("0123456789-/.T:Z +about"), max_size=22),
    st.from_regex(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(T[0-2][0-9]:[0-5][0-9]Z)?", fullmatch=True),
)


@given(st.dates(), st.sampled_from(FORMS), st.booleans())
def test_every_day_is_itself_or_is_told(written, form, end):
    text = written.strftime(form.replace("%Y", f"{written.year:04}"))
    found, doubt = parse_day_cell(text, PARIS, end=end)
    same, same_doubt = parse_date_cell(text, PARIS, end=end)
    assert doubt == same_doubt
    if doubt:
        assert np.isnat(found)
        assert not same
        assert not is_storable_day(written)
        assert doubt is (Doubt.OPEN if end and is_open_end(written, written) else Doubt.OUT)
    else:
        assert found == np.datetime64(written, "D")
        assert same == written.isoformat()


@given(some_text, st.booleans())
def test_any_text_is_a_day_that_it_says_or_is_told(text, end):
    found, doubt = parse_day_cell(text, end=end)
    if not np.isnat(found):
        assert not doubt
        said = sorted(map(int, re.findall(r"\d+", text)[:3]))
        year, month, number = map(int, str(found.astype("datetime64[D]")).split("-"))
        assert said == sorted((year, month, number)) or f"{year:04}{month:02}{number:02}" in text
    else:
        assert doubt or not text.strip()
    same, doubt = parse_date_cell(text, end=end)
    assert same or doubt or not text.strip(" .") or not read_published_date(text).text.strip(".")
    if same:
        assert parse_date_cell(same) == (same, Doubt.NONE)


@given(st.dates())
def test_no_day_wraps(written):
    if EARLIEST <= written <= LATEST:
        assert day_as_datetime64(written).astype("datetime64[D]").item() == written
    else:
        with pytest.raises(ValueError, match="no day from 1678 to 2261"):
            day_as_datetime64(written)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)), st.times())
def test_a_moment_is_the_day_that_it_is_in_the_territory(written, time):
    moment = dt.datetime.combine(written, time.replace(microsecond=0), dt.UTC)
    for zone in (PARIS, FORT_DE_FRANCE):
        found, doubt = parse_date_cell(moment.isoformat(), zone)
        at_midnight = moment.time() == dt.time()
        assert (found, doubt) == ((moment if at_midnight else moment.astimezone(zone)).date().isoformat(), Doubt.NONE)
    assert parse_date_cell(moment.isoformat())[1] is (Doubt.NONE if moment.time() == dt.time() else Doubt.MOMENT)


MOMENTS = {
    "midnight in Paris, in winter": ("2023-12-31T23:00:00Z", PARIS, "2024-01-01"),
    "midnight in Paris, in summer": ("2024-06-30T22:00:00Z", PARIS, "2024-07-01"),
    "midnight in Fort-de-France": ("2024-01-01T04:00:00Z", FORT_DE_FRANCE, "2024-01-01"),
    "midnight of nobody's zone": ("2024-01-01T00:00:00", FORT_DE_FRANCE, "2024-01-01"),
    "midnight stored as UTC": ("2024-01-01 00:00:00+00:00", FORT_DE_FRANCE, "2024-01-01"),
    "midnight of its own zone": ("2024-01-01T00:00:00+01:00", PARIS, "2024-01-01"),
    "the last moment that there is": ("9999-12-31T23:59:59Z", PARIS, ""),
}


@pytest.mark.parametrize(("text", "zone", "expected"), MOMENTS.values(), ids=MOMENTS)
def test_a_moment(text, zone, expected):
    assert parse_date_cell(text, zone)[0] == expected


@pytest.mark.parametrize(
    "text", ["9999-12-31", "9999-12", "9999", "31/12/9999", "2999-12-31", "3000-01-01", "9999-12-31T23:00:00Z", "2999"]
)
def test_a_far_day_is_no_end_in_a_column_of_ends_alone(text):
    assert parse_date_cell(text, PARIS, end=True) == ("", Doubt.OPEN)
    assert parse_day_cell(text, PARIS, end=True)[1] is Doubt.OPEN
    assert parse_date_cell(text, PARIS) == ("", Doubt.OUT)
    assert parse_date_cell(f"2024..{text}", PARIS, end=True) == ("2024..", Doubt.OPEN)


@pytest.mark.parametrize("text", ["2500-06-15", "3000-05-01", "1023-05-01", "0001-01-01", "2262"])
def test_another_far_day_is_told(text):
    assert parse_date_cell(text, end=True) == ("", Doubt.OUT)


def test_nobody_said():
    assert parse_day_cell(" ") == (NO_DAY, Doubt.NONE) or np.isnat(parse_day_cell(" ")[0])
    assert parse_date_cell("") == ("", Doubt.NONE)


@pytest.mark.parametrize("text", ["", "2025", "9999-12-31", "1600-01-01", "soon", "2025-W01-1"])
def test_what_cannot_be_asked_for_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_asked_day(text)
