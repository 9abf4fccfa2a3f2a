"""Each source before answers that are almost its own: nothing ends in a traceback, nothing malformed is kept as good.

Some hundred answers in CI; with `EMPRISE_FUZZ=long` thousands, from `EMPRISE_SEED` on.
"""

import datetime as dt
import json
import os
import random
import re
import traceback
from collections import Counter
from dataclasses import replace
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS
from shapely import box

from gis.errors import GisError
from gis.sources.conflation.joined import FetchedFolder, read_fetched_parts
from gis.sources.open_data import cadastre, fusac, planning, risks
from gis.sources.open_data import fetch as fetching
from gis.sources.open_data.bdtopo_networks import EQUIPMENT, TYPENAMES
from gis.sources.open_data.features import TargetLayer
from gis.sources.open_data.fetch import FetchOptions, fetch_sources
from gis.sources.open_data.fetched import read_fetched
from gis.sources.open_data.registry import ALL
from gis.sources.open_data.web import Client, Limits
from gis.sources.tables.catalogue import sha256_of_file
from tests.servers.malformed import spoilt

LONG = os.environ.get("EMPRISE_FUZZ") == "long"
SEED = int(os.environ.get("EMPRISE_SEED", "1"))
#: How many answers are spoilt on their way, and how many files where they lie.
ON_THE_WAY, WHERE_THEY_LIE = (1600, 1200) if LONG else (130, 100)
TODAY = dt.date(2026, 9, 1)
CC50 = CRS.from_epsg(3950)


def _feature(ground, **properties):
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(ground)}


def _fill(generated, degrees_of):
    """Let every service say something of the first commune."""
    west, south = generated.corner
    ground = box(west + 310, south + 310, west + 340, south + 340)
    line, point = ground.exterior, ground.centroid
    rows = {
        "route": {"nature": "Route à 1 chaussée", "importance": "5", "nom_voie_ban_gauche": "RUE"},
        "rail": {"nature": "Voie de service", "usage": "Fret", "etat_de_l_objet": "En service"},
        "eau": {"nature": "Plan d'eau"},
        "cours": {"nature": "Canal"},
        "ligne": {"voltage": "90 kV"},
    }
    for name, row in rows.items():
        drawn = ground if name == "eau" else shapely.LineString(line.coords)
        made = [_feature(drawn, cleabs=f"{name}{n}", date_modification="2026-05-04T10:00:00Z", **row) for n in (1, 2)]
        generated.wfs.layers[TYPENAMES[name]] = made
    exits = {"nature": "Carrefour", "nature_detaillee": "Echangeur", "numero": "7", "toponyme": "Nord"}
    generated.wfs.layers[EQUIPMENT] = [_feature(ground, cleabs="X", date_modification="2026-05-04", **exits)]
    parcels = [
        _feature(ground, idu=f"{generated.communes[0]}0000A000{n}", contenance=900, code_insee=code)
        for n in (1, 2)
        for code in generated.communes[:1]
    ]
    generated.wfs.layers[cadastre.TYPENAME] = parcels
    plans = {"typezone": "N", "typepsc": "05", "suptype": "ac1", "libelle": "Réservé", "nomsuplitt": "Église"}
    for name, typename in planning.TYPENAMES.items():
        drawn = point if name.endswith("-p") else shapely.LineString(line.coords) if name.endswith("-l") else ground
        made = [_feature(drawn, gid=n, datvalid="20240131", **plans) for n in (1, 2)]
        generated.wfs.layers[typename] = made
    insee = generated.communes[0]
    here = degrees_of(ground)
    dated = {"code_insee": insee, "date_maj": "2025-01-01"}
    known = {"identifiant_ssp": "SSP1", "id_sis": "S1", "statut": "Clos", "statut_classification": "Classé", **dated}
    installed = {"codeInsee": insee, "codeAIOT": "7", "regime": "A", "statutSeveso": "", "etatActivite": "En service"}
    for name, path in risks.PATHS.items():
        shape = here if name in {"sis", "sup"} else json.dumps(degrees_of(point))
        generated.registers[path] = [{**known, "geom": shape}]
    generated.registers[risks.PATHS["icpe"]] = [{**installed, "longitude": 2.5, "latitude": 50.5}]
    field = {"site_statut": "friche potentielle", "site_nom": "Halle", "comm_insee": insee, "site_actu_date": "2025"}
    made = [{**_feature(ground), "geometry": here, "properties": {"site_id": f"F{n}", **field}} for n in range(3)]
    generated.brownfields = made
    ring = [{"lon": x, "lat": y} for x, y in here["coordinates"][0]]
    way = {"type": "way", "id": 1, "tags": {"landuse": "industrial", "name": "ZI"}, "geometry": ring}
    generated.overpass = {"osm3s": {"timestamp_osm_base": "2026-08-01T00:00:00Z"}, "elements": [way]}


class Bench:
    """A territory of which everything was fetched, and one file at a time that is fetched again."""

    def __init__(self, folder, service, generated):
        self.folder, self.service, self.generated = folder, service, generated
        self.raw = folder / "raw"
        services = {name: {"per_second": "1000000"} for name in ALL}
        self.settings = {"crs": "EPSG:3950", "epci": generated.epci, "services": services}
        limits = Limits(seconds=2, tries=2, answer=4 << 20, download=4 << 20)
        file = folder / "fusac.gpkg"
        west, south = generated.corner
        ground = box(west + 600, south + 600, west + 700, south + 700)
        row = {"site_id": "F1", "site_nom": "ZI", "site_type": fusac.ZONE, "site_etat": "actif", "origine": "Cerema"}
        gpd.GeoDataFrame([row], geometry=[ground], crs=2154).to_file(file, layer=f"{fusac.LAYER}2025")
        self.asking = FetchOptions(TODAY, limits=limits, file=str(file))
        for outcome in fetch_sources(folder, self.settings, [*ALL], self.asking):
            assert not outcome.failed, outcome
        every = [(name, file) for name, files in read_fetched(self.raw).entries.items() for file in files]
        others = generated.communes[1:]
        elsewhere = re.compile(rf"^({'|'.join(others)})-|-({'|'.join(others)})-")
        self.files = [(name, file) for name, file in every if not elsewhere.search(Path(file).name)]
        self.files = [each for each in self.files if each[0] != "fusac"]
        assert {name for name, _ in self.files} == {*ALL} - {"fusac"}
        self.good = {path: path.read_bytes() for path in self.raw.rglob("*") if path.is_file()}
        self.asked = Counter()
        for target in self.files:
            self.asked[target] = self._requests(target)

    def _requests(self, target):
        self.service.log.clear()
        outcome = self.fetch(target)
        assert not outcome.failed, outcome
        return len(self.service.log)

    def fetch(self, target):
        """Fetch one file of a source anew."""
        name, file = target
        self.record(name, replace(read_fetched(self.raw).entries[name][file], retrieved="2020-01-01"))
        (outcome,) = fetch_sources(self.folder, self.settings, [name], self.asking)
        return outcome

    def record(self, name, entry):
        """Write down what is said of one file."""
        fetched = read_fetched(self.raw)
        fetched.entries[name][entry.file] = entry
        fetched.write()

    def restore(self):
        for path in self.raw.rglob("*"):
            if path.is_file() and path not in self.good:
                path.unlink()
        for path, body in self.good.items():
            if not path.is_file() or path.read_bytes() != body:
                path.write_bytes(body)

    def on_the_way(self, target, draw):
        """Fetch a file, one answer of which is spoilt; return what was done to it and what became of it."""
        done = ""
        files = dict(self.service.files)
        left = [draw.randrange(self.asked[target])]

        def reply(asked):
            nonlocal done
            left[0] -= 1
            if left[0] != -1 and not (done and asked.path == done_at[0]):
                return type(self.service).reply(self.service, asked)
            if asked.path in files:
                if not done:
                    done, self.service.files[asked.path] = spoilt(files[asked.path], draw)
                    done_at.append(asked.path)
                return type(self.service).reply(self.service, asked)
            whole = type(self.service).reply(self.service, asked)
            if not done:
                done, again[0] = spoilt(whole.body, draw)
                done_at.append(asked.path)
                return replace(whole, body=again[0])
            return whole

        done_at, again = [], [b""]
        self.service.reply = reply
        try:
            outcome = self.fetch(target)
        finally:
            del self.service.reply
            self.service.files = files
        return done, outcome

    def readers(self, file):
        return [
            (key, reader)
            for name in ALL
            for key, (pattern, reader) in ALL[name].readers.items()
            if fnmatch(file, pattern)
        ]


@pytest.fixture
def bench(founding, service, generated, degrees_of, monkeypatch):
    generated.publish([[(2, 2)], [(2, 1)], []])
    _fill(generated, degrees_of)
    monkeypatch.setattr(fetching, "Client", partial(Client, sleep=lambda _: None))
    monkeypatch.setattr("gis.sources.open_data.owners_legal.EDITIONS", {"2025": (("01", "56"), ("57", "976"))})
    return Bench(founding(), service, generated)


def _where(error):
    last = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in last if "/gis/" in frame.filename]
    frame = (ours or last)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def test_every_answer_on_its_way_ends_in_an_outcome_or_in_a_layer(bench):
    draw = random.Random(SEED)  # noqa: S311  (to be had again)
    tracebacks, kept = [], []
    refused = torn = 0
    for n in range(ON_THE_WAY):
        target = bench.files[n % len(bench.files)]
        try:
            done, outcome = bench.on_the_way(target, draw)
        except Exception as error:  # noqa: BLE001
            tracebacks.append((target, _where(error)))
            bench.restore()
            continue
        file = bench.raw / target[1]
        refused += bool(outcome.failed)
        if outcome.failed:
            entry = read_fetched(bench.raw).entries[target[0]][target[1]]
            torn += (file.read_bytes(), entry.retrieved) != (bench.good[file], "2020-01-01")
        else:
            source = ALL[target[0]].source
            for key, reader in bench.readers(target[1]):
                try:
                    reader([file], TargetLayer(CC50, source))
                except Exception as error:  # noqa: BLE001
                    kept.append((target, key, done, _where(error)))
        bench.restore()
    counted = Counter(where for _, where in tracebacks), Counter(where for *_, where in kept)
    told = f"{ON_THE_WAY} answers: {len(tracebacks)} tracebacks, {refused} refused, {len(kept)} kept, {torn} torn"
    print(told, *counted[0].most_common(), *counted[1].most_common(), sep="\n")  # noqa: T201  (the figures, with -s)
    assert not tracebacks, counted[0].most_common(20)
    assert not kept, kept[:20]
    assert not torn
    assert refused > ON_THE_WAY / 4


def test_every_malformed_file_where_it_lies_ends_in_a_layer_or_in_an_error_that_names_it(bench):
    draw = random.Random(SEED)  # noqa: S311  (to be had again)
    wrong = []
    refused = 0
    for n in range(WHERE_THEY_LIE):
        name, file = bench.files[n % len(bench.files)]
        path = bench.raw / file
        done, body = spoilt(bench.good[path], draw)
        path.write_bytes(body)
        entry = read_fetched(bench.raw).entries[name][file]
        bench.record(name, replace(entry, sha256=sha256_of_file(path), bytes=len(body)))
        layers = {key.partition("/")[0] for key, _ in bench.readers(file)}
        for layer in sorted(layers):
            try:
                read_fetched_parts(FetchedFolder(bench.folder, read_fetched(bench.raw), {}, CC50), layer)
            except GisError as error:
                refused += 1
                if file not in str(error):
                    wrong.append((file, done, _where(error), str(error)[:200]))
            except Exception as error:  # noqa: BLE001
                wrong.append((file, done, _where(error), repr(error)[:200]))
        bench.restore()
    counted = Counter(where for _, _, where, _ in wrong)
    print(f"{WHERE_THEY_LIE} files: {len(wrong)} wrong, {refused} refused", *counted.most_common(), sep="\n")  # noqa: T201
    assert not wrong, wrong[:20]
    assert refused > WHERE_THEY_LIE / 5
