"""The statutory inventory: its decision table line by line, its period day by day, its bounds over every truth."""

import datetime as dt
from itertools import combinations, product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import box

from gis.measures.in_several import overlapping_site_pairs, shared_unit_pairs, shared_units_once
from gis.measures.inventory import (
    inventoried_sites,
    judged_units,
    statutory_inventory,
    unit_count_bounds,
    vacancy_rate_bounds,
)
from gis.measures.land_units import land_units
from gis.measures.occupancy import MAYBE, NO, YES
from gis.measures.occupancy_evidence import Facts, Period
from gis.schemas import (
    Buildings,
    Claims,
    Establishments,
    LandUnits,
    Owners,
    Parcels,
    Premises,
    Sites,
    Tenancies,
    Terrains,
    UnitEvidence,
    UnitReason,
    conform,
)
from tests.conftest import heavy

X, Y = 1_674_000, 9_259_000
PERIOD = Period.before(dt.date(2026, 1, 1))
SEEN = "2025-06-30"
DEFAULTS = {
    Sites: {"site_type": "zone d'activité économique", "site_state": "existant et actif", "insee": "99001"},
    Terrains: {
        "site_id": "z",
        "useful": "oui",
        "occupied": "inconnu",
        "sale": "inconnu",
        "servicing": "inconnu",
        "occupied_as_of": SEEN,
    },
    Parcels: {},
    Owners: {"owner_kind": "legal", "owner_name": "nobody's name"},
    Buildings: {},
    Premises: {"site_id": "z"},
    Establishments: {"site_id": "z"},
    Tenancies: {"site_id": "z", "area_kind": "not_said", "establishment_id": "e", "occupant": "E", "phase": "in_place"},
    Claims: {},
    LandUnits: {"owner_kind": "unknown", "parcels": 1, "belongs": "oui"},
}
ANSWER = {NO: "non", MAYBE: "inconnu", YES: "oui"}


def layer(schema, rows):
    """Make a layer of rows that say no more than matters; days are texts."""
    columns = {}
    asked = schema.to_schema().columns
    said = {"source_id": "plan", "basis": "surveyed"} | DEFAULTS[schema]
    for name, column in asked.items():
        if name == "geometry":
            continue
        kind = str(column.dtype)
        dtype = "datetime64[ns]" if "datetime" in kind else kind if kind in {"float64", "int64"} else "str"
        blank = {"str": "", "int64": 0}.get(dtype)
        columns[name] = pd.Series([row.get(name, said.get(name, blank)) for row in rows], dtype=dtype)
    if "geometry" not in asked:
        return conform(pd.DataFrame(columns), schema)
    geometry = gpd.GeoSeries([row.get("geometry") for row in rows], crs=3950)
    return conform(gpd.GeoDataFrame(columns, geometry=geometry), schema)


def square(east, north=0, width=100, height=100):
    return box(X + east, Y + north, X + east + width, Y + north + height)


def parcel(n):
    return f"99001000AA{n:04d}"


def drawn(**layers):
    """Draw up the inventory of one zone of one parcel, unless the layers given say otherwise."""
    given = {
        "sites": [{"site_id": "z", "geometry": square(0)}],
        "parcels": [{"parcel_id": parcel(1), "owner_id": "o1", "geometry": square(0)}],
        "owners": [{"owner_id": f"o{n}"} for n in range(1, 5)],
        "terrains": [{"terrain_id": "t", "occupied": "vacant", "geometry": square(0)}],
        "buildings": [],
        "premises": [{"premises_id": "p", "geometry": square(10, 10, 20, 20)}],
        "tenancies": [],
        "establishments": [],
        "claims": [],
    } | layers
    period = given.pop("period", PERIOD)
    owners = layer(Owners, given.pop("owners"))
    schemas = {
        "sites": Sites,
        "parcels": Parcels,
        "terrains": Terrains,
        "buildings": Buildings,
        "premises": Premises,
        "tenancies": Tenancies,
        "establishments": Establishments,
        "claims": Claims,
    }
    return statutory_inventory(
        Facts(**{name: layer(schemas[name], rows) for name, rows in given.items()}), owners, period
    )


def one(**layers):
    """Return the one land unit."""
    (unit,) = drawn(**layers).units.itertuples()
    return unit


def stay(first, last=None, **more):
    """Make a tenancy of the premises; a day is a text, a pair of days its bounds."""
    begin, end = (each if isinstance(each, tuple) else (each, each) for each in (first, last))
    days = dict(zip(("from_earliest", "from_latest", "to_earliest", "to_latest"), (*begin, *end), strict=True))
    phase = "left" if last else "in_place"
    return {"tenancy_id": "h", "premises_id": "p", "phase": phase, **days, **more}


LONG_AGO = stay("1990-01-01", "2020-05-31")
EMPTY_PREMISES = {"premises_id": "p", "geometry": square(10, 10, 20, 20), "vacant_since": "2021-01-01"}

# --- the decision table ---------------------------------------------------------------------------------------------

TABLE = {
    "nobody, nothing closed, no vacant premises": ((NO, NO, NO), "not_vacant", "never_occupied"),
    "somebody": ((YES, NO, NO), "not_vacant", "active"),
    "somebody, though something closed": ((YES, YES, NO), "not_vacant", "active"),
    "somebody, though premises are vacant": ((YES, NO, YES), "not_vacant", "active"),
    "somebody, though both": ((YES, YES, YES), "not_vacant", "active"),
    "somebody, whatever is unknown": ((YES, MAYBE, MAYBE), "not_vacant", "active"),
    "closed": ((NO, YES, NO), "vacant", "closed"),
    "closed, and vacant premises": ((NO, YES, YES), "vacant", "closed_and_vacant_premises"),
    "vacant premises": ((NO, NO, YES), "vacant", "vacant_premises"),
    "vacant premises, whatever closed": ((NO, MAYBE, YES), "vacant", "vacant_premises"),
    "closed, whatever the premises": ((NO, YES, MAYBE), "vacant", "closed"),
    "active or never occupied": ((MAYBE, NO, NO), "not_vacant", "active_or_never_occupied"),
    "nobody knows who was there": ((MAYBE, YES, NO), "unknown", "occupation_unknown"),
    "nobody knows anything": ((MAYBE, MAYBE, MAYBE), "unknown", "occupation_unknown"),
    "nobody knows what was before": ((NO, MAYBE, NO), "unknown", "past_unknown"),
    "nobody knows which premises are vacant": ((NO, NO, MAYBE), "unknown", "past_unknown"),
}


ASKED = ("occupied", "closed", "vacant_premises", "disaffected", "other_use")


def decided(*units):
    """Put land units through the table, each of up to five answers; the last ones are no."""
    rows = [
        {"land_unit_id": str(n)} | {key: ANSWER[each] for key, each in zip(ASKED, (*unit, NO, NO), strict=False)}
        for n, unit in enumerate(units)
    ]
    ids = [{"land_unit_id": row["land_unit_id"], "site_id": "z", "geometry": square(0)} for row in rows]
    return [*judged_units(layer(LandUnits, ids), conform(pd.DataFrame(rows), UnitEvidence)).itertuples()]


@pytest.mark.parametrize(("answers", "status", "reason"), TABLE.values(), ids=TABLE)
def test_the_decision_table_says_of(answers, status, reason):
    (unit,) = decided(answers)
    assert (unit.status, unit.reason, unit.exception) == (status, reason, "non")


def test_ground_that_is_disaffected_is_never_vacant():
    asked = [*product((NO, MAYBE, YES), repeat=3)]
    for answers, unit in zip(asked, decided(*[(*each, YES) for each in asked]), strict=True):
        assert (unit.status, unit.exception) == ("not_vacant", "oui")
        assert unit.reason == ("active" if answers[0] == YES else "exception_disaffected")


def test_what_is_not_liable_to_cfe_is_an_exception_while_it_is_there():
    (unit,) = decided((YES, YES, NO, NO, YES))
    assert (unit.status, unit.reason, unit.exception) == ("not_vacant", "exception_other_use", "oui")


def test_a_unit_that_would_be_vacant_and_may_be_an_exception_is_unknown():
    (unit,) = decided((NO, YES, NO, MAYBE))
    assert (unit.status, unit.reason, unit.exception) == ("unknown", "exception_unknown", "inconnu")


def test_an_answer_that_becomes_known_never_contradicts_what_was_decided():
    asked = [*product((NO, MAYBE, YES), repeat=4)]
    status = {answers: unit.status for answers, unit in zip(asked, decided(*asked), strict=True)}
    for answers in asked:
        truths = product(*[(each,) if each != MAYBE else (NO, YES) for each in answers])
        found = {status[truth] for truth in truths}
        assert found == ({"vacant", "not_vacant"} if status[answers] == "unknown" else {status[answers]})


# --- who, and when ---------------------------------------------------------------------------------------------------

STAYS = {
    "who left on the first day of the period had left": (stay("1990-01-01", "2024-01-01"), "vacant", "closed"),
    "who left a day later was there": (stay("1990-01-01", "2024-01-02"), "not_vacant", "active"),
    "who left on the last day was there": (stay("1990-01-01", "2025-12-31"), "not_vacant", "active"),
    "who is there still was there": (stay("1990-01-01"), "not_vacant", "active"),
    "who came on the last day was there": (stay("2025-12-31"), "not_vacant", "active"),
    "who left some day around the first": (
        stay("1990-01-01", ("2023-12-01", "2024-01-31")),
        "unknown",
        "occupation_unknown",
    ),
    "who left nobody knows when": (stay("1990-01-01", phase="left"), "unknown", "occupation_unknown"),
    "who came nobody knows when": (stay(None), "unknown", "occupation_unknown"),
    "who is announced may have come": (stay("2025-03-01", phase="announced"), "unknown", "occupation_unknown"),
    "who signed may have come": (stay("2025-03-01", phase="lease_signed"), "unknown", "occupation_unknown"),
}


@pytest.mark.parametrize(("tenancy", "status", "reason"), STAYS.values(), ids=STAYS)
def test_on_ground_that_a_survey_found_empty(tenancy, status, reason):
    unit = one(tenancies=[tenancy])
    assert (unit.status, unit.reason) == (status, reason)


def test_who_comes_on_the_first_of_january_was_not_there_in_the_two_years_before():
    came = stay("2026-01-01", tenancy_id="h2")
    assert one(tenancies=[LONG_AGO, came]).status == "vacant"
    assert one(tenancies=[LONG_AGO, came | {"from_earliest": "2025-12-31"}]).status == "unknown"


@pytest.mark.parametrize(
    ("at", "begin", "end"),
    [
        ("2026-01-01", "2024-01-01", "2026-01-01"),
        ("2026-12-31", "2024-01-01", "2026-01-01"),
        ("2024-02-29", "2022-01-01", "2024-01-01"),
    ],
)
def test_the_period_is_the_two_years_before_the_first_of_january(at, begin, end):
    period = Period.before(dt.date.fromisoformat(at))
    assert (period.begin, period.end) == (dt.date.fromisoformat(begin), dt.date.fromisoformat(end))
    assert period.next_due == dt.date(period.end.year + 6, 1, 1)


PREMISES = {
    "vacant all through": ("2024-01-01", "vacant", "vacant_premises"),
    "vacated in the period": ("2024-01-02", "unknown", "occupation_unknown"),
    "vacant from the last day of the period": ("2025-12-31", "unknown", "occupation_unknown"),
    "vacant after it": ("2026-01-01", "unknown", "occupation_unknown"),
}


@pytest.mark.parametrize(("since", "status", "reason"), PREMISES.values(), ids=PREMISES)
def test_premises_of_which_no_occupant_is_known(since, status, reason):
    unit = one(premises=[EMPTY_PREMISES | {"vacant_since": since}])
    assert (unit.status, unit.reason) == (status, reason)


def test_a_unit_that_was_left_and_whose_premises_are_vacant_says_both():
    unit = one(premises=[EMPTY_PREMISES], tenancies=[LONG_AGO])
    assert (unit.status, unit.reason) == ("vacant", "closed_and_vacant_premises")


SURVEYS = {
    "nobody ever was there": ("inoccupé", SEEN, "not_vacant", "never_occupied"),
    "somebody is": ("occupé", SEEN, "not_vacant", "active"),
    "somebody was on the day after the period": ("occupé", "2026-01-01", "unknown", "occupation_unknown"),
    "somebody was before the period": ("occupé", "2023-12-31", "unknown", "occupation_unknown"),
    "nobody ever was there, but long ago": ("inoccupé", "2023-12-31", "unknown", "occupation_unknown"),
    "nobody is, since nobody knows when": ("vacant", SEEN, "unknown", "occupation_unknown"),
    "it is derelict, since nobody knows when": ("friche", SEEN, "unknown", "occupation_unknown"),
    "it changes": ("occupation transitoire", SEEN, "unknown", "occupation_unknown"),
    "nobody looked": ("inconnu", SEEN, "unknown", "occupation_unknown"),
    "nobody says when it was": ("occupé", None, "unknown", "occupation_unknown"),
}


@pytest.mark.parametrize(("word", "day", "status", "reason"), SURVEYS.values(), ids=SURVEYS)
def test_a_survey_alone_that_says(word, day, status, reason):
    unit = one(terrains=[{"terrain_id": "t", "occupied": word, "occupied_as_of": day, "geometry": square(0)}])
    assert (unit.status, unit.reason) == (status, reason)


def test_a_list_is_not_enough_where_nobody_looked():
    assert one(terrains=[], tenancies=[LONG_AGO]).status == "unknown"


def test_ground_under_no_terrain_is_unknown():
    half = [{"terrain_id": "t", "occupied": "inoccupé", "geometry": square(0, 0, 99, 100)}]
    assert one(terrains=half).reason == "occupation_unknown"
    over = [*half, {"terrain_id": "t2", "occupied": "inoccupé", "geometry": square(0, 0, 50, 100)}]
    assert one(terrains=over).reason == "occupation_unknown"
    whole = [*half, {"terrain_id": "t2", "occupied": "inoccupé", "geometry": square(50, 0, 50, 100)}]
    assert one(terrains=whole).reason == "never_occupied"


def test_a_unit_is_disaffected_when_all_its_ground_is():
    halves = [{"terrain_id": str(n), "occupied": "vacant", "geometry": square(50 * n, 0, 50, 100)} for n in (0, 1)]

    def found(*useful):
        rows = [half | {"useful": word} for half, word in zip(halves, useful, strict=True)]
        return one(terrains=rows, tenancies=[LONG_AGO]).reason

    assert found("non", "non") == "exception_disaffected"
    assert found("non", "oui") == "closed"
    assert found("non", "inconnu") == "exception_unknown"
    assert found("oui", "inconnu") == "closed"


CFE = {
    "liable": ("oui", "closed"),
    "nobody asked": ("", "closed"),
    "not liable": ("non", "never_occupied"),
    "unknown": ("inconnu", "past_unknown"),
}


@pytest.mark.parametrize(("economic", "reason"), CFE.values(), ids=CFE)
def test_only_what_was_liable_to_cfe_leaves_a_unit_vacant(economic, reason):
    firm = {"establishment_id": "e", "establishment_name": "E", "economic": economic}
    assert one(tenancies=[LONG_AGO], establishments=[firm]).reason == reason


def test_somebody_who_is_not_liable_occupies_all_the_same():
    firm = {"establishment_id": "e", "establishment_name": "E", "economic": "non"}
    assert one(tenancies=[stay("2000-01-01")], establishments=[firm]).reason == "exception_other_use"
    other = stay("2001-01-01", tenancy_id="h2", establishment_id="f")
    assert one(tenancies=[stay("2000-01-01"), other], establishments=[firm]).reason == "active"


# --- where -----------------------------------------------------------------------------------------------------------

TWO = {
    "sites": [{"site_id": "z", "geometry": square(0, 0, 200)}],
    "parcels": [{"parcel_id": parcel(n), "owner_id": f"o{n}", "geometry": square(100 * (n - 1))} for n in (1, 2)],
    "terrains": [{"terrain_id": "t", "occupied": "vacant", "geometry": square(0, 0, 200)}],
}


def statuses(**layers):
    return drawn(**TWO | layers).units["status"].tolist()


def test_premises_count_for_every_unit_that_they_stand_on():
    across = [{"premises_id": "p", "geometry": square(90, 10, 20, 20)}]
    assert statuses(premises=across, tenancies=[LONG_AGO]) == ["vacant", "vacant"]
    assert statuses(premises=[{"premises_id": "p", "geometry": square(10)}], tenancies=[LONG_AGO])[1] != "unknown"
    assert statuses(premises=[{"premises_id": "p", "geometry": square(0)}], tenancies=[LONG_AGO]) == [
        "vacant",
        "unknown",
    ]


def test_premises_without_a_shape_are_where_their_building_is():
    premises = [{"premises_id": "p", "building_id": "b"}]
    inside = [{"building_id": "b", "geometry": square(10, 10, 20, 20)}]
    assert statuses(premises=premises, buildings=inside, tenancies=[stay("2000-01-01")]) == ["not_vacant", "unknown"]
    across = [{"building_id": "b", "geometry": square(90, 10, 20, 20)}]
    assert statuses(premises=premises, buildings=across, tenancies=[stay("2000-01-01")]) == ["unknown", "unknown"]


def test_premises_that_nobody_places_may_be_on_any_unit_of_their_site():
    nowhere = [{"premises_id": "p"}]
    assert statuses(premises=nowhere, tenancies=[stay("2000-01-01")]) == ["unknown", "unknown"]
    assert one(premises=nowhere, tenancies=[stay("2000-01-01")]).reason == "active"
    never = [{"terrain_id": "t", "occupied": "inoccupé", "geometry": square(0, 0, 200)}]
    found = drawn(**TWO | {"terrains": never}, premises=nowhere, tenancies=[stay("2000-01-01")])
    assert set(found.units["reason"]) == {"active_or_never_occupied"}
    assert found.presences[["land_unit_id", "in_period"]].to_numpy().tolist() == [["", "oui"]]


def firm(**more):
    return {"establishment_id": "f", "establishment_name": "F", "active_from": "2001", **more}


def test_an_establishment_is_on_the_parcels_that_a_source_places_it_on():
    assert statuses(establishments=[firm(parcel_ids=parcel(2))]) == ["unknown", "not_vacant"]
    assert statuses(establishments=[firm(parcel_ids=f"{parcel(1)}|{parcel(2)}")]) == ["not_vacant"] * 2
    assert statuses(establishments=[firm(parcel_ids=parcel(1), active_to="2022")]) == ["vacant", "unknown"]
    assert statuses(establishments=[firm(parcel_ids=parcel(1), active_to="2023-2024")]) == ["unknown", "unknown"]


def test_an_establishment_at_no_known_parcel_is_an_issue_and_may_be_on_any_unit_of_its_site():
    never = [{"terrain_id": "t", "occupied": "inoccupé", "geometry": square(0, 0, 200)}]
    found = drawn(**TWO | {"terrains": never}, establishments=[firm(parcel_ids=parcel(9))])
    assert found.issues[["layer", "row", "column_name", "value"]].to_numpy().tolist() == [
        ["establishments", "f", "parcel_ids", parcel(9)]
    ]
    assert set(found.units["reason"]) == {"active_or_never_occupied"}


def test_an_establishment_that_only_its_site_places_says_nothing_that_its_tenancy_does_not_say():
    at_site = [{"establishment_id": "e", "establishment_name": "E"}]
    assert statuses(tenancies=[LONG_AGO], establishments=at_site) == ["vacant", "unknown"]
    assert statuses(tenancies=[LONG_AGO], establishments=[firm()]) == ["unknown", "unknown"]


def test_a_list_that_contradicts_a_survey_is_followed_and_told():
    never = [{"terrain_id": "t", "occupied": "inoccupé", "geometry": square(0)}]
    found = drawn(terrains=never, tenancies=[LONG_AGO])
    assert found.units["status"].tolist() == ["vacant"]
    (issue,) = found.issues.itertuples()
    assert (issue.layer, issue.column_name, issue.value) == ("land_units", "occupied", "inoccupé")


def test_an_owner_of_another_vintage_is_told_and_is_unknown():
    found = drawn(**TWO | {"owners": [{"owner_id": "o1"}]})
    assert found.units["owner_id"].tolist() == ["o1", ""]
    assert ["parcels", "o2"] in found.issues[["layer", "value"]].to_numpy().tolist()
    assert (found.rates["units_low"][0], found.rates["units_high"][0]) == (1, 2)


# --- sites -----------------------------------------------------------------------------------------------------------


def test_a_site_without_a_shape_has_no_rate_and_says_so():
    found = drawn(sites=[{"site_id": "z"}], premises=[{"premises_id": "p"}], tenancies=[stay("2001-01-01")])
    zone, whole = found.rates.to_dict("records")
    assert (zone["no_rate"], zone["tenanted"], zone["sites_known"]) == ("shape_not_published", "oui", 0)
    assert np.isnan([zone["vacancy_low"], zone["units_high"], whole["vacancy_high"]]).all()
    assert (whole["sites"], whole["sites_known"], whole["no_rate"]) == (1, 0, "shape_not_published")
    assert found.presences["land_unit_id"].tolist() == [""]


def test_a_site_without_parcels_has_no_rate_and_says_so():
    assert drawn(parcels=[], owners=[]).rates["no_rate"].tolist()[0] == "parcels_not_known"


def test_a_site_that_nobody_was_at_in_the_period_would_not_be_0():
    gone = drawn(sites=[{"site_id": "z"}], premises=[{"premises_id": "p"}], tenancies=[LONG_AGO])
    assert gone.rates["tenanted"].tolist()[0] == "non"


def test_one_land_unit_with_a_tenant_is_0_whatever_stands_empty():
    premises = [{"premises_id": f"p{n}", "floor_m2": 100, "geometry": square(10 * n, 0, 10, 10)} for n in range(10)]
    terrains = [
        {"terrain_id": "a", "occupied": "occupé", "geometry": square(0, 0, 10, 100)},
        {"terrain_id": "b", "occupied": "vacant", "geometry": square(10, 0, 90, 100)},
    ]
    found = drawn(premises=premises, terrains=terrains, tenancies=[stay("2001-01-01") | {"premises_id": "p0"}])
    assert found.rates.loc[0, ["units_low", "units_high", "vacancy_low", "vacancy_high"]].tolist() == [1, 1, 0, 0]
    assert found.surfaces.loc[0, ["surface_vacancy_low", "surface_vacancy_high"]].tolist() == pytest.approx([0.9, 0.9])
    assert found.premises.loc[0, ["premises_vacancy_low", "premises_vacancy_high"]].tolist() == [0.9, 0.9]


def test_the_rate_of_the_territory_is_of_zones_that_exist_and_are_active_each_once():
    sites = [
        {"site_id": "z", "geometry": square(0)},
        {"site_id": "part", "part_of": "z", "geometry": square(0, 0, 50)},
        {"site_id": "plan", "site_state": "en projet", "geometry": square(200)},
        {"site_id": "works", "counted": "non", "geometry": square(400)},
        {"site_id": "far"},
    ]
    parcels = [{"parcel_id": parcel(n), "owner_id": f"o{n}", "geometry": square(200 * (n - 1))} for n in (1, 2, 3)]
    terrains = [{"terrain_id": str(n), "occupied": "inoccupé", "geometry": square(200 * n)} for n in range(3)]
    rates = drawn(sites=sites, parcels=parcels, terrains=terrains, premises=[]).rates.set_index("site_id")
    assert rates["zone"].tolist() == ["oui", "oui", "oui", "non", "oui", "oui"]
    assert rates["in_statistics"].tolist()[:5] == ["oui", "oui", "non", "non", "oui"]
    assert rates.loc["", ["sites", "sites_known", "units_low", "vacancy_low", "vacancy_high"]].tolist() == [
        2,
        1,
        1,
        0,
        0,
    ]


def test_zones_that_nobody_names_are_left_out_and_sites_that_are_asked_for_are_in():
    sites = layer(
        Sites,
        [
            {"site_id": "zone", "counted": "oui"},
            {"site_id": "stand-in", "counted": "oui", "stand_in": "oui"},
            {"site_id": "works", "counted": "non"},
            {"site_id": "lone", "site_type": "autre"},
        ],
    )
    assert inventoried_sites(sites, set())["site_id"].tolist() == ["zone"]
    assert inventoried_sites(sites, {"works"})["site_id"].tolist() == ["zone", "works"]


def test_nothing_at_all_has_an_inventory():
    found = drawn(sites=[], parcels=[], owners=[], terrains=[], premises=[])
    assert (len(found.units), len(found.presences), found.rates["site_id"].tolist()) == (0, 0, [""])
    assert found.rates["no_rate"].tolist() == ["no_active_zone"]


# --- bounds ----------------------------------------------------------------------------------------------------------

answers = st.sampled_from([NO, MAYBE, YES])


@st.composite
def sites_of_pieces(draw, *, known=False):
    """Draw pieces of one site: owners, three answers of each, and which ones share an edge."""
    count = draw(st.integers(1, 6))
    owners = np.array(
        draw(st.lists(st.sampled_from(["A", "B"] if known else ["A", "B", "", ""]), min_size=count, max_size=count))
    )
    said = [np.array(draw(st.lists(answers, min_size=count, max_size=count))) for _ in range(3)]
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count) if owners[a] == "" or owners[a] != owners[b]]
    touching = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return owners, *said, np.array(sorted(touching), dtype=int).reshape(-1, 2)


def truth_of(owners, occupied, past, disaffected, touching):
    """Count vacant units and others where everything is known, joining pieces the plain way."""
    unit = list(range(len(owners)))
    for _ in owners:
        for a, b in touching:
            if owners[a] == owners[b]:
                unit = [min(unit[a], unit[b]) if each in {unit[a], unit[b]} else each for each in unit]
    rows = [[n for n, each in enumerate(unit) if each == name] for name in set(unit)]
    vacant = sum(
        not occupied[row].any() and past[row].any() and not disaffected[row].all() for row in map(np.array, rows)
    )
    return vacant, len(rows) - vacant


@given(sites_of_pieces(), st.data())
def test_the_bounds_hold_whatever_owners_and_answers_turn_out_to_be(site, data):
    owners, *said, touching = site
    count = unit_count_bounds(*site)
    names = ["A", "B", *[f"new {n}" for n in range(len(owners))]]
    for _ in range(8):
        known = np.array([owner or data.draw(st.sampled_from(names)) for owner in owners])
        truth = [np.array([data.draw(st.booleans()) if a == MAYBE else a == YES for a in each]) for each in said]
        vacant, others = truth_of(known, *truth, touching)
        assert count.vacant_low <= vacant <= count.vacant_high
        assert count.others_low <= others <= count.others_high
        low, high = vacancy_rate_bounds(count, 1, len(owners))
        assert low - 1e-12 <= vacant / (vacant + others) <= high + 1e-12


@given(sites_of_pieces(known=True))
def test_both_ends_are_reached_where_all_owners_are_known(site):
    owners, *said, touching = site
    assume(sum((each == MAYBE).sum() for each in said) <= 8)
    rates = []
    for truth in product(*[(False, True) if a == MAYBE else (a == YES,) for each in said for a in each]):
        vacant, others = truth_of(owners, *np.array(truth).reshape(3, -1), touching)
        rates.append(vacant / (vacant + others))
    assert vacancy_rate_bounds(unit_count_bounds(*site), len(owners), len(owners)) == pytest.approx(
        (min(rates), max(rates))
    )


def six(words):
    return st.lists(st.sampled_from(words), min_size=6, max_size=6)


#: Owners, states and uses of the plots of a zone; `left` is a vacant plot that somebody is known to have left.
zones = st.tuples(
    six(["o1", "o2", ""]), six(["inoccupé", "occupé", "vacant", "left", "inconnu"]), six(["oui", "non", "inconnu"])
)


def world(zones):
    """Draw up zones of 3 × 2 plots, far from one another."""
    plots = [
        (zone, 6 * zone + n, (100 * (n % 3), 100 * (n // 3) + 1000 * zone), *each)
        for zone, columns in enumerate(zones)
        for n, each in enumerate(zip(*columns, strict=True))
    ]
    return drawn(
        sites=[{"site_id": str(n), "geometry": square(0, 1000 * n, 300, 200)} for n in range(len(zones))],
        parcels=[
            {"parcel_id": parcel(n), "owner_id": owner, "geometry": square(*place)} for _, n, place, owner, *_ in plots
        ],
        owners=[{"owner_id": f"o{n}"} for n in range(1, 9)],
        terrains=[
            {
                "terrain_id": str(n),
                "occupied": state.replace("left", "vacant"),
                "useful": use,
                "geometry": square(*place),
            }
            for _, n, place, _, state, use in plots
        ],
        establishments=[
            firm(establishment_id=str(n), site_id=str(zone), parcel_ids=parcel(n), active_to="2020")
            for zone, n, _, _, state, _ in plots
            if state == "left"
        ],
        premises=[],
    ).rates.iloc[:-1]


@given(st.lists(zones, min_size=10, max_size=10), st.data())
def test_when_the_unknown_becomes_known_the_rate_is_within_its_bounds(unknown, data):
    def known(words, doubtful, choice):
        return [data.draw(st.sampled_from(choice)) if word in doubtful else word for word in words]

    truth = [
        (
            known(owners, {""}, [f"o{n}" for n in range(1, 9)]),
            # Where somebody is known to have left, nobody came after: `last_listed_is_last`.
            known(
                known(states, {"vacant"}, ["left"] if "left" in states else ["occupé", "left"]),
                {"inconnu"},
                ["inoccupé", "occupé", "left"],
            ),
            known(useful, {"inconnu"}, ["oui", "non"]),
        )
        for owners, states, useful in unknown
    ]
    before, after = world(unknown), world(truth)
    assert (after["vacancy_low"] == after["vacancy_high"]).all()
    assert (before["vacancy_low"] - 1e-12 <= after["vacancy_low"]).all()
    assert (after["vacancy_high"] <= before["vacancy_high"] + 1e-12).all()
    for bound in ("vacant", "others", "units"):
        assert (before[f"{bound}_low"] <= after[f"{bound}_low"]).all()
        assert (after[f"{bound}_high"] <= before[f"{bound}_high"]).all()


def test_every_reason_is_a_line_of_the_table():
    assert {reason for *_, reason in TABLE.values()} | {
        "exception_unknown",
        "exception_other_use",
        "exception_disaffected",
    } == {str(reason) for reason in UnitReason}


# --- zones that share ground -----------------------------------------------------------------------------------------


def over_each_other(*zones, parcels=6, owners=None, **more):
    """Draw up zones of some parcels in a row, given as first and last; every other parcel is vacant."""
    names = owners or [f"o{n % 4 + 1}" for n in range(parcels)]
    return drawn(
        sites=[
            {"site_id": f"z{n}", "geometry": square(100 * first, width=100 * (last - first + 1))}
            for n, (first, last) in enumerate(zones)
        ],
        parcels=[{"parcel_id": parcel(n), "owner_id": names[n], "geometry": square(100 * n)} for n in range(parcels)],
        terrains=[
            {"terrain_id": str(n), "occupied": "vacant" if n % 2 else "occupé", "geometry": square(100 * n)}
            for n in range(parcels)
        ],
        **{"premises": [], **more},
    )


def test_a_land_unit_in_two_zones_counts_once_in_the_territory_and_says_so():
    found = over_each_other((0, 3), (2, 5))
    rates = found.rates.set_index("site_id")
    assert rates["units_low"].tolist() == rates["units_high"].tolist() == [4, 4, 6]
    assert rates["in_several"].tolist() == [2, 2, 2]
    assert rates["every_high"].tolist() == [4, 4, 6]
    assert (
        rates.loc["", ["vacant_low", "others_low"]].tolist()
        == over_each_other((0, 5)).rates.loc[1, ["vacant_low", "others_low"]].tolist()
    )
    where = dict(zip(found.units["land_unit_id"], found.units["also_in"], strict=True))
    assert [where[f"z0/{parcel(n)}"] for n in range(4)] == ["", "", "z1", "z1"]
    assert [where[f"z1/{parcel(n)}"] for n in range(2, 6)] == ["z0", "z0", "", ""]


def test_zones_side_by_side_and_a_parcel_that_their_border_cuts_have_nothing_in_common():
    found = over_each_other((0, 2), (3, 5))
    assert found.rates["units_low"].tolist() == [3, 3, 6]
    assert found.rates["in_several"].tolist() == [0, 0, 0]
    halves = drawn(
        sites=[{"site_id": f"z{n}", "geometry": square(50 * n, width=50)} for n in range(2)],
        parcels=[{"parcel_id": parcel(0), "owner_id": "o1", "geometry": square(0)}],
    )
    assert halves.rates["units_low"].tolist() == [1, 1, 2]


def test_what_is_said_of_a_land_unit_in_one_of_its_zones_holds_for_both():
    there = stay("2010-01-01", site_id="z1")
    premises = [{"premises_id": "p", "site_id": "z1", "geometry": square(310, 10, 20, 20)}]
    found = over_each_other((0, 3), (3, 5), tenancies=[there], premises=premises)
    whole = found.rates.iloc[-1]
    units = found.units.set_index("land_unit_id")
    assert units.loc[f"z1/{parcel(3)}", "occupied"] == "oui"
    assert whole["units_high"] == 6
    assert whole["vacant_high"] <= 2


ranges = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda pair: (min(pair), max(pair)))


OWNERS = layer(Owners, [{"owner_id": f"o{n}"} for n in range(1, 3)])
SIX_PARCELS = [{"parcel_id": parcel(n), "geometry": square(100 * n)} for n in range(6)]


@given(st.lists(ranges, min_size=1, max_size=4), st.lists(st.sampled_from(["", "o1", "o2"]), min_size=6, max_size=6))
@heavy
def test_no_land_unit_counts_twice_however_zones_lie_over_each_other(zones, owners):
    shapes = [square(100 * first, width=100 * (last - first + 1)) for first, last in zones]
    sites = layer(Sites, [{"site_id": f"z{n}", "geometry": shape} for n, shape in enumerate(shapes)])
    parcels = layer(Parcels, SIX_PARCELS).assign(owner_id=pd.array(owners, dtype="str"))
    found = land_units(parcels, OWNERS, sites)
    pairs = overlapping_site_pairs(sites)
    together = shared_units_once(found.units, found.touching, shared_unit_pairs(found.units, pairs))
    names = found.units["owner_id"].to_numpy(dtype=object)
    bounds = [each.fewest_and_most(names) for each in together]
    apart = len(found.units) - sum(len(each.rows) for each in together)
    whole = []
    for first, last in zones:
        for n in range(first, last + 1):
            run = {n}
            while owners[n] and max(run) < last and owners[max(run) + 1] == owners[n]:
                run.add(max(run) + 1)
            while owners[n] and min(run) > first and owners[min(run) - 1] == owners[n]:
                run.add(min(run) - 1)
            met = [each for each in whole if each & run]
            whole = [each for each in whole if not each & run] + [run.union(*met)]
    assert apart + sum(high for _, high in bounds) == len(whole)
    assert all(0 < low <= high for low, high in bounds)
    drawn_over = [(a, b) for a, b in combinations(range(len(zones)), 2) if shapes[a].intersection(shapes[b]).area]
    assert pairs == [(f"z{a}", f"z{b}") for a, b in drawn_over]
