"""The schema of an explorer: what settings it has, and what values they may take.

One description of each setting checks the arguments in Python, draws the control, and is part of
the program that the page loads, whose own check follows the same rules.
"""

import itertools
import math
import numbers

Text = tuple[str, str]  # the same words in English and in Chinese


def integer(
    value: int | str,
    low: int,
    high: int,
    label: Text | None = None,
    *,
    pair: bool = False,
    words: dict[str, Text] | None = None,
) -> dict:
    """Describe a whole-number setting.

    Parameters
    ----------
    value, low, high : int
        Default (or one of `words`), least and greatest value.
    label : tuple of str, optional
        English and Chinese name; without one the setting has no control of its own.
    pair : bool
        Whether a pair (rows, columns) is allowed as well; a pair of equals is stored as one number.
    words : dict, optional
        Names that may stand in place of a number, each with its label.

    Returns
    -------
    dict
        An entry of a schema.

    Examples
    --------
    >>> integer(1, 1, 4, ("Stride", "步长"))["max"]
    4
    """
    entry = {"type": "integer", "value": value, "min": low, "max": high, "label": label}
    return entry | {"pair": pair, "words": words or {}}


def number(
    value: float, low: float, high: float, label: Text | None = None, *, step: float = 0.1
) -> dict:
    """Describe a setting that may be any number in a range.

    Parameters
    ----------
    value, low, high, step : float
        Default, least and greatest value, and the slider's step.
    label : tuple of str, optional
        English and Chinese name.

    Returns
    -------
    dict
        An entry of a schema.

    Examples
    --------
    >>> number(0.1, 0.0, 1.0, ("Learning rate", "学习率"))["type"]
    'number'
    """
    return {
        "type": "number",
        "value": value,
        "min": low,
        "max": high,
        "step": step,
        "label": label,
    }


def choice(value: str, options: dict[str, Text], label: Text | None = None) -> dict:
    """Describe a setting that is one of some names.

    Parameters
    ----------
    value : str
        Default, one of `options`.
    options : dict
        Each name with its label.
    label : tuple of str, optional
        English and Chinese name.

    Returns
    -------
    dict
        An entry of a schema.

    Examples
    --------
    >>> choice("a", {"a": ("A", "甲"), "b": ("B", "乙")})["value"]
    'a'
    """
    return {"type": "choice", "value": value, "options": options, "label": label}


def switch(value: bool, label: Text | None = None) -> dict:
    """Describe a setting that is on or off.

    Parameters
    ----------
    value : bool
        Default.
    label : tuple of str, optional
        English and Chinese name.

    Returns
    -------
    dict
        An entry of a schema.

    Examples
    --------
    >>> switch(True)["type"]
    'switch'
    """
    return {"type": "switch", "value": value, "label": label}


def data(value: object = None, *, page: bool = False) -> dict:
    """Describe a setting of any JSON shape; the explorer's `check` says what is allowed.

    Parameters
    ----------
    value : object
        Default.
    page : bool
        Whether the value is long and belongs to the page, such as a measured picture: a link leaves
        it out, and Python is told to put it there, ``name=...``.

    Returns
    -------
    dict
        An entry of a schema.

    Examples
    --------
    >>> data()["value"] is None
    True
    """
    return {"type": "data", "value": value, "label": None, "page": page}


def _plain(value: object) -> object:
    """Turn arrays, tuples and NumPy numbers into what JSON holds."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _is_integer(value: object, entry: dict) -> bool:
    """Return whether a value is a whole number in the entry's range (True and False are not)."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    return whole and entry["min"] <= value <= entry["max"]


def _rule(entry: dict) -> str:
    """Say in words what a schema entry allows."""
    low, high = entry.get("min"), entry.get("max")
    if entry["type"] == "integer":
        rule = f"an integer from {low} to {high}"
        rule += ", or a pair of them (rows, columns)" if entry["pair"] else ""
        return rule + "".join(f", or {word!r}" for word in entry["words"])
    if entry["type"] == "number":
        return f"a number from {low} to {high}"
    if entry["type"] == "choice":
        return "one of " + ", ".join(map(repr, entry["options"]))
    return "True or False"


def check_value(name: str, value: object, entry: dict) -> object:
    """Return a setting as JSON holds it, or raise.

    Parameters
    ----------
    name : str
        The setting's name, for the message.
    value : object
        The value given.
    entry : dict
        The setting's entry in the schema.

    Returns
    -------
    object
        The value, tuples as lists; a pair of equal numbers as one number.

    Raises
    ------
    ValueError
        If the value breaks the entry's rule.

    Examples
    --------
    >>> check_value("stride", (2, 2), integer(1, 1, 4, pair=True))
    2
    >>> check_value("stride", 0, integer(1, 1, 4))
    Traceback (most recent call last):
        ...
    ValueError: stride must be an integer from 1 to 4, got 0
    """
    plain, kind = _plain(value), entry["type"]
    if kind == "data":
        return plain
    if kind == "integer":
        if isinstance(plain, str) and plain in entry["words"]:
            return plain
        if isinstance(plain, list) and entry["pair"] and len(plain) == 2:
            if all(_is_integer(item, entry) for item in plain):
                return plain[0] if plain[0] == plain[1] else plain
        elif _is_integer(plain, entry):
            return int(plain)
    elif kind == "number":
        real = isinstance(plain, numbers.Real) and not isinstance(plain, bool)
        if real and entry["min"] <= plain <= entry["max"]:
            return plain
    elif kind == "choice":
        if isinstance(plain, str) and plain in entry["options"]:
            return plain
    elif isinstance(plain, bool):
        return plain
    raise ValueError(f"{name} must be {_rule(entry)}, got {value!r}")


def check_matrix(
    name: str, value: object, rows: tuple[int, int], columns: tuple[int, int], limit: float = 999
) -> list[list[float]]:
    """Return a matrix of numbers as nested lists, or raise.

    Parameters
    ----------
    name : str
        The setting's name, for the message.
    value : array_like
        Rows of equal length.
    rows, columns : tuple of int
        Least and greatest number of each.
    limit : float
        Greatest absolute value of an entry.

    Returns
    -------
    list of list of float
        The matrix.

    Raises
    ------
    ValueError
        If the shape or an entry breaks the rule.

    Examples
    --------
    >>> check_matrix("x", ((1, 2), (3, 4)), (1, 5), (1, 5))
    [[1, 2], [3, 4]]
    """
    plain = _plain(value)
    if not (isinstance(plain, list) and plain and all(isinstance(row, list) for row in plain)):
        raise ValueError(f"{name} must be a matrix, a list of rows, got {value!r}")
    width = len(plain[0])
    if any(len(row) != width for row in plain):
        raise ValueError(f"{name} must have rows of equal length, got {[len(r) for r in plain]}")
    for count, (low, high), axis in ((len(plain), rows, "rows"), (width, columns, "columns")):
        if not low <= count <= high:
            wanted = str(low) if low == high else f"{low} to {high}"
            raise ValueError(f"{name} must have {wanted} {axis}, got {count}")
    for entry in itertools.chain.from_iterable(plain):
        real = isinstance(entry, numbers.Real) and not isinstance(entry, bool)
        if not (real and math.isfinite(entry) and abs(entry) <= limit):
            raise ValueError(f"{name} must hold numbers from -{limit} to {limit}, got {entry!r}")
    return plain
