"""The provenance of a figure, from its value down to its rows and their sources."""

from typing import Any

import pandas as pd

from gis.errors import Fault, SchemaError
from gis.maps.i18n import assumptions
from gis.measures import registry
from gis.provenance import Figure, Source
from gis.schemas import KEYS, records, row_of
from gis.territory import Territory

Node = tuple[str, list[Any]]


def value_text(figure: Figure) -> str:
    """Write the value of a figure with its bounds and unit.

    >>> from gis.provenance import Figure
    >>> value_text(Figure("f", "k", "s", 0.159, None, "ratio", "", ""))
    '>= 15.9 %'
    """

    def one(value: float) -> str:
        if figure.unit == "ratio":
            return f"{value:.1%}".replace("%", " %")
        return f"{value:,.1f}".removesuffix(".0") + f" {figure.unit}"

    low, high = figure.low, figure.high
    if low is not None and low == high:
        return one(low)
    if low is not None and high is not None:
        return f"{one(low)} to {one(high)}"
    if low is not None:
        return f">= {one(low)}"
    return f"<= {one(high)}" if high is not None else "unknown"


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


def chain(territory: Territory, figure: Figure) -> Node:
    """Return the chain behind a figure: a text and what it rests on, over and over."""
    children: list[Node] = [(figure.definition, []), (f"rule: {figure.rule}", [])]
    if figure.at:
        children.append((f"on: {figure.at.isoformat()}", []))
    for name, part in (("numerator", figure.numerator), ("denominator", figure.denominator)):
        if part in territory.figures:
            text, below = chain(territory, territory.figures[part])
            children.append((f"{name}: {text}", below))
        elif part:
            children.append((f"{name}: {row_text(territory, part)}", []))
    rows = [
        (row_text(territory, row), _variants(territory, row, figure.kind))
        for row in figure.rows
        if row != figure.denominator
    ]
    if rows:
        children.append((f"rows ({len(rows)})", rows))
    if figure.assumptions:
        texts = assumptions(territory.assumed)
        children.append(("assumptions", [(texts[key], []) for key in figure.assumptions]))
    children.append((f"basis: {figure.basis.value}", []))
    return f"{value_text(figure)}  {figure.figure_id}", children


def row_text(territory: Territory, name: str) -> str:
    """Describe one row: what it says, and who said so, when and on which page."""
    layer, _, key = name.partition("/")
    row = row_of(territory.layers[layer], KEYS[layer], key)
    cited = source_text(territory.sources[row["source_id"]], str(row.get("page", "")), str(row.get("as_of", "")))
    if layer == "claims":
        note = ", source not refound" if row["status"] else ""
        said = f"{row['subject']}, {row['measure_en'] or row['measure']}: {row['value']} {row['unit']}"
        return f"{name}: {said} [{cited}{note}]"
    if layer == "tenancies":
        area: float = row["area_low_m2"]
        size = "area unknown" if pd.isna(area) else f"{area:,.0f} m2 ({row['area_kind'].replace('_', ' ')})"
        return f"{name}: {row['occupant']}, {row['phase'].replace('_', ' ')}, {size} [{cited}]"
    return f"{name} [{cited}]"


def source_text(source: Source, page: str, as_of: str) -> str:
    """Cite a source with its date and page."""
    parts = [source.credit, f"p. {page}" if page else "", f"said of {as_of}" if as_of else ""]
    return ", ".join(part for part in parts if part)


def _variants(territory: Territory, name: str, kind: str) -> list[Node]:
    """Return the published values of the disputed quantities that a rule reads in a row, the chosen one marked."""
    layer, _, key = name.partition("/")
    read = (quantity.partition("/") for quantity in registry.read_by(kind))
    values = [f"{layer}/{key}/{quantity}" for of, _, quantity in read if of == layer]
    stating = territory.claims[territory.claims["states"].isin(values)]
    if stating.empty:
        return []
    claims = stating[stating.groupby("states")["value"].transform("nunique") > 1]
    chosen = territory.choices
    return [
        (
            ("* " if chosen[claim["states"]] == claim["claim_id"] else "  ")
            + row_text(territory, f"claims/{claim['claim_id']}"),
            [],
        )
        for claim in records(claims)
    ]
