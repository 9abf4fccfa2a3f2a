"""Search of a territory by text criteria, and its result for a terminal and for programs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from gis.errors import Fault, SchemaError
from gis.measures.availability import available_later, immediately_available
from gis.measures.find import (
    NO_SHAPE,
    Between,
    PlaceAsked,
    PlotsAsked,
    PremisesAsked,
    SearchResult,
    access_word,
    parse_networks,
    parse_rectangle,
    search_record,
)
from gis.measures.plots import Need
from gis.measures.published_supply import published_offer
from gis.schemas import AccessKind, Answer, Approach, Row, records
from gis.territory import Territory
from gis.units import to_ha

#: What is asked of plots alone, and of premises alone.
OF_PLOTS: Final = ("ha", "fit", "setback", "unbuilt", "serviced", "vocation", "price", "later", "smallest")
OF_PREMISES: Final = ("floor", "height", "docks", "rent")
#: What is asked of both: `to-…` for each kind of access.
TO: Final = {f"to-{access_word(kind)}": kind for kind in AccessKind}
DISTANCES: Final = (
    "Distances are as the crow flies, to the nearest access; ~ marks what a source states for the site, by road."
)
_AVAILABLE: Final = {Answer.YES: "can be had", Answer.UNKNOWN: "not known", Answer.NO: "cannot be had"}
_GROUPS: Final = ((Answer.YES, "found"), (Answer.UNKNOWN, "maybe: something is not known"))


@dataclass(frozen=True, slots=True)
class Answered:
    """What a search found, in which territory; what is said beside it; and plots where smaller ones were given up."""

    territory: Territory
    asked: Mapping[str, Any]
    found: SearchResult
    said: str = ""
    given_up: tuple[str, ...] = ()

    @property
    def terrains(self) -> dict[str, int]:
        """How many terrains can be had, cannot, or nobody said; they make the plots. Nothing for premises."""
        if self.found.key != "plot_id":
            return {}
        terrain_answers = (available_later if "later" in self.asked else immediately_available)(self.territory.terrains)
        return {word: int((terrain_answers == answer).sum()) for answer, word in _AVAILABLE.items()}


def search_territory(territory: Territory, wanted: Mapping[str, Any]) -> Answered:
    """Search the plots of a territory, or its premises when something is asked of these.

    Parameters
    ----------
    territory
        Where.
    wanted
        What is asked, in words, by the names of `OF_PLOTS`, `OF_PREMISES` and `TO`, and `commune`, `networks` and
        `power`; what is empty is not asked.

    Raises
    ------
    SchemaError
        If a text cannot be read, or what is asked of plots is asked together with what is asked of premises.
    """
    criteria = {name: value for name, value in wanted.items() if value not in {None, "", False}}
    plots, premises = ([name for name in names if name in criteria] for names in (OF_PLOTS, OF_PREMISES))
    if plots and premises:
        conflict = f"--{plots[0]} is asked of plots, --{premises[0]} of premises."
        raise SchemaError.of("search", [Fault("", conflict, "Search the two one after the other.")])
    place = PlaceAsked(
        to={kind: Between.parse(criteria[name], "km", name) for name, kind in TO.items() if name in criteria},
        commune=criteria.get("commune", ""),
        networks=parse_networks(criteria["networks"]) if "networks" in criteria else (),
        power=_asked_range(criteria, "power", "kW"),
    )
    if premises:
        premises_asked = PremisesAsked(
            place,
            floor=_asked_range(criteria, "floor", "m2"),
            height=_asked_range(criteria, "height", "m"),
            docks="docks" in criteria,
            rent=_asked_range(criteria, "rent", "EUR/m2"),
        )
        return Answered(territory, criteria, territory.find_premises(premises_asked))
    return _search_plots(territory, criteria, place)


def _search_plots(territory: Territory, asked: Mapping[str, Any], place: PlaceAsked) -> Answered:
    if "setback" in asked and "fit" not in asked:
        fault = Fault("setback", "there is no rectangle to keep it from.", "Say which one, as --fit 120x80.")
        raise SchemaError.of("search", [fault])
    plots_asked = PlotsAsked(
        place,
        ha=_asked_range(asked, "ha", "ha"),
        rectangle=parse_rectangle(asked["fit"]) if "fit" in asked else None,
        setback_m=asked.get("setback", 0.0),
        serviced="serviced" in asked,
        unbuilt="unbuilt" in asked,
        vocation=asked.get("vocation", ""),
        price=_asked_range(asked, "price", "EUR/m2"),
    )
    later = "later" in asked
    given_up: tuple[str, ...] = ()
    if "smallest" in asked:
        need = Need((plots_asked.ha and plots_asked.ha.low) or 0.0, plots_asked.rectangle, plots_asked.setback_m)
        smallest = territory.smallest_plots(need, later=later)
        plots, given_up = smallest.plots, smallest.given_up
    else:
        plots = territory.plots_later if later else territory.plots
    remark = "" if len(territory.terrains) and territory.terrains.geometry.notna().any() else _no_shape_text(territory)
    return Answered(territory, asked, territory.find_plots(plots_asked, plots), remark, given_up)


def _asked_range(asked: Mapping[str, Any], name: str, unit: str) -> Between | None:
    return Between.parse(asked[name], unit, name) if name in asked else None


def _no_shape_text(territory: Territory) -> str:
    """Say that no terrain can be searched, and what is published instead."""
    supply = published_offer(territory.claims)
    supply_text = ""
    if supply:
        supply_text = (
            f" {to_ha(supply.total_m2):,.0f} ha are published as on offer, without a place that could be searched."
        )
    return f"{NO_SHAPE}: no terrain of {territory.name} has a shape.{supply_text}"


def search_as_json(answered: Answered) -> str:
    """Write a search for programs.

    The keys are `territory`, `crs` (of all coordinates), `asked`, `no_data` (empty, or why nothing can be searched),
    `distances` (how they are meant), `given_up` (plots whose smallest sets of terrains were not looked for to the end),
    `terrains` (how many can be had, cannot, or are not known; empty for premises), and those of
    `gis.measures.find.search_record`.
    """
    record = {
        "territory": answered.territory.name,
        "crs": answered.territory.crs.to_string(),
        "asked": dict(answered.asked),
        "no_data": answered.said,
        "distances": DISTANCES,
        "given_up": list(answered.given_up),
        "terrains": answered.terrains,
        **search_record(answered.found),
    }
    return json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False)


def search_as_tables(answered: Answered, *, why: bool = False) -> Iterator[RenderableType]:
    """Yield a search as tables and lines for a terminal; with `why`, each eliminated row and its reasons too."""
    result = answered.found
    if answered.said:
        yield Text(answered.said)
        if not len(result.rows):
            return
    if counts := answered.terrains:
        counts_text = ", ".join(f"{count:,} {word}" for word, count in counts.items())
        yield Text(f"{len(result.rows):,} plots of {sum(counts.values()):,} terrains: {counts_text}.")
    for answer, title in _GROUPS:
        rows = result.those(answer)
        if rows or answer is Answer.YES:
            yield _result_table(answered, rows, f"{len(rows)} {title}", unknown=answer is Answer.UNKNOWN)
    yield _eliminations_table(result)
    eliminated = result.those(Answer.NO)
    if why and eliminated:
        table = Table("", "eliminated by", title=f"{len(eliminated)} eliminated", title_justify="left")
        for n in eliminated:
            table.add_row(str(result.rows[result.key].iloc[n]), ", ".join(result.says(n, Answer.NO)))
        yield table
    for key in answered.given_up:
        yield Text(f"{key}: too many sets of its terrains to look at all; it stays out of the list.")
    yield Text(DISTANCES)


def _result_table(answered: Answered, rows: list[int], title: str, *, unknown: bool) -> Table:
    """List rows: what was asked of them stands in a column of its own."""
    result = answered.found
    names = dict(zip(answered.territory.sites["site_id"], answered.territory.sites["site_name"], strict=True))
    access_by_row = {(row["subject"], row["access_kind"]): row for row in records(result.reached)}
    kinds = [kind for name, kind in TO.items() if name in answered.asked] or [AccessKind.MOTORWAY_EXIT]
    cells = _plot_cells if result.key == "plot_id" else _premises_cells
    layer = records(pd.DataFrame(result.rows.drop(columns="geometry")))
    table = Table(title=title, title_justify="left")
    table.add_column("#", justify="right")
    table.add_column(result.key.removesuffix("_id"))
    table.add_column("site")
    for name in cells({}, None):
        table.add_column(name, justify="right")
    for kind in kinds:
        table.add_column(f"km to {access_word(kind)}", justify="right")
    if unknown:
        table.add_column("not known")
    for rank, n in enumerate(rows, 1):
        row = layer[n]
        sites = [names[site] for site in str(row.get("site_ids") or row.get("site_id")).split("|")]
        distance_cells = [_access_distance_text(access_by_row.get((row[result.key], kind.value), {})) for kind in kinds]
        unknown_cells = [", ".join(result.says(n, Answer.UNKNOWN))] if unknown else []
        table.add_row(
            str(rank),
            row[result.key],
            ", ".join(sites),
            *cells(row, result.placements.get(n)).values(),
            *distance_cells,
            *unknown_cells,
        )
    return table


def _plot_cells(row: Row, placement: Any) -> dict[str, str]:
    low, high = row.get("price_low_eur_m2"), row.get("price_high_eur_m2")
    return {
        "ha left": _number_or_unknown(row.get("left_ha"), 2),
        "of": _number_or_unknown(row.get("gross_ha"), 2),
        "circle m": _number_or_unknown(row.get("circle_m"), 0),
        "angle": f"{placement.angle_deg:.0f}°" if placement else "",
        "owners": _number_or_unknown(row.get("owners"), 0),
        "EUR/m2": _number_or_unknown(low, 1)
        + (f"-{_number_or_unknown(high, 1)}" if low != high and not pd.isna(low) else ""),
    }


def _premises_cells(row: Row, _: Any) -> dict[str, str]:
    return {
        "floor m2": _number_or_unknown(row.get("floor_m2"), 0),
        "height m": _number_or_unknown(row.get("height_m"), 1),
        "docks": _number_or_unknown(row.get("docks"), 0),
        "kW": _number_or_unknown(row.get("power_kw"), 0),
        "EUR/m2 a year": _number_or_unknown(row.get("rent_eur_m2"), 0),
    }


def _number_or_unknown(value: float | None, digits: int) -> str:
    return "?" if value is None or pd.isna(value) else f"{value:,.{digits}f}"


def _access_distance_text(row: Mapping[str, Any]) -> str:
    mark = "~" if row.get("approach") == Approach.STATED else ""
    return mark + _number_or_unknown(row.get("km"), 2)


def _eliminations_table(found: SearchResult) -> Table:
    table = Table(title="why the others are not", title_justify="left")
    for name in ("criterion", "asked"):
        table.add_column(name)
    for name in ("alone eliminates", "in turn eliminates", "left", "not known"):
        table.add_column(name, justify="right")
    for row in records(found.eliminations):
        table.add_row(*(str(value) for value in row.values()))
    return table
