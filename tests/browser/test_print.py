"""Pages on A4 paper, upright or not: what is told stays, what is clicked goes, the map is sharp and whole."""

import re

import pytest

from tests.browser.conftest import DEMO, TERRITORY, Open

pytestmark = pytest.mark.browser

#: Pixels inside the margins of the style: 210 and 297 mm less twice 12.
PAPER = {"portrait": (703, 1032), "landscape": (1032, 703)}
#: Sheets that a page without a long list takes at most.
MOST = {"portrait": 4, "landscape": 5}
PAGES = [
    *((TERRITORY.name, name) for name in ("index", "zones", "available", "territory", "bridgestone")),
    *((DEMO.name, name) for name in ("index", "zones", "available", "territory", "manufacture")),
]
BEFORE, AFTER = (f"window.dispatchEvent(new Event('{name}print'))" for name in ("before", "after"))

SHOWN = """() => {
  const seen = (each) => each.checkVisibility() && each.getBoundingClientRect().width > 1;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  return {
    footer: document.querySelector("footer p").innerText.trim(),
    controls: all("button:not(.name):not(.cell), select, input, nav, .leaflet-control-zoom").map(
      (each) => each.id || each.className || each.tagName),
    wide: document.documentElement.scrollWidth,
    stage: box("#stage").bottom,
    legend: all("#legend li").map((each) => each.getBoundingClientRect().right),
    map: box(".folium-map").right,
    sources: all("#sources li").length,
    ink: getComputedStyle(document.body).color,
    theme: document.documentElement.dataset.theme ?? "",
    dots: emprise.attached[0].layer._container.width / emprise.attached[0].layer._bounds.getSize().x,
    drawn: getComputedStyle(document.documentElement).getPropertyValue("--paper").trim(),
  };
}"""


@pytest.mark.parametrize("way", PAPER)
@pytest.mark.parametrize(("territory_name", "name"), PAGES, ids=[f"{t}-{n}" for t, n in PAGES])
def test_a_page_prints_its_map_its_legend_and_its_sources_and_no_control(
    built_folders, reader: Open, territory_name, name, way
):
    someone = reader()
    page = someone.open(built_folders[territory_name] / f"{name}.html", "t=dark")
    page.evaluate(BEFORE)
    width, height = PAPER[way]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(media="print")
    shown = page.evaluate(SHOWN)
    assert shown["controls"] == []
    assert not re.search(r"^·|·\s*·|·$", shown["footer"]), "no separator is left of what is hidden"
    assert shown["wide"] <= width
    assert shown["stage"] <= height, "the map and what goes with it are on the first page"
    assert max([shown["map"], *shown["legend"]]) <= width
    assert shown["sources"] == page.evaluate("Object.keys(emprisePage.sources).length") > 0
    assert (shown["theme"], shown["drawn"]) == ("light", "#ffffff")
    assert max(map(int, re.findall(r"\d+", shown["ink"]))) < 100, "dark ink whatever the theme of the screen"
    assert shown["dots"] == pytest.approx(3, abs=0.02)
    page.emulate_media(media="screen")
    page.evaluate(AFTER)
    after = page.evaluate(SHOWN)
    assert (after["theme"], after["sources"]) == ("dark", 0)
    assert someone.complaints == []


@pytest.mark.parametrize("way", PAPER)
@pytest.mark.parametrize(("territory_name", "name"), PAGES, ids=[f"{t}-{n}" for t, n in PAGES])
def test_a_page_takes_few_sheets_of_paper(built_folders, reader: Open, territory_name, name, way):
    page = reader().open(built_folders[territory_name] / f"{name}.html")
    pdf = page.pdf(format="A4", landscape=way == "landscape", prefer_css_page_size=False)
    sheets = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 2 <= sheets <= (8 if name in {"territory", "manufacture", "bridgestone"} else MOST[way])
    (size,) = set(re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf))
    assert (float(size[0]) > float(size[1])) == (way == "landscape")


def test_what_the_reader_looks_at_is_what_is_printed(built_folders, reader: Open):
    page = reader().open(built_folders[DEMO.name] / "zones.html")
    page.click(".leaflet-control-zoom-in")
    page.wait_for_timeout(400)
    view = (
        "(() => { const { map } = emprise.attached[0]; const c = map.getCenter();"
        " return [c.lat, c.lng, map.getZoom()]; })()"
    )
    before = page.evaluate(view)
    page.evaluate(BEFORE)
    assert page.evaluate(view)[:2] == pytest.approx(before[:2], abs=2e-3)
    page.evaluate(AFTER)
    assert page.evaluate(view) == pytest.approx(before, abs=1e-4)
