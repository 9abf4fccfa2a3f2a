"""Occupancy of a site on a date: the area that tenants hold, and its share of each published area of the site.

Three rules apply:

- A tenancy whose dates are known as bounds may or may not hold on a day between them: it counts in the upper bound
  only.
- Premises count once in a phase, with the largest area among their tenancies.
- Area that no source attributes to an occupant is "not attributed", never "vacant". A sum reads "at least" as long as
  one occupant has no published area, or one area has no published kind.

Areas of land, footprints and floors are never added together. If a site has areas of several kinds, each kind has its
own sum, which is divided by bases of that kind only. Areas whose kind is not stated have a line of their own. If no
kind is stated at all, they are divided by every published base, and shown as such (`kind_not_said`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from pandera.typing import DataFrame

from gis.measures.measure import (
    Assumption,
    CitedRows,
    FigureKind,
    Measure,
    MeasuredLayers,
    cite_rows,
    figure_subject,
)
from gis.provenance import Basis, Bounds, Figure, row_name
from gis.schemas import AreaKind, Claims, ClaimStatus, ClaimUse, Occupancy, Phase, Tenancies, conform
from gis.units import AREA_M2, to_m2

RULE: Final = "gis.measures.occupancy"

#: Phases that are counted together, separate from `in_place`.
TO_COME: Final = (Phase.ANNOUNCED, Phase.LEASE_SIGNED)

IN_PLACE_M2: Final = FigureKind(
    kind="in_place_m2",
    unit="m2",
    rule=f"{RULE}.attributed",
    fr="Surface attribuée par une source aux occupants en place à la date.",
    en="Area attributed by a source to occupants in place on the date.",
)
TO_COME_M2: Final = FigureKind(
    kind="to_come_m2",
    unit="m2",
    rule=f"{RULE}.attributed",
    fr="Surface attribuée par une source aux occupants annoncés ou au bail signé à la date.",
    en="Area attributed by a source to occupants announced or with a signed lease on the date.",
)
WITH_TO_COME_M2: Final = FigureKind(
    kind="with_to_come_m2",
    unit="m2",
    rule=f"{RULE}.attributed",
    fr="Surface des occupants en place, annoncés compris.",
    en="Area of occupants in place, announced ones added.",
)
IN_PLACE_SHARE: Final = FigureKind(
    kind="in_place_share",
    unit="ratio",
    rule=f"{RULE}.occupancy_figures",
    fr="Surface des occupants en place, rapportée à une surface publiée du site.",
    en="Area of occupants in place over a published area of the site.",
)
WITH_TO_COME_SHARE: Final = FigureKind(
    kind="with_to_come_share",
    unit="ratio",
    rule=f"{RULE}.occupancy_figures",
    fr="Surface des occupants en place et annoncés, rapportée à une surface publiée du site.",
    en="Area of occupants in place and announced over a published area of the site.",
)
NOT_ATTRIBUTED_M2: Final = FigureKind(
    kind="not_attributed_m2",
    unit="m2",
    rule=f"{RULE}.occupancy_figures",
    fr="Ce qui reste d’une surface publiée du site, occupants en place déduits.",
    en="What is left of a published area of the site when occupants in place are taken away.",
)
OCCUPANTS_IN_PLACE: Final = FigureKind(
    kind="occupants_in_place",
    unit="count",
    rule=f"{RULE}.occupancy",
    fr="Occupants en place à la date, que leur surface soit publiée ou non.",
    en="Occupants in place on the date, with or without a published area.",
)
NEEDED_BASE_M2: Final = FigureKind(
    kind="needed_base_m2",
    unit="m2",
    rule=f"{RULE}.needed_base",
    fr="Surface dont une part publiée devrait être la part, d’après les occupants en place.",
    en="Area that a published share would have to be of, given the area of occupants in place.",
)
NEEDED_BASE_WITH_TO_COME_M2: Final = FigureKind(
    kind="needed_base_with_to_come_m2",
    unit="m2",
    rule=f"{RULE}.needed_base",
    fr="La même, annoncés compris.",
    en="The same, announced occupants added.",
)

LIST_INCOMPLETE: Final = Assumption(
    key="list_incomplete",
    fr="La liste des occupants est celle que nomment les sources : il peut y en avoir d’autres.",
    en="The list of occupants is what sources name: there may be others.",
)
AREA_UNKNOWN: Final = Assumption(
    key="area_unknown",
    fr="Certains occupants n’ont pas de surface publiée : ils comptent pour rien, la somme est donc un minimum.",
    en="Some occupants have no published area: they count for nothing, so the sum is a lower bound.",
)
KIND_NOT_SAID: Final = Assumption(
    key="kind_not_said",
    fr="Les sources ne disent pas si ces surfaces sont de terrain, d’emprise ou de plancher : le rapport les mélange.",
    en="The sources do not say whether these areas are land, footprint or floor: the ratio mixes them.",
)
ANNOUNCED_COUNTS_FROM_FIRST_DAY: Final = Assumption(
    key="announced_counts_from_first_day",
    fr="Une occupation annoncée compte entière dès le premier jour de sa période : on compte ce qui est dit, pas ce "
    "qui est arrivé.",
    en="An announced tenancy counts whole from the first day of its period: what is counted is what was said, not "
    "what has come.",
)
PREMISES_ONCE: Final = Assumption(
    key="premises_once",
    fr="Des locaux tenus par deux occupants au même stade sont comptés une fois.",
    en="Premises held by two occupants in one phase are counted once.",
)
ROUNDING: Final = Assumption(
    key="rounding",
    fr="Une part publiée sans décimale est lue à un demi-point près.",
    en="A share published without decimals is read as within half a point of what it says.",
)
BASE_NOT_SAID: Final = Assumption(
    key="base_not_said",
    fr="La source ne dit pas de quoi c’est une part : ceci est la base qu’il faudrait, pas un fait.",
    en="The source does not say what the share is of: this is the base it would need, not a fact.",
)


@dataclass(frozen=True, slots=True)
class Base:
    """A published area of a site that can be the base of shares, with the claims that publish it."""

    base_id: str
    m2: float
    area_kind: str
    claims: tuple[str, ...]
    sources: tuple[str, ...]


def occupancy(tenancies: DataFrame[Tenancies], *, site_id: str | None = None, at: dt.date) -> DataFrame[Occupancy]:
    """Return the state of each tenancy of a site on a date.

    Parameters
    ----------
    tenancies
        All tenancies of the territory.
    site_id
        The site; all sites by default.
    at
        The day; the state is that at its end.

    Returns
    -------
    occupancy
        One row per tenancy of the site, in the order given. `phase` is the phase on that day: a tenancy that has ended
        was in place before. `holds` is yes, maybe (the day lies between its bounds) or no. `low_m2` and `high_m2` are
        its area on that day in square metres: 0 for no, NaN if no area is stated.
    """
    rows = tenancies if site_id is None else tenancies[tenancies["site_id"] == site_id]
    phase, holds = phases_and_holds(rows, np.datetime64(at, "ns"))
    low = rows["area_low_m2"].to_numpy()
    high = rows["area_high_m2"].to_numpy()
    frame = pd.DataFrame(
        {
            "tenancy_id": rows["tenancy_id"],
            "premises_id": rows["premises_id"],
            "occupant": rows["occupant"],
            "area_kind": rows["area_kind"],
            "phase": phase,
            "holds": pd.array(holds, dtype="str"),
            "low_m2": np.where(holds == "no", 0.0, np.where(holds == "maybe", 0.0, low)),
            "high_m2": np.where(holds == "no", 0.0, high),
        },
        index=rows.index,
    )
    return conform(frame, Occupancy)


def holds_by_premises(tenancies: pd.DataFrame, *, at: dt.date, phases: Sequence[Phase]) -> dict[str, str]:
    """Return the premises held on a day by a tenancy in one of some phases: "yes" if certain, or "maybe"."""
    phase, holds = phases_and_holds(tenancies, np.datetime64(at, "ns"))
    in_phases = phase.isin(phases).to_numpy()
    sure, maybe = (tenancies["premises_id"].to_numpy()[in_phases & (holds == how)] for how in ("yes", "maybe"))
    return dict.fromkeys(maybe.tolist(), "maybe") | dict.fromkeys(sure.tolist(), "yes")


def phases_and_holds(rows: pd.DataFrame, day: np.datetime64 | np.ndarray) -> tuple[pd.Series, np.ndarray]:
    """Return the phase of each tenancy on a day (one day, or one per row), and whether it holds: yes, maybe or no."""
    has_left = (rows["phase"] == Phase.LEFT).to_numpy()
    begun = happened_by(rows["from_earliest"], rows["from_latest"], day, undated=MAYBE)
    day_is_stated = rows["phase"].isin(TO_COME).to_numpy() & rows["from_latest"].notna().to_numpy()
    begun[day_is_stated & (begun == MAYBE)] = YES
    ended = happened_by(rows["to_earliest"], rows["to_latest"], day, undated=np.where(has_left, MAYBE, NO))
    no = (begun == NO) | (ended == YES)
    yes = (begun == YES) & (ended == NO)
    return rows["phase"].where(~has_left, Phase.IN_PLACE.value), np.where(no, "no", np.where(yes, "yes", "maybe"))


NO, MAYBE, YES = 0, 1, 2


def premises_held(tenancies: DataFrame[Tenancies], *, at: dt.date) -> tuple[set[str], set[str]]:
    """Return the premises certainly held by a tenancy in place on a day, and all those that any tenancy may hold.

    Premises may be held if the day lies between the bounds of the dates of a tenancy, or if only an announcement or a
    signed lease is known.
    """
    maybe_holds = holds_by_premises(tenancies, at=at, phases=list(Phase))
    in_place_holds = holds_by_premises(tenancies, at=at, phases=[Phase.IN_PLACE])
    return {premises for premises, how in in_place_holds.items() if how == "yes"}, set(maybe_holds)


def happened_by(
    earliest: pd.Series, latest: pd.Series, day: np.datetime64 | np.ndarray, *, undated: int | np.ndarray
) -> np.ndarray:
    """Tell whether an event has happened by the end of a day: NO, MAYBE or YES, row by row."""
    first, last = earliest.to_numpy(), latest.to_numpy()
    state = np.where(first > day, NO, np.where(last <= day, YES, MAYBE))
    return np.where(np.isnat(first) & np.isnat(last), undated, state)


def attributed(occupants: DataFrame[Occupancy], phases: Sequence[Phase]) -> Bounds:
    """Sum the area held in some phases, each premises once; the upper bound is unknown if one area is.

    Square metres.
    """
    rows = occupants[occupants["phase"].isin(phases) & (occupants["holds"] != "no")]
    low = rows.groupby("premises_id")["low_m2"].max().sum()
    unknown = rows["high_m2"].isna().any()
    high = None if unknown else float(rows.groupby("premises_id")["high_m2"].max().sum())
    return Bounds(float(low), high)


def stated_area_kinds(tenancies: pd.DataFrame, *, site_id: str) -> tuple[AreaKind, ...]:
    """Return the kinds of area that sources state for tenancies of a site, on any date; "not said" if there is none."""
    rows = tenancies[(tenancies["site_id"] == site_id) & tenancies["area_low_m2"].notna()]
    return tuple(kind for kind in AreaKind if kind in set(rows["area_kind"])) or (AreaKind.NOT_SAID,)


def published_bases(claims: DataFrame[Claims], *, site_id: str) -> list[Base]:
    """Return the published areas of a site, largest first; equal areas are one base."""
    rows = claims[
        (claims["site_id"] == site_id)
        & (claims["use"] == ClaimUse.BASE)
        & (claims["status"] == ClaimStatus.FOUND)
        & claims["unit"].isin(list(AREA_M2))
    ]
    claims_by_area: dict[tuple[float, str], list[tuple[str, str]]] = {}
    for claim_id, source_id, low, unit, kind in zip(
        rows["claim_id"],
        rows["source_id"],
        rows["low"],
        rows["unit"],
        rows["area_kind"],
        strict=True,
    ):
        claims_by_area.setdefault((to_m2(low, unit), kind), []).append((claim_id, source_id))
    return [
        Base(
            base_id=f"{m2:.0f}-{kind}",
            m2=m2,
            area_kind=kind,
            claims=tuple(claim for claim, _ in base_claims),
            sources=tuple(dict.fromkeys(source for _, source in base_claims)),
        )
        for (m2, kind), base_claims in sorted(claims_by_area.items(), key=lambda item: (-item[0][0], item[0][1]))
    ]


def rounding_bounds(text: str) -> Bounds:
    """Return the bounds of the values that round to `text`: half a unit of its last digit either way.

    >>> rounding_bounds("60")
    Bounds(low=59.5, high=60.5)
    >>> rounding_bounds("8,3").low
    8.25
    >>> rounding_bounds("2-3")
    Bounds(low=1.5, high=3.5)
    """
    first, _, last = "".join(text.split()).replace(",", ".").partition("-")
    return Bounds(float(first) - _half_last_digit(first), float(last or first) + _half_last_digit(last or first))


def _half_last_digit(plain: str) -> float:
    """Return half a unit of the last digit of a number."""
    return float(0.5 * 10.0 ** -len(plain.partition(".")[2]))


def needed_base(attributed_m2: float, share: Bounds) -> Bounds:
    """Return the area whose share, in percent, is the attributed area; square metres, unknown if none is attributed.

    >>> b = needed_base(50_910, Bounds(59.5, 60.5))
    >>> round(b.low), round(b.high)
    (84149, 85563)
    """
    if not attributed_m2 or share.low is None or share.high is None or share.high <= 0:
        return Bounds(None, None)
    return Bounds(attributed_m2 / (share.high / 100), attributed_m2 / (share.low / 100) if share.low > 0 else None)


def occupancy_figures(
    tenancies: DataFrame[Tenancies], claims: DataFrame[Claims], *, site_id: str, at: dt.date
) -> list[Figure]:
    """Compute all figures of a site on a date, each with its provenance.

    Returns
    -------
    figures
        Areas in square metres by kind of area, shares as ratios, the number of occupants, and the base that each
        published share of occupation implies. An unknown bound is `None`.
    """
    occupants = occupancy(tenancies, site_id=site_id, at=at)
    facts = tenancies.set_index("tenancy_id", drop=False)
    subject = figure_subject(site_id)
    kinds = stated_area_kinds(tenancies, site_id=site_id)

    def rows_of(held: pd.DataFrame) -> CitedRows:
        return cite_rows(tenancies=facts.loc[held["tenancy_id"]])

    def area(kind: FigureKind, phases: Sequence[Phase], of: AreaKind) -> Figure:
        holders_in_phases = occupants[occupants["phase"].isin(phases) & (occupants["holds"] != "no")]
        held = holders_in_phases[holders_in_phases["area_kind"] == of]
        assumption_flags = {
            LIST_INCOMPLETE: True,
            PREMISES_ONCE: True,
            AREA_UNKNOWN: bool(holders_in_phases["high_m2"].isna().any()),
            ANNOUNCED_COUNTS_FROM_FIRST_DAY: not {*TO_COME}.isdisjoint(phases),
        }
        # Occupants that no source names may exist: the upper bound is unknown.
        value = Bounds(attributed(held, phases).low, None)
        return kind.figure(
            subject, value, rows_of(held), at=at, detail=_kind_detail(of, kinds), assumes=assumption_flags
        )

    sums = {
        of: (
            area(IN_PLACE_M2, [Phase.IN_PLACE], of),
            area(TO_COME_M2, TO_COME, of),
            area(WITH_TO_COME_M2, [Phase.IN_PLACE, *TO_COME], of),
        )
        for of in kinds
    }
    # With several kinds, a kind without any holder today has no figure: a zero needs a source too.
    sums = {of: areas for of, areas in sums.items() if len(kinds) == 1 or areas[-1].rows}
    in_place = occupants[occupants["phase"] == Phase.IN_PLACE]
    figures = [figure for areas in sums.values() for figure in areas if len(kinds) == 1 or figure.rows]
    sure_occupants = facts.loc[in_place.loc[in_place["holds"] == "yes", "tenancy_id"], "establishment_id"].nunique()
    counted_rows = rows_of(in_place[in_place["holds"] != "no"])
    figures.append(
        OCCUPANTS_IN_PLACE.figure(
            subject, Bounds(float(sure_occupants), None), counted_rows, at=at, assumes=[LIST_INCOMPLETE]
        )
    )
    for base in published_bases(claims, site_id=site_id):
        for of, (in_place_area, _, with_to_come_area) in sums.items():
            if base_fits_kind(base.area_kind, of, kinds):
                detail = f":{base.base_id}{_kind_detail(of, kinds)}"
                figures += _base_figures(base, in_place_area, with_to_come_area, detail, mixed=of == AreaKind.NOT_SAID)
    return figures


def base_fits_kind(base: str, of: str, kinds: Sequence[str]) -> bool:
    """Tell whether areas of a kind may be divided by a base: same kind, or any base if no kind is stated.

    >>> base_fits_kind("floor", "floor", ["land", "floor"]), base_fits_kind("land", "floor", ["land", "floor"])
    (True, False)
    >>> base_fits_kind("land", "not_said", ["not_said"]), base_fits_kind("land", "not_said", ["floor", "not_said"])
    (True, False)
    """
    return base == of or list(kinds) == [AreaKind.NOT_SAID]


def _kind_detail(of: str, kinds: Sequence[str]) -> str:
    """Return the part of a figure's id that names the kind of its areas: empty if a site has one kind only."""
    return f":{of}" if len(kinds) > 1 else ""


def _base_figures(base: Base, in_place: Figure, both: Figure, detail: str, *, mixed: bool) -> list[Figure]:
    rows = CitedRows(tuple(row_name("claims", claim) for claim in base.claims), base.sources, Basis.STATED)

    def figure(kind: FigureKind, area: Figure, low: float | None, high: float | None) -> Figure:
        return kind.figure(
            area.subject,
            Bounds(low, high),
            rows,
            at=area.at,
            detail=detail,
            numerator=area.figure_id,
            denominator=rows.rows[0],
            assumes=(*([KIND_NOT_SAID] if mixed else []), *area.assumptions),
        )

    whole = Bounds.exactly(base.m2)
    return [
        figure(IN_PLACE_SHARE, in_place, (in_place.bounds / whole).low, None),
        figure(WITH_TO_COME_SHARE, both, (both.bounds / whole).low, None),
        figure(NOT_ATTRIBUTED_M2, in_place, None, max(base.m2 - (in_place.low or 0.0), 0.0)),
    ]


def needed_base_figures(
    claims: DataFrame[Claims], figures: Mapping[str, Figure], *, site_id: str, at: dt.date
) -> list[Figure]:
    """Compute the base that each share of occupation published for this date implies.

    Only claims dated in the month of `at` are used, and none whose source was not found again.
    """
    rows = claims[
        (claims["site_id"] == site_id)
        & (claims["use"] == ClaimUse.OCCUPIED_SHARE)
        & (claims["status"] == ClaimStatus.FOUND)
        & (claims["as_of"] == at.strftime("%Y-%m"))
    ]
    figures_found = []
    for claim_id, source_id, value in zip(rows["claim_id"], rows["source_id"], rows["value"], strict=True):
        claim = row_name("claims", claim_id)
        for kind, area_kind in ((NEEDED_BASE_M2, IN_PLACE_M2), (NEEDED_BASE_WITH_TO_COME_M2, WITH_TO_COME_M2)):
            id_prefix = area_kind.figure_id(figure_subject(site_id), at)
            for area in figures.values():
                id_tail = area.figure_id.removeprefix(id_prefix)
                if (
                    area.kind != area_kind.kind
                    or not area.figure_id.startswith(id_prefix)
                    or (id_tail and not area.low)
                ):
                    continue
                figures_found.append(
                    kind.figure(
                        area.subject,
                        needed_base(area.low or 0.0, rounding_bounds(value)),
                        CitedRows((claim,), (source_id,), area.basis),
                        at=at,
                        detail=f":{claim_id}{id_tail}",
                        numerator=area.figure_id,
                        denominator=claim,
                        assumes=(BASE_NOT_SAID, ROUNDING, *area.assumptions),
                    )
                )
    return figures_found


def site_occupancy_figures(
    tenancies: DataFrame[Tenancies], claims: DataFrame[Claims], *, site_id: str, at: dt.date
) -> list[Figure]:
    """Compute the figures of a site on a day, and the base that each share published for that day implies."""
    figures = occupancy_figures(tenancies, claims, site_id=site_id, at=at)
    by_id = {figure.figure_id: figure for figure in figures}
    return figures + needed_base_figures(claims, by_id, site_id=site_id, at=at)


def _compute(layers: MeasuredLayers, _: Mapping[str, Figure]) -> list[Figure]:
    """Compute the figures of all sites that have a page of their own or a tenancy."""
    shown = {*layers.focus.values()} & {*layers.sites["site_id"]}
    sites = sorted(shown | {*layers.tenancies["site_id"]})
    return [
        figure
        for site in sites
        for figure in site_occupancy_figures(layers.tenancies, layers.claims, site_id=site, at=layers.opening)
    ]


MEASURE: Final = Measure(
    name="occupancy",
    figures=(
        IN_PLACE_M2,
        TO_COME_M2,
        WITH_TO_COME_M2,
        IN_PLACE_SHARE,
        WITH_TO_COME_SHARE,
        NOT_ATTRIBUTED_M2,
        OCCUPANTS_IN_PLACE,
        NEEDED_BASE_M2,
        NEEDED_BASE_WITH_TO_COME_M2,
    ),
    assumptions=(
        LIST_INCOMPLETE,
        AREA_UNKNOWN,
        KIND_NOT_SAID,
        ANNOUNCED_COUNTS_FROM_FIRST_DAY,
        PREMISES_ONCE,
        ROUNDING,
        BASE_NOT_SAID,
    ),
    reads=("tenancies/area_m2", "tenancies/from", "tenancies/to", "tenancies/phase"),
    compute=_compute,
)
