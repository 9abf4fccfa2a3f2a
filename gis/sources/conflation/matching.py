"""Matches fetched features to sites known by name: pairs are scored, and a doubtful pair is never accepted."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd
from pandera.typing import DataFrame

from gis import schemas
from gis.measures.site_names import Likenesses, likenesses
from gis.schemas import Matches, Row, records

#: From this score on, two names are the same name; below `DOUBTFUL`, they are different names.
SURE: Final = 0.9
DOUBTFUL: Final = 0.6
#: Least lead of the best candidate over every other.
MARGIN: Final = 0.1
#: Factors of the score if the commune of the known site is not stated, or is another.
COMMUNE_UNKNOWN: Final = 0.8
OTHER_COMMUNE: Final = 0.5


def score_matches(known: pd.DataFrame, fetched: pd.DataFrame) -> DataFrame[Matches]:
    """Score each site known by name against each fetched site; pairs below `DOUBTFUL` are left out."""
    sites, features = records(known), records(fetched)
    pair_likeness = _best_likenesses(sites, [feature["site_name"] for feature in features])
    rows = []
    for n, m in np.argwhere(pair_likeness >= DOUBTFUL):
        site, feature = sites[n], features[m]
        site_communes, feature_communes = (set(filter(None, each["insee"].split("|"))) for each in (site, feature))
        weight = COMMUNE_UNKNOWN if not site_communes else 1.0 if site_communes & feature_communes else OTHER_COMMUNE
        score = weight * float(pair_likeness[n, m])
        if score >= DOUBTFUL:
            rows.append(
                {
                    "site_id": site["site_id"],
                    "site_name": site["site_name"],
                    "source_id": feature["source_id"],
                    "feature": feature["site_id"],
                    "feature_name": feature["site_name"],
                    "insee": feature["insee"],
                    "score": round(score, 3),
                    "confirmed": "",
                }
            )
    rows.sort(key=lambda row: (row["site_id"], -row["score"], row["feature"]))
    return schemas.frame(rows, Matches)


def _best_likenesses(sites: Sequence[Row], features: Sequence[str]) -> Likenesses:
    """Return the similarity of each feature name to the closest of the names of each site."""
    names = [[site["site_name"], *filter(None, site["other_names"].split("|"))] for site in sites]
    if not names or not features:
        return np.empty((len(names), len(features)))
    first_of_site = np.cumsum([0, *map(len, names[:-1])])
    all_names = [name for each in names for name in each]
    return np.maximum.reduceat(likenesses(all_names, features), first_of_site, axis=0)


def decided_pairs(found: DataFrame[Matches]) -> dict[str, str]:
    """Return the accepted pairs, site → feature: confirmed by a person, or with clearly the same name."""
    by_site: dict[str, str] = {row["site_id"]: row["feature"] for row in records(found) if row["confirmed"] == "oui"}
    taken_features = set(by_site.values())
    open_rows = [
        row
        for row in records(found)
        if not row["confirmed"] and row["site_id"] not in by_site and row["feature"] not in taken_features
    ]
    for row in open_rows:
        rivals = [
            other
            for other in open_rows
            if other is not row and (other["site_id"] == row["site_id"] or other["feature"] == row["feature"])
        ]
        if row["score"] >= SURE and all(row["score"] - other["score"] >= MARGIN for other in rivals):
            by_site[row["site_id"]] = row["feature"]
    return by_site


def doubtful_matches(found: DataFrame[Matches]) -> DataFrame[Matches]:
    """Return the candidates that a person must decide on, and those already decided."""
    sure_pairs = decided_pairs(found)
    is_open = [
        bool(row["confirmed"]) or (row["site_id"] not in sure_pairs and row["feature"] not in sure_pairs.values())
        for row in records(found)
    ]
    return found[np.array(is_open, dtype=bool)].reset_index(drop=True)


def match_issues(found: Iterable[Row]) -> list[Row]:
    """Return an issue for each doubtful candidate that awaits a decision."""
    return [
        {
            "layer": "sites",
            "row": row["site_id"],
            "column_name": "site_name",
            "value": row["feature"],
            "message": f"May be “{row['feature_name']}” ({row['score']:.2f}): say so in matches.csv, or say no.",
        }
        for row in found
        if not row["confirmed"]
    ]
