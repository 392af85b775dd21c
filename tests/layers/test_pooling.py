"""Pooling by hand equals Paddle's, in ties too."""

import equality
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from twins import run

from nndl import ops
from nndl.device import paddle
from nndl.layers import AvgPool2D, GlobalAvgPool2D, MaxPool2D

SINGLE = 1e-7  # Paddle takes one over the window's size in single precision, in its backward alone
pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@st.composite
def windows(draw):
    """Draw the arguments of a pooling, and a batch that it can take."""
    kernel, size = draw(pairs), draw(st.tuples(st.integers(1, 8), st.integers(1, 8)))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    for n, k, p in zip(size, kernel, padding, strict=True):
        assume(n + 2 * p >= k)
    shape = (draw(st.integers(1, 2)), draw(st.integers(1, 3)), *size)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    numbers = rng.standard_normal(shape)
    if draw(st.booleans()):
        numbers = np.round(numbers)  # many ties
    return (kernel, draw(st.none() | pairs), padding), numbers


@settings(max_examples=200, deadline=None)
@given(windows())
def test_maximum_equals_paddles_layer_in_output_and_gradient(drawn):
    arguments, numbers = drawn
    before = numbers.copy()
    y, grads = run(MaxPool2D(*arguments), numbers)
    expected, expected_grads = run(paddle.nn.MaxPool2D(*arguments), numbers)
    equality.compare("layers.MaxPool2D", [y], [expected], grads, expected_grads)
    np.testing.assert_array_equal(numbers, before)


@settings(max_examples=200, deadline=None)
@given(windows(), st.booleans())
def test_average_equals_paddles_layer_in_output_and_gradient(drawn, exclusive):
    arguments, numbers = drawn
    y, grads = run(AvgPool2D(*arguments, exclusive=exclusive), numbers)
    theirs = paddle.nn.AvgPool2D(*arguments, exclusive=exclusive)
    expected, expected_grads = run(theirs, numbers)
    equality.compare("layers.AvgPool2D", [y], [expected], grads, expected_grads, SINGLE)
    np.testing.assert_allclose(y, expected, rtol=1e-9, atol=1e-9)


@settings(max_examples=200, deadline=None)
@given(st.tuples(*[st.integers(1, 6)] * 4), st.integers(0, 2**32 - 1))
def test_global_average_equals_paddles_layer_in_output_and_gradient(shape, seed):
    numbers = np.random.default_rng(seed).standard_normal(shape)
    y, grads = run(GlobalAvgPool2D(), numbers)
    expected, expected_grads = run(paddle.nn.AdaptiveAvgPool2D(1), numbers)
    equality.compare("layers.GlobalAvgPool2D", [y], [expected], grads, expected_grads, SINGLE)
    np.testing.assert_allclose(y, expected, rtol=1e-9, atol=1e-9)


def test_the_first_of_the_greatest_gets_the_gradient():
    x = paddle.ones([1, 1, 3, 3])
    x.stop_gradient = False
    MaxPool2D(3)(x).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy()[0, 0], [[1, 0, 0], [0, 0, 0], [0, 0, 0]])


LAYERS = [MaxPool2D(2, padding=1), AvgPool2D(2, padding=1), GlobalAvgPool2D()]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: type(layer).__name__)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_keeps_the_type_and_takes_an_empty_batch(layer, dtype):
    assert layer(paddle.ones([2, 3, 4, 4], dtype)).dtype == getattr(paddle, dtype)
    assert layer(paddle.ones([0, 3, 4, 4], dtype)).shape[:2] == [0, 3]


@pytest.mark.parametrize("layer", LAYERS[1:], ids=lambda layer: type(layer).__name__)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_means_of_half_precision_are_taken_in_single(layer, dtype):
    y = layer(paddle.full([1, 1, 4, 4], 60_000.0).astype(dtype))
    assert y.dtype == getattr(paddle, dtype)
    np.testing.assert_allclose(y.astype("float32").numpy(), 60_000.0, rtol=0.01)


def test_prints_its_window():
    words = "MaxPool2D(kernel_size=(2, 3), stride=(2, 3), padding=(0, 1))"
    assert repr(MaxPool2D((2, 3), padding=(0, 1))) == words


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: MaxPool2D(0), "kernel_size must be a positive integer, got 0"),
        (lambda: AvgPool2D(2, stride=0), "stride must be a positive integer, got 0"),
        (lambda: MaxPool2D(2, padding=-1), "padding must be an integer of at least 0, got -1"),
        (lambda: AvgPool2D((2, 1), padding=1), "padding must be at most half of kernel_size"),
        (lambda: MaxPool2D(3)(paddle.ones([1, 1, 2, 5])), "kernel_size must fit the padded input"),
        (lambda: GlobalAvgPool2D()(paddle.ones([3, 3])), "x must have shape (batch, channels, hei"),
        (lambda: AvgPool2D(1)(paddle.ones([3])), "height, width), got (3,)"),
    ],
)
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(windows(), st.integers(0, 2**32 - 1))
def test_maximum_of_nan_and_minus_infinity_is_that_of_the_operator(drawn, seed):
    arguments, numbers = drawn
    rng = np.random.default_rng(seed)
    held = ([-np.inf], [-np.inf, 0.0], [-np.inf, np.nan], [-np.inf, np.nan, 1.0, np.inf])
    numbers = rng.choice(held[seed % 4], numbers.shape)
    op = ops.MaxPool2D(*arguments)
    y = op(numbers)
    grad = rng.standard_normal(y.shape)
    x = paddle.to_tensor(numbers, stop_gradient=False)
    ours = MaxPool2D(*arguments)(x)
    ours.backward(paddle.to_tensor(grad))
    np.testing.assert_array_equal(ours.numpy(), y)
    np.testing.assert_allclose(x.grad.numpy(), op.backward(grad), rtol=1e-12, atol=1e-12)
