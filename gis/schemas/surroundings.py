"""Schemas of the surroundings: exclusions, roads, accesses, and evidence that decides nothing by itself."""

import math
from typing import Final

from pandera.typing import Series

from gis.schemas.columns import Given, Public, Spatial, as_of_column, column, measured_area_column, vocabulary_words
from gis.schemas.described import FetchedReach, Geometry, LayerDescription, Table, described
from gis.schemas.vocabularies import AccessKind, Answer, BrownfieldStatus, ExclusionReason, RoadClass, SpotKind

#: Distance from sites within which roads and railways are read, in metres.
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
        fetched=FetchedReach(near_m=0),
    )
)
class Exclusions(Spatial):
    """Land that may not be built on, with the reason."""

    exclusion_id: Series[str] = column(
        "Key of the exclusion.",
        label="Identifiant de la contrainte",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    reason: Series[str] = column(
        "Why.",
        label="Motif",
        note="Pourquoi on ne peut pas y bâtir.",
        public=Public.ALWAYS,
        isin=vocabulary_words(ExclusionReason),
    )
    buffer_m: Series[float] = column(
        "Distance to keep from the shape.",
        label="Recul",
        note="Distance à garder au tracé.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="m",
        ge=0,
        nullable=True,
    )
    whole_from_share: Series[float] = column(
        "Share of a terrain from which on it is lost as a whole; nothing where only what is covered is lost.",
        label="Seuil de perte totale",
        note="Part d’un terrain à partir de laquelle il est perdu en entier, rien si seul ce qui est "
        "couvert est perdu.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
        unit="ratio",
        gt=0,
        le=1,
        nullable=True,
    )
    as_of: Series[str] | None = as_of_column()
    measured_m2: Series[float] = measured_area_column()


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
        fetched=FetchedReach(near_m=ALONG_M),
    )
)
class Roads(Spatial):
    """Roads, as centre lines."""

    road_id: Series[str] = column(
        "Key of the road.",
        label="Identifiant de la route",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    road_class: Series[str] = column(
        "What it is for.",
        label="Classe de route",
        note="À quoi la route sert.",
        public=Public.ALWAYS,
        isin=vocabulary_words(RoadClass),
    )
    road_name: Series[str] = column(
        "Name or number in use.", label="Nom ou numéro d’usage", public=Public.ALWAYS, given=Given.OPTIONAL
    )


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
        fetched=FetchedReach(near_m=math.inf),
    )
)
class Accesses(Spatial):
    """Points of access to a motorway, a train, a ship or a plane."""

    access_id: Series[str] = column(
        "Key of the access.",
        label="Identifiant de l’accès",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    access_kind: Series[str] = column(
        "What one gets to there.",
        label="Type d’accès",
        note="Ce à quoi on y accède.",
        public=Public.ALWAYS,
        isin=vocabulary_words(AccessKind),
    )
    access_name: Series[str] = column("Name in use.", label="Nom d’usage", public=Public.ALWAYS, given=Given.OPTIONAL)


@described(
    LayerDescription(
        name="brownfields",
        title="Friches recensées",
        key="brownfield_id",
        geometry=Geometry.MULTIPOLYGON,
        label="brownfield_name",
        fetched=FetchedReach(on_site=True),
    )
)
class Brownfields(Spatial):
    """Polygons that a source lists as brownfield: evidence beside sites, which decides nothing by itself."""

    brownfield_id: Series[str] = column(
        "Key of the brownfield.",
        label="Identifiant de la friche",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    brownfield_name: Series[str] = column("Name in use.", label="Nom d’usage", public=Public.ALWAYS)
    status: Series[str] = column(
        "How far it is (CNIG Friches `site_statut`).",
        label="Statut de la friche",
        note="Où en est la friche (CNIG Friches `site_statut`).",
        public=Public.ALWAYS,
        isin=vocabulary_words(BrownfieldStatus),
    )
    insee: Series[str] = column("INSEE code of its commune.", label="Code INSEE de la commune", public=Public.ALWAYS)
    site_id: Series[str] = column(
        "Site it lies in, or nothing.",
        label="Site",
        note="Site dans lequel la friche se trouve, ou rien.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    as_of: Series[str] | None = as_of_column()
    measured_m2: Series[float] = measured_area_column()


@described(
    LayerDescription(
        name="osm_land_use",
        title="Occupation du sol selon OpenStreetMap",
        key="osm_id",
        geometry=Geometry.MULTIPOLYGON,
        label="osm_name",
        fetched=FetchedReach(near_m=0),
    )
)
class OsmLandUse(Spatial):
    """Land use that was, or may have been, traced from OpenStreetMap: a separate layer, under its own licence."""

    osm_id: Series[str] = column(
        "Key of the shape.",
        label="Identifiant du tracé",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    land_use: Series[str] = column(
        "What it is used for, in the words of its source.",
        label="Usage du sol",
        note="À quoi le sol sert, dans les mots de sa source.",
        public=Public.ALWAYS,
    )
    osm_name: Series[str] = column(
        "Name, where one is said.", label="Nom", note="Nom, si un est donné.", public=Public.ALWAYS
    )
    licence: Series[str] = column(
        "Licence that goes along with the shape and with what is derived of it.",
        label="Licence",
        note="Licence qui accompagne le tracé et ce qui en est tiré.",
        public=Public.ALWAYS,
    )
    measured_m2: Series[float] = measured_area_column()


@described(
    LayerDescription(
        name="railways",
        title="Voies ferrées",
        key="railway_id",
        geometry=Geometry.MULTILINESTRING,
        fetched=FetchedReach(near_m=ALONG_M),
    )
)
class Railways(Spatial):
    """Railways, as lines: context of sites. The strip that the law keeps free along them comes as an easement."""

    railway_id: Series[str] = column(
        "Key of the railway.",
        label="Identifiant de la voie ferrée",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    railway_kind: Series[str] = column(
        "What kind it is, in the words of its source.",
        label="Nature de la voie",
        note="Nature de la voie, dans les mots de sa source.",
        public=Public.ALWAYS,
    )
    freight: Series[str] = column(
        "Whether it carries freight.",
        label="Fret",
        note="Dit si la voie porte du fret.",
        public=Public.ALWAYS,
        isin=vocabulary_words(Answer),
    )
    in_use: Series[str] = column(
        "Whether trains run on it.",
        label="En service",
        note="Dit si des trains y circulent.",
        public=Public.ALWAYS,
        isin=vocabulary_words(Answer),
    )
    as_of: Series[str] | None = as_of_column()


@described(
    LayerDescription(
        name="spots",
        title="Points d’intérêt",
        key="spot_id",
        geometry=Geometry.POINT,
        fetched=FetchedReach(on_site=True),
    )
)
class Spots(Spatial):
    """Point features of registers and plans: evidence beside sites. Points have no area and exclude no land."""

    spot_id: Series[str] = column(
        "Key of the place in its register.",
        label="Identifiant du lieu",
        note="Clé du lieu dans son registre.",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    spot_kind: Series[str] = column(
        "What is said of it.",
        label="Type de lieu",
        note="Ce qui est dit du lieu.",
        public=Public.ALWAYS,
        isin=vocabulary_words(SpotKind),
    )
    said: Series[str] = column(
        "The same, in the words of its source.",
        label="Libellé de la source",
        note="La même chose, dans les mots de sa source.",
        public=Public.ALWAYS,
    )
    insee: Series[str] = column(
        "INSEE code of its commune, or nothing.",
        label="Code INSEE de la commune",
        note="Code INSEE de sa commune, ou rien.",
        public=Public.ALWAYS,
    )
    site_id: Series[str] = column(
        "Site it stands on, or nothing.",
        label="Site",
        note="Site sur lequel le lieu se trouve, ou rien.",
        public=Public.ALWAYS,
        given=Given.OPTIONAL,
    )
    as_of: Series[str] | None = as_of_column()
