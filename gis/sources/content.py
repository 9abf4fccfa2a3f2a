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
            kept = sorted(map(repr, rows)) if name in _LISTED else map(repr, rows)
            for text in (name, repr(columns), *kept):
                digest.update(text.encode() + b"\n")
    return digest.hexdigest()
