"""Published values (claims) with their verdicts, as plain values for a page."""

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from gis.maps import json_values
from gis.maps.territory_view import TerritoryView
from gis.schemas import ClaimStatus, ClaimUse, Phase, Row, records
from gis.units import AREA_M2, to_m2

#: Uses of claims that the page shows beside the computed figures; the other claims are collapsed.
BESIDE: Final = (
    ClaimUse.OCCUPIED_SHARE,
    ClaimUse.PARTS_COUNT,
    ClaimUse.TENANT_SHARE,
    ClaimUse.BASE,
)


def claim_records(claims: pd.DataFrame, verdicts: pd.DataFrame) -> list[dict[str, Any]]:
    """Return claims with their verdicts; those shown beside the computed figures (`BESIDE`) come first."""
    verdict_by_claim = {row["claim_id"]: row for row in records(verdicts)}
    use_order = {use.value: n for n, use in enumerate(BESIDE)}
    rows = sorted(records(claims), key=lambda row: use_order.get(row["use"], len(use_order)))
    return [
        {
            "id": row["claim_id"],
            "subject": row["subject"],
            "measure": {"fr": row["measure"], "en": row["measure_en"] or row["measure"]},
            "value": row["value"],
            "says": _claim_value_kind(row),
            "unit": row["unit"],
            "low": json_values.number_or_none(row["low"]),
            "high": json_values.number_or_none(row["high"]),
            "date": [json_values.iso_day_or_none(row["earliest"]), json_values.iso_day_or_none(row["latest"])],
            "m2": _claim_area_m2(row),
            "qualifier": row["qualifier"],
            "as_of": row["as_of"],
            "source": row["source_id"],
            "basis": row["basis"],
            "page": row["page"],
            "section": "" if row["page"] else row["section"],
            "use": row["use"],
            "found": row["status"] == ClaimStatus.FOUND,
            "note": {"fr": row["note"], "en": row["note_en"] or row["note"]},
            "verdict": verdict_by_claim[row["claim_id"]]["verdict"],
            "reason": verdict_by_claim[row["claim_id"]]["reason"],
            "computed": [
                json_values.number_or_none(verdict_by_claim[row["claim_id"]]["computed_low"]),
                json_values.number_or_none(verdict_by_claim[row["claim_id"]]["computed_high"]),
            ],
        }
        for row in rows
    ]


def claim_records_by_id(known: TerritoryView, wanted: Iterable[str]) -> list[dict[str, Any]]:
    """Return the claims with these ids that exist, in the order of the ids."""
    by_id = known.claims.set_index("claim_id", drop=False)
    return claim_records(by_id.loc[[claim for claim in wanted if claim in by_id.index]], known.verdicts)


def _claim_value_kind(claim: Row) -> str:
    """Return the kind of the value of a claim: a phase, a date, a number or a text."""
    if claim["value"] in set(Phase):
        return "phase"
    if not pd.isna([claim["earliest"], claim["latest"]]).all():
        return "date"
    return "text" if pd.isna(claim["low"]) else "number"


def _claim_area_m2(claim: Row) -> list[float] | None:
    """Return the bounds of the area that a claim states, in square metres, if its value is an area."""
    if claim["unit"] not in AREA_M2 or pd.isna([claim["low"], claim["high"]]).any():
        return None
    return [to_m2(claim["low"], claim["unit"]), to_m2(claim["high"], claim["unit"])]
