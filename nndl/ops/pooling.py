"""Pooling, one axis after the other: the fast version of what `pooling_loop` spells out.

The largest number of a window is the largest of its columns' largest numbers, and a sum is the sum
of its columns' sums. So a window of U x V costs U + V passes instead of U * V, each over all
windows at once. A few maps at a time, so that what lies between the passes stays in the cache.
"""

import numpy as np

from nndl.arithmetic.checks import flag
from nndl.ops.base import Op
from nndl.ops.buffers import short_buffers
from nndl.ops.checks import gradient_of, real
from nndl.ops.convolution_shapes import Size
from nndl.ops.pooling_shapes import check_pooling, check_pooling_grad, pooling_settings
from nndl.ops.pooling_windows import (
    COLUMNS,
    ROWS,
    blocks,
    combine,
    hand_to_all,
    hand_to_first,
    inside,
    slices,
    taps,
    to_nearest,
)

__all__ = [
    "AvgPool2D",
    "GlobalAvgPool2D",
    "MaxPool2D",
    "avg_pool2d",
    "avg_pool2d_backward",
    "max_pool2d",
    "max_pool2d_backward",
]


def max_pool2d(
    x: np.ndarray, kernel_size: Size, stride: Size | None = None, padding: Size = 0
) -> np.ndarray:
    """Return the largest number of each window.

    Parameters
    ----------
    x : numpy.ndarray, shape (B, D, M, N)
        A batch of inputs with D maps each; not changed.
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
        In the type of x, float32 or float64. A NaN counts as the largest number, so that none is
        hidden, and a window of minus infinities has minus infinity. (Paddle 3.3 returns a NaN only
        if it is the last of its window, and the lowest finite number for minus infinities.)

    Raises
    ------
    ValueError
        If an argument breaks its rule, or the window is larger than the padded map.

    Examples
    --------
    >>> max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2)
    array([[[[ 5.,  7.],
             [13., 15.]]]])
    """
    x, pooling = check_pooling(x, kernel_size, stride, padding)
    rows, columns = taps(pooling)
    y = np.empty((x.shape[0] * x.shape[1], *pooling.maps), x.dtype)  # (B*D, M', N')
    with short_buffers():
        for block, maps in blocks(x, pooling, outside=-np.inf):
            highest = combine(np.maximum, maps, rows, ROWS)  # (b, M', N + 2P)
            y[block] = combine(np.maximum, highest, columns, COLUMNS)
    return y.reshape(*x.shape[:2], *pooling.maps)


def max_pool2d_backward(
    x: np.ndarray,
    grad_y: np.ndarray,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
) -> np.ndarray:
    """Return the gradient of max pooling.

    The largest number of a window gets all of its gradient, the first one where several are equal:
    that of the first row with one, and in this row the first. So the columns are combined first
    here, and the gradient is handed to rows, then to columns. A NaN counts as the largest number.
    (In Paddle 3.3 a window has no gradient that has a NaN last, or minus infinities only.)

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
    >>> max_pool2d_backward(x, np.array([[[[5.0]]]]), 2)
    array([[[[0., 5.],
             [0., 0.]]]])
    """
    x, pooling = check_pooling(x, kernel_size, stride, padding)
    grad_y = check_pooling_grad(x, pooling, grad_y).reshape(-1, *pooling.maps)  # (B*D, M', N')
    rows, columns = taps(pooling)
    grad_x = np.empty((len(grad_y), *x.shape[2:]), x.dtype)  # (B*D, M, N)
    with short_buffers():
        for block, maps in blocks(x, pooling, outside=-np.inf):
            widest = combine(np.maximum, maps, columns, COLUMNS)  # (b, M + 2P, N')
            largest = combine(np.maximum, widest, rows, ROWS)  # (b, M', N')
            grads = hand_to_first(grad_y[block], largest, widest, rows, ROWS)
            grads = hand_to_first(grads, widest, maps, columns, COLUMNS)
            grad_x[block] = to_nearest(grads, pooling)[inside(x, pooling)]
    return grad_x.reshape(x.shape)


def avg_pool2d(
    x: np.ndarray,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    exclusive: bool = True,
) -> np.ndarray:
    """Return the mean of each window.

    Parameters
    ----------
    x : numpy.ndarray, shape (B, D, M, N)
        A batch of inputs with D maps each; not changed.
    kernel_size, stride, padding
        As for `max_pool2d`; what is outside counts as zero.
    exclusive : bool
        Whether the mean is taken over the numbers inside the map only; otherwise over the whole
        window, with the zeros outside.

    Returns
    -------
    numpy.ndarray, shape (B, D, M', N')
        In the type of x, float32 or float64.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or the window is larger than the padded map.

    Examples
    --------
    >>> x = np.full((1, 1, 2, 2), 8.0)
    >>> avg_pool2d(x, 2, stride=1, padding=(0, 1))
    array([[[[8., 8., 8.]]]])
    >>> avg_pool2d(x, 2, stride=1, padding=(0, 1), exclusive=False)
    array([[[[4., 8., 4.]]]])
    """
    x, pooling = check_pooling(x, kernel_size, stride, padding)
    rows, columns = taps(pooling)
    counts = pooling.counts(x.shape[2:], exclusive).astype(x.dtype)  # (M', N')
    y = np.empty((x.shape[0] * x.shape[1], *pooling.maps), x.dtype)  # (B*D, M', N')
    with short_buffers():
        for block, maps in blocks(x, pooling, outside=0):
            sums = combine(np.add, maps, rows, ROWS)  # (b, M', N + 2P)
            y[block] = combine(np.add, sums, columns, COLUMNS)
            y[block] /= counts
    return y.reshape(*x.shape[:2], *pooling.maps)


def avg_pool2d_backward(
    x: np.ndarray,
    grad_y: np.ndarray,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    exclusive: bool = True,
) -> np.ndarray:
    """Return the gradient of average pooling: equal shares for a whole window.

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
    >>> avg_pool2d_backward(np.zeros((1, 1, 1, 3)), np.array([[[[2.0]]]]), (1, 2))
    array([[[[1., 1., 0.]]]])
    """
    x, pooling = check_pooling(x, kernel_size, stride, padding)
    grad_y = check_pooling_grad(x, pooling, grad_y).reshape(-1, *pooling.maps)  # (B*D, M', N')
    rows, columns = taps(pooling)
    counts = pooling.counts(x.shape[2:], exclusive).astype(x.dtype)  # (M', N')
    height, width = (n + 2 * p for n, p in zip(x.shape[2:], pooling.padding, strict=True))
    grad_x = np.empty((len(grad_y), *x.shape[2:]), x.dtype)  # (B*D, M, N)
    with short_buffers():
        for block in slices(x):
            shares = grad_y[block] / counts
            grads = hand_to_all(shares, height, rows, ROWS)  # (b, M + 2P, N')
            grads = hand_to_all(grads, width, columns, COLUMNS)  # (b, M + 2P, N + 2P)
            grad_x[block] = grads[inside(x, pooling)]
    return grad_x.reshape(x.shape)


class MaxPool2D(Op):
    """The max pooling operator: the largest number of each window, or the first NaN in it.

    Parameters
    ----------
    kernel_size : int or (int, int)
        Height and width of a window.
    stride : int or (int, int), optional
        Step between windows; unless given, the window's size.
    padding : int or (int, int)
        How far windows reach beyond each side, less than the window's size.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> pool = MaxPool2D(2)
    >>> pool(np.arange(16.0).reshape(1, 1, 4, 4)).tolist()
    [[[[5.0, 7.0], [13.0, 15.0]]]]
    >>> pool.backward(np.ones((1, 1, 2, 2))).sum()
    np.float64(4.0)
    """

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        super().__init__()
        self.settings = pooling_settings(kernel_size, stride, padding)

    def forward(self, x: np.ndarray) -> np.ndarray:  # (B, D, M, N) -> (B, D, M', N')
        """Return the largest number of each window."""
        x = real("x", x, ndim=4)
        y = max_pool2d(x, *self.settings)
        self.saved = x, y.shape
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:  # (B, D, M', N') -> (B, D, M, N)
        """Return the gradient with respect to x."""
        x, shape = self.saved
        grad = gradient_of(np.empty(shape, x.dtype), outputs_grads)
        return max_pool2d_backward(x, grad, *self.settings)


class AvgPool2D(Op):
    """The average pooling operator: the mean of each window.

    Parameters
    ----------
    kernel_size, stride, padding
        As for `MaxPool2D`.
    exclusive : bool
        Whether the mean is taken over the numbers inside the map only; otherwise over the whole
        window, with the zeros outside.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> pool = AvgPool2D(2)
    >>> pool(np.arange(16.0).reshape(1, 1, 4, 4)).tolist()
    [[[[2.5, 4.5], [10.5, 12.5]]]]
    """

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        exclusive: bool = True,
    ) -> None:
        super().__init__()
        self.settings = (
            *pooling_settings(kernel_size, stride, padding),
            flag("exclusive", exclusive),
        )

    def forward(self, x: np.ndarray) -> np.ndarray:  # (B, D, M, N) -> (B, D, M', N')
        """Return the mean of each window."""
        x = real("x", x, ndim=4)
        y = avg_pool2d(x, *self.settings)
        self.saved = x, y.shape
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:  # (B, D, M', N') -> (B, D, M, N)
        """Return the gradient with respect to x."""
        x, shape = self.saved
        grad = gradient_of(np.empty(shape, x.dtype), outputs_grads)
        return avg_pool2d_backward(x, grad, *self.settings)


class GlobalAvgPool2D(Op):
    """The mean of each map.

    References
    ----------
    M. Lin, Q. Chen and S. Yan, "Network in network", 2014.

    Examples
    --------
    >>> pool = GlobalAvgPool2D()
    >>> pool(np.arange(8.0).reshape(1, 2, 2, 2)).tolist()
    [[[[1.5]], [[5.5]]]]
    """

    def forward(self, x: np.ndarray) -> np.ndarray:  # (B, D, M, N) -> (B, D, 1, 1)
        """Return the mean of each map."""
        x = real("x", x, ndim=4)
        if 0 in x.shape[2:]:
            raise ValueError(f"x must have maps of at least one number, got shape {x.shape}")
        y = x.mean(axis=(2, 3), keepdims=True)
        self.saved = x.shape, y
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:  # (B, D, 1, 1) -> (B, D, M, N)
        """Return the gradient with respect to x: equal shares for a whole map."""
        shape, y = self.saved
        shares = gradient_of(y, outputs_grads) / (shape[2] * shape[3])
        return np.repeat(shares, shape[2] * shape[3], axis=3).reshape(shape)
