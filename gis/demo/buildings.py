"""Buildings inside terrains, and the premises into which they are divided."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from gis.demo import cases, ground
from gis.demo.chance import random_mask
from gis.demo.fabric import Floats, Ints, demo_area_m2, dissolve_groups, tile_polygons
from gis.demo.land import DemoLayer, Land, box_areas_m2
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


def build_on_terrains(rng: np.random.Generator, land: Land) -> BuiltLots:
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
    strips = _building_strips(rng, land)
    terrain, building, box = strips["terrain"].to_numpy(), strips["building"].to_numpy(), _boxes_of_strips(strips)
    shapes = tile_polygons(rng, land.places, land.plane[terrain], box, jitter=0.0)
    state = land.terrains.table["occupied"].to_numpy()[terrain]
    site_ids = land.sites.table["site_id"].to_numpy()[land.site[terrain]]
    yard, derelict = state == Occupied.IN_TRANSITION, state == Occupied.DERELICT

    walls = np.flatnonzero(~yard)
    numbers, group = np.unique(building[walls], return_inverse=True)
    first = walls[np.searchsorted(building[walls], numbers)]
    building_ids = _keys_within_site(site_ids[first], "b")
    height = np.where(random_mask(rng, len(numbers), 0.93), np.rint(rng.uniform(45, 160, len(numbers))) / 10, np.nan)
    building_names = ["Grande halle", *[""] * (len(numbers) - 1)]  # the main building of the focus site comes first
    buildings = pd.DataFrame(
        {"building_id": building_ids, "site_id": site_ids[first], "building_name": building_names, "height_m": height}
    )

    with_premises = np.flatnonzero(~derelict)
    keys = np.full(len(strips), "", dtype=object)
    keys[walls] = np.array(building_ids, dtype=object)[group]
    storeys = np.full(len(strips), np.nan)
    storeys[walls] = height[group]
    premises = _premises_table(
        rng, site_ids[with_premises], keys[with_premises], storeys[with_premises], demo_area_m2(shapes[with_premises])
    )
    return BuiltLots(
        buildings=DemoLayer(buildings, dissolve_groups(shapes[walls], group, len(numbers))),
        premises=DemoLayer(
            premises.assign(vacant_since=_vacant_since(land, terrain[with_premises])), shapes[with_premises]
        ),
        terrain=terrain[with_premises],
    )


def _vacant_since(land: Land, terrain: Ints) -> np.ndarray:
    """Say since when premises are known to be vacant; of most nobody says."""
    said_vacant_terrains = [n for n, case in land.cases.items() if case.said_vacant]
    return np.where(
        np.isin(terrain, said_vacant_terrains), np.datetime64(cases.VACANT, "ns"), np.datetime64("NaT", "ns")
    )


def _premises_table(
    rng: np.random.Generator, site_ids: np.ndarray, building_ids: np.ndarray, height: np.ndarray, area: np.ndarray
) -> pd.DataFrame:
    """Describe the premises; a yard has no floor, height or docks."""
    count = len(site_ids)
    indoors = building_ids != ""
    in_focus_site = site_ids == site_ids[0]  # the focus site comes first
    floor = np.rint(
        area * np.where(np.arange(count) < FOCUS_PREMISES, 1.0, np.array(_LEVELS)[rng.integers(0, len(_LEVELS), count)])
    )
    is_known = indoors & (in_focus_site | (random_mask(rng, count, 0.93)))
    clear_height = np.maximum(np.round(height - rng.uniform(0.6, 1.8, count), 1), 2.5)
    docks = rng.binomial(10, np.clip(area / 20_000, 0.02, 0.6))
    ids = _keys_within_site(site_ids, "p")
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
            "floor_m2": np.where(is_known, floor, np.nan),
            "height_m": np.where(is_known, clear_height, np.nan),
            "docks": np.where(indoors & (random_mask(rng, count, 0.8)), docks, np.nan),
        }
    )


def _building_strips(rng: np.random.Generator, land: Land) -> pd.DataFrame:
    """Lay out buildings on paper, cut into strips: terrain, building, west, south, east, north."""
    state = land.terrains.table["occupied"].to_numpy()
    size = box_areas_m2(land.box)
    indoors = np.isin(state, [Occupied.OCCUPIED, Occupied.VACANT])
    derelict = (state == Occupied.DERELICT) & (random_mask(rng, len(state), _DERELICT))
    large = indoors & (size > _LARGE_M2) & (random_mask(rng, len(state), _TWO))
    large[land.focus] = False
    terrains_to_build = np.flatnonzero((indoors | derelict | (state == Occupied.IN_TRANSITION)) & (size > 0))
    fill = rng.uniform(*_FILL, (len(state), 2, 2))
    fill[land.focus] = _FILL[1]
    place = rng.random((len(state), 2))
    parts = np.searchsorted(_PREMISES, rng.random((len(state), 2))) + 1
    # The main building of the focus site is the first of all.
    terrains_to_build = np.append([land.focus], terrains_to_build[terrains_to_build != land.focus])
    rows: list[tuple[int, int, int, int, int, int]] = []
    building = 0
    for n in terrains_to_build[np.argsort(land.site[terrains_to_build], kind="stable")].tolist():
        inset = _inset_box(land.box[n].tolist())
        for half, lot_box in enumerate(_two_boxes(inset) if large[n] else [inset]):
            box = _part_of_box(lot_box, fill[n, half], place[n, half])
            most_premises = max(1, max(box[2] - box[0], box[3] - box[1]) // _LEAST_M)
            count = FOCUS_PREMISES if n == land.focus else min(most_premises, int(parts[n, half])) if indoors[n] else 1
            rows += [(n, building, *strip) for strip in ground.slices_of_box(box, count, grid_m=1)]
            building += 1
    return pd.DataFrame(rows, columns=["terrain", "building", "west", "south", "east", "north"], dtype=np.int64)


def _boxes_of_strips(strips: pd.DataFrame) -> Ints:
    return strips[["west", "south", "east", "north"]].to_numpy(dtype=np.int64)


def _inset_box(box: list[int]) -> ground.Box:
    west, south, east, north = box
    x = max(_MARGIN_M, round(_MARGIN * (east - west)))
    y = max(_MARGIN_M, round(_MARGIN * (north - south)))
    return west + x, south + y, east - x, north - y


def _two_boxes(box: ground.Box) -> list[ground.Box]:
    """Cut a box across its longer side and leave room between the halves."""
    west, south, east, north = box
    if east - west >= north - south:
        middle = (west + east) // 2
        return [(west, south, middle - _APART_M // 2, north), (middle + _APART_M // 2, south, east, north)]
    middle = (south + north) // 2
    return [(west, south, east, middle - _APART_M // 2), (west, middle + _APART_M // 2, east, north)]


def _part_of_box(box: ground.Box, fill: Floats, place: float) -> ground.Box:
    """Take a part of a box, somewhere in it."""
    west, south, east, north = box
    width, depth = max(1, round((east - west) * fill[0])), max(1, round((north - south) * fill[1]))
    x, y = west + round((east - west - width) * place), south + round((north - south - depth) * (1 - place))
    return x, y, x + width, y + depth


def _keys_within_site(site_ids: np.ndarray, letter: str) -> list[str]:
    """Return keys of rows, numbered within their site; they come site after site."""
    _, start, counts = np.unique(site_ids, return_index=True, return_counts=True)
    width = max(3, len(str(counts.max(initial=1))))
    number = np.arange(len(site_ids)) - np.repeat(start, counts) + 1
    return [f"{site}-{letter}{n:0{width}d}" for site, n in zip(site_ids, number.tolist(), strict=True)]
