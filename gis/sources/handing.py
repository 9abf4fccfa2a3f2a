"""`gis import` of a publisher's file: what a territory needs of it goes where `gis fetch` puts its own.

It is read by the reader that reads what is fetched, before anything is in place, and written down in
`raw/fetched.toml` with the name of the file in the place of an address.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from pyproj import CRS

from gis.errors import SourceError
from gis.placing import writing
from gis.public import publication_of
from gis.sources.catalogue import sha256
from gis.sources.features import Onto
from gis.sources.fetched import Entry, Fetched, named, read_fetched
from gis.sources.handed import Look, Taken
from gis.sources.mapping import comment
from gis.sources.national import National, Place, read_files

#: Issues, and other communes, that are told one by one.
_SHOWN: Final = 5

#: Layers of which a build uses what lies in a site.
_IN_SITES: Final = ("parcels", "buildings", "establishments")


def import_handed(  # noqa: PLR0913, PLR0917  (the territory, the file, and what a person says)
    folder: Path, file: Path, found: tuple[National, Look], place: Place, zone: CRS, said: tuple[str, dt.date]
) -> tuple[list[Path], list[str]]:
    """Bring a publisher's file into a territory folder; return what was written, and what to tell of it.

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
    with writing(folder, refusal=SourceError) as placing:
        fetched = read_fetched(raw)
        aside = placing.aside(raw) / national.name
        for part in {pattern.partition("/")[0] for pattern, _ in national.readers.values()}:
            (aside / part).mkdir(parents=True, exist_ok=True)
        taken = handed.take(seen, place, aside, raw)
        if not taken.parts:
            where = ", ".join(_elsewhere(taken)) or "it has no row"
            raise SourceError(f"{file}: holds nothing of the communes of this territory ({where}).")
        edition, today = said
        entries = [_entry(aside / part, part, file, rows, edition, today) for part, rows in taken.parts.items()]
        title = f"{national.source.title} ({national.source.publisher})"
        lines = [f"  {title}, as published: no mapping is needed, and its rows cite `{national.name}`"]
        if edition and not _is_day(edition):
            lines.append(f"  its edition {edition} names no day: it is noted, and rows are dated by the day of import")
        lines += list(_told(national, fetched, aside, taken, zone))
        lines += [f"  passed over: {each}" for each in _elsewhere(taken)]
        lines += taken.notes
        fetched.add_all(national.source, [(entry, aside / entry.file) for entry in entries])
    return [raw / part for part in taken.parts], lines


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


def _told(national: National, fetched: Fetched, aside: Path, taken: Taken, zone: CRS) -> Iterator[str]:
    """Read what was taken as a build will, and say how many rows come of it and what is doubtful about them."""
    there = {file: fetched.raw / file for file in fetched.entries.get(national.name, {})}
    files = {**there, **{part: aside / part for part in taken.parts}}
    for key, (pattern, reader) in national.readers.items():
        mine = [path for name, path in sorted(files.items()) if fnmatch(name, pattern)]
        if not any(fnmatch(part, pattern) for part in taken.parts):
            continue
        reading = read_files(reader, mine, Onto(zone, replace(national.source)))
        layer = key.partition("/")[0]
        rows = reading.layer
        if layer == "ownership":
            yield f"  {len(rows)} parcels with an owner; {len(reading.issues)} issues"
            continue
        drawn = f", {rows.geometry.notna().sum()} with a shape" if "geometry" in rows else ""
        where = ", those in a site that has a shape are used" if layer in _IN_SITES else ""
        yield f"  {len(rows)} rows of {layer}{drawn}{where}; {len(reading.issues)} issues"
        public = publication_of(layer, rows)
        for issue in map(public.issue, reading.issues[:_SHOWN]):
            cell = f"{issue['row'] or 'file'}, {issue['column_name']}: `{comment(issue['value'], 40)}`"
            yield f"    {cell}. {issue['message']}"
        if len(reading.issues) > _SHOWN:
            yield f"    and {len(reading.issues) - _SHOWN} more"


def _elsewhere(taken: Taken) -> Iterator[str]:
    """Say how many rows are of other communes, and how many of none that can be told."""
    other: Mapping[str, int] = {code: rows for code, rows in taken.elsewhere.items() if code}
    if other:
        most = sorted(other.items(), key=lambda each: (-each[1], each[0]))
        more = f" and {len(most) - _SHOWN} more" if len(most) > _SHOWN else ""
        listed = ", ".join(f"{rows} of {comment(code, 10)}" for code, rows in most[:_SHOWN])
        yield f"{sum(other.values())} rows of {len(other)} other communes: {listed}{more}"
    if nobody := taken.elsewhere.get("", 0):
        yield f"{nobody} rows of which nobody can tell the commune here"
