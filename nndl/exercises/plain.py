"""Turn an answer into plain data, once: what is data runs none of a learner's code afterwards."""

import numbers
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from types import FunctionType, MethodType
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Other", "code_of", "is_plain", "packed", "plain", "short", "unpacked"]

MOST_ENTRIES = 1_000_000
MOST_DEPTH = 50
NUMBERS = "biufc"  # NumPy's kinds of truth values and numbers
SINGLE = (type(None), bool, int, float, complex, str, bytes, type(...))


class Other(NamedTuple):
    """An answer that is neither number, text nor a container of these.

    Parameters
    ----------
    kind : str
        The name of its type.
    text : str
        What it shows of itself.

    Examples
    --------
    >>> plain(object).kind
    'type'
    """

    kind: str
    text: str


def is_plain(value: Any, depth: int = 0) -> bool:
    """Tell whether to read a value runs no code but Python's, NumPy's and a framework's own.

    Parameters
    ----------
    value : object
        An answer.
    depth : int
        How deep it lies in containers.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_plain([1, (2.5, "a")]), is_plain([object()])
    (True, False)
    """
    kind = type(value)
    if kind in SINGLE or kind in (Fraction, range) or kind is FunctionType:
        return True
    if kind is np.ndarray or (issubclass(kind, np.generic) and kind.__module__ == "numpy"):
        return value.dtype.kind in NUMBERS + "US"
    if kind in _tensor_types():
        return True
    if kind not in (tuple, list, dict) or depth > MOST_DEPTH or len(value) > MOST_ENTRIES:
        return False
    inner = [*value.keys(), *value.values()] if kind is dict else value
    return all(is_plain(entry, depth + 1) for entry in inner)


def _tensor_types() -> tuple[type, ...]:
    """Return the tensors of the frameworks that are loaded."""
    modules = (sys.modules.get(name) for name in ("paddle", "torch"))
    return tuple(module.Tensor for module in modules if hasattr(module, "Tensor"))


def plain(value: Any, depth: int = 0) -> Any:
    """Return an answer as plain data.

    Parameters
    ----------
    value : object
        An answer.
    depth : int
        How deep it lies in containers.

    Returns
    -------
    object
        None, a truth value, number, text or bytes; an array of numbers, for arrays, tensors and
        what else makes an array of itself; tuple, list or dict of these; `Other` for the rest. A
        fraction becomes a float.

    Examples
    --------
    >>> plain(np.float32(2.5)), plain(Fraction(1, 2)), plain([1, None])
    (2.5, 0.5, [1, None])
    """
    kind = type(value)
    if kind in SINGLE:
        return value
    if kind in (Fraction, Decimal):
        return _float(value)
    if issubclass(kind, np.generic) and kind.__module__ == "numpy" and value.dtype.kind in NUMBERS:
        item = value.item()  # a long double stays one
        return item if type(item) in SINGLE else _float(item)
    array = _array(value)
    if array is not None:
        return array
    for container in (tuple, list, dict):
        if issubclass(kind, container):
            return _contents(container, value, depth)
    for single in (str, bytes, int, float, complex):  # subclasses, such as an enumeration's
        if issubclass(kind, single):
            return single.__new__(single, value)
    return Other(kind.__name__, short(value, 2000))


def _float(value: numbers.Number) -> Any:
    try:
        return float(value)
    except (OverflowError, ValueError):
        return Other(type(value).__name__, short(value))


def _array(value: Any) -> np.ndarray | None:
    """Return what is, or makes itself, an array of numbers; containers are looked into instead."""
    kind = type(value)
    if issubclass(kind, (tuple, list, dict, str, bytes, type, FunctionType)):
        return None
    if kind is range and len(value) > MOST_ENTRIES:
        return None
    try:
        array = _as_array(value, kind)
    except Exception:  # an object of the learner's that says it is an array, and fails
        return None
    return array if array is not None and array.dtype.kind in NUMBERS else None


def _as_array(value: Any, kind: type) -> np.ndarray | None:
    if kind in _tensor_types() or all(hasattr(kind, n) for n in ("detach", "cpu", "numpy")):
        value = value.detach().cpu().numpy()
    elif not (kind is range or issubclass(kind, np.ndarray) or hasattr(kind, "__array__")):
        return None
    return np.array(value)


def _contents(container: type, value: Any, depth: int) -> Any:
    entries = list(container.items(value) if container is dict else container.__iter__(value))
    if depth > MOST_DEPTH or len(entries) > MOST_ENTRIES:
        return Other(type(value).__name__, f"a {container.__name__} of {len(entries)} entries")
    if container is dict:
        return {_key(key): plain(entry, depth + 1) for key, entry in entries}
    return container(plain(entry, depth + 1) for entry in entries)


def _key(key: Any) -> Any:
    """Return a key that can stand in a dictionary again."""
    key = plain(key)
    return key if isinstance(key, (*SINGLE, Other)) else Other(type(key).__name__, short(key))


MARK = "\0other"  # an `Other` on its way between processes is a tuple that begins so


def packed(value: Any) -> Any:
    """Return plain data with nothing but Python's own containers and arrays in it.

    Examples
    --------
    >>> unpacked(packed([Other("Tree", "a tree"), 1]))
    [Other(kind='Tree', text='a tree'), 1]
    """
    if type(value) is Other:
        return (MARK, *value)
    return _each(packed, value)


def unpacked(value: Any) -> Any:
    """Return the plain data that were `packed`."""
    if type(value) is tuple and len(value) == 3 and isinstance(value[0], str) and value[0] == MARK:
        return Other(*map(str, value[1:]))
    return _each(unpacked, value)


def _each(change: Callable[[Any], Any], value: Any) -> Any:
    if type(value) is dict:
        return {change(key): change(entry) for key, entry in value.items()}
    return type(value)(map(change, value)) if type(value) in (tuple, list) else value


def code_of(answer: Any) -> Any:
    """Return the code of a function, a method or a thing that can be called; None without any.

    The answer itself is not asked: an object of the learner's can answer anything.

    Examples
    --------
    >>> code_of(lambda x: x).co_name, code_of(print)
    ('<lambda>', None)
    """
    if type(answer) is MethodType:
        answer = answer.__func__
    if type(answer) is not FunctionType:
        kind = type(answer)
        answer = None if issubclass(kind, type) else vars(kind).get("__call__")
    return answer.__code__ if type(answer) is FunctionType else None


def short(value: Any, limit: int = 300) -> str:
    """Return a value as text that fits a message.

    Examples
    --------
    >>> short(list(range(10)), limit=12)
    '[0, 1, 2, 3…'
    """
    try:
        if isinstance(value, Other):
            text = value.text
        elif isinstance(value, np.ndarray):
            text = np.array2string(value, precision=4, threshold=60, separator=", ")
            text = f"{text}  (shape {value.shape})" if value.ndim else text
        elif isinstance(value, np.generic):
            text = repr(value.item())
        else:
            text = repr(value)
    except Exception:  # a learner's object may not even have a repr
        text = f"<{type(value).__name__}>"
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
