"""A build: everything or nothing, and the same bytes each time."""

import json
from pathlib import Path

import pytest

from gis.build import build
from gis.errors import RenderError


def outputs(folder, tree):
    """Return what a build wrote: everything but the territory folder itself."""
    found = {name: data for name, data in tree(folder.path.parents[1]).items() if data}
    return {name: data for name, data in found.items() if not name.startswith("layers/demo/")}


def test_a_build_writes_its_outputs_and_leaves_nothing_else(demo, tree):
    facts = tree(demo.path)
    built = demo.build()
    written = [path.relative_to(demo.path.parents[1]).as_posix() for path in built.by_name.values()]
    assert written[:3] == ["layers/demo.gpkg", "layers/demo.figures.json", "maps/demo/index.html"]
    assert "maps/demo/port.html" in written
    assert outputs(demo, tree).keys() == {*written}
    assert tree(demo.path) == facts


@pytest.mark.parametrize("outlined", [True, False], ids=["with outlines", "without outlines"])
def test_two_builds_give_the_same_bytes(demo, twin, tree, outlined):
    for folder in (demo, twin):
        if outlined:
            folder.outline()
        folder.build()
    assert outputs(demo, tree) == outputs(twin, tree)


def test_building_again_over_a_build_gives_the_same_bytes(good, tree):
    before = outputs(good, tree)
    good.build()
    assert outputs(good, tree) == before


def test_a_changed_fact_changes_the_outputs(good, tree):
    before = outputs(good, tree)
    good.change("tenancies.csv", "20000,20000", "30000,30000")
    good.build()
    after = outputs(good, tree)
    assert before.keys() == after.keys()
    changed = {name for name in before if before[name] != after[name]}
    assert {"layers/demo.gpkg", "layers/demo.figures.json", "maps/demo/index.html", "maps/demo/port.html"} <= changed


@pytest.mark.parametrize("locked", ["demo.gpkg", "index.html", "port.html"])
def test_an_output_that_cannot_be_replaced_leaves_the_last_good_build(good, refused, monkeypatch, locked):
    """A page, or a GeoPackage that another program holds open, as Windows has it."""
    replace = Path.replace

    def held(self, target):
        if Path(target).name == locked and not self.name.endswith(".old"):
            raise PermissionError(13, "Permission denied", str(target))
        return replace(self, target)

    good.change("tenancies.csv", "20000,20000", "30000,30000")
    monkeypatch.setattr(Path, "replace", held)
    said = refused(good)
    assert said.endswith(
        f"{locked}: cannot be written (Permission denied). Close it in other programs and look at your rights."
    )


def test_a_page_that_fails_leaves_the_last_good_build(good, tree, monkeypatch):
    before = tree(good.path.parents[1])

    def fail(_):
        yield "index.html", "half a build"
        message = "port.html: no"
        raise RenderError(message)

    monkeypatch.setattr("gis.build.write_pages", fail)
    with pytest.raises(RenderError):
        good.build()
    assert tree(good.path.parents[1]) == before


def test_pages_go_where_they_are_asked_to(demo, command, tmp_path):
    ended = command("build", demo.path, "--maps-dir", tmp_path / "pages")
    assert ended.code == 0
    assert {"index.html", "port.html"} <= {path.name for path in (tmp_path / "pages").iterdir()}
    assert not (demo.path.parents[1] / "maps").exists()


def test_each_step_is_told_as_it_begins(demo):
    told = []
    build(demo.path, progress=told.append)
    assert told[0] == "layers"
    assert told[-1] == "in place"
    assert len(told) == len({*told}) >= 4


def test_the_ledger_is_valid_json_without_made_up_numbers(built_demo):
    text = (built_demo / "layers" / "demo.figures.json").read_text(encoding="utf-8")

    def refuse(constant):
        message = f"{constant} is no JSON"
        raise ValueError(message)

    assert json.loads(text, parse_constant=refuse)["figures"]
