"""Which column of a file is which of ours: a proposal, by name and by content, each with its score and why.

A name counts for seven tenths, the cells for three; a column whose cells contradict it (text where a number is due) is
never proposed. Codes that nothing else looks like (INSEE, SIRET, parcels) are found whatever their column is called.
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
from gis.sources.own_files.cells import converter, decimal_sign, is_number, is_twofold, same, says_unit
from gis.sources.own_files.import_synonyms import COLUMNS, GROUPS, NAMED, NUMBERED, UPPER, WHOLE, WORDS, ZONES
from gis.sources.own_files.mapping import NUMBER, TableReading, columns_of, words_of
from gis.sources.own_files.points import POSITION
from gis.sources.tables import siret
from gis.sources.tables.codes import parcel_number
from gis.sources.tables.fact_tables import DATED
from gis.sources.tables.plain_words import plain

#: Least score of a proposal.
ENOUGH: Final = 0.5

#: Share of the score that the name gives; the cells give the rest.
NAME: Final = 0.7

#: Least share of cells that must fit where a number, a date, a code or a word is due.
_FIT: Final = 0.9
_FIT_WORDS: Final = 0.3

#: The same where a cell that does not fit is told by itself, when it is read: a number, a day, a SIRET.
_FIT_TOLD: Final = 0.5

#: What people write where they say nothing, as `plain` leaves it.
_NOTHING: Final = frozenset({"", "?", "nc", "n c", "nd", "n d", "na", "n a", "nr", "neant", "inconnu", "inconnue"})

#: Most different values that a vocabulary has.
_MOST_WORDS: Final = 40

#: Two names are nearly one from so much of their letters in common on: 2 · LCS / (m + n), normalised Indel similarity.
_NEARLY: Final = 0.85

_CUT: Final = 10
_CODES: Final[Mapping[str, Callable[[str], object]]] = {
    "siret": re.compile(r"\d{14}").fullmatch,
    "parcel_id": parcel_number,
}
_AREA: Final = re.compile(r"(?:^| |surf|area)(ha|hectares?|m2|km2)$")


@dataclass(frozen=True, slots=True)
class Choice:
    """A column of a file proposed for one of ours: how sure, and why."""

    column: str
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A reading of a table, and what a person should look at."""

    reading: TableReading
    choices: Mapping[str, Choice]
    left: tuple[str, ...]
    absent: tuple[str, ...]
    unknown: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)  # of each column that is left, why it is


@dataclass(frozen=True, slots=True)
class Sample:
    """The cells of a table by column, and the measured area of each shape in square metres (NaN without).

    `typed` are the columns that the file holds as numbers.
    """

    name: str
    table: str
    cells: Mapping[str, Sequence[str]]
    areas: Sequence[float] = ()
    has_shapes: bool = False
    typed: frozenset[str] = frozenset()


def propose(
    layer: str, sample: Sample, *, communes: Mapping[str, str], known: Mapping[str, Collection[str]], crs: str = ""
) -> Proposal:
    """Propose how a table is read as a layer.

    Parameters
    ----------
    layer, sample
        The layer it should be, and the cells of the table.
    communes
        INSEE code → name, of the territory.
    known
        By column that names rows of another layer, the keys there are.
    crs
        CRS that a person has said, or nothing.
    """
    columns = {name: column for name, column in columns_of(layer).items() if name not in POSITION}
    geometry, rest = _shapes_as_text(layer, sample)
    there = _Known(communes, known)
    choices = _assigned(_scores(layer, rest, columns, there))
    for low, high in UPPER.items():
        if low in choices and high not in choices and high in columns:
            choices[high] = choices[low]
    named = {ours: choices[ours].column for ours in columns if ours in choices}
    key, notes = KEYS[layer], {}
    prefixes = {}
    if key not in named and "siret" in named:
        named, choices[key] = {key: named["siret"], **named}, choices["siret"]
    joined: dict[str, str] = {}
    if key not in named:
        apart = _told_apart(layer, rest, named)
        named = {key: apart.columns[0], **named}
        joined = dict.fromkeys([key] if len(apart.columns) > 1 else [], apart.columns[-1])
        notes[key] = apart.note
        if apart.columns[0] != NUMBER:
            choices[key] = Choice(
                apart.columns[0], ENOUGH, "its cells; with those of another" if joined else "its cells"
            )
    numbered = all(_is_a_number(each, sample) for each in (named[key], *joined.values()))
    if numbered or named[key] == named.get(NAMED.get(layer, "")):
        prefixes[key] = f"{plain(sample.table or sample.name).replace(' ', '-')}-"
    if (last := joined.get(key, named[key])) in rest and (numbered or joined):
        named |= _name_of_key(layer, last, named, choices)
    prefixes |= _prefixes_of_references(layer, named, sample, known)
    values, unknown = _words(named, columns, sample)
    units = _units(named, sample, notes)
    decimals = _decimals(named, columns, sample, notes)
    constants = {}
    if layer == "sites" and "site_type" not in named:
        holds = f" {plain(sample.name)} {plain(sample.table)} "
        if any(f" {word} " in holds for word in ZONES):
            constants["site_type"] = "zone d'activité économique"
            notes["site_type"] = "The name of the file says so. Delete the line where it is not true of every row."
    x, y = ("", "") if geometry or sample.has_shapes else _degrees(rest)
    used = {*named.values(), *joined.values(), geometry, x, y}
    reading = TableReading(
        layer,
        named,
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
    left = tuple(name for name in sample.cells if name not in used)
    absent = tuple(name for name in columns if name not in named and name not in constants)
    chosen = {ours: choices[ours] for ours in named if ours in choices}
    why = {name: _why_left(layer, name, rest.get(name), named, there) for name in left}
    return Proposal(reading, chosen, left, absent, unknown, notes, why)


@dataclass(frozen=True, slots=True)
class _Apart:
    """The columns that tell rows apart together, where none is a key, and what a person should know of it."""

    columns: tuple[str, ...]
    note: str


def _told_apart(layer: str, cells: Mapping[str, Sequence[str]], named: Mapping[str, str]) -> _Apart:
    """Find what tells rows apart without a key: a group and a number in it, a name, a group and a name, or nothing."""
    name = named.get(NAMED.get(layer, ""), "")
    if layer in NAMED:
        groups = [*(named[each] for each in ("site_id", "building_id", "insee") if each in named)]
        groups += [each for each in cells if each not in groups and not GROUPS.isdisjoint(plain(each).split())]
        like_keys = [each for each in cells if _name_score(each, layer, KEYS[layer])[0]]
        numbers = [each for each in like_keys if each not in {*groups, name}]
        pairs = [(group, number) for number in numbers for group in groups]
        alone = [(name,)] if name else []
        for columns in (*pairs, *alone, *((group, name) for group in groups if name and group != name)):
            if _tell_apart([cells[each] for each in columns]):
                said = " and ".join(f"`{each}`" for each in columns)
                how = "together tell" if len(columns) > 1 else "tells"
                rest = "a row without it has its number" if len(columns) == 1 else "a row without both has its number"
                return _Apart(columns, f"No column is a key, but {said} {how} the rows apart; {rest}.")
    note = "No column tells the rows apart: the number of the feature does, as long as nobody sorts the file."
    return _Apart((NUMBER,), note)


def _tell_apart(columns: Sequence[Sequence[str]]) -> bool:
    """Tell whether rows that say something in every one of some columns say no two the same, and are half at least."""
    rows = [["".join(text.split()) for text in row] for row in zip(*columns, strict=True)]
    said = ["-".join(row) for row in rows if all(row)]
    return bool(said) and len({*said}) == len(said) and len(said) * 2 >= len(rows)


def _name_of_key(layer: str, theirs: str, named: Mapping[str, str], choices: dict[str, Choice]) -> dict[str, str]:
    """Return a column as the name of rows too, where it is a part of their key and none names them."""
    name = NAMED.get(layer, "")
    score, why = _name_score(theirs, layer, name)
    if not score or name in named:
        return {}
    choices[name] = Choice(theirs, NAME * score, why)
    return {name: theirs}


def _degrees(cells: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Find the columns that say a longitude and a latitude; nothing where one is absent or no cell of it is such."""
    found = []
    for names, most in ((_LONGITUDE, 180.0), (_LATITUDE, 90.0)):
        fitting = [name for name, texts in cells.items() if plain(name) in names and _is_degrees(texts, most)]
        found.append(fitting[0] if fitting else "")
    return (found[0], found[1]) if all(found) else ("", "")


_LONGITUDE: Final = ("longitude", "lon", "long", "lng", "x longitude", "coord x wgs84")
_LATITUDE: Final = ("latitude", "lat", "y latitude", "coord y wgs84")


def _is_degrees(texts: Sequence[str], most: float) -> bool:
    said = [text.replace(",", ".") for text in texts if text]
    fitting = [text for text in said if re.fullmatch(r"-?\d{1,3}(\.\d+)?", text) and abs(float(text)) <= most]
    return len(fitting) > len(said) / 2


def _is_a_number(theirs: str, sample: Sample) -> bool:
    """Tell whether a key is a plain number, which a row of another file may well have too."""
    if theirs == NUMBER:
        return True
    said = [text for text in sample.cells[theirs] if text]
    return (
        bool(said)
        and all(text.isdecimal() for text in said)
        and (plain(theirs) in NUMBERED or max(map(len, said)) < _LONG)
    )


#: Digits from which a number is a key of somebody's and not a count.
_LONG: Final = 6


def _shapes_as_text(layer: str, sample: Sample) -> tuple[str, dict[str, Sequence[str]]]:
    """Find the column that holds the shapes of a layer as text in a table, and set aside all that hold shapes."""
    shape = re.compile(r'\s*(\{.*"coordinates"|(SRID=\d+;)?(MULTI)?(POLYGON|POINT|LINESTRING)[ (Z])', re.IGNORECASE)
    found = {
        name: said[0]
        for name, cells in sample.cells.items()
        if (said := [cell for cell in cells if cell]) and all(shape.match(cell) for cell in said)
    }
    drawn = [name for name, first in found.items() if drawn_as(layer).value.upper() in first[:200].upper()]
    rest = {name: cells for name, cells in sample.cells.items() if name not in found}
    return ("" if sample.has_shapes or not drawn else drawn[0]), rest


def _scores(
    layer: str,
    cells: Mapping[str, Sequence[str]],
    columns: Mapping[str, pa.Column],
    there: "_Known",
) -> list[tuple[float, str, Choice]]:
    """Score every pair of one of our columns and one of theirs, but for those that their cells contradict."""
    found = []
    for theirs, texts in cells.items():
        said = [text for text in texts if text]
        for ours, column in columns.items():
            name, why = _name_score(theirs, layer, ours)
            share = _fit(ours, column, is_key=ours == KEYS[layer], known=there, texts=texts)
            here = ours in _CODES or (ours == "insee" and not there.communes.keys().isdisjoint(said))
            code = name == 0 and here and bool(said) and share == 1 and all(map(_CODES.get(ours, bool), said))
            if share < 0 or (name == 0 and not code):
                continue
            score = ENOUGH + 0.1 if code else NAME * name + (1 - NAME) * share
            content = "no cell is filled" if not said else f"{share:.0%} of its cells fit"
            if score >= ENOUGH:
                found.append((score, ours, Choice(theirs, score, f"{'its cells' if code else why}; {content}")))
    return found


def _assigned(scores: Iterable[tuple[float, str, Choice]]) -> dict[str, Choice]:
    """Give each of our columns the best of theirs that is still free; a SIRET is a key and a column at once."""
    choices: dict[str, Choice] = {}
    for _, ours, choice in sorted(scores, key=lambda each: (-each[0], each[1], each[2].column)):
        shared = {other for other, taken in choices.items() if taken.column == choice.column}
        if ours not in choices and (not shared or {ours, *shared} == _SIRET):
            choices[ours] = choice
    return choices


_SIRET: Final = {"establishment_id", "siret"}


def _name_score(theirs: str, layer: str, ours: str) -> tuple[float, str]:
    """Score the name of a column against what others call ours."""
    said = plain(theirs)
    tight, tokens = said.replace(" ", ""), said.split()
    best, why = 0.0, ""
    whole_alone = WHOLE if ours in _NUMBERED_NAMES else ()
    names = [*enumerate(COLUMNS[layer].get(ours, ()))]
    for rank, name in (each for each in names if each[1] not in whole_alone or same(theirs, each[1])):
        parts = name.split()
        whole = name.replace(" ", "")
        if same(theirs, name):
            score, reason = 1.0, "its name"
        elif tight == whole:
            score, reason = 0.97, "its name"
        elif len(tight) == _CUT and whole.startswith(tight):
            score, reason = 0.9, f"its name, cut from `{name}`"
        elif len(tight) > 4 and whole.startswith(tight):  # noqa: PLR2004
            score, reason = 0.75, f"its name, short for `{name}`"
        elif set(parts) <= set(tokens) and len(whole) > 1:
            score, reason = 0.6 + 0.3 * len(parts) / len(tokens), f"`{name}` in its name"
        elif len(parts) > 1 and all(any(len(t) > 2 and p.startswith(t) for t in tokens) for p in parts):  # noqa: PLR2004
            score, reason = 0.75, f"its name, short for `{name}`"
        elif len(tight) > 4 and Indel.normalized_similarity(tight, whole) > _NEARLY:  # noqa: PLR2004
            score, reason = 0.65, f"its name, nearly `{name}`"
        else:
            continue
        score -= 0.004 * rank
        if score > best:
            best, why = score, reason
    return best, why


@dataclass(frozen=True, slots=True)
class _Known:
    """What the territory knows that cells can be held against: its communes, and the keys of other layers."""

    communes: Mapping[str, str]
    keys: Mapping[str, Collection[str]]


def _fit(ours: str, column: pa.Column, *, is_key: bool, known: _Known, texts: Sequence[str]) -> float:
    """Return the share of cells that fit one of our columns, from 0 to 1; below 0 they contradict it."""
    said = [text for text in texts if text]
    form, words = _CODES.get(ours), words_of(column)
    share, least = 0.5, 0.0
    if fits := _told_test(ours, column, said):
        share, least = _share_told(said, fits), _FIT_TOLD
    elif form and not (is_key or all(form(text) for text in said)):
        least = 1.0
    elif is_key and form and said and _count(text for text in said if form(text)) >= _FIT_TOLD * len(said):
        share = 1.0  # numbers of parcels: one that stands twice is one parcel
    elif is_key:
        unlike = (
            bool(said) and len({*said}) == len(said) and len(said) * 2 >= len(texts)
        )  # a key may be blank here and there
        share, least = float(unlike), 1.0
    elif form:
        share = 1.0 if said else 0.5
    elif said and words:
        distinct = {*said}
        share = sum(bool(word_of(ours, text, words)) for text in distinct) / len(distinct)
        least = _FIT_WORDS if len(distinct) <= _MOST_WORDS else 2.0
    elif said and ours == "insee":
        convert = converter(ours, column, TableReading("", {}), known.communes)
        share, least = _count(text for text in said if not convert(text)[1]) / len(said), _FIT_TOLD
    elif said and ours in known.keys:
        share = 0.5 + 0.5 * _count(text for text in said if text in known.keys[ours]) / len(said)
    elif said:
        word = r"\w" if ours in _NUMBERED_NAMES else r"[^\W\d_]{2}"
        share, least = _count(text for text in said if re.search(word, text)) / len(said), 0.5
    return share if share >= least else -1.0


#: Names that may have no word in them: a lot is called A14, or 14.
_NUMBERED_NAMES: Final = {"terrain_name", "building_name", "premises_name"}

#: Texts that name a year at least.
_YEARS: Final = {*DATED, "jobs_as_of"}


def _told_test(ours: str, column: pa.Column, said: Sequence[str]) -> Callable[[str], bool] | None:
    """Return what a cell is held against where one that does not fit is told when it is read; nothing elsewhere."""
    dtype, sign = str(column.dtype), decimal_sign(said)
    if ours == "siret":
        return siret.is_like_one
    if dtype.startswith("float"):
        return lambda text: is_number(text, sign)
    if dtype.startswith("datetime"):
        return lambda text: days.day(text)[1] is not days.Doubt.NO_DAY
    return (lambda text: re.search(r"(1[789]|20|99)\d{2}", text) is not None) if ours in _YEARS else None


def _share_told(said: Sequence[str], fits: Callable[[str], bool]) -> float:
    """Return the share of cells that fit of those that say something; one half where none does."""
    telling = [text for text in said if plain(text) not in _NOTHING]
    return sum(map(fits, telling)) / len(telling) if telling else 0.5


def _why_left(layer: str, theirs: str, texts: Sequence[str] | None, named: Mapping[str, str], known: _Known) -> str:
    """Say why a column has no place: nothing is called so, another one is, or a cell does not fit."""
    if texts is None:
        return "it holds shapes"
    scored = ((_name_score(theirs, layer, ours)[0], ours) for ours in columns_of(layer))
    best, ours = max(scored, key=lambda each: each[0])
    if not best:
        return "no column of ours is called so"
    if cell := _misfit(layer, ours, texts, known):
        return f"called like {ours}, but {cell}"
    if ours in named:
        return f"{ours} is read from `{named[ours]}`"
    return f"its name is not enough like {ours}"


def _misfit(layer: str, ours: str, texts: Sequence[str], known: _Known) -> str:
    """Return a cell for which a column is not one of ours; nothing where its cells are enough."""
    column, said = columns_of(layer)[ours], [text for text in texts if text]
    if _fit(ours, column, is_key=ours == KEYS[layer], known=known, texts=texts) >= 0:
        return ""
    if ours == KEYS[layer] and len(set(texts)) < len(texts):
        doubled = Counter(texts).most_common(1)[0][0]
        return f"`{doubled}` stands twice" if doubled else "it is not filled in every row"
    alone = (text for text in said if _fit(ours, column, is_key=False, known=known, texts=[text]) < 0)
    return f"`{next(alone, said[0] if said else '')}` does not fit, as others do not"


def _count(fitting: Iterable[str]) -> int:
    return sum(1 for _ in fitting)


def word_of(column: str, text: str, words: Iterable[str]) -> str:
    """Return the word of ours that somebody's word means; nothing when it could be two, or none."""
    direct = next((word for word in words if word and same(text, word)), "")
    others = WORDS.get(column, {})
    return direct or next((word for word, names in others.items() if any(same(text, name) for name in names)), "")


def _words(
    named: Mapping[str, str], columns: Mapping[str, pa.Column], sample: Sample
) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, int]]]:
    """Say for each word of a file which of ours it means, and count those that mean none."""
    values: dict[str, dict[str, str]] = {}
    unknown: dict[str, dict[str, int]] = {}
    for ours, theirs in named.items():
        words = words_of(columns[ours])
        if not words or theirs == NUMBER:
            continue
        cells = [" ".join(text.split()) for text in sample.cells[theirs] if text]
        for text in sorted(set(cells)):
            word = word_of(ours, text, words)
            values.setdefault(ours, {})[text] = word
            if not word:
                unknown.setdefault(ours, {})[text] = cells.count(text)
    return values, unknown


def _units(named: dict[str, str], sample: Sample, notes: dict[str, str]) -> dict[str, str]:
    """Say in which unit areas are: by the name of the column, else beside the shapes; "" where nobody does."""
    units = {}
    for ours, theirs in list(named.items()):
        target = next((unit for unit in ("ha", "m2") if ours.endswith(f"_{unit}") and "_eur_" not in ours), "")
        if not target or theirs == NUMBER:
            continue
        found = _AREA.search(plain(theirs))
        unit = "" if found is None else "ha" if found[1].startswith("h") else found[1]
        if not unit and (unit := _beside_shapes(theirs, sample)):
            _once(notes, ours, f"In {unit}, as the shapes show.")
        if not unit and plain(theirs) in _IN_M2 and target == "m2":
            unit = target
        bare = [text for text in sample.cells[theirs] if text and not says_unit(text)]
        if not unit and bare:
            note = f"The file does not say the unit of `{theirs}`: unknown until [units] says m2, ha or km2."
            _once(notes, ours, note)
            units[ours] = ""
        if unit and unit != target:
            units[ours] = unit
    return units


#: What the cadastre calls the area of a parcel, which it says in square metres.
_IN_M2: Final = ("contenance", "dcntpa")


def _once(notes: dict[str, str], ours: str, note: str) -> None:
    """Note something, but not of the upper bound what is noted of the lower one."""
    if ours not in UPPER.values():
        notes[ours] = note


def _beside_shapes(theirs: str, sample: Sample) -> str:
    """Return the unit in which the areas of a column are those of the shapes; nothing without shapes."""
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
    middle = sorted(ratios)[len(ratios) // 2]
    units = {"m2": 1.0, "ha": 10_000.0, "km2": 1_000_000.0}
    return next((unit for unit, size in units.items() if size / 3 < middle < size * 3), "")


def _decimals(
    named: Mapping[str, str], columns: Mapping[str, pa.Column], sample: Sample, notes: dict[str, str]
) -> dict[str, str]:
    """Say in which columns of texts which sign is the decimal one, and note where nothing shows it."""
    numbers = {
        ours: sample.cells[theirs]
        for ours, theirs in named.items()
        if theirs != NUMBER and theirs not in sample.typed and str(columns[ours].dtype).startswith("float")
    }
    signs = {ours: decimal_sign(cells) for ours, cells in numbers.items()}
    for ours, cells in numbers.items():
        if not signs[ours] and (twofold := next(filter(is_twofold, cells), "")):
            _once(notes, ours, f"`{twofold}` could be two numbers: say its decimal sign in decimals.")
    return {ours: sign for ours, sign in signs.items() if sign and (sign == "," or any(map(is_twofold, numbers[ours])))}


def _prefixes_of_references(
    layer: str, named: Mapping[str, str], sample: Sample, known: Mapping[str, Collection[str]]
) -> dict[str, str]:
    """Find what stands before the keys that a file refers to without it."""
    found = {}
    for ours, keys in known.items():
        theirs = named.get(ours, NUMBER)
        if theirs == NUMBER or ours == KEYS[layer]:
            continue
        said = [text for text in set(sample.cells[theirs]) if text]
        if not said or any(text in keys for text in said):
            continue
        ends = {key.removesuffix(said[0]) for key in keys if key.endswith(f"-{said[0]}")}
        fitting = [start for start in ends if all(f"{start}{text}" in keys for text in said)]
        if len(fitting) == 1:
            found[ours] = fitting[0]
    return found
