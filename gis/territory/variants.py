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
    stating = claims[claims["states"] != ""]
    chosen: dict[str, str] = {}
    faults = []
    for entry in settings.get("variant", []):
        faults += _variant_faults(entry, stating["states"], layers)
        chosen[str(entry.get("of", ""))] = entry.get("claim") or ""
    for of in sorted(set(stating["states"])):
        rows = stating[stating["states"] == of]
        if bad := _states_nothing(of, layers):
            faults.append(Fault(f"claim {rows.index[0]}, column `states`", bad, "Write layer/key/quantity."))
        elif of not in chosen:
            if len(set(rows["value"])) > 1:
                mend = "Add a [[variant]] with of, claim and why."
                faults.append(Fault(f"`{of}`", f"{len(set(rows['value']))} published values, none chosen.", mend))
            else:
                chosen[of] = str(rows.index[0])
    if faults:
        raise SchemaError.of(str(file), faults)
    return chosen


def _variant_faults(entry: Mapping[str, Any], states: pd.Series, layers: Mapping[str, pd.DataFrame]) -> list[Fault]:
    of, claim = str(entry.get("of", "")), entry.get("claim")
    here = f"[[variant]] of `{of}`"
    faults = []
    if bad := _states_nothing(of, layers):
        faults.append(Fault(here, bad, "Write of = layer/key/quantity."))
    if not entry.get("why"):
        faults.append(Fault(here, "has no why.", "Say why pages open with it."))
    if claim is None:
        faults.append(Fault(here, "has no claim.", 'Name one, or write claim = "" for unknown.'))
    elif claim and states.get(claim) != of:
        faults.append(Fault(here, f"claim `{claim}` does not state it.", "Name a claim whose `states` is that value."))
    return faults


def _states_nothing(of: str, layers: Mapping[str, pd.DataFrame]) -> str:
    """Say what is wrong with the name of a value; nothing is the empty string."""
    layer, _, rest = of.partition("/")
    key, _, quantity = rest.partition("/")
    if quantity not in QUANTITIES.get(layer, {}):
        return f"`{of}` names no quantity."
    if key not in set(layers[layer][KEYS[layer]]):
        return f"`{of}` names no row of {layer}."
    return ""


def with_claims(frame: pd.DataFrame, layer: str, choices: Mapping[str, str], claims: pd.DataFrame) -> pd.DataFrame:
    """Write chosen claims into the rows of a layer; the row's area brings its source along, but for a drawn row."""
    result = frame.copy()
    drawn = set(result.index[result.geometry.notna()]) if isinstance(result, gpd.GeoDataFrame) else set()
    by_id = {claim["claim_id"]: claim for claim in records(claims)}
    for of, claim_id in choices.items():
        name, key, quantity = of.split("/", 2)
        if name != layer:
            continue
        columns = QUANTITIES[layer][quantity]
        row = result.index[result[KEYS[layer]] == key][0]
        claim = by_id[claim_id] if claim_id else None
        values = (np.nan, np.nan) if claim is None else _stated(claim, quantity)
        for column, value in zip(columns, values, strict=True):
            result.loc[row, column] = value
        if claim is not None and quantity in AREAS and row not in drawn:
            cited = [column for column in ("source_id", "page") if column in result]
            result.loc[row, cited] = [claim[column] for column in cited]
    return result


def _stated(claim: Row, quantity: str) -> tuple[Any, Any]:
    """Return what a claim says of a quantity, low and high, in the unit of the layer."""
    if quantity == "phase":
        return claim["value"], claim["value"]
    if quantity in {"from", "to"}:
        return claim["earliest"], claim["latest"]
    scale = AREA_M2[claim["unit"]] / AREAS[quantity] if quantity in AREAS else 1.0
    return claim["low"] * scale, claim["high"] * scale
