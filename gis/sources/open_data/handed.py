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
from gis.sources.open_data.answers import features_of, json_of
from gis.sources.open_data.features import unpacked, write_features
from gis.sources.tables import delimited
from gis.sources.tables.accounts import NO_COMMUNE, OTHER_COMMUNE, UNKNOWN_CODE, Account, Fate, Ledger, Reason
from gis.sources.tables.codes import DISTRICTS
from gis.sources.tables.rows import TEXTS, open_rows, tables_of
from gis.sources.tables.shapes import SUFFIXES

#: What is looked at besides what `gis.sources.tables.rows` reads.
PACKED: Final = (".gz", ".parquet", ".zip")
_JSON: Final = (".json", ".geojson")
_LOOKED_AT: Final = 50


def commune_of(insee: str) -> str:
    """Return the commune that a code is of: a municipal district is a part of one.

    >>> commune_of("75118"), commune_of("69123"), commune_of("99001")
    ('75056', '69123', '99001')
    """
    return DISTRICTS.get(insee, insee)


def with_parts(communes: Iterable[str]) -> tuple[str, ...]:
    """Return codes of communes, and those of the districts of a commune that has some.

    >>> with_parts(["99001", "69123"])[:3]
    ('99001', '69123', '69381')
    """
    return tuple(
        code for insee in communes for code in (insee, *(d for d, whole in DISTRICTS.items() if whole == insee))
    )


@dataclass(frozen=True, slots=True)
class FirstSight:
    """What a file shows of itself at first sight: the names of its columns and of its tables."""

    file: Path
    columns: frozenset[str] = frozenset()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TakenParts:
    """What was taken out of a file: its parts (name below `raw/` → rows), and what became of every row of it."""

    parts: Mapping[str, int]
    account: Account = field(default_factory=Account)
    notes: tuple[str, ...] = ()


def of_elsewhere(code: str) -> Reason:
    """Return what becomes of a row of a commune that is not of the territory, or of none that can be told."""
    is_code = len(code) == len("99001") and code.isalnum()
    return (
        (Fate.PASSED_OVER, f"{OTHER_COMMUNE}{code}")
        if is_code
        else (Fate.REFUSED, UNKNOWN_CODE if code else NO_COMMUNE)
    )


def look(file: Path) -> FirstSight:
    """Look at the columns and tables of a file; one that cannot be read shows none, and whoever reads it says why."""
    try:
        return FirstSight(file, frozenset(_columns(file)), tuple(tables_of(file)) if file.suffix == ".gpkg" else ())
    except (GisError, OSError, ValueError, zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error):
        return FirstSight(file)


def _columns(file: Path) -> Iterable[str]:
    suffix = file.suffix.lower()
    if suffix == ".parquet":
        return [str(name) for name in pq.read_schema(file).names]
    if suffix == ".zip":
        return delimited.header_in(_opened(file), str(file)) if _packed_text(file) else ()
    if suffix in {".gz", *_JSON}:
        return {key for each in _collection(file)[0][:_LOOKED_AT] for key in each.get("properties") or {}}
    if suffix in TEXTS:
        return delimited.header_of(file)
    if suffix in SUFFIXES and len(tables_of(file)) == 1:
        with open_rows(file) as rows:
            return rows.columns
    return ()


def _collection(file: Path) -> tuple[Sequence[Mapping[str, Any]], CRS]:
    """Read the features of a GeoJSON, packed or not, as they were published."""
    try:
        text = json_of(unpacked(file))
        features = features_of(text, str(file))
        name = ((text.get("crs") or {}).get("properties") or {}).get("name", "")
        crs = CRS.from_user_input(name) if name and "CRS84" not in name else DEGREES
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, CRSError):
        raise SourceError(f"{file}: is no sound GeoJSON. Get it anew from its publisher.") from None
    return features, crs


def features_in(file: Path) -> tuple[Sequence[Mapping[str, Any]], CRS]:
    """Return the features of a file of any kind with the columns as published; of a table, points by its degrees.

    Raises
    ------
    SourceError, CrsError
        If it cannot be read, or does not say in which CRS its shapes are.
    """
    if file.suffix.lower() in {".gz", *_JSON}:
        return _collection(file)
    with open_rows(file) as rows:
        if rows.drawn and rows.crs is None:
            fault = Fault("", "no CRS.", "Save it with one: publishers' files are read as they come.")
            raise CrsError.of(str(file), [fault])
        found = [
            {"type": "Feature", "properties": {**each.cells}, "geometry": _shape(each.shape, each.cells)}
            for each in rows.records
        ]
        return found, rows.crs or DEGREES


def _shape(drawn: Any, cells: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Return the shape of a row as GeoJSON has it: its own, that of a cell as text, else its longitude and latitude."""
    if drawn is not None:
        return json.loads(json.dumps(drawn, default=dict)) if isinstance(drawn, dict) else dict(drawn.__geo_interface__)
    for name in ("geomsurf", "geompoint", "geom", "geometry", "wkt"):
        if text := cells.get(name, "").rpartition(";")[2]:
            try:
                return dict(shapely.geometry.mapping(shapely.from_wkt(text)))
            except shapely.errors.ShapelyError:
                continue
    try:
        at = [float(cells[name].replace(",", ".")) for name in ("longitude", "latitude")]
    except (KeyError, ValueError):
        return None
    return {"type": "Point", "coordinates": at}


def take_features(  # noqa: PLR0913, PLR0917  (the file, where to, and what its features say)
    look: FirstSight,
    aside: Path,
    raw: Path,
    communes: Sequence[str],
    commune: Callable[[Mapping[str, Any]], str],
    name: Callable[[str], str],
) -> TakenParts:
    """Write the features of the communes, a file for each name; those of communes it says nothing of stay.

    Parameters
    ----------
    look
        The file.
    aside, raw
        Where parts are written, and where those stand that came before.
    communes
        The codes that are wanted.
    commune, name
        Which commune the properties of a feature name, and the part for a commune.
    """
    features, crs = features_in(look.file)
    epsg = crs.to_epsg()
    if epsg is None:
        raise CrsError.of(str(look.file), [Fault("", "its CRS has no EPSG code.", "Save it in EPSG:2154 or 4326.")])
    wanted, parts, said = {*communes}, dict[str, list[Any]](), set[str]()
    ledger = Ledger()
    for each in features:
        ledger.rows_in += 1
        code = commune(each.get("properties") or {})
        if code in wanted:
            parts.setdefault(name(code), []).append(each)
            said.add(code)
            ledger.row(Fate.USED)
        else:
            ledger.row(*of_elsewhere(code))
    for part, mine in parts.items():
        if (raw / part).is_file():
            old, there = _collection(raw / part)
            kept = [each for each in old if commune(each.get("properties") or {}) not in said]
            mine.extend(kept if there == crs else _moved(kept, there, crs))
        write_features(aside / part, mine, epsg)
    return TakenParts({part: len(mine) for part, mine in parts.items()}, ledger.closed())


def _moved(features: Sequence[Mapping[str, Any]], old: CRS, new: CRS) -> list[Mapping[str, Any]]:
    """Bring features into another CRS."""
    forward = Transformer.from_crs(old, new, always_xy=True)

    def ground(drawn: Any) -> Any:
        shape = shapely.transform(
            shapely.from_geojson(json.dumps(drawn)), lambda xy: np.column_stack(forward.transform(*xy.T))
        )
        return json.loads(shapely.to_geojson(shape))

    return [{**each, "geometry": ground(each["geometry"]) if each.get("geometry") else None} for each in features]


def rows_in(file: Path, least: int = 0) -> Iterator[Sequence[str]]:
    """Give the rows of a text, its header first, whatever stands between its cells; columns may have one name."""
    text = delimited.text_of(delimited.bytes_of(file), str(file))
    _, sign, start = delimited.dialect(text)
    for line in delimited.rows_of(io.StringIO(text[start:], newline=""), str(file), delimiter=sign, least=least):
        if any(cell.strip() for cell in line.cells):
            yield line.cells


def tables_in(file: Path, wanted: Iterable[str]) -> Iterator[pa.Table]:
    """Give a table piece by piece, with the columns that are there of those wanted, as texts.

    A whole country is never held at once: of Parquet, of a text, and of the one text of an archive.

    Raises
    ------
    GisError
        If it cannot be read.
    """
    suffix = file.suffix.lower()
    if suffix == ".parquet":
        yield from _of_parquet(file, wanted)
    elif suffix in {*TEXTS, ".zip"}:
        with _unpacking(file), delimited.streamed(lambda: _opened(file), str(file)) as table:
            names = [name for name in wanted if name in table.header]
            at = [table.header.index(name) for name in names]
            yield from _pieces(names, ([line.cells[n] for n in at] for line in table.lines))
    else:
        with open_rows(file) as rows:
            names = [name for name in wanted if name in rows.columns]
            yield from _pieces(names, ([record.cells[name] for name in names] for record in rows.records))


def _of_parquet(file: Path, wanted: Iterable[str]) -> Iterator[pa.Table]:
    try:
        with pq.ParquetFile(file) as parquet:
            there = [name for name in wanted if name in parquet.schema_arrow.names]
            for batch in parquet.iter_batches(PIECE, columns=there):
                piece = pa.Table.from_batches([batch])
                yield pa.table({name: piece[name].cast(pa.string()).fill_null("") for name in there})
    except (pa.ArrowException, OSError, EOFError) as error:
        raise SourceError(f"{file}: no sound Parquet ({error}). Get it anew from its publisher.") from None


def _pieces(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[pa.Table]:
    every = iter(rows)
    while piece := list(islice(every, PIECE)):
        columns = zip(*piece, strict=True) if names else ()
        yield pa.table({name: pa.array(texts, pa.string()) for name, texts in zip(names, columns, strict=True)})


#: Rows that are held at once.
PIECE: Final = 50_000


def _packed_text(file: Path) -> str:
    """Return the name of the one text of an archive; nothing where it holds none, or several."""
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if Path(name).suffix.lower() in TEXTS]
    return names[0] if len(names) == 1 else ""


def _opened(file: Path) -> IO[bytes]:
    """Open a text, or the one of an archive."""
    if file.suffix.lower() != ".zip":
        return file.open("rb")
    return zipfile.ZipFile(file).open(_packed_text(file))


@contextlib.contextmanager
def _unpacking(file: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, NotImplementedError) as error:
        raise SourceError(f"{file}: no sound archive ({error}). Get it anew from its publisher.") from None
