"""Land units (unités foncières): contiguous parcels of one owner, clipped to a site. The statutory rate counts them.

Parcels are contiguous if they share an edge; a common point is not enough, and a common border of at most four times
the tolerance counts as a point (`gis.measures.adjacency`). A unit is one polygon, and may have holes: parts that the
boundary of a site separates are separate units. Units of one site do not overlap.

Cadastres have digitising faults, and each is reported as an issue:

- an area that two parcels claim goes to the smaller parcel, so that neither vanishes (to the first `parcel_id` if both
  are equal), and is subtracted from the other;
- a gap no wider than the tolerance is no gap: the parcels on either side touch. If they have one owner and nothing else
  joins them, the gap becomes part of the unit, unless it belongs to another parcel;
- a piece that a boundary or another parcel cuts off, and that is nowhere wider than the tolerance, is in no unit.

Boundaries of sites are less precise than parcels. A piece that the boundary cuts off belongs to the site if it is at
least half of its parcel, or if it is somewhere as wide as `BELONGING` requires. The other pieces are reported, shown
beside the units (`edges`), and counted as if they belonged to the site in `every_low` and `every_high`.

If the owner of a parcel is unknown, the parcel is a unit of its own, and the number of units has two bounds over all
possible owners. The upper bound merges nothing. The lower bound merges whatever unknown parcels could join:
`fewest_units` shows it on four parcels, and `_fewest_units_by_site` computes it.

Each site is clipped on its own. A site inside another (`part_of`) has its own units, and its land is also in the units
of the whole. A sum over sites therefore uses only the outermost sites that have a geometry (see
`topology.containing_sites`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.errors import Fault, SchemaError
from gis.measures.adjacency import NO_GROUND_M2, SAME_M, Contacts, Flags, Ints, Shapes, distinct_pairs
from gis.measures.site_parcels import Belonging, Cut, ParcelPieces, parcel_ground_issue, parcel_pieces_in_sites
from gis.measures.topology import check_same_crs, issue_layer, issue_row, layer_shapes
from gis.provenance import Basis
from gis.schemas import Answer, Issues, LandUnitCounts, LandUnits, OwnerKind, Owners, Parcels, Row, Sites, conform

#: How far two borders may be apart, or overlap, and still be one border, in metres.
TOLERANCE_M: Final = 0.05

#: When a piece of a parcel at the boundary of a site belongs to the site. One half: state services include a parcel in
#: a zone from half of its area on. Three metres: outlines of zones are generalised by about 2 m, which leaves strips up
#: to 2 m wide along every boundary, and nothing narrower than 3 m is built on, driven along or sold.
BELONGING: Final = Belonging(least_share=0.5, least_width_m=3.0)
#: Every piece belongs to its site, however narrow: gives the count without the rule.
ANY_PIECE: Final = Belonging(least_share=0.0, least_width_m=0.0)


@dataclass(frozen=True, slots=True)
class LandUnitsFound:
    """Land units, with their counts and issues.

    `touching` has pairs of positions in `units`, the smaller first: two units of one site that share an edge. `edges`
    are the pieces of parcels that lie inside the boundary of a site and do not belong to it: reported, not counted.
    """

    units: GeoDataFrame[LandUnits]
    edges: GeoDataFrame[LandUnits]
    counts: DataFrame[LandUnitCounts]
    touching: Ints
    issues: DataFrame[Issues]


def land_units(
    parcels: GeoDataFrame[Parcels],
    owners: DataFrame[Owners],
    sites: GeoDataFrame[Sites],
    *,
    tolerance_m: float = TOLERANCE_M,
    belonging: Belonging = BELONGING,
) -> LandUnitsFound:
    r"""Merge contiguous parcels of one owner inside each site, and bound the number of units if owners are unknown.

    .. math:: units(s) = parts(\bigcup_{p: owner(p) = o} p \cap s), \quad o \in owners

    Parameters
    ----------
    parcels
        In the CRS of `sites`. A parcel without a geometry is in no unit.
    owners
        The owners. An owner of kind `unknown`, or one that is not listed, counts as no owner at all.
    sites
        In a projected CRS in metres. A site without a geometry has no units, and its counts are NaN.
    tolerance_m
        How far two borders may be apart, or overlap, and still be one border, in metres.
    belonging
        When a piece of a parcel that the boundary of a site cuts belongs to the site.

    Returns
    -------
    found
        `units`: one row per unit, by site in the order given, then by its first parcel, whose source it has; polygons
        in the CRS given, `measured_m2` in square metres. `counts`: one row per site, in the order given; `units_low`
        and `units_high` differ where owners are unknown; `every_low` and `every_high` are the same bounds if every
        piece belonged to its site. `edges`: the pieces that do not belong to their site. `touching`: pairs of units
        that share an edge. `issues`: every digitising fault with its area in square metres, so that the input area
        equals the area of units and issues.

    Raises
    ------
    CrsError
        If the layers have different CRS, or a CRS that is not in metres.
    SchemaError
        If the tolerance is negative or not a number, or if a site lies inside itself.

    Examples
    --------
    Three parcels in a row: the harbour owns the first and the last, and the owner of the middle one is unknown. If it
    is the harbour, there is one unit; otherwise there are three. The site ends in the middle of the last parcel.

    >>> row = {"source_id": "registre", "basis": "surveyed"}
    >>> shapes = [shapely.box(x, 0, x + 100, 100) for x in (0, 100, 200)]
    >>> parcels = gpd.GeoDataFrame(
    ...     {"parcel_id": list("abc"), "owner_id": ["harbour", "", "harbour"], **row}, geometry=shapes, crs=3950)
    >>> owners = pd.DataFrame({"owner_id": ["harbour"], "owner_kind": ["legal"]})
    >>> sites = gpd.GeoDataFrame(
    ...     {"site_id": ["port"], "part_of": [""], **row}, geometry=[shapely.box(0, 0, 250, 100)], crs=3950)
    >>> found = land_units(parcels, owners, sites)
    >>> found.units[["land_unit_id", "owner_id", "measured_m2"]]
      land_unit_id owner_id  measured_m2
    0       port/a  harbour      10000.0
    1       port/b               10000.0
    2       port/c  harbour       5000.0
    >>> found.counts[["units_low", "units_high", "unknown_owner", "covered_share"]]
       units_low  units_high  unknown_owner  covered_share
    0        1.0         3.0              1            1.0
    >>> found.touching.tolist(), found.issues["message"].tolist()
    ([[0, 1], [1, 2]], ['Its ground outside every site is in no land unit.'])
    """
    if not tolerance_m >= 0:
        fault = Fault("tolerance_m", f"`{tolerance_m}` is no distance.", "Give metres, 0 or more.")
        raise SchemaError.of("land units", [fault])
    check_same_crs(parcels, sites)
    parcels = parcels.sort_values("parcel_id", kind="stable", ignore_index=True)
    holders = _parcel_holders(parcels, owners)
    cut = parcel_pieces_in_sites(parcels, sites, tolerance_m, belonging)
    pieces = cut.pieces
    merged = _merged_units(pieces, cut.met, holders, max(tolerance_m, SAME_M))
    issues = [*_parcel_issues(parcels, holders), *cut.issues, *_filled_gap_issues(merged, pieces, parcels["parcel_id"])]
    units = _land_units_layer(merged, pieces, parcels, sites, holders)
    counts = _land_unit_counts(merged, cut, holders, sites)
    if len(cut.edges.shape):
        counts = _counts_with_every_piece(counts, (parcels, owners, sites), cut, tolerance_m)
    edges = _edge_pieces_layer(cut.edges, units, parcels, sites, holders)
    return LandUnitsFound(units, edges, counts, merged.touching, issue_layer(issues))


def _counts_with_every_piece(
    counts: DataFrame[LandUnitCounts],
    layers: tuple[GeoDataFrame[Parcels], DataFrame[Owners], GeoDataFrame[Sites]],
    cut: Cut,
    tolerance_m: float,
) -> DataFrame[LandUnitCounts]:
    """Return the counts with `every_low` and `every_high` set for the sites that have `edges`."""
    parcels, owners, sites = layers
    site_rows = np.unique(cut.edges.site)
    parcel_rows = [pieces.parcel[np.isin(pieces.site, site_rows)] for pieces in (cut.pieces, cut.edges)]
    nearby_parcels: GeoDataFrame[Parcels] = parcels.iloc[np.unique(np.concatenate(parcel_rows))]
    sites_with_edges: GeoDataFrame[Sites] = sites.iloc[site_rows]
    units_found = land_units(nearby_parcels, owners, sites_with_edges, tolerance_m=tolerance_m, belonging=ANY_PIECE)
    every_bounds = {f"every_{end}": counts[f"every_{end}"].to_numpy(copy=True) for end in ("low", "high")}
    for end in ("low", "high"):
        every_bounds[f"every_{end}"][site_rows] = units_found.counts[f"units_{end}"].to_numpy()
    return conform(counts.assign(**every_bounds), LandUnitCounts)


@dataclass(frozen=True, slots=True)
class _Holders:
    """The owner of each parcel: a number, unique to the parcel if the owner is unknown; the key and kind of the owner.

    `lost` has the positions of the parcels whose owner is named, but is not in the layer of owners.
    """

    number: Ints
    known: Flags
    lost: Ints
    owner_id: Shapes
    owner_kind: Shapes


def _parcel_holders(parcels: gpd.GeoDataFrame, owners: pd.DataFrame) -> _Holders:
    number, keys = pd.factorize(parcels["owner_id"].to_numpy(dtype=object))
    kinds, unknown = owners["owner_kind"].to_numpy(dtype=object), OwnerKind.UNKNOWN.value
    owner_rows = pd.Index(owners["owner_id"].to_numpy(dtype=object)).get_indexer(keys)
    kind = np.append(kinds, unknown)[owner_rows][number]
    is_unlisted = ((owner_rows < 0) & (keys != ""))[number]
    owner_known = kind != unknown
    return _Holders(
        np.where(owner_known, number, len(keys) + np.arange(len(number))),
        owner_known,
        np.flatnonzero(is_unlisted),
        np.where(owner_known, keys[number], ""),
        kind,
    )


def _parcel_issues(parcels: gpd.GeoDataFrame, holders: _Holders) -> Iterator[Row]:
    """Yield the issues of parcels whose owner is not in the layer of owners, and of parcels without a geometry."""
    unlisted = parcels.iloc[holders.lost]
    for parcel, owner in zip(unlisted["parcel_id"], unlisted["owner_id"], strict=True):
        message = "Its owner is not in the layer of owners, which may be of another vintage: taken as unknown."
        yield issue_row("parcels", parcel, "owner_id", owner, message)
    for parcel in parcels["parcel_id"].iloc[np.flatnonzero(shapely.is_missing(layer_shapes(parcels)))]:
        yield issue_row("parcels", parcel, "geometry", "", "It has no shape, and is in no land unit.")


# --- the units -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Merged:
    """Land units: the geometry of each, its pieces `members[starts[n]:starts[n + 1]]`, and the gaps that were filled.

    `touching` has pairs of units. `added_m2` has the area of filled gaps in square metres, by the first piece of the
    unit.
    """

    shape: Shapes
    members: Ints
    starts: Ints
    touching: Ints
    added_m2: Mapping[int, float]


def _merged_units(pieces: ParcelPieces, met: Contacts, holders: _Holders, reach: float) -> _Merged:
    """Merge the pieces of one owner that touch."""
    holder = holders.number[pieces.parcel]
    one, other = met.pairs.T
    same_holder = holder[one] == holder[other]
    label = _component_labels(one[same_holder], other[same_holder], len(holder))
    order, starts = _grouped_positions(label)
    is_rough = np.zeros(len(starts) - 1, dtype=bool)
    is_rough[label[one[same_holder & ~met.exact]]] = True
    joined = _joined_shapes(pieces.shape, order, starts, ~is_rough)
    near_units = np.unique(label[np.concatenate([met.pairs[~met.exact].ravel(), met.doubtful.ravel()])])
    is_rough[near_units] |= ~shapely.is_valid(joined[near_units])  # the end of a border that skips a vertex may be near
    gap_m2: dict[int, float] = {}
    if is_rough.any():
        joiner = _Joiner(pieces, reach)
        for n in np.flatnonzero(is_rough).tolist():
            members = order[starts[n] : starts[n + 1]]
            joined[n], gap_m2[int(members[0])] = joiner.join(members)
    unit, shape = _unit_parts(pieces.shape, label, joined)
    first_parcel, site = np.full(len(shape), len(holders.number)), np.zeros(len(shape), dtype=np.intp)
    np.minimum.at(first_parcel, unit, pieces.parcel)
    site[unit] = pieces.site
    west, south = shapely.bounds(shape)[:, :2].T
    rank = np.lexsort((south, west, -np.round(shapely.area(shape), 2), first_parcel, site))
    rank_of_unit = np.empty(len(rank), dtype=int)
    rank_of_unit[rank] = np.arange(len(rank))
    unit = rank_of_unit[unit]
    return _Merged(
        shape[rank], *_grouped_positions(unit), distinct_pairs(unit[met.pairs[~same_holder]], len(shape)), gap_m2
    )


def _filled_gap_issues(merged: _Merged, pieces: ParcelPieces, names: pd.Series) -> Iterator[Row]:
    """Yield an issue for each unit whose gaps were filled, with their area."""
    for piece, area in merged.added_m2.items():
        if area > NO_GROUND_M2:
            message = "Gaps between its parcels and no one's ground, now part of its land unit."
            yield parcel_ground_issue(names[pieces.parcel[piece]], area, message)


def _component_labels(a: Ints, b: Ints, count: int) -> Ints:
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)


def _grouped_positions(label: Ints) -> tuple[Ints, Ints]:
    """Return the positions sorted by group, and the offsets where each group starts and the last one ends."""
    return np.argsort(label, kind="stable"), np.append(0, np.cumsum(np.bincount(label)))


def _joined_shapes(shapes: Shapes, order: Ints, starts: Ints, those: Flags) -> Shapes:
    """Merge groups of polygons that share every vertex, all groups of one size at once."""
    joined, size = np.full(len(starts) - 1, None, dtype=object), np.diff(starts)
    for count in np.unique(size[those]).tolist():
        group_rows = np.flatnonzero(those & (size == count))
        block = shapes[order[starts[group_rows][:, None] + np.arange(count)]]
        joined[group_rows] = block[:, 0] if count == 1 else shapely.coverage_union_all(block, axis=1)
    return joined


class _Joiner:
    """Merges polygons whose borders are near each other, and fills the gaps between them."""

    def __init__(self, pieces: ParcelPieces, reach: float) -> None:
        self.pieces, self.reach = pieces, reach
        self.tree = shapely.STRtree(pieces.shape)
        self.taken: list[Any] = []

    def join(self, members: Ints) -> tuple[Any, float]:
        """Return the union of some pieces with its gaps filled, and the area of the gaps in square metres.

        A gap is what a morphological closing by half the tolerance adds (Serra, 1982), limited to where two parts are
        near each other and to land that no other piece covers.
        """
        union = shapely.union_all(self.pieces.shape[members])
        parts = shapely.get_parts(union)
        if len(parts) == 1:
            return union, 0.0
        half = 0.51 * self.reach  # so that a gap exactly as wide as the tolerance is closed
        closed = shapely.buffer(shapely.buffer(union, half, join_style="mitre"), -half, join_style="mitre")
        widened_parts = shapely.buffer(parts, self.reach)
        common_of_parts = [widened_parts[n] & shapely.union_all(np.delete(widened_parts, n)) for n in range(len(parts))]
        gap_ground = closed & shapely.union_all(common_of_parts)
        near_rows = self.tree.query(gap_ground, predicate="intersects")
        near_rows = near_rows[self.pieces.site[near_rows] == self.pieces.site[members[0]]]
        other_ground = [*self.pieces.shape[np.setdiff1d(near_rows, members)], *self.taken]
        gap_ground = shapely.difference(gap_ground, shapely.union_all(other_ground))
        parts = shapely.get_parts(shapely.union(union, gap_ground))
        parts = parts[shapely.area(shapely.intersection(parts, union)) > NO_GROUND_M2]  # a gap on its own is not a unit
        joined_shape = shapely.union_all(parts)
        added_ground = shapely.difference(joined_shape, union)
        self.taken.append(added_ground)
        return joined_shape, shapely.area(added_ground)


def _unit_parts(pieces: Shapes, label: Ints, shapes: Shapes) -> tuple[Ints, Shapes]:
    """Make one unit of each part of a multipolygon; return the unit of each piece, and the units."""
    if (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all():
        return label, shapes
    parts, shape_of_part = shapely.get_parts(shapes, return_index=True)
    unit = np.searchsorted(shape_of_part, label)
    for n in np.flatnonzero((np.bincount(shape_of_part) > 1)[label]).tolist():
        part_rows = np.flatnonzero(shape_of_part == label[n])
        unit[n] = part_rows[np.argmax(shapely.area(shapely.intersection(pieces[n], parts[part_rows])))]
    return unit, parts


def _land_units_layer(
    merged: _Merged, pieces: ParcelPieces, parcels: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, holders: _Holders
) -> GeoDataFrame[LandUnits]:
    """Build the layer of units."""
    parcel, site, starts = pieces.parcel[merged.members], pieces.site[merged.members], merged.starts[:-1]
    first_parcel, first_site = parcel[starts], site[starts]
    names, ids = (layer[name].to_numpy(dtype=object) for layer, name in ((parcels, "parcel_id"), (sites, "site_id")))
    is_new_parcel = np.append(True, parcel[1:] != parcel[:-1])[: len(parcel)]
    is_new_parcel[starts] = True
    parcel_counts = _reduced_by_unit(np.add, is_new_parcel.astype("int64"), starts)
    border_site = np.where(pieces.cut[merged.members], site, -1)
    text = {
        "land_unit_id": _land_unit_keys(ids[first_site], names[first_parcel]),
        "site_id": ids[first_site],
        "parcel_ids": _joined_names(names[parcel[is_new_parcel]], parcel_counts),
        "belongs": np.full(len(first_parcel), Answer.YES.value, dtype=object),
        "owner_id": holders.owner_id[first_parcel],
        "owner_kind": holders.owner_kind[first_parcel],
        "source_id": parcels["source_id"].to_numpy(dtype=object)[first_parcel],
        "basis": _weakest_basis(parcels["basis"], parcel, sites["basis"], border_site, starts),
    }
    frame = pd.DataFrame(text, dtype="str").assign(parcels=parcel_counts, measured_m2=shapely.area(merged.shape))
    return conform(gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(merged.shape, crs=sites.crs)), LandUnits)


def _land_unit_keys(sites: Shapes, parcels: Shapes, taken: Iterable[str] = ()) -> list[str]:
    """Return a key for each unit: its site and its first parcel, and a number if another unit has the same.

    >>> _land_unit_keys(np.array(["s", "s", "s"], dtype=object), np.array(["p", "p", "p-2"], dtype=object))
    ['s/p', 's/p-3', 's/p-2']
    """
    base_keys = [f"{site}/{parcel}" for site, parcel in zip(sites, parcels, strict=True)]
    used, reserved = set(taken), {*base_keys}
    last_number: dict[str, int] = {}
    keys = []
    for name in base_keys:
        key = name
        while key in used or (key != name and key in reserved):
            last_number[name] = last_number.get(name, 1) + 1
            key = f"{name}-{last_number[name]}"
        used.add(key)
        keys.append(key)
    return keys


def _edge_pieces_layer(
    edges: ParcelPieces, units: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, holders: _Holders
) -> GeoDataFrame[LandUnits]:
    """Build the layer of the pieces that belong to no site, in the order of the sites, with keys that no unit has."""
    order = np.lexsort((-np.round(shapely.area(edges.shape), 2), edges.parcel, edges.site))
    edges = edges.only(order)
    parcel, site = edges.parcel, edges.site
    names, ids = (layer[name].to_numpy(dtype=object) for layer, name in ((parcels, "parcel_id"), (sites, "site_id")))
    starts = np.arange(len(parcel))
    text = {
        "land_unit_id": _land_unit_keys(ids[site], names[parcel], units["land_unit_id"]),
        "site_id": ids[site],
        "parcel_ids": names[parcel],
        "belongs": np.full(len(parcel), Answer.NO.value, dtype=object),
        "owner_id": holders.owner_id[parcel],
        "owner_kind": holders.owner_kind[parcel],
        "source_id": parcels["source_id"].to_numpy(dtype=object)[parcel],
        "basis": _weakest_basis(parcels["basis"], parcel, sites["basis"], site, starts),
    }
    frame = pd.DataFrame(text, dtype="str").assign(
        parcels=np.ones(len(parcel), dtype="int64"), measured_m2=shapely.area(edges.shape)
    )
    return conform(gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(edges.shape, crs=sites.crs)), LandUnits)


def _reduced_by_unit(function: np.ufunc, values: Ints, starts: Ints) -> Ints:
    """Reduce the values of the pieces of each unit with a ufunc."""
    return function.reduceat(values, starts) if len(starts) else values


def _weakest_basis(parcels: pd.Series, parcel: Ints, sites: pd.Series, border: Ints, starts: Ints) -> Shapes:
    """Return the weakest basis of each unit: of its parcels and, if the boundary of the site cuts one, of the site."""
    words = [basis.value for basis in Basis]
    parcel_basis, site_basis = (pd.Categorical(layer, words).codes.astype(int) for layer in (parcels, sites))
    weakest_codes = np.maximum(parcel_basis[parcel], np.append(site_basis, 0)[border])
    return np.array(words, dtype=object)[_reduced_by_unit(np.maximum, weakest_codes, starts)]


def _joined_names(names: Shapes, counts: Ints) -> Shapes:
    """Join names with `|`; `counts` says how many names each unit has."""
    starts = pa.array(np.append(0, np.cumsum(counts)), pa.int32())
    listed: Shapes = pc.binary_join(pa.ListArray.from_arrays(starts, pa.array(names, pa.string())), "|").to_numpy(
        zero_copy_only=False
    )
    return listed


# --- how many --------------------------------------------------------------------------------------------------------


def _land_unit_counts(
    merged: _Merged, cut: Cut, holders: _Holders, sites: gpd.GeoDataFrame
) -> DataFrame[LandUnitCounts]:
    """Count the units of each site; without `edges`, `every_low` and `every_high` are the same bounds."""
    pieces = cut.pieces
    outlines = layer_shapes(sites)
    count, has_shape = len(outlines), ~shapely.is_missing(outlines)
    first_piece = merged.members[merged.starts[:-1]]
    site, parcel = pieces.site[first_piece], pieces.parcel[first_piece]
    low = _fewest_units_by_site(site, holders.number[parcel], holders.known[parcel], merged.touching, count)
    pieces_table = pd.DataFrame({"site": pieces.site, "parcel": pieces.parcel})
    unowned = pieces_table[~holders.known[pieces.parcel]].drop_duplicates()
    units = {
        "low": np.where(has_shape, low, np.nan),
        "high": np.where(has_shape, np.bincount(site, minlength=count), np.nan),
    }
    frame = pd.DataFrame(
        {
            "site_id": sites["site_id"].array,
            **{f"units_{end}": number for end, number in units.items()},
            **{f"every_{end}": number for end, number in units.items()},
            "edges": np.bincount(cut.edges.site, minlength=count).astype("int64"),
            "unknown_owner": np.bincount(unowned["site"], minlength=count).astype("int64"),
            "covered_share": np.bincount(site, shapely.area(merged.shape), minlength=count)
            / np.where(has_shape, shapely.area(outlines), np.nan),
        }
    )
    return conform(frame, LandUnitCounts)


def fewest_units(owners: Shapes, touching: Ints) -> int:
    """Return the lower bound on the number of land units, from the owner of each ("" if unknown) and the contacts.

    Worked example: four parcels in a row, the owner of the second one is unknown::

        +---+---+---+---+      owner of ?    units           number
        | A | ? | A | B |      A             A+?+A, B        2
        +---+---+---+---+      any other     A, ?, A, B      4

    The number of units is between 2 and 4. The upper bound applies if ? merges with nothing. (This includes B as its
    owner: ? and B do not touch.) The lower bound is the higher of the two bounds that
    `_fewest_units_by_site` computes:

    - each owner gets ?: A then has 1 unit and B has 1, together 2;
    - ? has one owner only, so count the 3 known parcels and subtract the best gain: A saves one unit, 3 − 1 = 2.

    >>> fewest_units(np.array(["A", "", "A", "B"], dtype=object), np.array([[0, 1], [1, 2], [2, 3]]))
    2

    The two bounds differ if several owners could use the same unknown parcel::

            +---+
            | B |              owner of ?    units           number
        +---+---+---+          A             A+?+A, B, B     3
        | A | ? | A |          B             B+?+B, A, A     3
        +---+---+---+          any other     A, A, B, B, ?   5
            | B |
            +---+

    The first bound gives ? to A and to B at once: 1 + 1 = 2, which no owner of ? can reach. The second gives it to one
    of them: 4 − 1 = 3. The higher one, 3, is the answer.

    >>> fewest_units(np.array(["A", "B", "", "B", "A"], dtype=object), np.array([[0, 2], [1, 2], [2, 3], [2, 4]]))
    3
    >>> fewest_units(np.array(["A", "", "A"], dtype=object), np.array([[0, 1], [1, 2]]))
    1

    Source: no paper. It is a counting argument of this project, and
    `test_the_counts_bound_every_assignment_of_unknown_owners` compares it with every assignment of unknown owners.
    """
    owner_known = owners != ""
    number, keys = pd.factorize(owners)
    holder = np.where(owner_known, number, len(keys) + np.arange(len(number)))
    return int(_fewest_units_by_site(np.zeros(len(owners), dtype=int), holder, owner_known, touching, 1)[0])


def _fewest_units_by_site(site: Ints, holder: Ints, known: Flags, touching: Ints, count: int) -> Ints:
    """Return the lower bound on the number of land units of each of `count` sites, over all possible owners.

    A clump is a connected set of unknown units. There are two lower bounds, and the higher one is returned:

    - give every clump to each owner that it touches: no further units of that owner can merge;
    - a clump of n units has at most n owners, and for each of them it merges the units that it touches. Its gain is at
      most that of the n owners who gain most (merging k units of one owner gains k − 1).

    Each clump that touches no known owner adds one unit. With one clump of one unit, the second bound is exact.
    `fewest_units` has worked examples.
    """
    units = len(site)
    one, other = touching.T
    both_unknown = ~known[one] & ~known[other]
    clump = _component_labels(one[both_unknown], other[both_unknown], units)
    size = np.bincount(clump[~known], minlength=units)
    site_of_clump = np.empty(units, dtype=int)
    site_of_clump[clump] = site
    is_mixed = known[one] != known[other]
    owned = np.where(known[one], one, other)[is_mixed]
    clump_beside = clump[np.where(known[one], other, one)[is_mixed]]
    clumps_alone = np.setdiff1d(clump[~known], clump_beside)
    joints, joint = np.unique(holder[owned] * units + clump_beside, return_inverse=True)
    label = _component_labels(owned, units + joint, units + len(joints))
    _, representative = np.unique(label[:units][known], return_index=True)
    all_join = np.bincount(site[known][representative], minlength=count)
    links = np.unique(owned * max(len(joints), 1) + joint)
    gain = np.bincount(links % max(len(joints), 1), minlength=len(joints)) - 1
    clump_of_joint = joints % max(units, 1)
    order = np.lexsort((-gain, clump_of_joint))
    clump_of_joint, gain = clump_of_joint[order], gain[order]
    rank_in_clump = np.arange(len(clump_of_joint)) - np.searchsorted(clump_of_joint, clump_of_joint)
    is_best = rank_in_clump < size[clump_of_joint]
    some_join = np.bincount(site[known], minlength=count) - np.bincount(
        site_of_clump[clump_of_joint[is_best]], gain[is_best], minlength=count
    )
    low: Ints = np.maximum(all_join, some_join.astype(int)) + np.bincount(site_of_clump[clumps_alone], minlength=count)
    return low
