"""The user's own files in `raw/` of a territory: finds them and reads them.

A file with a mapping is read as the mapping describes; a delivery in the CNIG standard needs no mapping. All other
files in `raw/` are ignored. Files are ranked by name: a later name ranks above an earlier one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pyproj import CRS

from gis.errors import Fault, SchemaError, SourceChangedError
from gis.provenance import Basis, Source
from gis.sources.own_files.cnig_files import Delivery, delivery_by_standard, recognise_deliveries
from gis.sources.own_files.grounding import Outlines
from gis.sources.own_files.mapped import FileLayer, read_layer
from gis.sources.own_files.mapping import (
    FileMapping,
    TableReading,
    is_mapping_file,
    mapping_file,
    read_mapping,
    readings_with_headings,
)
from gis.sources.own_files.mapping_text import mapping_head_text, standard_mapping_text
from gis.sources.tables.catalogue import sha256_of_file
from gis.sources.tables.rows import READABLE, encoding_of_text_file, file_with_parts
from gis.sources.tables.shapes import source_of_shape_file


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A user's file, or the part of it that cites one source: the source, the basis of geometries, and the tables."""

    file: Path
    source: Source
    basis: Basis
    deliveries: tuple[Delivery, ...]
    encoding: str = ""


def find_own_files(territory: Path, catalogue: Mapping[str, Source]) -> list[OwnFile]:
    """Find the user's own files of a territory.

    Raises
    ------
    SchemaError
        If a mapping has faults, or names a source that is not in the catalogue.
    SourceChangedError
        If a part of a file is not the one that was imported.
    """
    raw = territory / "raw"
    files_in_raw = (
        [*raw.iterdir()] if raw.is_dir() else []
    )  # a folder that cannot be listed raises an error, which `glob` would hide
    files = sorted(each for each in files_in_raw if each.is_file() and each.suffix.lower() in READABLE)
    files_found = [each for file in files for each in _own_files_of_file(file, territory, catalogue)]
    orphans = {each.name for each in files_in_raw if is_mapping_file(each)} - {
        mapping_file(file).name for file in files
    }
    if orphans:
        name = min(orphans)
        fault = Fault(name, "the file that it maps is not beside it.", "Put it back, or delete the mapping.")
        raise SchemaError.of(str(raw), [fault])
    return files_found


def _own_files_of_file(file: Path, territory: Path, catalogue: Mapping[str, Source]) -> list[OwnFile]:
    path = mapping_file(file)
    if not path.is_file():
        delivered = _own_file_as_delivered(file, territory, catalogue)
        return [delivered] if delivered else []
    mapping = read_mapping(path)
    _check_parts_unchanged(file, mapping)
    return own_files_by_mapping(file, mapping, catalogue, path)


def own_files_by_mapping(
    file: Path, mapping: FileMapping, catalogue: Mapping[str, Source], path: Path
) -> list[OwnFile]:
    """Return how a file is read with the mapping at `path`: its tables, grouped by the source that they cite.

    Raises
    ------
    SchemaError
        If a source is not in the catalogue.
    """
    readings_by_source: dict[tuple[str, Basis], list[TableReading]] = {}
    for reading in mapping.readings:
        readings_by_source.setdefault(mapping.cited(reading), []).append(reading)
    if unknown_sources := [name for name, _ in readings_by_source if name not in catalogue]:
        fault = Fault("source", f"`{unknown_sources[0]}` is not known.", "Add it to sources.toml.")
        raise SchemaError.of(str(path), [fault])
    return [
        OwnFile(
            file, catalogue[name], basis, tuple(delivery_of_reading(file, each) for each in readings), mapping.encoding
        )
        for (name, basis), readings in readings_by_source.items()
    ]


def mapping_of_imported_file(
    file: Path, catalogue: Mapping[str, Source], come: Path | None = None
) -> tuple[FileMapping, str] | None:
    """Return how a file in `raw/` is read, and its mapping; a delivery without a mapping gets that of its standard.

    A file that no source names and no mapping describes was not imported. `come` is a new file that replaces it.
    """
    path = mapping_file(file)
    if path.is_file():
        return read_mapping(path), path.read_bytes().decode("utf-8-sig")
    source = next((each for each in catalogue.values() if each.file == f"raw/{file.name}"), None)
    come = come or file
    deliveries = recognise_deliveries(come) if source and come.is_file() and file.is_file() else []
    if source is None or not deliveries:
        return None
    readings = readings_with_headings(
        TableReading(each.reading.layer, {}, table=each.reading.table, standard=each.standard) for each in deliveries
    )
    hashes = {part.name: sha256_of_file(part) for part in file_with_parts(come)[1:]}
    encoding = encoding_of_text_file(come)
    encoding = "" if encoding.startswith("utf-8") else encoding
    text = mapping_head_text(file.name, source.source_id, source.basis, encoding, hashes) + "".join(
        map(standard_mapping_text, readings)
    )
    return FileMapping(source.source_id, source.basis, readings, encoding, hashes), text


def delivery_of_reading(file: Path, reading: TableReading) -> Delivery:
    """Return how a table is read that a mapping describes, by its columns or only by its standard."""
    return delivery_by_standard(file, reading) if reading.standard else Delivery("", reading, lambda cells: cells, ())


def _check_parts_unchanged(file: Path, mapping: FileMapping) -> None:
    part_by_name = {part.name: part for part in file_with_parts(file)}
    for name, recorded in mapping.parts.items():
        if name not in part_by_name or sha256_of_file(part_by_name[name]) != recorded:
            mend = f"Put that back, or take it in anew: `gis import … {file.name} --replace`."
            msg = f"{file.with_name(name)}: not the one that was imported. {mend}"
            raise SourceChangedError(msg)


def _own_file_as_delivered(file: Path, territory: Path, catalogue: Mapping[str, Source]) -> OwnFile | None:
    deliveries = recognise_deliveries(file)
    if not deliveries:
        return None
    name = file.relative_to(territory).as_posix()
    source = next((each for each in catalogue.values() if each.file == name), None) or source_of_shape_file(
        file, territory
    )
    return OwnFile(file, source, source.basis, tuple(deliveries))


def read_own_files(
    files: list[OwnFile],
    crs: CRS,
    communes: Mapping[str, str],
    outlines: Outlines | None = None,
    former: Mapping[str, str] = MappingProxyType({}),
) -> list[FileLayer]:
    """Read the user's own files for every layer; `communes` is INSEE code → name, `former` is old code → new code."""
    return [
        read_layer(
            own_file.file,
            delivery.reading,
            crs=crs,
            source=own_file.source,
            basis=own_file.basis,
            encoding=own_file.encoding,
            communes=communes,
            outlines=outlines,
            former=former,
            repair=delivery.repair,
            added=delivery.added,
        )
        for own_file in files
        for delivery in own_file.deliveries
    ]
