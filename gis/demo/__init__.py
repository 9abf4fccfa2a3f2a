"""A fictional territory, written as a real one is: `write_demo(folder)`."""

from gis.demo.folder import write_demo

__all__ = ["write_demo"]
