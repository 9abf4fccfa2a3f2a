"""Networks of BD TOPO: roads, railways, water, power lines, and their access points.

================================================  ==================================================================
published                                         ours
================================================  ==================================================================
cleabs, date_modification                         the key of the layer, as_of where it has one
troncon_de_route.nature, importance               road_class (`ROADS`, `BY_IMPORTANCE`); ways closed to cars left out
cpx_numero, else nom_voie_ban_gauche              road_name
troncon_de_voie_ferree.nature                     railway_kind
troncon_de_voie_ferree.usage, etat_de_l_objet     freight (`FREIGHT`), in_use (`IN_USE`)
surface_hydrographique, troncon_hydrographique    exclusions: water
ligne_electrique                                  exclusions: power line
equipement_de_transport.nature, nature_detaillee  access_kind (`ACCESSES`); a point inside its shape
toponyme, numero                                  access_name
================================================  ==================================================================

Planned, removed, underground and elevated features are left out, and so are features without a true geometry
(`fictif`). A line excludes only what it covers: no buffer distance is published here, so none is applied. No exclusion
reason is a railway: railways exclude nothing by themselves.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from gis.schemas import Accesses, AccessKind, Answer, ExclusionReason, Exclusions, Railways, RoadClass, Roads, Row
from gis.sources.open_data.features import (
    UNKNOWN_WORD,
    ColumnRef,
    Features,
    ReadLayer,
    TargetLayer,
    layer_of_features,
    read_features,
    source_issue,
    translate_words,
)

KEY: Final = "cleabs"
DATED: Final = "date_modification"
#: Types requested for each commune: name in our files → type of the service.
TYPENAMES: Final = {
    "route": "BDTOPO_V3:troncon_de_route",
    "rail": "BDTOPO_V3:troncon_de_voie_ferree",
    "eau": "BDTOPO_V3:surface_hydrographique",
    "cours": "BDTOPO_V3:troncon_hydrographique",
    "ligne": "BDTOPO_V3:ligne_electrique",
}
#: Stations, ports and exits are requested up to this distance around a territory: the nearest may lie outside it.
EQUIPMENT: Final = "BDTOPO_V3:equipement_de_transport"
REACH_M: Final = 20_000.0

_STATE: Final = "etat_de_l_objet"
_LEVEL: Final = "position_par_rapport_au_sol"
_NOT_THERE: Final = ("En projet", "Disparu")
#: Levels at ground level; `Inconnue` and an empty value are included.
_ON_THE_GROUND: Final = ("0", "Gué ou radier", "Inconnue", "")
#: Pipes: water that does not cover land.
_PIPES: Final = ("Aqueduc", "Conduit buse", "Conduit forcé")

#: Nature of a road → its class, or "" if its importance gives the class. Land has no access from the first two: the
#: carriageways of a motorway or an expressway, and slip roads of any road.
ROADS: Final[Mapping[str, str]] = {
    "Type autoroutier": RoadClass.MOTORWAY,
    "Bretelle": RoadClass.MOTORWAY,
    **dict.fromkeys(["Route à 1 chaussée", "Route à 2 chaussées", "Rond-point"], ""),
}
#: Ways that lorries cannot use, as far as their nature tells.
PATHS: Final = ("Bac ou liaison maritime", "Chemin", "Escalier", "Route empierrée", "Sentier")
BY_IMPORTANCE: Final[Mapping[str, str]] = {
    **dict.fromkeys("123", RoadClass.MAIN),
    **dict.fromkeys("45", RoadClass.STREET),
}
#: Importance of ways that cars cannot use, or that are part of a car park.
NO_TRAFFIC: Final = "6"

FREIGHT: Final[Mapping[str, str]] = {
    **dict.fromkeys(["Fret", "Voyageur et fret"], Answer.YES),
    **dict.fromkeys(["Voyageur", "Vélo-rail"], Answer.NO),
    **dict.fromkeys(["Sans objet", ""], Answer.UNKNOWN),
}
IN_USE: Final[Mapping[str, str]] = {
    "En service": Answer.YES,
    **dict.fromkeys(["Non exploité", "En construction"], Answer.NO),
    "": Answer.UNKNOWN,
}

#: Nature of an equipment → kinds of access that it provides.
ACCESSES: Final[Mapping[str, tuple[AccessKind, ...]]] = {
    **dict.fromkeys(["Gare voyageurs uniquement", "Arrêt voyageurs"], (AccessKind.STATION,)),
    "Gare fret uniquement": (AccessKind.FREIGHT_STATION,),
    "Gare voyageurs et fret": (AccessKind.STATION, AccessKind.FREIGHT_STATION),
    "Port": (AccessKind.PORT,),
    "Carrefour": (AccessKind.MOTORWAY_EXIT,),
    **dict.fromkeys(
        [
            "Aérogare",
            "Aire de repos ou de service",
            "Aire de triage",
            "Autre équipement",
            "Gare maritime",
            "Gare routière",
            "Gare téléphérique",
            "Parking",
            "Péage",
            "Service dédié aux véhicules",
            "Service dédié aux vélos",
            "Station de métro",
            "Station de tramway",
            "Tour de contrôle aérien",
        ],
        (),
    ),
}
#: Included details of a nature; an exit must also have the number shown on its signs.
_EXITS: Final = ("Echangeur", "Echangeur complet", "Echangeur partiel")
_PORTS: Final = ("Port de commerce", "")
#: Cable cars, funiculars and seasonal lines, which are published as stations.
_NO_STATION: Final = (
    "Arrêt routier ferroviaire",
    "Arrêt touristique saisonnier",
    "Gare funiculaire",
    "Gare touristique saisonnière",
    "Gare télécabine",
    "Gare téléphérique intermédiaire",
)


def _features_on_ground(files: Iterable[Path]) -> Features:
    """Read the features at ground level that have a true geometry."""
    all_features = read_features(files)
    columns = zip(all_features.words(_STATE), all_features.words(_LEVEL), all_features.words("fictif"), strict=True)
    return all_features.where(
        (
            state not in _NOT_THERE and level in _ON_THE_GROUND and fictitious.lower() != "true"
            for state, level, fictitious in columns
        ),
        "planned or gone, not on the ground, or of no true shape",
    )


def read_roads(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the roads open to cars."""
    ways = _features_on_ground(files)
    keys, kinds, weights = ways.texts(KEY), ways.texts("nature"), ways.texts("importance")
    classes, issues = translate_words(
        kinds, {**ROADS, **dict.fromkeys(PATHS, "")}, "", ColumnRef("roads", keys, "nature", ways.files)
    )
    kind_weights = zip(kinds, weights, strict=True)
    by_weight = [weight if ROADS.get(kind) == "" else NO_TRAFFIC for kind, weight in kind_weights]
    classes_by_weight, weight_issues = translate_words(
        by_weight, {**BY_IMPORTANCE, NO_TRAFFIC: ""}, "", ColumnRef("roads", keys, "importance", ways.files)
    )
    classes = [road_class or other for road_class, other in zip(classes, classes_by_weight, strict=True)]
    roads = ways.where(
        (road_class != "" for road_class in classes), "no road for lorries, or of a kind that is not known"
    )
    names = zip(roads.words("cpx_numero"), roads.words("nom_voie_ban_gauche"), strict=True)
    columns = {
        "road_id": roads.texts(KEY),
        "road_class": [road_class for road_class in classes if road_class],
        "road_name": [number or name for number, name in names],
    }
    return layer_of_features(roads, columns, Roads, onto, [*issues, *weight_issues])


def read_railways(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read railways, with their kind of traffic."""
    tracks = _features_on_ground(files)
    keys = tracks.texts(KEY)
    freight, usage_issues = translate_words(
        tracks.texts("usage"), FREIGHT, Answer.UNKNOWN, ColumnRef("railways", keys, "usage", tracks.files)
    )
    in_use, state_issues = translate_words(
        tracks.texts(_STATE), IN_USE, Answer.UNKNOWN, ColumnRef("railways", keys, _STATE, tracks.files)
    )
    columns = {
        "railway_id": keys,
        "railway_kind": tracks.texts("nature"),
        "freight": freight,
        "in_use": in_use,
        "as_of": tracks.days(DATED, onto.zone),
    }
    return layer_of_features(tracks, columns, Railways, onto, [*usage_issues, *state_issues])


def read_water(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read water surfaces or watercourses as exclusions."""
    waters = _features_on_ground(files)
    open_water = waters.where((kind not in _PIPES for kind in waters.words("nature")), "water in a pipe")
    return _network_exclusions(open_water, ExclusionReason.WATER, onto)


def read_power_lines(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read power lines as exclusions, without a buffer."""
    return _network_exclusions(_features_on_ground(files), ExclusionReason.POWER_LINE, onto)


def _network_exclusions(found: Features, reason: ExclusionReason, onto: TargetLayer) -> ReadLayer[Any]:
    columns = {
        "exclusion_id": found.texts(KEY),
        "reason": [reason.value] * len(found),
        "as_of": found.days(DATED, onto.zone),
    }
    return layer_of_features(found, columns, Exclusions, onto)


def read_accesses(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read stations, commercial ports and motorway exits: only features explicitly described as such."""
    facilities = _features_on_ground(files)
    keys, kinds = facilities.texts(KEY), facilities.texts("nature")
    details, numbers = facilities.texts("nature_detaillee"), facilities.words("numero")
    issues: list[Row] = [
        source_issue("accesses", key, "nature", kind, UNKNOWN_WORD, file)
        for key, kind, file in zip(keys, kinds, facilities.files, strict=True)
        if kind not in ACCESSES
    ]
    named_accesses = [
        (n, access)
        for n, kind in enumerate(kinds)
        for access in ACCESSES.get(kind, ())
        if _is_access_meant(access, details[n], numbers[n])
    ]
    feature_numbers = [n for n, _ in named_accesses]
    names = facilities.words("toponyme")
    columns = {
        "access_id": [f"{keys[n]}-{access.value}" for n, access in named_accesses],
        "access_kind": [access.value for _, access in named_accesses],
        "access_name": [" ".join(filter(None, [numbers[n], names[n]])) for n in feature_numbers],
    }
    points = shapely.point_on_surface(facilities.shapes[np.array(feature_numbers, dtype=int)])
    left_counts = facilities.less(
        len(facilities) - len({*feature_numbers}), "not said to be a station, a port of trade or a motorway exit"
    )
    properties, row_files = (
        [facilities.properties[n] for n in feature_numbers],
        [facilities.files[n] for n in feature_numbers],
    )
    rows = Features(facilities.place, properties, points, facilities.crs, files=row_files, left=left_counts)
    return layer_of_features(rows, columns, Accesses, onto, issues)


def _is_access_meant(access: AccessKind, detail: str, number: str) -> bool:
    if access is AccessKind.MOTORWAY_EXIT:
        return detail in _EXITS and number != ""
    return detail in _PORTS if access is AccessKind.PORT else detail not in _NO_STATION
