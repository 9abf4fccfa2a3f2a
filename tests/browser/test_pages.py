"""Each page in Chromium, network off: what it shows is what the layers say."""

import base64
import hashlib
import json
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from playwright.sync_api import Page

import gis
from gis.build import Built, build
from gis.maps import i18n
from gis.maps.packing import deflate, inflate, unpack_rows
from gis.measures.occupancy import attributed, occupancy
from gis.measures.three_valued import ANSWERS
from gis.schemas import Phase
from gis.territory import Territory
from tests.browser.conftest import Open, slide_to, type_in

pytestmark = pytest.mark.browser

SITE = "bridgestone"
#: What a page of the shipped territory may weigh.
SHIPPED_BYTES = 300_000
DATA = Path(__file__).parents[1] / "data"
LANGUAGES = ("fr", "en")
PAGES = ("index", "zones", "available", "territory", SITE)


def page_of(built: Built, name: str) -> Path:
    return next(page for page in built.pages if page.stem == name)


def plain(page: Page, selector: str) -> str:
    """The text shown, with ordinary spaces."""
    return re.sub(r"\s+", " ", page.inner_text(selector)).strip()


def tiles_of_the_site(territory: Territory) -> list[str]:
    tiles = territory.tiles["subject"]
    return list(tiles[tiles.str.startswith("tenancies/") | (tiles == f"sites/{SITE}")])


def metres(page: Page, selector: str) -> float:
    return float(page.get_attribute(selector, "data-m2"))


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_without_a_complaint_or_a_request(built, reader: Open, name, language, size):
    width, height = size
    someone = reader()
    file = page_of(built, name)
    page = someone.open(file, "l=en" if language == "en" else "")
    page.set_viewport_size({"width": width, "height": height})
    assert page.locator("#panel h1").inner_text()
    assert someone.complaints == []
    assert [url.partition("#")[0] for url in someone.requests] == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.lang") == language


def test_a_page_of_the_shipped_territory_is_light(built: Built, territory: Territory):
    assert territory.communes.geometry.notna().all()
    sizes = {page.name: page.stat().st_size for page in built.pages}
    assert {name: size for name, size in sizes.items() if size > SHIPPED_BYTES} == {}


def packed_in(file: Path, element: str) -> object:
    (packed,) = re.findall(rf'id="{element}">(.*?)</script>', file.read_text(encoding="utf-8"))
    return json.loads(inflate(packed))


@pytest.mark.parametrize("folder", ["bethune-bruay", "demo"])
def test_the_browser_reads_the_data_that_were_packed(built_folders, reader: Open, folder):
    someone = reader()
    for file in sorted(built_folders[folder].glob("*.html")):
        data, (drawn,) = packed_in(file, "page-data"), packed_in(file, "page-map")
        packed = ("employers", "terrains", "plots", "rooms", "lots", "cited")
        rows = {key: unpack_rows(data[key]) for key in packed if key in data}
        page = someone.open(file)
        assert page.evaluate("emprisePage") == data | rows
        assert page.evaluate("emprise.attached[0].layer.data.shapes.items") == unpack_rows(drawn["shapes"]["items"])


OLD = "delete window.DecompressionStream"
WITHOUT = {
    "DecompressionStream": lambda html: html.replace("<body", f"<script>{OLD}</script><body"),
    "half of its data": lambda html: re.sub(r'(id="page-data">)([^<]{1000})[^<]*', r"\1\2", html),
    "its own script": lambda html: re.sub(r'(id="page-script">)[^<]*', rf"\1{deflate('var emprise = 1')}", html),
}


@pytest.mark.parametrize("change", WITHOUT.values(), ids=WITHOUT)
def test_a_page_says_why_and_shows_its_tables_without(built, reader: Open, tmp_path: Path, change):
    html = page_of(built, SITE).read_text(encoding="utf-8")
    file = tmp_path / f"{SITE}.html"
    allowed = f"'sha256-{base64.b64encode(hashlib.sha256(OLD.encode()).digest()).decode()}'"
    file.write_text(change(html).replace("script-src ", f"script-src {allowed} "), encoding="utf-8")
    page = reader().open(file)
    assert not page.evaluate("document.documentElement.classList.contains('ready')")
    shown = plain(page, "body")
    for text in ("date d’avant mai 2023", "older than May 2023", "≥ 50 910 m²", "Black-Star", "Dossier de presse"):
        assert text in shown
    assert not page.is_visible(".folium-map")
    assert not page.is_visible("header button")


@pytest.mark.parametrize("name", PAGES)
def test_the_policy_of_the_page_forbids_what_it_does_not_carry(built, reader: Open, name):
    someone = reader()
    page = someone.open(page_of(built, name))
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.bad = 1'}))")
    page.evaluate("() => { const i = new Image(); i.src = 'https://example.org/x.png'; document.body.append(i); }")
    page.wait_for_function("() => document.images.length > 0")
    assert page.evaluate("window.bad") is None
    assert sum("Content Security Policy" in complaint for complaint in someone.complaints) >= 2


def test_the_site_page_shows_the_figures_of_the_ledger(built: Built, territory: Territory, reader: Open):
    page = reader().open(page_of(built, SITE))
    figures = {figure["kind"]: figure for figure in json.loads(built.ledger.read_text(encoding="utf-8"))["figures"]}
    assert metres(page, "#in-place") == figures["in_place_m2"]["low"]
    assert (
        plain(page, "#in-place")
        == i18n.number_text(figures["in_place_m2"]["low"], "fr").replace(i18n.NARROW, " ") + " m²"
    )
    assert metres(page, "#to-come") == figures["to_come_m2"]["low"]
    stem = f"{SITE}@{territory.opening.isoformat()}"
    for bar in page.locator(".bases [data-base]").all():
        base = bar.get_attribute("data-base")
        share = territory.figures[f"in_place_share:{stem}:{base}"].low
        with_to_come = territory.figures[f"with_to_come_share:{stem}:{base}"].low
        assert float(bar.get_attribute("data-share")) == pytest.approx(share)
        assert float(bar.get_attribute("data-share-with")) == pytest.approx(with_to_come)
        assert i18n.percent_text(share, "fr") in bar.inner_text()
    needs = json.loads(page.get_attribute("#headline-claim", "data-needs"))
    claim = "site.reoccupied_share"
    without = territory.figures[f"needed_base_m2:{stem}:{claim}"]
    with_them = territory.figures[f"needed_base_with_to_come_m2:{stem}:{claim}"]
    assert needs == pytest.approx([without.low, without.high, with_them.low, with_them.high])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_site_page_says_the_numbers_a_reader_looks_for(built, reader: Open, language):
    page = reader().open(page_of(built, SITE), f"l={language}")
    text = re.sub(r"\s", " ", page.inner_text("#panel"))
    expected = {
        "fr": [
            "50 910 m²",
            "26 000 m²",
            "15,9 %",
            "31,8 %",
            "25,5 %",
            "24,0 %",
            "48,1 %",
            "38,5 %",
            "84 149",
            "85 563",
            "127 124",
            "129 261",
            "non comparable",
            "nature non dite",
        ],
        "en": [
            "50,910 m²",
            "26,000 m²",
            "15.9%",
            "31.8%",
            "25.5%",
            "24.0%",
            "48.1%",
            "38.5%",
            "84,149",
            "85,563",
            "127,124",
            "129,261",
            "not comparable",
            "kind not said",
        ],
    }[language]
    assert [each for each in expected if each not in text] == []
    assert "vacan" not in text.lower()


@pytest.mark.parametrize("offset", range(0, 2250, 150))
def test_any_day_gives_what_the_measure_gives(built, territory: Territory, reader: Open, offset):
    day = date(2020, 1, 1) + timedelta(days=offset)
    page = reader().open(page_of(built, SITE), f"d={day.isoformat()}")
    day = min(day, date.fromisoformat(page.evaluate("emprisePage.to")))
    rows = occupancy(territory.tenancies, site_id=SITE, at=day)
    assert metres(page, "#in-place") == attributed(rows, [Phase.IN_PLACE]).low
    page.evaluate("document.querySelectorAll('#panel details').forEach(each => each.open = true)")
    shown = {
        row.get_attribute("data-tenancy"): row.get_attribute("data-present")
        for row in page.locator("[data-tenancy]").all()
    }
    assert shown == dict(zip(rows["tenancy_id"], rows["holds"].map(ANSWERS), strict=True))


def test_another_value_of_a_disputed_area_recomputes_the_page(built, reader: Open):
    someone = reader()
    page = someone.open(page_of(built, SITE))
    page.click("#more-black-star summary")
    options = page.locator("[data-of='tenancies/black-star/area_m2'] input")
    assert options.count() == 6
    page.check("[data-of='tenancies/black-star/area_m2'] input[value='bs.3000']")
    assert metres(page, "#in-place") == 50_910 - 46_000 + 3_000
    needs = json.loads(page.get_attribute("#headline-claim", "data-needs"))
    assert needs[0] == pytest.approx(7_910 / 0.605)
    assert page.locator("#how-other").is_hidden() is False or page.locator("#how").get_attribute("open") is None
    again = someone.open(page_of(built, SITE), page.evaluate("location.hash").removeprefix("#"))
    assert metres(again, "#in-place") == metres(page, "#in-place")
    page.click("#reset")
    assert metres(page, "#in-place") == 50_910


def test_a_source_that_was_not_refound_cannot_be_chosen(built, reader: Open):
    page = reader().open(page_of(built, SITE))
    page.click("#more-mecaware summary")
    fieldset = page.locator("[data-of='tenancies/mecaware/area_m2']")
    assert "source non retrouvée" in fieldset.inner_text()
    assert fieldset.locator("input").evaluate_all("each => each.map(e => e.value)") == [
        "tenant.mecaware.area",
        "mec.area",
    ]


def test_the_slider_the_arrows_and_the_facts_move_the_day(built, reader: Open):
    page = reader().open(page_of(built, SITE))
    page.click("#previous")
    before = page.inner_text("#day")
    page.click("#next")
    assert page.inner_text("#day") != before
    slide_to(page, page.evaluate("emprise.format.toDay('2021-06-30')"))
    assert page.inner_text("#day") == "30 juin 2021"
    assert "d=2021-06-30" in page.url
    page.click("#events summary")
    page.click("#event-owner\\.effective")
    assert page.inner_text("#day") == "1er janvier 2022"
    page.click("#play")
    page.wait_for_function("() => document.getElementById('day').textContent !== '1er janvier 2022'")


def test_a_tenant_is_marked_in_map_chart_and_table_alike(built, reader: Open):
    page = reader().open(page_of(built, SITE))
    page.hover("tr[data-tenancy='black-star']")
    assert page.evaluate("emprise.attached[0].layer.highlighted") == [
        "tenancies/black-star-accord",
        "premises/black-star",
        "tenancies/black-star",
        "premises/black-star",
    ]
    assert page.locator("#chart .marked").count() == 1 or page.locator("#chart [data-who='black-star']").count() == 1
    box = page.locator("#map_2, .folium-map").first.bounding_box()
    block = page.evaluate(
        "() => { const {layer, map} = emprise.attached[0];"
        " const hit = layer._box(layer.scene.blocks.find(b => b.key === 'tenancies/ennea'));"
        " const at = map.layerPointToContainerPoint([hit[0] + hit[2] / 2, hit[1] + hit[3] / 2]); return [at.x, at.y]; }"
    )
    page.mouse.move(box["x"] + block[0], box["y"] + block[1])
    page.wait_for_function("() => document.querySelector(\"tr[data-tenancy='ennea']\").classList.contains('marked')")
    page.mouse.click(box["x"] + block[0], box["y"] + block[1])
    page.wait_for_function("() => location.hash.includes('s=ennea')")


def test_every_occupant_of_the_day_is_drawn(built, territory: Territory, reader: Open):
    page = reader().open(page_of(built, SITE))
    drawn = page.evaluate("emprise.attached[0].layer.scene.blocks.map(b => b.key)")
    assert sorted(drawn) == sorted(tiles_of_the_site(territory))
    assert page.evaluate("emprise.attached[0].layer.ground.length") == len(territory.communes)


def test_the_blocks_of_the_page_are_those_of_the_layer(built, territory: Territory, reader: Open):
    page = reader().open(page_of(built, SITE))
    blocks = page.evaluate("emprise.attached[0].layer.scene.blocks.map(b => [b.key, ...b.block])")
    tiles = territory.tiles.set_index("subject")
    west, _, _, north = tiles.loc[f"sites/{SITE}"].geometry.bounds
    for key, x, y, width, height in blocks:
        left, bottom, right, top = tiles.loc[key].geometry.bounds
        assert [x, y, width, height] == pytest.approx([left - west, north - top, right - left, top - bottom], abs=1e-6)


def test_the_map_is_true_to_scale(built, reader: Open):
    page = reader().open(page_of(built, SITE))
    metres_drawn = page.evaluate(
        "() => { const {layer, map} = emprise.attached[0]; const frame = layer.scene.blocks[0];"
        " const [w, h] = [frame.block[2], frame.block[3]];"
        " const from = layer._place(frame, 0, 0);"
        " return [layer._place(frame, w, 0), layer._place(frame, 0, h)].map(to => map.distance(from, to)); }"
    )
    assert metres_drawn == pytest.approx([800, 400], rel=0.005)


def test_the_home_page_leads_to_the_site(built, reader: Open):
    page = reader().open(page_of(built, "index"))
    assert "50 910" in re.sub(r"\s", " ", page.inner_text("#panel .card"))
    assert page.evaluate("emprise.attached[0].layer.ground.length") == 100
    page.click("#panel .card")
    page.wait_for_url("**/bridgestone.html*")
    assert page.inner_text("h1").startswith("Qui occupe")


def test_language_and_theme_are_one_click_away_and_stay_in_the_address(built, reader: Open):
    page = reader(color_scheme="light").open(page_of(built, SITE))
    page.click("#language")
    assert page.inner_text("h1") == "Who occupies the Bridgestone site?"
    assert page.title().startswith("Who occupies")
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert "l=en" in page.url
    assert "t=dark" in page.url
    page.reload()
    assert page.inner_text("h1") == "Who occupies the Bridgestone site?"


@pytest.mark.parametrize("name", PAGES)
def test_the_english_page_holds_no_french_but_what_is_marked_as_french(built, reader: Open, unmarked_french, name):
    page = reader().open(page_of(built, name), "l=en")
    assert unmarked_french(page) == []


def test_without_scripts_the_page_still_says_its_numbers(built, territory: Territory, reader: Open):
    page = reader(java_script_enabled=False).open(page_of(built, SITE))
    text = re.sub(r"\s", " ", page.inner_text("body"))
    assert "50 910 m²" in text
    assert [name for name in territory.tenancies["occupant"] if name not in text] == []
    assert "15,9 %" in text
    assert "Dossier de presse" in text


@pytest.mark.parametrize("kind", ["number", "percent", "date", "span"])
def test_the_browser_formats_as_python_does(built, reader: Open, kind):
    page = reader().open(page_of(built, "index"))
    cases = json.loads((DATA / "format_cases.json").read_text(encoding="utf-8"))[kind]
    for *given, french, english in cases:
        for language, expected in (("fr", french), ("en", english)):
            arguments = [given[0], language, *given[1:]] if kind == "number" else [*given, language]
            call = (
                "([kind, args, words]) => emprise.format[kind](...args, (k, v) => words[k].replace('{date}', v.date))"
            )
            assert page.evaluate(call, [kind, arguments, dict(i18n.text_catalogue(language))]) == expected


def test_the_browser_writes_two_bounds_as_python_does(built, reader: Open):
    page = reader().open(page_of(built, "index"))
    cases = json.loads((DATA / "format_cases.json").read_text(encoding="utf-8"))["between"]
    written = page.evaluate("cases => cases.map(([low, high]) => emprise.format.between(low, high))", cases)
    assert written == [both for *_, both in cases]


def test_the_browser_lays_tiles_as_python_does(built, reader: Open):
    page = reader().open(page_of(built, "index"))
    cases = json.loads((DATA / "tiles_cases.json").read_text(encoding="utf-8"))
    found = page.evaluate("cases => cases.map(c => emprise.tiles.lay(c.areas, emprise.tiles.frame(c.frame_m2)))", cases)
    for case, blocks in zip(cases, found, strict=True):
        for block, expected in zip(blocks, case["blocks"], strict=True):
            assert block == pytest.approx(expected)


def test_without_outlines_tiles_stand_in_an_inset_and_communes_are_a_list(
    territory: Territory, reader: Open, tmp_path: Path
):
    folder = tmp_path / "layers" / "bare"
    shutil.copytree(territory.folder, folder, ignore=shutil.ignore_patterns(".cache"))
    made = build(folder)
    page = reader().open(page_of(made, "index"))
    assert page.evaluate("emprise.attached[0].layer.scene.inset") == "Non localisé"
    assert page.evaluate("emprise.attached[0].layer.ground.length") == 0
    assert page.locator("#panel .columns li").count() == 100
    assert "contours" in page.inner_text("#banner")
    site = reader().open(page_of(made, SITE))
    assert metres(site, "#in-place") == 50_910
    for name in ("zones", "available", "territory"):
        someone = reader()
        bare = someone.open(page_of(made, name))
        assert someone.complaints == []
        assert bare.inner_text("#panel h1")
        assert "contours" in bare.inner_text("#banner")


@pytest.mark.parametrize("day", ["2021-13-45", "2021-02-30", "soon", "1900-01-01", "2999-01-01"])
def test_a_day_that_is_none_or_far_away_leaves_the_page_whole(built, reader: Open, day):
    someone = reader()
    page = someone.open(page_of(built, SITE), f"d={day}")
    assert page.inner_text("#panel h1").startswith("Qui occupe")
    assert someone.complaints == []


def test_opening_a_sheet_shows_its_beginning(built, reader: Open):
    page = reader().open(page_of(built, "zones"))
    page.click("#zone-logisterra_a26")
    top = page.evaluate("document.getElementById('sheet').getBoundingClientRect().top")
    assert 0 <= top < 900
    page.click("#sheet-back")
    assert page.evaluate("document.activeElement.id") == "zone-logisterra_a26"


def test_the_map_of_the_notebook_draws_with_no_network(territory: Territory, reader: Open, tmp_path: Path):
    file = tmp_path / "map.html"
    gis.site_map(territory, SITE).save(str(file))
    someone = reader()
    page = someone.open(file)
    assert page.evaluate("emprise.attached[0].layer.scene.blocks.length") == len(tiles_of_the_site(territory))
    assert someone.complaints == []
    assert [url.partition("#")[0] for url in someone.requests] == [file.as_uri()]


def test_the_zones_page_says_what_is_known_of_the_42(built, territory: Territory, reader: Open):
    page = reader().open(page_of(built, "zones"))
    counted = territory.sites[territory.sites["counted"] == "oui"]
    named = counted[counted["stand_in"] == "non"]
    assert (
        plain(page, "#known-ha")
        == f"{counted['land_low_ha'].sum():.0f} ha sur {counted['land_low_ha'].notna().sum()} zones"
    )
    assert f"{len(counted)} zones comptées. {len(named)} sont nommées" in plain(page, "#panel")
    assert page.locator("#panel [data-zone]").count() == len(named)
    assert page.locator("#inset .ring").count() == len(counted) - len(named)
    assert page.evaluate("emprise.attached[0].layer.scene.blocks.length") == len(named)
    assert "Zone à identifier" not in page.content()


def test_a_zone_has_a_sheet_with_a_link_of_its_own(built, reader: Open):
    someone = reader()
    page = someone.open(page_of(built, "zones"))
    page.click("#zone-logisterra_a26")
    assert "s=logisterra_a26" in page.url
    again = someone.open(page_of(built, "zones"), "s=logisterra_a26&m=jobs&l=en")
    assert "Parc d’activités LogisterrA26" in again.inner_text("#sheet")
    assert "55" in again.inner_text("#sheet")
    assert again.input_value("#measure") == "jobs"
    again.click("#sheet-back")
    assert again.locator("#sheet").count() == 0


def test_zones_are_found_by_name_and_by_commune_without_accents(built, reader: Open):
    page = reader().open(page_of(built, "zones"))
    type_in(page, "#search", "bethune")
    shown = page.locator("#panel [data-zone]").evaluate_all("each => each.map(e => e.dataset.zone)")
    assert {"zone_washington", "rotonde_bethune", "port_bethune_beuvry"} <= set(shown)
    assert "zi_ruitz" not in shown
    type_in(page, "#search", "nulle part")
    assert "Effacez la recherche" in page.inner_text("#panel")


def test_the_available_page_shows_at_most_26_of_the_150_hectares(built, territory: Territory, reader: Open):
    page = reader().open(page_of(built, "available"))
    tiles = territory.tiles[territory.tiles["subject"] == "claims/zones.available"]
    placed = int(tiles.geometry.notna().sum())
    assert len(tiles) == 150
    assert float(page.get_attribute("#located-ha", "data-ha")) == placed == territory.figures["offer_located_ha"].high
    assert float(page.get_attribute("#unplaced-ha", "data-ha")) == territory.figures["offer_unplaced_ha"].low
    assert page.evaluate("emprise.attached[0].layer.scene.blocks.length") == placed
    assert page.locator("#inset .hectare").count() == len(tiles) - placed
    assert page.locator("#panel [href^='mailto:deveco@']").count() == 1


def test_the_territory_page_places_employers_at_their_commune_or_not_at_all(built, territory: Territory, reader: Open):
    page = reader().open(page_of(built, "territory"))
    lost = territory.establishments[territory.establishments["insee"] == ""]
    assert page.locator("#inset .ring").count() == len(lost)
    dots = page.evaluate("emprise.attached[0].layer.scene.dots.length")
    assert dots + len(lost) == page.locator("#panel [data-employer]").count()


def test_the_home_page_has_ten_numbers_that_lead_to_their_page(built, reader: Open):
    page = reader().open(page_of(built, "index"))
    links = page.locator("#panel .card, #panel .cards a.value").evaluate_all(
        "each => each.map(e => e.getAttribute('href'))"
    )
    assert len(links) == 10
    assert set(links) == {f"{SITE}.html", "zones.html", "available.html", "territory.html"}


def test_a_downloaded_table_opens_right_in_french_excel(built, reader: Open, tmp_path: Path):
    page = reader(accept_downloads=True).open(page_of(built, "zones"))
    with page.expect_download() as waiting:
        page.click("#tool-csv")
    file = tmp_path / "zones.csv"
    waiting.value.save_as(file)
    data = file.read_bytes()
    assert data.startswith("\ufeff".encode())
    lines = data.decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("Zone;Commune;")
    assert len([line for line in lines if line]) == 1 + 18
    assert "identifier" not in data.decode("utf-8-sig")


def test_a_distance_and_an_area_can_be_measured(built, reader: Open):
    page = reader().open(page_of(built, "available"))
    page.click("#tool-measure")
    box = page.locator(".folium-map").bounding_box()
    for x, y in ((300, 200), (400, 200), (400, 300)):
        page.mouse.click(box["x"] + x, box["y"] + y)
        page.wait_for_timeout(350)
    sides = "const {map} = emprise.attached[0]; const at = (x, y) => map.containerPointToLatLng([x, y]);"
    across = page.evaluate(f"() => {{ {sides} return map.distance(at(300, 200), at(400, 200)); }}")
    down = page.evaluate(f"() => {{ {sides} return map.distance(at(400, 200), at(400, 300)); }}")
    length, area = (re.sub(r"[^\d,]", "", part).replace(",", ".") for part in plain(page, "#tools output").split(" · "))
    assert float(length) in (pytest.approx(across + down, rel=0.01), pytest.approx((across + down) / 1000, rel=0.01))
    assert float(area) == pytest.approx(across * down / 2 / 10_000, rel=0.01)


def test_terrains_are_drawn_picked_and_downloaded_where_they_are(demo_built, reader: Open):
    page = reader().open(demo_built.page("available"))
    there = demo_built.layers["terrains"]
    there = there[there.geometry.notna()]
    layer = "emprise.attached[0].layer"
    page.wait_for_function(f"() => {layer}.count === {len(there)}")
    rings = page.evaluate(f"{layer}.scene.shapes.map((_, n) => {layer}.shapes.rings(n))")
    shapes = gpd.GeoSeries(there.geometry).to_crs(4326)
    for shape, ring in zip(shapes, rings, strict=True):
        drawn = shapely.symmetric_difference(shape, shapely.Polygon(ring[0], ring[1:]))
        assert drawn.area < 2e-6 * shape.length
    middles = shapes.representative_point()
    find = "points => points.map(p => { const {map, layer} = emprise.attached[0];"
    find += " return layer.at(map.latLngToContainerPoint(p))?.key; })"
    page.evaluate(
        "at => emprise.attached[0].map.setView(at, 19, {animate: false})", [middles.y.iloc[0], middles.x.iloc[0]]
    )
    assert page.evaluate(find, list(zip(middles.y, middles.x, strict=True))) == list(there["terrain_id"])
    assert page.evaluate(find, [[0, 0]]) == [None]


def test_a_page_is_drawn_once_when_it_opens(built, reader: Open):
    someone = reader()
    someone.context.add_init_script(
        "window.draws = 0; const {prototype} = CanvasRenderingContext2D; const {clearRect} = prototype;"
        " prototype.clearRect = function (...box) { window.draws += 1; clearRect.apply(this, box); }"
    )
    page = someone.open(page_of(built, "index"))
    page.wait_for_function("() => window.draws > 0")
    page.wait_for_timeout(300)
    assert page.evaluate("window.draws") == 1


def test_a_fetched_source_says_how_old_it_is_by_the_clock_of_the_reader(demo, reader: Open):
    demo.change("sources.toml", 'edition = "2025"', 'edition = "2020-01-01..2020-02-03"\nretrieved = "2020-02-04"')
    someone = reader()
    page = someone.open(page_of(demo.build(), "port"))
    said = " ".join((page.text_content("#sources") or "").split())
    assert re.search(r"1er janvier 2020 – 3 février 2020 \(il y a \d+ ans\)", said)
    assert someone.complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_number_of_the_home_page_has_a_picture_of_itself(
    built: Built, territory: Territory, reader: Open, language
):
    page = reader().open(page_of(built, "index"), f"l={language}")
    assert page.locator(".cards li").count() == page.locator(".cards li svg.picture[aria-hidden=true]").count() == 9
    assert page.locator(".card svg.picture").count() == 1
    count = (
        "text => { const card = [...document.querySelectorAll('.cards li')].find(li => li.textContent.includes(text));"
        " return ['sure', 'maybe', 'unknown', 'none'].map(c => card.querySelectorAll(`.${c}`).length); }"
    )
    figures = {figure.kind: figure for figure in territory.figures.values() if figure.subject == "territory"}
    zones, named = (int(figures[kind].low) for kind in ("zones_counted", "zones_named"))
    sized, offer, high = (
        int(figures[kind].low or figures[kind].high) for kind in ("zones_with_area", "offer_ha", "offer_located_ha")
    )
    texts = i18n.text_catalogue(language)
    assert page.evaluate(count, texts["figure.zones_counted"]) == [named, 0, zones - named, 0]
    assert page.evaluate(count, texts["figure.zones_known_ha"]) == [sized, 0, zones - sized, 0]
    assert page.evaluate(count, texts["figure.offer_ha"]) == [offer, 0, 0, 0]
    assert page.evaluate(count, texts["figure.offer_located_ha"]) == [0, high, 0, offer - high]
    assert page.evaluate(count, texts["figure.offer_unplaced_ha"]) == [offer - high, high, 0, 0]
    jobs = {"fr": "emplois directs", "en": "direct jobs"}[language]
    assert page.evaluate(count, jobs) == [30, 0, 0, 0], "one dot is a hundred"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_territory_page_says_what_sources_state_of_transport(built: Built, reader: Open, language):
    page = reader().open(page_of(built, "territory"), f"l={language}")
    text = plain(page, "#transport")
    expected = {
        "fr": ["gares TGV", "ports fluviaux rénovés", "Port fluvial de Béthune-Beuvry", "rien à dessiner"],
        "en": ["TGV stations", "river ports, refurbished", "Port fluvial de Béthune-Beuvry", "nothing to draw"],
    }[language]
    assert [each for each in (*expected, "« Pourquoi ça marche »") if each not in text] == []
    assert page.evaluate("emprise.attached[0].layer.scene.roads") == []
    assert page.locator("#legend .road, #legend .diamond").count() == 0
