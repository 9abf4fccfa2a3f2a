"""`gis fetch`, `gis sources` and `gis doctor --online`: reports on the sources of a territory, as text for a person."""

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from gis.errors import SourceError
from gis.placing import writing_under_lock
from gis.public import is_quotable_column
from gis.schemas import KEYS
from gis.sources.conflation.joined import write_candidates
from gis.sources.open_data.answers import message_of_error
from gis.sources.open_data.features import UNKNOWN_WORD, TargetLayer
from gis.sources.open_data.fetch import FetchOptions, Outcome, chosen_sources, fetch_sources, source_place_of_folder
from gis.sources.open_data.fetched import read_fetched
from gis.sources.open_data.national import National, SourcePlace, read_source_files, service_of_source
from gis.sources.open_data.registry import ALL
from gis.sources.open_data.web import Client, Limits
from gis.sources.tables.catalogue import read_toml
from gis.territory import Territory

#: The side of the box that the doctor asks for, in metres.
SMALL_M: Final = 1000.0


def fetch_territory_sources(folder: Path, names: Sequence[str], asking: FetchOptions) -> Iterator[Outcome]:
    """Fetch the sources of a territory, then write down which shapes a person must decide on.

    Raises
    ------
    GisError
        If the folder is at fault; a source that fails is an outcome.
    """
    settings = read_toml(folder / "territory.toml")
    if asking.dry_run or asking.offline:
        yield from fetch_sources(folder, settings, names, asking)
        return
    with writing_under_lock(folder, refusal=SourceError):
        yield from fetch_sources(folder, settings, names, asking)
        write_candidates(folder, Territory(folder).candidates)


@contextmanager
def fetch_progress_bars(console: Console, asking: FetchOptions) -> Iterator[FetchOptions]:
    """Show a bar for each source: files, bytes, features, time left."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f} files"),
        TextColumn("{task.fields[bytes]:,} bytes"),
        TextColumn("{task.fields[rows]:,} features"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:

        def started(name: str, files: int) -> None:
            progress.add_task(name, total=files, rows=0, bytes=0)

        def came(size: int, rows: int) -> None:
            task = progress.tasks[-1]
            progress.update(task.id, bytes=task.fields["bytes"] + size, rows=task.fields["rows"] + rows)

        def finished(_: str) -> None:
            progress.advance(progress.tasks[-1].id)

        yield replace(asking, started=started, came=came, finished=finished)


def outcome_line(outcome: Outcome, asking: FetchOptions) -> str:
    """Say in one line what became of a source."""
    if outcome.failed:
        return f"{outcome.name}: failed, what was here stays. {' '.join(outcome.failed.split())}"
    verb = "would come" if asking.dry_run else "came"
    size = f", {outcome.bytes / 1e6:,.1f} MB" if outcome.bytes else ""
    rows = f", {outcome.rows:,} features" if outcome.rows else ""
    files_text = f"{outcome.got} files {verb}{size}{rows}" if outcome.got else "nothing to get"
    return f"{outcome.name}: {files_text}; {outcome.kept} here are good"


def layer_source_lines(territory: Territory) -> Iterator[str]:
    """Say line by line what feeds each layer, since when, how it is known; and what could be had."""
    for name, layer in territory.layers.items():
        has_shape = layer.geometry.notna() if isinstance(layer, gpd.GeoDataFrame) else None
        for (source_id, basis), rows in layer.groupby(["source_id", "basis"], sort=True):
            source = territory.sources[str(source_id)]
            drawn_text = f", {int(has_shape[rows.index].sum())} with a shape" if has_shape is not None else ""
            licence = source.licence or "no licence"
            yield f"{name:<15} {len(rows):>7} rows{drawn_text}; {basis}; {source.credit}; {licence}"
    replaced_rows = territory.replaced
    for (layer_name, kept, other), rows in replaced_rows.groupby(
        ["layer", "source_id", "replaced_source_id"], sort=True
    ):
        distance_text = f"at most {rows['apart_m'].max():,.1f} m apart"
        yield f"{layer_name:<15} {len(rows):>7} of {other} give way to {kept}, {distance_text}"
    fetched_sources = read_fetched(territory.folder / "raw").sources
    for national in ALL.values():
        if national.name in fetched_sources:
            yield from (
                f"{'assumption':<15} {national.name}: {each.en} To check: {each.check}." for each in national.assumed
            )
        if national.name not in fetched_sources:
            yield f"{'missing':<15} {national.name}: would bring {national.brings} ({national.source.licence})"


def source_drifts(folder: Path, names: Sequence[str], today: dt.date) -> Iterator[tuple[str, str]]:
    """Try each source on one small box, and yield its name with what is no more as it was; nothing is all well.

    The answers go to a temporary folder, and the territory is not touched.
    """
    settings = read_toml(folder / "territory.toml")
    place = _small_test_place(source_place_of_folder(folder, settings, read_fetched(folder / "raw")))
    for national in chosen_sources(names, folder):
        yield from ((national.name, drift) for drift in _drift_messages(national, settings, place, today, folder))


def _small_test_place(place: SourcePlace) -> SourcePlace:
    """Return one commune of a place, and a small box in its middle."""
    boxes = {}
    for code in place.communes[:1]:
        if box := place.boxes.get(code):
            x, y, half = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, SMALL_M / 2
            boxes[code] = (x - half, y - half, x + half, y + half)
    return SourcePlace(place.communes[:1], place.epci, boxes)


def _drift_messages(
    national: National, settings: Mapping[str, Any], place: SourcePlace, today: dt.date, folder: Path
) -> Iterator[str]:
    service = service_of_source(national, settings, str(folder / "territory.toml"))
    zone = Territory(folder).crs
    client = Client(bases=[service.url], limits=national.limits(service, Limits()))
    with tempfile.TemporaryDirectory(prefix="emprise-") as temporary_folder, client:
        try:
            for download_task in national.wanted(place, service):
                file = Path(temporary_folder) / download_task.file
                file.parent.mkdir(exist_ok=True, parents=True)
                download_task.get(client, file)
            for pattern, reader in national.readers.values():
                files = sorted(Path(temporary_folder).glob(pattern))
                source = replace(national.source, retrieved=today.isoformat())
                for issue in read_source_files(reader, files, TargetLayer(zone, source)).issues if files else []:
                    if issue["message"] == UNKNOWN_WORD:
                        row = f" of {issue['row']}" if is_quotable_column(issue["layer"], KEYS[issue["layer"]]) else ""
                        yield f"{issue['column_name']}{row} is `{issue['value']}`: {issue['message']}"
        except Exception as error:  # noqa: BLE001  (whatever a publisher answers, the others are asked too)
            yield message_of_error(error).replace(temporary_folder, "")
