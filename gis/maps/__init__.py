"""Pages from measures: the only package with longitude and latitude, HTML, and texts in two languages."""
