"""How soon one knows what exclusions leave of every parcel, and what each reason takes, beside other ways to it.

    python benchmarks/exclusions.py --parcels 100000 --runs 5

Everyone starts from the same parcels and constraints in memory (DuckDB: in its tables, which is not timed) and returns
the same work: square metres left and square metres by reason of every parcel, checked to be equal. Each call has a
process of its own, so that one over the cut-off can be ended; the calls of one run follow one another, then the next
run begins. Ours answers more in that time: what is attributed by priority, and what each reason alone covers.

- `overlay`: `geopandas.overlay`, difference and then intersection with the constraints dissolved by reason;
- `union`: parcels less the union of all, and parcels within the union of each reason;
- `sindex`: pairs by the spatial index, their exact intersections, dissolved by parcel and by parcel and reason;
- `duckdb`: the same pairs in SQL;
- `duckdb_subdivided`: the same with constraints joined by reason and cut into small pieces first, by shapely;
- `duckdb_ready`: as before, the pieces being ready beforehand.

All have one thread, as shapely has, so that a busy machine treats them alike; `--threads` gives DuckDB more.

Needs `pip install --group bench`. Medians and ratios are what to quote; seconds do not travel.
"""

import argparse
import json
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_spatial
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from fabric import SHARES, constraints, parcels

from gis.measures.exclusions import excluded
from gis.units import M2_PER_HA

REASONS = sorted(SHARES)
#: Vertices of a piece for DuckDB: the fastest of 64, 96, 128, 256.
PIECE = 96
#: Threads of DuckDB.
THREADS = [1]
#: Parcels that a way is warmed up with.
FEW = 2000
#: Square metres that two ways may disagree on, of a parcel.
TOLERANCE_M2 = 0.01

#: Square metres by parcel: left, and a column for each reason.
Answer = np.ndarray
#: What is not timed is done at once; the rest is the work.
Way = Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame], Callable[[], Answer]]


def by_parcel(count: int, left: pd.Series, reasons: pd.DataFrame) -> Answer:
    """Line up numbers that are known of some parcels alone."""
    filled = reasons.reindex(index=range(count), columns=REASONS, fill_value=0.0)
    return np.column_stack([left.reindex(range(count), fill_value=0.0), filled.fillna(0.0)])


def table(taken: pd.DataFrame) -> pd.DataFrame:
    """Turn square metres by parcel and reason into a column for each reason."""
    return taken.pivot_table(index="n", columns="reason", values="m2", aggfunc="sum")


def ours(plots: gpd.GeoDataFrame, away: gpd.GeoDataFrame) -> Callable[[], Answer]:
    """Measure with this product."""
    known = away.assign(buffer_m=np.nan, whole_from_share=np.nan)

    def work() -> Answer:
        found = excluded(plots, known, key="n")
        found = found.assign(n=found["row"].astype(int), m2=found["any_m2"])
        whole = found["reason"] == ""
        return by_parcel(len(plots), found[whole].set_index("n")["left_m2"], table(found[~whole]))

    return work


def overlay(plots: gpd.GeoDataFrame, away: gpd.GeoDataFrame) -> Callable[[], Answer]:
    """Measure as the manual of geopandas shows."""

    def work() -> Answer:
        left = gpd.overlay(plots, away, how="difference")
        parts = gpd.overlay(plots, away.dissolve("reason").reset_index(), how="intersection")
        taken = table(pd.DataFrame(parts.assign(m2=parts.area)[["n", "reason", "m2"]]))
        return by_parcel(len(plots), left.area.groupby(left["n"]).sum(), taken)

    return work


def union(plots: gpd.GeoDataFrame, away: gpd.GeoDataFrame) -> Callable[[], Answer]:
    """Measure against unions."""

    def work() -> Answer:
        taken = {
            reason: plots.intersection(away[away["reason"] == reason].union_all()).area.to_numpy() for reason in REASONS
        }
        left = plots.difference(away.union_all()).area.to_numpy()
        return by_parcel(len(plots), pd.Series(left), pd.DataFrame(taken))

    return work


def sindex(plots: gpd.GeoDataFrame, away: gpd.GeoDataFrame) -> Callable[[], Answer]:
    """Measure as a careful user of geopandas would."""

    def work() -> Answer:
        one, other = plots.sindex.query(away.geometry, predicate="intersects")
        cut = shapely.intersection(plots.geometry.to_numpy()[other], away.geometry.to_numpy()[one])
        parts = gpd.GeoDataFrame({"n": other, "reason": away["reason"].to_numpy()[one]}, geometry=cut, crs=plots.crs)
        lost = parts.dissolve("n").area.reindex(range(len(plots)), fill_value=0.0)
        taken = parts.dissolve(["n", "reason"]).area.rename("m2").reset_index()
        return by_parcel(len(plots), plots.area - lost, table(taken))

    return work


PARTS = """
    create table parts as select p.n, c.reason, ST_Intersection(p.shape, c.shape) as part
    from parcels p join away c on ST_Intersects(p.shape, c.shape)
"""


def connected() -> duckdb.DuckDBPyConnection:
    """Open DuckDB with its spatial extension, which the registry of Python has as a package."""
    file = next(Path(duckdb_extension_spatial.__file__).parent.rglob("*.duckdb_extension"))
    base = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    base.execute(f"load '{file}'")
    base.execute(f"set threads = {THREADS[0]}")
    return base


def load(base: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame, shapes: np.ndarray) -> None:
    """Put shapes into a table."""
    base.register("given", frame.assign(wkb=shapely.to_wkb(shapes)))
    base.execute(f"create table {name} as select * exclude wkb, ST_GeomFromWKB(wkb) as shape from given")  # noqa: S608  (names written here)
    base.unregister("given")


def asked(base: duckdb.DuckDBPyConnection, count: int, area: str) -> Answer:
    """Ask DuckDB; `area` is that of the parts of one reason in a parcel."""
    base.execute(PARTS)
    gross = base.execute("select n, ST_Area(shape) as m2 from parcels").df().set_index("n")["m2"]
    lost = base.execute("select n, ST_Area(ST_Union_Agg(part)) as m2 from parts group by n").df().set_index("n")["m2"]
    taken = base.execute(f"select n, reason, {area} as m2 from parts group by n, reason").df()  # noqa: S608
    left = gross - lost.reindex(gross.index, fill_value=0.0)
    return by_parcel(count, left, table(taken))


def duck(plots: gpd.GeoDataFrame, away: gpd.GeoDataFrame) -> Callable[[], Answer]:
    """Measure in SQL."""
    base = connected()
    load(base, "parcels", plots[["n"]], plots.geometry.to_numpy())
    load(base, "away", away[["reason"]], away.geometry.to_numpy())
    return lambda: asked(base, len(plots), "ST_Area(ST_Union_Agg(part))")


def pieces(away: gpd.GeoDataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Join constraints by reason and cut them in halves until each has few vertices."""
    reasons, found = [], []
    for reason in REASONS:
        shapes = shapely.get_parts(away.loc[away["reason"] == reason, "geometry"].union_all())
        while len(shapes):
            small = shapely.get_num_coordinates(shapes) <= PIECE
            found.append(shapes[small])
            reasons += [reason] * int(small.sum())
            shapes = shapes[~small]
            west, south, east, north = shapely.bounds(shapes).T
            wide = east - west > north - south
            x, y = np.where(wide, (west + east) / 2, east), np.where(wide, north, (south + north) / 2)
            first = shapely.intersection(shapes, shapely.box(west, south, x, y))
            second = shapely.intersection(
                shapes, shapely.box(np.where(wide, x, west), np.where(wide, south, y), east, north)
            )
            shapes = shapely.get_parts(np.concatenate([first, second]))
            shapes = shapes[shapely.area(shapes) > 0]
    return pd.DataFrame({"reason": reasons}), np.concatenate(found)


def duck_ready(plots: gpd.GeoDataFrame, away: gpd.GeoDataFrame) -> Callable[[], Answer]:
    """Measure in SQL, by pieces that are ready."""
    base = connected()
    load(base, "parcels", plots[["n"]], plots.geometry.to_numpy())
    load(base, "away", *pieces(away))
    return lambda: asked(base, len(plots), "sum(ST_Area(part))")


def duck_subdivided(plots: gpd.GeoDataFrame, away: gpd.GeoDataFrame) -> Callable[[], Answer]:
    """Measure in SQL, by pieces that are made first."""
    base = connected()
    load(base, "parcels", plots[["n"]], plots.geometry.to_numpy())

    def work() -> Answer:
        load(base, "away", *pieces(away))
        return asked(base, len(plots), "sum(ST_Area(part))")

    return work


WAYS: dict[str, Way] = {
    "ours": ours,
    "duckdb_ready": duck_ready,
    "duckdb_subdivided": duck_subdivided,
    "duckdb": duck,
    "sindex": sindex,
    "union": union,
    "overlay": overlay,
}


@contextmanager
def another_process(way: Way, plots: gpd.GeoDataFrame, away: gpd.GeoDataFrame) -> Iterator[Any]:
    """Begin a call in a process that is ended with the block."""
    here, there = multiprocessing.Pipe(duplex=False)

    def call() -> None:
        way(plots.head(FEW), away.groupby("reason").head(2))()  # what is done once alone is not timed
        work = way(plots, away)
        begun, cpu = time.perf_counter(), time.process_time()
        found = work()
        there.send((time.perf_counter() - begun, time.process_time() - cpu, found))

    process = multiprocessing.get_context("fork").Process(target=call, daemon=True)
    process.start()
    try:
        yield here
    finally:
        process.kill()
        process.join()


def main() -> None:
    """Measure and print one line of JSON."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--parcels", type=int, default=100_000)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--cut-off", type=float, default=180.0, help="Seconds after which a call is ended.")
    arguments.add_argument("--slow", type=float, default=60.0, help="Seconds over which a way runs once alone.")
    arguments.add_argument("--ways", nargs="*", choices=WAYS, default=list(WAYS))
    arguments.add_argument("--threads", type=int, default=1)
    given = arguments.parse_args()
    THREADS[0] = given.threads
    plots = parcels(given.parcels).assign(n=range(given.parcels))
    west, south, east, north = plots.total_bounds
    away = constraints((west, south, east, north))
    expected: Answer | None = None
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in given.ways}
    over: list[str] = []
    for _ in range(given.runs):
        for name in given.ways:
            if name in over or any(seconds > given.slow for seconds, _ in times[name]):
                continue
            with another_process(WAYS[name], plots, away) as answer:
                if not answer.poll(given.cut_off):
                    over.append(name)
                    continue
                *taken, found = answer.recv()
            expected = found if expected is None else expected
            apart = float(np.abs(found - expected).max())
            if apart > TOLERANCE_M2:
                msg = f"{name} disagrees with {given.ways[0]} by {apart} m² of a parcel"
                raise SystemExit(msg)
            times[name].append((taken[0], taken[1]))
    hectares = (np.asarray(expected).sum(axis=0) / M2_PER_HA).round(1).tolist()
    result = {
        "parcels": len(plots),
        "constraints": len(away),
        "vertices": int(shapely.get_num_coordinates(away.geometry.to_numpy()).sum()),
        "ha": dict(zip(["left", *REASONS], hectares, strict=True)),
        "runs": {name: len(taken) for name, taken in times.items()},
        **{
            kind: {
                name: round(statistics.median(each[n] for each in taken), 2) for name, taken in times.items() if taken
            }
            for n, kind in enumerate(("median_s", "median_cpu_s"))
        },
        **{
            kind: {name: ratios(taken, times["ours"], n) for name, taken in times.items() if taken and name != "ours"}
            for n, kind in enumerate(("over_ours", "cpu_over_ours"))
        },
        f"over_{given.cut_off:g}_s": over,
    }
    print(json.dumps(result))  # noqa: T201  (what the command is for)


def ratios(theirs: list[tuple[float, float]], ours: list[tuple[float, float]], n: int) -> list[float]:
    """Return least, median and most of what others took over what we took in the same run."""
    found = sorted(other[n] / mine[n] for other, mine in zip(theirs, ours, strict=False))
    return [round(found[0], 2), round(statistics.median(found), 2), round(found[-1], 2)]


if __name__ == "__main__":
    main()
