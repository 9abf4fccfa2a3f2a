"""Joins fetched data to the folder's data: the user's own rows and geometries first, then source by source.

Each join receives what it needs and returns a `JoinedLayer`: the layer with its issues, replacements and accounts.
Arguments are never modified, so layers can be requested in any order.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandera.typing import DataFrame
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from gis import schemas
from gis.crs import GeometryKind
from gis.errors import Fault, SchemaError, SourceError
from gis.measures.topology import containing_sites
from gis.placing import writing_under_lock
from gis.provenance import Basis
from gis.schemas import KEYS, LAYERS, Matches, Row, SiteType, drawn_as, layers_that, records
from gis.sources.conflation import conflate, matching
from gis.sources.conflation.ranking import fill_unsaid_values
from gis.sources.open_data import outlines
from gis.sources.open_data.assumed import Resting
from gis.sources.open_data.features import TargetLayer, path_below_raw, source_issue
from gis.sources.open_data.fetched import Fetched
from gis.sources.open_data.national import read_source_files
from gis.sources.open_data.registry import readers_of_layer
from gis.sources.own_files.kept import FileAccount
from gis.sources.tables.accounts import KNOWN_HERE, NOT_OF_A_SITE, Account, Fate, Reason
from gis.sources.tables.delimited import open_table
from gis.sources.tables.shapes import Shapes, rows_with_shapes
from gis.spreadsheets import csv_text, text_of_neutral_cell

#: Matches for a person to confirm, in the territory folder.
MATCHES: Final = "matches.csv"
_ANSWERS: Final = ("", "oui", "non")
_KEYS: Final = ("site_id", "feature", "confirmed")


@dataclass(frozen=True, slots=True)
class FetchedFolder:
    """The fetched data of a territory and how to read it: folder, record, `territory.toml`, and CRS for measurement."""

    folder: Path
    record: Fetched
    settings: Mapping[str, Any]
    crs: CRS


@dataclass(frozen=True, slots=True)
class FetchedPart:
    """The rows that one source provides for a layer, their file (or the pattern of several), and their issues."""

    rows: Any
    file: str
    issues: tuple[Row, ...] = ()
    resting: tuple[Resting, ...] = ()
    account: FileAccount | None = None


@dataclass(frozen=True, slots=True)
class JoinedLayer:
    """A layer with the fetched data joined to it, and the report of the join.

    `issues` are doubtful rows, `replaced` are replaced features, `candidates` are geometries for a person to confirm,
    `resting` are rows that depend on an assumed rule, and `accounts` state what became of each fetched row.
    """

    layer: Any
    issues: tuple[Row, ...] = ()
    replaced: tuple[Row, ...] = ()
    candidates: tuple[Row, ...] = ()
    resting: tuple[Resting, ...] = ()
    accounts: tuple[FileAccount, ...] = ()


def read_fetched_parts(fetched: FetchedFolder, name: str, near: BaseGeometry | None = None) -> list[FetchedPart]:
    """Read a layer from every fetched source, the preferred first; `near` restricts it to features near a geometry."""
    parts = []
    for national, pattern, reader in readers_of_layer(name, fetched.settings):
        files = fetched.record.files(national.name, pattern)
        if not files:
            continue
        target = TargetLayer(fetched.crs, fetched.record.sources[national.name], near)
        reading = read_source_files(reader, files, target)
        file = path_below_raw(files[0]) if len(files) == 1 else pattern
        place = f"{national.name} ({pattern})"
        account = None if reading.account is None else FileAccount("", name, place, reading.account)
        issues = tuple({"file": file, **each} for each in reading.issues)
        parts.append(FetchedPart(reading.layer, file, issues, tuple(reading.resting), account))
    return parts


def _read_parts_near_sites(
    fetched: FetchedFolder, name: str, reach: schemas.FetchedReach, sites: gpd.GeoDataFrame
) -> list[FetchedPart]:
    """Read a layer as far around the sites as its description states; without site geometries, nothing is near."""
    if reach.near_m is None:
        return read_fetched_parts(fetched, name)
    shapes = sites[sites.geometry.notna()].geometry.to_numpy()
    if not len(shapes):
        return []
    if math.isinf(reach.near_m):
        return read_fetched_parts(fetched, name)
    return read_fetched_parts(
        fetched, name, shapely.union_all(shapely.buffer(shapes, reach.near_m) if reach.near_m else shapes)
    )


def _fetched_reach(name: str) -> schemas.FetchedReach:
    reach = LAYERS[name].fetched
    return reach if reach is not None else schemas.FetchedReach()


def _joined_layer_of_parts(layer: Any, parts: Sequence[FetchedPart], **told: Any) -> JoinedLayer:
    """Return a layer with the reports of the parts joined to it; `told` overrides single reports."""
    told_of_parts = {
        "issues": tuple(row for part in parts for row in part.issues),
        "resting": tuple(each for part in parts for each in part.resting),
        "accounts": tuple(part.account for part in parts if part.account is not None),
    }
    return JoinedLayer(layer, **(told_of_parts | told))


def join_communes(fetched: FetchedFolder, own: gpd.GeoDataFrame) -> JoinedLayer:
    """Add the fetched outlines and former codes to communes where the folder has none."""
    parts = read_fetched_parts(fetched, "communes")
    for part in parts:
        own = _rows_with_shapes_filled("communes", own, _shapes_by_key("communes", part.rows), fetched.folder)
        own = outlines.communes_with_former_codes(
            own, dict(zip(part.rows["insee"], part.rows["former_codes"], strict=True))
        )
    return _joined_layer_of_parts(own, parts)


def join_sites(fetched: FetchedFolder, own: gpd.GeoDataFrame, communes: gpd.GeoDataFrame) -> JoinedLayer:
    """Add the fetched geometry to sites known by name, and add the fetched sites that nobody has named.

    Decisions on doubtful matches are read from `matches.csv`.
    """
    communes_with_outline = communes[communes.geometry.notna()]
    territory_outline = (
        shapely.union_all(communes_with_outline.geometry.to_numpy()) if len(communes_with_outline) else None
    )
    parts = read_fetched_parts(fetched, "sites", territory_outline)
    if not parts:
        return JoinedLayer(own)
    layers = [conflate.sites_in_communes(part.rows, communes_with_outline) for part in parts]
    fetched_sites = conflate.merge_by_preference(layers, "sites", nested=True)
    drawn_own = own[own.geometry.notna()]
    conflated = conflate.merge_by_preference([drawn_own, fetched_sites.layer], "sites", nested=True)
    new_sites = conflated.layer[
        conflated.layer["site_id"].isin(set(fetched_sites.layer["site_id"]) - set(own["site_id"]))
    ]
    site_candidates = _candidates_with_answers(
        matching.score_matches(own[own.geometry.isna()], new_sites), read_confirmed_matches(fetched.folder)
    )
    feature_of = matching.decided_pairs(site_candidates)
    shape_of = _shapes_by_key("sites", new_sites)
    shapes = {site: shape_of[feature] for site, feature in feature_of.items() if feature in shape_of}
    own_completed = _rows_with_shapes_filled("sites", own, shapes, fetched.folder)
    added_sites = new_sites[~new_sites["site_id"].isin(set(feature_of.values()))]
    return _joined_layer_of_parts(
        _with_added_zones_counted(
            conflate.assign_enclosing_sites(_stacked_rows(own_completed, added_sites)), own, set(added_sites["site_id"])
        ),
        parts,
        replaced=(*fetched_sites.replaced, *conflated.replaced),
        candidates=tuple(records(matching.doubtful_matches(site_candidates))),
        resting=tuple(
            replace(each, rows=each.rows | {site for site, feature in feature_of.items() if feature in each.rows})
            for part in parts
            for each in part.resting
        ),
    )


def _with_added_zones_counted(sites: gpd.GeoDataFrame, own: pd.DataFrame, added: set[str]) -> gpd.GeoDataFrame:
    """Mark the added zones as counted where the folder counts none: each once, with the zones inside it."""
    is_added = sites["site_id"].isin(added).to_numpy()
    is_new_zone = is_added & (sites["site_type"] == SiteType.ZONE).to_numpy() & (not (own["counted"] == "oui").any())
    zone_keys = set(sites["site_id"][is_new_zone])
    wholes_of = containing_sites(sites) if zone_keys else {}
    is_outermost = np.array([zone_keys.isdisjoint(wholes_of.get(site, ())) for site in sites["site_id"]], dtype=bool)
    counted = np.where(is_new_zone & is_outermost, "oui", np.where(is_added, "non", sites["counted"]))
    return sites.assign(counted=pd.array(counted, dtype="str"))


def _candidates_with_answers(found: DataFrame[Matches], said: Mapping[tuple[str, str], str]) -> DataFrame[Matches]:
    """Add the person's answer to each candidate."""
    pairs = zip(found["site_id"], found["feature"], strict=True)
    return found.assign(confirmed=pd.array([said.get(pair, "") for pair in pairs], dtype="str"))


def join_ownership(fetched: FetchedFolder) -> JoinedLayer:
    """Read the owner of each parcel (`parcel_id`, `owner_id`) from the preferred source that states it."""
    parts = read_fetched_parts(fetched, "ownership")
    rows = [part.rows for part in parts]
    all_rows = pd.concat(rows) if rows else pd.DataFrame({"parcel_id": [], "owner_id": []})
    return _joined_layer_of_parts(all_rows.drop_duplicates("parcel_id"), parts)


def join_owners(fetched: FetchedFolder, own: pd.DataFrame) -> JoinedLayer:
    """Add the owners that are legal persons."""
    parts = read_fetched_parts(fetched, "owners")
    for part in parts:
        own = _stacked_rows(own, part.rows[~part.rows["owner_id"].isin(set(own["owner_id"]))])
    return _joined_layer_of_parts(own, parts)


def join_parcels(
    fetched: FetchedFolder, own: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, ownership: pd.DataFrame
) -> JoinedLayer:
    """Add the parcels of the sites, each with its site; `ownership` gives the owner where no row states one."""
    joined_parcels = _join_by_ground("parcels", fetched, own, sites)
    parcels = joined_parcels.layer
    if parcels is not own:
        parcels, slivers = conflate.parcels_in_sites(parcels, sites)
        joined_parcels = replace(joined_parcels, issues=(*joined_parcels.issues, *slivers))
    owner_of = dict(zip(ownership["parcel_id"], ownership["owner_id"], strict=True))
    if owner_of:
        pairs = zip(parcels["owner_id"], parcels["parcel_id"], strict=True)
        owners = [stated_owner or owner_of.get(parcel, "") for stated_owner, parcel in pairs]
        parcels = parcels.assign(owner_id=pd.array(owners, dtype="str"))
    return replace(joined_parcels, layer=parcels)


def join_buildings(fetched: FetchedFolder, own: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> JoinedLayer:
    """Add the buildings of the sites; a building without a stated site is assigned to the one that contains it."""
    joined_buildings = _join_by_ground("buildings", fetched, own, sites)
    layer = joined_buildings.layer
    if not (layer["site_id"] == "").any():
        return joined_buildings
    site_ids = [
        stated_site or site
        for stated_site, site in zip(layer["site_id"], conflate.site_of_rows(layer, sites).site_id, strict=True)
    ]
    return replace(joined_buildings, layer=layer.assign(site_id=pd.array(site_ids, dtype="str")))


def _join_by_ground(name: str, fetched: FetchedFolder, own: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> JoinedLayer:
    """Add the rows of each source; of two rows that are the same feature, the preferred is kept."""
    parts = _read_parts_near_sites(fetched, name, _fetched_reach(name), sites)
    if not parts:
        return JoinedLayer(own)
    layers = [part.rows for part in parts]
    for layer in layers:
        own = fill_rows_from_layer(name, own, layer, fetched.folder)
    conflated = conflate.merge_by_preference([own, *layers], name)
    return _joined_layer_of_parts(conflated.layer, parts, replaced=tuple(conflated.replaced))


def join_by_key(name: str, fetched: FetchedFolder, own: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> JoinedLayer:
    """Add the rows of each source around the sites to a layer whose features may overlap.

    The layers are exclusions, roads and accesses. A row of the folder takes the values that it does not state.
    """
    key, issues = KEYS[name], list[Row]()
    own_keys = set(own[key])
    parts = _read_parts_near_sites(fetched, name, _fetched_reach(name), sites)
    for part in parts:
        own = fill_rows_from_layer(name, own, part.rows, fetched.folder)
        rows, doubled_issues = _without_doubled_keys(name, part.rows[~part.rows[key].isin(own_keys)], own, part.file)
        own, issues = _stacked_rows(own, rows), [*issues, *part.issues, *doubled_issues]
    return _joined_layer_of_parts(own, parts, issues=tuple(issues))


def join_establishments(
    fetched: FetchedFolder, own: pd.DataFrame, ground: Mapping[str, gpd.GeoDataFrame], former: Mapping[str, str]
) -> JoinedLayer:
    """Add the establishments located in a site; `ground` holds the layers that may contain them, by name.

    `former` maps the code of a former commune to the present commune, which replaces it.
    """
    parts, issues, accounts = read_fetched_parts(fetched, "establishments"), list[Row](), list[FileAccount]()
    for part in parts:
        new_firms, moved_issues = _with_present_communes(
            part.rows[~part.rows["siret"].isin(set(own["siret"]) - {""})], former, part.file
        )
        placed_firms, unplaced_issues = conflate.place_establishments(new_firms, ground)
        issues += [*part.issues, *moved_issues, *({**each, "file": part.file} for each in unplaced_issues)]
        is_off_site = placed_firms["site_id"] == ""
        unused_counts = {
            (Fate.MERGED, KNOWN_HERE): len(part.rows) - len(new_firms),
            (Fate.PASSED_OVER, NOT_OF_A_SITE): int(is_off_site.sum()),
        }
        accounts += [_account_without_unused(part.account, unused_counts)] if part.account is not None else []
        own = _stacked_rows(own, placed_firms[~is_off_site][list(own.columns)])
    return _joined_layer_of_parts(own, parts, issues=tuple(issues), accounts=tuple(accounts))


def _with_present_communes(firms: pd.DataFrame, former: Mapping[str, str], file: str) -> tuple[pd.DataFrame, list[Row]]:
    """Replace a former commune by the present one, with an issue for each row."""
    is_former = firms["insee"].isin([code for code, now in former.items() if now])
    issues = []
    for key, code in zip(firms.loc[is_former, "establishment_id"], firms.loc[is_former, "insee"], strict=True):
        message = f"{code} is a former commune, which went into {former[code]}: that one is meant."
        issues.append(source_issue("establishments", key, "insee", code, message, file))
    codes = [former[code] if is_old else code for code, is_old in zip(firms["insee"], is_former, strict=True)]
    return firms.assign(insee=pd.array(codes, dtype="str")), issues


def _account_without_unused(account: FileAccount, not_used: Mapping[Reason, int]) -> FileAccount:
    """Return an account in which some used rows are counted as not used."""
    for reason, count in not_used.items():
        if count:
            correction = Account(rows={(Fate.USED, ""): -count, reason: count})
            account = replace(account, account=account.account + correction)
    return account


def join_fetched_only_layers(fetched: FetchedFolder, sites: gpd.GeoDataFrame) -> dict[str, JoinedLayer]:
    """Join every layer that only fetched files provide, by name; a layer without fetched files is absent."""
    joined_layers = {}
    for name in layers_that(is_fetched_alone=True):
        reach = _fetched_reach(name)
        parts = _read_parts_near_sites(fetched, name, reach, sites)
        if not parts:
            continue
        rows, issues = parts[0].rows, list(parts[0].issues)
        for part in parts[1:]:
            added_rows, doubled_issues = _without_doubled_keys(name, part.rows, rows, part.file)
            rows, issues = _stacked_rows(rows, added_rows), [*issues, *part.issues, *doubled_issues]
        if reach.on_site:
            rows = rows.assign(site_id=pd.array(_site_of_each_row(name, rows, sites), dtype="str"))
        joined_layers[name] = _joined_layer_of_parts(rows, parts, issues=tuple(issues))
    return joined_layers


def _site_of_each_row(name: str, rows: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> list[str]:
    """Assign each row to a site: a point by its position, a polygon by most of its area."""
    if drawn_as(name) is GeometryKind.POINT:
        return conflate.keys_at_points(rows.geometry.to_numpy(), sites)
    return conflate.site_of_rows(rows, sites).site_id


def _without_doubled_keys(
    name: str, rows: gpd.GeoDataFrame, above: gpd.GeoDataFrame, file: str
) -> tuple[gpd.GeoDataFrame, list[Row]]:
    """Leave out the rows whose key already exists in `above`, each with an issue."""
    key = KEYS[name]
    is_doubled = rows[key].isin(set(above[key]))
    message = "Another row that was fetched has this key: this one is left out."
    return rows[~is_doubled], [source_issue(name, each, key, each, message, file) for each in rows.loc[is_doubled, key]]


def candidates_frame(rows: Iterable[Row]) -> DataFrame[Matches]:
    """Return the geometries that may belong to sites known by name, as a layer for a person to confirm."""
    return schemas.frame(rows, Matches)


def read_confirmed_matches(folder: Path) -> dict[tuple[str, str], str]:
    """Read the decisions in `matches.csv`: site and feature → oui, non.

    Raises
    ------
    SchemaError
        If a required column is missing, or a value is not a valid answer.
    """
    file = folder / MATCHES
    if not file.is_file():
        return {}
    table = open_table(file)
    if absent_columns := [name for name in _KEYS if name not in table.header]:
        mend = "Put it back, or delete the file: `gis build` writes it again, without what was decided."
        raise SchemaError.of(
            str(file), [Fault("header", f"column `{name}` is absent.", mend) for name in absent_columns]
        )
    rows = [
        (line, {name: text_of_neutral_cell(cell).strip() for name, cell in cells.items()})
        for line, cells in table.rows()
    ]
    faults = [
        Fault(f"row {line}, column `confirmed`", f"`{row['confirmed']}` is no answer.", "Write oui or non.")
        for line, row in rows
        if row["confirmed"].casefold() not in _ANSWERS
    ]
    if faults:
        raise SchemaError.of(str(file), faults)
    return {(row["site_id"], row["feature"]): row["confirmed"].casefold() for _, row in rows}


def write_candidates(folder: Path, candidates: DataFrame[Matches]) -> Path | None:
    """Write `matches.csv` for a person to confirm; write no file if there is nothing to decide."""
    file = folder / MATCHES
    if not len(candidates) and not file.exists():
        return None
    rows = [list(candidates.columns), *candidates.to_numpy(dtype=object).tolist()]
    with writing_under_lock(folder, refusal=SourceError) as placing:
        new_file = placing.aside(folder) / MATCHES
        new_file.write_text(csv_text(rows), encoding="utf-8", newline="")
        placing.put({file: new_file})
    return file


def _stacked_rows(above: Any, below: Any) -> Any:
    if not len(above) or not len(below):
        return (below if len(below) else above).reset_index(drop=True)
    frame = pd.concat([above, below], ignore_index=True)
    return gpd.GeoDataFrame(frame, crs=above.crs) if isinstance(above, gpd.GeoDataFrame) else frame


def fill_rows_from_layer(name: str, own: gpd.GeoDataFrame, below: gpd.GeoDataFrame, place: Path) -> gpd.GeoDataFrame:
    """Fill unknown values of rows, geometry included, from the row with the same key in another layer.

    The source and basis of a row are those of its geometry.
    """
    return gpd.GeoDataFrame(
        fill_unsaid_values(name, _rows_with_shapes_filled(name, own, _shapes_by_key(name, below), place), below)
    )


#: By key: a geometry, its basis and its source.
_ByKey = Mapping[str, tuple[BaseGeometry, Basis, str]]


def _shapes_by_key(layer: str, rows: gpd.GeoDataFrame) -> _ByKey:
    key = KEYS[layer]
    return {row[key]: (row["geometry"], Basis(row["basis"]), row["source_id"]) for row in records(rows)}


def _rows_with_shapes_filled(layer: str, own: gpd.GeoDataFrame, shapes: _ByKey, folder: Path) -> gpd.GeoDataFrame:
    """Add a geometry to rows that have none; the others keep theirs."""
    key = KEYS[layer]
    lacks_shape = own[key].isin(set(shapes)) & own.geometry.isna()
    shaped_rows = rows_with_shapes(own[lacks_shape], key, Shapes(folder, shapes))
    return (
        gpd.GeoDataFrame(pd.concat([own[~lacks_shape], shaped_rows]).loc[own.index], crs=own.crs)
        if len(shaped_rows)
        else own
    )
