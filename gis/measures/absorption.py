"""How fast ground is sold, and how many years what is on offer would last at that pace.

Sales come from `terrains.sold_on`, or from editions of the terrains compared (`sales_between`). A pace is taken over
full calendar years alone, from the first that the record covers whole to the last that is over. Where nobody says since
when sales are on record, the record begins somewhere in the year of the first one known, so the next year is the first
full one. Fewer than three full years make no pace.

What is known of a sale by bounds, or not dated at all, may or may not fall into these years: it counts in the upper
bound alone. Ground that several sales are of counts once, whatever keys its terrains have; where one sale lies within
the years and another does not, it counts in the upper bound alone.
"""

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.site_ground import cited, cut_apart
from gis.measures.topology import TOLERANCE_M2, shapes_of
from gis.provenance import Basis, Bounds, Figure
from gis.schemas import Sale, Sales, Terrains, conform
from gis.units import M2_PER_HA, to_ha

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


def dated_sales(terrains: GeoDataFrame[Terrains]) -> GeoDataFrame[Sales]:
    """List the terrains that are sold, or were on a known day; without a day, nobody knows when."""
    sold = terrains[(terrains["sale"] == Sale.SOLD) | terrains["sold_on"].notna()]
    return _sales(sold, sold["sold_on"].to_numpy(), sold["sold_on"].to_numpy())


def sales_between(editions: Mapping[dt.date, GeoDataFrame[Terrains]]) -> GeoDataFrame[Sales]:
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
    if not found:
        nothing = np.array([], dtype="datetime64[ns]")
        return _sales(next(iter(editions.values())).iloc[:0], nothing, nothing)
    return conform(gpd.GeoDataFrame(pd.concat(found, ignore_index=True)), Sales)


def _sales(terrains: GeoDataFrame[Terrains], earliest: np.ndarray, latest: np.ndarray) -> GeoDataFrame[Sales]:
    frame = gpd.GeoDataFrame(
        {
            **{name: terrains[name].to_numpy() for name in ("terrain_id", "source_id", "basis")},
            "earliest": earliest.astype("datetime64[ns]"),
            "latest": latest.astype("datetime64[ns]"),
            "sold_m2": terrains.geometry.area.where(terrains.geometry.notna()).to_numpy(dtype=float),
        },
        geometry=shapes_of(terrains),
        crs=terrains.crs,
    )
    return conform(frame.astype(dict.fromkeys(["terrain_id", "source_id", "basis"], "str")), Sales)


class Pace(NamedTuple):
    """How fast ground is sold: the full years it rests on, hectares a year, and the terrains that count.

    `per_year` is unknown when the years are too few. `sure` are positions of sales within the years, `maybe` of those
    that may be. `overlaid_m2` is what these would have more if each of them counted alone.
    """

    years: range
    per_year: Bounds
    sure: np.ndarray
    maybe: np.ndarray
    overlaid_m2: float


def full_years(sales: pd.DataFrame, *, at: dt.date, since: dt.date | None = None) -> range:
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
    >>> full_years(pd.DataFrame({"terrain_id": ["a"]}).assign(
    ...     earliest=pd.Timestamp("2020-02-01"), latest=pd.Timestamp("2020-02-01")), at=dt.date(2025, 9, 30))
    range(2021, 2025)
    """
    last = at.year if (at.month, at.day) == (12, 31) else at.year - 1
    if since is not None:
        return range(since.year if (since.month, since.day) == (1, 1) else since.year + 1, last + 1)
    first = sales.loc[sales["earliest"].notna(), "latest"].min()
    return range(last + 1, last + 1) if pd.isna(first) else range(first.year + 1, last + 1)


def pace(sales: GeoDataFrame[Sales], *, at: dt.date, since: dt.date | None = None) -> Pace:
    r"""Measure hectares sold a year over the full years on record.

    .. math:: \frac{area(\bigcup_{surely\ within} sold)}{years} \le pace
              \le \frac{area(\bigcup_{maybe\ within} sold)}{years}

    Nobody knows the upper bound when a sale that may be within the years is of a terrain without a shape.
    """
    years = full_years(sales, at=at, since=since)
    begin, end = np.datetime64(f"{years.start}-01-01"), np.datetime64(f"{years.stop - 1}-12-31")
    earliest, latest = sales["earliest"].to_numpy(), sales["latest"].to_numpy()
    sure = (earliest >= begin) & (latest <= end)
    maybe = ~sure & ~(earliest > end) & ~(latest < begin)
    counted = np.flatnonzero(sure), np.flatnonzero(maybe)
    if len(years) < FEWEST_YEARS:
        return Pace(years, Bounds(None, None), *counted, 0.0)
    low, high = (to_ha(m2) / len(years) for m2 in _sold_once(sales, sure, maybe))
    sold = sales["sold_m2"].to_numpy()[sure | maybe]
    per_year = Bounds(low, None if np.isnan(sold).any() else high)
    return Pace(years, per_year, *counted, max(float(np.nansum(sold)) - high * len(years) * M2_PER_HA, 0.0))


def _sold_once(sales: GeoDataFrame[Sales], sure: np.ndarray, maybe: np.ndarray) -> tuple[float, float]:
    """Return the square metres that are sold within the years for sure, and at most: each of them once.

    Ground that was sold in the years under one key and at another time under another may be sold in them or not.
    """
    shapes = shapes_of(sales)
    drawn = np.flatnonzero(~shapely.is_missing(shapes))
    faces, claims = cut_apart(shapes[drawn], list(zip(sure[drawn], maybe[drawn], strict=True)))
    within = [(sure[drawn[list(those)]], maybe[drawn[list(those)]]) for those in claims]
    most = np.array([(yes | perhaps).any() for yes, perhaps in within], dtype=bool)
    least = np.array([yes.any() and (yes | perhaps).all() for yes, perhaps in within], dtype=bool)
    area = shapely.area(faces)
    return float(area[least].sum()), float(area[most].sum())


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
        The number of full years, which nobody knows where no sale has a day; hectares sold a year and years of supply
        only when these are three at least. `rows` are the terrains that were, or may have been, sold within them; where
        none of these has a day, those that have one, too.
    """
    sales = dated_sales(terrains)
    found = pace(sales, at=at)
    enough = len(found.years) >= FEWEST_YEARS
    counted = np.union1d(found.sure, found.maybe)
    dated = np.flatnonzero((sales["latest"] <= pd.Timestamp(at)).to_numpy())
    begun = dated if np.intersect1d(counted, dated).size == 0 else counted
    keys = set(sales["terrain_id"].iloc[np.union1d(counted, begun)])
    rows = cited(terrains=terrains[terrains["terrain_id"].isin(list(keys))])
    kept = {
        "first_sale_begins_the_record": True,
        "fewest_years": not enough,
        "sales_without_date": enough and len(found.maybe) > 0,
        "sales_without_shape": enough and bool(sales["sold_m2"].iloc[counted].isna().any()),
        "last_sale_only": enough,
        "shared_once": found.overlaid_m2 > TOLERANCE_M2,
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

    on_record = Bounds.exactly(len(found.years)) if len(dated) else Bounds(None, None)
    figures = [figure("absorption_years", on_record, "years", "full_years")]
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
