"""Premises under two keys: what has one ground, one name and one floor area is one, whichever keys it has.

Whatever else lies on the ground of other premises may lie above them: it is told as doubtful (`doubles`), and counts.
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
from gis.measures.statements import spelling
from gis.measures.topology import shapes_of
from gis.schemas import Premises, Tenancies, conform

PREMISES_UNDER_TWO_KEYS: Final = Assumption(
    key="premises_under_two_keys",
    fr="Les locaux d’un même site qui ont, sous deux identifiants, le même sol, le même nom et la même surface de "
    "plancher sont comptés une fois.",
    en="Premises of one site that have one ground, one name and one floor area under two keys are counted once.",
)


def first_keys(premises: gpd.GeoDataFrame) -> dict[str, str]:
    """Return the key that each premises counts under: its own, or the first key of those that are the same.

    >>> from shapely import box
    >>> rows = {"premises_id": ["a", "b", "c"], "site_id": "z", "premises_name": ["Hall 1", "hall 1", "Hall 2"]}
    >>> first_keys(gpd.GeoDataFrame(rows | {"floor_m2": 900.0}, geometry=[box(0, 0, 30, 30)] * 3))
    {'a': 'a', 'b': 'a', 'c': 'c'}
    """
    found = {key: key for key in premises["premises_id"]}
    named = premises[(premises["premises_name"] != "") & premises["floor_m2"].notna() & premises.geometry.notna()]
    names = named["premises_name"].map(spelling)
    for rows in named.groupby([named["site_id"], names, named["floor_m2"]], sort=False).indices.values():
        if len(rows) > 1:
            shapes, keys = shapes_of(named.iloc[rows]), named["premises_id"].iloc[rows].tolist()
            for n, key in enumerate(keys):
                same = _share(shapes[:n], shapes[n]) > Plausible().same_share
                found[key] = found[keys[int(np.argmax(same))]] if same.any() else key
    return found


def _share(shapes: np.ndarray, shape: Any) -> np.ndarray:
    """Return the share of the ground of shapes and another, both together, that they share."""
    both = shapely.area(shapely.intersection(shapes, shape))
    share: np.ndarray = both / np.maximum(shapely.area(shapes) + shapely.area(shape) - both, 1e-9)
    return share


def under_first_keys(
    premises: GeoDataFrame[Premises], tenancies: DataFrame[Tenancies]
) -> tuple[GeoDataFrame[Premises], DataFrame[Tenancies], set[str]]:
    """Return premises each once, and tenancies of them; and the keys of all that stand under two.

    Vacant since the first day that a source says under either key.
    """
    first = first_keys(premises)
    counts = pd.Series(first).map(first).value_counts() if first else pd.Series(dtype=int)
    several = {key for key, own in first.items() if counts[own] > 1}
    if not several:
        return premises, tenancies, several
    own = premises["premises_id"].map(first)
    emptied = premises.groupby(own.to_numpy())["vacant_since"].min()
    each_once = premises[own == premises["premises_id"]]
    held = tenancies["premises_id"].map(lambda key: first.get(key, key)).astype("str")
    return (
        conform(each_once.assign(vacant_since=each_once["premises_id"].map(emptied).to_numpy()), Premises),
        conform(tenancies.assign(premises_id=held), Tenancies),
        several,
    )


def once(floors: Iterable[tuple[str, float]]) -> float:
    """Add up floor areas given by the key that each counts under."""
    return sum(dict(floors).values())
