"""The errors of all tables of a folder in one exception, so that they can be corrected together."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from pyproj import CRS

from gis.errors import GisError, SchemaError
from gis.schemas import KEYS, LAYERS, SCHEMAS, Table, described_layer
from gis.sources.tables import fact_tables
from gis.sources.tables.delimited import open_table

_SAID: Final = " tables are at fault:\n"


@contextmanager
def gathered_table_faults(
    folder: Path, crs: Callable[[], CRS], sources: Callable[[], Collection[str]]
) -> Iterator[None]:
    """Add to the error of one table those of the others, which are read for that alone.

    Raises
    ------
    SchemaError
        Of several tables; of one, its own error as it is.
    """
    try:
        yield
    except GisError as error:
        if _SAID in str(error):
            raise
        first_text = str(error)
        other_texts: list[str] = []
        with suppress(GisError):  # a folder without a CRS or a catalogue says that first
            other_texts = [
                text for path, text in _faulty_tables(folder, crs(), sources()) if not first_text.startswith(f"{path}:")
            ]
        if not other_texts:
            raise
        raise SchemaError(f"{folder}: {len(other_texts) + 1}{_SAID}" + "\n".join([first_text, *other_texts])) from None


def _faulty_tables(folder: Path, crs: CRS, cited: Collection[str]) -> Iterator[tuple[Path, str]]:
    """Yield each table that cannot be read by itself, and why; keys of other tables are taken as known."""
    schemas_read = [SCHEMAS[name] for name, each in LAYERS.items() if each.table is not Table.NONE]
    known_keys = {name: _column_values(folder, key) for name, key in KEYS.items()} | {"sources": cited}
    for schema in schemas_read:
        try:
            fact_tables.read_table(folder, schema, crs, known_keys)
        except GisError as error:
            yield folder / f"{described_layer(schema).name}.csv", str(error)


def _column_values(folder: Path, column: str) -> set[str]:
    """Return all that a column of that name holds in any table."""
    values_found: set[str] = {""}
    for path in sorted(folder.glob("*.csv")):
        with suppress(GisError):  # told when it is read
            values_found |= {row[column].strip() for _, row in open_table(path).rows() if column in row}
    return values_found
