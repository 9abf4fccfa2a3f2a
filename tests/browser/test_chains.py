"""« Voir le calcul »: what a page shows of a sum, and the rows it names, are those of the ledger for that question."""

from datetime import date

import pytest

from gis.measures.availability import availability_figures
from gis.measures.occupied_areas import held_figures
from gis.measures.topology import containing_sites
from gis.measures.vacancy import vacancy_figures
from gis.territory import Published, Territory
from tests.browser.conftest import DEMO, TERRITORY, Open, click_at, type_in

pytestmark = pytest.mark.browser

#: What is shown of each sum once it is unfolded: its rows, basis and assumptions, and whether each row has its line.
SHOWN = """id => Object.fromEntries([...document.querySelectorAll(`${id} ul`)].map(each => {
  const { chain, rows, basis, assumptions } = each.dataset;
  const lines = [...each.children].map(line => line.querySelector("code").textContent);
  return [chain, [rows.split(" ").filter(Boolean).sort(), basis, assumptions.split(" ").filter(Boolean).sort(), lines]];
}))"""


@pytest.fixture(scope="module")
def known():
    """The fictional territory, as its pages are made of it."""
    return Published(Territory(DEMO))


def unfold(page, id_, by="mouse"):
    """Open a working as a person does, and return what it shows."""
    if by == "mouse":
        click_at(page, f"#{id_} summary")
    else:
        page.locator(f"#{id_} summary").press("Enter")
    page.wait_for_selector(f"#{id_}[open] ul")
    found = page.evaluate(SHOWN, f"#{id_}")
    for rows, _, _, lines in found.values():
        assert sorted(lines) == rows
    return {chain: told[:3] for chain, told in found.items()}


def of(figure):
    return [sorted(figure.rows), figure.basis.value, sorted(figure.assumptions)]


def of_zones(known, zones):
    """The ledger's figures of some zones together, with the sites inside them."""
    own = [site for site, above in containing_sites(known.sites).items() if {site, *above} & {*zones}]
    sites, terrains = (layer[layer["site_id"].isin(own)] for layer in (known.sites, known.terrains))
    return {figure.kind: figure for figure in availability_figures(sites, terrains, known.exclusions)}


STEPS = {"gross": "gross_ha", "serviced": "immediately_available_ha", "large_enough": "available_ha"}


def same_ground(page, known, id_, zones, by="mouse"):
    """Hold the waterfall of some zones to the ledger's figures of them: numbers and chains."""
    expected = of_zones(known, zones)
    found = unfold(page, id_, by)
    assert found == {kind: of(expected[kind]) for kind in STEPS.values()}
    section = page.locator(f"#{id_}").locator("xpath=..")
    for step, kind in STEPS.items():
        line = section.locator(f"[data-step={step}]")
        shown = [float(line.get_attribute(f"data-{end}")) for end in ("low", "high")]
        assert shown == pytest.approx([expected[kind].low, expected[kind].high], abs=1e-3), (zones, kind)


def listed(page):
    return [row.get_attribute("data-zone") for row in page.locator("[data-zone]").all()]


def test_a_sum_over_zones_names_the_rows_that_were_added(demo_built, known, reader: Open):
    page = reader().open(demo_built.page("zones"))
    every = listed(page)
    assert len(every) == 7
    same_ground(page, known, "working-zones", every)
    type_in(page, "#search", "parc")
    page.wait_for_function("() => document.getElementById('zones-found').dataset.n < 7")
    some = listed(page)
    assert 0 < len(some) < len(every)
    click_at(page, "#working-zones summary")
    same_ground(page, known, "working-zones", some, by="key")
    click_at(page, f"#zone-{some[0]}")
    same_ground(page, known, "working-zone", some[:1])
    whole = known.figures["zones_known_ha"]
    assert unfold(page, "working-known", "key") == {"zones_known_ha": of(whole)}


def test_what_is_found_names_its_plots_and_what_takes_some_away(demo_built, known, reader: Open):
    page = reader().open(demo_built.page("available"))
    found, whole = unfold(page, "working-found"), known.figures["available_ha:territory"]
    sure, maybe = found["sure"], found["maybe"]
    assert sorted({*sure[0], *maybe[0]}) == sorted(whole.rows)
    assert {*sure[2], *maybe[2]} == {*whole.assumptions}
    size = float(page.get_attribute("#found-size", "data-size"))
    assert size == pytest.approx(whole.low, abs=1e-6)

    click_at(page, "#working-found summary")
    type_in(page, "#filter-min", "0,8")
    page.keyboard.press("Tab")
    page.wait_for_function(f"() => document.getElementById('found-size').dataset.size < {size}")
    keys = {row.get_attribute("data-offer") for row in page.locator("#offers-sure [data-offer]").all()}
    plots = known.plots[known.plots["plot_id"].isin(keys)]
    terrains = {f"terrains/{key}" for those in plots["terrain_ids"] for key in those.split("|")}
    shown = unfold(page, "working-found", "key")["sure"]
    assert {row for row in shown[0] if row.startswith("terrains/")} == terrains
    assert float(page.get_attribute("#found-size", "data-size")) == pytest.approx(plots["left_ha"].sum(), abs=1e-6)
    # The ledger asked of these terrains alone, without ground in no terrain, names the same rows.
    sites = known.sites.set_geometry(known.sites.geometry.where(known.sites["site_id"] == ""))
    own = known.terrains[("terrains/" + known.terrains["terrain_id"]).isin(terrains)]
    figures = availability_figures(sites, own, known.exclusions)
    alone = next(figure for figure in figures if figure.kind == "available_ha")
    assert shown[:2] == of(alone)[:2]
    assert {*alone.assumptions} - {"ground_without_shape"} == {*shown[2]}


def test_the_floor_that_is_found_names_its_premises(demo_built, known, reader: Open):
    page = reader().open(demo_built.page("available"), "tab=rooms&floor=2000")
    keys = sorted(
        f"premises/{row.get_attribute('data-offer')}" for row in page.locator("#offers-sure [data-offer]").all()
    )
    assert keys
    assert unfold(page, "working-found")["sure"][:2] == [keys, "surveyed"]
    floors = known.premises.set_index("premises_id")["floor_m2"]
    total = floors[[key.partition("/")[2] for key in keys]].sum()
    assert float(page.get_attribute("#found-size", "data-size")) == pytest.approx(total)


def test_what_is_published_of_an_offer_names_its_claims(built_folders, territory, reader: Open):
    page = reader().open(built_folders[TERRITORY.name] / "available.html")
    kinds = ("offer_ha", "offer_located_ha", "offer_unplaced_ha")
    assert unfold(page, "working-offer") == {kind: of(territory.figures[kind]) for kind in kinds}
    assert float(page.get_attribute("#located-ha", "data-ha")) == territory.figures["offer_located_ha"].high


def test_the_figures_of_the_territory_name_the_rows_of_the_ledger(demo_built, known, reader: Open):
    page = reader().open(demo_built.page("territory"))
    shown = [each.get_attribute("data-figure") for each in page.locator("li[data-figure]").all()]
    assert {"surface_vacancy", "premises_vacancy", "floor_vacancy", "held_land_share"} <= {*shown}
    for n, kind in enumerate(shown):
        (figure,) = [each for each in known.figures.values() if each.kind == kind and each.subject == "territory"]
        assert unfold(page, f"working-{kind}", "key" if n % 2 else "mouse")[kind] == of(figure)


def test_the_length_of_roads_names_the_roads(demo_built, known, reader: Open):
    page = reader().open(demo_built.page("territory"))
    several = page.locator("[data-road] details.chain")
    assert several.count()
    for each in several.all():
        id_ = each.get_attribute("id")
        click_at(page, f"[id='{id_}'] summary")
        page.wait_for_selector(f"[id='{id_}'][open] ul")
        ((rows, *_),) = page.evaluate(SHOWN, f"[id='{id_}']").values()
        roads = known.roads[("roads/" + known.roads["road_id"]).isin(rows)]
        length = float(page.get_attribute(f"[data-road]:has([id='{id_}'])", "data-m") or "nan")
        assert length == pytest.approx(roads.length.sum(), abs=1e-3)


@pytest.mark.parametrize("day", ["", "2022-04-15", "2021-01-10"])
def test_what_is_held_of_a_site_names_who_holds_it_on_any_day(demo_built, known, reader: Open, day):
    page = reader().open(demo_built.page("manufacture"), f"d={day}" if day else "")
    site, at = known.focus["manufacture"], date.fromisoformat(day) if day else known.opening
    layers = known._held_layers(site)  # noqa: SLF001  (the layers that the ledger reads)
    ledger = {each.kind: each for each in held_figures(layers, at=at) if each.subject == f"sites/{site}"}
    assert unfold(page, "working-held") == {kind: of(figure) for kind, figure in ledger.items()}
    for line in page.locator("#held [data-kind]").all():
        figure = ledger[f"held_{line.get_attribute('data-kind')}_m2"]
        shown = [float(line.get_attribute(f"data-{end}")) for end in ("low", "high")]
        assert shown == pytest.approx([figure.low, figure.high], abs=0.05)

    every = vacancy_figures(known.sites, known.terrains, known.premises, known.tenancies, at=at)
    empty = {each.kind: each for each in every if each.subject == f"sites/{site}"}
    premises = {kind: of(figure) for kind, figure in empty.items() if kind != "surface_vacancy"}
    assert unfold(page, "working-vacancy", "key") == premises
    sized = known.premises[(known.premises["site_id"] == site) & known.premises["floor_m2"].notna()]
    for end in ("low", "high"):
        count, floor = (float(page.get_attribute("#premises-vacancy", f"data-{end}{tail}")) for tail in ("", "-m2"))
        assert count / len(sized) == pytest.approx(getattr(empty["premises_vacancy"], end))
        assert floor / sized["floor_m2"].sum() == pytest.approx(getattr(empty["floor_vacancy"], end))
    assert unfold(page, "working-surface") == {"surface_vacancy": of(empty["surface_vacancy"])}


def test_where_nobody_is_said_to_hold_a_site_the_sum_names_the_whole(demo, rebuilt, square, reader: Open):
    demo.draw("sites.gpkg", "site_id", {"port": square(400, 200)})
    demo.draw("premises.gpkg", "premises_id", {"hangar": square(40, 40), "cour": square(40, 40, east=100)})
    header, first, second = (demo.path / "premises.csv").read_text(encoding="utf-8").splitlines()
    demo.put("premises.csv", f"{header},floor_m2\n{first},900\n{second},700\n")
    demo.change("tenancies.csv", "culture,in_place,2020-01-01,2020-12-31", "culture,announced,2020-01-01,2020-12-31")
    built = rebuilt(demo)
    page = reader().open(built.page("port"))
    held = [each for each in built.ledger["figures"] if each["kind"].startswith("held_")]
    ledger = {each["kind"]: each for each in held if each["subject"] == "sites/port"}
    assert {tuple(each["rows"]) for each in ledger.values()} == {("sites/port",), ("premises/hangar", "premises/cour")}
    shown = unfold(page, "working-held")
    assert shown == {
        kind: [sorted(each["rows"]), each["basis"], sorted(each["assumptions"])] for kind, each in ledger.items()
    }
