"""What may be published of a territory: which persons are withheld, and the layers without them.

Each column declares whether it is public (`gis.schemas.Public`); `Publication` applies the declarations to layers,
issues, sources, settings and messages. Names and keys are withheld for owners who are natural persons or of unknown
kind, and for occupants who are natural persons. No parcel leads to its owner.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any, Final
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pandera.pandas as pa

from gis import schemas
from gis.folding import folded_text
from gis.provenance import ROW_SEPARATOR, Source
from gis.schemas import KEYS, OwnerKind, Public, Row, records

#: What stands where an occupant who is a natural person would be named, and where a text is withheld: it was said,
#: which "non publié" would deny.
SOLE_TRADER: Final = {"fr": "entreprise individuelle", "en": "sole trader"}
WITHHELD: Final = {"fr": "non diffusé", "en": "withheld"}

#: What is said of people and tells nobody from another.
_TITLES: Final = frozenset(
    [
        *("m", "mr", "mm", "mme", "mmes", "mlle", "monsieur", "madame", "mademoiselle", "epoux", "epouse", "veuve"),
        *("ne", "nee", "et", "ou", "de", "du", "des", "d", "la", "le", "les", "l"),
        *("indivision", "succession", "heritiers", "consorts"),
    ]
)
#: A name of these words alone names nobody.
_NOBODY: Final = frozenset(
    [
        *("proprietaire", "proprietaires", "personne", "nom", "inconnu", "inconnue", "connu", "connue", "identifie"),
        *("identifiee", "renseigne", "renseignee", "non", "sans", "nd", "nc", "fictif", "fictive"),
        *("owner", "person", "name", "unknown", "known", "not", "none", "nobody", "natural", "legal"),
    ]
)
#: Shortest key, and shortest key of digits, that a text is searched for; shortest word of a name written as one.
_KEY: Final = 4
_DIGITS: Final = 6
_WORD: Final = 3
#: Shortest word of a name that is searched for within others, in what is said of who bears it.
_WITHIN: Final = 5


class Edition(StrEnum):
    """Whom files are for."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Persons:
    """The names and keys of persons, and of owners who may be some: none of them is in a text that is published.

    Parameters
    ----------
    owners
        All that was said of owners: owner_kind, owner_name and, where there is one, owner_id.
    occupants
        Names of occupants who are natural persons.
    keys
        More keys that are not published.
    bodies
        Names of bodies: an owner of whom nobody knows what it is, and who is called so, is one.

    Examples
    --------
    >>> owners = pd.DataFrame({"owner_kind": ["natural", "legal"], "owner_name": ["Zoé D’Été", "SCI Nord"]})
    >>> [Persons(owners).hide(text) for text in ("D’ETE Zoe", "SCI Nord", "Zoé Nord")]
    ['non diffusé', 'SCI Nord', 'Zoé Nord']
    """

    def __init__(
        self,
        owners: pd.DataFrame,
        occupants: Iterable[str] = (),
        keys: Iterable[str] = (),
        bodies: Iterable[str] = (),
    ) -> None:
        self.by_word: dict[str, list[frozenset[str]]] = {}
        self.occupants = {distinctive_name_words(name) for name in occupants}
        self._known: set[str] = set()
        body_names = {distinctive_name_words(name) for name in bodies}
        named_as_body = np.array([_body_name_words(name) in body_names for name in owners["owner_name"]], dtype=bool)
        unknown = owners["owner_kind"] == OwnerKind.UNKNOWN
        person_owners = owners[(owners["owner_kind"] != OwnerKind.LEGAL) & ~(unknown & named_as_body)]
        for kind, name in zip(person_owners["owner_kind"], person_owners["owner_name"], strict=True):
            if not name.isdigit():
                self._add_name(name, shortened=kind == OwnerKind.NATURAL)
        for words in self.occupants:
            self._add(words)
        for key, name in zip(person_owners.get("owner_id", ()), person_owners["owner_name"], strict=False):
            self._add_key(key, distinctive_name_words(name))
        for key in keys:
            self._add_key(key, frozenset(word for words in self.occupants for word in words))

    def _add_name(self, name: str, *, shortened: bool) -> None:
        name_text = re.sub(r"\([^)]*\)", " ", name)
        words = tuple(
            dict.fromkeys(word for word in folded_words_of_text(name_text) if word not in _TITLES)
        ) or folded_words_of_text(name)
        self._add(frozenset(words))
        if shortened and len(words) > 2:  # noqa: PLR2004  (who has several given names is called by one)
            for end in (words[0], words[-1]):
                for other in words:
                    if other != end and len(end) >= _WORD and len(other) >= _WORD:
                        self._add(frozenset([end, other]))

    def _add_key(self, key: str, names: frozenset[str]) -> None:
        """Search texts for a key, unless it is a short number, or a word of the language that is no one's name."""
        words = frozenset(folded_words_of_text(key))
        if key.isalpha() and not (len(key) >= _DIGITS and words <= names):
            return
        if len(key) >= (_DIGITS if key.isdigit() else _KEY):
            self._add(words)

    def _add(self, words: frozenset[str]) -> None:
        if words - _NOBODY:
            self.by_word.setdefault(max(words, key=lambda word: (len(word), word)), []).append(words)
            self._known |= {word for word in words if len(word) >= _WORD}

    def quotes(self, text: str) -> bool:
        """Say whether a text has all the words of a name or of a key, in any order, case and accents."""
        return bool(self.by_word) and bool(self._quoted(self._read(text)))

    def _quoted(self, words: set[str]) -> set[str]:
        """Return those of the words of a text that make a name or a key."""
        return {each for word in words for name in self.by_word.get(word, ()) if name <= words for each in name}

    def _read(self, text: str) -> set[str]:
        """Return the words of a text, also without the digits around them, and one by one where they run together."""
        words = {*folded_words_of_text(text)}
        words |= {bare for word in words if (bare := word.strip("0123456789"))}
        return words | {part for word in words for part in self._run_together(word)}

    def redact(self, line: str) -> str:
        """Return a line of a message without the words that make a name or a key; nothing of it if that is not enough.

        >>> owners = pd.DataFrame({"owner_kind": ["natural"], "owner_name": ["Zoé Été"], "owner_id": ["K123"]})
        >>> Persons(owners).redact("row 3 (K123): `ÉTÉ, Zoé` stands twice.")
        'row 3 (…): `…` stands twice.'
        """
        quoted_words = self._quoted(self._read(line)) if self.by_word else set()
        for words in ({word for word in quoted_words if not word.isdigit()}, quoted_words) if quoted_words else ():
            redacted_line = re.sub(r"…(\W{0,2}…)+", "…", re.sub(r"[^\W_]+", partial(self._cut, words), line))
            if not self.quotes(redacted_line):
                return redacted_line
        return WITHHELD["en"] if quoted_words else line

    def _cut(self, words: set[str], found: re.Match[str]) -> str:
        return "…" if self._read(found[0]) & words else found[0]

    def _run_together(self, word: str) -> Sequence[str]:
        """Return the words of names that a word is made of, written without a space."""
        if len(word) < 2 * _WORD:
            return ()
        words_up_to: dict[int, tuple[str, ...]] = {0: ()}
        for start in range(len(word) - _WORD + 1):
            if start in words_up_to:
                for end in range(start + _WORD, len(word) + 1):
                    if word[start:end] in self._known:
                        words_up_to.setdefault(end, (*words_up_to[start], word[start:end]))
        return words_up_to.get(len(word), ())

    def hide(self, cell: Any, language: str = "fr") -> Any:
        """Return a cell as it may be published: an occupant as what it is, any other text that quotes as withheld.

        Where `|` stands between several texts, each is looked at.
        """
        if not isinstance(cell, str) or not self.quotes(cell):
            return cell
        parts = [self._hidden(part, language) for part in cell.split("|")]
        return self._hidden(cell, language) if parts == cell.split("|") else "|".join(parts)

    def _hidden(self, text: str, language: str) -> str:
        if not self.quotes(text):
            return text
        return SOLE_TRADER[language] if distinctive_name_words(text) in self.occupants else WITHHELD[language]


@lru_cache(maxsize=1 << 16)
def folded_words_of_text(text: str) -> tuple[str, ...]:
    """Return the words of a text without accents and case, in order."""
    text = unquote(text) if "%" in text else text
    return tuple(re.findall(r"[^\W_]+", folded_text(text)))


def distinctive_name_words(name: str) -> frozenset[str]:
    """Return the words that tell a name from others.

    >>> sorted(distinctive_name_words("M. Zoé DE L'ÉTÉ"))
    ['ete', 'zoe']
    """
    words = frozenset(folded_words_of_text(name))
    return words - _TITLES or words


def _body_name_words(name: str) -> frozenset[str]:
    """Return the words of a name that would be that of a commune without what says so."""
    return distinctive_name_words(name) - {"commune", "ville", "mairie"}


#: Every layer that is given to others, by its name in a GeoPackage.
DECLARED: Final[Mapping[str, type[pa.DataFrameModel]]] = {
    **schemas.SCHEMAS,
    "verdicts": schemas.Verdicts,
    "issues": schemas.Issues,
    "replaced": schemas.Replaced,
    "lifting": schemas.Lifting,
    "offer_curve": schemas.OfferCurve,
}

#: Columns that name rows of a layer, beside those that are called like its key.
_NAMING: Final = {
    "parcel_ids": "parcels",
    "terrain_ids": "terrains",
    "site_ids": "sites",
    "part_of": "sites",
    "parts": "claims",
    "whole": "claims",
    "states": "",  # `layer/key/quantity`
    "subject": "",  # of a tile: `layer/key`
    **{key: layer for layer, key in KEYS.items() if key != "insee"},
}


#: Keys of `territory.toml` that name something else than claims.
_SETTINGS: Final = {"site": "sites", "transport_sites": "sites", "slug": "pages"}


def _key_of_layer(layer: str) -> str:
    return KEYS.get(layer, "")


def column_publicity(layer: str, column: str) -> Public | None:
    """Return whether a column of a layer is public; None where nobody decided it, or it is not declared."""
    declared = DECLARED[layer].to_schema().columns.get(column) if layer in DECLARED else None
    return declared.metadata["public"] if declared is not None and declared.metadata else None


def is_public_layer(layer: str) -> bool:
    """Return whether a layer is published: not where its key never is."""
    return column_publicity(layer, _key_of_layer(layer)) is not Public.NEVER


def is_quotable_column(layer: str, column: str) -> bool:
    """Say whether a message may quote what stands in a column, whoever it is of."""
    return is_public_layer(layer) and column_publicity(layer, column) in {None, Public.ALWAYS}


def public_columns(layer: str, frame: Any) -> Any:
    """Leave of a layer the columns that are published of anybody."""
    return frame[[name for name in frame if column_publicity(layer, name) not in {None, Public.NEVER}]]


@dataclass(frozen=True)
class Publication:
    """What is not published of one territory, and everything else as it may be.

    `keys` are keys that lead to a person, by layer, with the one that stands in their place. `told` are the words of
    the names of the persons whom a row (layer, key) is about: texts of such a row may quote none of them. `natural` are
    the keys of the establishments that are persons.
    """

    persons: Persons
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    told: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    natural: frozenset[str] = frozenset()

    def text(self, text: str, language: str = "fr", about: frozenset[str] = frozenset()) -> str:
        """Return a text as it may be published; `about` are words that it may not quote either."""
        language = language if language in WITHHELD else "fr"
        hidden = str(self.persons.hide(text, language))
        if hidden != text or not _mentions_words(text, about):
            return hidden
        return SOLE_TRADER[language] if distinctive_name_words(text) <= about else WITHHELD[language]

    def key(self, layer: str, key: str) -> str:
        """Return what names a row in what is published; several may stand with `|` between two."""
        substitutes = self.keys.get(layer, {})
        return "|".join(substitutes.get(each, each) for each in key.split("|")) if substitutes else key

    def reference(self, name: str) -> str:
        """Return `layer/key`, or `layer/key/quantity`, as it may be published."""
        layer, _, key = name.partition(ROW_SEPARATOR)
        substitutes = self.keys.get(layer, {})
        if key in substitutes:
            return f"{layer}{ROW_SEPARATOR}{substitutes[key]}"
        row, _, quantity = key.rpartition(ROW_SEPARATOR)
        return f"{layer}{ROW_SEPARATOR}{substitutes[row]}{ROW_SEPARATOR}{quantity}" if row in substitutes else name

    def layer(self, name: str, frame: Any) -> Any:
        """Return a layer as it may be published, with the columns that its schema asks for.

        What is never published is empty there; a layer that is not public has no rows. `public_columns` leaves out
        what is empty for all.
        """
        if name == "issues":
            return self._issues(frame)
        if not is_public_layer(name):
            return frame.iloc[:0]
        key = _key_of_layer(name)
        keys = frame[key].tolist() if key in frame else [""] * len(frame)
        person_words = [self.told.get((name, each), frozenset()) for each in keys]
        is_person = [each in self.natural for each in frame.get("establishment_id", [""] * len(frame))]
        declared = DECLARED[name].to_schema().columns
        public_values = {
            column: self._column(name, column, declared.get(column), frame[column], person_words, is_person)
            for column in frame
            if pd.api.types.infer_dtype(frame[column], skipna=False) == "string"
        }
        return frame.assign(
            **{column: pd.array(values, dtype=frame[column].dtype) for column, values in public_values.items()}
        )

    def _column(  # noqa: PLR0913, PLR0917  (a column of a layer, and what is known of its rows)
        self,
        layer: str,
        column: str,
        declared: pa.Column | None,
        values: Iterable[str],
        about: Sequence[frozenset[str]],
        person: Sequence[bool],
    ) -> list[str]:
        public, language = column_publicity(layer, column), "en" if column.endswith("_en") else "fr"
        if declared is None or public in {None, Public.NEVER}:
            return ["" for _ in values]
        if declared.checks and any(check.name == "isin" for check in declared.checks):
            return list(values)
        if rename := self._renaming(layer, column):
            stem = _STEMS.get(layer, layer)
            renamed_keys = [rename(value) for value in values]
            hidden_keys = [self.text(name) for name in renamed_keys]
            is_key = column == _key_of_layer(layer)
            return [
                f"{stem}-{n}" if is_key and text != name else text
                for n, (name, text) in enumerate(zip(renamed_keys, hidden_keys, strict=True), 1)
            ]
        hidden_texts: dict[tuple[str, frozenset[str]], str] = {}
        public_values = []
        for value, words, natural in zip(values, about, person, strict=True):
            if natural and public is Public.BODIES_ONLY:
                is_required = declared.metadata["given"] is schemas.Given.ALWAYS
                public_values.append(SOLE_TRADER[language] if is_required else "")
                continue
            withheld_words = frozenset[str]() if column.startswith("activity") else words
            if (value, withheld_words) not in hidden_texts:
                hidden_texts[value, withheld_words] = self.text(value, language, withheld_words)
            public_values.append(hidden_texts[value, withheld_words])
        return public_values

    def _renaming(self, layer: str, column: str) -> Callable[[str], str] | None:
        """Return what renames the rows that a column names; None where it names none."""
        if column == "source_id":
            return lambda value: self.key("sources", value)
        if column == "replaced_source_id":
            return lambda value: self.key("sources", value)
        if layer == "claims" and column == "subject":
            return None
        if column not in _NAMING:
            return None
        named_layer = _NAMING[column]
        return (lambda value: self.key(named_layer, value)) if named_layer else self.reference

    def _issues(self, frame: pd.DataFrame) -> pd.DataFrame:
        rows = [self.issue(row) for row in records(frame)]
        names = tuple(name for name in ("row", "value", "message", "file") if name in frame)
        return frame.assign(**{name: pd.array([row[name] for row in rows], dtype="str") for name in names})

    def issue(self, row: Row) -> Row:
        """Return an issue as it may be published: it quotes nothing of a column that is not public."""
        layer, columns = row["layer"], row["column_name"].split("|")
        person_words = self.told.get((layer, row["row"]), frozenset())
        publicities = {column_publicity(layer, column) for column in columns}
        is_never_public = not is_public_layer(layer) or Public.NEVER in publicities
        if Public.BODIES_ONLY in publicities and row["row"] in self.keys.get(layer, {}):
            is_never_public = True
        is_undeclared = None in publicities and layer in DECLARED and _has_never_public_column(layer)
        row_key = self.key(layer, row["row"])
        withheld = WITHHELD["en"]
        return row | {
            "row": withheld if not is_public_layer(layer) and row["row"] else self.text(row_key, "en"),
            "value": withheld
            if (is_never_public or is_undeclared) and row["value"]
            else self.text(row["value"], "en", person_words),
            "message": withheld if is_never_public else self.text(row["message"], "en", person_words),
            "file": self.text(row.get("file", ""), "en"),
        }

    def source(self, source: Source) -> Source:
        """Return a source as it may be cited."""
        return replace(
            source,
            source_id=self.key("sources", source.source_id),
            title=self.text(source.title),
            publisher=self.text(source.publisher),
            short=self.text(source.short),
            edition=self.text(source.edition),
            url="" if self.persons.quotes(source.url) else source.url,
            file="" if self.persons.quotes(source.file) else source.file,
        )

    def settings(self, value: Any, name: str = "") -> Any:
        """Return what `territory.toml` says as it may be published."""
        if isinstance(value, Mapping):
            return {key: self.settings(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self.settings(each, name) for each in value]
        if not isinstance(value, str):
            return value
        renamed = self.reference(value) if name == "of" else self.key(_SETTINGS.get(name, "claims"), value)
        return renamed if renamed != value else self.text(value, name)

    def message(self, text: str) -> str:
        """Return what is printed, without the words that make a name or a key."""
        return "\n".join(map(self.persons.redact, text.split("\n")))


def _mentions_words(text: str, words: frozenset[str]) -> bool:
    """Say whether a text has one of some words, a long one also within another."""
    text_words = folded_words_of_text(text) if words else ()
    return any(word == each or (len(word) >= _WITHIN and word in each) for each in text_words for word in words)


def _has_never_public_column(layer: str) -> bool:
    return any(column_publicity(layer, column) is Public.NEVER for column in DECLARED[layer].to_schema().columns)


def territory_publication(
    layers: Mapping[str, pd.DataFrame],
    more: Mapping[str, Iterable[str]] | None = None,
    *,
    stated: Mapping[str, Sequence[pd.DataFrame]] | None = None,
    said: Iterable[str] = (),
    publishers: Iterable[str] = (),
) -> Publication:
    """Find out what of a set of layers is not published.

    Parameters
    ----------
    layers
        By name, `owners`, `establishments` and `tenancies` among them.
    more
        Keys of what is no layer: sources, pages.
    stated
        What each file says of owners and establishments, by layer: the name that another file corrected is withheld
        like the one that is meant.
    said
        More names and keys of owners that no table knows.
    publishers
        Who publishes sources: bodies.
    """
    stated_tables = stated or {}
    owners, firms, tenancies = layers["owners"], layers["establishments"], layers["tenancies"]
    owners_not_legal = {*owners.loc[owners["owner_kind"] != OwnerKind.LEGAL, "owner_id"]}
    bodies = [
        *owners.loc[owners["owner_kind"] == OwnerKind.LEGAL, "owner_name"],
        *firms.loc[firms["establishment_kind"] == OwnerKind.LEGAL, "establishment_name"],
        *(layers["communes"]["commune_name"] if "communes" in layers else ()),
        *publishers,
    ]
    typed_owner_keys = sorted({*said} - {*owners["owner_id"]})
    unlisted_owners = pd.DataFrame(
        {"owner_id": typed_owner_keys, "owner_kind": OwnerKind.UNKNOWN.value, "owner_name": typed_owner_keys}
    )
    meant_names = dict(zip(owners["owner_id"], owners["owner_name"], strict=True))
    owner_tables = [
        owners,
        *(_owners_as_meant(frame, owners_not_legal, meant_names) for frame in stated_tables.get("owners", ())),
        unlisted_owners,
    ]
    natural = {*firms.loc[firms["establishment_kind"] == OwnerKind.NATURAL, "establishment_id"]}
    names: dict[str, list[str]] = {key: [] for key in natural}
    keys: set[str] = set()
    for frame in (firms, *stated_tables.get("establishments", ())):
        for row in records(frame[frame["establishment_id"].isin(natural)]):
            names[row["establishment_id"]].append(row["establishment_name"])
            keys |= {row["establishment_id"], row["siret"], row["siret"][:9]}
    for row in records(tenancies[tenancies["establishment_id"].isin(natural)]):
        names[row["establishment_id"]].append(row["occupant"])
    words_by_row = _person_words_by_row(layers, names)
    occupant_names = (name for key, each in names.items() if words_by_row.get(("establishments", key)) for name in each)
    persons = Persons(pd.concat(owner_tables, ignore_index=True), occupant_names, sorted(keys), bodies)
    substitute_keys = _substitute_keys(layers, more or {}, persons, natural, words_by_row)
    return Publication(persons, substitute_keys, words_by_row, frozenset(natural))


def publication_of_layer(layer: str, frame: pd.DataFrame) -> Publication:
    """Find out what of one layer, of which nothing else is known, is not published."""
    names = ("owners", "establishments", "tenancies", "claims")
    empty_layers = {name: pd.DataFrame(columns=list(DECLARED[name].to_schema().columns)) for name in names}
    return territory_publication(
        empty_layers | {layer: frame}, said={*frame.get("owner_id", ())} - {""} if layer == "parcels" else ()
    )


def _owners_as_meant(stated: pd.DataFrame, apart: set[str], meant: Mapping[str, str]) -> pd.DataFrame:
    """Return what a file says of owners, each a person or unknown if all files together leave it so.

    One that turned out a body is one by the name that is meant; a person's name that was corrected into it is not.
    """
    natural = stated["owner_kind"] == OwnerKind.NATURAL
    renamed = stated["owner_name"] != stated["owner_id"].map(meant)
    kind = np.where(
        natural & (stated["owner_id"].isin(apart) | renamed),
        OwnerKind.NATURAL.value,
        np.where(stated["owner_id"].isin(apart), OwnerKind.UNKNOWN.value, OwnerKind.LEGAL.value),
    )
    return stated.assign(owner_kind=kind)


def _person_words_by_row(
    layers: Mapping[str, pd.DataFrame], names: Mapping[str, Sequence[str]]
) -> dict[tuple[str, str], frozenset[str]]:
    """Return the words that name the persons whom rows are about: theirs, what they hold or stand on, and claims."""
    words_by_row: dict[tuple[str, str], frozenset[str]] = {}

    def add_words(layer: str, key: str, words: frozenset[str]) -> None:
        if key:
            words_by_row[layer, key] = words_by_row.get((layer, key), frozenset()) | words

    premises = layers.get("premises", pd.DataFrame(columns=["premises_id", "building_id"]))
    building_of = dict(zip(premises["premises_id"], premises["building_id"], strict=True))
    for row in records(layers["establishments"]):
        if row["establishment_id"] in names:
            words = _person_name_words(names[row["establishment_id"]], row)
            add_words("establishments", row["establishment_id"], words)
            for layer in ("terrains", "premises"):
                add_words(layer, row.get(KEYS[layer], ""), words)
            add_words("buildings", building_of.get(row.get("premises_id", ""), ""), words)
    for row in records(layers["tenancies"]):
        if row["establishment_id"] in names:
            words = _person_name_words(names[row["establishment_id"]], row)
            add_words("tenancies", row["tenancy_id"], words)
            add_words("premises", row["premises_id"], words)
            add_words("buildings", building_of.get(row["premises_id"], ""), words)
    for row in records(layers["claims"]) if names else ():
        layer, _, key = row["states"].rpartition(ROW_SEPARATOR)[0].partition(ROW_SEPARATOR)
        if (layer, key) in words_by_row:
            add_words("claims", row["claim_id"], words_by_row[layer, key])
    return words_by_row


def _person_name_words(names: Iterable[str], row: Row) -> frozenset[str]:
    """Return the words of names, without those that say what is done there."""
    activity_words = {*folded_words_of_text(row["activity"]), *folded_words_of_text(row["activity_en"])} | _NOBODY
    return (
        frozenset(word for name in names for word in distinctive_name_words(name) if len(word) >= _WORD)
        - activity_words
    )


#: What stands before the number of a row whose key is not published; the name of its layer where none is said.
_STEMS: Final = {"establishments": "occupant", "tenancies": "tenancy", "claims": "claim"}


def _substitute_keys(
    layers: Mapping[str, pd.DataFrame],
    more: Mapping[str, Iterable[str]],
    persons: Persons,
    natural: set[str],
    told: Mapping[tuple[str, str], frozenset[str]],
) -> dict[str, dict[str, str]]:
    """Give a number to the rows whose keys are not published, layer by layer in the order of their rows."""
    tenancies = layers["tenancies"]
    keys_by_layer: dict[str, Iterable[str]] = {
        name: frame[_key_of_layer(name)]
        for name, frame in layers.items()
        if is_public_layer(name) and _key_of_layer(name) in frame
    }
    keys_by_layer["establishments"] = [*keys_by_layer["establishments"], *tenancies["establishment_id"]]
    # Keys of persons and of what they hold are made of their names as often as not.
    of_persons = {
        "establishments": natural,
        "tenancies": {*tenancies.loc[tenancies["establishment_id"].isin(natural), "tenancy_id"]},
    }
    substitutes: dict[str, dict[str, str]] = {}
    for layer, layer_keys in {**keys_by_layer, **more}.items():
        keys = dict.fromkeys(layer_keys)
        for key in keys:
            if (
                _mentions_words(key, told.get((layer, key), frozenset()))
                or key in of_persons.get(layer, ())
                or persons.quotes(key)
            ):
                layer_substitutes = substitutes.setdefault(layer, {})
                name = f"{_STEMS.get(layer, layer)}-{len(layer_substitutes) + 1}"
                layer_substitutes[key] = f"{name}-x" if name in keys else name
    return substitutes
