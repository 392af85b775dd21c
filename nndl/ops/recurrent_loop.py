"""Recurrent networks with plain loops: one sample, one step and one gate at a time.

Slow on purpose. `nndl.ops.SRN` and `nndl.ops.LSTM` compute the same numbers fast, and a test holds
the two equal. The gradients are those of backpropagation through time, written down for one sample;
a sample's gradients of the parameters are added up.
"""

import numpy as np

from nndl.arithmetic.checks import choice, flag
from nndl.ops.checks import gradient_of
from nndl.ops.recurrent_checks import ACTIVATIONS, check_lengths, check_params, check_walk

__all__ = ["lstm_loop", "lstm_loop_backward", "srn_loop", "srn_loop_backward"]

Params = dict[str, np.ndarray]


def srn_loop(
    x: np.ndarray,
    h: np.ndarray | None,
    params: Params,
    activation: str = "tanh",
    sequence_length: np.ndarray | None = None,
    reverse: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Run a simple recurrent network, with plain loops.

    Parameters
    ----------
    x : numpy.ndarray, shape (B, T, D)
        A batch of sequences.
    h : numpy.ndarray of shape (B, H), or None
        The state before the first step; None stands for zeros.
    params : dict
        As in `SRN`: "weight_ih" (H, D), "weight_hh" (H, H), "bias_ih" and "bias_hh" (H,).
    activation : str
        "tanh" or "relu".
    sequence_length : numpy.ndarray of int, shape (B,), optional
        How many steps of each sequence there are; all by default.
    reverse : bool
        Whether each sequence is read from its end.

    Returns
    -------
    outputs : numpy.ndarray, shape (B, T, H)
        The state after each step, zero beyond the length.
    last : numpy.ndarray, shape (B, H)
        The state after the last step.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks its rule.

    Examples
    --------
    A sum of what came in:

    >>> one, zero = np.ones((1, 1)), np.zeros(1)
    >>> params = {"weight_ih": one, "weight_hh": one, "bias_ih": zero, "bias_hh": zero}
    >>> x = np.array([[[1.0], [2.0], [3.0]]])
    >>> srn_loop(x, np.zeros((1, 1)), params, "relu")[0].ravel()
    array([1., 3., 6.])
    """
    x, (h,), params, lengths = _check(x, {"h": h}, params, sequence_length)
    activation, reverse = choice("activation", activation, ACTIVATIONS), flag("reverse", reverse)
    outputs, last = np.zeros((*x.shape[:2], h.shape[1]), x.dtype), h.copy()
    for b in range(len(x)):
        state = h[b]
        for t in _times(x, b, lengths, reverse):
            z = params["weight_ih"] @ x[b, t] + params["bias_ih"]
            z = z + params["weight_hh"] @ state + params["bias_hh"]
            state = np.tanh(z) if activation == "tanh" else np.maximum(z, 0)
            outputs[b, t] = state
        last[b] = state
    return outputs, last


def srn_loop_backward(
    x: np.ndarray,
    h: np.ndarray | None,
    params: Params,
    grad_outputs: np.ndarray,
    grad_last: np.ndarray,
    activation: str = "tanh",
    sequence_length: np.ndarray | None = None,
    reverse: bool = False,
) -> tuple[np.ndarray, np.ndarray, Params]:
    """Return the gradients of a simple recurrent network, by backpropagation through time.

    Parameters
    ----------
    x, h, params, activation, sequence_length, reverse
        As in the forward pass.
    grad_outputs : numpy.ndarray, shape (B, T, H)
        The gradient of a loss with respect to the outputs.
    grad_last : numpy.ndarray, shape (B, H)
        The gradient of the loss with respect to the last state.

    Returns
    -------
    grad_x, grad_h : numpy.ndarray
        In the shapes of x and h.
    grads : dict
        The gradient of each parameter.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks its rule.

    References
    ----------
    P. J. Werbos, "Backpropagation through time: what it does and how to do it", Proceedings of the
    IEEE, 1990.

    Examples
    --------
    >>> one, zero = np.ones((1, 1)), np.zeros(1)
    >>> params = {"weight_ih": one, "weight_hh": one, "bias_ih": zero, "bias_hh": zero}
    >>> x, h = np.array([[[1.0], [2.0], [3.0]]]), np.zeros((1, 1))
    >>> srn_loop_backward(x, h, params, np.ones((1, 3, 1)), h, "relu")[0].ravel()
    array([3., 2., 1.])
    """
    outputs, last = srn_loop(x, h, params, activation, sequence_length, reverse)
    x, (h,), params, lengths = _check(x, {"h": h}, params, sequence_length)
    of = f"x of shape {x.shape} and h of shape {h.shape}"
    grad_outputs = gradient_of(outputs, grad_outputs, "grad_outputs", of)
    grad_last = gradient_of(last, grad_last, "grad_last", of)
    grad_x, grad_h = np.zeros_like(x), np.zeros_like(h)
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    for b in range(len(x)):
        times = _times(x, b, lengths, reverse)
        grad = grad_last[b]
        for number in reversed(range(len(times))):
            t = times[number]
            before = outputs[b, times[number - 1]] if number else h[b]
            state = outputs[b, t]
            slope = 1 - state**2 if activation == "tanh" else state > 0
            grad_z = (grad + grad_outputs[b, t]) * slope
            _add_parameters(grads, grad_z, x[b, t], before)
            grad_x[b, t] = params["weight_ih"].T @ grad_z
            grad = params["weight_hh"].T @ grad_z
        grad_h[b] = grad
    return grad_x, grad_h, grads


def lstm_loop(
    x: np.ndarray,
    h: np.ndarray | None,
    c: np.ndarray | None,
    params: Params,
    sequence_length: np.ndarray | None = None,
    reverse: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run a long short-term memory, with plain loops.

    Parameters
    ----------
    x : numpy.ndarray, shape (B, T, D)
        A batch of sequences.
    h, c : numpy.ndarray of shape (B, H), or None
        The states before the first step; None stands for zeros.
    params : dict
        As in `LSTM`: "weight_ih" (4 * H, D), "weight_hh" (4 * H, H), "bias_ih" and "bias_hh"
        (4 * H,); the rows in blocks for i, f, g and o.
    sequence_length : numpy.ndarray of int, shape (B,), optional
        How many steps of each sequence there are; all by default.
    reverse : bool
        Whether each sequence is read from its end.

    Returns
    -------
    outputs : numpy.ndarray, shape (B, T, H)
        The state h after each step, zero beyond the length.
    last_h, last_c : numpy.ndarray, shape (B, H)
        The states after the last step.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> from nndl.ops import LSTM
    >>> lstm, x, zero = LSTM(2, 3), np.ones((1, 4, 2)), np.zeros((1, 3))
    >>> np.allclose(lstm_loop(x, zero, zero, lstm.params)[0], lstm(x)[0])
    True
    """
    x, (h, c), params, lengths = _check(x, {"h": h, "c": c}, params, sequence_length)
    reverse = flag("reverse", reverse)
    outputs, last_h, last_c = np.zeros((*x.shape[:2], h.shape[1]), x.dtype), h.copy(), c.copy()
    for b in range(len(x)):
        state, cell = h[b], c[b]
        for t in _times(x, b, lengths, reverse):
            i, f, g, o = _gates(x[b, t], state, params)
            cell = f * cell + i * g
            state = o * np.tanh(cell)
            outputs[b, t] = state
        last_h[b], last_c[b] = state, cell
    return outputs, last_h, last_c


def lstm_loop_backward(
    x: np.ndarray,
    h: np.ndarray | None,
    c: np.ndarray | None,
    params: Params,
    grad_outputs: np.ndarray,
    grad_last_h: np.ndarray,
    grad_last_c: np.ndarray,
    sequence_length: np.ndarray | None = None,
    reverse: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Params]:
    """Return the gradients of a long short-term memory, by backpropagation through time.

    Parameters
    ----------
    x, h, c, params, sequence_length, reverse
        As in the forward pass.
    grad_outputs : numpy.ndarray, shape (B, T, H)
        The gradient of a loss with respect to the outputs.
    grad_last_h, grad_last_c : numpy.ndarray, shape (B, H)
        The gradients of the loss with respect to the last states.

    Returns
    -------
    grad_x, grad_h, grad_c : numpy.ndarray
        In the shapes of x, h and c.
    grads : dict
        The gradient of each parameter.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks its rule.

    Examples
    --------
    >>> from nndl.ops import LSTM
    >>> lstm, x, zero = LSTM(2, 3), np.ones((1, 4, 2)), np.zeros((1, 3))
    >>> ones = np.ones((1, 4, 3))
    >>> grad_x, *_ = lstm_loop_backward(x, zero, zero, lstm.params, ones, zero, zero)
    >>> outputs, *_ = lstm(x)
    >>> np.allclose(grad_x, lstm.backward((ones, None, None)))
    True
    """
    x, (h, c), params, lengths = _check(x, {"h": h, "c": c}, params, sequence_length)
    reverse = flag("reverse", reverse)
    outputs = np.empty((*x.shape[:2], h.shape[1]), x.dtype)
    of = f"x of shape {x.shape} and h of shape {h.shape}"
    grad_outputs = gradient_of(outputs, grad_outputs, "grad_outputs", of)
    grad_last_h = gradient_of(h, grad_last_h, "grad_last_h", of)
    grad_last_c = gradient_of(c, grad_last_c, "grad_last_c", of)
    grad_x, grad_h, grad_c = np.zeros_like(x), np.zeros_like(h), np.zeros_like(c)
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    for b in range(len(x)):
        times = _times(x, b, lengths, reverse)
        states, cells, gates = [h[b]], [c[b]], []  # the forward pass again, and all of it kept
        for t in times:
            i, f, g, o = _gates(x[b, t], states[-1], params)
            gates.append((i, f, g, o))
            cells.append(f * cells[-1] + i * g)
            states.append(o * np.tanh(cells[-1]))
        grad_state, grad_cell = grad_last_h[b], grad_last_c[b]
        for number in reversed(range(len(times))):
            t, (i, f, g, o) = times[number], gates[number]
            grad_state = grad_state + grad_outputs[b, t]
            tanh_cell = np.tanh(cells[number + 1])
            grad_o = grad_state * tanh_cell
            grad_cell = grad_cell + grad_state * o * (1 - tanh_cell**2)
            grad_i, grad_f, grad_g = grad_cell * g, grad_cell * cells[number], grad_cell * i
            grad_z = np.concatenate(
                [
                    grad_i * i * (1 - i),
                    grad_f * f * (1 - f),
                    grad_g * (1 - g**2),
                    grad_o * o * (1 - o),
                ]
            )
            _add_parameters(grads, grad_z, x[b, t], states[number])
            grad_x[b, t] = params["weight_ih"].T @ grad_z
            grad_state, grad_cell = params["weight_hh"].T @ grad_z, grad_cell * f
        grad_h[b], grad_c[b] = grad_state, grad_cell
    return grad_x, grad_h, grad_c, grads


def _check(
    x: np.ndarray,
    states: dict[str, np.ndarray | None],
    params: Params,
    sequence_length: np.ndarray | None,
) -> tuple[np.ndarray, list[np.ndarray], Params, np.ndarray | None]:
    """Return the arrays in one type and the lengths, or say which argument breaks its rule."""
    params = check_params(params, gates=4 if "c" in states else 1)
    (_, input_size), (_, hidden_size) = params["weight_ih"].shape, params["weight_hh"].shape
    x, arrays = check_walk(x, states, input_size, hidden_size)
    params = {name: value.astype(x.dtype, copy=False) for name, value in params.items()}
    return x, arrays, params, check_lengths(sequence_length, *x.shape[:2])


def _times(x: np.ndarray, sample: int, lengths: np.ndarray | None, reverse: bool) -> list[int]:
    """Return the times of a sample's steps, in the order of reading."""
    length = x.shape[1] if lengths is None else int(lengths[sample])
    return list(reversed(range(length)) if reverse else range(length))


def _gates(x: np.ndarray, h: np.ndarray, params: Params) -> tuple[np.ndarray, ...]:
    """Return i, f, g and o for one sample's input x (D,) and state h (H,)."""
    w_i, w_f, w_g, w_o = np.split(params["weight_ih"], 4)  # (H, D) each
    u_i, u_f, u_g, u_o = np.split(params["weight_hh"], 4)  # (H, H) each
    b_i, b_f, b_g, b_o = np.split(params["bias_ih"] + params["bias_hh"], 4)  # (H,) each
    i = _logistic(w_i @ x + u_i @ h + b_i)
    f = _logistic(w_f @ x + u_f @ h + b_f)
    g = np.tanh(w_g @ x + u_g @ h + b_g)
    o = _logistic(w_o @ x + u_o @ h + b_o)
    return i, f, g, o


def _logistic(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def _add_parameters(grads: Params, grad_z: np.ndarray, x: np.ndarray, h: np.ndarray) -> None:
    """Add one step's gradients of the parameters."""
    grads["weight_ih"] += np.outer(grad_z, x)
    grads["weight_hh"] += np.outer(grad_z, h)
    grads["bias_ih"] += grad_z
    grads["bias_hh"] += grad_z
