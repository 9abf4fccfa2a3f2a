"""The tables of facts of a territory, and above them what files say: every layer that both can feed."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from gis.schemas import (
    Accesses,
    Buildings,
    Establishments,
    Exclusions,
    Owners,
    Parcels,
    Premises,
    Roads,
    Row,
    Sites,
    Terrains,
)
from gis.sources.conflation.ranking import Ranked, called, join, on_sites, placed, site_of
from gis.sources.own_files.mapped import FileLayer
from gis.sources.own_files.points import ON_SITES
from gis.sources.tables import fact_tables


@dataclass(frozen=True, slots=True)
class ExtraRows:
    """What gives sites their shapes and adds sites from elsewhere, and what adds owners."""

    sites: Callable[[pd.DataFrame], gpd.GeoDataFrame]
    owners: Callable[[pd.DataFrame], pd.DataFrame]


def ranked_tables(
    folder: Path,
    crs: CRS,
    sources: Collection[str],
    found: Sequence[FileLayer],
    more: ExtraRows,
) -> dict[str, Ranked]:
    """Join the tables of a folder with what files say.

    Parameters
    ----------
    folder, crs, sources
        The territory folder, its zone, and the sources that a row may cite.
    found
        What files say, the lowest rank first.
    more
        What adds to sites and owners what is known from elsewhere: a table or a file may name those too, and terrains
        whose file names no site are placed in them.

    Returns
    -------
    layers
        By name: sites, terrains, premises, parcels, owners, buildings, exclusions, establishments, roads, accesses.
    """
    keys: dict[str, Collection[str]] = {"sources": sources}
    read = partial(fact_tables.read_table, folder, crs=crs, known=keys)
    found = [each if each.layer in ON_SITES else on_sites(each) for each in found]
    sites = join("sites", read(Sites), found)
    ground = more.sites(sites.frame)
    found = [on_sites(each, ground) if each.layer in ON_SITES else each for each in found]
    keys["sites"] = set(ground["site_id"])
    away = {key for each in found if each.layer == "sites" for key in each.elsewhere}
    own, all_of_them = (called(each["site_id"].tolist(), each["site_name"].tolist()) for each in (sites.frame, ground))

    def site(said: str) -> str:
        return own(said) or all_of_them(said)

    on_a_site = partial(join, references={"site_id": site}, elsewhere=away)

    pieces = [placed(each, ground) for each in found if each.layer == "terrains"]
    terrains = on_a_site("terrains", read(Terrains), pieces)
    owners = join("owners", read(Owners), found)
    owners = replace(owners, frame=more.owners(owners.frame))
    keys["owners"] = owner_ids = set(owners.frame["owner_id"])
    doubts: list[Row] = []
    occupants = read(Establishments, issues=doubts)
    site_of_terrain = dict(zip(terrains.frame["terrain_id"], terrains.frame["site_id"], strict=True))
    rented = on_a_site("premises", read(Premises), found)
    return {
        "sites": replace(sites, frame=ground),
        "terrains": terrains,
        "premises": rented,
        "parcels": join(
            "parcels", read(Parcels), found, references={"owner_id": called([*owner_ids]), "site_id": site}
        ),
        "owners": owners,
        "buildings": on_a_site("buildings", read(Buildings), found),
        "exclusions": join("exclusions", read(Exclusions), found),
        "roads": join("roads", read(Roads), found),
        "accesses": join("accesses", read(Accesses), found),
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
