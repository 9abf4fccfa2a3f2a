"""What pages list without scripts: whole up to 1,000 rows, then by place, with sums that add up."""

import re
from html.parser import HTMLParser

import pytest

from gis.maps.listing import MOST_ROWS, Listed, Listing, employers_table, listing_table, offer_tables, zones_table
from gis.maps.packing import pack_rows
from gis.schemas import Answer

HECTARES = Listing("Terrains", ["nom", "zone"], "Zone", "ha", lambda value: f"{value:.2f} ha")


def rows(count):
    """Some rows of six places: sure, and open or not."""
    amounts = ((0.25, 0.25), (0.0, 1.5), (0.5, 1.0))
    return [Listed(f"Z{n % 3}{n % 2}", [f"t{n}", f"Z{n % 3}"], amounts[n % 3]) for n in range(count)]


def test_a_thousand_rows_are_shown_one_by_one():
    table = listing_table(HECTARES, rows(MOST_ROWS))
    assert [cells[0] for cells in table.rows] == [f"t{n}" for n in range(1_000)]
    assert table.caption == "Terrains"


def test_one_more_is_shown_by_place_and_says_so():
    given = rows(MOST_ROWS + 1)
    table = listing_table(HECTARES, given)
    assert "1\u202f001 lignes" in table.caption
    assert "1\u202f000" in table.caption
    *places, (name, count, amount, silent) = table.rows
    assert [place for place, *_ in places] == sorted({row.place for row in given})
    assert name == "Tous les lieux"
    assert sum(int(each[1]) for each in places) == 1_001 == int(count.replace("\u202f", ""))
    assert {each[3] for each in places} == {silent} == {"0"}
    for end in (0, -1):
        sums = [float(each[2].split(" – ")[end].removesuffix(" ha")) for each in places]
        assert sum(sums) == pytest.approx(float(amount.split(" – ")[end].removesuffix(" ha")))
    assert amount == "250.00 – 917.50 ha"


def test_what_is_not_known_is_never_nothing():
    table = listing_table(HECTARES, [Listed("A", ["t"], (2.0, 2.0)), *[Listed("B", ["t"], None)] * MOST_ROWS])
    assert [each[2] for each in table.rows] == ["2.00 ha", "", "≥ 2.00 ha"]
    open_ended = listing_table(HECTARES, [Listed("A", ["t"], (2.0, None))] * (MOST_ROWS + 1))
    assert [each[2] for each in open_ended.rows] == ["≥ 2002.00 ha"] * 2


def test_what_may_lie_in_something_else_is_not_summed_over_all_places():
    employers = [{"name": f"e{n}", "communes": [f"C{n % 7}"], "jobs": [10_000, None]} for n in range(MOST_ROWS + 1)]
    *places, whole = employers_table(pack_rows(employers)).rows
    assert whole[2] == ""
    assert {each[2][:2] for each in places} == {"≥ "}
    assert employers_table(pack_rows(employers[:1])).rows[0][2] == "≥ 10\u202f000"


def test_what_may_lie_in_something_else_is_at_least_the_largest_of_its_place():
    zones = [{"name": {"fr": "z"}, "communes": ["C"], "land_ha": ha, "jobs": None} for ha in (40, 30, *[0] * MOST_ROWS)]
    assert zones_table(zones).rows[0][2] == "40\u202f–\u202f70\u202fha".replace("\u202f–\u202f", " – ")


@pytest.mark.parametrize("count", [MOST_ROWS, MOST_ROWS + 1])
def test_zones_and_employers_are_listed_the_same_way(count):
    zones = [{"name": {"fr": f"z{n}"}, "communes": [f"C{n % 7}"], "land_ha": n / 4, "jobs": None} for n in range(count)]
    employers = [{"name": f"e{n}", "communes": [f"C{n % 7}"], "jobs": [n, n + 1]} for n in range(count)]
    expected = count if count <= MOST_ROWS else 7 + 1
    assert len(zones_table(zones).rows) == len(employers_table(pack_rows(employers)).rows) == expected


class Tables(HTMLParser):
    """The tables of a page, by caption: rows of texts."""

    def __init__(self, html):
        super().__init__()
        self.found, self.inside = {}, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):  # noqa: ARG002  (what HTMLParser calls)
        if tag == "caption":
            self.inside, self.caption = "caption", ""
        elif tag == "tr":
            self.row = []
        elif tag in {"td", "th"}:
            self.inside = "cell"
            self.row.append("")

    def handle_data(self, data):
        if self.inside == "caption":
            self.caption += data
        elif self.inside == "cell":
            self.row[-1] += data

    def handle_endtag(self, tag):
        if tag in {"caption", "td", "th"}:
            self.inside = None
        elif tag == "tr":
            self.found.setdefault(self.caption, []).append(self.row)


def value(text):
    return float(re.sub(r"[^\d,]", "", text.split(" – ")[-1]).replace(",", "."))


def test_every_offer_of_the_fictional_territory_is_in_the_page_without_scripts(demo_built):
    page = next(page for page in demo_built.files.pages if page.stem == "available")
    tables = Tables(page.read_text(encoding="utf-8")).found
    opened = demo_built.folder.open()
    plots, lots = opened.plots, opened.terrains
    names = {key: name or key for key, name in zip(lots["terrain_id"], lots["terrain_name"], strict=True)}
    _, *listed = tables["Terrains"]
    assert [row[0] for row in listed] == [", ".join(map(names.get, keys.split("|"))) for keys in plots["terrain_ids"]]
    assert [value(row[3]) for row in listed] == pytest.approx(list(plots["left_ha"]), abs=0.0051)
    assert [row[5] for row in listed] == list(plots["available"])


def test_offers_are_listed_by_zone_where_they_are_too_many(demo_built, monkeypatch):
    territory = demo_built.folder.open()
    plots = territory.plots
    monkeypatch.setattr("gis.maps.listing.MOST_ROWS", len(plots))
    assert len(offer_tables(territory)[0].rows) == len(plots)
    monkeypatch.setattr("gis.maps.listing.MOST_ROWS", len(plots) - 1)
    for table, count in zip(offer_tables(territory), (len(plots), None), strict=True):
        *places, whole = table.rows
        assert len({row[0] for row in places}) == len(places)
        assert sum(value(row[1]) for row in places) == value(whole[1]) == (count or value(whole[1]))
        for end in (0,) if "≥" in whole[2] else (0, -1):
            sums = [value(row[2].split(" – ")[end]) for row in places]
            assert sum(sums) == pytest.approx(value(whole[2].split(" – ")[end]), abs=0.0051 * len(places))
    whole = offer_tables(territory)[0].rows[-1]
    sure = plots.loc[plots["available"] == Answer.YES, "left_ha"].sum()
    assert [value(part) for part in whole[2].split(" – ")] == pytest.approx([sure, plots["left_ha"].sum()], abs=0.0051)
