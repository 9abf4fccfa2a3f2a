"""Coordinate reference systems: which one is used for what, and how areas are measured.

Areas are measured in a conformal zone in metres (EPSG:3942 to 3950 in France) and checked against the ellipsoid. At
50.53° N, 2.64° E the other usual systems distort areas by this much, as `area_error` computes: Lambert-93 (EPSG:2154)
makes them 0.3 % too large, Web Mercator (EPSG:3857) 147 % too large. Lambert-93 is for storage and exchange;
longitude and latitude (EPSG:4326) are for pages only.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Geod, Proj, Transformer
from shapely.geometry.base import BaseGeometry

from gis.errors import CrsError, Fault, GeometryError

#: The system of RGF93 that public data of mainland France is exchanged in.
STORAGE: Final = CRS.from_epsg(2154)
#: Longitude and latitude: what sources say and pages show.
DEGREES: Final = CRS.from_epsg(4326)
#: How far a planar area may be from the ellipsoid before it is refused, as a ratio.
AREA_TOLERANCE: Final = 0.0002

#: The same for a UTM zone, which draws everything up to 0.08 % too small. It is what overseas departments have.
UTM_TOLERANCE: Final = 0.001
#: The zone in metres of each overseas department and community, by the start of its INSEE codes.
OVERSEAS: Final = {
    "971": 5490,
    "972": 5490,
    "973": 2972,
    "974": 2975,
    "975": 4467,
    "976": 4471,
    "977": 5490,
    "978": 5490,
}

#: By the latitude in whole degrees of the middle of their communes, the departments of the mainland, by their codes.
LATITUDES: Final = {
    42: "2A 2B",
    43: "09 11 31 64 65 66 83",
    44: "04 06 12 13 30 32 34 40 47 48 81 82 84",
    45: "05 07 15 19 24 26 33 38 43 46",
    46: "01 03 16 17 23 42 63 69 73 74 79 87",
    47: "18 25 36 37 39 44 49 58 71 85 86",
    48: "10 21 22 28 29 35 41 45 52 53 56 68 70 72 88 89 90 91",
    49: "14 27 50 51 54 55 57 60 61 67 75 77 78 92 93 94 95",
    50: "02 08 59 62 76 80",
}

#: The time of each overseas department and community, by the start of its INSEE codes; all others have that of Paris.
OVERSEAS_TIME: Final = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
_PARIS: Final = "Europe/Paris"
#: A longitude and latitude in the middle of mainland France.
_MIDDLE: Final = (2.5, 46.5)

_GEOD: Final = Geod(ellps="GRS80")


def require_metric_crs(crs: CRS | None, what: str, mend: str = "Reproject with `to_crs`.") -> CRS:
    """Return `crs` if it is projected in metres, else raise `CrsError` naming `what` and saying `mend`."""
    if crs is None:
        raise CrsError.of(what, [Fault("", "no CRS.", "Say which one with `set_crs`; it is never guessed.")])
    units = {axis.unit_name for axis in crs.axis_info}
    if units != {"metre"}:
        units_fault = f"{crs.to_string()} is in {'/'.join(sorted(units))}, not metres."
        raise CrsError.of(what, [Fault("", units_fault, mend)])
    return crs


def zone_of_commune(insee: str, latitude: float) -> CRS:
    """Return the zone to measure in: the conformal one of that latitude, or UTM overseas.

    >>> zone_of_commune("01001", 50.53).to_epsg(), zone_of_commune("97411", -20.9).to_epsg()
    (3950, 2975)
    """
    return CRS.from_epsg(OVERSEAS.get(insee[:3]) or 3900 + min(50, max(42, round(latitude))))


def zone_of_department(insee: str) -> CRS | None:
    """Return the zone to measure in where no outline is known: that of the department; none where it is not known.

    >>> [zone_of_department(code).to_epsg() for code in ("01001", "2A004", "97411")], zone_of_department("99001")
    ([3946, 3942, 2975], None)
    """
    if insee[:3] in OVERSEAS:
        return zone_of_commune(insee, 0.0)
    latitude = next((each for each, codes in LATITUDES.items() if insee[:2] in codes.split()), None)
    return None if latitude is None else zone_of_commune(insee, latitude)


def exchange_crs_of_commune(insee: str) -> CRS:
    """Return the system in metres that French public data of a commune is exchanged in."""
    code = OVERSEAS.get(insee[:3])
    return CRS.from_epsg(code) if code else STORAGE


def storage_crs_of_zone(zone: CRS) -> CRS:
    """Return the system to store and exchange what is measured in a zone: overseas it is the same.

    >>> storage_crs_of_zone(CRS.from_epsg(3950)).to_epsg(), storage_crs_of_zone(CRS.from_epsg(2975)).to_epsg()
    (2154, 2975)
    """
    return zone if zone.to_epsg() in OVERSEAS.values() else STORAGE


def time_zone_of_territory(zone: CRS, insee: Iterable[str] = ()) -> ZoneInfo | None:
    """Return the time of a territory: that of its communes, else of where its zone is used; none where nobody can say.

    >>> [str(time_zone_of_territory(CRS.from_epsg(code))) for code in (3950, 2154, 2975)]
    ['Europe/Paris', 'Europe/Paris', 'Indian/Reunion']
    >>> str(time_zone_of_territory(CRS.from_epsg(5490), ["97201"]))
    'America/Martinique'
    >>> time_zone_of_territory(CRS.from_epsg(27700)) is None
    True
    """
    if code := min(insee, default=""):
        return ZoneInfo(OVERSEAS_TIME.get(code[:3], _PARIS))
    if overseas := next((start for start, epsg in OVERSEAS.items() if epsg == zone.to_epsg()), ""):
        return ZoneInfo(OVERSEAS_TIME[overseas])
    area, (longitude, latitude) = zone.area_of_use, _MIDDLE
    covers_mainland = area and area.west <= longitude <= area.east and area.south <= latitude <= area.north
    in_mainland = zone.to_epsg() in range(3942, 3951) or covers_mainland
    return ZoneInfo(_PARIS) if in_mainland else None


def ellipsoid_area_m2(geometry: gpd.GeoSeries) -> np.ndarray:
    """Measure shapes on the GRS80 ellipsoid, in square metres; no shape gives NaN.

    Edges are followed as the straight lines of the CRS the shapes are drawn in: long ones are
    cut every 100 m before they become geodesics.
    """
    crs = require_metric_crs(geometry.crs, "geometry")
    dense = shapely.segmentize(geometry.to_numpy(), 100.0)
    degrees = gpd.GeoSeries(dense, crs=crs).to_crs(DEGREES)
    return np.array(
        [np.nan if shape is None else abs(_GEOD.geometry_area_perimeter(shape)[0]) for shape in degrees],
        dtype=float,
    )


def checked_area_m2(
    geometry: gpd.GeoSeries,
    *,
    tolerance: float | None = None,
    place: str = "geometry",
    names: Sequence[str] = (),
) -> np.ndarray:
    """Measure shapes in their own CRS, in square metres, and prove it on the ellipsoid.

    Parameters
    ----------
    geometry
        Shapes in a projected CRS in metres. No shape gives NaN.
    tolerance
        Largest ratio allowed between the planar area and the ellipsoid; `AREA_TOLERANCE` by default, and
        `UTM_TOLERANCE` in a UTM zone.
    place, names
        File and rows to name in messages.

    Returns
    -------
    area
        Square metres, in the order given.

    Raises
    ------
    CrsError
        If the CRS is absent or in degrees, or distorts areas by more than `tolerance` where a shape is.

    Examples
    --------
    >>> from shapely import box
    >>> x, y = 1_674_000, 9_259_000
    >>> square = gpd.GeoSeries([box(x, y, x + 100, y + 100)], crs=3950)
    >>> checked_area_m2(square).tolist()
    [10000.0]
    """
    crs = require_metric_crs(geometry.crs, place)
    planar = geometry.area.to_numpy(dtype=float, copy=True)
    planar[geometry.isna().to_numpy()] = np.nan
    ellipsoid_m2 = ellipsoid_area_m2(geometry)
    if tolerance is None:
        tolerance = UTM_TOLERANCE if crs.utm_zone else AREA_TOLERANCE
    with np.errstate(invalid="ignore", divide="ignore"):
        relative_errors = np.abs(planar / ellipsoid_m2 - 1)
    distorted_rows = np.flatnonzero(relative_errors > tolerance)
    # Of a shape as small as a sheet of paper, the two areas differ by how numbers are rounded: the place decides.
    distorted_rows = distorted_rows[_distorted_shape_mask(geometry.to_numpy()[distorted_rows], crs, tolerance)]
    if len(distorted_rows):
        worst = int(distorted_rows[np.argmax(relative_errors[distorted_rows])])
        row = names[worst] if names else ""
        distortion_text = (
            f"{crs.to_string()} distorts areas by {relative_errors[worst]:.2%} here, more than {tolerance:.2%}."
        )
        mend = "Say which CRS the shapes are really in, or measure in their zone (`crs` in territory.toml)."
        raise CrsError.of(place, [Fault(row, distortion_text, mend)])
    return planar


def _distorted_shape_mask(shapes: np.ndarray, crs: CRS, tolerance: float) -> np.ndarray:
    """Say of each shape whether its system gets areas wrong by more than a ratio at any of its corners."""
    if not len(shapes):
        return np.zeros(0, dtype=bool)
    xy, shape_of_corner = shapely.get_coordinates(shapes, return_index=True)
    longitude, latitude = transformer_to_degrees(crs).transform(*xy.T)
    scale = np.asarray(Proj(crs).get_factors(longitude, latitude).areal_scale)
    is_wrong_scale = ~(np.abs(scale - 1) <= tolerance)  # nothing, where there is no scale, is wrong too
    distorted: np.ndarray = np.bincount(shape_of_corner, is_wrong_scale, minlength=len(shapes)) > 0
    return distorted


def area_error(crs: CRS, longitude: float, latitude: float) -> float:
    """Tell by what ratio `crs` gets areas wrong at a place: 0.003 is 0.3 % too large.

    >>> round(area_error(CRS.from_epsg(2154), 2.64, 50.53), 4)
    0.0031
    >>> round(area_error(CRS.from_epsg(3857), 2.64, 50.53), 2)
    1.47
    >>> abs(area_error(CRS.from_epsg(3950), 2.64, 50.53)) < AREA_TOLERANCE
    True
    """
    return float(Proj(crs).get_factors(longitude, latitude).areal_scale) - 1


@lru_cache(maxsize=64)
def transformer(said: Any, into: Any) -> Transformer:
    """Return the way from one CRS to another, east before north; PROJ takes 20 ms to find it, so it is kept."""
    return Transformer.from_crs(said, into, always_xy=True)


def transformer_to_degrees(crs: CRS) -> Transformer:
    """Return the way from `crs` to longitude and latitude, in that order."""
    return transformer(crs, DEGREES)


def points_from_degrees(longitude: Any, latitude: Any, crs: CRS | None) -> list[shapely.Point | None]:
    """Return points said in degrees, in a CRS in metres; none where a coordinate is NaN."""
    with_coordinates = ~(np.isnan(longitude) | np.isnan(latitude))
    east, north = transformer(DEGREES, crs or DEGREES).transform(longitude, latitude)
    return [
        shapely.Point(x, y) if has_coordinates else None
        for x, y, has_coordinates in zip(east, north, with_coordinates, strict=True)
    ]


class GeometryKind(StrEnum):
    """What the rows of a layer are drawn as."""

    POLYGON = "polygon"
    LINE = "line"
    POINT = "point"


_TYPES: Final = {
    GeometryKind.POLYGON: (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON),
    GeometryKind.LINE: (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING),
    GeometryKind.POINT: (shapely.GeometryType.POINT,),
}


def shape_defect(shape: BaseGeometry | None, drawn: GeometryKind = GeometryKind.POLYGON) -> str:
    """Say what is wrong with a shape that should be a polygon, or what else the layer is drawn as; "" for nothing."""
    if shape is None or shape.is_empty:
        return "the shape is empty."
    if shapely.get_type_id(shape) not in _TYPES[drawn]:
        return f"the shape is a {shape.geom_type}, not a {drawn}."
    with np.errstate(all="ignore"):  # coordinates may be any number there is
        return "" if shape.is_valid else f"the shape is broken ({shapely.is_valid_reason(shape)})."


def check_shapes(
    geometry: gpd.GeoSeries, names: Callable[[], Sequence[str]], place: str, drawn: GeometryKind = GeometryKind.POLYGON
) -> None:
    """Raise `GeometryError` naming every shape that is not a sound one of its kind; absent ones are allowed.

    `names` gives the names of the rows when there is something to say of them.
    """
    mend = "Mend it in the file (QGIS: Vector > Geometry tools > Check validity)."
    shapes = geometry.to_numpy(dtype=object)
    right_type = np.isin(shapely.get_type_id(shapes), _TYPES[drawn])
    sound = right_type & ~shapely.is_empty(shapes) & shapely.is_valid(shapes)
    wrong = np.flatnonzero(~sound & ~shapely.is_missing(shapes)).tolist()
    if wrong:
        row_names = names()
        raise GeometryError.of(place, [Fault(row_names[n], shape_defect(shapes[n], drawn), mend) for n in wrong])
