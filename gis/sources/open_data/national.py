"""The description of a national open source: its URL, the requests for a territory, and the layers it provides.

Each source has a module, the only one that contains its URLs, columns and vocabulary. URLs are defaults: `[services]`
of territory.toml and `GIS_<SOURCE>_URL` name others, and a table of `[services]` sets an option (`edition`).
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from pyproj import CRS

from gis.crs import exchange_crs_of_commune
from gis.errors import Fault, GisError, SchemaError, SourceError
from gis.provenance import Source
from gis.sources.open_data.answers import features_of_collection, message_of_error
from gis.sources.open_data.assumed import Assumed
from gis.sources.open_data.connecting import origin_of_url
from gis.sources.open_data.features import ReadLayer, TargetLayer, unpacked_bytes, write_features
from gis.sources.open_data.handed import FirstSight, TakenParts, codes_with_districts
from gis.sources.open_data.pages import Paged
from gis.sources.open_data.web import Client, Download, Limits
from gis.sources.open_data.wfs import Query, count_query_features, get_features

#: West, south, east, north.
Box = tuple[float, float, float, float]
#: Reads files of a source into a typed layer, for a target.
Reader = Callable[[Iterable[Path], TargetLayer], ReadLayer[Any]]

#: Overseas departments, whose codes have three digits.
_LONG: Final = ("97", "98")


@dataclass(frozen=True, slots=True)
class SourcePlace:
    """The territory to request: its communes and, where outlines are known, the bounding box of each.

    `former` are the codes of communes that were merged into one of them.
    """

    communes: tuple[str, ...]
    epci: str = ""
    boxes: Mapping[str, Box] = field(default_factory=dict)
    former: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes in registers of land and of firms: these use the arrondissements of a commune that has some."""
        return codes_with_districts(self.communes)

    @property
    def registered(self) -> tuple[str, ...]:
        """The codes of the territory in registers that may use older codes: `codes`, and `former`."""
        return tuple(dict.fromkeys((*self.codes, *self.former)))

    @property
    def crs(self) -> CRS:
        """The CRS in metres of the boxes."""
        return exchange_crs_of_commune(self.communes[0] if self.communes else "")

    @property
    def epsg(self) -> int:
        """The EPSG code of that CRS."""
        return int(self.crs.to_epsg() or 0)


@dataclass(frozen=True, slots=True)
class Service:
    """The URL and the options of a source."""

    url: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DownloadTask:
    """One file to download into `raw/`: usually one commune of a source, so that a fetch can be resumed."""

    file: str
    url: str
    get: Callable[[Client, Path], Download]
    amount: Callable[[Client], tuple[int | None, int | None]]  # bytes and rows, requested without downloading them


@dataclass(frozen=True, slots=True)
class Handed:
    """How to recognise a user's copy of the publisher's file, and how to extract what a territory needs.

    `take` receives the file, the territory, a folder to write parts to, and the current `raw/`.
    """

    recognises: Callable[[FirstSight], bool]
    take: Callable[[FirstSight, SourcePlace, Path, Path], TakenParts]


@dataclass(frozen=True, slots=True)
class National:
    """A source: its citation, its URL, how many days a file stays valid, and the layers that it feeds."""

    source: Source
    url: str
    days: int
    brings: str
    wanted: Callable[[SourcePlace, Service], Iterable[DownloadTask]]
    readers: Mapping[str, tuple[str, Reader]]  # layer → the pattern of its files under raw/, and its reader
    per_second: float = 5
    optional: bool = False  # fetched only when named
    needs_boxes: bool = False
    handed: Handed | None = None
    assumed: Sequence[Assumed] = ()  # its unconfirmed rules

    @property
    def name(self) -> str:
        """Its key in the catalogue."""
        return self.source.source_id

    def limits(self, service: Service, within: Limits) -> Limits:
        """Return the limits of a client: `per_second` of the service, or else that of the source.

        Raises
        ------
        SchemaError
            If that is not a number above 0.
        """
        stated_rate = service.options.get("per_second", str(self.per_second))
        try:
            per_second = float(stated_rate)
        except ValueError:
            per_second = 0.0
        if not 0 < per_second < float("inf"):
            fault = Fault(
                f"[services.{self.name}] per_second", f"`{stated_rate}` is no number.", "Write one above 0, as text."
            )
            raise SchemaError.of("territory.toml", [fault])
        return replace(within, per_second=per_second)


def service_of_source(national: National, settings: Mapping[str, Any], place: str) -> Service:
    """Return the URL of a source: from the environment, or else from `[services]` of territory.toml, or its default.

    Raises
    ------
    SchemaError
        If `[services]` holds anything other than URLs and options, or the environment holds no URL.
    """
    mend = f'Write [services.{national.name}] and below it url = "https://…".'
    services = settings.get("services", {})
    if not isinstance(services, Mapping):
        raise SchemaError.of(place, [Fault("services", "is no table.", mend)])
    entry = services.get(national.name, {})
    options = {"url": entry} if isinstance(entry, str) else entry
    if not isinstance(options, Mapping) or not all(isinstance(value, str) for value in options.values()):
        raise SchemaError.of(place, [Fault(f"[services] {national.name}", "is no address.", mend)])
    variable = f"GIS_{national.name.upper().replace('-', '_')}_URL"
    url_from_environment = os.environ.get(variable, "")
    url = (url_from_environment or options.get("url", "") or national.url).rstrip("/")
    try:
        origin_of_url(url)
    except ValueError as error:
        where = variable if url_from_environment else f"[services] {national.name}"
        raise SchemaError.of(place, [Fault(where, f"`{url}` is no address ({error}).", mend)]) from None
    return Service(url, options)


def read_source_files(reader: Reader, files: Sequence[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read files of a source; any content gives either a layer or one error that names the file.

    Raises
    ------
    GisError
        If they cannot be read.
    """
    try:
        return reader(files, onto)
    except Exception as error:
        file = (
            next((file for file in files if _reader_fails(reader, file, onto)), files[0])
            if len(files) > 1
            else files[0]
        )
        if isinstance(error, GisError) and str(file) in str(error):
            raise
        raise SourceError(f"{file}: {message_of_error(error)} Delete it, and fetch it again.") from error


def _reader_fails(reader: Reader, file: Path, onto: TargetLayer) -> bool:
    try:
        reader([file], onto)
    except Exception:  # noqa: BLE001  (only the file at fault matters here)
        return True
    return False


def department_of_commune(insee: str) -> str:
    """Return the department of a commune.

    >>> department_of_commune("99005"), department_of_commune("97999"), department_of_commune("2A999")
    ('99', '979', '2A')
    """
    return insee[:3] if insee.startswith(_LONG) else insee[:2]


def static_file_task(file: str, url: str) -> DownloadTask:
    """Return the task to download a file as it is on a server; a compressed one must decompress completely."""

    def download_static_file(client: Client, target: Path) -> Download:
        return client.download(url, target, check=unpacked_bytes if file.endswith(".gz") else lambda _: None)

    return DownloadTask(file, url, download_static_file, lambda client: (client.size(url), None))


def wfs_features_task(file: str, query: Query) -> DownloadTask:
    """Return the task to download the features of a WFS query."""

    def download_features(client: Client, target: Path) -> Download:
        return get_features(client, query, target)

    return DownloadTask(file, query.url, download_features, lambda client: (None, count_query_features(client, query)))


def paged_rows_task(
    file: str, pages: Paged, made: Callable[[list[Mapping[str, Any]]], Sequence[Mapping[str, Any]]]
) -> DownloadTask:
    """Return the task to download a paginated service; `made` converts rows to features in longitude and latitude."""

    def download_pages(client: Client, target: Path) -> Download:
        made_features = features_of_collection({"features": list(made(pages.all(client)))}, pages.url)
        write_features(target, made_features, 4326)
        client.progress(0, len(made_features))
        return Download(target.stat().st_size, rows=len(made_features), announced=len(made_features))

    return DownloadTask(file, pages.url, download_pages, lambda client: (None, pages.count(client)))


def commune_boxes(place: SourcePlace, source: str) -> list[tuple[str, Box]]:
    """Return each commune with a known outline, and the bounding box to request.

    Raises
    ------
    SourceError
        If no outline is known yet.
    """
    if not place.boxes:
        raise SourceError(f"{source}: the outlines of the communes are not known. Fetch `communes` first.")
    return [(insee, place.boxes[insee]) for insee in place.communes if insee in place.boxes]


def box_around_communes(place: SourcePlace, margin_m: float) -> Box:
    """Return the bounding box of all communes with known outlines, extended by a margin on each side."""
    west, south, east, north = zip(*place.boxes.values(), strict=True)
    return min(west) - margin_m, min(south) - margin_m, max(east) + margin_m, max(north) + margin_m
