"""`gis import` of a publisher's file: extracts the part that a territory needs to where `gis fetch` puts its files.

The extract is read with the reader of fetched files before anything is put in place, and is recorded in
`raw/fetched.toml` with the name of the file instead of a URL.
"""

import contextlib
import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from pyproj import CRS

from gis.errors import GisError, SourceError
from gis.placing import writing_under_lock
from gis.public import publication_of_layer
from gis.sources.open_data.features import ReadLayer, TargetLayer
from gis.sources.open_data.fetched import NAME, Entry, Fetched, name_of_handed_file, read_fetched
from gis.sources.open_data.handed import FirstSight, TakenParts
from gis.sources.open_data.national import Handed, National, SourcePlace, read_source_files
from gis.sources.tables.accounts import NO_COMMUNE, OTHER_COMMUNE, UNKNOWN_CODE, Account, Fate
from gis.sources.tables.catalogue import sha256_of_file
from gis.sources.tables.telling import counted_words, issue_line
from gis.sources.tables.toml_writing import comment_text

#: Maximum number of issues, and of other communes, that are printed one by one.
_SHOWN: Final = 5
#: Maximum number of characters of a value in a printed line.
_WIDTH: Final = 40

#: Layers of which a build uses only the rows located in a site.
_IN_SITES: Final = ("parcels", "buildings", "establishments")


@dataclass(frozen=True, slots=True)
class Handover:
    """The written files, the lines to print, and the account that totals what became of every row of the file."""

    written: tuple[Path, ...]
    lines: tuple[str, ...]
    sum: str


def import_handed(  # noqa: PLR0913, PLR0917  (the territory, the file, and the user's options)
    folder: Path,
    file: Path,
    found: tuple[National, FirstSight],
    place: SourcePlace,
    zone: CRS,
    said: tuple[str, dt.date],
) -> Handover:
    """Import a publisher's file into a territory folder.

    The file is read before the lock is taken: a file of the whole country takes minutes.

    Parameters
    ----------
    folder, place, zone
        The territory: its folder, its communes with their bounding boxes, and its CRS for measurement.
    file, found
        The file, its source, and the columns and tables found in it.
    said
        The edition that the user states, if any; and the date of today.

    Raises
    ------
    SourceError
        If the file holds nothing of the territory, or nothing can be extracted for its source.
    GisError
        If the reader of the source cannot read it: then nothing is written.
    """
    national, first_sight = found
    handed = national.handed
    if handed is None:
        raise SourceError(f"{file}: a file of {national.name} cannot be taken from disk. Run `gis fetch`.")
    raw = folder / "raw"
    record_before = _record_bytes(raw)
    with tempfile.TemporaryDirectory(prefix="gis-") as temporary:
        aside = Path(temporary)
        with _errors_named_as_in_raw(raw, aside):
            taken_parts, lines = _take_parts(national, handed, file, first_sight, (place, zone, raw, aside), said)
        edition, today = said
        entries = [
            _entry_of_part(aside / part, part, file, rows, edition, today) for part, rows in taken_parts.parts.items()
        ]
        with writing_under_lock(folder, refusal=SourceError) as placing:
            if _record_bytes(raw) != record_before:
                raise SourceError(f"{raw / NAME}: another command wrote it meanwhile. Run this again.")
            folder_aside = placing.aside(raw) / national.name
            shutil.copytree(aside, folder_aside)
            read_fetched(raw).add_all(national.source, [(entry, folder_aside / entry.file) for entry in entries])
    return Handover(tuple(raw / part for part in taken_parts.parts), tuple(lines), str(taken_parts.account))


def _record_bytes(raw: Path) -> bytes | None:
    file = raw / NAME
    return file.read_bytes() if file.is_file() else None


@contextlib.contextmanager
def _errors_named_as_in_raw(raw: Path, aside: Path) -> Iterator[None]:
    """Replace in errors the temporary path of a file by its final path in `raw/`."""
    try:
        yield
    except GisError as error:
        if (text := str(error).replace(str(aside), str(raw))) != str(error):
            raise type(error)(text) from None
        raise


def _take_parts(  # noqa: PLR0913, PLR0917  (a source, its file, the territory, and the user's options)
    national: National,
    handed: Handed,
    file: Path,
    seen: FirstSight,
    where: tuple[SourcePlace, CRS, Path, Path],
    said: tuple[str, dt.date],
) -> tuple[TakenParts, list[str]]:
    """Extract the part of a file that concerns the territory, before any lock is taken, and report the result."""
    place, zone, raw, aside = where
    for part in {pattern.partition("/")[0] for pattern, _ in national.readers.values()}:
        (aside / part).mkdir(parents=True, exist_ok=True)
    taken_parts = handed.take(seen, place, aside, raw)
    if not taken_parts.parts:
        elsewhere_text = ", ".join(_lines_of_rows_elsewhere(taken_parts.account)) or "it has no row"
        raise SourceError(f"{file}: holds nothing of the communes of this territory ({elsewhere_text}).")
    edition, _ = said
    title = f"{national.source.title} ({national.source.publisher})"
    lines = [f"  {title}, as published: no mapping is needed, and its rows cite `{national.name}`"]
    if edition and not _is_iso_day(edition):
        lines.append(f"  its edition {edition} names no day: it is noted, and rows are dated by the day of import")
    lines += list(_lines_of_taken_parts(national, read_fetched(raw), aside, taken_parts, zone))
    lines += [f"  passed over: {each}" for each in _lines_of_rows_elsewhere(taken_parts.account)]
    return taken_parts, [*lines, *taken_parts.notes]


def _is_iso_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _entry_of_part(come: Path, part: str, file: Path, rows: int, edition: str, today: dt.date) -> Entry:  # noqa: PLR0913, PLR0917
    """Return the record entry of an extracted part; its origin is the name of the file."""
    day = edition if _is_iso_day(edition) else ""
    origin = name_of_handed_file(file.name, edition if not day else "")
    return Entry(part, origin, day or today.isoformat(), sha256_of_file(come), come.stat().st_size, day, rows)


def _lines_of_taken_parts(
    national: National, fetched: Fetched, aside: Path, taken: TakenParts, zone: CRS
) -> Iterator[str]:
    """Read the extracted parts as a build does, and report the number of rows and the doubtful ones."""
    fetched_files = {file: fetched.raw / file for file in fetched.entries.get(national.name, {})}
    files = {**fetched_files, **{part: aside / part for part in taken.parts}}
    for key, (pattern, reader) in national.readers.items():
        layer_files = [path for name, path in sorted(files.items()) if fnmatch(name, pattern)]
        if not any(fnmatch(part, pattern) for part in taken.parts):
            continue
        reading = read_source_files(reader, layer_files, TargetLayer(zone, replace(national.source)))
        layer = key.partition("/")[0]
        rows = reading.layer
        if layer == "ownership":
            yield f"  {counted_words(len(rows), 'parcel')} with an owner; {counted_words(len(reading.issues), 'issue')}"
            yield from _line_of_rows_used(reading)
            continue
        shape_text = f", {rows.geometry.notna().sum()} with a shape" if "geometry" in rows else ""
        use_text = ", those in a site that has a shape are used" if layer in _IN_SITES else ""
        issue_text = counted_words(len(reading.issues), "issue")
        yield f"  {counted_words(len(rows), 'row')} of {layer}{shape_text}{use_text}; {issue_text}"
        yield from _line_of_rows_used(reading)
        public = publication_of_layer(layer, rows)
        for issue in map(public.issue, reading.issues[:_SHOWN]):
            yield f"    {issue_line(issue, issue['row'] or 'file', _WIDTH)}"
        if len(reading.issues) > _SHOWN:
            yield f"    and {len(reading.issues) - _SHOWN} more"


def _line_of_rows_used(reading: ReadLayer[Any]) -> Iterator[str]:
    """Report how many of the kept rows are used, if not all of them are."""
    if reading.account is not None and reading.account.count(Fate.USED) < reading.account.rows_in:
        yield f"    of {reading.account.rows_told}"


def _lines_of_rows_elsewhere(account: Account) -> Iterator[str]:
    """Report how many rows belong to other communes, how many to an unknown one, and how many are left out."""
    rows_by_commune = {
        why.removeprefix(OTHER_COMMUNE): rows
        for (_, why), rows in account.rows.items()
        if why.startswith(OTHER_COMMUNE)
    }
    if rows_by_commune:
        largest = sorted(rows_by_commune.items(), key=lambda each: (-each[1], each[0]))
        more_text = f" and {len(largest) - _SHOWN} more" if len(largest) > _SHOWN else ""
        listed = ", ".join(f"{rows} of {comment_text(code, 10)}" for code, rows in largest[:_SHOWN])
        yield f"{sum(rows_by_commune.values())} rows of {len(rows_by_commune)} other communes: {listed}{more_text}"
    if unknown_rows := sum(account.rows.get((Fate.REFUSED, why), 0) for why in (NO_COMMUNE, UNKNOWN_CODE)):
        yield f"{unknown_rows} rows of which nobody can tell the commune here"
    for (fate, why), rows in sorted(account.rows.items()):
        if fate is not Fate.USED and why not in {NO_COMMUNE, UNKNOWN_CODE} and not why.startswith(OTHER_COMMUNE):
            yield f"{rows} rows: {why}"
