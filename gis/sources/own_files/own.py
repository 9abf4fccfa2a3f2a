"""The user's own files in `raw/` of a territory: which there are, and what they say.

A file with a mapping beside it is read as that says; a delivery in the CNIG standard is read as it is. Other files of
`raw/` are somebody else's business. Files are taken in the order of their names: a later one is above an earlier one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pyproj import CRS

from gis.errors import Fault, SchemaError, SourceChangedError
from gis.provenance import Basis, Source
from gis.sources.own_files.cnig_files import Delivery, recognise, with_crs
from gis.sources.own_files.grounding import Outlines
from gis.sources.own_files.mapped import FileLayer, read_layer
from gis.sources.own_files.mapping import FileMapping, TableReading, headed, is_mapping, mapping_file, read_mapping
from gis.sources.own_files.mapping_text import head, standard_text
from gis.sources.tables.catalogue import sha256
from gis.sources.tables.rows import READABLE, encoding_of, parts
from gis.sources.tables.shapes import source_of


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file of the user's own, or what of it cites one source: that, how rows with a shape are known, its tables."""

    file: Path
    source: Source
    basis: Basis
    deliveries: tuple[Delivery, ...]
    encoding: str = ""


def own_files(territory: Path, catalogue: Mapping[str, Source]) -> list[OwnFile]:
    """Find the user's own files of a territory.

    Raises
    ------
    SchemaError
        If a mapping is at fault, or names a source that the catalogue does not know.
    SourceChangedError
        If a part of a file is not the one that was imported.
    """
    raw = territory / "raw"
    there = [*raw.iterdir()] if raw.is_dir() else []  # a folder that cannot be listed says so, as `glob` would not
    files = sorted(each for each in there if each.is_file() and each.suffix.lower() in READABLE)
    found = [each for file in files for each in _read_as(file, territory, catalogue)]
    orphans = {each.name for each in there if is_mapping(each)} - {mapping_file(file).name for file in files}
    if orphans:
        name = min(orphans)
        fault = Fault(name, "the file that it maps is not beside it.", "Put it back, or delete the mapping.")
        raise SchemaError.of(str(raw), [fault])
    return found


def _read_as(file: Path, territory: Path, catalogue: Mapping[str, Source]) -> list[OwnFile]:
    path = mapping_file(file)
    if not path.is_file():
        delivered = _delivered(file, territory, catalogue)
        return [delivered] if delivered else []
    mapping = read_mapping(path)
    _check_parts(file, mapping)
    return mapped_as(file, mapping, catalogue, path)


def mapped_as(file: Path, mapping: FileMapping, catalogue: Mapping[str, Source], path: Path) -> list[OwnFile]:
    """Return how a file is read by a mapping, which stands at `path`: its tables by what they cite.

    Raises
    ------
    SchemaError
        If a source is not in the catalogue.
    """
    cited: dict[tuple[str, Basis], list[TableReading]] = {}
    for reading in mapping.readings:
        cited.setdefault(mapping.cited(reading), []).append(reading)
    if unknown := [name for name, _ in cited if name not in catalogue]:
        fault = Fault("source", f"`{unknown[0]}` is not known.", "Add it to sources.toml.")
        raise SchemaError.of(str(path), [fault])
    return [
        OwnFile(file, catalogue[name], basis, tuple(as_delivery(file, each) for each in readings), mapping.encoding)
        for (name, basis), readings in cited.items()
    ]


def as_imported(
    file: Path, catalogue: Mapping[str, Source], come: Path | None = None
) -> tuple[FileMapping, str] | None:
    """Return how a file of `raw/` is read, and the mapping that says so; of a delivery without one, the one it is.

    A file that no source names and no mapping describes was not imported. `come` is one that comes in its place.
    """
    path = mapping_file(file)
    if path.is_file():
        return read_mapping(path), path.read_bytes().decode("utf-8-sig")
    source = next((each for each in catalogue.values() if each.file == f"raw/{file.name}"), None)
    come = come or file
    deliveries = recognise(come) if source and come.is_file() and file.is_file() else []
    if source is None or not deliveries:
        return None
    readings = headed(
        TableReading(each.reading.layer, {}, table=each.reading.table, standard=each.standard) for each in deliveries
    )
    hashes = {part.name: sha256(part) for part in parts(come)[1:]}
    encoding = encoding_of(come)
    encoding = "" if encoding.startswith("utf-8") else encoding
    text = head(file.name, source.source_id, source.basis, encoding, hashes) + "".join(map(standard_text, readings))
    return FileMapping(source.source_id, source.basis, readings, encoding, hashes), text


def as_delivery(file: Path, reading: TableReading) -> Delivery:
    """Return how a table is read that a mapping describes, by its columns or by its standard alone."""
    return with_crs(file, reading) if reading.standard else Delivery("", reading, lambda cells: cells, ())


def _check_parts(file: Path, mapping: FileMapping) -> None:
    there = {part.name: part for part in parts(file)}
    for name, recorded in mapping.parts.items():
        if name not in there or sha256(there[name]) != recorded:
            mend = f"Put that back, or take it in anew: `gis import … {file.name} --replace`."
            msg = f"{file.with_name(name)}: not the one that was imported. {mend}"
            raise SourceChangedError(msg)


def _delivered(file: Path, territory: Path, catalogue: Mapping[str, Source]) -> OwnFile | None:
    deliveries = recognise(file)
    if not deliveries:
        return None
    name = file.relative_to(territory).as_posix()
    source = next((each for each in catalogue.values() if each.file == name), None) or source_of(file, territory)
    return OwnFile(file, source, source.basis, tuple(deliveries))


def read_own(
    files: list[OwnFile],
    crs: CRS,
    communes: Mapping[str, str],
    outlines: Outlines | None = None,
    former: Mapping[str, str] = MappingProxyType({}),
) -> list[FileLayer]:
    """Read what the user's own files say of every layer; `communes` is INSEE code → name, `former` old → new code."""
    return [
        read_layer(
            own.file,
            delivery.reading,
            crs=crs,
            source=own.source,
            basis=own.basis,
            encoding=own.encoding,
            communes=communes,
            outlines=outlines,
            former=former,
            repair=delivery.repair,
            added=delivery.added,
        )
        for own in files
        for delivery in own.deliveries
    ]
