"""The catalogue of a territory, `sources.toml`: its cited sources, with their licence and hash."""

import hashlib
import math
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from gis.errors import Fault, SchemaError, SourceChangedError, SourceError, SourceMissingError
from gis.provenance import Basis, Source
from gis.sources.tables.settled import content_hash, unsettled_files

_NEEDED = ("title", "publisher", "licence")
_KNOWN = (*_NEEDED, "short", "url", "edition", "retrieved", "file", "sha256", "content", "language", "basis")


#: The largest whole number that a number with decimals holds exactly.
_MOST: Final = 2**53


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file, or say in one sentence why it cannot be read."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        msg = f"{path}: no such file. A territory folder has territory.toml and sources.toml."
        raise SourceMissingError(msg) from None
    except UnicodeDecodeError as error:
        fault = Fault("", f"not UTF-8 ({error.reason}).", "Save the file as UTF-8.")
        raise SchemaError.of(str(path), [fault]) from None
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}). Close it in other programs and look at your rights."
        raise SourceError(msg) from None
    except (ValueError, RecursionError) as error:  # thousands of digits, or of lists in lists, too
        fault = Fault("", f"no sound TOML: {error}.", "Mend that line.")
        raise SchemaError.of(str(path), [fault]) from None
    if faults := list(_number_faults("", table)):
        raise SchemaError.of(str(path), faults)
    return table


def _number_faults(where: str, value: object) -> Iterator[Fault]:
    """Yield the numbers of a table that no column can hold: infinite, none, or whole and too large."""
    if isinstance(value, Mapping):
        for key, part_value in value.items():
            yield from _number_faults(f"{where}.{key}" if where else str(key), part_value)
    elif isinstance(value, list):
        for n, part_value in enumerate(value, 1):
            yield from _number_faults(f"{where} {n}", part_value)
    elif (isinstance(value, float) and not math.isfinite(value)) or (isinstance(value, int) and abs(value) > _MOST):
        yield Fault(where, "is no number that can be computed with.", "Write a finite one.")


def read_catalogue(path: Path, *, check: bool = True) -> dict[str, Source]:
    """Read `sources.toml`: one table per source, its key the `source_id`; without `check` whatever its files are.

    Raises
    ------
    SourceMissingError
        If the file, or a file that a source names, is absent.
    SourceChangedError
        If the bytes of such a file are not those on record, nor, of a GeoPackage that somebody opened, its rows.
    SchemaError
        If a source has no title, publisher or licence, or a key that is not known.
    """
    tables = read_toml(path)
    faults = [fault for source_id, table in tables.items() for fault in _source_entry_faults(source_id, table)]
    if faults:
        raise SchemaError.of(str(path), faults)
    sources = {
        source_id: Source(source_id, **{**source_values, "basis": Basis(source_values.get("basis", "stated"))})
        for source_id, table in tables.items()
        for source_values in [{key: text for key, text in table.items() if key != "content"}]
    }
    for source in sources.values() if check else ():
        if source.file:
            _check_source_bytes(path.parent / source.file, source, tables[source.source_id].get("content", ""))
    return sources


def _source_entry_faults(source_id: str, table: object) -> list[Fault]:
    where = f"[{source_id}]"
    if not isinstance(table, Mapping):
        return [Fault(where, "is no table.", "Write one table per source.")]
    faults = [Fault(where, f"has no {key}.", f'Add {key} = "…".') for key in _NEEDED if not table.get(key)]
    for key, value in table.items():
        if key not in _KNOWN:
            faults.append(Fault(where, f"`{key}` is not known.", f"Known: {', '.join(_KNOWN)}."))
        elif not isinstance(value, str):
            faults.append(Fault(where, f"{key} is no text.", "Put it between quotes."))
    if not str(table.get("url", "")).startswith(("", "https://", "http://")[bool(table.get("url")) :]):
        faults.append(Fault(where, f"`{table['url']}` is no web address.", "Start it with https://."))
    if str(table.get("basis", "stated")) not in set(Basis):
        faults.append(Fault(where, f"basis `{table['basis']}` is not known.", f"One of {', '.join(Basis)}."))
    return faults


def _check_source_bytes(file: Path, source: Source, content: str) -> None:
    """Check that a file is the one on record; of a GeoPackage that was opened, what it holds counts."""
    if not file.is_file():
        msg = f"{file}: the file of source `{source.source_id}` is absent. Put it back or take the source out."
        raise SourceMissingError(msg)
    found_sha256 = sha256_of_file(file)
    as_recorded = found_sha256 == source.sha256 and not unsettled_files(file)
    if source.sha256 and not as_recorded and not (content and content_hash(file) == content):
        msg = (
            f"{file}: its bytes are not those on record for source `{source.source_id}` "
            f"(sha256 {found_sha256[:12]}…, on record {source.sha256[:12]}…). Put the old file back, "
            "record the new hash, or "
            f"take in an imported file anew with `gis import … {file.name} --replace`."
        )
        raise SourceChangedError(msg)


def sha256_of_file(file: Path) -> str:
    """Return the hash of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
