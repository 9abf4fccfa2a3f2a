"""What became of every row of a file of one's own, kept beside it: `raw/FILE.account.toml`, written by `gis import`.

It is no mapping, which people correct, nor in the catalogue, where several files may share a source. A folder without
it is read as any other; whoever builds is told where what it says is no longer so.
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

#: Most hectares that two accounts may be apart: they are written to the square metre.
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
        """Return it as a table of a TOML file."""
        return {"layer": self.layer, "place": self.place, **self.account.record()}


def account_file(file: Path) -> Path:
    """Return where the account of a file is kept."""
    return file.with_name(file.name + _SUFFIX)


def read_kept(file: Path) -> list[dict[str, Any]] | None:
    """Return what is kept of a file, table by table; None where nothing is, or nothing that can be read."""
    try:
        kept = tomllib.loads(account_file(file).read_text(encoding="utf-8")).get("table", [])
    except (OSError, ValueError):
        return None
    return [each for each in kept if isinstance(each, dict)] if isinstance(kept, list) else None


def kept_text(file: Path, accounts: Iterable[FileAccount], *, afresh: bool = False) -> str:
    """Write the account of a file, beside what is kept of its other tables, or `afresh`."""
    new = [each.table() for each in accounts]
    names = {(each["layer"], each["place"]) for each in new}
    old = [
        each for each in (not afresh and read_kept(file)) or [] if (each.get("layer"), each.get("place")) not in names
    ]
    tables = sorted([*old, *new], key=lambda each: (str(each.get("layer")), str(each.get("place"))))
    return _text(file, tables)


def without_tables(file: Path, gone: Container[tuple[str, str]]) -> str | None:
    """Return what is kept of a file but for some tables (layer, place); None where nothing is kept."""
    kept = read_kept(file)
    if kept is None:
        return None
    stay = [each for each in kept if (each.get("layer"), each.get("place")) not in gone]
    return _text(file, stay)


def _text(file: Path, tables: Iterable[Mapping[str, Any]]) -> str:
    """Write the tables of a file, each with its texts, and the counts below them."""
    text, listed = tomlkit.document(), tomlkit.aot()
    for table in tables:
        texts = {name: said for name, said in table.items() if isinstance(said, str)}
        counts = {name: _numbers(said) for name, said in table.items() if isinstance(said, dict)}
        listed.append(tomlkit.item({**texts, **counts}))
    text.add(tomlkit.comment(_HEAD.format(file.name)))
    if listed:
        text.add(tomlkit.nl())
        text.add("table", listed)
    return tomlkit.dumps(text)


def _numbers(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {why: count for why, count in counts.items() if isinstance(count, int | float)}


def differing(raw: Path, accounts: Sequence[FileAccount]) -> list[FileAccount]:
    """Return the accounts that are not those kept beside their files; nothing is said of files without one."""
    found = []
    for name in dict.fromkeys(each.file for each in accounts):
        kept = read_kept(raw / name) if name else None
        if kept is not None:
            found += [
                each for each in accounts if each.file == name and not any(_is_same(each.table(), old) for old in kept)
            ]
    return found


def _is_same(new: dict[str, Any], old: dict[str, Any]) -> bool:
    if {**new, "hectares": None} != {**old, "hectares": None}:
        return False
    one, other = new["hectares"], old.get("hectares")
    if not isinstance(other, dict) or not all(isinstance(size, int | float) for size in other.values()):
        return False
    return all(abs(one.get(why, 0.0) - other.get(why, 0.0)) <= _SAME_HA for why in {*one, *other})


def account_of(found: FileLayer, left: Sequence[tuple[str, str, Reason]] = (), unnamed: int = 0) -> FileAccount:
    """Return what became of the rows of a file, with those that a layer leaves out for what they name.

    `unnamed` cells of the others name nothing that there is, and are unknown.
    """
    account = found.account
    mine = {key: why for place, key, why in left if place == found.place}
    if mine:
        names = found.frame[KEYS[found.layer]].tolist()
        sizes = shapely.area(found.frame.geometry.to_numpy()) if "geometry" in found.frame else np.zeros(len(names))
        for key, m2 in zip(names, np.nan_to_num(sizes).tolist(), strict=True):
            if why := mine.get(key):
                note, cells = found.cells[key]
                account = account.moved(note, why, cells, m2)
    return FileAccount(found.file, found.layer, found.place, account.unread(unnamed))
