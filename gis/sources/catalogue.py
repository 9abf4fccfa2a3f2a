"""The catalogue of a territory, `sources.toml`: what is cited, under which licence, with which bytes."""

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gis.errors import Fault, SchemaError, SourceChangedError, SourceError, SourceMissingError
from gis.provenance import Basis, Source

_NEEDED = ("title", "publisher", "licence")
_KNOWN = (*_NEEDED, "short", "url", "edition", "retrieved", "file", "sha256", "language", "basis")


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file, or say in one sentence why it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        msg = f"{path}: no such file. A territory folder has territory.toml and sources.toml."
        raise SourceMissingError(msg) from None
    except UnicodeDecodeError as error:
        fault = Fault("", f"not UTF-8 ({error.reason}).", "Save the file as UTF-8.")
        raise SchemaError.of(str(path), [fault]) from None
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}). Close it in other programs and look at your rights."
        raise SourceError(msg) from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, or lists without end, among them
        fault = Fault("", f"no sound TOML: {error}.", "Mend that line.")
        raise SchemaError.of(str(path), [fault]) from None


def read_catalogue(path: Path) -> dict[str, Source]:
    """Read `sources.toml`: one table per source, its key the `source_id`.

    Raises
    ------
    SourceMissingError
        If the file, or a file that a source names, is absent.
    SourceChangedError
        If the bytes of such a file are not those on record.
    SchemaError
        If a source has no title, publisher or licence, or a key that is not known.
    """
    tables = read_toml(path)
    faults = [fault for source_id, table in tables.items() for fault in _faults(source_id, table)]
    if faults:
        raise SchemaError.of(str(path), faults)
    sources = {
        source_id: Source(source_id, **{**table, "basis": Basis(table.get("basis", "stated"))})
        for source_id, table in tables.items()
    }
    for source in sources.values():
        if source.file:
            _check_bytes(path.parent / source.file, source)
    return sources


def _faults(source_id: str, table: object) -> list[Fault]:
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


def _check_bytes(file: Path, source: Source) -> None:
    if not file.is_file():
        msg = f"{file}: the file of source `{source.source_id}` is absent. Put it back or take the source out."
        raise SourceMissingError(msg)
    found = sha256(file)
    if source.sha256 and found != source.sha256:
        msg = (
            f"{file}: its bytes are not those on record for source `{source.source_id}` "
            f"(sha256 {found[:12]}…, on record {source.sha256[:12]}…). Put the old file back, or record the new hash."
        )
        raise SourceChangedError(msg)


def sha256(file: Path) -> str:
    """Return the hash of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
