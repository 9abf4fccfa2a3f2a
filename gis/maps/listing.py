"""Lists of a page without scripts, in French: row by row, or grouped by place if there are too many rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from gis.maps import i18n
from gis.maps.called import SiteCommunes, lot_name, site_name
from gis.maps.packing import unpack_rows
from gis.maps.page import PageTable
from gis.maps.territory_view import TerritoryView
from gis.measures.find import premises_available
from gis.schemas import Answer, records

#: Maximum number of rows that a list shows one by one.
MOST_ROWS: Final = 1_000

#: An amount: its lower and upper bound, None if unknown.
Amount = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a list: the place it belongs to, its cells, and its amount."""

    place: str
    cells: Sequence[str]
    amount: Amount | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: its caption, its columns, the name of its amounts, and the function that formats them.

    `adds` is whether the rows are disjoint, so that their amounts can be added. If they may overlap, the lower bound
    for a place is the largest amount in it.
    """

    caption: str
    head: Sequence[str]
    place: str
    amount: str
    write: Callable[[float], str]
    adds: bool = True


def listing_table(listing: Listing, rows: Sequence[Listed]) -> PageTable:
    """Return a table with each row or, above `MOST_ROWS` rows, one row per place with their number and their sum."""
    if len(rows) <= MOST_ROWS:
        return PageTable(caption=listing.caption, head=listing.head, rows=[row.cells for row in rows])
    t = i18n.text_catalogue("fr")
    groups: dict[str, list[Listed]] = {}
    for row in rows:
        groups.setdefault(row.place, []).append(row)
    sums = [_sum_cells(listing, place, groups[place]) for place in sorted(groups)]
    name, count, amount, unknown_text = _sum_cells(listing, t["noscript.all"], rows)
    sums.append([name, count, amount if listing.adds else "", unknown_text])
    place_note = t["noscript.by_place"].format(
        n=i18n.number_text(len(rows), "fr"), most=i18n.number_text(MOST_ROWS, "fr")
    )
    return PageTable(
        caption=f"{listing.caption}{i18n.NARROW}: {place_note}",
        head=[listing.place, t["noscript.count"], listing.amount, t["noscript.not_given"]],
        rows=sums,
    )


def _sum_cells(listing: Listing, name: str, rows: Sequence[Listed]) -> list[str]:
    """Return the sum of the known amounts of some rows: a lower bound only, if any amount is unknown."""
    known_amounts = [row.amount for row in rows if row.amount is not None]
    unknown_count = len(rows) - len(known_amounts)
    highs = [high for _, high in known_amounts if high is not None]
    is_complete = not unknown_count and len(highs) == len(known_amounts)
    lower_bound = sum if listing.adds else max
    amount = (
        (lower_bound(low or 0.0 for low, _ in known_amounts), sum(highs) if is_complete else None)
        if known_amounts
        else None
    )
    return [
        name,
        i18n.number_text(len(rows), "fr"),
        _amount_text(amount, listing.write),
        i18n.number_text(unknown_count, "fr"),
    ]


def _amount_text(amount: Amount | None, write: Callable[[float], str]) -> str:
    low, high = amount or (None, None)
    if low is None:
        return "" if high is None else f"≤ {write(high)}"
    return f"≥ {write(low)}" if high is None else i18n.range_text(write(low), write(high))


def _unit_writer(unit: str, digits: int) -> Callable[[float], str]:
    return lambda value: f"{i18n.number_text(value, 'fr', digits=digits)}{i18n.NARROW}{unit}"


def _jobs_text(value: float) -> str:
    return i18n.number_text(value, "fr")


def zones_table(zones: Sequence[Mapping[str, Any]]) -> PageTable:
    """List zones: name, communes, area, jobs."""
    t = i18n.text_catalogue("fr")
    ha = _unit_writer("ha", 1)
    listing = Listing(
        caption=t["nav.zones"],
        head=[t["zones.name"], t["sheet.commune"], t["sheet.area"], t["sheet.jobs"]],
        place=t["sheet.commune"],
        amount=t["sheet.area"],
        write=ha,
        adds=False,  # a zone may lie inside another
    )

    def zone_row(zone: Mapping[str, Any]) -> Listed:
        land = None if zone["land_ha"] is None else (zone["land_ha"], zone["land_ha"])
        communes = ", ".join(zone["communes"])
        jobs = "" if zone["jobs"] is None else _jobs_text(zone["jobs"])
        return Listed(communes, [zone["name"]["fr"], communes, _amount_text(land, ha), jobs], land)

    return listing_table(listing, list(map(zone_row, zones)))


def employers_table(packed: Mapping[str, Any]) -> PageTable:
    """List employers: name, communes, jobs."""
    t = i18n.text_catalogue("fr")
    listing = Listing(
        caption=t["noscript.employers"],
        head=[t["territory.name"], t["sheet.commune"], t["sheet.jobs"]],
        place=t["sheet.commune"],
        amount=t["sheet.jobs"],
        write=_jobs_text,
        adds=False,  # a site and its occupants may both be listed
    )

    def employer_row(each: Mapping[str, Any]) -> Listed:
        low, high = each["jobs"]
        jobs = None if low is None and high is None else (low, high)
        communes = ", ".join(each["communes"])
        return Listed(communes, [each["name"], communes, _amount_text(jobs, _jobs_text)], jobs)

    return listing_table(listing, list(map(employer_row, unpack_rows(packed))))


class ListedOffer(NamedTuple):
    """A plot or premises that are available, or may be."""

    name: str
    sites: Sequence[str]
    size: float
    price: tuple[float, float]
    answer: str
    sources: str


def offer_tables(known: TerritoryView) -> list[PageTable]:
    """List the plots and premises that are available, or may be: zone, communes, size, price, source."""
    if not len(known.terrains):
        return []
    lot_names = {row["terrain_id"]: lot_name(row) for row in records(known.terrains)}
    plot_offers = [
        ListedOffer(
            name=", ".join(lot_names[terrain] for terrain in row["terrain_ids"].split("|")),
            sites=row["site_ids"].split("|"),
            size=row["left_ha"],
            price=(row["price_low_eur_m2"], row["price_high_eur_m2"]),
            answer=row["available"],
            sources=row["source_id"],
        )
        for row in records(pd.DataFrame(known.plots.drop(columns="geometry")))
    ]
    answers = premises_available(known.premises, known.tenancies, known.opening)
    premises_offers = [
        ListedOffer(
            name=row["premises_name"],
            sites=[row["site_id"]],
            size=row["floor_m2"],
            price=(row["rent_eur_m2"], row["rent_eur_m2"]),
            answer=answer,
            sources=row["source_id"],
        )
        for row, answer in zip(records(pd.DataFrame(known.premises.drop(columns="geometry"))), answers, strict=True)
        if answer != Answer.NO
    ]
    return [
        _offers_table(
            known, "available.tab.plots", ("available.left", "available.price"), _unit_writer("ha", 2), plot_offers
        ),
        _offers_table(
            known, "available.tab.rooms", ("available.floor", "available.rent"), _unit_writer("m²", 0), premises_offers
        ),
    ]


def _offers_table(
    known: TerritoryView,
    caption: str,
    columns: tuple[str, str],
    write: Callable[[float], str],
    offers: Sequence[ListedOffer],
) -> PageTable:
    """List offers; the size of an offer that is only possibly available counts for the upper bound alone."""
    t = i18n.text_catalogue("fr")
    size, price = (t[column] for column in columns)
    place, commune = t["zones.name"], t["sheet.commune"]
    listing = Listing(
        caption=t[caption],
        head=[t["territory.name"], place, commune, size, price, t["nav.available"], t["sheet.source"]],
        place=place,
        amount=size,
        write=write,
    )
    names = {site["site_id"]: site_name(site)["fr"] for site in records(known.sites)}
    communes = SiteCommunes(known)
    euros = _unit_writer("€/m²", 2)

    def offer_row(offer: ListedOffer) -> Listed:
        zones = ", ".join(names[site] for site in offer.sites)
        commune_names = sorted({name for site in offer.sites for name in communes.of(site)})
        amount = None if np.isnan(offer.size) else (offer.size if offer.answer == Answer.YES else 0.0, offer.size)
        size_text = t["available.not_given"] if amount is None else write(offer.size)
        price_text = t["available.not_given"] if np.isnan(offer.price[0]) else _amount_text(offer.price, euros)
        sources = ", ".join(known.sources[key].name for key in offer.sources.split("|"))
        answer = t[f"word.{offer.answer}"]
        return Listed(
            zones, [offer.name, zones, ", ".join(commune_names), size_text, price_text, answer, sources], amount
        )

    return listing_table(listing, list(map(offer_row, offers)))
