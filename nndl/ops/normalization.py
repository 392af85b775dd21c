"""Normalization: numbers are brought to mean 0 and variance 1, then scaled and shifted.

The two kinds differ in what they take the mean over: batch normalization over the samples, for each
channel by itself; layer normalization over the features, for each sample by itself.
"""

import math
from collections.abc import Sequence

import numpy as np

from nndl.arithmetic.checks import integer
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

    Examples
    --------
    >>> row = np.array([[1.0, 3.0]])
    >>> normalize_loop(row, np.ones((1, 2)), np.zeros((1, 2)), epsilon=0.0)
    array([[-1.,  1.]])
    """
    x = real("x", x, ndim=2)
    y = np.empty_like(x)
    rows, columns = x.shape
    for i in range(rows):
        mean = sum(x[i, j] for j in range(columns)) / columns
        variance = sum((x[i, j] - mean) ** 2 for j in range(columns)) / columns
        for j in range(columns):
            normal = (x[i, j] - mean) / math.sqrt(variance + epsilon)
            y[i, j] = weight[i, j] * normal + bias[i, j]
    return y


def normalization_grad(
    grad_normal: np.ndarray, normal: np.ndarray, deviation: np.ndarray, axes: tuple[int, ...]
) -> np.ndarray:
    """Return the gradient of x, given that of the normalized x.

    Mean and variance depend on x as well: two parts of the gradient, its mean and its component
    along x, change nothing and are taken out.

    Parameters
    ----------
    grad_normal, normal : numpy.ndarray
        The gradient of the normalized x, and the normalized x.
    deviation : numpy.ndarray
        The root of variance and epsilon, with length 1 along the axes.
    axes : tuple of int
        Over which mean and variance were taken.

    Returns
    -------
    numpy.ndarray

    Examples
    --------
    >>> normal = np.array([[-1.0, 1.0]])
    >>> normalization_grad(np.array([[3.0, 5.0]]), normal, np.ones((1, 1)), (1,))
    array([[0., 0.]])
    """
    mean = grad_normal.mean(axis=axes, keepdims=True)
    along = (grad_normal * normal).mean(axis=axes, keepdims=True)
    grad = normal * along
    np.subtract(grad_normal, grad, out=grad)  # in place: fewer passes over memory
    grad -= mean
    grad /= deviation
    return grad


class BatchNorm(Op):
    """Batch normalization: each channel is normalized over the samples and places of the batch.

    While training, mean and variance are those of the batch, and running ones are kept; in use the
    running ones take their place.

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
        If an argument breaks its rule, or x has another number of channels, or holds no sample
        while training.

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
        features = integer("num_features", num_features)
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum must be from 0 to 1, got {momentum!r}")
        self.momentum, self.epsilon = float(momentum), positive("epsilon", epsilon)
        self.params = {"weight": np.ones(features), "bias": np.zeros(features)}
        self.buffers = {"mean": np.zeros(features), "variance": np.ones(features)}

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x normalized, scaled and shifted, in its type."""
        x = real("x", x)
        channels = len(self.params["weight"])
        if x.ndim < 2 or x.shape[1] != channels:
            raise ValueError(f"x must have {channels} channels in axis 1, got shape {x.shape}")
        axes = (0, *range(2, x.ndim))
        shape = (1, channels, *(1,) * (x.ndim - 2))  # to stand beside x
        if self.training:
            if not x.size:
                raise ValueError(f"x must hold a sample while training, got shape {x.shape}")
            mean = x.mean(axis=axes, keepdims=True)
            variance = x.var(axis=axes, keepdims=True)
            for name, value in (("mean", mean), ("variance", variance)):
                running = self.buffers[name]
                running *= self.momentum
                running += (1 - self.momentum) * value.reshape(-1)
        else:
            mean = self.buffers["mean"].astype(x.dtype).reshape(shape)
            variance = self.buffers["variance"].astype(x.dtype).reshape(shape)
        deviation = np.sqrt(variance + x.dtype.type(self.epsilon))
        normal = (x - mean) / deviation
        weight, bias = (self.params[n].astype(x.dtype).reshape(shape) for n in ("weight", "bias"))
        self.saved = normal, deviation, weight, axes, self.training
        return normal * weight + bias

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x, and keep those of weight and bias."""
        normal, deviation, weight, axes, training = self.saved
        grad = gradient_of(normal, outputs_grads)
        self.grads = {"weight": (grad * normal).sum(axis=axes), "bias": grad.sum(axis=axes)}
        if not training:  # the running statistics do not depend on x
            return grad * weight / deviation
        return normalization_grad(grad * weight, normal, deviation, axes)


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
        shape = tuple(integer("normalized_shape", length) for length in lengths)
        if not shape:
            raise ValueError("normalized_shape must name at least one axis, got none")
        self.epsilon = positive("epsilon", epsilon)
        self.params = {"weight": np.ones(shape), "bias": np.zeros(shape)}

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x normalized, scaled and shifted, in its type."""
        x = real("x", x)
        shape = self.params["weight"].shape
        if x.shape[-len(shape) :] != shape:
            raise ValueError(f"x must have {shape} as its last axes, got shape {x.shape}")
        axes = tuple(range(x.ndim - len(shape), x.ndim))
        normal = x - x.mean(axis=axes, keepdims=True)
        variance = np.square(normal).mean(axis=axes, keepdims=True)
        deviation = np.sqrt(variance + x.dtype.type(self.epsilon))
        normal /= deviation
        weight = self.params["weight"].astype(x.dtype)
        self.saved = normal, deviation, weight, axes
        y = normal * weight
        y += self.params["bias"].astype(x.dtype)
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x, and keep those of weight and bias."""
        normal, deviation, weight, axes = self.saved
        grad = gradient_of(normal, outputs_grads)
        leading = tuple(range(axes[0]))
        self.grads = {"weight": (grad * normal).sum(axis=leading), "bias": grad.sum(axis=leading)}
        return normalization_grad(grad * weight, normal, deviation, axes)


def positive(name: str, value: float) -> float:
    """Return a number that is above 0, or say that it is not."""
    if not value > 0:
        raise ValueError(f"{name} must be above 0, got {value!r}")
    return float(value)
