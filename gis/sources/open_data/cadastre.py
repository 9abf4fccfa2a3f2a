"""Parcels and buildings of the cadastre published by Etalab; parcels of the IGN as a fallback.

Etalab, one file per commune and layer (GeoJSON, gzip, EPSG:4326):

=====================  =========================================================================
published              ours
=====================  =========================================================================
parcelles.id           parcel_id (in `section` and `numero` zeros are lost: they are not read)
parcelles.contenance   stated_m2 (fiscal area; absent in some editions)
parcelles.updated      as_of
batiments.updated      as_of
batiments              building_id is made of the commune and the geometry: there is no published key
=====================  =========================================================================

Géoplateforme, WFS `CADASTRALPARCELS.PARCELLAIRE_EXPRESS:parcelle`:

=====================  ===========
idu                    parcel_id
contenance             stated_m2
=====================  ===========
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import shapely

from gis.provenance import Basis, Source
from gis.schemas import Buildings, Parcels, Row
from gis.sources.open_data.features import (
    Features,
    ReadLayer,
    TargetLayer,
    layer_of_features,
    read_features,
    source_issue,
)
from gis.sources.open_data.handed import FirstSight, TakenParts, take_features
from gis.sources.open_data.national import (
    DownloadTask,
    Handed,
    National,
    Service,
    SourcePlace,
    department_of_commune,
    static_file_task,
    wfs_features_task,
)
from gis.sources.open_data.wfs import Query
from gis.sources.tables.accounts import Fate

#: Characters of a parcel code: department, commune, prefix, section, number.
PARCEL_LENGTH: Final = 14
COMMUNE_LENGTH: Final = 5

ETALAB: Final = Source(
    source_id="cadastre",
    title="Plan cadastral informatisé",
    publisher="DGFiP, Etalab",
    licence="Licence Ouverte 2.0",
    url="https://cadastre.data.gouv.fr",
    basis=Basis.SURVEYED,
)
IGN: Final = Source(
    source_id="cadastre-ign",
    title="Parcellaire Express (PCI)",
    publisher="DGFiP, IGN",
    licence="Licence Ouverte 2.0",
    url="https://geoservices.ign.fr/parcellaire-express-pci",
    basis=Basis.SURVEYED,
)
TYPENAME: Final = "CADASTRALPARCELS.PARCELLAIRE_EXPRESS:parcelle"


def _wanted(place: SourcePlace, service: Service) -> Iterable[DownloadTask]:
    edition = service.options.get("edition", "latest")
    for insee in place.codes:
        folder = f"{service.url}/data/etalab-cadastre/{edition}/geojson/communes/{department_of_commune(insee)}/{insee}"
        for layer in ("parcelles", "batiments"):
            name = f"cadastre-{insee}-{layer}.json.gz"
            yield static_file_task(f"cadastre/{name}", f"{folder}/{name}")


def _wanted_ign(place: SourcePlace, service: Service) -> Iterable[DownloadTask]:
    for insee in place.communes:
        query = Query(service.url, TYPENAME, "idu", place.epsg, having=("code_insee", insee))
        yield wfs_features_task(f"cadastre-ign/{insee}-parcelle.json.gz", query)


def read_parcels(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the parcels published by Etalab."""
    parcel_features = read_features(files)
    ids = parcel_features.texts("id")
    keys = [parcel_key(key, each) for key, each in zip(ids, parcel_features.properties, strict=True)]
    key_issues = [
        source_issue("parcels", key, "parcel_id", short, "Its zeros were lost: the key is made of its parts.")
        for key, short in zip(keys, ids, strict=True)
        if key != short
    ]
    return _parcel_layer(parcel_features, keys, parcel_features.days("updated", onto.zone), onto, key_issues)


def parcel_key(key: str, said: Mapping[str, Any]) -> str:
    """Return the 14-character code of a parcel; a shorter one is rebuilt from its parts, whose zeros were lost.

    >>> parcel_key("A7", {"commune": "99001", "prefixe": "0", "section": "A", "numero": 7})
    '990010000A0007'
    """
    parts = [said.get(name) for name in ("commune", "prefixe", "section", "numero")]
    commune, *section_parts = ("" if part is None else str(part).strip() for part in parts)
    if len(key) == PARCEL_LENGTH or len(commune) != COMMUNE_LENGTH or not all(section_parts):
        return key
    return commune + section_parts[0].zfill(3) + section_parts[1].upper().zfill(2) + section_parts[2].zfill(4)


def read_parcels_ign(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the parcels published by the IGN."""
    parcel_features = read_features(files)
    return _parcel_layer(parcel_features, parcel_features.texts("idu"), [""] * len(parcel_features), onto)


def _parcel_layer(
    found: Features, ids: Sequence[str], days: Sequence[str], onto: TargetLayer, doubts: Iterable[Row] = ()
) -> ReadLayer[Any]:
    has_sound_key = [len(key) == PARCEL_LENGTH for key in ids]
    issues: list[Row] = [
        source_issue("parcels", key, "parcel_id", key, "Not the 14 characters of the cadastre. It is left out.", file)
        for key, is_sound, file in zip(ids, has_sound_key, found.files, strict=True)
        if not is_sound
    ]
    sound_parcels = found.where(has_sound_key, "no number of a parcel", Fate.REFUSED)
    columns = {
        "parcel_id": [key for key in ids if len(key) == PARCEL_LENGTH],
        "stated_m2": sound_parcels.optional_numbers("contenance"),
        "as_of": [day for day, is_sound in zip(days, has_sound_key, strict=True) if is_sound],
    }
    return layer_of_features(sound_parcels, columns, Parcels, onto, [*doubts, *issues])


def read_buildings(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the buildings published by Etalab."""
    building_features = read_features(files)
    columns = {
        "building_id": [
            f"{commune}-{hashlib.sha256(shapely.to_wkb(shape)).hexdigest()[:12]}" if shape else ""
            for commune, shape in zip(building_features.texts("commune"), building_features.shapes, strict=True)
        ],
        "as_of": building_features.days("updated", onto.zone),
    }
    return layer_of_features(building_features, columns, Buildings, onto)


def _is_etalab_file(look: FirstSight) -> bool:
    return look.columns >= {"commune", "prefixe", "section", "numero"} or _is_building_file(look)


def _is_building_file(look: FirstSight) -> bool:
    """Return whether a file holds buildings, which have few identifying columns."""
    return look.columns >= {"commune", "type", "nom", "created", "updated"} and "section" not in look.columns


def _take(look: FirstSight, place: SourcePlace, aside: Path, raw: Path) -> TakenParts:
    layer = "batiments" if _is_building_file(look) else "parcelles"

    def commune_of_feature(said: Mapping[str, Any]) -> str:
        return str(said.get("commune") or "").strip()

    return take_features(
        look,
        aside,
        raw,
        place.registered,
        commune_of_feature,
        lambda insee: f"cadastre/cadastre-{insee}-{layer}.json.gz",
    )


def _take_ign(look: FirstSight, place: SourcePlace, aside: Path, raw: Path) -> TakenParts:
    def commune_of_feature(said: Mapping[str, Any]) -> str:
        return str(said.get("idu") or "").strip()[:COMMUNE_LENGTH]

    return take_features(
        look, aside, raw, place.registered, commune_of_feature, lambda insee: f"cadastre-ign/{insee}-parcelle.json.gz"
    )


NATIONAL: Final = National(
    source=ETALAB,
    url="https://cadastre.data.gouv.fr",
    days=90,
    brings="parcels, with their stated area, and buildings",
    wanted=_wanted,
    readers={
        "parcels": ("cadastre/*-parcelles.json.gz", read_parcels),
        "buildings": ("cadastre/*-batiments.json.gz", read_buildings),
    },
    handed=Handed(_is_etalab_file, _take),
)
SECOND_WAY: Final = National(
    source=IGN,
    url="https://data.geopf.fr/wfs/ows",
    days=90,
    brings="parcels, when the first way is closed",
    wanted=_wanted_ign,
    readers={"parcels": ("cadastre-ign/*-parcelle.json.gz", read_parcels_ign)},
    optional=True,
    handed=Handed(lambda look: look.columns >= {"idu", "contenance", "code_arr"}, _take_ign),
)
