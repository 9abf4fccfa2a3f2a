"""Proposes which column of a file corresponds to which of ours, by name and by content, with a score and the reason.

The name weighs 70 %, the cells 30 %. A column whose cells contradict ours (text where a number is required) is never
proposed. Codes with an unmistakable format (INSEE, SIRET, parcels) are found whatever the name of their column.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pandera.pandas as pa
from rapidfuzz.distance import Indel

from gis import days
from gis.schemas import KEYS, drawn_as
from gis.sources.own_files.cells import (
    cell_converter,
    cell_says_unit,
    decimal_sign_of_cells,
    is_number_cell,
    is_same_word,
    is_twofold_number,
)
from gis.sources.own_files.import_synonyms import COLUMNS, GROUPS, NAMED, NUMBERED, UPPER, WHOLE, WORDS, ZONES
from gis.sources.own_files.mapping import NUMBER, TableReading, columns_of_layer, vocabulary_of_column
from gis.sources.own_files.points import POSITION
from gis.sources.tables import siret
from gis.sources.tables.codes import parcel_number
from gis.sources.tables.fact_tables import DATED
from gis.sources.tables.plain_words import normalised_text

#: Minimum score of a proposal.
ENOUGH: Final = 0.5

#: Weight of the name in the score; the cells have the rest.
NAME: Final = 0.7

#: Minimum share of cells that must fit where a number, a date, a code or a term is required.
_FIT: Final = 0.9
_FIT_WORDS: Final = 0.3

#: The same for types whose misfits are reported one by one when the file is read: a number, a date, a SIRET.
_FIT_TOLD: Final = 0.5

#: Common placeholders for a missing value, as normalised texts.
_NOTHING: Final = frozenset({"", "?", "nc", "n c", "nd", "n d", "na", "n a", "nr", "neant", "inconnu", "inconnue"})

#: Maximum number of distinct values of a vocabulary.
_MOST_WORDS: Final = 40

#: Two names are similar from this normalised Indel similarity on: 2 · LCS / (m + n).
_NEARLY: Final = 0.85

_CUT: Final = 10
_CODES: Final[Mapping[str, Callable[[str], object]]] = {
    "siret": re.compile(r"\d{14}").fullmatch,
    "parcel_id": parcel_number,
}
_AREA: Final = re.compile(r"(?:^| |surf|area)(ha|hectares?|m2|km2)$")


@dataclass(frozen=True, slots=True)
class Choice:
    """A column of a file proposed for one of ours, with its score and reason."""

    column: str
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed reading of a table, and the points that a person should review."""

    reading: TableReading
    choices: Mapping[str, Choice]
    left: tuple[str, ...]
    absent: tuple[str, ...]
    unknown: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)  # the reason for each column that is left over


@dataclass(frozen=True, slots=True)
class Sample:
    """The cells of a table by column, and the measured area of each geometry in square metres (NaN without one).

    `typed` are the columns that the file stores as numbers.
    """

    name: str
    table: str
    cells: Mapping[str, Sequence[str]]
    areas: Sequence[float] = ()
    has_shapes: bool = False
    typed: frozenset[str] = frozenset()


def propose_reading(
    layer: str, sample: Sample, *, communes: Mapping[str, str], known: Mapping[str, Collection[str]], crs: str = ""
) -> Proposal:
    """Propose how to read a table as a layer.

    Parameters
    ----------
    layer, sample
        The target layer, and the cells of the table.
    communes
        INSEE code → name, of the territory.
    known
        By column that references another layer, the existing keys.
    crs
        CRS that the user has stated, if any.
    """
    columns = {name: column for name, column in columns_of_layer(layer).items() if name not in POSITION}
    geometry, plain_cells = _find_shape_column(layer, sample)
    territory_known = _Known(communes, known)
    choices = _assign_columns(_scored_pairs(layer, plain_cells, columns, territory_known))
    for low, high in UPPER.items():
        if low in choices and high not in choices and high in columns:
            choices[high] = choices[low]
    theirs_of_ours = {ours: choices[ours].column for ours in columns if ours in choices}
    key, notes = KEYS[layer], {}
    prefixes = {}
    if key not in theirs_of_ours and "siret" in theirs_of_ours:
        theirs_of_ours, choices[key] = {key: theirs_of_ours["siret"], **theirs_of_ours}, choices["siret"]
    joined: dict[str, str] = {}
    if key not in theirs_of_ours:
        telling_columns = _columns_telling_apart(layer, plain_cells, theirs_of_ours)
        theirs_of_ours = {key: telling_columns.columns[0], **theirs_of_ours}
        joined = dict.fromkeys([key] if len(telling_columns.columns) > 1 else [], telling_columns.columns[-1])
        notes[key] = telling_columns.note
        if telling_columns.columns[0] != NUMBER:
            choices[key] = Choice(
                telling_columns.columns[0], ENOUGH, "its cells; with those of another" if joined else "its cells"
            )
    numbered = all(_is_key_a_number(each, sample) for each in (theirs_of_ours[key], *joined.values()))
    if numbered or theirs_of_ours[key] == theirs_of_ours.get(NAMED.get(layer, "")):
        prefixes[key] = f"{normalised_text(sample.table or sample.name).replace(' ', '-')}-"
    if (last_column := joined.get(key, theirs_of_ours[key])) in plain_cells and (numbered or joined):
        theirs_of_ours |= _name_column_of_key(layer, last_column, theirs_of_ours, choices)
    prefixes |= _prefixes_of_references(layer, theirs_of_ours, sample, known)
    values, unknown = _words_of_columns(theirs_of_ours, columns, sample)
    units = _units_of_areas(theirs_of_ours, sample, notes)
    decimals = _decimal_signs(theirs_of_ours, columns, sample, notes)
    constants = {}
    if layer == "sites" and "site_type" not in theirs_of_ours:
        names_text = f" {normalised_text(sample.name)} {normalised_text(sample.table)} "
        if any(f" {word} " in names_text for word in ZONES):
            constants["site_type"] = "zone d'activité économique"
            notes["site_type"] = "The name of the file says so. Delete the line where it is not true of every row."
    x, y = ("", "") if geometry or sample.has_shapes else _longitude_and_latitude(plain_cells)
    columns_used = {*theirs_of_ours.values(), *joined.values(), geometry, x, y}
    reading = TableReading(
        layer,
        theirs_of_ours,
        table=sample.table,
        crs=crs or ("EPSG:4326" if x else ""),
        geometry=geometry,
        x=x,
        y=y,
        units=units,
        decimals=decimals,
        prefixes=prefixes,
        joined=joined,
        constants=constants,
        values=values,
    )
    columns_left = tuple(name for name in sample.cells if name not in columns_used)
    columns_absent = tuple(name for name in columns if name not in theirs_of_ours and name not in constants)
    choices_made = {ours: choices[ours] for ours in theirs_of_ours if ours in choices}
    reasons_left = {
        name: _reason_column_left(layer, name, plain_cells.get(name), theirs_of_ours, territory_known)
        for name in columns_left
    }
    return Proposal(reading, choices_made, columns_left, columns_absent, unknown, notes, reasons_left)


@dataclass(frozen=True, slots=True)
class _Apart:
    """The columns that together identify rows if no column is a key, and a note for a person."""

    columns: tuple[str, ...]
    note: str


def _columns_telling_apart(layer: str, cells: Mapping[str, Sequence[str]], named: Mapping[str, str]) -> _Apart:
    """Find columns that identify rows without a key: a group and a number, a name, a group and a name, or none."""
    name = named.get(NAMED.get(layer, ""), "")
    if layer in NAMED:
        groups = [*(named[each] for each in ("site_id", "building_id", "insee") if each in named)]
        groups += [
            each for each in cells if each not in groups and not GROUPS.isdisjoint(normalised_text(each).split())
        ]
        like_keys = [each for each in cells if _name_score(each, layer, KEYS[layer])[0]]
        numbers = [each for each in like_keys if each not in {*groups, name}]
        pairs = [(group, number) for number in numbers for group in groups]
        name_alone = [(name,)] if name else []
        for columns in (*pairs, *name_alone, *((group, name) for group in groups if name and group != name)):
            if _do_columns_tell_apart([cells[each] for each in columns]):
                columns_text = " and ".join(f"`{each}`" for each in columns)
                verb = "together tell" if len(columns) > 1 else "tells"
                fallback_text = (
                    "a row without it has its number" if len(columns) == 1 else "a row without both has its number"
                )
                return _Apart(
                    columns, f"No column is a key, but {columns_text} {verb} the rows apart; {fallback_text}."
                )
    note = "No column tells the rows apart: the number of the feature does, as long as nobody sorts the file."
    return _Apart((NUMBER,), note)


def _do_columns_tell_apart(columns: Sequence[Sequence[str]]) -> bool:
    """Return whether the rows with a value in all given columns are distinct, and are at least half of all rows."""
    rows = [["".join(text.split()) for text in row] for row in zip(*columns, strict=True)]
    joined_rows = ["-".join(row) for row in rows if all(row)]
    return bool(joined_rows) and len({*joined_rows}) == len(joined_rows) and len(joined_rows) * 2 >= len(rows)


def _name_column_of_key(
    layer: str, theirs: str, named: Mapping[str, str], choices: dict[str, Choice]
) -> dict[str, str]:
    """Return a column that is part of the key also as the name of rows, if no other column names them."""
    name = NAMED.get(layer, "")
    score, why = _name_score(theirs, layer, name)
    if not score or name in named:
        return {}
    choices[name] = Choice(theirs, NAME * score, why)
    return {name: theirs}


def _longitude_and_latitude(cells: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Find the columns of longitude and latitude; empty texts if one is missing or its cells are not degrees."""
    axis_columns = []
    for names, most_degrees in ((_LONGITUDE, 180.0), (_LATITUDE, 90.0)):
        fitting_names = [
            name
            for name, texts in cells.items()
            if normalised_text(name) in names and _are_cells_degrees(texts, most_degrees)
        ]
        axis_columns.append(fitting_names[0] if fitting_names else "")
    return (axis_columns[0], axis_columns[1]) if all(axis_columns) else ("", "")


_LONGITUDE: Final = ("longitude", "lon", "long", "lng", "x longitude", "coord x wgs84")
_LATITUDE: Final = ("latitude", "lat", "y latitude", "coord y wgs84")


def _are_cells_degrees(texts: Sequence[str], most: float) -> bool:
    number_texts = [text.replace(",", ".") for text in texts if text]
    fitting_texts = [
        text for text in number_texts if re.fullmatch(r"-?\d{1,3}(\.\d+)?", text) and abs(float(text)) <= most
    ]
    return len(fitting_texts) > len(number_texts) / 2


def _is_key_a_number(theirs: str, sample: Sample) -> bool:
    """Return whether a key is a plain number, which rows of other files are likely to have too."""
    if theirs == NUMBER:
        return True
    filled_cells = [text for text in sample.cells[theirs] if text]
    return (
        bool(filled_cells)
        and all(text.isdecimal() for text in filled_cells)
        and (normalised_text(theirs) in NUMBERED or max(map(len, filled_cells)) < _LONG)
    )


#: Minimum number of digits for a number to be an external key instead of a counter.
_LONG: Final = 6


def _find_shape_column(layer: str, sample: Sample) -> tuple[str, dict[str, Sequence[str]]]:
    """Find the column with the layer's geometries as text in a table, and set aside all columns with geometries."""
    shape_pattern = re.compile(
        r'\s*(\{.*"coordinates"|(SRID=\d+;)?(MULTI)?(POLYGON|POINT|LINESTRING)[ (Z])', re.IGNORECASE
    )
    shape_columns = {
        name: filled_cells[0]
        for name, cells in sample.cells.items()
        if (filled_cells := [cell for cell in cells if cell])
        and all(shape_pattern.match(cell) for cell in filled_cells)
    }
    drawn_columns = [
        name for name, first_cell in shape_columns.items() if drawn_as(layer).value.upper() in first_cell[:200].upper()
    ]
    other_cells = {name: cells for name, cells in sample.cells.items() if name not in shape_columns}
    return ("" if sample.has_shapes or not drawn_columns else drawn_columns[0]), other_cells


def _scored_pairs(
    layer: str,
    cells: Mapping[str, Sequence[str]],
    columns: Mapping[str, pa.Column],
    there: "_Known",
) -> list[tuple[float, str, Choice]]:
    """Score every pair of one of our columns and one of theirs, except pairs that the cells contradict."""
    scored_choices = []
    for theirs, texts in cells.items():
        filled_cells = [text for text in texts if text]
        for ours, column in columns.items():
            name_score, why = _name_score(theirs, layer, ours)
            share = _fitting_share(ours, column, is_key=ours == KEYS[layer], known=there, texts=texts)
            is_code_column = ours in _CODES or (ours == "insee" and not there.communes.keys().isdisjoint(filled_cells))
            is_code = (
                name_score == 0
                and is_code_column
                and bool(filled_cells)
                and share == 1
                and all(map(_CODES.get(ours, bool), filled_cells))
            )
            if share < 0 or (name_score == 0 and not is_code):
                continue
            score = ENOUGH + 0.1 if is_code else NAME * name_score + (1 - NAME) * share
            content = "no cell is filled" if not filled_cells else f"{share:.0%} of its cells fit"
            if score >= ENOUGH:
                scored_choices.append(
                    (score, ours, Choice(theirs, score, f"{'its cells' if is_code else why}; {content}"))
                )
    return scored_choices


def _assign_columns(scores: Iterable[tuple[float, str, Choice]]) -> dict[str, Choice]:
    """Assign to each of our columns the best remaining one of theirs; a SIRET can be both key and column."""
    choices: dict[str, Choice] = {}
    for _, ours, choice in sorted(scores, key=lambda each: (-each[0], each[1], each[2].column)):
        sharing_columns = {other for other, taken in choices.items() if taken.column == choice.column}
        if ours not in choices and (not sharing_columns or {ours, *sharing_columns} == _SIRET):
            choices[ours] = choice
    return choices


_SIRET: Final = {"establishment_id", "siret"}


def _name_score(theirs: str, layer: str, ours: str) -> tuple[float, str]:
    """Score the name of a column against the synonyms of ours."""
    plain_name = normalised_text(theirs)
    tight_theirs, tokens = plain_name.replace(" ", ""), plain_name.split()
    best_score, why = 0.0, ""
    whole_alone = WHOLE if ours in _NUMBERED_NAMES else ()
    names = [*enumerate(COLUMNS[layer].get(ours, ()))]
    for rank, name in (each for each in names if each[1] not in whole_alone or is_same_word(theirs, each[1])):
        parts = name.split()
        tight_name = name.replace(" ", "")
        if is_same_word(theirs, name):
            score, reason = 1.0, "its name"
        elif tight_theirs == tight_name:
            score, reason = 0.97, "its name"
        elif len(tight_theirs) == _CUT and tight_name.startswith(tight_theirs):
            score, reason = 0.9, f"its name, cut from `{name}`"
        elif len(tight_theirs) > 4 and tight_name.startswith(tight_theirs):  # noqa: PLR2004
            score, reason = 0.75, f"its name, short for `{name}`"
        elif set(parts) <= set(tokens) and len(tight_name) > 1:
            score, reason = 0.6 + 0.3 * len(parts) / len(tokens), f"`{name}` in its name"
        elif len(parts) > 1 and all(any(len(t) > 2 and p.startswith(t) for t in tokens) for p in parts):  # noqa: PLR2004
            score, reason = 0.75, f"its name, short for `{name}`"
        elif len(tight_theirs) > 4 and Indel.normalized_similarity(tight_theirs, tight_name) > _NEARLY:  # noqa: PLR2004
            score, reason = 0.65, f"its name, nearly `{name}`"
        else:
            continue
        score -= 0.004 * rank
        if score > best_score:
            best_score, why = score, reason
    return best_score, why


@dataclass(frozen=True, slots=True)
class _Known:
    """The data of the territory that cells are compared with: its communes, and the keys of other layers."""

    communes: Mapping[str, str]
    keys: Mapping[str, Collection[str]]


def _fitting_share(ours: str, column: pa.Column, *, is_key: bool, known: _Known, texts: Sequence[str]) -> float:
    """Return the share of cells that fit one of our columns, from 0 to 1; a negative value if they contradict it."""
    filled_cells = [text for text in texts if text]
    matches_form, words = _CODES.get(ours), vocabulary_of_column(column)
    share, least = 0.5, 0.0
    if cell_fits := _cell_test(ours, column, filled_cells):
        share, least = _share_of_telling_cells(filled_cells, cell_fits), _FIT_TOLD
    elif matches_form and not (is_key or all(matches_form(text) for text in filled_cells)):
        least = 1.0
    elif (
        is_key
        and matches_form
        and filled_cells
        and _count_items(text for text in filled_cells if matches_form(text)) >= _FIT_TOLD * len(filled_cells)
    ):
        share = 1.0  # parcel numbers: a repeated number is one parcel
    elif is_key:
        is_distinct = (
            bool(filled_cells) and len({*filled_cells}) == len(filled_cells) and len(filled_cells) * 2 >= len(texts)
        )  # a key may have blank cells
        share, least = float(is_distinct), 1.0
    elif matches_form:
        share = 1.0 if filled_cells else 0.5
    elif filled_cells and words:
        distinct = {*filled_cells}
        share = sum(bool(word_meant_by_text(ours, text, words)) for text in distinct) / len(distinct)
        least = _FIT_WORDS if len(distinct) <= _MOST_WORDS else 2.0
    elif filled_cells and ours == "insee":
        convert = cell_converter(ours, column, TableReading("", {}), known.communes)
        share, least = (
            _count_items(text for text in filled_cells if not convert(text)[1]) / len(filled_cells),
            _FIT_TOLD,
        )
    elif filled_cells and ours in known.keys:
        share = 0.5 + 0.5 * _count_items(text for text in filled_cells if text in known.keys[ours]) / len(filled_cells)
    elif filled_cells:
        pattern = r"\w" if ours in _NUMBERED_NAMES else r"[^\W\d_]{2}"
        share, least = _count_items(text for text in filled_cells if re.search(pattern, text)) / len(filled_cells), 0.5
    return share if share >= least else -1.0


#: Name columns whose values may contain no word: a lot can be named A14, or 14.
_NUMBERED_NAMES: Final = {"terrain_name", "building_name", "premises_name"}

#: Text columns that contain at least a year.
_YEARS: Final = {*DATED, "jobs_as_of"}


def _cell_test(ours: str, column: pa.Column, said: Sequence[str]) -> Callable[[str], bool] | None:
    """Return the test of a cell for types whose misfits are reported when the file is read, or None for others."""
    dtype, sign = str(column.dtype), decimal_sign_of_cells(said)
    if ours == "siret":
        return siret.is_like_siret
    if dtype.startswith("float"):
        return lambda text: is_number_cell(text, sign)
    if dtype.startswith("datetime"):
        return lambda text: days.parse_day_cell(text)[1] is not days.Doubt.NO_DAY
    return (lambda text: re.search(r"(1[789]|20|99)\d{2}", text) is not None) if ours in _YEARS else None


def _share_of_telling_cells(said: Sequence[str], fits: Callable[[str], bool]) -> float:
    """Return the share of fitting cells among those with a value; 0.5 if there are none."""
    telling_cells = [text for text in said if normalised_text(text) not in _NOTHING]
    return sum(map(fits, telling_cells)) / len(telling_cells) if telling_cells else 0.5


def _reason_column_left(
    layer: str, theirs: str, texts: Sequence[str] | None, named: Mapping[str, str], known: _Known
) -> str:
    """Return why a column is left over: no similar name, another column was preferred, or a cell does not fit."""
    if texts is None:
        return "it holds shapes"
    scored = ((_name_score(theirs, layer, ours)[0], ours) for ours in columns_of_layer(layer))
    best_score, ours = max(scored, key=lambda each: each[0])
    if not best_score:
        return "no column of ours is called so"
    if cell := _misfitting_cell(layer, ours, texts, known):
        return f"called like {ours}, but {cell}"
    if ours in named:
        return f"{ours} is read from `{named[ours]}`"
    return f"its name is not enough like {ours}"


def _misfitting_cell(layer: str, ours: str, texts: Sequence[str], known: _Known) -> str:
    """Return a cell that shows why a column does not fit, or the empty text if its cells fit well enough."""
    column, filled_cells = columns_of_layer(layer)[ours], [text for text in texts if text]
    if _fitting_share(ours, column, is_key=ours == KEYS[layer], known=known, texts=texts) >= 0:
        return ""
    if ours == KEYS[layer] and len(set(texts)) < len(texts):
        doubled = Counter(texts).most_common(1)[0][0]
        return f"`{doubled}` stands twice" if doubled else "it is not filled in every row"
    misfitting = (
        text for text in filled_cells if _fitting_share(ours, column, is_key=False, known=known, texts=[text]) < 0
    )
    return f"`{next(misfitting, filled_cells[0] if filled_cells else '')}` does not fit, as others do not"


def _count_items(fitting: Iterable[str]) -> int:
    return sum(1 for _ in fitting)


def word_meant_by_text(column: str, text: str, words: Iterable[str]) -> str:
    """Return our term for a word, or the empty text if the word is ambiguous or unknown."""
    direct = next((word for word in words if word and is_same_word(text, word)), "")
    synonyms = WORDS.get(column, {})
    return direct or next(
        (word for word, names in synonyms.items() if any(is_same_word(text, name) for name in names)), ""
    )


def _words_of_columns(
    named: Mapping[str, str], columns: Mapping[str, pa.Column], sample: Sample
) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, int]]]:
    """Return our term for each word of a file, and the counts of the words without one."""
    values: dict[str, dict[str, str]] = {}
    unknown: dict[str, dict[str, int]] = {}
    for ours, theirs in named.items():
        words = vocabulary_of_column(columns[ours])
        if not words or theirs == NUMBER:
            continue
        cells = [" ".join(text.split()) for text in sample.cells[theirs] if text]
        for text in sorted(set(cells)):
            word = word_meant_by_text(ours, text, words)
            values.setdefault(ours, {})[text] = word
            if not word:
                unknown.setdefault(ours, {})[text] = cells.count(text)
    return values, unknown


def _units_of_areas(named: dict[str, str], sample: Sample, notes: dict[str, str]) -> dict[str, str]:
    """Return the unit of each area column: from its name, or by comparison with the geometries; "" if unknown."""
    units = {}
    for ours, theirs in list(named.items()):
        target = next((unit for unit in ("ha", "m2") if ours.endswith(f"_{unit}") and "_eur_" not in ours), "")
        if not target or theirs == NUMBER:
            continue
        unit_in_name = _AREA.search(normalised_text(theirs))
        unit = "" if unit_in_name is None else "ha" if unit_in_name[1].startswith("h") else unit_in_name[1]
        if not unit and (unit := _unit_beside_shapes(theirs, sample)):
            _note_lower_bound(notes, ours, f"In {unit}, as the shapes show.")
        if not unit and normalised_text(theirs) in _IN_M2 and target == "m2":
            unit = target
        cells_without_unit = [text for text in sample.cells[theirs] if text and not cell_says_unit(text)]
        if not unit and cells_without_unit:
            note = f"The file does not say the unit of `{theirs}`: unknown until [units] says m2, ha or km2."
            _note_lower_bound(notes, ours, note)
            units[ours] = ""
        if unit and unit != target:
            units[ours] = unit
    return units


#: Names of the cadastre for the area of a parcel, which is in square metres.
_IN_M2: Final = ("contenance", "dcntpa")


def _note_lower_bound(notes: dict[str, str], ours: str, note: str) -> None:
    """Add a note to a column, except to an upper bound, which repeats its lower bound."""
    if ours not in UPPER.values():
        notes[ours] = note


def _unit_beside_shapes(theirs: str, sample: Sample) -> str:
    """Return the unit in which a column's areas match those of the geometries, or the empty text."""
    ratios = []
    for text, area in zip(sample.cells[theirs], sample.areas, strict=False):
        try:
            stated = float(re.sub(r"\s", "", text).replace(",", "."))
        except ValueError:
            continue
        if stated > 0 and area > 0:
            ratios.append(area / stated)
    if not ratios:
        return ""
    median_ratio = sorted(ratios)[len(ratios) // 2]
    units = {"m2": 1.0, "ha": 10_000.0, "km2": 1_000_000.0}
    return next((unit for unit, size in units.items() if size / 3 < median_ratio < size * 3), "")


def _decimal_signs(
    named: Mapping[str, str], columns: Mapping[str, pa.Column], sample: Sample, notes: dict[str, str]
) -> dict[str, str]:
    """Return the decimal sign of the text columns with numbers, and add a note where it is ambiguous."""
    numbers = {
        ours: sample.cells[theirs]
        for ours, theirs in named.items()
        if theirs != NUMBER and theirs not in sample.typed and str(columns[ours].dtype).startswith("float")
    }
    signs = {ours: decimal_sign_of_cells(cells) for ours, cells in numbers.items()}
    for ours, cells in numbers.items():
        if not signs[ours] and (twofold := next(filter(is_twofold_number, cells), "")):
            _note_lower_bound(notes, ours, f"`{twofold}` could be two numbers: say its decimal sign in decimals.")
    return {
        ours: sign
        for ours, sign in signs.items()
        if sign and (sign == "," or any(map(is_twofold_number, numbers[ours])))
    }


def _prefixes_of_references(
    layer: str, named: Mapping[str, str], sample: Sample, known: Mapping[str, Collection[str]]
) -> dict[str, str]:
    """Find the prefix of keys that a file references without the prefix."""
    key_prefixes = {}
    for ours, keys in known.items():
        theirs = named.get(ours, NUMBER)
        if theirs == NUMBER or ours == KEYS[layer]:
            continue
        references = [text for text in set(sample.cells[theirs]) if text]
        if not references or any(text in keys for text in references):
            continue
        possible_prefixes = {key.removesuffix(references[0]) for key in keys if key.endswith(f"-{references[0]}")}
        fitting_prefixes = [
            start for start in possible_prefixes if all(f"{start}{text}" in keys for text in references)
        ]
        if len(fitting_prefixes) == 1:
            key_prefixes[ours] = fitting_prefixes[0]
    return key_prefixes
