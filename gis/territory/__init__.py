"""An opened territory folder: `gis.open(path)` returns its typed layers and figures, read on demand."""

from gis.territory.measured import Territory
from gis.territory.published import Published

__all__ = ["Published", "Territory"]
