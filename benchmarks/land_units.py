"""How soon parcels become land units, beside geopandas and DuckDB.

    python benchmarks/land_units.py --parcels 100000 --runs 5

All do the same work on the same frames in memory, the list of parcels of the law: contiguous parcels of one owner,
clipped to sites, as single polygons with their areas and the parcels that each is made of. There are two cases: `cut`
has one turned square a quarter as its site, whose border crosses parcels; `whole` has one site around everything, so
that clipping is nothing and the others leave it out. Ours also finds what touches, bounds the counts, looks for
overlaps and gaps, and checks every shape. The methods run in turn, each in one thread, and their processor time is
taken, which other programs disturb less than the clock. The number of units, their area and the number of parcels
listed must agree. Medians and ratios are what to quote; seconds do not travel.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import duckdb_extension_spatial
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from fabric import APART_M, parcels
from shapely.affinity import rotate

from gis.measures.land_units import land_units

ROW = {"source_id": "bench", "basis": "surveyed"}
#: Side and turn of the site of a quarter: its border cuts about a tenth of the parcels, and some are outside.
SIDE_M, TURN = 640.0, 20.0
#: A method so many times slower than ours is timed once.
SLOW = 8
#: Units smaller than this are not compared: ours takes slivers for none.
LEAST_M2 = 1.0

Units = tuple[int, float, int]
Method = Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame], Units]


def squares(ground: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lay a turned square over each quarter."""
    west, south, east, north = ground.total_bounds
    count = [max(1, round(length / APART_M)) for length in (east - west, north - south)]
    x, y = (
        low + (np.arange(n) + 0.5) * (high - low) / n
        for n, low, high in zip(count, (west, south), (east, north), strict=True)
    )
    centres = [(a, b) for a in x for b in y]
    half = SIDE_M / 2
    shapes = [rotate(shapely.box(a - half, b - half, a + half, b + half), TURN) for a, b in centres]
    return sites(shapes, ground)


def around(ground: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lay one site around everything."""
    return sites([shapely.box(*ground.total_bounds).buffer(10)], ground)


def sites(shapes: list[shapely.Polygon], ground: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make sites of their shapes."""
    names = [f"s{n}" for n in range(len(shapes))]
    return gpd.GeoDataFrame({"site_id": names, "part_of": "", **ROW}, geometry=shapes, crs=ground.crs)


def summary(shapes: gpd.GeoSeries, parcels: pd.Series) -> Units:
    """Return how many units there are, their square metres, and how many parcels they list; none of a sliver."""
    areas = shapes.area.to_numpy()
    kept = areas > LEAST_M2
    return int(kept.sum()), float(areas[kept].sum()), int((parcels.str.count(r"\|") + 1).to_numpy()[kept].sum())


def listed(cut: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> pd.Series:
    """List the parcels of each unit of geopandas: by owner and site alone where that has one unit, else by a point."""
    pair = ["site_id", "owner_id"]
    several = units.duplicated(pair, keep=False).to_numpy()
    one = units.loc[~several, pair].assign(unit=np.flatnonzero(~several))
    unit = cut[pair].merge(one, "left", on=pair)["unit"].to_numpy(copy=True)
    open_ = np.flatnonzero(np.isnan(unit))
    points = shapely.point_on_surface(cut.geometry.to_numpy()[open_])
    at, found = shapely.STRtree(units.geometry.to_numpy()[several]).query(points, predicate="intersects")
    parcel, found = open_[at], np.flatnonzero(several)[found]
    own = (cut[pair].to_numpy()[parcel] == units[pair].to_numpy()[found]).all(axis=1)
    unit[parcel[own]] = found[own]
    return cut["parcel_id"].reset_index(drop=True).groupby(unit).agg("|".join)


def clipped(ground: gpd.GeoDataFrame, within: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut parcels at the borders of sites, only where they cross: the quickest way with geopandas that we know."""
    if len(within) == 1:
        return ground.assign(site_id="s0")
    site, parcel = ground.sindex.query(within.geometry, predicate="intersects")
    inner = set(zip(*ground.sindex.query(within.geometry, predicate="covers").tolist(), strict=True))
    cross = np.array([pair not in inner for pair in zip(site.tolist(), parcel.tolist(), strict=True)])
    shapes = ground.geometry.to_numpy()[parcel].copy()
    shapes[cross] = shapely.intersection(shapes[cross], within.geometry.to_numpy()[site[cross]])
    shapes, of = shapely.get_parts(shapes, return_index=True)
    there = shapely.area(shapes) > 0
    shapes, parcel, site = shapes[there], parcel[of[there]], site[of[there]]
    names = {name: ground[name].to_numpy()[parcel] for name in ("parcel_id", "owner_id")}
    return gpd.GeoDataFrame({**names, "site_id": within["site_id"].to_numpy()[site]}, geometry=shapes, crs=ground.crs)


def ours(ground: gpd.GeoDataFrame, within: gpd.GeoDataFrame) -> Units:
    """Find land units as the product does."""
    owners = pd.DataFrame({"owner_id": ground["owner_id"].unique(), "owner_kind": "legal"})
    units = land_units(ground, owners, within).units
    return summary(units.geometry, units["parcel_ids"])


def dissolve(method: str) -> Method:
    """Return clip, dissolve, explode, by one of the methods of geopandas."""

    def run(ground: gpd.GeoDataFrame, within: gpd.GeoDataFrame) -> Units:
        cut = clipped(ground, within)
        merged = cut[["site_id", "owner_id", "geometry"]].dissolve(["site_id", "owner_id"], method=method)
        units = merged.explode(index_parts=False).reset_index()
        return summary(units.geometry, listed(cut, units))

    return run


def naive(ground: gpd.GeoDataFrame, within: gpd.GeoDataFrame) -> Units:
    """Overlay, then the union of each owner, one by one: what is written first with geopandas."""
    cut = ground.assign(site_id="s0") if len(within) == 1 else ground.overlay(within[["site_id", "geometry"]])
    found, parcels = [], []
    for _, group in cut.groupby(["site_id", "owner_id"]):
        union = group.union_all()
        for part in getattr(union, "geoms", [union]):
            found.append(part)
            there = group if union is part else group[group.representative_point().intersects(part)]
            parcels.append("|".join(there["parcel_id"]))
    return summary(gpd.GeoSeries(found), pd.Series(parcels))


def database() -> duckdb.DuckDBPyConnection:
    """Open DuckDB with its spatial extension, from the disk."""
    file = next(Path(duckdb_extension_spatial.__file__).parent.rglob("*.duckdb_extension"))
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true", "threads": 1})
    connection.execute(f"LOAD '{file}'")
    return connection


def with_duckdb(ground: gpd.GeoDataFrame, within: gpd.GeoDataFrame) -> Units:
    """Do it in SQL; the time includes handing the shapes over and getting the units back."""
    with database() as connection:
        for name, layer, key in (("parcels", ground, "owner_id"), ("sites", within, "site_id")):
            names = layer.get("parcel_id", layer[key])
            rows = pd.DataFrame({"key": layer[key], "name": names, "wkb": shapely.to_wkb(layer.geometry.to_numpy())})
            connection.register("rows", rows)
            connection.execute(f"CREATE TABLE {name} AS SELECT key, name, ST_GeomFromWKB(wkb) AS shape FROM rows")  # noqa: S608
        cut = """
            SELECT s.key AS site, p.key AS owner, p.name,
                   CASE WHEN ST_Within(p.shape, s.shape) THEN p.shape
                   ELSE ST_Intersection(p.shape, s.shape) END AS shape
            FROM parcels p JOIN sites s ON ST_Intersects(p.shape, s.shape)"""
        if len(within) == 1:
            cut = "SELECT 0 AS site, key AS owner, name, shape FROM parcels"
        query = f"""
            WITH clipped AS MATERIALIZED ({cut}),
            cut AS MATERIALIZED (
                SELECT * FROM clipped WHERE ST_GeometryType(shape) = 'POLYGON' UNION ALL
                SELECT site, owner, name, UNNEST(ST_Dump(shape)).geom FROM clipped
                WHERE ST_GeometryType(shape) <> 'POLYGON'),
            merged AS (SELECT site, owner, ST_Dump(ST_Union_Agg(shape)) AS parts FROM cut GROUP BY site, owner),
            units AS MATERIALIZED (
                SELECT row_number() OVER () AS unit, site, owner, parts, shape
                FROM (SELECT site, owner, len(parts) AS parts, UNNEST(parts).geom AS shape FROM merged)),
            points AS (SELECT name, site, owner, ST_PointOnSurface(shape) AS point FROM cut),
            several AS (SELECT * FROM units WHERE parts > 1),
            named AS (
                SELECT u.unit, c.name FROM units u JOIN cut c USING (site, owner) WHERE u.parts = 1 UNION ALL
                SELECT u.unit, c.name FROM several u JOIN points c ON ST_Intersects(u.shape, c.point)
                WHERE u.site = c.site AND u.owner = c.owner),
            listed AS (SELECT unit, string_agg(name, '|') AS parcels FROM named GROUP BY unit)
            SELECT site, owner, parcels, ST_AsWKB(shape) AS wkb FROM units LEFT JOIN listed USING (unit)"""  # noqa: S608
        found = connection.execute(query).df()
    return summary(gpd.GeoSeries.from_wkb([bytes(shape) for shape in found["wkb"]], crs=ground.crs), found["parcels"])


METHODS: dict[str, Method] = {
    "ours": ours,
    "dissolve (coverage)": dissolve("coverage"),
    "dissolve (unary)": dissolve("unary"),
    "geopandas, owner by owner": naive,
    "DuckDB spatial": with_duckdb,
}


def main() -> None:
    """Measure and print one line of JSON a case."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--parcels", type=int, default=100_000)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    ground = parcels(given.parcels, given.seed).assign(**ROW)
    for case, within in (("cut", squares(ground)), ("whole", around(ground))):
        times: dict[str, list[float]] = {name: [] for name in METHODS}
        found: dict[str, Units] = {}
        for run in range(given.runs + 1):  # the first warms all up
            for name, method in METHODS.items():
                if run > 1 and times[name][0] > SLOW * times["ours"][0]:
                    continue
                begun = time.process_time()
                found[name] = method(ground, within)
                times[name] += [time.process_time() - begun] if run else []
        ratios = {
            name: sorted(t / o for t, o in zip(taken, times["ours"], strict=False)) for name, taken in times.items()
        }
        result = {
            "case": case,
            "parcels": len(ground),
            "seconds": {name: round(statistics.median(taken), 2) for name, taken in times.items()},
            "over_ours": {
                name: [round(at, 2) for at in (ratio[0], statistics.median(ratio), ratio[-1])]
                for name, ratio in ratios.items()
            },
            "units": {name: units for name, (units, *_) in found.items()},
            "area_m2": {name: round(area, 2) for name, (_, area, _) in found.items()},
            "parcels_listed": {name: count for name, (*_, count) in found.items()},
        }
        print(json.dumps(result))  # noqa: T201  (what the command is for)


if __name__ == "__main__":
    main()
