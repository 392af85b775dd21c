"""Pooling with plain loops: what the chapters derive, one window at a time.

Slow on purpose. `nndl.ops.max_pool2d` and `nndl.ops.avg_pool2d` compute the same numbers fast, and
a test holds them equal.
"""

from collections.abc import Iterator

import numpy as np

from nndl.arithmetic.checks import flag
from nndl.ops.convolution_shapes import Size
from nndl.ops.pooling_shapes import Pooling, check_pooling, check_pooling_grad

__all__ = [
    "avg_pool2d_loop",
    "avg_pool2d_loop_backward",
    "max_pool2d_loop",
    "max_pool2d_loop_backward",
]


def max_pool2d_loop(
    x: np.ndarray, kernel_size: Size, stride: Size | None = None, padding: Size = 0
) -> np.ndarray:
    """Return the largest number of each window, with plain loops.

    Parameters
    ----------
    x : numpy.ndarray, shape (B, D, M, N)
        A batch of inputs with D maps each.
    kernel_size : int or (int, int)
        Height and width of a window.
    stride : int or (int, int), optional
        Step between windows; unless given, the window's size, so that none overlap.
    padding : int or (int, int)
        How far windows reach beyond each side, less than the window's size; what is outside is
        never the largest.

    Returns
    -------
    numpy.ndarray, shape (B, D, M', N')

    Raises
    ------
    ValueError
        If an argument breaks its rule, or the window is larger than the padded map.

    Examples
    --------
    >>> max_pool2d_loop(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    array([[[[ 5.,  7.],
             [13., 15.]]]])
    """
    x, pooling = check_pooling(x, kernel_size, stride, padding)
    y = np.empty((*x.shape[:2], *pooling.maps), x.dtype)  # (B, D, M', N')
    for n, d, i, j in np.ndindex(*y.shape):
        y[n, d, i, j] = max((x[n, d][place] for place in places(x, pooling, i, j)), key=rank)
    return y


def max_pool2d_loop_backward(
    x: np.ndarray,
    grad_y: np.ndarray,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
) -> np.ndarray:
    """Return the gradient of max pooling, with plain loops.

    The largest number of a window gets all of its gradient, the first one where several are equal.

    Parameters
    ----------
    x : numpy.ndarray, shape (B, D, M, N)
        The input of the forward pass.
    grad_y : numpy.ndarray, shape (B, D, M', N')
        The gradient of a loss with respect to the output.
    kernel_size, stride, padding
        As in the forward pass.

    Returns
    -------
    numpy.ndarray, shape (B, D, M, N)

    Raises
    ------
    ValueError
        If a shape or an argument breaks its rule.

    Examples
    --------
    >>> x = np.array([[[[1.0, 3.0], [3.0, 2.0]]]])
    >>> max_pool2d_loop_backward(x, np.array([[[[5.0]]]]), 2)
    array([[[[0., 5.],
             [0., 0.]]]])
    """
    x, pooling = check_pooling(x, kernel_size, stride, padding)
    grad_y = check_pooling_grad(x, pooling, grad_y)
    grad_x = np.zeros_like(x)
    for n, d, i, j in np.ndindex(*grad_y.shape):
        one_map = x[n, d]
        # the first of equals
        largest = max(places(x, pooling, i, j), key=lambda place: rank(one_map[place]))
        grad_x[n, d][largest] += grad_y[n, d, i, j]
    return grad_x


def avg_pool2d_loop(
    x: np.ndarray,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    exclusive: bool = True,
) -> np.ndarray:
    """Return the mean of each window, with plain loops.

    Parameters
    ----------
    x : numpy.ndarray, shape (B, D, M, N)
        A batch of inputs with D maps each.
    kernel_size, stride, padding
        As for `max_pool2d_loop`; what is outside counts as zero.
    exclusive : bool
        Whether the mean is taken over the numbers inside the map only; otherwise over the whole
        window, with the zeros outside.

    Returns
    -------
    numpy.ndarray, shape (B, D, M', N')

    Raises
    ------
    ValueError
        If an argument breaks its rule, or the window is larger than the padded map.

    Examples
    --------
    >>> avg_pool2d_loop(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    array([[[[ 2.5,  4.5],
             [10.5, 12.5]]]])
    """
    x, pooling = check_pooling(x, kernel_size, stride, padding)
    exclusive = flag("exclusive", exclusive)
    y = np.empty((*x.shape[:2], *pooling.maps), x.dtype)  # (B, D, M', N')
    for n, d, i, j in np.ndindex(*y.shape):
        window = list(places(x, pooling, i, j))
        count = len(window) if exclusive else pooling.kernel[0] * pooling.kernel[1]
        y[n, d, i, j] = sum(x[n, d][place] for place in window) / count
    return y


def avg_pool2d_loop_backward(
    x: np.ndarray,
    grad_y: np.ndarray,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    exclusive: bool = True,
) -> np.ndarray:
    """Return the gradient of average pooling, with plain loops: equal shares for a whole window.

    Parameters
    ----------
    x : numpy.ndarray, shape (B, D, M, N)
        The input of the forward pass.
    grad_y : numpy.ndarray, shape (B, D, M', N')
        The gradient of a loss with respect to the output.
    kernel_size, stride, padding, exclusive
        As in the forward pass.

    Returns
    -------
    numpy.ndarray, shape (B, D, M, N)

    Raises
    ------
    ValueError
        If a shape or an argument breaks its rule.

    Examples
    --------
    >>> avg_pool2d_loop_backward(np.zeros((1, 1, 1, 3)), np.array([[[[2.0]]]]), (1, 2))
    array([[[[1., 1., 0.]]]])
    """
    x, pooling = check_pooling(x, kernel_size, stride, padding)
    grad_y = check_pooling_grad(x, pooling, grad_y)
    exclusive = flag("exclusive", exclusive)
    grad_x = np.zeros_like(x)
    for n, d, i, j in np.ndindex(*grad_y.shape):
        window = list(places(x, pooling, i, j))
        count = len(window) if exclusive else pooling.kernel[0] * pooling.kernel[1]
        for place in window:
            grad_x[n, d][place] += grad_y[n, d, i, j] / count
    return grad_x


def rank(number: float) -> tuple[bool, float]:
    """Return what a maximum goes by: a NaN above every number, so that none is hidden."""
    return bool(np.isnan(number)), number


def places(x: np.ndarray, pooling: Pooling, i: int, j: int) -> Iterator[tuple[int, int]]:
    """Yield where window (i, j) lies on a map, row by row; what is outside is left out."""
    (s1, s2), (p1, p2) = pooling.stride, pooling.padding
    for u in range(pooling.kernel[0]):
        for v in range(pooling.kernel[1]):
            row, column = i * s1 + u - p1, j * s2 + v - p2
            if 0 <= row < x.shape[2] and 0 <= column < x.shape[3]:
                yield row, column
