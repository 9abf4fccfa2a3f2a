"""How fast ground is sold, and how many years what is on offer would last at that pace.

Sales come from `terrains.sold_on`, or from editions of the terrains compared (`sales_between`). A pace is taken over
full calendar years alone, from the first that the record covers whole to the last that is over. Where nobody says since
when sales are on record, the record begins somewhere in the year of the first one known, so the next year is the first
full one. Fewer than three full years make no pace.

What is known of a sale by bounds, or not dated at all, may or may not fall into these years: it counts in the upper
bound alone.
"""

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.ground import cited
from gis.provenance import Basis, Bounds, Figure
from gis.schemas import Sale, Sales, Terrains, conform
from gis.units import to_ha

RULE: Final = "gis.measures.absorption"

#: Full years that a pace rests on at least.
FEWEST_YEARS: Final = 3

DEFINITIONS: Final = {
    "absorption_years": "Full calendar years for which sales of ground are on record.",
    "absorption_ha_per_year": "Hectares of terrains sold, a year, over the full calendar years on record.",
    "supply_years": "Years that available ground lasts at the pace of sales over the full calendar years on record.",
}

ASSUMPTIONS: Final = {
    "first_sale_begins_the_record": "Nobody says since when sales are on record: the first full year is the one after "
    "the first known sale.",
    "fewest_years": "No pace is computed from fewer than three full years.",
    "sales_without_date": "Some terrains are sold and nobody says when: they may have been sold in these years or not.",
    "sales_without_shape": "Some terrains that were sold have no published shape: their hectares count for nothing, so "
    "the pace is a lower bound.",
    "last_sale_only": "A terrain that was sold several times counts on the day of the last sale.",
    "pace_goes_on": "The pace of the past is read as that of the years to come.",
}

_NO_DAY: Final = np.datetime64("NaT", "ns")
_DAY: Final = np.timedelta64(1, "D")


def dated_sales(terrains: GeoDataFrame[Terrains]) -> DataFrame[Sales]:
    """List the terrains that are sold, or were on a known day; without a day, nobody knows when."""
    sold = terrains[(terrains["sale"] == Sale.SOLD) | terrains["sold_on"].notna()]
    return _sales(sold, sold["sold_on"].to_numpy(), sold["sold_on"].to_numpy())


def sales_between(editions: Mapping[dt.date, GeoDataFrame[Terrains]]) -> DataFrame[Sales]:
    """List the terrains that are sold in an edition and were not in the one before.

    Each was sold after the day of the one and not after that of the other, or on its `sold_on` where that says more.
    When nobody knew what a terrain was, or it was not there, it may have been sold before.
    """
    found = []
    for before, after in pairwise(sorted(editions)):
        was = dict(zip(editions[before]["terrain_id"], editions[before]["sale"], strict=True))
        now = editions[after]
        state = np.array([was.get(terrain, Sale.UNKNOWN.value) for terrain in now["terrain_id"]], dtype=object)
        sold = (now["sale"].to_numpy() == Sale.SOLD) & (state != Sale.SOLD)
        rows, unsure = now[sold], state[sold] == Sale.UNKNOWN
        day = rows["sold_on"].to_numpy()
        bounds = np.where(unsure, _NO_DAY, np.datetime64(before, "ns") + _DAY), np.datetime64(after, "ns")
        told = (day <= bounds[1]) & (unsure | (day >= bounds[0]))
        found.append(_sales(rows, *(np.where(told, day, bound) for bound in bounds)))
    empty = pd.DataFrame({name: pd.Series(dtype=str(each.dtype)) for name, each in Sales.to_schema().columns.items()})
    return conform(pd.concat(found, ignore_index=True) if found else empty, Sales)


def _sales(terrains: GeoDataFrame[Terrains], earliest: np.ndarray, latest: np.ndarray) -> DataFrame[Sales]:
    frame = pd.DataFrame(
        {
            "terrain_id": terrains["terrain_id"].to_numpy(),
            "earliest": earliest.astype("datetime64[ns]"),
            "latest": latest.astype("datetime64[ns]"),
            "sold_m2": terrains.geometry.area.where(terrains.geometry.notna()).to_numpy(dtype=float),
        }
    )
    return conform(frame.astype({"terrain_id": "str"}), Sales)


class Pace(NamedTuple):
    """How fast ground is sold: the full years it rests on, hectares a year, and the terrains that count.

    `per_year` is unknown when the years are too few. `sure` are positions of sales within the years, `maybe` of those
    that may be.
    """

    years: range
    per_year: Bounds
    sure: np.ndarray
    maybe: np.ndarray


def full_years(sales: DataFrame[Sales], *, at: dt.date, since: dt.date | None = None) -> range:
    """Return the calendar years, over by the end of a day, that the record of sales covers whole.

    Parameters
    ----------
    sales
        The record; sales after the day are promises.
    at
        Until when sales are known, that day included.
    since
        From when sales are known, that day included; without it the record begins in the year of the first.

    Examples
    --------
    >>> full_years(conform(pd.DataFrame({"terrain_id": ["a"], "sold_m2": [1e4]}).assign(
    ...     earliest=pd.Timestamp("2020-02-01"), latest=pd.Timestamp("2020-02-01")), Sales), at=dt.date(2025, 9, 30))
    range(2021, 2025)
    """
    last = at.year if (at.month, at.day) == (12, 31) else at.year - 1
    if since is not None:
        return range(since.year if (since.month, since.day) == (1, 1) else since.year + 1, last + 1)
    first = sales.loc[sales["earliest"].notna(), "latest"].min()
    return range(last + 1, last + 1) if pd.isna(first) else range(first.year + 1, last + 1)


def pace(sales: DataFrame[Sales], *, at: dt.date, since: dt.date | None = None) -> Pace:
    r"""Measure hectares sold a year over the full years on record.

    .. math:: \frac{\sum_{surely\ within} sold}{years} \le pace \le \frac{\sum_{maybe\ within} sold}{years}

    Nobody knows the upper bound when a sale that may be within the years is of a terrain without a shape.
    """
    years = full_years(sales, at=at, since=since)
    begin, end = np.datetime64(f"{years.start}-01-01"), np.datetime64(f"{years.stop - 1}-12-31")
    earliest, latest = sales["earliest"].to_numpy(), sales["latest"].to_numpy()
    sure = (earliest >= begin) & (latest <= end)
    maybe = ~sure & ~(earliest > end) & ~(latest < begin)
    if len(years) < FEWEST_YEARS:
        return Pace(years, Bounds(None, None), np.flatnonzero(sure), np.flatnonzero(maybe))
    sold = sales["sold_m2"].to_numpy()
    low, high = to_ha(float(np.nansum(sold[sure]))), to_ha(float(sold[sure | maybe].sum()))
    per_year = Bounds(low / len(years), None if np.isnan(high) else high / len(years))
    return Pace(years, per_year, np.flatnonzero(sure), np.flatnonzero(maybe))


def supply_years(on_offer: Bounds, per_year: Bounds) -> Bounds:
    """Divide what is on offer by what is sold a year; at no pace at all it lasts for nobody knows how long.

    >>> supply_years(Bounds(10, 20), Bounds(0, 4))
    Bounds(low=2.5, high=None)
    """
    return on_offer / Bounds(per_year.low or None, per_year.high or None)


def absorption_figures(terrains: GeoDataFrame[Terrains], available: Figure, *, at: dt.date) -> list[Figure]:
    """Compute the pace of sales and how long what is available lasts, each with its chain.

    Parameters
    ----------
    terrains
        With `sold_on` where it is known.
    available
        What is on offer now, in hectares.
    at
        The day until which sales are known.

    Returns
    -------
    figures
        The number of full years; hectares sold a year and years of supply only when these are three at least. `rows`
        are the terrains that were, or may have been, sold within them.
    """
    sales = dated_sales(terrains)
    found = pace(sales, at=at)
    enough = len(found.years) >= FEWEST_YEARS
    counted = np.union1d(found.sure, found.maybe)
    keys = set(sales["terrain_id"].iloc[counted])
    rows = cited(terrains=terrains[terrains["terrain_id"].isin(list(keys))])
    kept = {
        "first_sale_begins_the_record": True,
        "fewest_years": not enough,
        "sales_without_date": enough and len(found.maybe) > 0,
        "sales_without_shape": enough and bool(sales["sold_m2"].iloc[counted].isna().any()),
        "last_sale_only": enough,
    }
    assumptions = tuple(key for key, holds in kept.items() if holds)

    def figure(kind: str, value: Bounds, unit: str, function: str) -> Figure:
        return Figure(
            figure_id=f"{kind}:territory",
            kind=kind,
            subject="territory",
            low=value.low,
            high=value.high,
            unit=unit,
            definition=DEFINITIONS[kind],
            rule=f"{RULE}.{function}",
            at=at,
            assumptions=assumptions,
            **rows,
        )

    figures = [figure("absorption_years", Bounds.exactly(len(found.years)), "years", "full_years")]
    if enough:
        figures.append(figure("absorption_ha_per_year", found.per_year, "ha/year", "pace"))
        figures.append(_supply(available, figures[-1]))
    return figures


def _supply(available: Figure, sold: Figure) -> Figure:
    """Divide one figure by the other."""
    value = supply_years(available.bounds, sold.bounds)
    return Figure(
        figure_id="supply_years:territory",
        kind="supply_years",
        subject="territory",
        low=value.low,
        high=value.high,
        unit="years",
        definition=DEFINITIONS["supply_years"],
        rule=f"{RULE}.supply_years",
        at=sold.at,
        numerator=available.figure_id,
        denominator=sold.figure_id,
        sources=tuple(dict.fromkeys((*available.sources, *sold.sources))),
        basis=Basis.weakest((available.basis, sold.basis)),
        assumptions=tuple(dict.fromkeys((*available.assumptions, *sold.assumptions, "pace_goes_on"))),
    )
