"""What a page shows is cited, whatever it is: a source that one row alone cites is read on its sheet."""

import csv
import io
import json
import shutil

import pytest

from gis.build import build
from gis.schemas import Answer
from gis.territory import Territory
from tests.browser.conftest import DEMO, Open

pytestmark = pytest.mark.browser

SITE = "s001"  # the site of the demo that has a page of its own: manufacture.html


def chosen(known: Territory) -> dict[str, tuple[str, str]]:
    """Return a row of each kind that a page tells of: its table and its key."""
    plots = known.plots[
        (known.plots["available"] == Answer.YES) & ~known.plots["terrain_ids"].str.contains("|", regex=False)
    ]
    used = known.terrains[known.terrains["occupied"] == "occupé"]
    vacant = known.terrains[(known.terrains["occupied"] == "vacant") & (known.terrains["site_id"] == SITE)]
    rooms = known.premises[known.premises["site_id"] != SITE]
    stated = {states.rpartition("/")[0] for states in known.claims["states"]}  # their source is that of a claim
    tenancies = known.tenancies[(known.tenancies["site_id"] == SITE) & (known.tenancies["phase"] == "in_place")]
    tenancies = tenancies[~("tenancies/" + tenancies["tenancy_id"]).isin(stated)]
    claims = known.claims[(known.claims["site_id"] == SITE) & (known.claims["use"] == "event")]
    zones = known.sites[(known.sites["counted"] == "oui") & ~("sites/" + known.sites["site_id"]).isin(stated)]
    freed = [figure for figure in known.figures.values() if figure.kind == "freed_ha"]
    freeing = [row for figure in freed for row in figure.rows if row.startswith("exclusions/")]
    return {
        "premises": ("premises", rooms["premises_id"].iloc[0]),
        "plot": ("terrains", plots["terrain_ids"].iloc[0]),
        "terrain": ("terrains", used["terrain_id"].iloc[0]),
        "vacant": ("terrains", vacant["terrain_id"].iloc[0]),
        "claim": ("claims", claims["claim_id"].iloc[0]),
        "tenancy": ("tenancies", tenancies["tenancy_id"].iloc[0]),
        "exclusion": ("exclusions", freeing[0].partition("/")[2]),
        "access": ("accesses", known.accesses["access_id"].iloc[0]),
        "road": ("roads", known.roads["road_id"].iloc[0]),
        "establishment": ("establishments", known.establishments["establishment_id"].iloc[0]),
        "zone": ("sites", zones["site_id"].iloc[0]),
    }


#: The page that tells of each, its address, and where the source is read; `{id}` is the key of the row.
TOLD = {
    "premises": ("available", "tab=rooms&s={id}", "#sheet dl"),
    "plot": ("available", "s={id}", "#sheet dl"),
    "terrain": ("available", "s={id}", "#sheet dl"),
    "vacant": ("manufacture", "s=~vacant", "[data-vacant='terrains/{id}']"),
    "claim": ("manufacture", "", "#events li:has([id='event-{id}'])"),
    "tenancy": ("manufacture", "", "[id='more-{id}'] dl"),
    "exclusion": ("available", "", "#figures"),
    "access": ("territory", "", "[data-access='{id}']"),
    "road": ("territory", "", "#transport"),
    "establishment": ("territory", "s={id}", "[data-employer='{id}'] dl"),
    "zone": ("zones", "s={id}", "#sheet dl"),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """The fictional territory with a source for each of some rows: its pages, and those rows."""
    folder = tmp_path_factory.mktemp("planted") / "layers" / "demo"
    shutil.copytree(DEMO, folder)
    rows = chosen(Territory(DEMO))
    with (folder / "sources.toml").open("a", encoding="utf-8") as out:
        for what in rows:
            out.write(
                f'\n[only-{what}]\ntitle = "Seule source ({what})"\nshort = "Seule source ({what})"\n'
                'publisher = "Quelqu’un"\nlicence = "MIT"\nedition = "2025-06"\n'
            )
    for what, (table, key) in rows.items():
        file = folder / f"{table}.csv"
        lines = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
        (line,) = [line for line in lines if next(iter(line.values())) == key]
        line["source_id"] = f"only-{what}"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(lines[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
        drawn = folder / "raw" / f"{table}.geojson"
        if drawn.is_file():  # the source of a shape is that of its row
            features = json.loads(drawn.read_text(encoding="utf-8"))
            for feature in features["features"]:
                if key in feature["properties"].values():
                    feature["properties"]["source_id"] = f"only-{what}"
            drawn.write_text(json.dumps(features), encoding="utf-8")
    return {page.stem: page for page in build(folder).pages}, rows


@pytest.mark.parametrize("what", TOLD)
def test_a_source_that_one_row_cites_is_read_where_the_row_is_told_of(planted, reader: Open, what):
    pages, rows = planted
    name, address, where = (text.format(id=rows[what][1]) for text in TOLD[what])
    someone = reader()
    page = someone.open(pages[name], address)
    title = f"Seule source ({what})"
    assert title in page.text_content(where)
    assert title in page.text_content("#sources")
    assert f"only-{what}" not in page.text_content("body")
    assert someone.complaints == []


def test_a_page_names_no_source_that_nothing_on_it_cites(planted, reader: Open):
    pages, _ = planted
    told = {name: reader().open(file).text_content("#sources") for name, file in pages.items()}
    assert [name for name, text in told.items() if "Seule source (access)" in text] == ["territory"]


@pytest.mark.parametrize("what", TOLD)
def test_a_page_whose_source_is_lost_still_shows_all_else(planted, reader: Open, what):
    pages, rows = planted
    name, address, where = (text.format(id=rows[what][1]) for text in TOLD[what])
    someone = reader()
    someone.context.add_init_script(
        "Object.defineProperty(window, 'emprisePage', { get: () => window.told,"
        " set: value => { window.told = value; value.sources = {}; } })"
    )
    page = someone.open(pages[name], address)
    assert f"only-{what}" in page.text_content(where)
    assert someone.complaints == []
