"""Normalised form in which column names and vocabulary terms are compared."""

import re

from gis.folding import folded_text
from gis.sources.tables.rows import mended_text


def normalised_text(text: str) -> str:
    """Return what is left of a name or a word without accents, case, and signs between words.

    >>> normalised_text("Libellé de l’activité"), normalised_text("STATUT_OCC."), normalised_text("Surface (m²)")
    ('libelle de l activite', 'statut occ', 'surface m2')
    """
    return " ".join(re.findall(r"[a-z0-9?\ufffd]+", folded_text(mended_text(text))))
