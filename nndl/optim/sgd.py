"""Gradient descent: every number takes the same size of step."""

import numpy as np

from nndl.arithmetic.checks import flag, number
from nndl.ops import Op
from nndl.optim.base import Optimizer, State

__all__ = ["SGD"]


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

    With momentum the steps follow a velocity that sums the gradients, older ones ever less:
    ``velocity = momentum * velocity + grad``.

    Parameters
    ----------
    model : Op
        Its `params` are changed in place, by its `grads`.
    learning_rate : float
        The size of a step.
    momentum : float
        How much of the velocity is kept, from 0 to below 1.
    nesterov : bool
        Whether to step as if the velocity had been followed already (Nesterov's momentum).
    weight_decay : float
        How many times the parameter is added to its gradient.

    Raises
    ------
    TypeError, ValueError
        If the model has no parameters or a number breaks its rule.

    References
    ----------
    I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of initialization and
    momentum in deep learning", 2013.

    Examples
    --------
    >>> model = Op()
    >>> model.params["w"] = np.array([1.0])
    >>> optimizer = SGD(model, learning_rate=0.1, momentum=0.5)
    >>> for _ in range(2):
    ...     model.grads["w"] = 2 * model.params["w"]  # of the loss w ** 2
    ...     optimizer.step()
    >>> model.params["w"]  # 1 - 0.1 * 2, then 0.8 - 0.1 * (0.5 * 2 + 1.6)
    array([0.54])
    """

    remembers = ("velocity",)

    def __init__(
        self,
        model: Op,
        learning_rate: float = 0.1,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(model, learning_rate, weight_decay)
        self.momentum = number("momentum", momentum, 0, below=1)
        self.nesterov = flag("nesterov", nesterov)

    def change(self, grad: np.ndarray, state: State) -> np.ndarray:
        """Return the step along the velocity."""
        velocity = state["velocity"]
        velocity *= self.momentum
        velocity += grad
        ahead = grad + self.momentum * velocity if self.nesterov else velocity
        return self.learning_rate * ahead
