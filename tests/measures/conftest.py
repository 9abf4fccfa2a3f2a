"""Hand-made rows → layers, for measures alone: no file, no folder."""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gis.schemas import Claims, Exclusions, Sites, Tenancies, Terrains, conform

EMPTY = {"float": np.nan, "date": np.datetime64("NaT", "ns"), "int": 0}
TEXT = {"source_id": "registre", "basis": "stated"}


def layer(schema, rows, defaults, **options):
    """Make a layer of rows that say only what matters; the columns that are left are empty."""
    columns = {name: column for name, column in schema.to_schema().columns.items() if name != "geometry"}
    made = {}
    for name, column in columns.items():
        kind = str(column.dtype)
        empty = next((value for start, value in EMPTY.items() if kind.startswith(start)), "")
        values = [{**TEXT, **defaults(n), **row}.get(name, empty) for n, row in enumerate(rows)]
        is_text = isinstance(empty, str)
        made[name] = pd.array(values, dtype="str") if is_text else np.array(values, dtype=np.array(empty).dtype)
    frame = pd.DataFrame(made, index=range(len(rows)))
    if "geometry" in schema.to_schema().columns:
        shapes = np.full(len(rows), None)
        shapes[:] = options.get("geometry") or [None] * len(rows)
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=3950))
    return conform(frame, schema)


@pytest.fixture(scope="session")
def tenancies_of():
    """Make tenancies of one site from the rows of `tests/data/occupancy_cases.json`."""

    def make(rows, site_id="port"):
        return layer(
            Tenancies,
            [
                {
                    "tenancy_id": row["id"],
                    "establishment_id": row["id"],
                    "occupant": row["id"],
                    "premises_id": row["premises"],
                    "phase": row["phase"],
                    **_bounds("from_earliest", "from_latest", row["from"], _day),
                    **_bounds("to_earliest", "to_latest", row["to"], _day),
                    **_bounds("area_low_m2", "area_high_m2", row["area_m2"], float),
                }
                for row in rows
            ],
            lambda _: {"site_id": site_id, "area_kind": "not_said"},
        )

    return make


@pytest.fixture(scope="session")
def claims_of():
    """Make claims from rows that say only what matters; low and high are the value where it is a number."""

    def make(*rows):
        read = [{**row, **_bounds("low", "high", [_number(row)] * 2, float)} for row in rows]
        return layer(Claims, read, lambda n: {"claim_id": f"claim-{n}", "site_id": "port", "unit": "m2"})

    return make


@pytest.fixture(scope="session")
def sites_of():
    """Make one site, with the shape given or none."""

    def make(shape=None, **columns):
        area = np.nan if shape is None else shape.area
        row = {"site_id": "port", "site_name": "Le port", "insee": "99001", "measured_m2": area, **columns}
        return layer(Sites, [row], lambda _: {"site_type": "inconnu"}, geometry=[shape])

    return make


#: What rows of land are when a test says nothing of it: ground that anybody can have at once.
LAND = {
    Sites: {"site_id": "est", "site_type": "autre", "insee": "99001"},
    Terrains: {
        "site_id": "est",
        "useful": "oui",
        "occupied": "vacant",
        "sale": "en vente",
        "servicing": "viabilisé et aménagé",
    },
    Exclusions: {"reason": "water"},
}
KEYS = {Terrains: "terrain_id", Exclusions: "exclusion_id"}


@pytest.fixture(scope="session")
def land_of():
    """Make sites, terrains or exclusions from rows that say only what matters, `geometry` among it."""

    def make(schema, *rows):
        defaults = LAND[schema]
        key = KEYS.get(schema)
        shapes = [row.get("geometry") for row in rows]
        return layer(schema, rows, lambda n: {**defaults, **({key: f"{n}"} if key else {})}, geometry=shapes)

    return make


@pytest.fixture(scope="session")
def layer_of():
    """Make a layer of rows, in EPSG:3950, their `geometry` among them; `plain` is what they say if nothing else."""

    def make(schema, rows, **plain):
        return layer(schema, rows, lambda _: plain, geometry=[row.get("geometry") for row in rows])

    return make


def _bounds(low, high, pair, read):
    return {name: read(value) for name, value in zip((low, high), pair, strict=True) if value is not None}


def _day(text):
    return np.datetime64(dt.date.fromisoformat(str(text)), "ns")


def _number(row):
    try:
        return float(row["value"].replace(",", "."))
    except ValueError:
        return None
