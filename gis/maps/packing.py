"""Many rows and shapes in few bytes, as a page carries them; `assets/src/packing.js` reads them."""

import base64
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from gis.crs import DEGREES

#: Steps in a degree: shapes on a page are rounded to 0.1 m.
PRECISION: Final = 1_000_000
#: A column whose values come again this often is written once for each value.
OFTEN: Final = 2


def compact(value: object) -> str:
    """Write plain values as JSON without a space to spare."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def deflate(text: str) -> str:
    """Write a text in letters that stand anywhere in HTML, and few of them; `assets/src/loader.js` reads it.

    >>> inflate(deflate("zone d’activités"))
    'zone d’activités'
    """
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode("ascii")


def inflate(packed: str) -> str:
    """Read a text as `deflate` wrote it."""
    return zlib.decompress(base64.b64decode(packed)).decode()


def pack(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Write rows column by column; a column of few distinct values as those values and a number for each row.

    >>> pack([{"a": 1, "b": "x"}, {"a": 2, "b": "x"}])
    {'n': 2, 'columns': {'a': {'values': [1, 2]}, 'b': {'words': ['x'], 'codes': [0, 0]}}}
    """
    names = list(rows[0]) if rows else []
    return {"n": len(rows), "columns": {name: _column([row[name] for row in rows]) for name in names}}


def _column(values: list[Any]) -> dict[str, Any]:
    keys = [json.dumps(value, ensure_ascii=False) for value in values]
    distinct = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    if len(distinct) * OFTEN > len(values):
        return {"values": values}
    return {"words": [json.loads(key) for key in distinct], "codes": [distinct[key] for key in keys]}


def unpack(packed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Read rows as `pack` wrote them."""
    rows: list[dict[str, Any]] = [{} for _ in range(packed["n"])]
    for name, column in packed["columns"].items():
        values = column["values"] if "values" in column else [column["words"][code] for code in column["codes"]]
        for row, value in zip(rows, values, strict=True):
            row[name] = value
    return rows


def encode(shapes: gpd.GeoSeries) -> str:
    """Pack polygons for a page: rings as zigzag varints of differences, in base64.

    For each shape the number of its rings; for each ring the number of its points without the closing one, then
    longitude and latitude as differences from the point before, in steps of 1e-6 degree. No shape has no ring.
    """
    numbers: list[int] = []
    last = np.zeros(2, dtype=np.int64)
    for shape in shapely.orient_polygons(shapes.to_crs(DEGREES).to_numpy(), exterior_cw=False):
        rings = [] if shape is None else [r for p in shapely.get_parts(shape) for r in (p.exterior, *p.interiors)]
        numbers.append(len(rings))
        for ring in rings:
            points = np.rint(np.asarray(ring.coords)[:-1, :2] * PRECISION).astype(np.int64)
            steps = np.diff(np.vstack([last, points]), axis=0)
            last = points[-1]
            numbers.append(len(points))
            numbers.extend(((steps << 1) ^ (steps >> 63)).ravel().tolist())
    return base64.b64encode(_varints(numbers)).decode("ascii")


def _varints(numbers: Iterable[int]) -> bytes:
    out = bytearray()
    for number in numbers:
        rest = number
        while rest > 0x7F:  # noqa: PLR2004  (seven bits a byte)
            out.append(rest & 0x7F | 0x80)
            rest >>= 7
        out.append(rest)
    return bytes(out)
