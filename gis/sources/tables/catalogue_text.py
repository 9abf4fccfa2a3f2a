"""Changes or removes a table in the text of `sources.toml` or of a mapping; the rest of the text is kept unchanged."""

import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from gis.errors import Fault, SchemaError


def text_without_entry(text: str, source_id: str, place: str) -> str:
    """Return the text without one entry.

    Raises
    ------
    SchemaError
        If it is written in a way that only a person can take apart.
    """
    wanted_tables = {key: entry for key, entry in tomllib.loads(text).items() if key != source_id}
    remaining_text = _changed_text(text, lambda document: document.remove(source_id), wanted_tables, place)
    return _checked_text(re.sub(r"\n{3,}", "\n\n", remaining_text).rstrip() + "\n", wanted_tables, place)


def text_with_values(text: str, source_id: str, values: Mapping[str, str | bool], place: str) -> str:
    """Return the text with some values of one entry written anew; an empty one is taken out, a new one stands first.

    Without a `source_id` they are those that stand above all entries.

    Raises
    ------
    SchemaError
        If it is written in a way that only a person can take apart.
    """
    parsed = tomllib.loads(text)
    entry_before = parsed[source_id] if source_id else parsed
    filled_values = {name: value for name, value in values.items() if value}
    new_values = {name: value for name, value in filled_values.items() if name not in entry_before}
    changed_entry = {**{name: value for name, value in entry_before.items() if name not in values}, **filled_values}

    def change_entry(document: tomlkit.TOMLDocument) -> None:
        entry: Any = document[source_id] if source_id else document
        for name in values.keys() & entry_before.keys():
            if name in filled_values:
                entry[name] = filled_values[name]
            else:
                del entry[name]
        if isinstance(entry, Table):
            entry.trivia.trail += tomlkit.dumps(new_values)  # right below its heading
        elif source_id:
            entry.update(new_values)

    wanted_document = {**parsed, source_id: changed_entry} if source_id else changed_entry
    head_text = tomlkit.dumps(new_values) if not source_id else ""
    return _changed_text(text, change_entry, wanted_document, place, head_text)


def text_with_table(text: str, name: str, values: Mapping[str, str], place: str) -> str:
    """Return the text with the values of one table in the place of those that it holds.

    Raises
    ------
    SchemaError
        If it is written in a way that only a person can take apart.
    """
    parsed = tomllib.loads(text)

    def change_table(document: tomlkit.TOMLDocument) -> None:
        table: Any = document[name]
        for key in parsed[name].keys() - values.keys():
            table.remove(key)
        table.update(values)

    return _changed_text(text, change_table, {**parsed, name: dict(values)}, place)


def _changed_text(
    text: str, change: Callable[[tomlkit.TOMLDocument], object], wanted: object, place: str, above: str = ""
) -> str:
    """Change a text, and see that it says what is wanted and nothing else."""
    try:
        document = tomlkit.parse(text.replace("\r\n", "\n"))
        change(document)
        return _checked_text(above + tomlkit.dumps(document), wanted, place)
    except TOMLKitError:
        raise _by_hand_error(place) from None


def _checked_text(text: str, wanted: object, place: str) -> str:
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        parsed = None
    if parsed != wanted:
        raise _by_hand_error(place)
    return text if text.endswith("\n") else f"{text}\n"


def _by_hand_error(place: str) -> SchemaError:
    fault = Fault("", "is not written as one table for each source.", "Change the entry by hand.")
    return SchemaError.of(place, [fault])
