"""Compare an operator's gradient with the slope of its output."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nndl.ops.base import Op

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

    The output is weighted with random numbers and summed; each element of each floating-point
    input and parameter is moved by ``eps`` both ways, and the slope is compared with the gradient.

    Parameters
    ----------
    op : Op
        The operator; called with the inputs in double precision.
    inputs : sequence of numpy.ndarray
        Any shapes that the operator takes; integer inputs are passed on and not checked. They
        are not changed.
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
    inputs = [
        x.astype(np.float64) if np.issubdtype(x.dtype, np.floating) else x.copy()
        for x in map(np.asarray, inputs)
    ]
    kept = dict(op.params)
    op.params = {name: value.astype(np.float64) for name, value in kept.items()}
    try:
        return _compare(op, inputs, seed, eps, tolerance)
    finally:
        op.params = kept


def _compare(
    op: Op, inputs: list[np.ndarray], seed: int, eps: float, tolerance: float
) -> GradientReport:
    outputs = op(*inputs)
    weights = np.random.default_rng(seed).standard_normal(outputs.shape)
    grads = op.backward(weights)
    grads = grads if isinstance(grads, tuple) else (grads,)
    checked = {
        f"input {i}": (x, grad)
        for i, (x, grad) in enumerate(zip(inputs, grads, strict=True))
        if np.issubdtype(x.dtype, np.floating)
    }
    checked |= {name: (value, op.grads[name]) for name, value in op.params.items()}
    errors = {}
    for name, (value, grad) in checked.items():
        if grad.shape != value.shape:
            raise ValueError(f"gradient of {name} must have shape {value.shape}, got {grad.shape}")
        slope = _slope(lambda: float((op(*inputs) * weights).sum()), value, eps)
        error = np.abs(slope - grad) / np.maximum(1.0, np.abs(slope) + np.abs(grad))
        worst = np.unravel_index(error.argmax(), error.shape)
        errors[name] = float(error[worst])
        if not errors[name] <= tolerance:  # a NaN must fail too
            place = tuple(map(int, worst))
            raise AssertionError(
                f"gradient of {name} at {place}: backward gives {grad[worst]:.6g}, "
                f"the slope is {slope[worst]:.6g}"
            )
    return GradientReport(errors)


def _slope(loss, value: np.ndarray, eps: float) -> np.ndarray:
    """Return the central difference of `loss` for each element of `value`, moved in place."""
    slope = np.empty_like(value)
    for index in np.ndindex(value.shape):
        before = value[index]
        value[index] = before + eps
        above = loss()
        value[index] = before - eps
        slope[index] = (above - loss()) / (2 * eps)
        value[index] = before
    return slope
