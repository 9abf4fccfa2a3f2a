"""Writes layers to one GeoPackage, and reads them back.

Geometries are stored in Lambert-93 (EPSG:2154), the exchange CRS of French public data, or overseas in the local UTM
zone; the areas measured in the zone of the territory are attributes. Two builds of the same layers give the same bytes.
"""

import datetime as dt
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
from pyproj import CRS

from gis.crs import require_metric_crs, storage_crs_of_zone
from gis.errors import RenderError
from gis.placing import writing_under_lock
from gis.schemas import LAYERS

#: The version that every QGIS and ArcGIS in use reads without a warning.
VERSION: Final = "1.2"

#: The table that QGIS looks for styles in.
STYLES: Final = "layer_styles"


def write_geopackage(
    layers: Mapping[str, pd.DataFrame],
    file: Path,
    *,
    edition: dt.date,
    styles: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Write every layer to a new file.

    Parameters
    ----------
    layers
        By name; spatial ones in any projected CRS, stored in the one that `gis.crs.storage_crs_of_zone` gives for it.
    file
        A file that does not exist yet.
    edition
        The date that the file says it was last changed: the clock never enters it.
    styles
        QML of the layers that QGIS should draw in a style of ours, by name.

    Raises
    ------
    RenderError
        If the file cannot be written.
    """
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{edition.isoformat()}T00:00:00Z"})
    try:
        for name, layer in layers.items():
            _write_gpkg_layer(layer, file, name)
        if styles:
            _write_gpkg_layer(_styles_table(layers, styles, edition), file, STYLES)
        _check_written_rows(layers, file)
    except (DataSourceError, DataLayerError, FeatureError, OSError, sqlite3.Error) as error:
        msg = f"{file}: cannot be written ({error}). Close it in other programs and look at the free space."
        raise RenderError(msg) from None
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _check_written_rows(layers: Mapping[str, pd.DataFrame], file: Path) -> None:
    """Check that every row and its place in the spatial index are there: GDAL does not say so when the disk is full."""
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as database:
        for name, layer in layers.items():
            rows_by_table = {name: len(layer)}
            if isinstance(layer, gpd.GeoDataFrame):
                rows_by_table[f"rtree_{name}_geom"] = int((layer.geometry.notna() & ~layer.geometry.is_empty).sum())
            for table, rows in rows_by_table.items():
                written_rows = database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608  (a name of ours)
                if written_rows != rows:
                    msg = f"{written_rows} of {rows} rows in {table}"
                    raise sqlite3.DatabaseError(msg)


def write_layer_to_complete(gaps: pd.DataFrame, file: Path, *, zone: CRS, edition: dt.date) -> Path:
    """Write sites of a zone that wait for their shape as a layer `sites`, to draw in QGIS and put back in `raw/`.

    Raises
    ------
    RenderError
        If the file is there already or cannot be written: a drawing is never overwritten.
    """
    if file.exists():
        msg = f"{file}: is there already. Name another file: what somebody drew is not overwritten."
        raise RenderError(msg)
    empty_shapes = gpd.GeoSeries(np.full(len(gaps), None), index=gaps.index, crs=zone)
    with writing_under_lock(file) as placing:
        new_file = placing.aside(file.parent) / file.name
        write_geopackage({"sites": gpd.GeoDataFrame(gaps.copy(), geometry=empty_shapes)}, new_file, edition=edition)
        placing.put({file: new_file})
    return file


def _styles_table(layers: Mapping[str, pd.DataFrame], styles: Mapping[str, str], edition: dt.date) -> pd.DataFrame:
    """Return the table that QGIS looks for its styles in, the style of each layer opening with it."""
    styled = [name for name in layers if name in styles]
    texts = {
        "f_table_catalog": "",
        "f_table_schema": "",
        "f_table_name": styled,
        "f_geometry_column": ["geom" if isinstance(layers[name], gpd.GeoDataFrame) else "" for name in styled],
        "styleName": "emprise",
        "styleQML": [styles[name] for name in styled],
        "styleSLD": "",
        "useAsDefault": True,
        "description": "",
        "owner": "",
        "ui": "",
        "update_time": pd.Timestamp(edition),
    }
    return pd.DataFrame(texts, index=range(len(styled)))


def _write_gpkg_layer(layer: pd.DataFrame, file: Path, name: str) -> None:
    layer_rows = layer.reset_index(drop=True)
    options = {"driver": "GPKG", "layer": name, "append": file.is_file()}
    if not file.is_file():
        options["dataset_options"] = {"VERSION": VERSION}
    if isinstance(layer_rows, gpd.GeoDataFrame):
        geometry_type = str(LAYERS[name].geometry)
        pyogrio.write_dataframe(
            layer_rows.to_crs(storage_crs_of_zone(require_metric_crs(layer_rows.crs, name))),
            file,
            geometry_type=geometry_type,
            promote_to_multi=geometry_type.startswith("Multi"),
            **options,
        )
    else:
        pyogrio.write_dataframe(layer_rows, file, **options)


def read_geopackage(file: Path) -> dict[str, pd.DataFrame]:
    """Read every layer of a GeoPackage, by name; tables without shapes come as plain frames."""
    return {name: pyogrio.read_dataframe(file, layer=name) for name, _ in pyogrio.list_layers(file)}
