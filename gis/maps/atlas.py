"""All the pages of a territory, and the order they are linked in."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import folium
import pandas as pd

from gis.errors import Fault, SchemaError
from gis.maps import i18n
from gis.maps.called import site_name
from gis.maps.home import home_data, home_map
from gis.maps.listing import employers_table, offer_tables, zones_table
from gis.maps.page import Link, Page, PageTable, to_html
from gis.maps.site import site_data, site_map
from gis.maps.territory_view import TerritoryView
from gis.maps.zones import available_data, available_map, territory_data, territory_map, zones_data, zones_map
from gis.provenance import Basis, Figure, Source
from gis.schemas import records, row_of


def write_pages(known: TerritoryView, *, internal: bool = False) -> Iterator[tuple[str, str]]:
    """Write every page of a territory: its file name and its HTML, one after the other; marked where it is internal.

    Raises
    ------
    SchemaError
        If a page is asked for of a site that is not known.
    RenderError
        If a page cannot be written.
    """
    sites = set(known.sites["site_id"])
    lost = [site for site in known.focus.values() if site not in sites]
    if lost:
        fault = Fault("[[focus]]", f"site `{lost[0]}` is not known.", f"Known: {', '.join(sorted(sites))}.")
        raise SchemaError.of(f"{known.slug}/territory.toml", [fault])
    links = page_links(known)
    yield "index.html", to_html(replace(_home_page(known, links), internal=internal))
    for kind, (draw, tell) in TERRITORY_PAGES.items():
        page = _territory_page(known, kind, draw(known), tell(known), links)
        yield f"{kind}.html", to_html(replace(page, internal=internal))
    for slug, site_id in known.focus.items():
        yield f"{slug}.html", to_html(replace(_site_page(known, slug, site_id, links), internal=internal))


#: The pages of a whole territory: what draws each and what it shows.
TERRITORY_PAGES: Final[
    Mapping[str, tuple[Callable[[TerritoryView], folium.Map], Callable[[TerritoryView], dict[str, Any]]]]
] = {
    "zones": (zones_map, zones_data),
    "available": (available_map, available_data),
    "territory": (territory_map, territory_data),
}


def page_links(known: TerritoryView) -> list[Link]:
    """Name the pages of a territory, in the order readers see them."""
    home: dict[str, str] = {language: i18n.catalogue(language)["nav.index"] for language in i18n.LANGUAGES}
    entries = [entry for entry in known.settings.get("focus", []) if entry["slug"] in known.focus]
    return [
        Link("index.html", home),
        *(
            Link(f"{kind}.html", {language: i18n.catalogue(language)[f"nav.{kind}"] for language in i18n.LANGUAGES})
            for kind in TERRITORY_PAGES
        ),
        *(Link(f"{entry['slug']}.html", entry.get("short") or _site_name(known, entry["slug"])) for entry in entries),
    ]


def _site_name(known: TerritoryView, slug: str) -> dict[str, str]:
    site = row_of(known.sites, "site_id", known.focus[slug])
    return site_name(site)


def _common(known: TerritoryView, data: Mapping[str, Any], links: Sequence[Link], site_id: str) -> dict[str, Any]:
    outlines = {
        source
        for source, shape in zip(known.communes["source_id"], known.communes.geometry, strict=True)
        if shape is not None
    }
    shapes = {
        source
        for layer in (known.sites, known.premises)
        for source, shape in zip(layer["source_id"], layer.geometry, strict=True)
        if shape is not None
    }
    fetched = {key for key, source in known.sources.items() if source.retrieved}  # their licences oblige to
    shown = [site_id] if site_id else list(known.focus.values())
    has_shape = known.sites.loc[known.sites["site_id"].isin(shown)].geometry.notna().all()
    example = site_id or (str(known.sites["site_id"].iloc[0]) if len(known.sites) else "")
    return {
        "name": known.name,
        "slug": known.slug,
        "data": data,
        "links": links,
        "sources": _ordered(list(known.sources.values())),
        "credited": frozenset(outlines | shapes | fetched),
        "backgrounds": frozenset(outlines),
        "banner": _banner("banner.shapes" if has_shape else "banner.tiles"),
        "edition": {
            language: i18n.catalogue(language)["footer.edition"].format(date=i18n.date(known.opening, language))
            for language in i18n.LANGUAGES
        },
        "example": ("site_id", example),
        "contact": str(known.settings.get("contact", "")),
        "fictional": bool(known.settings.get("fictional", False)),
        "logo": known.logo,
        "colour": known.colour,
        "notices": {key: str(value) for key, value in sorted(known.settings.get("notices", {}).items())},
        "assumed": {key: text for key, text in known.assumed.items() if key in _assumed_by(known)},
    }


def _assumed_by(known: TerritoryView) -> set[str]:
    return {key for figure in known.figures.values() for key in figure.assumptions}


def _banner(key: str) -> dict[str, str]:
    return {language: i18n.catalogue(language)[key] for language in i18n.LANGUAGES}


def _ordered(sources: Sequence[Source]) -> list[Source]:
    """Put reference data first, then what is cited, each by publisher."""
    return sorted(sources, key=lambda source: (list(Basis).index(source.basis), source.credit))


def _home_page(known: TerritoryView, links: Sequence[Link]) -> Page:
    data = home_data(known)
    common = _common(known, data, links, "")
    title: dict[str, str] = {language: i18n.catalogue(language)["index.title"] for language in i18n.LANGUAGES}
    if not data["outlines"]:
        common["banner"] = _banner("banner.no_outlines")
    return Page(
        kind="home",
        href="index.html",
        title=title,
        map=home_map(known),
        map_label="index.map.label",
        tables=[_claims_table(data["claims"]), _figures_table(known, data)],
        **common,
    )


def _territory_page(
    known: TerritoryView, kind: str, drawing: folium.Map, data: dict[str, Any], links: Sequence[Link]
) -> Page:
    common = _common(known, data, links, "")
    values = {"n": data.get("counted", ""), "named": data.get("named", 0)}
    values |= {"all": data.get("counted", ""), "shapes": data.get("shapes", 0)}
    text = {language: i18n.catalogue(language) for language in i18n.LANGUAGES}
    banner = f"banner.{kind}"
    if not known.communes.geometry.notna().any():
        banner = "banner.no_outlines"
    elif kind == "available" and len(known.terrains):
        banner = "banner.plots"
    elif data.get("shapes") and data["shapes"] == data["counted"]:
        banner = "banner.zones.shapes"
    common["banner"] = {language: text[language][banner].format(**values) for language in i18n.LANGUAGES}
    told = [data[name] for name in ("claims", "premises") if data.get(name)]
    return Page(
        kind=kind,
        href=f"{kind}.html",
        title={language: text[language][_title(kind, data)].format(**values) for language in i18n.LANGUAGES},
        map=drawing,
        map_first=kind == "available" and len(known.terrains) > 0,
        map_label="index.map.label",
        tables=[_figures_table(known, data), *_list_tables(known, kind, data), *map(_claims_table, told)],
        **common,
    )


def _title(kind: str, data: Mapping[str, Any]) -> str:
    few = {0: ".none", 1: ".one"}.get(data["counted"], "") if kind == "zones" else ""
    return f"{kind}.title{few}"


def _list_tables(known: TerritoryView, kind: str, data: Mapping[str, Any]) -> list[PageTable]:
    """Say what the list of a page says."""
    if kind == "zones":
        return [zones_table(data["zones"])]
    return offer_tables(known) if kind == "available" else [employers_table(data["employers"])]


def _site_page(known: TerritoryView, slug: str, site_id: str, links: Sequence[Link]) -> Page:
    data = site_data(known, site_id)
    entry = next(each for each in known.settings["focus"] if each["slug"] == slug)
    title = entry.get("question") or data["site"]["name"]
    return Page(
        kind="site",
        href=f"{slug}.html",
        title=title,
        map=site_map(known, site_id),
        map_label="site.map.label",
        tables=[
            _figures_table(known, data),
            _tenancies_table(known, site_id),
            _claims_table([claim for claim in data["claims"] if claim["use"]]),
        ],
        **_common(known, {**data, "question": title}, links, site_id),
    )


def figure_text(figure: Figure) -> str:
    """Write the value of a figure in French, with its bounds."""

    def one(value: float) -> str:
        if figure.unit == "ratio":
            return i18n.percent(value, "fr")
        unit = i18n.catalogue("fr")[f"unit.{figure.unit}"]
        return i18n.number(value, "fr", digits=0 if figure.unit == "m2" else 1) + (
            f"{i18n.NARROW}{unit}" if unit else ""
        )

    low, high = figure.low, figure.high
    if low is not None and high is not None:
        return i18n.between(one(low), one(high))
    if low is not None:
        return f"≥ {one(low)}"
    return f"≤ {one(high)}" if high is not None else i18n.catalogue("fr")["site.unknown"]


def _figures_table(known: TerritoryView, data: Mapping[str, Any]) -> PageTable:
    t = i18n.catalogue("fr")
    figures = [known.figures[record["id"]] for record in data["figures"]]
    return PageTable(
        caption=t["noscript.figures"],
        head=["", t["site.table.area"], t["footer.sources"]],
        rows=[
            [
                f"{t[f'figure.{figure.kind}']} {_of(figure, known)}".strip(),
                figure_text(figure),
                ", ".join(known.sources[source].name for source in figure.sources),
            ]
            for figure in figures
        ],
    )


def _of(figure: Figure, known: TerritoryView) -> str:
    """Name the published value that a figure is taken of, or the reason whose lifting it tells of."""
    if figure.kind == "freed_ha":
        reason = figure.figure_id.rpartition("@")[2]
        return f"({i18n.catalogue('fr')[f'exclusion.{reason}']})"
    layer, _, key = figure.denominator.partition("/")
    if layer != "claims":
        return ""
    return f"({_claim_value(row_of(known.claims, 'claim_id', key))})"


def _claim_value(claim: Mapping[str, Any]) -> str:
    unit = i18n.catalogue("fr").get(f"unit.{claim['unit']}", "")
    return f"{claim['value']}{i18n.NARROW}{unit}" if unit else str(claim["value"])


def _day(value: pd.Timestamp) -> dt.date | None:
    return None if pd.isna(value) else value.date()


def _tenancies_table(known: TerritoryView, site_id: str) -> PageTable:
    t = i18n.catalogue("fr")
    rows = known.tenancies[known.tenancies["site_id"] == site_id]
    return PageTable(
        caption=t["site.table"],
        head=[t[f"site.table.{key}"] for key in ("occupant", "activity", "phase", "since", "area", "source")],
        rows=[
            [
                row["occupant"],
                row["activity"],
                t[f"phase.{row['phase']}"],
                i18n.span(_day(row["from_earliest"]), _day(row["from_latest"]), "fr") or t["site.undated"],
                t["site.unknown"] if pd.isna(row["area_low_m2"]) else i18n.number(row["area_low_m2"], "fr"),
                known.sources[row["source_id"]].name,
            ]
            for row in records(rows)
        ],
    )


def _claims_table(claims: Sequence[Mapping[str, Any]]) -> PageTable:
    t = i18n.catalogue("fr")
    return PageTable(
        caption=t["site.claims"],
        head=["", t["basis.stated"], "", ""],
        rows=[
            [
                f"{claim['subject']}, {claim['measure']['fr']}",
                _claim_value(claim),
                t[f"verdict.{claim['verdict']}"],
                t[f"reason.{claim['reason']}"],
            ]
            for claim in claims
        ],
    )
