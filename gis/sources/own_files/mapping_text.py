"""The text of a mapping, as it is proposed: every line with why it is there, for a person to correct."""

from collections.abc import Iterable, Mapping, Sequence

from gis.provenance import Basis
from gis.public import quotable
from gis.sources.own_files.mapping import NUMBER, TableReading, columns_of, words_of
from gis.sources.own_files.proposing import Proposal
from gis.sources.tables.toml_writing import comment, toml_key, toml_text

_EXAMPLES = 3
_TO_BE_SAID = "  # to be said: m2, ha or km2; unknown as long as it is not"
_MEND = "mend = true  # broken shapes are mended, and each says by how much"


def head(file: str, source: str, basis: Basis, encoding: str, parts: Mapping[str, str]) -> str:
    """Write what holds for the whole file: its source, how rows are known, its encoding, the hashes of its parts."""
    lines = [
        f"# How {file} becomes rows. Proposed by `gis import`: correct it, it is read at every build and never written",
        "# again. ours = theirs.",
        f"source = {toml_text(source)}",
        f"basis = {toml_text(basis.value)}  # of rows with a shape: {', '.join(Basis)}",
    ]
    lines += [f"encoding = {toml_text(encoding)}"] if encoding else []
    if parts:
        lines += ["", "[parts]  # what belongs to the file, as it was imported"]
        lines += [f"{toml_key(name)} = {toml_text(digest)}" for name, digest in parts.items()]
    return "\n".join(lines) + "\n"


def standard_text(reading: TableReading) -> str:
    """Write a class of the CNIG standard, of which nothing has to be mapped but the CRS."""
    lines = ["", f"[{reading.heading}]"]
    for key in ("table", "standard", "source", "basis", "totals", "crs"):
        lines += [f"{key} = {toml_text(getattr(reading, key))}"] if getattr(reading, key) else []
    lines += [_MEND] if reading.mend else []
    return "\n".join(lines) + "\n"


def proposal_text(proposal: Proposal, cells: Mapping[str, Sequence[str]]) -> str:
    """Write how one table is read as one layer, with the score, the reason and a few cells of every column."""
    reading = proposal.reading
    heading = reading.heading
    lines = ["", f"[{heading}]"]
    for key in ("table", "source", "basis", "totals", "crs", "geometry", "x", "y"):
        lines += [f"{key} = {toml_text(getattr(reading, key))}"] if getattr(reading, key) else []
    lines += [_MEND] if reading.mend else []
    lines += ["", f"[{heading}.columns]"]
    for ours, theirs in reading.columns.items():
        choice = proposal.choices.get(ours)
        why = f"{choice.score:.0%}, {choice.why}: {_examples(cells[theirs])}" if choice else "the number of the feature"
        why = f"then `{reading.joined[ours]}`: {why}" if ours in reading.joined else why
        lines += [f"# {comment(proposal.notes[ours], 110)}"] if ours in proposal.notes else []
        lines += [f"{ours} = {toml_text(theirs)}  # {comment(why)}"]
    if proposal.left:
        lines += [
            "",
            "# Columns of the file without a place here. Write one against a column of ours above to give it one:",
        ]
        lines += [
            f"# {comment(name, 40)}: {_examples(cells[name])} ({comment(proposal.why[name], 110)})"
            for name in proposal.left
        ]
    if proposal.absent:
        lines += ["", f"# Columns of ours that nothing in the file gives: {', '.join(proposal.absent)}"]
    for key in ("units", "decimals", "prefixes", "joined", "constants"):
        entries = getattr(reading, key)
        if not entries:
            continue
        lines += ["", f"[{heading}.{key}]"]
        for ours, text in entries.items():
            lines += (
                [f"# {comment(proposal.notes[ours], 110)}"] if key == "constants" and ours in proposal.notes else []
            )
            lines += [f"{ours} = {toml_text(text)}{_TO_BE_SAID if key == 'units' and not text else ''}"]
    for ours, words in reading.values.items():
        lines += _words(reading, ours, words, proposal.unknown.get(ours, {}))
    return "\n".join(lines) + "\n"


def _words(reading: TableReading, ours: str, words: Mapping[str, str], unknown: Mapping[str, int]) -> Iterable[str]:
    known = [word for word in words_of(columns_of(reading.layer)[ours]) if word]
    yield ""
    yield f"[{reading.heading}.values.{ours}]  # theirs = ours"
    yield f"# ours: {', '.join(known)}"
    for theirs, word in sorted(words.items(), key=lambda each: (each[0] not in unknown, each[0])):
        note = f"  # to be said ({unknown[theirs]} rows)" if theirs in unknown else ""
        yield f"{toml_text(theirs)} = {toml_text(word)}{note}"


def _examples(cells: Iterable[str]) -> str:
    said = list(dict.fromkeys(cell for cell in cells if cell))[:_EXAMPLES]
    return comment(" · ".join(comment(text, 24) for text in said)) if said else "empty"


def summary(proposal: Proposal) -> list[str]:
    """Say in a few lines what was placed, what was not, and which words a person must say."""
    reading = proposal.reading
    width = max(map(len, reading.columns))
    lines = []
    for ours, theirs in reading.columns.items():
        choice = proposal.choices.get(ours)
        why = f"{choice.score:>4.0%}  {choice.why}" if choice else ""
        both = f"{theirs} + {reading.joined[ours]}" if ours in reading.joined else theirs
        shown = "number of the feature" if theirs == NUMBER else comment(both, 24)
        lines.append(f"  {ours:<{width}} = {shown:<24} {why}".rstrip())
    if reading.x:
        lines.append(f"  {'point':<{width}} = {comment(reading.x, 24)}, {comment(reading.y, 24)}")
    lines += [f"  {ours:<{width}} : {note}" for ours, note in proposal.notes.items()]
    lines += [f"  not placed: {comment(name, 40)} ({comment(proposal.why[name], 110)})" for name in proposal.left]
    for ours, words in proposal.unknown.items():
        said = ", ".join(f"`{comment(word, 40)}` ({count} rows)" for word, count in words.items())
        if not quotable(reading.layer, ours):
            said = f"{len(words)}, which are in the mapping"
        lines.append(f"  words of {ours} to be said: {said}")
    return lines
