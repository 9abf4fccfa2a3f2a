"""Establishments of SIRENE (INSEE): the monthly stock and its geolocation, in Parquet, read by ranges.

Only the columns below are downloaded, and only the row groups that may contain the communes, whose rows are kept in
`raw/sirene/`. Rows that must not be published (`statutDiffusion…` other than O, of the establishment or of its legal
unit) never leave those files.

===================================================  ====================================================
published                                            ours
===================================================  ====================================================
siret                                                establishment_id, siret
enseigne1Etablissement, denominationUsuelle…,        establishment_name; of a person, only the first two
denominationUniteLegale
activitePrincipaleEtablissement                      activity (the NAF code)
codeCommuneEtablissement                             insee
trancheEffectifsEtablissement                        jobs_low, jobs_high (`BANDS`); none is unknown, not 0
anneeEffectifsEtablissement                          jobs_as_of
dateCreationEtablissement                            active_from, the day; `NO_DAY` is unknown
dateDernierTraitementEtablissement                   as_of, the day alone
etatAdministratifEtablissement                       `A` alone is read; `F` is closed, anything else an issue
categorieJuridiqueUniteLegale                        establishment_kind; companies that only hold property
                                                     are left out
x, y, epsg, qualite_xy                               x_m, y_m, placed (`QUALITIES`)
===================================================  ====================================================
"""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from contextlib import closing
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.cnig import WORKFORCE
from gis.crs import transformer
from gis.days import parse_date_cell
from gis.errors import Fault, SchemaError, SourceError
from gis.placing import whole_file
from gis.provenance import Basis, Source
from gis.schemas import OwnerKind, Placed, PlacedEstablishments, conform
from gis.sources.open_data.assumed import Assumed, Resting
from gis.sources.open_data.features import UNKNOWN_WORD, ReadLayer, TargetLayer, complete_columns, source_issue
from gis.sources.open_data.handed import FirstSight, TakenParts, commune_of_code, fate_of_commune_code, table_pieces
from gis.sources.open_data.national import DownloadTask, Handed, National, Service, SourcePlace
from gis.sources.open_data.web import Client, Download
from gis.sources.tables.accounts import DIFFERS, NO_KEY, ONE_KEY, Fate, Ledger

SOURCE: Final = Source(
    source_id="sirene",
    title="Sirene",
    publisher="Insee",
    licence="Licence Ouverte 2.0",
    url="https://www.data.gouv.fr/datasets/base-sirene-des-entreprises-et-de-leurs-etablissements-siren-siret/",
    basis=Basis.STATED,
)
STOCK: Final = "sirene/etablissements.parquet"
UNITS: Final = "sirene/unites.parquet"
PLACES: Final = "sirene/geoloc.parquet"

_STOCK_COLUMNS: Final = (
    "siren",
    "siret",
    "statutDiffusionEtablissement",
    "trancheEffectifsEtablissement",
    "anneeEffectifsEtablissement",
    "dateCreationEtablissement",
    "dateDernierTraitementEtablissement",
    "codeCommuneEtablissement",
    "etatAdministratifEtablissement",
    "enseigne1Etablissement",
    "denominationUsuelleEtablissement",
    "activitePrincipaleEtablissement",
)
_UNIT_COLUMNS: Final = (
    "siren",
    "statutDiffusionUniteLegale",
    "denominationUniteLegale",
    "categorieJuridiqueUniteLegale",
)
_DAYS: Final = ("dateCreationEtablissement", "dateDernierTraitementEtablissement")
_PLACE_COLUMNS: Final = ("siret", "x", "y", "qualite_xy", "epsg")
_OF: Final = {STOCK: _STOCK_COLUMNS, UNITS: _UNIT_COLUMNS, PLACES: _PLACE_COLUMNS}
_FILE_OF: Final = {column: file for file in (PLACES, UNITS, STOCK) for column in _OF[file]}
_KEY: Final = {STOCK: "siret", UNITS: "siren", PLACES: "siret"}
#: Number of digits of a commune within its department, and of a postal code.
COMMUNE_LENGTH: Final = 3
POST_LENGTH: Final = 5
SIREN_LENGTH: Final = 9

#: Number of jobs by band: minimum, maximum. `NN` (no employer, or not stated) is unknown, and so is an empty value.
BANDS: Final[Mapping[str, tuple[float, float]]] = {
    code: (np.nan if low is None else low, np.nan if high is None else high)
    for code, (low, high) in {**WORKFORCE, "": (None, None)}.items()
}
#: Precision of a location: 12 and 22 are a random point of the street, 33 one of the commune.
QUALITIES: Final[Mapping[str, str]] = {
    "11": Placed.ADDRESS,
    "21": Placed.ADDRESS,
    "12": Placed.STREET,
    "22": Placed.STREET,
    "33": Placed.COMMUNE,
    "": Placed.NOWHERE,
}
#: Placeholder date for an unknown opening of an establishment.
NO_DAY: Final = "1900-01-01"
TO_BE_PUBLISHED: Final = "O"
#: Maximum unpacked size of one column of a row group, and maximum number of rows of a row group.
CHUNK_BYTES: Final = 2 << 30
CHUNK_ROWS: Final = 100_000_000
ACTIVE: Final = "A"
CLOSED: Final = "F"
PERSON: Final = "1000"
#: Legal forms of companies that only hold property (SCI), which the CNIG standard leaves out of ETABLISSEMENT.
HOLDS_PROPERTY: Final = ("6540", "6541", "6542")
NOBODY_KNOWS_WHEN: Final = Assumed(
    key="sirene_no_day",
    fr="Un établissement ouvert le 1er janvier 1900 dans Sirene l’est un jour que personne ne connaît.",
    en="An establishment that opened on 1 January 1900 in Sirene opened on a day that nobody knows.",
    check="the notice of dateCreationEtablissement (Insee, dessin de fichier de Sirene)",
)
PROPERTY_ALONE: Final = Assumed(
    key="sirene_property_alone",
    fr="Les sociétés des catégories juridiques 6540, 6541 et 6542 ne font que détenir des biens : le standard CNIG "
    "écarte les SCI, sans dire leurs codes, et elles n’occupent rien ici.",
    en="Companies of the legal forms 6540, 6541 and 6542 only hold property: the CNIG standard leaves SCI out without "
    "saying their codes, and they occupy nothing here.",
    check="the list of legal forms (Insee, catégories juridiques): 6521, 6539, 6543 and 6544 are not left out",
)


def _wanted(place: SourcePlace, service: Service) -> Iterable[DownloadTask]:
    def part_task(file: str, name: str, column: str, columns: Sequence[str], source: str = "") -> DownloadTask:
        url = f"{service.url}/{name}"

        def download_rows(client: Client, target: Path) -> Download:
            values = place.registered
            if source:
                stock = _texts_of_column(_read_parquet(_stock_file_beside(target)), column)
                values = tuple(sorted(set(stock)))
            with closing(client.remote(url)) as stream:
                rows = extract_parquet_rows(stream, url, column, values, columns, target)
            client.progress(0, rows)
            return Download(target.stat().st_size, client.modified(url), rows)

        return DownloadTask(file, url, download_rows, lambda client: (client.size(url), None))

    yield part_task(STOCK, "stock/StockEtablissement_utf8.parquet", "codeCommuneEtablissement", _STOCK_COLUMNS)
    yield part_task(UNITS, "stock/StockUniteLegale_utf8.parquet", "siren", _UNIT_COLUMNS, STOCK)
    name = "geoloc/GeolocalisationEtablissement_Sirene_pour_etudes_statistiques_utf8.parquet"
    yield part_task(PLACES, name, "siret", _PLACE_COLUMNS, STOCK)


def extract_parquet_rows(  # noqa: PLR0913, PLR0917  (origin, content, target)
    stream: Any, place: str, column: str, values: Sequence[str], columns: Sequence[str], target: Path
) -> int:
    """Write the rows of a Parquet file in which a column has one of some values; return their number.

    That column is read first, and only in row groups whose minimum and maximum may include a value; the other columns
    are read only in row groups with a match.

    Raises
    ------
    SchemaError
        If a column is missing.
    SourceError
        If it is not a Parquet file.
    """
    try:
        kept_rows = _rows_with_values(stream, place, column, values, columns)
    except (pa.ArrowException, OSError, EOFError) as error:
        raise SourceError(f"{place}: no sound Parquet ({error}). Try again later.") from None
    with whole_file(target) as part_file:
        pq.write_table(kept_rows.select(list(columns)), part_file)
    return int(kept_rows.num_rows)


def _rows_with_values(stream: Any, place: str, column: str, values: Sequence[str], columns: Sequence[str]) -> pa.Table:
    parquet = pq.ParquetFile(stream)
    names = parquet.schema_arrow.names
    faulty_columns = [(name, names.count(name)) for name in columns if names.count(name) != 1]
    if faulty_columns:
        mend = "The publisher changed it. Run `gis doctor --online`, and tell the developers."
        fault_texts = ["stands there twice." if count else "is gone." for _, count in faulty_columns]
        faults = [
            Fault(f"column `{name}`", fault_text, mend)
            for (name, _), fault_text in zip(faulty_columns, fault_texts, strict=True)
        ]
        raise SchemaError.of(place, faults)
    _check_unpacked_sizes(parquet, place, [names.index(name) for name in columns])
    column_number, wanted_values = names.index(column), pa.array(values, pa.string())
    parts = []
    for group in range(parquet.num_row_groups):
        statistics = parquet.metadata.row_group(group).column(column_number).statistics
        if not len(values) or (statistics and statistics.has_min_max and not _group_may_hold(statistics, values)):
            continue
        is_fitting = pc.is_in(parquet.read_row_group(group, [column])[column].cast(pa.string()), wanted_values)
        if pc.any(is_fitting).as_py():
            parts.append(parquet.read_row_group(group, list(columns)).filter(is_fitting))
    return pa.concat_tables(parts) if parts else parquet.schema_arrow.empty_table().select(list(columns))


def _check_unpacked_sizes(parquet: pq.ParquetFile, place: str, columns: Sequence[int]) -> None:
    """Refuse a file with nested columns, or with declared unpacked sizes above the limit."""
    metadata = parquet.metadata
    if metadata.num_columns != len(parquet.schema_arrow.names):
        raise SourceError(f"{place}: has columns within columns. Run `gis doctor --online`, and tell the developers.")
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        sizes = [group.column(n).total_uncompressed_size for n in columns]
        if max(sizes, default=0) > CHUNK_BYTES or group.num_rows > CHUNK_ROWS:
            raise SourceError(f"{place}: unpacks to more than is taken. Do not use it.")


def _group_may_hold(told: Any, values: Sequence[str]) -> bool:
    return any(str(told.min) <= value <= str(told.max) for value in values)


def _recognises(look: FirstSight) -> bool:
    return bool(_files_given_by_columns(look.columns))


def _files_given_by_columns(columns: Collection[str]) -> list[str]:
    """Return which of the three files a table provides: stock, legal units, locations; an extract may hold several."""
    columns_due = {
        STOCK: {"siret", "codeCommuneEtablissement", "etatAdministratifEtablissement"},
        UNITS: {"siren", "categorieJuridiqueUniteLegale"},
        PLACES: {"siret", "x", "y", "epsg", "qualite_xy"},
    }
    return [file for file, names in columns_due.items() if names <= {*columns}]


def _take(look: FirstSight, place: SourcePlace, aside: Path, raw: Path) -> TakenParts:
    """Extract the establishments of the communes, or the rows on those already extracted."""
    files_given = _files_given_by_columns(look.columns)
    (aside / STOCK).parent.mkdir(parents=True, exist_ok=True)
    if STOCK not in files_given and not (raw / STOCK).is_file():
        raise SourceError(f"{look.file}: says of which legal units or places? Import the file of establishments first.")
    stock = _values_of_column(raw / STOCK, _KEY[files_given[0]]) if STOCK not in files_given else frozenset[str]()
    ledger = Ledger()
    table = _rows_of_territory(look.file, files_given, place, stock, ledger)
    counts, notes = {}, list[str]()
    for file in files_given:
        file_rows = table[[*_OF[file]]]
        repeated, doubled = int(file_rows.duplicated().sum()), int(file_rows.duplicated(_KEY[file]).sum())
        if file == files_given[0]:
            ledger.row(Fate.USED, count=len(file_rows) - doubled)
            ledger.rows([(Fate.MERGED, ONE_KEY, repeated), (Fate.REFUSED, DIFFERS, doubled - repeated)])
        elif doubled > repeated:
            notes.append(
                f"  {doubled - repeated} rows say something else of one {_KEY[file]} than the first: that is meant"
            )
        file_rows = file_rows.drop_duplicates(_KEY[file])
        if (raw / file).is_file():
            old_rows = pd.concat([each.to_pandas() for each in table_pieces(raw / file, _OF[file])] or [file_rows[:0]])
            old_rows = old_rows.reindex(columns=[*_OF[file]], fill_value="")
            keys_said = {*file_rows["codeCommuneEtablissement"]} if file == STOCK else {*file_rows[_KEY[file]]}
            key_column = "codeCommuneEtablissement" if file == STOCK else _KEY[file]
            file_rows = pd.concat([file_rows, old_rows[~old_rows[key_column].isin(keys_said)]], ignore_index=True)
        if len(file_rows):
            pq.write_table(pa.Table.from_pandas(file_rows.astype(str), preserve_index=False), aside / file)
            counts[file] = len(file_rows)
    if UNITS not in files_given and not (raw / UNITS).is_file():
        notes.append("  their legal units are not here, which say what may be published: import StockUniteLegale too")
    return TakenParts(counts if len(table) else {}, ledger.closed(), tuple(notes))


def _rows_of_territory(
    file: Path, held: Sequence[str], place: SourcePlace, stock: Container[str], ledger: Ledger
) -> pd.DataFrame:
    """Return the rows of the communes, or of the known establishments; the whole stock is read in pieces."""
    wanted_columns = sorted({column for each in held for column in _OF[each]} | {"codePostalEtablissement"})
    territory_codes = {*place.registered}
    key, pieces = _KEY[held[0]], [pd.DataFrame(columns=wanted_columns, dtype=str)]
    rows_elsewhere, foreign_rows = Counter[str](), 0
    for piece in table_pieces(file, wanted_columns):
        texts = {name: piece[name].to_pylist() for name in (key, *_WHERE) if name in piece.column_names}
        ledger.rows_in += len(piece)
        if STOCK in held:
            postal_codes = texts.get("codePostalEtablissement", [""] * len(piece))
            codes = list(map(whole_commune_code, texts["codeCommuneEtablissement"], postal_codes))
            is_kept = [code in territory_codes for code in codes]
            rows_elsewhere.update(code for code, is_here in zip(codes, is_kept, strict=True) if not is_here)
        else:
            keys = texts.get(key) or [siret[:SIREN_LENGTH] for siret in piece["siret"].to_pylist()]
            is_kept, codes = [each in stock for each in keys], []
            foreign_rows += len(is_kept) - sum(is_kept)
        rows = piece.filter(pa.array(is_kept, pa.bool_())).to_pandas()
        if "siren" not in rows and "siret" in rows:
            rows["siren"] = rows["siret"].str[:SIREN_LENGTH]
        rows = rows.assign(**dict.fromkeys({*wanted_columns} - {*rows.columns}, ""))
        if codes:
            rows["codeCommuneEtablissement"] = [code for code, is_here in zip(codes, is_kept, strict=True) if is_here]
        has_no_key = rows[key] == ""
        ledger.rows([(Fate.REFUSED, NO_KEY, int(has_no_key.sum()))])
        pieces.append(rows[~has_no_key])
    ledger.rows((*fate_of_commune_code(code), count) for code, count in sorted(rows_elsewhere.items()))
    ledger.rows([(Fate.PASSED_OVER, _NOT_OURS, foreign_rows)])
    return pd.concat(pieces, ignore_index=True)


#: The columns with the location of an establishment.
_WHERE: Final = ("codeCommuneEtablissement", "codePostalEtablissement")

#: Reason for legal units and locations outside the territory, in files of the whole country.
_NOT_OURS: Final = "of no establishment of the territory"


def _values_of_column(file: Path, name: str) -> frozenset[str]:
    return frozenset(value for piece in table_pieces(file, [name]) for value in piece[name].to_pylist())


@lru_cache(1 << 17)
def whole_commune_code(commune: str, post: str = "") -> str:
    """Return the five-character code of a commune given by three: its department is the start of its postal code.

    >>> (whole_commune_code("118", "75018"), whole_commune_code("1", "08000"), whole_commune_code("411", "97400"),
    ...  whole_commune_code("7"))
    ('75118', '08001', '97411', '7')
    """
    code, post = commune.strip(), post.strip().zfill(POST_LENGTH)
    if not code.isdecimal() or len(code) > COMMUNE_LENGTH or not post.strip("0"):
        return code.zfill(POST_LENGTH) if len(code) == POST_LENGTH - 1 else code  # spreadsheets remove a leading zero
    if post.startswith(("97", "98")) and len(code) < COMMUNE_LENGTH:
        return post[:3] + code.zfill(2)
    return ("2A" if post[:3] in {"200", "201"} else "2B" if post[:2] == "20" else post[:2]) + code.zfill(COMMUNE_LENGTH)


def read(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the active establishments that may be published, each with its location if known."""
    stock, units, places = _read_stock_tables({file.name: file for file in files})
    try:
        stock_with_units = stock.merge(units, on="siren", how="left", validate="many_to_one")
        all_rows = stock_with_units.merge(places, on="siret", how="left", validate="many_to_one").fillna("")
    except pd.errors.MergeError as error:
        fault = Fault("siren or siret", f"stands twice ({error}).", "Fetch it again; else tell the developers.")
        raise SchemaError.of("sirene", [fault]) from None
    reasons = _reasons_left_out(all_rows)
    kept_rows = all_rows[reasons == ""].sort_values("siret", ignore_index=True)
    bands = kept_rows["trancheEffectifsEtablissement"]
    x, y = _places_in_zone(kept_rows, onto.crs)
    days = {column: [parse_date_cell(text, onto.zone) for text in kept_rows[column]] for column in _DAYS}
    frame = pd.DataFrame(
        {
            "establishment_id": kept_rows["siret"],
            "establishment_name": _establishment_names(kept_rows),
            "siret": kept_rows["siret"],
            "activity": kept_rows["activitePrincipaleEtablissement"],
            "insee": [commune_of_code(code) for code in kept_rows["codeCommuneEtablissement"]],
            "establishment_kind": [_kind_of_legal_form(form) for form in kept_rows["categorieJuridiqueUniteLegale"]],
            "placed": [QUALITIES.get(code, Placed.NOWHERE) for code in kept_rows["qualite_xy"]],
            "active_from": ["" if found == NO_DAY else found for found, _ in days["dateCreationEtablissement"]],
            "jobs_low": [BANDS.get(code, BANDS[""])[0] for code in bands],
            "jobs_high": [BANDS.get(code, BANDS[""])[1] for code in bands],
            "jobs_as_of": kept_rows["anneeEffectifsEtablissement"].where(~bands.isin(["", "NN"]), ""),
            "as_of": [found for found, _ in days["dateDernierTraitementEtablissement"]],
            "x_m": x,
            "y_m": y,
            "source_id": onto.source.source_id,
            "basis": onto.source.basis.value,
        }
    )
    issues = [
        source_issue("establishments", siret, column, code, UNKNOWN_WORD)
        for column, words in (("trancheEffectifsEtablissement", BANDS), ("qualite_xy", QUALITIES))
        for siret, code in zip(kept_rows["siret"], kept_rows[column], strict=True)
        if code not in words
    ]
    issues += [
        source_issue("establishments", siret, column, text, doubt.value)
        for column, found in days.items()
        for siret, text, (_, doubt) in zip(kept_rows["siret"], kept_rows[column], found, strict=True)
        if doubt
    ]
    issues += [
        source_issue("establishments", siret, "epsg", code, "No system that is known: its place is unknown.")
        for siret, code in zip(kept_rows["siret"], kept_rows["epsg"], strict=True)
        if code and _crs_of_code(code) is None
    ]
    left_counts = reasons[reasons != ""].value_counts().sort_index()
    issues += [
        source_issue("establishments", "sirene", column, "", message.format(left_counts[why]))
        for why, (column, message) in _TOLD.items()
        if why in left_counts
    ]
    ledger = Ledger()
    ledger.rows_in = len(stock)
    ledger.row(Fate.USED, count=len(kept_rows))
    refused_reasons = {_NO_STATE, _NO_UNIT}
    ledger.rows(
        (Fate.REFUSED if why in refused_reasons else Fate.PASSED_OVER, str(why), int(n))
        for why, n in left_counts.items()
    )
    has_no_day = [found == NO_DAY for found, _ in days["dateCreationEtablissement"]]
    resting = (
        Resting(NOBODY_KNOWS_WHEN, frozenset(kept_rows.loc[has_no_day, "siret"])),
        Resting(PROPERTY_ALONE, left_out=int((reasons == _PROPERTY).sum())),
    )
    layer = conform(complete_columns(frame, PlacedEstablishments), PlacedEstablishments, place="sirene")
    issues_with_file = [each | {"file": _FILE_OF.get(each["column_name"], STOCK)} for each in issues]
    return ReadLayer(layer, issues_with_file, resting, ledger.closed())


#: Reasons for which an establishment is not read.
_CLOSED: Final = "closed"
_NO_STATE: Final = "neither active nor closed is said"
_NO_UNIT: Final = "its legal unit is not there"
_HIDDEN: Final = "not to be published"
_PROPERTY: Final = "a company that only holds property"
#: The reasons that are reported as issues of the layer, each with the column and the message.
_TOLD: Final[Mapping[str, tuple[str, str]]] = {
    _NO_STATE: (
        "etatAdministratifEtablissement",
        "{} establishments are left out: it is not said whether they are active.",
    ),
    _NO_UNIT: (
        "statutDiffusionUniteLegale",
        "{} establishments are left out: their legal unit is not there, which says whether they may be published.",
    ),
    _HIDDEN: (
        "statutDiffusionEtablissement",
        "{} establishments are not to be published: they stay in the raw file.",
    ),
}


def _reasons_left_out(every: pd.DataFrame) -> pd.Series:
    """Return the reason why each establishment is left out, or the empty text if it is read."""
    state, is_hidden = every["etatAdministratifEtablissement"], every["statutDiffusionEtablissement"] != TO_BE_PUBLISHED
    unit = every["statutDiffusionUniteLegale"]
    tests = [
        (state == CLOSED, _CLOSED),
        (state != ACTIVE, _NO_STATE),
        (is_hidden, _HIDDEN),
        (unit == "", _NO_UNIT),
        (unit != TO_BE_PUBLISHED, _HIDDEN),
        (every["categorieJuridiqueUniteLegale"].isin(HOLDS_PROPERTY), _PROPERTY),
    ]
    reasons = np.select([test.to_numpy(dtype=bool) for test, _ in tests], [why for _, why in tests], "")
    return pd.Series(reasons, every.index, dtype=object)


def _read_stock_tables(files: Mapping[str, Path]) -> list[pd.DataFrame]:
    """Read the three files as texts; the last two may not exist yet."""
    stock_tables = []
    for name, columns in ((STOCK, _STOCK_COLUMNS), (UNITS, _UNIT_COLUMNS), (PLACES, _PLACE_COLUMNS)):
        file = files.get(Path(name).name)
        if file is None:
            stock_tables.append(pd.DataFrame({column: pd.Series(dtype="str") for column in columns}))
            continue
        table = _read_parquet(file)
        try:
            texts = {column: _texts_of_column(table, column) for column in columns}
        except (pa.ArrowException, KeyError, UnicodeDecodeError) as error:
            raise SourceError(f"{file}: no sound table ({error}). Delete it, and fetch it again.") from None
        stock_tables.append(pd.DataFrame(texts, dtype="str"))
    return stock_tables


def _stock_file_beside(target: Path) -> Path:
    """Return the path of the establishments' file in the folder of another file of the source."""
    return target.with_name(Path(STOCK).name)


def _read_parquet(file: Path) -> pa.Table:
    try:
        return pq.read_table(file, partitioning=None)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{file}: no sound Parquet ({error}). Delete it, and fetch it again.") from None


def _texts_of_column(table: pa.Table, column: str) -> list[str]:
    """Return a column as texts; empty texts if the file was fetched before the column was requested."""
    has_column = column in table.column_names
    return list(table[column].cast(pa.string()).fill_null("").to_pylist()) if has_column else [""] * len(table)


def _establishment_names(rows: pd.DataFrame) -> list[str]:
    names = zip(
        rows["enseigne1Etablissement"],
        rows["denominationUsuelleEtablissement"],
        rows["denominationUniteLegale"],
        rows["categorieJuridiqueUniteLegale"],
        strict=True,
    )
    return [sign or usual or ("" if form == PERSON else legal) for sign, usual, legal, form in names]


def _kind_of_legal_form(form: str) -> str:
    """Return whether a legal form is that of a person or of a legal person; the empty text if it is not stated."""
    return "" if not form else (OwnerKind.NATURAL if form == PERSON else OwnerKind.LEGAL).value


@cache
def _crs_of_code(code: str) -> CRS | None:
    """Return the CRS of a code, or None if it is invalid."""
    try:
        return CRS.from_epsg(int(float(code)))
    except (CRSError, ValueError, OverflowError):
        return None


def _places_in_zone(rows: pd.DataFrame, crs: CRS) -> tuple[np.ndarray, np.ndarray]:
    """Transform locations to the CRS of the territory: each row states its own CRS."""
    xy = np.full((2, len(rows)), np.nan)
    for code in sorted(set(rows["epsg"]) - {""}):
        in_system = (rows["epsg"] == code).to_numpy()
        coordinates = [
            pd.to_numeric(rows.loc[in_system, axis], errors="coerce").to_numpy(dtype=float) for axis in ("x", "y")
        ]
        if (system := _crs_of_code(code)) is None:
            continue
        forward = transformer(system, crs)
        with np.errstate(all="ignore"):
            xy[:, in_system] = np.vstack(forward.transform(*coordinates))
    xy[~np.isfinite(xy)] = np.nan
    return xy[0], xy[1]


NATIONAL: Final = National(
    source=SOURCE,
    url="https://object.files.data.gouv.fr/data-pipeline-open/siren",
    days=31,
    brings="establishments with their activity and size, on the ground they stand on",
    wanted=_wanted,
    readers={"establishments": ("sirene/*.parquet", read)},
    handed=Handed(_recognises, _take),
    assumed=(NOBODY_KNOWS_WHEN, PROPERTY_ALONE),
)
