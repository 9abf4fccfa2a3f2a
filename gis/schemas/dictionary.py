"""Data dictionary: all layers and columns, in French and English, generated from the schemas.

Write it with `python -m gis.schemas.dictionary > docs/data-dictionary.md`.
"""

import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import pandera.pandas as pa

from gis.schemas.columns import Given, Public
from gis.schemas.described import LayerDescription, Table
from gis.schemas.layers import LAYERS, SCHEMAS
from gis.schemas.results import AddedInFile

_HEAD: Final = """\
# Dictionnaire des données

Ce que contient chaque couche d’un territoire, colonne par colonne. L’anglais est à côté du français. Ce texte est fait
des schémas par `python -m gis.schemas.dictionary > docs/data-dictionary.md`, il ne se corrige pas à la main.

*What each layer of a territory holds, column by column. English stands beside French. This text is made of the
schemas, it is not corrected by hand.*

- **Vide** *(empty)*, ce que personne n’a dit. Un texte est alors vide, un nombre ou une date sont absents. *What nobody
  said: a text is empty, a number or a date is absent.*
- **Donnée** *(given)*, si une table de faits donne toujours la colonne, peut l’omettre, ou ne la donne jamais parce que
  sa valeur est calculée. *Whether a table of facts always gives it, may leave it out, or never does as it is computed.*
- **Publiée** *(public)*, si l’édition publique la contient. *Whether the public edition holds it.*
"""

_HEADINGS: Final = (
    "Colonne *(column)*",
    "Type",
    "Unité *(unit)*",
    "Libellé *(label)*",
    "Note",
    "*Meaning*",
    "Vocabulaire *(vocabulary)*",
    "Donnée *(given)*",
    "Publiée *(public)*",
)

#: An escaped bar in a cell of a Markdown table, also inside code.
_BAR: Final = r"\|"

_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "string": "texte *(text)*",
        "float": "nombre *(number)*",
        "int": "entier *(integer)*",
        "datetime": "date",
        "geometry": "géométrie *(geometry)*",
    }
)

_GIVEN: Final[Mapping[Given, str]] = MappingProxyType(
    {
        Given.ALWAYS: "toujours *(always)*",
        Given.OPTIONAL: "au choix *(optional)*",
        Given.COMPUTED: "calculée *(computed)*",
    }
)

_PUBLIC: Final[Mapping[Public | None, str]] = MappingProxyType(
    {
        Public.ALWAYS: "oui *(yes)*",
        Public.BODIES_ONLY: "personnes morales *(bodies only)*",
        Public.QUOTED: "comme la colonne citée *(as the quoted column)*",
        Public.NEVER: "jamais *(never)*",
        None: "jamais *(never)*",
    }
)


def dictionary_markdown() -> str:
    """Return the data dictionary as Markdown: the definition, the inputs and the columns of each layer."""
    parts = [_HEAD, _contents_table(), *(_layer_section(name) for name in SCHEMAS), _added_columns_section()]
    return "\n".join(parts)


def _contents_table() -> str:
    rows = [
        (
            f"[{name}](#{name})",
            each.title,
            f"`{each.key}`" if each.key else "",
            each.geometry.value if each.geometry else "",
        )
        for name, each in LAYERS.items()
    ]
    return _markdown_table(("Couche *(layer)*", "Intitulé *(title)*", "Clé *(key)*", "Géométrie *(geometry)*"), rows)


def _layer_section(name: str) -> str:
    description, schema = LAYERS[name], SCHEMAS[name]
    lines = [
        f"## {name}\n",
        f"**{description.title}.** *{inspect.getdoc(schema)}*\n",
        *(f"- {line}" for line in _layer_facts(description, schema)),
        "",
        _columns_table(schema),
    ]
    return "\n".join(lines)


def _layer_facts(description: LayerDescription, schema: type[pa.DataFrameModel]) -> Iterator[str]:
    key, shape = description.key, description.geometry
    yield f"Clé *(key)* : `{key}`" if key else "Aucune clé *(no key)*"
    if description.label:
        yield f"Nom d’usage *(name in use)* : `{description.label}`"
    yield f"Géométrie *(geometry)* : {shape.value}" if shape else "Sans géométrie *(no geometry)*"
    for column, reference in description.references.items():
        or_nothing = ", ou rien *(or nothing)*" if reference.optional else ""
        yield f"Renvoi *(reference)* : `{column}` → [{reference.layer}](#{reference.layer}){or_nothing}"
    yield f"Alimentée par *(fed by)* : {' ; '.join(_layer_feeds(description)) or 'le calcul *(computed)*'}"
    declared = schema.to_schema().columns.get(key)
    if declared is not None and declared.metadata["public"] is Public.NEVER:
        yield "N’est jamais publiée *(never published)*"


def _layer_feeds(description: LayerDescription) -> Iterator[str]:
    """Yield the possible inputs of a layer."""
    name = description.name
    if description.table is not Table.NONE:
        due = ("obligatoire", "required") if description.table is Table.REQUIRED else ("facultative", "optional")
        yield f"table de faits {due[0]} *({due[1]} table of facts)* `{name}.csv`"
    if description.drawn:
        yield f"tracés *(shapes)* `raw/{name}.*`"
    if description.own_file:
        yield "fichier à soi *(a file of one’s own)*, par `gis import`"
    if description.fetched:
        yield f"données ouvertes *(open data)*, par `gis fetch`{_reach_text(description.fetched.near_m)}"


def _reach_text(near_m: float | None) -> str:
    """Return the text on the distance from sites within which fetched data is read."""
    if near_m is None:
        return ""
    return f", à {near_m:g} m des sites *(within {near_m:g} m of sites)*" if near_m else ", sur les sites *(on sites)*"


def _added_columns_section() -> str:
    text = inspect.getdoc(AddedInFile)
    return f"## GeoPackage\n\n**Colonnes ajoutées dans le fichier.** *{text}*\n\n{_columns_table(AddedInFile)}"


def _columns_table(schema: type[pa.DataFrameModel]) -> str:
    return _markdown_table(_HEADINGS, (_column_row(name, each) for name, each in schema.to_schema().columns.items()))


def _column_row(name: str, column: pa.Column) -> tuple[str, ...]:
    metadata = column.metadata or {}
    return (
        f"`{name}`",
        next(word for prefix, word in _TYPES.items() if str(column.dtype).startswith(prefix)),
        metadata["unit"] or "",
        metadata["label"],
        metadata["note"],
        f"*{column.description}*",
        ", ".join(f"`{word}`" if word else "vide *(empty)*" for word in _allowed_words(column)),
        _GIVEN[metadata["given"]],
        _PUBLIC[metadata["public"]],
    )


def _allowed_words(column: pa.Column) -> Iterable[str]:
    """Return the values that a column with a controlled vocabulary may have; empty for other columns."""
    words: list[Any] = [check.statistics["allowed_values"] for check in column.checks if check.name == "isin"]
    return [str(getattr(word, "value", word)) for word in words[0]] if words else []


def _markdown_table(headings: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    heads = tuple(headings)
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', _BAR) for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.buffer.write(dictionary_markdown().encode())
