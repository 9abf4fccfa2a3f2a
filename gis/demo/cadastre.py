"""Parcels with cadastral codes, and their owners."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from gis.demo import names
from gis.demo.chance import random_mask
from gis.demo.fabric import Ints, Shapes, demo_area_m2
from gis.schemas import Occupied, OwnerKind, Sale

#: Parcels of one section; its two letters count on from AA.
_SECTION: Final = 250
_LETTERS: Final = 26
#: Public owners, who hold what is not sold, and the one of whom nothing is known.
_PUBLIC: Final = (names.TERRITORY, "Établissement foncier d’Ombrevaze (fictif)")
_NOBODY: Final = "Propriétaire non identifié (fictif)"
#: Private owners for each terrain that has one; of them, the share of natural persons.
_PRIVATE: Final = 0.8
_NATURAL: Final = 0.25
#: Of owners with ground of their own, one in so many is a natural person.
_APART_NATURAL: Final = 4
#: Share of parcels whose owner is not known at all, and of those listed under an unknown owner.
_WITHOUT: Final = 0.02
_UNKNOWN: Final = 0.015
_LEGAL_WORDS: Final = ("SCI (fictive)", "Foncière (fictive)", "SAS (fictive)", "Immobilier (fictif)")


def parcel_ids(commune: Ints, site: Ints) -> list[str]:
    """Return the 14 characters of the cadastre for each parcel: commune, prefix 000, section, number.

    Parameters
    ----------
    commune
        Number of the commune of each parcel, from 0: its code is 99001 and on.
    site
        Number of the site of each parcel; a section does not reach over two sites.
    """
    parcel_codes = [""] * len(commune)
    order = np.lexsort((np.arange(len(commune)), site, commune))
    section = number = -1
    previous_place = (-1, -1)
    for n in order.tolist():
        commune_and_site = (int(commune[n]), int(site[n]))
        if commune_and_site[0] != previous_place[0]:
            section, number = 0, 0
        elif commune_and_site != previous_place or number == _SECTION:
            section, number = section + 1, 0
        number += 1
        previous_place = commune_and_site
        first, second = divmod(section, _LETTERS)
        letters = chr(ord("A") + first % _LETTERS) + chr(ord("A") + second)
        parcel_codes[n] = f"99{commune_and_site[0] + 1:03d}000{letters}{number:04d}"
    return parcel_codes


def owners_table(rng: np.random.Generator, private: int, apart: int) -> pd.DataFrame:
    """List owners: two public bodies, one unknown, `private` legal and natural ones, then `apart` more of both."""
    natural = max(1, round(private * _NATURAL))
    legal = max(1, private - natural)
    persons = apart // _APART_NATURAL
    firm_names = names.firm_names(rng, legal + apart - persons, _LEGAL_WORDS)
    person_names = names.person_names(rng, natural + persons)
    kinds_and_names = [
        *((OwnerKind.LEGAL, name) for name in _PUBLIC),
        (OwnerKind.UNKNOWN, _NOBODY),
        *((OwnerKind.LEGAL, name) for name in firm_names[:legal]),
        *((OwnerKind.NATURAL, name) for name in person_names[:natural]),
        *((OwnerKind.LEGAL, name) for name in firm_names[legal:]),
        *((OwnerKind.NATURAL, name) for name in person_names[natural:]),
    ]
    return pd.DataFrame(
        {
            "owner_id": [f"o{n:04d}" for n in range(1, len(kinds_and_names) + 1)],
            "owner_kind": [kind.value for kind, _ in kinds_and_names],
            "owner_name": [name for _, name in kinds_and_names],
        }
    )


def cadastre_tables(  # noqa: PLR0913  (one argument for each column)
    rng: np.random.Generator,
    shapes: Shapes,
    *,
    commune: Ints,
    terrain: Ints,
    terrains: pd.DataFrame,
    apart: Sequence[Ints],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the tables of parcels and owners.

    Parameters
    ----------
    rng
        Draws.
    shapes
        Parcels, in longitude and latitude.
    commune
        Number of the commune of each parcel.
    terrain
        Number of the first terrain of each parcel: its owner holds the parcel.
    terrains
        The terrains, with `site_id`, `occupied` and `sale`, site after site.
    apart
        Groups of terrains that are known to be of one owner, who has nothing else.

    Returns
    -------
    parcels, owners
        parcel_id, owner_id ("" for a few), stated_m2 (whole square metres, a few off or NaN), one row a shape in the
        order given; and owner_id, owner_kind, owner_name.
    """
    site = pd.factorize(terrains["site_id"])[0]
    sold = terrains["sale"].isin([Sale.SOLD, Sale.UNKNOWN]).to_numpy()
    used = terrains["occupied"].isin([Occupied.OCCUPIED, Occupied.VACANT, Occupied.DERELICT]).to_numpy()
    private = sold | used
    owner_rows = owners_table(rng, max(4, round(_PRIVATE * private.sum())), len(apart))
    public, start = len(_PUBLIC), len(_PUBLIC) + 1
    # Neighbours are often bought by one owner.
    drawn_owners = rng.integers(start, len(owner_rows) - len(apart), len(terrains))
    same_as_before = np.flatnonzero((random_mask(rng, len(terrains), 0.3)) & np.append([False], site[1:] == site[:-1]))
    for n in same_as_before.tolist():
        drawn_owners[n] = drawn_owners[n - 1]
    holders = np.where(private, drawn_owners, (random_mask(rng, len(terrains), 0.3)).astype(np.int64))
    for n, group in enumerate(apart):
        holders[group] = len(owner_rows) - len(apart) + n
    holder = holders[terrain]
    shuffled_parcels = rng.permutation(len(shapes))
    shuffled_parcels = shuffled_parcels[~np.isin(terrain[shuffled_parcels], np.concatenate(apart))]
    unowned_count = max(1, round(_WITHOUT * len(shapes)))
    unknown_count = max(1, round(_UNKNOWN * len(shapes)))
    keys = owner_rows["owner_id"].to_numpy(dtype=object)[holder]
    keys[shuffled_parcels[:unowned_count]] = ""
    keys[shuffled_parcels[unowned_count : unowned_count + unknown_count]] = owner_rows["owner_id"][public]
    measured = demo_area_m2(shapes)
    stated = np.rint(
        np.where(random_mask(rng, len(shapes), 0.05), measured * rng.uniform(0.97, 1.03, len(shapes)), measured)
    )
    table = pd.DataFrame(
        {
            "parcel_id": parcel_ids(commune, site[terrain]),
            "owner_id": keys,
            "stated_m2": np.where(random_mask(rng, len(shapes), 0.02), np.nan, stated),
        }
    )
    return table, owner_rows
