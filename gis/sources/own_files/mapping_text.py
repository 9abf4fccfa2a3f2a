"""Writes the text of a proposed mapping: each line with its reason, for a person to correct."""

from collections.abc import Iterable, Mapping, Sequence

import tomlkit
from tomlkit.items import KeyType, SingleKey, Table

from gis.provenance import Basis
from gis.public import is_quotable_column
from gis.sources.own_files.mapping import NUMBER, TableReading, columns_of_layer, vocabulary_of_column
from gis.sources.own_files.proposing import Proposal
from gis.sources.tables.toml_writing import comment_text, noted_value, toml_table

_EXAMPLES = 3
_TO_BE_SAID = "to be said: m2, ha or km2; unknown as long as it is not"
_MEND = "broken shapes are mended, and each says by how much"


def mapping_head_text(file: str, source: str, basis: Basis, encoding: str, parts: Mapping[str, str]) -> str:
    """Return the part of a mapping for the whole file: its source, basis, encoding, and the hashes of its parts."""
    text = tomlkit.document()
    proposed = "Proposed by `gis import`: correct it, it is read at every build and never written"
    text.add(tomlkit.comment(f"How {file} becomes rows. {proposed}"))
    text.add(tomlkit.comment("again. ours = theirs."))
    text.add("source", noted_value(source))
    text.add("basis", noted_value(basis.value, f"of rows with a shape: {', '.join(Basis)}"))
    if encoding:
        text.add("encoding", noted_value(encoding))
    if parts:
        text.add(tomlkit.nl())
        text.add("parts", noted_value(parts, "what belongs to the file, as it was imported"))
    return tomlkit.dumps(text)


def standard_mapping_text(reading: TableReading) -> str:
    """Return the mapping of a class of the CNIG standard, in which only the CRS may have to be stated."""
    return _table_text(reading, _reading_as_table(reading, ("table", "standard", "source", "basis", "totals", "crs")))


def proposed_mapping_text(proposal: Proposal, cells: Mapping[str, Sequence[str]]) -> str:
    """Return the mapping of one table to one layer, with the score, the reason and some cells of every column."""
    reading = proposal.reading
    table = _reading_as_table(reading, ("table", "source", "basis", "totals", "crs", "geometry", "x", "y"))
    _add_table_below(table, "columns", _mapping_columns_table(proposal, cells))
    for key in ("units", "decimals", "prefixes", "joined", "constants"):
        if entries := getattr(reading, key):
            _add_table_below(table, key, _entries_table(proposal, key, entries))
    if reading.values:
        values = tomlkit.table(is_super_table=True)
        for n, (ours, words) in enumerate(reading.values.items()):
            if n:
                values.add(tomlkit.nl())
            values.add(ours, _words_table(reading, ours, words, proposal.unknown.get(ours, {})))
        _add_table_below(table, "values", values)
    return _table_text(reading, table)


def _reading_as_table(reading: TableReading, keys: Iterable[str]) -> Table:
    """Return the table of a reading, with the notes on the whole table."""
    table = toml_table({key: getattr(reading, key) for key in keys})
    if reading.mend:
        table.add("mend", noted_value(True, _MEND))  # noqa: FBT003  (a value of the file)
    return table


def _add_table_below(table: Table, key: str, below: Table) -> None:
    """Add a table below another, after an empty line."""
    table.add(tomlkit.nl())
    table.add(key, below)


def _table_text(reading: TableReading, table: Table) -> str:
    text = tomlkit.document()
    text.add(tomlkit.nl())
    text.add(reading.heading, table)
    return tomlkit.dumps(text)


def _mapping_columns_table(proposal: Proposal, cells: Mapping[str, Sequence[str]]) -> Table:
    """Return which of their columns corresponds to each of ours and why, and list the columns without a match."""
    reading, table = proposal.reading, tomlkit.table()
    for ours, theirs in reading.columns.items():
        choice = proposal.choices.get(ours)
        why = (
            f"{choice.score:.0%}, {choice.why}: {_example_cells(cells[theirs])}"
            if choice
            else "the number of the feature"
        )
        why = f"then `{reading.joined[ours]}`: {why}" if ours in reading.joined else why
        if ours in proposal.notes:
            table.add(tomlkit.comment(comment_text(proposal.notes[ours], 110)))
        table.add(ours, noted_value(theirs, comment_text(why)))
    if proposal.left:
        table.add(tomlkit.nl())
        table.add(
            tomlkit.comment(
                "Columns of the file without a place here. Write one against a column of ours above to give it one:"
            )
        )
        for name in proposal.left:
            why = comment_text(proposal.why[name], 110)
            table.add(tomlkit.comment(f"{comment_text(name, 40)}: {_example_cells(cells[name])} ({why})"))
    if proposal.absent:
        table.add(tomlkit.nl())
        table.add(tomlkit.comment(f"Columns of ours that nothing in the file gives: {', '.join(proposal.absent)}"))
    return table


def _entries_table(proposal: Proposal, key: str, entries: Mapping[str, str]) -> Table:
    table = tomlkit.table()
    for ours, text in entries.items():
        if key == "constants" and ours in proposal.notes:
            table.add(tomlkit.comment(comment_text(proposal.notes[ours], 110)))
        table.add(ours, noted_value(text, _TO_BE_SAID if key == "units" and not text else ""))
    return table


def _words_table(reading: TableReading, ours: str, words: Mapping[str, str], unknown: Mapping[str, int]) -> Table:
    """Return which of our terms corresponds to each of their words, the undecided words first."""
    known_words = [word for word in vocabulary_of_column(columns_of_layer(reading.layer)[ours]) if word]
    table = tomlkit.table()
    table.comment("theirs = ours")
    table.trivia.comment_ws = "  "
    table.add(tomlkit.comment(f"ours: {', '.join(known_words)}"))
    for theirs, word in sorted(words.items(), key=lambda each: (each[0] not in unknown, each[0])):
        note = f"to be said ({unknown[theirs]} rows)" if theirs in unknown else ""
        table.add(SingleKey(theirs, KeyType.Basic), noted_value(word, note))
    return table


def _example_cells(cells: Iterable[str]) -> str:
    distinct_cells = list(dict.fromkeys(cell for cell in cells if cell))[:_EXAMPLES]
    return comment_text(" · ".join(comment_text(text, 24) for text in distinct_cells)) if distinct_cells else "empty"


def proposal_summary(proposal: Proposal) -> list[str]:
    """Return a short summary: the columns with and without a match, and the words that a person must decide."""
    reading = proposal.reading
    width = max(map(len, reading.columns))
    lines = []
    for ours, theirs in reading.columns.items():
        choice = proposal.choices.get(ours)
        why = f"{choice.score:>4.0%}  {choice.why}" if choice else ""
        columns_text = f"{theirs} + {reading.joined[ours]}" if ours in reading.joined else theirs
        shown_columns = "number of the feature" if theirs == NUMBER else comment_text(columns_text, 24)
        lines.append(f"  {ours:<{width}} = {shown_columns:<24} {why}".rstrip())
    if reading.x:
        lines.append(f"  {'point':<{width}} = {comment_text(reading.x, 24)}, {comment_text(reading.y, 24)}")
    lines += [f"  {ours:<{width}} : {note}" for ours, note in proposal.notes.items()]
    lines += [
        f"  not placed: {comment_text(name, 40)} ({comment_text(proposal.why[name], 110)})" for name in proposal.left
    ]
    for ours, words in proposal.unknown.items():
        words_text = ", ".join(f"`{comment_text(word, 40)}` ({count} rows)" for word, count in words.items())
        if not is_quotable_column(reading.layer, ours):
            words_text = f"{len(words)}, which are in the mapping"
        lines.append(f"  words of {ours} to be said: {words_text}")
    return lines
