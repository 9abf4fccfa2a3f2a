"""Verified brownfields (Cartofriches, Cerema): evidence beside the sites that decides nothing by itself.

=====================  ===================================================================
published              ours
=====================  ===================================================================
site_id                brownfield_id
site_nom               brownfield_name
site_statut            status (`STATUSES`); a potential one was detected automatically
comm_insee             insee
site_actu_date         as_of
geometry               geometry (EPSG:4326); a point has no area and is an issue
=====================  ===================================================================
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from gis.provenance import Basis, Source
from gis.schemas import Brownfields, BrownfieldStatus
from gis.sources.open_data.features import (
    ColumnRef,
    ReadLayer,
    TargetLayer,
    layer_of_features,
    read_features,
    translate_words,
)
from gis.sources.open_data.handed import FirstSight, TakenParts, commune_of_code, take_features
from gis.sources.open_data.national import DownloadTask, Handed, National, Service, SourcePlace, paged_rows_task
from gis.sources.open_data.pages import Paged

SOURCE: Final = Source(
    source_id="cartofriches",
    title="Cartofriches",
    publisher="Cerema",
    licence="Licence Ouverte 2.0",
    url="https://cartofriches.cerema.fr",
    basis=Basis.SURVEYED,
)
PATH: Final = "/cartofriches/geofriches/"
CODES: Final = 10
PAGE: Final = 500
STATUSES: Final[Mapping[str, str]] = {status.value: status.value for status in BrownfieldStatus}


def _wanted(place: SourcePlace, service: Service) -> Iterable[DownloadTask]:
    url = f"{service.url}{PATH}"
    for codes, file in _communes_per_file(place.communes):
        pages = Paged(url, {"code_insee": ",".join(codes), "fields": "all"}, "count", "features", PAGE)
        yield paged_rows_task(file, pages, list)


def _communes_per_file(communes: Sequence[str]) -> Iterator[tuple[Sequence[str], str]]:
    """Yield the communes requested in one file, with the name of the file."""
    for n in range(0, len(communes), CODES):
        codes = communes[n : n + CODES]
        yield codes, f"cartofriches/{codes[0]}-{codes[-1]}.json.gz"


def _take(look: FirstSight, place: SourcePlace, aside: Path, raw: Path) -> TakenParts:
    file_of_commune = {insee: file for codes, file in _communes_per_file(place.communes) for insee in codes}

    def commune_of_feature(said: Mapping[str, Any]) -> str:
        return str(said.get("comm_insee") or "").strip().zfill(5)

    return take_features(
        look, aside, raw, place.codes, commune_of_feature, lambda insee: file_of_commune[commune_of_code(insee)]
    )


def read(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read brownfields with their attributes."""
    brownfield_features = read_features(files)
    keys = brownfield_features.texts("site_id")
    statuses, status_issues = translate_words(
        brownfield_features.texts("site_statut"),
        STATUSES,
        BrownfieldStatus.UNKNOWN,
        ColumnRef("brownfields", keys, "site_statut", brownfield_features.files),
    )
    columns = {
        "brownfield_id": keys,
        "brownfield_name": brownfield_features.texts("site_nom"),
        "status": statuses,
        "insee": brownfield_features.texts("comm_insee"),
        "as_of": brownfield_features.days("site_actu_date", onto.zone),
    }
    return layer_of_features(brownfield_features, columns, Brownfields, onto, status_issues)


NATIONAL: Final = National(
    source=SOURCE,
    url="https://apidf-preprod.cerema.fr",  # the public host that the publisher's own client uses, despite its name
    days=90,
    brings="brownfields, as evidence of what stands empty",
    wanted=_wanted,
    readers={"brownfields": ("cartofriches/*.json.gz", read)},
    per_second=2,
    handed=Handed(lambda look: look.columns >= {"site_id", "site_nom", "site_statut", "comm_insee"}, _take),
)
