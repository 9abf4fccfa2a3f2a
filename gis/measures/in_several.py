"""Land units that stand in several zones, where these share ground: one land unit each in a sum over the zones.

Two units of two zones are one where they share ground and have one owner, or are one parcel whose owner nobody knows.
What the border of a zone cuts apart stays several units, as long as no other zone has both sides of it.
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
from gis.measures.site_ground import sharing
from gis.measures.topology import TOLERANCE_M2, shapes_of

_NONE: Final = np.empty((0, 2), dtype=int)


@dataclass(frozen=True, slots=True)
class Once:
    """Land units of zones that share some, each once.

    `rows` are positions of their units in the layer; `whole` numbers the land unit that each of them is, from 0 on;
    `touching` are pairs of such numbers that share an edge.
    """

    sites: tuple[str, ...]
    rows: Ints
    whole: Ints
    touching: Ints

    @classmethod
    def of(cls, units: gpd.GeoDataFrame, touching: Ints, sites: tuple[str, ...], same: Ints) -> Self:
        """Put together the units of some zones, given pairs of positions that touch and pairs that are one."""
        place = np.full(len(units), -1)
        rows = np.flatnonzero(units["site_id"].isin(list(sites)))
        place[rows] = np.arange(len(rows))
        one, other = place[same].T
        graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(len(rows),) * 2)
        count, whole = connected_components(graph, directed=False)
        met = whole[place[touching[(place[touching] >= 0).all(axis=1)]]]
        return cls(sites, rows, whole, distinct_pairs(met[met[:, 0] != met[:, 1]], count))

    def fewest_and_most(self, owners: np.ndarray) -> tuple[int, int]:
        """Return how many land units there are, given the owner of each unit of the layer."""
        holder = self.of_each(owners, "first")
        return fewest_units(holder, self.touching), len(holder)

    def of_each(self, values: np.ndarray, which: str) -> np.ndarray:
        """Bring together what the layer says of the units of each whole: the `first`, the `max` or the `min` of it."""
        together: np.ndarray = pd.Series(values[self.rows]).groupby(self.whole).agg(which).to_numpy()
        return together

    @property
    def several(self) -> int:
        """How many of these land units stand in more than one zone."""
        return int((np.bincount(self.whole) > 1).sum())


def overlapping(sites: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    """Return the pairs of sites that share ground, by key."""
    outlines, ids = shapes_of(sites), sites["site_id"].to_numpy(dtype=object)
    drawn = np.flatnonzero(~shapely.is_missing(outlines))
    pairs = zip(*(each.tolist() for each in sharing(outlines[drawn], outlines[drawn])), strict=True)
    return [(ids[drawn[one]], ids[drawn[other]]) for one, other in pairs if one < other]


def standing_in_several(units: gpd.GeoDataFrame, pairs: Iterable[tuple[str, str]]) -> Ints:
    """Return the pairs of units, as positions in the layer, that are one land unit of both sites of a pair."""
    shapes, site = shapes_of(units), units["site_id"].to_numpy(dtype=object)
    where = pd.Series(site).groupby(site).indices
    owner, parcels = (units[name].to_numpy(dtype=object) for name in ("owner_id", "parcel_ids"))
    found = [_NONE]
    for pair in pairs:
        mine, its = (where.get(key, np.array([], dtype=int)) for key in pair)
        first, second = sharing(shapes[mine], shapes[its])
        a, b = mine[first], its[second]
        same = (owner[a] == owner[b]) & ((owner[a] != "") | (parcels[a] == parcels[b]))
        same &= shapely.area(shapely.intersection(shapes[a], shapes[b])) > TOLERANCE_M2
        found.append(np.stack([a[same], b[same]], axis=1))
    return np.concatenate(found)


def once(units: gpd.GeoDataFrame, touching: Ints, same: Ints) -> list[Once]:
    """Return, for each set of sites that have land units in common, these units each once."""
    site = units["site_id"].to_numpy(dtype=object)
    named, code = np.unique(site[same.ravel()].astype(str), return_inverse=True)
    one, other = code.reshape(-1, 2).T
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(len(named),) * 2)
    count, label = connected_components(graph, directed=False)
    found = []
    for n in range(count):
        sites = tuple(named[label == n].tolist())
        found.append(Once.of(units, touching, sites, same[np.isin(site[same[:, 0]], sites)]))
    return found
