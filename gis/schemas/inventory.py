"""Schemas of the statutory inventory: land units, their occupants, and the vacancy rate of each zone."""

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from gis.schemas.columns import Public, Spatial, column, measured_area_column, vocabulary_words
from gis.schemas.described import Geometry, LayerDescription, described
from gis.schemas.vocabularies import (
    Answer,
    NoRate,
    OwnerKind,
    Phase,
    UnitReason,
    UnitStatus,
)


@described(LayerDescription(name="land_units", title="Unités foncières", key="land_unit_id", geometry=Geometry.POLYGON))
class LandUnitShapes(Spatial):
    """Land units without their owners: the attributes that are written and published."""

    land_unit_id: Series[str] = column(
        "Key of the land unit.",
        label="Identifiant de l’unité foncière",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    site_id: Series[str] = column(
        "Site it lies in.", label="Site", note="Site dans lequel l’unité foncière se trouve.", public=Public.ALWAYS
    )
    parcel_ids: Series[str] = column(
        "Its parcels, `|` between two.", label="Parcelles", note="Ses parcelles, `|` entre deux.", public=Public.ALWAYS
    )
    parcels: Series[int] = column(
        "How many they are.", label="Nombre de parcelles", public=Public.ALWAYS, unit="count", ge=1
    )
    belongs: Series[str] = column(
        "Whether it counts: not a strip of a parcel at the edge of a site, little of it and narrow.",
        label="Compte dans le site",
        note="Dit si elle compte, ce que ne fait pas une bande étroite au bord d’un site, petite part de sa parcelle.",
        public=Public.ALWAYS,
        isin=[Answer.YES, Answer.NO],
    )
    measured_m2: Series[float] = measured_area_column()


class LandUnits(LandUnitShapes):
    """Contiguous parcels of one owner, clipped to a site (unité foncière): the unit that the law counts."""

    owner_id: Series[str] = column(
        "Owner; nothing when unknown, and then it is one parcel.",
        label="Propriétaire",
        note="Clé du propriétaire, rien s’il est inconnu, et c’est alors une seule parcelle.",
        public=Public.NEVER,
    )
    owner_kind: Series[str] = column(
        "Person or body, or unknown.",
        label="Personne physique ou morale",
        note="Personne physique ou morale, ou inconnu.",
        public=Public.ALWAYS,
        isin=vocabulary_words(OwnerKind),
    )


class LandUnitCounts(pa.DataFrameModel):
    """Number of land units of each site, as bounds if owners are unknown."""

    site_id: Series[str] = column("Key of the site.", public=Public.ALWAYS, unique=True)
    units_low: Series[float] = column(
        "Land units at least; nothing where the site has no shape.",
        public=Public.ALWAYS,
        unit="count",
        ge=0,
        nullable=True,
    )
    units_high: Series[float] = column(
        "Land units at most; nothing where the site has no shape.",
        public=Public.ALWAYS,
        unit="count",
        ge=0,
        nullable=True,
    )
    unknown_owner: Series[int] = column(
        "Parcels in it whose owner is unknown.", public=Public.ALWAYS, unit="count", ge=0
    )
    every_low: Series[float] = column(
        "The same if every piece of a parcel at its edge belonged to it, at least.",
        public=Public.ALWAYS,
        unit="count",
        ge=0,
        nullable=True,
    )
    every_high: Series[float] = column(
        "The same if every piece of a parcel at its edge belonged to it, at most.",
        public=Public.ALWAYS,
        unit="count",
        ge=0,
        nullable=True,
    )
    edges: Series[int] = column(
        "Pieces of parcels at its edge that do not belong to it.", public=Public.ALWAYS, unit="count", ge=0
    )
    covered_share: Series[float] = column(
        "Ground of the site that is in a land unit, over its ground.",
        public=Public.ALWAYS,
        unit="ratio",
        ge=0,
        nullable=True,
    )


class Presences(pa.DataFrameModel):
    """Occupants, past and present, of a land unit, with what the reference period of an inventory requires."""

    site_id: Series[str] = column("Site it is on.", public=Public.ALWAYS)
    land_unit_id: Series[str] = column(
        "Key of the land unit; nothing where nobody knows which one.", public=Public.ALWAYS
    )
    establishment_id: Series[str] = column("Key of the occupant.", public=Public.BODIES_ONLY)
    occupant: Series[str] = column("Name of the occupant.", public=Public.BODIES_ONLY)
    establishment_kind: Series[str] = column(
        "Person or body, or unknown.", public=Public.ALWAYS, isin=vocabulary_words(OwnerKind)
    )
    economic: Series[str] = column(
        "Whether what it does is liable to CFE.", public=Public.BODIES_ONLY, isin=vocabulary_words(Answer)
    )
    activity: Series[str] = column("What it does, in French.", public=Public.BODIES_ONLY)
    phase: Series[str] = column("How far it is.", public=Public.BODIES_ONLY, isin=vocabulary_words(Phase))
    premises_id: Series[str] = column("Premises held, or nothing.", public=Public.BODIES_ONLY)
    from_earliest: Series[pd.Timestamp] = column(
        "Begins this day at the earliest.", public=Public.BODIES_ONLY, nullable=True
    )
    from_latest: Series[pd.Timestamp] = column(
        "Begins this day at the latest.", public=Public.BODIES_ONLY, nullable=True
    )
    to_earliest: Series[pd.Timestamp] = column(
        "Ends this day at the earliest.", public=Public.BODIES_ONLY, nullable=True
    )
    to_latest: Series[pd.Timestamp] = column("Ends this day at the latest.", public=Public.BODIES_ONLY, nullable=True)
    in_period: Series[str] = column(
        "Whether it was on the unit in the period.", public=Public.ALWAYS, isin=vocabulary_words(Answer)
    )
    left_before: Series[str] = column(
        "Whether it had left the unit when the period began.", public=Public.ALWAYS, isin=vocabulary_words(Answer)
    )
    source_id: Series[str] = column("Source of the row.", public=Public.BODIES_ONLY)


class UnitEvidence(pa.DataFrameModel):
    """Evidence for each land unit over the reference period of an inventory: yes, no or unknown."""

    land_unit_id: Series[str] = column("Key of the land unit.", public=Public.ALWAYS, unique=True)
    occupied: Series[str] = column(
        "Whether anybody was on it in the period.", public=Public.ALWAYS, isin=vocabulary_words(Answer)
    )
    closed: Series[str] = column(
        "Whether an activity liable to CFE had left it when the period began.",
        public=Public.ALWAYS,
        isin=vocabulary_words(Answer),
    )
    vacant_premises: Series[str] = column(
        "Whether premises on it are said to be vacant.", public=Public.ALWAYS, isin=vocabulary_words(Answer)
    )
    disaffected: Series[str] = column(
        "Whether none of its ground is meant for business.", public=Public.ALWAYS, isin=vocabulary_words(Answer)
    )
    other_use: Series[str] = column(
        "Whether all who were on it in the period do what is not liable to CFE.",
        public=Public.ALWAYS,
        isin=vocabulary_words(Answer),
    )


class InventoryUnits(LandUnits):
    """Land units with their status in the statutory inventory."""

    occupied: Series[str] = column(
        "Whether anybody was on it in the period.", public=Public.ALWAYS, isin=vocabulary_words(Answer)
    )
    closed: Series[str] = column(
        "Whether an activity liable to CFE had left it when the period began.",
        public=Public.ALWAYS,
        isin=vocabulary_words(Answer),
    )
    vacant_premises: Series[str] = column(
        "Whether premises on it are said to be vacant.", public=Public.ALWAYS, isin=vocabulary_words(Answer)
    )
    exception: Series[str] = column(
        "Whether it cannot be vacant by law.", public=Public.ALWAYS, isin=vocabulary_words(Answer)
    )
    status: Series[str] = column(
        "What it is for the statutory rate.", public=Public.ALWAYS, isin=vocabulary_words(UnitStatus)
    )
    reason: Series[str] = column("Why.", public=Public.ALWAYS, isin=vocabulary_words(UnitReason))
    also_in: Series[str] = column(
        "Other zones that it stands in, `|` between two: it counts once in the rate of the territory.",
        public=Public.ALWAYS,
    )


class InventoryRates(pa.DataFrameModel):
    """Statutory vacancy rate of each zone, as bounds: vacant land units over land units (L318-8-2 CU)."""

    site_id: Series[str] = column("Site; nothing for the territory.", public=Public.ALWAYS, unique=True)
    sites: Series[int] = column("Sites that the row speaks of.", public=Public.ALWAYS, unit="count", ge=0)
    sites_known: Series[int] = column(
        "Those of them whose land units are known.", public=Public.ALWAYS, unit="count", ge=0
    )
    zone: Series[str] = column(
        "Whether it is an activity zone, which the law asks about.", public=Public.ALWAYS, isin=["oui", "non"]
    )
    in_statistics: Series[str] = column(
        "Whether it counts in the rate of the territory: a zone that exists and is active.",
        public=Public.ALWAYS,
        isin=["oui", "non"],
    )
    no_rate: Series[str] = column(
        "Why there is no rate; empty where there is one.", public=Public.ALWAYS, isin=vocabulary_words(NoRate)
    )
    tenanted: Series[str] = column(
        "Whether somebody was there in the period: were it one land unit, its rate would be 0.",
        public=Public.ALWAYS,
        isin=["oui", "non"],
    )
    units_low: Series[float] = column("Land units, at least.", public=Public.ALWAYS, unit="count", ge=0, nullable=True)
    units_high: Series[float] = column("Land units, at most.", public=Public.ALWAYS, unit="count", ge=0, nullable=True)
    in_several: Series[int] = column(
        "Land units of it that stand in another zone, too; in the territory each counts once.",
        public=Public.ALWAYS,
        unit="count",
        ge=0,
    )
    unknown_owner: Series[int] = column(
        "Parcels in it whose owner is unknown.", public=Public.ALWAYS, unit="count", ge=0
    )
    vacant_low: Series[float] = column(
        "Vacant land units, at least.", public=Public.ALWAYS, unit="count", ge=0, nullable=True
    )
    vacant_high: Series[float] = column(
        "Vacant land units, at most.", public=Public.ALWAYS, unit="count", ge=0, nullable=True
    )
    others_low: Series[float] = column(
        "Land units that are not vacant, at least.", public=Public.ALWAYS, unit="count", ge=0, nullable=True
    )
    others_high: Series[float] = column(
        "Land units that are not vacant, at most.", public=Public.ALWAYS, unit="count", ge=0, nullable=True
    )
    every_low: Series[float] = column(
        "Land units if every piece of a parcel at the edge counted, at least.",
        public=Public.ALWAYS,
        unit="count",
        ge=0,
        nullable=True,
    )
    every_high: Series[float] = column("The same, at most.", public=Public.ALWAYS, unit="count", ge=0, nullable=True)
    edges: Series[int] = column(
        "Pieces of parcels at the edge that do not count.", public=Public.ALWAYS, unit="count", ge=0
    )
    vacancy_low: Series[float] = column(
        "Vacant land units over land units, at least.", public=Public.ALWAYS, unit="ratio", ge=0, le=1, nullable=True
    )
    vacancy_high: Series[float] = column(
        "Vacant land units over land units, at most.", public=Public.ALWAYS, unit="ratio", ge=0, le=1, nullable=True
    )
    covered_share: Series[float] = column(
        "Ground of the site that is in a land unit, over its ground.",
        public=Public.ALWAYS,
        unit="ratio",
        ge=0,
        nullable=True,
    )
