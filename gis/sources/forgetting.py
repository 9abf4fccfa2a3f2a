"""`gis forget`: a file of one's own leaves a territory folder, with its mapping and its source."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from gis.errors import SchemaError, SourceError, SourceMissingError
from gis.placing import writing
from gis.sources.catalogue import read_catalogue, read_toml
from gis.sources.catalogue_text import with_values, without_entry
from gis.sources.delimited import open_table
from gis.sources.fetched import read_fetched
from gis.sources.kept import account_file
from gis.sources.mapping import is_mapping, mapping_file
from gis.sources.rows import TEXTS, parts


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
    with writing(folder, refusal=SourceError) as placing:
        file = folder / "raw" / Path(name).name
        catalogue = folder / "sources.toml"
        known = read_catalogue(catalogue, check=False)
        entries = [key for key, source in known.items() if source.file == f"raw/{file.name}"]
        gone = [
            each
            for each in (*(parts(file) if file.is_file() else ()), mapping_file(file), account_file(file))
            if each.is_file()
        ]
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
        files: dict[Path, Path | None] = dict.fromkeys(gone)
        if entries:
            files[catalogue] = new = placing.aside(folder) / catalogue.name
            new.write_text(text, encoding="utf-8", newline="\n")
        placing.put(files)
    return [*(f"  {each.relative_to(folder).as_posix()} taken out" for each in gone), *lines]


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
    with contextlib.suppress(SchemaError):  # a file at fault cites nothing
        opened = open_table(table)
        for line in opened.lines:
            yield dict(zip(opened.header, line.cells, strict=False))
