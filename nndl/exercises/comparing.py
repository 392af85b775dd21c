"""Tell whether two answers are the same answer."""

from typing import Any

import numpy as np

__all__ = ["same", "short"]


def _untensored(value: Any) -> Any:
    """Return a tensor of Paddle or PyTorch as an array, and anything else as it is."""
    if hasattr(value, "detach") and hasattr(value, "cpu") and hasattr(value, "numpy"):
        return value.detach().cpu().numpy()
    return value


def as_array(value: Any) -> np.ndarray | None:
    """Return numbers, nested lists of them, arrays and tensors as an array; None for the rest."""
    try:
        array = np.asarray(_untensored(value))
    except Exception:  # a learner's object may fail in any way
        return None
    return array if array.dtype.kind in "biufc" else None


def same(expected: Any, got: Any, tolerance: float = 1e-6) -> bool:
    """Tell whether an answer equals the expected one.

    Parameters
    ----------
    expected, got : object
        Numbers, arrays, tensors and lists of numbers are compared by shape and value, whatever
        their type, but True is not the number 1; text without regard to case and outer spaces;
        tuples, lists and dicts element by element; anything else with ``==``.
    tolerance : float
        Largest difference, relative to numbers larger than one.

    Returns
    -------
    bool

    Examples
    --------
    >>> same([1, 2], np.array([1.0, 2.0 + 1e-9])), same(1, 1.1), same("A", " a ")
    (True, False, True)
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
        if a.shape != b.shape or (a.ndim == 0 and (a.dtype == bool) != (b.dtype == bool)):
            return False
        slack = tolerance * np.maximum(1.0, np.abs(a))
        # equal infinities have no difference; a NaN is never right
        with np.errstate(invalid="ignore"):
            return bool(np.all((a == b) | (np.abs(np.subtract(a, b, dtype=complex)) <= slack)))
    if isinstance(expected, (tuple, list)):
        return (
            isinstance(got, (tuple, list))
            and len(expected) == len(got)
            and all(same(e, g, tolerance) for e, g in zip(expected, got, strict=True))
        )
    try:
        return bool(expected == got)
    except Exception:  # an object of the learner's whose == fails is not the answer
        return False


def short(value: Any, limit: int = 300) -> str:
    """Return a value as text that fits a message.

    Examples
    --------
    >>> short(list(range(10)), limit=12)
    '[0, 1, 2, 3…'
    """
    try:
        value = _untensored(value)
        if isinstance(value, np.ndarray):
            text = np.array2string(value, precision=4, threshold=60, separator=", ")
            text = f"{text}  (shape {value.shape})" if value.ndim else text
        elif isinstance(value, np.generic):
            text = repr(value.item())
        else:
            text = repr(value)
    except Exception:  # a learner's object may not even have a repr
        text = f"<{type(value).__name__}>"
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
