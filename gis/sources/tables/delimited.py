"""The only reader of delimited text (CSV): it returns a header and rows with their line numbers.

It detects the encoding (UTF-8, UTF-16 and UTF-32 by their byte order mark, else UTF-8, else Windows-1252), the
delimiter (`,`, `;`, tab, `|`, or the one in a line `sep=;`) and the line ends of any system, within quotes too. A
header without a delimiter is that of one column. Cells are returned unchanged.

Rows of another length, duplicate column names, NUL, bytes of another encoding, unclosed quotes and fields that are too
long are errors with their row; all errors of a file are reported in one exception.
"""

import codecs
import contextlib
import csv
import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Final

from gis.errors import Fault, SchemaError, SourceError, SourceMissingError

#: What may stand between two cells.
DELIMITERS: Final = ",;\t|"

#: Bytes that tell the encoding and the delimiter.
START: Final = 1 << 16

#: The longest field: a shape may stand in one as text.
LONGEST: Final = 100_000_000

#: What a text is read as that is not UTF-8: ISO-8859-1 with more signs.
WESTERN: Final = "windows-1252"

_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
_MARK: Final = "\ufeff"
_SAYS: Final = re.compile(rf"[^\s{re.escape(DELIMITERS)}]")
_SAID: Final = re.compile(r"sep=([,;\t|])(?:\r\n|\r|\n)", re.IGNORECASE)
#: Stands nowhere in a text: no character.
_NONE: Final = "\ufdd0"
_OTHERS: Final = (
    (b"PK\x03\x04", "a workbook or an archive"),
    (b"\xd0\xcf\x11\xe0", "an old workbook"),
    (b"\x1f\x8b", "packed"),
    (b"%PDF", "a PDF"),
    (b"SQLite format 3", "a GeoPackage"),
)
_SHOWN: Final = 20
_LOOKED_AT: Final = 50
_EMPTY: Final = Fault("", "the file is empty.", "Give it a header row at least.")

csv.field_size_limit(min(LONGEST, sys.maxsize))  # one for the process, so set once


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its line in the file, as an editor counts, and its cells."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Delimited:
    """A table: where it stands, the names of its columns, and its rows (once; the faults come when all are read)."""

    place: str
    header: tuple[str, ...]
    lines: Iterator[Line]

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Give each row as its line and its cells by column."""
        for line in self.lines:
            yield line.number, dict(zip(self.header, line.cells, strict=True))


def open_table(file: Path, *, encoding: str = "") -> Delimited:
    """Open a table with a header.

    Raises
    ------
    SourceMissingError
        If there is no such file.
    SourceError
        If it cannot be read.
    SchemaError
        If it is not in the encoding, is empty, or two columns have one name; once all rows are read, if some are at
        fault.
    """
    return table_of_text(text_of_bytes(bytes_of_file(file), str(file), encoding), str(file))


def header_of_delimited(file: Path) -> tuple[str, ...]:
    """Return the names of the columns, and read no more of the file than that takes."""
    with _named_read_errors(file), file.open("rb") as stream:
        return header_of_stream(stream, str(file))


def header_of_stream(stream: IO[bytes], place: str) -> tuple[str, ...]:
    """Return the names of the columns of a table that begins here."""
    start = stream.read(START)
    text = start.decode(encoding_of_bytes(start), errors="ignore")
    return _header_of_reader(_Reader(text.removeprefix(_MARK), place))


@contextlib.contextmanager
def streamed_table(opening: Callable[[], IO[bytes]], place: str) -> Iterator[Delimited]:
    """Open a table that need not fit into memory: `opening` opens its bytes, once to look and once to read.

    Raises
    ------
    SchemaError
        As `open_table` does.
    """
    with opening() as stream:
        start = stream.read(START)
        encoding = encoding_of_bytes(start)
        if encoding == "utf-8" and not _is_rest_utf8(start, stream):
            encoding = WESTERN
    text = start.decode(encoding, errors="ignore").removeprefix(_MARK)
    first_line, delimiter, skipped = detect_dialect(text)
    with opening() as stream, io.TextIOWrapper(stream, encoding=encoding, newline="") as lines:
        lines.read(skipped)
        reader = _Reader(_sound_lines(lines, place), place, (first_line, delimiter))
        yield _table_of_reader(reader)


def _is_rest_utf8(start: bytes, stream: IO[bytes]) -> bool:
    """Tell whether the rest of a stream is UTF-8 too."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(start)
        while block := stream.read(START):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _sound_lines(lines: Iterable[str], place: str) -> Iterator[str]:
    """Give lines, and refuse what is no text."""
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            if "\x00" in line:
                raise SchemaError.of(place, [_nul_fault(number)])
            yield line
    except UnicodeDecodeError as error:
        fault_text = f"is not in {error.encoding} ({error.reason})."
        raise SchemaError.of(place, [Fault(f"row {number + 1}", fault_text, "Save the file as CSV UTF-8.")]) from None


def _nul_fault(line: int) -> Fault:
    return Fault(f"row {line}", "holds the sign NUL.", "Save the file as CSV UTF-8 anew.")


def table_of_text(text: str, place: str) -> Delimited:
    """Read a text as a table with a header; see `open_table`."""
    return _table_of_reader(_Reader(text.removeprefix(_MARK), place))


def _table_of_reader(reader: "_Reader") -> Delimited:
    header, place = _header_of_reader(reader), reader.place
    if twice := sorted({name for name in header if header.count(name) > 1}):
        faults = [Fault("header", f"column `{name}` stands twice.", "Keep one.") for name in twice]
        raise SchemaError.of(place, faults)
    return Delimited(place, header, _rows_of_one_length(reader, len(header)))


def headerless_rows(lines: Iterable[str], place: str, *, delimiter: str, least: int = 0) -> Iterator[Line]:
    """Give the rows of a text without a header that is delimited in a known way, with their lines; blank ones too.

    Raises
    ------
    SchemaError
        At the first row that cannot be read, or has fewer than `least` cells.
    """
    reader = csv.reader(lines, delimiter=delimiter)
    start = 1
    try:
        for row in reader:
            if row and len(row) < least:
                fault_text = f"{len(row)} cells, {least} are due."
                raise SchemaError.of(
                    place, [Fault(f"row {start}", fault_text, "Get the file anew; the publisher changed it?")]
                )
            yield Line(start, row)
            start = reader.line_num + 1
    except csv.Error as error:
        raise SchemaError.of(
            place, [Fault(f"row {start}", f"cannot be read ({error}).", "Get the file anew.")]
        ) from None
    except UnicodeDecodeError as error:
        fault_text = f"not {error.encoding} ({error.reason})."
        raise SchemaError.of(place, [Fault(f"row {start} or below", fault_text, "Get the file anew.")]) from None


def _rows_of_one_length(reader: "_Reader", width: int) -> Iterator[Line]:
    """Give the rows that are not blank; those of another length are told at the end, all at once."""
    faults = []
    mend = "Put text that holds a separator between quotes."
    for line in reader:
        cells = line.cells
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            cells = cells[:width]
        if len(cells) == width:
            yield Line(line.number, cells)
        else:
            faults.append(Fault(f"row {line.number}", f"{len(cells)} cells, the header has {width}.", mend))
    if faults:
        more_faults = [Fault("", f"and {len(faults) - _SHOWN} more.", "")] if len(faults) > _SHOWN else []
        raise SchemaError.of(reader.place, [*faults[:_SHOWN], *more_faults])


def _header_of_reader(reader: "_Reader") -> tuple[str, ...]:
    """Return the names of the columns: the first row that is not blank; one without a name is called by its place."""
    row = next((line.cells for line in reader if any(map(_SAYS.search, line.cells))), None)
    if row is None:
        raise SchemaError.of(reader.place, [_EMPTY])
    names = [name.strip() for name in row]
    while not names[-1]:
        names.pop()
    return tuple(name or f"column {n}" for n, name in enumerate(names, 1))


class _Reader:
    """Reads the rows of a text, or of lines in a known dialect, each with the line that it begins in."""

    def __init__(self, text: str | Iterable[str], place: str, told: tuple[int, str] = (1, ",")) -> None:
        self.place = place
        first, delimiter = told
        if isinstance(text, str):
            first, delimiter, start = detect_dialect(text)
            if "\x00" in text:
                raise SchemaError.of(place, [_nul_fault(_line_number_at(text, text.index("\x00")))])
            text = io.StringIO(text[start:], newline="")  # lines end as they do in the file
        self._rows = _parse_lines(text, delimiter, place, first)

    def __iter__(self) -> Iterator[Line]:
        return self._rows


def _parse_lines(lines: Iterable[str], delimiter: str, place: str, first: int = 1) -> Iterator[Line]:
    """Give the rows of lines, blank ones too; a last line of our own shows whether all quotes are closed."""
    end_mark = "\x00"
    reader = csv.reader(chain(lines, (end_mark,)), delimiter=delimiter)
    number = first
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fault_text = "a field is too long." if "limit" in str(error) else f"cannot be read ({error})."
            mend = "Close the quotes before it, or shorten it."
            raise SchemaError.of(place, [Fault(f"row {number}", fault_text, mend)]) from None
        if row and row[-1].endswith(end_mark):
            if row != [end_mark]:
                fault_text = "a quotation mark is opened and never closed."
                raise SchemaError.of(place, [Fault(f"row {number}", fault_text, "Close it, or take it away.")])
            return
        yield Line(number, row)
        number = first + reader.line_num


def detect_dialect(text: str) -> tuple[int, str, int]:
    """Return the line that the table begins in, what stands between its cells, and where in the text it begins."""
    if matched := _SAID.match(text):
        return 2, matched[1], matched.end()
    start = text[:START]
    is_cut = len(text) > START
    best_score, best_delimiter = (0.0, 0), _NONE
    for delimiter in DELIMITERS:
        rows = _first_rows(start, delimiter, cut=is_cut)
        width = len(rows[0]) if rows else 0
        if width < 2:  # noqa: PLR2004  (one column is not delimited)
            continue
        fitting_rows = sum(len(row) >= width and not any(cell.strip() for cell in row[width:]) for row in rows)
        score = (round(fitting_rows / len(rows), 2), width)
        if score > best_score:
            best_score, best_delimiter = score, delimiter
    return 1, best_delimiter, 0


def _first_rows(start: str, delimiter: str, *, cut: bool) -> list[list[str]]:
    """Return the first rows that are not blank, as they would be with a delimiter."""
    rows = []
    try:
        for row in csv.reader(io.StringIO(start, newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) > _LOOKED_AT:
                break
    except csv.Error:
        pass
    return rows[:-1] if len(rows) > 1 and (cut or len(rows) > _LOOKED_AT) else rows


def encoding_of_bytes(content: bytes) -> str:
    """Return the encoding of the bytes of a text: what their mark says, else UTF-8, else Windows-1252.

    >>> [encoding_of_bytes("Prés".encode(name)) for name in ("utf-8", "cp1252", "utf-16")]
    ['utf-8', 'windows-1252', 'utf-16']
    """
    for mark, name in _MARKS:
        if content.startswith(mark) and (name != "utf-8-sig" or _is_valid_utf8(content)):
            return name
    if len(content) > 3 and content[:4].count(0) == 2:  # noqa: PLR2004  (two letters of UTF-16 without its mark)
        return "utf-16-le" if content[1] == 0 else "utf-16-be"
    return "utf-8" if _is_valid_utf8(content) else WESTERN


def _is_valid_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.end == len(content) == START and error.start > len(content) - 4  # a letter that the block cuts
    return True


def text_of_bytes(content: bytes, place: str, encoding: str = "") -> str:
    """Return the bytes of a file as text, or say in which row they are none."""
    if other_kind := next((name for start, name in _OTHERS if content.startswith(start)), ""):
        fault = Fault(
            "", f"is {other_kind}, no text, whatever its name.", "Name it as what it is, or save it as CSV UTF-8."
        )
        raise SchemaError.of(place, [fault])
    encoding = encoding or encoding_of_bytes(content)
    if encoding == WESTERN:
        content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = _line_number_at(content[: error.start].decode(encoding, errors="ignore"), None)
        fault_text = f"is not in {encoding} ({error.reason})."
        fault = Fault(f"row {line}", fault_text, "Save the file as CSV UTF-8, or correct `encoding` in its mapping.")
    except (LookupError, ValueError) as error:
        fault = Fault("", f"is not in {encoding} ({error}).", "Correct `encoding`.")
    raise SchemaError.of(place, [fault]) from None


def _line_number_at(text: str, place: int | None) -> int:
    text_before = text[:place]
    return text_before.count("\n") + text_before.count("\r") - text_before.count("\r\n") + 1


def bytes_of_file(file: Path) -> bytes:
    """Return the bytes of a file, or say why it cannot be read."""
    with _named_read_errors(file):
        return file.read_bytes()


@contextlib.contextmanager
def _named_read_errors(file: Path) -> Iterator[None]:
    """Say what the system says of a file as one of our errors."""
    try:
        yield
    except FileNotFoundError:
        msg = f"{file}: no such file. Put it in the territory folder, with a header row at least."
        raise SourceMissingError(msg) from None
    except OSError as error:
        msg = f"{file}: cannot be read ({error.strerror}). Close it in other programs and look at your rights."
        raise SourceError(msg) from None
