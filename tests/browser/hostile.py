"""A territory whose every text is hostile: what people type, and what people who mean harm type."""

import csv
import io
import json
import tomllib
from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

from gis import schemas
from gis.schemas import Given

#: What a text may hold that a page, an address or a spreadsheet might take for more than text.
TEXTS = (
    '<img src=x onerror="window.bad=1">',
    '"><script>window.bad=2</script>',
    "</script></noscript><b class=bad>",
    "<!--<script>",
    "'`${window.bad=3}`{{7*7}}{n}&lt;b&gt;\\",
    "a\u2028b\u2029c",
    "\u202eabc\u202c عربى 🏭👩‍🏭",
    '=HYPERLINK("https://x.example";"=1")',
    "@SUM(1;1)",
    "+33-1;2",
    "-1+1",
    "x" * 300,
)

#: Keys that are written on pages. They refer to one another, so each keeps its own and gets a hostile end.
KEYS = ("terrain_id", "premises_id", "establishment_id")

#: Texts that are read, not only shown: they must keep their form.
READ = {
    *("source_id", "site_id", "building_id", "owner_id", "parcel_ids", "insee", "part_of"),
    *("active_from", "active_to", "opened", "value", "unit", "states", "parts", "whole", "as_of", "jobs_as_of"),
    *("group", "siret", "page", "qualifier", "section"),
}

#: Tables by the schema of their columns.
SCHEMAS = {
    name: getattr(schemas, "".join(part.title() for part in name.split("_")))
    for name in (
        *("accesses", "claims", "communes", "establishments", "owners", "premises", "roads", "sites", "tenancies"),
        "terrains",
    )
}


def free_columns(table: str) -> list[str]:
    """The columns of a table in which anything may be written."""
    schema = SCHEMAS[table].to_schema()
    return [
        name
        for name, column in schema.columns.items()
        if str(column.dtype).startswith("str")
        and column.metadata["given"] != Given.COMPUTED
        and not any(check.name == "isin" for check in column.checks)
        and not name.endswith(("_id", "_ids"))
        and name not in READ
    ]


def poison(folder: Path) -> dict[str, list[str]]:
    """Make every text of a territory hostile; return what was written, by table and column."""
    written: dict[str, list[str]] = {}
    ends: dict[str, str] = {}
    for table, schema in SCHEMAS.items():
        file = folder / f"{table}.csv"
        if not file.is_file():
            continue
        # Texts that quote a person are withheld, and all of these shall be shown.
        bodies = dict.fromkeys({"owner_kind", "establishment_kind"} & {*schema.to_schema().columns}, "legal")
        rows = [row | bodies for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))]
        for column in rows[0] if rows else []:
            texts = cycle(TEXTS)
            for n, row in enumerate(rows):
                if not row[column]:
                    continue
                if column in KEYS:
                    row[column] = _key(ends, row[column])
                elif column in free_columns(table):
                    said = [f"{next(texts)} {n}" for _ in row[column].split("|")]
                    written.setdefault(f"{table}.{column}", []).extend(said)
                    row[column] = "|".join(said)
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    for file in folder.glob("raw/*.geojson"):
        drawn = json.loads(file.read_text(encoding="utf-8"))
        for feature in drawn["features"]:
            feature["properties"] |= {
                key: _key(ends, value) for key, value in feature["properties"].items() if key in KEYS
            }
        file.write_text(json.dumps(drawn), encoding="utf-8")
    _poison_toml(folder / "sources.toml", {"url": 'https://x.example/"><img src=x onerror=window.bad=4>'}, written)
    _poison_toml(folder / "territory.toml", {}, written)
    written["keys"] = list(ends.values())
    return written


def _key(ends: dict[str, str], key: str) -> str:
    return ends.setdefault(key, f"{TEXTS[len(ends) % len(TEXTS)]} {key}".replace("|", ""))


#: Settings that are text of the user.
SAID = {"name", "short", "question", "why", "title", "publisher", "licence", "contact"}


def _poison_toml(file: Path, more: Mapping[str, str], written: dict[str, list[str]]) -> None:
    texts = cycle(TEXTS)

    def said(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: said(each) for key, each in value.items()}
        if isinstance(value, list):
            return [said(each) for each in value]
        text = f"{next(texts)} {value}"
        written.setdefault(file.stem, []).append(text)
        return text

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(each) for each in value]
        if not isinstance(value, Mapping):
            return value
        return {
            key: said(each) if key in SAID and not isinstance(each, list) else walk(each) for key, each in value.items()
        }

    settings = walk(tomllib.loads(file.read_text(encoding="utf-8")))
    if file.stem == "territory":
        settings.setdefault("notices", {})["publisher"] = TEXTS[0]
    else:
        settings = {key: value | more for key, value in settings.items()}
    file.write_text("\n".join(_toml(settings)), encoding="utf-8")


def _toml(settings: Mapping[str, Any]) -> Iterator[str]:
    for key, value in settings.items():
        yield f"{json.dumps(key)} = {_toml_value(value)}"


def _toml_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool | int | float) else str(value)
