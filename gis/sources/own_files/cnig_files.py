"""Deliveries in the CNIG standard "Sites économiques" (GeoPackage, CSV, Shapefile) → sites, terrains, establishments.

A file is recognised by its columns, not by its name; each class is one table of it. The class POLE-ECO, which groups
sites, has no layer here.

=======================================  =============================================================
SITE-ECO                                 column of `sites`
=======================================  =============================================================
site_id, site_nom, site_comm_insee       site_id, site_name, insee
site_type, site_etat, site_vocadomi      site_type, site_state, vocation
site_surf_brute                          land_low_ha, land_high_ha (land_kind is gross)
site_nb_emploi, site_creation_date       jobs, opened
site_description, site_actu_date         note, as_of
site_geomsurf                            geometry
reseau_…, desserte_tc                    rain_water and the other networks
autoroute_nom, …_dist                    motorway_name, motorway_km and the other distances
=======================================  =============================================================

=======================================  =============================================================
TERRAIN-ECO                              column of `terrains`
=======================================  =============================================================
terr_id, site_id, terr_utile             terrain_id, site_id, useful
terr_etat_occup, terr_stade_comm         occupied, sale
terr_stade_amngt, terr_cle_en_main       servicing, turnkey
terr_actu_date, terr_geomsurf            as_of and occupied_as_of, geometry
=======================================  =============================================================

=======================================  =============================================================
ETABLISSEMENT                            column of `establishments`
=======================================  =============================================================
SIRET                                    establishment_id, siret
etab_nom, else etab_raison_sociale       establishment_name
etab_activite_libelle, comm_insee        activity, insee
terr_id                                  site_id, that of the terrains it names
etab_effectif_code                       jobs_low, jobs_high
etab_effectif_annee, etab_actu_date      jobs_as_of, as_of
etab_creation_date, etab_fermeture_date  active_from, active_to
geocodage_qualite                        placed
etab_actif                               not read into a column: `non` leaves the row out
=======================================  =============================================================

Buyers, prices and dates of sale (`gis.cnig`, level X) and contacts are never read out of the file. The reader corrects
the known errors of the official files: capitals and hyphens in column names, blanks in identifiers, a vocation that a
comma split over two columns, codes of size bands without their leading zero, a table without a CRS.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from gis import cnig
from gis.errors import Fault, SchemaError
from gis.sources.own_files.cells import is_same_word
from gis.sources.own_files.mapped import Repair
from gis.sources.own_files.mapping import TableReading
from gis.sources.tables.rows import TEXTS, header_of_table, open_rows, table_names_of_file

#: File formats in which the standard is delivered.
SUFFIXES: Final = (".gpkg", ".shp", *TEXTS)

#: The columns that identify a class, and that distinguish it from the brownfields standard, which has `site_id` too.
_TELLING: Final = (
    (cnig.TERRAIN, "terr_id", ("terr_etat_occup", "terr_stade_comm", "terr_surf_brute")),
    (cnig.ESTABLISHMENT, "siret", ("etab_nom", "etab_effectif_code", "etab_activite_code")),
    (cnig.SITE, "site_id", ("site_vocadomi", "site_surf_brute", "site_surf_utile")),
)

_LAYERS: Final = {"SITE-ECO": "sites", "TERRAIN-ECO": "terrains", "ETABLISSEMENT": "establishments"}

_COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "sites": {
        "site_id": "site_id",
        "site_name": "site_nom",
        "site_type": "site_type",
        "site_state": "site_etat",
        "vocation": "site_vocadomi",
        "insee": "site_comm_insee",
        "land_low_ha": "site_surf_brute",
        "land_high_ha": "site_surf_brute",
        "jobs": "site_nb_emploi",
        "opened": "site_creation_date",
        "as_of": "site_actu_date",
        "note": "site_description",
        "rain_water": "reseau_eau_pluviale",
        "drinking_water": "reseau_eau_potable",
        "sewage": "reseau_assainissement",
        "gas": "reseau_gaz",
        "electricity": "reseau_electrique",
        "fibre": "reseau_fibre_optique",
        "rail": "reseau_fret_ferroviaire",
        "waterway": "reseau_fluvial",
        "public_transport": "desserte_tc",
        "motorway_name": "autoroute_nom",
        "motorway_km": "autoroute_echang_dist",
        "station_km": "gare_dist",
        "freight_station_km": "gare_fret_dist",
        "port_km": "port_dist",
        "airport_km": "aeroport_dist",
    },
    "terrains": {
        "terrain_id": "terr_id",
        "site_id": "site_id",
        "useful": "terr_utile",
        "occupied": "terr_etat_occup",
        "occupied_as_of": "terr_actu_date",
        "sale": "terr_stade_comm",
        "servicing": "terr_stade_amngt",
        "turnkey": "terr_cle_en_main",
        "as_of": "terr_actu_date",
    },
    "establishments": {
        "establishment_id": "siret",
        "establishment_name": "etab_nom",
        "siret": "siret",
        "activity": "etab_activite_libelle",
        "insee": "comm_insee",
        "site_id": "terr_id",
        "placed": "geocodage_qualite",
        "active_from": "etab_creation_date",
        "active_to": "etab_fermeture_date",
        "jobs_as_of": "etab_effectif_annee",
        "as_of": "etab_actu_date",
    },
}

#: Columns derived from the code of a size band.
_JOBS: Final = {"jobs_low": "jobs, at least", "jobs_high": "jobs, at most"}

#: Part of the file names of FUSAC, the national base with the columns of the standard, which has its own adaptor.
_NATIONAL: Final = "fusac"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One class of a delivery: how to read its table, and how its records are corrected first."""

    standard: str
    reading: TableReading
    repair: Repair
    added: tuple[str, ...]


def recognise_deliveries(file: Path) -> list[Delivery]:
    """Return the classes of the standard in a file, or an empty list if it is not a delivery."""
    if file.suffix.lower() not in SUFFIXES or _NATIONAL in file.name.lower():
        return []
    tables = [name for name in table_names_of_file(file) if _NATIONAL not in name.lower()]
    deliveries = [_delivery_of_table(file, name, header_of_table(file, name)) for name in tables]
    return [delivery for delivery in deliveries if delivery]


def delivery_by_standard(file: Path, reading: TableReading) -> Delivery:
    """Return the class that a mapping names by its standard alone, in the CRS that the mapping states.

    Raises
    ------
    SchemaError
        If the file does not contain that class.
    """
    for found_delivery in recognise_deliveries(file):
        if found_delivery.standard == reading.standard and reading.table in {"", found_delivery.reading.table}:
            own_reading = replace(found_delivery.reading, crs=reading.crs, mend=reading.mend, totals=reading.totals)
            return replace(found_delivery, reading=own_reading)
    fault = Fault(
        f"[{reading.layer}] standard", f"`{reading.standard}` is not in the file.", "Map its columns instead."
    )
    raise SchemaError.of(str(file), [fault])


def _delivery_of_table(file: Path, table: str, header: Sequence[str]) -> Delivery | None:
    """Recognise the class of one table by its identifying columns."""
    for kind, key, telling in _TELLING:
        names = _columns_of_class(file, table, header, kind)
        if key in names and any(name in names for name in telling):
            return _delivery_of_class(kind, table, names, drawn=file.suffix.lower() not in TEXTS)
    return None


def _delivery_of_class(kind: cnig.CnigClass, table: str, names: Mapping[str, str], *, drawn: bool) -> Delivery:
    layer = _LAYERS[kind.name]
    columns = {ours: names[theirs] for ours, theirs in _COLUMNS[layer].items() if theirs in names}
    values = {
        ours: {**{word: word for word in cnig.VOCABULARIES[theirs]}, **cnig.SPELLINGS.get(theirs, {})}
        for ours, theirs in _COLUMNS[layer].items()
        if theirs in cnig.VOCABULARIES
    }
    added_columns: dict[str, str] = _JOBS if layer == "establishments" else {}
    reading = TableReading(
        layer,
        {**columns, **added_columns},
        table=table,
        geometry="" if drawn else names.get(kind.geometry, ""),
        constants={"land_kind": "gross"} if layer == "sites" else {},
        values=values,
        pointed=frozenset(columns),  # the standard writes decimals with a point
    )
    return Delivery(kind.name, reading, _REPAIRS[layer](names), tuple(added_columns.values()))


def _columns_of_class(file: Path, table: str, header: Sequence[str], kind: cnig.CnigClass) -> dict[str, str]:
    """Return the column for each field of a class: by its full name, its short name, or its truncated name."""
    fields = [field.lower().replace("-", "_") for field in kind.levels]
    field_of_short_name = {name.lower(): field for field, name in cnig.SHORT_NAMES.items()}
    names: dict[str, str] = {}
    cut_names: dict[str, str] = {}
    for column in header:
        column_name = column.lower().replace("-", "_")
        if (field := field_of_short_name.get(column_name, column_name)) in fields:
            names.setdefault(field, column)
        elif file.suffix.lower() == ".shp":
            cut_names[column] = column_name
    for column, column_name in cut_names.items():
        start = column_name[:-2] if column_name[-2:-1] == "_" and column_name[-1].isdigit() else column_name
        open_fields = [field for field in fields if field not in names and field.startswith(start)]
        if len(open_fields) > 1:
            open_fields = _fields_knowing_words(file, table, column, open_fields)
        if len(open_fields) == 1 and len(column_name) == _CUT:
            names[open_fields[0]] = column
    return names


#: Length to which a Shapefile truncates column names.
_CUT: Final = 10


def _fields_knowing_words(file: Path, table: str, column: str, fields: Sequence[str]) -> list[str]:
    """Return the fields whose vocabulary contains every word of a column."""
    with open_rows(file, table=table) as rows:
        words_said = {record.cells[column] for record in rows.records} - {"", *cnig.SPECIAL}
    known_words = {field: [*cnig.VOCABULARIES.get(field, ()), *cnig.SPELLINGS.get(field, ())] for field in fields}
    return [
        field
        for field, words in known_words.items()
        if words_said and all(any(is_same_word(s, w) for w in words) for s in words_said)
    ]


def _with_unspaced_keys(cells: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """Remove the blanks from identifiers."""
    keys = [names[field] for field in ("site_id", "terr_id", "siret") if field in names]
    return {**cells, **{key: "".join(cells[key].split()) for key in keys}}


def _site_repair(names: Mapping[str, str]) -> Repair:
    vocation, state = names.get("site_vocadomi", ""), names.get("site_etat", "")

    def repair_site(cells: Mapping[str, str]) -> Mapping[str, str]:
        fixed = _with_unspaced_keys(cells, names)
        whole_vocation = f"{cells.get(vocation, '')}, {cells.get(state, '')}"
        return {**fixed, vocation: whole_vocation} if whole_vocation in cnig.VOCABULARIES["site_vocadomi"] else fixed

    return repair_site


def _terrain_repair(names: Mapping[str, str]) -> Repair:
    return lambda cells: _with_unspaced_keys(cells, names)


def _establishment_repair(names: Mapping[str, str]) -> Repair:
    def repair_establishment(cells: Mapping[str, str]) -> Mapping[str, str] | str:
        stated_cells = {field: cells[column] for field, column in names.items()}
        if is_same_word(stated_cells.get("etab_actif", ""), "non"):
            return "The establishment is closed and is left out."
        fixed = _with_unspaced_keys(cells, names)
        if "etab_nom" in names:
            fixed[names["etab_nom"]] = stated_cells["etab_nom"] or stated_cells.get("etab_raison_sociale", "")
        code = stated_cells.get("etab_effectif_code", "")
        band = cnig.WORKFORCE.get(code.zfill(2)) if code else (None, None)
        jobs = (f"code {code}",) * 2 if band is None else band
        texts = ("" if bound is None else str(bound) for bound in jobs)
        return {**fixed, **dict(zip(_JOBS.values(), texts, strict=True))}

    return repair_establishment


_REPAIRS: Final[Mapping[str, Callable[[Mapping[str, str]], Repair]]] = {
    "sites": _site_repair,
    "terrains": _terrain_repair,
    "establishments": _establishment_repair,
}
