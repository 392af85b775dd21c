"""Recurrent layers by hand: the simple recurrent network and the LSTM."""

from nndl.arithmetic.checks import choice, number, size
from nndl.device import paddle
from nndl.layers.checks import check_real
from nndl.layers.masks import padding_mask

__all__ = ["LSTM", "SRN"]

F = paddle.nn.functional
ACTIVATIONS = {"tanh": paddle.tanh, "relu": F.relu}


class _Recurrent(paddle.nn.Layer):
    """What both have in common: the parameters, the directions and the way through the steps.

    A subclass says how many blocks of weights it has (`gates`), how many vectors its state has
    (`state_parts`), and what one step does (`_step`).
    """

    gates = 1
    state_parts = 1

    def __init__(self, input_size: int, hidden_size: int, direction: str) -> None:
        super().__init__()
        self.input_size = size("input_size", input_size)
        self.hidden_size = size("hidden_size", hidden_size)
        if isinstance(direction, str) and direction == "bidirectional":
            direction = "bidirect"  # Paddle has both words for the same
        self.direction = choice("direction", direction, ("forward", "bidirect"))
        # named as Paddle names them: its layers' states fit, and these fit its layers
        self.suffixes = ("_l0",) if direction == "forward" else ("_l0", "_l0_reverse")
        rows, bound = self.gates * self.hidden_size, self.hidden_size**-0.5
        initial = paddle.nn.initializer.Uniform(-bound, bound)
        shapes = {
            "weight_ih": [rows, self.input_size],
            "weight_hh": [rows, self.hidden_size],
            "bias_ih": [rows],
            "bias_hh": [rows],
        }
        for suffix in self.suffixes:
            for name, shape in shapes.items():
                parameter = self.create_parameter(shape, default_initializer=initial)
                self.add_parameter(name + suffix, parameter)

    def _run(
        self,
        inputs: paddle.Tensor,
        initial: tuple[paddle.Tensor, ...] | None,
        sequence_length: paddle.Tensor | None,
    ) -> tuple[paddle.Tensor, tuple[paddle.Tensor, ...]]:
        """Return the outputs and each part of the last states, over all directions."""
        parameter = self.weight_ih_l0
        check_real("inputs", inputs, "batch", "steps", self.input_size, like=parameter)
        if inputs.shape[1] == 0:
            raise ValueError("inputs must have at least one step, got 0")
        mask = None  # (B, T, 1): whether the sequence goes on
        if sequence_length is not None:
            mask = padding_mask("sequence_length", sequence_length, inputs, "inputs").unsqueeze(-1)
        states = self._initial_states(initial, inputs)  # a tuple of parts for each direction
        outputs, last = [], []
        for suffix, state in zip(self.suffixes, states, strict=True):
            output, state = self._direction(inputs, state, mask, suffix)
            outputs.append(output)
            last.append(state)
        parts = tuple(paddle.stack(part) for part in zip(*last, strict=True))  # (directions, B, H)
        return paddle.concat(outputs, axis=-1), parts  # (B, T, directions * H)

    def _direction(
        self,
        inputs: paddle.Tensor,
        state: tuple[paddle.Tensor, ...],
        mask: paddle.Tensor | None,
        suffix: str,
    ) -> tuple[paddle.Tensor, tuple[paddle.Tensor, ...]]:
        """Go through the steps in one direction; return the outputs and the last state."""
        weight_hh = getattr(self, "weight_hh" + suffix)  # (gates * H, H)
        bias = getattr(self, "bias_ih" + suffix) + getattr(self, "bias_hh" + suffix)
        # what the inputs bring to all steps, in one product
        brought = paddle.matmul(inputs, getattr(self, "weight_ih" + suffix), transpose_y=True)
        # taken apart at once: the gradient of brought[:, t] would be a whole array of zeros, a step
        brought = paddle.unbind(brought + bias, axis=1)  # T of (B, gates * H)
        order = range(len(brought))
        if suffix.endswith("_reverse"):
            order = reversed(order)
        alive = None if mask is None else paddle.unbind(mask, axis=1)  # T of (B, 1)
        outputs: list[paddle.Tensor] = [state[0]] * len(brought)
        for t in order:
            new = self._step(
                brought[t] + paddle.matmul(state[0], weight_hh, transpose_y=True), state
            )
            outputs[t] = new[0]
            if alive is not None:  # beyond its end a sequence keeps its state
                both = zip(new, state, strict=True)
                new = tuple(paddle.where(alive[t], after, before) for after, before in both)
            state = new
        joined = paddle.stack(outputs, axis=1)  # (B, T, H)
        return joined if mask is None else joined * mask.astype(joined.dtype), state

    def _step(
        self, brought: paddle.Tensor, state: tuple[paddle.Tensor, ...]
    ) -> tuple[paddle.Tensor, ...]:
        """Return the new state, its first part the output, for what input and state bring."""
        raise NotImplementedError

    def _initial_states(
        self, initial: tuple[paddle.Tensor, ...] | None, inputs: paddle.Tensor
    ) -> list[tuple[paddle.Tensor, ...]]:
        """Return for each direction the parts of the state before the first step, (B, H) each."""
        shape = [len(self.suffixes), inputs.shape[0], self.hidden_size]
        if initial is None:
            initial = (paddle.zeros(shape, inputs.dtype),) * self.state_parts
        if not isinstance(initial, (tuple, list)) or len(initial) != self.state_parts:
            got = (
                f"{len(initial)}" if isinstance(initial, (tuple, list)) else type(initial).__name__
            )
            raise ValueError(f"initial_states must be {self.state_parts} tensors, got {got}")
        for part in initial:
            check_real("initial_states", part, *shape, like=inputs, see="inputs")
        return list(zip(*(paddle.unbind(part) for part in initial), strict=True))

    def extra_repr(self) -> str:
        """Return the settings, for the printed layer."""
        return f"{self.input_size}, {self.hidden_size}, direction={self.direction!r}"


class SRN(_Recurrent):
    """A simple recurrent network: ``h_t = tanh(W x_t + U h_{t-1} + b)``.

    Automatic differentiation gives its gradients; given the same weights it equals
    ``paddle.nn.SimpleRNN`` with one layer, in outputs, states and gradients.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H: lengths of an input vector and of the state.
    activation : "tanh" or "relu"
        The nonlinear function.
    direction : "forward" or "bidirect"
        "bidirectional" is the same as "bidirect".
        Whether the sequence is also read from its end, by a second set of parameters whose
        outputs follow those of the first.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0 : paddle.Tensor, shapes (H, D) and (H, H)
        W and U.
    bias_ih_l0, bias_hh_l0 : paddle.Tensor, shape (H,)
        Two biases, of which only the sum counts, as in Paddle. The names of the other direction's
        parameters end in ``_reverse``.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    J. L. Elman, "Finding structure in time", Cognitive Science 14, 1990.

    Examples
    --------
    >>> outputs, state = SRN(3, 4, direction="bidirect")(paddle.ones([2, 5, 3]))
    >>> tuple(outputs.shape), tuple(state.shape)
    ((2, 5, 8), (2, 2, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        activation: str = "tanh",
        direction: str = "forward",
    ) -> None:
        super().__init__(input_size, hidden_size, direction)
        self.activation = choice("activation", activation, tuple(ACTIVATIONS))

    def forward(
        self,
        inputs: paddle.Tensor,
        initial_states: paddle.Tensor | None = None,
        sequence_length: paddle.Tensor | None = None,
    ) -> tuple[paddle.Tensor, paddle.Tensor]:
        """Return the output at each step and the last state.

        Parameters
        ----------
        inputs : paddle.Tensor, shape (B, T, D)
        initial_states : paddle.Tensor, shape (directions, B, H), optional
            The state before the first step; zeros by default.
        sequence_length : paddle.Tensor, shape (B,), int32 or int64, optional
            How many steps of each sequence are real. Beyond them the outputs are 0 and the state
            stays; the other direction begins at the last real step.

        Returns
        -------
        outputs : paddle.Tensor, shape (B, T, directions * H)
        state : paddle.Tensor, shape (directions, B, H)

        Raises
        ------
        TypeError
            If `sequence_length` holds no whole numbers.
        ValueError
            If a shape or a length breaks its rule.
        """
        initial = None if initial_states is None else (initial_states,)
        outputs, (state,) = self._run(inputs, initial, sequence_length)
        return outputs, state

    def _step(
        self, brought: paddle.Tensor, state: tuple[paddle.Tensor, ...]
    ) -> tuple[paddle.Tensor, ...]:
        return (ACTIVATIONS[self.activation](brought),)  # (B, H)


class LSTM(_Recurrent):
    """Long short-term memory: a state that gates may keep, overwrite and read out.

    ``i, f, o = logistic(W x_t + U h_{t-1} + b)`` and ``g = tanh(...)`` likewise, each with its own
    weights; then ``c_t = f * c_{t-1} + i * g`` and ``h_t = o * tanh(c_t)``. Automatic
    differentiation gives its gradients; given the same weights it equals ``paddle.nn.LSTM`` with
    one layer, in outputs, states and gradients.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H: lengths of an input vector and of the state.
    direction : "forward" or "bidirect"
        "bidirectional" is the same as "bidirect".
        Whether the sequence is also read from its end, by a second set of parameters whose
        outputs follow those of the first.
    forget_bias : float
        Added to the forget gate's bias at the beginning. With 1 or 2 the cell keeps what it holds
        until it learns to forget; with 0, Paddle's way, it forgets half of it at each step.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0 : paddle.Tensor, shapes (4H, D) and (4H, H)
        W and U, in blocks of H rows: input gate, forget gate, candidate, output gate.
    bias_ih_l0, bias_hh_l0 : paddle.Tensor, shape (4H,)
        Two biases, of which only the sum counts, as in Paddle. The names of the other direction's
        parameters end in ``_reverse``.

    Raises
    ------
    ValueError
        If an argument breaks its rule.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9, 1997.
    F. A. Gers, J. Schmidhuber and F. Cummins, "Learning to forget: continual prediction with
    LSTM", Neural Computation 12, 2000 (the forget gate).
    R. Jozefowicz, W. Zaremba and I. Sutskever, "An empirical exploration of recurrent network
    architectures", 2015 (its bias).

    Examples
    --------
    >>> outputs, (h, c) = LSTM(3, 4)(paddle.ones([2, 5, 3]))
    >>> tuple(outputs.shape), tuple(h.shape), bool((outputs[:, -1] == h[0]).all())
    ((2, 5, 4), (1, 2, 4), True)
    """

    gates = 4
    state_parts = 2

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        direction: str = "forward",
        forget_bias: float = 0.0,
    ) -> None:
        super().__init__(input_size, hidden_size, direction)
        forget_bias = number("forget_bias", forget_bias, -1e4, 1e4)
        for suffix in self.suffixes:
            bias = getattr(self, "bias_ih" + suffix)
            values = bias.numpy()
            values[self.hidden_size : 2 * self.hidden_size] += forget_bias
            bias.set_value(values)

    def forward(
        self,
        inputs: paddle.Tensor,
        initial_states: tuple[paddle.Tensor, paddle.Tensor] | None = None,
        sequence_length: paddle.Tensor | None = None,
    ) -> tuple[paddle.Tensor, tuple[paddle.Tensor, paddle.Tensor]]:
        """Return the output at each step and the last states.

        Parameters
        ----------
        inputs : paddle.Tensor, shape (B, T, D)
        initial_states : two paddle.Tensor, shape (directions, B, H), optional
            h and c before the first step; zeros by default.
        sequence_length : paddle.Tensor, shape (B,), int32 or int64, optional
            How many steps of each sequence are real. Beyond them the outputs are 0 and the states
            stay; the other direction begins at the last real step.

        Returns
        -------
        outputs : paddle.Tensor, shape (B, T, directions * H)
            h at each step.
        states : two paddle.Tensor, shape (directions, B, H)
            h and c after the last step.

        Raises
        ------
        TypeError
            If `sequence_length` holds no whole numbers.
        ValueError
            If a shape or a length breaks its rule.
        """
        return self._run(inputs, initial_states, sequence_length)

    def _step(
        self, brought: paddle.Tensor, state: tuple[paddle.Tensor, ...]
    ) -> tuple[paddle.Tensor, ...]:
        i, f, g, o = paddle.split(brought, 4, axis=-1)  # (B, H) each
        c = F.sigmoid(f) * state[1] + F.sigmoid(i) * paddle.tanh(g)
        return F.sigmoid(o) * paddle.tanh(c), c
