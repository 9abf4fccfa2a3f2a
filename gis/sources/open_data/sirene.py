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
from gis.days import dated
from gis.errors import Fault, SchemaError, SourceError
from gis.placing import whole_file
from gis.provenance import Basis, Source
from gis.schemas import OwnerKind, Placed, PlacedEstablishments, conform
from gis.sources.open_data.assumed import Assumed, Resting
from gis.sources.open_data.features import UNKNOWN_WORD, ReadLayer, TargetLayer, complete, issue
from gis.sources.open_data.handed import FirstSight, TakenParts, commune_of, of_elsewhere, tables_in
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
#: Digits of a commune within its department, and of a postal code.
COMMUNE_LENGTH: Final = 3
POST_LENGTH: Final = 5
SIREN_LENGTH: Final = 9

#: Jobs by band: at least, at most. `NN` (no employer, or not said) is unknown, and so is nothing.
BANDS: Final[Mapping[str, tuple[float, float]]] = {
    code: (np.nan if low is None else low, np.nan if high is None else high)
    for code, (low, high) in {**WORKFORCE, "": (None, None)}.items()
}
#: How a place was found: 12 and 22 are a random point of the street, 33 one of the commune.
QUALITIES: Final[Mapping[str, str]] = {
    "11": Placed.ADDRESS,
    "21": Placed.ADDRESS,
    "12": Placed.STREET,
    "22": Placed.STREET,
    "33": Placed.COMMUNE,
    "": Placed.NOWHERE,
}
#: The day that stands where nobody knows when an establishment opened.
NO_DAY: Final = "1900-01-01"
TO_BE_PUBLISHED: Final = "O"
#: As much as one column of a row group may unpack to, and as many rows as one may have.
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
    def part(file: str, name: str, column: str, columns: Sequence[str], source: str = "") -> DownloadTask:
        url = f"{service.url}/{name}"

        def get(client: Client, target: Path) -> Download:
            values = place.registered
            if source:
                stock = _texts(_read(_stock_of(target)), column)
                values = tuple(sorted(set(stock)))
            with closing(client.remote(url)) as stream:
                rows = extract(stream, url, column, values, columns, target)
            client.progress(0, rows)
            return Download(target.stat().st_size, client.modified(url), rows)

        return DownloadTask(file, url, get, lambda client: (client.size(url), None))

    yield part(STOCK, "stock/StockEtablissement_utf8.parquet", "codeCommuneEtablissement", _STOCK_COLUMNS)
    yield part(UNITS, "stock/StockUniteLegale_utf8.parquet", "siren", _UNIT_COLUMNS, STOCK)
    name = "geoloc/GeolocalisationEtablissement_Sirene_pour_etudes_statistiques_utf8.parquet"
    yield part(PLACES, name, "siret", _PLACE_COLUMNS, STOCK)


def extract(  # noqa: PLR0913, PLR0917  (where from, what, where to)
    stream: Any, place: str, column: str, values: Sequence[str], columns: Sequence[str], target: Path
) -> int:
    """Write the rows of a Parquet file in which a column has one of some values; return how many.

    The column is read first, and only in the row groups whose least and greatest value leave it possible; the other
    columns only where a row fits.

    Raises
    ------
    SchemaError
        If a column is gone.
    SourceError
        If it is no Parquet file.
    """
    try:
        kept = _fitting(stream, place, column, values, columns)
    except (pa.ArrowException, OSError, EOFError) as error:
        raise SourceError(f"{place}: no sound Parquet ({error}). Try again later.") from None
    with whole_file(target) as part:
        pq.write_table(kept.select(list(columns)), part)
    return int(kept.num_rows)


def _fitting(stream: Any, place: str, column: str, values: Sequence[str], columns: Sequence[str]) -> pa.Table:
    parquet = pq.ParquetFile(stream)
    names = parquet.schema_arrow.names
    gone = [(name, names.count(name)) for name in columns if names.count(name) != 1]
    if gone:
        mend = "The publisher changed it. Run `gis doctor --online`, and tell the developers."
        found = ["stands there twice." if count else "is gone." for _, count in gone]
        faults = [Fault(f"column `{name}`", said, mend) for (name, _), said in zip(gone, found, strict=True)]
        raise SchemaError.of(place, faults)
    _check_sizes(parquet, place, [names.index(name) for name in columns])
    index, wanted = names.index(column), pa.array(values, pa.string())
    parts = []
    for group in range(parquet.num_row_groups):
        told = parquet.metadata.row_group(group).column(index).statistics
        if not len(values) or (told and told.has_min_max and not _may_hold(told, values)):
            continue
        fits = pc.is_in(parquet.read_row_group(group, [column])[column].cast(pa.string()), wanted)
        if pc.any(fits).as_py():
            parts.append(parquet.read_row_group(group, list(columns)).filter(fits))
    return pa.concat_tables(parts) if parts else parquet.schema_arrow.empty_table().select(list(columns))


def _check_sizes(parquet: pq.ParquetFile, place: str, columns: Sequence[int]) -> None:
    """Refuse a file whose columns are nested, or say that they unpack to more than is taken."""
    told = parquet.metadata
    if told.num_columns != len(parquet.schema_arrow.names):
        raise SourceError(f"{place}: has columns within columns. Run `gis doctor --online`, and tell the developers.")
    for group in map(told.row_group, range(told.num_row_groups)):
        sizes = [group.column(n).total_uncompressed_size for n in columns]
        if max(sizes, default=0) > CHUNK_BYTES or group.num_rows > CHUNK_ROWS:
            raise SourceError(f"{place}: unpacks to more than is taken. Do not use it.")


def _may_hold(told: Any, values: Sequence[str]) -> bool:
    return any(str(told.min) <= value <= str(told.max) for value in values)


def _recognises(look: FirstSight) -> bool:
    return bool(_held(look.columns))


def _held(columns: Collection[str]) -> list[str]:
    """Say which of the three files a table gives: the stock, its legal units, their places; extracts give several."""
    due = {
        STOCK: {"siret", "codeCommuneEtablissement", "etatAdministratifEtablissement"},
        UNITS: {"siren", "categorieJuridiqueUniteLegale"},
        PLACES: {"siret", "x", "y", "epsg", "qualite_xy"},
    }
    return [file for file, names in due.items() if names <= {*columns}]


def _take(look: FirstSight, place: SourcePlace, aside: Path, raw: Path) -> TakenParts:
    """Take the establishments of the communes, or what is said of those that came before."""
    held = _held(look.columns)
    (aside / STOCK).parent.mkdir(parents=True, exist_ok=True)
    if STOCK not in held and not (raw / STOCK).is_file():
        raise SourceError(f"{look.file}: says of which legal units or places? Import the file of establishments first.")
    stock = _column(raw / STOCK, _KEY[held[0]]) if STOCK not in held else frozenset[str]()
    ledger = Ledger()
    table = _kept(look.file, held, place, stock, ledger)
    counts, notes = {}, list[str]()
    for file in held:
        mine = table[[*_OF[file]]]
        same, again = int(mine.duplicated().sum()), int(mine.duplicated(_KEY[file]).sum())
        if file == held[0]:
            ledger.row(Fate.USED, count=len(mine) - again)
            ledger.rows([(Fate.MERGED, ONE_KEY, same), (Fate.REFUSED, DIFFERS, again - same)])
        elif again > same:
            notes.append(f"  {again - same} rows say something else of one {_KEY[file]} than the first: that is meant")
        mine = mine.drop_duplicates(_KEY[file])
        if (raw / file).is_file():
            old = pd.concat([each.to_pandas() for each in tables_in(raw / file, _OF[file])] or [mine[:0]])
            old = old.reindex(columns=[*_OF[file]], fill_value="")
            said = {*mine["codeCommuneEtablissement"]} if file == STOCK else {*mine[_KEY[file]]}
            by = "codeCommuneEtablissement" if file == STOCK else _KEY[file]
            mine = pd.concat([mine, old[~old[by].isin(said)]], ignore_index=True)
        if len(mine):
            pq.write_table(pa.Table.from_pandas(mine.astype(str), preserve_index=False), aside / file)
            counts[file] = len(mine)
    if UNITS not in held and not (raw / UNITS).is_file():
        notes.append("  their legal units are not here, which say what may be published: import StockUniteLegale too")
    return TakenParts(counts if len(table) else {}, ledger.closed(), tuple(notes))


def _kept(file: Path, held: Sequence[str], place: SourcePlace, stock: Container[str], ledger: Ledger) -> pd.DataFrame:
    """Return the rows of the communes, or of the establishments that are there; the whole stock is read in pieces."""
    wanted = sorted({column for each in held for column in _OF[each]} | {"codePostalEtablissement"})
    ours = {*place.registered}
    key, pieces = _KEY[held[0]], [pd.DataFrame(columns=wanted, dtype=str)]
    elsewhere, not_ours = Counter[str](), 0
    for piece in tables_in(file, wanted):
        texts = {name: piece[name].to_pylist() for name in (key, *_WHERE) if name in piece.column_names}
        ledger.rows_in += len(piece)
        if STOCK in held:
            posts = texts.get("codePostalEtablissement", [""] * len(piece))
            codes = list(map(whole_code, texts["codeCommuneEtablissement"], posts))
            here = [code in ours for code in codes]
            elsewhere.update(code for code, is_here in zip(codes, here, strict=True) if not is_here)
        else:
            keys = texts.get(key) or [siret[:SIREN_LENGTH] for siret in piece["siret"].to_pylist()]
            here, codes = [each in stock for each in keys], []
            not_ours += len(here) - sum(here)
        rows = piece.filter(pa.array(here, pa.bool_())).to_pandas()
        if "siren" not in rows and "siret" in rows:
            rows["siren"] = rows["siret"].str[:SIREN_LENGTH]
        rows = rows.assign(**dict.fromkeys({*wanted} - {*rows.columns}, ""))
        if codes:
            rows["codeCommuneEtablissement"] = [code for code, is_here in zip(codes, here, strict=True) if is_here]
        nameless = rows[key] == ""
        ledger.rows([(Fate.REFUSED, NO_KEY, int(nameless.sum()))])
        pieces.append(rows[~nameless])
    ledger.rows((*of_elsewhere(code), count) for code, count in sorted(elsewhere.items()))
    ledger.rows([(Fate.PASSED_OVER, _NOT_OURS, not_ours)])
    return pd.concat(pieces, ignore_index=True)


#: The columns that say where an establishment is.
_WHERE: Final = ("codeCommuneEtablissement", "codePostalEtablissement")

#: What is said of legal units and places of the whole country.
_NOT_OURS: Final = "of no establishment of the territory"


def _column(file: Path, name: str) -> frozenset[str]:
    return frozenset(value for piece in tables_in(file, [name]) for value in piece[name].to_pylist())


@lru_cache(1 << 17)
def whole_code(commune: str, post: str = "") -> str:
    """Return the five characters of a commune that was written with three: its department begins its postal code.

    >>> whole_code("118", "75018"), whole_code("1", "08000"), whole_code("411", "97400"), whole_code("7")
    ('75118', '08001', '97411', '7')
    """
    code, post = commune.strip(), post.strip().zfill(POST_LENGTH)
    if not code.isdecimal() or len(code) > COMMUNE_LENGTH or not post.strip("0"):
        return code.zfill(POST_LENGTH) if len(code) == POST_LENGTH - 1 else code  # a zero that a spreadsheet took away
    if post.startswith(("97", "98")) and len(code) < COMMUNE_LENGTH:
        return post[:3] + code.zfill(2)
    return ("2A" if post[:3] in {"200", "201"} else "2B" if post[:2] == "20" else post[:2]) + code.zfill(COMMUNE_LENGTH)


def read(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the active establishments that are to be published, each with its place where it is known."""
    stock, units, places = _tables({file.name: file for file in files})
    try:
        both = stock.merge(units, on="siren", how="left", validate="many_to_one")
        every = both.merge(places, on="siret", how="left", validate="many_to_one").fillna("")
    except pd.errors.MergeError as error:
        fault = Fault("siren or siret", f"stands twice ({error}).", "Fetch it again; else tell the developers.")
        raise SchemaError.of("sirene", [fault]) from None
    fates = _fates(every)
    kept = every[fates == ""].sort_values("siret", ignore_index=True)
    bands = kept["trancheEffectifsEtablissement"]
    x, y = _moved(kept, onto.crs)
    days = {column: [dated(text, onto.zone) for text in kept[column]] for column in _DAYS}
    frame = pd.DataFrame(
        {
            "establishment_id": kept["siret"],
            "establishment_name": _names(kept),
            "siret": kept["siret"],
            "activity": kept["activitePrincipaleEtablissement"],
            "insee": [commune_of(code) for code in kept["codeCommuneEtablissement"]],
            "establishment_kind": [_kind(form) for form in kept["categorieJuridiqueUniteLegale"]],
            "placed": [QUALITIES.get(code, Placed.NOWHERE) for code in kept["qualite_xy"]],
            "active_from": ["" if found == NO_DAY else found for found, _ in days["dateCreationEtablissement"]],
            "jobs_low": [BANDS.get(code, BANDS[""])[0] for code in bands],
            "jobs_high": [BANDS.get(code, BANDS[""])[1] for code in bands],
            "jobs_as_of": kept["anneeEffectifsEtablissement"].where(~bands.isin(["", "NN"]), ""),
            "as_of": [found for found, _ in days["dateDernierTraitementEtablissement"]],
            "x_m": x,
            "y_m": y,
            "source_id": onto.source.source_id,
            "basis": onto.source.basis.value,
        }
    )
    issues = [
        issue("establishments", siret, column, code, UNKNOWN_WORD)
        for column, words in (("trancheEffectifsEtablissement", BANDS), ("qualite_xy", QUALITIES))
        for siret, code in zip(kept["siret"], kept[column], strict=True)
        if code not in words
    ]
    issues += [
        issue("establishments", siret, column, text, doubt.value)
        for column, found in days.items()
        for siret, text, (_, doubt) in zip(kept["siret"], kept[column], found, strict=True)
        if doubt
    ]
    issues += [
        issue("establishments", siret, "epsg", code, "No system that is known: its place is unknown.")
        for siret, code in zip(kept["siret"], kept["epsg"], strict=True)
        if code and _system(code) is None
    ]
    left = fates[fates != ""].value_counts().sort_index()
    issues += [
        issue("establishments", "sirene", column, "", message.format(left[why]))
        for why, (column, message) in _TOLD.items()
        if why in left
    ]
    ledger = Ledger()
    ledger.rows_in = len(stock)
    ledger.row(Fate.USED, count=len(kept))
    refused = {_NO_STATE, _NO_UNIT}
    ledger.rows((Fate.REFUSED if why in refused else Fate.PASSED_OVER, str(why), int(n)) for why, n in left.items())
    began = [found == NO_DAY for found, _ in days["dateCreationEtablissement"]]
    resting = (
        Resting(NOBODY_KNOWS_WHEN, frozenset(kept.loc[began, "siret"])),
        Resting(PROPERTY_ALONE, left_out=int((fates == _PROPERTY).sum())),
    )
    layer = conform(complete(frame, PlacedEstablishments), PlacedEstablishments, place="sirene")
    told = [each | {"file": _FILE_OF.get(each["column_name"], STOCK)} for each in issues]
    return ReadLayer(layer, told, resting, ledger.closed())


#: Why an establishment is not read.
_CLOSED: Final = "closed"
_NO_STATE: Final = "neither active nor closed is said"
_NO_UNIT: Final = "its legal unit is not there"
_HIDDEN: Final = "not to be published"
_PROPERTY: Final = "a company that only holds property"
#: Those reasons of which whoever reads the layer must know, the column and what is said.
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


def _fates(every: pd.DataFrame) -> pd.Series:
    """Return why each establishment is left out; nothing of one that is read."""
    state, hidden = every["etatAdministratifEtablissement"], every["statutDiffusionEtablissement"] != TO_BE_PUBLISHED
    unit = every["statutDiffusionUniteLegale"]
    tests = [
        (state == CLOSED, _CLOSED),
        (state != ACTIVE, _NO_STATE),
        (hidden, _HIDDEN),
        (unit == "", _NO_UNIT),
        (unit != TO_BE_PUBLISHED, _HIDDEN),
        (every["categorieJuridiqueUniteLegale"].isin(HOLDS_PROPERTY), _PROPERTY),
    ]
    found = np.select([test.to_numpy(dtype=bool) for test, _ in tests], [why for _, why in tests], "")
    return pd.Series(found, every.index, dtype=object)


def _tables(files: Mapping[str, Path]) -> list[pd.DataFrame]:
    """Read the three files as texts; the last two may not be there yet."""
    found = []
    for name, columns in ((STOCK, _STOCK_COLUMNS), (UNITS, _UNIT_COLUMNS), (PLACES, _PLACE_COLUMNS)):
        file = files.get(Path(name).name)
        if file is None:
            found.append(pd.DataFrame({column: pd.Series(dtype="str") for column in columns}))
            continue
        table = _read(file)
        try:
            texts = {column: _texts(table, column) for column in columns}
        except (pa.ArrowException, KeyError, UnicodeDecodeError) as error:
            raise SourceError(f"{file}: no sound table ({error}). Delete it, and fetch it again.") from None
        found.append(pd.DataFrame(texts, dtype="str"))
    return found


def _stock_of(target: Path) -> Path:
    """Return the file of establishments beside another of its source."""
    return target.with_name(Path(STOCK).name)


def _read(file: Path) -> pa.Table:
    try:
        return pq.read_table(file, partitioning=None)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{file}: no sound Parquet ({error}). Delete it, and fetch it again.") from None


def _texts(table: pa.Table, column: str) -> list[str]:
    """Return a column as texts, all empty where the file was fetched before it was asked for."""
    there = column in table.column_names
    return list(table[column].cast(pa.string()).fill_null("").to_pylist()) if there else [""] * len(table)


def _names(rows: pd.DataFrame) -> list[str]:
    names = zip(
        rows["enseigne1Etablissement"],
        rows["denominationUsuelleEtablissement"],
        rows["denominationUniteLegale"],
        rows["categorieJuridiqueUniteLegale"],
        strict=True,
    )
    return [sign or usual or ("" if form == PERSON else legal) for sign, usual, legal, form in names]


def _kind(form: str) -> str:
    """Return whether a legal form is that of a person or of a body; empty where it is not said."""
    return "" if not form else (OwnerKind.NATURAL if form == PERSON else OwnerKind.LEGAL).value


@cache
def _system(code: str) -> CRS | None:
    """Return the system of a code; nothing if it is none."""
    try:
        return CRS.from_epsg(int(float(code)))
    except (CRSError, ValueError, OverflowError):
        return None


def _moved(rows: pd.DataFrame, crs: CRS) -> tuple[np.ndarray, np.ndarray]:
    """Bring places into the zone of the territory: each row says which system it is in."""
    xy = np.full((2, len(rows)), np.nan)
    for code in sorted(set(rows["epsg"]) - {""}):
        here = (rows["epsg"] == code).to_numpy()
        given = [pd.to_numeric(rows.loc[here, axis], errors="coerce").to_numpy(dtype=float) for axis in ("x", "y")]
        if (system := _system(code)) is None:
            continue
        forward = transformer(system, crs)
        with np.errstate(all="ignore"):
            xy[:, here] = np.vstack(forward.transform(*given))
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
