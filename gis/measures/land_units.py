"""Land units (unités foncières): contiguous parcels of one owner, clipped to a site. They are what the law counts.

Parcels that share an edge are contiguous; at a point they are not, and a border no longer than four times the tolerance
is a point. A unit is one polygon, holes allowed: what the border of a site cuts apart is several units. Units of one
site share no ground.

Cadastres have faults of drawing, and each is told as an issue:

- ground that two parcels claim goes to the smaller of them, so that neither vanishes (to the first `parcel_id` between
  equals), and is taken from the other;
- a gap no wider than the tolerance is no gap: the parcels on either side touch. Where they have one owner and nothing
  else joins them, the gap becomes ground of the unit, unless it is ground of another parcel;
- what a border or another parcel cuts off a parcel and is nowhere wider than the tolerance is in no unit.

Borders of sites are drawn more coarsely than parcels: a piece that the border cuts off belongs to the site when it is
half of its parcel or more, or is somewhere as wide as `BELONGING` says. What does not belong is told, shown beside the
units (`edges`), and counted as if it did in `every_low` and `every_high`.

An owner that nobody knows is unknown: each such parcel is a unit of its own, and the count of units is a pair of bounds
over all owners they might have. At most nothing merges. At least what unknown parcels could join is joined; see
`_fewest_units_by_site`.

Each site is cut out for itself. A site that lies inside another (`part_of`) has units of its own, and its ground is in
the units of the whole, too: a sum over sites takes the outermost that have a shape, as `topology.containing_sites`
tells.
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

#: How far two borders may be apart, or over each other, and still be one.
TOLERANCE_M: Final = 0.05

#: When a piece of a parcel at the border of a site belongs to it. Half is what state services ask of a parcel before
#: they take it into a zone. Outlines of zones are generalised by about 2 m, which leaves strips
#: up to 2 m wide beside every border; nothing is built on, driven along or sold in less than 3 m.
BELONGING: Final = Belonging(least_share=0.5, least_width_m=3.0)
#: Every piece belongs, however narrow: what the count would be without the rule.
ANY_PIECE: Final = Belonging(least_share=0.0, least_width_m=0.0)


@dataclass(frozen=True, slots=True)
class LandUnitsFound:
    """Land units and what is known of them.

    `touching` are positions in `units`, the smaller first: two units of one site that share an edge. `edges` are the
    pieces of parcels that belong to no site, though its border takes them in: they are told and not counted.
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
    r"""Join contiguous parcels of one owner inside each site, and bound their number where owners are unknown.

    .. math:: units(s) = parts(\bigcup_{p: owner(p) = o} p \cap s), \quad o \in owners

    Parameters
    ----------
    parcels
        In the CRS of `sites`. One without a shape is in no unit.
    owners
        Who owners are. One of kind `unknown`, and one that is not listed, is as unknown as none at all.
    sites
        In a projected CRS in metres. One without a shape has no units, and counts that are NaN.
    tolerance_m
        How far two borders may be apart, or over each other, and still be one, in metres.
    belonging
        When a piece of a parcel that the border of a site cuts belongs to the site.

    Returns
    -------
    found
        `units`: one row a unit, site after site in the order given, then by its first parcel, whose source it has;
        polygons in the CRS given, `measured_m2` in square metres. `counts`: one row a site in the order given;
        `units_low` and `units_high` differ where owners are unknown; `every_low` and `every_high` are what they would
        be if every piece belonged to its site. `edges`: the pieces that do not. `touching`: pairs of units that share
        an edge.
        `issues`: every fault of drawing with its square metres, so that parcels in are units and issues out.

    Raises
    ------
    CrsError
        If the layers are in two systems or not in metres.
    SchemaError
        If the tolerance is negative or no number, or a site lies inside itself.

    Examples
    --------
    Two of three plots in a row are the harbour's; nobody knows whose the middle one is.

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
    """Say of the sites that have edges how many land units they would have if these belonged to them."""
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
    """Who holds each parcel: a number, its own where nobody knows; the key of the owner; and what kind of owner.

    `lost` are the parcels whose owner is named, and is not in the layer of owners.
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
    """Yield the parcels whose owner the layer of owners lacks, and those that have no shape."""
    unlisted = parcels.iloc[holders.lost]
    for parcel, owner in zip(unlisted["parcel_id"], unlisted["owner_id"], strict=True):
        message = "Its owner is not in the layer of owners, which may be of another vintage: taken as unknown."
        yield issue_row("parcels", parcel, "owner_id", owner, message)
    for parcel in parcels["parcel_id"].iloc[np.flatnonzero(shapely.is_missing(layer_shapes(parcels)))]:
        yield issue_row("parcels", parcel, "geometry", "", "It has no shape, and is in no land unit.")


# --- the units -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Merged:
    """Land units: the shape of each; its pieces, `members[starts[n]:starts[n + 1]]`; and gaps that became ground.

    `touching` are pairs of units. `added_m2` has the ground of gaps, by the piece that comes first in the unit.
    """

    shape: Shapes
    members: Ints
    starts: Ints
    touching: Ints
    added_m2: Mapping[int, float]


def _merged_units(pieces: ParcelPieces, met: Contacts, holders: _Holders, reach: float) -> _Merged:
    """Join the pieces of one holder that touch."""
    holder = holders.number[pieces.parcel]
    one, other = met.pairs.T
    same_holder = holder[one] == holder[other]
    label = _component_labels(one[same_holder], other[same_holder], len(holder))
    order, starts = _grouped_positions(label)
    is_rough = np.zeros(len(starts) - 1, dtype=bool)
    is_rough[label[one[same_holder & ~met.exact]]] = True
    joined = _joined_shapes(pieces.shape, order, starts, ~is_rough)
    near_units = np.unique(label[np.concatenate([met.pairs[~met.exact].ravel(), met.doubtful.ravel()])])
    is_rough[near_units] |= ~shapely.is_valid(
        joined[near_units]
    )  # they may be near the end of a border that skips a vertex
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
    """Yield the gaps that became ground of a unit."""
    for piece, area in merged.added_m2.items():
        if area > NO_GROUND_M2:
            message = "Gaps between its parcels and no one's ground, now part of its land unit."
            yield parcel_ground_issue(names[pieces.parcel[piece]], area, message)


def _component_labels(a: Ints, b: Ints, count: int) -> Ints:
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)


def _grouped_positions(label: Ints) -> tuple[Ints, Ints]:
    """Return positions group after group, each in order, and where each group starts and the last ends."""
    return np.argsort(label, kind="stable"), np.append(0, np.cumsum(np.bincount(label)))


def _joined_shapes(shapes: Shapes, order: Ints, starts: Ints, those: Flags) -> Shapes:
    """Join groups of polygons that share every vertex, all groups of one size at once."""
    joined, size = np.full(len(starts) - 1, None, dtype=object), np.diff(starts)
    for count in np.unique(size[those]).tolist():
        group_rows = np.flatnonzero(those & (size == count))
        block = shapes[order[starts[group_rows][:, None] + np.arange(count)]]
        joined[group_rows] = block[:, 0] if count == 1 else shapely.coverage_union_all(block, axis=1)
    return joined


class _Joiner:
    """Joins polygons whose borders are near each other, and fills the gaps between them."""

    def __init__(self, pieces: ParcelPieces, reach: float) -> None:
        self.pieces, self.reach = pieces, reach
        self.tree = shapely.STRtree(pieces.shape)
        self.taken: list[Any] = []

    def join(self, members: Ints) -> tuple[Any, float]:
        """Return the union of some pieces, and the square metres of gaps that are in it now.

        A gap is what a closing by half the tolerance adds (Serra, 1982), where two parts are near each other and no
        other piece has the ground.
        """
        union = shapely.union_all(self.pieces.shape[members])
        parts = shapely.get_parts(union)
        if len(parts) == 1:
            return union, 0.0
        half = 0.51 * self.reach  # a gap as wide as the tolerance is one
        closed = shapely.buffer(shapely.buffer(union, half, join_style="mitre"), -half, join_style="mitre")
        widened_parts = shapely.buffer(parts, self.reach)
        common_of_parts = [widened_parts[n] & shapely.union_all(np.delete(widened_parts, n)) for n in range(len(parts))]
        gap_ground = closed & shapely.union_all(common_of_parts)
        near_rows = self.tree.query(gap_ground, predicate="intersects")
        near_rows = near_rows[self.pieces.site[near_rows] == self.pieces.site[members[0]]]
        other_ground = [*self.pieces.shape[np.setdiff1d(near_rows, members)], *self.taken]
        gap_ground = shapely.difference(gap_ground, shapely.union_all(other_ground))
        parts = shapely.get_parts(shapely.union(union, gap_ground))
        parts = parts[shapely.area(shapely.intersection(parts, union)) > NO_GROUND_M2]  # a gap alone is no unit
        joined_shape = shapely.union_all(parts)
        added_ground = shapely.difference(joined_shape, union)
        self.taken.append(added_ground)
        return joined_shape, shapely.area(added_ground)


def _unit_parts(pieces: Shapes, label: Ints, shapes: Shapes) -> tuple[Ints, Shapes]:
    """Make a unit of every part of a shape; return the unit of each piece, and the units."""
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
    """Make the layer of units."""
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
    """Make a key of each unit of its site and its first parcel, with a number from the second of both on.

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
    """Make a layer of the pieces that belong to no site, in the order of the sites, with keys that no unit has."""
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
    """Bring the values of the pieces of each unit together."""
    return function.reduceat(values, starts) if len(starts) else values


def _weakest_basis(parcels: pd.Series, parcel: Ints, sites: pd.Series, border: Ints, starts: Ints) -> Shapes:
    """Return the weakest basis of what each unit is made of: its parcels, and the site where its border cuts them."""
    words = [basis.value for basis in Basis]
    parcel_basis, site_basis = (pd.Categorical(layer, words).codes.astype(int) for layer in (parcels, sites))
    weakest_codes = np.maximum(parcel_basis[parcel], np.append(site_basis, 0)[border])
    return np.array(words, dtype=object)[_reduced_by_unit(np.maximum, weakest_codes, starts)]


def _joined_names(names: Shapes, counts: Ints) -> Shapes:
    """Join names, so many for each unit, by `|`."""
    starts = pa.array(np.append(0, np.cumsum(counts)), pa.int32())
    listed: Shapes = pc.binary_join(pa.ListArray.from_arrays(starts, pa.array(names, pa.string())), "|").to_numpy(
        zero_copy_only=False
    )
    return listed


# --- how many --------------------------------------------------------------------------------------------------------


def _land_unit_counts(
    merged: _Merged, cut: Cut, holders: _Holders, sites: gpd.GeoDataFrame
) -> DataFrame[LandUnitCounts]:
    """Count the units of each site; what they would be with every piece is the same where there are no edges."""
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
    """Return how many land units there are at least, given the owner of each ("" for unknown) and which ones touch.

    >>> fewest_units(np.array(["A", "", "A"], dtype=object), np.array([[0, 1], [1, 2]]))
    1
    """
    owner_known = owners != ""
    number, keys = pd.factorize(owners)
    holder = np.where(owner_known, number, len(keys) + np.arange(len(number)))
    return int(_fewest_units_by_site(np.zeros(len(owners), dtype=int), holder, owner_known, touching, 1)[0])


def _fewest_units_by_site(site: Ints, holder: Ints, known: Flags, touching: Ints, count: int) -> Ints:
    """Return how many land units each of `count` sites has at least, whoever holds the unknown ones.

    A clump is a connected set of unknown units. Two bounds hold, and the higher is taken:

    - each holder gets every clump that touches it: no more of its units than that can join;
    - a clump of n units has n holders at most, and joins what it touches of each of them: at most the n that gain most.

    A clump that touches nobody known is one unit more. One clump of one unit makes the second bound exact.
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
