"""What an investor looks through: plots and the ground that exclusions leave of them, premises, constraints to lift."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.crs import to_degrees
from gis.maps import json_values
from gis.maps.called import lot_name, site_name
from gis.maps.chains import part_record
from gis.maps.packing import pack
from gis.maps.palette import MARK, MAYBE
from gis.maps.territory_view import TerritoryView
from gis.measures.available_parts import Part, parts_of_plots
from gis.measures.find import HA_DIGITS, in_commune, meant_for, premises_available
from gis.measures.plots import approaches, buildable, free
from gis.measures.same_premises import first_keys
from gis.provenance import row_name
from gis.schemas import NETWORKS, Answer, Approach, Row, records

#: Steps in a metre of the ground that a rectangle is tried in: centimetres.
STEPS_PER_M: Final = 100
#: Metres that the slope of the plane of a plot is taken over.
_SPAN_M: Final = 100.0


def plots_data(known: TerritoryView, communes: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return plots, premises, sites and constraints of a territory, as plain values.

    Parameters
    ----------
    known
        The territory.
    communes
        Names of the communes of each site.
    """
    return {
        "plots": pack(_plots(known, communes)),
        "rooms": pack(_premises(known, communes)),
        "sites": {row["site_id"]: _site(row) for row in records(known.sites)},
        "lifting": _lifting(known),
    }


def fills_of_terrains(known: TerritoryView) -> dict[str, str]:
    """Return the colour of each terrain of a plot while nothing is asked: whether it can be had now, or may be."""
    fills = {Answer.YES: MARK, Answer.UNKNOWN: MAYBE}
    plots = zip(known.plots["terrain_ids"], known.plots["available"], strict=True)
    return {terrain: fills[available] for terrains, available in plots for terrain in terrains.split("|")}


def _site(row: Row) -> dict[str, Any]:
    return {
        "name": site_name(row)["fr"],
        "motorway": row["motorway_name"],
        "networks": {name: row[name] or Answer.UNKNOWN.value for name in NETWORKS},
    }


def _plots(known: TerritoryView, communes: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    layer = known.plots
    ways = _approaches(known, layer, "plot_id")
    grounds = free(buildable(layer, known.exclusions), known.buildings)
    there = {key: _degrees(known, shape) for key, shape in zip(layer["plot_id"], layer.geometry, strict=True)}
    within = _in_communes(known)
    names = {row["terrain_id"]: lot_name(row) for row in records(known.terrains)}
    parts = parts_of_plots(layer, known.exclusions, known.figures["available_ha:territory"])
    return [
        {
            "id": row["plot_id"],
            "terrains": row["terrain_ids"].split("|"),
            "names": [names[terrain] for terrain in row["terrain_ids"].split("|")],
            "sites": row["site_ids"].split("|"),
            "communes": sorted({name for site in row["site_ids"].split("|") for name in communes[site]}),
            "in": within(row["site_ids"]),
            "available": row["available"],
            "serviced": row["serviced"],
            "vocations": [word for word in row["vocation"].split("|") if word],
            "meant_for": meant,
            "ha": json_values.number(row["left_ha"], HA_DIGITS),
            "gross_ha": json_values.number(row["gross_ha"], 4),
            "built": json_values.number(row["built_m2"], 0),
            "width": json_values.number(row["width_m"], 1),
            "circle": json_values.number(row["circle_m"], 1),
            "frontage": json_values.number(row["frontage_m"], 0),
            "owners": json_values.number(row["owners"], 0),
            "price": [json_values.number(row["price_low_eur_m2"]), json_values.number(row["price_high_eur_m2"])],
            "power": json_values.number(row["power_kw"]),
            "from": json_values.day(row["available_from"]),
            "km": ways[row["plot_id"]],
            "at": there[row["plot_id"]],
            "ground": _plane(known, ground),
            "part": part_record(known, part, "available_ha"),
            "sources": row["source_id"].split("|"),
            "basis": row["basis"],
        }
        for row, ground, meant, part in zip(
            records(pd.DataFrame(layer.drop(columns="geometry"))),
            grounds,
            meant_for(layer, known.sites),
            parts,
            strict=True,
        )
    ]


def _premises(known: TerritoryView, communes: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    layer = known.premises
    ways = _approaches(known, layer, "premises_id")
    within = _in_communes(known)
    same = first_keys(layer)
    times = Counter(same.values())
    available = dict(zip(layer["premises_id"], premises_available(layer, known.tenancies, known.opening), strict=True))
    return [
        {
            "id": row["premises_id"],
            "same": same[row["premises_id"]],
            "name": row["premises_name"],
            "sites": [row["site_id"]],
            "communes": communes[row["site_id"]],
            "in": within(row["site_id"]),
            "available": str(available[row["premises_id"]]),
            "floor": json_values.number(row["floor_m2"]),
            "height": json_values.number(row["height_m"]),
            "docks": json_values.number(row["docks"]),
            "power": json_values.number(row["power_kw"]),
            "price": json_values.number(row["rent_eur_m2"]),
            "from": json_values.day(row["available_from"]),
            "km": ways[row["premises_id"]],
            "at": _degrees(known, shape),
            "part": part_record(known, _room_part(row["premises_id"], times[same[row["premises_id"]]]), ""),
            "sources": [row["source_id"]],
            "basis": row["basis"],
        }
        for row, shape in zip(records(pd.DataFrame(layer.drop(columns="geometry"))), layer.geometry, strict=True)
    ]


def _room_part(premises_id: str, times: int) -> Part:
    """Say what the floor of premises rests on; `times` is under how many keys they stand."""
    twice = ("premises_under_two_keys",) if times > 1 else ()
    return Part(rows=(row_name("premises", premises_id),), assumptions=twice)


def _in_communes(known: TerritoryView) -> Callable[[str], list[Any]]:
    """Return what says in which communes ground of some sites is: answers by name, and that of all others."""
    names = dict(zip(known.communes["insee"], known.communes["commune_name"], strict=True))
    insee = dict(zip(known.sites["site_id"], known.sites["insee"], strict=True))

    def within(sites: str) -> list[Any]:
        found = in_commune([insee[site] for site in sites.split("|")])
        return [{names.get(code, code): answer.value for code, answer in found.there.items()}, found.elsewhere.value]

    return within


def _approaches(known: TerritoryView, layer: gpd.GeoDataFrame, key: str) -> dict[str, dict[str, list[Any]]]:
    """Return, for each row, the distances that are known: kilometres, whether as the crow flies, to which access."""
    names = dict(zip(known.accesses["access_id"], known.accesses["access_name"], strict=True))
    found: dict[str, dict[str, list[Any]]] = {row: {} for row in layer[key]}
    for row in records(approaches(layer, key, known.accesses, known.sites)):
        if row["approach"] != Approach.UNKNOWN:
            crow = row["approach"] == Approach.CROW
            found[row["subject"]][row["access_kind"]] = [row["km"], crow, names.get(row["access_id"], "")]
    return found


def _degrees(known: TerritoryView, shape: Any) -> list[float] | None:
    """Return a point in a shape: latitude and longitude."""
    if shape is None:
        return None
    point = shapely.point_on_surface(shape)
    longitude, latitude = to_degrees(known.crs).transform(point.x, point.y)
    return [round(latitude, 6), round(longitude, 6)]


def _plane(known: TerritoryView, ground: Any) -> dict[str, Any] | None:
    """Return ground to try a rectangle in: rings in centimetres from a corner, and how these are put on the map.

    `at` are the latitude and longitude of the corner, and what a metre east and one north add to each: within the
    size of a plot the plane of the territory is flat to a few centimetres.
    """
    if ground is None or shapely.is_empty(ground):
        return None
    west, south, *_ = ground.bounds
    rings = [np.asarray(ring.coords) for part in shapely.get_parts(ground) for ring in (part.exterior, *part.interiors)]
    x, y = np.array([west, west + _SPAN_M, west]), np.array([south, south, south + _SPAN_M])
    longitude, latitude = to_degrees(known.crs).transform(x, y)
    corner = np.array([latitude, longitude])
    east, north = (corner[:, 1] - corner[:, 0]) / _SPAN_M, (corner[:, 2] - corner[:, 0]) / _SPAN_M
    return {
        "rings": [_steps(ring - (west, south)) for ring in rings],
        "at": [*corner[:, 0].round(8).tolist(), *np.concatenate([east, north]).round(12).tolist()],
    }


def _steps(ring: NDArray[np.float64]) -> list[int]:
    numbers: list[int] = np.rint(ring * STEPS_PER_M).astype(int).ravel().tolist()
    return numbers


def _lifting(known: TerritoryView) -> list[dict[str, Any]]:
    """Return what lifting each reason alone would free in the whole territory, the most first."""
    rows = [row for row in records(known.lifting) if not row["site_id"] and row["reason"] and row["exclusions"]]
    found = [
        {
            "reason": row["reason"],
            "exclusions": row["exclusions"],
            "frees": [json_values.number(row["frees_low_ha"], 4), json_values.number(row["frees_high_ha"], 4)],
            "covers": [json_values.number(row["any_low_ha"], 4), json_values.number(row["any_high_ha"], 4)],
        }
        for row in rows
    ]
    return sorted(found, key=lambda row: -(row["frees"][1] or 0.0))
