"""Area that exclusions remove from features, by reason, and the area that is left.

Several exclusions may cover the same land. Three areas are given for each reason; each answers its own question:

- `attributed`: each square metre counts for one reason, the first in a declared order of priority. These areas add up
  to the total loss.
- `any`: all that a reason covers, whether or not other reasons cover it too. These areas do not add up.
- `only`: what this reason alone covers: the area gained if it is lifted and all others stay.

The area of an exclusion is its geometry with a buffer of `buffer_m`. It removes what it covers. With
`whole_from_share`, exclusions of the same reason and share remove the whole of each feature of which they cover at
least that share together, however they are split. Exclusions of one reason are merged before anything is measured.

Performance: few features cross the boundary of an exclusion. Features inside it are found by predicates alone; only
those on the boundary are intersected, with pieces of the exclusion that have few vertices.
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
from gis.measures.topology import check_same_crs, layer_shapes
from gis.schemas import Excluded, ExclusionReason, Exclusions, conform

#: The reason for which a square metre counts if several cover it, unless a territory overrides the order: first what
#: cannot be changed, last what the owner can lift.
PRIORITY: Final = tuple(ExclusionReason)

#: Geometries with more vertices are subdivided before features are intersected with them.
MANY_VERTICES: Final = 256
#: Number of segments per quarter circle of a buffer.
QUARTER: Final = 16
#: By how much a covered share may fall short of `whole_from_share`: floating-point error of areas.
SHARE_TOLERANCE: Final = 1e-9


def reasons_by_priority(names: Iterable[str], place: str = "priority") -> tuple[ExclusionReason, ...]:
    """Return the complete order of reasons: the named ones, then the others in the order of `PRIORITY`.

    Raises
    ------
    SchemaError
        If a name is not a reason, or occurs twice.

    Examples
    --------
    >>> [reason.value for reason in reasons_by_priority(["heritage", "water"])[:4]]
    ['heritage', 'water', 'slope', 'contamination']
    """
    named_reasons = list(names)
    faults = [
        Fault(f"`{name}`", "is no reason.", f"Write one of {', '.join(PRIORITY)}.")
        for name in named_reasons
        if name not in set(ExclusionReason)
    ]
    faults += [
        Fault(f"`{name}`", "stands twice.", "Keep one.") for name in {*named_reasons} if named_reasons.count(name) > 1
    ]
    if faults:
        raise SchemaError.of(place, faults)
    return tuple(dict.fromkeys([*(ExclusionReason(name) for name in named_reasons), *PRIORITY]))


class ExcludedAreas(NamedTuple):
    """Areas in square metres by feature and reason, in the order of `PRIORITY`."""

    attributed: np.ndarray
    any: np.ndarray
    only: np.ndarray


@dataclass(frozen=True, slots=True)
class Split:
    """Features split into cells; each cell is covered by the same reasons throughout.

    `row` is the position of the feature to which a cell belongs, `reasons` has one bit per reason in the order of
    `PRIORITY`, `m2` is the area. The first cells are the uncovered rests of the features, one each, in order; `left`
    are their geometries: empty if nothing is left, and absent unless requested.
    """

    row: np.ndarray
    reasons: np.ndarray
    m2: np.ndarray
    gross_m2: np.ndarray
    left: np.ndarray

    @property
    def left_m2(self) -> np.ndarray:
        """Area of each feature that no reason covers, in square metres."""
        n = len(self.gross_m2)
        uncovered_m2: np.ndarray = np.where(self.reasons[:n] == 0, self.m2[:n], 0.0)
        return uncovered_m2

    def taken(self, priority: Sequence[ExclusionReason] = PRIORITY) -> ExcludedAreas:
        """Sum the area that each reason removes from each feature; `priority` is a complete order of the reasons."""
        shape = len(self.gross_m2), len(PRIORITY)
        first_reason = np.full(len(self.row), -1)
        any_, only = np.zeros(shape), np.zeros(shape)
        for reason in reversed(priority):
            n = PRIORITY.index(reason)
            is_covered = (self.reasons >> n & 1).astype(bool)
            is_covered_alone = self.reasons == 1 << n
            first_reason[is_covered] = n
            any_[:, n] = np.bincount(self.row[is_covered], self.m2[is_covered], shape[0])
            only[:, n] = np.bincount(self.row[is_covered_alone], self.m2[is_covered_alone], shape[0])
        is_lost = first_reason >= 0
        flat_index = self.row[is_lost] * shape[1] + first_reason[is_lost]
        attributed = np.bincount(flat_index, self.m2[is_lost], shape[0] * shape[1]).astype(float)
        return ExcludedAreas(attributed.reshape(shape), any_, only)


def split_by_exclusions(
    shapes: np.ndarray,
    exclusions: GeoDataFrame[Exclusions],
    *,
    divisible: np.ndarray | None = None,
    shaped: bool = False,
) -> Split:
    """Split features by the reasons that cover them.

    Parameters
    ----------
    shapes
        Polygons in the CRS of the exclusions, in metres; none absent.
    exclusions
        Those without a geometry remove nothing.
    divisible
        Flags of the features to which `whole_from_share` does not apply, as they are not terrains: they lose only what
        is covered.
    shaped
        Whether `left` is required, which costs one more intersection.
    """
    tree = shapely.STRtree(shapes)
    gross_m2 = shapely.area(shapes)
    indivisible = np.ones(len(shapes), dtype=bool) if divisible is None else ~divisible
    grounds, reason = _widened_grounds(exclusions), exclusions["reason"].to_numpy()
    whole_shares = exclusions["whole_from_share"].to_numpy(dtype=float)
    reason_mask = np.zeros(len(shapes), dtype=np.int64)
    cover_by_reason = {}
    for n, name in enumerate(PRIORITY):
        of_reason = (reason == name) & ~shapely.is_missing(grounds)
        if not of_reason.any():
            continue
        cover = _ground_cover(shapes, tree, grounds[of_reason])
        is_inside = cover.inside.copy()
        for least_share in np.unique(whole_shares[of_reason & ~np.isnan(whole_shares)]):
            share_cover = (
                cover
                if (whole_shares[of_reason] == least_share).all()
                else _ground_cover(shapes, tree, grounds[of_reason & (whole_shares == least_share)])
            )
            covered_m2 = np.where(share_cover.inside, gross_m2, 0.0)
            cut_m2 = shapely.area(shapely.intersection(shapes[share_cover.row], share_cover.piece))
            covered_m2 += np.bincount(share_cover.row, cut_m2, len(shapes))
            is_inside |= indivisible & (covered_m2 > 0) & (covered_m2 >= (least_share - SHARE_TOLERANCE) * gross_m2)
        reason_mask[is_inside] |= 1 << n
        is_across = ~is_inside[cover.row]
        cover_by_reason[n] = _Cover(is_inside, cover.row[is_across], cover.piece[is_across])
    return _cut_by_reasons(shapes, reason_mask, cover_by_reason, shaped=shaped)


def exclusion_shape_pairs(shapes: np.ndarray, exclusions: GeoDataFrame[Exclusions]) -> np.ndarray:
    """Return the pairs of an exclusion and a feature that overlap: two rows of positions."""
    pieces, exclusion_of_piece = _subdivided_shapes(_widened_grounds(exclusions))
    piece, row = shapely.STRtree(shapes).query(pieces, predicate="intersects")
    shares_ground = ~shapely.touches(pieces[piece], shapes[row])
    return np.stack([exclusion_of_piece[piece[shares_ground]], row[shares_ground]])


def excluded(
    layer: gpd.GeoDataFrame,
    exclusions: GeoDataFrame[Exclusions],
    *,
    key: str,
    priority: Iterable[str] = (),
) -> DataFrame[Excluded]:
    r"""Measure the area that exclusions remove from each row of a layer: parcels, terrains or sites.

    .. math:: gross = left + \sum_r attributed_r, \quad only_r \le attributed_r \le any_r

    Parameters
    ----------
    layer
        Rows with geometries, each measured separately; rows without a geometry are left out.
    exclusions
        In the CRS of the layer, in metres.
    key
        Column with the keys of the rows.
    priority
        Reasons with the highest priority, in order; the others follow in the order of `PRIORITY`.

    Returns
    -------
    excluded
        Square metres, in the order of the layer: for each row all reasons together (`reason` empty), then each reason
        that covers some of it, by priority. In the row for all reasons, attributed, any and only equal the total loss.
        that covers some of it, by priority. Together, attributed, any and only are all that is lost.

    Raises
    ------
    CrsError
        If the layers are not in one CRS in metres.
    SchemaError
        If `priority` contains an unknown reason, or one twice.

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
    check_same_crs(layer, exclusions)
    order = reasons_by_priority(priority)
    shapes = layer_shapes(layer)
    rows_with_shape = np.flatnonzero(~shapely.is_missing(shapes))
    ground_split = split_by_exclusions(shapes[rows_with_shape], exclusions)
    columns = [PRIORITY.index(reason) for reason in order]
    by_reason = [numbers[:, columns] for numbers in ground_split.taken(order)]
    lost_m2 = by_reason[0].sum(axis=1)
    numbers = [np.column_stack([lost_m2, each]) for each in by_reason]
    has_area = numbers[1] > 0
    has_area[:, 0] = True
    row, column = np.nonzero(has_area)
    frame = pd.DataFrame(
        {
            "row": pd.array(layer[key].to_numpy()[rows_with_shape][row], dtype="str"),
            "reason": pd.array(np.array(["", *(reason.value for reason in order)])[column], dtype="str"),
            "gross_m2": ground_split.gross_m2[row],
            "left_m2": ground_split.left_m2[row],
            **{
                f"{name}_m2": each[row, column]
                for name, each in zip(("attributed", "any", "only"), numbers, strict=True)
            },
        }
    )
    return conform(frame, Excluded)


# --- the area of a reason --------------------------------------------------------------------------------------------


class _Cover(NamedTuple):
    """Cover of features by an area: the features inside it, and the pieces of it that cross the boundary of others."""

    inside: np.ndarray
    row: np.ndarray
    piece: np.ndarray


def _widened_grounds(exclusions: GeoDataFrame[Exclusions]) -> np.ndarray:
    """Return the geometry of each exclusion with its buffer; absent if it has no geometry."""
    shapes = layer_shapes(exclusions)
    buffers_m = exclusions["buffer_m"].fillna(0.0).to_numpy(dtype=float)
    is_buffered = buffers_m > 0
    shapes[is_buffered] = shapely.buffer(shapes[is_buffered], buffers_m[is_buffered], quad_segs=QUARTER)
    return shapes


def _ground_cover(shapes: np.ndarray, tree: shapely.STRtree, grounds: np.ndarray) -> _Cover:
    """Find the features that an area covers: a feature inside one connected part of it needs no intersection."""
    wholes = shapely.get_parts(shapely.disjoint_subset_union_all(grounds))
    pieces, whole_of_piece = _subdivided_shapes(wholes)
    piece, row = tree.query(pieces, predicate="intersects")
    shapely.prepare(wholes)
    is_contained = shapely.contains_properly(wholes[whole_of_piece[piece]], shapes[row])
    is_inside = np.zeros(len(shapes), dtype=bool)
    is_inside[row[is_contained]] = True
    return _Cover(is_inside, row[~is_contained], pieces[piece[~is_contained]])


def _subdivided_shapes(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split polygons in halves until each has few vertices; return the pieces and the position of their polygon."""
    shape_of_piece = np.arange(len(shapes))
    pieces, piece_owners = [shapes[:0]], [shape_of_piece[:0]]
    while len(shapes):
        is_small = shapely.get_num_coordinates(shapes) <= MANY_VERTICES
        pieces.append(shapes[is_small])
        piece_owners.append(shape_of_piece[is_small])
        shapes, shape_of_piece = shapes[~is_small], shape_of_piece[~is_small]
        west, south, east, north = shapely.bounds(shapes).T
        is_wide = east - west >= north - south
        x, y = np.where(is_wide, (west + east) / 2, east), np.where(is_wide, north, (south + north) / 2)
        first = shapely.intersection(shapes, shapely.box(west, south, x, y))
        second = shapely.intersection(
            shapes, shapely.box(np.where(is_wide, x, west), np.where(is_wide, south, y), east, north)
        )
        parts, half_of_part = shapely.get_parts(np.concatenate([first, second]), return_index=True)
        has_ground = shapely.area(parts) > 0
        shapes, shape_of_piece = (
            parts[has_ground],
            np.concatenate([shape_of_piece, shape_of_piece])[half_of_part[has_ground]],
        )
    return np.concatenate(pieces), np.concatenate(piece_owners)


# --- cells -----------------------------------------------------------------------------------------------------------


def _cut_by_reasons(shapes: np.ndarray, mask: np.ndarray, covers: Mapping[int, _Cover], *, shaped: bool) -> Split:
    """Split features by one reason after the other; each cell that crosses the boundary of a reason becomes two cells.

    The uncovered part is computed only if a later reason intersects the same feature, or if it is requested; otherwise
    its area is the difference from the covered pieces.
    """
    last_reason = np.full(len(shapes), -1)
    for n, cover in covers.items():
        last_reason[cover.row] = n
    row, cell, gross = np.arange(len(shapes)), shapes.copy(), shapely.area(shapes)
    m2 = gross.copy()
    for n, cover in covers.items():
        cells = pd.DataFrame({"row": row, "cell": np.arange(len(row))})
        pairs = pd.DataFrame({"row": cover.row, "pair": np.arange(len(cover.row))}).merge(cells, on="row")
        cell_rows, piece = pairs["cell"].to_numpy(), cover.piece[pairs["pair"].to_numpy()]
        part = shapely.intersection(cell[cell_rows], piece)
        area = shapely.area(part)
        has_ground = area > 0
        cell_rows, piece, part, area = cell_rows[has_ground], piece[has_ground], part[has_ground], area[has_ground]
        m2 = np.maximum(m2 - np.bincount(cell_rows, area, len(m2)), 0.0)
        is_drawn = shaped | (last_reason[row[cell_rows]] > n)
        _subtract_pieces(cell, cell_rows[is_drawn], piece[is_drawn])
        row = np.concatenate([row, row[cell_rows]])
        mask = np.concatenate([mask, mask[cell_rows] | 1 << n])
        cell = np.concatenate([cell, part])
        m2 = np.concatenate([m2, area])
    left_shapes = cell[: len(shapes)] if shaped else shapes[:0]
    left_shapes[mask[: len(left_shapes)] != 0] = shapely.Polygon()
    return Split(row, mask, m2, gross, left_shapes)


def _subtract_pieces(cells: np.ndarray, at: np.ndarray, pieces: np.ndarray) -> None:
    """Subtract pieces from cells, in place: the first piece of every cell at once, then the second ones."""
    order = np.argsort(at, kind="stable")
    at, pieces = at[order], pieces[order]
    rank = np.arange(len(at)) - np.searchsorted(at, at)
    for turn in range(rank.max(initial=-1) + 1):
        in_turn = rank == turn
        cells[at[in_turn]] = shapely.difference(cells[at[in_turn]], pieces[in_turn])
