"""Renders a folium map and the data of a page to one HTML file that makes no network requests.

Data and scripts are compressed in the file. A small script decompresses them (`assets/src/loader.js`), the data of the
map first.

The same input gives the same bytes: folium's random ids are replaced by numbers before rendering, and no clock is read.
A content security policy allows only what is in the page. A policy in a meta element cannot be relaxed later, so the
first script of the page writes it; without scripts, a stricter policy in a noscript element applies. If all features of
the map have a true position (no tiles), the reader may ask for the background map of one host: the address then has
`base=ign`, and only then does the policy allow images of that host.
"""

import base64
import copy
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

import folium
from branca.element import Element
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from gis.errors import RenderError
from gis.maps import i18n
from gis.maps.canvas import CanvasLayer, asset
from gis.maps.packing import cited_source_ids, compact_json, deflate
from gis.provenance import Source

#: The optional background map: the host, and the URL of its images (Web Mercator, for display only).
GROUND: Final = {
    "host": "https://data.geopf.fr",
    "tiles": "https://data.geopf.fr/wmts?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetTile"
    "&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2&STYLE=normal&FORMAT=image/png"
    "&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link to one page of a territory: its file, and its name in each language."""

    href: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table that a page shows without scripts, in French."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Page:
    """All the content of a page.

    The page lists those of `sources` that its data cite, and those in `credited` in any case.
    """

    kind: str
    href: str
    title: Mapping[str, str]
    name: str
    slug: str
    map: folium.Map
    map_label: str
    banner: Mapping[str, str]
    data: Mapping[str, Any]
    sources: Sequence[Source]
    links: Sequence[Link]
    edition: Mapping[str, str]
    example: tuple[str, str]
    contact: str = ""
    tables: Sequence[PageTable] = field(default_factory=tuple)
    foreign_words: tuple[str, ...] = ()  # key prefixes of texts of other kinds of page
    map_first: bool = False  # without a query the map shows the layer as it is: draw it at once
    credited: frozenset[str] = frozenset()
    backgrounds: frozenset[str] = frozenset()
    fictional: bool = False
    internal: bool = False  # of the internal edition: the page and its exports are marked
    logo: str = ""
    colour: str = ""
    notices: Mapping[str, str] = field(default_factory=dict)
    assumed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # reading rules that figures depend on


def to_html(page: Page) -> str:
    """Return a page as the text of one HTML file.

    Raises
    ------
    RenderError
        If the assets were not built, or if the page would make a network request.
    """
    map_html, map_script, layers = _map_parts(page.map)
    script = f"{asset('emprise.js')}{map_script}"
    loader, style = asset("loader.js"), asset("emprise.css") + _accent_rules(page.colour)
    policy = (
        f"default-src 'none'; img-src data: blob:; style-src {_policy_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    script_policy = f"{policy}; script-src {_policy_hash(loader)} {_policy_hash(script)}"
    has_ground = _allows_ground_tiles(layers)
    ground_script = (
        "if(new URLSearchParams(location.hash.slice(1)).get('base')==='ign')"
        f"m.content=m.content.replace('img-src','img-src {GROUND['host']}');"
    )
    policy_script = (
        "(function(){var m=document.createElement('meta');m.httpEquiv='Content-Security-Policy';"
        f"m.content={json.dumps(script_policy)};{ground_script if has_ground else ''}document.head.appendChild(m)}})()"
    )
    title = i18n.typeset_bilingual(page.title)
    name, slug = (f"{page.name} (édition interne)", f"{page.slug}-interne") if page.internal else (page.name, page.slug)
    named_sources = cited_source_ids(page.data) | page.credited
    sources = [source for source in page.sources if source.source_id in named_sources]
    data = {
        **i18n.typeset_bilingual(page.data),
        "kind": page.kind,
        "slug": f"{slug}-{page.href.removesuffix('.html')}",
        "name": name,
        "title": title,
        "sources": {source.source_id: _source_record(source, page.backgrounds) for source in sources},
        **({"base": {**GROUND, "fictional": page.fictional}} if has_ground else {}),
        "words": {
            language: i18n.texts_of_page(language, page.foreign_words) | _assumed_texts(page.assumed, language)
            for language in i18n.LANGUAGES
        },
    }
    complete: dict[str, str] = {
        language: i18n.text_catalogue(language)["complete.1"].format(key=page.example[0], example=page.example[1])
        for language in i18n.LANGUAGES
    }
    html: str = _page_template().render(
        kind=page.kind,
        href=page.href,
        title=title,
        name=name,
        t=lambda key, language="fr": i18n.text_catalogue(language)[key],
        policy_script=Markup(policy_script),
        static_policy=policy,
        style=Markup(style),
        pages=[{"href": link.href, **_bilingual_record(link.names)} for link in page.links],
        banner=_bilingual_record(page.banner),
        tables=page.tables,
        sources=[source.credit for source in sources],
        map_label=page.map_label,
        map_html=Markup(map_html),
        map_first=page.map_first,
        ground_host=GROUND["host"].removeprefix("https://") if has_ground else "",
        edition=_bilingual_record(page.edition),
        contact=page.contact,
        fictional=page.fictional,
        internal=page.internal,
        logo=page.logo,
        notices=page.notices,
        complete=_bilingual_record(complete),
        licences=Markup(asset("licenses.txt")),
        drawn=deflate(compact_json(layers)),
        data=deflate(compact_json(data)),
        script=deflate(script),
        loader=Markup(loader),
    )
    _refuse_requests(html + script, style, page.href)
    return html


def _assumed_texts(assumed: Mapping[str, Mapping[str, str]], language: i18n.Language) -> dict[str, str]:
    """Return the texts of reading rules in a language, by text key."""
    texts = {f"assumption.{key}": text[language] for key, text in assumed.items()}
    return {key: i18n.typeset_french(text) for key, text in texts.items()} if language == "fr" else texts


def _bilingual_record(text: Mapping[str, str]) -> dict[str, str]:
    """Return the French text, and both languages as JSON for the script that switches the language."""
    return {"text": text["fr"], "words": json.dumps(dict(text), ensure_ascii=False)}


def _allows_ground_tiles(layers: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether all maps draw geometries and no tiles, so that a background map fits under them."""
    return all(layer["shapes"]["items"]["n"] and not layer["blocks"] for layer in layers)


def _accent_rules(colour: str) -> str:
    """Return the CSS rules that set the accent colour of the light theme to the colour of a territory."""
    if not colour:
        return ""
    rule = f"{{--accent:{colour}}}"
    media = "@media (prefers-color-scheme:light){:root:not([data-theme='dark'])" + rule + "}"
    return f"{media}:root[data-theme='light']{rule}"


def _source_record(source: Source, backgrounds: frozenset[str]) -> dict[str, Any]:
    return {
        "id": source.source_id,
        "name": source.name,
        "title": source.title,
        "publisher": source.publisher,
        "licence": source.licence,
        "url": source.url,
        "edition": source.edition,
        "retrieved": source.retrieved,
        "language": source.language,
        "background": source.source_id in backgrounds,
    }


def _policy_hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"


@cache
def _page_template() -> Any:
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    text = files("gis.maps").joinpath("templates", "page.html.j2").read_text(encoding="utf-8")
    return environment.from_string(text)


def _map_parts(built: folium.Map) -> tuple[str, str, list[Mapping[str, Any]]]:
    """Return the HTML, the script and the layer data of a folium map, from a copy with numbered elements."""
    figure: Any = copy.deepcopy(built.get_root())
    layers: list[Mapping[str, Any]] = []
    for number, element in enumerate(_map_elements(figure), start=1):
        element._id = str(number)  # noqa: SLF001  (branca names elements by a random id and has no other way)
        if isinstance(element, CanvasLayer):
            element.place = f"empriseDrawn[{len(layers)}]"
            layers.append(element.data)
    figure.render()
    return figure.html.render().strip(), figure.script.render().strip(), layers


def _map_elements(root: Element) -> Iterable[Element]:
    yield root
    for child in root._children.values():  # noqa: SLF001  (branca has no public way to walk its tree)
        yield from _map_elements(child)


def _refuse_requests(html: str, style: str, href: str) -> None:
    """Raise `RenderError` if the page would make a network request when opened."""
    requests = re.findall(r'<script src|<link |<iframe|<img (?!src="data:)', html.lower())
    requests += ["@import"] if "@import" in style.lower() else []
    if requests:
        msg = f"{href}: the page holds `{requests[0]}`, which would ask the network. Carry it in the page instead."
        raise RenderError(msg)
