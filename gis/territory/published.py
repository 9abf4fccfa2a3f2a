"""The public edition of a territory: without the columns that are not public, in its layers and in its measures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import pandas as pd

from gis.measures.inventory import Inventory
from gis.measures.land_units import LandUnitsFound
from gis.measures.plots import Need, Smallest
from gis.provenance import Source
from gis.public import public_columns
from gis.sources.open_data.assumed import Resting
from gis.sources.own_files.kept import FileAccount
from gis.territory.measured import Territory


def _published_layer(name: str) -> Any:
    """Take a layer of the whole territory as it may be published."""

    def published(territory: "Published") -> Any:
        return territory.publication.layer(name, getattr(territory.whole, name))

    return cached_property(published)


class Published(Territory):
    """A territory without the names and keys of persons: every layer, figure and page that is made of it is public.

    Land units, plots and rates, for which owners count, are those of the whole territory; owners are not in them.

    Parameters
    ----------
    whole
        The territory as it is known.
    """

    def __init__(self, whole: Territory) -> None:
        self.whole, self.folder, self.file = whole, whole.folder, whole.file
        self.publication = whole.publication
        self.settings = self.publication.settings(whole.settings)

    communes: Any = _published_layer("communes")
    sites: Any = _published_layer("sites")
    terrains: Any = _published_layer("terrains")
    parcels: Any = _published_layer("parcels")
    owners: Any = _published_layer("owners")
    buildings: Any = _published_layer("buildings")
    premises: Any = _published_layer("premises")
    exclusions: Any = _published_layer("exclusions")
    roads: Any = _published_layer("roads")
    accesses: Any = _published_layer("accesses")
    plots: Any = _published_layer("plots")
    establishments: Any = _published_layer("establishments")
    tenancies: Any = _published_layer("tenancies")
    claims: Any = _published_layer("claims")
    issues: Any = _published_layer("issues")
    replaced: Any = _published_layer("replaced")

    @cached_property
    def plots_later(self) -> Any:
        """Touching terrains that can be had later."""
        return self.publication.layer("plots", self.whole.plots_later)

    def smallest_plots(self, need: Need, *, later: bool = False) -> Smallest:
        """Find the fewest touching terrains that satisfy a need."""
        smallest = self.whole.smallest_plots(need, later=later)
        given_up = tuple(self.publication.key("plots", key) for key in smallest.given_up)
        return replace(smallest, plots=self.publication.layer("plots", smallest.plots), given_up=given_up)

    @cached_property
    def land_units(self) -> LandUnitsFound:
        """Land units, without their owners."""
        units_found = self.whole.land_units
        return replace(units_found, units=self.publication.layer("land_units", units_found.units), issues=self.issues)

    def inventory(self, at: Any = None) -> Inventory:
        """Draw up the inventory of the whole territory: `gis.store.inventory` makes an edition of it that is public."""
        return self.whole.inventory(at)

    @cached_property
    def rates(self) -> Any:
        """The statutory vacancy rate of each zone."""
        rates = self.whole.rates
        keys = [self.publication.key("sites", key) for key in rates["site_id"]]
        return rates.assign(site_id=pd.array(keys, dtype="str"))

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Everything that is cited."""
        return {source.source_id: source for source in map(self.publication.source, self.whole.sources.values())}

    @cached_property
    def resting(self) -> Sequence[tuple[str, Resting]]:
        """What rests on a rule of reading that nobody has confirmed, by the keys that are published."""
        key = self.publication.key
        return tuple(
            (layer, replace(each, rows=frozenset(key(layer, row) for row in each.rows)))
            for layer, each in self.whole.resting
        )

    @cached_property
    def choices(self) -> Mapping[str, str]:
        """The claim that pages open with, for each disputed value."""
        publication = self.publication
        return {
            publication.reference(value_name): publication.key("claims", claim)
            for value_name, claim in self.whole.choices.items()
        }

    @property
    def candidates(self) -> Any:
        """None: what waits for a person to decide stands in the territory folder alone."""
        return self.whole.candidates.iloc[:0]

    @cached_property
    def _others(self) -> Mapping[str, pd.DataFrame]:
        return {name: self.publication.layer(name, layer) for name, layer in self.whole._others.items()}  # noqa: SLF001

    @cached_property
    def accounts(self) -> tuple[FileAccount, ...]:
        """What became of every row of the user's own files."""
        return tuple(map(self._told, self.whole.accounts))

    @property
    def changed_accounts(self) -> tuple[FileAccount, ...]:
        """Those of them that are not what they were when the file was imported."""
        return tuple(map(self._told, self.whole.changed_accounts))

    def _told(self, account: FileAccount) -> FileAccount:
        text = self.publication.text
        return replace(account, file=text(account.file, "en"), place=text(account.place, "en"))

    @property
    def layers(self) -> Mapping[str, pd.DataFrame]:
        """Every layer that is there, by name, with the columns that are published of anybody."""
        return {name: public_columns(name, layer) for name, layer in super().layers.items()}
