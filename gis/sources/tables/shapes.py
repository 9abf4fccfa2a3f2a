"""Reads the user's geometries in `raw/` and joins them to the rows that they reference.

A file `raw/<layer>.gpkg` (or .geojson, .json, .shp, .fgb) holds geometries of that layer. Each feature references
its row by the primary key of the layer (`site_id`, `premises_id`); the columns `basis` and `source_id` are read if
present. fiona streams the records one at a time, so that an error names its feature and its field.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
import shapely.errors
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from shapely.geometry import shape as to_shape
from shapely.geometry.base import BaseGeometry

from gis.crs import GeometryKind, checked_area_m2, shape_defect
from gis.errors import CrsError, Fault, GeometryError, LayerError
from gis.provenance import Basis, Source
from gis.schemas import KEYS, drawn_as
from gis.sources.tables.catalogue import sha256_of_file
from gis.sources.tables.vectors import layer_names_of_file, open_vector_layer
from gis.sources.tables.whereabouts import stray_shape_reasons

SUFFIXES: Final = (".gpkg", ".geojson", ".json", ".shp", ".fgb")


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes of one file: by key, the shape in the CRS asked for, its basis and its source."""

    file: Path
    by_key: Mapping[str, tuple[BaseGeometry, Basis, str]]


def find_shape_file(raw: Path, layer: str) -> Path | None:
    """Return the file of `raw` that holds the shapes of a layer, or nothing."""
    shape_files = [raw / f"{layer}{suffix}" for suffix in SUFFIXES if (raw / f"{layer}{suffix}").is_file()]
    if len(shape_files) > 1:
        names = ", ".join(file.name for file in shape_files)
        fault = Fault(f"shapes of {layer}", f"{names} stand side by side.", "Keep one of them.")
        raise LayerError.of(str(raw), [fault])
    return shape_files[0] if shape_files else None


def source_of_shape_file(file: Path, territory: Path) -> Source:
    """Describe a file of shapes that the catalogue does not name: the user's own."""
    name = file.relative_to(territory).as_posix()
    return Source(
        source_id=name,
        title=file.name,
        publisher="",
        licence="",
        file=name,
        sha256=sha256_of_file(file),
        basis=Basis.DIGITISED,
    )


def read_shapes(file: Path, layer: str, keys: Collection[str], crs: CRS, default: Source) -> Shapes:
    """Stream the shapes of one file, reprojected to `crs`.

    Raises
    ------
    SourceError
        If GDAL cannot open the file.
    CrsError
        If the file says no CRS.
    GeometryError
        If a shape is empty, broken or not what the layer is drawn as; every such feature is named.
    LayerError
        If a feature names no row, a row that is not known, or a row named before.
    """
    key = KEYS[layer]
    shapes: dict[str, tuple[BaseGeometry, Basis, str]] = {}
    geometry_faults: list[Fault] = []
    faults: list[Fault] = []
    with open_vector_layer(file, _layer_to_read(file, layer)) as opened:
        forward = _transformer_of_file(opened.crs, file, crs)
        if key not in opened.columns:
            fault = Fault("", f"has no field `{key}`.", f"Add it: it names the row of {layer}.")
            raise LayerError.of(str(file), [fault])
        for number, (properties, geometry) in enumerate(opened.features, 1):
            if geometry is None:
                continue  # nobody has drawn it yet, as `gis gaps` writes it
            row = str(properties[key] or "").strip()
            where = f"feature {number} ({row or 'no key'})"
            if key_fault := _key_fault(row, layer, keys, shapes):
                faults.append(Fault(f"{where}, field `{key}`", *key_fault))
            if (basis := properties.get("basis")) and str(basis) not in set(Basis):
                fault_text = f"`{basis}` is not known."
                faults.append(Fault(f"{where}, field `basis`", fault_text, f"One of {', '.join(Basis)}."))
            shape, shape_fault = shape_in_crs(geometry, forward, drawn_as(layer))
            if shape is None:
                geometry_faults.append(Fault(where, shape_fault, "Mend it in the file."))
            elif not faults:
                source_id = str(properties.get("source_id") or default.source_id)
                shapes[row] = (shape, Basis(basis or default.basis), source_id)
    geometry_faults += _far_away_faults(file, layer, shapes, crs)
    if geometry_faults:
        raise GeometryError.of(str(file), [*geometry_faults, *faults])
    if faults:
        raise LayerError.of(str(file), faults)
    return Shapes(file, shapes)


def _far_away_faults(
    file: Path, layer: str, shapes: Mapping[str, tuple[BaseGeometry, Basis, str]], crs: CRS
) -> list[Fault]:
    """Say which lines and points lie far from a territory; ground is held against the ellipsoid when it is measured."""
    if (drawn_kind := drawn_as(layer)) is GeometryKind.POLYGON:
        return []
    stray_reasons = stray_shape_reasons(str(file), [shape for shape, *_ in shapes.values()], crs, crs, drawn_kind)
    mend = "Say the CRS that it is in, or take it out."
    return [
        Fault(row, "lies far from the territory.", mend)
        for row, reason in zip(shapes, stray_reasons, strict=True)
        if reason
    ]


def _layer_to_read(file: Path, layer: str) -> str:
    """Return the layer of a file to read: the one of that name, or the only one."""
    names = layer_names_of_file(file)
    if layer in names:
        return layer
    if len(names) == 1:
        return names[0]
    fault_text = f"holds {len(names)} layers ({', '.join(names)}), none called `{layer}`."
    raise LayerError.of(str(file), [Fault("", fault_text, f"Call the one to read `{layer}`.")])


def _key_fault(row: str, layer: str, keys: Collection[str], taken: Collection[str]) -> tuple[str, str] | None:
    """Say what is wrong with the row that a feature names, and how to mend it."""
    if row not in keys:
        return f"`{row}` is no row of {layer}.", "Correct it, or add the row."
    return (f"`{row}` stands twice.", "Make one multipolygon of it.") if row in taken else None


def shape_in_crs(geometry: Any, forward: Transformer, drawn: GeometryKind) -> tuple[BaseGeometry | None, str]:
    """Return a shape in two dimensions, in the CRS that `forward` leads to, or say what is wrong with it."""

    def move_coordinates(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(forward.transform(*xy.T))

    shape, shape_fault = shape_of_geometry(geometry)
    if shape is None or (shape_fault := shape_defect(shape, drawn)):
        return None, shape_fault or shape_defect(shape, drawn)
    moved_shape = shapely.transform(shapely.force_2d(shape), move_coordinates)
    return (
        (None, f"outside its CRS, {shape_fault}")
        if (shape_fault := shape_defect(moved_shape, drawn))
        else (moved_shape, "")
    )


def mended_shape(geometry: Any, forward: Transformer, drawn: GeometryKind) -> tuple[BaseGeometry | None, str]:
    """Return what of a broken shape is drawn as its layer is, mended, and how much of it moved; "" where it cannot be.

    Parts that overlap or cross themselves become ground once; what is no ground after it is nothing.
    """
    shape, _ = shape_of_geometry(geometry)
    if shape is None or shape.is_empty:
        return None, ""
    flat = shapely.transform(shapely.force_2d(shape), lambda xy: np.column_stack(forward.transform(*xy.T)))
    if not np.isfinite(shapely.get_coordinates(flat)).all():
        return None, ""
    pieces = shapely.get_parts(shapely.get_parts(shapely.make_valid(flat)))
    parts = [part for part in pieces if not shape_defect(part, drawn)]
    whole = shapely.union_all(parts) if parts else None
    if whole is None:
        return None, "Nothing of it is left when it is mended, and it is left out."
    if drawn is not GeometryKind.POLYGON:
        return whole, "It is mended."
    area_before, area_after = float(shapely.area(flat)), float(shapely.area(whole))
    moved_text = f"{abs(area_after - area_before):,.1f}".replace(",", " ")
    return whole, f"It is mended: {moved_text} m² moved, of {f'{area_after:,.1f}'.replace(',', ' ')} m²."


def shape_of_geometry(geometry: Any) -> tuple[BaseGeometry | None, str]:
    """Make a shape of a geometry as GeoJSON has it, or say why it is none; nothing makes nothing."""
    if geometry is None or isinstance(geometry, BaseGeometry):
        return geometry, ""
    try:
        with np.errstate(all="ignore"):
            shape = to_shape(geometry)
    except (ValueError, shapely.errors.ShapelyError) as error:
        return None, f"the shape is broken ({error})."
    except (TypeError, LookupError, AttributeError, OverflowError, RecursionError):
        return None, "the shape is broken (its coordinates are no lists of numbers)."
    return shape, ""


def transformer_between(said: CRS, crs: CRS, place: str) -> Transformer:
    """Return the way from the CRS of a file to another one.

    Raises
    ------
    CrsError
        If there is none: what the file says is no CRS of the ground.
    """
    try:
        return Transformer.from_crs(said, crs, always_xy=True)
    except ProjError:
        fault = Fault(
            "", f"its CRS ({said.name}) leads nowhere.", "Set it in QGIS (Layer > Set CRS) and save the file."
        )
        raise CrsError.of(place, [fault]) from None


def _transformer_of_file(said: CRS | None, file: Path, crs: CRS) -> Transformer:
    if said is None:
        fault = Fault("", "no CRS.", "Set it in QGIS (Layer > Set CRS) and save; it is never guessed.")
        raise CrsError.of(str(file), [fault])
    return transformer_between(said, crs, str(file))


def rows_with_shapes(layer: gpd.GeoDataFrame, key: str, shapes: Shapes) -> gpd.GeoDataFrame:
    """Give rows the shapes that name them; their basis and source become those of the shape, others keep theirs."""
    shape_of_rows = [shapes.by_key.get(row) for row in layer[key]]
    shaped_rows = layer.assign(
        basis=[each[1].value if each else basis for each, basis in zip(shape_of_rows, layer["basis"], strict=True)],
        source_id=[each[2] if each else source for each, source in zip(shape_of_rows, layer["source_id"], strict=True)],
    ).set_geometry(
        column_of_shapes(
            [each[0] if each else own_shape for each, own_shape in zip(shape_of_rows, layer.geometry, strict=True)],
            layer,
        )
    )
    if "measured_m2" not in layer:
        return shaped_rows
    return shaped_rows.assign(
        measured_m2=checked_area_m2(shaped_rows.geometry, place=str(shapes.file), names=list(layer[key]))
    )


def column_of_shapes(shapes: Sequence[BaseGeometry | None], like: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return shapes as a column for a layer, in its CRS and with its index."""
    column = np.full(len(shapes), None, dtype=object)
    column[:] = shapes
    return gpd.GeoSeries(column, index=like.index, crs=like.crs)
