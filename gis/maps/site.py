"""The page of one site: its occupants, the dates of their tenancies, and the occupied share."""

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from gis.maps import i18n, json_values
from gis.maps.backdrop import anchor_of_site, communes_background
from gis.maps.called import SiteCommunes, building_name, lot_name, site_name
from gis.maps.canvas import CanvasLayer, DrawnBlock, Shape, map_of_layer, shapes_frame
from gis.maps.chains import packed_cited_rows, row_names_of_parts
from gis.maps.claim_records import claim_records
from gis.maps.figure_records import figure_records
from gis.maps.packing import pack_rows
from gis.maps.page import Link, PageTable
from gis.maps.page_kind import PageContent, PageKind, shapes_banner
from gis.maps.palette import BUILT, colours_of_tenants
from gis.maps.site_held import (
    held_record_of_site,
    held_row_names,
    premises_vacancy_record,
    presence_record,
    vacant_records_of_site,
)
from gis.maps.static_tables import claims_table, figures_table
from gis.maps.territory_view import TerritoryView
from gis.measures import occupancy as measure
from gis.measures.presence import tenancy_presences
from gis.measures.tiles import frame_of_area, spare_frame, tenancies_drawn, tenant_blocks
from gis.measures.topology import containing_sites
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
    """Return the colour of each occupant of a site: those of the opening day first, in drawing order."""
    today = measure.occupancy(known.tenancies, site_id=site_id, at=known.opening)
    tenancies_in_place = known.tenancies.loc[today.index[today["holds"] != "no"]]
    establishments_of_site = known.tenancies.loc[known.tenancies["site_id"] == site_id, "establishment_id"]
    return colours_of_tenants(
        [*(row["establishment_id"] for row in tenancies_drawn(tenancies_in_place, site_id)), *establishments_of_site]
    )


def shapes_of_site(known: TerritoryView, site_id: str) -> gpd.GeoDataFrame:
    """Return the geometries of a site: its perimeter, terrains, buildings, and premises that have an outline."""
    site = known.sites[known.sites["site_id"] == site_id]
    premises = known.premises[(known.premises["site_id"] == site_id) & known.premises.geometry.notna()]
    holders = known.tenancies[known.tenancies["site_id"] == site_id].drop_duplicates("premises_id", keep="last")
    fills = site_colours(known, site_id)
    fill_by_premises = {row["premises_id"]: fills[row["establishment_id"]] for row in records(holders)}
    perimeter = site[site.geometry.notna()]
    lots, buildings = lots_and_buildings_of_site(known, site_id)
    shapes = [
        *(Shape(row_name("sites", row["site_id"]), site_name(row)["fr"]) for row in records(perimeter)),
        *(Shape(row_name("terrains", row["terrain_id"]), lot_name(row)) for row in records(lots)),
        *(Shape(row_name("buildings", row["building_id"]), building_name(row), BUILT) for row in records(buildings)),
        *(
            Shape(row_name("premises", key), name, fill_by_premises.get(key, ""))
            for key, name in zip(premises["premises_id"], premises["premises_name"], strict=True)
        ),
    ]
    geometries = [*perimeter.geometry, *lots.geometry, *buildings.geometry, *premises.geometry]
    return shapes_frame(shapes, geometries, known.crs)


def lots_and_buildings_of_site(known: TerritoryView, site_id: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the terrains and buildings with a geometry, of a site and of the sites inside it."""
    site_ids = [site for site, above in containing_sites(known.sites).items() if site_id in {site, *above}]
    lots, buildings = (
        layer[layer["site_id"].isin(site_ids) & layer.geometry.notna()] for layer in (known.terrains, known.buildings)
    )
    return lots, buildings


def _lot_records(known: TerritoryView, site_id: str) -> list[dict[str, Any]]:
    """Return the records of the terrains and buildings that a page draws, in drawing order."""
    lots, buildings = lots_and_buildings_of_site(known, site_id)
    return [
        {
            "id": row_name(layer, row[key]),
            "name": name(row),
            "m2": json_values.number_or_none(row["measured_m2"], 1),
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


def has_stated_area(known: TerritoryView, site_id: str) -> bool:
    """Return whether a source states the area of any occupant of a site, at any date."""
    return bool(known.tenancies.loc[known.tenancies["site_id"] == site_id, "area_low_m2"].notna().any())


def site_blocks(known: TerritoryView, site_id: str) -> list[DrawnBlock]:
    """Return the tiles of a site on the opening day, as blocks to draw."""
    site = row_of(known.sites, "site_id", site_id)
    anchor, fills = anchor_of_site(known, site_id), site_colours(known, site_id)
    rows = known.tenancies.set_index("tenancy_id")
    tiles = records(known.tiles)
    tenancy_tiles = [
        tile
        for tile in tiles
        if tile["subject"].startswith("tenancies/")
        and rows.loc[tile["subject"].partition("/")[2], "site_id"] == site_id
    ]
    site_row_name = row_name("sites", site_id)
    land_m2 = next((tile["area_m2"] for tile in tiles if tile["subject"] == site_row_name), site["measured_m2"])
    areas = [tile["area_m2"] for tile in tenancy_tiles]
    outer_block = frame_of_area(float(land_m2) if land_m2 > 0 else float(np.nansum(areas)) or M2_PER_HA)
    blocks = [
        DrawnBlock(key=site_row_name, label=site_name(site)["fr"], anchor=anchor, block=outer_block, fill="")
        for tile in tiles
        if tile["subject"] == site_row_name and land_m2 > 0
    ]
    tenancy_frame = outer_block if blocks else spare_frame(areas, outer_block)
    for tile, block in zip(tenancy_tiles, tenant_blocks(areas, tenancy_frame), strict=True):
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
    """Draw a site on the opening day, as on its page: a folium map that needs no network."""
    shapes = shapes_of_site(known, site_id)
    layer = CanvasLayer(
        ground=communes_background(known),
        shapes=shapes,
        blocks=site_blocks(known, site_id),
        view=shapes.geometry,
        label="",
    )
    return map_of_layer(layer)


def site_data(known: TerritoryView, site_id: str) -> dict[str, Any]:
    """Return the data that the page of a site shows and computes with, as plain values.

    From these rows, the browser recomputes for other days what `gis.measures.occupancy` computes for the opening day.
    """
    site = row_of(known.sites, "site_id", site_id)
    claims = known.claims[known.claims["site_id"] == site_id]
    fills = site_colours(known, site_id)
    reason_by_value = {entry["of"]: entry["why"] for entry in known.settings.get("variant", [])}
    site_tenancies = known.tenancies[known.tenancies["site_id"] == site_id]
    tenancies = [
        {
            **_tenancy_record(row, fills, known, reason_by_value),
            **presence_record(each),
            "choices": _tenancy_choices(known, site_tenancies.loc[[index]]),
        }
        for index, row, each in zip(
            site_tenancies.index, records(site_tenancies), tenancy_presences(site_tenancies), strict=True
        )
    ]
    measured_m2 = json_values.number_or_none(site["measured_m2"])
    held_record, vacancy = held_record_of_site(known, site_id), premises_vacancy_record(known, site_id)
    figures = [figure for figure in known.figures.values() if figure.subject == row_name("sites", site_id)]
    shares = _published_shares_by_claim(claims, known.opening)
    anchor = anchor_of_site(known, site_id)
    start = known.settings["opening"].get("from", dt.date(known.opening.year - 5, 1, 1))
    return {
        "site": {
            "id": site_id,
            "name": site_name(site),
            **SiteCommunes(known).told(site),
            "land_m2": json_values.number_or_none(site["land_low_ha"] * M2_PER_HA),
            "measured_m2": measured_m2,
            "anchor": anchor,
            "said": has_stated_area(known, site_id),
            "states": _variants_of_row(row_name("sites", site_id), known, reason_by_value),
        },
        "at": known.opening.isoformat(),
        "from": start.isoformat(),
        "to": last_dated_day(claims, known.tenancies[known.tenancies["site_id"] == site_id], known.opening).isoformat(),
        "tenancies": tenancies,
        "held": held_record,
        "vacancy": vacancy,
        "cited": packed_cited_rows(
            known,
            [
                *held_row_names(held_record, vacancy),
                *row_names_of_parts(f for f in figures if f.kind == "surface_vacancy"),
            ],
        ),
        "vacant": vacant_records_of_site(known, site_id, start.isoformat()),
        "lots": pack_rows(_lot_records(known, site_id)),
        "places": [
            {"id": row["premises_id"], "name": row["premises_name"], "shaped": row["geometry"] is not None}
            for row in records(known.premises[known.premises["site_id"] == site_id])
        ],
        "bases": [
            *([{"id": "measured", "m2": measured_m2, "kind": "measured", "claims": []}] if measured_m2 else []),
            *(
                {
                    "id": base.base_id,
                    "m2": base.m2,
                    "kind": base.area_kind,
                    "claims": list(base.claims),
                }
                for base in measure.published_bases(known.claims, site_id=site_id)
            ),
        ],
        "events": _event_records(claims),
        "claims": [{**record, "share": shares.get(record["id"])} for record in claim_records(claims, known.verdicts)],
        "figures": figure_records(figures),
    }


def last_dated_day(claims: pd.DataFrame, tenancies: pd.DataFrame, opening: dt.date) -> dt.date:
    """Return the last date that a source gives, which ends the time axis. The system clock is not used."""
    events = claims.loc[claims["use"] == ClaimUse.EVENT, "latest"]
    exact_days = [
        tenancies.loc[tenancies[f"{end}_earliest"] == tenancies[f"{end}_latest"], f"{end}_latest"]
        for end in ("from", "to")
    ]
    days = pd.concat([events, *exact_days]).dropna()
    last: dt.date = max([opening, *days.dt.date])
    return last


def _tenancy_record(row: Row, fills: Mapping[str, str], known: TerritoryView, why: Mapping[str, Any]) -> dict[str, Any]:
    key = row_name("tenancies", row["tenancy_id"])
    return {
        "id": row["tenancy_id"],
        "who": row["establishment_id"],
        "occupant": row["occupant"],
        "premises": row["premises_id"],
        "phase": row["phase"],
        "from": [json_values.iso_day_or_none(row["from_earliest"]), json_values.iso_day_or_none(row["from_latest"])],
        "to": [json_values.iso_day_or_none(row["to_earliest"]), json_values.iso_day_or_none(row["to_latest"])],
        "activity": {"fr": row["activity"], "en": row["activity_en"] or row["activity"]},
        "note": {"fr": row["note"], "en": row["note_en"] or row["note"]},
        "area_m2": [json_values.number_or_none(row["area_low_m2"]), json_values.number_or_none(row["area_high_m2"])],
        "area_kind": row["area_kind"],
        "jobs_now": json_values.number_or_none(row["jobs_now"]),
        "jobs_planned": json_values.number_or_none(row["jobs_planned"]),
        "source": row["source_id"],
        "page": row["page"],
        "basis": row["basis"],
        "fill": fills[row["establishment_id"]],
        "states": _variants_of_row(key, known, why),
    }


def _variants_of_row(row: str, known: TerritoryView, why: Mapping[str, Any]) -> dict[str, Any]:
    """Return, for each quantity of a row that claims state, the claims and the one selected when the page opens."""
    stating_claims = known.claims[known.claims["states"].str.startswith(f"{row}/")]
    variants = {}
    for value_name, rows in stating_claims.groupby("states", sort=False):
        quantity = str(value_name).rpartition("/")[2]
        if quantity not in QUANTITIES[row.partition("/")[0]]:
            continue
        variants[quantity] = {
            "chosen": known.choices[str(value_name)],
            "why": why.get(str(value_name), {}),
            "claims": list(rows["claim_id"]),
        }
    return variants


def _published_shares_by_claim(claims: pd.DataFrame, at: dt.date) -> dict[str, list[float | None]]:
    """Return the bounds of the occupied shares published for the month of a day, in percent, by claim.

    The bounds are those of rounding. For these claims, the ledger gives the area that the share would have to refer to.
    """
    share_claims = claims[
        (claims["use"] == ClaimUse.OCCUPIED_SHARE)
        & (claims["status"] == ClaimStatus.FOUND)
        & (claims["as_of"] == at.strftime("%Y-%m"))
    ]
    bounds = {row["claim_id"]: measure.rounding_bounds(row["value"]) for row in records(share_claims)}
    return {claim: [share.low, share.high] for claim, share in bounds.items()}


#: The quantities of a tenancy that determine when it applies, and the columns of each.
DATED: Final = {quantity: QUANTITIES["tenancies"][quantity] for quantity in ("from", "to", "phase")}


def _tenancy_choices(known: TerritoryView, tenancy: pd.DataFrame) -> list[dict[str, Any]]:
    """Return when a tenancy applies, for every combination of the claims on its dates and phase except the opening one.

    `chosen` has the selected claim of each quantity that claims state, "" if the quantity is to be unknown.
    """
    (key,) = tenancy["tenancy_id"]
    value_names = {quantity: f"{row_name('tenancies', key)}/{quantity}" for quantity in DATED}
    claims_by_quantity = {
        quantity: known.claims[known.claims["states"] == name] for quantity, name in value_names.items()
    }
    disputed = {quantity: ["", *rows["claim_id"]] for quantity, rows in claims_by_quantity.items() if len(rows)}
    opening_claims = {quantity: known.choices[value_names[quantity]] for quantity in disputed}
    choices = []
    for choice in product(*disputed.values()):
        chosen_claims = dict(zip(disputed, choice, strict=True))
        if chosen_claims != opening_claims:
            (each,) = tenancy_presences(
                _tenancy_with_claims(tenancy, chosen_claims, opening_claims, claims_by_quantity)
            )
            choices.append({"chosen": chosen_claims, **presence_record(each)})
    return choices


def _tenancy_with_claims(
    tenancy: pd.DataFrame, chosen: Mapping[str, str], opening: Mapping[str, str], stating: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return a tenancy with the values of the chosen claims; an unknown phase keeps its opening value."""
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


def _event_records(claims: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the dated events of a site, in chronological order."""
    rows = claims[claims["use"] == ClaimUse.EVENT].sort_values(["earliest", "claim_id"])
    return [
        {
            "claim": row["claim_id"],
            "date": [json_values.iso_day_or_none(row["earliest"]), json_values.iso_day_or_none(row["latest"])],
        }
        for row in records(rows)
    ]


def _site_links(known: TerritoryView) -> list[Link]:
    entries = [entry for entry in known.settings.get("focus", []) if entry["slug"] in known.focus]
    return [
        Link(f"{entry['slug']}.html", entry.get("short") or _name_of_focus_site(known, entry["slug"]))
        for entry in entries
    ]


def _name_of_focus_site(known: TerritoryView, slug: str) -> dict[str, str]:
    return site_name(row_of(known.sites, "site_id", known.focus[slug]))


def _site_contents(known: TerritoryView) -> Iterator[PageContent]:
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
            banner=shapes_banner(known, [site_id]),
            example=site_id,
        )


def _tenancies_table(known: TerritoryView, site_id: str) -> PageTable:
    t = i18n.text_catalogue("fr")
    rows = known.tenancies[known.tenancies["site_id"] == site_id]
    return PageTable(
        caption=t["site.table"],
        head=[t[f"site.table.{key}"] for key in ("occupant", "activity", "phase", "since", "area", "source")],
        rows=[
            [
                row["occupant"],
                row["activity"],
                t[f"phase.{row['phase']}"],
                i18n.date_span_text(_date_or_none(row["from_earliest"]), _date_or_none(row["from_latest"]), "fr")
                or t["site.undated"],
                t["site.unknown"] if pd.isna(row["area_low_m2"]) else i18n.number_text(row["area_low_m2"], "fr"),
                known.sources[row["source_id"]].name,
            ]
            for row in records(rows)
        ],
    )


def _date_or_none(value: pd.Timestamp) -> dt.date | None:
    return None if pd.isna(value) else value.date()


PAGE = PageKind("site", _site_links, _site_contents, words=("site.",))
