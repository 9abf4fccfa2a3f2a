"""No figure of a territory is an exact number where nobody said anything of it: every kind, whatever is not known."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.measures import registry
from gis.schemas import ClaimUse
from gis.territory import Territory
from tests.conftest import heavy

DEMO = Path(__file__).parents[1] / "layers" / "demo"
#: Sites of the fictional territory that have some of everything.
KEPT = ("s001", "s002")
LAYERS = ("sites", "terrains", "buildings", "premises", "tenancies", "exclusions", "claims")
TERRAINS_SAY = {"occupied": "inconnu", "sale": "inconnu", "servicing": "inconnu", "useful": "inconnu"}
NO_DAY = np.datetime64("NaT", "ns")


def undrawn(layer):
    """Take the shapes of a layer away, and what is measured of them."""
    there = {name: np.nan for name in ("measured_m2",) if name in layer}
    return layer.assign(geometry=gpd.GeoSeries([None] * len(layer), index=layer.index, crs=layer.crs), **there)


def blank(**unknown):
    return lambda layer: layer.assign(**{name: unknown[name] for name in unknown if name in layer})


def without(*uses):
    return lambda claims: claims[~claims["use"].isin(uses)]


#: What may not be known: of which layer, and what is then left of it.
UNKNOWN = {
    **{f"no {name}": (name, lambda layer: layer.iloc[:0]) for name in LAYERS if name != "sites"},
    **{f"no shape of {name}": (name, undrawn) for name in ("terrains", "buildings", "premises", "exclusions")},
    "no area of sites": ("sites", lambda sites: undrawn(sites).assign(land_low_ha=np.nan, land_high_ha=np.nan)),
    "no floor": ("premises", blank(floor_m2=np.nan)),
    "no day of vacancy": ("premises", blank(vacant_since=NO_DAY)),
    "no area of tenancies": ("tenancies", blank(area_low_m2=np.nan, area_high_m2=np.nan)),
    "no word of terrains": ("terrains", blank(**TERRAINS_SAY)),
    "no day of sale": ("terrains", blank(sold_on=NO_DAY)),
    "no offer": ("claims", without(ClaimUse.OFFER)),
    "all are stand-ins": ("sites", blank(stand_in="oui")),
}
#: What each kind of figure rests on: without all of one line, it is no exact number.
RESTS_ON = {
    "in_place": ["no tenancies", "no area of tenancies"],
    "to_come": ["no tenancies", "no area of tenancies"],
    "with_to_come": ["no tenancies", "no area of tenancies"],
    "not_attributed": ["no tenancies", "no area of tenancies"],
    "needed_base": ["no tenancies", "no area of tenancies"],
    "occupants": ["no tenancies"],
    "held": ["no tenancies"],
    "held_land": ["no area of sites+no shape of terrains"],
    "held_footprint": ["no shape of buildings"],
    "held_floor": ["no floor"],
    "premises_vacancy": ["no floor", "no tenancies+no day of vacancy"],
    "floor_vacancy": ["no floor", "no tenancies+no day of vacancy"],
    "surface_vacancy": ["no terrains", "no shape of terrains", "no word of terrains"],
    "available": ["no terrains", "no word of terrains"],
    "immediately_available": ["no terrains", "no word of terrains"],
    "gross": ["no area of sites+no shape of terrains"],
    "freed": ["no exclusions", "no shape of exclusions"],
    "absorption": ["no terrains", "no day of sale"],
    "supply": ["no terrains", "no day of sale", "no word of terrains"],
    "zones_known": ["no area of sites"],
    "zones_overlaid": ["no area of sites"],
    "zones_with_area": ["no area of sites"],
    "zones_named": ["all are stand-ins"],
    "offer_located": ["no offer"],
    "offer": ["no claims"],
    "parts": ["no claims"],
}


@pytest.fixture(scope="module")
def drawn():
    """A little of the fictional territory, read once."""
    opened = Territory(DEMO)
    few = {name: getattr(opened, name) for name in LAYERS}
    for name in LAYERS[:5]:
        few[name] = few[name][few[name]["site_id"].isin(KEPT)]
    for name, rows in (("terrains", 4), ("buildings", 4), ("premises", 5)):
        few[name] = few[name].groupby("site_id").head(rows)
    few["tenancies"] = few["tenancies"][few["tenancies"]["premises_id"].isin(few["premises"]["premises_id"])]
    few["exclusions"] = few["exclusions"].drop_duplicates("reason").head(3)
    return opened, few


def told(drawn, gone):
    """Open the territory anew, without what is gone."""
    opened, few = drawn
    layers = dict(few)
    for each in sorted(gone, key=list(UNKNOWN).index):
        name, change = UNKNOWN[each]
        layers[name] = change(layers[name])
    fresh = Territory(opened.folder)
    vars(fresh).update(layers, focus={"site": KEPT[0]})
    return fresh


def rests_on_nothing(figure, figures, gone):
    """Say why a figure rests on nothing: no row, no numerator that has one, or all of a line above is gone."""
    while figure.numerator in figures and (figures[figure.numerator].rows or figure.rows):
        if not figures[figure.numerator].rows and not figures[figure.numerator].numerator:
            return f"{figure.numerator} has no row"
        figure = figures[figure.numerator]
    if not figure.rows:
        return f"{figure.figure_id} has no row"
    lines = [line for kind, lines in RESTS_ON.items() if figure.kind.startswith(kind) for line in lines]
    return next((line for line in lines if {*line.split("+")} <= {*gone}), "")


def faults(territory, gone):
    for figure in territory.figures.values():
        ends = [end for end in (figure.low, figure.high) if end is not None]
        if any(np.isnan(end) for end in ends):
            yield f"{figure.figure_id} is no number"
        exact = len(ends) == 2 and ends[0] == ends[1]
        if exact and (why := rests_on_nothing(figure, territory.figures, gone)):
            yield f"{figure.figure_id} is exactly {figure.low} {figure.unit}, and {why}"
        if figure.high == 0 and figure.low is None:
            yield f"{figure.figure_id} is nothing at most"


def test_every_kind_of_figure_is_looked_at(drawn):
    kinds = {figure.kind for figure in told(drawn, []).figures.values()}
    # Shared ground alone makes these two.
    assert kinds | {"gross_overlaid_ha", "zones_overlaid_ha"} == registry.figure_kinds().keys()
    assert all(any(kind.startswith(line) for line in [*RESTS_ON, "zones_counted"]) for kind in kinds)


@pytest.mark.parametrize("gone", UNKNOWN)
def test_what_one_thing_leaves_unknown_is_no_exact_number(drawn, gone):
    assert list(faults(told(drawn, [gone]), [gone])) == []


@given(gone=st.sets(st.sampled_from(sorted(UNKNOWN)), min_size=2))
@heavy
def test_nor_is_what_several_leave_unknown(drawn, gone):
    assert list(faults(told(drawn, gone), gone)) == []
