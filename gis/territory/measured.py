"""A measured territory: its layers, with the figures computed from them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from html import escape

import geopandas as gpd
import pandas as pd
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis import crs as where
from gis import days
from gis.errors import Fault, SchemaError
from gis.measures import availability as availability_measure
from gis.measures import claims as claims_measure
from gis.measures import contradictions, occupancy_evidence, registry, topology
from gis.measures import find as find_measure
from gis.measures import gaps as gaps_measure
from gis.measures import inventory as inventory_measure
from gis.measures import land_units as land_units_measure
from gis.measures import lifting as lifting_measure
from gis.measures import occupancy as occupancy_measure
from gis.measures import occupied_areas as held_measure
from gis.measures import offer_curve as curve_measure
from gis.measures import plots as plots_measure
from gis.measures import published_supply as offers_measure
from gis.measures import tiles as tiles_measure
from gis.measures import vacancy as vacancy_measure
from gis.provenance import Figure, figures_with_assumption, row_name
from gis.public import public_columns
from gis.schemas import (
    Availability,
    Gaps,
    Held,
    InventoryRates,
    Issues,
    LandUnitShapes,
    Lifting,
    Occupancy,
    OfferCurve,
    Phase,
    Plots,
    PremisesVacancy,
    SurfaceVacancy,
    Tiles,
    Verdicts,
    conform,
    layers_that,
    row_of,
)
from gis.territory.opened import Opened
from gis.units import to_ha


class Territory(Opened):
    """What is known of a territory, as typed layers.

    Every layer is read once, when first asked for, and checked: a fault raises an error that names the file, the row
    and the mend. Shapes are in `crs`, a zone in metres; areas of shapes are measured there.

    Parameters
    ----------
    folder
        The territory folder: territory.toml, sources.toml and the tables of facts.
    """

    def occupancy(self, site_id: str, at: dt.date | str | None = None) -> DataFrame[Occupancy]:
        """Say who holds a site on a day, the opening day by default: `gis.measures.occupancy.occupancy`."""
        if site_id not in set(self.sites["site_id"]):
            known_sites = ", ".join(self.sites["site_id"])
            raise SchemaError.of(
                str(self.folder), [Fault("site", f"`{site_id}` is not known.", f"Known: {known_sites}.")]
            )
        return occupancy_measure.occupancy(self.tenancies, site_id=site_id, at=self._day(at))

    def _day(self, at: dt.date | str | None) -> dt.date:
        try:
            return days.parse_asked_day(at) if isinstance(at, str) else days.check_asked_day(at) if at else self.opening
        except ValueError:
            day_fault = f"`{at}` is no day from {days.FIRST_ASKED.year} to {days.LAST_ASKED.year}."
            raise SchemaError.of(str(self.folder), [Fault("at", day_fault, "Write 2025-09-30.")]) from None

    @cached_property
    def tiles(self) -> GeoDataFrame[Tiles]:
        """The diagram, on the opening day, of what has no shape."""
        occupancies = [self.occupancy(site) for site in self.sites["site_id"]]
        tenancies_in_place = {key for rows in occupancies for key in rows.loc[rows["holds"] != "no", "tenancy_id"]}
        today = self.tenancies[self.tenancies["tenancy_id"].isin(tenancies_in_place)]
        tile_layer = tiles_measure.tiles_without_shape(
            self.sites, self.premises, today, self.communes, hectares=self._hectares()
        )
        where.checked_area_m2(tile_layer.geometry, place=str(self.file), names=list(tile_layer["subject"]))
        return tile_layer

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
        return vacancy_measure.surface_vacancy(self.terrains, self.sites)

    def inventory(self, at: dt.date | str | None = None) -> inventory_measure.Inventory:
        """Draw up the statutory inventory of the zones for a day: `gis.measures.inventory.statutory_inventory`.

        Sites in focus and sites that tenancies name are told about beside them, and counted in no rate.
        """
        named_sites = {*self.focus.values(), *self.tenancies["site_id"]}
        facts = occupancy_evidence.Facts(
            sites=inventory_measure.inventoried_sites(self.sites, named_sites),
            parcels=self.parcels,
            terrains=self.terrains,
            buildings=self.buildings,
            premises=self.premises,
            tenancies=self.tenancies,
            establishments=self.establishments,
            claims=self.claims,
        )
        return inventory_measure.statutory_inventory(
            facts, self.owners, occupancy_evidence.Period.before(self._day(at))
        )

    @cached_property
    def rates(self) -> DataFrame[InventoryRates]:
        """The statutory vacancy rate of each zone on 1 January of the opening year."""
        return self.inventory().rates

    @cached_property
    def premises_vacancy(self) -> DataFrame[PremisesVacancy]:
        """Premises that nobody holds on the opening day beside all premises, by site and for the territory."""
        return vacancy_measure.premises_vacancy(self.premises, self.tenancies, at=self.opening)

    def held(
        self, days: Sequence[dt.date], site_id: str | None = None, phases: Sequence[Phase] = held_measure.IN_PLACE
    ) -> DataFrame[Held]:
        """Measure what is held on some days of each kind of area: `gis.measures.occupied_areas.held`."""
        return held_measure.held(self._held_layers(site_id), days=days, phases=phases)

    def held_pieces(self, site_id: str) -> list[held_measure.HeldPieces]:
        """Cut a site where the premises that hold it change: `gis.measures.occupied_areas.held_pieces`."""
        return held_measure.held_pieces(self._held_layers(site_id), site_id=site_id)

    def _held_layers(self, site_id: str | None = None) -> held_measure.Layers:
        return held_measure.occupied_area_layers(self, site_id)

    @cached_property
    def plots(self) -> GeoDataFrame[Plots]:
        """Touching terrains that can be had now, assembled: `gis.measures.plots.assemble_plots`."""
        return plots_measure.assemble_plots(self._ground)

    @cached_property
    def plots_later(self) -> GeoDataFrame[Plots]:
        """The same of terrains that can be had later."""
        return plots_measure.assemble_plots(self._ground, later=True)

    def smallest_plots(self, need: plots_measure.Need, *, later: bool = False) -> plots_measure.Smallest:
        """Find the fewest touching terrains that satisfy a need: `gis.measures.plots.smallest_plots`."""
        return plots_measure.smallest_plots(self._ground, need, later=later)

    @property
    def _ground(self) -> plots_measure.PlotGround:
        return plots_measure.PlotGround(
            self.terrains, self.exclusions, self.parcels, self.owners, self.roads, self.buildings
        )

    def find_plots(
        self, asked: find_measure.PlotsAsked, plots: GeoDataFrame[Plots] | None = None
    ) -> find_measure.SearchResult:
        """Search plots, those that can be had now by default: `gis.measures.find.find_plots`."""
        searched_plots = self.plots if plots is None else plots
        return find_measure.find_plots(searched_plots, self.exclusions, asked, self._setting, self.buildings)

    def find_premises(
        self, asked: find_measure.PremisesAsked, at: dt.date | str | None = None
    ) -> find_measure.SearchResult:
        """Search premises, on the opening day by default: `gis.measures.find.find_premises`."""
        return find_measure.find_premises(self.premises, self.tenancies, asked, self._setting, at=self._day(at))

    @property
    def _setting(self) -> find_measure.Setting:
        return find_measure.Setting(self.sites, self.communes, self.accesses)

    @cached_property
    def issues(self) -> DataFrame[Issues]:
        """What is doubtful: in files and what they replaced, in what was fetched, on the ground, and between facts."""
        rows = self._doubts()
        coverage_issues = topology.coverage_issues(self.sites, self.terrains, self.communes)
        reading_issues = pd.DataFrame([{"file": "", **row} for row in rows], columns=coverage_issues.columns).astype(
            "str"
        )
        layers = {name: getattr(self, name) for name in contradictions.COMPARED} | {"sites": self.sites_as_said}
        contradicting_facts = contradictions.contradiction_issues(layers, self.opening, self.plausible)
        return conform(
            pd.concat(
                [reading_issues, coverage_issues, self.land_units.issues, contradicting_facts], ignore_index=True
            ),
            Issues,
        )

    @cached_property
    def land_units(self) -> land_units_measure.LandUnitsFound:
        """Contiguous parcels of one owner inside each site, and how many: `gis.measures.land_units.land_units`."""
        return land_units_measure.land_units(self.parcels, self.owners, self.sites)

    @cached_property
    def gaps(self) -> DataFrame[Gaps]:
        """What nobody has published of the zones, the most useful first."""
        return gaps_measure.gaps(self.sites)

    def _hectares(self) -> list[tiles_measure.Hectares]:
        """Return the ground on offer that no plot shows: nothing once there are terrains."""
        offer = offers_measure.published_offer(self.claims)
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
        return claims_measure.claim_verdicts(self.claims, self.sites)

    def site_figures(self, site_id: str, at: dt.date | str | None = None) -> list[Figure]:
        """Compute the figures of one site on a day, each with its chain."""
        return occupancy_measure.site_occupancy_figures(self.tenancies, self.claims, site_id=site_id, at=self._day(at))

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """The ledger: every computed figure with its chain, by id."""
        figures: Mapping[str, Figure] = registry.computed_figures(self)
        for layer, each in self.resting:
            rows = {row_name(layer, key) for key in each.rows}
            kinds = registry.kinds_counting_layer(layer) if each.left_out else ()
            figures = figures_with_assumption(figures, each.rule.key, rows=rows, kinds=kinds)
        return figures

    @property
    def _land_unit_shapes(self) -> GeoDataFrame[LandUnitShapes]:
        """Land units without their owners, and after them the edges of parcels that belong to no site."""
        columns = list(LandUnitShapes.to_schema().columns)
        units_found = self.land_units
        units_and_edges = (
            pd.concat([units_found.units, units_found.edges], ignore_index=True)
            if len(units_found.edges)
            else units_found.units
        )
        return conform(gpd.GeoDataFrame(units_and_edges[columns], crs=units_found.units.crs), LandUnitShapes)

    @cached_property
    def layers(self) -> Mapping[str, pd.DataFrame]:
        """Every layer that is there, by name, as it is written: without owners and the keys that lead to them."""
        public_forms = {"parcels": public_columns("parcels", self.parcels), "land_units": self._land_unit_shapes}
        layer_by_name = {
            name: public_forms[name] if name in public_forms else self.layer(name) for name in layers_that(written=True)
        }
        return {name: layer for name, layer in layer_by_name.items() if layer is not None}

    def check(self) -> None:
        """Read every layer.

        Raises
        ------
        GisError
            If the folder cannot be built.
        """
        len(self.layers)

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(layer)} {name}" for name, layer in self.layers.items())
        return f"<Territory {self.name}: {counts}>"

    def _repr_html_(self) -> str:
        """Show the layers in a notebook."""
        rows = "".join(
            f"<tr><th scope='row'>{name}</th><td>{len(layer)}</td><td>{_shape_count_text(layer)}</td>"
            f"<td>{escape(', '.join(sorted(set(layer['basis']))))}</td></tr>"
            for name, layer in self.layers.items()
        )
        return (
            f"<table><caption>{escape(self.name)} · {self.crs.to_string()}</caption>"
            f"<thead><tr><th>layer</th><th>rows</th><th>with a shape</th><th>basis</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


def _shape_count_text(layer: pd.DataFrame) -> str:
    return str(int(layer.geometry.notna().sum())) if isinstance(layer, gpd.GeoDataFrame) else "–"
