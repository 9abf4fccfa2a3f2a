"""The interface of a page module: links, contents and texts of its pages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import folium

from gis.maps import i18n
from gis.maps.page import Link, PageTable
from gis.maps.territory_view import TerritoryView


@dataclass(frozen=True, slots=True)
class PageContent:
    """The content of one page: its data, its map, its title, and the tables shown without scripts."""

    href: str
    title: Mapping[str, str]
    map: folium.Map
    data: Mapping[str, Any]
    tables: Sequence[PageTable]
    banner: Mapping[str, str]
    map_label: str = "index.map.label"
    map_first: bool = False  # without a query the map shows the layer as it is: draw it at once
    example: str = ""  # key of the site in the instructions for completing data, if not the first


@dataclass(frozen=True, slots=True)
class PageKind:
    """A kind of page: its entry in `assets/src/main.js`, and the functions for links and contents of its pages."""

    script: str
    links: Callable[[TerritoryView], Iterable[Link]]
    contents: Callable[[TerritoryView], Iterable[PageContent]]
    words: tuple[str, ...] = field(default=())  # key prefixes of texts that other kinds of page omit


def bilingual_text(key: str, **values: object) -> dict[str, str]:
    """Return a text of the pages in each language, with its placeholders replaced."""
    return {language: i18n.text_catalogue(language)[key].format(**values) for language in i18n.LANGUAGES}


def single_page_link(kind: str) -> Callable[[TerritoryView], list[Link]]:
    """Return the `links` function of a kind with one page; the name of the link is the text `nav.KIND`."""
    return lambda _: [Link(f"{kind}.html", bilingual_text(f"nav.{kind}"))]


def shapes_banner(known: TerritoryView, sites: Iterable[str]) -> dict[str, str]:
    """Return the banner of a page: whether all of its sites have a geometry, or some are drawn as tiles."""
    has_shape = known.sites.loc[known.sites["site_id"].isin(list(sites))].geometry.notna().all()
    return bilingual_text("banner.shapes" if has_shape else "banner.tiles")


def printed_assumptions(known: TerritoryView, page: str) -> list[dict[str, str]]:
    """Return the assumptions that territory.toml lists for a page."""
    return [entry["text"] for entry in known.settings.get("assumption", []) if page in entry["pages"]]
