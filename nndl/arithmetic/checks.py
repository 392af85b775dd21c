"""The checks of single arguments, one a kind, for every room of the house.

A refusal is a ``ValueError`` that names the argument, its value and the rule. What holds arrays is
checked by :mod:`nndl.ops.checks`.
"""

import math
import numbers
from collections.abc import Callable, Sequence, ValuesView
from typing import Any

__all__ = [
    "choice",
    "flag",
    "function",
    "grouped_channels",
    "integer",
    "number",
    "pair",
    "seed",
    "sequence",
    "size",
    "text",
]

LARGEST_SIZE = 2**31 - 1  # of an axis; with more, libraries fail in words of their own
LARGEST_SEED = 2**32 - 1  # of NumPy's older generators, and so of all that draw here


def flag(name: str, value: bool) -> bool:
    """Return `value` as a Python truth value if it is one.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : bool
        What was given; NumPy's truth value counts, 0 and 1 do not: ``Linear(5, 3, 1)`` more likely
        holds a slip than a wish for a bias.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If it is anything else: the text ``"False"`` would count as true.

    Examples
    --------
    >>> flag("bias", True)
    True
    >>> flag("bias", "False")
    Traceback (most recent call last):
    ...
    ValueError: bias must be True or False, got 'False'
    """
    if value is True or value is False:
        return value
    if type(value).__module__ == "numpy" and type(value).__name__ in ("bool", "bool_"):
        return bool(value)
    raise ValueError(f"{name} must be True or False, got {value!r}")


def number(
    name: str,
    value: float,
    least: float | None = None,
    most: float | None = None,
    *,
    above: float | None = None,
    below: float | None = None,
) -> float:
    """Return `value` as a Python number if it is a finite real one within the bounds.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : float
        What was given; integers and NumPy's numbers count, truth values and arrays do not. An
        integer beyond what a float holds is refused as infinity is.
    least, most : float, optional
        Bounds that may be reached.
    above, below : float, optional
        Bounds that may not be reached.

    Returns
    -------
    float
        An integer stays one.

    Raises
    ------
    ValueError
        If it is no real number, not finite, or outside the bounds.

    Examples
    --------
    >>> number("momentum", 0.9, 0, below=1)
    0.9
    >>> number("momentum", float("nan"), 0, below=1)
    Traceback (most recent call last):
    ...
    ValueError: momentum must be a number >= 0 and < 1, got nan
    """
    is_real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    plain: Any = math.nan
    if is_real:
        try:
            plain = float(value)
            plain = int(value) if isinstance(value, numbers.Integral) else plain
        except OverflowError:  # an integer or a fraction beyond what a float holds
            plain = math.inf if value > 0 else -math.inf
    bounds = {">=": least, "<=": most, ">": above, "<": below}
    inside = {
        ">=": least is None or plain >= least,
        "<=": most is None or plain <= most,
        ">": above is None or plain > above,
        "<": below is None or plain < below,
    }
    within = all(inside.values())
    if not (abs(plain) < math.inf and within):
        rules = [f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None]
        kind = "a finite number" if within or not rules else "a number"
        rule = " ".join([kind, " and ".join(rules)]).rstrip()
        raise ValueError(f"{name} must be {rule}, got {value!r}")
    return plain


def seed(name: str, value: int) -> int:
    """Return `value` as a Python integer if random generators can begin from it.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : int
        From 0 to 2**32 - 1. ``None`` is refused: what it draws can't be drawn again.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If it is anything else.

    Examples
    --------
    >>> seed("seed", 7)
    7
    >>> seed("seed", None)
    Traceback (most recent call last):
    ...
    ValueError: seed must be an integer from 0 to 4294967295, got None
    """
    try:
        whole = integer(name, value, 0)
    except ValueError:
        whole = None
    if whole is None or whole > LARGEST_SEED:
        raise ValueError(f"{name} must be an integer from 0 to {LARGEST_SEED}, got {value!r}")
    return whole


def choice(name: str, value: Any, choices: Sequence[Any]) -> Any:
    """Return `value` if it is one of a few.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : object
        What was given.
    choices : sequence of object
        Texts, ``None``, numbers. ``True`` is not the number 1 here.

    Returns
    -------
    object
        The choice itself.

    Raises
    ------
    ValueError
        If it is none of them.

    Examples
    --------
    >>> choice("mode", "max", ("max", "min"))
    'max'
    >>> choice("mode", "maximum", ("max", "min"))
    Traceback (most recent call last):
    ...
    ValueError: mode must be 'max' or 'min', got 'maximum'
    """
    for known in choices:
        # types first: an array, compared with a text, gives an array
        alike = isinstance(value, type(known)) and isinstance(value, bool) == isinstance(
            known, bool
        )
        if value is known or (alike and value == known):
            return known
    words = " or ".join(repr(known) for known in choices)
    raise ValueError(f"{name} must be {words}, got {value!r}")


def function(name: str, value: Callable) -> Callable:
    """Return `value` if it can be called.

    Examples
    --------
    >>> function("transform", "flip")
    Traceback (most recent call last):
    ...
    ValueError: transform must be a function, got 'flip'
    """
    if not callable(value):
        raise ValueError(f"{name} must be a function, got {value!r}")
    return value


def text(name: str, value: str) -> str:
    """Return `value` if it is a text.

    Examples
    --------
    >>> text("title", None)
    Traceback (most recent call last):
    ...
    ValueError: title must be a text, got None
    """
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text, got {value!r}")
    return value


def integer(name: str, value: int, least: int | None = 1) -> int:
    """Return `value` as a Python integer if it is one of at least `least`.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : int
        What was given; NumPy integers count, bool and float do not.
    least : int, optional
        The smallest value allowed, 1 or 0; None for any integer, such as an axis.

    Returns
    -------
    int
        Of unlimited size, whatever came in: a product of two ``numpy.uint8`` would wrap around.

    Raises
    ------
    ValueError
        If `value` is no integer or is smaller than `least`.

    Examples
    --------
    >>> integer("stride", 2)
    2
    >>> integer("stride", 0)
    Traceback (most recent call last):
    ...
    ValueError: stride must be a positive integer, got 0
    """
    # NumPy's truth value is no subclass of bool, and older releases let it stand for an index
    is_truth_value = type(value).__name__ in ("bool", "bool_")
    try:
        number = None if is_truth_value else value.__index__()
    except Exception:  # no integer, or an array of several; each library has its own error for it
        number = None
    if number is None or (least is not None and number < least):
        rules = {None: "an integer", 1: "a positive integer"}
        rule = rules.get(least, f"an integer of at least {least}")
        raise ValueError(f"{name} must be {rule}, got {value!r}")
    return number


def sequence(name: str, value: Sequence[Any]) -> Sequence[Any]:
    """Return `value` if it is a list or the like: parts in an order, which can be read again.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : sequence
        What was given: a list, a tuple, a range, the values of a dictionary; a text, which has
        parts as well, does not count.

    Returns
    -------
    list or tuple
        A list or tuple itself, a tuple of anything else.

    Raises
    ------
    ValueError
        If it is anything else.

    Examples
    --------
    >>> sequence("layers", "conv")
    Traceback (most recent call last):
    ...
    ValueError: layers must be a list, got 'conv'
    """
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, (Sequence, ValuesView)) and not isinstance(value, (str, bytes)):
        return tuple(value)
    raise ValueError(f"{name} must be a list, got {value!r}")


def size(name: str, value: int, least: int = 1) -> int:
    """Return `value` as a Python integer if an array can have an axis of that length.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : int
        What was given.
    least : int
        The smallest value allowed: 1, 0, or -1 where that stands for what is left.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If `value` is no integer, smaller than `least`, or beyond any memory.

    Examples
    --------
    >>> size("hidden_size", 8)
    8
    >>> size("hidden_size", 2**31)
    Traceback (most recent call last):
    ...
    ValueError: hidden_size must be an integer of at most 2147483647, got 2147483648
    """
    whole = integer(name, value, least)
    if whole > LARGEST_SIZE:
        raise ValueError(f"{name} must be an integer of at most {LARGEST_SIZE}, got {value!r}")
    return whole


def pair(name: str, value: int | tuple[int, int], least: int = 1) -> tuple[int, int]:
    """Return `value` as a pair (height, width); one integer stands for both.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : int or (int, int)
        What was given.
    least : int
        The smallest value allowed, 1 or 0.

    Returns
    -------
    (int, int)

    Raises
    ------
    ValueError
        If `value` is neither one integer nor two, or one of them is smaller than `least` or beyond
        any memory.

    Examples
    --------
    >>> pair("kernel_size", 3)
    (3, 3)
    >>> pair("kernel_size", (1, 5))
    (1, 5)
    """
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise ValueError(f"{name} must be one integer or a pair of integers, got {value!r}")
        return size(name, value[0], least), size(name, value[1], least)
    return (size(name, value, least),) * 2


def grouped_channels(in_channels: int, out_channels: int, groups: int) -> tuple[int, int, int]:
    """Return the channels and groups of a convolution if the groups divide both channels.

    Parameters
    ----------
    in_channels, out_channels : int
        Depth of the input and number of output maps.
    groups : int
        Into how many independent convolutions the channels are split.

    Returns
    -------
    (int, int, int)
        The three, as Python integers.

    Raises
    ------
    ValueError
        If one is not a positive integer, or `groups` does not divide the channels.

    Examples
    --------
    >>> grouped_channels(3, 4, 2)
    Traceback (most recent call last):
    ...
    ValueError: in_channels must be divisible by groups, got 3 and 2
    """
    in_channels = size("in_channels", in_channels)
    out_channels = size("out_channels", out_channels)
    groups = integer("groups", groups)
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if channels % groups:
            raise ValueError(f"{name} must be divisible by groups, got {channels} and {groups}")
    return in_channels, out_channels, groups
