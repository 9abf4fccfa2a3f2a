"""Reads paginated JSON services to the last page.

Pages are requested by number: links of a service are not followed. The number of rows must equal the announced one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from gis.errors import SourceError
from gis.sources.open_data.answers import count_of, rows_of
from gis.sources.open_data.web import Client


class _Answer(NamedTuple):
    """One page: how many rows are announced, those of the page, and how many pages are announced, 0 where none is."""

    announced: int
    rows: list[Mapping[str, Any]]
    pages: int


@dataclass(frozen=True, slots=True)
class Paged:
    """What is asked of a service: `total` and `rows` name where its answer says how many there are, and which.

    `pages` names where it says how many pages there are; what it announces there must have been asked for.
    """

    url: str
    asked: Mapping[str, str]
    total: str
    rows: str
    size: int
    pages: str = ""
    is_silent: bool = False  # says with an empty body that there is nothing

    def count(self, client: Client) -> int:
        """Ask how many rows there are."""
        return self._page(client, 1).announced

    def all(self, client: Client) -> list[Mapping[str, Any]]:
        """Get every row.

        Raises
        ------
        SourceError
            If another number comes than was announced.
        """
        rows: list[Mapping[str, Any]] = []
        announced = 0
        for page in client.pages(self.url):
            answer = self._page(client, page)
            announced = answer.announced
            rows += answer.rows
            if not answer.rows or (len(rows) >= announced and page >= answer.pages):
                break
        if len(rows) != announced:
            came = f"announces {announced} rows, and {len(rows)} came. Try again later."
            raise SourceError(f"{self.url}: {came}")
        return rows

    def _page(self, client: Client, page: int) -> _Answer:
        asked = {**self.asked, "page": str(page), "page_size": str(self.size)}
        found = client.json(self.url, asked, empty={self.total: 0, self.rows: []} if self.is_silent else None)
        known = found if isinstance(found, Mapping) else {}
        announced = count_of(known.get(self.total))
        if announced is None or self.rows not in known:
            mend = "Run `gis doctor --online`, and tell the developers."
            raise SourceError(f"{self.url}: answers no page of rows. {mend}")
        return _Answer(announced, rows_of(known[self.rows], self.url), count_of(known.get(self.pages)) or 0)
