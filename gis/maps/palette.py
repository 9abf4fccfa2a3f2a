"""Colours of the maps. Tenants have those of Okabe and Ito, then Tol's muted ones.

They are dark enough for colour-blind readers to distinguish them. Every geometry also has a dark outline: it
gives the contrast of 3:1 with the background that a pale fill lacks.
"""

from collections.abc import Iterable
from typing import Final

from gis.schemas import AccessKind, ExclusionReason, RoadClass

#: Fills of other features: a zone, a highlighted site or offer, a possible one, any other geometry, a building.
ZONE: Final = "#0072B2"
MARK: Final = "#D55E00"
MAYBE: Final = "#E69F00"
SHAPE: Final = "#E9EEF1"
BUILT: Final = "#B7BFC6"
#: The background, and the outlines of all features.
GROUND: Final = "#F4F2EC"
LINE: Final = "#61707D"

#: Exclusions: blue for natural reasons, purple for legal ones, grey for networks, yellow for decisions of the owner;
#: the reasons of one family from dark to pale.
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

#: Brownfields in the order of `BrownfieldStatus`, and point features in the order of `SpotKind`.
BROWNFIELDS: Final = ("#DDCC77", "#AA4499", "#44AA99", "#88CCEE", "#BBBBBB")
SPOTS: Final = ("#332288", "#999933", "#882255", "#CC6677", "#117733", "#88CCEE")

#: Roads, larger ones darker; and points of access to a motorway, a train, a ship or a plane.
ROADS: Final = {RoadClass.MOTORWAY: "#1B2A38", RoadClass.MAIN: "#61707D", RoadClass.STREET: "#B7BFC6"}
ACCESSES: Final = {
    AccessKind.MOTORWAY_EXIT: "#332288",
    AccessKind.STATION: "#117733",
    AccessKind.FREIGHT_STATION: "#999933",
    AccessKind.PORT: "#44AA99",
    AccessKind.AIRPORT: "#882255",
}

#: Text on a colour: dark or light, whichever has the higher contrast.
DARK_INK: Final = "#10202c"
LIGHT_INK: Final = "#ffffff"
#: Below this value, a colour channel is linear (WCAG 2.2).
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
    """Return the text colour with the higher contrast on a colour; `assets/src/colours.js` does the same.

    >>> ink_on_colour(MAYBE), ink_on_colour(ZONE)
    ('#10202c', '#ffffff')
    """
    return max((DARK_INK, LIGHT_INK), key=lambda ink: contrast_ratio(colour, ink))


def colours_of_tenants(establishments: Iterable[str]) -> dict[str, str]:
    """Return a colour for each occupant, in order of appearance; the colours repeat after the twelfth.

    >>> colours_of_tenants(["a", "b", "a"])
    {'a': '#0072B2', 'b': '#009E73'}
    """
    distinct = dict.fromkeys(establishments)
    return {key: TENANTS[n % len(TENANTS)] for n, key in enumerate(distinct)}
