"""Rows of a file in other communes, or left out: their number, their area, and the first keys of each group."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
import shapely.errors
from pyproj import Transformer

from gis.public import is_quotable_column
from gis.schemas import KEYS, Row
from gis.sources.tables.accounts import OTHER_COMMUNE, OTHER_GROUND, Fate, Ledger
from gis.sources.tables.shapes import shape_of_geometry

#: Maximum number of codes that are listed one by one; beyond it, départements are listed.
MOST_CODES: Final = 100

#: Number of keys quoted for each code.
FIRST: Final = 3

#: Number of geometries measured at a time, to bound memory use for the file of a whole département.
_BATCH: Final = 5_000


@dataclass(slots=True)
class _PassedGroup:
    rows: int = 0
    cells: int = 0
    m2: float = 0.0
    first: list[str] = field(default_factory=list)


class Aside:
    """Rows that are not taken, grouped by reason; `measured` states whether the layer has polygons to measure."""

    def __init__(self, layer: str, *, measured: bool) -> None:
        self._layer, self._measured = layer, measured
        self._groups: dict[tuple[Fate, str], _PassedGroup] = {}
        self._shapes: list[tuple[_PassedGroup, Any]] = []
        self.forward: Transformer | None = None

    def put(self, fate: Fate, why: str, cells: int, shape: Any, name: str) -> None:
        """Set a row aside; `name` is its key, or its position in the file."""
        group = self._groups.setdefault((fate, why), _PassedGroup())
        group.rows += 1
        group.cells += cells
        if len(group.first) < FIRST:
            group.first.append(name)
        if self._measured and shape is not None and not isinstance(shape, str):
            self._shapes.append((group, shape))
            if self.forward is not None and len(self._shapes) >= _BATCH:
                self._measure()

    def _measure(self) -> None:
        if self.forward is not None:
            sizes = areas_as_drawn_m2([shape for _, shape in self._shapes], self.forward)
            for (group, _), size in zip(self._shapes, sizes, strict=True):
                group.m2 += size
        self._shapes.clear()

    def told(self, ledger: Ledger) -> list[Row]:
        """Add the groups to the account, and return an issue per passed-over group; other rows already have one."""
        self._measure()
        codes = {why for fate, why in self._groups if fate is Fate.PASSED_OVER}
        groups: dict[tuple[Fate, str], _PassedGroup] = {}
        for (fate, why), passed_group in self._groups.items():
            short_reason = why
            if why.startswith(OTHER_COMMUNE) and len(codes) > MOST_CODES:
                short_reason = f"{why[: len(OTHER_COMMUNE) + 2]}…"
            group = groups.setdefault((fate, short_reason), _PassedGroup())
            group.rows, group.cells, group.m2 = (
                group.rows + passed_group.rows,
                group.cells + passed_group.cells,
                group.m2 + passed_group.m2,
            )
            group.first = [*group.first, *passed_group.first][:FIRST]
        issues = []
        for (fate, why), group in sorted(groups.items(), key=lambda item: item[0][1]):
            ledger.row(fate, why, group.rows)
            ledger.cells(fate, why, group.cells)
            ledger.m2_in += group.m2
            ledger.ground(fate, why, group.m2)
            if fate is Fate.PASSED_OVER:
                issues.append(_passed_over_issue(self._layer, why, group))
        return issues


def _passed_over_issue(layer: str, why: str, group: _PassedGroup) -> Row:
    """Report how many rows of a code are passed over, with their keys only if these may be published."""
    key = KEYS[layer]
    keys_text = ", ".join(group.first) + (", …" if group.rows > len(group.first) else "")
    rows = "1 row" if group.rows == 1 else f"{group.rows:,} rows"
    verb = "is" if group.rows == 1 else "are"
    rows_text = f"{rows} of {why}, which is not of the territory," if why != OTHER_GROUND else f"{rows} with {why}"
    message = f"{rows_text} {verb} passed over."
    shown_keys = keys_text if is_quotable_column(layer, key) else ""
    return {"layer": layer, "row": "", "column_name": key, "value": shown_keys, "message": message}


def areas_as_drawn_m2(shapes: list[Any], forward: Transformer) -> list[float]:
    """Return the area of geometries as drawn, valid or not; 0 if it cannot be measured."""
    made_shapes = np.full(len(shapes), None, dtype=object)
    for n, shape in enumerate(shapes):
        made_shapes[n] = shape_of_geometry(shape)[0]
    flat_shapes = shapely.force_2d(made_shapes)
    if not len(flat_shapes):
        return []
    try:
        with np.errstate(all="ignore"):
            moved_shapes = shapely.transform(flat_shapes, lambda xy: np.column_stack(forward.transform(*xy.T)))
            sizes = np.nan_to_num(np.asarray(shapely.area(moved_shapes), dtype=float), nan=0.0, posinf=0.0, neginf=0.0)
    except (ValueError, shapely.errors.ShapelyError):
        return [0.0] * len(shapes)
    return [float(size) for size in sizes]
