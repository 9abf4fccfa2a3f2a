"""Checks of rows that contradict each other: on the site, the building, the occupant, or the state of occupation."""

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
    as_text,
    day_column,
    in_place_flags,
    key_positions,
    name_spelling,
    number_column,
    surely_held_days,
    text_column,
    true_positions,
    values_at,
    words_of_name,
)
from gis.measures.topology import containing_sites, issue_row, layer_shapes
from gis.schemas import Answer, ClaimUse, Occupied, OwnerKind, Phase, Row, Sale

#: Two names whose similarity is less than this, without a common word, are different names.
_LIKE: Final = 0.5
#: A building with at least this share of its area on a terrain does not lie there by a digitising error.
_STANDS: Final = 0.5

_FREE: Final = [each.value for each in (Occupied.NEVER, Occupied.VACANT, Occupied.DERELICT)]
_ON_SALE: Final = [each.value for each in (Sale.FOR_SALE, Sale.FOR_SALE_CONSTRAINED)]
_GONE: Final = [each.value for each in (Sale.SOLD, Sale.NOT_FOR_SALE)]
_SOLD_OR_NOT: Final = [each.value for each in (Sale.SOLD, Sale.UNKNOWN)]


def disagreement_issues(said: Statements) -> Iterator[Row]:
    """Yield the rows that other rows contradict, as rows of the layer `issues`."""
    for rule in (
        _other_site_issues,
        _missing_building_issues,
        _other_name_issues,
        _other_commune_issues,
        _phase_issues,
        _vacant_with_tenant_issues,
        _free_with_tenant_issues,
        _sold_on_sale_issues,
        _zone_count_issues,
    ):
        yield from rule(said)


def _sites_differ(said: Statements, one: Texts, other: Texts) -> Flags:
    """Tell where two site keys differ and neither site lies inside the other."""
    outer_sites = containing_sites(said.sites)
    differs: Flags = (one != other) & (one != "") & (other != "")
    for n in true_positions(differs):
        differs[n] = other[n] not in outer_sites.get(one[n], ()) and one[n] not in outer_sites.get(other[n], ())
    return differs


def _other_site_issues(said: Statements) -> Iterator[Row]:
    """Yield rows whose site differs from that of their premises, building, terrain or establishment."""
    tenancies, premises = said.tenancies, said.premises
    for name, layer, key, column, other in (
        ("tenancies", tenancies, "tenancy_id", "premises_id", "premises"),
        ("premises", premises, "premises_id", "building_id", "buildings"),
        ("tenancies", tenancies, "tenancy_id", "establishment_id", "establishments"),
        ("establishments", said.establishments, "establishment_id", "premises_id", "premises"),
        ("establishments", said.establishments, "establishment_id", "terrain_id", "terrains"),
    ):
        keys, named, site = text_column(layer, key), text_column(layer, column), text_column(layer, "site_id")
        other_rows = np.where(named == "", -1, key_positions(named, getattr(said, other), column))
        in_site = values_at(text_column(getattr(said, other), "site_id"), other_rows, "")
        for n in true_positions(_sites_differ(said, site, in_site)):
            what = column.removesuffix("_id")
            message = f"Site {site[n]} is said here, and {in_site[n]} of its {what} {named[n]}. Correct one of the two."
            yield issue_row(name, keys[n], "site_id", site[n], message)


def _missing_building_issues(said: Statements) -> Iterator[Row]:
    if not len(said.buildings):
        return
    premises = said.premises
    keys, building = text_column(premises, "premises_id"), text_column(premises, "building_id")
    for n in true_positions((building != "") & (key_positions(building, said.buildings, "building_id") < 0)):
        yield issue_row("premises", keys[n], "building_id", building[n], "There is no such building. Correct the key.")


def _other_name_issues(said: Statements) -> Iterator[Row]:
    """Yield tenancies whose occupant has no word in common with the name of its establishment."""
    tenancies, firms = said.tenancies, said.establishments
    keys, firm, occupant = (text_column(tenancies, name) for name in ("tenancy_id", "establishment_id", "occupant"))
    firm_rows = key_positions(firm, firms, "establishment_id")
    name, group = (
        values_at(text_column(firms, "establishment_name"), firm_rows, ""),
        values_at(text_column(firms, "group"), firm_rows, ""),
    )
    is_person = values_at(text_column(firms, "establishment_kind"), firm_rows, "") == OwnerKind.NATURAL.value
    for n in true_positions((name != occupant) & (name != "")):
        if _are_two_names(occupant[n], name[n]) and (not group[n] or _are_two_names(occupant[n], group[n])):
            shown_name = "another name" if is_person[n] else f"`{name[n]}`"
            message = f"Establishment {firm[n]} is {shown_name}. Correct the name or the key."
            yield issue_row("tenancies", keys[n], "occupant", "" if is_person[n] else occupant[n], message)


def _are_two_names(one: str, other: str) -> bool:
    """Tell whether two names differ: no common word, no common initials, and low similarity of their letters.

    The similarity is the normalised Indel similarity of the spellings, 2 · LCS / (m + n).
    """
    first, second = words_of_name(one), words_of_name(other)
    initials = {"".join(word[0] for word in words) for words in (first, second)}
    if {*first} & {*second} or initials & {"".join(first), "".join(second)}:
        return False
    return Indel.normalized_similarity(name_spelling(one)[0], name_spelling(other)[0]) < _LIKE


def _other_commune_issues(said: Statements) -> Iterator[Row]:
    """Yield establishments whose commune is not in the territory, or is not that of their site."""
    firms, territory_codes = said.establishments, {*said.communes["insee"]}
    keys, codes, site = (text_column(firms, name) for name in ("establishment_id", "insee", "site_id"))
    site_codes = values_at(text_column(said.sites, "insee"), key_positions(site, said.sites, "site_id"), "")
    pairs = pd.DataFrame({"codes": codes, "there": site_codes}).drop_duplicates()
    unknown_codes, is_off_site = {}, {}
    for firm_code, site_code in pairs.itertuples(index=False):
        firm_set, site_set = {*filter(None, firm_code.split("|"))}, {*filter(None, site_code.split("|"))}
        unknown_codes[firm_code] = sorted(firm_set - territory_codes)
        is_off_site[firm_code, site_code] = bool(firm_set and site_set and not firm_set & site_set)
    for n in true_positions([bool(unknown_codes[firm_code]) for firm_code in codes]):
        message = f"There is no commune {', '.join(unknown_codes[codes[n]])} in communes.csv. Correct the code."
        yield issue_row("establishments", keys[n], "insee", codes[n], message)
    for n in true_positions(
        [is_off_site[pair] and not unknown_codes[pair[0]] for pair in zip(codes, site_codes, strict=True)]
    ):
        message = f"Site {site[n]} is in {site_codes[n]}. Correct the commune or the site."
        yield issue_row("establishments", keys[n], "insee", codes[n], message)


def _phase_issues(said: Statements) -> Iterator[Row]:
    """Yield tenancies without an end, and tenancies in place that have ended without a successor."""
    tenancies = said.tenancies
    keys, room_ids, firm_ids, phase = (
        text_column(tenancies, name) for name in ("tenancy_id", "premises_id", "establishment_id", "phase")
    )
    end_earliest, end_latest = day_column(tenancies, "to_earliest"), day_column(tenancies, "to_latest")
    for n in true_positions((phase == Phase.LEFT.value) & np.isnat(end_earliest) & np.isnat(end_latest)):
        message = f"Is said to be left ({room_ids[n]}), and no end is said. Say by when it ended, or the phase."
        yield issue_row("tenancies", keys[n], "to_latest", "", message)
    has_ended = in_place_flags(tenancies) & (end_latest <= said.day)
    latest_begin = (
        pd.Series(day_column(tenancies, "from_latest")).groupby([room_ids, firm_ids]).transform("max").to_numpy()
    )
    is_followed = latest_begin.astype("datetime64[s]") > day_column(tenancies, "from_latest")
    for n in true_positions(has_ended & ~is_followed):
        message = (
            f"Is said to be in place ({room_ids[n]}), and ended by {str(end_latest[n])[:10]}, before the opening day, "
            f"{said.opening}. Say that it is left, or correct the end."
        )
        yield issue_row("tenancies", keys[n], "phase", phase[n], message)


def _tenancy_in_place_on(said: Statements, premises: Texts, day: Days) -> Ints:
    """Return, for each of some premises, the position of a tenancy that is in place there for certain; -1 if none."""
    tenancies = said.tenancies
    begins, ends = surely_held_days(tenancies, said.day)
    stays = pd.DataFrame({"premises": text_column(tenancies, "premises_id"), "begins": begins, "ends": ends})
    stays = stays.assign(tenancy=np.arange(len(stays)), key=text_column(tenancies, "tenancy_id"))
    stays = stays[in_place_flags(tenancies) & (ends > begins)].sort_values("key")
    days_asked = pd.DataFrame({"premises": premises, "day": day, "asked": np.arange(len(premises))})
    stays_on_day = days_asked.merge(stays, on="premises")
    stays_on_day = stays_on_day[
        (stays_on_day["begins"] <= stays_on_day["day"]) & (stays_on_day["ends"] > stays_on_day["day"])
    ]
    tenancy_rows = np.full(len(premises), -1)
    tenancy_rows[stays_on_day["asked"].to_numpy()] = stays_on_day["tenancy"].to_numpy()
    return tenancy_rows


def _vacant_with_tenant_issues(said: Statements) -> Iterator[Row]:
    """Yield premises stated vacant before the end of a tenancy, or available while a tenancy is in place."""
    premises, tenancies = said.premises, said.tenancies
    keys, names = text_column(premises, "premises_id"), text_column(tenancies, "tenancy_id")
    tenancy_there = _tenancy_in_place_on(said, keys, np.full(len(premises), said.day))
    vacant_since, available_from = day_column(premises, "vacant_since"), day_column(premises, "available_from")
    begins, ends = surely_held_days(tenancies, said.day)
    has_begun = np.isin(text_column(tenancies, "phase"), [Phase.IN_PLACE.value, Phase.LEFT.value]) & (
        begins <= said.day
    )
    stays_begun = np.flatnonzero(has_begun & (ends > begins))
    stays_begun = stays_begun[np.lexsort((names[stays_begun].astype(str), ends[stays_begun]))]
    latest = (
        pd.Series(stays_begun)
        .groupby(text_column(tenancies, "premises_id")[stays_begun])
        .last()
        .reindex(keys)
        .fillna(-1)
        .to_numpy(dtype=int)
    )
    last_end = values_at(ends, latest, ALWAYS).astype("datetime64[s]")
    for n in true_positions((vacant_since <= said.day) & (latest >= 0) & (last_end > vacant_since)):
        stay = (
            f"is in place there on {said.opening}" if last_end[n] > said.day else f"held it to {str(last_end[n])[:10]}"
        )
        message = (
            f"Is said to be vacant since then, and tenancy {names[latest[n]]} {stay}. Correct the day, or the tenancy."
        )
        yield issue_row("premises", keys[n], "vacant_since", str(vacant_since[n])[:10], message)
    for n in true_positions((available_from <= said.day) & (tenancy_there >= 0)):
        message = (
            f"Can be had from then, and tenancy {names[tenancy_there[n]]} is in place there on {said.opening}. "
            "Say when it ended, or correct the day."
        )
        yield issue_row("premises", keys[n], "available_from", str(available_from[n])[:10], message)


def _free_with_tenant_issues(said: Statements) -> Iterator[Row]:
    """Yield terrains that are free or for sale with an occupant in place, or never built on with a building."""
    terrains, premises, buildings = said.terrains, said.premises, said.buildings
    keys, state, sale, turnkey = (text_column(terrains, name) for name in ("terrain_id", "occupied", "sale", "turnkey"))
    as_of = day_column(terrains, "occupied_as_of")
    day = np.where(np.isnat(as_of) | (as_of > said.day), said.day, as_of)
    is_free, is_on_sale = np.isin(state, _FREE), np.isin(sale, _ON_SALE)
    reported_rows = set()
    room_ids, tenancies = text_column(premises, "premises_id"), text_column(said.tenancies, "tenancy_id")
    terrain_rows, standing = _shapes_on_terrains(
        layer_shapes(terrains), layer_shapes(premises), is_free | is_on_sale, room_ids
    )
    tenancy_there = _tenancy_in_place_on(said, room_ids[standing], day[terrain_rows])
    for n in true_positions(tenancy_there >= 0):
        row = terrain_rows[n]
        if row not in reported_rows:
            reported_rows.add(row)
            column = "occupied" if is_free[row] else "sale"
            value = state[row] if is_free[row] else sale[row]
            message = (
                f"Tenancy {tenancies[tenancy_there[n]]} is in place there, in premises {room_ids[standing[n]]}, on "
                f"{str(day[row])[:10]}. Correct the state of the terrain, or the tenancy."
            )
            yield issue_row("terrains", keys[row], column, value, message)
    never_built = (state == Occupied.NEVER.value) & (turnkey != Answer.YES.value)
    ids, ground = text_column(buildings, "building_id"), shapely.area(layer_shapes(buildings))
    terrain_rows, standing = _shapes_on_terrains(layer_shapes(terrains), layer_shapes(buildings), never_built, ids)
    for row, building in zip(terrain_rows.tolist(), standing.tolist(), strict=True):
        if row not in reported_rows and ground[building] >= said.limits.plot_m2:
            reported_rows.add(row)
            message = (
                f"Building {ids[building]} of {as_text(ground[building], 'm²')} stands on it. Correct the state of the "
                "terrain, or the building."
            )
            yield issue_row("terrains", keys[row], "occupied", state[row], message)


def _shapes_on_terrains(terrains: Texts, shapes: Texts, asked: Flags, keys: Texts) -> tuple[Ints, Ints]:
    """Return the pairs of a terrain asked for and a shape with more than half of its area on it, in order of keys."""
    asked_rows = np.flatnonzero(asked)
    terrain_index, shape_index = shapely.STRtree(shapes).query(terrains[asked_rows], predicate="intersects")
    shared_m2 = shapely.area(shapely.intersection(terrains[asked_rows][terrain_index], shapes[shape_index]))
    is_mostly_on = shared_m2 > _STANDS * shapely.area(shapes[shape_index])
    order = np.lexsort((keys[shape_index[is_mostly_on]].astype(str), asked_rows[terrain_index][is_mostly_on]))
    return asked_rows[terrain_index][is_mostly_on][order], shape_index[is_mostly_on][order]


def _sold_on_sale_issues(said: Statements) -> Iterator[Row]:
    """Yield terrains whose date of sale contradicts their stage of sale, or that are available though sold."""
    terrains = said.terrains
    keys, sale = text_column(terrains, "terrain_id"), text_column(terrains, "sale")
    sold, available_from = day_column(terrains, "sold_on"), day_column(terrains, "available_from")
    for n in true_positions(~np.isin(sale, _SOLD_OR_NOT) & (sold <= said.day)):
        message = f"Is said to be sold on {str(sold[n])[:10]}. Correct the stage of sale, or take the day out."
        yield issue_row("terrains", keys[n], "sale", sale[n], message)
    price = number_column(terrains, "price_eur_m2")
    for n in true_positions((sale == Sale.NOT_FOR_SALE.value) & (price > 0)):
        price_text = as_text(price[n], "EUR/m²")
        message = f"Is not for sale, and {price_text} are asked for it. Correct the stage, or take the price out."
        yield issue_row("terrains", keys[n], "sale", sale[n], message)
    for n in true_positions(np.isin(sale, _GONE) & ~np.isnat(available_from)):
        message = (
            f"Can be had from {str(available_from[n])[:10]}, and is sold or not for sale. Correct the stage or the day."
        )
        yield issue_row("terrains", keys[n], "sale", sale[n], message)


def _zone_count_issues(said: Statements) -> Iterator[Row]:
    """Yield published counts of zones that differ from the number of counted sites; none if no site states it."""
    claims = said.claims
    site_count = int((text_column(said.sites, "counted") == Answer.YES.value).sum())
    low, high = number_column(claims, "low"), number_column(claims, "high")
    is_zone_count = text_column(claims, "use") == ClaimUse.ZONE_COUNT.value
    for n in true_positions(is_zone_count & (site_count > 0) & ((low > site_count) | (high < site_count))):
        value = claims["value"].iloc[n]
        message = (
            f"{value} zones are published, and {site_count} sites count as zones. Correct one, or add the stand-ins."
        )
        yield issue_row("claims", text_column(claims, "claim_id")[n], "value", value, message)
