"""Description of a layer besides its columns: the one source from which all lists of layers are derived."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import pandera.pandas as pa

from gis.crs import GeometryKind

M = TypeVar("M", bound=type[pa.DataFrameModel])


class Geometry(StrEnum):
    """The type of geometry that a layer is written with."""

    MULTIPOLYGON = "MultiPolygon"
    POLYGON = "Polygon"
    MULTILINESTRING = "MultiLineString"
    POINT = "Point"

    @property
    def drawn_as(self) -> GeometryKind:
        """Polygons, lines or points."""
        return {Geometry.MULTILINESTRING: GeometryKind.LINE, Geometry.POINT: GeometryKind.POINT}.get(
            self, GeometryKind.POLYGON
        )


class Table(StrEnum):
    """Whether a territory folder has a table of facts `NAME.csv` of a layer."""

    REQUIRED = "required"
    OPTIONAL = "optional"  # absent means no row
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reference:
    """The layer whose key stands in a column."""

    layer: str
    optional: bool = False  # nothing may stand there


@dataclass(frozen=True, slots=True)
class Fetched:
    """How a layer is joined to what is fetched of it.

    Parameters
    ----------
    near_m
        Only what lies so far from the drawn sites is read; `inf` is all of it once a site is drawn, None all of it.
    on_site
        Whether a row that names no site gets the one that it lies in.
    """

    near_m: float | None = None
    on_site: bool = False


@dataclass(frozen=True, slots=True)
class LayerDescription:
    """What a layer is besides its columns.

    Parameters
    ----------
    name
        Its name in folders, GeoPackages and pages.
    title
        The same in French, for people.
    key
        The column that names a row; "" if none does.
    geometry
        What it is written as; None for a table without shapes.
    label
        The column that holds the name in use of a row; "" if none does.
    table
        Whether a territory folder has a table of facts of it.
    references
        Columns that hold the key of another layer; every layer refers to sources.toml by `source_id`.
    by_hand
        Whether the folder of a new territory has the header of its table, for a person to fill.
    drawn
        Whether `raw/NAME.*` may give the shapes of its rows, by key.
    own_file
        Whether a file of one's own may feed it: it is a target of mappings.
    fetched
        How what is fetched of it is joined; None where nothing is. Without a table of facts nothing else feeds it.
    written
        Whether it is a layer of the GeoPackage.
    """

    name: str
    title: str
    key: str = ""
    geometry: Geometry | None = None
    label: str = ""
    table: Table = Table.NONE
    references: Mapping[str, Reference] = field(default_factory=dict)
    by_hand: bool = False
    drawn: bool = False
    own_file: bool = False
    fetched: Fetched | None = None
    written: bool = True

    @property
    def drawn_as(self) -> GeometryKind:
        """What its rows are drawn as: polygons where it has no geometry of its own."""
        return self.geometry.drawn_as if self.geometry else GeometryKind.POLYGON

    @property
    def is_fetched_alone(self) -> bool:
        """Tell whether nothing but what is fetched feeds it."""
        return self.fetched is not None and self.table is Table.NONE


def described(description: LayerDescription) -> Callable[[M], M]:
    """Give a schema its description."""

    def with_description(schema: M) -> M:
        schema.__layer__ = description  # type: ignore[attr-defined]
        return schema

    return with_description


def description_of(schema: type[Any]) -> LayerDescription | None:
    """Return the description of a schema; None for a table that is no layer of a territory."""
    description: LayerDescription | None = getattr(schema, "__layer__", None)
    return description


def described_layer(schema: type[Any]) -> LayerDescription:
    """Return the description of a schema that is a layer of a territory.

    Raises
    ------
    TypeError
        If it has none: write `@described(LayerDescription(…))` above the class.
    """
    description = description_of(schema)
    if description is None:
        msg = f"{schema.__name__} has no description. Write @described(LayerDescription(...)) above the class."
        raise TypeError(msg)
    return description
