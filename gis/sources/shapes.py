"""A user's shapes, put in `raw/` → the geometry of the rows they name.

A file `raw/<layer>.gpkg` (or .geojson, .json, .shp, .fgb) holds shapes of that layer. Each feature names its row
in the key column of the layer (`site_id`, `premises_id`); `basis` and `source_id` columns are read when there.
Records are streamed with fiona, one at a time, so that a fault names its feature and its field.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import fiona
import fiona.errors
import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry import shape as to_shape

from gis.crs import area_m2, sound_polygon
from gis.errors import CrsError, Fault, GeometryError, LayerError, SourceError
from gis.provenance import Basis, Source
from gis.schemas import KEYS
from gis.sources.catalogue import sha256

SUFFIXES: Final = (".gpkg", ".geojson", ".json", ".shp", ".fgb")


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes of one file: by key, the polygon in the CRS asked for, its basis and its source."""

    file: Path
    by_key: Mapping[str, tuple[shapely.Geometry, Basis, str]]


def find_shapes(raw: Path, layer: str) -> Path | None:
    """Return the file of `raw` that holds the shapes of a layer, or nothing."""
    found = [raw / f"{layer}{suffix}" for suffix in SUFFIXES if (raw / f"{layer}{suffix}").is_file()]
    if len(found) > 1:
        names = ", ".join(file.name for file in found)
        fault = Fault(f"shapes of {layer}", f"{names} stand side by side.", "Keep one of them.")
        raise LayerError.of(str(raw), [fault])
    return found[0] if found else None


def source_of(file: Path, territory: Path) -> Source:
    """Describe a file of shapes that the catalogue does not name: the user's own."""
    name = file.relative_to(territory).as_posix()
    return Source(
        source_id=name,
        title=file.name,
        publisher="",
        licence="",
        file=name,
        sha256=sha256(file),
        basis=Basis.DIGITISED,
    )


def read_shapes(file: Path, layer: str, keys: set[str], crs: CRS, default: Source) -> Shapes:
    """Stream the shapes of one file, reprojected to `crs`.

    Raises
    ------
    SourceError
        If GDAL cannot open the file.
    CrsError
        If the file says no CRS.
    GeometryError
        If a shape is empty, broken or no polygon; every such feature is named.
    LayerError
        If a feature names no row, a row that is not known, or a row named before.
    """
    key = KEYS[layer]
    shapes: dict[str, tuple[shapely.Geometry, Basis, str]] = {}
    geometry_faults, faults = [], []
    try:
        with fiona.open(file) as records:
            forward = _transformer(records, file, crs)
            if key not in records.schema["properties"]:
                found = f"has no field `{key}`."
                raise LayerError.of(str(file), [Fault("", found, f"Add it: it names the row of {layer}.")])
            for where, record in _named(records, key):
                row = str(record.properties[key] or "").strip()
                if row not in keys:
                    faults.append(Fault(f"{where}, field `{key}`", f"`{row}` is no row of {layer}.", "Correct it, or add the row."))
                elif row in shapes:
                    faults.append(Fault(f"{where}, field `{key}`", f"`{row}` stands twice.", "Make one (multi)polygon of it."))
                basis = str(record.properties.get("basis") or default.basis)
                if basis not in set(Basis):
                    faults.append(Fault(f"{where}, field `basis`", f"`{basis}` is not known.", f"One of {', '.join(Basis)}."))
                    basis = default.basis
                polygon = None if record.geometry is None else to_shape(record.geometry)
                if wrong := sound_polygon(polygon):
                    geometry_faults.append(Fault(where, wrong, "Mend it in the file."))
                    continue
                flat = shapely.force_2d(polygon)
                ground = shapely.transform(flat, lambda xy: np.column_stack(forward.transform(*xy.T)))
                shapes[row] = (ground, Basis(basis), str(record.properties.get("source_id") or default.source_id))
    except fiona.errors.FionaError as error:
        msg = f"{file}: GDAL cannot read it ({error}). Save it again as GeoPackage or GeoJSON."
        raise SourceError(msg) from None
    if geometry_faults:
        raise GeometryError.of(str(file), [*geometry_faults, *faults])
    if faults:
        raise LayerError.of(str(file), faults)
    return Shapes(file, shapes)


def _transformer(records: Any, file: Path, crs: CRS) -> Transformer:
    wkt = records.crs_wkt
    if not wkt:
        fault = Fault("", "no CRS.", "Set it in QGIS (Layer > Set CRS) and save; it is never guessed.")
        raise CrsError.of(str(file), [fault])
    return Transformer.from_crs(CRS.from_wkt(wkt), crs, always_xy=True)


def _named(records: Any, key: str) -> Iterator[tuple[str, Any]]:
    for number, record in enumerate(records, 1):
        yield f"feature {number} ({record.properties[key] or 'no key'})", record


def with_shapes(layer: gpd.GeoDataFrame, key: str, shapes: Shapes) -> gpd.GeoDataFrame:
    """Give rows the shapes that name them; their basis and source become those of the shape."""
    result = layer.copy()
    for n, row in enumerate(layer[key]):
        if row in shapes.by_key:
            polygon, basis, source_id = shapes.by_key[row]
            result.iloc[n, result.columns.get_loc("geometry")] = polygon
            result.iloc[n, result.columns.get_loc("basis")] = basis.value
            result.iloc[n, result.columns.get_loc("source_id")] = source_id
    result["measured_m2"] = area_m2(result.geometry)
    return result
