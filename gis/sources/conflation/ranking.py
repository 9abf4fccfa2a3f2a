"""Rows of several files → one layer: whose row is meant where two have the same key, and what replaced what.

A file that ranks higher replaces the values it has a word on, row by row and column by column; what it does not say is
kept, and the row cites the higher file. Rows that only it knows are added. Every value that changed is in the issues,
with the source it came from, and a shape with how far apart the two are.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely
from shapely.geometry.base import BaseGeometry

from gis.crs import DEGREES, GeometryKind, area_m2
from gis.public import quotable
from gis.schemas import KEYS, LAYERS, Row, drawn_as, records
from gis.sources.conflation.conflate import SURE, gave_way, holders
from gis.sources.own_files.mapped import FileLayer, array, issue, shown_value
from gis.sources.own_files.mapping import TARGETS, columns_of, unknown_of
from gis.sources.own_files.passed import FIRST
from gis.sources.own_files.points import ON_SITES, POSITION
from gis.sources.tables.accounts import NAMES_NONE, NAMES_OTHER, Fate, Reason
from gis.sources.tables.plain_words import plain
from gis.units import to_ha

#: Least share of a terrain's ground that must lie in a site for the terrain to be a piece of it.
SHARE: Final = 0.5

#: Returns the row that a reference means, nothing when it means none.
Resolve = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A layer of several files, what is doubtful about it, which grounds gave way, and what each file says of it.

    `left` are rows of files that are left out for what they name: place of the file, key, fate and reason. `unnamed` is
    how many cells of each file name nothing that there is, of rows that stay.
    """

    frame: Any
    issues: tuple[Row, ...] = ()
    replaced: tuple[Row, ...] = ()
    stated: tuple[pd.DataFrame, ...] = ()
    left: tuple[tuple[str, str, Reason], ...] = ()
    unnamed: Mapping[str, int] = field(default_factory=dict)


def join(
    layer: str,
    base: pd.DataFrame,
    found: Sequence[FileLayer],
    *,
    references: Mapping[str, Resolve] | None = None,
    elsewhere: Collection[str] = (),
) -> Ranked:
    """Put what files say of a layer above a base of rows.

    Parameters
    ----------
    layer
        Name of the layer.
    base
        Rows that rank lowest, in the columns of the layer.
    found
        What files say of it, the lowest rank first; all in the CRS of `base`.
    references
        For a column that names rows of another layer, what it means. A row that names none is left out where the
        column is due, and keeps nothing there where it is not; either way an issue says so.
    elsewhere
        Rows of the other layer that are outside the territory: those that name them are left out without an issue.

    Returns
    -------
    ranked
        The rows of `base` in their order, then the new ones; areas measured where a shape came.
    """
    mine = [each for each in found if each.layer == layer]
    if not mine:
        return Ranked(base)
    key = KEYS[layer]
    rows = {row[key]: row for row in records(base)}
    issues = [issue for each in mine for issue in each.issues]
    replaced: list[Row] = []
    left: list[tuple[str, str, Reason]] = []
    unnamed: dict[str, int] = {}
    for each in mine:
        known = len(issues)
        for row in records(each.frame):
            doubt = _refer(row, layer, references or {}, elsewhere)
            issues += doubt.issues
            if doubt.drop:
                left.append((each.place, row[key], doubt.drop))
                continue
            unnamed[each.place] = unnamed.get(each.place, 0) + len(doubt.issues)
            old = rows.get(row[key])
            if old is not None and drawn_as(layer) is GeometryKind.POLYGON and _both_drawn(old, row):
                replaced.append(gave_way(layer, row, old, _common(old["geometry"], row["geometry"])))
            rows[row[key]] = row if old is None else _above(layer, old, row, each, issues)
        issues += _of_other_communes(layer, each, left)
        issues[known:] = [{**said, "file": each.file} for said in issues[known:]]
    stated = (base, *(each.frame for each in mine))
    return Ranked(
        _frame(layer, base, list(rows.values())), tuple(issues), tuple(replaced), stated, tuple(left), unnamed
    )


def _of_other_communes(layer: str, found: FileLayer, left: Sequence[tuple[str, str, Reason]]) -> list[Row]:
    """Say how many rows of a file are passed over because what they name lies in another commune."""
    mine = [(key, why) for place, key, (fate, why) in left if place == found.place and fate is Fate.PASSED_OVER]
    if not mine:
        return []
    shown = ", ".join(key for key, _ in mine[:FIRST]) + (", …" if len(mine) > FIRST else "")
    rows = "1 row that" if len(mine) == 1 else f"{len(mine):,} rows, each of which"
    message = f"Passed over: {rows} {mine[0][1]}."
    return [issue(layer, "", KEYS[layer], shown if quotable(layer, KEYS[layer]) else "", message)]


def _both_drawn(old: Row, new: Row) -> bool:
    return old.get("geometry") is not None and new.get("geometry") is not None


def _common(old: BaseGeometry, new: BaseGeometry) -> float:
    """Return the share of the smaller of two grounds that both cover."""
    return min(1.0, float((old & new).area / min(old.area, new.area)))


@dataclass(frozen=True, slots=True)
class _Doubt:
    drop: Reason | None = None
    issues: tuple[Row, ...] = ()


def _refer(row: Row, layer: str, references: Mapping[str, Resolve], elsewhere: Collection[str]) -> _Doubt:
    """Put the rows that are meant into the columns that name some; say what names none."""
    issues: list[Row] = []
    for column, resolve in references.items():
        said = row[column]
        due = column in LAYERS[layer].references and not LAYERS[layer].references[column].optional
        if not said and not due:
            continue
        row[column] = resolve(said)
        if row[column]:
            continue
        if said in elsewhere:
            return _Doubt((Fate.PASSED_OVER, NAMES_OTHER.format(f"{column.removesuffix('_id')}s")))
        message = f"No row of {column.removesuffix('_id')}s is called so" if said else "Nobody says where it is"
        message += ", and the row is left out." if due else "."
        issues.append(issue(layer, row[KEYS[layer]], column, said, message))
        if due:
            return _Doubt((Fate.REFUSED, NAMES_NONE.format(f"{column.removesuffix('_id')}s")), tuple(issues))
    return _Doubt(issues=tuple(issues))


def _above(layer: str, old: Row, new: Row, found: FileLayer, issues: list[Row]) -> Row:
    """Return the old row with what the new one says, and note what that replaces."""
    key = old[KEYS[layer]]
    result = dict(old)
    kept = []
    for name, column in columns_of(layer).items():
        value, before = new.get(name), old.get(name)
        was_said = _is_said(column, before)
        lies_in = name == "insee" and not was_said  # of a row that says no commune, its ground may tell it
        if (name not in found.says and not lies_in) or not _is_said(column, value):
            kept += [name] if was_said else []
            continue
        if before != value and was_said:
            message = f"Replaces {shown_value(before)}, said by {old['source_id']}."
            issues.append(issue(layer, key, name, shown_value(value), message))
        result[name] = value
    if kept:
        message = f"Kept from {old['source_id']}: {found.place} says nothing of it."
        issues.append(issue(layer, key, "|".join(kept), "", message))
    ground = new.get("geometry")
    if ground is not None:
        if old["geometry"] is not None:
            message = f"Replaces the shape of {old['source_id']}: {_apart(old['geometry'], ground)}."
            issues.append(issue(layer, key, "geometry", found.place, message))
        result["geometry"] = ground
    basis = old["basis"] if ground is None and result.get("geometry") is not None else new["basis"]
    return result | {"source_id": new["source_id"], "basis": basis}


def _is_said(column: pa.Column, value: Any) -> bool:
    return not (value == unknown_of(column) or pd.isna(value))


def filled(layer: str, frame: Any, below: pd.DataFrame) -> Any:
    """Let rows take the values that they do not say from the rows of the same key in a frame that ranks below."""
    key = KEYS[layer]
    lower = {row[key]: row for row in records(below)}
    columns = {name: column for name, column in columns_of(layer).items() if name in frame and name in below}
    rows = records(frame)
    for row in rows:
        if old := lower.get(row[key]):
            row |= {name: old[name] for name, column in columns.items() if not _is_said(column, row[name])}
    return frame.assign(
        **{name: array([row[name] for row in rows], str(column.dtype)) for name, column in columns.items()}
    )


def _apart(old: Any, new: Any) -> str:
    apart = f"{shapely.hausdorff_distance(old, new):,.1f} m apart at most"
    return f"{apart}, {to_ha(new.area - old.area):+,.2f} ha" if new.area else apart


def _frame(layer: str, base: Any, rows: Sequence[Row]) -> Any:
    """Make the layer of its rows, like `base`, and measure the shapes."""
    columns = TARGETS[layer].to_schema().columns
    names = [name for name in columns if name in base or any(name in row for row in rows)]
    frame: Any = pd.DataFrame(index=range(len(rows)))
    for name in names:
        if name not in {"geometry", "measured_m2"}:
            column = columns[name]
            values = [row.get(name, unknown_of(column)) for row in rows]
            frame[name] = array(values, str(column.dtype))
    if "geometry" in names:
        shapes = np.full(len(rows), None, dtype=object)
        shapes[:] = [row["geometry"] for row in rows]
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=base.crs))
        if "measured_m2" in columns:
            keys = [row[KEYS[layer]] for row in rows]
            frame["measured_m2"] = area_m2(frame.geometry, place=layer, names=keys)
    return frame


def called(keys: Sequence[str], names: Sequence[str] = ()) -> Resolve:
    """Resolve a reference by the key itself, else by the name that one row alone has.

    >>> resolve = called(["s1", "s2", "s3"], ["Le Port", "Gare", "gare"])
    >>> resolve("s1"), resolve("LE PORT"), resolve("Gare"), resolve("")
    ('s1', 's1', '', '')
    """
    there = set(keys)
    named: dict[str, list[str]] = {}
    for key, name in zip(keys, names, strict=False):
        named.setdefault(plain(name), []).append(key)

    def resolve(said: str) -> str:
        found = named.get(plain(said), [])
        return said if said in there else found[0] if said and len(found) == 1 else ""

    return resolve


def site_of(sites: Resolve, terrains: Mapping[str, str]) -> Resolve:
    """Resolve the site of an establishment: that of its name, or the one site of the terrains that are named instead.

    >>> resolve = site_of(called(["port"]), {"t1": "port", "t2": "port", "t3": "quay"})
    >>> resolve("port"), resolve("t1|t2"), resolve("t1|t3"), resolve("t4")
    ('port', 'port', '', '')
    """

    def resolve(said: str) -> str:
        if found := sites(said):
            return found
        named = {terrains[part] for part in said.split("|") if part in terrains}
        return named.pop() if len(named) == 1 else ""

    return resolve


def placed(found: FileLayer, sites: gpd.GeoDataFrame, *, share: float = SHARE) -> FileLayer:
    """Say in which site each terrain lies, for a file that does not say it.

    A terrain is a piece of the site that holds more than `share` of its ground, and of the smallest of those where
    one lies inside the other.
    """
    if "site_id" in found.says or found.frame.empty:
        return found
    frame: Any = found.frame.copy()
    drawn = sites[sites.geometry.notna()].sort_values("measured_m2")
    tree = shapely.STRtree(drawn.geometry.to_numpy())
    named = []
    for ground in frame.geometry:
        inside = sorted(tree.query(ground, predicate="intersects")) if ground is not None else []
        within = (n for n in inside if shapely.area(drawn.geometry.iloc[n] & ground) > share * ground.area)
        named.append(next((str(drawn["site_id"].iloc[n]) for n in within), ""))
    frame["site_id"] = array(named, "str")
    return replace(found, frame=frame)


def on_sites(found: FileLayer, sites: gpd.GeoDataFrame | None = None) -> FileLayer:
    """Put the rows of a file that name no site on the one their point lies in; say of which points nothing is made."""
    if not found.points:
        return found
    if found.layer == "sites":
        return positioned(found)
    layer, key = found.layer, KEYS[found.layer]
    if layer not in ON_SITES or sites is None:
        message = f"{len(found.points)} points are not used as ground: a point says nothing of the ground of {layer}."
        told = issue(layer, "", "geometry", found.place, message) | {"file": found.file}
        return replace(found, issues=(*found.issues, told))
    frame: Any = found.frame.copy()
    known = frame["placed"].isin(["", *SURE]) if "placed" in frame else np.full(len(frame), fill_value=True)
    asked = (frame["site_id"] == "").to_numpy() & np.asarray(known) & frame[key].isin({*found.points}).to_numpy()
    points = np.array([found.points[each] for each in frame.loc[asked, key]], dtype=object)
    drawn = sites[sites.geometry.notna()]
    held = holders(points, drawn) if len(drawn) and len(points) else [""] * len(points)
    named = dict(zip(frame.loc[asked, key], held, strict=True))
    pairs = zip(frame["site_id"], frame[key], strict=True)
    frame["site_id"] = array([said or named.get(each, "") for said, each in pairs], "str")
    lost = [
        issue(
            layer,
            each,
            "site_id",
            _coordinates(found.points[each]),
            "Its point lies in no site that is drawn: not used.",
        )
        | {"file": found.file}
        for each, site in named.items()
        if not site
    ]
    says = found.says | {"site_id"} if any(held) else found.says
    return replace(found, frame=frame, says=says, issues=(*found.issues, *lost))


def positioned(found: FileLayer) -> FileLayer:
    """Write where sites say that they are as longitude and latitude, of those whose shape nobody draws."""
    frame: Any = found.frame.copy()
    shapes = np.array([found.points.get(each) for each in frame["site_id"]], dtype=object)
    points = gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)
    said = points[points.notna() & frame.geometry.isna()].to_crs(DEGREES)
    frame.loc[said.index, list(POSITION)] = said.get_coordinates().round(7).to_numpy()
    return replace(found, frame=frame, says=found.says | {*POSITION})


def _coordinates(point: BaseGeometry) -> str:
    return f"{shapely.get_x(point):.0f} {shapely.get_y(point):.0f}"
