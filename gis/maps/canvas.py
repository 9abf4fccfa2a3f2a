"""One canvas layer for every shape and tile of every page, as folium objects.

folium builds the map; the drawing is ours (`assets/src/canvas.js`), so that ten shapes and ten thousand are the same
code. A `PageMap` carries what it draws with: it opens in a notebook, or a page, with no network.
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
    """A block of a diagram: where its frame is anchored, its metres in it, and how it looks."""

    key: str
    label: str
    anchor: tuple[float, float] | None  # latitude and longitude of the upper left corner of the frame
    block: Block
    fill: str
    dashed: bool = False
    circle: bool = False
    href: str = ""

    def record(self) -> dict[str, Any]:
        """Return it as plain values for the page."""
        record = asdict(self)
        record["block"] = [round(float(side), 3) for side in self.block]
        return record


class Shape(NamedTuple):
    """What is told of a real shape that is drawn, and how it looks."""

    key: str
    label: str
    fill: str = ""
    dashed: bool = False
    href: str = ""


def shapes_frame(shapes: Sequence[Shape], geometry: Iterable[Geometry], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Put shapes to draw beside their geometry, in the same order."""
    return gpd.GeoDataFrame(pd.DataFrame(shapes, columns=list(Shape._fields)), geometry=list(geometry), crs=crs)


def asset(name: str) -> str:
    """Return a file made when the package was built.

    Raises
    ------
    RenderError
        If it was not made.
    """
    file = files("gis.maps").joinpath("assets", "dist", name)
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        msg = f"{name} is not in the package: it was not built. Install it again with `pip install -e .`."
        raise RenderError(msg) from None


def json_for_html(value: object) -> str:
    """Write JSON that can stand inside a script element and pass through folium's templates.

    It holds no `<`, no line separator of JavaScript, and nothing that Jinja would run, as branca reads what it renders.
    """
    text = compact_json(value)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return re.sub(r"\{(?=[{%#])", r"\\u007b", text)


class PageMap(folium.Map):
    """A folium map that asks nothing of the network: it carries Leaflet and our layer."""

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
    """The layer that draws: ground outlines, real shapes, blocks of diagrams."""

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
            Polygons that can be selected, in any CRS; columns as in `Shape`: `shapes_frame` makes it.
        blocks
            The tiles.
        view
            What the map shows first, in any CRS; when empty, the blocks.
        label
            Name of the map for screen readers.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "CanvasLayer"
        #: What a script calls the data where a page carries them apart.
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
        """The data, as a script holds them."""
        return json_for_html(self.data)


def bounds_in_degrees(shapes: gpd.GeoSeries) -> list[list[float]] | None:
    """Return [[south, west], [north, east]] of shapes, or nothing if there are none."""
    drawn_shapes = gpd.GeoSeries(shapes.dropna())
    if drawn_shapes.empty:
        return None
    degrees: gpd.GeoSeries = drawn_shapes.to_crs(DEGREES)
    west, south, east, north = degrees.total_bounds.round(6).tolist()
    return [[south, west], [north, east]]


def map_of_layer(layer: CanvasLayer) -> PageMap:
    """Return a map with one layer."""
    folium_map = PageMap()
    layer.add_to(folium_map)
    return folium_map
