"""Pooling: loops equal the fast version, and both equal Paddle's, in output and gradients."""

import equality
import numpy as np
import pytest
from against_paddle import hold_equal
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl import ops
from nndl.device import paddle
from nndl.ops import pooling_windows

F = paddle.nn.functional
many = settings(max_examples=200, deadline=None)
FAST = {"max": (ops.max_pool2d, ops.max_pool2d_backward)}
LOOP = {"max": (ops.max_pool2d_loop, ops.max_pool2d_loop_backward)}
FAST["avg"] = ops.avg_pool2d, ops.avg_pool2d_backward
LOOP["avg"] = ops.avg_pool2d_loop, ops.avg_pool2d_loop_backward


@st.composite
def poolings(draw, most=9):
    """Draw a batch and windows that fit; in half of the batches many numbers are equal."""
    two = lambda low, high: (draw(st.integers(low, high)), draw(st.integers(low, high)))  # noqa: E731
    kernel, stride = two(1, 4), draw(st.none() | st.just(two(1, 4)))
    padding = tuple(draw(st.integers(0, k - 1)) for k in kernel)
    size = [
        draw(st.integers(max(1, k - 2 * p), most)) for k, p in zip(kernel, padding, strict=True)
    ]
    shape = (*two(1, 3), *size)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    ties = draw(st.booleans())
    x = rng.integers(-1, 2, shape).astype(float) if ties else rng.standard_normal(shape)
    return x, {"kernel_size": kernel, "stride": stride, "padding": padding}


def kinds(exclusive):
    """Yield each kind of pooling with what it takes beside the windows."""
    return ("max", {}), ("avg", {"exclusive": exclusive})


@many
@given(poolings(most=6), st.booleans())
def test_loops_and_fast_version_agree(case, exclusive):
    x, windows = case
    for kind, more in kinds(exclusive):
        (fast, fast_backward), (loop, loop_backward) = FAST[kind], LOOP[kind]
        y = fast(x, **windows, **more)
        np.testing.assert_allclose(y, loop(x, **windows, **more), rtol=1e-12, atol=1e-12)
        grad_y = np.random.default_rng(0).standard_normal(y.shape)
        np.testing.assert_allclose(
            fast_backward(x, grad_y, **windows, **more),
            loop_backward(x, grad_y, **windows, **more),
            rtol=1e-12,
            atol=1e-12,
        )


@many
@given(poolings())
def test_the_maximum_equals_paddles_where_many_are_equal_too(case):
    x, windows = case
    hold_equal("ops.MaxPool2D", ops.MaxPool2D(**windows), lambda t: F.max_pool2d(t, **windows), [x])


def hold_mean_equal(name, op, theirs, x):
    """Compare a mean with Paddle's, whose backward divides in single precision even for doubles."""
    t = paddle.to_tensor(x, stop_gradient=False)
    y, expected = op(x), theirs(t)
    np.testing.assert_allclose(y, expected.numpy(), rtol=1e-9, atol=1e-9)
    grad_y = np.random.default_rng(0).standard_normal(y.shape)
    expected.backward(paddle.to_tensor(grad_y))
    grad_x = op.backward(grad_y)
    equality.compare(name, [y], [expected], [grad_x], [t.grad], tolerance=1e-7)
    # to double precision: of a linear map, the gradient is the transpose
    np.testing.assert_allclose((grad_x * x).sum(), (grad_y * y).sum(), rtol=1e-10, atol=1e-10)


@many
@given(poolings(), st.booleans())
def test_the_mean_equals_paddles(case, exclusive):
    x, windows = case
    windows["exclusive"] = exclusive
    op = ops.AvgPool2D(**windows)
    hold_mean_equal("ops.AvgPool2D", op, lambda t: F.avg_pool2d(t, **windows), x)


@many
@given(poolings())
def test_the_global_mean_equals_paddles(case):
    x, _ = case
    op = ops.GlobalAvgPool2D()
    hold_mean_equal("ops.GlobalAvgPool2D", op, paddle.nn.AdaptiveAvgPool2D(1), x)


def test_the_first_of_equals_gets_the_gradient_as_in_paddle():
    """Two rows lead to different columns: first in reading order is not first by columns."""
    x = np.array([[[[0.0, 7.0, 7.0], [7.0, 0.0, 7.0], [7.0, 7.0, 7.0]]]])
    for _, backward in (FAST["max"], LOOP["max"]):
        grad = backward(x, np.ones((1, 1, 1, 1)), 3)
        assert np.argwhere(grad).tolist() == [[0, 0, 0, 1]]
    t = paddle.to_tensor(x, stop_gradient=False)
    F.max_pool2d(t, 3).backward()
    equality.compare("ops.MaxPool2D", [], [], [grad], [t.grad])


@many
@given(poolings(), st.integers(0, 200), st.booleans())
def test_blocks_of_any_size_give_the_same(case, size, exclusive):
    x, windows = case
    for kind, more in kinds(exclusive):
        forward, backward = FAST[kind]
        y = forward(x, **windows, **more)
        grad = backward(x, y, **windows, **more)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pooling_windows, "BLOCK", size)
            np.testing.assert_array_equal(forward(x, **windows, **more), y)
            np.testing.assert_array_equal(backward(x, y, **windows, **more), grad)


@settings(max_examples=25, deadline=None)
@given(poolings(most=5), st.booleans())
def test_the_operators_pass_the_gradient_check(case, exclusive):
    x, windows = case
    x = np.arange(x.size, dtype=float).reshape(x.shape)  # no ties: there is no slope at one
    np.random.default_rng(0).shuffle(x.ravel())
    for op in (
        ops.MaxPool2D(**windows),
        ops.AvgPool2D(**windows, exclusive=exclusive),
        ops.GlobalAvgPool2D(),
    ):
        assert set(ops.check_gradients(op, [x]).errors) == {"input 0"}


@settings(max_examples=50, deadline=None)
@given(poolings(), st.sampled_from([np.float32, np.float64]))
def test_type_in_is_type_out_and_nothing_is_changed(case, dtype):
    x, windows = case
    x = x.astype(dtype)
    for op in (ops.MaxPool2D(**windows), ops.AvgPool2D(**windows), ops.GlobalAvgPool2D()):
        kept = x.copy()
        y = op(x)
        grad_y = np.ones(y.shape)  # in any type
        grad = op.backward(grad_y)
        assert y.dtype == dtype and grad.dtype == dtype and not np.shares_memory(x, y)
        np.testing.assert_array_equal(x, kept)
        np.testing.assert_array_equal(grad_y, 1)


def test_integers_are_pooled_in_double_precision_and_views_as_they_are():
    x = np.arange(36, dtype=np.uint8).reshape(1, 1, 6, 6)
    view = np.ascontiguousarray(x.transpose(2, 3, 1, 0)).transpose(3, 2, 0, 1)
    for forward, backward in (*FAST.values(), *LOOP.values()):
        y = forward(x, 2)
        assert y.dtype == np.float64
        np.testing.assert_array_equal(forward(view[:, :, ::-1], 2), y[:, :, ::-1])
        assert backward(x, y.astype(np.uint8), 2).sum() == y.astype(np.uint8).sum()
    np.testing.assert_array_equal(ops.max_pool2d(x, 6), 35)


def test_an_empty_batch_passes():
    none = np.zeros((0, 2, 5, 5), np.float32)
    for forward, backward in (*FAST.values(), *LOOP.values()):
        y = forward(none, 3, padding=1)
        assert y.shape == (0, 2, 2, 2) and y.dtype == np.float32
        assert backward(none, y, 3, padding=1).shape == none.shape
    pool = ops.GlobalAvgPool2D()
    assert pool(none).shape == (0, 2, 1, 1)
    assert pool.backward(np.zeros((0, 2, 1, 1))).shape == none.shape


def test_numpys_buffer_is_as_long_as_before():
    before = np.getbufsize()
    ops.max_pool2d(X, 2)
    with pytest.raises(RuntimeError), ops.buffers.short_buffers():
        assert np.getbufsize() < before
        raise RuntimeError
    assert np.getbufsize() == before


def test_backward_before_forward_says_what_is_missing():
    for op in (ops.MaxPool2D(2), ops.AvgPool2D(2), ops.GlobalAvgPool2D()):
        with pytest.raises(RuntimeError, match="call the operator first"):
            op.backward(np.ones((1, 1, 1, 1)))


X = np.zeros((1, 2, 5, 5))
REFUSED = [
    (lambda: ops.max_pool2d(X[0], 2), "x must have 4 axes, got shape (2, 5, 5)"),
    (lambda: ops.avg_pool2d_loop(X[0], 2), "x must have 4 axes, got shape (2, 5, 5)"),
    (lambda: ops.MaxPool2D(0), "kernel_size must be a positive integer, got 0"),
    (lambda: ops.AvgPool2D(2, stride=0), "stride must be a positive integer, got 0"),
    (lambda: ops.MaxPool2D(2, padding=-1), "padding must be an integer of at least 0, got -1"),
    (
        lambda: ops.AvgPool2D(2, padding=(0, 2)),
        "padding must be smaller than kernel_size, got (0, 2) and (2, 2)",
    ),
    (lambda: ops.max_pool2d(X, 6), "kernel_size must fit the padded input"),
    (lambda: ops.max_pool2d(X, 6), "x must be as large as the window of kernel_size"),
    (lambda: ops.avg_pool2d_loop(X[..., :0], 2), "x must be as large as the window of kernel_size"),
    (
        lambda: ops.max_pool2d_backward(X, X, 2),
        "grad_y must have the output's shape (1, 2, 2, 2), got (1, 2, 5, 5)",
    ),
    (lambda: ops.GlobalAvgPool2D()(X[..., :0]), "x must have maps of at least one number"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)


NAN, INF = float("nan"), float("inf")


@st.composite
def odd_poolings(draw):
    """Draw a pooling of a batch that holds NaNs and infinities, and windows full of them."""
    x, windows = draw(poolings(most=6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    held = draw(st.sampled_from([[-INF], [-INF, 0.0], [-INF, -INF, NAN], [-INF, NAN, 1.0, INF]]))
    return rng.choice(held, x.shape), windows


@many
@given(odd_poolings())
def test_loops_and_fast_version_agree_on_nan_and_minus_infinity(case):
    x, windows = case
    y = ops.max_pool2d(x, **windows)
    np.testing.assert_array_equal(y, ops.max_pool2d_loop(x, **windows))
    grad_y = np.random.default_rng(0).standard_normal(y.shape)
    grad_x = ops.max_pool2d_backward(x, grad_y, **windows)
    expected = ops.max_pool2d_loop_backward(x, grad_y, **windows)
    np.testing.assert_allclose(grad_x, expected, rtol=1e-12, atol=1e-12)
    # no window's gradient is lost in the padding
    np.testing.assert_allclose(grad_x.sum(), grad_y.sum(), rtol=1e-9, atol=1e-9)


# window of 2 x 2, its maximum, and where the gradient goes; Paddle 3.3 has neither
ODD = [
    ([[-INF, -INF], [-INF, -INF]], -INF, 0),
    ([[1.0, NAN], [2.0, 3.0]], NAN, 1),
    ([[1.0, NAN], [NAN, 3.0]], NAN, 1),
    ([[1.0, 3.0], [2.0, NAN]], NAN, 3),
    ([[NAN, INF], [INF, -INF]], NAN, 0),
    ([[-INF, NAN], [-INF, -INF]], NAN, 1),
]


@pytest.mark.parametrize(("window", "largest", "place"), ODD, ids=str)
def test_a_nan_is_the_largest_and_minus_infinity_a_number(window, largest, place):
    x, one = np.array(window).reshape(1, 1, 2, 2), np.ones((1, 1, 1, 1))
    for forward, backward in (FAST["max"], LOOP["max"]):
        np.testing.assert_array_equal(forward(x, 2).item(), largest)
        np.testing.assert_array_equal(np.flatnonzero(backward(x, one, 2)), [place])
    t = paddle.to_tensor(x, stop_gradient=False)
    theirs = F.max_pool2d(t, 2)
    theirs.backward()
    if np.isnan(largest):  # Paddle returns it only if it is last, and loses the gradient then
        assert np.isnan(theirs.numpy()).item() == (place == 3)
        assert t.grad.numpy().any() == (place != 3)
    else:
        assert np.isfinite(theirs.numpy()).item() and not t.grad.numpy().any()


def test_a_window_of_minus_infinities_gives_its_gradient_to_its_own_first_cell():
    """Beside the padding, too, which holds minus infinity itself."""
    x = np.full((1, 1, 2, 3), -INF)
    grad_y = np.arange(1.0, 13.0).reshape(1, 1, 3, 4)
    expected = [[1 + 2 + 5 + 6, 3 + 7, 4 + 8], [9 + 10, 11, 12]]
    for _, backward in (FAST["max"], LOOP["max"]):
        np.testing.assert_array_equal(backward(x, grad_y, 2, 1, 1)[0, 0], expected)
