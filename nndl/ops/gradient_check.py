"""Compare an operator's gradient with the slope of its output."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from nndl.arithmetic.checks import number
from nndl.ops.base import Op
from nndl.ops.checks import generator, given_back, plain

__all__ = ["GradientReport", "check_gradients"]


class GradientReport(NamedTuple):
    """What a gradient check found: the largest relative error, by input and parameter."""

    errors: dict[str, float]

    @property
    def largest(self) -> float:
        """The largest of the errors."""
        return max(self.errors.values())


def check_gradients(
    op: Op,
    inputs: Sequence[np.ndarray],
    seed: int = 0,
    eps: float = 1e-6,
    tolerance: float = 1e-5,
) -> GradientReport:
    """Check every gradient of an operator against central differences.

    The output, or each of several, is weighted with random numbers and summed; each element of each
    floating-point input and parameter is moved by ``eps`` both ways, and the slope is compared with
    the gradient, relative to the larger of the two. The size of the numbers does not matter, as
    long as it is above the rounding of the slope itself.

    Parameters
    ----------
    op : Op
        The operator; called with the inputs in double precision.
    inputs : sequence of numpy.ndarray
        Any shapes that the operator takes; integer inputs, and None for one that is left out,
        are passed on and not checked. They are not changed.
    seed : int
        Draws the weights of the output.
    eps : float
        The step, in units of the input.
    tolerance : float
        The largest relative error allowed.

    Returns
    -------
    GradientReport
        The largest error of each input ("input 0", ...) and of each parameter, by name.

    Raises
    ------
    AssertionError
        If an error is larger than `tolerance`; the message names the worst element.
    ValueError
        If a gradient has not the shape of what it belongs to.

    References
    ----------
    X. Qiu, "Neural Networks and Deep Learning", chapter 4 (gradient checking).

    Examples
    --------
    >>> from nndl.ops import Conv2D
    >>> report = check_gradients(Conv2D(2, 3, 3, stride=2, padding=1), [np.ones((1, 2, 5, 5))])
    >>> sorted(report.errors), report.largest < 1e-6
    (['bias', 'input 0', 'weight'], True)
    """
    if not isinstance(op, Op):
        raise TypeError(f"op must be an Op, got {type(op).__name__}")
    if not isinstance(inputs, (tuple, list)) or not any(x is not None for x in inputs):
        raise ValueError(f"inputs must be a sequence of at least one array, got {inputs!r}")
    eps, tolerance = number("eps", eps, above=0), number("tolerance", tolerance, above=0)
    inputs = [None if x is None else _own_copy(plain("inputs", x)) for x in inputs]
    while inputs[-1] is None:  # left out at the end: it has no gradient, see Op
        inputs.pop()
    kept = dict(op.params)
    op.params = {name: value.astype(np.float64) for name, value in kept.items()}
    try:
        return _compare(op, inputs, seed, eps, tolerance)
    finally:
        op.params = kept


def _own_copy(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float64) if np.issubdtype(x.dtype, np.floating) else x.copy()


def _as_tuple(arrays: np.ndarray | tuple) -> tuple:
    return arrays if isinstance(arrays, tuple) else (arrays,)


def _compare(
    op: Op, inputs: list[np.ndarray | None], seed: int, eps: float, tolerance: float
) -> GradientReport:
    outputs = op(*inputs)
    rng = generator(seed)
    weights = tuple(rng.standard_normal(y.shape) for y in _as_tuple(outputs))
    grads = op.backward(weights if isinstance(outputs, tuple) else weights[0])
    grads = given_back(type(op).__name__, inputs, grads)

    def terms() -> np.ndarray:
        weighted = zip(_as_tuple(op(*inputs)), weights, strict=True)
        return np.concatenate([(y * w).ravel() for y, w in weighted])

    checked = {
        f"input {i}": (x, grad)
        for i, (x, grad) in enumerate(zip(inputs, grads, strict=True))
        if x is not None and np.issubdtype(x.dtype, np.floating)
    }
    checked |= {name: (value, op.grads[name]) for name, value in op.params.items()}
    errors = {}
    for name, (value, grad) in checked.items():
        if grad.shape != value.shape:
            raise ValueError(f"gradient of {name} must have shape {value.shape}, got {grad.shape}")
        if not value.size:
            errors[name] = 0.0
            continue
        slope, rounding = _slope(terms, value, eps)
        # where both are as small as their rounding, the error is measured against that
        scale = np.maximum(np.maximum(np.abs(slope), np.abs(grad)), 10 * rounding / tolerance)
        error = np.abs(slope - grad) / scale
        worst = np.unravel_index(error.argmax(), error.shape)
        errors[name] = float(error[worst])
        if not errors[name] <= tolerance:  # a NaN must fail too
            place = tuple(map(int, worst))
            raise AssertionError(
                f"gradient of {name} at {place}: backward gives {grad[worst]:.6g}, "
                f"the slope is {slope[worst]:.6g}, with eps {eps:g} and tolerance {tolerance:g}"
            )
    return GradientReport(errors)


def _slope(
    terms: Callable[[], np.ndarray], value: np.ndarray, eps: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return for each element of `value` the slope of the sum of `terms`, and its rounding.

    Terms that do not depend on an element cancel before they are summed, and do not blur it.
    """
    slope, rounding = np.empty_like(value), np.empty_like(value)
    for index in np.ndindex(value.shape):
        before = value[index]
        value[index] = high = before + eps
        above = terms()
        value[index] = low = before - eps
        change = above - terms()
        value[index] = before
        slope[index] = change.sum() / (high - low)  # what was added, in floating point
        # the 1 stands for the numbers inside the operator, which do not show in its output
        size = 1 + np.abs(above[change != 0]).sum()
        rounding[index] = np.finfo(value.dtype).eps * size / eps
    return slope, rounding
