"""The text of `sources.toml`, or of a mapping, with a table changed or taken out, and all else as a person wrote it."""

import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from gis.errors import Fault, SchemaError


def without_entry(text: str, source_id: str, place: str) -> str:
    """Return the text without one entry.

    Raises
    ------
    SchemaError
        If it is written in a way that only a person can take apart.
    """
    wanted = {key: entry for key, entry in tomllib.loads(text).items() if key != source_id}
    kept = _changed(text, lambda document: document.remove(source_id), wanted, place)
    return _checked(re.sub(r"\n{3,}", "\n\n", kept).rstrip() + "\n", wanted, place)


def with_values(text: str, source_id: str, values: Mapping[str, str | bool], place: str) -> str:
    """Return the text with some values of one entry written anew; an empty one is taken out, a new one stands first.

    Without a `source_id` they are those that stand above all entries.

    Raises
    ------
    SchemaError
        If it is written in a way that only a person can take apart.
    """
    told = tomllib.loads(text)
    before = told[source_id] if source_id else told
    said = {name: value for name, value in values.items() if value}
    new = {name: value for name, value in said.items() if name not in before}
    changed = {**{name: value for name, value in before.items() if name not in values}, **said}

    def change(document: tomlkit.TOMLDocument) -> None:
        entry: Any = document[source_id] if source_id else document
        for name in values.keys() & before.keys():
            if name in said:
                entry[name] = said[name]
            else:
                del entry[name]
        if isinstance(entry, Table):
            entry.trivia.trail += tomlkit.dumps(new)  # right below its heading
        elif source_id:
            entry.update(new)

    wanted = {**told, source_id: changed} if source_id else changed
    above = tomlkit.dumps(new) if not source_id else ""
    return _changed(text, change, wanted, place, above)


def with_table(text: str, name: str, values: Mapping[str, str], place: str) -> str:
    """Return the text with the values of one table in the place of those that it holds.

    Raises
    ------
    SchemaError
        If it is written in a way that only a person can take apart.
    """
    before = tomllib.loads(text)

    def change(document: tomlkit.TOMLDocument) -> None:
        table: Any = document[name]
        for key in before[name].keys() - values.keys():
            table.remove(key)
        table.update(values)

    return _changed(text, change, {**before, name: dict(values)}, place)


def _changed(
    text: str, change: Callable[[tomlkit.TOMLDocument], object], wanted: object, place: str, above: str = ""
) -> str:
    """Change a text, and see that it says what is wanted and nothing else."""
    try:
        document = tomlkit.parse(text.replace("\r\n", "\n"))
        change(document)
        return _checked(above + tomlkit.dumps(document), wanted, place)
    except TOMLKitError:
        raise _by_hand(place) from None


def _checked(text: str, wanted: object, place: str) -> str:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        found = None
    if found != wanted:
        raise _by_hand(place)
    return text if text.endswith("\n") else f"{text}\n"


def _by_hand(place: str) -> SchemaError:
    fault = Fault("", "is not written as one table for each source.", "Change the entry by hand.")
    return SchemaError.of(place, [fault])
