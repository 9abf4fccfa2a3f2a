"""Polluted ground (Géorisques): the sectors of information on soils, which bind whoever builds.

=====================  ==================================================
published              ours
=====================  ==================================================
id_sis                 exclusion_id
geom                   geometry (EPSG:4326)
=====================  ==================================================

Their reason is contamination. CASIAS, a history of uses, is no pollution and is not read. A commune that the service
does not answer for stays unknown. Parameters that it does not know are ignored there and the whole base comes back:
so the commune of every row is compared with the one asked for.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from gis.errors import SourceError
from gis.provenance import Basis, Source
from gis.schemas import ExclusionReason, Exclusions
from gis.sources.features import Onto, Reading, layer_of, read_features, write_features
from gis.sources.national import National, Place, Service, Wanted
from gis.sources.web import Client, Got

SOURCE: Final = Source(
    source_id="risks",
    title="Géorisques, secteurs d’information sur les sols",
    publisher="BRGM, ministère chargé de l’écologie",
    licence="Licence Ouverte 2.0",
    url="https://www.georisques.gouv.fr",
    basis=Basis.SURVEYED,
)
PATH: Final = "/ssp/conclusions_sis"
#: Recollection, to be checked on an answer: how many rows a page has at most.
PAGE: Final = 100


def _wanted(place: Place, service: Service) -> Iterable[Wanted]:
    for insee in place.communes:

        def get(client: Client, target: Path, insee: str = insee) -> Got:
            return _get(client, f"{service.url}{PATH}", insee, target)

        def amount(client: Client, insee: str = insee) -> tuple[int | None, int | None]:
            return None, int(_page(client, f"{service.url}{PATH}", insee, 1)["results"])

        yield Wanted(f"risks/{insee}-sis.json.gz", f"{service.url}{PATH}", get, amount)


def _page(client: Client, url: str, insee: str, page: int) -> Mapping[str, Any]:
    """Get one page; an empty body is how the service says that there is nothing."""
    asked = {"code_insee": insee, "page": str(page), "page_size": str(PAGE)}
    found = client.json(url, asked, empty={"results": 0, "data": []})
    if not isinstance(found, Mapping) or not {"results", "data"} <= found.keys():
        raise SourceError(f"{url}: answers no page of results. Run `gis doctor --online`, and tell the developers.")
    return found


def _get(client: Client, url: str, insee: str, target: Path) -> Got:
    rows: list[Mapping[str, Any]] = []
    announced, page = 1, 0
    while len(rows) < announced:
        page += 1
        found = _page(client, url, insee, page)
        announced = int(found["results"])
        if not found["data"]:
            break
        rows += found["data"]
    if len(rows) != announced:
        raise SourceError(f"{url}: announces {announced} rows for {insee}, and {len(rows)} came. Try again later.")
    strange = [row for row in rows if str(row.get("code_insee", insee)) != insee]
    if strange:
        raise SourceError(f"{url}: answers for {strange[0]['code_insee']} when {insee} is asked. Nothing is kept.")
    features = [
        {
            "type": "Feature",
            "properties": {key: value for key, value in row.items() if key != "geom"},
            "geometry": json.loads(row["geom"]) if isinstance(row.get("geom"), str) else row.get("geom"),
        }
        for row in rows
    ]
    write_features(target, features, 4326)
    client.progress(0, len(features))
    return Got(target.stat().st_size, rows=len(rows), announced=announced)


def read(files: Iterable[Path], onto: Onto) -> Reading[Any]:
    """Read the sectors as contaminated ground."""
    found = read_features(files)
    columns = {
        "exclusion_id": [f"sis-{key}" for key in found.texts("id_sis")],
        "reason": [ExclusionReason.CONTAMINATION.value] * len(found),
    }
    return layer_of(found, columns, Exclusions, onto)


NATIONAL: Final = National(
    source=SOURCE,
    url="https://www.georisques.gouv.fr/api/v1",
    days=90,
    brings="ground that is known to be polluted",
    wanted=_wanted,
    readers={"exclusions": ("risks/*-sis.json.gz", read)},
    per_second=2,
)
