"""Measures: pure functions from layers to layers and figures. They read no file, no network and no clock."""
