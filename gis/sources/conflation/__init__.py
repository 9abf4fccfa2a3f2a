"""Several sources of one layer made one: which row is meant, what gives way, which names are one site."""
