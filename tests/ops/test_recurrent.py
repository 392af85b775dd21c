"""Recurrent operators: loops equal the fast version, and it equals Paddle's, in every gradient."""

from contextlib import contextmanager
from dataclasses import dataclass

import equality
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl import ops
from nndl.device import paddle

many = settings(max_examples=200, deadline=None)
some = settings(max_examples=25, deadline=None)
fewer = settings(max_examples=100, deadline=None)


@dataclass
class Case:
    """An operator, what it is called with, and the gradients of its outputs."""

    op: ops.Op
    inputs: tuple
    settings: dict

    @property
    def lengths(self):
        return self.inputs[-1]

    def outputs(self):
        outputs = self.op(*self.inputs)
        return outputs if isinstance(outputs, tuple) else (outputs,)

    def grads(self):
        rng = np.random.default_rng(1)
        return tuple(rng.standard_normal(y.shape) for y in self.outputs())


@st.composite
def recurrent(draw, kinds=("SRN", "LSTM", "BiSRN", "BiLSTM"), directions=("forward",), least=1):
    """Draw an operator of a kind and inputs of it, with and without what may be left out."""
    kind = draw(st.sampled_from(kinds))
    batch, time, size, hidden = (draw(st.integers(1, most)) for most in (4, 5, 4, 4))
    chosen = {"bias": draw(st.booleans()), "seed": draw(st.integers(0, 2**32 - 1))}
    if "SRN" in kind:
        chosen["activation"] = draw(st.sampled_from(["tanh", "relu"]))
    if "Bi" not in kind:
        chosen["direction"] = draw(st.sampled_from(directions))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.standard_normal((batch, time, size))
    shape = (2, batch, hidden) if "Bi" in kind else (batch, hidden)
    states = 2 if "LSTM" in kind else 1
    given_ = draw(st.booleans())
    initial = [rng.standard_normal(shape) if given_ else None for _ in range(states)]
    lengths = rng.integers(least, time + 1, batch) if draw(st.booleans()) else None
    return Case(getattr(ops, kind)(size, hidden, **chosen), (x, *initial, lengths), chosen)


def all_biases(op):
    """Return the operator's parameters, with zeros for biases that it does not have."""
    rows = len(op.params["weight_hh"])
    return {"bias_ih": np.zeros(rows), "bias_hh": np.zeros(rows)} | op.params


@many
@given(recurrent(("SRN", "LSTM"), ("forward", "reverse"), least=0))
def test_loops_and_fast_version_agree(case):
    op, (x, *states, lengths) = case.op, case.inputs
    zeros = np.zeros((len(x), op.hidden_size))
    states = [zeros if state is None else state for state in states]
    where = {"sequence_length": lengths, "reverse": op.reverse}
    loops = (ops.lstm_loop, ops.lstm_loop_backward)
    if isinstance(op, ops.SRN):
        where["activation"] = op.activation
        loops = (ops.srn_loop, ops.srn_loop_backward)
    params = all_biases(op)
    close = {"rtol": 1e-10, "atol": 1e-10}
    outputs_grads = case.grads()
    outputs = op(x, *states, lengths)
    for ours, theirs in zip(outputs, loops[0](x, *states, params, **where), strict=True):
        np.testing.assert_allclose(ours, theirs, **close)
    grads = op.backward(outputs_grads)[: len(outputs)]
    *expected, expected_params = loops[1](x, *states, params, *outputs_grads, **where)
    if "bias_ih" not in op.params:
        del expected_params["bias_ih"], expected_params["bias_hh"]
    for ours, theirs in zip(grads, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, **close)
    assert op.grads.keys() == expected_params.keys()
    for name, grad in op.grads.items():
        np.testing.assert_allclose(grad, expected_params[name], **close)


@contextmanager
def double_precision():
    """Let Paddle's layers be made in double precision."""
    before = paddle.get_default_dtype()
    paddle.set_default_dtype("float64")
    try:
        yield
    finally:
        paddle.set_default_dtype(before)


def make_layer(case, name):
    """Return Paddle's layer of a name with the operator's parameters, and its tensors by ours."""
    op = case.op
    hidden, size = op.params["weight_hh"].shape[1], op.params["weight_ih"].shape[1]
    options = {}
    if "activation" in case.settings:
        options["activation"] = case.settings["activation"]
    if isinstance(op, (ops.BiSRN, ops.BiLSTM)):
        options["direction"] = "bidirect"
    with double_precision():
        layer = getattr(paddle.nn, name)(size, hidden, **options)
    # a layer of Paddle 3.3 without biases ends the process: zero biases stand for none
    for key, tensor in layer.named_parameters():
        if "bias" in key:
            tensor.set_value(np.zeros(tensor.shape))
    places = {}
    for key, value in op.params.items():
        part, back = key.removesuffix("_reverse"), key.endswith("_reverse")
        theirs = key if name.endswith("Cell") else f"{part}_l0" + "_reverse" * back
        places[key] = getattr(layer, theirs)
        places[key].set_value(value)
    return layer, places


def tensors_of(inputs):
    """Return a tensor for each array, that asks for a gradient where it is floating-point."""
    tensors = [None if a is None else paddle.to_tensor(a) for a in inputs]
    for tensor in tensors:
        if tensor is not None:
            tensor.stop_gradient = tensor.dtype != paddle.float64
    return tensors


def compare(name, case, outputs, expected, places, tensors):
    """Hold outputs and all gradients equal, for one loss that depends on every output."""
    outputs_grads = case.grads()
    paddle.autograd.backward(expected, [paddle.to_tensor(grad) for grad in outputs_grads])
    one = isinstance(case.op, ops.SRNCell)  # the only one with a single output
    grads = case.op.backward(outputs_grads[0] if one else outputs_grads)
    grads = grads if isinstance(grads, tuple) else (grads,)
    ours, theirs = [], []
    for grad, tensor in zip(grads, tensors, strict=False):
        if tensor is not None and not tensor.stop_gradient:
            ours.append(grad)
            theirs.append(tensor.grad)
    for key, tensor in places.items():
        ours.append(case.op.grads[key])
        theirs.append(tensor.grad)
    equality.compare(name, outputs, expected, ours, theirs)


def expected_of(case, layer, tensors):
    """Return what Paddle's layer returns, with states in the shapes of ours."""
    x, *states, lengths = tensors
    alone = not isinstance(case.op, (ops.BiSRN, ops.BiLSTM))
    initial = None
    if states[0] is not None:
        initial = [state.unsqueeze(0) if alone else state for state in states]
    if alone or lengths is None:
        outputs, last = run(layer, x, initial, lengths)
    else:
        outputs, last = run_one_by_one(layer, x, initial, case.lengths)
    return [outputs, *(state[0] if alone else state for state in last)]


def run(layer, x, initial, lengths=None):
    """Call Paddle's layer, whose states may be one tensor or a tuple."""
    if initial is not None and len(initial) == 1:
        initial = initial[0]
    outputs, last = layer(x, initial, *([] if lengths is None else [lengths]))
    return outputs, last if isinstance(last, tuple) else (last,)


def run_one_by_one(layer, x, initial, lengths):
    """Call Paddle's layer with each sequence alone, cut to its length.

    Given the lengths, Paddle 3.3 loses part of the gradient of weight_hh in the reverse direction.
    """
    outputs, last = [], []
    for b, length in enumerate(lengths):
        own = None if initial is None else [state[:, b : b + 1] for state in initial]
        y, states = run(layer, x[b : b + 1, :length], own)
        outputs.append(paddle.concat([y, paddle.zeros([1, x.shape[1] - length, y.shape[2]])], 1))
        last.append(states)
    return paddle.concat(outputs), [paddle.concat(s, 1) for s in zip(*last, strict=True)]


@pytest.mark.parametrize("kind", ["SRN", "LSTM", "BiSRN", "BiLSTM"])
def test_layer_equals_paddle_in_outputs_states_and_every_gradient(kind):
    @many
    @given(recurrent((kind,)))
    def equals(case):
        layer, places = make_layer(case, "SimpleRNN" if "SRN" in kind else "LSTM")
        tensors = tensors_of(case.inputs)
        with double_precision():
            expected = expected_of(case, layer, tensors)
        compare(f"ops.{kind}", case, case.op(*case.inputs), expected, places, tensors)

    equals()


@fewer
@given(recurrent(("SRN", "LSTM"), ("reverse",)))
def test_reverse_direction_equals_paddle(case):
    kind = type(case.op).__name__
    case.inputs = (*case.inputs[:-1], None)
    cell, places = make_layer(case, "SimpleRNNCell" if kind == "SRN" else "LSTMCell")
    tensors = tensors_of(case.inputs)
    initial = None if tensors[1] is None else tensors[1:-1]
    with double_precision():
        outputs, last = run(paddle.nn.RNN(cell, is_reverse=True), tensors[0], initial)
    compare(f"ops.{kind}", case, case.op(*case.inputs), [outputs, *last], places, tensors)


@pytest.mark.parametrize("kind", ["SRNCell", "LSTMCell"])
def test_cell_equals_paddle_in_states_and_every_gradient(kind):
    @many
    @given(recurrent((kind.removesuffix("Cell"),)))
    def equals(case):
        del case.settings["direction"]
        x, *states, _ = case.inputs
        case.op = getattr(ops, kind)(x.shape[2], case.op.hidden_size, **case.settings)
        case.inputs = x[:, 0], *states
        layer, places = make_layer(case, kind.replace("SRN", "SimpleRNN"))
        tensors = tensors_of(case.inputs)
        initial = None if tensors[1] is None else tensors[1:]
        with double_precision():
            _, after = run(layer, tensors[0], initial)
        compare(f"ops.{kind}", case, case.outputs(), after, places, tensors)

    equals()


@some
@given(recurrent(directions=("forward", "reverse"), least=0))
def test_every_kind_passes_the_gradient_check(case):
    x, *rest = case.inputs
    if case.settings.get("activation") == "relu":
        # away from the kink, where there is no gradient: all states stay above zero
        case.op.params = {name: np.abs(value) + 0.1 for name, value in case.op.params.items()}
        x, rest = np.abs(x), [None if a is None else np.abs(a) for a in rest]
    report = ops.check_gradients(case.op, [x, *rest])
    asked = {"input 0"} | {f"input {i + 1}" for i, a in enumerate(rest[:-1]) if a is not None}
    assert set(report.errors) == asked | set(case.op.params)


@some
@given(recurrent())
def test_type_in_is_type_out_and_nothing_is_changed(case):
    grads = case.grads()
    for dtype in (np.float32, np.float64):
        inputs = [a if a is None or a.dtype.kind == "i" else a.astype(dtype) for a in case.inputs]
        kept = [None if a is None else a.copy() for a in inputs]
        outputs = case.op(*inputs)
        back = case.op.backward(grads)
        back = [g for g in (back if isinstance(back, tuple) else (back,)) if g is not None]
        assert {a.dtype for a in (*outputs, *back, *case.op.grads.values())} == {np.dtype(dtype)}
        for array, before in zip(inputs, kept, strict=True):
            assert array is None or np.array_equal(array, before)


@pytest.mark.parametrize("kind", ["SRN", "LSTM", "BiSRN", "BiLSTM"])
def test_nothing_to_read_leaves_the_states_as_they_are(kind):
    op = getattr(ops, kind)(3, 4)
    double = 2 if "Bi" in kind else 1
    for x in (np.zeros((0, 5, 3)), np.zeros((2, 0, 3))):
        shape = (2, len(x), 4) if double == 2 else (len(x), 4)
        states = [np.full(shape, 0.5) for _ in range(2 if "LSTM" in kind else 1)]
        outputs, *last = op(x, *states)
        assert outputs.shape == (*x.shape[:2], 4 * double)
        for before, after in zip(states, last, strict=True):
            np.testing.assert_array_equal(before, after)
        grad_x, *grads = op.backward((outputs, *last))
        assert grad_x.shape == x.shape
        for before, grad in zip(states, grads, strict=True):
            np.testing.assert_array_equal(before, grad)
        assert not any(np.any(grad) for grad in op.grads.values())


def test_steps_beyond_the_length_change_nothing():
    rng = np.random.default_rng(0)
    x, lengths = rng.standard_normal((3, 6, 2)), np.array([6, 2, 0])
    other = x.copy()
    other[1, 2:], other[2] = 1e3, -1e3
    for op in (ops.SRN(2, 3), ops.LSTM(2, 3), ops.BiLSTM(2, 3)):
        states = [None] * len(op(x)[1:])
        first, second = op(x, *states, lengths), op(other, *states, lengths)
        for ours, theirs in zip(first, second, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        grad_x, *_ = op.backward((np.ones_like(first[0]), *first[1:]))
        assert not grad_x[1, 2:].any() and not grad_x[2].any() and grad_x[1, :2].all()


def test_large_pre_activations_neither_overflow_nor_lose_the_sign():
    lstm = ops.LSTM(1, 1)
    lstm.params = {name: np.full_like(value, 1e3) for name, value in lstm.params.items()}
    with np.errstate(all="raise", under="ignore"):
        outputs, h, c = lstm(np.float32([[[1], [1], [-9]]]))
        lstm.backward((np.ones_like(outputs), h, c))
    assert outputs[0, 1, 0] == pytest.approx(np.tanh(2)) and outputs[0, 2, 0] == 0


def test_integers_count_as_double_precision():
    outputs, _ = ops.SRN(2, 3)(np.ones((1, 2, 2), np.int64))
    assert outputs.dtype == np.float64


def test_two_directions_do_not_start_alike():
    op = ops.BiLSTM(2, 3, seed=5)
    assert not np.array_equal(op.params["weight_ih"], op.params["weight_ih_reverse"])
    again = ops.BiLSTM(2, 3, seed=5)
    for name, value in op.params.items():
        np.testing.assert_array_equal(value, again.params[name])


X = np.zeros((2, 5, 3))
REFUSED = [
    (lambda: ops.SRN(0, 4), "input_size must be a positive integer, got 0"),
    (lambda: ops.LSTM(3, 4.0), "hidden_size must be a positive integer, got 4.0"),
    (lambda: ops.LSTM(3, 4, direction="both"), "direction must be 'forward' or 'reverse', got 'bo"),
    (lambda: ops.SRN(3, 4, activation="gelu"), "activation must be 'tanh' or 'relu', got 'gelu'"),
    (lambda: ops.SRN(3, 4)(X[0]), "x must have 3 axes, got shape (5, 3)"),
    (lambda: ops.SRNCell(3, 4)(X), "x must have 2 axes, got shape (2, 5, 3)"),
    (lambda: ops.LSTM(2, 4)(X), "x must have shape (batch, time, 2), got (2, 5, 3)"),
    (lambda: ops.LSTM(3, 4)(X, X[0]), "h must have shape (2, 4), got (5, 3)"),
    (lambda: ops.LSTM(3, 4)(X, None, X[0]), "c must have shape (2, 4), got (5, 3)"),
    (lambda: ops.BiLSTM(3, 4)(X, X[0]), "h must have shape (2, batch, 4), got (5, 3)"),
    (lambda: ops.SRN(3, 4)(X, None, [6, 1]), "sequence_length must be from 0 to 5, got 6"),
    (lambda: ops.SRN(3, 4)(X, None, [1]), "sequence_length must have shape (2,), got (1,)"),
    (lambda: ops.BiSRN(3, 4)(X, [[1, 2], [3]]), "h must be an array, with rows of equal length"),
    (lambda: ops.SRN(3, 4, direction=X), "direction must be 'forward' or 'reverse', got array"),
    (lambda: backward(ops.SRN(3, 4), X), "outputs_grads must be a tuple of 2"),
    (lambda: step_backward(ops.LSTMCell(3, 4), 5), "outputs_grads must be a tuple of 2, one grad"),
    (
        lambda: step_backward(ops.LSTMCell(3, 4), (None,) * 3),
        "outputs_grads must be a tuple of 2, one gradient or None for each output, got tuple of 3",
    ),
    (
        lambda: step_backward(ops.SRNCell(3, 4), np.ones(4)),
        "outputs_grads must have the output's shape (2, 4), got (4,)",
    ),
    (lambda: backward(ops.SRN(3, 4), (X, None)), "outputs_grads must have the output's shape (2, "),
]


def backward(op, grads):
    op(X)
    return op.backward(grads)


def step_backward(op, grads):
    op(X[:, 0])
    return op.backward(grads)


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)


def test_lengths_that_are_no_integers_are_refused():
    with pytest.raises(TypeError, match="sequence_length must hold integers, got float64"):
        ops.SRN(3, 4)(X, None, [1.0, 2.0])


def test_the_only_gradient_of_a_cell_may_not_be_left_out():
    with pytest.raises(TypeError, match="outputs_grads must hold real numbers, got object"):
        step_backward(ops.SRNCell(3, 4), None)


@pytest.mark.parametrize("kind", ["srn", "lstm"])
def test_loops_take_none_for_states_of_zeros(kind):
    op = ops.SRN(3, 4) if kind == "srn" else ops.LSTM(3, 4)
    x = np.random.default_rng(0).standard_normal((2, 5, 3))
    nothing = [None] * len(op.states)
    zeros = [np.zeros((2, 4)) for _ in nothing]
    forward, backward_ = getattr(ops, f"{kind}_loop"), getattr(ops, f"{kind}_loop_backward")
    results = forward(x, *zeros, op.params)
    for one, other in zip(forward(x, *nothing, op.params), results, strict=True):
        np.testing.assert_array_equal(one, other)
    grads = [np.ones_like(array) for array in results]
    expected = backward_(x, *zeros, op.params, *grads)[:-1]
    for one, other in zip(backward_(x, *nothing, op.params, *grads), expected, strict=False):
        np.testing.assert_array_equal(one, other)
