"""Normalization: numbers are brought to mean 0 and variance 1, then scaled and shifted.

The two kinds differ in what they take the mean over: batch normalization over the samples, for each
channel by itself; layer normalization over the features, for each sample by itself.
"""

import math
from collections.abc import Sequence

import numpy as np

from nndl.arithmetic.checks import number, size
from nndl.ops.base import Op
from nndl.ops.checks import gradient_of, real

__all__ = ["BatchNorm", "LayerNorm", "normalize_loop"]


def normalize_loop(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray, epsilon: float = 1e-5
) -> np.ndarray:
    """Normalize each row of a table, with plain loops: what both operators do.

    A row is what the mean is taken over: the features of a sample for layer normalization, the
    samples of a channel for batch normalization.

    Parameters
    ----------
    x : numpy.ndarray, shape (N, D)
        N rows.
    weight, bias : numpy.ndarray, shape (N, D)
        The scale and the shift of each element.
    epsilon : float
        Added to the variance.

    Returns
    -------
    numpy.ndarray, shape (N, D)

    Raises
    ------
    ValueError
        If a shape or an argument breaks its rule.

    Examples
    --------
    >>> row = np.array([[1.0, 3.0]])
    >>> normalize_loop(row, np.ones((1, 2)), np.zeros((1, 2)), epsilon=0.0)
    array([[-1.,  1.]])
    """
    x = real("x", x, ndim=2)
    if not x.shape[1]:
        raise ValueError(f"x must have a number or more in each row, got shape {x.shape}")
    weight, bias = _like("weight", weight, x), _like("bias", bias, x)
    epsilon = number("epsilon", epsilon, 0)
    y = np.empty_like(x)
    rows, columns = x.shape
    for i in range(rows):
        mean = sum(x[i, j] for j in range(columns)) / columns
        variance = sum((x[i, j] - mean) ** 2 for j in range(columns)) / columns
        for j in range(columns):
            normal = (x[i, j] - mean) / math.sqrt(variance + epsilon)
            y[i, j] = weight[i, j] * normal + bias[i, j]
    return y


def _like(name: str, value: np.ndarray, x: np.ndarray) -> np.ndarray:
    array = real(name, value)
    if array.shape != x.shape:
        raise ValueError(f"{name} must have the shape of x {x.shape}, got {array.shape}")
    return array


def normalization_grad(
    grad: np.ndarray, normal: np.ndarray, mean: np.ndarray, along: np.ndarray
) -> np.ndarray:
    """Return the gradient of x but for its scale, given that of the normalized x.

    Mean and variance depend on x as well: two parts of the gradient, its mean and its component
    along x, change nothing and are taken out.

    Parameters
    ----------
    grad : numpy.ndarray
        The gradient of the normalized x.
    normal : numpy.ndarray
        The normalized x; the result takes its place, which saves new memory.
    mean, along : numpy.ndarray
        The mean of `grad`, and that of `grad` times `normal`, over what was normalized.

    Returns
    -------
    numpy.ndarray

    Examples
    --------
    >>> normalization_grad(np.array([3.0, 5.0]), np.array([-1.0, 1.0]), 4.0, 1.0)
    array([0., 0.])
    """
    normal *= -along
    normal -= mean
    normal += grad
    return normal


class BatchNorm(Op):
    """Batch normalization: each channel is normalized over the samples and places of the batch.

    While training, mean and variance are those of the batch, and running ones are kept; in use the
    running ones take their place. While training, a batch with a single number a channel, or none,
    passes unchanged and moves nothing, as in Paddle: its variance says nothing.

    Parameters
    ----------
    num_features : int
        The channels: the length of axis 1 of an input (N, C), (N, C, L) or (N, C, H, W).
    momentum : float
        What share of the running statistics stays at each batch, from 0 to 1.
    epsilon : float
        Added to the variance.

    Attributes
    ----------
    params : dict
        "weight" and "bias" of shape (num_features,), at first 1 and 0.
    buffers : dict
        "mean" and "variance" of shape (num_features,), at first 0 and 1.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or x has another number of channels.

    References
    ----------
    S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", 2015.

    Examples
    --------
    >>> norm = BatchNorm(2)
    >>> y = norm(np.array([[1.0, 10.0], [3.0, 30.0]]))
    >>> y.round(3), norm.buffers["mean"]
    (array([[-1., -1.],
           [ 1.,  1.]]), array([0.2, 2. ]))
    """

    def __init__(self, num_features: int, momentum: float = 0.9, epsilon: float = 1e-5) -> None:
        super().__init__()
        features = size("num_features", num_features)
        self.momentum = float(number("momentum", momentum, 0, 1))
        self.epsilon = float(number("epsilon", epsilon, above=0))
        self.params = {"weight": np.ones(features), "bias": np.zeros(features)}
        self.buffers = {"mean": np.zeros(features), "variance": np.ones(features)}

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x normalized, scaled and shifted, in its type."""
        x = real("x", x)
        channels = len(self.params["weight"])
        if x.ndim < 2 or x.shape[1] != channels:
            raise ValueError(f"x must have {channels} channels in axis 1, got shape {x.shape}")
        if self.training and x.size <= channels:
            self.saved = x, None
            return x.copy()
        groups = x.reshape(len(x), channels, math.prod(x.shape[2:]))  # (N, C, L)
        if self.training:
            mean = groups.mean(axis=(0, 2))  # (C,)
            y = groups - mean[:, None]
            variance = np.einsum("ncl,ncl->c", y, y) / (x.size // channels)
            self._keep(mean=mean, variance=variance)
        else:
            mean, variance = (self.buffers[n].astype(x.dtype) for n in ("mean", "variance"))
            y = groups - mean[:, None]
        deviation = np.sqrt(variance + self.epsilon)
        scale = self.params["weight"].astype(x.dtype) / deviation
        y *= scale[:, None]
        y += self.params["bias"].astype(x.dtype)[:, None]
        # x in place of the normalized x: one large array less to fill
        self.saved = x, (mean, deviation, scale, self.training)
        return y.reshape(x.shape)

    def _keep(self, **statistics: np.ndarray) -> None:
        """Bring the running statistics nearer to those of a batch."""
        for name, value in statistics.items():
            self.buffers[name] *= self.momentum
            self.buffers[name] += (1 - self.momentum) * value

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x, and keep those of weight and bias."""
        x, normalized_by = self.saved
        grad = gradient_of(x, outputs_grads)
        if normalized_by is None:  # x has passed unchanged
            self.grads = {name: np.zeros(x.shape[1], x.dtype) for name in self.params}
            return grad
        mean, deviation, scale, training = normalized_by
        grad = grad.reshape(len(x), len(mean), math.prod(x.shape[2:]))  # (N, C, L)
        normal = x.reshape(grad.shape) - mean[:, None]
        normal /= deviation[:, None]
        weight_grad, bias_grad = np.einsum("ncl,ncl->c", grad, normal), grad.sum(axis=(0, 2))
        self.grads = {"weight": weight_grad, "bias": bias_grad}
        if training:
            count = x.size // len(mean)
            means = bias_grad[:, None] / count, weight_grad[:, None] / count
            grad = normalization_grad(grad, normal, *means)
        # else: the running statistics do not depend on x
        return (grad * scale[:, None]).reshape(x.shape)


class LayerNorm(Op):
    """Layer normalization: each sample is normalized over its own features.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The last axes of the input, over which the mean is taken.
    epsilon : float
        Added to the variance.

    Attributes
    ----------
    params : dict
        "weight" and "bias" of shape normalized_shape, at first 1 and 0.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or x has other last axes.

    References
    ----------
    J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer normalization", 2016.

    Examples
    --------
    >>> norm = LayerNorm(2, epsilon=1e-12)
    >>> norm(np.array([[1.0, 3.0], [10.0, 10.0]]))
    array([[-1.,  1.],
           [ 0.,  0.]])
    """

    def __init__(self, normalized_shape: int | Sequence[int], epsilon: float = 1e-5) -> None:
        super().__init__()
        given = normalized_shape
        lengths = given if isinstance(given, (tuple, list)) else (given,)
        shape = tuple(size("normalized_shape", length) for length in lengths)
        if not shape:
            raise ValueError("normalized_shape must name at least one axis, got none")
        self.epsilon = float(number("epsilon", epsilon, above=0))
        self.params = {"weight": np.ones(shape), "bias": np.zeros(shape)}

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x normalized, scaled and shifted, in its type."""
        x = real("x", x)
        shape = self.params["weight"].shape
        if x.shape[-len(shape) :] != shape:
            raise ValueError(f"x must have {shape} as its last axes, got shape {x.shape}")
        weight, bias = (self.params[n].astype(x.dtype).reshape(-1) for n in ("weight", "bias"))
        rows = x.reshape(-1, weight.size)  # (N, D)
        # by a product: NumPy's own mean is slow over a short axis
        mean = (rows @ np.full(weight.size, 1 / weight.size, x.dtype))[:, None]  # (N, 1)
        y = rows - mean
        variance = np.einsum("nd,nd->n", y, y)[:, None] / weight.size
        deviation = np.sqrt(variance + self.epsilon)
        y /= deviation
        y *= weight
        y += bias
        # x in place of the normalized x: one large array less to fill
        self.saved = x, mean, deviation, weight
        return y.reshape(x.shape)

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x, and keep those of weight and bias."""
        x, mean, deviation, weight = self.saved
        grad = gradient_of(x, outputs_grads).reshape(-1, weight.size)  # (N, D)
        normal = x.reshape(grad.shape) - mean
        normal /= deviation
        shape = self.params["weight"].shape
        self.grads = {
            "weight": np.einsum("nd,nd->d", grad, normal).reshape(shape),
            "bias": grad.sum(axis=0).reshape(shape),
        }
        mean = (grad @ (weight / weight.size))[:, None]  # of grad * weight: (N, 1)
        grad = grad * weight
        along = np.einsum("nd,nd->n", grad, normal)[:, None] / weight.size
        grad = normalization_grad(grad, normal, mean, along)
        grad /= deviation
        return grad.reshape(x.shape)
