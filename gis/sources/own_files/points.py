"""The location of rows without a polygon: two columns with longitude and latitude, or the geometry of an establishment.

`place_points_on_sites` in `gis.sources.conflation.ranking` uses these points.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

#: Layers whose rows a point puts on a site; and all that a point says something of.
ON_SITES: Final = ("establishments", "terrains", "premises", "buildings")
LOCATED: Final = ("sites", *ON_SITES)
#: Columns of sites that hold their points; `x` and `y` of a mapping say where a file has them.
POSITION: Final = ("longitude", "latitude")


def point_of_cells(cells: Mapping[str, str], x: str, y: str) -> BaseGeometry | str:
    """Return the point that two cells say; where they are none, why, and nothing where both are empty.

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
    """Tell whether a shape, as a file has it, is one point."""
    if isinstance(shape, BaseGeometry):
        return shape.geom_type == "Point"
    return isinstance(shape, Mapping) and shape.get("type") == "Point"


def has_finite_place(shape: BaseGeometry) -> bool:
    """Tell whether a shape has a place: it is not empty, and every coordinate is a finite number."""
    return not shape.is_empty and bool(np.isfinite(shapely.get_coordinates(shape)).all())


def points_in_crs(points: Mapping[str, BaseGeometry], said: CRS, crs: CRS) -> dict[str, BaseGeometry]:
    """Bring points into a CRS; of a shape, a point that lies in it. One that is nowhere there is left out."""
    forward = Transformer.from_crs(said, crs, always_xy=True)
    inner_points = shapely.point_on_surface(np.array([*points.values()], dtype=object))
    x, y = forward.transform(shapely.get_x(inner_points), shapely.get_y(inner_points))
    is_finite = np.isfinite(x) & np.isfinite(y)
    return {
        key: shapely.Point(east, north)
        for key, east, north, is_there in zip(points, x, y, is_finite, strict=True)
        if is_there
    }
