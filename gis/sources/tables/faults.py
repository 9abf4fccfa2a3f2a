"""Every table of a folder that is at fault, in one error: who fills tables by hand mends them in one go."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from pyproj import CRS

from gis.errors import GisError, SchemaError
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
    sites, owners, premises = (_values(folder, column) for column in ("site_id", "owner_id", "premises_id"))
    readers: dict[str, Callable[[Path], Any]] = {
        "communes": lambda path: fact_tables.read_communes(path, crs, cited),
        "sites": lambda path: fact_tables.read_sites(path, crs, cited),
        "terrains": lambda path: fact_tables.read_terrains(path, crs, cited, sites=sites),
        "premises": lambda path: fact_tables.read_premises(path, crs, cited, sites=sites),
        "owners": lambda path: fact_tables.read_owners(path, cited),
        "parcels": lambda path: fact_tables.read_parcels(path, crs, cited, owners=owners, sites=sites),
        "buildings": lambda path: fact_tables.read_buildings(path, crs, cited, sites=sites),
        "establishments": lambda path: fact_tables.read_establishments(path, cited, sites=sites),
        "exclusions": lambda path: fact_tables.read_exclusions(path, crs, cited),
        "roads": lambda path: fact_tables.read_roads(path, crs, cited),
        "accesses": lambda path: fact_tables.read_accesses(path, crs, cited),
        "tenancies": lambda path: fact_tables.read_tenancies(path, cited, sites=sites, premises=premises),
        "claims": lambda path: fact_tables.read_claims(path, cited, sites=sites),
    }
    for name, read in readers.items():
        path = folder / f"{name}.csv"
        try:
            read(path)
        except GisError as error:
            yield path, str(error)


def _values(folder: Path, column: str) -> set[str]:
    """Return all that a column of that name holds in any table."""
    found: set[str] = {""}
    for path in sorted(folder.glob("*.csv")):
        with suppress(GisError):  # told when it is read
            found |= {row[column].strip() for _, row in open_table(path).rows() if column in row}
    return found
