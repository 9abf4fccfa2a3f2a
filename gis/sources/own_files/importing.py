"""`gis import`: copies a user's file into a territory folder, and proposes a mapping that describes how to read it.

The file is copied unchanged to `raw/`, its source and its hash are appended to `sources.toml`, and the proposed mapping
is written next to it. Nothing that exists in the folder is changed or overwritten.
"""

import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
import tomlkit
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.errors import CrsError, Fault, SchemaError, SourceError, SourceMissingError
from gis.placing import Placing, writing_under_lock
from gis.provenance import Source
from gis.public import WITHHELD, Publication, is_public_layer, publication_of_layer
from gis.schemas import Row, drawn_as
from gis.sources.own_files.cnig_files import Delivery, recognise_deliveries
from gis.sources.own_files.grounding import Outlines
from gis.sources.own_files.kept import FileAccount, account_file, account_of_file_layer, kept_account_text
from gis.sources.own_files.mapped import FileLayer, read_layer
from gis.sources.own_files.mapping import KEEP, TARGETS, FileMapping, TableReading, mapping_file, readings_with_headings
from gis.sources.own_files.mapping_text import (
    mapping_head_text,
    proposal_summary,
    proposed_mapping_text,
    standard_mapping_text,
)
from gis.sources.own_files.own import OwnFile, mapping_of_imported_file, own_files_by_mapping, read_own_files
from gis.sources.own_files.proposing import Proposal, Sample, propose_reading
from gis.sources.tables.accounts import other_commune_codes, total_account
from gis.sources.tables.catalogue import read_catalogue, sha256_of_file
from gis.sources.tables.catalogue_text import text_with_table, text_with_values
from gis.sources.tables.rows import (
    READABLE,
    check_file_kind,
    encoding_of_text_file,
    file_with_parts,
    leftover_files,
    open_rows,
    table_names_of_file,
)
from gis.sources.tables.settled import content_hash, settled_file
from gis.sources.tables.shapes import shape_in_crs, transformer_between
from gis.sources.tables.telling import counted_words, issue_line
from gis.sources.tables.toml_writing import comment_text, toml_table

#: Maximum number of features whose measured areas are compared with the stated areas.
_MEASURED: Final = 200

#: Maximum number of issues that are printed one by one.
_SHOWN: Final = 5
#: Maximum number of characters of a value in a printed line.
_WIDTH: Final = 40


@dataclass(frozen=True, slots=True)
class ImportPlace:
    """The data of a territory that a file is compared with: folder, CRS, communes (code → name), keys, and outlines.

    `former` maps the code of a former commune to the commune that absorbed it.
    """

    folder: Path
    crs: CRS
    communes: Mapping[str, str]
    keys: Mapping[str, Collection[str]] = field(default_factory=dict)
    outlines: Outlines | None = None
    former: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """The options of an import: the layer to feed, the tables to read, and a CRS that the file does not state.

    `mend` repairs broken geometries; `totals` keeps rows that look like totals of others; `replace` replaces the file
    that was imported under the same name.
    """

    layer: str = ""
    table: str = ""
    crs: str = ""
    mend: bool = False
    replace: bool = False
    totals: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """The written files, the lines to print, and the account that totals what became of every row, cell and hectare."""

    written: tuple[Path, ...]
    lines: tuple[str, ...]
    sum: str = ""


#: Asks whether to import a file of which most is not taken: receives the reason, returns the answer.
Ask = Callable[[str], bool]


def import_file(
    place: ImportPlace, file: Path, wish: ImportRequest, source: Source, ask: Ask = lambda _: True
) -> Imported:
    """Import a file into a territory folder.

    Parameters
    ----------
    place
        The territory.
    file
        The file; the other parts of a Shapefile are copied with it.
    wish
        The options of the import. A delivery in the CNIG standard needs no layer.
    source
        The source that its rows cite, and the basis of those with a geometry. A source that is already in
        `sources.toml` is cited unchanged.
    ask
        Called before anything is written, if most of the rows are passed over or refused, or none is used.

    Raises
    ------
    SourceError
        If the file cannot be read, another file of its name is in `raw/`, or the answer to `ask` is no.
    SchemaError
        If its mapping already describes that layer, or no layer is given.
    CrsError
        If neither the file nor the user states its CRS.
    GeometryError
        If a geometry is broken; every such feature is named.
    """
    if not file.exists():
        raise SourceMissingError(f"{file}: there is no such file.")
    if not file.is_file() or file.suffix.lower() not in READABLE:
        msg = f"{file}: no file that can be read. Give one of {', '.join(READABLE)}, or a publisher's as it comes."
        raise SourceMissingError(msg)
    if wish.crs:
        _parse_crs_option(wish.crs)
    check_file_kind(file)
    return (_replace_imported_file if wish.replace else _import_new_file)(place, file, wish, source, ask)


def _import_new_file(place: ImportPlace, file: Path, wish: ImportRequest, source: Source, ask: Ask) -> Imported:
    """Read a file, ask if most of it is not taken, and only then take the lock and write."""
    target = place.folder / "raw" / file.name
    copies = {target.with_name(part.name): settled_file(part) for part in file_with_parts(file)}
    _check_no_other_file(copies)
    hashes = _hashes_of_copies(copies)
    encoding = encoding_of_text_file(file)
    encoding = "" if encoding.startswith("utf-8") else encoding
    catalogue, mapping = place.folder / "sources.toml", mapping_file(target)
    mapping_before = _contents_of_files((mapping,))
    deliveries = [] if mapping.is_file() else recognise_deliveries(file)
    texts: dict[Path, str] = {}
    file_layers: list[FileLayer] = []
    if deliveries and not wish.layer and not wish.crs and not wish.mend and not wish.totals:
        _check_one_source(target, read_catalogue(catalogue, check=False), source)
        lines = [
            *_lines_of_deliveries(deliveries),
            *_lines_of_deliveries_read(place, file, deliveries, source, "", file_layers),
        ]
    else:
        text, lines = _mapping_text_and_lines(place, file, wish, source, encoding, file_layers)
        texts[mapping] = text
    written = (target, *texts)
    account_line = _add_account_text(target, file_layers, texts, ask)
    with writing_under_lock(place.folder, refusal=SourceError) as placing:
        _check_no_other_file(copies)
        _check_files_unchanged(mapping_before)
        catalogue_sources = read_catalogue(catalogue, check=False)
        if source.source_id not in catalogue_sources:
            entry = _catalogue_entry(source, target, copies[target])
            texts[catalogue] = catalogue.read_bytes().decode("utf-8-sig").rstrip() + entry
        elif catalogue_sources[source.source_id].file != f"raw/{target.name}":
            lines.append(
                f"  sources.toml has `{source.source_id}` without this file: add file and sha256 to record it."
            )
        new_files = {copy_place: part for copy_place, part in copies.items() if not copy_place.exists()}
        _write_import(new_files, texts, placing, hashes)
    return Imported(written, tuple(lines), account_line)


def _hashes_of_copies(copies: Mapping[Path, Path]) -> dict[Path, str]:
    return {part: sha256_of_file(part) for part in copies.values()}


def _contents_of_files(files: Iterable[Path]) -> dict[Path, bytes | None]:
    """Return the contents of small files, or None for a file that does not exist."""
    return {file: file.read_bytes() if file.is_file() else None for file in files}


def _check_files_unchanged(before: Mapping[Path, bytes | None]) -> None:
    """Refuse to overwrite what another command wrote while this one was reading or waiting for an answer."""
    for file, content in _contents_of_files(before).items():
        if content != before[file]:
            raise SourceError(f"{file}: another command wrote it meanwhile. Run this again.")


def _check_one_source(target: Path, known: Mapping[str, Source], source: Source) -> None:
    """Refuse a second source for a whole delivery that already cites one."""
    citing_sources = [key for key, each in known.items() if each.file == f"raw/{target.name}"]
    if target.is_file() and citing_sources and source.source_id not in citing_sources:
        mend = "Say the same, or with --as and --layer which of its tables cites another."
        raise SchemaError.of(str(target), [Fault("", f"all of it cites `{citing_sources[0]}` already.", mend)])


def _add_account_text(
    target: Path, found: Sequence[FileLayer], texts: dict[Path, str], ask: Ask, *, afresh: bool = False
) -> str:
    """Add the account of a file to the texts to write, and return it as one line; ask first if most is not taken."""
    file_accounts = [account_of_file_layer(each) for each in found]
    if little_taken := [f"{each}." for each in file_accounts if each.account.is_mostly_left]:
        reason = "\n".join(["most of the file is not taken:", *little_taken, *_postal_code_hints(file_accounts)])
        if not ask(reason):
            msg = f"{target.name}: {reason}\nNothing is written. Say --yes to import it all the same."
            raise SourceError(msg)
    texts[account_file(target)] = kept_account_text(target, file_accounts, afresh=afresh)
    whole_account = total_account(each.account for each in file_accounts)
    one_layer = len({each.layer for each in file_accounts}) == 1
    return (
        whole_account.told(ground=one_layer)
        if file_accounts
        else "The rows are counted when the file can be read: `gis build` says the sum."
    )


def _postal_code_hints(counted: Sequence[FileAccount]) -> list[str]:
    """Return a hint if the codes of all other communes end as postal codes do."""
    codes = {code for each in counted for code in other_commune_codes(each.account)}
    return (
        ["Codes that all end in 0 look like postal codes: INSEE codes are due."] if _are_all_postal_codes(codes) else []
    )


def _are_all_postal_codes(codes: Collection[str]) -> bool:
    return bool(codes) and all(code.endswith("0") for code in codes)


def _parse_crs_option(text: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except CRSError:
        raise CrsError.of("--crs", [Fault("", f"`{text}` is not known.", "Write it as EPSG:3950.")]) from None


def _check_no_other_file(copies: Mapping[Path, Path]) -> None:
    for copy_place, part in copies.items():
        if (
            copy_place.exists()
            and sha256_of_file(copy_place) != sha256_of_file(part)
            and not _hold_same_content(copy_place, part)
        ):
            msg = f"{copy_place}: another file of this name is there. Rename yours, or say --replace."
            raise SourceError(msg)


def _hold_same_content(there: Path, part: Path) -> bool:
    """Return whether two GeoPackages have the same content, even if a program has opened one of them since."""
    return there.suffix.lower() == ".gpkg" and content_hash(there) == content_hash(part)


def _lines_of_deliveries(deliveries: list[Delivery]) -> list[str]:
    return [
        f"  {each.standard}{f' ({each.reading.table})' if each.reading.table else ''} → {each.reading.layer}: the CNIG "
        "standard, read as it is"
        for each in deliveries
    ]


def _mapping_text_and_lines(  # noqa: PLR0913, PLR0917  (`found` collects the layers read)
    place: ImportPlace, file: Path, wish: ImportRequest, source: Source, encoding: str, found: list[FileLayer]
) -> tuple[str, list[str]]:
    """Return the text of the mapping, including what it already contains, and the lines to print."""
    target = place.folder / "raw" / file.name
    path = mapping_file(target)
    old_mapping, start = mapping_of_imported_file(
        target, read_catalogue(place.folder / "sources.toml", check=False)
    ) or (None, "")
    table = wish.table if len(table_names_of_file(file)) > 1 else ""
    if old_mapping and (wish.layer, table) in {(reading.layer, reading.table) for reading in old_mapping.readings}:
        mend = (
            "Correct it there, or delete that table to have it proposed again; `gis import … --replace` takes --mend "
            "and --keep-totals."
        )
        layer_text = f"{wish.layer} of `{table}`" if table else wish.layer
        raise SchemaError.of(str(path), [Fault("", f"says how {layer_text} are read already.", mend)])
    hashes = {part.name: sha256_of_file(part) for part in file_with_parts(file)[1:]}
    start = start or mapping_head_text(file.name, source.source_id, source.basis, encoding, hashes)
    own_citation = _own_citation(old_mapping, source)
    standard_deliveries = (
        [] if old_mapping else [each for each in recognise_deliveries(file) if _is_delivery_wished(each, wish)]
    )
    if standard_deliveries:
        readings = readings_with_headings(_standard_reading(each, wish) for each in standard_deliveries)
        wished_deliveries = [
            replace(each, reading=replace(each.reading, crs=wish.crs, mend=wish.mend, totals=_totals_word(wish)))
            for each in standard_deliveries
        ]
        lines = [
            *_lines_of_deliveries(standard_deliveries),
            *_lines_of_deliveries_read(place, file, wished_deliveries, source, encoding, found),
        ]
        return start + "".join(map(standard_mapping_text, readings)), lines
    if not wish.layer:
        mend = f"Say it with --as: {', '.join(TARGETS)}."
        raise SchemaError.of(str(file), [Fault("", "nobody says what it holds.", mend)])
    sample = _sample_of_table(place, file, wish, encoding)
    proposal = propose_reading(wish.layer, sample, communes=place.communes, known=place.keys, crs=wish.crs)
    reading = replace(proposal.reading, mend=wish.mend, totals=_totals_word(wish), **own_citation)
    (reading,) = readings_with_headings([reading], old_mapping.readings if old_mapping else ())
    proposal = replace(proposal, reading=reading)
    if not proposal.choices and not proposal.reading.geometry and not sample.has_shapes:
        names = ", ".join(map(comment_text, sample.cells)) or "there is none"
        names = (
            names if is_public_layer(wish.layer) else f"it has {len(sample.cells)}"
        )  # a header may be a row of names
        fault_text = f"no column is recognised as one of {wish.layer}: {names}."
        mend = "Rename those that are, or say with --as what else it holds."
        raise SchemaError.of(str(file), [Fault("", fault_text, mend)])
    trial_lines = _lines_of_trial(place, file, proposal, source, encoding, found)
    return start + proposed_mapping_text(proposal, sample.cells), [*proposal_summary(proposal), *trial_lines]


def _standard_reading(delivery: Delivery, wish: ImportRequest) -> TableReading:
    table, standard = delivery.reading.table, delivery.standard
    layer, totals = delivery.reading.layer, _totals_word(wish)
    return TableReading(layer, {}, table=table, standard=standard, crs=wish.crs, mend=wish.mend, totals=totals)


def _is_delivery_wished(delivery: Delivery, wish: ImportRequest) -> bool:
    return wish.layer in {"", delivery.reading.layer} and wish.table in {"", delivery.reading.table}


def _totals_word(wish: ImportRequest) -> str:
    return KEEP if wish.totals else ""


def _own_citation(there: FileMapping | None, source: Source) -> dict[str, Any]:
    """Return the source and basis of a table where they differ from those of its file."""
    if there is None:
        return {}
    citation = {}
    if source.source_id != there.source:
        citation["source"] = source.source_id
    if source.basis != there.basis:
        citation["basis"] = source.basis.value
    return citation


def _sample_of_table(place: ImportPlace, file: Path, wish: ImportRequest, encoding: str) -> Sample:
    """Read the cells of a table, and measure its first geometries."""
    with open_rows(file, table=wish.table, encoding=encoding, totals=wish.totals) as rows:
        crs = _parse_crs_option(wish.crs) if wish.crs else rows.crs
        if rows.drawn and crs is None:
            fault = Fault("", "no CRS.", "Say which one with --crs EPSG:…; it is never guessed.")
            raise CrsError.of(str(file), [fault])
        forward = transformer_between(crs, place.crs, str(file)) if crs is not None and rows.drawn else None
        cells: dict[str, list[str]] = {name: [] for name in rows.columns}
        areas: list[float] = []
        for record in rows.records:
            for name, text in record.cells.items():
                cells[name].append(text)
            if forward is not None and record.number <= _MEASURED:
                ground = shape_in_crs(record.shape, forward, drawn_as(wish.layer))[0] if record.shape else None
                areas.append(float(shapely.area(ground)) if ground is not None else np.nan)
        names = table_names_of_file(file)
        table = wish.table if len(names) > 1 else ""
        return Sample(file.stem, table, cells, areas, has_shapes=rows.drawn, typed=rows.typed)


def _lines_of_trial(  # noqa: PLR0913, PLR0917  (`found` collects the layers read)
    place: ImportPlace, file: Path, proposal: Proposal, source: Source, encoding: str, found: list[FileLayer]
) -> list[str]:
    """Read the file with the proposed mapping, and report the number of rows or what a person must specify first."""
    try:
        file_layer = read_layer(
            file,
            proposal.reading,
            crs=place.crs,
            source=source,
            basis=source.basis,
            encoding=encoding,
            communes=place.communes,
            outlines=place.outlines,
            former=place.former,
        )
    except SchemaError as error:
        return [f"  before it can be built: {error}"]
    found.append(file_layer)
    return _lines_of_file_layer(file_layer)


def _lines_of_deliveries_read(  # noqa: PLR0913, PLR0917  (`found` collects the layers read)
    place: ImportPlace,
    file: Path,
    deliveries: Sequence[Delivery],
    source: Source,
    encoding: str,
    found: list[FileLayer],
) -> list[str]:
    """Read tables that need no correction, and report the number of rows.

    Raises
    ------
    GisError
        If the file cannot be read: it must not be imported, because it would block every build.
    """
    own_file = OwnFile(file, source, source.basis, tuple(deliveries), encoding)
    found += read_own_files([own_file], place.crs, place.communes, place.outlines, place.former)
    return [line for each in found for line in _lines_of_file_layer(each)]


def _lines_of_file_layer(found: FileLayer) -> list[str]:
    """Report the number of rows of a table and its doubtful values."""
    shape_text = f", {found.frame.geometry.notna().sum()} with a shape" if "geometry" in found.frame else ""
    elsewhere_text = f", {len(found.elsewhere)} in other communes passed over" if found.elsewhere else ""
    rows, issues = counted_words(len(found.frame), "row"), counted_words(len(found.issues), "issue")
    lines = [f"  {rows} of {found.layer}{shape_text}{elsewhere_text}; {issues}"]
    public = publication_of_layer(found.layer, found.frame)
    issue_lines = [_issue_line_or_hint(issue, public) for issue in found.issues[:_SHOWN]]
    more_lines = [f"    and {len(found.issues) - _SHOWN} more"] if len(found.issues) > _SHOWN else []
    return [public.message(line) for line in lines + issue_lines + more_lines]


def _replace_imported_file(place: ImportPlace, file: Path, wish: ImportRequest, source: Source, ask: Ask) -> Imported:
    """Replace the file imported under the same name, and read the new one with the same mapping.

    A file that was edited in place, or only opened by a program, is imported anew. It is read, and the user is asked,
    before the lock is taken.
    """
    target = place.folder / "raw" / file.name
    path, catalogue = mapping_file(target), place.folder / "sources.toml"
    if wish.layer or wish.table or wish.crs:
        mend = f"Say no more than --mend or --keep-totals, and change {path.name} if need be."
        raise SchemaError.of(str(file), [Fault("", "--replace reads a file as the one before.", mend)])
    copies = {target.with_name(part.name): settled_file(part) for part in file_with_parts(file)}
    contents_before, hashes_before, hashes = (
        _contents_of_files((path, catalogue)),
        _hashes_of_file(target),
        _hashes_of_copies(copies),
    )
    catalogue_sources = read_catalogue(catalogue, check=False)
    mapping, as_written = mapping_of_imported_file(target, catalogue_sources, file) or (None, "")
    text = as_written
    citing_keys = [key for key, each in catalogue_sources.items() if each.file == f"raw/{file.name}"]
    if not target.is_file() or (mapping is None and not citing_keys):
        msg = f"{target}: was not imported. Import {file.name} without --replace."
        raise SourceMissingError(msg)
    texts: dict[Path, str] = {}
    if mapping and (path.is_file() or wish.mend or wish.totals):
        mapping, text = _mapping_with_switches(mapping, text, wish, path)
        files_to_read = own_files_by_mapping(file, mapping, catalogue_sources, path)
        if mapping.parts:
            text = text_with_table(
                text, "parts", {part.name: sha256_of_file(part) for part in file_with_parts(file)[1:]}, str(path)
            )
        if text != as_written or not path.is_file():
            texts[path] = text
    else:
        source = catalogue_sources.get(citing_keys[0], source)
        files_to_read = [OwnFile(file, source, source.basis, tuple(recognise_deliveries(file)))]
    file_layers = read_own_files(files_to_read, place.crs, place.communes, place.outlines, place.former)
    new_values = {"sha256": hashes[copies[target]], "content": content_hash(copies[target])}
    text = catalogue.read_bytes().decode("utf-8-sig")
    for key in citing_keys:
        text = text_with_values(text, key, new_values, str(catalogue))
    if citing_keys:
        texts[catalogue] = text
    written = (target, *texts)
    account_line = _add_account_text(target, file_layers, texts, ask, afresh=True)
    with writing_under_lock(place.folder, refusal=SourceError) as placing:
        _check_files_unchanged(contents_before)
        if _hashes_of_file(target) != hashes_before:
            raise SourceError(f"{target}: another command wrote it meanwhile. Run this again.")
        new_files = {each: part for each, part in copies.items() if each != part.resolve()}
        _write_import(
            new_files, texts, placing, hashes, gone=[each for each in leftover_files(target) if each not in copies]
        )
    lines = [line for each in file_layers for line in _lines_of_file_layer(each)]
    return Imported(written, tuple(lines), account_line)


def _hashes_of_file(file: Path) -> list[tuple[str, str]]:
    """Return the hashes of a file and of its parts, or an empty list if the file does not exist."""
    return [(part.name, sha256_of_file(part)) for part in file_with_parts(file)] if file.is_file() else []


def _mapping_with_switches(mapping: FileMapping, text: str, wish: ImportRequest, path: Path) -> tuple[FileMapping, str]:
    """Return a mapping and its text with `mend` or `totals` set, if the options request it."""
    switches: dict[str, str | bool] = {}
    if wish.mend:
        switches["mend"] = True
    if wish.totals:
        switches["totals"] = KEEP
    for reading in mapping.readings if switches else ():
        text = text_with_values(text, reading.heading, switches, str(path))
    switch: dict[str, Any] = switches
    return replace(mapping, readings=tuple(replace(each, **switch) for each in mapping.readings)), text


def _issue_line_or_hint(issue: Row, public: Publication) -> str:
    """Return an issue as one line, or a hint where to find it if it would quote unpublished data."""
    shown_issue = public.issue(issue)
    if shown_issue["message"] == WITHHELD["en"]:
        return f"    {issue['column_name']}: see the issues of `gis build --internal`, it quotes what is not published"
    return f"    {issue_line(shown_issue, shown_issue['row'] or 'file', _WIDTH)}"


def _catalogue_entry(source: Source, target: Path, file: Path) -> str:
    """Return the entry of a source in sources.toml."""
    values = {
        "title": source.title,
        "publisher": source.publisher,
        "licence": source.licence,
        "edition": source.edition,
        "url": source.url,
        "file": f"raw/{target.name}",
        "sha256": sha256_of_file(file),
        "content": content_hash(file),
        "basis": source.basis.value,
    }
    return "\n\n" + tomlkit.dumps({source.source_id: toml_table(values)})


def _write_import(
    copies: Mapping[Path, Path],
    texts: Mapping[Path, str],
    placing: Placing,
    hashes: Mapping[Path, str],
    gone: Iterable[Path] = (),
) -> None:
    """Write all files to a temporary folder, then move them into place and delete those in `gone`: all or nothing."""
    files: dict[Path, Path | None] = dict.fromkeys(gone)
    for path in [*copies, *texts]:
        files[path] = new_file = placing.aside(path.parent) / path.name
        if path in copies:
            shutil.copyfile(copies[path], new_file)
            if sha256_of_file(new_file) != hashes[copies[path]]:
                raise SourceError(f"{copies[path]}: was changed while it was read. Run this again.")
        else:
            new_file.write_text(texts[path], encoding="utf-8", newline="\n")
    placing.put(files)
