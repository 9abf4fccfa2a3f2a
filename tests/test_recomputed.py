"""Every number of every page of the fictional territory, computed again here from its files, by another way.

Nothing of `gis.measures` is used: rows come from the csv module, shapes from fiona, and each rule is written once more
in plain Python. A number that a page shows and nobody computes here fails, as does one computed here and not shown.
"""

import csv
import datetime as dt
import json
import math
import tomllib
from collections import Counter, defaultdict
from functools import cache, cached_property
from itertools import pairwise

import fiona
import numpy as np
import pytest
from pyproj import Transformer
from shapely import maximum_inscribed_circle, transform, union_all
from shapely.geometry import Point, shape

from gis.maps.packing import unpack_rows

HA = 10_000
M2 = {"m2": 1, "ha": HA}
TO_COME = ("announced", "lease_signed")
YES = {
    "useful": {"oui"},
    "occupied": {"inoccupé", "vacant"},
    "sale": {"en vente"},
    "servicing": {"viabilisé non aménagé", "viabilisé et aménagé"},
}
STEPS = ("gross", "useful", "unoccupied", "for_sale", "serviced", "unexcluded", "large_enough")
NAMES = ("id", "key", "step", "kind")

#: What a page carries for drawing alone: `test_the_middle_of_a_commune_is_in_it` looks at the points.
PRESENTATION = {("points",), ("site", "anchor")}


def number(text):
    return float(text) if text else None


def leaves(value, path=()):
    """Yield every number, verdict and answer of a page's data with its place; rows are named by their key."""
    if isinstance(value, dict):
        for name, each in value.items():
            if (*path, name) not in PRESENTATION:
                yield from leaves(each, (*path, name))
    elif isinstance(value, list | tuple):
        for n, each in enumerate(value):
            keys = [each[name] for name in NAMES if name in each] if isinstance(each, dict) else []
            yield from leaves(each, (*path, keys[0] if keys else n))
    elif (isinstance(value, int | float) and not isinstance(value, bool)) or path[-1] in {"verdict", "now"}:
        yield path, value


@cache
def read_rows(file):
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@cache
def read_shapes(file, crs):
    """Read the shapes of a layer with fiona, in another system."""
    with fiona.open(file) as opened:
        move = Transformer.from_crs(opened.crs.to_wkt(), crs, always_xy=True).transform
        features = list(opened)
    (key,) = {key for key in features[0].properties if key.endswith(("_id", "insee"))} - {"source_id"}
    return {
        each.properties[key]: transform(shape(each.geometry), lambda xy: np.column_stack(move(*xy.T)))
        for each in features
    }


def narrowest(ground):
    """Return the least distance of two parallels that hold a shape, of its parts the largest."""
    widths = [0.0]
    for part in getattr(ground, "geoms", [ground]):
        corners = list(part.convex_hull.exterior.coords) if not part.is_empty else []
        found = []
        for (x1, y1), (x2, y2) in pairwise(corners):
            long = math.hypot(x2 - x1, y2 - y1)
            across = [((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) / long for x, y in corners]
            found.append(max(across) - min(across))
        widths.append(min(found, default=0.0))
    return max(widths)


class Raw:
    """The files of a territory, and what follows from them."""

    def __init__(self, folder):
        self.folder = folder
        self.settings = tomllib.loads((folder / "territory.toml").read_text(encoding="utf-8"))
        self.day = self.settings["opening"]["date"].isoformat()
        self.focus = self.settings["focus"][0]["site"]
        self.claims = {row["claim_id"]: row for row in self.rows("claims")}
        self.sites = {row["site_id"]: row for row in self.rows("sites")}
        self.parts = defaultdict(list)
        for site, row in self.sites.items():
            if row["part_of"]:
                self.parts[row["part_of"]].append(site)
        self.tops = [site for site, row in self.sites.items() if not row["part_of"]]

    def rows(self, name):
        return read_rows(self.folder / f"{name}.csv")

    def shapes(self, name):
        return read_shapes(self.folder / "raw" / f"{name}.geojson", self.settings["crs"])

    def own(self, layer, site):
        """Return the rows of a site and of the sites inside it."""
        return [row for row in self.rows(layer) if row["site_id"] in {site, *self.parts[site]}]

    # --- who is there ---

    @cached_property
    def tenancies(self):
        """Read the tenancies, with the claims that territory.toml chooses."""
        rows = {row["tenancy_id"]: dict(row) for row in self.rows("tenancies")}
        chosen = {each["of"]: each["claim"] for each in self.settings["variant"]}
        for claim in self.claims.values():
            chosen.setdefault(claim["states"], claim["claim_id"])
        for of, claim_id in chosen.items():
            if not of.startswith("tenancies/"):
                continue
            _, key, quantity = of.split("/")
            value = self.claims[claim_id]["value"] if claim_id else ""
            row = rows[key]
            if quantity == "area_m2":
                row["area_low_m2"] = row["area_high_m2"] = value
            elif quantity == "from":
                row["from_earliest"], row["from_latest"] = (f"{value}-01-01", f"{value}-12-31")
            else:
                row[quantity] = value
        return list(rows.values())

    @staticmethod
    def holds(row, day):
        """Say whether a tenancy holds on a day; days written as ISO compare as text."""
        first, last = row["from_earliest"], row["from_latest"]
        if first > day or (row["to_latest"] and row["to_latest"] <= day):
            return "no"
        begun = bool(last) and (last <= day or row["phase"] in TO_COME)
        if row["phase"] == "left" and not (row["to_earliest"] or row["to_latest"]):
            return "maybe"
        open_end = not (row["to_earliest"] or row["to_latest"]) or row["to_earliest"] > day
        return "yes" if begun and open_end else "maybe"

    def present(self, day, phases):
        """Return the tenancies that hold, or may, in some phases; who has left was in place."""
        phase = {"left": "in_place"}
        return [
            (row, how)
            for row in self.tenancies
            if (how := self.holds(row, day)) != "no" and phase.get(row["phase"], row["phase"]) in phases
        ]

    def stated(self, kind, phases, day=None):
        """Add up the areas of one kind stated for the focus site, each premises once."""
        most = defaultdict(float)
        for row, how in self.present(day or self.day, phases):
            if row["site_id"] == self.focus and row["area_kind"] == kind:
                most[row["premises_id"]] = max(
                    most[row["premises_id"]], (number(row["area_low_m2"]) or 0.0) if how == "yes" else 0.0
                )
        return sum(most.values()), bool(most)

    def held(self, site, day, phases):
        """Return base, low and high of each kind: floors by row, footprints by premises, ground by a point in it."""
        sure = {row["premises_id"] for row, how in self.present(day, phases) if how == "yes"}
        maybe = {row["premises_id"] for row, _ in self.present(day, phases)}
        premises = self.own("premises", site)
        shapes, grounds = self.shapes("premises"), self.shapes("terrains")
        under = {
            row["premises_id"]: [
                terrain["terrain_id"]
                for terrain in self.own("terrains", site)
                if grounds[terrain["terrain_id"]].contains(shapes[row["premises_id"]].representative_point())
            ]
            for row in premises
        }
        told = {
            "land": self.shapes("sites")[site]
            .union(union_all([self.shapes("sites")[p] for p in self.parts[site]]))
            .area,
            "footprint": sum(self.shapes("buildings")[row["building_id"]].area for row in self.own("buildings", site)),
            "floor": sum(number(row["floor_m2"]) or 0.0 for row in premises),
        }

        def sums(those):
            there = [row for row in premises if row["premises_id"] in those]
            stood = {terrain for row in there for terrain in under[row["premises_id"]]}
            return {
                "land": sum(grounds[terrain].area for terrain in stood),
                "footprint": sum(shapes[row["premises_id"]].area for row in there if row["building_id"]),
                "floor": sum(number(row["floor_m2"]) or 0.0 for row in there),
            }

        low, high = sums(sure), sums(maybe)
        if not self.said(site, phases):
            return {kind: (base, 0.0, base) for kind, base in told.items() if base}
        return {kind: (base, low[kind], high[kind]) for kind, base in told.items() if base}

    def said(self, site, phases):
        """Say whether a source names anybody in some phases in a site or inside it, whatever the day."""
        phase = {"left": "in_place"}
        inside = {site, *self.parts[site]}
        return any(
            row["site_id"] in inside and phase.get(row["phase"], row["phase"]) in phases for row in self.tenancies
        )

    def empty(self, site, day, *, parts=False):
        """Count the premises of a site, or of all, that nobody holds: all, low, high, and the same for floors."""
        rows = [
            row
            for row in (self.own("premises", site) if parts else self.rows("premises"))
            if row["floor_m2"] and (parts or site in {"", row["site_id"]})
        ]
        sure = {row["premises_id"] for row, how in self.present(day, ("in_place",)) if how == "yes"}
        any_way = {row["premises_id"] for row, _ in self.present(day, ("in_place", *TO_COME))}
        told = {row["site_id"] for row in self.tenancies}
        low = [
            row
            for row in rows
            if row["premises_id"] not in any_way
            and (row["site_id"] in told or (row["vacant_since"] and row["vacant_since"] <= day))
        ]
        high = [row for row in rows if row["premises_id"] not in sure]
        floors = [sum(float(row["floor_m2"]) for row in each) for each in (rows, low, high)]
        return len(rows), len(low), len(high), *floors

    # --- the ground ---

    @cached_property
    def away(self):
        """Return what each reason covers, and from which share of a terrain on it takes the whole of it."""
        shapes, found = self.shapes("exclusions"), defaultdict(list)
        for row in self.rows("exclusions"):
            keep = number(row["buffer_m"]) or 0.0
            shape_ = shapes[row["exclusion_id"]]
            wide = shape_.buffer(keep, quad_segs=16) if keep else shape_
            found[row["reason"], number(row.get("whole_from_share", ""))].append(wide)
        return {key: union_all(each) for key, each in found.items()}

    def left(self, piece, *, whole=True, lifted=""):
        """Return what exclusions leave of a piece, those of one reason lifted."""
        for (reason, share), cover in self.away.items():
            if reason == lifted:
                continue
            if whole and share and cover.intersection(piece).area >= share * piece.area - 1e-6:
                return piece.difference(piece)
        covers = [cover for (reason, _), cover in self.away.items() if reason != lifted]
        return piece.difference(union_all([cover for cover in covers if cover.intersects(piece)])) if covers else piece

    def pieces(self, site):
        """Return the ground of a site as pieces: terrains with their four answers, and what is in none."""
        shapes = self.shapes("terrains")
        found = []
        for row in self.own("terrains", site):
            words = [row[column] for column in YES]
            answers = [
                "?" if word == "inconnu" else "y" if word in yes else "n"
                for word, yes in zip(words, YES.values(), strict=True)
            ]
            found.append((shapes[row["terrain_id"]], answers, row["occupied"]))
        whole = union_all([self.shapes("sites")[each] for each in (site, *self.parts[site])])
        bare = whole.difference(union_all([piece for piece, *_ in found]))
        return [*found, (bare, ["?"] * len(YES), "inconnu")]

    def fall(self, site):
        """Return, step by step, what passes, fails, is unknown, is sure and is open, in hectares."""
        rows = [[0.0] * 5 for _ in STEPS]
        *terrains, bare = self.pieces(site)
        for piece, answers, _ in (*terrains, bare):
            area = piece.area / HA
            left = self.left(piece, whole=piece is not bare[0]).area / HA if "n" not in answers else 0.0
            asked = ["y", *answers]
            for n in range(len(STEPS)):
                if "n" in asked[:n]:
                    continue
                sure = "?" not in asked[: n + 1]
                answer = asked[n] if n < len(asked) else "y"
                if n < len(asked):
                    split = [area * (answer == each) for each in "yn?"]
                else:
                    split = [left, area - left if n == len(asked) else 0.0, 0.0]
                low = split[0] if sure else 0.0
                rows[n] = [old + new for old, new in zip(rows[n], [*split, low, split[0] + split[2]], strict=True)]
        return dict(zip(STEPS, rows, strict=True))

    def surface(self, sites):
        """Return the bounds of surface vacancy of some sites together."""
        area = Counter()
        for site in sites:
            for piece, _, state in self.pieces(site):
                area[state] += piece.area
        vacant, occupied, unknown = (area[word] for word in ("vacant", "occupé", "inconnu"))
        whole = vacant + occupied + unknown
        return [vacant / whole, (vacant + unknown) / whole] if whole else [None, None]

    # --- what is published ---

    def uses(self, use, site=None):
        return [row for row in self.claims.values() if row["use"] == use and site in {None, row["site_id"]}]

    @cached_property
    def offered(self):
        """Return the hectares that may still be on offer in each site."""
        built = {row["site_id"]: float(row["value"]) for row in self.uses("built")}
        return {row["site_id"]: float(row["value"]) - built.get(row["site_id"], 0.0) for row in self.uses("offer")}

    def verdict(self, row):  # noqa: PLR0911  (one for each way to judge)
        """Judge a claim: the verdict and what is computed for it."""
        parts = [
            float(self.claims[part]["value"]) if self.claims[part]["unit"] != "text" else 1.0
            for part in row["parts"].split("|")
            if part
        ]
        if row["status"]:
            return "no_data", [None, None]
        if row["use"] in {"occupied_share", "tenant_share"}:
            return "not_comparable", [None, None]
        if row["use"] == "available":
            return "no_data", [None, sum(self.offered.values())]
        if row["use"] in {"parts_share", "parts_count"}:
            whole = 100 * sum(parts) / float(self.claims[row["whole"]]["value"]) if row["whole"] else float(len(parts))
            return "confirmed" if f"{whole:.0f}" == row["value"] else "not_reproduced", [whole, whole]
        if row["use"] == "zone_count":
            count = float(sum(site["counted"] == "oui" for site in self.sites.values()))
            return "confirmed" if count == float(row["value"]) else "contradicted", [count, count]
        if row["use"] == "base" and row["area_kind"] == "land":
            area = self.shapes("sites")[row["site_id"]].area / M2[row["unit"]]
            digits = len(row["value"].partition(".")[2])
            return "confirmed" if f"{area:.{digits}f}" == f"{float(row['value']):.{digits}f}" else "contradicted", [
                area,
                area,
            ]
        return "no_data", [None, None]

    def claim(self, key):
        row = self.claims[key]
        value = None if row["unit"] in {"date", "text"} else float(row["value"])
        verdict, computed = self.verdict(row)
        m2 = [value * M2[row["unit"]]] * 2 if row["unit"] in M2 else None
        return {"id": key, "low": value, "high": value, "m2": m2, "verdict": verdict, "computed": computed}

    @cached_property
    def zones(self):
        return [site for site, row in self.sites.items() if row["counted"] == "oui"]

    @cached_property
    def kinds(self):
        """Return the kinds of area that the focus site has at any time."""
        return {row["area_kind"] for row in self.tenancies if row["site_id"] == self.focus and row["area_low_m2"]}

    def share(self, site):
        """Return the share of each kind that is held on the day, at least and at most."""
        return {
            kind: (low / base, high / base)
            for kind, (base, low, high) in self.held(site, self.day, ("in_place",)).items()
        }

    @cached_property
    def figures(self):
        """Compute every figure that a page of this territory may show: low and high by id."""
        found = {}
        gross = {site: self.shapes("sites")[site].area / HA for site in self.sites}
        total = sum(gross[site] for site in self.zones)
        count = float(len(self.zones))
        found |= {"zones_counted": (count, count), "zones_named": (count, count), "zones_with_area": (count, count)}
        found["zones_known_ha"] = (total, total)
        (said,) = (float(row["value"]) for row in self.uses("available"))
        located = sum(self.offered.values())
        found["offer_ha"] = (said, said)
        found["offer_located_ha"] = (None, located)
        found["offer_unplaced_ha"] = (max(said - located, 0.0), said)
        falls = [self.fall(site) for site in self.tops]
        for name, step in (("gross", "gross"), ("available", "large_enough"), ("immediately_available", "serviced")):
            low, high = (sum(fall[step][n] for fall in falls) for n in (3, 4))
            found[f"{name}_ha:territory"] = (low, high)
        found["surface_vacancy:territory"] = self.surface(self.tops)
        found[f"surface_vacancy:{self.focus}"] = self.surface([self.focus])
        for site, stem in (("", f"territory@{self.day}"), (self.focus, f"{self.focus}@{self.day}")):
            rooms, low, high, floor, low_m2, high_m2 = self.empty(site, self.day)
            found[f"premises_vacancy:{stem}"] = (low / rooms, high / rooms)
            found[f"floor_vacancy:{stem}"] = (low_m2 / floor, high_m2 / floor)
        by_site = [self.held(site, self.day, ("in_place",)) for site in self.tops]
        for kind in ("land", "footprint", "floor"):
            for stem, parts in (("territory", by_site), (self.focus, [self.held(self.focus, self.day, ("in_place",))])):
                base, low, high = (sum(each[kind][n] for each in parts if kind in each) for n in range(3))
                found[f"held_{kind}_m2:{stem}@{self.day}"] = (low, high)
                found[f"held_{kind}_share:{stem}@{self.day}"] = (low / base, high / base)
        return found | self.focus_figures()

    def focus_figures(self):
        stem = f"{self.focus}@{self.day}"
        sure = {
            row["occupant"]
            for row, how in self.present(self.day, ("in_place",))
            if how == "yes" and row["site_id"] == self.focus
        }
        found = {f"occupants_in_place:{stem}": (float(len(sure)), None)}
        bases = {(float(row["value"]) * M2[row["unit"]], row["area_kind"]) for row in self.uses("base", self.focus)}
        for kind in self.kinds:
            (now, there), (later, coming), (both, either) = (
                self.stated(kind, phases) for phases in (("in_place",), TO_COME, ("in_place", *TO_COME))
            )
            if not either:
                continue
            if there:
                found[f"in_place_m2:{stem}:{kind}"] = (now, None)
            if coming:
                found[f"to_come_m2:{stem}:{kind}"] = (later, None)
            found[f"with_to_come_m2:{stem}:{kind}"] = (both, None)
            for base, base_kind in bases:
                if base_kind == kind:
                    key = f"{stem}:{base:.0f}-{kind}:{kind}"
                    found[f"in_place_share:{key}"] = (now / base, None)
                    found[f"with_to_come_share:{key}"] = (both / base, None)
                    found[f"not_attributed_m2:{key}"] = (None, base - now)
            for claim in self.uses("occupied_share", self.focus):
                said = float(claim["value"])
                for name, area in (("needed_base_m2", now), ("needed_base_with_to_come_m2", both)):
                    if claim["as_of"] == self.day[:7] and area:
                        needed = (area / (said + 0.5) * 100, area / (said - 0.5) * 100)
                        found[f"{name}:{stem}:{claim['claim_id']}:{kind}"] = needed
        return found

    def figure_rows(self, wanted):
        return [{"id": key, "low": low, "high": high} for key, (low, high) in self.figures.items() if wanted(key)]

    # --- the pages ---

    def index(self):
        here = f"{self.focus}@{self.day}"
        areas = {kind: self.stated(kind, ("in_place",))[0] for kind in self.kinds}
        sized = {
            row["establishment_id"]
            for row, _ in self.present(self.day, ("in_place",))
            if row["site_id"] == self.focus and row["area_low_m2"]
        }
        card = {
            "key": f"sites/{self.focus}",
            "in_place": sorted(([kind, area] for kind, area in areas.items() if area), key=lambda each: -each[1]),
            "held": [[kind, *bounds] for kind, bounds in self.share(self.focus).items()],
            "occupants": len(sized),
        }
        first = ("zones_", "offer_", "available_", "immediately_", "in_place_m2")
        empty = ("surface_vacancy:territory", "premises_vacancy:territory", "floor_vacancy:territory")
        return {
            "sites": [card],
            "claims": [self.claim(key) for key in self.settings["index"]["claims"]],
            "figures": self.figure_rows(
                lambda key: (
                    key.startswith((*first, *empty)) or (key.startswith("held_") and key.endswith(f"share:{here}"))
                )
            ),
        }

    def zone(self, site):
        row = self.sites[site]
        rooms, low, high, floor, low_m2, high_m2 = self.empty(site, self.day)
        premises = rooms and {
            "all": rooms,
            "vacant": [low, high],
            "share": [low / rooms, high / rooms],
            "floor_share": [low_m2 / floor, high_m2 / floor],
        }
        return {
            "id": site,
            "land_ha": self.shapes("sites")[site].area / HA,
            "jobs": number(row["jobs"]),
            "fall": [{"step": step, "ha": hectares} for step, hectares in self.fall(site).items()],
            "vacancy": self.surface([site]),
            "premises": premises or None,
            "held": [[kind, *bounds] for kind, bounds in self.share(site).items()],
            "inside": [self.zone(part) for part in self.parts[site]],
        }

    def zones_page(self):
        return {
            "zones": [self.zone(site) for site in self.zones],
            "counted": len(self.zones),
            "others": sum(row["counted"] != "oui" for row in self.rows("sites")),
            "named": sum(bool(self.sites[site]["site_name"]) for site in self.zones),
            "stand_ins": 0,
            "shapes": sum(site in self.shapes("sites") for site in self.zones),
            "figures": self.figure_rows(lambda key: key.startswith(("zones_", "gross_"))),
        }

    def available(self):
        shapes = self.shapes("terrains")

        def now(row):
            words = {column: row[column] for column in YES}
            if any(word != "inconnu" and word not in YES[column] for column, word in words.items()):
                return "non"
            return "inconnu" if "inconnu" in words.values() else "oui"

        terrains = [
            {
                "id": row["terrain_id"],
                "ha": shapes[row["terrain_id"]].area / HA,
                "now": now(row),
                "price": number(row["price_eur_m2"]),
                "power": number(row["power_kw"]),
            }
            for row in self.rows("terrains")
        ]
        said, unplaced = self.figures["offer_ha"][0], self.figures["offer_unplaced_ha"][0]
        located = [
            {
                "id": site,
                "high_ha": hectares,
                "claims": [self.claim(row["claim_id"]) for use in ("offer", "built") for row in self.uses(use, site)],
            }
            for site, hectares in self.offered.items()
        ]
        return {
            "total_ha": said,
            "unplaced_ha": unplaced,
            "located": located,
            "terrains": terrains,
            "plots": self.plots(),
            "rooms": self.rooms(),
            "lifting": self.lifted(),
            "figures": [
                *self.figure_rows(lambda key: key.startswith(("offer_", "available_", "immediately_"))),
                *(
                    {"id": f"freed_ha:territory@{row['id']}", "low": row["frees"][0], "high": row["frees"][1]}
                    for row in self.lifted()
                ),
                *self.sold(),
            ],
        }

    def sold(self):
        """Return the pace of sales over the full years after the first sale, and how long the offer lasts at it."""
        shapes = self.shapes("terrains")
        sold = [row for row in self.rows("terrains") if row["sold_on"] or row["sale"].startswith("vendu")]
        first = min(row["sold_on"][:4] for row in sold if row["sold_on"])
        years = [str(year) for year in range(int(first) + 1, int(self.day[:4]))]
        assert len(years) >= 3
        assert not self.day.endswith("-12-31")
        within = sum(shapes[row["terrain_id"]].area for row in sold if row["sold_on"][:4] in years)
        undated = sum(shapes[row["terrain_id"]].area for row in sold if not row["sold_on"])
        low, high = (area / HA / len(years) for area in (within, within + undated))
        least, most = self.figures["available_ha:territory"]
        return [
            {"id": "absorption_years:territory", "low": len(years), "high": len(years)},
            {"id": "absorption_ha_per_year:territory", "low": low, "high": high},
            {"id": "supply_years:territory", "low": least / high, "high": most / low},
        ]

    # --- what an investor looks through ---

    @cached_property
    def ways(self):
        """Return the accesses by kind."""
        shapes, found = self.shapes("accesses"), defaultdict(list)
        for row in self.rows("accesses"):
            found[row["access_kind"]].append(shapes[row["access_id"]])
        return found

    def km(self, shape_):
        return {kind: [round(min(map(shape_.distance, points))) / 1000] for kind, points in self.ways.items()}

    def plots(self):
        shapes, rows = self.shapes("terrains"), {row["terrain_id"]: row for row in self.rows("terrains")}
        answer = {key: self.answer(row) for key, row in rows.items()}
        parcels, owners = self.shapes("parcels"), {row["owner_id"]: row["owner_kind"] for row in self.rows("owners")}
        holder = {row["parcel_id"]: row["owner_id"] for row in self.rows("parcels")}
        opening = [row["road_id"] for row in self.rows("roads") if row["road_class"] != "motorway"]
        roads = union_all([self.shapes("roads")[key] for key in opening])
        found, seen = [], set()
        for state in ("oui", "inconnu"):
            those = [key for key in rows if answer[key] == state]
            for first in those:
                members, look = [], [first]
                while look:
                    here = look.pop()
                    if here in seen:
                        continue
                    seen.add(here)
                    members.append(here)
                    look += [
                        key for key in those if key not in seen and shapes[here].intersection(shapes[key]).length > 0.3
                    ]
                if members:
                    found.append(sorted(members, key=list(rows).index))
        plots = []
        for members in found:
            ground = union_all([shapes[key] for key in members])
            left = self.left(ground)
            price = [number(rows[key]["price_eur_m2"]) for key in members]
            power = [number(rows[key]["power_kw"]) for key in members]
            on = [holder[key] for key, parcel in parcels.items() if parcel.intersection(ground).area > 1]
            known = all(owner and owners.get(owner) != "unknown" for owner in on)
            plots.append(
                {
                    "id": "+".join(members),
                    "ha": left.area / HA,
                    "gross_ha": ground.area / HA,
                    "built": round(union_all([*self.shapes("buildings").values()]).intersection(ground).area),
                    "width": round(narrowest(left), 1),
                    "circle": round(2 * maximum_inscribed_circle(left, tolerance=0.05).length, 1) if left.area else 0.0,
                    "frontage": round(ground.boundary.intersection(roads.buffer(12.0, cap_style="flat")).length),
                    "owners": len(set(on)) if known else None,
                    "price": [None, None] if None in price else [min(price), max(price)],
                    "power": max((each for each in power if each is not None), default=None),
                    "km": self.km(ground),
                }
            )
        return plots

    def rooms(self):
        shapes = self.shapes("premises")
        columns = {
            "floor": "floor_m2",
            "height": "height_m",
            "docks": "docks",
            "power": "power_kw",
            "price": "rent_eur_m2",
        }
        return [
            {
                "id": row["premises_id"],
                **{name: number(row[column]) for name, column in columns.items()},
                "km": self.km(shapes[row["premises_id"]]) if row["premises_id"] in shapes else {},
            }
            for row in self.rows("premises")
        ]

    def lifted(self):
        """Return what each reason takes of ground otherwise available, and what lifting it alone would free."""
        counts = Counter(row["reason"] for row in self.rows("exclusions"))
        found = []
        for reason, number_of in counts.items():
            frees, covers = [0.0, 0.0], [0.0, 0.0]
            mine = union_all([cover for (each, _), cover in self.away.items() if each == reason])
            for site in self.tops:
                *terrains, bare = self.pieces(site)
                for piece, answers, _ in (*terrains, bare):
                    if "n" in answers:
                        continue
                    whole = piece is not bare[0]
                    gain = (self.left(piece, whole=whole, lifted=reason).area - self.left(piece, whole=whole).area) / HA
                    share = next((share for each, share in self.away if each == reason and share), None)
                    under = mine.intersection(piece).area
                    taken = piece.area if whole and share and under >= share * piece.area - 1e-6 else under
                    for n in range(2):
                        if n or "?" not in answers:
                            frees[n] += gain
                            covers[n] += taken / HA
            found.append({"id": reason, "exclusions": number_of, "frees": frees, "covers": covers})
        return found

    @staticmethod
    def answer(row):
        words = {column: row[column] for column in YES}
        if any(word != "inconnu" and word not in YES[column] for column, word in words.items()):
            return "non"
        return "inconnu" if "inconnu" in words.values() else "oui"

    @property
    def persons(self):
        """Return the keys of occupants who are persons: they are not published."""
        return [
            row["establishment_id"] for row in self.rows("establishments") if row["establishment_kind"] == "natural"
        ]

    def territory(self):
        called = {key: f"occupant-{n}" for n, key in enumerate(self.persons, 1)}
        employers = [
            {
                "id": called.get(row["establishment_id"], row["establishment_id"]),
                "jobs": [number(row["jobs_low"]), number(row["jobs_high"])],
            }
            for row in self.rows("establishments")
        ] + [
            {"id": site, "jobs": [number(row["jobs"])] * 2}
            for site, row in self.sites.items()
            if row["counted"] == "non" and not row["part_of"] and site != self.focus
        ]
        shown = (
            "surface_vacancy",
            "premises_vacancy",
            "floor_vacancy",
            "held_land_share",
            "held_floor_share",
            "held_footprint_share",
        )
        return {
            "employers": employers,
            "roads": [{"id": key, "m": line.length} for key, line in self.shapes("roads").items()],
            "figures": self.figure_rows(lambda key: key.startswith(shown) and "territory" in key),
        }

    def share_asked(self, row):
        """Return the values that a share of occupation of the month of the day is rounded from, in percent."""
        if row["use"] != "occupied_share" or row["as_of"] != self.day[:7]:
            return None
        half = 0.5 * 10 ** -len(row["value"].partition(".")[2])
        return [float(row["value"]) - half, float(row["value"]) + half]

    def pieces_of(self, kind):
        """Return the areas of one kind that premises of the focus site hold: those of several premises once."""
        premises, shapes, grounds = self.own("premises", self.focus), self.shapes("premises"), self.shapes("terrains")
        if kind == "floor":
            return {row["premises_id"]: float(row["floor_m2"]) for row in premises if row["floor_m2"]}
        if kind == "footprint":
            return {row["premises_id"]: shapes[row["premises_id"]].area for row in premises if row["building_id"]}
        under = {
            terrain["terrain_id"]: [
                row["premises_id"]
                for row in premises
                if grounds[terrain["terrain_id"]].contains(shapes[row["premises_id"]].representative_point())
            ]
            for terrain in self.own("terrains", self.focus)
        }
        return {"|".join(held): grounds[terrain].area for terrain, held in under.items() if held}

    def site(self):
        """Return the page of the focus site."""
        area = self.shapes("sites")[self.focus].area
        held = self.held(self.focus, self.day, ("in_place",))
        left_out = sum(not row["floor_m2"] for row in self.own("premises", self.focus))
        chosen = {each["of"]: each["claim"] for each in self.settings["variant"]}[f"sites/{self.focus}/land_ha"]
        bases = {(float(row["value"]) * M2[row["unit"]], row["area_kind"]) for row in self.uses("base", self.focus)}
        theirs = [row["tenancy_id"] for row in self.rows("tenancies") if row["establishment_id"] in self.persons]
        called = {key: f"tenancy-{n}" for n, key in enumerate(theirs, 1)}
        return {
            "site": {"land_m2": float(self.claims[chosen]["value"]) * HA, "measured_m2": area},
            "lots": [
                {"id": f"{layer}/{row[key]}", "m2": round(self.shapes(layer)[row[key]].area, 1)}
                for layer, key in (("terrains", "terrain_id"), ("buildings", "building_id"))
                for row in self.own(layer, self.focus)
            ],
            "tenancies": [
                {
                    "id": called.get(row["tenancy_id"], row["tenancy_id"]),
                    "area_m2": [number(row["area_low_m2"]), number(row["area_high_m2"])],
                    "jobs_now": number(row["jobs_now"]),
                    "jobs_planned": number(row["jobs_planned"]),
                }
                for row in self.tenancies
                if row["site_id"] == self.focus
            ],
            "held": {
                "kinds": [
                    {
                        "kind": kind,
                        "base_m2": base,
                        "left_out": left_out if kind == "floor" else 0,
                        **{
                            bound: [{"id": key, "m2": m2} for key, m2 in self.pieces_of(kind).items()]
                            for bound in ("low", "high")
                        },
                    }
                    for kind, (base, *_) in held.items()
                ],
            },
            "vacant": [
                {"id": f"terrains/{row['terrain_id']}", "m2": self.shapes("terrains")[row["terrain_id"]].area}
                for row in self.own("terrains", self.focus)
                if row["occupied"] == "vacant"
            ],
            "bases": [
                {"id": "measured", "m2": area},
                *({"id": f"{m2:.0f}-{kind}", "m2": m2} for m2, kind in bases),
            ],
            "claims": [
                self.claim(key) | {"share": self.share_asked(row)}
                for key, row in self.claims.items()
                if row["site_id"] == self.focus
            ],
            "figures": self.figure_rows(lambda key: f":{self.focus}" in key),
        }


@pytest.fixture(scope="module")
def raw(demo_built):
    return Raw(demo_built.folder.path)


@pytest.fixture(scope="module")
def pages(demo_built, page_data):
    found = {page.stem: page_data(page) for page in demo_built.files.pages}
    found["available"]["terrains"] = unpack_rows(found["available"]["terrains"])
    found["available"]["plots"] = [shorn(plot) for plot in unpack_rows(found["available"]["plots"])]
    found["available"]["rooms"] = [shorn(room) for room in unpack_rows(found["available"]["rooms"])]
    for row in found["available"]["lifting"]:
        row["id"] = row.pop("reason")
    found["index"]["entries"] = unpack_rows(found["index"]["entries"])
    for zone in found["zones"]["zones"]:
        shorn(zone)
    for name, place in (("roads", "lines"), ("accesses", "at")):
        found[f"{name} on the map"] = {row["id"]: row.pop(place) for row in found["territory"][name]}
    found["territory"]["employers"] = unpack_rows(found["territory"]["employers"])
    found["manufacture"]["lots"] = unpack_rows(found["manufacture"]["lots"])
    for page in found.values():
        if "cited" in page:
            page["cited"] = unpack_rows(page["cited"])
    return found


def shorn(row):
    """Take out what is for drawing (`at`, `ground`) and what `test_recomputed_rate` computes again (`legal`)."""
    for name in ("at", "ground", "legal"):
        row.pop(name, None)
    for zone in row.get("inside", ()):
        shorn(zone)
    row["km"] = {kind: [way[0]] for kind, way in row["km"].items() if way[1]} if "km" in row else None
    return row


def check(shown, expected):
    shown, expected = dict(leaves(shown)), dict(leaves(expected))
    assert shown.keys() - expected.keys() == set(), "shown, and computed by nobody else"
    assert expected.keys() - shown.keys() == set(), "computed here, and not shown"
    wrong = {
        path: (shown[path], value)
        for path, value in expected.items()
        if shown[path] != (value if isinstance(value, str) else pytest.approx(value, rel=2e-6, abs=6e-5))
    }
    assert wrong == {}


def test_no_page_is_left_out(pages):
    names = {"index", "zones", "available", "territory", "manufacture"}
    assert pages.keys() == {*names, "roads on the map", "accesses on the map"}


@pytest.mark.parametrize("name", ["index", "zones_page", "available", "territory"])
def test_every_number_of_the_page_is_one_computed_again(raw, pages, name):
    check(pages[name.removesuffix("_page")], getattr(raw, name)())


def test_every_number_of_the_page_of_the_site_is_one_computed_again(raw, pages):
    check(pages["manufacture"], raw.site())


def test_the_pieces_of_the_page_of_the_site_add_up_to_what_is_held_on_any_day(raw, pages):
    first = dt.date.fromisoformat(raw.settings["opening"]["from"].isoformat())
    for day in ((first + dt.timedelta(days=53 * n)).isoformat() for n in range(40)):
        for phases in (("in_place",), ("in_place", *TO_COME)):
            present = raw.present(day, phases)
            sure = {row["premises_id"] for row, how in present if how == "yes"}
            held = raw.held(raw.focus, day, phases)
            for kind in pages["manufacture"]["held"]["kinds"]:
                sums = [
                    sum(piece["m2"] for piece in kind[bound] if those & {*piece["id"].split("|")})
                    for bound, those in (("low", sure), ("high", {row["premises_id"] for row, _ in present}))
                ]
                assert sums == pytest.approx(held[kind["kind"]][1:], rel=1e-6), (day, kind["kind"])


def test_the_middle_of_a_commune_is_in_it(raw, pages):
    back = Transformer.from_crs("EPSG:4326", raw.settings["crs"], always_xy=True)
    for insee, (lat, lon, room) in pages["territory"]["points"].items():
        middle = Point(*back.transform(lon, lat))
        commune = raw.shapes("communes")[insee]
        assert commune.contains(middle)
        assert room * 111_200 == pytest.approx(middle.distance(commune.exterior), rel=0.02)
        assert math.isfinite(room)


def test_roads_and_accesses_are_drawn_where_their_files_have_them(raw, pages):
    back = Transformer.from_crs("EPSG:4326", raw.settings["crs"], always_xy=True)
    for key, (lat, lon) in pages["accesses on the map"].items():
        assert Point(*back.transform(lon, lat)).distance(raw.shapes("accesses")[key]) < 1.5
    for key, lines in pages["roads on the map"].items():
        road, points = raw.shapes("roads")[key], [Point(*back.transform(x, y)) for line in lines for y, x in line]
        assert max(point.distance(road) for point in points) < 1.5
        assert len(points) == len(road.coords if road.geom_type == "LineString" else road.geoms[0].coords)
    assert pages["accesses on the map"].keys() == raw.shapes("accesses").keys()


def test_a_number_that_nobody_computes_again_fails(raw, pages):
    for place in ("zones", "figures"):
        spoilt = json.loads(json.dumps(pages["zones"]))
        spoilt[place][0]["news"] = 1
        with pytest.raises(AssertionError, match="computed by nobody else"):
            check(spoilt, raw.zones_page())
    spoilt = json.loads(json.dumps(pages["zones"]))
    del spoilt["zones"][0]["land_ha"]
    with pytest.raises(AssertionError, match="not shown"):
        check(spoilt, raw.zones_page())
