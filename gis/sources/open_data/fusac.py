"""FUSAC, the national base of economic sites by the Cerema: a file that the user has downloaded.

It cannot be downloaded by script. `gis fetch TERRITORY fusac --file FILE.gpkg` extracts the rows around the territory
through the spatial index of the file, which has gigabytes, and keeps them in `raw/`.

=================  ===================================================================
published          ours
=================  ===================================================================
site_id            site_id
site_nom           site_name
site_type          only activity zones are read; one issue reports the rest
site_etat          site_state (`STATES`)
=================  ===================================================================

Half of its zones were traced from OpenStreetMap. These, and all zones of an edition that does not state it, go to the
layer `osm_land_use` with the licence of OpenStreetMap, and never to `sites`.
"""

import json
import urllib.parse
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pyogrio
import shapely
from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from gis.crs import STORAGE
from gis.errors import SourceError
from gis.provenance import Basis, Source
from gis.schemas import Sites, SiteState, SiteType
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
    write_features,
)
from gis.sources.open_data.handed import FirstSight, TakenParts
from gis.sources.open_data.national import DownloadTask, Handed, National, Service, SourcePlace, box_around_communes
from gis.sources.open_data.osm import land_use_layer
from gis.sources.open_data.web import Client, Download
from gis.sources.tables.accounts import Fate, Ledger

SOURCE: Final = Source(
    source_id="fusac",
    title="FUSAC",
    publisher="Cerema",
    licence="Licence Ouverte 2.0",
    url="https://datafoncier.cerema.fr/fusac",
    basis=Basis.SURVEYED,
)
FILE: Final = "fusac/sites.json.gz"
#: Prefix of the layer of sites; the year follows.
LAYER: Final = "fr_fusac_cerema_site_eco_"
#: The columns that may state the origin of a geometry; without any of them, every geometry counts as traced from
#: OpenStreetMap.
ORIGINS: Final = ("site_origine", "origine", "site_source")
ZONE: Final = "zone d'activité économique"
STATES: Final[Mapping[str, str]] = {**{state.value: state.value for state in SiteState}, "": SiteState.UNKNOWN}

ORIGIN_OF_ZONES: Final = Assumed(
    key="fusac_origins",
    fr="L’origine d’une zone de FUSAC est lue dans la colonne site_origine, origine ou site_source : sans elle, ou si "
    "elle nomme OpenStreetMap, la zone reste hors de la couche des sites.",
    en="Where a zone of FUSAC was traced from is read in the column site_origine, origine or site_source: without it, "
    "or where it names OpenStreetMap, the zone stays out of the sites.",
    check="the list of columns of FUSAC (Cerema)",
)


def _wanted(place: SourcePlace, service: Service) -> Iterable[DownloadTask]:
    name = service.options.get("file", "")
    if not name:
        raise SourceError(
            f"fusac: cannot be fetched by script. Download it from {SOURCE.url}, then add --file FILE.gpkg."
        )
    _check_fusac_place(place)

    def download_sites(client: Client, target: Path) -> Download:
        fusac_sites = extract_fusac_sites(Path(name), place)
        write_features(target, fusac_sites, place.epsg)
        client.progress(target.stat().st_size, len(fusac_sites))
        return Download(target.stat().st_size, rows=len(fusac_sites))

    yield DownloadTask(FILE, urllib.parse.quote(Path(name).name), download_sites, lambda _: (None, None))


def _check_fusac_place(place: SourcePlace) -> None:
    if not place.boxes:
        raise SourceError("fusac: the outlines of the communes are not known. Fetch `communes` or run `gis outlines`.")
    if place.crs != STORAGE:
        raise SourceError("fusac: overseas its shapes are not where its file says. Leave it out there.")


def _take(look: FirstSight, place: SourcePlace, aside: Path, _raw: Path) -> TakenParts:
    _check_fusac_place(place)
    fusac_sites = extract_fusac_sites(look.file, place)
    write_features(aside / FILE, fusac_sites, place.epsg)
    rows_in_file = sum(
        pyogrio.read_info(look.file, layer=name)["features"] for name in [max(_site_layer_names(look.tables))]
    )
    ledger = Ledger()
    ledger.rows_in = int(rows_in_file)
    ledger.rows([(Fate.USED, "", len(fusac_sites)), (Fate.PASSED_OVER, _FAR, int(rows_in_file) - len(fusac_sites))])
    return TakenParts({FILE: len(fusac_sites)} if fusac_sites else {}, ledger.closed())


_FAR: Final = "outside the box around the communes"


def _site_layer_names(names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(LAYER)]


def extract_fusac_sites(file: Path, place: SourcePlace) -> list[dict[str, Any]]:
    """Read the sites around a territory, as published, through the spatial index of the file.

    Raises
    ------
    SourceError
        If GDAL cannot read it, or it has no layer of sites.
    """
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(file) if str(name).startswith(LAYER)]
        if not names:
            raise SourceError(f"{file}: has no layer {LAYER}…. Name the GeoPackage of FUSAC.")
        frame = pyogrio.read_dataframe(file, layer=max(names), bbox=box_around_communes(place, 0))
    except (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, CRSError) as error:
        raise SourceError(f"{file}: GDAL cannot read it ({error}). Unpack it, and name the .gpkg.") from None
    columns = [str(name) for name in frame.columns if name != "geometry"]
    rows = frame[columns].astype(object).where(frame[columns].notna(), None).to_dict("records")
    shapes = shapely.to_geojson(frame.geometry.to_numpy())
    return [
        {
            "type": "Feature",
            "properties": {str(k): _json_scalar(v) for k, v in row.items()},
            "geometry": json.loads(shape) if shape else None,
        }
        for row, shape in zip(rows, shapes, strict=True)
    ]


def _json_scalar(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _activity_zones(every: Features) -> tuple[Features, list[bool]]:
    """Return the activity zones, and whether each may have been traced from OpenStreetMap."""
    zone_features = every.where((kind == ZONE for kind in every.texts("site_type")), "no activity zone")
    origin_columns = [name for name in ORIGINS if any(name in each for each in zone_features.properties)]
    origins = [str(each.get(origin_columns[0]) or "") if origin_columns else "" for each in zone_features.properties]
    return zone_features, [
        not text or "osm" in text.casefold() or "openstreetmap" in text.casefold() for text in origins
    ]


def read_sites(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the activity zones that were not traced from OpenStreetMap."""
    all_sites = read_features(files)
    zones, traced = _activity_zones(all_sites)
    untraced_zones = zones.where((not each for each in traced), "may be of OpenStreetMap: read among osm_land_use")
    keys = untraced_zones.texts("site_id")
    states, state_issues = translate_words(
        untraced_zones.texts("site_etat"),
        STATES,
        SiteState.UNKNOWN,
        ColumnRef("sites", keys, "site_etat", untraced_zones.files),
    )
    columns = {
        "site_id": keys,
        "site_name": [name or key for name, key in zip(untraced_zones.words("site_nom"), keys, strict=True)],
        "site_type": [SiteType.ZONE.value] * len(untraced_zones),
        "site_state": states,
    }
    other_types = Counter(kind for kind in all_sites.texts("site_type") if kind != ZONE)
    type_issues = [
        source_issue(
            "sites", "fusac", "site_type", kind, f"{count} sites of that type are not activity zones, and left out."
        )
        for kind, count in sorted(other_types.items())
    ]
    reading = layer_of_features(untraced_zones, columns, Sites, onto, [*state_issues, *type_issues])
    left_out = count_near_features(zones.where(traced, "not of OpenStreetMap"), onto)
    return replace(reading, resting=(Resting(ORIGIN_OF_ZONES, frozenset(reading.layer["site_id"]), left_out),))


def read_traced_zones(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the activity zones that were, or may have been, traced from OpenStreetMap."""
    zones, traced = _activity_zones(read_features(files))
    traced_zones = zones.where(traced, "not of OpenStreetMap: read among sites")
    keys = [f"fusac/{key}" for key in traced_zones.texts("site_id")]
    return land_use_layer(traced_zones, keys, [ZONE] * len(traced_zones), traced_zones.words("site_nom"), onto)


NATIONAL: Final = National(
    source=SOURCE,
    url="https://datafoncier.cerema.fr/fusac",
    days=365,
    brings="activity zones that no other source has, from a file that you download",
    wanted=_wanted,
    readers={"sites": (FILE, read_sites), "osm_land_use": (FILE, read_traced_zones)},
    optional=True,
    handed=Handed(lambda look: bool(_site_layer_names(look.tables)), _take),
    assumed=(ORIGIN_OF_ZONES,),
)
