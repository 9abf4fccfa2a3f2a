"""Provenance: the source of a value, its basis and bounds, and the chain behind a computed figure."""

import contextlib
import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

from gis import days
from gis.errors import SchemaError


class Basis(StrEnum):
    """How a row is known, from strongest to weakest."""

    SURVEYED = "surveyed"  # published by whoever keeps the reference
    DIGITISED = "digitised"  # drawn by a person on a named ground
    STATED = "stated"  # published in words or numbers, no shape

    @classmethod
    def weakest(cls, bases: Iterable["Basis | str"]) -> "Basis":
        """Return the weakest of several; nothing at all is `stated`.

        >>> Basis.weakest(["surveyed", "stated", "digitised"])
        <Basis.STATED: 'stated'>
        """
        order = list(cls)
        return max((cls(basis) for basis in bases), key=order.index, default=cls.STATED)


@dataclass(frozen=True, slots=True)
class Bounds:
    """A number known as a pair of bounds; `None` is a bound that nobody knows.

    >>> Bounds(1, 2) + Bounds.exactly(3)
    Bounds(low=4, high=5)
    >>> Bounds(50_910, None) / Bounds.exactly(320_000)
    Bounds(low=0.15909375, high=None)
    """

    low: float | None
    high: float | None

    @classmethod
    def exactly(cls, value: float) -> Self:
        """Make the pair whose bounds are equal: a point value."""
        return cls(value, value)

    @classmethod
    def total(cls, parts: Iterable["Bounds"]) -> "Bounds":
        """Add pairs up; an unknown bound makes the bound of the sum unknown."""
        total = Bounds.exactly(0)
        for part in parts:
            total = total + part
        return total

    def __add__(self, other: "Bounds") -> "Bounds":
        return Bounds(
            None if self.low is None or other.low is None else self.low + other.low,
            None if self.high is None or other.high is None else self.high + other.high,
        )

    def __truediv__(self, other: "Bounds") -> "Bounds":
        """Divide two pairs of positive numbers."""
        return Bounds(
            None if self.low is None or other.high is None else self.low / other.high,
            None if self.high is None or other.low is None else self.high / other.low,
        )


@dataclass(frozen=True, slots=True)
class Span:
    """A date known as earliest and latest day; `None` is a bound that nobody knows."""

    earliest: dt.date | None
    latest: dt.date | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a date as published: a day, a month, a year, or two of them joined by `-` or `..`; see `gis.days`.

        >>> Span.parse("2022")
        Span(earliest=datetime.date(2022, 1, 1), latest=datetime.date(2022, 12, 31))
        >>> Span.parse("2025-05").latest.isoformat()
        '2025-05-31'
        >>> Span.parse("2025-2026").latest.isoformat()
        '2026-12-31'
        >>> Span.parse("about 2024").earliest.isoformat()
        '2024-01-01'
        """
        written_date = None
        with contextlib.suppress(ValueError):
            written_date = days.read_published_date(text)
        if (
            written_date is None or written_date.text != text.strip()
        ):  # a layer holds it as it is read, not as one may write it
            msg = f"`{text}` is no date. Write 2022, 2022-05, 2022-05-17, 2025-2026 or 2022-01..2022-06."
            raise SchemaError(msg)
        if not (days.is_storable_day(written_date.first) and days.is_storable_day(written_date.last)):
            msg = f"`{text}` is no date from {days.EARLIEST.year} to {days.LATEST.year}. Correct it, or leave it open."
            raise SchemaError(msg)
        return cls(written_date.first, written_date.last)


@dataclass(frozen=True, slots=True)
class Source:
    """One published thing: what is cited, and its bytes when they are on record."""

    source_id: str
    title: str
    publisher: str
    licence: str
    short: str = ""
    url: str = ""
    edition: str = ""
    retrieved: str = ""
    file: str = ""
    sha256: str = ""
    language: str = "fr"
    basis: Basis = Basis.STATED

    @property
    def name(self) -> str:
        """Name the source as short as one can beside a value."""
        return self.short or self.publisher or self.title

    @property
    def credit(self) -> str:
        """Name the source as a page must: publisher, title, date."""
        return ", ".join(part for part in (self.publisher, self.title, self.edition) if part)


@dataclass(frozen=True, slots=True)
class Figure:
    """A computed number and the chain behind it.

    `rows` are `layer/key`; `numerator` and `denominator` are rows or ids of other figures; `rule`
    is the function that computed it; `assumptions` are keys of the measure's `ASSUMPTIONS`, and of the rules that
    sources were read by (`gis.sources.open_data.assumed`).
    """

    figure_id: str
    kind: str
    subject: str
    low: float | None
    high: float | None
    unit: str
    definition: str
    rule: str
    at: dt.date | None = None
    numerator: str = ""
    denominator: str = ""
    rows: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    basis: Basis = Basis.STATED
    assumptions: tuple[str, ...] = ()

    @property
    def bounds(self) -> Bounds:
        """The value as a pair of bounds."""
        return Bounds(self.low, self.high)


#: Ways of joining a layer and a key into the name of one row.
ROW_SEPARATOR: Final = "/"


def row_name(layer: str, key: str) -> str:
    """Name one row of one layer, as figures cite it.

    >>> row_name("tenancies", "t1")
    'tenancies/t1'
    """
    return f"{layer}{ROW_SEPARATOR}{key}"


def figures_with_assumption(
    figures: Mapping[str, Figure], key: str, *, rows: Collection[str], kinds: Collection[str]
) -> dict[str, Figure]:
    """Write an assumption into the figures of some kinds, those that cite some rows, and those computed from either.

    >>> one = Figure("a", "k", "s", 1, 1, "ha", "", "", rows=("sites/x",))
    >>> two = Figure("b", "k", "s", 1, 1, "ratio", "", "", numerator="a", assumptions=("other",))
    >>> found = figures_with_assumption({"a": one, "b": two}, "rule", rows={"sites/x"}, kinds=())
    >>> found["a"].assumptions, found["b"].assumptions
    (('rule',), ('other', 'rule'))
    """
    named_rows, wanted_kinds = {*rows}, {*kinds}
    touched_names = {
        name
        for name, figure in figures.items()
        if figure.kind in wanted_kinds
        or not named_rows.isdisjoint((*figure.rows, figure.numerator, figure.denominator))
    }
    while further_names := {
        name
        for name, figure in figures.items()
        if name not in touched_names and not touched_names.isdisjoint((figure.numerator, figure.denominator))
    }:
        touched_names |= further_names
    return {
        name: replace(figure, assumptions=tuple(dict.fromkeys((*figure.assumptions, key))))
        if name in touched_names
        else figure
        for name, figure in figures.items()
    }
