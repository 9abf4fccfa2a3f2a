"""`gis find`: on the fictional territory, on the shipped one, on a large one, and for programs."""

import json
import time
from pathlib import Path

import fiona
import pytest
import shapely

from gis.demo import write_demo
from gis.measures.fit import fit_rectangle
from gis.territory import Territory

FICTIONAL = Path(__file__).parents[1] / "layers" / "demo"


@pytest.fixture(scope="module")
def fictional():
    return Territory(FICTIONAL)


def test_a_hall_near_a_motorway_is_found_and_placed_where_it_has_room(command, fictional):
    ended = command(
        "find", FICTIONAL, "--fit", "120x80", "--setback", "5", "--serviced", "--to-motorway", "..2km", "--json"
    )
    assert (ended.code, ended.err) == (0, "")
    record = json.loads(ended.out)
    assert record["crs"] == "EPSG:3950"
    found = [row for row in record["found"] if row["answer"] == "yes"]
    assert len(found) >= 1
    shapes = fictional.plots.set_index("plot_id").geometry
    for row in record["found"]:
        near = row["distances"]["motorway_exit"]["km"] <= 2
        room = row["rectangle"] is not None
        assert row["reasons"]["to-motorway"] == ("yes" if near else "no")
        assert room == (row["reasons"]["fit"] == "yes")
        if room:
            hall = shapely.Polygon(row["rectangle"]["corners"])
            assert hall.area == pytest.approx(9600)
            assert shapes[row["plot_id"]].buffer(-4.999).covers(hall)
            assert not fictional.exclusions.geometry.intersects(hall.buffer(-0.1)).any()
            assert not fictional.buildings.geometry.intersects(hall.buffer(-0.1)).any()
        elif row["gross_ha"] == row["left_ha"]:
            free = shapes[row["plot_id"]] - fictional.buildings.geometry.union_all()
            assert fit_rectangle(free, 120.2, 80.2, setback_m=5) is None
    assert sum(record["terrains"].values()) == len(fictional.terrains)


def test_the_table_names_what_is_found_and_explains_what_is_not(command):
    ended = command("find", FICTIONAL, "--ha", "1..", "--networks", "gas,fibre", "--why")
    assert (ended.code, ended.err) == (0, "")
    for words in (
        "found",
        "can be had",
        "alone eliminates",
        "in turn eliminates",
        "eliminated by",
        "as the crow flies",
    ):
        assert words in ended.out
    [criteria] = [line for line in ended.out.splitlines() if line.startswith("│ networks ")]
    assert "gas, fibre" in criteria


def test_unknown_is_a_group_of_its_own(command, fictional):
    ended = command("find", FICTIONAL, "--json")
    kinds = {row["plot_id"]: row["answer"] for row in json.loads(ended.out)["found"]}
    assert set(kinds.values()) == {"yes", "maybe"}
    unknown = fictional.plots[fictional.plots["available"] == "inconnu"]
    assert {key for key, answer in kinds.items() if answer == "maybe"} == {*unknown["plot_id"]}
    assert "maybe: something is not known" in command("find", FICTIONAL).out


def test_the_record_is_the_same_twice(command):
    arguments = ("find", FICTIONAL, "--fit", "60x40", "--later", "--json")
    assert command(*arguments).out == command(*arguments).out


def test_the_smallest_sets_are_no_larger_than_the_plots(command, fictional):
    record = json.loads(command("find", FICTIONAL, "--smallest", "--ha", "1.2..", "--json").out)
    assert record["given_up"] == []
    assert any(row["terrains"] > 1 for row in record["found"])
    whole = {key for ids in fictional.plots["terrain_ids"] for key in [frozenset(ids.split("|"))]}
    for row in record["found"]:
        assert row["left_ha"] >= 1.2
        assert any(frozenset(row["terrain_ids"].split("|")) <= each for each in whole)


def test_premises_are_found_by_floor_height_and_docks(command):
    record = json.loads(command("find", FICTIONAL, "--floor", "500..", "--height", "8..", "--docks", "--json").out)
    found = [row for row in record["found"] if row["answer"] == "yes"]
    assert found
    assert all(row["floor_m2"] >= 500 and row["height_m"] >= 8 and row["docks"] >= 1 for row in found)
    assert record["terrains"] == {}
    maybe = [row for row in record["found"] if row["answer"] == "maybe"]
    assert maybe
    assert all(row["unknown"] for row in maybe)


def test_a_territory_without_shapes_says_so_and_invents_nothing(command, shipped):
    ended = command("find", shipped, "--ha", "3..")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("no data (shape not published): no terrain of Béthune-Bruay, Artois Lys Romane has ")
    assert "150 ha are published as on offer, without a place" in ended.out
    record = json.loads(command("find", shipped, "--ha", "3..", "--json").out)
    assert record["no_data"].startswith("no data (shape not published)")
    assert record["found"] == []


def test_premises_of_which_nothing_is_published_are_a_maybe_never_a_yes(command, shipped):
    record = json.loads(command("find", shipped, "--floor", "500..", "--json").out)
    assert {row["answer"] for row in record["found"]} == {"maybe", "no"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--ha", "5"], "ha: `5` is one number. Write 5.. for at least, ..5 for at most."),
        (["--to-motorway", "near"], "to-motorway: `near` is no range. Write 3.. for at least, ..3 for at most."),
        (["--fit", "120"], "fit: `120` is no rectangle. Write its sides in metres, as 120x80."),
        (["--fit", "120x80", "--setback", "-5"], "rectangle: setback: -5 m is no distance. Give metres, 0 or more."),
        (["--fit", "120x80", "--setback", "nan"], "rectangle: setback: nan m is no distance. Give metres, 0 or more."),
        (["--setback", "5"], "search: setback: there is no rectangle to keep it from. Say which one, as --fit 120x80."),
        (
            ["--ha", "3..", "--floor", "500.."],
            "search: --ha is asked of plots, --floor of premises. Search the two one after the other.",
        ),
        (["--networks", "gaz"], "networks: `gaz` is no network. Known: rain_water, drinking_water, sewage, gas, "),
        (["--commune", "Paris"], "commune: `Paris` is no commune of the territory. Known: "),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(command, arguments, said):
    ended = command("find", FICTIONAL, *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"gis: {said}")
    assert ended.err.count("\n") == 1


def test_terrains_without_shapes_are_plots_of_unknown_size(demo):
    demo.put(
        "terrains.csv",
        "terrain_id,site_id,useful,occupied,sale,servicing,source_id\n"
        "t1,port,oui,vacant,en vente,viabilisé et aménagé,registre\n",
    )
    territory = demo.open()
    assert territory.plots["plot_id"].tolist() == ["t1"]
    assert territory.plots["left_ha"].isna().all()


def test_lines_and_points_are_read_from_raw_and_a_polygon_is_refused_there(demo, square):
    demo.put("roads.csv", "road_id,road_class,road_name,source_id\nr1,main,D 900,registre\n")
    demo.put("accesses.csv", "access_id,access_kind,access_name,source_id\na1,port,Le port,registre\n")
    x, y = 1_674_000.0, 9_259_000.0
    demo.draw("roads.gpkg", "road_id", {"r1": shapely.LineString([(x, y), (x + 900, y)])}, crs=2154)
    demo.draw("accesses.geojson", "access_id", {"a1": shapely.Point(x, y)}, crs=4326)
    territory = demo.open()
    assert territory.roads.geometry[0].length == pytest.approx(900, abs=0.01)
    assert territory.accesses.geometry[0].distance(shapely.Point(x, y)) < 0.01
    file = demo.build().geopackage
    for layer, kind in (("roads", "MultiLineString"), ("accesses", "Point"), ("plots", "MultiPolygon")):
        with fiona.open(file, layer=layer) as records:
            assert records.schema["geometry"] == kind
            assert len(records) == (layer != "plots")
    (demo.path / "raw" / "roads.gpkg").unlink()
    demo.draw("roads.gpkg", "road_id", {"r1": square(9, 9)})
    with pytest.raises(ValueError, match=r"feature 1 \(r1\): the shape is a Polygon, not a line"):
        demo.open().roads  # noqa: B018  (it is read when asked for)


def test_ten_thousand_parcels_are_searched_in_seconds(tmp_path):
    write_demo(tmp_path / "demo", sites=150, terrains=7_200)
    territory = Territory(tmp_path / "demo")
    assert len(territory.parcels) >= 9_900
    for layer in ("sites", "terrains", "exclusions", "owners", "roads", "accesses"):
        getattr(territory, layer)
    begin = time.process_time()
    plots = territory.plots
    assert time.process_time() - begin < 30
    assert len(plots) > 500
