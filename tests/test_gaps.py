"""`gis gaps`: what is missing, ranked by what it would bring, and the way there through QGIS."""

import fiona
import geopandas as gpd
import numpy as np
import pytest

X, Y = 1_684_000.0, 9_262_000.0  # somewhere in the territory, in EPSG:3950


def ranks(rows):
    return [(-np.nan_to_num(row["brings_ha"]), len(row["missing"].split("|"))) for row in rows]


@pytest.fixture
def completed(copied, command, tmp_path):
    """Ask for the file to complete, as a user does."""
    file = tmp_path / "a-completer.gpkg"
    ended = command("gaps", copied.path, "-o", file)
    assert ended.code == 0, ended
    return copied, file, ended.out


def test_all_42_zones_are_missing_something_the_most_useful_first(copied):
    rows = copied.open().gaps.to_dict("records")
    assert len(rows) == 42
    assert ranks(rows) == sorted(ranks(rows))
    assert rows[0]["brings_ha"] == 460
    assert sum("name" in row["missing"].split("|") for row in rows) == 24
    assert all("shape" in row["missing"].split("|") for row in rows)


def test_the_table_says_what_each_would_bring(completed):
    _, _, out = completed
    lines = out.splitlines()
    assert len(lines) == 42 + 1
    assert lines[0].split() == ["460", "ha", "Parc", "des", "industries", "Artois-Flandres", "(SIZIAF)", "shape"]


def test_the_file_waits_for_shapes_and_fiona_reads_it(completed):
    _, file, _ = completed
    with fiona.open(file, layer="sites") as layer:
        rows = list(layer)
        assert layer.crs.to_epsg() == 2154
    assert len(rows) == 42
    assert {row.geometry for row in rows} == {None}
    assert rows[0].properties["site_id"] == "siziaf_artois_flandres"


def test_a_file_that_somebody_drew_in_is_never_overwritten(completed, command):
    copied, file, _ = completed
    ended = command("gaps", copied.path, "-o", file)
    assert ended.code == 1
    assert "is there already" in ended.err


def test_shapes_drawn_in_it_come_back_as_digitised(completed, square, rebuilt):
    """Draw two zones as QGIS does, put the file in `raw/`, build: they are measured, and the gap is closed."""
    copied, file, _ = completed
    layer = gpd.read_file(file, layer="sites")
    drawn = {"zi_ruitz": square(1000, 500), "siziaf_artois_flandres": square(2000, 2300, east=5000)}
    for key, shape in drawn.items():
        here = gpd.GeoSeries([shape], crs=3950).to_crs(2154).iloc[0]
        layer.loc[layer["site_id"] == key, "geometry"] = gpd.GeoSeries([here], crs=2154).to_numpy()
    (copied.path / "raw").mkdir(exist_ok=True)
    layer.to_file(copied.path / "raw" / "sites.gpkg", layer="sites")
    before = copied.open()
    built = rebuilt(copied)
    sites = built.layers["sites"].set_index("site_id")
    for key, shape in drawn.items():
        assert sites.loc[key, "basis"] == "digitised"
        assert sites.loc[key, "measured_m2"] == pytest.approx(shape.area, rel=1e-6)
    others = sites[(sites["counted"] == "oui") & ~sites.index.isin(drawn)]
    assert set(others["basis"]) == {"stated"}
    assert others["measured_m2"].isna().all()
    left = before.gaps.set_index("site_id")
    assert not [key for key in drawn if key in left.index and "shape" in left.loc[key, "missing"].split("|")]
    assert len(left) < 42


def test_stand_ins_are_flagged_rows_and_on_no_page(built, page_data):
    sites = built.layers["sites"]
    stand_ins = sites[sites["stand_in"] == "oui"]
    assert len(stand_ins) == 24
    said = {
        "site_id",
        "site_name",
        "site_name_en",
        "site_type",
        "site_state",
        "counted",
        "stand_in",
        "as_of",
        "source_id",
        "basis",
        "note",
        "note_en",
    }
    for column in set(sites.columns) - said:
        assert stand_ins[column].isna().all() or set(stand_ins[column]) == {""}, column
    for page in built.files.pages:
        html = page.read_text(encoding="utf-8") + str(page_data(page))
        assert "STANDIN" not in html, page.stem
        assert "Zone à identifier" not in html, page.stem
