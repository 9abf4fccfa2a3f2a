"""Cells as somebody wrote them → values of our columns, each with what is doubtful about it.

A doubtful cell never stops a build and is never given a value of our own: it becomes unknown, and an issue says so.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandera.pandas as pa

from gis.errors import SchemaError
from gis.provenance import Span
from gis.sources.mapping import Reading, unknown_of, words_of
from gis.sources.rows import mended
from gis.sources.tables import number
from gis.units import AREA_M2

#: A value and what is doubtful about it; nothing doubtful is the empty text.
Value = tuple[Any, str]
Convert = Callable[[str], Value]

NO_DAY: Final = np.datetime64("NaT", "ns")

#: Texts that hold a date as published: a year, a month, a day, a span of them.
DATED: Final = ("as_of", "opened", "active_from", "active_to")

_INSEE: Final = re.compile(r"(2[AB]|\d{2})\d{3}")
_QUANTITY: Final = re.compile(r"([-+]?[\d\s.,]*\d(?:[eE][-+]?\d+)?)\s*(ha|m2|m²|km2|km²)?", re.IGNORECASE)
_PLAIN: Final = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)


def plain(text: str) -> str:
    """Return what is left of a name or a word without accents, case, and signs between words.

    >>> plain("Libellé de l’activité"), plain("STATUT_OCC.")
    ('libelle de l activite', 'statut occ')
    """
    text = mended(text).replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("²", "2")
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[a-z0-9?\ufffd]+", bare.lower()))


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


def converter(name: str, column: pa.Column, reading: Reading, communes: Mapping[str, str]) -> Convert:
    """Return how the cells of one of our columns are read; `communes` is code → name."""
    if name == "insee":
        return _communes(communes)
    if words := words_of(column):
        return _words(words, reading.values.get(name, {}), unknown_of(column))
    if str(column.dtype).startswith("float"):
        return _numbers(name, column, reading)
    if str(column.dtype).startswith("datetime"):
        return _day
    if mapped := reading.values.get(name):
        return _vocabulary(mapped)
    return _date if name in DATED else _text


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


def _numbers(name: str, column: pa.Column, reading: Reading) -> Convert:
    target = next((unit for unit in AREA_M2 if name.endswith(f"_{unit}")), "")
    scale = AREA_M2[reading.units.get(name, target)] / AREA_M2[target] if target else 1.0

    def convert(text: str) -> Value:
        found = _QUANTITY.fullmatch(text)
        if not text:
            return np.nan, ""
        unit = (found[2] or "").lower().replace("²", "2") if found else ""
        try:
            value = _decimal(found[1] if found else text, reading.decimals.get(name, ""))
        except ValueError:
            return np.nan, "It is no number, or could be two: say its decimal sign in [decimals]."
        value *= AREA_M2[unit] / AREA_M2[target] if unit and target else scale
        for check in column.checks:
            least = check.statistics.get("min_value", -np.inf)
            if value < least or (value == least and check.name == "greater_than"):
                return np.nan, f"It should be {'above' if check.name == 'greater_than' else 'at least'} {least}."
            if value > (most := check.statistics.get("max_value", np.inf)):
                return np.nan, f"It should be at most {most}."
        return value, ""

    return convert


def _decimal(text: str, sign: str) -> float:
    bare = re.sub(r"\s", "", text)
    if sign:
        bare = bare.replace("." if sign == "," else ",", "").replace(",", ".")
    return float(bare) if _PLAIN.fullmatch(bare) else number(text)


def day(text: str) -> dt.date | None:
    """Read a day: 2024-05-17, 17/05/2024, 2024/05/17, with or without an hour; none where it is no day.

    >>> day("17/05/2024"), day("2024-05-17T00:00:00"), day("mai 2024")
    (datetime.date(2024, 5, 17), datetime.date(2024, 5, 17), None)
    """
    bare = re.split(r"[T ]", text.strip(), maxsplit=1)[0].replace("/", "-").replace(".", "-")
    if turned := re.fullmatch(r"(\d{1,2})-(\d{1,2})-(\d{4})", bare):
        bare = f"{turned[3]}-{turned[2]:0>2}-{turned[1]:0>2}"
    try:
        return dt.date.fromisoformat(bare) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", bare) else None
    except ValueError:
        return None


def _day(text: str) -> Value:
    found = day(text)
    return (np.datetime64(found, "ns"), "") if found else (NO_DAY, "It is no date." if text else "")


def _date(text: str) -> Value:
    if found := day(text):
        return found.isoformat(), ""
    try:
        Span.parse(text)
    except SchemaError:
        return "", "It is no date."
    return text, ""


def _communes(communes: Mapping[str, str]) -> Convert:
    names: dict[str, list[str]] = {}
    for code, name in communes.items():
        names.setdefault(plain(name), []).append(code)

    def code_of(said: str) -> str:
        padded = said.zfill(5) if said.isdecimal() else said.upper()  # a spreadsheet takes the first zero away
        if _INSEE.fullmatch(padded):
            return padded
        found = names.get(plain(said), [])
        return found[0] if len(found) == 1 else ""

    def convert(text: str) -> Value:
        said = [part.strip() for part in re.split(r"[|;,/]", text) if part.strip()]
        codes = [code_of(part) for part in said]
        lost = "" if all(codes) else "No commune of the territory is called so, and it is no INSEE code."
        return "|".join(dict.fromkeys(filter(None, codes))), lost

    return convert
