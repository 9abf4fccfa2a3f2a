"""Cells as somebody wrote them → values of our columns, each with what is doubtful about it.

A doubtful cell never stops a build and is never given a value of our own: it becomes unknown, and an issue says so.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import numpy as np
import pandera.pandas as pa

from gis import days
from gis.sources.own_files.mapping import TableReading, unknown_of, words_of
from gis.sources.tables import siret
from gis.sources.tables.codes import commune_code, parcel_number
from gis.sources.tables.fact_tables import DATED, ENDS, TWOFOLD, finite, number
from gis.sources.tables.plain_words import plain
from gis.units import AREA_M2

#: A value and what is doubtful about it; nothing doubtful is the empty text.
Value = tuple[Any, str]
Convert = Callable[[str], Value]

_QUANTITY: Final = re.compile(r"([-+]?[\d\s.,]*\d(?:[eE][-+]?\d+)?)\s*(ha|m2|m²|km2|km²)?", re.IGNORECASE)
_PLAIN: Final = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)

_TWO: Final = "It could be two numbers: say its decimal sign in [decimals]."

#: No site, terrain or parcel is larger than the largest commune of France, which has 1.9 million hectares.
MOST_HA: Final = 2_000_000.0


def same(text: str, word: str) -> bool:
    """Tell whether two texts are the same word, one of them perhaps with its accents lost.

    >>> same("OCCUPE", "occupé"), same("Occup?", "occupé"), same("Occup�", "occupé"), same("vacant", "occupé")
    (True, True, True, False)
    """
    first, second = plain(text), plain(word)
    if first == second:
        return True
    lost = re.fullmatch(re.sub(r"[?\ufffd]", "[a-z0-9]", first), second) if re.search(r"[?\ufffd]", first) else None
    return lost is not None


def converter(
    name: str, column: pa.Column, reading: TableReading, communes: Mapping[str, str], zone: dt.tzinfo | None = None
) -> Convert:
    """Return how the cells of one of our columns are read; `communes` is code → name, `zone` the time of the place."""
    if name in {"insee", "parcel_id"}:
        return _communes(communes) if name == "insee" else _parcel
    if code := _code(name, reading):
        return code
    if words := words_of(column):
        return _words(words, reading.values.get(name, {}), unknown_of(column))
    dtype, end = str(column.dtype), name in ENDS
    if dtype.startswith(("float", "datetime")):
        return _numbers(name, column, reading) if dtype.startswith("float") else _day(zone, end=end)
    mapped = reading.values.get(name)
    return _vocabulary(mapped) if mapped else _date(zone, end=end) if name in DATED else _text


def _code(name: str, reading: TableReading) -> Convert | None:
    """Return how a SIRET or a SIREN is read; nothing where a column holds neither."""
    theirs = reading.columns.get(name, "")
    if name == "siret" or (name == "establishment_id" and theirs and theirs == reading.columns.get("siret")):
        return _siret
    if name == "owner_id" and "siren" in plain(theirs).split():
        return _siren
    return None


def _text(text: str) -> Value:
    return " ".join(text.split()), ""


def _words(words: list[str], mapped: Mapping[str, str], unknown: str | None) -> Convert:
    known = {_text(theirs)[0]: ours for theirs, ours in mapped.items()}

    def convert(text: str) -> Value:
        said = _text(text)[0]
        if not said:
            return unknown, ""
        word = known[said] if said in known else next((word for word in words if word and same(said, word)), "")
        return (word, "") if word else (unknown, "The word has no meaning here yet: say which in [values].")

    return convert


def _vocabulary(mapped: Mapping[str, str]) -> Convert:
    """Read the words of a vocabulary into a column that takes any text: others stay as they are."""

    def convert(text: str) -> Value:
        said = _text(text)[0]
        word = next((ours for theirs, ours in mapped.items() if same(said, theirs)), "")
        return word or said, "" if word or not said else "The vocabulary has no such word; it is kept as it is."

    return convert


def _numbers(name: str, column: pa.Column, reading: TableReading) -> Convert:
    target = next((unit for unit in AREA_M2 if name.endswith(f"_{unit}")), "")
    stated = reading.units.get(name, target)  # "" where nobody has said it yet
    scale = AREA_M2[stated] / AREA_M2[target] if target and stated else 1.0

    def convert(text: str) -> Value:
        found = _QUANTITY.fullmatch(text)
        if not text:
            return np.nan, ""
        unit = (found[2] or "").lower().replace("²", "2") if found else ""
        if target and not unit and not stated:
            return np.nan, f"Nobody says its unit: write {', '.join(AREA_M2)} in [units]."
        sign, pointed = reading.decimals.get(name, ""), name in reading.pointed
        try:
            value = _decimal(found[1] if found else text, sign, pointed=pointed)
        except ValueError:
            twofold = is_twofold(found[1] if found else text)
            return np.nan, _TWO if twofold else "It is no number."
        value *= AREA_M2[unit] / AREA_M2[target] if unit and target else scale
        doubt = _range_doubt(value, column, AREA_M2[target] if target else 0.0)
        return (np.nan, doubt) if doubt else (value, "")

    return convert


def _range_doubt(value: float, column: pa.Column, size_m2: float) -> str:
    """Say why a number cannot be one of a column; `size_m2` is that of its unit of area, or nothing."""
    if not np.isfinite(value):
        return "It is too large for a number."
    if value * size_m2 > MOST_HA * AREA_M2["ha"]:
        return f"It is more than {MOST_HA:,.0f} ha, and no commune of France is so large. Is the unit right?"
    for check in column.checks:
        least = check.statistics.get("min_value", -np.inf)
        if value < least or (value == least and check.name == "greater_than"):
            return f"It should be {'above' if check.name == 'greater_than' else 'at least'} {least}."
        if value > (most := check.statistics.get("max_value", np.inf)):
            return f"It should be at most {most}."
    return ""


#: A number whose point could be between thousands.
_TWOFOLD_POINT: Final = re.compile(r"[-+]?[1-9]\d{0,2}(\.\d{3})+", re.ASCII)


def is_twofold(text: str) -> bool:
    """Tell whether a number could be two: twelve and a half, or twelve thousand five hundred.

    >>> [text for text in ("12.500", "12,500", "0.125", "12.5", "1250") if is_twofold(text)]
    ['12.500', '12,500']
    """
    bare = text.strip()
    return bool(TWOFOLD.fullmatch(bare) or _TWOFOLD_POINT.fullmatch(bare))


def is_number(text: str, sign: str) -> bool:
    """Tell whether a cell holds a number, perhaps with its unit, be it one that could be two or one out of range.

    >>> [is_number(text, "") for text in ("12,5 ha", "12.500", "-1", "NC", "1e400")]
    [True, True, True, False, False]
    """
    found = _QUANTITY.fullmatch(text)
    try:
        _decimal(found[1] if found else text, sign)
    except ValueError:
        return is_twofold(found[1] if found else text)
    return True


def says_unit(text: str) -> bool:
    """Tell whether a cell holds an area with its unit.

    >>> [says_unit(text) for text in ("12,5 ha", "800 m²", "12.5", "NC")]
    [True, True, False, False]
    """
    found = _QUANTITY.fullmatch(text)
    return bool(found and found[2])


def decimal_sign(cells: Iterable[str]) -> str:
    """Return the decimal sign that some numbers of a column show and none contradicts; nothing where none shows it.

    >>> decimal_sign(["12,500", "8,75"]), decimal_sign(["1.250", "80"]), decimal_sign(["1.250,50"])
    (',', '', ',')
    >>> decimal_sign(["0.125"])
    '.'
    >>> decimal_sign(["1.250.000"]), decimal_sign(["1,5", "1.5"])
    (',', '')
    """
    shown = {sign for cell in cells if (sign := _shown_sign(cell))}
    return shown.pop() if len(shown) == 1 else ""


def _shown_sign(cell: str) -> str:
    """Return the decimal sign that one number shows: the last of two, not a doubled one, else by its digits."""
    found = _QUANTITY.fullmatch(cell)
    bare = re.sub(r"\s", "", found[1] if found else "").partition("e")[0].partition("E")[0]
    signs = [each for each in bare if each in ",."]
    if not signs:
        return ""
    if len(set(signs)) > 1:
        return signs[-1]
    if len(signs) > 1:
        return "." if signs[0] == "," else ","
    whole, _, rest = bare.lstrip("+-").partition(signs[0])
    grouped = len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")  # noqa: PLR2004  (thousands)
    return "" if grouped else signs[0]


def _decimal(text: str, sign: str, *, pointed: bool = False) -> float:
    """Read a number whose decimal sign is said; where it is not, one that could be two is none, but if `pointed`."""
    bare = re.sub(r"\s", "", text)
    if sign:
        other = "." if sign == "," else ","
        whole, _, rest = bare.partition(sign)
        if other in whole and not re.fullmatch(rf"[-+]?\d{{1,3}}({re.escape(other)}\d{{3}})+", whole, re.ASCII):
            raise ValueError(text)
        bare = whole.replace(other, "") + (f".{rest}" if rest else "")
    elif not pointed and _TWOFOLD_POINT.fullmatch(bare):
        raise ValueError(text)
    return finite(bare) if _PLAIN.fullmatch(bare) else number(text)


def _day(zone: dt.tzinfo | None, *, end: bool) -> Convert:
    def convert(text: str) -> Value:
        found, doubt = days.day(text, zone, end=end)
        return found, doubt.value

    return convert


def _date(zone: dt.tzinfo | None, *, end: bool) -> Convert:
    def convert(text: str) -> Value:
        found, doubt = days.dated(text, zone, end=end)
        return found, doubt.value

    return convert


def _siret(text: str) -> Value:
    return siret.read(text)


def _siren(text: str) -> Value:
    """Read the key of an owner that is a SIREN; another key is kept as it is."""
    number, doubt = siret.read(text, siret.SIREN)
    said = _text(text)[0]
    return (number, doubt) if number or siret.is_like_one(text, siret.SIREN) else (said, "")


def _parcel(text: str) -> Value:
    """Read the key of a parcel; one that is no parcel number is kept as a key, which is no place."""
    number, said = parcel_number(text), _text(text)[0]
    return (number, "") if number or not said else (said, "It is no parcel number, and is kept as a key alone.")


def _communes(communes: Mapping[str, str]) -> Convert:
    names: dict[str, list[str]] = {}
    for code, name in communes.items():
        names.setdefault(plain(name), []).append(code)

    def code_of(said: str) -> str:
        if code := commune_code(said):  # a spreadsheet takes the first zero away
            return code
        found = names.get(plain(said), [])
        return found[0] if len(found) == 1 else ""

    def convert(text: str) -> Value:
        said = [part.strip() for part in re.split(r"[|;,/]", text) if part.strip()]
        codes = [code_of(part) for part in said]
        lost = "" if all(codes) else "No commune of the territory is called so, and it is no INSEE code."
        return "|".join(dict.fromkeys(filter(None, codes))), lost

    return convert
