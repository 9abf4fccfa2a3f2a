"""Communes that tile the territory, and the location of the sites in them."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely

from gis.demo import names
from gis.demo.fabric import ORIGIN, Floats, Ints, Shapes, degrees_from_cc50

#: How many sites a commune has on average.
_SITES_EACH: Final = 2.5
#: Fewest and most communes; the codes are 99001 to 99999, a department that does not exist.
_FEWEST, _MOST = 3, 999
_DEPARTMENT: Final = "99"
#: Least side of the square that a site stands in, in metres, and how much of it a site may fill.
_SLOT_M: Final = 1_000.0
_FILLED: Final = 0.8
#: Height of the band that the territory stays in, in metres: the zone measures true there.
_BAND_M: Final = 60_000.0
#: Pieces of a side of a commune, and how far their ends stray, as a share of a slot.
_PIECES: Final = 4
_STRAY: Final = 0.07
#: One site in so many lies in two communes.
_ACROSS_EVERY: Final = 12


@dataclass(frozen=True, slots=True)
class Lattice:
    """Square communes, row after row from the south-west, each with `slots` × `slots` places for a site."""

    count: int
    columns: int
    slots: int
    slot_m: float

    @property
    def cell_m(self) -> float:
        """Side of a commune."""
        return self.slots * self.slot_m

    @property
    def corner(self) -> Floats:
        """South-west corner of the territory, in CC50."""
        rows = math.ceil(self.count / self.columns)
        return np.array(ORIGIN) - self.cell_m * np.array([self.columns, rows]) / 2


def commune_lattice(grounds: int, longest_m: float) -> Lattice:
    """Lay out communes for so many grounds, the longest diagonal of which is given in metres."""
    count = min(max(_FEWEST, math.ceil(grounds / _SITES_EACH)), _MOST)
    slots = max(2, math.ceil(math.sqrt(1.6 * grounds / count)))
    slot_m = max(_SLOT_M, longest_m / _FILLED)
    rows = max(1, min(round(math.sqrt(0.7 * count)), int(_BAND_M // (slots * slot_m))))
    return Lattice(count, math.ceil(count / rows), slots, slot_m)


def site_centres(rng: np.random.Generator, plan: Lattice, grounds: int) -> Floats:
    """Choose where grounds stand: their centres in CC50. Some of the last ones lie across a border."""
    row, column = np.divmod(np.arange(plan.count), plan.columns)
    south, west = np.divmod(np.arange(plan.slots**2), plan.slots)
    x = (column[:, None] * plan.slots + west).ravel()
    y = (row[:, None] * plan.slots + south).ravel()
    pairs = np.flatnonzero((column[:-1] % 2 == 0) & (row[:-1] == row[1:]))
    pairs = pairs[: grounds // _ACROSS_EVERY + int(grounds > 2)]  # noqa: PLR2004  (one of three is enough)
    border = column[pairs] * plan.slots + plan.slots - 1
    is_taken = np.isin(x, np.concatenate([border, border + 1])) & np.isin(y, row[pairs] * plan.slots)
    free_slots = rng.permutation(np.flatnonzero(~is_taken))[: grounds - len(pairs)]
    slots = np.concatenate(
        [
            np.column_stack([x[free_slots] + 0.5, y[free_slots] + 0.5]),
            np.column_stack([border + 1.0, row[pairs] * plan.slots + 0.5]),
        ]
    )
    return plan.corner + plan.slot_m * slots


def communes_of_lattice(rng: np.random.Generator, plan: Lattice) -> tuple[pd.DataFrame, Shapes]:
    """Make the communes: insee, commune_name; and their shapes, in longitude and latitude."""
    rows = math.ceil(plan.count / plan.columns)
    nodes_across, nodes_up = plan.columns * _PIECES + 1, rows * _PIECES + 1
    j, i = np.divmod(np.arange(nodes_across * nodes_up), nodes_across)
    grid = np.column_stack([i, j]) * plan.cell_m / _PIECES
    stray = rng.uniform(-_STRAY, _STRAY, grid.shape) * plan.slot_m
    ground = degrees_from_cc50(plan.corner + grid + stray)
    side = np.arange(_PIECES)
    ring_i = np.concatenate([side, np.full(_PIECES, _PIECES), _PIECES - side, np.zeros(_PIECES, dtype=np.int64)])
    ring_j = np.roll(ring_i, _PIECES)
    row, column = np.divmod(np.arange(plan.count), plan.columns)
    node = (row[:, None] * _PIECES + ring_j) * nodes_across + column[:, None] * _PIECES + ring_i
    shapes = shapely.polygons(ground[node])
    codes = [f"{_DEPARTMENT}{n:03d}" for n in range(1, plan.count + 1)]
    table = pd.DataFrame({"insee": codes, "commune_name": names.commune_names(rng, plan.count)})
    return table, np.asarray(shapes)


def commune_of_points(shapes: Shapes, points: Shapes) -> Ints:
    """Return the number of the commune that each point lies in."""
    point, commune = shapely.STRtree(shapes).query(points, predicate="intersects")
    commune_numbers = np.zeros(len(points), dtype=np.int64)
    commune_numbers[point[::-1]] = commune[::-1]
    return commune_numbers


def communes_of_sites(shapes: Shapes, sites: Shapes) -> list[list[int]]:
    """Return the numbers of the communes that each site lies in, the one of its middle first."""
    site, commune = shapely.STRtree(shapes).query(sites, predicate="intersects")
    middle = commune_of_points(shapes, shapely.point_on_surface(sites))
    communes_by_site: list[list[int]] = [[int(n)] for n in middle]
    for n, other in sorted(zip(site.tolist(), commune.tolist(), strict=True)):
        if other != middle[n]:
            communes_by_site[n].append(other)
    return communes_by_site
