"""Declaration of columns, and the columns that all layers share."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import pandera.pandas as pa
from pandera.typing import Series
from pandera.typing.geopandas import GeoSeries

from gis.provenance import Basis


class Given(StrEnum):
    """Whether a table of facts provides a column."""

    ALWAYS = "always"
    OPTIONAL = "optional"  # an absent column means empty in every row
    COMPUTED = "computed"  # never in a table


class Public(StrEnum):
    """Whether the values of a column are published; a layer whose key is never public is not published at all."""

    ALWAYS = "always"  # except for a text that quotes a natural person
    BODIES_ONLY = "bodies_only"  # for a natural person: another key, a word that names nobody, or empty
    QUOTED = "quoted"  # public as far as the column that the row refers to
    NEVER = "never"


#: Symbols of units in labels; "" if the words of the label already state the unit.
_UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "m": "m",
        "km": "km",
        "m2": "m²",
        "ha": "ha",
        "kW": "kW",
        "EUR": "€",
        "EUR/m2": "€/m²",
        "degree": "°",
        "ratio": "0 à 1",
        "count": "",
        "jobs": "",
    }
)


def column(  # noqa: PLR0913  (the properties of a column)
    meaning: str,
    *,
    label: str = "",
    note: str = "",
    public: Public | None = None,
    unit: str | None = None,
    given: Given = Given.ALWAYS,
    **checks: Any,
) -> Any:
    """Declare a column of a layer.

    A column without a value for `public` is not published, and a test fails until one is set.

    Parameters
    ----------
    meaning
        Its content, in English.
    label
        Its short name in French, as shown in QGIS; the unit is appended. Columns of layers must have one.
    note
        Its content in French, if the label does not suffice.
    public
        Whether it is published.
    unit
        Unit of a quantity: `m`, `km`, `m2`, `ha`, `kW`, `EUR/m2`, `degree`, `ratio`, `count` or `jobs`.
    given
        Whether a table of facts provides it.
    checks
        Checks of pandera on its values.
    """
    sign = _UNITS[unit] if unit else ""
    labelled = f"{label} ({sign})" if label and sign else label
    metadata = {"label": labelled, "note": note, "public": public, "unit": unit, "given": given}
    return pa.Field(description=meaning, metadata=metadata, **checks)


def quoted(column: pa.Column, value: object) -> str:
    """Return the value of a column as quoted in a message; a value that is never public is not quoted."""
    never_public = (column.metadata or {}).get("public") is Public.NEVER
    return "what stands there (it is not published)" if never_public else f"`{value}`"


def vocabulary_words(words: type[StrEnum]) -> list[str]:
    """Return the values that a column with a controlled vocabulary may have."""
    return [word.value for word in words]


def measured_area_column() -> Any:
    """Declare the column of the measured area of a geometry."""
    return column(
        "Area of the shape, measured in the zone of the territory.",
        label="Surface mesurée",
        note="Surface du tracé, mesurée dans la zone du territoire.",
        public=Public.ALWAYS,
        given=Given.COMPUTED,
        unit="m2",
        ge=0,
        nullable=True,
    )


def as_of_column() -> Any:
    """Declare the column of the date to which a row refers."""
    return column(
        "Date the row is said of, as published; a layer may do without.",
        label="Date de l’information",
        note="Date que la ligne décrit, telle que publiée, et dont une couche peut se passer.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )


def note_column(*, english: bool = False) -> Any:
    """Declare the column for what a reader should know of a row, in French or in English."""
    language, langue = ("English", "anglais") if english else ("French", "français")
    return column(
        f"What a reader should know, in {language}.",
        label="Remarque en anglais" if english else "Remarque",
        note=f"Ce que le lecteur doit savoir, en {langue}.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )


class Layer(pa.DataFrameModel):
    """Columns of all layers."""

    source_id: Series[str] = column(
        "Source of the row, a key of sources.toml.",
        label="Source",
        note="Source de la ligne, une clé de sources.toml.",
        public=Public.ALWAYS,
    )
    basis: Series[str] = column(
        "How the row is known.",
        label="Base",
        note="Comment la ligne est connue, relevée, numérisée ou annoncée.",
        public=Public.ALWAYS,
        isin=vocabulary_words(Basis),
    )

    class Config:
        strict = True
        ordered = False


class Spatial(Layer):
    """Columns of all spatial layers: a geometry, absent if none is published."""

    geometry: GeoSeries[Any] = column(
        "Shape, or nothing.",
        label="Géométrie",
        note="Tracé, ou rien si personne ne l’a publié.",
        public=Public.ALWAYS,
        given=Given.COMPUTED,
        nullable=True,
    )
