"""Activation functions, element by element, and the softmax."""

import functools
import math

import numpy as np

from nndl.ops.base import Op
from nndl.ops.checks import gradient_of, real

__all__ = ["GELU", "LeakyReLU", "LogSoftmax", "Logistic", "ReLU", "Softmax", "Tanh"]


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
        return gradient_of(y, outputs_grads) * y * (1 - y)


def logistic(x: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-x)); no exponential overflows.

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
    small = np.exp(-np.abs(x))  # at most 1
    return np.where(x >= 0, 1, small) / (1 + small)


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
        return gradient_of(y, outputs_grads) * (1 - y * y)


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
        self.negative_slope = float(negative_slope)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x where it is above 0, and negative_slope * x elsewhere."""
        self.saved = x = real("x", x)
        return np.where(x > 0, x, self.negative_slope * x)

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        x = self.saved
        grad = gradient_of(x, outputs_grads)
        return np.where(x > 0, grad, self.negative_slope * grad)


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
        self.approximate = bool(approximate)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x F(x)."""
        x = real("x", x)
        share, density = _tanh_share(x) if self.approximate else _normal_share(x)
        self.saved = x, share, density
        return x * share

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x: F(x) + x F'(x)."""
        x, share, density = self.saved
        return gradient_of(x, outputs_grads) * (share + x * density)


def _normal_share(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the normal distribution's share below x, and its density at x."""
    share = 0.5 + 0.5 * erf(x / math.sqrt(2))
    return share, np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


def _tanh_share(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an approximation of that share by a tangent, and its derivative."""
    scale, cubic = math.sqrt(2 / math.pi), 0.044715
    tangent = np.tanh(scale * (x + cubic * x**3))
    slope = 0.5 * (1 - tangent * tangent) * scale * (1 + 3 * cubic * x * x)
    return 0.5 + 0.5 * tangent, slope


STEP, LAST, TERMS = 1 / 16, 6, 10  # beyond 6 the error function is 1 in double precision


@functools.cache
def _erf_series() -> np.ndarray:
    """Return the Taylor coefficients of the error function about 0, STEP, 2 STEP, ..., LAST.

    Its derivative is 2 / sqrt(pi) exp(-x^2), and the derivatives of that are Hermite polynomials:
    h_0 = 1, h_1 = 2x, h_{n+1} = 2x h_n - 2n h_{n-1}, with alternating signs.
    """
    places = np.arange(0, LAST + STEP, STEP)
    series = np.empty((TERMS, len(places)))
    series[0] = [math.erf(place) for place in places]
    slope = 2 / math.sqrt(math.pi) * np.exp(-(places**2))
    before, hermite = np.zeros_like(places), np.ones_like(places)
    for n in range(TERMS - 1):
        series[n + 1] = (-1) ** n * hermite * slope / math.factorial(n + 1)
        before, hermite = hermite, 2 * places * hermite - 2 * n * before
    return series


def erf(x: np.ndarray) -> np.ndarray:
    """Return the error function of each element, by the Taylor series about the nearest 1/16.

    NumPy has none, and `math.erf` takes one number at a time.

    Parameters
    ----------
    x : numpy.ndarray
        Floating-point, any shape.

    Returns
    -------
    numpy.ndarray
        In the type of x, right to its last digits.

    Examples
    --------
    >>> float(abs(erf(np.array(0.7)) - math.erf(0.7))) < 1e-15
    True
    """
    size = np.minimum(np.abs(x), LAST).astype(np.float64)
    size = np.where(np.isnan(size), 0, size)
    nearest = np.rint(size / STEP).astype(int)
    away = size - nearest * STEP  # at most half a step
    series = _erf_series()
    value = series[-1][nearest]
    for coefficients in series[-2::-1]:
        value = value * away + coefficients[nearest]
    return np.where(np.isnan(x), np.nan, np.copysign(value, x)).astype(x.dtype)


class Softmax(Op):
    """The softmax: numbers of any size become positive ones that add up to 1.

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
        self.axis = axis

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the softmax of x."""
        x = real("x", x)
        y = np.exp(x - largest(x, self.axis))  # the largest becomes exp(0): nothing overflows
        y /= y.sum(axis=self.axis, keepdims=True)
        self.saved = y
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        y = self.saved
        grad = gradient_of(y, outputs_grads)
        return y * (grad - (grad * y).sum(axis=self.axis, keepdims=True))


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
        self.axis = axis

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return log(softmax(x))."""
        self.saved = y = log_softmax(real("x", x), self.axis)
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        y = self.saved
        grad = gradient_of(y, outputs_grads)
        return grad - np.exp(y) * grad.sum(axis=self.axis, keepdims=True)


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
    shifted = x - largest(x, axis)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


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
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"axis must be one of x's {x.ndim}, got {axis}")
    if not x.shape[axis]:
        raise ValueError(f"x must have at least one element along axis {axis}, got {x.shape}")
    return x.max(axis=axis, keepdims=True)
