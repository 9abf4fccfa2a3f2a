"""Texts, values and comments of TOML as tomlkit writes them, for files that a person reads and corrects."""

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.items import Item, Table


def toml_text(text: str) -> str:
    """Write a text between quotes, as TOML reads it back."""
    return tomlkit.item(text).as_string()


def noted_value(value: object, note: str = "") -> Item:
    """Return a value with a comment behind it.

    >>> print(tomlkit.dumps({"mend": noted_value(True, "of shapes")}).strip())
    mend = true  # of shapes
    """
    item = tomlkit.item(value)
    if note:
        item.comment(note)
        item.trivia.comment_ws = "  "
    return item


def toml_table(values: Mapping[str, Any]) -> Table:
    """Return a table of those values that say something, in their order; its heading stands even where none does."""
    table = tomlkit.table(is_super_table=False)
    for key, value in values.items():
        if value:
            table.add(key, value)
    return table


def comment_text(text: str, most: int = 90) -> str:
    """Return a text on one line, cut where it is long, for a comment."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= most else line[: most - 1] + "…"
