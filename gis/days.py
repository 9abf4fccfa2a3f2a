"""Dates: the only parser of dates. It returns a date that a layer can hold, or the reason why it cannot.

A datetime column counts nanoseconds and overflows silently outside 1677 to 2262: 9999-12-31 becomes a date in 1816.
Every date therefore enters a column through `day_as_datetime64`. Registers write a distant date for "no end"; in a
column of end
dates it is read as an open end (`is_open_end`), and the reader reports it.
"""

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

#: The first and the last day that layers hold: whole years that a column of nanoseconds can count.
EARLIEST: Final = dt.date(1678, 1, 1)
LATEST: Final = dt.date(2261, 12, 31)

#: The days that measures can be asked for: from one of them they look some years back and ahead.
FIRST_ASKED: Final = dt.date(1700, 1, 1)
LAST_ASKED: Final = dt.date(2199, 12, 31)

#: No day: nobody said.
NO_DAY: Final = np.datetime64("NaT", "ns")

#: The end of time of some systems, beside any day of 9999 and the first and last days of later millennia.
_END_OF_TIME: Final = frozenset({dt.date(4712, 12, 31)})
_LAST_YEAR: Final = 9999
_FAR: Final = 2999


class Doubt(StrEnum):
    """What is doubtful about a day, in the words of an issue."""

    NONE = ""
    NO_DAY = "It is no date."
    OUT = f"It is no day from {EARLIEST.year} to {LATEST.year}, and is read as unknown."
    OPEN = "So far a day stands for no end: the end is open."
    MOMENT = "It is an hour of another time zone, and nobody says in which the territory is: the day is unknown."


class _MomentError(ValueError):
    """A moment whose day depends on where one is."""


@dataclass(frozen=True, slots=True)
class Written:
    """Two days that a text names, `None` for a side that it leaves open, and the text with days as 2024-05-17."""

    first: dt.date | None
    last: dt.date | None
    text: str


_YEAR_FIRST: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_YEAR_LAST: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", re.ASCII)
_TIGHT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_PART: Final = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)
_YEARS: Final = re.compile(r"(\d{4})-(\d{4})", re.ASCII)
_OFFSET: Final = r"(Z|[+-]\d{2}(?::?\d{2})?)"
_TIME: Final = re.compile(
    rf"(?:[T ]\s*(\d{{1,2}})[:h](\d{{2}})(?::(\d{{2}})(?:[.,]\d+)?)?(?: ?[AP]M)?)? ?{_OFFSET}?",
    re.ASCII | re.IGNORECASE,
)


def read_published_date(text: str, zone: dt.tzinfo | None = None) -> Written:
    """Read a date as published: a day, a month, a year, or two of them joined by `-` (years) or `..`.

    A moment of another time zone is the day that it is in `zone`; an hour without a zone, and midnight, are the day
    that is written.

    Raises
    ------
    ValueError
        If the text is no date, or the day that it means depends on a zone that nobody says.

    Examples
    --------
    >>> read_published_date("17/05/2024").text, read_published_date("2022-02").last
    ('2024-05-17', datetime.date(2022, 2, 28))
    >>> read_published_date("2023-12-31T23:00:00Z", dt.timezone(dt.timedelta(hours=1))).text
    '2024-01-01'
    """
    about, ends, separator = _split_date_range(text, zone)
    return Written(ends[0].first, ends[-1].last, about + separator.join(each.text for each in ends))


def _split_date_range(text: str, zone: dt.tzinfo | None) -> tuple[str, list[Written], str]:
    """Return what stands before a date, the one or two that it is between, and what stands between them."""
    date_text = text.strip()
    about, date_text = ("about ", date_text[6:].strip()) if date_text.startswith("about ") else ("", date_text)
    if years := _YEARS.fullmatch(date_text):
        return about, [_read_one_date(year, zone) for year in years.groups()], "-"
    return about, [_read_one_date(part.strip(), zone) for part in date_text.split("..", 1)], ".."


def _read_one_date(text: str, zone: dt.tzinfo | None) -> Written:
    """Read a day, a month or a year."""
    if not text:
        return Written(None, None, "")
    if month_match := _PART.fullmatch(text):
        year, month = int(month_match[1]), int(month_match[2] or 0)
        last = calendar.monthrange(year, month)[1] if month else 31
        return Written(dt.date(year, month or 1, 1), dt.date(year, month or 12, last), text)
    if day_match := _YEAR_FIRST.match(text):
        parts = day_match[1], day_match[3], day_match[4]
    elif day_match := _YEAR_LAST.match(text):
        parts = day_match[4], day_match[3], day_match[1]
    elif day_match := _TIGHT.match(text):
        parts = day_match[1], day_match[2], day_match[3]
    else:
        raise ValueError(text)
    time_match = _TIME.fullmatch(text[day_match.end() :])
    if time_match is None:
        raise ValueError(text)
    day = _day_in_zone(dt.date(*map(int, parts)), time_match, zone)
    return Written(day, day, day.isoformat())


def _day_in_zone(day: dt.date, rest: re.Match[str], zone: dt.tzinfo | None) -> dt.date:
    """Return the day of a moment in the zone; without an offset, and at midnight, it is the day that is written."""
    hour, minute, second = (int(part or 0) for part in rest.groups()[:3])
    time = dt.time(hour, minute, min(second, 59))
    offset = rest[4]
    if not offset or time == dt.time():
        return day
    if zone is None:
        raise _MomentError(day)
    hours, minutes = (int(offset[1:3]), int(offset[3:].strip(":") or 0)) if offset.upper() != "Z" else (0, 0)
    utc_offset = dt.timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
    try:
        return dt.datetime.combine(day, time, dt.timezone(utc_offset)).astimezone(zone).date()
    except OverflowError:  # the first and the last day that there are
        return day


def is_storable_day(day: dt.date | None) -> bool:
    """Tell whether layers can hold a day; nobody's is held too.

    >>> is_storable_day(dt.date(2025, 9, 30)), is_storable_day(dt.date(9999, 12, 31)), is_storable_day(None)
    (True, False, True)
    """
    return day is None or EARLIEST <= day <= LATEST


def is_open_end(first: dt.date, last: dt.date) -> bool:
    """Tell whether a day, month or year stands for "no end": what begins or ends a far millennium, or lies in 9999.

    The longest lease in French law is of 99 years. Another far day may be a slip of the pen, as 2205 for 2025, and
    stands for nothing.

    >>> [is_open_end(*[dt.date.fromisoformat(day)] * 2) for day in ("9999-12-31", "2999-12-31", "3000-01-01")]
    [True, True, True]
    >>> (is_open_end(dt.date(2500, 6, 15), dt.date(2500, 6, 15)),
    ...  is_open_end(dt.date(2124, 12, 31), dt.date(2124, 12, 31)))
    (False, False)
    """
    turn = (first.month, first.day) == (1, 1) or (last.month, last.day) == (12, 31)
    millennium = last.year >= _FAR and last.year % 1000 in {0, 999}
    return last.year == _LAST_YEAR or (millennium and turn) or last in _END_OF_TIME


def day_as_datetime64(day: dt.date | None) -> np.datetime64:
    """Return a day as columns hold it; nothing is NaT.

    Raises
    ------
    ValueError
        If no column can hold it.
    """
    if day is None:
        return NO_DAY
    if not is_storable_day(day):
        raise ValueError(f"{day} is no day from {EARLIEST.year} to {LATEST.year}")
    return np.datetime64(day, "ns")


def parse_day_cell(text: str, zone: dt.tzinfo | None = None, *, end: bool = False) -> tuple[np.datetime64, Doubt]:
    """Read one day for a column of days, and what is doubtful about it; in a column that is an `end` it may be open.

    >>> parse_day_cell("17/05/2024")
    (np.datetime64('2024-05-17T00:00:00.000000000'), <Doubt.NONE: ''>)
    >>> ([parse_day_cell(text)[1].name for text in ("2024", "1023-05-01", "9999-12-31")],
    ...  parse_day_cell("9999", end=True)[1].name)
    (['NO_DAY', 'OUT', 'OUT'], 'OPEN')
    """
    if not text.strip():
        return NO_DAY, Doubt.NONE
    try:
        written_date = _read_one_date(text.strip(), zone)
    except _MomentError:
        return NO_DAY, Doubt.MOMENT
    except ValueError:
        return NO_DAY, Doubt.NO_DAY
    if end and _is_open_end_date(written_date):
        return NO_DAY, Doubt.OPEN
    if written_date.first != written_date.last:  # a month or a year is no day
        return NO_DAY, Doubt.NO_DAY
    return (
        (day_as_datetime64(written_date.first), Doubt.NONE)
        if is_storable_day(written_date.first)
        else (NO_DAY, Doubt.OUT)
    )


def parse_date_cell(text: str, zone: dt.tzinfo | None = None, *, end: bool = False) -> tuple[str, Doubt]:
    """Read a date as published for a column of texts, and what is doubtful about it; see `read_published_date`.

    >>> (parse_date_cell("17/05/2024"), parse_date_cell("2024..9999-12-31", end=True)[0],
    ...  parse_date_cell("2025-2026")[0], parse_date_cell("soon")[0])
    (('2024-05-17', <Doubt.NONE: ''>), '2024..', '2025-2026', '')
    """
    try:
        about, ends, separator = _split_date_range(text, zone)
    except _MomentError:
        return "", Doubt.MOMENT
    except ValueError:
        return "", Doubt.NO_DAY
    if end and _is_open_end_date(ends[-1]):
        start = ends[0] if len(ends) > 1 and ends[0].first and not _is_open_end_date(ends[0]) else None
        if start is None:
            return "", Doubt.OPEN
        return (f"{about}{start.text}..", Doubt.OPEN) if is_storable_day(start.first) else ("", Doubt.OUT)
    if not all(is_storable_day(day) for each in ends for day in (each.first, each.last)):
        return "", Doubt.OUT
    return about + separator.join(each.text for each in ends), Doubt.NONE


def _is_open_end_date(written: Written) -> bool:
    return written.first is not None and written.last is not None and is_open_end(written.first, written.last)


def parse_asked_day(text: str) -> dt.date:
    """Read a day that somebody asks for.

    Raises
    ------
    ValueError
        If it is no day, or one that measures cannot be asked for.
    """
    asked_day, doubt = parse_day_cell(text)
    if doubt or np.isnat(asked_day):
        raise ValueError(text)
    return check_asked_day(asked_day.astype("datetime64[D]").item())


def check_asked_day(day: dt.date) -> dt.date:
    """Return a day that measures can be asked for, or raise `ValueError`."""
    if not FIRST_ASKED <= day <= LAST_ASKED:
        raise ValueError(f"{day} is no day from {FIRST_ASKED.year} to {LAST_ASKED.year}")
    return day
