"""The operator: the one interface that everything in the book is built of."""

import numpy as np

__all__ = ["Op"]


class Op:
    """A function with a gradient.

    Calling an operator runs `forward`, which may keep what `backward` will need. `backward` takes
    the gradient of a loss with respect to the output and returns the gradient with respect to the
    input, or a tuple of them in the order of the inputs; for an operator with parameters it also
    fills `grads`.

    Attributes
    ----------
    params : dict of str to numpy.ndarray
        What is learned, by name.
    grads : dict of str to numpy.ndarray
        The gradient of each parameter, after `backward`, in the parameter's shape.

    Examples
    --------
    >>> class Square(Op):
    ...     def forward(self, x):
    ...         "Return the square."
    ...         self.x = x
    ...         return x * x
    ...
    ...     def backward(self, outputs_grads):
    ...         "Return the gradient."
    ...         return 2 * self.x * outputs_grads
    >>> square = Square()
    >>> square(np.array([3.0])), square.backward(np.array([1.0]))
    (array([9.]), array([6.]))
    """

    def __init__(self) -> None:
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}

    def __call__(self, *inputs: np.ndarray) -> np.ndarray:
        """Return ``forward(*inputs)``."""
        return self.forward(*inputs)

    def forward(self, *inputs: np.ndarray) -> np.ndarray:
        """Return the output for the inputs."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(*inputs)")

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray | tuple[np.ndarray, ...]:
        """Return the gradient with respect to the inputs of the last forward."""
        raise NotImplementedError(f"{type(self).__name__} must define backward(outputs_grads)")
