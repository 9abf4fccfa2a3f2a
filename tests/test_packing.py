"""Rows in few bytes: nothing is lost, whatever the rows hold."""

import json
import tomllib

from hypothesis import given
from hypothesis import strategies as st

from gis.maps.packing import CITING, cited_source_ids, deflate, inflate, pack_rows, unpack_rows

NUMBERS = st.integers(-9, 9) | st.floats(-9, 9).map(lambda x: round(x, 2))
PLAIN = st.none() | st.booleans() | NUMBERS | st.text(max_size=4)
COLUMNS = (
    PLAIN
    | st.tuples(PLAIN, PLAIN).map(list)
    | st.lists(PLAIN, max_size=3)
    | st.dictionaries(st.sampled_from(["port", "station", "like"]), PLAIN | st.lists(PLAIN, max_size=2), max_size=3)
    | st.fixed_dictionaries({"rings": st.lists(st.integers(), max_size=4), "at": st.tuples(PLAIN, PLAIN).map(list)})
)


def sorted_text(row: object) -> str:
    return json.dumps(row, sort_keys=True)


@given(st.data(), st.integers(0, 8), st.lists(st.sampled_from("abcdef"), unique=True, min_size=1))
def test_rows_come_back_as_they_were_packed(data, n, names):
    columns = {name: [data.draw(COLUMNS) for _ in range(n)] for name in names}
    columns["again"] = columns[names[0]]
    rows = [{name: values[k] for name, values in columns.items()} for k in range(n)]
    assert [sorted_text(row) for row in unpack_rows(pack_rows(rows))] == [sorted_text(row) for row in rows]


@given(st.text())
def test_a_text_comes_back_as_it_was_deflated(text):
    assert inflate(deflate(text)) == text


def test_a_column_that_says_the_same_is_written_once():
    rows = [{"key": f"t{n}", "label": f"t{n}", "at": [n, n], "km": {"port": n / 7}} for n in range(9)]
    columns = pack_rows(rows)["columns"]
    assert columns["label"] == {"like": "key"}
    assert list(columns["at"]) == ["parts"]
    assert list(columns["km"]) == ["fields"]


def test_a_page_carries_every_source_that_its_data_name_and_under_no_other_name(
    built, demo_built, page_data, page_sources
):
    for territory in (built, demo_built):
        known = tomllib.loads((territory.folder.path / "sources.toml").read_text(encoding="utf-8")).keys()
        for page in territory.files.pages:
            data = page_data(page)
            assert cited_source_ids(data) <= page_sources(page).keys() & known
            named = {key for key, text in _texts(data) if text in known and key not in {"id", "kind", "group"}}
            assert named <= CITING, f"{page.stem}: a source stands where it is not looked for"


def _texts(value, key=""):
    """Give every text of plain values, with the name that it stands under."""
    if isinstance(value, dict) and value.keys() == {"n", "columns"}:
        value = unpack_rows(value)
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, key)
    elif isinstance(value, str):
        yield key, value
