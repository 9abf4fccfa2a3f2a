"""How alike two names of sites are, by the words that say which site is meant."""

import re
from difflib import SequenceMatcher
from typing import Final

from gis.folding import folded

#: What is left of a score when the names say another kind of site, or another number.
OTHER_KIND: Final = 0.85
OTHER_NUMBER: Final = 0.6

#: Words that say of which kind a site is; a kind that is said on both sides must be the same.
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
#: Words that say what a site is, not which.
_GENERIC: Final = """
zone zones zac zae zal pa parc parcs site secteur pole activite activites economique economiques entreprises
d de du des l la le les a au aux et en sur
""".split()  # noqa: SIM905  (a list of words reads best as words)


def words_of(name: str) -> tuple[list[str], set[str]]:
    """Split a name into the words that say which site is meant, and the kinds of site it says.

    >>> words_of("Z.I. de la Haute-Forêt")
    (['foret', 'haute'], {'industry'})
    """
    plain = folded(name).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", re.sub(r"\b([a-z])\.(?=[a-z])", r"\1", plain).replace(".", " "))
    own = sorted(word for word in words if word not in _GENERIC and word not in _KINDS)
    return own or sorted(words), {_KINDS[word] for word in words if word in _KINDS}


def likeness(a: str, b: str) -> float:
    """Say how alike two names are, from 0 to 1, by the words that say which site is meant.

    >>> likeness("ZI des Prés", "Zone industrielle des Prés")
    1.0
    >>> likeness("ZI des Prés", "ZA des Prés"), likeness("ZI Est 1", "ZI Est 2") < OTHER_NUMBER
    (0.85, True)
    """
    (left, kinds), (right, others) = words_of(a), words_of(b)
    alike = SequenceMatcher(None, " ".join(left), " ".join(right), autojunk=False).ratio()
    if {word for word in left if word.isdigit()} != {word for word in right if word.isdigit()}:
        alike *= OTHER_NUMBER
    return alike * (OTHER_KIND if kinds and others and not kinds & others else 1.0)
