"""The fictional territory: that it is whole, that it lies right, and that nothing of it exists."""

import datetime as dt
import filecmp
import json
import re
import tempfile
import time
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gis import schemas
from gis.build import build
from gis.cli import main
from gis.demo import write_demo
from gis.errors import GisError
from gis.measures.occupancy import occupancy
from gis.provenance import Basis
from gis.schemas import KEYS, Given, conform
from gis.territory import Territory
from tests.conftest import heavy

POLYGONS = ("communes", "sites", "terrains", "parcels", "buildings", "premises", "exclusions")
SHAPED = (*POLYGONS, "roads", "accesses")
LAYERS = (*SHAPED, "owners", "establishments", "tenancies", "claims")
SIZES = [(3, 12), (12, 200), (30, 1000)]
VOCABULARIES = {
    "sites.site_type": schemas.SiteType,
    "sites.site_state": schemas.SiteState,
    "sites.counted": ["oui", "non"],
    "sites.land_kind": ["gross", "not_said", ""],
    "terrains.useful": schemas.Answer,
    "terrains.occupied": schemas.Occupied,
    "terrains.sale": schemas.Sale,
    "terrains.servicing": schemas.Servicing,
    "terrains.turnkey": schemas.Answer,
    "owners.owner_kind": schemas.OwnerKind,
    "establishments.establishment_kind": ["legal", "natural"],
    "establishments.economic": schemas.Answer,
    "exclusions.reason": schemas.ExclusionReason,
    "tenancies.phase": schemas.Phase,
    "tenancies.area_kind": schemas.AreaKind,
    "claims.use": schemas.ClaimUse,
    "claims.status": schemas.ClaimStatus,
    "roads.road_class": schemas.RoadClass,
    "accesses.access_kind": schemas.AccessKind,
    **{f"sites.{network}": schemas.Answer for network in ("sewage", "gas", "fibre")},
}
START, TODAY = pd.Timestamp("2020-01-01"), pd.Timestamp("2025-06-30")


def schema_of(layer):
    return getattr(schemas, layer.capitalize())


def columns_of(layer):
    """Return the columns of a layer that a table may give, by the kind of their values."""
    columns = schema_of(layer).to_schema().columns
    return {
        name: "" if name == "basis" else str(column.dtype)
        for name, column in columns.items()
        if name != "geometry" and (name == "basis" or column.metadata["given"] is not Given.COMPUTED)
    }


def table(folder, layer):
    """Read one table with pandas alone, each column as its schema wants it."""
    frame = pd.read_csv(folder / f"{layer}.csv", dtype=str, keep_default_na=False, encoding="utf-8")
    for name, kind in columns_of(layer).items():
        texts = frame[name] if name in frame else pd.Series([""] * len(frame), dtype="str")
        if kind.startswith("datetime"):
            frame[name] = pd.to_datetime(texts.replace("", None), format="%Y-%m-%d").astype("datetime64[ns]")
        elif kind.startswith("float"):
            frame[name] = pd.to_numeric(texts.replace("", None)).astype(float)
        else:
            frame[name] = texts.astype("str")
    return frame


def shaped(folder, layer):
    """Read one layer with its shapes, measured in EPSG:3950."""
    key = KEYS[layer]
    shapes = gpd.read_file(folder / "raw" / f"{layer}.geojson").set_index(key)
    frame = table(folder, layer)
    assert set(shapes.index) == set(frame[key])
    geometry = shapes.geometry.reindex(frame[key]).set_crs(4326).to_crs(3950)
    return gpd.GeoDataFrame(frame, geometry=geometry.to_numpy(), crs=3950)


def grounds(sites, rows):
    """Yield each site with the rows on its ground: its own, and those of the sites inside it."""
    whole = dict(zip(sites["site_id"], sites["part_of"], strict=True))
    for site, shape in zip(sites["site_id"], sites.geometry, strict=True):
        own = rows["site_id"] == site
        yield shape, rows[own | (rows["site_id"].map(whole) == site)]


def check_ground(folder):
    """Assert that terrains tile their sites, parcels the sites, and communes the territory."""
    communes, sites, terrains, parcels = (
        shaped(folder, layer) for layer in ("communes", "sites", "terrains", "parcels")
    )
    outer = sites[sites["part_of"] == ""]
    for layer in (communes, terrains, parcels, outer):
        assert shapely.coverage_is_valid(layer.geometry.to_numpy())
        assert layer.geometry.is_valid.all()
    for shape, pieces in grounds(sites, terrains):
        assert shapely.coverage_union_all(pieces.geometry.to_numpy()).equals(shape)
        assert pieces.area.sum() == pytest.approx(shape.area, abs=0.01)
    assert parcels.union_all().symmetric_difference(outer.union_all()).area < 0.01
    assert outer.union_all().difference(communes.union_all()).area == 0
    return communes, sites, terrains, parcels


@pytest.fixture(scope="session", params=SIZES, ids=lambda size: f"{size[0]} sites, {size[1]} terrains")
def written(request, tmp_path_factory):
    sites, terrains = request.param
    folder = tmp_path_factory.mktemp("fictional") / "demo"
    write_demo(folder, sites=sites, terrains=terrains, seed=1)
    return folder


@pytest.fixture(scope="session")
def middling(tmp_path_factory):
    folder = tmp_path_factory.mktemp("middling") / "demo"
    write_demo(folder, sites=12, terrains=200, seed=1)
    return folder


def same(first, second):
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
    return not filecmp.cmpfiles(first, second, files, shallow=False)[1]


def test_the_same_arguments_give_the_same_bytes(tmp_path, middling):
    write_demo(tmp_path / "again", sites=12, terrains=200, seed=1)
    assert same(middling, tmp_path / "again")


def test_another_seed_gives_another_territory(tmp_path, middling):
    write_demo(tmp_path / "other", sites=12, terrains=200, seed=2)
    assert not same(middling, tmp_path / "other")


def test_the_shipped_fictional_territory_is_what_the_command_writes(middling):
    shipped = Path(__file__).parents[1] / "layers" / "demo"
    assert same(middling, shipped)
    assert sum(file.stat().st_size for file in shipped.rglob("*") if file.is_file()) < 700_000


def test_there_are_as_many_sites_and_terrains_as_asked_for(written, request):
    sites, terrains = request.node.callspec.params["written"]
    assert (len(table(written, "sites")), len(table(written, "terrains"))) == (sites, terrains)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_keeps_its_schema(written, layer):
    header = (written / f"{layer}.csv").read_text(encoding="utf-8").partition("\n")[0].split(",")
    assert set(header) <= {*columns_of(layer)}
    frame = shaped(written, layer) if layer in SHAPED else table(written, layer)
    if layer == "claims":
        nothing = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns]")
        frame = frame.assign(low=np.nan, high=np.nan, earliest=nothing, latest=nothing)
    if "measured_m2" in schema_of(layer).to_schema().columns:
        frame["measured_m2"] = frame.area
    conform(frame, schema_of(layer))
    assert set(frame["basis"]) == {Basis.SURVEYED}


def test_files_end_their_lines_as_unix_does_and_are_utf_8(middling):
    for file in middling.rglob("*.*"):
        content = file.read_bytes()
        assert b"\r" not in content
        assert content.endswith(b"\n")
        content.decode("utf-8")


def test_shapes_are_plain_geojson(middling):
    for layer in SHAPED:
        collection = json.loads((middling / "raw" / f"{layer}.geojson").read_text(encoding="utf-8"))
        assert collection.keys() == {"type", "features"}
        for feature in collection["features"]:
            assert feature["properties"].keys() == {KEYS[layer], "basis", "source_id"}
            shape = shapely.geometry.shape(feature["geometry"])
            assert layer not in POLYGONS or shape.exterior.is_ccw
            points = shapely.get_coordinates(shape)
            assert (points.round(8) == points).all()


def test_terrains_and_parcels_tile_the_sites(written):
    check_ground(written)


def test_a_site_inside_another_lies_inside_it_and_is_not_counted_again(written):
    sites = shaped(written, "sites").set_index("site_id")
    parts = sites[sites["part_of"] != ""]
    assert len(parts) >= 1
    for shape, whole in zip(parts.geometry, parts["part_of"], strict=True):
        assert shape.difference(sites.geometry[whole]).area < 0.01
    assert set(parts["counted"]) == {"non"}


def test_a_parcel_is_a_piece_of_a_terrain_or_shared_by_two(middling):
    terrains, parcels = shaped(middling, "terrains"), shaped(middling, "parcels")
    parcel, terrain = shapely.STRtree(terrains.geometry.to_numpy()).query(parcels.geometry.to_numpy(), "intersects")
    common = shapely.area(
        shapely.intersection(parcels.geometry.to_numpy()[parcel], terrains.geometry.to_numpy()[terrain])
    )
    held = np.bincount(parcel[common > 0.1], minlength=len(parcels))
    cut = np.bincount(terrain[common > 0.1], minlength=len(terrains))
    assert set(held) == {1, 2}
    assert cut.min() == 1
    assert cut.max() > 2


def test_buildings_stand_inside_built_terrains_and_premises_fill_them(written):
    terrains, buildings, premises = (shaped(written, layer) for layer in ("terrains", "buildings", "premises"))
    tree = shapely.STRtree(terrains.geometry.to_numpy())
    building, terrain = tree.query(buildings.geometry.to_numpy(), "within")
    assert building.tolist() == list(range(len(buildings)))
    states = terrains["occupied"].to_numpy()[terrain]
    assert set(states) <= {"occupé", "vacant", "friche"}
    assert (terrains["site_id"].to_numpy()[terrain] == buildings["site_id"]).all()
    full = terrains["occupied"].isin(["occupé", "vacant"])
    assert set(np.flatnonzero(full)) <= set(terrain)
    inside = premises[premises["building_id"] != ""].dissolve("building_id").geometry
    for key, state, walls in zip(buildings["building_id"], states, buildings.geometry, strict=True):
        if state == "friche":
            assert key not in inside.index
        else:
            assert inside[key].symmetric_difference(walls).area < 0.01


def test_an_occupied_terrain_is_held_on_the_day_and_a_vacant_one_is_not(middling):
    terrains, premises = shaped(middling, "terrains"), shaped(middling, "premises")
    tenancies = conform(table(middling, "tenancies"), schemas.Tenancies)
    held = pd.concat(
        [occupancy(tenancies, site_id=site, at=dt.date(2025, 6, 30)) for site in sorted(set(tenancies["site_id"]))]
    )
    sure = set(held.loc[(held["holds"] == "yes") & (held["phase"] == "in_place"), "premises_id"])
    maybe = set(held.loc[(held["holds"] != "no") & (held["phase"] == "in_place"), "premises_id"])
    place, terrain = shapely.STRtree(terrains.geometry.to_numpy()).query(premises.geometry.to_numpy(), "within")
    keys = premises["premises_id"].to_numpy()[place]
    for n, state in enumerate(terrains["occupied"]):
        if state == "occupé":
            assert sure & set(keys[terrain == n])
        if state == "vacant":
            assert not maybe & set(keys[terrain == n])


def test_ids_are_unique_and_references_are_resolved(written):
    keys = {layer: table(written, layer)[KEYS[layer]] for layer in LAYERS}
    assert all(each.is_unique and (each != "").all() for each in keys.values())
    sources = set(tomllib.loads((written / "sources.toml").read_text(encoding="utf-8")))
    references = {
        "sites": {"part_of": "sites"},
        "terrains": {"site_id": "sites"},
        "parcels": {"owner_id": "owners"},
        "buildings": {"site_id": "sites"},
        "premises": {"site_id": "sites", "building_id": "buildings"},
        "establishments": {"site_id": "sites"},
        "tenancies": {"site_id": "sites", "premises_id": "premises", "establishment_id": "establishments"},
        "claims": {"site_id": "sites", "whole": "claims"},
    }
    for layer in LAYERS:
        frame = table(written, layer)
        assert set(frame["source_id"]) <= sources
        for column, other in references.get(layer, {}).items():
            assert set(frame[column]) - {""} <= set(keys[other]), f"{layer}.{column}"
        if "insee" in frame and layer != "communes":
            assert {code for codes in frame["insee"] for code in codes.split("|")} - {""} <= set(keys["communes"])
    tenancies = table(written, "tenancies").merge(table(written, "premises"), on="premises_id")
    assert (tenancies["site_id_x"] == tenancies["site_id_y"]).all()


def test_parcels_are_named_as_the_cadastre_names_them(written):
    communes, parcels = shaped(written, "communes"), shaped(written, "parcels")
    assert parcels["parcel_id"].str.fullmatch(r"99\d{3}000[A-Z]{2}\d{4}").all()
    middles = shapely.point_on_surface(parcels.geometry.to_numpy())
    where = dict(zip(communes["insee"], communes.geometry, strict=True))
    assert all(where[key[:5]].intersects(point) for key, point in zip(parcels["parcel_id"], middles, strict=True))
    assert set(parcels["stated_m2"].dropna() > 0) == {True}
    assert (parcels["stated_m2"] / parcels.area).dropna().between(0.96, 1.04).all()
    assert (parcels["owner_id"] == "").any()


def test_dates_are_in_order(written):
    tenancies, terrains = table(written, "tenancies"), table(written, "terrains")
    for first, last in (
        ("from_earliest", "from_latest"),
        ("to_earliest", "to_latest"),
        ("from_latest", "to_earliest"),
    ):
        assert not (tenancies[first] > tenancies[last]).any()
    phase = tenancies["phase"]
    assert (tenancies.loc[phase == "left", "to_latest"] <= TODAY).all()
    assert tenancies.loc[phase.isin(["in_place", "lease_signed"]), "from_latest"].le(TODAY).all()
    assert terrains["sold_on"].dropna().between(START, TODAY).all()
    assert set(terrains.loc[terrains["sold_on"].notna(), "sale"]) <= {"vendu, commercialisation achevée"}
    in_turn = tenancies[phase.isin(["left", "in_place"])].groupby("premises_id").filter(lambda rows: len(rows) > 1)
    for _, rows in in_turn.groupby("premises_id"):
        ordered = rows.sort_values("from_latest")
        assert (ordered["to_latest"].iloc[:-1].to_numpy() <= ordered["from_earliest"].iloc[1:].to_numpy()).all()
    assert len(in_turn)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_word_of_every_vocabulary_occurs(tmp_path, seed):
    write_demo(tmp_path / "demo", sites=12, terrains=200, seed=seed)
    missing = {
        name: lacking
        for name, words in VOCABULARIES.items()
        if (
            lacking := {*map(str, words)}
            - set(table(tmp_path / "demo", name.partition(".")[0])[name.partition(".")[2]])
        )
    }
    assert not missing


def test_every_reason_occurs_and_some_exclusions_lie_over_one_another(written):
    exclusions = shaped(written, "exclusions")
    assert set(exclusions["reason"]) == {str(reason) for reason in schemas.ExclusionReason}
    first, second = exclusions.sindex.query(exclusions.geometry, predicate="overlaps")
    reasons = exclusions["reason"].to_numpy()
    assert any(a != b for a, b in zip(reasons[first], reasons[second], strict=True))
    assert exclusions["buffer_m"].gt(0).any()
    assert exclusions["buffer_m"].isna().any()


def test_streets_run_along_the_roads_of_sites_and_other_roads_between_them(written):
    terrains, roads, sites = (shaped(written, layer) for layer in ("terrains", "roads", "sites"))
    streets = roads["road_class"] == "street"
    verges = terrains.geometry[terrains["vocation"] == "voirie"].union_all().buffer(1)
    assert roads.geometry[streets].within(verges).all()
    assert roads.geometry[~streets].length.min() > 0
    crossed = roads.geometry[~streets].union_all().intersection(sites.union_all().buffer(-1))
    assert crossed.length == 0


def test_an_exit_lies_on_the_motorway_and_a_main_road_leads_from_it_to_a_site(written):
    accesses, roads, sites = (shaped(written, layer) for layer in ("accesses", "roads", "sites"))
    [motorway] = roads.geometry[roads["road_class"] == "motorway"]
    exits = accesses.geometry[accesses["access_kind"] == "motorway_exit"].to_numpy()
    assert (shapely.distance(exits, motorway) < 1).all()
    for road in roads.geometry[roads["road_class"] == "main"]:
        start, end = shapely.Point(road.coords[0]), shapely.Point(road.coords[-1])
        assert shapely.distance(exits, start).min() < 0.01
        assert end.distance(sites.union_all()) < 0.01
    assert (shapely.distance(accesses.geometry.to_numpy(), sites.union_all()) > 50).all()


def test_distances_by_road_are_no_shorter_than_as_the_crow_flies(written):
    accesses, sites = shaped(written, "accesses"), shaped(written, "sites")
    for kind, column in schemas.STATED_KM.items():
        spots = accesses.geometry[accesses["access_kind"] == kind].union_all()
        known = sites[column].notna()
        assert (sites.distance(spots)[known] <= 1000 * sites[column][known]).all()


def test_some_things_are_not_known(middling):
    terrains, premises = table(middling, "terrains"), table(middling, "premises")
    for column in ("useful", "occupied", "sale", "servicing"):
        assert 0.01 < (terrains[column] == "inconnu").mean() < 0.12
    asked = terrains[terrains["sale"] == "en vente"]["price_eur_m2"]
    assert asked.isna().any()
    assert asked.notna().any()
    assert premises["floor_m2"].isna().any()
    assert table(middling, "tenancies")["area_low_m2"].isna().any()
    assert table(middling, "sites")["land_low_ha"].isna().any()


def test_tenancies_are_dated_to_the_day_the_month_and_the_year(middling):
    tenancies = table(middling, "tenancies")
    days = (tenancies["from_latest"] - tenancies["from_earliest"]).dt.days
    assert (days == 0).any()
    assert days.between(27, 30).any()
    assert days.isin([364, 365]).any()
    assert set(tenancies["from_earliest"].dropna().dt.year) >= set(range(2020, 2026))


@pytest.mark.parametrize("seed", [1, 2])
def test_an_inventory_meets_every_line_of_its_table_every_exception_and_every_unknown(tmp_path, seed):
    write_demo(tmp_path / "demo", sites=12, terrains=200, seed=seed)
    found = Territory(tmp_path / "demo").inventory("2026-01-01")
    zones = found.rates.loc[found.rates["in_statistics"] == "oui", "site_id"]
    assert {*found.units.loc[found.units["site_id"].isin(list(zones)), "reason"]} == {*map(str, schemas.UnitReason)}


def test_the_former_works_are_one_land_unit_with_many_tenants_and_nothing_unknown(written):
    found = Territory(written).inventory("2026-01-01")
    here = found.rates.iloc[0]
    assert here[["units_low", "units_high", "vacancy_low", "vacancy_high", "unknown_owner"]].tolist() == [1, 1, 0, 0, 0]
    tenants = found.presences[(found.presences["site_id"] == here["site_id"]) & (found.presences["in_period"] == "oui")]
    assert tenants["establishment_id"].nunique() >= 5
    surface = found.surfaces.iloc[0]
    assert surface["surface_vacancy_low"] == surface["surface_vacancy_high"]


def test_the_focus_site_is_disputed_and_settled(written):
    claims = table(written, "claims")
    settings = tomllib.loads((written / "territory.toml").read_text(encoding="utf-8"))
    [focus] = settings["focus"]
    here = claims[claims["site_id"] == focus["site"]]
    assert set(here["use"]) >= {"base", "occupied_share", "tenant_share", "parts_share", "parts_count", "event"}
    assert {"land", "floor", "footprint", "not_said"} == set(here.loc[here["use"] == "base", "area_kind"])
    stated = claims[claims["states"] != ""].groupby("states")["value"].nunique()
    assert set(stated[stated > 1].index) <= {variant["of"] for variant in settings["variant"]}
    assert any(of.endswith("/area_m2") for of in stated[stated > 1].index)
    tenancies = table(written, "tenancies")
    assert set(tenancies.loc[tenancies["site_id"] == focus["site"], "phase"]) == {str(each) for each in schemas.Phase}


def test_the_offer_is_what_an_independent_sum_gives(middling):
    terrains, claims = shaped(middling, "terrains"), table(middling, "claims")
    ready = terrains.query(
        "useful == 'oui' and sale == 'en vente' and servicing.str.startswith('viabilisé')"
        " and occupied in ['inoccupé', 'vacant']"
    )
    [said] = claims.loc[claims["use"] == "available", "value"].astype(float)
    assert said == pytest.approx(ready.area.sum() / 10_000, abs=0.0051)
    parts = claims[claims["use"].isin(["offer", "built"])]
    signs = parts["use"].map({"offer": 1, "built": -1})
    assert (parts["value"].astype(float) * signs).sum() == pytest.approx(said, abs=1e-6)


def test_the_territory_says_that_it_is_fictional(middling):
    settings = tomllib.loads((middling / "territory.toml").read_text(encoding="utf-8"))
    assert settings["fictional"] is True
    assert "epci" not in settings
    assert (settings["opening"]["date"], settings["opening"]["from"]) == (TODAY.date(), START.date())
    sources = tomllib.loads((middling / "sources.toml").read_text(encoding="utf-8"))
    assert (sources["demo"]["publisher"], sources["demo"]["licence"]) == ("Emprise", "MIT")


def test_no_name_is_that_of_a_real_place_or_firm(written):
    real = Path(__file__).parents[1] / "layers" / "bethune-bruay"

    def plain(names):
        return {re.sub(r"\W", "", name).casefold() for name in names}

    places = plain(table(written, "communes")["commune_name"]) | plain(table(written, "sites")["site_name"])
    assert not places & plain(table(real, "communes")["commune_name"])
    assert not places & plain(table(real, "sites")["site_name"])
    firms = plain(table(written, "establishments")["establishment_name"])
    assert not firms & plain(table(real, "tenancies")["occupant"])
    owners = table(written, "owners")
    natural = owners["owner_kind"] == "natural"
    assert owners.loc[natural, "owner_name"].str.endswith("(personne fictive)").all()
    assert owners["owner_name"].is_unique
    assert table(written, "communes")["commune_name"].is_unique
    assert (table(written, "establishments")["siret"] == "").all()


def test_the_territory_opens_and_holds_what_was_written(written):
    territory = Territory(written)
    for layer in LAYERS:
        assert len(getattr(territory, layer)) == len(table(written, layer))
    for layer in SHAPED:
        assert getattr(territory, layer).geometry.notna().all()
    assert (territory.sites["measured_m2"] - shaped(written, "sites").area).abs().max() < 0.01


def test_the_territory_builds(tmp_path):
    folder = tmp_path / "layers" / "demo"
    write_demo(folder, sites=3, terrains=12)
    built = build(folder)
    assert built.geopackage.is_file()
    assert any(page.stem == "manufacture" for page in built.pages)


@given(sites=st.integers(1, 7), more=st.integers(0, 40), seed=st.integers(0, 2**32 - 1))
@heavy
def test_any_small_territory_lies_right(sites, more, seed):
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "demo"
        write_demo(folder, sites=sites, terrains=sites + more, seed=seed)
        _, found, terrains, _ = check_ground(folder)
        assert (len(found), len(terrains)) == (sites, sites + more)
        assert (found["site_id"] == terrains["site_id"].unique()).all()
        assert Territory(folder).tenancies["site_id"].iloc[0] == found["site_id"][0]


def test_ten_thousand_terrains_take_less_than_a_minute(tmp_path):
    begin = time.perf_counter()
    write_demo(tmp_path / "demo", sites=300, terrains=10_000)
    assert time.perf_counter() - begin < 60
    assert len(table(tmp_path / "demo", "terrains")) == 10_000


def test_a_folder_that_holds_something_is_refused_and_kept(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(GisError, match="is there already"):
        write_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_in_the_way_is_refused_and_kept(tmp_path):
    file = tmp_path / "demo"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(GisError, match="is there already"):
        write_demo(file)
    assert file.read_text(encoding="utf-8") == "mine"


def test_an_empty_folder_is_filled(tmp_path):
    write_demo(tmp_path, sites=1, terrains=1)
    assert (tmp_path / "territory.toml").is_file()


@pytest.mark.parametrize(("sites", "terrains"), [(0, 10), (3, 2), (-1, 5)])
def test_impossible_numbers_are_refused_and_nothing_is_left(tmp_path, sites, terrains):
    with pytest.raises(GisError, match="cannot be drawn"):
        write_demo(tmp_path / "demo", sites=sites, terrains=terrains)
    assert not list(tmp_path.iterdir())


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    write_text = Path.write_text

    def full(self, *args, **kwargs):
        if self.name == "parcels.geojson":
            raise OSError(28, "No space left on device", str(self))
        return write_text(self, *args, **kwargs)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(GisError, match="No space left"):
        write_demo(tmp_path / "demo", sites=1, terrains=1)
    assert not list(tmp_path.iterdir())


def test_the_command_writes_a_territory(tmp_path):
    ended = CliRunner().invoke(main, ["new", "--demo", str(tmp_path / "demo"), "--sites", "2", "--terrains", "9"])
    assert ended.exit_code == 0, ended.output
    assert len(table(tmp_path / "demo", "terrains")) == 9
    again = CliRunner().invoke(main, ["new", "--demo", str(tmp_path / "demo")])
    assert again.exit_code == 1
    assert "is there already" in again.output


def test_the_command_wants_to_hear_that_the_territory_is_fictional(tmp_path):
    ended = CliRunner().invoke(main, ["new", str(tmp_path / "demo")])
    assert ended.exit_code == 1
    assert "--demo" in ended.output
    assert not (tmp_path / "demo").exists()
