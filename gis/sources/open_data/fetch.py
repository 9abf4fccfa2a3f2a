"""`gis fetch`: downloads every file that a territory needs from its sources, one after the other, and records it."""

import datetime as dt
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.crs import STORAGE
from gis.errors import Fault, GisError, SchemaError, SourceError, SourceMissingError
from gis.journal import OURS
from gis.mending import COMING
from gis.placing import writing
from gis.sources.open_data.answers import said_of
from gis.sources.open_data.communes import FILE as COMMUNES
from gis.sources.open_data.communes import read as read_communes
from gis.sources.open_data.features import TargetLayer
from gis.sources.open_data.fetched import Entry, Fetched, inside, read_fetched
from gis.sources.open_data.national import Box, DownloadTask, National, Service, SourcePlace, read_files, service_of
from gis.sources.open_data.registry import ALL
from gis.sources.open_data.web import Client, Limits
from gis.sources.tables.catalogue import sha256
from gis.sources.tables.delimited import Delimited, open_table

#: Boxes are asked for a little wider than the outline: outlines are generalised.
MARGIN_M: Final = 50.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source."""

    name: str
    got: int = 0  # files that came, or would come
    kept: int = 0  # files that were there and are good
    bytes: int = 0
    rows: int = 0
    failed: str = ""


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """How a fetch goes about it."""

    today: dt.date
    offline: bool = False
    dry_run: bool = False
    file: str = ""  # what the user has downloaded of a source that nobody can fetch by script
    limits: Limits = field(default_factory=Limits)
    crs: CRS = STORAGE  # in which what came is looked at
    started: Callable[[str, int], None] = lambda _name, _files: None  # a source, and how many files it wants
    came: Callable[[int, int], None] = lambda _bytes, _rows: None
    finished: Callable[[str], None] = lambda _file: None


def fetch(folder: Path, settings: Mapping[str, Any], names: Sequence[str], asking: FetchOptions) -> Iterator[Outcome]:
    """Fetch what is missing or stale of each source; one that fails says so and leaves the others alone.

    Parameters
    ----------
    folder
        The territory folder.
    settings
        Its territory.toml.
    names
        Sources; by default all but those that are fetched only when named.
    asking
        How to go about it.

    Raises
    ------
    SchemaError
        If a source is not known, or `[services]` is not as it should be.
    """
    zone = _zone(folder, settings)
    for national in chosen(names, folder):
        service = service_of(national, settings, str(folder / "territory.toml"))
        service = Service(service.url, {**service.options, **({"file": asking.file} if asking.file else {})})
        limits = national.limits(service, asking.limits)
        fetched = read_fetched(folder / "raw")
        place, blind = _place(folder, settings, fetched)
        if blind and national.needs_boxes:
            yield Outcome(national.name, failed=blind)
            continue
        try:
            yield _one(national, service, place, fetched, replace(asking, limits=limits, crs=zone))
        except Exception as error:  # noqa: BLE001  (whatever a publisher answers, the others are left alone)
            yield Outcome(national.name, failed=f"{service.url}: {said_of(error)}")


def _zone(folder: Path, settings: Mapping[str, Any]) -> CRS:
    """Return the zone that a territory is measured in."""
    try:
        return CRS.from_user_input(settings.get("crs"))
    except CRSError:
        fault = Fault("crs", "is no CRS.", 'Write crs = "EPSG:…", the zone to measure in.')
        raise SchemaError.of(str(folder / "territory.toml"), [fault]) from None


def _place(folder: Path, settings: Mapping[str, Any], fetched: Fetched) -> tuple[SourcePlace, str]:
    """Say for which communes to ask; and why their boxes are not known, where their outlines cannot be read."""
    plain = place_of(folder, settings, Fetched(fetched.raw))
    try:
        return place_of(folder, settings, fetched), ""
    except GisError as error:
        return plain, f"the outlines of the communes cannot be read. {error}"


def _one(national: National, service: Service, place: SourcePlace, fetched: Fetched, asking: FetchOptions) -> Outcome:
    """Fetch what is missing or stale of one source."""
    try:
        wanted = list(national.wanted(place, service))
    except SourceError as error:
        return Outcome(national.name, failed=str(error))
    stale = [each for each in wanted if not _is_good(each, national, fetched, asking)]
    asking.started(national.name, len(stale))
    known = Outcome(national.name, kept=len(wanted) - len(stale))
    if asking.offline or not stale:
        lacking = [each.file for each in stale if not (fetched.raw / each.file).is_file()]
        return replace(known, failed=f"{len(lacking)} files are not here ({lacking[0]} …)" if lacking else "")
    with Client(bases=[service.url], limits=asking.limits, progress=asking.came) as client:
        if asking.dry_run:
            return _ask(client, stale, known, asking)
        with writing(fetched.raw.parent, refusal=SourceError):  # what is coming is not to be cleared away as left over
            outcome = _get(client, stale, national, fetched, known, asking)
    blind = [insee for insee in place.communes if national.needs_boxes and insee not in place.boxes]
    if blind and not outcome.failed:
        lacks = f"the outlines of {len(blind)} communes are not known ({blind[0]} …): it was not asked there"
        outcome = replace(outcome, failed=lacks)
    return outcome


def chosen(names: Sequence[str], folder: Path) -> list[National]:
    """Return the sources of these names, in the order they are fetched."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        fault = Fault("source", f"`{unknown[0]}` is not known.", f"Known: {', '.join(ALL)}.")
        raise SchemaError.of(str(folder), [fault])
    return [each for name, each in ALL.items() if (name in names if names else not each.optional)]


def place_of(folder: Path, settings: Mapping[str, Any], fetched: Fetched) -> SourcePlace:
    """Say for which communes to ask, and in which boxes where their outlines were fetched."""
    table = open_table(folder / "communes.csv")
    place = SourcePlace(_codes(table, folder / "communes.csv"), str(settings.get("epci", "")))
    strange = [code for code in place.communes if not _INSEE.fullmatch(code)]
    if strange:
        faults = [Fault(f"`{code}`", "is no INSEE code.", "Write its five characters.") for code in strange]
        raise SchemaError.of(str(folder / "communes.csv"), faults)
    place = replace(place, former=_former(row.get("former_codes", "") for _, row in table.rows()))
    files = fetched.files("communes", COMMUNES)
    if not files or not place.communes:
        return place
    layer = read_files(read_communes, files, TargetLayer(place.crs, fetched.sources["communes"])).layer
    return replace(place, boxes=boxes_of(layer), former=_former(["|".join(place.former), *layer["former_codes"]]))


def _former(said: Iterable[str]) -> tuple[str, ...]:
    """Return the codes that stand in texts, `|` between two."""
    return tuple(dict.fromkeys(code for text in said for code in text.split("|") if _INSEE.fullmatch(code)))


_INSEE: Final = re.compile(r"[0-9A-Z]{5}")


def _codes(table: Delimited, file: Path) -> tuple[str, ...]:
    if "insee" not in table.header:
        raise SchemaError.of(str(file), [Fault("header", "column `insee` is absent.", "Add it.")])
    return tuple(sorted({code for _, row in table.rows() if (code := row["insee"].strip())}))


def boxes_of(communes: gpd.GeoDataFrame) -> dict[str, Box]:
    """Return the box to ask for around each commune, in the CRS of their outlines."""
    bounds = communes.geometry.buffer(MARGIN_M).bounds.to_numpy().tolist()
    return {str(insee): (w, s, e, n) for insee, (w, s, e, n) in zip(communes["insee"], bounds, strict=True)}


def _is_good(wanted: DownloadTask, national: National, fetched: Fetched, asking: FetchOptions) -> bool:
    entry = fetched.entries.get(national.name, {}).get(wanted.file)
    file = inside(fetched.raw, wanted.file)
    was_handed = entry is not None and _is_web(wanted.url) and not _is_web(entry.url)  # good as long as a fetched one
    if entry is None or not (was_handed or entry.url == wanted.url) or not file.is_file():
        return False
    if file.stat().st_size != entry.bytes or sha256(file) != entry.sha256:
        return False
    return (asking.today - dt.date.fromisoformat(entry.retrieved)).days <= national.days


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _ask(client: Client, wanted: Sequence[DownloadTask], known: Outcome, asking: FetchOptions) -> Outcome:
    """Ask how much would come."""
    outcome = known
    for each in wanted:
        try:
            size, rows = each.amount(client)
        except GisError as error:
            return replace(outcome, failed=str(error))
        outcome = replace(
            outcome, got=outcome.got + 1, bytes=outcome.bytes + (size or 0), rows=outcome.rows + (rows or 0)
        )
        asking.finished(each.file)
    return outcome


def _get(  # noqa: PLR0913, PLR0917  (all of what one source is fetched with)
    client: Client,
    wanted: Sequence[DownloadTask],
    national: National,
    fetched: Fetched,
    known: Outcome,
    asking: FetchOptions,
) -> Outcome:
    """Get files one by one; what is missing or malformed is passed over, a server that fails ends it.

    A file is read as a build reads it before it takes its name and is written down.
    """
    outcome, missing, malformed = known, [], []
    for each in wanted:
        place = inside(fetched.raw, each.file)
        file = place.with_name(f"{place.name}{COMING}")  # beside it: a file may ask for what came before it
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            got = each.get(client, file)
            if wrong := _malformed(file, each, national, asking, fetched.raw):
                malformed.append(wrong.replace(str(file), str(place)))
                file.unlink()
                continue
            size, day = file.stat().st_size, asking.today.isoformat()
            entry = Entry(each.file, each.url, day, sha256(file), size, got.modified, got.rows, got.announced)
            fetched.add(national.source, entry, file)
        except SourceMissingError as error:
            missing.append(str(error))
            continue
        except GisError as error:
            return replace(outcome, failed=str(error))
        except OSError as error:
            return replace(outcome, failed=f"{file}: cannot be written ({error.strerror}). Look at the free space.")
        finally:
            _leave(file.parent, fetched.raw)
        outcome = replace(
            outcome, got=outcome.got + 1, bytes=outcome.bytes + got.bytes, rows=outcome.rows + (got.rows or 0)
        )
        asking.finished(each.file)
    if malformed:
        return replace(outcome, failed=f"{len(malformed)} of {len(wanted)} files are malformed: {malformed[0]}")
    if missing:
        return replace(outcome, failed=f"{len(missing)} of {len(wanted)} files are not there: {missing[0]}")
    return outcome


def _leave(folder: Path, raw: Path) -> None:
    """Take folders away in which nothing is left to come."""
    while folder != raw and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _malformed(coming: Path, wanted: DownloadTask, national: National, asking: FetchOptions, raw: Path) -> str:
    """Read a file that came as a build would, under its own name; say what is wrong with it, or nothing."""
    onto = TargetLayer(asking.crs, national.source)
    readers = [reader for pattern, reader in national.readers.values() if fnmatch(wanted.file, pattern)]
    with tempfile.TemporaryDirectory(prefix=OURS, dir=raw) as aside:
        named = coming.replace(Path(aside) / Path(wanted.file).name)
        try:
            for reader in readers:
                read_files(reader, [named], onto)
        except GisError as error:
            return str(error).replace(str(named), str(coming))
        finally:
            named.replace(coming)
    return ""
