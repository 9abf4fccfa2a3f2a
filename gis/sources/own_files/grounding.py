"""The commune that contains a geometry, by the commune outlines: for rows without a code, or with a foreign one."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import shapely
import shapely.errors
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from gis.sources.tables.shapes import shape_of_geometry

#: Tolerance between an outline and the true boundary of the commune: outlines are generalised.
TOLERANCE_M: Final = 100.0


class Outlines:
    """The outlines of communes, by code, in the CRS of the territory; if any is missing, no geometry is outside."""

    def __init__(self, outlines: Mapping[str, BaseGeometry | None]) -> None:
        self._codes = [code for code, outline in outlines.items() if outline is not None]
        self._shapes = [outline for outline in outlines.values() if outline is not None]
        self._whole = bool(outlines) and len(self._codes) == len(outlines)
        union = shapely.union_all(self._shapes) if self._shapes else None
        self._near = shapely.buffer(union, TOLERANCE_M) if union is not None else None
        self._well_within = shapely.buffer(union, -TOLERANCE_M) if union is not None else None
        for margin_shape in (self._near, self._well_within):
            shapely.prepare(margin_shape)

    def __bool__(self) -> bool:
        return bool(self._codes)

    def commune_of(self, shape: Any, forward: Transformer) -> str | None:
        """Return the commune well within which a geometry lies, "" if it lies in none, None if neither is certain."""
        zone_shape = self._moved(shape, forward)
        if zone_shape is None:
            return None
        if self._whole and not shapely.intersects(self._near, zone_shape):
            return ""
        point = shapely.centroid(zone_shape)
        if not shapely.contains(self._well_within, point):
            return None
        return next(
            (code for code, each in zip(self._codes, self._shapes, strict=True) if each.intersects(point)), None
        )

    @staticmethod
    def _moved(shape: Any, forward: Transformer) -> BaseGeometry | None:
        parsed_shape = shape_of_geometry(shape)[0] if not isinstance(shape, str) else None
        if parsed_shape is None or parsed_shape.is_empty:
            return None
        try:
            moved_shape = shapely.transform(
                shapely.force_2d(parsed_shape), lambda xy: np.column_stack(forward.transform(*xy.T))
            )
            sound = shapely.make_valid(moved_shape) if np.isfinite(shapely.get_coordinates(moved_shape)).all() else None
        except (ValueError, shapely.errors.ShapelyError):
            return None
        return sound
