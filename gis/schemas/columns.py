"""How a column is declared, and the columns that every layer has."""

from enum import StrEnum
from typing import Any

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


def column(
    meaning: str,
    *,
    public: Public | None = None,
    unit: str | None = None,
    given: Given = Given.ALWAYS,
    **checks: Any,
) -> Any:
    """Declare a column by its meaning, whether it is published, its unit when it is a quantity, and who gives it.

    A column of which nobody decided whether it is public is not published, and a test asks for the decision.
    """
    return pa.Field(description=meaning, metadata={"public": public, "unit": unit, "given": given}, **checks)


def quoted(column: pa.Column, value: object) -> str:
    """Return what stands in a column as a message quotes it: not at all where it is never public."""
    never = (column.metadata or {}).get("public") is Public.NEVER
    return "what stands there (it is not published)" if never else f"`{value}`"


def one_of(words: type[StrEnum]) -> list[str]:
    """Return the words that a column of a closed vocabulary may hold."""
    return [word.value for word in words]


def measured() -> Any:
    """Declare the column where the area of a shape stands."""
    return column(
        "Area of the shape, measured in the zone of the territory.",
        public=Public.ALWAYS,
        given=Given.COMPUTED,
        unit="m2",
        ge=0,
        nullable=True,
    )


def as_of_column() -> Any:
    """Declare the column where the date stands that a row is said of."""
    return column(
        "Date the row is said of, as published; a layer may do without.", public=Public.ALWAYS, given=Given.OPTIONAL
    )


class Layer(pa.DataFrameModel):
    """What every layer has."""

    source_id: Series[str] = column("Source of the row, a key of sources.toml.", public=Public.ALWAYS)
    basis: Series[str] = column("How the row is known.", public=Public.ALWAYS, isin=one_of(Basis))

    class Config:
        strict = True
        ordered = False


class Spatial(Layer):
    """What every layer with shapes has: a geometry, that is absent where nobody has published one."""

    geometry: GeoSeries[Any] = column("Shape, or nothing.", public=Public.ALWAYS, given=Given.COMPUTED, nullable=True)
