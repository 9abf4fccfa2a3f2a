"""Writes all pages of a territory, one after the other."""

from collections.abc import Iterator, Sequence

from gis.errors import Fault, SchemaError
from gis.maps import i18n
from gis.maps.page import Link, Page, to_html
from gis.maps.page_kind import PageContent, PageKind
from gis.maps.pages import PAGES
from gis.maps.territory_view import TerritoryView
from gis.provenance import Basis, Source


def write_pages(known: TerritoryView, *, internal: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the file name and the HTML of every page of a territory; pages of the internal edition are marked.

    Raises
    ------
    SchemaError
        If the settings ask for a page of a site that does not exist.
    RenderError
        If a page cannot be written.
    """
    sites = set(known.sites["site_id"])
    unknown_sites = [site for site in known.focus.values() if site not in sites]
    if unknown_sites:
        fault = Fault("[[focus]]", f"site `{unknown_sites[0]}` is not known.", f"Known: {', '.join(sorted(sites))}.")
        raise SchemaError.of(f"{known.slug}/territory.toml", [fault])
    links = page_links(known)
    for kind in PAGES:
        for content in kind.contents(known):
            yield content.href, to_html(_page_of_content(known, kind, content, links, internal=internal))


def page_links(known: TerritoryView) -> list[Link]:
    """Return the links to the pages of a territory, in the order of the menu."""
    return [link for kind in PAGES for link in kind.links(known)]


def _page_of_content(
    known: TerritoryView, kind: PageKind, content: PageContent, links: Sequence[Link], *, internal: bool
) -> Page:
    outline_sources = {
        source
        for source, shape in zip(known.communes["source_id"], known.communes.geometry, strict=True)
        if shape is not None
    }
    shape_sources = {
        source
        for layer in (known.sites, known.premises)
        for source, shape in zip(layer["source_id"], layer.geometry, strict=True)
        if shape is not None
    }
    fetched_sources = {key for key, source in known.sources.items() if source.retrieved}  # their licences require it
    example = content.example or (str(known.sites["site_id"].iloc[0]) if len(known.sites) else "")
    return Page(
        kind=kind.script,
        href=content.href,
        title=content.title,
        map=content.map,
        map_first=content.map_first,
        map_label=content.map_label,
        data=content.data,
        tables=content.tables,
        banner=content.banner,
        foreign_words=tuple(prefix for other in PAGES if other is not kind for prefix in other.words),
        name=known.name,
        slug=known.slug,
        links=links,
        sources=_ordered_sources(list(known.sources.values())),
        credited=frozenset(outline_sources | shape_sources | fetched_sources),
        backgrounds=frozenset(outline_sources),
        edition={
            language: i18n.text_catalogue(language)["footer.edition"].format(
                date=i18n.date_text(known.opening, language)
            )
            for language in i18n.LANGUAGES
        },
        example=("site_id", example),
        contact=str(known.settings.get("contact", "")),
        fictional=bool(known.settings.get("fictional", False)),
        internal=internal,
        logo=known.logo,
        colour=known.colour,
        notices={key: str(value) for key, value in sorted(known.settings.get("notices", {}).items())},
        assumed={key: text for key, text in known.assumed.items() if key in _assumption_keys(known)},
    )


def _assumption_keys(known: TerritoryView) -> set[str]:
    return {key for figure in known.figures.values() for key in figure.assumptions}


def _ordered_sources(sources: Sequence[Source]) -> list[Source]:
    """Return the sources by basis (reference data first, then cited documents), then by credit line."""
    return sorted(sources, key=lambda source: (list(Basis).index(source.basis), source.credit))
