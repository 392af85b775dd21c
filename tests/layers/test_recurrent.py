"""The recurrent layers by hand equal Paddle's, given the same weights."""

import equality
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from twins import double_precision

from nndl.arithmetic import recurrent_parameters
from nndl.device import paddle
from nndl.layers import LSTM, SRN

many = settings(max_examples=200, deadline=None)


@st.composite
def sequences(draw, everything=False):
    """Draw sizes, a direction, inputs, initial states or none, lengths or none, and a source.

    With `everything` there are two directions, initial states and lengths, which otherwise never
    meet: from all three at once Paddle 3.3.1 takes a wrong gradient of ``weight_hh_l0_reverse``.
    It counts the state before the last real step as 0 where it is the initial one; the numerical
    derivative of its own outputs says otherwise.
    """
    batch, steps = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    sizes = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    both = everything or draw(st.booleans())
    has_states, has_lengths = everything or draw(st.booleans()), everything or draw(st.booleans())
    assume(everything or not (both and has_states and has_lengths))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    inputs = rng.standard_normal((batch, steps, sizes[0]))
    states = rng.standard_normal((2, 1 + both, batch, sizes[1])) if has_states else None
    dtype = draw(st.sampled_from(["int32", "int64"]))
    lengths = rng.integers(0, steps + 1, batch).astype(dtype) if has_lengths else None
    return sizes, "bidirect" if both else "forward", inputs, states, lengths, rng


def run(layer, inputs, states, lengths):
    """Return outputs and last states, and the gradients of inputs, states and parameters."""
    tensors = [paddle.to_tensor(inputs, stop_gradient=False)]
    initial = None
    if states is not None:
        initial = tuple(paddle.to_tensor(state, stop_gradient=False) for state in states)
        tensors += initial
        initial = initial if len(initial) > 1 else initial[0]
    lengths = None if lengths is None else paddle.to_tensor(lengths)
    outputs, last = layer(tensors[0], initial, lengths)
    results = [outputs, *as_tuple(last)]
    # a loss that weighs every output and every part of the last states differently
    sum((y * y.detach().cos()).sum() for y in results).backward()
    tensors += [parameter for _, parameter in sorted(layer.named_parameters())]
    return results, [tensor.grad for tensor in tensors]


def as_tuple(states):
    """Return the parts of a state, an LSTM's two or the only one."""
    return states if isinstance(states, tuple) else (states,)


def same_state(ours, theirs, rng):
    """Draw new weights for Paddle's layer, and load its state into ours."""
    for parameter in theirs.parameters():
        parameter.set_value(rng.standard_normal(tuple(parameter.shape)))
    missing, _ = ours.set_state_dict(theirs.state_dict())
    assert not missing
    assert {n for n, _ in ours.named_parameters()} == {n for n, _ in theirs.named_parameters()}


class SampleBySample:
    """Two directions and lengths, of nothing but Paddle's layer for one way over one sample."""

    def __init__(self, kind, layer, **settings):
        self.ways = {}
        for suffix in ("", "_reverse"):
            way = kind(layer.input_size, layer.hidden_size, **settings)
            for name, parameter in way.named_parameters():
                parameter.set_value(getattr(layer, name + suffix))
            self.ways[suffix] = way

    def named_parameters(self):
        for suffix, way in self.ways.items():
            for name, parameter in way.named_parameters():
                yield name + suffix, parameter

    def __call__(self, inputs, initial, lengths):
        samples = [self.sample(inputs, initial, b, n) for b, n in enumerate(lengths.tolist())]
        outputs, states = zip(*samples, strict=True)
        parts = tuple(paddle.concat(part, axis=1) for part in zip(*states, strict=True))
        return paddle.concat(outputs), parts  # (B, T, 2H), (2, B, H) each

    def sample(self, inputs, initial, b, length):
        outputs, states = [], []
        for number, (suffix, way) in enumerate(self.ways.items()):
            state = tuple(part[number, b].reshape([1, 1, -1]) for part in as_tuple(initial))
            output = paddle.zeros([1, inputs.shape[1], way.hidden_size], inputs.dtype)
            if length:
                seen = inputs[b : b + 1, :length]
                seen = seen.flip(1) if suffix else seen
                read, state = way(seen, state if len(state) > 1 else state[0])
                read, state = read.flip(1) if suffix else read, as_tuple(state)
                output = paddle.concat([read, output[:, length:]], axis=1)
            outputs.append(output)  # (1, T, H)
            states.append(state)  # (1, 1, H) each
        parts = tuple(paddle.concat(part) for part in zip(*states, strict=True))
        return paddle.concat(outputs, axis=-1), parts  # (1, T, 2H), (2, 1, H) each


@many
@given(sequences(), st.sampled_from(["tanh", "relu"]))
def test_srn_equals_paddles_in_outputs_states_and_every_gradient(case, activation):
    (size, hidden), direction, inputs, states, lengths, rng = case
    with double_precision():
        ours = SRN(size, hidden, activation, direction)
        theirs = paddle.nn.SimpleRNN(size, hidden, activation=activation, direction=direction)
    same_state(ours, theirs, rng)
    states = None if states is None else states[:1]
    outputs, grads = run(ours, inputs, states, lengths)
    expected, expected_grads = run(theirs, inputs, states, lengths)
    equality.compare("layers.SRN", outputs, expected, grads, expected_grads)


@many
@given(sequences())
def test_lstm_equals_paddles_in_outputs_states_and_every_gradient(case):
    (size, hidden), direction, inputs, states, lengths, rng = case
    with double_precision():
        ours = LSTM(size, hidden, direction)
        theirs = paddle.nn.LSTM(size, hidden, direction=direction)
    same_state(ours, theirs, rng)
    outputs, grads = run(ours, inputs, states, lengths)
    expected, expected_grads = run(theirs, inputs, states, lengths)
    equality.compare("layers.LSTM", outputs, expected, grads, expected_grads)


@settings(max_examples=50, deadline=None)
@given(sequences(everything=True), st.sampled_from([SRN, LSTM]))
def test_directions_states_and_lengths_together_equal_paddles_way_over_each_sample(case, kind):
    (size, hidden), direction, inputs, states, lengths, rng = case
    with double_precision():
        ours = kind(size, hidden, direction=direction)
        for parameter in ours.parameters():
            parameter.set_value(rng.standard_normal(tuple(parameter.shape)))
        own = paddle.nn.LSTM if kind is LSTM else paddle.nn.SimpleRNN
        theirs = SampleBySample(own, ours)
    states = states if kind is LSTM else states[:1]
    outputs, grads = run(ours, inputs, states, lengths)
    expected, expected_grads = run(theirs, inputs, states, lengths)
    # where no sequence has a step, Paddle's layer never ran
    expected_grads = [
        paddle.zeros_like(grad) if other is None else other
        for grad, other in zip(grads, expected_grads, strict=True)
    ]
    equality.compare(f"layers.{kind.__name__}", outputs, expected, grads, expected_grads)


@pytest.mark.parametrize("direction", ["forward", "bidirect"])
@pytest.mark.parametrize(("hand", "own"), [(SRN, paddle.nn.SimpleRNN), (LSTM, paddle.nn.LSTM)])
def test_takes_the_state_of_paddles_layer(hand, own, direction):
    ours, theirs = hand(3, 5, direction=direction), own(3, 5, direction=direction)
    missing, _ = ours.set_state_dict(theirs.state_dict())
    assert not missing
    x = paddle.randn([2, 4, 3])
    np.testing.assert_allclose(ours(x)[0].numpy(), theirs(x)[0].numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("layer", [SRN, LSTM])
def test_more_padding_changes_nothing(layer):
    model = layer(3, 4, direction="bidirect")
    x, lengths = paddle.randn([3, 5, 3]), paddle.to_tensor([5, 2, 0])
    padded = paddle.concat([x, paddle.full([3, 4, 3], 1e6)], axis=1)
    (short, state), (long, same) = (model(a, sequence_length=lengths) for a in (x, padded))
    # a longer product may be cut into other pieces, and so differ in its last bits
    close = {"rtol": 1e-5, "atol": 1e-6}
    np.testing.assert_allclose(long[:, :5].numpy(), short.numpy(), **close)
    assert not long[:, 5:].any() and not short[2].any()
    for one, other in zip(paddle.utils.flatten(state), paddle.utils.flatten(same), strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), **close)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_type_in_is_type_out_and_an_empty_batch_passes(dtype):
    paddle.set_default_dtype(dtype)
    try:
        model = LSTM(3, 4, "bidirect")
    finally:
        paddle.set_default_dtype("float32")
    for batch in (0, 2):
        x = paddle.ones([batch, 5, 3], dtype)
        outputs, (h, c) = model(x, sequence_length=paddle.full([batch], 3, "int64"))
        assert list(outputs.shape) == [batch, 5, 8] and list(h.shape) == [2, batch, 4]
        assert str(outputs.dtype) == str(c.dtype) == f"paddle.{dtype}"


def test_the_forget_bias_moves_the_forget_gate_alone():
    paddle.seed(3)
    plain = LSTM(2, 3, "bidirect")
    paddle.seed(3)
    keeping = LSTM(2, 3, "bidirect", forget_bias=2.0)
    for name, parameter in plain.named_parameters():
        moved = keeping.state_dict()[name].numpy() - parameter.numpy()
        expected = np.zeros(moved.shape)
        if name.startswith("bias_ih"):
            expected[3:6] = 2.0
        np.testing.assert_allclose(moved, expected, atol=1e-6)


@pytest.mark.parametrize(("layer", "gates"), [(SRN, 1), (LSTM, 4)])
def test_has_as_many_parameters_as_the_arithmetic_says(layer, gates):
    for direction, ways in (("forward", 1), ("bidirect", 2)):
        size = sum(parameter.size for parameter in layer(5, 3, direction=direction).parameters())
        assert size == ways * recurrent_parameters(5, 3, gates)


def test_begins_like_paddles_layer():
    for ours, theirs in (
        (SRN(9, 64), paddle.nn.SimpleRNN(9, 64)),
        (LSTM(9, 64), paddle.nn.LSTM(9, 64)),
    ):
        for name, parameter in ours.named_parameters():
            bounds = [float(p.abs().max()) for p in (parameter, theirs.state_dict()[name])]
            assert all(0.9 / 8 < bound <= 1 / 8 for bound in bounds)


X = paddle.zeros([2, 4, 3])
REFUSED = [
    (lambda: LSTM(0, 4), "input_size must be a positive integer, got 0"),
    (lambda: SRN(3, 4.0), "hidden_size must be a positive integer, got 4.0"),
    (lambda: LSTM(3, 4, "backward"), "direction must be 'forward' or 'bidirect', got 'backward'"),
    (lambda: SRN(3, 4, "gelu"), "activation must be 'tanh' or 'relu', got 'gelu'"),
    (lambda: LSTM(2, 4)(X), "inputs must have shape (batch, steps, 2), got (2, 4, 3)"),
    (lambda: LSTM(3, 4)(X[0]), "inputs must have shape (batch, steps, 3), got (4, 3)"),
    (lambda: LSTM(3, 4)(X[:, :0]), "inputs must have at least one step, got 0"),
    (lambda: SRN(3, 4)(X, paddle.zeros([2, 4])), "have shape (1, 2, 4), got (2, 4)"),
    (lambda: LSTM(3, 4)(X, (paddle.zeros([1, 2, 4]),)), "initial_states must be 2 tensors, got 1"),
    (
        lambda: LSTM(3, 4)(X, sequence_length=paddle.to_tensor([1.0, 2.0])),
        "sequence_length must be int32 or int64",
    ),
    (
        lambda: LSTM(3, 4)(X, sequence_length=paddle.to_tensor([1, 5])),
        "sequence_length must be from 0 to",
    ),
    (lambda: SRN(3, 4)(X, sequence_length=paddle.to_tensor(2)), "must have shape (2,), got ()"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert words in str(caught.value)
