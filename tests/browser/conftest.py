"""Pages in headless Chromium, opened from disk with the network off."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from gis.build import Built, build
from gis.errors import GisError
from gis.sources.open_data.outlines import fetch_outlines
from gis.territory import Territory
from tests.conftest import Built as Made

TERRITORY = Path(__file__).parents[2] / "layers" / "bethune-bruay"
DEMO = Path(__file__).parents[2] / "layers" / "demo"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
#: A page that has started, or says why it cannot; a map alone, as a notebook has it, once its script ran.
READY = """() => document.getElementById("unable")
  ? document.querySelector("html.ready, #unable:not([hidden])")
  : window.emprise"""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def executable() -> str:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found or MAC.exists():
        return found or str(MAC)
    sentence = "no Chromium: `make test` installs it as root, else install Chromium or Google Chrome"
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def outlined(made_once: Callable[..., tuple[Path, Built | str]]) -> tuple[Path, Built]:
    """A copy of the shipped territory, with the outlines of its communes, and what a build of it left."""

    def make(folder: Path) -> tuple[Path, Built | str]:
        copy = folder / "layers" / TERRITORY.name
        shutil.copytree(TERRITORY, copy)
        try:
            fetch_outlines(copy, Territory(copy).epci)
        except GisError as error:
            return copy, f"no outlines: {error}"
        return copy, build(copy)

    folder, left = made_once("outlined", make)
    if isinstance(left, str):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(left)
    return folder, left


@pytest.fixture(scope="session")
def territory(outlined: tuple[Path, Built]) -> Territory:
    """A copy of the shipped territory, with the outlines of its communes."""
    return Territory(outlined[0])


@pytest.fixture(scope="session")
def built(outlined: tuple[Path, Built]) -> Built:
    return outlined[1]


@pytest.fixture(scope="session")
def built_folders(built: Built, demo_built: Made) -> dict[str, Path]:
    """The folders of the pages of both territories, by name."""
    return {TERRITORY.name: built.pages[0].parent, DEMO.name: demo_built.files.pages[0].parent}


class Reader:
    """A person with a browser: opens a page, and keeps what the browser complains of."""

    def __init__(self, browser: Browser, **context: object) -> None:
        self.scripts = context.get("java_script_enabled", True)
        self.context = browser.new_context(offline=True, locale="fr-FR", **context)
        self.complaints: list[str] = []
        self.requests: list[str] = []

    def open(self, file: Path, address: str = "") -> Page:
        page = self.context.new_page()
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(file.as_uri() + (f"#{address}" if address else ""))
        if self.scripts:
            page.wait_for_function(READY)
        return page


Open = Callable[..., Reader]


@pytest.fixture
def reader(browser: Browser) -> Iterator[Open]:
    readers: list[Reader] = []

    def make(**context: object) -> Reader:
        readers.append(Reader(browser, **{"viewport": {"width": 1440, "height": 900}, **context}))
        return readers[-1]

    yield make
    for each in readers:
        each.context.close()


FRENCH = re.compile(r"(?<![-\w])(les|des|dans|avec|pas|une|est|sur|aucune?|selon|surface)(?![-\w])")


@pytest.fixture(scope="session")
def unmarked_french() -> Callable[[Page], list[str]]:
    """Find the French words of a page that is in English, but for what is marked as French."""

    def find(page: Page) -> list[str]:
        text = page.evaluate(
            "() => { document.querySelectorAll('details').forEach(d => d.open = true);"
            " const copy = document.body.cloneNode(true);"
            " copy.querySelectorAll('[lang=fr], script, noscript').forEach(e => e.remove()); return copy.textContent; }"
        )
        return FRENCH.findall(text)

    return find


def type_in(page: Page, selector: str, text: str) -> None:
    """Write in a field in the place of what it holds, as a person does: a click of the mouse, then keys."""
    click_at(page, selector)
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.press("Backspace")
    page.keyboard.type(text)


def click_at(page: Page, selector: str) -> None:
    """Click in the middle of an element, wherever the page has put it by then."""
    place = page.locator(selector).first
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box is not None, selector
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def slide_to(page: Page, day: int) -> None:
    """Bring the slider of a site to a day: a click of the mouse near it, then arrows."""
    slider = page.locator("#slider")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    low, high = (int(slider.get_attribute(end) or 0) for end in ("min", "max"))
    page.mouse.click(box["x"] + box["width"] * (day - low) / (high - low), box["y"] + box["height"] / 2)
    for _ in range(400):
        short = day - int(slider.input_value())
        if not short:
            return
        page.keyboard.press("ArrowRight" if short > 0 else "ArrowLeft")
    raise AssertionError(f"the slider does not come to {day}")
