"""The GeoPackage: what was written is what others read."""

import datetime as dt
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import fiona
import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from gis.build import build
from gis.errors import RenderError
from gis.store.geopackage import read_geopackage, write_geopackage

SPATIAL = {"communes", "sites", "premises", "tiles"}


@pytest.fixture
def outlined(demo, square):
    """Make a territory with every kind of shape: an outline, a site of two parts, premises, tiles."""
    demo.outline()
    apart = shapely.union_all([square(400, 200), square(100, 100, north=500)])
    demo.draw("sites.gpkg", "site_id", {"port": apart})
    demo.draw("premises.gpkg", "premises_id", {"hangar": square(200, 100)})
    demo.build()
    return demo


def geopackage(folder):
    return folder.path.with_suffix(".gpkg")


def plain(value):
    """Return a value as two readers can agree on it: a day as text, nothing as None."""
    if pd.isna(value):
        return None
    return pd.Timestamp(value).date().isoformat() if isinstance(value, pd.Timestamp) else value


def rows_of(frame):
    columns = [name for name in frame if name != "geometry"]
    return [{name: plain(row[name]) for name in columns} for row in frame.to_dict("records")]


def parts(layer):
    """Return the polygons of each shape, in an order of their own."""
    return [None if shape is None else [*shapely.get_parts(shape.normalize())] for shape in layer.geometry]


def test_pyogrio_and_fiona_read_the_same_rows_and_shapes(outlined):
    file = geopackage(outlined)
    names = fiona.listlayers(file)
    assert set(names) == {name for name, _ in pyogrio.list_layers(file)} > SPATIAL
    for name, frame in read_geopackage(file).items():
        with fiona.open(file, layer=name) as stream:
            features = list(stream)
        days = [column for column in frame if str(frame[column].dtype).startswith("datetime")]
        witnessed = [
            {
                key: pd.Timestamp(value).date().isoformat() if value and key in days else value
                for key, value in each.properties.items()
            }
            for each in features
        ]
        assert witnessed == rows_of(frame), name
        if name in SPATIAL:
            shapes = [each.geometry and shapely.geometry.shape(each.geometry) for each in features]
            assert shapes == list(frame.geometry), name


def test_what_is_read_is_what_was_known(outlined):
    territory = outlined.open()
    read = read_geopackage(geopackage(outlined))
    for name, layer in territory.layers.items():
        assert rows_of(read[name][list(layer)]) == rows_of(layer), name
        if isinstance(layer, gpd.GeoDataFrame):
            assert parts(read[name]) == parts(layer.to_crs(2154)), name


def test_shapes_are_stored_in_lambert_93_and_their_areas_as_columns(outlined):
    file = geopackage(outlined)
    for name in SPATIAL:
        assert pyogrio.read_info(file, layer=name)["crs"] == "EPSG:2154"
        with fiona.open(file, layer=name) as stream:
            assert stream.crs.to_epsg() == 2154
    (site,) = read_geopackage(file)["sites"].itertuples()
    assert site.measured_m2 == pytest.approx(90_000, rel=1e-6)
    assert site.geometry.area == pytest.approx(90_000 * 1.0032, rel=1e-4)


def test_the_clock_does_not_enter_the_file(built_demo):
    with closing(sqlite3.connect(built_demo / "layers" / "demo.gpkg")) as file:
        changed = file.execute("SELECT DISTINCT last_change FROM gpkg_contents").fetchall()
    assert [day[:19] for (day,) in changed] == ["2025-09-30T00:00:00"]


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    file = tmp_path / "nowhere" / "x.gpkg"
    with pytest.raises(RenderError, match=r"x\.gpkg: cannot be written \("):
        write_geopackage({"facts": pd.DataFrame({"a": [1]})}, file, edition=dt.date(2025, 9, 30))


def test_no_owner_and_no_key_of_one_is_written(tmp_path):
    folder = tmp_path / "demo"
    shutil.copytree(Path(__file__).parents[2] / "layers" / "demo", folder)
    file = build(folder).geopackage
    columns = {column for frame in read_geopackage(file).values() for column in frame}
    assert not {column for column in columns if column.startswith("owner_")}
