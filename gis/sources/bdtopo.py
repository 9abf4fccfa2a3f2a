"""BD TOPO of the IGN through the Géoplateforme: activity areas, buildings, water, power lines.

`zone_d_activite_ou_d_interet`, the category for business alone; what is fictitious is left out:

=======================================  =========================================================
published                                ours
=======================================  =========================================================
cleabs                                   site_id
toponyme, else nom_commercial            site_name; else `nature_detaillee` or `nature`
nature_detaillee, else nature            site_type (`TYPES`)
etat_de_l_objet                          site_state (`STATES`)
date_modification                        as_of, the day alone
=======================================  =========================================================

`batiment`: cleabs → building_id, hauteur → height_m, date_modification → as_of; what is planned or in ruins is left
out.
`surface_hydrographique`, `ligne_electrique`: cleabs → exclusion_id, water and power line → reason. A line has no
ground; it is drawn `LINE_M` wide on each side, which is no distance to keep.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import shapely

from gis.provenance import Basis, Source
from gis.schemas import Buildings, ExclusionReason, Exclusions, Row, Sites, SiteState, SiteType
from gis.sources.features import At, Features, Onto, Reading, issue, layer_of, read_features, translated
from gis.sources.national import National, Place, Service, Wanted, boxes, features
from gis.sources.wfs import Query

SOURCE: Final = Source(
    source_id="bdtopo",
    title="BD TOPO®",
    publisher="IGN",
    licence="Licence Ouverte 2.0",
    url="https://geoservices.ign.fr/bdtopo",
    basis=Basis.SURVEYED,
)

#: What is asked for: the name of our files → the type of the service.
TYPENAMES: Final = {
    "zone": "BDTOPO_V3:zone_d_activite_ou_d_interet",
    "batiment": "BDTOPO_V3:batiment",
    "eau": "BDTOPO_V3:surface_hydrographique",
    "ligne": "BDTOPO_V3:ligne_electrique",
}
KEY: Final = "cleabs"
BUSINESS: Final = "Industriel et commercial"
NOT_THERE: Final = {"En projet", "En ruine"}
LINE_M: Final = 1.0

#: Kind of an area → type of a site. A plant is one firm's ground; what is left is no site of the standard.
TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        [
            "Zone industrielle",
            "Zone d'activités",
            "Zone artisanale",
            "Zone commerciale",
            "Parc d'activités tertiaires",
        ],
        SiteType.ZONE,
    ),
    **dict.fromkeys(
        ["Usine", "Divers industriel", "Divers commercial", "Centre commercial", "Entrepôt"], SiteType.ISOLATED
    ),
    **dict.fromkeys(
        [
            "Aire de stockage",
            "Carrière",
            "Casse automobile",
            "Centrale photovoltaïque",
            "Centrale électrique",
            "Divers agricole",
            "Déchèterie",
            "Marché",
        ],
        SiteType.OTHER,
    ),
}
#: Left unknown on purpose: ground that is not worked any more has no such state in the standard.
CLOSED: Final = "Non exploité"
STATES: Final[Mapping[str, str]] = {
    "En projet": SiteState.PLANNED,
    "En construction": SiteState.CREATION,
    "En service": SiteState.ACTIVE,
    CLOSED: SiteState.UNKNOWN,
    "": SiteState.UNKNOWN,
}


def _wanted(place: Place, service: Service) -> Iterable[Wanted]:
    for insee, box in boxes(place, SOURCE.source_id):
        for name, typename in TYPENAMES.items():
            query = Query(service.url, typename, KEY, place.epsg, box, dated="date_modification")
            yield features(f"bdtopo/{insee}-{name}.json.gz", query)


def read_sites(files: Iterable[Path], onto: Onto) -> Reading[Any]:
    """Read activity areas as sites."""
    every = read_features(files)
    found = every.where(
        [
            kind == BUSINESS and str(fictitious).lower() != "true"
            for kind, fictitious in zip(every.texts("categorie"), every.optional("fictif"), strict=True)
        ]
    )
    keys = found.texts(KEY)
    kinds = [
        fine or coarse for fine, coarse in zip(found.texts("nature_detaillee"), found.texts("nature"), strict=True)
    ]
    states = found.texts("etat_de_l_objet")
    types, doubtful = translated(kinds, TYPES, SiteType.UNKNOWN, At("sites", keys, "nature"))
    at, odd = translated(states, STATES, SiteState.UNKNOWN, At("sites", keys, "etat_de_l_objet"))
    closed = [
        issue("sites", key, "etat_de_l_objet", state, "Not worked any more: someone should look whether it is vacant.")
        for key, state in zip(keys, states, strict=True)
        if state == CLOSED
    ]
    names = zip(found.texts("toponyme"), map(str, found.optional("nom_commercial")), kinds, strict=True)
    columns = {
        "site_id": keys,
        "site_name": [name or (trade if trade != "None" else "") or kind for name, trade, kind in names],
        "site_type": types,
        "site_state": at,
        "as_of": days(found),
    }
    reading = layer_of(found, columns, Sites, onto)
    return Reading(reading.layer, once([*doubtful, *odd, *closed, *reading.issues]))


def read_buildings(files: Iterable[Path], onto: Onto) -> Reading[Any]:
    """Read buildings that stand or are being built."""
    every = read_features(files)
    found = every.where(state not in NOT_THERE for state in every.texts("etat_de_l_objet"))
    columns = {"building_id": found.texts(KEY), "height_m": found.numbers("hauteur"), "as_of": days(found)}
    return layer_of(found, columns, Buildings, onto)


def read_water(files: Iterable[Path], onto: Onto) -> Reading[Any]:
    """Read water as ground that may not be built on."""
    return _exclusions(read_features(files), ExclusionReason.WATER, onto)


def read_power_lines(files: Iterable[Path], onto: Onto) -> Reading[Any]:
    """Read power lines as ground that may not be built on, as thin as they are."""
    found = read_features(files)
    drawn = Features(found.place, found.properties, shapely.buffer(found.shapes, LINE_M, cap_style="flat"), found.crs)
    return _exclusions(drawn, ExclusionReason.POWER_LINE, onto)


def _exclusions(found: Features, reason: ExclusionReason, onto: Onto) -> Reading[Any]:
    columns = {
        "exclusion_id": found.texts(KEY),
        "reason": [reason.value] * len(found),
        "as_of": days(found),
    }
    return layer_of(found, columns, Exclusions, onto)


def days(found: Features) -> list[str]:
    """Return the day each feature was last changed."""
    return [str(text or "")[:10] for text in found.optional("date_modification")]


def once(issues: Iterable[Row]) -> list[Row]:
    """Return each issue once: a feature may have come with several communes."""
    return list({tuple(row.values()): row for row in issues}.values())


NATIONAL: Final = National(
    source=SOURCE,
    url="https://data.geopf.fr/wfs/ows",
    days=90,
    brings="the shapes of activity zones, buildings with their height, water and power lines",
    wanted=_wanted,
    readers={
        "sites": ("bdtopo/*-zone.json.gz", read_sites),
        "buildings": ("bdtopo/*-batiment.json.gz", read_buildings),
        "exclusions": ("bdtopo/*-eau.json.gz", read_water),
        "exclusions/lines": ("bdtopo/*-ligne.json.gz", read_power_lines),
    },
    needs_boxes=True,
)
