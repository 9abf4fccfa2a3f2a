"""`gis issues`: the doubtful data of a territory, each with its reason, and the account of every row of its files."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from gis.schemas import Row, records
from gis.sources.own_files.kept import FileAccount
from gis.sources.tables.accounts import total_account
from gis.sources.tables.telling import counted_words, issue_line
from gis.territory import Published


@dataclass(frozen=True, slots=True)
class Doubts:
    """Issues of a territory, and the accounts of the files that they are of."""

    issues: tuple[Row, ...]
    accounts: tuple[FileAccount, ...]

    def lines(self) -> Iterator[str]:
        """Yield one line an issue, then the sums."""
        for row in self.issues:
            file = f" ({row['file']})" if row["file"] else ""
            yield issue_line(row, " ".join(filter(None, (row["layer"], row["row"])))) + file
        yield counted_words(len(self.issues), "issue")
        yield from map(str, self.accounts)
        if len(self.accounts) > 1:
            one_layer = len({each.layer for each in self.accounts}) == 1
            yield f"in all: {total_account(each.account for each in self.accounts).told(ground=one_layer)}"

    def as_json(self) -> str:
        """Write them for programs: `issues`, and `accounts` with rows, cells and hectares by fate and reason."""
        accounts = [{"file": each.file, **each.table()} for each in self.accounts]
        return json.dumps({"issues": list(self.issues), "accounts": accounts}, ensure_ascii=False, indent=2)


def territory_doubts(territory: Published, *, layer: str = "", file: str = "") -> Doubts:
    """Return the issues of a territory as they may be published, of one layer, or one file of `raw/`."""
    name = Path(file).name
    issues = [
        row
        for row in records(territory.issues)
        if layer in {"", row["layer"]} and (not name or _is_issue_of_file(row["file"], file.removeprefix("raw/")))
    ]
    accounts = [each for each in territory.accounts if layer in {"", each.layer} and name in {"", each.file}]
    return Doubts(tuple(issues), tuple(accounts))


def _is_issue_of_file(said: str, file: str) -> bool:
    """Tell whether an issue is of a file, by its name or by its place below `raw/`; some are of all of a pattern.

    >>> (_is_issue_of_file("planning/*-zone.json.gz", "99001-zone.json.gz"),
    ...  _is_issue_of_file("zones [1].csv", "zones [1].csv"))
    (True, True)
    """
    file_name, said_name = Path(file).name, Path(said).name
    if "*" in said:
        return fnmatch(file, said) or fnmatch(file_name, said_name)
    return said in {file, file_name} or ("/" not in file and file_name == said_name)
