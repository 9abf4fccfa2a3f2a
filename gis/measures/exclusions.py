"""What exclusions take of shapes, reason by reason, and what they leave.

Several may cover the same ground. Three answers stand side by side, each true to its own question:

- `attributed`: each square metre counts for one reason, the first in a declared order; reasons add up to what is lost;
- `any`: what a reason covers, whatever else does; reasons do not add up;
- `only`: what a reason alone covers, so what comes back when it is lifted and all others stay.

An exclusion is its shape, widened by `buffer_m`. It takes what it covers; with `whole_from_share` it takes the whole of
each shape of which the exclusions of its reason and share cover that much between them, however they were cut up.
Exclusions of one reason are one ground: those that overlap or touch are joined before anything is measured.

Few shapes lie across a border of that ground. Those inside it are found by tests alone; only the others are cut, and
against pieces of it that have few vertices.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.errors import Fault, SchemaError
from gis.measures.topology import same_crs, shapes_of
from gis.schemas import Excluded, ExclusionReason, Exclusions, conform

#: Which reason a square metre counts for when several cover it, unless a territory says otherwise: what cannot be
#: changed first, what its owner can lift last.
PRIORITY: Final = tuple(ExclusionReason)

#: Ground with more vertices is cut into pieces before shapes are cut by it.
MANY_VERTICES: Final = 256
#: Sides of a quarter circle when a shape is widened.
QUARTER: Final = 16
#: How far a covered share may fall short of `whole_from_share`: areas are true to their last digits.
SHARE_TOLERANCE: Final = 1e-9


def priority_of(names: Iterable[str], place: str = "priority") -> tuple[ExclusionReason, ...]:
    """Return the whole order of reasons: those named, then the others in the order of `PRIORITY`.

    Raises
    ------
    SchemaError
        If a name is no reason, or stands twice.

    Examples
    --------
    >>> [reason.value for reason in priority_of(["heritage", "water"])[:4]]
    ['heritage', 'water', 'slope', 'contamination']
    """
    given = list(names)
    faults = [
        Fault(f"`{name}`", "is no reason.", f"Write one of {', '.join(PRIORITY)}.")
        for name in given
        if name not in set(ExclusionReason)
    ]
    faults += [Fault(f"`{name}`", "stands twice.", "Keep one.") for name in {*given} if given.count(name) > 1]
    if faults:
        raise SchemaError.of(place, faults)
    return tuple(dict.fromkeys([*(ExclusionReason(name) for name in given), *PRIORITY]))


class ExcludedAreas(NamedTuple):
    """Square metres by shape and reason, in the order of `PRIORITY`."""

    attributed: np.ndarray
    any: np.ndarray
    only: np.ndarray


@dataclass(frozen=True, slots=True)
class Split:
    """Shapes cut into cells, each covered by the same reasons throughout.

    `row` is the position of the shape that a cell is of, `reasons` one bit for each reason in the order of `PRIORITY`,
    `m2` its area. There is a cell for what is left of each shape, in order, before all others; `left` are their shapes,
    empty where nothing is left, and none unless they were asked for.
    """

    row: np.ndarray
    reasons: np.ndarray
    m2: np.ndarray
    gross_m2: np.ndarray
    left: np.ndarray

    @property
    def left_m2(self) -> np.ndarray:
        """What no reason covers of each shape, in square metres."""
        n = len(self.gross_m2)
        left: np.ndarray = np.where(self.reasons[:n] == 0, self.m2[:n], 0.0)
        return left

    def taken(self, priority: Sequence[ExclusionReason] = PRIORITY) -> ExcludedAreas:
        """Add up what each reason takes of each shape, ground of several reasons by a whole order of them."""
        shape = len(self.gross_m2), len(PRIORITY)
        first = np.full(len(self.row), -1)
        any_, only = np.zeros(shape), np.zeros(shape)
        for reason in reversed(priority):
            n = PRIORITY.index(reason)
            here = (self.reasons >> n & 1).astype(bool)
            alone = self.reasons == 1 << n
            first[here] = n
            any_[:, n] = np.bincount(self.row[here], self.m2[here], shape[0])
            only[:, n] = np.bincount(self.row[alone], self.m2[alone], shape[0])
        lost = first >= 0
        place = self.row[lost] * shape[1] + first[lost]
        attributed = np.bincount(place, self.m2[lost], shape[0] * shape[1]).astype(float)
        return ExcludedAreas(attributed.reshape(shape), any_, only)


def split(
    shapes: np.ndarray,
    exclusions: GeoDataFrame[Exclusions],
    *,
    divisible: np.ndarray | None = None,
    shaped: bool = False,
) -> Split:
    """Cut shapes by the reasons that cover them.

    Parameters
    ----------
    shapes
        Polygons in the CRS of the exclusions, in metres; none absent.
    exclusions
        Those without a shape take nothing.
    divisible
        Says of which shapes `whole_from_share` is not asked, as they are no terrains: they lose what is covered.
    shaped
        Whether `left` is wanted, which costs a cut more.
    """
    tree = shapely.STRtree(shapes)
    gross = shapely.area(shapes)
    indivisible = np.ones(len(shapes), dtype=bool) if divisible is None else ~divisible
    grounds, reason = _widened(exclusions), exclusions["reason"].to_numpy()
    share = exclusions["whole_from_share"].to_numpy(dtype=float)
    mask = np.zeros(len(shapes), dtype=np.int64)
    covers = {}
    for n, name in enumerate(PRIORITY):
        mine = (reason == name) & ~shapely.is_missing(grounds)
        if not mine.any():
            continue
        cover = _cover(shapes, tree, grounds[mine])
        inside = cover.inside.copy()
        for least in np.unique(share[mine & ~np.isnan(share)]):
            part = cover if (share[mine] == least).all() else _cover(shapes, tree, grounds[mine & (share == least)])
            covered = np.where(part.inside, gross, 0.0)
            cut = shapely.area(shapely.intersection(shapes[part.row], part.piece))
            covered += np.bincount(part.row, cut, len(shapes))
            inside |= indivisible & (covered > 0) & (covered >= (least - SHARE_TOLERANCE) * gross)
        mask[inside] |= 1 << n
        across = ~inside[cover.row]
        covers[n] = _Cover(inside, cover.row[across], cover.piece[across])
    return _cut(shapes, mask, covers, shaped=shaped)


def taking(shapes: np.ndarray, exclusions: GeoDataFrame[Exclusions]) -> np.ndarray:
    """Return the pairs of an exclusion and a shape that share ground: two rows of positions."""
    pieces, whose = _subdivided(_widened(exclusions))
    piece, row = shapely.STRtree(shapes).query(pieces, predicate="intersects")
    inner = ~shapely.touches(pieces[piece], shapes[row])
    return np.stack([whose[piece[inner]], row[inner]])


def excluded(
    layer: gpd.GeoDataFrame,
    exclusions: GeoDataFrame[Exclusions],
    *,
    key: str,
    priority: Iterable[str] = (),
) -> DataFrame[Excluded]:
    r"""Measure what exclusions take of each row of a layer: parcels, terrains, sites.

    .. math:: gross = left + \sum_r attributed_r, \quad only_r \le attributed_r \le any_r

    Parameters
    ----------
    layer
        Rows with shapes, each measured on its own; rows without are left out.
    exclusions
        In the CRS of the layer, in metres.
    key
        Column that names the rows.
    priority
        Reasons that a square metre counts for first, the first of them first; `PRIORITY` goes on from there.

    Returns
    -------
    excluded
        Square metres, in the order of the layer: for each row all reasons together (`reason` empty), then each reason
        that covers some of it, by priority. Together, attributed, any and only are all that is lost.

    Raises
    ------
    CrsError
        If the layers are not in one CRS in metres.
    SchemaError
        If `priority` names no reason, or one twice.

    Examples
    --------
    >>> from shapely import box
    >>> parcels = gpd.GeoDataFrame({"parcel_id": ["a"]}, geometry=[box(0, 0, 10, 10)], crs=3950)
    >>> away = gpd.GeoDataFrame(
    ...     {"reason": ["water", "heritage"], "buffer_m": [0.0, 0.0], "whole_from_share": [np.nan, np.nan]},
    ...     geometry=[box(0, 0, 6, 10), box(4, 0, 8, 10)], crs=3950)
    >>> excluded(parcels, away, key="parcel_id").drop(columns=["row", "gross_m2"])
         reason  left_m2  attributed_m2  any_m2  only_m2
    0               20.0           80.0    80.0     80.0
    1     water     20.0           60.0    60.0     40.0
    2  heritage     20.0           20.0    40.0     20.0
    """
    same_crs(layer, exclusions)
    order = priority_of(priority)
    shapes = shapes_of(layer)
    drawn = np.flatnonzero(~shapely.is_missing(shapes))
    found = split(shapes[drawn], exclusions)
    columns = [PRIORITY.index(reason) for reason in order]
    by_reason = [numbers[:, columns] for numbers in found.taken(order)]
    lost = by_reason[0].sum(axis=1)
    numbers = [np.column_stack([lost, each]) for each in by_reason]
    here = numbers[1] > 0
    here[:, 0] = True
    row, column = np.nonzero(here)
    frame = pd.DataFrame(
        {
            "row": pd.array(layer[key].to_numpy()[drawn][row], dtype="str"),
            "reason": pd.array(np.array(["", *(reason.value for reason in order)])[column], dtype="str"),
            "gross_m2": found.gross_m2[row],
            "left_m2": found.left_m2[row],
            **{
                f"{name}_m2": each[row, column]
                for name, each in zip(("attributed", "any", "only"), numbers, strict=True)
            },
        }
    )
    return conform(frame, Excluded)


# --- the ground of a reason ------------------------------------------------------------------------------------------


class _Cover(NamedTuple):
    """How ground lies on shapes: which are inside it, and which pieces of it lie across the border of which."""

    inside: np.ndarray
    row: np.ndarray
    piece: np.ndarray


def _widened(exclusions: GeoDataFrame[Exclusions]) -> np.ndarray:
    """Return the ground of each exclusion, its distance kept; absent where it has no shape."""
    shapes = shapes_of(exclusions)
    keep = exclusions["buffer_m"].fillna(0.0).to_numpy(dtype=float)
    wide = keep > 0
    shapes[wide] = shapely.buffer(shapes[wide], keep[wide], quad_segs=QUARTER)
    return shapes


def _cover(shapes: np.ndarray, tree: shapely.STRtree, grounds: np.ndarray) -> _Cover:
    """Find what ground covers: a shape inside one connected whole of it needs no cut."""
    wholes = shapely.get_parts(shapely.disjoint_subset_union_all(grounds))
    pieces, of = _subdivided(wholes)
    piece, row = tree.query(pieces, predicate="intersects")
    shapely.prepare(wholes)
    contained = shapely.contains_properly(wholes[of[piece]], shapes[row])
    inside = np.zeros(len(shapes), dtype=bool)
    inside[row[contained]] = True
    return _Cover(inside, row[~contained], pieces[piece[~contained]])


def _subdivided(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut shapes in halves until each is small, as a cut reads every vertex; return the pieces and whose."""
    whose = np.arange(len(shapes))
    pieces, owners = [shapes[:0]], [whose[:0]]
    while len(shapes):
        small = shapely.get_num_coordinates(shapes) <= MANY_VERTICES
        pieces.append(shapes[small])
        owners.append(whose[small])
        shapes, whose = shapes[~small], whose[~small]
        west, south, east, north = shapely.bounds(shapes).T
        wide = east - west >= north - south
        x, y = np.where(wide, (west + east) / 2, east), np.where(wide, north, (south + north) / 2)
        first = shapely.intersection(shapes, shapely.box(west, south, x, y))
        second = shapely.intersection(
            shapes, shapely.box(np.where(wide, x, west), np.where(wide, south, y), east, north)
        )
        parts, of = shapely.get_parts(np.concatenate([first, second]), return_index=True)
        ground = shapely.area(parts) > 0
        shapes, whose = parts[ground], np.concatenate([whose, whose])[of[ground]]
    return np.concatenate(pieces), np.concatenate(owners)


# --- cells -----------------------------------------------------------------------------------------------------------


def _cut(shapes: np.ndarray, mask: np.ndarray, covers: Mapping[int, _Cover], *, shaped: bool) -> Split:
    """Cut shapes by the ground of one reason after the other, each cell that lies across its border in two.

    What stays outside is drawn only where a later reason cuts the same shape, or when it is asked for; else its area
    is what the pieces inside leave.
    """
    last = np.full(len(shapes), -1)
    for n, cover in covers.items():
        last[cover.row] = n
    row, cell, gross = np.arange(len(shapes)), shapes.copy(), shapely.area(shapes)
    m2 = gross.copy()
    for n, cover in covers.items():
        cells = pd.DataFrame({"row": row, "cell": np.arange(len(row))})
        pairs = pd.DataFrame({"row": cover.row, "pair": np.arange(len(cover.row))}).merge(cells, on="row")
        at, piece = pairs["cell"].to_numpy(), cover.piece[pairs["pair"].to_numpy()]
        part = shapely.intersection(cell[at], piece)
        area = shapely.area(part)
        ground = area > 0
        at, piece, part, area = at[ground], piece[ground], part[ground], area[ground]
        m2 = np.maximum(m2 - np.bincount(at, area, len(m2)), 0.0)
        draw = shaped | (last[row[at]] > n)
        _subtract(cell, at[draw], piece[draw])
        row = np.concatenate([row, row[at]])
        mask = np.concatenate([mask, mask[at] | 1 << n])
        cell = np.concatenate([cell, part])
        m2 = np.concatenate([m2, area])
    left = cell[: len(shapes)] if shaped else shapes[:0]
    left[mask[: len(left)] != 0] = shapely.Polygon()
    return Split(row, mask, m2, gross, left)


def _subtract(cells: np.ndarray, at: np.ndarray, pieces: np.ndarray) -> None:
    """Take pieces away from cells, in place: the first piece of every cell at once, then the second."""
    order = np.argsort(at, kind="stable")
    at, pieces = at[order], pieces[order]
    rank = np.arange(len(at)) - np.searchsorted(at, at)
    for turn in range(rank.max(initial=-1) + 1):
        now = rank == turn
        cells[at[now]] = shapely.difference(cells[at[now]], pieces[now])
