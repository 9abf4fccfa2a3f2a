"""Parcels of legal persons (DGFiP, « personnes morales »): one file per department, in an archive of half of France.

The archive is read by HTTP ranges: its index, and the file of a department, of which the rows of the communes are kept.
Labels change each year and two columns have the same name, so columns are read by position (24 since 2019):

=====  =========================  ==============================================================================
place  published                  ours
=====  =========================  ==============================================================================
0      Département                parcel_id
2      Code Commune               parcel_id
4      Préfixe                    parcel_id: zeros are lost here and in the next two, and put back
5      Section                    parcel_id
6      N° plan                    parcel_id
17     Code droit                 whose right counts (`RIGHTS`); `P - Propriétaire` in some editions
19     N° SIREN                   owner_id; `U…` is fictitious and still one owner; the denomination where there is none
23     Dénomination               owner_name (internal: some are family names)
=====  =========================  ==============================================================================

A parcel that is not in it may belong to a natural person, or its owner may not be known: its owner is unknown. All
holders of one right together are one owner, because only together can they sell.
"""

import io
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pandas as pd

from gis.errors import SourceError, SourceMissingError
from gis.placing import whole_file
from gis.provenance import Basis, Source
from gis.schemas import OwnerKind, Owners, conform
from gis.sources.open_data.features import UNPACKED, ReadLayer, TargetLayer, path_below_raw, source_issue
from gis.sources.open_data.handed import FirstSight, TakenParts, fate_of_commune_code, rows_of_text_file
from gis.sources.open_data.national import DownloadTask, Handed, National, Service, SourcePlace, department_of_commune
from gis.sources.open_data.web import Client, Download
from gis.sources.tables.accounts import ONE_KEY, Account, Fate, Ledger
from gis.sources.tables.delimited import headerless_rows
from gis.sources.tables.plain_words import normalised_text
from gis.spreadsheets import csv_text, text_of_neutral_cell

SOURCE: Final = Source(
    source_id="owners-legal",
    title="Parcelles des personnes morales",
    publisher="DGFiP",
    licence="Licence Ouverte 2.0",
    url="https://data.economie.gouv.fr/explore/dataset/fichiers-des-locaux-et-des-parcelles-des-personnes-morales/",
    basis=Basis.STATED,
)
DATASET: Final = "fichiers-des-locaux-et-des-parcelles-des-personnes-morales"
#: The archives of an edition: the first and last department of each. They change each year.
EDITIONS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "2025": (("01", "56"), ("57", "976")),
    "2024": (("01", "60"), ("61", "976")),
}
LATEST: Final = "2025"
COLUMNS: Final = 24
#: Maximum size of the index of an archive, and of an unpacked file of it.
LIST_BYTES: Final = 16 << 20
UNPACKED_BYTES: Final = 1 << 30
#: Rights that count, the strongest first: owner, bare owner, lessor, of the land; then holders of long leases.
RIGHTS: Final = "PNBFDREVW"
RIGHT, SIREN, NAME = 17, 19, 23


def _wanted(place: SourcePlace, service: Service) -> Iterable[DownloadTask]:
    edition = service.options.get("edition", LATEST)
    if edition not in EDITIONS:
        raise SourceError(f"owners-legal: edition {edition} is not known. Known: {', '.join(EDITIONS)}.")
    for dep in sorted({department_of_commune(insee) for insee in place.communes}):
        archives = [
            (a, b)
            for a, b in EDITIONS[edition]
            if _department_order(a) <= _department_order(dep) <= _department_order(b)
        ]
        if not archives:
            raise SourceError(f"owners-legal: no archive of {edition} holds department {dep}. Leave it out there.")
        first_dep, last_dep = archives[0]
        name = f"fichier_des_parcelles_situation_{edition}_dpts_{first_dep}_a_{last_dep}_zip"
        url = f"{service.url}/api/explore/v2.1/catalog/datasets/{DATASET}/attachments/{name}"
        codes = frozenset(insee for insee in place.registered if department_of_commune(insee) == dep)

        def download_department(
            client: Client, target: Path, url: str = url, dep: str = dep, codes: frozenset[str] = codes
        ) -> Download:
            with closing(client.remote(url, LIST_BYTES)) as stream:
                rows = extract_department_rows(stream, url, dep, codes, target)
            client.progress(target.stat().st_size, rows)
            return Download(target.stat().st_size, f"{edition}-01-01", rows)

        def archive_size(client: Client, url: str = url) -> tuple[int | None, int | None]:
            return client.size(url), None

        yield DownloadTask(f"owners-legal/{dep}.csv", url, download_department, archive_size)


def _department_order(dep: str) -> float:
    return {"2A": 20.1, "2B": 20.2}.get(dep) or (float(dep) if dep.isascii() and dep.isdigit() else float("nan"))


def extract_department_rows(stream: Any, place: str, dep: str, codes: frozenset[str], target: Path) -> int:
    """Write the rows of some communes from an archive, as published, and return their number.

    Raises
    ------
    SourceError
        If it is not an archive.
    SourceMissingError
        If it holds no file of that department.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            member_names = [name for name in archive.namelist() if re.search(rf"PM_\d\d_NB_{dep}0?\D[^/]*$", name)]
            for name in member_names:
                _check_archive_member(archive.getinfo(name), place)
            if not member_names:
                raise SourceMissingError(f"{place}: holds no file of department {dep}. The split of archives changed.")
            lines = [line for name in sorted(member_names) for line in _rows_of_member(archive, name, codes)]
    except _BROKEN as error:
        raise SourceError(f"{place}: no sound archive ({error}). Try again later.") from None
    with whole_file(target) as part:
        part.write_text(csv_text(lines, delimiter=";"), encoding="utf-8", newline="")
    return len(lines)


#: Errors raised by an invalid archive: missing, truncated, encrypted, or compressed by an unknown method.
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, NotImplementedError),
    *(UnicodeDecodeError, struct.error),
)


def _check_archive_member(member: zipfile.ZipInfo, place: str) -> None:
    """Refuse what no publisher packs: a path out of the folder, a link, encryption, or excessive expansion."""
    parts = PurePosixPath(member.filename).parts
    faults = {
        "leads out of the archive": ".." in parts or member.filename.startswith("/") or "\\" in member.filename,
        "is a link": stat.S_ISLNK(member.external_attr >> 16),
        "is encrypted": bool(member.flag_bits & 1),
        "unpacks to more than is taken": member.file_size > UNPACKED_BYTES
        or member.file_size > max(1 << 20, member.compress_size * UNPACKED),
    }
    for fault_text, is_so in faults.items():
        if is_so:
            raise SourceError(f"{place}: {member.filename} {fault_text}. Do not use it.")


def _rows_of_member(archive: zipfile.ZipFile, name: str, codes: frozenset[str] | None) -> Iterator[Sequence[str]]:
    """Yield the rows of some communes, or of all."""
    with archive.open(name) as packed:
        start = packed.read(1 << 16)
        encoding = "utf-8-sig" if _starts_as_utf8(start) else "latin-1"
    with archive.open(name) as packed, io.TextIOWrapper(packed, encoding=encoding, newline="") as text:
        for n, line in enumerate(headerless_rows(text, name, delimiter=";", least=COLUMNS)):
            if n and line.cells and (codes is None or commune_of_owner_row(line.cells) in codes):
                yield line.cells


def _starts_as_utf8(start: bytes) -> bool:
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(start) - 4  # a character cut at the end of the block
    return True


def commune_of_owner_row(row: Sequence[str]) -> str:
    """Return the INSEE code of a row's commune: overseas, department and commune share one of three digits each.

    >>> commune_of_owner_row(["979", "0", "901"]), commune_of_owner_row(["99", "0", "7"])
    ('97901', '99007')
    """
    return row[0].strip().zfill(2)[:2] + row[2].strip().zfill(3)


def parcel_of_owner_row(row: Sequence[str]) -> str:
    """Return the 14-character parcel code of a row, with its zeros restored.

    >>> parcel_of_owner_row(["99", "0", "5", "PORT-NEUF", "", "A", "7"])
    '990050000A0007'
    """
    return commune_of_owner_row(row) + row[4].strip().zfill(3) + row[5].strip().zfill(2) + row[6].strip().zfill(4)


def _owner_rows(files: Iterable[Path]) -> Iterator[tuple[str, list[str]]]:
    """Yield rows, each with its file."""
    for file in files:
        with file.open(encoding="utf-8", newline="") as stream:
            for line in headerless_rows(stream, str(file), delimiter=";", least=COLUMNS):
                if line.cells:
                    yield path_below_raw(file), [text_of_neutral_cell(cell) for cell in line.cells]


#: Reason for a row if another row gives the owner of its parcel.
_WEAKER: Final = "a stronger right is held on the parcel"


def _owners_of_parcels(files: Iterable[Path]) -> tuple[dict[str, str], dict[str, str], list[Any], Account]:
    """Return parcel → owner, owner → name, the issues, and what became of every row."""
    rights: dict[str, dict[str, Counter[str]]] = {}
    names: dict[str, str] = {}
    issues = []
    ledger = Ledger()
    for file, row in _owner_rows(files):
        ledger.rows_in += 1
        right, key = row[RIGHT].strip()[:1], row[SIREN].strip() or row[NAME].strip()
        if not right or right not in RIGHTS or not key:
            message = "No right that makes an owner."
            issues.append(source_issue("parcels", parcel_of_owner_row(row), "Code droit", row[RIGHT], message, file))
            ledger.row(Fate.REFUSED, "no right that makes an owner")
            continue
        rights.setdefault(parcel_of_owner_row(row), {}).setdefault(right, Counter())[key] += 1
        if names.setdefault(key, row[NAME].strip()) != row[NAME].strip():
            message = "Its owner has another name in another row: the first is meant."
            issues.append(source_issue("parcels", parcel_of_owner_row(row), "Dénomination", "", message, file))
    owner_of = {}
    for parcel, rights_held in sorted(rights.items()):
        strongest = min(rights_held, key=RIGHTS.index)
        owner_keys = sorted(rights_held[strongest])
        ledger.row(Fate.USED, count=len(owner_keys))
        weaker_rows = sum(each.total() for right, each in rights_held.items() if right != strongest)
        repeated_rows = rights_held[strongest].total() - len(owner_keys)
        ledger.rows([(Fate.MERGED, ONE_KEY, repeated_rows), (Fate.PASSED_OVER, _WEAKER, weaker_rows)])
        owner_of[parcel] = "|".join(owner_keys)
        names.setdefault(owner_of[parcel], " | ".join(names[each] for each in owner_keys))
    return owner_of, names, issues, ledger.closed()


def read_owners(files: Iterable[Path], onto: TargetLayer) -> ReadLayer[Any]:
    """Read the owners of parcels."""
    owner_of, names, _, _ = _owners_of_parcels(files)
    owners = sorted(set(owner_of.values()))
    frame = pd.DataFrame(
        {
            "owner_id": pd.array(owners, dtype="str"),
            "owner_kind": pd.array([OwnerKind.LEGAL.value] * len(owners), dtype="str"),
            "owner_name": pd.array([names[owner] for owner in owners], dtype="str"),
            "source_id": pd.array([onto.source.source_id] * len(owners), dtype="str"),
            "basis": pd.array([onto.source.basis.value] * len(owners), dtype="str"),
        }
    )
    return ReadLayer(conform(frame, Owners, place="owners-legal"))


def read_ownership(files: Iterable[Path], _: TargetLayer) -> ReadLayer[Any]:
    """Read the owner of each parcel."""
    owner_of, _names, issues, account = _owners_of_parcels(files)
    return ReadLayer(
        pd.DataFrame({"parcel_id": list(owner_of), "owner_id": list(owner_of.values())}), issues, account=account
    )


def _recognises(look: FirstSight) -> bool:
    """Return whether a file is of this source: labels change each year but share certain words; or its archive."""
    if look.file.suffix.lower() == ".zip":
        return bool(_parcel_files_in_archive(look.file))
    heading_text = " | ".join(normalised_text(name) for name in look.columns)
    return all(
        word in heading_text for word in ("departement", "code commune", "section", "n plan", "code droit", "n siren")
    )


def _parcel_files_in_archive(file: Path) -> list[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            return sorted(name for name in archive.namelist() if re.search(r"PM_\d\d_NB_[^/]*$", name))
    except (zipfile.BadZipFile, OSError):
        return []


def _take(look: FirstSight, place: SourcePlace, aside: Path, raw: Path) -> TakenParts:
    """Extract the rows of the communes, one file per department; communes absent from the file keep their rows."""
    wanted_codes, ledger = {*place.registered}, Ledger()
    parts: dict[str, list[Sequence[str]]] = {}
    for row in _rows_of_handed_file(look.file):
        ledger.rows_in += 1
        code = commune_of_owner_row(row)
        if code in wanted_codes:
            parts.setdefault(f"owners-legal/{department_of_commune(code)}.csv", []).append(row)
            ledger.row(Fate.USED)
        else:
            ledger.row(*fate_of_commune_code(code))
    counts = {}
    for part, rows in parts.items():
        communes_said = {commune_of_owner_row(row) for row in rows}
        old_rows = [row for _, row in _owner_rows([raw / part])] if (raw / part).is_file() else []
        kept_rows = [row for row in old_rows if commune_of_owner_row(row) not in communes_said]
        (aside / part).parent.mkdir(parents=True, exist_ok=True)
        (aside / part).write_text(csv_text([*rows, *kept_rows], delimiter=";"), encoding="utf-8", newline="")
        counts[part] = len(rows) + len(kept_rows)
    return TakenParts(counts, ledger.closed())


def _rows_of_handed_file(file: Path) -> Iterator[Sequence[str]]:
    if file.suffix.lower() != ".zip":
        yield from (row for n, row in enumerate(rows_of_text_file(file, COLUMNS)) if n or row[2].strip().isdecimal())
        return
    with zipfile.ZipFile(file) as archive:
        for name in _parcel_files_in_archive(file):
            _check_archive_member(archive.getinfo(name), str(file))
            yield from _rows_of_member(archive, name, None)


NATIONAL: Final = National(
    source=SOURCE,
    url="https://data.economie.gouv.fr",
    days=365,
    brings="owners of parcels that are legal persons, by which land units are counted",
    wanted=_wanted,
    readers={
        "owners": ("owners-legal/*.csv", read_owners),
        "ownership": ("owners-legal/*.csv", read_ownership),
    },
    handed=Handed(_recognises, _take),
)
