"""Several sources of one layer, joined: which feature gives way to which, and what lies in what.

Shapes are in one CRS in metres. Nothing is guessed: what is doubtful is returned to be looked at.
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

#: Two shapes of which this share is common are one thing on the ground; of a parcel, this share must lie in a site.
LEAST_SHARE: Final = 0.5
#: A commune is named of a site when so much of the site lies in it.
LEAST_PART: Final = 0.1
#: How well the place of an establishment must be known for it to say on what it stands.
SURE: Final = (Placed.BUILDING, Placed.PARCEL, Placed.ADDRESS)
#: Less common ground than this is drawing.
SLIVER_M2: Final = 1.0


class Conflated(NamedTuple):
    """A layer made of several, and what gave way in it."""

    layer: gpd.GeoDataFrame
    replaced: list[Row]


def _over_smaller(common: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(common / np.minimum(a, b))


def _over_both(common: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(common / (a + b - common))


def preferred(layers: Sequence[gpd.GeoDataFrame], name: str, *, nested: bool = False) -> Conflated:
    """Join layers of one kind, the preferred first: of two features that are one on the ground the first is kept.

    Two are one if they have the same key, or if `LEAST_SHARE` of the smaller is common ground. Where features may lie
    in larger ones (`nested`), that share is taken of both together.
    """
    key, replaced = KEYS[name], []
    kept = layers[0]
    for other in layers[1:]:
        pairs = _one_on_the_ground(kept, other, _over_both if nested else _over_smaller)
        mine, theirs = records(kept), records(other)
        replaced += [gave_way(name, mine[a], theirs[b], share) for b, (a, share) in sorted(pairs.items())]
        known = set(kept[key])
        stay = [n not in pairs and row not in known for n, row in enumerate(other[key])]
        added = other[np.array(stay, dtype=bool)]
        if len(added):
            kept = gpd.GeoDataFrame(pd.concat([kept, added], ignore_index=True), crs=kept.crs) if len(kept) else added
    return Conflated(kept.reset_index(drop=True), replaced)


def _one_on_the_ground(
    kept: gpd.GeoDataFrame, other: gpd.GeoDataFrame, share_of: Callable[..., np.ndarray]
) -> dict[int, tuple[int, float]]:
    """Return, for each feature that gives way, the kept one it shares most ground with, and the share."""
    a, b, common = _overlaps(kept.geometry.to_numpy(), other.geometry.to_numpy())
    areas = [shapely.area(layer.geometry.to_numpy()) for layer in (kept, other)]
    share = np.minimum(1.0, share_of(common, areas[0][a], areas[1][b]))
    found: dict[int, tuple[int, float]] = {}
    for n in np.argsort(-share, kind="stable"):
        if share[n] >= LEAST_SHARE:
            found.setdefault(int(b[n]), (int(a[n]), float(share[n])))
    return found


def gave_way(layer: str, kept: Row, other: Row, share: float) -> Row:
    """Note that one row stands in the place of another, how much ground they share, and how far apart they are."""
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
    """Return what gave way as a layer."""
    return schemas.frame(rows, Replaced)


def _overlaps(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pairs of shapes that share more ground than drawing explains, and how many square metres."""
    if not len(a) or not len(b):
        return np.empty(0, int), np.empty(0, int), np.empty(0)
    left, right = shapely.STRtree(b).query(a, predicate="intersects")
    common = shapely.area(shapely.intersection(a[left], b[right]))
    some = common > SLIVER_M2
    return left[some], right[some], common[some]


def with_wholes(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Say of each site which other it lies inside: the smallest one that holds `LEAST_SHARE` of its ground.

    What the rows say already stays; of two sites on nearly the same ground neither holds the other.
    """
    shapes = sites.geometry.to_numpy()
    area = shapely.area(shapes)
    a, b, common = _overlaps(shapes, shapes)
    holder: dict[int, int] = {}
    for inner, outer, m2 in zip(a, b, common, strict=True):
        if area[inner] < area[outer] and m2 >= LEAST_SHARE * area[inner]:
            best = holder.get(int(inner))
            if best is None or area[outer] < area[best]:
                holder[int(inner)] = int(outer)
    ids, parts = list(sites["site_id"]), list(sites["part_of"])
    above = dict(zip(ids, parts, strict=True))
    for n, outer in sorted(holder.items()):
        whole: str | None = ids[outer]
        while whole and whole != ids[n]:
            whole = above.get(whole)
        if not parts[n] and not whole:
            parts[n] = above[ids[n]] = ids[outer]
    return sites.assign(part_of=pd.array(parts, dtype="str"))


def in_communes(sites: gpd.GeoDataFrame, communes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the sites of which `LEAST_SHARE` lies in the communes, and say in which: the one with most of it first."""
    shapes, codes = sites.geometry.to_numpy(), list(communes["insee"])
    a, b, common = _overlaps(shapes, communes.geometry.to_numpy())
    area = shapely.area(shapes)
    found: dict[int, list[tuple[float, str]]] = {}
    for site, commune, m2 in zip(a, b, common, strict=True):
        found.setdefault(int(site), []).append((-m2 / area[site], codes[commune]))
    shares = [sorted(found.get(n, [])) for n in range(len(sites))]
    inside = np.array([sum(-share for share, _ in each) >= LEAST_SHARE for each in shares], dtype=bool)
    named = ["|".join(code for share, code in each if -share >= LEAST_PART or code == each[0][1]) for each in shares]
    return sites.assign(insee=pd.array(named, dtype="str"))[inside].reset_index(drop=True)


class SiteOfRows(NamedTuple):
    """The site that holds each row, with the share of the row that lies in it; and slivers: row, site, m²."""

    site_id: list[str]
    share: np.ndarray
    slivers: list[tuple[int, str, float]]


def held(layer: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, *, least_share: float = LEAST_SHARE) -> SiteOfRows:
    """Say in which site each row lies: the smallest that holds `least_share` of it; a smaller share is a sliver."""
    shapes, ground = layer.geometry.to_numpy(), sites.geometry.to_numpy()
    area, site_area = shapely.area(shapes), shapely.area(ground)
    ids = list(sites["site_id"])
    holder: dict[int, tuple[float, int, float]] = {}
    slivers: dict[int, tuple[float, int]] = {}
    for n, site, m2 in zip(*_overlaps(shapes, ground), strict=True):
        share = min(1.0, float(m2 / area[n]))
        if share >= least_share:
            holder[int(n)] = min(holder.get(int(n), (np.inf, 0, 0.0)), (site_area[site], int(site), share))
        else:
            slivers[int(n)] = max(slivers.get(int(n), (0.0, 0)), (float(m2), int(site)))
    share_of = np.array([holder[n][2] if n in holder else np.nan for n in range(len(layer))], dtype=float)
    return SiteOfRows(
        [ids[holder[n][1]] if n in holder else "" for n in range(len(layer))],
        share_of,
        [(n, ids[site], m2) for n, (m2, site) in sorted(slivers.items()) if n not in holder],
    )


def parcels_in_sites(parcels: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Row]]:
    """Give each parcel the site that holds it and the share that lies there; a sliver is an issue."""
    found = held(parcels, sites)
    area, keys = shapely.area(parcels.geometry.to_numpy()), list(parcels["parcel_id"])
    issues = [
        {
            "layer": "parcels",
            "row": keys[n],
            "column_name": "site_id",
            "value": site,
            "message": f"{m2:,.0f} m² of it lie in that site, {m2 / area[n]:.0%} of the parcel: it is not counted in.",
        }
        for n, site, m2 in found.slivers
    ]
    return parcels.assign(site_id=pd.array(found.site_id, dtype="str"), site_share=found.share), issues


def holders(points: np.ndarray, layer: gpd.GeoDataFrame, key: str = "site_id") -> list[str]:
    """Say which row of a layer each point lies in, by its key: the smallest of several, nothing where none holds it."""
    area, keys = shapely.area(layer.geometry.to_numpy()), list(layer[key])
    left, right = shapely.STRtree(layer.geometry.to_numpy()).query(points, predicate="within")
    holder: dict[int, int] = {}
    for point, shape in sorted(zip(left.tolist(), right.tolist(), strict=True), key=lambda pair: area[pair[1]]):
        holder.setdefault(point, shape)
    return [keys[holder[n]] if n in holder else "" for n in range(len(points))]


def placed(establishments: pd.DataFrame, layers: Mapping[str, gpd.GeoDataFrame]) -> tuple[pd.DataFrame, list[Row]]:
    """Put establishments on the ground they stand on, where their address is known to the number.

    Parameters
    ----------
    establishments
        With `x_m` and `y_m` in the CRS of the layers, and `placed`.
    layers
        By name: `sites`, `terrains`, `premises`. Of several that hold a point the smallest is meant.

    Returns
    -------
    establishments, issues
        With the key of each layer; and one issue for each whose place is not known well enough.
    """
    sure = establishments["placed"].isin(SURE).to_numpy() & establishments["x_m"].notna().to_numpy()
    points = np.full(len(establishments), None, dtype=object)
    points[sure] = shapely.points(establishments.loc[sure, "x_m"], establishments.loc[sure, "y_m"])
    result = establishments.copy()
    for name, layer in layers.items():
        key = KEYS[name]
        found = zip(result[key], holders(points, layer, key), strict=True)
        result[key] = pd.array([said or holder for said, holder in found], dtype="str")
    issues = [
        {
            "layer": "establishments",
            "row": row["establishment_id"],
            "column_name": "placed",
            "value": row["placed"],
            "message": "Its place is not known to the number: it is on no site until somebody says.",
        }
        for row, is_sure in zip(records(establishments), sure, strict=True)
        if not is_sure
    ]
    return result, issues
