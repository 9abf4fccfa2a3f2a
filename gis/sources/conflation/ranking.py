"""Merges the rows of several files into one layer: which row applies to a key, and which values it replaces.

A file of higher rank replaces the values that it states, row by row and column by column. Values that it does not state
are kept, and the row cites the higher file. Rows that only this file has are added. The issues list every value that
changed, with its previous source; for a geometry, they state the greatest distance between the two.
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

from gis.crs import DEGREES, GeometryKind, checked_area_m2
from gis.public import is_quotable_column
from gis.schemas import KEYS, LAYERS, Row, drawn_as, records
from gis.sources.conflation.conflate import SURE, keys_at_points, replaced_row
from gis.sources.own_files.mapped import FileLayer, column_array, file_issue, shown_value
from gis.sources.own_files.mapping import TARGETS, columns_of_layer, unknown_word_of_column
from gis.sources.own_files.passed import FIRST
from gis.sources.own_files.points import ON_SITES, POSITION
from gis.sources.tables.accounts import NAMES_NONE, NAMES_OTHER, Fate, Reason
from gis.sources.tables.plain_words import normalised_text
from gis.units import to_ha

#: Least share of a terrain's area inside a site for the terrain to be part of it.
SHARE: Final = 0.5

#: Returns the key of the row that a reference denotes, or the empty text if there is none.
Resolve = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A layer merged from several files, its issues, the replaced geometries, and the values that each file states.

    `left` are rows of files that are left out because of a reference: place of the file, key, fate and reason.
    `unnamed` counts, per file, the cells of kept rows that reference no existing row.
    """

    frame: Any
    issues: tuple[Row, ...] = ()
    replaced: tuple[Row, ...] = ()
    stated: tuple[pd.DataFrame, ...] = ()
    left: tuple[tuple[str, str, Reason], ...] = ()
    unnamed: Mapping[str, int] = field(default_factory=dict)


def join_file_layers(
    layer: str,
    base: pd.DataFrame,
    found: Sequence[FileLayer],
    *,
    references: Mapping[str, Resolve] | None = None,
    elsewhere: Collection[str] = (),
) -> Ranked:
    """Merge the rows of files into a layer, above a base of rows.

    Parameters
    ----------
    layer
        Name of the layer.
    base
        Rows of the lowest rank, with the columns of the layer.
    found
        The layers of the files, the lowest rank first; all in the CRS of `base`.
    references
        For a column that references another layer, the function that resolves it. A row with an unresolved reference is
        left out if the column is required, and otherwise has no value there; either way an issue reports it.
    elsewhere
        Keys of the other layer that lie outside the territory: rows that reference them are left out without an issue.

    Returns
    -------
    ranked
        The rows of `base` in their order, then the new ones; areas are measured where a file provides a geometry.
    """
    file_layers = [file_layer for file_layer in found if file_layer.layer == layer]
    if not file_layers:
        return Ranked(base)
    key = KEYS[layer]
    rows = {row[key]: row for row in records(base)}
    issues = [issue for file_layer in file_layers for issue in file_layer.issues]
    replaced: list[Row] = []
    left_rows: list[tuple[str, str, Reason]] = []
    unnamed: dict[str, int] = {}
    for file_layer in file_layers:
        issues_before = len(issues)
        for row in records(file_layer.frame):
            reference_doubt = _resolve_references(row, layer, references or {}, elsewhere)
            issues += reference_doubt.issues
            if reference_doubt.drop:
                left_rows.append((file_layer.place, row[key], reference_doubt.drop))
                continue
            unnamed[file_layer.place] = unnamed.get(file_layer.place, 0) + len(reference_doubt.issues)
            lower_row = rows.get(row[key])
            if lower_row is not None and drawn_as(layer) is GeometryKind.POLYGON and _both_have_shapes(lower_row, row):
                replaced.append(
                    replaced_row(layer, row, lower_row, _overlap_share(lower_row["geometry"], row["geometry"]))
                )
            rows[row[key]] = row if lower_row is None else _updated_row(layer, lower_row, row, file_layer, issues)
        issues += _issues_of_other_communes(layer, file_layer, left_rows)
        issues[issues_before:] = [{**noted_issue, "file": file_layer.file} for noted_issue in issues[issues_before:]]
    stated = (base, *(file_layer.frame for file_layer in file_layers))
    return Ranked(
        _layer_frame(layer, base, list(rows.values())),
        tuple(issues),
        tuple(replaced),
        stated,
        tuple(left_rows),
        unnamed,
    )


def _issues_of_other_communes(layer: str, found: FileLayer, left: Sequence[tuple[str, str, Reason]]) -> list[Row]:
    """Report how many rows of a file are passed over because they reference a row in another commune."""
    passed_rows = [(key, why) for place, key, (fate, why) in left if place == found.place and fate is Fate.PASSED_OVER]
    if not passed_rows:
        return []
    shown_keys = ", ".join(key for key, _ in passed_rows[:FIRST]) + (", …" if len(passed_rows) > FIRST else "")
    rows = "1 row that" if len(passed_rows) == 1 else f"{len(passed_rows):,} rows, each of which"
    message = f"Passed over: {rows} {passed_rows[0][1]}."
    return [file_issue(layer, "", KEYS[layer], shown_keys if is_quotable_column(layer, KEYS[layer]) else "", message)]


def _both_have_shapes(old: Row, new: Row) -> bool:
    return old.get("geometry") is not None and new.get("geometry") is not None


def _overlap_share(old: BaseGeometry, new: BaseGeometry) -> float:
    """Keep the sites with at least `LEAST_SHARE` of their area in the communes, and list these, largest share first."""
    return min(1.0, float((old & new).area / min(old.area, new.area)))


@dataclass(frozen=True, slots=True)
class _Doubt:
    drop: Reason | None = None
    issues: tuple[Row, ...] = ()


def _resolve_references(row: Row, layer: str, references: Mapping[str, Resolve], elsewhere: Collection[str]) -> _Doubt:
    """Replace references in a row by the keys that they denote; report those that denote none."""
    issues: list[Row] = []
    for column, resolve in references.items():
        stated_key = row[column]
        is_due = column in LAYERS[layer].references and not LAYERS[layer].references[column].optional
        if not stated_key and not is_due:
            continue
        row[column] = resolve(stated_key)
        if row[column]:
            continue
        if stated_key in elsewhere:
            return _Doubt((Fate.PASSED_OVER, NAMES_OTHER.format(f"{column.removesuffix('_id')}s")))
        message = f"No row of {column.removesuffix('_id')}s is called so" if stated_key else "Nobody says where it is"
        message += ", and the row is left out." if is_due else "."
        issues.append(file_issue(layer, row[KEYS[layer]], column, stated_key, message))
        if is_due:
            return _Doubt((Fate.REFUSED, NAMES_NONE.format(f"{column.removesuffix('_id')}s")), tuple(issues))
    return _Doubt(issues=tuple(issues))


def _updated_row(layer: str, old: Row, new: Row, found: FileLayer, issues: list[Row]) -> Row:
    """Return the old row updated with the new one, and report each replaced value."""
    key = old[KEYS[layer]]
    updated = dict(old)
    kept_columns = []
    for name, column in columns_of_layer(layer).items():
        new_value, old_value = new.get(name), old.get(name)
        was_said = _is_value_said(column, old_value)
        lies_in = name == "insee" and not was_said  # a row without a commune may take it from its location
        if (name not in found.says and not lies_in) or not _is_value_said(column, new_value):
            kept_columns += [name] if was_said else []
            continue
        if old_value != new_value and was_said:
            message = f"Replaces {shown_value(old_value)}, said by {old['source_id']}."
            issues.append(file_issue(layer, key, name, shown_value(new_value), message))
        updated[name] = new_value
    if kept_columns:
        message = f"Kept from {old['source_id']}: {found.place} says nothing of it."
        issues.append(file_issue(layer, key, "|".join(kept_columns), "", message))
    new_shape = new.get("geometry")
    if new_shape is not None:
        if old["geometry"] is not None:
            message = f"Replaces the shape of {old['source_id']}: {_shape_difference_text(old['geometry'], new_shape)}."
            issues.append(file_issue(layer, key, "geometry", found.place, message))
        updated["geometry"] = new_shape
    basis = old["basis"] if new_shape is None and updated.get("geometry") is not None else new["basis"]
    return updated | {"source_id": new["source_id"], "basis": basis}


def _is_value_said(column: pa.Column, value: Any) -> bool:
    return not (value == unknown_word_of_column(column) or pd.isna(value))


def fill_unsaid_values(layer: str, frame: Any, below: pd.DataFrame) -> Any:
    """Fill unknown values of rows from the rows with the same key in a frame of lower rank."""
    key = KEYS[layer]
    lower_rows = {row[key]: row for row in records(below)}
    columns = {name: column for name, column in columns_of_layer(layer).items() if name in frame and name in below}
    rows = records(frame)
    for row in rows:
        if lower_row := lower_rows.get(row[key]):
            row |= {name: lower_row[name] for name, column in columns.items() if not _is_value_said(column, row[name])}
    return frame.assign(
        **{name: column_array([row[name] for row in rows], str(column.dtype)) for name, column in columns.items()}
    )


def _shape_difference_text(old: Any, new: Any) -> str:
    distance_text = f"{shapely.hausdorff_distance(old, new):,.1f} m apart at most"
    return f"{distance_text}, {to_ha(new.area - old.area):+,.2f} ha" if new.area else distance_text


def _layer_frame(layer: str, base: Any, rows: Sequence[Row]) -> Any:
    """Build the layer from its rows, like `base`, and measure its geometries."""
    columns = TARGETS[layer].to_schema().columns
    names = [name for name in columns if name in base or any(name in row for row in rows)]
    frame: Any = pd.DataFrame(index=range(len(rows)))
    for name in names:
        if name not in {"geometry", "measured_m2"}:
            column = columns[name]
            values = [row.get(name, unknown_word_of_column(column)) for row in rows]
            frame[name] = column_array(values, str(column.dtype))
    if "geometry" in names:
        shapes = np.full(len(rows), None, dtype=object)
        shapes[:] = [row["geometry"] for row in rows]
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=base.crs))
        if "measured_m2" in columns:
            keys = [row[KEYS[layer]] for row in rows]
            frame["measured_m2"] = checked_area_m2(frame.geometry, place=layer, names=keys)
    return frame


def key_resolver(keys: Sequence[str], names: Sequence[str] = ()) -> Resolve:
    """Resolve a reference by the key itself, or else by a name that only one row has.

    >>> resolve = key_resolver(["s1", "s2", "s3"], ["Le Port", "Gare", "gare"])
    >>> resolve("s1"), resolve("LE PORT"), resolve("Gare"), resolve("")
    ('s1', 's1', '', '')
    """
    key_set = set(keys)
    keys_by_name: dict[str, list[str]] = {}
    for key, name in zip(keys, names, strict=False):
        keys_by_name.setdefault(normalised_text(name), []).append(key)

    def resolve_key(said: str) -> str:
        named_keys = keys_by_name.get(normalised_text(said), [])
        return said if said in key_set else named_keys[0] if said and len(named_keys) == 1 else ""

    return resolve_key


def site_resolver(sites: Resolve, terrains: Mapping[str, str]) -> Resolve:
    """Resolve the site of an establishment by its name, or else by the terrains named instead, if all are in one site.

    >>> resolve = site_resolver(key_resolver(["port"]), {"t1": "port", "t2": "port", "t3": "quay"})
    >>> resolve("port"), resolve("t1|t2"), resolve("t1|t3"), resolve("t4")
    ('port', 'port', '', '')
    """

    def resolve_site(said: str) -> str:
        if site_key := sites(said):
            return site_key
        sites_of_terrains = {terrains[part] for part in said.split("|") if part in terrains}
        return sites_of_terrains.pop() if len(sites_of_terrains) == 1 else ""

    return resolve_site


def place_terrains(found: FileLayer, sites: gpd.GeoDataFrame, *, share: float = SHARE) -> FileLayer:
    """Assign each terrain to a site, for a file that does not state it.

    A terrain belongs to the site that contains more than `share` of its area; of nested sites, to the smallest.
    """
    if "site_id" in found.says or found.frame.empty:
        return found
    frame: Any = found.frame.copy()
    sites_with_shape = sites[sites.geometry.notna()].sort_values("measured_m2")
    tree = shapely.STRtree(sites_with_shape.geometry.to_numpy())
    site_ids = []
    for ground in frame.geometry:
        site_numbers = sorted(tree.query(ground, predicate="intersects")) if ground is not None else []
        holding_sites = (
            n for n in site_numbers if shapely.area(sites_with_shape.geometry.iloc[n] & ground) > share * ground.area
        )
        site_ids.append(next((str(sites_with_shape["site_id"].iloc[n]) for n in holding_sites), ""))
    frame["site_id"] = column_array(site_ids, "str")
    return replace(found, frame=frame)


def place_points_on_sites(found: FileLayer, sites: gpd.GeoDataFrame | None = None) -> FileLayer:
    """Assign the rows of a file without a site to the site that contains their point; report the points not used."""
    if not found.points:
        return found
    if found.layer == "sites":
        return sites_with_position(found)
    layer, key = found.layer, KEYS[found.layer]
    if layer not in ON_SITES or sites is None:
        message = f"{len(found.points)} points are not used as ground: a point says nothing of the ground of {layer}."
        unused_issue = file_issue(layer, "", "geometry", found.place, message) | {"file": found.file}
        return replace(found, issues=(*found.issues, unused_issue))
    frame: Any = found.frame.copy()
    has_sure_place = frame["placed"].isin(["", *SURE]) if "placed" in frame else np.full(len(frame), fill_value=True)
    is_to_place = (
        (frame["site_id"] == "").to_numpy() & np.asarray(has_sure_place) & frame[key].isin({*found.points}).to_numpy()
    )
    points = np.array([found.points[each] for each in frame.loc[is_to_place, key]], dtype=object)
    sites_with_shape = sites[sites.geometry.notna()]
    site_at_points = (
        keys_at_points(points, sites_with_shape) if len(sites_with_shape) and len(points) else [""] * len(points)
    )
    site_by_key = dict(zip(frame.loc[is_to_place, key], site_at_points, strict=True))
    pairs = zip(frame["site_id"], frame[key], strict=True)
    frame["site_id"] = column_array([stated_site or site_by_key.get(each, "") for stated_site, each in pairs], "str")
    lost_issues = [
        file_issue(
            layer,
            each,
            "site_id",
            _coordinate_text(found.points[each]),
            "Its point lies in no site that is drawn: not used.",
        )
        | {"file": found.file}
        for each, site in site_by_key.items()
        if not site
    ]
    said_columns = found.says | {"site_id"} if any(site_at_points) else found.says
    return replace(found, frame=frame, says=said_columns, issues=(*found.issues, *lost_issues))


def sites_with_position(found: FileLayer) -> FileLayer:
    """Write the stated positions of sites as longitude and latitude, for sites without a geometry."""
    frame: Any = found.frame.copy()
    shapes = np.array([found.points.get(each) for each in frame["site_id"]], dtype=object)
    points = gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)
    stated_positions = points[points.notna() & frame.geometry.isna()].to_crs(DEGREES)
    frame.loc[stated_positions.index, list(POSITION)] = stated_positions.get_coordinates().round(7).to_numpy()
    return replace(found, frame=frame, says=found.says | {*POSITION})


def _coordinate_text(point: BaseGeometry) -> str:
    return f"{shapely.get_x(point):.0f} {shapely.get_y(point):.0f}"
