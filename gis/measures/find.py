"""A search among plots or premises: what is found, what may be, and why the rest is not.

Each criterion answers yes, no or unknown for each row, and a row is found where all say yes. One no eliminates it;
without a no, an unknown leaves it a maybe, with what is not known. Nothing unknown is ever read as no.

Distances are measured as the crow flies, from the border of a plot to an access; where that cannot be, the distance
that a source states for the site is taken; else they are unknown (`plots.approaches`).
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
from gis.folding import letters
from gis.measures.fit import Placement, check_sizes, fit
from gis.measures.occupancy import premises_held
from gis.measures.plot_shape import AREA_TOLERANCE_M2
from gis.measures.plots import approaches, buildable, free
from gis.measures.three_valued import every
from gis.measures.topology import shapes_of
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

#: Why nothing can be searched.
NO_SHAPE: Final = "no data (shape not published)"
#: Decimals of hectares that a search compares, and a page carries: the slack of an area, 0.01 m².
HA_DIGITS: Final = 6
#: The words of an answer for programs.
_WORDS: Final = {Answer.YES: "yes", Answer.UNKNOWN: "maybe", Answer.NO: "no"}
_REASONS: Final = {Answer.YES: "yes", Answer.UNKNOWN: "unknown", Answer.NO: "no"}
#: Units that may follow a range, and how many of its own unit each is.
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
    """What is asked of a number: at least, at most, or both; `None` asks nothing."""

    low: float | None
    high: float | None
    unit: str

    @classmethod
    def parse(cls, text: str, unit: str, what: str) -> Self:
        """Read a range: `3..`, `..2km` or `3..5`, with a decimal point or comma.

        Raises
        ------
        SchemaError
            If it is none, naming `what` it is asked of.

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
        found = re.fullmatch(rf"({number})?\s*({units})?\s*\.\.\s*({number})?\s*({units})?", text.strip(), re.ASCII)
        if found is None or found[1] is found[3] is None or (found[2] and not found[1]) or (found[4] and not found[3]):
            alone = re.fullmatch(number, text.strip(), re.ASCII)
            wrong = f"`{text}` is {'one number' if alone else 'no range'}."
            example = text.strip() if alone else "3"
            fault = Fault("", wrong, f"Write {example}.. for at least, ..{example} for at most.")
            raise SchemaError.of(what, [fault])
        last = found[4] or found[2] or unit
        low, high = (
            float(value.replace(",", ".")) * _UNITS[unit][name] if value else None
            for value, name in ((found[1], found[2] or last), (found[3], last))
        )
        if low is not None and high is not None and low > high:
            raise SchemaError.of(what, [Fault("", f"`{text}` runs backwards.", "Write the smaller number first.")])
        return cls(low, high, unit)

    def holds(self, values: Any, slack: float = 0.0) -> np.ndarray:
        """Answer for each number; NaN is unknown."""
        numbers = np.asarray(values, dtype=float)
        low = -np.inf if self.low is None else self.low - slack
        high = np.inf if self.high is None else self.high + slack
        return _answers((numbers >= low) & (numbers <= high), ~np.isnan(numbers))

    def __str__(self) -> str:
        low, high = ("" if bound is None else f"{bound:g}" for bound in (self.low, self.high))
        return f"{low}..{high} {self.unit}"


def _answers(yes: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Make answers of what holds where it is known."""
    return np.where(known, np.where(yes, Answer.YES, Answer.NO), Answer.UNKNOWN).astype(object)


def parse_rectangle(text: str) -> tuple[float, float]:
    """Read the sides of a rectangle in metres.

    >>> parse_rectangle("120x80"), parse_rectangle("62,5 × 30")
    ((120.0, 80.0), (62.5, 30.0))
    """
    found = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*[x×X*]\s*(\d+(?:[.,]\d+)?)", text.strip(), re.ASCII)
    if found is None:
        raise SchemaError.of("fit", [Fault("", f"`{text}` is no rectangle.", "Write its sides in metres, as 120x80.")])
    a, b = (float(side.replace(",", ".")) for side in found.groups())
    check_sizes(a, b)
    return a, b


def parse_networks(text: str) -> tuple[str, ...]:
    """Read the names of networks, a comma between two.

    >>> parse_networks("gas, fibre")
    ('gas', 'fibre')
    """
    names = [name.strip() for name in text.split(",")]
    known = f"Known: {', '.join(NETWORKS)}."
    faults = [Fault("", f"`{name}` is no network.", known) for name in names if name not in NETWORKS]
    if faults:
        raise SchemaError.of("networks", faults)
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class PlaceAsked:
    """What is asked of a place, of plots and premises alike."""

    to: Mapping[AccessKind, Between] = field(default_factory=dict)
    commune: str = ""
    networks: tuple[str, ...] = ()
    power: Between | None = None


@dataclass(frozen=True, slots=True)
class PlotsAsked:
    """What is asked of plots; what is left empty is not asked."""

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
    """What is asked of premises; what is left empty is not asked."""

    place: PlaceAsked = PlaceAsked()
    floor: Between | None = None
    height: Between | None = None
    docks: bool = False
    rent: Between | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What a search reads beside the rows it searches, in their CRS."""

    sites: GeoDataFrame[Sites]
    communes: GeoDataFrame[Communes]
    accesses: GeoDataFrame[Accesses]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing asked, and the answer of each row."""

    name: str
    asked: str
    answers: np.ndarray


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A search and its answers: `rows` in the order given, `ranked` the positions of them, the best first.

    `answers` joins the criteria for each row. `placements` has where the rectangle fits. `reached` are the distances.
    """

    key: str
    rows: gpd.GeoDataFrame
    criteria: tuple[Criterion, ...]
    answers: np.ndarray
    placements: Mapping[int, Placement]
    reached: DataFrame[Approaches]
    ranked: tuple[int, ...]

    def those(self, answer: Answer) -> list[int]:
        """Return the positions of the rows with an answer, the best first."""
        return [n for n in self.ranked if self.answers[n] == answer]

    def says(self, row: int, answer: Answer) -> list[str]:
        """Name the criteria that give a row an answer: why it is eliminated, or what is not known of it."""
        return [criterion.name for criterion in self.criteria if criterion.answers[row] == answer]

    @property
    def eliminations(self) -> DataFrame[Eliminations]:
        """What each criterion eliminates, alone and after those before it."""
        rows, left = [], np.ones(len(self.rows), dtype=bool)
        for criterion in self.criteria:
            against = criterion.answers == Answer.NO
            gone = left & against
            left = left & ~against
            rows.append(
                {
                    "criterion": criterion.name,
                    "asked": criterion.asked,
                    "alone": int(against.sum()),
                    "in_sequence": int(gone.sum()),
                    "left": int(left.sum()),
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
    """Search plots.

    Parameters
    ----------
    plots
        As `gis.measures.plots.plots` assembles them.
    exclusions
        What is taken away before a rectangle is tried; its setback is kept from the border of what is left.
    asked, setting
        What is asked, and where the plots are. All layers are in one CRS in metres.
    buildings
        No rectangle is placed over one of them; the setback is not kept from them.

    Returns
    -------
    found
        Criteria in this order: available, ha, fit, unbuilt, serviced, networks, power, to-…, vocation, commune, price.
        Hectares are those that exclusions leave. Ranked: found, maybe, eliminated; then with fewer unknowns; then
        nearer, if
        a distance is asked; then larger.

    Raises
    ------
    SchemaError
        If a size is none, or the commune is not known.
    """
    reached = approaches(plots, "plot_id", setting.accesses, setting.sites)
    placements: dict[int, Placement] = {}
    criteria = [Criterion("available", "oui", _words(plots["available"]))]
    if asked.ha:
        slack = AREA_TOLERANCE_M2 / M2_PER_HA
        criteria.append(Criterion("ha", str(asked.ha), asked.ha.holds(plots["left_ha"].round(HA_DIGITS), slack)))
    if asked.rectangle:
        a, b = asked.rectangle
        check_sizes(a, b, setback_m=asked.setback_m)
        answers, placements = _placed(free(buildable(plots, exclusions), buildings), a, b, asked.setback_m)
        criteria.append(Criterion("fit", f"{a:g} × {b:g} m, {asked.setback_m:g} m from the border", answers))
    if asked.unbuilt:
        built = plots["built_m2"].to_numpy(dtype=float)
        criteria.append(Criterion("unbuilt", "oui", _answers(built == 0, ~np.isnan(built))))
    if asked.serviced:
        criteria.append(Criterion("serviced", "oui", _words(plots["serviced"])))
    within = plots["site_ids"].str.split("|").tolist()
    criteria += _of_the_place(asked.place, within, plots["power_kw"], reached, setting)
    if asked.vocation:
        meant, wanted = meant_for(plots, setting.sites), letters(asked.vocation)
        said = np.array([any(wanted in letters(word) for word in words) for words in meant], dtype=bool)
        known = np.array([bool(words) for words in meant], dtype=bool)
        criteria.append(Criterion("vocation", asked.vocation, _answers(said, known)))
    if asked.price:
        low, high = asked.price.holds(plots["price_low_eur_m2"]), asked.price.holds(plots["price_high_eur_m2"])
        criteria.append(Criterion("price", str(asked.price), _all([low, high])))
    return _found("plot_id", plots, criteria, placements, reached, asked.place, plots["left_ha"])


def find_premises(
    premises: GeoDataFrame[Premises],
    tenancies: DataFrame[Tenancies],
    asked: PremisesAsked,
    setting: Setting,
    *,
    at: dt.date,
) -> SearchResult:
    """Search premises.

    Those that a tenancy holds on the day cannot be had, unless a later day is given from which they can. Others can
    where a source says that they are vacant, from when they can be had, or for what rent; else nobody said, and the
    same where a tenancy may hold them.

    Returns
    -------
    found
        Criteria in this order: available, floor, height, docks, networks, power, to-…, commune, rent. Ranked as plots
        are, by floor area.
    """
    reached = approaches(premises, "premises_id", setting.accesses, setting.sites)
    criteria = [Criterion("available", at.isoformat(), premises_available(premises, tenancies, at))]
    for name, between, column in (("floor", asked.floor, "floor_m2"), ("height", asked.height, "height_m")):
        if between:
            criteria.append(Criterion(name, str(between), between.holds(premises[column])))
    if asked.docks:
        docks = premises["docks"].to_numpy(dtype=float)
        criteria.append(Criterion("docks", "1..", _answers(docks >= 1, ~np.isnan(docks))))
    within = [[site] for site in premises["site_id"]]
    criteria += _of_the_place(asked.place, within, premises["power_kw"], reached, setting)
    if asked.rent:
        criteria.append(Criterion("rent", str(asked.rent), asked.rent.holds(premises["rent_eur_m2"])))
    return _found("premises_id", premises, criteria, {}, reached, asked.place, premises["floor_m2"])


def _found(  # noqa: PLR0913, PLR0917  (what both searches end with)
    key: str,
    rows: gpd.GeoDataFrame,
    criteria: list[Criterion],
    placements: Mapping[int, Placement],
    reached: DataFrame[Approaches],
    place: PlaceAsked,
    size: "pd.Series[float]",
) -> SearchResult:
    answers = _all([criterion.answers for criterion in criteria])
    unknown = sum((criterion.answers == Answer.UNKNOWN).astype(int) for criterion in criteria)
    away = np.zeros(len(rows))
    for kind in place.to:
        away = away + np.nan_to_num(_km(reached, kind), nan=np.inf)
    order = [Answer.YES, Answer.UNKNOWN, Answer.NO]
    rank = np.array([order.index(answer) for answer in answers], dtype=int)
    large = size.fillna(-1.0).to_numpy(dtype=float)
    ranked = tuple(np.lexsort((np.arange(len(rows)), -large, away, unknown, rank)).tolist())
    return SearchResult(key, rows, tuple(criteria), answers, placements, reached, ranked)


# --- the criteria -----------------------------------------------------------------------------------------------------


def _words(column: "pd.Series[str]") -> np.ndarray:
    """Read a column of answers; nothing is unknown."""
    return np.array([Answer(word or Answer.UNKNOWN) for word in column], dtype=object)


def _all(answers: Sequence[np.ndarray]) -> np.ndarray:
    """Join answers row by row: a no decides, then an unknown."""
    joined = np.empty(len(answers[0]), dtype=object)
    joined[:] = [every(row) for row in zip(*answers, strict=True)]
    return joined


def _placed(left: np.ndarray, a: float, b: float, setback_m: float) -> tuple[np.ndarray, dict[int, Placement]]:
    """Try a rectangle in what is left of each plot."""
    there = ~shapely.is_missing(left)
    some = np.flatnonzero(there & ~shapely.is_empty(left)).tolist()
    tried = {n: fit(left[n], a, b, setback_m=setback_m) for n in some}
    placements = {n: placement for n, placement in tried.items() if placement is not None}
    return _answers(np.isin(np.arange(len(left)), list(placements)), there), placements


def _of_the_place(
    place: PlaceAsked,
    within: Sequence[Sequence[str]],
    power: "pd.Series[float]",
    reached: DataFrame[Approaches],
    setting: Setting,
) -> list[Criterion]:
    """Ask what is asked of plots and premises alike."""
    sites = {row["site_id"]: row for row in records(pd.DataFrame(setting.sites.drop(columns="geometry")))}
    criteria = []
    if place.networks:
        said = [
            every(Answer(sites[site][name] or Answer.UNKNOWN) for site in own for name in place.networks)
            for own in within
        ]
        criteria.append(Criterion("networks", ", ".join(place.networks), np.array(said, dtype=object)))
    if place.power:
        criteria.append(Criterion("power", str(place.power), place.power.holds(power)))
    for kind, between in place.to.items():
        criteria.append(Criterion(f"to-{access_word(kind)}", str(between), between.holds(_km(reached, kind))))
    if place.commune:
        code = commune_code(place.commune, setting.communes)
        said = [in_commune([sites[site]["insee"] for site in own])(code) for own in within]
        criteria.append(Criterion("commune", place.commune, np.array(said, dtype=object)))
    return criteria


def access_word(kind: AccessKind) -> str:
    """Name a kind of access as a search does.

    >>> access_word(AccessKind.MOTORWAY_EXIT), access_word(AccessKind.FREIGHT_STATION)
    ('motorway', 'freight-station')
    """
    return kind.value.removesuffix("_exit").replace("_", "-")


def _km(reached: DataFrame[Approaches], kind: AccessKind) -> np.ndarray:
    return reached.loc[reached["access_kind"] == kind, "km"].to_numpy(dtype=float)


@dataclass(frozen=True, slots=True)
class InCommune:
    """Whether ground is in a commune: the answer for those that it may lie in, by INSEE code, and for all others."""

    there: Mapping[str, Answer]
    elsewhere: Answer

    def __call__(self, code: str) -> Answer:
        """Say whether the ground is in a commune."""
        return self.there.get(code, self.elsewhere)


def in_commune(insee: Iterable[str]) -> InCommune:
    """Say in which communes ground is, by those of its sites; of a site in several ones nobody knows which part.

    >>> one, two, none = in_commune(["99001"]), in_commune(["99001|99002"]), in_commune([""])
    >>> [str(each("99001")) for each in (one, two, none)], [str(each("99003")) for each in (one, two, none)]
    (['oui', 'inconnu', 'inconnu'], ['non', 'non', 'inconnu'])
    """
    codes = sorted({each for text in insee for each in text.split("|") if each})
    if not codes:
        return InCommune({}, Answer.UNKNOWN)
    return InCommune(dict.fromkeys(codes, Answer.YES if len(codes) == 1 else Answer.UNKNOWN), Answer.NO)


def commune_code(text: str, communes: GeoDataFrame[Communes]) -> str:
    """Return the INSEE code of a commune named by its code or its name, whatever its accents and capitals.

    Raises
    ------
    SchemaError
        If there is none, or there are several.
    """
    wanted = letters(text)
    names = zip(communes["insee"], communes["commune_name"], strict=True)
    codes = [code for code, name in names if wanted in {letters(code), letters(name)}]
    if len(codes) == 1:
        return str(codes[0])
    known = ", ".join(communes["commune_name"])
    wrong = f"`{text}` is no commune of the territory." if not codes else f"`{text}` is {len(codes)} communes."
    raise SchemaError.of("commune", [Fault("", wrong, f"Known: {known}." if not codes else "Give its INSEE code.")])


def meant_for(plots: GeoDataFrame[Plots], sites: GeoDataFrame[Sites]) -> list[list[str]]:
    """Return what each plot is meant for: the words of its terrains, or of its sites where these say none."""
    of_site = dict(zip(sites["site_id"], sites["vocation"], strict=True))
    said = [
        own or "|".join(of_site[site] for site in within.split("|"))
        for own, within in zip(plots["vocation"], plots["site_ids"], strict=True)
    ]
    return [list(dict.fromkeys(word for word in text.split("|") if word)) for text in said]


def premises_available(premises: GeoDataFrame[Premises], tenancies: DataFrame[Tenancies], at: dt.date) -> np.ndarray:
    """Say whether premises can be had: what nobody is known to hold is so only where somebody says so."""
    sure, perhaps = (premises["premises_id"].isin(list(those)).to_numpy() for those in premises_held(tenancies, at=at))
    soon = (premises["available_from"] > pd.Timestamp(at)).to_numpy()
    said = premises[["vacant_since", "available_from", "rent_eur_m2"]].notna().any(axis=1).to_numpy()
    return _answers(np.where(sure, soon, said), sure | (said & ~perhaps))


# --- for programs -----------------------------------------------------------------------------------------------------


def found_record(found: SearchResult) -> Row:
    """Return a search as plain values, for programs; keys and words are kept from one edition to the next.

    Returns
    -------
    record
        `criteria`: what each one eliminates, alone and in sequence. `found`: one record a row, the best first, with
        `answer` (yes, maybe, no), `reasons` (criterion → yes, no, unknown), `eliminated_by` and `unknown` (names of
        criteria), `rectangle` (a, b, centre, angle_deg, corners, in the CRS of the territory) or `null`, `distances`
        (kind → km, approach, access_id), `crs`, and the columns of the layer; what nobody knows is `null`.
    """
    distances: dict[str, dict[str, Row]] = {}
    for row in records(found.reached):
        by_kind = distances.setdefault(row["subject"], {})
        by_kind[row["access_kind"]] = {name: _value(row[name]) for name in ("km", "approach", "access_id")}
    rows = records(pd.DataFrame(found.rows.drop(columns="geometry")))
    middles = shapely.centroid(shapes_of(found.rows))
    listed = []
    for n in found.ranked:
        placement = found.placements.get(n)
        listed.append(
            {
                **{name: _value(value) for name, value in rows[n].items()},
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
                "middle": None if middles[n] is None else [middles[n].x, middles[n].y],
                "distances": distances.get(str(rows[n][found.key]), {}),
            }
        )
    return {"criteria": records(found.eliminations), "found": listed}


def _value(value: Any) -> Any:
    """Return a plain value; what nobody knows is `None`."""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float) and np.isnan(value):
        return None
    return None if value is pd.NaT else value
