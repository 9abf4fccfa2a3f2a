"""Every reader of files, each as one function that takes spoilt files and may end in a `GisError` alone."""

import datetime as dt
import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pyproj import CRS

from gis.errors import GisError
from gis.fetching import fetch_territory_sources
from gis.provenance import Basis, Source
from gis.sources.open_data.fetch import FetchOptions
from gis.sources.own_files.importing import ImportPlace, ImportRequest, import_file
from gis.sources.own_files.mapped import read_layer
from gis.sources.own_files.mapping import TARGETS, read_mapping
from gis.sources.own_files.own import find_own_files, read_own_files
from gis.sources.tables.catalogue import read_catalogue
from gis.sources.tables.shapes import read_shapes
from gis.territory import Territory
from tests.conftest import DEMO
from tests.fuzz.mutants import ROWS

ZONE = CRS.from_epsg(3950)
COMMUNES = {"99001": "Port-Neuf", "99002": "Les Prés"}
SOURCE = Source("ville", "t", "p", "l", edition="2024", basis=Basis.DIGITISED)


class LoudError(AssertionError):
    """Something was printed that is no message of ours."""


@contextmanager
def _silent() -> Iterator[None]:
    """Fail when GDAL, or anything else, prints something raw or warns."""
    with tempfile.TemporaryFile() as caught, warnings.catch_warnings():
        warnings.simplefilter("error")
        before = os.dup(2)
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            logging.shutdown()
            os.dup2(before, 2)
            os.close(before)
        caught.seek(0)
        if printed := caught.read():
            raise LoudError(printed[:300])


def imports(folder: Path, name: str, files: Mapping[str, bytes], layer: str = "sites") -> None:
    """Import a file into a folder and read what was imported; without a layer as what it says itself."""
    place = ImportPlace(folder / "territory", ZONE, COMMUNES, {"site_id": {"port"}})
    place.folder.mkdir()
    catalogue = place.folder / "sources.toml"
    catalogue.write_text("", encoding="utf-8")
    inbox = folder / "inbox"
    inbox.mkdir()
    for each, data in files.items():
        (inbox / each).write_bytes(data)
    table = "" if not name.startswith("many") else layer if layer in {"roads", "accesses"} else "roads"
    import_file(place, inbox / name, ImportRequest(layer, table), SOURCE)
    read_own_files(find_own_files(place.folder, read_catalogue(catalogue)), ZONE, COMMUNES)


def shapes(folder: Path, name: str, files: Mapping[str, bytes], layer: str = "sites") -> None:
    """Read a file of shapes of rows that are known."""
    for each, data in files.items():
        (folder / each).write_bytes(data)
    read_shapes(folder / name, layer, ROWS["site_id"], ZONE, SOURCE)


def mapping(folder: Path, name: str, files: Mapping[str, bytes], _: str = "") -> None:
    """Read a mapping, and a table as it says."""
    (folder / name).write_bytes(files[name])
    table = folder / "zones.csv"
    table.write_text("site_id;nom;surf_ha;wkt\na;Un;8,25;\n", encoding="utf-8")
    found = read_mapping(folder / name)
    for reading in found.readings:
        read_layer(table, reading, crs=ZONE, source=SOURCE, basis=found.basis, encoding=found.encoding)


def catalogue(folder: Path, name: str, files: Mapping[str, bytes], _: str = "") -> None:
    """Read a catalogue of sources."""
    (folder / name).write_bytes(files[name])
    read_catalogue(folder / name)


def settings(folder: Path, name: str, files: Mapping[str, bytes], _: str = "") -> None:
    """Open a territory with what its territory.toml says, compute it, and ask what could be fetched."""
    for each, text in DEMO.items():
        (folder / each).write_text(text, encoding="utf-8")
    (folder / "territory.toml").write_bytes(files[name])
    territory = Territory(folder)
    assert territory.layers
    assert territory.figures
    assert territory.colour + territory.logo is not None
    list(fetch_territory_sources(folder, [], FetchOptions(dt.date(2025, 1, 1), offline=True)))


Reader = Callable[[Path, str, Mapping[str, bytes], str], None]


def readers_of(kind: str) -> list[Reader]:
    """Return the readers that a kind of file meets."""
    toml: dict[str, Reader] = {"mapping": mapping, "sources": catalogue, "territory": settings}
    if kind in toml:
        return [toml[kind]]
    return [imports, shapes] if kind in {"gpkg", "shp", "fgb", "geojson", "json in metres"} else [imports]


#: Layers that a file may be said to hold, drawn as polygons, lines, points, and not at all.
AS = [layer for layer in TARGETS if layer in {"sites", "parcels", "roads", "accesses", "establishments", "owners"}]


def ends(reader: Reader, name: str, files: Mapping[str, bytes], layer: str) -> str:
    """Return how a reader ends: read, or refused with a message that names the file; anything else is raised."""
    with tempfile.TemporaryDirectory() as folder, _silent():
        try:
            reader(Path(folder), name, files, layer)
        except GisError as error:
            return "refused" if str(error).strip() else "refused without a word"
    return "read"
