"""`gis import`: a file of one's own comes into a territory folder, with a proposal of how it is read.

The file is copied to `raw/` as it is, its source and its hash go to the end of `sources.toml`, and the proposal is
written beside it. Nothing that stands in the folder is changed or written over.
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
from gis.placing import Placing, writing
from gis.provenance import Source
from gis.public import WITHHELD, Publication, is_public, publication_of
from gis.schemas import Row, drawn_as
from gis.sources.own_files.cnig_files import Delivery, recognise
from gis.sources.own_files.grounding import Outlines
from gis.sources.own_files.kept import FileAccount, account_file, account_of, kept_text
from gis.sources.own_files.mapped import FileLayer, read_layer
from gis.sources.own_files.mapping import KEEP, TARGETS, FileMapping, TableReading, headed, mapping_file
from gis.sources.own_files.mapping_text import head, proposal_text, standard_text, summary
from gis.sources.own_files.own import OwnFile, as_imported, mapped_as, read_own
from gis.sources.own_files.proposing import Proposal, Sample, propose
from gis.sources.tables.accounts import other_codes, total
from gis.sources.tables.catalogue import read_catalogue, sha256
from gis.sources.tables.catalogue_text import with_table, with_values
from gis.sources.tables.rows import READABLE, check_kind, encoding_of, leftovers, open_rows, parts, tables_of
from gis.sources.tables.settled import content_hash, settled
from gis.sources.tables.shapes import shape_of, way
from gis.sources.tables.telling import counted, issue_line
from gis.sources.tables.toml_writing import comment, table_of

#: Features whose areas are compared with the areas that the file states.
_MEASURED: Final = 200

#: Issues that are told one by one.
_SHOWN: Final = 5
#: Letters of a value that a line shows.
_WIDTH: Final = 40


@dataclass(frozen=True, slots=True)
class ImportPlace:
    """What a territory knows that a file is held against: folder, zone, communes (code → name), keys, and outlines.

    `former` is the code of a commune that is no more → the one that it went into.
    """

    folder: Path
    crs: CRS
    communes: Mapping[str, str]
    keys: Mapping[str, Collection[str]] = field(default_factory=dict)
    outlines: Outlines | None = None
    former: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What a person says of a file: the layer it feeds, which of its tables, the CRS that it does not say.

    `mend` has broken shapes mended, and rows that read as `totals` of others stay; `replace` puts it in the place of
    the one that was imported under its name.
    """

    layer: str = ""
    table: str = ""
    crs: str = ""
    mend: bool = False
    replace: bool = False
    totals: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """The files that were written, what to tell of them, and the sum of what became of every row, cell and hectare."""

    written: tuple[Path, ...]
    lines: tuple[str, ...]
    sum: str = ""


#: Asks whether a file comes in of which most is not taken: the reason in, yes or no out.
Ask = Callable[[str], bool]


def import_file(
    place: ImportPlace, file: Path, wish: ImportRequest, source: Source, ask: Ask = lambda _: True
) -> Imported:
    """Bring a file into a territory folder.

    Parameters
    ----------
    place
        The territory.
    file
        The file; what belongs to a Shapefile comes along.
    wish
        What a person says of it. A delivery in the CNIG standard needs no layer.
    source
        What its rows cite, and how those with a shape are known. A source that `sources.toml` has already is cited as
        it stands there.
    ask
        Asked, before anything is written, where most of the rows are passed over or refused, or none is used.

    Raises
    ------
    SourceError
        If the file cannot be read, another one of its name stands in `raw/`, or the answer to `ask` is no.
    SchemaError
        If its mapping says already how that layer is read, or nobody says which layer it feeds.
    CrsError
        If nobody says in which CRS it is.
    GeometryError
        If a shape is broken; every such feature is named.
    """
    if not file.exists():
        raise SourceMissingError(f"{file}: there is no such file.")
    if not file.is_file() or file.suffix.lower() not in READABLE:
        msg = f"{file}: no file that can be read. Give one of {', '.join(READABLE)}, or a publisher's as it comes."
        raise SourceMissingError(msg)
    if wish.crs:
        _known_crs(wish.crs)
    check_kind(file)
    return (_replaced if wish.replace else _import)(place, file, wish, source, ask)


def _import(place: ImportPlace, file: Path, wish: ImportRequest, source: Source, ask: Ask) -> Imported:
    """Read a file, ask where most of it is not taken, and only then hold the lock and write."""
    target = place.folder / "raw" / file.name
    copies = {target.with_name(part.name): settled(part) for part in parts(file)}
    _check_copies(copies)
    hashes = _hashes(copies)
    encoding = encoding_of(file)
    encoding = "" if encoding.startswith("utf-8") else encoding
    catalogue, mapping = place.folder / "sources.toml", mapping_file(target)
    before = _bytes((mapping,))
    deliveries = [] if mapping.is_file() else recognise(file)
    texts: dict[Path, str] = {}
    found: list[FileLayer] = []
    if deliveries and not wish.layer and not wish.crs and not wish.mend and not wish.totals:
        _check_one_source(target, read_catalogue(catalogue, check=False), source)
        lines = [*_deliveries_said(deliveries), *_read_back(place, file, deliveries, source, "", found)]
    else:
        text, lines = _mapping(place, file, wish, source, encoding, found)
        texts[mapping] = text
    written = (target, *texts)
    told = _summed(target, found, texts, ask)
    with writing(place.folder, refusal=SourceError) as placing:
        _check_copies(copies)
        _check_as_before(before)
        known = read_catalogue(catalogue, check=False)
        if source.source_id not in known:
            entry = _entry(source, target, copies[target])
            texts[catalogue] = catalogue.read_bytes().decode("utf-8-sig").rstrip() + entry
        elif known[source.source_id].file != f"raw/{target.name}":
            lines.append(
                f"  sources.toml has `{source.source_id}` without this file: add file and sha256 to record it."
            )
        new = {there: part for there, part in copies.items() if not there.exists()}
        _write(new, texts, placing, hashes)
    return Imported(written, tuple(lines), told)


def _hashes(copies: Mapping[Path, Path]) -> dict[Path, str]:
    return {part: sha256(part) for part in copies.values()}


def _bytes(files: Iterable[Path]) -> dict[Path, bytes | None]:
    """Return the bytes of small files, none of one that is not there."""
    return {file: file.read_bytes() if file.is_file() else None for file in files}


def _check_as_before(before: Mapping[Path, bytes | None]) -> None:
    """Refuse to write over what another command wrote while a file was read and a person asked."""
    for file, content in _bytes(before).items():
        if content != before[file]:
            raise SourceError(f"{file}: another command wrote it meanwhile. Run this again.")


def _check_one_source(target: Path, known: Mapping[str, Source], source: Source) -> None:
    """Refuse another source for all of a delivery that cites one already."""
    cited = [key for key, each in known.items() if each.file == f"raw/{target.name}"]
    if target.is_file() and cited and source.source_id not in cited:
        mend = "Say the same, or with --as and --layer which of its tables cites another."
        raise SchemaError.of(str(target), [Fault("", f"all of it cites `{cited[0]}` already.", mend)])


def _summed(target: Path, found: Sequence[FileLayer], texts: dict[Path, str], ask: Ask, *, afresh: bool = False) -> str:
    """Add the account of a file to what is written, and return it on one line; ask first where most is not taken."""
    counted = [account_of(each) for each in found]
    if little := [f"{each}." for each in counted if each.account.is_mostly_left]:
        reason = "\n".join(["most of the file is not taken:", *little, *_postal(counted)])
        if not ask(reason):
            msg = f"{target.name}: {reason}\nNothing is written. Say --yes to import it all the same."
            raise SourceError(msg)
    texts[account_file(target)] = kept_text(target, counted, afresh=afresh)
    whole = total(each.account for each in counted)
    one_layer = len({each.layer for each in counted}) == 1
    return (
        whole.told(ground=one_layer)
        if counted
        else "The rows are counted when the file can be read: `gis build` says the sum."
    )


def _postal(counted: Sequence[FileAccount]) -> list[str]:
    """Return a hint where the codes of all other communes end as postal codes do."""
    codes = {code for each in counted for code in other_codes(each.account)}
    return ["Codes that all end in 0 look like postal codes: INSEE codes are due."] if _all_postal(codes) else []


def _all_postal(codes: Collection[str]) -> bool:
    return bool(codes) and all(code.endswith("0") for code in codes)


def _known_crs(text: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except CRSError:
        raise CrsError.of("--crs", [Fault("", f"`{text}` is not known.", "Write it as EPSG:3950.")]) from None


def _check_copies(copies: Mapping[Path, Path]) -> None:
    for there, part in copies.items():
        if there.exists() and sha256(there) != sha256(part) and not _holds_the_same(there, part):
            msg = f"{there}: another file of this name is there. Rename yours, or say --replace."
            raise SourceError(msg)


def _holds_the_same(there: Path, part: Path) -> bool:
    """Say whether a GeoPackage holds what another does, whoever opened it since."""
    return there.suffix.lower() == ".gpkg" and content_hash(there) == content_hash(part)


def _deliveries_said(deliveries: list[Delivery]) -> list[str]:
    return [
        f"  {each.standard}{f' ({each.reading.table})' if each.reading.table else ''} → {each.reading.layer}: the CNIG "
        "standard, read as it is"
        for each in deliveries
    ]


def _mapping(  # noqa: PLR0913, PLR0917  (`found` takes what is read)
    place: ImportPlace, file: Path, wish: ImportRequest, source: Source, encoding: str, found: list[FileLayer]
) -> tuple[str, list[str]]:
    """Return the text of the mapping, with what stands there already, and what to tell of it."""
    target = place.folder / "raw" / file.name
    path = mapping_file(target)
    there, start = as_imported(target, read_catalogue(place.folder / "sources.toml", check=False)) or (None, "")
    table = wish.table if len(tables_of(file)) > 1 else ""
    if there and (wish.layer, table) in {(reading.layer, reading.table) for reading in there.readings}:
        mend = (
            "Correct it there, or delete that table to have it proposed again; `gis import … --replace` takes --mend "
            "and --keep-totals."
        )
        what = f"{wish.layer} of `{table}`" if table else wish.layer
        raise SchemaError.of(str(path), [Fault("", f"says how {what} are read already.", mend)])
    hashes = {part.name: sha256(part) for part in parts(file)[1:]}
    start = start or head(file.name, source.source_id, source.basis, encoding, hashes)
    own = _own_citation(there, source)
    standard = [] if there else [each for each in recognise(file) if _is_wished(each, wish)]
    if standard:
        readings = headed(_as_standard(each, wish) for each in standard)
        said = [
            replace(each, reading=replace(each.reading, crs=wish.crs, mend=wish.mend, totals=_totals(wish)))
            for each in standard
        ]
        lines = [*_deliveries_said(standard), *_read_back(place, file, said, source, encoding, found)]
        return start + "".join(map(standard_text, readings)), lines
    if not wish.layer:
        mend = f"Say it with --as: {', '.join(TARGETS)}."
        raise SchemaError.of(str(file), [Fault("", "nobody says what it holds.", mend)])
    sample = _sample(place, file, wish, encoding)
    proposal = propose(wish.layer, sample, communes=place.communes, known=place.keys, crs=wish.crs)
    reading = replace(proposal.reading, mend=wish.mend, totals=_totals(wish), **own)
    (reading,) = headed([reading], there.readings if there else ())
    proposal = replace(proposal, reading=reading)
    if not proposal.choices and not proposal.reading.geometry and not sample.has_shapes:
        names = ", ".join(map(comment, sample.cells)) or "there is none"
        names = names if is_public(wish.layer) else f"it has {len(sample.cells)}"  # a header may be a row of names
        none = f"no column is recognised as one of {wish.layer}: {names}."
        mend = "Rename those that are, or say with --as what else it holds."
        raise SchemaError.of(str(file), [Fault("", none, mend)])
    tried = _tried(place, file, proposal, source, encoding, found)
    return start + proposal_text(proposal, sample.cells), [*summary(proposal), *tried]


def _as_standard(delivery: Delivery, wish: ImportRequest) -> TableReading:
    table, standard = delivery.reading.table, delivery.standard
    layer, totals = delivery.reading.layer, _totals(wish)
    return TableReading(layer, {}, table=table, standard=standard, crs=wish.crs, mend=wish.mend, totals=totals)


def _is_wished(delivery: Delivery, wish: ImportRequest) -> bool:
    return wish.layer in {"", delivery.reading.layer} and wish.table in {"", delivery.reading.table}


def _totals(wish: ImportRequest) -> str:
    return KEEP if wish.totals else ""


def _own_citation(there: FileMapping | None, source: Source) -> dict[str, Any]:
    """Return what a table says of its source and basis where they are not those of its file."""
    if there is None:
        return {}
    found = {}
    if source.source_id != there.source:
        found["source"] = source.source_id
    if source.basis != there.basis:
        found["basis"] = source.basis.value
    return found


def _sample(place: ImportPlace, file: Path, wish: ImportRequest, encoding: str) -> Sample:
    """Read the cells of a table, and measure its first shapes."""
    with open_rows(file, table=wish.table, encoding=encoding, totals=wish.totals) as rows:
        crs = _known_crs(wish.crs) if wish.crs else rows.crs
        if rows.drawn and crs is None:
            fault = Fault("", "no CRS.", "Say which one with --crs EPSG:…; it is never guessed.")
            raise CrsError.of(str(file), [fault])
        forward = way(crs, place.crs, str(file)) if crs is not None and rows.drawn else None
        cells: dict[str, list[str]] = {name: [] for name in rows.columns}
        areas: list[float] = []
        for record in rows.records:
            for name, text in record.cells.items():
                cells[name].append(text)
            if forward is not None and record.number <= _MEASURED:
                ground = shape_of(record.shape, forward, drawn_as(wish.layer))[0] if record.shape else None
                areas.append(float(shapely.area(ground)) if ground is not None else np.nan)
        names = tables_of(file)
        table = wish.table if len(names) > 1 else ""
        return Sample(file.stem, table, cells, areas, has_shapes=rows.drawn, typed=rows.typed)


def _tried(  # noqa: PLR0913, PLR0917  (`found` takes what is read)
    place: ImportPlace, file: Path, proposal: Proposal, source: Source, encoding: str, found: list[FileLayer]
) -> list[str]:
    """Read the file as proposed, and say how many rows come of it, or what a person must say first."""
    try:
        read = read_layer(
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
    found.append(read)
    return _told(read)


def _read_back(  # noqa: PLR0913, PLR0917  (`found` takes what is read)
    place: ImportPlace,
    file: Path,
    deliveries: Sequence[Delivery],
    source: Source,
    encoding: str,
    found: list[FileLayer],
) -> list[str]:
    """Read what nobody has to correct, and say how many rows come of it.

    Raises
    ------
    GisError
        If it cannot be read: it must not enter, for it would stop everything else.
    """
    own = OwnFile(file, source, source.basis, tuple(deliveries), encoding)
    found += read_own([own], place.crs, place.communes, place.outlines, place.former)
    return [line for each in found for line in _told(each)]


def _told(found: FileLayer) -> list[str]:
    """Say how many rows come of a table, and what is doubtful about them."""
    drawn = f", {found.frame.geometry.notna().sum()} with a shape" if "geometry" in found.frame else ""
    away = f", {len(found.elsewhere)} in other communes passed over" if found.elsewhere else ""
    rows, issues = counted(len(found.frame), "row"), counted(len(found.issues), "issue")
    lines = [f"  {rows} of {found.layer}{drawn}{away}; {issues}"]
    public = publication_of(found.layer, found.frame)
    shown = [_doubt(issue, public) for issue in found.issues[:_SHOWN]]
    more = [f"    and {len(found.issues) - _SHOWN} more"] if len(found.issues) > _SHOWN else []
    return [public.message(line) for line in lines + shown + more]


def _replaced(place: ImportPlace, file: Path, wish: ImportRequest, source: Source, ask: Ask) -> Imported:
    """Put a file in the place of the one that was imported under its name, read as that was.

    The same file, changed where it stands or only opened by a program, is taken in anew. It is read, and whoever is
    there asked, before the lock is held.
    """
    target = place.folder / "raw" / file.name
    path, catalogue = mapping_file(target), place.folder / "sources.toml"
    if wish.layer or wish.table or wish.crs:
        mend = f"Say no more than --mend or --keep-totals, and change {path.name} if need be."
        raise SchemaError.of(str(file), [Fault("", "--replace reads a file as the one before.", mend)])
    copies = {target.with_name(part.name): settled(part) for part in parts(file)}
    before, there, hashes = _bytes((path, catalogue)), _state_of(target), _hashes(copies)
    known = read_catalogue(catalogue, check=False)
    mapping, as_written = as_imported(target, known, file) or (None, "")
    text = as_written
    named = [key for key, each in known.items() if each.file == f"raw/{file.name}"]
    if not target.is_file() or (mapping is None and not named):
        msg = f"{target}: was not imported. Import {file.name} without --replace."
        raise SourceMissingError(msg)
    texts: dict[Path, str] = {}
    if mapping and (path.is_file() or wish.mend or wish.totals):
        mapping, text = _switched(mapping, text, wish, path)
        own = mapped_as(file, mapping, known, path)
        if mapping.parts:
            text = with_table(text, "parts", {part.name: sha256(part) for part in parts(file)[1:]}, str(path))
        if text != as_written or not path.is_file():
            texts[path] = text
    else:
        source = known.get(named[0], source)
        own = [OwnFile(file, source, source.basis, tuple(recognise(file)))]
    found = read_own(own, place.crs, place.communes, place.outlines, place.former)
    said = {"sha256": hashes[copies[target]], "content": content_hash(copies[target])}
    text = catalogue.read_bytes().decode("utf-8-sig")
    for key in named:
        text = with_values(text, key, said, str(catalogue))
    if named:
        texts[catalogue] = text
    written = (target, *texts)
    told = _summed(target, found, texts, ask, afresh=True)
    with writing(place.folder, refusal=SourceError) as placing:
        _check_as_before(before)
        if _state_of(target) != there:
            raise SourceError(f"{target}: another command wrote it meanwhile. Run this again.")
        new = {each: part for each, part in copies.items() if each != part.resolve()}
        _write(new, texts, placing, hashes, gone=[each for each in leftovers(target) if each not in copies])
    lines = [line for each in found for line in _told(each)]
    return Imported(written, tuple(lines), told)


def _state_of(file: Path) -> list[tuple[str, str]]:
    """Return a hash of a file, and of what belongs to it; nothing of one that is gone."""
    return [(part.name, sha256(part)) for part in parts(file)] if file.is_file() else []


def _switched(mapping: FileMapping, text: str, wish: ImportRequest, path: Path) -> tuple[FileMapping, str]:
    """Return a mapping, and its text, that has shapes mended or totals kept, where that is wished."""
    said: dict[str, str | bool] = {}
    if wish.mend:
        said["mend"] = True
    if wish.totals:
        said["totals"] = KEEP
    for reading in mapping.readings if said else ():
        text = with_values(text, reading.heading, said, str(path))
    switch: dict[str, Any] = said
    return replace(mapping, readings=tuple(replace(each, **switch) for each in mapping.readings)), text


def _doubt(issue: Row, public: Publication) -> str:
    """Tell an issue in one line, or where it is told when it would quote what is not published."""
    told = public.issue(issue)
    if told["message"] == WITHHELD["en"]:
        return f"    {issue['column_name']}: see the issues of `gis build --internal`, it quotes what is not published"
    return f"    {issue_line(told, told['row'] or 'file', _WIDTH)}"


def _entry(source: Source, target: Path, file: Path) -> str:
    """Write the entry of a source in sources.toml."""
    said = {
        "title": source.title,
        "publisher": source.publisher,
        "licence": source.licence,
        "edition": source.edition,
        "url": source.url,
        "file": f"raw/{target.name}",
        "sha256": sha256(file),
        "content": content_hash(file),
        "basis": source.basis.value,
    }
    return "\n\n" + tomlkit.dumps({source.source_id: table_of(said)})


def _write(
    copies: Mapping[Path, Path],
    texts: Mapping[Path, str],
    placing: Placing,
    hashes: Mapping[Path, str],
    gone: Iterable[Path] = (),
) -> None:
    """Write everything aside, then put it in place, and take away what is `gone`: all of it, or nothing new."""
    files: dict[Path, Path | None] = dict.fromkeys(gone)
    for path in [*copies, *texts]:
        files[path] = new = placing.aside(path.parent) / path.name
        if path in copies:
            shutil.copyfile(copies[path], new)
            if sha256(new) != hashes[copies[path]]:
                raise SourceError(f"{copies[path]}: was changed while it was read. Run this again.")
        else:
            new.write_text(texts[path], encoding="utf-8", newline="\n")
    placing.put(files)
