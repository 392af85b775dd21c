"""Convolution as matrix products: the fast version of what `convolution_loop` spells out.

Every window of the input is copied into a column of a matrix; the kernels, one a row, times that
matrix are all the outputs at once.
"""

import numpy as np

from nndl.arithmetic.checks import flag, grouped_channels, pair
from nndl.ops.base import Op
from nndl.ops.checks import generator, gradient_of, real
from nndl.ops.convolution_shapes import (
    Size,
    check_convolution,
    check_grad_y,
    conv_output_shape,
    window_settings,
)
from nndl.ops.convolution_windows import Windows

__all__ = ["Conv2D", "conv2d", "conv2d_backward"]


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
    settings = window_settings(stride, padding, dilation)
    maps = conv_output_shape(x.shape[2:], weight.shape[2:], *settings, window="weight")
    windows = Windows(x.shape, weight.shape, maps, settings, groups, x.dtype)
    kernels = weight.reshape(groups, len(weight) // groups, -1)  # (g, P/g, D/g*U*V)
    y = np.empty((len(x), *kernels.shape[:2], maps[0] * maps[1]), x.dtype)  # (B, g, P/g, M'*N')
    for block in windows.blocks():  # a few samples at a time
        columns = windows.unfold(x[block])  # (b, g, D/g*U*V, M'*N'), each window a column
        np.matmul(kernels, columns, out=y[block])
        if bias is not None:
            y[block] += bias.reshape(groups, -1, 1)  # while the block is in the cache
    return y.reshape(len(x), len(weight), *maps)  # (B, P, M', N')


def conv2d_backward(
    x: np.ndarray,
    weight: np.ndarray,
    grad_y: np.ndarray,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
    input_grad: bool = True,
) -> tuple[np.ndarray | None, np.ndarray, np.ndarray]:
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
    input_grad : bool
        Whether grad_x is needed; None takes its place where not, and half of the work is saved.

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
    grad_y = check_grad_y(x, weight, grad_y, stride, padding, dilation)
    input_grad = flag("input_grad", input_grad)
    settings = window_settings(stride, padding, dilation)
    maps = grad_y.shape[2:]
    windows = Windows(x.shape, weight.shape, maps, settings, groups, x.dtype)
    kernels = weight.reshape(groups, len(weight) // groups, -1)  # (g, P/g, D/g*U*V)
    transposed = np.ascontiguousarray(kernels.swapaxes(1, 2))  # (g, D/g*U*V, P/g)
    by_group = grad_y.reshape(len(x), *kernels.shape[:2], maps[0] * maps[1])  # (B, g, P/g, M'*N')
    grad_kernels = np.zeros_like(kernels)
    grad_x = np.empty(x.shape, x.dtype) if input_grad else None
    for block in windows.blocks():
        columns, grads = windows.unfold(x[block]), by_group[block]
        grad_kernels += kernels_grads(grads, columns)
        if input_grad:
            np.matmul(transposed, grads, out=columns)  # now the gradient of every window
            grad_x[block] = windows.fold(len(grads))
    return grad_x, grad_kernels.reshape(weight.shape), grad_y.sum(axis=(0, 2, 3))


def kernels_grads(grads: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the sum over samples of ``grads @ columns.T``, (g, P/g, D/g*U*V).

    On large maps one product a sample, then the sum; where one sample's product would be larger
    than what it is made of, all samples' positions are put into one long row, one product sums all.
    """
    (_, groups, outputs, positions), taps = grads.shape, columns.shape[2]
    if outputs * taps < (outputs + taps) * positions:
        return (grads @ columns.swapaxes(2, 3)).sum(axis=0)
    grads = grads.transpose(1, 2, 0, 3).reshape(groups, outputs, -1)  # (g, P/g, b*M'*N')
    columns = columns.transpose(1, 0, 3, 2).reshape(groups, -1, taps)  # (g, b*M'*N', D/g*U*V)
    return grads @ columns


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
    input_grad : bool
        Whether `backward` returns the gradient of its input, at first True; with False it returns
        None in half the time, enough for the first layer of a network, whose input is data.

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

    input_grad = True

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
        settings = window_settings(stride, padding, dilation)
        in_channels, out_channels, groups = grouped_channels(in_channels, out_channels, groups)
        shape = (out_channels, in_channels // groups, *pair("kernel_size", kernel_size))
        bound = 1 / np.sqrt(np.prod(shape[1:]))
        self.params["weight"] = generator(seed).uniform(-bound, bound, shape)
        if flag("bias", bias):
            self.params["bias"] = np.zeros(out_channels)
        self.settings = (*settings, groups)

    def forward(self, x: np.ndarray) -> np.ndarray:  # (B, D, M, N) -> (B, P, M', N')
        """Return the convolution of x, in the type of x."""
        x = real("x", x)  # integers are convolved in double precision
        weight = self.params["weight"].astype(x.dtype, copy=False)
        bias = self.params.get("bias")
        y = conv2d(x, weight, None if bias is None else bias.astype(x.dtype), *self.settings)
        self.saved = x, weight, y.shape
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray | None:
        """Return the gradient with respect to x, in its type, and keep those of the parameters."""
        x, weight, shape = self.saved
        grad = gradient_of(np.empty(shape, x.dtype), outputs_grads)
        grad_x, grad_weight, grad_bias = conv2d_backward(
            x, weight, grad, *self.settings, input_grad=self.input_grad
        )
        self.grads["weight"] = grad_weight
        if "bias" in self.params:
            self.grads["bias"] = grad_bias
        return grad_x
