"""The layout of one site on a plane, in whole metres: blocks, the roads between them, the terrains of each block."""

import heapq
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from gis.demo.fabric import Floats, Ints

#: Corners of lots stand on multiples of so many metres: none is so near another that moving it could cross it.
GRID_M: Final = 4
#: Width of a road between two blocks, in metres.
_ROAD_M: Final = 16
#: Longest piece of a road, in metres: a longer one would not follow a bend.
_PIECE_M: Final = 200
#: Lots that a block should have, and the number from which a site has more than one block.
_PER_BLOCK: Final = 11
_ONE_BLOCK: Final = 8
#: A block is this much longer than it is wide.
_ASPECT: Final = 1.35

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """A site on paper: boxes are west, south, east, north.

    `block` and `twin` go with `lots`: the block of each lot, and the number of the lot it was cut from last together
    with another (its own number when there is none).
    """

    size: tuple[int, int]
    lots: Ints
    block: Ints
    twin: Ints
    roads: Ints


def draw_site_plan(rng: np.random.Generator, terrains: int, lot_m2: float, *, blocks: int = 0) -> Plan:
    """Draw a site of so many terrains: its lots, and one more for the roads when it has any.

    Parameters
    ----------
    rng
        Varies widths and cuts.
    terrains
        Terrains of the site, roads included.
    lot_m2
        Mean area of a lot, in square metres.
    blocks
        Least number of blocks; 0 lets the number of terrains decide.
    """
    count = 1 if terrains < _ONE_BLOCK else max(2, round((terrains - 1) / _PER_BLOCK))
    count = max(count, blocks)
    lots = terrains - (count > 1)
    columns = 1 if count < 3 else max(2, round(math.sqrt(count / _ASPECT)))  # noqa: PLR2004  (two blocks: one road)
    rows = math.ceil(count / columns)
    per_block = np.full(count, lots // count)
    per_block[rng.permutation(count)[: lots % count]] += 1
    area = lot_m2 * lots / count
    widths = _lengths_on_grid(math.sqrt(area * _ASPECT) * rng.uniform(0.85, 1.2, columns))
    heights = _lengths_on_grid(math.sqrt(area / _ASPECT) * rng.uniform(0.85, 1.2, rows))
    west = np.concatenate([[0], np.cumsum(widths + _ROAD_M)[:-1]])
    south = np.concatenate([[0], np.cumsum(heights + _ROAD_M)[:-1]])
    east, north = west + widths, south + heights

    boxes: list[Box] = []
    block: list[int] = []
    twin: list[int] = []
    for n in range(count):
        row, column = divmod(n, columns)
        block_box = (int(west[column]), int(south[row]), int(east[column]), int(north[row]))
        pieces = _cut_box(rng, block_box, int(per_block[n]))
        start = len(boxes)
        first_of_parent: dict[int, int] = {}
        for at, (piece, parent) in enumerate(pieces, start):
            twin.append(first_of_parent.setdefault(parent, at))
            boxes.append(piece)
            block.append(n)
    roads = [
        piece
        for row in range(rows - 1)
        for start, end in pairwise([*west.tolist(), int(east[-1])])
        for piece in slices_of_box(
            (start, int(north[row]), end, int(south[row + 1])), math.ceil((end - start) / _PIECE_M)
        )
    ]
    for n in range(count - 1):
        row, column = divmod(n, columns)
        if column < columns - 1:
            roads.append((int(east[column]), int(south[row]), int(west[column + 1]), int(north[row])))
    return Plan(
        size=(int(east[-1]), int(north[-1])),
        lots=np.array(boxes, dtype=np.int64).reshape(-1, 4),
        block=np.array(block, dtype=np.int64),
        twin=np.array(twin, dtype=np.int64),
        roads=np.array(roads, dtype=np.int64).reshape(-1, 4),
    )


def _lengths_on_grid(lengths: Floats) -> Ints:
    return np.rint(lengths / GRID_M).astype(np.int64) * GRID_M


def _cut_box(rng: np.random.Generator, whole: Box, count: int) -> list[tuple[Box, int]]:
    """Cut a box into so many, the largest first, across its longer side; say which ones were cut together."""
    heap = [(-_box_area(whole), 0, whole, 0)]
    shares = rng.uniform(0.4, 0.6, count)
    for n in range(1, count):
        _, _, (west, south, east, north), _ = heapq.heappop(heap)
        if east - west >= north - south:
            middle = west + GRID_M * round((east - west) * shares[n] / GRID_M)
            halves = ((west, south, middle, north), (middle, south, east, north))
        else:
            middle = south + GRID_M * round((north - south) * shares[n] / GRID_M)
            halves = ((west, south, east, middle), (west, middle, east, north))
        for side, half in enumerate(halves):
            heapq.heappush(heap, (-_box_area(half), 2 * n + side, half, n))
    return [(box, parent) for _, _, box, parent in sorted(heap, key=lambda item: (item[2][1], item[2][0]))]


def _box_area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def slices_of_box(box: Box, parts: int, *, grid_m: int = GRID_M) -> list[Box]:
    """Cut a box across its longer side into so many equal parts, on multiples of `grid_m` from its corner."""
    west, south, east, north = box
    is_wide = east - west >= north - south
    start, end = (west, east) if is_wide else (south, north)
    cuts = [start + grid_m * round((end - start) * n / parts / grid_m) for n in range(parts)]
    pairs = zip(cuts, [*cuts[1:], end], strict=True)
    return [(a, south, b, north) if is_wide else (west, a, east, b) for a, b in pairs]
