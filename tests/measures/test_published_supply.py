"""Published quantities of ground: zones that are counted, hectares on offer that have no plot."""

import pandas as pd
import pytest
from shapely import box

from gis.measures.published_supply import offer_figures, published_offer, zone_figures
from gis.provenance import Bounds
from gis.territory import Territory


@pytest.fixture
def territory(shipped) -> Territory:
    return Territory(shipped)


def test_the_shipped_offer_is_located_at_most_in_part(territory):
    found = {figure.kind: figure.bounds for figure in offer_figures(territory.claims)}
    assert found["offer_ha"] == Bounds(150, 150)
    assert found["offer_located_ha"] == Bounds(None, 26)
    assert found["offer_unplaced_ha"] == Bounds(124, 150)


def test_two_sources_for_one_offer_are_not_added_up(territory):
    again = territory.claims[territory.claims["claim_id"] == "logisterra.offer"].assign(claim_id="again")
    claims = pd.concat([territory.claims, again], ignore_index=True)
    assert published_offer(claims).located_m2 == published_offer(territory.claims).located_m2


def test_zones_are_counted_once_and_their_known_area_never_pretends_to_a_total(territory):
    found = {figure.kind: figure for figure in zone_figures(territory.sites)}
    assert found["zones_counted"].low == 42
    assert found["zones_named"].low == 18
    assert found["zones_with_area"].low == 7
    assert found["zones_known_ha"].bounds == Bounds(683, None)


def test_a_measured_area_takes_the_place_of_the_stated_one(territory):
    sites = territory.sites.copy()
    drawn = sites["site_id"] == "logisterra_a26"
    sites.loc[drawn, "measured_m2"] = 540_000.0
    sites.loc[drawn, "geometry"] = box(0, 0, 900, 600)
    found = {figure.kind: figure for figure in zone_figures(sites)}
    assert found["zones_known_ha"].low == pytest.approx(683 - 55 + 54)
