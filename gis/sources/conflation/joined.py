"""What was fetched, joined to what the folder says: the user's own rows and shapes first, then source by source.

Every join takes what it needs and returns a `JoinedLayer`: the layer, and what is to be told of it. What it is given
is never changed, so that the order in which layers are asked for is of no matter.
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
from gis.measures.topology import wholes
from gis.placing import writing
from gis.provenance import Basis
from gis.schemas import KEYS, LAYERS, Matches, Row, SiteType, drawn_as, layers_that, records
from gis.sources.conflation import conflate, matching
from gis.sources.conflation.ranking import filled
from gis.sources.open_data import outlines
from gis.sources.open_data.assumed import Resting
from gis.sources.open_data.features import TargetLayer, below_raw, issue
from gis.sources.open_data.fetched import Fetched
from gis.sources.open_data.national import read_files
from gis.sources.open_data.registry import readers_of
from gis.sources.own_files.kept import FileAccount
from gis.sources.tables.accounts import KNOWN_HERE, NOT_OF_A_SITE, Account, Fate, Reason
from gis.sources.tables.delimited import open_table
from gis.sources.tables.shapes import Shapes, with_shapes
from gis.spreadsheets import csv_text, read_back

#: Candidates that a person decides on, in the territory folder.
MATCHES: Final = "matches.csv"
_ANSWERS: Final = ("", "oui", "non")
_KEYS: Final = ("site_id", "feature", "confirmed")


@dataclass(frozen=True, slots=True)
class FetchedFolder:
    """What was fetched for a territory, and how it is read: folder, record, `territory.toml`, zone to measure in."""

    folder: Path
    record: Fetched
    settings: Mapping[str, Any]
    crs: CRS


@dataclass(frozen=True, slots=True)
class FetchedPart:
    """What one source says of a layer: its rows, the file they are of (or the pattern of several), and its doubts."""

    rows: Any
    file: str
    issues: tuple[Row, ...] = ()
    resting: tuple[Resting, ...] = ()
    account: FileAccount | None = None


@dataclass(frozen=True, slots=True)
class JoinedLayer:
    """A layer with what was fetched joined to it, and what is to be told of that.

    `issues` are doubtful rows, `replaced` is ground that gave way, `candidates` are shapes that a person decides on,
    `resting` are rows that rest on an assumed rule, `accounts` say what became of each row that was fetched.
    """

    layer: Any
    issues: tuple[Row, ...] = ()
    replaced: tuple[Row, ...] = ()
    candidates: tuple[Row, ...] = ()
    resting: tuple[Resting, ...] = ()
    accounts: tuple[FileAccount, ...] = ()


def read_parts(fetched: FetchedFolder, name: str, near: BaseGeometry | None = None) -> list[FetchedPart]:
    """Read a layer of every source that was fetched, the preferred first; with `near` what lies there alone."""
    parts = []
    for national, pattern, reader in readers_of(name, fetched.settings):
        files = fetched.record.files(national.name, pattern)
        if not files:
            continue
        target = TargetLayer(fetched.crs, fetched.record.sources[national.name], near)
        reading = read_files(reader, files, target)
        file = below_raw(files[0]) if len(files) == 1 else pattern
        place = f"{national.name} ({pattern})"
        account = None if reading.account is None else FileAccount("", name, place, reading.account)
        issues = tuple({"file": file, **each} for each in reading.issues)
        parts.append(FetchedPart(reading.layer, file, issues, tuple(reading.resting), account))
    return parts


def _read_around(
    fetched: FetchedFolder, name: str, reach: schemas.Fetched, sites: gpd.GeoDataFrame
) -> list[FetchedPart]:
    """Read as much of a layer as its description says: where no site has a shape, nothing is near one."""
    if reach.near_m is None:
        return read_parts(fetched, name)
    shapes = sites[sites.geometry.notna()].geometry.to_numpy()
    if not len(shapes):
        return []
    if math.isinf(reach.near_m):
        return read_parts(fetched, name)
    return read_parts(
        fetched, name, shapely.union_all(shapely.buffer(shapes, reach.near_m) if reach.near_m else shapes)
    )


def _reach(name: str) -> schemas.Fetched:
    reach = LAYERS[name].fetched
    return reach if reach is not None else schemas.Fetched()


def _joined(layer: Any, parts: Sequence[FetchedPart], **told: Any) -> JoinedLayer:
    """Return a layer with what is to be told of the parts that were joined to it, where nothing else is told."""
    of_parts = {
        "issues": tuple(row for part in parts for row in part.issues),
        "resting": tuple(each for part in parts for each in part.resting),
        "accounts": tuple(part.account for part in parts if part.account is not None),
    }
    return JoinedLayer(layer, **(of_parts | told))


def join_communes(fetched: FetchedFolder, own: gpd.GeoDataFrame) -> JoinedLayer:
    """Give communes the outlines and the former codes that were fetched, where the folder has none."""
    parts = read_parts(fetched, "communes")
    for part in parts:
        own = _with_more_shapes("communes", own, _shapes_of("communes", part.rows), fetched.folder)
        own = outlines.with_former(own, dict(zip(part.rows["insee"], part.rows["former_codes"], strict=True)))
    return _joined(own, parts)


def join_sites(fetched: FetchedFolder, own: gpd.GeoDataFrame, communes: gpd.GeoDataFrame) -> JoinedLayer:
    """Give sites known by name the shape that is theirs, and add those that nobody has named yet.

    What a person decided of doubtful ones is read from `matches.csv`.
    """
    ground = communes[communes.geometry.notna()]
    near = shapely.union_all(ground.geometry.to_numpy()) if len(ground) else None
    parts = read_parts(fetched, "sites", near)
    if not parts:
        return JoinedLayer(own)
    layers = [conflate.in_communes(part.rows, ground) for part in parts]
    below = conflate.preferred(layers, "sites", nested=True)
    drawn = own[own.geometry.notna()]
    rest = conflate.preferred([drawn, below.layer], "sites", nested=True)
    new = rest.layer[rest.layer["site_id"].isin(set(below.layer["site_id"]) - set(own["site_id"]))]
    found = _answered(matching.matches(own[own.geometry.isna()], new), read_confirmed(fetched.folder))
    feature_of = matching.decided(found)
    shape_of = _shapes_of("sites", new)
    shapes = {site: shape_of[feature] for site, feature in feature_of.items() if feature in shape_of}
    placed = _with_more_shapes("sites", own, shapes, fetched.folder)
    added = new[~new["site_id"].isin(set(feature_of.values()))]
    return _joined(
        _counted(conflate.with_wholes(_stacked(placed, added)), own, set(added["site_id"])),
        parts,
        replaced=(*below.replaced, *rest.replaced),
        candidates=tuple(records(matching.doubtful(found))),
        resting=tuple(
            replace(each, rows=each.rows | {site for site, feature in feature_of.items() if feature in each.rows})
            for part in parts
            for each in part.resting
        ),
    )


def _counted(sites: gpd.GeoDataFrame, own: pd.DataFrame, added: set[str]) -> gpd.GeoDataFrame:
    """Count the zones that were added, where the folder counts none: each once, with the zones inside it."""
    are = sites["site_id"].isin(added).to_numpy()
    zones = are & (sites["site_type"] == SiteType.ZONE).to_numpy() & (not (own["counted"] == "oui").any())
    keys = set(sites["site_id"][zones])
    above = wholes(sites) if keys else {}
    alone = np.array([keys.isdisjoint(above.get(site, ())) for site in sites["site_id"]], dtype=bool)
    counted = np.where(zones & alone, "oui", np.where(are, "non", sites["counted"]))
    return sites.assign(counted=pd.array(counted, dtype="str"))


def _answered(found: DataFrame[Matches], said: Mapping[tuple[str, str], str]) -> DataFrame[Matches]:
    """Write what a person said of each candidate beside it."""
    pairs = zip(found["site_id"], found["feature"], strict=True)
    return found.assign(confirmed=pd.array([said.get(pair, "") for pair in pairs], dtype="str"))


def join_ownership(fetched: FetchedFolder) -> JoinedLayer:
    """Read which parcel is whose (`parcel_id`, `owner_id`), of the preferred source that says it."""
    parts = read_parts(fetched, "ownership")
    rows = [part.rows for part in parts]
    every = pd.concat(rows) if rows else pd.DataFrame({"parcel_id": [], "owner_id": []})
    return _joined(every.drop_duplicates("parcel_id"), parts)


def join_owners(fetched: FetchedFolder, own: pd.DataFrame) -> JoinedLayer:
    """Add the owners that are legal persons."""
    parts = read_parts(fetched, "owners")
    for part in parts:
        own = _stacked(own, part.rows[~part.rows["owner_id"].isin(set(own["owner_id"]))])
    return _joined(own, parts)


def join_parcels(
    fetched: FetchedFolder, own: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, ownership: pd.DataFrame
) -> JoinedLayer:
    """Add the parcels of the sites, each with the site that holds it; `ownership` names owners that nobody has said."""
    found = _joined_on_ground("parcels", fetched, own, sites)
    parcels = found.layer
    if parcels is not own:
        parcels, slivers = conflate.parcels_in_sites(parcels, sites)
        found = replace(found, issues=(*found.issues, *slivers))
    owner_of = dict(zip(ownership["parcel_id"], ownership["owner_id"], strict=True))
    if owner_of:
        pairs = zip(parcels["owner_id"], parcels["parcel_id"], strict=True)
        owners = [said or owner_of.get(parcel, "") for said, parcel in pairs]
        parcels = parcels.assign(owner_id=pd.array(owners, dtype="str"))
    return replace(found, layer=parcels)


def join_buildings(fetched: FetchedFolder, own: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> JoinedLayer:
    """Add the buildings of the sites; each that names no site gets the one that holds it."""
    found = _joined_on_ground("buildings", fetched, own, sites)
    layer = found.layer
    if not (layer["site_id"] == "").any():
        return found
    both = [said or site for said, site in zip(layer["site_id"], conflate.held(layer, sites).site_id, strict=True)]
    return replace(found, layer=layer.assign(site_id=pd.array(both, dtype="str")))


def _joined_on_ground(name: str, fetched: FetchedFolder, own: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> JoinedLayer:
    """Add the rows of each source; of two that are one on the ground the preferred is kept."""
    parts = _read_around(fetched, name, _reach(name), sites)
    if not parts:
        return JoinedLayer(own)
    layers = [part.rows for part in parts]
    for layer in layers:
        own = completed(name, own, layer, fetched.folder)
    found = conflate.preferred([own, *layers], name)
    return _joined(found.layer, parts, replaced=tuple(found.replaced))


def join_by_key(name: str, fetched: FetchedFolder, own: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> JoinedLayer:
    """Add the rows of each source around the sites to a layer of which several rows may lie on one ground.

    To a row that the folder names it gives what that does not say: exclusions, roads, accesses.
    """
    key, issues = KEYS[name], list[Row]()
    said = set(own[key])
    parts = _read_around(fetched, name, _reach(name), sites)
    for part in parts:
        own = completed(name, own, part.rows, fetched.folder)
        rows, doubled = _undoubled(name, part.rows[~part.rows[key].isin(said)], own, part.file)
        own, issues = _stacked(own, rows), [*issues, *part.issues, *doubled]
    return _joined(own, parts, issues=tuple(issues))


def join_establishments(
    fetched: FetchedFolder, own: pd.DataFrame, ground: Mapping[str, gpd.GeoDataFrame], former: Mapping[str, str]
) -> JoinedLayer:
    """Add the establishments that stand on a site; `ground` is what they may stand on, by the name of the layer.

    `former` is the code of a commune that is no more → the one that it went into, which is meant.
    """
    parts, issues, accounts = read_parts(fetched, "establishments"), list[Row](), list[FileAccount]()
    for part in parts:
        new, moved = _of_today(part.rows[~part.rows["siret"].isin(set(own["siret"]) - {""})], former, part.file)
        put, nowhere = conflate.placed(new, ground)
        issues += [*part.issues, *moved, *({**each, "file": part.file} for each in nowhere)]
        on_none = put["site_id"] == ""
        not_used = {
            (Fate.MERGED, KNOWN_HERE): len(part.rows) - len(new),
            (Fate.PASSED_OVER, NOT_OF_A_SITE): int(on_none.sum()),
        }
        accounts += [_less(part.account, not_used)] if part.account is not None else []
        own = _stacked(own, put[~on_none][list(own.columns)])
    return _joined(own, parts, issues=tuple(issues), accounts=tuple(accounts))


def _of_today(firms: pd.DataFrame, former: Mapping[str, str], file: str) -> tuple[pd.DataFrame, list[Row]]:
    """Put the commune that is meant where a former one is said, each with an issue."""
    old = firms["insee"].isin([code for code, now in former.items() if now])
    issues = []
    for key, code in zip(firms.loc[old, "establishment_id"], firms.loc[old, "insee"], strict=True):
        message = f"{code} is a former commune, which went into {former[code]}: that one is meant."
        issues.append(issue("establishments", key, "insee", code, message, file))
    codes = [former[code] if is_old else code for code, is_old in zip(firms["insee"], old, strict=True)]
    return firms.assign(insee=pd.array(codes, dtype="str")), issues


def _less(account: FileAccount, not_used: Mapping[Reason, int]) -> FileAccount:
    """Return an account in which some rows that were used are not used after all."""
    for reason, count in not_used.items():
        if count:
            moved = Account(rows={(Fate.USED, ""): -count, reason: count})
            account = replace(account, account=account.account + moved)
    return account


def join_alone(fetched: FetchedFolder, sites: gpd.GeoDataFrame) -> dict[str, JoinedLayer]:
    """Join every layer that nothing but fetched files feeds, by name; one of which nothing was fetched is not there."""
    found = {}
    for name in layers_that(is_fetched_alone=True):
        reach = _reach(name)
        parts = _read_around(fetched, name, reach, sites)
        if not parts:
            continue
        rows, issues = parts[0].rows, list(parts[0].issues)
        for part in parts[1:]:
            more, doubled = _undoubled(name, part.rows, rows, part.file)
            rows, issues = _stacked(rows, more), [*issues, *part.issues, *doubled]
        if reach.on_site:
            rows = rows.assign(site_id=pd.array(_sites_of(name, rows, sites), dtype="str"))
        found[name] = _joined(rows, parts, issues=tuple(issues))
    return found


def _sites_of(name: str, rows: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> list[str]:
    """Say in which site each row lies: a point by where it stands, ground by most of it."""
    if drawn_as(name) is GeometryKind.POINT:
        return conflate.holders(rows.geometry.to_numpy(), sites)
    return conflate.held(rows, sites).site_id


def _undoubled(
    name: str, rows: gpd.GeoDataFrame, above: gpd.GeoDataFrame, file: str
) -> tuple[gpd.GeoDataFrame, list[Row]]:
    """Leave out the rows whose key stands above, each with an issue."""
    key = KEYS[name]
    doubled = rows[key].isin(set(above[key]))
    message = "Another row that was fetched has this key: this one is left out."
    return rows[~doubled], [issue(name, each, key, each, message, file) for each in rows.loc[doubled, key]]


def candidates_frame(rows: Iterable[Row]) -> DataFrame[Matches]:
    """Return shapes that may be those of sites known by name as a layer, for a person to decide on."""
    return schemas.frame(rows, Matches)


def read_confirmed(folder: Path) -> dict[tuple[str, str], str]:
    """Read what a person decided in `matches.csv`: site and feature → oui, non.

    Raises
    ------
    SchemaError
        If a column that it needs is absent, or an answer is none.
    """
    file = folder / MATCHES
    if not file.is_file():
        return {}
    table = open_table(file)
    if absent := [name for name in _KEYS if name not in table.header]:
        mend = "Put it back, or delete the file: `gis build` writes it again, without what was decided."
        raise SchemaError.of(str(file), [Fault("header", f"column `{name}` is absent.", mend) for name in absent])
    rows = [(line, {name: read_back(cell).strip() for name, cell in cells.items()}) for line, cells in table.rows()]
    faults = [
        Fault(f"row {line}, column `confirmed`", f"`{row['confirmed']}` is no answer.", "Write oui or non.")
        for line, row in rows
        if row["confirmed"].casefold() not in _ANSWERS
    ]
    if faults:
        raise SchemaError.of(str(file), faults)
    return {(row["site_id"], row["feature"]): row["confirmed"].casefold() for _, row in rows}


def write_candidates(folder: Path, candidates: DataFrame[Matches]) -> Path | None:
    """Write `matches.csv` for a person to decide on; nothing where there is nothing to decide."""
    file = folder / MATCHES
    if not len(candidates) and not file.exists():
        return None
    rows = [list(candidates.columns), *candidates.to_numpy(dtype=object).tolist()]
    with writing(folder, refusal=SourceError) as placing:
        new = placing.aside(folder) / MATCHES
        new.write_text(csv_text(rows), encoding="utf-8", newline="")
        placing.put({file: new})
    return file


def _stacked(above: Any, below: Any) -> Any:
    if not len(above) or not len(below):
        return (below if len(below) else above).reset_index(drop=True)
    frame = pd.concat([above, below], ignore_index=True)
    return gpd.GeoDataFrame(frame, crs=above.crs) if isinstance(above, gpd.GeoDataFrame) else frame


def completed(name: str, own: gpd.GeoDataFrame, below: gpd.GeoDataFrame, place: Path) -> gpd.GeoDataFrame:
    """Let rows take from the row of the same key in another layer what they do not say, its shape included.

    The source and basis of a row are those of its shape.
    """
    return gpd.GeoDataFrame(filled(name, _with_more_shapes(name, own, _shapes_of(name, below), place), below))


#: By key, a shape, its basis and its source.
_ByKey = Mapping[str, tuple[BaseGeometry, Basis, str]]


def _shapes_of(layer: str, rows: gpd.GeoDataFrame) -> _ByKey:
    key = KEYS[layer]
    return {row[key]: (row["geometry"], Basis(row["basis"]), row["source_id"]) for row in records(rows)}


def _with_more_shapes(layer: str, own: gpd.GeoDataFrame, shapes: _ByKey, folder: Path) -> gpd.GeoDataFrame:
    """Give rows that have none the shape that is theirs; the others keep what they have."""
    key = KEYS[layer]
    keys = own[key].isin(set(shapes)) & own.geometry.isna()
    shaped = with_shapes(own[keys], key, Shapes(folder, shapes))
    return gpd.GeoDataFrame(pd.concat([own[~keys], shaped]).loc[own.index], crs=own.crs) if len(shaped) else own
