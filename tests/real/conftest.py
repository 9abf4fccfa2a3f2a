"""Files as their publishers publish them, where they are there; each test that lacks one is skipped by its name."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def published() -> Callable[[str], Path]:
    """Return a file of `shared/data` beside the project, wherever the project stands."""

    def find(name: str) -> Path:
        for above in Path(__file__).resolve().parents:
            file = above / "shared" / "data" / name
            if file.is_file():
                return file
        return pytest.skip(f"{name} is not in ../shared/data")

    return find
