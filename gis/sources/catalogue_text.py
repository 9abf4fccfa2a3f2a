"""The text of `sources.toml` with an entry changed or taken out, and all else as a person wrote it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Final

from gis.errors import Fault, SchemaError
from gis.sources.mapping import toml_text

_HEAD: Final = re.compile(r"\s*\[[^\[\]].*\]\s*(#.*)?")


def without_entry(text: str, source_id: str, place: str) -> str:
    """Return the text without one entry.

    Raises
    ------
    SchemaError
        If it is written in a way that only a person can take apart.
    """
    kept = "\n".join(line for key, line in _lines(text) if key != source_id)
    wanted = {key: entry for key, entry in tomllib.loads(text).items() if key != source_id}
    return _checked(re.sub(r"\n{3,}", "\n\n", kept).rstrip() + "\n", wanted, place)


def with_values(text: str, source_id: str, values: Mapping[str, str], place: str) -> str:
    """Return the text with some values of one entry written anew; an empty one is taken out.

    Raises
    ------
    SchemaError
        If it is written in a way that only a person can take apart.
    """
    lines: list[str] = []
    for key, line in _lines(text):
        name = line.partition("=")[0].strip()
        if key != source_id or name not in values:
            lines.append(line)
        if key == source_id and _HEAD.fullmatch(line):
            lines += [f"{name} = {toml_text(value)}" for name, value in values.items() if value]
    told = tomllib.loads(text)
    entry = {name: value for name, value in told[source_id].items() if name not in values}
    wanted = {**told, source_id: {**entry, **{name: value for name, value in values.items() if value}}}
    return _checked("\n".join(lines), wanted, place)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield each line with the key of the entry that it belongs to; what stands before the first belongs to none."""
    here = ""
    for line in text.splitlines():
        if _HEAD.fullmatch(line):
            try:
                here = next(iter(tomllib.loads(line)))
            except tomllib.TOMLDecodeError:
                here = ""
        yield here, line


def _checked(text: str, wanted: object, place: str) -> str:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        found = None
    if found != wanted:
        fault = Fault("", "is not written as one table for each source.", "Change the entry by hand.")
        raise SchemaError.of(place, [fault])
    return text if text.endswith("\n") else f"{text}\n"
