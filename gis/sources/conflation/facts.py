"""The tables of facts of a territory, and above them what files say: every layer that both can feed."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import geopandas as gpd
from pyproj import CRS

from gis.schemas import Row
from gis.sources.conflation.ranking import Ranked, called, join, on_sites, placed, site_of
from gis.sources.own_files.mapped import FileLayer
from gis.sources.own_files.points import ON_SITES
from gis.sources.tables import fact_tables


def ranked_sites(folder: Path, crs: CRS, sources: Collection[str], found: Sequence[FileLayer]) -> Ranked:
    """Join the table of sites of a folder with what files say of sites; `ranked_tables` says what is what."""
    return join("sites", fact_tables.read_sites(folder / "sites.csv", crs, sources), _without_ground(found))


def ranked_owners(folder: Path, sources: Collection[str], found: Sequence[FileLayer]) -> Ranked:
    """Join the table of owners of a folder with what files say of owners."""
    return join("owners", fact_tables.read_owners(folder / "owners.csv", sources), _without_ground(found))


def _without_ground(found: Sequence[FileLayer]) -> list[FileLayer]:
    """Use the points of files that need no ground of sites to be placed on."""
    return [each if each.layer in ON_SITES else on_sites(each) for each in found]


def ranked_tables(  # noqa: PLR0913, PLR0917  (the folder, and the two layers that the others name rows of)
    folder: Path,
    crs: CRS,
    sources: Collection[str],
    found: Sequence[FileLayer],
    sites: Ranked,
    ground: gpd.GeoDataFrame,
    owners: Ranked,
) -> dict[str, Ranked]:
    """Join the tables of a folder that name sites and owners with what files say.

    Parameters
    ----------
    folder, crs, sources
        The territory folder, its zone, and the sources that a row may cite.
    found
        What files say, the lowest rank first.
    sites
        Sites as the folder and files say them.
    ground
        The same with their shapes, and with those that are known from elsewhere: a table or a file may name those
        too, and terrains whose file names no site are placed in them.
    owners
        Owners, with those that are known from elsewhere.

    Returns
    -------
    layers
        By name: sites (with `ground` as its frame), terrains, premises, parcels, owners, buildings, exclusions,
        establishments, roads, accesses.
    """
    found = [on_sites(each, ground) if each.layer in ON_SITES else each for each in _without_ground(found)]
    known = set(ground["site_id"])
    away = {key for each in found if each.layer == "sites" for key in each.elsewhere}
    own, all_of_them = (called(each["site_id"].tolist(), each["site_name"].tolist()) for each in (sites.frame, ground))

    def site(said: str) -> str:
        return own(said) or all_of_them(said)

    on_a_site = partial(join, references={"site_id": site}, elsewhere=away)

    read = fact_tables.read_terrains(folder / "terrains.csv", crs, sources, sites=known)
    pieces = [placed(each, ground) for each in found if each.layer == "terrains"]
    terrains = on_a_site("terrains", read, pieces)
    owner_ids = set(owners.frame["owner_id"])
    premises = fact_tables.read_premises(folder / "premises.csv", crs, sources, sites=known)
    parcels = fact_tables.read_parcels(folder / "parcels.csv", crs, sources, owners=owner_ids, sites=known)
    buildings = fact_tables.read_buildings(folder / "buildings.csv", crs, sources, sites=known)
    doubts: list[Row] = []
    occupants = fact_tables.read_establishments(folder / "establishments.csv", sources, sites=known, issues=doubts)
    exclusions = fact_tables.read_exclusions(folder / "exclusions.csv", crs, sources)
    roads = fact_tables.read_roads(folder / "roads.csv", crs, sources)
    accesses = fact_tables.read_accesses(folder / "accesses.csv", crs, sources)
    site_of_terrain = dict(zip(terrains.frame["terrain_id"], terrains.frame["site_id"], strict=True))
    rented = on_a_site("premises", premises, found)
    return {
        "sites": replace(sites, frame=ground),
        "terrains": terrains,
        "premises": rented,
        "parcels": join("parcels", parcels, found, references={"owner_id": called([*owner_ids]), "site_id": site}),
        "owners": owners,
        "buildings": on_a_site("buildings", buildings, found),
        "exclusions": join("exclusions", exclusions, found),
        "roads": join("roads", roads, found),
        "accesses": join("accesses", accesses, found),
        "establishments": _with_doubts(
            doubts,
            join(
                "establishments",
                occupants,
                found,
                references={
                    "site_id": site_of(site, site_of_terrain),
                    "terrain_id": called([*site_of_terrain]),
                    "premises_id": called(rented.frame["premises_id"].tolist()),
                },
            ),
        ),
    }


def _with_doubts(doubts: Sequence[Row], ranked: Ranked) -> Ranked:
    """Put what is doubtful in a table of facts before what is doubtful in files."""
    return replace(ranked, issues=(*doubts, *ranked.issues))
