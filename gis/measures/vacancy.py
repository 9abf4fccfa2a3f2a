"""How much stands empty, by site and for the territory, each figure with its chain.

Three vacancies are not to be confused: `surface_vacancy` counts hectares of terrains, `premises_vacancy` counts
premises and their floors, and the statutory rate of article L318-8-2 counts land units, elsewhere.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.measures import same_premises
from gis.measures.occupancy import premises_held
from gis.measures.same_premises import under_first_keys
from gis.measures.site_ground import TERRITORY, ground_of
from gis.measures.topology import TOLERANCE_M2, wholes
from gis.provenance import Basis, Figure, row_name
from gis.schemas import (
    Occupied,
    Premises,
    PremisesVacancy,
    Row,
    Sites,
    SurfaceVacancy,
    Tenancies,
    Terrains,
    conform,
    records,
)
from gis.units import M2_PER_HA

RULE: Final = "gis.measures.vacancy"

DEFINITIONS: Final = {
    "surface_vacancy": "Hectares of vacant terrains over hectares of vacant and occupied ones: no statutory rate, "
    "which counts land units.",
    "premises_vacancy": "Number of premises with a floor area that no known tenancy holds on the date, over all "
    "premises with a floor area: no statutory rate.",
    "floor_vacancy": "Floor area of premises that no known tenancy holds on the date, over the floor area of all "
    "premises: no statutory rate.",
}

ASSUMPTIONS: Final = {
    **same_premises.ASSUMPTIONS,
    "not_held_is_vacant": "Premises that no known tenancy holds are read as vacant: the list of tenancies may be "
    "incomplete.",
    "tenants_unknown": "Nobody has said who holds premises of some sites: of these, only those that a source calls "
    "vacant are so for sure.",
    "promised_may_be_vacant": "Premises that are announced or signed for, and that nobody holds yet, may or may not "
    "stand empty.",
}


def surface_vacancy(terrains: GeoDataFrame[Terrains], sites: GeoDataFrame[Sites]) -> DataFrame[SurfaceVacancy]:
    r"""Measure vacant hectares beside occupied ones, by site and for the territory.

    .. math:: \frac{vacant}{vacant + occupied + unknown} \le surface\ vacancy
              \le \frac{vacant + unknown}{vacant + occupied + unknown}

    `vacant` and `occupé` are the words of the standard: ground that was never occupied, is derelict or in transition is
    neither. Ground of unknown occupation, ground in no terrain among it, may be either, which makes the bounds.

    Returns
    -------
    vacancy
        One row a site in the order given, then one for the territory (`site_id` empty), where a site inside another is
        counted once. The shares are of ground with a shape, NaN where there is none to divide.
    """
    ground = ground_of(sites, terrains)
    hectares = shapely.area(ground.shape) / M2_PER_HA
    words = ground.answers(list(terrains["occupied"]), Occupied.UNKNOWN.value)
    states = (Occupied.VACANT, Occupied.OCCUPIED, Occupied.UNKNOWN)
    numbers = np.stack([np.where(words == state, hectares, 0.0) for state in states], axis=1)
    vacant, occupied, unknown = ground.sums(numbers).T
    whole = np.where(vacant + occupied + unknown > 0, vacant + occupied + unknown, np.nan)
    lost = terrains[terrains.geometry.isna() & terrains["occupied"].isin(states)]
    own = np.array([(lost["site_id"] == site).sum() for site in sites["site_id"]], dtype="int64")
    frame = pd.DataFrame(
        {
            **ground.sites_counted(sites, ground.with_parts(own)),
            "vacant_ha": vacant,
            "occupied_ha": occupied,
            "unknown_ha": unknown,
            "surface_vacancy_low": vacant / whole,
            "surface_vacancy_high": (vacant + unknown) / whole,
        }
    )
    return conform(frame, SurfaceVacancy)


def premises_vacancy(
    premises: GeoDataFrame[Premises], tenancies: DataFrame[Tenancies], *, at: dt.date
) -> DataFrame[PremisesVacancy]:
    """Count premises that nobody holds on a date beside all premises with a floor area, by site and for the territory.

    Premises that may or may not be held (`premises_held`) make the bounds. In a site of which no tenancy at all is
    known, nobody has said who holds what: premises are vacant for sure where a source says so (`vacant_since`), and may
    be everywhere. Those without a floor area are left out of both counts; what stands under two keys counts once.

    Returns
    -------
    vacancy
        One row a site with premises, in the order they come, then one for the territory (`site_id` empty); floor areas
        in square metres, shares NaN where there is nothing to divide.
    """
    premises, tenancies, _ = under_first_keys(premises, tenancies)
    held, touched = premises_held(tenancies, at=at)
    sized = premises["floor_m2"].notna()
    told = premises["site_id"].isin(set(tenancies["site_id"]))
    emptied = premises["vacant_since"].notna() & (premises["vacant_since"] <= pd.Timestamp(at))
    nobody = (told | emptied) & ~premises["premises_id"].isin(list(touched))
    facts = pd.DataFrame(
        {
            "site_id": premises["site_id"],
            "premises": sized.astype("int64"),
            "vacant_low": (sized & nobody).astype("int64"),
            "vacant_high": (sized & ~premises["premises_id"].isin(held)).astype("int64"),
            "floor_m2": premises["floor_m2"].fillna(0.0),
            "without_area": (~sized).astype("int64"),
        }
    )
    for bound in ("low", "high"):
        facts[f"vacant_{bound}_m2"] = facts["floor_m2"] * facts[f"vacant_{bound}"]
    numbers = facts.drop(columns="site_id")
    by_site = numbers.groupby(facts["site_id"], sort=False).sum()
    table = pd.concat([by_site, numbers.sum().to_frame(TERRITORY).T]).rename_axis("site_id").reset_index()
    for bound in ("low", "high"):
        table[f"premises_vacancy_{bound}"] = table[f"vacant_{bound}"] / table["premises"].where(table["premises"] > 0)
        table[f"floor_vacancy_{bound}"] = table[f"vacant_{bound}_m2"] / table["floor_m2"].where(table["floor_m2"] > 0)
    counts = ["premises", "vacant_low", "vacant_high", "without_area"]
    return conform(table.astype(dict.fromkeys(counts, "int64") | {"site_id": "str"}), PremisesVacancy)


def vacancy_figures(
    sites: GeoDataFrame[Sites],
    terrains: GeoDataFrame[Terrains],
    premises: GeoDataFrame[Premises],
    tenancies: DataFrame[Tenancies],
    *,
    at: dt.date,
) -> list[Figure]:
    """Compute the surface vacancy of terrains, and that of premises on a day by number and by floor.

    Returns
    -------
    figures
        Ratios, by site and for the territory; none where no terrain or premises can be divided. `rows` are the
        terrains or the premises that are divided; for the territory the sites, so that a page can carry them.
    """
    said = (Occupied.VACANT, Occupied.OCCUPIED, Occupied.UNKNOWN)
    ground = terrains[terrains["occupied"].isin(said) & terrains.geometry.notna()]
    sized = premises[premises["floor_m2"].notna()]
    told = {*tenancies["site_id"]}
    _, _, twice = under_first_keys(premises, tenancies)
    figures = []
    shared = ground_of(sites, terrains).overlaid_m2 > TOLERANCE_M2
    for row in records(surface_vacancy(terrains, sites)):
        rows = _rows("terrains", ground, sites, row["site_id"])
        if len(rows[1]):
            row["shared"] = shared and not row["site_id"]
            figures.append(_figure("surface_vacancy", "surface_vacancy", row, rows))
    for row in records(premises_vacancy(premises, tenancies, at=at)):
        if row["premises"]:
            rows = _rows("premises", sized, sites, row["site_id"])
            row["twice"] = not twice.isdisjoint(rows[1]["premises_id"])
            of_all, of_any = told.issuperset(rows[1]["site_id"]), not told.isdisjoint(rows[1]["site_id"])
            figures += [
                _figure(kind, "premises_vacancy", row, rows, (at, of_all, of_any))
                for kind in ("premises_vacancy", "floor_vacancy")
            ]
    return figures


def _rows(
    layer: str, rows: pd.DataFrame, sites: GeoDataFrame[Sites], site_id: str
) -> tuple[Sequence[str], pd.DataFrame]:
    """Return the names of the rows that a vacancy is of, and these rows."""
    if site_id == TERRITORY:
        return [row_name("sites", site) for site in sites["site_id"] if site in set(rows["site_id"])], rows
    key = "terrain_id" if layer == "terrains" else "premises_id"
    parts = {site for site, above in wholes(sites).items() if site_id in above} if layer == "terrains" else set()
    own = {site_id, *parts}
    here = rows[rows["site_id"].isin(own)]
    return [row_name(layer, name) for name in here[key]], here


def _figure(
    kind: str,
    rule: str,
    row: Row,
    rows: tuple[Sequence[str], pd.DataFrame],
    said: tuple[dt.date | None, bool, bool] = (None, True, True),
) -> Figure:
    """Make a figure; `said` is the day, and whether tenancies are known of all its sites, and of any."""
    at, of_all, of_any = said
    site_id = row["site_id"]
    stem = f"{site_id or 'territory'}{f'@{at.isoformat()}' if at else ''}"
    kept = {
        "shared_once": not at and row["shared"],
        "ground_without_shape": not at and bool(row["without_shape"]),
        "not_held_is_vacant": bool(at) and of_any,
        "tenants_unknown": bool(at) and not of_all,
        "promised_may_be_vacant": bool(at) and row.get("vacant_low") != row.get("vacant_high"),
        "premises_under_two_keys": bool(at) and row["twice"],
        "without_floor": bool(at) and bool(row.get("without_area")),
    }
    return Figure(
        figure_id=f"{kind}:{stem}",
        kind=kind,
        subject=row_name("sites", site_id) if site_id else "territory",
        at=at,
        low=row[f"{kind}_low"],
        high=row[f"{kind}_high"],
        unit="ratio",
        definition=DEFINITIONS[kind],
        rule=f"{RULE}.{rule}",
        rows=tuple(rows[0]),
        sources=tuple(dict.fromkeys(rows[1]["source_id"])),
        basis=Basis.weakest(rows[1]["basis"]),
        assumptions=tuple(key for key, holds in kept.items() if holds),
    )
