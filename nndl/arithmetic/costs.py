"""Costs of layers: parameters, and multiply-accumulates (MACs) for one sample.

One MAC is one multiplication whose product is added to a sum. Much of the literature calls the
number of MACs "FLOPs"; some count 2 FLOPs a MAC. Here `*_macs` counts MACs, and `conv_flops` counts
what PaddlePaddle's own counter reports.
"""

from nndl.arithmetic.checks import flag, grouped_channels, integer, pair

__all__ = [
    "conv_flops",
    "conv_macs",
    "conv_parameters",
    "linear_macs",
    "linear_parameters",
    "norm_macs",
    "norm_parameters",
    "pool_macs",
    "pool_operations",
]

Size = int | tuple[int, int]


def _weights(in_channels: int, out_channels: int, kernel_size: Size, groups: int) -> int:
    """Return the number of weights of a two-dimensional convolution."""
    in_channels, out_channels, groups = grouped_channels(in_channels, out_channels, groups)
    height, width = pair("kernel_size", kernel_size)
    return out_channels * (in_channels // groups) * height * width


def conv_parameters(
    in_channels: int, out_channels: int, kernel_size: Size, groups: int = 1, bias: bool = True
) -> int:
    """Return the number of parameters of a two-dimensional convolution.

    They do not depend on the size of the input, on stride, padding or dilation.

    Parameters
    ----------
    in_channels, out_channels : int
        Depth of the input and number of output maps, both divisible by `groups`.
    kernel_size : int or (int, int)
        Height and width of the kernel.
    groups : int
        Into how many independent convolutions the channels are split.
    bias : bool
        Whether each output map has a bias.

    Returns
    -------
    int
        ``out_channels * in_channels / groups * U * V``, plus ``out_channels`` with a bias.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> conv_parameters(1, 6, 5)
    156
    >>> conv_parameters(64, 64, 3, groups=64, bias=False)
    576
    """
    weights = _weights(in_channels, out_channels, kernel_size, groups)
    return weights + (integer("out_channels", out_channels) if flag("bias", bias) else 0)


def conv_macs(
    in_channels: int, out_channels: int, kernel_size: Size, output_size: Size, groups: int = 1
) -> int:
    """Return the multiply-accumulates of a two-dimensional convolution for one sample.

    Parameters
    ----------
    in_channels, out_channels : int
        Depth of the input and number of output maps, both divisible by `groups`.
    kernel_size : int or (int, int)
        Height and width of the kernel.
    output_size : int or (int, int)
        Height and width of one output map.
    groups : int
        Into how many independent convolutions the channels are split.

    Returns
    -------
    int
        Weights times output positions; the additions of a bias are not counted.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> conv_macs(1, 1, 3, output_size=30)
    8100
    """
    height, width = pair("output_size", output_size)
    return _weights(in_channels, out_channels, kernel_size, groups) * height * width


def conv_flops(
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    output_size: Size,
    groups: int = 1,
    bias: bool = True,
) -> int:
    """Return what PaddlePaddle's counter (`paddle.flops`) reports for a convolution, one sample.

    It counts a multiply-accumulate as one operation, and the addition of the bias as one more for
    each output element.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, output_size, groups
        As for `conv_macs`.
    bias : bool
        Whether each output map has a bias.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> conv_flops(1, 6, 5, output_size=28), conv_macs(1, 6, 5, output_size=28)
    (122304, 117600)
    """
    macs = conv_macs(in_channels, out_channels, kernel_size, output_size, groups)
    height, width = pair("output_size", output_size)
    return macs + (
        integer("out_channels", out_channels) * height * width if flag("bias", bias) else 0
    )


def linear_parameters(in_features: int, out_features: int, bias: bool = True) -> int:
    """Return the number of parameters of a fully connected layer.

    Parameters
    ----------
    in_features, out_features : int
        Lengths of the input and the output vector.
    bias : bool
        Whether each output has a bias.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If an argument is not a positive integer.

    Examples
    --------
    One hidden unit on a 32 x 32 picture:

    >>> linear_parameters(32 * 32, 1)
    1025
    """
    weights = linear_macs(in_features, out_features)
    return weights + (integer("out_features", out_features) if flag("bias", bias) else 0)


def linear_macs(in_features: int, out_features: int) -> int:
    """Return the multiply-accumulates of a fully connected layer for one sample.

    Parameters
    ----------
    in_features, out_features : int
        Lengths of the input and the output vector.

    Returns
    -------
    int
        One for each weight; the additions of a bias are not counted.

    Raises
    ------
    ValueError
        If an argument is not a positive integer.

    Examples
    --------
    >>> linear_macs(120, 84)
    10080
    """
    return integer("in_features", in_features) * integer("out_features", out_features)


def pool_macs(kind: str, channels: int, kernel_size: Size, output_size: Size) -> int:
    """Return the multiply-accumulates of pooling: none, for either kind.

    Parameters
    ----------
    kind : {"max", "avg"}
        Maximum or average.
    channels : int
        Number of maps.
    kernel_size, output_size : int or (int, int)
        Height and width of the window, and of one output map.

    Returns
    -------
    int
        0: the maximum compares, the average adds and divides; see `pool_operations`.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> pool_macs("max", 6, 2, output_size=14)
    0
    """
    pool_operations(kind, channels, kernel_size, output_size)
    return 0


def pool_operations(kind: str, channels: int, kernel_size: Size, output_size: Size) -> int:
    """Return the operations of pooling for one sample.

    Parameters
    ----------
    kind, channels, kernel_size, output_size
        As for `pool_macs`.

    Returns
    -------
    int
        For each output, "max": ``U * V - 1`` comparisons; "avg": ``U * V - 1`` additions and
        one division.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> pool_operations("max", 1, 2, output_size=2), pool_operations("avg", 1, 2, output_size=2)
    (12, 16)
    """
    if not isinstance(kind, str) or kind not in ("max", "avg"):
        raise ValueError(f'kind must be "max" or "avg", got {kind!r}')
    height, width = pair("output_size", output_size)
    rows, columns = pair("kernel_size", kernel_size)
    outputs = integer("channels", channels) * height * width
    return outputs * (rows * columns - (kind == "max"))


def norm_parameters(channels: int) -> int:
    """Return the trained parameters of a batch or layer normalization: a scale and a shift each.

    The running mean and variance of batch normalization are kept, not trained, and not counted.

    Parameters
    ----------
    channels : int
        Maps for batch normalization, normalized elements for layer normalization.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If `channels` is not a positive integer.

    Examples
    --------
    >>> norm_parameters(64)
    128
    """
    return 2 * integer("channels", channels)


def norm_macs(elements: int) -> int:
    """Return the multiply-accumulates of normalizing: one an element (times scale, plus shift).

    In prediction, batch normalization is this alone; the statistics of training, or of layer
    normalization, are not multiply-accumulates with a weight and are not counted.

    Parameters
    ----------
    elements : int
        Numbers in one sample: channels times height times width.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If `elements` is not a positive integer.

    Examples
    --------
    >>> norm_macs(64 * 8 * 8)
    4096
    """
    return integer("elements", elements)
