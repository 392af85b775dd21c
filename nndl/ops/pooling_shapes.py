"""What the loops and the fast version of pooling share: where windows lie, and the checks."""

from typing import NamedTuple

import numpy as np

from nndl.arithmetic.checks import flag, pair
from nndl.ops.checks import real
from nndl.ops.convolution_shapes import Size, conv_output_shape

__all__ = ["Pooling", "check_pooling", "check_pooling_grad", "pooling_settings"]

Pair = tuple[int, int]


class Pooling(NamedTuple):
    """Windows on maps: the kernel, its steps, what is added on each side, and the output's size."""

    kernel: Pair
    stride: Pair
    padding: Pair
    maps: Pair

    def counts(self, size: Pair, exclusive: bool) -> np.ndarray:
        """Return what each window's sum is divided by, (M', N'): with or without the padding."""
        exclusive = flag("exclusive", exclusive)
        sides = []
        for length, k, s, p, many in zip(size, *self, strict=True):
            start = np.arange(many) * s - p
            inside = np.minimum(start + k, length) - np.maximum(start, 0)
            sides.append(inside if exclusive else np.full(many, k))
        return np.outer(*sides)


def pooling_settings(
    kernel_size: Size, stride: Size | None, padding: Size
) -> tuple[Pair, Pair, Pair]:
    """Return kernel, stride and padding as checked pairs (rows, columns)."""
    kernel = pair("kernel_size", kernel_size)
    stride = kernel if stride is None else pair("stride", stride)
    padding = pair("padding", padding, least=0)
    if padding[0] >= kernel[0] or padding[1] >= kernel[1]:  # a window with nothing in it
        raise ValueError(f"padding must be smaller than kernel_size, got {padding} and {kernel}")
    return kernel, stride, padding


def check_pooling(
    x: np.ndarray, kernel_size: Size, stride: Size | None, padding: Size
) -> tuple[np.ndarray, Pooling]:
    """Return a batch in floating point and how windows lie on it, or say which rule is broken."""
    x = real("x", x, ndim=4)
    kernel, stride, padding = pooling_settings(kernel_size, stride, padding)
    maps = conv_output_shape(x.shape[2:], kernel, stride, padding, 1)
    return x, Pooling(kernel, stride, padding, maps)


def check_pooling_grad(x: np.ndarray, pooling: Pooling, grad_y: np.ndarray) -> np.ndarray:
    """Return a gradient in the type of x, or refuse it: its shape must be the output's."""
    grad_y = real("grad_y", grad_y)
    expected = (*x.shape[:2], *pooling.maps)
    if grad_y.shape != expected:
        raise ValueError(
            f"grad_y must have the output's shape {expected}, got {grad_y.shape}, for x of shape "
            f"{x.shape}, kernel_size {pooling.kernel}, stride {pooling.stride} and padding "
            f"{pooling.padding}"
        )
    return grad_y.astype(x.dtype, copy=False)
