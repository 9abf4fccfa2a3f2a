"""The tables of facts of a territory, and above them what files say: every layer that both can feed."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from gis.sources import tables
from gis.sources.joining import Joined, called, join, placed, site_of
from gis.sources.mapped import Found


def joined_tables(
    folder: Path,
    crs: CRS,
    sources: Collection[str],
    found: Sequence[Found],
    drawn: Callable[[pd.DataFrame], gpd.GeoDataFrame],
) -> dict[str, Joined]:
    """Join the tables of a folder with what files say.

    Parameters
    ----------
    folder, crs, sources
        The territory folder, its zone, and the sources that a row may cite.
    found
        What files say, the lowest rank first.
    drawn
        Gives sites the shapes that stand elsewhere, so that terrains whose file names no site are placed.

    Returns
    -------
    layers
        By name: sites, terrains, premises, parcels, owners, buildings, exclusions, establishments, roads, accesses.
    """
    sites = join("sites", tables.read_sites(folder / "sites.csv", crs, sources), found)
    known = set(sites.frame["site_id"])
    away = {key for each in found if each.layer == "sites" for key in each.elsewhere}
    site = called(sites.frame["site_id"].tolist(), sites.frame["site_name"].tolist())
    on_a_site = partial(join, references={"site_id": site}, elsewhere=away)

    read = tables.read_terrains(folder / "terrains.csv", crs, sources, sites=known)
    pieces = [placed(each, drawn(sites.frame)) for each in found if each.layer == "terrains"]
    terrains = on_a_site("terrains", read, pieces)
    owners = join("owners", tables.read_owners(folder / "owners.csv", sources), found)
    owner_ids = set(owners.frame["owner_id"])
    premises = tables.read_premises(folder / "premises.csv", crs, sources, sites=known)
    parcels = tables.read_parcels(folder / "parcels.csv", crs, sources, owners=owner_ids)
    buildings = tables.read_buildings(folder / "buildings.csv", crs, sources, sites=known)
    occupants = tables.read_establishments(folder / "establishments.csv", sources, sites=known)
    exclusions = tables.read_exclusions(folder / "exclusions.csv", crs, sources)
    roads = tables.read_roads(folder / "roads.csv", crs, sources)
    accesses = tables.read_accesses(folder / "accesses.csv", crs, sources)
    site_of_terrain = dict(zip(terrains.frame["terrain_id"], terrains.frame["site_id"], strict=True))
    return {
        "sites": sites,
        "terrains": terrains,
        "premises": on_a_site("premises", premises, found),
        "parcels": join("parcels", parcels, found, references={"owner_id": called([*owner_ids])}),
        "owners": owners,
        "buildings": on_a_site("buildings", buildings, found),
        "exclusions": join("exclusions", exclusions, found),
        "roads": join("roads", roads, found),
        "accesses": join("accesses", accesses, found),
        "establishments": join(
            "establishments", occupants, found, references={"site_id": site_of(site, site_of_terrain)}
        ),
    }
