"""Real servers on loopback: an emulator of the publishers with their defects, and MapServer as a witness."""

import email.utils
import gzip
import io
import json
import os
import random
import re
import shutil
import subprocess
import threading
import time
import urllib.parse
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import box, shape

from gis.sources.open_data import bdtopo, bdtopo_networks, owners_legal, planning, registry, risks
from gis.sources.open_data.national import department_of_commune
from gis.sources.open_data.web import Client, Limits

#: When the files of the emulator were last changed.
STAMP = email.utils.formatdate(1_782_864_000, usegmt=True)  # 2026-07-01


@dataclass(frozen=True)
class Reply:
    """What a server sends; `declared` lies about its length, `cut` ends it early, `stall` waits before its end."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    declared: int | None = None
    cut: int | None = None
    stall: float = 0

    @classmethod
    def json(cls, value: Any, **more: Any) -> "Reply":
        return cls(json.dumps(value).encode(), headers={"Content-Type": "application/json"}, **more)


@dataclass(frozen=True)
class Asked:
    """One request that came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class Wfs:
    """One WFS 2.0 in the manner of the Géoplateforme: its layers, and the defects that it shows.

    A layer is its features, with their coordinates in `epsg`.
    """

    epsg: int = 2154
    layers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    cap: int = 5000
    says_unknown: bool = False  # numberMatched is the word "unknown"
    announces: int | None = None  # a count that is not true
    swaps_axes: bool = False
    ignores_start: bool = False
    sorts: bool = True

    def __call__(self, asked: Asked) -> Reply:
        query = {key.lower(): value for key, value in asked.query.items()}
        name = query["typenames"]
        if name not in self.layers:
            return Reply(
                b"<ows:ExceptionReport><ows:ExceptionText>Feature type unknown</ows:ExceptionText>",
                headers={"Content-Type": "text/xml"},
            )
        if "bbox" in query and "cql_filter" in query:
            return Reply(b"bbox and cql_filter are mutually exclusive", status=500)
        found = self._chosen(name, query)
        matched = str(self.announces if self.announces is not None else "unknown" if self.says_unknown else len(found))
        if query.get("resulttype") == "hits":
            xml = f'<wfs:FeatureCollection xmlns:wfs="w" numberMatched="{matched}" numberReturned="0"/>'
            return Reply(xml.encode(), headers={"Content-Type": "text/xml"})
        key = query.get("sortby")
        if self.sorts and key and found and key not in found[0]["properties"]:
            text = f"<ows:ExceptionReport><ows:ExceptionText>Illegal property name: {key}</ows:ExceptionText>"
            return Reply(text.encode(), status=400, headers={"Content-Type": "text/xml"})
        if self.sorts and key:
            found.sort(key=lambda feature: str(feature["properties"][key]))
        else:
            random.shuffle(found)  # pages are in no order
        start = 0 if self.ignores_start else int(query.get("startindex", 0))
        page = found[start : start + min(int(query.get("count", self.cap)), self.cap)]
        if self.swaps_axes:
            page = json.loads(re.sub(r"\[(-?[\d.]+), (-?[\d.]+)\]", r"[\2, \1]", json.dumps(page)))
        total = int(matched) if matched.isdigit() else matched
        crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{self.epsg}"}} if page else None
        return Reply.json(
            {
                "type": "FeatureCollection",
                "features": page,
                "totalFeatures": total,
                "numberMatched": total,
                "numberReturned": len(page),
                "crs": crs,
            }
        )

    def _chosen(self, name: str, query: dict[str, str]) -> list[dict[str, Any]]:
        found = list(self.layers[name])
        if text := query.get("bbox"):
            *corners, srs = text.split(",")
            west, south, east, north = map(float, corners)
            assert srs == f"urn:ogc:def:crs:EPSG::{self.epsg}", srs
            window = box(west, south, east, north)
            found = [feature for feature in found if shape(feature["geometry"]).intersects(window)]
        if text := query.get("cql_filter"):
            column, value = re.fullmatch(r"(\w+)='(\w+)'", text).groups()
            found = [feature for feature in found if feature["properties"][column] == value]
        return found


@dataclass
class Service:
    """A server of our own: files with ranges, routes, scripted replies that come first, and what was asked."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    routes: dict[str, Callable[[Asked], Reply]] = field(default_factory=dict)
    script: dict[str, list[Reply]] = field(default_factory=dict)
    log: list[Asked] = field(default_factory=list)
    ranges: bool = True
    tags: bool = True
    lock: Any = field(default_factory=threading.Lock)

    def reply(self, asked: Asked) -> Reply:
        with self.lock:
            self.log.append(asked)
            for start, replies in self.script.items():
                if asked.path.startswith(start) and replies:
                    return replies.pop(0)
        if asked.path in self.files:
            return self._file(asked, self.files[asked.path])
        for start, route in sorted(self.routes.items(), reverse=True):
            if asked.path.startswith(start):
                return route(asked)
        return Reply(b"not here", status=404)

    def _file(self, asked: Asked, body: bytes) -> Reply:
        tag = f'"{hash(body) & 0xFFFFFFFF:x}"'
        headers = {"Last-Modified": STAMP, "Content-Type": "application/octet-stream"}
        if self.tags:
            headers |= {"ETag": tag}
        same = asked.headers.get("if-range", tag) in {tag, STAMP}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", asked.headers.get("range", ""))
        if not (wanted and self.ranges and same):
            return Reply(body, headers=headers)
        first, last = int(wanted[1]), min(int(wanted[2] or len(body) - 1), len(body) - 1)
        if first >= len(body):
            return Reply(status=416, headers=headers)
        headers |= {"Content-Range": f"bytes {first}-{last}/{len(body)}"}
        return Reply(body[first : last + 1], status=206, headers=headers)

    def asked(self, start: str) -> list[Asked]:
        return [asked for asked in self.log if asked.path.startswith(start)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    service: Service

    def do_GET(self) -> None:
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        headers = {key.lower(): value for key, value in self.headers.items()}
        reply = self.service.reply(Asked(urllib.parse.unquote(parts.path), query, headers))
        try:
            self.send_response(reply.status)
            for key, value in reply.headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(reply.body) if reply.declared is None else reply.declared))
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut])
            self.wfile.flush()
            if reply.stall:
                time.sleep(reply.stall)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        if reply.cut is not None or reply.declared is not None:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _serve(handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


@pytest.fixture
def service():
    """Start the emulator, with nothing on it."""
    made = Service()
    server = _serve(type("Handler", (_Handler,), {"service": made}))
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def reply() -> type[Reply]:
    return Reply


@pytest.fixture(scope="session")
def wfs_emulator() -> type[Wfs]:
    return Wfs


@pytest.fixture
def client(service):
    """A client that is allowed to reach the emulator and notes how long it would have waited."""
    waits: list[float] = []
    limits = Limits(seconds=1, answer=4 << 20, download=4 << 20, per_second=1e9)
    with Client(bases=[service.url], limits=limits, sleep=waits.append) as made:
        made.waits = waits
        yield made


#: South-west corner of the first commune, in EPSG:2154.
WEST, SOUTH = 652_000, 7_050_000
#: Side of a commune and of the cell of a zone, in metres.
COMMUNE_M, CELL_M = 6000, 1200


@dataclass
class Generated:
    """A territory that was made up, as its publishers would publish it: communes in a row, zones in each, parcels.

    Zones lie on a grid of 4 × 4 cells; `parcels` says for each commune and zone how many columns and rows of parcels
    of 20 m × 25 m it has.
    """

    service: Service
    wfs: Wfs
    communes: tuple[str, ...] = ("62901", "62902", "62903")
    epci: str = "999999998"
    epsg: int = 2154
    corner: tuple[float, float] = (WEST, SOUTH)
    zones: dict[str, dict[str, Any]] = field(default_factory=dict)
    middle: dict[str, tuple[float, float]] = field(default_factory=dict)
    brownfields: list[dict[str, Any]] = field(default_factory=list)
    registers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    overpass: dict[str, Any] = field(default_factory=lambda: {"elements": []})

    def publish(self, parcels: list[list[tuple[int, int]]]) -> None:
        """Put everything on the server."""
        self.wfs.epsg = self.epsg
        features = [self._commune(n, insee) for n, insee in enumerate(self.communes)]
        self.service.routes["/epcis/"] = lambda asked: self._api(asked, features)
        self.service.routes["/communes/"] = lambda asked: self._api(asked, features)
        self.service.routes["/wfs"] = self.wfs
        types = [*bdtopo.TYPENAMES.values(), bdtopo_networks.EQUIPMENT, *planning.TYPENAMES.values()]
        self.wfs.layers |= {name: [] for name in types}
        self.service.routes["/cartofriches/geofriches/"] = self._brownfields
        for path in risks.PATHS.values():
            self.service.routes[path] = self._known_to_the_state
        self.service.routes["/overpass"] = lambda _: Reply.json(self.overpass)
        for n, insee in enumerate(self.communes):
            land, built = [], []
            for z, (columns, rows) in enumerate(parcels[n]):
                west = self.corner[0] + n * COMMUNE_M + 300 + z % 4 * CELL_M
                south = self.corner[1] + 300 + z // 4 * CELL_M
                self._zone(insee, z, (west, south, west + 20 * columns, south + 25 * rows))
                for i in range(columns * rows):
                    x, y = west + 20 * (i % columns), south + 25 * (i // columns)
                    land.append(self._parcel(insee, z, i, (x, y, x + 20, y + 25)))
                    if i % 10 == 0:
                        built.append(self._cadastral_building(insee, (x + 4, y + 4, x + 14, y + 16)))
                        self._bdtopo_building(insee, z, i, (x + 4.4, y + 4, x + 14.4, y + 16))
            folder = (
                f"/data/etalab-cadastre/latest/geojson/communes/{department_of_commune(insee)}/{insee}/cadastre-{insee}"
            )
            for name, made in (("parcelles", land), ("batiments", built)):
                text = json.dumps({"type": "FeatureCollection", "features": made})
                self.service.files[f"{folder}-{name}.json.gz"] = gzip.compress(text.encode(), mtime=0)

        self._publish_sirene()
        self._publish_owners()

    def _brownfields(self, asked: Asked) -> Reply:
        """Answer as Cartofriches: some codes, pages with a link to the next that must not be followed."""
        codes = asked.query["code_insee"].split(",")
        assert len(codes) <= 10
        found = [each for each in self.brownfields if each["properties"]["comm_insee"] in codes]
        page, size = int(asked.query["page"]), 2
        rest = found[page * size :]
        answer = {"type": "FeatureCollection", "count": len(found), "next": "http://10.0.0.1/next" if rest else None}
        return Reply.json({**answer, "features": found[(page - 1) * size : page * size]})

    def _known_to_the_state(self, asked: Asked) -> Reply:
        """Answer as Géorisques: an empty body for nothing, everything for a parameter that it does not know."""
        code = asked.query.get("code_insee")
        rows = self.registers.get(asked.path, [])
        found = [row for row in rows if code in {None, row.get("code_insee") or row.get("codeInsee")}]
        if not found:
            return Reply(b"", headers={"Content-Type": "application/json"})
        page, size = int(asked.query["page"]), 1
        return Reply.json({"results": len(found), "page": page, "data": found[(page - 1) * size : page * size]})

    @staticmethod
    def parquet(rows: list[dict[str, Any]], group: int = 7) -> bytes:
        """Return rows as a Parquet file of row groups of some size."""
        stream = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows), stream, row_group_size=group)
        return stream.getvalue()

    @staticmethod
    def archive(files: dict[str, bytes]) -> bytes:
        """Return files in one zip."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, body in files.items():
                packed.writestr(name, body)
        return stream.getvalue()

    def _publish_sirene(self) -> None:
        """Put the three files of SIRENE on the server: in each zone a firm of each kind, and some elsewhere."""
        stock, units, places = [], [], []
        kinds = [("O", "A", "11", "5710"), ("P", "A", "11", "1000"), ("O", "F", "11", "5710"), ("O", "A", "33", "5710")]
        zones = self.zones or {"": {"insee_commune": "75101"}}
        for n, (key, zone) in enumerate(zones.items()):
            for k, (status, state, quality, form) in enumerate(kinds):
                siren = f"{10 * n + k:09d}"
                x, y = self.middle.get(key, (0.0, 0.0))
                stock.append(
                    {
                        "siren": siren,
                        "nic": "00011",
                        "siret": f"{siren}00011",
                        "statutDiffusionEtablissement": status,
                        "trancheEffectifsEtablissement": "12",
                        "anneeEffectifsEtablissement": "2024",
                        "dateCreationEtablissement": "2011-05-02",
                        "dateDebut": "2019-07-01",
                        "dateDernierTraitementEtablissement": "2026-08-01T04:00:00",
                        "etablissementSiege": True,
                        "codeCommuneEtablissement": zone["insee_commune"],
                        "etatAdministratifEtablissement": state,
                        "enseigne1Etablissement": None,
                        "denominationUsuelleEtablissement": "[ND]" if status == "P" else None,
                        "activitePrincipaleEtablissement": "25.62B",
                        "caractereEmployeurEtablissement": "O",
                    }
                )
                name = f"FIRME {siren}"
                units.append(
                    {
                        "siren": siren,
                        "denominationUniteLegale": name,
                        "categorieJuridiqueUniteLegale": form,
                        "statutDiffusionUniteLegale": status,
                        "etatAdministratifUniteLegale": "A",
                    }
                )
                places.append({"siret": f"{siren}00011", "x": x, "y": y, "qualite_xy": quality, "epsg": str(self.epsg)})
        elsewhere = [{**row, "siret": f"9{row['siret'][1:]}", "codeCommuneEtablissement": "75101"} for row in stock]
        files = {
            "stock/StockEtablissement_utf8.parquet": [*stock, *elsewhere],
            "stock/StockUniteLegale_utf8.parquet": units,
            "geoloc/GeolocalisationEtablissement_Sirene_pour_etudes_statistiques_utf8.parquet": places,
        }
        for name, rows in files.items():
            self.service.files[f"/{name}"] = self.parquet(rows)

    def _publish_owners(self) -> None:
        """Put the archive of legal persons on the server: the first parcel of each zone is the commune's."""
        label = "Département;Code Direction;Code Commune;Nom de la commune;Préfixe;Section;N° plan;N° voirie;"
        label += "Indice de répétition;Code voie MAJIC;Code voie Rivoli;Nature voie;Nom voie;Contenance;SUF;"
        label += "Nature culture;Contenance;Code droit - par;N° Majic - par;N° SIREN - par;Groupe personne - par;"
        label += "Forme juridique - par;Forme juridique abrégée - par;Dénomination - par"
        rows = [label]
        dep = department_of_commune(self.communes[0])
        for zone in self.zones.values():
            insee, z = zone["insee_commune"], int(zone["cleabs"][-4:])
            head = f"{dep};0;{insee[2:]};COMMUNE;;{'ABCDEFGHIJ'[z]};1;;;;;;RUE;500;;S"
            rows.append(f"{head};500;P - Propriétaire;PBX;21{insee}000;4;7210;COM;COMMUNE")
        files = {f"PM_25_NB_{dep}0.csv": "\n".join(rows).encode(), "PM_25_NB_590.csv": label.encode()}
        name = "fichier_des_parcelles_situation_2025_dpts_57_a_976_zip"
        folder = f"/api/explore/v2.1/catalog/datasets/{owners_legal.DATASET}/attachments"
        self.service.files[f"{folder}/{name}"] = self.archive(files)

    def _api(self, asked: Asked, features: list[dict[str, Any]]) -> Reply:
        match asked.path.strip("/").split("/"):
            case ["epcis", self.epci]:
                return Reply.json({"nom": "CA du Pays Inventé", "code": self.epci})
            case ["epcis", self.epci, "communes"]:
                assert asked.query["geometry"] == "contour"
                return Reply.json({"type": "FeatureCollection", "features": features})
            case ["communes", code] if code in self.communes:
                return Reply.json(features[self.communes.index(code)])
        return Reply(b'{"code":404}', status=404)

    def _commune(self, n: int, insee: str) -> dict[str, Any]:
        west, south = self.corner[0] + n * COMMUNE_M, self.corner[1]
        ground = box(west, south, west + COMMUNE_M, south + COMMUNE_M)
        return {
            "type": "Feature",
            "properties": {"nom": f"Commune {n + 1}", "code": insee},
            "geometry": degrees(ground, self.epsg),
        }

    def _zone(self, insee: str, z: int, ground: tuple[float, ...]) -> None:
        key = f"PAIACTIV{insee}{z:011d}"
        self.zones[key] = {
            "cleabs": key,
            "categorie": "Industriel et commercial",
            "nature": "Zone industrielle",
            "nature_detaillee": "Zone d'activités",
            "toponyme": f"ZA du Chemin {z + 1} de {insee}",
            "nom_commercial": None,
            "etat_de_l_objet": "En service",
            "fictif": False,
            "insee_commune": insee,
            "date_modification": "2026-05-04T10:00:00Z",
        }
        self.middle[key] = ((ground[0] + ground[2]) / 2, (ground[1] + ground[3]) / 2)
        self._add("zone_d_activite_ou_d_interet", self.zones[key], box(*ground))

    def _bdtopo_building(self, insee: str, z: int, i: int, ground: tuple[float, ...]) -> None:
        properties = {
            "cleabs": f"BATIMENT{insee}{z:04d}{i:07d}",
            "nature": "Industriel, agricole ou commercial",
            "etat_de_l_objet": "En service",
            "hauteur": 7.5,
            "date_modification": "2026-04-01T10:00:00Z",
        }
        self._add("batiment", properties, box(*ground))

    def _add(self, layer: str, properties: dict[str, Any], ground: Any) -> None:
        ring = [[[x, y, 20.5] for x, y in ground.exterior.coords]]
        feature = {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "MultiPolygon", "coordinates": [ring]},
        }
        self.wfs.layers[f"BDTOPO_V3:{layer}"].append(feature)

    def _parcel(self, insee: str, z: int, i: int, ground: tuple[float, ...]) -> dict[str, Any]:
        key = f"{insee}000{'ABCDEFGHIJ'[z]:>2}{i + 1:04d}".replace(" ", "0")
        properties = {
            "id": key,
            "commune": insee,
            "prefixe": "000",
            "section": key[8:10].lstrip("0"),
            "numero": str(i + 1),
            "contenance": 500,
            "arpente": False,
            "created": "2010-01-01",
            "updated": "2025-03-02",
        }
        return {"type": "Feature", "id": key, "properties": properties, "geometry": degrees(box(*ground), self.epsg)}

    def _cadastral_building(self, insee: str, ground: tuple[float, ...]) -> dict[str, Any]:
        properties = {"type": "01", "nom": None, "commune": insee, "created": "2011-01-01", "updated": "2018-04-23"}
        return {"type": "Feature", "properties": properties, "geometry": degrees(box(*ground), self.epsg)}


def degrees(ground: Any, epsg: int = 2154) -> dict[str, Any]:
    """Return a shape as the cadastre writes it: longitude and latitude, seven decimals."""
    forward = Transformer.from_crs(epsg, 4326, always_xy=True)
    moved = shapely.transform(ground, lambda xy: np.column_stack(forward.transform(*xy.T)).round(7))
    return json.loads(shapely.to_geojson(moved))


@pytest.fixture(scope="session")
def degrees_of() -> Callable[..., dict[str, Any]]:
    return degrees


@pytest.fixture
def generated(service, wfs_emulator, monkeypatch) -> Generated:
    """Make up a territory, and have every source asked at the emulator."""
    paths = {"bdtopo": "/wfs", "cadastre-ign": "/wfs", "planning": "/wfs", "osm": "/overpass"}
    for name in registry.ALL:
        monkeypatch.setenv(f"GIS_{name.upper().replace('-', '_')}_URL", service.url + paths.get(name, ""))
    return Generated(service, wfs_emulator())


@pytest.fixture
def founding(command, generated, tmp_path):
    """Write the folder of a generated territory that asks the emulator as fast as it can, and return it."""

    def found(*arguments: str) -> Path:
        folder = tmp_path / "layers" / "pays"
        made = command("new", *(arguments or [generated.epci]), folder)
        assert made.code == 0, made.err
        toml = folder / "territory.toml"
        names = ("bdtopo", "planning", "risks", "cartofriches", "cadastre", "cadastre-ign")
        services = "".join(f'[services.{name}]\nper_second = "10000"\n' for name in names)
        text = toml.read_text(encoding="utf-8").replace("# [services]", f"{services}#")
        toml.write_text(text, encoding="utf-8")
        return folder

    return found


@pytest.fixture
def founded(generated, founding):
    """Write the folder of a generated territory with a few zones; return it."""
    generated.publish([[(3, 2), (2, 2)], [(2, 1)], []])
    return founding()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Where files are kept as their publishers publish them; skipped by name without them."""
    for parent in Path(__file__).resolve().parents:
        if (parent / "shared" / "data").is_dir():
            return parent / "shared" / "data"
    pytest.skip("the real files of ../shared/data are not here")


@pytest.fixture(scope="session")
def bomb() -> bytes:
    """A gzip of 64 MB of nothing in 64 kB."""
    return gzip.compress(bytes(64 << 20), mtime=0)


@pytest.fixture(scope="session")
def mapserv() -> str:
    """Where MapServer is; the test is skipped without it, but not in CI."""
    found = shutil.which("mapserv") or next(filter(Path.is_file, map(Path, ["/usr/lib/cgi-bin/mapserv"])), None)
    if not found:
        (pytest.fail if "CI" in os.environ else pytest.skip)("MapServer is not installed: run .ci/setup servers")
    return str(found)


@pytest.fixture
def mapserver(mapserv, tmp_path):
    """Serve a map file with MapServer, one process a request: `mapserver(text)` is its address."""
    file = tmp_path / "witness.map"
    config = tmp_path / "mapserver.conf"
    config.write_text("CONFIG\n  ENV\n  END\nEND\n")

    class Cgi(_Handler):
        def do_GET(self) -> None:
            query = urllib.parse.urlsplit(self.path).query
            environment = {
                "REQUEST_METHOD": "GET",
                "QUERY_STRING": query,
                "MS_MAPFILE": str(file),
                "MAPSERVER_CONFIG_FILE": str(config),
                "PATH": "/usr/bin:/bin",
            }
            run = subprocess.run([mapserv], env=environment, capture_output=True, check=False, timeout=30)
            head, _, body = run.stdout.partition(b"\r\n\r\n")
            self.send_response(200)
            for line in head.decode().splitlines():
                self.send_header(*line.split(": ", 1))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = _serve(Cgi)

    def at(text: str) -> str:
        file.write_text(text)
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield at
    server.shutdown()
    server.server_close()
