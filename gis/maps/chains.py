"""What the sums of a page rest on, as plain values: the rows, the basis and the assumptions of what may be added up.

A page adds parts up as its reader filters. The chain of a sum is the rows of its parts, the weakest basis of these and
every assumption of a part: `assets/src/chains.js` joins them, and `tests/data/sums_cases.json` holds it to the ledger.
"""

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from gis.maps.called import building_name, lot_name, site_name
from gis.maps.packing import pack_rows
from gis.maps.territory_view import TerritoryView
from gis.measures.available_parts import Part
from gis.provenance import Figure
from gis.schemas import KEYS, records


def part_record(known: TerritoryView, part: Part, kind: str) -> dict[str, Any]:
    """Return a part of a sum that is of one kind of figure, with the rules of reading that it rests on."""
    return {
        "rows": list(part.rows),
        "taken_by": list(part.taken_by),
        "assumptions": [*part.assumptions, *_rules_of_part(known, {*part.rows, *part.taken_by}, kind)],
        "of_rows": list(part.of_rows),
        "asked": part.asked,
    }


def _rules_of_part(known: TerritoryView, rows: set[str], kind: str) -> list[str]:
    """Return the rules of reading that the ledger says the whole of a kind rests on, and that these rows rest on too.

    A rule that left rows out of the layers is one of every part: nobody knows where they would have counted.
    """
    rule_keys = {key for figure in known.figures.values() if figure.kind == kind for key in figure.assumptions}
    return [
        each.rule.key
        for layer, each in known.resting
        if each.rule.key in rule_keys and (each.left_out or any(f"{layer}/{row}" in rows for row in each.rows))
    ]


def packed_cited_rows(known: TerritoryView, names: Iterable[str]) -> dict[str, Any]:
    """Return some rows, each once, by name: what it is called, its source and how it is known; packed."""
    keys_by_layer: dict[str, set[str]] = {}
    for name in names:
        layer, _, key = name.partition("/")
        keys_by_layer.setdefault(layer, set()).add(key)
    return pack_rows(
        [
            record
            for layer in CALLED
            if layer in keys_by_layer
            for record in _cited_row_records(known, layer, keys_by_layer[layer])
        ]
    )


def _cited_row_records(known: TerritoryView, layer: str, keys: set[str]) -> Iterable[dict[str, Any]]:
    frame = getattr(known, layer)
    for row in records(pd.DataFrame(frame[frame[KEYS[layer]].isin(list(keys))])):
        yield {
            "row": f"{layer}/{row[KEYS[layer]]}",
            "name": CALLED[layer](row),
            "source": row["source_id"],
            "basis": row["basis"],
        }


def row_names_of_parts(records_: Iterable[Any]) -> list[str]:
    """Return the rows that parts, as `part_record` returns them, or figures name."""
    return [
        name
        for each in records_
        for name in (each.rows if isinstance(each, Figure) else (*each["rows"], *each["taken_by"]))
    ]


def _name_from_column(column: str) -> Any:
    return lambda row: str(row[column])


#: What a row of each layer is called, in the order in which the ledger names layers.
CALLED: Final[dict[str, Any]] = {
    "claims": _name_from_column("subject"),
    "tenancies": _name_from_column("occupant"),
    "premises": _name_from_column("premises_name"),
    "terrains": lot_name,
    "buildings": building_name,
    "sites": lambda row: site_name(row)["fr"],
    "exclusions": lambda _: "",
    "roads": _name_from_column("road_name"),
}
