"""The provenance of a figure, from its value down to its rows and their sources."""

from typing import Any

import pandas as pd

from gis.errors import Fault, SchemaError
from gis.maps.i18n import assumption_texts
from gis.measures import registry
from gis.provenance import Figure, Source
from gis.schemas import KEYS, records, row_of
from gis.territory import Territory

Node = tuple[str, list[Any]]


def figure_value_text(figure: Figure) -> str:
    """Write the value of a figure with its bounds and unit.

    >>> from gis.provenance import Figure
    >>> figure_value_text(Figure("f", "k", "s", 0.159, None, "ratio", "", ""))
    '>= 15.9 %'
    """

    def with_unit(value: float) -> str:
        if figure.unit == "ratio":
            return f"{value:.1%}".replace("%", " %")
        return f"{value:,.1f}".removesuffix(".0") + f" {figure.unit}"

    low, high = figure.low, figure.high
    if low is not None and low == high:
        return with_unit(low)
    if low is not None and high is not None:
        return f"{with_unit(low)} to {with_unit(high)}"
    if low is not None:
        return f">= {with_unit(low)}"
    return f"<= {with_unit(high)}" if high is not None else "unknown"


def find_figure(territory: Territory, wanted: str) -> Figure:
    """Return the figure with this id, or the first whose id begins so.

    Raises
    ------
    SchemaError
        If no figure begins so.
    """
    if wanted in territory.figures:
        return territory.figures[wanted]
    for key, figure in territory.figures.items():
        if key.startswith(wanted):
            return figure
    fault = Fault("figure", f"`{wanted}` is not known.", "List them with `gis figures`.")
    raise SchemaError.of(str(territory.folder), [fault])


def figure_chain(territory: Territory, figure: Figure) -> Node:
    """Return the chain behind a figure: a text and what it rests on, over and over."""
    children: list[Node] = [(figure.definition, []), (f"rule: {figure.rule}", [])]
    if figure.at:
        children.append((f"on: {figure.at.isoformat()}", []))
    for name, part in (("numerator", figure.numerator), ("denominator", figure.denominator)):
        if part in territory.figures:
            text, part_children = figure_chain(territory, territory.figures[part])
            children.append((f"{name}: {text}", part_children))
        elif part:
            children.append((f"{name}: {cited_row_text(territory, part)}", []))
    rows = [
        (cited_row_text(territory, row), _published_variants(territory, row, figure.kind))
        for row in figure.rows
        if row != figure.denominator
    ]
    if rows:
        children.append((f"rows ({len(rows)})", rows))
    if figure.assumptions:
        texts = assumption_texts(territory.assumed)
        children.append(("assumptions", [(texts[key], []) for key in figure.assumptions]))
    children.append((f"basis: {figure.basis.value}", []))
    return f"{figure_value_text(figure)}  {figure.figure_id}", children


def cited_row_text(territory: Territory, name: str) -> str:
    """Describe one row: what it says, and who said so, when and on which page."""
    layer, _, key = name.partition("/")
    row = row_of(territory.layers[layer], KEYS[layer], key)
    cited = citation_text(territory.sources[row["source_id"]], str(row.get("page", "")), str(row.get("as_of", "")))
    if layer == "claims":
        note = ", source not refound" if row["status"] else ""
        claim_text = f"{row['subject']}, {row['measure_en'] or row['measure']}: {row['value']} {row['unit']}"
        return f"{name}: {claim_text} [{cited}{note}]"
    if layer == "tenancies":
        area: float = row["area_low_m2"]
        size = "area unknown" if pd.isna(area) else f"{area:,.0f} m2 ({row['area_kind'].replace('_', ' ')})"
        return f"{name}: {row['occupant']}, {row['phase'].replace('_', ' ')}, {size} [{cited}]"
    return f"{name} [{cited}]"


def citation_text(source: Source, page: str, as_of: str) -> str:
    """Cite a source with its date and page."""
    parts = [source.credit, f"p. {page}" if page else "", f"said of {as_of}" if as_of else ""]
    return ", ".join(part for part in parts if part)


def _published_variants(territory: Territory, name: str, kind: str) -> list[Node]:
    """Return the published values of the disputed quantities that a rule reads in a row, the chosen one marked."""
    layer, _, key = name.partition("/")
    quantities_read = (quantity.partition("/") for quantity in registry.quantities_read_by(kind))
    values = [f"{layer}/{key}/{quantity}" for quantity_layer, _, quantity in quantities_read if quantity_layer == layer]
    stating_claims = territory.claims[territory.claims["states"].isin(values)]
    if stating_claims.empty:
        return []
    claims = stating_claims[stating_claims.groupby("states")["value"].transform("nunique") > 1]
    claim_by_value = territory.choices
    return [
        (
            ("* " if claim_by_value[claim["states"]] == claim["claim_id"] else "  ")
            + cited_row_text(territory, f"claims/{claim['claim_id']}"),
            [],
        )
        for claim in records(claims)
    ]
