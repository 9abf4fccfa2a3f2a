"""Search for plots or premises: which rows match, which may match, and why the others do not.

Each criterion answers yes, no or unknown for each row. A row matches if all criteria say yes. A single no eliminates
it. A row without a no and with at least one unknown is a "maybe", and the unknown criteria are listed. Unknown never
counts as no.

Distances are straight-line distances from the boundary of a plot to an access. If these cannot be measured, the
distance that a source states for the site applies; otherwise the distance is unknown (`plots.access_distances`).
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis import schemas
from gis.errors import Fault, SchemaError
from gis.folding import letters_and_digits
from gis.measures.fit import Placement, check_rectangle_sizes, fit_rectangle
from gis.measures.occupancy import premises_held
from gis.measures.plot_shape import AREA_TOLERANCE_M2
from gis.measures.plots import access_distances, buildable_ground, unbuilt_ground
from gis.measures.three_valued import kleene_and
from gis.measures.topology import layer_shapes
from gis.schemas import (
    NETWORKS,
    Accesses,
    AccessKind,
    Answer,
    Approaches,
    Buildings,
    Communes,
    Eliminations,
    Exclusions,
    Plots,
    Premises,
    Row,
    Sites,
    Tenancies,
    records,
)
from gis.units import M2_PER_HA

#: The reason why nothing can be searched.
NO_SHAPE: Final = "no data (shape not published)"
#: Decimals of hectares in comparisons and on pages: the tolerance of an area, 0.01 m².
HA_DIGITS: Final = 6
#: The words of an answer in records for other programs.
_WORDS: Final = {Answer.YES: "yes", Answer.UNKNOWN: "maybe", Answer.NO: "no"}
_REASONS: Final = {Answer.YES: "yes", Answer.UNKNOWN: "unknown", Answer.NO: "no"}
#: Units that may follow a range, with their value in the unit of the criterion.
_UNITS: Final[Mapping[str, Mapping[str, float]]] = {
    "km": {"km": 1.0, "m": 0.001},
    "ha": {"ha": 1.0, "m2": 1 / M2_PER_HA},
    "m2": {"m2": 1.0},
    "m": {"m": 1.0},
    "EUR/m2": {"EUR/m2": 1.0},
    "kW": {"kW": 1.0},
}


@dataclass(frozen=True, slots=True)
class Between:
    """A requested range: at least, at most, or both; `None` sets no limit."""

    low: float | None
    high: float | None
    unit: str

    @classmethod
    def parse(cls, text: str, unit: str, what: str) -> Self:
        """Parse a range: `3..`, `..2km` or `3..5`, with a decimal point or comma.

        Raises
        ------
        SchemaError
            If the text is not a range; the message names the criterion `what`.

        Examples
        --------
        >>> Between.parse("..800m", "km", "to-motorway")
        Between(low=None, high=0.8, unit='km')
        >>> Between.parse("5", "ha", "ha")
        Traceback (most recent call last):
        gis.errors.SchemaError: ha: `5` is one number. Write 5.. for at least, ..5 for at most.
        """
        number = r"\d{1,15}(?:[.,]\d{1,15})?"
        units = "|".join(re.escape(each) for each in _UNITS[unit])
        range_match = re.fullmatch(
            rf"({number})?\s*({units})?\s*\.\.\s*({number})?\s*({units})?", text.strip(), re.ASCII
        )
        if (
            range_match is None
            or range_match[1] is range_match[3] is None
            or (range_match[2] and not range_match[1])
            or (range_match[4] and not range_match[3])
        ):
            is_one_number = re.fullmatch(number, text.strip(), re.ASCII)
            complaint = f"`{text}` is {'one number' if is_one_number else 'no range'}."
            example = text.strip() if is_one_number else "3"
            fault = Fault("", complaint, f"Write {example}.. for at least, ..{example} for at most.")
            raise SchemaError.of(what, [fault])
        last = range_match[4] or range_match[2] or unit
        low, high = (
            float(value.replace(",", ".")) * _UNITS[unit][name] if value else None
            for value, name in ((range_match[1], range_match[2] or last), (range_match[3], last))
        )
        if low is not None and high is not None and low > high:
            raise SchemaError.of(what, [Fault("", f"`{text}` runs backwards.", "Write the smaller number first.")])
        return cls(low, high, unit)

    def holds(self, values: Any, slack: float = 0.0) -> np.ndarray:
        """Return the answer for each number; NaN is unknown."""
        numbers = np.asarray(values, dtype=float)
        low = -np.inf if self.low is None else self.low - slack
        high = np.inf if self.high is None else self.high + slack
        return _answers_where_known((numbers >= low) & (numbers <= high), ~np.isnan(numbers))

    def __str__(self) -> str:
        low, high = ("" if bound is None else f"{bound:g}" for bound in (self.low, self.high))
        return f"{low}..{high} {self.unit}"


def _answers_where_known(yes: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return answers from flags: yes or no where the value is known, unknown elsewhere."""
    return np.where(known, np.where(yes, Answer.YES, Answer.NO), Answer.UNKNOWN).astype(object)


def parse_rectangle(text: str) -> tuple[float, float]:
    """Parse the sides of a rectangle in metres.

    >>> parse_rectangle("120x80"), parse_rectangle("62,5 × 30")
    ((120.0, 80.0), (62.5, 30.0))
    """
    sides_match = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*[x×X*]\s*(\d+(?:[.,]\d+)?)", text.strip(), re.ASCII)
    if sides_match is None:
        raise SchemaError.of("fit", [Fault("", f"`{text}` is no rectangle.", "Write its sides in metres, as 120x80.")])
    a, b = (float(side.replace(",", ".")) for side in sides_match.groups())
    check_rectangle_sizes(a, b)
    return a, b


def parse_networks(text: str) -> tuple[str, ...]:
    """Parse the names of networks, separated by commas.

    >>> parse_networks("gas, fibre")
    ('gas', 'fibre')
    """
    names = [name.strip() for name in text.split(",")]
    known_networks = f"Known: {', '.join(NETWORKS)}."
    faults = [Fault("", f"`{name}` is no network.", known_networks) for name in names if name not in NETWORKS]
    if faults:
        raise SchemaError.of("networks", faults)
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class PlaceAsked:
    """Criteria of location and services that apply to plots and to premises."""

    to: Mapping[AccessKind, Between] = field(default_factory=dict)
    commune: str = ""
    networks: tuple[str, ...] = ()
    power: Between | None = None


@dataclass(frozen=True, slots=True)
class PlotsAsked:
    """Criteria of a search for plots; an empty one does not apply."""

    place: PlaceAsked = PlaceAsked()
    ha: Between | None = None
    rectangle: tuple[float, float] | None = None
    setback_m: float = 0.0
    serviced: bool = False
    unbuilt: bool = False
    vocation: str = ""
    price: Between | None = None


@dataclass(frozen=True, slots=True)
class PremisesAsked:
    """Criteria of a search for premises; an empty one does not apply."""

    place: PlaceAsked = PlaceAsked()
    floor: Between | None = None
    height: Between | None = None
    docks: bool = False
    rent: Between | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """Layers that a search needs besides the rows searched, in the same CRS."""

    sites: GeoDataFrame[Sites]
    communes: GeoDataFrame[Communes]
    accesses: GeoDataFrame[Accesses]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion, and its answer for each row."""

    name: str
    asked: str
    answers: np.ndarray


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Result of a search: `rows` in the order given, `ranked` their positions, best first.

    `answers` combines the criteria for each row. `placements` are the rectangles that fit, by position. `reached` are
    the distances to accesses.
    """

    key: str
    rows: gpd.GeoDataFrame
    criteria: tuple[Criterion, ...]
    answers: np.ndarray
    placements: Mapping[int, Placement]
    reached: DataFrame[Approaches]
    ranked: tuple[int, ...]

    def those(self, answer: Answer) -> list[int]:
        """Return the positions of the rows with an answer, best first."""
        return [n for n in self.ranked if self.answers[n] == answer]

    def says(self, row: int, answer: Answer) -> list[str]:
        """Return the names of the criteria with an answer for a row: those that eliminate it, or that are unknown."""
        return [criterion.name for criterion in self.criteria if criterion.answers[row] == answer]

    @property
    def eliminations(self) -> DataFrame[Eliminations]:
        """Number of rows that each criterion eliminates, alone and after the criteria before it."""
        rows, still_in = [], np.ones(len(self.rows), dtype=bool)
        for criterion in self.criteria:
            answers_no = criterion.answers == Answer.NO
            newly_eliminated = still_in & answers_no
            still_in = still_in & ~answers_no
            rows.append(
                {
                    "criterion": criterion.name,
                    "asked": criterion.asked,
                    "alone": int(answers_no.sum()),
                    "in_sequence": int(newly_eliminated.sum()),
                    "left": int(still_in.sum()),
                    "unknown": int((criterion.answers == Answer.UNKNOWN).sum()),
                }
            )
        return schemas.frame(rows, Eliminations)


# --- the two searches -------------------------------------------------------------------------------------------------


def find_plots(
    plots: GeoDataFrame[Plots],
    exclusions: GeoDataFrame[Exclusions],
    asked: PlotsAsked,
    setting: Setting,
    buildings: GeoDataFrame[Buildings] | None = None,
) -> SearchResult:
    """Search for plots.

    Parameters
    ----------
    plots
        As returned by `gis.measures.plots.assemble_plots`.
    exclusions
        Removed before a rectangle is placed; the setback is kept from the boundary of what is left.
    asked, setting
        The criteria, and the layers around the plots. All layers are in one CRS in metres.
    buildings
        No rectangle is placed over a building; the setback does not apply to buildings.

    Returns
    -------
    found
        Criteria in this order: available, ha, fit, unbuilt, serviced, networks, power, to-…, vocation, commune, price.
        Hectares are those that exclusions leave. Ranking: found, maybe, eliminated; then fewer unknowns; then nearer,
        if a distance is requested; then larger.

    Raises
    ------
    SchemaError
        If a size is not valid, or the commune is not known.
    """
    reached = access_distances(plots, "plot_id", setting.accesses, setting.sites)
    placements: dict[int, Placement] = {}
    criteria = [Criterion("available", "oui", _column_answers(plots["available"]))]
    if asked.ha:
        slack = AREA_TOLERANCE_M2 / M2_PER_HA
        criteria.append(Criterion("ha", str(asked.ha), asked.ha.holds(plots["left_ha"].round(HA_DIGITS), slack)))
    if asked.rectangle:
        a, b = asked.rectangle
        check_rectangle_sizes(a, b, setback_m=asked.setback_m)
        answers, placements = _rectangle_placements(
            unbuilt_ground(buildable_ground(plots, exclusions), buildings), a, b, asked.setback_m
        )
        criteria.append(Criterion("fit", f"{a:g} × {b:g} m, {asked.setback_m:g} m from the border", answers))
    if asked.unbuilt:
        footprint_m2 = plots["built_m2"].to_numpy(dtype=float)
        criteria.append(Criterion("unbuilt", "oui", _answers_where_known(footprint_m2 == 0, ~np.isnan(footprint_m2))))
    if asked.serviced:
        criteria.append(Criterion("serviced", "oui", _column_answers(plots["serviced"])))
    sites_of_plots = plots["site_ids"].str.split("|").tolist()
    criteria += _place_criteria(asked.place, sites_of_plots, plots["power_kw"], reached, setting)
    if asked.vocation:
        plot_vocations, vocation_letters = vocations_of_plots(plots, setting.sites), letters_and_digits(asked.vocation)
        has_vocation = np.array(
            [any(vocation_letters in letters_and_digits(word) for word in words) for words in plot_vocations],
            dtype=bool,
        )
        vocation_known = np.array([bool(words) for words in plot_vocations], dtype=bool)
        criteria.append(Criterion("vocation", asked.vocation, _answers_where_known(has_vocation, vocation_known)))
    if asked.price:
        low, high = asked.price.holds(plots["price_low_eur_m2"]), asked.price.holds(plots["price_high_eur_m2"])
        criteria.append(Criterion("price", str(asked.price), _joined_answers([low, high])))
    return _ranked_result("plot_id", plots, criteria, placements, reached, asked.place, plots["left_ha"])


def find_premises(
    premises: GeoDataFrame[Premises],
    tenancies: DataFrame[Tenancies],
    asked: PremisesAsked,
    setting: Setting,
    *,
    at: dt.date,
) -> SearchResult:
    """Search for premises.

    Premises that a tenancy holds on the day are not available, unless a later date of availability is stated. Other
    premises are available if a source states that they are vacant, a date of availability, or a rent. Otherwise their
    availability is unknown, as it is if a tenancy may hold them.

    Returns
    -------
    found
        Criteria in this order: available, floor, height, docks, networks, power, to-…, commune, rent. Ranked like
        plots, by floor area.
    """
    reached = access_distances(premises, "premises_id", setting.accesses, setting.sites)
    criteria = [Criterion("available", at.isoformat(), premises_available(premises, tenancies, at))]
    for name, between, column in (("floor", asked.floor, "floor_m2"), ("height", asked.height, "height_m")):
        if between:
            criteria.append(Criterion(name, str(between), between.holds(premises[column])))
    if asked.docks:
        docks = premises["docks"].to_numpy(dtype=float)
        criteria.append(Criterion("docks", "1..", _answers_where_known(docks >= 1, ~np.isnan(docks))))
    sites_of_premises = [[site] for site in premises["site_id"]]
    criteria += _place_criteria(asked.place, sites_of_premises, premises["power_kw"], reached, setting)
    if asked.rent:
        criteria.append(Criterion("rent", str(asked.rent), asked.rent.holds(premises["rent_eur_m2"])))
    return _ranked_result("premises_id", premises, criteria, {}, reached, asked.place, premises["floor_m2"])


def _ranked_result(  # noqa: PLR0913, PLR0917  (what both searches end with)
    key: str,
    rows: gpd.GeoDataFrame,
    criteria: list[Criterion],
    placements: Mapping[int, Placement],
    reached: DataFrame[Approaches],
    place: PlaceAsked,
    size: "pd.Series[float]",
) -> SearchResult:
    answers = _joined_answers([criterion.answers for criterion in criteria])
    unknown_count = sum((criterion.answers == Answer.UNKNOWN).astype(int) for criterion in criteria)
    total_km = np.zeros(len(rows))
    for kind in place.to:
        total_km = total_km + np.nan_to_num(_kilometres_to(reached, kind), nan=np.inf)
    answer_order = [Answer.YES, Answer.UNKNOWN, Answer.NO]
    rank = np.array([answer_order.index(answer) for answer in answers], dtype=int)
    sizes = size.fillna(-1.0).to_numpy(dtype=float)
    ranked = tuple(np.lexsort((np.arange(len(rows)), -sizes, total_km, unknown_count, rank)).tolist())
    return SearchResult(key, rows, tuple(criteria), answers, placements, reached, ranked)


# --- the criteria -----------------------------------------------------------------------------------------------------


def _column_answers(column: "pd.Series[str]") -> np.ndarray:
    """Return a column of answers as an array; an empty value is unknown."""
    return np.array([Answer(word or Answer.UNKNOWN) for word in column], dtype=object)


def _joined_answers(answers: Sequence[np.ndarray]) -> np.ndarray:
    """Combine answers row by row: a no decides, then an unknown."""
    joined = np.empty(len(answers[0]), dtype=object)
    joined[:] = [kleene_and(row) for row in zip(*answers, strict=True)]
    return joined


def _rectangle_placements(
    left: np.ndarray, a: float, b: float, setback_m: float
) -> tuple[np.ndarray, dict[int, Placement]]:
    """Place a rectangle in what is left of each plot; return the answers and the placements by position."""
    has_shape = ~shapely.is_missing(left)
    rows_with_ground = np.flatnonzero(has_shape & ~shapely.is_empty(left)).tolist()
    placement_by_row = {n: fit_rectangle(left[n], a, b, setback_m=setback_m) for n in rows_with_ground}
    placements = {n: placement for n, placement in placement_by_row.items() if placement is not None}
    return _answers_where_known(np.isin(np.arange(len(left)), list(placements)), has_shape), placements


def _place_criteria(
    place: PlaceAsked,
    within: Sequence[Sequence[str]],
    power: "pd.Series[float]",
    reached: DataFrame[Approaches],
    setting: Setting,
) -> list[Criterion]:
    """Return the criteria that apply to plots and to premises."""
    sites = {row["site_id"]: row for row in records(pd.DataFrame(setting.sites.drop(columns="geometry")))}
    criteria = []
    if place.networks:
        place_answers = [
            kleene_and(Answer(sites[site][name] or Answer.UNKNOWN) for site in site_ids for name in place.networks)
            for site_ids in within
        ]
        criteria.append(Criterion("networks", ", ".join(place.networks), np.array(place_answers, dtype=object)))
    if place.power:
        criteria.append(Criterion("power", str(place.power), place.power.holds(power)))
    for kind, between in place.to.items():
        criteria.append(
            Criterion(f"to-{access_word(kind)}", str(between), between.holds(_kilometres_to(reached, kind)))
        )
    if place.commune:
        code = commune_code_of_text(place.commune, setting.communes)
        place_answers = [in_commune([sites[site]["insee"] for site in site_ids])(code) for site_ids in within]
        criteria.append(Criterion("commune", place.commune, np.array(place_answers, dtype=object)))
    return criteria


def access_word(kind: AccessKind) -> str:
    """Return the name of a kind of access as used in searches.

    >>> access_word(AccessKind.MOTORWAY_EXIT), access_word(AccessKind.FREIGHT_STATION)
    ('motorway', 'freight-station')
    """
    return kind.value.removesuffix("_exit").replace("_", "-")


def _kilometres_to(reached: DataFrame[Approaches], kind: AccessKind) -> np.ndarray:
    return reached.loc[reached["access_kind"] == kind, "km"].to_numpy(dtype=float)


@dataclass(frozen=True, slots=True)
class InCommune:
    """Whether land is in a commune: the answer for the communes it may lie in, by INSEE code, and for all others."""

    there: Mapping[str, Answer]
    elsewhere: Answer

    def __call__(self, code: str) -> Answer:
        """Return the answer for a commune, by INSEE code."""
        return self.there.get(code, self.elsewhere)


def in_commune(insee: Iterable[str]) -> InCommune:
    """Return in which communes land lies, by those of its sites; a site in several communes gives unknown.

    >>> one, two, none = in_commune(["99001"]), in_commune(["99001|99002"]), in_commune([""])
    >>> [str(each("99001")) for each in (one, two, none)], [str(each("99003")) for each in (one, two, none)]
    (['oui', 'inconnu', 'inconnu'], ['non', 'non', 'inconnu'])
    """
    codes = sorted({each for text in insee for each in text.split("|") if each})
    if not codes:
        return InCommune({}, Answer.UNKNOWN)
    return InCommune(dict.fromkeys(codes, Answer.YES if len(codes) == 1 else Answer.UNKNOWN), Answer.NO)


def commune_code_of_text(text: str, communes: GeoDataFrame[Communes]) -> str:
    """Return the INSEE code of a commune given by code or name; accents and case are ignored.

    Raises
    ------
    SchemaError
        If no commune matches, or several do.
    """
    text_letters = letters_and_digits(text)
    names = zip(communes["insee"], communes["commune_name"], strict=True)
    codes = [code for code, name in names if text_letters in {letters_and_digits(code), letters_and_digits(name)}]
    if len(codes) == 1:
        return str(codes[0])
    known_names = ", ".join(communes["commune_name"])
    complaint = f"`{text}` is no commune of the territory." if not codes else f"`{text}` is {len(codes)} communes."
    raise SchemaError.of(
        "commune", [Fault("", complaint, f"Known: {known_names}." if not codes else "Give its INSEE code.")]
    )


def vocations_of_plots(plots: GeoDataFrame[Plots], sites: GeoDataFrame[Sites]) -> list[list[str]]:
    """Return the vocations of each plot: those of its terrains, or those of its sites if the terrains state none."""
    vocation_by_site = dict(zip(sites["site_id"], sites["vocation"], strict=True))
    vocation_texts = [
        terrain_words or "|".join(vocation_by_site[site] for site in within.split("|"))
        for terrain_words, within in zip(plots["vocation"], plots["site_ids"], strict=True)
    ]
    return [list(dict.fromkeys(word for word in text.split("|") if word)) for text in vocation_texts]


def premises_available(premises: GeoDataFrame[Premises], tenancies: DataFrame[Tenancies], at: dt.date) -> np.ndarray:
    """Tell which premises are available: without a known occupant, only if a source says so."""
    held_for_sure, maybe_held = (
        premises["premises_id"].isin(list(premises_ids)).to_numpy() for premises_ids in premises_held(tenancies, at=at)
    )
    is_free_later = (premises["available_from"] > pd.Timestamp(at)).to_numpy()
    is_offered = premises[["vacant_since", "available_from", "rent_eur_m2"]].notna().any(axis=1).to_numpy()
    return _answers_where_known(
        np.where(held_for_sure, is_free_later, is_offered), held_for_sure | (is_offered & ~maybe_held)
    )


# --- records for other programs ---------------------------------------------------------------------------------------


def search_record(found: SearchResult) -> Row:
    """Return a search as plain values for other programs; keys and words are stable between editions.

    Returns
    -------
    record
        `criteria`: what each one eliminates, alone and in sequence. `found`: one record per row, best first, with
        `answer` (yes, maybe, no), `reasons` (criterion → yes, no, unknown), `eliminated_by` and `unknown` (names of
        criteria), `rectangle` (a, b, centre, angle_deg, corners, in the CRS of the territory) or `null`, `distances`
        (kind → km, approach, access_id), `crs`, and the columns of the layer; an unknown value is `null`.
    """
    distances: dict[str, dict[str, Row]] = {}
    for row in records(found.reached):
        by_kind = distances.setdefault(row["subject"], {})
        by_kind[row["access_kind"]] = {name: _json_value(row[name]) for name in ("km", "approach", "access_id")}
    rows = records(pd.DataFrame(found.rows.drop(columns="geometry")))
    centroids = shapely.centroid(layer_shapes(found.rows))
    result_rows = []
    for n in found.ranked:
        placement = found.placements.get(n)
        result_rows.append(
            {
                **{name: _json_value(value) for name, value in rows[n].items()},
                "answer": _WORDS[found.answers[n]],
                "reasons": {each.name: _REASONS[each.answers[n]] for each in found.criteria},
                "eliminated_by": found.says(n, Answer.NO),
                "unknown": found.says(n, Answer.UNKNOWN),
                "rectangle": placement
                and {
                    "a": placement.a,
                    "b": placement.b,
                    "centre": list(placement.centre),
                    "angle_deg": placement.angle_deg,
                    "corners": [list(corner) for corner in placement.corners],
                },
                "middle": None if centroids[n] is None else [centroids[n].x, centroids[n].y],
                "distances": distances.get(str(rows[n][found.key]), {}),
            }
        )
    return {"criteria": records(found.eliminations), "found": result_rows}


def _json_value(value: Any) -> Any:
    """Return a value that JSON can hold; unknown is `None`."""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float) and np.isnan(value):
        return None
    return None if value is pd.NaT else value
