"""A territory that is started without a network."""

import re
import textwrap
import tomllib

import geopandas as gpd
import pytest
from shapely import box

import gis
from gis.crs import LATITUDES, zone_of_department
from gis.sources.open_data import outlines
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    monkeypatch.setenv("GIS_COMMUNES_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(outlines, "_download_wheel", lambda _: pytest.fail("the registry was asked"))


def test_a_folder_is_written_without_a_network(command, tmp_path):
    made = command(
        "new", "--offline", "--communes", "35240=Le Prés, 35131=L'Aulne", tmp_path / "pays", "--name", "Pays"
    )
    assert made.code == 0, made.err
    assert "outlines of its communes are not here" in made.out
    assert "gis fetch" in made.out
    found = gis.open(tmp_path / "pays")
    assert found.crs.to_epsg() == 3948
    assert dict(zip(found.communes["insee"], found.communes["commune_name"], strict=True)) == {
        "35131": "L'Aulne",
        "35240": "Le Prés",
    }
    assert command("build", tmp_path / "pays").code == 0


@pytest.mark.parametrize(("insee", "zone"), [("97411", 2975), ("97302", 2972), ("2B033", 3942), ("59350", 3950)])
def test_the_zone_is_that_of_the_department(command, tmp_path, insee, zone):
    (tmp_path / "c.csv").write_text(f"code_insee;nom\n{insee};Le Port\n", encoding="utf-8")
    made = command("new", "--offline", "--communes-file", tmp_path / "c.csv", tmp_path / "pays")
    assert made.code == 0, made.err
    settings = tomllib.loads((tmp_path / "pays" / "territory.toml").read_text(encoding="utf-8"))
    assert settings["crs"] == f"EPSG:{zone}"


def test_every_department_has_one_zone():
    codes = [code for each in LATITUDES.values() for code in each.split()]
    assert len(codes) == len(set(codes)) == 96
    assert all(zone_of_department(f"{code}001") for code in codes)


def test_what_is_not_known_is_asked_for_all_at_once(command, tmp_path):
    made = command("new", "--offline", "--communes", "99001,99002", tmp_path / "pays")
    assert made.code == 1
    assert all(text in made.err for text in ("name of 99001", "name of 99002", "is of no department that is known"))
    assert not (tmp_path / "pays").exists()


def test_names_and_outlines_come_from_a_territory_beside(command, tmp_path):
    beside = outlines.outline_cache_file(tmp_path / "autre")
    beside.parent.mkdir(parents=True)
    layer = gpd.GeoDataFrame(
        {"insee": ["35240"], "commune_name": ["Le Prés"]}, geometry=[box(-2, 48, -1, 49)], crs=4326
    )
    beside.write_text(layer.to_json(drop_id=True), encoding="utf-8")
    made = command("new", "--offline", "--communes", "35240", tmp_path / "pays")
    assert made.code == 0, made.err
    assert "are not here" not in made.out
    communes = gis.open(tmp_path / "pays").communes
    assert list(communes["commune_name"]) == ["Le Prés"]
    assert communes.geometry.notna().all()


def test_all_tables_that_are_at_fault_are_told_at_once(command, demo):
    demo.change("sites.csv", ",8,8,", ",acht,8,")
    demo.change("tenancies.csv", "2020-01-01,2020-12-31", "gestern,2020-12-31")
    demo.change("communes.csv", "99002,Les Prés,registre", "99002,Les Prés,")
    built = command("build", demo.path)
    assert built.code == 1
    assert "3 tables are at fault" in built.err
    assert all(name in built.err for name in ("`acht`", "`gestern`", "no source"))


def test_the_least_folder_is_the_one_that_is_described(command, tmp_path):
    docs = (ROOT / "docs" / "own-data.md").read_text(encoding="utf-8")
    described = docs.partition("### Made by hand")[2].partition("## 1.")[0]
    folder = tmp_path / "agglo"
    folder.mkdir()
    for name, text in re.findall(r"^`([\w.]+)`:\n\n((?:    .*\n|\n)+)", described, flags=re.MULTILINE):
        (folder / name).write_text(textwrap.dedent(text).strip() + "\n", encoding="utf-8")
    assert len([*folder.iterdir()]) == 7
    built = command("build", folder)
    assert built.code == 0, built.err
