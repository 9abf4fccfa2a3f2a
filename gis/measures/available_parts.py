"""Provenance of sums of available land, part by part: sites and plots that a reader of a page may add up.

The parts are figures from the same function that computes the ledger, one site at a time. A sum of parts therefore
cites the rows, the basis and the assumptions that the ledger would cite for these sites together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.availability import (
    AVAILABLE_HA,
    EXCLUSIONS_BY_TEXT,
    GROSS_HA,
    IMMEDIATELY_AVAILABLE_HA,
    any_legal_reason,
    availability_figures,
)
from gis.measures.exclusions import exclusion_shape_pairs
from gis.measures.site_ground import GROUND_WITHOUT_SHAPE, GROUND_WITHOUT_TERRAIN
from gis.measures.topology import containing_sites, layer_shapes
from gis.provenance import Figure, row_name
from gis.schemas import Exclusions, Plots, Sites, Terrains

#: The kinds of figure of land that are given by site, in the order of the waterfall.
KINDS: Final = tuple(each.kind for each in (GROSS_HA, IMMEDIATELY_AVAILABLE_HA, AVAILABLE_HA))


@dataclass(frozen=True, slots=True)
class Part:
    """Provenance of one part of a sum: the rows that add area, the rows that remove area, and the assumptions.

    `asked` states that the part adds nothing: its rows are those that were evaluated, cited only if no part adds any.
    `of_rows` are the assumptions that apply if the rows are cited, `assumptions` those that always apply.
    """

    rows: tuple[str, ...]
    taken_by: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    of_rows: tuple[str, ...] = ()
    asked: bool = False


def parts_of_sites(
    sites: GeoDataFrame[Sites],
    terrains: GeoDataFrame[Terrains],
    exclusions: GeoDataFrame[Exclusions],
    those: Iterable[str],
) -> dict[str, dict[str, Part]]:
    """Return the provenance of the land of some sites, each with the sites inside it: by site and kind of figure.

    The kinds are `KINDS`: `gis.measures.availability.availability_figures`. Sites of which nothing has a geometry are
    left out.

    Raises
    ------
    CrsError
        If the layers are not in one CRS in metres.
    """
    outer_sites = containing_sites(sites)
    parts_by_site = {}
    for site in those:
        nested_site_ids = {each for each, around in outer_sites.items() if site in {each, *around}}
        nested_sites, nested_terrains = (
            sites[sites["site_id"].isin(nested_site_ids)],
            terrains[terrains["site_id"].isin(nested_site_ids)],
        )
        drawn_shapes = [
            shape for layer in (nested_sites, nested_terrains) for shape in layer_shapes(layer) if shape is not None
        ]
        if drawn_shapes:
            figures = availability_figures(
                nested_sites, nested_terrains, _exclusions_near_ground(exclusions, drawn_shapes)
            )
            parts_by_site[site] = {figure.kind: _part_of_figure(figure) for figure in figures if figure.kind in KINDS}
    return parts_by_site


def _exclusions_near_ground(exclusions: GeoDataFrame[Exclusions], ground: Sequence[object]) -> GeoDataFrame[Exclusions]:
    """Return the exclusions that may cover some of this land, and those without a geometry."""
    west, south, east, north = shapely.total_bounds(np.array(ground, dtype=object))
    left, bottom, right, top = shapely.bounds(layer_shapes(exclusions)).T
    buffers_m = exclusions["buffer_m"].fillna(0.0).to_numpy(dtype=float)
    is_away = (
        (left - buffers_m > east)
        | (right + buffers_m < west)
        | (bottom - buffers_m > north)
        | (top + buffers_m < south)
    )
    near: GeoDataFrame[Exclusions] = exclusions[~is_away]
    return near


def _part_of_figure(figure: Figure) -> Part:
    taken_by = tuple(row for row in figure.rows if row.startswith("exclusions/"))
    return Part(
        rows=tuple(row for row in figure.rows if row not in taken_by),
        taken_by=taken_by,
        assumptions=tuple(key for key in figure.assumptions if key not in OF_ROWS),
        of_rows=tuple(key for key in figure.assumptions if key in OF_ROWS),
        asked=figure.high == 0,
    )


def parts_of_plots(plots: GeoDataFrame[Plots], exclusions: GeoDataFrame[Exclusions], available: Figure) -> list[Part]:
    """Return the provenance of the land left of each plot: its terrains, and the exclusions that remove some of it.

    Parameters
    ----------
    plots, exclusions
        In one projected CRS in metres.
    available
        The available land of the whole territory (`available_ha`): its assumptions apply to each plot, except those
        that only another plot requires.

    Returns
    -------
    parts
        In the order of the plots. A plot without a geometry adds no known area.
    """
    shapes = layer_shapes(plots)
    rows_with_shape = np.flatnonzero(~shapely.is_missing(shapes))
    exclusions_by_plot: dict[int, set[int]] = {}
    for exclusion, place in exclusion_shape_pairs(shapes[rows_with_shape], exclusions).T.tolist():
        exclusions_by_plot.setdefault(int(rows_with_shape[place]), set()).add(exclusion)
    shared_assumptions = [key for key in available.assumptions if key not in OF_ONE_PART]
    parts = []
    for n, (terrains, left_ha) in enumerate(zip(plots["terrain_ids"], plots["left_ha"], strict=True)):
        cutting_exclusions = exclusions.iloc[sorted(exclusions_by_plot.get(n, ()))]
        plot_flags = {
            GROUND_WITHOUT_SHAPE: bool(np.isnan(left_ha)),
            EXCLUSIONS_BY_TEXT: any_legal_reason(cutting_exclusions),
        }
        parts.append(
            Part(
                rows=tuple(row_name("terrains", key) for key in terrains.split("|")),
                taken_by=tuple(row_name("exclusions", key) for key in cutting_exclusions["exclusion_id"]),
                assumptions=(*shared_assumptions, *(each.key for each, holds in plot_flags.items() if holds)),
                asked=bool(left_ha == 0),
            )
        )
    return parts


#: Assumptions about the rows that are cited, not about the area that exclusions remove.
OF_ROWS: Final = frozenset({GROUND_WITHOUT_TERRAIN.key})
#: Assumptions about a sum that come from one of its parts.
OF_ONE_PART: Final = frozenset(
    {each.key for each in (GROUND_WITHOUT_SHAPE, GROUND_WITHOUT_TERRAIN, EXCLUSIONS_BY_TEXT)}
)
