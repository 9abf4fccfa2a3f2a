"""Partition of the land of sites into units that do not overlap: terrains, and land that no terrain covers.

Land that several terrains cover is cut out, so that it counts once: in each site to which one of them belongs, and in
a sum over sites. If the attributes of these terrains agree, the land stays with the first; if not, they are unknown.
Land that several sites cover counts in each of them, and once in their sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.measure import Assumption
from gis.measures.topology import TOLERANCE_M2, check_same_crs, containing_sites, layer_shapes
from gis.schemas import Sites, Terrains

#: The `site_id` of the row of the territory, the sum over the sites.
TERRITORY: Final = ""

#: A common area of two shapes up to this is a rounding error.
SHARED_M2: Final = 0.01

#: Attributes that two terrains may state differently for their common land.
SAID: Final = ("useful", "occupied", "sale", "servicing")

GROUND_WITHOUT_TERRAIN: Final = Assumption(
    key="ground_without_terrain",
    fr="Le sol d’un site qui n’est dans aucun terrain peut être disponible ou non : il ne compte que dans le maximum.",
    en="Ground of a site that is in no terrain may or may not be available: it counts in the upper bound alone.",
)
GROUND_WITHOUT_SHAPE: Final = Assumption(
    key="ground_without_shape",
    fr="Certains sites ou terrains n’ont pas de contour publié : leurs hectares ne comptent pas, la somme est un "
    "minimum.",
    en="Some sites or terrains have no published shape: their hectares count for nothing, so the sum is a lower bound.",
)


@dataclass(frozen=True, slots=True)
class SiteGround:
    """Land split into units that do not overlap: terrains with a geometry, and the land of sites outside terrains.

    `site` and `terrain` are the positions, in their layers, of the first claimant of a unit; -1 for no terrain.
    `claims` lists all claimants: terrains, or sites if no terrain covers the unit. `within` are pairs of a site and a
    unit that counts for it, and for the sites around it. The land outside terrains is computed for each site, and once
    more for their sum, as sites may overlap. `counts` flags the units that the sum includes.

    `above` are the positions of the sites around each site. `outlined` flags the sites with a geometry, `known` those
    with a geometry or with a terrain that has one. `overlaid_m2` is the area that sites and terrains would have in
    addition if each counted separately.
    """

    site: np.ndarray
    terrain: np.ndarray
    shape: np.ndarray
    claims: tuple[tuple[int, ...], ...]
    within: np.ndarray
    counts: np.ndarray
    above: tuple[tuple[int, ...], ...]
    outlined: np.ndarray
    known: np.ndarray
    overlaid_m2: float

    @property
    def bounded(self) -> np.ndarray:
        """Flags of the sites within a known outline, which contains their land without a geometry."""
        bounded: np.ndarray = self.outlined | _lies_in_any(self.above, self.outlined)
        return bounded

    def with_parts(self, own: np.ndarray) -> np.ndarray:
        """Add to the values of each site, along the first axis, those of the sites inside it."""
        total = own.copy()
        for site, above in enumerate(self.above):
            for whole in above:
                total[whole] += own[site]
        return total

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum the values of units, along the first axis, by site and then over all sites.

        NaN if the land of a site is unknown; the sum over all sites is NaN if no site is known.
        """
        total = np.zeros((len(self.above) + 1, *values.shape[1:]))
        np.add.at(total, self.within[:, 0], values[self.within[:, 1]])
        total[:-1][~self.known] = np.nan
        total[-1] = values[self.counts].sum(axis=0) if self.known.any() else np.nan
        return total

    def answers(self, said: Sequence[Any], unknown: Any) -> np.ndarray:
        """Return an attribute of each unit's terrain; `unknown` without a terrain, and where terrains disagree."""
        words: np.ndarray = np.array([*said, unknown], dtype=object)[self.terrain]
        for unit, claims in enumerate(self.claims):
            if len(claims) > 1 and self.terrain[unit] >= 0 and len({said[terrain] for terrain in claims}) > 1:
                words[unit] = unknown
        return words

    def claiming(self, units: np.ndarray) -> tuple[list[int], list[int]]:
        """Return the terrains, and the sites outside terrains, that claim some units: positions, sorted."""
        terrains, sites = set[int](), set[int]()
        for unit in units.tolist():
            (terrains if self.terrain[unit] >= 0 else sites).update(self.claims[unit])
        return sorted(terrains), sorted(sites)

    def sites_counted(self, sites: GeoDataFrame[Sites], without_shape: np.ndarray) -> dict[str, Any]:
        """Return the columns about the sites of a sum, for each site and then for the territory.

        `without_shape` are the numbers of terrains without a geometry by site, including those of its parts.
        """
        tops = np.array([not above for above in self.above], dtype=bool)
        return {
            "site_id": pd.array([*sites["site_id"], TERRITORY], dtype="str"),
            "sites": np.append(np.ones(len(tops), dtype="int64"), tops.sum()),
            "sites_known": np.append(self.known, (tops & self.known).sum()).astype("int64"),
            "without_shape": np.append(without_shape, without_shape[tops].sum()),
        }


def ground_shared_by_sites(
    sites: GeoDataFrame[Sites], terrains: GeoDataFrame[Terrains], those: Sequence[str]
) -> list[tuple[str, str, float]]:
    """Return the pairs of some sites whose land overlaps, parts and terrains included, with the square metres."""
    ground = ground_of(sites, terrains)
    site_positions = {site: n for n, site in enumerate(sites["site_id"])}
    units = pd.Series(ground.within[:, 1]).groupby(ground.within[:, 0]).indices
    rows = [units.get(site_positions[site], np.array([], dtype=int)) for site in those]
    shapes = np.array([shapely.union_all(ground.shape[ground.within[each, 1]]) for each in rows], dtype=object)
    first, second = pairs_sharing_ground(shapes, shapes)
    is_ahead = first < second
    area = shapely.area(shapely.intersection(shapes[first[is_ahead]], shapes[second[is_ahead]]))
    pairs = zip(first[is_ahead].tolist(), second[is_ahead].tolist(), area.tolist(), strict=True)
    return [(those[one], those[other], m2) for one, other, m2 in pairs if m2 > TOLERANCE_M2]


def _lies_in_any(above: tuple[tuple[int, ...], ...], those: np.ndarray) -> np.ndarray:
    """Tell which sites lie inside one of the flagged sites."""
    return np.array([those[list(each)].any() for each in above], dtype=bool)


def ground_of(sites: GeoDataFrame[Sites], terrains: GeoDataFrame[Terrains]) -> SiteGround:
    """Split the land of sites into units; terrains of sites that are not in `sites` are left out."""
    check_same_crs(sites, terrains)
    outer_sites = containing_sites(sites)
    site_positions = {site: n for n, site in enumerate(outer_sites)}
    above = tuple(tuple(site_positions[whole] for whole in outer_sites[site]) for site in outer_sites)
    outlines, pieces = layer_shapes(sites), layer_shapes(terrains)
    owner = np.array([site_positions.get(site, -1) for site in terrains["site_id"]], dtype=int)
    drawn_terrains = np.flatnonzero((owner >= 0) & ~shapely.is_missing(pieces))
    outlined = ~shapely.is_missing(outlines)
    site_known = outlined.copy()
    site_known[owner[drawn_terrains]] = True

    terrain_states = list(zip(*(terrains[name] for name in SAID), strict=True))
    site_and_state = [(int(owner[n]), terrain_states[n]) for n in drawn_terrains]
    faces, claimed = cut_into_faces(pieces[drawn_terrains], site_and_state)
    claims = [tuple(int(drawn_terrains[n]) for n in claimants) for claimants in claimed]
    within = [
        (site, unit)
        for unit, claimants in enumerate(claims)
        for site in sorted({holding_site for n in claimants for holding_site in (int(owner[n]), *above[owner[n]])})
    ]
    units_by_site: list[list[int]] = [[] for _ in above]
    whole: list[list[Any]] = [[] for _ in above]
    for site, unit in within:
        units_by_site[site].append(unit)
    for site in np.flatnonzero(outlined).tolist():
        for holding_site in (site, *above[site]):
            whole[holding_site].append(outlines[site])
    bare_shapes = outlines.copy()
    for site in np.flatnonzero(site_known).tolist():
        bare_shapes[site] = shapely.difference(
            shapely.union_all(whole[site]), shapely.union_all(faces[units_by_site[site]])
        )
    bare_sites = np.flatnonzero(site_known & (shapely.area(bare_shapes) > 0))
    within += [(int(site), len(faces) + n) for n, site in enumerate(bare_sites)]
    outermost = np.flatnonzero((site_known & ~_lies_in_any(above, site_known))[bare_sites])
    covering_faces = [set(units_by_site[site]) for site in bare_sites[outermost]]
    bare_ground = _Bare.apart(bare_shapes[bare_sites[outermost]], covering_faces, faces)
    is_counted = np.zeros(len(bare_sites), dtype=bool)
    is_counted[outermost[bare_ground.whole]] = True
    bare_claims: list[tuple[int, ...]] = [(int(site),) for site in bare_sites]
    for n, claimants in bare_ground.claims.items():
        bare_claims[outermost[n]] = tuple(int(bare_sites[outermost[each]]) for each in claimants)
    rest_claims = [bare_claims[outermost[n]] for n in bare_ground.rest]
    shape = np.concatenate([faces, bare_shapes[bare_sites], np.array(list(bare_ground.rest.values()), dtype=object)])
    first_terrains = [claimants[0] for claimants in claims]
    claimed_m2 = shapely.area(pieces[drawn_terrains]).sum() + shapely.area(bare_shapes[bare_sites[outermost]]).sum()
    unit_counts = np.concatenate([np.ones(len(faces), dtype=bool), is_counted, np.ones(len(rest_claims), dtype=bool)])
    return SiteGround(
        site=np.concatenate([owner[first_terrains], bare_sites, [claimants[0] for claimants in rest_claims]]).astype(
            int
        ),
        terrain=np.concatenate([first_terrains, np.full(len(bare_sites) + len(rest_claims), -1)]).astype(int),
        shape=shape,
        claims=(*claims, *bare_claims, *rest_claims),
        within=np.array(within, dtype=int).reshape(-1, 2),
        counts=unit_counts,
        above=above,
        outlined=outlined,
        known=site_known,
        overlaid_m2=max(float(claimed_m2 - shapely.area(shape[unit_counts]).sum()), 0.0),
    )


def cut_into_faces(pieces: np.ndarray, alike: Sequence[Any]) -> tuple[np.ndarray, list[tuple[int, ...]]]:
    """Split polygons into faces that do not overlap; return the faces with the polygons that claim each.

    Land that several polygons with equal `alike` values claim stays with the first, in one face.
    """
    first, second = pairs_sharing_ground(pieces, pieces)
    is_ahead = first < second
    earlier_pieces: dict[int, list[int]] = {}
    for one, other in zip(first[is_ahead].tolist(), second[is_ahead].tolist(), strict=True):
        earlier_pieces.setdefault(other, []).append(one)
    if not earlier_pieces:
        return pieces, [(n,) for n in range(len(pieces))]
    shapes: list[Any] = []
    claims: list[tuple[int, ...]] = []
    faces_of_piece: dict[int, list[int]] = {}
    for n, piece in enumerate(pieces):
        unclaimed = piece
        for face in sorted({face for one in earlier_pieces.get(n, ()) for face in faces_of_piece[one]}):
            common = _polygons_only(shapely.intersection(shapes[face], unclaimed))
            if shapely.area(common) <= SHARED_M2:
                continue
            unclaimed = _polygons_only(shapely.difference(unclaimed, common))
            if any(alike[one] != alike[n] for one in claims[face]):
                left_of_face = _polygons_only(shapely.difference(shapes[face], common))
                if shapely.area(left_of_face) > SHARED_M2:
                    for one in claims[face]:
                        faces_of_piece[one].append(len(shapes))
                    shapes.append(left_of_face)
                    claims.append(claims[face])
                shapes[face] = common
            claims[face] = (*claims[face], n)
            faces_of_piece.setdefault(n, []).append(face)
        if n not in earlier_pieces or shapely.area(unclaimed) > SHARED_M2:
            faces_of_piece.setdefault(n, []).append(len(shapes))
            shapes.append(unclaimed)
            claims.append((n,))
    order = sorted(range(len(shapes)), key=lambda face: claims[face])
    faces = np.empty(len(shapes), dtype=object)
    faces[:] = [shapes[face] for face in order]
    return faces, [claims[face] for face in order]


@dataclass(frozen=True, slots=True)
class _Bare:
    """Land outside terrains, of sites that may overlap: the whole sites without overlap, and the rest of the others.

    `claims` are the sites that claim the land of one site, if there are several.
    """

    whole: np.ndarray
    rest: dict[int, Any]
    claims: dict[int, list[int]]

    @classmethod
    def apart(cls, shapes: np.ndarray, covered: list[set[int]], faces: np.ndarray) -> "_Bare":
        """Assign land of several sites to the first one, and land under a terrain of another site to that terrain."""
        is_whole = np.ones(len(shapes), dtype=bool)
        rest_shapes: dict[int, Any] = {}
        claims: dict[int, list[int]] = {}
        taken_shapes: dict[int, list[Any]] = {}
        for n, face in zip(*(each.tolist() for each in pairs_sharing_ground(shapes, faces)), strict=True):
            if face not in covered[n]:
                taken_shapes.setdefault(n, []).append(faces[face])
        for one, other in zip(*(each.tolist() for each in pairs_sharing_ground(shapes, shapes)), strict=True):
            if one < other:
                taken_shapes.setdefault(other, []).append(shapes[one])
                claims.setdefault(one, [one]).append(other)
        for n, others in taken_shapes.items():
            is_whole[n] = False
            left_shape = _polygons_only(shapely.difference(shapes[n], shapely.union_all(others)))
            if shapely.area(left_shape) > SHARED_M2:
                rest_shapes[n] = left_shape
        return cls(is_whole, rest_shapes, claims)


def pairs_sharing_ground(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of polygons of two lists that overlap by more than `SHARED_M2`, as positions, sorted."""
    first, second = shapely.STRtree(other).query(one, predicate="intersects")
    only_touches = shapely.touches(one[first], other[second])
    first, second = first[~only_touches], second[~only_touches]
    shares_ground = shapely.area(shapely.intersection(one[first], other[second])) > SHARED_M2
    order = np.lexsort((second[shares_ground], first[shares_ground]))
    return first[shares_ground][order], second[shares_ground][order]


def _polygons_only(shape: Any) -> Any:
    """Return the polygons of a geometry as one geometry, without its lines and points."""
    if shapely.get_type_id(shape) in {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON}:
        return shape
    parts = shapely.get_parts(shape)
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
