"""Facts that contradict each other: errors planted one at a time in the fictional territory, and none where none is."""

import dataclasses
import datetime as dt
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely import affinity

import gis
from gis.errors import GisError, SchemaError
from gis.measures import contradictions as measure
from gis.measures.coverage import coverage_issues
from gis.measures.disagreements import disagreements
from gis.measures.doubles import doubles
from gis.measures.land_units import land_units
from gis.measures.magnitudes import magnitudes
from gis.measures.misplaced import misplaced
from gis.measures.moments import moments
from gis.measures.plausible import Plausible, plausible_of
from gis.measures.statements import Statements
from gis.schemas import KEYS, Exclusions, conform

DEMO = Path(__file__).parents[2] / "layers" / "demo"


@dataclasses.dataclass
class Spoilt:
    """The layers of the fictional territory, copied, for a test to plant an error in."""

    layers: dict[str, pd.DataFrame]
    opening: dt.date
    limits: Plausible = dataclasses.field(default_factory=Plausible)

    def at(self, layer, key):
        return self.layers[layer][KEYS[layer]] == key

    def value(self, layer, key, column):
        return self.layers[layer].loc[self.at(layer, key), column].iloc[0]

    def put(self, layer, key, **values):
        """Change a row; a day is written as text."""
        frame = self.layers[layer]
        assert self.at(layer, key).sum() == 1, (layer, key)
        for column, value in values.items():
            is_day = str(frame[column].dtype).startswith("datetime")
            frame.loc[self.at(layer, key), column] = pd.Timestamp(value) if is_day else value

    def again(self, layer, key, other, **values):
        """Put a row once more, under another key."""
        frame = self.layers[layer]
        row = frame[self.at(layer, key)].copy()
        row[KEYS[layer]] = other
        self.layers[layer] = pd.concat([frame, row], ignore_index=True)
        self.put(layer, other, **values)

    def draw(self, layer, key, change):
        """Change a shape, and its area with it."""
        frame = self.layers[layer]
        there = self.at(layer, key)
        assert there.any()
        shapes = frame.geometry.array.copy()
        for n in np.flatnonzero(there):
            shapes[n] = change(shapes[n])
        self.layers[layer] = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
        if "measured_m2" in frame:
            self.layers[layer].loc[there, "measured_m2"] = self.layers[layer].geometry[there].area

    def draw_all(self, layer, change):
        frame = self.layers[layer]
        self.layers[layer] = frame.set_geometry(gpd.GeoSeries(change(frame.geometry), index=frame.index, crs=3950))

    def said(self):
        return Statements(self.opening, self.limits, **self.layers)

    def ask(self, question):
        return list(question(self.said()))

    def issues(self):
        """Return all that is found, by every rule between rows."""
        layers = self.layers
        found = [
            measure.contradictions(layers, self.opening, self.limits),
            coverage_issues(layers["sites"], layers["terrains"], layers["communes"]),
            land_units(layers["parcels"], layers["owners"], layers["sites"]).issues,
        ]
        return pd.concat(found).to_dict("records")


@pytest.fixture(scope="module")
def territory():
    return gis.open(DEMO)


@pytest.fixture(scope="module")
def sound(territory):
    return {name: getattr(territory, name) for name in measure.LAYERS}


@pytest.fixture
def spoilt(territory, sound):
    return Spoilt({name: frame.copy() for name, frame in sound.items()}, territory.opening)


def swapped(shape):
    """Swap longitude and latitude."""
    there = Transformer.from_crs(3950, 4326, always_xy=True)
    back = Transformer.from_crs(4326, 3950, always_xy=True)
    return shapely.transform(shape, lambda xy: np.column_stack(back.transform(*there.transform(*xy.T)[::-1])))


def moved(east, north=0.0):
    return lambda shape: affinity.translate(shape, east, north)


def axes_swapped(shapes):
    """Swap the axes in Lambert-93."""
    turned = shapely.transform(shapes.to_crs(2154).to_numpy(), lambda xy: xy[:, ::-1])
    return gpd.GeoSeries(turned, crs=2154).to_crs(3950)


def lied(shapes, really, said):
    """Say another CRS of coordinates than theirs."""
    return gpd.GeoSeries(shapes.to_crs(really).to_numpy(), crs=said).to_crs(3950)


def land(site, factor):
    """State a multiple of what is drawn as a site."""

    def plant(t):
        ha = t.value("sites", site, "measured_m2") / 1e4 * factor
        t.put("sites", site, land_low_ha=ha, land_high_ha=ha)

    return plant


def put(layer, key, **values):
    return lambda t: t.put(layer, key, **values)


def again(layer, key, other, **values):
    return lambda t: t.again(layer, key, other, **values)


def draw(layer, key, change):
    return lambda t: t.draw(layer, key, change)


def claim(key, value, unit):
    factor = {"ha": 1.0, "m2": 1.0, "%": 1.0, "jobs": 1.0}[unit]
    return put("claims", key, value=str(value), unit=unit, low=value * factor, high=value * factor)


def occupied_but_free(t):
    t.put("terrains", "s001-t001", occupied="inoccupé", sale="en vente", sold_on=None)


def never_built(t):
    """Say that a terrain was never occupied, and let nobody be in place: the building is left to speak."""
    t.put("terrains", "s001-t001", occupied="inoccupé")
    t.layers["tenancies"] = t.layers["tenancies"].iloc[:0]


def opening(day):
    return lambda t: setattr(t, "opening", dt.date.fromisoformat(day))


#: What passed in silence: the question that finds it, what is planted, and the rows of which one must be named.
SILENT = {
    "site land in m2 typed as ha": (magnitudes, put("sites", "s003", land_low_ha=79000.0, land_high_ha=79000.0), "sites/s003"),
    "claim ha typed m2": (magnitudes, claim("focus.floor", 55250, "ha"), "claims/focus.floor"),
    "one road lat/lon swapped": (misplaced, draw("roads", "r001", swapped), "roads/r001"),
    "premises twice, other key, same shape": (doubles, again("premises", "s001-p003", "zz"), "premises/zz"),
    "tenancy on two premises, each with the whole area": (
        doubles,
        again("tenancies", "h0003", "zz", premises_id="s002-p001"),
        "tenancies/zz",
    ),
    "same tenancy twice": (doubles, again("tenancies", "h0003", "zz"), "tenancies/zz"),
    "tenancy starts 1023": (
        moments,
        put("tenancies", "h0003", from_earliest="1723-03-14", from_latest="1723-03-14"),
        "tenancies/h0003",
    ),
    "tenancy left yet no end": (
        disagreements,
        put("tenancies", "h0001", to_earliest=None, to_latest=None),
        "tenancies/h0001",
    ),
    "premises floor x1000": (magnitudes, put("premises", "s001-p001", floor_m2=2462000.0), "premises/s001-p001"),
    "building height 97 m": (magnitudes, put("buildings", "s001-b001", height_m=97.0), "buildings/s001-b001"),
    "rent 60000 EUR/m2": (magnitudes, put("premises", "s001-p001", rent_eur_m2=60000.0), "premises/s001-p001"),
    "power 5,000,000 kW": (magnitudes, put("terrains", "s001-t001", power_kw=5e6), "terrains/s001-t001"),
    "occupied_as_of 2205": (moments, put("terrains", "s001-t001", occupied_as_of="2205-06-30"), "terrains/s001-t001"),
    "free terrain yet buildings and tenant on it": (disagreements, occupied_but_free, "terrains/s001-t001"),
    "establishment active_from 2205": (
        moments,
        put("establishments", "e0002", active_from="2205"),
        "establishments/e0002 tenancies/h0003",
    ),
    "tenancy jobs 30 -> 300000": (magnitudes, put("tenancies", "h0003", jobs_now=300000.0), "tenancies/h0003"),
    "axes swapped in 2154, roads": (misplaced, lambda t: t.draw_all("roads", axes_swapped), "roads/r001"),
    "opening date 2205": (moments, opening("2205-06-30"), "territory/opening"),
    "site opened 2205": (moments, put("sites", "s003", opened="2205"), "sites/s003"),
    "site land x10": (magnitudes, put("sites", "s003", land_low_ha=79.0, land_high_ha=79.0), "sites/s003"),
    "one access lat/lon swapped": (misplaced, draw("accesses", "a003", swapped), "accesses/a003"),
    "building twice, other key": (doubles, again("buildings", "s001-b001", "zz"), "buildings/zz"),
    "tenancy area above the whole site": (
        magnitudes,
        put("tenancies", "h0005", area_low_m2=2363000.0, area_high_m2=2363000.0),
        "tenancies/h0005",
    ),
    "two tenants in place in one premises": (
        doubles,
        put("tenancies", "h0004", premises_id="s001-p001"),
        "tenancies/h0003 tenancies/h0004",
    ),
    "tenancy starts 2205": (
        moments,
        put("tenancies", "h0003", from_earliest="2205-03-14", from_latest="2205-03-14"),
        "tenancies/h0003",
    ),
    "tenancy site differs from its premises' site": (
        disagreements,
        put("tenancies", "h0003", site_id="s003"),
        "tenancies/h0003",
    ),
    "premises floor 0.2461 (ha)": (magnitudes, put("premises", "s001-p003", floor_m2=0.2461), "premises/s001-p003"),
    "building height 97000": (magnitudes, put("buildings", "s001-b001", height_m=97000.0), "buildings/s001-b001"),
    "price whole plot in EUR/m2 column": (
        magnitudes,
        put("terrains", "s001-t001", price_eur_m2=450000.0),
        "terrains/s001-t001",
    ),
    "motorway distance in m": (magnitudes, put("sites", "s001", motorway_km=1000.0), "sites/s001"),
    "for sale yet sold_on set": (disagreements, put("terrains", "s001-t001", sale="en vente"), "terrains/s001-t001"),
    "establishment in a commune unknown": (
        disagreements,
        put("establishments", "e0002", insee="99999"),
        "establishments/e0002",
    ),
    "premises moved out of its building (200 m)": (misplaced, draw("premises", "s001-p001", moved(200)), "premises/s001-p001"),
    "access moved 300 km": (misplaced, draw("accesses", "a003", moved(300_000)), "accesses/a003"),
    "exclusion buffer 5000 m": (magnitudes, put("exclusions", "x003", buffer_m=5000.0), "exclusions/x003"),
    "occupied share 250 %": (magnitudes, claim("focus.occupied", 250, "%"), "claims/focus.occupied"),
    "site name of another site": (
        doubles,
        put("sites", "s001", site_name="Parc logistique Zémuzande"),
        "sites/s001 sites/s002",
    ),
}


def names(rows, wanted):
    return {f"{row['layer']}/{row['row']}" for row in rows} & {*wanted.split()}


@pytest.mark.parametrize(("question", "plant", "wanted"), SILENT.values(), ids=SILENT)
def test_what_passed_in_silence_is_found(spoilt, question, plant, wanted):
    before = spoilt.ask(question)
    plant(spoilt)
    rows = spoilt.ask(question)
    assert before == []
    assert names(rows, wanted), rows
    assert all(row["message"].endswith(".") and len(row["message"]) > 30 for row in rows)


def copy_terrain(other, **values):
    return lambda t: t.again("terrains", "s001-t001", other, **values)


#: What was found already, between rows: what is planted, and the rows of which one must be named.
KNOWN = {
    "one terrain lat/lon swapped": (draw("terrains", "s001-t001", swapped), "terrains/s001-t001"),
    "one building lat/lon swapped": (draw("buildings", "s001-b001", swapped), "buildings/s001-b001"),
    "one commune lat/lon swapped": (draw("communes", "99005", swapped), "sites/s001"),
    "terrains overlap by ~15 m": (draw("terrains", "s001-t001", lambda shape: shape.buffer(15)), "terrains/s001-t001"),
    "site twice under another key": (again("sites", "s003", "zz"), "sites/s003 sites/zz"),
    "terrain of s001 moved into nowhere (5 km)": (draw("terrains", "s001-t001", moved(5000)), "terrains/s001-t001"),
    "parcel moved 5 km": (draw("parcels", "99005000AA0001", moved(0, -5000)), "parcels/99005000AA0001"),
    "site moved 500 m": (draw("sites", "s003", moved(500)), "sites/s003"),
    "CRS lie: sites really 3950, said 2154": (
        lambda t: t.draw_all("sites", lambda shapes: lied(shapes, 3950, 2154)),
        "sites/s003",
    ),
    "CRS lie: buildings really 2154, said 3950": (
        lambda t: t.draw_all("buildings", lambda shapes: lied(shapes, 2154, 3950)),
        "buildings/s001-b001",
    ),
    "CRS lie: sites really 3950, said 3949": (
        lambda t: t.draw_all("sites", lambda shapes: lied(shapes, 3950, 3949)),
        "sites/s003",
    ),
    "one site lat/lon swapped": (draw("sites", "s003", swapped), "sites/s003"),
    "all sites lat/lon swapped": (lambda t: t.draw_all("sites", lambda shapes: swapped(shapes.to_numpy())), "sites/s003"),
    "one exclusion lat/lon swapped": (draw("exclusions", "x001", swapped), "exclusions/x001"),
    "terrain twice, same shape, other key": (copy_terrain("zz"), "terrains/zz terrains/s001-t001"),
    "parcel twice, other key": (again("parcels", "99005000AA0001", "99005000ZZ0001"), "parcels/99005000AA0001"),
    "tenancy in_place yet ended 2021": (
        put("tenancies", "h0033", to_earliest="2021-06-30", to_latest="2021-06-30"),
        "tenancies/h0033",
    ),
    "site in the wrong commune": (put("sites", "s003", insee="99001"), "sites/s003"),
    "part_of a site far away": (put("sites", "s003", part_of="s001"), "sites/s003"),
    "terrain said of the wrong site": (put("terrains", "s001-t001", site_id="s003"), "terrains/s001-t001"),
    "CRS lie: sites really 2154, said 3950": (
        lambda t: t.draw_all("sites", lambda shapes: lied(shapes, 2154, 3950)),
        "sites/s003",
    ),
    "CRS lie: terrains really 2154, said 3950": (
        lambda t: t.draw_all("terrains", lambda shapes: lied(shapes, 2154, 3950)),
        "terrains/s001-t001",
    ),
    "CRS lie: exclusions really 2154, said 3950": (
        lambda t: t.draw_all("exclusions", lambda shapes: lied(shapes, 2154, 3950)),
        "exclusions/x001",
    ),
    "axes swapped in 2154, sites": (lambda t: t.draw_all("sites", axes_swapped), "sites/s003"),
}


@pytest.mark.parametrize(("plant", "wanted"), KNOWN.values(), ids=KNOWN)
def test_what_was_found_stays_found(spoilt, plant, wanted):
    plant(spoilt)
    rows = spoilt.issues()
    assert names(rows, wanted), rows[:5]
