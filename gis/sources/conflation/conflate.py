"""Geometric conflation of several sources: which feature replaces which, and which feature contains which.

Geometries are in one CRS in metres. Nothing is guessed: doubtful cases are returned for review.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandera.typing import DataFrame

from gis import schemas
from gis.schemas import KEYS, Placed, Replaced, Row, records

#: Two geometries that share this part of their area are one feature; a parcel needs this share inside a site.
LEAST_SHARE: Final = 0.5
#: A site cites a commune if at least this share of the site lies in it.
LEAST_PART: Final = 0.1
#: Required location quality for an establishment to be assigned to the row that contains it.
SURE: Final = (Placed.BUILDING, Placed.PARCEL, Placed.ADDRESS)
#: A smaller common area is attributed to drawing differences.
SLIVER_M2: Final = 1.0


class Conflated(NamedTuple):
    """A layer merged from several sources, and the features that were replaced in it."""

    layer: gpd.GeoDataFrame
    replaced: list[Row]


def _share_of_smaller(common: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(common / np.minimum(a, b))


def _share_of_union(common: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(common / (a + b - common))


def merge_by_preference(layers: Sequence[gpd.GeoDataFrame], name: str, *, nested: bool = False) -> Conflated:
    """Merge layers of one kind, the preferred first: of two features that are the same, the first is kept.

    Two features are the same if they have one key, or if their common area is at least `LEAST_SHARE` of the smaller.
    Where features may contain others (`nested`), the share is that of their union.
    """
    key, replaced = KEYS[name], []
    kept_layer = layers[0]
    for next_layer in layers[1:]:
        pairs = _replacing_features(kept_layer, next_layer, _share_of_union if nested else _share_of_smaller)
        kept_rows, other_rows = records(kept_layer), records(next_layer)
        replaced += [replaced_row(name, kept_rows[a], other_rows[b], share) for b, (a, share) in sorted(pairs.items())]
        kept_keys = set(kept_layer[key])
        is_added = [n not in pairs and row not in kept_keys for n, row in enumerate(next_layer[key])]
        added_rows = next_layer[np.array(is_added, dtype=bool)]
        if len(added_rows):
            kept_layer = (
                gpd.GeoDataFrame(pd.concat([kept_layer, added_rows], ignore_index=True), crs=kept_layer.crs)
                if len(kept_layer)
                else added_rows
            )
    return Conflated(kept_layer.reset_index(drop=True), replaced)


def _replacing_features(
    kept: gpd.GeoDataFrame, other: gpd.GeoDataFrame, share_of: Callable[..., np.ndarray]
) -> dict[int, tuple[int, float]]:
    """Return, for each replaced feature, the kept feature with the largest common area, and the share."""
    a, b, common = _overlapping_shape_pairs(kept.geometry.to_numpy(), other.geometry.to_numpy())
    areas = [shapely.area(layer.geometry.to_numpy()) for layer in (kept, other)]
    share = np.minimum(1.0, share_of(common, areas[0][a], areas[1][b]))
    kept_of_other: dict[int, tuple[int, float]] = {}
    for n in np.argsort(-share, kind="stable"):
        if share[n] >= LEAST_SHARE:
            kept_of_other.setdefault(int(b[n]), (int(a[n]), float(share[n])))
    return kept_of_other


def replaced_row(layer: str, kept: Row, other: Row, share: float) -> Row:
    """Return the record of a replacement: both rows, their share of overlap, and the distance of their outlines."""
    key = KEYS[layer]
    return {
        "layer": layer,
        "row": kept[key],
        "source_id": kept["source_id"],
        "replaced": other[key],
        "replaced_source_id": other["source_id"],
        "overlap_share": share,
        "apart_m": float(shapely.hausdorff_distance(kept["geometry"], other["geometry"])),
    }


def replaced_frame(rows: Sequence[Row]) -> DataFrame[Replaced]:
    """Return the replacements as a layer."""
    return schemas.frame(rows, Replaced)


def _overlapping_shape_pairs(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pairs of geometries that overlap by more than a sliver, with the common area in square metres."""
    if not len(a) or not len(b):
        return np.empty(0, int), np.empty(0, int), np.empty(0)
    numbers_in_a, numbers_in_b = shapely.STRtree(b).query(a, predicate="intersects")
    common = shapely.area(shapely.intersection(a[numbers_in_a], b[numbers_in_b]))
    is_overlap = common > SLIVER_M2
    return numbers_in_a[is_overlap], numbers_in_b[is_overlap], common[is_overlap]


def assign_enclosing_sites(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Assign each site to the smallest other site that contains at least `LEAST_SHARE` of its area.

    An assignment that the rows state is kept. Of two sites with nearly the same area, neither contains the other.
    """
    shapes = sites.geometry.to_numpy()
    area = shapely.area(shapes)
    a, b, common = _overlapping_shape_pairs(shapes, shapes)
    smallest_outer: dict[int, int] = {}
    for inner, outer, m2 in zip(a, b, common, strict=True):
        if area[inner] < area[outer] and m2 >= LEAST_SHARE * area[inner]:
            best_outer = smallest_outer.get(int(inner))
            if best_outer is None or area[outer] < area[best_outer]:
                smallest_outer[int(inner)] = int(outer)
    ids, part_of = list(sites["site_id"]), list(sites["part_of"])
    whole_of = dict(zip(ids, part_of, strict=True))
    for n, outer in sorted(smallest_outer.items()):
        whole: str | None = ids[outer]
        while whole and whole != ids[n]:
            whole = whole_of.get(whole)
        if not part_of[n] and not whole:
            part_of[n] = whole_of[ids[n]] = ids[outer]
    return sites.assign(part_of=pd.array(part_of, dtype="str"))


def sites_in_communes(sites: gpd.GeoDataFrame, communes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the sites with at least `LEAST_SHARE` of their area in the communes, and list these, largest share first."""
    shapes, codes = sites.geometry.to_numpy(), list(communes["insee"])
    a, b, common = _overlapping_shape_pairs(shapes, communes.geometry.to_numpy())
    area = shapely.area(shapes)
    shares_by_site: dict[int, list[tuple[float, str]]] = {}
    for site, commune, m2 in zip(a, b, common, strict=True):
        shares_by_site.setdefault(int(site), []).append((-m2 / area[site], codes[commune]))
    commune_shares = [sorted(shares_by_site.get(n, [])) for n in range(len(sites))]
    is_inside = np.array([sum(-share for share, _ in each) >= LEAST_SHARE for each in commune_shares], dtype=bool)
    insee_texts = [
        "|".join(code for share, code in each if -share >= LEAST_PART or code == each[0][1]) for each in commune_shares
    ]
    return sites.assign(insee=pd.array(insee_texts, dtype="str"))[is_inside].reset_index(drop=True)


class SiteOfRows(NamedTuple):
    """The site of each row, with the share of the row inside it; and slivers: row, site, m²."""

    site_id: list[str]
    share: np.ndarray
    slivers: list[tuple[int, str, float]]


def site_of_rows(layer: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, *, least_share: float = LEAST_SHARE) -> SiteOfRows:
    """Assign each row to the smallest site that contains `least_share` of it; a smaller overlap is a sliver."""
    shapes, site_shapes = layer.geometry.to_numpy(), sites.geometry.to_numpy()
    area, site_area = shapely.area(shapes), shapely.area(site_shapes)
    ids = list(sites["site_id"])
    best_site: dict[int, tuple[float, int, float]] = {}
    slivers: dict[int, tuple[float, int]] = {}
    for n, site, m2 in zip(*_overlapping_shape_pairs(shapes, site_shapes), strict=True):
        share = min(1.0, float(m2 / area[n]))
        if share >= least_share:
            best_site[int(n)] = min(best_site.get(int(n), (np.inf, 0, 0.0)), (site_area[site], int(site), share))
        else:
            slivers[int(n)] = max(slivers.get(int(n), (0.0, 0)), (float(m2), int(site)))
    row_shares = np.array([best_site[n][2] if n in best_site else np.nan for n in range(len(layer))], dtype=float)
    return SiteOfRows(
        [ids[best_site[n][1]] if n in best_site else "" for n in range(len(layer))],
        row_shares,
        [(n, ids[site], m2) for n, (m2, site) in sorted(slivers.items()) if n not in best_site],
    )


def parcels_in_sites(parcels: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Row]]:
    """Assign each parcel to the site that contains it, with the share inside the site; a sliver becomes an issue."""
    site_of_parcels = site_of_rows(parcels, sites)
    area, keys = shapely.area(parcels.geometry.to_numpy()), list(parcels["parcel_id"])
    issues = [
        {
            "layer": "parcels",
            "row": keys[n],
            "column_name": "site_id",
            "value": site,
            "message": f"{m2:,.0f} m² of it lie in that site, {m2 / area[n]:.0%} of the parcel: it is not counted in.",
        }
        for n, site, m2 in site_of_parcels.slivers
    ]
    return parcels.assign(
        site_id=pd.array(site_of_parcels.site_id, dtype="str"), site_share=site_of_parcels.share
    ), issues


def keys_at_points(points: np.ndarray, layer: gpd.GeoDataFrame, key: str = "site_id") -> list[str]:
    """Return the key of the smallest row that contains each point, or the empty text where none does."""
    area, keys = shapely.area(layer.geometry.to_numpy()), list(layer[key])
    point_numbers, row_numbers = shapely.STRtree(layer.geometry.to_numpy()).query(points, predicate="within")
    row_of_point: dict[int, int] = {}
    for point, layer_row in sorted(
        zip(point_numbers.tolist(), row_numbers.tolist(), strict=True), key=lambda pair: area[pair[1]]
    ):
        row_of_point.setdefault(point, layer_row)
    return [keys[row_of_point[n]] if n in row_of_point else "" for n in range(len(points))]


def place_establishments(
    establishments: pd.DataFrame, layers: Mapping[str, gpd.GeoDataFrame]
) -> tuple[pd.DataFrame, list[Row]]:
    """Assign establishments to the rows that contain them, where their address is known to the house number.

    Parameters
    ----------
    establishments
        With `x_m` and `y_m` in the CRS of the layers, and `placed`.
    layers
        By name: `sites`, `terrains`, `premises`. Of several rows that contain a point, the smallest applies.

    Returns
    -------
    establishments, issues
        With the key of each layer; and one issue per establishment whose location is not known precisely enough.
    """
    has_sure_place = establishments["placed"].isin(SURE).to_numpy() & establishments["x_m"].notna().to_numpy()
    points = np.full(len(establishments), None, dtype=object)
    points[has_sure_place] = shapely.points(
        establishments.loc[has_sure_place, "x_m"], establishments.loc[has_sure_place, "y_m"]
    )
    placed_firms = establishments.copy()
    for name, layer in layers.items():
        key = KEYS[name]
        key_pairs = zip(placed_firms[key], keys_at_points(points, layer, key), strict=True)
        placed_firms[key] = pd.array([stated_key or ground_key for stated_key, ground_key in key_pairs], dtype="str")
    issues = [
        {
            "layer": "establishments",
            "row": row["establishment_id"],
            "column_name": "placed",
            "value": row["placed"],
            "message": "Its place is not known to the number: it is on no site until somebody says.",
        }
        for row, is_sure in zip(records(establishments), has_sure_place, strict=True)
        if not is_sure
    ]
    return placed_firms, issues
