"""Facts that contradict each other: errors planted one at a time in the fictional territory, and none where none is."""

import dataclasses
import datetime as dt
import json
import shutil
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from shapely import affinity

import gis
from gis.demo import write_demo
from gis.errors import GisError, SchemaError
from gis.measures import contradictions as measure
from gis.measures.disagreements import disagreement_issues
from gis.measures.doubles import double_issues
from gis.measures.land_units import land_units
from gis.measures.magnitudes import magnitude_issues
from gis.measures.misplaced import misplaced_issues
from gis.measures.moments import moment_issues
from gis.measures.plausible import Plausible
from gis.measures.statements import Statements
from gis.measures.topology import coverage_issues
from gis.schemas import KEYS
from tests.conftest import heavy

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

    def issues_alone(self, mark="¤¤"):
        """Return what contradicts as plain texts, without the mark that keys begin with."""
        found = measure.contradiction_issues(self.layers, self.opening, self.limits)
        return [" ".join(row).replace(mark, "") for row in found.itertuples(index=False)]

    def issues(self):
        """Return all that is found, by every rule between rows."""
        layers = self.layers
        found = [
            measure.contradiction_issues(layers, self.opening, self.limits),
            coverage_issues(layers["sites"], layers["terrains"], layers["communes"]),
            land_units(layers["parcels"], layers["owners"], layers["sites"]).issues,
        ]
        return pd.concat(found).to_dict("records")


@pytest.fixture(scope="module")
def territory():
    return gis.open(DEMO)


@pytest.fixture(scope="module")
def sound(territory):
    return {name: getattr(territory, name) for name in measure.COMPARED}


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
    return put("claims", key, value=str(value), unit=unit, low=float(value), high=float(value))


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
    "site land in m2 typed as ha": (
        magnitude_issues,
        put("sites", "s003", land_low_ha=79000.0, land_high_ha=79000.0),
        "sites/s003",
    ),
    "claim ha typed m2": (magnitude_issues, claim("focus.floor", 55250, "ha"), "claims/focus.floor"),
    "one road lat/lon swapped": (misplaced_issues, draw("roads", "r001", swapped), "roads/r001"),
    "premises twice, other key, same shape": (double_issues, again("premises", "s001-p003", "zz"), "premises/zz"),
    "tenancy on two premises, each with the whole area": (
        double_issues,
        again("tenancies", "h0003", "zz", premises_id="s002-p001"),
        "tenancies/zz",
    ),
    "same tenancy twice": (double_issues, again("tenancies", "h0003", "zz"), "tenancies/zz"),
    "tenancy starts 1023": (
        moment_issues,
        put("tenancies", "h0003", from_earliest="1723-03-14", from_latest="1723-03-14"),
        "tenancies/h0003",
    ),
    "tenancy left yet no end": (
        disagreement_issues,
        put("tenancies", "h0001", to_earliest=None, to_latest=None),
        "tenancies/h0001",
    ),
    "premises floor x1000": (magnitude_issues, put("premises", "s001-p001", floor_m2=2462000.0), "premises/s001-p001"),
    "building height 97 m": (magnitude_issues, put("buildings", "s001-b001", height_m=97.0), "buildings/s001-b001"),
    "rent 60000 EUR/m2": (magnitude_issues, put("premises", "s001-p001", rent_eur_m2=60000.0), "premises/s001-p001"),
    "power 5,000,000 kW": (magnitude_issues, put("terrains", "s001-t001", power_kw=5e6), "terrains/s001-t001"),
    "occupied_as_of 2205": (
        moment_issues,
        put("terrains", "s001-t001", occupied_as_of="2205-06-30"),
        "terrains/s001-t001",
    ),
    "free terrain yet buildings and tenant on it": (disagreement_issues, occupied_but_free, "terrains/s001-t001"),
    "establishment active_from 2205": (
        moment_issues,
        put("establishments", "e0002", active_from="2205"),
        "establishments/e0002 tenancies/h0003",
    ),
    "tenancy jobs 30 -> 300000": (magnitude_issues, put("tenancies", "h0003", jobs_now=300000.0), "tenancies/h0003"),
    "axes swapped in 2154, roads": (misplaced_issues, lambda t: t.draw_all("roads", axes_swapped), "roads/r001"),
    "opening date 2205": (moment_issues, opening("2205-06-30"), "territory/opening"),
    "site opened 2205": (moment_issues, put("sites", "s003", opened="2205"), "sites/s003"),
    "site land x10": (magnitude_issues, put("sites", "s003", land_low_ha=79.0, land_high_ha=79.0), "sites/s003"),
    "one access lat/lon swapped": (misplaced_issues, draw("accesses", "a003", swapped), "accesses/a003"),
    "building twice, other key": (double_issues, again("buildings", "s001-b001", "zz"), "buildings/zz"),
    "tenancy area above the whole site": (
        magnitude_issues,
        put("tenancies", "h0005", area_low_m2=2363000.0, area_high_m2=2363000.0),
        "tenancies/h0005",
    ),
    "two tenants in place in one premises": (
        double_issues,
        put("tenancies", "h0004", premises_id="s001-p001"),
        "tenancies/h0003 tenancies/h0004",
    ),
    "tenancy starts 2205": (
        moment_issues,
        put("tenancies", "h0003", from_earliest="2205-03-14", from_latest="2205-03-14"),
        "tenancies/h0003",
    ),
    "tenancy site differs from its premises' site": (
        disagreement_issues,
        put("tenancies", "h0003", site_id="s003"),
        "tenancies/h0003",
    ),
    "premises floor 0.2461 (ha)": (
        magnitude_issues,
        put("premises", "s001-p003", floor_m2=0.2461),
        "premises/s001-p003",
    ),
    "building height 97000": (magnitude_issues, put("buildings", "s001-b001", height_m=97000.0), "buildings/s001-b001"),
    "price whole plot in EUR/m2 column": (
        magnitude_issues,
        put("terrains", "s001-t001", price_eur_m2=450000.0),
        "terrains/s001-t001",
    ),
    "motorway distance in m": (magnitude_issues, put("sites", "s001", motorway_km=1000.0), "sites/s001"),
    "for sale yet sold_on set": (
        disagreement_issues,
        put("terrains", "s001-t001", sale="en vente"),
        "terrains/s001-t001",
    ),
    "establishment in a commune unknown": (
        disagreement_issues,
        put("establishments", "e0002", insee="99999"),
        "establishments/e0002",
    ),
    "premises moved out of its building (200 m)": (
        misplaced_issues,
        draw("premises", "s001-p001", moved(200)),
        "premises/s001-p001",
    ),
    "access moved 300 km": (misplaced_issues, draw("accesses", "a003", moved(300_000)), "accesses/a003"),
    "exclusion buffer 5000 m": (magnitude_issues, put("exclusions", "x003", buffer_m=5000.0), "exclusions/x003"),
    "occupied share 250 %": (magnitude_issues, claim("focus.occupied", 250, "%"), "claims/focus.occupied"),
    "site name of another site": (
        double_issues,
        put("sites", "s001", site_name="Parc logistique Zémuzande"),
        "sites/s001 sites/s002",
    ),
}


def names(rows, wanted):
    return {f"{row['layer']}/{row['row']}" for row in rows} & {*wanted.split()}


#: Some of them that can be planted at once.
MIXED = (
    "site land x10",
    "one road lat/lon swapped",
    "premises twice, other key, same shape",
    "same tenancy twice",
    "tenancy left yet no end",
    "rent 60000 EUR/m2",
    "free terrain yet buildings and tenant on it",
    "site opened 2205",
    "building twice, other key",
    "two tenants in place in one premises",
    "establishment in a commune unknown",
    "site name of another site",
    "exclusion buffer 5000 m",
)


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
    "parcel moved 5 km": (draw("parcels", "99005000AA0001", moved(0, -5000)), "parcels/ parcels/99005000AA0001"),
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
    "all sites lat/lon swapped": (
        lambda t: t.draw_all("sites", lambda shapes: swapped(shapes.to_numpy())),
        "sites/s003",
    ),
    "one exclusion lat/lon swapped": (draw("exclusions", "x001", swapped), "exclusions/x001"),
    "terrain twice, same shape, other key": (copy_terrain("zz"), "terrains/zz terrains/s001-t001"),
    "parcel twice, other key": (again("parcels", "99005000AA0001", "99005000ZZ0001"), "parcels/99005000ZZ0001"),
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
    "published zone count 42": (claim("zones.count", 42, "count"), "claims/zones.count"),
    "axes swapped in 2154, sites": (lambda t: t.draw_all("sites", axes_swapped), "sites/s003"),
}


@pytest.mark.parametrize(("plant", "wanted"), KNOWN.values(), ids=KNOWN)
def test_what_was_found_stays_found(spoilt, plant, wanted):
    plant(spoilt)
    rows = spoilt.issues()
    assert names(rows, wanted), rows[:5]


@pytest.mark.parametrize("above", [{"s003": "s003"}, {"s002": "s003", "s003": "s002"}], ids=["itself", "in a circle"])
def test_a_site_inside_itself_stays_refused(spoilt, above):
    for site, whole in above.items():
        spoilt.put("sites", site, part_of=whole)
    with pytest.raises(SchemaError, match="s003, column `part_of`: lies inside itself"):
        spoilt.issues()


def again_in(file):
    """Write the first row of a table, or the first feature of a file, once more."""

    def plant(folder):
        text = (folder / file).read_text(encoding="utf-8")
        if file.endswith("csv"):
            lines = text.splitlines(keepends=True)
            (folder / file).write_text("".join([*lines, lines[1]]), encoding="utf-8")
        else:
            layer = json.loads(text)
            (folder / file).write_text(json.dumps(layer | {"features": [*layer["features"], layer["features"][0]]}))

    return plant


def written(file, old, new):
    def plant(folder):
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")

    return plant


#: What the door refuses: what is planted in the folder, the layer that is asked for, and the row that is named.
REFUSED = {
    "terrain twice, same key in csv": (again_in("terrains.csv"), "terrains", r"row 202 \(s001-t001\)"),
    "terrain shape twice, same key": (again_in("raw/terrains.geojson"), "terrains", r"feature 201 \(s001-t001\)"),
    "exclusion whole_from_share 50": (
        written("exclusions.csv", "x001,water,5,,", "x001,water,5,50,"),
        "exclusions",
        "x001",
    ),
    "zone of the territory wrong: 3944": (
        written("territory.toml", "EPSG:3950", "EPSG:3944"),
        "sites",
        "s001: EPSG:3944",
    ),
    "zone of the territory Lambert-93": (
        written("territory.toml", "EPSG:3950", "EPSG:2154"),
        "sites",
        "s001: EPSG:2154",
    ),
}


@pytest.mark.parametrize(("plant", "layer", "message"), REFUSED.values(), ids=REFUSED)
def test_what_was_refused_stays_refused(tmp_path, plant, layer, message):
    shutil.copytree(DEMO, tmp_path / "demo")
    plant(tmp_path / "demo")
    with pytest.raises(GisError, match=message):
        getattr(gis.open(tmp_path / "demo"), layer)


def both(*plants):
    def plant(t):
        for each in plants:
            each(t)

    return plant


def corner(east):
    """Move the first corner of a shape alone."""

    def change(shape):
        def move(xy):
            first = (xy == xy[0]).all(axis=1)
            return xy + np.outer(first, [east, 0.0])

        return shapely.transform(shape, move)

    return change


def vacant_again(t):
    """Say that premises are vacant since a day on which somebody held them, who has left since."""
    t.put("premises", "s002-p005", vacant_since="2015-02-01")


#: Errors of the same kinds: the question that finds them, what is planted, and the rows of which one must be named.
SIBLINGS = {
    "site land a tenth": (magnitude_issues, land("s003", 0.1), "sites/s003"),
    "land of a site that nobody drew": (
        magnitude_issues,
        both(draw("sites", "s003", lambda _: None), put("sites", "s003", land_low_ha=79000.0, land_high_ha=79000.0)),
        "sites/s003",
    ),
    "land of a claim in m2": (magnitude_issues, claim("focus.land", 24.3, "m2"), "claims/focus.land"),
    "floor of a claim in ha, said to be m2": (
        magnitude_issues,
        claim("focus.floor", 5.525, "m2"),
        "claims/focus.floor",
    ),
    "parcel stated in ares": (
        magnitude_issues,
        put("parcels", "99005000AA0001", stated_m2=197.52),
        "parcels/99005000AA0001",
    ),
    "parcel stated x10": (
        magnitude_issues,
        put("parcels", "99005000AA0001", stated_m2=197520.0),
        "parcels/99005000AA0001",
    ),
    "part larger than its whole": (
        magnitude_issues,
        both(
            draw("sites", "s012", lambda _: None),
            draw("sites", "s002", lambda _: None),
            put("sites", "s012", land_low_ha=40.0, land_high_ha=40.0),
        ),
        "sites/s012",
    ),
    "premises floor x10": (magnitude_issues, put("premises", "s001-p003", floor_m2=24610.0), "premises/s001-p003"),
    "premises floor a tenth": (magnitude_issues, put("premises", "s001-p003", floor_m2=246.1), "premises/s001-p003"),
    "floors of a building together": (
        magnitude_issues,
        both(put("premises", "s001-p003", floor_m2=90_000.0), draw("premises", "s001-p003", lambda _: None)),
        "buildings/s001-b001",
    ),
    "tenancy area x10": (
        magnitude_issues,
        put("tenancies", "h0005", area_low_m2=23630.0, area_high_m2=23630.0),
        "tenancies/h0005",
    ),
    "tenancy area in ha": (
        magnitude_issues,
        put("tenancies", "h0005", area_low_m2=0.2363, area_high_m2=0.2363),
        "tenancies/h0005",
    ),
    "building height x10, low": (magnitude_issues, put("buildings", "s001-b002", height_m=47.0), "buildings/s001-b002"),
    "free height without its point": (
        magnitude_issues,
        put("premises", "s001-p001", height_m=83.0),
        "premises/s001-p001",
    ),
    "free height above the roof": (magnitude_issues, put("premises", "s001-p001", height_m=14.0), "premises/s001-p001"),
    "height in km": (magnitude_issues, put("buildings", "s001-b001", height_m=0.0097), "buildings/s001-b001"),
    "docks 2 -> 2000": (magnitude_issues, put("premises", "s001-p001", docks=2000.0), "premises/s001-p001"),
    "docks 2 -> 120": (magnitude_issues, put("premises", "s001-p001", docks=120.0), "premises/s001-p001"),
    "power in W": (magnitude_issues, put("premises", "s001-p001", power_kw=100_000.0), "premises/s001-p001"),
    "power in W on a terrain": (magnitude_issues, put("terrains", "s001-t001", power_kw=2e6), "terrains/s001-t001"),
    "rent x10": (magnitude_issues, put("premises", "s001-p013", rent_eur_m2=710.0), "premises/s001-p013"),
    "rent of a month": (magnitude_issues, put("premises", "s001-p013", rent_eur_m2=5.9), "premises/s001-p013"),
    "price x10": (magnitude_issues, put("terrains", "s001-t008", price_eur_m2=420.0), "terrains/s001-t008"),
    "price in thousands": (magnitude_issues, put("terrains", "s001-t008", price_eur_m2=0.042), "terrains/s001-t008"),
    "jobs x10": (magnitude_issues, put("tenancies", "h0004", jobs_now=450.0), "tenancies/h0004"),
    "jobs of an establishment x100": (
        magnitude_issues,
        put("establishments", "e0003", jobs_low=4500.0, jobs_high=4500.0),
        "establishments/e0003",
    ),
    "jobs planned x100": (magnitude_issues, put("tenancies", "h0003", jobs_planned=18000.0), "tenancies/h0003"),
    "jobs of a site x100": (magnitude_issues, put("sites", "s006", jobs=13600.0), "sites/s006"),
    "jobs of a claim": (magnitude_issues, claim("focus.tenant1.jobs", 120000, "jobs"), "claims/focus.tenant1.jobs"),
    "tenant with more jobs than its site": (
        magnitude_issues,
        both(put("sites", "s001", jobs=12.0), put("tenancies", "h0004", jobs_now=100.0)),
        "tenancies/h0004",
    ),
    "station distance in m": (magnitude_issues, put("sites", "s001", station_km=1500.0), "sites/s001"),
    "airport distance x10": (magnitude_issues, put("sites", "s001", airport_km=30.0), "sites/s001"),
    "access moved 60 km": (magnitude_issues, draw("accesses", "a003", moved(60_000)), "sites/s001"),
    "exclusion buffer 500 m along a line": (
        magnitude_issues,
        put("exclusions", "x003", buffer_m=500.0),
        "exclusions/x003",
    ),
    "exclusion buffer in mm": (magnitude_issues, put("exclusions", "x002", buffer_m=20000.0), "exclusions/x002"),
    "share of a tenant 2000 %": (magnitude_issues, claim("focus.largest", 2000, "%"), "claims/focus.largest"),
    "share with a solution 950 %": (magnitude_issues, claim("focus.solution", 950, "%"), "claims/focus.solution"),
    "premises twice, other name": (
        double_issues,
        again("premises", "s001-p003", "zz", premises_name="Grande halle"),
        "premises/zz",
    ),
    "premises twice, other name and floor, under one roof": (
        double_issues,
        again("premises", "s001-p003", "zz", premises_name="Halle", floor_m2=1200.0),
        "premises/zz",
    ),
    "building twice, a step aside": (
        double_issues,
        both(again("buildings", "s001-b001", "zz"), draw("buildings", "zz", moved(2))),
        "buildings/zz",
    ),
    "road twice, the other way": (
        double_issues,
        both(again("roads", "r001", "zz"), draw("roads", "zz", shapely.reverse)),
        "roads/zz",
    ),
    "access twice": (double_issues, again("accesses", "a003", "zz"), "accesses/zz"),
    "exclusion twice": (double_issues, again("exclusions", "x001", "zz"), "exclusions/zz"),
    "claim twice": (double_issues, again("claims", "focus.built", "zz"), "claims/zz"),
    "same tenancy twice, occupant spelled otherwise": (
        double_issues,
        again("tenancies", "h0003", "zz", occupant="TROVYAVUNEX INDUSTRIE", establishment_id="e9999"),
        "tenancies/zz",
    ),
    "same tenancy twice, from another day": (
        double_issues,
        again("tenancies", "h0003", "zz", from_earliest="2023-01-01", from_latest="2023-01-01"),
        "tenancies/zz",
    ),
    "three tenants with a part each of more than the whole": (
        double_issues,
        both(
            put("tenancies", "h0003", area_low_m2=1000.0),
            again("tenancies", "h0003", "y1", establishment_id="e0010", occupant="Un"),
            again("tenancies", "h0003", "y2", establishment_id="e0011", occupant="Deux"),
            again("tenancies", "h0003", "y3", establishment_id="e0012", occupant="Trois"),
        ),
        "tenancies/y3",
    ),
    "second tenant of no said area": (
        double_issues,
        put("tenancies", "h0004", premises_id="s001-p001", area_low_m2=np.nan, area_high_m2=np.nan),
        "tenancies/h0004",
    ),
    "owner in two spellings": (
        double_issues,
        again("owners", "o0004", "zz", owner_name="VROMAETAVAX FONCIERE (Fictive)"),
        "owners/zz",
    ),
    "tenant in two spellings": (
        double_issues,
        again("establishments", "e0002", "zz", establishment_name="TROVYAVUNEX-INDUSTRIE S.A.S."),
        "establishments/zz",
    ),
    "tenant spelled otherwise in its tenancy": (
        double_issues,
        put("tenancies", "h0003", occupant="trovyavunex industrie"),
        "tenancies/h0003",
    ),
    "one SIRET twice": (
        double_issues,
        both(
            put("establishments", "e0002", siret="12345678900011"),
            put("establishments", "e0003", siret="12345678900011"),
        ),
        "establishments/e0003",
    ),
    "site name of another site, in capitals": (
        double_issues,
        put("sites", "s001", site_name="PARC LOGISTIQUE ZEMUZANDE"),
        "sites/s002",
    ),
    "premises lat/lon swapped": (misplaced_issues, draw("premises", "s001-p001", swapped), "premises/s001-p001"),
    "premises moved 40 m": (misplaced_issues, draw("premises", "s001-p001", moved(0, 40)), "premises/s001-p001"),
    "premises with one corner swapped": (
        misplaced_issues,
        draw("premises", "s001-p001", corner(300_000)),
        "premises/s001-p001",
    ),
    "premises of another building": (
        misplaced_issues,
        put("premises", "s001-p001", building_id="s001-b003"),
        "premises/s001-p001",
    ),
    "building moved 1 km": (misplaced_issues, draw("buildings", "s001-b001", moved(1000)), "buildings/s001-b001"),
    "building of another site": (
        misplaced_issues,
        put("buildings", "s001-b001", site_id="s003"),
        "buildings/s001-b001",
    ),
    "road moved 50 km": (misplaced_issues, draw("roads", "r002", moved(50_000)), "roads/r002"),
    "road with one corner swapped": (misplaced_issues, draw("roads", "r001", corner(500_000)), "roads/r001"),
    "exclusion moved 300 km": (misplaced_issues, draw("exclusions", "x001", moved(300_000)), "exclusions/x001"),
    "axes swapped in 2154, accesses": (
        misplaced_issues,
        lambda t: t.draw_all("accesses", axes_swapped),
        "accesses/a003",
    ),
    "parcel lat/lon swapped": (
        misplaced_issues,
        draw("parcels", "99005000AA0001", swapped),
        "parcels/99005000AA0001",
    ),
    "sold in 2205": (moment_issues, put("terrains", "s001-t001", sold_on="2205-11-12"), "terrains/s001-t001"),
    "had from 2205": (moment_issues, put("terrains", "s001-t008", available_from="2205-11-12"), "terrains/s001-t008"),
    "vacant since 2205": (moment_issues, put("premises", "s003-p004", vacant_since="2205-02-01"), "premises/s003-p004"),
    "vacant since 1723": (moment_issues, put("premises", "s003-p004", vacant_since="1723-02-01"), "premises/s003-p004"),
    "had before it was vacant": (
        moment_issues,
        put("premises", "s003-p004", available_from="2020-01-01"),
        "premises/s003-p004",
    ),
    "site opened 1723": (moment_issues, put("sites", "s003", opened="1723"), "sites/s003"),
    "site to be opened 2205": (moment_issues, put("sites", "s004", opened="2205 (prévu)"), "sites/s004"),
    "said of 2205": (moment_issues, put("claims", "focus.floor", as_of="2205-06"), "claims/focus.floor"),
    "jobs said of 2205": (moment_issues, put("establishments", "e0002", jobs_as_of="2205-06"), "establishments/e0002"),
    "left in 2205": (
        moment_issues,
        put("tenancies", "h0001", to_earliest="2205-04-30", to_latest="2205-04-30"),
        "tenancies/h0001",
    ),
    "lease to 2205": (
        moment_issues,
        put("tenancies", "h0003", to_earliest="2205-04-30", to_latest="2205-04-30"),
        "tenancies/h0003",
    ),
    "event of 2205": (
        moment_issues,
        put("claims", "focus.event.sold", value="2205-09-17", earliest="2205-09-17", latest="2205-09-17"),
        "claims/focus.event.sold",
    ),
    "opening date 1025": (moment_issues, opening("1025-06-30"), "territory/opening"),
    "tenancy before its establishment": (
        moment_issues,
        put("establishments", "e0003", active_from="2024-05"),
        "tenancies/h0004",
    ),
    "in place though the establishment closed": (
        moment_issues,
        put("establishments", "e0003", active_to="2023-05"),
        "tenancies/h0004",
    ),
    "premises of another site than its building": (
        disagreement_issues,
        put("premises", "s001-p001", site_id="s003"),
        "premises/s001-p001",
    ),
    "establishment of another site than its tenancy": (
        disagreement_issues,
        put("establishments", "e0002", site_id="s003"),
        "tenancies/h0003",
    ),
    "premises of a building that is none": (
        disagreement_issues,
        put("premises", "s001-p001", building_id="s999-b001"),
        "premises/s001-p001",
    ),
    "occupant that is not its establishment": (
        disagreement_issues,
        put("tenancies", "h0003", occupant="Boulangerie Petit"),
        "tenancies/h0003",
    ),
    "key of another establishment": (
        disagreement_issues,
        put("tenancies", "h0003", establishment_id="e0004"),
        "tenancies/h0003",
    ),
    "establishment in the commune of another site": (
        disagreement_issues,
        put("establishments", "e0002", insee="99003"),
        "establishments/e0002",
    ),
    "in place though ended": (
        disagreement_issues,
        put("tenancies", "h0004", to_earliest="2024-01-01", to_latest="2024-12-31"),
        "tenancies/h0004",
    ),
    "vacant with a tenant": (
        disagreement_issues,
        put("premises", "s001-p001", vacant_since="2024-02-01"),
        "premises/s001-p001",
    ),
    "to be had with a tenant": (
        disagreement_issues,
        put("premises", "s001-p001", available_from="2024-02-01"),
        "premises/s001-p001",
    ),
    "vacant since a day before the last tenant": (disagreement_issues, vacant_again, "premises/s002-p005"),
    "never built on, with a building": (disagreement_issues, never_built, "terrains/s001-t001"),
    "derelict with a tenant": (
        disagreement_issues,
        put("terrains", "s001-t001", occupied="friche"),
        "terrains/s001-t001",
    ),
    "on sale with a tenant": (
        disagreement_issues,
        put("terrains", "s001-t001", sale="en vente", sold_on=None),
        "terrains/s001-t001",
    ),
    "optioned yet sold": (
        disagreement_issues,
        put("terrains", "s001-t001", sale="réservé par option de réservation"),
        "terrains/s001-t001",
    ),
    "sold yet to be had": (
        disagreement_issues,
        put("terrains", "s001-t001", available_from="2026-01-01"),
        "terrains/s001-t001",
    ),
    "not for sale yet with a price": (
        disagreement_issues,
        put("terrains", "s001-t001", sale="non commercialisable", sold_on=None, price_eur_m2=40.0),
        "terrains/s001-t001",
    ),
}


@pytest.mark.parametrize(("question", "plant", "wanted"), SIBLINGS.values(), ids=SIBLINGS)
def test_their_siblings_are_found(spoilt, question, plant, wanted):
    plant(spoilt)
    rows = spoilt.ask(question)
    assert names(rows, wanted), rows


# --- nothing where nothing is ----------------------------------------------------------------------------------------


def alarms(folder):
    """Return what a whole territory lists as contradicting, after it was opened as anybody opens it."""
    opened = gis.open(folder)
    layers = {name: getattr(opened, name) for name in measure.COMPARED} | {"sites": opened.sites_as_said}
    return measure.contradiction_issues(layers, opened.opening, opened.plausible).to_dict("records")


def test_the_territories_of_the_repository_contradict_nothing(shipped):
    assert alarms(shipped) == []
    assert alarms(DEMO) == []


@pytest.mark.parametrize(("sites", "terrains", "seed"), [(1, 1, 1), (2, 12, 5), (30, 500, 2)])
def test_a_demo_of_any_size_contradicts_nothing(tmp_path, sites, terrains, seed):
    write_demo(tmp_path / "demo", sites=sites, terrains=terrains, seed=seed)
    assert alarms(tmp_path / "demo") == []


def without(layer):
    return lambda t: t.layers.update({layer: t.layers[layer].iloc[:0]})


#: What looks like an error and is none.
HARMLESS = {
    "two storeys on one ground": (
        double_issues,
        both(
            put("premises", "s001-p003", premises_name="RDC", height_m=4.0),
            again("premises", "s001-p003", "zz", premises_name="1er étage", height_m=4.0),
        ),
    ),
    "two tenants that share premises": (
        double_issues,
        both(
            put("tenancies", "h0003", area_low_m2=1200.0, area_high_m2=1200.0),
            put("tenancies", "h0004", premises_id="s001-p001", area_low_m2=1200.0, area_high_m2=1200.0),
        ),
    ),
    "one tenant after the other": (
        double_issues,
        both(
            put("tenancies", "h0003", to_earliest="2024-01-01", to_latest="2024-01-01"),
            put("tenancies", "h0004", premises_id="s001-p001", from_earliest="2024-01-01", from_latest="2024-01-01"),
        ),
    ),
    "one that may have left before the other came": (
        double_issues,
        both(
            put("tenancies", "h0003", to_earliest="2023-01-01", to_latest="2024-12-31"),
            put("tenancies", "h0004", premises_id="s001-p001", from_earliest="2023-06-01", from_latest="2024-06-01"),
        ),
    ),
    "one firm on two sites": (double_issues, again("establishments", "e0002", "zz", site_id="s003")),
    "two bodies of one name and two forms": (
        double_issues,
        both(
            again("owners", "o0004", "y1", owner_name="Durand SAS"),
            again("owners", "o0004", "y2", owner_name="SCI Durand"),
        ),
    ),
    "two persons of one name": (
        double_issues,
        both(
            again("owners", "o0004", "y1", owner_name="Durand", owner_kind="natural"),
            again("owners", "o0004", "y2", owner_name="Durand", owner_kind="natural"),
        ),
    ),
    "two exclusions for two reasons on one ground": (double_issues, again("exclusions", "x001", "zz", reason="zoning")),
    "a station and a freight station in one place": (
        double_issues,
        again("accesses", "a003", "zz", access_kind="freight_station"),
    ),
    "two sites of no name of their own": (
        double_issues,
        both(
            put("sites", "s001", site_name="Zone artisanale", insee="99005"),
            put("sites", "s002", site_name="Zone artisanale", insee="99004"),
        ),
    ),
    "an airport in the next region": (misplaced_issues, draw("accesses", "a006", moved(100_000))),
    "no communes drawn": (misplaced_issues, draw("communes", "99005", lambda _: None)),
    "no communes": (misplaced_issues, without("communes")),
    "a growth of 250 %": (
        magnitude_issues,
        both(
            claim("focus.solution", 250, "%"),
            put("claims", "focus.solution", use="", measure="croissance de l’emploi", measure_en="growth of jobs"),
        ),
    ),
    "a yard without a floor": (magnitude_issues, put("premises", "s001-p001", floor_m2=0.0, building_id="")),
    "said a year after the opening day": (moment_issues, put("terrains", "s001-t001", occupied_as_of="2026-06-30")),
    "a plan for 2030": (moment_issues, put("claims", "focus.floor", as_of="2030")),
    "a site to be opened": (moment_issues, put("sites", "s004", opened="2031 (prévu)")),
    "a tenancy of a part, told of the whole": (disagreement_issues, put("sites", "s001", part_of="s002")),
    "no buildings at all": (disagreement_issues, without("buildings")),
    "in place until a day, and since again": (
        disagreement_issues,
        both(
            put("tenancies", "h0004", to_earliest="2024-01-01", to_latest="2024-12-31"),
            again("tenancies", "h0004", "zz", from_earliest="2024-01-01", from_latest="2024-12-31", to_latest=None),
            put("tenancies", "zz", to_earliest=None),
        ),
    ),
    "a short name of the establishment": (
        disagreement_issues,
        put("tenancies", "h0003", occupant="Trovyavunex"),
    ),
    "on sale, and the tenant gone": (
        disagreement_issues,
        both(put("terrains", "s001-t001", sale="en vente", sold_on=None), without("tenancies")),
    ),
}


@pytest.mark.parametrize(("question", "plant"), HARMLESS.values(), ids=HARMLESS)
def test_what_is_no_error_is_not_listed(spoilt, question, plant):
    plant(spoilt)
    assert spoilt.ask(question) == []


def test_no_layer_is_needed(spoilt):
    for name in measure.COMPARED:
        spoilt.layers[name] = spoilt.layers[name].iloc[:0]
    assert measure.contradiction_issues(spoilt.layers, spoilt.opening).empty


# --- limits ----------------------------------------------------------------------------------------------------------


def years_after(t, layer, key, column):
    return (t.value(layer, key, column) - pd.Timestamp(t.opening)).days / 365.25


def away_km(t):
    return (
        t.layers["sites"]
        .geometry[t.at("sites", "s001")]
        .iloc[0]
        .distance(t.layers["accesses"].geometry[t.at("accesses", "a003")].iloc[0])
        / 1000
    )


def line_east(km):
    """Draw a road so far east of the territory."""

    def plant(t):
        _, south, east, _ = t.layers["communes"].total_bounds
        t.draw(
            "roads", "r002", lambda _: shapely.LineString([(east + km * 1000, south), (east + km * 1000, south + 9)])
        )

    return plant


def access_east(km):
    def plant(t):
        _, south, east, _ = t.layers["communes"].total_bounds
        t.draw("accesses", "a003", lambda _: shapely.Point(east + km * 1000, south))

    return plant


def outside(layer, key, whole, column):
    """Say which share of a shape lies outside the one that it belongs to."""

    def share(t):
        inner = t.layers[layer].geometry[t.at(layer, key)].iloc[0]
        outer = t.layers[whole].geometry[t.at(whole, t.value(layer, key, column))].iloc[0]
        return inner.difference(outer).area / inner.area

    return share


def iou(t):
    one, two = (t.layers["buildings"].geometry[t.at("buildings", key)].iloc[0] for key in ("s001-b001", "zz"))
    return one.intersection(two).area / one.union(two).area


def measured(layer, key, column, factor):
    """State a multiple of the area that is drawn."""
    return lambda t: t.put(layer, key, **{column: t.value(layer, key, "measured_m2") * factor})


NO_MIDDLE = {"median_of": 1e9}
BARE = both(draw("premises", "s001-p003", lambda _: None), put("premises", "s001-p003", building_id=""))

#: For each limit: who asks, a fact near it, where the fact lies, whether it is listed above (1) or below (-1) the
#: limit, the row and column that are named, and other limits that are out of the way.
EDGES = {
    "land_ratio": (magnitude_issues, land("s003", 3), 3, 1, "sites/s003/land_low_ha"),
    "parcel_ratio": (
        magnitude_issues,
        measured("parcels", "99005000AA0001", "stated_m2", 3),
        3,
        1,
        "parcels/99005000AA0001/stated_m2",
    ),
    "parcel_slack_m2": (
        magnitude_issues,
        measured("parcels", "99005000AA0001", "stated_m2", 3),
        lambda t: 2 * t.value("parcels", "99005000AA0001", "measured_m2"),
        1,
        "parcels/99005000AA0001/stated_m2",
    ),
    "commune_ratio": (
        magnitude_issues,
        both(draw("sites", "s003", lambda _: None), put("sites", "s003", land_low_ha=5000.0)),
        lambda t: 5000e4 / t.layers["communes"].set_index("insee").geometry.area[t.value("sites", "s003", "insee")],
        1,
        "sites/s003/land_low_ha",
    ),
    "site_ha": (
        magnitude_issues,
        both(draw("sites", "s003", lambda _: None), without("communes"), put("sites", "s003", land_high_ha=5000.0)),
        5000,
        1,
        "sites/s003/land_high_ha",
    ),
    "storey_m": (
        magnitude_issues,
        put("premises", "s001-p003", floor_m2=12000.0),
        9.7 / 4,
        -1,
        "premises/s001-p003/floor_m2",
    ),
    "storeys": (
        magnitude_issues,
        both(put("buildings", "s001-b001", height_m=np.nan), measured("premises", "s001-p003", "floor_m2", 1.3 * 4.5)),
        4.5,
        1,
        "premises/s001-p003/floor_m2",
    ),
    "floor_slack": (
        magnitude_issues,
        measured("premises", "s001-p003", "floor_m2", 4 * 1.5),
        1.5,
        1,
        "premises/s001-p003/floor_m2",
    ),
    "floor_share": (
        magnitude_issues,
        measured("premises", "s001-p003", "floor_m2", 0.3),
        0.3,
        -1,
        "premises/s001-p003/floor_m2",
    ),
    "least_share": (
        magnitude_issues,
        both(put("tenancies", "h0004", area_low_m2=246.2, area_high_m2=246.2)),
        0.1,
        -1,
        "tenancies/h0004/area_high_m2",
    ),
    "floor_per_land": (
        magnitude_issues,
        both(BARE, put("premises", "s001-p003", floor_m2=486_000.0)),
        2,
        1,
        "premises/s001-p003/floor_m2",
    ),
    "room_m2": (
        magnitude_issues,
        both(BARE, put("premises", "s001-p003", floor_m2=20.0)),
        20,
        -1,
        "premises/s001-p003/floor_m2",
    ),
    "plot_m2": (
        magnitude_issues,
        claim("zones.available.paper", 500, "m2"),
        500,
        -1,
        "claims/zones.available.paper/value",
    ),
    "tenancy_ratio": (
        magnitude_issues,
        put("tenancies", "h0004", area_kind="land", area_low_m2=9848.0, area_high_m2=9848.0),
        4,
        1,
        "tenancies/h0004/area_low_m2",
    ),
    "height_m": (
        magnitude_issues,
        both(without("premises"), put("buildings", "s001-b001", height_m=80.0)),
        80,
        1,
        "buildings/s001-b001/height_m",
    ),
    "low_height_m": (
        magnitude_issues,
        put("buildings", "s001-b001", height_m=1.0),
        1,
        -1,
        "buildings/s001-b001/height_m",
    ),
    "height_ratio": (
        magnitude_issues,
        put("buildings", "s001-b002", height_m=47.0),
        lambda t: 47 / t.value("premises", "s001-p009", "height_m"),
        1,
        "buildings/s001-b002/height_m",
    ),
    "docks": (
        magnitude_issues,
        both(BARE, put("premises", "s001-p003", docks=150.0)),
        150,
        1,
        "premises/s001-p003/docks",
    ),
    "dock_m": (
        magnitude_issues,
        put("premises", "s001-p003", docks=40.0),
        lambda t: t.layers["premises"].geometry[t.at("premises", "s001-p003")].iloc[0].length / 40,
        -1,
        "premises/s001-p003/docks",
    ),
    "power_kw": (
        magnitude_issues,
        put("premises", "s001-p009", power_kw=1000.0),
        1000,
        1,
        "premises/s001-p009/power_kw",
    ),
    "premises_kw_m2": (
        magnitude_issues,
        both(put("premises", "s001-p003", floor_m2=np.nan), measured("premises", "s001-p003", "power_kw", 4)),
        4,
        1,
        "premises/s001-p003/power_kw",
    ),
    "terrain_kw_m2": (
        magnitude_issues,
        measured("terrains", "s001-t001", "power_kw", 3),
        3,
        1,
        "terrains/s001-t001/power_kw",
    ),
    "low_price_eur_m2": (
        magnitude_issues,
        put("terrains", "s001-t008", price_eur_m2=0.5),
        0.5,
        -1,
        "terrains/s001-t008/price_eur_m2",
        NO_MIDDLE,
    ),
    "price_eur_m2": (
        magnitude_issues,
        put("terrains", "s001-t008", price_eur_m2=500.0),
        500,
        1,
        "terrains/s001-t008/price_eur_m2",
        NO_MIDDLE,
    ),
    "low_rent_eur_m2": (
        magnitude_issues,
        put("premises", "s001-p013", rent_eur_m2=5.0),
        5,
        -1,
        "premises/s001-p013/rent_eur_m2",
        NO_MIDDLE,
    ),
    "rent_eur_m2": (
        magnitude_issues,
        put("premises", "s001-p013", rent_eur_m2=500.0),
        500,
        1,
        "premises/s001-p013/rent_eur_m2",
        NO_MIDDLE,
    ),
    "median_ratio": (
        magnitude_issues,
        put("terrains", "s001-t008", price_eur_m2=420.0),
        lambda t: 420 / t.layers["terrains"]["price_eur_m2"].median(),
        1,
        "terrains/s001-t008/price_eur_m2",
    ),
    "median_of": (
        magnitude_issues,
        put("terrains", "s001-t008", price_eur_m2=420.0),
        lambda t: t.layers["terrains"]["price_eur_m2"].count(),
        1,
        "terrains/s001-t008/price_eur_m2",
    ),
    "jobs": (
        magnitude_issues,
        put("establishments", "e0002", jobs_high=5000.0),
        5000,
        1,
        "establishments/e0002/jobs_high",
    ),
    "jobs_per_m2": (
        magnitude_issues,
        both(put("tenancies", "h0004", jobs_now=2462 * 0.4), put("establishments", "e0003", jobs_high=np.nan)),
        0.4,
        1,
        "tenancies/h0004/jobs_now",
    ),
    "jobs_per_ha": (
        magnitude_issues,
        both(put("sites", "s006", land_low_ha=np.nan, land_high_ha=np.nan), measured("sites", "s006", "jobs", 0.02)),
        200,
        1,
        "sites/s006/jobs",
    ),
    "jobs_ratio": (
        magnitude_issues,
        put("tenancies", "h0004", jobs_now=450.0),
        430 / 45,
        1,
        "tenancies/h0004/jobs_now",
    ),
    "jobs_slack": (
        magnitude_issues,
        put("tenancies", "h0004", jobs_now=450.0),
        450 - 3 * 45,
        1,
        "tenancies/h0004/jobs_now",
    ),
    "access_km": (
        magnitude_issues,
        both(without("accesses"), put("sites", "s001", station_km=200.0)),
        200,
        1,
        "sites/s001/station_km",
    ),
    "km_ratio": (
        magnitude_issues,
        put("sites", "s001", station_km=30.0),
        lambda t: 25 / away_km(t),
        1,
        "sites/s001/station_km",
    ),
    "km_slack": (
        magnitude_issues,
        put("sites", "s001", station_km=30.0),
        lambda t: 30 - 3 * away_km(t),
        1,
        "sites/s001/station_km",
    ),
    "share_percent": (magnitude_issues, claim("focus.occupied", 250, "%"), 250, 1, "claims/focus.occupied/value"),
    "buffer_m": (magnitude_issues, put("exclusions", "x002", buffer_m=500.0), 500, 1, "exclusions/x002/buffer_m"),
    "strip_m": (magnitude_issues, put("exclusions", "x003", buffer_m=120.0), 120, 1, "exclusions/x003/buffer_m"),
    "far_km": (misplaced_issues, line_east(30), 30, 1, "roads/r002/geometry"),
    "access_far_km": (misplaced_issues, access_east(100), 100, 1, "accesses/a003/geometry"),
    "off_share": (
        misplaced_issues,
        draw("buildings", "s001-b001", moved(-250)),
        outside("buildings", "s001-b001", "sites", "site_id"),
        1,
        "buildings/s001-b001/site_id",
    ),
    "off_building_share": (
        misplaced_issues,
        draw("premises", "s001-p001", moved(0, 40)),
        outside("premises", "s001-p001", "buildings", "building_id"),
        1,
        "premises/s001-p001/geometry",
    ),
    "same_share": (
        double_issues,
        both(again("buildings", "s001-b001", "zz"), draw("buildings", "zz", moved(20))),
        iou,
        1,
        "buildings/zz/geometry",
    ),
    "same_m": (
        double_issues,
        both(again("accesses", "a003", "zz"), draw("accesses", "zz", moved(0.5))),
        0.5,
        -1,
        "accesses/zz/geometry",
    ),
    "first_year": (moment_issues, put("sites", "s003", opened="1850"), 1850, -1, "sites/s003/opened"),
    "said_years": (
        moment_issues,
        put("terrains", "s001-t001", occupied_as_of="2035-06-30"),
        lambda t: years_after(t, "terrains", "s001-t001", "occupied_as_of"),
        1,
        "terrains/s001-t001/occupied_as_of",
        {"planned_years": 1e3},
    ),
    "planned_years": (
        moment_issues,
        put("terrains", "s001-t008", available_from="2035-06-30"),
        lambda t: years_after(t, "terrains", "s001-t008", "available_from"),
        1,
        "terrains/s001-t008/available_from",
    ),
    "lease_years": (
        moment_issues,
        put("tenancies", "h0003", to_latest="2075-06-30"),
        lambda t: years_after(t, "tenancies", "h0003", "to_latest"),
        1,
        "tenancies/h0003/to_latest",
    ),
}


@pytest.mark.parametrize("name", Plausible.limits())
def test_a_limit_parts_what_is_just_below_it_from_what_is_just_above(spoilt, name):
    question, plant, fact, sign, wanted, *others = EDGES[name]
    plant(spoilt)
    there = float(fact(spoilt) if callable(fact) else fact)

    def listed(limit):
        spoilt.limits = dataclasses.replace(Plausible(), **(others[0] if others else {}), **{name: limit})
        return wanted in {f"{row['layer']}/{row['row']}/{row['column_name']}" for row in spoilt.ask(question)}

    assert listed(there * (1 - 0.001 * sign))
    assert not listed(there * (1 + 0.001 * sign))


def test_every_limit_has_a_unit_and_a_reason():
    assert EDGES.keys() == Plausible.limits().keys()
    for limit in Plausible.limits().values():
        assert limit["unit"]
        assert len(limit["why"]) > 20


def test_a_territory_may_say_other_limits(demo):
    demo.change("territory.toml", "[opening]", "[plausible]\nbuffer_m = 2_000\nheight_m = 60.5\n\n[opening]")
    limits = demo.open().plausible
    assert (limits.buffer_m, limits.height_m, limits.jobs) == (2000.0, 60.5, Plausible().jobs)


def test_a_limit_of_a_territory_decides_what_is_listed(demo):
    demo.change("sites.csv", "inconnu,99001,8,8,", "inconnu,99001,12000,12000,")
    demo.change("claims.csv", "terrain,8,ha", "terrain,12000,ha")
    assert "land_high_ha" in set(demo.open().issues["column_name"])
    demo.change("territory.toml", "[opening]", "[plausible]\nsite_ha = 20_000\n\n[opening]")
    assert "land_high_ha" not in set(demo.open().issues["column_name"])


@pytest.mark.parametrize(
    ("low", "high", "known", "column"),
    [
        ("1300", "1300", (True, True), ""),
        ("1330", "1330", (False, False), "land_low_ha"),
        ("8", "800000", (True, False), "land_high_ha"),
        ("", "800000", (False, False), "land_high_ha"),
    ],
)
def test_land_that_is_more_than_the_communes_have_is_listed_and_unknown(demo, low, high, known, column):
    demo.put("claims.csv", "claim_id,site_id,subject,measure,value,unit,as_of,source_id\n")
    header = "site_id,site_name,site_type,insee,counted,land_low_ha,land_high_ha,source_id"
    zone = f"port,Le port,zone d'activité économique,99001,oui,{low},{high},registre"
    demo.put("sites.csv", f"{header}\n{zone}\n")
    without = demo.open()
    assert without.sites["land_high_ha"].notna().all()  # nobody knows how large its commune is
    demo.outline()
    territory = demo.open()
    site = territory.sites.iloc[0]
    assert (not np.isnan(site["land_low_ha"]), not np.isnan(site["land_high_ha"])) == known
    rows = [row for row in territory.issues.to_dict("records") if "read as unknown" in row["message"]]
    assert [(row["row"], row["column_name"]) for row in rows] == ([("port", column)] if column else [])
    assert all("have 1,200 ha in all" in row["message"] for row in rows)
    assert (territory.figures["zones_known_ha"].high is not None) is known[0]


WRONG = {
    "a limit that is none": ("heigth_m = 60", "[plausible]: `heigth_m` is not known. Known: land_ratio, "),
    "a limit in quotes": (
        'height_m = "60"',
        "[plausible]: height_m: `60` is no number above 0. Write height_m = 50, in m.",
    ),
    "a limit that is an answer": ("height_m = true", "[plausible]: height_m: `True` is no number above 0."),
    "a limit below nothing": ("height_m = -1", "[plausible]: height_m: `-1` is no number above 0."),
    "a limit that is no number": (
        "height_m = nan",
        "plausible.height_m: is no number that can be computed with. Write a finite one.",
    ),
}


@pytest.mark.parametrize(("line", "message"), WRONG.values(), ids=WRONG)
def test_a_limit_that_cannot_be_is_refused(demo, line, message):
    demo.change("territory.toml", "[opening]", f"[plausible]\n{line}\n\n[opening]")
    with pytest.raises(SchemaError) as refused:
        demo.open()
    assert message in str(refused.value)


def test_limits_that_are_no_table_are_refused(demo):
    demo.change("territory.toml", "crs = ", "plausible = 1\ncrs = ")
    with pytest.raises(SchemaError, match=r"\[plausible\]: is no table"):
        demo.open()


# --- what a territory lists ------------------------------------------------------------------------------------------


def test_a_territory_lists_them_with_its_issues(demo):
    demo.change(
        "tenancies.csv",
        "algues,port,hangar,algues,Algues,culture,in_place",
        "algues,port,hangar,algues,Algues,culture,left",
    )
    found = demo.open().issues.to_dict("records")
    assert [(row["layer"], row["row"], row["column_name"]) for row in found] == [("tenancies", "algues", "to_latest")]


def test_nothing_is_changed(spoilt):
    for name in MIXED:
        SILENT[name][1](spoilt)
    before = {name: frame.copy() for name, frame in spoilt.layers.items()}
    assert len(measure.contradiction_issues(spoilt.layers, spoilt.opening)) >= len(MIXED)
    for name, frame in spoilt.layers.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before[name]))


def test_no_person_is_named(spoilt):
    spoilt.put("establishments", "e0002", establishment_kind="natural", establishment_name="Ysolde Quemper")
    spoilt.put("tenancies", "h0003", occupant="Quemper Ysolde", premises_id="s001-p002")
    spoilt.put("tenancies", "h0002", occupant="QUEMPER YSOLDE")
    spoilt.again("establishments", "e0002", "zz", establishment_name="YSOLDE QUEMPER")
    spoilt.again("owners", "o0004", "y1", owner_name="Ysolde Quemper", owner_kind="natural")
    spoilt.again("owners", "o0004", "y2", owner_name="Ysolde QUEMPER", owner_kind="natural")
    found = measure.contradiction_issues(spoilt.layers, spoilt.opening)
    assert {"h0003", "h0004"} & {*found["row"]}
    assert "quemper" not in found.to_csv().casefold()


#: Columns that hold keys of rows, which are renamed together.
KEYED = ("site_id", "part_of", "terrain_id", "building_id", "premises_id", "tenancy_id", "establishment_id", "owner_id")
OWN = ("exclusion_id", "road_id", "access_id", "claim_id", "parcel_id")


@given(seed=st.integers(0, 2**32 - 1), mark=st.sampled_from(["Ж", "zz¤", "0¤"]))
@heavy
def test_neither_order_nor_keys_decide(sound, seed, mark):
    chance = np.random.default_rng(seed)
    spoilt = Spoilt({name: frame.copy() for name, frame in sound.items()}, dt.date(2025, 6, 30))
    for name in MIXED:
        SILENT[name][1](spoilt)
    plain = spoilt.issues_alone()
    for name, frame in spoilt.layers.items():
        turned = frame.iloc[chance.permutation(len(frame))].reset_index(drop=True)
        for column in {*KEYED, *OWN} & {*turned.columns}:
            turned[column] = turned[column].where(turned[column] == "", mark + turned[column])
        spoilt.layers[name] = turned
    assert Counter(spoilt.issues_alone(mark)) == Counter(plain)
    assert len(plain) >= len(MIXED)
