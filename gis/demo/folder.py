"""The fictional territory as a folder in the form of a real one, written whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
import tomlkit

from gis import schemas
from gis.demo import claims as published
from gis.demo import names
from gis.demo.buildings import built as build_on
from gis.demo.claims import DemoClaims
from gis.demo.exclusions import exclusions
from gis.demo.fabric import ZONE, Shapes
from gis.demo.land import DemoLayer, Land, land
from gis.demo.network import asked, network, served
from gis.demo.states import START, TODAY
from gis.demo.tenants import tenants
from gis.errors import GisError
from gis.journal import OURS
from gis.placing import writing
from gis.provenance import Basis
from gis.schemas import KEYS, Given
from gis.spreadsheets import csv_text

#: The page of the focus site.
FOCUS_SLUG: Final = "manufacture"

_SOURCES: Final = f"""\
# What is cited. Nothing of this exists: the territory is fictional, and so is all that is published about it.

[{published.OWN}]
title = "Territoire fictif"
publisher = "Emprise"
licence = "MIT"
edition = "{TODAY:%Y-%m}"
basis = "surveyed"

[{published.KIT}]
title = "Dossier du territoire (document fictif)"
short = "dossier fictif"
publisher = "{names.TERRITORY}"
licence = "MIT"
edition = "{TODAY:%Y-%m}"

[{published.PAPER}]
title = "Que devient la manufacture ? (article fictif)"
short = "gazette fictive"
publisher = "La Gazette d’Ombrevaze (journal fictif)"
licence = "MIT"

[{published.WATCH}]
title = "Tableau de bord (document fictif)"
short = "observatoire fictif"
publisher = "Observatoire d’Ombrevaze (fictif)"
licence = "MIT"
"""


def write_demo(folder: Path, *, sites: int = 30, terrains: int = 1000, seed: int = 1) -> None:
    """Write a fictional territory: a whole folder in the form of a real one.

    Every place, firm and person in it is invented. The ground lies about x = 1,700,000, y = 9,230,000 in EPSG:3950,
    which is not meant; shapes are in `raw/`, as GeoJSON in longitude and latitude with 8 decimals, and
    neighbours share every vertex, so that they are a coverage in any CRS. Terrains tile their site, parcels tile the
    sites, communes tile the territory; a site inside another (`part_of`) has terrains of its own, which belong to the
    ground of both. The first site is the one in focus: former works with many tenants. Columns are those of
    `gis.schemas`; days run from 2020-01-01 to 2025-06-30.

    The same arguments give the same bytes. From 12 sites and 200 terrains on, every value of every vocabulary occurs.

    Parameters
    ----------
    folder
        Where to write; it must not exist, or be empty. What its parent lacks is made.
    sites, terrains
        How many, exactly; a terrain a site at least. Roads are terrains too.
    seed
        Another one gives another territory.

    Raises
    ------
    GisError
        If there is something at `folder`, if there are fewer terrains than sites, or if the disk refuses. Nothing is
        left behind then.
    """
    with whole_folder(folder) as new:
        (new / "raw").mkdir()
        for name, text in _files(sites, terrains, seed):
            (new / name).write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to fill, which takes the place of `folder` once it is whole.

    Raises
    ------
    GisError
        If there is something at `folder`, or if the disk refuses. Nothing is left behind then.
    """
    folder = Path(folder).absolute()
    with writing(folder, refusal=GisError) as placing:
        if folder.exists() and not (folder.is_dir() and all(each.name.startswith(OURS) for each in folder.iterdir())):
            msg = f"{folder}: is there already. Name a folder that does not exist, or empty it first."
            raise GisError(msg)
        new = placing.aside(folder) / folder.name
        new.mkdir()
        yield new
        found = sorted(each for each in new.rglob("*") if OURS not in str(each.relative_to(new)))
        files: dict[Path, Path | None] = {folder / each.relative_to(new): each for each in found if each.is_file()}
        placing.put(files, [folder / each.relative_to(new) for each in [new, *found] if each.is_dir()])


def _files(sites: int, terrains: int, seed: int) -> Iterator[tuple[str, str]]:
    """Make the territory, and the text of each of its files."""
    ground_rng, building_rng, tenant_rng, exclusion_rng, served_rng, asked_rng = np.random.default_rng(seed).spawn(6)
    ground = land(ground_rng, sites, terrains)
    built = build_on(building_rng, ground)
    establishments, tenancies = tenants(tenant_rng, ground, built)
    said = published.claims(ground, built, tenancies)
    roads, accesses = network(ground)
    shaped = {
        "communes": ground.communes,
        "sites": _with_columns(ground.sites, served(served_rng, ground, accesses)),
        "terrains": ground.terrains,
        "parcels": ground.parcels,
        "buildings": built.buildings,
        "premises": _with_columns(built.premises, asked(asked_rng, ground, built)),
        "exclusions": exclusions(exclusion_rng, ground),
        "roads": roads,
        "accesses": accesses,
    }
    plain = {
        "owners": ground.owners,
        "establishments": establishments,
        "tenancies": tenancies,
        "claims": said.claims,
    }
    yield "territory.toml", _territory(ground, said)
    yield "sources.toml", _SOURCES
    for name, table in {**{key: layer.table for key, layer in shaped.items()}, **plain}.items():
        yield f"{name}.csv", _csv(name, table)
    for name, layer in shaped.items():
        yield f"raw/{name}.geojson", _geojson(name, layer)


def _with_columns(layer: DemoLayer, columns: pd.DataFrame) -> DemoLayer:
    """Add columns to the table of a layer."""
    return DemoLayer(pd.concat([layer.table, columns], axis=1), layer.shapes)


def _territory(ground: Land, said: DemoClaims) -> str:
    site = str(ground.sites.table["site_id"][0])
    short = str(ground.sites.table["site_name"][0])
    english = str(ground.sites.table["site_name_en"][0])
    head = f"""\
# A fictional territory, written by `gis new --demo`: it shows what the pages can do when everything is known.
# Its ground is put near x = 1,700,000, y = 9,230,000 in the zone below. The place that lies there is not meant.
name = {_text(names.TERRITORY)}
fictional = true
crs = "EPSG:{ZONE.to_epsg()}"                 # RGF93 / CC50: areas are measured here

[opening]
date = {TODAY}
from = {START}                 # where the time axis of the pages begins

[[focus]]
slug = {_text(FOCUS_SLUG)}
site = {_text(site)}
short = {{ fr = {_text(short)}, en = {_text(english)} }}
question = {{ fr = "Qui occupe l’ancienne manufacture ?", en = "Who occupies the former works?" }}

# Disputed values: which published one the pages open with, and why. claim = "" is unknown.
"""
    variants = "".join(
        f"\n[[variant]]\nof = {_text(each.of)}\nclaim = {_text(each.claim)}\n"
        f"why = {{ fr = {_text(each.why[0])}, en = {_text(each.why[1])} }}\n"
        for each in said.variants
    )
    index = ", ".join(map(_text, said.index))
    return (
        f"{head}{variants}\n[index]                           # figures that the first page shows\nclaims = [{index}]\n"
    )


def _text(value: str) -> str:
    """Write a text as TOML does."""
    return tomlkit.item(value).as_string()


def _csv(name: str, table: pd.DataFrame) -> str:
    """Write a table with the columns of its layer, in the order of the schema; what nobody knows is empty."""
    columns = schemas.SCHEMAS[name].to_schema().columns
    full = table.assign(basis=Basis.SURVEYED.value)
    if "source_id" not in full:
        full["source_id"] = published.OWN
    last = ["source_id", "basis"]
    given = [column for column in columns if column in full and column not in last and _is_given(columns[column])]
    texts = pd.DataFrame({column: _cells(full[column]) for column in [*given, *last]})
    return csv_text([list(texts.columns), *texts.to_numpy(dtype=object).tolist()])


def _is_given(column: Any) -> bool:
    return bool(column.metadata["given"] is not Given.COMPUTED)


def _cells(values: "pd.Series[Any]") -> list[str]:
    if values.dtype.kind == "M":
        days: list[str] = values.dt.strftime("%Y-%m-%d").fillna("").tolist()
        return days
    if values.dtype.kind == "f":
        return [f"{value:.10g}" if value == value else "" for value in values.tolist()]  # noqa: PLR0124  (NaN)
    return [str(value) for value in values.fillna("").tolist()]


def _geojson(name: str, layer: DemoLayer) -> str:
    """Write shapes as RFC 7946 wants them, a feature a line: the key of the row, its basis and its source."""
    key = KEYS[name]
    common = f'"basis":"{Basis.SURVEYED}","source_id":"{published.OWN}"'
    features = ",\n".join(
        f'{{"type":"Feature","properties":{{"{key}":{_text(row)},{common}}},"geometry":{shape}}}'
        for row, shape in zip(layer.table[key].tolist(), _shapes(layer.shapes), strict=True)
    )
    return f'{{"type":"FeatureCollection","features":[\n{features}\n]}}\n'


def _shapes(shapes: Shapes) -> list[str]:
    turned = np.asarray(shapely.to_geojson(shapely.orient_polygons(shapes, exterior_cw=False)))
    texts: list[str] = turned.tolist()
    return texts
