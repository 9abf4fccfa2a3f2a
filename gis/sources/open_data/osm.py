"""Land use of OpenStreetMap through Overpass, optional: a separate layer, under its own licence.

Its rows never enter `sites` or data published under another licence: ODbL 1.0 also applies to derived data.

=================  ===========================================================
published          ours
=================  ===========================================================
type, id           osm_id (`way/123`); relations are not read
tags.landuse       land_use
tags.name          osm_name
timestamp of base  the date of the source
=================  ===========================================================
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pyproj import Transformer

from gis.crs import DEGREES
from gis.errors import SourceError
from gis.provenance import Basis, Source
from gis.schemas import OsmLandUse
from gis.sources.open_data.answers import features_of_collection, leading_day, parse_count, rows_of_answer
from gis.sources.open_data.features import (
    Features,
    ReadLayer,
    TargetLayer,
    layer_of_features,
    read_features,
    write_features,
)
from gis.sources.open_data.national import Box, DownloadTask, National, Service, SourcePlace, commune_boxes
from gis.sources.open_data.web import Client, Download

LICENCE: Final = "ODbL 1.0"
SOURCE: Final = Source(
    source_id="osm",
    title="OpenStreetMap",
    publisher="© OpenStreetMap contributors",
    licence=LICENCE,
    url="https://www.openstreetmap.org/copyright",
    basis=Basis.DIGITISED,
)
QUERY: Final = '[out:json][timeout:120];way["landuse"~"^(industrial|commercial|retail|brownfield)$"]({});out tags geom;'


def _wanted(place: SourcePlace, service: Service) -> Iterable[DownloadTask]:
    for insee, box in commune_boxes(place, SOURCE.source_id):
        query = QUERY.format(_overpass_box(box, place))

        def download_land_use(client: Client, target: Path, query: str = query) -> Download:
            return _download_ways(client, service.url, query, target)

        yield DownloadTask(f"osm/{insee}.json.gz", service.url, download_land_use, lambda _: (None, None))


def _overpass_box(box: Box, place: SourcePlace) -> str:
    """Return a box in the notation of Overpass: south, west, north, east."""
    west, south, east, north = Transformer.from_crs(place.crs, DEGREES, always_xy=True).transform_bounds(*box)
    return f"{south:.6f},{west:.6f},{north:.6f},{east:.6f}"


def _download_ways(client: Client, url: str, query: str, target: Path) -> Download:
    answer = client.json(url, {"data": query})
    if not isinstance(answer, Mapping):
        raise SourceError(f"{url}: answers no elements. Look at the service's news.")
    if remark := answer.get("remark"):
        raise SourceError(f"{url}: stopped before the end (“{str(remark)[:200]}”). Try again later.")
    ways = [each for each in rows_of_answer(answer.get("elements"), url) if each.get("type") == "way"]
    rings = [_points_of_way(each, url) for each in ways]
    features = [
        {
            "type": "Feature",
            "id": f"way/{each.get('id')}",
            "properties": each.get("tags", {}),
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for each, ring in zip(ways, rings, strict=True)
        if _is_closed_ring(ring)
    ]
    features_of_collection({"features": features}, url)
    write_features(target, features, 4326)
    client.progress(0, len(features))
    base_info = answer.get("osm3s")
    day = leading_day(base_info.get("timestamp_osm_base")) if isinstance(base_info, Mapping) else ""
    return Download(target.stat().st_size, day, len(features))


def _points_of_way(way: Mapping[str, Any], url: str) -> list[tuple[Any, Any]]:
    """Return the points of a way."""
    if parse_count(way.get("id")) is None:
        raise SourceError(f"{url}: a way has no number. Look at the service's news.")
    return [(vertex.get("lon"), vertex.get("lat")) for vertex in rows_of_answer(way.get("geometry") or [], url)]


def _is_closed_ring(points: list[tuple[Any, Any]]) -> bool:
    return len(points) >= 4 and points[0] == points[-1]  # noqa: PLR2004  (a ring has four points at least)


def read(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read land use; geometries are as contributors drew them."""
    land_use_features = read_features(files)
    return land_use_layer(
        land_use_features,
        land_use_features.texts("id"),
        land_use_features.texts("landuse"),
        land_use_features.words("name"),
        onto,
    )


def land_use_layer(
    found: Features, keys: Sequence[str], uses: Sequence[str], names: Sequence[str], onto: TargetLayer
) -> ReadLayer[Any]:
    """Build the layer of land use that was, or may have been, traced from OpenStreetMap, with its licence."""
    columns = {"osm_id": keys, "land_use": uses, "osm_name": names, "licence": [LICENCE] * len(found)}
    return layer_of_features(found, columns, OsmLandUse, onto)


NATIONAL: Final = National(
    source=SOURCE,
    url="https://overpass-api.de/api/interpreter",
    days=30,
    brings="land use as volunteers draw it, in a layer of its own (ODbL)",
    wanted=_wanted,
    readers={"osm_land_use": ("osm/*.json.gz", read)},
    per_second=0.5,
    optional=True,
    needs_boxes=True,
)
