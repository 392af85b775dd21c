"""Recurrent networks: the simple one (SRN) and the one with gates (LSTM), as layers and as cells.

`recurrent_base` walks through time, here stands what one step does. The parameters are named and
laid out as those of ``paddle.nn.SimpleRNNCell`` and ``paddle.nn.LSTMCell``.
"""

import numpy as np

from nndl.arithmetic.checks import choice
from nndl.ops.checks import gradient_of, gradients_of, real
from nndl.ops.recurrent_base import Arrays, Recurrent
from nndl.ops.recurrent_checks import ACTIVATIONS

__all__ = ["LSTM", "SRN", "LSTMCell", "SRNCell"]

# what the pre-activations of i, f, g and o are multiplied with, see LSTM.step
HALF = np.array([[0.5], [0.5], [1.0], [0.5]])


class SRN(Recurrent):
    """The simple recurrent network, ``h_t = f(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)``.

    Called with x of shape (B, T, D), perhaps an initial state h of shape (B, H), zero if left out,
    and perhaps ``sequence_length`` of shape (B,): it returns the outputs (B, T, H) and the last
    state (B, H). Beyond a sequence's length the state stays and the outputs are zero. `backward`
    takes a tuple of both gradients, None for one that the loss does not depend on.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H: the lengths of an input and of the state.
    activation : str
        f: "tanh" or "relu".
    direction : str
        "forward", or "reverse" to read each sequence from its end.
    bias : bool
        Whether there are biases.
    seed : int
        Draws the parameters, uniformly within ``1 / sqrt(H)`` on both sides of zero.

    Attributes
    ----------
    params : dict
        "weight_ih" of shape (H, D), "weight_hh" (H, H) and, with biases, "bias_ih" and "bias_hh"
        (H,).

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    J. L. Elman, "Finding structure in time", Cognitive Science, 1990.

    Examples
    --------
    >>> srn = SRN(3, 4)
    >>> outputs, h = srn(np.ones((2, 5, 3)))
    >>> outputs.shape, h.shape, np.array_equal(outputs[:, -1], h)
    ((2, 5, 4), (2, 4), True)
    >>> srn.backward((None, np.ones_like(h))).shape, srn.grads["weight_hh"].shape
    ((2, 5, 3), (4, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        activation: str = "tanh",
        direction: str = "forward",
        bias: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__(input_size, hidden_size, direction, bias, seed)
        self.activation = choice("activation", activation, ACTIVATIONS)

    def forward(
        self,
        x: np.ndarray,
        h: np.ndarray | None = None,
        sequence_length: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:  # (B, T, D), (B, H), (B,) -> (B, T, H), (B, H)
        """Return the outputs and the last state."""
        return self.walk(x, (h,), sequence_length)

    def step(self, z: np.ndarray, before: Arrays, after: Arrays) -> None:
        """Write the state after a step."""
        if self.activation == "tanh":
            np.tanh(z, out=after[0])
        else:
            np.maximum(z, 0, out=after[0])

    def step_backward(
        self, z: np.ndarray, before: Arrays, after: Arrays, grads: Arrays, grad_z: np.ndarray
    ) -> Arrays:
        """Write the gradient of a step's pre-activations."""
        h = after[0]
        slope = 1 - h * h if self.activation == "tanh" else h > 0
        np.multiply(grads[0], slope, out=grad_z)
        return []


class LSTM(Recurrent):
    """The long short-term memory, whose gates let a cell keep what it holds.

    With the rows of the weights and biases in four blocks, for i, f, g and o in this order:
    the gates ``i, f, o = logistic(...)`` and the candidate ``g = tanh(...)`` of
    ``W_ih x_t + b_ih + W_hh h_{t-1} + b_hh``; the cell ``c_t = f * c_{t-1} + i * g``; and the
    output ``h_t = o * tanh(c_t)``.

    Called with x of shape (B, T, D), perhaps initial states h and c of shape (B, H), zero if left
    out, and perhaps ``sequence_length`` of shape (B,): it returns the outputs (B, T, H) and the
    last h and c (B, H). Beyond a sequence's length the states stay and the outputs are zero.
    `backward` takes a tuple of three gradients, None for one that the loss does not depend on.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H: the lengths of an input and of a state.
    direction : str
        "forward", or "reverse" to read each sequence from its end.
    bias : bool
        Whether there are biases.
    seed : int
        Draws the parameters, uniformly within ``1 / sqrt(H)`` on both sides of zero.

    Attributes
    ----------
    params : dict
        "weight_ih" of shape (4 * H, D), "weight_hh" (4 * H, H) and, with biases, "bias_ih" and
        "bias_hh" (4 * H,).

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation, 1997.
    F. A. Gers, J. Schmidhuber and F. Cummins, "Learning to forget: continual prediction with LSTM",
    Neural Computation, 2000 (the forget gate).

    Examples
    --------
    >>> lstm = LSTM(3, 4)
    >>> outputs, h, c = lstm(np.ones((2, 5, 3)), None, None, np.array([5, 2]))
    >>> outputs.shape, h.shape, c.shape, np.any(outputs[1, 2:]).item()
    ((2, 5, 4), (2, 4), (2, 4), False)
    >>> grad_x, *others = lstm.backward((np.ones_like(outputs), None, None))
    >>> grad_x.shape, others, lstm.grads["weight_ih"].shape
    ((2, 5, 3), [None, None, None], (16, 3))
    """

    gates = 4
    states = ("h", "c")

    def forward(
        self,
        x: np.ndarray,
        h: np.ndarray | None = None,
        c: np.ndarray | None = None,
        sequence_length: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the outputs and the last h and c."""
        return self.walk(x, (h, c), sequence_length)

    def step(self, z: np.ndarray, before: Arrays, after: Arrays) -> None:
        """Turn pre-activations into the gates, in place, and write the states after a step."""
        # logistic(z) = (1 + tanh(z / 2)) / 2: one tanh serves all four blocks, and none overflows
        half = HALF.astype(z.dtype)
        blocks = self._blocks(z)
        blocks *= half
        np.tanh(z, out=z)
        blocks *= half
        blocks += 1 - half
        i, f, g, o = blocks.swapaxes(0, 1)
        (_, old), (h, c) = before, after
        np.multiply(f, old, out=c)
        c += i * g
        np.tanh(c, out=h)
        h *= o

    def step_backward(
        self, z: np.ndarray, before: Arrays, after: Arrays, grads: Arrays, grad_z: np.ndarray
    ) -> Arrays:
        """Write the gradient of a step's pre-activations; return that of the cell before."""
        i, f, g, o = self._blocks(z).swapaxes(0, 1)
        grad_h, grad_c = grads
        tanh_c = np.tanh(after[1])
        grad_c = grad_c + grad_h * o * (1 - tanh_c * tanh_c)
        grad_i, grad_f, grad_g, grad_o = self._blocks(grad_z).swapaxes(0, 1)
        np.multiply(grad_c, g, out=grad_i)
        np.multiply(grad_c, before[1], out=grad_f)
        np.multiply(grad_c, i, out=grad_g)
        np.multiply(grad_h, tanh_c, out=grad_o)
        slope = z - z * z  # of the logistic function, where z is its value
        self._blocks(slope)[:, 2] = 1 - g * g
        grad_z *= slope
        return [grad_c * f]

    def _blocks(self, z: np.ndarray) -> np.ndarray:
        """Return a view (B, 4, H) of an array (B, 4 * H), the blocks in the order i, f, g, o."""
        return z.reshape(len(z), 4, self.hidden_size)


class SRNCell(SRN):
    """One step of the simple recurrent network.

    Called with x of shape (B, D) and perhaps the state h before, of shape (B, H), zero if left out,
    it returns the state after.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H: the lengths of an input and of the state.
    activation : str
        "tanh" or "relu".
    bias : bool
        Whether there are biases.
    seed : int
        Draws the parameters, as for `SRN`.

    Attributes
    ----------
    params : dict
        As of `SRN`.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> cell = SRNCell(3, 4)
    >>> h = cell(np.ones((2, 3)))
    >>> h = cell(np.ones((2, 3)), h)
    >>> [grad.shape for grad in cell.backward(np.ones_like(h))]
    [(2, 3), (2, 4)]
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        activation: str = "tanh",
        bias: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__(input_size, hidden_size, activation, bias=bias, seed=seed)

    def forward(self, x: np.ndarray, h: np.ndarray | None = None) -> np.ndarray:
        """Return the state after a step."""
        return super().forward(real("x", x, ndim=2)[:, None], h)[1]

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray | tuple[np.ndarray, ...]:
        """Return the gradients of the inputs, and keep those of the parameters."""
        _, h = self.saved[-1]
        return _without_time(super().backward((None, gradient_of(h, outputs_grads))))


class LSTMCell(LSTM):
    """One step of the long short-term memory.

    Called with x of shape (B, D) and perhaps the states h and c before, of shape (B, H), zero if
    left out, it returns the two states after; `backward` takes a tuple of their gradients.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H: the lengths of an input and of a state.
    bias : bool
        Whether there are biases.
    seed : int
        Draws the parameters, as for `LSTM`.

    Attributes
    ----------
    params : dict
        As of `LSTM`.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> cell = LSTMCell(3, 4)
    >>> h, c = cell(np.ones((2, 3)))
    >>> h, c = cell(np.ones((2, 3)), h, c)
    >>> [grad.shape for grad in cell.backward((np.ones_like(h), None))]
    [(2, 3), (2, 4), (2, 4)]
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, seed: int = 0) -> None:
        super().__init__(input_size, hidden_size, bias=bias, seed=seed)

    def forward(
        self, x: np.ndarray, h: np.ndarray | None = None, c: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the states after a step."""
        return super().forward(real("x", x, ndim=2)[:, None], h, c)[1:]

    def backward(
        self, outputs_grads: tuple[np.ndarray | None, ...]
    ) -> np.ndarray | tuple[np.ndarray | None, ...]:
        """Return the gradients of the inputs, and keep those of the parameters."""
        _, *states = self.saved[-1]
        return _without_time(super().backward((None, *gradients_of(states, outputs_grads))))


def _without_time(grads: np.ndarray | tuple[np.ndarray, ...]) -> np.ndarray | tuple:
    """Return a layer's gradients with the time axis of x's taken off."""
    if isinstance(grads, tuple):
        return grads[0][:, 0], *grads[1:]
    return grads[:, 0]  # (B, D)
