"""The pages of the shipped territory, value by value: nothing is shown that no source says.

Each value that a page carries is, at a place listed here, a cell of a row with a source of the catalogue, a figure of
the ledger, a setting of territory.toml, or drawing. A value at a place that is not listed fails.
"""

import calendar
import copy
import csv
import re
import tomllib
from functools import cache
from urllib.parse import unquote

import pytest

from gis.maps.packing import unpack_rows

HA = 10_000
M2 = {"m2": 1, "ha": HA, "km2": 1_000_000}

NAMED = ("communes.[]",)
ROW = {"source": ("source_id",), "basis": ("basis",), "page": ("page",)}
NOTE = {"note.fr": ("note",), "note.en": ("note_en", "note")}

#: Where a row stands in a page, and the layer it is a row of.
ROWS = {
    "zones.[]": "sites",
    "zones.[].inside.[]": "sites",
    "located.[]": "sites",
    "site": "sites",
    "sites.[]": "sites",
    "employers.[]": "establishments",
    "tenancies.[]": "tenancies",
    "claims.[]": "claims",
    "premises.[]": "claims",
    "transport.[]": "claims",
    "hubs.[]": "sites",
    "located.[].claims.[]": "claims",
}

#: The columns that a value of a row is a cell of.
CELLS = {
    "sites": {
        **ROW,
        **NOTE,
        "id": ("site_id",),
        "name": ("site_name",),
        "name.fr": ("site_name",),
        "name.en": ("site_name_en", "site_name"),
        "other_names.[]": ("other_names",),
        "occupants.[]": ("occupants",),
        "vocation.fr": ("vocation",),
        "vocation.en": ("vocation_en", "vocation"),
        "land_ha": ("land_low_ha",),
        "land_m2": ("land_low_ha",),
        "base_m2": ("land_low_ha",),
        "land_kind": ("land_kind",),
        "jobs": ("jobs",),
        "state": ("site_state",),
        "opened": ("opened",),
        "as_of": ("as_of",),
    },
    "establishments": {
        **ROW,
        **NOTE,
        "id": ("establishment_id",),
        "name": ("establishment_name",),
        "group": ("group",),
        "activity.fr": ("activity",),
        "activity.en": ("activity_en", "activity"),
        "insee": ("insee",),
        "jobs.[]": ("jobs_low", "jobs_high"),
        "as_of": ("jobs_as_of",),
    },
    "tenancies": {
        **ROW,
        **NOTE,
        "id": ("tenancy_id",),
        "who": ("establishment_id",),
        "occupant": ("occupant",),
        "premises": ("premises_id",),
        "activity.fr": ("activity",),
        "activity.en": ("activity_en", "activity"),
        "phase": ("phase",),
        "from.[]": ("from_earliest", "from_latest"),
        "to.[]": ("to_earliest", "to_latest"),
        "area_m2.[]": ("area_low_m2", "area_high_m2"),
        "area_kind": ("area_kind",),
        "jobs_now": ("jobs_now",),
        "jobs_planned": ("jobs_planned",),
    },
    "claims": {
        **ROW,
        **NOTE,
        "id": ("claim_id",),
        "subject": ("subject",),
        "measure.fr": ("measure",),
        "measure.en": ("measure_en", "measure"),
        "value": ("value",),
        "unit": ("unit",),
        "low": ("value",),
        "high": ("value",),
        "m2.[]": ("value",),
        "date.[]": ("value",),
        "qualifier": ("qualifier",),
        "as_of": ("as_of",),
        "section": ("section",),
        "use": ("use",),
    },
}
#: An employer that is a site is a row of sites.
SITE_AS_EMPLOYER = {
    **CELLS["sites"],
    "activity.fr": ("vocation",),
    "activity.en": ("vocation_en", "vocation"),
    "insee": ("insee",),
    "jobs.[]": ("jobs",),
}

#: Values of rows that are no cells: looked at one by one in `look`.
OF_ROWS = {"key", "communes.[]", "missing.[]", "verdict", "reason", "computed.[]", "high_ha", "href", "fill"}
OF_ROWS |= {"legal.why", "group", "in_place.[].[]", "occupants", "share", "question.fr", "question.en", "anchor.[]"}
OF_ROWS |= {"says", "share.[]", "told_as", "steps.[].[]", "choices.[].told_as", "choices.[].steps.[].[]"}
OF_ROWS |= {f"choices.[].chosen.{name}" for name in ("from", "to", "phase")}
QUANTITIES = ("land_ha", "area_m2", "from", "to", "phase", "jobs_now", "jobs_planned")
OF_ROWS |= {f"states.{name}.{what}" for name in QUANTITIES for what in ("chosen", "why.fr", "why.en", "claims.[]")}


def plain(text):
    """Undo French typography."""
    return text.replace("\u202f", " ") if isinstance(text, str) else text


def days(text):
    """Return the first and last days that a date as published may mean."""
    found = set()
    for part in re.split(r"\.\.|(?<=\d{4})-(?=\d{4})", text.removeprefix("about ")):
        year, month, day = (*part.split("-"), "", "")[:3]
        if day or not re.fullmatch(r"\d{4}", year):
            found.add(part)
        else:
            last = calendar.monthrange(int(year), int(month or 12))[1]
            found |= {f"{year}-{month or '01'}-01", f"{year}-{month or '12'}-{last}"}
    return found


def numbers(text):
    """Return the numbers of a cell, and what they are in square metres."""
    found = {float(each) for each in re.split(r"(?<=\d)-(?=\d)", text) if re.fullmatch(r"\d+(\.\d+)?", each)}
    return found | {each * factor for each in found for factor in M2.values()}


def says(cell, value):
    """Say whether a cell says a value: as it is, one of several, or a bound of its date."""
    if isinstance(value, str):
        return plain(value) in {cell, *cell.split("|")} | days(cell)
    return any(abs(value - each) < 1e-6 for each in numbers(cell))


def leaves(value, path=()):
    """Yield every value that is something, with its place and the objects around it."""
    if isinstance(value, dict):
        if value.keys() == {"n", "columns"}:
            value = unpack_rows(value)
            yield from leaves(value, path)
            return
        for name, each in value.items():
            yield from (((name, *rest), [value, *around], leaf) for rest, around, leaf in leaves(each))
    elif isinstance(value, list):
        for each in value:
            yield from ((("[]", *rest), around, leaf) for rest, around, leaf in leaves(each))
    elif value not in {None, "", True, False} or (value in {0, 1} and not isinstance(value, bool)):
        yield (), [], value


class Said:
    """What the sources of a territory say: its tables, settings, catalogue and ledger."""

    def __init__(self, built):
        self.folder = built.folder.path
        read = lambda name: tomllib.loads((self.folder / name).read_text(encoding="utf-8"))  # noqa: E731
        self.settings, self.catalogue = read("territory.toml"), read("sources.toml")
        self.figures = {figure["figure_id"]: figure for figure in built.ledger["figures"]}
        self.verdicts = built.layers["verdicts"].set_index("claim_id")
        self.communes = {row["insee"]: row["commune_name"] for row in table(self.folder / "communes.csv")}
        self.rows = {
            layer: {row[key]: {"basis": "stated", "page": "", **row} for row in table(self.folder / f"{layer}.csv")}
            for layer, key in (
                ("sites", "site_id"),
                ("establishments", "establishment_id"),
                ("tenancies", "tenancy_id"),
                ("claims", "claim_id"),
            )
        }
        self.premises = table(self.folder / "premises.csv")
        chosen = {each["of"]: each["claim"] for each in self.settings["variant"]}
        self.stating = {}
        for claim in self.rows["claims"].values():
            if chosen.get(claim["states"], claim["claim_id"]) == claim["claim_id"]:
                self.stating[claim["states"]] = claim

    def row(self, layer, key):
        """Return a row and the columns that its values are cells of."""
        if key in self.rows[layer]:
            return layer, self.rows[layer][key], CELLS[layer]
        return "sites", self.rows["sites"][key], SITE_AS_EMPLOYER

    def cell(self, layer, row, cells, name, value):
        """Say whether a value of a row is a cell of it, or of the claim that is chosen for it."""
        here = f"{layer}/{row[cells['id'][0]]}/"
        quantity = {"land_m2": "land_ha", "base_m2": "land_ha"}.get(name, name.removesuffix(".[]"))
        claims = [claim for of, claim in self.stating.items() if of == here + quantity]
        if name in {"source", "page"}:
            claims = [claim for of, claim in self.stating.items() if of.startswith(here)]
            return value in {row[cells[name][0]], *(claim[cells[name][0]] for claim in claims)}
        said = [row.get(column, "") for column in cells[name]] + [claim["value"] for claim in claims]
        return any(says(cell, value) for cell in said)


@cache
def table(file):
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="module")
def said(built):
    return Said(built)


@pytest.fixture(scope="module")
def pages(built, page_data):
    return {page.stem: page_data(page) for page in built.files.pages}


def look(said, name, value, row, thing):  # noqa: C901, PLR0911, PLR0912  (one for each kind of value)
    """Look at a value of a row that is no cell of it."""
    key = row.get("site_id", "")
    match name:
        case "key":
            return value == f"sites/{key}"
        case "communes.[]":
            return value in {said.communes[code] for code in row["insee"].split("|")}
        case "says":
            kinds = {"announced": "phase", "lease_signed": "phase", "in_place": "phase", "left": "phase"}
            kinds |= {row["value"]: "date"} if row["unit"] in {"date", "year"} else {}
            return value == kinds.get(row["value"], "number" if numbers(row["value"]) else "text")
        case "share.[]":
            half = 0.5 * 10 ** -len(row["value"].partition(".")[2])
            return row["use"] == "occupied_share" and abs(value - float(row["value"])) == half
        case "told_as" | "choices.[].told_as" | "steps.[].[]" | "choices.[].steps.[].[]":
            return is_presence(said, row, value)
        case "choices.[].chosen.from" | "choices.[].chosen.to" | "choices.[].chosen.phase":
            stated = f"tenancies/{row['tenancy_id']}/{name.rpartition('.')[2]}"
            return said.rows["claims"][value]["states"] == stated
        case "missing.[]":
            column = {"shape": "", "area": "land_low_ha", "commune": "insee", "vocation": "vocation", "jobs": "jobs"}
            return not row.get(column[value], "")
        case "verdict" | "reason":
            return value == said.verdicts.loc[row["claim_id"], name]
        case "computed.[]":
            computed = said.verdicts.loc[row["claim_id"], ["computed_low", "computed_high"]]
            return value in {*computed.dropna()}
        case "high_ha":
            return value == said.figures["offer_located_ha"]["high"]
        case "in_place.[].[]" | "share":
            kind = {"share": "in_place_share"}.get(name, "in_place_m2")
            return value in {each["low"] for each in said.figures.values() if each["kind"] == kind}
        case "occupants":
            (figure,) = [each for each in said.figures.values() if each["figure_id"].startswith(f"in_place_m2:{key}@")]
            there = [said.rows["tenancies"][each.partition("/")[2]] for each in figure["rows"]]
            said_of = {f"tenancies/{each['tenancy_id']}/area_m2" for each in there} & said.stating.keys()
            return value == len([each for each in there if f"tenancies/{each['tenancy_id']}/area_m2" in said_of])
        case "group":
            return value == "industry"
        case "href":
            return value.removesuffix(".html") in {each["slug"] for each in said.settings["focus"]}
        case "fill":
            return re.fullmatch(r"#[0-9A-Fa-f]{6}", value)
        case "question.fr" | "question.en":
            return plain(value) in {each["question"][name[-2:]] for each in said.settings["focus"]}
        case "legal.why":
            return value == "shape_not_published"
        case "anchor.[]":
            return isinstance(value, float)
    _, quantity, what, *_ = name.split(".")
    of = f"{'tenancies' if 'tenancy_id' in row else 'sites'}/{thing['id']}/{quantity}"
    if what == "why":
        return plain(value) in {each["why"][name[-2:]] for each in said.settings["variant"] if each["of"] == of}
    return said.rows["claims"][value]["states"] == of


def is_entry(said, value, pages):
    """Say whether a name, what tells it apart, or where it is told of is in the tables."""
    sites = {plain(row["site_name"]) for row in said.rows["sites"].values()}
    known = sites | {plain(row["occupant"]) for row in said.rows["tenancies"].values()}
    known |= {plain(row["establishment_name"]) for row in said.rows["establishments"].values()}
    known |= set(said.communes.values())
    if ".html" not in value:
        return plain(value) in known or set(plain(value).split(", ")) <= known
    page, _, address = value.partition("#")
    key = unquote(address.partition("=")[2])
    keys = {*said.rows["sites"], *said.rows["establishments"], *said.communes.values(), ""}
    keys |= {row["establishment_id"] for row in said.rows["tenancies"].values()}
    return page.removesuffix(".html") in pages and key in keys


def is_presence(said, row, value):
    """When a tenancy holds: answers, a phase and days that its row or a claim of it says."""
    stated = f"tenancies/{row['tenancy_id']}/"
    claims = [claim["value"] for claim in said.rows["claims"].values() if claim["states"].startswith(stated)]
    cells = [row["phase"], *(row[f"{end}_{bound}"] for end in ("from", "to") for bound in ("earliest", "latest"))]
    known = {"oui", "non", "inconnu", *cells, *claims, *(day for text in claims for day in days(text))}
    return value in known or (value == "in_place" and "left" in known)


#: Places of a page that no row is around, and how each is looked at.
OTHERS = {
    "entries.[].kind": lambda _, value, __: value in {"site", "tenant", "employer", "commune"},
    "entries.[].name": is_entry,
    "entries.[].detail": is_entry,
    "entries.[].href": is_entry,
    "communes.[]": lambda said, value, _: value in said.communes.values(),
    "numbers.[].figure": lambda said, value, _: value in said.figures,
    "numbers.[].claim": lambda said, value, _: value in said.rows["claims"],
    "numbers.[].href": lambda _, value, page: value in {f"{name}.html" for name in page},
    "counted": lambda said, value, _: value == said.figures["zones_counted"]["low"],
    "stand_ins": lambda said, value, _: (
        value == said.figures["zones_counted"]["low"] - said.figures["zones_named"]["low"]
    ),
    "named": lambda said, value, _: value == said.figures["zones_named"]["low"],
    "others": lambda said, value, _: value == len(said.rows["sites"]) - said.figures["zones_counted"]["low"],
    "shapes": lambda _, value, __: value == 0,
    "total_ha": lambda said, value, _: value == said.figures["offer_ha"]["low"],
    "unplaced_ha": lambda said, value, _: value == said.figures["offer_unplaced_ha"]["low"],
    "contact": lambda said, value, _: value == said.settings["contact"],
    "name": lambda said, value, _: value == said.settings["name"],
    "slug": lambda said, value, page: value in {f"{said.folder.name}-{name}" for name in page},
    "kind": lambda _, value, __: value in {"home", "zones", "available", "territory", "site"},
    "at": lambda said, value, _: value == said.settings["opening"]["date"].isoformat(),
    "from": lambda said, value, _: value == said.settings["opening"]["from"].isoformat(),
    "to": lambda said, value, _: any(
        value in days(row[column])
        for layer, columns in (("claims", ("value",)), ("tenancies", ("from_earliest", "to_latest")))
        for row in said.rows[layer].values()
        for column in columns
    ),
    "places.[].id": lambda said, value, _: value in {row["premises_id"] for row in said.premises},
    "places.[].name": lambda said, value, _: plain(value) in {row["premises_name"] for row in said.premises},
    "assumptions.[].fr": lambda said, value, _: (
        plain(value) in {each["text"]["fr"] for each in said.settings["assumption"]}
    ),
    "assumptions.[].en": lambda said, value, _: value in {each["text"]["en"] for each in said.settings["assumption"]},
    "title.fr": lambda said, value, _: title_is_said(said, value),
    "title.en": lambda said, value, _: title_is_said(said, value),
    "question.fr": lambda said, value, _: plain(value) in {each["question"]["fr"] for each in said.settings["focus"]},
    "question.en": lambda said, value, _: value in {each["question"]["en"] for each in said.settings["focus"]},
    "events.[].claim": lambda said, value, _: said.rows["claims"][value]["use"] == "event",
}


#: What a row that a chain names is called, by its layer.
CALLED = {"claims": "subject", "sites": "site_name", "tenancies": "occupant"}


def cited_row_says(said, cited, name, value):
    """A row that a chain names says what it is called, where it comes from and how it is known."""
    layer, _, key = cited["row"].partition("/")
    row = said.rows[layer][key]
    cells = {"name": row[CALLED[layer]], "source": row["source_id"], "basis": row["basis"], "row": f"{layer}/{key}"}
    return plain(value) == cells[name]


def title_is_said(said, value):
    """A title names no number but that of the zones that are counted."""
    return {*re.findall(r"\d+", value)} <= {str(int(said.figures["zones_counted"]["low"]))}


def nearest(path):
    """Return the place of the row that a value belongs to, and the name of the value in it."""
    for cut in range(len(path), 0, -1):
        if (place := ".".join(path[:cut])) in ROWS:
            return place, cut
    return "", 0


def fault(said, pages, path, around, value):  # noqa: C901, PLR0911  (each way to be said)
    """Say what is wrong with a value; nothing is the empty string."""
    place, cut = nearest(path)
    name = ".".join(path[cut:])
    whole = ".".join(path)
    if path[0] == "figures":
        figure = said.figures[around[1]["id"]]
        of = {"id": "figure_id"}.get(path[2], path[2])
        held = figure[of]
        if not figure["sources"] or not {*figure["sources"]} <= said.catalogue.keys():
            return "no source"
        return "" if value == held or (isinstance(held, list) and value in held) else "not in the ledger"
    if path[0] == "cited":
        return "" if cited_row_says(said, around[1], path[2], value) else "no row says it"
    if path[0] == "bases":
        base = around[1]
        claims = [said.rows["claims"][key] for key in base["claims"]]
        same = all(
            float(claim["value"]) * M2[claim["unit"]] == base["m2"] and claim["use"] == "base" for claim in claims
        )
        return (
            "" if claims and same and {claim["area_kind"] for claim in claims} == {base["kind"]} else "no claim says it"
        )
    if whole == "events.[].date.[]":
        return "" if value in days(said.rows["claims"][around[1]["claim"]]["value"]) else "no claim says it"
    if path[0] == "points":
        return "" if path[1] in said.communes and isinstance(value, float) else "no commune"
    if not place:
        look_at = OTHERS.get(whole)
        return (
            "nobody says what may stand here" if look_at is None else "" if look_at(said, value, pages) else "not said"
        )
    # The objects around a value, from the outside in: that of the row is as deep as its place has names.
    thing = around[len([part for part in path[:cut] if part != "[]"])]
    layer, row, cells = said.row(ROWS[place], thing.get("id") or thing["key"].partition("/")[2])
    if row["source_id"] not in said.catalogue:
        return "no source"
    if name in cells:
        return "" if said.cell(layer, row, cells, name, value) else "no cell says it"
    if name in OF_ROWS:
        return "" if look(said, name, value, row, thing) else "not said"
    return "nobody says what may stand here"


@pytest.mark.parametrize("name", ["index", "zones", "available", "territory", "bridgestone"])
def test_every_value_of_the_page_has_a_source(said, pages, name):
    found = [
        (".".join(path), value, fault(said, pages, path, around, value)) for path, around, value in leaves(pages[name])
    ]
    assert len(found) > 100
    assert [each for each in found if each[2]] == []


SPOILT = {
    "zones": lambda data: data["zones"][0].update(land_ha=461.0),
    "territory": lambda data: data["claims"][0].update(value="281000"),
    "available": lambda data: data["located"][0].update(communes=["Béthune"]),
    "bridgestone": lambda data: data["tenancies"][3].update(note={"fr": "ouvert", "en": "open"}),
    "index": lambda data: data.update(news="opened"),
}


@pytest.mark.parametrize("page", SPOILT)
def test_a_value_that_no_source_says_is_found(said, pages, page):
    data = copy.deepcopy(pages[page])
    SPOILT[page](data)
    assert any(fault(said, pages, path, around, value) for path, around, value in leaves(data))


def test_every_label_of_a_map_is_the_name_of_a_row(said, built, page_map):
    names = {
        *said.communes.values(),
        *(row["site_name"] for row in said.rows["sites"].values()),
        *(row["occupant"] for row in said.rows["tenancies"].values()),
        *(row["subject"] for row in said.rows["claims"].values()),
    }
    for page in built.files.pages:
        drawn = page_map(page)
        labels = {*drawn["ground"]["names"], *(block["label"] for block in drawn["blocks"])}
        assert labels - names == set(), page.stem
        assert drawn["shapes"]["items"]["n"] == 0


TILE = {"key", "label", "anchor", "block", "fill", "dashed", "circle", "href"}


def test_no_tile_has_the_rights_of_a_plot(built, pages, page_map):
    """A tile has no number of a plot, no sheet, no fit, no download: nothing but what drawing it needs."""
    assert unpack_rows(pages["available"]["terrains"]) == []
    assert pages["available"].keys().isdisjoint({"plots", "rooms", "sites", "lifting"})
    for page in built.files.pages:
        drawn = page_map(page)
        assert drawn["shapes"]["items"]["n"] == 0, "an outline could be downloaded"
        for block in drawn["blocks"]:
            assert block.keys() == TILE
            assert block["key"].partition("/")[0] in {"sites", "tenancies", "claims"}
            assert not re.search(r"\d{2}[A-Z]{2}\d{4}|parcel|plot|lot", block["key"] + block["label"], re.IGNORECASE)
    ours = built.layers["tiles"]
    assert set(ours.columns) == {
        "subject",
        "n",
        "label",
        "phase",
        "area_m2",
        "located",
        "insee",
        "source_id",
        "basis",
        "geometry",
    }
    assert len(built.layers["terrains"]) == 0
