"""Checks of quantities: impossible by themselves, or against a measured value, or against other rows.

Most faults are errors of unit: hectares for square metres, metres for kilometres, a lost decimal point.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.measures.plausible import Plausible
from gis.measures.statements import (
    Flags,
    Floats,
    Ints,
    Statements,
    Texts,
    as_text,
    in_place_flags,
    key_positions,
    number_column,
    safe_ratio,
    surely_held_days,
    text_column,
    true_positions,
    values_at,
    words_of_name,
)
from gis.measures.topology import issue_row, layer_shapes
from gis.schemas import KEYS, STATED_KM, AreaKind, ClaimUse, ExclusionReason, Row
from gis.units import AREA_M2, M2_PER_HA, to_ha

S = TypeVar("S", bound=pd.DataFrame)


def magnitude_issues(said: Statements) -> Iterator[Row]:
    """Yield quantities that are too large or too small to be true, as rows of the layer `issues`."""
    for rule in (
        _out_of_range_issues,
        _far_from_median_issues,
        _site_land_issues,
        _parcel_area_issues,
        _site_part_issues,
        _floor_issues,
        _height_issues,
        _dock_issues,
        _power_issues,
        _tenancy_area_issues,
        _job_issues,
        _distance_issues,
        _buffer_issues,
        _claim_issues,
    ):
        yield from rule(said)


class _Range(NamedTuple):
    """The limits of a column, its name in messages, and the correction for a value beyond them."""

    layer: str
    column: str
    unit: str
    low: float
    high: float
    mend: str


def _out_of_range_issues(said: Statements) -> Iterator[Row]:
    limits = said.limits
    no_limit = 0.0
    height_mend = "Write it in metres, with its decimal point."
    ranges = [
        _Range("buildings", "height_m", "m", limits.low_height_m, limits.height_m, height_mend),
        _Range("premises", "height_m", "m", limits.low_height_m, limits.height_m, height_mend),
        _Range("premises", "floor_m2", "m²", limits.room_m2, np.inf, "Write it in square metres."),
        _Range("premises", "docks", "docks", no_limit, limits.docks, "Correct the number."),
        _Range("premises", "power_kw", "kW", no_limit, limits.power_kw, "Write it in kilowatts."),
        _Range("terrains", "power_kw", "kW", no_limit, limits.power_kw, "Write it in kilowatts."),
        _Range(
            *("premises", "rent_eur_m2", "EUR/m²", limits.low_rent_eur_m2, limits.rent_eur_m2),
            "Write the rent of one square metre for a year.",
        ),
        _Range(
            *("terrains", "price_eur_m2", "EUR/m²", limits.low_price_eur_m2, limits.price_eur_m2),
            "Write the price of one square metre.",
        ),
        _Range("sites", "land_high_ha", "ha", no_limit, limits.site_ha, "Write it in hectares."),
        _Range("sites", "jobs", "jobs", no_limit, limits.jobs, "Correct the number."),
        _Range("establishments", "jobs_high", "jobs", no_limit, limits.jobs, "Correct the number."),
        _Range("tenancies", "jobs_now", "jobs", no_limit, limits.jobs, "Correct the number."),
        _Range("tenancies", "jobs_planned", "jobs", no_limit, limits.jobs, "Correct the number."),
        _Range("tenancies", "area_high_m2", "m²", limits.room_m2, np.inf, "Write it in square metres."),
    ]
    ranges += [
        _Range("sites", column, "km", no_limit, limits.access_km, "Write it in kilometres.")
        for column in STATED_KM.values()
    ]
    for rule in ranges:
        layer = getattr(said, rule.layer)
        keys, values = text_column(layer, KEYS[rule.layer]), number_column(layer, rule.column)
        for n in true_positions(values > rule.high):
            message = f"Is above {as_text(rule.high, rule.unit)}, which is not plausible. {rule.mend}"
            yield issue_row(rule.layer, keys[n], rule.column, as_text(values[n], rule.unit), message)
        for n in true_positions((values > 0) & (values < rule.low)):
            message = f"Is below {as_text(rule.low, rule.unit)}, which is not plausible. {rule.mend}"
            yield issue_row(rule.layer, keys[n], rule.column, as_text(values[n], rule.unit), message)


def _far_from_median_issues(said: Statements) -> Iterator[Row]:
    """Yield prices and rents that are many times the median of the others, or a small fraction of it."""
    limits = said.limits
    for name, column, low, high in (
        ("terrains", "price_eur_m2", limits.low_price_eur_m2, limits.price_eur_m2),
        ("premises", "rent_eur_m2", limits.low_rent_eur_m2, limits.rent_eur_m2),
    ):
        layer = getattr(said, name)
        keys, values = text_column(layer, KEYS[name]), number_column(layer, column)
        sound = (values >= low) & (values <= high)
        if sound.sum() < limits.median_of:
            continue
        median = float(np.median(values[sound]))
        is_far = (values > median * limits.median_ratio) | (values < median / limits.median_ratio)
        for n in true_positions(sound & is_far):
            message = (
                f"Half of the {sound.sum()} that are known are {as_text(median, 'EUR/m²')} at most, half at least: "
                "this one is far from all of them. Write it for one square metre, and a rent for a year."
            )
            yield issue_row(name, keys[n], column, as_text(values[n], "EUR/m²"), message)


def _site_land_issues(said: Statements) -> Iterator[Row]:
    """Yield sites whose stated land area differs from the measured one, or exceeds the area of their communes."""
    sites = said.sites
    keys, drawn = text_column(sites, "site_id"), number_column(sites, "measured_m2")
    commune_m2 = _commune_areas_of_sites(sites, said.communes)
    impossible = {column: _exceeds_communes(sites, column, commune_m2, said.limits) for column in _LAND}
    for column, exceeds in (("land_low_ha", np.greater), ("land_high_ha", np.less)):
        stated = number_column(sites, column) * M2_PER_HA
        factor = said.limits.land_ratio if column == "land_low_ha" else 1 / said.limits.land_ratio
        for n in true_positions(exceeds(stated, drawn * factor) & ~impossible[column]):
            message = (
                f"{as_text(to_ha(stated[n]), 'ha')} are stated, and {as_text(to_ha(drawn[n]), 'ha')} are drawn as the "
                "site. Write the area in hectares, or correct the shape."
            )
            yield issue_row("sites", keys[n], column, as_text(to_ha(stated[n]), "ha"), message)
    is_reported = np.zeros(len(sites), dtype=bool)
    for column in _LAND:
        stated = number_column(sites, column)
        for n in true_positions(impossible[column] & ~is_reported):
            message = (
                f"{as_text(stated[n], 'ha')} are stated, and its communes ({sites['insee'].iloc[n]}) have "
                f"{as_text(to_ha(commune_m2[n]), 'ha')} in all: it is read as unknown. Write the area in hectares."
            )
            yield issue_row("sites", keys[n], column, as_text(stated[n], "ha"), message)
        is_reported |= impossible[column]
    high = number_column(sites, "land_high_ha") * M2_PER_HA
    for n in true_positions(np.isnan(drawn) & (high < said.limits.plot_m2)):
        message = (
            f"A site of less than {as_text(said.limits.plot_m2, 'm²')} is not plausible. Write the area in hectares."
        )
        yield issue_row("sites", keys[n], "land_high_ha", as_text(to_ha(high[n]), "ha"), message)


#: The columns of the bounds of the stated land area of a site.
_LAND: Final = ("land_low_ha", "land_high_ha")


def _commune_areas_of_sites(sites: pd.DataFrame, communes: gpd.GeoDataFrame) -> Floats:
    """Return the total area of the communes of each site; unknown if a commune has no outline."""
    area_by_commune = dict(zip(text_column(communes, "insee"), shapely.area(layer_shapes(communes)), strict=True))
    codes = [[area_by_commune.get(code) or np.nan for code in str(each).split("|")] for each in sites["insee"]]
    return np.array([sum(each) for each in codes], dtype=float)


def _exceeds_communes(sites: pd.DataFrame, column: str, around: Floats, limits: Plausible) -> Flags:
    """Tell for which sites a bound of the land area exceeds the area of their communes."""
    return np.asarray(number_column(sites, column) * M2_PER_HA > around * limits.commune_ratio)


def sites_within_communes(sites: S, communes: gpd.GeoDataFrame, limits: Plausible) -> S:
    """Return the sites, with each stated land area that exceeds the area of their communes replaced by unknown.

    Parameters
    ----------
    sites, communes
        Sites, and communes with their outlines, in one CRS in metres.
    limits
        The limits of plausible values: `commune_ratio`.
    """
    commune_m2 = _commune_areas_of_sites(sites, communes)
    flags_by_column = {column: _exceeds_communes(sites, column, commune_m2, limits) for column in _LAND}
    if not any(each.any() for each in flags_by_column.values()):
        return sites
    return sites.assign(
        **{column: np.where(each, np.nan, number_column(sites, column)) for column, each in flags_by_column.items()}
    )


def _site_part_issues(said: Statements) -> Iterator[Row]:
    """Yield sites whose stated area is larger than that of the site they lie inside."""
    sites = said.sites
    keys, outer = text_column(sites, "site_id"), text_column(sites, "part_of")
    low = number_column(sites, "land_low_ha")
    high = values_at(number_column(sites, "land_high_ha"), key_positions(outer, sites, "site_id"))
    for n in true_positions((outer != "") & (low > high * said.limits.floor_slack)):
        message = (
            f"Is part of site {outer[n]}, of which {as_text(high[n], 'ha')} are stated. Correct one of the two areas."
        )
        yield issue_row("sites", keys[n], "land_low_ha", as_text(low[n], "ha"), message)


def _parcel_area_issues(said: Statements) -> Iterator[Row]:
    parcels, limits = said.parcels, said.limits
    keys, stated, drawn = (
        text_column(parcels, "parcel_id"),
        number_column(parcels, "stated_m2"),
        number_column(parcels, "measured_m2"),
    )
    factor = np.maximum(safe_ratio(stated, drawn), safe_ratio(drawn, stated))
    for n in true_positions((factor > limits.parcel_ratio) & (np.abs(stated - drawn) > limits.parcel_slack_m2)):
        message = (
            f"{as_text(stated[n], 'm²')} are stated, and {as_text(drawn[n], 'm²')} are drawn as the parcel. "
            "Write the area in square metres, or correct the shape."
        )
        yield issue_row("parcels", keys[n], "stated_m2", as_text(stated[n], "m²"), message)


def _most_storeys(said: Statements, height_m: Floats) -> Floats:
    """Return the greatest number of storeys of buildings of the given heights."""
    by_height = np.maximum(1.0, np.floor(height_m / said.limits.storey_m))
    return np.where(np.isnan(height_m), said.limits.storeys, by_height)


class _InBuilding(NamedTuple):
    """For each premises: the position of its building (-1 if none), its key, footprint and most storeys."""

    where: Ints
    key: Texts
    footprint_m2: Floats
    storeys: Floats


def _buildings_of_premises(said: Statements) -> _InBuilding:
    building_keys = text_column(said.premises, "building_id")
    building_rows = np.where(building_keys == "", -1, key_positions(building_keys, said.buildings, "building_id"))
    height = values_at(number_column(said.buildings, "height_m"), building_rows)
    return _InBuilding(
        building_rows,
        building_keys,
        values_at(number_column(said.buildings, "measured_m2"), building_rows),
        _most_storeys(said, height),
    )


def _floor_issues(said: Statements) -> Iterator[Row]:
    """Yield floor areas that exceed what the building holds or the site allows, or are far below the measured area."""
    premises, limits, housing = said.premises, said.limits, _buildings_of_premises(said)
    keys, floor, drawn = (
        text_column(premises, "premises_id"),
        number_column(premises, "floor_m2"),
        number_column(premises, "measured_m2"),
    )
    # Free-standing premises have storeys of their own; premises in a building cover no more land than the building.
    ground = np.where(np.isnan(housing.footprint_m2), drawn, np.fmin(housing.footprint_m2, drawn))
    most = ground * housing.storeys * limits.floor_slack
    for n in true_positions(floor > most):
        where = f"building {housing.key[n]}" if housing.where[n] >= 0 else "its shape"
        message = (
            f"{as_text(floor[n], 'm²')} of floor are stated, and {where} holds {as_text(most[n], 'm²')} at most: "
            f"{as_text(ground[n], 'm²')} of ground, {housing.storeys[n]:.0f} storeys. Write the floor in square metres."
        )
        yield issue_row("premises", keys[n], "floor_m2", as_text(floor[n], "m²"), message)
    for n in true_positions((floor > 0) & (floor < drawn * limits.floor_share) & (housing.key != "")):
        message = (
            f"{as_text(floor[n], 'm²')} of floor are stated, and {as_text(drawn[n], 'm²')} of ground are drawn as the "
            "premises. Write the floor in square metres."
        )
        yield issue_row("premises", keys[n], "floor_m2", as_text(floor[n], "m²"), message)
    site = text_column(premises, "site_id")
    land = _land_of_sites_m2(said, site) * limits.floor_per_land
    for n in true_positions((floor > land) & ~(floor > most)):
        message = (
            f"{as_text(floor[n], 'm²')} of floor are stated, and the land of site {site[n]} is "
            f"{as_text(land[n] / limits.floor_per_land, 'm²')}. Write the floor in square metres."
        )
        yield issue_row("premises", keys[n], "floor_m2", as_text(floor[n], "m²"), message)
    yield from _total_floor_issues(said, housing, floor)


def _total_floor_issues(said: Statements, inside: _InBuilding, floor: Floats) -> Iterator[Row]:
    """Yield buildings whose premises have more floor area together than the building can hold."""
    in_known_building = (inside.where >= 0) & (floor > 0)
    total = np.bincount(
        inside.where[in_known_building], weights=floor[in_known_building], minlength=len(said.buildings)
    )
    largest = np.zeros(len(said.buildings))
    np.maximum.at(largest, inside.where[in_known_building], floor[in_known_building])
    most = _most_storeys(said, number_column(said.buildings, "height_m")) * said.limits.floor_slack
    most = most * number_column(said.buildings, "measured_m2")
    keys = text_column(said.buildings, "building_id")
    for n in true_positions((total > most) & ~(largest > most)):
        message = (
            f"Its premises have {as_text(total[n], 'm²')} of floor together, and it holds {as_text(most[n], 'm²')} at "
            "most. Correct the floors, or the height or shape of the building."
        )
        yield issue_row("buildings", keys[n], "building_id", as_text(total[n], "m²"), message)


def _land_of_sites_m2(said: Statements, site: Texts) -> Floats:
    """Return the land area of some sites: the measured one, or the stated one if it is larger or none is measured."""
    drawn, stated = number_column(said.sites, "measured_m2"), number_column(said.sites, "land_high_ha") * M2_PER_HA
    land = np.where(np.isnan(drawn), stated, np.fmax(drawn, stated))
    # An implausible stated area has its own issue on the site, and must not hide faults of rows on the site.
    land = np.where(stated > drawn * said.limits.land_ratio, drawn, land)
    return values_at(land, key_positions(site, said.sites, "site_id"))


def _height_issues(said: Statements) -> Iterator[Row]:
    """Yield clear heights above that of the building, and buildings much higher than their premises need."""
    premises, buildings, limits, housing = said.premises, said.buildings, said.limits, _buildings_of_premises(said)
    keys, free = text_column(premises, "premises_id"), number_column(premises, "height_m")
    roof = values_at(number_column(buildings, "height_m"), housing.where)
    for n in true_positions((free > roof * limits.floor_slack) & ~(free > limits.height_m)):
        message = (
            f"{as_text(free[n], 'm')} of free height are stated, and building {housing.key[n]} is "
            f"{as_text(roof[n], 'm')} "
            "high. Correct one of the two."
        )
        yield issue_row("premises", keys[n], "height_m", as_text(free[n], "m"), message)
    in_known_building = housing.where >= 0
    tallest = np.zeros(len(buildings))
    np.maximum.at(tallest, housing.where[in_known_building], np.nan_to_num(free[in_known_building]))
    floor = np.nan_to_num(number_column(premises, "floor_m2"))
    total = np.bincount(housing.where[in_known_building], weights=floor[in_known_building], minlength=len(buildings))
    floors_said = np.bincount(
        housing.where[in_known_building], weights=floor[in_known_building] > 0, minlength=len(buildings)
    )
    all_floors_said = floors_said == np.bincount(housing.where[in_known_building], minlength=len(buildings))
    storeys = np.fmax(1.0, np.round(safe_ratio(total.astype(float), number_column(buildings, "measured_m2"))))
    filled = tallest * storeys
    height, names = number_column(buildings, "height_m"), text_column(buildings, "building_id")
    low, high = filled * limits.height_ratio, limits.height_m
    for n in true_positions(all_floors_said & (tallest > 0) & (height > low) & ~(height > high)):
        message = (
            f"Is {as_text(height[n], 'm')} high, and its premises have {as_text(tallest[n], 'm')} of free "
            "height at most, "
            f"on {storeys[n]:.0f} storeys by their floors. Write the height in metres, with its decimal point."
        )
        yield issue_row("buildings", names[n], "height_m", as_text(height[n], "m"), message)


def _dock_issues(said: Statements) -> Iterator[Row]:
    premises, limits = said.premises, said.limits
    keys, docks = text_column(premises, "premises_id"), number_column(premises, "docks")
    perimeter_m = shapely.length(layer_shapes(premises))
    for n in true_positions((docks * limits.dock_m > perimeter_m) & (docks > 1) & ~(docks > limits.docks)):
        message = (
            f"{as_text(docks[n])} docks take {as_text(docks[n] * limits.dock_m, 'm')} of wall, and the premises have "
            f"{as_text(perimeter_m[n], 'm')} all around. Correct the number."
        )
        yield issue_row("premises", keys[n], "docks", as_text(docks[n]), message)


def _power_issues(said: Statements) -> Iterator[Row]:
    limits = said.limits
    for name, most in (("premises", limits.premises_kw_m2), ("terrains", limits.terrain_kw_m2)):
        layer = getattr(said, name)
        keys, power, ground = (
            text_column(layer, KEYS[name]),
            number_column(layer, "power_kw"),
            number_column(layer, "measured_m2"),
        )
        if name == "premises":
            ground = np.fmax(ground, number_column(layer, "floor_m2"))
        for n in true_positions((power > ground * most) & ~(power > limits.power_kw)):
            message = (
                f"{as_text(power[n], 'kW')} on {as_text(ground[n], 'm²')} are more than {as_text(most, 'kW')} on each. "
                "Write it in kilowatts."
            )
            yield issue_row(name, keys[n], "power_kw", as_text(power[n], "kW"), message)


def _tenancy_area_issues(said: Statements) -> Iterator[Row]:
    """Yield tenancies with more area than their premises or site has, or with a very small part of it."""
    tenancies, limits = said.tenancies, said.limits
    keys, low, high = (
        text_column(tenancies, "tenancy_id"),
        number_column(tenancies, "area_low_m2"),
        number_column(tenancies, "area_high_m2"),
    )
    kind, rooms = text_column(tenancies, "area_kind"), text_column(tenancies, "premises_id")
    room_m2 = premises_sizes_m2(said, rooms)
    is_built_area = np.isin(kind, [AreaKind.FLOOR.value, AreaKind.FOOTPRINT.value])
    most = room_m2 * np.where(is_built_area, limits.floor_slack, limits.tenancy_ratio)
    site = text_column(tenancies, "site_id")
    land = _land_of_sites_m2(said, site)
    on_land = land * np.where(
        np.isin(kind, [AreaKind.LAND.value, AreaKind.FOOTPRINT.value]), 1.0, limits.floor_per_land
    )
    mend = "Write the area in square metres, or correct the area of the other."
    exceeds_land = low > on_land * limits.floor_slack
    for n in true_positions(exceeds_land):
        message = f"Holds {as_text(low[n], 'm²')}, and site {site[n]} has {as_text(land[n], 'm²')} of land. {mend}"
        yield issue_row("tenancies", keys[n], "area_low_m2", as_text(low[n], "m²"), message)
    for n in true_positions((low > most) & ~exceeds_land):
        message = f"Holds {as_text(low[n], 'm²')}, and premises {rooms[n]} have {as_text(room_m2[n], 'm²')}. {mend}"
        yield issue_row("tenancies", keys[n], "area_low_m2", as_text(low[n], "m²"), message)
    is_scant = high < room_m2 * limits.least_share
    for n in true_positions(is_scant & ~(high < limits.room_m2)):
        message = f"Holds {as_text(high[n], 'm²')}, and premises {rooms[n]} have {as_text(room_m2[n], 'm²')}. {mend}"
        yield issue_row("tenancies", keys[n], "area_high_m2", as_text(high[n], "m²"), message)


def premises_sizes_m2(said: Statements, premises: Texts) -> Floats:
    """Return the floor or land area of some premises, the larger; a floor that its building cannot hold is ignored."""
    floor, drawn = number_column(said.premises, "floor_m2"), number_column(said.premises, "measured_m2")
    most_m2 = drawn * said.limits.storeys
    sound_floor = np.where((floor > most_m2) | (floor <= said.limits.room_m2), np.nan, floor)
    return values_at(np.fmax(sound_floor, drawn), key_positions(premises, said.premises, "premises_id"))


def _job_issues(said: Statements) -> Iterator[Row]:
    """Yield numbers of jobs that exceed what the area allows, or the number that another row states."""
    tenancies, sites, limits = said.tenancies, said.sites, said.limits
    keys, premises_ids, firm = (
        text_column(tenancies, name) for name in ("tenancy_id", "premises_id", "establishment_id")
    )
    site = text_column(tenancies, "site_id")
    premises_m2 = np.fmax(premises_sizes_m2(said, premises_ids), number_column(tenancies, "area_high_m2"))
    of_firm = values_at(
        number_column(said.establishments, "jobs_high"), key_positions(firm, said.establishments, "establishment_id")
    )
    of_site = values_at(number_column(sites, "jobs"), key_positions(site, sites, "site_id"))
    begins, ends = surely_held_days(tenancies, said.day)
    is_in_place = in_place_flags(tenancies) & (begins <= said.day) & (ends > said.day)
    for column in ("jobs_now", "jobs_planned"):
        jobs = number_column(tenancies, column)
        is_plausible = ~(jobs > limits.jobs)
        is_crowded = is_plausible & (jobs > premises_m2 * limits.jobs_per_m2)
        for n in true_positions(is_crowded):
            place_text = f"{as_text(premises_m2[n], 'm²')} (premises {premises_ids[n]})"
            message = f"{as_text(jobs[n])} jobs are said to be on {place_text}. Correct the number."
            yield issue_row("tenancies", keys[n], column, as_text(jobs[n], "jobs"), message)
        if column == "jobs_planned":
            continue
        for n in true_positions(is_plausible & ~is_crowded & (jobs > of_firm * limits.jobs_ratio + limits.jobs_slack)):
            message = (
                f"Establishment {firm[n]} is said to have {as_text(of_firm[n])} jobs at most. Correct one of the two."
            )
            yield issue_row("tenancies", keys[n], column, as_text(jobs[n], "jobs"), message)
        for n in true_positions(
            is_in_place & is_plausible & ~is_crowded & (jobs > of_site * limits.jobs_ratio + limits.jobs_slack)
        ):
            message = f"Site {site[n]} as a whole is said to have {as_text(of_site[n])} jobs. Correct one of the two."
            yield issue_row("tenancies", keys[n], column, as_text(jobs[n], "jobs"), message)
    yield from _firm_job_issues(said, premises_m2, is_in_place)
    names, jobs = text_column(sites, "site_id"), number_column(sites, "jobs")
    drawn, stated = number_column(sites, "measured_m2"), number_column(sites, "land_high_ha") * M2_PER_HA
    # An implausible land area has its own issue; the number of jobs is not checked against it.
    land = np.where(stated > drawn * limits.land_ratio, np.nan, np.fmax(drawn, stated)) / M2_PER_HA
    for n in true_positions((jobs > land * limits.jobs_per_ha) & ~(jobs > limits.jobs)):
        message = (
            f"{as_text(jobs[n])} jobs are said to be on {as_text(land[n], 'ha')}. Correct the number, or the area."
        )
        yield issue_row("sites", names[n], "jobs", as_text(jobs[n], "jobs"), message)


def _firm_job_issues(said: Statements, room: Floats, now: Flags) -> Iterator[Row]:
    """Yield establishments with more jobs than the area of their premises allows, or than their tenancies state."""
    firms, tenancies, limits = said.establishments, said.tenancies, said.limits
    keys, least = text_column(firms, "establishment_id"), number_column(firms, "jobs_low")
    firm_rows = key_positions(text_column(tenancies, "establishment_id"), firms, "establishment_id")
    in_place_rows = now & (firm_rows >= 0)
    tenancy_counts = np.bincount(firm_rows[in_place_rows], minlength=len(firms))
    rooms_m2 = np.bincount(firm_rows[in_place_rows], weights=room[in_place_rows], minlength=len(firms))
    jobs_counted = np.bincount(
        firm_rows[in_place_rows], weights=number_column(tenancies, "jobs_now")[in_place_rows], minlength=len(firms)
    )
    is_plausible = (tenancy_counts > 0) & ~(least > limits.jobs)
    is_crowded = is_plausible & (least > rooms_m2 * limits.jobs_per_m2)
    for n in true_positions(is_crowded):
        place_text = f"{as_text(rooms_m2[n], 'm²')}, where it is in place"
        message = f"{as_text(least[n])} jobs are said to be on {place_text}. Correct the number."
        yield issue_row("establishments", keys[n], "jobs_low", as_text(least[n], "jobs"), message)
    for n in true_positions(
        is_plausible & ~is_crowded & (least > jobs_counted * limits.jobs_ratio + limits.jobs_slack)
    ):
        message = f"{as_text(jobs_counted[n])} jobs are said of its tenancies in place. Correct one of the two."
        yield issue_row("establishments", keys[n], "jobs_low", as_text(least[n], "jobs"), message)


def _distance_issues(said: Statements) -> Iterator[Row]:
    """Yield stated distances that are impossible for the accesses in the layer."""
    sites, accesses, limits = said.sites, said.accesses, said.limits
    keys, shapes = text_column(sites, "site_id"), layer_shapes(sites)
    access_shapes, kinds, names = (
        layer_shapes(accesses),
        text_column(accesses, "access_kind"),
        text_column(accesses, "access_id"),
    )
    for kind, column in STATED_KM.items():
        access_rows = np.flatnonzero((kinds == kind.value) & ~shapely.is_missing(access_shapes))
        stated = number_column(sites, column)
        site_rows = np.flatnonzero(~shapely.is_missing(shapes) & ~np.isnan(stated) & (stated <= limits.access_km))
        if not len(access_rows) or not len(site_rows):
            continue
        tree = shapely.STRtree(access_shapes[access_rows])
        (site_index, nearest), distance_m = tree.query_nearest(
            shapes[site_rows], return_distance=True, all_matches=False
        )
        for n, other, km in zip(site_rows[site_index], access_rows[nearest], distance_m / 1000, strict=True):
            longer = stated[n] > limits.km_ratio * km + limits.km_slack
            if longer or km > limits.km_ratio * stated[n] + limits.km_slack:
                message = (
                    f"{as_text(stated[n], 'km')} are stated, and access {names[other]}, the nearest that is drawn, is "
                    f"{as_text(km, 'km')} away as the crow flies. Write the way in kilometres, or correct the access."
                )
                yield issue_row("sites", keys[n], column, as_text(stated[n], "km"), message)


#: Reasons whose exclusions are strips along a line.
_STRIPS: Final = (
    ExclusionReason.SLOPE,
    ExclusionReason.WATER,
    ExclusionReason.POWER_LINE,
    ExclusionReason.ROAD_VERGE,
    ExclusionReason.SETBACK,
)


def _buffer_issues(said: Statements) -> Iterator[Row]:
    exclusions, limits = said.exclusions, said.limits
    keys, buffer, reason = (
        text_column(exclusions, "exclusion_id"),
        number_column(exclusions, "buffer_m"),
        text_column(exclusions, "reason"),
    )
    cap = np.where(np.isin(reason, [each.value for each in _STRIPS]), limits.strip_m, limits.buffer_m)
    for n in true_positions(buffer > cap):
        message = (
            f"No distance for `{reason[n]}` is above {as_text(cap[n], 'm')}. Write it in metres, or correct the reason."
        )
        yield issue_row("exclusions", keys[n], "buffer_m", as_text(buffer[n], "m"), message)


#: References in claims to the land area of a site.
_STATES_LAND: Final = re.compile(r"sites/.*/land_ha")
#: First words of the `measure` of a share; a rate of change may exceed 100 % and begins with other words.
_SHARES: Final = frozenset("part parts taux share proportion rate pourcentage percentage".split())  # noqa: SIM905
_SHARE_USES: Final = (ClaimUse.OCCUPIED_SHARE, ClaimUse.TENANT_SHARE, ClaimUse.PARTS_SHARE)


def _claim_issues(said: Statements) -> Iterator[Row]:
    """Yield shares above 100 %, areas that exceed the site or any possible offer, and impossible numbers of jobs."""
    claims, limits = said.claims, said.limits
    keys, unit, value = text_column(claims, "claim_id"), text_column(claims, "unit"), text_column(claims, "value")
    low, high = number_column(claims, "low"), number_column(claims, "high")
    kind, use, site = text_column(claims, "area_kind"), text_column(claims, "use"), text_column(claims, "site_id")
    is_share = (unit == "%") & (
        _share_flags(claims) | (kind != "") | np.isin(use, [each.value for each in _SHARE_USES])
    )
    for n in true_positions(is_share & (low > limits.share_percent)):
        message = f"A share of {value[n]} % is more than the whole. Correct the value."
        yield issue_row("claims", keys[n], "value", f"{value[n]} %", message)
    for n in true_positions((unit == "jobs") & (site != "") & (low > limits.jobs)):
        message = f"No site has more than {as_text(limits.jobs)} jobs. Correct the value."
        yield issue_row("claims", keys[n], "value", f"{value[n]} jobs", message)
    yield from _claimed_area_issues(said, pd.Series(unit).map(AREA_M2).to_numpy(dtype=float), low, high)


def _share_flags(claims: pd.DataFrame) -> Flags:
    measures = pd.Series(text_column(claims, "measure"))
    share_by_measure = {each: bool(_SHARES & {*words_of_name(each)[:1]}) for each in measures.unique()}
    return measures.map(share_by_measure).to_numpy(dtype=bool)


def _claimed_area_issues(said: Statements, factor: Floats, low: Floats, high: Floats) -> Iterator[Row]:
    claims, limits = said.claims, said.limits
    keys, unit, value = text_column(claims, "claim_id"), text_column(claims, "unit"), text_column(claims, "value")
    kind, site = text_column(claims, "area_kind"), text_column(claims, "site_id")
    least, most = low * factor, high * factor
    land = _land_of_sites_m2(said, site)
    states_land = np.array([bool(_STATES_LAND.fullmatch(each)) for each in text_column(claims, "states")], dtype=bool)
    times = np.select(
        [states_land, np.isin(kind, [AreaKind.LAND.value, AreaKind.FOOTPRINT.value])],
        [limits.land_ratio, limits.land_ratio],
        limits.floor_per_land,
    )
    mend = "Correct the value or its unit."
    exceeds_land = (site != "") & (least > land * times)
    for n in true_positions(exceeds_land):
        message = f"{value[n]} {unit[n]} are said of site {site[n]}, that has {as_text(land[n], 'm²')} of land. {mend}"
        yield issue_row("claims", keys[n], "value", f"{value[n]} {unit[n]}", message)
    largest = limits.site_ha * M2_PER_HA
    for n in true_positions((site != "") & np.isnan(land) & (least > largest)):
        message = (
            f"{value[n]} {unit[n]} are said of site {site[n]}, and no site is above {as_text(largest, 'm²')}. {mend}"
        )
        yield issue_row("claims", keys[n], "value", f"{value[n]} {unit[n]}", message)
    is_base = text_column(claims, "use") == ClaimUse.BASE.value
    is_scant = (states_land & (most < land / limits.land_ratio)) | (is_base & (most < land * limits.least_share))
    for n in true_positions(is_scant):
        message = f"{value[n]} {unit[n]} are said of site {site[n]}, that has {as_text(land[n], 'm²')} of land. {mend}"
        yield issue_row("claims", keys[n], "value", f"{value[n]} {unit[n]}", message)
    floor_least = np.where(kind == AreaKind.LAND.value, limits.plot_m2, limits.room_m2)
    for n in true_positions((most > 0) & (most < floor_least) & ~is_scant):
        message = f"Less than {as_text(floor_least[n], 'm²')} is not plausible. {mend}"
        yield issue_row("claims", keys[n], "value", f"{value[n]} {unit[n]}", message)
    outlines = shapely.area(layer_shapes(said.communes))
    communes_m2 = float(outlines.sum()) if len(outlines) and not np.isnan(outlines).any() else np.inf
    territory_m2 = min(communes_m2, 10 * largest)
    for n in true_positions((site == "") & (kind != "") & (least > territory_m2)):
        message = f"The communes of the territory have {as_text(territory_m2, 'm²')} in all. {mend}"
        yield issue_row("claims", keys[n], "value", f"{value[n]} {unit[n]}", message)
