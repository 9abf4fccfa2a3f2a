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

#: What is written on a colour: dark or light, whichever is read better.
DARK_INK: Final = "#10202c"
LIGHT_INK: Final = "#ffffff"
#: Below this share of light a channel is linear (WCAG 2.2).
_LINEAR_BELOW: Final = 0.04045

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


def relative_luminance(colour: str) -> float:
    """Return the relative luminance of a colour `#rrggbb`, from 0 to 1, as WCAG 2.2 defines it.

    >>> relative_luminance("#000000"), relative_luminance("#ffffff")
    (0.0, 1.0)
    """
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= _LINEAR_BELOW else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast_ratio(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21, as WCAG 2.2 defines it.

    >>> round(contrast_ratio("#005f9e", "#ffffff"), 1)
    6.7
    """
    dark, light = sorted(relative_luminance(colour) + 0.05 for colour in (one, other))
    return light / dark


def ink_on_colour(colour: str) -> str:
    """Return the ink that is read better on a colour; `assets/src/colours.js` says the same.

    >>> ink_on_colour(MAYBE), ink_on_colour(ZONE)
    ('#10202c', '#ffffff')
    """
    return max((DARK_INK, LIGHT_INK), key=lambda ink: contrast_ratio(colour, ink))


def colours_of_tenants(establishments: Iterable[str]) -> dict[str, str]:
    """Give each occupant a colour, in order of appearance; after the twelfth they come again.

    >>> colours_of_tenants(["a", "b", "a"])
    {'a': '#0072B2', 'b': '#009E73'}
    """
    distinct = dict.fromkeys(establishments)
    return {key: TENANTS[n % len(TENANTS)] for n, key in enumerate(distinct)}
