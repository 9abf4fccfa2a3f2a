"""Rows that speak against each other: of which site, which building, whose, and whether anybody is there."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
import shapely
from rapidfuzz.distance import Indel

from gis.measures.statements import (
    ALWAYS,
    Days,
    Flags,
    Ints,
    Statements,
    Texts,
    days,
    hits,
    in_place,
    numbers,
    positions,
    shown,
    spelling,
    surely_held,
    taken,
    texts,
    words_in,
)
from gis.measures.topology import issue_row, shapes_of, wholes
from gis.schemas import Answer, ClaimUse, Occupied, OwnerKind, Phase, Row, Sale

#: Two names that have less in common than this, and no word, are two.
_LIKE: Final = 0.5
#: Of a building this much stands on a terrain that is not by mistake in drawing.
_STANDS: Final = 0.5

_FREE: Final = [each.value for each in (Occupied.NEVER, Occupied.VACANT, Occupied.DERELICT)]
_ON_SALE: Final = [each.value for each in (Sale.FOR_SALE, Sale.FOR_SALE_CONSTRAINED)]
_GONE: Final = [each.value for each in (Sale.SOLD, Sale.NOT_FOR_SALE)]
_SOLD_OR_NOT: Final = [each.value for each in (Sale.SOLD, Sale.UNKNOWN)]


def disagreements(said: Statements) -> Iterator[Row]:
    """Yield rows that others speak against; the rows are those of the layer of issues."""
    for rule in (
        _other_site,
        _no_such_building,
        _other_name,
        _other_commune,
        _phases,
        _vacant_with_tenant,
        _free_with_tenant,
        _sold_on_sale,
        _zones_counted,
    ):
        yield from rule(said)


def _apart(said: Statements, one: Texts, other: Texts) -> Flags:
    """Say where two sites are named that are not one, nor one inside the other."""
    inside = wholes(said.sites)
    apart: Flags = (one != other) & (one != "") & (other != "")
    for n in hits(apart):
        apart[n] = other[n] not in inside.get(one[n], ()) and one[n] not in inside.get(other[n], ())
    return apart


def _other_site(said: Statements) -> Iterator[Row]:
    """Yield tenancies and premises on another site than what they are in, or than their occupant."""
    tenancies, premises = said.tenancies, said.premises
    for name, layer, key, column, other in (
        ("tenancies", tenancies, "tenancy_id", "premises_id", "premises"),
        ("premises", premises, "premises_id", "building_id", "buildings"),
        ("tenancies", tenancies, "tenancy_id", "establishment_id", "establishments"),
        ("establishments", said.establishments, "establishment_id", "premises_id", "premises"),
        ("establishments", said.establishments, "establishment_id", "terrain_id", "terrains"),
    ):
        keys, named, site = texts(layer, key), texts(layer, column), texts(layer, "site_id")
        where = np.where(named == "", -1, positions(named, getattr(said, other), column))
        there = taken(texts(getattr(said, other), "site_id"), where, "")
        for n in hits(_apart(said, site, there)):
            what = column.removesuffix("_id")
            message = f"Site {site[n]} is said here, and {there[n]} of its {what} {named[n]}. Correct one of the two."
            yield issue_row(name, keys[n], "site_id", site[n], message)


def _no_such_building(said: Statements) -> Iterator[Row]:
    if not len(said.buildings):
        return
    premises = said.premises
    keys, building = texts(premises, "premises_id"), texts(premises, "building_id")
    for n in hits((building != "") & (positions(building, said.buildings, "building_id") < 0)):
        yield issue_row("premises", keys[n], "building_id", building[n], "There is no such building. Correct the key.")


def _other_name(said: Statements) -> Iterator[Row]:
    """Yield tenancies whose occupant has no word in common with the name of their establishment."""
    tenancies, firms = said.tenancies, said.establishments
    keys, firm, occupant = (texts(tenancies, name) for name in ("tenancy_id", "establishment_id", "occupant"))
    where = positions(firm, firms, "establishment_id")
    name, group = taken(texts(firms, "establishment_name"), where, ""), taken(texts(firms, "group"), where, "")
    person = taken(texts(firms, "establishment_kind"), where, "") == OwnerKind.NATURAL.value
    for n in hits((name != occupant) & (name != "")):
        if _two_names(occupant[n], name[n]) and (not group[n] or _two_names(occupant[n], group[n])):
            told = "another name" if person[n] else f"`{name[n]}`"
            message = f"Establishment {firm[n]} is {told}. Correct the name or the key."
            yield issue_row("tenancies", keys[n], "occupant", "" if person[n] else occupant[n], message)


def _two_names(one: str, other: str) -> bool:
    """Tell whether two names are of two: no word and no initials in common, and few letters in one order.

    Letters are compared by the normalised Indel similarity of their spellings, 2 · LCS / (m + n).
    """
    first, second = words_in(one), words_in(other)
    letters = {"".join(word[0] for word in words) for words in (first, second)}
    if {*first} & {*second} or letters & {"".join(first), "".join(second)}:
        return False
    return Indel.normalized_similarity(spelling(one)[0], spelling(other)[0]) < _LIKE


def _other_commune(said: Statements) -> Iterator[Row]:
    """Yield establishments of communes that are not of the territory, or not of their site."""
    firms, known = said.establishments, {*said.communes["insee"]}
    keys, codes, site = (texts(firms, name) for name in ("establishment_id", "insee", "site_id"))
    there = taken(texts(said.sites, "insee"), positions(site, said.sites, "site_id"), "")
    pairs = pd.DataFrame({"codes": codes, "there": there}).drop_duplicates()
    lost, off = {}, {}
    for own, others in pairs.itertuples(index=False):
        mine, its = {*filter(None, own.split("|"))}, {*filter(None, others.split("|"))}
        lost[own] = sorted(mine - known)
        off[own, others] = bool(mine and its and not mine & its)
    for n in hits([bool(lost[own]) for own in codes]):
        message = f"There is no commune {', '.join(lost[codes[n]])} in communes.csv. Correct the code."
        yield issue_row("establishments", keys[n], "insee", codes[n], message)
    for n in hits([off[pair] and not lost[pair[0]] for pair in zip(codes, there, strict=True)]):
        message = f"Site {site[n]} is in {there[n]}. Correct the commune or the site."
        yield issue_row("establishments", keys[n], "insee", codes[n], message)


def _phases(said: Statements) -> Iterator[Row]:
    """Yield tenancies left without an end, and tenancies in place that have ended and that nothing follows."""
    tenancies = said.tenancies
    keys, held, firm, phase = (
        texts(tenancies, name) for name in ("tenancy_id", "premises_id", "establishment_id", "phase")
    )
    first, last = days(tenancies, "to_earliest"), days(tenancies, "to_latest")
    for n in hits((phase == Phase.LEFT.value) & np.isnat(first) & np.isnat(last)):
        message = f"Is said to be left ({held[n]}), and no end is said. Say by when it ended, or the phase."
        yield issue_row("tenancies", keys[n], "to_latest", "", message)
    ended = in_place(tenancies) & (last <= said.day)
    stays = pd.Series(days(tenancies, "from_latest")).groupby([held, firm]).transform("max").to_numpy()
    followed = stays.astype("datetime64[s]") > days(tenancies, "from_latest")
    for n in hits(ended & ~followed):
        message = (
            f"Is said to be in place ({held[n]}), and ended by {str(last[n])[:10]}, before the opening day, "
            f"{said.opening}. Say that it is left, or correct the end."
        )
        yield issue_row("tenancies", keys[n], "phase", phase[n], message)


def _there_on(said: Statements, premises: Texts, day: Days) -> Ints:
    """Return, for some premises, a tenancy that is surely in place there on a day; -1 for none."""
    tenancies = said.tenancies
    begins, ends = surely_held(tenancies, said.day)
    stays = pd.DataFrame({"premises": texts(tenancies, "premises_id"), "begins": begins, "ends": ends})
    stays = stays.assign(tenancy=np.arange(len(stays)), key=texts(tenancies, "tenancy_id"))
    stays = stays[in_place(tenancies) & (ends > begins)].sort_values("key")
    asked = pd.DataFrame({"premises": premises, "day": day, "asked": np.arange(len(premises))})
    both = asked.merge(stays, on="premises")
    both = both[(both["begins"] <= both["day"]) & (both["ends"] > both["day"])]
    found = np.full(len(premises), -1)
    found[both["asked"].to_numpy()] = both["tenancy"].to_numpy()
    return found


def _vacant_with_tenant(said: Statements) -> Iterator[Row]:
    """Yield premises that are vacant since a day that somebody held them after, or to be had while somebody does."""
    premises, tenancies = said.premises, said.tenancies
    keys, names = texts(premises, "premises_id"), texts(tenancies, "tenancy_id")
    there = _there_on(said, keys, np.full(len(premises), said.day))
    since, had = days(premises, "vacant_since"), days(premises, "available_from")
    begins, ends = surely_held(tenancies, said.day)
    came = np.isin(texts(tenancies, "phase"), [Phase.IN_PLACE.value, Phase.LEFT.value]) & (begins <= said.day)
    some = np.flatnonzero(came & (ends > begins))
    some = some[np.lexsort((names[some].astype(str), ends[some]))]
    last = (
        pd.Series(some)
        .groupby(texts(tenancies, "premises_id")[some])
        .last()
        .reindex(keys)
        .fillna(-1)
        .to_numpy(dtype=int)
    )
    until = taken(ends, last, ALWAYS).astype("datetime64[s]")
    for n in hits((since <= said.day) & (last >= 0) & (until > since)):
        held = f"is in place there on {said.opening}" if until[n] > said.day else f"held it to {str(until[n])[:10]}"
        message = (
            f"Is said to be vacant since then, and tenancy {names[last[n]]} {held}. Correct the day, or the tenancy."
        )
        yield issue_row("premises", keys[n], "vacant_since", str(since[n])[:10], message)
    for n in hits((had <= said.day) & (there >= 0)):
        message = (
            f"Can be had from then, and tenancy {names[there[n]]} is in place there on {said.opening}. "
            "Say when it ended, or correct the day."
        )
        yield issue_row("premises", keys[n], "available_from", str(had[n])[:10], message)


def _free_with_tenant(said: Statements) -> Iterator[Row]:
    """Yield terrains that are free or on sale while somebody is in place on them, or never built on with buildings."""
    terrains, premises, buildings = said.terrains, said.premises, said.buildings
    keys, state, sale, turnkey = (texts(terrains, name) for name in ("terrain_id", "occupied", "sale", "turnkey"))
    as_of = days(terrains, "occupied_as_of")
    day = np.where(np.isnat(as_of) | (as_of > said.day), said.day, as_of)
    free, on_sale = np.isin(state, _FREE), np.isin(sale, _ON_SALE)
    told = set()
    rooms, tenancies = texts(premises, "premises_id"), texts(said.tenancies, "tenancy_id")
    terrain, inside = _standing_on(shapes_of(terrains), shapes_of(premises), free | on_sale, rooms)
    there = _there_on(said, rooms[inside], day[terrain])
    for n in hits(there >= 0):
        row = terrain[n]
        if row not in told:
            told.add(row)
            column = "occupied" if free[row] else "sale"
            value = state[row] if free[row] else sale[row]
            message = (
                f"Tenancy {tenancies[there[n]]} is in place there, in premises {rooms[inside[n]]}, on "
                f"{str(day[row])[:10]}. Correct the state of the terrain, or the tenancy."
            )
            yield issue_row("terrains", keys[row], column, value, message)
    never = (state == Occupied.NEVER.value) & (turnkey != Answer.YES.value)
    names, ground = texts(buildings, "building_id"), shapely.area(shapes_of(buildings))
    terrain, inside = _standing_on(shapes_of(terrains), shapes_of(buildings), never, names)
    for row, building in zip(terrain.tolist(), inside.tolist(), strict=True):
        if row not in told and ground[building] >= said.limits.plot_m2:
            told.add(row)
            message = (
                f"Building {names[building]} of {shown(ground[building], 'm²')} stands on it. Correct the state of the "
                "terrain, or the building."
            )
            yield issue_row("terrains", keys[row], "occupied", state[row], message)


def _standing_on(terrains: Texts, shapes: Texts, asked: Flags, keys: Texts) -> tuple[Ints, Ints]:
    """Return which shapes stand, with half of their ground at least, on which terrains of those asked for, by key."""
    some = np.flatnonzero(asked)
    there, inside = shapely.STRtree(shapes).query(terrains[some], predicate="intersects")
    shared = shapely.area(shapely.intersection(terrains[some][there], shapes[inside]))
    most = shared > _STANDS * shapely.area(shapes[inside])
    order = np.lexsort((keys[inside[most]].astype(str), some[there][most]))
    return some[there][most][order], inside[most][order]


def _sold_on_sale(said: Statements) -> Iterator[Row]:
    """Yield terrains that are sold by their day and not by their stage, or that can be had though they are sold."""
    terrains = said.terrains
    keys, sale = texts(terrains, "terrain_id"), texts(terrains, "sale")
    sold, had = days(terrains, "sold_on"), days(terrains, "available_from")
    for n in hits(~np.isin(sale, _SOLD_OR_NOT) & (sold <= said.day)):
        message = f"Is said to be sold on {str(sold[n])[:10]}. Correct the stage of sale, or take the day out."
        yield issue_row("terrains", keys[n], "sale", sale[n], message)
    price = numbers(terrains, "price_eur_m2")
    for n in hits((sale == Sale.NOT_FOR_SALE.value) & (price > 0)):
        asked = shown(price[n], "EUR/m²")
        message = f"Is not for sale, and {asked} are asked for it. Correct the stage, or take the price out."
        yield issue_row("terrains", keys[n], "sale", sale[n], message)
    for n in hits(np.isin(sale, _GONE) & ~np.isnat(had)):
        message = f"Can be had from {str(had[n])[:10]}, and is sold or not for sale. Correct the stage or the day."
        yield issue_row("terrains", keys[n], "sale", sale[n], message)


def _zones_counted(said: Statements) -> Iterator[Row]:
    """Yield published counts of zones that are not how many sites count; where nobody says which do, none."""
    claims = said.claims
    counted = int((texts(said.sites, "counted") == Answer.YES.value).sum())
    low, high = numbers(claims, "low"), numbers(claims, "high")
    of_zones = texts(claims, "use") == ClaimUse.ZONE_COUNT.value
    for n in hits(of_zones & (counted > 0) & ((low > counted) | (high < counted))):
        value = claims["value"].iloc[n]
        message = f"{value} zones are published, and {counted} sites count as zones. Correct one, or add the stand-ins."
        yield issue_row("claims", texts(claims, "claim_id")[n], "value", value, message)
