"""Colours of tenants: Okabe and Ito's, then Tol's muted ones, dark enough to be told apart by the colour-blind.

Every shape has a dark outline beside, which gives the 3:1 against the ground that a pale fill would lack.
"""

from collections.abc import Iterable
from typing import Final

#: What is not a tenant: a zone, a site or hectare to look at, an employer.
ZONE: Final = "#0072B2"
MARK: Final = "#D55E00"

TENANTS: Final = (
    "#0072B2",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#D55E00",
    "#56B4E9",
    "#882255",
    "#999933",
    "#332288",
    "#117733",
    "#AA4499",
    "#44AA99",
)


def colours(establishments: Iterable[str]) -> dict[str, str]:
    """Give each occupant a colour, in order of appearance; after the twelfth they come again.

    >>> colours(["a", "b", "a"])
    {'a': '#0072B2', 'b': '#009E73'}
    """
    distinct = dict.fromkeys(establishments)
    return {key: TENANTS[n % len(TENANTS)] for n, key in enumerate(distinct)}
