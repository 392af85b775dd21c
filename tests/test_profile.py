"""The cost of a model, counted while it runs, is what the arithmetic finds from the settings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl import layers, profile
from nndl.arithmetic import network_cost
from nndl.device import paddle

nn = paddle.nn
few = st.integers(1, 3)
windows = st.fixed_dictionaries({"kernel_size": few, "stride": few, "padding": st.just(0)})


@st.composite
def stacks(draw):
    """Draw a network as the arithmetic describes it, and the same as layers."""
    kit = layers.operators(draw(st.booleans()))
    described, built, channels = [], [], 2
    for kind in draw(st.lists(st.sampled_from(["conv", "max_pool", "avg_pool", "norm", "relu"]))):
        row = {"kind": kind}
        if kind == "conv":
            row |= draw(windows) | {"channels": 2 * draw(few), "groups": draw(st.integers(1, 2))}
            row |= {"bias": draw(st.booleans())}
            sizes = {name: row[name] for name in ("kernel_size", "stride", "padding", "groups")}
            bias = None if row["bias"] else False
            built.append(kit.Conv2D(channels, row["channels"], bias_attr=bias, **sizes))
            channels = row["channels"]
        elif kind.endswith("pool"):
            window = draw(windows)
            row |= window
            pool = kit.MaxPool2D if kind == "max_pool" else kit.AvgPool2D
            built.append(pool(**window))
        else:
            built.append(kit.BatchNorm2D(channels) if kind == "norm" else nn.ReLU())
        described.append(row)
    described += [{"kind": "global_pool"}, {"kind": "flatten"}, {"kind": "linear", "features": 3}]
    built += [layers.GlobalAvgPool2D(), nn.Flatten(), nn.Linear(channels, 3)]
    return described, nn.Sequential(*built)


@settings(max_examples=100, deadline=None)
@given(stacks(), st.integers(20, 40))
def test_counts_what_the_arithmetic_finds(stack, size):
    described, model = stack
    shape = [2, size, size + 1]
    try:
        expected = network_cost(described, shape)
    except ValueError:  # too many strides for this picture
        return
    rows = profile.count(model, shape)
    assert [row.pop("name") for row in rows] == [str(number) for number in range(len(rows))]
    assert rows == expected


def test_leaves_the_model_as_it_was():
    norm, dropout = nn.BatchNorm2D(2), nn.Dropout(0.5)
    model = nn.Sequential(norm, dropout, nn.Flatten(), nn.Linear(18, 1))
    dropout.eval()
    before = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    first = profile.count(model, [2, 3, 3])
    assert norm.training and model.training and not dropout.training
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), before[name])
    assert not any(layer._forward_post_hooks for layer in model.sublayers())
    assert profile.count(model, [2, 3, 3]) == first


def test_counts_shared_parameters_once_and_their_work_twice():
    linear = nn.Linear(4, 4)
    rows = profile.count(nn.Sequential(linear, nn.ReLU(), linear), [4])
    assert [(row["parameters"], row["macs"]) for row in rows] == [(20, 16), (0, 0), (0, 16)]


def test_counts_a_linear_layer_at_each_position():
    (row,) = profile.count(nn.Linear(4, 3), [5, 4])
    assert (row["shape"], row["macs"], row["activations"]) == ([5, 3], 60, 15)


def test_runs_in_the_models_own_precision():
    model = nn.Linear(4, 3)
    model.to(dtype="float64")
    assert profile.count(model, [4])[0]["parameters"] == 15


class Unused(nn.Layer):
    """Hold a layer that is not used, as plain networks with left-over shortcuts do."""

    def __init__(self):
        super().__init__()
        self.used, self.shortcut = nn.Linear(2, 2), nn.Linear(2, 2)

    def forward(self, x):
        """Use one of the two."""
        return self.used(x)


@pytest.mark.parametrize(
    ("model", "shape", "words"),
    [
        (Unused(), [2], "but not so shortcut.weight, shortcut.bias"),
        (nn.Sequential(nn.PReLU()), [2, 3, 3], "but not so 0._weight"),
        (nn.Sequential(nn.LSTM(2, 3)), [4, 2], "but not so 0.weight_ih_l0"),
        (nn.Linear(2, 2), [0], "input_shape must be a positive integer, got 0"),
    ],
    ids=["unused", "unknown", "recurrent", "shape"],
)
def test_refuses_to_leave_parameters_out(model, shape, words):
    with pytest.raises(ValueError) as caught:
        profile.count(model, shape)
    assert words in str(caught.value)
    assert not any(layer._forward_post_hooks for layer in model.sublayers(include_self=True))
