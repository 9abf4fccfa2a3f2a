"""One canvas layer for all geometries and tiles of all pages, as folium objects.

folium builds the map; the project draws (`assets/src/canvas.js`), so that ten geometries and ten thousand use the same
code. A `PageMap` contains the scripts that it needs: it opens in a notebook or a page without a network.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any, NamedTuple

import folium
import geopandas as gpd
import pandas as pd
import pyproj
from branca.element import Element, MacroElement
from folium.template import Template
from shapely import Geometry

from gis.crs import DEGREES
from gis.errors import RenderError
from gis.maps.packing import PRECISION, compact_json, encode_polygons, pack_rows
from gis.measures.tiles import Block
from gis.schemas import records


@dataclass(frozen=True, slots=True)
class DrawnBlock:
    """A block of a diagram: the anchor of its frame, its position in the frame in metres, and its style."""

    key: str
    label: str
    anchor: tuple[float, float] | None  # latitude and longitude of the upper left corner of the frame
    block: Block
    fill: str
    dashed: bool = False
    circle: bool = False
    href: str = ""

    def record(self) -> dict[str, Any]:
        """Return the block as plain values for the page, its sides rounded to a millimetre."""
        record = asdict(self)
        record["block"] = [round(float(side), 3) for side in self.block]
        return record


class Shape(NamedTuple):
    """Attributes and style of a geometry that is drawn."""

    key: str
    label: str
    fill: str = ""
    dashed: bool = False
    href: str = ""


def shapes_frame(shapes: Sequence[Shape], geometry: Iterable[Geometry], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Join shapes and geometries, both in the same order, to a data frame."""
    return gpd.GeoDataFrame(pd.DataFrame(shapes, columns=list(Shape._fields)), geometry=list(geometry), crs=crs)


def asset(name: str) -> str:
    """Return the text of a file that the build of the package generates.

    Raises
    ------
    RenderError
        If the file was not generated.
    """
    file = files("gis.maps").joinpath("assets", "dist", name)
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        msg = f"{name} is not in the package: it was not built. Install it again with `pip install -e .`."
        raise RenderError(msg) from None


def json_for_html(value: object) -> str:
    """Return JSON that is safe in a script element and in folium's templates.

    It contains no `<`, no line separator of JavaScript, and no Jinja markup, because branca renders its output again.
    """
    text = compact_json(value)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return re.sub(r"\{(?=[{%#])", r"\\u007b", text)


class PageMap(folium.Map):
    """A folium map without network requests: it contains Leaflet and the canvas layer."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012  (as folium has it)
    default_css: list[tuple[str, str]] = []  # noqa: RUF012  (as folium has it)

    _template = Template(
        """
        {% macro header(this, kwargs) %}
        <style>html, body { height: 100%; margin: 0 } #{{ this.get_name() }} { height: 100% }</style>
        {% endmacro %}
        {% macro html(this, kwargs) %}<div class="folium-map" id={{ this.get_name()|tojson }}></div>{% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, emprise.mapOptions());
        {% endmacro %}
        """
    )

    def __init__(self) -> None:
        super().__init__(tiles=None)
        figure: Any = self.get_root()
        figure.height = "480px"
        figure.header.add_child(Element(f"<style>{asset('emprise.css')}</style>"), name="emprise_css")
        figure.header.add_child(Element(f"<script>{asset('emprise.js')}</script>"), name="emprise_js")


class CanvasLayer(MacroElement):
    """The canvas layer: background outlines, geometries, and blocks of diagrams."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        emprise.attach({{ this._parent.get_name() }}, {{ this.place or this.json }});
        {% endmacro %}
        """
    )

    def __init__(
        self,
        *,
        ground: gpd.GeoDataFrame,
        shapes: gpd.GeoDataFrame,
        blocks: Sequence[DrawnBlock],
        view: gpd.GeoSeries,
        label: str,
    ) -> None:
        """Make the layer.

        Parameters
        ----------
        ground
            Background polygons, in any CRS; column `name`.
        shapes
            Polygons that can be selected, in any CRS; columns as in `Shape` (see `shapes_frame`).
        blocks
            The tiles.
        view
            Initial extent of the map, in any CRS; if it is empty, the blocks.
        label
            Name of the map for screen readers.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "CanvasLayer"
        #: JavaScript expression of the data, if the page stores them apart from the layer.
        self.place = ""
        self.data: Mapping[str, Any] = {
            "label": label,
            "precision": PRECISION,
            "ground": {"names": list(ground["name"]), "rings": encode_polygons(ground.geometry)},
            "shapes": {
                "items": pack_rows(records(shapes.drop(columns="geometry"))),
                "rings": encode_polygons(shapes.geometry),
            },
            "blocks": [block.record() for block in blocks],
            "view": bounds_in_degrees(view),
        }

    @property
    def json(self) -> str:
        """The data as JSON for a script."""
        return json_for_html(self.data)


def bounds_in_degrees(shapes: gpd.GeoSeries) -> list[list[float]] | None:
    """Return the extent of geometries in degrees, [[south, west], [north, east]]; None if there are none."""
    drawn_shapes = gpd.GeoSeries(shapes.dropna())
    if drawn_shapes.empty:
        return None
    degrees: gpd.GeoSeries = drawn_shapes.to_crs(DEGREES)
    west, south, east, north = degrees.total_bounds.round(6).tolist()
    return [[south, west], [north, east]]


def map_of_layer(layer: CanvasLayer) -> PageMap:
    """Return a map with this layer only."""
    folium_map = PageMap()
    layer.add_to(folium_map)
    return folium_map
