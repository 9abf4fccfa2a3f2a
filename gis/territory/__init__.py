"""A territory folder, opened: `gis.open(path)` → typed layers and figures, read when asked for."""

from gis.territory.measured import Territory
from gis.territory.published import Published

__all__ = ["Published", "Territory"]
