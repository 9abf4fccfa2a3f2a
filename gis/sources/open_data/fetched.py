"""The record of the files in `raw/` from `gis fetch`, `raw/fetched.toml`: a build reads the record, never the clock.

It has one table per source: the citation, and below it each file with its URL, download date, date given by the source,
size, hash, and the number of rows received and announced.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatch
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import tomlkit

from gis.errors import Fault, SchemaError, SourceChangedError, SourceError, SourceMissingError
from gis.placing import writing_under_lock
from gis.provenance import Basis, Source
from gis.sources.open_data.answers import leading_day, parse_count
from gis.sources.tables.catalogue import read_toml, sha256_of_file

NAME: Final = "fetched.toml"
_HEAD: Final = "# Written by `gis fetch`: what it put beside this file, from where and since when.\n"
_CITED: Final = ("title", "publisher", "licence", "url", "basis")


@dataclass(frozen=True, slots=True)
class Entry:
    """One fetched file."""

    file: str
    url: str
    retrieved: str
    sha256: str
    bytes: int
    edition: str = ""
    rows: int | None = None
    announced: int | None = None

    @property
    def is_fetched(self) -> bool:
        """Whether it came from a URL and not from a file supplied by the user."""
        return _is_web_address(self.url)


def name_of_handed_file(file: str, edition: str = "") -> str:
    """Return the name under which the record lists a file supplied by the user, with the edition that they state.

    >>> name_of_handed_file("stock:06.csv", "June"), name_of_handed_file("stock.csv")
    ('stock 06.csv (June)', 'stock.csv')
    """
    full_name = f"{file} ({edition})" if edition else file
    return "".join(sign if sign.isprintable() and sign not in "/\\:" else " " for sign in full_name)


def is_entry_of_file(entry: Entry, file: str) -> bool:
    """Return whether an entry comes from a file supplied by the user, by its name."""
    name = name_of_handed_file(Path(file).name)
    return not entry.is_fetched and (entry.url == name or entry.url.startswith(f"{name} ("))


@dataclass
class Fetched:
    """The record of a folder `raw/`."""

    raw: Path
    cited: dict[str, Source] = field(default_factory=dict)
    entries: dict[str, dict[str, Entry]] = field(default_factory=dict)

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """The sources to cite, each with the dates of its files."""
        return {name: self._dated(source) for name, source in self.cited.items() if self.entries.get(name)}

    def _dated(self, source: Source) -> Source:
        """Return a source with the dates of its files; the download date where the source gives none."""
        entries = self.entries[source.source_id].values()
        retrieved = _span_of_days(entry.retrieved for entry in entries)
        return replace(
            source, edition=_span_of_days(entry.edition for entry in entries) or retrieved, retrieved=retrieved
        )

    def add(self, source: Source, entry: Entry, come: Path) -> None:
        """Move a downloaded file into place and record it; it replaces an older file of that name."""
        self.add_all(source, [(entry, come)])

    def add_all(self, source: Source, come: Sequence[tuple[Entry, Path]]) -> None:
        """Move files that were downloaded together into place and record them: all or none."""
        cited = {**self.cited, source.source_id: source}
        new_entries = {entry.file: entry for entry, _ in come}
        entries = {**self.entries, source.source_id: {**self.entries.get(source.source_id, {}), **new_entries}}
        Fetched(self.raw, cited, entries).write({self.raw / entry.file: file for entry, file in come})
        self.cited, self.entries = cited, entries
        self.__dict__.pop("sources", None)

    def files(self, name: str, pattern: str) -> list[Path]:
        """Return the files of a source, sorted by name, after a check of their bytes against the record.

        Raises
        ------
        SourceMissingError, SourceChangedError
            If a file is missing, or differs from the record.
        """
        paths = []
        for file, entry in sorted(self.entries.get(name, {}).items()):
            if not fnmatch(file, pattern):
                continue
            path = path_inside_raw(self.raw, file)
            if not path.is_file():
                msg = f"{path}: was fetched and is gone. Run `gis fetch` again, or take it out of {NAME}."
                raise SourceMissingError(msg)
            if sha256_of_file(path) != entry.sha256:
                msg = f"{path}: its bytes are not those that were fetched. Run `gis fetch` again: raw/ is not edited."
                raise SourceChangedError(msg)
            paths.append(path)
        return paths

    def write(self, come: Mapping[Path, Path] = MappingProxyType({}), gone: Iterable[Path] = ()) -> None:
        """Write the record, with files added (place → file) or removed, all or none; equal records give equal bytes.

        An empty record is not written.
        """
        text = _HEAD + "".join(self._table(name) for name in sorted(self.cited))
        with writing_under_lock(self.raw.parent, refusal=SourceError) as placing:
            new_record = placing.aside(self.raw) / NAME
            new_record.write_text(text, encoding="utf-8", newline="\n")
            files: dict[Path, Path | None] = {
                self.raw / NAME: new_record if self.cited else None,
                **dict.fromkeys(gone),
            }
            for place, file in come.items():
                files[place] = file.replace(placing.aside(place.parent) / place.name)
            placing.put(files)

    def _table(self, name: str) -> str:
        source = self.cited[name]
        cited = tomlkit.dumps({name: {key: str(getattr(source, key)) for key in _CITED}})
        files = (_entry_text(name, entry) for _, entry in sorted(self.entries.get(name, {}).items()))
        return "".join([f"\n{cited}", *files])


@cache
def _entry_text(name: str, entry: Entry) -> str:
    """Return the text of one entry; it is cached, because the record is rewritten for each downloaded file."""
    stated_values = {key: value for key, value in asdict(entry).items() if value is not None}
    return f"\n[[{name}.files]]\n{tomlkit.dumps(stated_values)}"


def read_fetched(raw: Path) -> Fetched:
    """Read the record of a folder `raw/`; without a file, the record is empty.

    Raises
    ------
    SchemaError
        If it is not as `gis fetch` writes it: anybody may have edited the file, so its content is validated.
    """
    file = raw / NAME
    if not file.is_file():
        return Fetched(raw)
    tables = read_toml(file)
    faults = [fault for name, table in tables.items() for fault in _source_table_faults(name, table)]
    if faults:
        raise SchemaError.of(str(file), faults)
    cited = {
        name: Source(name, **{**{key: table[key] for key in _CITED}, "basis": Basis(table["basis"])})
        for name, table in tables.items()
    }
    entries = {name: {each["file"]: Entry(**each) for each in table.get("files", [])} for name, table in tables.items()}
    return Fetched(raw, cited, entries)


def path_inside_raw(raw: Path, file: str) -> Path:
    """Return the path of a file in `raw/`, which no link may lead out of.

    Raises
    ------
    SourceError
        If it leads elsewhere.
    """
    path = raw / file
    if not is_relative_path(file) or not path.resolve().is_relative_to(raw.resolve()):
        raise SourceError(f"{path}: leads out of {raw}. Put the file itself there.")
    return path


def is_relative_path(file: str) -> bool:
    """Return whether a text is a relative path below a folder, on any operating system.

    >>> (is_relative_path("cadastre/a.json.gz"), is_relative_path("../a"), is_relative_path("C:a"),
    ...  is_relative_path("/a"))
    (True, False, False, False)
    """
    parts = file.split("/")
    return file.isprintable() and not set(file) & set("\\:") and all(part.strip(". ") for part in parts)


def _source_table_faults(name: str, table: Any) -> list[Fault]:
    """Return the faults in the table of one source, where it is not as `gis fetch` writes it."""
    mend = "Take that source out, and run `gis fetch` again."
    where = f"[{name}]"
    if not _NAME.fullmatch(name) or not isinstance(table, Mapping):
        return [Fault(where, "is no table of a source.", mend)]
    checks = {
        **dict.fromkeys(_CITED, _is_printable_text),
        "url": _is_web_address,
        "basis": lambda value: isinstance(value, str) and value in {*Basis},
    }
    faults = _record_key_faults(table, checks, {"files": lambda value: isinstance(value, list)}, where, mend)
    files = table.get("files", []) if not faults else []
    for n, file_table in enumerate(files, 1):
        if not isinstance(file_table, Mapping):
            faults.append(Fault(f"{where}, file {n}", "is no table.", mend))
            continue
        file_place = f"{where}, file {n} ({str(file_table.get('file', ''))[:80]})"
        faults += _record_key_faults(file_table, _NEEDED, _OPTIONAL, file_place, mend)
    names = [str(file_table.get("file")) for file_table in files if isinstance(file_table, Mapping)]
    faults += [
        Fault(where, f"file {twice} stands twice.", mend) for twice in sorted({*names}) if names.count(twice) > 1
    ]
    return faults


_Checks = Mapping[str, Callable[[Any], bool]]


def _record_key_faults(
    table: Mapping[str, Any], needed: _Checks, optional: _Checks, where: str, mend: str
) -> list[Fault]:
    checks = {**needed, **optional}
    unknown_keys = [key for key in table if key not in checks]
    absent_keys = [key for key in needed if key not in table]
    wrong_keys = [key for key in table if key in checks and not checks[key](table[key])]
    return [
        *(Fault(where, f"`{key}` is not known.", mend) for key in unknown_keys),
        *(Fault(where, f"has no {key}.", mend) for key in absent_keys),
        *(Fault(where, f"{key} is not as it is written there ({str(table[key])[:80]}).", mend) for key in wrong_keys),
    ]


_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_HASH: Final = re.compile(r"[0-9a-f]{64}")


def _is_printable_text(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable()


def _is_web_address(value: Any) -> bool:
    return _is_printable_text(value) and value.startswith(("https://", "http://"))


def _is_address_or_file_name(value: Any) -> bool:
    """Return whether a text is a URL, or the name of a file supplied by the user."""
    return _is_web_address(value) or (_is_printable_text(value) and bool(value) and not set(value) & set("/\\:"))


def _is_day_text(value: Any) -> bool:
    return isinstance(value, str) and leading_day(value) == value != ""


def _is_whole_count(value: Any) -> bool:
    return not isinstance(value, str) and parse_count(value) is not None


_NEEDED: Final[_Checks] = {
    "file": lambda value: isinstance(value, str) and is_relative_path(value),
    "url": _is_address_or_file_name,
    "retrieved": _is_day_text,
    "sha256": lambda value: isinstance(value, str) and bool(_HASH.fullmatch(value)),
    "bytes": _is_whole_count,
}
_OPTIONAL: Final[_Checks] = {
    "edition": lambda value: value == "" or _is_day_text(value),
    "rows": _is_whole_count,
    "announced": _is_whole_count,
}


def _span_of_days(days: Iterable[str]) -> str:
    """Return one day, or the first and the last in the notation of our dates."""
    known_days = sorted({day for day in days if day})
    return known_days[0] if len(known_days) == 1 else f"{known_days[0]}..{known_days[-1]}" if known_days else ""
