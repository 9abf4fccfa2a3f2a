"""Changes or removes a table in the text of `sources.toml` or of a mapping; the rest of the text is kept unchanged."""

import contextlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gis.errors import Fault, SchemaError
from gis.sources.tables.toml_writing import toml_text

_HEAD: Final = re.compile(r"\s*\[[^\[\]].*\]\s*(#.*)?")


def without_entry(text: str, source_id: str, place: str) -> str:
    """Return the text without one entry.

    Raises
    ------
    SchemaError
        If it is written in a way that only a person can take apart.
    """
    kept = "\n".join(line for path, line in _lines(text) if path[:1] != (source_id,))
    wanted = {key: entry for key, entry in tomllib.loads(text).items() if key != source_id}
    return _checked(re.sub(r"\n{3,}", "\n\n", kept).rstrip() + "\n", wanted, place)


def with_values(text: str, source_id: str, values: Mapping[str, str | bool], place: str) -> str:
    """Return the text with some values of one entry written anew; an empty one is taken out.

    Without a `source_id` they are those that stand above all entries.

    Raises
    ------
    SchemaError
        If it is written in a way that only a person can take apart.
    """
    here = (source_id,) if source_id else ()
    new = {name: f"{name} = {_written(value)}" for name, value in values.items() if value}
    there = {line.partition("=")[0].strip() for path, line in _lines(text) if path == here}
    added = [line for name, line in new.items() if name not in there]
    lines: list[str] = [] if source_id else [*added]
    for path, line in _lines(text):
        name = line.partition("=")[0].strip()
        if path != here or name not in values:
            lines.append(line)
        elif name in new:
            lines.append(new[name])
        if source_id and path == here and _HEAD.fullmatch(line):
            lines += added
    told = tomllib.loads(text)
    kept = {name: value for name, value in (told[source_id] if source_id else told).items() if name not in values}
    changed = {**kept, **{name: value for name, value in values.items() if value}}
    return _checked("\n".join(lines), {**told, source_id: changed} if source_id else changed, place)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else toml_text(str(value))


def _lines(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each line with the path of the table that it belongs to; what stands before the first has none."""
    here: tuple[str, ...] = ()
    for line in text.splitlines():
        if _HEAD.fullmatch(line):
            with contextlib.suppress(tomllib.TOMLDecodeError):  # a list over several lines: `_checked` tells
                here = _path(tomllib.loads(line))
        yield here, line


def _path(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of tables, each the only one in the one before.

    >>> _path({"sites": {"columns": {}}})
    ('sites', 'columns')
    """
    return tuple(name for key, below in table.items() for name in (key, *_path(below)))


def _checked(text: str, wanted: object, place: str) -> str:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        found = None
    if found != wanted:
        fault = Fault("", "is not written as one table for each source.", "Change the entry by hand.")
        raise SchemaError.of(place, [fault])
    return text if text.endswith("\n") else f"{text}\n"
