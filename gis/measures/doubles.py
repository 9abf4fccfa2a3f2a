"""What stands twice: one thing under two keys, by its shape or its name, and premises that two hold at once."""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
import shapely

from gis.measures.magnitudes import size_of
from gis.measures.site_names import words_of
from gis.measures.statements import (
    Flags,
    Floats,
    Ints,
    Statements,
    Texts,
    hits,
    in_place,
    numbers,
    occupants,
    overlapped,
    positions,
    shown,
    spelling,
    surely_held,
    taken,
    texts,
    together,
    words_in,
)
from gis.measures.topology import issue_row, shapes_of
from gis.schemas import KEYS, OwnerKind, Row

#: What is asked for where a thing stands twice.
_ONE: Final = "Keep one of the two, or correct the shape of the other."
#: Ground that a shape and its copy share of both together: all but what computing loses.
_COPY: Final = 1 - 1e-6
#: Words that a storey is told by.
_STOREYS: Final = re.compile(
    r"\b(rdc|r\d|niveau\w*|etages?|level|floor|mezzanine|sous|sol|comble\w*|plateau\w*)\b|\br \d"
)


def doubles(said: Statements) -> Iterator[Row]:
    """Yield what is counted twice; the rows are those of the layer of issues, and name the later of two keys."""
    for rule in (
        _grounds,
        _premises,
        _roads,
        _accesses,
        _tenancies_at_once,
        _one_area_twice,
        _one_siret_twice,
        _occupants_by_name,
        _tenants_by_name,
        _owners_by_name,
        _sites_by_name,
        _claims_twice,
    ):
        yield from rule(said)


def _pairs(shapes: Texts, keys: Texts, *, apart_m: float = 0.0) -> tuple[Ints, Ints]:
    """Return pairs of shapes whose envelopes are the same but for some metres or meet: the later key, the other."""
    tree = shapely.STRtree(shapes)
    found = tree.query(shapes, predicate="dwithin", distance=apart_m) if apart_m else tree.query(shapes, "intersects")
    later = keys[found[0]] > keys[found[1]]
    return found[0][later], found[1][later]


def _shared(shapes: Texts, first: Ints, second: Ints) -> tuple[Floats, Floats]:
    """Return, for pairs of polygons, the share of both together that they share, and the share of the smaller one."""
    both = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    one, other = shapely.area(shapes[first]), shapely.area(shapes[second])
    return both / np.maximum(one + other - both, 1e-9), both / np.maximum(np.minimum(one, other), 1e-9)


def _grounds(said: Statements) -> Iterator[Row]:
    """Yield buildings, and exclusions for one reason, of one shape."""
    for name in ("buildings", "exclusions"):
        layer = getattr(said, name)
        keys, shapes = texts(layer, KEYS[name]), shapes_of(layer)
        first, second = _pairs(shapes, keys)
        if name == "exclusions":
            reason = texts(layer, "reason")
            alike = reason[first] == reason[second]
            first, second = first[alike], second[alike]
        share, _ = _shared(shapes, first, second)
        # Exclusions for one reason may well cover the same ground, and are counted once: only a copy is one too many.
        same = share > (_COPY if name == "exclusions" else said.limits.same_share)
        for n in hits(same):
            message = f"Has the shape of {keys[second[n]]}: {share[n]:.0%} of their ground is shared. {_ONE}"
            yield issue_row(name, keys[first[n]], "geometry", shown(shapes[first[n]].area, "m²"), message)


def _premises(said: Statements) -> Iterator[Row]:
    """Yield premises on the ground of others, but for those that may lie above each other."""
    premises, limits = said.premises, said.limits
    keys, shapes, names = texts(premises, "premises_id"), shapes_of(premises), texts(premises, "premises_name")
    first, second = _pairs(shapes, keys)
    same, smaller = _shared(shapes, first, second)
    close = smaller > limits.same_share
    first, second, same = first[close], second[close], same[close]
    floor, free, key = numbers(premises, "floor_m2"), numbers(premises, "height_m"), texts(premises, "building_id")
    roof = taken(numbers(said.buildings, "height_m"), positions(key, said.buildings, "building_id"))
    high = free[first] + free[second] > roof[first] * limits.floor_slack
    by_name = np.array([_alike(names[a], names[b]) for a, b in zip(first, second, strict=True)], dtype=bool)
    alike = (_same(floor, first, second)) & (_same(free, first, second))
    storeys = np.array([_is_storey(names[a]) or _is_storey(names[b]) for a, b in zip(first, second, strict=True)], bool)
    one = (same > limits.same_share) & (by_name | (alike & ~storeys))
    for n in hits(one | high):
        row, other = first[n], second[n]
        why = (
            "has the same floor or name" if one[n] else f"both do not fit under the roof, {shown(roof[row], 'm')} high"
        )
        message = f"Lies on the ground of premises {keys[other]} ({names[other]}), and {why}. {_ONE}"
        yield issue_row("premises", keys[row], "geometry", names[row], message)


def _same(values: Floats, first: Ints, second: Ints) -> Flags:
    """Say which pairs have one value, or none."""
    same: Flags = (values[first] == values[second]) | (np.isnan(values[first]) & np.isnan(values[second]))
    return same


def _alike(one: str, other: str) -> bool:
    return not one or not other or spelling(one) == spelling(other)


def _is_storey(name: str) -> bool:
    return bool(_STOREYS.search(" ".join(words_in(name))))


def _roads(said: Statements) -> Iterator[Row]:
    keys, shapes = texts(said.roads, "road_id"), shapes_of(said.roads)
    first, second = _pairs(shapes, keys)
    far = np.abs(shapely.bounds(shapes[first]) - shapely.bounds(shapes[second])).max(axis=1, initial=0)
    first, second = first[far <= said.limits.same_m], second[far <= said.limits.same_m]
    away = shapely.hausdorff_distance(shapes[first], shapes[second])
    for n in hits(away <= said.limits.same_m):
        length = shown(shapes[first[n]].length, "m")
        yield issue_row("roads", keys[first[n]], "geometry", length, f"Runs where road {keys[second[n]]} does. {_ONE}")


def _accesses(said: Statements) -> Iterator[Row]:
    keys, shapes, kind = (
        texts(said.accesses, "access_id"),
        shapes_of(said.accesses),
        texts(said.accesses, "access_kind"),
    )
    first, second = _pairs(shapes, keys, apart_m=said.limits.same_m)
    names = texts(said.accesses, "access_name")
    for n in hits(kind[first] == kind[second]):
        message = f"Lies where access {keys[second[n]]} ({names[second[n]]}) does, and is of the same kind. {_ONE}"
        yield issue_row("accesses", keys[first[n]], "geometry", names[first[n]], message)


# --- tenancies -------------------------------------------------------------------------------------------------------


def _repeated(said: Statements) -> list[tuple[int, int]]:
    """Return tenancies of one occupant in one phase in the same premises that overlap, each with the other."""
    tenancies = said.tenancies
    begins, ends = surely_held(tenancies, said.day)
    keys = texts(tenancies, "tenancy_id")
    where = {name: texts(tenancies, name) for name in ("premises_id", "phase")}
    found: dict[int, int] = {}
    for who in (texts(tenancies, "establishment_id"), _spelled(texts(tenancies, "occupant"))):
        found |= dict(overlapped(together({**where, "who": who}), begins, ends, keys))
    return sorted(found.items())


def _spelled(names: Texts) -> Texts:
    """Return the spelling of each name as one text."""
    known = {name: " ".join(spelling(name)) for name in pd.unique(names)}
    return np.array([known[name] for name in names], dtype=object)


def _tenancies_at_once(said: Statements) -> Iterator[Row]:
    """Yield tenancies that stand twice, and those of two tenants in one place."""
    keys, held, who = texts(said.tenancies, "tenancy_id"), texts(said.tenancies, "premises_id"), occupants(said)
    repeated = _repeated(said)
    for n, other in repeated:
        message = (
            f"Is the same as tenancy {keys[other]}: {who[other]} in premises {held[other]}, in one phase, at one time. "
            "Keep one of the two."
        )
        yield issue_row("tenancies", keys[n], "premises_id", held[n], message)
    yield from _tenants_at_once(said, [n for n, _ in repeated])


def _tenants_at_once(said: Statements, repeated: list[int]) -> Iterator[Row]:
    """Yield tenants in premises that another one holds the whole of at that time, or together more than the whole."""
    tenancies, limits = said.tenancies, said.limits
    begins, ends = surely_held(tenancies, said.day)
    twice = np.zeros(len(tenancies), dtype=bool)
    twice[repeated] = True
    there = np.flatnonzero(in_place(tenancies) & ~twice & (texts(tenancies, "premises_id") != ""))
    keys, held, who = (
        texts(tenancies, "tenancy_id")[there],
        texts(tenancies, "premises_id")[there],
        occupants(said)[there],
    )
    begins, ends, area = begins[there], ends[there], numbers(tenancies, "area_low_m2")[there]
    whole = size_of(said, held)
    at_once = _held_at_once(held, begins, ends, np.nan_to_num(area))
    unsaid = _held_at_once(held, begins, ends, np.isnan(area).astype(float)) > 0
    for n, other in overlapped(held, begins, ends, keys):
        if not unsaid[n] and not at_once[n] > whole[n] * limits.floor_slack:
            continue
        total = "an area that not all of them say" if unsaid[n] else shown(at_once[n], "m²")
        have = "" if np.isnan(whole[n]) else f" of {shown(whole[n], 'm²')}"
        message = (
            f"{who[n]} and {who[other]} (tenancy {keys[other]}) are both in place in premises {held[n]}{have} at one "
            f"time, with {total} together. Say when one of them ends, or which part each holds."
        )
        yield issue_row("tenancies", keys[n], "premises_id", held[n], message)


def _held_at_once(group: Texts, begins: np.ndarray, ends: np.ndarray, amount: Floats) -> Floats:
    """Return how much is held in the group of each stay on the day that it begins, its own included."""
    real = ends > begins
    number = np.arange(len(group))[real]
    codes = pd.factorize(pd.Series(group))[0][real]
    events = pd.DataFrame(
        {
            "group": np.concatenate([codes, codes]),
            "day": np.concatenate([begins[real], ends[real]]),
            "change": np.concatenate([amount[real], -amount[real]]),
            "comes": np.repeat([True, False], len(number)),
            "stay": np.concatenate([number, number]),
        }
    ).sort_values(["group", "day", "comes"], kind="stable")
    events["held"] = events.groupby("group")["change"].cumsum()
    come = events[events["comes"]]
    # All that begin on one day are there on it.
    held = come.groupby(["group", "day"])["held"].transform("last")
    found = np.zeros(len(group))
    found[come["stay"].to_numpy()] = held.to_numpy()
    return found


def _one_area_twice(said: Statements) -> Iterator[Row]:
    """Yield tenants that are said to hold the same area in two premises at once, though it is not that of both."""
    tenancies, limits = said.tenancies, said.limits
    begins, ends = surely_held(tenancies, said.day)
    keys, held = texts(tenancies, "tenancy_id"), texts(tenancies, "premises_id")
    low, high, jobs = (numbers(tenancies, name) for name in ("area_low_m2", "area_high_m2", "jobs_now"))
    there = np.flatnonzero(~np.isnan(low))
    group = together(
        {name: texts(tenancies, name)[there] for name in ("site_id", "establishment_id", "phase")}
        | {"low": low[there], "high": high[there]}
    )
    whole = size_of(said, held)
    fits = (low <= whole * limits.floor_slack) & (high * limits.floor_slack >= whole)
    for a, b in overlapped(group, begins[there], ends[there], keys[there]):
        n, other = there[a], there[b]
        if held[n] != held[other] and (not (fits[n] and fits[other]) or jobs[n] == jobs[other]):
            message = (
                f"Tenancy {keys[other]} says the same {shown(low[n], 'm²')} of premises {held[other]}: the whole area "
                "stands in both. Say how much each of the premises has."
            )
            yield issue_row("tenancies", keys[n], "area_low_m2", shown(low[n], "m²"), message)


# --- names -----------------------------------------------------------------------------------------------------------


def _named_alike(names: Texts, keys: Texts) -> Iterator[tuple[int, int]]:
    """Yield names that are spellings of one name, the one with the later key first; two forms in law are two names."""
    known = {name: spelling(name) for name in pd.unique(names)}
    by_stem: dict[str, list[int]] = {}
    for n in np.argsort(keys.astype(str), kind="stable").tolist():
        if known[names[n]][0]:
            by_stem.setdefault(known[names[n]][0], []).append(n)
    for alike in by_stem.values():
        seen: dict[str, int] = {}
        for n in alike:
            form = known[names[n]][1]
            other = seen.get(form, seen.get("", next(iter(seen.values()), None) if not form else None))
            if other is not None:
                yield n, other
            seen.setdefault(form, n)


def _one_siret_twice(said: Statements) -> Iterator[Row]:
    firms = said.establishments
    keys, siret = texts(firms, "establishment_id"), texts(firms, "siret")
    order = np.argsort(keys.astype(str), kind="stable")
    first = pd.Series(keys[order]).groupby(siret[order]).transform("first").to_numpy(dtype=object)
    for n, other in zip(order.tolist(), first, strict=True):
        if siret[n] and other != keys[n]:
            message = f"Establishment {other} has the same SIRET. Keep one of the two, or correct one SIRET."
            yield issue_row("establishments", keys[n], "siret", siret[n], message)


def _occupants_by_name(said: Statements) -> Iterator[Row]:
    """Yield occupants that are spelled otherwise than their establishment, or than in another tenancy of it."""
    firms, tenancies = said.establishments, said.tenancies
    keys, firm, occupant = (texts(tenancies, name) for name in ("tenancy_id", "establishment_id", "occupant"))
    where = positions(firm, firms, "establishment_id")
    name = taken(texts(firms, "establishment_name"), where, "")
    person = taken(texts(firms, "establishment_kind"), where, "") == OwnerKind.NATURAL.value
    order = np.argsort(keys.astype(str), kind="stable")
    first = np.empty(len(keys), dtype=object)
    first[order] = pd.Series(occupant[order]).groupby(firm[order]).transform("first").to_numpy(dtype=object)
    known = np.where(name == "", first, name)
    for n in hits((known != occupant) & ~person):
        if _alike(known[n], occupant[n]):
            message = f"Is spelled `{known[n]}` elsewhere (establishment {firm[n]}). Write one name."
            yield issue_row("tenancies", keys[n], "occupant", occupant[n], message)


def _tenants_by_name(said: Statements) -> Iterator[Row]:
    """Yield occupants of one site that have one name in two spellings and two keys; none of them a person."""
    firms, tenancies = said.establishments, said.tenancies
    listed = pd.DataFrame(
        {
            "layer": "establishments",
            "row": texts(firms, "establishment_id"),
            "key": texts(firms, "establishment_id"),
            "name": texts(firms, "establishment_name"),
            "site": texts(firms, "site_id"),
            "siret": texts(firms, "siret"),
        }
    )[texts(firms, "establishment_kind") != OwnerKind.NATURAL.value]
    known = positions(texts(tenancies, "establishment_id"), firms, "establishment_id")
    others = pd.DataFrame(
        {
            "layer": "tenancies",
            "row": texts(tenancies, "tenancy_id"),
            "key": texts(tenancies, "establishment_id"),
            "name": texts(tenancies, "occupant"),
            "site": texts(tenancies, "site_id"),
            "siret": "",
        }
    )[known < 0].drop_duplicates(["key", "name", "site"])
    found = pd.concat([listed, others], ignore_index=True).astype(object)
    stems = {name: spelling(name)[0] for name in pd.unique(found["name"])}
    found["stem"] = found["name"].map(stems)
    for _, there in found[found.duplicated(["stem", "site"], keep=False)].groupby(["stem", "site"], sort=True):
        rows = there.reset_index(drop=True)
        for n, other in _named_alike(rows["name"].to_numpy(), rows["key"].to_numpy()):
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


def _owners_by_name(said: Statements) -> Iterator[Row]:
    """Yield bodies that own under two keys and one name; persons are told of nowhere."""
    bodies = said.owners[texts(said.owners, "owner_kind") == OwnerKind.LEGAL.value]
    keys, names = texts(bodies, "owner_id"), texts(bodies, "owner_name")
    for n, other in _named_alike(names, keys):
        message = f"Is also spelled `{names[other]}` (owner {keys[other]}). Give both one key, for their ground is one."
        yield issue_row("owners", keys[n], "owner_name", names[n], message)


def _sites_by_name(said: Statements) -> Iterator[Row]:
    """Yield sites that have the name of another; one that says no more than its kind, only if both share a commune."""
    sites = said.sites[texts(said.sites, "stand_in") != "oui"]
    keys, names, codes = texts(sites, "site_id"), texts(sites, "site_name"), texts(sites, "insee")
    plain = {name: "".join(words_in(name)) for name in pd.unique(names)}
    own = {name: not _is_generic(name) for name in plain}
    seen: dict[str, list[int]] = {}
    for n in np.argsort(keys.astype(str), kind="stable").tolist():
        stem = plain[names[n]]
        for other in seen.get(stem, []) if stem else []:
            if own[names[n]] or {*codes[n].split("|")} & {*codes[other].split("|")}:
                message = f"Is also the name of site {keys[other]} ({codes[other]}). Correct one of the two names."
                yield issue_row("sites", keys[n], "site_name", names[n], message)
                break
        seen.setdefault(stem, []).append(n)


def _is_generic(name: str) -> bool:
    """Say whether a name has no word of its own, as `Zone artisanale`."""
    own, kinds = words_of(name)
    return not own or (bool(kinds) and len(own) == len(words_in(name)))


def _claims_twice(said: Statements) -> Iterator[Row]:
    """Yield claims of one source that are the same but for their key."""
    claims = said.claims
    keys = texts(claims, "claim_id")
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
    group = together({name: texts(claims, name) for name in columns})
    order = np.argsort(keys.astype(str), kind="stable")
    first = pd.Series(keys[order]).groupby(group[order]).transform("first").to_numpy(dtype=object)
    for n, other in zip(order.tolist(), first, strict=True):
        if other != keys[n]:
            message = f"Claim {other} says the same, of the same source and day. Keep one of the two."
            yield issue_row("claims", keys[n], "value", claims["value"].iloc[n], message)
