"""Each source in the form its publisher gives it, with the traps that are known of it."""

import csv
import io

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from pyproj import CRS, Transformer
from shapely import box

from gis.errors import SchemaError, SourceError, SourceMissingError
from gis.provenance import Source
from gis.sources.open_data import (
    bdtopo,
    bdtopo_networks,
    cadastre,
    cartofriches,
    fusac,
    osm,
    owners_legal,
    planning,
    registry,
    risks,
    sirene,
)
from gis.sources.open_data.features import TargetLayer, write_features
from gis.sources.open_data.national import Service, SourcePlace
from gis.sources.open_data.web import Client, Limits

CC50 = CRS.from_epsg(3950)
CODES = ("62901", "62902", "62903")
SMALL = [[(3, 2), (2, 2)], [(2, 1)], []]
WEST, SOUTH = 652_000, 7_050_000


@pytest.fixture
def place():
    boxes = {code: (WEST + 6000 * n, SOUTH, WEST + 6000 * (n + 1), SOUTH + 6000) for n, code in enumerate(CODES)}
    return SourcePlace(CODES, "999999998", boxes)


@pytest.fixture
def got(service, tmp_path, place):
    """Get what a source wants from the emulator; return its files by pattern."""

    def get(national, path="", **options):
        limits = Limits(per_second=1e9, tries=1)
        with Client(bases=[service.url], limits=limits, sleep=lambda _: None) as client:
            for wanted in national.wanted(place, Service(service.url + path, options)):
                (tmp_path / wanted.file).parent.mkdir(parents=True, exist_ok=True)
                wanted.get(client, tmp_path / wanted.file)
        return lambda pattern: sorted(tmp_path.glob(pattern))

    return get


def _onto(source, near=None):
    return TargetLayer(CC50, source, near)


def _features(tmp_path, *features, epsg=2154):
    file = tmp_path / "made.json.gz"
    write_features(file, features, epsg)
    return [file]


def _feature(ground, **properties):
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(ground)}


SQUARE = box(WEST, SOUTH, WEST + 100, SOUTH + 100)
ZONE = {
    "cleabs": "PAIACTIV1",
    "categorie": "Industriel et commercial",
    "nature": "Zone industrielle",
    "nature_detaillee": "Zone d'activités",
    "toponyme": "ZI",
    "etat_de_l_objet": "En service",
    "fictif": False,
    "date_modification": "2026-05-04T10:00:00Z",
}


def test_every_source_says_what_it_brings_and_under_which_licence():
    for national in registry.ALL.values():
        assert national.brings
        assert national.source.licence
        assert national.source.publisher
        assert national.url.startswith("https://")


def test_only_real_business_ground_of_bd_topo_is_a_site(tmp_path):
    files = _features(
        tmp_path,
        _feature(SQUARE, **ZONE),
        _feature(SQUARE, **ZONE | {"cleabs": "2", "fictif": True}),
        _feature(SQUARE, **ZONE | {"cleabs": "3", "categorie": "Santé"}),
        _feature(SQUARE, **ZONE | {"cleabs": "4", "nature_detaillee": None, "nature": "Usine", "toponyme": None}),
        _feature(SQUARE, **ZONE | {"cleabs": "5", "nature_detaillee": "Zone rêvée"}),
        _feature(SQUARE, **ZONE | {"cleabs": "6", "etat_de_l_objet": "Non exploité"}),
    )
    reading = bdtopo.read_sites(files, _onto(bdtopo.SOURCE))
    sites = reading.layer.set_index("site_id")
    assert list(sites.index) == ["PAIACTIV1", "4", "5", "6"]
    assert list(sites["site_type"]) == [
        "zone d'activité économique",
        "établissement économique isolé",
        "inconnu",
        "zone d'activité économique",
    ]
    assert sites.loc["4", "site_name"] == "Usine"
    assert sites.loc["6", "site_state"] == "inconnu"
    assert {(row["row"], row["value"]) for row in reading.issues} == {("5", "Zone rêvée"), ("6", "Non exploité")}


def test_the_area_is_measured_in_the_zone_of_the_territory(tmp_path):
    reading = bdtopo.read_sites(_features(tmp_path, _feature(SQUARE, **ZONE)), _onto(bdtopo.SOURCE))
    assert reading.layer["measured_m2"].iloc[0] == pytest.approx(10_000 / 1.0031, rel=2e-4)


def test_a_broken_shape_is_mended_and_said(tmp_path):
    bow = shapely.Polygon([(WEST, SOUTH), (WEST + 100, SOUTH + 100), (WEST + 100, SOUTH), (WEST, SOUTH + 100)])
    reading = bdtopo.read_sites(_features(tmp_path, _feature(bow, **ZONE)), _onto(bdtopo.SOURCE))
    assert reading.layer.geometry.is_valid.all()
    (said,) = reading.issues
    assert said["column_name"] == "geometry"
    assert said["message"].endswith("It was mended.")


LINE = shapely.LineString([(WEST, SOUTH), (WEST + 100, SOUTH)])


def _lines(tmp_path, *rows):
    return _features(tmp_path, *(_feature(LINE, **{"cleabs": f"L{n}", **row}) for n, row in enumerate(rows)))


def test_a_power_line_is_drawn_as_thin_as_it_is(tmp_path):
    made = _lines(tmp_path, {"voltage": "90 kV"}, {"voltage": "63 kV", "etat_de_l_objet": "En projet"})
    layer = bdtopo_networks.read_power_lines(made, _onto(bdtopo.SOURCE)).layer
    assert list(layer["reason"]) == ["power_line"]
    assert layer["buffer_m"].isna().all()
    assert layer["measured_m2"].iloc[0] == pytest.approx(200, rel=0.01)


def test_roads_are_lines_with_their_class_and_a_word_that_is_not_known_is_an_issue(tmp_path):
    rows = [
        {"nature": "Type autoroutier", "importance": "1", "cpx_numero": "A26"},
        {"nature": "Bretelle", "importance": "3"},
        {"nature": "Route à 1 chaussée", "importance": "3", "cpx_numero": "D941", "nom_voie_ban_gauche": "RUE BASSE"},
        {"nature": "Rond-point", "importance": "5", "nom_voie_ban_gauche": "RUE HAUTE"},
        {"nature": "Route à 1 chaussée", "importance": "6"},
        {"nature": "Sentier", "importance": "6"},
        {"nature": "Route rêvée", "importance": "5"},
        {"nature": "Route à 2 chaussées", "importance": "9"},
        {"nature": "Route à 1 chaussée", "importance": "5", "position_par_rapport_au_sol": "-1"},
        {"nature": "Route à 1 chaussée", "importance": "5", "etat_de_l_objet": "En projet"},
        {"nature": "Route à 1 chaussée", "importance": "5", "fictif": True},
    ]
    reading = bdtopo_networks.read_roads(_lines(tmp_path, *rows), _onto(bdtopo.SOURCE))
    layer = reading.layer
    assert list(layer["road_id"]) == ["L0", "L1", "L2", "L3"]
    assert list(layer["road_class"]) == ["motorway", "motorway", "main", "street"]
    assert list(layer["road_name"]) == ["A26", "", "D941", "RUE HAUTE"]
    assert set(layer.geometry.geom_type) == {"LineString"}
    assert [(row["row"], row["column_name"]) for row in reading.issues] == [("L6", "nature"), ("L7", "importance")]


def test_a_line_in_parts_stays_a_line_and_one_without_length_is_left_out(tmp_path):
    parts = shapely.MultiLineString(
        [[(WEST, SOUTH, 4), (WEST + 9, SOUTH, 4)], [(WEST, SOUTH + 9, 4), (WEST, SOUTH, 4)]]
    )
    road = {"nature": "Rond-point", "importance": "5"}
    none = shapely.LineString([(WEST, SOUTH), (WEST, SOUTH)])
    made = _features(tmp_path, _feature(parts, cleabs="a", **road), _feature(none, cleabs="b", **road))
    reading = bdtopo_networks.read_roads(made, _onto(bdtopo.SOURCE))
    assert list(reading.layer["road_id"]) == ["a"]
    assert reading.layer.geometry.length[0] == pytest.approx(18, rel=0.01)
    assert not reading.layer.geometry.has_z.any()
    assert [row["row"] for row in reading.issues] == ["b"]


def test_railways_say_what_runs_on_them_and_exclude_nothing(tmp_path):
    rows = [
        {"nature": "Voie ferrée principale", "usage": "Voyageur et fret", "etat_de_l_objet": "En service"},
        {"nature": "Voie de service", "usage": "Fret", "etat_de_l_objet": "Non exploité"},
        {"nature": "Sans objet", "usage": "Sans objet", "etat_de_l_objet": ""},
        {"nature": "Tramway", "usage": "Rêvé", "etat_de_l_objet": "En service"},
    ]
    reading = bdtopo_networks.read_railways(_lines(tmp_path, *rows), _onto(bdtopo.SOURCE))
    assert list(reading.layer["freight"]) == ["oui", "oui", "inconnu", "inconnu"]
    assert list(reading.layer["in_use"]) == ["oui", "non", "inconnu", "oui"]
    assert set(reading.layer.geometry.geom_type) == {"LineString"}
    assert [row["value"] for row in reading.issues] == ["Rêvé"]


def test_water_is_excluded_where_it_flows_and_not_in_a_pipe(tmp_path):
    rows = [
        {"nature": "Canal", "position_par_rapport_au_sol": "0"},
        {"nature": "Ecoulement naturel", "fictif": True},
        {"nature": "Ecoulement naturel", "position_par_rapport_au_sol": "-1"},
        {"nature": "Ecoulement naturel", "position_par_rapport_au_sol": "Inconnue"},
        {"nature": "Conduit buse"},
        {"nature": "Ecoulement naturel", "etat_de_l_objet": "Disparu"},
    ]
    layer = bdtopo_networks.read_water(_lines(tmp_path, *rows), _onto(bdtopo.SOURCE)).layer
    assert list(layer["exclusion_id"]) == ["L0", "L3"]
    assert set(layer["reason"]) == {"water"}
    assert layer["measured_m2"].iloc[0] == pytest.approx(200, rel=0.01)


def test_an_access_is_only_what_the_source_says_is_one(tmp_path):
    rows = [
        ("Carrefour", "Echangeur complet", "7", "Échangeur du Bois"),
        ("Carrefour", "Echangeur complet", None, "Échangeur sans numéro"),
        ("Carrefour", "Rond-point", "8", None),
        ("Gare voyageurs et fret", None, None, "Gare de Là"),
        ("Gare voyageurs uniquement", "Gare funiculaire", None, None),
        ("Port", "Port de commerce", None, "Port"),
        ("Port", "Port de plaisance", None, None),
        ("Parking", None, None, None),
        ("Gare rêvée", None, None, None),
    ]
    columns = ("nature", "nature_detaillee", "numero", "toponyme")
    made = _features(
        tmp_path,
        *(_feature(SQUARE, cleabs=f"E{n}", **dict(zip(columns, row, strict=True))) for n, row in enumerate(rows)),
    )
    reading = bdtopo_networks.read_accesses(made, _onto(bdtopo.SOURCE))
    layer = reading.layer
    assert dict(zip(layer["access_id"], layer["access_name"], strict=True)) == {
        "E0-motorway_exit": "7 Échangeur du Bois",
        "E3-station": "Gare de Là",
        "E3-freight_station": "Gare de Là",
        "E5-port": "Port",
    }
    assert [key.partition("-")[2] for key in layer["access_id"]] == list(layer["access_kind"])
    square = gpd.GeoSeries([SQUARE], crs=2154).to_crs(CC50)[0]
    assert layer.geometry.within(square).all()
    assert [row["value"] for row in reading.issues] == ["Gare rêvée"]


def test_stations_are_asked_for_around_the_whole_territory(generated, got, service):
    generated.publish(SMALL)
    got(bdtopo.NATIONAL, "/wfs")
    (asked,) = {
        one.query["BBOX"] for one in service.asked("/wfs") if one.query["TYPENAMES"] == bdtopo_networks.EQUIPMENT
    }
    sides = [float(side) for side in asked.split(",")[:4]]
    assert sides == [WEST - 20_000, SOUTH - 20_000, WEST + 38_000, SOUTH + 26_000]


def test_zeros_that_the_cadastre_lost_are_not_missed(tmp_path):
    ground = shapely.transform(SQUARE, lambda xy: np.column_stack(_degrees(*xy.T)))
    properties = {"id": "629010000A0007", "section": "A", "numero": "7", "contenance": None, "commune": "62901"}
    short = {**properties, "id": "62901A7"}
    files = _features(tmp_path, _feature(ground, **properties), _feature(ground, **short), epsg=4326)
    reading = cadastre.read_parcels(files, _onto(cadastre.ETALAB))
    assert list(reading.layer["parcel_id"]) == ["629010000A0007"]
    assert np.isnan(reading.layer["stated_m2"].iloc[0])
    assert [row["row"] for row in reading.issues] == ["62901A7"]


_degrees = Transformer.from_crs(2154, 4326, always_xy=True).transform


def test_buildings_of_the_cadastre_get_a_key_that_stays(tmp_path):
    ground = shapely.transform(SQUARE, lambda xy: np.column_stack(_degrees(*xy.T)))
    files = _features(tmp_path, _feature(ground, type="01", commune="62901"), epsg=4326)
    keys = [cadastre.read_buildings(files, _onto(cadastre.ETALAB)).layer["building_id"][0] for _ in range(2)]
    assert keys[0] == keys[1]
    assert keys[0].startswith("62901-")


def test_only_what_touches_the_ground_is_made_into_rows(tmp_path):
    far = box(WEST + 900, SOUTH, WEST + 1000, SOUTH + 100)
    files = _features(
        tmp_path, _feature(SQUARE, cleabs="near", etat_de_l_objet="", hauteur=1), _feature(far, cleabs="far")
    )
    near = gpd.GeoSeries([SQUARE], crs=2154).to_crs(CC50)[0]
    assert list(bdtopo.read_buildings(files, _onto(bdtopo.SOURCE, near)).layer["building_id"]) == ["near"]


def test_sirene_gives_what_may_be_published_and_nothing_else(generated, got, tmp_path):
    generated.publish(SMALL)
    files = got(sirene.NATIONAL)("sirene/*.parquet")
    raw = pq.read_table(tmp_path / sirene.STOCK).to_pylist()
    assert len(raw) == 12
    assert {row["codeCommuneEtablissement"] for row in raw} == {"62901", "62902"}
    reading = sirene.read(files, _onto(sirene.SOURCE))
    layer = reading.layer
    assert len(layer) == 6
    assert not layer["establishment_name"].str.contains("ND").any()
    assert set(layer["placed"]) == {"localisation à la plaque adresse", "localisation à la commune"}
    assert set(layer["jobs_low"]) == {20.0}
    assert set(layer["as_of"]) == {"2026-08-01"}
    assert "3 establishments are not to be published: they stay in the raw file." in reading.issues[-1]["message"]


def test_sirene_does_not_read_the_columns_and_groups_that_are_not_wanted(generated, got, service):
    generated.publish(SMALL)
    name = "/stock/StockEtablissement_utf8.parquet"
    noise = np.random.default_rng(1)
    rows = [{**row, "unused": noise.bytes(4000).hex()} for row in _rows(service.files[name]) * 40]
    service.files[name] = generated.parquet(sorted(rows, key=lambda row: row["codeCommuneEtablissement"]), group=240)
    got(sirene.NATIONAL)
    spans = [asked.headers["range"].removeprefix("bytes=").split("-") for asked in service.asked(name)]
    assert sum(int(last) - int(first) + 1 for first, last in spans) < len(service.files[name]) / 4


def _rows(body):
    return pq.read_table(io.BytesIO(body)).to_pylist()


@pytest.mark.parametrize(
    ("code", "low", "high"), [("00", 0, 0), ("NN", None, None), (None, None, None), ("53", 10_000, None)]
)
def test_no_band_of_jobs_is_not_no_job(generated, got, service, code, low, high):
    generated.publish(SMALL)
    name = "/stock/StockEtablissement_utf8.parquet"
    service.files[name] = generated.parquet(
        [{**row, "trancheEffectifsEtablissement": code} for row in _rows(service.files[name])]
    )
    layer = sirene.read(got(sirene.NATIONAL)("sirene/*.parquet"), _onto(sirene.SOURCE)).layer
    for column, wanted in (("jobs_low", low), ("jobs_high", high)):
        assert layer[column].isna().all() if wanted is None else (layer[column] == wanted).all()


@pytest.mark.parametrize(("form", "kind"), [("1000", "natural"), ("5710", "legal"), (None, "")])
def test_whether_an_establishment_is_of_a_person_is_as_its_legal_form_says(generated, got, service, form, kind):
    generated.publish(SMALL)
    name = "/stock/StockUniteLegale_utf8.parquet"
    rows = [{**row, "categorieJuridiqueUniteLegale": form} for row in _rows(service.files[name])]
    service.files[name] = generated.parquet(rows)
    layer = sirene.read(got(sirene.NATIONAL)("sirene/*.parquet"), _onto(sirene.SOURCE)).layer
    assert {*layer["establishment_kind"]} == {kind}


@pytest.mark.parametrize(
    ("created", "begun", "said"),
    [
        ("2011-05-02", "2011-05-02", "2011-05-02"),
        ("2011-05-02", "2019-07-01", "2011-05-02"),
        ("2011-05-02", None, "2011-05-02"),
        (None, "2019-07-01", ""),
        ("1900-01-01", "2019-07-01", ""),
    ],
    ids=["one period", "several periods", "no period said", "no creation said", "a day that stands for none"],
)
def test_when_an_establishment_opened_is_as_the_register_says(generated, got, service, created, begun, said):
    generated.publish(SMALL)
    name = "/stock/StockEtablissement_utf8.parquet"
    dates = {"dateCreationEtablissement": created, "dateDebut": begun}
    service.files[name] = generated.parquet([{**row, **dates} for row in _rows(service.files[name])])
    layer = sirene.read(got(sirene.NATIONAL)("sirene/*.parquet"), _onto(sirene.SOURCE)).layer
    assert set(layer["active_from"]) == {said}


def test_files_of_sirene_that_were_fetched_without_a_column_are_still_read(generated, got, tmp_path):
    generated.publish(SMALL)
    files = got(sirene.NATIONAL)("sirene/*.parquet")
    stock = pq.read_table(tmp_path / sirene.STOCK).drop_columns(["dateCreationEtablissement"])
    pq.write_table(stock, tmp_path / sirene.STOCK)
    layer = sirene.read(files, _onto(sirene.SOURCE)).layer
    assert len(layer) == 6
    assert set(layer["active_from"]) == {""}


def test_a_column_of_sirene_that_is_gone_is_named(generated, got, service):
    generated.publish(SMALL)
    name = "/stock/StockEtablissement_utf8.parquet"
    service.files[name] = generated.parquet(
        [{key: row[key] for key in row if key != "siren"} for row in _rows(service.files[name])]
    )
    with pytest.raises(SchemaError, match="column `siren`: is gone"):
        got(sirene.NATIONAL)


def test_each_place_of_sirene_is_in_its_own_system(generated, got, service):
    generated.publish(SMALL)
    name = "/geoloc/GeolocalisationEtablissement_Sirene_pour_etudes_statistiques_utf8.parquet"
    rows = _rows(service.files[name])
    east, north = Transformer.from_crs(2154, 3950, always_xy=True).transform(rows[0]["x"], rows[0]["y"])
    rows[0] |= {"x": east, "y": north, "epsg": "3950"}
    service.files[name] = generated.parquet(rows)
    layer = sirene.read(got(sirene.NATIONAL)("sirene/*.parquet"), _onto(sirene.SOURCE)).layer
    first = layer.set_index("siret").loc[rows[0]["siret"]]
    assert (first["x_m"], first["y_m"]) == (pytest.approx(east), pytest.approx(north))


def test_owners_are_found_whatever_zeros_are_lost(generated, got):
    generated.publish(SMALL)
    files = got(owners_legal.NATIONAL)("owners-legal/*.csv")
    ownership = owners_legal.read_ownership(files, _onto(owners_legal.SOURCE)).layer
    assert "629010000A0001" in set(ownership["parcel_id"])
    owners = owners_legal.read_owners(files, _onto(owners_legal.SOURCE)).layer
    assert list(owners["owner_id"]) == ["2162901000", "2162902000"]
    assert set(owners["owner_kind"]) == {"legal"}


def _owner_row(parcel, right, siren, name):
    row = ["62", "0", "901", "X", "", "A", str(parcel), *[""] * 6, "500", "", "", "500"]
    return ";".join([*row, right, "M", siren, "0", "", "", name])


def test_the_strongest_right_counts_and_holders_of_one_right_are_one_owner(tmp_path):
    file = tmp_path / "62.csv"
    rows = [
        _owner_row(1, "P - Propriétaire", "111111111", "UN"),
        _owner_row(1, "P - Propriétaire", "111111111", "UN"),
        _owner_row(1, "E - Emphytéote", "222222222", "DEUX"),
        _owner_row(2, "P", "333333333", "TROIS"),
        _owner_row(2, "P", "U12345678", "QUATRE"),
        _owner_row(3, "G", "444444444", "CINQ"),
    ]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    reading = owners_legal.read_ownership([file], _onto(owners_legal.SOURCE))
    owner_of = dict(zip(reading.layer["parcel_id"], reading.layer["owner_id"], strict=True))
    assert owner_of == {"629010000A0001": "111111111", "629010000A0002": "333333333|U12345678"}
    assert [row["value"] for row in reading.issues] == ["G"]


def test_an_archive_in_latin_1_with_quotes_is_read_as_well(generated, got, service, tmp_path):
    generated.publish(SMALL)
    path = next(path for path in service.files if "attachments" in path)
    label = '"Département"' + ';"x"' * 23
    row = ";".join(f'"{cell}"' for cell in _owner_row(1, "P", "111111111", "SOCIÉTÉ").split(";"))
    service.files[path] = generated.archive({"PM_21_NB_620.txt": f"{label}\n{row}\n".encode("latin-1")})
    got(owners_legal.NATIONAL)
    assert "SOCIÉTÉ" in (tmp_path / "owners-legal" / "62.csv").read_text(encoding="utf-8")


def test_an_archive_without_the_department_says_so(generated, got, service):
    generated.publish(SMALL)
    path = next(path for path in service.files if "attachments" in path)
    service.files[path] = generated.archive({"PM_25_NB_590.csv": b"x\n"})
    with pytest.raises(SourceMissingError, match="holds no file of department 62"):
        got(owners_legal.NATIONAL)


@pytest.mark.real
def test_a_real_file_of_owners_is_read(real_data):
    lines = (real_data / "PM_25_NB_440_part_014.csv").read_text(encoding="utf-8").splitlines()[1:]
    rows = list(csv.reader(lines, delimiter=";"))
    parcels = {owners_legal.parcel_of_owner_row(row) for row in rows}
    assert {len(parcel) for parcel in parcels} == {14}
    assert {parcel[:2] for parcel in parcels} == {"44"}


@pytest.mark.real
def test_a_real_cadastre_of_a_commune_is_read_whole(real_data):
    source = Source("cadastre", "", "", "", basis=cadastre.ETALAB.basis)
    file = real_data / "93010-bondy-2023-01-01-parcelles.json.gz"
    reading = cadastre.read_parcels([file], TargetLayer(CRS.from_epsg(3949), source))
    assert len(reading.layer) == 7084
    assert reading.layer["stated_m2"].isna().sum() == 1


@pytest.fixture
def fusac_file(tmp_path):
    """Write a file as the Cerema does, with sites around the territory and far from it."""

    def write(**columns):
        rows = {
            "site_id": ["F1", "F2", "F3", "F4"],
            "site_nom": ["ZA Une", None, "Diffus", "Loin"],
            "site_type": [fusac.ZONE, fusac.ZONE, "activité diffuse", fusac.ZONE],
            "site_etat": ["existant et actif", "existant et actif", "inconnu", "annulé"],
            "site_coddep": ["62", "62", "62", "13"],
        }
        ground = [shapely.affinity.translate(SQUARE, 500 * n, 500) for n in range(3)] + [box(9e5, 6.2e6, 9.1e5, 6.21e6)]
        frame = gpd.GeoDataFrame({**rows, **columns}, geometry=ground, crs=2154)
        file = tmp_path / "fusac.gpkg"
        frame.to_file(file, layer="fr_fusac_cerema_site_eco_2025")
        frame.drop(columns="site_nom").to_file(file, layer="terrains")
        return file

    return write


def test_fusac_is_read_around_the_territory_alone(got, fusac_file):
    origins = ["GPU", "OpenStreetMap", "GPU", "GPU"]
    files = got(fusac.NATIONAL, file=str(fusac_file(site_origine=origins)))("fusac/*")
    reading = fusac.read_sites(files, _onto(fusac.SOURCE))
    assert list(reading.layer["site_id"]) == ["F1"]
    assert list(reading.layer["site_state"]) == ["existant et actif"]
    assert [row["value"] for row in reading.issues] == ["activité diffuse"]
    traced = fusac.read_traced_zones(files, _onto(fusac.SOURCE)).layer
    assert list(traced["osm_id"]) == ["fusac/F2"]
    assert list(traced["licence"]) == ["ODbL 1.0"]


def test_an_edition_of_fusac_that_does_not_say_where_shapes_come_from_feeds_no_site(got, fusac_file):
    files = got(fusac.NATIONAL, file=str(fusac_file()))("fusac/*")
    assert len(fusac.read_sites(files, _onto(fusac.SOURCE)).layer) == 0
    assert len(fusac.read_traced_zones(files, _onto(fusac.SOURCE)).layer) == 2


def test_fusac_cannot_be_fetched_by_script_and_says_what_to_do(got):
    with pytest.raises(SourceError, match=r"then add --file FILE\.gpkg"):
        got(fusac.NATIONAL)


def test_brownfields_come_page_by_page_and_no_link_is_followed(generated, got):
    generated.publish(SMALL)
    degrees = shapely.transform(SQUARE, lambda xy: np.column_stack(_degrees(*xy.T)))
    statuses = ["friche avec projet", "friche sans projet", "friche potentielle", "friche rêvée", "friche reconvertie"]
    generated.brownfields = [
        _feature(
            shapely.affinity.translate(degrees, 0.01 * n),
            site_id=f"62901_{n}",
            site_nom=f"Friche {n}",
            site_statut=status,
            comm_insee="62901",
            site_actu_date="2026-02-03",
            unite_fonciere_refcad="['62901000AC0628']",
        )
        for n, status in enumerate(statuses)
    ]
    reading = cartofriches.read(got(cartofriches.NATIONAL)("cartofriches/*"), _onto(cartofriches.SOURCE))
    assert len(reading.layer) == 5
    assert list(reading.layer["status"])[3] == "inconnu"
    assert [row["value"] for row in reading.issues] == ["friche rêvée"]


def _soil(n, ground, **properties):
    row = {"identifiant_ssp": f"SSP{n}", "nom": "x", "code_insee": "62901", "date_maj": "2017-05-22", **properties}
    return {**row, "geom": ground and shapely.geometry.mapping(ground)}


def test_polluted_ground_is_asked_for_by_commune_to_the_last_page(generated, got):
    generated.publish(SMALL)
    degrees = shapely.transform(SQUARE, lambda xy: np.column_stack(_degrees(*xy.T)))
    generated.registers = {
        "/ssp/conclusions_sis": [_soil(n, degrees, id_sis=f"SIS{n}") for n in range(3)],
        "/ssp/conclusions_sup": [_soil(9, degrees), _soil(8, degrees.centroid, statut_classification="SUP")],
    }
    files = got(risks.NATIONAL)
    reading = risks.read_polluted_ground(files("risks/*-sis*"), _onto(risks.SOURCE))
    assert list(reading.layer["exclusion_id"]) == ["sis-SIS0", "sis-SIS1", "sis-SIS2"]
    assert set(reading.layer["reason"]) == {"contamination"}
    bound = risks.read_polluted_ground(files("risks/*-sup*"), _onto(risks.SOURCE))
    assert (list(bound.layer["exclusion_id"]), bound.issues) == (["sup-SSP9"], [])
    points = risks.read_binding_points(files("risks/*-sup*"), _onto(risks.SOURCE)).layer
    assert points[["spot_id", "spot_kind", "said"]].to_numpy().tolist() == [["sup-SSP8", "pollution", "SUP"]]


def test_a_place_in_several_registers_of_soils_has_a_key_in_each(generated, got):
    generated.publish(SMALL)
    degrees = shapely.transform(SQUARE, lambda xy: np.column_stack(_degrees(*xy.T)))
    soils = [_soil(1, degrees), _soil(2, degrees, id_sis="S1"), _soil(3, degrees.centroid, id_sis="S2")]
    followed = [_soil(4, degrees, id_sis="S1"), _soil(5, degrees, id_sis="S1"), _soil("", degrees, id_sis="S1")]
    for row in followed[2:]:
        row["identifiant_ssp"] = None
    generated.registers = {
        "/ssp/conclusions_sis": soils,
        "/ssp/conclusions_sup": soils,
        "/ssp/instructions": followed,
    }
    files = got(risks.NATIONAL)
    onto = _onto(risks.SOURCE)
    for register, place in (("sis", ["sis-SSP1", "sis-S1", "sis-S2"]), ("sup", ["sup-SSP1", "sup-SSP2", "sup-SSP3"])):
        here = files(f"risks/*-{register}*")
        assert list(risks.read_polluted_ground(here, onto).layer["exclusion_id"]) == place[:2]
        assert list(risks.read_binding_points(here, onto).layer["spot_id"]) == place[2:]
    spots = risks.read_followed_places(files("risks/*-instructions*"), onto).layer
    assert list(spots["spot_id"]) == ["instruction-SSP4", "instruction-SSP5", "instruction-S1"]


def test_a_place_that_was_followed_and_found_clean_is_not_called_polluted(generated, got):
    generated.publish(SMALL)
    degrees = shapely.transform(SQUARE, lambda xy: np.column_stack(_degrees(*xy.T)))
    said = "Clôturé : pas de pollution constatée"
    generated.registers = {"/ssp/instructions": [_soil(1, degrees.centroid, statut=said)]}
    layer = risks.read_followed_places(got(risks.NATIONAL)("risks/*-instructions*"), _onto(risks.SOURCE)).layer
    assert layer[["spot_kind", "said"]].to_numpy().tolist() == [["followed", said]]


def test_former_uses_and_installations_are_points_that_exclude_nothing_and_name_nobody(generated, got):
    generated.publish(SMALL)
    degrees = shapely.transform(SQUARE, lambda xy: np.column_stack(_degrees(*xy.T)))
    plant = {"codeAIOT": "0003", "raisonSociale": "M. DUPONT", "codeInsee": "62901", "date_maj": "2026-01-02"}
    plant |= {"regime": "Autorisation", "statutSeveso": "Seveso seuil bas", "etatActivite": "En exploitation"}
    generated.registers = {
        "/ssp/casias": [
            _soil(1, degrees.centroid, statut="En arrêt", nom_etablissement="Garage DUPONT"),
            _soil(2, degrees, statut="Indéterminé"),
            _soil(3, None, statut=None),
        ],
        "/ssp/instructions": [_soil(1, degrees, statut="En cours")],
        "/installations_classees": [
            {**plant, "longitude": degrees.centroid.x, "latitude": degrees.centroid.y},
            {**plant, "codeAIOT": "0004", "longitude": None, "latitude": None},
        ],
    }
    files = got(risks.NATIONAL)
    former = risks.read_former_uses(files("risks/*-casias*"), _onto(risks.SOURCE))
    assert former.layer[["spot_id", "said"]].to_numpy().tolist() == [
        ["casias-SSP1", "En arrêt"],
        ["casias-SSP2", "Indéterminé"],
    ]
    assert [row["row"] for row in former.issues] == ["casias-SSP3"]
    followed = risks.read_followed_places(files("risks/*-instructions*"), _onto(risks.SOURCE)).layer
    plants = risks.read_installations(files("risks/*-icpe*"), _onto(risks.SOURCE))
    assert list(plants.layer["said"]) == ["Autorisation, Seveso seuil bas, En exploitation"]
    assert [row["row"] for row in plants.issues] == ["icpe-0004"]
    square = gpd.GeoSeries([SQUARE], crs=2154).to_crs(CC50)[0].buffer(0.1)
    for layer in (former.layer, followed, plants.layer):
        assert set(layer.geometry.geom_type) == {"Point"}
        assert layer.geometry.within(square).all()
        assert set(layer["insee"]) == {"62901"}
        assert "DUPONT" not in layer.to_csv()


@pytest.mark.parametrize(
    "service_of_pages", [(cartofriches.NATIONAL, "count", "features"), (risks.NATIONAL, "results", "data")]
)
@pytest.mark.parametrize(
    ("answer", "said"),
    [({"total": 3}, "announces 3 rows, and 1 came"), ({"total": 0}, "announces 0 rows, and 1 came"), (None, "no page")],
    ids=["fewer than announced", "more than announced", "something else"],
)
def test_pages_that_do_not_add_up_to_what_is_announced_are_refused(got, service, reply, service_of_pages, answer, said):
    national, total, rows = service_of_pages

    def page(asked):
        row = {"type": "Feature", "properties": {"code_insee": "62901"}, "geometry": None}
        return reply.json(
            {total: answer["total"], rows: [row] if asked.query["page"] == "1" else []} if answer else {"error": "no"}
        )

    service.routes["/"] = page
    with pytest.raises(SourceError, match=said):
        got(national)


def test_rows_are_asked_for_to_the_last_page_that_is_announced_and_counted_over_all(got, service, reply):
    def page(asked):
        row = {"id_sis": f"SIS{asked.query['page']}", "code_insee": asked.query["code_insee"], "geom": None}
        return reply.json({"results": 1, "total_pages": 2, "data": [row]})

    service.routes["/"] = page
    with pytest.raises(SourceError, match="announces 1 rows, and 2 came"):
        got(risks.NATIONAL)


@pytest.mark.parametrize(("path", "column"), [("/ssp", "code_insee"), ("/installations_classees", "codeInsee")])
def test_a_service_that_ignores_the_commune_is_found_out(generated, got, service, reply, path, column):
    generated.publish(SMALL)
    row = {"id_sis": "SIS1", column: "13001", "geom": None}
    service.script[path] = [reply.json({"results": 1, "data": [row]})]
    with pytest.raises(SourceError, match="answers for 13001 when 62901 is asked"):
        got(risks.NATIONAL)


def test_plans_close_natural_and_agricultural_ground_and_easements_say_why(generated, got):
    generated.publish(SMALL)
    kinds = ["U", "AUc", "AUs", "AU", "A", "Ah", "N", "Nd", "Z"]
    generated.wfs.layers["wfs_du:zone_urba"] = [
        _feature(SQUARE, gid=n, typezone=kind, datvalid="20240131", destdomi=None) for n, kind in enumerate(kinds)
    ]
    generated.wfs.layers["wfs_sup:assiette_sup_s"] = [
        _feature(SQUARE, gid=n, suptype=kind) for n, kind in enumerate(["pm1", "AC1", "t5", "T1"])
    ]
    generated.wfs.layers["wfs_sup:assiette_sup_l"] = [_feature(LINE, gid=0, suptype="i4")]
    generated.wfs.layers["wfs_sup:assiette_sup_p"] = [
        _feature(SQUARE.centroid, gid=0, suptype="ac1", nomsuplitt="Puits")
    ]
    files = got(planning.NATIONAL, "/wfs")
    zones = planning.read_zones(files("planning/*-zone*"), _onto(planning.SOURCE))
    assert list(zones.layer["exclusion_id"]) == ["zone-4", "zone-5", "zone-6", "zone-7"]
    assert set(zones.layer["as_of"]) == {"2024-01-31"}
    assert [row["value"] for row in zones.issues] == ["Z"]
    easements = planning.read_easements(files("planning/*-servitude-s*"), _onto(planning.SOURCE))
    assert list(easements.layer["reason"]) == ["risk_plan", "heritage", "easement"]
    assert [row["value"] for row in easements.issues] == ["t5"]
    lines = planning.read_easements(files("planning/*-servitude-l*"), _onto(planning.SOURCE)).layer
    assert lines[["exclusion_id", "reason"]].to_numpy().tolist() == [["sup-l-0", "power_line"]]
    points = planning.read_easement_points(files("planning/*-servitude-p*"), _onto(planning.SOURCE)).layer
    assert points[["spot_id", "spot_kind", "said"]].to_numpy().tolist() == [["sup-p-0", "easement", "Puits"]]


def test_prescriptions_that_keep_ground_are_told_from_rules_of_how_to_build(generated, got):
    generated.publish(SMALL)
    surfaces = ["01", "05", "7", "39", "99", "77"]
    generated.wfs.layers["wfs_du:prescription_surf"] = [
        _feature(SQUARE, gid=n, typepsc=kind, stypepsc="00", datvalid="20240131") for n, kind in enumerate(surfaces)
    ]
    generated.wfs.layers["wfs_du:prescription_lin"] = [
        _feature(LINE, gid=n, typepsc=kind) for n, kind in enumerate(["07", "15"])
    ]
    generated.wfs.layers["wfs_du:prescription_pct"] = [
        _feature(shapely.MultiPoint([SQUARE.centroid]), gid=n, typepsc=kind, libelle="Arbre remarquable")
        for n, kind in enumerate(["07", "44"])
    ]
    files = got(planning.NATIONAL, "/wfs")
    reading = planning.read_prescriptions(files("planning/*-prescription-s*"), _onto(planning.SOURCE))
    rows = reading.layer[["exclusion_id", "reason", "as_of"]].to_numpy().tolist()
    assert rows == [
        ["psc-0", "zoning", "2024-01-31"],
        ["psc-1", "reserved", "2024-01-31"],
        ["psc-2", "heritage", "2024-01-31"],
    ]
    assert [row["value"] for row in reading.issues] == ["77"]
    lines = planning.read_prescriptions(files("planning/*-prescription-l*"), _onto(planning.SOURCE)).layer
    assert list(lines["exclusion_id"]) == ["psc-l-0"]
    assert lines["measured_m2"].iloc[0] == pytest.approx(200, rel=0.01)
    points = planning.read_prescribed_points(files("planning/*-prescription-p*"), _onto(planning.SOURCE))
    assert points.layer[["spot_id", "spot_kind", "said"]].to_numpy().tolist() == [
        ["psc-p-0", "plan", "Arbre remarquable"]
    ]
    assert points.issues == []


def test_openstreetmap_keeps_its_licence_and_its_layer(generated, got):
    generated.publish(SMALL)
    x, y = _degrees(np.array([WEST, WEST + 100, WEST + 100, WEST]), np.array([SOUTH, SOUTH, SOUTH + 100, SOUTH]))
    ring = [{"lat": lat, "lon": lon} for lon, lat in zip(x, y, strict=True)]
    tags = {"landuse": "industrial", "name": "Usine"}
    generated.overpass = {
        "osm3s": {"timestamp_osm_base": "2026-11-01T00:00:00Z"},
        "elements": [
            {"type": "way", "id": 1, "tags": tags, "geometry": ring},
            {"type": "way", "id": 2, "tags": tags, "geometry": ring[:3]},
        ],
    }
    layer = osm.read(got(osm.NATIONAL, "/overpass")("osm/*"), _onto(osm.SOURCE)).layer
    assert list(layer["osm_id"]) == ["way/1"]
    assert list(layer["licence"]) == ["ODbL 1.0"]
    assert "sites" not in osm.NATIONAL.readers
    assert osm.NATIONAL.optional


def test_an_answer_of_openstreetmap_that_stopped_early_is_refused(generated, got):
    generated.publish(SMALL)
    generated.overpass = {"remark": "runtime error: Query timed out", "elements": []}
    with pytest.raises(SourceError, match="stopped before the end"):
        got(osm.NATIONAL, "/overpass")


@pytest.mark.parametrize("name", [name for name in registry.ALL if name != "fusac"])
def test_a_commune_with_nothing_in_it_is_an_empty_layer(name, generated, got):
    national = registry.ALL[name]
    generated.publish([[], [], []])
    generated.wfs.layers["CADASTRALPARCELS.PARCELLAIRE_EXPRESS:parcelle"] = []
    paths = {"bdtopo": "/wfs", "cadastre-ign": "/wfs", "planning": "/wfs", "osm": "/overpass"}
    files = got(national, paths.get(national.name, ""))
    for layer, (pattern, reader) in national.readers.items():
        found = reader(files(pattern), _onto(national.source)).layer
        assert isinstance(found, pd.DataFrame)
        assert len(found) == (3 if layer == "communes" else 0)
