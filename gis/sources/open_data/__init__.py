"""National open data: the layers of each source, how it is requested, and how its files are read."""
