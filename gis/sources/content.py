"""What a GeoPackage holds, whatever a program that merely opened it wrote into it."""

import contextlib
import hashlib
import re
import sqlite3
from pathlib import Path
from typing import Final

from gis.sources.vectors import HOUSEKEEPING, guarded

#: Tables that a program keeps for itself: counts, indexes, extensions.
_OWN: Final = re.compile(r"gpkg_(ogr_contents|extensions|metadata.*|spatial_ref_sys|tile_.*)")

#: Of the list of layers and of their shapes, what says how they are read.
_LISTED: Final = {
    "gpkg_contents": "table_name, data_type, srs_id",
    "gpkg_geometry_columns": "table_name, column_name, geometry_type_name, srs_id",
}


def content_hash(file: Path) -> str:
    """Return the hash of the rows of a GeoPackage, in hexadecimal; nothing for another file.

    Raises
    ------
    SourceError
        If it cannot be read.
    """
    if file.suffix.lower() != ".gpkg":
        return ""
    digest = hashlib.sha256()
    with guarded(file), contextlib.closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as base:
        names = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        base.text_factory = bytes
        for name in names:
            if _OWN.fullmatch(name) or HOUSEKEEPING.fullmatch(name):
                continue
            quoted = name.replace('"', '""')
            rows = base.execute(f'SELECT {_LISTED.get(name, "*")} FROM "{quoted}"')  # noqa: S608  (quoted)
            columns = [said[0] for said in rows.description]
            digest.update(f"{name}\n{columns}\n".encode())
            listed = name in _LISTED
            texts = (repr(row) for row in rows if not listed or not HOUSEKEEPING.fullmatch(row[0].decode()))
            for text in sorted(texts) if listed else texts:
                digest.update(f"{text}\n".encode())
    return digest.hexdigest()
