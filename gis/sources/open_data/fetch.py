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
from gis.placing import writing_under_lock
from gis.sources.open_data.answers import message_of_error
from gis.sources.open_data.communes import FILE as COMMUNES
from gis.sources.open_data.communes import read as read_communes
from gis.sources.open_data.features import TargetLayer
from gis.sources.open_data.fetched import Entry, Fetched, path_inside_raw, read_fetched
from gis.sources.open_data.national import (
    Box,
    DownloadTask,
    National,
    Service,
    SourcePlace,
    read_source_files,
    service_of_source,
)
from gis.sources.open_data.registry import ALL
from gis.sources.open_data.web import Client, Limits
from gis.sources.tables.catalogue import sha256_of_file
from gis.sources.tables.delimited import Delimited, open_table

#: Margin added to bounding boxes: outlines are generalised.
MARGIN_M: Final = 50.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one source."""

    name: str
    got: int = 0  # files downloaded, or to download
    kept: int = 0  # files that were already there and valid
    bytes: int = 0
    rows: int = 0
    failed: str = ""


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """The options of a fetch."""

    today: dt.date
    offline: bool = False
    dry_run: bool = False
    file: str = ""  # a file that the user downloaded, for a source that no script can download
    limits: Limits = field(default_factory=Limits)
    crs: CRS = STORAGE  # CRS in which downloaded files are checked
    started: Callable[[str, int], None] = lambda _name, _files: None  # called with a source and the number of its files
    came: Callable[[int, int], None] = lambda _bytes, _rows: None
    finished: Callable[[str], None] = lambda _file: None


def fetch_sources(
    folder: Path, settings: Mapping[str, Any], names: Sequence[str], asking: FetchOptions
) -> Iterator[Outcome]:
    """Download the missing or outdated files of each source; a failure is reported and does not affect other sources.

    Parameters
    ----------
    folder
        The territory folder.
    settings
        The contents of its territory.toml.
    names
        Sources; by default all except those that are fetched only when named.
    asking
        The options of the fetch.

    Raises
    ------
    SchemaError
        If a source is not known, or `[services]` is invalid.
    """
    zone = _zone_of_settings(folder, settings)
    for national in chosen_sources(names, folder):
        service = service_of_source(national, settings, str(folder / "territory.toml"))
        service = Service(service.url, {**service.options, **({"file": asking.file} if asking.file else {})})
        limits = national.limits(service, asking.limits)
        fetched = read_fetched(folder / "raw")
        place, why_blind = _place_to_fetch(folder, settings, fetched)
        if why_blind and national.needs_boxes:
            yield Outcome(national.name, failed=why_blind)
            continue
        try:
            yield _fetch_source(national, service, place, fetched, replace(asking, limits=limits, crs=zone))
        except Exception as error:  # noqa: BLE001  (no response may affect other sources)
            yield Outcome(national.name, failed=f"{service.url}: {message_of_error(error)}")


def _zone_of_settings(folder: Path, settings: Mapping[str, Any]) -> CRS:
    """Return the CRS in which a territory is measured."""
    try:
        return CRS.from_user_input(settings.get("crs"))
    except CRSError:
        fault = Fault("crs", "is no CRS.", 'Write crs = "EPSG:…", the zone to measure in.')
        raise SchemaError.of(str(folder / "territory.toml"), [fault]) from None


def _place_to_fetch(folder: Path, settings: Mapping[str, Any], fetched: Fetched) -> tuple[SourcePlace, str]:
    """Return the communes to request, and the reason if their outlines, and so their boxes, cannot be read."""
    place_without_boxes = source_place_of_folder(folder, settings, Fetched(fetched.raw))
    try:
        return source_place_of_folder(folder, settings, fetched), ""
    except GisError as error:
        return place_without_boxes, f"the outlines of the communes cannot be read. {error}"


def _fetch_source(
    national: National, service: Service, place: SourcePlace, fetched: Fetched, asking: FetchOptions
) -> Outcome:
    """Download the missing or outdated files of one source."""
    try:
        tasks = list(national.wanted(place, service))
    except SourceError as error:
        return Outcome(national.name, failed=str(error))
    stale_tasks = [each for each in tasks if not _is_file_fresh(each, national, fetched, asking)]
    asking.started(national.name, len(stale_tasks))
    outcome_so_far = Outcome(national.name, kept=len(tasks) - len(stale_tasks))
    if asking.offline or not stale_tasks:
        absent_files = [each.file for each in stale_tasks if not (fetched.raw / each.file).is_file()]
        return replace(
            outcome_so_far,
            failed=f"{len(absent_files)} files are not here ({absent_files[0]} …)" if absent_files else "",
        )
    with Client(bases=[service.url], limits=asking.limits, progress=asking.came) as client:
        if asking.dry_run:
            return _ask_amounts(client, stale_tasks, outcome_so_far, asking)
        with writing_under_lock(
            fetched.raw.parent, refusal=SourceError
        ):  # files that are being downloaded must not be cleared away as leftovers
            outcome = _download_tasks(client, stale_tasks, national, fetched, outcome_so_far, asking)
    communes_without_box = [insee for insee in place.communes if national.needs_boxes and insee not in place.boxes]
    if communes_without_box and not outcome.failed:
        lack_text = (
            f"the outlines of {len(communes_without_box)} communes are not known ({communes_without_box[0]} "
            "…): it was not asked there"
        )
        outcome = replace(outcome, failed=lack_text)
    return outcome


def chosen_sources(names: Sequence[str], folder: Path) -> list[National]:
    """Return the sources with these names, in fetch order."""
    unknown_names = [name for name in names if name not in ALL]
    if unknown_names:
        fault = Fault("source", f"`{unknown_names[0]}` is not known.", f"Known: {', '.join(ALL)}.")
        raise SchemaError.of(str(folder), [fault])
    return [each for name, each in ALL.items() if (name in names if names else not each.optional)]


def source_place_of_folder(folder: Path, settings: Mapping[str, Any], fetched: Fetched) -> SourcePlace:
    """Return the communes to request, with bounding boxes where their outlines were fetched."""
    table = open_table(folder / "communes.csv")
    place = SourcePlace(_commune_codes_of_table(table, folder / "communes.csv"), str(settings.get("epci", "")))
    bad_codes = [code for code in place.communes if not _INSEE.fullmatch(code)]
    if bad_codes:
        faults = [Fault(f"`{code}`", "is no INSEE code.", "Write its five characters.") for code in bad_codes]
        raise SchemaError.of(str(folder / "communes.csv"), faults)
    place = replace(place, former=_codes_in_texts(row.get("former_codes", "") for _, row in table.rows()))
    files = fetched.files("communes", COMMUNES)
    if not files or not place.communes:
        return place
    layer = read_source_files(read_communes, files, TargetLayer(place.crs, fetched.sources["communes"])).layer
    return replace(
        place, boxes=boxes_of_communes(layer), former=_codes_in_texts(["|".join(place.former), *layer["former_codes"]])
    )


def _codes_in_texts(said: Iterable[str]) -> tuple[str, ...]:
    """Return the codes in texts that are joined by `|`."""
    return tuple(dict.fromkeys(code for text in said for code in text.split("|") if _INSEE.fullmatch(code)))


_INSEE: Final = re.compile(r"[0-9A-Z]{5}")


def _commune_codes_of_table(table: Delimited, file: Path) -> tuple[str, ...]:
    if "insee" not in table.header:
        raise SchemaError.of(str(file), [Fault("header", "column `insee` is absent.", "Add it.")])
    return tuple(sorted({code for _, row in table.rows() if (code := row["insee"].strip())}))


def boxes_of_communes(communes: gpd.GeoDataFrame) -> dict[str, Box]:
    """Return the bounding box to request for each commune, in the CRS of the outlines."""
    bounds = communes.geometry.buffer(MARGIN_M).bounds.to_numpy().tolist()
    return {str(insee): (w, s, e, n) for insee, (w, s, e, n) in zip(communes["insee"], bounds, strict=True)}


def _is_file_fresh(wanted: DownloadTask, national: National, fetched: Fetched, asking: FetchOptions) -> bool:
    entry = fetched.entries.get(national.name, {}).get(wanted.file)
    file = path_inside_raw(fetched.raw, wanted.file)
    was_handed = (
        entry is not None and _is_web_origin(wanted.url) and not _is_web_origin(entry.url)
    )  # as valid as a fetched one
    if entry is None or not (was_handed or entry.url == wanted.url) or not file.is_file():
        return False
    if file.stat().st_size != entry.bytes or sha256_of_file(file) != entry.sha256:
        return False
    return (asking.today - dt.date.fromisoformat(entry.retrieved)).days <= national.days


def _is_web_origin(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _ask_amounts(client: Client, wanted: Sequence[DownloadTask], known: Outcome, asking: FetchOptions) -> Outcome:
    """Request the amount of data that would be downloaded."""
    outcome = known
    for task in wanted:
        try:
            size, rows = task.amount(client)
        except GisError as error:
            return replace(outcome, failed=str(error))
        outcome = replace(
            outcome, got=outcome.got + 1, bytes=outcome.bytes + (size or 0), rows=outcome.rows + (rows or 0)
        )
        asking.finished(task.file)
    return outcome


def _download_tasks(  # noqa: PLR0913, PLR0917  (all arguments of the download of one source)
    client: Client,
    wanted: Sequence[DownloadTask],
    national: National,
    fetched: Fetched,
    known: Outcome,
    asking: FetchOptions,
) -> Outcome:
    """Download files one by one; a missing or malformed file is skipped, a failing server ends the source.

    A file is read as a build reads it before it gets its final name and is recorded.
    """
    outcome, missing_texts, malformed_texts = known, [], []
    for task in wanted:
        target = path_inside_raw(fetched.raw, task.file)
        coming_file = target.with_name(f"{target.name}{COMING}")  # beside it: a task may read earlier files
        try:
            coming_file.parent.mkdir(parents=True, exist_ok=True)
            downloaded = task.get(client, coming_file)
            if fault_text := _fault_of_download(coming_file, task, national, asking, fetched.raw):
                malformed_texts.append(fault_text.replace(str(coming_file), str(target)))
                coming_file.unlink()
                continue
            size, day = coming_file.stat().st_size, asking.today.isoformat()
            entry = Entry(
                task.file,
                task.url,
                day,
                sha256_of_file(coming_file),
                size,
                downloaded.modified,
                downloaded.rows,
                downloaded.announced,
            )
            fetched.add(national.source, entry, coming_file)
        except SourceMissingError as error:
            missing_texts.append(str(error))
            continue
        except GisError as error:
            return replace(outcome, failed=str(error))
        except OSError as error:
            return replace(
                outcome, failed=f"{coming_file}: cannot be written ({error.strerror}). Look at the free space."
            )
        finally:
            _remove_empty_folders(coming_file.parent, fetched.raw)
        outcome = replace(
            outcome,
            got=outcome.got + 1,
            bytes=outcome.bytes + downloaded.bytes,
            rows=outcome.rows + (downloaded.rows or 0),
        )
        asking.finished(task.file)
    if malformed_texts:
        return replace(
            outcome, failed=f"{len(malformed_texts)} of {len(wanted)} files are malformed: {malformed_texts[0]}"
        )
    if missing_texts:
        return replace(outcome, failed=f"{len(missing_texts)} of {len(wanted)} files are not there: {missing_texts[0]}")
    return outcome


def _remove_empty_folders(folder: Path, raw: Path) -> None:
    """Remove a folder and its parents, up to `raw/`, while they are empty."""
    while folder != raw and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _fault_of_download(coming: Path, wanted: DownloadTask, national: National, asking: FetchOptions, raw: Path) -> str:
    """Read a downloaded file as a build would, under its final name; return the fault, or the empty text."""
    target = TargetLayer(asking.crs, national.source)
    readers = [reader for pattern, reader in national.readers.values() if fnmatch(wanted.file, pattern)]
    with tempfile.TemporaryDirectory(prefix=OURS, dir=raw) as aside:
        named_file = coming.replace(Path(aside) / Path(wanted.file).name)
        try:
            for reader in readers:
                read_source_files(reader, [named_file], target)
        except GisError as error:
            return str(error).replace(str(named_file), str(coming))
        finally:
            named_file.replace(coming)
    return ""
