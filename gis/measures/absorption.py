"""Absorption: the pace of land sales, and the years that the present supply would last at that pace.

Sales come from `terrains.sold_on`, or from the comparison of several editions of the terrains (`sales_between`). The
pace is an average over complete calendar years: from the first year that the record covers entirely to the last year
that has ended. If the start of the record is not stated, it is taken to lie within the year of the first known sale,
so the next year is the first complete one. Fewer than three complete years give no pace.

A sale whose date is known only by bounds, or that has no date, may fall within these years: it counts in the upper
bound only. Land that was sold several times counts once, whatever the keys of its terrains. If one sale lies within
the years and another does not, the land counts in the upper bound only.
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

from gis.measures.availability import AVAILABLE_HA
from gis.measures.measure import WHOLE_TERRITORY, Assumption, CitedRows, FigureKind, Measure, MeasuredLayers, cite_rows
from gis.measures.site_ground import cut_into_faces
from gis.measures.topology import SHARED_ONCE, TOLERANCE_M2, layer_shapes
from gis.provenance import Bounds, Figure
from gis.schemas import Sale, Sales, Terrains, conform
from gis.units import M2_PER_HA, to_ha

RULE: Final = "gis.measures.absorption"

#: The fewest complete years that a pace can rest on.
FEWEST_YEARS: Final = 3

ABSORPTION_YEARS: Final = FigureKind(
    kind="absorption_years",
    unit="years",
    rule=f"{RULE}.full_years",
    fr="Années civiles entières pour lesquelles les ventes de terrains sont connues.",
    en="Full calendar years for which sales of ground are on record.",
    day_in_id=False,
    pages=("available",),
)
ABSORPTION_HA_PER_YEAR: Final = FigureKind(
    kind="absorption_ha_per_year",
    unit="ha/year",
    rule=f"{RULE}.pace",
    fr="Hectares de terrains vendus par an, sur les années civiles entières connues.",
    en="Hectares of terrains sold, a year, over the full calendar years on record.",
    day_in_id=False,
    pages=("available",),
)
SUPPLY_YEARS: Final = FigureKind(
    kind="supply_years",
    unit="years",
    rule=f"{RULE}.supply_years",
    fr="Années que dure la surface disponible au rythme des ventes des années civiles entières connues.",
    en="Years that available ground lasts at the pace of sales over the full calendar years on record.",
    day_in_id=False,
    pages=("available",),
)

FIRST_SALE_BEGINS_THE_RECORD: Final = Assumption(
    key="first_sale_begins_the_record",
    fr="Personne ne dit depuis quand les ventes sont connues : la première année entière est celle qui suit la "
    "première vente connue.",
    en="Nobody says since when sales are on record: the first full year is the one after the first known sale.",
)
TOO_FEW_YEARS: Final = Assumption(
    key="fewest_years",
    fr="Aucun rythme n’est calculé sur moins de trois années entières.",
    en="No pace is computed from fewer than three full years.",
)
SALES_WITHOUT_DATE: Final = Assumption(
    key="sales_without_date",
    fr="Certains terrains sont vendus sans que personne dise quand : ils l’ont été dans ces années ou non.",
    en="Some terrains are sold and nobody says when: they may have been sold in these years or not.",
)
SALES_WITHOUT_SHAPE: Final = Assumption(
    key="sales_without_shape",
    fr="Certains terrains vendus n’ont pas de contour publié : leurs hectares ne comptent pas, le rythme est un "
    "minimum.",
    en="Some terrains that were sold have no published shape: their hectares count for nothing, so the pace is a "
    "lower bound.",
)
LAST_SALE_ONLY: Final = Assumption(
    key="last_sale_only",
    fr="Un terrain vendu plusieurs fois compte au jour de sa dernière vente.",
    en="A terrain that was sold several times counts on the day of the last sale.",
)
PACE_GOES_ON: Final = Assumption(
    key="pace_goes_on",
    fr="Le rythme passé est lu comme celui des années à venir.",
    en="The pace of the past is read as that of the years to come.",
)

_NO_DAY: Final = np.datetime64("NaT", "ns")
_DAY: Final = np.timedelta64(1, "D")


def dated_sales(terrains: GeoDataFrame[Terrains]) -> GeoDataFrame[Sales]:
    """Return the terrains that are sold, or that were sold on a known date; without a date, the date is unknown."""
    sold = terrains[(terrains["sale"] == Sale.SOLD) | terrains["sold_on"].notna()]
    return _sales_layer(sold, sold["sold_on"].to_numpy(), sold["sold_on"].to_numpy())


def sales_between(editions: Mapping[dt.date, GeoDataFrame[Terrains]]) -> GeoDataFrame[Sales]:
    """Return the terrains that are sold in an edition and were not sold in the previous one.

    Each was sold after the date of the earlier edition and no later than that of the other, or on its `sold_on` if
    that is more precise. If the terrain is absent from the earlier edition, or its stage of sale is unknown there, it
    may have been sold before that date.
    """
    sales_found = []
    for day_before, day_after in pairwise(sorted(editions)):
        sale_before = dict(zip(editions[day_before]["terrain_id"], editions[day_before]["sale"], strict=True))
        terrains_after = editions[day_after]
        state_before = np.array(
            [sale_before.get(terrain, Sale.UNKNOWN.value) for terrain in terrains_after["terrain_id"]], dtype=object
        )
        sold = (terrains_after["sale"].to_numpy() == Sale.SOLD) & (state_before != Sale.SOLD)
        rows, was_unknown = terrains_after[sold], state_before[sold] == Sale.UNKNOWN
        sold_on = rows["sold_on"].to_numpy()
        bounds = np.where(was_unknown, _NO_DAY, np.datetime64(day_before, "ns") + _DAY), np.datetime64(day_after, "ns")
        day_is_closer = (sold_on <= bounds[1]) & (was_unknown | (sold_on >= bounds[0]))
        sales_found.append(_sales_layer(rows, *(np.where(day_is_closer, sold_on, bound) for bound in bounds)))
    if not sales_found:
        no_days = np.array([], dtype="datetime64[ns]")
        return _sales_layer(next(iter(editions.values())).iloc[:0], no_days, no_days)
    return conform(gpd.GeoDataFrame(pd.concat(sales_found, ignore_index=True)), Sales)


def _sales_layer(terrains: GeoDataFrame[Terrains], earliest: np.ndarray, latest: np.ndarray) -> GeoDataFrame[Sales]:
    frame = gpd.GeoDataFrame(
        {
            **{name: terrains[name].to_numpy() for name in ("terrain_id", "source_id", "basis")},
            "earliest": earliest.astype("datetime64[ns]"),
            "latest": latest.astype("datetime64[ns]"),
            "sold_m2": terrains.geometry.area.where(terrains.geometry.notna()).to_numpy(dtype=float),
        },
        geometry=layer_shapes(terrains),
        crs=terrains.crs,
    )
    return conform(frame.astype(dict.fromkeys(["terrain_id", "source_id", "basis"], "str")), Sales)


class Pace(NamedTuple):
    """Pace of sales: the complete years that it rests on, the hectares per year, and the sales that count.

    `per_year` is unknown if the years are too few. `sure` are the positions of the sales within the years, `maybe` of
    those that may be within them. `overlaid_m2` is the area that these sales would have in addition if each counted
    separately: land that was sold several times.
    """

    years: range
    per_year: Bounds
    sure: np.ndarray
    maybe: np.ndarray
    overlaid_m2: float


def full_years(sales: pd.DataFrame, *, at: dt.date, since: dt.date | None = None) -> range:
    """Return the complete calendar years of the record of sales that have ended by a day.

    Parameters
    ----------
    sales
        The record; sales after the day are promises.
    at
        The last day of the record.
    since
        The first day of the record; by default it lies within the year of the first sale.

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
    r"""Measure the hectares sold per year over the complete years of the record.

    .. math:: \frac{area(\bigcup_{surely\ within} sold)}{years} \le pace
              \le \frac{area(\bigcup_{maybe\ within} sold)}{years}

    The upper bound is unknown if a sale that may lie within the years is of a terrain without a geometry.
    """
    years = full_years(sales, at=at, since=since)
    begin, end = np.datetime64(f"{years.start}-01-01"), np.datetime64(f"{years.stop - 1}-12-31")
    earliest, latest = sales["earliest"].to_numpy(), sales["latest"].to_numpy()
    sure = (earliest >= begin) & (latest <= end)
    maybe = ~sure & ~(earliest > end) & ~(latest < begin)
    counted_sales = np.flatnonzero(sure), np.flatnonzero(maybe)
    if len(years) < FEWEST_YEARS:
        return Pace(years, Bounds(None, None), *counted_sales, 0.0)
    low, high = (to_ha(m2) / len(years) for m2 in _sold_m2_bounds(sales, sure, maybe))
    sold_m2 = sales["sold_m2"].to_numpy()[sure | maybe]
    per_year = Bounds(low, None if np.isnan(sold_m2).any() else high)
    return Pace(years, per_year, *counted_sales, max(float(np.nansum(sold_m2)) - high * len(years) * M2_PER_HA, 0.0))


def _sold_m2_bounds(sales: GeoDataFrame[Sales], sure: np.ndarray, maybe: np.ndarray) -> tuple[float, float]:
    """Return the least and the greatest area sold within the years, in square metres; overlapping land counts once.

    Land sold within the years under one key and at another time under another key counts in the upper bound only.
    """
    shapes = layer_shapes(sales)
    rows_with_shape = np.flatnonzero(~shapely.is_missing(shapes))
    faces, claims = cut_into_faces(
        shapes[rows_with_shape], list(zip(sure[rows_with_shape], maybe[rows_with_shape], strict=True))
    )
    sure_and_maybe = [
        (sure[rows_with_shape[list(claimants)]], maybe[rows_with_shape[list(claimants)]]) for claimants in claims
    ]
    may_be_within = np.array([(yes | perhaps).any() for yes, perhaps in sure_and_maybe], dtype=bool)
    surely_within = np.array([yes.any() and (yes | perhaps).all() for yes, perhaps in sure_and_maybe], dtype=bool)
    area = shapely.area(faces)
    return float(area[surely_within].sum()), float(area[may_be_within].sum())


def supply_years(on_offer: Bounds, per_year: Bounds) -> Bounds:
    """Divide the supply by the annual pace of sales; a bound with a pace of zero is unknown.

    >>> supply_years(Bounds(10, 20), Bounds(0, 4))
    Bounds(low=2.5, high=None)
    """
    return on_offer / Bounds(per_year.low or None, per_year.high or None)


def absorption_figures(terrains: GeoDataFrame[Terrains], available: Figure | None, *, at: dt.date) -> list[Figure]:
    """Compute the pace of sales and the years of supply, each with its provenance.

    Parameters
    ----------
    terrains
        With `sold_on` where it is known.
    available
        The present supply, in hectares; without it the years of supply are unknown.
    at
        The last day of the record of sales.

    Returns
    -------
    figures
        The number of complete years, unknown if no sale has a date; hectares sold per year and years of supply only
        if there are at least three such years. `rows` are the terrains that were, or may have been, sold within them;
        if none of these has a date, the terrains that have one as well.
    """
    sales = dated_sales(terrains)
    sales_pace = pace(sales, at=at)
    is_long_enough = len(sales_pace.years) >= FEWEST_YEARS
    counted_sales = np.union1d(sales_pace.sure, sales_pace.maybe)
    dated_sales_rows = np.flatnonzero((sales["latest"] <= pd.Timestamp(at)).to_numpy())
    cited_sales = dated_sales_rows if np.intersect1d(counted_sales, dated_sales_rows).size == 0 else counted_sales
    keys = set(sales["terrain_id"].iloc[np.union1d(counted_sales, cited_sales)])
    rows = cite_rows(terrains=terrains[terrains["terrain_id"].isin(list(keys))])
    assumption_flags = {
        FIRST_SALE_BEGINS_THE_RECORD: True,
        TOO_FEW_YEARS: not is_long_enough,
        SALES_WITHOUT_DATE: is_long_enough and len(sales_pace.maybe) > 0,
        SALES_WITHOUT_SHAPE: is_long_enough and bool(sales["sold_m2"].iloc[counted_sales].isna().any()),
        LAST_SALE_ONLY: is_long_enough,
        SHARED_ONCE: sales_pace.overlaid_m2 > TOLERANCE_M2,
    }
    years_on_record = Bounds.exactly(len(sales_pace.years)) if len(dated_sales_rows) else Bounds(None, None)
    figures = [ABSORPTION_YEARS.figure(WHOLE_TERRITORY, years_on_record, rows, at=at, assumes=assumption_flags)]
    if is_long_enough:
        figures.append(
            ABSORPTION_HA_PER_YEAR.figure(WHOLE_TERRITORY, sales_pace.per_year, rows, at=at, assumes=assumption_flags)
        )
    if is_long_enough and available is not None:
        figures.append(_supply_years_figure(available, figures[-1]))
    return figures


def _supply_years_figure(available: Figure, sold: Figure) -> Figure:
    """Divide the available hectares by the hectares sold per year."""
    return SUPPLY_YEARS.figure(
        WHOLE_TERRITORY,
        supply_years(available.bounds, sold.bounds),
        CitedRows().beside(available, sold),
        at=sold.at,
        numerator=available.figure_id,
        denominator=sold.figure_id,
        assumes=(*available.assumptions, *sold.assumptions, PACE_GOES_ON),
    )


def _compute(layers: MeasuredLayers, above: Mapping[str, Figure]) -> list[Figure]:
    if layers.terrains.empty:
        return []
    return absorption_figures(layers.terrains, above.get(AVAILABLE_HA.figure_id(WHOLE_TERRITORY)), at=layers.opening)


MEASURE: Final = Measure(
    name="absorption",
    figures=(ABSORPTION_YEARS, ABSORPTION_HA_PER_YEAR, SUPPLY_YEARS),
    assumptions=(
        FIRST_SALE_BEGINS_THE_RECORD,
        TOO_FEW_YEARS,
        SALES_WITHOUT_DATE,
        SALES_WITHOUT_SHAPE,
        LAST_SALE_ONLY,
        SHARED_ONCE,
        PACE_GOES_ON,
    ),
    needs=("availability",),
    compute=_compute,
)
