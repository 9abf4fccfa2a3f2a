"""Location checks: geometries outside the territory, outside their site or outside their building."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely

from gis.measures.statements import (
    Floats,
    Ints,
    Statements,
    Texts,
    as_text,
    key_positions,
    safe_ratio,
    text_column,
    true_positions,
    values_at,
)
from gis.measures.topology import issue_row, layer_shapes
from gis.schemas import KEYS, Row

#: Layers whose geometries must lie within the territory.
_ON_IT: Final = ("sites", "terrains", "parcels", "buildings", "premises", "exclusions", "roads")

_MEND: Final = "Its axes may be swapped, or its CRS may be another: correct the shape."


def misplaced_issues(said: Statements) -> Iterator[Row]:
    """Yield geometries in impossible locations, as rows of the layer `issues`."""
    yield from _off_territory_issues(said)
    for name in ("buildings", "premises"):
        yield from _off_site_issues(said, name)
    yield from _off_building_issues(said)


def _territory_extent(said: Statements) -> Floats | None:
    """Return the bounds of the territory: those of its communes, or of its sites, without remote outliers."""
    for layer in (said.communes, said.sites):
        boxes = shapely.bounds(layer_shapes(layer))
        boxes = boxes[np.isfinite(boxes).all(axis=1)]
        if len(boxes):
            middles = (boxes[:, :2] + boxes[:, 2:]) / 2
            distance_m = np.hypot(*(middles - np.median(middles, axis=0)).T)
            boxes = boxes[distance_m <= said.limits.access_far_km * 1000]
        if len(boxes):
            return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    return None


def _off_territory_issues(said: Statements) -> Iterator[Row]:
    """Yield features far from the territory, by distance between bounds: a lower limit of the true distance."""
    extent = _territory_extent(said)
    if extent is None:
        return
    for name in (*_ON_IT, "accesses"):
        layer = getattr(said, name)
        keys, shapes = text_column(layer, KEYS[name]), layer_shapes(layer)
        boxes = shapely.bounds(shapes)
        gap_xy = np.maximum(np.maximum(extent[:2] - boxes[:, 2:], boxes[:, :2] - extent[2:]), 0.0)
        distance_m = np.hypot(gap_xy[:, 0], gap_xy[:, 1])
        limit_m = (said.limits.access_far_km if name == "accesses" else said.limits.far_km) * 1000
        overreach_m = np.maximum(np.maximum(extent[:2] - boxes[:, :2], boxes[:, 2:] - extent[2:]).max(axis=1), 0.0)
        # The bounds of a geometry with one remote vertex reach that far, and still meet the territory.
        is_far_reaching = overreach_m > said.limits.access_far_km * 1000
        distance_m = np.where((distance_m <= limit_m) & is_far_reaching, overreach_m, distance_m)
        has_shape = ~shapely.is_missing(shapes)
        for n in true_positions(has_shape & ~(distance_m <= limit_m)):
            distance_text = as_text(distance_m[n] / 1000, "km") if np.isfinite(distance_m[n]) else "nowhere near"
            message = f"Lies off the territory by more than {as_text(limit_m / 1000, 'km')}, or a corner of it. {_MEND}"
            yield issue_row(name, keys[n], "geometry", distance_text, message)


def _share_outside(shapes: Texts, where: Ints, wholes: Texts) -> Floats:
    """Return the share of each geometry outside the container at a position; NaN if one of the two is absent."""
    containers = values_at(wholes, where, None).astype(object)
    shapely.prepare(wholes)
    # Most geometries are covered entirely: these need no intersection.
    rows_to_cut = np.flatnonzero(~shapely.covers(containers, shapes) & ~shapely.is_missing(containers))
    outside_m2 = np.where(shapely.is_missing(containers), np.nan, 0.0)
    outside_m2[rows_to_cut] = shapely.area(shapely.difference(shapes[rows_to_cut], containers[rows_to_cut]))
    area = shapely.area(shapes)
    return safe_ratio(outside_m2, area)


def _off_site_issues(said: Statements, name: str) -> Iterator[Row]:
    layer = getattr(said, name)
    keys, shapes, site = text_column(layer, KEYS[name]), layer_shapes(layer), text_column(layer, "site_id")
    site_rows, site_shapes = key_positions(site, said.sites, "site_id"), layer_shapes(said.sites)
    share_out = _share_outside(shapes, site_rows, site_shapes)
    for n in true_positions(share_out > said.limits.off_share):
        distance_m = shapely.distance(shapes[n], site_shapes[site_rows[n]])
        message = (
            f"Lies off site {site[n]}, stated for it: {share_out[n]:.0%} of its ground. Correct the shape or the site."
        )
        yield issue_row(name, keys[n], "site_id", as_text(distance_m, "m"), message)


def _off_building_issues(said: Statements) -> Iterator[Row]:
    premises = said.premises
    keys, shapes, building = (
        text_column(premises, "premises_id"),
        layer_shapes(premises),
        text_column(premises, "building_id"),
    )
    building_rows, building_shapes = (
        key_positions(building, said.buildings, "building_id"),
        layer_shapes(said.buildings),
    )
    share_out = _share_outside(shapes, building_rows, building_shapes)
    for n in true_positions(share_out > said.limits.off_building_share):
        distance_m = shapely.distance(shapes[n], building_shapes[building_rows[n]])
        message = (
            f"Lies off building {building[n]}, that it is said to be in: {share_out[n]:.0%} of its ground. Correct the "
            "shape or the building."
        )
        yield issue_row("premises", keys[n], "geometry", as_text(distance_m, "m"), message)
