"""The optimizer: what all of them have in common."""

from collections.abc import Mapping

import numpy as np

from nndl.arithmetic.checks import number
from nndl.ops import Op
from nndl.ops.checks import check_state, real

__all__ = ["Optimizer"]

State = dict[str, np.ndarray]


class Optimizer:
    """What the optimizers have in common: a subclass only says by how much a parameter changes.

    Parameters
    ----------
    model : Op
        Its `params` are changed in place, by its `grads`.
    learning_rate : float
        The size of a step; may be set anew between steps.
    weight_decay : float
        How many times the parameter is added to its gradient, which draws it towards zero (the
        gradient of ``weight_decay / 2`` times the sum of its squares).

    Attributes
    ----------
    learning_rate : float
    steps : int
        How many were made.
    state : dict of str to dict of str to numpy.ndarray
        What is remembered of each parameter's former gradients, by name.

    Raises
    ------
    TypeError, ValueError
        If the model has no parameters or one that is not floating-point, or a number breaks its
        rule.

    Examples
    --------
    >>> class SignDescent(Optimizer):
    ...     def change(self, grad, state):
    ...         return self.learning_rate * np.sign(grad)
    >>> model = Op()
    >>> model.params["w"] = np.array([1.0, 2.0])
    >>> model.grads["w"] = np.array([0.3, -7.0])
    >>> SignDescent(model, learning_rate=0.5).step()
    >>> model.params["w"]
    array([0.5, 2.5])
    """

    remembers: tuple[str, ...] = ()  # the names of a parameter's state, each of its shape

    def __init__(self, model: Op, learning_rate: float = 0.01, weight_decay: float = 0.0) -> None:
        if not isinstance(model, Op):
            raise TypeError(f"model must be an Op, got {type(model).__name__}")
        if not model.params:
            raise ValueError(f"model must have parameters, got {type(model).__name__} without any")
        for name, param in model.params.items():
            if param.dtype.kind != "f":
                raise TypeError(f"{name} must be floating-point to be learned, got {param.dtype}")
        self.model = model
        self.learning_rate = number("learning_rate", learning_rate, above=0)
        self.weight_decay = number("weight_decay", weight_decay, 0)
        self.steps = 0
        self.state: dict[str, State] = {
            # of a parameter in half precision, too, squares are summed in single
            name: {kind: np.zeros_like(real(name, param)) for kind in self.remembers}
            for name, param in model.params.items()
        }

    def change(self, grad: np.ndarray, state: State) -> np.ndarray:
        """Return what is taken off a parameter, and bring its state up to date, in place.

        Parameters
        ----------
        grad : numpy.ndarray
            The parameter's gradient.
        state : dict of str to numpy.ndarray
            What is remembered of its former gradients.

        Returns
        -------
        numpy.ndarray, in the gradient's shape
        """
        raise NotImplementedError(f"{type(self).__name__} must define change(grad, state)")

    def step(self) -> None:
        """Change every parameter that has a gradient.

        Raises
        ------
        RuntimeError
            If none has.
        ValueError
            If a gradient has not its parameter's shape.
        """
        params, grads = self.model.params, self.model.grads
        if not grads:
            raise RuntimeError("step needs gradients: call backward of the model first")
        self.steps += 1
        for name, grad in grads.items():
            param, grad = params[name], real(f"gradient of {name}", grad)
            if grad.shape != param.shape:
                raise ValueError(
                    f"gradient of {name} must have shape {param.shape}, got {grad.shape}"
                )
            param -= self.change(self._decayed(param, grad), self.state[name])

    def _decayed(self, param: np.ndarray, grad: np.ndarray) -> np.ndarray:
        """Return the gradient with the decay in it."""
        return grad + self.weight_decay * param if self.weight_decay else grad

    def clear_grad(self) -> None:
        """Forget the gradients, so that a step without a new `backward` is refused."""
        self.model.grads = {}

    def state_dict(self) -> dict[str, np.ndarray]:
        """Return a copy of all that `set_state_dict` needs to go on as if there was no break.

        Returns
        -------
        dict of str to numpy.ndarray
            "steps", and the state with names such as "weight.velocity".
        """
        state = {
            f"{name}.{kind}": array.copy()
            for name, kinds in self.state.items()
            for kind, array in kinds.items()
        }
        return {"steps": np.array(self.steps), **state}

    def set_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        """Take over what `state_dict` returned.

        Parameters
        ----------
        state : mapping of str to numpy.ndarray
            From an optimizer of the same kind, on parameters of the same names and shapes.

        Raises
        ------
        ValueError
            If a name is missing or unknown, or a shape differs.
        """
        check_state(self.state_dict(), state)
        self.steps = int(state["steps"])
        for name, kinds in self.state.items():
            for kind, array in kinds.items():
                array[...] = state[f"{name}.{kind}"]
