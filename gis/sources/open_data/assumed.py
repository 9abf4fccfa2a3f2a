"""Unconfirmed reading rules: the text of each rule, what would confirm it, and the rows that depend on it.

No published text known to the authors confirms them. A rule is declared next to the code that applies it, and is an
assumption of the figures computed from the rows it affects.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assumed:
    """A rule applied without a published text: one sentence in each language, and what would confirm it.

    Rows that it leaves out of a layer would have counted in the figures whose kind `counts` that layer
    (`gis.measures.measure.FigureKind`): the rule is an assumption of these figures, and of those citing rows that
    depend on it.
    """

    key: str
    fr: str
    en: str
    check: str


@dataclass(frozen=True, slots=True)
class Resting:
    """What depends on an assumed rule: rows of a layer, by key, and the number of other rows that it left out."""

    rule: Assumed
    rows: frozenset[str] = frozenset()
    left_out: int = 0
