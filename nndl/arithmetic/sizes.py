"""Output sizes: how many positions a window finds along one axis."""

from nndl.arithmetic.checks import integer, size

__all__ = [
    "effective_kernel_size",
    "never_visited",
    "output_size",
    "padding_for",
    "transposed_output_size",
]


def effective_kernel_size(kernel_size: int, dilation: int = 1) -> int:
    """Return the extent of a dilated kernel, gaps included.

    Parameters
    ----------
    kernel_size : int
        Taps along the axis, at least 1.
    dilation : int
        Distance between neighboring taps, at least 1.

    Returns
    -------
    int
        ``dilation * (kernel_size - 1) + 1`` input positions.

    Raises
    ------
    ValueError
        If an argument is not a positive integer.

    Examples
    --------
    >>> effective_kernel_size(3, dilation=2)
    5
    """
    return integer("dilation", dilation) * (integer("kernel_size", kernel_size) - 1) + 1


def output_size(
    input_size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Return the number of outputs of a convolution or pooling along one axis.

    Parameters
    ----------
    input_size : int
        Length of the axis, at least 1.
    kernel_size : int
        Taps of the kernel along the axis, at least 1.
    stride : int
        Step between neighboring windows, at least 1.
    padding : int
        Zeros added on each of the two sides, at least 0.
    dilation : int
        Distance between neighboring taps, at least 1.

    Returns
    -------
    int
        ``(input_size + 2 * padding - effective_kernel_size) // stride + 1``.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or the kernel is larger than the padded input.

    References
    ----------
    V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning",
    arXiv:1603.07285, 2016.

    Examples
    --------
    >>> output_size(32, 3)
    30
    >>> output_size(8, 3, stride=2, padding=1)
    4
    """
    padded = integer("input_size", input_size) + 2 * integer("padding", padding, least=0)
    extent = effective_kernel_size(kernel_size, dilation)
    stride = integer("stride", stride)
    if extent > padded:
        raise ValueError(
            f"kernel_size must fit the padded input: kernel_size {kernel_size} with dilation "
            f"{dilation} spans {extent}, got input_size {input_size} + 2 * padding {padding} "
            f"= {padded}"
        )
    return (padded - extent) // stride + 1


def transposed_output_size(
    input_size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_padding: int = 0,
) -> int:
    """Return the number of outputs of a transposed convolution along one axis.

    The arguments are those of the direct convolution that it transposes: `stride` and `dilation`
    spread the outputs, `padding` takes that many of them off each side.

    Parameters
    ----------
    input_size : int
        Length of the axis, at least 1.
    kernel_size : int
        Taps of the kernel along the axis, at least 1.
    stride : int
        Stride of the direct convolution, at least 1.
    padding : int
        Padding of the direct convolution, at least 0.
    dilation : int
        Dilation of the direct convolution, at least 1.
    output_padding : int
        Outputs added on one side, to choose among the input sizes that the direct convolution
        maps to the same output size; at least 0, smaller than `stride`.

    Returns
    -------
    int
        ``(input_size - 1) * stride - 2 * padding + effective_kernel_size + output_padding``.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or nothing is left of the output.

    Examples
    --------
    >>> transposed_output_size(4, 3, stride=2, padding=1, output_padding=1)
    8
    >>> transposed_output_size(2, 2, stride=2)
    4
    """
    input_size = integer("input_size", input_size)
    extent = effective_kernel_size(kernel_size, dilation)
    stride = integer("stride", stride)
    padding = integer("padding", padding, least=0)
    output_padding = integer("output_padding", output_padding, least=0)
    if output_padding >= stride:
        raise ValueError(
            f"output_padding must be smaller than stride, got {output_padding} with stride {stride}"
        )
    size = (input_size - 1) * stride - 2 * padding + extent + output_padding
    if size < 1:
        raise ValueError(
            f"padding must leave an output, got padding {padding}, which takes {2 * padding} of "
            f"{size + 2 * padding} positions"
        )
    return size


def padding_for(mode: str, kernel_size: int, dilation: int = 1) -> int:
    """Return the padding on each side that a named kind of convolution uses at stride 1.

    Parameters
    ----------
    mode : {"valid", "same", "full"}
        "valid" (narrow): no padding. "same" (equal-width): the output is as long as the input.
        "full" (wide): every window that touches the input counts.
    kernel_size : int
        Taps of the kernel along the axis, at least 1.
    dilation : int
        Distance between neighboring taps, at least 1.

    Returns
    -------
    int
        Zeros on each side.

    Raises
    ------
    ValueError
        If `mode` is unknown, or "same" would need different padding on the two sides.

    Examples
    --------
    >>> [padding_for(mode, 5) for mode in ("valid", "same", "full")]
    [0, 2, 4]
    """
    extent = effective_kernel_size(kernel_size, dilation)
    if not isinstance(mode, str) or mode not in ("valid", "same", "full"):
        raise ValueError(f'mode must be "valid", "same" or "full", got {mode!r}')
    if mode == "same" and extent % 2 == 0:
        raise ValueError(
            f'mode "same" needs an odd effective kernel size, got {extent} from kernel_size '
            f"{kernel_size} with dilation {dilation}"
        )
    return {"valid": 0, "same": (extent - 1) // 2, "full": extent - 1}[mode]


def never_visited(
    input_size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> list[int]:
    """Return the positions of the unpadded axis that no window reads.

    Parameters
    ----------
    input_size, kernel_size, stride, padding, dilation : int
        As for `output_size`.

    Returns
    -------
    list of int
        Indices from 0, in order. The floor of the size formula drops positions at the end; a
        stride or dilation larger than the kernel leaves gaps in between.

    Raises
    ------
    ValueError
        As `output_size`.

    Examples
    --------
    >>> never_visited(8, kernel_size=3, stride=3)
    [6, 7]
    >>> never_visited(7, kernel_size=1, stride=3)
    [1, 2, 4, 5]
    """
    windows = output_size(input_size, kernel_size, stride, padding, dilation)
    stride, padding, dilation = map(int, (stride, padding, dilation))
    length = size("input_size", input_size)
    size("padding", padding, least=0)
    read = {
        window * stride + tap * dilation - padding
        for window in range(windows)
        for tap in range(kernel_size)
    }
    return [position for position in range(length) if position not in read]
