"""Occupied area of a site on a date, by kind of area: land, building footprints, floors of premises.

Each kind is divided by the total of that kind in the layers, and never added to another kind:

- **land**: the terrains under occupied premises, and the land of the premises themselves, over the area of the site;
- **footprint**: the part of the site's buildings that occupied premises cover, over the footprints of these buildings;
- **floor**: the floor area of occupied premises, over that of all premises that have one.

Premises that are occupied for certain give the lower bound. Premises whose dates are bounds around the day count in
the upper bound only. Occupied premises without a geometry may lie anywhere in their building, or anywhere at all: they
too count in the upper bound only. Premises without a known occupant are not called vacant here
(`gis.measures.vacancy`). If no source ever names a tenant of a site in the phases asked for, its occupancy is not
known: the occupied area is between zero and the total.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis import schemas
from gis.measures.measure import (
    Assumption,
    CitedRows,
    FigureKind,
    Measure,
    MeasuredLayers,
    cite_rows,
    figure_subject,
)
from gis.measures.occupancy import holds_by_premises, occupancy
from gis.measures.same_premises import PREMISES_UNDER_TWO_KEYS, first_premises_keys, total_floor_once
from gis.measures.site_ground import pairs_sharing_ground
from gis.measures.topology import PARTS_ONCE, SHARED_ONCE, TOLERANCE_M2, check_same_crs, containing_sites, layer_shapes
from gis.provenance import Bounds, Figure
from gis.schemas import (
    KEYS,
    AreaKind,
    Buildings,
    Held,
    Phase,
    Premises,
    Row,
    Sites,
    Tenancies,
    Terrains,
    records,
)

L = TypeVar("L", bound=pd.DataFrame)

RULE: Final = "gis.measures.occupied_areas"

#: The `site_id` of the row of the territory, the sum over the sites.
TERRITORY: Final = ""

#: The kinds of area that layers can contain, in the order of the figures.
KINDS: Final = (AreaKind.LAND, AreaKind.FOOTPRINT, AreaKind.FLOOR)

#: The default phases of the tenancies that count.
IN_PLACE: Final = (Phase.IN_PLACE,)

HELD_LAND_M2: Final = FigureKind(
    kind="held_land_m2",
    unit="m2",
    rule=f"{RULE}.held",
    fr="Terrain sous les occupants en place : les terrains où sont leurs locaux.",
    en="Ground under occupants in place: the terrains that their premises stand on.",
)
HELD_LAND_SHARE: Final = FigureKind(
    kind="held_land_share",
    unit="ratio",
    rule=f"{RULE}.held",
    fr="Terrain sous les occupants en place, rapporté au terrain mesuré du site.",
    en="Ground under occupants in place over the measured ground of the site.",
    pages=("territory",),
)
HELD_FOOTPRINT_M2: Final = FigureKind(
    kind="held_footprint_m2",
    unit="m2",
    rule=f"{RULE}.held",
    fr="Emprise au sol que tiennent les occupants en place.",
    en="Footprints of buildings that occupants in place hold.",
)
HELD_FOOTPRINT_SHARE: Final = FigureKind(
    kind="held_footprint_share",
    unit="ratio",
    rule=f"{RULE}.held",
    fr="Emprise au sol que tiennent les occupants en place, rapportée à celle de tous les bâtiments.",
    en="Footprints that occupants in place hold over the footprints of all buildings.",
    pages=("territory",),
)
HELD_FLOOR_M2: Final = FigureKind(
    kind="held_floor_m2",
    unit="m2",
    rule=f"{RULE}.held",
    fr="Plancher des locaux que tiennent les occupants en place.",
    en="Floor area of the premises that occupants in place hold.",
)
HELD_FLOOR_SHARE: Final = FigureKind(
    kind="held_floor_share",
    unit="ratio",
    rule=f"{RULE}.held",
    fr="Plancher des locaux que tiennent les occupants en place, rapporté à celui de tous les locaux.",
    en="Floor area of the premises that occupants in place hold over that of all premises.",
    pages=("territory",),
)

HOLDERS_UNKNOWN: Final = Assumption(
    key="holders_unknown",
    fr="Personne n’a dit qui en tient une partie : cette partie est comptée entre rien et tout.",
    en="Nobody has said who holds some of it: it is between nothing and all of it.",
)
LISTED_ALONE: Final = Assumption(
    key="listed_alone",
    fr="Le maximum est celui des occupants de la liste : d’autres l’augmenteraient.",
    en="The upper bound is that of the occupants who are listed: others would raise it.",
)
TERRAIN_HELD_WHOLE: Final = Assumption(
    key="terrain_held_whole",
    fr="Un terrain est d’une seule occupation : celui où sont des locaux tenus est tenu entier.",
    en="A terrain is uniform in occupation: one that held premises stand on is held whole.",
)
WITHOUT_FLOOR: Final = Assumption(
    key="without_floor",
    fr="Les locaux sans surface de plancher ne comptent ni d’un côté ni de l’autre.",
    en="Premises without a floor area are left out of both.",
)
WITHOUT_FOOTPRINT: Final = Assumption(
    key="without_footprint",
    fr="Les bâtiments sans contour ne comptent ni d’un côté ni de l’autre.",
    en="Buildings without a shape are left out of both.",
)


@dataclass(frozen=True, slots=True)
class Layers:
    """The input layers, in one projected CRS in metres, with all tenancies of their sites."""

    sites: GeoDataFrame[Sites]
    terrains: GeoDataFrame[Terrains]
    buildings: GeoDataFrame[Buildings]
    premises: GeoDataFrame[Premises]
    tenancies: DataFrame[Tenancies]


def occupied_area_layers(known: MeasuredLayers, site_id: str | None = None) -> Layers:
    """Return the input layers of the occupied area, of one site and those inside it, or of all sites."""
    site_ids = [site for site, above in containing_sites(known.sites).items() if site_id in {None, site, *above}]

    def rows_of_sites(layer: L) -> L:
        return layer[layer["site_id"].isin(site_ids)]

    return Layers(
        rows_of_sites(known.sites),
        rows_of_sites(known.terrains),
        rows_of_sites(known.buildings),
        rows_of_sites(known.premises),
        rows_of_sites(known.tenancies),
    )


@dataclass(frozen=True, slots=True)
class _SiteHoldings:
    """Land, buildings and premises of one site, including the sites inside it."""

    site_id: str
    own: frozenset[str]  # the site and those inside it
    land: Any
    drawn: bool  # whether a terrain or premises in it have a geometry: an outline alone tells nothing of occupants
    built: Any
    left_out: Mapping[AreaKind, int]
    premises: Mapping[str, "_Room"]

    def base(self, kind: AreaKind) -> float:
        """Return the total of a kind of area, in square metres; 0 if the layers contain none."""
        if kind is AreaKind.FLOOR:
            return total_floor_once((room.counts_as, room.floor_m2) for room in self.premises.values())
        if kind is AreaKind.LAND:
            return float(shapely.area(self.land)) if self.drawn else 0.0
        return float(shapely.area(self.built))

    def held(self, kind: AreaKind, holds: Mapping[str, str], told: frozenset[str] | None = None) -> Bounds:
        """Return the occupied area of a kind, given the occupied premises: certain ("yes") or possible ("maybe").

        `told` are the sites whose occupants are known; all sites if omitted.
        """
        if told is not None and not self.own & told:
            return Bounds(0.0, self.base(kind))
        rooms_and_holds = [(self.premises[key], how) for key, how in holds.items() if key in self.premises]
        sure_rooms = [room for room, how in rooms_and_holds if how == "yes"]
        held_rooms = [room for room, _ in rooms_and_holds]
        if kind is AreaKind.FLOOR:
            return Bounds(
                *(
                    total_floor_once((room.counts_as, room.floor_m2) for room in some_rooms)
                    for some_rooms in (sure_rooms, held_rooms)
                )
            )
        whole_shape = self.land if kind is AreaKind.LAND else self.built
        least_shapes = [room.ground if kind is AreaKind.LAND else room.shape for room in sure_rooms]
        most_shapes = [room.reach if kind is AreaKind.LAND else room.walls for room in held_rooms]
        return Bounds(_covered_area_m2(whole_shape, least_shapes), _covered_area_m2(whole_shape, most_shapes))


@dataclass(frozen=True, slots=True)
class _Room:
    """One premises: its floor area, its geometry, its certain and greatest land area, and its greatest footprint."""

    floor_m2: float
    shape: Any
    ground: Any
    reach: Any
    walls: Any
    under: tuple[str, ...]  # the terrains it stands on
    counts_as: str  # its key, or that of the same premises under another key


def _covered_area_m2(whole: Any, pieces: Sequence[Any]) -> float:
    """Return the area of a whole that pieces cover, overlaps once; a piece that is None covers nothing."""
    return float(shapely.area(shapely.intersection(whole, shapely.union_all(np.array(pieces, dtype=object)))))


@dataclass(frozen=True, slots=True)
class HeldPieces:
    """One kind of area of a site, split by the premises that cover it: square metres, and the premises of each piece.

    A piece is occupied if any of its premises is: certainly for those of `low`, possibly for those of `high`. `under`
    are the terrains that each premises stands on, if the kind is land.
    """

    kind: AreaKind
    base_m2: float
    left_out: int
    low: Mapping[tuple[str, ...], float]
    high: Mapping[tuple[str, ...], float]
    under: Mapping[str, tuple[str, ...]]


def held_pieces(layers: Layers, *, site_id: str) -> list[HeldPieces]:
    """Split each kind of area of a site, so that the occupied area on any day is a sum of pieces.

    `held` gives the same sum. A page adds up the pieces again when its reader chooses another date or phase.
    """
    (place,) = [place for place in _site_holdings(layers) if place.site_id == site_id]
    rooms = place.premises
    pieces_by_kind = []
    low: Mapping[tuple[str, ...], float]
    high: Mapping[tuple[str, ...], float]
    for kind in KINDS:
        if kind is AreaKind.FLOOR:
            keys_by_premises: dict[str, list[str]] = {}
            for key, room in rooms.items():
                keys_by_premises.setdefault(room.counts_as, []).append(key)
            low = high = {
                tuple(keys): floor for keys in keys_by_premises.values() if (floor := rooms[keys[0]].floor_m2)
            }
        else:
            whole_shape = place.land if kind is AreaKind.LAND else place.built
            low, high = (
                _area_by_shape_set(whole_shape, {key: getattr(room, how) for key, room in rooms.items()})
                for how in TAKEN[kind]
            )
        under = {key: room.under if kind is AreaKind.LAND else () for key, room in rooms.items()}
        if (base := place.base(kind)) > 0:
            pieces_by_kind.append(HeldPieces(kind, base, place.left_out[kind], low, high, under))
    return pieces_by_kind


#: Attributes of premises by kind of area: the certain and the greatest extent.
TAKEN: Final = {AreaKind.LAND: ("ground", "reach"), AreaKind.FOOTPRINT: ("shape", "walls")}

#: A smaller piece is a sliver between two outlines that do not match exactly.
SLIVER_M2: Final = 0.005


def _area_by_shape_set(whole: Any, shapes: Mapping[str, Any]) -> dict[tuple[str, ...], float]:
    """Return the area of a whole that each set of shapes covers exclusively."""
    keys_by_shape: dict[bytes, list[str]] = {}
    for key, shape in shapes.items():
        if shape is not None:
            keys_by_shape.setdefault(shapely.to_wkb(shapely.normalize(shape)), []).append(key)
    cut_pieces: list[tuple[Any, tuple[str, ...]]] = []
    for wkb, keys in keys_by_shape.items():
        uncovered = shapely.intersection(whole, shapely.from_wkb(wkb))
        pieces = []
        for piece, earlier_keys in cut_pieces:
            common = shapely.intersection(piece, uncovered)
            if shapely.area(common) > SLIVER_M2:
                pieces += [(common, (*earlier_keys, *keys)), (shapely.difference(piece, common), earlier_keys)]
                uncovered = shapely.difference(uncovered, common)
            else:
                pieces.append((piece, earlier_keys))
        cut_pieces = [*pieces, (uncovered, tuple(keys))]
    areas: dict[tuple[str, ...], float] = {}
    for piece, covering_keys in cut_pieces:
        if (area := float(shapely.area(piece))) > SLIVER_M2:
            areas[covering_keys] = areas.get(covering_keys, 0.0) + area
    return areas


def _site_holdings(layers: Layers) -> list[_SiteHoldings]:
    sites, terrains, buildings, premises = layers.sites, layers.terrains, layers.buildings, layers.premises
    check_same_crs(sites, terrains, buildings, premises)
    outer_sites = containing_sites(sites)
    pieces, outlines, footprints = layer_shapes(terrains), layer_shapes(sites), layer_shapes(buildings)
    names = terrains["terrain_id"].to_numpy(dtype=object)
    tree = shapely.STRtree(pieces)
    first_key = first_premises_keys(premises)
    by_building = dict(zip(buildings["building_id"], footprints, strict=True))
    nested_sites = {
        site: {site, *(part for part, above in outer_sites.items() if site in above)} for site in outer_sites
    }

    def rows_of_site(layer: pd.DataFrame, site: str) -> np.ndarray:
        is_in_site: np.ndarray = layer["site_id"].isin(nested_sites[site]).to_numpy()
        return is_in_site

    def standing_on(shape: Any) -> tuple[Any, tuple[str, ...]]:
        under = np.sort(tree.query(shape, predicate="intersects"))
        under = under[shapely.area(shapely.intersection(pieces[under], shape)) > TOLERANCE_M2]
        return shapely.union_all(np.append(pieces[under], shape)), tuple(names[under])

    def rooms(rows: gpd.GeoDataFrame, land: Any, built: Any) -> Iterable[tuple[str, _Room]]:
        columns = (rows[name] for name in ("premises_id", "building_id", "floor_m2"))
        for key, building, floor, shape in zip(*columns, layer_shapes(rows), strict=True):
            walls = shape if shape is not None else by_building.get(building)
            reach, under = (land, ()) if walls is None else standing_on(walls)
            ground = None if shape is None else reach
            room = _Room(0.0 if np.isnan(floor) else float(floor), shape, ground, reach, built, under, first_key[key])
            yield key, room if walls is None else replace(room, walls=walls)

    holdings = []
    for site, outline in zip(outer_sites, outlines, strict=True):
        land = outline if outline is not None else shapely.union_all(pieces[rows_of_site(terrains, site)])
        built = shapely.union_all(footprints[rows_of_site(buildings, site)])
        site_premises = premises[rows_of_site(premises, site)]
        left_out = {
            AreaKind.LAND: 0,
            AreaKind.FOOTPRINT: int(shapely.is_missing(footprints[rows_of_site(buildings, site)]).sum()),
            AreaKind.FLOOR: int(site_premises["floor_m2"].isna().sum()),
        }
        has_drawn_shape = bool(
            site_premises.geometry.notna().any() or not shapely.is_missing(pieces[rows_of_site(terrains, site)]).all()
        )
        holdings.append(
            _SiteHoldings(
                site,
                frozenset(nested_sites[site]),
                land,
                has_drawn_shape,
                built,
                left_out,
                dict(rooms(site_premises, land, built)),
            )
        )
    return holdings


def sites_with_known_holders(tenancies: pd.DataFrame, phases: Sequence[Phase]) -> frozenset[str]:
    """Return the sites with a tenancy in one of some phases, at any time; a tenant who has left was in place."""
    phase = tenancies["phase"].where(tenancies["phase"] != Phase.LEFT, Phase.IN_PLACE.value)
    return frozenset(tenancies.loc[phase.isin(phases), "site_id"])


def _held_by_sites_together(
    places: Sequence[_SiteHoldings], kind: AreaKind, holds: Mapping[str, str], told: frozenset[str]
) -> Row:
    """Measure overlapping sites as one, so that their common land counts once."""
    if len(places) == 1:
        return {"base": places[0].base(kind), "held": places[0].held(kind, holds, told)}
    rooms = {key: room for place in places for key, room in place.premises.items()}
    land = shapely.union_all([place.land for place in places if place.drawn])
    built = shapely.union_all([place.built for place in places])
    site_ids = frozenset[str]().union(*(place.own for place in places))
    joint_site = _SiteHoldings(TERRITORY, site_ids, land, drawn=True, built=built, left_out={}, premises=rooms)
    held_bounds = joint_site.held(kind, holds)
    unknown_places = [place for place in places if not place.own & told]
    if unknown_places and kind is AreaKind.FLOOR:
        held_bounds = held_bounds + Bounds(0.0, sum(place.base(kind) for place in unknown_places))
    elif unknown_places:
        held_rooms = [rooms[key] for key in holds if key in rooms]
        most_shapes = [room.reach if kind is AreaKind.LAND else room.walls for room in held_rooms]
        unknown_shapes = [place.land if kind is AreaKind.LAND else place.built for place in unknown_places]
        held_bounds = Bounds(
            held_bounds.low, _covered_area_m2(land if kind is AreaKind.LAND else built, [*most_shapes, *unknown_shapes])
        )
    return {"base": joint_site.base(kind), "held": held_bounds}


def _clusters_sharing_ground(places: Sequence[_SiteHoldings]) -> list[list[_SiteHoldings]]:
    """Group sites that overlap, in order."""
    lands = np.array([place.land for place in places], dtype=object)
    first, second = pairs_sharing_ground(lands, lands)
    graph = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(len(places),) * 2)
    label = connected_components(graph, directed=False)[1] if len(places) else np.array([], dtype=int)
    clusters: dict[int, list[_SiteHoldings]] = {}
    for place, group in zip(places, label.tolist(), strict=True):
        clusters.setdefault(group, []).append(place)
    return list(clusters.values())


def held(layers: Layers, *, days: Sequence[dt.date], phases: Sequence[Phase] = IN_PLACE) -> DataFrame[Held]:
    r"""Measure the occupied area of each site on some days, by kind of area.

    .. math:: share_k = \frac{held_k}{base_k}, \quad k \in \{land, footprint, floor\}

    Parameters
    ----------
    layers
        Rows without a geometry count in the bounds as the module describes.
    days
        The days; the state is that at the end of each.
    phases
        The phases of the tenancies that count.

    Returns
    -------
    held
        For each day one row per site and kind of area in the layers, sites in the order given, then one row per kind
        for the territory (`site_id` empty), where nested sites count once. Square metres and ratios.

    Raises
    ------
    CrsError
        If the layers are not in one CRS in metres.
    """
    places = _site_holdings(layers)
    outer_sites = containing_sites(layers.sites)
    outer_clusters = _clusters_sharing_ground([place for place in places if not outer_sites[place.site_id]])
    known_sites = sites_with_known_holders(layers.tenancies, phases)
    rows = []
    for day in days:
        holds = holds_by_premises(layers.tenancies, at=day, phases=phases)
        for place, kind in ((place, kind) for place in places for kind in KINDS):
            if (base := place.base(kind)) > 0:
                key = {"at": day, "site_id": place.site_id, "kind": kind.value, "left_out": place.left_out[kind]}
                rows.append(_held_row(key, base, place.held(kind, holds, known_sites)))
        for kind in KINDS:
            sized_groups = [
                sized_places
                for group in outer_clusters
                if (sized_places := [place for place in group if place.base(kind) > 0])
            ]
            if sized_groups:
                sums = [_held_by_sites_together(group, kind, holds, known_sites) for group in sized_groups]
                left_out = sum(place.left_out[kind] for group in sized_groups for place in group)
                key = {"at": day, "site_id": TERRITORY, "kind": kind.value, "left_out": left_out}
                rows.append(
                    _held_row(key, sum(each["base"] for each in sums), Bounds.total(each["held"] for each in sums))
                )
    return schemas.frame(rows, Held)


def _held_row(key: Row, base: float, found: Bounds) -> Row:
    low, high = found.low or 0.0, found.high or 0.0
    return {
        **key,
        "base_m2": base,
        "held_low_m2": low,
        "held_high_m2": high,
        "share_low": min(low / base, 1.0),
        "share_high": min(high / base, 1.0),
    }


def held_figures(layers: Layers, *, at: dt.date) -> list[Figure]:
    """Compute the occupied area on a day, by site and for the territory, each with its provenance.

    Returns
    -------
    figures
        For each kind an area in square metres and a share. `rows` of an area are the tenancies that hold, their
        premises and, for land, the terrains under them. `rows` of a share are those of the total, and so are those of
        an area if no occupant of the site is known. For the territory, `rows` are its sites.
    """
    table = held(layers, days=[at])
    places = {place.site_id: place for place in _site_holdings(layers)}
    tenancies_in_place = occupancy(layers.tenancies, at=at)
    tenancies_in_place = tenancies_in_place[
        tenancies_in_place["phase"].isin(IN_PLACE) & (tenancies_in_place["holds"] != "no")
    ]
    buildings, premises = layers.buildings, layers.premises
    facts: dict[str, pd.DataFrame] = {
        name: getattr(layers, name).set_index(KEYS[name], drop=False)
        for name in ("sites", "terrains", "buildings", "premises", "tenancies")
    }
    part_of = containing_sites(layers.sites)
    known_sites = sites_with_known_holders(layers.tenancies, IN_PLACE)
    holders_known = {site: bool(place.own & known_sites) for site, place in places.items()}
    outermost_sites = [site for site, above in part_of.items() if not above]
    shared = any(len(group) > 1 for group in _clusters_sharing_ground([places[site] for site in outermost_sites]))
    figures = []
    for row in records(table):
        site_id, kind = row["site_id"], AreaKind(row["kind"])
        known_flags = [
            holders_known[site] for site in ([site_id] if site_id else outermost_sites) if places[site].base(kind) > 0
        ]
        assumption_flags = {
            HOLDERS_UNKNOWN: not all(known_flags),
            LISTED_ALONE: any(known_flags),
            SHARED_ONCE: shared and not site_id,
        }
        nested_sites = {site for site, above in part_of.items() if not site_id or site_id in (site, *above)}
        nested_rooms = [room for site in nested_sites for room in places[site].premises.items()]
        assumption_flags[PREMISES_UNDER_TWO_KEYS] = kind is AreaKind.FLOOR and any(
            key != room.counts_as for key, room in nested_rooms
        )
        whole_keys = {
            AreaKind.LAND: {"sites": [site_id] if site_id else outermost_sites},
            AreaKind.FOOTPRINT: {
                "buildings": list(buildings.loc[buildings["site_id"].isin(nested_sites), "building_id"])
            },
            AreaKind.FLOOR: {"premises": list(premises.loc[premises["site_id"].isin(nested_sites), "premises_id"])},
        }[kind]
        if site_id:
            rooms = places[site_id].premises
            held_rows = tenancies_in_place[tenancies_in_place["premises_id"].isin(list(rooms))]
            keys = list(dict.fromkeys(held_rows["premises_id"]))
            under = sorted({name for key in keys for name in rooms[key].under}) if kind is AreaKind.LAND else []
            part_keys = {"tenancies": list(held_rows["tenancy_id"]), "premises": keys, "terrains": under}
            if held_rows.empty and not holders_known[site_id]:  # any part of the total may be occupied
                part_keys = whole_keys
            elif held_rows.empty:  # cite the tenancies that have ended or are to come
                of_them = layers.tenancies["site_id"].isin(list(places[site_id].own))
                part_keys["tenancies"] = list(layers.tenancies.loc[of_them, "tenancy_id"])
        else:
            part_keys = {"sites": outermost_sites}
        figures += _held_area_figures(
            row,
            at,
            _cite_by_keys(part_keys, facts),
            _cite_by_keys(whole_keys if site_id else part_keys, facts),
            assumption_flags,
        )
    return figures


def _cite_by_keys(keys: Mapping[str, Sequence[str]], facts: Mapping[str, pd.DataFrame]) -> CitedRows:
    """Cite rows of some layers by their keys."""
    return cite_rows(**{layer: facts[layer].loc[list(rows)] for layer, rows in keys.items()})


def _held_area_figures(
    row: Row, at: dt.date, parts: CitedRows, whole: CitedRows, said: Mapping[Assumption, bool]
) -> list[Figure]:
    kind, subject = AreaKind(row["kind"]), figure_subject(row["site_id"])
    area_kind, share_kind = FIGURES[kind]
    assumption_flags = {
        **said,
        TERRAIN_HELD_WHOLE: kind is AreaKind.LAND,
        WITHOUT_FOOTPRINT: kind is AreaKind.FOOTPRINT and row["left_out"] > 0,
        WITHOUT_FLOOR: kind is AreaKind.FLOOR and row["left_out"] > 0,
        PARTS_ONCE: not row["site_id"],
    }
    held_m2 = Bounds(row["held_low_m2"], row["held_high_m2"])
    share = Bounds(row["share_low"], row["share_high"])
    area = area_kind.figure(subject, held_m2, parts, at=at, assumes=assumption_flags)
    return [
        area,
        share_kind.figure(
            subject, share, whole.beside(area), at=at, numerator=area.figure_id, assumes=assumption_flags
        ),
    ]


#: The figures of each kind of area: the occupied area, and its share of the total.
FIGURES: Final = {
    AreaKind.LAND: (HELD_LAND_M2, HELD_LAND_SHARE),
    AreaKind.FOOTPRINT: (HELD_FOOTPRINT_M2, HELD_FOOTPRINT_SHARE),
    AreaKind.FLOOR: (HELD_FLOOR_M2, HELD_FLOOR_SHARE),
}


def _compute(layers: MeasuredLayers, _: Mapping[str, Figure]) -> list[Figure]:
    return held_figures(occupied_area_layers(layers), at=layers.opening)


MEASURE: Final = Measure(
    name="occupied_areas",
    figures=tuple(kind for pair in FIGURES.values() for kind in pair),
    assumptions=(
        HOLDERS_UNKNOWN,
        LISTED_ALONE,
        SHARED_ONCE,
        PREMISES_UNDER_TWO_KEYS,
        TERRAIN_HELD_WHOLE,
        WITHOUT_FLOOR,
        WITHOUT_FOOTPRINT,
        PARTS_ONCE,
    ),
    reads=("tenancies/from", "tenancies/to", "tenancies/phase"),
    compute=_compute,
)
