"""Publishers' files that a person has: known by what they hold, and read as what is fetched."""

import gzip
import json
import tomllib

import geopandas as gpd
import pytest
import shapely
from shapely import box

from gis.sources.fetched import read_fetched
from gis.sources.handed import look
from gis.sources.registry import ALL, recognised
from tests.conftest import X, Y

PM = (
    "Département;Code Direction;Code Commune;Nom de la commune;Préfixe;Section;N° plan;N° voirie;Indice de répétition;"
    "Code voie MAJIC;Code voie Rivoli;Nature voie;Nom voie;Contenance;SUF;Nature culture;Contenance.1;"
    "Code droit - par;N° Majic - par;N° SIREN - par;Groupe personne - par;Forme juridique - par;"
    "Forme juridique abrégée - par;Dénomination - par"
)


def legal(commune, section, number, siren, name, right="P - Propriétaire"):
    return f"99;0;{commune};X;;{section};{number};;;1;1;RUE;RUE;1;A;S;1;{right};PB;{siren};0;5499;SARL;{name}"


def degrees(shape):
    return shapely.geometry.mapping(gpd.GeoSeries([shape], crs=3950).to_crs(4326)[0])


def parcel(commune, number, shape, key=""):
    said = {"id": key, "commune": commune, "prefixe": "0", "section": "A", "numero": number, "contenance": 100}
    return {"type": "Feature", "properties": said, "geometry": degrees(shape)}


def collection(features):
    return json.dumps({"type": "FeatureCollection", "features": features})


@pytest.fixture
def port(demo):
    """The hand-made territory, its port drawn."""
    demo.draw("sites.gpkg", "site_id", {"port": box(X - 200, Y - 200, X + 200, Y + 200)})
    return demo


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def test_owners_and_parcels_come_from_files_on_disk(command, port, inbox):
    owners = inbox / "PM_25_NB_990.csv"
    rows = [legal(1, "A", 7, "111111111", "SOCIETE A"), legal("001", "A", "0008", "U00000001", "SYNDICAT B")]
    rows += [legal(1, "A", 8, "111111111", "SOCIETE A", "G - Gérant"), legal(9, "B", 1, "222222222", "SOCIETE C")]
    owners.write_text("\n".join([PM, *rows]), encoding="cp1252")
    ground = [parcel("99001", "7", box(X, Y, X + 10, Y + 10)), parcel("99001", "8", box(X + 10, Y, X + 20, Y + 10))]
    far = parcel("99009", "1", box(X, Y, X + 10, Y + 10))
    cadastre = inbox / "cadastre.json.gz"
    cadastre.write_bytes(gzip.compress(collection([*ground, far]).encode()))
    for file, says in ((owners, "2 parcels with an owner; 1 issues"), (cadastre, "2 rows of parcels, 2 with a shape")):
        came = command("import", port.path, file, "--edition", "2025-01-01")
        assert came.code == 0, came.err
        assert says in came.out
        assert "passed over: 1 rows of 1 other communes: 1 of 99009" in came.out
    said = tomllib.loads((port.path / "raw" / "fetched.toml").read_text(encoding="utf-8"))
    assert [said[name]["files"][0]["url"] for name in ("cadastre", "owners-legal")] == [cadastre.name, owners.name]
    assert {each["retrieved"] for name in said for each in said[name]["files"]} == {"2025-01-01"}
    found = port.open()
    assert dict(zip(found.parcels["parcel_id"], found.parcels["owner_id"], strict=True)) == {
        "990010000A0007": "111111111",
        "990010000A0008": "U00000001",
    }
    assert set(found.parcels["site_id"]) == {"port"}
    assert set(found.owners["owner_id"]) == {"111111111", "U00000001"}
    assert "Plan cadastral informatisé" in command("sources", port.path).out
    assert command("build", port.path).code == 0


def test_owners_are_linked_to_parcels_of_ones_own(command, port, inbox):
    file = inbox / "personnes.csv"
    file.write_text("\n".join([PM, legal(1, "A", 7, "111111111", "SOCIETE A")]), encoding="utf-8")
    port.draw("parcels.gpkg", "parcel_id", {"990010000A0007": box(X, Y, X + 10, Y + 10)})
    port.put("parcels.csv", "parcel_id,source_id\n990010000A0007,registre\n")
    assert command("import", port.path, file).code == 0
    assert list(port.open().parcels["owner_id"]) == ["111111111"]


def test_a_second_file_keeps_what_another_said_of_other_communes(command, port, inbox):
    for commune in (1, 2):
        file = inbox / f"{commune}.csv"
        file.write_text("\n".join([PM, legal(commune, "A", commune, f"{commune}" * 9, "S")]), encoding="utf-8")
        assert command("import", port.path, file).code == 0
    assert set(port.open().owners["owner_id"]) == {"1" * 9, "2" * 9}


STOCK = (
    "siret,statutDiffusionEtablissement,trancheEffectifsEtablissement,anneeEffectifsEtablissement,"
    "dateCreationEtablissement,codeCommuneEtablissement,codePostalEtablissement,etatAdministratifEtablissement,"
    "denominationUsuelleEtablissement,activitePrincipaleEtablissement,statutDiffusionUniteLegale,"
    "denominationUniteLegale,categorieJuridiqueUniteLegale,siren,x,y,epsg,qualite_xy"
)


def test_sirene_is_read_with_communes_of_three_digits(command, port, inbox):
    file = inbox / "sirene.csv"
    at = f"{X},{Y},3950,11"
    rows = [
        f"11111111100001,O,12,2023,2001-05-02,001,99000,A,Algues,03.21Z,O,ALGUES,5710,111111111,{at}",
        f"11111111100002,O,12,2023,2001-05-02,9,99000,A,Ailleurs,03.21Z,O,ALGUES,5710,111111111,{at}",
        f"11111111100003,O,12,2023,2001-05-02,1,,A,Nulle part,03.21Z,O,ALGUES,5710,111111111,{at}",
    ]
    file.write_text("\n".join([STOCK, *rows]), encoding="utf-8")
    came = command("import", port.path, file)
    assert came.code == 0, came.err
    assert "1 rows of establishments" in came.out
    assert "1 rows of 1 other communes: 1 of 99009" in came.out
    assert "1 rows of which nobody can tell the commune here" in came.out
    firm = port.open().establishments.set_index("establishment_id").loc["11111111100001"]
    assert (firm["insee"], firm["site_id"], firm["jobs_low"]) == ("99001", "port", 20)


def test_parts_of_a_commune_belong_to_it(command, port, inbox):
    """A commune of arrondissements is listed whole, and registers write the code of its parts."""
    port.put("communes.csv", "insee,commune_name,source_id\n69123,Port-Neuf,registre\n")
    port.change("sites.csv", ",99001,", ",69123,")
    file = inbox / "parcelles.geojson"
    file.write_text(collection([parcel("69383", "7", box(X, Y, X + 10, Y + 10))]), encoding="utf-8")
    assert command("import", port.path, file).code == 0
    assert list(port.open().parcels["parcel_id"]) == ["693830000A0007"]
    rows = [STOCK, f"11111111100001,O,,,,383,69003,A,Algues,03.21Z,O,ALGUES,5710,111111111,{X},{Y},3950,11"]
    (inbox / "s.csv").write_text("\n".join(rows), encoding="utf-8")
    assert command("import", port.path, inbox / "s.csv").code == 0
    assert "69123" in set(port.open().establishments["insee"])


def test_brownfields_are_read_from_a_table_or_a_layer(command, port, inbox):
    said = {"site_nom": "Sucrerie", "site_statut": "friche sans projet", "comm_insee": "99001"}
    layer = gpd.GeoDataFrame(
        [{"site_id": "99001_1", **said}, {"site_id": "99009_1", **said, "comm_insee": "99009"}],
        geometry=[box(X, Y, X + 10, Y + 10)] * 2,
        crs=3950,
    )
    layer.to_crs(2154).to_file(inbox / "friches.gpkg")
    came = command("import", port.path, inbox / "friches.gpkg")
    assert "1 rows of brownfields, 1 with a shape" in came.out, came.err
    assert list(port.open().layers["brownfields"]["brownfield_id"]) == ["99001_1"]
    point = f"99002_1,Gare,99002,friche sans projet,97540,{degrees(shapely.Point(X, Y))['coordinates'][0]},50.5\n"
    (inbox / "friches.csv").write_text(
        f"site_id,site_nom,comm_insee,site_statut,unite_fonciere_surface,longitude,latitude\n{point}", encoding="utf-8"
    )
    came = command("import", port.path, inbox / "friches.csv")
    assert "99002_1, geometry" in came.out
    assert list(port.open().layers["brownfields"]["brownfield_id"]) == ["99001_1"]


def test_zones_of_the_national_base_need_outlines(command, port, inbox):
    file = inbox / "zones.gpkg"
    zone = {"site_id": "z", "site_nom": "Zone", "site_type": "zone d'activité économique", "site_etat": ""}
    layer = gpd.GeoDataFrame(
        [{**zone, "origine": "collectivité"}], geometry=[box(X + 900, Y, X + 1000, Y + 90)], crs=3950
    )
    layer.to_crs(2154).to_file(file, layer="fr_fusac_cerema_site_eco_2024")
    assert "outlines of the communes are not known" in command("import", port.path, file).err
    assert not (port.path / "raw" / "fetched.toml").exists()
    port.outline()
    assert command("import", port.path, file).code == 0
    assert "z" in set(port.open().sites["site_id"])


def test_a_file_that_holds_nothing_of_the_territory_is_refused_whole(command, port, inbox):
    before = {path: path.read_bytes() for path in port.path.rglob("*") if path.is_file()}
    file = inbox / "loin.csv"
    file.write_text("\n".join([PM, legal(9, "A", 1, "1" * 9, "S")]), encoding="utf-8")
    came = command("import", port.path, file)
    assert came.code == 1
    assert "holds nothing of the communes of this territory (1 rows of 1 other communes: 1 of 99009)" in came.err
    assert {path: path.read_bytes() for path in port.path.rglob("*") if path.is_file()} == before


def test_every_source_of_the_issue_takes_files_and_no_other_file_is_taken_for_one(inbox):
    assert {name for name, each in ALL.items() if each.handed} >= {
        *("cadastre", "cadastre-ign", "sirene", "owners-legal", "fusac", "cartofriches"),
    }
    for name, text in (("a.csv", "code;nom;commune\n1;a;99001\n"), ("b.geojson", collection([])), ("c.json", "{")):
        (inbox / name).write_text(text, encoding="utf-8")
        assert recognised(inbox / name) is None
        assert look(inbox / name).tables == ()


def test_what_a_person_brought_is_good_as_long_as_what_is_fetched(command, port, inbox):
    file = inbox / "p.geojson"
    file.write_text(collection([parcel("99001", "7", box(X, Y, X + 10, Y + 10))]), encoding="utf-8")
    assert command("import", port.path, file).code == 0
    assert (
        "cadastre: failed, what was here stays. 3 files are not here"
        in command("fetch", port.path, "cadastre", "--offline").out
    )
    entry = read_fetched(port.path / "raw").entries["cadastre"]["cadastre/cadastre-99001-parcelles.json.gz"]
    assert (entry.url, entry.rows) == ("p.geojson", 1)


# Areas without a unit


def test_an_area_without_a_unit_is_unknown_until_somebody_says_it(command, demo, inbox):
    file = inbox / "friches.csv"
    rows = "99001_01,Sucrerie,99001,97540\n99001_02,Gare,99001,3 ha\n"
    file.write_text(f"site_id,site_nom,comm_insee,unite_fonciere_surface\n{rows}", encoding="utf-8")
    said = ("--as", "sites", "--source", "s", "--basis", "stated", "--publisher", "P", "--licence", "L")
    came = command("import", demo.path, file, *said)
    assert came.code == 0, came.err
    assert "does not say the unit of `unite_fonciere_surface`" in came.out
    mapping = demo.path / "raw" / "friches.csv.mapping.toml"
    assert 'land_low_ha = ""  # to be said: m2, ha or km2' in mapping.read_text(encoding="utf-8")
    found = demo.open().sites.set_index("site_id")["land_low_ha"]
    assert found.isna()["99001_01"]
    assert found["99001_02"] == 3
    issues = demo.open().issues
    assert issues[issues["row"] == "99001_01"]["message"].str.contains("Nobody says its unit").any()
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text.replace('_ha = ""', '_ha = "m2"'), encoding="utf-8")
    assert demo.open().sites.set_index("site_id")["land_low_ha"]["99001_01"] == pytest.approx(9.754)
