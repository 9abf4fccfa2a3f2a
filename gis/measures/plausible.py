"""Limits of plausible values for industrial sites: each limit that facts are checked against, with unit and reason.

A limit decides nothing: a value beyond it gives a row in `issues` and stays as stated. The one exception is
`commune_ratio`: beyond it, the land area of a site is also read as unknown. `territory.toml` may override each limit
under the names below, in the table `[plausible]`.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gis.errors import Fault, SchemaError


def limit_field(value: float, unit: str, why: str) -> Any:
    """Declare a limit: its value, its unit, and the reason for it."""
    return dataclasses.field(default=value, metadata={"unit": unit, "why": why})


@dataclass(frozen=True, slots=True)
class Plausible:
    """The limits of plausible values; `limits()` returns the unit and the reason of each.

    >>> Plausible().height_m, Plausible.limits()["height_m"]["unit"]
    (50.0, 'm')
    """

    # areas
    land_ratio: float = limit_field(
        2.0,
        "ratio",
        "land as stated and as drawn differ by roads and edges, never by half; a slip of unit is ten or more",
    )
    parcel_ratio: float = limit_field(
        2.0, "ratio", "the cadastre states areas of old surveys, off by a tenth or two; ares for square metres are 100"
    )
    parcel_slack_m2: float = limit_field(200.0, "m2", "of a strip of a few metres the drawing may be off by all of it")
    commune_ratio: float = limit_field(
        1.1, "ratio", "no site is larger than its communes; outlines are generalised, and their areas up to 6 % off"
    )
    site_ha: float = limit_field(10_000.0, "ha", "the largest industrial port zones of France are about so large")
    storey_m: float = limit_field(
        2.2, "m", "no room that one works in is lower, so a building has no more of them than its height holds"
    )
    storeys: float = limit_field(
        6.0, "count", "of a building whose height nobody says: offices on activity zones have no more"
    )
    floor_slack: float = limit_field(
        1.3, "ratio", "a floor is measured from other walls than a footprint, and has mezzanines"
    )
    floor_share: float = limit_field(
        0.2,
        "ratio",
        "premises with less floor than a fifth of what is drawn of them are other premises, or a tenth of them",
    )
    least_share: float = limit_field(
        0.01, "ratio", "less than a hundredth of a thing is a slip of unit, not a part of it"
    )
    floor_per_land: float = limit_field(
        3.0, "ratio", "floors over land: town centres reach three, activity zones stay below one"
    )
    room_m2: float = limit_field(
        5.0, "m2", "no room that a firm holds is smaller; hectares typed for square metres are"
    )
    plot_m2: float = limit_field(100.0, "m2", "nobody measures or sells business land of less")
    tenancy_ratio: float = limit_field(
        5.0, "ratio", "an area of land, or of no said kind, may have a yard around the premises, not four more of them"
    )
    # heights, docks, power
    height_m: float = limit_field(
        50.0, "m", "the highest racks are about 45 m; ten metres without the decimal point are 97"
    )
    low_height_m: float = limit_field(1.5, "m", "nobody stands up in less")
    height_ratio: float = limit_field(
        3.0, "ratio", "roof and floors make a building half as high again as its free heights, never three times"
    )
    docks: float = limit_field(200.0, "count", "the largest sorting hubs have about so many")
    dock_m: float = limit_field(
        3.5, "m", "façade that one lorry takes at a dock, so a wall has no more docks than it holds"
    )
    power_kw: float = limit_field(250_000.0, "kW", "the largest electric furnaces and data centres draw about so much")
    premises_kw_m2: float = limit_field(10.0, "kW/m2", "data halls reach 2 to 5; watts typed for kilowatts are beyond")
    terrain_kw_m2: float = limit_field(
        5.0, "kW/m2", "a transformer on a small lot reaches 2; watts typed for kilowatts are beyond"
    )
    # prices
    low_price_eur_m2: float = limit_field(
        1.0, "EUR/m2", "business land is not sold below; thousands of euros typed are"
    )
    price_eur_m2: float = limit_field(
        2_000.0, "EUR/m2", "business land beside Paris stays below; a price of the whole plot does not"
    )
    low_rent_eur_m2: float = limit_field(
        10.0, "EUR/m2", "a year of the cheapest sheds costs more; a month of good ones costs less"
    )
    rent_eur_m2: float = limit_field(
        1_000.0, "EUR/m2", "the dearest offices of France are about so much a year; a whole rent is more"
    )
    median_ratio: float = limit_field(
        4.0, "ratio", "prices and rents of one territory stay within four times the middle one"
    )
    median_of: float = limit_field(5.0, "count", "of fewer there is no middle one to speak of")
    # jobs
    jobs: float = limit_field(30_000.0, "jobs", "the largest plant of France has fewer")
    jobs_per_m2: float = limit_field(0.5, "jobs/m2", "two square metres for each is a crowd, not a workplace")
    jobs_per_ha: float = limit_field(400.0, "jobs/ha", "business parks reach 200; La Défense alone has about 1,100")
    jobs_ratio: float = limit_field(
        3.0, "ratio", "two days and two ways to count part from each other by two, not by three"
    )
    jobs_slack: float = limit_field(20.0, "jobs", "a firm of five may well be one of twenty a year on")
    # distances and shares
    access_km: float = limit_field(
        300.0, "km", "no place of mainland France is farther from a motorway, a port or an airport"
    )
    km_ratio: float = limit_field(
        3.0, "ratio", "a way by road is longer than as the crow flies by half, seldom by twice"
    )
    km_slack: float = limit_field(
        5.0, "km", "what a source takes as the start of the way, a gate or a centre, may be so far off"
    )
    share_percent: float = limit_field(100.0, "%", "a share of a thing is not above the whole")
    buffer_m: float = limit_field(1_000.0, "m", "no distance of French law that is kept around a shape is greater")
    strip_m: float = limit_field(
        150.0, "m", "along water, lines, roads and slopes it is at most 100 m, half as much again to be safe"
    )
    # locations
    far_km: float = limit_field(
        10.0, "km", "outlines are generalised and sites lie across borders; axes and zones are off by 100"
    )
    access_far_km: float = limit_field(
        150.0, "km", "the nearest airport or port may lie in the next region, not beyond it"
    )
    off_share: float = limit_field(
        0.5, "ratio", "what lies mostly outside another shape is not in it; edges are drawn roughly"
    )
    off_building_share: float = limit_field(0.25, "ratio", "premises are drawn inside their building, but for a porch")
    same_share: float = limit_field(
        0.9, "ratio", "ground that two shapes share of both together, from which on it is one thing"
    )
    same_m: float = limit_field(1.0, "m", "two points nearer than this are one, and two lines no farther apart")
    # dates
    first_year: float = limit_field(1800.0, "year", "industry in France is not older, as far as anybody's records go")
    said_years: float = limit_field(
        2.0, "years", "what is said to have been may be newer than the opening day by that, not more"
    )
    planned_years: float = limit_field(30.0, "years", "nobody announces an arrival or a sale for later")
    lease_years: float = limit_field(99.0, "years", "the longest lease of French law, from which an end may still come")

    @classmethod
    def limits(cls) -> dict[str, Mapping[str, str]]:
        """Return the unit and the reason of each limit, by name."""
        return {each.name: each.metadata for each in dataclasses.fields(cls)}


def read_plausible_limits(said: Mapping[str, object], place: str) -> Plausible:
    """Read the limits that a territory overrides; the others keep their defaults.

    Raises
    ------
    SchemaError
        If a name is unknown, or a value is not a number above 0.

    Examples
    --------
    >>> read_plausible_limits({"height_m": 80}, "territory.toml").height_m
    80.0
    """
    limit_table = Plausible.limits()
    faults = [
        Fault("", f"`{name}` is not known.", f"Known: {', '.join(limit_table)}.")
        for name in said
        if name not in limit_table
    ]
    faults += [
        Fault(
            name,
            f"`{value}` is no number above 0.",
            f"Write {name} = {getattr(Plausible(), name):g}, in {limit_table[name]['unit']}.",
        )
        for name, value in said.items()
        if name in limit_table
        and (isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"))
    ]
    if faults:
        raise SchemaError.of(place, faults)
    return Plausible(**{name: float(value) for name, value in said.items() if isinstance(value, int | float)})
