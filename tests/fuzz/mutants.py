"""Small sound files of every format that is read, and what spoils them where their format is delicate.

A spoiling is a tuple of three numbers (which kind, where, with what), so that hypothesis, a seed and a byte stream can
choose one; the same numbers spoil the same file in the same way.
"""

import io
import json
import re
import sqlite3
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from shapely import LineString, MultiPolygon, Point, box

#: Which kind of spoiling, where (of a thousand), with what.
Spoiling = tuple[int, int, int]

X, Y = 1_674_000.0, 9_259_000.0

ROWS: dict[str, list[Any]] = {
    "site_id": ["a", "b", "c"],
    "nom": ["Été, l’œuf", "ZI du Nord", "Les Prés"],
    "surf_ha": [8.25, np.nan, 12.0],
    "insee": ["99001", "99002", "99001"],
    "maj": ["2024-05-17", "2023-01-01", ""],
}

#: A delivery in the CNIG standard.
SITES_ECO = """\
site_id;site_nom;site_type;site_etat;site_vocadomi;site_surf_brute;site_comm_insee;site_nb_emploi;site_actu_date;\
site_geomsurf
s1;Un;zone d'activité économique;existant et actif;activités industrielles;8,5;99001;120;2024-01-01;\
"POLYGON((2.6 50.5,2.61 50.5,2.61 50.51,2.6 50.5))"
s2;Deux;inconnu;inconnu;inconnu;;99002;;2024-01-01;
"""

MAPPING = """\
source = "ville"
basis = "digitised"
encoding = "windows-1252"

[parts]
"zones.dbf" = "abc"

[sites]
table = ""
crs = "EPSG:3950"
geometry = "wkt"

[sites.columns]
site_id = "site_id"
site_name = "nom"
land_low_ha = "surf_ha"

[sites.units]
land_low_ha = "m2"

[sites.decimals]
land_low_ha = ","

[sites.prefixes]
site_id = "zae-"

[sites.joined]
site_id = "nom"

[sites.constants]
site_type = "zone d'activité économique"

[sites.values.site_state]
"En service" = "existant et actif"
"""

SOURCES = """\
[ville]
title = "Registre"
publisher = "Ville"
licence = "Licence Ouverte 2.0"
edition = "2024"
url = "https://example.org/"
basis = "stated"
language = "fr"
"""

TERRITORY = """\
name = "Port-Neuf"
epci = "999999999"
crs = "EPSG:3950"
contact = "nobody@example.org"
fictional = true

[opening]
date = 2025-09-30
from = 2020-01-01

[brand]
colour = "#005f9e"

[notices]
publisher = "Ville"
legal = "https://example.org/"

[exclusions]
priority = ["risk_plan", "water"]

[services]
cadastre = "https://example.org/"

[services.bdtopo]
url = "https://example.org/"

[layers]
parcels = ["cadastre"]

[index]
claims = ["land"]

[zones]
claims = ["land"]

[available]
claims = ["land"]
premises = ["land"]

[territory]
claims = ["jobs"]
transport = ["jobs"]
transport_sites = ["port"]

[[assumption]]
pages = ["index"]
text = { fr = "Un", en = "One" }

[[focus]]
slug = "port"
site = "port"
short = { fr = "Port", en = "Port" }
question = { fr = "Qui ?", en = "Who?" }

[[variant]]
of = "sites/port/land_ha"
claim = "land"
why = { fr = "Un", en = "One" }
"""


def _drawn() -> gpd.GeoDataFrame:
    shapes = [box(X + n * 500, Y, X + n * 500 + 400, Y + 200) for n in range(3)]
    shapes[2] = MultiPolygon([shapes[2], box(X, Y + 900, X + 10, Y + 910)])
    return gpd.GeoDataFrame(ROWS, geometry=shapes, crs=3950)


def _on_disk(write: Callable[[Path], Any], name: str) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / name)
        return {each.name: each.read_bytes() for each in sorted(Path(folder).iterdir())}


def sound_files() -> dict[str, tuple[str, dict[str, bytes]]]:
    """Return sound files by what they are: the name of the one to read, and the bytes of it and what belongs to it."""
    drawn = _drawn()
    plain = pd.DataFrame(ROWS)
    files: dict[str, tuple[str, dict[str, bytes]]] = {}
    for suffix in ("gpkg", "shp", "fgb"):
        name = f"zones.{suffix}"
        files[suffix] = (name, _on_disk(drawn.to_file, name))
    roads = drawn[["site_id", "nom"]].set_geometry([LineString([(X, Y), (X + n, Y + 9)]) for n in (9, 8, 7)], crs=3950)
    points = drawn[["site_id", "nom"]].set_geometry([Point(X + n, Y) for n in (9, 8, 7)], crs=3950)

    def several(file: Path) -> None:
        roads.to_file(file, layer="roads")
        points.to_file(file, layer="accesses")

    files["gpkg of layers"] = ("many.gpkg", _on_disk(several, "many.gpkg"))
    geojson = drawn.to_crs(4326).to_json(drop_id=True, na="null").encode()
    files["geojson"] = ("zones.geojson", {"zones.geojson": geojson})
    files["json in metres"] = ("zones.json", {"zones.json": drawn.to_json(drop_id=True, na="null").encode()})
    files["csv"] = ("zones.csv", {"zones.csv": plain.to_csv(index=False, sep=";").encode()})
    wkt = plain.assign(wkt=drawn.geometry.to_wkt()).to_csv(index=False).encode("cp1252")
    files["csv of WKT"] = ("zones.txt", {"zones.txt": wkt})
    files["cnig"] = ("delivery.csv", {"delivery.csv": SITES_ECO.encode()})
    files["xlsx"] = ("zones.xlsx", _on_disk(lambda file: plain.to_excel(file, index=False), "zones.xlsx"))
    columns = [plain[name].to_numpy(dtype=object if name != "surf_ha" else float) for name in plain]

    def ods(file: Path) -> None:
        pyogrio.raw.write(file, None, columns, list(plain), layer="Z", driver="ODS", geometry_type=None, crs=None)

    files["ods"] = ("zones.ods", _on_disk(ods, "zones.ods"))
    for kind, text in (("mapping", MAPPING), ("sources", SOURCES), ("territory", TERRITORY)):
        files[kind] = (f"{kind}.toml", {f"{kind}.toml": text.encode()})
    return files


def spoilt(name: str, data: bytes, spoilings: Sequence[Spoiling]) -> bytes:
    """Return the bytes of a file after some spoilings, each where its format is delicate or anywhere."""
    ways = [*_WAYS.get(name.rpartition(".")[2], []), _flipped, _cut, _doubled, _overwritten]
    for kind, where, what in spoilings:
        try:
            data = ways[kind % len(ways)](data, where, what)
        except Exception:  # noqa: BLE001  (whatever its library says of what was spoilt before)
            data = _flipped(data, where, what)
    return data


def _at(data: bytes, where: int) -> int:
    return len(data) * (where % 1000) // 1000


def _flipped(data: bytes, where: int, what: int) -> bytes:
    n = _at(data, where)
    return data[:n] + bytes(each ^ (what % 255 + 1) for each in data[n : n + 1]) + data[n + 1 :]


def _cut(data: bytes, where: int, _: int) -> bytes:
    return data[: _at(data, where)]


def _doubled(data: bytes, where: int, what: int) -> bytes:
    n = _at(data, where)
    return data[: n + what % 200] + data[n:]


#: What lengths, counts and signs are at their worst.
_BYTES = (
    b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\r", b"\n\n", b"\0", b'"', b";;", b"\xe9",
    b"\xef\xbb\xbf", b"\x1a", b"=", b"\xc3", b"'", b"{", b"[", b"<", b"&", b"1e999",
)  # fmt: skip


def _overwritten(data: bytes, where: int, what: int) -> bytes:
    n, worst = _at(data, where), _BYTES[what % len(_BYTES)]
    return data[:n] + worst + data[n + len(worst) * (what // len(_BYTES) % 2) :]


# JSON

_NODES: tuple[Any, ...] = (
    None, True, False, 0, -1, 12, 1e308, 10**30, "n.c.", "", "\ud800", "\x00", "é" * 300, [], {}, [[]],
    {"a": {"b": [1]}}, [1, "a", None], "2024-13-45", "9999-12-31T00:00:00Z", "Polygon", "Point", "FeatureCollection",
    "EPSG:2154", [0, 0],
    [1e300, "x"], {"type": "Point", "coordinates": ["a", None]}, {"type": "Polygon", "coordinates": [[[0, 0]]]},
    {"type": "GeometryCollection", "geometries": [None]},
)  # fmt: skip


def _paths(node: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here]
    if isinstance(node, dict):
        found += [path for key in node for path in _paths(node[key], (*here, key))]
    elif isinstance(node, list):
        found += [path for n, each in enumerate(node) for path in _paths(each, (*here, n))]
    return found


def _held(tree: Any, where: int) -> tuple[Any, Any]:
    """Return a node that holds others, and the name or number of one of those."""
    paths = _paths(tree)[1:]
    shallow = [path for path in paths if "coordinates" not in path[:-1]]
    chosen = (shallow if where % 4 else paths)[where % len(shallow if where % 4 else paths)]
    for key in chosen[:-1]:
        tree = tree[key]
    return tree, chosen[-1]


def _json(change: Callable[[Any, Any, int], None]) -> Callable[[bytes, int, int], bytes]:
    def spoil(data: bytes, where: int, what: int) -> bytes:
        tree = json.loads(data)
        change(*_held(tree, where), what)
        return json.dumps(tree).encode()

    return spoil


def _retype(node: Any, key: Any, what: int) -> None:
    node[key] = _NODES[what % len(_NODES)]


def _remove(node: Any, key: Any, _: int) -> None:
    del node[key]


def _rename(node: Any, key: Any, what: int) -> None:
    if isinstance(node, dict):
        node[("", "a\x00", "type", "id", str(key) * 50, "\ud800", "geometry")[what % 7]] = node.pop(key)
    else:
        node.append(node[key])


def _deep(data: bytes, where: int, what: int) -> bytes:
    n = data.find(b":", _at(data, where)) + 1
    return data[:n] + (b"[", b'{"a":')[what % 2] * (2000 * (what % 60 + 1)) + data[n:]


# Binary tables and shapes


def _field_of_dbf(data: bytes, where: int, what: int) -> bytes:
    head = int.from_bytes(data[8:10], "little")
    n = (0, 4, 5, 6, 7, 8, 9, 10, 11, 29)[where % 10] if what % 3 == 0 else 32 + where % max(head - 32, 1)
    return (
        data[:n]
        + bytes([(0, 255, 32, ord("C"), ord("N"), ord("D"), ord("L"), ord("M"), what % 256)[what % 9]])
        + data[n + 1 :]
    )


def _head(data: bytes, where: int, what: int) -> bytes:
    """Spoil what stands at the beginning or where records begin: types, lengths, counts."""
    n = (where % 25) * 4 if what % 2 else 100 + (where % 40) * 4
    return data[:n] + _BYTES[what % 4] + data[n + 4 :]


_SQL = (
    "UPDATE gpkg_contents SET table_name = 'gone'",
    "UPDATE gpkg_contents SET data_type = 'tiles'",
    "UPDATE gpkg_contents SET srs_id = 99999",
    "UPDATE gpkg_contents SET min_x = 'a', max_x = 1e308",
    "UPDATE gpkg_contents SET last_change = 'never'",
    "DELETE FROM gpkg_contents",
    "DROP TABLE gpkg_contents",
    "UPDATE gpkg_geometry_columns SET column_name = 'nowhere'",
    "UPDATE gpkg_geometry_columns SET geometry_type_name = 'CURVE'",
    "UPDATE gpkg_geometry_columns SET srs_id = -1",
    "UPDATE gpkg_geometry_columns SET z = 9, m = 'a'",
    "DELETE FROM gpkg_geometry_columns",
    "DROP TABLE gpkg_geometry_columns",
    "UPDATE gpkg_spatial_ref_sys SET definition = 'PROJCS[\"x\"'",
    "UPDATE gpkg_spatial_ref_sys SET definition = '', organization_coordsys_id = 0",
    "UPDATE gpkg_spatial_ref_sys SET organization = 'nobody', definition = 'undefined'",
    "DELETE FROM gpkg_spatial_ref_sys",
    "DROP TABLE gpkg_spatial_ref_sys",
    "UPDATE {table} SET geom = x'4750'",
    "UPDATE {table} SET geom = 'text'",
    "UPDATE {table} SET geom = x'47500001000000000103000000FFFFFF7F'",
    "UPDATE {table} SET geom = x'475000010000000001010000000000000000000080000000000000F07F'",
    "UPDATE {table} SET geom = NULL WHERE fid = 1",
    "UPDATE {table} SET {column} = x'E9FF00'",
    "UPDATE {table} SET {column} = 1e999",
    "UPDATE {table} SET {column} = 'n.c.'",
    "UPDATE {table} SET {column} = CAST(x'E9E8' AS TEXT)",
    "UPDATE {table} SET {column} = 9223372036854775807",
    "UPDATE {table} SET {column} = NULL",
    "UPDATE {table} SET {column} = 'a' || char(0) || 'b'",
    'ALTER TABLE {table} RENAME COLUMN {column} TO "a b\'"',
    'ALTER TABLE {table} ADD COLUMN "{column} " JSON',
    "ALTER TABLE {table} ADD COLUMN other DATETIME DEFAULT 'yesterday'",
    "ALTER TABLE {table} ADD COLUMN other BOOLEAN DEFAULT 'maybe'",
    "DELETE FROM {table}",
    "DROP TABLE {table}",
    "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, styleQML TEXT)",
    "PRAGMA application_id = 0",
    "PRAGMA user_version = 999999",
)


def _sql(data: bytes, where: int, what: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.gpkg"
        file.write_bytes(data)
        base = sqlite3.connect(file)
        try:
            named = "SELECT name FROM sqlite_master WHERE type = 'table'"
            tables = [name for (name,) in base.execute(named) if not name.startswith(("sqlite", "gpkg", "rtree"))]
            table = tables[where % len(tables)]
            columns = [row[1] for row in base.execute(f"SELECT * FROM pragma_table_info('{table}')")]  # noqa: S608
            for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                base.execute(f'DROP TRIGGER "{name}"')  # they call what this SQLite has not
            column = columns[where % len(columns)]
            base.execute(_SQL[what % len(_SQL)].format(table=f'"{table}"', column=column))
            base.commit()
        finally:
            base.close()
        return file.read_bytes()


def _page(data: bytes, where: int, what: int) -> bytes:
    """Spoil the header of a page of SQLite, or the header of the file."""
    pages = max(len(data) // 4096, 1)
    n = (where % pages) * 4096 + (what // 256 % 16) if what % 2 else where % 100
    return data[:n] + bytes([what % 256]) + data[n + 1 :]


# Spreadsheets


def _member(data: bytes, where: int, what: int) -> bytes:
    """Spoil the XML of one member, take it out, or put it in twice."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {each.filename: archive.read(each) for each in archive.infolist()}
    likely = [
        name for name in members if re.search(r"sheet1|shared|styles|workbook.xml$|content.xml|rels$|Types", name)
    ]
    names = likely or [*members]
    name = names[where % len(names)]
    text = members[name]
    match what % 8:
        case 0:
            del members[name]
        case 1:
            text = text[: _at(text, where)]
        case 2:
            text = re.sub(rb'\br="[A-Z]+\d+"', b'r="XFD1048577"', text, count=where % 9 + 1)
        case 3:
            text = re.sub(
                rb"<v>[^<]*</v>", b"<v>" + (b"99999999", b"-1", b"n.c.", b"", b"1e999")[where % 5] + b"</v>", text
            )
        case 4:
            text = re.sub(rb'\bt="s"', (b't="b"', b't="d"', b't="e"', b't="str"', b"")[where % 5], text)
        case 5:
            text = re.sub(rb'"[^"]*"', b'"9999999999"', text, count=where % 30 + 1)
        case 6:
            text = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "' + b"&b;" * 50 + b'">]><a>&d;</a>'
        case _:
            text = _overwritten(text, where, what // 8)
    if name in members:
        members[name] = text
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in members.items():
            archive.writestr(each, content)
    return out.getvalue()


# TOML

_VALUES = (
    "3", "-1.5", "nan", "inf", "true", '""', '"x"', "[]", "[1]", '["a", 1]', "{}", "{ a = 1 }", "2025-09-30",
    "2025-09-30T10:00:00Z", "10:00:00", "[[]]", "[{}]", '"\\u0000"', '"../../x"', "9999-12-31", "99999999999999999999",
    '"EPSG:4326"', '"EPSG:99"', '"é"', "[{ a = 1 }, 2]",
)  # fmt: skip


def _toml_value(data: bytes, where: int, what: int) -> bytes:
    lines = data.decode().split("\n")
    there = [n for n, line in enumerate(lines) if " = " in line]
    n = there[where % len(there)]
    return _lines(lines, n, f"{lines[n].partition(' = ')[0]} = {_VALUES[what % len(_VALUES)]}")


def _toml_table(data: bytes, where: int, what: int) -> bytes:
    """Make a value of a table, and leave out what stood in it."""
    lines = data.decode().split("\n")
    heads = [n for n, line in enumerate(lines) if line.startswith("[")]
    n = heads[where % len(heads)]
    end = next((m for m in [*heads, len(lines)] if m > n), len(lines))
    name = lines[n].strip("[]")
    rest = lines[:n] + lines[end:]
    if "." in name:
        return "\n".join(
            [*rest, f"[{name.rpartition('.')[0]}]", f"{name.rpartition('.')[2]} = {_VALUES[what % len(_VALUES)]}"]
        ).encode()
    return "\n".join([f"{name} = {_VALUES[what % len(_VALUES)]}", *rest]).encode()


def _toml_line(data: bytes, where: int, what: int) -> bytes:
    lines = data.decode().split("\n")
    n = where % len(lines)
    swapped = lines[n].replace("[[", "[").replace("]]", "]") if what % 3 == 0 else ""
    return _lines(lines, n, swapped) if what % 2 else _lines(lines, n, f"{lines[n]}\n{lines[(n + what) % len(lines)]}")


def _lines(lines: list[str], n: int, text: str) -> bytes:
    return "\n".join([*lines[:n], text, *lines[n + 1 :]]).encode()


# Text


def _cr(data: bytes, _: int, what: int) -> bytes:
    return data.replace(b"\n", (b"\r", b"\r\n", b"\n\r", b"\x0b", b"\x85")[what % 5])


def _recoded(data: bytes, _: int, what: int) -> bytes:
    text = data.decode(errors="replace")
    return text.encode(("utf-16", "utf-16-be", "utf-32", "cp1252", "utf-8-sig", "cp850")[what % 6], errors="replace")


_WAYS: dict[str, list[Callable[[bytes, int, int], bytes]]] = {
    "geojson": [*[_json(_retype)] * 4, _json(_remove), _json(_rename), _deep],
    "json": [*[_json(_retype)] * 4, _json(_remove), _json(_rename), _deep],
    "dbf": [_field_of_dbf] * 4,
    "shp": [_head] * 4,
    "shx": [_head] * 4,
    "fgb": [_head] * 3,
    "gpkg": [*[_sql] * 5, *[_page] * 3],
    "xlsx": [_member] * 6,
    "ods": [_member] * 6,
    "csv": [_cr, _recoded],
    "txt": [_cr, _recoded],
    "toml": [*[_toml_value] * 5, *[_toml_table] * 3, _toml_line],
}


def is_toml(data: bytes) -> bool:
    """Tell whether bytes are sound TOML still."""
    try:
        tomllib.loads(data.decode())
    except (ValueError, RecursionError):
        return False
    return True
