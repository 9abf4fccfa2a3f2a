"""Reads a WFS 2.0 to its last feature.

A service that truncates its response still returns status 200; GDAL's driver requests no second page if the page size
exceeds both that limit and the total. Therefore the count is requested first (`resultType=hits`), pages are requested
in the order of a key, each begins where the previous one actually ended, and the last one must be empty: MapServer
announces no more than its own limit. Fewer features than announced are refused.

Bounding boxes are in a CRS in metres, such as `urn:ogc:def:crs:EPSG::2154`: x before y everywhere. In degrees the axis
order depends on the notation of the CRS; a response outside the requested box is refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import box

from gis.errors import SourceError
from gis.sources.open_data.answers import features_of_collection, leading_day, parse_count
from gis.sources.open_data.features import shapes_of_features, write_features
from gis.sources.open_data.web import Client, Download

#: Maximum page size of the Géoplateforme, whatever is requested.
PAGE: Final = 5000
#: Tolerance in metres for a feature that touches a box: services round coordinates.
_NEAR_M: Final = 1.0


@dataclass(frozen=True, slots=True)
class Query:
    """A request for the features of one type, in a box or with one value of a column."""

    url: str
    typename: str
    key: str
    epsg: int
    box: tuple[float, float, float, float] | None = None
    having: tuple[str, str] | None = None  # a service refuses both together
    dated: str = ""  # the column with the date of a feature's last change: the newest dates the response

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters that select the features."""
        crs = f"urn:ogc:def:crs:EPSG::{self.epsg}"
        wfs_parameters = {
            "SERVICE": "WFS",
            "VERSION": "2.0.0",
            "REQUEST": "GetFeature",
            "TYPENAMES": self.typename,
            "SRSNAME": f"EPSG:{self.epsg}",
        }
        if self.box:
            wfs_parameters["BBOX"] = ",".join([*(f"{side:.2f}" for side in self.box), crs])
        if self.having:
            wfs_parameters["CQL_FILTER"] = "{}='{}'".format(*self.having)
        return wfs_parameters


def get_features(client: Client, query: Query, file: Path, *, page: int = PAGE) -> Download:
    """Download all features of a query into one file.

    Raises
    ------
    SourceError
        If fewer features arrive than were announced, or features outside the request.
    """
    announced = count_query_features(client, query)
    feature_by_key: dict[str, Mapping[str, Any]] = {}
    start = 0
    for _ in client.pages(query.url):
        if not (page_features := _features_page(client, query, start, page)):
            break
        start += len(page_features)
        count_before = len(feature_by_key)
        for feature in page_features:
            feature_by_key.setdefault(_key_of_feature(feature, query), feature)
        client.progress(0, len(feature_by_key) - count_before)
        if len(feature_by_key) == count_before:
            raise SourceError(f"{query.url}: gives the same page of {query.typename} again. Try again later.")
    if announced is not None and len(feature_by_key) < announced:
        raise SourceError(
            f"{query.url}: announces {announced} features of {query.typename}, and {len(feature_by_key)} came. "
            "A part is not kept; try again later."
        )
    _check_inside_box(query, list(feature_by_key.values()))
    write_features(file, [feature_by_key[key] for key in sorted(feature_by_key)], query.epsg)
    days = [leading_day(feature["properties"].get(query.dated)) for feature in feature_by_key.values()]
    return Download(file.stat().st_size, max(days, default=""), len(feature_by_key), announced)


def count_query_features(client: Client, query: Query) -> int | None:
    """Return the number of features, or None if the service does not know it."""
    answer = client.get(query.url, {**query.parameters, "RESULTTYPE": "hits"})
    text = answer.body.decode("utf-8", "replace")
    matched = re.search(r'numberMatched\s*=\s*"(\w+)"', text)
    if not matched:
        exception_text = re.search(r"ExceptionText>(.*?)<", text, re.DOTALL)
        why = f" (“{' '.join(exception_text[1].split())[:200]}”)" if exception_text else ""
        raise SourceError(f"{query.url}: does not say how many features of {query.typename} there are{why}.")
    return parse_count(matched[1])


def _features_page(client: Client, query: Query, start: int, count: int) -> list[Mapping[str, Any]]:
    page_parameters = {
        "OUTPUTFORMAT": "application/json",
        "SORTBY": query.key,
        "COUNT": str(count),
        "STARTINDEX": str(start),
    }
    answer = client.json(query.url, {**query.parameters, **page_parameters})
    return features_of_collection(answer, f"{query.url}, {query.typename}")


def _key_of_feature(feature: Mapping[str, Any], query: Query) -> str:
    value = (feature.get("properties") or {}).get(query.key)
    if not isinstance(value, str | int):
        known_columns = ", ".join(sorted(feature.get("properties") or {}))
        raise SourceError(
            f"{query.url}: {query.typename} has no column `{query.key}` (there are: {known_columns}). "
            "The publisher changed it; run `gis doctor --online`, and tell the developers."
        )
    return str(value)


def _check_inside_box(query: Query, features: Sequence[Mapping[str, Any]]) -> None:
    """Refuse features outside the request: their axes are swapped, or their CRS is another."""
    if query.box is None:
        return
    shapes = np.array(shapes_of_features(features, query.url), dtype=object)
    is_inside = shapely.intersects(box(*query.box).buffer(_NEAR_M), shapely.envelope(shapes))
    outside = np.flatnonzero(~is_inside & ~shapely.is_missing(shapes))
    if len(outside):
        raise SourceError(
            f"{query.url}: {_key_of_feature(features[int(outside[0])], query)} of {query.typename} lies "
            "outside the box asked "
            "for. Its axes are swapped or its CRS is another; nothing is kept."
        )
