"""`gis fetch`: every file that a territory wants of its sources, each whole and written down, one after the other."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd

from gis.errors import Fault, SchemaError, SourceError, SourceMissingError
from gis.mending import COMING
from gis.sources.catalogue import sha256
from gis.sources.communes import FILE as COMMUNES
from gis.sources.communes import read as read_communes
from gis.sources.delimited import open_table
from gis.sources.features import Onto
from gis.sources.fetched import Entry, Fetched, read_fetched
from gis.sources.national import Box, National, Place, Service, Wanted, service_of
from gis.sources.registry import ALL
from gis.sources.web import Client, Limits

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
class Asking:
    """How a fetch goes about it."""

    today: dt.date
    offline: bool = False
    dry_run: bool = False
    file: str = ""  # what the user has downloaded of a source that nobody can fetch by script
    limits: Limits = field(default_factory=Limits)
    started: Callable[[str, int], None] = lambda _name, _files: None  # a source, and how many files it wants
    came: Callable[[int, int], None] = lambda _bytes, _rows: None
    finished: Callable[[str], None] = lambda _file: None


def fetch(folder: Path, settings: Mapping[str, Any], names: Sequence[str], asking: Asking) -> Iterator[Outcome]:
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
    raw = folder / "raw"
    for national in chosen(names, folder):
        service = service_of(national, settings, str(folder / "territory.toml"))
        service = Service(service.url, {**service.options, **({"file": asking.file} if asking.file else {})})
        fetched = read_fetched(raw)
        place = place_of(folder, settings, fetched)
        try:
            wanted = list(national.wanted(place, service))
        except SourceError as error:
            yield Outcome(national.name, failed=str(error))
            continue
        stale = [each for each in wanted if not _is_good(each, national, fetched, asking)]
        asking.started(national.name, len(stale))
        known = Outcome(national.name, kept=len(wanted) - len(stale))
        if asking.offline or not stale:
            lacking = [each.file for each in stale if not (raw / each.file).is_file()]
            yield replace(known, failed=f"{len(lacking)} files are not here ({lacking[0]} …)" if lacking else "")
            continue
        limits = national.limits(service, asking.limits)
        with Client(bases=[service.url], limits=limits, progress=asking.came) as client:
            if asking.dry_run:
                yield _ask(client, stale, known, asking)
                continue
            outcome = _get(client, stale, national, fetched, known, asking)
        blind = [insee for insee in place.communes if national.needs_boxes and insee not in place.boxes]
        if blind and not outcome.failed:
            lacks = f"the outlines of {len(blind)} communes are not known ({blind[0]} …): it was not asked there"
            outcome = replace(outcome, failed=lacks)
        yield outcome


def chosen(names: Sequence[str], folder: Path) -> list[National]:
    """Return the sources of these names, in the order they are fetched."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        fault = Fault("source", f"`{unknown[0]}` is not known.", f"Known: {', '.join(ALL)}.")
        raise SchemaError.of(str(folder), [fault])
    return [each for name, each in ALL.items() if (name in names if names else not each.optional)]


def place_of(folder: Path, settings: Mapping[str, Any], fetched: Fetched) -> Place:
    """Say for which communes to ask, and in which boxes where their outlines were fetched."""
    place = Place(_codes(folder / "communes.csv"), str(settings.get("epci", "")))
    files = fetched.files("communes", COMMUNES)
    if not files or not place.communes:
        return place
    layer = read_communes(files, Onto(place.crs, fetched.sources["communes"])).layer
    return replace(place, boxes=_boxes(layer))


def _codes(file: Path) -> tuple[str, ...]:
    table = open_table(file)
    if "insee" not in table.header:
        raise SchemaError.of(str(file), [Fault("header", "column `insee` is absent.", "Add it.")])
    return tuple(sorted({code for _, row in table.rows() if (code := row["insee"].strip())}))


def _boxes(communes: gpd.GeoDataFrame) -> dict[str, Box]:
    bounds = communes.geometry.buffer(MARGIN_M).bounds.to_numpy().tolist()
    return {str(insee): (w, s, e, n) for insee, (w, s, e, n) in zip(communes["insee"], bounds, strict=True)}


def _is_good(wanted: Wanted, national: National, fetched: Fetched, asking: Asking) -> bool:
    entry = fetched.entries.get(national.name, {}).get(wanted.file)
    if entry is None or entry.url != wanted.url or not (fetched.raw / wanted.file).is_file():
        return False
    return (asking.today - dt.date.fromisoformat(entry.retrieved)).days <= national.days


def _ask(client: Client, wanted: Sequence[Wanted], known: Outcome, asking: Asking) -> Outcome:
    """Ask how much would come."""
    outcome = known
    for each in wanted:
        try:
            size, rows = each.amount(client)
        except SourceError as error:
            return replace(outcome, failed=str(error))
        outcome = replace(
            outcome, got=outcome.got + 1, bytes=outcome.bytes + (size or 0), rows=outcome.rows + (rows or 0)
        )
        asking.finished(each.file)
    return outcome


def _get(  # noqa: PLR0913, PLR0917  (all of what one source is fetched with)
    client: Client, wanted: Sequence[Wanted], national: National, fetched: Fetched, known: Outcome, asking: Asking
) -> Outcome:
    """Get files one by one; what is missing is passed over, a server that fails ends it."""
    outcome, missing = known, []
    for each in wanted:
        place = fetched.raw / each.file
        file = place.with_name(f"{place.name}{COMING}")  # beside it: a file may ask for what came before it
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            got = each.get(client, file)
            size, day = file.stat().st_size, asking.today.isoformat()
            entry = Entry(each.file, each.url, day, sha256(file), size, got.modified, got.rows, got.announced)
            fetched.add(national.source, entry, file)
        except SourceMissingError as error:
            missing.append(str(error))
            continue
        except SourceError as error:
            return replace(outcome, failed=str(error))
        except OSError as error:
            return replace(outcome, failed=f"{file}: cannot be written ({error.strerror}). Look at the free space.")
        finally:
            _leave(file.parent, fetched.raw)
        outcome = replace(
            outcome, got=outcome.got + 1, bytes=outcome.bytes + got.bytes, rows=outcome.rows + (got.rows or 0)
        )
        asking.finished(each.file)
    if missing:
        return replace(outcome, failed=f"{len(missing)} of {len(wanted)} files are not there: {missing[0]}")
    return outcome


def _leave(folder: Path, raw: Path) -> None:
    """Take folders away in which nothing is left to come."""
    while folder != raw and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
