"""Detects the encoding of the cells of a Shapefile, whose declared encoding may be wrong.

GDAL reads its cells as single bytes; this module decodes them. The declared encoding is used where the bytes are valid
in it. `ISO-8859-1` is what Windows calls its own encoding, and is read as Windows-1252. A cell that is not valid in the
declared encoding is read as Windows-1252, with an issue; a character that no encoding contains is an issue too.
"""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

WESTERN: Final = "cp1252"

#: As which encoding GDAL reads the cells, so that each letter is one byte.
BYTES: Final = "ISO-8859-1"

#: Languages of dBase that have an encoding of their own.
_LANGUAGES: Final[Mapping[int, str]] = {
    0x01: "cp437",
    0x02: "cp850",
    0x03: WESTERN,
    0x57: WESTERN,
    0x58: WESTERN,
    0x59: WESTERN,
    0x64: "cp852",
    0xC8: "cp1250",
}

_LATIN: Final = {"iso8859-1", "ascii", WESTERN}


@dataclass(slots=True)
class Decoder:
    """Makes text of the cells of a Shapefile: `declared` is what it says, `codec` what is believed first."""

    declared: str
    codec: str
    unknown: bool = False
    odd: list[str] = field(default_factory=list)
    lost: list[tuple[int, str, str]] = field(default_factory=list)

    def text(self, cell: str, number: int = 0, column: str = "") -> str:
        """Return the text of a cell that was read as single bytes."""
        if cell.isascii():
            return cell
        try:
            data = cell.encode("latin-1")
        except UnicodeEncodeError:
            return cell  # GDAL made text of it already
        for codec in dict.fromkeys((self.codec, WESTERN)):
            try:
                text = data.decode(codec)
            except UnicodeDecodeError as error:
                if codec == "utf-8" and error.end == len(data) and error.reason == "unexpected end of data":
                    text = data[: error.start].decode("utf-8")
                    self.lost.append((number, column, text))
                    return text
                continue
            if codec != self.codec:
                self.odd.append(text)
            return text
        text = data.decode(WESTERN, "replace")
        self.lost.append((number, column, text))
        return text

    def doubts(self) -> list[tuple[str, str, str, str]]:
        """Return what is doubtful of all cells that were read: where, column, text, why."""
        found_doubts = []
        if self.unknown:
            why = f"It says that it is in {self.declared}, which is no encoding: it is read as {self.codec}."
            found_doubts.append(("", "", self.declared, why))
        if self.odd:
            count = f"{len(self.odd)} cells are not: they are read as Windows-1252."
            why = f"It says that it is in {self.declared}, and {count}"
            found_doubts.append(("", "", self.odd[0], why))
        return found_doubts + [
            (f"feature {number}", column, text, f"feature {number}: letters were cut or are in no encoding.")
            for number, column, text in self.lost
        ]


def decoder_of_shapefile(table: Path, codepage: Path | None, told: str = "") -> Decoder:
    """Return how the cells of a table of a Shapefile are read.

    Parameters
    ----------
    table
        The `.dbf` file.
    codepage
        The `.cpg` file, if there is one.
    told
        The encoding that a person has said, which is believed before all others.
    """
    data = table.read_bytes()
    stated_name = told or (
        codepage.read_bytes().decode("ascii", "replace").strip().strip("\0").strip() if codepage else ""
    )
    codec = codec_of_name(stated_name) if stated_name else _LANGUAGES.get(data[29] if len(data) > 29 else 0, "")  # noqa: PLR2004
    if codec and (stated_name or codec != WESTERN):
        return Decoder(stated_name or codec, codec)
    header_length = int.from_bytes(data[8:10], "little")
    try:
        data[header_length:].decode("utf-8")
    except UnicodeDecodeError:
        return Decoder(stated_name or "no encoding", WESTERN, unknown=bool(stated_name))
    return Decoder(stated_name or "no encoding", "utf-8", unknown=bool(stated_name))


def codec_of_name(name: str) -> str:
    """Return which encoding is meant by what a `.cpg` file says; nothing where nobody knows.

    >>> [codec_of_name(name) for name in ("UTF-8", "ANSI 1252", "88591", "ISO-8859-1", "LDID/87", "1258", "65001", "x")]
    ['utf-8', 'cp1252', 'cp1252', 'cp1252', 'cp1252', 'cp1258', 'utf-8', '']
    """
    codec_name = name.strip().lower().replace("_", "-")
    for start in ("ansi", "cp", "oem", "windows", "win", "ibm"):
        codec_name = codec_name.removeprefix(start).strip(" -")
    if codec_name.startswith("ldid/"):
        return _LANGUAGES.get(int(codec_name[5:]), "") if codec_name[5:].isascii() and codec_name[5:].isdigit() else ""
    if codec_name in {"65001", "utf8"}:
        return "utf-8"
    if codec_name.startswith("8859"):
        codec_name = f"iso-8859-{codec_name[4:].strip('-')}"
    for codec in (f"cp{codec_name}" if codec_name.isdecimal() else codec_name, codec_name):
        try:
            standard_name = codecs.lookup(codec).name
            b"".decode(codec)
        except (LookupError, ValueError):
            continue
        return WESTERN if standard_name in _LATIN else standard_name
    return WESTERN if codec_name == "" and name else ""
