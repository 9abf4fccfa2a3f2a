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
from gis.sources.open_data.features import Features, ReadLayer, TargetLayer, issue, layer_of, read_features
from gis.sources.open_data.handed import FirstSight, TakenParts, take_features
from gis.sources.open_data.national import (
    DownloadTask,
    Handed,
    National,
    Service,
    SourcePlace,
    department,
    features,
    static,
)
from gis.sources.open_data.wfs import Query
from gis.sources.tables.accounts import Fate

#: Characters of a parcel: department, commune, prefix, section, number.
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
        folder = f"{service.url}/data/etalab-cadastre/{edition}/geojson/communes/{department(insee)}/{insee}"
        for layer in ("parcelles", "batiments"):
            name = f"cadastre-{insee}-{layer}.json.gz"
            yield static(f"cadastre/{name}", f"{folder}/{name}")


def _wanted_ign(place: SourcePlace, service: Service) -> Iterable[DownloadTask]:
    for insee in place.communes:
        query = Query(service.url, TYPENAME, "idu", place.epsg, having=("code_insee", insee))
        yield features(f"cadastre-ign/{insee}-parcelle.json.gz", query)


def read_parcels(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the parcels that Etalab publishes."""
    found = read_features(files)
    ids = found.texts("id")
    keys = [key_of(key, each) for key, each in zip(ids, found.properties, strict=True)]
    whole = [
        issue("parcels", key, "parcel_id", short, "Its zeros were lost: the key is made of its parts.")
        for key, short in zip(keys, ids, strict=True)
        if key != short
    ]
    return _parcels(found, keys, found.days("updated", onto.zone), onto, whole)


def key_of(key: str, said: Mapping[str, Any]) -> str:
    """Return the key of a parcel; a short one is made whole of its parts, whose zeros were lost.

    >>> key_of("A7", {"commune": "99001", "prefixe": "0", "section": "A", "numero": 7})
    '990010000A0007'
    """
    parts = [said.get(name) for name in ("commune", "prefixe", "section", "numero")]
    commune, *rest = ("" if part is None else str(part).strip() for part in parts)
    if len(key) == PARCEL_LENGTH or len(commune) != COMMUNE_LENGTH or not all(rest):
        return key
    return commune + rest[0].zfill(3) + rest[1].upper().zfill(2) + rest[2].zfill(4)


def read_parcels_ign(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the parcels that the IGN publishes."""
    found = read_features(files)
    return _parcels(found, found.texts("idu"), [""] * len(found), onto)


def _parcels(
    found: Features, ids: Sequence[str], days: Sequence[str], onto: TargetLayer, doubts: Iterable[Row] = ()
) -> ReadLayer[Any]:
    sound = [len(key) == PARCEL_LENGTH for key in ids]
    issues: list[Row] = [
        issue("parcels", key, "parcel_id", key, "Not the 14 characters of the cadastre. It is left out.", file)
        for key, is_sound, file in zip(ids, sound, found.files, strict=True)
        if not is_sound
    ]
    kept = found.where(sound, "no number of a parcel", Fate.REFUSED)
    columns = {
        "parcel_id": [key for key in ids if len(key) == PARCEL_LENGTH],
        "stated_m2": kept.optional_numbers("contenance"),
        "as_of": [day for day, is_sound in zip(days, sound, strict=True) if is_sound],
    }
    return layer_of(kept, columns, Parcels, onto, [*doubts, *issues])


def read_buildings(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the buildings that Etalab publishes."""
    found = read_features(files)
    columns = {
        "building_id": [
            f"{commune}-{hashlib.sha256(shapely.to_wkb(shape)).hexdigest()[:12]}" if shape else ""
            for commune, shape in zip(found.texts("commune"), found.shapes, strict=True)
        ],
        "as_of": found.days("updated", onto.zone),
    }
    return layer_of(found, columns, Buildings, onto)


def _is_etalab(look: FirstSight) -> bool:
    return look.columns >= {"commune", "prefixe", "section", "numero"} or _is_built(look)


def _is_built(look: FirstSight) -> bool:
    """Tell whether a file holds buildings, of which little is said."""
    return look.columns >= {"commune", "type", "nom", "created", "updated"} and "section" not in look.columns


def _take(look: FirstSight, place: SourcePlace, aside: Path, raw: Path) -> TakenParts:
    layer = "batiments" if _is_built(look) else "parcelles"

    def commune(said: Mapping[str, Any]) -> str:
        return str(said.get("commune") or "").strip()

    return take_features(
        look, aside, raw, place.registered, commune, lambda insee: f"cadastre/cadastre-{insee}-{layer}.json.gz"
    )


def _take_ign(look: FirstSight, place: SourcePlace, aside: Path, raw: Path) -> TakenParts:
    def commune(said: Mapping[str, Any]) -> str:
        return str(said.get("idu") or "").strip()[:COMMUNE_LENGTH]

    return take_features(
        look, aside, raw, place.registered, commune, lambda insee: f"cadastre-ign/{insee}-parcelle.json.gz"
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
    handed=Handed(_is_etalab, _take),
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
