"""Synonyms of our columns and vocabulary terms, in French and English, for `gis.sources.own_files.proposing`.

Names are written without accents or capitals, the most likely first. Ambiguous words are not listed, and a person
decides on them: "libre" means either never occupied or vacant, and "terminée" means a zone that is built or a clean-up
that is finished.
"""

import re
from collections.abc import Mapping
from typing import Final

from gis.public import column_publicity
from gis.schemas import LAYERS, NETWORKS, Public, layers_that


def _parse_synonyms(text: str) -> dict[str, tuple[str, ...]]:
    entries = re.findall(r"(\w+):([^:]*)(?=\n|$)", text)
    return {column: tuple(name.strip() for name in names.split(",")) for column, names in entries}


#: Names of a number that a tool assigned to a feature: a key of last resort, which is not unique among files.
NUMBERED: Final = frozenset({"fid", "ogc fid", "objectid", "objectid 1", "gid", "id", "uid", "numero", "num", "pk"})

_KEY: Final = (
    "identifiant, code, ident, ref, reference, globalid, uuid, gid, id, objectid, ogc fid, fid, numero, uid, pk"
)

_SITE: Final = (
    "id zae, id za, id zone, zoneid, code zae, code zone, num zae, id parc, id site, ref zone, site, zae, zone"
)

#: By layer, the synonyms of each of our columns.
COLUMNS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "sites": _parse_synonyms(f"""
        site_id: site id, {_SITE}, {_KEY}
        site_name: site nom, nom zae, nom za, nom zone, nom site, nom parc, zonename, zone name, site name, nom,
            name, libelle, lib zone, lib, designation, toponyme, appellation, denomination, intitule, label,
            zae, zone
        site_name_en: english name, name en, nom anglais
        other_names: autre nom, autres noms, alias, ancien nom, nom usuel
        site_type: site type, type site, type zone, type zae, type parc, type
        site_state: site etat, etat, etape, statut, etat avancement, avancement, phase, status, state
        counted: zae oui non, est zae, comptee, comptabilisee, counted
        vocation: site vocadomi, vocation principale, vocation dominante, vocation, voca domi, destination,
            specialisation, activite principale, activite, activites, use, main use, category, categorie
        insee: code insee, insee com, insee, idcom, code commune, codecom, code com, com insee, cod com, commune
            insee, commune, ville, nom commune, nom com, municipality, town
        land_low_ha: site surf brute, surface brute, superficie totale, surface totale, surface ha, surf ha,
            superficie, surface, contenance, area, area ha, land area, aire, surf, hectares, total area
        jobs: site nb emploi, nombre emplois, nb emplois, emplois, nb emp, effectif, effectifs, salaries, nb
            salaries, nombre salaries, jobs, employees
        opened: site creation date, annee creation, date creation, an creation, annee, ouverture, opened, year
            opened, creation
        occupants: entreprises, principales entreprises, occupants, etablissements, companies, tenants
        as_of: site actu date, date maj, maj, date mise a jour, mise a jour, date actu, actualisation,
            millesime, date donnee, last update, updated, as of, derniere modification, date modif
        note: site description, description, commentaire, commentaires, observation, observations, remarque,
            remarques, observ, note, comment, notes
        rain_water: reseau eau pluviale, eaux pluviales, pluvial, rain water
        drinking_water: reseau eau potable, eau potable, aep, drinking water
        sewage: reseau assainissement, assainissement, eaux usees, sewage
        gas: reseau gaz, gaz, gas
        electricity: reseau electrique, electricite, electricity
        fibre: reseau fibre optique, fibre optique, fibre, tres haut debit, thd
        rail: reseau fret ferroviaire, fret ferroviaire, embranchement ferroviaire, embranchement fer, rail
        waterway: reseau fluvial, voie d eau, fluvial, waterway
        public_transport: desserte tc, transports en commun, transport en commun, desserte bus, public transport
        motorway_name: autoroute nom, autoroute, nom autoroute, motorway
        motorway_km: autoroute echang dist, distance autoroute, distance echangeur, motorway km
        station_km: gare dist, distance gare, station km
        freight_station_km: gare fret dist, distance gare fret, freight station km
        port_km: port dist, distance port, port km
        airport_km: aeroport dist, distance aeroport, airport km
    """),
    "terrains": _parse_synonyms(f"""
        terrain_id: terr id, id terrain, id lot, num lot, lot, n lot, numero lot, numero de lot, no lot, code lot,
            ref lot, id parcelle eco, plot id, plot, {_KEY}
        site_id: site id, {_SITE}, parc, nom zone, nom zae
        terrain_name: terr nom, nom terrain, nom du terrain, nom lot, nom du lot, lot nom, libelle lot, designation
            lot, lot name, plot name, nom, name, libelle, lib, designation, appellation, denomination, intitule,
            label, terrain, lot, n lot, numero lot, numero de lot, num lot, no lot, ref lot, plot
        useful: terr utile, utile, surface utile oui non, useful
        occupied: terr etat occup, etat occupation, occupation, statut occupation, occup, etat occup, occupe,
            occupied, occupancy, statut occ
        sale: terr stade comm, commercialisation, stade commercialisation, etat commercialisation, statut
            commercial, etat commercial, vente, statut vente, disponibilite, dispo, sale status, sale,
            availability
        servicing: terr stade amngt, amenagement, stade amenagement, viabilisation, viabilise, etat amenagement,
            servicing, serviced
        turnkey: terr cle en main, cle en main, turnkey
        vocation: vocation, destination, vocation principale, usage prevu, intended use, use
        price_eur_m2: prix m2, prix au m2, prix ht m2, prix, tarif, price m2, price
        power_kw: puissance kw, puissance, puissance electrique, power kw, power
        available_from: disponible le, date disponibilite, date dispo, available from, available on
        sold_on: date vente, date cession, vendu le, sold on, sale date
        as_of: terr actu date, date maj, maj, mise a jour, date actu, millesime, updated, last update, date modif
    """),
    "parcels": _parse_synonyms(f"""
        parcel_id: idu, idpar, id parcelle, parcelle, refcad, ref cadastrale, reference cadastrale, geo
            parcelle, parcel id, parcel, {_KEY}
        owner_id: id proprietaire, idprocpte, siren proprietaire, proprietaire id, owner id, owner
        stated_m2: contenance, contenance m2, surface cadastrale, dcntpa, surface, superficie, stated area, area
        as_of: updated, date maj, maj, millesime, as of
    """),
    "buildings": _parse_synonyms(f"""
        building_id: id batiment, id bat, rnb id, id rnb, bat id, cleabs, building id, num batiment, n batiment, {_KEY}
        site_id: site id, {_SITE}
        building_name: nom batiment, nom du batiment, batiment nom, nom bat, libelle batiment, building name, nom,
            name, libelle, lib, designation, appellation, denomination, toponyme, intitule, label, batiment, bat,
            building, num batiment, n batiment
        height_m: hauteur, hauteur m, haut, height, height m
        as_of: date maj, maj, mise a jour, updated, millesime
    """),
    "premises": _parse_synonyms(f"""
        premises_id: id local, num local, local, id cellule, cellule, lot, premises id, unit id, unit, {_KEY}
        site_id: site id, {_SITE}
        premises_name: nom local, nom batiment, nom cellule, designation, nom, libelle, name, premises name, label,
            cellule, local, lot, unit
        building_id: id batiment, id bat, batiment, rnb id, building id, building
        floor_m2: surface plancher, surface de plancher, surf plancher, surface utile, sdp, shon, surface m2,
            surface, floor area, area
        height_m: hauteur libre, hauteur sous plafond, hauteur, free height, height
        docks: quais, nb quais, nombre de quais, docks, loading docks
        power_kw: puissance kw, puissance, puissance electrique, power kw, power
        rent_eur_m2: loyer m2, loyer au m2, loyer annuel m2, loyer, rent m2, rent
        available_from: disponible le, date disponibilite, date dispo, available from, available on
        vacant_since: vacant depuis, date vacance, date debut vacance, debutvacance, vacant since
        as_of: date maj, maj, mise a jour, updated, millesime
    """),
    "exclusions": _parse_synonyms(f"""
        exclusion_id: id exclusion, id contrainte, exclusion id, {_KEY}
        reason: motif, raison, nature contrainte, type contrainte, contrainte, type, nature, libelle, reason, why
        buffer_m: recul, recul m, marge, tampon, distance, buffer, buffer m, setback
        as_of: date maj, maj, mise a jour, updated, millesime, date approbation
    """),
    "establishments": _parse_synonyms(f"""
        establishment_id: siret, id etablissement, id entreprise, establishment id, {_KEY}
        establishment_name: etab nom, enseigne, raison sociale, nom entreprise, nom etablissement, societe,
            entreprise, denomination, nom, name, company, company name
        siret: siret, num siret, n siret
        activity: etab activite libelle, activite, libelle activite, activite principale, libelle naf, secteur,
            activity, sector
        insee: comm insee, code insee, insee com, insee, code commune, commune, ville, nom commune, town
        site_id: site id, {_SITE}, terr id
        jobs_low: effectif, effectifs, nb salaries, salaries, emplois, nb emplois, jobs, employees, headcount
        jobs_as_of: etab effectif annee, annee effectif, date effectif, jobs as of
        as_of: etab actu date, date maj, maj, mise a jour, updated, millesime
        note: commentaire, observation, observations, remarque, note, comment
    """),
    "owners": _parse_synonyms(f"""
        owner_id: id proprietaire, idprocpte, siren, owner id, {_KEY}
        owner_kind: personne, type personne, nature, type proprietaire, owner kind, kind
        owner_name: nom proprietaire, denomination, raison sociale, proprietaire, nom, owner name, owner, name
    """),
    "roads": _parse_synonyms(f"""
        road_id: cleabs, id troncon, id route, id voie, road id, {_KEY}
        road_class: classe, importance, type voie, nature, type route, road class, class, highway, type
        road_name: numero route, cpx numero, nom voie, nom route, nom rue, nom, toponyme, road name, name
    """),
    "accesses": _parse_synonyms(f"""
        access_id: id acces, id gare, id echangeur, access id, {_KEY}
        access_kind: nature, type acces, type, categorie, access kind, kind
        access_name: nom acces, nom gare, nom echangeur, toponyme, nom, libelle, access name, name
    """),
}

#: By layer with public names, the column of the names: unique names can serve as keys.
NAMED: Final = {
    name: LAYERS[name].label
    for name in layers_that(own_file=True)
    if column_publicity(name, LAYERS[name].label) is Public.ALWAYS
}

#: Words that name a lot, a building or premises only if they are the whole column name: `surface lot` is not a name.
WHOLE: Final = frozenset({"lot", "plot", "terrain", "batiment", "bat", "building", "cellule", "local", "unit"})

#: Names of a column that groups rows: numbers restart in each group.
GROUPS: Final = frozenset(
    [
        *("zone", "zae", "za", "parc", "site", "secteur", "tranche", "ilot", "phase", "section", "quartier"),
        *("commune", "batiment", "bat", "lotissement", "block"),
    ]
)

#: The column of the upper bound, where one column of a file provides both bounds.
UPPER: Final = {"land_low_ha": "land_high_ha", "jobs_low": "jobs_high"}

_ANSWERS: Final = {"oui": "o, yes, y, true, vrai, 1, x, t", "non": "n, no, false, faux, 0, f"}

#: By column, the synonyms of each vocabulary term.
WORDS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    column: {word: tuple(name.strip() for name in names.split(",")) for word, names in words.items()}
    for column, words in {
        "site_type": {
            "zone d'activité économique": "zae, za, zi, zac, zone d activites economiques, zone d activites, "
            "zone d activite, zone industrielle, zone artisanale, zone commerciale, parc d activites, "
            "parc d activites economiques, business park, industrial estate, activity zone",
            "site économique historique hors ZAE": "site historique, site economique historique, hors zae",
            "établissement économique isolé": "etablissement isole, entreprise isolee, site isole, isolated",
            "zone AU à vocation économique": "zone au, 1au, 2au, zone 2au, future zone",
        },
        "site_state": {
            "en projet": "projet, en projet, potentielle, a l etude, etude, planned, prevu, prevue",
            "création": "creee, en creation, en cours, en cours d amenagement, en travaux, under construction",
            "existant et actif": "existant, existante, existants, existantes, actif, active, en activite, en service, "
            "achevee, realisee, existing, in use",
            "projet de déclassement": "declassement, a declasser",
            "déclassé": "declassee, declasse, downgraded",
        },
        "occupied": {
            "occupé": "occupee, occupied, en activite, exploite, exploitee",
            "inoccupé": "inoccupee, jamais occupe, never occupied, unoccupied",
            "vacant": "vacante, vide, empty",
            "friche": "en friche, friche industrielle, derelict, brownfield",
            "occupation transitoire": "occupation temporaire, temporaire, transitoire, en transition, temporary",
        },
        "sale": {
            "en vente": "a vendre, disponible, disponible a la vente, en commercialisation, for sale, available",
            "vendu, commercialisation achevée": "vendu, vendue, cede, cedee, commercialise, commercialisee, sold",
            "réservé par option de réservation": "option, sous option, optionne, compromis, sous compromis, promesse",
            "non commercialisé": "pas a vendre, not for sale yet, non mis en vente",
            "non commercialisable": "inconstructible, not sellable",
        },
        "servicing": {
            "viabilisé non aménagé": "viabilise, viabilisee, serviced, oui",
            "non aménagé, non viabilisé": "non viabilise, non viabilisee, brut, unserviced, non",
            "viabilisation en cours": "en cours, en cours de viabilisation, under way",
            "viabilisé et aménagé": "amenage, amenagee, fitted out",
        },
        "reason": {
            "water": "eau, cours d eau, plan d eau, zone humide, river",
            "slope": "pente, relief",
            "contamination": "pollution, sol pollue, basias, basol, casias",
            "zoning": "zonage, plu, plui, zone n, zone a",
            "easement": "servitude, sup",
            "heritage": "patrimoine, monument historique, abf, archeologie",
            "risk_plan": "ppr, ppri, pprt, risque, inondation, flood",
            "setback": "recul, marge de recul",
            "power_line": "ligne electrique, ligne haute tension, ligne ht, rte",
            "road_verge": "route, voirie, bande de recul routiere, loi barnier",
            "reserved": "emplacement reserve, reserve",
            "frozen": "gel, gele",
        },
        "owner_kind": {
            "legal": "personne morale, morale, pm, societe, public, company",
            "natural": "personne physique, physique, pp, particulier, prive, person",
        },
        "road_class": {
            "motorway": "autoroute, type autoroutier",
            "main": "route nationale, route departementale, nationale, departementale, primary, secondary, trunk",
            "street": "rue, voie communale, route communale, residential",
        },
        "access_kind": {
            "motorway_exit": "echangeur, sortie d autoroute, sortie autoroute, diffuseur, junction",
            "station": "gare, gare voyageurs, gare de voyageurs, gare voyageurs uniquement, railway station",
            "freight_station": "gare fret, gare de fret, gare fret uniquement, terminal fret",
            "port": "port de commerce, port fluvial, harbour",
            "airport": "aeroport, aerodrome",
        },
        "useful": _ANSWERS,
        "turnkey": _ANSWERS,
        "counted": _ANSWERS,
        "stand_in": _ANSWERS,
        **dict.fromkeys(NETWORKS, _ANSWERS),
    }.items()
}

#: Words in the name of a file or a layer that indicate activity zones.
ZONES: Final = (
    "zae",
    "za",
    "zaes",
    "zones activites",
    "zones d activites",
    "zones dactivites",
    "zone d activites",
    "parcs d activites",
    "parcs dactivites",
)
