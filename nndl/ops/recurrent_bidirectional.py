"""Recurrent networks that read each sequence from both ends."""

import numpy as np

from nndl.arithmetic import checks
from nndl.ops.base import Op
from nndl.ops.checks import gradients_of, of_given, plain
from nndl.ops.recurrent import LSTM, SRN
from nndl.ops.recurrent_base import Recurrent

__all__ = ["BiLSTM", "BiSRN"]

SUFFIX = "_reverse"


class Bidirectional(Op):
    """Two recurrent operators, one of each direction, and their outputs side by side.

    Parameters
    ----------
    ahead, back : Recurrent
        Two of one kind and size, forward and reverse.

    Attributes
    ----------
    params : dict
        Those of the first, and those of the second with "_reverse" behind their names.
    """

    def __init__(self, ahead: Recurrent, back: Recurrent) -> None:
        super().__init__()
        self.ahead, self.back = ahead, back
        self.params = ahead.params | {name + SUFFIX: p for name, p in back.params.items()}

    def walk(
        self, x: np.ndarray, states: tuple, sequence_length: np.ndarray | None
    ) -> tuple[np.ndarray, ...]:
        """Return the outputs (B, T, 2 * H) and the last states (2, B, H) each."""
        named = zip(self.ahead.states, states, strict=True)
        states = tuple(None if state is None else plain(name, state) for name, state in named)
        for name, state in zip(self.ahead.states, states, strict=True):
            if state is not None and (state.ndim != 3 or len(state) != 2):
                raise ValueError(
                    f"{name} must have shape (2, batch, {self.ahead.hidden_size}), "
                    f"got {state.shape}"
                )
        parts = []
        for number, op in enumerate((self.ahead, self.back)):
            suffix = SUFFIX * number
            op.params = {name: self.params[name + suffix] for name in op.params}
            own = [None if state is None else state[number] for state in states]
            parts.append(op.forward(x, *own, sequence_length))
        (first, *ahead), (second, *back) = parts
        outputs = np.concatenate([first, second], axis=2)  # (B, T, 2*H)
        last = [np.stack(pair) for pair in zip(ahead, back, strict=True)]  # (2, B, H) each
        self.saved = (x, *states, sequence_length), (outputs, *last)
        return self.saved[1]

    def backward(
        self, outputs_grads: tuple[np.ndarray | None, ...]
    ) -> np.ndarray | tuple[np.ndarray | None, ...]:
        """Return the gradients of the inputs that were given, and keep those of the parameters."""
        given, results = self.saved
        grad_outputs, *grad_last = gradients_of(results, outputs_grads)
        grad_x, grad_states = 0, []
        for number, op in enumerate((self.ahead, self.back)):
            half = np.split(grad_outputs, 2, axis=2)[number]  # (B, T, H)
            grads = op.backward((half, *(grad[number] for grad in grad_last)))
            own, *states = grads if isinstance(grads, tuple) else (grads,)
            grad_x = grad_x + own
            grad_states.append(states[: len(grad_last)])
            self.grads |= {name + SUFFIX * number: grad for name, grad in op.grads.items()}
        pairs = zip(*grad_states, strict=True)
        stacked = [None if first is None else np.stack((first, second)) for first, second in pairs]
        missing = len(given) - 1 - len(stacked)  # inputs at the end that were left out
        return of_given(given, (grad_x, *stacked, *[None] * missing))


class BiSRN(Bidirectional):
    """The simple recurrent network in both directions.

    Called as `SRN` is, but the outputs have shape (B, T, 2 * H), the forward ones first, and h, the
    initial and the last, has shape (2, B, H).

    Parameters
    ----------
    input_size, hidden_size : int
        D and H: the lengths of an input and of the state of one direction.
    activation : str
        "tanh" or "relu".
    bias : bool
        Whether there are biases.
    seed : int
        Draws the parameters, as for `SRN`, of both directions.

    Attributes
    ----------
    params : dict
        As of `SRN`, and for the other direction the same names with "_reverse" behind.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    M. Schuster and K. K. Paliwal, "Bidirectional recurrent neural networks", IEEE Transactions on
    Signal Processing, 1997.

    Examples
    --------
    >>> outputs, h = BiSRN(3, 4)(np.ones((2, 5, 3)))
    >>> outputs.shape, h.shape
    ((2, 5, 8), (2, 2, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        activation: str = "tanh",
        bias: bool = True,
        seed: int = 0,
    ) -> None:
        seeds = _two_seeds(seed)
        super().__init__(
            SRN(input_size, hidden_size, activation, "forward", bias, seeds[0]),
            SRN(input_size, hidden_size, activation, "reverse", bias, seeds[1]),
        )

    def forward(
        self,
        x: np.ndarray,
        h: np.ndarray | None = None,
        sequence_length: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the outputs and the last state."""
        return self.walk(x, (h,), sequence_length)


class BiLSTM(Bidirectional):
    """The long short-term memory in both directions.

    Called as `LSTM` is, but the outputs have shape (B, T, 2 * H), the forward ones first, and h and
    c, the initial and the last, have shape (2, B, H).

    Parameters
    ----------
    input_size, hidden_size : int
        D and H: the lengths of an input and of the states of one direction.
    bias : bool
        Whether there are biases.
    seed : int
        Draws the parameters, as for `LSTM`, of both directions.

    Attributes
    ----------
    params : dict
        As of `LSTM`, and for the other direction the same names with "_reverse" behind.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    A. Graves and J. Schmidhuber, "Framewise phoneme classification with bidirectional LSTM and
    other neural network architectures", Neural Networks, 2005.

    Examples
    --------
    >>> outputs, h, c = BiLSTM(3, 4)(np.ones((2, 5, 3)))
    >>> outputs.shape, h.shape, c.shape
    ((2, 5, 8), (2, 2, 4), (2, 2, 4))
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, seed: int = 0) -> None:
        seeds = _two_seeds(seed)
        super().__init__(
            LSTM(input_size, hidden_size, "forward", bias, seeds[0]),
            LSTM(input_size, hidden_size, "reverse", bias, seeds[1]),
        )

    def forward(
        self,
        x: np.ndarray,
        h: np.ndarray | None = None,
        c: np.ndarray | None = None,
        sequence_length: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the outputs and the last h and c."""
        return self.walk(x, (h, c), sequence_length)


def _two_seeds(seed: int) -> list[int]:
    return np.random.SeedSequence(checks.seed("seed", seed)).generate_state(2).tolist()
