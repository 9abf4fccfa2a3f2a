"""Available land of a site: the area left after each step of a waterfall.

    gross ▸ useful ▸ unoccupied or vacant ▸ for sale ▸ serviced ▸ free of exclusions ▸ large and wide enough

The conditions on a terrain, and the attribute values that satisfy them, are defined in `gis.measures.three_valued`.
Land of a site that no terrain covers is unknown at every step that depends on attributes of a terrain. The areas that
pass, fail or are unknown at one step therefore add up to the area that the previous step left open, and those of all
steps to the gross area.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pandas as pd
import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.measures.exclusions import exclusion_shape_pairs, split_by_exclusions
from gis.measures.measure import WHOLE_TERRITORY, Assumption, FigureKind, Measure, MeasuredLayers, cite_rows
from gis.measures.plot_shape import largest_piece_m2
from gis.measures.site_ground import (
    GROUND_WITHOUT_SHAPE,
    GROUND_WITHOUT_TERRAIN,
    TERRITORY,
    SiteGround,
    ground_of,
)
from gis.measures.three_valued import ASKED, ASKED_LATER, kleene_and, kleene_not, terrain_answers
from gis.measures.topology import PARTS_ONCE, SHARED_ONCE, TOLERANCE_M2, check_same_crs
from gis.provenance import Bounds, Figure
from gis.schemas import (
    FAMILIES,
    Answer,
    Availability,
    ExclusionFamily,
    ExclusionReason,
    Exclusions,
    Sites,
    Step,
    Terrains,
    conform,
    records,
)
from gis.units import M2_PER_HA

RULE: Final = "gis.measures.availability"

GROSS_HA: Final = FigureKind(
    kind="gross_ha",
    unit="ha",
    rule=f"{RULE}.availability",
    fr="Surface des sites dont le contour est connu.",
    en="Ground of the sites whose shape is known.",
    counts=("sites",),
    pages=("zones",),
)
GROSS_OVERLAID_HA: Final = FigureKind(
    kind="gross_overlaid_ha",
    unit="ha",
    rule="gis.measures.site_ground.ground_of",
    fr="Surface que les sites ou les terrains auraient en plus si chacun comptait seul : plusieurs la revendiquent, "
    "elle est comptée une fois.",
    en="Ground that sites or terrains would have more if each of them counted alone: several claim it, and it is "
    "counted once.",
    counts=("sites",),
    pages=("zones", "available", "territory", "home"),
)
AVAILABLE_HA: Final = FigureKind(
    kind="available_ha",
    unit="ha",
    rule=f"{RULE}.availability",
    fr="Surface destinée à l’activité, inoccupée ou vacante, en vente, viabilisée, sans exclusion, assez grande et "
    "assez large.",
    en="Ground meant for business, unoccupied or vacant, for sale, serviced, free of exclusions, and large and wide "
    "enough.",
    counts=("sites", "exclusions"),
    pages=("available", "home"),
    headline=True,
)
IMMEDIATELY_AVAILABLE_HA: Final = FigureKind(
    kind="immediately_available_ha",
    unit="ha",
    rule=f"{RULE}.immediately_available",
    fr="Surface des terrains destinés à l’activité, inoccupés ou vacants, en vente et viabilisés.",
    en="Ground of terrains meant for business, unoccupied or vacant, for sale and serviced.",
    counts=("sites",),
    pages=("available", "home"),
    headline=True,
)

AVAILABLE_IS_DERIVED: Final = Assumption(
    key="available_is_derived",
    fr="Le standard CNIG n’a pas de valeur « disponible » : elle est déduite de l’usage, de l’occupation, de la vente"
    " et de la viabilisation, par une règle de cet outil.",
    en="The CNIG standard has no value for available: it is derived from use, occupation, sale and servicing by a "
    "rule of this product.",
)
EXCLUSIONS_LISTED: Final = Assumption(
    key="exclusions_listed",
    fr="Seules les exclusions connues sont retirées : il peut y en avoir d’autres.",
    en="Only exclusions in the layer are taken away: there may be others.",
)
EXCLUSIONS_BY_TEXT: Final = Assumption(
    key="exclusions_by_text",
    fr="Le sol sous un zonage, une prescription ou une servitude est retiré en entier, bien que le texte puisse "
    "permettre d’y bâtir.",
    en="Ground under a zone, a prescription or an easement is taken away whole, though its text may allow building.",
)
EXCLUSIONS_WITHOUT_SHAPE: Final = Assumption(
    key="exclusions_without_shape",
    fr="Certaines exclusions n’ont pas de contour publié : elles ne retirent rien.",
    en="Some exclusions have no published shape: they take nothing away.",
)

# --- which terrains --------------------------------------------------------------------------------------------------


def immediately_available(terrains: pd.DataFrame) -> pd.Series:
    """Tell for each terrain whether it is for sale ∧ serviced ∧ (unoccupied ∨ vacant) ∧ useful.

    Returns one answer per row, `oui`, `non` or `inconnu`, with the index of the input. Exclusions and sizes are not
    considered: a terrain is a legal unit, and what can be built on it is another question (`availability`).
    """
    return terrain_answers(terrains, [(column, predicate) for _, column, predicate in ASKED])


def available_later(terrains: pd.DataFrame) -> pd.Series:
    """Tell for each terrain whether it can be acquired, but not immediately.

    The terrain is for sale with or without constraints, serviced or being serviced, unoccupied, vacant or derelict,
    and useful; and it is not `immediately_available`. Returns one answer per row, with the index of the input.
    """
    sooner_or_later = terrain_answers(terrains, ASKED_LATER)
    now = immediately_available(terrains)
    pairs = zip(sooner_or_later, now, strict=True)
    answers = [kleene_and([Answer(at_all), kleene_not(Answer(at_once))]).value for at_all, at_once in pairs]
    return pd.Series(answers, index=terrains.index, dtype="str")


# --- the waterfall ---------------------------------------------------------------------------------------------------


def _waterfall_hectares(
    ground: SiteGround,
    terrains: GeoDataFrame[Terrains],
    exclusions: GeoDataFrame[Exclusions],
    min_ha: float,
    min_width_m: float,
) -> np.ndarray:
    """Return the hectares of each unit at each step: passing, failing, unknown, and the lower and upper bound left."""
    unit_ha = shapely.area(ground.shape) / M2_PER_HA
    all_yes = np.full(len(unit_ha), Answer.YES.value, dtype=object)
    sure, open_ = np.ones(len(unit_ha), dtype=bool), np.ones(len(unit_ha), dtype=bool)
    rows = [_split_hectares(unit_ha, unit_ha, all_yes, sure, open_)]
    for _, column, predicate in ASKED:
        answers = _unit_answers(ground, terrains, column, predicate)
        rows.append(_split_hectares(unit_ha, unit_ha, answers, sure, open_))
        sure, open_ = sure & (answers == Answer.YES), open_ & (answers != Answer.NO)
    sized = min_ha > 0 or min_width_m > 0
    ground_split = split_by_exclusions(
        ground.shape[open_], exclusions, divisible=ground.terrain[open_] < 0, shaped=sized
    )
    left_ha, is_large_enough = unit_ha.copy(), np.ones(len(unit_ha), dtype=bool)
    left_ha[open_] = np.minimum(ground_split.left_m2 / M2_PER_HA, unit_ha[open_])
    rows.append(_split_hectares(unit_ha, left_ha, all_yes, sure, open_))
    if sized:
        is_large_enough[open_] = largest_piece_m2(ground_split.left, min_ha, min_width_m) > 0
    answers = np.where(is_large_enough, Answer.YES.value, Answer.NO.value).astype(object)
    rows.append(_split_hectares(left_ha, left_ha, answers, sure, open_))
    return np.stack(rows, axis=1)


def available_before_exclusions(ground: SiteGround, terrains: GeoDataFrame[Terrains]) -> tuple[np.ndarray, np.ndarray]:
    """Tell which units are certain to be available, and which may be, before exclusions and sizes are considered."""
    answers = np.array([_unit_answers(ground, terrains, column, predicate) for _, column, predicate in ASKED])
    return (answers == Answer.YES).all(axis=0), (answers != Answer.NO).all(axis=0)


def _unit_answers(
    ground: SiteGround, terrains: GeoDataFrame[Terrains], column: str, predicate: Callable[[str], Answer]
) -> np.ndarray:
    """Evaluate a condition for each unit; unknown without a terrain, and where terrains disagree."""
    answer_words = [predicate(word).value for word in terrains[column]]
    return ground.answers(answer_words, Answer.UNKNOWN.value)


def _split_hectares(
    reaching: np.ndarray, through: np.ndarray, answers: np.ndarray, sure: np.ndarray, open_: np.ndarray
) -> np.ndarray:
    """Split the hectares of each unit that reach a step; of a unit that passes, `through` passes and the rest fails."""
    yes, no = answers == Answer.YES, answers == Answer.NO
    passes = np.where(open_ & yes, through, 0.0)
    fails = np.where(open_ & yes, reaching - through, np.where(open_ & no, reaching, 0.0))
    unknown = np.where(open_ & ~yes & ~no, reaching, 0.0)
    return np.stack([passes, fails, unknown, np.where(sure, passes, 0.0), passes + unknown], axis=1)


def availability(
    sites: GeoDataFrame[Sites],
    terrains: GeoDataFrame[Terrains],
    exclusions: GeoDataFrame[Exclusions],
    *,
    min_ha: float = 0.0,
    min_width_m: float = 0.0,
) -> DataFrame[Availability]:
    r"""Measure the land of each site that is left after each step.

    .. math:: high_{k-1} = passes_k + fails_k + unknown_k, \quad high_k = passes_k + unknown_k

    Parameters
    ----------
    sites, terrains, exclusions
        In one projected CRS in metres. Terrains of sites that are not in `sites` are left out. Overlapping exclusions
        remove their common area once: see `gis.measures.exclusions`. Of land that no terrain covers they remove what
        they cover, whatever their `whole_from_share`, as its future terrains are unknown.
    min_ha, min_width_m
        What is left of a terrain counts if one connected piece of it has this area and contains a circle of this
        diameter; 0 sets no minimum.

    Returns
    -------
    availability
        One row per site and step, sites in the order given, in hectares. `passes_ha`, `fails_ha` and `unknown_ha`
        split the `reaches_high_ha` of the previous step. `reaches_low_ha` is the area that passes all steps so far for
        certain, `reaches_high_ha` the area that fails none of them. Area that is unknown at one step and fails a later
        one is excluded from there on. The land of a site includes that of the sites inside it. `without_shape` counts
        its terrains without a geometry that may reach the step: they contribute no hectares. A site of which nothing
        has a geometry is NaN.

    Raises
    ------
    CrsError
        If the layers are not in one CRS in metres.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> def layer(width, **row):  # with no more than what is read
    ...     return gpd.GeoDataFrame([row], geometry=[box(0, 0, width, 100)], crs=3950)
    >>> sites = layer(300, site_id="est", part_of="")
    >>> state = {"useful": "oui", "occupied": "vacant", "sale": "en vente", "servicing": "viabilisé et aménagé"}
    >>> terrains = layer(200, terrain_id="a", site_id="est", **state)
    >>> river = layer(50, exclusion_id="river", reason="water", buffer_m=0.0, whole_from_share=np.nan)
    >>> availability(sites, terrains, river)[["step", "passes_ha", "fails_ha", "unknown_ha", "reaches_low_ha"]]
               step  passes_ha  fails_ha  unknown_ha  reaches_low_ha
    0         gross        3.0       0.0         0.0             3.0
    1        useful        2.0       0.0         1.0             2.0
    2    unoccupied        2.0       0.0         1.0             2.0
    3      for_sale        2.0       0.0         1.0             2.0
    4      serviced        2.0       0.0         1.0             2.0
    5    unexcluded        2.5       0.5         0.0             1.5
    6  large_enough        2.5       0.0         0.0             1.5
    """
    check_same_crs(sites, exclusions)
    ground = ground_of(sites, terrains)
    by_step = _availability_by_step(
        ground, _waterfall_hectares(ground, terrains, exclusions, min_ha, min_width_m), sites, terrains
    )
    return conform(by_step[by_step["site_id"] != TERRITORY], Availability)


def _availability_by_step(
    ground: SiteGround, fall: np.ndarray, sites: GeoDataFrame[Sites], terrains: GeoDataFrame[Terrains]
) -> DataFrame[Availability]:
    hectares = ground.sums(fall)
    steps, site_row_count = list(Step), len(sites) + 1
    shapeless_counts = shapeless_terrain_counts(ground, terrains, sites)
    per_site = ground.sites_counted(sites, shapeless_counts[:, 0])
    outermost_sites = [n for n, above in enumerate(ground.above) if not above]
    frame = pd.DataFrame(
        {
            **{name: np.repeat(values, len(steps)) for name, values in per_site.items()},
            "without_shape": np.concatenate(
                [shapeless_counts, shapeless_counts[outermost_sites].sum(axis=0, keepdims=True)]
            ).reshape(-1),
            "step": pd.array([step.value for step in steps] * site_row_count, dtype="str"),
            **dict(zip(HECTARES, hectares.reshape(-1, len(HECTARES)).T, strict=True)),
        }
    )
    return conform(frame, Availability)


HECTARES: Final = ("passes_ha", "fails_ha", "unknown_ha", "reaches_low_ha", "reaches_high_ha")


def shapeless_terrain_counts(
    ground: SiteGround, terrains: GeoDataFrame[Terrains], sites: GeoDataFrame[Sites]
) -> np.ndarray:
    """Count the terrains without a geometry that may pass each step, by site (with the sites inside it) and step."""
    site_positions = {site: n for n, site in enumerate(sites["site_id"])}
    own_counts = np.zeros((len(site_positions), len(Step)), dtype="int64")
    rows = terrains[terrains.geometry.isna() & terrains["site_id"].isin(list(site_positions))]
    site_of_row = rows["site_id"].map(site_positions).to_numpy(dtype=int)
    open_ = np.ones(len(rows), dtype=bool)
    np.add.at(own_counts[:, 0], site_of_row, 1)
    for n, (_, column, predicate) in enumerate(ASKED, 1):
        open_ &= np.array([predicate(word) != Answer.NO for word in rows[column]], dtype=bool)
        np.add.at(own_counts[:, n], site_of_row, open_.astype("int64"))
    own_counts[:, len(ASKED) + 1 :] = own_counts[:, [len(ASKED)]]
    return ground.with_parts(own_counts)


def territory_availability(
    sites: GeoDataFrame[Sites],
    terrains: GeoDataFrame[Terrains],
    exclusions: GeoDataFrame[Exclusions],
    *,
    min_ha: float = 0.0,
    min_width_m: float = 0.0,
) -> DataFrame[Availability]:
    """Measure the land of all sites together that is left after each step; land that several claim counts once.

    Parameters
    ----------
    sites, terrains, exclusions, min_ha, min_width_m
        As for `availability`.

    Returns
    -------
    territory
        One row per step, `site_id` empty, in hectares of the sites whose land is known: `sites_known` of `sites`, not
        counting those that are `part_of` another. A site whose land is unknown is replaced by those of its parts whose
        land is known. Land whose terrains disagree is unknown. All NaN if no site is known.
    """
    check_same_crs(sites, exclusions)
    ground = ground_of(sites, terrains)
    by_step = _availability_by_step(
        ground, _waterfall_hectares(ground, terrains, exclusions, min_ha, min_width_m), sites, terrains
    )
    return conform(by_step[by_step["site_id"] == TERRITORY].reset_index(drop=True), Availability)


# --- figures ---------------------------------------------------------------------------------------------------------


def availability_figures(
    sites: GeoDataFrame[Sites],
    terrains: GeoDataFrame[Terrains],
    exclusions: GeoDataFrame[Exclusions],
    *,
    min_ha: float = 0.0,
    min_width_m: float = 0.0,
) -> list[Figure]:
    """Compute the totals of the territory, each with its provenance.

    Returns
    -------
    figures
        Gross, available and immediately available land, in hectares. `rows` are the terrains that count, the sites
        with land that no terrain covers, and the exclusions that removed some of it. The upper bound is `None` as
        long as land that could count has no geometry; both bounds are `None` if no land has one.
    """
    check_same_crs(sites, exclusions)
    ground = ground_of(sites, terrains)
    hectares_by_step = _waterfall_hectares(ground, terrains, exclusions, min_ha, min_width_m)
    by_step = _availability_by_step(ground, hectares_by_step, sites, terrains)
    sums_by_step = {row["step"]: row for row in records(by_step[by_step["site_id"] == TERRITORY])}
    unbounded_steps = {*by_step.loc[rows_without_upper_bound(by_step, sites, ground), "step"]}
    size_detail = f"@{min_ha:g}ha,{min_width_m:g}m" if min_ha > 0 or min_width_m > 0 else ""
    all_exclusions_drawn = not exclusions.geometry.isna().any()
    _, open_ = available_before_exclusions(ground, terrains)
    excluding_rows = np.unique(exclusion_shape_pairs(ground.shape[open_ & ground.counts], exclusions)[0])

    def figure(kind: FigureKind, step: Step, detail: str = "") -> Figure:
        row = sums_by_step[step]
        is_counted = ground.counts & (hectares_by_step[:, list(Step).index(step), 4] > 0)
        # If nothing is left, cite the rows that were evaluated.
        terrain_rows, bare_site_rows = ground.claiming(
            np.flatnonzero(is_counted if is_counted.any() else ground.counts)
        )
        cited_exclusions = exclusions.iloc[excluding_rows if step is Step.LARGE_ENOUGH else []]
        is_bounded = step not in unbounded_steps
        is_derived = step is not Step.GROSS
        assumption_flags = {
            AVAILABLE_IS_DERIVED: is_derived,
            GROUND_WITHOUT_TERRAIN: is_derived and len(bare_site_rows) > 0,
            GROUND_WITHOUT_SHAPE: not is_bounded,
            PARTS_ONCE: bool((sites["part_of"] != "").any()),
            SHARED_ONCE: ground.overlaid_m2 > TOLERANCE_M2,
            EXCLUSIONS_LISTED: step is Step.LARGE_ENOUGH,
            EXCLUSIONS_BY_TEXT: any_legal_reason(cited_exclusions),
            EXCLUSIONS_WITHOUT_SHAPE: step is Step.LARGE_ENOUGH and not all_exclusions_drawn,
        }
        return kind.figure(
            WHOLE_TERRITORY,
            Bounds(row["reaches_low_ha"], row["reaches_high_ha"] if is_bounded else None),
            cite_rows(
                terrains=terrains.iloc[terrain_rows], sites=sites.iloc[bare_site_rows], exclusions=cited_exclusions
            ),
            detail=detail,
            assumes=assumption_flags,
        )

    return [
        figure(GROSS_HA, Step.GROSS),
        *_overlaid_ground_figures(ground, sites, terrains),
        figure(AVAILABLE_HA, Step.LARGE_ENOUGH, size_detail),
        figure(IMMEDIATELY_AVAILABLE_HA, Step.SERVICED),
    ]


def _overlaid_ground_figures(
    ground: SiteGround, sites: GeoDataFrame[Sites], terrains: GeoDataFrame[Terrains]
) -> list[Figure]:
    """Return the figure of land that several rows claim, if there is any: it counts once in the totals."""
    if ground.overlaid_m2 <= TOLERANCE_M2:
        return []
    shared_units = [unit for unit, claims in enumerate(ground.claims) if len(claims) > 1]
    terrain_rows, bare_site_rows = ground.claiming(np.array(shared_units, dtype=int))
    overlaid_ha = Bounds.exactly(ground.overlaid_m2 / M2_PER_HA)
    rows = cite_rows(terrains=terrains.iloc[terrain_rows], sites=sites.iloc[bare_site_rows])
    return [GROSS_OVERLAID_HA.figure(WHOLE_TERRITORY, overlaid_ha, rows, assumes=[SHARED_ONCE])]


def any_legal_reason(exclusions: GeoDataFrame[Exclusions]) -> bool:
    """Tell whether an exclusion has a legal reason: its text (plan, easement) is not read and may allow building."""
    return any(FAMILIES[ExclusionReason(reason)] is ExclusionFamily.LEGAL for reason in exclusions["reason"])


def rows_without_upper_bound(by_site: pd.DataFrame, sites: GeoDataFrame[Sites], ground: SiteGround) -> pd.Series:
    """Tell which rows have no known upper bound: land that could count has no geometry and lies in no known outline."""
    open_ = by_site["site_id"].isin(list(sites["site_id"][~ground.bounded]))
    return open_ & ((by_site["without_shape"] > 0) | (by_site["sites_known"] == 0))


def _compute(layers: MeasuredLayers, _: Mapping[str, Figure]) -> list[Figure]:
    return availability_figures(layers.sites, layers.terrains, layers.exclusions) if len(layers.terrains) else []


MEASURE: Final = Measure(
    name="availability",
    figures=(GROSS_HA, GROSS_OVERLAID_HA, AVAILABLE_HA, IMMEDIATELY_AVAILABLE_HA),
    assumptions=(
        AVAILABLE_IS_DERIVED,
        GROUND_WITHOUT_TERRAIN,
        GROUND_WITHOUT_SHAPE,
        PARTS_ONCE,
        SHARED_ONCE,
        EXCLUSIONS_LISTED,
        EXCLUSIONS_BY_TEXT,
        EXCLUSIONS_WITHOUT_SHAPE,
    ),
    compute=_compute,
)
