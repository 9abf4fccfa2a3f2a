"""Area that each exclusion reason removes from otherwise available land, and the area that lifting it would free.

Land is otherwise available if its terrain is intended for business, unoccupied or vacant, for sale and serviced: all
the conditions of `gis.measures.availability` that come before exclusions. Terrains for which one of these is unknown
count in the upper bounds only, and so does land that no terrain covers.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.availability import (
    AVAILABLE_IS_DERIVED,
    EXCLUSIONS_BY_TEXT,
    EXCLUSIONS_LISTED,
    EXCLUSIONS_WITHOUT_SHAPE,
    any_legal_reason,
    available_before_exclusions,
    rows_without_upper_bound,
    shapeless_terrain_counts,
)
from gis.measures.exclusions import PRIORITY, exclusion_shape_pairs, reasons_by_priority, split_by_exclusions
from gis.measures.measure import WHOLE_TERRITORY, FigureKind, Measure, MeasuredLayers, cite_rows
from gis.measures.site_ground import (
    GROUND_WITHOUT_SHAPE,
    GROUND_WITHOUT_TERRAIN,
    TERRITORY,
    SiteGround,
    ground_of,
)
from gis.measures.topology import PARTS_ONCE, SHARED_ONCE, TOLERANCE_M2, check_same_crs
from gis.provenance import Bounds, Figure
from gis.schemas import FAMILIES, ExclusionReason, Exclusions, Lifting, Row, Sites, Terrains, conform, records
from gis.units import M2_PER_HA

RULE: Final = "gis.measures.lifting"

FREED_HA: Final = FigureKind(
    kind="freed_ha",
    unit="ha",
    rule=f"{RULE}.lifting",
    fr="Surface qui serait disponible aussi si les exclusions de ce motif étaient levées et toutes les autres "
    "maintenues.",
    en="Ground that would be available too if exclusions for this reason were lifted and all others stayed.",
    counts=("sites", "exclusions"),
    pages=("available",),
)

#: Quantities of a reason, in the order of computation.
QUANTITIES: Final = ("otherwise", "attributed", "any", "frees", "left")


def lifting(
    sites: GeoDataFrame[Sites],
    terrains: GeoDataFrame[Terrains],
    exclusions: GeoDataFrame[Exclusions],
    *,
    priority: Iterable[str] = (),
) -> DataFrame[Lifting]:
    r"""Measure what each reason removes from otherwise available land, and what lifting it alone would free.

    .. math:: otherwise = left + \sum_r attributed_r, \quad
              frees_r = available(exclusions \setminus r) - available(exclusions)

    No minimum size applies: freed land may be a strip too small for a plot. For plots of a minimum size, compare
    `availability` with and without the exclusions for a reason.

    Parameters
    ----------
    sites, terrains, exclusions
        In one projected CRS in metres.
    priority
        Reasons with the highest priority, in order: see `gis.measures.exclusions.reasons_by_priority`.

    Returns
    -------
    lifting
        Hectares: for each site in the order given, then for the territory (`site_id` empty), a row for all reasons
        together (`reason` empty) and one for each reason of an exclusion, by priority. NaN if the land of a site is
        unknown. The low values are of land that is available for certain except for exclusions, the high values of all
        land that may be.

    Raises
    ------
    CrsError
        If the layers are not in one CRS in metres.
    SchemaError
        If `priority` contains an unknown reason, or one twice.
    """
    check_same_crs(sites, exclusions)
    ground = ground_of(sites, terrains)
    order = reasons_by_priority(priority)
    return _lifting_by_site(
        ground,
        _hectares_by_unit(ground, terrains, exclusions, order),
        sites,
        terrains,
        _exclusions_by_reason(exclusions, order),
    )


def _exclusions_by_reason(
    exclusions: GeoDataFrame[Exclusions], order: Sequence[ExclusionReason]
) -> dict[ExclusionReason, GeoDataFrame[Exclusions]]:
    """Return the exclusions by reason, for each reason that occurs, by priority."""
    return {reason: of_reason for reason in order if len(of_reason := exclusions[exclusions["reason"] == reason])}


def _hectares_by_unit(
    ground: SiteGround,
    terrains: GeoDataFrame[Terrains],
    exclusions: GeoDataFrame[Exclusions],
    order: Sequence[ExclusionReason],
) -> np.ndarray:
    """Return hectares by unit, reason (all together, then those that occur), quantity and bound."""
    sure, open_ = available_before_exclusions(ground, terrains)
    ground_split = split_by_exclusions(ground.shape[open_], exclusions, divisible=ground.terrain[open_] < 0)
    columns = [PRIORITY.index(reason) for reason in _exclusions_by_reason(exclusions, order)]
    taken_m2 = [numbers[:, columns] for numbers in ground_split.taken(order)]
    lost_m2 = taken_m2[0].sum(axis=1)
    whole, left = (
        np.repeat(m2[:, None], len(columns) + 1, axis=1) for m2 in (ground_split.gross_m2, ground_split.left_m2)
    )
    high = np.zeros((len(sure), len(columns) + 1, len(QUANTITIES)))
    high[open_] = np.stack([whole, *(np.column_stack([lost_m2, each]) for each in taken_m2), left], axis=-1) / M2_PER_HA
    return np.stack([np.where(sure[:, None, None], high, 0.0), high], axis=-1)


def _lifting_by_site(
    ground: SiteGround,
    hectares: np.ndarray,
    sites: GeoDataFrame[Sites],
    terrains: GeoDataFrame[Terrains],
    occurring: Mapping[ExclusionReason, GeoDataFrame[Exclusions]],
) -> DataFrame[Lifting]:
    sums = ground.sums(hectares)
    per_site = ground.sites_counted(sites, shapeless_terrain_counts(ground, terrains, sites)[:, -1])
    counts = np.array([(len(of_reason), of_reason.geometry.isna().sum()) for of_reason in occurring.values()]).reshape(
        -1, 2
    )
    listed, undrawn = np.vstack([counts.sum(axis=0), counts]).T
    site_row_count = len(sites) + 1
    frame = pd.DataFrame(
        {
            **{name: np.repeat(values, len(listed)) for name, values in per_site.items()},
            "reason": pd.array(["", *(reason.value for reason in occurring)] * site_row_count, dtype="str"),
            "family": pd.array(["", *(FAMILIES[reason].value for reason in occurring)] * site_row_count, dtype="str"),
            "exclusions": np.tile(listed.astype("int64"), site_row_count),
            "undrawn": np.tile(undrawn.astype("int64"), site_row_count),
            **{
                f"{name}_{bound}_ha": sums[:, :, quantity, n].reshape(-1)
                for quantity, name in enumerate(QUANTITIES)
                for n, bound in enumerate(("low", "high"))
            },
        }
    )
    return conform(frame, Lifting)


def lifting_figures(
    sites: GeoDataFrame[Sites], terrains: GeoDataFrame[Terrains], exclusions: GeoDataFrame[Exclusions]
) -> list[Figure]:
    """Compute the land of the territory that lifting each reason of an exclusion would free, each with its provenance.

    Returns
    -------
    figures
        In hectares, by `PRIORITY`. `rows` are the terrains that would gain, the sites whose land outside terrains
        would, and the exclusions for the reason that cover some of it; all exclusions for the reason if nothing would
        gain. The upper bound is `None` as long as land that could count has no geometry, or if none of these
        exclusions has one; both bounds are `None` if no land has a geometry.
    """
    check_same_crs(sites, exclusions)
    ground = ground_of(sites, terrains)
    occurring = _exclusions_by_reason(exclusions, PRIORITY)
    hectares = _hectares_by_unit(ground, terrains, exclusions, PRIORITY)
    by_site = _lifting_by_site(ground, hectares, sites, terrains, occurring)
    is_bounded = not rows_without_upper_bound(by_site, sites, ground).any()
    sums = by_site[(by_site["site_id"] == TERRITORY) & (by_site["reason"] != "")]

    def figure(n: int, row: Row, mine: GeoDataFrame[Exclusions]) -> Figure:
        gaining_units = np.flatnonzero(ground.counts & (hectares[:, n, QUANTITIES.index("frees"), 1] > 0))
        terrain_rows, bare_site_rows = ground.claiming(gaining_units)
        any_site_known = row["sites_known"] > 0
        assumption_flags = {
            AVAILABLE_IS_DERIVED: True,
            GROUND_WITHOUT_TERRAIN: len(bare_site_rows) > 0,
            GROUND_WITHOUT_SHAPE: not is_bounded,
            PARTS_ONCE: bool((sites["part_of"] != "").any()),
            SHARED_ONCE: ground.overlaid_m2 > TOLERANCE_M2,
            EXCLUSIONS_LISTED: True,
            EXCLUSIONS_BY_TEXT: len(gaining_units) > 0 and any_legal_reason(mine),
            EXCLUSIONS_WITHOUT_SHAPE: bool(exclusions.geometry.isna().any()),
        }
        return FREED_HA.figure(
            WHOLE_TERRITORY,
            Bounds(
                row["frees_low_ha"] if any_site_known else None,
                row["frees_high_ha"] if any_site_known and is_bounded and row["undrawn"] < len(mine) else None,
            ),
            cite_rows(
                terrains=terrains.iloc[terrain_rows],
                sites=sites.iloc[bare_site_rows],
                exclusions=mine.iloc[np.unique(exclusion_shape_pairs(ground.shape[gaining_units], mine)[0])]
                if len(gaining_units)
                else mine,
            ),
            detail=f"@{row['reason']}",
            assumes=assumption_flags,
        )

    return [
        figure(n, row, mine) for n, (row, mine) in enumerate(zip(records(sums), occurring.values(), strict=True), 1)
    ]


def _compute(layers: MeasuredLayers, _: Mapping[str, Figure]) -> list[Figure]:
    return lifting_figures(layers.sites, layers.terrains, layers.exclusions) if len(layers.terrains) else []


MEASURE: Final = Measure(
    name="lifting",
    figures=(FREED_HA,),
    assumptions=(
        AVAILABLE_IS_DERIVED,
        GROUND_WITHOUT_TERRAIN,
        GROUND_WITHOUT_SHAPE,
        PARTS_ONCE,
        SHARED_ONCE,
        EXCLUSIONS_LISTED,
        EXCLUSIONS_BY_TEXT,
        EXCLUSIONS_WITHOUT_SHAPE,
    ),
    compute=_compute,
)
