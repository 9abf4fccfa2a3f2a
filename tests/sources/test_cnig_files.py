"""Deliveries in the CNIG standard, as they are and with the faults that the official artefacts have."""

import csv
import json
import shutil
from pathlib import Path

import geopandas as gpd
import pytest

from gis import cnig
from gis.errors import CrsError, SourceChangedError
from gis.sources.own_files.cnig_files import recognise_deliveries

SITE = {
    "site_id": "99001_SITE-ECO_1",
    "site_nom": "ZA du Port",
    "site_type": "zone d'activité économique",
    "site_vocadomi": "industrielle",
    "site_etat": "existant et actif",
    "site_surf_brute": 8.5,
    "site_nb_emploi": 120,
    "site_creation_date": "1999",
    "site_comm_insee": "99001",
    "site_actu_date": "2024-03-01",
}
TERRAIN = {
    "terr_id": "99001_TERRAIN-ECO_1",
    "site_id": "99001_SITE-ECO_1",
    "terr_surf_brute": 2.0,
    "terr_utile": "oui",
    "terr_stade_amngt": "viabilisé non aménagé",
    "terr_stade_comm": "en vente",
    "terr_etat_occup": "vacant",
    "terr_cle_en_main": "non",
    "terr_actu_date": "2024-03-02",
    "terr_acquereur": "Madame Tout-le-Monde",
    "terr_cession_date": "2023-01-01",
    "terr_m2_prix": 31,
}
ESTABLISHMENT = {
    "SIRET": "12345678900015",
    "terr_id": "99001_TERRAIN-ECO_1",
    "etab_raison_sociale": "Algues SA",
    "etab_nom": "",
    "comm_insee": "99001",
    "etab_actif": "oui",
    "etab_activite_libelle": "Culture d’algues",
    "etab_effectif_code": "3",
    "etab_effectif_annee": "2022",
    "etab_actu_date": "2024-03-03",
    "etab_contact_tel": "03 00 00 00 00",
}


def table(folder, name, *rows, delimiter=";", encoding="utf-8"):
    folder.path.joinpath("raw").mkdir(exist_ok=True)
    with (folder.path / "raw" / name).open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys(), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def delivered(folder, square, *, name="livraison.gpkg", crs=2154):
    """Put a delivery of three classes in `raw/`."""
    (folder.path / "raw").mkdir(exist_ok=True)
    ground = {"site_eco": (SITE, square(400, 200)), "terrain_eco": (TERRAIN, square(100, 200))}
    for layer, (row, shape) in ground.items():
        one = gpd.GeoDataFrame([row], geometry=[shape], crs=3950).to_crs(crs)
        one.to_file(folder.path / "raw" / name, layer=layer)
    point = gpd.GeoDataFrame([ESTABLISHMENT], geometry=[square(1, 1).centroid], crs=3950).to_crs(crs)
    point.to_file(folder.path / "raw" / name, layer="etablissement")


def geojson(shape, crs):
    return json.dumps(gpd.GeoSeries([shape], crs=3950).to_crs(crs).iloc[0].__geo_interface__)


def test_a_geopackage_in_raw_becomes_layers_as_it_is(demo, square):
    delivered(demo, square)
    territory = demo.open()
    site = territory.sites.set_index("site_id").loc["99001_SITE-ECO_1"]
    assert (site["site_name"], site["land_low_ha"], site["land_kind"], site["jobs"]) == (
        "ZA du Port",
        8.5,
        "gross",
        120,
    )
    assert (site["as_of"], site["opened"], site["counted"], site["insee"]) == ("2024-03-01", "1999", "oui", "99001")
    assert round(site["measured_m2"]) == 80_000
    assert (site["source_id"], site["basis"]) == ("raw/livraison.gpkg", "digitised")
    (terrain,) = territory.terrains.to_dict("records")
    assert (terrain["occupied"], terrain["sale"], terrain["servicing"]) == (
        "vacant",
        "en vente",
        "viabilisé non aménagé",
    )
    assert (terrain["useful"], terrain["turnkey"], terrain["as_of"]) == ("oui", "non", "2024-03-02")
    (occupant,) = territory.establishments.to_dict("records")
    assert (occupant["establishment_name"], occupant["siret"]) == ("Algues SA", "12345678900015")
    assert (occupant["site_id"], occupant["jobs_low"], occupant["jobs_high"]) == ("99001_SITE-ECO_1", 6, 9)
    assert (occupant["jobs_as_of"], occupant["as_of"], occupant["basis"]) == ("2022", "2024-03-03", "stated")
    assert list(territory.issues["message"]) == ["Ground of the site that is in no terrain."]


def test_what_is_not_to_be_published_never_leaves_the_file(demo, rebuilt, square):
    delivered(demo, square)
    built = rebuilt(demo)
    pages = "".join(page.read_text(encoding="utf-8") for page in built.files.pages)
    tables = "".join(layer.to_csv() for layer in built.layers.values())
    for secret in ("Madame Tout-le-Monde", "2023-01-01", "03 00 00 00 00"):
        assert secret not in pages + tables + json.dumps(built.ledger)
    assert built.layers["terrains"]["sold_on"].isna().all()
    assert built.layers["terrains"]["price_eur_m2"].isna().all()


@pytest.mark.parametrize("crs", [2154, 3950, 4326], ids=["Lambert-93", "CC50", "degrees"])
def test_the_crs_of_a_table_is_the_one_that_fits_alone_and_is_said(demo, square, crs):
    table(demo, "sites.csv", {**SITE, "site_geomsurf": geojson(square(400, 200), crs)})
    territory = demo.open()
    assert round(territory.sites.iloc[-1]["measured_m2"]) == 80_000
    (said,) = territory.issues.to_dict("records")
    assert (said["column_name"], said["value"]) == ("site_geomsurf", f"EPSG:{crs}")


def test_a_crs_that_is_not_plain_is_asked_for_and_then_taken(demo, command, square):
    far = json.dumps({"type": "Polygon", "coordinates": [[[1, 1], [9, 1], [9, 9], [1, 1]]]})
    table(demo, "sites.csv", {**SITE, "site_geomsurf": far})
    with pytest.raises(CrsError, match=r"no CRS, and its coordinates fit none we know.*--crs EPSG:…`"):
        _ = demo.open().sites
    demo.path.joinpath("raw", "sites.csv").unlink()
    table(demo, "zones.csv", {**SITE, "site_geomsurf": geojson(square(400, 200), 3949)})
    file = shutil.move(demo.path / "raw" / "zones.csv", demo.path.parent / "zones.csv")
    ended = command("import", demo.path, file, "--crs", "EPSG:3949", "--source", "registre", "--basis", "surveyed")
    assert ended.code == 0, ended
    assert "SITE-ECO → sites: the CNIG standard, read as it is" in ended.out
    site = demo.open().sites.iloc[-1]
    assert (site["site_id"], site["source_id"], site["basis"]) == ("99001_SITE-ECO_1", "registre", "surveyed")
    assert round(site["measured_m2"]) == 80_000


def test_a_vocation_that_a_comma_split_is_put_together_and_the_lost_state_is_an_issue(demo):
    table(demo, "sites.csv", {**SITE, "site_vocadomi": "entrepôts", "site_etat": "logistique"})
    territory = demo.open()
    site = territory.sites.iloc[-1]
    assert (site["vocation"], site["site_state"]) == ("entrepôts, logistique", "")
    (issue,) = territory.issues.to_dict("records")
    assert (issue["row"], issue["column_name"], issue["value"]) == ("99001_SITE-ECO_1", "site_state", "logistique")


WORDS = {
    "an enumeration that no validator enforces": ("terr_etat_occup", "GARBAGE", "occupied", "inconnu", True),
    "the spelling of the definitions": (
        "terr_etat_occup",
        "occupation en transition",
        "occupied",
        "occupation transitoire",
        False,
    ),
    "an accent that was lost": ("terr_etat_occup", "INOCCUPE", "occupied", "inoccupé", False),
    "a typographic apostrophe": (
        "terr_stade_comm",
        "réservé par une délibération de l’EPCI",
        "sale",
        "réservé par une délibération de l'EPCI",
        False,
    ),
    "nobody said": ("terr_stade_comm", "inconnu", "sale", "inconnu", False),
    "a special word that says something": ("terr_stade_comm", "sans objet", "sale", "inconnu", True),
}


@pytest.mark.parametrize("case", WORDS.values(), ids=WORDS)
def test_every_word_has_a_meaning_or_is_an_issue(demo, case):
    column, said, ours, word, doubtful = case
    table(demo, "sites.csv", SITE)
    table(demo, "terrains.csv", {**TERRAIN, column: said})
    territory = demo.open()
    assert territory.terrains.iloc[0][ours] == word
    found = territory.issues.to_dict("records")
    assert [issue["value"] for issue in found] == ([said] if doubtful else [])


def test_the_words_of_the_edition_of_2023_are_known_but_for_the_one_that_was_dropped(demo):
    table(demo, "sites.csv", {**SITE, "site_type": "zone 2AU à vocation économique", "site_etat": "annulé"})
    territory = demo.open()
    site = territory.sites.iloc[-1]
    assert (site["site_type"], site["site_state"]) == ("zone AU à vocation économique", "")
    assert list(territory.issues["value"]) == ["annulé"]


def test_blanks_in_identifiers_and_lists_of_terrains_are_read(demo):
    table(demo, "sites.csv", SITE)
    table(demo, "terrains.csv", TERRAIN, {**TERRAIN, "terr_id": "99001_TERRAIN-ECO_2"})
    both = {**ESTABLISHMENT, "terr_id": "99001_TERRAIN-ECO_ 1|99001_TERRAIN-ECO_2"}
    table(demo, "etablissements.csv", both)
    assert demo.open().establishments.iloc[0]["site_id"] == "99001_SITE-ECO_1"


def test_a_closed_establishment_is_no_occupant(demo):
    table(demo, "etablissements.csv", ESTABLISHMENT, {**ESTABLISHMENT, "SIRET": "2" * 14, "etab_actif": "non"})
    territory = demo.open()
    assert list(territory.establishments["establishment_id"]) == ["12345678900015"]
    assert "The establishment is closed and is left out." in set(territory.issues["message"])


@pytest.mark.parametrize(
    ("said", "placed", "doubtful"),
    [
        *((word, word, False) for word in cnig.VOCABULARIES["geocodage_qualite"]),
        ("LOCALISATION AU BATIMENT", "localisation au bâtiment", False),
        ("", "", False),
        ("inconnu", "", False),
        ("à peu près", "", True),
    ],
)
def test_how_well_a_place_is_known_is_kept_as_it_is_said(demo, said, placed, doubtful):
    table(demo, "etablissements.csv", {**ESTABLISHMENT, "terr_id": "", "geocodage_qualite": said})
    territory = demo.open()
    assert list(territory.establishments["placed"]) == [placed]
    assert (said in set(territory.issues["value"])) == (doubtful or said == "inconnu")


@pytest.mark.parametrize(
    ("created", "closed", "opened", "ended"),
    [("2011-05-02", "", "2011-05-02", ""), ("2011", "2020-03", "2011", "2020-03"), ("", "", "", "")],
)
def test_when_an_establishment_opened_and_closed_is_read_where_it_is_said(demo, created, closed, opened, ended):
    dates = {"etab_creation_date": created, "etab_fermeture_date": closed}
    table(demo, "etablissements.csv", {**ESTABLISHMENT, "terr_id": "", **dates})
    row = demo.open().establishments.iloc[0]
    assert (row["active_from"], row["active_to"]) == (opened, ended)


@pytest.mark.parametrize(
    ("code", "low", "high"), [("NN", None, None), ("00", 0, 0), ("1", 1, 2), ("53", 10000, None), ("", None, None)]
)
def test_a_size_band_is_a_pair_of_bounds(demo, code, low, high):
    table(demo, "etablissements.csv", {**ESTABLISHMENT, "terr_id": "", "etab_effectif_code": code})
    row = demo.open().establishments.astype(object).where(lambda frame: frame.notna(), None).iloc[0]
    assert (row["jobs_low"], row["jobs_high"]) == (low, high)


def test_an_unknown_size_band_is_an_issue_and_no_number(demo):
    table(demo, "etablissements.csv", {**ESTABLISHMENT, "terr_id": "", "etab_effectif_code": "99"})
    territory = demo.open()
    assert territory.establishments["jobs_low"].isna().all()
    assert "code 99" in set(territory.issues["value"])


def test_a_terrain_of_no_site_is_left_out_and_listed(demo):
    table(demo, "terrains.csv", TERRAIN)
    territory = demo.open()
    assert territory.terrains.empty
    (issue,) = territory.issues.to_dict("records")
    assert (issue["row"], issue["value"]) == ("99001_TERRAIN-ECO_1", "99001_SITE-ECO_1")


def test_sites_of_other_communes_and_their_terrains_are_passed_over(demo):
    table(demo, "sites.csv", {**SITE, "site_comm_insee": "75056"})
    table(demo, "terrains.csv", TERRAIN)
    territory = demo.open()
    assert list(territory.sites["site_id"]) == ["port"]
    assert territory.terrains.empty
    assert territory.issues[["layer", "message", "file"]].to_numpy().tolist() == [
        ["sites", "1 row of commune 75056, which is not of the territory, is passed over.", "sites.csv"],
        ["terrains", "Passed over: 1 row that names one of sites of another commune.", "terrains.csv"],
    ]


@pytest.mark.filterwarnings("ignore:.*(10 characters|Normalized/laundered)")
def test_a_shapefile_is_read_by_names_cut_to_ten_and_words_decide_between_two(demo, square):
    (demo.path / "raw").mkdir()
    file = demo.path / "raw" / "foncier.shp"
    gpd.GeoDataFrame([TERRAIN | {"site_id": "port"}], geometry=[square(1, 1)], crs=3950).to_file(file)
    (found,) = recognise_deliveries(file)
    assert {found.reading.columns[name] for name in ("servicing", "sale")} == {"terr_stade", "terr_sta_1"}
    row = demo.open().terrains.iloc[0]
    assert (row["sale"], row["servicing"], row["occupied"]) == ("en vente", "viabilisé non aménagé", "vacant")


def test_a_shapefile_is_read_by_the_short_names_on_record(demo, square):
    (demo.path / "raw").mkdir()
    row = {"terr_id": "T1", "site_id": "port", "TEOCCUP": "friche", "TESTADCOMM": "en vente", "terr_utile": "oui"}
    gpd.GeoDataFrame([row], geometry=[square(1, 1)], crs=3950).to_file(demo.path / "raw" / "foncier.shp")
    terrain = demo.open().terrains.iloc[0]
    assert (terrain["occupied"], terrain["sale"], terrain["servicing"]) == ("friche", "en vente", "inconnu")


NOT_OURS = {
    "the brownfields standard, which has a site_id too": {
        "site_id": "1",
        "site_nom": "x",
        "site_type": "friche industrielle",
    },
    "a table of facts": {"site_id": "port", "site_name": "x", "insee": "99001"},
    "shapes by key": {"terrain_id": "port", "source_id": "x"},
}


@pytest.mark.parametrize("row", NOT_OURS.values(), ids=NOT_OURS)
def test_what_is_no_delivery_is_not_taken_for_one(demo, row):
    table(demo, "other.csv", row)
    assert recognise_deliveries(demo.path / "raw" / "other.csv") == []
    assert list(demo.open().sites["site_id"]) == ["port"]


def test_the_national_base_is_left_to_its_own_adaptor(demo, square):
    (demo.path / "raw").mkdir()
    one = gpd.GeoDataFrame([SITE], geometry=[square(1, 1)], crs=3950)
    one.to_file(demo.path / "raw" / "base.gpkg", layer="fr_fusac_cerema_site_eco_2025")
    assert recognise_deliveries(demo.path / "raw" / "base.gpkg") == []


def test_a_delivery_that_the_catalogue_names_is_checked_and_cited(demo, square):
    delivered(demo, square)
    entry = (
        '\n[livraison]\ntitle = "x"\npublisher = "y"\nlicence = "z"\nfile = "raw/livraison.gpkg"\nbasis = "surveyed"\n'
    )
    catalogue = demo.path / "sources.toml"
    demo.put("sources.toml", catalogue.read_text(encoding="utf-8") + entry)
    site = demo.open().sites.iloc[-1]
    assert (site["source_id"], site["basis"]) == ("livraison", "surveyed")
    demo.put("sources.toml", catalogue.read_text(encoding="utf-8") + 'sha256 = "0"\n')
    with pytest.raises(SourceChangedError, match="its bytes are not those on record for source `livraison`"):
        _ = demo.open().sites


STANDARD = next(
    (
        up / "shared/reference/cnig"
        for up in Path(__file__).resolve().parents
        if (up / "shared/reference/cnig").is_dir()
    ),
    Path("absent"),
)
official = pytest.mark.skipif(not STANDARD.is_dir(), reason="the artefacts of the standard are not here")


@official
@pytest.mark.real
@pytest.mark.parametrize("kind", cnig.CLASSES, ids=lambda kind: kind.name)
def test_the_columns_and_words_are_those_of_the_official_schemas(kind):
    schema = json.loads((STANDARD / kind.name.lower() / "schema.json").read_text(encoding="utf-8"))
    assert [column["name"] for column in schema["fields"]] == list(kind.levels)
    for column in schema["fields"]:
        words = column.get("enum") or column.get("constraints", {}).get("enum") or []
        words = {word.replace("’", "'") for word in words} - {*cnig.SPECIAL}
        assert words == set(cnig.VOCABULARIES.get(column["name"], ())) or words == {"oui", "non"}


@official
@pytest.mark.real
def test_the_official_examples_are_read_with_what_is_wrong_in_them(demo):
    demo.change("territory.toml", "EPSG:3950", "EPSG:3945")  # where its coordinates lie, far from its commune
    demo.put("communes.csv", "insee,commune_name,source_id\n80024,Argoeuves,registre\n80718,Saint-Sauveur,registre\n")
    (demo.path / "raw").mkdir()
    for kind in cnig.CLASSES:
        name = kind.name.lower()
        shutil.copy(STANDARD / name / "exemple-valide.csv", demo.path / "raw" / f"{name}.csv")
    territory = demo.open()
    assert territory.sites.iloc[-1]["vocation"] == "entrepôts, logistique"
    assert territory.terrains.iloc[0]["sale"] == "vendu, commercialisation achevée"
    assert list(territory.establishments[["jobs_low", "jobs_high"]].iloc[0]) == [6, 9]
    assert {(row["layer"], row["value"]) for row in territory.issues.to_dict("records")} == {
        ("sites", "logistique"),
        ("sites", "EPSG:2154"),
        ("sites", "37.2 ha"),  # as stated; 81 m² are drawn
        ("terrains", "EPSG:2154"),
        ("establishments", "44003_TERRAIN-ECO_000131|44003_TERRAIN-ECO_00115"),
    }


@official
@pytest.mark.real
def test_the_official_template_is_recognised_though_it_is_empty():
    found = recognise_deliveries(STANDARD / "sites_economiques.gpkg")
    assert {delivery.standard for delivery in found} == {"SITE-ECO", "TERRAIN-ECO", "ETABLISSEMENT"}
