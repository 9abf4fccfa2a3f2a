"""The ledger: every computed figure with its provenance, as JSON for other programs."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gis.provenance import Figure, Source


def figure_record(figure: Figure) -> dict[str, Any]:
    """Return a figure as plain values; dates as text."""
    record = dataclasses.asdict(figure)
    record["at"] = figure.at.isoformat() if figure.at else None
    record["basis"] = figure.basis.value
    return record


def figures_frame(figures: Iterable[Figure]) -> pd.DataFrame:
    """Return the ledger as a table, lists joined by `|`."""
    records = [
        {key: "|".join(value) if isinstance(value, tuple) else value for key, value in figure_record(f).items()}
        for f in figures
    ]
    frame = pd.DataFrame(records, columns=[field.name for field in dataclasses.fields(Figure)])
    frame["at"] = frame["at"].fillna("")
    return frame.astype({"low": float, "high": float})


def write_ledger(
    figures: Mapping[str, Figure],
    sources: Mapping[str, Source],
    assumptions: Mapping[str, str],
    file: Path,
    *,
    mark: str = "",
) -> None:
    """Write figures.json: the figures, and the sources and assumptions that they name; above them, whom it is for."""
    source_ids = {source for figure in figures.values() for source in figure.sources}
    assumption_keys = {assumption for figure in figures.values() for assumption in figure.assumptions}
    ledger = {
        **({"edition": mark} if mark else {}),
        "figures": [figure_record(figure) for figure in figures.values()],
        "sources": {key: dataclasses.asdict(sources[key]) for key in sorted(source_ids)},
        "assumptions": {key: assumptions[key] for key in sorted(assumption_keys)},
    }
    text = json.dumps(ledger, ensure_ascii=False, indent=1, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8", newline="\n")
