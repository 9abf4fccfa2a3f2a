"""Spoilt files: every reader ends in a layer, issues, or one message of ours; nothing else is raised, printed or lost.

`EMPRISE_FUZZ=long` tries a hundred times as many. What was found once is in `tests/data/fuzz`, and is read again here.
"""

import json
import os
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.errors import SourceError
from gis.provenance import Basis
from gis.sources.own_files.mapped import read_layer
from gis.sources.own_files.mapping import TableReading
from gis.sources.tables.rows import open_rows
from tests.fuzz.mutants import is_toml, sound_files, spoilt
from tests.fuzz.readers import AS, SOURCE, ZONE, ends, readers_of

FOUND = Path(__file__).parents[1] / "data" / "fuzz"
EXAMPLES = 2000 if os.environ.get("EMPRISE_FUZZ") == "long" else 20

SOUND = sound_files()

numbers = st.integers(0, 9999)
spoilings = st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999), numbers), min_size=1, max_size=3)


@pytest.mark.parametrize("kind", SOUND)
def test_what_is_sound_is_read(kind):
    name, files = SOUND[kind]
    assert [ends(reader, name, files, "sites") for reader in readers_of(kind)] == ["read"] * len(readers_of(kind))


@pytest.mark.parametrize("kind", SOUND)
def test_what_is_spoilt_is_read_or_refused(kind):
    name, files = SOUND[kind]

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[*HealthCheck])
    @given(st.sampled_from(sorted(files)), spoilings, st.sampled_from(AS))
    def each(victim, ways, layer):
        changed = {**files, victim: spoilt(victim, files[victim], ways)}
        if not victim.endswith(".toml") or is_toml(changed[victim]):
            for reader in readers_of(kind):
                assert ends(reader, name, changed, layer) in {"read", "refused"}

    each()


@pytest.mark.parametrize("found", sorted(FOUND.glob("*.zip")), ids=lambda file: file.stem)
def test_what_was_found_once_stays_found(found):
    """The name of each says how it is read: its kind, why it is there, as which layer."""
    kind, _, layer = found.stem.split("--")
    with zipfile.ZipFile(found) as archive:
        files = {each: archive.read(each) for each in archive.namelist()}
    name = SOUND[kind.replace("-", " ")][0]
    for reader in readers_of(kind.replace("-", " ")):
        assert ends(reader, name, files, layer) in {"read", "refused"}


# GeoJSON as it is written


def collection(*properties, **more):
    shape = {"type": "Polygon", "coordinates": [[[2.60, 50.50], [2.61, 50.50], [2.61, 50.51], [2.60, 50.50]]]}
    features = [{"type": "Feature", "geometry": shape, "properties": each} for each in properties]
    return json.dumps({"type": "FeatureCollection", "features": features, **more}, ensure_ascii=False)


def cells_of(file):
    with open_rows(file) as rows:
        return [dict(record.cells) for record in rows.records], rows.doubts


def test_a_column_of_many_types_keeps_every_value_as_it_is_written(tmp_path):
    file = tmp_path / "zones.geojson"
    said = [12, "n.c.", True, None, 3.5, {"a": [1, "é"]}, ["x", 2], "007"]
    file.write_text(collection(*({"id": f"z{n}", "surf": each} for n, each in enumerate(said))), encoding="utf-8")
    rows, doubts = cells_of(file)
    assert [row["surf"] for row in rows] == ["12", "n.c.", "oui", "", "3.5", '{"a": [1, "é"]}', '["x", 2]', "007"]
    assert doubts == []


def test_a_word_among_numbers_is_an_issue_and_the_numbers_stay(tmp_path):
    file = tmp_path / "zones.geojson"
    file.write_text(collection({"id": "z1", "surf": 12}, {"id": "z2", "surf": "n.c."}), encoding="utf-8")
    reading = TableReading("sites", {"site_id": "id", "land_low_ha": "surf"})
    found = read_layer(file, reading, crs=ZONE, source=SOURCE, basis=Basis.DIGITISED)
    assert found.frame["land_low_ha"].fillna(-1).tolist() == [12, -1]
    (issue,) = found.issues
    assert (issue["row"], issue["column_name"], issue["value"]) == ("z2", "land_low_ha", "n.c.")


def test_a_geojson_that_is_not_in_utf8_is_read_and_says_so(tmp_path):
    file = tmp_path / "zones.geojson"
    file.write_bytes(collection({"nom": "Été, l’œuf"}).encode("cp1252"))
    rows, doubts = cells_of(file)
    assert rows == [{"nom": "Été, l’œuf"}]
    assert ["Windows-1252" in why for *_, why in doubts] == [True]


UNSOUND = {
    "a name that stands twice": ('{"nom": "a", "nom": "b"}', "the name `nom` stands twice in one object."),
    "properties that are a number": ("3", "feature 1: its properties or its geometry are no object."),
}


@pytest.mark.parametrize(("properties", "message"), UNSOUND.values(), ids=UNSOUND)
def test_a_geojson_that_would_lose_something_is_refused(tmp_path, properties, message):
    file = tmp_path / "zones.geojson"
    file.write_text(collection("X").replace('"X"', properties), encoding="utf-8")
    with pytest.raises(SourceError, match=message.replace("(", "\\(")):
        cells_of(file)


def test_a_geojson_gives_the_rows_that_gdal_gives(tmp_path):
    drawn = gpd.read_file(_written(tmp_path, SOUND["geojson"]))
    rows, _ = cells_of(tmp_path / "zones.geojson")
    assert [row["nom"] for row in rows] == drawn["nom"].tolist()
    assert [row["surf_ha"] for row in rows] == ["8.25", "", "12"]


def _written(folder, sound):
    name, files = sound
    for each, data in files.items():
        (folder / each).write_bytes(data)
    return folder / name
