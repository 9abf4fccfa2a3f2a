"""Offer curve: the available hectares by size of the plot searched for (1 ha, 5 ha, 20 ha …)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.errors import Fault, SchemaError
from gis.measures.availability import available_before_exclusions, shapeless_terrain_counts
from gis.measures.exclusions import split_by_exclusions
from gis.measures.plot_shape import AREA_TOLERANCE_M2, largest_piece_m2
from gis.measures.site_ground import ground_of
from gis.measures.topology import check_same_crs
from gis.schemas import Exclusions, OfferCurve, Sites, Terrains, conform
from gis.units import M2_PER_HA

#: The default plot sizes, in hectares.
SIZES_HA: Final = (0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0)


def offer_curve(
    sites: GeoDataFrame[Sites],
    terrains: GeoDataFrame[Terrains],
    exclusions: GeoDataFrame[Exclusions],
    *,
    sizes_ha: Sequence[float] = SIZES_HA,
    min_width_m: float = 0.0,
) -> DataFrame[OfferCurve]:
    """Measure the available land for each plot size.

    What is left of a terrain counts if one connected piece of it has at least that size. This is the last step of
    `gis.measures.availability.availability` for each `min_ha`, computed in one pass. The curve never rises with size.

    Parameters
    ----------
    sites, terrains, exclusions
        In one projected CRS in metres.
    sizes_ha
        Plot sizes, above 0.
    min_width_m
        The piece must also contain a circle of this diameter.

    Returns
    -------
    curve
        For each site in the order given, then for the territory (`site_id` empty), a row per size in the order given,
        in hectares; NaN if the land of a site is unknown.

    Raises
    ------
    CrsError
        If the layers are not in one CRS in metres.
    SchemaError
        If there is no size, or one is not above 0.
    """
    check_same_crs(sites, exclusions)
    wrong_sizes = [size for size in sizes_ha if not size > 0]
    if wrong_sizes or not len(sizes_ha):
        complaint = f"{wrong_sizes[0]:g} ha is no size of a plot." if wrong_sizes else "there is none."
        raise SchemaError.of("sizes of plots", [Fault("", complaint, "Give hectares above 0.")])
    sizes = np.array(sizes_ha, dtype=float)
    ground = ground_of(sites, terrains)
    sure, open_ = available_before_exclusions(ground, terrains)
    ground_split = split_by_exclusions(
        ground.shape[open_], exclusions, divisible=ground.terrain[open_] < 0, shaped=True
    )
    largest = largest_piece_m2(ground_split.left, sizes.min(), min_width_m)
    enough = largest[:, None] >= sizes * M2_PER_HA - AREA_TOLERANCE_M2
    hectares = np.zeros((len(ground.shape), len(sizes)))
    hectares[open_] = np.where(enough, ground_split.left_m2[:, None], 0.0) / M2_PER_HA
    low, high = (ground.sums(each).reshape(-1) for each in (np.where(sure[:, None], hectares, 0.0), hectares))
    per_site = ground.sites_counted(sites, shapeless_terrain_counts(ground, terrains, sites)[:, -1])
    frame = pd.DataFrame(
        {
            **{name: np.repeat(values, len(sizes)) for name, values in per_site.items()},
            "min_ha": np.tile(sizes, len(sites) + 1),
            "available_low_ha": low,
            "available_high_ha": high,
        }
    )
    return conform(frame, OfferCurve)
