"""Convolution with plain loops: what the chapters derive, one line for each symbol of the formula.

Slow on purpose. `nndl.ops.conv2d` computes the same numbers fast, and a test holds the two equal.
"""

import numpy as np

from nndl.ops.convolution_shapes import (
    check_convolution,
    check_correlation,
    check_grad_y,
    conv_output_shape,
    pad_maps,
    window_settings,
)

__all__ = ["conv2d_loop", "conv2d_loop_backward", "correlate2d_loop"]


def correlate2d_loop(
    x: np.ndarray,
    w: np.ndarray,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
) -> np.ndarray:
    """Slide a kernel over one map and sum the products, with plain loops.

    Parameters
    ----------
    x : numpy.ndarray, shape (M, N)
        One map.
    w : numpy.ndarray, shape (U, V)
        One kernel. It is not flipped: this is cross-correlation, which deep learning calls
        convolution.
    stride, padding, dilation : int or (int, int)
        Step between windows, zeros on each side, distance between taps; a pair is (rows, columns).

    Returns
    -------
    numpy.ndarray, shape (M', N')
        ``M' = (M + 2 * padding - dilation * (U - 1) - 1) // stride + 1``, N' likewise.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or the kernel is larger than the padded map.

    Examples
    --------
    >>> x = np.arange(1.0, 10.0).reshape(3, 3)
    >>> correlate2d_loop(x, np.ones((2, 2)))
    array([[12., 16.],
           [24., 28.]])
    """
    x, w = check_correlation(x, w)
    (s1, s2), (p1, p2), (d1, d2) = window_settings(stride, padding, dilation)
    rows, columns = conv_output_shape(x.shape, w.shape, stride, padding, dilation, "w")
    x = np.pad(x, ((p1, p1), (p2, p2)))  # (M + 2P, N + 2P)
    y = np.zeros((rows, columns), dtype=np.result_type(x, w))  # (M', N')
    for i in range(rows):
        for j in range(columns):
            for u in range(w.shape[0]):
                for v in range(w.shape[1]):
                    y[i, j] += w[u, v] * x[i * s1 + u * d1, j * s2 + v * d2]
    return y


def conv2d_loop(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
) -> np.ndarray:
    """Convolve a batch of many-channel maps, with plain loops.

    Parameters
    ----------
    x : numpy.ndarray, shape (B, D, M, N)
        A batch of inputs with D maps each.
    weight : numpy.ndarray, shape (P, D / groups, U, V)
        One kernel for each output map and each input map of its group.
    bias : numpy.ndarray of shape (P,), optional
        Added to each output map.
    stride, padding, dilation : int or (int, int)
        As for `correlate2d_loop`.
    groups : int
        Into how many independent convolutions the channels are split; divides D and P.

    Returns
    -------
    numpy.ndarray, shape (B, P, M', N')

    Raises
    ------
    ValueError
        If a shape or an argument breaks its rule.

    Examples
    --------
    >>> conv2d_loop(np.ones((1, 2, 3, 3)), np.ones((1, 2, 3, 3)), bias=np.array([0.5]))
    array([[[[18.5]]]])
    """
    x, weight, bias = check_convolution(x, weight, bias, groups)
    rows, columns = conv_output_shape(
        x.shape[2:], weight.shape[2:], stride, padding, dilation, window="weight"
    )
    out_channels, depth = weight.shape[:2]
    y = np.zeros((len(x), out_channels, rows, columns), dtype=x.dtype)  # (B, P, M', N')
    for n in range(len(x)):
        for p in range(out_channels):
            first = p // (out_channels // groups) * depth  # the first input map of p's group
            for d in range(depth):
                one_map, kernel = x[n, first + d], weight[p, d]
                y[n, p] += correlate2d_loop(one_map, kernel, stride, padding, dilation)
            if bias is not None:
                y[n, p] += bias[p]
    return y


def conv2d_loop_backward(
    x: np.ndarray,
    weight: np.ndarray,
    grad_y: np.ndarray,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of a convolution, with plain loops.

    Each product ``w * x`` of the forward pass hands ``grad_y * x`` to w and ``grad_y * w`` to x.

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
    >>> conv2d_loop_backward(x, w, np.ones((1, 1, 1, 1)))[1]
    array([[[[0., 1.],
             [2., 3.]]]])
    """
    x, weight, _ = check_convolution(x, weight, None, groups)
    (s1, s2), (p1, p2), (d1, d2) = window_settings(stride, padding, dilation)
    grad_y = check_grad_y(x, weight, grad_y, stride, padding, dilation)
    out_channels, depth, height, width = weight.shape
    padded = pad_maps(x, (p1, p2))  # (B, D, M + 2P, N + 2P)
    grad_padded = np.zeros_like(padded)
    grad_weight = np.zeros_like(weight)
    for n, p, i, j in np.ndindex(*grad_y.shape):
        g = grad_y[n, p, i, j]
        first = p // (out_channels // groups) * depth
        for d in range(depth):
            for u in range(height):
                for v in range(width):
                    place = n, first + d, i * s1 + u * d1, j * s2 + v * d2
                    grad_weight[p, d, u, v] += g * padded[place]
                    grad_padded[place] += g * weight[p, d, u, v]
    grad_x = grad_padded[:, :, p1 : p1 + x.shape[2], p2 : p2 + x.shape[3]]  # (B, D, M, N)
    return grad_x, grad_weight, grad_y.sum(axis=(0, 2, 3))
