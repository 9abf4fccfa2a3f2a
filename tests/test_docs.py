"""What is documented is what there is."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import gis
from gis.cli import main

MODULES = ["gis", *(module.name for module in pkgutil.walk_packages(gis.__path__, "gis."))]
README = Path(__file__).parents[1] / "README.md"
LIBRARY = README.parent / "docs" / "library.md"


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


def _references() -> set[str]:
    """Return the names that the code of the package uses: calls, attributes, imports."""
    found: set[str] = set()
    for file in Path(gis.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            found |= {node.id} if isinstance(node, ast.Name) else set()
            found |= {node.attr} if isinstance(node, ast.Attribute) else set()
            found |= {each.name for each in node.names} if isinstance(node, ast.ImportFrom) else set()
    return found


def _public_functions() -> set[str]:
    return {
        f"{name}.{key}"
        for name in MODULES
        for key, value in vars(importlib.import_module(name)).items()
        if not key.startswith("_") and inspect.isfunction(inspect.unwrap(value)) and value.__module__ == name
    }


def test_what_no_code_of_ours_calls_is_documented_for_those_who_do():
    used = _references()
    commands = {command.callback.__name__ for command in main.commands.values()}
    unused = {name for name in _public_functions() if name.rpartition(".")[2] not in used | commands}
    library = LIBRARY.read_text(encoding="utf-8")
    assert {name for name in unused if f"`{name}(" not in library} == set()


def test_the_functions_for_notebooks_are_there_and_its_examples_hold():
    library = LIBRARY.read_text(encoding="utf-8")
    for name in re.findall(r"`(gis\.[\w.]+)", library):
        module, _, attribute = name.rpartition(".")
        assert name == "gis.open" or hasattr(importlib.import_module(module), attribute), name
    failed, tried = doctest.testfile(str(LIBRARY), module_relative=False)
    assert (failed, tried > 0) == (0, True)
