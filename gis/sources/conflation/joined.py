"""What was fetched, joined to what the folder says: the user's own rows and shapes first, then source by source."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
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
from gis.errors import Fault, SchemaError, SourceError
from gis.placing import writing
from gis.provenance import Basis
from gis.schemas import KEYS, Matches, Replaced, Row, SiteType, records
from gis.sources.conflation import conflate, matching
from gis.sources.conflation.ranking import filled
from gis.sources.open_data import outlines
from gis.sources.open_data.assumed import Resting
from gis.sources.open_data.features import TargetLayer, below_raw, issue
from gis.sources.open_data.fetched import read_fetched
from gis.sources.open_data.national import read_files
from gis.sources.open_data.registry import readers_of
from gis.sources.own_files.kept import FileAccount
from gis.sources.tables.accounts import KNOWN_HERE, NOT_OF_A_SITE, Account, Fate
from gis.sources.tables.delimited import open_table
from gis.sources.tables.shapes import Shapes, with_shapes
from gis.spreadsheets import csv_text, read_back

#: Candidates that a person decides on, in the territory folder.
MATCHES: Final = "matches.csv"
_ANSWERS: Final = ("", "oui", "non")
_KEYS: Final = ("site_id", "feature", "confirmed")
#: Roads and railways are read so far from the sites that they run along.
ALONG_M: Final = 50.0


class FetchedLayers:
    """What was fetched for a territory; where nothing was, every layer comes back as it is.

    Parameters
    ----------
    folder
        The territory folder.
    settings
        Its territory.toml.
    crs
        The zone to measure in.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any], crs: CRS) -> None:
        self.folder, self.settings, self.crs = folder, settings, crs
        self.fetched = read_fetched(folder / "raw")
        self._issues: dict[str, list[Row]] = {}
        self._replaced: dict[str, list[Row]] = {}
        self._candidates: list[Row] = []
        self._resting: dict[str, list[Resting]] = {}
        self._named: Mapping[str, str] = {}
        self._at = ""  # the file that was read last, or the pattern of its files
        self._accounts: dict[str, list[FileAccount]] = {}

    def _read(self, layer: str, near: BaseGeometry | None) -> Iterator[gpd.GeoDataFrame]:
        """Read a layer of every source that was fetched, the preferred first."""
        self._issues[layer], self._resting[layer], self._accounts[layer] = [], [], []
        for national, pattern, reader in readers_of(layer, self.settings):
            if files := self.fetched.files(national.name, pattern):
                reading = read_files(reader, files, TargetLayer(self.crs, self.fetched.sources[national.name], near))
                self._at = below_raw(files[0]) if len(files) == 1 else pattern
                self._issues[layer] += [{"file": self._at, **each} for each in reading.issues]
                self._resting[layer] += reading.resting
                if reading.account is not None:
                    place = f"{national.name} ({pattern})"
                    self._accounts[layer].append(FileAccount("", layer, place, reading.account))
                yield reading.layer

    def _read_near(self, layer: str, sites: gpd.GeoDataFrame, wider_m: float = 0.0) -> Iterator[gpd.GeoDataFrame]:
        """Read what is near the sites of a layer: where no site has a shape, nothing is."""
        near = _ground_of(sites, wider_m)
        return self._read(layer, near) if near is not None else iter(())

    def communes(self, own: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Give communes the outlines and the former codes that were fetched, where the folder has none."""
        for layer in self._read("communes", None):
            own = _with_more_shapes("communes", own, _shapes_of("communes", layer), self.folder)
            own = outlines.with_former(own, dict(zip(layer["insee"], layer["former_codes"], strict=True)))
        return own

    def sites(self, own: gpd.GeoDataFrame, communes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Give sites known by name the shape that is theirs, and add those that nobody has named yet."""
        ground = communes[communes.geometry.notna()]
        near = shapely.union_all(ground.geometry.to_numpy()) if len(ground) else None
        layers = [conflate.in_communes(layer, ground) for layer in self._read("sites", near)]
        if not layers:
            return own
        fetched = conflate.preferred(layers, "sites", nested=True)
        drawn = own[own.geometry.notna()]
        rest = conflate.preferred([drawn, fetched.layer], "sites", nested=True)
        self._replaced["sites"] = [*fetched.replaced, *rest.replaced]
        new = rest.layer[rest.layer["site_id"].isin(set(fetched.layer["site_id"]) - set(own["site_id"]))]
        self._named = named = self._matched(own[own.geometry.isna()], new)
        there = _shapes_of("sites", new)
        shapes = {site: there[feature] for site, feature in named.items() if feature in there}
        placed = _with_more_shapes("sites", own, shapes, self.folder)
        added = new[~new["site_id"].isin(set(named.values()))]
        zones = added["site_type"] == SiteType.ZONE
        counted = np.where(zones & (not (own["counted"] == "oui").any()), "oui", "non")
        added = added.assign(counted=pd.array(counted, dtype="str"))
        return conflate.with_wholes(_stacked(placed, added))

    def _matched(self, known: pd.DataFrame, fetched: gpd.GeoDataFrame) -> dict[str, str]:
        said = read_confirmed(self.folder)
        found = matching.matches(known, fetched)
        answers = [
            said.get((site, feature), "") for site, feature in zip(found["site_id"], found["feature"], strict=True)
        ]
        found = found.assign(confirmed=pd.array(answers, dtype="str"))
        self._candidates = records(matching.doubtful(found))
        self._issues["matches"] = matching.match_issues(self._candidates)
        return matching.decided(found)

    def parcels(self, own: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Add the parcels of the sites, each with the site that holds it."""
        parcels = self._added("parcels", own, sites)
        if parcels is not own:
            parcels, slivers = conflate.parcels_in_sites(parcels, sites)
            self._issues["parcels"] += slivers
        for ownership in self._read("ownership", None):
            owner_of = dict(zip(ownership["parcel_id"], ownership["owner_id"], strict=True))
            pairs = zip(parcels["owner_id"], parcels["parcel_id"], strict=True)
            owners = [said or owner_of.get(parcel, "") for said, parcel in pairs]
            parcels = parcels.assign(owner_id=pd.array(owners, dtype="str"))
        return parcels

    def owners(self, own: pd.DataFrame) -> pd.DataFrame:
        """Add the owners that are legal persons."""
        for layer in self._read("owners", None):
            own = _stacked(own, layer[~layer["owner_id"].isin(set(own["owner_id"]))])
        return own

    def establishments(
        self, own: pd.DataFrame, layers: Mapping[str, gpd.GeoDataFrame], former: Mapping[str, str]
    ) -> pd.DataFrame:
        """Add the establishments that stand on a site; `layers` are the ground they may stand on, by name.

        `former` is the code of a commune that is no more → the one that it went into, which is meant.
        """
        for layer in self._read("establishments", None):
            new = self._of_today(layer[~layer["siret"].isin(set(own["siret"]) - {""})], former)
            put, nowhere = conflate.placed(new, layers)
            self._issues["establishments"] += [{**each, "file": self._at} for each in nowhere]
            self._not_used("establishments", KNOWN_HERE, len(layer) - len(new), Fate.MERGED)
            self._not_used("establishments", NOT_OF_A_SITE, int((put["site_id"] == "").sum()))
            own = _stacked(own, put[put["site_id"] != ""][list(own.columns)])
        return own

    def _of_today(self, firms: pd.DataFrame, former: Mapping[str, str]) -> pd.DataFrame:
        """Put the commune that is meant where a former one is said, each with an issue."""
        old = firms["insee"].isin([code for code, now in former.items() if now])
        for key, code in zip(firms.loc[old, "establishment_id"], firms.loc[old, "insee"], strict=True):
            message = f"{code} is a former commune, which went into {former[code]}: that one is meant."
            self._issues["establishments"].append(issue("establishments", key, "insee", code, message, self._at))
        codes = [former[code] if is_old else code for code, is_old in zip(firms["insee"], old, strict=True)]
        return firms.assign(insee=pd.array(codes, dtype="str"))

    def brownfields(self, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
        """Return listed brownfields, each with the site it lies in; nothing if not fetched."""
        layer = self._all("brownfields", self._read("brownfields", None))
        if layer is None:
            return None
        return layer.assign(site_id=pd.array(conflate.held(layer, sites).site_id, dtype="str"))

    def spots(self, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
        """Return what is said of points, each with the site it stands on; nothing if not fetched."""
        layer = self._all("spots", self._read("spots", None))
        if layer is None:
            return None
        return layer.assign(site_id=pd.array(conflate.holders(layer.geometry.to_numpy(), sites), dtype="str"))

    def railways(self, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
        """Return the railways along the sites; nothing if not fetched."""
        return self._all("railways", self._read_near("railways", sites, ALONG_M))

    def osm_land_use(self, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
        """Return what was traced from OpenStreetMap around the sites, apart from all else; nothing if not fetched."""
        return self._all("osm_land_use", self._read_near("osm_land_use", sites))

    def _all(self, name: str, layers: Iterator[gpd.GeoDataFrame]) -> gpd.GeoDataFrame | None:
        """Return a layer that nothing else feeds, of all that was read; nothing if nothing was."""
        joined = None
        for layer in layers:
            joined = layer if joined is None else _stacked(joined, self._undoubled(name, layer, joined))
        return joined

    def _undoubled(self, name: str, rows: gpd.GeoDataFrame, above: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Leave out the rows whose key stands above, each with an issue."""
        key = KEYS[name]
        doubled = rows[key].isin(set(above[key]))
        message = "Another row that was fetched has this key: this one is left out."
        self._issues[name] += [issue(name, each, key, each, message, self._at) for each in rows.loc[doubled, key]]
        return rows[~doubled]

    def buildings(self, own: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Add the buildings of the sites; each that names no site gets the one that holds it."""
        layer = self._added("buildings", own, sites)
        if not (layer["site_id"] == "").any():
            return layer
        found = conflate.held(layer, sites).site_id
        both = [said or site for said, site in zip(layer["site_id"], found, strict=True)]
        return layer.assign(site_id=pd.array(both, dtype="str"))

    def exclusions(self, own: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Add what may not be built on in the sites; several reasons may lie on one ground."""
        return self._beside("exclusions", own, self._read_near("exclusions", sites))

    def roads(self, own: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Add the roads along the sites."""
        return self._beside("roads", own, self._read_near("roads", sites, ALONG_M))

    def accesses(self, own: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Add the stations, ports and motorway exits that are published, near or far."""
        return self._beside("accesses", own, self._read("accesses", None)) if _ground_of(sites) else own

    def _beside(self, name: str, own: gpd.GeoDataFrame, layers: Iterator[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
        """Add the rows of each source; to a row that the folder names it gives what it does not say."""
        key = KEYS[name]
        said = set(own[key])
        for layer in layers:
            own = completed(name, own, layer, self.folder)
            own = _stacked(own, self._undoubled(name, layer[~layer[key].isin(said)], own))
        return own

    def _added(self, name: str, own: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        layers = list(self._read_near(name, sites))
        if not layers:
            return own
        for layer in layers:
            own = completed(name, own, layer, self.folder)
        joined = conflate.preferred([own, *layers], name)
        self._replaced[name] = joined.replaced
        return joined.layer

    def _not_used(self, layer: str, why: str, count: int, fate: Fate = Fate.PASSED_OVER) -> None:
        """Say of rows that were read last why they are not used after all."""
        if count and self._accounts[layer]:
            last = self._accounts[layer][-1]
            moved = Account(rows={(Fate.USED, ""): -count, (fate, why): count})
            self._accounts[layer][-1] = replace(last, account=last.account + moved)

    def accounts(self, layers: Mapping[str, object]) -> list[FileAccount]:
        """Return what became of every row that was fetched; `layers` were read before."""
        return [each for name in (*layers, "ownership") for each in self._accounts.get(name, [])]

    def issues(self, layers: Mapping[str, object]) -> list[Row]:
        """Say what is doubtful about what was fetched; `layers` were read before."""
        return [row for name in (*layers, "ownership", "matches") for row in self._issues.get(name, [])]

    def resting(self) -> Iterator[tuple[str, Resting]]:
        """Yield what rests on an assumed rule in the layers that were read: the name of the layer, and which rows."""
        for layer, every in self._resting.items():
            for each in every:
                known = {site for site, feature in self._named.items() if layer == "sites" and feature in each.rows}
                if each.rows or each.left_out:
                    yield layer, replace(each, rows=each.rows | known)

    @property
    def replaced(self) -> DataFrame[Replaced]:
        """What gave way to what in the layers that were read, and how far apart they were."""
        return conflate.replaced_frame([row for rows in self._replaced.values() for row in rows])

    @property
    def candidates(self) -> DataFrame[Matches]:
        """Shapes that may be those of sites known by name, for a person to decide on."""
        return schemas.frame(self._candidates, Matches)


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


def _ground_of(sites: gpd.GeoDataFrame, wider_m: float = 0.0) -> BaseGeometry | None:
    shapes = sites[sites.geometry.notna()].geometry.to_numpy()
    return shapely.union_all(shapely.buffer(shapes, wider_m) if wider_m else shapes) if len(shapes) else None


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
