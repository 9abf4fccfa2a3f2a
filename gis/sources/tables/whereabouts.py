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
    bounds = _bounds([shape for shape in shapes if not shape.is_empty])
    if not len(bounds) or crs.area_of_use is None:
        return [CRS.from_epsg(4326)]
    box = MAINLAND if anywhere else crs.area_of_use.bounds
    systems = dict.fromkeys([*map(CRS.from_epsg, SYSTEMS), crs])
    return [system for system in systems if _inside(bounds, system, box).all()]


def strangers(place: str, shapes: Sequence[BaseGeometry | None], said: CRS, crs: CRS, drawn: GeometryKind) -> list[str]:
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
    there = [n for n, shape in enumerate(shapes) if shape is not None and not shape.is_empty]
    reasons = [""] * len(shapes)
    if not there or crs.area_of_use is None:
        return reasons
    bounds = _bounds([shapes[n] for n in there])
    west, south, east, north = crs.area_of_use.bounds
    near = (west - NEAR_DEGREES, south - NEAR_DEGREES, east + NEAR_DEGREES, north + NEAR_DEGREES)
    inside = _inside(bounds, said, near)
    turned = _inside(bounds[:, [1, 0, 3, 2]], said, near) & ~inside
    if turned.all():
        mend = "Swap them (QGIS: Processing > Swap X and Y coordinates) and import the mended file."
        raise CrsError.of(place, [Fault("", f"its axes are swapped: in {_name(said)} x stands where y should.", mend)])
    if not inside.any():
        known = [shapes[n] for n in there]
        fit = [system for system in systems_that_fit(filter(None, known), crs) if system != said]
        if fit:
            names = " or ".join(map(_name, fit))
            found = f"in {_name(said)} no shape of {len(there)} lies near the territory; coordinates fit {names}."
            mend = f"Say --crs {names}, or set it in QGIS (Layer > Set CRS) and save the file."
            raise CrsError.of(place, [Fault("", found, mend)])
    measured = inside & (_is_measured(bounds, said, crs) if drawn is GeometryKind.POLYGON else True)
    for n, swapped, good in zip(there, turned.tolist(), measured.tolist(), strict=True):
        if swapped:
            reasons[n] = "The axes of the shape are swapped, and it is left out."
        elif not good:
            reasons[n] = f"The shape lies far from where {_name(crs)} measures, and is left out."
    return reasons


def _name(system: CRS) -> str:
    code = system.to_epsg()
    return f"EPSG:{code}" if code else system.name


def _bounds(shapes: Sequence[BaseGeometry | None]) -> np.ndarray:
    return shapely.bounds(np.array([*shapes, None], dtype=object))[:-1]


def _corners(bounds: np.ndarray, said: CRS) -> tuple[np.ndarray, np.ndarray]:
    """Return longitudes and latitudes of the corners of boxes, four a row; infinite where there are none."""
    x, y = bounds[:, [0, 0, 2, 2]], bounds[:, [1, 3, 1, 3]]
    try:
        longitude, latitude = Transformer.from_crs(said, 4326, always_xy=True).transform(x.ravel(), y.ravel())
    except ProjError:
        longitude = latitude = np.full(x.size, np.inf)
    return np.asarray(longitude).reshape(x.shape), np.asarray(latitude).reshape(x.shape)


def _inside(bounds: np.ndarray, said: CRS, box: tuple[float, float, float, float]) -> np.ndarray:
    """Say of each box whether all of it lies in another one, in degrees."""
    longitude, latitude = _corners(bounds, said)
    west, south, east, north = box
    there = (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
    return np.asarray(there.all(axis=1))


def _is_measured(bounds: np.ndarray, said: CRS, crs: CRS) -> np.ndarray:
    """Say of each box whether a zone gets its area right."""
    longitude, latitude = _corners(bounds, said)
    shown = np.isfinite(longitude) & np.isfinite(latitude) & (np.abs(latitude) <= 90)  # noqa: PLR2004
    scale = np.full(longitude.shape, np.nan)
    if shown.any():
        scale[shown] = np.asarray(Proj(crs).get_factors(longitude[shown], latitude[shown]).areal_scale)
    tolerance = UTM_TOLERANCE if crs.utm_zone else AREA_TOLERANCE
    return np.asarray((np.abs(scale - 1) <= tolerance).all(axis=1))
