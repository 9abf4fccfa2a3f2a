"""Publishers' files that a person has: known by what they hold, and read as what is fetched."""

import datetime as dt
import gzip
import json
import tomllib
import zipfile
from dataclasses import replace

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import box

from gis.errors import SourceError
from gis.sources.open_data import cadastre, handed, sirene
from gis.sources.open_data.features import TargetLayer
from gis.sources.open_data.fetched import read_fetched
from gis.sources.open_data.handed import first_sight_of_file
from gis.sources.open_data.national import SourcePlace
from gis.sources.open_data.registry import ALL, recognised_source
from gis.sources.own_files.handing import import_handed
from gis.sources.tables.accounts import Fate
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
    for file, says in ((owners, "2 parcels with an owner; 1 issue"), (cadastre, "2 rows of parcels, 2 with a shape")):
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
    assert "1 row of establishments" in came.out
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
    assert "1 row of brownfields, 1 with a shape" in came.out, came.err
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
        assert recognised_source(inbox / name) is None
        assert first_sight_of_file(inbox / name).tables == ()


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


# The whole of a country


def stock(*rows, columns=STOCK):
    return "\n".join([columns, *rows]) + "\n"


def firm(siret, commune="99001", state="A", hidden="O", unit="O", form="5710"):
    at = f"{siret[:9]},{X},{Y},3950,11"
    return f"{siret},{hidden},12,2023,2001-05-02,{commune},99000,{state},Algues,03.21Z,{unit},ALGUES,{form},{at}"


def write_as(file, text):
    if file.suffix == ".zip":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("StockEtablissement_utf8.csv", text)
    elif file.suffix == ".parquet":
        header, *lines = text.splitlines()
        cells = zip(*(line.split(",") for line in lines), strict=True)
        pq.write_table(pa.table(dict(zip(header.split(","), map(list, cells), strict=True))), file)
    else:
        file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("suffix", [".csv", ".zip", ".parquet"])
def test_every_row_of_a_stock_is_counted_however_it_is_packed(command, port, inbox, suffix, monkeypatch):
    monkeypatch.setattr(handed, "PIECE", 3)
    one = firm("11111111100001")
    rows = [
        *(one, one, one.replace("Algues", "Autre")),
        *(firm("22222222200001", state="F"), firm("33333333300001", state="")),
        *(firm("44444444400001", hidden="P"), firm("55555555500001", form="6540"), firm("66666666600001", unit="")),
        *(firm("77777777700001", "99009"), firm("88888888800001", "8"), firm("").replace(",99000,", ",,")),
    ]
    file = inbox / f"StockEtablissement{suffix}"
    write_as(file, stock(*rows))
    came = command("import", port.path, file)
    assert came.code == 0, came.err
    assert came.out.splitlines()[-1] == (
        "11 rows: 6 used, 1 merged, 2 passed over (other communes 99008, 99009), "
        "2 refused (differs from the first row of its key: 1; no key: 1)"
    )
    assert (
        "of 6 rows: 1 used, 0 merged, 3 passed over (a company that only holds property: 1; closed: 1; "
        "not to be published: 1), 2 refused (its legal unit is not there: 1; neither active nor closed is said: 1)"
    ) in came.out
    messages = set(port.open().issues["message"])
    assert "1 establishments are left out: it is not said whether they are active." in messages
    assert [*port.open().establishments["siret"]].count("11111111100001") == 1
    assert "sirene (sirene/*.parquet) → establishments: 6 rows: 1 used" in command("issues", port.path).out


def test_units_of_the_whole_country_are_read_in_pieces(command, port, inbox, monkeypatch):
    monkeypatch.setattr(handed, "PIECE", 2)
    names = STOCK.split(",")
    only = [name for name in names if not name.endswith("UniteLegale") and name not in {"x", "y", "epsg", "qualite_xy"}]
    cells = dict(zip(names, firm("11111111100001").split(","), strict=True))
    file = inbox / "etablissements.csv"
    file.write_text(stock(",".join(cells[name] for name in only), columns=",".join(only)), encoding="utf-8")
    came = command("import", port.path, file)
    assert "import StockUniteLegale too" in came.out
    assert "1 establishments are left out: their legal unit is not there" in "".join(port.open().issues["message"])
    units = [f"{n}{n}{n}{n}{n}{n}{n}{n}{n},O,NOM {n},5710" for n in range(1, 8)]
    file = inbox / "unites.csv"
    header = "siren,statutDiffusionUniteLegale,denominationUniteLegale,categorieJuridiqueUniteLegale"
    file.write_text(stock(*units, columns=header), encoding="utf-8")
    came = command("import", port.path, file)
    assert came.code == 0, came.err
    assert came.out.splitlines()[-1] == (
        "7 rows: 1 used, 0 merged, 6 passed over (of no establishment of the territory), 0 refused"
    )


def test_a_stock_is_read_before_the_lock_is_taken(port, inbox):
    file = inbox / "stock.csv"
    file.write_text(stock(firm("11111111100001")), encoding="utf-8")
    national, seen = recognised_source(file)
    place = SourcePlace(("99001",))
    said = ("", dt.date(2026, 1, 1))
    take, tried = national.handed.take, []

    def taking(*arguments):
        tried.append([*port.path.parent.glob(".emprise-*.lock")])
        fetched = port.path / "raw" / "fetched.toml"
        fetched.parent.mkdir(exist_ok=True)
        fetched.write_text("# by another command\n", encoding="utf-8")
        return take(*arguments)

    slow = replace(national, handed=replace(national.handed, take=taking))
    with pytest.raises(SourceError, match="another command wrote it meanwhile"):
        import_handed(port.path, file, (slow, seen), place, port.open().crs, said)
    assert tried == [[]]
    assert not (port.path / "raw" / "sirene").exists()


def test_letters_of_another_encoding_far_below_are_read(inbox):
    file = inbox / "stock.csv"
    rows = [firm(f"{n:014}") for n in range(900)]
    text = stock(*rows, firm("11111111100001").replace("Algues", "Été"))
    for encoding in ("utf-8", "cp1252", "utf-8-sig", "utf-16"):
        file.write_bytes(text.encode(encoding))
        *_, last = handed.table_pieces(file, ["denominationUsuelleEtablissement", "siret"])
        assert last.to_pylist()[-1] == {"denominationUsuelleEtablissement": "Été", "siret": "11111111100001"}
        assert len(file.read_bytes()) > 65_536


def test_a_broken_archive_or_text_is_one_error(command, port, inbox):
    whole = inbox / "s.zip"
    write_as(whole, stock(*(firm(f"{n:014}") for n in range(2000))))
    packed = bytearray(whole.read_bytes())
    packed[len(packed) // 2] ^= 0xFF
    whole.write_bytes(packed)
    text = inbox / "s.csv"
    text.write_text(stock(firm("11111111100001")) + '"11111111100002,O\n', encoding="utf-8")
    short = inbox / "t.csv"
    short.write_text(stock(firm("11111111100001"), "11111111100002,O"), encoding="utf-8")
    for file, why in ((whole, "no sound archive"), (text, "never closed"), (short, "2 cells, the header has 18")):
        came = command("import", port.path, file)
        assert came.code == 1
        assert why in came.err
        assert "Traceback" not in came.err
    assert not (port.path / "raw").joinpath("fetched.toml").exists()


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", *(f"{n}{n}{n}{n}{n}{n}{n}{n}{n}0000{n}" for n in range(1, 5))]),
        st.sampled_from(["99001", "1", "99002", "99009", "", "XX"]),
        st.sampled_from(["A", "A", "F", "", "?"]),
        st.sampled_from(["O", "O", "P", ""]),
        st.sampled_from(["O", "O", "P", ""]),
        st.sampled_from(["5710", "1000", "6540", ""]),
    ),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 4))
def test_every_row_of_any_stock_is_counted(tmp_path_factory, rows, piece):
    folder = tmp_path_factory.mktemp("stock")
    file = folder / "stock.csv"
    # one legal unit says one thing: what differs of it is a fault that stops the reader
    unit = {row[0]: row[4:] for row in rows}
    written = [firm(siret, where, state, hidden, *unit[siret]) for siret, where, state, hidden, *_ in rows]
    file.write_text(stock(*written), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handed, "PIECE", piece)
        national, seen = recognised_source(file)
        taken = national.handed.take(seen, SourcePlace(("99001",)), folder, folder / "raw")
    assert taken.account.check() == ""
    assert taken.account.rows_in == len(rows)
    assert min([*taken.account.rows.values()], default=0) >= 0
    ours = [row for row, line in zip(rows, written, strict=True) if row[1] in {"99001", "1"} and row[0]]
    assert taken.account.count(Fate.USED) == len({row[0] for row in ours}) == taken.parts.get(sirene.STOCK, 0)
    files = [folder / part for part in taken.parts]
    if files:
        onto = TargetLayer(CRS.from_epsg(3950), national.source)
        (_, reader), *_ = national.readers.values()
        reading = reader(files, onto)
        assert reading.account.rows_in == taken.account.count(Fate.USED)
        assert reading.account.count(Fate.USED) == len(reading.layer)


def test_every_row_of_legal_persons_is_counted(inbox):
    file = inbox / "personnes.csv"
    rows = [legal(1, "A", 7, "111111111", "SOCIETE A"), legal(1, "A", 7, "111111111", "SOCIETE A")]
    rows += [legal(1, "A", 7, "222222222", "B", "E - Emphytéote"), legal(1, "A", 8, "222222222", "B", "G - Gérant")]
    rows += [legal(9, "A", 8, "222222222", "B")]
    file.write_text("\n".join([PM, *rows]), encoding="utf-8")
    national, seen = recognised_source(file)
    taken = national.handed.take(seen, SourcePlace(("99001",)), inbox, inbox / "raw")
    assert str(taken.account) == "5 rows: 4 used, 0 merged, 1 passed over (other commune 99009), 0 refused"
    reading = national.readers["ownership"][1]([inbox / part for part in taken.parts], None)
    assert str(reading.account) == (
        "4 rows: 1 used, 1 merged, 1 passed over (a stronger right is held on the parcel), "
        "1 refused (no right that makes an owner)"
    )


def test_features_of_one_key_that_differ_are_an_issue(inbox):
    ground = box(X, Y, X + 10, Y + 10)
    rows = [parcel("99001", "7", ground), parcel("99001", "7", ground), parcel("99001", "8", ground)]
    other = parcel("99001", "8", box(X, Y, X + 20, Y + 10))
    file = inbox / "cadastre-99001-parcelles.json.gz"
    file.write_bytes(
        gzip.compress(collection([*rows, other, {**parcel("99001", "9", ground), "geometry": None}]).encode())
    )
    reading = cadastre.read_parcels([file], TargetLayer(CRS.from_epsg(3950), cadastre.ETALAB))
    assert str(reading.account) == (
        "5 rows: 2 used, 1 merged, 0 passed over, "
        "2 refused (differs from the first row of its key: 1; shape left out: 1)"
    )
    assert [row["row"] for row in reading.issues if "the two do not say the same" in row["message"]] == [
        "990010000A0008"
    ]


# Forgetting


def test_a_publishers_file_is_forgotten_by_its_name(command, port, inbox, tree):
    before = tree(port.path)
    first = inbox / "parcelles.geojson"
    ground = [parcel("99001", "7", box(X, Y, X + 10, Y + 10)), parcel("99002", "1", box(X, Y, X + 10, Y + 10))]
    first.write_text(collection(ground), encoding="utf-8")
    second = inbox / "stock.csv"
    second.write_text(stock(firm("11111111100001")), encoding="utf-8")
    for file, edition in ((first, "2024-01-01"), (second, "juin 2024")):
        assert command("import", port.path, file, "--edition", edition).code == 0
    assert "which is forgotten as a whole" in command("forget", port.path, first.name, "--layer", "x").err
    ended = command("forget", port.path, first.name)
    assert ended.code == 0, ended.err
    assert "raw/cadastre/cadastre-99001-parcelles.json.gz taken out" in ended.out
    assert "source `cadastre` taken out of raw/fetched.toml" in ended.out
    assert [*read_fetched(port.path / "raw").entries] == ["sirene"]
    assert len(port.open().parcels) == 0
    assert command("forget", port.path, second.name).code == 0
    assert {name: data for name, data in tree(port.path).items() if not name.startswith("raw")} == {
        name: data for name, data in before.items() if not name.startswith("raw")
    }
    assert not [each for each in (port.path / "raw").rglob("*") if each.is_file() and each.name != "sites.gpkg"]
    assert "no such file, mapping or source" in command("forget", port.path, second.name).err


def test_what_was_fetched_is_not_forgotten(command, port, inbox):
    file = inbox / "parcelles.geojson"
    file.write_text(collection([parcel("99001", "7", box(X, Y, X + 10, Y + 10))]), encoding="utf-8")
    assert command("import", port.path, file).code == 0
    record = port.path / "raw" / "fetched.toml"
    record.write_text(record.read_text("utf-8").replace('url = "parc', 'url = "https://example.org/parc'), "utf-8")
    ended = command("forget", port.path, "cadastre-99001-parcelles.json.gz")
    assert ended.code == 1
    assert "was fetched. Leave its source out with [layers]" in ended.err
