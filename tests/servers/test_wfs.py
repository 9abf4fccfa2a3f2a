"""Our pager, before an emulator with every known defect and before MapServer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gis.errors import SourceError
from gis.sources.open_data.features import read_features
from gis.sources.open_data.web import Client
from gis.sources.open_data.wfs import Query, get_features
from tests.conftest import heavy

WEST, SOUTH = 652_000.0, 7_050_000.0


def _square(n, *, east=0.0):
    ring = [[x, y] for x, y in box(WEST + east + 10 * n, SOUTH, WEST + east + 10 * n + 8, SOUTH + 8).exterior.coords]
    return {
        "type": "Feature",
        "properties": {"cleabs": f"PAI{n:06d}", "nature": None},
        "geometry": {"type": "MultiPolygon", "coordinates": [[[[*xy, 20.5] for xy in ring]]]},
    }


@pytest.fixture
def wfs(service, wfs_emulator):
    made = wfs_emulator()
    made.layers["BD:zone"] = [_square(n) for n in range(12)]
    service.routes["/wfs"] = made
    return made


@pytest.fixture
def query(service):
    return Query(f"{service.url}/wfs", "BD:zone", "cleabs", 2154, (WEST, SOUTH, WEST + 1000, SOUTH + 1000))


def _keys(file):
    return [each["cleabs"] for each in read_features([file]).properties]


@pytest.mark.parametrize("page", [1, 3, 5, 7, 12, 13, 5000])
@pytest.mark.parametrize("cap", [1, 5, 12, 5000])
def test_all_features_come_whatever_the_cap_and_the_page(client, wfs, query, tmp_path, cap, page):
    wfs.cap = cap
    got = get_features(client, query, tmp_path / "zone.json.gz", page=page)
    assert (got.rows, got.announced) == (12, 12)
    assert _keys(tmp_path / "zone.json.gz") == [f"PAI{n:06d}" for n in range(12)]


@heavy
@given(total=st.integers(0, 23), cap=st.integers(1, 9), page=st.integers(1, 30), unknown=st.booleans())
def test_no_feature_is_ever_lost(client, wfs, query, tmp_path, total, cap, page, unknown):
    wfs.layers["BD:zone"] = [_square(n) for n in range(total)]
    wfs.cap, wfs.says_unknown = cap, unknown
    got = get_features(client, query, tmp_path / "zone.json.gz", page=page)
    assert got.rows == total
    assert got.announced == (None if unknown else total)


@pytest.mark.usefixtures("wfs")
def test_only_what_lies_in_the_box_comes(client, service, tmp_path):
    query = Query(f"{service.url}/wfs", "BD:zone", "cleabs", 2154, (WEST, SOUTH, WEST + 25, SOUTH + 5))
    assert get_features(client, query, tmp_path / "zone.json.gz").rows == 3


@pytest.mark.parametrize("announced", [13, 40])
def test_fewer_than_announced_are_not_kept(client, wfs, query, tmp_path, announced):
    wfs.announces, wfs.cap = announced, 8
    with pytest.raises(SourceError, match=f"announces {announced} features of BD:zone, and 12 came"):
        get_features(client, query, tmp_path / "zone.json.gz")
    assert list(tmp_path.iterdir()) == []


def test_a_service_that_announces_no_more_than_its_limit_still_gives_all(client, wfs, query, tmp_path):
    wfs.announces, wfs.cap = 5, 5
    got = get_features(client, query, tmp_path / "zone.json.gz")
    assert (got.rows, got.announced) == (12, 5)


def test_swapped_axes_are_refused(client, wfs, query, tmp_path):
    ring = [[WEST, SOUTH], [WEST + 5, SOUTH], [WEST, SOUTH + 5], [WEST, SOUTH]]
    wfs.layers["BD:zone"] = [{**_square(1), "geometry": {"type": "Polygon", "coordinates": [ring]}}]
    get_features(client, query, tmp_path / "zone.json.gz")
    (tmp_path / "zone.json.gz").unlink()
    wfs.swaps_axes = True
    with pytest.raises(SourceError, match="PAI000001 of BD:zone lies outside the box"):
        get_features(client, query, tmp_path / "zone.json.gz")
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_repeats_its_first_page_is_refused(client, wfs, query, tmp_path):
    wfs.ignores_start, wfs.cap = True, 5
    with pytest.raises(SourceError, match="the same page"):
        get_features(client, query, tmp_path / "zone.json.gz")


@pytest.mark.usefixtures("wfs")
def test_a_type_that_is_gone_is_named_with_what_the_service_says(client, service, tmp_path):
    query = Query(f"{service.url}/wfs", "BD:old", "cleabs", 2154, (0, 0, 1, 1))
    with pytest.raises(SourceError, match=r"BD:old there are .“Feature type unknown”"):
        get_features(client, query, tmp_path / "zone.json.gz")


def test_a_key_that_is_gone_is_said_by_the_service(client, wfs, query, tmp_path):
    wfs.layers["BD:zone"] = [{**_square(1), "properties": {"id_new": 1}}]
    with pytest.raises(SourceError, match="Illegal property name: cleabs"):
        get_features(client, query, tmp_path / "zone.json.gz")


def test_a_key_that_is_gone_is_named_where_the_service_does_not_sort(client, wfs, query, tmp_path):
    wfs.sorts = False
    wfs.layers["BD:zone"] = [{**_square(1), "properties": {"id_new": 1}}]
    with pytest.raises(SourceError, match=r"has no column `cleabs` .there are: id_new"):
        get_features(client, query, tmp_path / "zone.json.gz")


def test_a_page_cut_short_is_asked_for_again(client, wfs, service, query, reply, tmp_path):
    wfs.cap = 5
    service.script["/wfs"] = [wfs_hits(12, reply), reply(b'{"type":"FeatureCollection","features":[{"ty')]
    assert get_features(client, query, tmp_path / "zone.json.gz").rows == 12


def wfs_hits(count, reply):
    return reply(f'<wfs:FeatureCollection numberMatched="{count}"/>'.encode())


def test_a_box_and_a_filter_are_two_ways_of_asking(client, wfs, service, tmp_path):
    for n, feature in enumerate(wfs.layers["BD:zone"]):
        feature["properties"]["code_insee"] = f"9900{n % 2}"
    query = Query(f"{service.url}/wfs", "BD:zone", "cleabs", 2154, having=("code_insee", "99001"))
    assert get_features(client, query, tmp_path / "zone.json.gz").rows == 6


MAP = """
MAP
  NAME "witness"
  EXTENT 600000 7000000 700000 7100000
  PROJECTION "init=epsg:2154" END
  OUTPUTFORMAT
    NAME "json"
    DRIVER "OGR/GEOJSON"
    MIMETYPE "application/json"
    FORMATOPTION "STORAGE=stream"
    FORMATOPTION "FORM=simple"
  END
  WEB
    METADATA
      "wfs_title" "witness"
      "wfs_onlineresource" "http://127.0.0.1/"
      "wfs_srs" "EPSG:2154"
      "wfs_enable_request" "*"
      "wfs_maxfeatures" "5"
      "wfs_getfeature_formatlist" "json"
    END
  END
  LAYER
    NAME "zone"
    TYPE POLYGON
    STATUS ON
    CONNECTIONTYPE OGR
    CONNECTION "{file}"
    DATA "zone"
    PROJECTION "init=epsg:2154" END
    METADATA
      "wfs_title" "zone"
      "gml_include_items" "all"
      "gml_featureid" "cleabs"
      "wfs_getfeature_formatlist" "json"
      "wfs_use_default_extent_for_getfeature" "false"
    END
  END
END
"""


@pytest.mark.parametrize("page", [3, 5, 100])
def test_mapserver_gives_all_features_beyond_its_own_limit(mapserver, tmp_path, page):
    collection = {
        "type": "FeatureCollection",
        "name": "zone",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}},
        "features": [_square(n) for n in range(12)] + [_square(99, east=50_000)],
    }
    (tmp_path / "zone.geojson").write_text(json.dumps(collection))
    url = mapserver(MAP.format(file=tmp_path / "zone.geojson"))
    query = Query(url, "zone", "cleabs", 2154, (WEST, SOUTH, WEST + 1000, SOUTH + 1000))
    with Client(bases=[url]) as client:
        got = get_features(client, query, tmp_path / "got.json.gz", page=page)
    assert (got.rows, got.announced) == (12, 5)  # it counts no further than its own limit
    assert _keys(tmp_path / "got.json.gz") == [f"PAI{n:06d}" for n in range(12)]
    assert read_features([tmp_path / "got.json.gz"]).crs.to_epsg() == 2154
