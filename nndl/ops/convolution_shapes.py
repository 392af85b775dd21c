"""What the loop version and the fast version of convolution share: shapes and their checks."""

import numpy as np

from nndl.arithmetic import output_size
from nndl.arithmetic.checks import integer, pair
from nndl.ops.checks import plain, real, same_type

Size = int | tuple[int, int]


def window_settings(stride: Size, padding: Size, dilation: Size) -> tuple[tuple[int, int], ...]:
    """Return stride, padding and dilation as checked pairs (rows, columns)."""
    return pair("stride", stride), pair("padding", padding, least=0), pair("dilation", dilation)


def conv_output_shape(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    stride: Size,
    padding: Size,
    dilation: Size,
    window: str = "kernel_size",
) -> tuple[int, int]:
    """Return the height and width of an output map, or refuse maps x that are too small.

    `window` is the argument that holds the kernel, for the message.
    """
    settings = zip(*window_settings(stride, padding, dilation), strict=True)
    try:
        rows, columns = (
            output_size(size, kernel, *setting)
            for size, kernel, setting in zip(input_shape, kernel_shape, settings, strict=True)
        )
    except ValueError as error:
        raise ValueError(f"x must be as large as the window of {window}: {error}") from None
    return rows, columns


def check_convolution(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, groups: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return the arrays in one floating-point type, or say which shape breaks which rule."""
    x, weight = same_type(real("x", x), real("weight", weight))
    bias = None if bias is None else real("bias", bias).astype(x.dtype, copy=False)
    groups = integer("groups", groups)
    if x.ndim != 4:
        raise ValueError(f"x must have shape (batch, channels, height, width), got {x.shape}")
    if weight.ndim != 4:
        raise ValueError(
            f"weight must have shape (out_channels, in_channels / groups, U, V), got {weight.shape}"
        )
    if not weight.size:
        raise ValueError(f"weight must have a length of at least 1 everywhere, got {weight.shape}")
    if weight.shape[0] % groups:
        raise ValueError(
            f"weight must have a number of output maps that is divisible by groups, "
            f"got {len(weight)} and {groups}"
        )
    if x.shape[1] != weight.shape[1] * groups:
        raise ValueError(
            f"x must have weight.shape[1] * groups = {weight.shape[1] * groups} channels, "
            f"got {x.shape[1]}"
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(
            f"bias must have shape {weight.shape[:1]}, got {bias.shape}, for weight of shape "
            f"{weight.shape}"
        )
    return x, weight, bias


def check_correlation(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return one map and one kernel as arrays whose sums of products fit their type."""
    x, w = plain("x", x), plain("w", w)
    if x.ndim != 2 or w.ndim != 2:
        raise ValueError(f"x and w must have two dimensions, got shapes {x.shape} and {w.shape}")
    if not w.size:
        raise ValueError(f"w must have a length of at least 1 everywhere, got {w.shape}")
    if np.result_type(x, w).kind in "biu":  # 200 + 200 does not fit a picture's byte
        return x.astype(np.int64), w.astype(np.int64)
    return same_type(real("x", x), real("w", w))


def check_grad_y(
    x: np.ndarray,
    weight: np.ndarray,
    grad_y: np.ndarray,
    stride: Size,
    padding: Size,
    dilation: Size,
) -> np.ndarray:
    """Return a gradient in the type of x, or refuse it: its shape must be the output's."""
    maps = conv_output_shape(
        x.shape[2:], weight.shape[2:], stride, padding, dilation, window="weight"
    )
    expected = (len(x), len(weight), *maps)
    grad_y = real("grad_y", grad_y)
    if grad_y.shape != expected:
        raise ValueError(
            f"grad_y must have the output's shape {expected}, got {grad_y.shape}, for x of shape "
            f"{x.shape}, weight of shape {weight.shape}, stride {stride}, padding {padding} and "
            f"dilation {dilation}"
        )
    return np.ascontiguousarray(grad_y, dtype=x.dtype)


def pad_maps(x: np.ndarray, padding: tuple[int, int]) -> np.ndarray:
    """Return maps (..., M, N) with zeros on each side; the same array when there are none."""
    rows, columns = padding
    if not rows and not columns:
        return x
    edges = [(0, 0)] * (x.ndim - 2) + [(rows, rows), (columns, columns)]
    return np.pad(x, edges)
