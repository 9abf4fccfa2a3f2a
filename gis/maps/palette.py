"""Colours of tenants: Okabe and Ito's, then Tol's muted ones, dark enough to be told apart by the colour-blind.

Every shape has a dark outline beside, which gives the 3:1 against the ground that a pale fill would lack.
"""

from collections.abc import Iterable
from typing import Final

from gis.schemas import AccessKind, ExclusionReason, RoadClass

#: What is not a tenant: a zone, a site or hectare to look at, one that may be meant, any other shape.
ZONE: Final = "#0072B2"
MARK: Final = "#D55E00"
MAYBE: Final = "#E69F00"
SHAPE: Final = "#E9EEF1"
BUILT: Final = "#B7BFC6"
#: The ground under them, and the outlines of all.
GROUND: Final = "#F4F2EC"
LINE: Final = "#61707D"

#: Ground that may not be built on: blue for what nature forbids, purple for the law, grey for networks, yellow for the
#: owner; reasons of one family from dark to pale.
EXCLUSIONS: Final = {
    ExclusionReason.SLOPE: "#225588",
    ExclusionReason.WATER: "#4477AA",
    ExclusionReason.CONTAMINATION: "#88BBDD",
    ExclusionReason.ZONING: "#661155",
    ExclusionReason.EASEMENT: "#994477",
    ExclusionReason.HERITAGE: "#BB77AA",
    ExclusionReason.RISK_PLAN: "#DDAACC",
    ExclusionReason.SETBACK: "#555555",
    ExclusionReason.POWER_LINE: "#888888",
    ExclusionReason.ROAD_VERGE: "#BBBBBB",
    ExclusionReason.RESERVED: "#997700",
    ExclusionReason.OPTION: "#CCBB44",
    ExclusionReason.FROZEN: "#EEDD99",
}

#: Brownfields in the order of their statuses, and places named by a point in the order of their kinds.
BROWNFIELDS: Final = ("#DDCC77", "#AA4499", "#44AA99", "#88CCEE", "#BBBBBB")
SPOTS: Final = ("#332288", "#999933", "#882255", "#CC6677", "#117733", "#88CCEE")

#: Roads, the larger the darker; and where one gets on them, on a train, a ship or a plane.
ROADS: Final = {RoadClass.MOTORWAY: "#1B2A38", RoadClass.MAIN: "#61707D", RoadClass.STREET: "#B7BFC6"}
ACCESSES: Final = {
    AccessKind.MOTORWAY_EXIT: "#332288",
    AccessKind.STATION: "#117733",
    AccessKind.FREIGHT_STATION: "#999933",
    AccessKind.PORT: "#44AA99",
    AccessKind.AIRPORT: "#882255",
}

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
