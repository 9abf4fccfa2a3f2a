"""The registry of measures, in the order of the ledger: a new module of `gis/measures` adds its measure here."""

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from gis.measures import (
    absorption,
    availability,
    claims,
    lifting,
    occupancy,
    occupied_areas,
    published_supply,
    vacancy,
)
from gis.measures.measure import PAGES, WHOLE_TERRITORY, FigureKind, Measure, MeasuredLayers, PageName
from gis.provenance import Figure

ALL: Final[Mapping[str, Measure]] = {
    each.name: each
    for each in (
        occupancy.MEASURE,
        occupied_areas.MEASURE,
        vacancy.MEASURE,
        published_supply.MEASURE,
        availability.MEASURE,
        lifting.MEASURE,
        absorption.MEASURE,
        claims.MEASURE,
    )
}


def computed_figures(layers: MeasuredLayers) -> dict[str, Figure]:
    """Compute the figures of all measures, by id; each measure receives those of the measures that it needs.

    The order of the registry only sets the order of the ledger: needed measures are computed first.
    """
    figures_by_measure: dict[str, dict[str, Figure]] = {}

    def figures_of(name: str) -> dict[str, Figure]:
        if name not in figures_by_measure:
            needed = [figures_of(each) for each in ALL[name].needs if each in ALL]
            needed_figures = {key: figure for figures in needed for key, figure in figures.items()}
            figures_by_measure[name] = {
                figure.figure_id: figure for figure in ALL[name].compute(layers, needed_figures)
            }
        return figures_by_measure[name]

    return {key: figure for name in ALL for key, figure in figures_of(name).items()}


def _measures_and_kinds() -> Iterator[tuple[Measure, FigureKind]]:
    return ((measure, kind) for measure in ALL.values() for kind in measure.figures)


def figure_kinds() -> dict[str, FigureKind]:
    """Return all kinds of figure, by name."""
    return {kind.kind: kind for _, kind in _measures_and_kinds()}


def kinds_counting_layer(layer: str) -> set[str]:
    """Return the kinds of figure in which any additional row of a layer could count."""
    return {kind.kind for _, kind in _measures_and_kinds() if layer in kind.counts}


def quantities_read_by(kind: str) -> set[str]:
    """Return the disputable quantities, `layer/quantity`, that the rule of a kind of figure reads in rows it cites."""
    return {quantity for measure, each in _measures_and_kinds() if each.kind == kind for quantity in measure.reads}


def figures_shown_on(page: PageName, figures: Mapping[str, Figure]) -> list[Figure]:
    """Return the figures of the whole territory that a kind of page shows, in the order of the ledger."""
    shown_kinds = {kind.kind for _, kind in _measures_and_kinds() if page in kind.pages}
    return [figure for figure in figures.values() if figure.kind in shown_kinds and figure.subject == WHOLE_TERRITORY]


def headlines_with_pages(figures: Mapping[str, Figure]) -> list[tuple[str, Figure]]:
    """Return the main numbers of the home page, each with its most detailed page, in the order of the pages."""
    kinds_by_name = figure_kinds()
    numbers = [
        (kinds_by_name[figure.kind].pages[0], figure)
        for figure in figures_shown_on("home", figures)
        if kinds_by_name[figure.kind].headline
    ]
    return sorted(numbers, key=lambda number: PAGES.index(number[0]))


def declared_assumptions(language: Literal["fr", "en"]) -> dict[str, str]:
    """Return the text of every assumption that figures may have, by key."""
    return {each.key: getattr(each, language) for measure in ALL.values() for each in measure.assumptions}


def figure_words(language: Literal["fr", "en"]) -> dict[str, str]:
    """Return the texts of the pages about figures, by key: definitions, assumptions and other texts."""
    return {
        **{f"figure.{kind.kind}": getattr(kind, language) for _, kind in _measures_and_kinds()},
        **{f"assumption.{key}": text for key, text in declared_assumptions(language).items()},
        **{key: text[language] for measure in ALL.values() for key, text in measure.words.items()},
    }
