"""Validates the types in responses of publishers: JSON, features, counts and dates."""

import datetime as dt
import json
import math
import re
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from gis.errors import GisError, SourceError

#: Maximum number of values and containers in one JSON text: each takes about a hundred bytes in memory.
MOST_VALUES: Final = 40_000_000
_PACKAGE: Final = Path(__file__).parents[1]
#: Patterns of a possible number out of range, and of a possible half of a surrogate pair.
_HUGE: Final = re.compile(rb"[0-9]{300}|[eE]\+?[0-9]{3}")
_HALF: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_COUNT: Final = re.compile(r"[0-9]{1,15}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def message_of_error(error: Exception) -> str:
    """Return the message of an error raised while reading data of a publisher.

    An error of this package has its own message. For any other, its type and our line of code are given: it may be a
    bug.
    """
    if isinstance(error, GisError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    own_frames = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)] or frames
    place_text = f" at {Path(own_frames[-1].filename).name}, line {own_frames[-1].lineno}" if own_frames else ""
    return f"cannot be read ({type(error).__name__}{place_text}: {str(error)[:200]}). Tell the developers."


def parse_json(body: bytes) -> Any:
    """Parse a JSON text.

    Raises
    ------
    ValueError
        If it is not JSON, is nested too deeply, is too large, or holds an invalid number or character.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_VALUES:
        raise ValueError("more values than are taken")
    parse_hooks: dict[str, Any] = {"parse_constant": _refuse_constant}
    if _HUGE.search(body):
        parse_hooks |= {"parse_float": _parse_finite_float, "parse_int": _parse_finite_int}
    try:
        value = json.loads(body, **parse_hooks)
        if _HALF.search(body):
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nests too deep") from None
    return value


def _refuse_constant(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _parse_finite_float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:12]}… is too large a number")
    return number


def _parse_finite_int(text: str) -> int:
    _parse_finite_float(text)
    return int(text)


def features_of_collection(value: Any, place: str) -> list[Mapping[str, Any]]:
    """Return the features of a GeoJSON collection, each with properties and geometry that are objects or null.

    Raises
    ------
    SourceError
        If it is not such a collection.
    """
    features = value.get("features") if isinstance(value, Mapping) else None
    if not isinstance(features, list):
        raise SourceError(f"{place}: holds no list of features. Look at the service's news.")
    for n, feature in enumerate(features, 1):
        if not is_feature(feature):
            raise SourceError(f"{place}: feature {n} is no feature. Look at the service's news.")
    return features


def is_feature(value: Any) -> bool:
    """Return whether a value is an object whose properties and geometry are objects or null."""
    parts = (value.get("properties"), value.get("geometry")) if isinstance(value, Mapping) else ("",)
    return all(part is None or isinstance(part, Mapping) for part in parts)


def rows_of_answer(value: Any, place: str) -> list[Mapping[str, Any]]:
    """Return a list of objects.

    Raises
    ------
    SourceError
        If it is not such a list.
    """
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise SourceError(f"{place}: answers no list of rows. Run `gis doctor --online`, and tell the developers.")
    return value


def parse_count(value: Any) -> int | None:
    """Return a count that is a whole number, as a number or as text, or None if it is not one.

    >>> parse_count(12), parse_count("12"), parse_count(True), parse_count("²"), parse_count(-1)
    (12, 12, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, str):
        return int(value) if _COUNT.fullmatch(value) else None
    return value if 0 <= value < 10**15 else None


def leading_day(value: Any) -> str:
    """Return the date at the start of a text, as 2026-07-01, or the empty text if there is none.

    >>> leading_day("2026-07-01T10:00:00Z"), leading_day("2026-02-31"), leading_day(None)
    ('2026-07-01', '', '')
    """
    text = value[:10] if isinstance(value, str) else ""
    if not _DAY.fullmatch(text):
        return ""
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
