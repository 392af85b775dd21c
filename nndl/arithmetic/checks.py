"""The argument checks of the arithmetic: a refusal names the argument, its value and the rule."""

__all__ = ["grouped_channels", "integer", "pair"]


def integer(name: str, value: int, least: int = 1) -> int:
    """Return `value` as a Python integer if it is one of at least `least`.

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
    except (AttributeError, TypeError):  # no integer, or an array of several
        number = None
    if number is None or number < least:
        rule = "a positive integer" if least == 1 else f"an integer of at least {least}"
        raise ValueError(f"{name} must be {rule}, got {value!r}")
    return number


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
        If `value` is neither one integer nor two, or one of them is smaller than `least`.

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
    in_channels = integer("in_channels", in_channels)
    out_channels = integer("out_channels", out_channels)
    groups = integer("groups", groups)
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if channels % groups:
            raise ValueError(f"{name} must be divisible by groups, got {channels} and {groups}")
    return in_channels, out_channels, groups
