"""The statutory rate of each zone of the fictional territory, computed again from its files, by every truth there is.

Nothing of `gis.measures` is used: each rule of the decision table is written once more in plain Python, and the bounds
are the least and the most over every owner that nobody knows and every answer that nobody gives.
"""

import csv
import tomllib
from itertools import combinations, product

import pytest
from shapely import maximum_inscribed_circle, union_all

from tests.test_recomputed import read_shapes

NO, MAYBE, YES = range(3)
TO_COME = ("announced", "lease_signed")
OFF = 1.0  # m²: what shapes share by drawing


class Zones:
    """The files of a territory, and the land units that follow from them."""

    def __init__(self, folder):
        self.folder = folder
        settings = tomllib.loads((folder / "territory.toml").read_text(encoding="utf-8"))
        self.crs = settings["crs"]
        year = settings["opening"]["date"].year
        self.begin, self.end, self.last = f"{year - 2}-01-01", f"{year}-01-01", f"{year - 1}-12-31"
        self.sites = {row["site_id"]: row for row in self.rows("sites")}

    def rows(self, name):
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as opened:
            return list(csv.DictReader(opened))

    def shapes(self, name):
        return read_shapes(self.folder / "raw" / f"{name}.geojson", self.crs)

    def pieces(self, site):
        """Return the ground of each known owner in one piece, and each parcel of unknown owner."""
        ground = self.shapes("sites")[site]
        owned = {}
        for row in self.rows("parcels"):
            parcel = self.shapes("parcels")[row["parcel_id"]]
            here = parcel.intersection(ground)
            here = union_all([part for part in getattr(here, "geoms", [here]) if self.belongs(part, parcel)])
            if here.area > OFF:
                owned.setdefault(row["owner_id"], []).append((row["parcel_id"], here))
        found = []
        for owner, held in owned.items():
            whole = union_all([piece for _, piece in held])
            parts = getattr(whole, "geoms", [whole]) if owner else [piece for _, piece in held]
            on = [{key for key, piece in held if piece.intersection(part).area > OFF} for part in parts]
            found += [(owner, part, keys) for part, keys in zip(parts, on, strict=True)]
        kinds = {row["owner_id"]: row["owner_kind"] for row in self.rows("owners")}
        return [(owner if kinds.get(owner) != "unknown" else "", part, keys) for owner, part, keys in found]

    @staticmethod
    def belongs(part, parcel):
        """Say whether a piece of a parcel is in a zone: half of it, or a circle of three metres somewhere."""
        if part.geom_type != "Polygon" or part.is_empty:
            return False
        return part.area >= parcel.area / 2 or 2 * maximum_inscribed_circle(part, tolerance=0.01).length >= 3

    def around(self, site):
        """Return a site, the one it lies in and those that lie in it."""
        inside = [key for key, row in self.sites.items() if row["part_of"] == site]
        return {site, self.sites[site]["part_of"], *inside} - {""}

    def stays(self):
        """Yield who was there: where, from and to when, phase, and whether it is liable."""
        firms = {row["establishment_id"]: row for row in self.rows("establishments")}
        walls, rooms = self.shapes("buildings"), self.shapes("premises")
        premises = {row["premises_id"]: row for row in self.rows("premises")}
        housed = set()
        for row in self.rows("tenancies"):
            housed.add(row["establishment_id"])
            place = rooms.get(row["premises_id"], walls.get(premises[row["premises_id"]]["building_id"]))
            days = [row[name] for name in ("from_earliest", "from_latest", "to_earliest", "to_latest")]
            liable = firms.get(row["establishment_id"], {}).get("economic") or "oui"
            yield {"site": row["site_id"], "on": place, "sure": row["premises_id"] in rooms}, days, row["phase"], liable
        for row in firms.values():
            assert not row.get("active_to"), "none of the fictional territory has left but by a tenancy"
            first, _, last = row["active_from"].partition("..")
            days = [first and f"{first}-01-01"[:10], first and f"{last or first}-12-31"[:10], "", ""]
            if row["parcel_ids"]:
                yield {"parcels": {*row["parcel_ids"].split("|")}}, days, "in_place", row["economic"] or "oui"
            elif row["site_id"] and row["establishment_id"] not in housed:
                yield {"site": row["site_id"], "on": None}, days, "in_place", row["economic"] or "oui"

    def on(self, place, n, pieces, site):
        """Say whether something stands on one of the pieces of a site."""
        if "parcels" in place:
            hit = [bool(place["parcels"] & keys) for *_, keys in pieces]
            return NO if not hit[n] else YES if sum(hit) == 1 else MAYBE
        if place["on"] is None:
            if place["site"] not in self.around(site):
                return NO
            return YES if len(pieces) == 1 and place["site"] != self.sites[site]["part_of"] else MAYBE
        hit = [place["on"].intersection(part).area > OFF for _, part, _ in pieces]
        return NO if not hit[n] else YES if place["sure"] or sum(hit) == 1 else MAYBE

    def listed(self, n, pieces, site):
        """Say of a piece whether somebody is there, had left before, and had left who is liable."""
        there = left = left_liable = NO
        for place, (from_first, from_last, to_first, to_last), phase, liable in self.stays():
            sure = self.on(place, n, pieces, site)
            begun = NO if from_first > self.last else YES if from_last and from_last <= self.last else MAYBE
            ended = YES if to_last and to_last <= self.begin else NO if to_first > self.begin else MAYBE
            if not (to_first or to_last):
                ended = MAYBE if phase == "left" else NO
            present = min(begun, YES - ended)
            if phase in TO_COME:
                present, ended = min(present, MAYBE), NO
            there, left = max(there, min(present, sure)), max(left, min(ended, sure))
            left_liable = max(left_liable, min(ended, {"oui": YES, "non": NO}.get(liable, MAYBE), sure))
        return there, left, left_liable

    def said_vacant(self, n, pieces, site):
        """Say of a piece whether premises on it are said to be vacant, were all through, or fell so in the period."""
        vacant = throughout = emptied = NO
        for row in self.rows("premises"):
            if since := row["vacant_since"]:
                sure = self.on({"on": self.shapes("premises").get(row["premises_id"]), "sure": True}, n, pieces, site)
                vacant = max(vacant, sure if since < self.end else NO)
                throughout = max(throughout, sure if since <= self.begin else NO)
                emptied = max(emptied, min(sure, MAYBE) if self.begin < since < self.end else NO)
        return vacant, throughout, emptied

    def surveyed(self, part):
        """Return the states and the uses of the terrains under a piece."""
        seen, useful, bare = set(), set(), part
        for row in self.rows("terrains"):
            ground = self.shapes("terrains")[row["terrain_id"]]
            if ground.intersection(part).area > OFF:
                seen.add(self.seen(row))
                useful.add(row["useful"])
                bare = bare.difference(ground)
        return (seen | {"unknown"}, useful | {"inconnu"}) if bare.area > OFF else (seen, useful)

    def answers(self, site):
        """Answer, for each piece: somebody there, something before, all of it out of business."""
        pieces = self.pieces(site)
        found = []
        for n, (_, part, _) in enumerate(pieces):
            there, left, left_liable = self.listed(n, pieces, site)
            vacant, throughout, emptied = self.said_vacant(n, pieces, site)
            seen, useful = self.surveyed(part)
            unseen = "unknown" in seen or ("empty" in seen and YES not in {left, throughout})
            before = "unknown" in seen or ("empty" in seen and left == NO)
            occupied = max(there, emptied, MAYBE if unseen else NO, YES if "occupied" in seen else NO)
            past = max(left_liable, vacant, MAYBE if before else NO)
            found.append((occupied, past, NO if "oui" in useful else MAYBE if "inconnu" in useful else YES))
        return pieces, found

    def seen(self, row):
        """Read what a survey saw of a terrain, when it was in the period."""
        day, state = row["occupied_as_of"], row["occupied"]
        if state == "occupé":
            return "occupied" if self.begin <= day < self.end else "unknown"
        known = {"inoccupé": "never", "vacant": "empty", "friche": "empty"}
        return known.get(state, "unknown") if day >= self.begin else "unknown"

    def legal(self, site):
        """Return the rate and what it divides, as pairs, over every owner and answer that nobody knows."""
        pieces, answers = self.answers(site)
        beside = {
            pair
            for pair in combinations(range(len(pieces)), 2)
            if pieces[pair[0]][1].boundary.intersection(pieces[pair[1]][1].boundary).length > 0.01
        }
        unknown = [n for n, (owner, *_) in enumerate(pieces) if not owner]
        names = [*sorted({owner for owner, *_ in pieces if owner}), *(f"?{n}" for n in unknown)]
        counts = []
        for guess in product(names, repeat=len(unknown)):
            owner = [each for each, *_ in pieces]
            for n, name in zip(unknown, guess, strict=True):
                owner[n] = name
            units = self.joined(owner, beside)
            may = must = 0
            for unit in units:
                occupied, past, out = zip(*(answers[n] for n in unit), strict=True)
                could = max(occupied) != YES and max(past) != NO and min(out) != YES
                may += could
                must += max(occupied) == NO and max(past) == YES and min(out) == NO
            counts.append((must, may, len(units) - may, len(units) - must, len(units)))
        must, may, others, other_most, units = zip(*counts, strict=True)
        low = min(must) / min(min(must) + max(other_most), max(units))
        high = max(may) / max(max(may) + min(others), min(units))
        return {
            "rate": [low, high],
            "vacant": [min(must), max(may)],
            "units": [min(units), max(units)],
        }

    @staticmethod
    def joined(owner, beside):
        """Put pieces of one owner that touch together."""
        units = [{n} for n in range(len(owner))]
        for one, other in beside:
            if owner[one] == owner[other]:
                first, second = (next(unit for unit in units if n in unit) for n in (one, other))
                if first is not second:
                    units.remove(second)
                    first |= second
        return units


def test_the_rate_of_each_zone_is_one_computed_again(demo_built, page_data):
    zones = Zones(demo_built.folder.path)
    (page,) = (page for page in demo_built.files.pages if page.stem == "zones")
    shown = {zone["id"]: zone["legal"] for zone in page_data(page)["zones"]}
    assert len(shown) > 5
    wrong = {}
    for site, legal in shown.items():
        expected = zones.legal(site)
        expected |= {} if legal["edges"] else {"every": expected["units"]}
        told = {name: legal[name] for name in expected}
        if {name: pytest.approx(pair, abs=1e-6) for name, pair in expected.items()} != told:
            wrong[site] = (legal, expected)
    assert wrong == {}
    assert any(low < high for low, high in (legal["rate"] for legal in shown.values()))
