"""Checks whether geometries lie where a territory can be: detects the CRS that fits them, and swapped axes."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import shapely
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import ProjError
from shapely.geometry.base import BaseGeometry

from gis.crs import AREA_TOLERANCE, UTM_TOLERANCE, GeometryKind
from gis.errors import CrsError, Fault

#: Systems that French public data may be in, but for those overseas, which a territory there says itself.
SYSTEMS: Final = (4326, 2154, *range(3942, 3951))

#: How far from where its zone is used a territory may have roads and stations, in degrees.
NEAR_DEGREES: Final = 2.0

#: Mainland France in degrees: west, south, east, north.
MAINLAND: Final = (-5.5, 41.0, 10.0, 51.6)


def systems_that_fit(shapes: Iterable[BaseGeometry], crs: CRS, *, anywhere: bool = False) -> list[CRS]:
    """Return the systems in which every shape lies where the zone of a territory is used, or in the country."""
    bounds = _bounds_of_shapes([shape for shape in shapes if not shape.is_empty])
    if not len(bounds) or crs.area_of_use is None:
        return [CRS.from_epsg(4326)]
    box = MAINLAND if anywhere else crs.area_of_use.bounds
    systems = dict.fromkeys([*map(CRS.from_epsg, SYSTEMS), crs])
    return [system for system in systems if _are_boxes_inside(bounds, system, box).all()]


def stray_shape_reasons(
    place: str, shapes: Sequence[BaseGeometry | None], said: CRS, crs: CRS, drawn: GeometryKind
) -> list[str]:
    """Say of each shape why it cannot lie in a territory; "" where it can, or nobody drew it.

    Parameters
    ----------
    place
        The file, for the message.
    shapes, said
        Shapes as they are drawn, and the CRS that the file or a person says.
    crs
        The zone of the territory.
    drawn
        What they are drawn as: ground must lie where the zone measures it, roads and stations near it.

    Raises
    ------
    CrsError
        If none can, and all do in another system, or with their axes swapped.
    """
    shape_numbers = [n for n, shape in enumerate(shapes) if shape is not None and not shape.is_empty]
    reasons = [""] * len(shapes)
    if not shape_numbers or crs.area_of_use is None:
        return reasons
    bounds = _bounds_of_shapes([shapes[n] for n in shape_numbers])
    west, south, east, north = crs.area_of_use.bounds
    near_box = (west - NEAR_DEGREES, south - NEAR_DEGREES, east + NEAR_DEGREES, north + NEAR_DEGREES)
    is_inside = _are_boxes_inside(bounds, said, near_box)
    is_turned = _are_boxes_inside(bounds[:, [1, 0, 3, 2]], said, near_box) & ~is_inside
    if is_turned.all():
        mend = "Swap them (QGIS: Processing > Swap X and Y coordinates) and import the mended file."
        raise CrsError.of(
            place, [Fault("", f"its axes are swapped: in {_name_of_system(said)} x stands where y should.", mend)]
        )
    if not is_inside.any():
        known_shapes = [shapes[n] for n in shape_numbers]
        fitting_systems = [system for system in systems_that_fit(filter(None, known_shapes), crs) if system != said]
        if fitting_systems:
            names = " or ".join(map(_name_of_system, fitting_systems))
            fault_text = (
                f"in {_name_of_system(said)} no shape of {len(shape_numbers)} lies near the territory; "
                f"coordinates fit {names}."
            )
            mend = f"Say --crs {names}, or set it in QGIS (Layer > Set CRS) and save the file."
            raise CrsError.of(place, [Fault("", fault_text, mend)])
    is_measured = is_inside & (_are_areas_measured(bounds, said, crs) if drawn is GeometryKind.POLYGON else True)
    for n, swapped, is_good in zip(shape_numbers, is_turned.tolist(), is_measured.tolist(), strict=True):
        if swapped:
            reasons[n] = "The axes of the shape are swapped, and it is left out."
        elif not is_good:
            reasons[n] = f"The shape lies far from where {_name_of_system(crs)} measures, and is left out."
    return reasons


def _name_of_system(system: CRS) -> str:
    code = system.to_epsg()
    return f"EPSG:{code}" if code else system.name


def _bounds_of_shapes(shapes: Sequence[BaseGeometry | None]) -> np.ndarray:
    return shapely.bounds(np.array([*shapes, None], dtype=object))[:-1]


def _corners_in_degrees(bounds: np.ndarray, said: CRS) -> tuple[np.ndarray, np.ndarray]:
    """Return longitudes and latitudes of the corners of boxes, four a row; infinite where there are none."""
    x, y = bounds[:, [0, 0, 2, 2]], bounds[:, [1, 3, 1, 3]]
    try:
        longitude, latitude = Transformer.from_crs(said, 4326, always_xy=True).transform(x.ravel(), y.ravel())
    except ProjError:
        longitude = latitude = np.full(x.size, np.inf)
    return np.asarray(longitude).reshape(x.shape), np.asarray(latitude).reshape(x.shape)


def _are_boxes_inside(bounds: np.ndarray, said: CRS, box: tuple[float, float, float, float]) -> np.ndarray:
    """Say of each box whether all of it lies in another one, in degrees."""
    longitude, latitude = _corners_in_degrees(bounds, said)
    west, south, east, north = box
    is_inside = (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
    return np.asarray(is_inside.all(axis=1))


def _are_areas_measured(bounds: np.ndarray, said: CRS, crs: CRS) -> np.ndarray:
    """Say of each box whether a zone gets its area right."""
    longitude, latitude = _corners_in_degrees(bounds, said)
    is_on_globe = np.isfinite(longitude) & np.isfinite(latitude) & (np.abs(latitude) <= 90)  # noqa: PLR2004
    scale = np.full(longitude.shape, np.nan)
    if is_on_globe.any():
        scale[is_on_globe] = np.asarray(
            Proj(crs).get_factors(longitude[is_on_globe], latitude[is_on_globe]).areal_scale
        )
    tolerance = UTM_TOLERANCE if crs.utm_zone else AREA_TOLERANCE
    return np.asarray((np.abs(scale - 1) <= tolerance).all(axis=1))
