"""Schema of published figures."""

from typing import Final

import pandas as pd
from pandera.typing import Series

from gis.schemas.columns import Given, Layer, Public, column, note_column, vocabulary_words
from gis.schemas.described import LayerDescription, Reference, Table, described
from gis.schemas.vocabularies import AreaKind, ClaimStatus, ClaimUse


@described(
    LayerDescription(
        name="claims",
        title="Chiffres publiés",
        key="claim_id",
        table=Table.REQUIRED,
        by_hand=True,
        references={"site_id": Reference("sites", optional=True)},
    )
)
class Claims(Layer):
    """Published figures, each as stated by its source."""

    claim_id: Series[str] = column(
        "Key of the claim.",
        label="Identifiant du chiffre publié",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    site_id: Series[str] = column(
        "Site it speaks of, or nothing.",
        label="Site",
        note="Site dont le chiffre parle, ou rien.",
        public=Public.ALWAYS,
    )
    subject: Series[str] = column(
        "What it speaks of.", label="Sujet", note="De quoi le chiffre parle.", public=Public.ALWAYS
    )
    measure: Series[str] = column(
        "What is said of it, in French.", label="Mesure", note="Ce qui en est dit, en français.", public=Public.ALWAYS
    )
    measure_en: Series[str] = column(
        "What is said of it, in English.",
        label="Mesure en anglais",
        note="Ce qui en est dit, en anglais.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    value: Series[str] = column(
        "The value as published.",
        label="Valeur publiée",
        note="La valeur, telle que publiée.",
        public=Public.ALWAYS,
        str_length={"min_value": 1},
    )
    unit: Series[str] = column(
        "Unit as published.", label="Unité publiée", note="L’unité, telle que publiée.", public=Public.ALWAYS
    )
    qualifier: Series[str] = column(
        "Stated, about, at least, planned.",
        label="Précision",
        note="Annoncé, environ, au moins, prévu.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    area_kind: Series[str] = column(
        "What an area or a share is of; empty for other figures.",
        label="Nature de la surface",
        note="De quoi une surface ou une part est la mesure, vide pour les autres chiffres.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=["", *vocabulary_words(AreaKind)],
    )
    as_of: Series[str] = column(
        "Date the figure is said of, as published.",
        label="Date du chiffre",
        note="Date que le chiffre décrit, telle que publiée.",
        public=Public.ALWAYS,
    )
    section: Series[str] = column(
        "Section of the source.", label="Section de la source", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    page: Series[str] = column(
        "Page of the source.", label="Page de la source", public=Public.ALWAYS, given=Given.OPTIONAL
    )
    status: Series[str] = column(
        "Whether the source can be shown.",
        label="État de la source",
        note="Dit si la source peut être montrée.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=vocabulary_words(ClaimStatus),
    )
    states: Series[str] = column(
        "Value of a layer that it states, `layer/key/quantity`.",
        label="Valeur énoncée",
        note="Valeur d’une couche que le chiffre énonce, `layer/key/quantity`.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    use: Series[str] = column(
        "What is done with it beside showing it.",
        label="Emploi du chiffre",
        note="Ce qu’on en fait en plus de le montrer.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        isin=vocabulary_words(ClaimUse),
    )
    parts: Series[str] = column(
        "Claims it should be the sum or the count of, `|` between two.",
        label="Chiffres réunis",
        note="Chiffres dont il devrait être la somme ou le nombre, `|` entre deux.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    whole: Series[str] = column(
        "Claim that the sum is divided by.",
        label="Chiffre diviseur",
        note="Chiffre par lequel la somme est divisée.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    note: Series[str] = note_column()
    note_en: Series[str] = note_column(english=True)
    low: Series[float] = column(
        "The value as a number, at least.",
        label="Valeur, au moins",
        note="La valeur comme nombre, au moins.",
        public=Public.ALWAYS,
        given=Given.COMPUTED,
        nullable=True,
    )
    high: Series[float] = column(
        "The value as a number, at most.",
        label="Valeur, au plus",
        note="La valeur comme nombre, au plus.",
        public=Public.ALWAYS,
        given=Given.COMPUTED,
        nullable=True,
    )
    earliest: Series[pd.Timestamp] = column(
        "The value as a date, at the earliest.",
        label="Date, au plus tôt",
        note="La valeur comme date, au plus tôt.",
        public=Public.ALWAYS,
        given=Given.COMPUTED,
        nullable=True,
    )
    latest: Series[pd.Timestamp] = column(
        "The value as a date, at the latest.",
        label="Date, au plus tard",
        note="La valeur comme date, au plus tard.",
        public=Public.ALWAYS,
        given=Given.COMPUTED,
        nullable=True,
    )


#: Quantities that a claim can state, by layer, with the columns of their lower and upper bounds.
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
