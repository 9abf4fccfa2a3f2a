"""The registry of national open sources, in order of preference."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from gis.errors import Fault, SchemaError
from gis.sources.open_data import (
    bdtopo,
    cadastre,
    cartofriches,
    communes,
    fusac,
    osm,
    owners_legal,
    planning,
    risks,
    sirene,
)
from gis.sources.open_data.handed import PACKED, FirstSight, first_sight_of_file
from gis.sources.open_data.national import National, Reader
from gis.sources.tables.rows import READABLE

ALL: Final[Mapping[str, National]] = {
    each.name: each
    for each in (
        communes.NATIONAL,
        cadastre.NATIONAL,
        cadastre.SECOND_WAY,
        bdtopo.NATIONAL,
        fusac.NATIONAL,
        sirene.NATIONAL,
        owners_legal.NATIONAL,
        cartofriches.NATIONAL,
        risks.NATIONAL,
        planning.NATIONAL,
        osm.NATIONAL,
    )
}


def recognised_source(file: Path, layer: str = "") -> tuple[National, FirstSight] | None:
    """Return the source that publishes a file, and its columns; with a layer, only a source that feeds it."""
    if not file.is_file() or file.suffix.lower() not in {*READABLE, *PACKED}:
        return None
    first_sight = first_sight_of_file(file)
    recognising = (each for each in ALL.values() if each.handed and each.handed.recognises(first_sight))
    feeding = (each for each in recognising if not layer or layer in {key.partition("/")[0] for key in each.readers})
    return next(((each, first_sight) for each in feeding), None)


def readers_of_layer(layer: str, settings: Mapping[str, Any]) -> Iterator[tuple[National, str, Reader]]:
    """Yield what feeds a layer, the preferred first: the source, the pattern of its files, and its reader.

    `[layers]` of territory.toml gives another order for a layer, or omits sources.

    Raises
    ------
    SchemaError
        If it names an unknown source.
    """
    orders = settings.get("layers", {})
    if not isinstance(orders, Mapping):
        fault = Fault("layers", "is no table.", "Write [layers] and below it a list for each layer.")
        raise SchemaError.of("territory.toml", [fault])
    names = orders.get(layer, list(ALL))
    unknown_names = [name for name in names if str(name) not in ALL] if isinstance(names, list) else [names]
    if unknown_names:
        fault = Fault(f"[layers] {layer}", f"`{unknown_names[0]}` is no source.", f"Write a list of {', '.join(ALL)}.")
        raise SchemaError.of("territory.toml", [fault])
    for name in names:
        for key, (pattern, reader) in ALL[name].readers.items():
            if key.partition("/")[0] == layer:
                yield ALL[name], pattern, reader
