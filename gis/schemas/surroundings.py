"""What lies on and beside sites: exclusions, roads, accesses, and evidence that decides nothing by itself."""

import math
from typing import Final

from pandera.typing import Series

from gis.schemas.columns import Given, Public, Spatial, as_of_column, column, measured, one_of
from gis.schemas.described import Fetched, Geometry, LayerDescription, Table, described
from gis.schemas.vocabularies import AccessKind, Answer, BrownfieldStatus, ExclusionReason, RoadClass, SpotKind

#: Roads and railways are read so far from the sites that they run along, in metres.
ALONG_M: Final = 50.0


@described(
    LayerDescription(
        name="exclusions",
        title="Exclusions",
        key="exclusion_id",
        geometry=Geometry.MULTIPOLYGON,
        table=Table.OPTIONAL,
        drawn=True,
        own_file=True,
        fetched=Fetched(near_m=0),
    )
)
class Exclusions(Spatial):
    """Ground that may not be built on, and why."""

    exclusion_id: Series[str] = column(
        "Key of the exclusion.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1}
    )
    reason: Series[str] = column("Why.", public=Public.ALWAYS, isin=one_of(ExclusionReason))
    buffer_m: Series[float] = column(
        "Distance to keep from the shape.", public=Public.ALWAYS, given=Given.OPTIONAL, unit="m", ge=0, nullable=True
    )
    whole_from_share: Series[float] = column(
        "Share of a terrain from which on it is lost as a whole; nothing where only what is covered is lost.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="ratio",
        gt=0,
        le=1,
        nullable=True,
    )
    as_of: Series[str] | None = as_of_column()
    measured_m2: Series[float] = measured()


@described(
    LayerDescription(
        name="roads",
        title="Routes",
        key="road_id",
        geometry=Geometry.MULTILINESTRING,
        label="road_name",
        table=Table.OPTIONAL,
        drawn=True,
        own_file=True,
        fetched=Fetched(near_m=ALONG_M),
    )
)
class Roads(Spatial):
    """Roads, by the line along their middle."""

    road_id: Series[str] = column("Key of the road.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1})
    road_class: Series[str] = column("What it is for.", public=Public.ALWAYS, isin=one_of(RoadClass))
    road_name: Series[str] = column("Name or number in use.", public=Public.ALWAYS, given=Given.OPTIONAL)


@described(
    LayerDescription(
        name="accesses",
        title="Accès",
        key="access_id",
        geometry=Geometry.POINT,
        label="access_name",
        table=Table.OPTIONAL,
        drawn=True,
        own_file=True,
        fetched=Fetched(near_m=math.inf),
    )
)
class Accesses(Spatial):
    """Places where one gets on a motorway, a train, a ship or a plane."""

    access_id: Series[str] = column(
        "Key of the access.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1}
    )
    access_kind: Series[str] = column("What one gets to there.", public=Public.ALWAYS, isin=one_of(AccessKind))
    access_name: Series[str] = column("Name in use.", public=Public.ALWAYS, given=Given.OPTIONAL)


@described(
    LayerDescription(
        name="brownfields",
        title="Friches recensées",
        key="brownfield_id",
        geometry=Geometry.MULTIPOLYGON,
        label="brownfield_name",
        fetched=Fetched(on_site=True),
    )
)
class Brownfields(Spatial):
    """Ground that somebody lists as brownfield: evidence beside sites, which decides nothing by itself."""

    brownfield_id: Series[str] = column(
        "Key of the brownfield.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1}
    )
    brownfield_name: Series[str] = column("Name in use.", public=Public.ALWAYS)
    status: Series[str] = column(
        "How far it is (CNIG Friches `site_statut`).", public=Public.ALWAYS, isin=one_of(BrownfieldStatus)
    )
    insee: Series[str] = column("INSEE code of its commune.", public=Public.ALWAYS)
    site_id: Series[str] = column("Site it lies in, or nothing.", public=Public.ALWAYS, given=Given.OPTIONAL)
    as_of: Series[str] | None = as_of_column()
    measured_m2: Series[float] = measured()


@described(
    LayerDescription(
        name="osm_land_use",
        title="Occupation du sol selon OpenStreetMap",
        key="osm_id",
        geometry=Geometry.MULTIPOLYGON,
        label="osm_name",
        fetched=Fetched(near_m=0),
    )
)
class OsmLandUse(Spatial):
    """Land use that was, or may have been, traced from OpenStreetMap: a layer of its own, under its own licence."""

    osm_id: Series[str] = column("Key of the shape.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1})
    land_use: Series[str] = column("What it is used for, in the words of its source.", public=Public.ALWAYS)
    osm_name: Series[str] = column("Name, where one is said.", public=Public.ALWAYS)
    licence: Series[str] = column(
        "Licence that goes along with the shape and with what is derived of it.", public=Public.ALWAYS
    )
    measured_m2: Series[float] = measured()


@described(
    LayerDescription(
        name="railways",
        title="Voies ferrées",
        key="railway_id",
        geometry=Geometry.MULTILINESTRING,
        fetched=Fetched(near_m=ALONG_M),
    )
)
class Railways(Spatial):
    """Railways, by their line: beside sites. What the law keeps free along them comes as an easement."""

    railway_id: Series[str] = column(
        "Key of the railway.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1}
    )
    railway_kind: Series[str] = column("What kind it is, in the words of its source.", public=Public.ALWAYS)
    freight: Series[str] = column("Whether it carries freight.", public=Public.ALWAYS, isin=one_of(Answer))
    in_use: Series[str] = column("Whether trains run on it.", public=Public.ALWAYS, isin=one_of(Answer))
    as_of: Series[str] | None = as_of_column()


@described(
    LayerDescription(
        name="spots", title="Points d’intérêt", key="spot_id", geometry=Geometry.POINT, fetched=Fetched(on_site=True)
    )
)
class Spots(Spatial):
    """Places that a register or a plan names by a point: evidence beside sites. A point has no ground to exclude."""

    spot_id: Series[str] = column(
        "Key of the place in its register.", public=Public.ALWAYS, unique=True, str_length={"min_value": 1}
    )
    spot_kind: Series[str] = column("What is said of it.", public=Public.ALWAYS, isin=one_of(SpotKind))
    said: Series[str] = column("The same, in the words of its source.", public=Public.ALWAYS)
    insee: Series[str] = column("INSEE code of its commune, or nothing.", public=Public.ALWAYS)
    site_id: Series[str] = column("Site it stands on, or nothing.", public=Public.ALWAYS, given=Given.OPTIONAL)
    as_of: Series[str] | None = as_of_column()
