"""Tables of figures and published values in French, which every page shows without scripts."""

from collections.abc import Mapping, Sequence
from typing import Any

from gis.maps import i18n
from gis.maps.page import PageTable
from gis.maps.territory_view import TerritoryView
from gis.provenance import Figure
from gis.schemas import row_of


def figure_text(figure: Figure, language: i18n.Language = "fr") -> str:
    """Format the value of a figure with its bounds; an unknown value, and a share of 0 to 100 %, is called unknown.

    `assets/src/figures.js` does the same; both are tested on `tests/data/figure_cases.json`.
    """
    texts = i18n.text_catalogue(language)

    def with_unit(value: float) -> str:
        if figure.unit == "ratio":
            return i18n.percent_text(value, language)
        unit = texts[f"unit.{figure.unit}"]
        return i18n.number_text(value, language, digits=0 if figure.unit == "m2" else 1) + (
            f"{i18n.NARROW}{unit}" if unit else ""
        )

    low, high = figure.low, figure.high
    if high is None:
        return f"≥ {with_unit(low)}" if low else texts["word.inconnu"]
    if low is None:
        return f"≤ {with_unit(high)}"
    if (figure.unit, low, high) == ("ratio", 0, 1):
        return texts["range.unknown"].format(low=with_unit(low), high=with_unit(high))
    return i18n.range_text(with_unit(low), with_unit(high))


def figures_table(known: TerritoryView, data: Mapping[str, Any]) -> PageTable:
    """Return a table of the figures of a page: label, value, sources."""
    t = i18n.text_catalogue("fr")
    figures = [known.figures[record["id"]] for record in data["figures"]]
    return PageTable(
        caption=t["noscript.figures"],
        head=["", t["site.table.area"], t["footer.sources"]],
        rows=[
            [
                f"{t[f'figure.{figure.kind}']} {_denominator_text(figure, known)}".strip(),
                figure_text(figure),
                ", ".join(known.sources[source].name for source in figure.sources),
            ]
            for figure in figures
        ],
    )


def _denominator_text(figure: Figure, known: TerritoryView) -> str:
    """Return the published value that a share refers to, or the reason of an exclusion that a figure lifts."""
    if figure.kind == "freed_ha":
        reason = figure.figure_id.rpartition("@")[2]
        return f"({i18n.text_catalogue('fr')[f'exclusion.{reason}']})"
    layer, _, key = figure.denominator.partition("/")
    if layer != "claims":
        return ""
    return f"({_claim_value_text(row_of(known.claims, 'claim_id', key))})"


def _claim_value_text(claim: Mapping[str, Any]) -> str:
    unit = i18n.text_catalogue("fr").get(f"unit.{claim['unit']}", "")
    return f"{claim['value']}{i18n.NARROW}{unit}" if unit else str(claim["value"])


def claims_table(claims: Sequence[Mapping[str, Any]]) -> PageTable:
    """Return a table of claims: subject and measure, value, verdict, reason."""
    t = i18n.text_catalogue("fr")
    return PageTable(
        caption=t["site.claims"],
        head=["", t["basis.stated"], "", ""],
        rows=[
            [
                f"{claim['subject']}, {claim['measure']['fr']}",
                _claim_value_text(claim),
                t[f"verdict.{claim['verdict']}"],
                t[f"reason.{claim['reason']}"],
            ]
            for claim in claims
        ],
    )
