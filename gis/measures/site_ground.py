"""The ground of sites, cut into units that are measured once: terrains, and what no terrain covers.

Ground that several terrains claim is cut out, so that it counts once whoever claims it: in each site that one of them
is of, and in a sum over sites. Where they say the same of it, it stays with the first of them; where they do not,
nobody knows. Ground that several sites claim counts in each of them, and once in their sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.measure import Assumption
from gis.measures.topology import TOLERANCE_M2, same_crs, shapes_of, wholes
from gis.schemas import Sites, Terrains

#: The `site_id` of a row that sums the sites.
TERRITORY: Final = ""

#: Ground that two shapes share by no more than this is how numbers are rounded.
SHARED_M2: Final = 0.01

#: What two terrains may say of ground that both claim.
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
    """Ground cut into units that share none: terrains with a shape, and what no terrain covers of each site.

    `site` and `terrain` are positions in the layers of the first that claims a unit, -1 for no terrain. `claims` are
    all that do: terrains, or sites where there is no terrain. `within` are pairs of a site and a unit that counts for
    it, and for the sites around it. What no terrain covers is found anew for each site and once more for their sum, as
    sites may overlap. `counts` says which units the sum takes.

    `above` are the positions of the wholes of each site. `outlined` are the sites that have a shape, `known` those that
    have one or a terrain that has. `overlaid_m2` is what sites would have more if each counted alone.
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
        """Say which sites lie in a known outline: ground of theirs that has no shape is in it."""
        bounded: np.ndarray = self.outlined | _inside(self.above, self.outlined)
        return bounded

    def with_parts(self, own: np.ndarray) -> np.ndarray:
        """Add to the numbers of each site, along the first axis, those of the sites inside it."""
        total = own.copy()
        for site, above in enumerate(self.above):
            for whole in above:
                total[whole] += own[site]
        return total

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Add up the numbers of units, along the first axis, by site and then over all of them.

        NaN where a site is not known, and over all of them where none is.
        """
        total = np.zeros((len(self.above) + 1, *values.shape[1:]))
        np.add.at(total, self.within[:, 0], values[self.within[:, 1]])
        total[:-1][~self.known] = np.nan
        total[-1] = values[self.counts].sum(axis=0) if self.known.any() else np.nan
        return total

    def answers(self, said: Sequence[Any], unknown: Any) -> np.ndarray:
        """Return what the terrain of each unit says; `unknown` without one, and where terrains do not agree."""
        words: np.ndarray = np.array([*said, unknown], dtype=object)[self.terrain]
        for unit, claims in enumerate(self.claims):
            if len(claims) > 1 and self.terrain[unit] >= 0 and len({said[terrain] for terrain in claims}) > 1:
                words[unit] = unknown
        return words

    def claiming(self, units: np.ndarray) -> tuple[list[int], list[int]]:
        """Return the terrains, and the sites without a terrain there, that claim some units, by position in order."""
        terrains, sites = set[int](), set[int]()
        for unit in units.tolist():
            (terrains if self.terrain[unit] >= 0 else sites).update(self.claims[unit])
        return sorted(terrains), sorted(sites)

    def sites_counted(self, sites: GeoDataFrame[Sites], without_shape: np.ndarray) -> dict[str, Any]:
        """Return what a row says of its sites, for each site and then for the territory.

        `without_shape` are numbers of terrains by site, those of its parts included.
        """
        tops = np.array([not above for above in self.above], dtype=bool)
        return {
            "site_id": pd.array([*sites["site_id"], TERRITORY], dtype="str"),
            "sites": np.append(np.ones(len(tops), dtype="int64"), tops.sum()),
            "sites_known": np.append(self.known, (tops & self.known).sum()).astype("int64"),
            "without_shape": np.append(without_shape, without_shape[tops].sum()),
        }


def shared_by_sites(
    sites: GeoDataFrame[Sites], terrains: GeoDataFrame[Terrains], those: Sequence[str]
) -> list[tuple[str, str, float]]:
    """Return the pairs of some sites that share ground, each with its parts and terrains, and the square metres."""
    ground = ground_of(sites, terrains)
    at = {site: n for n, site in enumerate(sites["site_id"])}
    units = pd.Series(ground.within[:, 1]).groupby(ground.within[:, 0]).indices
    rows = [units.get(at[site], np.array([], dtype=int)) for site in those]
    shapes = np.array([shapely.union_all(ground.shape[ground.within[each, 1]]) for each in rows], dtype=object)
    first, second = sharing(shapes, shapes)
    ahead = first < second
    area = shapely.area(shapely.intersection(shapes[first[ahead]], shapes[second[ahead]]))
    pairs = zip(first[ahead].tolist(), second[ahead].tolist(), area.tolist(), strict=True)
    return [(those[one], those[other], m2) for one, other, m2 in pairs if m2 > TOLERANCE_M2]


def _inside(above: tuple[tuple[int, ...], ...], those: np.ndarray) -> np.ndarray:
    """Say which sites lie in one of those."""
    return np.array([those[list(each)].any() for each in above], dtype=bool)


def ground_of(sites: GeoDataFrame[Sites], terrains: GeoDataFrame[Terrains]) -> SiteGround:
    """Cut the ground of sites into units; terrains of sites that are not there are left out."""
    same_crs(sites, terrains)
    inside = wholes(sites)
    at = {site: n for n, site in enumerate(inside)}
    above = tuple(tuple(at[whole] for whole in inside[site]) for site in inside)
    outlines, pieces = shapes_of(sites), shapes_of(terrains)
    owner = np.array([at.get(site, -1) for site in terrains["site_id"]], dtype=int)
    drawn = np.flatnonzero((owner >= 0) & ~shapely.is_missing(pieces))
    outlined = ~shapely.is_missing(outlines)
    known = outlined.copy()
    known[owner[drawn]] = True

    said = list(zip(*(terrains[name] for name in SAID), strict=True))
    alike = [(int(owner[n]), said[n]) for n in drawn]
    faces, claimed = cut_apart(pieces[drawn], alike)
    claims = [tuple(int(drawn[n]) for n in those) for those in claimed]
    within = [
        (site, unit)
        for unit, those in enumerate(claims)
        for site in sorted({here for n in those for here in (int(owner[n]), *above[owner[n]])})
    ]
    covered: list[list[int]] = [[] for _ in above]
    whole: list[list[Any]] = [[] for _ in above]
    for site, unit in within:
        covered[site].append(unit)
    for site in np.flatnonzero(outlined).tolist():
        for here in (site, *above[site]):
            whole[here].append(outlines[site])
    left = outlines.copy()
    for site in np.flatnonzero(known).tolist():
        left[site] = shapely.difference(shapely.union_all(whole[site]), shapely.union_all(faces[covered[site]]))
    some = np.flatnonzero(known & (shapely.area(left) > 0))
    within += [(int(site), len(faces) + n) for n, site in enumerate(some)]
    tops = np.flatnonzero((known & ~_inside(above, known))[some])
    mine = [set(covered[site]) for site in some[tops]]
    bare = _Bare.apart(left[some[tops]], mine, faces)
    counts = np.zeros(len(some), dtype=bool)
    counts[tops[bare.whole]] = True
    unclaimed: list[tuple[int, ...]] = [(int(site),) for site in some]
    for n, those in bare.claims.items():
        unclaimed[tops[n]] = tuple(int(some[tops[each]]) for each in those)
    rest = [unclaimed[tops[n]] for n in bare.rest]
    shape = np.concatenate([faces, left[some], np.array(list(bare.rest.values()), dtype=object)])
    first = [those[0] for those in claims]
    alone = shapely.area(pieces[drawn]).sum() + shapely.area(left[some[tops]]).sum()
    counted = np.concatenate([np.ones(len(faces), dtype=bool), counts, np.ones(len(rest), dtype=bool)])
    return SiteGround(
        site=np.concatenate([owner[first], some, [those[0] for those in rest]]).astype(int),
        terrain=np.concatenate([first, np.full(len(some) + len(rest), -1)]).astype(int),
        shape=shape,
        claims=(*claims, *unclaimed, *rest),
        within=np.array(within, dtype=int).reshape(-1, 2),
        counts=counted,
        above=above,
        outlined=outlined,
        known=known,
        overlaid_m2=max(float(alone - shapely.area(shape[counted]).sum()), 0.0),
    )


def cut_apart(pieces: np.ndarray, alike: Sequence[Any]) -> tuple[np.ndarray, list[tuple[int, ...]]]:
    """Cut polygons into faces that share no ground; return them with the polygons that claim each.

    Ground that polygons claim which are `alike` stays with the first, in one face.
    """
    first, second = sharing(pieces, pieces)
    ahead = first < second
    before: dict[int, list[int]] = {}
    for one, other in zip(first[ahead].tolist(), second[ahead].tolist(), strict=True):
        before.setdefault(other, []).append(one)
    if not before:
        return pieces, [(n,) for n in range(len(pieces))]
    shapes: list[Any] = []
    claims: list[tuple[int, ...]] = []
    of: dict[int, list[int]] = {}
    for n, piece in enumerate(pieces):
        rest = piece
        for face in sorted({face for one in before.get(n, ()) for face in of[one]}):
            common = _polygons(shapely.intersection(shapes[face], rest))
            if shapely.area(common) <= SHARED_M2:
                continue
            rest = _polygons(shapely.difference(rest, common))
            if any(alike[one] != alike[n] for one in claims[face]):
                apart = _polygons(shapely.difference(shapes[face], common))
                if shapely.area(apart) > SHARED_M2:
                    for one in claims[face]:
                        of[one].append(len(shapes))
                    shapes.append(apart)
                    claims.append(claims[face])
                shapes[face] = common
            claims[face] = (*claims[face], n)
            of.setdefault(n, []).append(face)
        if n not in before or shapely.area(rest) > SHARED_M2:
            of.setdefault(n, []).append(len(shapes))
            shapes.append(rest)
            claims.append((n,))
    order = sorted(range(len(shapes)), key=lambda face: claims[face])
    faces = np.empty(len(shapes), dtype=object)
    faces[:] = [shapes[face] for face in order]
    return faces, [claims[face] for face in order]


@dataclass(frozen=True, slots=True)
class _Bare:
    """Ground in no terrain, of sites that may overlap: those that no other site takes any of, and the rest of others.

    `claims` are the sites that claim the ground of one, where they are several.
    """

    whole: np.ndarray
    rest: dict[int, Any]
    claims: dict[int, list[int]]

    @classmethod
    def apart(cls, shapes: np.ndarray, covered: list[set[int]], faces: np.ndarray) -> "_Bare":
        """Leave ground of several sites to the first, and ground under a terrain of another site to the terrain."""
        whole = np.ones(len(shapes), dtype=bool)
        rest: dict[int, Any] = {}
        claims: dict[int, list[int]] = {}
        taken: dict[int, list[Any]] = {}
        for n, face in zip(*(each.tolist() for each in sharing(shapes, faces)), strict=True):
            if face not in covered[n]:
                taken.setdefault(n, []).append(faces[face])
        for one, other in zip(*(each.tolist() for each in sharing(shapes, shapes)), strict=True):
            if one < other:
                taken.setdefault(other, []).append(shapes[one])
                claims.setdefault(one, [one]).append(other)
        for n, others in taken.items():
            whole[n] = False
            left = _polygons(shapely.difference(shapes[n], shapely.union_all(others)))
            if shapely.area(left) > SHARED_M2:
                rest[n] = left
        return cls(whole, rest, claims)


def sharing(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of polygons of two lists that share more than `SHARED_M2`, as positions, in order."""
    first, second = shapely.STRtree(other).query(one, predicate="intersects")
    touching = shapely.touches(one[first], other[second])
    first, second = first[~touching], second[~touching]
    real = shapely.area(shapely.intersection(one[first], other[second])) > SHARED_M2
    order = np.lexsort((second[real], first[real]))
    return first[real][order], second[real][order]


def _polygons(shape: Any) -> Any:
    """Return the polygons of a shape as one, without its lines and points."""
    if shapely.get_type_id(shape) in {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON}:
        return shape
    parts = shapely.get_parts(shape)
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
