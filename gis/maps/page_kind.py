"""What a page module says of its pages: how they are linked, made and worded."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import folium

from gis.maps import i18n
from gis.maps.page import Link, PageTable
from gis.maps.territory_view import TerritoryView


@dataclass(frozen=True, slots=True)
class PageContent:
    """What one page shows: its data, its map, its title, and what stands without scripts."""

    href: str
    title: Mapping[str, str]
    map: folium.Map
    data: Mapping[str, Any]
    tables: Sequence[PageTable]
    banner: Mapping[str, str]
    map_label: str = "index.map.label"
    map_first: bool = False  # the map as the layer has it is the one shown when nothing is asked: it need not wait
    example: str = ""  # the key of the site that a reader is told to add to, where it is this one


@dataclass(frozen=True, slots=True)
class PageKind:
    """A kind of page: the entry of `assets/src/main.js` that brings it to life, how its pages are linked and made."""

    script: str
    links: Callable[[TerritoryView], Iterable[Link]]
    contents: Callable[[TerritoryView], Iterable[PageContent]]
    words: tuple[str, ...] = field(default=())  # the beginning of the keys of texts that other pages do without


def bilingual_text(key: str, **values: object) -> dict[str, str]:
    """Return a text of the pages in each language, its gaps filled."""
    return {language: i18n.text_catalogue(language)[key].format(**values) for language in i18n.LANGUAGES}


def single_page_link(kind: str) -> Callable[[TerritoryView], list[Link]]:
    """Return what links the one page of a kind, named `nav.KIND` in the words of the pages."""
    return lambda _: [Link(f"{kind}.html", bilingual_text(f"nav.{kind}"))]


def shapes_banner(known: TerritoryView, sites: Iterable[str]) -> dict[str, str]:
    """Say above a page whether all of some sites have a shape."""
    has_shape = known.sites.loc[known.sites["site_id"].isin(list(sites))].geometry.notna().all()
    return bilingual_text("banner.shapes" if has_shape else "banner.tiles")


def printed_assumptions(known: TerritoryView, page: str) -> list[dict[str, str]]:
    """Return what territory.toml says that a page assumes."""
    return [entry["text"] for entry in known.settings.get("assumption", []) if page in entry["pages"]]
