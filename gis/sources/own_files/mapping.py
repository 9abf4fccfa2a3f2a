"""The mapping of a user's file to rows of our layers: `raw/FILE.mapping.toml`, which a person can correct.

source = "zae-2025"                # key of sources.toml
basis = "digitised"                # basis of the rows that have a geometry
encoding = "windows-1252"          # only if the file does not declare it

[sites]
table = "zones"                    # layer or sheet of the file, if it has several
source = "zae-2026"                # source of the rows of this table, if not that of the file; likewise `basis`
totals = "keep"                    # keep rows that look like totals of others, in a text or a sheet
crs = "EPSG:3950"                  # only if the file does not declare it
mend = true                        # broken geometries are repaired, and each repair is reported with its size
geometry = "geo_shape"             # column with the geometries as text (GeoJSON or WKT), in a table
x = "longitude"                    # columns with a point, in a table; `crs` gives their system
y = "latitude"

[sites.columns]                    # ours = theirs; "#" is the number of the feature
site_id = "ID_ZAE"
land_low_ha = "SURF"

[sites.units]                      # unit of their column, if not that of ours; "" is unknown until a person fills it
land_low_ha = "m2"

[sites.decimals]                   # `,` or `.`: their decimal sign, where `1,250` or `1.250` could be two numbers
land_low_ha = ","

[sites.prefixes]                   # prefix of a key, so that a plain number is unique among files
site_id = "zae-"

[sites.joined]                     # second part of a key, after a dash, where only two columns together identify rows
site_id = "TRANCHE"

[sites.constants]                  # values that hold for every row and are not in the file
site_type = "zone d'activité économique"

[sites.values.site_state]          # theirs = ours; "" is unknown, and each such row is an issue
"En service" = "existant et actif"

Another table that feeds the same layer is named [sites-2], its columns [sites-2.columns], and so on.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, Final

import pandera.pandas as pa
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.errors import Fault, SchemaError
from gis.provenance import Basis
from gis.schemas import KEYS, SCHEMAS, Given, Layer, layers_that
from gis.sources.tables.catalogue import read_toml
from gis.units import AREA_M2

#: The layers that a user's file can feed.
TARGETS: Final[Mapping[str, type[Layer]]] = {name: SCHEMAS[name] for name in layers_that(own_file=True)}

#: Stands for the number of the feature in place of a column.
NUMBER: Final = "#"

_SUFFIX: Final = ".mapping.toml"
#: Value of `totals` that keeps rows that look like totals of others.
KEEP: Final = "keep"

_TEXTS: Final = ("table", "standard", "source", "basis", "totals", "crs", "geometry", "x", "y")
_SWITCHES: Final = ("mend",)
_TABLES: Final = ("columns", "units", "decimals", "prefixes", "joined", "constants")
_KNOWN: Final = (*_TEXTS, *_SWITCHES, *_TABLES, "values")


@dataclass(frozen=True, slots=True)
class TableReading:
    """How one table of a file is read as one layer; the module docstring lists the keys, and `pointed` is detected.

    `numbered` is the heading of its table in the mapping, if that differs from the name of the layer.
    """

    layer: str
    columns: Mapping[str, str]
    table: str = ""
    standard: str = ""
    source: str = ""
    basis: str = ""
    totals: str = ""
    crs: str = ""
    geometry: str = ""
    x: str = ""
    y: str = ""
    mend: bool = False
    units: Mapping[str, str] = field(default_factory=dict)
    decimals: Mapping[str, str] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    joined: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    pointed: frozenset[str] = frozenset()  # columns of ours whose point is a decimal sign, whatever the mapping states
    numbered: str = ""

    @property
    def heading(self) -> str:
        """The heading of its table in the mapping: `sites`, or `sites-2`."""
        return self.numbered or self.layer


@dataclass(frozen=True, slots=True)
class FileMapping:
    """The content of a mapping file."""

    source: str
    basis: Basis
    readings: tuple[TableReading, ...]
    encoding: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)

    def cited(self, reading: TableReading) -> tuple[str, Basis]:
        """Return the source that the rows of a table cite, and the basis of those with a geometry."""
        return reading.source or self.source, Basis(reading.basis or self.basis)


def readings_with_headings(
    readings: Iterable[TableReading], there: Iterable[TableReading] = ()
) -> tuple[TableReading, ...]:
    """Return readings with distinct headings in the mapping, which also differ from those already `there`."""
    taken_headings, headed_readings = {reading.heading for reading in there}, []
    for reading in readings:
        names = ("" if n == 1 else f"{reading.layer}-{n}" for n in count(1))
        name = next(name for name in names if (name or reading.layer) not in taken_headings)
        taken_headings.add(name or reading.layer)
        headed_readings.append(replace(reading, numbered=name))
    return tuple(headed_readings)


def mapping_file(file: Path) -> Path:
    """Return the path of the mapping of a file."""
    return file.with_name(file.name + _SUFFIX)


def is_mapping_file(file: Path) -> bool:
    """Return whether a file is a mapping."""
    return file.name.endswith(_SUFFIX)


def columns_of_layer(layer: str) -> dict[str, pa.Column]:
    """Return the columns of a layer that a file can provide, in order."""
    columns = TARGETS[layer].to_schema().columns
    return {
        name: column
        for name, column in columns.items()
        if name not in {"source_id", "basis"} and column.metadata["given"] is not Given.COMPUTED
    }


def vocabulary_of_column(column: pa.Column) -> list[str]:
    """Return the vocabulary of a column, or an empty list if it has none."""
    return [word for check in column.checks for word in check.statistics.get("allowed_values", [])]


def unknown_word_of_column(column: pa.Column) -> str | None:
    """Return the term of a column for an unknown value, or None if its vocabulary has no such term."""
    words = vocabulary_of_column(column)
    return next((word for word in ("", "inconnu", "unknown", "not_said") if not words or word in words), None)


def read_mapping(path: Path) -> FileMapping:
    """Read a mapping, or raise an error that lists all its faults."""
    settings = read_toml(path)
    faults = [
        Fault("", f"has no {key}.", f'Add {key} = "…" at the top.')
        for key in ("source", "basis")
        if not isinstance(settings.get(key), str)
    ]
    if not faults and settings["basis"] not in set(Basis):
        faults.append(Fault("basis", f"`{settings['basis']}` is not known.", f"One of {', '.join(Basis)}."))
    parts, encoding = settings.get("parts", {}), settings.get("encoding", "")
    if not isinstance(encoding, str) or not isinstance(parts, Mapping):
        faults.append(Fault("", "`encoding` is no text, or `parts` no table.", "Write them as `gis import` does."))
    elif encoding and not _is_text_encoding(encoding):
        faults.append(Fault("encoding", f"`{encoding}` is not known.", "Write it as windows-1252 or utf-8."))
    layers = {name: value for name, value in settings.items() if name not in {"source", "basis", "encoding", "parts"}}
    readings = []
    for name, value in layers.items():
        if _NUMBERED.sub("", name) not in TARGETS or not isinstance(value, Mapping):
            fault_text = f"`{name}` is no layer." if isinstance(value, Mapping) else f"`{name}` is not known."
            faults.append(Fault("", fault_text, f"Layers: {', '.join(TARGETS)}."))
        else:
            reading, reading_faults = _reading_of_table(name, value)
            readings.append(reading)
            faults += reading_faults
    tables_read = [(reading.layer, reading.table) for reading in readings]
    faults += [
        Fault(f"[{reading.heading}]", f"reads as {layer} what another table reads so.", "Name another `table`.")
        for n, (reading, (layer, table)) in enumerate(zip(readings, tables_read, strict=True))
        if (layer, table) in tables_read[:n]
    ]
    if not layers:
        faults.append(Fault("", "names no layer.", f"Add a table such as [sites]. Layers: {', '.join(TARGETS)}."))
    if faults:
        raise SchemaError.of(str(path), faults)
    return FileMapping(settings["source"], Basis(settings["basis"]), tuple(readings), encoding, parts)


def _is_text_encoding(encoding: str) -> bool:
    """Return whether an encoding is a text encoding."""
    try:
        return isinstance("".encode(encoding), bytes)
    except (LookupError, ValueError):
        return False


#: Suffix that distinguishes several tables of one layer.
_NUMBERED: Final = re.compile(r"-[0-9]+$")


def _reading_of_table(heading: str, table: Mapping[str, Any]) -> tuple[TableReading, list[Fault]]:
    layer = _NUMBERED.sub("", heading)
    values = table.get("values", {})
    values = values if isinstance(values, Mapping) else {"": values}
    faults = [
        Fault(f"[{heading}]", f"`{key}` is not known.", f"Known: {', '.join(_KNOWN)}.")
        for key in table
        if key not in _KNOWN
    ]
    faults += [
        Fault(f"[{heading}]", f"{key} is neither true nor false.", f"Write {key} = true.")
        for key in _SWITCHES
        if not isinstance(table.get(key, False), bool)
    ]
    faults += [
        Fault(f"[{heading}]", f"{key} is no text.", "Put it between quotes.")
        for key in _TEXTS
        if not isinstance(table.get(key, ""), str)
    ]
    entries_by_key = {key: table.get(key, {}) for key in _TABLES} | {
        f"values.{name}": each for name, each in values.items()
    }
    for key, entries in entries_by_key.items():
        if not isinstance(entries, Mapping) or not all(isinstance(value, str) for value in entries.values()):
            faults.append(Fault(f"[{heading}.{key}]", "is no table of texts.", 'Write name = "text", one a line.'))
    if faults:
        return TableReading(layer, {}), faults
    reading = TableReading(
        layer,
        **{key: table.get(key, "") for key in _TEXTS},
        **{key: table.get(key, False) for key in _SWITCHES},
        **{key: table.get(key, {}) for key in _TABLES},
        values=values,
        numbered=heading if heading != layer else "",
    )
    return reading, _reading_faults(reading)


def _reading_faults(reading: TableReading) -> list[Fault]:
    """Return the faults in the columns, units and words of a reading."""
    layer, heading, known_columns = reading.layer, reading.heading, columns_of_layer(reading.layer)
    key = KEYS[layer]
    faults = [
        Fault(f"[{heading}.{name}]", f"`{column}` is no column of {layer}.", f"Known: {', '.join(known_columns)}.")
        for name in (*_TABLES, "values")
        for column in getattr(reading, name)
        if column not in known_columns
    ]
    if key not in reading.columns and not reading.standard:
        mend = f'Add {key} = "…", or {key} = "{NUMBER}" to number the features.'
        faults.append(Fault(f"[{heading}.columns]", f"has no `{key}`, the key of {layer}.", mend))
    faults += [
        Fault(f"[{heading}.joined]", f"`{column}` is no key.", f"Only {key} is made of two columns.")
        for column in reading.joined
        if column in known_columns and column != key
    ]
    for column, unit in reading.units.items():
        if unit not in {"", *AREA_M2}:
            fault_text = f"`{unit}` is no unit of area."
            faults.append(Fault(f"[{heading}.units] {column}", fault_text, f"One of {', '.join(AREA_M2)}."))
    for column, sign in reading.decimals.items():
        if sign not in {",", "."}:
            fault_text = f"`{sign}` is no decimal sign."
            faults.append(Fault(f"[{heading}.decimals] {column}", fault_text, "Write `,` or `.`."))
    stated_words = [
        (f"values.{column}", column, word) for column, words in reading.values.items() for word in words.values()
    ]
    stated_words += [("constants", column, word) for column, word in reading.constants.items()]
    for where, column, word in stated_words:
        words = vocabulary_of_column(known_columns[column]) if column in known_columns else []
        if words and word and word not in words:
            words_text = ", ".join(each for each in words if each)
            faults.append(
                Fault(f"[{heading}.{where}] {column}", f"`{word}` is no word of ours.", f"One of {words_text}.")
            )
    return faults + _word_faults(reading)


def _word_faults(reading: TableReading) -> list[Fault]:
    """Return the faults in the words that apply to the whole table."""
    checks = {
        "totals": (reading.totals not in {"", KEEP}, f'Write totals = "{KEEP}", or leave it out.'),
        "basis": (reading.basis not in {"", *Basis}, f"One of {', '.join(Basis)}."),
        "crs": (bool(reading.crs) and not _is_crs_text(reading.crs), "Write it as EPSG:3950."),
    }
    return [
        Fault(f"[{reading.heading}] {key}", f"`{getattr(reading, key)}` is not known.", mend)
        for key, (is_wrong, mend) in checks.items()
        if is_wrong
    ]


def _is_crs_text(text: str) -> bool:
    """Return whether a text names a coordinate reference system."""
    try:
        return CRS.from_user_input(text) is not None
    except CRSError:
        return False
