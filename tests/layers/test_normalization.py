"""Normalization by hand equals Paddle's, running statistics included."""

import equality
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import double_precision, draw_state, run, statistics

from nndl.device import paddle
from nndl.layers import BatchNorm2D, LayerNorm

# Paddle keeps both in single precision, in which these are exact
momenta = st.sampled_from([0.0, 0.5, 0.75, 0.875, 1.0])
epsilons = st.sampled_from([2.0**-17, 2.0**-10])
seeds = st.integers(0, 2**32 - 1)
shapes = st.tuples(*[st.integers(1, 4)] * 4)


def pair(ours, theirs, seed):
    """Give both layers the same drawn state."""
    draw_state(ours, seed)
    theirs.set_state_dict(ours.state_dict())
    return ours, theirs


@settings(max_examples=200, deadline=None)
@given(shapes, momenta, epsilons, seeds, st.booleans())
def test_batch_equals_paddles_layer_in_output_gradients_and_statistics(
    shape, momentum, epsilon, seed, training
):
    with double_precision():
        layers = pair(
            BatchNorm2D(shape[1], momentum, epsilon),
            paddle.nn.BatchNorm2D(shape[1], momentum, epsilon),
            seed,
        )
    numbers = np.random.default_rng(seed).normal(3.0, 2.0, shape)
    seen = []
    for layer in layers:
        layer.train() if training else layer.eval()
        y, grads = run(layer, numbers)
        seen.append(([y, *statistics(layer)], grads))
    (outputs, grads), (expected, expected_grads) = seen
    equality.compare("layers.BatchNorm2D", outputs, expected, grads, expected_grads)


@pytest.mark.parametrize("batch", [0, 1])
def test_a_batch_without_two_numbers_a_channel_passes_as_in_paddle(batch):
    with double_precision():
        layers = pair(BatchNorm2D(3), paddle.nn.BatchNorm2D(3), 0)
    before = statistics(layers[0])
    x = paddle.to_tensor(np.random.default_rng(0).standard_normal((batch, 3, 1, 1)))
    ours, theirs = (layer(x) for layer in layers)
    np.testing.assert_array_equal(ours.numpy(), x.numpy())
    np.testing.assert_array_equal(theirs.numpy(), x.numpy())
    ours.sum().backward()
    for layer in layers:
        np.testing.assert_array_equal(statistics(layer), before)
    # the parameters have a gradient, so that weight decay reaches them as in Paddle
    assert not layers[0].weight.grad.numpy().any() and not layers[0].bias.grad.numpy().any()


def test_running_statistics_follow_as_paddles_by_default():
    with double_precision():
        layers = pair(BatchNorm2D(2), paddle.nn.BatchNorm2D(2), 0)
    rng = np.random.default_rng(0)
    for _ in range(20):
        x = paddle.to_tensor(rng.normal(5.0, 3.0, (4, 2, 3, 3)))
        for layer in layers:
            layer(x)
    # 1e-7: Paddle's 0.9 is the single precision number next to it
    np.testing.assert_allclose(*map(statistics, layers), rtol=1e-7)
    assert statistics(layers[0])[0].min() > 3.0  # they did move


@settings(max_examples=200, deadline=None)
@given(shapes, st.integers(1, 3), epsilons, seeds)
def test_layer_equals_paddles_layer_in_output_and_every_gradient(shape, axes, epsilon, seed):
    with double_precision():
        layers = pair(
            LayerNorm(shape[-axes:], epsilon), paddle.nn.LayerNorm(shape[-axes:], epsilon), seed
        )
    numbers = np.random.default_rng(seed).normal(3.0, 2.0, shape)
    (y, grads), (expected, expected_grads) = (run(layer, numbers) for layer in layers)
    equality.compare("layers.LayerNorm", [y], [expected], grads, expected_grads)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(BatchNorm2D(3), paddle.nn.BatchNorm2D(3)), (LayerNorm([2, 3]), paddle.nn.LayerNorm([2, 3]))],
)
def test_begins_with_the_state_of_paddles_layer(ours, theirs):
    ours, theirs = ours.state_dict(), theirs.state_dict()
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        np.testing.assert_array_equal(tensor.numpy(), theirs[name].numpy())


@pytest.mark.parametrize("training", [True, False])
def test_statistics_are_not_learned(training):
    layer = BatchNorm2D(2)
    layer.train() if training else layer.eval()
    layer(paddle.rand([4, 2, 3, 3])).sum().backward()
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    assert all(tensor.grad is None for tensor in layer.buffers())


@pytest.mark.parametrize("layer", [BatchNorm2D(3), LayerNorm([4, 4])])
def test_float32_stays_and_an_empty_batch_passes(layer):
    assert layer(paddle.ones([2, 3, 4, 4])).dtype == paddle.float32
    assert layer(paddle.ones([0, 3, 4, 4])).shape == [0, 3, 4, 4]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("make", [lambda: BatchNorm2D(2), lambda: LayerNorm([2, 2, 2])])
def test_half_precision_is_normalized_in_single(make, dtype):
    """The squares of the differences, 90,000, are beyond the largest number of half precision."""
    x = paddle.to_tensor([-300.0, 300.0] * 4).reshape([1, 2, 2, 2]).astype(dtype)
    x.stop_gradient = False
    layer = make()
    y = layer(x)
    y.astype("float32").square().sum().backward()
    assert y.dtype == x.grad.dtype == getattr(paddle, dtype)
    expected = np.array([-1.0, 1.0] * 4).reshape(1, 2, 2, 2)
    np.testing.assert_allclose(y.astype("float32").numpy(), expected, rtol=0.01)
    if isinstance(layer, BatchNorm2D):
        assert statistics(layer)[1].min() > 5_000
        layer.eval()
        assert np.isfinite(layer(x).astype("float32").numpy()).all()


def test_prints_its_settings():
    assert repr(BatchNorm2D(3, 0.8)) == "BatchNorm2D(3, momentum=0.8, epsilon=1e-05)"
    assert repr(LayerNorm(3)) == "LayerNorm([3], epsilon=1e-05)"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: BatchNorm2D(0), "num_features must be a positive integer, got 0"),
        (lambda: BatchNorm2D(2, momentum=1.5), "momentum must be a number >= 0 and <= 1, got 1.5"),
        (lambda: BatchNorm2D(2, epsilon=0), "epsilon must be a number > 0, got 0"),
        (lambda: BatchNorm2D(2)(paddle.ones([1, 3, 2, 2])), "x must have shape (batch, 2, height"),
        (lambda: LayerNorm([3, 0]), "normalized_shape must be a positive integer, got 0"),
        (lambda: LayerNorm([]), "normalized_shape must have a length at least, got none"),
        (lambda: LayerNorm(4)(paddle.ones([2, 3])), "x must end in normalized_shape [4], got (2, "),
    ],
)
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)
