"""Topological rules between sites and their terrains, so that no hectare counts twice.

Areas are in square metres in the CRS of the layers. An overlap, an overhang or a gap of no more than `TOLERANCE_M2`
counts as inaccurate digitising, not as a disagreement: a border of 200 m that is off by half a centimetre gives one
square metre.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis import crs, schemas
from gis.errors import CrsError, Fault, SchemaError
from gis.measures.measure import Assumption
from gis.schemas import Communes, Issues, Row, Sites, Terrains, records

#: Largest area by which two geometries may disagree.
TOLERANCE_M2: Final = 1.0

#: Accuracy of generalised outlines of communes, in metres.
OUTLINE_TOLERANCE_M: Final = 100.0

PARTS_ONCE: Final = Assumption(
    key="parts_once",
    fr="Un site à l’intérieur d’un autre est compté une fois, avec lui.",
    en="A site inside another is counted once, with it.",
)
SHARED_ONCE: Final = Assumption(
    key="shared_once",
    fr="Le sol que plusieurs sites ou terrains revendiquent est compté une fois ; là où ces terrains n’en disent pas "
    "la même chose, son état est inconnu.",
    en="Ground that several sites or terrains claim is counted once; where these terrains do not say the same of it, "
    "its state is unknown.",
)


def containing_sites(sites: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return, for each site, the sites that contain it, nearest first; a site that is not in the layer ends the list.

    Raises
    ------
    SchemaError
        If a site contains itself, directly or through others.

    Examples
    --------
    >>> sites = pd.DataFrame({"site_id": ["park", "plot", "hall"], "part_of": ["", "park", "plot"]})
    >>> containing_sites(sites)["hall"]
    ('plot', 'park')
    """
    part_of_site = dict(zip(sites["site_id"].astype(str), sites["part_of"].astype(str), strict=True))
    wholes_by_site: dict[str, tuple[str, ...]] = {}
    faults = []
    for site, whole in part_of_site.items():
        chain: list[str] = []
        outer_site = whole
        while outer_site in part_of_site and outer_site not in chain:
            chain.append(outer_site)
            outer_site = part_of_site[outer_site]
        if site in chain:
            circle_text = " in ".join([site, *chain[: chain.index(site) + 1]])
            faults.append(
                Fault(f"{site}, column `part_of`", f"lies inside itself ({circle_text}).", "Break the circle.")
            )
        wholes_by_site[site] = tuple(chain)
    if faults:
        raise SchemaError.of("Sites", faults)
    return wholes_by_site


def check_same_crs(*layers: gpd.GeoDataFrame) -> None:
    """Raise `CrsError` unless all layers are in one CRS in metres."""
    systems = [crs.require_metric_crs(layer.crs, "layers measured together") for layer in layers]
    if any(system != systems[0] for system in systems):
        names = ", ".join(dict.fromkeys(system.to_string() for system in systems))
        fault = Fault("", f"they are in {names}.", "Bring them into one with `to_crs`.")
        raise CrsError.of("layers measured together", [fault])


def overlapping_sites(sites: GeoDataFrame[Sites], *, tolerance_m2: float = TOLERANCE_M2) -> DataFrame[Issues]:
    """Return the sites that overlap though neither lies inside the other; one row per pair."""
    outer_sites = containing_sites(sites)
    ids = sites["site_id"].to_numpy(dtype=object)
    return issue_layer(
        issue_row("sites", ids[a], "geometry", area, f"Overlaps site {ids[b]}, and neither is `part_of` the other.")
        for a, b, area in _overlapping_pairs(layer_shapes(sites), tolerance_m2)
        if ids[b] not in outer_sites[ids[a]] and ids[a] not in outer_sites[ids[b]]
    )


def parts_outside(sites: GeoDataFrame[Sites], *, tolerance_m2: float = TOLERANCE_M2) -> DataFrame[Issues]:
    """Return the sites that extend beyond the site they are `part_of`, or whose containing site is not in the layer."""
    shapes = dict(zip(sites["site_id"], layer_shapes(sites), strict=True))
    return issue_layer(_outside_issues("sites", records(sites), "part_of", shapes, tolerance_m2))


def terrains_outside(
    sites: GeoDataFrame[Sites], terrains: GeoDataFrame[Terrains], *, tolerance_m2: float = TOLERANCE_M2
) -> DataFrame[Issues]:
    """Return the terrains that extend beyond their site, or whose site is not in the layer."""
    check_same_crs(sites, terrains)
    shapes = dict(zip(sites["site_id"], layer_shapes(sites), strict=True))
    return issue_layer(_outside_issues("terrains", records(terrains), "site_id", shapes, tolerance_m2))


def overlapping_terrains(terrains: GeoDataFrame[Terrains], *, tolerance_m2: float = TOLERANCE_M2) -> DataFrame[Issues]:
    """Return the terrains that overlap, whatever their sites; one row per pair."""
    ids = terrains["terrain_id"].to_numpy(dtype=object)
    return issue_layer(
        issue_row("terrains", ids[a], "geometry", area, f"Overlaps terrain {ids[b]}.")
        for a, b, area in _overlapping_pairs(layer_shapes(terrains), tolerance_m2)
    )


def sites_far_from_commune(
    sites: GeoDataFrame[Sites], communes: GeoDataFrame[Communes], *, tolerance_m: float = OUTLINE_TOLERANCE_M
) -> DataFrame[Issues]:
    """Return the sites whose geometry lies outside all communes stated for them, with the distance.

    Parameters
    ----------
    sites, communes
        In one CRS in metres. Sites without a geometry, and sites whose communes have no outline, are skipped.
    tolerance_m
        Greatest distance of a site from its commune: outlines are generalised.
    """
    check_same_crs(sites, communes)
    outlines = dict(zip(communes["insee"], layer_shapes(communes), strict=True))

    def rows() -> Iterable[Row]:
        for site, codes, shape in zip(sites["site_id"], sites["insee"], layer_shapes(sites), strict=True):
            stated = [outlines[code] for code in codes.split("|") if outlines.get(code) is not None]
            if shape is None or not stated:
                continue
            distance_m = shapely.distance(shape, shapely.union_all(stated))
            if distance_m > tolerance_m:
                yield issue_row("sites", site, "insee", f"{distance_m:.0f} m", f"Lies off {codes}, stated for it.")

    return issue_layer(rows())


def untiled_sites(
    sites: GeoDataFrame[Sites], terrains: GeoDataFrame[Terrains], *, tolerance_m2: float = TOLERANCE_M2
) -> DataFrame[Issues]:
    """Return the sites that their terrains do not cover exactly.

    Parameters
    ----------
    sites, terrains
        In one CRS in metres. Sites without a geometry, and sites without a terrain that has one, are skipped.
    tolerance_m2
        Largest area by which the union of the terrains and the site may disagree.

    Returns
    -------
    issues
        One row per site and fault: terrains that are no valid coverage (`shapely.coverage_is_valid`: they overlap, or
        do not share every vertex of their common borders), land of the site outside terrains, terrains outside the
        site. The terrains of a site include those of its parts.
    """
    check_same_crs(sites, terrains)
    outer_sites = containing_sites(sites)
    shapes = layer_shapes(terrains)
    by_site: dict[str, list[int]] = {}
    for n, site in enumerate(terrains["site_id"]):
        if shapes[n] is not None:
            for holding_site in (site, *outer_sites.get(site, ())):
                by_site.setdefault(holding_site, []).append(n)

    def rows() -> Iterable[Row]:
        for site, whole in zip(sites["site_id"], layer_shapes(sites), strict=True):
            if whole is None or site not in by_site:
                continue
            pieces = shapes[by_site[site]]
            if not shapely.coverage_is_valid(pieces):
                edges = shapely.length(shapely.coverage_invalid_edges(pieces)).sum()
                message = "Its terrains overlap, or their common borders do not share every vertex."
                yield issue_row("sites", site, "geometry", f"{edges:.1f} m", message)
            union = shapely.union_all(pieces)
            for first, second, message in (
                (whole, union, "Ground of the site that is in no terrain."),
                (union, whole, "Ground of its terrains that is off the site."),
            ):
                left_m2 = shapely.area(shapely.difference(first, second))
                if left_m2 > tolerance_m2:
                    yield issue_row("sites", site, "geometry", left_m2, message)

    return issue_layer(rows())


def coverage_issues(
    sites: GeoDataFrame[Sites],
    terrains: GeoDataFrame[Terrains],
    communes: GeoDataFrame[Communes] | None = None,
    *,
    tolerance_m2: float = TOLERANCE_M2,
) -> DataFrame[Issues]:
    """Return the violations of all rules of this module, rule by rule, in the order of the rows."""
    return issue_layer(
        issue
        for issues in (
            overlapping_sites(sites, tolerance_m2=tolerance_m2),
            parts_outside(sites, tolerance_m2=tolerance_m2),
            overlapping_terrains(terrains, tolerance_m2=tolerance_m2),
            terrains_outside(sites, terrains, tolerance_m2=tolerance_m2),
            untiled_sites(sites, terrains, tolerance_m2=tolerance_m2),
            *([] if communes is None else [sites_far_from_commune(sites, communes)]),
        )
        for issue in records(issues)
    )


def layer_shapes(layer: gpd.GeoDataFrame) -> np.ndarray:
    """Return the geometries of a layer as a plain array; absent ones are `None`."""
    shapes: np.ndarray = layer.geometry.to_numpy(dtype=object, copy=True)
    return shapes


def _overlapping_pairs(shapes: np.ndarray, tolerance_m2: float) -> list[tuple[int, int, float]]:
    """Return the pairs of geometries that overlap by more than a tolerance, with the area, in order."""
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    is_ahead = first < second
    first, second = first[is_ahead], second[is_ahead]
    area = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    pairs = zip(first.tolist(), second.tolist(), area.tolist(), strict=True)
    return sorted(pair for pair in pairs if pair[2] > tolerance_m2)


def _outside_issues(
    layer: str, rows: Iterable[Row], column: str, shapes: Mapping[str, Any], tolerance_m2: float
) -> Iterable[Row]:
    """Yield the rows that extend beyond the site that a column names."""
    key = "site_id" if layer == "sites" else "terrain_id"
    for row in rows:
        whole = row[column]
        if layer == "sites" and not whole:
            continue
        if whole not in shapes:
            yield issue_row(layer, row[key], column, whole, "There is no such site.")
        elif shapes[whole] is not None and row["geometry"] is not None:
            outside_m2 = shapely.area(shapely.difference(row["geometry"], shapes[whole]))
            if outside_m2 > tolerance_m2:
                yield issue_row(layer, row[key], "geometry", outside_m2, f"Sticks out of site {whole}.")


def issue_row(layer: str, row: str, column: str, value: str | float, message: str) -> Row:
    """Make a row of the layer `issues`; a number is in square metres."""
    text = value if isinstance(value, str) else f"{value:.1f} m²"
    return {"layer": layer, "row": row, "column_name": column, "value": text, "message": message}


def issue_layer(rows: Iterable[Row]) -> DataFrame[Issues]:
    """Make the layer `issues` from its rows."""
    return schemas.frame(({name: str(value) for name, value in row.items()} for row in rows), Issues)
