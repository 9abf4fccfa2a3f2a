"""How much stands empty, by site and for the territory, each figure with its chain.

Hectares of terrains and premises with their floors are two vacancies: neither is the statutory rate, which counts land
units.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Final

import pandas as pd
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.availability import DEFINITIONS, premises_vacancy, surface_vacancy
from gis.measures.ground import TERRITORY
from gis.provenance import Basis, Figure, row_name
from gis.schemas import Occupied, Premises, Row, Sites, Tenancies, Terrains, records

RULE: Final = "gis.measures.availability"


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
    figures = []
    for row in records(surface_vacancy(terrains, sites)):
        rows = _rows("terrains", ground, sites, row["site_id"])
        if len(rows[1]):
            figures.append(_figure("surface_vacancy", "surface_vacancy", row, rows))
    for row in records(premises_vacancy(premises, tenancies, at=at)):
        if row["premises"]:
            rows = _rows("premises", sized, sites, row["site_id"])
            figures += [
                _figure(kind, "premises_vacancy", row, rows, at) for kind in ("premises_vacancy", "floor_vacancy")
            ]
    return figures


def _rows(
    layer: str, rows: pd.DataFrame, sites: GeoDataFrame[Sites], site_id: str
) -> tuple[Sequence[str], pd.DataFrame]:
    """Return the names of the rows that a vacancy is of, and these rows."""
    if site_id == TERRITORY:
        return [row_name("sites", site) for site in sites["site_id"] if site in set(rows["site_id"])], rows
    key = "terrain_id" if layer == "terrains" else "premises_id"
    own = {site_id, *sites.loc[sites["part_of"] == site_id, "site_id"]} if layer == "terrains" else {site_id}
    here = rows[rows["site_id"].isin(own)]
    return [row_name(layer, name) for name in here[key]], here


def _figure(
    kind: str, rule: str, row: Row, rows: tuple[Sequence[str], pd.DataFrame], at: dt.date | None = None
) -> Figure:
    site_id = row["site_id"]
    stem = f"{site_id or 'territory'}{f'@{at.isoformat()}' if at else ''}"
    kept = {
        "ground_without_shape": not at and bool(row["without_shape"]),
        "not_held_is_vacant": bool(at),
        "promised_may_be_vacant": bool(at) and row.get("vacant_low") != row.get("vacant_high"),
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
