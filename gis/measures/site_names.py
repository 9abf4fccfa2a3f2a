"""Similarity of two site names, based on the words that identify a site."""

import operator
import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from gis.folding import folded_text

Likenesses: TypeAlias = NDArray[np.float64]

#: Factors of a score if the names have different kinds of site, or different numbers.
OTHER_KIND: Final = 0.85
OTHER_NUMBER: Final = 0.6

#: Words that state the kind of a site; kinds stated on both sides must be equal.
_KINDS: Final = {
    "zi": "industry",
    "industriel": "industry",
    "industrielle": "industry",
    "industries": "industry",
    "za": "craft",
    "artisanal": "craft",
    "artisanale": "craft",
    "zc": "trade",
    "commercial": "trade",
    "commerciale": "trade",
}
#: Words that describe a site but do not identify it.
_GENERIC: Final = """
zone zones zac zae zal pa parc parcs site secteur pole activite activites economique economiques entreprises
d de du des l la le les a au aux et en sur
""".split()  # noqa: SIM905  (a list of words reads best as words)


def site_name_words(name: str) -> tuple[list[str], set[str]]:
    """Split a name into the words that identify the site, and the kinds of site that it states.

    >>> site_name_words("Z.I. de la Haute-Forêt")
    (['foret', 'haute'], {'industry'})
    """
    plain_name = folded_text(name).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", re.sub(r"\b([a-z])\.(?=[a-z])", r"\1", plain_name).replace(".", " "))
    own_words = sorted(word for word in words if word not in _GENERIC and word not in _KINDS)
    return own_words or sorted(words), {_KINDS[word] for word in words if word in _KINDS}


def likeness(a: str, b: str) -> float:
    """Return the similarity of two names, from 0 to 1, as `likenesses` does for many.

    >>> likeness("ZI des Prés", "Zone industrielle des Prés")
    1.0
    >>> likeness("ZI des Prés", "ZA des Prés"), likeness("ZI Est 1", "ZI Est 2") < OTHER_NUMBER
    (0.85, True)
    """
    return float(likenesses([a], [b])[0, 0])


def likenesses(names: Sequence[str], others: Sequence[str]) -> Likenesses:
    r"""Return the similarity of names to other names, from 0 to 1, by the words that identify the site.

    .. math:: 2 \cdot LCS / (m + n)

    Twice the length of the longest common subsequence of letters, divided by the number of letters of both (normalised
    Indel similarity); reduced if the names state another number or another kind of site.

    Returns
    -------
    likenesses
        One row per name, one column per other name.
    """
    rows, columns = [site_name_words(name) for name in names], [site_name_words(name) for name in others]
    texts = [[" ".join(words) for words, _ in each] for each in (rows, columns)]
    scores: Likenesses = cdist(*texts, scorer=Indel.normalized_similarity, dtype=np.float64)
    numbers, of_others = ([frozenset(filter(str.isdigit, words)) for words, _ in each] for each in (rows, columns))
    scores = np.where(_pairwise_flags(numbers, of_others, operator.ne), scores * OTHER_NUMBER, scores)
    kinds, of_others = ([frozenset(kinds_said) for _, kinds_said in each] for each in (rows, columns))
    other_kind = _pairwise_flags(kinds, of_others, lambda one, other: one and other and not one & other)
    return np.where(other_kind, scores * OTHER_KIND, scores)


def _pairwise_flags(
    left: Sequence[frozenset[str]],
    right: Sequence[frozenset[str]],
    holds: Callable[[frozenset[str], frozenset[str]], object],
) -> NDArray[np.bool_]:
    """Evaluate a predicate for every pair; equal sets of numbers or kinds are evaluated only once."""
    rows, columns = (list(dict.fromkeys(each)) for each in (left, right))
    table = np.array([[bool(holds(row, column)) for column in columns] for row in rows], dtype=bool)
    table = table.reshape(len(rows), len(columns))
    return table[np.ix_([rows.index(each) for each in left], [columns.index(each) for each in right])]
