"""The full pipeline: from a territory folder to its GeoPackage, its ledger of figures and its pages."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from gis.journal import refuse_open_geopackage
from gis.maps.atlas import write_pages
from gis.maps.i18n import assumption_texts
from gis.maps.qgis import qml_by_layer
from gis.maps.showing import unshown_row_lines
from gis.measures.availability import immediately_available
from gis.placing import Placing, writing_under_lock
from gis.public import public_columns
from gis.store.folder import write_folder
from gis.store.geopackage import write_geopackage
from gis.store.ledger import figures_frame, write_ledger
from gis.territory import Published, Territory

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Built:
    """Where the outputs of a build are, how many issues there are, and what a person should be told.

    `unshown` says which rows are on no page, and what they would need; `changed` which files are not read as when they
    came.
    """

    geopackage: Path
    ledger: Path
    pages: tuple[Path, ...]
    unshown: tuple[str, ...] = ()
    issues: int = 0
    changed: tuple[str, ...] = ()

    @property
    def by_name(self) -> dict[str, Path]:
        """The files, by the name they have in a bundle."""
        pages = {f"maps/{page.name}": page for page in self.pages}
        return {self.geopackage.name: self.geopackage, self.ledger.name: self.ledger, **pages}


def build(folder: str | Path, *, maps: str | Path | None = None, progress: Progress = lambda _: None) -> Built:
    """Build a territory: check it, compute its figures, write what others open.

    Parameters
    ----------
    folder
        The territory folder.
    maps
        Folder of the pages; by default `maps/NAME` beside the folder `layers` that the territory stands in, or beside
        the territory itself when it stands elsewhere.
    progress
        Told the name of each step as it begins.

    Returns
    -------
    built
        Paths of `NAME.gpkg` and `NAME.figures.json` beside the folder, and of the pages.

    Raises
    ------
    GisError
        If something in the folder is at fault, or another command writes there. Everything is written aside first and
        put in place at the end, so the outputs of the last good build are untouched.
    """
    with writing_under_lock(folder) as placing:
        return _build_public_edition(Path(folder), Path(maps) if maps else None, placing, progress)


def _build_public_edition(folder: Path, maps: Path | None, placing: Placing, progress: Progress) -> Built:
    territory = Published(Territory(folder))
    parent_folder = territory.folder.resolve().parent
    maps_parent = parent_folder.parent if parent_folder.name == "layers" else parent_folder
    maps_folder = maps or maps_parent / "maps" / territory.slug
    geopackage, ledger = parent_folder / f"{territory.slug}.gpkg", parent_folder / f"{territory.slug}.figures.json"
    refuse_open_geopackage(geopackage)

    layers = _layers_to_write(territory, progress)
    outputs_aside, pages_aside = placing.aside(parent_folder), placing.aside(maps_folder)
    progress("GeoPackage")
    write_geopackage(
        layers, outputs_aside / geopackage.name, edition=territory.opening, styles=qml_by_layer(territory, layers)
    )
    write_ledger(territory.figures, territory.sources, assumption_texts(territory.assumed), outputs_aside / ledger.name)
    progress("pages")
    pages = dict(write_pages(territory))
    for name, html in pages.items():
        (pages_aside / name).write_text(html, encoding="utf-8", newline="\n")
    progress("in place")
    files: dict[Path, Path | None] = {place: outputs_aside / place.name for place in (geopackage, ledger)}
    placing.put(files | {maps_folder / name: pages_aside / name for name in pages})
    written, unshown = tuple(maps_folder / name for name in pages), tuple(unshown_row_lines(territory))
    return Built(geopackage, ledger, written, unshown, len(territory.issues), _changed_file_lines(territory))


#: What marks a layer of the internal edition: a column, which goes along when rows are taken out of the file.
INTERNAL: Final = "édition interne — ne pas diffuser"


@dataclass(frozen=True, slots=True)
class Internal:
    """The files of the internal edition, and what a person should be told of it, as of a public build."""

    files: tuple[Path, ...]
    unshown: tuple[str, ...] = ()
    issues: int = 0
    changed: tuple[str, ...] = ()


def build_internal(folder: str | Path, *, progress: Progress = lambda _: None) -> Internal:
    """Build the internal edition of a territory: all that is known, persons and who owns which parcel among it.

    Parameters
    ----------
    folder
        The territory folder.
    progress
        Told the name of each step as it begins.

    Returns
    -------
    internal
        Its `files` are what is in the folder `NAME.internal` beside the territory folder, where nothing else is
        written: layers, figures and pages, each marked.

    Raises
    ------
    GisError
        If something in the territory folder is at fault, or the other one holds anything that was not written so.
    """
    territory = Territory(Path(folder))
    layers = {name: layer.assign(edition=INTERNAL) for name, layer in _layers_to_write(territory, progress).items()}
    name = f"{territory.slug}.internal"

    def write_internal_files(new: Path) -> None:
        progress("GeoPackage")
        write_geopackage(
            layers, new / f"{name}.gpkg", edition=territory.opening, styles=qml_by_layer(territory, layers)
        )
        ledger = new / f"{name}.figures.json"
        write_ledger(territory.figures, territory.sources, assumption_texts(territory.assumed), ledger, mark=INTERNAL)
        progress("pages")
        (new / "maps").mkdir()
        for page, html in write_pages(territory, internal=True):
            (new / "maps" / page).write_text(html, encoding="utf-8", newline="\n")
        progress("in place")

    files = tuple(write_folder(territory.folder.resolve().with_name(name), write_internal_files))
    published = Published(territory)  # what is printed names no person
    return Internal(files, tuple(unshown_row_lines(published)), len(territory.issues), _changed_file_lines(published))


def _changed_file_lines(territory: Territory) -> tuple[str, ...]:
    """Say which files are not read as when they were imported."""
    return tuple(map(str, territory.changed_accounts))


def _layers_to_write(territory: Territory, progress: Progress) -> dict[str, pd.DataFrame]:
    """Return every layer that is written, as far as the territory is published."""
    progress("layers")
    layers = dict(territory.layers)
    progress("figures")
    terrains = territory.terrains
    computed_layers: dict[str, pd.DataFrame] = {"verdicts": territory.verdicts}
    computed_layers |= {"issues": territory.issues, "replaced": territory.replaced}
    if len(terrains):
        computed_layers |= {"lifting": territory.lifting, "offer_curve": territory.offer_curve}
    if isinstance(territory, Published):
        computed_layers = {name: public_columns(name, layer) for name, layer in computed_layers.items()}
    else:
        computed_layers |= {
            "parcels": territory.parcels,
            "land_units": territory.land_units.units,
            "owners": territory.owners,
        }
    layers |= computed_layers | {"figures": figures_frame(territory.figures.values())}
    return layers | {"terrains": layers["terrains"].assign(available_now=immediately_available(terrains))}
