"""Converts the cells of a user's file to values of our columns, each with the reason if it is doubtful.

A doubtful cell never stops a build and never gets an invented value: it becomes unknown, and an issue reports it.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import numpy as np
import pandera.pandas as pa

from gis import days
from gis.sources.own_files.mapping import TableReading, unknown_word_of_column, vocabulary_of_column
from gis.sources.tables import siret
from gis.sources.tables.codes import parcel_number, parse_commune_code
from gis.sources.tables.fact_tables import DATED, ENDS, TWOFOLD, parse_finite_number, parse_number
from gis.sources.tables.plain_words import normalised_text
from gis.units import AREA_M2

#: A value, and the reason if it is doubtful, or else the empty text.
Value = tuple[Any, str]
Convert = Callable[[str], Value]

_QUANTITY: Final = re.compile(r"([-+]?[\d\s.,]*\d(?:[eE][-+]?\d+)?)\s*(ha|m2|m²|km2|km²)?", re.IGNORECASE)
_PLAIN: Final = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)

_TWO: Final = "It could be two numbers: say its decimal sign in [decimals]."

#: Upper limit of the area of a site, terrain or parcel: the largest commune of France has 1.9 million hectares.
MOST_HA: Final = 2_000_000.0


def is_same_word(text: str, word: str) -> bool:
    """Return whether two texts are the same word, even if one of them has lost its accents.

    >>> (is_same_word("OCCUPE", "occupé"), is_same_word("Occup?", "occupé"), is_same_word("Occup�", "occupé"),
    ...  is_same_word("vacant", "occupé"))
    (True, True, True, False)
    """
    first, second = normalised_text(text), normalised_text(word)
    if first == second:
        return True
    matched = re.fullmatch(re.sub(r"[?\ufffd]", "[a-z0-9]", first), second) if re.search(r"[?\ufffd]", first) else None
    return matched is not None


def cell_converter(
    name: str, column: pa.Column, reading: TableReading, communes: Mapping[str, str], zone: dt.tzinfo | None = None
) -> Convert:
    """Return the converter for the cells of a column; `communes` is code → name, `zone` the territory's time zone."""
    if name in {"insee", "parcel_id"}:
        return _communes_converter(communes) if name == "insee" else _read_parcel_cell
    if code := _siret_converter(name, reading):
        return code
    if words := vocabulary_of_column(column):
        return _words_converter(words, reading.values.get(name, {}), unknown_word_of_column(column))
    dtype, end = str(column.dtype), name in ENDS
    if dtype.startswith(("float", "datetime")):
        return _numbers_converter(name, column, reading) if dtype.startswith("float") else _day_converter(zone, end=end)
    mapped = reading.values.get(name)
    return (
        _vocabulary_converter(mapped)
        if mapped
        else _date_converter(zone, end=end)
        if name in DATED
        else _read_text_cell
    )


def _siret_converter(name: str, reading: TableReading) -> Convert | None:
    """Return the converter of a SIRET or a SIREN, or None if the column holds neither."""
    theirs = reading.columns.get(name, "")
    if name == "siret" or (name == "establishment_id" and theirs and theirs == reading.columns.get("siret")):
        return _read_siret_cell
    if name == "owner_id" and "siren" in normalised_text(theirs).split():
        return _read_siren_cell
    return None


def _read_text_cell(text: str) -> Value:
    return " ".join(text.split()), ""


def _words_converter(words: list[str], mapped: Mapping[str, str], unknown: str | None) -> Convert:
    ours_of_theirs = {_read_text_cell(theirs)[0]: ours for theirs, ours in mapped.items()}

    def convert_word(text: str) -> Value:
        cell_text = _read_text_cell(text)[0]
        if not cell_text:
            return unknown, ""
        word = (
            ours_of_theirs[cell_text]
            if cell_text in ours_of_theirs
            else next((word for word in words if word and is_same_word(cell_text, word)), "")
        )
        return (word, "") if word else (unknown, "The word has no meaning here yet: say which in [values].")

    return convert_word


def _vocabulary_converter(mapped: Mapping[str, str]) -> Convert:
    """Convert the terms of a vocabulary in a column that takes any text: other texts are kept unchanged."""

    def convert_word(text: str) -> Value:
        cell_text = _read_text_cell(text)[0]
        word = next((ours for theirs, ours in mapped.items() if is_same_word(cell_text, theirs)), "")
        return (
            word or cell_text,
            "" if word or not cell_text else "The vocabulary has no such word; it is kept as it is.",
        )

    return convert_word


def _numbers_converter(name: str, column: pa.Column, reading: TableReading) -> Convert:
    target = next((unit for unit in AREA_M2 if name.endswith(f"_{unit}")), "")
    stated_unit = reading.units.get(name, target)  # "" where the unit is not stated
    scale = AREA_M2[stated_unit] / AREA_M2[target] if target and stated_unit else 1.0

    def convert_number(text: str) -> Value:
        quantity = _QUANTITY.fullmatch(text)
        if not text:
            return np.nan, ""
        unit = (quantity[2] or "").lower().replace("²", "2") if quantity else ""
        if target and not unit and not stated_unit:
            return np.nan, f"Nobody says its unit: write {', '.join(AREA_M2)} in [units]."
        sign, pointed = reading.decimals.get(name, ""), name in reading.pointed
        try:
            value = _parse_decimal(quantity[1] if quantity else text, sign, pointed=pointed)
        except ValueError:
            twofold = is_twofold_number(quantity[1] if quantity else text)
            return np.nan, _TWO if twofold else "It is no number."
        value *= AREA_M2[unit] / AREA_M2[target] if unit and target else scale
        doubt = _range_doubt(value, column, AREA_M2[target] if target else 0.0)
        return (np.nan, doubt) if doubt else (value, "")

    return convert_number


def _range_doubt(value: float, column: pa.Column, size_m2: float) -> str:
    """Return why a number is out of range for a column; `size_m2` is the size of its unit of area, or 0 without one."""
    if not np.isfinite(value):
        return "It is too large for a number."
    if value * size_m2 > MOST_HA * AREA_M2["ha"]:
        return f"It is more than {MOST_HA:,.0f} ha, and no commune of France is so large. Is the unit right?"
    for check in column.checks:
        lowest = check.statistics.get("min_value", -np.inf)
        if value < lowest or (value == lowest and check.name == "greater_than"):
            return f"It should be {'above' if check.name == 'greater_than' else 'at least'} {lowest}."
        if value > (highest := check.statistics.get("max_value", np.inf)):
            return f"It should be at most {highest}."
    return ""


#: A number whose point could be a thousands separator.
_TWOFOLD_POINT: Final = re.compile(r"[-+]?[1-9]\d{0,2}(\.\d{3})+", re.ASCII)


def is_twofold_number(text: str) -> bool:
    """Return whether a number is ambiguous: twelve and a half, or twelve thousand five hundred.

    >>> [text for text in ("12.500", "12,500", "0.125", "12.5", "1250") if is_twofold_number(text)]
    ['12.500', '12,500']
    """
    bare_text = text.strip()
    return bool(TWOFOLD.fullmatch(bare_text) or _TWOFOLD_POINT.fullmatch(bare_text))


def is_number_cell(text: str, sign: str) -> bool:
    """Return whether a cell holds a number, with or without a unit, including ambiguous and out-of-range numbers.

    >>> [is_number_cell(text, "") for text in ("12,5 ha", "12.500", "-1", "NC", "1e400")]
    [True, True, True, False, False]
    """
    quantity = _QUANTITY.fullmatch(text)
    try:
        _parse_decimal(quantity[1] if quantity else text, sign)
    except ValueError:
        return is_twofold_number(quantity[1] if quantity else text)
    return True


def cell_says_unit(text: str) -> bool:
    """Return whether a cell holds an area with its unit.

    >>> [cell_says_unit(text) for text in ("12,5 ha", "800 m²", "12.5", "NC")]
    [True, True, False, False]
    """
    quantity = _QUANTITY.fullmatch(text)
    return bool(quantity and quantity[2])


def decimal_sign_of_cells(cells: Iterable[str]) -> str:
    """Return the decimal sign that some numbers of a column show and none contradicts, or the empty text.

    >>> (decimal_sign_of_cells(["12,500", "8,75"]), decimal_sign_of_cells(["1.250", "80"]),
    ...  decimal_sign_of_cells(["1.250,50"]))
    (',', '', ',')
    >>> decimal_sign_of_cells(["0.125"])
    '.'
    >>> decimal_sign_of_cells(["1.250.000"]), decimal_sign_of_cells(["1,5", "1.5"])
    (',', '')
    """
    shown_signs = {sign for cell in cells if (sign := _decimal_sign_of_cell(cell))}
    return shown_signs.pop() if len(shown_signs) == 1 else ""


def _decimal_sign_of_cell(cell: str) -> str:
    """Return the decimal sign of one number: the last of two signs, not a repeated one, or else by the digits."""
    quantity = _QUANTITY.fullmatch(cell)
    bare = re.sub(r"\s", "", quantity[1] if quantity else "").partition("e")[0].partition("E")[0]
    signs = [each for each in bare if each in ",."]
    if not signs:
        return ""
    if len(set(signs)) > 1:
        return signs[-1]
    if len(signs) > 1:
        return "." if signs[0] == "," else ","
    integer_part, _, fraction = bare.lstrip("+-").partition(signs[0])
    is_grouped = len(fraction) == 3 and 1 <= len(integer_part) <= 3 and not integer_part.startswith("0")  # noqa: PLR2004  (thousands)
    return "" if is_grouped else signs[0]


def _parse_decimal(text: str, sign: str, *, pointed: bool = False) -> float:
    """Parse a number with a given decimal sign; without one, an ambiguous number is an error unless `pointed`."""
    bare = re.sub(r"\s", "", text)
    if sign:
        thousands_sign = "." if sign == "," else ","
        integer_part, _, fraction = bare.partition(sign)
        if thousands_sign in integer_part and not re.fullmatch(
            rf"[-+]?\d{{1,3}}({re.escape(thousands_sign)}\d{{3}})+", integer_part, re.ASCII
        ):
            raise ValueError(text)
        bare = integer_part.replace(thousands_sign, "") + (f".{fraction}" if fraction else "")
    elif not pointed and _TWOFOLD_POINT.fullmatch(bare):
        raise ValueError(text)
    return parse_finite_number(bare) if _PLAIN.fullmatch(bare) else parse_number(text)


def _day_converter(zone: dt.tzinfo | None, *, end: bool) -> Convert:
    def convert_day(text: str) -> Value:
        day_value, doubt = days.parse_day_cell(text, zone, end=end)
        return day_value, doubt.value

    return convert_day


def _date_converter(zone: dt.tzinfo | None, *, end: bool) -> Convert:
    def convert_date(text: str) -> Value:
        dated_text, doubt = days.parse_date_cell(text, zone, end=end)
        return dated_text, doubt.value

    return convert_date


def _read_siret_cell(text: str) -> Value:
    return siret.parse_siret(text)


def _read_siren_cell(text: str) -> Value:
    """Parse the key of an owner that is a SIREN; any other key is kept unchanged."""
    number, doubt = siret.parse_siret(text, siret.SIREN)
    cell_text = _read_text_cell(text)[0]
    return (number, doubt) if number or siret.is_like_siret(text, siret.SIREN) else (cell_text, "")


def _read_parcel_cell(text: str) -> Value:
    """Parse the key of a parcel; a text that is not a parcel number is kept as a key without a location."""
    number, cell_text = parcel_number(text), _read_text_cell(text)[0]
    return (
        (number, "") if number or not cell_text else (cell_text, "It is no parcel number, and is kept as a key alone.")
    )


def _communes_converter(communes: Mapping[str, str]) -> Convert:
    codes_by_name: dict[str, list[str]] = {}
    for code, name in communes.items():
        codes_by_name.setdefault(normalised_text(name), []).append(code)

    def code_of_commune(said: str) -> str:
        if code := parse_commune_code(said):  # spreadsheets remove a leading zero
            return code
        named_codes = codes_by_name.get(normalised_text(said), [])
        return named_codes[0] if len(named_codes) == 1 else ""

    def convert_communes(text: str) -> Value:
        said = [part.strip() for part in re.split(r"[|;,/]", text) if part.strip()]
        codes = [code_of_commune(part) for part in said]
        doubt_text = "" if all(codes) else "No commune of the territory is called so, and it is no INSEE code."
        return "|".join(dict.fromkeys(filter(None, codes))), doubt_text

    return convert_communes
