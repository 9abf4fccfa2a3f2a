"""The page that CONTRIBUTING adds as an exercise is written, linked everywhere, and brought to life by its script."""

from pathlib import Path

from tests.test_exercises import copy, done

__all__ = ["copy"]  # a fixture

#: A fictional territory, built with the page of the exercise.
PAGE = """
import json, sys
from pathlib import Path
from gis.build import build
from gis.demo import write_demo
write_demo(Path(sys.argv[1]) / "layers" / "demo", sites=6, terrains=120)
files = build(Path(sys.argv[1]) / "layers" / "demo", maps=Path(sys.argv[1]) / "maps")
print(json.dumps([str(page) for page in files.pages]))
"""


def test_a_page_is_written_linked_everywhere_and_brought_to_life(copy, tmp_path, reader):
    pages = [Path(page) for page in done(copy, "page", PAGE, tmp_path)]
    (buildings,) = [page for page in pages if page.name == "buildings.html"]
    assert all('href="buildings.html"' in page.read_text(encoding="utf-8") for page in pages)
    someone = reader()
    page = someone.open(buildings)
    rows = page.locator("#buildings li")
    assert rows.count() > 1
    assert "Grande halle" in rows.first.inner_text()
    assert page.locator("h1").first.inner_text() == "Bâtiments du territoire"
    assert someone.complaints == []
