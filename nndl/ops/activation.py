"""Activation functions, element by element, and the softmax.

They work in place (``out=``, ``+=``) on one new array where they can: for large inputs, memory that
was never used costs more than the arithmetic. Where `np.asarray` stands around a result, it may be
a single number, of which NumPy would make no array.
"""

import math

import numpy as np

from nndl.arithmetic.checks import flag, integer, number
from nndl.ops.base import Op
from nndl.ops.checks import check_axes, gradient_of, real
from nndl.ops.error_function import erf

__all__ = ["GELU", "LeakyReLU", "LogSoftmax", "Logistic", "ReLU", "Softmax", "Tanh"]

TANH_SCALE, TANH_CUBIC = math.sqrt(2 / math.pi), 0.044715
FARTHEST = 40.0  # from here on exp(-x * x / 2) is 0 in double precision


class Logistic(Op):
    """The logistic function: y = 1 / (1 + exp(-x)), from 0 to 1. Also called sigmoid.

    Examples
    --------
    >>> logistic = Logistic()
    >>> logistic(np.array([0.0, -1000.0])), logistic.backward(np.array([1.0, 1.0]))
    (array([0.5, 0. ]), array([0.25, 0.  ]))
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the logistic function of x."""
        self.saved = y = logistic(real("x", x))
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        y = self.saved
        slope = 1 - y
        slope *= y
        slope *= gradient_of(y, outputs_grads)
        return slope


def logistic(x: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-x)), right to its last digits for any x.

    Parameters
    ----------
    x : numpy.ndarray
        Floating-point, any shape.

    Returns
    -------
    numpy.ndarray

    Examples
    --------
    >>> logistic(np.array([-1e4, 0.0, 1e4]))
    array([0. , 0.5, 1. ])
    """
    y = np.asarray(-x)
    with np.errstate(over="ignore"):  # exp(-x) may become infinite: 1 / infinity is 0, as it should
        np.exp(y, out=y)
    y += 1
    return np.reciprocal(y, out=y)


class Tanh(Op):
    """The hyperbolic tangent, from -1 to 1.

    Examples
    --------
    >>> tanh = Tanh()
    >>> tanh(np.array([0.0])), tanh.backward(np.array([2.0]))
    (array([0.]), array([2.]))
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return tanh(x)."""
        self.saved = y = np.tanh(real("x", x))
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        y = self.saved
        slope = np.asarray(y * y)
        np.subtract(1, slope, out=slope)
        slope *= gradient_of(y, outputs_grads)
        return slope


class ReLU(Op):
    """The rectifier: y = max(x, 0). Its gradient at 0 is taken to be 0.

    Examples
    --------
    >>> relu = ReLU()
    >>> relu(np.array([-2.0, 0.0, 3.0])), relu.backward(np.ones(3))
    (array([0., 0., 3.]), array([0., 0., 1.]))
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return max(x, 0)."""
        self.saved = y = np.maximum(real("x", x), 0)
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        y = self.saved
        return gradient_of(y, outputs_grads) * (y > 0)


class LeakyReLU(Op):
    """The leaky rectifier: y = x above 0, a small multiple of x below.

    Parameters
    ----------
    negative_slope : float
        The slope below 0, and at 0.

    References
    ----------
    A. L. Maas, A. Y. Hannun and A. Y. Ng, "Rectifier nonlinearities improve neural network
    acoustic models", 2013.

    Examples
    --------
    >>> leaky = LeakyReLU(0.1)
    >>> leaky(np.array([-2.0, 3.0])), leaky.backward(np.ones(2))
    (array([-0.2,  3. ]), array([0.1, 1. ]))
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = float(number("negative_slope", negative_slope))

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x where it is above 0, and negative_slope * x elsewhere."""
        self.saved = x = real("x", x)
        y = np.asarray(self.negative_slope * x)
        # the line that is right is the upper one on both sides of 0, or on both the lower one
        return (np.maximum if self.negative_slope <= 1 else np.minimum)(x, y, out=y)

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        x = self.saved
        grad = gradient_of(x, outputs_grads)
        above = grad * (x > 0)  # quicker than np.where, whose branches can't be foreseen
        below = grad - above
        below *= self.negative_slope
        below += above
        return below


class GELU(Op):
    """The Gaussian error linear unit: y = x F(x), F the normal distribution's share below x.

    Parameters
    ----------
    approximate : bool
        Whether F is computed by a hyperbolic tangent instead of the error function.

    References
    ----------
    D. Hendrycks and K. Gimpel, "Gaussian error linear units (GELUs)", 2016.

    Examples
    --------
    >>> gelu = GELU()
    >>> gelu(np.array([0.0, 1.0])).round(4), gelu.backward(np.ones(2)).round(4)
    (array([0.    , 0.8413]), array([0.5   , 1.0833]))
    """

    def __init__(self, approximate: bool = False) -> None:
        super().__init__()
        self.approximate = flag("approximate", approximate)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x F(x)."""
        x = real("x", x)
        share = _tanh_share(x) if self.approximate else _normal_share(x)
        self.saved = x, share
        return x * share

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x: F(x) + x F'(x)."""
        x, share = self.saved
        slope = _tanh_slope(x, share) if self.approximate else _normal_density(x)
        slope *= x
        slope += share
        slope *= gradient_of(x, outputs_grads)
        return slope


def _normal_share(x: np.ndarray) -> np.ndarray:
    """Return the normal distribution's share below x."""
    share = erf(np.asarray(x / math.sqrt(2)))
    share += 1
    share *= 0.5
    return share


def _normal_density(x: np.ndarray) -> np.ndarray:
    """Return the normal distribution's density at x."""
    # beyond the farthest it is 0, but the square there may be infinite
    density = np.asarray(np.minimum(np.abs(x), FARTHEST))
    density *= density
    density *= -0.5
    np.exp(density, out=density)
    density /= math.sqrt(2 * math.pi)
    return density


def _tanh_share(x: np.ndarray) -> np.ndarray:
    """Return the normal distribution's share below x, approximated by a tangent."""
    share = np.asarray(np.clip(x, -FARTHEST, FARTHEST))
    share *= TANH_SCALE * (1 + TANH_CUBIC * share * share)
    np.tanh(share, out=share)
    share += 1
    share *= 0.5
    return share


def _tanh_slope(x: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return the derivative of that approximation."""
    slope = np.clip(x, -FARTHEST, FARTHEST)
    slope *= slope
    slope *= 3 * TANH_CUBIC
    slope += 1
    slope *= share
    slope *= 1 - share
    slope *= 2 * TANH_SCALE
    return slope


class Softmax(Op):
    """The softmax: numbers of any size become positive ones that add up to 1.

    Of minus infinities alone there is none: NaN, as in Paddle. (In attention, where they stand for
    what is masked, the weights are 0.)

    Parameters
    ----------
    axis : int
        Along which they add up to 1.

    Examples
    --------
    >>> softmax = Softmax()
    >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    >>> softmax.backward(np.array([[2.0, 1.0], [1.0, 1.0]]))
    array([[ 0.25, -0.25],
           [ 0.  ,  0.  ]])
    """

    def __init__(self, axis: int = -1) -> None:
        super().__init__()
        self.axis = integer("axis", axis, least=None)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the softmax of x."""
        x = real("x", x)
        y = x - largest(x, self.axis)
        np.exp(y, out=y)  # the largest is exp(0): nothing overflows
        y /= y.sum(axis=self.axis, keepdims=True)
        self.saved = y
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        y = self.saved
        grad = gradient_of(y, outputs_grads) * y
        grad -= y * grad.sum(axis=self.axis, keepdims=True)
        return grad


class LogSoftmax(Op):
    """The logarithm of the softmax, computed without a logarithm of zero.

    Parameters
    ----------
    axis : int
        Along which the softmax adds up to 1.

    Examples
    --------
    >>> LogSoftmax()(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """

    def __init__(self, axis: int = -1) -> None:
        super().__init__()
        self.axis = integer("axis", axis, least=None)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return log(softmax(x))."""
        self.saved = y = log_softmax(real("x", x), self.axis)
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        y = self.saved
        grad = gradient_of(y, outputs_grads)
        taken = np.exp(y)
        taken *= grad.sum(axis=self.axis, keepdims=True)
        return np.subtract(grad, taken, out=taken)


def log_softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """Return x - log(sum(exp(x))); neither the exponential overflows nor the logarithm.

    Parameters
    ----------
    x : numpy.ndarray
        Floating-point, any shape.
    axis : int
        Along which to sum.

    Returns
    -------
    numpy.ndarray

    Examples
    --------
    >>> log_softmax(np.array([1e4, 0.0]))
    array([     0., -10000.])
    """
    y = x - largest(x, axis)
    y -= np.log(np.exp(y).sum(axis=axis, keepdims=True))
    return y


def largest(x: np.ndarray, axis: int) -> np.ndarray:
    """Return the largest element along an axis, which stays with length 1.

    Parameters
    ----------
    x : numpy.ndarray
        At least one axis.
    axis : int

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        If x has no such axis, or there is nothing along it.

    Examples
    --------
    >>> largest(np.array([[1.0, 3.0]]), -1)
    array([[3.]])
    """
    check_axes((axis,), x.ndim)
    if not x.shape[axis]:
        raise ValueError(f"x must have at least one element along axis {axis}, got {x.shape}")
    return x.max(axis=axis, keepdims=True)
