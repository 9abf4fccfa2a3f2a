"""Published figures beside computed ones: the rules of the verdicts, one by one."""

import pytest
from shapely import box

from gis.measures.claims import REASONS, Verdict, claim_verdicts, parts_figures

LAND = {"use": "base", "unit": "ha", "area_kind": "land"}
SHARE = {"unit": "%", "value": "98", "use": "parts_share", "parts": "claim-1|claim-2", "whole": "claim-3"}
COUNT = {"unit": "count", "value": "2", "use": "parts_count", "parts": "claim-1|claim-2"}
PARTS = [
    {"value": "452", "unit": "people"},
    {"value": "317", "unit": "count", "source_id": "presse"},
    {"value": "823", "unit": "jobs"},
]
SHAPE = box(0, 0, 800, 400)

RULES = {
    "a share occupied, of what is not said": (
        [{"use": "occupied_share", "value": "60", "unit": "%"}],
        None,
        ("not_comparable", "base_not_said", None),
    ),
    "a share held by one, of what is not said": (
        [{"use": "tenant_share", "value": "25", "unit": "%"}],
        None,
        ("not_comparable", "base_not_said", None),
    ),
    "a source that was not found again decides nothing": (
        [{**LAND, "value": "32", "status": "source_not_refound"}],
        SHAPE,
        ("no_data", "not_refound", None),
    ),
    "parts that give another share": ([SHARE, *PARTS], None, ("not_reproduced", "parts_differ", 769 / 8.23)),
    "parts that give the share": ([{**SHARE, "value": "93"}, *PARTS], None, ("confirmed", "parts_agree", 769 / 8.23)),
    "parts that give the share to a decimal": (
        [{**SHARE, "value": "93.4"}, *PARTS],
        None,
        ("confirmed", "parts_agree", 769 / 8.23),
    ),
    "parts that miss the share by a decimal": (
        [{**SHARE, "value": "93.5"}, *PARTS],
        None,
        ("not_reproduced", "parts_differ", 769 / 8.23),
    ),
    "parts that are as many": ([COUNT, *PARTS], None, ("confirmed", "parts_agree", 2)),
    "parts that are fewer": ([{**COUNT, "value": "3"}, *PARTS], None, ("not_reproduced", "parts_differ", 2)),
    "parts that are more than at least": (
        [{**COUNT, "value": "1", "qualifier": "at least"}, *PARTS],
        None,
        ("confirmed", "parts_agree", 2),
    ),
    "land without a shape": ([{**LAND, "value": "32"}], None, ("no_data", "shape_not_published", None)),
    "land as measured": ([{**LAND, "value": "32"}], SHAPE, ("confirmed", "shape_agrees", 32)),
    "land as measured, in another unit": (
        [{**LAND, "value": "320000", "unit": "m2"}],
        SHAPE,
        ("confirmed", "shape_agrees", 320_000),
    ),
    "land at the edge of its rounding": (
        [{**LAND, "value": "32"}],
        box(0, 0, 1000, 324.99),
        ("confirmed", "shape_agrees", 32.499),
    ),
    "land past its rounding": (
        [{**LAND, "value": "32"}],
        box(0, 0, 1000, 325.01),
        ("contradicted", "shape_differs", 32.501),
    ),
    "land of at least less": (
        [{**LAND, "value": "30", "qualifier": "at least"}],
        SHAPE,
        ("confirmed", "shape_agrees", 32),
    ),
    "land of at least more": (
        [{**LAND, "value": "33", "qualifier": "at least"}],
        SHAPE,
        ("contradicted", "shape_differs", 32),
    ),
    "land between two numbers": ([{**LAND, "value": "30-33"}], SHAPE, ("confirmed", "shape_agrees", 32)),
    "a base of a kind that is not said": (
        [{**LAND, "value": "32", "area_kind": "not_said"}],
        SHAPE,
        ("no_data", "no_counterpart", None),
    ),
    "land of another site": (
        [{**LAND, "value": "32", "site_id": "gare"}],
        SHAPE,
        ("no_data", "shape_not_published", None),
    ),
    "a figure that nothing is set beside": (
        [{"value": "12", "unit": "jobs"}],
        SHAPE,
        ("no_data", "no_counterpart", None),
    ),
}


@pytest.mark.parametrize(("rows", "shape", "judged"), RULES.values(), ids=RULES)
def test_the_verdict_on(claims_of, sites_of, rows, shape, judged):
    first = claim_verdicts(claims_of(*rows), sites_of(shape)).iloc[0]
    verdict, reason, computed = judged
    assert (first["verdict"], first["reason"]) == (verdict, reason)
    assert verdict in {*Verdict}
    assert reason in REASONS
    expected = pytest.approx(float("nan") if computed is None else computed, nan_ok=True)
    assert (first["computed_low"], first["computed_high"]) == (expected, expected)


def test_every_claim_has_one_verdict_in_the_order_given(claims_of, sites_of):
    claims = claims_of(SHARE, *PARTS)
    assert list(claim_verdicts(claims, sites_of())["claim_id"]) == list(claims["claim_id"])


def test_parts_are_added_and_divided_in_the_ledger(claims_of):
    total, share = parts_figures(claims_of(SHARE, *PARTS))
    assert (total.figure_id, total.low, total.high, total.unit) == ("parts_sum:claim-0", 769, 769, "count")
    assert total.rows == share.rows == ("claims/claim-1", "claims/claim-2")
    assert total.sources == ("registre", "presse")
    assert (share.numerator, share.denominator, share.unit) == ("parts_sum:claim-0", "claims/claim-3", "%")
    assert share.low == share.high == pytest.approx(93.4, abs=0.05)
    assert share.assumptions == ("parts_mixed",)


def test_parts_are_counted_in_the_ledger(claims_of):
    (count,) = parts_figures(claims_of(COUNT, *PARTS))
    assert (count.figure_id, count.low, count.unit, count.assumptions) == ("parts_count:claim-0", 2, "count", ())
