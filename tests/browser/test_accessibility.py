"""axe-core, the judge of WCAG that most audits begin with, finds nothing on any page."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DEMO, TERRITORY, Open

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
#: WCAG 2.2 AA, on which RGAA 4.1 rests, and what axe holds to be good practice.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PAGES = {
    TERRITORY.name: ("index", "zones", "available", "territory", "bridgestone"),
    DEMO.name: ("index", "zones", "available", "territory", "manufacture"),
}


def violations(page: Page) -> list[str]:
    """Say what axe finds: the rule, and the elements that break it."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", list(RULES))[
        "violations"
    ]
    return [f"{each['id']}: {[node['target'] for node in each['nodes']]}" for each in found]


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("address", ["l=fr&t=light", "l=fr&t=dark", "l=en&t=light", "l=en&t=dark"])
@pytest.mark.parametrize("name", [f"{territory}/{name}" for territory, names in PAGES.items() for name in names])
def test_axe_finds_nothing(built_folders, reader: Open, name, address, width):
    territory, _, page_name = name.partition("/")
    someone = reader(viewport={"width": width, "height": 900})
    page = someone.open(built_folders[territory] / f"{page_name}.html", address)
    page.wait_for_selector("#panel h1")
    assert violations(page) == []
