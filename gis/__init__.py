"""Emprise: occupancy and land availability of economic sites, with the provenance of each figure.

`gis.open(folder)` opens a territory folder as typed layers. `gis.site_map(territory, site_id)` returns the map of a
site page, for a notebook. `gis.build.build(folder)` writes the GeoPackage, the ledger of figures and the pages.
"""

from pathlib import Path

from gis.errors import GisError
from gis.maps.site import site_map
from gis.territory import Territory

__all__ = ["GisError", "Territory", "open", "site_map"]


def open(folder: str | Path) -> Territory:  # noqa: A001  (gis.open reads as what it does)
    """Open a territory folder: `gis.open("layers/NAME")`."""
    return Territory(Path(folder))
