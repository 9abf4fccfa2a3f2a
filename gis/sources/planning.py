"""Planning (Géoportail de l'urbanisme) through the Géoplateforme: zones of plans, and easements.

=====================  ======================================================================================
published              ours
=====================  ======================================================================================
zone_urba.gid          exclusion_id
zone_urba.typezone     zoning, where it lets nothing be built for business (`CLOSED`: natural, agricultural)
zone_urba.datvalid     as_of
assiette_sup_s.gid     exclusion_id
assiette_sup_s.suptype reason (`EASEMENTS`)
=====================  ======================================================================================

A commune without a plan has no zone here, which does not say that it may be built on. Whether an easement forbids
building is in its text: it is shown for what it is, by its reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from gis.provenance import Basis, Source
from gis.schemas import ExclusionReason, Exclusions, Row
from gis.sources.features import At, Features, Onto, Reading, layer_of, read_features, translated
from gis.sources.national import National, Place, Service, Wanted, boxes, features
from gis.sources.wfs import Query

SOURCE: Final = Source(
    source_id="planning",
    title="Géoportail de l’urbanisme",
    publisher="Communes et intercommunalités, IGN",
    licence="Licence Ouverte 2.0",
    url="https://www.geoportail-urbanisme.gouv.fr",
    basis=Basis.SURVEYED,
)
TYPENAMES: Final = {"zone": "wfs_du:zone_urba", "servitude": "wfs_sup:assiette_sup_s"}
KEY: Final = "gid"
#: Kinds of zone, matched by their start because real data has older ones (Ah, Nd, AU); true is closed to business.
OPEN: Final = ("U", "AU")
CLOSED: Final = ("A", "N")
#: Recollection, to be checked against the national list of easements: which protects heritage, which is a risk plan,
#: which is a power line. Every other one is an easement.
EASEMENTS: Final[Mapping[str, str]] = {
    "ac1": ExclusionReason.HERITAGE,
    "ac2": ExclusionReason.HERITAGE,
    "ac4": ExclusionReason.HERITAGE,
    "i4": ExclusionReason.POWER_LINE,
    "pm1": ExclusionReason.RISK_PLAN,
    "pm3": ExclusionReason.RISK_PLAN,
}


def _wanted(place: Place, service: Service) -> Iterable[Wanted]:
    for insee, box in boxes(place, SOURCE.source_id):
        for name, typename in TYPENAMES.items():
            query = Query(service.url, typename, KEY, place.epsg, box)
            yield features(f"planning/{insee}-{name}.json.gz", query)


def read_zones(files: Iterable[Path], onto: Onto) -> Reading[Any]:
    """Read the zones that are closed to business."""
    found = read_features(files)
    kinds = found.texts("typezone")
    starts = ["AU" if kind.startswith("AU") else kind[:1] for kind in kinds]
    words = dict.fromkeys([*OPEN, *CLOSED], "")
    _, issues = translated(starts, words, "", At("exclusions", found.texts(KEY), "typezone"))
    closed = found.where(start in CLOSED for start in starts)
    return _exclusions(closed, "zone", [ExclusionReason.ZONING] * len(closed), onto, issues)


def read_easements(files: Iterable[Path], onto: Onto) -> Reading[Any]:
    """Read the ground of easements."""
    found = read_features(files)
    reasons = [EASEMENTS.get(kind.casefold(), ExclusionReason.EASEMENT) for kind in found.texts("suptype")]
    return _exclusions(found, "sup", reasons, onto, [])


def _exclusions(found: Features, kind: str, reasons: Sequence[str], onto: Onto, issues: Sequence[Row]) -> Reading[Any]:
    columns = {
        "exclusion_id": [f"{kind}-{key}" for key in found.texts(KEY)],
        "reason": [str(reason) for reason in reasons],
        "as_of": [_day(str(text or "")) for text in found.optional("datvalid")],
    }
    reading = layer_of(found, columns, Exclusions, onto)
    return Reading(reading.layer, [*issues, *reading.issues])


def _day(text: str) -> str:
    """Write 20240131 as 2024-01-31.

    >>> _day("20240131"), _day("")
    ('2024-01-31', '')
    """
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isdigit() else ""  # noqa: PLR2004


NATIONAL: Final = National(
    source=SOURCE,
    url="https://data.geopf.fr/wfs/ows",
    days=30,
    brings="what plans and easements close to business",
    wanted=_wanted,
    readers={
        "exclusions": ("planning/*-zone.json.gz", read_zones),
        "exclusions/easements": ("planning/*-servitude.json.gz", read_easements),
    },
    needs_boxes=True,
)
