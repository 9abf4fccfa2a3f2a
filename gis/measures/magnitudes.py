"""Quantities that cannot be: by themselves, beside what was measured, and beside what others say of the same thing.

Most are slips of unit: hectares for square metres, metres for kilometres, a decimal point that got lost.
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
    hits,
    in_place,
    numbers,
    positions,
    ratio,
    shown,
    surely_held,
    taken,
    texts,
    words_in,
)
from gis.measures.topology import issue_row, shapes_of
from gis.schemas import KEYS, STATED_KM, AreaKind, ClaimUse, ExclusionReason, Row
from gis.units import AREA_M2, M2_PER_HA, to_ha

S = TypeVar("S", bound=pd.DataFrame)


def magnitudes(said: Statements) -> Iterator[Row]:
    """Yield what is too much or too little to be so; the rows are those of the layer of issues."""
    for rule in (
        _out_of_range,
        _apart_from_the_middle,
        _land,
        _parcels,
        _parts,
        _floors,
        _heights,
        _docks,
        _power,
        _tenancy_areas,
        _jobs,
        _distances,
        _buffers,
        _claims,
    ):
        yield from rule(said)


class _Range(NamedTuple):
    """Between which limits a column lies, what it is in messages, and how a value that does not is mended."""

    layer: str
    column: str
    unit: str
    low: float
    high: float
    mend: str


def _out_of_range(said: Statements) -> Iterator[Row]:
    limits = said.limits
    none = 0.0
    tall = "Write it in metres, with its decimal point."
    ranges = [
        _Range("buildings", "height_m", "m", limits.low_height_m, limits.height_m, tall),
        _Range("premises", "height_m", "m", limits.low_height_m, limits.height_m, tall),
        _Range("premises", "floor_m2", "m²", limits.room_m2, np.inf, "Write it in square metres."),
        _Range("premises", "docks", "docks", none, limits.docks, "Correct the number."),
        _Range("premises", "power_kw", "kW", none, limits.power_kw, "Write it in kilowatts."),
        _Range("terrains", "power_kw", "kW", none, limits.power_kw, "Write it in kilowatts."),
        _Range(
            *("premises", "rent_eur_m2", "EUR/m²", limits.low_rent_eur_m2, limits.rent_eur_m2),
            "Write the rent of one square metre for a year.",
        ),
        _Range(
            *("terrains", "price_eur_m2", "EUR/m²", limits.low_price_eur_m2, limits.price_eur_m2),
            "Write the price of one square metre.",
        ),
        _Range("sites", "land_high_ha", "ha", none, limits.site_ha, "Write it in hectares."),
        _Range("sites", "jobs", "jobs", none, limits.jobs, "Correct the number."),
        _Range("establishments", "jobs_high", "jobs", none, limits.jobs, "Correct the number."),
        _Range("tenancies", "jobs_now", "jobs", none, limits.jobs, "Correct the number."),
        _Range("tenancies", "jobs_planned", "jobs", none, limits.jobs, "Correct the number."),
        _Range("tenancies", "area_high_m2", "m²", limits.room_m2, np.inf, "Write it in square metres."),
    ]
    ranges += [
        _Range("sites", column, "km", none, limits.access_km, "Write it in kilometres.")
        for column in STATED_KM.values()
    ]
    for each in ranges:
        layer = getattr(said, each.layer)
        keys, values = texts(layer, KEYS[each.layer]), numbers(layer, each.column)
        for n in hits(values > each.high):
            message = f"Is above {shown(each.high, each.unit)}, which is not plausible. {each.mend}"
            yield issue_row(each.layer, keys[n], each.column, shown(values[n], each.unit), message)
        for n in hits((values > 0) & (values < each.low)):
            message = f"Is below {shown(each.low, each.unit)}, which is not plausible. {each.mend}"
            yield issue_row(each.layer, keys[n], each.column, shown(values[n], each.unit), message)


def _apart_from_the_middle(said: Statements) -> Iterator[Row]:
    """Yield prices and rents that are many times those of the others, or a fraction of them."""
    limits = said.limits
    for name, column, low, high in (
        ("terrains", "price_eur_m2", limits.low_price_eur_m2, limits.price_eur_m2),
        ("premises", "rent_eur_m2", limits.low_rent_eur_m2, limits.rent_eur_m2),
    ):
        layer = getattr(said, name)
        keys, values = texts(layer, KEYS[name]), numbers(layer, column)
        sound = (values >= low) & (values <= high)
        if sound.sum() < limits.median_of:
            continue
        middle = float(np.median(values[sound]))
        apart = (values > middle * limits.median_ratio) | (values < middle / limits.median_ratio)
        for n in hits(sound & apart):
            message = (
                f"Half of the {sound.sum()} that are known are {shown(middle, 'EUR/m²')} at most, half at least: "
                "this one is far from all of them. Write it for one square metre, and a rent for a year."
            )
            yield issue_row(name, keys[n], column, shown(values[n], "EUR/m²"), message)


def _land(said: Statements) -> Iterator[Row]:
    """Yield sites whose land as stated is not what is drawn, or is more than their communes have."""
    sites = said.sites
    keys, drawn = texts(sites, "site_id"), numbers(sites, "measured_m2")
    around = _around(sites, said.communes)
    impossible = {column: _beyond(sites, column, around, said.limits) for column in _LAND}
    for column, wrong in (("land_low_ha", np.greater), ("land_high_ha", np.less)):
        stated = numbers(sites, column) * M2_PER_HA
        factor = said.limits.land_ratio if column == "land_low_ha" else 1 / said.limits.land_ratio
        for n in hits(wrong(stated, drawn * factor) & ~impossible[column]):
            message = (
                f"{shown(to_ha(stated[n]), 'ha')} are stated, and {shown(to_ha(drawn[n]), 'ha')} are drawn as the "
                "site. Write the area in hectares, or correct the shape."
            )
            yield issue_row("sites", keys[n], column, shown(to_ha(stated[n]), "ha"), message)
    told = np.zeros(len(sites), dtype=bool)
    for column in _LAND:
        stated = numbers(sites, column)
        for n in hits(impossible[column] & ~told):
            message = (
                f"{shown(stated[n], 'ha')} are stated, and its communes ({sites['insee'].iloc[n]}) have "
                f"{shown(to_ha(around[n]), 'ha')} in all: it is read as unknown. Write the area in hectares."
            )
            yield issue_row("sites", keys[n], column, shown(stated[n], "ha"), message)
        told |= impossible[column]
    high = numbers(sites, "land_high_ha") * M2_PER_HA
    for n in hits(np.isnan(drawn) & (high < said.limits.plot_m2)):
        message = (
            f"A site of less than {shown(said.limits.plot_m2, 'm²')} is not plausible. Write the area in hectares."
        )
        yield issue_row("sites", keys[n], "land_high_ha", shown(to_ha(high[n]), "ha"), message)


#: Bounds of the land of a site as stated.
_LAND: Final = ("land_low_ha", "land_high_ha")


def _around(sites: pd.DataFrame, communes: gpd.GeoDataFrame) -> Floats:
    """Return the ground that the communes of each site have in all; unknown where the outline of one is."""
    outlines = dict(zip(texts(communes, "insee"), shapely.area(shapes_of(communes)), strict=True))
    codes = [[outlines.get(code) or np.nan for code in str(each).split("|")] for each in sites["insee"]]
    return np.array([sum(each) for each in codes], dtype=float)


def _beyond(sites: pd.DataFrame, column: str, around: Floats, limits: Plausible) -> Flags:
    """Tell of which sites a bound of the land is more than their communes have."""
    return np.asarray(numbers(sites, column) * M2_PER_HA > around * limits.commune_ratio)


def within_communes(sites: S, communes: gpd.GeoDataFrame, limits: Plausible) -> S:
    """Return sites whose land as stated, where it is more than their communes have, is unknown: that cannot be so.

    Parameters
    ----------
    sites, communes
        Sites, and communes with their outlines, in one CRS in metres.
    limits
        What is plausible: `commune_ratio`.
    """
    around = _around(sites, communes)
    beyond = {column: _beyond(sites, column, around, limits) for column in _LAND}
    if not any(each.any() for each in beyond.values()):
        return sites
    return sites.assign(**{column: np.where(each, np.nan, numbers(sites, column)) for column, each in beyond.items()})


def _parts(said: Statements) -> Iterator[Row]:
    """Yield sites that are larger than the site they lie inside, both as stated."""
    sites = said.sites
    keys, whole = texts(sites, "site_id"), texts(sites, "part_of")
    low = numbers(sites, "land_low_ha")
    high = taken(numbers(sites, "land_high_ha"), positions(whole, sites, "site_id"))
    for n in hits((whole != "") & (low > high * said.limits.floor_slack)):
        message = (
            f"Is part of site {whole[n]}, of which {shown(high[n], 'ha')} are stated. Correct one of the two areas."
        )
        yield issue_row("sites", keys[n], "land_low_ha", shown(low[n], "ha"), message)


def _parcels(said: Statements) -> Iterator[Row]:
    parcels, limits = said.parcels, said.limits
    keys, stated, drawn = texts(parcels, "parcel_id"), numbers(parcels, "stated_m2"), numbers(parcels, "measured_m2")
    factor = np.maximum(ratio(stated, drawn), ratio(drawn, stated))
    for n in hits((factor > limits.parcel_ratio) & (np.abs(stated - drawn) > limits.parcel_slack_m2)):
        message = (
            f"{shown(stated[n], 'm²')} are stated, and {shown(drawn[n], 'm²')} are drawn as the parcel. "
            "Write the area in square metres, or correct the shape."
        )
        yield issue_row("parcels", keys[n], "stated_m2", shown(stated[n], "m²"), message)


def _storeys(said: Statements, height_m: Floats) -> Floats:
    """Return how many storeys a building of some height has at most."""
    by_height = np.maximum(1.0, np.floor(height_m / said.limits.storey_m))
    return np.where(np.isnan(height_m), said.limits.storeys, by_height)


class _InBuilding(NamedTuple):
    """The building of each premises, -1 for none; its key; its footprint; how many storeys it has at most."""

    where: Ints
    key: Texts
    footprint_m2: Floats
    storeys: Floats


def _buildings_of(said: Statements) -> _InBuilding:
    key = texts(said.premises, "building_id")
    where = np.where(key == "", -1, positions(key, said.buildings, "building_id"))
    height = taken(numbers(said.buildings, "height_m"), where)
    return _InBuilding(where, key, taken(numbers(said.buildings, "measured_m2"), where), _storeys(said, height))


def _floors(said: Statements) -> Iterator[Row]:
    """Yield floors that do not fit in their building, or are next to nothing of what is drawn, or cover the site."""
    premises, limits, inside = said.premises, said.limits, _buildings_of(said)
    keys, floor, drawn = texts(premises, "premises_id"), numbers(premises, "floor_m2"), numbers(premises, "measured_m2")
    # Free-standing premises have storeys of their own; those in a building no more ground than it.
    ground = np.where(np.isnan(inside.footprint_m2), drawn, np.fmin(inside.footprint_m2, drawn))
    most = ground * inside.storeys * limits.floor_slack
    for n in hits(floor > most):
        where = f"building {inside.key[n]}" if inside.where[n] >= 0 else "its shape"
        message = (
            f"{shown(floor[n], 'm²')} of floor are stated, and {where} holds {shown(most[n], 'm²')} at most: "
            f"{shown(ground[n], 'm²')} of ground, {inside.storeys[n]:.0f} storeys. Write the floor in square metres."
        )
        yield issue_row("premises", keys[n], "floor_m2", shown(floor[n], "m²"), message)
    for n in hits((floor > 0) & (floor < drawn * limits.floor_share) & (inside.key != "")):
        message = (
            f"{shown(floor[n], 'm²')} of floor are stated, and {shown(drawn[n], 'm²')} of ground are drawn as the "
            "premises. Write the floor in square metres."
        )
        yield issue_row("premises", keys[n], "floor_m2", shown(floor[n], "m²"), message)
    site = texts(premises, "site_id")
    land = _land_of(said, site) * limits.floor_per_land
    for n in hits((floor > land) & ~(floor > most)):
        message = (
            f"{shown(floor[n], 'm²')} of floor are stated, and the land of site {site[n]} is "
            f"{shown(land[n] / limits.floor_per_land, 'm²')}. Write the floor in square metres."
        )
        yield issue_row("premises", keys[n], "floor_m2", shown(floor[n], "m²"), message)
    yield from _floors_together(said, inside, floor)


def _floors_together(said: Statements, inside: _InBuilding, floor: Floats) -> Iterator[Row]:
    """Yield buildings whose premises have more floor together than they hold."""
    known = (inside.where >= 0) & (floor > 0)
    total = np.bincount(inside.where[known], weights=floor[known], minlength=len(said.buildings))
    alone = np.zeros(len(said.buildings))
    np.maximum.at(alone, inside.where[known], floor[known])
    most = _storeys(said, numbers(said.buildings, "height_m")) * said.limits.floor_slack
    most = most * numbers(said.buildings, "measured_m2")
    keys = texts(said.buildings, "building_id")
    for n in hits((total > most) & ~(alone > most)):
        message = (
            f"Its premises have {shown(total[n], 'm²')} of floor together, and it holds {shown(most[n], 'm²')} at "
            "most. Correct the floors, or the height or shape of the building."
        )
        yield issue_row("buildings", keys[n], "building_id", shown(total[n], "m²"), message)


def _land_of(said: Statements, site: Texts) -> Floats:
    """Return the land of some sites: what is drawn, or stated where nothing is."""
    drawn, stated = numbers(said.sites, "measured_m2"), numbers(said.sites, "land_high_ha") * M2_PER_HA
    land = np.where(np.isnan(drawn), stated, np.fmax(drawn, stated))
    # A slip in what is stated is told of the site, and hides none of what is on it.
    land = np.where(stated > drawn * said.limits.land_ratio, drawn, land)
    return taken(land, positions(site, said.sites, "site_id"))


def _heights(said: Statements) -> Iterator[Row]:
    """Yield free heights above the building, and buildings far above what their premises can fill."""
    premises, buildings, limits, inside = said.premises, said.buildings, said.limits, _buildings_of(said)
    keys, free = texts(premises, "premises_id"), numbers(premises, "height_m")
    roof = taken(numbers(buildings, "height_m"), inside.where)
    for n in hits((free > roof * limits.floor_slack) & ~(free > limits.height_m)):
        message = (
            f"{shown(free[n], 'm')} of free height are stated, and building {inside.key[n]} is {shown(roof[n], 'm')} "
            "high. Correct one of the two."
        )
        yield issue_row("premises", keys[n], "height_m", shown(free[n], "m"), message)
    known = inside.where >= 0
    tallest = np.zeros(len(buildings))
    np.maximum.at(tallest, inside.where[known], np.nan_to_num(free[known]))
    floor = np.nan_to_num(numbers(premises, "floor_m2"))
    total = np.bincount(inside.where[known], weights=floor[known], minlength=len(buildings))
    said_of = np.bincount(inside.where[known], weights=floor[known] > 0, minlength=len(buildings))
    all_said = said_of == np.bincount(inside.where[known], minlength=len(buildings))
    storeys = np.fmax(1.0, np.round(ratio(total.astype(float), numbers(buildings, "measured_m2"))))
    filled = tallest * storeys
    height, names = numbers(buildings, "height_m"), texts(buildings, "building_id")
    low, high = filled * limits.height_ratio, limits.height_m
    for n in hits(all_said & (tallest > 0) & (height > low) & ~(height > high)):
        message = (
            f"Is {shown(height[n], 'm')} high, and its premises have {shown(tallest[n], 'm')} of free height at most, "
            f"on {storeys[n]:.0f} storeys by their floors. Write the height in metres, with its decimal point."
        )
        yield issue_row("buildings", names[n], "height_m", shown(height[n], "m"), message)


def _docks(said: Statements) -> Iterator[Row]:
    premises, limits = said.premises, said.limits
    keys, docks = texts(premises, "premises_id"), numbers(premises, "docks")
    around = shapely.length(shapes_of(premises))
    for n in hits((docks * limits.dock_m > around) & (docks > 1) & ~(docks > limits.docks)):
        message = (
            f"{shown(docks[n])} docks take {shown(docks[n] * limits.dock_m, 'm')} of wall, and the premises have "
            f"{shown(around[n], 'm')} all around. Correct the number."
        )
        yield issue_row("premises", keys[n], "docks", shown(docks[n]), message)


def _power(said: Statements) -> Iterator[Row]:
    limits = said.limits
    for name, most in (("premises", limits.premises_kw_m2), ("terrains", limits.terrain_kw_m2)):
        layer = getattr(said, name)
        keys, power, ground = texts(layer, KEYS[name]), numbers(layer, "power_kw"), numbers(layer, "measured_m2")
        if name == "premises":
            ground = np.fmax(ground, numbers(layer, "floor_m2"))
        for n in hits((power > ground * most) & ~(power > limits.power_kw)):
            message = (
                f"{shown(power[n], 'kW')} on {shown(ground[n], 'm²')} are more than {shown(most, 'kW')} on each. "
                "Write it in kilowatts."
            )
            yield issue_row(name, keys[n], "power_kw", shown(power[n], "kW"), message)


def _tenancy_areas(said: Statements) -> Iterator[Row]:
    """Yield tenancies that hold more than their premises or their site has, or next to nothing of it."""
    tenancies, limits = said.tenancies, said.limits
    keys, low, high = (
        texts(tenancies, "tenancy_id"),
        numbers(tenancies, "area_low_m2"),
        numbers(tenancies, "area_high_m2"),
    )
    kind, held = texts(tenancies, "area_kind"), texts(tenancies, "premises_id")
    there = size_of(said, held)
    close = np.isin(kind, [AreaKind.FLOOR.value, AreaKind.FOOTPRINT.value])
    most = there * np.where(close, limits.floor_slack, limits.tenancy_ratio)
    site = texts(tenancies, "site_id")
    land = _land_of(said, site)
    on_land = land * np.where(
        np.isin(kind, [AreaKind.LAND.value, AreaKind.FOOTPRINT.value]), 1.0, limits.floor_per_land
    )
    mend = "Write the area in square metres, or correct the area of the other."
    beyond = low > on_land * limits.floor_slack
    for n in hits(beyond):
        message = f"Holds {shown(low[n], 'm²')}, and site {site[n]} has {shown(land[n], 'm²')} of land. {mend}"
        yield issue_row("tenancies", keys[n], "area_low_m2", shown(low[n], "m²"), message)
    for n in hits((low > most) & ~beyond):
        message = f"Holds {shown(low[n], 'm²')}, and premises {held[n]} have {shown(there[n], 'm²')}. {mend}"
        yield issue_row("tenancies", keys[n], "area_low_m2", shown(low[n], "m²"), message)
    scant = high < there * limits.least_share
    for n in hits(scant & ~(high < limits.room_m2)):
        message = f"Holds {shown(high[n], 'm²')}, and premises {held[n]} have {shown(there[n], 'm²')}. {mend}"
        yield issue_row("tenancies", keys[n], "area_high_m2", shown(high[n], "m²"), message)


def size_of(said: Statements, premises: Texts) -> Floats:
    """Return the floor or the ground of some premises, the larger; a floor that its building cannot hold is none."""
    floor, drawn = numbers(said.premises, "floor_m2"), numbers(said.premises, "measured_m2")
    most = drawn * said.limits.storeys
    sound = np.where((floor > most) | (floor <= said.limits.room_m2), np.nan, floor)
    return taken(np.fmax(sound, drawn), positions(premises, said.premises, "premises_id"))


def _jobs(said: Statements) -> Iterator[Row]:
    """Yield jobs that the room has no place for, or of which another row says much less."""
    tenancies, sites, limits = said.tenancies, said.sites, said.limits
    keys, held, firm = (texts(tenancies, name) for name in ("tenancy_id", "premises_id", "establishment_id"))
    site = texts(tenancies, "site_id")
    room = np.fmax(size_of(said, held), numbers(tenancies, "area_high_m2"))
    of_firm = taken(numbers(said.establishments, "jobs_high"), positions(firm, said.establishments, "establishment_id"))
    of_site = taken(numbers(sites, "jobs"), positions(site, sites, "site_id"))
    begins, ends = surely_held(tenancies, said.day)
    now = in_place(tenancies) & (begins <= said.day) & (ends > said.day)
    for column in ("jobs_now", "jobs_planned"):
        jobs = numbers(tenancies, column)
        sound = ~(jobs > limits.jobs)
        crowded = sound & (jobs > room * limits.jobs_per_m2)
        for n in hits(crowded):
            on = f"{shown(room[n], 'm²')} (premises {held[n]})"
            message = f"{shown(jobs[n])} jobs are said to be on {on}. Correct the number."
            yield issue_row("tenancies", keys[n], column, shown(jobs[n], "jobs"), message)
        if column == "jobs_planned":
            continue
        for n in hits(sound & ~crowded & (jobs > of_firm * limits.jobs_ratio + limits.jobs_slack)):
            message = (
                f"Establishment {firm[n]} is said to have {shown(of_firm[n])} jobs at most. Correct one of the two."
            )
            yield issue_row("tenancies", keys[n], column, shown(jobs[n], "jobs"), message)
        for n in hits(now & sound & ~crowded & (jobs > of_site * limits.jobs_ratio + limits.jobs_slack)):
            message = f"Site {site[n]} as a whole is said to have {shown(of_site[n])} jobs. Correct one of the two."
            yield issue_row("tenancies", keys[n], column, shown(jobs[n], "jobs"), message)
    yield from _jobs_of_firms(said, room, now)
    names, jobs = texts(sites, "site_id"), numbers(sites, "jobs")
    drawn, stated = numbers(sites, "measured_m2"), numbers(sites, "land_high_ha") * M2_PER_HA
    # Where the land itself is in doubt it is told of, and jobs are not held against it.
    land = np.where(stated > drawn * limits.land_ratio, np.nan, np.fmax(drawn, stated)) / M2_PER_HA
    for n in hits((jobs > land * limits.jobs_per_ha) & ~(jobs > limits.jobs)):
        message = f"{shown(jobs[n])} jobs are said to be on {shown(land[n], 'ha')}. Correct the number, or the area."
        yield issue_row("sites", names[n], "jobs", shown(jobs[n], "jobs"), message)


def _jobs_of_firms(said: Statements, room: Floats, now: Flags) -> Iterator[Row]:
    """Yield establishments with more jobs than the rooms that they are in have place for, or than are said there."""
    firms, tenancies, limits = said.establishments, said.tenancies, said.limits
    keys, least = texts(firms, "establishment_id"), numbers(firms, "jobs_low")
    where = positions(texts(tenancies, "establishment_id"), firms, "establishment_id")
    there = now & (where >= 0)
    held = np.bincount(where[there], minlength=len(firms))
    rooms = np.bincount(where[there], weights=room[there], minlength=len(firms))
    counted = np.bincount(where[there], weights=numbers(tenancies, "jobs_now")[there], minlength=len(firms))
    sound = (held > 0) & ~(least > limits.jobs)
    crowded = sound & (least > rooms * limits.jobs_per_m2)
    for n in hits(crowded):
        on = f"{shown(rooms[n], 'm²')}, where it is in place"
        message = f"{shown(least[n])} jobs are said to be on {on}. Correct the number."
        yield issue_row("establishments", keys[n], "jobs_low", shown(least[n], "jobs"), message)
    for n in hits(sound & ~crowded & (least > counted * limits.jobs_ratio + limits.jobs_slack)):
        message = f"{shown(counted[n])} jobs are said of its tenancies in place. Correct one of the two."
        yield issue_row("establishments", keys[n], "jobs_low", shown(least[n], "jobs"), message)


def _distances(said: Statements) -> Iterator[Row]:
    """Yield distances that a source gives and that cannot be those to the accesses that are drawn."""
    sites, accesses, limits = said.sites, said.accesses, said.limits
    keys, shapes = texts(sites, "site_id"), shapes_of(sites)
    there, kinds, names = shapes_of(accesses), texts(accesses, "access_kind"), texts(accesses, "access_id")
    for kind, column in STATED_KM.items():
        mine = np.flatnonzero((kinds == kind.value) & ~shapely.is_missing(there))
        stated = numbers(sites, column)
        known = np.flatnonzero(~shapely.is_missing(shapes) & ~np.isnan(stated) & (stated <= limits.access_km))
        if not len(mine) or not len(known):
            continue
        tree = shapely.STRtree(there[mine])
        (at, nearest), away = tree.query_nearest(shapes[known], return_distance=True, all_matches=False)
        for n, other, km in zip(known[at], mine[nearest], away / 1000, strict=True):
            longer = stated[n] > limits.km_ratio * km + limits.km_slack
            if longer or km > limits.km_ratio * stated[n] + limits.km_slack:
                message = (
                    f"{shown(stated[n], 'km')} are stated, and access {names[other]}, the nearest that is drawn, is "
                    f"{shown(km, 'km')} away as the crow flies. Write the way in kilometres, or correct the access."
                )
                yield issue_row("sites", keys[n], column, shown(stated[n], "km"), message)


#: Reasons along a line, that keep a strip free.
_STRIPS: Final = (
    ExclusionReason.SLOPE,
    ExclusionReason.WATER,
    ExclusionReason.POWER_LINE,
    ExclusionReason.ROAD_VERGE,
    ExclusionReason.SETBACK,
)


def _buffers(said: Statements) -> Iterator[Row]:
    exclusions, limits = said.exclusions, said.limits
    keys, buffer, reason = (
        texts(exclusions, "exclusion_id"),
        numbers(exclusions, "buffer_m"),
        texts(exclusions, "reason"),
    )
    most = np.where(np.isin(reason, [each.value for each in _STRIPS]), limits.strip_m, limits.buffer_m)
    for n in hits(buffer > most):
        message = (
            f"No distance for `{reason[n]}` is above {shown(most[n], 'm')}. Write it in metres, or correct the reason."
        )
        yield issue_row("exclusions", keys[n], "buffer_m", shown(buffer[n], "m"), message)


#: What a claim states that states the land of a site.
_STATES_LAND: Final = re.compile(r"sites/.*/land_ha")
#: Words that a figure begins with that is a share of a whole; one that says a change may be above 100 %.
_SHARES: Final = frozenset("part parts taux share proportion rate pourcentage percentage".split())  # noqa: SIM905
_SHARE_USES: Final = (ClaimUse.OCCUPIED_SHARE, ClaimUse.TENANT_SHARE, ClaimUse.PARTS_SHARE)


def _claims(said: Statements) -> Iterator[Row]:
    """Yield shares above the whole, areas that the site does not have or nobody would sell, jobs that nobody has."""
    claims, limits = said.claims, said.limits
    keys, unit, value = texts(claims, "claim_id"), texts(claims, "unit"), texts(claims, "value")
    low, high = numbers(claims, "low"), numbers(claims, "high")
    kind, use, site = texts(claims, "area_kind"), texts(claims, "use"), texts(claims, "site_id")
    share = (unit == "%") & (_is_share(claims) | (kind != "") | np.isin(use, [each.value for each in _SHARE_USES]))
    for n in hits(share & (low > limits.share_percent)):
        message = f"A share of {value[n]} % is more than the whole. Correct the value."
        yield issue_row("claims", keys[n], "value", f"{value[n]} %", message)
    for n in hits((unit == "jobs") & (site != "") & (low > limits.jobs)):
        message = f"No site has more than {shown(limits.jobs)} jobs. Correct the value."
        yield issue_row("claims", keys[n], "value", f"{value[n]} jobs", message)
    yield from _claimed_areas(said, pd.Series(unit).map(AREA_M2).to_numpy(dtype=float), low, high)


def _is_share(claims: pd.DataFrame) -> Flags:
    measures = pd.Series(texts(claims, "measure"))
    known = {each: bool(_SHARES & {*words_in(each)[:1]}) for each in measures.unique()}
    return measures.map(known).to_numpy(dtype=bool)


def _claimed_areas(said: Statements, factor: Floats, low: Floats, high: Floats) -> Iterator[Row]:
    claims, limits = said.claims, said.limits
    keys, unit, value = texts(claims, "claim_id"), texts(claims, "unit"), texts(claims, "value")
    kind, site = texts(claims, "area_kind"), texts(claims, "site_id")
    least, most = low * factor, high * factor
    land = _land_of(said, site)
    of_land = np.array([bool(_STATES_LAND.fullmatch(each)) for each in texts(claims, "states")], dtype=bool)
    times = np.select(
        [of_land, np.isin(kind, [AreaKind.LAND.value, AreaKind.FOOTPRINT.value])],
        [limits.land_ratio, limits.land_ratio],
        limits.floor_per_land,
    )
    mend = "Correct the value or its unit."
    beyond = (site != "") & (least > land * times)
    for n in hits(beyond):
        message = f"{value[n]} {unit[n]} are said of site {site[n]}, that has {shown(land[n], 'm²')} of land. {mend}"
        yield issue_row("claims", keys[n], "value", f"{value[n]} {unit[n]}", message)
    largest = limits.site_ha * M2_PER_HA
    for n in hits((site != "") & np.isnan(land) & (least > largest)):
        message = (
            f"{value[n]} {unit[n]} are said of site {site[n]}, and no site is above {shown(largest, 'm²')}. {mend}"
        )
        yield issue_row("claims", keys[n], "value", f"{value[n]} {unit[n]}", message)
    a_base = texts(claims, "use") == ClaimUse.BASE.value
    scant = (of_land & (most < land / limits.land_ratio)) | (a_base & (most < land * limits.least_share))
    for n in hits(scant):
        message = f"{value[n]} {unit[n]} are said of site {site[n]}, that has {shown(land[n], 'm²')} of land. {mend}"
        yield issue_row("claims", keys[n], "value", f"{value[n]} {unit[n]}", message)
    floor_least = np.where(kind == AreaKind.LAND.value, limits.plot_m2, limits.room_m2)
    for n in hits((most > 0) & (most < floor_least) & ~scant):
        message = f"Less than {shown(floor_least[n], 'm²')} is not plausible. {mend}"
        yield issue_row("claims", keys[n], "value", f"{value[n]} {unit[n]}", message)
    outlines = shapely.area(shapes_of(said.communes))
    everywhere = float(outlines.sum()) if len(outlines) and not np.isnan(outlines).any() else np.inf
    whole = min(everywhere, 10 * largest)
    for n in hits((site == "") & (kind != "") & (least > whole)):
        message = f"The communes of the territory have {shown(whole, 'm²')} in all. {mend}"
        yield issue_row("claims", keys[n], "value", f"{value[n]} {unit[n]}", message)
