"""Units of measurement: the units of the product, and the only module that converts them."""

from typing import Final

M2_PER_HA: Final = 10_000.0

#: Square metres in one unit of area, for every unit of area that a claim may be published in.
AREA_M2: Final = {"m2": 1.0, "ha": M2_PER_HA, "km2": 1_000_000.0}


def to_m2(value: float, unit: str) -> float:
    """Convert an area to square metres; `unit` is `m2`, `ha` or `km2`.

    >>> to_m2(32, "ha")
    320000.0
    """
    return value * AREA_M2[unit]


def to_ha(value_m2: float) -> float:
    """Convert square metres to hectares.

    >>> to_ha(50_910)
    5.091
    """
    return value_m2 / M2_PER_HA
