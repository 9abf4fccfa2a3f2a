"""Parcels clipped to sites: pieces of parcels that do not overlap within a site.

Whatever is removed on the way, or is doubtful, is a row in `issues`, with its area in square metres where it has one.
The input is therefore fully accounted for by pieces and issues.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.measures.adjacency import (
    MICRON_M,
    NO_GROUND_M2,
    SAME_M,
    Contacts,
    Flags,
    Ints,
    Shapes,
    overlapping_polygons,
    polygon_contacts,
)
from gis.measures.topology import containing_sites, issue_row, layer_shapes
from gis.schemas import Row

#: Greatest length of the segments into which the border of a site is divided for the spatial index.
SIDE_M: Final = 50.0


class Belonging(NamedTuple):
    """When a piece of a parcel cut by the border of a site belongs to the site: one of two minima suffices.

    A piece with less than `least_share` of its parcel that is nowhere as wide as `least_width_m` results from the
    accuracy of the border, not from the location of the parcel.
    """

    least_share: float
    least_width_m: float


@dataclass(frozen=True, slots=True)
class ParcelPieces:
    """Polygons of parcels inside sites: positions of the parcel and of the site, and whether the parcel was cut."""

    parcel: Ints
    site: Ints
    shape: Shapes
    cut: Flags

    @classmethod
    def of_parts(cls, parcel: Ints, site: Ints, shape: Shapes, cut: Flags) -> Self:
        """Make pieces of all polygons with an area in some geometries, parcel by parcel."""
        parts, row_of_part = _polygons_with_positions(shape)
        has_ground = shapely.area(parts) > NO_GROUND_M2
        parts, row_of_part = parts[has_ground], row_of_part[has_ground]
        order = np.argsort(parcel[row_of_part], kind="stable")
        row_of_part = row_of_part[order]
        return cls(parcel[row_of_part], site[row_of_part], parts[order], cut[row_of_part])

    def without(self, those: Ints) -> Self:
        """Return the pieces except some."""
        return type(self)(*(np.delete(column, those) for column in (self.parcel, self.site, self.shape, self.cut)))

    def only(self, those: Ints) -> Self:
        """Return some pieces, in the order given."""
        return type(self)(self.parcel[those], self.site[those], self.shape[those], self.cut[those])


class Cut(NamedTuple):
    """Pieces, parcel by parcel; which pieces of one site are adjacent; pieces that belong to no site; and issues.

    Issues are: land outside all sites, parcels in two sites, land that two parcels claim, slivers, edges and gaps.
    """

    pieces: ParcelPieces
    met: Contacts
    edges: ParcelPieces
    issues: list[Row]


def parcel_pieces_in_sites(
    parcels: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, tolerance_m: float, belonging: Belonging
) -> Cut:
    """Clip parcels to sites; the pieces do not overlap within a site.

    Parameters
    ----------
    parcels, sites
        In one CRS in metres; parcels in the order of their `parcel_id`.
    tolerance_m
        Greatest gap or overlap between two borders that count as one.
    belonging
        Minima of the pieces of a site; other pieces are set aside before any further check.
    """
    names, shapes = parcels["parcel_id"].to_numpy(dtype=object), layer_shapes(parcels)
    pieces, outside_rows = _clipped_parcels(shapes, layer_shapes(sites), names)
    pieces, slivers = _pieces_without_slivers(pieces, names, tolerance_m)
    edge_positions = _edge_piece_positions(pieces, shapely.area(shapes), belonging)
    edges, pieces = pieces.only(edge_positions), pieces.without(edge_positions)
    straddling_rows = list(_straddling_issues(pieces, names, sites))
    piece_contacts = polygon_contacts(pieces.shape, pieces.site, tolerance_m)
    pairs = overlapping_polygons(pieces.shape, pieces.site, piece_contacts.doubtful)
    overlap_rows: list[Row] = []
    if len(pairs):
        pieces, overlap_rows = _pieces_without_overlaps(pieces, pairs, names, tolerance_m)
        pieces, more_slivers = _pieces_without_slivers(pieces, names, tolerance_m)
        slivers += more_slivers
        piece_contacts = polygon_contacts(pieces.shape, pieces.site, tolerance_m)
    issues = [
        *outside_rows,
        *straddling_rows,
        *overlap_rows,
        *slivers,
        *_edge_piece_issues(edges, names, sites, belonging),
    ]
    return Cut(pieces, piece_contacts, edges, [*issues, *_gap_issues(pieces, piece_contacts, names, tolerance_m)])


def parcel_ground_issue(parcel: str, area_m2: float, message: str) -> Row:
    """Make an issue about an area of a parcel; the areas can be added up."""
    (row,) = parcel_ground_issues([parcel], [area_m2], message)
    return row


def parcel_ground_issues(parcels: Iterable[str], areas_m2: Iterable[float], message: str) -> Iterator[Row]:
    """Make an issue about an area of each parcel; the areas can be added up."""
    issue_columns = {"layer": "parcels", "column_name": "geometry", "message": message}
    for parcel, area_m2 in zip(parcels, areas_m2, strict=True):
        text = f"{area_m2:.2f} m²" if area_m2 >= 0.01 else f"{area_m2:.4f} m²"  # noqa: PLR2004  (what two decimals show)
        yield {**issue_columns, "row": parcel, "value": text}


def _polygons_with_positions(shapes: Shapes) -> tuple[Shapes, Ints]:
    """Return the polygons of geometries, and the position of the geometry of each."""
    is_polygon = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    parts, shape_of_part = shapely.get_parts(shapes[~is_polygon], return_index=True)
    return np.concatenate([shapes[is_polygon], parts]), np.concatenate(
        [np.flatnonzero(is_polygon), np.flatnonzero(~is_polygon)[shape_of_part]]
    )


def _clipped_parcels(shapes: Shapes, outlines: Shapes, names: Shapes) -> tuple[ParcelPieces, list[Row]]:
    """Clip parcels to sites; return the pieces, and issues about the parts of parcels in no site."""
    parts, parcel_of_part = _polygons_with_positions(shapes)
    inner_site, inner, site, crossing = _parcels_in_and_across(parts, outlines)
    cut = shapely.intersection(parts[crossing], outlines[site])
    area, left_m2 = shapely.area(parts), shapely.area(cut)
    is_cut = left_m2 < area[crossing] - NO_GROUND_M2
    cut = np.where(is_cut, cut, parts[crossing])  # uncut parcels keep every vertex that they share with neighbours
    has_ground = left_m2 > NO_GROUND_M2
    site, crossing, cut, is_cut, left_m2 = (
        site[has_ground],
        crossing[has_ground],
        cut[has_ground],
        is_cut[has_ground],
        left_m2[has_ground],
    )
    pieces = ParcelPieces.of_parts(
        parcel_of_part[np.concatenate([inner, crossing])],
        np.concatenate([inner_site, site]),
        np.concatenate([parts[inner], cut]),
        np.concatenate([np.zeros(len(inner), dtype=bool), is_cut]),
    )
    outer_m2 = area - np.bincount(crossing, left_m2, minlength=len(parts))
    crossings = np.bincount(crossing, minlength=len(parts))
    for n in np.flatnonzero(crossings > 1).tolist():
        outer_m2[n] = shapely.area(shapely.difference(parts[n], shapely.union_all(outlines[site[crossing == n]])))
    outer_m2[inner] = 0.0
    outer_m2[crossing[~is_cut]] = 0.0
    beyond_m2 = np.bincount(parcel_of_part, np.where(outer_m2 > NO_GROUND_M2, outer_m2, 0.0), minlength=len(names))
    has_piece = np.zeros(len(names), dtype=bool)
    has_piece[pieces.parcel] = True
    message = "Its ground outside every site is in no land unit."
    is_partly_off = has_piece & (beyond_m2 > 0)
    rows = list(parcel_ground_issues(names[is_partly_off], beyond_m2[is_partly_off], message))
    is_off_site = ~has_piece & (beyond_m2 > 0)
    if is_off_site.any():
        message = f"Ground of {is_off_site.sum()} parcels that are in no site: it is in no land unit."
        rows.append(parcel_ground_issue("", beyond_m2[is_off_site].sum(), message))
    return pieces, rows


def _parcels_in_and_across(polygons: Shapes, outlines: Shapes) -> tuple[Ints, Ints, Ints, Ints]:
    """Return sites and polygons of the pairs where a polygon lies inside, then of those where it meets the border.

    A polygon away from the border of a site lies inside it if its first vertex does. The border is divided into short
    segments, so that few polygons are near each.
    """
    tree, count = shapely.STRtree(polygons), max(len(polygons), 1)
    rings, site_of_ring = shapely.get_parts(shapely.segmentize(shapely.boundary(outlines), SIDE_M), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    is_same_ring = ring[:-1] == ring[1:]
    sides = np.asarray(shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)[is_same_ring]))
    side, polygon = tree.query(sides, predicate="dwithin", distance=SAME_M)
    site, crossing = np.divmod(np.unique(site_of_ring[ring[:-1][is_same_ring]][side] * count + polygon), count)
    near_site, near_polygon = tree.query(outlines)
    off_border = ~np.isin(near_site * count + near_polygon, site * count + crossing)
    near_site, near_polygon = near_site[off_border], near_polygon[off_border]
    xy, polygon_of_vertex = shapely.get_coordinates(polygons, return_index=True)
    x, y = xy[np.searchsorted(polygon_of_vertex, near_polygon)].T
    shapely.prepare(outlines)
    is_inside = shapely.contains_xy(outlines[near_site], x, y)
    return near_site[is_inside], near_polygon[is_inside], site, crossing


def _straddling_issues(pieces: ParcelPieces, names: Shapes, sites: gpd.GeoDataFrame) -> Iterator[Row]:
    """Yield the parcels that lie in two sites of which neither is inside the other."""
    above = containing_sites(sites)
    ids = sites["site_id"].to_numpy(dtype=object)
    in_several = np.bincount(pieces.parcel, minlength=len(names))[pieces.parcel] > 1
    parcel_sites = pd.DataFrame(
        {"parcel": pieces.parcel[in_several], "site": pieces.site[in_several]}
    ).drop_duplicates()
    for _, sites_of_parcel in parcel_sites.sort_values(["parcel", "site"]).groupby("parcel"):
        parcel_site_ids = ids[sites_of_parcel["site"]].tolist()
        innermost = [site for site in parcel_site_ids if not any(site in above[other] for other in parcel_site_ids)]
        if len(innermost) > 1:
            message = f"It lies in {len(innermost)} sites: each has its own piece."
            yield issue_row(
                "parcels", names[sites_of_parcel["parcel"].iloc[0]], "geometry", ", ".join(innermost), message
            )


def _pieces_without_slivers(pieces: ParcelPieces, names: Shapes, tolerance_m: float) -> tuple[ParcelPieces, list[Row]]:
    """Remove the pieces of cut parcels that are nowhere wider than the tolerance."""
    cut_rows = np.flatnonzero(pieces.cut)
    area, perimeter_m = shapely.area(pieces.shape[cut_rows]), shapely.length(pieces.shape[cut_rows])
    # the diameter of the largest circle inside is greater than twice the area divided by the perimeter
    slender = cut_rows[2 * area <= (tolerance_m + 2 * MICRON_M) * perimeter_m]
    slender = slender[_thin_flags(pieces.shape[slender], tolerance_m)]
    message = f"A sliver of it, nowhere wider than {tolerance_m:g} m: it is in no land unit."
    rows = list(parcel_ground_issues(names[pieces.parcel[slender]], shapely.area(pieces.shape[slender]), message))
    return pieces.without(slender), rows


def _edge_piece_positions(pieces: ParcelPieces, parcel_m2: Any, belonging: Belonging) -> Ints:
    """Return the positions of the pieces that the border of a site cuts off and that do not belong to the site."""
    area, perimeter_m = shapely.area(pieces.shape), shapely.length(pieces.shape)
    is_small_part = area < belonging.least_share * parcel_m2[pieces.parcel] - NO_GROUND_M2
    slender = np.flatnonzero(pieces.cut & is_small_part & (2 * area < belonging.least_width_m * perimeter_m))
    shrunk_shapes = shapely.buffer(pieces.shape[slender], -(belonging.least_width_m / 2 - MICRON_M))
    edge_positions: Ints = slender[shapely.is_empty(shrunk_shapes)]
    return edge_positions


def _edge_piece_issues(
    edges: ParcelPieces, names: Shapes, sites: gpd.GeoDataFrame, belonging: Belonging
) -> Iterator[Row]:
    ids = sites["site_id"].to_numpy(dtype=object)
    for parcel, site, area in zip(edges.parcel, edges.site, shapely.area(edges.shape), strict=True):
        message = (
            f"At the edge of site {ids[site]}, less than {belonging.least_share:.0%} of the parcel and nowhere "
            f"{belonging.least_width_m:g} m wide: it does not belong to it, and is in no land unit."
        )
        yield parcel_ground_issue(names[parcel], area, message)


def _thin_flags(shapes: Any, tolerance_m: float) -> Any:
    """Tell which geometries are nowhere wider than the tolerance."""
    return shapely.is_empty(shapely.buffer(shapes, -tolerance_m / 2 - MICRON_M))


def _pieces_without_overlaps(
    pieces: ParcelPieces, pairs: Ints, names: Shapes, tolerance_m: float
) -> tuple[ParcelPieces, list[Row]]:
    """Assign the common land of pieces of one site to the smallest of them."""
    rank = np.empty(len(pieces.shape), dtype=int)
    rank[np.lexsort((pieces.parcel, np.round(shapely.area(pieces.shape), 2)))] = np.arange(len(rank))
    pairs = np.where((rank[pairs[:, 0]] > rank[pairs[:, 1]])[:, None], pairs, pairs[:, ::-1])
    shape, cut, rows = pieces.shape.copy(), pieces.cut.copy(), []
    for larger, smaller in pairs[np.lexsort((rank[pairs[:, 1]], pairs[:, 0]))].tolist():
        common = shapely.intersection(shape[larger], pieces.shape[smaller])
        shape[larger], cut[larger] = shapely.difference(shape[larger], pieces.shape[smaller]), True
        if common.area > NO_GROUND_M2:
            width = f", nowhere wider than {tolerance_m:g} m" if _thin_flags(common, tolerance_m) else ""
            message = (
                f"Overlap with parcel {names[pieces.parcel[smaller]]}{width}: the smaller parcel keeps the ground."
            )
            rows.append(parcel_ground_issue(names[pieces.parcel[larger]], common.area, message))
    return ParcelPieces.of_parts(pieces.parcel, pieces.site, shape, cut), rows


def _gap_issues(pieces: ParcelPieces, met: Contacts, names: Shapes, tolerance_m: float) -> Iterator[Row]:
    """Yield the gaps between two parcels that are no wider than the tolerance."""
    gap_pairs = np.flatnonzero(met.gap_m > 0)
    for (a, b), length in zip(pieces.parcel[met.pairs[gap_pairs]].tolist(), met.gap_m[gap_pairs].tolist(), strict=True):
        message = f"A gap of up to {tolerance_m:g} m along so much of its border with parcel {names[b]}: they touch."
        yield issue_row("parcels", names[a], "geometry", f"{length:.1f} m", message)
