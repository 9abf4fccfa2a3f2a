"""How much of a site is held on a date, kind by kind: ground, footprints of buildings, floors of premises.

Each kind is divided by what the layers hold of that kind, and never added to another:

- **land**: the terrains that held premises stand on, and the premises' own ground, over the shape of the site;
- **footprint**: the ground of held premises inside the buildings of the site, over the footprints of these buildings;
- **floor**: the floor areas of held premises, over those of all premises that have one.

Premises that hold for sure make the lower bound; those whose dates are bounds around the day are in the upper one
alone. Held premises without a shape may stand anywhere in their building, or anywhere at all: in the upper bound alone
too. What nobody is known to hold is not called vacant here (`gis.measures.vacancy`). Of a site for which no source
names a tenant in these phases, at any time, nobody has said who holds it: between nothing and all of it is held.
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
    cited,
    subject_of,
)
from gis.measures.occupancy import holding, occupancy
from gis.measures.same_premises import PREMISES_UNDER_TWO_KEYS, first_keys, once
from gis.measures.site_ground import sharing
from gis.measures.topology import PARTS_ONCE, SHARED_ONCE, TOLERANCE_M2, same_crs, shapes_of, wholes
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

#: The `site_id` of a row that sums the sites.
TERRITORY: Final = ""

#: The kinds that layers can hold, in the order they are told.
KINDS: Final = (AreaKind.LAND, AreaKind.FOOTPRINT, AreaKind.FLOOR)

#: Whose hold is counted unless told otherwise.
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
    """The layers that are read, in one projected CRS in metres, and every tenancy of their sites."""

    sites: GeoDataFrame[Sites]
    terrains: GeoDataFrame[Terrains]
    buildings: GeoDataFrame[Buildings]
    premises: GeoDataFrame[Premises]
    tenancies: DataFrame[Tenancies]


def layers_of(known: MeasuredLayers, site_id: str | None = None) -> Layers:
    """Return the layers that holding is read from, of one site and those inside it or of all."""
    own = [site for site, above in wholes(known.sites).items() if site_id in {None, site, *above}]

    def of(layer: L) -> L:
        return layer[layer["site_id"].isin(own)]

    return Layers(of(known.sites), of(known.terrains), of(known.buildings), of(known.premises), of(known.tenancies))


@dataclass(frozen=True, slots=True)
class _SiteHoldings:
    """What one site has, those inside it included: its ground, its buildings, its premises."""

    site_id: str
    own: frozenset[str]  # the site and those inside it
    land: Any
    drawn: bool  # whether a terrain or premises in it have a shape: an outline alone says nothing of who holds it
    built: Any
    left_out: Mapping[AreaKind, int]
    premises: Mapping[str, "_Room"]

    def base(self, kind: AreaKind) -> float:
        """Return the whole of a kind, in square metres; 0 where the layers hold none."""
        if kind is AreaKind.FLOOR:
            return once((room.counts_as, room.floor_m2) for room in self.premises.values())
        if kind is AreaKind.LAND:
            return float(shapely.area(self.land)) if self.drawn else 0.0
        return float(shapely.area(self.built))

    def held(self, kind: AreaKind, holds: Mapping[str, str], told: frozenset[str] | None = None) -> Bounds:
        """Return how much of a kind is held, given which premises are, for sure ("yes") or not ("maybe").

        `told` are the sites of which somebody said who holds them; all where it is not given.
        """
        if told is not None and not self.own & told:
            return Bounds(0.0, self.base(kind))
        rooms = [(self.premises[key], how) for key, how in holds.items() if key in self.premises]
        sure = [room for room, how in rooms if how == "yes"]
        every = [room for room, _ in rooms]
        if kind is AreaKind.FLOOR:
            return Bounds(*(once((room.counts_as, room.floor_m2) for room in those) for those in (sure, every)))
        whole = self.land if kind is AreaKind.LAND else self.built
        least = [room.ground if kind is AreaKind.LAND else room.shape for room in sure]
        most = [room.reach if kind is AreaKind.LAND else room.walls for room in every]
        return Bounds(_common(whole, least), _common(whole, most))


@dataclass(frozen=True, slots=True)
class _Room:
    """One premises: its floor, its shape, the ground it takes for sure and at most, the footprint it has at most."""

    floor_m2: float
    shape: Any
    ground: Any
    reach: Any
    walls: Any
    under: tuple[str, ...]  # the terrains it stands on
    counts_as: str  # its key, or that of the same premises under another key


def _common(whole: Any, pieces: Sequence[Any]) -> float:
    """Return the area of a whole that pieces cover, each once; a piece that is None may cover nothing."""
    return float(shapely.area(shapely.intersection(whole, shapely.union_all(np.array(pieces, dtype=object)))))


@dataclass(frozen=True, slots=True)
class HeldPieces:
    """One kind of a site cut where the premises that hold it change: square metres, and the premises of each piece.

    A piece is held when any of its premises is: for sure those of `low`, at most those of `high`. `under` are the
    terrains that each premises stands on, where ground is what is held.
    """

    kind: AreaKind
    base_m2: float
    left_out: int
    low: Mapping[tuple[str, ...], float]
    high: Mapping[tuple[str, ...], float]
    under: Mapping[str, tuple[str, ...]]


def held_pieces(layers: Layers, *, site_id: str) -> list[HeldPieces]:
    """Cut what a site has of each kind, so that what is held on any day is a sum of pieces.

    `held` is that sum, whoever holds: a page adds the pieces up again when its reader chooses another date or state.
    """
    (place,) = [place for place in _places(layers) if place.site_id == site_id]
    rooms = place.premises
    found = []
    low: Mapping[tuple[str, ...], float]
    high: Mapping[tuple[str, ...], float]
    for kind in KINDS:
        if kind is AreaKind.FLOOR:
            same: dict[str, list[str]] = {}
            for key, room in rooms.items():
                same.setdefault(room.counts_as, []).append(key)
            low = high = {tuple(keys): floor for keys in same.values() if (floor := rooms[keys[0]].floor_m2)}
        else:
            whole = place.land if kind is AreaKind.LAND else place.built
            low, high = (_cut(whole, {key: getattr(room, how) for key, room in rooms.items()}) for how in TAKEN[kind])
        under = {key: room.under if kind is AreaKind.LAND else () for key, room in rooms.items()}
        if (base := place.base(kind)) > 0:
            found.append(HeldPieces(kind, base, place.left_out[kind], low, high, under))
    return found


#: What premises take of each kind: for sure, and at most.
TAKEN: Final = {AreaKind.LAND: ("ground", "reach"), AreaKind.FOOTPRINT: ("shape", "walls")}

#: A piece smaller than this is where two outlines do not quite meet.
SLIVER_M2: Final = 0.005


def _cut(whole: Any, shapes: Mapping[str, Any]) -> dict[tuple[str, ...], float]:
    """Return the area of a whole that each set of shapes covers, and no other shape does."""
    alike: dict[bytes, list[str]] = {}
    for key, shape in shapes.items():
        if shape is not None:
            alike.setdefault(shapely.to_wkb(shapely.normalize(shape)), []).append(key)
    cut: list[tuple[Any, tuple[str, ...]]] = []
    for wkb, keys in alike.items():
        rest = shapely.intersection(whole, shapely.from_wkb(wkb))
        pieces = []
        for piece, before in cut:
            common = shapely.intersection(piece, rest)
            if shapely.area(common) > SLIVER_M2:
                pieces += [(common, (*before, *keys)), (shapely.difference(piece, common), before)]
                rest = shapely.difference(rest, common)
            else:
                pieces.append((piece, before))
        cut = [*pieces, (rest, tuple(keys))]
    areas: dict[tuple[str, ...], float] = {}
    for piece, those in cut:
        if (area := float(shapely.area(piece))) > SLIVER_M2:
            areas[those] = areas.get(those, 0.0) + area
    return areas


def _places(layers: Layers) -> list[_SiteHoldings]:
    sites, terrains, buildings, premises = layers.sites, layers.terrains, layers.buildings, layers.premises
    same_crs(sites, terrains, buildings, premises)
    inside = wholes(sites)
    pieces, outlines, footprints = shapes_of(terrains), shapes_of(sites), shapes_of(buildings)
    names = terrains["terrain_id"].to_numpy(dtype=object)
    tree = shapely.STRtree(pieces)
    first = first_keys(premises)
    by_building = dict(zip(buildings["building_id"], footprints, strict=True))
    own = {site: {site, *(part for part, above in inside.items() if site in above)} for site in inside}

    def of(layer: pd.DataFrame, site: str) -> np.ndarray:
        there: np.ndarray = layer["site_id"].isin(own[site]).to_numpy()
        return there

    def standing_on(shape: Any) -> tuple[Any, tuple[str, ...]]:
        under = np.sort(tree.query(shape, predicate="intersects"))
        under = under[shapely.area(shapely.intersection(pieces[under], shape)) > TOLERANCE_M2]
        return shapely.union_all(np.append(pieces[under], shape)), tuple(names[under])

    def rooms(rows: gpd.GeoDataFrame, land: Any, built: Any) -> Iterable[tuple[str, _Room]]:
        columns = (rows[name] for name in ("premises_id", "building_id", "floor_m2"))
        for key, building, floor, shape in zip(*columns, shapes_of(rows), strict=True):
            walls = shape if shape is not None else by_building.get(building)
            reach, under = (land, ()) if walls is None else standing_on(walls)
            ground = None if shape is None else reach
            room = _Room(0.0 if np.isnan(floor) else float(floor), shape, ground, reach, built, under, first[key])
            yield key, room if walls is None else replace(room, walls=walls)

    found = []
    for site, outline in zip(inside, outlines, strict=True):
        land = outline if outline is not None else shapely.union_all(pieces[of(terrains, site)])
        built = shapely.union_all(footprints[of(buildings, site)])
        here = premises[of(premises, site)]
        left_out = {
            AreaKind.LAND: 0,
            AreaKind.FOOTPRINT: int(shapely.is_missing(footprints[of(buildings, site)]).sum()),
            AreaKind.FLOOR: int(here["floor_m2"].isna().sum()),
        }
        drawn = bool(here.geometry.notna().any() or not shapely.is_missing(pieces[of(terrains, site)]).all())
        found.append(
            _SiteHoldings(site, frozenset(own[site]), land, drawn, built, left_out, dict(rooms(here, land, built)))
        )
    return found


def told_sites(tenancies: pd.DataFrame, phases: Sequence[Phase]) -> frozenset[str]:
    """Return the sites of which somebody said who is there in some phases, at any time; who has left was in place."""
    phase = tenancies["phase"].where(tenancies["phase"] != Phase.LEFT, Phase.IN_PLACE.value)
    return frozenset(tenancies.loc[phase.isin(phases), "site_id"])


def _together(places: Sequence[_SiteHoldings], kind: AreaKind, holds: Mapping[str, str], told: frozenset[str]) -> Row:
    """Measure sites that share ground as one: what each of them has counts once."""
    if len(places) == 1:
        return {"base": places[0].base(kind), "held": places[0].held(kind, holds, told)}
    rooms = {key: room for place in places for key, room in place.premises.items()}
    land = shapely.union_all([place.land for place in places if place.drawn])
    built = shapely.union_all([place.built for place in places])
    own = frozenset[str]().union(*(place.own for place in places))
    whole = _SiteHoldings(TERRITORY, own, land, drawn=True, built=built, left_out={}, premises=rooms)
    found = whole.held(kind, holds)
    untold = [place for place in places if not place.own & told]
    if untold and kind is AreaKind.FLOOR:
        found = found + Bounds(0.0, sum(place.base(kind) for place in untold))
    elif untold:
        every = [rooms[key] for key in holds if key in rooms]
        most = [room.reach if kind is AreaKind.LAND else room.walls for room in every]
        there = [place.land if kind is AreaKind.LAND else place.built for place in untold]
        found = Bounds(found.low, _common(land if kind is AreaKind.LAND else built, [*most, *there]))
    return {"base": whole.base(kind), "held": found}


def _clusters(places: Sequence[_SiteHoldings]) -> list[list[_SiteHoldings]]:
    """Put sites that share ground together, in order."""
    lands = np.array([place.land for place in places], dtype=object)
    first, second = sharing(lands, lands)
    graph = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(len(places),) * 2)
    label = connected_components(graph, directed=False)[1] if len(places) else np.array([], dtype=int)
    found: dict[int, list[_SiteHoldings]] = {}
    for place, group in zip(places, label.tolist(), strict=True):
        found.setdefault(group, []).append(place)
    return list(found.values())


def held(layers: Layers, *, days: Sequence[dt.date], phases: Sequence[Phase] = IN_PLACE) -> DataFrame[Held]:
    r"""Measure how much of each site is held on some days, kind by kind.

    .. math:: share_k = \frac{held_k}{base_k}, \quad k \in \{land, footprint, floor\}

    Parameters
    ----------
    layers
        What has no shape enters the bounds as the module says.
    days
        The days, each at its end.
    phases
        Whose hold counts.

    Returns
    -------
    held
        For each day one row a site and kind that the layers hold something of, sites in the order given, then one row a
        kind for the territory (`site_id` empty), where a site inside another is counted once. Square metres and
        ratios.

    Raises
    ------
    CrsError
        If the layers are not in one CRS in metres.
    """
    places = _places(layers)
    inside = wholes(layers.sites)
    tops = _clusters([place for place in places if not inside[place.site_id]])
    told = told_sites(layers.tenancies, phases)
    rows = []
    for day in days:
        holds = holding(layers.tenancies, at=day, phases=phases)
        for place, kind in ((place, kind) for place in places for kind in KINDS):
            if (base := place.base(kind)) > 0:
                key = {"at": day, "site_id": place.site_id, "kind": kind.value, "left_out": place.left_out[kind]}
                rows.append(_row(key, base, place.held(kind, holds, told)))
        for kind in KINDS:
            parts = [there for group in tops if (there := [place for place in group if place.base(kind) > 0])]
            if parts:
                sums = [_together(group, kind, holds, told) for group in parts]
                left_out = sum(place.left_out[kind] for group in parts for place in group)
                key = {"at": day, "site_id": TERRITORY, "kind": kind.value, "left_out": left_out}
                rows.append(_row(key, sum(each["base"] for each in sums), Bounds.total(each["held"] for each in sums)))
    return schemas.frame(rows, Held)


def _row(key: Row, base: float, found: Bounds) -> Row:
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
    """Compute what is held on a day, by site and for the territory, each with its chain.

    Returns
    -------
    figures
        For each kind an area in square metres and a share. `rows` of an area are the tenancies that hold, their
        premises and, for ground, the terrains under them; those of a share are what the whole is made of, and so are
        those of an area where nobody has said who holds any; those of the territory are its sites.
    """
    table = held(layers, days=[at])
    places = {place.site_id: place for place in _places(layers)}
    there = occupancy(layers.tenancies, at=at)
    there = there[there["phase"].isin(IN_PLACE) & (there["holds"] != "no")]
    buildings, premises = layers.buildings, layers.premises
    facts: dict[str, pd.DataFrame] = {
        name: getattr(layers, name).set_index(KEYS[name], drop=False)
        for name in ("sites", "terrains", "buildings", "premises", "tenancies")
    }
    part_of = wholes(layers.sites)
    told = told_sites(layers.tenancies, IN_PLACE)
    known = {site: bool(place.own & told) for site, place in places.items()}
    tops = [site for site, above in part_of.items() if not above]
    shared = any(len(group) > 1 for group in _clusters([places[site] for site in tops]))
    found = []
    for row in records(table):
        site_id, kind = row["site_id"], AreaKind(row["kind"])
        said = [known[site] for site in ([site_id] if site_id else tops) if places[site].base(kind) > 0]
        kept = {HOLDERS_UNKNOWN: not all(said), LISTED_ALONE: any(said), SHARED_ONCE: shared and not site_id}
        own = {site for site, above in part_of.items() if not site_id or site_id in (site, *above)}
        of_own = [room for site in own for room in places[site].premises.items()]
        kept[PREMISES_UNDER_TWO_KEYS] = kind is AreaKind.FLOOR and any(key != room.counts_as for key, room in of_own)
        whole = {
            AreaKind.LAND: {"sites": [site_id] if site_id else tops},
            AreaKind.FOOTPRINT: {"buildings": list(buildings.loc[buildings["site_id"].isin(own), "building_id"])},
            AreaKind.FLOOR: {"premises": list(premises.loc[premises["site_id"].isin(own), "premises_id"])},
        }[kind]
        if site_id:
            rooms = places[site_id].premises
            held_rows = there[there["premises_id"].isin(list(rooms))]
            keys = list(dict.fromkeys(held_rows["premises_id"]))
            under = sorted({name for key in keys for name in rooms[key].under}) if kind is AreaKind.LAND else []
            parts = {"tenancies": list(held_rows["tenancy_id"]), "premises": keys, "terrains": under}
            if held_rows.empty and not known[site_id]:  # as much as the whole may be held
                parts = whole
            elif held_rows.empty:  # the rows that say so are those of who was there, or will be
                of_them = layers.tenancies["site_id"].isin(list(places[site_id].own))
                parts["tenancies"] = list(layers.tenancies.loc[of_them, "tenancy_id"])
        else:
            parts = {"sites": tops}
        found += _figures(row, at, _cited(parts, facts), _cited(whole if site_id else parts, facts), kept)
    return found


def _cited(keys: Mapping[str, Sequence[str]], facts: Mapping[str, pd.DataFrame]) -> CitedRows:
    """Cite rows of some layers by their keys."""
    return cited(**{layer: facts[layer].loc[list(rows)] for layer, rows in keys.items()})


def _figures(
    row: Row, at: dt.date, parts: CitedRows, whole: CitedRows, said: Mapping[Assumption, bool]
) -> list[Figure]:
    kind, subject = AreaKind(row["kind"]), subject_of(row["site_id"])
    area_kind, share_kind = FIGURES[kind]
    kept = {
        **said,
        TERRAIN_HELD_WHOLE: kind is AreaKind.LAND,
        WITHOUT_FOOTPRINT: kind is AreaKind.FOOTPRINT and row["left_out"] > 0,
        WITHOUT_FLOOR: kind is AreaKind.FLOOR and row["left_out"] > 0,
        PARTS_ONCE: not row["site_id"],
    }
    held_m2 = Bounds(row["held_low_m2"], row["held_high_m2"])
    share = Bounds(row["share_low"], row["share_high"])
    area = area_kind.figure(subject, held_m2, parts, at=at, assumes=kept)
    return [
        area,
        share_kind.figure(subject, share, whole.beside(area), at=at, numerator=area.figure_id, assumes=kept),
    ]


#: The area held of each kind, and its share of the whole.
FIGURES: Final = {
    AreaKind.LAND: (HELD_LAND_M2, HELD_LAND_SHARE),
    AreaKind.FOOTPRINT: (HELD_FOOTPRINT_M2, HELD_FOOTPRINT_SHARE),
    AreaKind.FLOOR: (HELD_FLOOR_M2, HELD_FLOOR_SHARE),
}


def _compute(layers: MeasuredLayers, _: Mapping[str, Figure]) -> list[Figure]:
    return held_figures(layers_of(layers), at=layers.opening)


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
