"""Provenance of the sums that a page computes, as plain values: rows, basis and assumptions of each part.

A page adds parts as its reader filters. The provenance of a sum consists of the rows of its parts, the weakest basis of
these rows and every assumption of a part. `assets/src/chains.js` joins them, and `tests/data/sums_cases.json` checks
that the result equals the ledger.
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
    """Return a part of a sum of one kind of figure, with the reading rules that it depends on."""
    return {
        "rows": list(part.rows),
        "taken_by": list(part.taken_by),
        "assumptions": [*part.assumptions, *_rules_of_part(known, {*part.rows, *part.taken_by}, kind)],
        "of_rows": list(part.of_rows),
        "asked": part.asked,
    }


def _rules_of_part(known: TerritoryView, rows: set[str], kind: str) -> list[str]:
    """Return the reading rules that apply to a kind of figure in the ledger and also to these rows.

    A rule that left rows out of the layers applies to every part: it is unknown where these rows would have counted.
    """
    rule_keys = {key for figure in known.figures.values() if figure.kind == kind for key in figure.assumptions}
    return [
        each.rule.key
        for layer, each in known.resting
        if each.rule.key in rule_keys and (each.left_out or any(f"{layer}/{row}" in rows for row in each.rows))
    ]


def packed_cited_rows(known: TerritoryView, names: Iterable[str]) -> dict[str, Any]:
    """Return cited rows, each once: row name, display name, source and basis; packed."""
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
    """Return the names of the rows of figures, or of parts as `part_record` returns them."""
    return [
        name
        for each in records_
        for name in (each.rows if isinstance(each, Figure) else (*each["rows"], *each["taken_by"]))
    ]


def _name_from_column(column: str) -> Any:
    return lambda row: str(row[column])


#: Display name of a row, by layer, in the order of the layers in the ledger.
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
