"""Random draws: events that occur in a given share of cases."""

import numpy as np
from numpy.typing import NDArray


def random_mask(rng: np.random.Generator, count: int, share: float) -> NDArray[np.bool_]:
    """Say for each of `count` cases whether it is one of the `share` in which something happens."""
    return rng.random(count) < share


def random_event(rng: np.random.Generator, share: float) -> bool:
    """Say whether something happens that does in `share` of cases."""
    return bool(rng.random() < share)


def random_up_to(rng: np.random.Generator, most: int) -> int:
    """Draw a whole number from 0 to `most`, both included."""
    return int(rng.integers(most + 1))
