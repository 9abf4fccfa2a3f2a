"""The page of one site: who occupies it, since when, and what share of it that is."""

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from gis.maps import i18n, json_values
from gis.maps.backdrop import anchor_of, communes_ground
from gis.maps.called import SiteCommunes, building_name, lot_name, site_name
from gis.maps.canvas import CanvasLayer, DrawnBlock, Shape, page_map, shapes_frame
from gis.maps.chains import cited_rows, rows_of
from gis.maps.claim_records import claim_records
from gis.maps.figure_records import figure_records
from gis.maps.packing import pack
from gis.maps.page import Link, PageTable
from gis.maps.page_kind import PageContent, PageKind, place_banner
from gis.maps.palette import BUILT, colours
from gis.maps.site_held import held_in_pieces, premises_vacancy_of, presence_record, rows_held, vacant_of
from gis.maps.static_tables import claims_table, figures_table
from gis.maps.territory_view import TerritoryView
from gis.measures import occupancy as measure
from gis.measures.presence import presence
from gis.measures.tiles import drawn, frame, lay, spare_frame
from gis.measures.topology import wholes
from gis.provenance import row_name
from gis.schemas import (
    QUANTITIES,
    ClaimStatus,
    ClaimUse,
    Row,
    records,
    row_of,
)
from gis.units import M2_PER_HA


def site_colours(known: TerritoryView, site_id: str) -> dict[str, str]:
    """Give each occupant of a site its colour: those of the opening day first, in the order they are drawn."""
    today = measure.occupancy(known.tenancies, site_id=site_id, at=known.opening)
    there = known.tenancies.loc[today.index[today["holds"] != "no"]]
    here = known.tenancies.loc[known.tenancies["site_id"] == site_id, "establishment_id"]
    return colours([*(row["establishment_id"] for row in drawn(there, site_id)), *here])


def shapes_of(known: TerritoryView, site_id: str) -> gpd.GeoDataFrame:
    """Return the real shapes of a site: its perimeter, its terrains, its buildings, and premises with an outline."""
    site = known.sites[known.sites["site_id"] == site_id]
    premises = known.premises[(known.premises["site_id"] == site_id) & known.premises.geometry.notna()]
    holders = known.tenancies[known.tenancies["site_id"] == site_id].drop_duplicates("premises_id", keep="last")
    fills = site_colours(known, site_id)
    by_premises = {row["premises_id"]: fills[row["establishment_id"]] for row in records(holders)}
    perimeter = site[site.geometry.notna()]
    lots, buildings = lots_of(known, site_id)
    shapes = [
        *(Shape(row_name("sites", row["site_id"]), site_name(row)["fr"]) for row in records(perimeter)),
        *(Shape(row_name("terrains", row["terrain_id"]), lot_name(row)) for row in records(lots)),
        *(Shape(row_name("buildings", row["building_id"]), building_name(row), BUILT) for row in records(buildings)),
        *(
            Shape(row_name("premises", key), name, by_premises.get(key, ""))
            for key, name in zip(premises["premises_id"], premises["premises_name"], strict=True)
        ),
    ]
    drawn_in_order = [*perimeter.geometry, *lots.geometry, *buildings.geometry, *premises.geometry]
    return shapes_frame(shapes, drawn_in_order, known.crs)


def lots_of(known: TerritoryView, site_id: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the terrains and the buildings that have a shape, of a site and of those inside it."""
    inside = [site for site, above in wholes(known.sites).items() if site_id in {site, *above}]
    lots, buildings = (
        layer[layer["site_id"].isin(inside) & layer.geometry.notna()] for layer in (known.terrains, known.buildings)
    )
    return lots, buildings


def _lots(known: TerritoryView, site_id: str) -> list[dict[str, Any]]:
    """Return what a page says of the terrains and the buildings that it draws, in the order they are drawn."""
    lots, buildings = lots_of(known, site_id)
    return [
        {
            "id": row_name(layer, row[key]),
            "name": name(row),
            "m2": json_values.number(row["measured_m2"], 1),
            "occupied": row.get("occupied", ""),
            "sale": row.get("sale", ""),
            "source": row["source_id"],
            "basis": row["basis"],
        }
        for layer, key, name, frame_ in (
            ("terrains", "terrain_id", lot_name, lots),
            ("buildings", "building_id", building_name, buildings),
        )
        for row in records(frame_)
    ]


def areas_said(known: TerritoryView, site_id: str) -> bool:
    """Say whether a source gives the area of any occupant of a site, whatever the day."""
    return bool(known.tenancies.loc[known.tenancies["site_id"] == site_id, "area_low_m2"].notna().any())


def site_blocks(known: TerritoryView, site_id: str) -> list[DrawnBlock]:
    """Return the tiles of a site on the opening day, ready to draw."""
    site = row_of(known.sites, "site_id", site_id)
    anchor, fills = anchor_of(known, site_id), site_colours(known, site_id)
    rows = known.tenancies.set_index("tenancy_id")
    tiles = records(known.tiles)
    held = [
        tile
        for tile in tiles
        if tile["subject"].startswith("tenancies/")
        and rows.loc[tile["subject"].partition("/")[2], "site_id"] == site_id
    ]
    here = row_name("sites", site_id)
    land_m2 = next((tile["area_m2"] for tile in tiles if tile["subject"] == here), site["measured_m2"])
    areas = [tile["area_m2"] for tile in held]
    outer = frame(float(land_m2) if land_m2 > 0 else float(np.nansum(areas)) or M2_PER_HA)
    blocks = [
        DrawnBlock(key=here, label=site_name(site)["fr"], anchor=anchor, block=outer, fill="")
        for tile in tiles
        if tile["subject"] == here and land_m2 > 0
    ]
    inner = outer if blocks else spare_frame(areas, outer)
    for tile, block in zip(held, lay(areas, inner), strict=True):
        blocks.append(
            DrawnBlock(
                key=tile["subject"],
                label=tile["label"],
                anchor=anchor,
                block=block,
                fill=fills[rows.loc[tile["subject"].partition("/")[2], "establishment_id"]],
                dashed=tile["phase"] in measure.TO_COME,
                circle=bool(np.isnan(tile["area_m2"])),
            )
        )
    return blocks


def site_map(known: TerritoryView, site_id: str) -> folium.Map:
    """Draw a site as its page does, on the opening day: a folium map that needs no network."""
    shapes = shapes_of(known, site_id)
    layer = CanvasLayer(
        ground=communes_ground(known),
        shapes=shapes,
        blocks=site_blocks(known, site_id),
        view=shapes.geometry,
        label="",
    )
    return page_map(layer)


def site_data(known: TerritoryView, site_id: str) -> dict[str, Any]:
    """Return everything the page of a site shows and computes with, as plain values.

    The browser recomputes from these rows what `gis.measures.occupancy` computed for the opening day.
    """
    site = row_of(known.sites, "site_id", site_id)
    claims = known.claims[known.claims["site_id"] == site_id]
    fills = site_colours(known, site_id)
    why = {entry["of"]: entry["why"] for entry in known.settings.get("variant", [])}
    own = known.tenancies[known.tenancies["site_id"] == site_id]
    tenancies = [
        {**_tenancy(row, fills, known, why), **presence_record(each), "choices": _choices(known, own.loc[[index]])}
        for index, row, each in zip(own.index, records(own), presence(own), strict=True)
    ]
    measured = json_values.number(site["measured_m2"])
    held, vacancy = held_in_pieces(known, site_id), premises_vacancy_of(known, site_id)
    figures = [figure for figure in known.figures.values() if figure.subject == row_name("sites", site_id)]
    shares = _shares_asked(claims, known.opening)
    anchor = anchor_of(known, site_id)
    start = known.settings["opening"].get("from", dt.date(known.opening.year - 5, 1, 1))
    return {
        "site": {
            "id": site_id,
            "name": site_name(site),
            **SiteCommunes(known).told(site),
            "land_m2": json_values.number(site["land_low_ha"] * M2_PER_HA),
            "measured_m2": measured,
            "anchor": anchor,
            "said": areas_said(known, site_id),
            "states": _variants(row_name("sites", site_id), known, why),
        },
        "at": known.opening.isoformat(),
        "from": start.isoformat(),
        "to": last_fact(claims, known.tenancies[known.tenancies["site_id"] == site_id], known.opening).isoformat(),
        "tenancies": tenancies,
        "held": held,
        "vacancy": vacancy,
        "cited": cited_rows(
            known, [*rows_held(held, vacancy), *rows_of(f for f in figures if f.kind == "surface_vacancy")]
        ),
        "vacant": vacant_of(known, site_id, start.isoformat()),
        "lots": pack(_lots(known, site_id)),
        "places": [
            {"id": row["premises_id"], "name": row["premises_name"], "shaped": row["geometry"] is not None}
            for row in records(known.premises[known.premises["site_id"] == site_id])
        ],
        "bases": [
            *([{"id": "measured", "m2": measured, "kind": "measured", "claims": []}] if measured else []),
            *(
                {
                    "id": base.base_id,
                    "m2": base.m2,
                    "kind": base.area_kind,
                    "claims": list(base.claims),
                }
                for base in measure.bases(known.claims, site_id=site_id)
            ),
        ],
        "events": _events(claims),
        "claims": [{**record, "share": shares.get(record["id"])} for record in claim_records(claims, known.verdicts)],
        "figures": figure_records(figures),
    }


def last_fact(claims: pd.DataFrame, tenancies: pd.DataFrame, opening: dt.date) -> dt.date:
    """Return the latest day that a source dates: where the time axis ends. The clock never enters it."""
    events = claims.loc[claims["use"] == ClaimUse.EVENT, "latest"]
    exact = [
        tenancies.loc[tenancies[f"{end}_earliest"] == tenancies[f"{end}_latest"], f"{end}_latest"]
        for end in ("from", "to")
    ]
    days = pd.concat([events, *exact]).dropna()
    last: dt.date = max([opening, *days.dt.date])
    return last


def _tenancy(row: Row, fills: Mapping[str, str], known: TerritoryView, why: Mapping[str, Any]) -> dict[str, Any]:
    key = row_name("tenancies", row["tenancy_id"])
    return {
        "id": row["tenancy_id"],
        "who": row["establishment_id"],
        "occupant": row["occupant"],
        "premises": row["premises_id"],
        "phase": row["phase"],
        "from": [json_values.day(row["from_earliest"]), json_values.day(row["from_latest"])],
        "to": [json_values.day(row["to_earliest"]), json_values.day(row["to_latest"])],
        "activity": {"fr": row["activity"], "en": row["activity_en"] or row["activity"]},
        "note": {"fr": row["note"], "en": row["note_en"] or row["note"]},
        "area_m2": [json_values.number(row["area_low_m2"]), json_values.number(row["area_high_m2"])],
        "area_kind": row["area_kind"],
        "jobs_now": json_values.number(row["jobs_now"]),
        "jobs_planned": json_values.number(row["jobs_planned"]),
        "source": row["source_id"],
        "page": row["page"],
        "basis": row["basis"],
        "fill": fills[row["establishment_id"]],
        "states": _variants(key, known, why),
    }


def _variants(row: str, known: TerritoryView, why: Mapping[str, Any]) -> dict[str, Any]:
    """Return, for each quantity of a row that claims state, the claims and the one the page opens with."""
    stating = known.claims[known.claims["states"].str.startswith(f"{row}/")]
    found = {}
    for of, rows in stating.groupby("states", sort=False):
        quantity = str(of).rpartition("/")[2]
        if quantity not in QUANTITIES[row.partition("/")[0]]:
            continue
        found[quantity] = {
            "chosen": known.choices[str(of)],
            "why": why.get(str(of), {}),
            "claims": list(rows["claim_id"]),
        }
    return found


def _shares_asked(claims: pd.DataFrame, at: dt.date) -> dict[str, list[float | None]]:
    """Return the shares of occupation published for the month of a day, in percent as they are rounded, by claim.

    These are the claims of which the ledger says what they would have to be of.
    """
    asked = claims[
        (claims["use"] == ClaimUse.OCCUPIED_SHARE)
        & (claims["status"] == ClaimStatus.FOUND)
        & (claims["as_of"] == at.strftime("%Y-%m"))
    ]
    bounds = {row["claim_id"]: measure.rounding(row["value"]) for row in records(asked)}
    return {claim: [share.low, share.high] for claim, share in bounds.items()}


#: The quantities of a tenancy that tell when it holds, and the columns of each.
DATED: Final = {quantity: QUANTITIES["tenancies"][quantity] for quantity in ("from", "to", "phase")}


def _choices(known: TerritoryView, tenancy: pd.DataFrame) -> list[dict[str, Any]]:
    """Return when a tenancy holds for every choice among the claims that say so, but for the one the page opens with.

    `chosen` is the claim of each quantity that claims state, "" for nobody knows.
    """
    (key,) = tenancy["tenancy_id"]
    of = {quantity: f"{row_name('tenancies', key)}/{quantity}" for quantity in DATED}
    stating = {quantity: known.claims[known.claims["states"] == name] for quantity, name in of.items()}
    disputed = {quantity: ["", *rows["claim_id"]] for quantity, rows in stating.items() if len(rows)}
    opening = {quantity: known.choices[of[quantity]] for quantity in disputed}
    found = []
    for choice in product(*disputed.values()):
        chosen = dict(zip(disputed, choice, strict=True))
        if chosen != opening:
            (each,) = presence(_with(tenancy, chosen, opening, stating))
            found.append({"chosen": chosen, **presence_record(each)})
    return found


def _with(
    tenancy: pd.DataFrame, chosen: Mapping[str, str], opening: Mapping[str, str], stating: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Write the values that some claims state into a tenancy; a phase that nobody knows stays the one it opens with."""
    row = tenancy.copy()
    for quantity, claim_id in chosen.items():
        if claim_id == opening[quantity]:
            continue
        claims = stating[quantity]
        claim = claims[claims["claim_id"] == claim_id]
        if quantity == "phase":
            row["phase"] = claim["value"].to_numpy() if len(claim) else row["phase"]
            continue
        for column, bound in zip(DATED[quantity], ("earliest", "latest"), strict=True):
            row[column] = claim[bound].to_numpy() if len(claim) else pd.NaT
    return row


def _events(claims: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the dated facts of a site, in order."""
    rows = claims[claims["use"] == ClaimUse.EVENT].sort_values(["earliest", "claim_id"])
    return [
        {"claim": row["claim_id"], "date": [json_values.day(row["earliest"]), json_values.day(row["latest"])]}
        for row in records(rows)
    ]


def _links(known: TerritoryView) -> list[Link]:
    entries = [entry for entry in known.settings.get("focus", []) if entry["slug"] in known.focus]
    return [Link(f"{entry['slug']}.html", entry.get("short") or _name_of(known, entry["slug"])) for entry in entries]


def _name_of(known: TerritoryView, slug: str) -> dict[str, str]:
    return site_name(row_of(known.sites, "site_id", known.focus[slug]))


def _contents(known: TerritoryView) -> Iterator[PageContent]:
    for slug, site_id in known.focus.items():
        data = site_data(known, site_id)
        entry = next(each for each in known.settings["focus"] if each["slug"] == slug)
        title = entry.get("question") or data["site"]["name"]
        yield PageContent(
            href=f"{slug}.html",
            title=title,
            map=site_map(known, site_id),
            map_label="site.map.label",
            data={**data, "question": title},
            tables=[
                figures_table(known, data),
                _tenancies_table(known, site_id),
                claims_table([claim for claim in data["claims"] if claim["use"]]),
            ],
            banner=place_banner(known, [site_id]),
            example=site_id,
        )


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


def _day(value: pd.Timestamp) -> dt.date | None:
    return None if pd.isna(value) else value.date()


PAGE = PageKind("site", _links, _contents, words=("site.",))
