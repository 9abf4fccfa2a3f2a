"""The shipped territory as built: what it says of Bridgestone, from its layers, its ledger and its pages."""

import csv
import datetime as dt
import importlib
import json
import re
import tomllib
from collections import defaultdict

import pytest

from gis.maps.packing import inflate
from gis.schemas import KEYS

DAY = "2025-09-30"
AT = f"bridgestone@{DAY}"


@pytest.fixture(scope="module")
def rows(built):
    """Read the tables of facts with the csv module alone."""

    def read(name):
        with (built.folder.path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture(scope="module")
def settings(built):
    return tomllib.loads((built.folder.path / "territory.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def catalogue(built):
    return tomllib.loads((built.folder.path / "sources.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def claims(built):
    return built.layers["claims"].merge(built.layers["verdicts"], on="claim_id").set_index("claim_id")


@pytest.fixture(scope="module")
def page_figures(built):
    html = built.page("bridgestone").read_text(encoding="utf-8")
    (packed,) = re.findall(r'<script type="application/zlib" id="page-data">(.*?)</script>', html)
    return {figure["id"]: figure for figure in json.loads(inflate(packed))["figures"]}


AREAS = {"in_place_m2": 50_910, "to_come_m2": 26_000, "with_to_come_m2": 76_910}

SHARES = {
    ("in_place_share", "320000-land"): "15.9",
    ("in_place_share", "160000-not_said"): "31.8",
    ("in_place_share", "200000-not_said"): "25.5",
    ("with_to_come_share", "320000-land"): "24.0",
    ("with_to_come_share", "160000-not_said"): "48.1",
    ("with_to_come_share", "200000-not_said"): "38.5",
}

BASES = {"needed_base_m2": (84_149, 85_563), "needed_base_with_to_come_m2": (127_124, 129_261)}


@pytest.mark.parametrize(("kind", "m2"), AREAS.items(), ids=AREAS)
def test_the_area_attributed_is_a_lower_bound(built, page_figures, kind, m2):
    figure = built.figure(f"{kind}:{AT}")
    assert (figure["low"], figure["high"], figure["unit"], figure["at"]) == (m2, None, "m2", DAY)
    assert {"list_incomplete", "area_unknown"} <= {*figure["assumptions"]}
    assert (page_figures[figure["figure_id"]]["low"], page_figures[figure["figure_id"]]["high"]) == (m2, None)


@pytest.mark.parametrize(("which", "percent"), SHARES.items(), ids=" of ".join)
def test_the_share_of_a_published_base_is_a_lower_bound(built, page_figures, which, percent):
    figure = built.figure(f"{which[0]}:{AT}:{which[1]}")
    assert (f"{figure['low']:.1%}", figure["high"]) == (f"{percent}%", None)
    assert "kind_not_said" in figure["assumptions"]
    assert page_figures[figure["figure_id"]]["low"] == figure["low"]


@pytest.mark.parametrize(("kind", "bounds"), BASES.items(), ids=BASES)
def test_the_published_60_percent_would_need_a_base(built, page_figures, kind, bounds):
    figure = built.figure(f"{kind}:{AT}:site.reoccupied_share")
    assert (round(figure["low"]), round(figure["high"])) == bounds
    assert {"base_not_said", "rounding"} <= {*figure["assumptions"]}
    assert page_figures[figure["figure_id"]]["high"] == figure["high"]


def test_the_sum_in_place_can_be_had_from_the_table_alone(built, rows):
    held = defaultdict(float)
    for row in rows("tenancies"):
        begun = row["from_latest"] and row["from_latest"] <= DAY
        ended = row["to_earliest"] and row["to_earliest"] <= DAY
        if (
            row["site_id"] == "bridgestone"
            and row["phase"] == "in_place"
            and begun
            and not ended
            and row["area_low_m2"]
        ):
            held[row["premises_id"]] = max(held[row["premises_id"]], float(row["area_low_m2"]))
    assert sum(held.values()) == built.figure(f"in_place_m2:{AT}")["low"]
    assert {*held} == {"black-star", "ennea", "bringback", "mecaware"}


def test_the_sum_in_place_can_be_had_from_the_claims_of_the_press_kit_alone(built, rows):
    kit = {
        row["claim_id"]: float(row["value"])
        for row in rows("claims")
        if row["source_id"] == "dossier-presse-2025" and re.fullmatch(r"tenant\.\w+\.area", row["claim_id"])
    }
    assert sum(kit.values()) - kit["tenant.azur.area"] == built.figure(f"in_place_m2:{AT}")["low"]
    assert sum(kit.values()) == built.figure(f"with_to_come_m2:{AT}")["low"]


def test_nothing_that_no_source_attributes_is_called_vacant(built):
    rest = built.figure(f"not_attributed_m2:{AT}:320000-land")
    assert (rest["low"], rest["high"]) == (None, 269_090)
    assert not [
        each for each in built.ledger["figures"] if "bridgestone" in each["subject"] and "vacan" in each["kind"]
    ]


def test_60_percent_is_not_comparable(claims):
    claim = claims.loc["site.reoccupied_share"]
    assert (claim["value"], claim["unit"]) == ("60", "%")
    assert (claim["verdict"], claim["reason"]) == ("not_comparable", "base_not_said")


def test_98_percent_is_not_reproduced_by_its_eight_parts(built, claims):
    claim = claims.loc["redeployment.share"]
    assert (claim["value"], claim["verdict"]) == ("98", "not_reproduced")
    assert round(claim["computed_low"], 1) == round(claim["computed_high"], 1) == 93.4
    total = built.figure("parts_sum:redeployment.share")
    assert (total["low"], total["high"], len(total["rows"])) == (769, 769, 8)
    assert round(built.figure("parts_share:redeployment.share")["low"], 1) == 93.4


def test_what_was_not_found_again_decides_nothing(built, claims):
    lost = claims[claims["status"] == "source_not_refound"]
    assert {"occ.73", "mec.800", "estate.ainowa"} <= {*lost.index}
    assert {*lost["verdict"]} == {"no_data"}
    assert {*lost["reason"]} == {"not_refound"}
    cited = {row for figure in built.ledger["figures"] for row in (*figure["rows"], figure["denominator"])}
    assert not cited & {f"claims/{claim}" for claim in lost.index}


VALUES = {
    "tenancies/black-star/area_m2": {"46000", "45000", "12000", "3000", "30000", "48000"},
    "tenancies/mecaware/area_m2": {"800", "27000"},
    "tenancies/bridgestone/to": {"2021-04-30", "2021-05-01", "2021-05-03"},
    "tenancies/azur/phase": {"announced", "lease_signed"},
    "tenancies/logs/area_m2": {"75000", "90000"},
    "sites/bridgestone/land_ha": {"32", "30"},
}


@pytest.mark.parametrize(("of", "values"), VALUES.items(), ids=VALUES)
def test_every_published_variant_is_kept(claims, of, values):
    assert {*claims.loc[claims["states"] == of, "value"]} == values


def test_every_disputed_value_is_settled_with_a_reason(claims, settings):
    stating = claims[claims["states"] != ""].groupby("states")["value"]
    disputed = {of for of, values in stating if values.nunique() > 1}
    settled = {each["of"]: each for each in settings["variant"]}
    assert {*VALUES} <= disputed == settled.keys()
    for of, each in settled.items():
        assert each["why"]["fr"]
        assert each["why"]["en"]
        assert each["claim"] == "" or claims.loc[each["claim"], "states"] == of


def test_the_press_kit_is_what_the_layers_open_with(built):
    tenancies = built.layers["tenancies"].set_index("tenancy_id")
    areas = tenancies["area_low_m2"].to_dict()
    assert [areas[key] for key in ("black-star", "mecaware", "azur")] == [46_000, 800, 26_000]
    assert tenancies.loc["azur", "phase"] == "announced"
    assert tenancies.loc["bridgestone", "to_latest"].date() == dt.date(2021, 4, 30)


def test_occupants_without_a_published_area_are_rows_without_one(built):
    tenancies = built.layers["tenancies"].set_index("tenancy_id")
    here = tenancies.loc[["lpi", "green-dot", "logs"]]
    assert here[["area_low_m2", "area_high_m2"]].isna().all(axis=None)
    assert tenancies.loc["logs-2021", "area_low_m2"] == 75_000
    assert tenancies.loc["logs-2021", "to_latest"].date() <= dt.date(2021, 12, 31)


def test_facts_after_the_press_kit_are_there_with_their_date(built, claims):
    assert claims.loc["bs.sauvegarde.open", "earliest"].date() == dt.date(2026, 1, 30)
    nebius = built.layers["tenancies"].set_index("tenancy_id").loc["nebius"]
    assert (nebius["from_earliest"].date(), nebius["premises_id"]) == (dt.date(2026, 2, 12), "centre-de-donnees")


def test_every_row_of_every_layer_has_a_source_of_the_catalogue(built, catalogue):
    cited = {name: {*layer["source_id"]} for name, layer in built.layers.items() if "source_id" in layer}
    assert {"communes", "sites", "premises", "tenancies", "claims", "tiles"} <= cited.keys()
    assert {name: sources - catalogue.keys() for name, sources in cited.items() if sources - catalogue.keys()} == {}


def test_every_source_of_the_catalogue_is_cited(built, catalogue):
    cited = {source for layer in built.layers.values() if "source_id" in layer for source in layer["source_id"]}
    assert catalogue.keys() - cited == set()


def test_every_figure_leads_to_rows_that_exist(built):
    keyed = {name: column for name, column in KEYS.items() if name in built.layers}
    keys = {f"{name}/{key}" for name, column in keyed.items() for key in built.layers[name][column]}
    ids = {figure["figure_id"] for figure in built.ledger["figures"]}
    for figure in built.ledger["figures"]:
        assert {*figure["rows"]} <= keys
        assert {figure["numerator"], figure["denominator"]} <= keys | ids | {""}
        assert figure["subject"] in keys | {"territory"}


def test_every_figure_leads_to_sources_that_exist_and_are_those_of_its_rows(built, catalogue):
    by_row = {
        f"{name}/{key}": source
        for name, column in KEYS.items()
        if name in built.layers
        for key, source in zip(built.layers[name][column], built.layers[name]["source_id"], strict=True)
    }
    for figure in built.ledger["figures"]:
        assert figure["sources"]
        assert {*figure["sources"]} <= catalogue.keys()
        assert {*figure["sources"]} == {by_row[row] for row in figure["rows"]}


def test_every_figure_leads_to_a_rule_that_can_be_read(built):
    for rule in {figure["rule"] for figure in built.ledger["figures"]}:
        module, _, name = rule.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name))


def test_a_hundred_communes_are_there(built):
    assert built.layers["communes"]["insee"].nunique() == len(built.layers["communes"]) == 100
    assert "Béthune" in {*built.layers["communes"]["commune_name"]}
