"""The fictional territory as a folder in the format of a real one, written completely or not at all."""

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
from gis.demo.buildings import build_on_terrains as build_on
from gis.demo.claims import DemoClaims
from gis.demo.exclusions import demo_exclusions
from gis.demo.fabric import ZONE, Shapes
from gis.demo.land import DemoLayer, Land, demo_land
from gis.demo.network import premises_terms_table, roads_and_accesses, site_networks_table
from gis.demo.states import START, TODAY
from gis.demo.tenants import establishments_and_tenancies
from gis.errors import GisError
from gis.journal import OURS
from gis.placing import writing_under_lock
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
        for name, text in _demo_file_texts(sites, terrains, seed):
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
    with writing_under_lock(folder, refusal=GisError) as placing:
        if folder.exists() and not (folder.is_dir() and all(each.name.startswith(OURS) for each in folder.iterdir())):
            msg = f"{folder}: is there already. Name a folder that does not exist, or empty it first."
            raise GisError(msg)
        new = placing.aside(folder) / folder.name
        new.mkdir()
        yield new
        new_paths = sorted(each for each in new.rglob("*") if OURS not in str(each.relative_to(new)))
        files: dict[Path, Path | None] = {folder / each.relative_to(new): each for each in new_paths if each.is_file()}
        placing.put(files, [folder / each.relative_to(new) for each in [new, *new_paths] if each.is_dir()])


def _demo_file_texts(sites: int, terrains: int, seed: int) -> Iterator[tuple[str, str]]:
    """Make the territory, and the text of each of its files."""
    ground_rng, building_rng, tenant_rng, exclusion_rng, served_rng, asked_rng = np.random.default_rng(seed).spawn(6)
    ground = demo_land(ground_rng, sites, terrains)
    built = build_on(building_rng, ground)
    establishments, tenancies = establishments_and_tenancies(tenant_rng, ground, built)
    claims_said = published.demo_claims(ground, built, tenancies)
    roads, accesses = roads_and_accesses(ground)
    shaped_layers = {
        "communes": ground.communes,
        "sites": _layer_with_columns(ground.sites, site_networks_table(served_rng, ground, accesses)),
        "terrains": ground.terrains,
        "parcels": ground.parcels,
        "buildings": built.buildings,
        "premises": _layer_with_columns(built.premises, premises_terms_table(asked_rng, ground, built)),
        "exclusions": demo_exclusions(exclusion_rng, ground),
        "roads": roads,
        "accesses": accesses,
    }
    tables = {
        "owners": ground.owners,
        "establishments": establishments,
        "tenancies": tenancies,
        "claims": claims_said.claims,
    }
    yield "territory.toml", _demo_settings_text(ground, claims_said)
    yield "sources.toml", _SOURCES
    for name, table in {**{key: layer.table for key, layer in shaped_layers.items()}, **tables}.items():
        yield f"{name}.csv", _layer_csv_text(name, table)
    for name, layer in shaped_layers.items():
        yield f"raw/{name}.geojson", _geojson_text(name, layer)


def _layer_with_columns(layer: DemoLayer, columns: pd.DataFrame) -> DemoLayer:
    """Add columns to the table of a layer."""
    return DemoLayer(pd.concat([layer.table, columns], axis=1), layer.shapes)


def _demo_settings_text(ground: Land, said: DemoClaims) -> str:
    site = str(ground.sites.table["site_id"][0])
    short = str(ground.sites.table["site_name"][0])
    english = str(ground.sites.table["site_name_en"][0])
    head = f"""\
# A fictional territory, written by `gis new --demo`: it shows what the pages can do when everything is known.
# Its ground is put near x = 1,700,000, y = 9,230,000 in the zone below. The place that lies there is not meant.
name = {_toml_string(names.TERRITORY)}
fictional = true
crs = "EPSG:{ZONE.to_epsg()}"                 # RGF93 / CC50: areas are measured here

[opening]
date = {TODAY}
from = {START}                 # where the time axis of the pages begins

[[focus]]
slug = {_toml_string(FOCUS_SLUG)}
site = {_toml_string(site)}
short = {{ fr = {_toml_string(short)}, en = {_toml_string(english)} }}
question = {{ fr = "Qui occupe l’ancienne manufacture ?", en = "Who occupies the former works?" }}

# Disputed values: which published one the pages open with, and why. claim = "" is unknown.
"""
    variants = "".join(
        f"\n[[variant]]\nof = {_toml_string(each.of)}\nclaim = {_toml_string(each.claim)}\n"
        f"why = {{ fr = {_toml_string(each.why[0])}, en = {_toml_string(each.why[1])} }}\n"
        for each in said.variants
    )
    index = ", ".join(map(_toml_string, said.index))
    return (
        f"{head}{variants}\n[index]                           # figures that the first page shows\nclaims = [{index}]\n"
    )


def _toml_string(value: str) -> str:
    """Write a text as TOML does."""
    return tomlkit.item(value).as_string()


def _layer_csv_text(name: str, table: pd.DataFrame) -> str:
    """Write a table with the columns of its layer, in the order of the schema; what nobody knows is empty."""
    columns = schemas.SCHEMAS[name].to_schema().columns
    full_table = table.assign(basis=Basis.SURVEYED.value)
    if "source_id" not in full_table:
        full_table["source_id"] = published.OWN
    last_columns = ["source_id", "basis"]
    given_columns = [
        column
        for column in columns
        if column in full_table and column not in last_columns and _is_given_column(columns[column])
    ]
    texts = pd.DataFrame({column: _column_texts(full_table[column]) for column in [*given_columns, *last_columns]})
    return csv_text([list(texts.columns), *texts.to_numpy(dtype=object).tolist()])


def _is_given_column(column: Any) -> bool:
    return bool(column.metadata["given"] is not Given.COMPUTED)


def _column_texts(values: "pd.Series[Any]") -> list[str]:
    if values.dtype.kind == "M":
        days: list[str] = values.dt.strftime("%Y-%m-%d").fillna("").tolist()
        return days
    if values.dtype.kind == "f":
        return [f"{value:.10g}" if value == value else "" for value in values.tolist()]  # noqa: PLR0124  (NaN)
    return [str(value) for value in values.fillna("").tolist()]


def _geojson_text(name: str, layer: DemoLayer) -> str:
    """Write shapes as RFC 7946 wants them, a feature a line: the key of the row, its basis and its source."""
    key = KEYS[name]
    common = f'"basis":"{Basis.SURVEYED}","source_id":"{published.OWN}"'
    features = ",\n".join(
        f'{{"type":"Feature","properties":{{"{key}":{_toml_string(row)},{common}}},"geometry":{shape}}}'
        for row, shape in zip(layer.table[key].tolist(), _geojson_geometries(layer.shapes), strict=True)
    )
    return f'{{"type":"FeatureCollection","features":[\n{features}\n]}}\n'


def _geojson_geometries(shapes: Shapes) -> list[str]:
    geojson = np.asarray(shapely.to_geojson(shapely.orient_polygons(shapes, exterior_cw=False)))
    texts: list[str] = geojson.tolist()
    return texts
