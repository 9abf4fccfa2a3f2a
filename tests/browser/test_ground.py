"""The ground of the IGN: only when asked for, only from its host, never under tiles."""

import struct
import zlib

import pytest

from gis.maps import i18n
from gis.maps.page import GROUND
from tests.browser.conftest import DEMO, TERRITORY, Open

pytestmark = pytest.mark.browser

GROUNDED = ("index", "zones", "available", "manufacture")
POLICY = "document.querySelector('meta[http-equiv]').content"


@pytest.fixture(scope="module")
def picture():
    """A red square of 256 pixels, as PNG."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0))
    rows = (b"\0" + bytes([200, 30, 30]) * 256) * 256
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def online(someone, picture):
    """Answer for the host, and keep what anybody was asked."""
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(body=picture, content_type="image/png")

    someone.context.set_offline(False)
    someone.context.route("http*://**/*", answer)
    return asked


@pytest.mark.parametrize("name", GROUNDED)
def test_without_being_asked_a_page_neither_names_the_host_in_its_policy_nor_asks_it(
    built_folders, reader: Open, picture, name
):
    someone = reader()
    asked = online(someone, picture)
    page = someone.open(built_folders[DEMO.name] / f"{name}.html")
    assert "geopf" not in page.evaluate(POLICY)
    assert page.is_visible("#base-ask")
    page.wait_for_timeout(300)
    assert asked == []
    assert page.locator("img.leaflet-tile").count() == 0


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", GROUNDED)
def test_once_asked_pictures_come_from_that_host_alone_and_it_is_credited(
    built_folders, reader: Open, picture, name, language
):
    someone = reader()
    asked = online(someone, picture)
    page = someone.open(built_folders[DEMO.name] / f"{name}.html", f"l={language}")
    with page.expect_navigation():
        page.click("#base-ask")
    page.wait_for_selector("img.leaflet-tile-loaded")
    assert "base=ign" in page.url
    directives = dict(each.strip().split(" ", 1) for each in page.evaluate(POLICY).split(";"))
    assert directives["img-src"].split() == [GROUND["host"], "data:", "blob:"]
    assert [name for name, values in directives.items() if "geopf" in values] == ["img-src"]
    assert asked
    assert {url.partition("?")[0] for url in asked} == {f"{GROUND['host']}/wmts"}
    assert all("LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2" in url and "TILEMATRIXSET=PM" in url for url in asked)
    credit = page.locator("#base a")
    assert credit.inner_text() == "IGN – Géoplateforme"
    assert i18n.text_catalogue(language)["base.fictional"] in page.inner_text("#base")
    assert someone.complaints == []
    page.evaluate("() => { const i = new Image(); i.src = 'https://example.org/x.png'; document.body.append(i); }")
    page.wait_for_timeout(200)
    assert {url.partition("?")[0] for url in asked} == {f"{GROUND['host']}/wmts"}
    with page.expect_navigation():
        page.click("#base-ask")
    assert "base" not in page.url
    assert "geopf" not in page.evaluate(POLICY)


@pytest.mark.parametrize("name", ["index", "zones", "available", "territory", "bridgestone"])
def test_tiles_have_no_ground_under_them_whatever_the_address_says(built_folders, reader: Open, picture, name):
    someone = reader()
    asked = online(someone, picture)
    page = someone.open(built_folders[TERRITORY.name] / f"{name}.html", "base=ign")
    page.wait_for_timeout(300)
    assert asked == []
    assert "geopf" not in page.content().partition('id="page-data"')[0]
    assert not page.is_visible("#base")


def test_a_site_that_shows_tiles_beside_its_shape_takes_the_ground_away(built_folders, reader: Open, picture):
    someone = reader()
    online(someone, picture)
    page = someone.open(built_folders[DEMO.name] / "manufacture.html", "base=ign")
    page.wait_for_selector("img.leaflet-tile-loaded")
    page.evaluate(
        "() => { const {layer} = emprise.attached[0]; layer.show({blocks: [{key: 'x', label: 'x', anchor: [50.5, 2.6],"
        " block: [0, 0, 100, 100], fill: '#0072B2'}]}); }"
    )
    page.wait_for_function("() => document.querySelectorAll('img.leaflet-tile').length === 0")
