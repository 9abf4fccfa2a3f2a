"""Schemas of land and its owners: communes, sites, terrains, parcels, owners, buildings, premises."""

from typing import Any, Final

import pandas as pd
from pandera.typing import Series

from gis.provenance import Basis
from gis.schemas.columns import (
    Given,
    Layer,
    Public,
    Spatial,
    as_of_column,
    column,
    measured_area_column,
    note_column,
    vocabulary_words,
)
from gis.schemas.described import FetchedReach, Geometry, LayerDescription, Reference, Table, described
from gis.schemas.vocabularies import (
    AccessKind,
    Answer,
    AreaKind,
    Occupied,
    OwnerKind,
    Sale,
    Servicing,
    SiteState,
    SiteType,
)


def _network_column(cnig: str, *, label: str) -> Any:
    meaning, note = f"Whether it is served (CNIG `{cnig}`).", f"Dit si le site est desservi (CNIG `{cnig}`)."
    return column(
        meaning,
        label=label,
        note=note,
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", *vocabulary_words(Answer)],
    )


def _distance_column(to: str, cnig: str, *, label: str) -> Any:
    return column(
        f"Distance to the nearest {to}, as its source gives it (CNIG `{cnig}`, by road).",
        label=label,
        note=f"Distance au plus proche, telle que sa source la donne (CNIG `{cnig}`, par la route).",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="km",
        ge=0,
        nullable=True,
    )


def _coordinate_column(name: str, most: float, *, label: str) -> Any:
    return column(
        f"{name} of a point that its source gives instead of a shape: it has no area.",
        label=label,
        note=f"{label} d’un point que sa source donne au lieu d’un tracé, et qui n’a pas de surface.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="degree",
        ge=-most,
        le=most,
        nullable=True,
    )


@described(
    LayerDescription(
        name="communes",
        title="Communes",
        key="insee",
        geometry=Geometry.MULTIPOLYGON,
        label="commune_name",
        table=Table.REQUIRED,
        drawn=True,
        fetched=FetchedReach(),
    )
)
class Communes(Spatial):
    """Communes of the territory; their generalised outlines are a background only."""

    insee: Series[str] = column("INSEE code.", label="Code INSEE", public=Public.ALWAYS, unique=True, str_length=5)
    commune_name: Series[str] = column("Name of the commune.", label="Nom de la commune", public=Public.ALWAYS)
    former_codes: Series[str] = column(
        "INSEE codes of communes that went into it, delegated ones too, `|` between two.",
        label="Anciens codes INSEE",
        note="Codes INSEE des communes qui y sont entrées, déléguées comprises, `|` entre deux.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )


@described(
    LayerDescription(
        name="sites",
        title="Sites économiques",
        key="site_id",
        geometry=Geometry.MULTIPOLYGON,
        label="site_name",
        table=Table.REQUIRED,
        by_hand=True,
        drawn=True,
        own_file=True,
        fetched=FetchedReach(),
    )
)
class Sites(Spatial):
    """Economic sites of any type (SITE-ECO)."""

    site_id: Series[str] = column(
        "Key of the site.", label="Identifiant du site", public=Public.ALWAYS, unique=True, str_length={"min_value": 1}
    )
    site_name: Series[str] = column("Name in use.", label="Nom d’usage", public=Public.ALWAYS)
    site_name_en: Series[str] = column(
        "Name in English, when it differs.",
        label="Nom en anglais",
        note="Nom en anglais, s’il diffère.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    other_names: Series[str] = column(
        "Other names of the same ground, `|` between two.",
        label="Autres noms",
        note="Autres noms du même site, `|` entre deux.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    site_type: Series[str] = column(
        "Type of site (CNIG `site_type`).",
        label="Type de site",
        note="Type de site (CNIG `site_type`).",
        public=Public.ALWAYS,
        isin=vocabulary_words(SiteType),
    )
    site_state: Series[str] = column(
        "State of the site (CNIG `site_etat`).",
        label="État du site",
        note="État du site (CNIG `site_etat`).",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", *vocabulary_words(SiteState)],
    )
    counted: Series[str] = column(
        "Whether it counts among the activity zones.",
        label="Compte parmi les zones d’activité",
        note="Dit si le site compte parmi les zones d’activité.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", "oui", "non"],
    )
    stand_in: Series[str] = column(
        "Whether it stands for a zone that is counted and that nobody names.",
        label="Tient lieu d’une zone sans nom",
        note="Dit si la ligne tient lieu d’une zone qui est comptée et que personne ne nomme.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", "oui", "non"],
    )
    vocation: Series[str] = column(
        "What it is for, in French.",
        label="Vocation",
        note="À quoi le site est destiné, en français.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    vocation_en: Series[str] = column(
        "What it is for, in English.",
        label="Vocation en anglais",
        note="À quoi le site est destiné, en anglais.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    insee: Series[str] = column(
        "INSEE codes of its communes, `|` between two.",
        label="Codes INSEE des communes",
        note="Codes INSEE de ses communes, `|` entre deux.",
        public=Public.ALWAYS,
    )
    part_of: Series[str] = column(
        "Site that this one lies inside, counted once with it.",
        label="Fait partie du site",
        note="Site dans lequel celui-ci se trouve et avec lequel il est compté une seule fois.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    longitude: Series[float] = _coordinate_column("Longitude", 180, label="Longitude")
    latitude: Series[float] = _coordinate_column("Latitude", 90, label="Latitude")
    land_low_ha: Series[float] = column(
        "Land area, at least.",
        label="Surface de terrain, au moins",
        public=Public.ALWAYS,
        unit="ha",
        gt=0,
        nullable=True,
    )
    land_high_ha: Series[float] = column(
        "Land area, at most.", label="Surface de terrain, au plus", public=Public.ALWAYS, unit="ha", gt=0, nullable=True
    )
    land_kind: Series[str] = column(
        "Gross area, or kind not said.",
        label="Nature de la surface",
        note="Surface brute, ou de nature non précisée.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", "gross", AreaKind.NOT_SAID.value],
    )
    jobs: Series[float] = column(
        "Jobs as published.",
        label="Emplois",
        note="Nombre d’emplois, tel que publié.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="jobs",
        ge=0,
        nullable=True,
    )
    opened: Series[str] = column(
        "When it opened, as published.",
        label="Ouverture",
        note="Quand le site a ouvert, tel que publié.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    occupants: Series[str] = column(
        "Occupants that a source names, `|` between two.",
        label="Occupants cités",
        note="Occupants qu’une source nomme, `|` entre deux.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    as_of: Series[str] = column(
        "Date the row is said of, as published.",
        label="Date de l’information",
        note="Date que la ligne décrit, telle que publiée.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    note: Series[str] = note_column()
    note_en: Series[str] = note_column(english=True)
    rain_water: Series[str] = _network_column("reseau_eau_pluviale", label="Eau pluviale")
    drinking_water: Series[str] = _network_column("reseau_eau_potable", label="Eau potable")
    sewage: Series[str] = _network_column("reseau_assainissement", label="Assainissement")
    gas: Series[str] = _network_column("reseau_gaz", label="Gaz")
    electricity: Series[str] = _network_column("reseau_electrique", label="Électricité")
    fibre: Series[str] = _network_column("reseau_fibre_optique", label="Fibre optique")
    rail: Series[str] = _network_column("reseau_fret_ferroviaire", label="Fret ferroviaire")
    waterway: Series[str] = _network_column("reseau_fluvial", label="Voie d’eau")
    public_transport: Series[str] = _network_column("desserte_tc", label="Transports en commun")
    motorway_name: Series[str] = column(
        "Nearest motorway (CNIG `autoroute_nom`).",
        label="Autoroute la plus proche",
        note="Nom de l’autoroute la plus proche (CNIG `autoroute_nom`).",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    motorway_km: Series[float] = _distance_column(
        "motorway exit", "autoroute_echang_dist", label="Distance à l’échangeur autoroutier"
    )
    station_km: Series[float] = _distance_column("station", "gare_dist", label="Distance à la gare de voyageurs")
    freight_station_km: Series[float] = _distance_column(
        "freight station", "gare_fret_dist", label="Distance à la gare de fret"
    )
    port_km: Series[float] = _distance_column("port", "port_dist", label="Distance au port")
    airport_km: Series[float] = _distance_column("airport", "aeroport_dist", label="Distance à l’aéroport")
    measured_m2: Series[float] = measured_area_column()


@described(
    LayerDescription(
        name="terrains",
        title="Terrains",
        key="terrain_id",
        geometry=Geometry.MULTIPOLYGON,
        label="terrain_name",
        table=Table.OPTIONAL,
        by_hand=True,
        references={"site_id": Reference("sites")},
        drawn=True,
        own_file=True,
    )
)
class Terrains(Spatial):
    """Parts of a site, each uniform in occupation, stage of sale, servicing and ownership (TERRAIN-ECO)."""

    terrain_id: Series[str] = column(
        "Key of the terrain.",
        label="Identifiant du terrain",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    site_id: Series[str] = column(
        "Site it is a piece of.", label="Site", note="Site dont le terrain est une partie.", public=Public.ALWAYS
    )
    terrain_name: Series[str] = column(
        "Name or number in use.", label="Nom ou numéro d’usage", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    useful: Series[str] = column(
        "Whether it is meant for business (CNIG `terr_utile`).",
        label="Compte dans la surface utile",
        note="Dit si le terrain est destiné aux activités (CNIG `terr_utile`).",
        public=Public.ALWAYS,
        isin=vocabulary_words(Answer),
    )
    occupied: Series[str] = column(
        "State of occupation (CNIG `terr_etat_occup`).",
        label="État d’occupation",
        note="État d’occupation du terrain (CNIG `terr_etat_occup`).",
        public=Public.ALWAYS,
        isin=vocabulary_words(Occupied),
    )
    occupied_as_of: Series[pd.Timestamp] = column(
        "Day the state of occupation is said of (CNIG `terr_actu_date`).",
        label="Date de l’état d’occupation",
        note="Jour que l’état d’occupation décrit (CNIG `terr_actu_date`).",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        nullable=True,
    )
    sale: Series[str] = column(
        "Stage of sale (CNIG `terr_stade_comm`).",
        label="Stade de commercialisation",
        note="Stade de commercialisation du terrain (CNIG `terr_stade_comm`).",
        public=Public.ALWAYS,
        isin=vocabulary_words(Sale),
    )
    servicing: Series[str] = column(
        "Stage of servicing (CNIG `terr_stade_amngt`).",
        label="Stade d’aménagement",
        note="Stade d’aménagement du terrain (CNIG `terr_stade_amngt`).",
        public=Public.ALWAYS,
        isin=vocabulary_words(Servicing),
    )
    turnkey: Series[str] = column(
        "Whether a building is offered with it.",
        label="Clé en main",
        note="Dit si un bâtiment est proposé avec le terrain.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", *vocabulary_words(Answer)],
    )
    vocation: Series[str] = column(
        "What it is meant for, in the words of its source.",
        label="Vocation",
        note="À quoi le terrain est destiné, dans les mots de sa source.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    price_eur_m2: Series[float] = column(
        "Price asked.",
        label="Prix demandé",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="EUR/m2",
        ge=0,
        nullable=True,
    )
    power_kw: Series[float] = column(
        "Electric power at hand.",
        label="Puissance électrique disponible",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="kW",
        ge=0,
        nullable=True,
    )
    available_from: Series[pd.Timestamp] = column(
        "Can be had from this day.",
        label="Disponible à partir du",
        note="Jour à partir duquel on peut l’avoir.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        nullable=True,
    )
    sold_on: Series[pd.Timestamp] = column(
        "Sold on this day.",
        label="Vendu le",
        note="Jour de la vente.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        nullable=True,
    )
    as_of: Series[str] | None = as_of_column()
    measured_m2: Series[float] = measured_area_column()


@described(
    LayerDescription(
        name="parcels",
        title="Parcelles cadastrales",
        key="parcel_id",
        geometry=Geometry.MULTIPOLYGON,
        table=Table.OPTIONAL,
        references={"owner_id": Reference("owners", optional=True), "site_id": Reference("sites", optional=True)},
        drawn=True,
        own_file=True,
        fetched=FetchedReach(near_m=0),
    )
)
class Parcels(Spatial):
    """Cadastral parcels, identified as in the cadastre."""

    parcel_id: Series[str] = column(
        "The 14 characters of the cadastre, or a key of its own where a file has none.",
        label="Identifiant de la parcelle",
        note="Les 14 caractères du cadastre, ou une clé propre si le fichier n’en a pas.",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    owner_id: Series[str] = column(
        "Owner, or nothing when unknown.",
        label="Propriétaire",
        note="Clé du propriétaire, ou rien s’il est inconnu.",
        public=Public.NEVER,
        given=Given.OPTIONAL,
    )
    stated_m2: Series[float] = column(
        "Area that the cadastre states.",
        label="Contenance cadastrale",
        note="Surface que le cadastre annonce.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="m2",
        ge=0,
        nullable=True,
    )
    site_id: Series[str] | None = column(
        "Site that holds most of it, or nothing.",
        label="Site",
        note="Site qui contient la plus grande part de la parcelle, ou rien.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    site_share: Series[float] | None = column(
        "Share of its ground that lies in that site.",
        label="Part dans le site",
        note="Part de la parcelle qui se trouve dans ce site.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="ratio",
        ge=0,
        le=1,
        nullable=True,
    )
    as_of: Series[str] | None = as_of_column()
    measured_m2: Series[float] = measured_area_column()


@described(
    LayerDescription(
        name="owners",
        title="Propriétaires",
        key="owner_id",
        table=Table.OPTIONAL,
        own_file=True,
        fetched=FetchedReach(),
        written=False,
    )
)
class Owners(Layer):
    """Owners of parcels: no part of this layer is published."""

    source_id: Series[str] = column(
        "Source of the row, a key of sources.toml.",
        label="Source",
        note="Source de la ligne, une clé de sources.toml.",
        public=Public.NEVER,
    )
    basis: Series[str] = column(
        "How the row is known.",
        label="Base",
        note="Comment la ligne est connue, relevée, numérisée ou annoncée.",
        public=Public.NEVER,
        isin=vocabulary_words(Basis),
    )
    owner_id: Series[str] = column(
        "Key of the owner.",
        label="Identifiant du propriétaire",
        public=Public.NEVER,
        unique=True,
        str_length={"min_value": 1},
    )
    owner_kind: Series[str] = column(
        "Person or body.", label="Personne physique ou morale", public=Public.NEVER, isin=vocabulary_words(OwnerKind)
    )
    owner_name: Series[str] = column(
        "Name; of a natural person it never leaves the internal edition.",
        label="Nom du propriétaire",
        note="Nom, qui pour une personne physique ne quitte jamais l’édition interne.",
        public=Public.NEVER,
    )


@described(
    LayerDescription(
        name="buildings",
        title="Bâtiments",
        key="building_id",
        geometry=Geometry.MULTIPOLYGON,
        label="building_name",
        table=Table.OPTIONAL,
        references={"site_id": Reference("sites", optional=True)},
        drawn=True,
        own_file=True,
        fetched=FetchedReach(near_m=0, on_site=True),
    )
)
class Buildings(Spatial):
    """Building footprints."""

    building_id: Series[str] = column(
        "Key of the building.",
        label="Identifiant du bâtiment",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    site_id: Series[str] = column(
        "Site it stands on, or nothing.",
        label="Site",
        note="Site sur lequel le bâtiment se trouve, ou rien.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    building_name: Series[str] = column("Name in use.", label="Nom d’usage", public=Public.ALWAYS, given=Given.OPTIONAL)
    height_m: Series[float] = column(
        "Height.", label="Hauteur", public=Public.ALWAYS, given=Given.OPTIONAL, unit="m", ge=0, nullable=True
    )
    as_of: Series[str] | None = as_of_column()
    measured_m2: Series[float] = measured_area_column()


@described(
    LayerDescription(
        name="premises",
        title="Locaux",
        key="premises_id",
        geometry=Geometry.MULTIPOLYGON,
        label="premises_name",
        table=Table.REQUIRED,
        by_hand=True,
        references={"site_id": Reference("sites")},
        drawn=True,
        own_file=True,
    )
)
class Premises(Spatial):
    """Unit that one occupant can hold in a building or a yard."""

    premises_id: Series[str] = column(
        "Key of the premises.",
        label="Identifiant du local",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    site_id: Series[str] = column(
        "Site it lies in.", label="Site", note="Site dans lequel le local se trouve.", public=Public.ALWAYS
    )
    premises_name: Series[str] = column("Name in use.", label="Nom d’usage", public=Public.ALWAYS)
    building_id: Series[str] = column(
        "Building it is in, where known.",
        label="Bâtiment",
        note="Bâtiment dans lequel le local se trouve, s’il est connu.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    floor_m2: Series[float] = column(
        "Floor area, as published.",
        label="Surface de plancher",
        note="Surface de plancher, telle que publiée.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="m2",
        ge=0,
        nullable=True,
    )
    height_m: Series[float] = column(
        "Free height.", label="Hauteur libre", public=Public.ALWAYS, given=Given.OPTIONAL, unit="m", ge=0, nullable=True
    )
    docks: Series[float] = column(
        "Loading docks.",
        label="Quais de chargement",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="count",
        ge=0,
        nullable=True,
    )
    power_kw: Series[float] = column(
        "Electric power at hand.",
        label="Puissance électrique disponible",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="kW",
        ge=0,
        nullable=True,
    )
    rent_eur_m2: Series[float] = column(
        "Rent asked for a year.",
        label="Loyer annuel demandé",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="EUR/m2",
        ge=0,
        nullable=True,
    )
    available_from: Series[pd.Timestamp] = column(
        "Can be had from this day.",
        label="Disponible à partir du",
        note="Jour à partir duquel on peut l’avoir.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        nullable=True,
    )
    vacant_since: Series[pd.Timestamp] = column(
        "Vacant since this day, as a source of vacant premises says.",
        label="Vacant depuis le",
        note="Jour depuis lequel le local est vacant, selon une source de locaux vacants.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        nullable=True,
    )
    as_of: Series[str] | None = as_of_column()
    measured_m2: Series[float] = measured_area_column()


#: Networks of a site: columns of `Sites`.
NETWORKS: Final = (
    "rain_water",
    "drinking_water",
    "sewage",
    "gas",
    "electricity",
    "fibre",
    "rail",
    "waterway",
    "public_transport",
)


#: The column of `Sites` with the stated distance to the nearest access, by kind of access.
STATED_KM: Final = {
    AccessKind.MOTORWAY_EXIT: "motorway_km",
    AccessKind.STATION: "station_km",
    AccessKind.FREIGHT_STATION: "freight_station_km",
    AccessKind.PORT: "port_km",
    AccessKind.AIRPORT: "airport_km",
}
