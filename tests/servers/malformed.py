"""Answers that are almost those of a publisher: a valid one, with one thing in it changed."""

import copy
import gzip
import io
import json
import random
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

#: What stands in a JSON text as it is, by what stands for it until it is written.
RAW = {
    "@nan@": "NaN",
    "@infinite@": "-Infinity",
    "@overflow@": "1e999",
    "@half@": '"a\\ud800b"',
    "@digits@": "9" * 4300,
    "@more-digits@": "9" * 4301,
    "@hundreds@": "9" * 400,
    "@deep@": "[" * 900 + "]" * 900,
    "@long@": '"' + "é" * 20_000 + '"',
}
WORDS = [
    *(None, True, False, 0, -1, 1.5, 1e308, 10**18, 2**63),
    *("", " ", "x", "0", "-1", "²", "1e999", "nan", "2026-99-99", "9999-12-31", "0000-00-00", "20260231"),
    *("\x00", "\x1b[31mred", "\u202eabc", "../../x", "<script>", "=1+1", "a\nb"),
    *([], {}, [[]], [None], [1, "a", None], {"a": 1}, {"type": "Point"}, {"type": "Point", "coordinates": []}),
    *RAW,
]
GEOMETRIES: list[Any] = [
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
    {"type": "Polygon", "coordinates": [[["a", "b"], [1, 1], [0, 1], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1e308, 0], [1e308, 1e308], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], ["@nan@", 0], [1, 1], [0, 0]]]},
    {"type": "Polygon", "coordinates": []},
    {"type": "MultiPolygon", "coordinates": [[]]},
    {"type": "GeometryCollection", "geometries": []},
    {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [2, 50]}]},
    {"type": "Point", "coordinates": [2]},
    {"type": "Point", "coordinates": [2, 50, 1, 5, 6]},
    {"type": "LineString", "coordinates": [[2, 50]]},
    {"type": "Circle", "coordinates": [2, 50]},
    {"type": "Feature", "geometry": None},
    {"coordinates": [2, 50]},
    "POINT (2 50)",
]

Draw = random.Random


def spoilt(body: bytes, draw: Draw) -> tuple[str, bytes]:
    """Return what was done to an answer, and the answer."""
    if body.startswith(b"\x1f\x8b"):
        if draw.random() < 0.2:
            return draw.choice([_cut, _flipped, _twice_packed, _bomb])(body, draw)
        done, plain = _text(gzip.decompress(body), draw)
        return f"packed {done}", gzip.compress(plain, 1, mtime=0)
    if body.startswith(b"PAR1"):
        return draw.choice([_cut, _flipped, _flipped, _table, _table, _table, _table, _footer])(body, draw)
    if body.startswith(b"PK"):
        return draw.choice([_cut, _flipped, _flipped, _archive, _archive, _archive, _archive, _flags])(body, draw)
    return _text(body, draw)


def _text(body: bytes, draw: Draw) -> tuple[str, bytes]:
    if body[:1] in b"{[" and body and draw.random() < 0.75:
        return _node(json.loads(body), draw)
    if b"numberMatched" in body and draw.random() < 0.7:
        value = draw.choice(["", "-1", "1e9", "9" * 4301, "9" * 30, "²", "٣", "unknown", "0", "1", "NaN", "\x1b[2J"])
        return f"numberMatched {value[:9]}", re.sub(rb'numberMatched="\w+"', f'numberMatched="{value}"'.encode(), body)
    return draw.choice(_OF_TEXTS)(body, draw)


def _node(value: Any, draw: Draw) -> tuple[str, bytes]:
    """Change one node of a JSON value, or its siblings."""
    value = copy.deepcopy(value)
    paths = list(_paths(value, ()))
    # A geometry has more nodes than all else together: the outer ones are as likely as those.
    near = [path for path in paths if len(path) <= 4]
    path = draw.choice(near if near and draw.random() < 0.7 else paths)
    if not path:
        return "root", _written(draw.choice([*WORDS, [value], {"features": value}]))
    parent = value
    for step in path[:-1]:
        parent = parent[step]
    key, old = path[-1], parent[path[-1]]
    done = draw.choice(["drop", "replace", "replace", "retype", "double", "wrap", "empty", "rename", "shape"])
    if done == "drop":
        del parent[key]
    elif done == "retype":
        parent[key] = _retyped(old)
    elif done == "double" and isinstance(parent, list):
        parent[key:key] = [copy.deepcopy(old)] * draw.choice([1, 5])
    elif done == "wrap":
        parent[key] = draw.choice([[old], {"value": old}])
    elif done == "empty":
        parent[key] = type(old)() if old is not None else ""
    elif done == "rename" and isinstance(parent, dict):
        parent[draw.choice(["", "x", key.upper(), f"{key} "])] = parent.pop(key)
    elif done == "shape" and "geometry" in path:
        parent[key] = draw.choice(GEOMETRIES)
    else:
        parent[key] = draw.choice(WORDS)
    return f"{done} {'/'.join(map(str, path))}", _written(value)


def _paths(value: Any, path: tuple[Any, ...]) -> Any:
    yield path
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _paths(each, (*path, key))
    elif isinstance(value, list):
        for n, each in enumerate(value[:3]):
            yield from _paths(each, (*path, n))


def _retyped(old: Any) -> Any:
    match old:
        case bool():
            return str(old)
        case int() | float():
            return str(old)
        case str():
            return int(old) if old.isdigit() and old.isascii() else [*old][:5]
        case list():
            return {str(n): each for n, each in enumerate(old)}
        case dict():
            return list(old.items())
    return 0


def _written(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False)
    for word, raw in RAW.items():
        text = text.replace(f'"{word}"', raw)
    return text.encode("utf-8", "surrogatepass")


def _cut(body: bytes, draw: Draw) -> tuple[str, bytes]:
    return "cut", body[: draw.randrange(len(body) + 1)]


def _flipped(body: bytes, draw: Draw) -> tuple[str, bytes]:
    made = bytearray(body)
    for _ in range(draw.choice([1, 1, 4, 30])):
        made[draw.randrange(len(made))] ^= 1 << draw.randrange(8)
    return "flipped", bytes(made)


def _twice_packed(body: bytes, _: Draw) -> tuple[str, bytes]:
    return "twice packed", gzip.compress(body, mtime=0)


def _bomb(_body: bytes, _: Draw) -> tuple[str, bytes]:
    return "bomb", gzip.compress(b'{"features":[' + b" " * (8 << 20) + b"]}", mtime=0)


_OF_TEXTS: list[Callable[[bytes, Draw], tuple[str, bytes]]] = [
    _cut,
    _flipped,
    lambda _body, _: ("nothing", b""),
    lambda _body, _: ("zeros", bytes(40)),
    lambda _body, _: ("deep", b"[" * 200_000),
    lambda _body, _: ("deep objects", b'{"features":' * 50_000),
    lambda _body, _: ("a page", b"<!doctype html><title>\x1b]0;owned\x07Maintenance</title>"),
    lambda body, _: ("UTF-16", body.decode("utf-8").encode("utf-16")),
    lambda body, _: ("UTF-32", body.decode("utf-8").encode("utf-32-be")),
    lambda body, _: ("mark of order", b"\xef\xbb\xbf" + body),
    lambda body, _: ("Latin-1", body.replace(b'"', b'"\xe9', 3)),
    lambda body, _: ("surrogate bytes", body.replace(b'":', b'\xed\xa0\x80":', 1)),
    lambda body, _: ("twice", body + body),
    lambda body, _: ("rows of JSON", body.replace(b",", b"\n")),
    lambda _body, _: ("digits", b"9" * 5000),
    lambda _body, _: ("null", b"null"),
    lambda _body, _: ("text", b'"x"'),
    lambda _body, _: ("list", b'[1, "a", null]'),
]


def _table(body: bytes, draw: Draw) -> tuple[str, bytes]:
    """Change a column of a Parquet file."""
    table = pq.read_table(io.BytesIO(body))
    n = draw.randrange(table.num_columns)
    name, rows = table.column_names[n], len(table)
    made = {
        "dropped": lambda: table.drop_columns([name]),
        "renamed": lambda: table.rename_columns([f"{each}_" if each == name else each for each in table.column_names]),
        "doubled": lambda: table.append_column(name, table[name]),
        "null": lambda: table.set_column(n, name, pa.nulls(rows)),
        "numbers": lambda: table.set_column(n, name, pa.array(range(rows), pa.int64())),
        "floats": lambda: table.set_column(n, name, pa.array([float("nan")] * rows)),
        "infinite": lambda: table.set_column(n, name, pa.array([float("inf")] * rows)),
        "lists": lambda: table.set_column(n, name, pa.array([["a"]] * rows)),
        "records": lambda: table.set_column(n, name, pa.array([{"a": 1}] * rows)),
        "bytes": lambda: table.set_column(n, name, pa.array([b"\xff\xfe"] * rows)),
        "texts": lambda: table.set_column(
            n, name, pa.array([draw.choice(["", "x", "-1", "\x1b[2J", "9" * 400])] * rows)
        ),
        "empty": lambda: table.slice(0, 0),
        "no columns": lambda: table.select([]),
        "twice": lambda: pa.concat_tables([table, table]),
    }
    done = draw.choice([*made])
    stream = io.BytesIO()
    pq.write_table(made[done](), stream)
    return f"{done} {name}", stream.getvalue()


def _footer(body: bytes, draw: Draw) -> tuple[str, bytes]:
    return "footer", body[:-8] + struct.pack("<I", draw.choice([0, 1, 2**31, 2**32 - 1])) + b"PAR1"


def _archive(body: bytes, draw: Draw) -> tuple[str, bytes]:
    """Change a member of an archive."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = next(iter(files))
    text = files[name].decode()
    done, new = draw.choice(
        [
            ("no rows", {name: b""}),
            ("short rows", {name: "\n".join(row[:40] for row in text.splitlines()).encode()}),
            ("Latin-1", {name: text.replace("COMMUNE", "ÉCÔLE").encode("latin-1")}),
            ("Latin-1 far on", {name: text.encode() + b"x" * 70_000 + "\u00c9".encode("latin-1") + b"\n"}),
            ("zeros", {name: text.replace(";", "\x00;", 20).encode()}),
            ("quotes", {name: text.replace(";", ';"', 1).encode()}),
            ("one long cell", {name: (text + "\n" + "x" * 200_000).encode()}),
            ("CR ends", {name: text.replace("\n", "\r").encode()}),
            ("many columns", {name: text.replace("COMMUNE", "COMMUNE;;;;").encode()}),
            ("commas", {name: text.replace(";", ",").encode()}),
            ("up", {f"../../{name}": files[name]}),
            ("absolute", {f"/etc/{name}": files[name]}),
            ("letters", {name: re.sub(r"\d", "x", text).encode()}),
            ("no files", {}),
            ("bomb", {name: text.encode() + b"\n" * (60 << 20)}),
        ]
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for each, content in new.items():
            packed.writestr(each, content)
    return done, stream.getvalue()


def _flags(body: bytes, draw: Draw) -> tuple[str, bytes]:
    """Say of every member that it is encrypted, or packed in a way that nobody knows."""
    made = bytearray(body)
    at, value = draw.choice([(0, 1), (2, 1), (2, 99), (2, 12), (2, 14)])
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        for found in re.finditer(re.escape(mark), body):
            struct.pack_into("<H", made, found.start() + offset + at, value)
    return f"flags {at} {value}", bytes(made)
