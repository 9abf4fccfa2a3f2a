"""The location of rows without a polygon: two columns with longitude and latitude, or the geometry of an establishment.

`place_points_on_sites` in `gis.sources.conflation.ranking` uses these points.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

#: Layers whose rows a point assigns to a site; and all layers for which a point is used.
ON_SITES: Final = ("establishments", "terrains", "premises", "buildings")
LOCATED: Final = ("sites", *ON_SITES)
#: Columns of sites with their position; `x` and `y` of a mapping name the columns of a file.
POSITION: Final = ("longitude", "latitude")


def point_of_cells(cells: Mapping[str, str], x: str, y: str) -> BaseGeometry | str:
    """Return the point in two cells; if it is invalid, the text of the cells; and the empty text if both are empty.

    >>> (point_of_cells({"lon": "2,5", "lat": "50.5"}, "lon", "lat").wkt,
    ...  point_of_cells({"lon": "a", "lat": "1"}, "lon", "lat"))
    ('POINT (2.5 50.5)', 'a 1')
    """
    cell_texts = [cells.get(name, "").strip() for name in (x, y)]
    try:
        coordinates = [float(text.replace(",", ".")) for text in cell_texts if text]
    except ValueError:
        coordinates = []
    return (
        shapely.Point(coordinates)
        if len(coordinates) == len(cell_texts) and np.isfinite(coordinates).all()
        else " ".join(cell_texts).strip()
    )


def is_point_shape(shape: Any) -> bool:
    """Return whether a geometry of a file is a single point."""
    if isinstance(shape, BaseGeometry):
        return shape.geom_type == "Point"
    return isinstance(shape, Mapping) and shape.get("type") == "Point"


def has_finite_place(shape: BaseGeometry) -> bool:
    """Return whether a geometry is not empty and all its coordinates are finite."""
    return not shape.is_empty and bool(np.isfinite(shapely.get_coordinates(shape)).all())


def points_in_crs(points: Mapping[str, BaseGeometry], said: CRS, crs: CRS) -> dict[str, BaseGeometry]:
    """Transform geometries to points in a CRS (a point inside each); points without finite coordinates are left out."""
    forward = Transformer.from_crs(said, crs, always_xy=True)
    inner_points = shapely.point_on_surface(np.array([*points.values()], dtype=object))
    x, y = forward.transform(shapely.get_x(inner_points), shapely.get_y(inner_points))
    is_finite = np.isfinite(x) & np.isfinite(y)
    return {
        key: shapely.Point(east, north)
        for key, east, north, is_there in zip(points, x, y, is_finite, strict=True)
        if is_there
    }
