"""The columns of every layer: meaning, unit and vocabulary; and the one door they pass.

`conform(frame, Schema)` is that door. Absent text is the empty string, an unknown number is NaN and an unknown
date is NaT, in every layer: nothing else stands for "nobody said".
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, TypeVar, overload

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors
from pandera.typing import DataFrame, Series
from pandera.typing.geopandas import GeoDataFrame, GeoSeries

from gis import crs
from gis.errors import Fault, SchemaError
from gis.provenance import Basis


class AreaKind(StrEnum):
    """What a published area is an area of."""

    LAND = "land"
    FOOTPRINT = "footprint"
    FLOOR = "floor"
    NOT_SAID = "not_said"


class Phase(StrEnum):
    """How far a tenancy is."""

    ANNOUNCED = "announced"
    LEASE_SIGNED = "lease_signed"
    IN_PLACE = "in_place"
    LEFT = "left"


class SiteType(StrEnum):
    """Type of site, in the words of the CNIG standard (`site_type`)."""

    ZONE = "zone d'activité économique"
    HISTORIC = "site économique historique hors ZAE"
    ISOLATED = "établissement économique isolé"
    FUTURE = "zone AU à vocation économique"
    UNKNOWN = "inconnu"
    OTHER = "autre"


class SiteState(StrEnum):
    """State of a site, in the words of the CNIG standard (`site_etat`)."""

    PLANNED = "en projet"
    CREATION = "création"
    ACTIVE = "existant et actif"
    DOWNGRADING = "projet de déclassement"
    DOWNGRADED = "déclassé"
    UNKNOWN = "inconnu"


class Occupied(StrEnum):
    """State of occupation of a terrain, in the words of the CNIG standard (`terr_etat_occup`)."""

    NEVER = "inoccupé"
    IN_TRANSITION = "occupation transitoire"
    OCCUPIED = "occupé"
    VACANT = "vacant"
    DERELICT = "friche"
    UNKNOWN = "inconnu"


class Sale(StrEnum):
    """Stage of sale of a terrain, in the words of the CNIG standard (`terr_stade_comm`)."""

    NOT_ON_SALE = "non commercialisé"
    NOT_FOR_SALE = "non commercialisable"
    FOR_SALE = "en vente"
    FOR_SALE_CONSTRAINED = "en vente avec contraintes"
    SOLD = "vendu, commercialisation achevée"
    OPTION = "réservé par option de réservation"
    RESERVED = "réservé par une délibération de l'EPCI"
    UNKNOWN = "inconnu"


class Servicing(StrEnum):
    """Stage of servicing of a terrain, in the words of the CNIG standard (`terr_stade_amngt`)."""

    IMPOSSIBLE = "non aménageable"
    NONE = "non aménagé, non viabilisé"
    UNDER_WAY = "viabilisation en cours"
    SERVICED = "viabilisé non aménagé"
    FITTED_OUT = "viabilisé et aménagé"
    UNKNOWN = "inconnu"


class Answer(StrEnum):
    """Yes, no, or nobody said."""

    YES = "oui"
    NO = "non"
    UNKNOWN = "inconnu"


class ExclusionReason(StrEnum):
    """Why ground may not be built on: physical, legal, technical, or its owner's will."""

    SLOPE = "slope"
    WATER = "water"
    CONTAMINATION = "contamination"
    ZONING = "zoning"
    EASEMENT = "easement"
    HERITAGE = "heritage"
    RISK_PLAN = "risk_plan"
    SETBACK = "setback"
    POWER_LINE = "power_line"
    ROAD_VERGE = "road_verge"
    RESERVED = "reserved"
    OPTION = "option"
    FROZEN = "frozen"


class ExclusionFamily(StrEnum):
    """What kind of reason keeps ground from being built on."""

    PHYSICAL = "physical"
    LEGAL = "legal"
    TECHNICAL = "technical"
    OWNER = "owner"


#: The family of each reason.
FAMILIES: Final = {
    ExclusionReason.SLOPE: ExclusionFamily.PHYSICAL,
    ExclusionReason.WATER: ExclusionFamily.PHYSICAL,
    ExclusionReason.CONTAMINATION: ExclusionFamily.PHYSICAL,
    ExclusionReason.ZONING: ExclusionFamily.LEGAL,
    ExclusionReason.EASEMENT: ExclusionFamily.LEGAL,
    ExclusionReason.HERITAGE: ExclusionFamily.LEGAL,
    ExclusionReason.RISK_PLAN: ExclusionFamily.LEGAL,
    ExclusionReason.SETBACK: ExclusionFamily.TECHNICAL,
    ExclusionReason.POWER_LINE: ExclusionFamily.TECHNICAL,
    ExclusionReason.ROAD_VERGE: ExclusionFamily.TECHNICAL,
    ExclusionReason.RESERVED: ExclusionFamily.OWNER,
    ExclusionReason.OPTION: ExclusionFamily.OWNER,
    ExclusionReason.FROZEN: ExclusionFamily.OWNER,
}


class RoadClass(StrEnum):
    """What a road is for."""

    MOTORWAY = "motorway"
    MAIN = "main"
    STREET = "street"


class AccessKind(StrEnum):
    """What one gets to at an access."""

    MOTORWAY_EXIT = "motorway_exit"
    STATION = "station"
    FREIGHT_STATION = "freight_station"
    PORT = "port"
    AIRPORT = "airport"


class OwnerKind(StrEnum):
    """Whether an owner is a person or a body; natural persons are never named in what is published."""

    LEGAL = "legal"
    NATURAL = "natural"
    UNKNOWN = "unknown"


class Placed(StrEnum):
    """How well the place of an establishment is known, in the words of the CNIG standard (`geocodage_qualite`)."""

    BUILDING = "localisation au bâtiment"
    PARCEL = "localisation à la parcelle"
    ADDRESS = "localisation à la plaque adresse"
    PLACE = "localisation au lieu-dit"
    STREET = "localisation à la rue (sans numéro)"
    COMMUNE = "localisation à la commune"
    NOWHERE = "non localisé"


class BrownfieldStatus(StrEnum):
    """How far a brownfield is, in the words of the CNIG standard for brownfields (`site_statut`)."""

    POTENTIAL = "friche potentielle"
    WITHOUT_PROJECT = "friche sans projet"
    WITH_PROJECT = "friche avec projet"
    CONVERTED = "friche reconvertie"
    UNKNOWN = "inconnu"


class SpotKind(StrEnum):
    """What is said of a place that a register or a plan names by a point."""

    INSTALLATION = "classified_installation"  # watched for what it does to those around it
    FORMER_USE = "former_use"  # a use of the past that may have polluted, which nobody has looked at
    POLLUTION = "pollution"  # ground that the State follows or binds because it is polluted
    PLAN = "plan"  # what a plan protects or reserves there
    EASEMENT = "easement"


class Located(StrEnum):
    """Where the tile of a row stands."""

    COMMUNE = "commune"
    BETWEEN = "between"
    NONE = "none"


class ClaimUse(StrEnum):
    """What the product does with a claim beside showing it."""

    NOTHING = ""
    BASE = "base"  # an area that shares of a site may be taken of
    OCCUPIED_SHARE = "occupied_share"  # a published share of a site that is occupied
    TENANT_SHARE = "tenant_share"  # a published share of a site that one occupant holds
    PARTS_SHARE = "parts_share"  # a share that the claims in `parts` over `whole` should give
    PARTS_COUNT = "parts_count"  # a count that the number of claims in `parts` should give
    EVENT = "event"  # a dated fact of a site
    ZONE_COUNT = "zone_count"  # how many activity zones there are
    AVAILABLE = "available"  # hectares on offer in the whole territory
    OFFER = "offer"  # hectares once on offer in one site
    BUILT = "built"  # hectares of such an offer built since


class ClaimStatus(StrEnum):
    """Whether the source of a claim can be shown."""

    FOUND = ""
    NOT_REFOUND = "source_not_refound"  # shown as such, never deciding anything


class Given(StrEnum):
    """Whether a table of facts gives a column."""

    ALWAYS = "always"
    OPTIONAL = "optional"  # absent means empty in every row
    COMPUTED = "computed"  # never in a table


def column(meaning: str, *, unit: str | None = None, given: Given = Given.ALWAYS, **checks: Any) -> Any:
    """Declare a column by its meaning, its unit when it is a quantity, and who gives it."""
    return pa.Field(description=meaning, metadata={"unit": unit, "given": given}, **checks)


def _one_of(words: type[StrEnum]) -> list[str]:
    return [word.value for word in words]


def _measured() -> Any:
    return column(
        "Area of the shape, measured in the zone of the territory.",
        given=Given.COMPUTED,
        unit="m2",
        ge=0,
        nullable=True,
    )


def _network(cnig: str) -> Any:
    meaning = f"Whether it is served (CNIG `{cnig}`)."
    return column(meaning, given=Given.OPTIONAL, isin=["", *_one_of(Answer)])


def _distance(to: str, cnig: str) -> Any:
    meaning = f"Distance to the nearest {to}, as its source gives it (CNIG `{cnig}`, by road)."
    return column(meaning, given=Given.OPTIONAL, unit="km", ge=0, nullable=True)


def _said() -> Any:
    return column("Date the row is said of, as published; a layer may do without.", given=Given.OPTIONAL)


class Layer(pa.DataFrameModel):
    """What every layer has."""

    source_id: Series[str] = column("Source of the row, a key of sources.toml.")
    basis: Series[str] = column("How the row is known.", isin=_one_of(Basis))

    class Config:
        strict = True
        ordered = False


class Spatial(Layer):
    """What every layer with shapes has: a geometry, that is absent where nobody has published one."""

    geometry: GeoSeries[Any] = column("Shape, or nothing.", given=Given.COMPUTED, nullable=True)


class Communes(Spatial):
    """Communes of the territory; outlines are generalised, a background only."""

    insee: Series[str] = column("INSEE code.", unique=True, str_length=5)
    commune_name: Series[str] = column("Name of the commune.")


class Sites(Spatial):
    """Economic sites of any type (SITE-ECO)."""

    site_id: Series[str] = column("Key of the site.", unique=True, str_length={"min_value": 1})
    site_name: Series[str] = column("Name in use.")
    site_name_en: Series[str] = column("Name in English, when it differs.", given=Given.OPTIONAL)
    other_names: Series[str] = column("Other names of the same ground, `|` between two.", given=Given.OPTIONAL)
    site_type: Series[str] = column("Type of site (CNIG `site_type`).", isin=_one_of(SiteType))
    site_state: Series[str] = column(
        "State of the site (CNIG `site_etat`).", given=Given.OPTIONAL, isin=["", *_one_of(SiteState)]
    )
    counted: Series[str] = column(
        "Whether it counts among the activity zones.", given=Given.OPTIONAL, isin=["", "oui", "non"]
    )
    stand_in: Series[str] = column(
        "Whether it stands for a zone that is counted and that nobody names.",
        given=Given.OPTIONAL,
        isin=["", "oui", "non"],
    )
    vocation: Series[str] = column("What it is for, in French.", given=Given.OPTIONAL)
    vocation_en: Series[str] = column("What it is for, in English.", given=Given.OPTIONAL)
    insee: Series[str] = column("INSEE codes of its communes, `|` between two.")
    part_of: Series[str] = column("Site that this one lies inside, counted once with it.", given=Given.OPTIONAL)
    land_low_ha: Series[float] = column("Land area, at least.", unit="ha", gt=0, nullable=True)
    land_high_ha: Series[float] = column("Land area, at most.", unit="ha", gt=0, nullable=True)
    land_kind: Series[str] = column(
        "Gross area, or kind not said.", given=Given.OPTIONAL, isin=["", "gross", AreaKind.NOT_SAID.value]
    )
    jobs: Series[float] = column("Jobs as published.", given=Given.OPTIONAL, unit="jobs", ge=0, nullable=True)
    opened: Series[str] = column("When it opened, as published.", given=Given.OPTIONAL)
    occupants: Series[str] = column("Occupants that a source names, `|` between two.", given=Given.OPTIONAL)
    as_of: Series[str] = column("Date the row is said of, as published.", given=Given.OPTIONAL)
    note: Series[str] = column("What a reader should know, in French.", given=Given.OPTIONAL)
    note_en: Series[str] = column("What a reader should know, in English.", given=Given.OPTIONAL)
    rain_water: Series[str] = _network("reseau_eau_pluviale")
    drinking_water: Series[str] = _network("reseau_eau_potable")
    sewage: Series[str] = _network("reseau_assainissement")
    gas: Series[str] = _network("reseau_gaz")
    electricity: Series[str] = _network("reseau_electrique")
    fibre: Series[str] = _network("reseau_fibre_optique")
    rail: Series[str] = _network("reseau_fret_ferroviaire")
    waterway: Series[str] = _network("reseau_fluvial")
    public_transport: Series[str] = _network("desserte_tc")
    motorway_name: Series[str] = column("Nearest motorway (CNIG `autoroute_nom`).", given=Given.OPTIONAL)
    motorway_km: Series[float] = _distance("motorway exit", "autoroute_echang_dist")
    station_km: Series[float] = _distance("station", "gare_dist")
    freight_station_km: Series[float] = _distance("freight station", "gare_fret_dist")
    port_km: Series[float] = _distance("port", "port_dist")
    airport_km: Series[float] = _distance("airport", "aeroport_dist")
    measured_m2: Series[float] = _measured()


class Terrains(Spatial):
    """Pieces of a site, each uniform in occupation, sale, servicing and ownership (TERRAIN-ECO)."""

    terrain_id: Series[str] = column("Key of the terrain.", unique=True, str_length={"min_value": 1})
    site_id: Series[str] = column("Site it is a piece of.")
    useful: Series[str] = column("Whether it is meant for business (CNIG `terr_utile`).", isin=_one_of(Answer))
    occupied: Series[str] = column("State of occupation (CNIG `terr_etat_occup`).", isin=_one_of(Occupied))
    occupied_as_of: Series[pd.Timestamp] = column(
        "Day the state of occupation is said of (CNIG `terr_actu_date`).", given=Given.OPTIONAL, nullable=True
    )
    sale: Series[str] = column("Stage of sale (CNIG `terr_stade_comm`).", isin=_one_of(Sale))
    servicing: Series[str] = column("Stage of servicing (CNIG `terr_stade_amngt`).", isin=_one_of(Servicing))
    turnkey: Series[str] = column(
        "Whether a building is offered with it.", given=Given.OPTIONAL, isin=["", *_one_of(Answer)]
    )
    vocation: Series[str] = column("What it is meant for, in the words of its source.", given=Given.OPTIONAL)
    price_eur_m2: Series[float] = column("Price asked.", given=Given.OPTIONAL, unit="EUR/m2", ge=0, nullable=True)
    power_kw: Series[float] = column("Electric power at hand.", given=Given.OPTIONAL, unit="kW", ge=0, nullable=True)
    available_from: Series[pd.Timestamp] = column("Can be had from this day.", given=Given.OPTIONAL, nullable=True)
    sold_on: Series[pd.Timestamp] = column("Sold on this day.", given=Given.OPTIONAL, nullable=True)
    as_of: Series[str] | None = _said()
    measured_m2: Series[float] = _measured()


class Parcels(Spatial):
    """Cadastral parcels, as the cadastre names them."""

    parcel_id: Series[str] = column("The 14 characters of the cadastre.", unique=True, str_length=14)
    owner_id: Series[str] = column("Owner, or nothing when unknown.", given=Given.OPTIONAL)
    stated_m2: Series[float] = column(
        "Area that the cadastre states.", given=Given.OPTIONAL, unit="m2", ge=0, nullable=True
    )
    site_id: Series[str] | None = column("Site that holds most of it, or nothing.", given=Given.OPTIONAL)
    site_share: Series[float] | None = column(
        "Share of its ground that lies in that site.", given=Given.OPTIONAL, unit="ratio", ge=0, le=1, nullable=True
    )
    as_of: Series[str] | None = _said()
    measured_m2: Series[float] = _measured()


class LandUnitShapes(Spatial):
    """Land units without their owners: what is written and published of them."""

    land_unit_id: Series[str] = column("Key of the land unit.", unique=True, str_length={"min_value": 1})
    site_id: Series[str] = column("Site it lies in.")
    parcel_ids: Series[str] = column("Its parcels, `|` between two.")
    parcels: Series[int] = column("How many they are.", unit="count", ge=1)
    measured_m2: Series[float] = _measured()


class LandUnits(LandUnitShapes):
    """Contiguous parcels of one owner, clipped to a site (unité foncière): what the law counts."""

    owner_id: Series[str] = column("Owner; nothing when unknown, and then it is one parcel.")
    owner_kind: Series[str] = column("Person or body, or unknown.", isin=_one_of(OwnerKind))


class LandUnitCounts(pa.DataFrameModel):
    """How many land units each site has: a pair of bounds where owners are unknown."""

    site_id: Series[str] = column("Key of the site.", unique=True)
    units_low: Series[float] = column(
        "Land units at least; nothing where the site has no shape.", unit="count", ge=0, nullable=True
    )
    units_high: Series[float] = column(
        "Land units at most; nothing where the site has no shape.", unit="count", ge=0, nullable=True
    )
    unknown_owner: Series[int] = column("Parcels in it whose owner is unknown.", unit="count", ge=0)
    covered_share: Series[float] = column(
        "Ground of the site that is in a land unit, over its ground.", unit="ratio", ge=0, nullable=True
    )


class Owners(Layer):
    """Owners of parcels."""

    owner_id: Series[str] = column("Key of the owner.", unique=True, str_length={"min_value": 1})
    owner_kind: Series[str] = column("Person or body.", isin=_one_of(OwnerKind))
    owner_name: Series[str] = column("Name; of a natural person it never leaves the internal edition.")


class Buildings(Spatial):
    """Building footprints."""

    building_id: Series[str] = column("Key of the building.", unique=True, str_length={"min_value": 1})
    site_id: Series[str] = column("Site it stands on, or nothing.", given=Given.OPTIONAL)
    height_m: Series[float] = column("Height.", given=Given.OPTIONAL, unit="m", ge=0, nullable=True)
    as_of: Series[str] | None = _said()
    measured_m2: Series[float] = _measured()


class Establishments(Layer):
    """Occupants: firms, schools and laboratories, with what a source says of them."""

    establishment_id: Series[str] = column("Key of the establishment.", unique=True, str_length={"min_value": 1})
    establishment_name: Series[str] = column("Name.")
    siret: Series[str] = column("SIRET where known.", given=Given.OPTIONAL)
    group: Series[str] = column("Group it is shown with.", given=Given.OPTIONAL)
    activity: Series[str] = column("What it does, in French.", given=Given.OPTIONAL)
    activity_en: Series[str] = column("What it does, in English.", given=Given.OPTIONAL)
    insee: Series[str] = column(
        "INSEE codes of its communes, `|` between two; empty where no source says.", given=Given.OPTIONAL
    )
    site_id: Series[str] = column("Site it is on, where a source or its place says.", given=Given.OPTIONAL)
    terrain_id: Series[str] | None = column("Terrain it is on, where its place says.", given=Given.OPTIONAL)
    premises_id: Series[str] | None = column("Premises it is in, where its place says.", given=Given.OPTIONAL)
    placed: Series[str] | None = column(
        "How well its place is known (CNIG `geocodage_qualite`).", given=Given.OPTIONAL, isin=["", *_one_of(Placed)]
    )
    establishment_kind: Series[str] = column(
        "Person or body; only a body is named in what is published of an inventory.",
        given=Given.OPTIONAL,
        isin=["", *_one_of(OwnerKind)],
    )
    economic: Series[str] = column(
        "Whether what it does is liable to CFE; empty where nobody asked.",
        given=Given.OPTIONAL,
        isin=["", *_one_of(Answer)],
    )
    active_from: Series[str] = column(
        "Active from: a day, a month, a year, or two joined by `..`.", given=Given.OPTIONAL
    )
    active_to: Series[str] = column("Closed: a day, a month, a year, or two joined by `..`.", given=Given.OPTIONAL)
    parcel_ids: Series[str] = column(
        "Parcels it stands on, `|` between two, where a source places it as well as that.", given=Given.OPTIONAL
    )
    jobs_low: Series[float] = column("Jobs, at least.", given=Given.OPTIONAL, unit="jobs", ge=0, nullable=True)
    jobs_high: Series[float] = column("Jobs, at most.", given=Given.OPTIONAL, unit="jobs", ge=0, nullable=True)
    jobs_as_of: Series[str] = column("Date the jobs are said of; `planned` before it for an aim.", given=Given.OPTIONAL)
    as_of: Series[str] | None = _said()
    page: Series[str] = column("Page of the source.", given=Given.OPTIONAL)
    note: Series[str] = column("What a reader should know, in French.", given=Given.OPTIONAL)
    note_en: Series[str] = column("What a reader should know, in English.", given=Given.OPTIONAL)


class PlacedEstablishments(Establishments):
    """Establishments as they are fetched: with a place, that puts them on a site and is not kept."""

    x_m: Series[float] = column("Easting in the zone of the territory.", unit="m", nullable=True)
    y_m: Series[float] = column("Northing in the zone of the territory.", unit="m", nullable=True)


class Brownfields(Spatial):
    """Ground that somebody lists as brownfield: evidence beside sites, which decides nothing by itself."""

    brownfield_id: Series[str] = column("Key of the brownfield.", unique=True, str_length={"min_value": 1})
    brownfield_name: Series[str] = column("Name in use.")
    status: Series[str] = column("How far it is (CNIG Friches `site_statut`).", isin=_one_of(BrownfieldStatus))
    insee: Series[str] = column("INSEE code of its commune.")
    site_id: Series[str] = column("Site it lies in, or nothing.", given=Given.OPTIONAL)
    as_of: Series[str] | None = _said()
    measured_m2: Series[float] = _measured()


class Spots(Spatial):
    """Places that a register or a plan names by a point: evidence beside sites. A point has no ground to exclude."""

    spot_id: Series[str] = column("Key of the place in its register.", unique=True, str_length={"min_value": 1})
    spot_kind: Series[str] = column("What is said of it.", isin=_one_of(SpotKind))
    said: Series[str] = column("The same, in the words of its source.")
    insee: Series[str] = column("INSEE code of its commune, or nothing.")
    site_id: Series[str] = column("Site it stands on, or nothing.", given=Given.OPTIONAL)
    as_of: Series[str] | None = _said()


class Railways(Spatial):
    """Railways, by their line: beside sites. What the law keeps free along them comes as an easement."""

    railway_id: Series[str] = column("Key of the railway.", unique=True, str_length={"min_value": 1})
    railway_kind: Series[str] = column("What kind it is, in the words of its source.")
    freight: Series[str] = column("Whether it carries freight.", isin=_one_of(Answer))
    in_use: Series[str] = column("Whether trains run on it.", isin=_one_of(Answer))
    as_of: Series[str] | None = _said()


class OsmLandUse(Spatial):
    """Land use that was, or may have been, traced from OpenStreetMap: a layer of its own, under its own licence."""

    osm_id: Series[str] = column("Key of the shape.", unique=True, str_length={"min_value": 1})
    land_use: Series[str] = column("What it is used for, in the words of its source.")
    osm_name: Series[str] = column("Name, where one is said.")
    licence: Series[str] = column("Licence that goes along with the shape and with what is derived of it.")
    measured_m2: Series[float] = _measured()


class Exclusions(Spatial):
    """Ground that may not be built on, and why."""

    exclusion_id: Series[str] = column("Key of the exclusion.", unique=True, str_length={"min_value": 1})
    reason: Series[str] = column("Why.", isin=_one_of(ExclusionReason))
    buffer_m: Series[float] = column(
        "Distance to keep from the shape.", given=Given.OPTIONAL, unit="m", ge=0, nullable=True
    )
    whole_from_share: Series[float] = column(
        "Share of a terrain from which on it is lost as a whole; nothing where only what is covered is lost.",
        given=Given.OPTIONAL,
        unit="ratio",
        gt=0,
        le=1,
        nullable=True,
    )
    as_of: Series[str] | None = _said()
    measured_m2: Series[float] = _measured()


class Roads(Spatial):
    """Roads, by the line along their middle."""

    road_id: Series[str] = column("Key of the road.", unique=True, str_length={"min_value": 1})
    road_class: Series[str] = column("What it is for.", isin=_one_of(RoadClass))
    road_name: Series[str] = column("Name or number in use.", given=Given.OPTIONAL)


class Accesses(Spatial):
    """Places where one gets on a motorway, a train, a ship or a plane."""

    access_id: Series[str] = column("Key of the access.", unique=True, str_length={"min_value": 1})
    access_kind: Series[str] = column("What one gets to there.", isin=_one_of(AccessKind))
    access_name: Series[str] = column("Name in use.", given=Given.OPTIONAL)


class Plots(Spatial):
    """Offers to an investor: touching terrains that can be had, as one; or one terrain that nobody has drawn yet."""

    plot_id: Series[str] = column("Key of the plot, made of its terrains.", unique=True, str_length={"min_value": 1})
    terrain_ids: Series[str] = column("Its terrains, `|` between two.")
    terrains: Series[int] = column("How many they are.", unit="count", ge=1)
    site_ids: Series[str] = column("Sites they are pieces of, `|` between two.")
    available: Series[str] = column("Whether it can be had, or nobody said.", isin=[Answer.YES, Answer.UNKNOWN])
    later: Series[str] = column("Whether it can be had later only.", isin=[Answer.YES, Answer.NO])
    serviced: Series[str] = column("Whether all of it has its networks.", isin=_one_of(Answer))
    vocation: Series[str] = column("What its terrains are meant for, `|` between two.")
    price_low_eur_m2: Series[float] = column(
        "Price asked, the least of its terrains; nothing where one of them has none.",
        unit="EUR/m2",
        ge=0,
        nullable=True,
    )
    price_high_eur_m2: Series[float] = column("The same, the most.", unit="EUR/m2", ge=0, nullable=True)
    power_kw: Series[float] = column(
        "Electric power at hand, the most of its terrains.", unit="kW", ge=0, nullable=True
    )
    available_from: Series[pd.Timestamp] = column(
        "All of it can be had from this day; nothing where one terrain has none.", nullable=True
    )
    owners: Series[float] = column(
        "How many own its ground; nothing where some of it has no known owner.", unit="count", ge=1, nullable=True
    )
    gross_ha: Series[float] = column("Its ground.", unit="ha", ge=0, nullable=True)
    left_ha: Series[float] = column("What exclusions leave of it.", unit="ha", ge=0, nullable=True)
    width_m: Series[float] = column("Least width of a band that what is left lies in.", unit="m", ge=0, nullable=True)
    circle_m: Series[float] = column("Diameter of the largest circle in what is left.", unit="m", ge=0, nullable=True)
    compactness: Series[float] = column(
        "4π area over the square of the border: 1 for a disc.", unit="ratio", ge=0, le=1, nullable=True
    )
    frontage_m: Series[float] = column(
        "Border along roads; nothing where none are known.", unit="m", ge=0, nullable=True
    )
    measured_m2: Series[float] = _measured()


class Eliminations(pa.DataFrameModel):
    """What each criterion of a search eliminates, in the order they are asked in."""

    criterion: Series[str] = column("What is asked.", unique=True)
    asked: Series[str] = column("How much of it.")
    alone: Series[int] = column("Rows that it would eliminate if nothing else were asked.", unit="count", ge=0)
    in_sequence: Series[int] = column("Rows that it eliminates of those before it left.", unit="count", ge=0)
    left: Series[int] = column("Rows that are left after it.", unit="count", ge=0)
    unknown: Series[int] = column("Rows of which nobody said.", unit="count", ge=0)


class Approach(StrEnum):
    """How a distance is known."""

    CROW = "as_the_crow_flies"  # measured here, from the border of a plot to a point
    STATED = "stated"  # as a source gives it for the whole site, by road
    UNKNOWN = ""


class Approaches(pa.DataFrameModel):
    """How far each plot or premises is from the nearest access of each kind."""

    subject: Series[str] = column("Key of the plot or premises.")
    access_kind: Series[str] = column("What one gets to.", isin=_one_of(AccessKind))
    km: Series[float] = column("Distance.", unit="km", ge=0, nullable=True)
    approach: Series[str] = column("How it is known.", isin=_one_of(Approach))
    access_id: Series[str] = column("The nearest access, where the distance was measured.")


class Premises(Spatial):
    """What one occupant can hold in a building or a yard."""

    premises_id: Series[str] = column("Key of the premises.", unique=True, str_length={"min_value": 1})
    site_id: Series[str] = column("Site it lies in.")
    premises_name: Series[str] = column("Name in use.")
    building_id: Series[str] = column("Building it is in, where known.", given=Given.OPTIONAL)
    floor_m2: Series[float] = column("Floor area, as published.", given=Given.OPTIONAL, unit="m2", ge=0, nullable=True)
    height_m: Series[float] = column("Free height.", given=Given.OPTIONAL, unit="m", ge=0, nullable=True)
    docks: Series[float] = column("Loading docks.", given=Given.OPTIONAL, unit="count", ge=0, nullable=True)
    power_kw: Series[float] = column("Electric power at hand.", given=Given.OPTIONAL, unit="kW", ge=0, nullable=True)
    rent_eur_m2: Series[float] = column(
        "Rent asked for a year.", given=Given.OPTIONAL, unit="EUR/m2", ge=0, nullable=True
    )
    available_from: Series[pd.Timestamp] = column("Can be had from this day.", given=Given.OPTIONAL, nullable=True)
    vacant_since: Series[pd.Timestamp] = column(
        "Vacant since this day, as a source of vacant premises says.", given=Given.OPTIONAL, nullable=True
    )
    as_of: Series[str] | None = _said()
    measured_m2: Series[float] = _measured()


class Tenancies(Layer):
    """An establishment in premises, in one phase, from a date to a date."""

    tenancy_id: Series[str] = column("Key of the tenancy.", unique=True, str_length={"min_value": 1})
    site_id: Series[str] = column("Site.")
    premises_id: Series[str] = column("Premises held.")
    establishment_id: Series[str] = column("Key of the occupant.", str_length={"min_value": 1})
    occupant: Series[str] = column("Name of the occupant.", str_length={"min_value": 1})
    activity: Series[str] = column("What it does there, in French.")
    activity_en: Series[str] = column("What it does there, in English.", given=Given.OPTIONAL)
    phase: Series[str] = column("How far it is.", isin=_one_of(Phase))
    from_earliest: Series[pd.Timestamp] = column("Begins this day at the earliest.", nullable=True)
    from_latest: Series[pd.Timestamp] = column("Begins this day at the latest.", nullable=True)
    to_earliest: Series[pd.Timestamp] = column("Ends this day at the earliest.", nullable=True)
    to_latest: Series[pd.Timestamp] = column("Ends this day at the latest.", nullable=True)
    area_low_m2: Series[float] = column("Area held, at least.", unit="m2", gt=0, nullable=True)
    area_high_m2: Series[float] = column("Area held, at most.", unit="m2", gt=0, nullable=True)
    area_kind: Series[str] = column("What the area is an area of.", isin=_one_of(AreaKind))
    jobs_now: Series[float] = column(
        "Jobs on the day of the source.", given=Given.OPTIONAL, unit="jobs", ge=0, nullable=True
    )
    jobs_planned: Series[float] = column("Jobs planned.", given=Given.OPTIONAL, unit="jobs", ge=0, nullable=True)
    page: Series[str] = column("Page of the source.", given=Given.OPTIONAL)
    note: Series[str] = column("What a reader should know, in French.", given=Given.OPTIONAL)
    note_en: Series[str] = column("What a reader should know, in English.", given=Given.OPTIONAL)


class Claims(Layer):
    """Published figures, each as its source gives it."""

    claim_id: Series[str] = column("Key of the claim.", unique=True, str_length={"min_value": 1})
    site_id: Series[str] = column("Site it speaks of, or nothing.")
    subject: Series[str] = column("What it speaks of.")
    measure: Series[str] = column("What is said of it, in French.")
    measure_en: Series[str] = column("What is said of it, in English.", given=Given.OPTIONAL)
    value: Series[str] = column("The value as published.", str_length={"min_value": 1})
    unit: Series[str] = column("Unit as published.")
    qualifier: Series[str] = column("Stated, about, at least, planned.", given=Given.OPTIONAL)
    area_kind: Series[str] = column(
        "What an area or a share is of; empty for other figures.",
        given=Given.OPTIONAL,
        isin=["", *_one_of(AreaKind)],
    )
    as_of: Series[str] = column("Date the figure is said of, as published.")
    section: Series[str] = column("Section of the source.", given=Given.OPTIONAL)
    page: Series[str] = column("Page of the source.", given=Given.OPTIONAL)
    status: Series[str] = column("Whether the source can be shown.", given=Given.OPTIONAL, isin=_one_of(ClaimStatus))
    states: Series[str] = column("Value of a layer that it states, `layer/key/quantity`.", given=Given.OPTIONAL)
    use: Series[str] = column("What is done with it beside showing it.", given=Given.OPTIONAL, isin=_one_of(ClaimUse))
    parts: Series[str] = column("Claims it should be the sum or the count of, `|` between two.", given=Given.OPTIONAL)
    whole: Series[str] = column("Claim that the sum is divided by.", given=Given.OPTIONAL)
    note: Series[str] = column("What a reader should know, in French.", given=Given.OPTIONAL)
    note_en: Series[str] = column("What a reader should know, in English.", given=Given.OPTIONAL)
    low: Series[float] = column("The value as a number, at least.", given=Given.COMPUTED, nullable=True)
    high: Series[float] = column("The value as a number, at most.", given=Given.COMPUTED, nullable=True)
    earliest: Series[pd.Timestamp] = column(
        "The value as a date, at the earliest.", given=Given.COMPUTED, nullable=True
    )
    latest: Series[pd.Timestamp] = column("The value as a date, at the latest.", given=Given.COMPUTED, nullable=True)


class Verdicts(pa.DataFrameModel):
    """Each published figure beside what the layers give."""

    claim_id: Series[str] = column("Key of the claim.", unique=True)
    verdict: Series[str] = column("How the two compare.")
    reason: Series[str] = column("Why, as a word of `claims.REASONS`.")
    computed_low: Series[float] = column("What the layers give, at least, in the unit of the claim.", nullable=True)
    computed_high: Series[float] = column("What the layers give, at most, in the unit of the claim.", nullable=True)


class Tiles(Spatial):
    """The diagram of a row that has no shape: never ground, never measured."""

    subject: Series[str] = column("Row it stands for, `layer/key`.")
    n: Series[int] = column("Number of the tile among those of its subject.", ge=1)
    label: Series[str] = column("Name to show.")
    phase: Series[str] = column("Phase of the tenancy; empty for a site.")
    area_m2: Series[float] = column("Published area it is drawn with.", unit="m2", nullable=True)
    located: Series[str] = column("Where it stands.", isin=_one_of(Located))
    insee: Series[str] = column("Commune it stands at.")


class Occupancy(pa.DataFrameModel):
    """What each tenancy of a site is on a date."""

    tenancy_id: Series[str] = column("Key of the tenancy.", unique=True)
    premises_id: Series[str] = column("Premises held.")
    occupant: Series[str] = column("Name of the occupant.")
    area_kind: Series[str] = column("What its area is an area of.", isin=_one_of(AreaKind))
    phase: Series[str] = column("How far it is.", isin=_one_of(Phase))
    holds: Series[str] = column("Whether it holds on the date.", isin=["yes", "maybe", "no"])
    low_m2: Series[float] = column("Area on the date, at least.", unit="m2", nullable=True)
    high_m2: Series[float] = column("Area on the date, at most.", unit="m2", nullable=True)


class Held(pa.DataFrameModel):
    """How much of a site is held on a day, of one kind of area."""

    at: Series[pd.Timestamp] = column("The day, at its end.")
    site_id: Series[str] = column("Site; nothing for the territory.")
    kind: Series[str] = column("What is held.", isin=_one_of(AreaKind))
    base_m2: Series[float] = column("All there is of this kind.", unit="m2", gt=0)
    held_low_m2: Series[float] = column("What is held of it, at least.", unit="m2", ge=0)
    held_high_m2: Series[float] = column("What is held of it, at most.", unit="m2", ge=0)
    share_low: Series[float] = column("Held over all there is, at least.", unit="ratio", ge=0, le=1)
    share_high: Series[float] = column("Held over all there is, at most.", unit="ratio", ge=0, le=1)
    left_out: Series[int] = column("Rows without a shape or a floor area, in neither.", unit="count", ge=0)


class Step(StrEnum):
    """A step of the waterfall from the whole ground of a site to what can be had of it."""

    GROSS = "gross"
    USEFUL = "useful"
    UNOCCUPIED = "unoccupied"
    FOR_SALE = "for_sale"
    SERVICED = "serviced"
    UNEXCLUDED = "unexcluded"
    LARGE_ENOUGH = "large_enough"


class _SitesCounted(pa.DataFrameModel):
    """What a sum over sites says of them: one for a row of a site, more for the row of the territory."""

    site_id: Series[str] = column("Site; nothing for the territory.")
    sites: Series[int] = column("Sites that the row speaks of, those that are `part_of` another not counted.", ge=0)
    sites_known: Series[int] = column("Those of them whose ground has a shape.", ge=0)
    without_shape: Series[int] = column("Terrains that may belong here and have no shape, so no hectares.", ge=0)


class Availability(_SitesCounted):
    """What is left of each site, step by step; ground is NaN where nobody has published its shape."""

    step: Series[str] = column("Step; what it splits is what the step before left open.", isin=_one_of(Step))
    passes_ha: Series[float] = column("Ground that the step lets through.", unit="ha", ge=0, nullable=True)
    fails_ha: Series[float] = column("Ground that the step takes away.", unit="ha", ge=0, nullable=True)
    unknown_ha: Series[float] = column("Ground of which the step cannot tell.", unit="ha", ge=0, nullable=True)
    reaches_low_ha: Series[float] = column(
        "Ground sure to come through this step and all before it.", unit="ha", ge=0, nullable=True
    )
    reaches_high_ha: Series[float] = column(
        "Ground that neither this step nor one before it takes away.", unit="ha", ge=0, nullable=True
    )


def _hectares(meaning: str) -> Any:
    return column(meaning, unit="ha", ge=0, nullable=True)


class Excluded(pa.DataFrameModel):
    """What exclusions take of each row of a layer, all of them and reason by reason."""

    row: Series[str] = column("Key of the row.")
    reason: Series[str] = column("Reason; nothing for all of them together.", isin=["", *_one_of(ExclusionReason)])
    gross_m2: Series[float] = column("Ground of the row.", unit="m2", ge=0)
    left_m2: Series[float] = column("Ground of the row that no exclusion covers.", unit="m2", ge=0)
    attributed_m2: Series[float] = column(
        "Ground that this reason covers and none before it; reasons add up to what all of them take.", unit="m2", ge=0
    )
    any_m2: Series[float] = column("Ground that this reason covers, whatever else does.", unit="m2", ge=0)
    only_m2: Series[float] = column("Ground that this reason alone covers: what lifting it frees.", unit="m2", ge=0)


class Lifting(_SitesCounted):
    """What exclusions take of ground that is otherwise available, and what lifting one reason would free."""

    reason: Series[str] = column("Reason; nothing for all of them together.", isin=["", *_one_of(ExclusionReason)])
    family: Series[str] = column("Family of the reason.", isin=["", *_one_of(ExclusionFamily)])
    exclusions: Series[int] = column("Exclusions of the territory for this reason.", unit="count", ge=0)
    undrawn: Series[int] = column("Those of them without a shape: they take nothing.", unit="count", ge=0)
    otherwise_low_ha: Series[float] = _hectares("Ground sure to be available but for exclusions.")
    otherwise_high_ha: Series[float] = _hectares("Ground that may be available but for exclusions.")
    attributed_low_ha: Series[float] = _hectares("Of it, what this reason covers and none before it, at least.")
    attributed_high_ha: Series[float] = _hectares("Of it, what this reason covers and none before it, at most.")
    any_low_ha: Series[float] = _hectares("Of it, what this reason covers, whatever else does, at least.")
    any_high_ha: Series[float] = _hectares("Of it, what this reason covers, whatever else does, at most.")
    frees_low_ha: Series[float] = _hectares("Available ground that lifting this reason alone adds, at least.")
    frees_high_ha: Series[float] = _hectares("Available ground that lifting this reason alone adds, at most.")
    left_low_ha: Series[float] = _hectares("Of it, what no exclusion covers, at least.")
    left_high_ha: Series[float] = _hectares("Of it, what no exclusion covers, at most.")


class OfferCurve(_SitesCounted):
    """Available ground by the size of the plot that is looked for."""

    min_ha: Series[float] = column("Area that one connected piece of a terrain must have.", unit="ha", gt=0)
    available_low_ha: Series[float] = _hectares("Ground sure to be available to who needs that much.")
    available_high_ha: Series[float] = _hectares("Ground that may be available to who needs that much.")


class Sales(pa.DataFrameModel):
    """Terrains that were sold, and when."""

    terrain_id: Series[str] = column("Terrain that was sold.")
    earliest: Series[pd.Timestamp] = column("First day that it may have been sold on.", nullable=True)
    latest: Series[pd.Timestamp] = column("Last day that it may have been sold on.", nullable=True)
    sold_m2: Series[float] = column("Area of its shape, or nothing.", unit="m2", ge=0, nullable=True)


class SurfaceVacancy(_SitesCounted):
    """Vacant hectares beside occupied ones: no statutory rate, which counts land units."""

    vacant_ha: Series[float] = column("Vacant ground.", unit="ha", ge=0, nullable=True)
    occupied_ha: Series[float] = column("Occupied ground.", unit="ha", ge=0, nullable=True)
    unknown_ha: Series[float] = column("Ground of unknown occupation.", unit="ha", ge=0, nullable=True)
    surface_vacancy_low: Series[float] = column(
        "Vacant over vacant and occupied ground, at least.", unit="ratio", ge=0, le=1, nullable=True
    )
    surface_vacancy_high: Series[float] = column(
        "Vacant over vacant and occupied ground, at most.", unit="ratio", ge=0, le=1, nullable=True
    )


class PremisesVacancy(pa.DataFrameModel):
    """Premises that nobody holds on a date beside all premises with a floor area."""

    site_id: Series[str] = column("Site; nothing for the territory.", unique=True)
    premises: Series[int] = column("Premises with a floor area.", unit="count", ge=0)
    vacant_low: Series[int] = column("Those that nobody holds, at least.", unit="count", ge=0)
    vacant_high: Series[int] = column("Those that nobody holds, at most.", unit="count", ge=0)
    premises_vacancy_low: Series[float] = column(
        "Vacant over all, by number, at least.", unit="ratio", ge=0, le=1, nullable=True
    )
    premises_vacancy_high: Series[float] = column(
        "Vacant over all, by number, at most.", unit="ratio", ge=0, le=1, nullable=True
    )
    floor_m2: Series[float] = column("Floor area of all.", unit="m2", ge=0)
    vacant_low_m2: Series[float] = column("Floor area that nobody holds, at least.", unit="m2", ge=0)
    vacant_high_m2: Series[float] = column("Floor area that nobody holds, at most.", unit="m2", ge=0)
    floor_vacancy_low: Series[float] = column(
        "Vacant over all, by floor area, at least.", unit="ratio", ge=0, le=1, nullable=True
    )
    floor_vacancy_high: Series[float] = column(
        "Vacant over all, by floor area, at most.", unit="ratio", ge=0, le=1, nullable=True
    )
    without_area: Series[int] = column("Premises without a floor area, not counted.", unit="count", ge=0)


class Presences(pa.DataFrameModel):
    """Who is or was on a land unit, as far as the reference period of an inventory asks."""

    site_id: Series[str] = column("Site it is on.")
    land_unit_id: Series[str] = column("Key of the land unit; nothing where nobody knows which one.")
    establishment_id: Series[str] = column("Key of the occupant.")
    occupant: Series[str] = column("Name of the occupant.")
    establishment_kind: Series[str] = column("Person or body, or unknown.", isin=_one_of(OwnerKind))
    economic: Series[str] = column("Whether what it does is liable to CFE.", isin=_one_of(Answer))
    activity: Series[str] = column("What it does, in French.")
    phase: Series[str] = column("How far it is.", isin=_one_of(Phase))
    premises_id: Series[str] = column("Premises held, or nothing.")
    from_earliest: Series[pd.Timestamp] = column("Begins this day at the earliest.", nullable=True)
    from_latest: Series[pd.Timestamp] = column("Begins this day at the latest.", nullable=True)
    to_earliest: Series[pd.Timestamp] = column("Ends this day at the earliest.", nullable=True)
    to_latest: Series[pd.Timestamp] = column("Ends this day at the latest.", nullable=True)
    in_period: Series[str] = column("Whether it was on the unit in the period.", isin=_one_of(Answer))
    left_before: Series[str] = column("Whether it had left the unit when the period began.", isin=_one_of(Answer))
    source_id: Series[str] = column("Source of the row.")


class UnitEvidence(pa.DataFrameModel):
    """What is known of each land unit over the reference period of an inventory: yes, no or unknown."""

    land_unit_id: Series[str] = column("Key of the land unit.", unique=True)
    occupied: Series[str] = column("Whether anybody was on it in the period.", isin=_one_of(Answer))
    closed: Series[str] = column(
        "Whether an activity liable to CFE had left it when the period began.", isin=_one_of(Answer)
    )
    vacant_premises: Series[str] = column("Whether premises on it are said to be vacant.", isin=_one_of(Answer))
    disaffected: Series[str] = column("Whether none of its ground is meant for business.", isin=_one_of(Answer))
    other_use: Series[str] = column(
        "Whether all who were on it in the period do what is not liable to CFE.", isin=_one_of(Answer)
    )


class UnitStatus(StrEnum):
    """What a land unit is for the statutory rate."""

    VACANT = "vacant"
    NOT_VACANT = "not_vacant"
    UNKNOWN = "unknown"


class UnitReason(StrEnum):
    """Why a land unit is vacant or not: the lines of the decision table, the exceptions, and what is not known."""

    NEVER_OCCUPIED = "never_occupied"
    ACTIVE = "active"
    CLOSED = "closed"
    CLOSED_AND_PREMISES = "closed_and_vacant_premises"
    PREMISES = "vacant_premises"
    ACTIVE_OR_NEVER = "active_or_never_occupied"
    OTHER_USE = "exception_other_use"
    DISAFFECTED = "exception_disaffected"
    OCCUPATION_UNKNOWN = "occupation_unknown"
    PAST_UNKNOWN = "past_unknown"
    EXCEPTION_UNKNOWN = "exception_unknown"


class InventoryUnits(LandUnits):
    """Land units with what the statutory inventory says of each."""

    occupied: Series[str] = column("Whether anybody was on it in the period.", isin=_one_of(Answer))
    closed: Series[str] = column(
        "Whether an activity liable to CFE had left it when the period began.", isin=_one_of(Answer)
    )
    vacant_premises: Series[str] = column("Whether premises on it are said to be vacant.", isin=_one_of(Answer))
    exception: Series[str] = column("Whether it cannot be vacant by law.", isin=_one_of(Answer))
    status: Series[str] = column("What it is for the statutory rate.", isin=_one_of(UnitStatus))
    reason: Series[str] = column("Why.", isin=_one_of(UnitReason))


class NoRate(StrEnum):
    """Why a site has no rate."""

    NOTHING = ""
    NO_SHAPE = "shape_not_published"
    NO_PARCELS = "parcels_not_known"
    NO_ZONE = "no_active_zone"


class InventoryRates(pa.DataFrameModel):
    """The statutory vacancy rate of each zone, as bounds: vacant land units over land units (L318-8-2 CU)."""

    site_id: Series[str] = column("Site; nothing for the territory.", unique=True)
    sites: Series[int] = column("Sites that the row speaks of.", unit="count", ge=0)
    sites_known: Series[int] = column("Those of them whose land units are known.", unit="count", ge=0)
    zone: Series[str] = column("Whether it is an activity zone, which the law asks about.", isin=["oui", "non"])
    in_statistics: Series[str] = column(
        "Whether it counts in the rate of the territory: a zone that exists and is active.", isin=["oui", "non"]
    )
    no_rate: Series[str] = column("Why there is no rate; empty where there is one.", isin=_one_of(NoRate))
    tenanted: Series[str] = column(
        "Whether somebody was there in the period: were it one land unit, its rate would be 0.", isin=["oui", "non"]
    )
    units_low: Series[float] = column("Land units, at least.", unit="count", ge=0, nullable=True)
    units_high: Series[float] = column("Land units, at most.", unit="count", ge=0, nullable=True)
    unknown_owner: Series[int] = column("Parcels in it whose owner is unknown.", unit="count", ge=0)
    vacant_low: Series[float] = column("Vacant land units, at least.", unit="count", ge=0, nullable=True)
    vacant_high: Series[float] = column("Vacant land units, at most.", unit="count", ge=0, nullable=True)
    others_low: Series[float] = column("Land units that are not vacant, at least.", unit="count", ge=0, nullable=True)
    others_high: Series[float] = column("Land units that are not vacant, at most.", unit="count", ge=0, nullable=True)
    vacancy_low: Series[float] = column(
        "Vacant land units over land units, at least.", unit="ratio", ge=0, le=1, nullable=True
    )
    vacancy_high: Series[float] = column(
        "Vacant land units over land units, at most.", unit="ratio", ge=0, le=1, nullable=True
    )
    covered_share: Series[float] = column(
        "Ground of the site that is in a land unit, over its ground.", unit="ratio", ge=0, nullable=True
    )


class Replaced(pa.DataFrameModel):
    """A feature of one source that stands in the place of another's, and how far apart the two are."""

    layer: Series[str] = column("Layer of both.")
    row: Series[str] = column("Row that is kept.")
    source_id: Series[str] = column("Source of its shape.")
    replaced: Series[str] = column("Row that gives way.")
    replaced_source_id: Series[str] = column("Source of that row.")
    overlap_share: Series[float] = column("Ground they share, over the smaller of the two.", unit="ratio", ge=0, le=1)
    apart_m: Series[float] = column("Farthest that their outlines are from each other.", unit="m", ge=0)


class Matches(pa.DataFrameModel):
    """A site that is known by name beside a shape that was fetched."""

    site_id: Series[str] = column("Site that is known.")
    site_name: Series[str] = column("Its name in use.")
    source_id: Series[str] = column("Source of the shape.")
    feature: Series[str] = column("Key of the shape there.")
    feature_name: Series[str] = column("Its name there.")
    insee: Series[str] = column("INSEE codes of the communes of the shape, `|` between two.")
    score: Series[float] = column("How alike names and communes are.", unit="ratio", ge=0, le=1)
    confirmed: Series[str] = column("Whether a person says they are one.", isin=["", "oui", "non"])


class Gaps(pa.DataFrameModel):
    """What nobody has published of an activity zone, the most useful to find first."""

    site_id: Series[str] = column("Key of the site.", unique=True)
    site_name: Series[str] = column("Name in use.")
    insee: Series[str] = column("INSEE codes of its communes.")
    missing: Series[str] = column("What is missing, `|` between two: name, shape, area, commune, vocation, jobs.")
    brings_ha: Series[float] = column("Stated area that a shape would measure and place.", unit="ha", nullable=True)


class Issues(pa.DataFrameModel):
    """A doubtful value that stops nothing."""

    layer: Series[str] = column("Layer of the row.")
    row: Series[str] = column("Key of the row.")
    column_name: Series[str] = column("Column.")
    value: Series[str] = column("What was found.")
    message: Series[str] = column("What is doubtful about it.")


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
    "roads": crs.Drawn.LINE,
    "railways": crs.Drawn.LINE,
    "accesses": crs.Drawn.POINT,
    "spots": crs.Drawn.POINT,
}

M = TypeVar("M", bound=pa.DataFrameModel)
S = TypeVar("S", bound=Spatial)
Row = dict[str, Any]


def records(layer: pd.DataFrame) -> list[Row]:
    """Return the rows of a layer as plain dictionaries, in order."""
    return [{str(name): value for name, value in row.items()} for row in layer.to_dict("records")]


def drawn_as(layer: str) -> crs.Drawn:
    """Return what the rows of a layer, given by name, are drawn as: polygons, lines or points."""
    return _DRAWN.get(layer, crs.Drawn.POLYGON)


def row_of(layer: pd.DataFrame, column: str, key: str) -> Row:
    """Return the row whose key stands in a column; there is one."""
    return records(layer[layer[column] == key])[0]


# A spatial layer is one more kind of layer: the first that fits is meant.
@overload
def conform(  # type: ignore[overload-overlap]
    frame: pd.DataFrame, schema: type[S], *, place: str = "", names: Sequence[str] = ()
) -> GeoDataFrame[S]: ...
@overload
def conform(frame: pd.DataFrame, schema: type[M], *, place: str = "", names: Sequence[str] = ()) -> DataFrame[M]: ...
def conform(frame: pd.DataFrame, schema: type[M], *, place: str = "", names: Sequence[str] = ()) -> Any:
    """Let a frame into the product as a layer, or say everything that is wrong with it.

    Parameters
    ----------
    frame
        Rows; a GeoDataFrame must be in a projected CRS in metres, its shapes sound or absent: polygons, but for roads
        (lines) and accesses (points).
    schema
        The layer it should be.
    place
        File to name in messages; the name of the layer by default.
    names
        Names of the rows for messages, in order; their keys by default.

    Returns
    -------
    layer
        The same rows and index, with the columns in the order of the schema.

    Raises
    ------
    CrsError
        If the CRS is absent or not in metres.
    GeometryError
        If a shape is empty, broken or not what the layer is drawn as.
    SchemaError
        If columns or values are not those of the schema, all of them at once.

    Examples
    --------
    >>> conform(pd.DataFrame({"layer": ["sites"]}), Issues)
    Traceback (most recent call last):
    gis.errors.SchemaError: Issues: 4 faults
      - column `row`: absent. Add the column.
      - column `column_name`: absent. Add the column.
      - column `value`: absent. Add the column.
      - column `message`: absent. Add the column.
    """
    where = place or schema.__name__
    rows = list(names) or _row_names(frame, schema)
    if isinstance(frame, gpd.GeoDataFrame):
        crs.metric(frame.crs, where)
        crs.check_shapes(frame.geometry, rows, where, drawn_as(schema.__name__.lower()))
    if faults := schema_faults(frame, schema.to_schema(), rows):
        raise SchemaError.of(where, faults)
    return frame[[name for name in schema.to_schema().columns if name in frame]]


def schema_faults(frame: pd.DataFrame, schema: pa.DataFrameSchema, names: Sequence[str]) -> list[Fault]:
    """List what keeps a frame from being a layer, in the order of its rows, which are called `names`."""
    plain = frame.reset_index(drop=True)
    typed = frozenset(name for name, asked in schema.columns.items() if name in plain and _has_type(plain[name], asked))
    try:
        _untyped(schema, typed).validate(plain, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases.to_dict("records")
    else:
        return []
    whole = [_column_fault(case) for case in cases if pd.isna(case["index"])]
    by_row = {
        (int(case["index"]), str(case["column"]), str(case["check"])): case
        for case in cases
        if not pd.isna(case["index"])
    }
    return whole + [
        Fault(f"{names[row]}, column `{column}`", *_value_fault(check, plain[column][row]))
        for row, column, check in sorted(by_row)
    ]


def _has_type(column: "pd.Series[Any]", asked: pa.Column) -> bool:
    return asked.dtype is not None and getattr(asked.dtype, "type", None) == column.dtype


#: Schemas without the types of some columns, by the schema and those columns: pandera takes a millisecond for the type
#: of each column of texts, which is longer than all else it looks at.
_UNTYPED: Final[dict[tuple[int, frozenset[str]], tuple[pa.DataFrameSchema, pa.DataFrameSchema]]] = {}


def _untyped(schema: pa.DataFrameSchema, typed: frozenset[str]) -> pa.DataFrameSchema:
    """Return a schema that does not ask again for the types of columns that have theirs."""
    key = (id(schema), typed)
    if key not in _UNTYPED:
        _UNTYPED[key] = (schema, schema.update_columns({name: {"dtype": None} for name in typed}))
    return _UNTYPED[key][1]


def _row_names(frame: pd.DataFrame, schema: type[pa.DataFrameModel]) -> list[str]:
    key = KEYS.get(schema.__name__.lower())
    if key in frame.columns:
        return [str(value) for value in frame[key]]
    return [f"row {n}" for n in range(1, len(frame) + 1)]


def _column_fault(case: Mapping[str, Any]) -> Fault:
    match case["check"]:
        case "column_in_dataframe":
            return Fault(f"column `{case['failure_case']}`", "absent.", "Add the column.")
        case "column_in_schema":
            return Fault(f"column `{case['failure_case']}`", "unknown.", "Take it out or rename it.")
        case check:
            found = f"holds {case['failure_case']}, the rule is {check}."
            return Fault(f"column `{case['column']}`", found, "Convert the column.")


def _value_fault(check: str, value: object) -> tuple[str, str]:
    if check == "field_uniqueness":
        return f"`{value}` stands twice.", "Give each row a key of its own."
    if check == "not_nullable":
        return "nothing is there.", "Give a value."
    if words := re.fullmatch(r"isin\(\[(.*)\]\)", check):
        return f"`{value}` is not in the vocabulary.", f"Write one of {words[1]}."
    return f"`{value}` breaks the rule {check}.", "Give a value that keeps it."
