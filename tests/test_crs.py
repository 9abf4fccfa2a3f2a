"""Areas are true: measured in a conformal zone, proved on the ellipsoid, refused elsewhere."""

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from shapely import Point, box
from shapely.affinity import rotate

from gis.crs import AREA_TOLERANCE, area_error, check_shapes, checked_area_m2, ellipsoid_area_m2, require_metric_crs
from gis.errors import CrsError, GeometryError

TO_ZONE = Transformer.from_crs(4326, 3950, always_xy=True)

longitudes = st.floats(2.3, 2.9)
latitudes = st.floats(50.3, 50.7)
metres = st.floats(1, 10_000)


@given(longitudes, latitudes, metres, metres)
def test_areas_in_the_zone_are_within_two_ten_thousandths_of_the_ellipsoid(longitude, latitude, width, height):
    x, y = TO_ZONE.transform(longitude, latitude)
    shape = gpd.GeoSeries([box(x, y, x + width, y + height)], crs=3950)
    (planar,) = checked_area_m2(shape)
    assert planar == pytest.approx(width * height, rel=1e-6)
    assert planar == pytest.approx(ellipsoid_area_m2(shape)[0], rel=0.0002)


@given(longitudes, latitudes)
def test_the_scale_of_the_zone_is_its_error_on_the_ellipsoid(longitude, latitude):
    x, y = TO_ZONE.transform(longitude, latitude)
    shape = gpd.GeoSeries([box(x - 50, y - 50, x + 50, y + 50)], crs=3950)
    measured = 10_000 / ellipsoid_area_m2(shape)[0] - 1
    assert measured == pytest.approx(area_error(CRS.from_epsg(3950), longitude, latitude), abs=1e-6)


@pytest.mark.parametrize(("code", "error"), [(2154, "0.31%"), (3857, "147")], ids=["Lambert-93", "Web Mercator"])
def test_systems_that_distort_areas_are_refused(square, code, error):
    with pytest.raises(CrsError, match=f"EPSG:{code} distorts areas by {error}.* here, more than 0.02%"):
        checked_area_m2(gpd.GeoSeries([square(100, 100)], crs=3950).to_crs(code))


@pytest.mark.parametrize(
    ("code", "error"), [(2154, 0.003), (3857, 1.47)], ids=["Lambert-93 by 0.3 %", "Web Mercator by 147 %"]
)
def test_the_errors_named_in_the_module_hold(code, error):
    assert area_error(CRS.from_epsg(code), 2.64, 50.53) == pytest.approx(error, rel=0.05)
    assert abs(area_error(CRS.from_epsg(3950), 2.64, 50.53)) < AREA_TOLERANCE


@given(longitudes, latitudes, st.floats(0.0005, 0.5), st.floats(0.5, 60), st.floats(0, 3))
def test_a_sliver_of_any_size_passes_where_the_zone_is_true(longitude, latitude, width, length, angle):
    x, y = TO_ZONE.transform(longitude, latitude)
    sliver = rotate(box(x, y, x + width, y + length), angle, use_radians=True)
    assert checked_area_m2(gpd.GeoSeries([sliver], crs=3950)).tolist() == [sliver.area]


@given(st.floats(0.01, 500), st.sampled_from([2154, 3857, 3946, 32631]))
def test_a_wrong_system_is_refused_for_a_shape_of_any_size(side, code):
    x, y = TO_ZONE.transform(2.64, 50.53)
    shape = gpd.GeoSeries([box(x, y, x + side, y + side)], crs=3950).to_crs(code)
    with pytest.raises(CrsError, match=f"EPSG:{code} distorts areas"):
        checked_area_m2(shape, tolerance=AREA_TOLERANCE)


def test_one_sliver_does_not_hide_a_shape_in_a_wrong_place(square):
    shapes = gpd.GeoSeries([square(0.001, 97), square(100, 100, north=-400_000)], crs=3950)
    with pytest.raises(CrsError, match="south: EPSG:3950 distorts areas by "):
        checked_area_m2(shapes, names=["sliver", "south"])


def test_the_refusal_names_the_file_and_the_worst_row(square):
    shapes = gpd.GeoSeries([square(100, 100), square(100, 100, north=-400_000)], crs=3950)
    with pytest.raises(CrsError, match=r"^raw/sites\.gpkg: south: EPSG:3950 distorts areas by "):
        checked_area_m2(shapes, place="raw/sites.gpkg", names=["north", "south"])


@pytest.mark.parametrize("measure", [checked_area_m2, ellipsoid_area_m2])
@pytest.mark.parametrize(
    ("crs", "message"),
    [(4326, "EPSG:4326 is in degree, not metres"), (None, "no CRS. Say which one"), (2249, "is in US survey foot")],
    ids=["degrees", "none", "feet"],
)
def test_shapes_that_are_not_in_metres_are_refused(measure, crs, message):
    with pytest.raises(CrsError, match=message):
        measure(gpd.GeoSeries([box(2.6, 50.5, 2.7, 50.6)], crs=crs))


def test_no_shape_has_no_area(square):
    areas = checked_area_m2(gpd.GeoSeries([None, square(10, 10)], crs=3950))
    assert list(areas[1:]) == pytest.approx([100])
    assert areas[0] != areas[0]


def test_metric_systems_pass():
    assert require_metric_crs(CRS.from_epsg(3950), "sites") == CRS.from_epsg(3950)


def test_every_shape_that_is_no_polygon_is_named(square):
    shapes = gpd.GeoSeries([square(1, 1), None, Point(0, 0), box(0, 0, 1, 1).buffer(-2)], crs=3950)
    with pytest.raises(GeometryError) as refusal:
        check_shapes(shapes, lambda: ["a", "b", "c", "d"], "sites")
    assert str(refusal.value).splitlines()[0] == "sites: 2 faults"
    assert "c: the shape is a Point, not a polygon." in str(refusal.value)
    assert "d: the shape is empty." in str(refusal.value)
