"""What measures give: figures of sites, offers, comparisons, and what is missing or doubtful."""

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from gis.schemas.columns import Spatial, column, measured, one_of
from gis.schemas.vocabularies import (
    AccessKind,
    Answer,
    Approach,
    AreaKind,
    ExclusionFamily,
    ExclusionReason,
    Located,
    Phase,
    Step,
)


class Plots(Spatial):
    """Offers to an investor: touching terrains that can be had, as one; or one terrain that nobody has drawn yet."""

    plot_id: Series[str] = column("Key of the plot, made of its terrains.", unique=True, str_length={"min_value": 1})
    terrain_ids: Series[str] = column("Its terrains, `|` between two.")
    terrains: Series[int] = column("How many they are.", unit="count", ge=1)
    site_ids: Series[str] = column("Sites they are pieces of, `|` between two.")
    available: Series[str] = column("Whether it can be had, or nobody said.", isin=[Answer.YES, Answer.UNKNOWN])
    later: Series[str] = column("Whether it can be had later only.", isin=[Answer.YES, Answer.NO])
    serviced: Series[str] = column("Whether all of it has its networks.", isin=one_of(Answer))
    vocation: Series[str] = column("What its terrains are meant for, `|` between two.")
    price_low_eur_m2: Series[float] = column(
        "Price asked, the least of its terrains; nothing where one of them has none.",
        unit="EUR/m2",
        ge=0,
        nullable=True,
    )
    price_high_eur_m2: Series[float] = column("The same, the most.", unit="EUR/m2", ge=0, nullable=True)
    power_kw: Series[float] = column(
        "Electric power at hand, the most of its terrains.", unit="kW", ge=0, nullable=True
    )
    available_from: Series[pd.Timestamp] = column(
        "All of it can be had from this day; nothing where one terrain has none.", nullable=True
    )
    owners: Series[float] = column(
        "How many own its ground; nothing where some of it has no known owner.", unit="count", ge=1, nullable=True
    )
    gross_ha: Series[float] = column("Its ground.", unit="ha", ge=0, nullable=True)
    left_ha: Series[float] = column("What exclusions leave of it.", unit="ha", ge=0, nullable=True)
    built_m2: Series[float] = column(
        "Footprints of buildings on it; nothing where no building is known anywhere, or it has no shape.",
        unit="m2",
        ge=0,
        nullable=True,
    )
    width_m: Series[float] = column("Least width of a band that what is left lies in.", unit="m", ge=0, nullable=True)
    circle_m: Series[float] = column("Diameter of the largest circle in what is left.", unit="m", ge=0, nullable=True)
    compactness: Series[float] = column(
        "4π area over the square of the border: 1 for a disc.", unit="ratio", ge=0, le=1, nullable=True
    )
    frontage_m: Series[float] = column(
        "Border along roads; nothing where none are known.", unit="m", ge=0, nullable=True
    )
    measured_m2: Series[float] = measured()


class Eliminations(pa.DataFrameModel):
    """What each criterion of a search eliminates, in the order they are asked in."""

    criterion: Series[str] = column("What is asked.", unique=True)
    asked: Series[str] = column("How much of it.")
    alone: Series[int] = column("Rows that it would eliminate if nothing else were asked.", unit="count", ge=0)
    in_sequence: Series[int] = column("Rows that it eliminates of those before it left.", unit="count", ge=0)
    left: Series[int] = column("Rows that are left after it.", unit="count", ge=0)
    unknown: Series[int] = column("Rows of which nobody said.", unit="count", ge=0)


class Approaches(pa.DataFrameModel):
    """How far each plot or premises is from the nearest access of each kind."""

    subject: Series[str] = column("Key of the plot or premises.")
    access_kind: Series[str] = column("What one gets to.", isin=one_of(AccessKind))
    km: Series[float] = column("Distance.", unit="km", ge=0, nullable=True)
    approach: Series[str] = column("How it is known.", isin=one_of(Approach))
    access_id: Series[str] = column("The nearest access, where the distance was measured.")


class Verdicts(pa.DataFrameModel):
    """Each published figure beside what the layers give."""

    claim_id: Series[str] = column("Key of the claim.", unique=True)
    verdict: Series[str] = column("How the two compare.")
    reason: Series[str] = column("Why, as a word of `claims.REASONS`.")
    computed_low: Series[float] = column("What the layers give, at least, in the unit of the claim.", nullable=True)
    computed_high: Series[float] = column("What the layers give, at most, in the unit of the claim.", nullable=True)


class Tiles(Spatial):
    """The diagram of a row that has no shape: never ground, never measured."""

    subject: Series[str] = column("Row it stands for, `layer/key`.")
    n: Series[int] = column("Number of the tile among those of its subject.", ge=1)
    label: Series[str] = column("Name to show.")
    phase: Series[str] = column("Phase of the tenancy; empty for a site.")
    area_m2: Series[float] = column("Published area it is drawn with.", unit="m2", nullable=True)
    located: Series[str] = column("Where it stands.", isin=one_of(Located))
    insee: Series[str] = column("Commune it stands at.")


class Occupancy(pa.DataFrameModel):
    """What each tenancy of a site is on a date."""

    tenancy_id: Series[str] = column("Key of the tenancy.", unique=True)
    premises_id: Series[str] = column("Premises held.")
    occupant: Series[str] = column("Name of the occupant.")
    area_kind: Series[str] = column("What its area is an area of.", isin=one_of(AreaKind))
    phase: Series[str] = column("How far it is.", isin=one_of(Phase))
    holds: Series[str] = column("Whether it holds on the date.", isin=["yes", "maybe", "no"])
    low_m2: Series[float] = column("Area on the date, at least.", unit="m2", nullable=True)
    high_m2: Series[float] = column("Area on the date, at most.", unit="m2", nullable=True)


class Held(pa.DataFrameModel):
    """How much of a site is held on a day, of one kind of area."""

    at: Series[pd.Timestamp] = column("The day, at its end.")
    site_id: Series[str] = column("Site; nothing for the territory.")
    kind: Series[str] = column("What is held.", isin=one_of(AreaKind))
    base_m2: Series[float] = column("All there is of this kind.", unit="m2", gt=0)
    held_low_m2: Series[float] = column("What is held of it, at least.", unit="m2", ge=0)
    held_high_m2: Series[float] = column("What is held of it, at most.", unit="m2", ge=0)
    share_low: Series[float] = column("Held over all there is, at least.", unit="ratio", ge=0, le=1)
    share_high: Series[float] = column("Held over all there is, at most.", unit="ratio", ge=0, le=1)
    left_out: Series[int] = column("Rows without a shape or a floor area, in neither.", unit="count", ge=0)


class _SitesCounted(pa.DataFrameModel):
    """What a sum over sites says of them: one for a row of a site, more for the row of the territory."""

    site_id: Series[str] = column("Site; nothing for the territory.")
    sites: Series[int] = column("Sites that the row speaks of, those that are `part_of` another not counted.", ge=0)
    sites_known: Series[int] = column("Those of them whose ground has a shape.", ge=0)
    without_shape: Series[int] = column("Terrains that may belong here and have no shape, so no hectares.", ge=0)


class Availability(_SitesCounted):
    """What is left of each site, step by step; ground is NaN where nobody has published its shape."""

    step: Series[str] = column("Step; what it splits is what the step before left open.", isin=one_of(Step))
    passes_ha: Series[float] = column("Ground that the step lets through.", unit="ha", ge=0, nullable=True)
    fails_ha: Series[float] = column("Ground that the step takes away.", unit="ha", ge=0, nullable=True)
    unknown_ha: Series[float] = column("Ground of which the step cannot tell.", unit="ha", ge=0, nullable=True)
    reaches_low_ha: Series[float] = column(
        "Ground sure to come through this step and all before it.", unit="ha", ge=0, nullable=True
    )
    reaches_high_ha: Series[float] = column(
        "Ground that neither this step nor one before it takes away.", unit="ha", ge=0, nullable=True
    )


def _hectares(meaning: str) -> Any:
    return column(meaning, unit="ha", ge=0, nullable=True)


class Excluded(pa.DataFrameModel):
    """What exclusions take of each row of a layer, all of them and reason by reason."""

    row: Series[str] = column("Key of the row.")
    reason: Series[str] = column("Reason; nothing for all of them together.", isin=["", *one_of(ExclusionReason)])
    gross_m2: Series[float] = column("Ground of the row.", unit="m2", ge=0)
    left_m2: Series[float] = column("Ground of the row that no exclusion covers.", unit="m2", ge=0)
    attributed_m2: Series[float] = column(
        "Ground that this reason covers and none before it; reasons add up to what all of them take.", unit="m2", ge=0
    )
    any_m2: Series[float] = column("Ground that this reason covers, whatever else does.", unit="m2", ge=0)
    only_m2: Series[float] = column("Ground that this reason alone covers: what lifting it frees.", unit="m2", ge=0)


class Lifting(_SitesCounted):
    """What exclusions take of ground that is otherwise available, and what lifting one reason would free."""

    reason: Series[str] = column("Reason; nothing for all of them together.", isin=["", *one_of(ExclusionReason)])
    family: Series[str] = column("Family of the reason.", isin=["", *one_of(ExclusionFamily)])
    exclusions: Series[int] = column("Exclusions of the territory for this reason.", unit="count", ge=0)
    undrawn: Series[int] = column("Those of them without a shape: they take nothing.", unit="count", ge=0)
    otherwise_low_ha: Series[float] = _hectares("Ground sure to be available but for exclusions.")
    otherwise_high_ha: Series[float] = _hectares("Ground that may be available but for exclusions.")
    attributed_low_ha: Series[float] = _hectares("Of it, what this reason covers and none before it, at least.")
    attributed_high_ha: Series[float] = _hectares("Of it, what this reason covers and none before it, at most.")
    any_low_ha: Series[float] = _hectares("Of it, what this reason covers, whatever else does, at least.")
    any_high_ha: Series[float] = _hectares("Of it, what this reason covers, whatever else does, at most.")
    frees_low_ha: Series[float] = _hectares("Available ground that lifting this reason alone adds, at least.")
    frees_high_ha: Series[float] = _hectares("Available ground that lifting this reason alone adds, at most.")
    left_low_ha: Series[float] = _hectares("Of it, what no exclusion covers, at least.")
    left_high_ha: Series[float] = _hectares("Of it, what no exclusion covers, at most.")


class OfferCurve(_SitesCounted):
    """Available ground by the size of the plot that is looked for."""

    min_ha: Series[float] = column("Area that one connected piece of a terrain must have.", unit="ha", gt=0)
    available_low_ha: Series[float] = _hectares("Ground sure to be available to who needs that much.")
    available_high_ha: Series[float] = _hectares("Ground that may be available to who needs that much.")


class Sales(pa.DataFrameModel):
    """Terrains that were sold, and when."""

    terrain_id: Series[str] = column("Terrain that was sold.")
    earliest: Series[pd.Timestamp] = column("First day that it may have been sold on.", nullable=True)
    latest: Series[pd.Timestamp] = column("Last day that it may have been sold on.", nullable=True)
    sold_m2: Series[float] = column("Area of its shape, or nothing.", unit="m2", ge=0, nullable=True)


class SurfaceVacancy(_SitesCounted):
    """Vacant hectares beside occupied ones: no statutory rate, which counts land units."""

    vacant_ha: Series[float] = column("Vacant ground.", unit="ha", ge=0, nullable=True)
    occupied_ha: Series[float] = column("Occupied ground.", unit="ha", ge=0, nullable=True)
    unknown_ha: Series[float] = column("Ground of unknown occupation.", unit="ha", ge=0, nullable=True)
    surface_vacancy_low: Series[float] = column(
        "Vacant over vacant and occupied ground, at least.", unit="ratio", ge=0, le=1, nullable=True
    )
    surface_vacancy_high: Series[float] = column(
        "Vacant over vacant and occupied ground, at most.", unit="ratio", ge=0, le=1, nullable=True
    )


class PremisesVacancy(pa.DataFrameModel):
    """Premises that nobody holds on a date beside all premises with a floor area."""

    site_id: Series[str] = column("Site; nothing for the territory.", unique=True)
    premises: Series[int] = column("Premises with a floor area.", unit="count", ge=0)
    vacant_low: Series[int] = column("Those that nobody holds, at least.", unit="count", ge=0)
    vacant_high: Series[int] = column("Those that nobody holds, at most.", unit="count", ge=0)
    premises_vacancy_low: Series[float] = column(
        "Vacant over all, by number, at least.", unit="ratio", ge=0, le=1, nullable=True
    )
    premises_vacancy_high: Series[float] = column(
        "Vacant over all, by number, at most.", unit="ratio", ge=0, le=1, nullable=True
    )
    floor_m2: Series[float] = column("Floor area of all.", unit="m2", ge=0)
    vacant_low_m2: Series[float] = column("Floor area that nobody holds, at least.", unit="m2", ge=0)
    vacant_high_m2: Series[float] = column("Floor area that nobody holds, at most.", unit="m2", ge=0)
    floor_vacancy_low: Series[float] = column(
        "Vacant over all, by floor area, at least.", unit="ratio", ge=0, le=1, nullable=True
    )
    floor_vacancy_high: Series[float] = column(
        "Vacant over all, by floor area, at most.", unit="ratio", ge=0, le=1, nullable=True
    )
    without_area: Series[int] = column("Premises without a floor area, not counted.", unit="count", ge=0)


class Replaced(pa.DataFrameModel):
    """A feature of one source that stands in the place of another's, and how far apart the two are."""

    layer: Series[str] = column("Layer of both.")
    row: Series[str] = column("Row that is kept.")
    source_id: Series[str] = column("Source of its shape.")
    replaced: Series[str] = column("Row that gives way.")
    replaced_source_id: Series[str] = column("Source of that row.")
    overlap_share: Series[float] = column("Ground they share, over the smaller of the two.", unit="ratio", ge=0, le=1)
    apart_m: Series[float] = column("Farthest that their outlines are from each other.", unit="m", ge=0)


class Matches(pa.DataFrameModel):
    """A site that is known by name beside a shape that was fetched."""

    site_id: Series[str] = column("Site that is known.")
    site_name: Series[str] = column("Its name in use.")
    source_id: Series[str] = column("Source of the shape.")
    feature: Series[str] = column("Key of the shape there.")
    feature_name: Series[str] = column("Its name there.")
    insee: Series[str] = column("INSEE codes of the communes of the shape, `|` between two.")
    score: Series[float] = column("How alike names and communes are.", unit="ratio", ge=0, le=1)
    confirmed: Series[str] = column("Whether a person says they are one.", isin=["", "oui", "non"])


class Gaps(pa.DataFrameModel):
    """What nobody has published of an activity zone, the most useful to find first."""

    site_id: Series[str] = column("Key of the site.", unique=True)
    site_name: Series[str] = column("Name in use.")
    insee: Series[str] = column("INSEE codes of its communes.")
    missing: Series[str] = column("What is missing, `|` between two: name, shape, area, commune, vocation, jobs.")
    brings_ha: Series[float] = column("Stated area that a shape would measure and place.", unit="ha", nullable=True)


class Issues(pa.DataFrameModel):
    """A doubtful value that stops nothing."""

    layer: Series[str] = column("Layer of the row.")
    row: Series[str] = column("Key of the row.")
    column_name: Series[str] = column("Column.")
    value: Series[str] = column("What was found.")
    message: Series[str] = column("What is doubtful about it.")
