"""Missing data of activity zones: what nobody has published, ranked by how useful it would be."""

import numpy as np
import pandas as pd
from pandera.typing import DataFrame
from pandera.typing.geopandas import GeoDataFrame

from gis.schemas import Gaps, Row, Sites, conform, records


def missing_facts(site: Row) -> list[str]:
    """Return what nobody has published of a site: name, shape, area, commune, vocation, jobs."""
    lacks = {
        "name": site["stand_in"] == "oui" or not site["site_name"],
        "shape": site["geometry"] is None,
        "area": not (site["land_low_ha"] > 0 or site["measured_m2"] > 0),
        "commune": not site["insee"],
        "vocation": not site["vocation"],
        "jobs": np.isnan(site["jobs"]),
    }
    return [key for key, lacking in lacks.items() if lacking]


def gaps(sites: GeoDataFrame[Sites]) -> DataFrame[Gaps]:
    """Rank the activity zones by the benefit of publishing what is missing.

    Parameters
    ----------
    sites
        All sites; only those that count as zones are considered.

    Returns
    -------
    gaps
        One row per zone with missing data: first those with stated hectares that a geometry would measure and locate,
        the largest first; then the named ones, the least known last; then those that no source names.
    """
    zones = [(site, missing_facts(site)) for site in records(sites) if site["counted"] == "oui"]
    ranked = sorted((zone for zone in zones if zone[1]), key=_gap_rank)
    brings = [site["land_low_ha"] if "shape" in lacks else np.nan for site, lacks in ranked]
    texts = {
        "site_id": [site["site_id"] for site, _ in ranked],
        "site_name": [site["site_name"] for site, _ in ranked],
        "insee": [site["insee"] for site, _ in ranked],
        "missing": ["|".join(lacks) for _, lacks in ranked],
    }
    frame = pd.DataFrame({name: pd.array(values, dtype="str") for name, values in texts.items()})
    return conform(frame.assign(brings_ha=np.array(brings, dtype=float)), Gaps)


def _gap_rank(zone: tuple[Row, list[str]]) -> tuple[float, int, str]:
    site, lacks = zone
    hectares = site["land_low_ha"] if "shape" in lacks else np.nan
    return -(0.0 if np.isnan(hectares) else hectares), len(lacks), site["site_id"]
