"""The layers of a territory as they are held against each other, and how rows of them are found and named."""

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

from gis.folding import folded
from gis.measures.plausible import Plausible
from gis.schemas import OwnerKind, Phase

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Days = NDArray[np.datetime64]
Texts = NDArray[Any]

#: A day before all others, and one after them.
NEVER: Final = np.datetime64("1000-01-01", "s")
ALWAYS: Final = np.datetime64("9000-01-01", "s")

#: What a firm is in law, in names: two that differ in it are two, one that lacks it may be either.
_FORMS: Final = frozenset(
    "sa sas sasu sarl sci snc scop scic scp scea eurl earl gie gmbh ltd inc spa bv ag plc selarl sem spl epic".split()  # noqa: SIM905
)
#: Words of a name that tell nothing.
_EMPTY: Final = frozenset("d de du des l la le les et and the ste societe ets etablissements etablissement cie".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Statements:
    """Layers in one CRS in metres, the day that pages open with, and what is plausible of them."""

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
        """The opening day, to be compared with columns of days."""
        return np.datetime64(self.opening, "s")


def texts(layer: pd.DataFrame, column: str) -> Texts:
    """Return a column of texts as plain objects; one that the layer lacks is empty."""
    if column not in layer:
        return np.full(len(layer), "", dtype=object)
    return layer[column].to_numpy(dtype=object)


def numbers(layer: pd.DataFrame, column: str) -> Floats:
    """Return a column of numbers."""
    return layer[column].to_numpy(dtype=float)


def days(layer: pd.DataFrame, column: str) -> Days:
    """Return a column of days, to the second: years of four digits all have a place in it."""
    return layer[column].to_numpy().astype("datetime64[s]")


def positions(keys: Texts, layer: pd.DataFrame, column: str) -> Ints:
    """Return where each key stands in a column of keys; -1 where it does not."""
    return pd.Index(texts(layer, column)).get_indexer(pd.Index(keys, dtype=object))


def taken(values: NDArray[Any], where: Ints, nothing: Any = np.nan) -> NDArray[Any]:
    """Return the values at some positions; nothing at -1."""
    found: NDArray[Any] = np.append(values, np.array([nothing], dtype=values.dtype))[where]
    return found


def hits(flags: object) -> list[int]:
    """Return the positions where a flag is set."""
    return np.flatnonzero(np.asarray(flags, dtype=bool)).tolist()


def ratio(above: Floats, below: Floats) -> Floats:
    """Divide; by nothing or by 0 is NaN."""
    found: Floats = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return found


def shown(value: float, unit: str = "") -> str:
    """Write a number for a message.

    >>> shown(242679.508, "m²"), shown(0.2461), shown(97)
    ('242,680 m²', '0.2461', '97')
    """
    text = f"{value:,.0f}" if abs(value) >= 1000 or float(value).is_integer() else f"{value:.4g}"  # noqa: PLR2004
    return f"{text} {unit}".rstrip()


def words_in(name: str) -> tuple[str, ...]:
    """Return the words of a name, without accents, capitals and points."""
    plain = folded(name).encode("ascii", "ignore").decode()
    return tuple(re.findall(r"[a-z0-9]+", re.sub(r"\b([a-z])\.(?=[a-z]\b)", r"\1", plain)))


@functools.lru_cache(maxsize=100_000)
def spelling(name: str) -> tuple[str, str]:
    """Return what is the same in all spellings of one name, and the form in law that it says.

    >>> spelling("Durand & Fils, S.A.S.") == spelling("SAS DURAND et Fils")
    True
    >>> spelling("SCI Durand") == spelling("Durand SAS")
    False
    """
    words = words_in(name)
    own = sorted(word.removesuffix("s") for word in words if word not in _FORMS and word not in _EMPTY)
    return "".join(own), " ".join(sorted(word for word in words if word in _FORMS))


def surely_held(tenancies: pd.DataFrame, today: np.datetime64) -> tuple[Days, Days]:
    """Return from which day to which a tenancy surely holds; one that may hold at no day in between ends as it begins.

    What begins nobody knows when holds from the opening day, of which it is said; what has no end holds for ever.
    """
    first, last = days(tenancies, "from_latest"), days(tenancies, "to_earliest")
    begins = np.where(np.isnat(first), today, first)
    open_ended = np.isnat(last) & np.isnat(days(tenancies, "to_latest"))
    ends = np.where(open_ended, ALWAYS, np.where(np.isnat(last), begins, last))
    return begins, np.maximum(begins, ends)


def occupants(said: Statements) -> Texts:
    """Return the occupant of each tenancy as it may be told: of a person, that it is one."""
    where = positions(texts(said.tenancies, "establishment_id"), said.establishments, "establishment_id")
    person = taken(texts(said.establishments, "establishment_kind"), where, "") == OwnerKind.NATURAL.value
    return np.where(person, "a person", texts(said.tenancies, "occupant"))


def in_place(tenancies: pd.DataFrame) -> Flags:
    """Say which tenancies are said to be in place."""
    flags: Flags = texts(tenancies, "phase") == Phase.IN_PLACE.value
    return flags


def overlapped(group: Texts, begins: Days, ends: Days, keys: Texts) -> Iterator[tuple[int, int]]:
    """Yield the stays of a group that begin while another of it lasts, each with the one that lasts longest.

    Of two that begin together the one whose key comes later is named.
    """
    real = ends > begins
    where = np.flatnonzero(real)
    if len(where) < 2:  # noqa: PLR2004
        return
    codes = pd.factorize(pd.Series(group[where]))[0]
    order = np.lexsort((keys[where].astype(str), begins[where], codes))
    where, codes = where[order], codes[order]
    last = pd.Series(ends[where].astype("int64"))
    longest = last.groupby(codes).cummax()
    holder = pd.Series(np.where(last.eq(longest), np.arange(len(where)), np.nan)).groupby(codes).ffill()
    before = holder.groupby(codes).shift()
    for n in hits(before.notna()):
        other = int(before[n])
        if ends[where[other]] > begins[where[n]]:
            yield int(where[n]), int(where[other])


def together(frame: Mapping[str, Texts]) -> Texts:
    """Return one value a row that is the same where all columns are."""
    codes = pd.DataFrame({name: pd.Series(values) for name, values in frame.items()})
    return np.asarray(codes.groupby(list(codes), dropna=False, sort=False).ngroup())
