"""Reads paginated JSON services to the last page.

Pages are requested by number: links of a service are not followed. The number of rows must equal the announced one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from gis.errors import SourceError
from gis.sources.open_data.answers import parse_count, rows_of_answer
from gis.sources.open_data.web import Client


class _Answer(NamedTuple):
    """One page: the announced number of rows, its rows, and the announced number of pages, 0 if none is announced."""

    announced: int
    rows: list[Mapping[str, Any]]
    pages: int


@dataclass(frozen=True, slots=True)
class Paged:
    """A paginated request: `total` and `rows` name the fields with the number of rows and the rows.

    `pages` names the field with the number of pages; all announced pages must have been requested.
    """

    url: str
    asked: Mapping[str, str]
    total: str
    rows: str
    size: int
    pages: str = ""
    is_silent: bool = False  # the service answers with an empty body if there are no rows

    def count(self, client: Client) -> int:
        """Request the number of rows."""
        return self._page(client, 1).announced

    def all(self, client: Client) -> list[Mapping[str, Any]]:
        """Request every row.

        Raises
        ------
        SourceError
            If the number of rows differs from the announced one.
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
            fault_text = f"announces {announced} rows, and {len(rows)} came. Try again later."
            raise SourceError(f"{self.url}: {fault_text}")
        return rows

    def _page(self, client: Client, page: int) -> _Answer:
        page_parameters = {**self.asked, "page": str(page), "page_size": str(self.size)}
        page_answer = client.json(
            self.url, page_parameters, empty={self.total: 0, self.rows: []} if self.is_silent else None
        )
        fields = page_answer if isinstance(page_answer, Mapping) else {}
        announced = parse_count(fields.get(self.total))
        if announced is None or self.rows not in fields:
            mend = "Run `gis doctor --online`, and tell the developers."
            raise SourceError(f"{self.url}: answers no page of rows. {mend}")
        return _Answer(announced, rows_of_answer(fields[self.rows], self.url), parse_count(fields.get(self.pages)) or 0)
