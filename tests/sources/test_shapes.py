"""A user's shapes in `raw/`: what is refused, and what they replace."""

import json

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS
from shapely import box

from gis.crs import ellipsoid_area_m2
from gis.errors import LayerError
from gis.sources.tables.shapes import read_shapes, source_of_shape_file

KINDS = {
    "GeoPackage": "sites.gpkg",
    "GeoJSON": "sites.geojson",
    "Shapefile": "sites.shp",
    "FlatGeobuf": "sites.fgb",
}


def feature(geometry, key="port"):
    """Return a GeoJSON file with one feature, in degrees, that no library would write."""
    one = {"type": "Feature", "properties": {"site_id": key}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [one]})


def polygon(*points):
    return {"type": "Polygon", "coordinates": [list(points)] if points else []}


BROKEN = {
    "a shape without points": (polygon(), "the shape is empty."),
    "a ring of two points": (polygon([2.6, 50.5], [2.7, 50.5]), "the shape is broken (A linearring requires"),
    "a ring that is a line": (polygon([2.6, 50.5], [2.7, 50.5], [2.6, 50.5]), "the shape is broken (Too few points"),
    "a bow tie": (
        polygon([2.6, 50.5], [2.7, 50.6], [2.7, 50.5], [2.6, 50.6], [2.6, 50.5]),
        "the shape is broken (Self-intersection[2.65 50.55]).",
    ),
    "metres where degrees should be": (
        polygon([1674000, 9259000], [1674400, 9259000], [1674400, 9259200], [1674000, 9259000]),
        "outside its CRS, the shape is broken (Invalid Coordinate",
    ),
    "a point": ({"type": "Point", "coordinates": [2.6, 50.5]}, "the shape is a Point, not a polygon."),
    "a line": (
        {"type": "LineString", "coordinates": [[2.6, 50.5], [2.7, 50.5]]},
        "the shape is a LineString, not a polygon.",
    ),
}


@pytest.mark.parametrize(("geometry", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_shape_is_refused_by_its_feature(good, refused, geometry, message):
    good.put("raw/sites.geojson", feature(geometry))
    said = refused(good)
    assert said.startswith(f"raw/sites.geojson: feature 1 (port): {message}")
    assert said.endswith("Mend it in the file.")


@pytest.mark.parametrize(
    ("key", "shown"), [("gare", "gare"), ("", "no key"), (None, "no key")], ids=["unknown", "blank", "none"]
)
def test_a_feature_that_names_no_row_is_refused(good, refused, square, key, shown):
    good.draw("sites.gpkg", "site_id", {key: square(400, 200)})
    said = refused(good)
    assert said.startswith(f"raw/sites.gpkg: feature 1 ({shown}), field `site_id`: `{key or ''}` is no row of sites.")
    assert said.endswith("Correct it, or add the row.")


def test_a_row_named_twice_is_refused(good, refused, square):
    good.path.joinpath("raw").mkdir()
    twice = gpd.GeoDataFrame({"site_id": ["port"] * 2}, geometry=[square(1, 1), square(2, 2)], crs=3950)
    twice.to_file(good.path / "raw" / "sites.gpkg")
    assert refused(good) == (
        "raw/sites.gpkg: feature 2 (port), field `site_id`: `port` stands twice. Make one multipolygon of it."
    )


def test_a_file_without_the_key_is_refused(good, refused, square):
    good.draw("sites.gpkg", "nom", {"port": square(400, 200)})
    assert refused(good) == "raw/sites.gpkg: has no field `site_id`. Add it: it names the row of sites."


def test_a_basis_or_a_source_that_is_not_known_is_refused(good, refused, square):
    good.draw("sites.gpkg", "site_id", {"port": square(400, 200)}, basis="heard")
    assert "feature 1 (port), field `basis`: `heard` is not known. One of surveyed, digitised" in refused(good)
    good.draw("sites.gpkg", "site_id", {"port": square(400, 200)}, source_id="rumeur")
    assert "raw/sites.gpkg: field `source_id`: `rumeur` is not known. Add it to sources.toml." in refused(good)


def test_all_faults_of_a_file_of_shapes_come_in_one_message(good, refused, square):
    good.draw("premises.gpkg", "premises_id", {"quai": square(9, 9), "hangar": shapely.Point(0, 0)})
    first, *faults = refused(good).splitlines()
    assert first == "raw/premises.gpkg: 2 faults"
    assert [fault.partition(": ")[0] for fault in faults] == [
        "  - feature 2 (hangar)",
        "  - feature 1 (quai), field `premises_id`",
    ]


@pytest.mark.parametrize("kind", ["shapefile", "geopackage"])
def test_shapes_without_a_crs_are_refused(good, refused, square, kind):
    if kind == "shapefile":
        good.draw("sites.shp", "site_id", {"port": square(400, 200)})
        (good.path / "raw" / "sites.prj").unlink()
    else:
        (good.path / "raw").mkdir()
        bare = gpd.GeoDataFrame({"site_id": ["port"]}, geometry=[square(400, 200)])
        with pytest.warns(UserWarning, match="crs"):
            bare.to_file(good.path / "raw" / "sites.gpkg")
    assert refused(good).endswith("no CRS. Set it in QGIS (Layer > Set CRS) and save; it is never guessed.")


@pytest.mark.parametrize("crs", [2154, 3857], ids=["as Lambert-93", "as Web Mercator"])
def test_shapes_that_say_another_crs_than_theirs_are_refused(good, refused, square, crs):
    (good.path / "raw").mkdir()
    wrong = gpd.GeoDataFrame({"site_id": ["port"]}, geometry=[square(400, 200)], crs=crs)
    wrong.to_file(good.path / "raw" / "sites.gpkg")
    said = refused(good)
    assert said.startswith("raw/sites.gpkg: port: EPSG:3950 distorts areas by ")
    assert "Say which CRS the shapes are really in" in said


@pytest.mark.parametrize("content", ["", "no shapes at all"], ids=["empty", "a text"])
@pytest.mark.parametrize("name", ["sites.gpkg", "sites.geojson"])
def test_a_file_that_gdal_cannot_read_is_refused(good, refused, name, content):
    good.put(f"raw/{name}", content)
    said = refused(good)
    assert said.startswith(f"raw/{name}: GDAL cannot read it (")
    assert said.endswith("Save it again as GeoPackage or GeoJSON.")


def test_two_files_of_the_same_shapes_are_refused(good, refused, square):
    good.draw("sites.gpkg", "site_id", {"port": square(400, 200)})
    good.draw("sites.geojson", "site_id", {"port": square(400, 200)}, crs=4326)
    assert "shapes of sites: sites.gpkg, sites.geojson stand side by side. Keep one of them." in refused(good)


@pytest.mark.parametrize("name", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("crs", [3950, 2154, 4326], ids=["zone", "Lambert-93", "degrees"])
def test_shapes_are_read_from_every_format_and_crs(demo, square, name, crs):
    drawn = square(400, 200)
    demo.draw(name, "site_id", {"port": drawn}, crs=crs)
    (site,) = demo.open().sites.itertuples()
    assert site.geometry.hausdorff_distance(drawn) < 0.001
    assert site.measured_m2 == pytest.approx(80_000, rel=2e-6)
    assert (site.basis, site.source_id) == ("digitised", f"raw/{name}")


@pytest.mark.parametrize(
    ("shape", "area_m2"),
    [
        (shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(200, 0, 300, 50)]), 15_000),
        (shapely.force_3d(shapely.box(0, 0, 100, 100), 25.0), 10_000),
        (shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 60, 60)), 9_600),
    ],
    ids=["several parts", "heights", "a hole"],
)
def test_polygons_may_have(demo, square, shape, area_m2):
    west, south, *_ = square(1, 1).bounds
    there = shapely.transform(shape, lambda points: points + [west, south, 0][: points.shape[1]], include_z=shape.has_z)
    demo.draw("sites.gpkg", "site_id", {"port": there})
    (site,) = demo.open().sites.itertuples()
    assert site.measured_m2 == pytest.approx(area_m2, rel=1e-9)
    assert not site.geometry.has_z


def test_a_feature_that_nobody_has_drawn_yet_leaves_its_tile(demo, square):
    demo.draw("premises.gpkg", "premises_id", {"hangar": None, "cour": square(100, 100)})
    territory = demo.open()
    assert list(territory.premises["measured_m2"].isna()) == [True, False]
    assert list(territory.tiles["subject"]) == ["sites/port", "tenancies/algues"]


def test_a_shape_may_say_its_basis_and_its_source(demo, square):
    demo.draw("sites.gpkg", "site_id", {"port": square(400, 200)}, basis="surveyed", source_id="registre")
    (site,) = demo.open().sites.itertuples()
    assert (site.basis, site.source_id) == ("surveyed", "registre")


def test_a_file_in_the_catalogue_gives_its_basis_to_its_shapes(demo, square):
    demo.draw("sites.gpkg", "site_id", {"port": square(400, 200)})
    demo.change("sources.toml", "edition = ", 'file = "raw/sites.gpkg"\nbasis = "surveyed"\nedition = ')
    (site,) = demo.open().sites.itertuples()
    assert (site.basis, site.source_id) == ("surveyed", "registre")


def test_shapes_replace_tiles_and_settle_the_claims_about_land(copied, square, rebuilt, built, page_sources):
    """32 ha for the site, in a GeoPackage in Lambert-93; 4.6 ha for its first tenant, in a GeoJSON in degrees."""
    site, hall = square(800, 400), square(230, 200, east=50, north=50)
    copied.draw("sites.gpkg", "site_id", {"bridgestone": site}, crs=2154)
    copied.draw("premises.geojson", "premises_id", {"black-star": hall}, crs=4326)
    now = rebuilt(copied)

    before, after = ({*each.layers["tiles"]["subject"]} for each in (built, now))
    assert before - after == {"sites/bridgestone", "tenancies/black-star"}
    assert not after - before

    for layer, key, row, shape, file in (
        ("sites", "site_id", "bridgestone", site, "raw/sites.gpkg"),
        ("premises", "premises_id", "black-star", hall, "raw/premises.geojson"),
    ):
        found = now.layers[layer].set_index(key).loc[row]
        drawn = gpd.GeoSeries([shape], crs=3950)
        assert found["measured_m2"] == pytest.approx(ellipsoid_area_m2(drawn)[0], rel=0.0002)
        assert found.geometry.hausdorff_distance(drawn.to_crs(2154)[0]) < 0.001
        assert (found["basis"], found["source_id"]) == ("digitised", file)

    claims = now.layers["claims"].merge(now.layers["verdicts"], on="claim_id")
    land = claims[claims["states"] == "sites/bridgestone/land_ha"]
    assert dict(zip(land["value"], land["verdict"], strict=True)) == {"32": "confirmed", "30": "contradicted"}
    assert len(land) == 8
    assert land["computed_low"].to_list() == pytest.approx([32.0] * 8, rel=0.0002)

    assert {"raw/sites.gpkg", "raw/premises.geojson"} <= {*page_sources(now.page("bridgestone"))}


def test_the_tiles_left_stand_beside_the_shape_of_their_site(demo, square):
    site = square(400, 200)
    demo.draw("sites.gpkg", "site_id", {"port": site})
    tiles = demo.open().tiles
    assert list(tiles["subject"]) == ["tenancies/algues", "tenancies/bois"]
    assert tiles.geometry.distance(site).min() > 0
    assert tiles.geometry.distance(site).max() < 1000


def test_of_several_layers_the_one_that_is_named_is_read(tmp_path):
    file = tmp_path / "sites.gpkg"
    for name in ("draft", "sites"):
        frame = gpd.GeoDataFrame(
            {"site_id": [name]}, geometry=[box(1_674_000, 9_259_000, 1_674_100, 9_259_100)], crs=3950
        )
        frame.to_file(file, layer=name)
    source = source_of_shape_file(file, tmp_path)
    found = read_shapes(file, "sites", {"sites"}, CRS.from_epsg(3950), source)
    assert list(found.by_key) == ["sites"]
    other = tmp_path / "premises.gpkg"
    for name in ("a", "b"):
        frame.to_file(other, layer=name)
    with pytest.raises(LayerError, match=r"2 layers \(a, b\), none called `premises`"):
        read_shapes(other, "premises", {"sites"}, CRS.from_epsg(3950), source)
