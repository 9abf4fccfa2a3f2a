"""What a territory becomes of fetched ground, of what else is fetched, and of what the folder says itself."""

import csv
import re
import shlex
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS, Transformer
from shapely import box

import gis
from gis.crs import UTM_TOLERANCE, area_error
from gis.sources.open_data import bdtopo_networks as networks
from gis.sources.open_data import risks


def add(folder, table, **row):
    """Add a row to a table of facts."""
    file = folder / f"{table}.csv"
    header = file.read_text(encoding="utf-8").splitlines()[0].split(",")
    with file.open("a", encoding="utf-8", newline="") as stream:
        csv.DictWriter(stream, header).writerow({"source_id": "perimetre", "basis": "stated", **row})


def feature(ground, **properties):
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(ground)}


@pytest.mark.parametrize(
    ("insee", "corner", "epsg"),
    [
        (("97101",), (655_000, 1_795_000), 5490),
        (("97302",), (350_000, 540_000), 2972),
        (("97411", "97415"), (330_000, 7_670_000), 2975),
        (("97502",), (560_000, 5_180_000), 4467),
        (("97608",), (515_000, 8_580_000), 4471),
    ],
    ids=["Guadeloupe", "Guyane", "La Réunion", "Saint-Pierre-et-Miquelon", "Mayotte"],
)
def test_overseas_is_measured_and_stored_in_its_own_zone(command, generated, founding, tmp_path, insee, corner, epsg):
    generated.communes, generated.corner, generated.epsg = insee, corner, epsg
    generated.publish([[(3, 2)], *([[]] * (len(insee) - 1))])
    folder = founding()
    fetched = command("fetch", folder)
    assert fetched.code == 0, fetched.out
    built = command("build", folder)
    assert built.code == 0, built.err
    territory = gis.open(folder)
    assert territory.crs.to_epsg() == epsg
    assert list(territory.sites["measured_m2"]) == [pytest.approx(60 * 50)]
    east, north = corner
    longitude, latitude = Transformer.from_crs(epsg, 4326, always_xy=True).transform(east + 9000, north + 3000)
    assert abs(area_error(CRS.from_epsg(epsg), longitude, latitude)) < UTM_TOLERANCE
    for layer in ("communes", "sites", "parcels", "buildings"):
        stored = gpd.read_file(folder.parent / "pays.gpkg", layer=layer)
        assert stored.crs.to_epsg() == epsg, layer
        assert len(stored) > 0
    assert len(territory.parcels) == 6
    assert set(territory.parcels["site_id"]) == set(territory.sites["site_id"])
    assert (territory.parcels["owner_id"] != "").sum() == 1
    assert len(territory.establishments) == 1
    page = (tmp_path / "maps" / "pays" / "zones.html").read_text(encoding="utf-8")
    assert "IGN, BD TOPO®" in page


def test_roads_railways_and_accesses_come_along_the_sites(command, generated, founded):
    (west, south, east, _), far = _first_zone(generated), 3000
    along = shapely.LineString([(west - 20, south - 5), (east + 20, south - 5)])
    for name, row in (
        ("route", {"nature": "Route à 1 chaussée", "importance": "5", "nom_voie_ban_gauche": "RUE DES USINES"}),
        ("rail", {"nature": "Voie de service", "usage": "Fret", "etat_de_l_objet": "En service"}),
        ("cours", {"nature": "Canal"}),
    ):
        away = shapely.affinity.translate(along, 0, -far)
        made = [feature(line, cleabs=f"{name}{n}", **row) for n, line in enumerate((along, away))]
        generated.wfs.layers[networks.TYPENAMES[name]] = made
    exit_row = {"nature": "Carrefour", "nature_detaillee": "Echangeur", "numero": "7", "toponyme": None}
    ground = box(west - 9000, south, west - 8900, south + 100)
    generated.wfs.layers[networks.EQUIPMENT] = [feature(ground, cleabs="X", **exit_row)]
    command("fetch", founded)
    territory = gis.open(founded)
    assert list(territory.roads["road_id"]) == ["route0"]
    assert list(territory.layers["railways"]["railway_id"]) == ["rail0"]
    assert list(territory.accesses["access_name"]) == ["7"]
    assert len(territory.exclusions) == 0  # the canal runs along the sites, not over them
    assert command("build", founded).code == 0
    kinds = {
        name: set(gpd.read_file(founded.parent / "pays.gpkg", layer=name).geom_type) for name in ("roads", "railways")
    }
    assert kinds == {"roads": {"MultiLineString"}, "railways": {"MultiLineString"}}


def _first_zone(generated):
    """Return the box of the first zone of a generated territory."""
    found = generated.wfs.layers["BDTOPO_V3:zone_d_activite_ou_d_interet"][0]
    return shapely.geometry.shape(found["geometry"]).bounds


def test_a_distance_to_keep_is_what_somebody_says_of_a_fetched_line_and_nothing_else(command, generated, founded):
    west, south, _, north = _first_zone(generated)
    line = shapely.LineString([(west + 20, south - 20), (west + 20, north + 20)])
    generated.wfs.layers[networks.TYPENAMES["ligne"]] = [feature(line, cleabs="HT1"), feature(line, cleabs="HT2")]
    command("fetch", founded)
    drawn = gis.open(founded).exclusions.set_index("exclusion_id")
    assert drawn["buffer_m"].isna().all()
    (founded / "exclusions.csv").write_text(
        "exclusion_id,reason,buffer_m,source_id,basis\nHT1,power_line,12,perimetre,stated\n", encoding="utf-8"
    )
    said = gis.open(founded).exclusions.set_index("exclusion_id")
    assert said["buffer_m"].fillna(0).to_dict() == {"HT1": 12.0, "HT2": 0.0}
    assert said.loc["HT1"].geometry.equals(drawn.loc["HT1"].geometry)


def test_points_of_registers_say_on_which_site_they_stand(command, generated, founded, degrees_of):
    west, south, east, north = _first_zone(generated)
    inside, outside = shapely.Point((west + east) / 2, (south + north) / 2), shapely.Point(west - 200, south)
    generated.registers["/ssp/casias"] = [
        {"identifiant_ssp": f"S{n}", "code_insee": "62901", "statut": "En arrêt", "geom": degrees_of(point)}
        for n, point in enumerate((inside, outside))
    ]
    command("fetch", founded)
    territory = gis.open(founded)
    spots = territory.layers["spots"].set_index("spot_id")
    assert spots["site_id"].to_dict() == {"casias-S0": "PAIACTIV6290100000000000", "casias-S1": ""}
    assert len(territory.exclusions) == 0
    assert command("build", founded).code == 0
    stored = gpd.read_file(founded.parent / "pays.gpkg", layer="spots")
    assert set(stored.geom_type) == {"Point"}


def test_ground_in_two_registers_is_kept_with_both_and_a_doubled_key_is_told(
    command, generated, founded, degrees_of, monkeypatch
):
    west, south, east, north = _first_zone(generated)
    middle = (west + east) / 2
    row = {"code_insee": "62901", "identifiant_ssp": "S1"}
    for name, (left, right) in (("sis", (west, middle)), ("sup", (middle, east))):
        rows = (degrees_of(box(left, south, right, north)), degrees_of(shapely.Point(middle, (south + north) / 2)))
        made = [{**row, "geom": rows[0]}, {**row, "identifiant_ssp": "S2", "geom": rows[1]}]
        generated.registers[f"/ssp/conclusions_{name}"] = made
    command("fetch", founded)
    territory = gis.open(founded)
    assert sorted(territory.exclusions["exclusion_id"]) == ["sis-S1", "sup-S1"]
    assert sorted(territory.layers["spots"]["spot_id"]) == ["sis-S2", "sup-S2"]
    assert "spots" not in set(territory.issues["layer"])
    monkeypatch.setattr(risks, "_keys_in_register", lambda found, _: ["soil-S2"] * len(found))
    doubled = gis.open(founded)
    assert list(doubled.layers["spots"]["spot_id"]) == ["soil-S2"]
    told = doubled.issues[doubled.issues["row"] == "soil-S2"]
    assert sorted(told["layer"]) == ["exclusions", "spots"]
    assert set(told["message"]) == {"Another row that was fetched has this key: this one is left out."}


def test_where_no_site_has_a_shape_no_ground_no_road_and_no_railway_of_the_communes_enters(
    command, generated, founded, degrees_of
):
    (west, south, east, north) = _first_zone(generated)
    line = shapely.LineString([(west, south), (east, north)])
    for name, row in (
        ("route", {"nature": "Route à 1 chaussée", "importance": "5"}),
        ("rail", {"nature": "Voie de service", "usage": "Fret", "etat_de_l_objet": "En service"}),
        ("ligne", {}),
    ):
        generated.wfs.layers[networks.TYPENAMES[name]] = [feature(line, cleabs=name, **row)]
    generated.registers["/ssp/conclusions_sis"] = [
        {"code_insee": "62901", "identifiant_ssp": "S1", "geom": degrees_of(box(west, south, east, north))}
    ]
    command("fetch", founded)
    near = gis.open(founded)
    assert (len(near.exclusions), len(near.roads), len(near.layers["railways"])) == (2, 1, 1)
    toml = founded / "territory.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + "\n[layers]\nsites = []\n", encoding="utf-8")
    add(founded, "sites", site_id="tiles", site_name="Carreaux", site_type="autre", insee="62901")
    territory = gis.open(founded)
    assert territory.sites.geometry.isna().all()
    assert (len(territory.exclusions), len(territory.roads), len(territory.accesses)) == (0, 0, 0)
    assert not {"railways", "osm_land_use"} & {*territory.layers}


FIRST = "PAIACTIV6290100000000000"
NAME = "ZA du Chemin 1 de 62901"
SAID = [
    "--basis",
    "digitised",
    "--publisher",
    "Mon agglomération",
    "--licence",
    "Licence Ouverte 2.0",
    "--edition",
    "2026-03",
]


@pytest.fixture
def lots(generated, tmp_path):
    """Write a file of lots on the first fetched zone: its west and its east half, and one far from any zone."""

    def write(**columns):
        west, south, east, north = _first_zone(generated)
        middle = (west + east) / 2
        grounds = [box(west, south, middle, north), box(middle, south, east, north), box(0, 0, 9, 9)]
        grounds[2] = shapely.affinity.translate(grounds[2], west - 900, south)
        rows = {"NUM_LOT": ["L1", "L2", "L3"], "OCCUPATION": ["occupé", "vacant", "vacant"], **columns}
        file = tmp_path / "lots.gpkg"
        gpd.GeoDataFrame(rows, geometry=grounds, crs=2154).to_file(file)
        return file

    return write


@pytest.mark.parametrize(
    ("columns", "kept"),
    [
        ({}, ["L1", "L2"]),
        ({"ZONE": [NAME, NAME.upper(), "Nulle part"]}, ["L1", "L2"]),
        ({"ZONE": [FIRST, FIRST, FIRST]}, ["L1", "L2", "L3"]),
    ],
    ids=["their place says on which zone", "the name of a fetched zone", "the key of a fetched zone"],
)
def test_lots_of_a_users_file_lie_on_fetched_zones(command, founded, lots, columns, kept):
    command("fetch", founded)
    ended = command("import", founded, lots(**columns), "--as", "terrains", "--source", "lots", *SAID)
    assert ended.code == 0, ended.err
    if columns:
        assert re.search(r"site_id += ZONE", ended.out)
    territory = gis.open(founded)
    terrains = territory.terrains.set_index("terrain_id")
    assert list(terrains.index) == kept
    assert set(terrains["site_id"]) == {FIRST}
    assert set(terrains["source_id"]) == {"lots"}
    left = {row["row"] for row in territory.issues.to_dict("records") if row["column_name"] == "site_id"}
    assert left == {"L1", "L2", "L3"} - {*kept}
    built = command("build", founded)
    assert built.code == 0, built.err


def test_tables_of_facts_name_fetched_sites(command, founded):
    command("fetch", founded)
    add(
        founded,
        "terrains",
        terrain_id="t",
        site_id=FIRST,
        useful="oui",
        occupied="vacant",
        sale="en vente",
        servicing="viabilisé et aménagé",
    )
    add(founded, "premises", premises_id="p", site_id=FIRST, premises_name="Halle", floor_m2=500)
    add(
        founded,
        "tenancies",
        tenancy_id="a",
        establishment_id="e",
        site_id=FIRST,
        premises_id="p",
        occupant="Un",
        phase="in_place",
        from_earliest="2024-01-01",
        from_latest="2024-01-01",
        area_low_m2=300,
        area_high_m2=300,
        area_kind="floor",
    )
    add(founded, "establishments", establishment_id="e", establishment_name="Un", site_id=FIRST)
    add(
        founded,
        "claims",
        claim_id="c",
        site_id=FIRST,
        subject="surface",
        measure="Surface",
        value=1,
        unit="ha",
        use="base",
        area_kind="land",
    )
    territory = gis.open(founded)
    for layer in (territory.terrains, territory.premises, territory.tenancies, territory.claims):
        assert list(layer["site_id"]) == [FIRST]
    assert FIRST in set(territory.establishments["site_id"])
    built = command("build", founded)
    assert built.code == 0, built.err


def test_a_table_that_names_a_site_nobody_knows_says_so(command, founded):
    command("fetch", founded)
    add(
        founded,
        "tenancies",
        tenancy_id="a",
        establishment_id="e",
        site_id="nowhere",
        occupant="Un",
        phase="in_place",
    )
    ended = command("build", founded)
    assert ended.code == 1
    assert "`nowhere`" in ended.err


def test_what_gave_way_is_a_table_of_the_geopackage_and_told_by_sources(command, founded):
    command("fetch", founded)
    fetched = gis.open(founded).sites.set_index("site_id")
    own = gpd.GeoDataFrame(
        {"ID": ["mine"], "NOM": ["Le mien"], "TYPE": ["zone d'activité économique"], "INSEE": ["62901"]},
        geometry=[fetched.loc[FIRST].geometry.buffer(2)],
        crs=fetched.crs,
    )
    own.to_file(founded.parent / "mine.gpkg")
    ended = command("import", founded, founded.parent / "mine.gpkg", "--as", "sites", "--source", "own", *SAID)
    assert ended.code == 0, ended.err
    built = command("build", founded)
    assert built.code == 0, built.err
    table = gpd.read_file(founded.parent / "pays.gpkg", layer="replaced")
    rows = table[table["layer"] == "sites"]
    assert rows[["row", "source_id", "replaced", "replaced_source_id"]].to_numpy().tolist() == [
        ["mine", "own", FIRST, "bdtopo"]
    ]
    assert rows["apart_m"].iloc[0] == pytest.approx(2, abs=0.1)
    told = command("sources", founded).out
    assert "sites                 1 of bdtopo give way to own" in told


def test_the_lines_of_the_readme_make_the_pages_of_ones_own_agglomeration(command, generated, tmp_path, monkeypatch):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = readme.partition("Your own agglomeration, in five lines")[2].split("```")[1]
    lines = [shlex.split(line, comments=True) for line in block.splitlines() if line.startswith("gis ")]
    assert [words[1] for words in lines] == ["new", "fetch", "build", "sources"]
    generated.communes, generated.epci = ("62901",), lines[0][2]
    generated.publish([[(2, 1)]])
    monkeypatch.chdir(tmp_path)
    ended = [command(*words[1:]) for words in lines]
    assert [one.code for one in ended] == [0, 0, 0, 0], ended
    assert f"{lines[0][3].replace('layers', 'maps')}/index.html" in ended[2].out
    assert (tmp_path / "maps" / "mine" / "zones.html").is_file()
    assert "1 rows, 1 with a shape; surveyed; IGN, BD TOPO®" in ended[3].out
