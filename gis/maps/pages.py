"""The kinds of page of a territory, in the order of the menu.

A new page needs a module here with a `PAGE`, an entry below, its texts in `strings/` and an entry in
`assets/src/main.js`.
"""

from typing import Final

from gis.maps import available, home, site, territory, zones
from gis.maps.page_kind import PageKind

PAGES: Final[tuple[PageKind, ...]] = (home.PAGE, zones.PAGE, available.PAGE, territory.PAGE, site.PAGE)
