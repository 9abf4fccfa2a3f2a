"""Rules of reading that no published text seen has confirmed: what each says, what to check, and what rests on it.

A rule is declared beside the code that follows it. What it touched is an assumption of the figures that are made of it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assumed:
    """A rule that is followed without a published text: one sentence in each language, and what would settle it.

    Rows that it leaves out of a layer would have counted in the figures whose kind `counts` that layer
    (`gis.measures.measure.FigureKind`): it is an assumption of these, and of the figures that cite rows resting on it.
    """

    key: str
    fr: str
    en: str
    check: str


@dataclass(frozen=True, slots=True)
class Resting:
    """What rests on an assumed rule: rows of a layer, by key, and how many others it left out of the layer."""

    rule: Assumed
    rows: frozenset[str] = frozenset()
    left_out: int = 0
