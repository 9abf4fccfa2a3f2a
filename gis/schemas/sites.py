"""Ground and who owns it: communes, sites, terrains, parcels, owners, buildings, premises."""

from typing import Any, Final

import pandas as pd
from pandera.typing import Series

from gis.provenance import Basis
from gis.schemas.columns import Given, Layer, Public, Spatial, as_of_column, column, measured, one_of
from gis.schemas.described import Fetched, Geometry, LayerDescription, Reference, Table, described
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


def _network(cnig: str) -> Any:
    meaning = f"Whether it is served (CNIG `{cnig}`)."
    return column(meaning, public=Public.ALWAYS, given=Given.OPTIONAL, isin=["", *one_of(Answer)])


def _distance(to: str, cnig: str) -> Any:
    meaning = f"Distance to the nearest {to}, as its source gives it (CNIG `{cnig}`, by road)."
    return column(meaning, public=Public.ALWAYS, given=Given.OPTIONAL, unit="km", ge=0, nullable=True)


def _position(name: str, most: float) -> Any:
    meaning = f"{name} of a point that its source gives instead of a shape: it has no area."
    return column(meaning, public=Public.ALWAYS, given=Given.OPTIONAL, unit="degree", ge=-most, le=most, nullable=True)


@described(
    LayerDescription(
        name="communes",
        title="Communes",
        key="insee",
        geometry=Geometry.MULTIPOLYGON,
        label="commune_name",
        table=Table.REQUIRED,
        drawn=True,
        fetched=Fetched(),
    )
)
class Communes(Spatial):
    """Communes of the territory; outlines are generalised, a background only."""

    insee: Series[str] = column("INSEE code.", public=Public.ALWAYS, unique=True, str_length=5)
    commune_name: Series[str] = column("Name of the commune.", public=Public.ALWAYS)
    former_codes: Series[str] = column(
        "INSEE codes of communes that went into it, delegated ones too, `|` between two.",
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
        fetched=Fetched(),
    )
)
class Sites(Spatial):
    """Economic sites of any type (SITE-ECO)."""

    site_id: Series[str] = column("Key of the site.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1})
    site_name: Series[str] = column("Name in use.", public=Public.ALWAYS)
    site_name_en: Series[str] = column("Name in English, when it differs.", public=Public.ALWAYS, given=Given.OPTIONAL)
    other_names: Series[str] = column(
        "Other names of the same ground, `|` between two.", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    site_type: Series[str] = column("Type of site (CNIG `site_type`).", public=Public.ALWAYS, isin=one_of(SiteType))
    site_state: Series[str] = column(
        "State of the site (CNIG `site_etat`).",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", *one_of(SiteState)],
    )
    counted: Series[str] = column(
        "Whether it counts among the activity zones.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", "oui", "non"],
    )
    stand_in: Series[str] = column(
        "Whether it stands for a zone that is counted and that nobody names.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", "oui", "non"],
    )
    vocation: Series[str] = column("What it is for, in French.", public=Public.ALWAYS, given=Given.OPTIONAL)
    vocation_en: Series[str] = column("What it is for, in English.", public=Public.ALWAYS, given=Given.OPTIONAL)
    insee: Series[str] = column("INSEE codes of its communes, `|` between two.", public=Public.ALWAYS)
    part_of: Series[str] = column(
        "Site that this one lies inside, counted once with it.", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    longitude: Series[float] = _position("Longitude", 180)
    latitude: Series[float] = _position("Latitude", 90)
    land_low_ha: Series[float] = column("Land area, at least.", public=Public.ALWAYS, unit="ha", gt=0, nullable=True)
    land_high_ha: Series[float] = column("Land area, at most.", public=Public.ALWAYS, unit="ha", gt=0, nullable=True)
    land_kind: Series[str] = column(
        "Gross area, or kind not said.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", "gross", AreaKind.NOT_SAID.value],
    )
    jobs: Series[float] = column(
        "Jobs as published.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="jobs", ge=0, nullable=True
    )
    opened: Series[str] = column("When it opened, as published.", public=Public.ALWAYS, given=Given.OPTIONAL)
    occupants: Series[str] = column(
        "Occupants that a source names, `|` between two.", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    as_of: Series[str] = column("Date the row is said of, as published.", public=Public.ALWAYS, given=Given.OPTIONAL)
    note: Series[str] = column("What a reader should know, in French.", public=Public.ALWAYS, given=Given.OPTIONAL)
    note_en: Series[str] = column("What a reader should know, in English.", public=Public.ALWAYS, given=Given.OPTIONAL)
    rain_water: Series[str] = _network("reseau_eau_pluviale")
    drinking_water: Series[str] = _network("reseau_eau_potable")
    sewage: Series[str] = _network("reseau_assainissement")
    gas: Series[str] = _network("reseau_gaz")
    electricity: Series[str] = _network("reseau_electrique")
    fibre: Series[str] = _network("reseau_fibre_optique")
    rail: Series[str] = _network("reseau_fret_ferroviaire")
    waterway: Series[str] = _network("reseau_fluvial")
    public_transport: Series[str] = _network("desserte_tc")
    motorway_name: Series[str] = column(
        "Nearest motorway (CNIG `autoroute_nom`).", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    motorway_km: Series[float] = _distance("motorway exit", "autoroute_echang_dist")
    station_km: Series[float] = _distance("station", "gare_dist")
    freight_station_km: Series[float] = _distance("freight station", "gare_fret_dist")
    port_km: Series[float] = _distance("port", "port_dist")
    airport_km: Series[float] = _distance("airport", "aeroport_dist")
    measured_m2: Series[float] = measured()


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
    """Pieces of a site, each uniform in occupation, sale, servicing and ownership (TERRAIN-ECO)."""

    terrain_id: Series[str] = column(
        "Key of the terrain.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1}
    )
    site_id: Series[str] = column("Site it is a piece of.", public=Public.ALWAYS)
    terrain_name: Series[str] = column("Name or number in use.", public=Public.ALWAYS, given=Given.OPTIONAL)
    useful: Series[str] = column(
        "Whether it is meant for business (CNIG `terr_utile`).", public=Public.ALWAYS, isin=one_of(Answer)
    )
    occupied: Series[str] = column(
        "State of occupation (CNIG `terr_etat_occup`).", public=Public.ALWAYS, isin=one_of(Occupied)
    )
    occupied_as_of: Series[pd.Timestamp] = column(
        "Day the state of occupation is said of (CNIG `terr_actu_date`).",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        nullable=True,
    )
    sale: Series[str] = column("Stage of sale (CNIG `terr_stade_comm`).", public=Public.ALWAYS, isin=one_of(Sale))
    servicing: Series[str] = column(
        "Stage of servicing (CNIG `terr_stade_amngt`).", public=Public.ALWAYS, isin=one_of(Servicing)
    )
    turnkey: Series[str] = column(
        "Whether a building is offered with it.", public=Public.ALWAYS, given=Given.OPTIONAL, isin=["", *one_of(Answer)]
    )
    vocation: Series[str] = column(
        "What it is meant for, in the words of its source.", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    price_eur_m2: Series[float] = column(
        "Price asked.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="EUR/m2", ge=0, nullable=True
    )
    power_kw: Series[float] = column(
        "Electric power at hand.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="kW", ge=0, nullable=True
    )
    available_from: Series[pd.Timestamp] = column(
        "Can be had from this day.", public=Public.ALWAYS, given=Given.OPTIONAL, nullable=True
    )
    sold_on: Series[pd.Timestamp] = column(
        "Sold on this day.", public=Public.ALWAYS, given=Given.OPTIONAL, nullable=True
    )
    as_of: Series[str] | None = as_of_column()
    measured_m2: Series[float] = measured()


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
        fetched=Fetched(near_m=0),
    )
)
class Parcels(Spatial):
    """Cadastral parcels, as the cadastre names them."""

    parcel_id: Series[str] = column(
        "The 14 characters of the cadastre, or a key of its own where a file has none.",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    owner_id: Series[str] = column("Owner, or nothing when unknown.", public=Public.NEVER, given=Given.OPTIONAL)
    stated_m2: Series[float] = column(
        "Area that the cadastre states.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="m2", ge=0, nullable=True
    )
    site_id: Series[str] | None = column(
        "Site that holds most of it, or nothing.", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    site_share: Series[float] | None = column(
        "Share of its ground that lies in that site.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="ratio",
        ge=0,
        le=1,
        nullable=True,
    )
    as_of: Series[str] | None = as_of_column()
    measured_m2: Series[float] = measured()


@described(
    LayerDescription(
        name="owners",
        title="Propriétaires",
        key="owner_id",
        table=Table.OPTIONAL,
        own_file=True,
        fetched=Fetched(),
        written=False,
    )
)
class Owners(Layer):
    """Owners of parcels: nothing of it is published."""

    source_id: Series[str] = column("Source of the row, a key of sources.toml.", public=Public.NEVER)
    basis: Series[str] = column("How the row is known.", public=Public.NEVER, isin=one_of(Basis))
    owner_id: Series[str] = column("Key of the owner.", public=Public.NEVER, unique=True, str_length={"min_value": 1})
    owner_kind: Series[str] = column("Person or body.", public=Public.NEVER, isin=one_of(OwnerKind))
    owner_name: Series[str] = column(
        "Name; of a natural person it never leaves the internal edition.", public=Public.NEVER
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
        fetched=Fetched(near_m=0, on_site=True),
    )
)
class Buildings(Spatial):
    """Building footprints."""

    building_id: Series[str] = column(
        "Key of the building.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1}
    )
    site_id: Series[str] = column("Site it stands on, or nothing.", public=Public.ALWAYS, given=Given.OPTIONAL)
    building_name: Series[str] = column("Name in use.", public=Public.ALWAYS, given=Given.OPTIONAL)
    height_m: Series[float] = column(
        "Height.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="m", ge=0, nullable=True
    )
    as_of: Series[str] | None = as_of_column()
    measured_m2: Series[float] = measured()


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
    """What one occupant can hold in a building or a yard."""

    premises_id: Series[str] = column(
        "Key of the premises.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1}
    )
    site_id: Series[str] = column("Site it lies in.", public=Public.ALWAYS)
    premises_name: Series[str] = column("Name in use.", public=Public.ALWAYS)
    building_id: Series[str] = column("Building it is in, where known.", public=Public.ALWAYS, given=Given.OPTIONAL)
    floor_m2: Series[float] = column(
        "Floor area, as published.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="m2", ge=0, nullable=True
    )
    height_m: Series[float] = column(
        "Free height.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="m", ge=0, nullable=True
    )
    docks: Series[float] = column(
        "Loading docks.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="count", ge=0, nullable=True
    )
    power_kw: Series[float] = column(
        "Electric power at hand.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="kW", ge=0, nullable=True
    )
    rent_eur_m2: Series[float] = column(
        "Rent asked for a year.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="EUR/m2", ge=0, nullable=True
    )
    available_from: Series[pd.Timestamp] = column(
        "Can be had from this day.", public=Public.ALWAYS, given=Given.OPTIONAL, nullable=True
    )
    vacant_since: Series[pd.Timestamp] = column(
        "Vacant since this day, as a source of vacant premises says.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        nullable=True,
    )
    as_of: Series[str] | None = as_of_column()
    measured_m2: Series[float] = measured()


#: Networks that a site may be served by: columns of `Sites`.
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


#: The column of `Sites` where its source gives the distance to the nearest access of a kind.
STATED_KM: Final = {
    AccessKind.MOTORWAY_EXIT: "motorway_km",
    AccessKind.STATION: "station_km",
    AccessKind.FREIGHT_STATION: "freight_station_km",
    AccessKind.PORT: "port_km",
    AccessKind.AIRPORT: "airport_km",
}
