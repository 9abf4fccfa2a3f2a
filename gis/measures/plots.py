"""Plots offered to an investor: adjacent terrains that can be acquired together, and their properties.

Terrains are adjacent if they share an edge; a shared point is not enough (`polygon_contacts`). A plot is a maximal
connected set of terrains that can each be acquired, of one owner or several, in one site or several. Terrains whose
availability is not stated form plots of their own, marked as unknown: they never enlarge a certain plot. A terrain
without a geometry is a plot by itself, of unknown size. A published quantity of land without a location is not a
terrain, so it is in no plot.

The buildable land of a plot is what exclusions leave (`buildable_ground`); width and circle are those of that land. A
building is evidence that land is taken, whatever the attributes of the terrain: `built_areas_m2` measures it, and no
rectangle is placed over a building (`unbuilt_ground`).
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.adjacency import NO_GROUND_M2, polygon_contacts
from gis.measures.availability import available_later, immediately_available
from gis.measures.exclusions import split_by_exclusions
from gis.measures.fit import PRECISION_M, check_rectangle_sizes, fit_rectangle
from gis.measures.fit import TOLERANCE_M as FIT_TOLERANCE_M
from gis.measures.plot_shape import (
    AREA_TOLERANCE_M2,
    FRONTAGE_M,
    circle_widths,
    frontage_lengths,
    plot_compactness,
    plot_width,
)
from gis.measures.site_ground import pairs_sharing_ground
from gis.measures.three_valued import answer_serviced, kleene_and
from gis.measures.topology import TOLERANCE_M2, check_same_crs, layer_shapes
from gis.provenance import Basis
from gis.schemas import (
    STATED_KM,
    Accesses,
    AccessKind,
    Answer,
    Approach,
    Approaches,
    Buildings,
    Exclusions,
    OwnerKind,
    Owners,
    Parcels,
    Plots,
    RoadClass,
    Roads,
    Row,
    Sites,
    Terrains,
    conform,
    records,
)
from gis.units import M2_PER_HA

#: Greatest gap or overlap between two borders that count as one.
TOLERANCE_M: Final = 0.05
#: Area of a plot outside parcels above which its owners are unknown.
UNCOVERED_M2: Final = 1.0
#: Number of sets of terrains after which the search for the smallest sufficient sets of a plot stops.
MOST_SETS: Final = 2_000
#: Number of terrains up to which the key of a plot lists all their keys.
_SPELT_OUT: Final = 3
_M_PER_KM: Final = 1_000.0


@dataclass(frozen=True, slots=True)
class PlotGround:
    """Input layers of plots, all in one CRS in metres."""

    terrains: GeoDataFrame[Terrains]
    exclusions: GeoDataFrame[Exclusions]
    parcels: GeoDataFrame[Parcels]
    owners: DataFrame[Owners]
    roads: GeoDataFrame[Roads]
    buildings: GeoDataFrame[Buildings] | None = None


def assemble_plots(
    ground: PlotGround, *, later: bool = False, tolerance_m: float = TOLERANCE_M, frontage_m: float = FRONTAGE_M
) -> GeoDataFrame[Plots]:
    """Assemble adjacent terrains that can be acquired into maximal plots, and measure them.

    Parameters
    ----------
    ground
        Terrains, with the layers that describe their land.
    later
        Whether to assemble terrains that are available later (`available_later`) instead of now
        (`immediately_available`).
    tolerance_m
        Greatest gap or overlap between two borders that count as one, in metres.
    frontage_m
        Greatest distance between the centre line of a road and a border with frontage on it, in metres.

    Returns
    -------
    plots
        One row per plot, in the order of their first terrains, certain plots before those of unknown availability. The
        geometry is the whole land of the plot. Hectares, width, circle and compactness are NaN without a geometry,
        frontage also without roads.

    Raises
    ------
    CrsError
        If the layers are not in one CRS in metres.
    """
    terrains = ground.terrains
    check_same_crs(terrains, ground.exclusions, ground.parcels, ground.roads)
    answers = (available_later if later else immediately_available)(terrains).to_numpy()
    touching_pairs = touching_terrains(terrains, tolerance_m=tolerance_m)
    sets = [
        members
        for answer in (Answer.YES, Answer.UNKNOWN)
        for members in _connected_sets(np.flatnonzero(answers == answer), touching_pairs)
    ]
    return measured_plots(ground, sets, answers, later=later, frontage_m=frontage_m)


def touching_terrains(terrains: gpd.GeoDataFrame, *, tolerance_m: float = TOLERANCE_M) -> np.ndarray:
    """Return the pairs of terrains that share an edge: two positions per row, the smaller first."""
    parts, row = shapely.get_parts(layer_shapes(terrains), return_index=True)
    pairs = row[polygon_contacts(parts, np.zeros(len(parts), dtype=np.intp), tolerance_m).pairs]
    pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return np.unique(pairs, axis=0)


def _connected_sets(those: np.ndarray, pairs: np.ndarray) -> list[list[int]]:
    """Return the connected components of positions joined by pairs, each sorted, in the order of their first member."""
    first_of_set = {int(n): int(n) for n in those}

    def root(n: int) -> int:
        while first_of_set[n] != n:
            first_of_set[n] = first_of_set[first_of_set[n]]
            n = first_of_set[n]
        return n

    for a, b in pairs[np.isin(pairs, those).all(axis=1)].tolist():
        low, high = sorted((root(a), root(b)))
        first_of_set[high] = low
    sets: dict[int, list[int]] = {}
    for n in those.tolist():
        sets.setdefault(root(n), []).append(n)
    return list(sets.values())


def buildable_ground(plots: gpd.GeoDataFrame, exclusions: GeoDataFrame[Exclusions]) -> np.ndarray:
    """Return the part of each plot that exclusions leave: empty if nothing is left, `None` without a geometry."""
    shapes = layer_shapes(plots)
    rows_with_shape = np.flatnonzero(~shapely.is_missing(shapes))
    left_shapes = split_by_exclusions(shapes[rows_with_shape], exclusions, shaped=True).left
    left_shapes[shapely.area(left_shapes) <= NO_GROUND_M2] = shapely.Polygon()
    shapes[rows_with_shape] = left_shapes
    return shapes


def unbuilt_ground(left: np.ndarray, buildings: gpd.GeoDataFrame | None) -> np.ndarray:
    """Return the part of the land that buildings leave: empty if nothing is left; `None` stays `None`."""
    walls = None if buildings is None else layer_shapes(buildings)
    if walls is None or shapely.is_missing(walls).all():
        return left
    unbuilt = left.copy()
    walls_by_row: dict[int, list[int]] = {}
    for n, wall in zip(*(each.tolist() for each in pairs_sharing_ground(left, walls)), strict=True):
        walls_by_row.setdefault(n, []).append(wall)
    for n, wall_rows in walls_by_row.items():
        unbuilt[n] = shapely.difference(left[n], shapely.union_all(walls[wall_rows]))
        if shapely.area(unbuilt[n]) <= NO_GROUND_M2:
            unbuilt[n] = shapely.Polygon()
    return unbuilt


def built_areas_m2(shapes: np.ndarray, buildings: gpd.GeoDataFrame | None) -> np.ndarray:
    """Measure the footprints on each shape, overlaps once, in square metres; slivers within the tolerance are ignored.

    NaN without a geometry, and for all shapes if no building is known.
    """
    walls = None if buildings is None else layer_shapes(buildings)
    area = np.full(len(shapes), np.nan)
    if walls is None or shapely.is_missing(walls).all():
        return area
    area[~shapely.is_missing(shapes)] = 0.0
    walls_by_row: dict[int, list[int]] = {}
    for n, wall in zip(*(each.tolist() for each in pairs_sharing_ground(shapes, walls)), strict=True):
        walls_by_row.setdefault(n, []).append(wall)
    for n, wall_rows in walls_by_row.items():
        common_m2 = float(shapely.area(shapely.intersection(shapes[n], shapely.union_all(walls[wall_rows]))))
        area[n] = common_m2 if common_m2 > TOLERANCE_M2 else 0.0
    return area


# --- properties of plots ----------------------------------------------------------------------------------------------


def measured_plots(
    ground: PlotGround, sets: list[list[int]], answers: np.ndarray, *, later: bool, frontage_m: float = FRONTAGE_M
) -> GeoDataFrame[Plots]:
    """Make a plot of each set of positions of terrains, and measure it."""
    terrains, shapes = ground.terrains, layer_shapes(ground.terrains)
    rows = records(pd.DataFrame(terrains.drop(columns="geometry")))
    plot_shapes = np.full(len(sets), None, dtype=object)
    for n, members in enumerate(sets):
        drawn_shapes = shapes[members][~shapely.is_missing(shapes[members])]
        plot_shapes[n] = (
            (drawn_shapes[0] if len(drawn_shapes) == 1 else shapely.union_all(drawn_shapes))
            if len(drawn_shapes)
            else None
        )
    frame = pd.DataFrame([_plot_columns([rows[n] for n in members]) for members in sets], columns=list(_SAID)).astype(
        _SAID
    )
    frame["available"] = pd.array([answers[members[0]] for members in sets], dtype="str")
    frame["later"] = pd.array([(Answer.YES if later else Answer.NO).value] * len(sets), dtype="str")
    layer = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(plot_shapes, crs=terrains.crs))
    left_shapes = buildable_ground(layer, ground.exclusions)
    has_shape = ~shapely.is_missing(plot_shapes)
    area = np.where(has_shape, shapely.area(plot_shapes), np.nan)
    has_ground = has_shape & ~shapely.is_empty(left_shapes)
    is_open_road = ground.roads["road_class"] != RoadClass.MOTORWAY  # motorways give no access to adjacent land
    layer = layer.assign(
        owners=owner_counts(plot_shapes, ground.parcels, ground.owners),
        gross_ha=area / M2_PER_HA,
        left_ha=np.where(has_shape, np.minimum(shapely.area(left_shapes), area), np.nan) / M2_PER_HA,
        built_m2=built_areas_m2(plot_shapes, ground.buildings),
        width_m=_measure_each(left_shapes, has_ground, has_shape, plot_width),
        circle_m=np.where(has_ground, circle_widths(left_shapes), np.where(has_shape, 0.0, np.nan)),
        compactness=_measure_each(left_shapes, has_ground, has_shape, plot_compactness),
        frontage_m=frontage_lengths(plot_shapes, layer_shapes(ground.roads[is_open_road]), within_m=frontage_m),
        measured_m2=area,
    )
    return conform(layer, Plots)


def _measure_each(
    shapes: np.ndarray, some: np.ndarray, there: np.ndarray, measure: Callable[[Any], float]
) -> np.ndarray:
    """Measure each shape; 0 if nothing is left of it, NaN if it has no geometry."""
    values = np.where(there, 0.0, np.nan)
    values[some] = [measure(shape) for shape in shapes[some]]
    return values


#: Attributes of a plot that come from its terrains, with the type of each column.
_SAID: Final = {
    "plot_id": "str",
    "terrain_ids": "str",
    "terrains": "int64",
    "site_ids": "str",
    "serviced": "str",
    "vocation": "str",
    "price_low_eur_m2": "float64",
    "price_high_eur_m2": "float64",
    "power_kw": "float64",
    "available_from": "datetime64[ns]",
    "source_id": "str",
    "basis": "str",
}


def _plot_columns(rows: list[Row]) -> Row:
    """Return the attributes of a plot that come from its terrains."""
    ids = [str(row["terrain_id"]) for row in rows]
    price = np.array([row["price_eur_m2"] for row in rows], dtype=float)
    power = np.array([row["power_kw"] for row in rows], dtype=float)
    days = pd.Series([row["available_from"] for row in rows], dtype="datetime64[ns]")
    return {
        "plot_id": plot_key(ids),
        "terrain_ids": "|".join(ids),
        "terrains": len(ids),
        "site_ids": _joined_words(row["site_id"] for row in rows),
        "serviced": kleene_and(answer_serviced(row["servicing"]) for row in rows).value,
        "vocation": _joined_words(row["vocation"] for row in rows),
        "price_low_eur_m2": price.min(),
        "price_high_eur_m2": price.max(),
        "power_kw": np.nan if np.isnan(power).all() else np.nanmax(power),
        "available_from": pd.NaT if days.isna().any() else days.max(),
        "source_id": _joined_words(row["source_id"] for row in rows),
        "basis": Basis.weakest(row["basis"] for row in rows).value,
    }


def _joined_words(words: Iterable[str]) -> str:
    return "|".join(dict.fromkeys(filter(None, words)))


def plot_key(terrain_ids: list[str]) -> str:
    """Return the key of a plot, derived from the keys of its terrains: the same terrains give the same key.

    >>> plot_key(["a", "b"]), plot_key(["a", "b", "c", "d"])
    ('a+b', 'a+3.b54856b7')
    """
    if len(terrain_ids) <= _SPELT_OUT:
        return "+".join(terrain_ids)
    digest = hashlib.sha256("|".join(terrain_ids).encode()).hexdigest()[:8]
    return f"{terrain_ids[0]}+{len(terrain_ids) - 1}.{digest}"


def owner_counts(shapes: np.ndarray, parcels: GeoDataFrame[Parcels], owners: DataFrame[Owners]) -> np.ndarray:
    """Count the owners of the land of each shape; NaN if an owner is unknown, or some of the land is in no parcel."""
    counts = np.full(len(shapes), np.nan)
    rows_with_shape = np.flatnonzero(~shapely.is_missing(shapes))
    kinds = dict(zip(owners["owner_id"], owners["owner_kind"], strict=True))
    owner_known = [kinds.get(owner, OwnerKind.UNKNOWN) != OwnerKind.UNKNOWN for owner in parcels["owner_id"]]
    pieces, owner = layer_shapes(parcels), parcels["owner_id"].to_numpy(dtype=object)
    shape, parcel = shapely.STRtree(pieces).query(shapes[rows_with_shape], predicate="intersects")
    common_m2 = shapely.area(shapely.intersection(shapes[rows_with_shape[shape]], pieces[parcel]))
    is_real = common_m2 > UNCOVERED_M2
    shape, parcel, common_m2 = shape[is_real], parcel[is_real], common_m2[is_real]
    covered_m2 = np.bincount(shape, common_m2, minlength=len(rows_with_shape))
    owners_sure = np.bincount(shape, ~np.array(owner_known, dtype=bool)[parcel], minlength=len(rows_with_shape)) == 0
    for n in np.flatnonzero(owners_sure & (covered_m2 > shapely.area(shapes[rows_with_shape]) - UNCOVERED_M2)).tolist():
        counts[rows_with_shape[n]] = len({*owner[parcel[shape == n]]})
    return counts


# --- the smallest sufficient plots ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Need:
    """Requirements of a search: a minimum area in hectares, and a rectangle with a setback."""

    min_ha: float = 0.0
    rectangle: tuple[float, float] | None = None
    setback_m: float = 0.0
    tolerance_m: float = FIT_TOLERANCE_M

    @property
    def least_m2(self) -> float:
        """The least area that can meet the requirements."""
        a, b = self.rectangle or (0.0, 0.0)
        return max(self.min_ha * M2_PER_HA - AREA_TOLERANCE_M2, (a - PRECISION_M) * (b - PRECISION_M))

    def met_by(self, left: Any, unbuilt: Any = None) -> bool:
        """Tell whether land meets the requirements; the rectangle must fit in `unbuilt`, by default all of the land."""
        if left is None or shapely.area(left) < self.least_m2:
            return False
        if self.rectangle is None:
            return True
        a, b = self.rectangle
        return (
            fit_rectangle(
                left if unbuilt is None else unbuilt, a, b, setback_m=self.setback_m, tolerance_m=self.tolerance_m
            )
            is not None
        )


@dataclass(frozen=True, slots=True)
class Smallest:
    """The smallest sets of adjacent terrains that meet the requirements, and the plots whose search was stopped.

    `plots` has, for each plot that is sufficient as a whole, all of its sets with the least number of terrains.
    `given_up` lists the plots (by `plot_key`) for which more than `MOST_SETS` sets would have to be tested.
    """

    plots: GeoDataFrame[Plots]
    given_up: tuple[str, ...]


def smallest_plots(
    ground: PlotGround, need: Need, *, later: bool = False, tolerance_m: float = TOLERANCE_M, most_sets: int = MOST_SETS
) -> Smallest:
    """Find, in each plot, the sets with the fewest adjacent terrains that meet the requirements.

    Sets of one terrain are tested first, then sets of two adjacent ones, and so on, each set once. As additional land
    never reduces the space, the first sufficient sets are the smallest. The result is exact unless the search stops
    early.

    Raises
    ------
    SchemaError
        If a required size is not valid.
    """
    if need.rectangle is not None:
        check_rectangle_sizes(*need.rectangle, setback_m=need.setback_m, tolerance_m=need.tolerance_m)
    whole_plots = assemble_plots(ground, later=later, tolerance_m=tolerance_m)
    position_by_id = {key: n for n, key in enumerate(ground.terrains["terrain_id"])}
    left = buildable_ground(ground.terrains, ground.exclusions)
    unbuilt = unbuilt_ground(left, ground.buildings)
    neighbours: dict[int, set[int]] = {}
    for a, b in touching_terrains(ground.terrains, tolerance_m=tolerance_m).tolist():
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    sets_found: list[list[int]] = []
    given_up = []
    for key, ids in zip(whole_plots["plot_id"], whole_plots["terrain_ids"], strict=True):
        members = {position_by_id[each] for each in ids.split("|")}
        sets = _smallest_sets(members, neighbours, (left, unbuilt), need, most_sets)
        if sets is None:
            given_up.append(key)
        else:
            sets_found += sets
    answers = (available_later if later else immediately_available)(ground.terrains).to_numpy()
    return Smallest(measured_plots(ground, sets_found, answers, later=later), tuple(given_up))


def _smallest_sets(
    members: set[int],
    beside: Mapping[int, set[int]],
    grounds: tuple[np.ndarray, np.ndarray],
    need: Need,
    most: int,
) -> list[list[int]] | None:
    """Return the smallest connected sets of members that meet the requirements, in order; `None` beyond the limit."""
    left, unbuilt = grounds

    def enough(those: Iterable[int]) -> bool:
        left_shapes = [left[n] for n in sorted(those) if left[n] is not None]
        if sum(shape.area for shape in left_shapes) < need.least_m2:
            return False
        unbuilt_shapes = [unbuilt[n] for n in sorted(those) if unbuilt[n] is not None]
        return need.met_by(shapely.union_all(left_shapes), shapely.union_all(unbuilt_shapes))

    if not enough(members):
        return []
    level = {frozenset([n]) for n in members}
    sets_looked_at = 0
    while level:
        sets_looked_at += len(level)
        if sets_looked_at > most:
            return None
        if enough_sets := sorted(sorted(those) for those in level if enough(those)):
            return enough_sets
        level = {
            those | {n} for those in level for m in those for n in beside.get(m, ()) if n in members and n not in those
        }
    return []


# --- distances --------------------------------------------------------------------------------------------------------


def access_distances(
    layer: gpd.GeoDataFrame, key: str, accesses: GeoDataFrame[Accesses], sites: GeoDataFrame[Sites]
) -> DataFrame[Approaches]:
    """Return the distance of each row to the nearest access of each kind.

    Parameters
    ----------
    layer
        Plots or premises, in the CRS of `accesses`; `site_ids` or `site_id` gives their sites.
    key
        Column with the keys of its rows.
    accesses
        Points; the straight-line distance is measured from the border of a shape.
    sites
        If a row has no geometry, or no access of a kind is known, the distance that a source states for its site
        applies: the least if there are several sites. Otherwise it is unknown.

    Returns
    -------
    approaches
        One row for each row and kind, in order; kilometres, straight-line distances rounded to the metre.
    """
    check_same_crs(layer, accesses)
    shapes, names = layer_shapes(layer), layer[key].to_numpy(dtype=object)
    sites_of_rows = layer["site_ids" if "site_ids" in layer else "site_id"].str.split("|")
    stated_by_site = sites.set_index("site_id")
    columns: list[pd.DataFrame] = []
    for kind in AccessKind:
        points = accesses[(accesses["access_kind"] == kind) & accesses.geometry.notna()]
        km, nearest = np.full(len(shapes), np.nan), np.full(len(shapes), "", dtype=object)
        approach_kinds = np.full(len(shapes), Approach.UNKNOWN.value, dtype=object)
        rows_with_shape = np.flatnonzero(~shapely.is_missing(shapes)) if len(points) else np.array([], dtype=int)
        if len(rows_with_shape):
            (row, access_rows), distance = shapely.STRtree(layer_shapes(points)).query_nearest(
                shapes[rows_with_shape], return_distance=True, all_matches=False
            )
            km[rows_with_shape[row]] = np.round(distance) / _M_PER_KM
            nearest[rows_with_shape[row]] = points["access_id"].to_numpy(dtype=object)[access_rows]
            approach_kinds[rows_with_shape[row]] = Approach.CROW.value
        stated_km = [stated_by_site[STATED_KM[kind]].reindex(site_ids).min() for site_ids in sites_of_rows]
        is_stated_only = np.isnan(km) & ~np.isnan(np.array(stated_km, dtype=float))
        km[is_stated_only], approach_kinds[is_stated_only] = (
            np.array(stated_km, dtype=float)[is_stated_only],
            Approach.STATED.value,
        )
        columns.append(
            pd.DataFrame(
                {
                    "subject": names,
                    "access_kind": kind.value,
                    "km": km,
                    "approach": approach_kinds,
                    "access_id": nearest,
                }
            )
        )
    frame = pd.concat(columns).sort_index(kind="stable").reset_index(drop=True)
    texts = ["subject", "access_kind", "approach", "access_id"]
    return conform(frame.astype(dict.fromkeys(texts, "str")), Approaches)
