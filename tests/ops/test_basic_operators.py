"""Arithmetic, products, activations, losses, normalization: equal to Paddle's, and their rules."""

import math

import numpy as np
import pytest
from against_paddle import hold_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from nndl import ops
from nndl.device import paddle
from nndl.ops.dropout import MODES
from nndl.ops.error_function import erf

F = paddle.nn.functional
many = settings(max_examples=200, deadline=None)
some = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 2**32 - 1)
# Paddle keeps such settings in single precision: only numbers that both precisions hold
sixtyfourths = st.integers(1, 60).map(lambda n: n / 64)
EPSILON = 2.0**-10
shapes = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)

TWO = {
    "Add": (ops.Add, paddle.add),
    "Subtract": (ops.Subtract, paddle.subtract),
    "Multiply": (ops.Multiply, paddle.multiply),
    "Divide": (ops.Divide, paddle.divide),
}
ONE = {
    "Exp": (ops.Exp, paddle.exp),
    "Log": (ops.Log, paddle.log),
    "Logistic": (ops.Logistic, F.sigmoid),
    "Tanh": (ops.Tanh, paddle.tanh),
    "ReLU": (ops.ReLU, F.relu),
    "LeakyReLU": (lambda: ops.LeakyReLU(0.23), lambda x: F.leaky_relu(x, 0.23)),
    "GELU": (ops.GELU, F.gelu),
    "GELU, by a tangent": (lambda: ops.GELU(True), lambda x: F.gelu(x, approximate=True)),
}
ALONG = {
    "Softmax": (ops.Softmax, F.softmax),
    "LogSoftmax": (ops.LogSoftmax, F.log_softmax),
    "Sum": (ops.Sum, paddle.sum),
    "Mean": (ops.Mean, paddle.mean),
}


def numbers(seed, *shape, least=None):
    """Draw numbers: standard normal ones, or from `least` on."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape) if least is None else least + rng.random(shape)


# --- equal to Paddle


@pytest.mark.parametrize("name", TWO)
@many
@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4), seeds)
def test_of_two_arrays_equals_paddle(name, drawn, seed):
    make, theirs = TWO[name]
    x = numbers(seed, *drawn.input_shapes[0])
    y = numbers(seed + 1, *drawn.input_shapes[1], least=0.5)
    hold_equal(f"ops.{name}", make(), theirs, [np.asarray(x), np.asarray(y)], seed=seed)


@pytest.mark.parametrize("name", ONE)
@many
@given(shapes, seeds)
def test_of_each_element_equals_paddle(name, shape, seed):
    make, theirs = ONE[name]
    x = numbers(seed, *shape, least=0.1 if name == "Log" else None) * 3
    hold_equal(f"ops.{name}", make(), theirs, [x], seed=seed)


@pytest.mark.parametrize("name", ALONG)
@many
@given(shapes, seeds, st.data())
def test_along_an_axis_equals_paddle(name, shape, seed, data):
    make, theirs = ALONG[name]
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    options = {"axis": axis}
    if name in ("Sum", "Mean"):
        options["axis"] = data.draw(st.sampled_from([axis, None, tuple(range(len(shape)))]))
        options["keepdims"] = data.draw(st.booleans())
    paddles = {{"keepdims": "keepdim"}.get(k, k): v for k, v in options.items()}
    x = numbers(seed, *shape) * 5
    hold_equal(f"ops.{name}", make(**options), lambda t: theirs(t, **paddles), [x], seed=seed)


@many
@given(shapes, seeds, st.sampled_from([-0.5, 0.0, 0.25, 1.0, 1.5]))
def test_leaky_relu_of_any_slope_equals_paddle(shape, seed, slope):
    x = numbers(seed, *shape)
    theirs = lambda t: F.leaky_relu(t, slope)  # noqa: E731
    hold_equal("ops.LeakyReLU", ops.LeakyReLU(slope), theirs, [x], seed=seed)


@many
@given(shapes, seeds, st.sampled_from([-1.5, 0.0, 0.5, 1.0, 2.0, 3.0]))
def test_power_equals_paddle(shape, seed, exponent):
    x = numbers(seed, *shape, least=0.3)
    hold_equal("ops.Power", ops.Power(exponent), lambda t: paddle.pow(t, exponent), [x], seed=seed)


@many
@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4), seeds)
def test_powers_of_two_arrays_equal_paddles(drawn, seed):
    x = numbers(seed, *drawn.input_shapes[0], least=0.3)
    y = numbers(seed + 1, *drawn.input_shapes[1])
    hold_equal("ops.Pow", ops.Pow(), paddle.pow, [np.asarray(x), np.asarray(y)], seed=seed)


def test_powers_of_zero_and_below_equal_paddles():
    bases = np.array([0.0, 0.0, 0.0, 0.0, -2.0, -2.0, -2.0, -2.0, 2.0])
    powers = np.array([2.0, 0.0, 0.5, -1.0, 2.0, -1.0, 0.0, 0.5, 0.0])
    with np.errstate(divide="ignore", invalid="ignore"):  # of 0 ** -1 and (-2) ** 0.5
        hold_equal("ops.Pow", ops.Pow(), paddle.pow, [bases, powers])
        op = ops.Pow()
        op(bases, powers)
    slope, slope_of_power = op.backward(np.ones(9))
    np.testing.assert_array_equal(slope[:2], 0)
    np.testing.assert_array_equal(slope_of_power[:3], 0)
    assert np.isnan(slope_of_power[4:8]).all()


@many
@given(
    mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3),
    st.tuples(*[st.integers(1, 4)] * 3),
    seeds,
)
def test_matmul_equals_paddle(drawn, sizes, seed):
    (left, right), (n, k, m) = drawn.input_shapes, sizes
    x, y = numbers(seed, *left, n, k), numbers(seed + 1, *right, k, m)
    # Paddle's gradient of three axes by four is wrong or missing: give both as many axes
    axes = max(x.ndim, y.ndim)
    x, y = (a.reshape((1,) * (axes - a.ndim) + a.shape) for a in (x, y))
    hold_equal("ops.MatMul", ops.MatMul(), paddle.matmul, [x, y], seed=seed)


@many
@given(shapes, st.integers(1, 5), st.booleans(), seeds)
def test_linear_equals_paddle(shape, out, bias, seed):
    op = ops.Linear(shape[-1], out, bias=bias, seed=seed)
    names = ["weight", "bias"][: 1 + bias]
    for name in names:
        op.params[name] = numbers(seed + 1, *op.params[name].shape)
    hold_equal("ops.Linear", op, F.linear, [numbers(seed, *shape)], names, seed=seed)


@many
@given(st.lists(st.integers(0, 3), min_size=2, max_size=4).map(tuple), seeds, st.data())
def test_changes_of_shape_equal_paddle(shape, seed, data):
    x = numbers(seed, *(max(1, length) for length in shape))
    start = data.draw(st.integers(0, x.ndim - 1))
    flatten = lambda t: paddle.flatten(t, start_axis=start)  # noqa: E731
    hold_equal("ops.Flatten", ops.Flatten(start), flatten, [x], seed=seed)
    axes = tuple(data.draw(st.permutations(range(x.ndim))))
    transpose = lambda t: paddle.transpose(t, list(axes))  # noqa: E731
    hold_equal("ops.Transpose", ops.Transpose(axes), transpose, [x], seed=seed)
    new = (data.draw(st.sampled_from([1, x.shape[0]])), -1)
    hold_equal("ops.Reshape", ops.Reshape(new), lambda t: t.reshape(list(new)), [x], seed=seed)


@many
@given(st.integers(1, 6), st.integers(1, 4), shapes, st.booleans(), seeds)
def test_embedding_equals_paddle(words, length, shape, pads, seed):
    padding = seed % words if pads else None
    op = ops.Embedding(words, length, padding, seed=seed)
    x = np.random.default_rng(seed).integers(0, words, shape)
    theirs = lambda ids, weight: F.embedding(ids, weight, padding)  # noqa: E731
    hold_equal("ops.Embedding", op, theirs, [x], ["weight"], seed=seed)


@many
@given(shapes, seeds, st.sampled_from(["mean", "sum", "none"]))
def test_squared_error_equals_paddle(shape, seed, reduction):
    x, y = numbers(seed, *shape), numbers(seed + 1, *shape)
    theirs = lambda a, b: F.mse_loss(a, b, reduction)  # noqa: E731
    hold_equal("ops.SquaredError", ops.SquaredError(reduction), theirs, [x, y], seed=seed)


@many
@given(shapes, seeds, st.sampled_from(["mean", "sum", "none"]), st.floats(0.1, 5))
def test_binary_cross_entropy_equals_paddle(shape, seed, reduction, weight):
    rng = np.random.default_rng(seed)
    x, y = 4 * rng.standard_normal(shape), rng.random(shape).round(seed % 2)

    def theirs(logits, targets):
        return F.binary_cross_entropy_with_logits(
            logits,
            targets.detach(),
            reduction=reduction,
            pos_weight=paddle.to_tensor(weight, dtype="float64"),
        )

    op = ops.BinaryCrossEntropy(reduction, weight)
    hold_equal("ops.BinaryCrossEntropy", op, theirs, [x, y], seed=seed, tolerance=1e-8)


@many
@given(
    shapes,
    st.integers(1, 5),
    seeds,
    st.sampled_from(["mean", "sum", "none"]),
    st.sampled_from(["plain", "smooth", "ignore"]),
)
def test_cross_entropy_equals_paddle(shape, classes, seed, reduction, kind):
    rng = np.random.default_rng(seed)
    x, labels = 4 * rng.standard_normal((*shape, classes)), rng.integers(0, classes, shape)
    options = {}
    if kind == "smooth":
        options = {"label_smoothing": 0.25}
    if kind == "ignore":  # perhaps all labels; a negative one Paddle's mean counts all the same
        options = {"ignore_index": 0}

    def theirs(logits, labels):
        loss = F.cross_entropy(logits, labels, reduction=reduction, **options)
        return loss.reshape(list(shape)) if reduction == "none" else loss

    op = ops.CrossEntropy(reduction, **options)
    if kind == "smooth":  # Paddle spreads the share over the classes in single precision
        hold_equal("ops.CrossEntropy, smoothed", op, theirs, [x, labels], seed=seed, tolerance=1e-7)
    else:
        hold_equal("ops.CrossEntropy", op, theirs, [x, labels], seed=seed)


@many
@given(
    st.integers(1, 4),
    st.lists(st.integers(1, 3), max_size=2),
    st.integers(1, 4),  # with 1 there may be a single number a channel
    st.booleans(),
    sixtyfourths,
    seeds,
)
def test_batch_norm_equals_paddle(channels, places, samples, training, momentum, seed):
    rng = np.random.default_rng(seed)
    op = ops.BatchNorm(channels, momentum, epsilon=EPSILON)
    for group in (op.params, op.buffers):
        for name in group:
            group[name] = 0.5 + rng.random(channels)
    running = [paddle.to_tensor(op.buffers[name]) for name in ("mean", "variance")]
    op.train() if training else op.eval()

    def theirs(x, weight, bias):
        return F.batch_norm(
            x, *running, weight, bias, training=training, momentum=momentum, epsilon=EPSILON
        )

    x = 3 * rng.standard_normal((samples, channels, *places)) + 1
    hold_equal("ops.BatchNorm", op, theirs, [x], ["weight", "bias"], seed=seed, tolerance=1e-8)
    for ours, expected in zip(op.buffers.values(), running, strict=True):
        np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-9, atol=1e-9)


@many
@given(shapes, st.lists(st.integers(1, 4), min_size=1, max_size=2).map(tuple), seeds)
def test_layer_norm_equals_paddle(leading, normalized, seed):
    shape = leading + normalized  # Paddle wants an axis before, and flat parameters
    op = ops.LayerNorm(normalized, epsilon=EPSILON)
    op.params = {name: numbers(seed + 1, *normalized) for name in op.params}
    theirs = lambda x, w, b: F.layer_norm(x, list(normalized), w.flatten(), b.flatten(), EPSILON)  # noqa: E731
    x = 3 * numbers(seed, *shape) + 1
    hold_equal("ops.LayerNorm", op, theirs, [x], ["weight", "bias"], seed=seed, tolerance=1e-8)


@many
@given(shapes, seeds, st.sampled_from(MODES), sixtyfourths)
def test_dropout_equals_paddle_given_what_is_left_out(shape, seed, mode, p):
    op = ops.Dropout(p, mode, seed=seed)
    keep = np.random.default_rng(seed).random(shape) >= p
    scale = 1 / (1 - p) if mode == "upscale_in_train" else 1.0
    x = numbers(seed, *shape)
    hold_equal("ops.Dropout", op, lambda t: t * paddle.to_tensor(keep * scale), [x], seed=seed)
    op.eval()
    use = lambda t: F.dropout(t, p, training=False, mode=mode)  # noqa: E731
    x = x[None]  # Paddle's wants two axes
    hold_equal("ops.Dropout", op, use, [x], seed=seed)


# --- what they promise beside


def test_losses_are_stable_in_single_precision():
    logits = np.float32([[1e4, -1e4], [-1e4, 1e4], [0, 0]])
    cases = [(ops.CrossEntropy(), np.array([0, 0, 1])), (ops.BinaryCrossEntropy(), logits > 0)]
    for loss, targets in cases:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            value = loss(logits, targets)
            grad = loss.backward()[0]
        assert value.dtype == np.float32 and np.isfinite(value) and np.isfinite(grad).all()


def test_activations_are_stable_in_single_precision():
    x = np.float32([-1e4, -100, 0, 100, 1e4])
    for op in (ops.Logistic(), ops.Softmax(), ops.LogSoftmax(), ops.GELU(), ops.Tanh()):
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            y = op(x)
            assert np.isfinite(y).all() and np.isfinite(op.backward(np.ones_like(x))).all()


def test_minus_infinity_has_no_share_and_alone_no_softmax_as_in_paddle():
    x = np.array([[-np.inf, 0.0, -np.inf], [-np.inf] * 3])
    for op, theirs in ((ops.Softmax(), F.softmax), (ops.LogSoftmax(), F.log_softmax)):
        with np.errstate(invalid="ignore"):
            y = op(x)
        expected = theirs(paddle.to_tensor(x)).numpy()  # no exponential below that of -64 there
        np.testing.assert_allclose(np.exp(y[0]), np.exp(expected[0]), atol=1e-25)
        assert (
            np.isnan(y[1]).all()
            and np.isnan(expected[1]).all()
            and np.isfinite(op.backward(np.ones((2, 3)))[0]).all()
        )


def test_the_logistic_function_keeps_its_digits_far_below_zero():
    x = np.array([-700.0, -40.0, -1.0, 0.0, 40.0])
    expected = [math.exp(v) / (1 + math.exp(v)) for v in x]
    np.testing.assert_allclose(ops.Logistic()(x), expected, rtol=1e-14)


def test_normalization_in_single_precision_bears_a_large_mean():
    x = np.random.default_rng(0).standard_normal((32, 64)) + 300
    single, grad = x.astype(np.float32), np.random.default_rng(1).standard_normal((32, 64))
    for make in (lambda: ops.LayerNorm(64), lambda: ops.BatchNorm(64)):
        op, twin = make(), make()
        np.testing.assert_allclose(op(single), twin(single.astype(float)), atol=2e-4)
        np.testing.assert_allclose(op.backward(grad), twin.backward(grad), atol=2e-4)


def test_the_error_function_is_right_to_its_last_digits():
    x = np.concatenate([np.linspace(-7, 7, 20001), [0.0, -0.0, 1e-300, np.inf, -np.inf]])
    expected = np.array([math.erf(v) for v in x])
    # nine units of the last digit at 1: the polynomial is fitted by the machine's own LAPACK
    np.testing.assert_allclose(erf(x), expected, rtol=0, atol=2e-15)
    single = erf(x.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, rtol=0, atol=2e-7)
    assert np.isnan(erf(np.array([np.nan])))[0]


@some
@given(st.integers(1, 4), st.integers(2, 5), seeds)
def test_the_loop_of_normalization_agrees_with_both(rows, columns, seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, columns))
    layer = ops.LayerNorm(columns)
    layer.params = {"weight": rng.standard_normal(columns), "bias": rng.standard_normal(columns)}
    slow = ops.normalize_loop(x, *(np.tile(layer.params[n], (rows, 1)) for n in ("weight", "bias")))
    np.testing.assert_allclose(layer(x), slow, atol=1e-12)
    batch = ops.BatchNorm(rows)  # the rows of the loop are its channels
    batch.params = {"weight": rng.standard_normal(rows), "bias": rng.standard_normal(rows)}
    slow = ops.normalize_loop(
        x, *(np.tile(batch.params[n][:, None], (1, columns)) for n in ("weight", "bias"))
    )
    np.testing.assert_allclose(batch(x.T), slow.T, atol=1e-12)


@pytest.mark.parametrize("name", ONE)
def test_a_single_number_passes(name):
    op, row = ONE[name][0](), ONE[name][0]()
    y, twin = op(np.array(0.75)), row(np.array([0.75]))
    grad, twin_grad = op.backward(np.array(2.0)), row.backward(np.array([2.0]))
    assert np.shape(y) == np.shape(grad) == ()
    # NumPy computes numbers and arrays by different code: the last bit may differ
    assert (y, grad) == (pytest.approx(twin[0]), pytest.approx(twin_grad[0]))


def test_cross_entropy_of_one_sample_without_a_batch():
    loss = ops.CrossEntropy(reduction="none")
    assert float(loss(np.zeros(4), 2)) == pytest.approx(math.log(4))
    assert loss.backward()[0].tolist() == [0.25, 0.25, -0.75, 0.25]


def test_an_empty_batch_passes():
    none = np.zeros((0, 4))
    for op in (ops.Add(), ops.ReLU(), ops.Linear(4, 2), ops.Flatten(), ops.LayerNorm(4)):
        inputs = (none, none) if isinstance(op, ops.Add) else (none,)
        y = op(*inputs)
        back = op.backward(y)
        assert len(y) == 0 and np.shape(back[0] if isinstance(back, tuple) else back) == (0, 4)
    y = ops.Embedding(3, 2)
    assert y(np.zeros((0,), int)).shape == (0, 2)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("smoothing", [0.0, 0.25])
def test_where_every_label_is_ignored_the_loss_and_its_gradient_are_zero(reduction, smoothing):
    loss = ops.CrossEntropy(reduction, smoothing, ignore_index=2)
    logits = np.array([[0.0, 1.0, 2.0], [np.inf, np.nan, -np.inf]])  # whatever stands there
    with np.errstate(all="raise"):
        with np.errstate(invalid="ignore"):
            value = loss(logits, [2, 2])
        grad = loss.backward(np.ones(value.shape))[0]
    assert not value.any() and not grad.any() and grad.shape == (2, 3)


@pytest.mark.parametrize(
    "shape", [(1, 2), (1, 2, 1), (1, 2, 1, 1), (0, 2), (0, 2, 3, 3), (3, 2, 0)]
)
def test_batch_norm_passes_less_than_two_numbers_a_channel_and_moves_nothing(shape):
    op, x = ops.BatchNorm(2), np.full(shape, 3.0)
    op.params = {"weight": np.array([2.0, 3.0]), "bias": np.array([5.0, 7.0])}
    before = {name: array.copy() for name, array in op.buffers.items()}
    y = op(x)
    np.testing.assert_array_equal(y, x)
    assert not np.shares_memory(y, x)
    np.testing.assert_array_equal(op.backward(np.full(shape, 4.0)), np.full(shape, 4.0))
    assert all(not grad.any() and grad.shape == (2,) for grad in op.grads.values())
    for name, array in op.buffers.items():
        np.testing.assert_array_equal(array, before[name])
    op.eval()  # in use the running statistics count, for one number as for many
    places = (1, 2, *[1] * (x.ndim - 2))
    scaled = np.array([11.0, 16.0]).reshape(places)  # 3 * weight + bias
    np.testing.assert_allclose(op(x), np.broadcast_to(scaled, shape), rtol=1e-4)


def test_the_mean_does_not_count_a_negative_ignored_label():
    loss, logits = ops.CrossEntropy(ignore_index=-100), np.array([[0.0, 0.0], [5.0, 1.0]])
    assert float(loss(logits, [1, -100])) == pytest.approx(math.log(2))
    assert not loss.backward()[0][1].any()


def test_dropout_leaves_out_its_share_and_goes_on_drawing():
    op, x = ops.Dropout(0.3, seed=1), np.ones(20000)
    first, second = op(x), op(x)
    assert not np.array_equal(first, second)
    assert abs((first == 0).mean() - 0.3) < 0.015 and abs(first.mean() - 1) < 0.02
    assert np.array_equal(ops.Dropout(0.3, seed=1)(x), first)
    all_gone = ops.Dropout(1.0)
    assert not all_gone(x).any() and not all_gone.backward(x).any()


def test_an_embeddings_padding_has_no_row_and_no_gradient():
    op = ops.Embedding(3, 2, padding_idx=0)
    assert not op([0, 1])[0].any()
    op.backward(np.ones((2, 2)))
    assert op.grads["weight"].tolist() == [[0, 0], [1, 1], [0, 0]]


REFUSALS = [
    (lambda: ops.Add()(np.ones(2), np.ones(3)), "x and y must have shapes that broadcast, got (2,"),
    (lambda: ops.MatMul()(np.ones(2), np.ones((2, 1))), "must have two axes or more, got (2,)"),
    (lambda: ops.MatMul()(np.ones((1, 2)), np.ones((3, 1))), "as many columns as y has rows"),
    (lambda: ops.Linear(0, 1), "in_features must be a positive integer, got 0"),
    (lambda: ops.Linear(3, 1)(np.ones((2, 4))), "x must have 3 features in its last axis, got (2"),
    (lambda: ops.Reshape((4, 2))(np.ones(6)), "shape must hold as many numbers as x, got (4, 2)"),
    (lambda: ops.Flatten(2)(np.ones((2, 3))), "x must have an axis 2, got shape (2, 3)"),
    (lambda: ops.Transpose((0, 0))(np.ones((2, 3))), "axes must be an order of 2 axes, got (0, 0)"),
    (lambda: ops.Embedding(3, 2)([3]), "words must be from 0 to 2, got 3"),
    (lambda: ops.Softmax(2)(np.ones((2, 3))), "axis must be one of x's 2, got 2"),
    (lambda: ops.Softmax()(np.ones((2, 0))), "x must have at least one element along axis -1"),
    (lambda: ops.CrossEntropy("average"), "reduction must be 'mean' or 'sum' or 'none', got 'av"),
    (
        lambda: ops.CrossEntropy(label_smoothing=1.0),
        "label_smoothing must be a number >= 0 and < 1, got",
    ),
    (lambda: ops.CrossEntropy()(np.ones((2, 3)), [0]), "labels must have shape (2,), one for each"),
    (lambda: ops.CrossEntropy()(np.ones((2, 3)), [0, 3]), "labels must be from 0 to 2, got 3"),
    (lambda: ops.SquaredError()(np.ones((2, 1)), np.ones(2)), "targets must have the outputs'"),
    (lambda: ops.BinaryCrossEntropy()(np.ones(2), [0, 2]), "targets must be from 0 to 1"),
    (lambda: ops.BinaryCrossEntropy(pos_weight=0), "pos_weight must be a number > 0, got 0"),
    (lambda: ops.BatchNorm(2, momentum=2), "momentum must be a number >= 0 and <= 1, got 2"),
    (lambda: ops.BatchNorm(2)(np.ones((2, 3))), "x must have 2 channels in axis 1, got shape"),
    (lambda: ops.LayerNorm(3, epsilon=0), "epsilon must be a number > 0, got 0"),
    (lambda: ops.LayerNorm(3)(np.ones((2, 2))), "x must have (3,) as its last axes, got shape"),
    (lambda: ops.Power("two"), "exponent must be a finite number, got 'two'"),
    (lambda: ops.Dropout(1.5), "p must be a number >= 0 and <= 1, got 1.5"),
    (lambda: ops.Dropout(0.5, "scale"), "mode must be 'upscale_in_train' or 'downscale_in_"),
]


@pytest.mark.parametrize(("call", "words"), REFUSALS, ids=[words for _, words in REFUSALS])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ops.CrossEntropy()(np.ones((2, 3)), [0.0, 1.0]), "labels must hold integers, got"),
        (lambda: ops.Embedding(3, 2)([0.5]), "words must hold integers, got float64"),
    ],
)
def test_wrong_types_are_named(call, words):
    with pytest.raises(TypeError) as caught:
        call()
    assert words in str(caught.value)
