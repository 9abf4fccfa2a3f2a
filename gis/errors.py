"""The exception hierarchy.

GisError
├── SourceError              a source is not available as described
│   ├── SourceMissingError       no file at the place given by the catalogue
│   └── SourceChangedError       the bytes are not those on record
├── LayerError               a layer fails validation                 (also a ValueError)
│   ├── SchemaError              a column or a value is absent, mistyped, out of range or contradictory
│   ├── CrsError                 the CRS is absent, or not in metres where metres are needed
│   └── GeometryError            a geometry is empty, invalid, or of the wrong type
└── RenderError              an output view cannot be written

Every message gives the location (file, row or feature), the value found, and the correction.
A file with several errors is reported once, with all of them: see `Fault`.
"""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

#: Kinds of characters that a terminal does something at, or that nobody sees: controls, directions, halves of a
#: character, ends of lines of another kind.
_UNSEEN: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
#: Of them, those that texts are made with.
_MEANT: Final = set("\n\t\u00ad\u200c\u200d")


def printable_text(text: str) -> str:
    r"""Return a text for a terminal: a character that is none to be seen is written by its number.

    What a server or a file says may hold escape sequences; none reaches the terminal.

    >>> print(printable_text("\x1b[2Jgone\u202e"))
    \u001b[2Jgone\u202e
    """
    if text.isprintable():
        return text
    return "".join(
        char if char in _MEANT or unicodedata.category(char) not in _UNSEEN else _escaped_character(char)
        for char in text
    )


def _escaped_character(char: str) -> str:
    """Write a character by its number, as JSON does: JSON that is printed stays JSON."""
    return f"\\u{ord(char):04x}" if ord(char) < 1 << 16 else json.dumps(char)[1:-1]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one file: where it is, what was found, how to mend it."""

    where: str
    found: str
    mend: str

    def __str__(self) -> str:
        return f"{self.where}: {self.found} {self.mend}" if self.where else f"{self.found} {self.mend}"


class GisError(Exception):
    """Anything that this package refuses, with a sentence for the person who can mend it."""

    @classmethod
    def of(cls, place: str, faults: Sequence[Fault]) -> Self:
        """Make one error of all the faults of one file or layer."""
        if len(faults) == 1:
            return cls(f"{place}: {faults[0]}")
        lines = "".join(f"\n  - {fault}" for fault in faults)
        return cls(f"{place}: {len(faults)} faults{lines}")


class SourceError(GisError):
    """A source cannot be had as described."""


class SourceMissingError(SourceError):
    """Nothing is where the catalogue says."""


class SourceChangedError(SourceError):
    """The bytes are not those on record."""


class LayerError(GisError, ValueError):
    """A layer breaks its promise."""


class SchemaError(LayerError):
    """A column or a value is absent, mistyped, out of range or contradictory."""


class CrsError(LayerError):
    """The CRS is absent, or not in metres where metres are needed."""


class GeometryError(LayerError):
    """A shape is empty, invalid, or of the wrong kind."""


class RenderError(GisError):
    """A view could not be written."""
