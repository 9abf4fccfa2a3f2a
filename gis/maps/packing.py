"""Compact encoding of rows and geometries in a page; `assets/src/packing.js` decodes it."""

import base64
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from gis.crs import DEGREES

#: Steps per degree: coordinates on a page are rounded to about 0.1 m.
PRECISION: Final = 1_000_000
#: A column whose values repeat this often on average is stored as its distinct values and a code per row.
OFTEN: Final = 2


def compact_json(value: object) -> str:
    """Return plain values as JSON without whitespace."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def deflate(text: str) -> str:
    """Compress a text to base64, which is safe anywhere in HTML; `assets/src/loader.js` decompresses it.

    >>> inflate(deflate("zone d’activités"))
    'zone d’activités'
    """
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode("ascii")


def inflate(packed: str) -> str:
    """Return the text that `deflate` compressed."""
    return zlib.decompress(base64.b64decode(packed)).decode()


def pack_rows(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Encode rows column by column.

    A column with few distinct values becomes these values and a code per row. Lists of equal length are packed
    element by element, maps field by field. A column equal to an earlier one becomes the name of that column.

    >>> pack_rows([{"a": 1, "b": "x", "c": 1}, {"a": 2, "b": "x", "c": 2}])
    {'n': 2, 'columns': {'a': {'values': [1, 2]}, 'b': {'words': ['x'], 'codes': [0, 0]}, 'c': {'like': 'a'}}}
    >>> unpack_rows(pack_rows([{"at": [1, 2], "km": {"port": 3}}, {"at": [4, 5], "km": {}}]))
    [{'at': [1, 2], 'km': {'port': 3}}, {'at': [4, 5], 'km': {}}]
    """
    columns: dict[str, dict[str, Any]] = {}
    name_by_column: dict[str, str] = {}
    for name in rows[0] if rows else ():
        column = _packed_column([row[name] for row in rows])
        same_column = name_by_column.setdefault(compact_json(column), name)
        columns[name] = column if same_column == name else {"like": same_column}
    return {"n": len(rows), "columns": columns}


def _packed_column(values: list[Any]) -> dict[str, Any]:
    keys = [compact_json(value) for value in values]
    distinct = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    if len(distinct) * OFTEN <= len(values):
        return {"words": [json.loads(key) for key in distinct], "codes": [distinct[key] for key in keys]}
    if all(isinstance(value, dict) and None not in value.values() for value in values):
        names = dict.fromkeys(name for value in values for name in value)
        return {"fields": {name: _packed_column([value.get(name) for value in values]) for name in names}}
    lengths = {len(value) if isinstance(value, list) else 0 for value in values}
    if len(lengths) == 1 and lengths != {0}:
        return {"parts": [_packed_column(list(part)) for part in zip(*values, strict=True)]}
    return {"values": values}


def unpack_rows(packed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows that `pack_rows` encoded."""
    columns = packed["columns"]
    values_by_name = {
        name: _unpacked_values(columns[column.get("like", name)], packed["n"]) for name, column in columns.items()
    }
    return [{name: values[n] for name, values in values_by_name.items()} for n in range(packed["n"])]


def _unpacked_values(column: Mapping[str, Any], n: int) -> list[Any]:
    if "words" in column:
        return [column["words"][code] for code in column["codes"]]
    if "parts" in column:
        return [list(each) for each in zip(*(_unpacked_values(part, n) for part in column["parts"]), strict=True)]
    if "fields" in column:
        fields = {name: _unpacked_values(field, n) for name, field in column["fields"].items()}
        return [{name: values[k] for name, values in fields.items() if values[k] is not None} for k in range(n)]
    values: list[Any] = column["values"]
    return values


#: Keys in page data that cite the source of a value: the id of one source, or of several.
CITING: Final = frozenset({"source", "sources"})


def cited_source_ids(value: object) -> set[str]:
    """Return the ids of the sources that plain values cite at any depth, in packed rows as well.

    >>> sorted(cited_source_ids({"at": [{"source": "plan"}], "rows": pack_rows([{"sources": ["deed", "plan"]}])}))
    ['deed', 'plan']
    """
    if isinstance(value, Mapping):
        if value.keys() == {"n", "columns"}:
            return cited_source_ids(unpack_rows(value))
        direct_sources = {key for name in CITING & value.keys() for key in _ids_of_citation(value[name])}
        return direct_sources.union(*(cited_source_ids(each) for name, each in value.items() if name not in CITING))
    if isinstance(value, list | tuple):
        return set().union(*map(cited_source_ids, value))
    return set()


def _ids_of_citation(cited: str | Iterable[str]) -> set[str]:
    return {cited} if isinstance(cited, str) else set(cited)


def encode_polygons(shapes: gpd.GeoSeries) -> str:
    """Encode polygons for a page: rings as zigzag varints of differences, in base64.

    For each geometry, the number of its rings. For each ring, the number of its points without the closing one, then
    longitude and latitude as differences from the previous point, in steps of 1e-6 degree. A missing geometry has no
    rings.
    """
    numbers: list[int] = []
    last_point = np.zeros(2, dtype=np.int64)
    for shape in shapely.orient_polygons(shapes.to_crs(DEGREES).to_numpy(), exterior_cw=False):
        rings = [] if shape is None else [r for p in shapely.get_parts(shape) for r in (p.exterior, *p.interiors)]
        numbers.append(len(rings))
        for ring in rings:
            points = np.rint(np.asarray(ring.coords)[:-1, :2] * PRECISION).astype(np.int64)
            steps = np.diff(np.vstack([last_point, points]), axis=0)
            last_point = points[-1]
            numbers.append(len(points))
            numbers.extend(((steps << 1) ^ (steps >> 63)).ravel().tolist())
    return base64.b64encode(_varint_bytes(numbers)).decode("ascii")


def _varint_bytes(numbers: Iterable[int]) -> bytes:
    out = bytearray()
    for number in numbers:
        remainder = number
        while remainder > 0x7F:  # noqa: PLR2004  (seven bits a byte)
            out.append(remainder & 0x7F | 0x80)
            remainder >>= 7
        out.append(remainder)
    return bytes(out)
