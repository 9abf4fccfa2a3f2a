"""BD TOPO of the IGN through the Géoplateforme: activity areas and buildings. Its networks: `bdtopo_networks`.

`zone_d_activite_ou_d_interet`, only the category for business; features with a fictitious geometry are left out:

=======================================  =========================================================
published                                ours
=======================================  =========================================================
cleabs                                   site_id
toponyme, else nom_commercial            site_name; else `nature_detaillee` or `nature`
nature_detaillee, else nature            site_type (`TYPES`)
etat_de_l_objet                          site_state (`STATES`)
date_modification                        as_of, the day alone
=======================================  =========================================================

`batiment`: cleabs → building_id, hauteur → height_m, date_modification → as_of; planned buildings and
ruins are left out.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from gis.provenance import Basis, Source
from gis.schemas import Buildings, Sites, SiteState, SiteType
from gis.sources.open_data import bdtopo_networks as networks
from gis.sources.open_data.bdtopo_networks import DATED, KEY
from gis.sources.open_data.features import (
    ColumnRef,
    ReadLayer,
    TargetLayer,
    layer_of_features,
    read_features,
    source_issue,
    translate_words,
)
from gis.sources.open_data.national import (
    DownloadTask,
    National,
    Service,
    SourcePlace,
    box_around_communes,
    commune_boxes,
    wfs_features_task,
)
from gis.sources.open_data.wfs import Query

SOURCE: Final = Source(
    source_id="bdtopo",
    title="BD TOPO®",
    publisher="IGN",
    licence="Licence Ouverte 2.0",
    url="https://geoservices.ign.fr/bdtopo",
    basis=Basis.SURVEYED,
)

#: Requested types: name in our files → type of the service.
TYPENAMES: Final = {
    "zone": "BDTOPO_V3:zone_d_activite_ou_d_interet",
    "batiment": "BDTOPO_V3:batiment",
    **networks.TYPENAMES,
}
BUSINESS: Final = "Industriel et commercial"
NOT_THERE: Final = {"En projet", "En ruine"}

#: Nature of an area → type of site. A plant is the land of one firm; other natures are not sites of the standard.
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
#: Deliberately left unknown: the standard has no state for land that is no longer in use.
CLOSED: Final = "Non exploité"
STATES: Final[Mapping[str, str]] = {
    "En projet": SiteState.PLANNED,
    "En construction": SiteState.CREATION,
    "En service": SiteState.ACTIVE,
    CLOSED: SiteState.UNKNOWN,
    "": SiteState.UNKNOWN,
}


def _wanted(place: SourcePlace, service: Service) -> Iterable[DownloadTask]:
    for insee, box in commune_boxes(place, SOURCE.source_id):
        for name, typename in TYPENAMES.items():
            query = Query(service.url, typename, KEY, place.epsg, box, dated=DATED)
            yield wfs_features_task(f"bdtopo/{insee}-{name}.json.gz", query)
    query = Query(
        service.url, networks.EQUIPMENT, KEY, place.epsg, box_around_communes(place, networks.REACH_M), dated=DATED
    )
    yield wfs_features_task("bdtopo/transport.json.gz", query)


def read_sites(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read activity areas as sites."""
    all_areas = read_features(files)
    business_areas = all_areas.where(
        [
            kind == BUSINESS and str(fictitious).lower() != "true"
            for kind, fictitious in zip(all_areas.texts("categorie"), all_areas.optional("fictif"), strict=True)
        ],
        "no ground of business, or of no true shape",
    )
    keys = business_areas.texts(KEY)
    kinds = [
        fine or coarse
        for fine, coarse in zip(business_areas.texts("nature_detaillee"), business_areas.texts("nature"), strict=True)
    ]
    states = business_areas.texts("etat_de_l_objet")
    types, type_issues = translate_words(
        kinds, TYPES, SiteType.UNKNOWN, ColumnRef("sites", keys, "nature", business_areas.files)
    )
    site_states, state_issues = translate_words(
        states, STATES, SiteState.UNKNOWN, ColumnRef("sites", keys, "etat_de_l_objet", business_areas.files)
    )
    closed_issues = [
        source_issue(
            "sites", key, "etat_de_l_objet", state, "Not worked any more: someone should look whether it is vacant."
        )
        for key, state in zip(keys, states, strict=True)
        if state == CLOSED
    ]
    names = zip(business_areas.texts("toponyme"), business_areas.words("nom_commercial"), kinds, strict=True)
    columns = {
        "site_id": keys,
        "site_name": [name or trade or kind for name, trade, kind in names],
        "site_type": types,
        "site_state": site_states,
        "as_of": business_areas.days(DATED, onto.zone),
    }
    return layer_of_features(business_areas, columns, Sites, onto, [*type_issues, *state_issues, *closed_issues])


def read_buildings(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read buildings that exist or are under construction."""
    all_buildings = read_features(files)
    standing_buildings = all_buildings.where(
        (state not in NOT_THERE for state in all_buildings.texts("etat_de_l_objet")), "planned or gone"
    )
    columns = {
        "building_id": standing_buildings.texts(KEY),
        "height_m": standing_buildings.numbers("hauteur"),
        "as_of": standing_buildings.days(DATED, onto.zone),
    }
    return layer_of_features(standing_buildings, columns, Buildings, onto)


NATIONAL: Final = National(
    source=SOURCE,
    url="https://data.geopf.fr/wfs/ows",
    days=90,
    brings="the shapes of activity zones, buildings with their height, roads, railways, water, power lines, accesses",
    wanted=_wanted,
    readers={
        "sites": ("bdtopo/*-zone.json.gz", read_sites),
        "buildings": ("bdtopo/*-batiment.json.gz", read_buildings),
        "exclusions": ("bdtopo/*-eau.json.gz", networks.read_water),
        "exclusions/streams": ("bdtopo/*-cours.json.gz", networks.read_water),
        "exclusions/lines": ("bdtopo/*-ligne.json.gz", networks.read_power_lines),
        "roads": ("bdtopo/*-route.json.gz", networks.read_roads),
        "railways": ("bdtopo/*-rail.json.gz", networks.read_railways),
        "accesses": ("bdtopo/transport.json.gz", networks.read_accesses),
    },
    needs_boxes=True,
)
