"""Rules of reading that nobody has confirmed: in the chain of the figures they touch, and in `gis sources`."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from shapely.geometry import box

from gis.explain import figure_chain
from gis.maps import i18n
from gis.public import Edition
from gis.sources.open_data import fusac, planning, risks, sirene
from gis.sources.open_data.features import write_features
from gis.sources.open_data.fetched import Entry, read_fetched
from gis.sources.open_data.registry import ALL
from gis.sources.tables.catalogue import sha256_of_file
from gis.store.inventory_tables import inventory_summary_lines
from gis.territory import Published

X, Y = 1_674_000.0, 9_259_000.0
SITE = box(X, Y, X + 400, Y + 200)
EVERY = {each.key: each for national in ALL.values() for each in national.assumed}
TERRAINS = """\
terrain_id,site_id,useful,occupied,sale,servicing,turnkey,vocation,source_id
t1,port,oui,vacant,en vente,viabilisé et aménagé,inconnu,industrielle,registre
"""


@pytest.fixture
def ground(demo):
    """The hand-made territory, with a terrain on its site, and `put` for what a source left in `raw/`."""
    demo.draw("sites.gpkg", "site_id", {"port": SITE})
    demo.draw("terrains.gpkg", "terrain_id", {"t1": box(X, Y, X + 200, Y + 200)})
    demo.put("terrains.csv", TERRAINS)
    return demo


def put(folder, national, name, features=(), table=None):
    """Leave a file as `gis fetch` does: features (properties and ground) in EPSG:3950, or a table."""
    come = folder.path / "come"
    if table is None:
        drawn = [
            {"type": "Feature", "properties": said, "geometry": json.loads(shapely.to_geojson(shape))}
            for said, shape in features
        ]
        write_features(come, drawn, 3950)
    else:
        pq.write_table(pa.table(table), come)
    fetched = read_fetched(folder.path / "raw")
    entry = Entry(name, national.url, "2025-01-01", sha256_of_file(come), come.stat().st_size)
    fetched.add(national.source, entry, come)


def easements(folder, *kinds, at=SITE):
    drawn = [({"gid": n, "suptype": kind}, at) for n, kind in enumerate(kinds)]
    put(folder, planning.NATIONAL, "planning/99001-servitude-s.json.gz", drawn)


def resting(folder):
    figures = folder.open().figures.values()
    return {(figure.kind, key) for figure in figures for key in figure.assumptions if key in EVERY}


def test_every_assumed_rule_is_said_in_two_languages_with_what_would_settle_it():
    assert len(EVERY) == sum(len(national.assumed) for national in ALL.values()) == 6
    for key, rule in EVERY.items():
        assert f"assumption.{key}" not in i18n.text_catalogue("fr"), key
        assert rule.fr.endswith("."), key
        assert rule.en.endswith("."), key
        assert rule.check, key


def test_an_easement_puts_its_rule_into_the_figures_it_touches_and_no_others(ground, page_words):
    easements(ground, "ac1")
    territory = Published(ground.open())
    found = {(figure.kind, key) for figure in territory.figures.values() for key in figure.assumptions if key in EVERY}
    assert found == {("available_ha", "easement_reasons"), ("freed_ha", "easement_reasons")}
    told = str(figure_chain(territory, territory.figures["available_ha:territory"]))
    assert "The reason of an easement is read from its code" in told
    built = ground.build()
    ledger = json.loads(built.ledger.read_text(encoding="utf-8"))
    assert "pm1 and pm3 are risk plans" in ledger["assumptions"]["easement_reasons"]
    assert {*ledger["assumptions"]}.isdisjoint(EVERY.keys() - {"easement_reasons"})
    for page in built.pages:
        said = page_words(page)
        assert said["fr"]["assumption.easement_reasons"].startswith("La raison d’une servitude")
        assert "assumption.easement_reasons" in said["en"]
        assert "assumption.easements_in_the_air" not in said["en"]


def test_an_easement_that_is_left_out_is_said_of_what_would_be_less(ground):
    easements(ground, "t5")
    assert ground.open().exclusions.empty
    assert resting(ground) == {("available_ha", "easements_in_the_air")}


def test_what_lies_elsewhere_touches_no_figure_and_the_rule_is_said_all_the_same(ground, command):
    easements(ground, "t5", "pm1", at=shapely.affinity.translate(SITE, 3000))
    assert resting(ground) == set()
    lines = [line for line in command("sources", ground.path).out.splitlines() if line.startswith("assumption")]
    assert [line.split()[1] for line in lines] == ["planning:", "planning:"]
    assert all("To check: the national list of easements" in line for line in lines)


def test_polluted_ground_rests_on_whole_registers(ground):
    row = {"identifiant_ssp": "S1", "id_sis": "", "code_insee": "99001", "statut_classification": ""}
    put(ground, risks.NATIONAL, "risks/99001-sis.json.gz", [(row, box(X, Y, X + 50, Y + 50))])
    assert resting(ground) == {("available_ha", "risks_pages"), ("freed_ha", "risks_pages")}


def zone(key, **said):
    return {"site_id": key, "site_nom": key, "site_type": fusac.ZONE, "site_etat": "existant et actif", **said}


@pytest.mark.parametrize(
    ("origin", "kept"), [({"site_origine": "GPU"}, True), ({"site_origine": "OSM"}, False), ({}, False)]
)
def test_zones_of_fusac_rest_on_the_column_of_their_origin_whether_kept_or_not(ground, origin, kept):
    ground.outline()
    put(ground, fusac.NATIONAL, fusac.FILE, [(zone("F1", **origin), shapely.affinity.translate(SITE, 600))])
    assert ("F1" in set(ground.open().sites["site_id"])) is kept
    found = {kind for kind, key in resting(ground) if key == "fusac_origins"}
    assert {"gross_ha", "available_ha"} <= found
    assert "in_place_m2" not in found


def test_the_inventory_says_the_rules_of_sirene_that_touched_a_row(ground):
    stock = {
        "siren": ["732829320"],
        "siret": ["73282932000074"],
        "statutDiffusionEtablissement": ["O"],
        "trancheEffectifsEtablissement": ["NN"],
        "anneeEffectifsEtablissement": [""],
        "dateCreationEtablissement": ["1900-01-01"],
        "dateDernierTraitementEtablissement": ["2025-01-01"],
        "codeCommuneEtablissement": ["99001"],
        "etatAdministratifEtablissement": ["A"],
        "enseigne1Etablissement": ["Forge"],
        "denominationUsuelleEtablissement": [""],
        "activitePrincipaleEtablissement": ["24.10Z"],
    }
    units = {
        "siren": ["732829320"],
        "statutDiffusionUniteLegale": ["O"],
        "denominationUniteLegale": ["Forge"],
        "categorieJuridiqueUniteLegale": ["5710"],
    }

    ground.put("communes.csv", "insee,commune_name,former_codes,source_id\n99001,Port-Neuf,99007,registre\n")
    stock["codeCommuneEtablissement"] = ["99007"]

    def said():
        territory = ground.open()
        return "\n".join(inventory_summary_lines(territory.inventory(), territory, Edition.INTERNAL))

    place = {"siret": stock["siret"], "x": [str(X + 9)], "y": [str(Y + 9)], "qualite_xy": ["11"], "epsg": ["3950"]}
    put(ground, sirene.NATIONAL, sirene.PLACES, table=place)
    put(ground, sirene.NATIONAL, sirene.UNITS, table=units)
    put(ground, sirene.NATIONAL, sirene.STOCK, table=stock)
    told = said()
    assert EVERY["sirene_no_day"].fr in told
    assert EVERY["sirene_property_alone"].fr not in told
    territory = ground.open()
    (firm,) = territory.establishments[territory.establishments["siret"] != ""].to_dict("records")
    assert firm["insee"] == "99001"
    rows = territory.issues.to_dict("records")
    assert ("99007", "sirene/*.parquet") in {(row["value"], row["file"]) for row in rows}
    put(ground, sirene.NATIONAL, sirene.STOCK, table={**stock, "dateCreationEtablissement": ["1987-05-01"]})
    put(ground, sirene.NATIONAL, sirene.UNITS, table={**units, "categorieJuridiqueUniteLegale": ["6540"]})
    told = said()
    assert EVERY["sirene_no_day"].fr not in told
    assert EVERY["sirene_property_alone"].fr in told
    assert resting(ground) == set()


def test_an_issue_of_what_was_fetched_names_its_file(ground, command):
    ground.outline()
    at = shapely.affinity.translate(SITE, 10)
    for commune, kind in (("99001", "Z"), ("99002", "Q")):
        drawn = [({"gid": commune, "typezone": kind, "datvalid": "20240131"}, at)]
        put(ground, planning.NATIONAL, f"planning/{commune}-zone.json.gz", drawn)
        drawn = [({"gid": commune, "suptype": "t5"}, at)]
        put(ground, planning.NATIONAL, f"planning/{commune}-servitude-s.json.gz", drawn)
    put(ground, fusac.NATIONAL, fusac.FILE, [(zone("F1", site_type="diffus"), at)])
    issues = ground.open().issues
    found = set(issues[["column_name", "value", "file"]].itertuples(index=False, name=None))
    assert found >= {
        ("typezone", "Z", "planning/99001-zone.json.gz"),
        ("typezone", "Q", "planning/99002-zone.json.gz"),
        ("suptype", "t5", "planning/*-servitude-s.json.gz"),  # counted over all of them
        ("site_type", "diffus", "fusac/sites.json.gz"),
    }
    for name in ("99002-zone.json.gz", "planning/99002-zone.json.gz", "raw/planning/99002-zone.json.gz"):
        lines = command("issues", ground.path, "--file", name).out.splitlines()
        assert [line for line in lines if "`Q`" in line], name
        assert not [line for line in lines if "`Z`" in line], name
    assert "t5" in command("issues", ground.path, "--file", "99001-servitude-s.json.gz").out
