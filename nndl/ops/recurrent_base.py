"""What recurrent operators share: the walk through time, forward and back.

Two choices make this fast. Whatever does not wait for the step before is done for all steps in one
matrix product: the inputs' part of the gates, and on the way back the gradients of the weights and
of the inputs. And time is the first axis inside, so that each step is one piece of memory.
"""

import numpy as np

from nndl.arithmetic.checks import choice, flag, size
from nndl.ops.base import Op
from nndl.ops.checks import generator, gradients_of, of_given
from nndl.ops.recurrent_checks import check_lengths, check_walk

__all__ = ["Recurrent"]

Arrays = list[np.ndarray]


class Recurrent(Op):
    """The walk of a recurrent operator through time; `SRN` and `LSTM` say what a step does.

    A step takes the pre-activations ``z_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh`` and the states
    before it; the first state is h, which is also the output.

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
        "weight_ih" of shape (G * H, D), "weight_hh" (G * H, H) and, with biases, "bias_ih" and
        "bias_hh" (G * H,), where G is the number of gates.

    Raises
    ------
    ValueError
        If an argument breaks its rule.
    """

    gates = 1
    states = ("h",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        direction: str = "forward",
        bias: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.input_size = size("input_size", input_size)
        self.hidden_size = size("hidden_size", hidden_size)
        if isinstance(direction, str) and direction in ("bidirect", "bidirectional"):
            raise ValueError(
                f"direction must be 'forward' or 'reverse', got {direction!r}: "
                f"Bi{type(self).__name__} reads in both"
            )
        choice("direction", direction, ("forward", "reverse"))
        self.reverse = direction == "reverse"
        rows = self.gates * self.hidden_size
        shapes = {"weight_ih": (rows, self.input_size), "weight_hh": (rows, self.hidden_size)}
        if flag("bias", bias):
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        rng, bound = generator(seed), 1 / np.sqrt(self.hidden_size)
        self.params = {name: rng.uniform(-bound, bound, shape) for name, shape in shapes.items()}

    def step(self, z: np.ndarray, before: Arrays, after: Arrays) -> None:
        """Turn pre-activations z (B, G * H) into gates, in place, and write the states after."""
        raise NotImplementedError

    def step_backward(
        self, z: np.ndarray, before: Arrays, after: Arrays, grads: Arrays, grad_z: np.ndarray
    ) -> Arrays:
        """Write the gradient of z, given those of the states after; return the other states' own.

        They are the gradients of the states before, but for h: h acts through z alone.
        """
        raise NotImplementedError

    def walk(
        self, x: np.ndarray, states: tuple, sequence_length: np.ndarray | None
    ) -> tuple[np.ndarray, ...]:
        """Return the outputs (B, T, H) and the last states (B, H) each."""
        given = x, *states, sequence_length
        named = dict(zip(self.states, states, strict=True))
        x, states = check_walk(x, named, self.input_size, self.hidden_size)
        weight_ih, weight_hh, bias = self._weights(x.dtype)
        steps = np.ascontiguousarray(self._in_time(x.swapaxes(0, 1)))  # (T, B, D)
        alive = self._alive(steps, sequence_length)
        z = _rows(steps) @ weight_ih.T  # (T*B, G*H)
        z += bias
        z = z.reshape(*steps.shape[:2], len(weight_hh))  # (T, B, G*H)
        # every state at every time, the initial ones first
        history = [np.empty((len(steps) + 1, *state.shape), x.dtype) for state in states]
        for array, state in zip(history, states, strict=True):
            array[0] = state
        part = np.empty(z.shape[1:], x.dtype)
        for t in range(len(steps)):
            before, after = [a[t] for a in history], [a[t + 1] for a in history]
            z[t] += np.matmul(before[0], weight_hh.T, out=part)
            self.step(z[t], before, after)
            if alive is not None:
                for old, new in zip(before, after, strict=True):
                    np.copyto(new, old, where=~alive[t])
        hidden = history[0][1:] if alive is None else history[0][1:] * alive  # (T, B, H)
        outputs = np.ascontiguousarray(self._in_time(hidden).swapaxes(0, 1))  # (B, T, H)
        results = outputs, *(array[-1].copy() for array in history)
        self.saved = given, steps, z, history, alive, results
        return results

    def backward(
        self, outputs_grads: tuple[np.ndarray | None, ...]
    ) -> np.ndarray | tuple[np.ndarray | None, ...]:
        """Return the gradients of the inputs that were given, and keep those of the parameters."""
        given, steps, z, history, alive, results = self.saved
        weight_ih, weight_hh, _ = self._weights(z.dtype)
        grad_outputs, *grads = gradients_of(results, outputs_grads)
        grad_outputs = self._in_time(grad_outputs.swapaxes(0, 1))  # (T, B, H)
        if alive is not None:
            grad_outputs = grad_outputs * alive
        grad_z = np.empty_like(z)  # (T, B, G*H)
        for t in reversed(range(len(steps))):
            before, after = [a[t] for a in history], [a[t + 1] for a in history]
            grads[0] = grads[0] + grad_outputs[t]
            here = grads if alive is None else [grad * alive[t] for grad in grads]
            others = self.step_backward(z[t], before, after, here, grad_z[t])
            came = [grad_z[t] @ weight_hh, *others]
            if alive is not None:  # a sequence that has ended passes its gradients on
                came = [new + (old - own) for new, old, own in zip(came, grads, here, strict=True)]
            grads = came
        flat = _rows(grad_z)  # (T*B, G*H)
        self.grads = {"weight_ih": flat.T @ _rows(steps)}
        self.grads["weight_hh"] = flat.T @ _rows(history[0][:-1])
        if "bias_ih" in self.params:
            self.grads["bias_ih"] = flat.sum(axis=0)
            self.grads["bias_hh"] = self.grads["bias_ih"].copy()
        grad_x = (flat @ weight_ih).reshape(steps.shape)  # (T, B, D)
        grad_x = np.ascontiguousarray(self._in_time(grad_x).swapaxes(0, 1))  # (B, T, D)
        return of_given(given, (grad_x, *grads, None))

    def _in_time(self, array: np.ndarray) -> np.ndarray:
        """Return a view of an array whose first axis is time, in the order of reading."""
        return array[::-1] if self.reverse else array

    def _alive(self, steps: np.ndarray, sequence_length: np.ndarray | None) -> np.ndarray | None:
        """Return whether each sequence has a step at each time, (T, B, 1), in order of reading."""
        length, batch, _ = steps.shape
        lengths = check_lengths(sequence_length, batch, length)
        if lengths is None:
            return None
        return self._in_time(np.arange(length)[:, None] < lengths)[..., None]

    def _weights(self, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return both weights and the sum of the biases, in a type."""
        weights = (self.params[name].astype(dtype, copy=False) for name in WEIGHTS)
        bias = sum((self.params[name] for name in BIASES if name in self.params), np.zeros(1))
        return *weights, bias.astype(dtype)


WEIGHTS = "weight_ih", "weight_hh"
BIASES = "bias_ih", "bias_hh"


def _rows(array: np.ndarray) -> np.ndarray:
    """Return an array (T, B, N) as (T * B, N)."""
    return array.reshape(-1, array.shape[2])
