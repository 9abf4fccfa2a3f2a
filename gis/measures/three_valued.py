"""Three-valued conditions of availability: yes, no or unknown for each terrain, combined by Kleene's logic.

The CNIG standard has no value "disponible". It gives a state of occupation, a stage of sale and a stage of servicing,
and leaves open which of them make a terrain available. This product derives availability as follows:

- Unoccupied is `inoccupé` or `vacant`. A `friche` needs works first, and the outcome of an `occupation transitoire` is
  unknown.
- For sale is `en vente` only. Constraints, options and reservations keep a terrain for later or for others.
- Serviced is `viabilisé`, with or without `aménagé`. `viabilisation en cours` does not count yet.
- Available later is the next state: for sale with constraints, servicing under way, or derelict.

A no decides; an unknown next to a yes stays unknown.

A three-valued answer is an `Answer` (`oui`, `non` or `inconnu`) wherever Python passes one to the scripts of the
pages, and in these scripts (`gis/maps/assets/src/three_valued.js`). Layers and records for other programs keep the
words that they were published with: `yes`, `maybe`, `no` (`ANSWERS`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import pandas as pd

from gis.schemas import Answer, Occupied, Sale, Servicing, Step


def answer_useful(word: str) -> Answer:
    """Tell whether a terrain is intended for business (`terr_utile`).

    >>> answer_useful("oui")
    <Answer.YES: 'oui'>
    """
    return Answer(word)


def answer_unoccupied(word: str) -> Answer:
    """Tell whether a terrain is unoccupied or vacant (`terr_etat_occup`); derelict or in transition gives no.

    >>> answer_unoccupied("friche")
    <Answer.NO: 'non'>
    """
    return _answer_among(word, {Occupied.NEVER, Occupied.VACANT}, Occupied.UNKNOWN)


def answer_for_sale(word: str) -> Answer:
    """Tell whether a terrain is for sale now (`terr_stade_comm`), without constraints, option or reservation.

    >>> answer_for_sale("en vente avec contraintes")
    <Answer.NO: 'non'>
    """
    return _answer_among(word, {Sale.FOR_SALE}, Sale.UNKNOWN)


def answer_serviced(word: str) -> Answer:
    """Tell whether a terrain has its networks (`terr_stade_amngt`).

    >>> answer_serviced("viabilisation en cours")
    <Answer.NO: 'non'>
    """
    return _answer_among(word, {Servicing.SERVICED, Servicing.FITTED_OUT}, Servicing.UNKNOWN)


def answer_usable_later(word: str) -> Answer:
    """Tell whether a terrain is unoccupied, vacant or derelict."""
    return _answer_among(word, {Occupied.NEVER, Occupied.VACANT, Occupied.DERELICT}, Occupied.UNKNOWN)


def answer_offered(word: str) -> Answer:
    """Tell whether a terrain is for sale, with or without constraints."""
    return _answer_among(word, {Sale.FOR_SALE, Sale.FOR_SALE_CONSTRAINED}, Sale.UNKNOWN)


def answer_serviced_later(word: str) -> Answer:
    """Tell whether a terrain has its networks or is being connected to them."""
    return _answer_among(word, {Servicing.SERVICED, Servicing.FITTED_OUT, Servicing.UNDER_WAY}, Servicing.UNKNOWN)


def _answer_among(word: str, yes: Iterable[str], unknown: str) -> Answer:
    return Answer.UNKNOWN if word == unknown else Answer.YES if word in yes else Answer.NO


def kleene_and(answers: Iterable[Answer]) -> Answer:
    """Combine answers with Kleene's conjunction: a no decides, else an unknown does.

    >>> kleene_and([Answer.YES, Answer.UNKNOWN]), kleene_and([Answer.UNKNOWN, Answer.NO])
    (<Answer.UNKNOWN: 'inconnu'>, <Answer.NO: 'non'>)
    """
    return min(answers, key=_ORDER.index, default=Answer.YES)


def kleene_not(answer: Answer) -> Answer:
    """Return Kleene's negation: unknown stays unknown."""
    return _ORDER[-1 - _ORDER.index(answer)]


#: The answers for the words yes, maybe and no in layers.
ANSWERS: Final[Mapping[str, Answer]] = {"yes": Answer.YES, "maybe": Answer.UNKNOWN, "no": Answer.NO}

_ORDER: Final = (Answer.NO, Answer.UNKNOWN, Answer.YES)

#: The conditions on a terrain, in the order of the waterfall: step, column, predicate.
ASKED: Final[Sequence[tuple[Step, str, Callable[[str], Answer]]]] = (
    (Step.USEFUL, "useful", answer_useful),
    (Step.UNOCCUPIED, "occupied", answer_unoccupied),
    (Step.FOR_SALE, "sale", answer_for_sale),
    (Step.SERVICED, "servicing", answer_serviced),
)

#: The conditions on a terrain that is available now or later.
ASKED_LATER: Final[Sequence[tuple[str, Callable[[str], Answer]]]] = (
    ("useful", answer_useful),
    ("occupied", answer_usable_later),
    ("sale", answer_offered),
    ("servicing", answer_serviced_later),
)


def terrain_answers(terrains: pd.DataFrame, asked: Sequence[tuple[str, Callable[[str], Answer]]]) -> pd.Series:
    """Combine several conditions for each terrain: `oui`, `non` or `inconnu`, with the index of the input."""
    answers = [[predicate(word) for word in terrains[column]] for column, predicate in asked]
    return pd.Series([kleene_and(row).value for row in zip(*answers, strict=True)], index=terrains.index, dtype="str")
