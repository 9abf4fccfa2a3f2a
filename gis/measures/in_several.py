"""Land units that belong to several overlapping zones: each counts once in a sum over the zones.

Two units of two zones are the same land unit if they overlap and have one owner, or if they are one parcel whose owner
is unknown. Pieces separated by the boundary of a zone stay separate units, unless another zone contains both sides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.measures.adjacency import Ints, distinct_pairs
from gis.measures.land_units import fewest_units
from gis.measures.site_ground import pairs_sharing_ground
from gis.measures.topology import TOLERANCE_M2, layer_shapes

_NONE: Final = np.empty((0, 2), dtype=int)


@dataclass(frozen=True, slots=True)
class Once:
    """Land units of zones that overlap, each counted once.

    `rows` are the positions of their units in the layer; `whole` gives the number of the land unit of each, from 0;
    `touching` are pairs of such numbers that share an edge.
    """

    sites: tuple[str, ...]
    rows: Ints
    whole: Ints
    touching: Ints

    @classmethod
    def of(cls, units: gpd.GeoDataFrame, touching: Ints, sites: tuple[str, ...], same: Ints) -> Self:
        """Merge the units of some zones, given pairs of positions that share an edge and pairs that are one unit."""
        row_numbers = np.full(len(units), -1)
        rows = np.flatnonzero(units["site_id"].isin(list(sites)))
        row_numbers[rows] = np.arange(len(rows))
        one, other = row_numbers[same].T
        graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(len(rows),) * 2)
        count, whole = connected_components(graph, directed=False)
        touching_wholes = whole[row_numbers[touching[(row_numbers[touching] >= 0).all(axis=1)]]]
        return cls(
            sites, rows, whole, distinct_pairs(touching_wholes[touching_wholes[:, 0] != touching_wholes[:, 1]], count)
        )

    def fewest_and_most(self, owners: np.ndarray) -> tuple[int, int]:
        """Return the least and the greatest number of land units, given the owner of each unit of the layer."""
        holder = self.of_each(owners, "first")
        return fewest_units(holder, self.touching), len(holder)

    def of_each(self, values: np.ndarray, which: str) -> np.ndarray:
        """Aggregate values of the layer by land unit: the `first`, the `max` or the `min` of its units."""
        values_by_whole: np.ndarray = pd.Series(values[self.rows]).groupby(self.whole).agg(which).to_numpy()
        return values_by_whole

    @property
    def several(self) -> int:
        """Number of these land units that lie in more than one zone."""
        return int((np.bincount(self.whole) > 1).sum())


def overlapping_site_pairs(sites: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    """Return the pairs of sites that overlap, by key."""
    outlines, ids = layer_shapes(sites), sites["site_id"].to_numpy(dtype=object)
    rows_with_shape = np.flatnonzero(~shapely.is_missing(outlines))
    pairs = zip(
        *(each.tolist() for each in pairs_sharing_ground(outlines[rows_with_shape], outlines[rows_with_shape])),
        strict=True,
    )
    return [(ids[rows_with_shape[one]], ids[rows_with_shape[other]]) for one, other in pairs if one < other]


def shared_unit_pairs(units: gpd.GeoDataFrame, pairs: Iterable[tuple[str, str]]) -> Ints:
    """Return the pairs of units, as positions in the layer, that are one land unit in both sites of a pair."""
    shapes, site = layer_shapes(units), units["site_id"].to_numpy(dtype=object)
    units_by_site = pd.Series(site).groupby(site).indices
    owner, parcels = (units[name].to_numpy(dtype=object) for name in ("owner_id", "parcel_ids"))
    pairs_found = [_NONE]
    for pair in pairs:
        first_units, second_units = (units_by_site.get(key, np.array([], dtype=int)) for key in pair)
        first, second = pairs_sharing_ground(shapes[first_units], shapes[second_units])
        a, b = first_units[first], second_units[second]
        is_one_unit = (owner[a] == owner[b]) & ((owner[a] != "") | (parcels[a] == parcels[b]))
        is_one_unit &= shapely.area(shapely.intersection(shapes[a], shapes[b])) > TOLERANCE_M2
        pairs_found.append(np.stack([a[is_one_unit], b[is_one_unit]], axis=1))
    return np.concatenate(pairs_found)


def shared_units_once(units: gpd.GeoDataFrame, touching: Ints, same: Ints) -> list[Once]:
    """Return, for each set of sites with common land units, these units once each."""
    site = units["site_id"].to_numpy(dtype=object)
    site_names, code = np.unique(site[same.ravel()].astype(str), return_inverse=True)
    one, other = code.reshape(-1, 2).T
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(len(site_names),) * 2)
    count, label = connected_components(graph, directed=False)
    units_once = []
    for n in range(count):
        sites = tuple(site_names[label == n].tolist())
        units_once.append(Once.of(units, touching, sites, same[np.isin(site[same[:, 0]], sites)]))
    return units_once
