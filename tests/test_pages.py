"""Pages as files: the same bytes, nothing asked of the network, nothing of the data taken for markup."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gis.errors import RenderError
from gis.maps import i18n
from gis.maps.atlas import write_pages
from gis.maps.canvas import json_for_html
from gis.maps.packing import compact_json, deflate, inflate
from gis.maps.page import Link, PageTable, to_html
from gis.maps.page_kind import PageContent, PageKind, bilingual_text
from gis.maps.pages import PAGES
from gis.maps.territory import territory_map
from tests.conftest import Folder

#: What a page of the fictional territory may weigh.
DEMO_BYTES = 500_000

HOSTILE = {
    "an image": "<img src=x onerror=alert(1)>",
    "the end of a script": "</script><script>alert(1)</script>",
    "a comment": "<!--<script>",
    "quotes": "\"'`&quot;&lt;\\",
    "a template": "{{ 7 * 7 }}{% raw %}${7}",
    "right to left": "\u202eabc\u202c عربى",
    "an emoji": "🏭👩‍🏭",
    "ends of lines of JavaScript": "a\u2028b\u2029c",
    "what a page may not ask for": "@import url(https://x.example/) http://x.example",
}


class Reader(HTMLParser):
    """Take a page apart as a browser would: its elements, and the text of each script and style."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.texts, self.inside = [], [], None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.inside = tag
        if tag in {"script", "style"}:
            self.texts.append((tag, dict(attrs).get("id", ""), ""))

    def handle_endtag(self, tag):
        if tag == self.inside:
            self.inside = None

    def handle_data(self, data):
        if self.inside in {"script", "style"}:
            tag, name, text = self.texts[-1]
            self.texts[-1] = (tag, name, text + data)

    def scripts(self):
        """Return what runs: the scripts as they stand, then the one that stands deflated."""
        return [*(text for tag, name, text in self.texts if tag == "script" and not name), self.packed("page-script")]

    def packed(self, name):
        (text,) = [text for _, each, text in self.texts if each == name]
        return inflate(text)

    @property
    def data(self):
        return json.loads(self.packed("page-data"))

    @property
    def policy(self):
        """Return the policy that the first script writes, by directive."""
        (text,) = re.findall(r"m\.content=(\"(?:[^\"\\]|\\.)*\")", self.scripts()[0])
        return {name: values for name, *values in (each.split() for each in json.loads(text).split(";"))}


def sha256(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def pages(folder):
    return dict(write_pages(folder.open()))


@pytest.fixture(scope="module")
def shown(built):
    """Read every page of the shipped territory."""
    return {page.name: Reader(page.read_text(encoding="utf-8")) for page in built.files.pages}


def test_two_renders_of_one_page_give_the_same_bytes(demo, monkeypatch):
    kept = []
    monkeypatch.setattr("gis.maps.atlas.to_html", lambda page: kept.append(page) or to_html(page))
    first = pages(demo)
    assert [to_html(page) for page in kept] == list(first.values())
    assert pages(demo) == first


def test_every_kind_of_page_has_a_script_and_words_of_its_own():
    main = files("gis.maps").joinpath("assets", "src", "main.js").read_text(encoding="utf-8")
    (entries,) = re.findall(r"const kinds = \{([^}]*)\}", main)
    assert sorted(entry.strip() for entry in entries.split(",")) == sorted(kind.script for kind in PAGES)
    french = i18n.text_catalogue("fr")
    for kind in PAGES:
        assert kind.words
        assert all(any(key.startswith(prefix) for key in french) for prefix in kind.words), kind.script


def test_a_page_is_added_by_a_module_and_a_line(demo, monkeypatch):
    """The rest follows from what the module says: the file, the link on every page, the table without scripts."""

    def contents(known):
        table = PageTable(caption="Loyers", head=["", ""], rows=[["hangar", "12"]])
        data = {"employers": [], "figures": []}
        yield PageContent(
            "rents.html",
            bilingual_text("nav.zones"),
            territory_map(known),
            data,
            [table],
            bilingual_text("banner.tiles"),
        )

    rents = PageKind("territory", lambda _: [Link("rents.html", bilingual_text("nav.zones"))], contents)
    monkeypatch.setattr("gis.maps.atlas.PAGES", (*PAGES, rents))
    found = pages(demo)
    assert list(found) == ["index.html", "zones.html", "available.html", "territory.html", "port.html", "rents.html"]
    assert all('data-page="rents.html"' in html for html in found.values())
    assert "Loyers" in found["rents.html"]


@pytest.fixture(scope="module")
def clean(built_demo):
    """Read every page of the hand-made territory."""
    return {name: Reader(html) for name, html in pages(Folder(built_demo / "layers" / "demo")).items()}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_text_from_data_is_never_markup(demo, clean, text):
    quoted = '"' + text.replace('"', '""') + '"'
    demo.change("tenancies.csv", "Bois", quoted)
    demo.change("sites.csv", "Le port", quoted)
    demo.change("communes.csv", "Les Prés", quoted)
    demo.change("claims.csv", "2025,,,,,,registre", f"2025,,,,,{quoted},registre")
    demo.change("territory.toml", 'name = "Port-Neuf"', f"name = {json.dumps(text, ensure_ascii=False)}")
    demo.change("sources.toml", "Registre du port", json.dumps(text, ensure_ascii=False)[1:-1])
    spoilt = {name: Reader(html) for name, html in pages(demo).items()}
    for name, read in spoilt.items():
        before = clean[name]
        assert [tag for tag, _ in read.elements if tag not in {"tr", "td", "th", "li"}] == [
            tag for tag, _ in before.elements if tag not in {"tr", "td", "th", "li"}
        ]
        assert not [attribute for _, each in read.elements for attribute in each if attribute.startswith("on")]
        assert len(read.scripts()) == len(before.scripts())
        assert read.data["name"] == text
    data = spoilt["port.html"].data
    assert [row["occupant"] for row in data["tenancies"] if row["id"] == "bois"] == [text]
    assert [claim["note"]["en"] for claim in data["claims"] if claim["id"] == "jobs"] == [text]
    assert data["site"]["name"]["en"] == text


def test_json_in_a_page_cannot_end_its_script():
    value = [*HOSTILE.values(), {"</script>": "<!--"}]
    text = json_for_html(value)
    assert not {*"<>&\u2028\u2029"} & {*text}
    assert json.loads(text) == value


@given(st.text() | st.dictionaries(st.text(), st.text() | st.floats(allow_nan=False, allow_infinity=False)))
@example([*HOSTILE.values()])
def test_what_a_page_carries_deflated_is_read_back_and_is_only_letters(value):
    packed = deflate(compact_json(value))
    assert json.loads(inflate(packed)) == value
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", packed)
    assert deflate(compact_json(value)) == packed


def test_the_licences_of_what_a_page_carries_can_be_read_in_it(built):
    licences = files("gis.maps").joinpath("assets", "dist", "licenses.txt").read_text(encoding="utf-8")
    assert "Volodymyr Agafonkin" in licences
    for page in built.files.pages:
        assert licences in page.read_text(encoding="utf-8")


def test_pages_of_the_fictional_territory_are_light(demo_built):
    sizes = {page.name: page.stat().st_size for page in demo_built.files.pages}
    assert {name: size for name, size in sizes.items() if size > DEMO_BYTES} == {}


def test_pages_ask_nothing_of_the_network(shown):
    assert {"index.html", "bridgestone.html"} <= shown.keys()
    for name, page in shown.items():
        asking = [(tag, each) for tag, each in page.elements if tag in {"link", "img", "iframe", "object", "embed"}]
        asking += [(tag, each) for tag, each in page.elements if {"src", "srcset", "data", "poster"} & each.keys()]
        assert asking == [], name
        styles = "".join(text for tag, _, text in page.texts if tag == "style")
        assert not re.search(r"@import|url\((?!['\"]?(data:|#|\)))", styles), name


def test_links_stay_among_the_pages(shown):
    for page in shown.values():
        hrefs = {each["href"] for tag, each in page.elements if tag == "a"}
        assert {href for href in hrefs if not href.startswith(("#", "mailto:"))} <= shown.keys()


def test_the_policy_allows_the_scripts_and_the_style_of_the_page_and_no_more(shown):
    for name, page in shown.items():
        _, *scripts = page.scripts()
        (style,) = [text for tag, _, text in page.texts if tag == "style"]
        assert page.policy["default-src"] == ["'none'"], name
        assert page.policy["script-src"] == [sha256(script) for script in scripts], name
        assert page.policy["style-src"] == [sha256(style)], name
        assert page.policy["base-uri"] == page.policy["form-action"] == ["'none'"]
        assert not [each for values in page.policy.values() for each in values if "http" in each or "unsafe" in each]


def test_without_scripts_a_policy_without_scripts_holds(shown):
    for page in shown.values():
        (policy,) = [each["content"] for tag, each in page.elements if each.get("http-equiv")]
        assert "script-src" not in policy
        assert policy.startswith("default-src 'none';")


def test_no_element_has_a_style_that_the_policy_would_block(shown):
    for page in shown.values():
        assert not [each for _, each in page.elements if "style" in each]


@pytest.mark.parametrize("sign", ["<img src='x'>", "<script src='x'></script>", "<link rel='x'>", "<iframe></iframe>"])
def test_a_page_that_would_ask_the_network_is_refused(demo, monkeypatch, sign):
    monkeypatch.setattr("gis.maps.page._map_parts", lambda _: (sign, "", []))
    with pytest.raises(RenderError, match=r"index\.html: the page holds `<.*`, which would ask the network"):
        pages(demo)


def test_a_style_that_would_ask_the_network_is_refused(demo, monkeypatch):
    monkeypatch.setattr("gis.maps.page.asset", lambda name: "@import 'x'" if name.endswith("css") else "")
    with pytest.raises(RenderError, match="the page holds `@import`"):
        pages(demo)


def test_a_package_without_its_assets_says_so(demo, monkeypatch):
    monkeypatch.setattr("gis.maps.canvas.files", lambda _: demo.path)
    with pytest.raises(RenderError, match=r"emprise\.\w+ is not in the package: it was not built\. Install it again"):
        pages(demo)


def test_without_notices_a_page_carries_its_own(demo):
    for name, html in pages(demo).items():
        read = Reader(html)
        folds = {each.get("id") for tag, each in read.elements if tag == "details"}
        assert {"legal", "accessibility"} <= folds, name
        assert "Éditeur\u202f: non déclaré" in html
        assert "Aucun audit RGAA 4.1" in html
        assert {"legal.text", "accessibility.text"} <= read.data["words"]["en"].keys()


def test_notices_kept_elsewhere_are_links_and_the_publisher_is_named(demo):
    demo.change(
        "territory.toml",
        "[opening]",
        '[notices]\npublisher = "<Port>"\naccessibility = "https://port.example/accessibilite"\n\n[opening]',
    )
    for html in pages(demo).values():
        read = Reader(html)
        assert "https://port.example/accessibilite" in {each.get("href") for tag, each in read.elements if tag == "a"}
        folds = {each.get("id") for tag, each in read.elements if tag == "details"}
        assert "legal" in folds
        assert "accessibility" not in folds
        assert "&lt;Port&gt;" in html


def test_without_scripts_a_page_is_its_numbers_tables_and_sources(built):
    html = built.page("bridgestone").read_text(encoding="utf-8")
    noscript = html.partition("<noscript>\n<h1>")[2].partition("</noscript>")[0]
    assert "Qui occupe le site de Bridgestone\u202f?" in noscript
    for cell in (
        "≥ 50\u202f910\u202fm²",
        "≥ 15,9\u202f%",
        "Black-Star",
        "46\u202f000",
        "non comparable",
        "Dossier de presse",
    ):
        assert cell in noscript
