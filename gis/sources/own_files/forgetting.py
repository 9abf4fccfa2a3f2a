"""`gis forget`: removes a user's file from a territory folder, with its mapping and its source, or a part of it.

For an imported publisher's file, the rows extracted from it and its entries in `raw/fetched.toml` are removed.
"""

import contextlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gis.errors import SchemaError, SourceError, SourceMissingError
from gis.placing import Placing, writing_under_lock
from gis.provenance import Source
from gis.sources.open_data.fetched import Fetched, is_entry_of_file, path_inside_raw, read_fetched
from gis.sources.own_files.kept import account_file, kept_text_without_tables
from gis.sources.own_files.mapping import FileMapping, TableReading, is_mapping_file, mapping_file
from gis.sources.own_files.own import mapping_of_imported_file
from gis.sources.tables.catalogue import read_catalogue, read_toml
from gis.sources.tables.catalogue_text import text_with_values, text_without_entry
from gis.sources.tables.delimited import open_table
from gis.sources.tables.rows import TEXTS, file_with_parts, leftover_files


@dataclass(frozen=True, slots=True)
class Only:
    """The part of a file to remove: a layer or sheet, a layer that it feeds, the rows citing a source; default all."""

    table: str = ""
    layer: str = ""
    source: str = ""

    def __bool__(self) -> bool:
        return bool(self.table or self.layer or self.source)

    def means(self, mapping: FileMapping, reading: TableReading) -> bool:
        """Return whether a table belongs to the part to remove."""
        table_layer_source = (reading.table, reading.layer, mapping.cited(reading)[0])
        return all(not asked or asked == each for asked, each in zip(self._asked(), table_layer_source, strict=True))

    def _asked(self) -> tuple[str, str, str]:
        return self.table, self.layer, self.source


def forget_file(folder: Path, name: str, only: Only = Only()) -> list[str]:
    """Remove a file from `raw/`, with its parts, its mapping, and its source unless something else cites it.

    Parameters
    ----------
    folder
        The territory folder.
    name
        The name of the file in `raw/`, or of an imported publisher's file.
    only
        The part of it to remove; the file itself stays as long as something of it is read.

    Returns
    -------
    lines
        What was removed, and what stays because something cites it.

    Raises
    ------
    SourceMissingError
        If no file, mapping or source of that name exists, or nothing of it belongs to the part to remove.
    SourceError
        If the file was fetched, or cannot be removed.
    """
    with writing_under_lock(folder, refusal=SourceError) as placing:
        file = folder / "raw" / Path(name).name
        catalogue_sources = read_catalogue(folder / "sources.toml", check=False)
        entries = [key for key, source in catalogue_sources.items() if source.file == f"raw/{file.name}"]
        files_gone = [
            each
            for each in (*(file_with_parts(file) if file.is_file() else ()), mapping_file(file), account_file(file))
            if each.is_file()
        ]
        if not files_gone and not entries:
            return _forget_handed(folder, name, only)
        if file.name in {entry for files in read_fetched(folder / "raw").entries.values() for entry in files}:
            return _forget_handed(folder, name, only)
        imported = mapping_of_imported_file(file, catalogue_sources) if only else None
        if only and imported is None:
            raise SourceMissingError(f"{file}: is not read by a mapping. Forget it as a whole.")
        if imported and (readings_kept := [each for each in imported[0].readings if not only.means(imported[0], each)]):
            return _forget_part(folder, file, imported, readings_kept, catalogue_sources, placing)
        files_gone += leftover_files(file)
        files: dict[Path, Path | None] = dict.fromkeys(files_gone)
        lines = _take_sources_out(folder, entries, {each.name for each in files_gone}, files, placing)
        placing.put(files)
    return [*(f"  {each.relative_to(folder).as_posix()} taken out" for each in files_gone), *lines]


def _forget_part(  # noqa: PLR0913, PLR0917  (the file, its mapping, and the part that stays)
    folder: Path,
    file: Path,
    said: tuple[FileMapping, str],
    stay: list[TableReading],
    known: Mapping[str, Source],
    placing: Placing,
) -> list[str]:
    """Remove some tables from the mapping and the account of a file, and the sources that only they cite."""
    (mapping, text), path = said, mapping_file(file)
    readings_gone = [gone_reading for gone_reading in mapping.readings if gone_reading not in stay]
    if not readings_gone:
        tables = ", ".join(
            f"{gone_reading.layer} of `{gone_reading.table or file.name}` ({mapping.cited(gone_reading)[0]})"
            for gone_reading in stay
        )
        raise SourceMissingError(f"{file}: nothing of it is that. It feeds {tables}.")
    for gone_reading in readings_gone:
        text = text_without_entry(text, gone_reading.heading, str(path))
    if all(gone_reading.source for gone_reading in stay):  # nothing cites the source of the file any more
        text = text_with_values(text, "", {"source": stay[0].source}, str(path))
    cited = {mapping.cited(gone_reading)[0] for gone_reading in stay}
    files: dict[Path, Path | None] = {}
    _write_text_aside(placing, files, path, text)
    places = {
        (gone_reading.layer, f"{file.name}, {gone_reading.table}" if gone_reading.table else file.name)
        for gone_reading in readings_gone
    }
    if (account := kept_text_without_tables(file, places)) is not None:
        _write_text_aside(placing, files, account_file(file), account)
    sources_left = {mapping.cited(gone_reading)[0] for gone_reading in readings_gone} - cited
    entries = [key for key in known if key in sources_left and known[key].file == f"raw/{file.name}"]
    lines = _take_sources_out(folder, entries, {path.name, file.name}, files, placing)
    placing.put(files)
    return [
        f"  {gone_reading.layer} of `{gone_reading.table or file.name}` taken out of {path.name}"
        for gone_reading in readings_gone
    ] + lines


def _write_text_aside(placing: Placing, files: dict[Path, Path | None], place: Path, text: str) -> None:
    files[place] = new_file = placing.aside(place.parent) / place.name
    new_file.write_text(text, encoding="utf-8", newline="\n")


def _take_sources_out(
    folder: Path, entries: Collection[str], gone: set[str], files: dict[Path, Path | None], placing: Placing
) -> list[str]:
    """Remove sources from the catalogue, except those cited by anything other than the removed files."""
    catalogue = folder / "sources.toml"
    text, lines = catalogue.read_bytes().decode("utf-8-sig"), []
    for key in entries:
        if citing_files := sorted(_files_citing_source(folder, key, gone)):
            text = text_with_values(text, key, {"file": "", "sha256": "", "content": ""}, str(catalogue))
            lines.append(f"  source `{key}` stays, without the file: {', '.join(citing_files)} cite it")
        else:
            text = text_without_entry(text, key, str(catalogue))
            lines.append(f"  source `{key}` taken out of sources.toml")
    if entries:
        _write_text_aside(placing, files, catalogue, text)
    return lines


def _forget_handed(folder: Path, name: str, only: Only) -> list[str]:
    """Remove the parts extracted from a user's copy of a publisher's file, with their entries in the record."""
    raw = folder / "raw"
    fetched = read_fetched(raw)
    handed_entries = [
        (source, entry)
        for source, files in fetched.entries.items()
        for entry in files.values()
        if (is_entry_of_file(entry, name) or name in {entry.file, Path(entry.file).name})
        and only.source in {"", source}
    ]
    if not handed_entries:
        msg = f"{raw / Path(name).name}: no such file, mapping or source. Name a file of raw/."
        raise SourceMissingError(msg)
    if fetched_entry := next((entry for _, entry in handed_entries if entry.is_fetched), None):
        msg = f"{raw / fetched_entry.file}: was fetched. Leave its source out with [layers] in territory.toml."
        raise SourceError(msg)
    if only.table or only.layer:
        raise SourceError(f"{name}: is a publisher's file, which is forgotten as a whole. Leave --layer and --as out.")
    files = [file for _, entry in handed_entries if (file := path_inside_raw(raw, entry.file)).is_file()]
    record_kept = Fetched(raw, dict(fetched.cited), {key: dict(each) for key, each in fetched.entries.items()})
    lines = [f"  raw/{entry.file} taken out" for _, entry in handed_entries]
    for source, entry in handed_entries:
        del record_kept.entries[source][entry.file]
        if not record_kept.entries[source]:
            del record_kept.entries[source], record_kept.cited[source]
            lines.append(f"  source `{source}` taken out of raw/fetched.toml")
    record_kept.write(gone=files)
    return lines


def _files_citing_source(folder: Path, source_id: str, gone: set[str]) -> Iterator[str]:
    """Yield the files of a folder that cite a source, except those to remove."""
    for table in folder.glob("*.csv"):
        if any(source_id in (row.get("source_id") or "").split("|") for row in _readable_rows(table)):
            yield table.name
    for mapping in filter(is_mapping_file, (folder / "raw").glob("*")):
        if mapping.name not in gone and source_id in _sources_of_mapping(read_toml(mapping)):
            yield f"raw/{mapping.name}"
    for text in (folder / "raw").glob("*"):
        if (
            text.suffix.lower() in TEXTS
            and text.name not in gone
            and any((row.get("source_id") or "") == source_id for row in _readable_rows(text))
        ):
            yield f"raw/{text.name}"


def _sources_of_mapping(mapping: Mapping[str, object]) -> set[object]:
    """Return the sources that a mapping names, even if the mapping has errors."""
    tables = [mapping, *(each for each in mapping.values() if isinstance(each, Mapping))]
    return {each.get("source") for each in tables}


def _readable_rows(table: Path) -> Iterator[dict[str, str]]:
    with contextlib.suppress(SchemaError):  # an invalid file cites nothing
        opened = open_table(table)
        for line in opened.lines:
            yield dict(zip(opened.header, line.cells, strict=False))
