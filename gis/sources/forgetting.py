"""`gis forget`: a file of one's own leaves a territory folder, with its mapping and its source."""

import contextlib
import csv
from collections.abc import Iterator
from pathlib import Path

from gis.errors import SourceError, SourceMissingError
from gis.sources.catalogue import read_catalogue, read_toml
from gis.sources.catalogue_text import with_values, without_entry
from gis.sources.fetched import read_fetched
from gis.sources.mapping import is_mapping, mapping_file
from gis.sources.rows import TEXTS, encoding_of, parts


def forget_file(folder: Path, name: str) -> list[str]:
    """Take a file out of `raw/`, with what belongs to it, its mapping, and its source unless something else cites it.

    Parameters
    ----------
    folder
        The territory folder.
    name
        The name of the file in `raw/`.

    Returns
    -------
    lines
        What was taken out, and what stays because something cites it.

    Raises
    ------
    SourceMissingError
        If there is no such file, no mapping and no source of it.
    SourceError
        If it was fetched, or cannot be taken out.
    """
    file = folder / "raw" / Path(name).name
    catalogue = folder / "sources.toml"
    known = read_catalogue(catalogue, check=False)
    entries = [key for key, source in known.items() if source.file == f"raw/{file.name}"]
    gone = [each for each in (*(parts(file) if file.is_file() else ()), mapping_file(file)) if each.is_file()]
    if not gone and not entries:
        msg = f"{file}: no such file, mapping or source. Name a file of raw/."
        raise SourceMissingError(msg)
    fetched = {entry for files in read_fetched(folder / "raw").entries.values() for entry in files}
    if file.name in fetched:
        msg = f"{file}: was fetched. Leave its source out with [layers] in territory.toml."
        raise SourceError(msg)
    text, lines = catalogue.read_bytes().decode("utf-8-sig"), []
    for key in entries:
        if citing := sorted(_citing(folder, key, {each.name for each in gone})):
            text = with_values(text, key, {"file": "", "sha256": "", "content": ""}, str(catalogue))
            lines.append(f"  source `{key}` stays, without the file: {', '.join(citing)} cite it")
        else:
            text = without_entry(text, key, str(catalogue))
            lines.append(f"  source `{key}` taken out of sources.toml")
    try:
        if entries:
            new = catalogue.with_name(f".{catalogue.name}.new")
            new.write_text(text, encoding="utf-8", newline="\n")
            new.replace(catalogue)
        for each in gone:
            each.unlink()
            lines.insert(0, f"  {each.relative_to(folder).as_posix()} taken out")
    except OSError as error:
        msg = f"{error.filename}: cannot be taken out ({error.strerror}). Close it in other programs."
        raise SourceError(msg) from None
    return lines


def _citing(folder: Path, source_id: str, gone: set[str]) -> Iterator[str]:
    """Yield the files of a folder that cite a source, but for those that go."""
    for table in folder.glob("*.csv"):
        if any(source_id in (row.get("source_id") or "").split("|") for row in _rows(table)):
            yield table.name
    for mapping in filter(is_mapping, (folder / "raw").glob("*")):
        if mapping.name not in gone and read_toml(mapping).get("source") == source_id:
            yield f"raw/{mapping.name}"
    for text in (folder / "raw").glob("*"):
        if (
            text.suffix.lower() in TEXTS
            and text.name not in gone
            and any((row.get("source_id") or "") == source_id for row in _rows(text))
        ):
            yield f"raw/{text.name}"


def _rows(table: Path) -> Iterator[dict[str, str]]:
    with (
        contextlib.suppress(csv.Error),
        table.open(encoding=encoding_of(table), newline="", errors="replace") as stream,
    ):
        header = stream.readline()
        stream.seek(0)
        yield from csv.DictReader(stream, delimiter=max(";\t,|", key=header.count))
