"""The stored account of a user's file, `raw/FILE.account.toml`: what became of each row, written by `gis import`.

It is separate from the mapping, which people edit, and from the catalogue, where several files may share a source. A
folder without it is read as usual; a build reports where a stored account differs from the current one.
"""

import tomllib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
import tomlkit

from gis.schemas import KEYS
from gis.sources.own_files.mapped import FileLayer
from gis.sources.tables.accounts import Account, Reason

_SUFFIX: Final = ".account.toml"
_HEAD: Final = (
    "What became of every row, cell and hectare of {} when it was imported. `gis build` says what is different."
)

#: Tolerance between two accounts in hectares: they are written to the square metre.
_SAME_HA: Final = 0.0002


@dataclass(frozen=True, slots=True)
class FileAccount:
    """What became of the rows of one table of a file, read as one layer."""

    file: str
    layer: str
    place: str
    account: Account

    def __str__(self) -> str:
        return f"{self.place} → {self.layer}: {self.account}"

    def table(self) -> dict[str, Any]:
        """Return the account as a table of a TOML file."""
        return {"layer": self.layer, "place": self.place, **self.account.record()}


def account_file(file: Path) -> Path:
    """Return the path of the account of a file."""
    return file.with_name(file.name + _SUFFIX)


def read_kept_tables(file: Path) -> list[dict[str, Any]] | None:
    """Return the stored account of a file, table by table, or None if there is none that can be read."""
    try:
        kept_tables = tomllib.loads(account_file(file).read_text(encoding="utf-8")).get("table", [])
    except (OSError, ValueError):
        return None
    return [each for each in kept_tables if isinstance(each, dict)] if isinstance(kept_tables, list) else None


def kept_account_text(file: Path, accounts: Iterable[FileAccount], *, afresh: bool = False) -> str:
    """Return the text of a file's account: new tables next to the stored ones, or only the new ones if `afresh`."""
    new_tables = [each.table() for each in accounts]
    names = {(each["layer"], each["place"]) for each in new_tables}
    old_tables = [
        each
        for each in (not afresh and read_kept_tables(file)) or []
        if (each.get("layer"), each.get("place")) not in names
    ]
    tables = sorted([*old_tables, *new_tables], key=lambda each: (str(each.get("layer")), str(each.get("place"))))
    return _account_file_text(file, tables)


def kept_text_without_tables(file: Path, gone: Container[tuple[str, str]]) -> str | None:
    """Return the stored account of a file without some tables (layer, place), or None if there is none."""
    kept_tables = read_kept_tables(file)
    if kept_tables is None:
        return None
    tables_kept = [each for each in kept_tables if (each.get("layer"), each.get("place")) not in gone]
    return _account_file_text(file, tables_kept)


def _account_file_text(file: Path, tables: Iterable[Mapping[str, Any]]) -> str:
    """Return the text of a file's tables: for each, its texts, then its counts."""
    text, listed = tomlkit.document(), tomlkit.aot()
    for table in tables:
        texts = {name: value for name, value in table.items() if isinstance(value, str)}
        counts = {name: _count_values(value) for name, value in table.items() if isinstance(value, dict)}
        listed.append(tomlkit.item({**texts, **counts}))
    text.add(tomlkit.comment(_HEAD.format(file.name)))
    if listed:
        text.add(tomlkit.nl())
        text.add("table", listed)
    return tomlkit.dumps(text)


def _count_values(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {why: count for why, count in counts.items() if isinstance(count, int | float)}


def differing_accounts(raw: Path, accounts: Sequence[FileAccount]) -> list[FileAccount]:
    """Return the accounts that differ from those stored with their files; files without one are ignored."""
    accounts_changed = []
    for name in dict.fromkeys(each.file for each in accounts):
        kept_tables = read_kept_tables(raw / name) if name else None
        if kept_tables is not None:
            accounts_changed += [
                each
                for each in accounts
                if each.file == name
                and not any(_is_same_account(each.table(), kept_table) for kept_table in kept_tables)
            ]
    return accounts_changed


def _is_same_account(new: dict[str, Any], old: dict[str, Any]) -> bool:
    if {**new, "hectares": None} != {**old, "hectares": None}:
        return False
    new_hectares, old_hectares = new["hectares"], old.get("hectares")
    if not isinstance(old_hectares, dict) or not all(isinstance(size, int | float) for size in old_hectares.values()):
        return False
    return all(
        abs(new_hectares.get(why, 0.0) - old_hectares.get(why, 0.0)) <= _SAME_HA
        for why in {*new_hectares, *old_hectares}
    )


def account_of_file_layer(
    found: FileLayer, left: Sequence[tuple[str, str, Reason]] = (), unnamed: int = 0
) -> FileAccount:
    """Return what became of the rows of a file, including those that a layer leaves out because of a reference.

    `unnamed` is the number of cells in the other rows that reference no existing row; they are counted as unknown.
    """
    account = found.account
    reason_of_key = {key: why for place, key, why in left if place == found.place}
    if reason_of_key:
        names = found.frame[KEYS[found.layer]].tolist()
        sizes = shapely.area(found.frame.geometry.to_numpy()) if "geometry" in found.frame else np.zeros(len(names))
        for key, m2 in zip(names, np.nan_to_num(sizes).tolist(), strict=True):
            if why := reason_of_key.get(key):
                note, cells = found.cells[key]
                account = account.moved(note, why, cells, m2)
    return FileAccount(found.file, found.layer, found.place, account.unread(unnamed))
