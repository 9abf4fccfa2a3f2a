"""Best-effort list of the persons in a territory folder with invalid tables, to redact its error message."""

import csv
import io
from pathlib import Path

import pandas as pd

from gis.public import Persons
from gis.schemas import OwnerKind


def persons_in_folder(folder: Path) -> Persons:
    """Read who is not to be named in a message; whoever is not said to be a body is taken for a person.

    It never fails: what cannot be read names nobody.
    """
    owners, firms, tenancies, parcels = (
        _raw_rows(folder / f"{name}.csv") for name in ("owners", "establishments", "tenancies", "parcels")
    )
    legal_ids = {row.get("owner_id", "") for row in owners if row.get("owner_kind") == OwnerKind.LEGAL}
    unlisted_owners = {row.get("owner_id", "") for row in parcels} - legal_ids - {""}
    owner_rows = [(row.get("owner_id", ""), row.get("owner_kind", ""), row.get("owner_name", "")) for row in owners]
    owner_rows += [(key, OwnerKind.UNKNOWN.value, key) for key in sorted(unlisted_owners)]
    natural_ids = {
        row.get("establishment_id", "")
        for row in firms
        if row.get("establishment_kind", "") not in {"", OwnerKind.LEGAL, OwnerKind.UNKNOWN}
    }
    rows_of_natural = [row for row in (*firms, *tenancies) if row.get("establishment_id", "") in natural_ids]
    names = {row.get(column, "") for row in rows_of_natural for column in ("establishment_name", "occupant")}
    keys = {row.get(column, "") for row in rows_of_natural for column in ("establishment_id", "siret", "tenancy_id")}
    frame = pd.DataFrame(owner_rows, columns=["owner_id", "owner_kind", "owner_name"])
    return Persons(frame, names - {""}, keys - {""})


def _raw_rows(file: Path) -> list[dict[str, str]]:
    """Return the rows of a table, whatever is wrong with it."""
    try:
        text = file.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError:
        return []
    first_line = text.partition("\n")[0]
    cells = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if first_line.count(";") > first_line.count(",") else ","
    )
    try:
        header, *rows = [[cell.strip() for cell in row] for row in cells] or [[]]
    except csv.Error:
        return []
    return [dict(zip(header, row, strict=False)) for row in rows]
