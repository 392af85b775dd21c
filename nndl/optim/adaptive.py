"""The adaptive optimizers: each number has its own size of step, by its own past gradients."""

import numpy as np

from nndl.arithmetic.checks import number
from nndl.ops import Op
from nndl.optim.base import Optimizer, State

__all__ = ["AdaGrad", "Adam", "AdamW", "RMSprop"]


class AdaGrad(Optimizer):
    """Gradient descent in which each number's step shrinks with its own gradients so far.

    Parameters
    ----------
    model : Op
        Its `params` are changed in place, by its `grads`.
    learning_rate : float
        The size of a step.
    epsilon : float
        Keeps the division by the root of the summed squares finite.
    weight_decay : float
        How many times the parameter is added to its gradient.

    Raises
    ------
    TypeError, ValueError
        If the model has no parameters or a number breaks its rule.

    References
    ----------
    J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online learning and
    stochastic optimization", 2011.

    Examples
    --------
    >>> model = Op()
    >>> model.params["w"] = np.array([1.0, 1.0])
    >>> model.grads["w"] = np.array([100.0, 0.01])  # the first step is as long for both
    >>> AdaGrad(model, learning_rate=0.5).step()
    >>> model.params["w"].round(3)
    array([0.5, 0.5])
    """

    remembers = ("squares",)

    def __init__(
        self,
        model: Op,
        learning_rate: float = 0.01,
        epsilon: float = 1e-6,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(model, learning_rate, weight_decay)
        self.epsilon = number("epsilon", epsilon, above=0)

    def change(self, grad: np.ndarray, state: State) -> np.ndarray:
        """Return the step, divided by the root of all squares so far."""
        squares = state["squares"]
        squares += grad * grad
        return self.learning_rate * grad / (np.sqrt(squares) + self.epsilon)


class RMSprop(Optimizer):
    """AdaGrad that forgets: it divides by a moving average of the squares instead of their sum.

    Parameters
    ----------
    model : Op
        Its `params` are changed in place, by its `grads`.
    learning_rate : float
        The size of a step.
    rho : float
        How much of the average is kept at each step, from 0 to below 1.
    epsilon : float
        Added to the average, keeps the division by its root finite.
    momentum : float
        How much of the last step is made again, from 0 to below 1.
    weight_decay : float
        How many times the parameter is added to its gradient.

    Raises
    ------
    TypeError, ValueError
        If the model has no parameters or a number breaks its rule.

    References
    ----------
    G. Hinton, N. Srivastava and K. Swersky, "Neural networks for machine learning", lecture 6,
    2012.

    Examples
    --------
    >>> model = Op()
    >>> model.params["w"] = np.array([1.0])
    >>> model.grads["w"] = np.array([3.0])
    >>> RMSprop(model, learning_rate=0.1, rho=0.75).step()  # 1 - 0.1 * 3 / sqrt(0.25 * 9)
    >>> model.params["w"].round(3)
    array([0.8])
    """

    remembers = ("squares", "velocity")

    def __init__(
        self,
        model: Op,
        learning_rate: float = 0.01,
        rho: float = 0.95,
        epsilon: float = 1e-6,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(model, learning_rate, weight_decay)
        self.rho = number("rho", rho, 0, below=1)
        self.epsilon = number("epsilon", epsilon, above=0)
        self.momentum = number("momentum", momentum, 0, below=1)

    def change(self, grad: np.ndarray, state: State) -> np.ndarray:
        """Return the step, divided by the root of the squares' moving average."""
        squares, velocity = state["squares"], state["velocity"]
        squares *= self.rho
        squares += (1 - self.rho) * grad * grad
        velocity *= self.momentum
        velocity += self.learning_rate * grad / np.sqrt(squares + self.epsilon)
        return velocity


class Adam(Optimizer):
    """Momentum and RMSprop together, both averages corrected for starting from zero.

    Parameters
    ----------
    model : Op
        Its `params` are changed in place, by its `grads`.
    learning_rate : float
        The size of a step.
    beta1, beta2 : float
        How much of the average gradient and of the average square is kept, from 0 to below 1.
    epsilon : float
        Keeps the division by the root of the average square finite.
    weight_decay : float
        How many times the parameter is added to its gradient.

    Raises
    ------
    TypeError, ValueError
        If the model has no parameters or a number breaks its rule.

    References
    ----------
    D. Kingma and J. Ba, "Adam: a method for stochastic optimization", 2015.

    Examples
    --------
    >>> model = Op()
    >>> model.params["w"] = np.array([1.0, 1.0])
    >>> model.grads["w"] = np.array([100.0, -0.01])
    >>> Adam(model, learning_rate=0.1).step()
    >>> model.params["w"].round(3)
    array([0.9, 1.1])
    """

    remembers = ("mean", "squares")

    def __init__(
        self,
        model: Op,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(model, learning_rate, weight_decay)
        self.beta1 = number("beta1", beta1, 0, below=1)
        self.beta2 = number("beta2", beta2, 0, below=1)
        self.epsilon = number("epsilon", epsilon, above=0)

    def change(self, grad: np.ndarray, state: State) -> np.ndarray:
        """Return the step along the average gradient, divided by the root of the average square."""
        mean, squares = state["mean"], state["squares"]
        mean *= self.beta1
        mean += (1 - self.beta1) * grad
        squares *= self.beta2
        squares += (1 - self.beta2) * grad * grad
        # after t steps the averages' weights sum to 1 - beta ** t, not yet to 1
        root = np.sqrt(squares / (1 - self.beta2**self.steps))
        rate = self.learning_rate / (1 - self.beta1**self.steps)
        return rate * mean / (root + self.epsilon)


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameter itself and leaves the averages alone.

    Parameters
    ----------
    model : Op
        Its `params` are changed in place, by its `grads`.
    learning_rate : float
        The size of a step.
    beta1, beta2 : float
        How much of the average gradient and of the average square is kept, from 0 to below 1.
    epsilon : float
        Keeps the division by the root of the average square finite.
    weight_decay : float
        Each step first shrinks the parameter by the factor ``1 - learning_rate * weight_decay``.

    Raises
    ------
    TypeError, ValueError
        If the model has no parameters or a number breaks its rule.

    References
    ----------
    I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", 2019.

    Examples
    --------
    >>> model = Op()
    >>> model.params["w"] = np.array([2.0])
    >>> model.grads["w"] = np.array([0.0])  # nothing to learn: the decay alone
    >>> AdamW(model, learning_rate=0.1, weight_decay=0.5).step()
    >>> model.params["w"]
    array([1.9])
    """

    def __init__(
        self,
        model: Op,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(model, learning_rate, beta1, beta2, epsilon, weight_decay)

    def _decayed(self, param: np.ndarray, grad: np.ndarray) -> np.ndarray:
        param *= 1 - self.learning_rate * self.weight_decay
        return grad
