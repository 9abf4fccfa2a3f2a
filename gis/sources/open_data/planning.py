"""Planning documents (Géoportail de l'urbanisme) through the Géoplateforme: zones, prescriptions and easements.

==============================  =====================================================================================
published                       ours
==============================  =====================================================================================
gid                             exclusion_id, or spot_id for a point feature
zone_urba.typezone              zoning, where no building for business is allowed (`CLOSED`: natural, agricultural)
prescription_….typepsc          reason (`PRESCRIPTIONS`); a rule on how to build excludes no land: left out
assiette_sup_….suptype          reason (`EASEMENTS`); easements on airspace only are left out (`IN_THE_AIR`)
libelle, nomsuplitt             label of a point feature
datvalid                        as_of
==============================  =====================================================================================

Polygons and lines are exclusions; a line excludes only what it covers. Point features have no area and go to `spots`. A
commune without a plan has no zone here, which does not mean that it may be built on. Whether a prescription or an
easement forbids building is stated in its text, which is not read: it is shown with its reason, and figures state that
it is deducted entirely.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from gis.provenance import Basis, Source
from gis.schemas import ExclusionReason, Exclusions, Row, SpotKind, Spots
from gis.sources.open_data.assumed import Assumed, Resting
from gis.sources.open_data.features import (
    ColumnRef,
    Features,
    ReadLayer,
    TargetLayer,
    count_near_features,
    layer_of_features,
    read_features,
    source_issue,
    translate_words,
)
from gis.sources.open_data.national import (
    DownloadTask,
    National,
    Service,
    SourcePlace,
    commune_boxes,
    wfs_features_task,
)
from gis.sources.open_data.wfs import Query

SOURCE: Final = Source(
    source_id="planning",
    title="Géoportail de l’urbanisme",
    publisher="Communes et intercommunalités, IGN",
    licence="Licence Ouverte 2.0",
    url="https://www.geoportail-urbanisme.gouv.fr",
    basis=Basis.SURVEYED,
)
#: Requested types: name in our files → type of the service; polygons, lines and points.
TYPENAMES: Final = {
    "zone": "wfs_du:zone_urba",
    "prescription-s": "wfs_du:prescription_surf",
    "prescription-l": "wfs_du:prescription_lin",
    "prescription-p": "wfs_du:prescription_pct",
    "servitude-s": "wfs_sup:assiette_sup_s",
    "servitude-l": "wfs_sup:assiette_sup_l",
    "servitude-p": "wfs_sup:assiette_sup_p",
}
KEY: Final = "gid"
#: Types of zone, matched by their start because real data has older ones (Ah, Nd, AU); True is closed to business.
OPEN: Final = ("U", "AU")
CLOSED: Final = ("A", "N")
#: Prescriptions that forbid building on land, by the titles of the standard for plans: woodland (01), limits for the
#: environment, risks or the public (02), land reserved for public works (05), heritage and landscape (07), gardens
#: (08), roads and paths (24), habitats (25), the coast (31), mountains (34), farmland (35).
PRESCRIPTIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(["01", "02", "08", "24", "25", "31", "34", "35"], ExclusionReason.ZONING),
    "05": ExclusionReason.RESERVED,
    "07": ExclusionReason.HERITAGE,
    **dict.fromkeys("03 04 06 13 14 15 16 17 18 19 20 22 23 26 27 28 29 30 32 33".split(), ""),  # noqa: SIM905
    **dict.fromkeys([*map(str, range(36, 52)), "99"], ""),
}
#: Easements that protect heritage, that are risk plans, or power lines; all others are of the reason easement.
EASEMENTS: Final[Mapping[str, str]] = {
    "ac1": ExclusionReason.HERITAGE,
    "ac2": ExclusionReason.HERITAGE,
    "ac4": ExclusionReason.HERITAGE,
    "i4": ExclusionReason.POWER_LINE,
    "pm1": ExclusionReason.RISK_PLAN,
    "pm3": ExclusionReason.RISK_PLAN,
}
#: Easements around airfields and for radio waves: they limit heights over whole cantons.
IN_THE_AIR: Final = ("pt1", "pt2", "pt2lh", "pt4", "t4", "t5", "t7", "t8")

REASONS_OF_EASEMENTS: Final = Assumed(
    key="easement_reasons",
    fr="La raison d’une servitude est lue de son code : ac1, ac2 et ac4 protègent le patrimoine, pm1 et pm3 sont des "
    "plans de prévention, i4 une ligne électrique, tout autre code une simple servitude.",
    en="The reason of an easement is read from its code: ac1, ac2 and ac4 protect heritage, pm1 and pm3 are risk "
    "plans, i4 is a power line, and any other one is an easement alone.",
    check="the national list of easements (nomenclature des SUP, Géoportail de l’urbanisme)",
)
EASEMENTS_IN_THE_AIR: Final = Assumed(
    key="easements_in_the_air",
    fr="Les servitudes aéronautiques et radioélectriques (pt1, pt2, pt2lh, pt4, t4, t5, t7, t8) ne limitent que des "
    "hauteurs ou des ondes : leur sol n’est pas retiré.",
    en="Easements around airfields and for radio waves (pt1, pt2, pt2lh, pt4, t4, t5, t7, t8) limit heights or waves "
    "alone: their ground is not taken away.",
    check="the national list of easements (nomenclature des SUP, Géoportail de l’urbanisme)",
)


def _wanted(place: SourcePlace, service: Service) -> Iterable[DownloadTask]:
    for insee, box in commune_boxes(place, SOURCE.source_id):
        for name, typename in TYPENAMES.items():
            query = Query(service.url, typename, KEY, place.epsg, box)
            yield wfs_features_task(f"planning/{insee}-{name}.json.gz", query)


def read_zones(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the zones that are closed to business."""
    zones = read_features(files)
    starts = ["AU" if kind.startswith("AU") else kind[:1] for kind in zones.texts("typezone")]
    known_starts = dict.fromkeys([*OPEN, *CLOSED], "")
    _, issues = translate_words(
        starts, known_starts, "", ColumnRef("exclusions", zones.texts(KEY), "typezone", zones.files)
    )
    closed = zones.where((start in CLOSED for start in starts), "a zone that is open to business, or of no known kind")
    return _planning_exclusions(closed, "zone", [ExclusionReason.ZONING] * len(closed), onto, issues)


def read_prescriptions(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the land on which prescriptions forbid building, from polygons or lines."""
    files = list(files)
    prescriptions, reasons, issues = _binding_prescriptions(files, "exclusions")
    return _planning_exclusions(prescriptions, _key_start("psc", files), reasons, onto, issues)


def read_prescribed_points(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the prescriptions that are points."""
    prescriptions, _, issues = _binding_prescriptions(list(files), "spots")
    return _planning_spots(prescriptions, "psc-p", (SpotKind.PLAN, "libelle", "typepsc"), onto, issues)


def _binding_prescriptions(files: Sequence[Path], layer: str) -> tuple[Features, list[str], list[Row]]:
    """Return the prescriptions that exclude land, each with its reason, and issues for the unknown terms."""
    all_prescriptions = read_features(files)
    column_ref = ColumnRef(layer, all_prescriptions.texts(KEY), "typepsc", all_prescriptions.files)
    reasons, issues = translate_words(
        [kind.zfill(2) for kind in all_prescriptions.texts("typepsc")], PRESCRIPTIONS, "", column_ref
    )
    kept_prescriptions = all_prescriptions.where(
        (reason != "" for reason in reasons), "a prescription that keeps no ground, or is not known"
    )
    return kept_prescriptions, [reason for reason in reasons if reason], issues


def read_easements(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the land under easements, from polygons or lines."""
    files = list(files)
    all_easements = read_features(files)
    easements, issues = _easements_on_ground(all_easements)
    reasons = [EASEMENTS.get(kind.casefold(), ExclusionReason.EASEMENT) for kind in easements.texts("suptype")]
    reading = _planning_exclusions(easements, _key_start("sup", files), reasons, onto, issues)
    easements_in_air = all_easements.where(
        (kind.casefold() in IN_THE_AIR for kind in all_easements.texts("suptype")), "an easement on the ground"
    )
    resting_on_reasons = Resting(REASONS_OF_EASEMENTS, frozenset(reading.layer["exclusion_id"]))
    return replace(
        reading,
        resting=(
            resting_on_reasons,
            Resting(EASEMENTS_IN_THE_AIR, left_out=count_near_features(easements_in_air, onto)),
        ),
    )


def read_easement_points(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the easements that are points."""
    easements, issues = _easements_on_ground(read_features(files))
    return _planning_spots(easements, "sup-p", (SpotKind.EASEMENT, "nomsuplitt", "suptype"), onto, issues)


def _easements_on_ground(every: Features) -> tuple[Features, list[Row]]:
    """Return the easements that affect land; the others are counted, once for each type."""
    kinds = [kind.casefold() for kind in every.texts("suptype")]
    counts_in_air = Counter(kind for kind in kinds if kind in IN_THE_AIR)
    message = "They limit heights or radio waves, and are not read as ground that may not be built on: {} of them."
    issues = [
        source_issue("exclusions", "planning", "suptype", kind, message.format(n))
        for kind, n in sorted(counts_in_air.items())
    ]
    return every.where((kind not in IN_THE_AIR for kind in kinds), "an easement in the air"), issues


def _key_start(kind: str, files: Sequence[Path]) -> str:
    """Return the prefix of a key: polygons and lines are numbered separately."""
    return f"{kind}-l" if any(file.name.endswith("-l.json.gz") for file in files) else kind


def _planning_exclusions(
    found: Features, kind: str, reasons: Sequence[str], onto: TargetLayer, issues: Sequence[Row]
) -> ReadLayer[Any]:
    columns = {
        "exclusion_id": [f"{kind}-{key}" for key in found.texts(KEY)],
        "reason": [str(reason) for reason in reasons],
        "as_of": found.days("datvalid", onto.zone),
    }
    return layer_of_features(found, columns, Exclusions, onto, issues)


def _planning_spots(
    found: Features, kind: str, said: tuple[SpotKind, str, str], onto: TargetLayer, issues: Sequence[Row]
) -> ReadLayer[Any]:
    """Return point features; their label comes from one column, or else from the code in another."""
    spot_kind, label_column, code_column = said
    texts = zip(found.words(label_column), found.texts(code_column), strict=True)
    columns = {
        "spot_id": [f"{kind}-{key}" for key in found.texts(KEY)],
        "spot_kind": [spot_kind.value] * len(found),
        "said": [text or code_text for text, code_text in texts],
        "insee": [""] * len(found),
        "as_of": found.days("datvalid", onto.zone),
    }
    return layer_of_features(found, columns, Spots, onto, issues)


NATIONAL: Final = National(
    source=SOURCE,
    url="https://data.geopf.fr/wfs/ows",
    days=30,
    brings="what plans and easements close to business, or reserve",
    wanted=_wanted,
    readers={
        "exclusions": ("planning/*-zone.json.gz", read_zones),
        "exclusions/prescriptions": ("planning/*-prescription-s.json.gz", read_prescriptions),
        "exclusions/prescribed-lines": ("planning/*-prescription-l.json.gz", read_prescriptions),
        "exclusions/easements": ("planning/*-servitude-s.json.gz", read_easements),
        "exclusions/easement-lines": ("planning/*-servitude-l.json.gz", read_easements),
        "spots": ("planning/*-prescription-p.json.gz", read_prescribed_points),
        "spots/easements": ("planning/*-servitude-p.json.gz", read_easement_points),
    },
    needs_boxes=True,
    assumed=(REASONS_OF_EASEMENTS, EASEMENTS_IN_THE_AIR),
)
