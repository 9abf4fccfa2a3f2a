"""The pages of a territory, in the order they are linked in.

A new page is a module here with a `PAGE`, a line below, its words in `strings/` and an entry of `assets/src/main.js`.
"""

from typing import Final

from gis.maps import available, home, site, territory, zones
from gis.maps.page_kind import PageKind

PAGES: Final[tuple[PageKind, ...]] = (home.PAGE, zones.PAGE, available.PAGE, territory.PAGE, site.PAGE)
