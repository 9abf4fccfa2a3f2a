"""Layers ↔ files others read."""
