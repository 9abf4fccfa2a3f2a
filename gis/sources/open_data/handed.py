"""Recognises a publisher's file supplied by the user, and extracts the part that concerns a territory.

Each source declares the columns that identify its file (`Handed` in `gis.sources.open_data.national`), and extracts
the rows that `gis fetch` would have downloaded, in the same format, so that one reader reads both.
"""

import contextlib
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gis.crs import DEGREES
from gis.errors import CrsError, Fault, GisError, SourceError
from gis.sources.open_data.answers import features_of_collection, parse_json
from gis.sources.open_data.features import unpacked_bytes, write_features
from gis.sources.tables import delimited
from gis.sources.tables.accounts import NO_COMMUNE, OTHER_COMMUNE, UNKNOWN_CODE, Account, Fate, Ledger, Reason
from gis.sources.tables.codes import DISTRICTS
from gis.sources.tables.rows import TEXTS, open_rows, table_names_of_file
from gis.sources.tables.shapes import SUFFIXES

#: Additional file formats, beside those that `gis.sources.tables.rows` reads.
PACKED: Final = (".gz", ".parquet", ".zip")
_JSON: Final = (".json", ".geojson")
_LOOKED_AT: Final = 50


def commune_of_code(insee: str) -> str:
    """Return the commune of a code: a municipal district (arrondissement) belongs to its commune.

    >>> commune_of_code("75118"), commune_of_code("69123"), commune_of_code("99001")
    ('75056', '69123', '99001')
    """
    return DISTRICTS.get(insee, insee)


def codes_with_districts(communes: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of communes, followed by those of their municipal districts.

    >>> codes_with_districts(["99001", "69123"])[:3]
    ('99001', '69123', '69381')
    """
    return tuple(
        code
        for insee in communes
        for code in (insee, *(district for district, whole in DISTRICTS.items() if whole == insee))
    )


@dataclass(frozen=True, slots=True)
class FirstSight:
    """The features by which a file is recognised: the names of its columns and of its tables."""

    file: Path
    columns: frozenset[str] = frozenset()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TakenParts:
    """The extract of a file: its parts (name below `raw/` → rows), and what became of every row of the file."""

    parts: Mapping[str, int]
    account: Account = field(default_factory=Account)
    notes: tuple[str, ...] = ()


def fate_of_commune_code(code: str) -> Reason:
    """Return the fate of a row of a commune outside the territory, or of an unknown commune."""
    is_code = len(code) == len("99001") and code.isalnum()
    return (
        (Fate.PASSED_OVER, f"{OTHER_COMMUNE}{code}")
        if is_code
        else (Fate.REFUSED, UNKNOWN_CODE if code else NO_COMMUNE)
    )


def first_sight_of_file(file: Path) -> FirstSight:
    """Return the columns and tables of a file; none if it cannot be read, which its reader reports."""
    try:
        return FirstSight(
            file, frozenset(_columns_of_file(file)), tuple(table_names_of_file(file)) if file.suffix == ".gpkg" else ()
        )
    except (GisError, OSError, ValueError, zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error):
        return FirstSight(file)


def _columns_of_file(file: Path) -> Iterable[str]:
    suffix = file.suffix.lower()
    if suffix == ".parquet":
        return [str(name) for name in pq.read_schema(file).names]
    if suffix == ".zip":
        return delimited.header_of_stream(_open_text(file), str(file)) if _name_of_packed_text(file) else ()
    if suffix in {".gz", *_JSON}:
        return {key for each in _published_features(file)[0][:_LOOKED_AT] for key in each.get("properties") or {}}
    if suffix in TEXTS:
        return delimited.header_of_delimited(file)
    if suffix in SUFFIXES and len(table_names_of_file(file)) == 1:
        with open_rows(file) as rows:
            return rows.columns
    return ()


def _published_features(file: Path) -> tuple[Sequence[Mapping[str, Any]], CRS]:
    """Read the features of a GeoJSON file, compressed or not, as published."""
    try:
        collection = parse_json(unpacked_bytes(file))
        features = features_of_collection(collection, str(file))
        name = ((collection.get("crs") or {}).get("properties") or {}).get("name", "")
        crs = CRS.from_user_input(name) if name and "CRS84" not in name else DEGREES
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, CRSError):
        raise SourceError(f"{file}: is no sound GeoJSON. Get it anew from its publisher.") from None
    return features, crs


def features_of_file(file: Path) -> tuple[Sequence[Mapping[str, Any]], CRS]:
    """Return the features of a file of any kind, with the published columns; a table gives points in degrees.

    Raises
    ------
    SourceError, CrsError
        If it cannot be read, or does not declare the CRS of its geometries.
    """
    if file.suffix.lower() in {".gz", *_JSON}:
        return _published_features(file)
    with open_rows(file) as rows:
        if rows.drawn and rows.crs is None:
            fault = Fault("", "no CRS.", "Save it with one: publishers' files are read as they come.")
            raise CrsError.of(str(file), [fault])
        geojson_features = [
            {"type": "Feature", "properties": {**each.cells}, "geometry": _geojson_of_row(each.shape, each.cells)}
            for each in rows.records
        ]
        return geojson_features, rows.crs or DEGREES


def _geojson_of_row(drawn: Any, cells: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Return the geometry of a row as GeoJSON: its own, that in a text cell, or its longitude and latitude; or None."""
    if drawn is not None:
        return json.loads(json.dumps(drawn, default=dict)) if isinstance(drawn, dict) else dict(drawn.__geo_interface__)
    for name in ("geomsurf", "geompoint", "geom", "geometry", "wkt"):
        if text := cells.get(name, "").rpartition(";")[2]:
            try:
                return dict(shapely.geometry.mapping(shapely.from_wkt(text)))
            except shapely.errors.ShapelyError:
                continue
    try:
        longitude_latitude = [float(cells[name].replace(",", ".")) for name in ("longitude", "latitude")]
    except (KeyError, ValueError):
        return None
    return {"type": "Point", "coordinates": longitude_latitude}


def take_features(  # noqa: PLR0913, PLR0917  (the file, the target, and the content of its features)
    look: FirstSight,
    aside: Path,
    raw: Path,
    communes: Sequence[str],
    commune: Callable[[Mapping[str, Any]], str],
    name: Callable[[str], str],
) -> TakenParts:
    """Write the features of the communes, one file per name; communes absent from the file keep their features.

    Parameters
    ----------
    look
        The file.
    aside, raw
        The folder to write parts to, and the folder with the earlier parts.
    communes
        The requested codes.
    commune, name
        Functions: properties of a feature → its commune, and commune → name of its part.
    """
    features, crs = features_of_file(look.file)
    epsg = crs.to_epsg()
    if epsg is None:
        raise CrsError.of(str(look.file), [Fault("", "its CRS has no EPSG code.", "Save it in EPSG:2154 or 4326.")])
    wanted_codes, parts, codes_said = {*communes}, dict[str, list[Any]](), set[str]()
    ledger = Ledger()
    for feature in features:
        ledger.rows_in += 1
        code = commune(feature.get("properties") or {})
        if code in wanted_codes:
            parts.setdefault(name(code), []).append(feature)
            codes_said.add(code)
            ledger.row(Fate.USED)
        else:
            ledger.row(*fate_of_commune_code(code))
    for part, features_of_part in parts.items():
        if (raw / part).is_file():
            old_features, old_crs = _published_features(raw / part)
            kept_features = [
                feature for feature in old_features if commune(feature.get("properties") or {}) not in codes_said
            ]
            features_of_part.extend(kept_features if old_crs == crs else _features_in_crs(kept_features, old_crs, crs))
        write_features(aside / part, features_of_part, epsg)
    return TakenParts({part: len(features_of_part) for part, features_of_part in parts.items()}, ledger.closed())


def _features_in_crs(features: Sequence[Mapping[str, Any]], old: CRS, new: CRS) -> list[Mapping[str, Any]]:
    """Transform features to another CRS."""
    forward = Transformer.from_crs(old, new, always_xy=True)

    def moved_geometry(drawn: Any) -> Any:
        shape = shapely.transform(
            shapely.from_geojson(json.dumps(drawn)), lambda xy: np.column_stack(forward.transform(*xy.T))
        )
        return json.loads(shapely.to_geojson(shape))

    return [
        {**each, "geometry": moved_geometry(each["geometry"]) if each.get("geometry") else None} for each in features
    ]


def rows_of_text_file(file: Path, least: int = 0) -> Iterator[Sequence[str]]:
    """Yield the rows of a text file, the header first, with any delimiter; column names may be repeated."""
    text = delimited.text_of_bytes(delimited.bytes_of_file(file), str(file))
    _, sign, start = delimited.detect_dialect(text)
    for line in delimited.headerless_rows(
        io.StringIO(text[start:], newline=""), str(file), delimiter=sign, least=least
    ):
        if any(cell.strip() for cell in line.cells):
            yield line.cells


def table_pieces(file: Path, wanted: Iterable[str]) -> Iterator[pa.Table]:
    """Yield a table in pieces, with those of the wanted columns that exist, as texts.

    Parquet, a text, and the single text of an archive are never loaded completely: they may cover the whole country.

    Raises
    ------
    GisError
        If it cannot be read.
    """
    suffix = file.suffix.lower()
    if suffix == ".parquet":
        yield from _parquet_pieces(file, wanted)
    elif suffix in {*TEXTS, ".zip"}:
        with _guarded_unpacking(file), delimited.streamed_table(lambda: _open_text(file), str(file)) as table:
            names = [name for name in wanted if name in table.header]
            column_positions = [table.header.index(name) for name in names]
            yield from _row_pieces(names, ([line.cells[n] for n in column_positions] for line in table.lines))
    else:
        with open_rows(file) as rows:
            names = [name for name in wanted if name in rows.columns]
            yield from _row_pieces(names, ([record.cells[name] for name in names] for record in rows.records))


def _parquet_pieces(file: Path, wanted: Iterable[str]) -> Iterator[pa.Table]:
    try:
        with pq.ParquetFile(file) as parquet:
            parquet_names = [name for name in wanted if name in parquet.schema_arrow.names]
            for batch in parquet.iter_batches(PIECE, columns=parquet_names):
                piece = pa.Table.from_batches([batch])
                yield pa.table({name: piece[name].cast(pa.string()).fill_null("") for name in parquet_names})
    except (pa.ArrowException, OSError, EOFError) as error:
        raise SourceError(f"{file}: no sound Parquet ({error}). Get it anew from its publisher.") from None


def _row_pieces(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[pa.Table]:
    remaining_rows = iter(rows)
    while piece := list(islice(remaining_rows, PIECE)):
        columns = zip(*piece, strict=True) if names else ()
        yield pa.table({name: pa.array(texts, pa.string()) for name, texts in zip(names, columns, strict=True)})


#: Maximum number of rows in memory.
PIECE: Final = 50_000


def _name_of_packed_text(file: Path) -> str:
    """Return the name of the single text in an archive; the empty text if it holds none, or several."""
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if Path(name).suffix.lower() in TEXTS]
    return names[0] if len(names) == 1 else ""


def _open_text(file: Path) -> IO[bytes]:
    """Open a text file, or the single text of an archive."""
    if file.suffix.lower() != ".zip":
        return file.open("rb")
    return zipfile.ZipFile(file).open(_name_of_packed_text(file))


@contextlib.contextmanager
def _guarded_unpacking(file: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, NotImplementedError) as error:
        raise SourceError(f"{file}: no sound archive ({error}). Get it anew from its publisher.") from None
