"""Points by longitude and latitude, and shapes of firms: they place a row, or it is said that they do not."""

import geopandas as gpd
import pytest
import shapely
from shapely import Point, box

from tests.conftest import X, Y

SAID = ("--source", "s", "--basis", "digitised", "--publisher", "P", "--licence", "L", "--edition", "2025")


def degrees(east, north):
    point = gpd.GeoSeries([Point(east, north)], crs=3950).to_crs(4326)[0]
    return f"{point.x:.6f}", f"{point.y:.6f}"


@pytest.fixture
def port(demo):
    demo.draw("sites.gpkg", "site_id", {"port": box(X - 200, Y - 200, X + 200, Y + 200)})
    return demo


def issues(territory, layer, row):
    found = territory.issues
    return " ".join(found[(found["layer"] == layer) & (found["row"] == row)]["message"])


def test_firms_of_a_table_stand_where_their_degrees_are(command, port, tmp_path):
    here, far = degrees(X, Y), degrees(X + 900, Y)
    file = tmp_path / "firmes.csv"
    rows = [("f1", *here), ("f2", *far), ("f3", "", ""), ("f4", "x", "50")]
    file.write_text("\n".join(["code;nom;longitude;latitude", *(f"{k};N;{a};{b}" for k, a, b in rows)]), "utf-8")
    came = command("import", port.path, file, "--as", "establishments", *SAID)
    assert came.code == 0, came.err
    territory = port.open()
    firms = territory.establishments.set_index("establishment_id")["site_id"]
    assert [firms[each] for each in ("f1", "f2", "f3", "f4")] == ["port", "", "", ""]
    assert "in no site that is drawn" in issues(territory, "establishments", "f2")
    assert "says no place" in issues(territory, "establishments", "f4")
    assert issues(territory, "establishments", "f3") == ""


def test_firms_of_a_layer_stand_where_they_are_drawn(command, port, tmp_path):
    shapes = [Point(X, Y), box(X + 10, Y, X + 20, Y + 10)]
    layer = gpd.GeoDataFrame({"code": ["f1", "f2"], "nom": ["A", "B"]}, geometry=shapes, crs=3950)
    layer.to_file(tmp_path / "firmes.gpkg")
    assert command("import", port.path, tmp_path / "firmes.gpkg", "--as", "establishments", *SAID).code == 0
    firms = port.open().establishments.set_index("establishment_id")["site_id"]
    assert [firms["f1"], firms["f2"]] == ["port", "port"]


def test_points_of_sites_place_their_tiles_and_have_no_area(command, port, tmp_path):
    """A point of a source, in columns or drawn, is where the tile of its site stands."""
    lon, lat = degrees(X + 3000, Y + 2000)
    (tmp_path / "friches.csv").write_text(f"code,nom,lon,lat\na,A,{lon},{lat}\nb,B,,\n", "utf-8")
    came = command("import", port.path, tmp_path / "friches.csv", "--as", "sites", *SAID)
    assert came.code == 0, came.err
    assert "the map of index.html shows 2" in came.out
    drawn = gpd.GeoDataFrame({"code": ["c"], "nom": ["C"]}, geometry=[Point(X - 3000, Y)], crs=3950)
    drawn.to_crs(2154).to_file(tmp_path / "points.gpkg")
    assert command("import", port.path, tmp_path / "points.gpkg", "--as", "sites", *SAID).code == 0
    territory = port.open()
    sites = territory.sites.set_index("site_id")
    assert sites.loc[["a", "b", "c"], "geometry"].isna().all()
    assert sites.loc[["a", "c"], "land_low_ha"].isna().all()
    tiles = territory.tiles.set_index("subject")
    for key, east, north in (("a", X + 3000, Y + 2000), ("c", X - 3000, Y)):
        assert tiles.located[f"sites/{key}"] == "point"
        assert tiles.geometry[f"sites/{key}"].centroid.distance(Point(east, north)) < 1.0
    assert tiles.located["sites/b"] != "point"
    assert not issues(territory, "sites", "")


def test_half_a_point_in_the_table_of_sites_is_refused(command, port):
    rows = (port.path / "sites.csv").read_text("utf-8").splitlines()
    (port.path / "sites.csv").write_text("\n".join([f"{rows[0]},longitude,latitude", f"{rows[1]},2.6,"]), "utf-8")
    ended = command("build", port.path)
    assert ended.code == 1
    assert "half a point is no place" in ended.err
    assert "Write both longitude and latitude" in ended.err


def test_points_with_swapped_axes_are_refused_by_name(command, port, tmp_path):
    lon, lat = degrees(X, Y)
    (tmp_path / "friches.csv").write_text(f"code,nom,lon,lat\na,A,{lat},{lon}\n", "utf-8")
    came = command("import", port.path, tmp_path / "friches.csv", "--as", "sites", *SAID)
    assert came.code == 1
    assert "its axes are swapped" in came.err
    assert not (port.path / "raw" / "friches.csv").exists()


def test_points_of_parcels_are_said_not_to_be_used_and_those_of_accesses_are(command, port, tmp_path):
    lon, lat = degrees(X, Y)
    (tmp_path / "bois.csv").write_text(f"code,reason,lon,lat\na,zoning,{lon},{lat}\n", "utf-8")
    assert command("import", port.path, tmp_path / "bois.csv", "--as", "exclusions", *SAID).code == 0
    (tmp_path / "gares.csv").write_text(f"code,nature,nom,lon,lat\ng,gare,G,{lon},{lat}\n", "utf-8")
    assert command("import", port.path, tmp_path / "gares.csv", "--as", "accesses", *SAID).code == 0
    territory = port.open()
    assert "1 points are not used as ground" in issues(territory, "exclusions", "")
    station = territory.accesses.set_index("access_id").geometry.iloc[0]
    assert shapely.distance(station, Point(X, Y)) < 1
