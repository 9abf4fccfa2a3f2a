"""Roads and accesses, the networks of sites, and the rents asked for premises: the search criteria of an investor."""

import math
from typing import Final

import numpy as np
import pandas as pd
import shapely

from gis.demo.buildings import BuiltLots
from gis.demo.chance import random_mask
from gis.demo.communes import commune_of_points
from gis.demo.fabric import Floats, Ints, Shapes, cc50_from_degrees, degrees_from_cc50
from gis.demo.land import DemoLayer, Land
from gis.demo.states import TODAY
from gis.schemas import STATED_KM, AccessKind, Answer, Occupied, RoadClass, SiteState

#: The motorway: number and name do not exist.
MOTORWAY: Final = "A 999 (fictive)"
#: How far the motorway strays from a straight line, in metres, and the length of a wave of it.
_STRAY_M: Final = 40.0
_WAVE_M: Final = 9_000.0
#: Longest piece of a road, in metres.
_PIECE_M: Final = 100.0
#: One site in so many has an exit beside it, and exits are this far apart, in metres.
_SITES_AN_EXIT: Final = 4
_APART_M: Final = 1_500.0
#: Of the sites, those whose source says how they are served, and whose source gives distances.
_SAID: Final = 0.9
_DISTANCES: Final = 0.7
#: A way by road is this much longer than as the crow flies.
_DETOUR: Final = 1.3
#: Share of running sites, and of those to come, that each network serves.
_SERVED: Final = {
    "rain_water": (0.9, 0.4),
    "drinking_water": (0.98, 0.6),
    "sewage": (0.9, 0.4),
    "gas": (0.6, 0.2),
    "electricity": (1.0, 0.7),
    "fibre": (0.7, 0.3),
    "rail": (0.15, 0.1),
    "waterway": (0.06, 0.05),
    "public_transport": (0.5, 0.2),
}
_TO_COME: Final = (SiteState.PLANNED, SiteState.CREATION)
_NOTHING: Final = np.datetime64("NaT", "ns")
_POWERS_KW: Final = (36.0, 100.0, 250.0, 630.0, 1000.0)


def roads_and_accesses(land: Land) -> tuple[DemoLayer, DemoLayer]:
    """Lay out roads and accesses; shapes in longitude and latitude.

    A motorway runs from west to east between the sites, by the one in focus, with exits near some of them and a main
    road from each exit to its site; streets run along the middle of the roads inside sites. Stations, a port and an
    airport stand apart.

    Returns
    -------
    roads, accesses
        road_id, road_class, road_name; access_id, access_kind, access_name.
    """
    lattice = land.lattice
    west, south = lattice.corner
    rows = math.ceil(lattice.count / lattice.columns) * lattice.slots
    middle = south + lattice.slot_m * round((land.places.centre[0, 1] - south) / lattice.slot_m)
    east = west + lattice.columns * lattice.cell_m

    def motorway(x: Floats) -> Floats:
        return np.column_stack([x, middle + _STRAY_M * np.sin((x - west) * 2 * math.pi / _WAVE_M)])

    exits = motorway(_motorway_exit_places(land.places.centre, middle))
    lines = [motorway(np.arange(west, east + _PIECE_M, _PIECE_M))]
    classes, road_names = [RoadClass.MOTORWAY], [MOTORWAY]
    sites = shapely.transform(land.sites.shapes, cc50_from_degrees)
    for n, (exit_place, nearest_site) in enumerate(zip(exits, _nearest_shapes(exits, sites), strict=True), 1):
        main_road = shapely.segmentize(shapely.shortest_line(shapely.Point(exit_place), sites[nearest_site]), _PIECE_M)
        lines.append(shapely.get_coordinates(main_road))
        classes.append(RoadClass.MAIN)
        road_names.append(f"D {900 + n} (fictive)")
    for plane, box in zip(land.street_plane.tolist(), land.streets, strict=True):
        points = _middle_line_of_box(box)
        lines.append(land.places.metres(np.full(len(points), plane), points))
        classes.append(RoadClass.STREET)
        road_names.append("")
    roads = pd.DataFrame(
        {
            "road_id": _numbered_keys("r", len(lines)),
            "road_class": [each.value for each in classes],
            "road_name": road_names,
        }
    )
    return DemoLayer(
        roads, np.array([shapely.LineString(degrees_from_cc50(line)) for line in lines], dtype=object)
    ), _access_layer(land, exits, rows)


def _middle_line_of_box(box: Ints) -> Floats:
    """Return the line along the middle of a box on paper."""
    west, south, east, north = box.tolist()
    if east - west >= north - south:
        x = np.linspace(west, east, 2 + int((east - west) // _PIECE_M))
        return np.column_stack([x, np.full(len(x), (south + north) / 2)])
    y = np.linspace(south, north, 2 + int((north - south) // _PIECE_M))
    return np.column_stack([np.full(len(y), (west + east) / 2), y])


def _motorway_exit_places(centre: Floats, middle: float) -> Floats:
    """Choose where the motorway has exits: beside the site in focus, then those nearest to it, some way apart."""
    chosen_places = [float(centre[0, 0])]
    exit_count = max(1, len(centre) // _SITES_AN_EXIT)
    for x in centre[np.argsort(np.abs(centre[:, 1] - middle), kind="stable"), 0].tolist():
        if len(chosen_places) < exit_count and all(abs(x - other) >= _APART_M for other in chosen_places):
            chosen_places.append(x)
    return np.array(sorted(chosen_places))


def _nearest_shapes(spots: Floats, shapes: Shapes) -> list[int]:
    points = np.array(shapely.points(spots), dtype=object)
    return [int(n) for n in shapely.STRtree(shapes).nearest(points)]


def _access_layer(land: Land, exits: Floats, rows: int) -> DemoLayer:
    """Place the accesses: exits on the motorway, the others where four places for a site meet."""
    lattice, columns = land.lattice, land.lattice.columns * land.lattice.slots
    place_by_kind = {
        AccessKind.STATION: (columns // 2, rows // 2 + 1, "Gare"),
        AccessKind.FREIGHT_STATION: (columns // 2 + 1, max(rows // 2 - 1, 0), "Gare de fret"),
        AccessKind.PORT: (columns, 0, "Port"),
        AccessKind.AIRPORT: (0, rows, "Aéroport"),
    }
    spots = np.vstack(
        [exits, [lattice.corner + lattice.slot_m * np.array(each[:2]) for each in place_by_kind.values()]]
    )
    kinds = [AccessKind.MOTORWAY_EXIT] * len(exits) + list(place_by_kind)
    labels = [f"Échangeur {n}" for n in range(1, len(exits) + 1)] + [each[2] for each in place_by_kind.values()]
    points = np.array(shapely.points(degrees_from_cc50(spots)), dtype=object)
    commune = land.communes.table["commune_name"].to_numpy()[commune_of_points(land.communes.shapes, points)]
    table = pd.DataFrame(
        {
            "access_id": _numbered_keys("a", len(kinds)),
            "access_kind": [kind.value for kind in kinds],
            "access_name": [f"{label} ({name})" for label, name in zip(labels, commune, strict=True)],
        }
    )
    return DemoLayer(table, points)


def site_networks_table(rng: np.random.Generator, land: Land, accesses: DemoLayer) -> pd.DataFrame:
    """Say what each site is served by, and how far it is from accesses by road, in whole kilometres; not of all."""
    sites = land.sites
    count = len(sites.table)
    to_come = sites.table["site_state"].isin(_TO_COME).to_numpy()
    has_answers = random_mask(rng, count, _SAID)
    has_answers[:2] = True
    columns: dict[str, object] = {}
    for name, (running, planned) in _SERVED.items():
        has_network = rng.random(count) < np.where(to_come, planned, running)
        answer = np.where(has_network, Answer.YES, Answer.NO).astype(object)
        answer[random_mask(rng, count, 1 - _SAID)] = Answer.UNKNOWN.value
        columns[name] = np.where(has_answers, answer, "")
    has_distances = random_mask(rng, count, _DISTANCES)
    shapes = shapely.transform(sites.shapes, cc50_from_degrees)
    access_points = shapely.transform(accesses.shapes, cc50_from_degrees)
    columns["motorway_name"] = np.where(has_distances, MOTORWAY, "")
    for kind, column in STATED_KM.items():
        accesses_of_kind = shapely.multipoints(access_points[(accesses.table["access_kind"] == kind).to_numpy()])
        columns[column] = np.where(
            has_distances, np.ceil(_DETOUR * shapely.distance(shapes, accesses_of_kind) / 1000), np.nan
        )
    return pd.DataFrame(columns)


def premises_terms_table(rng: np.random.Generator, land: Land, built: BuiltLots) -> pd.DataFrame:
    """Say what is asked for premises: power, rent, from when on. Rent and day of vacant ones alone."""
    state = land.terrains.table["occupied"].to_numpy()[built.terrain]
    vacant, count = state == Occupied.VACANT, len(state)
    indoors = (built.premises.table["building_id"] != "").to_numpy()
    power = np.array(_POWERS_KW)[rng.integers(0, len(_POWERS_KW), count)]
    ready = np.datetime64(TODAY, "D") + rng.integers(-60, 400, count)
    return pd.DataFrame(
        {
            "power_kw": np.where(indoors & random_mask(rng, count, 0.7), power, np.nan),
            "rent_eur_m2": np.where(vacant & random_mask(rng, count, 0.7), np.rint(rng.uniform(35, 80, count)), np.nan),
            "available_from": np.where(vacant & random_mask(rng, count, 0.8), ready.astype("datetime64[ns]"), _NOTHING),
        }
    )


def _numbered_keys(letter: str, count: int) -> list[str]:
    width = max(3, len(str(count)))
    return [f"{letter}{n:0{width}d}" for n in range(1, count + 1)]
