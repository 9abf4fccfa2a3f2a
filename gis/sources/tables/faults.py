"""Every table of a folder that is at fault, in one error: who fills tables by hand mends them in one go."""

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
def gathered(folder: Path, crs: Callable[[], CRS], sources: Callable[[], Collection[str]]) -> Iterator[None]:
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
        first = str(error)
        others: list[str] = []
        with suppress(GisError):  # a folder without a CRS or a catalogue says that first
            others = [text for path, text in _faulty(folder, crs(), sources()) if not first.startswith(f"{path}:")]
        if not others:
            raise
        raise SchemaError(f"{folder}: {len(others) + 1}{_SAID}" + "\n".join([first, *others])) from None


def _faulty(folder: Path, crs: CRS, cited: Collection[str]) -> Iterator[tuple[Path, str]]:
    """Yield each table that cannot be read by itself, and why; keys of other tables are taken as known."""
    read = [SCHEMAS[name] for name, each in LAYERS.items() if each.table is not Table.NONE]
    known = {name: _values(folder, key) for name, key in KEYS.items()} | {"sources": cited}
    for schema in read:
        try:
            fact_tables.read_table(folder, schema, crs, known)
        except GisError as error:
            yield folder / f"{described_layer(schema).name}.csv", str(error)


def _values(folder: Path, column: str) -> set[str]:
    """Return all that a column of that name holds in any table."""
    found: set[str] = {""}
    for path in sorted(folder.glob("*.csv")):
        with suppress(GisError):  # told when it is read
            found |= {row[column].strip() for _, row in open_table(path).rows() if column in row}
    return found
