"""Reports which pages show the rows of a layer, and what the other rows need to be shown."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from gis.maps.called import position_of_site
from gis.maps.site import lots_and_buildings_of_site
from gis.maps.territory import sites_outside_zones
from gis.maps.territory_view import TerritoryView
from gis.schemas import Answer, records

#: Returns which rows of a layer a page shows, in the order of the layer.
Mask = Callable[[TerritoryView], "pd.Series[bool]"]


class Shown(NamedTuple):
    """The rows of a layer that a page shows, and what a row needs to be one of them."""

    page: str
    rows: "pd.Series[bool]"
    needs: str


class _Rule(NamedTuple):
    page: str
    shows: Mask
    needs: str


def _rows_with_shape(layer: str) -> Mask:
    return lambda known: pd.Series(getattr(known, layer).geometry.notna())


def _sites_with_place(known: TerritoryView) -> "pd.Series[bool]":
    has_shape = known.sites.geometry.notna()
    has_position = [position_of_site(row) is not None for row in records(known.sites)]
    return pd.Series(has_shape | np.array(has_position, dtype=bool))


def _all_rows(layer: str) -> Mask:
    return lambda known: pd.Series(data=True, index=getattr(known, layer).index)


def _zone_sites(known: TerritoryView) -> "pd.Series[bool]":
    return (known.sites["counted"] == Answer.YES) | known.sites["part_of"].isin(
        known.sites.loc[known.sites["counted"] == Answer.YES, "site_id"]
    )


def _non_zone_sites(known: TerritoryView) -> "pd.Series[bool]":
    return pd.Series(known.sites["site_id"].isin(sites_outside_zones(known)["site_id"]))


def _focus_sites(known: TerritoryView) -> "pd.Series[bool]":
    return pd.Series(known.sites["site_id"].isin(list(known.focus.values())))


def _rows_of_focus_sites(layer: str) -> Mask:
    """Return the mask of the rows that belong to a site with its own page."""
    return lambda known: pd.Series(getattr(known, layer)["site_id"].isin(list(known.focus.values())))


def _lots_of_focus_sites(layer: str, key: str, which: int) -> Mask:
    """Return the mask of the terrains or buildings that are drawn on the page of a site."""

    def shows(known: TerritoryView) -> "pd.Series[bool]":
        drawn_keys = {
            name for site in known.focus.values() for name in lots_and_buildings_of_site(known, site)[which][key]
        }
        return pd.Series(getattr(known, layer)[key].isin(list(drawn_keys)))

    return shows


def _rows_beside_terrains(layer: str, *, drawn: bool) -> Mask:
    """Return the mask of the rows on the page of available land: none unless a terrain has a geometry."""

    def shows(known: TerritoryView) -> "pd.Series[bool]":
        frame = getattr(known, layer)
        rows = frame.geometry.notna() if drawn else pd.Series(data=True, index=frame.index)
        return pd.Series(rows & bool(known.terrains.geometry.notna().any()))

    return shows


_SITE = "a page of its own: [[focus]] in territory.toml"
_RULES: Final[Mapping[str, tuple[_Rule, ...]]] = {
    "communes": (_Rule("index.html", _all_rows("communes"), ""),),
    "sites": (
        _Rule("zones.html", _zone_sites, "a `site_type` that is a zone, or `counted` = oui"),
        _Rule("territory.html", _non_zone_sites, "to be no zone, and inside none"),
        _Rule("the map of index.html", _sites_with_place, "a shape or a point"),
        _Rule("its own page", _focus_sites, _SITE),
    ),
    "terrains": (
        _Rule("available.html", _rows_with_shape("terrains"), "a shape"),
        _Rule(
            "the page of its site",
            _lots_of_focus_sites("terrains", "terrain_id", 0),
            f"a shape, and a site with {_SITE}",
        ),
    ),
    "buildings": (
        _Rule(
            "the page of its site",
            _lots_of_focus_sites("buildings", "building_id", 1),
            f"a shape, a `site_id` or ground in a site, and a site with {_SITE}",
        ),
    ),
    "premises": (
        _Rule("available.html", _rows_beside_terrains("premises", drawn=False), "a terrain with a shape, in terrains"),
        _Rule("the page of its site", _rows_of_focus_sites("premises"), f"a site with {_SITE}"),
    ),
    "tenancies": (_Rule("the page of its site", _rows_of_focus_sites("tenancies"), f"a site with {_SITE}"),),
    "establishments": (_Rule("territory.html", _all_rows("establishments"), ""),),
    "exclusions": (
        _Rule("available.html", _rows_beside_terrains("exclusions", drawn=True), "a shape, and a terrain with a shape"),
    ),
    "roads": (_Rule("territory.html", _rows_with_shape("roads"), "a shape"),),
    "accesses": (_Rule("territory.html", _rows_with_shape("accesses"), "a shape"),),
    "parcels": (),
    "owners": (),
}

#: Why no page shows any row of a layer, and what the layer is used for.
_NEVER: Final[Mapping[str, str]] = {
    "parcels": "no page draws parcels: where they lie in a site with a shape, its rate of vacancy counts their land "
    "units, once owners and tenancies are known",
    "owners": "nothing of owners is published: land units are told apart by them",
}


def rows_shown_by_page(known: TerritoryView, layer: str) -> list[Shown]:
    """Return, for each page, the rows of a layer that it shows and what a row needs to be shown."""
    return [Shown(rule.page, rule.shows(known), rule.needs) for rule in _RULES.get(layer, ())]


def layer_showing_line(known: TerritoryView, layer: str) -> str:
    """Return one line: which pages show a layer, and what other rows need to be shown; "" if it has no rows."""
    count = len(getattr(known, layer))
    if not count or layer not in _RULES:
        return ""
    if layer in _NEVER:
        return f"{layer}: {count}; {_NEVER[layer]}."
    page_texts = [_page_showing_text(each, count) for each in rows_shown_by_page(known, layer)]
    return f"{layer}: {count}; {'; '.join(page_texts)}."


def _page_showing_text(shown: Shown, count: int) -> str:
    rows = int(shown.rows.sum())
    return f"{shown.page} shows {'all' if rows == count else rows or 'none'}" + (
        f" (a row needs {shown.needs})" if rows < count else ""
    )


def unshown_row_lines(known: TerritoryView) -> list[str]:
    """Return a line for each layer with rows on no page: their number, and what they need to be shown."""
    lines = []
    for layer in _RULES:
        count = len(getattr(known, layer))
        if layer in _NEVER or not count:
            if count and layer == "parcels" and not known.sites.geometry.notna().any():
                lines.append(f"{count} parcels on no page: {_NEVER[layer]}.")
            continue
        showings = rows_shown_by_page(known, layer)
        unshown_count = count - int(np.logical_or.reduce([each.rows.to_numpy(dtype=bool) for each in showings]).sum())
        if unshown_count:
            needs = "; ".join(f"{each.page} needs {each.needs}" for each in showings if each.needs)
            lines.append(f"{unshown_count} of {count} {layer} on no page: {needs}.")
    return lines
