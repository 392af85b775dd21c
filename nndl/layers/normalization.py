"""Batch and layer normalization by hand; what is in half precision is normalized in single."""

from collections.abc import Sequence

import numpy as np

from nndl.arithmetic.checks import number, size
from nndl.device import paddle
from nndl.layers.checks import check_real
from nndl.layers.precision import in_single
from nndl.layers.windows import check_maps

__all__ = ["BatchNorm2D", "LayerNorm"]


def _standardize(x: paddle.Tensor, axes: list[int], epsilon: float) -> tuple[paddle.Tensor, ...]:
    """Return x with mean 0 and variance 1 over the axes, and that mean and variance."""
    mean = x.mean(axis=axes, keepdim=True)
    variance = (x - mean).square().mean(axis=axes, keepdim=True)
    return (x - mean) / (variance + epsilon).sqrt(), mean, variance


class BatchNorm2D(paddle.nn.Layer):
    """Normalize each channel over the batch and the map, then scale and shift it.

    In training by the batch's own mean and variance, which also move the running ones:
    ``running = momentum * running + (1 - momentum) * batch``. In prediction by the running ones.
    Equal to ``paddle.nn.BatchNorm2D`` in output, gradients and running statistics: also in that
    the running variance divides by the count, not by one less, and that in training a batch with a
    single number a channel, or none, passes unchanged and moves nothing: its variance says nothing.

    Parameters
    ----------
    num_features : int
        Channels.
    momentum : float
        How much of the running statistics stays at each step, from 0 to 1.
    epsilon : float
        Added to the variance, so that a constant channel can be divided.

    Attributes
    ----------
    weight, bias : paddle.Tensor, shape (C,)
        Scale and shift, learned.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", arXiv:1502.03167, 2015.

    Examples
    --------
    >>> norm = BatchNorm2D(1, momentum=0.5)
    >>> x = paddle.to_tensor([[[[3.0, 5.0]]]])
    >>> [round(value, 3) for value in norm(x).flatten().tolist()]
    [-1.0, 1.0]
    >>> norm.state_dict()["_mean"].tolist(), norm.state_dict()["_variance"].tolist()
    ([2.0], [1.0])
    """

    def __init__(self, num_features: int, momentum: float = 0.9, epsilon: float = 1e-5) -> None:
        super().__init__()
        shape = [size("num_features", num_features)]
        self.momentum = number("momentum", momentum, 0, 1)
        self.epsilon = number("epsilon", epsilon, above=0)
        ones = paddle.nn.initializer.Constant(1.0)
        self.weight = self.create_parameter(shape, default_initializer=ones)  # (C,)
        self.bias = self.create_parameter(shape, is_bias=True)  # (C,)
        # kept with the state but not learned; named as Paddle names them
        self.register_buffer("_mean", paddle.zeros(shape, dtype=self.weight.dtype))  # (C,)
        self.register_buffer("_variance", paddle.ones(shape, dtype=self.weight.dtype))  # (C,)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Return the normalized maps.

        Parameters
        ----------
        x : paddle.Tensor, shape (N, C, H, W)

        Returns
        -------
        paddle.Tensor, shape (N, C, H, W)

        Raises
        ------
        ValueError
            If x has not C channels.
        """
        check_maps(x, self.weight.shape[0], like=self.weight)
        dtype, x = x.dtype, in_single(x)
        if not self.training:
            mean, variance = self._mean.reshape([-1, 1, 1]), self._variance.reshape([-1, 1, 1])
            normal = (x - mean) / (variance + self.epsilon).sqrt()
        elif x.shape[0] * x.shape[2] * x.shape[3] < 2:
            # x itself, but the parameters have a gradient, zero, which weight decay asks for
            return (x + 0 * (self.weight + self.bias).reshape([-1, 1, 1])).astype(dtype)
        else:
            normal, mean, variance = _standardize(x, [0, 2, 3], self.epsilon)
            self._follow(mean.flatten(), variance.flatten())
        y = normal * self.weight.reshape([-1, 1, 1]) + self.bias.reshape([-1, 1, 1])
        return y.astype(dtype)

    @paddle.no_grad()
    def _follow(self, mean: paddle.Tensor, variance: paddle.Tensor) -> None:
        """Move the running statistics towards those of a batch, (C,) each."""
        for running, batch in ((self._mean, mean), (self._variance, variance)):
            running.set_value(self.momentum * running + (1 - self.momentum) * batch)

    def extra_repr(self) -> str:
        """Return the settings, for the printed layer."""
        return f"{self.weight.shape[0]}, momentum={self.momentum}, epsilon={self.epsilon}"


class LayerNorm(paddle.nn.Layer):
    """Normalize each sample over its last axes, then scale and shift each element.

    The same in training and in prediction, whatever else is in the batch. Equal to
    ``paddle.nn.LayerNorm`` in output and gradients.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        Lengths of the last axes, over which the mean and the variance are taken.
    epsilon : float
        Added to the variance, so that a constant sample can be divided.

    Attributes
    ----------
    weight, bias : paddle.Tensor, shape (product of normalized_shape,)
        Scale and shift of each element, learned.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer normalization", arXiv:1607.06450, 2016.

    Examples
    --------
    >>> x = paddle.to_tensor([[3.0, 5.0], [10.0, 30.0]])
    >>> (LayerNorm(2)(x) * 1000).round().tolist()
    [[-1000.0, 1000.0], [-1000.0, 1000.0]]
    """

    def __init__(self, normalized_shape: int | Sequence[int], epsilon: float = 1e-5) -> None:
        super().__init__()
        several = isinstance(normalized_shape, (tuple, list))
        lengths = normalized_shape if several else [normalized_shape]
        self.normalized_shape = [size("normalized_shape", length) for length in lengths]
        if not self.normalized_shape:
            raise ValueError("normalized_shape must have a length at least, got none")
        self.epsilon = number("epsilon", epsilon, above=0)
        elements = [int(np.prod(self.normalized_shape))]
        ones = paddle.nn.initializer.Constant(1.0)
        self.weight = self.create_parameter(elements, default_initializer=ones)
        self.bias = self.create_parameter(elements, is_bias=True)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Return the normalized samples.

        Parameters
        ----------
        x : paddle.Tensor, shape (..., normalized_shape)

        Returns
        -------
        paddle.Tensor, shape (..., normalized_shape)

        Raises
        ------
        ValueError
            If the last axes of x are not as long as `normalized_shape` says.
        """
        check_real("x", x, like=self.weight)
        last = list(x.shape[-len(self.normalized_shape) :])
        if last != self.normalized_shape:
            raise ValueError(
                f"x must end in normalized_shape {self.normalized_shape}, got {tuple(x.shape)}"
            )
        axes = list(range(-len(last), 0))
        normal, _, _ = _standardize(in_single(x), axes, self.epsilon)
        return (normal * self.weight.reshape(last) + self.bias.reshape(last)).astype(x.dtype)

    def extra_repr(self) -> str:
        """Return the settings, for the printed layer."""
        return f"{self.normalized_shape}, epsilon={self.epsilon}"
