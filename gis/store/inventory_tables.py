"""The statutory inventory as tables in French, in two editions; the public edition names only legal persons.

Nothing in the public edition leads to a natural person: owners have no key; occupants that are not legal persons have
no key, activity or dates. A text that contains the name of an owner who is a natural person is not published,
whatever the order and the case of its words.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.measures import inventory as measure
from gis.measures import occupancy_evidence
from gis.measures.inventory import Inventory
from gis.measures.land_units import BELONGING
from gis.provenance import Source
from gis.public import SOLE_TRADER, Edition, Publication
from gis.schemas import Answer, NoRate, OwnerKind, Owners, Presences, Public, Row, Sites, records
from gis.store.workbook import Cell
from gis.units import to_ha

TEXTS: Final[dict[str, Any]] = json.loads(
    files("gis.store").joinpath("strings", "inventory.json").read_text(encoding="utf-8")
)


class Stated(Protocol):
    """What the files need of a territory."""

    @property
    def name(self) -> str: ...
    @property
    def settings(self) -> Mapping[str, Any]: ...
    @property
    def sites(self) -> GeoDataFrame[Sites]: ...
    @property
    def owners(self) -> DataFrame[Owners]: ...
    @property
    def publication(self) -> Publication: ...
    @property
    def sources(self) -> Mapping[str, Source]: ...
    @property
    def resting(self) -> Sequence[tuple[str, Any]]: ...


#: Layers that an inventory is drawn up from.
READ: Final = ("sites", "terrains", "parcels", "owners", "buildings", "premises", "establishments")


@dataclass(frozen=True, slots=True)
class InventoryTable:
    """One table: what it is called, its columns by their code, its rows."""

    name: str
    codes: tuple[str, ...]
    rows: list[list[Cell]]

    @property
    def head(self) -> list[tuple[str, str]]:
        """The French title and the code of each column."""
        return [(TEXTS["columns"][code][0], code) for code in self.codes]

    def only(self, *codes: str) -> "InventoryTable":
        """Keep some columns, in the order asked for."""
        places = [self.codes.index(code) for code in codes]
        return replace(self, codes=codes, rows=[[row[n] for n in places] for row in self.rows])

    def without(self, *codes: str) -> "InventoryTable":
        """Leave some columns out."""
        return self.only(*(code for code in self.codes if code not in codes))

    def frame(self) -> pd.DataFrame:
        """Return it as a frame: days as days, numbers as numbers, text that is absent as empty."""
        frame = pd.DataFrame(self.rows, columns=list(self.codes), dtype=object)
        for code in self.codes:
            values = frame[code].dropna()
            if code in _DAYS:
                frame[code] = pd.to_datetime(frame[code])
            elif code in _NUMBERS or (len(values) and values.map(lambda each: isinstance(each, int | float)).all()):
                frame[code] = frame[code].astype(float)
            else:
                frame[code] = frame[code].fillna("").astype("str")
        return frame


_DAYS: Final = frozenset(
    ["period_begin", "period_end", "next_due", "from_earliest", "from_latest", "to_earliest", "to_latest"]
)
_NUMBERS: Final = frozenset(
    [
        *("vacancy_low_pct", "vacancy_high_pct", "units_low", "units_high", "vacant_low", "vacant_high"),
        *(
            "in_several",
            "edges",
            "every_low",
            "every_high",
            "unknown_owner",
            "covered_share_pct",
            "ground_ha",
            "parcels",
            "measured_m2",
            "base_m2",
            "share_low_pct",
        ),
    ]
)

_ZONES: Final = (
    *("site_id", "site_name", "site_state", "zone", "in_statistics", "rate_text", "vacancy_low_pct"),
    *("vacancy_high_pct", "formula", "article", "period_begin", "period_end", "next_due", "units_low", "units_high"),
    *("vacant_low", "vacant_high", "in_several", "edges", "every_low", "every_high", "unknown_owner"),
    "covered_share_pct",
    *("ground_ha", "surface_vacancy_text", "premises_vacancy_text", "floor_vacancy_text", "note"),
)
_UNITS: Final = (
    *("site_id", "site_name", "land_unit_id", "parcel_ids", "parcels", "measured_m2", "owner_id", "owner_kind"),
    *("owner_name", "occupants", "occupied", "closed", "vacant_premises", "exception", "status", "reason"),
    *("reason_text", "also_in"),
)
_OCCUPANTS: Final = (
    *("site_id", "land_unit_id", "establishment_id", "occupant", "establishment_kind", "economic", "activity"),
    *("phase", "premises_id", "from_earliest", "from_latest", "to_earliest", "to_latest", "in_period", "left_before"),
    "source_id",
)
#: What the public edition says of an occupant that is no body.
_OF_ANYBODY: Final = frozenset(
    name for name, each in Presences.to_schema().columns.items() if each.metadata["public"] is Public.ALWAYS
)
_ISSUES: Final = ("layer", "row", "column_name", "value", "message")
_SURFACES: Final = ("site_id", "site_name", "base_m2", "area_kind", "share_low_pct", "source_id")


def edition_tables(inventory: Inventory, territory: Stated, edition: Edition) -> dict[str, InventoryTable]:
    """Return the tables of one edition by name: zones, land units, occupants, surfaces, issues (internal), columns."""
    public = edition is Edition.PUBLIC
    names = dict(zip(inventory.sites["site_id"], inventory.sites["site_name"], strict=True))
    owners = dict(zip(territory.owners["owner_id"], territory.owners["owner_name"], strict=True))
    presences = [_public_presence(row) if public else row for row in records(inventory.presences)]
    units = list(_unit_rows(inventory, names, owners, presences, public=public))
    table_list = [
        InventoryTable("zones", _ZONES, _table_cells(_zone_rows(inventory), _ZONES)),
        InventoryTable("land_units", _UNITS, _table_cells(units, _UNITS)),
        InventoryTable("occupants", _OCCUPANTS, _table_cells(map(_presence_in_words, presences), _OCCUPANTS)),
        InventoryTable("surfaces", _SURFACES, _table_cells(_surface_rows(inventory, names), _SURFACES)),
    ]
    if public:
        published_text = territory.publication.text
        table_list[1] = table_list[1].without("owner_id")
        table_list = [
            replace(
                each,
                rows=[[published_text(cell) if isinstance(cell, str) else cell for cell in row] for row in each.rows],
            )
            for each in table_list
        ]
    else:
        table_list.append(InventoryTable("issues", _ISSUES, _table_cells(records(inventory.issues), _ISSUES)))
    columns = ("table", "code", "title", "meaning")
    column_rows = [
        [TEXTS["sheets"][each.name], code, *TEXTS["columns"][code]] for each in table_list for code in each.codes
    ]
    return {each.name: each for each in (*table_list, InventoryTable("dictionary", columns, column_rows))}


def _table_cells(rows: Iterable[Row], codes: Sequence[str]) -> list[list[Cell]]:
    return [[_table_cell(row[code]) for code in codes] for row in rows]


def _table_cell(value: Any) -> Cell:
    """Return a value as files hold it: what nobody knows is nothing."""
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return None
    if isinstance(value, dt.date):
        return value.date() if isinstance(value, dt.datetime) else value
    return int(value) if float(value).is_integer() else round(float(value), 4)


# --- zones ----------------------------------------------------------------------------------------------------------


def french_percent(share: float) -> str:
    """Return a ratio as a French reader reads it, to a tenth.

    >>> french_percent(0.2222), french_percent(0.0)
    ('22,2\u202f%', '0\u202f%')
    """
    return f"{100 * share:.1f}".removesuffix(".0").replace(".", ",") + "\u202f%"


def bounds_in_words(low: float, high: float) -> str:
    """Return two bounds in words; equal ones are one number."""
    if np.isnan(low) and np.isnan(high):
        return str(TEXTS["nothing"])
    first, last = french_percent(low), french_percent(high)
    return first if first == last else str(TEXTS["between"]).format(low=first, high=last)


def french_day(date: dt.date) -> str:
    """Return a day as a French reader reads it.

    >>> french_day(dt.date(2026, 1, 1))
    '01/01/2026'
    """
    return f"{date:%d/%m/%Y}"


def _zone_rows(inventory: Inventory) -> Iterator[Row]:
    sites = {row["site_id"]: row for row in records(inventory.sites.drop(columns="geometry"))}
    surface_by_site = {row["site_id"]: row for row in records(inventory.surfaces)}
    premises_by_site = {row["site_id"]: row for row in records(inventory.premises)}
    shares: dict[str, list[str]] = {}
    for row in _surface_rows(inventory, {}):
        base = f"{french_percent(row['share_low_pct'] / 100)} de {to_ha(row['base_m2']):.4g}".replace(".", ",")
        shares.setdefault(row["site_id"], []).append(f"{base} ha ({row['area_kind']})")
    period = inventory.period
    for rate in records(inventory.rates):
        site = sites.get(rate["site_id"], {"site_name": TEXTS["rate"], "site_state": "", "measured_m2": np.nan})
        surface, floors = surface_by_site.get(rate["site_id"], {}), premises_by_site.get(rate["site_id"], {})
        yield {
            **rate,
            "site_name": site["site_name"],
            "site_state": site["site_state"],
            "rate_text": rate_text(rate),
            "vacancy_low_pct": 100 * rate["vacancy_low"],
            "vacancy_high_pct": 100 * rate["vacancy_high"],
            "formula": TEXTS["formula"],
            "article": TEXTS["article"],
            "period_begin": period.begin,
            "period_end": period.end,
            "next_due": period.next_due,
            "covered_share_pct": 100 * rate["covered_share"],
            "ground_ha": to_ha(site["measured_m2"]),
            **{
                f"{name}_text": bounds_in_words(*(each.get(f"{name}_{bound}", np.nan) for bound in ("low", "high")))
                for name, each in (
                    ("surface_vacancy", surface),
                    ("premises_vacancy", floors),
                    ("floor_vacancy", floors),
                )
            },
            "note": _rate_note(rate, shares.get(rate["site_id"], [])),
        }


def rate_text(rate: Row) -> str:
    """Return the rate in words, or why there is none."""
    return (
        str(TEXTS["no_data"][rate["no_rate"]])
        if rate["no_rate"]
        else bounds_in_words(rate["vacancy_low"], rate["vacancy_high"])
    )


def _rate_note(rate: Row, shares: Sequence[str]) -> str:
    """Say what a reader of the rate should know, and beside it how much of the ground is held."""
    is_one_unit = rate["no_rate"] == NoRate.NO_SHAPE and rate["tenanted"] == Answer.YES
    notes = [TEXTS["other_site"]] * (rate["zone"] == Answer.NO) + [TEXTS["one_unit"]] * is_one_unit
    if rate["in_several"]:
        notes.append(TEXTS["in_several" if rate["site_id"] else "in_several_whole"].format(n=rate["in_several"]))
    if shares:
        notes.append(TEXTS["held"].format(shares=", ".join(shares)))
    return " ; ".join(notes)


def _surface_rows(inventory: Inventory, names: Mapping[str, str]) -> Iterator[Row]:
    """Yield the area that occupants in place hold over each area that somebody published for a site."""
    for site, base, figure in inventory.shares:
        yield {
            "site_id": site,
            "site_name": names.get(site, ""),
            "base_m2": base.m2,
            "area_kind": TEXTS["words"][base.area_kind],
            "share_low_pct": 100 * (figure.low or 0.0),
            "source_id": "|".join(figure.sources),
        }


# --- land units and occupants ---------------------------------------------------------------------------------------


def _unit_rows(
    inventory: Inventory, names: Mapping[str, str], owners: Mapping[str, str], presences: Iterable[Row], *, public: bool
) -> Iterator[Row]:
    occupants_by_unit: dict[str, list[str]] = {}
    for row in presences:
        if row["in_period"] != Answer.NO:
            natural = row["establishment_kind"] == OwnerKind.NATURAL
            occupant_name = row["occupant"] or (SOLE_TRADER["fr"] if natural else TEXTS["not_named"])
            occupants_by_unit.setdefault(row["land_unit_id"], []).append(occupant_name)
    for unit in records(inventory.units.drop(columns="geometry")):
        yield {
            **unit,
            "site_name": names[unit["site_id"]],
            "measured_m2": round(unit["measured_m2"], 1),
            "owner_name": TEXTS["not_named"] if public else owners.get(unit["owner_id"], ""),
            "owner_kind": _owner_kind_word(unit["owner_kind"]),
            "occupants": "|".join(dict.fromkeys(occupants_by_unit.get(unit["land_unit_id"], []))),
            "status": TEXTS["words"][unit["status"]],
            "reason_text": TEXTS["reasons"][unit["reason"]],
        }


def _public_presence(row: Row) -> Row:
    """Leave of an occupant what the public edition may say: all of a body, next to nothing of anybody else."""
    if row["establishment_kind"] == OwnerKind.LEGAL:
        return row
    return {name: value if name in _OF_ANYBODY else "" for name, value in row.items()}


def _presence_in_words(row: Row) -> Row:
    phase = TEXTS["words"][row["phase"]] if row["phase"] else ""
    return {**row, "establishment_kind": _owner_kind_word(row["establishment_kind"]), "phase": phase}


def _owner_kind_word(kind: str) -> str:
    return str(TEXTS["words"]["unknown_kind" if kind == OwnerKind.UNKNOWN else kind])


# --- what stands above ----------------------------------------------------------------------------------------------


def inventory_summary_lines(inventory: Inventory, territory: Stated, edition: Edition) -> list[str]:
    """Return what stands above the tables: rate, formula, article, period, what is due; assumptions and sources."""
    period, territory_rate = inventory.period, records(inventory.rates)[-1]
    unnamed = int((territory.sites["stand_in"] == Answer.YES).sum())
    lines = [
        f"{TEXTS['rate']} : {rate_text(territory_rate)} = {TEXTS['formula']} ({TEXTS['article']})",
        TEXTS["scope"].format(known=territory_rate["sites_known"], all=territory_rate["sites"], unnamed=unnamed),
        TEXTS["reference"].format(
            end=french_day(period.end), begin=french_day(period.begin), last=french_day(period.last)
        ),
        TEXTS["due"].format(due=french_day(period.next_due)),
        TEXTS["both"],
        TEXTS["inverted"],
        _edges_text(territory_rate),
        *(
            [TEXTS["in_several_whole"].format(n=territory_rate["in_several"]).capitalize() + "."]
            if territory_rate["in_several"]
            else []
        ),
        *([TEXTS["fictional"]] if territory.settings.get("fictional") else []),
        TEXTS["issues_title"].format(n=len(inventory.issues)),
        f"{TEXTS['assumptions_title']} :",
        *(f"• {each.fr}" for each in (*measure.ASSUMPTIONS, *occupancy_evidence.ASSUMPTIONS)),
        *dict.fromkeys(f"• {each.rule.fr}" for layer, each in territory.resting if layer in READ),
        *([f"• {TEXTS['assumptions']['persons_not_named']}"] if edition is Edition.PUBLIC else []),
        f"{TEXTS['sources_title']} :",
        *(
            f"• {source.credit}"
            for key, source in sorted(territory.sources.items())
            if key in _inventory_source_ids(inventory)
        ),
    ]
    return list(map(territory.publication.text, lines)) if edition is Edition.PUBLIC else lines


def _edges_text(whole: Row) -> str:
    """Say from when on a parcel belongs to a zone, and how many land units there would be without this rule."""
    rule = TEXTS["belonging"].format(share=french_percent(BELONGING.least_share), width=f"{BELONGING.least_width_m:g}")
    if whole["no_rate"] or not whole["edges"]:
        return str(rule) + " " + str(TEXTS["no_edges"])
    pairs = ((whole[f"{name}_low"], whole[f"{name}_high"]) for name in ("units", "every"))
    units, every_unit_text = (
        TEXTS["between"].format(low=f"{a:g}", high=f"{b:g}") if a != b else f"{a:g}" for a, b in pairs
    )
    return f"{rule} {TEXTS['edges'].format(edges=whole['edges'], units=units, every=every_unit_text)}"


def _inventory_source_ids(inventory: Inventory) -> set[str]:
    rows = (inventory.sites, inventory.units, inventory.presences)
    return {key for layer in rows for keys in layer["source_id"] for key in keys.split("|")}
