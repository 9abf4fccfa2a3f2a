"""The five answers of `docs/first-minute.md`, found as a reader would find them."""

import re

import pytest

from gis.measures.find import Between, PlaceAsked, PlotsAsked
from gis.measures.occupancy import attributed, occupancy
from gis.schemas import AccessKind, Answer, Phase
from gis.territory import Territory
from tests.browser.conftest import DEMO, Open, slide_to, type_in

pytestmark = pytest.mark.browser


def listed(page):
    """Return the plots of the list that are found for sure, in order."""
    return page.eval_on_selector_all("#offers-sure [data-offer]", "rows => rows.map(row => row.dataset.offer)")


@pytest.fixture(scope="module")
def demo():
    return Territory(DEMO)


def test_who_was_on_the_site_in_the_middle_of_2023(built_folders, territory, reader: Open):
    page = reader().open(built_folders["bethune-bruay"] / "index.html")
    page.click("a.card")
    page.wait_for_selector("#slider")
    first = page.evaluate("document.getElementById('slider').min")
    slide_to(page, int(first) + 1277)  # 2020-01-01 and 1277 days: 1 July 2023
    assert "2023" in page.inner_text("#day")
    rows = occupancy(territory.tenancies, site_id="bridgestone", at="2023-07-01")
    assert float(page.get_attribute("#in-place", "data-m2")) == attributed(rows, [Phase.IN_PLACE]).low
    there = set(rows.loc[rows["holds"] != "no", "occupant"])
    table = page.inner_text("#panel")
    assert there
    assert all(name in table for name in there)
    assert re.search(r"depuis|since|Depuis", table)


def test_why_at_most_26_of_the_150_hectares_are_on_the_map(built_folders, reader: Open):
    page = reader().open(built_folders["bethune-bruay"] / "index.html")
    page.click("nav a[data-page='available.html']")
    page.wait_for_selector("#located-ha")
    assert float(page.get_attribute("#located-ha", "data-ha")) == 26
    assert float(page.get_attribute("#unplaced-ha", "data-ha")) == 124
    why = page.locator("#panel > section", has=page.locator("h2", has_text="Pourquoi pas plus")).inner_text()
    assert "50" in why
    assert "24" in why


def test_the_three_largest_plots_ready_now(built_folders, demo, reader: Open):
    page = reader().open(built_folders["demo"] / "index.html")
    page.click("nav a[data-page='available.html']")
    page.wait_for_selector("#offers-sure")
    ready = demo.plots[demo.plots["available"] == Answer.YES].sort_values("left_ha", ascending=False)
    assert listed(page)[:3] == list(ready["plot_id"][:3])


def test_a_plot_for_a_hall_near_a_motorway_exit(built_folders, demo, reader: Open):
    page = reader().open(built_folders["demo"] / "available.html")
    for field, value in (("a", "120"), ("b", "80")):
        type_in(page, f"#filter-{field}", value)
        page.keyboard.press("Tab")
    page.click("#more-filters summary")
    type_in(page, "#filter-km", "2")
    page.keyboard.press("Tab")
    near = PlaceAsked(to={AccessKind.MOTORWAY_EXIT: Between(None, 2.0, "km")})
    found = demo.find_plots(PlotsAsked(place=near, rectangle=(120.0, 80.0)))
    expected = {demo.plots["plot_id"].iloc[n] for n in found.those(Answer.YES)}
    assert expected
    assert set(listed(page)) == expected
    page.click("#offers-sure [data-offer] button.name")
    assert page.get_attribute("#fit-answer", "data-fit") == "oui"
    assert float(page.get_attribute("#fit-answer", "data-angle")) >= 0
    counts = {row["criterion"]: row["alone"] for row in found.eliminations.to_dict("records")}
    shown = page.get_attribute("#why-not [data-criterion='fit']", "data-alone")
    assert int(shown) == counts["fit"]


def test_what_one_lifted_constraint_would_free(built_folders, demo, reader: Open):
    page = reader().open(built_folders["demo"] / "available.html")
    rows = page.eval_on_selector_all(
        "#lifting [data-reason]", "all => all.map(e => [e.dataset.reason, +e.dataset.freesLow, +e.dataset.freesHigh])"
    )
    whole = demo.lifting[demo.lifting["site_id"] == ""].set_index("reason")
    assert rows
    for reason, low, high in rows:
        assert low == pytest.approx(whole["frees_low_ha"][reason], abs=1e-4)
        assert high == pytest.approx(whole["frees_high_ha"][reason], abs=1e-4)
    assert rows == sorted(rows, key=lambda row: -row[2])
