"""Rows in few bytes: nothing is lost, whatever the rows hold."""

import json

from hypothesis import given
from hypothesis import strategies as st

from gis.maps.packing import deflate, inflate, pack, unpack

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
    assert [sorted_text(row) for row in unpack(pack(rows))] == [sorted_text(row) for row in rows]


@given(st.text())
def test_a_text_comes_back_as_it_was_deflated(text):
    assert inflate(deflate(text)) == text


def test_a_column_that_says_the_same_is_written_once():
    rows = [{"key": f"t{n}", "label": f"t{n}", "at": [n, n], "km": {"port": n / 7}} for n in range(9)]
    columns = pack(rows)["columns"]
    assert columns["label"] == {"like": "key"}
    assert list(columns["at"]) == ["parts"]
    assert list(columns["km"]) == ["fields"]
