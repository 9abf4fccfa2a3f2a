"""The ground of sites, cut into units that are measured once: terrains, and what no terrain covers."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.coverage import same_crs, shapes_of, wholes
from gis.provenance import Basis, row_name
from gis.schemas import KEYS, Sites, Terrains

#: The `site_id` of a row that sums the sites.
TERRITORY: Final = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """Ground cut into units: each terrain with a shape, and what no terrain covers of each site and its parts.

    `site` and `terrain` are positions in the layers, -1 for no terrain. The terrains of a site are also those of its
    wholes; what no terrain covers is found anew for each, as terrains of the whole may lie on a part. `above` are the
    positions of the wholes of each site. `outlined` are the sites that have a shape, `known` those that have one or a
    terrain that has.
    """

    site: np.ndarray
    terrain: np.ndarray
    shape: np.ndarray
    above: tuple[tuple[int, ...], ...]
    outlined: np.ndarray
    known: np.ndarray

    @property
    def counted(self) -> np.ndarray:
        """Say which sites a sum takes: those that are known and lie in none that is."""
        counted: np.ndarray = self.known & ~self._inside(self.known)
        return counted

    @property
    def units_counted(self) -> np.ndarray:
        """Say which units a sum takes."""
        units: np.ndarray = (self.terrain >= 0) | self.counted[self.site]
        return units

    @property
    def bounded(self) -> np.ndarray:
        """Say which sites lie in a known outline: ground of theirs that has no shape is in it."""
        bounded: np.ndarray = self.outlined | self._inside(self.outlined)
        return bounded

    def _inside(self, those: np.ndarray) -> np.ndarray:
        return np.array([those[list(above)].any() for above in self.above], dtype=bool)

    def with_parts(self, own: np.ndarray) -> np.ndarray:
        """Add to the numbers of each site, along the first axis, those of the sites inside it."""
        total = own.copy()
        for site, above in enumerate(self.above):
            for whole in above:
                total[whole] += own[site]
        return total

    def by_site(self, values: np.ndarray) -> np.ndarray:
        """Add up the numbers of units, along the first axis, by site; NaN where a site is not known."""
        covered = self.terrain >= 0
        total = np.zeros((len(self.above), *values.shape[1:]))
        np.add.at(total, self.site[covered], values[covered])
        total = self.with_parts(total)
        np.add.at(total, self.site[~covered], values[~covered])
        total[~self.known] = np.nan
        return total

    def and_sum(self, by_site: np.ndarray) -> np.ndarray:
        """Append to the numbers of sites, along the first axis, their sum; NaN when no site is known."""
        counted = by_site[self.counted]
        total = counted.sum(axis=0) if len(counted) else np.full(by_site.shape[1:], np.nan)
        return np.concatenate([by_site, total[None]])

    def sites_counted(self, sites: GeoDataFrame[Sites], without_shape: np.ndarray) -> dict[str, Any]:
        """Return what a row says of its sites, for each site and then for the territory.

        `without_shape` are numbers of terrains by site, those of its parts included.
        """
        tops = np.array([not above for above in self.above], dtype=bool)
        return {
            "site_id": pd.array([*sites["site_id"], TERRITORY], dtype="str"),
            "sites": np.append(np.ones(len(tops), dtype="int64"), tops.sum()),
            "sites_known": np.append(self.known, (tops & self.known).sum()).astype("int64"),
            "without_shape": np.append(without_shape, without_shape[tops].sum()),
        }


def ground_of(sites: GeoDataFrame[Sites], terrains: GeoDataFrame[Terrains]) -> Ground:
    """Cut the ground of sites into units; terrains of sites that are not there are left out."""
    same_crs(sites, terrains)
    inside = wholes(sites)
    at = {site: n for n, site in enumerate(inside)}
    above = tuple(tuple(at[whole] for whole in inside[site]) for site in inside)
    outlines, pieces = shapes_of(sites), shapes_of(terrains)
    owner = np.array([at.get(site, -1) for site in terrains["site_id"]], dtype=int)
    drawn = np.flatnonzero((owner >= 0) & ~shapely.is_missing(pieces))
    outlined = ~shapely.is_missing(outlines)
    known = outlined.copy()
    known[owner[drawn]] = True
    covering: list[list[Any]] = [[] for _ in above]
    for site, piece in zip(owner[drawn].tolist(), pieces[drawn], strict=True):
        for here in (site, *above[site]):
            covering[here].append(piece)
    whole: list[list[Any]] = [[] for _ in above]
    for site in np.flatnonzero(outlined).tolist():
        for here in (site, *above[site]):
            whole[here].append(outlines[site])
    left = outlines.copy()
    for site in np.flatnonzero(known).tolist():
        left[site] = shapely.difference(shapely.union_all(whole[site]), shapely.union_all(covering[site]))
    some = np.flatnonzero(known & (shapely.area(left) > 0))
    return Ground(
        site=np.concatenate([owner[drawn], some]),
        terrain=np.concatenate([drawn, np.full(len(some), -1)]),
        shape=np.concatenate([pieces[drawn], left[some]]),
        above=above,
        outlined=outlined,
        known=known,
    )


def cited(**layers: pd.DataFrame) -> dict[str, Any]:
    """Return what a figure says of the rows that it rests on: their names, their sources, the weakest basis."""
    return {
        "rows": tuple(row_name(name, key) for name, rows in layers.items() for key in rows[KEYS[name]]),
        "sources": tuple(dict.fromkeys(source for rows in layers.values() for source in rows["source_id"])),
        "basis": Basis.weakest(basis for rows in layers.values() for basis in rows["basis"]),
    }
