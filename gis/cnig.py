"""The CNIG standard "Sites économiques": its classes, their columns, its vocabularies.

Edition v2024-10 (schemas 1.0.1), https://github.com/cnigfr/schema-sites-economiques. Each column has a level: `M`
filled, `V` present but possibly empty, `C` filled under a condition, `O` optional, `X` optional and never published.
Every vocabulary also contains the three words of `SPECIAL`.

The annex of the standard gives each column a name of at most ten characters for Shapefiles. Only four of these names
are known here (`SHORT_NAMES`), so a Shapefile is also read by the names that GDAL truncates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gis.schemas import Occupied, Placed, Sale, Servicing, SiteState, SiteType


@dataclass(frozen=True, slots=True)
class CnigClass:
    """One class of the standard: a table, its key, its shapes, the date of a row, and its columns with their level."""

    name: str
    table: str
    key: str
    geometry: str
    updated: str
    levels: Mapping[str, str]


def _cnig_class(name: str, prefix: str, key: str, geometry: str, levels: str) -> CnigClass:
    """Return a class of the standard: most of its columns begin with `prefix`, and stand with their level."""
    pairs = (word.partition(":") for word in levels.split())
    return CnigClass(
        name=name,
        table=name.lower().replace("-", "_"),
        key=key,
        geometry=f"{prefix}_{geometry}",
        updated=f"{prefix}_actu_date",
        levels={column: level for column, _, level in pairs},
    )


SITE: Final = _cnig_class(
    "SITE-ECO",
    "site",
    "site_id",
    "geomsurf",
    """
        site_id:M pole_id:V site_nom:M site_type:M site_vocadomi:M site_etat:M site_surf_brute:M site_surf_utile:M
        site_creation_date:V site_identif_date:M site_actu_date:M source_producteur:V site_description:V
        site_quali_territoire:V site_evol_urba:V site_url:V site_epci_nom:C site_epci_siren:C site_comm_nom:M
        site_comm_insee:M site_moa_type:M site_moa_nom:V site_moa_amngt:V site_moa_comm:V site_uf_nbre:C
        site_uf_vacant_nbre:C site_taux_vacance:C site_uf_bati_nbre:O site_nb_etab:O site_nb_emploi:O site_geomsurf:M
        site_geompoint:O site_media:O site_surf_comm_dispo:O site_surf_projet:O site_voca_industrielle:O
        site_voca_commerciale:O site_voca_tertiaire:O site_voca_artisanale:O site_voca_touristique:O
        site_voca_portuaire:O site_voca_aeroportuaire:O reseau_eau_pluviale:O reseau_eau_potable:O
        reseau_assainissement:O reseau_gaz:O reseau_electrique:O reseau_fibre_optique:O reseau_fret_ferroviaire:O
        reseau_fluvial:O desserte_tc:O desserte_route_nom:O autoroute_nom:O autoroute_echang_dist:O gare_nom:O
        gare_dist:O gare_fret_nom:O gare_fret_dist:O aeroport_nom:O aeroport_dist:O port_nom:O port_dist:O
    """,
)

TERRAIN: Final = _cnig_class(
    "TERRAIN-ECO",
    "terr",
    "terr_id",
    "geomsurf",
    """
        terr_id:M site_id:M terr_refcad:V terr_surf_brute:M terr_utile:M terr_identif_date:M terr_actu_date:M
        terr_maitrise_fonc:M terr_stade_amngt:M terr_stade_comm:M terr_etat_occup:M terr_usage:M
        terr_url_cartofriches:V terr_geomsurf:M terr_cle_en_main:V terr_acquereur:X terr_cession_date:X
        terr_vente_montant:X terr_m2_prix:X
    """,
)

ESTABLISHMENT: Final = _cnig_class(
    "ETABLISSEMENT",
    "etab",
    "SIRET",
    "geompoint",
    """
        SIRET:M SIREN:M terr_id:M ban-id:V bat-id:V etab_adresse:V etab_raison_sociale:M etab_nat_juridique:M
        etab_nom:M epci_nom:M epci_siren:M comm_nom:M comm_insee:M etab_siege:M etab_creation_date:M
        etab_identif_date:M etab_actu_date:M etab_actif:M etab_fermeture_date:V etab_description:V
        etab_activite_code:M etab_activite_libelle:M etab_effectif_code:M etab_effectif_libelle:M
        etab_effectif_annee:M etab_source_info:V geocodage_qualite:M etab_geompoint:M etab_contact_mail:O
        etab_contact_tel:O
    """,
)

POLE: Final = _cnig_class(
    "POLE-ECO",
    "pole",
    "pole_id",
    "geompoint",
    """
        pole_id:M pole_nom:M pole_vocadomi:M pole_identif_date:M pole_actu_date:M pole_nb_site:V pole_nb_etab:V
        pole_nb_emploi:V pole_surface:M pole_geompoint:M pole_rayonnement:O
    """,
)

CLASSES: Final = (POLE, SITE, TERRAIN, ESTABLISHMENT)

#: The columns whose Shapefile name is on record; of all others it is not.
SHORT_NAMES: Final = {
    "site_surf_brute": "SISURFBRUT",
    "terr_etat_occup": "TEOCCUP",
    "terr_stade_comm": "TESTADCOMM",
    "etab_effectif_code": "ETEFFCODE",
}

#: Words that every vocabulary knows beside its own: unknown, another one, not to be asked.
SPECIAL: Final = ("inconnu", "autre", "sans objet")

_VOCATIONS: Final = (
    "industrielle",
    "commerciale",
    "tertiaire",
    "artisanale",
    "touristique",
    "portuaire",
    "aéroportuaire, aéronautique",
    "entrepôts, logistique",
    "logistique agricole",
)


def _standard_words(words: type[SiteType | SiteState | Occupied | Sale | Servicing | Placed]) -> tuple[str, ...]:
    """Return the words of one of our vocabularies that is taken from the standard, but for the special ones."""
    return tuple(word.value for word in words if word.value not in SPECIAL)


#: The words of each column that has a vocabulary, but for the special ones and yes and no.
VOCABULARIES: Final[Mapping[str, tuple[str, ...]]] = {
    "site_type": _standard_words(SiteType),
    "site_etat": _standard_words(SiteState),
    "site_vocadomi": (*_VOCATIONS, "mixte"),
    "pole_vocadomi": (*_VOCATIONS, "mixte, sans dominante", "mixte à dominante logistique"),
    "pole_rayonnement": ("international", "national", "régional", "local"),
    "site_evol_urba": ("extension urbaine", "renouvellement urbain", "mixte"),
    "site_moa_type": (
        "commune",
        "epci",
        "société d'économie mixte",
        "chambre de commerce et industrie",
        "Etat",
        "privé",
    ),
    "terr_maitrise_fonc": (
        "personne physique",
        "Etat",
        "région",
        "département",
        "structure intercommunale",
        "commune",
        "autre collectivité territoriale",
        "organisme de logement social",
        "établissement public foncier",
        "SEM ou SPLA",
        "aménageur",
        "investisseur professionnel",
        "établissement de santé et structure sociale",
        "établissement de tourisme et structure de loisir sportive ou cultuelle",
        "établissement industriel et commercial",
        "organisation de gestion foncière et immobilière",
        "établissement d'enseignement d'étude et de recherche",
    ),
    "terr_stade_amngt": _standard_words(Servicing),
    "terr_stade_comm": _standard_words(Sale),
    "terr_etat_occup": _standard_words(Occupied),
    "terr_usage": (
        "voirie ou infrastructure",
        "parkings, stationnement",
        "zone de retournement poids-lourds",
        "autres équipements publics",
        "bâti productif",
        "bâti résidentiel",
        "bassin d'orage ou de rétention",
        "espace vert",
        "espace naturel ou forestier",
        "espace agricole",
        "zone de service partagée entre entreprises",
        "carrières, zones d'extraction",
        "dépôt, stockage",
        "production d'énergie renouvelable",
    ),
    "geocodage_qualite": _standard_words(Placed),
}

#: Other spellings of the same word, as the standard's own documents and its edition of 2023 have them.
SPELLINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "site_type": {"zone 2AU à vocation économique": "zone AU à vocation économique"},
    "terr_etat_occup": {"occupation en transition": "occupation transitoire"},
    "terr_maitrise_fonc": {"EPCI, structure intercommunale": "structure intercommunale"},
}

#: Jobs behind a code of INSEE's size bands (`etab_effectif_code`), at least and at most. `NN` says nothing of jobs.
WORKFORCE: Final[Mapping[str, tuple[float | None, float | None]]] = {
    "NN": (None, None),
    "00": (0, 0),
    "01": (1, 2),
    "02": (3, 5),
    "03": (6, 9),
    "11": (10, 19),
    "12": (20, 49),
    "21": (50, 99),
    "22": (100, 199),
    "31": (200, 249),
    "32": (250, 499),
    "41": (500, 999),
    "42": (1000, 1999),
    "51": (2000, 4999),
    "52": (5000, 9999),
    "53": (10000, None),
}
