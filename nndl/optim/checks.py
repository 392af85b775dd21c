"""What the optimizers ask of their numbers, and the words in which they refuse them."""

import numpy as np

__all__ = ["number", "positive"]


def number(name: str, value: float, least: float = 0.0, below: float = np.inf) -> float:
    """Return `value` if it is a number from `least` to below `below`."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not least <= value < below:  # a NaN must fail too
        rule = f"from {least:g} to below {below:g}" if np.isfinite(below) else f"at least {least:g}"
        raise ValueError(f"{name} must be {rule}, got {value!r}")
    return value


def positive(name: str, value: float) -> float:
    """Return `value` if it is a number above 0."""
    if number(name, value) == 0:
        raise ValueError(f"{name} must be above 0, got {value!r}")
    return value
