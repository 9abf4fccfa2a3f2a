"""Premises recorded under two keys: the same geometry, name and floor area mean the same premises.

Other overlapping premises may lie on different storeys: they are reported as doubtful (`doubles`), and still count.
"""

from collections.abc import Iterable
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.measure import Assumption
from gis.measures.plausible import Plausible
from gis.measures.statements import name_spelling
from gis.measures.topology import layer_shapes
from gis.schemas import Premises, Tenancies, conform

PREMISES_UNDER_TWO_KEYS: Final = Assumption(
    key="premises_under_two_keys",
    fr="Les locaux d’un même site qui ont, sous deux identifiants, le même sol, le même nom et la même surface de "
    "plancher sont comptés une fois.",
    en="Premises of one site that have one ground, one name and one floor area under two keys are counted once.",
)


def first_premises_keys(premises: gpd.GeoDataFrame) -> dict[str, str]:
    """Return the key under which each premises counts: its own, or the first key of those that are the same premises.

    >>> from shapely import box
    >>> rows = {"premises_id": ["a", "b", "c"], "site_id": "z", "premises_name": ["Hall 1", "hall 1", "Hall 2"]}
    >>> first_premises_keys(gpd.GeoDataFrame(rows | {"floor_m2": 900.0}, geometry=[box(0, 0, 30, 30)] * 3))
    {'a': 'a', 'b': 'a', 'c': 'c'}
    """
    key_counted_under = {key: key for key in premises["premises_id"]}
    named_premises = premises[
        (premises["premises_name"] != "") & premises["floor_m2"].notna() & premises.geometry.notna()
    ]
    names = named_premises["premises_name"].map(name_spelling)
    for rows in named_premises.groupby(
        [named_premises["site_id"], names, named_premises["floor_m2"]], sort=False
    ).indices.values():
        if len(rows) > 1:
            shapes, keys = layer_shapes(named_premises.iloc[rows]), named_premises["premises_id"].iloc[rows].tolist()
            for n, key in enumerate(keys):
                is_same = _shared_ground_ratio(shapes[:n], shapes[n]) > Plausible().same_share
                key_counted_under[key] = key_counted_under[keys[int(np.argmax(is_same))]] if is_same.any() else key
    return key_counted_under


def _shared_ground_ratio(shapes: np.ndarray, shape: Any) -> np.ndarray:
    """Return the intersection of each shape with another one, as a share of their union."""
    shared_m2 = shapely.area(shapely.intersection(shapes, shape))
    share: np.ndarray = shared_m2 / np.maximum(shapely.area(shapes) + shapely.area(shape) - shared_m2, 1e-9)
    return share


def premises_under_first_keys(
    premises: GeoDataFrame[Premises], tenancies: DataFrame[Tenancies]
) -> tuple[GeoDataFrame[Premises], DataFrame[Tenancies], set[str]]:
    """Return premises each once, their tenancies, and the keys of all premises that are recorded under two keys.

    Such premises are vacant since the first date that a source states under either key.
    """
    first = first_premises_keys(premises)
    counts = pd.Series(first).map(first).value_counts() if first else pd.Series(dtype=int)
    keys_of_several = {key for key, counted_key in first.items() if counts[counted_key] > 1}
    if not keys_of_several:
        return premises, tenancies, keys_of_several
    counted_key = premises["premises_id"].map(first)
    emptied = premises.groupby(counted_key.to_numpy())["vacant_since"].min()
    each_once = premises[counted_key == premises["premises_id"]]
    tenancy_premises = tenancies["premises_id"].map(lambda key: first.get(key, key)).astype("str")
    return (
        conform(each_once.assign(vacant_since=each_once["premises_id"].map(emptied).to_numpy()), Premises),
        conform(tenancies.assign(premises_id=tenancy_premises), Tenancies),
        keys_of_several,
    )


def total_floor_once(floors: Iterable[tuple[str, float]]) -> float:
    """Sum floor areas, given with the key under which each counts."""
    return sum(dict(floors).values())
