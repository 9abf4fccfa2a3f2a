"""Occupied and vacant areas of a site, in pieces that its page adds up for any day and any published value.

Each sum has its provenance: that of the ledger for the opening day, and what changes on another day.
"""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from gis.maps import json_values
from gis.maps.called import lot_name
from gis.maps.territory_view import TerritoryView
from gis.measures.occupied_areas import HeldPieces
from gis.measures.presence import Presence, tenancy_presences
from gis.measures.same_premises import first_premises_keys
from gis.measures.topology import containing_sites
from gis.provenance import Figure, row_name
from gis.schemas import Occupied, records

#: Assumptions of an occupied share: if a source names occupants of the site, and if none does.
TOLD: Final = "listed_alone"
UNTOLD: Final = "holders_unknown"
#: Assumption of a vacancy whose bounds depend on the day.
PROMISED: Final = "promised_may_be_vacant"


def held_record_of_site(known: TerritoryView, site_id: str) -> dict[str, Any] | None:
    """Return the occupiable areas of a site, by kind, in pieces that the page adds up for any date and any variant.

    `inside` has the tenancies of the sites inside it, and `order` the tenancies of all these sites in the order of the
    layer. For each kind of area, `whole` has the rows of the total, `assumptions` the assumptions of a sum on any day,
    and `under` the terrains under each of the premises. Returns None if the layers have no kind of area for the site.
    """
    held_kinds = known.held_pieces(site_id)
    if not held_kinds:
        return None
    inner_sites = _sites_inside(known, site_id)
    tenancies = known.tenancies[known.tenancies["site_id"].isin([site_id, *inner_sites])]
    return {
        "kinds": [_held_kind_record(known, site_id, each) for each in held_kinds],
        "inside": _holder_records(tenancies[tenancies["site_id"] != site_id]),
        "order": list(tenancies["tenancy_id"]),
        "told": TOLD,
        "untold": UNTOLD,
    }


def _sites_inside(known: TerritoryView, site_id: str) -> list[str]:
    return [site for site, above in containing_sites(known.sites).items() if site_id in above]


def _opening_figure_of_site(known: TerritoryView, kind: str, site_id: str) -> Figure | None:
    """Return the figure of a kind for a site on the opening day, or None if the ledger has none."""
    return known.figures.get(f"{kind}:{site_id}@{known.opening.isoformat()}")


def _held_kind_record(known: TerritoryView, site_id: str, cut: HeldPieces) -> dict[str, Any]:
    share_figure = _opening_figure_of_site(known, f"held_{cut.kind.value}_share", site_id)
    assumptions = share_figure.assumptions if share_figure else ()
    return {
        "kind": cut.kind.value,
        "base_m2": round(cut.base_m2, 2),
        "left_out": cut.left_out,
        "low": _piece_records(cut.low),
        "high": _piece_records(cut.high),
        "under": {premises: [row_name("terrains", key) for key in under] for premises, under in cut.under.items()},
        "whole": list(share_figure.rows) if share_figure else [],
        "assumptions": [key for key in assumptions if key not in {TOLD, UNTOLD}],
    }


def _piece_records(areas: Mapping[tuple[str, ...], float]) -> list[dict[str, Any]]:
    return [{"id": "|".join(premises), "m2": round(m2, 3)} for premises, m2 in areas.items()]


def _holder_records(tenancies: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the tenancies with their premises and the days on which they change."""
    return [
        {"id": row["tenancy_id"], "premises": row["premises_id"], **presence_record(each)}
        for row, each in zip(records(tenancies), tenancy_presences(tenancies), strict=True)
    ]


def presence_record(each: Presence) -> dict[str, Any]:
    """Return the phase of a tenancy, and the days from which it applies, or not, as the page looks them up."""
    return {
        "told_as": each.phase,
        "to_come": each.to_come,
        "steps": [[json_values.iso_day_or_none(day), answer.value] for day, answer in each.steps],
    }


def premises_vacancy_record(known: TerritoryView, site_id: str) -> dict[str, Any] | None:
    """Return the premises of a site that are vacant without an occupant, and the provenance of their sum.

    `told` is whether a source names an occupant of the site, at any date. If none does, premises are certainly vacant
    only from the day `since` that a source calls them vacant. Returns None if the ledger has no figure of vacant
    premises for the site: no premises have a floor area.
    """
    figure = _opening_figure_of_site(known, "premises_vacancy", site_id)
    if figure is None:
        return None
    premises = known.premises[known.premises["site_id"] == site_id]
    first_key_of = first_premises_keys(premises)
    with_floor_area = premises[premises["floor_m2"].notna()]
    keys_by_room: dict[str, list[str]] = {}
    for key in with_floor_area["premises_id"]:
        keys_by_room.setdefault(first_key_of[key], []).append(key)
    vacant_since = premises.groupby(premises["premises_id"].map(first_key_of).to_numpy())["vacant_since"].min()
    return {
        "rooms": [
            {"id": "|".join(room_keys), "since": json_values.iso_day_or_none(vacant_since[key])}
            for key, room_keys in keys_by_room.items()
        ],
        "told": bool((known.tenancies["site_id"] == site_id).any()),
        "rows": list(figure.rows),
        "basis": figure.basis.value,
        "assumptions": [key for key in figure.assumptions if key != PROMISED],
        "promised": PROMISED,
    }


def held_row_names(held: Mapping[str, Any] | None, vacancy: Mapping[str, Any] | None) -> list[str]:
    """Return the names of all rows that a sum of occupied or vacant areas may cite, on any day."""
    row_names: list[str] = list(vacancy["rows"]) if vacancy else []
    if held:
        row_names += [row_name("tenancies", key) for key in held["order"]]
        for kind in held["kinds"]:
            row_names += [*kind["whole"], *(row_name("premises", key) for key in kind["under"])]
            row_names += [terrain for under in kind["under"].values() for terrain in under]
    return row_names


def vacant_records_of_site(known: TerritoryView, site_id: str, start: str) -> list[dict[str, Any]]:
    """Return the terrains and premises of a site that a source calls vacant, with `since` or `as_of`.

    `seen_from` is the day from which the page shows the vacancy: `start` if no source gives a day.
    """
    site_ids = [site for site, above in containing_sites(known.sites).items() if site_id in {site, *above}]
    terrains = known.terrains[
        known.terrains["site_id"].isin(site_ids) & (known.terrains["occupied"] == Occupied.VACANT)
    ]
    premises = known.premises[known.premises["site_id"].isin(site_ids) & known.premises["vacant_since"].notna()]
    return [
        {
            "id": row_name("terrains", row["terrain_id"]),
            "name": lot_name(row),
            "kind": "land",
            "m2": json_values.number_or_none(row["measured_m2"]),
            "as_of": json_values.iso_day_or_none(row["occupied_as_of"]),
            "since": None,
            "seen_from": json_values.iso_day_or_none(row["occupied_as_of"]) or start,
            "source": row["source_id"],
            "basis": row["basis"],
        }
        for row in records(terrains)
    ] + [
        {
            "id": row_name("premises", row["premises_id"]),
            "name": row["premises_name"],
            "kind": "floor",
            "m2": json_values.number_or_none(row["floor_m2"]),
            "as_of": None,
            "since": json_values.iso_day_or_none(row["vacant_since"]),
            "seen_from": json_values.iso_day_or_none(row["vacant_since"]) or start,
            "source": row["source_id"],
            "basis": row["basis"],
        }
        for row in records(premises)
    ]
