"""A fictional territory in the format of a real one: `write_demo(folder)`."""

from gis.demo.folder import write_demo

__all__ = ["write_demo"]
