"""What is known of a territory: the layers that tables, files and publishers give."""

from typing import Any, Final

import pandas as pd
from pandera.typing import Series

from gis import crs
from gis.provenance import Basis
from gis.schemas.columns import Given, Layer, Public, Spatial, column, measured, one_of
from gis.schemas.vocabularies import (
    AccessKind,
    Answer,
    AreaKind,
    BrownfieldStatus,
    ClaimStatus,
    ClaimUse,
    ExclusionReason,
    Occupied,
    OwnerKind,
    Phase,
    Placed,
    RoadClass,
    Sale,
    Servicing,
    SiteState,
    SiteType,
    SpotKind,
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


def _said() -> Any:
    return column(
        "Date the row is said of, as published; a layer may do without.", public=Public.ALWAYS, given=Given.OPTIONAL
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
    as_of: Series[str] | None = _said()
    measured_m2: Series[float] = measured()


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
    as_of: Series[str] | None = _said()
    measured_m2: Series[float] = measured()


class Owners(Layer):
    """Owners of parcels: nothing of it is published."""

    source_id: Series[str] = column("Source of the row, a key of sources.toml.", public=Public.NEVER)
    basis: Series[str] = column("How the row is known.", public=Public.NEVER, isin=one_of(Basis))
    owner_id: Series[str] = column("Key of the owner.", public=Public.NEVER, unique=True, str_length={"min_value": 1})
    owner_kind: Series[str] = column("Person or body.", public=Public.NEVER, isin=one_of(OwnerKind))
    owner_name: Series[str] = column(
        "Name; of a natural person it never leaves the internal edition.", public=Public.NEVER
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
    as_of: Series[str] | None = _said()
    measured_m2: Series[float] = measured()


class Establishments(Layer):
    """Occupants: firms, schools and laboratories, with what a source says of them."""

    establishment_id: Series[str] = column(
        "Key of the establishment.", public=Public.BODIES_ONLY, unique=True, str_length={"min_value": 1}
    )
    establishment_name: Series[str] = column("Name.", public=Public.BODIES_ONLY)
    siret: Series[str] = column("SIRET where known.", public=Public.BODIES_ONLY, given=Given.OPTIONAL)
    group: Series[str] = column("Group it is shown with.", public=Public.ALWAYS, given=Given.OPTIONAL)
    activity: Series[str] = column("What it does, in French.", public=Public.ALWAYS, given=Given.OPTIONAL)
    activity_en: Series[str] = column("What it does, in English.", public=Public.ALWAYS, given=Given.OPTIONAL)
    insee: Series[str] = column(
        "INSEE codes of its communes, `|` between two; empty where no source says.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    site_id: Series[str] = column(
        "Site it is on, where a source or its place says.", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    terrain_id: Series[str] | None = column(
        "Terrain it is on, where its place says.", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    premises_id: Series[str] | None = column(
        "Premises it is in, where its place says.", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    placed: Series[str] | None = column(
        "How well its place is known (CNIG `geocodage_qualite`).",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", *one_of(Placed)],
    )
    establishment_kind: Series[str] = column(
        "Person or body; only a body is named in what is published of an inventory.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", *one_of(OwnerKind)],
    )
    economic: Series[str] = column(
        "Whether what it does is liable to CFE; empty where nobody asked.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", *one_of(Answer)],
    )
    active_from: Series[str] = column(
        "Active from: a day, a month, a year, or two joined by `..`.", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    active_to: Series[str] = column(
        "Closed: a day, a month, a year, or two joined by `..`.", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    parcel_ids: Series[str] = column(
        "Parcels it stands on, `|` between two, where a source places it as well as that.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    jobs_low: Series[float] = column(
        "Jobs, at least.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="jobs", ge=0, nullable=True
    )
    jobs_high: Series[float] = column(
        "Jobs, at most.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="jobs", ge=0, nullable=True
    )
    jobs_as_of: Series[str] = column(
        "Date the jobs are said of; `planned` before it for an aim.", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    as_of: Series[str] | None = _said()
    page: Series[str] = column("Page of the source.", public=Public.BODIES_ONLY, given=Given.OPTIONAL)
    note: Series[str] = column("What a reader should know, in French.", public=Public.ALWAYS, given=Given.OPTIONAL)
    note_en: Series[str] = column("What a reader should know, in English.", public=Public.ALWAYS, given=Given.OPTIONAL)


class PlacedEstablishments(Establishments):
    """Establishments as they are fetched: with a place, that puts them on a site and is not kept."""

    x_m: Series[float] = column("Easting in the zone of the territory.", public=Public.ALWAYS, unit="m", nullable=True)
    y_m: Series[float] = column("Northing in the zone of the territory.", public=Public.ALWAYS, unit="m", nullable=True)


class Brownfields(Spatial):
    """Ground that somebody lists as brownfield: evidence beside sites, which decides nothing by itself."""

    brownfield_id: Series[str] = column(
        "Key of the brownfield.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1}
    )
    brownfield_name: Series[str] = column("Name in use.", public=Public.ALWAYS)
    status: Series[str] = column(
        "How far it is (CNIG Friches `site_statut`).", public=Public.ALWAYS, isin=one_of(BrownfieldStatus)
    )
    insee: Series[str] = column("INSEE code of its commune.", public=Public.ALWAYS)
    site_id: Series[str] = column("Site it lies in, or nothing.", public=Public.ALWAYS, given=Given.OPTIONAL)
    as_of: Series[str] | None = _said()
    measured_m2: Series[float] = measured()


class Spots(Spatial):
    """Places that a register or a plan names by a point: evidence beside sites. A point has no ground to exclude."""

    spot_id: Series[str] = column(
        "Key of the place in its register.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1}
    )
    spot_kind: Series[str] = column("What is said of it.", public=Public.ALWAYS, isin=one_of(SpotKind))
    said: Series[str] = column("The same, in the words of its source.", public=Public.ALWAYS)
    insee: Series[str] = column("INSEE code of its commune, or nothing.", public=Public.ALWAYS)
    site_id: Series[str] = column("Site it stands on, or nothing.", public=Public.ALWAYS, given=Given.OPTIONAL)
    as_of: Series[str] | None = _said()


class Railways(Spatial):
    """Railways, by their line: beside sites. What the law keeps free along them comes as an easement."""

    railway_id: Series[str] = column(
        "Key of the railway.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1}
    )
    railway_kind: Series[str] = column("What kind it is, in the words of its source.", public=Public.ALWAYS)
    freight: Series[str] = column("Whether it carries freight.", public=Public.ALWAYS, isin=one_of(Answer))
    in_use: Series[str] = column("Whether trains run on it.", public=Public.ALWAYS, isin=one_of(Answer))
    as_of: Series[str] | None = _said()


class OsmLandUse(Spatial):
    """Land use that was, or may have been, traced from OpenStreetMap: a layer of its own, under its own licence."""

    osm_id: Series[str] = column("Key of the shape.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1})
    land_use: Series[str] = column("What it is used for, in the words of its source.", public=Public.ALWAYS)
    osm_name: Series[str] = column("Name, where one is said.", public=Public.ALWAYS)
    licence: Series[str] = column(
        "Licence that goes along with the shape and with what is derived of it.", public=Public.ALWAYS
    )
    measured_m2: Series[float] = measured()


class Exclusions(Spatial):
    """Ground that may not be built on, and why."""

    exclusion_id: Series[str] = column(
        "Key of the exclusion.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1}
    )
    reason: Series[str] = column("Why.", public=Public.ALWAYS, isin=one_of(ExclusionReason))
    buffer_m: Series[float] = column(
        "Distance to keep from the shape.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="m", ge=0, nullable=True
    )
    whole_from_share: Series[float] = column(
        "Share of a terrain from which on it is lost as a whole; nothing where only what is covered is lost.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="ratio",
        gt=0,
        le=1,
        nullable=True,
    )
    as_of: Series[str] | None = _said()
    measured_m2: Series[float] = measured()


class Roads(Spatial):
    """Roads, by the line along their middle."""

    road_id: Series[str] = column("Key of the road.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1})
    road_class: Series[str] = column("What it is for.", public=Public.ALWAYS, isin=one_of(RoadClass))
    road_name: Series[str] = column("Name or number in use.", public=Public.ALWAYS, given=Given.OPTIONAL)


class Accesses(Spatial):
    """Places where one gets on a motorway, a train, a ship or a plane."""

    access_id: Series[str] = column(
        "Key of the access.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1}
    )
    access_kind: Series[str] = column("What one gets to there.", public=Public.ALWAYS, isin=one_of(AccessKind))
    access_name: Series[str] = column("Name in use.", public=Public.ALWAYS, given=Given.OPTIONAL)


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
    as_of: Series[str] | None = _said()
    measured_m2: Series[float] = measured()


class Tenancies(Layer):
    """An establishment in premises, in one phase, from a date to a date."""

    tenancy_id: Series[str] = column(
        "Key of the tenancy.", public=Public.BODIES_ONLY, unique=True, str_length={"min_value": 1}
    )
    site_id: Series[str] = column("Site.", public=Public.ALWAYS)
    premises_id: Series[str] = column("Premises held.", public=Public.ALWAYS)
    establishment_id: Series[str] = column(
        "Key of the occupant.", public=Public.BODIES_ONLY, str_length={"min_value": 1}
    )
    occupant: Series[str] = column("Name of the occupant.", public=Public.BODIES_ONLY, str_length={"min_value": 1})
    activity: Series[str] = column("What it does there, in French.", public=Public.ALWAYS)
    activity_en: Series[str] = column("What it does there, in English.", public=Public.ALWAYS, given=Given.OPTIONAL)
    phase: Series[str] = column("How far it is.", public=Public.ALWAYS, isin=one_of(Phase))
    from_earliest: Series[pd.Timestamp] = column(
        "Begins this day at the earliest.", public=Public.ALWAYS, nullable=True
    )
    from_latest: Series[pd.Timestamp] = column("Begins this day at the latest.", public=Public.ALWAYS, nullable=True)
    to_earliest: Series[pd.Timestamp] = column("Ends this day at the earliest.", public=Public.ALWAYS, nullable=True)
    to_latest: Series[pd.Timestamp] = column("Ends this day at the latest.", public=Public.ALWAYS, nullable=True)
    area_low_m2: Series[float] = column("Area held, at least.", public=Public.ALWAYS, unit="m2", gt=0, nullable=True)
    area_high_m2: Series[float] = column("Area held, at most.", public=Public.ALWAYS, unit="m2", gt=0, nullable=True)
    area_kind: Series[str] = column("What the area is an area of.", public=Public.ALWAYS, isin=one_of(AreaKind))
    jobs_now: Series[float] = column(
        "Jobs on the day of the source.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="jobs", ge=0, nullable=True
    )
    jobs_planned: Series[float] = column(
        "Jobs planned.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="jobs", ge=0, nullable=True
    )
    page: Series[str] = column("Page of the source.", public=Public.BODIES_ONLY, given=Given.OPTIONAL)
    note: Series[str] = column("What a reader should know, in French.", public=Public.ALWAYS, given=Given.OPTIONAL)
    note_en: Series[str] = column("What a reader should know, in English.", public=Public.ALWAYS, given=Given.OPTIONAL)


class Claims(Layer):
    """Published figures, each as its source gives it."""

    claim_id: Series[str] = column("Key of the claim.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1})
    site_id: Series[str] = column("Site it speaks of, or nothing.", public=Public.ALWAYS)
    subject: Series[str] = column("What it speaks of.", public=Public.ALWAYS)
    measure: Series[str] = column("What is said of it, in French.", public=Public.ALWAYS)
    measure_en: Series[str] = column("What is said of it, in English.", public=Public.ALWAYS, given=Given.OPTIONAL)
    value: Series[str] = column("The value as published.", public=Public.ALWAYS, str_length={"min_value": 1})
    unit: Series[str] = column("Unit as published.", public=Public.ALWAYS)
    qualifier: Series[str] = column("Stated, about, at least, planned.", public=Public.ALWAYS, given=Given.OPTIONAL)
    area_kind: Series[str] = column(
        "What an area or a share is of; empty for other figures.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", *one_of(AreaKind)],
    )
    as_of: Series[str] = column("Date the figure is said of, as published.", public=Public.ALWAYS)
    section: Series[str] = column("Section of the source.", public=Public.ALWAYS, given=Given.OPTIONAL)
    page: Series[str] = column("Page of the source.", public=Public.ALWAYS, given=Given.OPTIONAL)
    status: Series[str] = column(
        "Whether the source can be shown.", public=Public.ALWAYS, given=Given.OPTIONAL, isin=one_of(ClaimStatus)
    )
    states: Series[str] = column(
        "Value of a layer that it states, `layer/key/quantity`.", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    use: Series[str] = column(
        "What is done with it beside showing it.", public=Public.ALWAYS, given=Given.OPTIONAL, isin=one_of(ClaimUse)
    )
    parts: Series[str] = column(
        "Claims it should be the sum or the count of, `|` between two.", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    whole: Series[str] = column("Claim that the sum is divided by.", public=Public.ALWAYS, given=Given.OPTIONAL)
    note: Series[str] = column("What a reader should know, in French.", public=Public.ALWAYS, given=Given.OPTIONAL)
    note_en: Series[str] = column("What a reader should know, in English.", public=Public.ALWAYS, given=Given.OPTIONAL)
    low: Series[float] = column(
        "The value as a number, at least.", public=Public.ALWAYS, given=Given.COMPUTED, nullable=True
    )
    high: Series[float] = column(
        "The value as a number, at most.", public=Public.ALWAYS, given=Given.COMPUTED, nullable=True
    )
    earliest: Series[pd.Timestamp] = column(
        "The value as a date, at the earliest.", public=Public.ALWAYS, given=Given.COMPUTED, nullable=True
    )
    latest: Series[pd.Timestamp] = column(
        "The value as a date, at the latest.", public=Public.ALWAYS, given=Given.COMPUTED, nullable=True
    )


#: Quantities that a claim can state, by layer: the columns that hold them, low and high.
QUANTITIES: Final = {
    "sites": {"land_ha": ("land_low_ha", "land_high_ha")},
    "tenancies": {
        "area_m2": ("area_low_m2", "area_high_m2"),
        "from": ("from_earliest", "from_latest"),
        "to": ("to_earliest", "to_latest"),
        "phase": ("phase", "phase"),
        "jobs_now": ("jobs_now", "jobs_now"),
        "jobs_planned": ("jobs_planned", "jobs_planned"),
    },
}

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

#: The column that names a row, by layer.
KEYS: Final = {
    "communes": "insee",
    "sites": "site_id",
    "terrains": "terrain_id",
    "parcels": "parcel_id",
    "owners": "owner_id",
    "buildings": "building_id",
    "establishments": "establishment_id",
    "exclusions": "exclusion_id",
    "brownfields": "brownfield_id",
    "osmlanduse": "osm_id",
    "spots": "spot_id",
    "railways": "railway_id",
    "premises": "premises_id",
    "tenancies": "tenancy_id",
    "claims": "claim_id",
    "roads": "road_id",
    "accesses": "access_id",
    "plots": "plot_id",
}

#: What layers are drawn as that are not drawn as polygons.
_DRAWN: Final = {
    "roads": crs.GeometryKind.LINE,
    "railways": crs.GeometryKind.LINE,
    "accesses": crs.GeometryKind.POINT,
    "spots": crs.GeometryKind.POINT,
}


def drawn_as(layer: str) -> crs.GeometryKind:
    """Return what the rows of a layer, given by name, are drawn as: polygons, lines or points."""
    return _DRAWN.get(layer, crs.GeometryKind.POLYGON)
