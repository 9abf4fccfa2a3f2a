"""Comparison of published figures with the values of the layers; each comparison gives one of five verdicts."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.measures import published_supply
from gis.measures.measure import Assumption, FigureKind, Measure, MeasuredLayers, Text, cite_rows
from gis.measures.occupancy import rounding_bounds
from gis.provenance import Bounds, Figure, row_name
from gis.schemas import Claims, ClaimStatus, ClaimUse, Row, Sites, Verdicts, conform, records
from gis.units import AREA_M2, to_ha

RULE: Final = "gis.measures.claims"


class Verdict(StrEnum):
    """Result of the comparison of a published figure with the values of the layers."""

    CONFIRMED = "confirmed"  # within the rounding of the claim
    CONTRADICTED = "contradicted"
    NOT_REPRODUCED = "not_reproduced"  # its own published parts do not give it
    NOT_COMPARABLE = "not_comparable"
    NO_DATA = "no_data"


#: Why a verdict was given.
REASONS: Final[Mapping[str, Text]] = {
    "not_refound": {
        "fr": "Source non retrouvée : montré, ne décide de rien.",
        "en": "Its source was not found again: it is shown and decides nothing.",
    },
    "base_not_said": {
        "fr": "La source ne dit pas de quoi c’est une part.",
        "en": "The source does not say what it is a share of.",
    },
    "parts_agree": {
        "fr": "Le détail publié le donne.",
        "en": "Its own published parts give it.",
    },
    "parts_differ": {
        "fr": "Le détail publié ne le donne pas.",
        "en": "Its own published parts do not give it.",
    },
    "shape_agrees": {
        "fr": "Le contour fourni le donne.",
        "en": "The shape held in the layers gives it.",
    },
    "shape_differs": {
        "fr": "Le contour fourni donne une autre surface.",
        "en": "The shape held in the layers gives another area.",
    },
    "shape_not_published": {
        "fr": "Personne n’a publié le contour qu’il faudrait mesurer.",
        "en": "Nobody has published the shape that would be measured.",
    },
    "partly_named": {
        "fr": "Une source n’en nomme qu’une partie.",
        "en": "Only some of them are named by a source.",
    },
    "partly_located": {
        "fr": "Une partie seulement a un lieu publié.",
        "en": "Only some of it has a published place.",
    },
    "states_a_row": {
        "fr": "C’est ce que dit une ligne des données, ou une autre valeur d’elle : rien d’indépendant à mettre en "
        "face.",
        "en": "It is what a row of the layers says, or another value of it: nothing independent to compare.",
    },
    "no_counterpart": {
        "fr": "Les données n’ont rien à mettre en face.",
        "en": "The layers hold nothing to set beside it.",
    },
}

PARTS_SHARE: Final = FigureKind(
    kind="parts_share",
    unit="%",
    rule=f"{RULE}.parts_figures",
    fr="Somme du détail publié d’une valeur, rapportée à son tout publié.",
    en="Sum of the published parts of a claim over its published whole, in percent.",
)
PARTS_SUM: Final = FigureKind(
    kind="parts_sum",
    unit="count",
    rule=f"{RULE}.parts_figures",
    fr="Somme du détail publié d’une valeur.",
    en="Sum of the published parts of a claim.",
)
PARTS_COUNT: Final = FigureKind(
    kind="parts_count",
    unit="count",
    rule=f"{RULE}.parts_figures",
    fr="Nombre d’éléments du détail publié d’une valeur.",
    en="Number of the published parts of a claim.",
)

PARTS_MIXED: Final = Assumption(
    key="parts_mixed",
    fr="Le détail est additionné tel que publié, bien qu’il compte des choses différentes (personnes, entreprises, "
    "projets).",
    en="The parts are added as published, though they count unlike things (people, businesses, projects).",
)


class _Judged(NamedTuple):
    verdict: Verdict
    reason: str
    computed: Bounds = Bounds(None, None)


def claim_verdicts(claims: DataFrame[Claims], sites: GeoDataFrame[Sites]) -> DataFrame[Verdicts]:
    """Compare each claim with the value of the layers.

    Parameters
    ----------
    claims
        All published figures of the territory.
    sites
        Its sites; the measured area of a site is compared with its published land areas.

    Returns
    -------
    verdicts
        One row per claim, in the order given; `computed_low` and `computed_high` in the unit of the claim, NaN if
        nothing can be computed.
    """
    claims_by_id = {claim["claim_id"]: claim for claim in records(claims)}
    measured_by_site = dict(zip(sites["site_id"], sites["measured_m2"], strict=True))
    judgements = [_judge_claim(claim, claims_by_id, measured_by_site, sites) for claim in claims_by_id.values()]
    bounds = [j.computed for j in judgements]
    return conform(
        pd.DataFrame(
            {
                "claim_id": claims["claim_id"],
                "verdict": pd.array([j.verdict.value for j in judgements], dtype="str"),
                "reason": pd.array([j.reason for j in judgements], dtype="str"),
                "computed_low": np.array([b.low for b in bounds], dtype=float),
                "computed_high": np.array([b.high for b in bounds], dtype=float),
            },
            index=claims.index,
        ),
        Verdicts,
    )


def _judge_claim(
    claim: Row, values: Mapping[str, Row], measured: Mapping[str, float], sites: GeoDataFrame[Sites]
) -> _Judged:
    if claim["status"] == ClaimStatus.NOT_REFOUND:
        return _Judged(Verdict.NO_DATA, "not_refound")
    match claim["use"]:
        case ClaimUse.OCCUPIED_SHARE | ClaimUse.TENANT_SHARE:
            return _Judged(Verdict.NOT_COMPARABLE, "base_not_said")
        case ClaimUse.PARTS_SHARE | ClaimUse.PARTS_COUNT:
            computed = _value_from_parts(claim, values)
            agrees = _agrees_with_claim(computed, claim)
            verdict = Verdict.CONFIRMED if agrees else Verdict.NOT_REPRODUCED
            return _Judged(verdict, "parts_agree" if agrees else "parts_differ", Bounds.exactly(computed))
        case ClaimUse.ZONE_COUNT | ClaimUse.AVAILABLE:
            return _judge_territory_claim(claim, values, sites)
        case ClaimUse.BASE if claim["area_kind"] == "land" and claim["unit"] in AREA_M2:
            return _judge_land_claim(claim, measured.get(str(claim["site_id"]), np.nan))
    return _Judged(Verdict.NO_DATA, "states_a_row" if claim["states"] else "no_counterpart")


def _judge_territory_claim(claim: Row, values: Mapping[str, Row], sites: GeoDataFrame[Sites]) -> _Judged:
    """Compare a claim about the whole territory with the rows of sources: more contradicts it, less proves nothing."""
    if claim["use"] == ClaimUse.AVAILABLE:
        located = published_supply.located_offer_m2(values.values())
        return _Judged(Verdict.NO_DATA, "partly_located", Bounds(None, None if located is None else to_ha(located)))
    named_zones = float(((sites["counted"] == "oui") & (sites["stand_in"] != "oui")).sum())
    claimed_count = float(claim["low"])
    if named_zones < claimed_count:
        return _Judged(Verdict.NO_DATA, "partly_named", Bounds(named_zones, None))
    verdict = Verdict.CONFIRMED if named_zones == claimed_count else Verdict.CONTRADICTED
    return _Judged(
        verdict, "parts_agree" if named_zones == claimed_count else "parts_differ", Bounds.exactly(named_zones)
    )


def _judge_land_claim(claim: Row, measured_m2: float) -> _Judged:
    if np.isnan(measured_m2):
        return _Judged(Verdict.NO_DATA, "shape_not_published")
    computed = measured_m2 / AREA_M2[str(claim["unit"])]
    agrees = _agrees_with_claim(computed, claim)
    return _Judged(
        Verdict.CONFIRMED if agrees else Verdict.CONTRADICTED,
        "shape_agrees" if agrees else "shape_differs",
        Bounds.exactly(computed),
    )


def _agrees_with_claim(computed: float, claim: Row) -> bool:
    """Tell whether a value lies within the rounding of a claim; "at least" has no upper limit."""
    claim_bounds = rounding_bounds(str(claim["value"]))
    return (claim_bounds.low or 0.0) <= computed and (
        claim["qualifier"] == "at least" or computed <= (claim_bounds.high or 0.0)
    )


def _part_ids(claim: Row) -> list[str]:
    return [part for part in str(claim["parts"]).split("|") if part]


def _value_from_parts(claim: Row, values: Mapping[str, Row]) -> float:
    part_ids = _part_ids(claim)
    if claim["use"] == ClaimUse.PARTS_COUNT:
        return float(len(part_ids))
    return 100.0 * _sum_of_parts(part_ids, values) / float(values[claim["whole"]]["low"])


def _sum_of_parts(parts: Iterable[str], values: Mapping[str, Row]) -> float:
    return sum(float(values[part]["low"]) for part in parts)


def parts_figures(claims: DataFrame[Claims]) -> list[Figure]:
    """Compute the value that the published parts of each claim give; one or two figures per claim."""
    claims_by_id = {claim["claim_id"]: claim for claim in records(claims)}
    rows = claims[claims["use"].isin([ClaimUse.PARTS_SHARE, ClaimUse.PARTS_COUNT])]
    return [figure for claim in records(rows) for figure in _figures_of_parts(claim, claims_by_id)]


def _figures_of_parts(claim: Row, values: Mapping[str, Row]) -> Iterable[Figure]:
    subject, part_ids = row_name("claims", str(claim["claim_id"])), _part_ids(claim)
    rows = cite_rows(claims=[values[part] for part in part_ids])
    if claim["use"] == ClaimUse.PARTS_COUNT:
        yield PARTS_COUNT.figure(subject, Bounds.exactly(float(len(part_ids))), rows)
        return
    total = PARTS_SUM.figure(subject, Bounds.exactly(_sum_of_parts(part_ids, values)), rows, assumes=[PARTS_MIXED])
    yield total
    yield PARTS_SHARE.figure(
        subject,
        Bounds.exactly(_value_from_parts(claim, values)),
        rows,
        numerator=total.figure_id,
        denominator=row_name("claims", str(claim["whole"])),
        assumes=[PARTS_MIXED],
    )


def _compute(layers: MeasuredLayers, _: Mapping[str, Figure]) -> list[Figure]:
    return parts_figures(layers.claims)


MEASURE: Final = Measure(
    name="claims",
    figures=(PARTS_SHARE, PARTS_SUM, PARTS_COUNT),
    assumptions=(PARTS_MIXED,),
    words={f"reason.{key}": text for key, text in REASONS.items()},
    compute=_compute,
)
