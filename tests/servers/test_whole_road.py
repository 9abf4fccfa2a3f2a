"""From an empty folder to the pages of any territory, against servers on loopback."""

import csv
import json

import pytest

import gis
from gis.sources.open_data.fetched import read_fetched


def test_an_empty_folder_becomes_five_pages_of_surveyed_ground(command, generated, founding, tmp_path):
    zones = [(20, 17)] * 3 + [(22, 15)] * 7
    generated.publish([zones, zones, [(20, 17), *zones[:3], *zones[4:]]])
    folder = founding()
    fetched = command("fetch", folder)
    assert fetched.code == 0, fetched.out
    assert command("build", folder).code == 0
    territory = gis.open(folder)
    assert (len(territory.sites), len(territory.parcels)) == (30, 10_000)
    assert len(territory.tiles) == 0
    assert territory.sites.geometry.notna().all()
    for layer in (territory.communes, territory.sites, territory.parcels, territory.buildings):
        assert set(layer["basis"]) == {"surveyed"}
    assert set(territory.parcels["site_id"]) == set(territory.sites["site_id"])
    assert (territory.parcels["site_share"] > 0.99).all()
    assert len(territory.establishments) == 30
    assert set(territory.establishments["placed"]) == {"localisation à la plaque adresse"}
    assert (territory.parcels["owner_id"] != "").sum() == 30
    pages = sorted((tmp_path / "maps" / "pays").glob("*.html"))
    assert [page.stem for page in pages] == ["available", "index", "site", "territory", "zones"]
    cited = [territory.sources[name].credit for name in ("communes", "cadastre", "bdtopo", "sirene", "owners-legal")]
    assert cited[1] == "DGFiP, Etalab, Plan cadastral informatisé, 2026-07-01"
    assert cited[2] == "IGN, BD TOPO®, 2026-04-01..2026-05-04"
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert [credit for credit in cited if f"<li>{credit}</li>" not in text] == [], page.stem


def test_the_same_raw_files_give_the_same_pages(command, founded, tree):
    command("fetch", founded)
    command("build", founded)
    once = tree(founded.parents[1])
    command("build", founded)
    assert tree(founded.parents[1]) == once


def test_a_new_territory_is_measured_in_its_zone_and_has_tables_to_fill(founded):
    territory = gis.open(founded)
    assert territory.name == "CA du Pays Inventé"
    assert territory.crs.to_epsg() == 3950
    assert list(territory.communes["insee"]) == ["62901", "62902", "62903"]
    assert territory.communes.geometry.notna().all()
    assert len(territory.sites) == len(territory.tenancies) == 0
    assert territory.focus == {}


def test_a_territory_without_fetched_data_builds_all_the_same(command, founded):
    built = command("build", founded)
    assert built.code == 0, built.err
    assert "site.html" not in built.out


def test_communes_can_be_named_one_by_one(command, generated, tmp_path):
    generated.publish([[(3, 2)], [], []])
    made = command("new", "--communes", "62901,62903", "--name", "Deux", tmp_path / "deux")
    assert made.code == 0, made.err
    territory = gis.open(tmp_path / "deux")
    assert (territory.name, list(territory.communes["insee"])) == ("Deux", ["62901", "62903"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["12345"], "`12345` is no SIREN code. Write its nine digits, or --demo for a fictional territory."),
        (["--communes", "621"], "`621` is no INSEE code"),
        ([], "neither an EPCI nor communes"),
    ],
    ids=["EPCI", "commune", "nothing"],
)
def test_a_code_that_is_none_is_refused_before_anybody_is_asked(
    command, service, tmp_path, monkeypatch, arguments, said
):
    monkeypatch.chdir(tmp_path)
    ended = command("new", *arguments)
    assert ended.code == 1
    assert said in ended.err
    assert service.log == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(command, generated, tmp_path):
    generated.publish([[], [], []])
    (tmp_path / "mine").write_text("mine")
    ended = command("new", generated.epci, tmp_path)
    assert ended.code == 1
    assert "is there already" in ended.err
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_what_is_fresh_is_not_asked_for_again(command, founded, service):
    assert command("fetch", founded).code == 0
    service.log.clear()
    again = command("fetch", founded)
    assert again.code == 0
    assert service.log == []
    assert "cadastre: nothing to get; 6 here are good" in again.out


def test_what_is_stale_is_asked_for_again(command, founded, service):
    command("fetch", founded)
    record = founded / "raw" / "fetched.toml"
    today = read_fetched(founded / "raw").sources["cadastre"].retrieved
    old = record.read_text(encoding="utf-8").replace(f'retrieved = "{today}"', 'retrieved = "2020-01-01"')
    record.write_text(old, encoding="utf-8")
    service.log.clear()
    assert command("fetch", founded, "cadastre").code == 0
    assert len(service.asked("/data/")) == 6
    assert read_fetched(founded / "raw").sources["cadastre"].retrieved != "2020-01-01"


def test_a_source_that_fails_says_so_in_a_line_and_leaves_the_rest(command, founded, service, reply, tree):
    assert command("fetch", founded).code == 0
    before = tree(founded / "raw")
    record = founded / "raw" / "fetched.toml"
    record.write_text(
        record.read_text(encoding="utf-8").replace('retrieved = "20', 'retrieved = "19'), encoding="utf-8"
    )
    service.script["/wfs"] = [reply(b"<title>Maintenance</title>", status=400)]
    ended = command("fetch", founded, "cadastre", "bdtopo")
    assert ended.code == 1
    lines = ended.out.splitlines()
    assert lines[0].startswith("cadastre: 6 files came")
    assert lines[1].startswith("bdtopo: failed, what was here stays.")
    assert "“Maintenance”" in lines[1]
    assert len(lines) == 2
    after = tree(founded / "raw")
    assert {name for name in before if before[name] != after.get(name)} == {"fetched.toml"}
    assert command("build", founded).code == 0


def test_a_commune_that_the_cadastre_lacks_does_not_stop_the_others(command, founded, service):
    for path in [path for path in service.files if "62902" in path]:
        del service.files[path]
    ended = command("fetch", founded, "cadastre")
    assert ended.code == 1
    assert "cadastre: failed, what was here stays. 2 of 6 files are not there" in ended.out
    assert len(read_fetched(founded / "raw").entries["cadastre"]) == 4


def test_a_packed_file_that_is_cut_short_does_not_take_the_place_of_a_good_one(command, founded, service):
    path = next(path for path in service.files if "62901-parcelles" in path)
    service.files[path] = service.files[path][:-20]
    ended = command("fetch", founded, "cadastre")
    assert ended.code == 1
    assert "is cut short or broken" in ended.out
    assert not list((founded / "raw" / "cadastre").glob("*62901-parcelles*"))


def test_offline_nobody_is_asked_and_what_is_missing_is_said(command, founded, service):
    service.log.clear()
    ended = command("fetch", founded, "--offline")
    assert ended.code == 1
    assert "cadastre: failed, what was here stays. 6 files are not here" in ended.out
    assert service.log == []


def test_a_dry_run_says_how_much_would_come_and_changes_nothing(command, founded, tree):
    before = tree(founded)
    ended = command("fetch", founded, "--dry-run")
    assert ended.code == 0, ended.out
    assert "cadastre: 6 files would come, 0.0 MB; 0 here are good" in ended.out
    assert "bdtopo: 22 files would come, 6 features; 0 here are good" in ended.out
    assert tree(founded) == before


def test_an_unknown_source_is_refused_with_those_that_are_known(command, founded):
    ended = command("fetch", founded, "cadaster")
    assert ended.code == 1
    assert "`cadaster` is not known. Known: communes, cadastre" in ended.err


def test_boxes_need_the_outlines_of_communes(command, founded):
    (founded / "raw" / "fetched.toml").unlink()
    ended = command("fetch", founded, "bdtopo")
    assert ended.code == 1
    assert "the outlines of the communes are not known. Fetch `communes` first" in ended.out


def test_a_column_that_was_renamed_is_named_and_the_file_is_not_kept(command, founded, generated):
    for feature in generated.wfs.layers["BDTOPO_V3:zone_d_activite_ou_d_interet"]:
        feature["properties"]["categorie_2"] = feature["properties"].pop("categorie")
    ended = command("fetch", founded)
    assert ended.code == 1
    assert "bdtopo: failed, what was here stays. 2 of 22 files are malformed" in ended.out
    assert "column `categorie`: is gone" in ended.out
    assert "gis doctor --online" in ended.out


def test_the_doctor_says_all_is_well_and_then_what_drifted(command, founded, generated):
    healthy = command("doctor", founded, "--online")
    assert (healthy.code, healthy.out) == (0, "All as it was.\n"), healthy.err
    for feature in generated.wfs.layers["BDTOPO_V3:zone_d_activite_ou_d_interet"]:
        feature["properties"]["etat_de_l_objet"] = "Rêvé"
        ring = feature["geometry"]["coordinates"][0][0]
        feature["geometry"]["coordinates"][0][0] = [[x + 2500, y + 2500, z] for x, y, z in ring]
    drifted = {"type": "Feature", "properties": {"new": 1}, "geometry": None}
    for path in [path for path in generated.service.files if "batiments" in path]:
        text = json.dumps({"type": "FeatureCollection", "features": [drifted]})
        generated.service.files[path] = text.encode()
    ended = command("doctor", founded, "--online")
    assert ended.code == 1
    assert "bdtopo: etat_de_l_objet of PAIACTIV6290100000000000 is `Rêvé`" in ended.out
    assert "cadastre: /cadastre/cadastre-62901-batiments.json.gz: column `commune`: is gone" in ended.out


def test_sources_says_what_feeds_each_layer_and_what_is_missing(command, founded):
    command("fetch", founded, "communes", "bdtopo")
    ended = command("sources", founded)
    assert ended.code == 0, ended.err
    assert "sites                 3 rows, 3 with a shape; surveyed; IGN, BD TOPO®" in ended.out
    assert "missing         cadastre: would bring parcels" in ended.out


def test_bytes_that_somebody_changed_are_refused(command, founded):
    command("fetch", founded)
    file = next((founded / "raw" / "cadastre").glob("*parcelles*"))
    file.write_bytes(file.read_bytes() + b" ")
    ended = command("build", founded)
    assert ended.code == 1
    assert "its bytes are not those that were fetched" in ended.err


def test_the_second_way_to_parcels_gives_the_same(command, founded, generated):
    features = generated.wfs.layers.setdefault("CADASTRALPARCELS.PARCELLAIRE_EXPRESS:parcelle", [])
    command("fetch", founded)
    first = gis.open(founded).parcels
    for key, ground in zip(first["parcel_id"], first.geometry.to_crs(2154), strict=True):
        ring = [list(xy) for xy in ground.exterior.coords]
        properties = {"idu": key, "code_insee": key[:5], "contenance": 500}
        geometry = {"type": "MultiPolygon", "coordinates": [[ring]]}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    assert command("fetch", founded, "cadastre-ign").code == 0
    territory = gis.open(founded)
    assert sorted(territory.parcels["parcel_id"]) == sorted(first["parcel_id"])
    assert set(territory.parcels["source_id"]) == {"cadastre"}
    replaced = territory.replaced
    assert set(replaced["replaced_source_id"]) >= {"cadastre-ign"}
    assert replaced.loc[replaced["layer"] == "parcels", "apart_m"].max() < 0.05


def test_a_known_name_takes_its_shape_and_a_doubtful_one_waits_for_a_person(command, founded):
    with (founded / "sites.csv").open("a", encoding="utf-8") as table:
        rows = csv.DictWriter(table, (founded / "sites.csv").read_text(encoding="utf-8").strip().split(","))
        common = {"site_type": "inconnu", "insee": "62901", "source_id": "perimetre"}
        rows.writerow({"site_id": "un", "site_name": "Z.A. du chemin 1 de 62901", **common})
        rows.writerow({"site_id": "deux", "site_name": "Chemin 2 à 62901 dit le Vieux", **common})
    command("fetch", founded)
    sites = gis.open(founded).sites.set_index("site_id")
    assert sites.loc["un", "basis"] == "surveyed"
    assert sites.loc["un"].geometry is not None
    assert sites.loc["deux"].geometry is None
    assert len(sites) == 4
    listed = list(csv.DictReader((founded / "matches.csv").read_text(encoding="utf-8").splitlines()))
    assert {(row["site_id"], row["feature"]) for row in listed} == {("deux", "PAIACTIV6290100000000001")}
    text = (founded / "matches.csv").read_text(encoding="utf-8")
    (founded / "matches.csv").write_text(text.rstrip() + "oui\n", encoding="utf-8")
    sites = gis.open(founded).sites.set_index("site_id")
    assert sites.loc["deux"].geometry is not None
    assert len(sites) == 3
    command("fetch", founded)
    assert "oui" in (founded / "matches.csv").read_text(encoding="utf-8")


def test_the_users_own_shape_comes_before_a_fetched_one_and_the_difference_is_told(command, founded):
    command("fetch", founded)
    fetched = gis.open(founded).sites
    own = fetched[fetched["site_id"].str.endswith("62901" + "0" * 11)]
    with (founded / "sites.csv").open("a", encoding="utf-8") as table:
        header = (founded / "sites.csv").read_text(encoding="utf-8").strip().split(",")
        row = {
            "site_id": "mine",
            "site_name": "Le mien",
            "site_type": "inconnu",
            "insee": "62901",
            "source_id": "perimetre",
        }
        csv.DictWriter(table, header).writerow(row)
    drawn = own.assign(site_id="mine").set_geometry(own.geometry.translate(3, 4))[["site_id", "geometry"]]
    drawn.to_file(founded / "raw" / "sites.gpkg")
    territory = gis.open(founded)
    assert len(territory.sites) == 3
    assert territory.sites.set_index("site_id").loc["mine", "basis"] == "digitised"
    (row,) = [row for row in territory.replaced.to_dict("records") if row["layer"] == "sites"]
    assert (row["row"], row["replaced_source_id"]) == ("mine", "bdtopo")
    assert row["apart_m"] == pytest.approx(5, abs=0.1)


def test_the_shipped_territory_with_one_commune_of_ground_shows_both(command, copied, generated, rebuilt):
    generated.communes, generated.epci = ("62727",), "200072460"
    generated.publish([[(3, 2), (2, 2)]])
    generated.wfs.layers["BDTOPO_V3:zone_d_activite_ou_d_interet"][0]["properties"]["toponyme"] = "ZI de Ruitz"
    named = gis.open(copied.path).sites
    names = ("bdtopo", "planning", "risks", "cartofriches", "cadastre")
    services = [f'[services.{name}]\nper_second = "10000"\n\n' for name in names]
    copied.change("territory.toml", "[opening]", f"{''.join(services)}[opening]")
    ended = command("fetch", copied.path)
    assert ended.code == 1
    assert "198 of 200 files are not there" in ended.out
    assert "the outlines of 99 communes are not known" in ended.out
    built = rebuilt(copied)
    sites = built.layers["sites"].set_index("site_id")
    drawn = sites[sites.geometry.notna()]
    assert {*drawn.index} == {"zi_ruitz", "PAIACTIV6272700000000001"}
    assert set(drawn["basis"]) == {"surveyed"}
    assert sites.geometry.isna().sum() == len(named) - 1
    subjects = set(built.layers["tiles"]["subject"])
    assert "sites/zi_ruitz" not in subjects
    assert "sites/siziaf_artois_flandres" in subjects
    assert set(built.layers["parcels"]["site_id"]) == {*drawn.index}
    assert (sites["counted"] == "oui").sum() == (named["counted"] == "oui").sum()
