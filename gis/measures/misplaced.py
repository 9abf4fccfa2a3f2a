"""Shapes that lie where they cannot: off the territory, off their site, off their building."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely

from gis.measures.statements import Floats, Ints, Statements, Texts, hits, positions, ratio, shown, taken, texts
from gis.measures.topology import issue_row, shapes_of
from gis.schemas import KEYS, Row

#: Layers whose shapes lie on the territory.
_ON_IT: Final = ("sites", "terrains", "parcels", "buildings", "premises", "exclusions", "roads")

_MEND: Final = "Its axes may be swapped, or its CRS may be another: correct the shape."


def misplaced(said: Statements) -> Iterator[Row]:
    """Yield shapes that lie where they cannot; the rows are those of the layer of issues."""
    yield from _off_the_territory(said)
    for name in ("buildings", "premises"):
        yield from _off_its_site(said, name)
    yield from _off_its_building(said)


def _extent(said: Statements) -> Floats | None:
    """Return the box that the territory lies in: of its communes, or of its sites that lie together."""
    for layer in (said.communes, said.sites):
        boxes = shapely.bounds(shapes_of(layer))
        boxes = boxes[np.isfinite(boxes).all(axis=1)]
        if len(boxes):
            middles = (boxes[:, :2] + boxes[:, 2:]) / 2
            away = np.hypot(*(middles - np.median(middles, axis=0)).T)
            boxes = boxes[away <= said.limits.access_far_km * 1000]
        if len(boxes):
            return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    return None


def _off_the_territory(said: Statements) -> Iterator[Row]:
    """Yield what lies far from the territory, by the boxes around both: never farther than it truly is."""
    around = _extent(said)
    if around is None:
        return
    for name in (*_ON_IT, "accesses"):
        layer = getattr(said, name)
        keys, shapes = texts(layer, KEYS[name]), shapes_of(layer)
        boxes = shapely.bounds(shapes)
        beside = np.maximum(np.maximum(around[:2] - boxes[:, 2:], boxes[:, :2] - around[2:]), 0.0)
        away = np.hypot(beside[:, 0], beside[:, 1])
        most = (said.limits.access_far_km if name == "accesses" else said.limits.far_km) * 1000
        beyond = np.maximum(np.maximum(around[:2] - boxes[:, :2], boxes[:, 2:] - around[2:]).max(axis=1), 0.0)
        # A shape with one corner far off reaches there, and its box touches the territory.
        reaches = beyond > said.limits.access_far_km * 1000
        away = np.where((away <= most) & reaches, beyond, away)
        there = ~shapely.is_missing(shapes)
        for n in hits(there & ~(away <= most)):
            far = shown(away[n] / 1000, "km") if np.isfinite(away[n]) else "nowhere near"
            message = f"Lies off the territory by more than {shown(most / 1000, 'km')}, or a corner of it. {_MEND}"
            yield issue_row(name, keys[n], "geometry", far, message)


def _outside(shapes: Texts, where: Ints, wholes: Texts) -> Floats:
    """Return the share of each shape that lies outside the one at a position; NaN where one of them is absent."""
    inside = taken(wholes, where, None).astype(object)
    shapely.prepare(wholes)
    # What is covered, as nearly all is, needs no cutting.
    cut = np.flatnonzero(~shapely.covers(inside, shapes) & ~shapely.is_missing(inside))
    left = np.where(shapely.is_missing(inside), np.nan, 0.0)
    left[cut] = shapely.area(shapely.difference(shapes[cut], inside[cut]))
    area = shapely.area(shapes)
    return ratio(left, area)


def _off_its_site(said: Statements, name: str) -> Iterator[Row]:
    layer = getattr(said, name)
    keys, shapes, site = texts(layer, KEYS[name]), shapes_of(layer), texts(layer, "site_id")
    where, wholes = positions(site, said.sites, "site_id"), shapes_of(said.sites)
    out = _outside(shapes, where, wholes)
    for n in hits(out > said.limits.off_share):
        away = shapely.distance(shapes[n], wholes[where[n]])
        message = f"Lies off site {site[n]}, stated for it: {out[n]:.0%} of its ground. Correct the shape or the site."
        yield issue_row(name, keys[n], "site_id", shown(away, "m"), message)


def _off_its_building(said: Statements) -> Iterator[Row]:
    premises = said.premises
    keys, shapes, building = texts(premises, "premises_id"), shapes_of(premises), texts(premises, "building_id")
    where, wholes = positions(building, said.buildings, "building_id"), shapes_of(said.buildings)
    out = _outside(shapes, where, wholes)
    for n in hits(out > said.limits.off_building_share):
        away = shapely.distance(shapes[n], wholes[where[n]])
        message = (
            f"Lies off building {building[n]}, that it is said to be in: {out[n]:.0%} of its ground. Correct the "
            "shape or the building."
        )
        yield issue_row("premises", keys[n], "geometry", shown(away, "m"), message)
