"""Case and accent folding of names: the only way in which two spellings are compared.

`gis/maps/assets/src/folding.js` does the same on the pages; both are tested on `tests/data/folding_cases.json`.
"""

import re
import unicodedata


def folded(text: str) -> str:
    """Return a text without accents, capitals and ligatures, with all its other signs.

    >>> folded("L’Œuvre d’Été"), folded("STRASSE"), folded("Straße")
    ('l’oeuvre d’ete', 'strasse', 'strasse')
    """
    plain = unicodedata.normalize("NFKD", text.replace("\u00df", "ss")).casefold()
    plain = "".join(sign for sign in plain if unicodedata.category(sign) not in {"Mn", "Cf"})
    return plain.replace("œ", "oe").replace("æ", "ae")


def letters(text: str) -> str:
    """Return the letters and digits of a text alone, folded.

    >>> letters("Zone d’Activités n°1")
    'zonedactivitesn1'
    """
    return re.sub(r"[\W_]", "", folded(text))
