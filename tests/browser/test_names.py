"""Lots and buildings by their names, and zones by their state, as a reader finds them."""

import csv
import io
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

from gis.maps.i18n import text_catalogue
from gis.measures.availability import immediately_available
from gis.schemas import Answer
from gis.territory import Territory
from tests.browser.conftest import DEMO, Open, click_at, type_in

pytestmark = pytest.mark.browser

SITE = "manufacture"
#: What is written on the map: each text and the rectangle that it takes.
WRITTEN = """() => { const { layer } = emprise.attached[0]; const c = layer._context; const found = [];
    const fillText = c.fillText;
    c.fillText = function (text, x, y) {
      const width = c.measureText(text).width;
      const left = c.textAlign === "center" ? x - width / 2 : x;
      found.push([text, left, y - 10, width, 12]);
      return fillText.call(c, text, x, y); };
    layer._draw(); delete c.fillText; return found; }"""
#: Where the middle of a shape is on the screen.
MIDDLE = """key => { const { layer, map } = emprise.attached[0];
    const n = layer.data.shapes.items.findIndex(item => item.key === key);
    const [[s, w], [north, e]] = layer.shapes.corners(n);
    const { x, y } = map.latLngToContainerPoint([(s + north) / 2, (w + e) / 2]);
    const box = map.getContainer().getBoundingClientRect();
    return [box.left + x, box.top + y]; }"""


@pytest.fixture(scope="module")
def demo() -> Territory:
    return Territory(DEMO)


def tab_to(page: Page, key: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(200):
        if page.evaluate("document.activeElement.id") == key:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {key}")


def overlapping(boxes: list[list[float]]) -> list[tuple[str, str]]:
    return [
        (str(a[0]), str(b[0]))
        for n, a in enumerate(boxes)
        for b in boxes[:n]
        if a[1] < b[1] + b[3] and b[1] < a[1] + a[3] and a[2] < b[2] + b[4] and b[2] < a[2] + a[4]
    ]


@pytest.mark.parametrize("wide", [1440, 390], ids=["desktop", "phone"])
def test_lots_are_named_on_the_map_and_no_name_lies_over_another(
    built_folders: dict[str, Path], demo: Territory, reader: Open, wide: int
) -> None:
    page = reader(viewport={"width": wide, "height": 900}).open(built_folders["demo"] / f"{SITE}.html")
    lots = demo.terrains[demo.terrains["site_id"] == demo.focus[SITE]]
    written = page.evaluate(WRITTEN)
    once = [each for each in written if each[0] in set(lots["terrain_name"])]
    assert {each[0] for each in once} == {name for name in lots["terrain_name"] if name != "Voirie"}
    assert overlapping(written) == []
    page.evaluate("emprise.attached[0].map.setZoom(12, { animate: false })")
    assert not [each for each in page.evaluate(WRITTEN) if each[0] in set(lots["terrain_name"])]


def test_a_lot_tells_of_itself_where_there_are_tenants_too(
    built_folders: dict[str, Path], demo: Territory, reader: Open
) -> None:
    page = reader().open(built_folders["demo"] / f"{SITE}.html")
    lots = demo.terrains[(demo.terrains["site_id"] == demo.focus[SITE]) & (demo.terrains["occupied"] == "inoccupé")]
    lot = lots.iloc[0]
    page.mouse.click(*page.evaluate(MIDDLE, f"terrains/{lot['terrain_id']}"))
    told = page.inner_text("#lot")
    assert lot["terrain_name"] in told
    assert lot["terrain_id"] in told
    assert page.evaluate("emprise.attached[0].layer.highlighted") == [f"terrains/{lot['terrain_id']}"]
    click_at(page, "#lot-rest")
    assert page.locator("#rest").count() == 1


def test_every_lot_and_building_is_reached_with_the_keyboard_alone(
    built_folders: dict[str, Path], demo: Territory, reader: Open
) -> None:
    page = reader().open(built_folders["demo"] / f"{SITE}.html", "l=en")
    here = demo.focus[SITE]
    named = demo.buildings[demo.buildings["building_name"] != ""].iloc[0]
    count = sum(int((layer["site_id"] == here).sum()) for layer in (demo.terrains, demo.buildings))
    click_at(page, "#lots summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_selector("#lots li")
    assert page.locator("#lots li").count() == count
    tab_to(page, f"pick-buildings/{named['building_id']}")
    page.keyboard.press("Enter")
    assert page.inner_text("#lot h2") == f"Building {named['building_name']}"
    assert page.evaluate("document.activeElement.id") == f"pick-buildings/{named['building_id']}"
    page.reload()
    page.wait_for_selector("#lot")
    assert named["building_id"] in page.inner_text("#lot")


def test_a_plot_is_found_and_taken_away_by_the_name_of_its_lot(
    built_folders: dict[str, Path], demo: Territory, reader: Open
) -> None:
    had = demo.terrains[(immediately_available(demo.terrains) == Answer.YES).to_numpy()]
    alone = set(demo.plots.loc[~demo.plots["terrain_ids"].str.contains("|", regex=False), "terrain_ids"])
    lot = had[(had["terrain_name"] != "") & had["terrain_id"].isin(alone)].iloc[0]
    someone = reader(accept_downloads=True)
    page = someone.open(built_folders["demo"] / "index.html")
    for asked in (f"{lot['terrain_name']} {lot['terrain_id']}", lot["terrain_id"]):
        type_in(page, "#search", asked)
        assert page.inner_text(".found a") == lot["terrain_name"]
    click_at(page, ".found a")
    page.wait_for_selector("#sheet")
    assert f"{lot['terrain_name']} ({lot['terrain_id']})" in page.inner_text("#sheet")
    assert someone.complaints == []
    with page.expect_download() as taken:
        click_at(page, "#tool-csv")
    rows = list(csv.reader(io.StringIO(Path(taken.value.path()).read_text(encoding="utf-8-sig")), delimiter=";"))
    name, key = (rows[0].index(text_catalogue("fr")[f"column.{column}"]) for column in ("name", "terrains"))
    assert {row[key]: row[name] for row in rows[1:]}[lot["terrain_id"]] == lot["terrain_name"]
    with page.expect_download() as taken:
        click_at(page, "#tool-geojson")
    shapes = json.loads(Path(taken.value.path()).read_text(encoding="utf-8"))["features"]
    names = {each["properties"]["terrain_id"]: each["properties"]["terrain_name"] for each in shapes}
    assert names[lot["terrain_id"]] == lot["terrain_name"]
    unnamed = {*demo.terrains.loc[demo.terrains["terrain_name"] == "", "terrain_id"]}
    assert {names[key] for key in names.keys() & unnamed} == {""}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_zones_are_filtered_by_their_state_with_the_keyboard_and_the_address_keeps_it(
    built_folders: dict[str, Path], demo: Territory, reader: Open, lang: str
) -> None:
    zones = demo.sites[(demo.sites["counted"] == "oui") & (demo.sites["stand_in"] != "oui")]
    words = {state: text_catalogue(lang)[f"state.{state}"] for state in zones["site_state"]}
    someone = reader()
    page = someone.open(built_folders["demo"] / "zones.html", f"l={lang}")
    assert page.locator("#state option").all_inner_texts()[0] == text_catalogue(lang)["zones.state.all"]
    assert set(page.locator("#state option").all_inner_texts()[1:]) == {*words.values()}
    tab_to(page, "state")
    page.keyboard.type(words["création"][:2])
    expected = set(zones.loc[zones["site_state"] == "création", "site_id"])
    listed = "rows => rows.map(row => row.dataset.zone)"
    assert set(page.eval_on_selector_all("#panel [data-zone]", listed)) == expected
    assert page.inner_text("#panel [data-zone] .tag") == words["création"]
    assert page.evaluate("document.activeElement.id") == "state"
    shared = page.evaluate("location.hash.slice(1)")
    again = someone.open(built_folders["demo"] / "zones.html", shared)
    assert set(again.eval_on_selector_all("#panel [data-zone]", listed)) == expected
    assert again.input_value("#state") == "création"
    click_at(again, "#state")
    again.keyboard.press("Home")
    again.keyboard.press("Enter")
    assert again.locator("#panel [data-zone]").count() == len(zones)
    assert "state=" not in again.evaluate("location.hash")
    assert someone.complaints == []
