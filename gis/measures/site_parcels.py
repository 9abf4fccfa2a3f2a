"""Parcels cut into the pieces that lie inside sites, so that no two pieces of one site share ground.

Whatever that takes away, or finds doubtful, is a row of issues, with its square metres where it is ground: what goes
in comes out as pieces and issues.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.measures.adjacency import MICRON_M, NO_GROUND_M2, SAME_M, Contacts, Flags, Ints, Shapes, contacts, overlaps
from gis.measures.topology import issue_row, shapes_of, wholes
from gis.schemas import Row

#: Longest side in which the border of a site is looked at.
SIDE_M: Final = 50.0


class Belonging(NamedTuple):
    """When a piece of a parcel that the border of a site cuts belongs to the site: from either of two on.

    A piece that is less than `least_share` of its parcel and nowhere as wide as `least_width_m` is how the border was
    drawn, not where the parcel lies.
    """

    least_share: float
    least_width_m: float


@dataclass(frozen=True, slots=True)
class ParcelPieces:
    """Polygons of parcels inside sites: positions of the parcel and of the site, and whether anything was cut off."""

    parcel: Ints
    site: Ints
    shape: Shapes
    cut: Flags

    @classmethod
    def of_parts(cls, parcel: Ints, site: Ints, shape: Shapes, cut: Flags) -> Self:
        """Take each part of each shape that is a polygon with ground, parcel after parcel."""
        parts, of = _polygons(shape)
        ground = shapely.area(parts) > NO_GROUND_M2
        parts, of = parts[ground], of[ground]
        order = np.argsort(parcel[of], kind="stable")
        of = of[order]
        return cls(parcel[of], site[of], parts[order], cut[of])

    def without(self, those: Ints) -> Self:
        """Leave some out."""
        return type(self)(*(np.delete(column, those) for column in (self.parcel, self.site, self.shape, self.cut)))

    def only(self, those: Ints) -> Self:
        """Keep some, in the order given."""
        return type(self)(self.parcel[those], self.site[those], self.shape[those], self.cut[those])


class Cut(NamedTuple):
    """Pieces parcel after parcel; which of one site touch; pieces that belong to no site; and rows of issues.

    Issues are ground off every site, parcels in two sites, ground that two parcels claim, slivers, edges and gaps.
    """

    pieces: ParcelPieces
    met: Contacts
    edges: ParcelPieces
    issues: list[Row]


def pieces_of(parcels: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, tolerance_m: float, belonging: Belonging) -> Cut:
    """Cut parcels into pieces that share no ground within a site.

    Parameters
    ----------
    parcels, sites
        In one CRS in metres; parcels in the order of their `parcel_id`.
    tolerance_m
        How far two borders may be apart, or over each other, and still be one.
    belonging
        What is left out of a site before anything else is asked of its pieces.
    """
    names, shapes = parcels["parcel_id"].to_numpy(dtype=object), shapes_of(parcels)
    pieces, outside = _clipped(shapes, shapes_of(sites), names)
    pieces, slivers = _without_slivers(pieces, names, tolerance_m)
    edge = _at_the_edge(pieces, shapely.area(shapes), belonging)
    edges, pieces = pieces.only(edge), pieces.without(edge)
    several = list(_straddling(pieces, names, sites))
    met = contacts(pieces.shape, pieces.site, tolerance_m)
    pairs = overlaps(pieces.shape, pieces.site, met.doubtful)
    shared: list[Row] = []
    if len(pairs):
        pieces, shared = _apart(pieces, pairs, names, tolerance_m)
        pieces, more = _without_slivers(pieces, names, tolerance_m)
        slivers += more
        met = contacts(pieces.shape, pieces.site, tolerance_m)
    told = [*outside, *several, *shared, *slivers, *_edge_rows(edges, names, sites, belonging)]
    return Cut(pieces, met, edges, [*told, *_gaps(pieces, met, names, tolerance_m)])


def ground_row(parcel: str, area_m2: float, message: str) -> Row:
    """Make an issue of some ground of a parcel, to be added up."""
    (row,) = ground_rows([parcel], [area_m2], message)
    return row


def ground_rows(parcels: Iterable[str], areas_m2: Iterable[float], message: str) -> Iterator[Row]:
    """Make an issue of some ground of each parcel, to be added up."""
    said = {"layer": "parcels", "column_name": "geometry", "message": message}
    for parcel, area_m2 in zip(parcels, areas_m2, strict=True):
        text = f"{area_m2:.2f} m²" if area_m2 >= 0.01 else f"{area_m2:.4f} m²"  # noqa: PLR2004  (what two decimals show)
        yield {**said, "row": parcel, "value": text}


def _polygons(shapes: Shapes) -> tuple[Shapes, Ints]:
    """Return the polygons that shapes are made of, and the position of the shape that each is of."""
    one = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    parts, of = shapely.get_parts(shapes[~one], return_index=True)
    return np.concatenate([shapes[one], parts]), np.concatenate([np.flatnonzero(one), np.flatnonzero(~one)[of]])


def _clipped(shapes: Shapes, outlines: Shapes, names: Shapes) -> tuple[ParcelPieces, list[Row]]:
    """Cut parcels at the borders of sites; return the pieces, and what of the parcels is in no site."""
    parts, whose = _polygons(shapes)
    inner_site, inner, site, crossing = _in_and_across(parts, outlines)
    cut = shapely.intersection(parts[crossing], outlines[site])
    area, left = shapely.area(parts), shapely.area(cut)
    less = left < area[crossing] - NO_GROUND_M2
    cut = np.where(less, cut, parts[crossing])  # whole, with every vertex that its neighbours have
    some = left > NO_GROUND_M2
    site, crossing, cut, less, left = site[some], crossing[some], cut[some], less[some], left[some]
    pieces = ParcelPieces.of_parts(
        whose[np.concatenate([inner, crossing])],
        np.concatenate([inner_site, site]),
        np.concatenate([parts[inner], cut]),
        np.concatenate([np.zeros(len(inner), dtype=bool), less]),
    )
    outer = area - np.bincount(crossing, left, minlength=len(parts))
    times = np.bincount(crossing, minlength=len(parts))
    for n in np.flatnonzero(times > 1).tolist():
        outer[n] = shapely.area(shapely.difference(parts[n], shapely.union_all(outlines[site[crossing == n]])))
    outer[inner] = 0.0
    outer[crossing[~less]] = 0.0
    beyond = np.bincount(whose, np.where(outer > NO_GROUND_M2, outer, 0.0), minlength=len(names))
    there = np.zeros(len(names), dtype=bool)
    there[pieces.parcel] = True
    message = "Its ground outside every site is in no land unit."
    partly = there & (beyond > 0)
    rows = list(ground_rows(names[partly], beyond[partly], message))
    off = ~there & (beyond > 0)
    if off.any():
        message = f"Ground of {off.sum()} parcels that are in no site: it is in no land unit."
        rows.append(ground_row("", beyond[off].sum(), message))
    return pieces, rows


def _in_and_across(polygons: Shapes, outlines: Shapes) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the site and the polygon where one lies inside the other, and where its border meets it.

    A polygon that is not at the border of a site is in it as a whole if its first vertex is. A border is looked at in
    short sides, as few polygons are near each.
    """
    tree, count = shapely.STRtree(polygons), max(len(polygons), 1)
    rings, whose = shapely.get_parts(shapely.segmentize(shapely.boundary(outlines), SIDE_M), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    follows = ring[:-1] == ring[1:]
    sides = np.asarray(shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)[follows]))
    side, polygon = tree.query(sides, predicate="dwithin", distance=SAME_M)
    site, crossing = np.divmod(np.unique(whose[ring[:-1][follows]][side] * count + polygon), count)
    near_site, near = tree.query(outlines)
    free = ~np.isin(near_site * count + near, site * count + crossing)
    near_site, near = near_site[free], near[free]
    xy, of = shapely.get_coordinates(polygons, return_index=True)
    x, y = xy[np.searchsorted(of, near)].T
    shapely.prepare(outlines)
    inside = shapely.contains_xy(outlines[near_site], x, y)
    return near_site[inside], near[inside], site, crossing


def _straddling(pieces: ParcelPieces, names: Shapes, sites: gpd.GeoDataFrame) -> Iterator[Row]:
    """Yield the parcels that lie in two sites of which neither is inside the other."""
    above = wholes(sites)
    ids = sites["site_id"].to_numpy(dtype=object)
    several = np.bincount(pieces.parcel, minlength=len(names))[pieces.parcel] > 1
    found = pd.DataFrame({"parcel": pieces.parcel[several], "site": pieces.site[several]}).drop_duplicates()
    for _, there in found.sort_values(["parcel", "site"]).groupby("parcel"):
        every = ids[there["site"]].tolist()
        inmost = [site for site in every if not any(site in above[other] for other in every)]
        if len(inmost) > 1:
            message = f"It lies in {len(inmost)} sites: each has its own piece."
            yield issue_row("parcels", names[there["parcel"].iloc[0]], "geometry", ", ".join(inmost), message)


def _without_slivers(pieces: ParcelPieces, names: Shapes, tolerance_m: float) -> tuple[ParcelPieces, list[Row]]:
    """Take away what is left of a parcel that was cut and is nowhere wider than the tolerance."""
    cut = np.flatnonzero(pieces.cut)
    area, around = shapely.area(pieces.shape[cut]), shapely.length(pieces.shape[cut])
    # the widest circle inside is wider than twice the area over the length around
    slender = cut[2 * area <= (tolerance_m + 2 * MICRON_M) * around]
    slender = slender[_thin(pieces.shape[slender], tolerance_m)]
    message = f"A sliver of it, nowhere wider than {tolerance_m:g} m: it is in no land unit."
    rows = list(ground_rows(names[pieces.parcel[slender]], shapely.area(pieces.shape[slender]), message))
    return pieces.without(slender), rows


def _at_the_edge(pieces: ParcelPieces, parcel_m2: Any, belonging: Belonging) -> Ints:
    """Return the pieces that the border of a site cuts off and that do not belong to it, by their position."""
    area, around = shapely.area(pieces.shape), shapely.length(pieces.shape)
    little = area < belonging.least_share * parcel_m2[pieces.parcel] - NO_GROUND_M2
    slender = np.flatnonzero(pieces.cut & little & (2 * area < belonging.least_width_m * around))
    inner = shapely.buffer(pieces.shape[slender], -(belonging.least_width_m / 2 - MICRON_M))
    edge: Ints = slender[shapely.is_empty(inner)]
    return edge


def _edge_rows(edges: ParcelPieces, names: Shapes, sites: gpd.GeoDataFrame, belonging: Belonging) -> Iterator[Row]:
    ids = sites["site_id"].to_numpy(dtype=object)
    for parcel, site, area in zip(edges.parcel, edges.site, shapely.area(edges.shape), strict=True):
        message = (
            f"At the edge of site {ids[site]}, less than {belonging.least_share:.0%} of the parcel and nowhere "
            f"{belonging.least_width_m:g} m wide: it does not belong to it, and is in no land unit."
        )
        yield ground_row(names[parcel], area, message)


def _thin(shapes: Any, tolerance_m: float) -> Any:
    """Say which shapes are nowhere wider than the tolerance."""
    return shapely.is_empty(shapely.buffer(shapes, -tolerance_m / 2 - MICRON_M))


def _apart(pieces: ParcelPieces, pairs: Ints, names: Shapes, tolerance_m: float) -> tuple[ParcelPieces, list[Row]]:
    """Give ground that pieces of one site share to the smallest of them."""
    rank = np.empty(len(pieces.shape), dtype=int)
    rank[np.lexsort((pieces.parcel, np.round(shapely.area(pieces.shape), 2)))] = np.arange(len(rank))
    pairs = np.where((rank[pairs[:, 0]] > rank[pairs[:, 1]])[:, None], pairs, pairs[:, ::-1])
    shape, cut, rows = pieces.shape.copy(), pieces.cut.copy(), []
    for larger, smaller in pairs[np.lexsort((rank[pairs[:, 1]], pairs[:, 0]))].tolist():
        common = shapely.intersection(shape[larger], pieces.shape[smaller])
        shape[larger], cut[larger] = shapely.difference(shape[larger], pieces.shape[smaller]), True
        if common.area > NO_GROUND_M2:
            width = f", nowhere wider than {tolerance_m:g} m" if _thin(common, tolerance_m) else ""
            message = (
                f"Overlap with parcel {names[pieces.parcel[smaller]]}{width}: the smaller parcel keeps the ground."
            )
            rows.append(ground_row(names[pieces.parcel[larger]], common.area, message))
    return ParcelPieces.of_parts(pieces.parcel, pieces.site, shape, cut), rows


def _gaps(pieces: ParcelPieces, met: Contacts, names: Shapes, tolerance_m: float) -> Iterator[Row]:
    """Yield the borders of two parcels that are apart, by no more than the tolerance."""
    apart = np.flatnonzero(met.gap_m > 0)
    for (a, b), length in zip(pieces.parcel[met.pairs[apart]].tolist(), met.gap_m[apart].tolist(), strict=True):
        message = f"A gap of up to {tolerance_m:g} m along so much of its border with parcel {names[b]}: they touch."
        yield issue_row("parcels", names[a], "geometry", f"{length:.1f} m", message)
