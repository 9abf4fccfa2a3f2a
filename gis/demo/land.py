"""Sites, terrains and parcels of the fictional territory, from the plane to the layers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from gis.demo import cadastre, cases, ground, names, states
from gis.demo import communes as places_of
from gis.demo.chance import random_mask
from gis.demo.fabric import Ints, Places, Shapes, demo_area_m2, dissolve_groups, tile_polygons
from gis.errors import GisError
from gis.schemas import SiteState, SiteType
from gis.units import to_ha

#: One site in so many lies inside another one, which has this many terrains at least, its part included.
_PART_EVERY: Final = 25
_HOST_TERRAINS: Final = 6
#: Mean area of a lot, in square metres: in an ordinary site, its bounds, and in the focus site.
_LOT_M2: Final = 6_000.0
_LOT_BOUNDS_M2: Final = (3_500.0, 12_000.0)
_FOCUS_LOT_M2: Final = 24_000.0
#: Share of the pairs of terrains that are one parcel; of the others, those cut in two or in three parcels.
_SHARED: Final = 0.25
_CUT_IN_TWO: Final = 0.65
_CUT_IN_THREE: Final = 0.9

_VOCATIONS: Final = (
    ("industrielle", "industry", "Zone industrielle", "industrial estate"),
    ("entrepôts, logistique", "warehouses, logistics", "Parc logistique", "logistics park"),
    ("artisanale", "crafts", "Zone artisanale", "craft estate"),
    ("commerciale", "retail", "Parc commercial", "retail park"),
    ("tertiaire", "offices", "Parc tertiaire", "office park"),
    ("mixte", "mixed", "Parc d’activités", "business park"),
)
#: One site in so many has its area published as a range, one has it not published, one has it without its kind.
_VAGUE_EVERY: Final = 5
_UNSAID_EVERY: Final = 6
_NO_KIND_EVERY: Final = 4
#: Kind and state of the first sites; the focus site is the first of all.
_FIRST: Final = (
    (SiteType.HISTORIC, SiteState.ACTIVE),
    (SiteType.ZONE, SiteState.ACTIVE),
    (SiteType.ZONE, SiteState.ACTIVE),
    (SiteType.FUTURE, SiteState.PLANNED),
    (SiteType.ZONE, SiteState.CREATION),
    (SiteType.ISOLATED, SiteState.ACTIVE),
    (SiteType.UNKNOWN, SiteState.UNKNOWN),
    (SiteType.ZONE, SiteState.DOWNGRADING),
    (SiteType.ZONE, SiteState.DOWNGRADED),
    (SiteType.ZONE, SiteState.ACTIVE),
)
#: The others, one after the other.
_NEXT: Final = (*[(SiteType.ZONE, SiteState.ACTIVE)] * 6, *_FIRST[3:6], _FIRST[0])
_PART: Final = (SiteType.OTHER, SiteState.ACTIVE)
_TO_COME: Final = (SiteState.PLANNED, SiteState.CREATION)


@dataclass(frozen=True, slots=True)
class DemoLayer:
    """One layer: its table, in order, and its shapes in longitude and latitude."""

    table: pd.DataFrame
    shapes: Shapes


@dataclass(frozen=True, slots=True)
class Land:
    """The ground as layers, and the paper it was drawn on.

    `plane` is the plane of each terrain in `places` and `box` its rectangle there, all 0 for roads; `site` is the
    number of its site. `focus` is the number of the largest terrain of the first site, `cases` are the terrains that
    an inventory must decide, `parcel_of` is the number of a parcel of each terrain. `streets` are the rectangles of
    roads on paper, `street_plane` is the plane of each; `lattice` is where grounds and communes stand.
    """

    communes: DemoLayer
    sites: DemoLayer
    terrains: DemoLayer
    parcels: DemoLayer
    owners: pd.DataFrame
    places: Places
    plane: Ints
    site: Ints
    box: Ints
    focus: int
    cases: Mapping[int, cases.Told]
    parcel_of: Ints
    lattice: places_of.Lattice
    streets: Ints
    street_plane: Ints


@dataclass(frozen=True, slots=True)
class _Lots:
    """Terrains on paper, site after site; `pair` is the same for two that were cut from one piece last."""

    site: Ints
    plane: Ints
    box: Ints
    roads: np.ndarray
    pair: Ints


def demo_land(rng: np.random.Generator, sites: int, terrains: int) -> Land:
    """Make the ground of a territory of so many sites and terrains.

    Raises
    ------
    GisError
        If there are fewer terrains than sites, or no site.
    """
    if sites < 1 or terrains < sites:
        msg = (
            f"{sites} sites with {terrains} terrains cannot be drawn. Ask for one site and one terrain a site at least."
        )
        raise GisError(msg)
    plans, hosts = _site_plans(rng, sites, terrains)
    sizes = np.array([plan.size for plan in plans], dtype=float)
    lattice = places_of.commune_lattice(len(plans), float(np.hypot(*sizes.T).max()))
    places = Places.draw(rng, places_of.site_centres(rng, lattice, len(plans)), sizes)
    commune_table, commune_shapes = places_of.communes_of_lattice(rng, lattice)

    lots = _lots_of_plans(plans, hosts)
    plane, box, terrain, parcel = _smallest_pieces(rng, plans, lots)
    pieces = tile_polygons(rng, places, plane, box)
    terrain_shapes = dissolve_groups(pieces, terrain, terrains)
    parcel_shapes = dissolve_groups(pieces, parcel, int(parcel.max()) + 1)
    in_inner_site = lots.site >= len(plans)
    site_shapes = np.concatenate(
        [
            dissolve_groups(terrain_shapes, lots.plane, len(plans)),
            dissolve_groups(terrain_shapes[in_inner_site], lots.site[in_inner_site] - len(plans), len(hosts)),
        ]
    )
    site_table = _site_table(rng, site_shapes, hosts)
    codes = commune_table["insee"].to_numpy()
    in_communes = places_of.communes_of_sites(commune_shapes, site_shapes)
    site_table["insee"] = ["|".join(codes[n] for n in commune_numbers) for commune_numbers in in_communes]

    focus_areas = (box_areas_m2(lots.box)) * (lots.site == 0)
    focus = int(np.argmax(focus_areas))
    case_by_terrain = cases.choose_case_terrains(site_table, lots.site, lots.roads, terrain, parcel)
    terrain_table = _terrain_table(rng, site_table, lots, focus, case_by_terrain)
    first_terrain = np.zeros(len(parcel_shapes), dtype=np.int64)
    first_terrain[parcel[::-1]] = terrain[::-1]
    commune = places_of.commune_of_points(commune_shapes, shapely.point_on_surface(parcel_shapes))
    # The former works are of one owner, and so is each case.
    single_owner_groups = [np.flatnonzero(lots.site == 0), *(np.array([n]) for n in case_by_terrain)]
    parcel_table, owners = cadastre.cadastre_tables(
        rng, parcel_shapes, commune=commune, terrain=first_terrain, terrains=terrain_table, apart=single_owner_groups
    )
    parcel_of = np.zeros(terrains, dtype=np.int64)
    parcel_of[terrain[::-1]] = parcel[::-1]
    return Land(
        communes=DemoLayer(commune_table, commune_shapes),
        sites=DemoLayer(site_table, site_shapes),
        terrains=DemoLayer(terrain_table, terrain_shapes),
        parcels=DemoLayer(parcel_table, parcel_shapes),
        owners=owners,
        places=places,
        plane=lots.plane,
        site=lots.site,
        box=lots.box,
        focus=focus,
        cases=case_by_terrain,
        parcel_of=parcel_of,
        lattice=lattice,
        streets=np.concatenate([plan.roads for plan in plans]),
        street_plane=np.repeat(np.arange(len(plans)), [len(plan.roads) for plan in plans]),
    )


def box_areas_m2(box: Ints) -> Ints:
    """Return the areas of boxes on paper, in square metres."""
    return (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])


def _site_plans(rng: np.random.Generator, sites: int, terrains: int) -> tuple[list[ground.Plan], list[int]]:
    """Draw each plane, and say which ones have a site inside their own: it takes their first block."""
    parts = 1 + sites // _PART_EVERY
    parts = parts if sites > 2 * parts and terrains >= sites + _HOST_TERRAINS * parts else 0
    planes, hosts = sites - parts, list(range(1, 1 + parts))
    least_terrains = np.ones(planes, dtype=np.int64)
    least_terrains[hosts] = _HOST_TERRAINS
    weights = rng.lognormal(0, 0.45, planes)
    counts = least_terrains + rng.multinomial(terrains - least_terrains.sum(), weights / weights.sum())
    lot_m2 = np.clip(_LOT_M2 * rng.lognormal(0, 0.3, planes), *_LOT_BOUNDS_M2)
    lot_m2[0] = _FOCUS_LOT_M2
    plans = [
        ground.draw_site_plan(rng, int(count), float(m2), blocks=2 if n in hosts else 1)
        for n, (count, m2) in enumerate(zip(counts, lot_m2, strict=True))
    ]
    return plans, hosts


def _lots_of_plans(plans: list[ground.Plan], hosts: list[int]) -> _Lots:
    """List the terrains of all planes, site after site, the roads of a site after its lots."""
    columns: list[tuple[Any, ...]] = []
    lots_before = 0
    for n, plan in enumerate(plans):
        first_block_site = len(plans) + hosts.index(n) if n in hosts else n
        roads = int(len(plan.roads) > 0)
        count = len(plan.lots) + roads
        columns.append(
            (
                np.append(np.where(plan.block == 0, first_block_site, n), [n] * roads),
                np.full(count, n),
                np.concatenate([plan.lots, np.zeros((roads, 4), dtype=np.int64)]),
                np.arange(count) >= len(plan.lots),
                lots_before + np.append(plan.twin, [len(plan.lots)] * roads),
            )
        )
        lots_before += count
    site, plane, box, roads_, pair = (np.concatenate(each) for each in zip(*columns, strict=True))
    order = np.argsort(site, kind="stable")
    return _Lots(site[order].astype(np.int64), plane[order], box[order], roads_[order], pair[order].astype(np.int64))


def _smallest_pieces(rng: np.random.Generator, plans: list[ground.Plan], lots: _Lots) -> tuple[Ints, Ints, Ints, Ints]:
    """Cut terrains into parcels, and let some parcels reach over two terrains.

    Returns plane, box, terrain and parcel of each of the smallest pieces.
    """
    paired = np.bincount(lots.pair)[lots.pair] > 1
    chance = rng.random(len(lots.pair))
    share = rng.random(len(lots.pair))[lots.pair] < _SHARED
    pieces: list[tuple[int, ground.Box, int, int]] = []
    shared: dict[int, int] = {}
    parcel = 0
    for n, (plane, west, south, east, north) in enumerate(np.column_stack([lots.plane, lots.box]).tolist()):
        if paired[n] and share[n]:
            shared_parcel = shared.setdefault(int(lots.pair[n]), parcel)
            boxes, parcels = [(west, south, east, north)], [shared_parcel]
            parcel += shared_parcel == parcel
        else:
            cut_count = 1 + int(chance[n] > _CUT_IN_TWO) + int(chance[n] > _CUT_IN_THREE)
            whole = (west, south, east, north)
            boxes = (
                [_box_of_row(road) for road in plans[plane].roads]
                if lots.roads[n]
                else ground.slices_of_box(whole, cut_count)
            )
            parcels = list(range(parcel, parcel + len(boxes)))
            parcel += len(boxes)
        pieces += [(plane, box, n, key) for box, key in zip(boxes, parcels, strict=True)]
    plane_, box_, terrain, key_ = zip(*pieces, strict=True)
    return np.array(plane_), np.array(box_), np.array(terrain), np.array(key_)


def _box_of_row(row: Ints) -> ground.Box:
    west, south, east, north = row.tolist()
    return west, south, east, north


def _site_table(rng: np.random.Generator, shapes: Shapes, hosts: list[int]) -> pd.DataFrame:
    """Describe the sites; those that lie inside another come last."""
    count, planes = len(shapes), len(shapes) - len(hosts)
    kinds = [_FIRST[n] if n < len(_FIRST) else _NEXT[n % len(_NEXT)] for n in range(planes)]
    kinds += [_PART] * len(hosts)
    vocation = [_VOCATIONS[(n + n // len(_VOCATIONS)) % len(_VOCATIONS)] for n in range(count)]
    place_names = names.place_names(rng, count)
    labels = [(f"{each[2]} {name}", f"{name} {each[3]}") for each, name in zip(vocation, place_names, strict=True)]
    labels[0] = (f"Ancienne manufacture {place_names[0]}", f"Former {place_names[0]} works")
    ids = [f"s{n:0{max(3, len(str(count)))}d}" for n in range(1, count + 1)]
    active = np.array([state == SiteState.ACTIVE for _, state in kinds])

    hectares = to_ha(1.0) * demo_area_m2(shapes)
    number = np.arange(count)
    vague, unknown = number % _VAGUE_EVERY == 1, number % _UNSAID_EVERY == _UNSAID_EVERY - 1
    exact = np.maximum(np.round(hectares, 1), 0.1)
    low = np.where(vague, np.maximum(np.floor(hectares * 9.5) / 10, 0.1), exact)
    high = np.where(vague, np.ceil(hectares * 10.5) / 10, exact)
    return pd.DataFrame(
        {
            "site_id": ids,
            "site_name": [french for french, _ in labels],
            "site_name_en": [english for _, english in labels],
            "site_type": [kind.value for kind, _ in kinds],
            "site_state": [state.value for _, state in kinds],
            "counted": ["oui" if kind == SiteType.ZONE else "non" for kind, _ in kinds],
            "vocation": [each[0] for each in vocation],
            "vocation_en": [each[1] for each in vocation],
            "part_of": [""] * planes + [ids[host] for host in hosts],
            "land_low_ha": np.where(unknown, np.nan, low),
            "land_high_ha": np.where(unknown, np.nan, high),
            "land_kind": np.where(unknown, "", np.where(number % _NO_KIND_EVERY == 0, "not_said", "gross")),
            "jobs": np.where(
                active & (random_mask(rng, count, 0.7)), np.rint(hectares * rng.uniform(8, 40, count)), np.nan
            ),
            "opened": ["1967", *np.where(active, rng.integers(1962, 2018, count).astype(str), "").tolist()[1:]],
            "as_of": "2025-06",
            "note": "site fictif",
            "note_en": "fictional site",
        }
    )


def _terrain_names(lots: _Lots, number: Ints) -> list[str]:
    """Name the terrains of every other site, the first among them; those of the others have a key alone."""
    return [
        "" if site % 2 else "Voirie" if is_road else f"Lot {n}"
        for site, is_road, n in zip(lots.site.tolist(), lots.roads.tolist(), number.tolist(), strict=True)
    ]


def _terrain_table(
    rng: np.random.Generator, sites: pd.DataFrame, lots: _Lots, focus: int, told: Mapping[int, cases.Told]
) -> pd.DataFrame:
    """Describe the terrains, numbered within their site."""
    to_come = sites["site_state"].isin(_TO_COME).to_numpy()[lots.site]
    site_ids = sites["site_id"].to_numpy()[lots.site]
    site_start = np.searchsorted(lots.site, lots.site)
    number = np.arange(len(lots.site)) - site_start + 1
    width = max(3, len(str(number.max())))
    vocations = np.where(random_mask(rng, len(lots.site), 0.85), sites["vocation"].to_numpy()[lots.site], "")
    return pd.DataFrame(
        {
            "terrain_id": [f"{site}-t{n:0{width}d}" for site, n in zip(site_ids, number.tolist(), strict=True)],
            "site_id": site_ids,
            "terrain_name": _terrain_names(lots, number),
            **states.terrain_states(rng, to_come, np.array([focus]), lots.roads, known=lots.site == 0, told=told),
            "vocation": np.where(lots.roads, "voirie", vocations),
        }
    )
