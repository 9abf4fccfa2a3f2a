"""Schemas of occupants: establishments and tenancies."""

import pandas as pd
from pandera.typing import Series

from gis.schemas.columns import Given, Layer, Public, as_of_column, column, note_column, vocabulary_words
from gis.schemas.described import FetchedReach, LayerDescription, Reference, Table, described
from gis.schemas.vocabularies import Answer, AreaKind, OwnerKind, Phase, Placed


@described(
    LayerDescription(
        name="establishments",
        title="Établissements",
        key="establishment_id",
        label="establishment_name",
        table=Table.OPTIONAL,
        by_hand=True,
        references={
            "site_id": Reference("sites", optional=True),
            "terrain_id": Reference("terrains", optional=True),
            "premises_id": Reference("premises", optional=True),
        },
        own_file=True,
        fetched=FetchedReach(),
    )
)
class Establishments(Layer):
    """Occupants: firms, schools and laboratories, with their attributes from a source."""

    establishment_id: Series[str] = column(
        "Key of the establishment.",
        label="Identifiant de l’établissement",
        public=Public.BODIES_ONLY,
        unique=True,
        str_length={"min_value": 1},
    )
    establishment_name: Series[str] = column("Name.", label="Nom de l’établissement", public=Public.BODIES_ONLY)
    siret: Series[str] = column(
        "SIRET where known.",
        label="SIRET",
        note="SIRET, s’il est connu.",
        public=Public.BODIES_ONLY,
        given=Given.OPTIONAL,
    )
    group: Series[str] = column(
        "Group it is shown with.",
        label="Groupe",
        note="Groupe avec lequel l’établissement est montré.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    activity: Series[str] = column(
        "What it does, in French.",
        label="Activité",
        note="Ce que l’établissement fait, en français.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    activity_en: Series[str] = column(
        "What it does, in English.",
        label="Activité en anglais",
        note="Ce que l’établissement fait, en anglais.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    insee: Series[str] = column(
        "INSEE codes of its communes, `|` between two; empty where no source says.",
        label="Codes INSEE des communes",
        note="Codes INSEE de ses communes, `|` entre deux, vide si aucune source ne le dit.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    site_id: Series[str] = column(
        "Site it is on, where a source or its place says.",
        label="Site",
        note="Site où l’établissement se trouve, si une source ou son emplacement le dit.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    terrain_id: Series[str] | None = column(
        "Terrain it is on, where its place says.",
        label="Terrain",
        note="Terrain où l’établissement se trouve, si son emplacement le dit.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    premises_id: Series[str] | None = column(
        "Premises it is in, where its place says.",
        label="Local",
        note="Local où l’établissement se trouve, si son emplacement le dit.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    placed: Series[str] | None = column(
        "How well its place is known (CNIG `geocodage_qualite`).",
        label="Qualité de la localisation",
        note="À quel point l’emplacement est connu (CNIG `geocodage_qualite`).",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", *vocabulary_words(Placed)],
    )
    establishment_kind: Series[str] = column(
        "Person or body; only a body is named in what is published of an inventory.",
        label="Personne physique ou morale",
        note="Personne physique ou morale, et seule une personne morale est nommée dans ce qui est "
        "publié d’un inventaire.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", *vocabulary_words(OwnerKind)],
    )
    economic: Series[str] = column(
        "Whether what it does is liable to CFE; empty where nobody asked.",
        label="Redevable de la CFE",
        note="Dit si son activité est redevable de la CFE, vide si personne ne l’a demandé.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", *vocabulary_words(Answer)],
    )
    active_from: Series[str] = column(
        "Active from: a day, a month, a year, or two joined by `..`.",
        label="En activité depuis",
        note="Début d’activité, un jour, un mois, une année, ou deux reliés par `..`.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    active_to: Series[str] = column(
        "Closed: a day, a month, a year, or two joined by `..`.",
        label="Fermeture",
        note="Fermeture, un jour, un mois, une année, ou deux reliés par `..`.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    parcel_ids: Series[str] = column(
        "Parcels it stands on, `|` between two, where a source places it as well as that.",
        label="Parcelles",
        note="Parcelles où l’établissement se trouve, `|` entre deux, si une source le situe aussi précisément.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    jobs_low: Series[float] = column(
        "Jobs, at least.",
        label="Emplois, au moins",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="jobs",
        ge=0,
        nullable=True,
    )
    jobs_high: Series[float] = column(
        "Jobs, at most.",
        label="Emplois, au plus",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="jobs",
        ge=0,
        nullable=True,
    )
    jobs_as_of: Series[str] = column(
        "Date the jobs are said of; `planned` before it for an aim.",
        label="Date des emplois",
        note="Date que les emplois décrivent, précédée de `planned` pour un objectif.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    as_of: Series[str] | None = as_of_column()
    page: Series[str] = column(
        "Page of the source.", label="Page de la source", public=Public.BODIES_ONLY, given=Given.OPTIONAL
    )
    note: Series[str] = note_column()
    note_en: Series[str] = note_column(english=True)


class PlacedEstablishments(Establishments):
    """Establishments as fetched, with a location that assigns them to a site and is not kept."""

    x_m: Series[float] = column(
        "Easting in the zone of the territory.",
        label="Abscisse",
        note="Abscisse dans la zone du territoire.",
        public=Public.ALWAYS,
        unit="m",
        nullable=True,
    )
    y_m: Series[float] = column(
        "Northing in the zone of the territory.",
        label="Ordonnée",
        note="Ordonnée dans la zone du territoire.",
        public=Public.ALWAYS,
        unit="m",
        nullable=True,
    )


@described(
    LayerDescription(
        name="tenancies",
        title="Occupations",
        key="tenancy_id",
        label="occupant",
        table=Table.REQUIRED,
        by_hand=True,
        references={"site_id": Reference("sites"), "premises_id": Reference("premises")},
    )
)
class Tenancies(Layer):
    """Occupation of premises by an establishment, in one phase, from a date to a date."""

    tenancy_id: Series[str] = column(
        "Key of the tenancy.",
        label="Identifiant de l’occupation",
        public=Public.BODIES_ONLY,
        unique=True,
        str_length={"min_value": 1},
    )
    site_id: Series[str] = column("Site of the premises.", label="Site", public=Public.ALWAYS)
    premises_id: Series[str] = column("Premises held.", label="Local occupé", public=Public.ALWAYS)
    establishment_id: Series[str] = column(
        "Key of the occupant.",
        label="Identifiant de l’occupant",
        public=Public.BODIES_ONLY,
        str_length={"min_value": 1},
    )
    occupant: Series[str] = column(
        "Name of the occupant.", label="Nom de l’occupant", public=Public.BODIES_ONLY, str_length={"min_value": 1}
    )
    activity: Series[str] = column(
        "What it does there, in French.",
        label="Activité",
        note="Ce que l’occupant y fait, en français.",
        public=Public.ALWAYS,
    )
    activity_en: Series[str] = column(
        "What it does there, in English.",
        label="Activité en anglais",
        note="Ce que l’occupant y fait, en anglais.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    phase: Series[str] = column(
        "How far it is.",
        label="Phase",
        note="Où en est l’occupation.",
        public=Public.ALWAYS,
        isin=vocabulary_words(Phase),
    )
    from_earliest: Series[pd.Timestamp] = column(
        "Begins this day at the earliest.",
        label="Début, au plus tôt",
        note="Premier jour possible du début.",
        public=Public.ALWAYS,
        nullable=True,
    )
    from_latest: Series[pd.Timestamp] = column(
        "Begins this day at the latest.",
        label="Début, au plus tard",
        note="Dernier jour possible du début.",
        public=Public.ALWAYS,
        nullable=True,
    )
    to_earliest: Series[pd.Timestamp] = column(
        "Ends this day at the earliest.",
        label="Fin, au plus tôt",
        note="Premier jour possible de la fin.",
        public=Public.ALWAYS,
        nullable=True,
    )
    to_latest: Series[pd.Timestamp] = column(
        "Ends this day at the latest.",
        label="Fin, au plus tard",
        note="Dernier jour possible de la fin.",
        public=Public.ALWAYS,
        nullable=True,
    )
    area_low_m2: Series[float] = column(
        "Area held, at least.", label="Surface occupée, au moins", public=Public.ALWAYS, unit="m2", gt=0, nullable=True
    )
    area_high_m2: Series[float] = column(
        "Area held, at most.", label="Surface occupée, au plus", public=Public.ALWAYS, unit="m2", gt=0, nullable=True
    )
    area_kind: Series[str] = column(
        "What the area is an area of.",
        label="Nature de la surface",
        note="De quoi la surface est la surface.",
        public=Public.ALWAYS,
        isin=vocabulary_words(AreaKind),
    )
    jobs_now: Series[float] = column(
        "Jobs on the day of the source.",
        label="Emplois actuels",
        note="Emplois au jour de la source.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="jobs",
        ge=0,
        nullable=True,
    )
    jobs_planned: Series[float] = column(
        "Jobs planned.",
        label="Emplois prévus",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="jobs",
        ge=0,
        nullable=True,
    )
    page: Series[str] = column(
        "Page of the source.", label="Page de la source", public=Public.BODIES_ONLY, given=Given.OPTIONAL
    )
    note: Series[str] = note_column()
    note_en: Series[str] = note_column(english=True)
