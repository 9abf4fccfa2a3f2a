"""Records of the State on land and its use (Géorisques): polluted land, installations, former uses.

============================  ================================================================================
published                     ours
============================  ================================================================================
ssp/conclusions_sis, _sup     land with obligations for builders (sectors of information, easements): exclusions,
                              contamination; a point feature goes to `spots`
id_sis, identifiant_ssp       its key, prefixed with its register; for a sector of information, that of the sector
ssp/instructions              a location monitored by the State, now or before, pollution found or not: `spots`
ssp/casias                    a former use, which is not pollution: `spots`
installations_classees        a classified installation at its location (`longitude`, `latitude`): `spots`
codeAIOT
statut, statut_classification label of a point in the words of the source; for an installation `regime`,
etatActivite, statutSeveso    the state of its activity, and its class under the Seveso directive
geom                          geometry (EPSG:4326)
date_maj                      as_of
============================  ================================================================================

Names of firms and owners stay in the raw files: some belong to persons who asked not to be published. A commune for
which the service gives no response stays unknown. The service ignores unknown parameters and then returns its whole
database: therefore the commune of every row is compared with the requested one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import shapely

from gis.errors import SourceError
from gis.provenance import Basis, Source
from gis.schemas import ExclusionReason, Exclusions, SpotKind, Spots
from gis.sources.open_data.answers import parse_json
from gis.sources.open_data.assumed import Assumed, Resting
from gis.sources.open_data.features import Features, ReadLayer, TargetLayer, layer_of_features, read_features
from gis.sources.open_data.national import DownloadTask, National, Service, SourcePlace, paged_rows_task
from gis.sources.open_data.pages import Paged

SOURCE: Final = Source(
    source_id="risks",
    title="Géorisques",
    publisher="BRGM, ministère chargé de l’écologie",
    licence="Licence Ouverte 2.0",
    url="https://www.georisques.gouv.fr",
    basis=Basis.SURVEYED,
)
#: Requested registers: name in our files → path of the service.
PATHS: Final = {
    "sis": "/ssp/conclusions_sis",
    "sup": "/ssp/conclusions_sup",
    "instructions": "/ssp/instructions",
    "casias": "/ssp/casias",
    "icpe": "/installations_classees",
}
#: Number of rows per request; the service may return fewer.
PAGE: Final = 100
WHOLE_REGISTERS: Final = Assumed(
    key="risks_pages",
    fr="Un registre de Géorisques est réputé entier quand sont venues toutes les lignes et toutes les pages que le "
    "service annonce (results, total_pages).",
    en="A register of Géorisques is taken to be whole once every row and every page that the service announces has "
    "come (results, total_pages).",
    check="an answer of more than one page, whose `results` counts the rows of all pages",
)
#: The columns with the commune; installations use another name.
INSEE: Final = ("code_insee", "codeInsee")


def _wanted(place: SourcePlace, service: Service) -> Iterable[DownloadTask]:
    for insee in place.communes:
        for name, path in PATHS.items():
            pages = Paged(
                f"{service.url}{path}", {"code_insee": insee}, "results", "data", PAGE, "total_pages", is_silent=True
            )
            yield paged_rows_task(f"risks/{insee}-{name}.json.gz", pages, partial(_features_of_commune, pages))


def _features_of_commune(asked: Paged, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows as features, after a check that all are of the requested commune."""
    insee = asked.asked["code_insee"]
    foreign_codes = [code for row in rows for name in INSEE if (code := str(row.get(name, insee))) != insee]
    if foreign_codes:
        raise SourceError(f"{asked.url}: answers for {foreign_codes[0]} when {insee} is asked. Nothing is kept.")
    return [
        {
            "type": "Feature",
            "properties": {key: value for key, value in row.items() if key != "geom"},
            "geometry": _geometry_of_row(row, asked.url),
        }
        for row in rows
    ]


def _geometry_of_row(row: Mapping[str, Any], url: str) -> Mapping[str, Any] | None:
    """Return the geometry of a row, or the point at its longitude and latitude."""
    shape = row.get("geom")
    if shape is None and row.get("longitude") is not None and row.get("latitude") is not None:
        try:
            return {"type": "Point", "coordinates": [float(row["longitude"]), float(row["latitude"])]}
        except (ValueError, TypeError, OverflowError):
            raise SourceError(f"{url}: a place is no longitude and latitude. Nothing is kept.") from None
    try:
        geometry: Mapping[str, Any] | None = parse_json(shape.encode()) if isinstance(shape, str) else shape
    except ValueError as error:
        raise SourceError(f"{url}: a shape is no sound GeoJSON ({error}). Nothing is kept.") from None
    return geometry


def read_polluted_ground(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read polluted land with obligations for builders, where it has a polygon."""
    files = list(files)
    all_rows = read_features(files)
    polluted_ground = all_rows.where(
        shapely.get_dimensions(all_rows.shapes) > 0, "a point, or of no place: read among spots"
    )
    columns = {
        "exclusion_id": _keys_in_register(polluted_ground, _register_of_files(files)),
        "reason": [ExclusionReason.CONTAMINATION.value] * len(polluted_ground),
        "as_of": polluted_ground.days("date_maj", onto.zone),
    }
    reading = layer_of_features(polluted_ground, columns, Exclusions, onto)
    return replace(reading, resting=(Resting(WHOLE_REGISTERS, frozenset(reading.layer["exclusion_id"])),))


def read_binding_points(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read such land where it is only a point; a row without any location is an issue."""
    files = list(files)
    all_rows = read_features(files)
    point_rows = all_rows.where(shapely.get_dimensions(all_rows.shapes) <= 0, "it has a shape: read among exclusions")
    keys = _keys_in_register(point_rows, _register_of_files(files))
    return _register_spots(point_rows, SpotKind.POLLUTION, keys, point_rows.words("statut_classification"), onto)


def read_followed_places(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read locations monitored by the State for pollution, now or before; their status states whether any was found."""
    followed_places = read_features(files)
    return _register_spots(
        followed_places,
        SpotKind.FOLLOWED,
        _keys_in_register(followed_places, "instruction"),
        followed_places.words("statut"),
        onto,
    )


def read_former_uses(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read former uses that may have caused pollution."""
    former_uses = read_features(files)
    return _register_spots(
        former_uses, SpotKind.FORMER_USE, _keys_in_register(former_uses, "casias"), former_uses.words("statut"), onto
    )


def read_installations(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read classified installations."""
    installations = read_features(files)
    parts = zip(*(installations.words(name) for name in ("regime", "statutSeveso", "etatActivite")), strict=True)
    labels = [", ".join(filter(None, each)) for each in parts]
    keys = [f"icpe-{key}" for key in installations.texts("codeAIOT")]
    return _register_spots(installations, SpotKind.INSTALLATION, keys, labels, onto)


def _keys_in_register(found: Features, register: str) -> list[str]:
    """Return the key of each row in a register of soils: a sector has its own, which other rows may cite."""
    keys = zip(found.words("id_sis"), found.texts("identifiant_ssp"), strict=True)
    return [f"{register}-{(sector or key) if register == 'sis' else (key or sector)}" for sector, key in keys]


def _register_of_files(files: Sequence[Path]) -> str:
    """Return the register of files: their name in `PATHS`."""
    return files[0].name.partition(".")[0].rpartition("-")[2] if files else ""


def _register_spots(
    found: Features, kind: SpotKind, keys: Sequence[str], said: Sequence[str], onto: TargetLayer
) -> ReadLayer[Any]:
    columns = {
        "spot_id": keys,
        "spot_kind": [kind.value] * len(found),
        "said": said,
        "insee": [
            first_code or second_code
            for first_code, second_code in zip(*(found.words(name) for name in INSEE), strict=True)
        ],
        "as_of": found.days("date_maj", onto.zone),
    }
    points = replace(found, shapes=shapely.point_on_surface(found.shapes))
    return layer_of_features(points, columns, Spots, onto)


NATIONAL: Final = National(
    source=SOURCE,
    url="https://www.georisques.gouv.fr/api/v1",
    days=90,
    brings="ground that is known to be polluted, former uses, and classified installations",
    wanted=_wanted,
    readers={
        "exclusions": ("risks/*-sis.json.gz", read_polluted_ground),
        "exclusions/easements": ("risks/*-sup.json.gz", read_polluted_ground),
        "spots": ("risks/*-sis.json.gz", read_binding_points),
        "spots/easements": ("risks/*-sup.json.gz", read_binding_points),
        "spots/followed": ("risks/*-instructions.json.gz", read_followed_places),
        "spots/former": ("risks/*-casias.json.gz", read_former_uses),
        "spots/installations": ("risks/*-icpe.json.gz", read_installations),
    },
    per_second=2,
    assumed=(WHOLE_REGISTERS,),
)
