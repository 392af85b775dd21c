"""Tell whether two answers are the same answer."""

from typing import Any

import numpy as np

__all__ = ["as_array", "same"]

# what judges is taken now: an answer may put others of its own in their places
_all, _array, _bool = np.all, np.array, bool
NOISE = 1e-12  # what arithmetic leaves of a whole number, relative to it: 0.1 * 300 is not 30


def as_array(value: Any) -> np.ndarray | None:
    """Return numbers, nested lists of them and arrays as an array; None for the rest.

    Parameters
    ----------
    value : object
        Plain data.

    Returns
    -------
    numpy.ndarray or None
    """
    try:
        array = _array(value)
    except Exception:  # rows of several lengths
        return None
    return array if array.dtype.kind in "biufc" else None


def same(expected: Any, got: Any, tolerance: float = 1e-6) -> bool:
    """Tell whether an answer equals the expected one.

    Parameters
    ----------
    expected, got : object
        Plain data. Numbers, arrays and lists of numbers are compared by shape and value, whatever
        their type, but True is not the number 1; text without regard to case and outer spaces;
        tuples, lists and dicts element by element; anything else by type and value.
    tolerance : float
        Largest difference, relative to numbers larger than one. Where whole numbers are expected,
        there is none.

    Returns
    -------
    bool

    Examples
    --------
    >>> same([1.0, 2.0], np.array([1.0, 2.0 + 1e-9])), same(1, 1.1), same("A", " a ")
    (True, False, True)
    >>> same(131_072_000, 131_072_130), same(131_072_000, 131_072_000.0)
    (False, True)
    """
    if isinstance(expected, str) or isinstance(got, str):
        both = isinstance(expected, str) and isinstance(got, str)
        return both and expected.strip().casefold() == got.strip().casefold()
    if isinstance(expected, dict):
        return (
            isinstance(got, dict)
            and expected.keys() == got.keys()
            and all(same(expected[key], got[key], tolerance) for key in expected)
        )
    a, b = as_array(expected), as_array(got)
    if a is not None and b is not None:
        return _same_numbers(a, b, tolerance)
    if isinstance(expected, (tuple, list)):
        return (
            isinstance(got, (tuple, list))
            and len(expected) == len(got)
            and all(same(e, g, tolerance) for e, g in zip(expected, got, strict=True))
        )
    return type(expected) is type(got) and _bool(expected == got)


def _same_numbers(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    if a.shape != b.shape or (a.ndim == 0 and (a.dtype == bool) != (b.dtype == bool)):
        return False
    if a.dtype.kind in "biu" and b.dtype.kind in "biu":
        return _bool(_all(a == b))
    slack = tolerance * np.maximum(1.0, np.abs(a, dtype=float))
    if a.dtype.kind in "biu":
        slack = np.minimum(NOISE * np.maximum(1.0, np.abs(a, dtype=float)), 0.01)
    # equal infinities have no difference; a NaN is never right
    with np.errstate(invalid="ignore"):
        return _bool(_all((a == b) | (np.abs(np.subtract(a, b, dtype=complex)) <= slack)))
