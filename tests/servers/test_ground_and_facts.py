"""What a territory becomes of fetched ground, of what else is fetched, and of what the folder says itself."""

import csv

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS, Transformer
from shapely import box

import gis
from gis.crs import UTM_TOLERANCE, area_error
from gis.sources import bdtopo_networks as networks


def add(folder, table, **row):
    """Add a row to a table of facts."""
    file = folder / f"{table}.csv"
    header = file.read_text(encoding="utf-8").splitlines()[0].split(",")
    with file.open("a", encoding="utf-8", newline="") as stream:
        csv.DictWriter(stream, header).writerow({"source_id": "perimetre", **row})


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
