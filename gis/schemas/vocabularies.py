"""Controlled vocabularies: the values that a column may have, with their meaning."""

from enum import StrEnum
from typing import Final


class AreaKind(StrEnum):
    """What a published area refers to."""

    LAND = "land"
    FOOTPRINT = "footprint"
    FLOOR = "floor"
    NOT_SAID = "not_said"


class Phase(StrEnum):
    """Progress of a tenancy."""

    ANNOUNCED = "announced"
    LEASE_SIGNED = "lease_signed"
    IN_PLACE = "in_place"
    LEFT = "left"


class SiteType(StrEnum):
    """Type of site, with the values of the CNIG standard (`site_type`)."""

    ZONE = "zone d'activité économique"
    HISTORIC = "site économique historique hors ZAE"
    ISOLATED = "établissement économique isolé"
    FUTURE = "zone AU à vocation économique"
    UNKNOWN = "inconnu"
    OTHER = "autre"


class SiteState(StrEnum):
    """State of a site, with the values of the CNIG standard (`site_etat`)."""

    PLANNED = "en projet"
    CREATION = "création"
    ACTIVE = "existant et actif"
    DOWNGRADING = "projet de déclassement"
    DOWNGRADED = "déclassé"
    UNKNOWN = "inconnu"


class Occupied(StrEnum):
    """State of occupation of a terrain, with the values of the CNIG standard (`terr_etat_occup`)."""

    NEVER = "inoccupé"
    IN_TRANSITION = "occupation transitoire"
    OCCUPIED = "occupé"
    VACANT = "vacant"
    DERELICT = "friche"
    UNKNOWN = "inconnu"


class Sale(StrEnum):
    """Stage of sale of a terrain, with the values of the CNIG standard (`terr_stade_comm`)."""

    NOT_ON_SALE = "non commercialisé"
    NOT_FOR_SALE = "non commercialisable"
    FOR_SALE = "en vente"
    FOR_SALE_CONSTRAINED = "en vente avec contraintes"
    SOLD = "vendu, commercialisation achevée"
    OPTION = "réservé par option de réservation"
    RESERVED = "réservé par une délibération de l'EPCI"
    UNKNOWN = "inconnu"


class Servicing(StrEnum):
    """Stage of servicing of a terrain, with the values of the CNIG standard (`terr_stade_amngt`)."""

    IMPOSSIBLE = "non aménageable"
    NONE = "non aménagé, non viabilisé"
    UNDER_WAY = "viabilisation en cours"
    SERVICED = "viabilisé non aménagé"
    FITTED_OUT = "viabilisé et aménagé"
    UNKNOWN = "inconnu"


class Answer(StrEnum):
    """Three-valued answer: yes, no, or not stated."""

    YES = "oui"
    NO = "non"
    UNKNOWN = "inconnu"


class ExclusionReason(StrEnum):
    """Reason why land may not be built on: physical, legal, technical, or a decision of its owner."""

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
    """Family of exclusion reasons."""

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
    """Class of a road."""

    MOTORWAY = "motorway"  # or an expressway, or a slip road: gives no access to adjacent land
    MAIN = "main"
    STREET = "street"


class AccessKind(StrEnum):
    """Kind of access."""

    MOTORWAY_EXIT = "motorway_exit"
    STATION = "station"
    FREIGHT_STATION = "freight_station"
    PORT = "port"
    AIRPORT = "airport"


class OwnerKind(StrEnum):
    """Natural or legal person; natural persons are never named in published data."""

    LEGAL = "legal"
    NATURAL = "natural"
    UNKNOWN = "unknown"


class Placed(StrEnum):
    """Quality of the location of an establishment, with the values of the CNIG standard (`geocodage_qualite`)."""

    BUILDING = "localisation au bâtiment"
    PARCEL = "localisation à la parcelle"
    ADDRESS = "localisation à la plaque adresse"
    PLACE = "localisation au lieu-dit"
    STREET = "localisation à la rue (sans numéro)"
    COMMUNE = "localisation à la commune"
    NOWHERE = "non localisé"


class BrownfieldStatus(StrEnum):
    """Status of a brownfield, with the values of the CNIG standard for brownfields (`site_statut`)."""

    POTENTIAL = "friche potentielle"
    WITHOUT_PROJECT = "friche sans projet"
    WITH_PROJECT = "friche avec projet"
    CONVERTED = "friche reconvertie"
    UNKNOWN = "inconnu"


class SpotKind(StrEnum):
    """Kind of a point feature of a register or a plan."""

    INSTALLATION = "classified_installation"  # monitored for its effects on its surroundings
    FORMER_USE = "former_use"  # a past use that may have caused pollution, not investigated
    POLLUTION = "pollution"  # known pollution, with obligations for whoever builds there
    FOLLOWED = "followed"  # monitored by the State for pollution, now or in the past, whether found or not
    PLAN = "plan"  # a protection or reservation in a plan
    EASEMENT = "easement"


class Located(StrEnum):
    """How the tile of a row is located."""

    POINT = "point"
    COMMUNE = "commune"
    BETWEEN = "between"
    NONE = "none"


class ClaimUse(StrEnum):
    """Use of a claim besides its display."""

    NOTHING = ""
    BASE = "base"  # an area that can be the base of shares of a site
    OCCUPIED_SHARE = "occupied_share"  # a published share of a site that is occupied
    TENANT_SHARE = "tenant_share"  # a published share of a site that one occupant holds
    PARTS_SHARE = "parts_share"  # a share that should equal the claims in `parts` over `whole`
    PARTS_COUNT = "parts_count"  # a count that should equal the number of claims in `parts`
    EVENT = "event"  # a dated event of a site
    ZONE_COUNT = "zone_count"  # the number of activity zones
    AVAILABLE = "available"  # hectares on offer in the whole territory
    OFFER = "offer"  # hectares once on offer in one site
    BUILT = "built"  # hectares of such an offer built since


class ClaimStatus(StrEnum):
    """Whether the source of a claim can be shown."""

    FOUND = ""
    NOT_REFOUND = "source_not_refound"  # shown as such; decides nothing


class Approach(StrEnum):
    """Origin of a distance."""

    CROW = "as_the_crow_flies"  # measured from the border of a plot to a point
    STATED = "stated"  # stated by a source for the whole site, by road
    UNKNOWN = ""


class Step(StrEnum):
    """Step of the waterfall from the gross area of a site to its available land."""

    GROSS = "gross"
    USEFUL = "useful"
    UNOCCUPIED = "unoccupied"
    FOR_SALE = "for_sale"
    SERVICED = "serviced"
    UNEXCLUDED = "unexcluded"
    LARGE_ENOUGH = "large_enough"


class UnitStatus(StrEnum):
    """Status of a land unit for the statutory rate."""

    VACANT = "vacant"
    NOT_VACANT = "not_vacant"
    UNKNOWN = "unknown"


class UnitReason(StrEnum):
    """Reason for the status of a land unit: a row of the decision table, an exception, or unknown data."""

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
    """Reason why a site has no rate."""

    NOTHING = ""
    NO_SHAPE = "shape_not_published"
    NO_PARCELS = "parcels_not_known"
    NO_ZONE = "no_active_zone"
