"""What `gis fetch` left in `raw/`, written down in `raw/fetched.toml`: a build reads it, and no clock.

One table a source: what is cited of it, and below it each file with its address, the day it came, the date its source
gives it, its bytes, its hash, and how many rows came of how many announced.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatch
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from gis.errors import Fault, SchemaError, SourceChangedError, SourceError, SourceMissingError
from gis.placing import writing
from gis.provenance import Basis, Source
from gis.sources.catalogue import read_toml, sha256

NAME: Final = "fetched.toml"
_HEAD: Final = "# Written by `gis fetch`: what it put beside this file, from where and since when.\n"
_CITED: Final = ("title", "publisher", "licence", "url", "basis")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that was fetched."""

    file: str
    url: str
    retrieved: str
    sha256: str
    bytes: int
    edition: str = ""
    rows: int | None = None
    announced: int | None = None


@dataclass
class Fetched:
    """The record of a folder `raw/`."""

    raw: Path
    cited: dict[str, Source] = field(default_factory=dict)
    entries: dict[str, dict[str, Entry]] = field(default_factory=dict)

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """What is cited, each with the dates its files have."""
        return {name: self._dated(source) for name, source in self.cited.items() if self.entries.get(name)}

    def _dated(self, source: Source) -> Source:
        """Return a source with the dates that its files have; the day they came where it gives them none."""
        entries = self.entries[source.source_id].values()
        retrieved = _span(entry.retrieved for entry in entries)
        return replace(source, edition=_span(entry.edition for entry in entries) or retrieved, retrieved=retrieved)

    def add(self, source: Source, entry: Entry, come: Path) -> None:
        """Put a file that came in its place and write it down, in place of an older one of that name."""
        cited = {**self.cited, source.source_id: source}
        entries = {**self.entries, source.source_id: {**self.entries.get(source.source_id, {}), entry.file: entry}}
        Fetched(self.raw, cited, entries).write({self.raw / entry.file: come})
        self.cited, self.entries = cited, entries
        self.__dict__.pop("sources", None)

    def files(self, name: str, pattern: str) -> list[Path]:
        """Return the files of a source, in the order of their names, their bytes as on record.

        Raises
        ------
        SourceMissingError, SourceChangedError
            If a file is gone or is not the one on record.
        """
        found = []
        for file, entry in sorted(self.entries.get(name, {}).items()):
            if not fnmatch(file, pattern):
                continue
            path = self.raw / file
            if not path.is_file():
                msg = f"{path}: was fetched and is gone. Run `gis fetch` again, or take it out of {NAME}."
                raise SourceMissingError(msg)
            if sha256(path) != entry.sha256:
                msg = f"{path}: its bytes are not those that were fetched. Run `gis fetch` again: raw/ is not edited."
                raise SourceChangedError(msg)
            found.append(path)
        return found

    def write(self, come: Mapping[Path, Path] = MappingProxyType({})) -> None:
        """Write the record, with files that came (place → file), all or none; the same record gives the same bytes."""
        text = _HEAD + "".join(self._table(name) for name in sorted(self.cited))
        with writing(self.raw.parent, refusal=SourceError) as placing:
            new = placing.aside(self.raw) / NAME
            new.write_text(text, encoding="utf-8", newline="\n")
            files: dict[Path, Path | None] = {self.raw / NAME: new}
            for place, file in come.items():
                files[place] = file.replace(placing.aside(place.parent) / place.name)
            placing.put(files)

    def _table(self, name: str) -> str:
        source = self.cited[name]
        lines = [f"\n[{name}]", *(f"{key} = {_value(getattr(source, key))}" for key in _CITED)]
        lines += [_text(name, entry) for _, entry in sorted(self.entries.get(name, {}).items())]
        return "\n".join(lines) + "\n"


@cache
def _text(name: str, entry: Entry) -> str:
    """Return what is written of one file; the record is written again for each file that comes."""
    said = [f"{key} = {_value(value)}" for key, value in asdict(entry).items() if value is not None]
    return "\n".join(["", f"[[{name}.files]]", *said])


def read_fetched(raw: Path) -> Fetched:
    """Read the record of a folder `raw/`; none is an empty one.

    Raises
    ------
    SchemaError
        If it is not as `gis fetch` writes it.
    """
    file = raw / NAME
    if not file.is_file():
        return Fetched(raw)
    try:
        return Fetched(raw, *_parts(read_toml(file)))
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        fault = Fault("", f"is not as `gis fetch` writes it ({error}).", "Delete it, and run `gis fetch` again.")
        raise SchemaError.of(str(file), [fault]) from None


def _parts(tables: Mapping[str, Any]) -> Iterator[Any]:
    yield {
        name: Source(name, **{**{key: table[key] for key in _CITED}, "basis": Basis(table["basis"])})
        for name, table in tables.items()
    }
    yield {name: {each["file"]: Entry(**each) for each in table.get("files", [])} for name, table in tables.items()}


def _value(value: object) -> str:
    return str(value) if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False)


def _span(days: Iterable[str]) -> str:
    """Return one day, or the first and the last as our dates are written."""
    known = sorted({day for day in days if day})
    return known[0] if len(known) == 1 else f"{known[0]}..{known[-1]}" if known else ""
