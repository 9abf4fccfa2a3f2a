"""Vacancy of terrains and of premises, by site and for the territory, each figure with its provenance.

Do not confuse three kinds of vacancy: `surface_vacancy` measures hectares of terrains, `premises_vacancy` counts
premises and their floor areas, and the statutory rate of article L318-8-2 counts land units (`gis.measures.inventory`).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.measure import Assumption, CitedRows, FigureKind, Measure, MeasuredLayers, cite_rows, figure_subject
from gis.measures.occupancy import premises_held
from gis.measures.occupied_areas import WITHOUT_FLOOR
from gis.measures.same_premises import PREMISES_UNDER_TWO_KEYS, premises_under_first_keys
from gis.measures.site_ground import GROUND_WITHOUT_SHAPE, TERRITORY, SiteGround, ground_of
from gis.measures.topology import SHARED_ONCE, TOLERANCE_M2
from gis.provenance import Bounds, Figure, row_name
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

#: The states of occupation that count: never occupied, derelict and in transition are none of them.
DIVIDED: Final = (Occupied.VACANT, Occupied.OCCUPIED, Occupied.UNKNOWN)

SURFACE_VACANCY: Final = FigureKind(
    kind="surface_vacancy",
    unit="ratio",
    rule=f"{RULE}.surface_vacancy",
    fr="Hectares de terrains vacants, rapportés aux hectares vacants et occupés : ce n’est pas le taux légal, qui "
    "compte des unités foncières.",
    en="Hectares of vacant terrains over hectares of vacant and occupied ones: no statutory rate, which counts land "
    "units.",
    pages=("territory", "home"),
    headline=True,
)
PREMISES_VACANCY: Final = FigureKind(
    kind="premises_vacancy",
    unit="ratio",
    rule=f"{RULE}.premises_vacancy",
    fr="Nombre de locaux que personne ne tient à la date, rapporté à tous ceux dont le plancher est connu : ce n’est "
    "pas le taux légal.",
    en="Number of premises with a floor area that no known tenancy holds on the date, over all premises with a floor "
    "area: no statutory rate.",
    pages=("territory", "home"),
    headline=True,
)
FLOOR_VACANCY: Final = FigureKind(
    kind="floor_vacancy",
    unit="ratio",
    rule=f"{RULE}.premises_vacancy",
    fr="Plancher des locaux que personne ne tient à la date, rapporté au plancher de tous : ce n’est pas le taux "
    "légal.",
    en="Floor area of premises that no known tenancy holds on the date, over the floor area of all premises: no "
    "statutory rate.",
    pages=("territory", "home"),
    headline=True,
)

NOT_HELD_IS_VACANT: Final = Assumption(
    key="not_held_is_vacant",
    fr="Des locaux que personne de connu ne tient sont lus comme vacants : la liste peut être incomplète.",
    en="Premises that no known tenancy holds are read as vacant: the list of tenancies may be incomplete.",
)
TENANTS_UNKNOWN: Final = Assumption(
    key="tenants_unknown",
    fr="Personne n’a dit qui tient les locaux de certains sites : de ceux-là, seuls sont vacants à coup sûr ceux "
    "qu’une source dit l’être.",
    en="Nobody has said who holds premises of some sites: of these, only those that a source calls vacant are so for "
    "sure.",
)
PROMISED_MAY_BE_VACANT: Final = Assumption(
    key="promised_may_be_vacant",
    fr="Des locaux annoncés ou au bail signé, que personne ne tient encore, sont vacants ou non.",
    en="Premises that are announced or signed for, and that nobody holds yet, may or may not stand empty.",
)


def surface_vacancy(terrains: GeoDataFrame[Terrains], sites: GeoDataFrame[Sites]) -> DataFrame[SurfaceVacancy]:
    r"""Measure vacant and occupied hectares, by site and for the territory.

    .. math:: \frac{vacant}{vacant + occupied + unknown} \le surface\ vacancy
              \le \frac{vacant + unknown}{vacant + occupied + unknown}

    `vacant` and `occupé` are values of the standard: land that was never occupied, is derelict or in transition is
    neither. Land of unknown occupation, including land outside terrains, may be either, which gives the bounds.

    Returns
    -------
    vacancy
        One row per site in the order given, then one for the territory (`site_id` empty), where nested sites count
        once. The shares are of land with a geometry; NaN if there is none in these states.
    """
    ground = ground_of(sites, terrains)
    vacant, occupied, unknown = ground.sums(_divided_ha(ground, terrains)).T
    divided_ha = np.where(vacant + occupied + unknown > 0, vacant + occupied + unknown, np.nan)
    shapeless_terrains = terrains[terrains.geometry.isna() & terrains["occupied"].isin(DIVIDED)]
    own_counts = np.array([(shapeless_terrains["site_id"] == site).sum() for site in sites["site_id"]], dtype="int64")
    frame = pd.DataFrame(
        {
            **ground.sites_counted(sites, ground.with_parts(own_counts)),
            "vacant_ha": vacant,
            "occupied_ha": occupied,
            "unknown_ha": unknown,
            "surface_vacancy_low": vacant / divided_ha,
            "surface_vacancy_high": (vacant + unknown) / divided_ha,
        }
    )
    return conform(frame, SurfaceVacancy)


def _divided_ha(ground: SiteGround, terrains: GeoDataFrame[Terrains]) -> np.ndarray:
    """Return the hectares of each unit of land by state: vacant, occupied or unknown."""
    hectares = shapely.area(ground.shape) / M2_PER_HA
    words = ground.answers(list(terrains["occupied"]), Occupied.UNKNOWN.value)
    return np.stack([np.where(words == state, hectares, 0.0) for state in DIVIDED], axis=1)


def premises_vacancy(
    premises: GeoDataFrame[Premises], tenancies: DataFrame[Tenancies], *, at: dt.date
) -> DataFrame[PremisesVacancy]:
    """Count the premises without an occupant on a date and all premises with a floor area, by site and in total.

    Premises that may or may not be held (`premises_held`) give the bounds. If no tenancy of a site is known at all,
    its occupants are unknown: premises are certainly vacant if a source says so (`vacant_since`), and all may be.
    Premises without a floor area are left out of both counts; premises recorded under two keys count once.

    Returns
    -------
    vacancy
        One row per site with premises, in the order of their appearance, then one for the territory (`site_id` empty);
        floor areas in square metres; shares are NaN if there is nothing to count.
    """
    premises, tenancies, _ = premises_under_first_keys(premises, tenancies)
    held_premises, maybe_held = premises_held(tenancies, at=at)
    has_floor = premises["floor_m2"].notna()
    holders_known = premises["site_id"].isin(set(tenancies["site_id"]))
    said_vacant = premises["vacant_since"].notna() & (premises["vacant_since"] <= pd.Timestamp(at))
    surely_vacant = (holders_known | said_vacant) & ~premises["premises_id"].isin(list(maybe_held))
    facts = pd.DataFrame(
        {
            "site_id": premises["site_id"],
            "premises": has_floor.astype("int64"),
            "vacant_low": (has_floor & surely_vacant).astype("int64"),
            "vacant_high": (has_floor & ~premises["premises_id"].isin(held_premises)).astype("int64"),
            "floor_m2": premises["floor_m2"].fillna(0.0),
            "without_area": (~has_floor).astype("int64"),
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
    """Compute the surface vacancy of terrains, and the vacancy of premises on a day by number and by floor area.

    Returns
    -------
    figures
        Ratios, by site and for the territory; none if no terrain or premises count. `rows` are the terrains and the
        premises that count, and the sites whose land outside terrains counts; for the territory they are the sites of
        all these rows, so that a page can carry them.
    """
    ground = ground_of(sites, terrains)
    is_divided = _divided_ha(ground, terrains).sum(axis=1) > 0
    sized_premises = premises[premises["floor_m2"].notna()]
    tenanted_sites = {*tenancies["site_id"]}
    _, _, keys_under_two = premises_under_first_keys(premises, tenancies)
    figures = []
    shared = ground.overlaid_m2 > TOLERANCE_M2
    for n, row in enumerate(records(surface_vacancy(terrains, sites))):
        units = ground.within[ground.within[:, 0] == n, 1] if row["site_id"] else np.flatnonzero(ground.counts)
        terrain_rows, bare_site_rows = ground.claiming(units[is_divided[units]])
        if terrain_rows:
            rows = cite_rows(terrains=terrains.iloc[terrain_rows], sites=sites.iloc[bare_site_rows])
            if row["site_id"] == TERRITORY:
                rows = _cite_sites_instead(
                    rows, sites, {*terrains["site_id"].iloc[terrain_rows], *sites["site_id"].iloc[bare_site_rows]}
                )
            assumption_flags = {
                SHARED_ONCE: shared and not row["site_id"],
                GROUND_WITHOUT_SHAPE: bool(row["without_shape"]),
            }
            figures.append(_vacancy_figure(SURFACE_VACANCY, row, rows, assumption_flags))
    for row in records(premises_vacancy(premises, tenancies, at=at)):
        if row["premises"]:
            counted_premises = (
                sized_premises[sized_premises["site_id"] == row["site_id"]] if row["site_id"] else sized_premises
            )
            rows = (
                cite_rows(premises=counted_premises)
                if row["site_id"]
                else _cite_sites_instead(cite_rows(premises=counted_premises), sites, {*counted_premises["site_id"]})
            )
            assumption_flags = {
                NOT_HELD_IS_VACANT: not tenanted_sites.isdisjoint(counted_premises["site_id"]),
                TENANTS_UNKNOWN: not tenanted_sites.issuperset(counted_premises["site_id"]),
                PROMISED_MAY_BE_VACANT: row["vacant_low"] != row["vacant_high"],
                PREMISES_UNDER_TWO_KEYS: not keys_under_two.isdisjoint(counted_premises["premises_id"]),
                WITHOUT_FLOOR: bool(row["without_area"]),
            }
            figures += [
                _vacancy_figure(kind, row, rows, assumption_flags, at) for kind in (PREMISES_VACANCY, FLOOR_VACANCY)
            ]
    return figures


def _vacancy_figure(
    kind: FigureKind, row: Row, rows: CitedRows, kept: Mapping[Assumption, bool], at: dt.date | None = None
) -> Figure:
    value = Bounds(row[f"{kind.kind}_low"], row[f"{kind.kind}_high"])
    return kind.figure(figure_subject(row["site_id"]), value, rows, at=at, assumes=kept)


def _cite_sites_instead(rows: CitedRows, sites: GeoDataFrame[Sites], those: set[str]) -> CitedRows:
    """Cite the sites of some rows instead of the rows."""
    return replace(rows, rows=tuple(row_name("sites", site) for site in sites["site_id"] if site in those))


def _compute(layers: MeasuredLayers, _: Mapping[str, Figure]) -> list[Figure]:
    return vacancy_figures(layers.sites, layers.terrains, layers.premises, layers.tenancies, at=layers.opening)


MEASURE: Final = Measure(
    name="vacancy",
    figures=(SURFACE_VACANCY, PREMISES_VACANCY, FLOOR_VACANCY),
    assumptions=(
        SHARED_ONCE,
        GROUND_WITHOUT_SHAPE,
        NOT_HELD_IS_VACANT,
        TENANTS_UNKNOWN,
        PROMISED_MAY_BE_VACANT,
        PREMISES_UNDER_TWO_KEYS,
        WITHOUT_FLOOR,
    ),
    compute=_compute,
)
