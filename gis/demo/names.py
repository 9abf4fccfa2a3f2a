"""Fictional names, composed of syllables.

No list of real names was used: the syllables are chosen so that the names do not sound like French place names or
firms. Every name is unique within its kind; when the syllables run out, a number is added.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

#: The agglomeration, and the words its own land is held under.
TERRITORY: Final = "Agglomération d’Ombrevaze"

_PLACE: Final = (
    (
        "Vrau",
        "Quol",
        "Zém",
        "Ynd",
        "Ompr",
        "Xar",
        "Ghel",
        "Uz",
        "Ilv",
        "Jorq",
        "Kavr",
        "Nyx",
        "Ox",
        "Tsé",
        "Wurl",
        "Zyb",
    ),
    (
        "oudaz",
        "ivoque",
        "emaxe",
        "ouvrel",
        "aquère",
        "unoise",
        "agwen",
        "izembre",
        "onaulde",
        "équeuil",
        "ymorne",
        "uzande",
        "iffoul",
        "apyre",
        "exoline",
        "orvèze",
        "uquisse",
        "anvoux",
        "ébrault",
        "oxambe",
    ),
)
_WATER: Final = ("", "", "", "-sur-Vrelle", "-le-Zoul", "-en-Ouxe", "-lès-Quarne", "-sous-Ghyre")
_FIRM: Final = (
    ("Zolv", "Quarx", "Vroma", "Yxel", "Ompha", "Gluz", "Trovy", "Kwizo", "Nulva", "Jaxo", "Brymo", "Fuzel", "Pyrqo"),
    ("ara", "idu", "oxi", "ume", "eta", "avu", "yra", "ozo", "uli"),
    ("nex", "vax", "triz", "qual", "dorm", "blix", "gwen", "zim", "phor"),
)
_GIVEN: Final = ("Ynde", "Ozval", "Quirine", "Vraz", "Zéla", "Ombrin", "Xave", "Jorquel", "Nyva", "Ulvo")
_FAMILY: Final = (
    ("Vrau", "Zorp", "Quim", "Ghol", "Yxa", "Wurv", "Ompe", "Kraz"),
    ("delune", "zelin", "quoire", "vaxel", "mouze", "thurin", "blazy", "nouffe"),
)


def _composed_names(rng: np.random.Generator, count: int, parts: Sequence[Sequence[str]]) -> list[str]:
    """Return `count` names, all different, each one word of every part."""
    total = math.prod(len(part) for part in parts)
    picks = rng.permutation(total)[:count]
    words = np.unravel_index(np.resize(picks, count), [len(part) for part in parts])
    names = ["".join(part[n] for part, n in zip(parts, row, strict=True)) for row in zip(*words, strict=True)]
    return [name if n < total else f"{name} {n // total + 1}" for n, name in enumerate(names)]


def commune_names(rng: np.random.Generator, count: int) -> list[str]:
    """Name communes; a brook is added to some."""
    stems = _composed_names(rng, count, _PLACE)
    water = rng.integers(0, len(_WATER), count)
    return [f"{stem}{_WATER[n]}" for stem, n in zip(stems, water, strict=True)]


def place_names(rng: np.random.Generator, count: int) -> list[str]:
    """Name places within communes, for sites."""
    return _composed_names(rng, count, _PLACE)


def firm_names(rng: np.random.Generator, count: int, words: Sequence[str]) -> list[str]:
    """Name firms; one of `words` ends each name, such as its trade."""
    return _composed_names(rng, count, (*_FIRM, [f" {word}" for word in words]))


def person_names(rng: np.random.Generator, count: int) -> list[str]:
    """Name natural persons, each said to be fictional."""
    given_names = rng.integers(0, len(_GIVEN), count)
    family = _composed_names(rng, count, _FAMILY)
    return [f"{_GIVEN[n]} {name} (personne fictive)" for n, name in zip(given_names, family, strict=True)]
