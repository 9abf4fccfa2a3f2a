"""Description of a layer besides its columns: the one source from which all lists of layers are derived."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import pandera.pandas as pa

from gis.crs import GeometryKind

M = TypeVar("M", bound=type[pa.DataFrameModel])


class Geometry(StrEnum):
    """Geometry type with which a layer is written."""

    MULTIPOLYGON = "MultiPolygon"
    POLYGON = "Polygon"
    MULTILINESTRING = "MultiLineString"
    POINT = "Point"

    @property
    def drawn_as(self) -> GeometryKind:
        """The kind of geometry: polygons, lines or points."""
        return {Geometry.MULTILINESTRING: GeometryKind.LINE, Geometry.POINT: GeometryKind.POINT}.get(
            self, GeometryKind.POLYGON
        )


class Table(StrEnum):
    """Whether a territory folder contains a table of facts `NAME.csv` for a layer."""

    REQUIRED = "required"
    OPTIONAL = "optional"  # an absent table means no rows
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reference:
    """The layer to whose key a column refers."""

    layer: str
    optional: bool = False  # whether the column may be empty


@dataclass(frozen=True, slots=True)
class FetchedReach:
    """How fetched data is merged into a layer.

    Parameters
    ----------
    near_m
        Greatest distance from sites with a geometry within which data is read. `inf` reads all of it if any site has a
        geometry; None always reads all of it.
    on_site
        Whether a row without a site gets the site that contains it.
    """

    near_m: float | None = None
    on_site: bool = False


@dataclass(frozen=True, slots=True)
class LayerDescription:
    """Description of a layer besides its columns.

    Parameters
    ----------
    name
        Its name in folders, GeoPackages and pages.
    title
        Its French title, for people.
    key
        The column with the key of a row; "" if there is none.
    geometry
        Geometry type with which it is written; None for a table without geometries.
    label
        The column with the usual name of a row; "" if there is none.
    table
        Whether a territory folder contains a table of facts for it.
    references
        Columns that refer to the key of another layer; all layers refer to sources.toml by `source_id`.
    by_hand
        Whether a new territory folder contains its table with the header only, to be filled in by hand.
    drawn
        Whether `raw/NAME.*` may provide the geometries of its rows, by key.
    own_file
        Whether users' own files may feed it: it is a target of mappings.
    fetched
        How fetched data is merged; None if none is. A fetched layer without a table of facts has no other input.
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
    fetched: FetchedReach | None = None
    written: bool = True

    @property
    def drawn_as(self) -> GeometryKind:
        """The kind of geometry of its rows: polygons if it has no geometry type of its own."""
        return self.geometry.drawn_as if self.geometry else GeometryKind.POLYGON

    @property
    def is_fetched_alone(self) -> bool:
        """Tell whether fetched data is its only input."""
        return self.fetched is not None and self.table is Table.NONE


def described(description: LayerDescription) -> Callable[[M], M]:
    """Attach a description to a schema."""

    def with_description(schema: M) -> M:
        schema.__layer__ = description  # type: ignore[attr-defined]  # any schema may get one
        return schema

    return with_description


def description_of(schema: type[Any]) -> LayerDescription | None:
    """Return the description of a schema; None for a table that is not a layer of a territory."""
    description: LayerDescription | None = getattr(schema, "__layer__", None)
    return description


def described_layer(schema: type[Any]) -> LayerDescription:
    """Return the description of a schema that is a layer of a territory.

    Raises
    ------
    TypeError
        If it has none: add `@described(LayerDescription(…))` above the class.
    """
    description = description_of(schema)
    if description is None:
        msg = f"{schema.__name__} has no description. Write @described(LayerDescription(...)) above the class."
        raise TypeError(msg)
    return description
