"""Buildings inside terrains, and the premises into which they are divided."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from gis.demo import cases, ground
from gis.demo.chance import some
from gis.demo.fabric import Floats, Ints, area_m2, dissolve, tile
from gis.demo.land import DemoLayer, Land, box_size
from gis.schemas import Occupied

#: Premises of the main building of the focus site.
FOCUS_PREMISES: Final = 8
#: Distance of a building from the edge of its terrain: a share of the side, and metres.
_MARGIN: Final = 0.12
_MARGIN_M: Final = 6
#: Part of what is left that a building takes in each direction.
_FILL: Final = (0.55, 0.92)
#: From this area on, in square metres, a terrain may have two buildings, this far from each other, in metres.
_LARGE_M2: Final = 14_000
_APART_M: Final = 12
_TWO: Final = 0.5
#: Chances up to which a building has one, two and three premises; beyond, four.
_PREMISES: Final = (0.6, 0.82, 0.93)
#: Least width of premises, in metres.
_LEAST_M: Final = 6
#: Share of derelict terrains that have a building.
_DERELICT: Final = 0.7
_LEVELS: Final = (1.0, 1.0, 1.0, 1.1, 1.25, 2.0)


@dataclass(frozen=True, slots=True)
class BuiltLots:
    """Buildings and premises; `terrain` is the number of the terrain of each premises.

    Premises of one building follow one another, and those of the main building of the focus site come first.
    """

    buildings: DemoLayer
    premises: DemoLayer
    terrain: Ints


def built(rng: np.random.Generator, land: Land) -> BuiltLots:
    """Build on the terrains whose state says so.

    Returns
    -------
    built
        `buildings` (building_id, site_id, building_name, height_m) and `premises` (premises_id, site_id,
        premises_name, building_id, floor_m2, height_m, docks, vacant_since; some unknown), with their shapes in
        longitude and latitude. Every
        occupied or vacant terrain has a building with premises; a derelict one has a building without; one in
        transition has a yard: premises without a building.
    """
    strips = _strips(rng, land)
    terrain, building, box = strips["terrain"].to_numpy(), strips["building"].to_numpy(), _boxes(strips)
    shapes = tile(rng, land.places, land.plane[terrain], box, jitter=0.0)
    state = land.terrains.table["occupied"].to_numpy()[terrain]
    site_ids = land.sites.table["site_id"].to_numpy()[land.site[terrain]]
    yard, derelict = state == Occupied.IN_TRANSITION, state == Occupied.DERELICT

    walls = np.flatnonzero(~yard)
    numbers, group = np.unique(building[walls], return_inverse=True)
    first = walls[np.searchsorted(building[walls], numbers)]
    building_ids = _ids(site_ids[first], "b")
    height = np.where(some(rng, len(numbers), 0.93), np.rint(rng.uniform(45, 160, len(numbers))) / 10, np.nan)
    named = ["Grande halle", *[""] * (len(numbers) - 1)]  # the main building of the focus site comes first
    buildings = pd.DataFrame(
        {"building_id": building_ids, "site_id": site_ids[first], "building_name": named, "height_m": height}
    )

    held = np.flatnonzero(~derelict)
    keys = np.full(len(strips), "", dtype=object)
    keys[walls] = np.array(building_ids, dtype=object)[group]
    storeys = np.full(len(strips), np.nan)
    storeys[walls] = height[group]
    premises = _premises(rng, site_ids[held], keys[held], storeys[held], area_m2(shapes[held]))
    return BuiltLots(
        buildings=DemoLayer(buildings, dissolve(shapes[walls], group, len(numbers))),
        premises=DemoLayer(premises.assign(vacant_since=_vacant_since(land, terrain[held])), shapes[held]),
        terrain=terrain[held],
    )


def _vacant_since(land: Land, terrain: Ints) -> np.ndarray:
    """Say since when premises are known to be vacant; of most nobody says."""
    said = [n for n, case in land.cases.items() if case.said_vacant]
    return np.where(np.isin(terrain, said), np.datetime64(cases.VACANT, "ns"), np.datetime64("NaT", "ns"))


def _premises(
    rng: np.random.Generator, site_ids: np.ndarray, building_ids: np.ndarray, height: np.ndarray, area: np.ndarray
) -> pd.DataFrame:
    """Describe the premises; a yard has no floor, height or docks."""
    count = len(site_ids)
    indoors = building_ids != ""
    sure = site_ids == site_ids[0]  # the focus site comes first
    floor = np.rint(
        area * np.where(np.arange(count) < FOCUS_PREMISES, 1.0, np.array(_LEVELS)[rng.integers(0, len(_LEVELS), count)])
    )
    known = indoors & (sure | (some(rng, count, 0.93)))
    free = np.maximum(np.round(height - rng.uniform(0.6, 1.8, count), 1), 2.5)
    docks = rng.binomial(10, np.clip(area / 20_000, 0.02, 0.6))
    ids = _ids(site_ids, "p")
    labels = [
        f"{'Cellule' if inside else 'Cour'} {key.rpartition('-p')[2].lstrip('0')}"
        for key, inside in zip(ids, indoors.tolist(), strict=True)
    ]
    return pd.DataFrame(
        {
            "premises_id": ids,
            "site_id": site_ids,
            "premises_name": labels,
            "building_id": building_ids,
            "floor_m2": np.where(known, floor, np.nan),
            "height_m": np.where(known, free, np.nan),
            "docks": np.where(indoors & (some(rng, count, 0.8)), docks, np.nan),
        }
    )


def _strips(rng: np.random.Generator, land: Land) -> pd.DataFrame:
    """Lay out buildings on paper, cut into strips: terrain, building, west, south, east, north."""
    state = land.terrains.table["occupied"].to_numpy()
    size = box_size(land.box)
    indoors = np.isin(state, [Occupied.OCCUPIED, Occupied.VACANT])
    derelict = (state == Occupied.DERELICT) & (some(rng, len(state), _DERELICT))
    large = indoors & (size > _LARGE_M2) & (some(rng, len(state), _TWO))
    large[land.focus] = False
    wanted = np.flatnonzero((indoors | derelict | (state == Occupied.IN_TRANSITION)) & (size > 0))
    fill = rng.uniform(*_FILL, (len(state), 2, 2))
    fill[land.focus] = _FILL[1]
    place = rng.random((len(state), 2))
    parts = np.searchsorted(_PREMISES, rng.random((len(state), 2))) + 1
    # The main building of the focus site is the first of all.
    wanted = np.append([land.focus], wanted[wanted != land.focus])
    rows: list[tuple[int, int, int, int, int, int]] = []
    building = 0
    for n in wanted[np.argsort(land.site[wanted], kind="stable")].tolist():
        inset = _inset(land.box[n].tolist())
        for half, which in enumerate(_two(inset) if large[n] else [inset]):
            box = _part(which, fill[n, half], place[n, half])
            most = max(1, max(box[2] - box[0], box[3] - box[1]) // _LEAST_M)
            count = FOCUS_PREMISES if n == land.focus else min(most, int(parts[n, half])) if indoors[n] else 1
            rows += [(n, building, *strip) for strip in ground.slices(box, count, grid_m=1)]
            building += 1
    return pd.DataFrame(rows, columns=["terrain", "building", "west", "south", "east", "north"], dtype=np.int64)


def _boxes(strips: pd.DataFrame) -> Ints:
    return strips[["west", "south", "east", "north"]].to_numpy(dtype=np.int64)


def _inset(box: list[int]) -> ground.Box:
    west, south, east, north = box
    x = max(_MARGIN_M, round(_MARGIN * (east - west)))
    y = max(_MARGIN_M, round(_MARGIN * (north - south)))
    return west + x, south + y, east - x, north - y


def _two(box: ground.Box) -> list[ground.Box]:
    """Cut a box across its longer side and leave room between the halves."""
    west, south, east, north = box
    if east - west >= north - south:
        middle = (west + east) // 2
        return [(west, south, middle - _APART_M // 2, north), (middle + _APART_M // 2, south, east, north)]
    middle = (south + north) // 2
    return [(west, south, east, middle - _APART_M // 2), (west, middle + _APART_M // 2, east, north)]


def _part(box: ground.Box, fill: Floats, place: float) -> ground.Box:
    """Take a part of a box, somewhere in it."""
    west, south, east, north = box
    width, depth = max(1, round((east - west) * fill[0])), max(1, round((north - south) * fill[1]))
    x, y = west + round((east - west - width) * place), south + round((north - south - depth) * (1 - place))
    return x, y, x + width, y + depth


def _ids(site_ids: np.ndarray, letter: str) -> list[str]:
    """Return keys of rows, numbered within their site; they come site after site."""
    _, start, counts = np.unique(site_ids, return_index=True, return_counts=True)
    width = max(3, len(str(counts.max(initial=1))))
    number = np.arange(len(site_ids)) - np.repeat(start, counts) + 1
    return [f"{site}-{letter}{n:0{width}d}" for site, n in zip(site_ids, number.tolist(), strict=True)]
