"""What was fetched, joined: the same whatever is asked first, the same twice, and nothing that it is given changes."""

import csv
import dataclasses
import random
from io import StringIO

import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, Point, box

import gis
from gis.schemas import layers_that
from gis.sources.conflation import joined
from gis.sources.conflation.joined import FetchedFolder
from gis.sources.open_data import bdtopo, cadastre, cartofriches, fusac, owners_legal, planning, risks, sirene
from gis.sources.open_data.fetched import Entry, read_fetched
from gis.sources.tables.accounts import NOT_OF_A_SITE, Fate
from gis.sources.tables.catalogue import sha256_of_file
from gis.territory import Published, Territory
from tests.conftest import DEMO, Folder
from tests.sources.test_assumed import SITE, X, Y, put, zone

#: Layers that nothing but what is fetched feeds.
ALONE = layers_that(is_fetched_alone=True)
#: What is told of joins, and every layer that something fetched is joined to.
TOLD = ("issues", "replaced", "accounts", "resting", "candidates")
LAYERS = (
    *("communes", "sites", "parcels", "owners", "buildings", "exclusions", "roads", "accesses", "establishments"),
    *("layers", "figures"),
)
DATED = {"date_modification": "2026-05-04"}
FIRM = {"establishment_id": "forge", "establishment_name": "Forge", "site_id": "port", "source_id": "registre"}


def _square(east, north, side=40.0):
    return box(X + east, Y + north, X + east + side, Y + north + side)


def _zone(key, name, ground):
    said = {"cleabs": key, "categorie": "Industriel et commercial", "nature": "Zone industrielle", "toponyme": name}
    said |= {"nature_detaillee": "Zone d'activités", "nom_commercial": None, "etat_de_l_objet": "En service"}
    return ({**said, "fictif": False, "insee_commune": "99001", **DATED}, ground)


def _written(rows):
    text = StringIO(newline="")
    table = csv.DictWriter(text, rows[0])
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The hand-made territory, of which every kind of layer was fetched, some of them of two sources."""
    made = Folder(tmp_path_factory.mktemp("fetched") / "layers" / "demo")
    for name, text in DEMO.items():
        made.put(name, text)
    made.outline()
    row = {"site_type": "inconnu", "insee": "99001", "land_low_ha": "", "land_high_ha": "", "source_id": "registre"}
    rows = [{"site_id": "prairie", "site_name": "ZI de la Prairie", **row}]
    rows.append({"site_id": "colline", "site_name": "Colline aux Moulins dite haute", **row})
    made.put("sites.csv", DEMO["sites.csv"] + _written(rows).partition("\r\n")[2])
    made.draw("sites.gpkg", "site_id", {"port": SITE})
    made.put("establishments.csv", _written([FIRM]))
    made.put("exclusions.csv", "exclusion_id,reason,buffer_m,source_id\nligne,power_line,12,registre\n")
    far = shapely.affinity.translate
    zones = [_zone("Z1", "Zone industrielle Prairie", far(SITE, 600))]
    zones.append(_zone("Z2", "Colline Moulins", far(SITE, 0, 500)))
    zones.append(_zone("Z3", "Le port autrefois", far(SITE, 10, 10)))
    put(made, bdtopo.NATIONAL, "bdtopo/99001-zone.json.gz", zones)
    traced = [(zone("F1", site_origine="GPU"), far(SITE, 620)), (zone("F2", site_origine="GPU"), far(SITE, -700))]
    put(made, fusac.NATIONAL, fusac.FILE, [*traced, (zone("F3", site_origine="OSM"), far(SITE, 20, 20))])
    said = {"commune": "99001", "contenance": 1600, "updated": "2025-03-02"}
    parcels = [({"id": f"990010000A000{n}", **said}, _square(east, 20)) for n, east in enumerate((0, 50, 385, 900), 1)]
    put(made, cadastre.NATIONAL, "cadastre/cadastre-99001-parcelles.json.gz", parcels)
    second = [({"idu": "990010000A0009", "contenance": 1600, "code_insee": "99001"}, _square(1, 20))]
    put(made, cadastre.SECOND_WAY, "cadastre-ign/99001-parcelle.json.gz", second)
    built = {"type": "01", "nom": None, "commune": "99001", "created": "2011-01-01", "updated": "2018-04-23"}
    put(made, cadastre.NATIONAL, "cadastre/cadastre-99001-batiments.json.gz", [(built, _square(4, 24, 10))])
    measured = {"cleabs": "B1", "nature": "Industriel", "etat_de_l_objet": "En service", "hauteur": 7.5, **DATED}
    put(made, bdtopo.NATIONAL, "bdtopo/99001-batiment.json.gz", [(measured, _square(5, 24, 10))])
    line = LineString([(X - 20, Y - 5), (X + 400, Y + 90)])
    road = {"cleabs": "route", "nature": "Route à 1 chaussée", "importance": "5", "nom_voie_ban_gauche": "RUE", **DATED}
    rail = {"cleabs": "rail", "nature": "Voie de service", "usage": "Fret", "etat_de_l_objet": "En service", **DATED}
    way = {"cleabs": "X", "nature": "Carrefour", "nature_detaillee": "Echangeur", "numero": "7", "toponyme": "N"}
    put(made, bdtopo.NATIONAL, "bdtopo/99001-route.json.gz", [(road, line)])
    put(made, bdtopo.NATIONAL, "bdtopo/99001-rail.json.gz", [(rail, line)])
    put(made, bdtopo.NATIONAL, "bdtopo/99001-ligne.json.gz", [({"cleabs": "ligne", "voltage": "90 kV", **DATED}, line)])
    put(made, bdtopo.NATIONAL, "bdtopo/transport.json.gz", [({**way, **DATED}, _square(900, 900))])
    easements = [({"gid": n, "suptype": kind}, _square(100 * n, 100)) for n, kind in enumerate(("ac1", "t5", "pm1"))]
    put(made, planning.NATIONAL, "planning/99001-servitude-s.json.gz", easements)
    known = {"identifiant_ssp": "S1", "id_sis": "", "code_insee": "99001", "statut_classification": "", "statut": ""}
    put(made, risks.NATIONAL, "risks/99001-sis.json.gz", [(known, _square(200, 20))])
    put(made, risks.NATIONAL, "risks/99001-casias.json.gz", [(known, Point(X + 9, Y + 9)), (known, Point(X, Y - 99))])
    field = {"site_id": "H1", "site_statut": "friche potentielle", "site_nom": "Halle", "comm_insee": "99001"}
    field["site_actu_date"] = "2025"
    put(made, cartofriches.NATIONAL, "cartofriches/99001.json.gz", [(field, _square(9, 90))])
    owned = ["99", "0", "001", "PORT-NEUF", "", "A", "1", *[""] * 5, "RUE", "500", "", "S", "500", "P - Propriétaire"]
    owned += ["PBX", "219900100", "4", "7210", "COM", "PORT-NEUF"]
    _put_text(made, owners_legal.NATIONAL, "owners-legal/99.csv", ";".join(owned) + "\n")
    _put_firms(made, {"73282932000074": "11", "55210055400013": "33"})
    return made


def _put_firms(made, quality_of):
    """Leave the register of firms: each (SIRET) on the port, where its place is known so well."""
    firms = [*quality_of]
    stock = {name: [""] * len(firms) for name in ("anneeEffectifsEtablissement", "denominationUsuelleEtablissement")}
    stock |= {
        "siren": [firm[:9] for firm in firms],
        "siret": firms,
        "statutDiffusionEtablissement": ["O"] * len(firms),
        "trancheEffectifsEtablissement": ["NN"] * len(firms),
        "dateCreationEtablissement": ["1987-05-01"] * len(firms),
        "dateDernierTraitementEtablissement": ["2025-01-01"] * len(firms),
        "codeCommuneEtablissement": ["99001"] * len(firms),
        "etatAdministratifEtablissement": ["A"] * len(firms),
        "enseigne1Etablissement": firms,
        "activitePrincipaleEtablissement": ["24.10Z"] * len(firms),
    }
    units = {
        "siren": stock["siren"],
        "statutDiffusionUniteLegale": stock["statutDiffusionEtablissement"],
        "denominationUniteLegale": firms,
        "categorieJuridiqueUniteLegale": ["5710"] * len(firms),
    }
    where = {"x": [str(X + 9)] * len(firms), "y": [str(Y + 9)] * len(firms), "epsg": ["3950"] * len(firms)}
    put(made, sirene.NATIONAL, sirene.PLACES, table={"siret": firms, "qualite_xy": [*quality_of.values()], **where})
    put(made, sirene.NATIONAL, sirene.UNITS, table=units)
    put(made, sirene.NATIONAL, sirene.STOCK, table=stock)


def _put_text(made, national, name, text):
    """Leave a file of text as `gis fetch` does."""
    come = made.path / "come"
    come.write_text(text, encoding="utf-8")
    entry = Entry(name, national.url, "2025-01-01", sha256_of_file(come), come.stat().st_size)
    read_fetched(made.path / "raw").add(national.source, entry, come)


@pytest.fixture(scope="module")
def told(folder):
    """What is told of the joins of the folder, each asked of a territory of which nothing else was asked."""
    return {name: getattr(gis.open(folder.path), name) for name in TOLD}


def same(one, other):
    """Compare two values, frames by their cells and shapes."""
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
        return True
    return one == other


def test_every_kind_of_join_tells_something(folder, told):
    territory = gis.open(folder.path)
    assert {*ALONE} <= {*territory.layers}
    assert set(told["replaced"]["layer"]) == {"sites", "parcels", "buildings"}
    assert set(told["issues"]["layer"]) >= {"sites", "parcels", "exclusions", "spots", "establishments"}
    assert {layer for layer, _ in told["resting"]} == {"sites", "exclusions"}
    assert list(told["candidates"]["site_id"]) == ["colline"]
    assert {each.layer for each in told["accounts"]} == {
        *("sites", "parcels", "buildings", "exclusions", "roads", "accesses", "establishments", "ownership"),
        *ALONE,
    }
    (firms,) = [each.account for each in told["accounts"] if each.layer == "establishments"]
    assert firms.rows == {(Fate.USED, ""): 1, (Fate.PASSED_OVER, NOT_OF_A_SITE): 1}
    assert set(territory.parcels["owner_id"]) == {"219900100", ""}


@pytest.mark.parametrize("seed", range(4))
def test_what_is_told_is_the_same_whatever_is_asked_first(folder, told, seed):
    territory = gis.open(folder.path)
    for name in random.Random(seed).sample((*TOLD, *LAYERS), k=len(TOLD) + len(LAYERS)):  # noqa: S311
        value = getattr(territory, name)
        assert name not in told or same(told[name], value), name
    for name, value in told.items():
        assert same(value, getattr(territory, name)), name


def test_what_waits_for_a_person_is_not_of_what_is_published(folder):
    assert Published(Territory(folder.path)).candidates.empty


def test_joining_twice_gives_the_same_and_leaves_what_it_is_given_as_it_was(folder):
    territory = gis.open(folder.path)
    fetched = FetchedFolder(folder.path, read_fetched(folder.path / "raw"), territory.settings, territory.crs)
    bare = Folder(folder.path).open()
    own = {name: getattr(bare, name) for name in ("communes", "sites", "parcels", "owners", "buildings", "roads")}
    own |= {name: getattr(bare, name) for name in ("exclusions", "accesses", "establishments")}
    own = {name: frame.iloc[:1].copy() for name, frame in own.items()}
    ground = {name: getattr(bare, name) for name in ("sites", "terrains", "premises")}
    ownership = joined.join_ownership(fetched).layer
    given = {**own, **{f"ground of {name}": frame for name, frame in ground.items()}, "ownership": ownership}
    before, record = {name: frame.copy(deep=True) for name, frame in given.items()}, repr(fetched)
    sites, former = bare.sites, {"99007": "99001"}

    def every():
        yield joined.join_communes(fetched, own["communes"])
        yield joined.join_sites(fetched, own["sites"], bare.communes)
        yield joined.join_owners(fetched, own["owners"])
        yield joined.join_ownership(fetched)
        yield joined.join_parcels(fetched, own["parcels"], sites, ownership)
        yield joined.join_buildings(fetched, own["buildings"], sites)
        for name in ("exclusions", "roads", "accesses"):
            yield joined.join_by_key(name, fetched, own[name], sites)
        yield joined.join_establishments(fetched, own["establishments"], ground, former)
        yield from joined.join_fetched_only_layers(fetched, sites).values()

    once, again = list(every()), list(every())
    assert len(once) == len(again) == 10 + len(ALONE)
    assert sum(len(each.issues) for each in once) > 0
    for one, other in zip(once, again, strict=True):
        for field in dataclasses.fields(one):
            assert same(getattr(one, field.name), getattr(other, field.name)), field.name
    for name, frame in given.items():
        pd.testing.assert_frame_equal(frame, before[name])
    assert repr(fetched) == record


def test_a_zone_inside_another_is_counted_with_it(demo):
    demo.outline()
    shapes = {"A": box(X, Y, X + 400, Y + 250), "B": box(X, Y, X + 600, Y + 500), "C": box(X, Y, X + 90, Y + 90)}
    drawn = [(zone(key, site_origine="GPU"), shape) for key, shape in shapes.items()]
    put(demo, fusac.NATIONAL, fusac.FILE, drawn)
    sites = demo.open().sites.set_index("site_id")
    assert sites.loc[[*"ABC"], "part_of"].tolist() == ["B", "", "A"]
    assert sites.loc[[*"ABC"], "counted"].tolist() == ["non", "oui", "non"]
    figures = demo.open().figures
    assert [figures[kind].low for kind in ("zones_counted", "zones_with_area", "zones_known_ha")] == [1, 1, 30]
    assert figures["zones_known_ha"].rows == ("sites/B",)
