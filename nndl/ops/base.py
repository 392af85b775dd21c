"""The operator: the one interface that everything in the book is built of."""

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from nndl.ops.checks import check_state

__all__ = ["Op"]


class Op:
    """A function with a gradient.

    Calling an operator runs `forward`, which keeps in `saved` what `backward` will need. `backward`
    takes the gradient of a loss with respect to the output and returns the gradient with respect to
    the input, or a tuple of them in the order of the inputs (None for an input that has none, such
    as labels); for an operator with parameters it also fills `grads`, anew at each call. Inputs at
    the end that a call leaves out get no gradient. An operator with several outputs returns them as
    a tuple, and its `backward` takes a tuple of their gradients in the same order, None for an
    output that the loss does not depend on.

    Every operator keeps these rules:

    - Inputs are not changed. What is in single precision is computed in single, what is in double
      in double, and so are integers. Half precision is computed in single, and outputs and
      gradients come back in single: a sum in half precision overflows beyond 65504.
    - A NaN that comes in comes out: no operator hides it.
    - A mean over nothing, such as the loss of an empty batch, is refused; a sum over nothing is 0.
      Where a selection leaves nothing, such as labels that are all ignored or a query that may look
      nowhere, the result and its gradients are 0.

    Attributes
    ----------
    params : dict of str to numpy.ndarray
        What is learned, by name.
    grads : dict of str to numpy.ndarray
        The gradient of each parameter, after `backward`, in the parameter's shape.
    buffers : dict of str to numpy.ndarray
        What is kept from one `forward` to the next without being learned, such as the running
        statistics of a normalization.
    training : bool
        Whether the operator learns at present; only some, such as dropout, behave differently.

    Examples
    --------
    >>> class Square(Op):
    ...     def forward(self, x):
    ...         "Return the square."
    ...         self.saved = x
    ...         return x * x
    ...
    ...     def backward(self, outputs_grads):
    ...         "Return the gradient."
    ...         return 2 * self.saved * outputs_grads
    >>> square = Square()
    >>> square(np.array([3.0])), square.backward(np.array([1.0]))
    (array([9.]), array([6.]))
    """

    training = True

    def __init__(self) -> None:
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}
        self.buffers: dict[str, np.ndarray] = {}

    def __call__(self, *inputs: np.ndarray) -> np.ndarray | tuple[np.ndarray, ...]:
        """Return ``forward(*inputs)``."""
        return self.forward(*inputs)

    def __getattr__(self, name: str) -> Any:
        """Say what is missing where a class of one's own has left out the beginning."""
        kind = type(self).__name__
        if name in ("params", "grads", "buffers"):
            raise AttributeError(f"{kind} has no {name}: its __init__ must call super().__init__()")
        raise AttributeError(f"{kind!r} object has no attribute {name!r}")

    def __copy__(self) -> "Op":
        """Return an operator with the same parameters that keeps its own `saved` and `grads`."""
        twin = object.__new__(type(self))
        for name, value in vars(self).items():  # an operator inside keeps its own as well
            setattr(twin, name, copy.copy(value) if isinstance(value, Op) else value)
        twin.grads = {}
        return twin

    @property
    def saved(self) -> Any:
        """What the last `forward` kept for `backward`.

        Raises
        ------
        RuntimeError
            If there was no `forward`.
        """
        try:
            return self._saved
        except AttributeError:
            # a RuntimeError: an AttributeError would read as if the property did not exist
            raise RuntimeError(
                f"{type(self).__name__}.backward needs what forward keeps: call the operator first"
            ) from None

    @saved.setter
    def saved(self, value: Any) -> None:
        self._saved = value

    def train(self) -> None:
        """Say that the operator learns from now on."""
        self.training = True

    def eval(self) -> None:
        """Say that the operator is only used from now on."""
        self.training = False

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return a copy of all parameters and buffers, by name.

        Returns
        -------
        dict of str to numpy.ndarray
        """
        return {name: array.copy() for name, array in {**self.params, **self.buffers}.items()}

    def set_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        """Take over what `state_dict` returned, into the arrays that are there.

        Parameters
        ----------
        state : mapping of str to numpy.ndarray
            From an operator of the same kind and shapes.

        Raises
        ------
        ValueError
            If a name is missing or unknown, or a shape differs; nothing is taken over then.
        """
        own = {**self.params, **self.buffers}
        check_state(own, state)
        for name, array in own.items():
            array[...] = state[name]

    def forward(self, *inputs: np.ndarray) -> np.ndarray | tuple[np.ndarray, ...]:
        """Return the output for the inputs, or a tuple of outputs."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(*inputs)")

    def backward(
        self, outputs_grads: np.ndarray | tuple[np.ndarray | None, ...]
    ) -> np.ndarray | tuple[np.ndarray | None, ...]:
        """Return the gradient with respect to the inputs of the last forward."""
        raise NotImplementedError(f"{type(self).__name__} must define backward(outputs_grads)")
