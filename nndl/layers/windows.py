"""What every window sees, tap by tap: strided slices that convolution and pooling share."""

from nndl.device import paddle
from nndl.layers.checks import check_real
from nndl.ops.convolution_shapes import conv_output_shape

Pair = tuple[int, int]


def taps(
    x: paddle.Tensor,
    kernel_size: Pair,
    stride: Pair,
    padding: Pair,
    dilation: Pair = (1, 1),
) -> list[paddle.Tensor]:
    """Return what each tap of a window sees at every position, in the order of the rows.

    Parameters
    ----------
    x : paddle.Tensor, shape (N, C, H, W)
    kernel_size, stride, padding, dilation : (int, int)
        Of rows and columns, checked; zeros stand in the padding.

    Returns
    -------
    list of U * V paddle.Tensor, shape (N, C, H', W')

    Raises
    ------
    ValueError
        If the window is larger than the padded input.

    Examples
    --------
    >>> x = paddle.arange(4.0).reshape([1, 1, 1, 4])
    >>> [tap.flatten().tolist() for tap in taps(x, (1, 2), (1, 2), (0, 0))]
    [[0.0, 2.0], [1.0, 3.0]]
    """
    rows, columns = output_maps(x, kernel_size, stride, padding, dilation)
    (p1, p2), (s1, s2), (d1, d2) = padding, stride, dilation
    if p1 or p2:
        x = paddle.nn.functional.pad(x, [p2, p2, p1, p1])  # (N, C, H + 2P, W + 2P)
    return [
        x[
            :,
            :,
            u * d1 : u * d1 + (rows - 1) * s1 + 1 : s1,
            v * d2 : v * d2 + (columns - 1) * s2 + 1 : s2,
        ]
        for u in range(kernel_size[0])
        for v in range(kernel_size[1])
    ]


def output_maps(
    x: paddle.Tensor, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair
) -> tuple[int, int]:
    """Return how many positions a window has on maps, or refuse maps that are too small.

    Examples
    --------
    >>> output_maps(paddle.zeros([1, 1, 4, 4]), (3, 3), (1, 1), (0, 0), (1, 1))
    (2, 2)
    """
    return conv_output_shape(tuple(x.shape[2:]), kernel_size, stride, padding, dilation)


def check_maps(
    x: paddle.Tensor, channels: int | str = "channels", like: paddle.Tensor | None = None
) -> None:
    """Refuse what is no batch of maps, or has not this many channels.

    Parameters
    ----------
    x : paddle.Tensor
    channels : int, optional
    like : paddle.Tensor, optional
        A parameter, of whose precision x must be.

    Raises
    ------
    TypeError
        If x is no tensor of floating-point numbers.
    ValueError
        If x has not the shape (batch, channels, height, width).

    Examples
    --------
    >>> check_maps(paddle.zeros([2, 3]), 4)
    Traceback (most recent call last):
    ...
    ValueError: x must have shape (batch, 4, height, width), got (2, 3)
    """
    check_real("x", x, "batch", channels, "height", "width", like=like)
