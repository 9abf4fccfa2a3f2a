"""Exclusions: at least one polygon for each reason, some of them overlapping."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd
import shapely

from gis.demo.fabric import Floats, Shapes, degrees_from_cc50
from gis.demo.land import DemoLayer, Land
from gis.schemas import ExclusionReason, Sale

#: A shape on paper, for a plane of this width and height: points in metres.
Outline = Callable[[np.random.Generator, float, float], Floats]

#: Sites for one more round of exclusions.
_ROUND: Final = 6
#: Vertices of a blob, and pieces of a bank.
_BLOB: Final = 28
_BANK: Final = 9


def _blob_outline(rng: np.random.Generator, width: float, height: float) -> Floats:
    """Draw a rounded shape within the plane."""
    turn = np.linspace(0, 2 * math.pi, _BLOB, endpoint=False)
    waves = np.sum([rng.uniform(0, 0.3 / k) * np.cos(k * turn + rng.uniform(0, 6.28)) for k in (2, 3, 5)], axis=0)
    radius = min(width, height) * rng.uniform(0.14, 0.26) * (1 + waves)
    middle = np.array([width, height]) * rng.uniform(0.25, 0.75, 2)
    return np.column_stack([middle[0] + radius * np.cos(turn), middle[1] + radius * np.sin(turn)])


def _ribbon_outline(rng: np.random.Generator, width: float, height: float) -> Floats:
    """Draw a band across the plane, from beyond its west to beyond its east."""
    x = np.linspace(-30, width + 30, _BANK)
    middle = height * (rng.uniform(0.35, 0.65) + 0.12 * np.sin(x / width * rng.uniform(2, 5) + rng.uniform(0, 6.28)))
    half = min(height * 0.06, 14.0) * rng.uniform(0.5, 1.0)
    return np.vstack([np.column_stack([x, middle - half]), np.column_stack([x, middle + half])[::-1]])


def _line_outline(rng: np.random.Generator, width: float, height: float) -> Floats:
    """Draw a thin straight band across the plane, from south to north."""
    west, east = width * rng.uniform(0.2, 0.8, 2)
    return np.array([[west - 1, -40], [west + 1, -40], [east + 1, height + 40], [east - 1, height + 40]])


def _edge_outline(rng: np.random.Generator, width: float, height: float) -> Floats:
    """Draw a band along the south of the plane."""
    depth = min(rng.uniform(6, 12), height * 0.2)
    x = np.linspace(0, width, _BANK)
    return np.vstack([np.column_stack([x, 0 * x]), np.column_stack([x, 0 * x + depth])[::-1]])


def _corner_outline(rng: np.random.Generator, width: float, height: float) -> Floats:
    """Draw a quarter of the plane."""
    east, south = width * rng.uniform(0.25, 0.5), height * rng.uniform(0.55, 0.75)
    return np.array([[0, south], [east, south], [east, height], [0, height]])


#: The outline of each reason, and the distance to keep from it in metres, when there is one.
_DRAWN: Final[dict[ExclusionReason, tuple[Outline, float | None]]] = {
    ExclusionReason.WATER: (_ribbon_outline, 5.0),
    ExclusionReason.RISK_PLAN: (_blob_outline, None),
    ExclusionReason.POWER_LINE: (_line_outline, 20.0),
    ExclusionReason.SLOPE: (_blob_outline, None),
    ExclusionReason.CONTAMINATION: (_blob_outline, None),
    ExclusionReason.ZONING: (_corner_outline, None),
    ExclusionReason.EASEMENT: (_line_outline, 3.0),
    ExclusionReason.HERITAGE: (_blob_outline, 50.0),
    ExclusionReason.SETBACK: (_edge_outline, None),
    ExclusionReason.ROAD_VERGE: (_edge_outline, 10.0),
}
#: Drawn on the same site in the first round, so that some lie over one another.
_TOGETHER: Final = (ExclusionReason.WATER, ExclusionReason.RISK_PLAN, ExclusionReason.POWER_LINE)
#: Reasons that are the will of an owner, for whole terrains: the stages of sale that they come with.
_WHOLE: Final[dict[ExclusionReason, tuple[Sale, ...]]] = {
    ExclusionReason.RESERVED: (Sale.RESERVED,),
    ExclusionReason.OPTION: (Sale.OPTION,),
    ExclusionReason.FROZEN: (Sale.NOT_ON_SALE, Sale.UNKNOWN),
}
#: Share of a terrain from which on such ground takes the whole of it.
_FROM_SHARE: Final[dict[ExclusionReason, float]] = {ExclusionReason.CONTAMINATION: 0.3} | dict.fromkeys(_WHOLE, 0.5)


def demo_exclusions(rng: np.random.Generator, land: Land) -> DemoLayer:
    """Make exclusions: exclusion_id, reason, buffer_m and whole_from_share or NaN; shapes in longitude and latitude."""
    planes = len(land.places.size)
    reasons: list[ExclusionReason] = []
    shapes: list[shapely.Geometry] = []
    for turn in range(1 + planes // _ROUND):
        shared_plane = int(rng.integers(planes))
        for reason, (outline, _) in _DRAWN.items():
            plane = (
                shared_plane
                if reason in _TOGETHER
                else 0
                if _is_on_focus_site(reason, turn)
                else int(rng.integers(planes))
            )
            points = outline(rng, *land.places.size[plane])
            ground = land.places.metres(np.full(len(points), plane), points)
            reasons.append(reason)
            shapes.append(shapely.Polygon(degrees_from_cc50(ground)))
    for reason, sales in _WHOLE.items():
        rows = _terrains_to_keep(land, sales)
        for n in rng.permutation(rows)[: 1 + len(rows) // 3].tolist():
            reasons.append(reason)
            shapes.append(land.terrains.shapes[n])
    width = max(3, len(str(len(reasons))))
    table = pd.DataFrame(
        {
            "exclusion_id": [f"x{n:0{width}d}" for n in range(1, len(reasons) + 1)],
            "reason": [reason.value for reason in reasons],
            "buffer_m": np.array([_DRAWN.get(reason, (None, None))[1] for reason in reasons], dtype=float),
            "whole_from_share": np.array([_FROM_SHARE.get(reason) for reason in reasons], dtype=float),
        }
    )
    shape_column: Shapes = np.empty(len(shapes), dtype=object)
    shape_column[:] = shapes
    return DemoLayer(table, shape_column)


def _is_on_focus_site(reason: ExclusionReason, turn: int) -> bool:
    """Say whether an exclusion lies on the focus site: its ground is not clean."""
    return reason is ExclusionReason.CONTAMINATION and turn == 0


def _terrains_to_keep(land: Land, sales: tuple[Sale, ...]) -> np.ndarray:
    """Return terrains in these stages of sale; any terrain with a rectangle when there is none."""
    lots = land.box[:, 2] > 0
    rows = np.flatnonzero(land.terrains.table["sale"].isin(sales).to_numpy() & lots)
    return rows if len(rows) else np.flatnonzero(lots)[-1:]
