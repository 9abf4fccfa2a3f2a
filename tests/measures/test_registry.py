"""One declaration a measure: what it says of itself is all that the ledger, the pages, `explain` and the build read."""

import ast
import importlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import gis.measures
from gis.explain import figure_chain
from gis.maps import i18n
from gis.measures import registry
from gis.measures.measure import PAGES, Assumption, FigureKind, Measure, cite_rows, figure_subject
from gis.provenance import Basis, Bounds
from gis.schemas import KEYS, QUANTITIES
from gis.territory import Territory

ROOT = Path(__file__).parents[2]
MEASURES = registry.ALL
KINDS = [(name, kind) for name, measure in MEASURES.items() for kind in measure.figures]
ASSUMPTIONS = {each for measure in MEASURES.values() for each in measure.assumptions}
LANGUAGES = ("fr", "en")


@pytest.fixture(scope="module")
def fictional():
    """The fictional territory, opened once: its layers are read when a measure asks for them."""
    return Territory(ROOT / "layers" / "demo")


@pytest.fixture(scope="module")
def figures(fictional):
    """The figures of each measure of the fictional territory."""
    whole = registry.computed_figures(fictional)
    of_kind = {kind.kind: name for name, kind in KINDS}
    found = {name: {} for name in MEASURES}
    for key, figure in whole.items():
        found[of_kind[figure.kind]][key] = figure
    return found


@pytest.fixture
def registered(monkeypatch):
    """Put other measures into the registry, and forget the words that were read of it."""

    def put(measures):
        monkeypatch.setattr(registry, "ALL", {each.name: each for each in measures})
        i18n.text_catalogue.cache_clear()

    yield put
    monkeypatch.undo()
    i18n.text_catalogue.cache_clear()


def test_every_kind_is_declared_once_and_says_what_it_is_in_both_languages():
    assert {name: n for name, n in Counter(kind.kind for _, kind in KINDS).items() if n > 1} == {}
    assert [kind.kind for _, kind in KINDS for text in (kind.fr, kind.en) if not text.endswith(".")] == []
    assert [kind.kind for _, kind in KINDS if kind.fr == kind.en] == []


def test_every_assumption_is_declared_once_and_is_a_sentence_in_both_languages():
    assert {key: n for key, n in Counter(each.key for each in ASSUMPTIONS).items() if n > 1} == {}
    assert [each.key for each in ASSUMPTIONS for text in (each.fr, each.en) if not text.endswith(".")] == []
    assert [name for name, each in MEASURES.items() if len({*each.assumptions}) < len(each.assumptions)] == []


def declared(name):
    """Return what modules of the room declare by a class: the constant, and the call that makes it."""
    for module in sorted(Path(gis.measures.__file__).parent.glob("*.py")):
        for node in ast.parse(module.read_text(encoding="utf-8")).body:
            match node:
                case ast.AnnAssign(target=ast.Name(id=constant), value=ast.Call(func=ast.Name(id=made))):
                    yield from [(module.stem, constant)] if made == name else []


def test_whatever_a_module_declares_is_in_the_registry():
    of = {FigureKind: {kind for _, kind in KINDS}, Assumption: ASSUMPTIONS, Measure: list(MEASURES.values())}
    for each, known in of.items():
        found = [
            (module, constant, getattr(importlib.import_module(f"gis.measures.{module}"), constant))
            for module, constant in declared(each.__name__)
        ]
        assert len(found) == len(known)
        assert [(module, constant) for module, constant, value in found if value not in known] == []


def test_every_assumption_is_made_by_some_function():
    made = {
        name.id
        for module in Path(gis.measures.__file__).parent.glob("*.py")
        for function in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for name in ast.walk(function)
        if isinstance(name, ast.Name)
    }
    assert [constant for _, constant in declared("Assumption") if constant not in made] == []


@pytest.mark.parametrize("kind", [kind for _, kind in KINDS], ids=[kind.kind for _, kind in KINDS])
def test_what_a_kind_names_is_there(kind):
    module, _, function = kind.rule.rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))
    assert {*kind.counts} <= KEYS.keys()
    assert {*kind.pages} <= {*PAGES}
    assert not kind.headline or (kind.pages[-1] == "home" and len(kind.pages) > 1)
    for language in LANGUAGES:
        assert kind.unit == "ratio" or f"unit.{kind.unit}" in i18n.text_catalogue(language)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_what_a_measure_needs_and_reads_is_there(measure):
    needed = [*measure.needs]
    while needed:
        one = needed.pop()
        assert one != measure.name
        needed += MEASURES[one].needs
    quantities = {f"{layer}/{quantity}" for layer, those in QUANTITIES.items() for quantity in those}
    assert {*measure.reads} <= quantities
    assert all({*text} == {*LANGUAGES} for text in measure.words.values())


@pytest.mark.parametrize("name", MEASURES)
def test_figures_are_what_their_measure_declares(figures, name):
    measure, found = MEASURES[name], figures[name]
    above = {name, *measure.needs}
    kinds = {kind.kind: kind for kind in measure.figures}
    assumed = {each.key for one in above for each in MEASURES[one].assumptions}
    assert found
    for key, figure in found.items():
        kind = kinds[figure.kind]
        assert (figure.unit, figure.definition, figure.rule) == (kind.unit, kind.en, kind.rule), key
        assert key.startswith(kind.figure_id(figure.subject, figure.at)), key
        assert {*figure.assumptions} <= assumed, key


def test_a_built_ledger_has_no_kind_and_no_assumption_that_is_not_declared(built, demo_built):
    for ledger in (built.ledger, demo_built.ledger):
        assert {figure["kind"] for figure in ledger["figures"]} <= registry.figure_kinds().keys()
        texts = registry.declared_assumptions("en")
        assert ledger["assumptions"].items() <= texts.items()


@pytest.mark.parametrize("gone", MEASURES)
def test_a_measure_that_leaves_the_registry_leaves_the_ledger_the_words_and_the_pages(
    registered, fictional, figures, gone
):
    above = {key: figure for name, those in figures.items() if name != gone for key, figure in those.items()}
    rest = [
        # Those that need nothing of it are as they were; those that do are computed anew.
        each if gone in each.needs else replace(each, compute=lambda *_, name=name: [*figures[name].values()])
        for name, each in MEASURES.items()
        if name != gone
    ]
    registered(rest)
    left = registry.computed_figures(fictional)
    assert [key for key in left if key not in above] == []
    needing = {"supply_years"} if gone == "availability" else set()
    assert {above[key].kind for key in above if key not in left} == needing
    kinds = {kind.kind for kind in MEASURES[gone].figures}
    assert kinds.isdisjoint(registry.figure_kinds())
    assert all(registry.quantities_read_by(kind) == set() for kind in kinds)
    shown = [figure for page in PAGES for figure in registry.figures_shown_on(page, left)]
    assert kinds.isdisjoint(figure.kind for figure in shown)
    elsewhere = {each for measure in rest for each in measure.assumptions}
    lost = [each.key for each in MEASURES[gone].assumptions if each not in elsewhere]
    for language in LANGUAGES:
        words = i18n.text_catalogue(language)
        assert not any(f"figure.{kind}" in words for kind in kinds)
        assert not any(f"assumption.{key}" in words for key in lost)
        assert not any(key in words for key in MEASURES[gone].words)
        assert all(f"assumption.{key}" in words for figure in left.values() for key in figure.assumptions)


PREMISES_COUNTED = FigureKind(
    kind="premises_counted",
    unit="count",
    rule="gis.measures.gaps.gaps",
    fr="Locaux qu’une source nomme : un par ligne.",
    en="Premises that a source names, one a row.",
    pages=("territory", "home"),
    headline=True,
)
NAMED_ALONE = Assumption("named_alone", fr="Il peut y en avoir d’autres ; personne ne le dit.", en="There may be more.")


def counted(layers, _):
    for site, rows in [("", layers.premises), *layers.premises.groupby("site_id")]:
        value = Bounds(len(rows), None)
        yield PREMISES_COUNTED.figure(figure_subject(site), value, cite_rows(premises=rows), assumes=[NAMED_ALONE])


COUNTED = Measure(
    name="premises_counted",
    figures=(PREMISES_COUNTED,),
    assumptions=(NAMED_ALONE,),
    compute=counted,
    words={"reason.premises_counted": {"fr": "Compté.", "en": "Counted."}},
)


def test_a_measure_of_a_stranger_is_everywhere_once_it_is_in_the_registry(
    registered, demo, rebuilt, command, page_data, page_words
):
    registered([*MEASURES.values(), COUNTED])
    built = rebuilt(demo)
    key = "premises_counted:territory"
    (whole, site) = [figure for figure in built.ledger["figures"] if figure["kind"] == "premises_counted"]
    assert (whole["figure_id"], whole["low"], whole["high"]) == (key, 2, None)
    assert (site["figure_id"], site["subject"]) == ("premises_counted:port", "sites/port")
    assert whole["rows"] == ["premises/hangar", "premises/cour"]
    assert (whole["basis"], whole["sources"]) == (Basis.STATED, ["registre"])
    assert built.ledger["assumptions"]["named_alone"] == "There may be more."
    assert key in set(built.layers["figures"]["figure_id"])
    assert key in command("figures", demo.path).out
    told = command("explain", demo.path, key).out
    assert "Premises that a source names" in told
    assert "There may be more." in told
    for name in ("territory", "index"):
        assert key in {figure["id"] for figure in page_data(built.page(name))["figures"]}
        assert "Locaux qu’une source nomme" in built.page(name).read_text(encoding="utf-8")  # without scripts, too
    assert {"figure": key, "href": "territory.html"} in page_data(built.page("index"))["numbers"]
    assert site["figure_id"] in {figure["id"] for figure in page_data(built.page("port"))["figures"]}
    words = page_words(built.page("port"))
    assert words["fr"]["figure.premises_counted"] == "Locaux qu’une source nomme\u202f: un par ligne."
    assert words["fr"]["assumption.named_alone"] == "Il peut y en avoir d’autres\u202f; personne ne le dit."
    assert words["en"]["assumption.named_alone"] == "There may be more."
    assert words["en"]["reason.premises_counted"] == "Counted."


def test_what_is_needed_is_computed_first_wherever_it_stands(registered, demo):
    def twice(_, above):
        assert {*above} == {"premises_counted:territory", "premises_counted:port"}
        return [replace(figure, figure_id=f"twice:{key}") for key, figure in above.items()]

    after = Measure("twice", (), twice, needs=("premises_counted", "absent"))
    registered([after, COUNTED])
    assert [key.partition(":")[0] for key in demo.open().figures] == ["twice", "twice", *["premises_counted"] * 2]


def test_a_dispute_is_told_of_the_figures_whose_rule_reads_the_value(fictional):
    """The area that papers say of a tenant moves the area attributed, and not the ground that is measured."""
    states = fictional.claims["states"]
    disputed = sorted(set(states[states.str.startswith("tenancies/") & states.str.endswith("/area_m2")]))
    row = next(name.rpartition("/")[0] for name in disputed if states.eq(name).sum() > 1)
    told = {
        figure.kind: str(figure_chain(fictional, figure))
        for figure in fictional.figures.values()
        if row in figure.rows and figure.kind in {"in_place_m2", "held_floor_m2", "to_come_m2"}
    }
    claims = [f"claims/{claim}:" for claim in fictional.claims.loc[states == f"{row}/area_m2", "claim_id"]]
    assert {"in_place_m2", "held_floor_m2"} <= {*told}
    assert all(all(claim in text for claim in claims) is not kind.startswith("held_") for kind, text in told.items())
