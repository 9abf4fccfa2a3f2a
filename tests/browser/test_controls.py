"""What one uses stays what it is while the page changes around it: used with keys and the mouse, as a person does."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode

import pytest

from gis.measures.find import Between, PlaceAsked, PlotsAsked, PremisesAsked
from gis.schemas import AccessKind, Answer
from gis.territory import Territory
from tests.browser.conftest import DEMO, TERRITORY, Open, click_at, type_in

pytestmark = pytest.mark.browser

PLOTS = {"min": "0,4", "max": "9.5", "a": "60", "b": "40", "sb": "3", "km": "6", "st": "12", "kw": "50", "price": "80"}
ROOMS = {"floor": "300", "floorx": "20 000", "h": "5,5", "km": "8", "st": "12", "kw": "40", "price": "90"}
TABS = {"plots": PLOTS, "rooms": ROOMS}

#: Keep the nodes that are there; say which of them are no longer, by id.
KEEP = """() => {
  window.nodes = new Set(document.querySelectorAll('body *'));
  window.kept = new Map([...nodes].map(each => [each.id, each]));
}"""
LOST = "ids => ids.filter(id => !kept.get(id)?.isConnected || document.getElementById(id) !== kept.get(id))"
#: The id of what has the focus, or what it is, if it is the very node that was kept.
FOCUSED = "() => nodes.has(document.activeElement) ? document.activeElement.id || document.activeElement.localName : ''"
CARET = "() => [document.activeElement.selectionStart, document.activeElement.selectionEnd]"
ON_SCREEN = "() => document.activeElement.getBoundingClientRect().top"


@pytest.fixture(scope="module")
def demo():
    return Territory(DEMO)


@pytest.fixture
def available(built_folders):
    return built_folders["demo"] / "available.html"


def listed(page, which="sure"):
    rows = page.eval_on_selector_all(f"#offers-{which} [data-offer]", "rows => rows.map(row => row.dataset.offer)")
    return set(rows)


def asked(values: Mapping[str, str], tab: str):
    """Return what the fields ask for, as Python has it."""
    number = {key: float(text.replace(" ", "").replace(",", ".")) for key, text in values.items() if text}

    def between(low, high, unit):
        ends = number.get(low), number.get(high)
        return None if ends == (None, None) else Between(*ends, unit)

    to = {AccessKind.MOTORWAY_EXIT: between("", "km", "km"), AccessKind.STATION: between("", "st", "km")}
    place = PlaceAsked(to={kind: bound for kind, bound in to.items() if bound}, power=between("kw", "", "kW"))
    if tab == "rooms":
        floor, height = between("floor", "floorx", "m2"), between("h", "", "m")
        return PremisesAsked(place=place, floor=floor, height=height, rent=between("", "price", "EUR/m2"))
    sides = (number["a"], number["b"]) if {"a", "b"} <= number.keys() else None
    return PlotsAsked(
        place=place,
        ha=between("min", "max", "ha"),
        rectangle=sides,
        setback_m=number.get("sb", 0.0),
        price=between("", "price", "EUR/m2"),
    )


def expected(demo, values, tab):
    """Return what Python finds, for sure and perhaps."""
    if tab == "rooms":
        found, ids = demo.find_premises(asked(values, tab)), demo.premises["premises_id"]
    else:
        found, ids = demo.find_plots(asked(values, tab)), demo.plots["plot_id"]
    return [{ids.iloc[n] for n in found.those(answer)} for answer in (Answer.YES, Answer.UNKNOWN)]


def filters(page):
    return {key: values[0] for key, values in parse_qs(page.url.partition("#")[2]).items() if key != "tab"}


def begin(reader, available, tab):
    """Open the search with all its fields in sight, and keep them."""
    page = reader().open(available, f"tab={tab}" if tab == "rooms" else "")
    click_at(page, "#more-filters summary")
    page.evaluate(KEEP)
    return page


def assert_search(page, demo, values, tab):
    """Every field holds what was typed in it, is the field that it was, and the list is that of Python."""
    told = {key: page.input_value(f"#filter-{key}") for key in TABS[tab]}
    assert told == {key: values.get(key, "") for key in told}
    assert page.evaluate(LOST, [*(f"filter-{key}" for key in told), "more-filters", "filter-sort", "sizes"]) == []
    assert {key: text for key, text in filters(page).items() if key in told} == values
    assert page.evaluate("document.getElementById('more-filters').open")
    page.wait_for_function(
        "() => !/…|\\.\\.\\./.test(document.getElementById('matches').textContent)"
    )  # rectangles are tried
    sure, maybe = expected(demo, values, tab)
    assert (listed(page), listed(page, "maybe")) == (sure, maybe)


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("back", [False, True], ids=["Tab", "Shift+Tab"])
def test_every_field_takes_its_number_one_after_the_other(available, demo, reader: Open, tab, back):
    page = begin(reader, available, tab)
    order = list(TABS[tab].items())[:: -1 if back else 1]
    seen: list[set[str]] = []
    click_at(page, f"#filter-{order[0][0]}")
    for key, text in order:
        for _ in range(20):
            if page.evaluate(FOCUSED) == f"filter-{key}":
                break
            page.keyboard.press("Shift+Tab" if back else "Tab")
            assert page.evaluate(FOCUSED), f"on the way to {key} the focus is lost"
        assert page.evaluate(FOCUSED) == f"filter-{key}"
        page.keyboard.type(text)
        assert page.evaluate(CARET) == [len(text)] * 2
        seen.append(listed(page))
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == f"filter-{order[-1][0]}"
    assert len({frozenset(each) for each in seen}) > 2, "nothing changes in between"
    assert_search(page, demo, dict(order), tab)


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["wide", "phone"])
def test_every_field_is_reached_with_the_mouse_from_any_other(available, demo, reader: Open, tab, size):
    page = reader(viewport={"width": size[0], "height": size[1]}).open(available, f"tab={tab}")
    click_at(page, "#more-filters summary")
    page.evaluate(KEEP)
    order = list(TABS[tab].items())
    for key, text in [*order[::2], *order[1::2]]:
        click_at(page, f"#filter-{key}")
        assert page.evaluate(FOCUSED) == f"filter-{key}"
        page.keyboard.type(text)
        assert page.evaluate(FOCUSED) == f"filter-{key}"
    click_at(page, "#filter-" + order[0][0])
    assert_search(page, demo, TABS[tab], tab)


def test_a_length_and_a_width_are_typed_one_after_the_other(available, demo, reader: Open):
    page = begin(reader, available, "plots")
    click_at(page, "#filter-a")
    page.keyboard.type("120")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "filter-b"
    assert "longueur et la largeur" in page.inner_text("#fit-both")
    page.keyboard.type("80")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUSED) == "filter-a"
    assert page.locator("#fit-both").count() == 0
    assert_search(page, demo, {"a": "120", "b": "80"}, "plots")


def test_a_number_is_mended_in_its_middle_while_the_list_changes(available, demo, reader: Open):
    page = begin(reader, available, "plots")
    click_at(page, "#filter-a")
    page.keyboard.type("1260")
    page.keyboard.press("Tab")
    page.keyboard.type("40")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("End")
    for key in ("ArrowLeft", "ArrowLeft", "Backspace", "Enter"):
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == "filter-a"
    assert (page.input_value("#filter-a"), page.evaluate(CARET)) == ("160", [1, 1])
    assert_search(page, demo, {"a": "160", "b": "40"}, "plots")
    page.keyboard.press("Delete")
    page.evaluate("location.hash += '&sort=km'")  # the page changes under a number that is half typed
    page.wait_for_function("() => document.getElementById('filter-sort').value === 'km'")
    assert (page.input_value("#filter-a"), page.evaluate(CARET)) == ("10", [1, 1])
    page.keyboard.type("3")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    assert (page.input_value("#filter-a"), page.evaluate(CARET)) == ("130", [2, 3])
    assert_search(page, demo, {"a": "130", "b": "40"}, "plots")


def test_folds_and_scrolls_stay_while_one_types(available, reader: Open):
    page = reader(viewport={"width": 390, "height": 844}).open(available)
    for n in range(3):
        page.locator("#offers-sure [data-offer] button.name").nth(n).click()
        click_at(page, "#sheet-compare")
    click_at(page, "#more-filters summary")
    type_in(page, "#filter-price", "60")
    page.keyboard.press("Enter")
    for fold in ("#why-not", "#tool-layers"):
        click_at(page, f"{fold} summary")
    page.evaluate(KEEP)
    page.evaluate("() => { window.wide = document.querySelector('#compare .scroll'); wide.scrollLeft = 70; }")
    for key in ("kw", "km"):
        click_at(page, f"#filter-{key}")
        page.evaluate("window.scrollBy(0, -120)")
        before = page.evaluate(ON_SCREEN)
        page.keyboard.type("3")
        page.keyboard.press("Enter")
        assert page.evaluate(ON_SCREEN) == pytest.approx(before, abs=2)
        assert page.evaluate("wide.isConnected && wide.scrollLeft") == 70
        assert page.evaluate(LOST, ["more-filters", "why-not", "tool-layers", "compare"]) == []
        opened = page.eval_on_selector_all("details[open]", "each => each.map(e => e.id)")
        assert {"more-filters", "why-not", "tool-layers"} <= set(opened)
    click_at(page, "#more-filters summary")
    click_at(page, "#language")
    assert not page.evaluate("document.getElementById('more-filters').open"), "a fold that was closed opens again"


@pytest.mark.parametrize("goal", ["offer", "box", "tab", "reset", "language"])
def test_a_click_that_leaves_a_field_is_a_click_too(available, reader: Open, goal):
    page = begin(reader, available, "plots")
    type_in(page, "#filter-max", "50")
    page.keyboard.press("Enter")
    type_in(page, "#filter-min", "abc")  # what is said of it moves all that is below
    offer = page.get_attribute("#offers-sure [data-offer]:nth-child(3)", "data-offer")
    selector = {
        "offer": f"[id='offer-{offer}']",
        "box": "#serv-1",
        "tab": "#tab-rooms",
        "reset": "#filters-reset",
        "language": "#language",
    }[goal]
    click_at(page, selector)
    page.wait_for_timeout(50)
    if goal == "reset":
        assert filters(page) == {}
        assert [page.input_value(f"#filter-{key}") for key in PLOTS] == [""] * len(PLOTS)
        return
    if goal != "tab":
        assert filters(page)["min"] == page.input_value("#filter-min") == "abc"
        assert page.locator("#unread-min").count() == 1
    done = {"offer": urlencode({"s": offer}), "box": "serv=1", "tab": "tab=rooms", "language": "l=en"}[goal]
    assert done in page.url


@pytest.mark.parametrize(
    ("text", "sentence"), [("abc", "non valable"), ("-3", "non valable"), ("12 ha", "non valable"), ("1 200", "")]
)
def test_what_is_no_number_is_said_beside_its_field(available, reader: Open, text, sentence):
    page = begin(reader, available, "plots")
    count = page.get_attribute("#matches", "data-n")
    type_in(page, "#filter-max", text)
    page.keyboard.press("Tab")
    said = page.locator("#unread-max")
    if not sentence:
        assert said.count() == 0
        assert page.get_attribute("#filter-max", "aria-invalid") is None
        return
    assert sentence in said.inner_text()
    assert page.get_attribute("#filter-max", "aria-invalid") == "true"
    assert "unread-max" in page.get_attribute("#filter-max", "aria-describedby").split()
    assert page.get_attribute("#matches", "data-n") == count
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "filter-max"
    assert said.count() == 0
    assert page.get_attribute("#filter-max", "aria-invalid") is None


PAGES = [
    *((DEMO.name, name, "") for name in ("index", "zones", "available", "territory", "manufacture")),
    (DEMO.name, "available", "tab=rooms"),
    *((TERRITORY.name, name, "") for name in ("index", "zones", "available", "territory", "bridgestone")),
]

#: Bring the page back to its address, unfold it, and find all that takes the focus: of many alike in one list the first
#: and the last; what is the same on all pages, on the first of a territory. Give the focus to one of them.
USE = """async ([address, n]) => {
  if (location.hash.slice(1) !== address) {
    const told = new Promise(done => addEventListener('hashchange', done, { once: true }));
    location.hash = address;
    await told;
  }
  document.querySelectorAll('details').forEach(each => { each.open = true; });
  // What is unfolded may be written only then, by an event that comes later.
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  const all = [...document.querySelectorAll("button, input, select, textarea, summary, a[href], [tabindex='0']")];
  const kinds = new Map();
  const elsewhere = 'dialog, nav, .skip, #banner, .folium-map, footer summary';
  const same = document.body.className === 'home' ? 'dialog' : elsewhere;
  for (const each of all.filter(each => !each.disabled && each.getClientRects().length && !each.closest(same))) {
    const list = each.closest('ul, ol, table, fieldset, nav');
    const place = list ? list.id || list.className || 'list' : each.id;
    const kind = [each.localName, each.className, each.type, place].join();
    kinds.set(kind, [...(kinds.get(kind) ?? []), each]);
  }
  const controls = [...kinds.values()].flatMap(those => those.length < 3 ? those : [those[0], those[those.length - 1]]);
  window.used = controls[n];
  used?.focus();
  const text = each => each.localName === 'div' ? '' : each.textContent.trim().slice(0, 30);
  return controls.map(each => [each.localName, each.type ?? '', each.id, text(each)]);
}"""
#: Whether what one uses has the focus, and is the very node that it was.
HELD = "() => used.isConnected && document.activeElement === used"
#: Whether it still does when the page was told anew by something else.
HELD_ANEW = f"() => {{ document.getElementById('theme').click(); return ({HELD})(); }}"
#: What leaves the page as it is meant to: the banner when closed, the page when the ground of the IGN is asked for.
LEAVE = {"banner-close", "base-ask"}
KEYS = {
    "checkbox": ["Space", "Space"],
    "radio": ["Space"],
    "range": ["ArrowLeft", "ArrowRight"],
    "text": ["1", "Enter", "Backspace", "Enter"],
    "search": ["a", "e", "ArrowLeft", "Backspace"],
    "select-one": ["ArrowDown", "ArrowUp"],
    "summary": ["Enter", "Enter"],
    "button": ["Enter", "Enter"],
}


@pytest.mark.parametrize(("folder", "name", "address"), PAGES, ids=lambda value: value)
def test_no_control_of_a_page_is_made_anew_while_one_uses_it(built_folders, reader: Open, folder, name, address):
    someone = reader(accept_downloads=True)
    someone.context.add_init_script("window.print = () => {}")
    page = someone.open(built_folders[folder] / f"{name}.html", address)
    controls = page.evaluate(USE, [address, -1])
    assert len(controls) > 10
    lost = []
    for n, control in enumerate(controls):
        tag, kind, key, _ = control
        if key in LEAVE:
            continue
        assert page.evaluate(USE, [address, n]) == controls
        for pressed in KEYS.get(kind or tag, []):
            page.keyboard.press(pressed)
            if key.startswith("banner-"):
                page.keyboard.press("Escape")  # its dialog gives the focus back
            if not page.evaluate(HELD):
                lost.append((pressed, *control))
        if not page.evaluate(HELD_ANEW):
            lost.append(("told anew", *control))
    assert lost == []
    assert someone.complaints == []


def test_links_of_the_page_stay_while_time_passes(built_folders, reader: Open):
    page = reader().open(built_folders["bethune-bruay"] / "bridgestone.html", "d=2020-06-30")
    click_at(page, "#play")
    for selector in ("#panel a[href] >> nth=3", "#base-ask", "#sources a >> nth=1"):
        if not page.locator(selector).count():
            continue
        if selector.startswith("#sources"):
            page.evaluate("document.getElementById('cited').open = true")
        page.focus(selector)
        page.evaluate("window.held = document.activeElement")
        day = page.inner_text("#day")
        page.wait_for_function("day => document.getElementById('day').textContent !== day", arg=day)
        assert page.evaluate("held !== document.body && held.isConnected && document.activeElement === held")
