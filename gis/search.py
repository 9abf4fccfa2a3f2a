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
    found_record,
    parse_networks,
    parse_rectangle,
)
from gis.measures.plots import Need
from gis.measures.published_supply import offer
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
        every_one = (available_later if "later" in self.asked else immediately_available)(self.territory.terrains)
        return {word: int((every_one == answer).sum()) for answer, word in _AVAILABLE.items()}


def search(territory: Territory, wanted: Mapping[str, Any]) -> Answered:
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
    asked = {name: value for name, value in wanted.items() if value not in {None, "", False}}
    plots, premises = ([name for name in names if name in asked] for names in (OF_PLOTS, OF_PREMISES))
    if plots and premises:
        found = f"--{plots[0]} is asked of plots, --{premises[0]} of premises."
        raise SchemaError.of("search", [Fault("", found, "Search the two one after the other.")])
    place = PlaceAsked(
        to={kind: Between.parse(asked[name], "km", name) for name, kind in TO.items() if name in asked},
        commune=asked.get("commune", ""),
        networks=parse_networks(asked["networks"]) if "networks" in asked else (),
        power=_between(asked, "power", "kW"),
    )
    if premises:
        of_premises = PremisesAsked(
            place,
            floor=_between(asked, "floor", "m2"),
            height=_between(asked, "height", "m"),
            docks="docks" in asked,
            rent=_between(asked, "rent", "EUR/m2"),
        )
        return Answered(territory, asked, territory.find_premises(of_premises))
    return _of_plots(territory, asked, place)


def _of_plots(territory: Territory, asked: Mapping[str, Any], place: PlaceAsked) -> Answered:
    if "setback" in asked and "fit" not in asked:
        fault = Fault("setback", "there is no rectangle to keep it from.", "Say which one, as --fit 120x80.")
        raise SchemaError.of("search", [fault])
    wanted = PlotsAsked(
        place,
        ha=_between(asked, "ha", "ha"),
        rectangle=parse_rectangle(asked["fit"]) if "fit" in asked else None,
        setback_m=asked.get("setback", 0.0),
        serviced="serviced" in asked,
        unbuilt="unbuilt" in asked,
        vocation=asked.get("vocation", ""),
        price=_between(asked, "price", "EUR/m2"),
    )
    later = "later" in asked
    given_up: tuple[str, ...] = ()
    if "smallest" in asked:
        need = Need((wanted.ha and wanted.ha.low) or 0.0, wanted.rectangle, wanted.setback_m)
        smallest = territory.smallest_plots(need, later=later)
        plots, given_up = smallest.plots, smallest.given_up
    else:
        plots = territory.plots_later if later else territory.plots
    said = "" if len(territory.terrains) and territory.terrains.geometry.notna().any() else _nowhere(territory)
    return Answered(territory, asked, territory.find_plots(wanted, plots), said, given_up)


def _between(asked: Mapping[str, Any], name: str, unit: str) -> Between | None:
    return Between.parse(asked[name], unit, name) if name in asked else None


def _nowhere(territory: Territory) -> str:
    """Say that no terrain can be searched, and what is published instead."""
    published = offer(territory.claims)
    rest = ""
    if published:
        rest = (
            f" {to_ha(published.total_m2):,.0f} ha are published as on offer, without a place that could be searched."
        )
    return f"{NO_SHAPE}: no terrain of {territory.name} has a shape.{rest}"


def as_json(answered: Answered) -> str:
    """Write a search for programs.

    The keys are `territory`, `crs` (of all coordinates), `asked`, `no_data` (empty, or why nothing can be searched),
    `distances` (how they are meant), `given_up` (plots whose smallest sets of terrains were not looked for to the end),
    `terrains` (how many can be had, cannot, or are not known; empty for premises), and those of
    `gis.measures.find.found_record`.
    """
    record = {
        "territory": answered.territory.name,
        "crs": answered.territory.crs.to_string(),
        "asked": dict(answered.asked),
        "no_data": answered.said,
        "distances": DISTANCES,
        "given_up": list(answered.given_up),
        "terrains": answered.terrains,
        **found_record(answered.found),
    }
    return json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False)


def as_tables(answered: Answered, *, why: bool = False) -> Iterator[RenderableType]:
    """Yield a search as tables and lines for a terminal; with `why`, each eliminated row and its reasons too."""
    found = answered.found
    if answered.said:
        yield Text(answered.said)
        if not len(found.rows):
            return
    if counts := answered.terrains:
        listed = ", ".join(f"{count:,} {word}" for word, count in counts.items())
        yield Text(f"{len(found.rows):,} plots of {sum(counts.values()):,} terrains: {listed}.")
    for answer, title in _GROUPS:
        rows = found.those(answer)
        if rows or answer is Answer.YES:
            yield _table(answered, rows, f"{len(rows)} {title}", unknown=answer is Answer.UNKNOWN)
    yield _eliminations(found)
    gone = found.those(Answer.NO)
    if why and gone:
        table = Table("", "eliminated by", title=f"{len(gone)} eliminated", title_justify="left")
        for n in gone:
            table.add_row(str(found.rows[found.key].iloc[n]), ", ".join(found.says(n, Answer.NO)))
        yield table
    for key in answered.given_up:
        yield Text(f"{key}: too many sets of its terrains to look at all; it stays out of the list.")
    yield Text(DISTANCES)


def _table(answered: Answered, rows: list[int], title: str, *, unknown: bool) -> Table:
    """List rows: what was asked of them stands in a column of its own."""
    found = answered.found
    names = dict(zip(answered.territory.sites["site_id"], answered.territory.sites["site_name"], strict=True))
    reached = {(row["subject"], row["access_kind"]): row for row in records(found.reached)}
    kinds = [kind for name, kind in TO.items() if name in answered.asked] or [AccessKind.MOTORWAY_EXIT]
    cells = _plot_cells if found.key == "plot_id" else _premises_cells
    layer = records(pd.DataFrame(found.rows.drop(columns="geometry")))
    table = Table(title=title, title_justify="left")
    table.add_column("#", justify="right")
    table.add_column(found.key.removesuffix("_id"))
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
        km = [_km(reached.get((row[found.key], kind.value), {})) for kind in kinds]
        rest = [", ".join(found.says(n, Answer.UNKNOWN))] if unknown else []
        table.add_row(
            str(rank), row[found.key], ", ".join(sites), *cells(row, found.placements.get(n)).values(), *km, *rest
        )
    return table


def _plot_cells(row: Row, placement: Any) -> dict[str, str]:
    low, high = row.get("price_low_eur_m2"), row.get("price_high_eur_m2")
    return {
        "ha left": _number(row.get("left_ha"), 2),
        "of": _number(row.get("gross_ha"), 2),
        "circle m": _number(row.get("circle_m"), 0),
        "angle": f"{placement.angle_deg:.0f}°" if placement else "",
        "owners": _number(row.get("owners"), 0),
        "EUR/m2": _number(low, 1) + (f"-{_number(high, 1)}" if low != high and not pd.isna(low) else ""),
    }


def _premises_cells(row: Row, _: Any) -> dict[str, str]:
    return {
        "floor m2": _number(row.get("floor_m2"), 0),
        "height m": _number(row.get("height_m"), 1),
        "docks": _number(row.get("docks"), 0),
        "kW": _number(row.get("power_kw"), 0),
        "EUR/m2 a year": _number(row.get("rent_eur_m2"), 0),
    }


def _number(value: float | None, digits: int) -> str:
    return "?" if value is None or pd.isna(value) else f"{value:,.{digits}f}"


def _km(row: Mapping[str, Any]) -> str:
    mark = "~" if row.get("approach") == Approach.STATED else ""
    return mark + _number(row.get("km"), 2)


def _eliminations(found: SearchResult) -> Table:
    table = Table(title="why the others are not", title_justify="left")
    for name in ("criterion", "asked"):
        table.add_column(name)
    for name in ("alone eliminates", "in turn eliminates", "left", "not known"):
        table.add_column(name, justify="right")
    for row in records(found.eliminations):
        table.add_row(*(str(value) for value in row.values()))
    return table
