"""Lots and buildings keep the name that a file gives them, and what tells its rows apart is their key."""

import csv

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely import box

from gis.errors import SchemaError
from gis.maps.site import lots_and_buildings_of_site, shapes_of_site
from gis.provenance import Basis, Source
from gis.public import territory_publication
from gis.schemas import KEYS, Buildings, Claims, Establishments, Owners, Premises, Tenancies, Terrains
from gis.sources.own_files.import_synonyms import NAMED
from gis.sources.own_files.mapped import read_layer
from gis.sources.own_files.mapping import mapping_file, read_mapping
from gis.sources.own_files.mapping_text import mapping_head_text, proposed_mapping_text
from gis.sources.own_files.proposing import Sample, propose_reading
from gis.sources.tables.accounts import Fate
from tests.conftest import X, Y

ZONE = CRS.from_epsg(3950)
VILLE = Source("ville", "Lots", "Ville", "LO 2.0", edition="2025")
SAID = ("--source", "ville", "--basis", "digitised", "--publisher", "Ville", "--licence", "LO 2.0", "--edition", "2024")
HEAD = "terrain_id,site_id,terrain_name,useful,occupied,sale,servicing,source_id\n"


def proposed(cells, layer="terrains", name="lots"):
    return propose_reading(layer, Sample(name, "", cells), communes={}, known={})


def read(folder, cells, layer="terrains", name="lots"):
    """Read a table as it is proposed."""
    file = folder / f"{name}.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows([list(cells), *zip(*cells.values(), strict=True)])
    reading = proposed(cells, layer, name).reading
    return read_layer(file, reading, crs=ZONE, source=VILLE, basis=Basis.STATED)


TABLES = {
    "a name alone": ("terrains", {"Zone": ["E", "E"], "Nom": ["A14", "B2"]}, {"lots-A14": "A14", "lots-B2": "B2"}),
    "a key that is a name": ("terrains", {"LOT": ["A14", "B2"]}, {"A14": "", "B2": ""}),
    "plain numbers": ("terrains", {"N° lot": ["14", "2"]}, {"lots-14": "14", "lots-2": "2"}),
    "a key and a name": (
        "terrains",
        {"id_lot": ["T1", "T2"], "Nom du lot": ["Pré", "Pré"]},
        {"T1": "Pré", "T2": "Pré"},
    ),
    "numbers of a tool": ("terrains", {"fid": ["1", "2"], "NOM": ["A14", "A14"]}, {"lots-1": "A14", "lots-2": "A14"}),
    "anew in each zone": ("terrains", {"Zone": ["E", "O"], "Lot": ["1", "1"]}, {"E-1": "1", "O-1": "1"}),
    "anew in each stage": ("terrains", {"Tranche": ["1", "2"], "Lot": ["1", "1"]}, {"lots-1-1": "1", "lots-2-1": "1"}),
    "in each zone, and named": (
        "terrains",
        {"Zone": ["E", "O"], "Lot": ["1", "1"], "Nom du lot": ["Pré", "Pré"]},
        {"E-1": "Pré", "O-1": "Pré"},
    ),
    "no name for a surface": ("terrains", {"id": ["T1", "T2"], "Surface lot": ["800", "950"]}, {"T1": "", "T2": ""}),
    "nothing": ("terrains", {"Zone": ["E", "E"], "Occupation": ["occupé", "occupé"]}, {"lots-1": "", "lots-2": ""}),
    "buildings": ("buildings", {"Site": ["E", "O"], "Bâtiment": ["A", "A"]}, {"E-A": "A", "O-A": "A"}),
    "buildings by name": (
        "buildings",
        {"Nom du bâtiment": ["Halle", "Dock"]},
        {"lots-Halle": "Halle", "lots-Dock": "Dock"},
    ),
    "premises in each building": (
        "premises",
        {"Bâtiment": ["A", "B"], "Cellule": ["1", "1"]},
        {"A-1": "1", "B-1": "1"},
    ),
    "sites by commune": (
        "sites",
        {"Commune": ["99001", "99002"], "Nom": ["Nord", "Nord"], "Type": ["ZAE", "ZAE"]},
        {"99001-Nord": "Nord", "99002-Nord": "Nord"},
    ),
}


@pytest.mark.parametrize(("layer", "cells", "names"), TABLES.values(), ids=TABLES)
def test_a_row_keeps_its_name_and_a_key_that_is_its_own(tmp_path, layer, cells, names):
    found = read(tmp_path, cells, layer)
    key, name = KEYS[layer], NAMED[layer]
    assert dict(zip(found.frame[key], found.frame[name], strict=True)) == names
    assert found.account.count(Fate.USED) == found.account.rows_in


def test_what_is_proposed_says_which_columns_tell_rows_apart_and_is_read_back(tmp_path):
    cells = {"Zone": ["E", "O"], "Lot": ["1", "1"]}
    proposal = proposed(cells)
    assert proposal.notes["terrain_id"].startswith("No column is a key, but `Zone` and `Lot` together tell the rows")
    assert proposal.left == ()
    mapping = mapping_file(tmp_path / "lots.csv")
    mapping.write_text(
        mapping_head_text("lots.csv", "ville", Basis.STATED, "", {}) + proposed_mapping_text(proposal, cells), "utf-8"
    )
    assert read_mapping(mapping).readings == (proposal.reading,)


def test_a_row_without_a_part_of_its_key_is_numbered_and_one_that_says_nothing_is_left_out(tmp_path):
    cells = {"Zone": ["E", "O", "O", "", "", "N"], "Lot": ["1", "1", "", "", "", "1"], "Motif": [*"xxxx", "", "x"]}
    found = read(tmp_path, cells)
    assert list(found.frame["terrain_id"]) == ["E-1", "O-1", "lots-row-3", "lots-row-4", "N-1"]
    said = {row["row"]: row["message"] for row in found.issues if row["column_name"] == "terrain_id"}
    assert said == {
        "lots-row-3": "It says no `Lot`: the number of the row stands for its key.",
        "lots-row-4": "It says no `Zone` and `Lot`: the number of the row stands for its key.",
    }


def test_a_name_that_stands_twice_is_no_key(tmp_path):
    found = read(tmp_path, {"Nom": ["Pré", "Pré", "Bois"]})
    assert dict(zip(found.frame["terrain_id"], found.frame["terrain_name"], strict=True)) == {
        "lots-1": "Pré",
        "lots-2": "Pré",
        "lots-3": "Bois",
    }


@pytest.mark.parametrize("layer", ["owners", "establishments", "parcels"])
def test_no_key_is_made_of_the_name_of_who_may_be_a_person(layer):
    reading = proposed({"Rue": ["1", "1"], "Nom": ["Zoé Été", "Ana Été"]}, layer).reading
    assert reading.columns[KEYS[layer]] == "#"
    assert not reading.joined


def test_a_key_of_two_columns_is_refused_where_it_cannot_be(tmp_path):
    mapping = mapping_file(tmp_path / "lots.csv")
    start = 'source = "v"\nbasis = "stated"\n[terrains.columns]\nterrain_id = "Zone"\n[terrains.joined]\n'
    mapping.write_text(start + 'site_id = "Lot"\n', encoding="utf-8")
    with pytest.raises(SchemaError, match="`site_id` is no key"):
        read_mapping(mapping)
    mapping.write_text(start + 'terrain_id = "Lots"\n', encoding="utf-8")
    (tmp_path / "lots.csv").write_text("Zone;Lot\nE;1\n", encoding="utf-8")
    reading = read_mapping(mapping).readings[0]
    with pytest.raises(SchemaError, match="no column `Lots`"):
        read_layer(tmp_path / "lots.csv", reading, crs=ZONE, source=VILLE, basis=Basis.STATED)


WORDS = st.sampled_from(["", "1", "2", "12", "A", "A-1", "1-A", "Pré", "-", " "])


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=7))
def test_no_row_is_put_into_another_for_want_of_a_key(tmp_path_factory, rows):
    cells = {name: [row[n].strip() for row in rows] for n, name in enumerate(("Zone", "Lot", "Nom"))}
    found = read(tmp_path_factory.mktemp("rows"), cells)
    account = found.account
    assert (account.count(Fate.MERGED), account.count(Fate.PASSED_OVER)) == (0, 0)
    assert account.count(Fate.USED) == len(found.frame) == found.frame["terrain_id"].nunique()
    lost = sum(not cells["Lot"][n] or not any(row) for n, row in enumerate(zip(*cells.values(), strict=True)))
    assert account.count(Fate.REFUSED) <= lost


# --- in a territory --------------------------------------------------------------------------------------------------


def test_names_typed_in_a_table_or_imported_are_those_of_the_layers(demo, command, tmp_path):
    demo.put("terrains.csv", HEAD + "t1,port,Le pré,oui,inconnu,inconnu,inconnu,registre\n")
    demo.put("buildings.csv", "building_id,site_id,building_name,source_id\nb1,port,La halle,registre\n")
    file = tmp_path / "docks.csv"
    file.write_text("Site;Nom du lot\nport;A14\nport;B2\n", encoding="utf-8")
    ended = command("import", demo.path, file, "--as", "terrains", *SAID)
    assert ended.code == 0, ended.err
    territory = demo.open()
    assert dict(zip(territory.terrains["terrain_id"], territory.terrains["terrain_name"], strict=True)) == {
        "t1": "Le pré",
        "docks-A14": "A14",
        "docks-B2": "B2",
    }
    assert list(territory.buildings["building_name"]) == ["La halle"]


def test_a_building_that_names_no_site_is_drawn_on_the_one_it_lies_in(demo):
    demo.draw("sites.gpkg", "site_id", {"port": box(X, Y, X + 400, Y + 200)})
    demo.put(
        "buildings.csv",
        "building_id,site_id,building_name,source_id\nin,,Halle,registre\nout,,,registre\nno,,,registre\n",
    )
    demo.draw(
        "buildings.gpkg",
        "building_id",
        {"in": box(X + 10, Y + 10, X + 50, Y + 50), "out": box(X + 380, Y + 10, X + 480, Y + 50)},
    )
    territory = demo.open()
    assert list(territory.buildings["site_id"]) == ["port", "", ""]
    assert list(lots_and_buildings_of_site(territory, "port")[1]["building_id"]) == ["in"]
    assert "Halle" in set(shapes_of_site(territory, "port")["label"])


def test_a_building_or_a_lot_called_after_a_person_in_it_is_published_without_that_name():
    def rows(schema, **columns):
        texts = dict.fromkeys(schema.to_schema().columns, "")
        return pd.DataFrame(columns).assign(**{name: text for name, text in texts.items() if name not in columns})

    layers = {
        "owners": rows(Owners, owner_id=["o1"], owner_kind=["legal"], owner_name=["Ville"]),
        "establishments": rows(
            Establishments,
            establishment_id=["e1"],
            establishment_name=["Dupont Zoé"],
            establishment_kind=["natural"],
            siret=["12345678900011"],
            terrain_id=["t1"],
        ),
        "tenancies": rows(
            Tenancies,
            tenancy_id=["l1"],
            premises_id=["p1"],
            establishment_id=["e1"],
            occupant=["Dupont Zoé"],
        ),
        "premises": rows(Premises, premises_id=["p1"], premises_name=["Cellule 1"], building_id=["b1"]),
        "claims": rows(Claims, claim_id=[]),
        "buildings": rows(Buildings, building_id=["b1", "b2"], building_name=["Garage Dupont", "Garage Dupont"]),
        "terrains": rows(Terrains, terrain_id=["t1", "t2"], terrain_name=["Pré Dupont", "Lot 2"]),
    }
    published = territory_publication(layers)
    assert list(published.layer("buildings", layers["buildings"])["building_name"]) == ["non diffusé", "Garage Dupont"]
    assert list(published.layer("terrains", layers["terrains"])["terrain_name"]) == ["non diffusé", "Lot 2"]
