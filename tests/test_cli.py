"""The command `gis`: what it says, where, and how it ends."""

import pytest

from gis.cli import main
from gis.explain import figure_chain

FIGURE = "in_place_m2:bridgestone@2025-09-30"
SHARE = "in_place_share:bridgestone@2025-09-30:320000-land"

#: The commands that read a territory, and what they must be given.
READERS = {
    name: [each for each in command.params if each.required]
    for name, command in main.commands.items()
    if any(each.name == "territory" for each in command.params)
}


def given_to(parameter, territory):
    """Return what a command may be given for something that it must be given."""
    value = territory if parameter.name == "territory" else next(iter(getattr(parameter.type, "choices", "x")))
    return [parameter.opts[0], value] if parameter.param_type_name == "option" else [value]


@pytest.fixture
def territory(built):
    return built.folder.path


@pytest.mark.parametrize("name", main.commands)
def test_every_command_has_help(command, name):
    ended = command(name, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert f"Usage: gis {name} " in ended.out
    assert " ".join(main.commands[name].help.split()) in " ".join(ended.out.split())


def test_help_lists_every_command(command):
    ended = command("-h")
    assert ended.code == 0
    assert {"build", "bundle", "explain", "figures", "outlines"} <= {*READERS}
    assert all(f"  {name} " in ended.out for name in main.commands)


def test_the_version_is_said(command):
    assert command("--version").out.startswith("gis, version 0.")


def test_a_build_says_where_its_outputs_are_and_nothing_else(demo, command, monkeypatch):
    monkeypatch.chdir(demo.path.parents[1])
    ended = command("build", "layers/demo")
    assert (ended.code, ended.err) == (0, "")
    *files, last = ended.out.splitlines()
    assert {"layers/demo.gpkg", "layers/demo.figures.json", "maps/demo/index.html", "maps/demo/port.html"} <= {*files}
    assert last == "Open maps/demo/index.html in a browser."


def test_an_inventory_says_each_rate_beside_its_formula_and_where_its_files_are(demo, command, monkeypatch):
    monkeypatch.chdir(demo.path.parents[1])
    ended = command("inventory", "layers/demo", "--at", "2026-01-01")
    assert (ended.code, ended.err) == (0, "")
    formula, period, site, whole, *files = ended.out.splitlines()
    assert "vacant land units / land units x 100 (article L318-8-2" in formula
    assert period == "Reference period 2024-01-01 to 2025-12-31; due again by 2032-01-01."
    assert site.strip() == "no data (shape not published)  Le port"
    assert whole.strip() == "no data (no active zone)  Port-Neuf"
    assert "layers/demo.inventory/public/inventaire-2026-publique.xlsx" in files
    assert all((demo.path.parents[1] / file).is_file() for file in files)


def test_an_inventory_on_a_day_that_is_none_is_one_clear_line(demo, command):
    ended = command("inventory", demo.path, "--at", "tomorrow")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"gis: {demo.path}: at: `tomorrow` is no day from 1700 to 2199. Write 2025-09-30.\n"


def test_an_owner_that_its_file_does_not_list_is_refused_by_name(demo, command):
    demo.put("owners.csv", "owner_id,owner_kind,owner_name,source_id\no1,legal,Port-Neuf,registre\n")
    demo.put("parcels.csv", "parcel_id,owner_id,source_id\n99001000AA0001,o2,registre\n")
    ended = command("inventory", demo.path)
    assert ended.code == 1
    assert (
        "row 2 (99001000AA0001), column `owner_id`: what stands there (it is not published) is not known" in ended.err
    )


def test_all_figures_are_listed_with_their_values(command, territory, built):
    ended = command("figures", territory)
    assert (ended.code, ended.err) == (0, "")
    listed = dict(reversed(line.strip().split("  ")) for line in ended.out.splitlines())
    assert list(listed) == [figure["figure_id"] for figure in built.ledger["figures"]]
    assert listed[FIGURE] == ">= 50,910 m2"
    assert listed[SHARE] == ">= 15.9 %"
    assert listed["needed_base_m2:bridgestone@2025-09-30:site.reoccupied_share"] == "84,148.8 m2 to 85,563 m2"


SAID = {
    "value": ">= 50,910 m2  in_place_m2:bridgestone@2025-09-30",
    "definition": "Area attributed by a source to occupants in place on the date.",
    "rule": "rule: gis.measures.occupancy.attributed",
    "date": "on: 2025-09-30",
    "row": "tenancies/black-star: Black-Star, in place, 46,000 m2 (not said)",
    "row without an area": "tenancies/lpi: LPI, in place, area unknown",
    "source with its date and page": "Dossier de presse, 2025-09, p. 13",
    "the value chosen among several": "* claims/tenant.black_star.area: Black-Star, area occupied: 46000 m2",
    "another value": "  claims/bs.3000: Black-Star, area: 3000 m2",
    "a source that was not found again": "source not refound",
    "assumption": "The list of occupants is what sources name: there may be others.",
    "basis": "basis: stated",
}


@pytest.mark.parametrize("line", SAID.values(), ids=SAID)
def test_the_chain_behind_a_figure_tells_its(command, territory, line):
    ended = command("explain", territory, FIGURE)
    assert (ended.code, ended.err) == (0, "")
    assert line in ended.out


def test_the_chain_behind_a_share_goes_down_to_the_rows_of_its_numerator(command, territory):
    ended = command("explain", territory, SHARE)
    assert ended.out.startswith(f">= 15.9 %  {SHARE}\n")
    assert f"numerator: >= 50,910 m2  {FIGURE}" in ended.out
    assert "denominator: claims/site.land_area: Site de Bridgestone, land area: 32 ha [" in ended.out
    assert "tenancies/black-star" in ended.out


@pytest.mark.parametrize("territory_built", ["built", "demo_built"])
def test_every_figure_can_be_explained(request, territory_built):
    opened = request.getfixturevalue(territory_built).folder.open()
    assert len(opened.figures) > 20
    for figure in opened.figures.values():
        said, below = figure_chain(opened, figure)
        assert said.endswith(f"  {figure.figure_id}")
        assert {f"rule: {figure.rule}", f"basis: {figure.basis.value}"} <= {text for text, _ in below}


def test_the_beginning_of_an_id_is_enough(command, territory):
    assert command("explain", territory, "in_place_m2").out == command("explain", territory, FIGURE).out


def test_an_unknown_figure_is_one_clear_line(command, territory):
    ended = command("explain", territory, "vacancy")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"gis: {territory}: figure: `vacancy` is not known. List them with `gis figures`.\n"


@pytest.mark.parametrize("name", READERS)
def test_an_unknown_territory_is_one_clear_line(command, tmp_path, name):
    nowhere = tmp_path / "nowhere"
    ended = command(name, *[text for wanted in READERS[name] for text in given_to(wanted, nowhere)])
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"gis: {nowhere}: no such folder. ")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [["biuld"], ["build"], ["build", "--fast", "x"], ["explain", "x"]],
    ids=["unknown command", "missing argument", "unknown option", "missing figure"],
)
def test_a_mistyped_command_exits_with_2(command, arguments):
    ended = command(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "Error: " in ended.err
