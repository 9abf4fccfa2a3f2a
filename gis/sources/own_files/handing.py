"""`gis import` of a publisher's file: what a territory needs of it goes where `gis fetch` puts its own.

It is read by the reader that reads what is fetched, before anything is in place, and written down in
`raw/fetched.toml` with the name of the file in the place of an address.
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
from gis.placing import writing
from gis.public import publication_of
from gis.sources.open_data.features import ReadLayer, TargetLayer
from gis.sources.open_data.fetched import NAME, Entry, Fetched, named, read_fetched
from gis.sources.open_data.handed import FirstSight, TakenParts
from gis.sources.open_data.national import Handed, National, SourcePlace, read_files
from gis.sources.tables.accounts import NO_COMMUNE, OTHER_COMMUNE, UNKNOWN_CODE, Account, Fate
from gis.sources.tables.catalogue import sha256
from gis.sources.tables.telling import counted, issue_line
from gis.sources.tables.toml_writing import comment

#: Issues, and other communes, that are told one by one.
_SHOWN: Final = 5
#: Letters of a value that a line shows.
_WIDTH: Final = 40

#: Layers of which a build uses what lies in a site.
_IN_SITES: Final = ("parcels", "buildings", "establishments")


@dataclass(frozen=True, slots=True)
class Handover:
    """The files that were written, what to tell of them, and the sum of what became of every row of the file."""

    written: tuple[Path, ...]
    lines: tuple[str, ...]
    sum: str


def import_handed(  # noqa: PLR0913, PLR0917  (the territory, the file, and what a person says)
    folder: Path,
    file: Path,
    found: tuple[National, FirstSight],
    place: SourcePlace,
    zone: CRS,
    said: tuple[str, dt.date],
) -> Handover:
    """Bring a publisher's file into a territory folder.

    It is read before the lock is held: a file of the whole country takes minutes.

    Parameters
    ----------
    folder, place, zone
        The territory: its folder, its communes with the boxes around them, the zone it is measured in.
    file, found
        The file, its source and what it showed of itself.
    said
        The edition that a person says, or nothing; and today.

    Raises
    ------
    SourceError
        If it holds nothing of the territory, or its source cannot be taken there.
    GisError
        If its reader cannot read it: nothing is written then.
    """
    national, seen = found
    handed = national.handed
    if handed is None:
        raise SourceError(f"{file}: a file of {national.name} cannot be taken from disk. Run `gis fetch`.")
    raw = folder / "raw"
    before = _record_of(raw)
    with tempfile.TemporaryDirectory(prefix="gis-") as passing:
        aside = Path(passing)
        with _as_if_in(raw, aside):
            taken, lines = _taken(national, handed, file, seen, (place, zone, raw, aside), said)
        edition, today = said
        entries = [_entry(aside / part, part, file, rows, edition, today) for part, rows in taken.parts.items()]
        with writing(folder, refusal=SourceError) as placing:
            if _record_of(raw) != before:
                raise SourceError(f"{raw / NAME}: another command wrote it meanwhile. Run this again.")
            come = placing.aside(raw) / national.name
            shutil.copytree(aside, come)
            read_fetched(raw).add_all(national.source, [(entry, come / entry.file) for entry in entries])
    return Handover(tuple(raw / part for part in taken.parts), tuple(lines), str(taken.account))


def _record_of(raw: Path) -> bytes | None:
    file = raw / NAME
    return file.read_bytes() if file.is_file() else None


@contextlib.contextmanager
def _as_if_in(raw: Path, aside: Path) -> Iterator[None]:
    """Name in errors the files that are made aside as they will be called."""
    try:
        yield
    except GisError as error:
        if (text := str(error).replace(str(aside), str(raw))) != str(error):
            raise type(error)(text) from None
        raise


def _taken(  # noqa: PLR0913, PLR0917  (a source, a file of it, where it is for, and what a person says)
    national: National,
    handed: Handed,
    file: Path,
    seen: FirstSight,
    where: tuple[SourcePlace, CRS, Path, Path],
    said: tuple[str, dt.date],
) -> tuple[TakenParts, list[str]]:
    """Take out of a file what is of the territory, before any lock is held, and say what came of it."""
    place, zone, raw, aside = where
    for part in {pattern.partition("/")[0] for pattern, _ in national.readers.values()}:
        (aside / part).mkdir(parents=True, exist_ok=True)
    taken = handed.take(seen, place, aside, raw)
    if not taken.parts:
        there = ", ".join(_elsewhere(taken.account)) or "it has no row"
        raise SourceError(f"{file}: holds nothing of the communes of this territory ({there}).")
    edition, _ = said
    title = f"{national.source.title} ({national.source.publisher})"
    lines = [f"  {title}, as published: no mapping is needed, and its rows cite `{national.name}`"]
    if edition and not _is_day(edition):
        lines.append(f"  its edition {edition} names no day: it is noted, and rows are dated by the day of import")
    lines += list(_told(national, read_fetched(raw), aside, taken, zone))
    lines += [f"  passed over: {each}" for each in _elsewhere(taken.account)]
    return taken, [*lines, *taken.notes]


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _entry(come: Path, part: str, file: Path, rows: int, edition: str, today: dt.date) -> Entry:  # noqa: PLR0913, PLR0917
    """Write down a part of a file; where it came from is the name of the file."""
    day = edition if _is_day(edition) else ""
    origin = named(file.name, edition if not day else "")
    return Entry(part, origin, day or today.isoformat(), sha256(come), come.stat().st_size, day, rows)


def _told(national: National, fetched: Fetched, aside: Path, taken: TakenParts, zone: CRS) -> Iterator[str]:
    """Read what was taken as a build will, and say how many rows come of it and what is doubtful about them."""
    there = {file: fetched.raw / file for file in fetched.entries.get(national.name, {})}
    files = {**there, **{part: aside / part for part in taken.parts}}
    for key, (pattern, reader) in national.readers.items():
        mine = [path for name, path in sorted(files.items()) if fnmatch(name, pattern)]
        if not any(fnmatch(part, pattern) for part in taken.parts):
            continue
        reading = read_files(reader, mine, TargetLayer(zone, replace(national.source)))
        layer = key.partition("/")[0]
        rows = reading.layer
        if layer == "ownership":
            yield f"  {counted(len(rows), 'parcel')} with an owner; {counted(len(reading.issues), 'issue')}"
            yield from _counted(reading)
            continue
        drawn = f", {rows.geometry.notna().sum()} with a shape" if "geometry" in rows else ""
        where = ", those in a site that has a shape are used" if layer in _IN_SITES else ""
        yield f"  {counted(len(rows), 'row')} of {layer}{drawn}{where}; {counted(len(reading.issues), 'issue')}"
        yield from _counted(reading)
        public = publication_of(layer, rows)
        for issue in map(public.issue, reading.issues[:_SHOWN]):
            yield f"    {issue_line(issue, issue['row'] or 'file', _WIDTH)}"
        if len(reading.issues) > _SHOWN:
            yield f"    and {len(reading.issues) - _SHOWN} more"


def _counted(reading: ReadLayer[Any]) -> Iterator[str]:
    """Say what became of the rows that are kept, where not all of them are used."""
    if reading.account is not None and reading.account.count(Fate.USED) < reading.account.rows_in:
        yield f"    of {reading.account.rows_told}"


def _elsewhere(account: Account) -> Iterator[str]:
    """Say how many rows are of other communes, how many of none that can be told, and how many are left."""
    other = {
        why.removeprefix(OTHER_COMMUNE): rows
        for (_, why), rows in account.rows.items()
        if why.startswith(OTHER_COMMUNE)
    }
    if other:
        most = sorted(other.items(), key=lambda each: (-each[1], each[0]))
        more = f" and {len(most) - _SHOWN} more" if len(most) > _SHOWN else ""
        listed = ", ".join(f"{rows} of {comment(code, 10)}" for code, rows in most[:_SHOWN])
        yield f"{sum(other.values())} rows of {len(other)} other communes: {listed}{more}"
    if nobody := sum(account.rows.get((Fate.REFUSED, why), 0) for why in (NO_COMMUNE, UNKNOWN_CODE)):
        yield f"{nobody} rows of which nobody can tell the commune here"
    for (fate, why), rows in sorted(account.rows.items()):
        if fate is not Fate.USED and why not in {NO_COMMUNE, UNKNOWN_CODE} and not why.startswith(OTHER_COMMUNE):
            yield f"{rows} rows: {why}"
