"""The words of the pages: both languages say the same, each as it is set."""

import datetime as dt
import json
import re
from importlib.resources import files
from itertools import product
from pathlib import Path

import pytest

from gis.maps import i18n, palette
from gis.maps.i18n import LANGUAGES
from gis.maps.static_tables import figure_text
from gis.provenance import Figure
from gis.sources.open_data.bdtopo_networks import ROADS

CASES = json.loads((Path(__file__).parent / "data" / "format_cases.json").read_text(encoding="utf-8"))
UNITS = ("ratio", "m2", "ha", "count", "years", "ha/year")
FRENCH, ENGLISH = (i18n.text_catalogue(language) for language in i18n.LANGUAGES)


def day(text):
    return text and dt.date.fromisoformat(text)


def identity(case):
    return str(case[:-2])


def test_both_languages_have_the_same_texts():
    assert FRENCH.keys() == ENGLISH.keys()


def test_english_definitions_are_those_of_the_measures_alone():
    own = json.loads(files("gis.maps").joinpath("strings", "en.json").read_text(encoding="utf-8"))
    assert ENGLISH.keys() - own.keys() > {"figure.in_place_m2", "assumption.list_incomplete", "reason.not_refound"}
    assert {key: ENGLISH[key] for key in own} == own


def test_both_languages_leave_the_same_gaps():
    gaps = [{key: {*re.findall(r"\{(\w+)\}", text)} for key, text in each.items()} for each in (FRENCH, ENGLISH)]
    assert gaps[0] == gaps[1]


FAULTS = {
    "a plain or wide space before a sign": (FRENCH, r"[ \u00a0][?!:;%»]|«[ \u00a0]"),
    "no space before a sign": (FRENCH, r"[^\s?!(][?!;»]|\w[%]|«\S|«$"),
    "a straight quote": (FRENCH, r"[\"']"),
    "a straight quote, in English": (ENGLISH, r"[\"']"),
    "a stray space": (FRENCH, r"  |^\s|\s$"),
    "a stray space, in English": (ENGLISH, r"  |^\s|\s$"),
}


@pytest.mark.parametrize(("texts", "fault"), FAULTS.values(), ids=FAULTS)
def test_no_text_has(texts, fault):
    assert {key: text for key, text in texts.items() if re.search(fault, text)} == {}


@pytest.mark.parametrize(("language", "slip_road"), [("fr", "bretelle"), ("en", "slip road")])
def test_a_slip_road_is_not_called_a_motorway(language, slip_road):
    assert slip_road in i18n.text_catalogue(language)[f"road.{ROADS['Bretelle']}"]


@pytest.mark.parametrize("case", CASES["number"], ids=identity)
def test_numbers(case):
    value, digits, french, english = case
    assert i18n.number_text(value, "fr", digits=digits) == french
    assert i18n.number_text(value, "en", digits=digits) == english


@pytest.mark.parametrize("case", CASES["percent"], ids=identity)
def test_percents(case):
    share, french, english = case
    assert i18n.percent_text(share, "fr") == french
    assert i18n.percent_text(share, "en") == english


@pytest.mark.parametrize("case", CASES["date"], ids=identity)
def test_dates(case):
    iso, french, english = case
    assert i18n.date_text(day(iso), "fr") == french
    assert i18n.date_text(day(iso), "en") == english


@pytest.mark.parametrize("case", CASES["span"], ids=identity)
def test_spans(case):
    earliest, latest, french, english = case
    assert i18n.date_span_text(day(earliest), day(latest), "fr") == french
    assert i18n.date_span_text(day(earliest), day(latest), "en") == english


@pytest.mark.parametrize("case", CASES["between"], ids="-".join)
def test_bounds_read_as_one_text_and_name_their_unit_once(case):
    low, high, both = case
    assert i18n.range_text(low, high) == both


TYPESET = {
    "Qui ?": "Qui\u202f?",
    "Vite !": "Vite\u202f!",
    "ainsi : oui ; non": "ainsi\u202f: oui\u202f; non",
    "60 % « dit »": "60\u202f% «\u202fdit\u202f»",
    "rien": "rien",
}


@pytest.mark.parametrize(("plain", "set_"), TYPESET.items(), ids=TYPESET)
def test_french_is_typeset(plain, set_):
    assert i18n.typeset_french(plain) == set_


def test_only_french_is_typeset_in_the_data_of_a_page():
    given = {"fr": "Qui ?", "en": "Who ?", "list": [{"fr": "a ; b"}, "c ; d"], "n": 1}
    expected = {"fr": "Qui\u202f?", "en": "Who ?", "list": [{"fr": "a\u202f; b"}, "c ; d"], "n": 1}
    assert i18n.typeset_bilingual(given) == expected


def test_the_values_of_figures_that_the_pages_are_tested_on_are_what_is_written_here(recorded):
    """Every pair of bounds in every unit of a figure, in both languages."""
    pairs = [(None, None), (0.0, None), (None, 0.4), (0.0, 1.0), (0.0, 0.0), (0.25, None), (0.25, 0.25), (0.1594, 12.5)]
    cases = []
    for unit, (low, high) in product(UNITS, pairs):
        figure = Figure("f", "k", "s", low, high, unit, "", "")
        written = {language: figure_text(figure, language) for language in LANGUAGES}
        cases.append({"unit": unit, "low": low, "high": high, **written})
    keys = ["word.inconnu", "range.unknown", *(f"unit.{unit}" for unit in UNITS if unit != "ratio")]
    words = {language: {key: i18n.text_catalogue(language)[key] for key in keys} for language in LANGUAGES}
    recorded("figure_cases.json", [{"words": words}, *cases])


def test_the_inks_that_the_pages_are_tested_on_are_what_is_chosen_here(recorded):
    """Every colour of the palette, and greys around the one on which both inks are read alike."""
    named = [value for name, value in vars(palette).items() if name.isupper() and not name.startswith("_")]
    values = [each.values() if isinstance(each, dict) else [each] if isinstance(each, str) else each for each in named]
    colours = {colour for each in values for colour in each} | {f"#{n:02x}{n:02x}{n:02x}" for n in range(0, 256, 5)}
    cases = [
        {
            "colour": colour,
            "ink": palette.ink_on_colour(colour),
            "on_white": round(palette.contrast_ratio(colour, "#ffffff"), 6),
        }
        for colour in sorted(colours)
    ]
    assert {case["ink"] for case in cases} == {palette.DARK_INK, palette.LIGHT_INK}
    recorded("contrast_cases.json", cases)
