"""Writes the statutory inventory for the consultation of owners and occupants: a workbook, CSV files, a GeoPackage.

There are two editions, each in its own folder and marked in every file and on every sheet: `public` without personal
data, and `internal` with personal data and a workbook that has a sheet for each owner. The files are in French, the
language of the consultation; columns keep the names of the layers, beside their French titles.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from gis import spreadsheets
from gis.measures.inventory import Inventory
from gis.public import Edition
from gis.schemas import Answer, records
from gis.store.folder import write_folder
from gis.store.geopackage import write_geopackage
from gis.store.inventory_tables import TEXTS, InventoryTable, Stated, edition_tables, inventory_summary_lines
from gis.store.workbook import Cell, WorkbookSheet, write_workbook

#: What the first sheet says of each zone.
_SUMMARY: Final = (
    *("site_name", "rate_text", "formula", "article", "units_low", "units_high", "vacant_low", "vacant_high"),
    *("surface_vacancy_text", "premises_vacancy_text", "note"),
)
#: Sheets of one workbook of the consultation.
OWNERS_A_WORKBOOK: Final = 250


def write_inventory(inventory: Inventory, territory: Stated, folder: Path) -> list[Path]:
    """Write both editions of an inventory to a folder.

    Parameters
    ----------
    inventory
        What was drawn up.
    territory
        Names, owners and sources of it.
    folder
        Written aside first; a folder that this function wrote before is replaced as a whole.

    Returns
    -------
    files
        Every file, in order.

    Raises
    ------
    RenderError
        If the folder holds anything else, or cannot be written: it is untouched then.
    """
    return write_folder(folder, partial(_write_editions, inventory, territory))


def _write_editions(inventory: Inventory, territory: Stated, folder: Path) -> None:
    for edition in Edition:
        edition_folder = folder / edition
        edition_folder.mkdir()
        stem = f"inventaire-{inventory.period.end.year}-{TEXTS['edition_word'][edition]}"
        tables_by_name = edition_tables(inventory, territory, edition)
        _write_csv_tables(tables_by_name.values(), edition_folder, stem, edition)
        _write_main_workbook(inventory, territory, tables_by_name, edition_folder / f"{stem}.xlsx", edition)
        layers = _layers_of_tables(inventory, tables_by_name, edition)
        write_geopackage(layers, edition_folder / f"{stem}.gpkg", edition=inventory.period.end)
        if edition is Edition.INTERNAL:
            _write_consultation_books(inventory, territory, tables_by_name, edition_folder, stem)


# --- CSV ------------------------------------------------------------------------------------------------------------


def _write_csv_tables(found: Iterable[InventoryTable], folder: Path, stem: str, edition: Edition) -> None:
    """Write each table that has rows, with the edition in its first column."""
    for table in found:
        if table.rows:
            word = TEXTS["edition_word"][edition]
            rows = [["edition", *table.codes], *([word, *row] for row in table.rows)]
            text = french_csv_text(rows)
            (folder / f"{stem}-{TEXTS['files'][table.name]}.csv").write_text(text, encoding="utf-8-sig", newline="")


def french_csv_text(rows: Sequence[Sequence[Cell]]) -> str:
    r"""Write rows as French Excel reads them: semicolons, decimal commas; no text can be a formula.

    >>> french_csv_text([["a", 1.5, None, "=1+1", "x;y"]])
    'a;1,5;;\'=1+1;"x;y"\r\n'
    """
    french_rows = ([_csv_number(cell) if isinstance(cell, float) else cell for cell in row] for row in rows)
    return spreadsheets.csv_text(french_rows, delimiter=";", line_end="\r\n")


def _csv_number(number: float) -> spreadsheets.Plain:
    return spreadsheets.Plain(f"{number:.6f}".rstrip("0").rstrip(".").replace(".", ","))


# --- workbooks ------------------------------------------------------------------------------------------------------


def _write_main_workbook(
    inventory: Inventory, territory: Stated, found: Mapping[str, InventoryTable], file: Path, edition: Edition
) -> None:
    name = territory.publication.text(territory.name) if edition is Edition.PUBLIC else territory.name
    mark, title = TEXTS["edition"][edition], f"{TEXTS['title']} : {name}"
    summary_table = found["zones"].only(*_SUMMARY)
    summary_sheet = WorkbookSheet(
        TEXTS["sheets"]["summary"],
        mark,
        title,
        inventory_summary_lines(inventory, territory, edition),
        summary_table.head,
        summary_table.rows,
    )
    table_sheets = [
        WorkbookSheet(
            TEXTS["sheets"][table.name], mark, f"{title} — {TEXTS['sheets'][table.name]}", (), table.head, table.rows
        )
        for table in found.values()
    ]
    write_workbook([summary_sheet, *table_sheets], file, title=f"{title} — {mark}", edition=inventory.period.end)


def _write_consultation_books(
    inventory: Inventory, territory: Stated, found: Mapping[str, InventoryTable], folder: Path, stem: str
) -> None:
    """Write a sheet for each owner of ground in a zone, after a sheet that lists them."""
    mark = TEXTS["edition"][Edition.INTERNAL]
    zones = {row["site_id"]: row["zone"] == Answer.YES for row in records(inventory.rates)}
    table = found["land_units"]
    column_index = {code: n for n, code in enumerate(table.codes)}
    by_owner: dict[tuple[str, str], list[int]] = {}
    for n, row in enumerate(table.rows):
        if row[column_index["owner_id"]] and zones[str(row[column_index["site_id"]])]:
            by_owner.setdefault((str(row[column_index["owner_name"]]), str(row[column_index["owner_id"]])), []).append(
                n
            )
    owners = sorted(by_owner)
    units_table = table.without("owner_id", "reason", "site_id")
    for volume, start in enumerate(range(0, len(owners), OWNERS_A_WORKBOOK), 1):
        volume_owners = owners[start : start + OWNERS_A_WORKBOOK]
        owners_table = InventoryTable(
            "owners", ("owner_name", "owner_id", "units"), [[*key, len(by_owner[key])] for key in volume_owners]
        )
        heading_lines = [
            TEXTS["consultation"],
            TEXTS["consultation_text"],
            *inventory_summary_lines(inventory, territory, Edition.INTERNAL)[:6],
        ]
        index = WorkbookSheet(
            TEXTS["sheets"]["owners"], mark, TEXTS["consultation"], (), owners_table.head, owners_table.rows
        )
        sheets = []
        for name, key in volume_owners:
            rows = [[*units_table.rows[n], None] for n in by_owner[name, key]]
            head = [*units_table.head, ("observations", "")]
            sheets.append(WorkbookSheet(name, mark, name, heading_lines, head, rows))
        file = folder / f"{stem}-consultation-{volume:02d}.xlsx"
        title = f"{TEXTS['consultation']} — {territory.name} — {mark}"
        write_workbook([index, *sheets], file, title=title, edition=inventory.period.end)


# --- GeoPackage -----------------------------------------------------------------------------------------------------


def _layers_of_tables(
    inventory: Inventory, found: Mapping[str, InventoryTable], edition: Edition
) -> dict[str, pd.DataFrame]:
    """Return the tables as layers, the zones and the land units with their shapes."""
    shapes = {
        "zones": (inventory.sites["site_id"], inventory.sites.geometry),
        "land_units": (inventory.units["land_unit_id"], inventory.units.geometry),
    }
    layers: dict[str, pd.DataFrame] = {}
    for name, table in found.items():
        frame = table.frame().assign(edition=TEXTS["edition_word"][edition])
        if name in shapes and len(frame):
            keys, geometry = shapes[name]
            key = "site_id" if name == "zones" else "land_unit_id"
            by_key = pd.Series(geometry.to_numpy(), index=keys.to_numpy(), dtype=object).reindex(frame[key])
            ordered_shapes = gpd.GeoSeries(by_key.to_numpy(), index=frame.index, crs=geometry.crs)
            layers["sites" if name == "zones" else name] = gpd.GeoDataFrame(frame, geometry=ordered_shapes)
        elif len(frame):
            layers[name] = frame
    return layers
