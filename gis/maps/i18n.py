"""Texts, numbers and dates of the pages, in French and in English.

Babel formats most of them. This module adds what Babel lacks: the narrow no-break space of French thousands and
percentages, and "1er". `assets/src/format.js` does the same in the browser; both are tested on
`tests/data/format_cases.json`.
"""

import datetime as dt
import decimal
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from babel.dates import format_date
from babel.numbers import format_decimal

from gis import public
from gis.measures import registry

Language = Literal["fr", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("fr", "en")
_LOCALES: Final = {"fr": "fr_FR", "en": "en_GB"}
NARROW: Final = "\u202f"


@cache
def text_catalogue(language: Language) -> Mapping[str, str]:
    """Return every text of the pages in a language, by key.

    The texts about figures come from the measures that compute them (`gis.measures.registry`).
    """
    text = files("gis.maps").joinpath("strings", f"{language}.json").read_text(encoding="utf-8")
    texts: dict[str, str] = json.loads(text)
    texts |= {"named.sole_trader": public.SOLE_TRADER[language], "named.withheld": public.WITHHELD[language]}
    figure_texts = registry.figure_words(language)
    return texts | (
        {key: typeset_french(text) for key, text in figure_texts.items()} if language == "fr" else figure_texts
    )


#: Key prefixes of texts that belong to one kind of page and that other kinds use as well.
_BORROWED: Final = (
    "site.at_least",
    "site.attributed",
    "site.bases.sources",
    "site.claims",
    "site.jobs_now",
    "site.page",
    "site.table.activity",
    "zones.compare",
    "zones.measure",
    "zones.name",
    "available.contact",
    "available.filter.all",
    "available.more",
    "index.map.label",
    "access.",
)


def texts_of_page(language: Language, foreign: tuple[str, ...]) -> dict[str, str]:
    """Return the texts that a page needs: all except those of other kinds of page that are not shared (`_BORROWED`).

    `foreign` has the key prefixes of the texts of other kinds of page.
    """
    return {
        key: text
        for key, text in text_catalogue(language).items()
        if not key.startswith(foreign) or key.startswith(_BORROWED)
    }


def assumption_texts(assumed: Mapping[str, Mapping[str, str]] | None = None) -> dict[str, str]:
    """Return the English text of every assumption that a figure may depend on, reading rules included."""
    return registry.declared_assumptions("en") | {name: text["en"] for name, text in (assumed or {}).items()}


def typeset_french(text: str) -> str:
    r"""Insert the narrow no-break spaces of French typography into a French text.

    >>> typeset_french("Qui occupe le site ?")
    'Qui occupe le site\u202f?'
    """
    return re.sub(r" (?=[?!:;%»])", NARROW, text).replace("« ", f"«{NARROW}")


def typeset_bilingual(value: Any) -> Any:
    """Typeset every French text in the data of a page that has an English text beside it.

    >>> typeset_bilingual({"fr": "non diffusé", "en": "non diffusé"})
    {'fr': 'non diffusé', 'en': 'withheld'}
    """
    if isinstance(value, Mapping):
        if value.keys() == {"fr", "en"} and value["fr"] == value["en"]:
            value = next((each for each in (public.WITHHELD, public.SOLE_TRADER) if value["fr"] == each["fr"]), value)
        return {
            key: typeset_french(each) if key == "fr" and isinstance(each, str) else typeset_bilingual(each)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [typeset_bilingual(each) for each in value]
    return value


def number_text(value: float, language: Language, *, digits: int = 0) -> str:
    r"""Format a number with at most `digits` decimals.

    >>> number_text(50910, "fr"), number_text(50910, "en"), number_text(8.25, "fr", digits=2)
    ('50\u202f910', '50,910', '8,25')
    """
    return _decimal_text(value, "#,##0." + "#" * digits, language)


def percent_text(share: float, language: Language) -> str:
    r"""Format a ratio as a percentage with one decimal.

    >>> percent_text(0.15909, "fr"), percent_text(0.15909, "en")
    ('15,9\u202f%', '15.9%')
    """
    return _decimal_text(100 * share, "#,##0.0", language) + (f"{NARROW}%" if language == "fr" else "%")


def _decimal_text(value: float, pattern: str, language: Language) -> str:
    """Format a number; halves are rounded away from zero, as in browsers."""
    with decimal.localcontext(rounding=decimal.ROUND_HALF_UP):
        text = format_decimal(value + 0.0, format=pattern, locale=_LOCALES[language])
    return text.replace("\u00a0", NARROW)


def range_text(low: str, high: str) -> str:
    """Join two formatted bounds: once if both texts are equal, otherwise with the unit (a text without digits) once.

    >>> range_text("6,4 ha", "11,3 ha"), range_text("9.5%", "9.5%")
    ('6,4 – 11,3 ha', '9.5%')
    """
    if low == high:
        return low
    unit = re.split(r"\d", high)[-1]
    return f"{low.removesuffix(unit)} – {high}"


def date_text(day: dt.date, language: Language) -> str:
    """Format a date.

    >>> date_text(dt.date(2025, 9, 1), "fr"), date_text(dt.date(2025, 9, 1), "en")
    ('1er septembre 2025', '1 September 2025')
    """
    text = format_date(day, "d MMMM y", locale=_LOCALES[language])
    return "1er" + text[1:] if language == "fr" and day.day == 1 else text


def date_span_text(earliest: dt.date | None, latest: dt.date | None, language: Language) -> str:
    """Format a date known by its bounds, as briefly as they allow; an unknown date is an empty text.

    >>> date_span_text(dt.date(2022, 1, 1), dt.date(2022, 12, 31), "fr")
    '2022'
    >>> date_span_text(None, dt.date(2023, 5, 31), "en")
    'by 31 May 2023'
    """
    texts = text_catalogue(language)
    if earliest is None or latest is None:
        if latest is not None:
            return texts["date.by"].format(date=date_text(latest, language))
        return texts["date.after"].format(date=date_text(earliest, language)) if earliest else ""
    if earliest == latest:
        return date_text(earliest, language)
    if (earliest.year, earliest.month) == (latest.year, latest.month):
        return format_date(earliest, "MMMM y", locale=_LOCALES[language])
    if earliest.year == latest.year:
        return str(earliest.year)
    return f"{earliest.year}–{latest.year}"
