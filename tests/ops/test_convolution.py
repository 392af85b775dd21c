"""Convolution: loops equal the fast version, and both equal Paddle's, in output and gradients."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nndl import ops
from nndl.device import paddle

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
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
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
    np.testing.assert_allclose(y, expected.numpy(), rtol=1e-9, atol=1e-9)
    grad_y = np.random.default_rng(1).standard_normal(y.shape)
    expected.backward(paddle.to_tensor(grad_y))
    grads = ops.conv2d_backward(x, weight, grad_y, **where, groups=groups)
    for ours, tensor in zip(grads, tensors, strict=True):
        if tensor is not None:
            np.testing.assert_allclose(ours, tensor.grad.numpy(), rtol=1e-9, atol=1e-9)


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


def test_views_that_are_not_contiguous_give_the_same():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((6, 5, 2, 3)).transpose(3, 2, 0, 1)[:, :, ::-1]
    w = rng.standard_normal((4, 2, 3, 3))
    same = ops.conv2d(np.ascontiguousarray(x), w, padding=1)
    np.testing.assert_array_equal(ops.conv2d(x, w, padding=1), same)


X, W = np.zeros((1, 2, 5, 5)), np.zeros((4, 2, 3, 3))
REFUSED = [
    (lambda: ops.conv2d(X[0], W), "x must have shape (batch, channels, height, width), got (2, 5"),
    (lambda: ops.conv2d(X, W[0]), "weight must have shape"),
    (lambda: ops.conv2d(X[:, :1], W), "x must have weight.shape[1] * groups = 2 channels, got 1"),
    (lambda: ops.conv2d(X, W, groups=3), "out_channels must be divisible by groups, got 4, 3"),
    (lambda: ops.conv2d(X, W, bias=np.zeros(3)), "bias must have shape (4,), got (3,)"),
    (lambda: ops.conv2d(X, W, stride=0), "stride must be a positive integer, got 0"),
    (lambda: ops.conv2d(X, W, padding=-1), "padding must be an integer of at least 0, got -1"),
    (lambda: ops.conv2d(X, W, stride=1.0), "stride must be a positive integer, got 1.0"),
    (lambda: ops.conv2d(X[:, :, :2], W), "kernel_size must fit the padded input"),
    (lambda: ops.conv2d_backward(X, W, X), "grad_y must have the output's shape (1, 4, 3, 3)"),
    (lambda: ops.correlate2d_loop(X, W), "x and w must have two dimensions"),
    (lambda: ops.Conv2D(3, 4, 3, groups=2), "in_channels must be divisible by groups, got 3, 2"),
    (lambda: ops.Conv2D(2, 4, 0), "kernel_size must be a positive integer, got 0"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)


class TestGradientCheck:
    """A check that cannot fail would be worthless."""

    def broken(self, spoil):
        class Broken(ops.Conv2D):
            def backward(self, outputs_grads):
                grad = super().backward(outputs_grads)
                return spoil(self, grad)

        return Broken(2, 3, 3, padding=1)

    def check(self, spoil):
        x = np.random.default_rng(0).standard_normal((2, 2, 4, 4))
        ops.check_gradients(self.broken(spoil), [x])

    def test_finds_a_wrong_input_gradient_and_its_place(self):
        def spoil(op, grad):
            grad[1, 0, 2, 3] += 0.5
            return grad

        with pytest.raises(AssertionError, match=r"input 0 at \(1, 0, 2, 3\)"):
            self.check(spoil)

    def test_finds_a_kernel_gradient_that_is_flipped(self):
        def spoil(op, grad):
            op.grads["weight"] = op.grads["weight"][:, :, ::-1, ::-1]
            return grad

        with pytest.raises(AssertionError, match="gradient of weight"):
            self.check(spoil)

    def test_finds_a_nan(self):
        with pytest.raises(AssertionError, match="backward gives nan"):
            self.check(lambda op, grad: grad * np.nan)

    def test_names_a_wrong_shape(self):
        with pytest.raises(ValueError, match=r"must have shape \(2, 2, 4, 4\), got \(2, 2, 4, 3\)"):
            self.check(lambda op, grad: grad[..., :3])

    def test_changes_neither_input_nor_parameters(self):
        op = ops.Conv2D(1, 1, 2)
        x = np.random.default_rng(0).standard_normal((1, 1, 3, 3)).astype(np.float32)
        kept_x, kept_w = x.copy(), op.params["weight"].copy()
        ops.check_gradients(op, [x])
        assert np.array_equal(x, kept_x) and np.array_equal(op.params["weight"], kept_w)


def test_an_operator_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="must define forward"):
        ops.Op()(np.ones(1))
