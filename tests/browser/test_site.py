"""The page of a site: what nobody is said to hold, and every number after another published value is chosen."""

import re
import shutil
from datetime import date

import pytest

from gis.measures.occupancy import TO_COME, needed_base_figures, occupancy_figures
from gis.schemas import ClaimStatus
from gis.territory import Published, Territory
from tests.browser.conftest import DEMO, TERRITORY, Open

pytestmark = pytest.mark.browser

SITES = {TERRITORY.name: "bridgestone", DEMO.name: "manufacture"}
DAYS = {TERRITORY.name: ("", "2021-05-02"), DEMO.name: ("", "2022-04-15")}
REST = "~rest"


@pytest.fixture(scope="session")
def folders(territory):
    """The folders of the layers that the pages were built from."""
    return {TERRITORY.name: territory.folder, DEMO.name: DEMO}


def page_of(built_folders, name):
    return built_folders[name] / f"{SITES[name]}.html"


def disputed(folder, slug):
    """Every other published value that a reader may choose: what it is of, and the claim."""
    known = Territory(folder)
    site = known.focus[slug]
    own = {f"tenancies/{key}" for key in known.tenancies.loc[known.tenancies["site_id"] == site, "tenancy_id"]}
    if known.sites.set_index("site_id").loc[site, "geometry"] is None:
        own |= {f"sites/{site}"}
    settled = {entry["of"] for entry in known.settings["variant"]}
    claims = known.claims[(known.claims["status"] == ClaimStatus.FOUND) & known.claims["states"].isin(settled)]
    return [
        (of, claim)
        for of, claim in zip(claims["states"], claims["claim_id"], strict=True)
        if of.rpartition("/")[0] in own and known.choices.get(of, claim) != claim
    ]


@pytest.mark.parametrize("name", SITES)
def test_the_chain_of_the_page_is_that_of_the_ledger_on_any_day(folders, built_folders, name, reader: Open):
    """What the page says that a sum rests on is what the ledger says: rows, basis, assumptions, kind by kind."""
    known = Published(Territory(folders[name]))
    site = known.focus[SITES[name]]
    for day in DAYS[name]:
        page = reader().open(page_of(built_folders, name), f"d={day}" if day else "")
        at = date.fromisoformat(day) if day else known.opening
        found = occupancy_figures(known.tenancies, known.claims, site_id=site, at=at)
        sums = [figure for figure in found if figure.kind == "in_place_m2" and figure.rows]
        shown = page.eval_on_selector_all(
            "#working ul",
            "lists => lists.map(({ dataset: { rows, basis, assumptions } }) => [rows, basis, assumptions])",
        )
        expected = [[" ".join(each.rows), each.basis.value, " ".join(each.assumptions)] for each in sums]
        assert sorted(shown) == sorted(expected)
        assert page.locator("#working li").count() == sum(len(figure.rows) for figure in sums)


def with_choice(folder, of, claim, place):
    """A copy of a territory that opens with another published value."""
    shutil.copytree(folder, place / folder.name)
    file = place / folder.name / "territory.toml"
    before = file.read_text(encoding="utf-8")
    after = re.sub(rf'(of = "{re.escape(of)}"\nclaim = )"[^"]*"', rf'\1"{claim}"', before)
    assert after != before
    file.write_text(after, encoding="utf-8")
    return Territory(file.parent)


def computed(known, site, day):
    """Every number of the page, by the measures."""
    figures = occupancy_figures(known.tenancies, known.claims, site_id=site, at=day)
    low = {kind: sorted(f.low for f in figures if f.kind == kind and f.low) for kind in ("in_place_m2", "to_come_m2")}
    shares = {
        kind: {":".join(f.figure_id.split(":")[2:]): f.low for f in figures if f.kind == f"{kind}_share"}
        for kind in ("in_place", "with_to_come")
    }
    frames = [known.held([day], site, phases) for phases in (["in_place"], ["in_place", *TO_COME])]
    alone, both = (frame[frame["site_id"] == site].set_index("kind") for frame in frames)
    first = max((f for f in figures if f.kind == "in_place_m2"), key=lambda f: f.low)
    with_them = first.figure_id.replace("in_place_m2", "with_to_come_m2")
    by_id = {f.figure_id: f for f in figures}
    needed = needed_base_figures(known.claims, by_id, site_id=site, at=day)
    needed = [f for f in needed if f.numerator in {first.figure_id, with_them}]
    return {
        **low,
        "shares": sorted(shares["in_place"].values()),
        "shares_with": sorted(shares["with_to_come"].values()),
        "held": {kind: [alone.loc[kind, f"held_{end}_m2"] for end in ("low", "high")] for kind in alone.index},
        "held_with": {kind: [both.loc[kind, f"held_{end}_m2"] for end in ("low", "high")] for kind in both.index},
        "rest": sorted(f.high for f in figures if f.kind == "not_attributed_m2"),
        "needed": [bound for f in needed[:2] for bound in (f.low, f.high)],
    }


SHOWN = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const numbers = (selector, name) => all(selector).map((each) => Number(each.dataset[name])).sort((a, b) => a - b);
  const bounds = (names) => (each) => [each.dataset.kind, names.map((name) => Number(each.dataset[name]))];
  const held = (...names) => Object.fromEntries(all("#held [data-kind]").map(bounds(names)));
  const own = (each) => !each.dataset.base.startsWith("measured");
  const bases = all("[data-base]").filter(own);
  return {
    in_place_m2: numbers("#in-place, .answer .coming[data-kind]", "m2").filter(Boolean),
    to_come_m2: numbers(".answer .coming:not([data-kind])", "m2"),
    shares: bases.map((each) => Number(each.dataset.share)).sort((a, b) => a - b),
    shares_with: bases.map((each) => Number(each.dataset.shareWith)).sort((a, b) => a - b),
    held: held("low", "high"),
    held_with: held("lowWith", "highWith"),
    rest: all("#rest [data-rest]:not([data-low])").map((each) => Number(each.dataset.high)).sort((a, b) => a - b),
    needed: JSON.parse(document.querySelector("#headline-claim")?.dataset.needs ?? "[]"),
  };
}"""


def go(page, address):
    page.evaluate("address => { location.hash = address; }", address)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


@pytest.mark.parametrize("name", SITES)
def test_after_another_published_value_every_number_is_that_of_the_measures(
    built_folders, folders, reader: Open, tmp_path, name
):
    cases = disputed(folders[name], SITES[name])
    assert len(cases) >= {TERRITORY.name: 14, DEMO.name: 3}[name]
    page = reader().open(page_of(built_folders, name), f"s={REST}")
    opening = page.evaluate(SHOWN)
    changed = set()
    for n, (of, claim) in enumerate(cases):
        known = with_choice(folders[name], of, claim, tmp_path / str(n))
        site = known.focus[SITES[name]]
        for day in DAYS[name]:
            go(page, f"{f'd={day}&' if day else ''}s={REST}&v={of}~{claim}".replace("/", "%2F").replace("~", "%7E"))
            shown = page.evaluate(SHOWN)
            expected = computed(known, site, date.fromisoformat(day) if day else known.opening)
            for key in expected.keys() - ({"needed"} if day else set()):
                wanted = expected[key] if key in {"held", "held_with"} else pytest.approx(expected[key], abs=0.02)
                if key in {"held", "held_with"}:
                    wanted = {kind: pytest.approx(bounds, abs=0.05) for kind, bounds in wanted.items()}
                assert shown[key] == wanted, (of, claim, day, key)
            if not day and shown != opening:
                changed |= {of}
    quantities = {of.rpartition("/")[2] for of in changed}
    assert quantities >= {TERRITORY.name: {"area_m2"}, DEMO.name: {"area_m2"}}[name]


def test_another_date_moves_what_is_held_kind_by_kind(built_folders, reader: Open):
    page = reader().open(page_of(built_folders, DEMO.name), "d=2022-04-15")
    before = page.evaluate(SHOWN)["held"]
    go(page, "d=2022-04-15&v=tenancies/h0004/from~focus.tenant2.from.paper")
    assert page.evaluate(SHOWN)["held"] == before
    go(page, "d=2022-02-15&v=tenancies/h0004/from~focus.tenant2.from.paper")
    later = page.evaluate(SHOWN)["held"]
    go(page, "d=2022-02-15")
    assert page.evaluate(SHOWN)["held"]["floor"][1] == later["floor"][1] + 2462


def test_another_land_area_redraws_the_site(built_folders, reader: Open):
    page = reader().open(page_of(built_folders, TERRITORY.name))
    area = "() => { const [,, w, h] = emprise.attached[0].layer.scene.blocks[0].block; return w * h; }"
    assert page.evaluate(area) == pytest.approx(320_000)
    page.check("[data-of='sites/bridgestone/land_ha'] input[value='site.area.ha.2022']")
    assert page.evaluate(area) == pytest.approx(300_000)
    assert "30 ha" in page.inner_text("#stage-title").replace("\u202f", " ")


def centre(page, key, part=(0.5, 0.5)):
    """Where a block or a shape of the map is on the screen."""
    box = page.locator(".folium-map").bounding_box()
    x, y = page.evaluate(
        "([key, part]) => { const {layer, map} = emprise.attached[0];"
        " const n = layer.scene.shapes.findIndex(s => s.key === key);"
        " const origin = map.getPixelOrigin();"
        " const [left, top, wide, high] = n < 0 ? layer._box(layer.scene.blocks.find(b => b.key === key))"
        "   : layer.shapes.box(n, layer._view());"
        " const at = map.layerPointToContainerPoint([left + part[0] * wide, top + part[1] * high]);"
        " return [at.x, at.y]; }",
        [key, list(part)],
    )
    return box["x"] + x, box["y"] + y


def in_rest_of_chart(page):
    """A point of the chart above every occupant: just under its upper edge, where least is held."""
    box = page.locator("#chart .rest").bounding_box()
    return box["x"] + 0.4 * box["width"], box["y"] + 6


PLACES = {TERRITORY.name: ("sites/bridgestone", (0.6, 0.55)), DEMO.name: ("sites/s001", (0.45, 0.35))}


@pytest.mark.parametrize("name", SITES)
def test_what_nobody_is_said_to_hold_is_pointed_at_like_an_occupant(built_folders, reader: Open, name):
    page = reader().open(page_of(built_folders, name))
    key, part = PLACES[name]
    marked = f"emprise.attached[0].layer.highlighted?.includes('{key}') ?? false"
    row = page.locator(f"tr[data-who='{REST}']")
    row.hover()
    assert page.evaluate(marked)
    assert page.locator("#chart .rest.marked").count() == 1
    page.mouse.move(5, 5)
    assert not page.evaluate(marked)
    page.evaluate("scrollTo(0, 0)")
    page.mouse.move(*in_rest_of_chart(page))
    assert page.evaluate(marked)
    page.mouse.move(*centre(page, key, part))
    page.wait_for_function(f"() => document.querySelector(\"tr[data-who='{REST}']\").classList.contains('marked')")

    def click_on_the_map():
        page.mouse.click(*centre(page, key, part))
        if name == DEMO.name:  # a lot is there, which tells of itself first
            page.click("#lot-rest")

    for click in (
        click_on_the_map,
        lambda: page.mouse.click(*in_rest_of_chart(page)),
        lambda: row.locator("button").press("Enter"),
    ):
        click()
        page.wait_for_selector("#rest")
        assert "s=%7Erest" in page.url
        page.click("#rest-close")
        assert page.locator("#rest").count() == 0
        page.evaluate("scrollTo(0, 0)")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_rest_says_what_it_is_at_most_and_what_would_tell_more(built_folders, reader: Open, language):
    page = reader().open(page_of(built_folders, TERRITORY.name), f"l={language}&s={REST}")
    text = re.sub(r"\s+", " ", page.inner_text("#rest"))
    expected = {
        "fr": ["au plus 269 090 m² sur 32 ha", "Ce n’est pas « vacant »", "Log’s, LPI, Green Dot", "un plan"],
        "en": ["at most 269,090 m² of 32 ha", "It is not “vacant”", "Log’s, LPI, Green Dot", "a plan"],
    }[language]
    assert [each for each in expected if each not in text] == []


def test_what_a_source_calls_vacant_is_drawn_hatched_and_told_apart(built_folders, folders, reader: Open):
    known = Territory(folders[DEMO.name])
    called = known.terrains[(known.terrains["site_id"] == "s001") & (known.terrains["occupied"] == "vacant")]
    page = reader().open(page_of(built_folders, DEMO.name))
    hatched = "emprise.attached[0].layer.scene.shapes.filter(s => s.hatched && !s.hidden).map(s => s.key)"
    assert page.evaluate(hatched) == [f"terrains/{key}" for key in called["terrain_id"]]
    page.mouse.click(*centre(page, f"terrains/{called['terrain_id'].iloc[0]}", (0.2, 0.35)))
    rows = page.locator("#vacant [data-vacant]").all()
    assert [float(row.get_attribute("data-m2")) for row in rows] == pytest.approx(list(called["measured_m2"]))
    assert "dit pour 30 juin 2025" in page.inner_text("#vacant").replace("\u202f", " ")
    page.click("#vacant-close")
    page.click("[id='pick-~rest']")
    told = page.inner_text("#rest")
    assert "Une source en dit une partie vacante" in told
    assert "Ce n’est pas « vacant »" not in told.replace("\u202f", " ")
    page.click("#rest-close")
    go(page, "d=2024-01-01")
    assert page.evaluate(hatched) == [], "nobody said so of that day"
    shipped = reader().open(page_of(built_folders, TERRITORY.name))
    assert shipped.locator("tr[data-who='~vacant']").count() == 0
