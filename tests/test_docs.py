"""What is documented is what there is."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import shlex
from pathlib import Path

import pytest

import gis
from gis.cli import main

MODULES = ["gis", *(module.name for module in pkgutil.walk_packages(gis.__path__, "gis."))]
ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
LIBRARY = ROOT / "docs" / "library.md"


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


#: What `docs` call by a path, but for what a build writes.
PATHS = re.compile(r"`((?:gis|tests|docs|notebooks)/[\w./-]+\.\w+)`|\]\(([^)#:]+)\)|`(test_\w+\.py)`")
#: Files that the exercises of CONTRIBUTING create, on a copy.
CREATED = re.compile(r"^--- /dev/null\n\+\+\+ b/(.+)$", re.MULTILINE)
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "maps" / "README.md"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_a_document_names_is_there(document):
    names = [match.groups(default="") for match in PATHS.finditer(document.read_text(encoding="utf-8"))]
    made = {
        path for patch in (ROOT / "docs" / "exercises").glob("*.patch") for path in CREATED.findall(patch.read_text())
    }
    absent = [path for path, _, _ in names if path and path not in made and not (ROOT / path).is_file()]
    absent += [link for _, link, _ in names if link and not (document.parent / link).exists()]
    absent += [test for _, _, test in names if test and not [*(ROOT / "tests").rglob(test)]]
    assert absent == []


def test_the_architecture_names_every_top_level_module_and_no_module_that_is_absent():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = [path.removesuffix(".py") for path in re.findall(r"`((?:sources|maps)/[a-z_/]+(?:\.py)?)`", text)]
    absent = [
        path for path in named if not (ROOT / "gis" / f"{path}.py").is_file() and not (ROOT / "gis" / path).is_dir()
    ]
    modules = {module.name for module in pkgutil.iter_modules(gis.__path__)}
    assert absent == []
    assert [name for name in sorted(modules) if f"`{name}`" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_that_a_document_shows_has_these_options(document):
    text = document.read_text(encoding="utf-8").replace("\\\n", " ")
    shown = re.findall(r"^ *gis ([a-z]+)\b(.*)$|`gis ([a-z]+)\b([^`]*)`", text, flags=re.MULTILINE)
    for line, rest, quoted, more in shown:
        command = main.commands[line or quoted]
        options = {option for parameter in command.params for option in parameter.opts} | {"-h", "--help"}
        words = shlex.split(rest or more, comments=True)
        assert {word for word in words if word.startswith("-")} <= options, (line or quoted, words)
