"""The fictional territory in Chromium: everything is known there, and the pages say what its layers say."""

from datetime import date
from pathlib import Path

import pytest

from gis.build import Built
from gis.maps import i18n
from gis.measures.occupancy import TO_COME
from gis.territory import Territory
from tests.browser.conftest import Open
from tests.conftest import Built as Shared

pytestmark = pytest.mark.browser

SITE = "manufacture"
PAGES = ("index", "zones", "available", "territory", SITE)


@pytest.fixture(scope="module")
def fictional(demo_built: Shared) -> Territory:
    return Territory(demo_built.folder.path)


@pytest.fixture(scope="module")
def made(demo_built: Shared) -> Built:
    return demo_built.files


def page_of(made: Built, name: str) -> Path:
    return next(page for page in made.pages if page.stem == name)


def share_text(low: float, high: float) -> str:
    return i18n.range_text(i18n.percent_text(low, "fr"), i18n.percent_text(high, "fr")).replace("–", "à")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_whole_and_says_that_it_is_fictional(made, reader: Open, name, language, width):
    someone = reader()
    page = someone.open(page_of(made, name), f"l={language}")
    page.set_viewport_size({"width": width, "height": 900})
    assert page.locator("#panel h1").inner_text()
    assert page.locator(".fictional").is_visible()
    assert someone.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
def test_the_english_page_holds_no_french_but_what_is_marked_as_french(made, reader: Open, unmarked_french, name):
    page = reader().open(page_of(made, name), "l=en")
    assert unmarked_french(page) == []


@pytest.mark.parametrize("day", ["2020-01-01", "2021-06-15", "2022-02-01", "2023-05-15", "2024-09-15", "2025-06-30"])
def test_what_is_held_of_each_kind_follows_the_day(made, fictional: Territory, reader: Open, day):
    page = reader().open(page_of(made, SITE), f"d={day}")
    site = fictional.focus[SITE]
    frames = [
        fictional.held([date.fromisoformat(day)], site, phases) for phases in (("in_place",), ("in_place", *TO_COME))
    ]
    held, both = (frame[frame["site_id"] == site].set_index("kind") for frame in frames)
    for row in page.locator("#held [data-kind]").all():
        own = held.loc[row.get_attribute("data-kind")]
        assert float(row.get_attribute("data-low")) == pytest.approx(own["held_low_m2"], abs=0.01)
        assert float(row.get_attribute("data-high")) == pytest.approx(own["held_high_m2"], abs=0.01)
        assert share_text(own["share_low"], own["share_high"]) in row.inner_text()
    floor = (1 - both.loc["floor", "share_high"], 1 - held.loc["floor", "share_low"])
    assert share_text(*floor) in page.inner_text("#premises-vacancy")


def test_areas_of_several_kinds_stand_apart(made, fictional: Territory, reader: Open):
    page = reader().open(page_of(made, SITE))
    stem = f"{fictional.focus[SITE]}@{fictional.opening.isoformat()}"
    kinds = {
        key.rpartition(":")[2]: figure
        for key, figure in fictional.figures.items()
        if key.startswith(f"in_place_m2:{stem}")
    }
    shown = {
        each.get_attribute("data-kind"): float(each.get_attribute("data-m2"))
        for each in page.locator(".answer [data-kind]").all()
    }
    first = float(page.get_attribute("#in-place", "data-m2"))
    assert sorted([first, *shown.values()]) == sorted(figure.low for figure in kinds.values() if figure.low)
    assert "de plancher" in page.inner_text("#in-place")
    assert "ne s’additionnent pas" in page.inner_text(".answer")
    for bar in page.locator("[data-base]").all():
        kind = bar.get_attribute("data-base").rpartition("-")[2]
        figure = fictional.figures[f"in_place_share:{stem}:{bar.get_attribute('data-base')}:{kind}"]
        assert float(bar.get_attribute("data-share")) == pytest.approx(figure.low)


def test_the_sheet_of_a_zone_and_the_page_of_the_territory_say_what_stands_empty(
    made, fictional: Territory, reader: Open
):
    zone = fictional.surface_vacancy.set_index("site_id")
    premises = fictional.premises_vacancy.set_index("site_id")
    page = reader().open(page_of(made, "zones"), "s=s009")
    text = page.inner_text("#sheet")
    assert share_text(zone.loc["s009", "surface_vacancy_low"], zone.loc["s009", "surface_vacancy_high"]) in text
    row = premises.loc["s009"]
    assert share_text(row["premises_vacancy_low"], row["premises_vacancy_high"]) in text
    whole = reader().open(page_of(made, "territory"))
    for kind in ("surface_vacancy", "premises_vacancy", "floor_vacancy", "held_land_share"):
        (figure,) = [each for each in fictional.figures.values() if each.kind == kind and each.subject == "territory"]
        low, high = (i18n.percent_text(share, "fr") for share in (figure.low, figure.high))
        assert i18n.range_text(low, high) in whole.inner_text(f"[data-figure={kind}]")


def test_every_site_of_the_first_map_leads_to_where_it_is_told_of(made, fictional: Territory, reader: Open):
    page = reader().open(page_of(made, "index"))
    hrefs = page.evaluate("emprise.attached[0].layer.scene.shapes.map(s => s.href)")
    assert len(hrefs) == len(fictional.sites)
    for href in sorted(set(hrefs)):
        name, _, address = href.partition("#")
        there = reader().open(page_of(made, name.removesuffix(".html")), address)
        assert there.locator("#sheet, #held, [aria-expanded=true]").count() == 1, href


@pytest.mark.parametrize("language", ["fr", "en"])
def test_roads_and_accesses_are_drawn_listed_and_answer_each_other(made, fictional: Territory, reader: Open, language):
    page = reader().open(page_of(made, "territory"), f"l={language}")
    scene = "emprise.attached[0].layer.scene"
    assert page.evaluate(f"{scene}.roads.map(r => r.key).sort()") == sorted(fictional.roads["road_id"])
    assert page.evaluate(f"{scene}.accesses.map(a => a.key).sort()") == sorted(fictional.accesses["access_id"])
    text = i18n.text_catalogue(language)
    kinds = {text[f"access.{kind}"] for kind in fictional.accesses["access_kind"]}
    kinds |= {text[f"road.{kind}"] for kind in fictional.roads["road_class"]}
    assert kinds <= {item.inner_text().strip() for item in page.locator("#legend li").all()}
    shown = sum(float(row.get_attribute("data-m")) for row in page.locator("[data-road]").all())
    assert shown == pytest.approx(fictional.roads.length.sum(), abs=2)
    access = fictional.accesses.iloc[2]["access_id"]
    page.hover(f"[data-access='{access}']")
    assert page.evaluate("emprise.attached[0].layer.highlighted") == [access]
    box = page.locator(".folium-map").bounding_box()
    x, y = page.evaluate(
        f"(() => {{ const at = {scene}.accesses.find(a => a.key === '{access}').at;"
        " const {map} = emprise.attached[0]; const p = map.latLngToContainerPoint(at); return [p.x, p.y]; })()"
    )
    page.mouse.click(box["x"] + x, box["y"] + y)
    assert page.get_attribute(f"#access-{access}", "aria-pressed") == "true"
    page.click("summary:has-text('{}')".format({"fr": "Couches", "en": "Layers"}[language]))
    page.get_by_label(text["tools.layer.transport"]).uncheck()
    assert page.evaluate("emprise.attached[0].layer.off.transport")


def test_a_zone_too_small_to_be_seen_is_a_circle(made, reader: Open):
    page = reader().open(page_of(made, "zones"))
    circles = """(zoom) => {
      const { layer, map } = emprise.attached[0];
      map.setZoom(zoom, { animate: false });
      let n = 0;
      layer._symbol = (...given) => { n += 1; Object.getPrototypeOf(layer)._symbol.apply(layer, given); };
      layer._draw();
      return n;
    }"""
    zones = page.evaluate("emprise.attached[0].layer.scene.shapes.length")
    assert page.evaluate(circles, 8) == zones > 0
    assert page.evaluate(circles, 18) == 0
