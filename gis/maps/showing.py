"""Which pages show the rows of a layer, and what the rows that they do not show lack."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from gis.maps.called import position
from gis.maps.site import lots_of
from gis.maps.territory import other_sites
from gis.maps.territory_view import TerritoryView
from gis.schemas import Answer, records

#: Which rows of a layer a page shows, in the order of the layer.
Mask = Callable[[TerritoryView], "pd.Series[bool]"]


class Shown(NamedTuple):
    """How many rows of a layer a page shows, and what one needs to be among them."""

    page: str
    rows: "pd.Series[bool]"
    needs: str


class _Rule(NamedTuple):
    page: str
    shows: Mask
    needs: str


def _drawn(layer: str) -> Mask:
    return lambda known: pd.Series(getattr(known, layer).geometry.notna())


def _located(known: TerritoryView) -> "pd.Series[bool]":
    drawn = known.sites.geometry.notna()
    stated = [position(row) is not None for row in records(known.sites)]
    return pd.Series(drawn | np.array(stated, dtype=bool))


def _all(layer: str) -> Mask:
    return lambda known: pd.Series(data=True, index=getattr(known, layer).index)


def _zones(known: TerritoryView) -> "pd.Series[bool]":
    return (known.sites["counted"] == Answer.YES) | known.sites["part_of"].isin(
        known.sites.loc[known.sites["counted"] == Answer.YES, "site_id"]
    )


def _others(known: TerritoryView) -> "pd.Series[bool]":
    return pd.Series(known.sites["site_id"].isin(other_sites(known)["site_id"]))


def _focus(known: TerritoryView) -> "pd.Series[bool]":
    return pd.Series(known.sites["site_id"].isin(list(known.focus.values())))


def _on_focus(layer: str) -> Mask:
    """Say which rows are told of on the page of a site."""
    return lambda known: pd.Series(getattr(known, layer)["site_id"].isin(list(known.focus.values())))


def _lots(layer: str, key: str, which: int) -> Mask:
    """Say which terrains or buildings are drawn on the page of a site."""

    def shows(known: TerritoryView) -> "pd.Series[bool]":
        there = {name for site in known.focus.values() for name in lots_of(known, site)[which][key]}
        return pd.Series(getattr(known, layer)[key].isin(list(there)))

    return shows


def _with_terrains(layer: str, *, drawn: bool) -> Mask:
    """Say which rows the page of ground on offer tells of: none before a terrain has a shape."""

    def shows(known: TerritoryView) -> "pd.Series[bool]":
        frame = getattr(known, layer)
        rows = frame.geometry.notna() if drawn else pd.Series(data=True, index=frame.index)
        return pd.Series(rows & bool(known.terrains.geometry.notna().any()))

    return shows


_SITE = "a page of its own: [[focus]] in territory.toml"
_RULES: Final[Mapping[str, tuple[_Rule, ...]]] = {
    "communes": (_Rule("index.html", _all("communes"), ""),),
    "sites": (
        _Rule("zones.html", _zones, "a `site_type` that is a zone, or `counted` = oui"),
        _Rule("territory.html", _others, "to be no zone, and inside none"),
        _Rule("the map of index.html", _located, "a shape or a point"),
        _Rule("its own page", _focus, _SITE),
    ),
    "terrains": (
        _Rule("available.html", _drawn("terrains"), "a shape"),
        _Rule("the page of its site", _lots("terrains", "terrain_id", 0), f"a shape, and a site with {_SITE}"),
    ),
    "buildings": (
        _Rule(
            "the page of its site",
            _lots("buildings", "building_id", 1),
            f"a shape, a `site_id` or ground in a site, and a site with {_SITE}",
        ),
    ),
    "premises": (
        _Rule("available.html", _with_terrains("premises", drawn=False), "a terrain with a shape, in terrains"),
        _Rule("the page of its site", _on_focus("premises"), f"a site with {_SITE}"),
    ),
    "tenancies": (_Rule("the page of its site", _on_focus("tenancies"), f"a site with {_SITE}"),),
    "establishments": (_Rule("territory.html", _all("establishments"), ""),),
    "exclusions": (
        _Rule("available.html", _with_terrains("exclusions", drawn=True), "a shape, and a terrain with a shape"),
    ),
    "roads": (_Rule("territory.html", _drawn("roads"), "a shape"),),
    "accesses": (_Rule("territory.html", _drawn("accesses"), "a shape"),),
    "parcels": (),
    "owners": (),
}

#: Why no page shows any row of a layer, and what it is for all the same.
_NEVER: Final[Mapping[str, str]] = {
    "parcels": "no page draws parcels: where they lie in a site with a shape, its rate of vacancy counts their land "
    "units, once owners and tenancies are known",
    "owners": "nothing of owners is published: land units are told apart by them",
}


def shown_on(known: TerritoryView, layer: str) -> list[Shown]:
    """Say which rows of a layer each page shows, and what a row needs to be on it."""
    return [Shown(rule.page, rule.shows(known), rule.needs) for rule in _RULES.get(layer, ())]


def told_of(known: TerritoryView, layer: str) -> str:
    """Say in one line which pages show a layer, and what the rows that one does not show would need; "" for no row."""
    count = len(getattr(known, layer))
    if not count or layer not in _RULES:
        return ""
    if layer in _NEVER:
        return f"{layer}: {count}; {_NEVER[layer]}."
    parts = [_part(each, count) for each in shown_on(known, layer)]
    return f"{layer}: {count}; {'; '.join(parts)}."


def _part(shown: Shown, count: int) -> str:
    rows = int(shown.rows.sum())
    return f"{shown.page} shows {'all' if rows == count else rows or 'none'}" + (
        f" (a row needs {shown.needs})" if rows < count else ""
    )


def on_no_page(known: TerritoryView) -> list[str]:
    """Say of each layer whose rows are not all on some page how many are on none, and what they would need."""
    lines = []
    for layer in _RULES:
        count = len(getattr(known, layer))
        if layer in _NEVER or not count:
            if count and layer == "parcels" and not known.sites.geometry.notna().any():
                lines.append(f"{count} parcels on no page: {_NEVER[layer]}.")
            continue
        shown = shown_on(known, layer)
        left = count - int(np.logical_or.reduce([each.rows.to_numpy(dtype=bool) for each in shown]).sum())
        if left:
            needs = "; ".join(f"{each.page} needs {each.needs}" for each in shown if each.needs)
            lines.append(f"{left} of {count} {layer} on no page: {needs}.")
    return lines
