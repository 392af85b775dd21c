"""Convolution as matrix products: the fast version of what `convolution_loop` spells out.

For one sample at a time, every window of the input is copied into a column of a matrix; the
kernels, one a row, times that matrix are all the outputs at once. The matrix is a small buffer used
again for each sample, which keeps it in the processor's cache.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from nndl.arithmetic.checks import integer, pair
from nndl.ops.base import Op
from nndl.ops.convolution_shapes import (
    Size,
    check_convolution,
    check_grad_y,
    conv_output_shape,
    pad_maps,
    window_settings,
)

__all__ = ["Conv2D", "conv2d", "conv2d_backward"]


def windows(
    padded: np.ndarray,
    kernel_shape: tuple[int, int],
    output_shape: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
) -> np.ndarray:
    """Return a view (D, U, V, M', N') of one sample (D, M, N): the taps of every window.

    No number is copied: element (d, u, v, i, j) is ``padded[d, i*s1 + u*d1, j*s2 + v*d2]``.
    """
    step_map, step_row, step_column = padded.strides
    steps = (step_row * dilation[0], step_column * dilation[1])
    steps += (step_row * stride[0], step_column * stride[1])
    shape = (len(padded), *kernel_shape, *output_shape)
    return as_strided(padded, shape, (step_map, *steps), writeable=False)


def conv2d(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> np.ndarray:
    """Convolve a batch of many-channel maps.

    Parameters
    ----------
    x : numpy.ndarray, shape (B, D, M, N)
        A batch of inputs with D maps each; not changed.
    weight : numpy.ndarray, shape (P, D / groups, U, V)
        One kernel for each output map and each input map of its group.
    bias : numpy.ndarray of shape (P,), optional
        Added to each output map.
    stride, padding, dilation : int or (int, int)
        Step between windows, zeros on each side, distance between taps; a pair is (rows, columns).
    groups : int
        Into how many independent convolutions the channels are split; divides D and P.

    Returns
    -------
    numpy.ndarray, shape (B, P, M', N')
        In the type of the inputs, float32 or float64.

    Raises
    ------
    ValueError
        If a shape or an argument breaks its rule.

    References
    ----------
    K. Chellapilla, S. Puri and P. Simard, "High performance convolutional neural networks for
    document processing", 2006 (convolution unrolled into a matrix product).

    Examples
    --------
    >>> x = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    >>> conv2d(x, np.ones((1, 1, 2, 2)))
    array([[[[12., 16.],
             [24., 28.]]]])
    """
    x, weight, bias = check_convolution(x, weight, bias, groups)
    stride, padding, dilation = window_settings(stride, padding, dilation)
    maps = conv_output_shape(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    out_channels, depth, *kernel = weight.shape
    kernels = weight.reshape(groups, out_channels // groups, -1)  # (g, P/g, D/g*U*V)
    columns = np.empty((groups * depth, *kernel, *maps), x.dtype)
    matrix = columns.reshape(groups, kernels.shape[2], -1)  # (g, D/g*U*V, M'*N')
    y = np.empty((len(x), out_channels, *maps), x.dtype)
    by_group = y.reshape(len(x), groups, kernels.shape[1], -1)  # (B, g, P/g, M'*N')
    for sample, out in zip(x, by_group, strict=True):
        padded = pad_maps(sample, padding)
        columns[...] = windows(padded, tuple(kernel), maps, stride, dilation)
        np.matmul(kernels, matrix, out=out)
    if bias is not None:
        y += bias[:, None, None]
    return y


def conv2d_backward(
    x: np.ndarray,
    weight: np.ndarray,
    grad_y: np.ndarray,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of a convolution.

    Parameters
    ----------
    x : numpy.ndarray, shape (B, D, M, N)
        The input of the forward pass.
    weight : numpy.ndarray, shape (P, D / groups, U, V)
        Its kernels.
    grad_y : numpy.ndarray, shape (B, P, M', N')
        The gradient of a loss with respect to the output.
    stride, padding, dilation, groups
        As in the forward pass.

    Returns
    -------
    grad_x, grad_weight, grad_bias : numpy.ndarray
        In the shapes of x and weight, and (P,).

    Raises
    ------
    ValueError
        If a shape or an argument breaks its rule.

    Examples
    --------
    >>> x, w = np.arange(4.0).reshape(1, 1, 2, 2), np.full((1, 1, 2, 2), 3.0)
    >>> conv2d_backward(x, w, np.ones((1, 1, 1, 1)))[1]
    array([[[[0., 1.],
             [2., 3.]]]])
    """
    x, weight, _ = check_convolution(x, weight, None, groups)
    check_grad_y(x, weight, grad_y, stride, padding, dilation)
    stride, padding, dilation = window_settings(stride, padding, dilation)
    grad_y = np.ascontiguousarray(grad_y, dtype=x.dtype)
    out_channels, depth, *kernel = weight.shape
    kernel, maps = tuple(kernel), grad_y.shape[2:]
    kernels = weight.reshape(groups, out_channels // groups, -1)  # (g, P/g, D/g*U*V)
    transposed = np.ascontiguousarray(kernels.transpose(0, 2, 1))  # (g, D/g*U*V, P/g)
    columns = np.empty((groups * depth, *kernel, *maps), x.dtype)
    matrix = columns.reshape(groups, kernels.shape[2], -1)  # (g, D/g*U*V, M'*N')
    by_group = grad_y.reshape(len(x), groups, kernels.shape[1], -1)  # (B, g, P/g, M'*N')
    grad_kernels = np.zeros_like(kernels)
    grad_x = np.empty_like(x)
    for n, sample in enumerate(x):
        columns[...] = windows(pad_maps(sample, padding), kernel, maps, stride, dilation)
        grad_kernels += by_group[n] @ matrix.transpose(0, 2, 1)
        np.matmul(transposed, by_group[n], out=matrix)  # now the gradient of every window
        grad_x[n] = fold(columns, sample.shape, stride, padding, dilation)
    return grad_x, grad_kernels.reshape(weight.shape), grad_y.sum(axis=(0, 2, 3))


def fold(
    columns: np.ndarray,
    shape: tuple[int, int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
    dilation: tuple[int, int],
) -> np.ndarray:
    """Add the windows (D, U, V, M', N') back onto the positions (D, M, N) they were read from."""
    _, height, width, rows, cols = columns.shape
    depth, m, n = shape
    padded = np.zeros((depth, m + 2 * padding[0], n + 2 * padding[1]), columns.dtype)
    for u in range(height):
        for v in range(width):
            top, left = u * dilation[0], v * dilation[1]
            bottom, right = top + rows * stride[0], left + cols * stride[1]
            padded[:, top : bottom : stride[0], left : right : stride[1]] += columns[:, u, v]
    return padded[:, padding[0] : padding[0] + m, padding[1] : padding[1] + n]


class Conv2D(Op):
    """The convolution operator of many input and output maps, with learned kernels.

    Parameters
    ----------
    in_channels, out_channels : int
        D and P: how many maps come in and go out; both divisible by `groups`.
    kernel_size : int or (int, int)
        Height and width of the kernels.
    stride, padding, dilation : int or (int, int)
        Step between windows, zeros on each side, distance between taps.
    groups : int
        Into how many independent convolutions the channels are split.
    bias : bool
        Whether each output map has a bias, at first zero.
    seed : int
        Draws the kernels, uniformly within ``1 / sqrt(D / groups * U * V)`` on both sides of zero.

    Attributes
    ----------
    params : dict
        "weight" of shape (P, D / groups, U, V) and, with a bias, "bias" of shape (P,).

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> conv = Conv2D(3, 8, kernel_size=3, stride=2, padding=1)
    >>> y = conv(np.ones((2, 3, 8, 8)))
    >>> y.shape, conv.backward(np.ones_like(y)).shape, conv.grads["weight"].shape
    ((2, 8, 4, 4), (2, 3, 8, 8), (8, 3, 3, 3))
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__()
        stride, padding, dilation = window_settings(stride, padding, dilation)
        integer("groups", groups)
        for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if integer(name, channels) % groups:
                raise ValueError(f"{name} must be divisible by groups, got {channels}, {groups}")
        shape = (out_channels, in_channels // groups, *pair("kernel_size", kernel_size))
        bound = 1 / np.sqrt(np.prod(shape[1:]))
        self.params["weight"] = np.random.default_rng(seed).uniform(-bound, bound, shape)
        if bias:
            self.params["bias"] = np.zeros(out_channels)
        self.settings = (stride, padding, dilation, groups)

    def forward(self, x: np.ndarray) -> np.ndarray:  # (B, D, M, N) -> (B, P, M', N')
        """Return the convolution of x, in the type of x."""
        x = np.asarray(x)
        dtype = x.dtype if np.issubdtype(x.dtype, np.floating) else np.float64
        self.x = x
        params = {name: value.astype(dtype, copy=False) for name, value in self.params.items()}
        return conv2d(x, params["weight"], params.get("bias"), *self.settings)

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:  # (B, P, M', N') -> (B, D, M, N)
        """Return the gradient with respect to x and keep those of weight and bias."""
        weight = self.params["weight"].astype(np.result_type(outputs_grads), copy=False)
        grad_x, grad_weight, grad_bias = conv2d_backward(
            self.x, weight, outputs_grads, *self.settings
        )
        self.grads["weight"] = grad_weight
        if "bias" in self.params:
            self.grads["bias"] = grad_bias
        return grad_x
