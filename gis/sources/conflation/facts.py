"""Joins the tables of facts of a territory with the user's own files: every layer that both can provide."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
from pyproj import CRS

from gis.schemas import KEYS, LAYERS, SCHEMAS, Owners, Row, Sites, Table
from gis.sources.conflation.ranking import (
    Ranked,
    Resolve,
    join_file_layers,
    key_resolver,
    place_points_on_sites,
    place_terrains,
    site_resolver,
)
from gis.sources.own_files.mapped import FileLayer
from gis.sources.own_files.points import ON_SITES
from gis.sources.tables import fact_tables

#: Layers that are read before all others, which reference their rows.
FIRST: Final = ("communes", "sites", "owners")
#: Layers whose rows lie outside the territory if their site does.
PARTS_OF_SITES: Final = ("terrains", "premises", "buildings")


def ranked_sites(folder: Path, crs: CRS, sources: Collection[str], found: Sequence[FileLayer]) -> Ranked:
    """Join the table of sites of a folder with the sites of the user's files; see `ranked_tables` for the arguments."""
    return join_file_layers(
        "sites", fact_tables.read_table(folder, Sites, crs, {"sources": sources}), _layers_with_points_used(found)
    )


def ranked_owners(folder: Path, crs: CRS, sources: Collection[str], found: Sequence[FileLayer]) -> Ranked:
    """Join the table of owners of a folder with the owners of the user's files."""
    return join_file_layers(
        "owners", fact_tables.read_table(folder, Owners, crs, {"sources": sources}), _layers_with_points_used(found)
    )


def _layers_with_points_used(found: Sequence[FileLayer]) -> list[FileLayer]:
    """Use the points of the files that need no site geometry to be located."""
    return [each if each.layer in ON_SITES else place_points_on_sites(each) for each in found]


def ranked_tables(  # noqa: PLR0913, PLR0917  (the folder, and the two layers that the others reference)
    folder: Path,
    crs: CRS,
    sources: Collection[str],
    found: Sequence[FileLayer],
    sites: Ranked,
    ground: gpd.GeoDataFrame,
    owners: Ranked,
) -> dict[str, Ranked]:
    """Join the tables of a folder that reference sites and owners with the user's files.

    Parameters
    ----------
    folder, crs, sources
        The territory folder, its CRS, and the sources that a row may cite.
    found
        The layers of the user's files, the lowest rank first.
    sites
        The sites of the folder and of the files.
    ground
        The same sites with their geometries, and those known from other sources. A table or a file may reference these
        too, and terrains whose file states no site are located in them.
    owners
        The owners, with those known from other sources.

    Returns
    -------
    layers
        By name, every layer except communes that has a table of facts: sites (with `ground` as its frame), owners, and
        the others in the order of `gis.schemas.LAYERS`.
    """
    found = [
        place_points_on_sites(each, ground) if each.layer in ON_SITES else each
        for each in _layers_with_points_used(found)
    ]
    sites_elsewhere = {key for each in found if each.layer == "sites" for key in each.elsewhere}
    resolve_own_site, resolve_any_site = (
        key_resolver(each["site_id"].tolist(), each["site_name"].tolist()) for each in (sites.frame, ground)
    )

    def resolve_site(said: str) -> str:
        return resolve_own_site(said) or resolve_any_site(said)

    layers = {"sites": replace(sites, frame=ground), "owners": owners}
    keys_by_layer = {name: set(ranked.frame[KEYS[name]]) for name, ranked in layers.items()}
    resolvers: dict[str, Resolve] = {"sites": resolve_site, "owners": key_resolver([*keys_by_layer["owners"]])}
    for name, layer in LAYERS.items():
        if layer.table is Table.NONE or name in FIRST:
            continue
        doubts: list[Row] = []
        table_rows = fact_tables.read_table(folder, SCHEMAS[name], crs, keys_by_layer | {"sources": sources}, doubts)
        references = {column: resolvers[each.layer] for column, each in layer.references.items()}
        if name == "establishments":
            site_by_terrain = layers["terrains"].frame.set_index("terrain_id")["site_id"]
            references["site_id"] = site_resolver(resolve_site, site_by_terrain.to_dict())
        ranked = join_file_layers(
            name,
            table_rows,
            [place_terrains(each, ground) for each in found if each.layer == name] if name == "terrains" else found,
            references=references,
            elsewhere=sites_elsewhere if name in PARTS_OF_SITES else (),
        )
        layers[name] = replace(ranked, issues=(*doubts, *ranked.issues))
        row_keys = ranked.frame[layer.key].tolist()
        keys_by_layer[name], resolvers[name] = set(row_keys), key_resolver(row_keys)
    return layers
