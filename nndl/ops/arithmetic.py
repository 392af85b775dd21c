"""The operators of arithmetic, element by element, and sums."""

import math

import numpy as np

from nndl.arithmetic.checks import flag, integer, number
from nndl.ops.base import Op
from nndl.ops.checks import check_axes, gradient_of, real, same_type

__all__ = ["Add", "Divide", "Exp", "Log", "Mean", "Multiply", "Pow", "Power", "Subtract", "Sum"]

Axis = int | tuple[int, ...] | None


def two(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return two arrays in one floating-point type, or say why they do not go together."""
    x, y = same_type(real("x", x), real("y", y))
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        raise ValueError(
            f"x and y must have shapes that broadcast, got {x.shape} and {y.shape}"
        ) from None
    return x, y


def sum_to(grad: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum a gradient back to the shape of an input that broadcasting has repeated.

    Each copy of an element had its own share in the loss; the element's gradient is their sum.

    Parameters
    ----------
    grad : numpy.ndarray
        In the broadcast shape.
    shape : tuple of int
        The input's own.

    Returns
    -------
    numpy.ndarray
        In the shape asked for.

    Examples
    --------
    >>> sum_to(np.ones((2, 3)), (3,)), sum_to(np.ones((2, 3)), (2, 1)).tolist()
    (array([2., 2., 2.]), [[3.0], [3.0]])
    """
    if grad.shape == shape:
        return grad
    added = grad.ndim - len(shape)
    repeated = [a for a in range(added, grad.ndim) if shape[a - added] == 1 != grad.shape[a]]
    return grad.sum(axis=(*range(added), *repeated), keepdims=True).reshape(shape)


class Add(Op):
    """Add two arrays: z = x + y. The gradient passes to both, as it is.

    Examples
    --------
    >>> add = Add()
    >>> add(np.array([1.0, 2.0]), np.array([3.0, 5.0]))
    array([4., 7.])
    >>> add.backward(np.array([1.0, 10.0]))
    (array([ 1., 10.]), array([ 1., 10.]))
    """

    def forward(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return x + y."""
        x, y = two(x, y)
        z = x + y
        self.saved = x.shape, y.shape, z
        return z

    def backward(self, outputs_grads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients with respect to x and y."""
        x_shape, y_shape, z = self.saved
        grad = gradient_of(z, outputs_grads)
        return sum_to(grad, x_shape), sum_to(grad, y_shape)


class Subtract(Op):
    """Subtract an array from another: z = x - y.

    Examples
    --------
    >>> subtract = Subtract()
    >>> subtract(np.array([3.0]), np.array([1.0])), subtract.backward(np.array([2.0]))
    (array([2.]), (array([2.]), array([-2.])))
    """

    def forward(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return x - y."""
        x, y = two(x, y)
        z = x - y
        self.saved = x.shape, y.shape, z
        return z

    def backward(self, outputs_grads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients with respect to x and y."""
        x_shape, y_shape, z = self.saved
        grad = gradient_of(z, outputs_grads)
        return sum_to(grad, x_shape), sum_to(-grad, y_shape)


class Multiply(Op):
    """Multiply two arrays element by element: z = x * y. Each one's gradient is the other.

    Examples
    --------
    >>> multiply = Multiply()
    >>> multiply(np.array([2.0]), np.array([5.0])), multiply.backward(np.array([1.0]))
    (array([10.]), (array([5.]), array([2.])))
    """

    def forward(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return x * y."""
        x, y = two(x, y)
        z = x * y
        self.saved = x, y, z
        return z

    def backward(self, outputs_grads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients with respect to x and y."""
        x, y, z = self.saved
        grad = gradient_of(z, outputs_grads)
        return sum_to(grad * y, x.shape), sum_to(grad * x, y.shape)


class Divide(Op):
    """Divide an array by another, element by element: z = x / y.

    Examples
    --------
    >>> divide = Divide()
    >>> divide(np.array([6.0]), np.array([2.0])), divide.backward(np.array([1.0]))
    (array([3.]), (array([0.5]), array([-1.5])))
    """

    def forward(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return x / y."""
        x, y = two(x, y)
        z = x / y
        self.saved = x, y, z
        return z

    def backward(self, outputs_grads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients with respect to x and y."""
        x, y, z = self.saved
        grad = gradient_of(z, outputs_grads) / y
        return sum_to(grad, x.shape), sum_to(-grad * z, y.shape)


class Exp(Op):
    """The exponential of each element: y = exp(x), its own derivative.

    Examples
    --------
    >>> exp = Exp()
    >>> exp(np.array([0.0])), exp.backward(np.array([3.0]))
    (array([1.]), array([3.]))
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return exp(x)."""
        self.saved = y = np.exp(real("x", x))
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        y = self.saved
        return gradient_of(y, outputs_grads) * y


class Log(Op):
    """The natural logarithm of each element.

    Examples
    --------
    >>> log = Log()
    >>> log(np.array([1.0, 4.0])).round(3), log.backward(np.array([1.0, 1.0]))
    (array([0.   , 1.386]), array([1.  , 0.25]))
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return log(x)."""
        self.saved = x = real("x", x)
        return np.log(x)

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        x = self.saved
        return gradient_of(x, outputs_grads) / x


class Power(Op):
    """Each element to a constant power: y = x ** exponent.

    Parameters
    ----------
    exponent : float

    Raises
    ------
    ValueError
        If the exponent is not one finite number.

    Examples
    --------
    >>> cube = Power(3)
    >>> cube(np.array([2.0])), cube.backward(np.array([1.0]))
    (array([8.]), array([12.]))
    """

    def __init__(self, exponent: float) -> None:
        super().__init__()
        # a Python number leaves single precision as it is
        self.exponent = float(number("exponent", exponent))

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x ** exponent."""
        self.saved = x = real("x", x)
        return x**self.exponent

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        x = self.saved
        grad = gradient_of(x, outputs_grads)
        if self.exponent == 0:  # a constant; the formula would give 0 * inf where x is 0
            return np.zeros_like(x)
        return grad * (self.exponent * x ** (self.exponent - 1))


class Pow(Op):
    """Each element of an array to the power of another's: z = x ** y.

    The gradient with respect to y is z log(x). Where x is 0 and y is not negative, 0 takes the
    place of the logarithm's infinity: z stays 0 for any y above 0. Where x is negative, a power
    close by is not a real number: the gradient with respect to y is NaN, as Paddle's is.

    Examples
    --------
    >>> power = Pow()
    >>> power(np.array([2.0, 0.0]), np.array([3.0, 2.0])), power.backward(np.ones(2))[0]
    (array([8., 0.]), array([12.,  0.]))
    >>> power.backward(np.ones(2))[1].round(3)  # 8 log(2), and 0
    array([5.545, 0.   ])
    """

    def forward(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return x ** y."""
        x, y = two(x, y)
        z = x**y
        self.saved = x, y, z
        return z

    def backward(self, outputs_grads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients with respect to x and y."""
        x, y, z = self.saved
        grad = gradient_of(z, outputs_grads)
        with np.errstate(divide="ignore", invalid="ignore"):  # at 0 and below, see above
            slope_x, slope_y = np.asarray(y * x ** (y - 1)), np.asarray(z * np.log(x))
        np.copyto(slope_x, 0, where=y == 0)  # a constant, also where x is 0
        np.copyto(slope_y, 0, where=(x == 0) & (y >= 0))
        return sum_to(grad * slope_x, x.shape), sum_to(grad * slope_y, y.shape)


class Sum(Op):
    """Sum over some axes, or all. Every element that was summed gets the sum's gradient.

    Parameters
    ----------
    axis : int or tuple of int, optional
        Which axes; all by default.
    keepdims : bool
        Whether a summed axis stays, with length 1.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or x has no such axis.

    Examples
    --------
    >>> total = Sum(axis=1)
    >>> total(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([3., 7.])
    >>> total.backward(np.array([1.0, 10.0]))
    array([[ 1.,  1.],
           [10., 10.]])
    """

    def __init__(self, axis: Axis = None, keepdims: bool = False) -> None:
        super().__init__()
        several = isinstance(axis, (tuple, list))
        given = () if axis is None else axis if several else (axis,)
        axes = tuple(integer("axis", one, least=None) for one in given)
        self.axis = None if axis is None else axes
        self.keepdims = flag("keepdims", keepdims)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the sum."""
        x = real("x", x)
        y = np.asarray(x.sum(axis=self._axes(x.ndim), keepdims=self.keepdims))
        self.saved = x.shape, y
        return y

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        shape, y = self.saved
        grad = gradient_of(y, outputs_grads)
        if not self.keepdims and self.axis is not None:
            grad = np.expand_dims(grad, self._axes(len(shape)))
        return np.broadcast_to(grad, shape).copy()

    def _axes(self, ndim: int) -> tuple[int, ...]:
        """Return the summed axes of an array with so many axes, counted from the front."""
        return tuple(range(ndim)) if self.axis is None else check_axes(self.axis, ndim)


class Mean(Sum):
    """The mean over some axes, or all: the sum, divided by how many elements went into it.

    Parameters
    ----------
    axis : int or tuple of int, optional
        Which axes; all by default.
    keepdims : bool
        Whether an axis stays, with length 1.

    Raises
    ------
    ValueError
        If an argument breaks its rule, x has no such axis, or there is nothing to take a mean of.

    Examples
    --------
    >>> mean = Mean()
    >>> mean(np.array([1.0, 2.0, 6.0])), mean.backward(3.0)
    (array(3.), array([1., 1., 1.]))
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the mean."""
        total = super().forward(x)
        if not self._count():
            raise ValueError(f"x must hold something to take a mean of, got shape {np.shape(x)}")
        return np.asarray(total / self._count())

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x."""
        # divided first, while it is small
        return super().backward(real("outputs_grads", outputs_grads) / self._count())

    def _count(self) -> int:
        """Return how many elements went into each sum."""
        shape, _ = self.saved
        return math.prod(shape[axis] for axis in self._axes(len(shape)))
