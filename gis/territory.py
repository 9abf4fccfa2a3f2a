"""A territory folder, opened: `gis.open(path)` → typed layers and figures, read when asked for."""

import base64
import datetime as dt
import mimetypes
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, Final, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame
from pyproj.exceptions import CRSError

from gis import crs as where
from gis.errors import CrsError, Fault, SchemaError, SourceMissingError
from gis.measures import absorption as absorption_measure
from gis.measures import availability as availability_measure
from gis.measures import claims as claims_measure
from gis.measures import coverage, presence
from gis.measures import exclusions as exclusions_measure
from gis.measures import find as find_measure
from gis.measures import gaps as gaps_measure
from gis.measures import held as held_measure
from gis.measures import inventory as inventory_measure
from gis.measures import land_units as land_units_measure
from gis.measures import lifting as lifting_measure
from gis.measures import occupancy as occupancy_measure
from gis.measures import offer_curve as curve_measure
from gis.measures import offers as offers_measure
from gis.measures import plots as plots_measure
from gis.measures import tiles as tiles_measure
from gis.measures import vacancy as vacancy_measure
from gis.measures.joining import replaced_frame
from gis.provenance import Figure, Source, row_name
from gis.schemas import (
    KEYS,
    QUANTITIES,
    Accesses,
    Availability,
    Buildings,
    Claims,
    Communes,
    Establishments,
    ExclusionReason,
    Exclusions,
    Gaps,
    Held,
    InventoryRates,
    Issues,
    LandUnitShapes,
    Lifting,
    Occupancy,
    OfferCurve,
    Owners,
    Parcels,
    Phase,
    Plots,
    Premises,
    PremisesVacancy,
    Replaced,
    Roads,
    Row,
    Sites,
    SurfaceVacancy,
    Tenancies,
    Terrains,
    Tiles,
    Verdicts,
    conform,
    records,
    row_of,
)
from gis.sources import outlines, own, shapes, tables
from gis.sources.catalogue import read_catalogue, read_toml
from gis.sources.facts import More, ranked_tables
from gis.sources.importing import Place
from gis.sources.joined import Joined
from gis.sources.mapped import Found
from gis.sources.ranking import Ranked
from gis.units import AREA_M2, M2_PER_HA, to_ha

L = TypeVar("L", bound=pd.DataFrame)

#: Least contrast of text (WCAG 2.2 AA).
READABLE: Final = 4.5

#: Layers whose shapes a user may put in `raw/`.
SHAPED: Final = (
    "communes",
    "sites",
    "terrains",
    "parcels",
    "buildings",
    "premises",
    "exclusions",
    "roads",
    "accesses",
)


#: Layers that what is fetched is joined to.
FETCHED: Final = ("communes", "sites", "parcels", "buildings", "exclusions", "roads", "accesses", "establishments")

#: In `[[focus]]`: the largest activity zone that has a shape; no page where none has.
LARGEST: Final = "largest"


class Territory:
    """What is known of a territory, as typed layers.

    Every layer is read once, when first asked for, and checked: a fault raises an error that names the file, the row
    and the mend. Shapes are in `crs`, a zone in metres; areas of shapes are measured there.

    Parameters
    ----------
    folder
        The territory folder: territory.toml, sources.toml and the tables of facts.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not folder.is_dir():
            msg = f"{folder}: no such folder. Name a territory folder, such as layers/NAME."
            raise SourceMissingError(msg)
        self.file = folder / "territory.toml"
        self.settings = _settings(self.file)

    @property
    def slug(self) -> str:
        """The name of the folder, which names what is built from it."""
        return self.folder.resolve().name

    @property
    def name(self) -> str:
        """The name of the territory."""
        return str(self.settings["name"])

    @property
    def epci(self) -> str:
        """The SIREN code of the EPCI."""
        return str(self.settings.get("epci", ""))

    @cached_property
    def logo(self) -> str:
        """The logo of the pages, as a data address; empty when `[brand]` names none."""
        name = str(self.settings.get("brand", {}).get("logo", ""))
        if not name:
            return ""
        kind = mimetypes.guess_type(name)[0] or ""
        file = self.folder / name
        if not kind.startswith("image/") or not file.is_file():
            fault = Fault("[brand] logo", f"`{name}` is no picture in the folder.", "Name a PNG or SVG file in it.")
            raise SchemaError.of(str(self.file), [fault])
        return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode('ascii')}"

    @property
    def colour(self) -> str:
        """The colour of the pages, `#rrggbb`, dark enough to be read on white; empty when `[brand]` names none."""
        colour = str(self.settings.get("brand", {}).get("colour", ""))
        if colour and not (re.fullmatch(r"#[0-9a-fA-F]{6}", colour) and contrast_on_white(colour) >= READABLE):
            found = f"`{colour}` cannot be read on white."
            fault = Fault("[brand] colour", found, f"Write #rrggbb with a contrast of {READABLE}:1 at least.")
            raise SchemaError.of(str(self.file), [fault])
        return colour

    @cached_property
    def crs(self) -> pyproj.CRS:
        """The zone that areas are measured in."""
        mend = 'Name the zone in metres that the territory is measured in, such as crs = "EPSG:3950".'
        try:
            return where.metric(pyproj.CRS.from_user_input(self.settings["crs"]), str(self.file), mend)
        except CRSError:
            fault = Fault("crs", f"`{self.settings['crs']}` is not known.", "Write it as EPSG:3950.")
            raise CrsError.of(str(self.file), [fault]) from None

    @property
    def opening(self) -> dt.date:
        """The day that pages open with and that the ledger computes for."""
        day: dt.date = self.settings["opening"]["date"]
        return day

    @property
    def priority(self) -> tuple[ExclusionReason, ...]:
        """The order in which reasons take ground that several cover: `[exclusions]`, then the order of the product."""
        return _priority(self.file, self.settings)

    @cached_property
    def focus(self) -> Mapping[str, str]:
        """The sites that have a page of their own: page name → site_id."""
        named = {entry["slug"]: entry["site"] for entry in self.settings.get("focus", [])}
        if LARGEST not in named.values():
            return named
        zones = self.sites[(self.sites["counted"] == "oui") & (self.sites["measured_m2"] > 0)]
        largest = [] if zones.empty else [str(zones.sort_values("measured_m2")["site_id"].iloc[-1])]
        return {slug: key for slug, site in named.items() for key in ([site] if site != LARGEST else largest)}

    @cached_property
    def _catalogue(self) -> dict[str, Source]:
        return read_catalogue(self.folder / "sources.toml")

    @cached_property
    def _own_files(self) -> list[own.OwnFile]:
        """The files in `raw/` that say more than shapes."""
        return own.own_files(self.folder, self._catalogue)

    @cached_property
    def _found(self) -> list[Found]:
        """What the user's own files say of every layer."""
        return own.read_own(self._own_files, self.crs, self._commune_names)

    @cached_property
    def _commune_names(self) -> Mapping[str, str]:
        """INSEE code → name."""
        listed = tables.read_communes(self.folder / "communes.csv", self.crs, self.sources.keys())
        return dict(zip(listed["insee"], listed["commune_name"], strict=True))

    @property
    def place(self) -> Place:
        """What a file that is imported is held against."""
        keys = {KEYS[name]: set(self._as_published[name][KEYS[name]]) for name in ("sites", "owners", "buildings")}
        return Place(self.folder, self.crs, self._commune_names, keys)

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Everything that is cited: the catalogue, the user's own shapes, the outlines if there."""
        files = [file for file in map(self._shape_file, SHAPED) if file]
        declared = {source.file for source in self._catalogue.values()}
        drawn = [shapes.source_of(file, self.folder) for file in files]
        found = {**self._catalogue, **{each.source.source_id: each.source for each in self._own_files}}
        found |= {source.source_id: source for source in drawn if source.file not in declared}
        found |= self.joined.fetched.sources
        if outlines.cache_file(self.folder).is_file():
            found[outlines.SOURCE.source_id] = outlines.SOURCE
        return found

    @cached_property
    def joined(self) -> Joined:
        """What was fetched into `raw/`, to be joined to what the folder says."""
        return Joined(self.folder, self.settings, self.crs)

    def _shape_file(self, layer: str) -> Path | None:
        file = shapes.find_shapes(self.folder / "raw", layer)
        return None if file in {each.file for each in self._own_files} else file

    def _shaped(self, layer: str, frame: pd.DataFrame) -> gpd.GeoDataFrame:
        """Give the rows of a layer the shapes that stand in `raw/`."""
        layer_frame = gpd.GeoDataFrame(frame)
        file = self._shape_file(layer)
        if file is None:
            return layer_frame
        name = file.relative_to(self.folder).as_posix()
        source = next(source for source in self.sources.values() if source.file == name)
        found = shapes.read_shapes(file, layer, set(frame[KEYS[layer]]), self.crs, source)
        unknown = sorted({cited for *_, cited in found.by_key.values()} - set(self.sources))
        if unknown:
            fault = Fault("field `source_id`", f"`{unknown[0]}` is not known.", "Add it to sources.toml.")
            raise SchemaError.of(str(file), [fault])
        return shapes.with_shapes(layer_frame, KEYS[layer], found)

    @cached_property
    def communes(self) -> GeoDataFrame[Communes]:
        """Communes, with their outlines when these were fetched."""
        listed = tables.read_communes(self.folder / "communes.csv", self.crs, self.sources.keys())
        own = self.joined.communes(self._shaped("communes", listed))
        return conform(own if own.geometry.notna().any() else outlines.with_outlines(listed, self.folder), Communes)

    @cached_property
    def _ranked(self) -> Mapping[str, Ranked]:
        """The tables of facts, and above them what the user's own files say; sites with all that is known of them."""
        more = More(
            sites=lambda own: self.joined.sites(self._shaped("sites", own), self.communes), owners=self.joined.owners
        )
        return ranked_tables(self.folder, self.crs, self.sources.keys(), self._found, more)

    @cached_property
    def _as_published(self) -> Mapping[str, pd.DataFrame]:
        """Rows as somebody published them, before a variant is chosen."""
        folder, cited = self.folder, self.sources.keys()
        frames = {name: ranked.frame for name, ranked in self._ranked.items()}
        known, premises = set(frames["sites"]["site_id"]), set(frames["premises"]["premises_id"])
        tenancies = tables.read_tenancies(folder / "tenancies.csv", cited, sites=known, premises=premises)
        claims = tables.read_claims(folder / "claims.csv", cited, sites=known)
        return {**frames, "tenancies": tenancies, "claims": claims}

    @cached_property
    def choices(self) -> Mapping[str, str]:
        """The claim that pages open with, for each disputed value: `layer/key/quantity` → claim, "" for unknown."""
        return _choices(self.file, self.settings, self._as_published)

    @cached_property
    def claims(self) -> DataFrame[Claims]:
        """Published figures."""
        return conform(self._as_published["claims"], Claims)

    @cached_property
    def sites(self) -> GeoDataFrame[Sites]:
        """Economic sites, with the shape that somebody has published or drawn."""
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
    def parcels(self) -> GeoDataFrame[Parcels]:
        """Cadastral parcels."""
        return conform(self.joined.parcels(self._shaped("parcels", self._as_published["parcels"]), self.sites), Parcels)

    @cached_property
    def owners(self) -> DataFrame[Owners]:
        """Owners of parcels; names of natural persons stay in this layer."""
        return conform(self._as_published["owners"], Owners)

    @cached_property
    def buildings(self) -> GeoDataFrame[Buildings]:
        """Building footprints."""
        own = self._shaped("buildings", self._as_published["buildings"])
        return conform(self.joined.buildings(own, self.sites), Buildings)

    @cached_property
    def exclusions(self) -> GeoDataFrame[Exclusions]:
        """Ground that may not be built on, and why."""
        own = self._shaped("exclusions", self._as_published["exclusions"])
        return conform(self.joined.exclusions(own, self.sites), Exclusions)

    @cached_property
    def roads(self) -> GeoDataFrame[Roads]:
        """Roads, as lines."""
        return conform(self.joined.roads(self._shaped("roads", self._as_published["roads"]), self.sites), Roads)

    @cached_property
    def accesses(self) -> GeoDataFrame[Accesses]:
        """Motorway exits, stations, ports and airports, as points."""
        own = self._shaped("accesses", self._as_published["accesses"])
        return conform(self.joined.accesses(own, self.sites), Accesses)

    @cached_property
    def establishments(self) -> DataFrame[Establishments]:
        """Firms, schools and laboratories that a source names."""
        ground: dict[str, gpd.GeoDataFrame]
        ground = {"sites": self.sites, "terrains": self.terrains, "premises": self.premises}
        own: pd.DataFrame = self._as_published["establishments"]
        return conform(self.joined.establishments(own, ground), Establishments)

    @cached_property
    def tenancies(self) -> DataFrame[Tenancies]:
        """Who is where, in which phase, since when; disputed values as territory.toml chooses them."""
        chosen = self._chosen("tenancies")
        names = [f"tenancy {key}, with the claims chosen for it" for key in chosen["tenancy_id"]]
        if faults := tables.order_faults(chosen, names):
            raise SchemaError.of(str(self.file), faults)
        return conform(chosen, Tenancies)

    def _chosen(self, layer: str) -> pd.DataFrame:
        """Write the chosen claims into the rows they state."""
        return with_claims(self._as_published[layer], layer, self.choices, self.claims)

    def occupancy(self, site_id: str, at: dt.date | str | None = None) -> DataFrame[Occupancy]:
        """Say who holds a site on a day, the opening day by default: `gis.measures.occupancy.occupancy`."""
        if site_id not in set(self.sites["site_id"]):
            known = ", ".join(self.sites["site_id"])
            raise SchemaError.of(str(self.folder), [Fault("site", f"`{site_id}` is not known.", f"Known: {known}.")])
        return occupancy_measure.occupancy(self.tenancies, site_id=site_id, at=self._day(at))

    def _day(self, at: dt.date | str | None) -> dt.date:
        try:
            return dt.date.fromisoformat(at) if isinstance(at, str) else at or self.opening
        except ValueError:
            raise SchemaError.of(str(self.folder), [Fault("at", f"`{at}` is no date.", "Write 2025-09-30.")]) from None

    @cached_property
    def tiles(self) -> GeoDataFrame[Tiles]:
        """The diagram, on the opening day, of what has no shape."""
        held = [self.occupancy(site) for site in self.sites["site_id"]]
        there = {key for rows in held for key in rows.loc[rows["holds"] != "no", "tenancy_id"]}
        today = self.tenancies[self.tenancies["tenancy_id"].isin(there)]
        found = tiles_measure.tiles(self.sites, self.premises, today, self.communes, hectares=self._hectares())
        where.area_m2(found.geometry, place=str(self.file), names=list(found["subject"]))
        return found

    @cached_property
    def availability(self) -> DataFrame[Availability]:
        """What is left of each site, step by step: `gis.measures.availability.availability`."""
        return availability_measure.availability(self.sites, self.terrains, self.exclusions)

    @cached_property
    def lifting(self) -> DataFrame[Lifting]:
        """What each reason takes of ground otherwise available, and what lifting it frees: `gis.measures.lifting`."""
        return lifting_measure.lifting(self.sites, self.terrains, self.exclusions, priority=self.priority)

    @cached_property
    def offer_curve(self) -> DataFrame[OfferCurve]:
        """What is available by the size of the plot looked for: `gis.measures.offer_curve.offer_curve`."""
        return curve_measure.offer_curve(self.sites, self.terrains, self.exclusions)

    @cached_property
    def surface_vacancy(self) -> DataFrame[SurfaceVacancy]:
        """Vacant hectares beside occupied ones, by site and for the territory."""
        return availability_measure.surface_vacancy(self.terrains, self.sites)

    def inventory(self, at: dt.date | str | None = None) -> inventory_measure.Inventory:
        """Draw up the statutory inventory of the zones for a day: `gis.measures.inventory.inventory`.

        Sites in focus and sites that tenancies name are told about beside them, and counted in no rate.
        """
        named = {*self.focus.values(), *self.tenancies["site_id"]}
        facts = presence.Facts(
            sites=inventory_measure.inventoried(self.sites, named),
            parcels=self.parcels,
            terrains=self.terrains,
            buildings=self.buildings,
            premises=self.premises,
            tenancies=self.tenancies,
            establishments=self.establishments,
            claims=self.claims,
        )
        return inventory_measure.inventory(facts, self.owners, presence.Period.before(self._day(at)))

    @cached_property
    def rates(self) -> DataFrame[InventoryRates]:
        """The statutory vacancy rate of each zone on 1 January of the opening year."""
        return self.inventory().rates

    @cached_property
    def premises_vacancy(self) -> DataFrame[PremisesVacancy]:
        """Premises that nobody holds on the opening day beside all premises, by site and for the territory."""
        return availability_measure.premises_vacancy(self.premises, self.tenancies, at=self.opening)

    def held(
        self, days: Sequence[dt.date], site_id: str | None = None, phases: Sequence[Phase] = held_measure.IN_PLACE
    ) -> DataFrame[Held]:
        """Measure the ground, the footprints and the floors that are held on some days: `gis.measures.held.held`."""
        return held_measure.held(self._held_layers(site_id), days=days, phases=phases)

    def _held_layers(self, site_id: str | None = None) -> held_measure.Layers:
        """Return the layers that holding is read from, of one site and those inside it or of all."""
        own = [site for site, above in coverage.wholes(self.sites).items() if site_id in {None, site, *above}]
        return held_measure.Layers(
            sites=_rows_of(self.sites, own),
            terrains=_rows_of(self.terrains, own),
            buildings=_rows_of(self.buildings, own),
            premises=_rows_of(self.premises, own),
            tenancies=_rows_of(self.tenancies, own),
        )

    @cached_property
    def plots(self) -> GeoDataFrame[Plots]:
        """Touching terrains that can be had now, assembled: `gis.measures.plots.plots`."""
        return plots_measure.plots(self._ground)

    @cached_property
    def plots_later(self) -> GeoDataFrame[Plots]:
        """The same of terrains that can be had later."""
        return plots_measure.plots(self._ground, later=True)

    def smallest_plots(self, need: plots_measure.Need, *, later: bool = False) -> plots_measure.Smallest:
        """Find the fewest touching terrains that satisfy a need: `gis.measures.plots.smallest_plots`."""
        return plots_measure.smallest_plots(self._ground, need, later=later)

    @property
    def _ground(self) -> plots_measure.Ground:
        return plots_measure.Ground(self.terrains, self.exclusions, self.parcels, self.owners, self.roads)

    def find_plots(
        self, asked: find_measure.PlotsAsked, plots: GeoDataFrame[Plots] | None = None
    ) -> find_measure.Found:
        """Search plots, those that can be had now by default: `gis.measures.find.find_plots`."""
        there = self.plots if plots is None else plots
        return find_measure.find_plots(there, self.exclusions, asked, self._setting)

    def find_premises(self, asked: find_measure.PremisesAsked, at: dt.date | str | None = None) -> find_measure.Found:
        """Search premises, on the opening day by default: `gis.measures.find.find_premises`."""
        return find_measure.find_premises(self.premises, self.tenancies, asked, self._setting, at=self._day(at))

    @property
    def _setting(self) -> find_measure.Setting:
        return find_measure.Setting(self.sites, self.communes, self.accesses)

    @property
    def _fetched_layers(self) -> Mapping[str, pd.DataFrame]:
        """Every layer that what is fetched is joined to, and those beside."""
        return {name: getattr(self, name) for name in FETCHED} | {**self._beside}

    @property
    def replaced(self) -> DataFrame[Replaced]:
        """Which ground gave way to which: to a file of the user's own, or to a source that is preferred."""
        _ = self._fetched_layers
        own = [row for ranked in self._ranked.values() for row in ranked.replaced]
        return replaced_frame([*own, *records(self.joined.replaced)])

    @cached_property
    def issues(self) -> DataFrame[Issues]:
        """What is doubtful: in files and what they replaced, in what was fetched, and in how rows lie on the ground."""
        rows = [row for ranked in self._ranked.values() for row in ranked.issues]
        rows += self.joined.issues(self._fetched_layers)
        between = coverage.coverage_issues(self.sites, self.terrains, self.communes)
        read = pd.DataFrame(rows, columns=between.columns).astype("str")
        return conform(pd.concat([read, between, self.land_units.issues], ignore_index=True), Issues)

    @cached_property
    def land_units(self) -> land_units_measure.Found:
        """Contiguous parcels of one owner inside each site, and how many: `gis.measures.land_units.land_units`."""
        return land_units_measure.land_units(self.parcels, self.owners, self.sites)

    @cached_property
    def gaps(self) -> DataFrame[Gaps]:
        """What nobody has published of the zones, the most useful first."""
        return gaps_measure.gaps(self.sites)

    def _hectares(self) -> list[tiles_measure.Hectares]:
        """Return the ground on offer that no plot shows: nothing once there are terrains."""
        offer = offers_measure.offer(self.claims)
        if offer is None or len(self.terrains):
            return []
        located = {site: round(to_ha(m2)) for site, m2 in offer.located_m2.items()}
        return [
            tiles_measure.Hectares(
                subject=row_name("claims", offer.claim_id),
                row=row_of(self.claims, "claim_id", offer.claim_id),
                located=located,
                unplaced=round(to_ha(offer.total_m2)) - sum(located.values()),
            )
        ]

    @cached_property
    def verdicts(self) -> DataFrame[Verdicts]:
        """Published figures beside computed ones."""
        return claims_measure.verdicts(self.claims, self.sites)

    def site_figures(self, site_id: str, at: dt.date | str | None = None) -> list[Figure]:
        """Compute the figures of one site on a day, each with its chain."""
        day = self._day(at)
        found = occupancy_measure.occupancy_figures(self.tenancies, self.claims, site_id=site_id, at=day)
        by_id = {figure.figure_id: figure for figure in found}
        return found + occupancy_measure.needed_base_figures(self.claims, by_id, site_id=site_id, at=day)

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """The ledger: every computed figure with its chain, by id."""
        shown = {*self.focus.values()} & {*self.sites["site_id"]}
        found = [figure for site in sorted(shown | {*self.tenancies["site_id"]}) for figure in self.site_figures(site)]
        found += held_measure.held_figures(self._held_layers(), at=self.opening)
        found += vacancy_measure.vacancy_figures(
            self.sites, self.terrains, self.premises, self.tenancies, at=self.opening
        )
        found += offers_measure.zone_figures(self.sites) + offers_measure.offer_figures(self.claims)
        if len(self.terrains):
            found += self._land_figures()
        found += claims_measure.parts_figures(self.claims)
        return {figure.figure_id: figure for figure in found}

    def _land_figures(self) -> list[Figure]:
        """Compute what terrains tell: what is available, what lifting a reason would add, how long it lasts."""
        found = availability_measure.availability_figures(self.sites, self.terrains, self.exclusions)
        available = next(figure for figure in found if figure.kind == "available_ha")
        found += lifting_measure.lifting_figures(self.sites, self.terrains, self.exclusions)
        return found + absorption_measure.absorption_figures(self.terrains, available, at=self.opening)

    @cached_property
    def _beside(self) -> Mapping[str, pd.DataFrame]:
        """Layers that are fetched and stand beside all others, those that are there."""
        layers = {
            "brownfields": self.joined.brownfields(self.sites),
            "osm_land_use": self.joined.osm_land_use(self.sites),
            "railways": self.joined.railways(self.sites),
            "spots": self.joined.spots(self.sites),
        }
        return {name: layer for name, layer in layers.items() if layer is not None}

    @property
    def layers(self) -> Mapping[str, pd.DataFrame]:
        """Every layer that is there, by name, as it is written: without owners and the keys that lead to them."""
        return {
            "communes": self.communes,
            "sites": self.sites,
            "terrains": self.terrains,
            "parcels": self.parcels.drop(columns="owner_id"),
            "land_units": conform(self.land_units.units[list(LandUnitShapes.to_schema().columns)], LandUnitShapes),
            "buildings": self.buildings,
            "premises": self.premises,
            "exclusions": self.exclusions,
            "roads": self.roads,
            "accesses": self.accesses,
            "plots": self.plots,
            "establishments": self.establishments,
            "tenancies": self.tenancies,
            "claims": self.claims,
            "tiles": self.tiles,
            **self._beside,
        }

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(layer)} {name}" for name, layer in self.layers.items())
        return f"<Territory {self.name}: {counts}>"

    def _repr_html_(self) -> str:
        """Show the layers in a notebook."""
        rows = "".join(
            f"<tr><th scope='row'>{name}</th><td>{len(layer)}</td><td>{_with_shape(layer)}</td>"
            f"<td>{escape(', '.join(sorted(set(layer['basis']))))}</td></tr>"
            for name, layer in self.layers.items()
        )
        return (
            f"<table><caption>{escape(self.name)} · {self.crs.to_string()}</caption>"
            f"<thead><tr><th>layer</th><th>rows</th><th>with a shape</th><th>basis</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


def _rows_of(layer: L, sites: Sequence[str]) -> L:
    """Return the rows of a layer that belong to some sites."""
    return layer[layer["site_id"].isin(sites)]


def contrast_on_white(colour: str) -> float:
    """Return the contrast ratio of a colour `#rrggbb` on white, as WCAG 2.2 defines it.

    >>> round(contrast_on_white("#005f9e"), 1)
    6.7
    """
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= LINEAR_BELOW else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 1.05 / (luminance + 0.05)


#: Below this value a channel of sRGB is linear.
LINEAR_BELOW: Final = 0.04045


def _with_shape(layer: pd.DataFrame) -> str:
    return str(int(layer.geometry.notna().sum())) if isinstance(layer, gpd.GeoDataFrame) else "–"


def _settings(file: Path) -> dict[str, Any]:
    """Read territory.toml and check what everything else relies on."""
    settings = read_toml(file)
    faults = [
        Fault("", f"has no `{key}`.", f"Add {key} = {example}.")
        for key, example in (("name", '"…"'), ("crs", '"EPSG:3950"'))
        if not isinstance(settings.get(key), str)
    ]
    faults += [
        Fault(f"[{name}]", "is no table.", f"Write [{name}] on a line of its own, and its keys below.")
        for name in ("opening", "index", "notices", "exclusions")
        if not isinstance(settings.get(name, {}), Mapping)
    ]
    faults += [
        Fault(f"[[{name}]]", "is no list of tables.", f"Write [[{name}]] above each of them.")
        for name in ("focus", "variant")
        if not _is_list_of_tables(settings.get(name, []))
    ]
    if not faults and not isinstance(settings.get("exclusions", {}).get("priority", []), list):
        faults.append(Fault("[exclusions] priority", "is no list.", 'Write priority = ["risk_plan", "water"].'))
    if not faults:
        faults = [
            *_opening_faults(settings.get("opening", {})),
            *_entry_faults(settings),
            *_notice_faults(settings.get("notices", {})),
        ]
    if faults:
        raise SchemaError.of(str(file), faults)
    _priority(file, settings)
    return settings


def _priority(file: Path, settings: Mapping[str, Any]) -> tuple[ExclusionReason, ...]:
    names = settings.get("exclusions", {}).get("priority", [])
    return exclusions_measure.priority_of(map(str, names), f"{file}: [exclusions] priority")


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, Mapping) for entry in value)


def _opening_faults(opening: Mapping[str, Any]) -> list[Fault]:
    faults = []
    for key, example, needed in (("date", "2025-09-30", True), ("from", "2020-01-01", False)):
        day = opening.get(key)
        if isinstance(day, dt.datetime) or not isinstance(day, dt.date if needed else dt.date | None):
            found = f"has no {key}." if day is None else f"`{day}` is no date."
            faults.append(Fault("[opening]", found, f"Add {key} = {example}, without quotes."))
    return faults


#: What `[notices]` may hold: who publishes the pages, and the addresses of two notices kept elsewhere.
NOTICES: Final = ("publisher", "legal", "accessibility")


def _notice_faults(notices: Mapping[str, Any]) -> list[Fault]:
    """Say what is wrong with the notices: a link leads to a page of the web, and nowhere else."""
    faults = [
        Fault("[notices]", f"`{key}` is not known.", f"Known: {', '.join(NOTICES)}.")
        for key in notices
        if key not in NOTICES
    ]
    return faults + [
        Fault(f"[notices] {key}", f"`{notices[key]}` is no address.", "Write it as https://….")
        for key in ("legal", "accessibility")
        if key in notices and not re.fullmatch(r"https?://[^\s\"'<>]+", str(notices[key]))
    ]


def _entry_faults(settings: Mapping[str, Any]) -> list[Fault]:
    """Say what is wrong with [[focus]] and with what stands in two languages there and in [[variant]]."""
    faults = []
    slugs = ["index"]
    for n, entry in enumerate(settings.get("focus", []), 1):
        here, slug = f"[[focus]] {n}", str(entry.get("slug", ""))
        faults += [Fault(here, f"has no {key}.", f'Add {key} = "…".') for key in ("slug", "site") if not entry.get(key)]
        if slug and (slug in slugs or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", slug)):
            mend = "Give each page a slug of its own: small letters, digits, - and _, not `index`."
            faults.append(Fault(here, f"`{slug}` cannot name a page.", mend))
        slugs.append(slug)
    for name, keys in (("focus", ("short", "question")), ("variant", ("why",))):
        faults += [
            Fault(f"[[{name}]] {n}", f"{key} is not in two languages.", f'Write {key} = {{ fr = "…", en = "…" }}.')
            for n, entry in enumerate(settings.get(name, []), 1)
            for key in keys
            if key in entry and not (isinstance(entry[key], Mapping) and entry[key].keys() == {"fr", "en"})
        ]
    return faults


def _choices(file: Path, settings: Mapping[str, Any], layers: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Read `[[variant]]` of territory.toml, and refuse a disputed value that it does not settle."""
    claims = layers["claims"].set_index("claim_id")
    stating = claims[claims["states"] != ""]
    chosen: dict[str, str] = {}
    faults = []
    for entry in settings.get("variant", []):
        faults += _variant_faults(entry, stating["states"], layers)
        chosen[str(entry.get("of", ""))] = entry.get("claim") or ""
    for of in sorted(set(stating["states"])):
        rows = stating[stating["states"] == of]
        if bad := _states_nothing(of, layers):
            faults.append(Fault(f"claim {rows.index[0]}, column `states`", bad, "Write layer/key/quantity."))
        elif of not in chosen:
            if len(set(rows["value"])) > 1:
                mend = "Add a [[variant]] with of, claim and why."
                faults.append(Fault(f"`{of}`", f"{len(set(rows['value']))} published values, none chosen.", mend))
            else:
                chosen[of] = str(rows.index[0])
    if faults:
        raise SchemaError.of(str(file), faults)
    return chosen


def _variant_faults(entry: Mapping[str, Any], states: pd.Series, layers: Mapping[str, pd.DataFrame]) -> list[Fault]:
    of, claim = str(entry.get("of", "")), entry.get("claim")
    here = f"[[variant]] of `{of}`"
    faults = []
    if bad := _states_nothing(of, layers):
        faults.append(Fault(here, bad, "Write of = layer/key/quantity."))
    if not entry.get("why"):
        faults.append(Fault(here, "has no why.", "Say why pages open with it."))
    if claim is None:
        faults.append(Fault(here, "has no claim.", 'Name one, or write claim = "" for unknown.'))
    elif claim and states.get(claim) != of:
        faults.append(Fault(here, f"claim `{claim}` does not state it.", "Name a claim whose `states` is that value."))
    return faults


def _states_nothing(of: str, layers: Mapping[str, pd.DataFrame]) -> str:
    """Say what is wrong with the name of a value; nothing is the empty string."""
    layer, _, rest = of.partition("/")
    key, _, quantity = rest.partition("/")
    if quantity not in QUANTITIES.get(layer, {}):
        return f"`{of}` names no quantity."
    if key not in set(layers[layer][KEYS[layer]]):
        return f"`{of}` names no row of {layer}."
    return ""


def with_claims(frame: pd.DataFrame, layer: str, choices: Mapping[str, str], claims: pd.DataFrame) -> pd.DataFrame:
    """Write chosen claims into the rows of a layer; the row's area brings its source along, but for a drawn row."""
    result = frame.copy()
    drawn = set(result.index[result.geometry.notna()]) if isinstance(result, gpd.GeoDataFrame) else set()
    by_id = {claim["claim_id"]: claim for claim in records(claims)}
    for of, claim_id in choices.items():
        name, key, quantity = of.split("/", 2)
        if name != layer:
            continue
        columns = QUANTITIES[layer][quantity]
        row = result.index[result[KEYS[layer]] == key][0]
        claim = by_id[claim_id] if claim_id else None
        values = (np.nan, np.nan) if claim is None else _stated(claim, quantity)
        for column, value in zip(columns, values, strict=True):
            result.loc[row, column] = value
        if claim is not None and quantity in AREAS and row not in drawn:
            cited = [column for column in ("source_id", "page") if column in result]
            result.loc[row, cited] = [claim[column] for column in cited]
    return result


#: Quantities that are areas, with the number of square metres in their unit.
AREAS: Final = {"area_m2": 1.0, "land_ha": M2_PER_HA}


def _stated(claim: Row, quantity: str) -> tuple[Any, Any]:
    """Return what a claim says of a quantity, low and high, in the unit of the layer."""
    if quantity == "phase":
        return claim["value"], claim["value"]
    if quantity in {"from", "to"}:
        return claim["earliest"], claim["latest"]
    scale = AREA_M2[claim["unit"]] / AREAS[quantity] if quantity in AREAS else 1.0
    return claim["low"] * scale, claim["high"] * scale
