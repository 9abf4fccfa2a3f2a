"""The account of a file: each input row, cell and square metre is used, merged, passed over or refused.

`Account.check` verifies the sum and reports each difference: no part of a file is lost without a report.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from gis.units import AREA_M2


class Fate(StrEnum):
    """What becomes of a row, a cell or a piece of ground; each has exactly one."""

    USED = "used"
    MERGED = "merged"
    PASSED_OVER = "passed over"
    REFUSED = "refused"


#: Rows of a sheet that are none of its table: leaving them out loses nothing.
BESIDE: Final = {"total": "total", "above": "above the header", "footnote": "footnote"}

#: Fate and reason; used without anything to say has no reason.
Reason = tuple[Fate, str]

#: Reasons that many rows share, in the words of the sum.
ONE_KEY: Final = "one key"
NO_KEY: Final = "no key"
NO_COMMUNE: Final = "no commune said"
UNKNOWN_CODE: Final = "no known code of a commune"
OTHER_COMMUNE: Final = "commune "
POSTAL: Final = "postal code, no commune"
OTHER_GROUND: Final = "ground outside the communes"
UNREAD: Final = "read as unknown"
DIFFERS: Final = "differs from the first row of its key"
OVERLAP: Final = "covered twice under one key"
MOVED: Final = "moved by mending"
NAMES_NONE: Final = "names no row of {}"
NAMES_OTHER: Final = "names one of {} of another commune"
LEFT_SHAPE: Final = "shape left out"

#: Reasons of publishers' files.
FAR: Final = "away from the sites"
NOT_OF_A_SITE: Final = "in no site"
KNOWN_HERE: Final = "known from the folder"

_UNREAD_CELL: Final[Reason] = (Fate.REFUSED, UNREAD)

#: Most square metres that a sum of areas may be off: floating noise.
_NOISE: Final = 1e-6

#: Most communes that a line names.
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Account:
    """The rows, filled cells and square metres that a file brings, and how many of each met which fate and why.

    Cells are those of the columns that are read, in the rows that are read cell by cell. Ground is that of the shapes
    that can be measured in the zone; what mending moved may be less than nothing.

    Examples
    --------
    >>> one = Account(2, 4, 0.0, {(Fate.USED, ""): 1, (Fate.REFUSED, NO_KEY): 1}, {(Fate.USED, ""): 4})
    >>> str(one + one)
    '4 rows: 2 used, 0 merged, 0 passed over, 2 refused (no key); 8 cells: 8 used; no ground'
    >>> one.check()
    ''
    """

    rows_in: int = 0
    cells_in: int = 0
    m2_in: float = 0.0
    rows: Mapping[Reason, int] = field(default_factory=dict)
    cells: Mapping[Reason, int] = field(default_factory=dict)
    m2: Mapping[Reason, float] = field(default_factory=dict)

    def __add__(self, other: "Account") -> "Account":
        return Account(
            self.rows_in + other.rows_in,
            self.cells_in + other.cells_in,
            self.m2_in + other.m2_in,
            _sum_of_counts(self.rows, other.rows),
            _sum_of_counts(self.cells, other.cells),
            _sum_of_counts(self.m2, other.m2),
        )

    def __str__(self) -> str:
        return self.told()

    def told(self, *, ground: bool = True) -> str:
        """Write it in one line; without the ground where that of several layers would be added up."""
        rows = self.rows_told
        if not (self.cells_in or self.m2_in or self.cells or self.m2):
            return rows
        unread_count = self.cells.get(_UNREAD_CELL, 0)
        read_cells = {key: count for key, count in self.cells.items() if key != _UNREAD_CELL}
        parts = [(fate, _count_of_fate(read_cells, fate)) for fate in Fate]
        cells = [_fate_text(f"{count:,}", fate, read_cells) for fate, count in parts if count or fate is Fate.USED]
        cells += [f"{unread_count:,} unknown"] if unread_count else []
        rows_and_cells = f"{rows}; {_count_text(self.cells_in, 'cell')}: {', '.join(cells)}"
        sizes = ", ".join(
            _fate_text(_hectares_text(_count_of_fate(self.m2, fate)), fate, self.m2, _hectares_text)
            for fate in Fate
            if _has_fate(self.m2, fate)
        )
        return (
            f"{rows_and_cells}; {f'{_hectares_text(self.m2_in)} ha: {sizes}' if sizes else 'no ground'}"
            if ground
            else rows_and_cells
        )

    @property
    def rows_told(self) -> str:
        """What became of the rows, in one line."""
        rows = ", ".join(_fate_text(f"{self.count(fate):,}", fate, self.rows) for fate in Fate)
        return f"{_count_text(self.rows_in, 'row')}: {rows}"

    def count(self, fate: Fate) -> int:
        """Return how many rows met a fate."""
        return int(_count_of_fate(self.rows, fate))

    @property
    def is_mostly_left(self) -> bool:
        """Whether nothing is used of the rows, or more are passed over and refused than not; totals are no rows."""
        rows_beside = sum(self.rows.get((Fate.REFUSED, why), 0) for why in BESIDE.values())
        rows_left = self.count(Fate.PASSED_OVER) + self.count(Fate.REFUSED) - rows_beside
        return self.count(Fate.USED) == 0 or rows_left * 2 > self.rows_in - rows_beside

    def moved(self, note: str, to: Reason, cells: int, m2: float) -> "Account":
        """Return it with one used row, that has such a note, gone to another fate with its cells and its ground."""
        used_reason = (Fate.USED, note)
        correction = Account(
            rows={used_reason: -1, to: 1},
            cells={(Fate.USED, ""): -cells, to: cells} if cells else {},
            m2={(Fate.USED, ""): -m2, to: m2} if m2 else {},
        )
        return self + correction

    def unread(self, cells: int) -> "Account":
        """Return it with so many cells that were read unknown after all."""
        return self + Account(cells={(Fate.USED, ""): -cells, _UNREAD_CELL: cells}) if cells else self

    def check(self) -> str:
        """Say which sum does not hold; nothing where all do."""
        sums = (
            ("rows", self.rows_in, sum(self.rows.values())),
            ("cells", self.cells_in, sum(self.cells.values())),
            ("m2", self.m2_in, sum(self.m2.values())),
        )
        tolerance = _NOISE * max(1.0, abs(self.m2_in), *map(abs, self.m2.values()))
        differences = [
            (name, came, told) for name, came, told in sums if abs(came - told) > (tolerance if name == "m2" else 0)
        ]
        return "; ".join(f"{name}: {came} came and {told} are told" for name, came, told in differences)

    def record(self) -> dict[str, dict[str, Any]]:
        """Return it as tables of a TOML file, hectares to the square metre."""
        return {
            "rows": {"in": self.rows_in, **_counts_by_name(self.rows)},
            "cells": {"in": self.cells_in, **_counts_by_name(self.cells)},
            "hectares": {
                "in": _rounded_hectares(self.m2_in),
                **{name: _rounded_hectares(size) for name, size in _counts_by_name(self.m2).items()},
            },
        }


class Ledger:
    """An account as it is being drawn up: all is written down once as it comes, once as it ends."""

    def __init__(self) -> None:
        self.rows_in = self.cells_in = 0
        self.m2_in = 0.0
        self._rows: Counter[Reason] = Counter()
        self._cells: Counter[Reason] = Counter()
        self._m2: dict[Reason, float] = {}

    def row(self, fate: Fate, why: str = "", count: int = 1) -> None:
        """Say what became of a row, or of several."""
        self._rows[fate, why] += count

    def rows(self, told: Iterable[tuple[Fate, str, int]]) -> None:
        """Say what became of many rows; of none, nothing."""
        for fate, why, count in told:
            if count:
                self.row(fate, why, count)

    def cells(self, fate: Fate, why: str, count: int) -> None:
        """Say what became of cells."""
        if count:
            self._cells[fate, why] += count

    def ground(self, fate: Fate, why: str, m2: float) -> None:
        """Say what became of ground."""
        if m2:
            self._m2[fate, why] = self._m2.get((fate, why), 0.0) + m2

    def closed(self) -> Account:
        """Return the account.

        Raises
        ------
        ArithmeticError
            If something came of which nothing became: a fault of ours, never of a file.
        """
        account = Account(self.rows_in, self.cells_in, self.m2_in, dict(self._rows), dict(self._cells), dict(self._m2))
        if fault_text := account.check():
            raise ArithmeticError(fault_text)
        return account


def other_commune_codes(account: Account) -> set[str]:
    """Return the codes of the communes whose rows are passed over."""
    return {why.removeprefix(OTHER_COMMUNE) for _, why in account.rows if why.startswith(OTHER_COMMUNE)}


def total_account(accounts: Iterable[Account]) -> Account:
    """Add accounts up."""
    return sum(accounts, Account())


def _sum_of_counts(one: Mapping[Reason, Any], other: Mapping[Reason, Any]) -> dict[Reason, Any]:
    return {key: count for key in {**one, **other} if (count := one.get(key, 0) + other.get(key, 0))}


def _count_of_fate(parts: Mapping[Reason, Any], fate: Fate) -> Any:
    return sum(count for (ended, _), count in parts.items() if ended is fate)


def _has_fate(parts: Mapping[Reason, Any], fate: Fate) -> bool:
    return any(ended is fate and count for (ended, _), count in parts.items())


def _counts_by_name(parts: Mapping[Reason, Any]) -> dict[str, Any]:
    order = [*Fate]
    keys = sorted(parts, key=lambda key: (order.index(key[0]), key[1]))
    return {f"{fate}: {why}" if why else fate.value: parts[fate, why] for fate, why in keys}


def _fate_text(total: str, fate: Fate, parts: Mapping[Reason, Any], shown: Callable[[Any], str] = str) -> str:
    """Say how many met a fate, and for which reasons."""
    counted_reasons = sorted(
        (why, count) for (ended, why), count in parts.items() if ended is fate and why not in {"", ONE_KEY}
    )
    codes = [why.removeprefix(OTHER_COMMUNE) for why, _ in counted_reasons if why.startswith(OTHER_COMMUNE)]
    reasons = [(why, count) for why, count in counted_reasons if not why.startswith(OTHER_COMMUNE)]
    if codes:
        few_codes = ", ".join(codes[:_NAMED]) + (f" and {len(codes) - _NAMED} more" if len(codes) > _NAMED else "")
        others_text = f"other commune{'s' if len(codes) > 1 else ''} {few_codes}"
        reasons.insert(0, (others_text, sum(count for why, count in counted_reasons if why.startswith(OTHER_COMMUNE))))
    is_only_reason = len(reasons) == 1 and (reasons[0][1] == _count_of_fate(parts, fate))
    reason_texts = [why if is_only_reason else f"{why}: {shown(count)}" for why, count in reasons]
    return f"{total} {fate}" + (f" ({'; '.join(reason_texts)})" if reason_texts else "")


def _count_text(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _hectares_text(m2: float) -> str:
    """Write hectares: the smaller, the more digits, down to the square metre.

    >>> _hectares_text(312_000), _hectares_text(31_200), _hectares_text(120)
    ('31.2', '3.12', '0.0120')
    """
    hectares = m2 / AREA_M2["ha"]
    digits = next((digit_count for least, digit_count in _DIGITS if abs(hectares) >= least), 4)
    return f"{hectares:,.{digits}f}"


#: From how many hectares how many digits are written.
_DIGITS: Final = ((10.0, 1), (0.1, 2))


def _rounded_hectares(m2: float) -> float:
    return round(m2 / AREA_M2["ha"], 4) + 0.0
