"""The layer by hand equals Paddle's, given the same weights."""

import numpy as np
import pytest
from equality import compare
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nndl.device import paddle
from nndl.layers import Conv2D


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_equals_paddles_layer_in_output_and_every_gradient(data):
    def pair(low, high):
        return data.draw(st.tuples(st.integers(low, high), st.integers(low, high)))

    groups = data.draw(st.integers(1, 3))
    channels = tuple(groups * c for c in pair(1, 3))
    kernel, stride, padding, dilation, size = (
        pair(1, 3),
        pair(1, 3),
        pair(0, 2),
        pair(1, 2),
        pair(1, 8),
    )
    for n, k, p, d in zip(size, kernel, padding, dilation, strict=True):
        assume(n + 2 * p >= d * (k - 1) + 1)
    bias = None if data.draw(st.booleans()) else False
    paddle.set_default_dtype("float64")
    try:
        arguments = (*channels, kernel, stride, padding, dilation, groups)
        ours = Conv2D(*arguments, bias_attr=bias)
        theirs = paddle.nn.Conv2D(*arguments[:6], groups=groups, bias_attr=bias)
    finally:
        paddle.set_default_dtype("float32")
    theirs.set_state_dict(ours.state_dict())
    numbers = np.random.default_rng(0).standard_normal((2, channels[0], *size))
    outputs, grads = [], []
    for layer in (ours, theirs):
        x = paddle.to_tensor(numbers, stop_gradient=False)
        y = layer(x)
        (y * y.detach().cos()).sum().backward()
        outputs.append([y])
        grads.append([x.grad, *(p.grad for p in layer.parameters())])
    compare("layers.Conv2D", *outputs, *grads)


def test_holds_the_parameters_that_paddles_layer_holds():
    ours, theirs = Conv2D(3, 8, (3, 5)), paddle.nn.Conv2D(3, 8, (3, 5))
    shapes = [{k: tuple(v.shape) for k, v in m.state_dict().items()} for m in (ours, theirs)]
    assert shapes[0] == shapes[1]
    assert Conv2D(3, 8, 3, bias_attr=False).bias is None


def test_begins_like_paddles_layer():
    paddle.seed(0)
    ours = Conv2D(16, 64, 3).weight.numpy()
    theirs = paddle.nn.Conv2D(16, 64, 3).weight.numpy()
    assert abs(ours.std() / theirs.std() - 1) < 0.05 and abs(ours.mean()) < 0.01


def test_takes_a_given_kernel_as_the_chapter_does():
    ones = paddle.ParamAttr(initializer=paddle.nn.initializer.Assign(np.ones((1, 1, 2, 2))))
    layer = Conv2D(1, 1, 2, weight_attr=ones, bias_attr=False)
    x = paddle.arange(1, 10, dtype="float32").reshape([1, 1, 3, 3])
    np.testing.assert_array_equal(layer(x).numpy()[0, 0], [[12, 16], [24, 28]])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Conv2D(1, 1, 3, stride=0), "stride must be a positive integer, got 0"),
        (lambda: Conv2D(1, 1, 3, padding=-1), "padding must be an integer of at least 0, got -1"),
        (lambda: Conv2D(3, 4, 3, groups=2), "in_channels must be divisible by groups, got 3 and 2"),
        (lambda: Conv2D(2, 1, 3)(paddle.ones([1, 3, 5, 5])), "x must have shape (batch, 2, height"),
        (lambda: Conv2D(1, 1, 3)(paddle.ones([1, 1, 2, 5])), "kernel_size must fit the padded"),
    ],
)
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)
