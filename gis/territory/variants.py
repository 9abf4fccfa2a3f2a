"""The published value selected among several: `[[variant]]` of `territory.toml`, written into the rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.errors import Fault, SchemaError
from gis.schemas import KEYS, QUANTITIES, Row, records
from gis.units import AREA_M2, M2_PER_HA

#: Quantities that are areas, with the number of square metres in their unit.
AREAS: Final = {"area_m2": 1.0, "land_ha": M2_PER_HA}


def read_choices(file: Path, settings: Mapping[str, Any], layers: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Read `[[variant]]` of territory.toml, and refuse a disputed value that it does not settle."""
    claims = layers["claims"].set_index("claim_id")
    stating_claims = claims[claims["states"] != ""]
    claim_by_value: dict[str, str] = {}
    faults = []
    for entry in settings.get("variant", []):
        faults += _variant_faults(entry, stating_claims["states"], layers)
        claim_by_value[str(entry.get("of", ""))] = entry.get("claim") or ""
    for value_name in sorted(set(stating_claims["states"])):
        rows = stating_claims[stating_claims["states"] == value_name]
        if name_fault := _value_name_fault(value_name, layers):
            faults.append(Fault(f"claim {rows.index[0]}, column `states`", name_fault, "Write layer/key/quantity."))
        elif value_name not in claim_by_value:
            if len(set(rows["value"])) > 1:
                mend = "Add a [[variant]] with of, claim and why."
                faults.append(
                    Fault(f"`{value_name}`", f"{len(set(rows['value']))} published values, none chosen.", mend)
                )
            else:
                claim_by_value[value_name] = str(rows.index[0])
    if faults:
        raise SchemaError.of(str(file), faults)
    return claim_by_value


def _variant_faults(entry: Mapping[str, Any], states: pd.Series, layers: Mapping[str, pd.DataFrame]) -> list[Fault]:
    value_name, claim = str(entry.get("of", "")), entry.get("claim")
    entry_label = f"[[variant]] of `{value_name}`"
    faults = []
    if name_fault := _value_name_fault(value_name, layers):
        faults.append(Fault(entry_label, name_fault, "Write of = layer/key/quantity."))
    if not entry.get("why"):
        faults.append(Fault(entry_label, "has no why.", "Say why pages open with it."))
    if claim is None:
        faults.append(Fault(entry_label, "has no claim.", 'Name one, or write claim = "" for unknown.'))
    elif claim and states.get(claim) != value_name:
        faults.append(
            Fault(entry_label, f"claim `{claim}` does not state it.", "Name a claim whose `states` is that value.")
        )
    return faults


def _value_name_fault(of: str, layers: Mapping[str, pd.DataFrame]) -> str:
    """Say what is wrong with the name of a value; nothing is the empty string."""
    layer, _, row_and_quantity = of.partition("/")
    key, _, quantity = row_and_quantity.partition("/")
    if quantity not in QUANTITIES.get(layer, {}):
        return f"`{of}` names no quantity."
    if key not in set(layers[layer][KEYS[layer]]):
        return f"`{of}` names no row of {layer}."
    return ""


def rows_with_chosen_claims(
    frame: pd.DataFrame, layer: str, choices: Mapping[str, str], claims: pd.DataFrame
) -> pd.DataFrame:
    """Write chosen claims into the rows of a layer; the row's area brings its source along, but for a drawn row."""
    result = frame.copy()
    drawn_rows = set(result.index[result.geometry.notna()]) if isinstance(result, gpd.GeoDataFrame) else set()
    claim_by_id = {claim["claim_id"]: claim for claim in records(claims)}
    for value_name, claim_id in choices.items():
        name, key, quantity = value_name.split("/", 2)
        if name != layer:
            continue
        columns = QUANTITIES[layer][quantity]
        row = result.index[result[KEYS[layer]] == key][0]
        claim = claim_by_id[claim_id] if claim_id else None
        values = (np.nan, np.nan) if claim is None else _stated_bounds(claim, quantity)
        for column, value in zip(columns, values, strict=True):
            result.loc[row, column] = value
        if claim is not None and quantity in AREAS and row not in drawn_rows:
            citing_columns = [column for column in ("source_id", "page") if column in result]
            result.loc[row, citing_columns] = [claim[column] for column in citing_columns]
    return result


def _stated_bounds(claim: Row, quantity: str) -> tuple[Any, Any]:
    """Return what a claim says of a quantity, low and high, in the unit of the layer."""
    if quantity == "phase":
        return claim["value"], claim["value"]
    if quantity in {"from", "to"}:
        return claim["earliest"], claim["latest"]
    scale = AREA_M2[claim["unit"]] / AREAS[quantity] if quantity in AREAS else 1.0
    return claim["low"] * scale, claim["high"] * scale
