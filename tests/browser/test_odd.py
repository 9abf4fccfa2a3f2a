"""Pages of territories of which little is known: what is missing is said, and nobody's zero is shown."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from playwright.sync_api import Page
from shapely import box

from gis.build import Built, build
from gis.maps.available import available_data
from gis.maps.called import SiteCommunes
from gis.maps.home import home_data
from gis.maps.showing import layer_showing_line, rows_shown_by_page
from gis.maps.site import site_data
from gis.maps.territory import territory_data
from gis.maps.zones import zones_data
from gis.schemas import KEYS
from gis.territory import Published, Territory
from tests.browser.conftest import Open, click_at

ZONE, EPSG, X, Y = "zone d'activité économique", 3950, 1_700_000.0, 9_200_000.0
HEADS = {
    "sites": "site_id,site_name,site_type,insee,counted,land_low_ha,land_high_ha,source_id",
    "premises": "premises_id,site_id,premises_name,source_id",
    "tenancies": "tenancy_id,site_id,premises_id,establishment_id,occupant,activity,phase,from_earliest,from_latest,"
    "to_earliest,to_latest,area_low_m2,area_high_m2,area_kind,source_id",
    "claims": "claim_id,site_id,subject,measure,value,unit,qualifier,area_kind,as_of,states,source_id",
    "terrains": "terrain_id,site_id,useful,occupied,sale,servicing,source_id",
    "buildings": "building_id,site_id,source_id",
    "parcels": "parcel_id,owner_id,source_id",
    "establishments": "establishment_id,establishment_name,source_id",
}


def row_of_boxes(count: int, wide: float, high: float, step: float) -> list[Any]:
    return [box(X + step * n, Y, X + step * n + wide, Y + high) for n in range(count)]


def write(folder: Path, focus: str, tables: dict[str, list[str]], shapes: dict[str, dict[str, Any]]) -> Path:
    """Write a territory of two communes; a shape is given by the key of its row."""
    (folder / "raw").mkdir(parents=True)
    places = f'[[focus]]\nslug = "site"\nsite = "{focus}"\n' if focus else ""
    (folder / "territory.toml").write_text(
        f'name = "Essai"\ncrs = "EPSG:{EPSG}"\n\n[opening]\ndate = 2025-06-30\n\n{places}', encoding="utf-8"
    )
    source = '[cog]\ntitle = "COG"\npublisher = "Insee"\nlicence = "LO"\nedition = "2025"\n'
    (folder / "sources.toml").write_text(source, encoding="utf-8")
    (folder / "communes.csv").write_text("insee,commune_name,source_id\n62001,Alpha,cog\n62002,Beta,cog\n", "utf-8")
    for name, head in HEADS.items():
        rows = tables.get(name, [])
        if rows or name in {"sites", "premises", "tenancies", "claims"}:
            more = ",site_state" if name == "sites" and rows and rows[0].count(",") > head.count(",") else ""
            (folder / f"{name}.csv").write_text("\n".join([head + more, *rows]) + "\n", encoding="utf-8")
    for name, drawn in shapes.items():
        key = "insee" if name == "communes" else KEYS[name]
        frame = gpd.GeoDataFrame({key: list(drawn)}, geometry=list(drawn.values()), crs=EPSG)
        frame.to_file(folder / "raw" / f"{name}.gpkg")
    return folder


def cases(root: Path) -> dict[str, Path]:
    """Write each territory of which little is known."""
    squares = row_of_boxes(3, 300, 200, 500)
    drawn = {f"s{n}": square for n, square in enumerate(squares)}
    unplaced = [f"s{n},{'Un' if not n else ''},{ZONE},62001,oui,,,cog" for n in range(12)]
    lots = {f"t{n}": shape for n, shape in enumerate(row_of_boxes(4, 75, 100, 75))}
    halls = {f"b{n}": shape for n, shape in enumerate(row_of_boxes(3, 40, 50, 75))}
    outlines = {
        "62001": box(X - 2000, Y - 2000, X + 420, Y + 3000),
        "62002": box(X + 420, Y - 2000, X + 4000, Y + 3000),
    }
    keys = [f"62001000AB{n:04d}" for n in range(1, 6)]
    over = box(X + 139, Y, X + 400, Y + 200), box(X + 900, Y, X + 1000, Y + 100)
    return {
        "shapeless": write(
            root / "shapeless",
            "s0",
            {"sites": unplaced, "establishments": [f"e{n},Entreprise numéro {n},cog" for n in range(315)]},
            {},
        ),
        "parcels": write(
            root / "parcels",
            "",
            {"parcels": [f"{key},,cog" for key in keys]},
            {"parcels": dict(zip(keys, row_of_boxes(5, 50, 50, 50), strict=True))},
        ),
        "built": write(
            root / "built",
            "s0",
            {
                "sites": [f"s{n},Site {n},{ZONE},,oui,,,cog" for n in range(3)],
                "terrains": [f"{key},s0,oui,inconnu,inconnu,inconnu,cog" for key in lots],
                "buildings": [f"{key},s0,cog" for key in halls],
            },
            {"sites": drawn, "terrains": lots, "buildings": halls, "communes": outlines},
        ),
        "overlaid": write(
            root / "overlaid",
            "s0",
            {
                "sites": [f"s{n},Site {n},{ZONE},,oui,,,cog,existant et actif" for n in range(3)],
                "parcels": [f"{key},,cog" for key in keys],
                "terrains": [f"{key},s0,oui,vacant,en vente,viabilisé et aménagé,cog" for key in ("t0", "again", "t1")],
            },
            {
                "sites": dict(zip(("s0", "s1", "s2"), (box(X, Y, X + 300, Y + 200), *over), strict=True)),
                "parcels": {key: box(X + 70 * n, Y, X + 70 * n + 70, Y + 200) for n, key in enumerate(keys)},
                "terrains": {"t0": lots["t0"], "again": lots["t0"], "t1": lots["t1"]},
            },
        ),
        "untyped": write(
            root / "untyped", "s1", {"sites": [f"s{n},Site {n},inconnu,,,,,cog" for n in range(3)]}, {"sites": drawn}
        ),
    }


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    """The built territories of which little is known, by what they have."""
    return {name: build(folder) for name, folder in cases(tmp_path_factory.mktemp("odd") / "layers").items()}


@pytest.fixture(scope="module")
def known(odd: dict[str, Built]) -> Callable[[str], Published]:
    opened = {name: Published(Territory(built.geopackage.with_suffix(""))) for name, built in odd.items()}
    return opened.__getitem__


#: Covers of what is to be reached: each control must be what a click in its middle meets.
REACHED = """() => [...document.querySelectorAll(
    "header a, header button, .leaflet-control-zoom a, #tools button, #tools summary, #legend li")]
  .filter((each) => {
    each.scrollIntoView({ block: "nearest" });
    const { left, top, width, height } = each.getBoundingClientRect();
    const met = width && document.elementFromPoint(left + width / 2, top + height / 2);
    return met && !each.contains(met) && !met.contains(each);
  }).map((each) => each.outerHTML)"""
PAINTED = """() => { const copy = Object.assign(document.createElement("canvas"), { width: 300, height: 200 });
  const c = copy.getContext("2d", { willReadFrequently: true });
  c.drawImage(document.querySelector(".frame canvas"), 0, 0, 300, 200);
  return c.getImageData(0, 0, 300, 200).data.some((value, n) => n % 4 === 3 && value); }"""
NOBODYS_ZERO = re.compile(
    r"(?<![\d.,\u202f ])0(?:[.,]0)?[\s\u202f]*(?:m²|ha)(?!\w)|(?<![\d.,])0[.,]0[\s\u202f]*%(?!\s*(?:–|à|to)\s)"
)


def complaints(page: Page) -> Iterator[str]:
    """Say what is wrong with a page of one of these territories."""
    empty = page.locator("#empty")
    if not page.evaluate(PAINTED) and not (empty.count() and "gis build" in empty.inner_text()):
        yield "a blank map that does not say what is missing"
    yield from (f"covered: {each}" for each in page.evaluate(REACHED))
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    text = page.inner_text("body")
    yield from (f"nobody said {each.group()}" for each in NOBODYS_ZERO.finditer(text))
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        yield f"{wide} px wider than the window"


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", ["shapeless", "parcels", "built", "untyped"])
def test_every_page_says_what_is_missing(odd: dict[str, Built], reader: Open, name: str, width: int) -> None:
    found: list[str] = []
    for file in odd[name].pages:
        person = reader(viewport={"width": width, "height": 844})
        page = person.open(file)
        found += [f"{file.name} fr: {each}" for each in complaints(page)]
        page.evaluate("scrollTo(0, 0)")
        click_at(page, "#language")
        page.wait_for_function("document.documentElement.lang === 'en'")
        page.evaluate("new Promise(requestAnimationFrame)")
        found += [f"{file.name} en: {each}" for each in complaints(page)]
        found += [f"{file.name}: {each}" for each in person.complaints]
        assert [each for each in person.requests if not each.startswith(("file:", "data:", "blob:"))] == []
    assert not found, "\n".join(found)


def test_names_are_counted_where_somebody_named(odd: dict[str, Built], reader: Open) -> None:
    page = reader().open(odd["shapeless"].by_name["maps/zones.html"])
    assert "1 est nommée par une source" in page.inner_text("#panel")
    assert "sans nom (s7)" in page.inner_text("#zone-s7")


def test_many_names_without_a_place_are_a_folded_list(odd: dict[str, Built], reader: Open) -> None:
    page = reader(viewport={"width": 800, "height": 700}).open(odd["shapeless"].by_name["maps/territory.html"])
    assert "315" in page.inner_text("#inset summary")
    assert page.locator("#inset li").first.is_hidden()
    click_at(page, "#inset summary")
    assert page.locator("#inset li").count() == 315
    inner, outer = (page.locator(each).bounding_box() for each in ("#inset", ".mapbox"))
    assert inner
    assert outer
    assert inner["y"] >= outer["y"]
    assert inner["y"] + inner["height"] <= outer["y"] + outer["height"]
    assert page.evaluate(
        "(() => { const list = document.querySelector('#inset ul'); return list.scrollHeight > list.clientHeight })()"
    )
    assert page.evaluate(REACHED) == []


def test_lots_and_buildings_are_drawn_and_can_be_asked(odd: dict[str, Built], reader: Open) -> None:
    page = reader().open(odd["built"].by_name["maps/site.html"])
    assert page.evaluate("emprise.attached[0].layer.count") == 1 + 4 + 3
    assert "bâtiment" in page.inner_text("#legend")
    at = page.evaluate(
        """() => { const { layer, map } = emprise.attached[0];
        const n = layer.data.shapes.items.findIndex(({ key }) => key === "buildings/b1");
        const [[s, w], [north, e]] = layer.shapes.corners(n);
        const { x, y } = map.latLngToContainerPoint([(s + north) / 2, (w + e) / 2]);
        const box = map.getContainer().getBoundingClientRect();
        return [box.left + x, box.top + y]; }"""
    )
    page.mouse.click(*at)
    assert "b1" in page.inner_text("#lot h2")
    assert "2\u202f000\u202fm²" in page.inner_text("#lot")
    assert page.evaluate("emprise.attached[0].layer.highlighted") == ["buildings/b1"]
    click_at(page, "#lot-close")
    assert page.locator("#lot").count() == 0


def test_communes_of_a_shape_are_said_to_be_found_from_it(
    odd: dict[str, Built], known: Callable[[str], Published], reader: Open
) -> None:
    communes = SiteCommunes(known("built"))
    assert [communes.of(f"s{n}") for n in range(3)] == [["Alpha"], ["Beta"], ["Beta"]]
    page = reader().open(odd["built"].by_name["maps/zones.html"])
    assert "Beta (d’après son contour)" in page.inner_text("#panel")
    click_at(page, "#zone-s1")
    assert "la commune" not in page.inner_text("#sheet")


#: Where the data of a page name the rows that a number rests on.
CHAINS = {"figures", "cited", "sums", "part", "whole", "under"}


def told(value: Any) -> Iterator[str]:
    """Every text in the data of a page but for the chains of its figures and sums."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for key, each in value.items() if key not in CHAINS for text in told(each))
    elif isinstance(value, list | tuple):
        yield from (text for each in value for text in told(each))


@pytest.mark.parametrize("name", ["shapeless", "parcels", "built", "untyped"])
def test_what_is_said_of_pages_is_what_they_hold(known: Callable[[str], Published], name: str) -> None:
    territory = known(name)
    holds = {
        "zones.html": zones_data(territory),
        "territory.html": territory_data(territory),
        "available.html": available_data(territory),
        "its own page": [site_data(territory, site)["site"] for site in territory.focus.values()],
        "the page of its site": [site_data(territory, site) for site in territory.focus.values()],
        "index.html": home_data(territory),
    }
    texts = {page: {text.rpartition("/")[2] for text in told(data)} for page, data in holds.items()}
    for layer in ("sites", "terrains", "buildings", "establishments", "parcels"):
        frame = getattr(territory, layer)
        listed = {each.page: each for each in rows_shown_by_page(territory, layer)}
        for page in set(texts) & {*listed, "zones.html", "territory.html"}:
            there = [key in texts[page] for key in frame[KEYS[layer]]]
            said = list(listed[page].rows) if page in listed else [False] * len(frame)
            # Sites are named by others that lie on them: what counts is that none is said to be there and is not.
            pairs = zip(said, there, strict=True)
            assert all(here or not promised for promised, here in pairs), (layer, page)
            if layer != "sites" or page in {"zones.html", "territory.html"}:
                assert said == there, (layer, page)
    assert layer_showing_line(territory, "roads") == ""


def test_a_build_says_which_rows_are_on_no_page(odd: dict[str, Built], known: Callable[[str], Published]) -> None:
    assert [line.partition(":")[0] for line in odd["parcels"].unshown] == ["5 parcels on no page"]
    assert [odd[name].unshown for name in ("shapeless", "built", "untyped")] == [(), (), ()]
    line = layer_showing_line(known("untyped"), "sites")
    assert "zones.html shows none (a row needs a `site_type` that is a zone" in line
    assert "territory.html shows 2" in line
    assert "no page draws parcels" in layer_showing_line(known("parcels"), "parcels")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_ground_that_several_claim_is_said_beside_each_total(odd: dict[str, Built], reader: Open, language: str):
    pages = {page.stem: page for page in odd["overlaid"].pages}
    once = {"fr": "comptés une fois", "en": "counted once"}[language]
    zones = reader().open(pages["zones"], f"l={language}&s=s1")
    assert zones.inner_text("#known-ha").startswith({"fr": "9 ha", "en": "9 ha"}[language])
    assert once in zones.inner_text("[data-overlaid=zones_known_ha]")
    assert re.search(r"\b3[.,]2\b", zones.inner_text("[data-overlaid=zones_known_ha]"))
    gross = zones.locator("#panel > section .fall [data-step=gross], #panel .fall [data-step=gross]").last
    low, high = (float(gross.get_attribute(f"data-{end}") or "nan") for end in ("low", "high"))
    assert (low, high) == (pytest.approx(9.0), pytest.approx(12.22))
    assert re.search(r"\b3[.,]2\b", zones.inner_text("#fall-overlaid"))
    for name, kinds in {
        "index": ("zones_known_ha", "available_ha"),
        "territory": ("surface_vacancy",),
        "available": ("available_ha",),
    }.items():
        page = reader().open(pages[name], f"l={language}")
        for kind in kinds:
            assert once in page.inner_text(f"[data-overlaid={kind}]"), (name, kind)


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "sans la règle des limites"), ("en", "without the rule of borders")]
)
def test_beside_the_rate_stand_the_land_units_of_every_piece(
    odd: dict[str, Built], known: Callable[[str], Published], reader: Open, language: str, said: str
) -> None:
    rates = known("overlaid").rates.set_index("site_id")
    assert rates.loc["s1", ["units_high", "every_high", "edges"]].tolist() == [3, 4, 1]
    page = reader().open({each.stem: each for each in odd["overlaid"].pages}["zones"], f"l={language}&s=s1")
    text = page.inner_text("#legal-every")
    assert said in text
    assert [int(number) for number in re.findall(r"\d+", text)] == [1, 1, 3, 1, 4]
    assert re.findall(r"\d+", page.inner_text("#legal-several")) == [f"{rates.loc['s1', 'in_several']}"]


def test_the_pages_keep_their_weight(odd: dict[str, Built]) -> None:
    sizes = sorted(page.stat().st_size for built in odd.values() for page in built.pages)
    assert sizes[-1] < 300_000
    assert all(low > 0 for low, _ in pairwise(sizes))
