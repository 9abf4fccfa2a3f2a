"""Reads a GeoPackage that another program has open, with all committed changes, and leaves no file beside it.

SQLite keeps new data in a file beside the database (`-wal`), or the data for a rollback (`-journal`); reading the
database file alone gives outdated or inconsistent rows. Such a file is read from a copy made by SQLite itself.
"""

import atexit
import contextlib
import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from gis.errors import SourceError
from gis.journal import is_sidecar_needed

#: What a database begins with; two bytes further on say whether it is read and written by way of a `-wal`.
_MAGIC: Final = b"SQLite format 3\x00"
_BY_WAL: Final = b"\x02\x02"

#: Tables that SQLite, GDAL and QGIS keep for themselves, and styles.
HOUSEKEEPING: Final = re.compile(
    r"gpkg_.*|layer_styles|qgis_.*|ogr_empty_table|data_licenses|spatialite_history|sqlite_.*|rtree_.*"
)

#: In which column shapes are, and in which CRS.
_DRAWN: Final = (
    "SELECT table_name, column_name, geometry_type_name, definition FROM gpkg_geometry_columns "
    "LEFT JOIN gpkg_spatial_ref_sys USING (srs_id) ORDER BY table_name"
)


def settled_file(file: Path) -> Path:
    """Return the file to read in place of a GeoPackage: itself, or a copy with what stands beside it.

    Raises
    ------
    SourceError
        If another program is writing it at this moment.
    """
    if file.suffix.lower() != ".gpkg" or not file.is_file():
        return file
    files_needed = unsettled_files(file)
    with file.open("rb") as stream:
        start = stream.read(20)
    if not start.startswith(_MAGIC) or not (files_needed or start[18:] == _BY_WAL):
        return file
    states = tuple((each.name, each.stat().st_size, each.stat().st_mtime_ns) for each in (file, *files_needed))
    return _settled_copy(file.resolve(), states)


def unsettled_files(file: Path) -> list[Path]:
    """Return the files beside a GeoPackage that hold what is not in it, or must be taken back."""
    files_beside = (file.with_name(f"{file.name}{ending}") for ending in ("-wal", "-journal"))
    return [
        each for each in files_beside if file.suffix.lower() == ".gpkg" and each.is_file() and is_sidecar_needed(each)
    ]


@cache
def _settled_copy(file: Path, states: tuple[tuple[str, int, int], ...]) -> Path:
    target = Path(tempfile.mkdtemp(dir=_copies_folder())) / file.name
    is_live = file.with_name(f"{file.name}-shm").exists()
    try:
        if len(states) > 1 and not is_live:  # nobody is at it: SQLite mends a copy
            _mended_copy(file, [file.with_name(name) for name, *_ in states], target)
        else:
            _backup_database(f"{file.as_uri()}?mode=ro{'' if len(states) > 1 else '&immutable=1'}", target)
    except sqlite3.Error as error:
        msg = f"{file}: cannot be read while another program has it open ({error}). Close it there, and try again."
        raise SourceError(msg) from None
    return target


def _mended_copy(file: Path, files: list[Path], target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=_copies_folder()) as folder:
        for database_file in files:
            shutil.copyfile(database_file, Path(folder) / database_file.name)
        _backup_database((Path(folder) / file.name).as_uri(), target)


def _backup_database(address: str, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(address, uri=True)) as source,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


@cache
def _copies_folder() -> Path:
    """Make the folder of the copies of this process, and take those of dead ones away."""
    for old_folder in Path(tempfile.gettempdir()).glob("emprise-read-*-*"):
        with contextlib.suppress(OSError, ValueError):
            if not _is_process_alive(int(old_folder.name.split("-")[2])):
                shutil.rmtree(old_folder)
    folder = Path(tempfile.mkdtemp(prefix=f"emprise-read-{os.getpid()}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _is_process_alive(process: int) -> bool:
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def content_hash(file: Path) -> str:
    """Return a hash of what a GeoPackage holds, but for what programs that only look at it change; "" of other files.

    Raises
    ------
    SourceError
        If it is no database.
    """
    if file.suffix.lower() != ".gpkg":
        return ""
    digest = hashlib.sha256()
    try:
        with contextlib.closing(sqlite3.connect(f"{settled_file(file).resolve().as_uri()}?mode=ro", uri=True)) as base:
            base.text_factory = bytes
            for line in _content_lines(base):
                digest.update(line)
    except sqlite3.Error as error:
        raise SourceError(f"{file}: is no sound GeoPackage ({error}). Save it again in QGIS.") from None
    return digest.hexdigest()


def _content_lines(base: sqlite3.Connection) -> Iterator[bytes]:
    yield from (b"%r" % (row,) for row in base.execute(_DRAWN))
    tables = base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    for name, sql in tables:
        table_name = name.decode(errors="replace")
        if not HOUSEKEEPING.fullmatch(table_name):
            yield b"%r" % ((name, sql),)
            quoted = table_name.replace('"', '""')
            yield from (b"%r" % (row,) for row in base.execute(f'SELECT * FROM "{quoted}"'))  # noqa: S608  (its own name)
