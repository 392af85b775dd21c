"""Convolution: loops equal the fast version, and both equal Paddle's, in output and gradients."""

import numpy as np
import pytest
from equality import compare
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nndl import ops
from nndl.device import paddle
from nndl.ops import convolution, convolution_windows

many = settings(max_examples=200, deadline=None)


@st.composite
def convolutions(draw, most=9):
    """Draw a batch, kernels, a bias and settings that fit, none of them the defaults only."""
    two = lambda low, high: (draw(st.integers(low, high)), draw(st.integers(low, high)))  # noqa: E731
    groups = draw(st.integers(1, 3))
    depth, outputs = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    kernel, stride, padding, dilation = two(1, 4), two(1, 3), two(0, 2), two(1, 2)
    height, width = two(1, most)
    for size, k, p, d in zip((height, width), kernel, padding, dilation, strict=True):
        assume(size + 2 * p >= d * (k - 1) + 1)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.standard_normal((draw(st.integers(1, 3)), depth * groups, height, width))
    weight = rng.standard_normal((outputs * groups, depth, *kernel))
    bias = rng.standard_normal(outputs * groups) if draw(st.booleans()) else None
    return x, weight, bias, {"stride": stride, "padding": padding, "dilation": dilation}, groups


@many
@given(convolutions(most=6))
def test_loops_and_fast_version_agree(case):
    x, weight, bias, where, groups = case
    slow = ops.conv2d_loop(x, weight, bias, **where, groups=groups)
    fast = ops.conv2d(x, weight, bias, **where, groups=groups)
    np.testing.assert_allclose(fast, slow, rtol=1e-10, atol=1e-10)
    grad_y = np.random.default_rng(0).standard_normal(fast.shape)
    both = zip(
        ops.conv2d_backward(x, weight, grad_y, **where, groups=groups),
        ops.conv2d_loop_backward(x, weight, grad_y, **where, groups=groups),
        strict=True,
    )
    for ours, theirs in both:
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


@many
@given(convolutions())
def test_equals_paddle_in_output_and_every_gradient(case):
    x, weight, bias, where, groups = case
    tensors = [None if a is None else paddle.to_tensor(a) for a in (x, weight, bias)]
    for tensor in filter(lambda t: t is not None, tensors):
        tensor.stop_gradient = False
    where_lists = {name: list(value) for name, value in where.items()}
    expected = paddle.nn.functional.conv2d(*tensors, **where_lists, groups=groups)
    y = ops.conv2d(x, weight, bias, **where, groups=groups)
    grad_y = np.random.default_rng(1).standard_normal(y.shape)
    expected.backward(paddle.to_tensor(grad_y))
    grads = ops.conv2d_backward(x, weight, grad_y, **where, groups=groups)
    pairs = [(g, t.grad) for g, t in zip(grads, tensors, strict=True) if t is not None]
    compare("ops.Conv2D", [y], [expected], *zip(*pairs, strict=True))


@many
@given(convolutions(most=6), st.integers(0, 300))
def test_blocks_of_any_size_give_the_same(case, buffer):
    x, weight, bias, where, groups = case
    x = np.concatenate([x, 2 * x, 1 - x])  # 3 to 9 samples: several blocks, the last one short
    grad_y = np.random.default_rng(2).standard_normal(
        ops.conv2d(x, weight, **where, groups=groups).shape
    )

    def results():
        y = ops.conv2d(x, weight, bias, **where, groups=groups)
        return y, *ops.conv2d_backward(x, weight, grad_y, **where, groups=groups)

    one_block = results()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution_windows, "BUFFER", buffer)
        for ours, theirs in zip(results(), one_block, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


def test_the_buffer_stays_small():
    shapes = (64, 64, 32, 32), (64, 64, 3, 3), (32, 32)
    ones, same = (1, 1), ((1, 1), (1, 1), (1, 1))
    large = convolution_windows.Windows(*shapes, same, 1, np.dtype("float32"))
    assert large.size == 1  # one sample's 64 * 9 * 32 * 32 windows fill it
    small = convolution_windows.Windows(
        (64, 1, 32, 32), (6, 1, 5, 5), (28, 28), (ones, (0, 0), ones), 1, np.dtype("float32")
    )
    assert small.columns.size <= convolution_windows.BUFFER < small.columns.size * 27 / 26


@pytest.mark.parametrize("positions", [1, 4, 100])  # in one product, in one, a product a sample
def test_the_kernels_gradient_is_summed_over_samples_and_positions(positions):
    rng = np.random.default_rng(0)
    grads = rng.standard_normal((3, 2, 10, positions))  # (b, g, P/g, M'*N')
    columns = rng.standard_normal((3, 2, 12, positions))  # (b, g, D/g*U*V, M'*N')
    expected = np.einsum("bgpl,bgkl->gpk", grads, columns)
    np.testing.assert_allclose(convolution.kernels_grads(grads, columns), expected, rtol=1e-10)


@settings(max_examples=25, deadline=None)
@given(convolutions(most=5))
def test_the_operator_passes_the_gradient_check(case):
    x, weight, bias, where, groups = case
    op = ops.Conv2D(
        x.shape[1], len(weight), weight.shape[2:], **where, groups=groups, bias=bias is not None
    )
    report = ops.check_gradients(op, [x[:1]])
    assert set(report.errors) == {"input 0", *op.params}


@settings(max_examples=50, deadline=None)
@given(convolutions())
def test_type_in_is_type_out_and_nothing_is_changed(case):
    x, weight, bias, where, groups = case
    for dtype in (np.float32, np.float64):
        arrays = [None if a is None else a.astype(dtype) for a in (x, weight, bias)]
        kept = [None if a is None else a.copy() for a in arrays]
        y = ops.conv2d(*arrays, **where, groups=groups)
        grads = ops.conv2d_backward(*arrays[:2], y, **where, groups=groups)
        assert y.dtype == dtype and all(grad.dtype == dtype for grad in grads)
        for array, before in zip(arrays, kept, strict=True):
            assert array is None or np.array_equal(array, before)


def test_the_books_first_example():
    x = np.arange(1.0, 10.0).reshape(3, 3)
    np.testing.assert_array_equal(ops.correlate2d_loop(x, np.ones((2, 2))), [[12, 16], [24, 28]])


def test_the_kernel_is_not_flipped():
    x = np.zeros((3, 3))
    x[1, 1] = 1
    w = np.arange(4.0).reshape(2, 2)
    np.testing.assert_array_equal(ops.correlate2d_loop(x, w), w[::-1, ::-1])


def test_integer_pictures_are_convolved_in_double_precision():
    y = ops.conv2d(np.full((1, 1, 2, 2), 200, np.uint8), np.ones((1, 1, 2, 2), np.uint8))
    assert y.dtype == np.float64 and y.item() == 800


def test_the_loop_keeps_integers_whole():
    y = ops.correlate2d_loop(np.full((2, 2), 200, np.uint8), np.ones((2, 2), np.uint8))
    assert y.item() == 800 and np.issubdtype(y.dtype, np.integer)
    assert ops.correlate2d_loop(np.ones((2, 2), bool), np.ones((2, 2), bool)).item() == 4


def test_lists_and_an_empty_batch_pass():
    x, w = [[[[1.0, 2.0], [3.0, 4.0]]]], [[[[1.0, 0.0], [0.0, 1.0]]]]
    for forward, backward in (
        (ops.conv2d, ops.conv2d_backward),
        (ops.conv2d_loop, ops.conv2d_loop_backward),
    ):
        assert forward(x, w).item() == 5.0
        assert backward(x, w, [[[[2.0]]]])[1].tolist() == [[[[2.0, 4.0], [6.0, 8.0]]]]
        none = np.zeros((0, 2, 5, 5))
        y = forward(none, np.ones((4, 2, 3, 3)), padding=1)
        assert y.shape == (0, 4, 5, 5)
        shapes = [g.shape for g in backward(none, np.ones((4, 2, 3, 3)), y, padding=1)]
        assert shapes == [(0, 2, 5, 5), (4, 2, 3, 3), (4,)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_operators_gradients_have_the_type_of_its_input(dtype):
    op = ops.Conv2D(2, 3, 2)
    x = np.random.default_rng(0).standard_normal((2, 2, 4, 4)).astype(dtype)
    ones = np.ones(op(x).shape)
    expected = op.backward(ones.astype(dtype))
    # the gradient may come in any type: integers once turned the kernels into zeros
    for grad in (ones, ones.astype(np.int64), ones.astype(np.float32)):
        grads = op.backward(grad), *op.grads.values()
        assert {g.dtype for g in grads} == {np.dtype(dtype)}
        np.testing.assert_array_equal(grads[0], expected)
    assert np.abs(expected).min() > 0


def test_the_inputs_gradient_can_be_spared():
    op, x = ops.Conv2D(2, 3, 2, groups=1, padding=1), np.ones((2, 2, 4, 4))
    grad_y = np.random.default_rng(0).standard_normal(op(x).shape)
    assert op.backward(grad_y).shape == x.shape
    expected = dict(op.grads)
    op.input_grad = False
    assert op.backward(grad_y) is None
    for name, grad in expected.items():
        np.testing.assert_array_equal(op.grads[name], grad)


def test_backward_before_forward_says_what_is_missing():
    with pytest.raises(RuntimeError, match="call the operator first"):
        ops.Conv2D(1, 1, 2).backward(np.ones((1, 1, 2, 2)))


@pytest.mark.parametrize(
    ("x", "w", "words"),
    [
        (np.ones((1, 1, 3, 3)) + 1j, np.ones((1, 1, 2, 2)), "x must hold real numbers, got compl"),
        (
            np.ones((1, 1, 3, 3)),
            np.full((1, 1, 2, 2), "a"),
            "weight must hold real numbers, got <U",
        ),
    ],
)
def test_what_is_no_number_is_refused(x, w, words):
    with pytest.raises(TypeError, match=words):
        ops.conv2d(x, w)


def test_views_that_are_not_contiguous_give_the_same():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((6, 5, 2, 3)).transpose(3, 2, 0, 1)[:, :, ::-1]
    w = rng.standard_normal((4, 2, 3, 3))
    same = ops.conv2d(np.ascontiguousarray(x), w, padding=1)
    np.testing.assert_allclose(ops.conv2d(x, w, padding=1), same, rtol=1e-12, atol=1e-12)


X, W = np.zeros((1, 2, 5, 5)), np.zeros((4, 2, 3, 3))
REFUSED = [
    (lambda: ops.conv2d(X[0], W), "x must have shape (batch, channels, height, width), got (2, 5"),
    (lambda: ops.conv2d(X, W[0]), "weight must have shape"),
    (lambda: ops.conv2d(X[:, :1], W), "x must have weight.shape[1] * groups = 2 channels, got 1"),
    (lambda: ops.conv2d(X, W, groups=3), "is divisible by groups, got 4 and 3"),
    (lambda: ops.conv2d(X, W, bias=np.zeros(3)), "bias must have shape (4,), got (3,), for weight"),
    (lambda: ops.conv2d(X, W[:, :, :0]), "weight must have a length of at least 1 everywhere"),
    (lambda: ops.conv2d(X, W, stride=0), "stride must be a positive integer, got 0"),
    (lambda: ops.conv2d(X, W, padding=-1), "padding must be an integer of at least 0, got -1"),
    (lambda: ops.conv2d(X, W, stride=1.0), "stride must be a positive integer, got 1.0"),
    (lambda: ops.conv2d(X[:, :, :2], W), "kernel_size must fit the padded input"),
    (lambda: ops.conv2d(X[:, :, :2], W), "x must be as large as the window of weight"),
    (lambda: ops.conv2d_loop(X[..., :0], W), "x must be as large as the window of weight"),
    (lambda: ops.correlate2d_loop(X[0, 0, :2], W[0, 0]), "x must be as large as the window of w: "),
    (lambda: ops.correlate2d_loop(X[0, 0], W[0, 0, :0]), "w must have a length of at least 1 ever"),
    (lambda: ops.conv2d_backward(X, W, X), "grad_y must have the output's shape (1, 4, 3, 3)"),
    (lambda: ops.correlate2d_loop(X, W), "x and w must have two dimensions"),
    (lambda: ops.Conv2D(3, 4, 3, groups=2), "in_channels must be divisible by groups, got 3 and 2"),
    (lambda: ops.Conv2D(2, 4, 0), "kernel_size must be a positive integer, got 0"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)
