"""Normalised form in which column names and vocabulary terms are compared."""

import re

from gis.folding import folded
from gis.sources.tables.rows import mended


def plain(text: str) -> str:
    """Return what is left of a name or a word without accents, case, and signs between words.

    >>> plain("Libellé de l’activité"), plain("STATUT_OCC."), plain("Surface (m²)")
    ('libelle de l activite', 'statut occ', 'surface m2')
    """
    return " ".join(re.findall(r"[a-z0-9?\ufffd]+", folded(mended(text))))
