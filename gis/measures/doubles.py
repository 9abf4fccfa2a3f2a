"""Duplicate checks: one object under two keys, by geometry or by name, and premises with two tenants at once."""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
import shapely

from gis.measures.magnitudes import premises_sizes_m2
from gis.measures.site_names import site_name_words
from gis.measures.statements import (
    Flags,
    Floats,
    Ints,
    Statements,
    Texts,
    as_text,
    group_numbers,
    in_place_flags,
    key_positions,
    name_spelling,
    number_column,
    overlapping_stays,
    publishable_occupants,
    surely_held_days,
    text_column,
    true_positions,
    values_at,
    words_of_name,
)
from gis.measures.topology import issue_row, layer_shapes
from gis.schemas import KEYS, OwnerKind, Row

#: The correction to make if one object is recorded twice.
_ONE: Final = "Keep one of the two, or correct the shape of the other."
#: The share of their union that a geometry and its copy have in common: all but rounding errors.
_COPY: Final = 1 - 1e-6
#: Words that identify a storey in a name.
_STOREYS: Final = re.compile(
    r"\b(rdc|r\d|niveau\w*|etages?|level|floor|mezzanine|sous|sol|comble\w*|plateau\w*)\b|\br \d"
)


def double_issues(said: Statements) -> Iterator[Row]:
    """Yield objects that are counted twice, as rows of the layer `issues`; each names the later of the two keys."""
    for rule in (
        _same_shape_issues,
        _stacked_premises_issues,
        _double_road_issues,
        _double_access_issues,
        _simultaneous_tenancy_issues,
        _area_stated_twice_issues,
        _double_siret_issues,
        _occupant_spelling_issues,
        _tenant_name_issues,
        _owner_name_issues,
        _site_name_issues,
        _double_claim_issues,
    ):
        yield from rule(said)


def _near_shape_pairs(shapes: Texts, keys: Texts, *, apart_m: float = 0.0) -> tuple[Ints, Ints]:
    """Return the pairs of shapes that intersect, or that lie within `apart_m` metres: the later key, then the other."""
    tree = shapely.STRtree(shapes)
    index_pairs = (
        tree.query(shapes, predicate="dwithin", distance=apart_m) if apart_m else tree.query(shapes, "intersects")
    )
    key_is_later = keys[index_pairs[0]] > keys[index_pairs[1]]
    return index_pairs[0][key_is_later], index_pairs[1][key_is_later]


def _shared_ratios(shapes: Texts, first: Ints, second: Ints) -> tuple[Floats, Floats]:
    """Return, for pairs of polygons, the intersection as a share of the union, and as a share of the smaller one."""
    shared_m2 = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    first_m2, second_m2 = shapely.area(shapes[first]), shapely.area(shapes[second])
    return shared_m2 / np.maximum(first_m2 + second_m2 - shared_m2, 1e-9), shared_m2 / np.maximum(
        np.minimum(first_m2, second_m2), 1e-9
    )


def _same_shape_issues(said: Statements) -> Iterator[Row]:
    """Yield buildings with the same geometry, and exclusions for one reason with the same geometry."""
    for name in ("buildings", "exclusions"):
        layer = getattr(said, name)
        keys, shapes = text_column(layer, KEYS[name]), layer_shapes(layer)
        first, second = _near_shape_pairs(shapes, keys)
        if name == "exclusions":
            reason = text_column(layer, "reason")
            same_reason = reason[first] == reason[second]
            first, second = first[same_reason], second[same_reason]
        share, _ = _shared_ratios(shapes, first, second)
        # Exclusions for one reason may overlap and count once: only an exact copy is a fault.
        is_double = share > (_COPY if name == "exclusions" else said.limits.same_share)
        for n in true_positions(is_double):
            message = f"Has the shape of {keys[second[n]]}: {share[n]:.0%} of their ground is shared. {_ONE}"
            yield issue_row(name, keys[first[n]], "geometry", as_text(shapes[first[n]].area, "m²"), message)


def _stacked_premises_issues(said: Statements) -> Iterator[Row]:
    """Yield premises that cover the same land as others, unless the two may lie on different storeys."""
    premises, limits = said.premises, said.limits
    keys, shapes, names = (
        text_column(premises, "premises_id"),
        layer_shapes(premises),
        text_column(premises, "premises_name"),
    )
    first, second = _near_shape_pairs(shapes, keys)
    joint_share, smaller_share = _shared_ratios(shapes, first, second)
    is_same_ground = smaller_share > limits.same_share
    first, second, joint_share = first[is_same_ground], second[is_same_ground], joint_share[is_same_ground]
    floor, free_heights, building_keys = (
        number_column(premises, "floor_m2"),
        number_column(premises, "height_m"),
        text_column(premises, "building_id"),
    )
    roof_heights = values_at(
        number_column(said.buildings, "height_m"), key_positions(building_keys, said.buildings, "building_id")
    )
    exceeds_roof = free_heights[first] + free_heights[second] > roof_heights[first] * limits.floor_slack
    same_name = np.array([_names_match(names[a], names[b]) for a, b in zip(first, second, strict=True)], dtype=bool)
    same_measures = (_same_values(floor, first, second)) & (_same_values(free_heights, first, second))
    names_storey = np.array(
        [_is_storey_name(names[a]) or _is_storey_name(names[b]) for a, b in zip(first, second, strict=True)], bool
    )
    is_one = (joint_share > limits.same_share) & (same_name | (same_measures & ~names_storey))
    for n in true_positions(is_one | exceeds_roof):
        row, other = first[n], second[n]
        reason = (
            "has the same floor or name"
            if is_one[n]
            else f"both do not fit under the roof, {as_text(roof_heights[row], 'm')} high"
        )
        message = f"Lies on the ground of premises {keys[other]} ({names[other]}), and {reason}. {_ONE}"
        yield issue_row("premises", keys[row], "geometry", names[row], message)


def _same_values(values: Floats, first: Ints, second: Ints) -> Flags:
    """Tell which pairs have equal values, or no value on either side."""
    same: Flags = (values[first] == values[second]) | (np.isnan(values[first]) & np.isnan(values[second]))
    return same


def _names_match(one: str, other: str) -> bool:
    return not one or not other or name_spelling(one) == name_spelling(other)


def _is_storey_name(name: str) -> bool:
    return bool(_STOREYS.search(" ".join(words_of_name(name))))


def _double_road_issues(said: Statements) -> Iterator[Row]:
    keys, shapes = text_column(said.roads, "road_id"), layer_shapes(said.roads)
    first, second = _near_shape_pairs(shapes, keys)
    bounds_gap_m = np.abs(shapely.bounds(shapes[first]) - shapely.bounds(shapes[second])).max(axis=1, initial=0)
    first, second = first[bounds_gap_m <= said.limits.same_m], second[bounds_gap_m <= said.limits.same_m]
    distance_m = shapely.hausdorff_distance(shapes[first], shapes[second])
    for n in true_positions(distance_m <= said.limits.same_m):
        length = as_text(shapes[first[n]].length, "m")
        yield issue_row("roads", keys[first[n]], "geometry", length, f"Runs where road {keys[second[n]]} does. {_ONE}")


def _double_access_issues(said: Statements) -> Iterator[Row]:
    keys, shapes, kind = (
        text_column(said.accesses, "access_id"),
        layer_shapes(said.accesses),
        text_column(said.accesses, "access_kind"),
    )
    first, second = _near_shape_pairs(shapes, keys, apart_m=said.limits.same_m)
    names = text_column(said.accesses, "access_name")
    for n in true_positions(kind[first] == kind[second]):
        message = f"Lies where access {keys[second[n]]} ({names[second[n]]}) does, and is of the same kind. {_ONE}"
        yield issue_row("accesses", keys[first[n]], "geometry", names[first[n]], message)


# --- tenancies -------------------------------------------------------------------------------------------------------


def _repeated_tenancies(said: Statements) -> list[tuple[int, int]]:
    """Return overlapping tenancies of one occupant in one phase in the same premises, each with the other one."""
    tenancies = said.tenancies
    begins, ends = surely_held_days(tenancies, said.day)
    keys = text_column(tenancies, "tenancy_id")
    place_columns = {name: text_column(tenancies, name) for name in ("premises_id", "phase")}
    other_by_tenancy: dict[int, int] = {}
    for occupant_keys in (
        text_column(tenancies, "establishment_id"),
        _spellings_of_names(text_column(tenancies, "occupant")),
    ):
        other_by_tenancy |= dict(
            overlapping_stays(group_numbers({**place_columns, "who": occupant_keys}), begins, ends, keys)
        )
    return sorted(other_by_tenancy.items())


def _spellings_of_names(names: Texts) -> Texts:
    """Return the normalised spelling of each name as one text."""
    spelling_by_name = {name: " ".join(name_spelling(name)) for name in pd.unique(names)}
    return np.array([spelling_by_name[name] for name in names], dtype=object)


def _simultaneous_tenancy_issues(said: Statements) -> Iterator[Row]:
    """Yield tenancies that are recorded twice, and those of two tenants in the same premises at once."""
    keys, held, who = (
        text_column(said.tenancies, "tenancy_id"),
        text_column(said.tenancies, "premises_id"),
        publishable_occupants(said),
    )
    repeated = _repeated_tenancies(said)
    for n, other in repeated:
        message = (
            f"Is the same as tenancy {keys[other]}: {who[other]} in premises {held[other]}, in one phase, at one time. "
            "Keep one of the two."
        )
        yield issue_row("tenancies", keys[n], "premises_id", held[n], message)
    yield from _simultaneous_tenant_issues(said, [n for n, _ in repeated])


def _simultaneous_tenant_issues(said: Statements, repeated: list[int]) -> Iterator[Row]:
    """Yield tenants in place in the same premises at once, if an area is unknown or their sum exceeds the premises."""
    tenancies, limits = said.tenancies, said.limits
    begins, ends = surely_held_days(tenancies, said.day)
    is_repeated = np.zeros(len(tenancies), dtype=bool)
    is_repeated[repeated] = True
    rows_in_place = np.flatnonzero(
        in_place_flags(tenancies) & ~is_repeated & (text_column(tenancies, "premises_id") != "")
    )
    keys, rooms, who = (
        text_column(tenancies, "tenancy_id")[rows_in_place],
        text_column(tenancies, "premises_id")[rows_in_place],
        publishable_occupants(said)[rows_in_place],
    )
    begins, ends, area = (
        begins[rows_in_place],
        ends[rows_in_place],
        number_column(tenancies, "area_low_m2")[rows_in_place],
    )
    premises_m2 = premises_sizes_m2(said, rooms)
    held_m2 = _amount_held_at_once(rooms, begins, ends, np.nan_to_num(area))
    area_unsaid = _amount_held_at_once(rooms, begins, ends, np.isnan(area).astype(float)) > 0
    for n, other in overlapping_stays(rooms, begins, ends, keys):
        if not area_unsaid[n] and not held_m2[n] > premises_m2[n] * limits.floor_slack:
            continue
        total_text = "an area that not all of them say" if area_unsaid[n] else as_text(held_m2[n], "m²")
        have = "" if np.isnan(premises_m2[n]) else f" of {as_text(premises_m2[n], 'm²')}"
        message = (
            f"{who[n]} and {who[other]} (tenancy {keys[other]}) are both in place in premises {rooms[n]}{have} at one "
            f"time, with {total_text} together. Say when one of them ends, or which part each holds."
        )
        yield issue_row("tenancies", keys[n], "premises_id", rooms[n], message)


def _amount_held_at_once(group: Texts, begins: np.ndarray, ends: np.ndarray, amount: Floats) -> Floats:
    """Return the amount held in the group of each stay on the day it begins, its own amount included."""
    is_real_stay = ends > begins
    stay_numbers = np.arange(len(group))[is_real_stay]
    codes = pd.factorize(pd.Series(group))[0][is_real_stay]
    events = pd.DataFrame(
        {
            "group": np.concatenate([codes, codes]),
            "day": np.concatenate([begins[is_real_stay], ends[is_real_stay]]),
            "change": np.concatenate([amount[is_real_stay], -amount[is_real_stay]]),
            "comes": np.repeat([True, False], len(stay_numbers)),
            "stay": np.concatenate([stay_numbers, stay_numbers]),
        }
    ).sort_values(["group", "day", "comes"], kind="stable")
    events["held"] = events.groupby("group")["change"].cumsum()
    arrivals = events[events["comes"]]
    # Stays that begin on the same day overlap.
    held_that_day = arrivals.groupby(["group", "day"])["held"].transform("last")
    held_amounts = np.zeros(len(group))
    held_amounts[arrivals["stay"].to_numpy()] = held_that_day.to_numpy()
    return held_amounts


def _area_stated_twice_issues(said: Statements) -> Iterator[Row]:
    """Yield tenancies of one tenant with the same area in two premises at once, unless both premises have that size."""
    tenancies, limits = said.tenancies, said.limits
    begins, ends = surely_held_days(tenancies, said.day)
    keys, rooms = text_column(tenancies, "tenancy_id"), text_column(tenancies, "premises_id")
    low, high, jobs = (number_column(tenancies, name) for name in ("area_low_m2", "area_high_m2", "jobs_now"))
    rows_with_area = np.flatnonzero(~np.isnan(low))
    group = group_numbers(
        {name: text_column(tenancies, name)[rows_with_area] for name in ("site_id", "establishment_id", "phase")}
        | {"low": low[rows_with_area], "high": high[rows_with_area]}
    )
    premises_m2 = premises_sizes_m2(said, rooms)
    fills_premises = (low <= premises_m2 * limits.floor_slack) & (high * limits.floor_slack >= premises_m2)
    for a, b in overlapping_stays(group, begins[rows_with_area], ends[rows_with_area], keys[rows_with_area]):
        n, twin = rows_with_area[a], rows_with_area[b]
        if rooms[n] != rooms[twin] and (not (fills_premises[n] and fills_premises[twin]) or jobs[n] == jobs[twin]):
            message = (
                f"Tenancy {keys[twin]} says the same {as_text(low[n], 'm²')} of premises {rooms[twin]}: the whole area "
                "stands in both. Say how much each of the premises has."
            )
            yield issue_row("tenancies", keys[n], "area_low_m2", as_text(low[n], "m²"), message)


# --- names -----------------------------------------------------------------------------------------------------------


def _pairs_named_alike(names: Texts, keys: Texts) -> Iterator[tuple[int, int]]:
    """Yield pairs of spellings of one name, later key first; names with different legal forms are different names."""
    spelling_by_name = {name: name_spelling(name) for name in pd.unique(names)}
    by_stem: dict[str, list[int]] = {}
    for n in np.argsort(keys.astype(str), kind="stable").tolist():
        if spelling_by_name[names[n]][0]:
            by_stem.setdefault(spelling_by_name[names[n]][0], []).append(n)
    for same_stem in by_stem.values():
        first_by_form: dict[str, int] = {}
        for n in same_stem:
            form = spelling_by_name[names[n]][1]
            other = first_by_form.get(
                form, first_by_form.get("", next(iter(first_by_form.values()), None) if not form else None)
            )
            if other is not None:
                yield n, other
            first_by_form.setdefault(form, n)


def _double_siret_issues(said: Statements) -> Iterator[Row]:
    firms = said.establishments
    keys, siret = text_column(firms, "establishment_id"), text_column(firms, "siret")
    order = np.argsort(keys.astype(str), kind="stable")
    first = pd.Series(keys[order]).groupby(siret[order]).transform("first").to_numpy(dtype=object)
    for n, other in zip(order.tolist(), first, strict=True):
        if siret[n] and other != keys[n]:
            message = f"Establishment {other} has the same SIRET. Keep one of the two, or correct one SIRET."
            yield issue_row("establishments", keys[n], "siret", siret[n], message)


def _occupant_spelling_issues(said: Statements) -> Iterator[Row]:
    """Yield occupants spelled differently from their establishment, or from another tenancy of the same one."""
    firms, tenancies = said.establishments, said.tenancies
    keys, firm, occupant = (text_column(tenancies, name) for name in ("tenancy_id", "establishment_id", "occupant"))
    firm_rows = key_positions(firm, firms, "establishment_id")
    name = values_at(text_column(firms, "establishment_name"), firm_rows, "")
    is_person = values_at(text_column(firms, "establishment_kind"), firm_rows, "") == OwnerKind.NATURAL.value
    order = np.argsort(keys.astype(str), kind="stable")
    first_occupant = np.empty(len(keys), dtype=object)
    first_occupant[order] = pd.Series(occupant[order]).groupby(firm[order]).transform("first").to_numpy(dtype=object)
    usual_name = np.where(name == "", first_occupant, name)
    for n in true_positions((usual_name != occupant) & ~is_person):
        if _names_match(usual_name[n], occupant[n]):
            message = f"Is spelled `{usual_name[n]}` elsewhere (establishment {firm[n]}). Write one name."
            yield issue_row("tenancies", keys[n], "occupant", occupant[n], message)


def _tenant_name_issues(said: Statements) -> Iterator[Row]:
    """Yield occupants of one site with one name in two spellings and two keys; natural persons are left out."""
    firms, tenancies = said.establishments, said.tenancies
    listed = pd.DataFrame(
        {
            "layer": "establishments",
            "row": text_column(firms, "establishment_id"),
            "key": text_column(firms, "establishment_id"),
            "name": text_column(firms, "establishment_name"),
            "site": text_column(firms, "site_id"),
            "siret": text_column(firms, "siret"),
        }
    )[text_column(firms, "establishment_kind") != OwnerKind.NATURAL.value]
    firm_rows = key_positions(text_column(tenancies, "establishment_id"), firms, "establishment_id")
    unlisted = pd.DataFrame(
        {
            "layer": "tenancies",
            "row": text_column(tenancies, "tenancy_id"),
            "key": text_column(tenancies, "establishment_id"),
            "name": text_column(tenancies, "occupant"),
            "site": text_column(tenancies, "site_id"),
            "siret": "",
        }
    )[firm_rows < 0].drop_duplicates(["key", "name", "site"])
    named_tenants = pd.concat([listed, unlisted], ignore_index=True).astype(object)
    stems = {name: name_spelling(name)[0] for name in pd.unique(named_tenants["name"])}
    named_tenants["stem"] = named_tenants["name"].map(stems)
    for _, namesakes in named_tenants[named_tenants.duplicated(["stem", "site"], keep=False)].groupby(
        ["stem", "site"], sort=True
    ):
        rows = namesakes.reset_index(drop=True)
        for n, other in _pairs_named_alike(rows["name"].to_numpy(), rows["key"].to_numpy()):
            one, two = rows.iloc[n], rows.iloc[other]
            if one["key"] == two["key"] or (one["siret"] and two["siret"]):
                continue
            column = "establishment_name" if one["layer"] == "establishments" else "occupant"
            where = f"on site {one['site']}" if one["site"] else "with no site either"
            message = (
                f"Is also spelled `{two['name']}` ({two['layer']} {two['row']}, establishment {two['key']}), {where}. "
                "Write one name and one key, or say both SIRET if they are two."
            )
            yield issue_row(one["layer"], one["row"], column, one["name"], message)


def _owner_name_issues(said: Statements) -> Iterator[Row]:
    """Yield legal persons that own under two keys and one name; natural persons are never reported."""
    bodies = said.owners[text_column(said.owners, "owner_kind") == OwnerKind.LEGAL.value]
    keys, names = text_column(bodies, "owner_id"), text_column(bodies, "owner_name")
    for n, other in _pairs_named_alike(names, keys):
        message = f"Is also spelled `{names[other]}` (owner {keys[other]}). Give both one key, for their ground is one."
        yield issue_row("owners", keys[n], "owner_name", names[n], message)


def _site_name_issues(said: Statements) -> Iterator[Row]:
    """Yield sites with the name of another site; a generic name only if both sites share a commune."""
    sites = said.sites[text_column(said.sites, "stand_in") != "oui"]
    keys, names, codes = text_column(sites, "site_id"), text_column(sites, "site_name"), text_column(sites, "insee")
    stem_by_name = {name: "".join(words_of_name(name)) for name in pd.unique(names)}
    has_own_words = {name: not _is_generic_name(name) for name in stem_by_name}
    sites_by_stem: dict[str, list[int]] = {}
    for n in np.argsort(keys.astype(str), kind="stable").tolist():
        stem = stem_by_name[names[n]]
        for other in sites_by_stem.get(stem, []) if stem else []:
            if has_own_words[names[n]] or {*codes[n].split("|")} & {*codes[other].split("|")}:
                message = f"Is also the name of site {keys[other]} ({codes[other]}). Correct one of the two names."
                yield issue_row("sites", keys[n], "site_name", names[n], message)
                break
        sites_by_stem.setdefault(stem, []).append(n)


def _is_generic_name(name: str) -> bool:
    """Tell whether a name has no identifying word, such as `Zone artisanale`."""
    own_words, kinds = site_name_words(name)
    return not own_words or (bool(kinds) and len(own_words) == len(words_of_name(name)))


def _double_claim_issues(said: Statements) -> Iterator[Row]:
    """Yield claims of one source that differ by their key only."""
    claims = said.claims
    keys = text_column(claims, "claim_id")
    columns = (
        "site_id",
        "subject",
        "measure",
        "value",
        "unit",
        "area_kind",
        "as_of",
        "source_id",
        "page",
        "section",
        "states",
    )
    group = group_numbers({name: text_column(claims, name) for name in columns})
    order = np.argsort(keys.astype(str), kind="stable")
    first = pd.Series(keys[order]).groupby(group[order]).transform("first").to_numpy(dtype=object)
    for n, other in zip(order.tolist(), first, strict=True):
        if other != keys[n]:
            message = f"Claim {other} says the same, of the same source and day. Keep one of the two."
            yield issue_row("claims", keys[n], "value", claims["value"].iloc[n], message)
