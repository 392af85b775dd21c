"""Residual blocks equal Paddle's, of either kind of operators."""

import equality
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paddle.vision.models.resnet import BasicBlock, BottleneckBlock
from twins import double_precision, draw_state, exact_settings, run, statistics

from nndl.device import paddle
from nndl.layers import Bottleneck, ResBlock


def theirs(kind, in_channels, channels, stride):
    """Return Paddle's block, with the shortcut that Paddle's network would give it."""
    out_channels, nn, downsample = channels * kind.expansion, paddle.nn, None
    if stride != 1 or in_channels != out_channels:
        downsample = nn.Sequential(
            nn.Conv2D(in_channels, out_channels, 1, stride=stride, bias_attr=False),
            nn.BatchNorm2D(out_channels),
        )
    return kind(in_channels, channels, stride, downsample)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([(ResBlock, BasicBlock), (Bottleneck, BottleneckBlock)]),
    st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(1, 2)),
    st.tuples(st.integers(2, 3), st.integers(2, 6), st.integers(2, 6)),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_equals_paddles_block_in_output_gradients_and_statistics(
    kinds, arguments, sizes, by_hand, training, seed
):
    numbers = np.random.default_rng(seed).standard_normal((sizes[0], arguments[0], *sizes[1:]))
    with double_precision():
        ours, other = kinds[0](*arguments, by_hand=by_hand), theirs(kinds[1], *arguments)
    draw_state(ours, seed)
    state = {n.replace("shortcut", "downsample"): t for n, t in ours.state_dict().items()}
    assert state.keys() == other.state_dict().keys()
    other.set_state_dict(state)
    seen = []
    for layer in (ours, other):
        exact_settings(layer)
        layer.train() if training else layer.eval()
        y, grads = run(layer, numbers)
        seen.append((y, grads, statistics(layer)))
    (y, grads, moved), (expected, expected_grads, expected_moved) = seen
    outputs, expected_outputs = [y, *moved], [expected, *expected_moved]
    name = f"layers.{kinds[0].__name__}"
    equality.compare(name, outputs, expected_outputs, grads, expected_grads)


@pytest.mark.parametrize("kind", [ResBlock, Bottleneck])
@pytest.mark.parametrize("channels", [4, 6])
def test_without_a_shortcut_no_parameter_is_left_over(kind, channels):
    plain = kind(4, channels, stride=2, use_residual=False)
    assert not [name for name in plain.state_dict() if "shortcut" in name]
    plain(paddle.rand([3, 4, 6, 6])).sum().backward()
    learned = [p for p in plain.parameters() if not p.stop_gradient]
    assert all(p.grad is not None for p in learned)


def test_the_identity_lets_the_gradient_through_unchanged():
    block = ResBlock(3, 3)
    for parameter in block.parameters():
        if parameter.ndim == 4:
            parameter.set_value(paddle.zeros_like(parameter))  # the residual is 0
    x = paddle.rand([2, 3, 4, 4]) + 1.0
    x.stop_gradient = False
    y = block(x)
    y.sum().backward()
    np.testing.assert_array_equal(y.numpy(), x.numpy())
    np.testing.assert_array_equal(x.grad.numpy(), np.ones_like(x.numpy()))


@pytest.mark.parametrize("by_hand", [True, False])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, 4), "in_channels must be a positive integer, got 0"),
        ((4, 4, 0), "stride must be a positive integer, got 0"),
        ((4, 2.5), "hannels must be a positive integer, got 2.5"),
    ],
)
@pytest.mark.parametrize("kind", [ResBlock, Bottleneck])
def test_refusals_name_argument_value_and_rule(kind, arguments, words, by_hand):
    with pytest.raises(ValueError) as caught:
        kind(*arguments, by_hand=by_hand)
    assert words in str(caught.value)
