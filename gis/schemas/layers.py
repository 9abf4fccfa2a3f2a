"""All layers of a territory, in the order of reading and writing: a new layer is a schema and one line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from gis.crs import GeometryKind
from gis.schemas.claims import Claims
from gis.schemas.columns import Layer
from gis.schemas.described import LayerDescription, described_layer
from gis.schemas.inventory import LandUnits
from gis.schemas.occupants import Establishments, Tenancies
from gis.schemas.results import AddedInFile, Plots, Tiles
from gis.schemas.sites import Buildings, Communes, Owners, Parcels, Premises, Sites, Terrains
from gis.schemas.surroundings import Accesses, Brownfields, Exclusions, OsmLandUse, Railways, Roads, Spots

_SCHEMAS: Final[tuple[type[Layer], ...]] = (
    Communes,
    Sites,
    Terrains,
    Owners,
    Parcels,
    LandUnits,
    Buildings,
    Premises,
    Exclusions,
    Roads,
    Accesses,
    Plots,
    Establishments,
    Tenancies,
    Claims,
    Tiles,
    Brownfields,
    OsmLandUse,
    Railways,
    Spots,
)


#: The schemas of all layers by name, in the order of reading and writing: a layer refers only to layers before it.
SCHEMAS: Final[Mapping[str, type[Layer]]] = MappingProxyType(
    {described_layer(schema).name: schema for schema in _SCHEMAS}
)

#: The descriptions of all layers by name, in the same order.
LAYERS: Final[Mapping[str, LayerDescription]] = MappingProxyType(
    {name: described_layer(schema) for name, schema in SCHEMAS.items()}
)

#: The key column of each layer.
KEYS: Final[Mapping[str, str]] = MappingProxyType({name: each.key for name, each in LAYERS.items() if each.key})


def drawn_as(layer: str) -> GeometryKind:
    """Return the kind of geometry of a layer, given by name: polygons, lines or points."""
    return LAYERS[layer].drawn_as if layer in LAYERS else GeometryKind.POLYGON


def french_labels(layer: str) -> dict[str, str]:
    """Return the French label, with its unit, of every column that a layer may be written with, by column.

    >>> french_labels("buildings")["height_m"]
    'Hauteur (m)'
    """
    columns = SCHEMAS[layer].to_schema().columns | AddedInFile.to_schema().columns
    return {name: column.metadata["label"] for name, column in columns.items()}


def layers_that(**wanted: Any) -> tuple[str, ...]:
    """Return the names of the layers with these values in their descriptions, in order: `layers_that(drawn=True)`."""
    return tuple(
        name for name, each in LAYERS.items() if all(getattr(each, what) == value for what, value in wanted.items())
    )
