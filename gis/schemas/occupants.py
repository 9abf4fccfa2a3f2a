"""Who is on the ground: establishments and tenancies."""

import pandas as pd
from pandera.typing import Series

from gis.schemas.columns import Given, Layer, Public, as_of_column, column, one_of
from gis.schemas.described import Fetched, LayerDescription, Reference, Table, described
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
        fetched=Fetched(),
    )
)
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
    as_of: Series[str] | None = as_of_column()
    page: Series[str] = column("Page of the source.", public=Public.BODIES_ONLY, given=Given.OPTIONAL)
    note: Series[str] = column("What a reader should know, in French.", public=Public.ALWAYS, given=Given.OPTIONAL)
    note_en: Series[str] = column("What a reader should know, in English.", public=Public.ALWAYS, given=Given.OPTIONAL)


class PlacedEstablishments(Establishments):
    """Establishments as they are fetched: with a place, that puts them on a site and is not kept."""

    x_m: Series[float] = column("Easting in the zone of the territory.", public=Public.ALWAYS, unit="m", nullable=True)
    y_m: Series[float] = column("Northing in the zone of the territory.", public=Public.ALWAYS, unit="m", nullable=True)


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
