"""Date checks: dates before industry, dates after the opening day of the pages, and dates in the wrong order."""

import contextlib
import datetime as dt
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from gis.errors import SchemaError
from gis.measures.statements import (
    NEVER,
    Days,
    Flags,
    Statements,
    Texts,
    day_column,
    in_place_flags,
    key_positions,
    text_column,
    true_positions,
    values_at,
)
from gis.measures.topology import issue_row
from gis.provenance import Span
from gis.schemas import KEYS, ClaimUse, Phase, Row, SiteState

#: Text columns that begin with a date, by layer, with a flag: whether the date states a past event.
_TEXTS: Final = (
    ("sites", "opened", True),
    ("sites", "as_of", True),
    ("establishments", "active_from", True),
    ("establishments", "active_to", True),
    ("establishments", "jobs_as_of", True),
    ("claims", "as_of", False),
    *(
        (name, "as_of", True)
        for name in ("terrains", "parcels", "buildings", "premises", "exclusions", "establishments")
    ),
)

#: The date at the beginning of a text.
_FIRST: Final = re.compile(r"(?:about |planned )?(\d{4}(?:-\d{2}){0,2}(?:\.\.(?:\d{4}(?:-\d{2}){0,2})?|-\d{4})?)")


def moment_issues(said: Statements) -> Iterator[Row]:
    """Yield dates that are impossible or that other dates contradict, as rows of the layer `issues`."""
    columns = list(_day_columns(said))
    if opening_issue := _opening_day_issue(said, columns):
        # With a wrong opening day, all dates would be reported as early or late.
        yield opening_issue
        yield from _stated_day_issues(said, columns, dated=False)
        return
    yield from _stated_day_issues(said, columns, dated=True)
    yield from _day_order_issues(said)


class _Dates(NamedTuple):
    """The first and the last possible day of each row of a column, and which rows state past events."""

    layer: str
    column: str
    first: Days
    last: Days
    been: Flags
    years: float
    shown: Texts


def _opening_day_issue(said: Statements, columns: list[_Dates]) -> Row | None:
    """Return the issue of an implausible opening day: before industry, or long after all dates of the layers."""
    if said.opening.year < said.limits.first_year:
        return issue_row(
            "territory", "opening", "date", said.opening.isoformat(), "Nothing was said so early. Correct it."
        )
    last_day_said = np.concatenate([[NEVER], *(each.last[each.been & ~np.isnat(each.last)] for each in columns)]).max()
    if last_day_said > NEVER and said.day > _day_years_later(last_day_said, said.limits.planned_years):
        message = f"No row says anything of later than {str(last_day_said)[:10]}. Correct the day, of territory.toml."
        return issue_row("territory", "opening", "date", said.opening.isoformat(), message)
    return None


def _day_years_later(day: np.datetime64, years: float) -> np.datetime64:
    return day + np.timedelta64(round(years * 365.25 * 86400), "s")


def _day_columns(said: Statements) -> Iterator[_Dates]:
    """Yield every column of dates, as days."""
    limits = said.limits
    tenancies = said.tenancies
    phase = text_column(tenancies, "phase")
    has_begun = np.isin(phase, [Phase.IN_PLACE.value, Phase.LEFT.value])
    has_left = phase == Phase.LEFT.value
    typed_columns = [
        ("terrains", "occupied_as_of", True, limits.planned_years),
        ("terrains", "sold_on", True, limits.planned_years),
        ("terrains", "available_from", False, limits.planned_years),
        ("premises", "vacant_since", True, limits.planned_years),
        ("premises", "available_from", False, limits.planned_years),
        ("tenancies", "from_earliest", has_begun, limits.planned_years),
        ("tenancies", "from_latest", False, limits.planned_years),
        ("tenancies", "to_earliest", has_left, limits.lease_years),
        ("tenancies", "to_latest", False, limits.lease_years),
    ]
    for name, column, been, years in typed_columns:
        layer = getattr(said, name)
        values = day_column(layer, column)
        shown_texts = np.datetime_as_string(values, unit="D").astype(object)
        yield _Dates(name, column, values, values, np.broadcast_to(been, len(layer)), years, shown_texts)
    for name, column, past in _TEXTS:
        layer = getattr(said, name)
        shown_texts = text_column(layer, column)
        first, last, says_a_day = _spans_of_texts(shown_texts)
        has_been = np.broadcast_to(past, len(layer)) & says_a_day
        if column == "opened":
            has_been &= ~np.isin(text_column(layer, "site_state"), [SiteState.PLANNED.value, SiteState.CREATION.value])
        yield _Dates(name, column, first, last, has_been, limits.planned_years, shown_texts)
    claims = said.claims
    has_been = np.zeros(len(claims), dtype=bool)
    first, last = day_column(claims, "earliest"), day_column(claims, "latest")
    years = (
        limits.lease_years
        if len(claims) and (text_column(claims, "use") == ClaimUse.EVENT.value).any()
        else limits.planned_years
    )
    yield _Dates("claims", "value", first, last, has_been, years, text_column(claims, "value"))


def _spans_of_texts(written: Texts) -> tuple[Days, Days, Flags]:
    """Parse texts that begin with a date: the first and the last possible day, and whether the text is only a date."""
    span_by_text = {text: _span_of_text(text) for text in pd.unique(written)}
    rows = [span_by_text[text] for text in written]
    first = np.array([row[0] for row in rows], dtype="datetime64[s]")
    last = np.array([row[1] for row in rows], dtype="datetime64[s]")
    return first, last, np.array([row[2] for row in rows], dtype=bool)


def _span_of_text(text: str) -> tuple[dt.date | None, dt.date | None, bool]:
    if day_match := _FIRST.match(text):
        with contextlib.suppress(SchemaError):
            span = Span.parse(day_match[1])
            return (
                span.earliest or span.latest,
                span.latest or span.earliest,
                text in {day_match[1], f"about {day_match[1]}"},
            )
    return None, None, False


def _stated_day_issues(said: Statements, columns: list[_Dates], *, dated: bool) -> Iterator[Row]:
    """Yield dates that are too early and, if the opening day is plausible, dates that are too late."""
    limits = said.limits
    early = np.datetime64(f"{limits.first_year:04.0f}-01-01", "s")
    late = _day_years_later(said.day, limits.said_years)
    for dates in columns:
        keys = text_column(getattr(said, dates.layer), KEYS[dates.layer])
        for n in true_positions(dates.last < early):
            message = f"Is before {limits.first_year:.0f}. Correct the year."
            yield issue_row(dates.layer, keys[n], dates.column, dates.shown[n], message)
        if not dated:
            continue
        is_late = dates.been & (dates.first > late)
        for n in true_positions(is_late):
            message = (
                f"Is said to have been, and is more than {limits.said_years:g} years after the opening day, "
                f"{said.opening}. Correct the year, or the opening day."
            )
            yield issue_row(dates.layer, keys[n], dates.column, dates.shown[n], message)
        for n in true_positions(~is_late & (dates.first > _day_years_later(said.day, dates.years))):
            message = f"Is more than {dates.years:g} years after the opening day, {said.opening}. Correct the year."
            yield issue_row(dates.layer, keys[n], dates.column, dates.shown[n], message)


def _day_order_issues(said: Statements) -> Iterator[Row]:
    yield from _outside_firm_life_issues(said)
    yield from _vacancy_order_issues(said)


def _outside_firm_life_issues(said: Statements) -> Iterator[Row]:
    """Yield tenancies that began before their establishment was active, or that are in place after it closed."""
    tenancies, firms = said.tenancies, said.establishments
    keys, firm = text_column(tenancies, "tenancy_id"), text_column(tenancies, "establishment_id")
    firm_rows = key_positions(firm, firms, "establishment_id")
    no_day = np.datetime64("NaT", "s")
    opens = values_at(_spans_of_texts(text_column(firms, "active_from"))[0], firm_rows, no_day).astype("datetime64[s]")
    closes = values_at(_spans_of_texts(text_column(firms, "active_to"))[1], firm_rows, no_day).astype("datetime64[s]")
    is_begun = text_column(tenancies, "phase") != Phase.ANNOUNCED.value
    for n in true_positions(is_begun & (day_column(tenancies, "from_latest") < opens)):
        began = str(day_column(tenancies, "from_latest")[n])[:10]
        opened = f"establishment {firm[n]} is active from {str(opens[n])[:10]} on"
        message = f"Began by {began}, and {opened}. Correct one of the two."
        yield issue_row("tenancies", keys[n], "from_latest", began, message)
    ends = day_column(tenancies, "to_latest")
    lasts_still = (
        in_place_flags(tenancies)
        & np.isnat(ends)
        & np.isnat(day_column(tenancies, "to_earliest"))
        & (closes <= said.day)
    )
    for n in true_positions(
        lasts_still | (in_place_flags(tenancies) & (day_column(tenancies, "from_earliest") > closes))
    ):
        message = f"Is in place, and establishment {firm[n]} closed by {str(closes[n])[:10]}. Say when it ended."
        yield issue_row("tenancies", keys[n], "to_latest", str(closes[n])[:10], message)


def _vacancy_order_issues(said: Statements) -> Iterator[Row]:
    """Yield premises with a date of availability before the date since which they are vacant."""
    premises = said.premises
    keys, since, from_ = (
        text_column(premises, "premises_id"),
        day_column(premises, "vacant_since"),
        day_column(premises, "available_from"),
    )
    for n in true_positions(from_ < since):
        message = (
            f"Can be had from {str(from_[n])[:10]}, and is vacant since {str(since[n])[:10]}. Correct one of the two."
        )
        yield issue_row("premises", keys[n], "available_from", str(from_[n])[:10], message)
