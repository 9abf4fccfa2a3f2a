"""Searches: what is found, what may be, what is not and why; and what is unknown is never read as no."""

import datetime as dt
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from gis.errors import SchemaError
from gis.measures.find import (
    Between,
    Criterion,
    PlaceAsked,
    PlotsAsked,
    PremisesAsked,
    SearchResult,
    Setting,
    commune_code_of_text,
    find_plots,
    find_premises,
    parse_networks,
    parse_rectangle,
    search_record,
)
from gis.schemas import (
    Accesses,
    AccessKind,
    Answer,
    Communes,
    Exclusions,
    Plots,
    Premises,
    Sites,
    Tenancies,
)

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
X, Y = 1_674_000, 9_259_000
EXIT = AccessKind.MOTORWAY_EXIT


def field(east, width=1.0, height=1.0):
    return box(X + 100 * east, Y, X + 100 * (east + width), Y + 100 * height)


@pytest.fixture(scope="session")
def setting(layer_of):
    return Setting(
        layer_of(
            Sites,
            [
                {"site_id": "est", "insee": "99001", "gas": "oui", "fibre": "non", "vocation": "industrie lourde"},
                {"site_id": "pré", "insee": "99001|99002", "gas": "inconnu"},
            ],
            site_type="autre",
        ),
        layer_of(
            Communes,
            [{"insee": "99001", "commune_name": "Port-Neuf"}, {"insee": "99002", "commune_name": "Les Prés-Élevés"}],
        ),
        layer_of(Accesses, [{"access_id": "e1", "access_kind": EXIT.value, "geometry": Point(X + 1000, Y + 50)}]),
    )


@pytest.fixture(scope="session")
def search(layer_of, setting):
    """Search plots given as rows, each of one terrain, with an area and a shape or none."""

    def run(rows, asked, exclusions=()):
        full = []
        for n, row in enumerate(rows):
            shape = row.get("geometry")
            area = shape.area / 10_000 if shape is not None else np.nan
            full.append({"plot_id": f"p{n}", "terrain_ids": f"p{n}", "gross_ha": area, "left_ha": area, **row})
        said = {"site_ids": "est", "available": "oui", "later": "non", "serviced": "oui", "vocation": ""}
        layer = layer_of(Plots, [{"terrains": 1, **row} for row in full], **said)
        away = layer_of(Exclusions, [{"exclusion_id": "x", "geometry": each} for each in exclusions], reason="water")
        return find_plots(layer, away, asked, setting)

    return run


def answers(found):
    return found.answers.tolist()


@pytest.mark.parametrize(
    ("text", "unit", "low", "high"),
    [
        ("3..", "ha", 3, None),
        ("..2", "km", None, 2),
        ("..2km", "km", None, 2),
        ("500..800m", "km", 0.5, 0.8),
        ("500m..2km", "km", 0.5, 2),
        ("2,5..5.5", "ha", 2.5, 5.5),
        (" 3 .. 5 ha ", "ha", 3, 5),
        ("0..0", "m2", 0, 0),
        ("20000m2..", "ha", 2, None),
    ],
)
def test_a_range_is_read(text, unit, low, high):
    assert Between.parse(text, unit, "x") == Between(
        low if low is None else pytest.approx(low), high if high is None else pytest.approx(high), unit
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "3",
        "3-5",
        "-3..",
        "..-1",
        "a..",
        "3...5",
        "5..3",
        "3..5..7",
        "3..km",
        "km..",
        "3 kg..",
        "1e3..",
        "٣..",
    ],
)
def test_what_is_no_range_is_one_clear_error(text):
    with pytest.raises(SchemaError) as refused:
        Between.parse(text, "km", "to-motorway")
    assert str(refused.value).startswith(f"to-motorway: `{text}` ")
    assert str(refused.value).count("\n") == 0


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_range_that_is_written_is_read_again(first, second):
    low, high = sorted((round(first, 3), round(second, 3)))
    assert Between.parse(f"{low:.3f}..{high:.3f}", "ha", "ha") == Between(low, high, "ha")


@pytest.mark.parametrize("text", ["120", "120x", "x80", "120x80x5", "-120x80", "120 by 80", "0x80", "80x0"])
def test_what_is_no_rectangle_is_refused(text):
    with pytest.raises(SchemaError):
        parse_rectangle(text)


def test_a_network_that_is_none_is_refused_with_those_there_are():
    with pytest.raises(SchemaError, match=r"networks: `gaz` is no network\. Known: rain_water, .*gas.*fibre"):
        parse_networks("gaz")


def test_what_is_asked_of_hectares_is_asked_of_those_that_are_left(search):
    rows = [{"geometry": field(0, 2)}, {"geometry": field(3, 2), "left_ha": 1.5}, {}]
    found = search(rows, PlotsAsked(ha=Between(2, None, "ha")))
    assert answers(found) == [YES, NO, UNKNOWN]
    assert found.says(1, NO) == ["ha"]
    assert found.says(2, UNKNOWN) == ["ha"]


def test_two_hectares_are_two_hectares_though_a_digit_is_off(search):
    assert answers(search([{"left_ha": 2 - 1e-9}], PlotsAsked(ha=Between(2, None, "ha")))) == [YES]


def test_a_rectangle_is_placed_in_what_exclusions_leave(search):
    rows = [{"geometry": field(0, 2)}, {"geometry": field(3, 2)}, {}]
    found = search(rows, PlotsAsked(rectangle=(120, 80), setback_m=5), exclusions=[field(3.5, 1)])
    assert answers(found) == [YES, NO, UNKNOWN]
    assert [*found.placements] == [0]
    assert field(0, 2).buffer(-5).buffer(1e-5).covers(found.placements[0].shape)


@pytest.mark.parametrize(
    ("asked", "row", "expected"),
    [
        (PlotsAsked(), {"available": "inconnu"}, UNKNOWN),
        (PlotsAsked(serviced=True), {"serviced": "inconnu"}, UNKNOWN),
        (PlotsAsked(serviced=True), {"serviced": "non"}, NO),
        (PlotsAsked(price=Between(None, 40, "EUR/m2")), {}, UNKNOWN),
        (PlotsAsked(price=Between(None, 40, "EUR/m2")), {"price_low_eur_m2": 20.0, "price_high_eur_m2": 45.0}, NO),
        (PlotsAsked(price=Between(None, 45, "EUR/m2")), {"price_low_eur_m2": 20.0, "price_high_eur_m2": 45.0}, YES),
        (PlotsAsked(PlaceAsked(power=Between(100, None, "kW"))), {}, UNKNOWN),
        (PlotsAsked(PlaceAsked(power=Between(100, None, "kW"))), {"power_kw": 36.0}, NO),
        (PlotsAsked(PlaceAsked(networks=("gas",))), {}, YES),
        (PlotsAsked(PlaceAsked(networks=("gas", "fibre"))), {}, NO),
        (PlotsAsked(PlaceAsked(networks=("gas",))), {"site_ids": "pré"}, UNKNOWN),
        (PlotsAsked(PlaceAsked(networks=("sewage",))), {}, UNKNOWN),
        (PlotsAsked(PlaceAsked(networks=("fibre",))), {"site_ids": "est|pré"}, NO),
        (PlotsAsked(PlaceAsked(commune="port neuf")), {}, YES),
        (PlotsAsked(PlaceAsked(commune="99002")), {}, NO),
        (PlotsAsked(PlaceAsked(commune="les pres eleves")), {"site_ids": "pré"}, UNKNOWN),
        (PlotsAsked(vocation="INDUSTRIE"), {}, YES),
        (PlotsAsked(vocation="industrie"), {"vocation": "bureaux"}, NO),
        (PlotsAsked(vocation="industrie"), {"site_ids": "pré"}, UNKNOWN),
        (PlotsAsked(PlaceAsked(to={EXIT: Between(None, 1, "km")})), {"geometry": field(0, 2)}, YES),
        (PlotsAsked(PlaceAsked(to={EXIT: Between(None, 0.7, "km")})), {"geometry": field(0, 2)}, NO),
        (PlotsAsked(PlaceAsked(to={EXIT: Between(None, 1, "km")})), {}, UNKNOWN),
        (PlotsAsked(PlaceAsked(to={AccessKind.PORT: Between(None, 1, "km")})), {"geometry": field(0, 2)}, UNKNOWN),
    ],
)
def test_each_criterion_answers_yes_no_or_unknown(search, asked, row, expected):
    assert answers(search([row], asked)) == [expected]


def test_a_commune_that_is_none_is_refused_with_those_there_are(setting):
    with pytest.raises(SchemaError, match=r"commune: `Paris` is no commune of the territory\. Known: Port-Neuf, Les"):
        commune_code_of_text("Paris", setting.communes)


def test_a_negative_setback_is_refused(search):
    with pytest.raises(SchemaError, match="setback: -1 m is no distance"):
        search([{}], PlotsAsked(rectangle=(10, 10), setback_m=-1))


def test_found_before_maybe_before_eliminated_then_fewer_unknowns_nearer_larger(search):
    rows = [
        {"left_ha": 9.0, "serviced": "non"},
        {"geometry": field(0, 2)},
        {"geometry": field(20, 2)},
        {"left_ha": 5.0, "serviced": "inconnu"},
        {"geometry": field(5, 2)},
    ]
    found = search(rows, PlotsAsked(PlaceAsked(to={EXIT: Between(None, 50, "km")}), serviced=True))
    assert found.ranked == (4, 1, 2, 3, 0)
    assert found.those(YES) == [4, 1, 2]
    larger = search([{"left_ha": 1.0}, {"left_ha": 3.0}, {}], PlotsAsked())
    assert larger.ranked == (1, 0, 2)


words = st.lists(st.sampled_from([YES, NO, UNKNOWN]), min_size=6, max_size=6)


@given(st.lists(words, min_size=1, max_size=5))
def test_eliminations_add_up(columns):
    criteria = tuple(Criterion(f"c{n}", "", np.array(column, dtype=object)) for n, column in enumerate(columns))
    found = SearchResult("plot_id", np.zeros(6), criteria, np.array([YES] * 6), {}, None, ())
    table = found.eliminations
    assert table["in_sequence"].sum() + table["left"].iloc[-1] == 6
    assert (table["in_sequence"] <= table["alone"]).all()
    assert table["alone"].tolist() == [column.count(NO) for column in columns]
    assert table["unknown"].tolist() == [column.count(UNKNOWN) for column in columns]
    assert table["left"].iloc[-1] == sum(NO not in row for row in zip(*columns, strict=True))


def test_a_record_says_all_of_it_in_plain_values(search):
    rows = [{"geometry": field(0, 2), "available_from": np.datetime64("2026-01-02")}, {}]
    asked = PlotsAsked(PlaceAsked(to={EXIT: Between(None, 2, "km")}), rectangle=(120, 80))
    record = json.loads(json.dumps(search_record(search(rows, asked)), allow_nan=False))
    first, second = record["found"]
    assert (first["plot_id"], first["answer"], second["answer"]) == ("p0", "yes", "maybe")
    assert second["unknown"] == ["fit", "to-motorway"]
    assert first["reasons"] == {"available": "yes", "fit": "yes", "to-motorway": "yes"}
    assert first["rectangle"]["angle_deg"] % 180 == pytest.approx(0)
    assert len(first["rectangle"]["corners"]) == 4
    assert first["distances"]["motorway_exit"] == {"km": 0.8, "approach": "as_the_crow_flies", "access_id": "e1"}
    assert (first["available_from"], second["available_from"], second["left_ha"]) == ("2026-01-02", None, None)
    assert [row["criterion"] for row in record["criteria"]] == ["available", "fit", "to-motorway"]


# --- premises --------------------------------------------------------------------------------------------------------

DAY = dt.date(2025, 9, 30)


@pytest.fixture(scope="session")
def premises_found(layer_of, setting):
    def run(rows, asked, tenancies=()):
        layer = layer_of(Premises, [{"premises_id": f"h{n}", **row} for n, row in enumerate(rows)], site_id="est")
        held = layer_of(
            Tenancies,
            [{"tenancy_id": f"t{n}", **row} for n, row in enumerate(tenancies)],
            site_id="est",
            area_kind="not_said",
            establishment_id="e",
            occupant="E",
        )
        return find_premises(layer, held, asked, setting, at=DAY)

    return run


def since(day, phase="in_place", premises="h0"):
    return {
        "premises_id": premises,
        "phase": phase,
        "from_earliest": np.datetime64(day),
        "from_latest": np.datetime64(day),
    }


@pytest.mark.parametrize(
    ("row", "tenancies", "expected"),
    [
        ({}, [], UNKNOWN),
        ({"vacant_since": np.datetime64("2024-01-01")}, [], YES),
        ({"rent_eur_m2": 50.0}, [], YES),
        ({"rent_eur_m2": 50.0}, [since("2020-01-01")], NO),
        ({"rent_eur_m2": 50.0}, [since("2020-01-01", "lease_signed")], UNKNOWN),
        ({}, [since("2020-01-01")], NO),
        ({"available_from": np.datetime64("2026-01-01")}, [since("2020-01-01")], YES),
        ({"available_from": np.datetime64("2025-01-01")}, [since("2020-01-01")], NO),
    ],
)
def test_premises_can_be_had_only_where_somebody_says_so(premises_found, row, tenancies, expected):
    assert answers(premises_found([row], PremisesAsked(), tenancies)) == [expected]


@pytest.mark.parametrize(
    ("asked", "row", "expected"),
    [
        (PremisesAsked(floor=Between(500, None, "m2")), {"floor_m2": 500.0}, YES),
        (PremisesAsked(floor=Between(500, None, "m2")), {"floor_m2": 499.0}, NO),
        (PremisesAsked(floor=Between(500, None, "m2")), {}, UNKNOWN),
        (PremisesAsked(height=Between(8, None, "m")), {"height_m": 7.5}, NO),
        (PremisesAsked(docks=True), {"docks": 0.0}, NO),
        (PremisesAsked(docks=True), {"docks": 2.0}, YES),
        (PremisesAsked(docks=True), {}, UNKNOWN),
        (PremisesAsked(rent=Between(None, 45, "EUR/m2")), {}, NO),
        (PremisesAsked(PlaceAsked(power=Between(100, None, "kW"))), {"power_kw": 250.0}, YES),
        (PremisesAsked(PlaceAsked(commune="Port-Neuf", networks=("gas",))), {}, YES),
    ],
)
def test_each_criterion_of_premises_answers(premises_found, asked, row, expected):
    offered = {"rent_eur_m2": 50.0, "vacant_since": np.datetime64("2024-01-01")}
    assert answers(premises_found([offered | row], asked)) == [expected]
