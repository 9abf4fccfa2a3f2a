"""The colours and labels of the pages as QGIS styles (QML), one per layer, so that QGIS and the pages show the same.

Columns have their French labels as aliases, and features their name as display text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

import pandas as pd

from gis.crs import GeometryKind
from gis.maps import i18n
from gis.maps.palette import (
    ACCESSES,
    BROWNFIELDS,
    BUILT,
    EXCLUSIONS,
    GROUND,
    LINE,
    MARK,
    MAYBE,
    ROADS,
    SHAPE,
    SPOTS,
    ZONE,
)
from gis.maps.site import site_colours
from gis.maps.territory_view import TerritoryView
from gis.measures.occupancy import TO_COME
from gis.provenance import row_name
from gis.schemas import (
    LAYERS,
    AccessKind,
    Answer,
    BrownfieldStatus,
    ExclusionReason,
    LayerDescription,
    RoadClass,
    SpotKind,
    french_labels,
    records,
)


@dataclass(frozen=True, slots=True)
class Symbology:
    """The style of the features with one value, and their label in the legend."""

    value: str
    label: str
    fill: str  # "" means no fill
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class _Style:
    """The style of a layer: QGIS expression of its categories, their symbols, and whether features are labelled."""

    by: str
    looks: tuple[Symbology, ...]
    labelled: bool = True


def qml_by_layer(known: TerritoryView, written: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return the QML of every layer, by name: legend, column aliases and display names in French.

    Parameters
    ----------
    known
        The territory.
    written
        The layers as they are written, by name: only columns that exist get an alias.
    """
    styles_drawn = _style_by_layer(known)
    return {
        name: _qml_text(
            (styles_drawn.get(name) or _default_style(layer)) if layer.geometry else None,
            layer,
            [*written.get(name, ())],
        )
        for name, layer in LAYERS.items()
        if layer.written
    }


def _style_by_layer(known: TerritoryView) -> Mapping[str, _Style]:
    t = i18n.text_catalogue("fr")
    return {
        "communes": _single_look_style(t["legend.commune"], GROUND),
        "sites": _Style(
            '"counted"',
            (Symbology("oui", t["qgis.zone"], ZONE), Symbology("", t["qgis.site"], SHAPE)),
        ),
        "terrains": _Style(
            '"available_now"',
            (
                Symbology(Answer.YES.value, t["available.state.oui"], MARK),
                Symbology(Answer.UNKNOWN.value, t["available.state.inconnu"], MAYBE),
                Symbology("", t["qgis.terrain"], SHAPE),
            ),
        ),
        "parcels": _single_look_style(t["qgis.parcel"], ""),
        "land_units": _single_look_style(t["qgis.land_unit"], ""),
        "buildings": _single_look_style(t["qgis.building"], BUILT),
        "premises": _single_look_style(t["qgis.premises"], SHAPE),
        "exclusions": _Style(
            '"reason"', tuple(Symbology(code, t[f"exclusion.{code}"], EXCLUSIONS[code]) for code in ExclusionReason)
        ),
        "roads": _Style(
            '"road_class"',
            tuple(Symbology(each, t[f"road.{each}"], ROADS[each]) for each in RoadClass),
            labelled=False,
        ),
        "accesses": _Style(
            '"access_kind"',
            tuple(Symbology(each, t[f"access.{each}"], ACCESSES[each]) for each in AccessKind),
        ),
        "plots": _Style(
            '"available"',
            (
                Symbology(Answer.YES.value, t["qgis.plot.oui"], MARK),
                Symbology(Answer.UNKNOWN.value, t["qgis.plot.inconnu"], MAYBE),
            ),
        ),
        "brownfields": _Style(
            '"status"',
            tuple(Symbology(each, each.value, fill) for each, fill in zip(BrownfieldStatus, BROWNFIELDS, strict=True)),
        ),
        "railways": _single_look_style(t["qgis.railway"], LINE),
        "spots": _Style(
            '"spot_kind"',
            tuple(Symbology(each, t[f"qgis.spot.{each}"], fill) for each, fill in zip(SpotKind, SPOTS, strict=True)),
        ),
        "osm_land_use": _single_look_style(t["qgis.osm_land_use"], ""),
        "tiles": _Style(_TILE, (*_tenant_looks(known), *_other_tile_looks())),
    }


#: Category of a tile: "?" if its area is unknown, the occupant if it is of a tenancy, otherwise the layer of its row.
_TILE: Final = (
    'CASE WHEN "area_m2" IS NULL THEN \'?\' WHEN "subject" LIKE \'tenancies/%\' THEN "label" '
    "ELSE regexp_replace(\"subject\", '/.*', '') END"
)


def _other_tile_looks() -> Iterable[Symbology]:
    t = i18n.text_catalogue("fr")
    return (
        Symbology("?", t["legend.unknown"], ""),
        Symbology("sites", t["qgis.tile.site"], ZONE),
        Symbology("claims", t["available.square"], MARK),
    )


def _tenant_looks(known: TerritoryView) -> list[Symbology]:
    """Return the style of each occupant of a tile, with its colour on the page of its site."""
    drawn_subjects = set(known.tiles["subject"])
    looks_by_name: dict[str, Symbology] = {}
    for site_id in dict.fromkeys(known.tenancies["site_id"]):
        fills = site_colours(known, site_id)
        for row in records(known.tenancies[known.tenancies["site_id"] == site_id]):
            if row_name("tenancies", row["tenancy_id"]) in drawn_subjects:
                name = row["occupant"]
                looks_by_name[name] = Symbology(
                    name, name, fills[row["establishment_id"]], dashed=row["phase"] in TO_COME
                )
    return list(looks_by_name.values())


def _default_style(layer: LayerDescription) -> _Style:
    """Return the default style of a layer: polygons without fill, grey lines and points."""
    return _single_look_style(layer.title, "" if layer.drawn_as is GeometryKind.POLYGON else LINE)


def _single_look_style(label: str, fill: str) -> _Style:
    return _Style("''", (Symbology("", label, fill),))


#: Style categories that QGIS loads: aliases are in Fields, the display name of features in LayerConfiguration.
_CATEGORIES: Final = "LayerConfiguration|Symbology|Labeling|Fields"
#: The same for a table without geometry.
_OF_TABLES: Final = "LayerConfiguration|Fields"


def _qml_text(style: _Style | None, layer: LayerDescription, columns: Sequence[str]) -> str:
    """Return the QML of a layer: style, column aliases and display name; `style` is None if a table has no geometry."""
    root = (
        ET.Element("qgis", version="3.22", styleCategories=_OF_TABLES)
        if style is None
        else _drawn_style_element(style, layer)
    )
    _add_aliases(root, layer, columns)
    ET.indent(root, " ")
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")


def _drawn_style_element(style: _Style, layer: LayerDescription) -> ET.Element:
    label = layer.label if style.labelled else ""
    root = ET.Element("qgis", version="3.22", styleCategories=_CATEGORIES, labelsEnabled=f"{bool(label):d}")
    renderer = ET.SubElement(
        root,
        "renderer-v2",
        type="categorizedSymbol",
        attr=style.by,
        symbollevels="0",
        enableorderby="0",
        forceraster="0",
    )
    categories, symbols = ET.SubElement(renderer, "categories"), ET.SubElement(renderer, "symbols")
    for n, look in enumerate(style.looks):
        ET.SubElement(
            categories, "category", symbol=str(n), value=look.value, label=look.label, render="true", type="string"
        )
        _add_symbol(symbols, str(n), look, layer.drawn_as)
    if label:
        _add_labels(root, label)
    return root


#: The symbol of polygons, lines and points: its type, and the class of its only symbol layer.
_SYMBOLS: Final = {
    GeometryKind.POLYGON: ("fill", "SimpleFill"),
    GeometryKind.LINE: ("line", "SimpleLine"),
    GeometryKind.POINT: ("marker", "SimpleMarker"),
}


def _add_symbol(symbols: ET.Element, name: str, look: Symbology, drawn: GeometryKind) -> None:
    kind, layer_class = _SYMBOLS[drawn]
    symbol = ET.SubElement(symbols, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1", force_rhr="0")
    layer = ET.SubElement(symbol, "layer", attrib={"class": layer_class}, enabled="1", locked="0")
    options = ET.SubElement(layer, "Option", type="Map")
    for key, value in _symbol_options(look, drawn).items():
        ET.SubElement(options, "Option", type="QString", name=key, value=value)


def _symbol_options(look: Symbology, drawn: GeometryKind) -> dict[str, str]:
    outline = {"outline_width": "0.26", "outline_width_unit": "MM", "outline_color": _rgba_text(LINE)}
    if drawn is GeometryKind.LINE:
        return {
            "line_color": _rgba_text(look.fill),
            "line_style": "solid",
            "line_width": "0.8",
            "line_width_unit": "MM",
        }
    if drawn is GeometryKind.POINT:
        return {"name": "circle", "color": _rgba_text(look.fill), "size": "3", "size_unit": "MM", **outline}
    return {
        "color": _rgba_text(look.fill or GROUND),
        "style": "no" if look.dashed or not look.fill else "solid",
        "outline_color": _rgba_text(look.fill if look.dashed else LINE),
        "outline_style": "dash" if look.dashed else "solid",
        "outline_width": "0.6" if look.dashed else "0.26",
        "outline_width_unit": "MM",
    }


def _add_labels(root: ET.Element, column: str) -> None:
    labeling = ET.SubElement(root, "labeling", type="simple")
    settings = ET.SubElement(labeling, "settings", calloutType="simple")
    text = ET.SubElement(
        settings,
        "text-style",
        fieldName=column,
        isExpression="0",
        fontSize="8",
        fontSizeUnit="Point",
        textColor="27,42,56,255",
        textOpacity="1",
    )
    ET.SubElement(
        text, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM", bufferColor="255,255,255,255"
    )
    ET.SubElement(settings, "placement", placement="1", centroidInside="1")


def _add_aliases(root: ET.Element, layer: LayerDescription, columns: Sequence[str]) -> None:
    """Add French aliases of columns, and the display name of features: their label or, if it is empty, their key."""
    labels = french_labels(layer.name)
    aliases = ET.SubElement(root, "aliases")
    fields = [name for name in columns if name != "geometry"]
    for index, name in enumerate(fields, 1):  # field 0 is the feature id in the file
        if alias := labels.get(name):
            ET.SubElement(aliases, "alias", field=name, index=str(index), name=alias)
    match [f'"{name}"' for name in (layer.label, layer.key) if name in fields]:
        case [name, key]:
            ET.SubElement(root, "previewExpression").text = f"CASE WHEN {name} <> '' THEN {name} ELSE {key} END"
        case [only]:
            ET.SubElement(root, "previewExpression").text = only


def _rgba_text(colour: str) -> str:
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return f"{red},{green},{blue},255"
