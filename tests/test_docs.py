"""What is documented is what there is."""

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import gis
from gis.cli import main

MODULES = ["gis", *(module.name for module in pkgutil.walk_packages(gis.__path__, "gis."))]
README = Path(__file__).parents[1] / "README.md"


def test_the_public_names_are_those_that_can_be_imported():
    assert gis.__all__ == sorted(gis.__all__)
    assert all(hasattr(gis, name) for name in gis.__all__)
    defined = {
        name
        for name, value in vars(gis).items()
        if not name.startswith("_") and inspect.getmodule(value) is not None and not inspect.ismodule(value)
        if inspect.getmodule(value).__name__.partition(".")[0] == "gis"
    }
    assert defined == {*gis.__all__}


def test_the_public_names_are_in_the_readme_or_the_package():
    text = README.read_text(encoding="utf-8") + gis.__doc__
    undocumented = [name for name in gis.__all__ if f"gis.{name}" not in text and not getattr(gis, name).__doc__]
    assert undocumented == []


@pytest.mark.parametrize("name", MODULES)
def test_every_public_thing_has_a_docstring(name):
    module = importlib.import_module(name)
    things = {
        key: value
        for key, value in vars(module).items()
        if not key.startswith("_") and inspect.getmodule(value) is module
        if inspect.isclass(value) or inspect.isfunction(value)
    }
    said = {
        key: value.__dict__.get("__doc__") if inspect.isclass(value) else value.__doc__ for key, value in things.items()
    }
    assert module.__doc__
    assert [key for key, text in said.items() if not text or text.startswith(f"{key}(")] == []


@pytest.mark.parametrize("name", main.commands)
def test_every_command_is_in_the_readme(name):
    assert f"`gis {name}" in README.read_text(encoding="utf-8")
