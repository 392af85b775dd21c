"""The argument checks of the arithmetic: a refusal names the argument, its value and the rule."""

__all__ = ["integer", "pair"]


def integer(name: str, value: int, least: int = 1) -> int:
    """Return `value` if it is an integer of at least `least`.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : int
        What was given; NumPy integers count, bool and float do not.
    least : int
        The smallest value allowed, 1 or 0.

    Returns
    -------
    int

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
    rule = "a positive integer" if least == 1 else f"an integer of at least {least}"
    is_integer = hasattr(value, "__index__") and not isinstance(value, bool)
    if not is_integer or value < least:
        raise ValueError(f"{name} must be {rule}, got {value!r}")
    return value.__index__()


def pair(name: str, value: int | tuple[int, int], least: int = 1) -> tuple[int, int]:
    """Return `value` as a pair (height, width); one integer stands for both.

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
        return integer(name, value[0], least), integer(name, value[1], least)
    return (integer(name, value, least),) * 2
