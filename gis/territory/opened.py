"""The layers of a territory folder: its tables, the user's own files and geometries, and the fetched data."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.errors import Fault, GisError, SchemaError
from gis.measures.magnitudes import sites_within_communes
from gis.provenance import Source
from gis.public import Publication, territory_publication
from gis.schemas import (
    KEYS,
    LAYERS,
    SCHEMAS,
    Accesses,
    Buildings,
    Claims,
    Communes,
    Establishments,
    Exclusions,
    Matches,
    Owners,
    Parcels,
    Premises,
    Replaced,
    Roads,
    Row,
    Sites,
    Table,
    Tenancies,
    Terrains,
    conform,
    layers_that,
)
from gis.sources.conflation.conflate import replaced_frame
from gis.sources.conflation.facts import ranked_owners, ranked_sites, ranked_tables
from gis.sources.conflation.joined import (
    FetchedFolder,
    JoinedLayer,
    candidates_frame,
    join_buildings,
    join_by_key,
    join_communes,
    join_establishments,
    join_fetched_only_layers,
    join_owners,
    join_ownership,
    join_parcels,
    join_sites,
)
from gis.sources.conflation.matching import match_issues
from gis.sources.conflation.ranking import Ranked
from gis.sources.open_data import outlines
from gis.sources.open_data.assumed import Resting
from gis.sources.open_data.fetch import boxes_of_communes
from gis.sources.open_data.fetched import read_fetched
from gis.sources.open_data.national import SourcePlace as National
from gis.sources.own_files import own
from gis.sources.own_files.grounding import Outlines
from gis.sources.own_files.importing import ImportPlace
from gis.sources.own_files.kept import FileAccount, account_of_file_layer, differing_accounts
from gis.sources.own_files.mapped import FileLayer
from gis.sources.tables import fact_tables, shapes
from gis.sources.tables.catalogue import read_catalogue
from gis.sources.tables.codes import present_code_of_former
from gis.sources.tables.faults import gathered_table_faults
from gis.territory.settings import Described
from gis.territory.variants import read_choices, rows_with_chosen_claims

#: Layers whose shapes a user may put in `raw/`.
SHAPED: Final = layers_that(drawn=True)

#: In `[[focus]]`: the largest activity zone that has a shape; no page where none has.
LARGEST: Final = "largest"


def place_of_import(folder: Path) -> tuple[ImportPlace, Mapping[str, Source], str]:
    """Return what a file that is imported is held against, what is cited, and why the rest of a folder cannot be read.

    A file that is at fault does not keep another one out: that one is then held against the communes alone.
    """
    opened = Opened(folder)
    try:
        return opened.place, opened.sources, ""
    except GisError as error:
        catalogue = read_catalogue(folder / "sources.toml", check=False)
        commune_rows = fact_tables.read_table(folder, Communes, opened.crs, {"sources": catalogue.keys()})
        names = dict(zip(commune_rows["insee"], commune_rows["commune_name"], strict=True))
        former = present_code_of_former(zip(commune_rows["insee"], commune_rows["former_codes"], strict=True))
        return ImportPlace(folder, opened.crs, names, former=former), catalogue, str(error)


def place_of_handed_file(folder: Path, communes: Mapping[str, str]) -> National:
    """Return what a publisher's file is held against: the communes, with a box where an outline is known."""
    opened = Opened(folder)
    place = National(tuple(sorted(communes)), str(opened.settings.get("epci", "")))
    try:
        communes_with_outline = opened.communes[opened.communes.geometry.notna()]
    except GisError:  # what else is at fault in the folder is told by whoever opens it
        return place
    former_by_code = present_code_of_former(zip(opened.communes["insee"], opened.communes["former_codes"], strict=True))
    place = replace(place, former=tuple(former_by_code))
    return (
        replace(place, boxes=boxes_of_communes(gpd.GeoDataFrame(communes_with_outline).to_crs(place.crs)))
        if len(communes_with_outline)
        else place
    )


class Opened(Described):
    """A territory folder, with its layers as somebody published or drew them and as `[[variant]]` settles them."""

    @cached_property
    def focus(self) -> Mapping[str, str]:
        """The sites that have a page of their own: page name → site_id."""
        site_by_slug = {entry["slug"]: entry["site"] for entry in self.settings.get("focus", [])}
        if LARGEST not in site_by_slug.values():
            return site_by_slug
        zones = self.sites[(self.sites["counted"] == "oui") & (self.sites["measured_m2"] > 0)]
        largest = [] if zones.empty else [str(zones.sort_values("measured_m2")["site_id"].iloc[-1])]
        return {slug: key for slug, site in site_by_slug.items() for key in ([site] if site != LARGEST else largest)}

    @cached_property
    def _catalogue(self) -> dict[str, Source]:
        return read_catalogue(self.folder / "sources.toml")

    @cached_property
    def _own_files(self) -> list[own.OwnFile]:
        """The files in `raw/` that say more than shapes."""
        return own.find_own_files(self.folder, self._catalogue)

    def fed_by(self, name: str) -> list[str]:
        """Return the layers that a file in `raw/` feeds."""
        files_of_name = [own for own in self._own_files if own.file.name == name]
        return list(dict.fromkeys(each.reading.layer for own in files_of_name for each in own.deliveries))

    @cached_property
    def _found(self) -> list[FileLayer]:
        """What the user's own files say of every layer."""
        return own.read_own_files(self._own_files, self.crs, self._commune_names, self._outlines, self._former)

    @cached_property
    def _outlines(self) -> Outlines:
        """The outlines of the communes, where they are known."""
        return Outlines(dict(zip(self.communes["insee"], self.communes.geometry, strict=True)))

    @cached_property
    def _former(self) -> Mapping[str, str]:
        """Code of a commune that is no more → the one that it went into."""
        return present_code_of_former(zip(self.communes["insee"], self.communes["former_codes"], strict=True))

    @cached_property
    def _commune_names(self) -> Mapping[str, str]:
        """INSEE code → name."""
        with self._gathered():
            commune_rows = fact_tables.read_table(self.folder, Communes, self.crs, {"sources": self.sources.keys()})
        return dict(zip(commune_rows["insee"], commune_rows["commune_name"], strict=True))

    @property
    def place(self) -> ImportPlace:
        """What a file that is imported is held against."""
        keys = {KEYS[name]: set(self._as_published[name][KEYS[name]]) for name in ("sites", "owners", "buildings")}
        return ImportPlace(self.folder, self.crs, self._commune_names, keys, self._outlines, self._former)

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Everything that is cited: the catalogue, the user's own shapes, the outlines if there."""
        files = [file for file in map(self._shape_file, SHAPED) if file]
        declared_files = {source.file for source in self._catalogue.values()}
        shape_sources = [shapes.source_of_shape_file(file, self.folder) for file in files]
        cited_sources = {**self._catalogue, **{each.source.source_id: each.source for each in self._own_files}}
        cited_sources |= {source.source_id: source for source in shape_sources if source.file not in declared_files}
        cited_sources |= self._fetched.record.sources
        if outlines.outline_cache_file(self.folder).is_file():
            cited_sources[outlines.SOURCE.source_id] = outlines.SOURCE
        return cited_sources

    @cached_property
    def _fetched(self) -> FetchedFolder:
        """What was fetched into `raw/`, to be joined to what the folder says."""
        return FetchedFolder(self.folder, read_fetched(self.folder / "raw"), self.settings, self.crs)

    def _shape_file(self, layer: str) -> Path | None:
        file = shapes.find_shape_file(self.folder / "raw", layer)
        return None if file in {each.file for each in self._own_files} else file

    def _shaped(self, layer: str, frame: pd.DataFrame) -> gpd.GeoDataFrame:
        """Give the rows of a layer the shapes that stand in `raw/`."""
        layer_frame = gpd.GeoDataFrame(frame)
        file = self._shape_file(layer)
        if file is None:
            return layer_frame
        name = file.relative_to(self.folder).as_posix()
        source = next(source for source in self.sources.values() if source.file == name)
        found_shapes = shapes.read_shapes(file, layer, set(frame[KEYS[layer]]), self.crs, source)
        unknown_sources = sorted({cited for *_, cited in found_shapes.by_key.values()} - set(self.sources))
        if unknown_sources:
            fault = Fault("field `source_id`", f"`{unknown_sources[0]}` is not known.", "Add it to sources.toml.")
            raise SchemaError.of(str(file), [fault])
        return shapes.rows_with_shapes(layer_frame, KEYS[layer], found_shapes)

    @cached_property
    def _listed_communes(self) -> GeoDataFrame[Communes]:
        return fact_tables.read_table(self.folder, Communes, self.crs, {"sources": self.sources.keys()})

    @cached_property
    def _joined_communes(self) -> JoinedLayer:
        return join_communes(self._fetched, self._shaped("communes", self._listed_communes))

    @cached_property
    def communes(self) -> GeoDataFrame[Communes]:
        """Communes, with their outlines when these were fetched."""
        joined_communes = self._joined_communes.layer
        has_outline = joined_communes.geometry.notna().any()
        return conform(
            joined_communes if has_outline else outlines.communes_with_outlines(self._listed_communes, self.folder),
            Communes,
        )

    @cached_property
    def _ranked_sites(self) -> Ranked:
        """The table of sites, and above it what the user's own files say."""
        return ranked_sites(self.folder, self.crs, self.sources.keys(), self._found)

    @cached_property
    def _joined_sites(self) -> JoinedLayer:
        """Sites with the shapes in `raw/`, and with those that were fetched."""
        return join_sites(self._fetched, self._shaped("sites", self._ranked_sites.frame), self.communes)

    @cached_property
    def _ranked_owners(self) -> Ranked:
        """The table of owners, and above it what the user's own files say."""
        return ranked_owners(self.folder, self.crs, self.sources.keys(), self._found)

    @cached_property
    def _joined_owners(self) -> JoinedLayer:
        """Owners, with those that were fetched."""
        return join_owners(self._fetched, self._ranked_owners.frame)

    @cached_property
    def _ranked(self) -> Mapping[str, Ranked]:
        """The tables of facts, and above them what the user's own files say; sites with all that is known of them."""
        with self._gathered():
            sites, ground = self._ranked_sites, self._joined_sites.layer
            owners = replace(self._ranked_owners, frame=self._joined_owners.layer)
            return ranked_tables(self.folder, self.crs, self.sources.keys(), self._found, sites, ground, owners)

    @property
    def _as_published(self) -> Mapping[str, pd.DataFrame]:
        """Rows as somebody published them, before a variant is chosen."""
        return {name: ranked.frame for name, ranked in self._ranked.items()}

    def _gathered(self) -> AbstractContextManager[None]:
        """Tell of all tables that are at fault where one is."""
        return gathered_table_faults(self.folder, lambda: self.crs, lambda: {*self.sources})

    @cached_property
    def choices(self) -> Mapping[str, str]:
        """The claim that pages open with, for each disputed value: `layer/key/quantity` → claim, "" for unknown."""
        return read_choices(self.file, self.settings, self._as_published)

    @cached_property
    def claims(self) -> DataFrame[Claims]:
        """Published figures."""
        return conform(self._as_published["claims"], Claims)

    @cached_property
    def sites(self) -> GeoDataFrame[Sites]:
        """Economic sites, with the shape that somebody has published or drawn; land that cannot be so is unknown."""
        return sites_within_communes(self.sites_as_said, self.communes, self.plausible)

    @cached_property
    def sites_as_said(self) -> GeoDataFrame[Sites]:
        """Economic sites, all that is said of them as it is said."""
        return conform(self._chosen("sites"), Sites)

    @cached_property
    def premises(self) -> GeoDataFrame[Premises]:
        """What one occupant can hold."""
        return conform(self._shaped("premises", self._as_published["premises"]), Premises)

    @cached_property
    def terrains(self) -> GeoDataFrame[Terrains]:
        """Pieces of sites, with their state and their shape."""
        return conform(self._shaped("terrains", self._as_published["terrains"]), Terrains)

    @cached_property
    def _ownership(self) -> JoinedLayer:
        """Which parcel is whose, as it was fetched."""
        return join_ownership(self._fetched)

    @cached_property
    def _joined_parcels(self) -> JoinedLayer:
        drawn_parcels = self._shaped("parcels", self._as_published["parcels"])
        return join_parcels(self._fetched, drawn_parcels, self.sites, self._ownership.layer)

    @cached_property
    def parcels(self) -> GeoDataFrame[Parcels]:
        """Cadastral parcels."""
        return conform(self._joined_parcels.layer, Parcels)

    @cached_property
    def owners(self) -> DataFrame[Owners]:
        """Owners of parcels; names of natural persons stay in this layer."""
        return conform(self._as_published["owners"], Owners)

    @cached_property
    def _joined_buildings(self) -> JoinedLayer:
        return join_buildings(self._fetched, self._shaped("buildings", self._as_published["buildings"]), self.sites)

    @cached_property
    def buildings(self) -> GeoDataFrame[Buildings]:
        """Building footprints."""
        return conform(self._joined_buildings.layer, Buildings)

    def _as_drawn(self, name: str) -> pd.DataFrame:
        """Return the rows of a layer as somebody published them, with the shapes that stand in `raw/`."""
        published_rows = self._as_published[name]
        return self._shaped(name, published_rows) if LAYERS[name].drawn else published_rows

    def _join_by_key(self, name: str) -> JoinedLayer:
        return join_by_key(name, self._fetched, gpd.GeoDataFrame(self._as_drawn(name)), self.sites)

    @cached_property
    def _joined_exclusions(self) -> JoinedLayer:
        return self._join_by_key("exclusions")

    @cached_property
    def exclusions(self) -> GeoDataFrame[Exclusions]:
        """Ground that may not be built on, and why."""
        return conform(self._joined_exclusions.layer, Exclusions)

    @cached_property
    def _joined_roads(self) -> JoinedLayer:
        return self._join_by_key("roads")

    @cached_property
    def roads(self) -> GeoDataFrame[Roads]:
        """Roads, as lines."""
        return conform(self._joined_roads.layer, Roads)

    @cached_property
    def _joined_accesses(self) -> JoinedLayer:
        return self._join_by_key("accesses")

    @cached_property
    def accesses(self) -> GeoDataFrame[Accesses]:
        """Motorway exits, stations, ports and airports, as points."""
        return conform(self._joined_accesses.layer, Accesses)

    @cached_property
    def _joined_establishments(self) -> JoinedLayer:
        ground: dict[str, gpd.GeoDataFrame]
        ground = {"sites": self.sites, "terrains": self.terrains, "premises": self.premises}
        return join_establishments(self._fetched, self._as_published["establishments"], ground, self._former)

    @cached_property
    def establishments(self) -> DataFrame[Establishments]:
        """Firms, schools and laboratories that a source names."""
        return conform(self._joined_establishments.layer, Establishments)

    @cached_property
    def tenancies(self) -> DataFrame[Tenancies]:
        """Who is where, in which phase, since when; disputed values as territory.toml chooses them."""
        chosen_tenancies = self._chosen("tenancies")
        names = [f"tenancy {key}, with the claims chosen for it" for key in chosen_tenancies["tenancy_id"]]
        if faults := fact_tables.tenancy_order_faults(chosen_tenancies, names):
            raise SchemaError.of(str(self.file), faults)
        return conform(chosen_tenancies, Tenancies)

    def _chosen(self, layer: str) -> pd.DataFrame:
        """Write the chosen claims into the rows they state."""
        return rows_with_chosen_claims(self._as_published[layer], layer, self.choices, self.claims)

    @cached_property
    def _joined_others(self) -> Mapping[str, JoinedLayer]:
        """Layers without a property of their own: those with a table of facts, and those that were fetched alone."""
        tables = {name: each for name, each in LAYERS.items() if each.table is not Table.NONE}
        is_fetched_by_layer = {name: each.fetched for name, each in tables.items() if not hasattr(type(self), name)}
        joined_layers = {
            name: self._join_by_key(name) if fetched else JoinedLayer(self._as_drawn(name))
            for name, fetched in is_fetched_by_layer.items()
        }
        return joined_layers | join_fetched_only_layers(self._fetched, self.sites)

    @cached_property
    def _others(self) -> Mapping[str, pd.DataFrame]:
        return {name: conform(joined.layer, SCHEMAS[name]) for name, joined in self._joined_others.items()}

    def layer(self, name: str) -> pd.DataFrame | None:
        """Return a layer by its name, also one without a property of its own; None where nothing feeds it."""
        layer_frame: pd.DataFrame | None = getattr(self, name) if hasattr(type(self), name) else self._others.get(name)
        return layer_frame

    @cached_property
    def _joins(self) -> Mapping[str, JoinedLayer]:
        """Every layer that what is fetched is joined to, in the order in which they are told of."""
        return {
            "communes": self._joined_communes,
            "sites": self._joined_sites,
            "parcels": self._joined_parcels,
            "buildings": self._joined_buildings,
            "exclusions": self._joined_exclusions,
            "roads": self._joined_roads,
            "accesses": self._joined_accesses,
            "establishments": self._joined_establishments,
            **self._joined_others,
            "ownership": self._ownership,
        }

    @property
    def candidates(self) -> DataFrame[Matches]:
        """Shapes that were fetched and may be those of sites known by name, for a person to decide on."""
        with self._gathered():
            return candidates_frame(self._joined_sites.candidates)

    @cached_property
    def publication(self) -> Publication:
        """What of it is published, and what stands in the place of the rest."""
        names = [name for name, each in LAYERS.items() if each.table is not Table.NONE and hasattr(type(self), name)]
        ranked = self._ranked
        typed_owner_keys = {row["value"] for row in ranked["parcels"].issues if row["column_name"] == "owner_id"}
        pages = [str(entry["slug"]) for entry in self.settings.get("focus", [])]
        return territory_publication(
            {name: getattr(self, name) for name in names} | {**self._others},
            {"sources": self.sources, "pages": pages},
            stated={name: ranked[name].stated for name in ("owners", "establishments")},
            said={*self.parcels["owner_id"], *typed_owner_keys} - {""},
            publishers={source.publisher for source in self.sources.values()},
        )

    def _doubts(self) -> list[Row]:
        """Return what is doubtful in files, in what they replaced and in what was fetched."""
        own_file_issues = [row for ranked in self._ranked.values() for row in ranked.issues]
        fetched_issues = [row for joined in self._joins.values() for row in joined.issues]
        return [*own_file_issues, *fetched_issues, *match_issues(self._joined_sites.candidates)]

    @cached_property
    def accounts(self) -> tuple[FileAccount, ...]:
        """What became of every row of files of `raw/`: of one that names no row of another layer, too."""
        ranked_by_layer = {name: self._ranked[name] for name in {each.layer for each in self._found}}
        own_file_accounts = [
            account_of_file_layer(
                each, ranked_by_layer[each.layer].left, ranked_by_layer[each.layer].unnamed.get(each.place, 0)
            )
            for each in self._found
        ]
        return (*own_file_accounts, *(account for joined in self._joins.values() for account in joined.accounts))

    @property
    def changed_accounts(self) -> tuple[FileAccount, ...]:
        """Those of them that are not what they were when the file was imported."""
        return tuple(differing_accounts(self.folder / "raw", [account_of_file_layer(each) for each in self._found]))

    @cached_property
    def resting(self) -> Sequence[tuple[str, Resting]]:
        """What rests on a rule of reading that nobody has confirmed: the name of a layer, and which rows of it."""
        if not self._fetched.record.entries:
            return ()
        joined_by_layer = {**self._joins, "owners": self._joined_owners}
        resting_rules = [
            (name, each)
            for name, joined in joined_by_layer.items()
            for each in joined.resting
            if each.rows or each.left_out
        ]
        return tuple(sorted(resting_rules, key=lambda each: (each[0], each[1].rule.key)))

    @property
    def assumed(self) -> Mapping[str, Mapping[str, str]]:
        """The rules among them that touched a row, by key, in the languages of the pages."""
        return {each.rule.key: {"fr": each.rule.fr, "en": each.rule.en} for _, each in self.resting}

    @property
    def replaced(self) -> DataFrame[Replaced]:
        """Which ground gave way to which: to a file of the user's own, or to a source that is preferred."""
        replaced_by_own_files = [row for ranked in self._ranked.values() for row in ranked.replaced]
        return replaced_frame(
            [*replaced_by_own_files, *(row for joined in self._joins.values() for row in joined.replaced)]
        )
