"""Controlled vocabularies: the values that a column may have, with their meaning."""

from enum import StrEnum
from typing import Final


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

    MOTORWAY = "motorway"  # or an expressway, or a slip road: no ground opens onto it
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
    POLLUTION = "pollution"  # ground that binds whoever builds because it is known to be polluted
    FOLLOWED = "followed"  # a place that the State follows or followed for pollution, found or not
    PLAN = "plan"  # what a plan protects or reserves there
    EASEMENT = "easement"


class Located(StrEnum):
    """Where the tile of a row stands."""

    POINT = "point"
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


class Approach(StrEnum):
    """How a distance is known."""

    CROW = "as_the_crow_flies"  # measured here, from the border of a plot to a point
    STATED = "stated"  # as a source gives it for the whole site, by road
    UNKNOWN = ""


class Step(StrEnum):
    """A step of the waterfall from the whole ground of a site to what can be had of it."""

    GROSS = "gross"
    USEFUL = "useful"
    UNOCCUPIED = "unoccupied"
    FOR_SALE = "for_sale"
    SERVICED = "serviced"
    UNEXCLUDED = "unexcluded"
    LARGE_ENOUGH = "large_enough"


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


class NoRate(StrEnum):
    """Why a site has no rate."""

    NOTHING = ""
    NO_SHAPE = "shape_not_published"
    NO_PARCELS = "parcels_not_known"
    NO_ZONE = "no_active_zone"
