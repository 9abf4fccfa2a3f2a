"""The page of an investor and `gis find` answer alike: each asks the same of the same territory, row by row."""

import csv
import json
import random
import subprocess
from pathlib import Path

import pytest

from gis.demo import write_demo
from gis.maps.packing import unpack_rows
from gis.maps.plots import plots_data
from gis.measures.find import Between, PlaceAsked, PlotsAsked, PremisesAsked
from gis.schemas import AccessKind
from gis.territory import Territory
from tests.test_scripts import node

ANSWERING = Path(__file__).parent / "node" / "answering.mjs"


@pytest.fixture(scope="module")
def territory(tmp_path_factory):
    """Write a fictional territory: sites in two communes and in unknown ones, some of which say what they are for."""
    folder = tmp_path_factory.mktemp("agreement") / "demo"
    write_demo(folder, sites=12, terrains=150, seed=11)
    chance = random.Random(11)  # noqa: S311  (which rows are changed)
    codes = [row["insee"] for row in rows_of(folder / "communes.csv")]
    sites = rows_of(folder / "sites.csv")
    for n, site in enumerate(sites):
        site["insee"] = ["|".join(codes[:2]), "", site["insee"]][n % 3]
        site["vocation"] = chance.choice(["", "Logistique", "industrie lourde|bureaux"])
    write(folder / "sites.csv", sites)
    terrains = rows_of(folder / "terrains.csv")
    for terrain in terrains:
        terrain["vocation"] = chance.choice(["", "", "Industrie", "entrepôts, logistique"])
        terrain["price_eur_m2"] = chance.choice(["", "24.995", "25", "31.4"])
        terrain["power_kw"] = chance.choice(["", "249.6", "250", "1000"])
    write(folder / "terrains.csv", terrains)
    return Territory(folder)


def rows_of(file):
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write(file, rows):
    with file.open("w", encoding="utf-8", newline="") as lines:
        table = csv.DictWriter(lines, rows[0])
        table.writeheader()
        table.writerows(rows)


def least(value, unit):
    return Between(value, None, unit)


def most(value, unit):
    return Between(None, value, unit)


def asked_of(territory):
    """Yield what is asked: of which tab, as the address of the page has it, and as `gis find` is asked."""
    left, floor = territory.plots["left_ha"], territory.premises["floor_m2"].dropna()
    for share in (0.2, 0.5, 0.8):
        at = float(left.quantile(share, interpolation="nearest"))
        yield "", {"min": f"{at:.9f}"}, PlotsAsked(ha=least(float(f"{at:.9f}"), "ha"))
        yield "", {"max": f"{at:.3f}"}, PlotsAsked(ha=most(float(f"{at:.3f}"), "ha"))
        at = float(floor.quantile(share, interpolation="nearest"))
        yield "rooms", {"floor": f"{at:.0f}"}, PremisesAsked(floor=least(float(f"{at:.0f}"), "m2"))
    for word in ("industrie", "Industrie lourde", "entrepôts, logistique", "LOGISTIQUE", "bureaux"):
        yield "", {"voc": word}, PlotsAsked(vocation=word)
    for name in territory.communes["commune_name"]:
        yield "", {"commune": name}, PlotsAsked(PlaceAsked(commune=name))
        yield "rooms", {"commune": name}, PremisesAsked(PlaceAsked(commune=name))
    for km in ("0.7", "1", "2", "2.004", "3.5"):
        for key, kind in (("km", AccessKind.MOTORWAY_EXIT), ("st", AccessKind.STATION)):
            place = PlaceAsked(to={kind: most(float(km), "km")})
            yield "", {key: km}, PlotsAsked(place)
            yield "rooms", {key: km}, PremisesAsked(place)
    for price in ("24.99", "25", "31.4"):
        yield "", {"price": price}, PlotsAsked(price=most(float(price), "EUR/m2"))
        yield "rooms", {"price": price}, PremisesAsked(rent=most(float(price), "EUR/m2"))
    for kw in ("249.6", "250", "251"):
        yield "", {"kw": kw}, PlotsAsked(PlaceAsked(power=least(float(kw), "kW")))
    for networks in (("gas",), ("gas", "fibre")):
        yield "", {"net": "|".join(networks)}, PlotsAsked(PlaceAsked(networks=networks))
        yield "rooms", {"net": "|".join(networks)}, PremisesAsked(PlaceAsked(networks=networks))
    yield "", {"serv": "1"}, PlotsAsked(serviced=True)
    yield "rooms", {"h": "7.5"}, PremisesAsked(height=least(7.5, "m"))
    yield "rooms", {"docks": "1"}, PremisesAsked(docks=True)
    yield "", {}, PlotsAsked()
    yield "rooms", {}, PremisesAsked()


def test_every_criterion_answers_alike_for_every_row(territory):
    asked = list(asked_of(territory))
    data = plots_data(territory, {site: [] for site in territory.sites["site_id"]})
    plain = {
        "plots": unpack_rows(data["plots"]),
        "rooms": unpack_rows(data["rooms"]),
        "sites": data["sites"],
        "asked": [(tab, filters) for tab, filters, _ in asked],
    }
    ended = subprocess.run(
        [node(), str(ANSWERING)],
        input=json.dumps(plain),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    seen = set()
    for (tab, filters, wanted), answers in zip(asked, json.loads(ended.stdout), strict=True):
        found = territory.find_premises(wanted) if tab else territory.find_plots(wanted, territory.plots)
        ours = dict(zip(found.rows[found.key], map(str, found.answers), strict=True))
        assert answers == ours, (tab, filters)
        seen |= {(next(iter(filters), ""), answer) for answer in answers.values()}
    assert {("commune", "inconnu"), ("voc", "inconnu"), ("voc", "oui"), ("km", "oui"), ("km", "non")} <= seen
