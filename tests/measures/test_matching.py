"""Which fetched shape is meant by the name of a site: scored, and never guessed."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.measures.site_names import likeness, likenesses
from gis.sources.conflation.matching import DOUBTFUL, SURE, decided_pairs, doubtful_matches, score_matches


def _sites(letter, names, **columns):
    return pd.DataFrame({"site_id": [f"{letter}{n}" for n in range(len(names))], "site_name": list(names), **columns})


def _known(*names, insee="62001"):
    return _sites("k", names, other_names="", insee=insee)


def _fetched(*names, insee="62001"):
    return _sites("f", names, source_id="bdtopo", insee=insee)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ZI de Ruitz", "Zone Industrielle de Ruitz"),
        ("Parc d'activités du Moulin", "PA LE MOULIN"),
        ("Z.A.C. de l’Hermitage", "ZAC Hermitage"),
        ("Zone d'activités de la Porte-Nord", "za porte nord"),
        ("Forêt", "FORET"),
    ],
)
def test_names_that_differ_in_what_kind_of_place_they_say_are_the_same(a, b):
    assert likeness(a, b) >= SURE


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ZI Est", "ZI Ouest"),
        ("ZI n° 1", "ZI n° 2"),
        ("ZI de Ruitz", "ZA de Ruitz"),
        ("Parc du Moulin", "Parc des Moulins Neufs"),
    ],
)
def test_names_of_other_places_are_not(a, b):
    assert likeness(a, b) < SURE


@given(st.text(max_size=20), st.text(max_size=20))
def test_likeness_is_a_ratio_and_a_name_is_like_itself(a, b):
    assert 0 <= likeness(a, b) <= 1
    assert likeness(a, a) == 1


#: Names of which some say a number, a kind of site, both or none.
NAMES = st.sampled_from(
    ("ZI Est 1", "ZI Est 2", "ZA Est", "Zone commerciale Est", "Forêt", "Z.I. de la Haute-Forêt", "Parc", "", "ZAC 12")
)


@given(st.lists(NAMES | st.text(max_size=9), max_size=6), st.lists(NAMES | st.text(max_size=9), max_size=6))
def test_many_names_are_scored_as_each_two_of_them_are(names, others):
    found = likenesses(names, others)
    assert found.shape == (len(names), len(others))
    assert found.tolist() == [[likeness(name, other) for other in others] for name in names]
    assert likenesses(others, names).tolist() == found.T.tolist()


@pytest.mark.parametrize(
    ("a", "b", "common", "letters"),
    [
        ("Ruitz", "Ruits", 4, 10),
        ("Le Moulin", "Moulins", 6, 13),
        ("Fosse", "Bosquet", 3, 12),  # o, s and e, in this order
    ],
)
def test_likeness_is_twice_the_letters_in_one_order_over_all_letters(a, b, common, letters):
    assert likeness(a, b) == pytest.approx(2 * common / letters)


def test_a_clear_name_in_its_commune_is_decided():
    assert decided_pairs(
        score_matches(_known("ZI de Ruitz"), _fetched("Zone industrielle de Ruitz", "ZA du Bois"))
    ) == {"k0": "f0"}


def test_the_same_name_in_another_commune_waits_for_a_person():
    found = score_matches(_known("ZI de Ruitz", insee=""), _fetched("ZI de Ruitz"))
    assert decided_pairs(found) == {}
    assert list(doubtful_matches(found)["feature"]) == ["f0"]
    assert len(score_matches(_known("ZI de Ruitz"), _fetched("ZI de Ruitz", insee="62999"))) == 0


def test_two_shapes_of_one_name_wait_for_a_person():
    found = score_matches(_known("ZI de Ruitz"), _fetched("ZI de Ruitz", "Zone industrielle Ruitz"))
    assert decided_pairs(found) == {}
    assert len(doubtful_matches(found)) == 2


def test_one_shape_for_two_names_waits_for_a_person():
    assert decided_pairs(score_matches(_known("ZI de Ruitz", "Zone industrielle de Ruitz"), _fetched("ZI Ruitz"))) == {}


def test_what_a_person_says_counts_and_a_no_opens_the_way_for_the_other():
    found = score_matches(_known("ZI de Ruitz"), _fetched("ZI de Ruitz", "Zone industrielle Ruitz"))
    assert decided_pairs(found.assign(confirmed=["oui", ""])) == {"k0": "f0"}
    assert decided_pairs(found.assign(confirmed=["non", ""])) == {"k0": "f1"}


def test_another_name_in_use_counts_as_well():
    known = _known("Actipolis").assign(other_names="Parc 2000|ZI de Ruitz")
    assert decided_pairs(score_matches(known, _fetched("Zone industrielle de Ruitz"))) == {"k0": "f0"}


def test_nothing_is_listed_below_the_least_score():
    assert len(score_matches(_known("ZI de Ruitz"), _fetched("ZA du Bois"))) == 0
    found = score_matches(_known("Parc du Moulin"), _fetched("Parc des Moulins Neufs"))
    assert (found["score"] >= DOUBTFUL).all()
