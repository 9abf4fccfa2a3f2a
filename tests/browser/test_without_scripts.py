"""Without scripts: every row of a list up to 1,000, then one for each place, with sums that add up."""

import csv

import pytest

from gis.build import build
from gis.territory import Territory
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("count", [1_000, 1_001])
def test_a_list_is_whole_up_to_a_thousand_rows_then_by_place(demo, reader: Open, count):
    file = demo.path / "establishments.csv"
    names = ("establishment_id", "establishment_name", "insee", "jobs_low", "jobs_high", "source_id")
    insee = list(Territory(demo.path).communes["insee"])
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(names)
        rows.writerows((f"e{n}", f"Atelier {n}", insee[n % len(insee)], n, n, "registre") for n in range(count))
    (page,) = [page for page in build(demo.path).pages if page.stem == "territory"]
    shown = reader(java_script_enabled=False).open(page)
    table = shown.locator("#panel table", has=shown.locator("caption", has_text="Établissements"))
    if count <= 1_000:
        assert table.locator("th", has_text="Atelier").count() == count
        return
    cells = [row.locator("th, td").all_inner_texts() for row in table.locator("tbody tr").all()]
    assert "lignes" in table.locator("caption").inner_text()
    assert table.locator("th", has_text="Atelier").count() == 0
    *places, whole = [[int("".join(filter(str.isdigit, each)) or 0) for each in row[1:]] for row in cells]
    count_of, jobs, silent = (sum(column) for column in zip(*places, strict=True))
    assert (count_of, silent) == (whole[0], whole[2])
    assert cells[-1][2] == "", "a site and who is on it are not summed"
    assert whole[0] >= count
    assert jobs >= sum(range(count))
