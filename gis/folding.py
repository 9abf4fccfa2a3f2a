"""Case and accent folding of names: the only way in which two spellings are compared.

`gis/maps/assets/src/folding.js` does the same on the pages; both are tested on `tests/data/folding_cases.json`.
"""

import re
import unicodedata


def folded_text(text: str) -> str:
    """Return a text without accents, capitals and ligatures, with all its other signs.

    >>> folded_text("L’Œuvre d’Été"), folded_text("STRASSE"), folded_text("Straße")
    ('l’oeuvre d’ete', 'strasse', 'strasse')
    """
    unaccented = unicodedata.normalize("NFKD", text.replace("\u00df", "ss")).casefold()
    unaccented = "".join(sign for sign in unaccented if unicodedata.category(sign) not in {"Mn", "Cf"})
    return unaccented.replace("œ", "oe").replace("æ", "ae")


def letters_and_digits(text: str) -> str:
    """Return the letters and digits of a text alone, folded.

    >>> letters_and_digits("Zone d’Activités n°1")
    'zonedactivitesn1'
    """
    return re.sub(r"[\W_]", "", folded_text(text))
