"""Days that cannot be: before industry, after the day that pages open with, and out of order between rows."""

import contextlib
import datetime as dt
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from gis.errors import SchemaError
from gis.measures.statements import NEVER, Days, Flags, Statements, Texts, days, hits, in_place, positions, taken, texts
from gis.measures.topology import issue_row
from gis.provenance import Span
from gis.schemas import KEYS, ClaimUse, Phase, Row, SiteState

#: Texts that say a day, by layer, with whether what they say has been.
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

#: How a day begins in a text that says more than it.
_FIRST: Final = re.compile(r"(?:about |planned )?(\d{4}(?:-\d{2}){0,2}(?:\.\.(?:\d{4}(?:-\d{2}){0,2})?|-\d{4})?)")


def moments(said: Statements) -> Iterator[Row]:
    """Yield days that cannot be, or that other days speak against; the rows are those of the layer of issues."""
    columns = list(_columns(said))
    if wrong := _opening(said, columns):
        # Against a wrong opening day everything would be early or late.
        yield wrong
        yield from _stated_days(said, columns, dated=False)
        return
    yield from _stated_days(said, columns, dated=True)
    yield from _out_of_order(said)


class _Dates(NamedTuple):
    """The first and the last day that a column may mean, and which rows say what has been."""

    layer: str
    column: str
    first: Days
    last: Days
    been: Flags
    years: float
    shown: Texts


def _opening(said: Statements, columns: list[_Dates]) -> Row | None:
    """Return what is wrong with the opening day: it is far from every year, or after all that is dated."""
    if said.opening.year < said.limits.first_year:
        return issue_row(
            "territory", "opening", "date", said.opening.isoformat(), "Nothing was said so early. Correct it."
        )
    sound = np.concatenate([[NEVER], *(each.last[each.been & ~np.isnat(each.last)] for each in columns)]).max()
    if sound > NEVER and said.day > _later(sound, said.limits.planned_years):
        message = f"No row says anything of later than {str(sound)[:10]}. Correct the day, of territory.toml."
        return issue_row("territory", "opening", "date", said.opening.isoformat(), message)
    return None


def _later(day: np.datetime64, years: float) -> np.datetime64:
    return day + np.timedelta64(round(years * 365.25 * 86400), "s")


def _columns(said: Statements) -> Iterator[_Dates]:
    """Yield every column of days, as days."""
    limits = said.limits
    tenancies = said.tenancies
    phase = texts(tenancies, "phase")
    has_begun = np.isin(phase, [Phase.IN_PLACE.value, Phase.LEFT.value])
    has_left = phase == Phase.LEFT.value
    typed = [
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
    for name, column, been, years in typed:
        layer = getattr(said, name)
        values = days(layer, column)
        written = np.datetime_as_string(values, unit="D").astype(object)
        yield _Dates(name, column, values, values, np.broadcast_to(been, len(layer)), years, written)
    for name, column, past in _TEXTS:
        layer = getattr(said, name)
        written = texts(layer, column)
        first, last, plain = _spans(written)
        done = np.broadcast_to(past, len(layer)) & plain
        if column == "opened":
            done &= ~np.isin(texts(layer, "site_state"), [SiteState.PLANNED.value, SiteState.CREATION.value])
        yield _Dates(name, column, first, last, done, limits.planned_years, written)
    claims = said.claims
    done = np.zeros(len(claims), dtype=bool)
    first, last = days(claims, "earliest"), days(claims, "latest")
    years = (
        limits.lease_years
        if len(claims) and (texts(claims, "use") == ClaimUse.EVENT.value).any()
        else limits.planned_years
    )
    yield _Dates("claims", "value", first, last, done, years, texts(claims, "value"))


def _spans(written: Texts) -> tuple[Days, Days, Flags]:
    """Read texts that begin with a day: the first and the last day that is meant, and whether nothing else is said."""
    known = {text: _span(text) for text in pd.unique(written)}
    rows = [known[text] for text in written]
    first = np.array([row[0] for row in rows], dtype="datetime64[s]")
    last = np.array([row[1] for row in rows], dtype="datetime64[s]")
    return first, last, np.array([row[2] for row in rows], dtype=bool)


def _span(text: str) -> tuple[dt.date | None, dt.date | None, bool]:
    if found := _FIRST.match(text):
        with contextlib.suppress(SchemaError):
            span = Span.parse(found[1])
            return span.earliest or span.latest, span.latest or span.earliest, text in {found[1], f"about {found[1]}"}
    return None, None, False


def _stated_days(said: Statements, columns: list[_Dates], *, dated: bool) -> Iterator[Row]:
    """Yield days that are too early, and, with an opening day to go by, too late."""
    limits = said.limits
    early = np.datetime64(f"{limits.first_year:04.0f}-01-01", "s")
    late = _later(said.day, limits.said_years)
    for each in columns:
        keys = texts(getattr(said, each.layer), KEYS[each.layer])
        for n in hits(each.last < early):
            message = f"Is before {limits.first_year:.0f}. Correct the year."
            yield issue_row(each.layer, keys[n], each.column, each.shown[n], message)
        if not dated:
            continue
        after = each.been & (each.first > late)
        for n in hits(after):
            message = (
                f"Is said to have been, and is more than {limits.said_years:g} years after the opening day, "
                f"{said.opening}. Correct the year, or the opening day."
            )
            yield issue_row(each.layer, keys[n], each.column, each.shown[n], message)
        for n in hits(~after & (each.first > _later(said.day, each.years))):
            message = f"Is more than {each.years:g} years after the opening day, {said.opening}. Correct the year."
            yield issue_row(each.layer, keys[n], each.column, each.shown[n], message)


def _out_of_order(said: Statements) -> Iterator[Row]:
    yield from _before_the_firm(said)
    yield from _vacant_before(said)


def _before_the_firm(said: Statements) -> Iterator[Row]:
    """Yield tenancies that end before their establishment is active, or begin after it closed."""
    tenancies, firms = said.tenancies, said.establishments
    keys, firm = texts(tenancies, "tenancy_id"), texts(tenancies, "establishment_id")
    where = positions(firm, firms, "establishment_id")
    nothing = np.datetime64("NaT", "s")
    opens = taken(_spans(texts(firms, "active_from"))[0], where, nothing).astype("datetime64[s]")
    closes = taken(_spans(texts(firms, "active_to"))[1], where, nothing).astype("datetime64[s]")
    begun = texts(tenancies, "phase") != Phase.ANNOUNCED.value
    for n in hits(begun & (days(tenancies, "from_latest") < opens)):
        began = str(days(tenancies, "from_latest")[n])[:10]
        opened = f"establishment {firm[n]} is active from {str(opens[n])[:10]} on"
        message = f"Began by {began}, and {opened}. Correct one of the two."
        yield issue_row("tenancies", keys[n], "from_latest", began, message)
    ends = days(tenancies, "to_latest")
    lasts = in_place(tenancies) & np.isnat(ends) & np.isnat(days(tenancies, "to_earliest")) & (closes <= said.day)
    for n in hits(lasts | (in_place(tenancies) & (days(tenancies, "from_earliest") > closes))):
        message = f"Is in place, and establishment {firm[n]} closed by {str(closes[n])[:10]}. Say when it ended."
        yield issue_row("tenancies", keys[n], "to_latest", str(closes[n])[:10], message)


def _vacant_before(said: Statements) -> Iterator[Row]:
    """Yield premises that are said to be had from before they were vacant."""
    premises = said.premises
    keys, since, from_ = (
        texts(premises, "premises_id"),
        days(premises, "vacant_since"),
        days(premises, "available_from"),
    )
    for n in hits(from_ < since):
        message = (
            f"Can be had from {str(from_[n])[:10]}, and is vacant since {str(since[n])[:10]}. Correct one of the two."
        )
        yield issue_row("premises", keys[n], "available_from", str(from_[n])[:10], message)
