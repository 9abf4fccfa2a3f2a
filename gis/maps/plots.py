"""Data for investors: plots with the land left after exclusions, premises, and constraints to lift."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.crs import transformer_to_degrees
from gis.maps import json_values
from gis.maps.called import lot_name, site_name
from gis.maps.chains import part_record
from gis.maps.packing import pack_rows
from gis.maps.palette import MARK, MAYBE
from gis.maps.territory_view import TerritoryView
from gis.measures.available_parts import Part, parts_of_plots
from gis.measures.find import HA_DIGITS, in_commune, premises_available, vocations_of_plots
from gis.measures.plots import access_distances, buildable_ground, unbuilt_ground
from gis.measures.same_premises import first_premises_keys
from gis.provenance import row_name
from gis.schemas import NETWORKS, Answer, Approach, Row, records

#: Steps per metre in the polygons that a rectangle is fitted in: centimetres.
STEPS_PER_M: Final = 100
#: Distance over which the change of latitude and longitude around a plot is measured, in metres.
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
        "plots": pack_rows(_plot_records(known, communes)),
        "rooms": pack_rows(_premises_records(known, communes)),
        "sites": {row["site_id"]: _site_record(row) for row in records(known.sites)},
        "lifting": _lifting_records(known),
    }


def fills_of_terrains(known: TerritoryView) -> dict[str, str]:
    """Return the colour of each terrain of a plot without a query: available, or possibly available."""
    fills = {Answer.YES: MARK, Answer.UNKNOWN: MAYBE}
    plots = zip(known.plots["terrain_ids"], known.plots["available"], strict=True)
    return {terrain: fills[available] for terrains, available in plots for terrain in terrains.split("|")}


def _site_record(row: Row) -> dict[str, Any]:
    return {
        "name": site_name(row)["fr"],
        "motorway": row["motorway_name"],
        "networks": {name: row[name] or Answer.UNKNOWN.value for name in NETWORKS},
    }


def _plot_records(known: TerritoryView, communes: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    layer = known.plots
    distances = _distances_by_row(known, layer, "plot_id")
    unbuilt_grounds = unbuilt_ground(buildable_ground(layer, known.exclusions), known.buildings)
    position_by_plot = {
        key: _point_in_degrees(known, shape) for key, shape in zip(layer["plot_id"], layer.geometry, strict=True)
    }
    commune_answers = _commune_answers(known)
    names = {row["terrain_id"]: lot_name(row) for row in records(known.terrains)}
    parts = parts_of_plots(layer, known.exclusions, known.figures["available_ha:territory"])
    return [
        {
            "id": row["plot_id"],
            "terrains": row["terrain_ids"].split("|"),
            "names": [names[terrain] for terrain in row["terrain_ids"].split("|")],
            "sites": row["site_ids"].split("|"),
            "communes": sorted({name for site in row["site_ids"].split("|") for name in communes[site]}),
            "in": commune_answers(row["site_ids"]),
            "available": row["available"],
            "serviced": row["serviced"],
            "vocations": [word for word in row["vocation"].split("|") if word],
            "meant_for": vocations_meant,
            "ha": json_values.number_or_none(row["left_ha"], HA_DIGITS),
            "gross_ha": json_values.number_or_none(row["gross_ha"], 4),
            "built": json_values.number_or_none(row["built_m2"], 0),
            "width": json_values.number_or_none(row["width_m"], 1),
            "circle": json_values.number_or_none(row["circle_m"], 1),
            "frontage": json_values.number_or_none(row["frontage_m"], 0),
            "owners": json_values.number_or_none(row["owners"], 0),
            "price": [
                json_values.number_or_none(row["price_low_eur_m2"]),
                json_values.number_or_none(row["price_high_eur_m2"]),
            ],
            "power": json_values.number_or_none(row["power_kw"]),
            "from": json_values.iso_day_or_none(row["available_from"]),
            "km": distances[row["plot_id"]],
            "at": position_by_plot[row["plot_id"]],
            "ground": _ground_rings_record(known, ground),
            "part": part_record(known, part, "available_ha"),
            "sources": row["source_id"].split("|"),
            "basis": row["basis"],
        }
        for row, ground, vocations_meant, part in zip(
            records(pd.DataFrame(layer.drop(columns="geometry"))),
            unbuilt_grounds,
            vocations_of_plots(layer, known.sites),
            parts,
            strict=True,
        )
    ]


def _premises_records(known: TerritoryView, communes: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    layer = known.premises
    distances = _distances_by_row(known, layer, "premises_id")
    commune_answers = _commune_answers(known)
    first_key_of = first_premises_keys(layer)
    key_counts = Counter(first_key_of.values())
    available = dict(zip(layer["premises_id"], premises_available(layer, known.tenancies, known.opening), strict=True))
    return [
        {
            "id": row["premises_id"],
            "same": first_key_of[row["premises_id"]],
            "name": row["premises_name"],
            "sites": [row["site_id"]],
            "communes": communes[row["site_id"]],
            "in": commune_answers(row["site_id"]),
            "available": str(available[row["premises_id"]]),
            "floor": json_values.number_or_none(row["floor_m2"]),
            "height": json_values.number_or_none(row["height_m"]),
            "docks": json_values.number_or_none(row["docks"]),
            "power": json_values.number_or_none(row["power_kw"]),
            "price": json_values.number_or_none(row["rent_eur_m2"]),
            "from": json_values.iso_day_or_none(row["available_from"]),
            "km": distances[row["premises_id"]],
            "at": _point_in_degrees(known, shape),
            "part": part_record(
                known, _premises_part(row["premises_id"], key_counts[first_key_of[row["premises_id"]]]), ""
            ),
            "sources": [row["source_id"]],
            "basis": row["basis"],
        }
        for row, shape in zip(records(pd.DataFrame(layer.drop(columns="geometry"))), layer.geometry, strict=True)
    ]


def _premises_part(premises_id: str, times: int) -> Part:
    """Return the provenance of the floor area of premises; `times` is the number of keys that they have."""
    assumption_keys = ("premises_under_two_keys",) if times > 1 else ()
    return Part(rows=(row_name("premises", premises_id),), assumptions=assumption_keys)


def _commune_answers(known: TerritoryView) -> Callable[[str], list[Any]]:
    """Return a function that tells in which communes some sites lie: answers by name, and one for all others."""
    names = dict(zip(known.communes["insee"], known.communes["commune_name"], strict=True))
    insee = dict(zip(known.sites["site_id"], known.sites["insee"], strict=True))

    def answers_of_sites(sites: str) -> list[Any]:
        answers = in_commune([insee[site] for site in sites.split("|")])
        return [
            {names.get(code, code): answer.value for code, answer in answers.there.items()},
            answers.elsewhere.value,
        ]

    return answers_of_sites


def _distances_by_row(known: TerritoryView, layer: gpd.GeoDataFrame, key: str) -> dict[str, dict[str, list[Any]]]:
    """Return the known distances of each row: kilometres, whether as the crow flies, and the name of the access."""
    names = dict(zip(known.accesses["access_id"], known.accesses["access_name"], strict=True))
    distances: dict[str, dict[str, list[Any]]] = {row: {} for row in layer[key]}
    for row in records(access_distances(layer, key, known.accesses, known.sites)):
        if row["approach"] != Approach.UNKNOWN:
            as_the_crow_flies = row["approach"] == Approach.CROW
            distances[row["subject"]][row["access_kind"]] = [
                row["km"],
                as_the_crow_flies,
                names.get(row["access_id"], ""),
            ]
    return distances


def _point_in_degrees(known: TerritoryView, shape: Any) -> list[float] | None:
    """Return latitude and longitude of a point inside a geometry."""
    if shape is None:
        return None
    point = shapely.point_on_surface(shape)
    longitude, latitude = transformer_to_degrees(known.crs).transform(point.x, point.y)
    return [round(latitude, 6), round(longitude, 6)]


def _ground_rings_record(known: TerritoryView, ground: Any) -> dict[str, Any] | None:
    """Return the polygons to fit a rectangle in: rings in centimetres from a corner, and their position on the map.

    `at` has latitude and longitude of the corner, and the change of both per metre east and per metre north. Over the
    size of a plot, this linear approximation is correct to a few centimetres.
    """
    if ground is None or shapely.is_empty(ground):
        return None
    west, south, *_ = ground.bounds
    rings = [np.asarray(ring.coords) for part in shapely.get_parts(ground) for ring in (part.exterior, *part.interiors)]
    x, y = np.array([west, west + _SPAN_M, west]), np.array([south, south, south + _SPAN_M])
    longitude, latitude = transformer_to_degrees(known.crs).transform(x, y)
    corner = np.array([latitude, longitude])
    east, north = (corner[:, 1] - corner[:, 0]) / _SPAN_M, (corner[:, 2] - corner[:, 0]) / _SPAN_M
    return {
        "rings": [_ring_in_centimetres(ring - (west, south)) for ring in rings],
        "at": [*corner[:, 0].round(8).tolist(), *np.concatenate([east, north]).round(12).tolist()],
    }


def _ring_in_centimetres(ring: NDArray[np.float64]) -> list[int]:
    numbers: list[int] = np.rint(ring * STEPS_PER_M).astype(int).ravel().tolist()
    return numbers


def _lifting_records(known: TerritoryView) -> list[dict[str, Any]]:
    """Return the area that lifting each reason alone would free in the territory, the largest first."""
    rows = [row for row in records(known.lifting) if not row["site_id"] and row["reason"] and row["exclusions"]]
    lifting_rows = [
        {
            "reason": row["reason"],
            "exclusions": row["exclusions"],
            "frees": [
                json_values.number_or_none(row["frees_low_ha"], 4),
                json_values.number_or_none(row["frees_high_ha"], 4),
            ],
            "covers": [
                json_values.number_or_none(row["any_low_ha"], 4),
                json_values.number_or_none(row["any_high_ha"], 4),
            ],
        }
        for row in rows
    ]
    return sorted(lifting_rows, key=lambda row: -(row["frees"][1] or 0.0))
