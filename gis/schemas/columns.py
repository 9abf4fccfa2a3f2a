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
    """Whether a table of facts gives a column."""

    ALWAYS = "always"
    OPTIONAL = "optional"  # absent means empty in every row
    COMPUTED = "computed"  # never in a table


class Public(StrEnum):
    """Whether what stands in a column is published; a layer whose key never is, is not published at all."""

    ALWAYS = "always"  # but for a text that quotes a person
    BODIES_ONLY = "bodies_only"  # of a person another key, a word that names nobody, or nothing
    QUOTED = "quoted"  # as far as the column that the row tells of
    NEVER = "never"


#: How a label writes the unit of a quantity; "" where its words say it already.
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


def column(  # noqa: PLR0913  (what there is to say of a column)
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

    A column of which nobody decided whether it is public is not published, and a test asks for the decision.

    Parameters
    ----------
    meaning
        What stands in it, in English.
    label
        Its short name in French, as QGIS shows it; the unit is added. A column of a layer has one.
    note
        The meaning in French, where it says more than the label.
    public
        Whether it is published.
    unit
        Of a quantity: `m`, `km`, `m2`, `ha`, `kW`, `EUR/m2`, `degree`, `ratio`, `count` or `jobs`.
    given
        Whether a table of facts gives it.
    checks
        What pandera asks of its values.
    """
    sign = _UNITS[unit] if unit else ""
    labelled = f"{label} ({sign})" if label and sign else label
    metadata = {"label": labelled, "note": note, "public": public, "unit": unit, "given": given}
    return pa.Field(description=meaning, metadata=metadata, **checks)


def quoted(column: pa.Column, value: object) -> str:
    """Return what stands in a column as a message quotes it: not at all where it is never public."""
    never_public = (column.metadata or {}).get("public") is Public.NEVER
    return "what stands there (it is not published)" if never_public else f"`{value}`"


def vocabulary_words(words: type[StrEnum]) -> list[str]:
    """Return the words that a column of a closed vocabulary may hold."""
    return [word.value for word in words]


def measured_area_column() -> Any:
    """Declare the column where the area of a shape stands."""
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
    """Declare the column where the date stands that a row is said of."""
    return column(
        "Date the row is said of, as published; a layer may do without.",
        label="Date de l’information",
        note="Date que la ligne décrit, telle que publiée, et dont une couche peut se passer.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )


class Layer(pa.DataFrameModel):
    """What every layer has."""

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
    """What every layer with shapes has: a geometry, that is absent where nobody has published one."""

    geometry: GeoSeries[Any] = column(
        "Shape, or nothing.",
        label="Géométrie",
        note="Tracé, ou rien si personne ne l’a publié.",
        public=Public.ALWAYS,
        given=Given.COMPUTED,
        nullable=True,
    )
