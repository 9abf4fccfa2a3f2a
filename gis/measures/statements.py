"""The layers of a territory as input of the contradiction checks, with helpers that find and name their rows."""

import datetime as dt
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.folding import folded_text
from gis.measures.plausible import Plausible
from gis.schemas import OwnerKind, Phase

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Days = NDArray[np.datetime64]
Texts = NDArray[Any]

#: A day before all days, and one after them.
NEVER: Final = np.datetime64("1000-01-01", "s")
ALWAYS: Final = np.datetime64("9000-01-01", "s")

#: Legal forms of firms in names. Names with different forms are different; a name without a form may match any.
_FORMS: Final = frozenset(
    "sa sas sasu sarl sci snc scop scic scp scea eurl earl gie gmbh ltd inc spa bv ag plc selarl sem spl epic".split()  # noqa: SIM905
)
#: Words of a name that do not identify anything.
_EMPTY: Final = frozenset("d de du des l la le les et and the ste societe ets etablissements etablissement cie".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Statements:
    """Layers in one CRS in metres, the opening day of the pages, and the limits of plausible values."""

    opening: dt.date
    limits: Plausible
    communes: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    terrains: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame
    owners: pd.DataFrame
    buildings: gpd.GeoDataFrame
    premises: gpd.GeoDataFrame
    tenancies: pd.DataFrame
    establishments: pd.DataFrame
    exclusions: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    accesses: gpd.GeoDataFrame
    claims: pd.DataFrame

    @property
    def day(self) -> np.datetime64:
        """The opening day, comparable with columns of dates."""
        return np.datetime64(self.opening, "s")


def text_column(layer: pd.DataFrame, column: str) -> Texts:
    """Return a text column as an object array; a column that the layer lacks is empty."""
    if column not in layer:
        return np.full(len(layer), "", dtype=object)
    return layer[column].to_numpy(dtype=object)


def number_column(layer: pd.DataFrame, column: str) -> Floats:
    """Return a column of numbers as an array."""
    return layer[column].to_numpy(dtype=float)


def day_column(layer: pd.DataFrame, column: str) -> Days:
    """Return a column of dates, in seconds: this unit can hold all years with four digits."""
    return layer[column].to_numpy().astype("datetime64[s]")


def key_positions(keys: Texts, layer: pd.DataFrame, column: str) -> Ints:
    """Return the position of each key in a column of keys; -1 if it is absent."""
    return pd.Index(text_column(layer, column)).get_indexer(pd.Index(keys, dtype=object))


def values_at(values: NDArray[Any], where: Ints, nothing: Any = np.nan) -> NDArray[Any]:
    """Return the values at some positions; `nothing` at -1."""
    values_found: NDArray[Any] = np.append(values, np.array([nothing], dtype=values.dtype))[where]
    return values_found


def true_positions(flags: object) -> list[int]:
    """Return the positions of the flags that are set."""
    return np.flatnonzero(np.asarray(flags, dtype=bool)).tolist()


def safe_ratio(above: Floats, below: Floats) -> Floats:
    """Divide; a division by NaN or by 0 gives NaN."""
    ratios: Floats = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return ratios


def as_text(value: float, unit: str = "") -> str:
    """Format a number for a message.

    >>> as_text(242679.508, "m²"), as_text(0.2461), as_text(97)
    ('242,680 m²', '0.2461', '97')
    """
    text = f"{value:,.0f}" if abs(value) >= 1000 or float(value).is_integer() else f"{value:.4g}"  # noqa: PLR2004
    return f"{text} {unit}".rstrip()


def words_of_name(name: str) -> tuple[str, ...]:
    """Return the words of a name, without accents, capitals and dots."""
    plain_name = folded_text(name).encode("ascii", "ignore").decode()
    return tuple(re.findall(r"[a-z0-9]+", re.sub(r"\b([a-z])\.(?=[a-z]\b)", r"\1", plain_name)))


@functools.lru_cache(maxsize=100_000)
def name_spelling(name: str) -> tuple[str, str]:
    """Return the part of a name that is equal in all its spellings, and its legal form.

    >>> name_spelling("Durand & Fils, S.A.S.") == name_spelling("SAS DURAND et Fils")
    True
    >>> name_spelling("SCI Durand") == name_spelling("Durand SAS")
    False
    """
    words = words_of_name(name)
    own_words = sorted(word.removesuffix("s") for word in words if word not in _FORMS and word not in _EMPTY)
    return "".join(own_words), " ".join(sorted(word for word in words if word in _FORMS))


def surely_held_days(tenancies: pd.DataFrame, today: np.datetime64) -> tuple[Days, Days]:
    """Return the first and last days on which a tenancy certainly holds; both are equal if no day is certain.

    A tenancy with an unknown beginning holds from the opening day, to which its state refers; a tenancy without an end
    holds for ever.
    """
    begin_latest, end_earliest = day_column(tenancies, "from_latest"), day_column(tenancies, "to_earliest")
    begins = np.where(np.isnat(begin_latest), today, begin_latest)
    open_ended = np.isnat(end_earliest) & np.isnat(day_column(tenancies, "to_latest"))
    ends = np.where(open_ended, ALWAYS, np.where(np.isnat(end_earliest), begins, end_earliest))
    return begins, np.maximum(begins, ends)


def publishable_occupants(said: Statements) -> Texts:
    """Return the occupant of each tenancy as it may be published: a natural person is not named."""
    firm_rows = key_positions(text_column(said.tenancies, "establishment_id"), said.establishments, "establishment_id")
    is_person = (
        values_at(text_column(said.establishments, "establishment_kind"), firm_rows, "") == OwnerKind.NATURAL.value
    )
    return np.where(is_person, "a person", text_column(said.tenancies, "occupant"))


def in_place_flags(tenancies: pd.DataFrame) -> Flags:
    """Tell which tenancies are stated to be in place."""
    flags: Flags = text_column(tenancies, "phase") == Phase.IN_PLACE.value
    return flags


def overlapping_stays(group: Texts, begins: Days, ends: Days, keys: Texts) -> Iterator[tuple[int, int]]:
    """Yield the stays of a group that begin during another one, each with the one that lasts longest.

    Of two stays that begin on the same day, the one with the later key is yielded.
    """
    is_real_stay = ends > begins
    stay_rows = np.flatnonzero(is_real_stay)
    if len(stay_rows) < 2:  # noqa: PLR2004
        return
    codes = pd.factorize(pd.Series(group[stay_rows]))[0]
    order = np.lexsort((keys[stay_rows].astype(str), begins[stay_rows], codes))
    stay_rows, codes = stay_rows[order], codes[order]
    last_ends = pd.Series(ends[stay_rows].astype("int64"))
    longest_ends = last_ends.groupby(codes).cummax()
    holder = pd.Series(np.where(last_ends.eq(longest_ends), np.arange(len(stay_rows)), np.nan)).groupby(codes).ffill()
    holder_before = holder.groupby(codes).shift()
    for n in true_positions(holder_before.notna()):
        other = int(holder_before[n])
        if ends[stay_rows[other]] > begins[stay_rows[n]]:
            yield int(stay_rows[n]), int(stay_rows[other])


def group_numbers(frame: Mapping[str, Texts]) -> Texts:
    """Return one value per row that is equal for rows with equal values in all columns."""
    codes = pd.DataFrame({name: pd.Series(values) for name, values in frame.items()})
    return np.asarray(codes.groupby(list(codes), dropna=False, sort=False).ngroup())
