"""The declaration of a measure, and the one function that makes its figures.

A measure is one module of this package. It declares its kinds of figure and its assumptions, both in French and in
English, and the function that computes the figures from the layers. `gis.measures.registry` lists the measures. The
ledger, the pages, `gis explain` and `gis build` read that registry and know no other list.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

import numpy as np
import pandas as pd
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.provenance import Basis, Bounds, Figure, row_name
from gis.schemas import (
    KEYS,
    Accesses,
    Buildings,
    Claims,
    Communes,
    Establishments,
    Exclusions,
    Owners,
    Parcels,
    Premises,
    Roads,
    Row,
    Sites,
    Tenancies,
    Terrains,
)

#: The subject of a figure of the whole territory.
WHOLE_TERRITORY: Final = "territory"

#: The kinds of page that show figures of the whole territory, in order.
PageName = Literal["zones", "available", "territory", "home"]
PAGES: Final[tuple[PageName, ...]] = ("zones", "available", "territory", "home")

#: A text in French and in English, under `fr` and `en`.
Text = Mapping[str, str]


class MeasuredLayers(Protocol):
    """The input of measures: the layers of a territory, each read on first use, and its opening settings."""

    @property
    def opening(self) -> dt.date:
        """The default date of figures."""

    @property
    def focus(self) -> Mapping[str, str]:
        """The sites with a page of their own, by the name of the page."""

    @property
    def communes(self) -> GeoDataFrame[Communes]: ...  # noqa: D102
    @property
    def sites(self) -> GeoDataFrame[Sites]: ...  # noqa: D102
    @property
    def terrains(self) -> GeoDataFrame[Terrains]: ...  # noqa: D102
    @property
    def parcels(self) -> GeoDataFrame[Parcels]: ...  # noqa: D102
    @property
    def owners(self) -> DataFrame[Owners]: ...  # noqa: D102
    @property
    def buildings(self) -> GeoDataFrame[Buildings]: ...  # noqa: D102
    @property
    def premises(self) -> GeoDataFrame[Premises]: ...  # noqa: D102
    @property
    def exclusions(self) -> GeoDataFrame[Exclusions]: ...  # noqa: D102
    @property
    def roads(self) -> GeoDataFrame[Roads]: ...  # noqa: D102
    @property
    def accesses(self) -> GeoDataFrame[Accesses]: ...  # noqa: D102
    @property
    def establishments(self) -> DataFrame[Establishments]: ...  # noqa: D102
    @property
    def tenancies(self) -> DataFrame[Tenancies]: ...  # noqa: D102
    @property
    def claims(self) -> DataFrame[Claims]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Assumption:
    """An assumption of a figure that no row states: one sentence in each language."""

    key: str
    fr: str
    en: str


#: Assumptions, each with a flag that tells whether it applies, or only those that apply. Those of an input figure are
#: given by key.
Assumes = Mapping[Assumption, bool] | Iterable[Assumption | str]


@dataclass(frozen=True, slots=True)
class CitedRows:
    """The rows that a figure is based on, as `layer/key`, their sources, and their weakest basis."""

    rows: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    basis: Basis = Basis.STATED

    def beside(self, *figures: Figure) -> "CitedRows":
        """Return the same rows, with the sources and the basis of the input figures added.

        >>> sold = Figure("a", "k", "s", 1, 1, "ha", "", "", sources=("plan",), basis=Basis.SURVEYED)
        >>> CitedRows(("sites/x",), ("town",)).beside(sold)
        CitedRows(rows=('sites/x',), sources=('plan', 'town'), basis=<Basis.STATED: 'stated'>)
        """
        own_basis = [self.basis] if self.rows else []
        return CitedRows(
            self.rows,
            tuple(dict.fromkeys((*(source for figure in figures for source in figure.sources), *self.sources))),
            Basis.weakest((*(figure.basis for figure in figures), *own_basis)),
        )


def cite_rows(**layers: pd.DataFrame | Sequence[Row]) -> CitedRows:
    """Cite rows of some layers, in the order given: `cite_rows(terrains=…, sites=…)`."""
    columns_by_layer = {
        name: {column: [row[column] for row in rows] if isinstance(rows, Sequence) else rows[column] for column in use}
        for name, rows in layers.items()
        for use in [(KEYS[name], "source_id", "basis")]
    }
    return CitedRows(
        rows=tuple(row_name(name, key) for name, columns in columns_by_layer.items() for key in columns[KEYS[name]]),
        sources=tuple(
            dict.fromkeys(source for columns in columns_by_layer.values() for source in columns["source_id"])
        ),
        basis=Basis.weakest(basis for columns in columns_by_layer.values() for basis in columns["basis"]),
    )


def figure_subject(site_id: str) -> str:
    """Return the subject of a figure: a site, or the whole territory if no site is given.

    >>> figure_subject("port"), figure_subject("")
    ('sites/port', 'territory')
    """
    return row_name("sites", site_id) if site_id else WHOLE_TERRITORY


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A kind of figure: its name and unit, the function that computes it, and its definition in each language.

    `counts` are the layers of which any additional row could count in the figure: a reading rule that leaves out rows
    of one of them is an assumption of the figure. `pages` are the kinds of page that show its figure of the whole
    territory: the first one has the most detail, and on the page `home` a `headline` is one of the main numbers. The
    figures of a site are on the page of the site without being listed.

    The id of a figure consists of kind, subject, day and detail (`in_place_m2:port@2025-09-30:land`). `subject_in_id`
    and `day_in_id` omit a part, for kinds with only one subject or day.
    """

    kind: str
    unit: str
    rule: str
    fr: str
    en: str
    counts: tuple[str, ...] = ()
    pages: tuple[PageName, ...] = ()
    headline: bool = False
    subject_in_id: bool = True
    day_in_id: bool = True

    def figure_id(self, subject: str, at: dt.date | None = None, detail: str = "") -> str:
        """Return the id of the figure of this kind for a subject, on a day.

        >>> kind = FigureKind("in_place_m2", "m2", "occupancy", "", "")
        >>> kind.figure_id("sites/port", dt.date(2025, 9, 30), ":land")
        'in_place_m2:port@2025-09-30:land'
        """
        subject_part = f":{subject.partition('/')[2] or subject}" if self.subject_in_id else ""
        day_part = f"@{at.isoformat()}" if at and self.day_in_id else ""
        return f"{self.kind}{subject_part}{day_part}{detail}"

    def figure(  # noqa: PLR0913
        self,
        subject: str,
        value: Bounds,
        cites: CitedRows,
        *,
        at: dt.date | None = None,
        detail: str = "",
        numerator: str = "",
        denominator: str = "",
        assumes: Assumes = (),
    ) -> Figure:
        """Make a figure of this kind.

        Parameters
        ----------
        subject
            `territory`, or the name of a row: see `figure_subject`.
        value
            In the unit of the kind; an unknown bound is NaN.
        cites
            The rows that it is based on: see `cite_rows`.
        at
            The date of the figure.
        detail
            The rest of its id after kind, subject and day, with the leading separator.
        numerator, denominator
            The input of a ratio: the id of another figure, or the name of a row.
        assumes
            The assumptions besides the rows.
        """
        if isinstance(assumes, Mapping):
            assumes = [each for each, holds in assumes.items() if holds]
        keys = (each.key if isinstance(each, Assumption) else each for each in assumes)
        return Figure(
            figure_id=self.figure_id(subject, at, detail),
            kind=self.kind,
            subject=subject,
            low=_bound_or_none(value.low),
            high=_bound_or_none(value.high),
            unit=self.unit,
            definition=self.en,
            rule=self.rule,
            at=at,
            numerator=numerator,
            denominator=denominator,
            rows=cites.rows,
            sources=cites.sources,
            basis=cites.basis,
            assumptions=tuple(dict.fromkeys(keys)),
        )


def _bound_or_none(bound: float | None) -> float | None:
    return None if bound is None or np.isnan(bound) else bound


#: Function of the layers and of the figures of the needed measures, by id → figures, in the order of the ledger.
Compute = Callable[[MeasuredLayers, Mapping[str, Figure]], Iterable[Figure]]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as its module declares it: all that the ledger, the pages, `gis explain` and `gis build` need.

    `reads` are the disputable quantities (`layer/quantity`) of cited rows that its rule reads. `needs` are the names of
    the measures whose figures `compute` receives, if any. `words` are texts of the pages besides definitions and
    assumptions, by key.
    """

    name: str
    figures: tuple[FigureKind, ...]
    compute: Compute
    assumptions: tuple[Assumption, ...] = ()
    reads: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    words: Mapping[str, Text] = field(default_factory=dict)
