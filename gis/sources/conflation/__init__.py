"""Conflation of several sources of one layer: which row applies, which is replaced, which names are one site."""
