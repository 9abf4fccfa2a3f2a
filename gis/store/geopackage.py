"""Layers → one GeoPackage, and back.

Shapes are stored in Lambert-93 (EPSG:2154), the CRS French public data is exchanged in; the areas measured in the
zone of the territory go along as columns. Two builds of the same layers give the same bytes.
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataSourceError

from gis.crs import STORAGE
from gis.errors import RenderError

#: Kind of geometry of each spatial layer.
_KINDS: Final = {
    "communes": "MultiPolygon",
    "sites": "MultiPolygon",
    "terrains": "MultiPolygon",
    "parcels": "MultiPolygon",
    "buildings": "MultiPolygon",
    "premises": "MultiPolygon",
    "exclusions": "MultiPolygon",
    "tiles": "Polygon",
    "brownfields": "MultiPolygon",
    "osm_land_use": "MultiPolygon",
}


def write_geopackage(layers: Mapping[str, pd.DataFrame], file: Path, *, edition: dt.date) -> None:
    """Write every layer to a new file.

    Parameters
    ----------
    layers
        By name; spatial ones in any projected CRS, stored in EPSG:2154.
    file
        A file that does not exist yet.
    edition
        The date that the file says it was last changed: the clock never enters it.

    Raises
    ------
    RenderError
        If the file cannot be written.
    """
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{edition.isoformat()}T00:00:00Z"})
    try:
        for name, layer in layers.items():
            _write(layer, file, name)
    except (DataSourceError, OSError) as error:
        msg = f"{file}: cannot be written ({error}). Close it in other programs and look at the free space."
        raise RenderError(msg) from None
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write_to_complete(gaps: pd.DataFrame, file: Path, *, edition: dt.date) -> Path:
    """Write zones that wait for their shape as a layer `sites`, in EPSG:2154, to draw in QGIS and put back in `raw/`.

    Raises
    ------
    RenderError
        If the file is there already or cannot be written: a drawing is never overwritten.
    """
    if file.exists():
        msg = f"{file}: is there already. Name another file: what somebody drew is not overwritten."
        raise RenderError(msg)
    empty = gpd.GeoSeries(np.full(len(gaps), None), index=gaps.index, crs=STORAGE)
    write_geopackage({"sites": gpd.GeoDataFrame(gaps.copy(), geometry=empty)}, file, edition=edition)
    return file


def _write(layer: pd.DataFrame, file: Path, name: str) -> None:
    plain = layer.reset_index(drop=True)
    options = {"driver": "GPKG", "layer": name, "append": file.is_file()}
    if isinstance(plain, gpd.GeoDataFrame):
        kind = _KINDS[name]
        pyogrio.write_dataframe(
            plain.to_crs(STORAGE),
            file,
            geometry_type=kind,
            promote_to_multi=kind.startswith("Multi"),
            **options,
        )
    else:
        pyogrio.write_dataframe(plain, file, **options)


def read_geopackage(file: Path) -> dict[str, pd.DataFrame]:
    """Read every layer of a GeoPackage, by name; tables without shapes come as plain frames."""
    return {name: pyogrio.read_dataframe(file, layer=name) for name, _ in pyogrio.list_layers(file)}
