"""LeNet: of either kind of operators the same, and as large as the arithmetic says."""

import equality
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import double_precision, draw_state, run

from nndl import profile
from nndl.arithmetic import NETWORKS, network_cost, network_totals
from nndl.device import paddle
from nndl.models import LeNet


def paddles(in_channels, num_classes):
    """Return LeNet as a chain of Paddle's layers."""
    nn = paddle.nn
    maps = [nn.Conv2D(in_channels, 6, 5), nn.ReLU(), nn.MaxPool2D(2, 2)]
    maps += [nn.Conv2D(6, 16, 5), nn.ReLU(), nn.AvgPool2D(2, 2), nn.Conv2D(16, 120, 5), nn.ReLU()]
    ends = [nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, num_classes)]
    return nn.Sequential(*maps, nn.Flatten(), *ends)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 3), st.integers(1, 12), st.integers(1, 3), st.booleans(), st.integers(0, 2**31)
)
def test_equals_paddles_layers_in_output_and_every_gradient(
    channels, classes, batch, by_hand, seed
):
    with double_precision():
        ours, theirs = LeNet(classes, channels, by_hand), paddles(channels, classes)
    draw_state(ours, seed)
    pairs = zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True)
    for tensor, other in pairs:
        other.set_value(tensor)
    numbers = np.random.default_rng(seed).standard_normal((batch, channels, 32, 32))
    (y, grads), (expected, expected_grads) = run(ours, numbers), run(theirs, numbers)
    equality.compare("models.LeNet", [y], [expected], grads, expected_grads)


def test_one_kinds_state_fits_the_other():
    by_hand, paddles_own = LeNet(by_hand=True), LeNet()
    assert by_hand.set_state_dict(paddles_own.state_dict()) == ([], [])
    x = paddle.rand([2, 1, 32, 32])
    np.testing.assert_allclose(by_hand(x).numpy(), paddles_own(x).numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("by_hand", [True, False])
def test_costs_what_the_arithmetic_says_layer_by_layer(by_hand):
    preset = NETWORKS["lenet"]
    expected = network_cost(preset["layers"], preset["input_shape"])
    rows = profile.count(LeNet(by_hand=by_hand), preset["input_shape"])
    rows = [row for row in rows if row["kind"] != "relu"]
    names = [row.pop("name") for row in rows]
    assert names == ["conv1", "pool1", "conv2", "pool2", "conv3", "linear1", "linear2"]
    # the model flattens by a function, which is no layer
    assert rows == [row for row in expected if row["kind"] != "flatten"]
    assert network_totals(rows)["parameters"] == 61_706
    assert network_totals(rows)["macs"] == 416_520


def test_paddles_counter_adds_what_the_arithmetic_says_it_adds():
    dynamic_flops = pytest.importorskip("paddle.hapi.dynamic_flops", reason="Paddle moved it")
    model, totals = LeNet(), []

    def after(layer, inputs, output):
        rule = dynamic_flops.register_hooks.get(type(layer))
        if rule is not None:
            layer.total_ops = 0
            rule(layer, inputs, output)
            totals.append(int(layer.total_ops))

    for layer in model.children():
        layer.register_forward_post_hook(after)
    model(paddle.zeros([1, 1, 32, 32]))
    rows = {row["name"]: row for row in profile.count(LeNet(), [1, 32, 32])}
    biases = sum(rows[name]["activations"] for name in ("conv1", "conv2", "conv3"))
    averages = rows["pool2"]["activations"]
    assert sum(totals) == network_totals(list(rows.values()))["macs"] + biases + averages == 423_344


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: LeNet(0), "num_classes must be a positive integer, got 0"),
        (lambda: LeNet(in_channels=1.5), "in_channels must be a positive integer, got 1.5"),
        (lambda: LeNet()(paddle.ones([1, 1, 28, 28])), "x must have shape (batch, 1, 32, 32), got"),
    ],
)
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)
