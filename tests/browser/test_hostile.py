"""Whatever the texts of a territory hold, each page shows them whole as text, and nothing of them runs."""

import csv
import io
import json
import shutil
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from gis.build import build
from gis.territory import Territory
from tests.browser.conftest import DEMO, TERRITORY, Open, type_in
from tests.browser.hostile import TEXTS, poison

pytestmark = pytest.mark.browser

NAMES = ("index", "zones", "available", "territory", "focus")
FOLDERS = {folder.name: folder for folder in (DEMO, TERRITORY)}
#: Attributes that run or load something, and addresses that do.
ARMED = (
    "() => [...document.querySelectorAll('*')].flatMap(e => [...e.attributes].filter(a => a.name.startsWith('on')"
    " || (['href', 'src', 'action'].includes(a.name) && /^\\s*(javascript|data:text)/i.test(a.value)))"
    " .map(a => `${e.tagName} ${a.name}`))"
)
TAGS = "() => [...new Set([...document.querySelectorAll('body *')].map(e => e.localName))]"
UNFOLD = "() => document.querySelectorAll('details').forEach(each => { each.open = true; })"


class Made:
    """The pages of a territory as it is, and those of a copy with hostile texts."""

    def __init__(self, source: Path, clean: Path, home: Path) -> None:
        folder = home / "layers" / source.name
        shutil.copytree(source, folder)
        self.written = poison(folder)
        self.territory = Territory(folder)
        self.clean = {page.stem: page for page in clean.glob("*.html")}
        self.hostile = {page.stem: page for page in build(folder).pages}

    def page(self, name: str, pages: str = "hostile") -> Path:
        slug = next(iter(self.territory.focus)) if name == "focus" else name
        return getattr(self, pages)[slug]


@pytest.fixture(scope="module", params=FOLDERS)
def made(request, built_folders, tmp_path_factory) -> Made:
    return Made(FOLDERS[request.param], built_folders[request.param], tmp_path_factory.mktemp("hostile"))


def look_everywhere(page: Page) -> None:
    """Do what shows more: open every fold, hover and choose on the map and in lists, compare, print."""
    page.evaluate(UNFOLD)
    keys = page.evaluate(
        "() => { const { layer } = emprise.attached[0];"
        " return [...layer.data.shapes.items, ...layer.data.blocks, ...(layer.scene.dots ?? [])]"
        " .map(each => each.key).filter(Boolean).slice(0, 6); }"
    )
    for key in keys:
        page.evaluate("key => emprise.attached[0].layer.fire('hover', { key })", key)
        if "index" not in page.url:
            page.evaluate("key => emprise.attached[0].layer.fire('select', { key, href: '' })", key)
    for n in range(min(4, page.locator("#panel button.name").count())):
        page.locator("#panel button.name").nth(n).evaluate("each => each.click()")
        page.evaluate("() => document.getElementById('sheet-compare')?.click()")
    page.evaluate(UNFOLD)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")


def assert_inert(page: Page, tags: set[str]) -> None:
    assert page.evaluate("window.bad") is None
    assert page.evaluate(ARMED) == []
    assert page.locator("img, .bad, iframe, object, embed").count() == 0
    assert set(page.evaluate(TAGS)) <= tags | {"b", "i", "output", "article", "dl", "dt", "dd"}
    assert page.locator("body b").count() == 0


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_hostile_text_runs_or_becomes_an_element(made, reader: Open, name, language):
    clean = reader().open(made.page(name, "clean"), f"l={language}")
    look_everywhere(clean)
    someone = reader()
    page = someone.open(made.page(name), f"l={language}")
    look_everywhere(page)
    assert_inert(page, set(clean.evaluate(TAGS)))
    assert someone.complaints == []
    assert {url.partition("#")[0] for url in someone.requests} == {made.page(name).as_uri()}


def shown_names(made: Made, name: str) -> dict[str, set[str]]:
    """What must be read on a page: a selector, and the texts that it finds."""
    known = made.territory
    sites = known.sites[known.sites["stand_in"] != "oui"]
    zones = sites[sites["counted"] == "oui"]
    site = known.focus[next(iter(known.focus))]
    here = known.tenancies[known.tenancies["site_id"] == site]
    return {
        "index": {"#panel .columns li": {*known.communes["commune_name"]}},
        "zones": {"#panel [data-zone] .name": {*zones["site_name"]}},
        "available": {},
        "territory": {"#panel [data-employer] .name": {*known.establishments["establishment_name"]}},
        "focus": {"#panel .name": {*here["occupant"]}},
    }[name]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_shown_whole(made, reader: Open, name):
    page = reader().open(made.page(name))
    for selector, expected in shown_names(made, name).items():
        shown = set(page.eval_on_selector_all(selector, "each => each.map(e => e.textContent)"))
        assert expected - shown == set()
    told = page.eval_on_selector_all("#sources li", "each => each.map(e => e.textContent)")
    cited = [made.territory.sources[key] for key in page.evaluate("Object.keys(emprisePage.sources)")]
    assert [each.title for each, text in zip(cited, told, strict=True) if each.title not in text] == []
    assert page.title().endswith(made.territory.name)
    assert page.text_content(".brand").strip() == made.territory.name


def test_plots_and_premises_are_shown_whole_in_lists_sheets_and_comparisons(made, reader: Open):
    known = made.territory
    if not len(known.terrains):
        pytest.skip("the territory has no terrains")
    page = reader().open(made.page("available"))
    names = dict(zip(known.sites["site_id"], known.sites["site_name"], strict=True))
    terrains = set()
    for _ in range(3):
        page.locator("#offers-sure button.name").nth(len(terrains)).click()
        plot = known.plots.set_index("plot_id").loc[page.get_attribute("#sheet", "data-offer-sheet")]
        terrains.add(plot["terrain_ids"])
        text = page.text_content("#sheet")
        assert [key for key in plot["terrain_ids"].split("|") if key not in text] == []
        assert [names[key] for key in plot["site_ids"].split("|") if names[key] not in text] == []
        page.click("#sheet-compare")
    assert page.locator("[data-compared]").count() == len(terrains) == 3
    compared = page.text_content("#compare")
    assert [key for keys in terrains for key in keys.split("|") if key not in compared] == []
    page.click("#tab-rooms")
    shown = set(page.eval_on_selector_all("#panel [data-offer] .name [lang]", "each => each.map(e => e.textContent)"))
    assert shown
    assert shown <= set(known.premises["premises_name"])
    assert page.evaluate("window.bad") is None


def test_a_search_finds_hostile_names_and_shows_them_whole(made, reader: Open):
    someone = reader()
    page = someone.open(made.page("index"))
    sites = made.territory.sites
    for name in sites.loc[sites["stand_in"] != "oui", "site_name"].iloc[: len(TEXTS)]:
        type_in(page, "#search", name)
        assert name in page.eval_on_selector_all(".found a", "each => each.map(e => e.textContent)")
    assert_inert(page, set(page.evaluate(TAGS)))
    for href in page.eval_on_selector_all(".found a", "each => each.map(e => e.getAttribute('href'))"):
        assert href.partition("#")[0] in {file.name for file in made.hostile.values()}
    assert someone.complaints == []


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_address_does_nothing(made, reader: Open, name):
    keys = (
        "l",
        "t",
        "d",
        "s",
        "m",
        "map",
        "v",
        "q",
        "sort",
        "commune",
        "known",
        "c",
        "min",
        "a",
        "tab",
        "fav",
        "off",
        "x",
    )
    for text in (*TEXTS[:5], "javascript:window.bad=9"):
        someone = reader()
        page = someone.open(made.page(name, "clean"), "&".join(f"{key}={quote(text)}" for key in keys))
        assert page.inner_text("#panel h1")
        assert page.evaluate("window.bad") is None
        assert page.evaluate(ARMED) == []
        assert page.locator("img, .bad").count() == 0
        assert someone.complaints == []


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";"))


@pytest.mark.parametrize("name", ["zones", "available", "territory"])
def test_a_spreadsheet_takes_no_cell_of_a_download_for_a_formula(made, reader: Open, name):
    page = reader(accept_downloads=True).open(made.page(name))
    for tab in ("plots", "rooms"):
        if page.locator(f"#tab-{tab}").count():
            page.click(f"#tab-{tab}")
        with page.expect_download() as download:
            page.click("#tool-csv")
        head, *rows = cells(download.value.path().read_bytes().decode("utf-8"))
        texts = [cell for row in rows for cell in row]
        assert {len(row) for row in rows} <= {len(head)}
        assert [
            text for text in texts if text[:1] in set("=+@\t\r\n") or (text[:1] == "-" and not text[1:2].isdigit())
        ] == []
        assert any(text.startswith("'=HYPERLINK") for text in texts) or name == "available"


@pytest.mark.parametrize("name", NAMES)
def test_the_data_of_a_page_are_taken_away_whole(made, reader: Open, name):
    page = reader(accept_downloads=True).open(made.page(name))
    with page.expect_download() as download:
        page.click("#download")
    assert json.loads(download.value.path().read_text(encoding="utf-8"))["name"] == made.territory.name
    if page.locator("#tool-geojson").count():
        with page.expect_download() as download:
            page.click("#tool-geojson")
        assert json.loads(download.value.path().read_text(encoding="utf-8"))["features"]


@pytest.mark.parametrize("unable", [False, True], ids=["no scripts", "scripts that cannot inflate"])
@pytest.mark.parametrize("name", NAMES)
def test_without_scripts_hostile_names_are_text_too(made, reader: Open, name, unable):
    someone = reader(java_script_enabled=unable)
    if unable:
        someone.context.add_init_script("delete window.DecompressionStream")
    page = someone.open(made.page(name))
    text = page.evaluate("document.body.textContent") if unable else page.text_content("body")
    assert page.locator("body img, .bad, body b").count() == 0
    assert made.territory.name in text
    rows = page.locator("noscript ~ table tbody tr, #panel table tbody tr")
    assert rows.count()
    if name in {"zones", "territory", "focus"}:
        (expected,) = shown_names(made, name).values()
        assert [each for each in expected if each not in text] == []
