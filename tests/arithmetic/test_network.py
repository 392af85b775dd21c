"""The cost of whole networks against real Paddle models built from the same description."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl import arithmetic
from nndl.arithmetic import NETWORKS, check_layers, network_cost, network_memory
from nndl.device import paddle


def build(layers, input_shape):
    """Return the Paddle model of a description, a layer for a layer."""
    nn, shape, parts = paddle.nn, list(input_shape), []
    rows = network_cost(layers, input_shape)
    for layer, row in zip(check_layers(layers), rows, strict=True):
        kind, window = layer["kind"], [layer.get(k) for k in ("kernel_size", "stride", "padding")]
        bias = None if layer.get("bias", True) else False
        if kind == "conv":
            more = {"dilation": layer["dilation"], "groups": layer["groups"], "bias_attr": bias}
            parts.append(nn.Conv2D(shape[0], layer["channels"], *window, **more))
        elif kind in ("max_pool", "avg_pool"):
            parts.append({"max_pool": nn.MaxPool2D, "avg_pool": nn.AvgPool2D}[kind](*window))
        elif kind == "linear":
            parts.append(nn.Linear(shape[0], layer["features"], bias_attr=bias))
        elif kind == "norm":
            parts.append(nn.BatchNorm2D(shape[0]) if len(shape) == 3 else nn.BatchNorm1D(shape[0]))
        else:
            makers = {"global_pool": lambda: nn.AdaptiveAvgPool2D(1), "relu": nn.ReLU}
            parts.append(makers.get(kind, nn.Flatten)())
        shape = row["shape"]
    return parts


def held(layer):
    return sum(p.size for p in layer.parameters() if not p.stop_gradient)


@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "vgg16"])
def test_presets_are_what_paddle_builds(name):
    layers, input_shape = NETWORKS[name]["layers"], NETWORKS[name]["input_shape"]
    x = paddle.zeros([1, *input_shape])
    rows = network_cost(layers, input_shape)
    for row, layer in zip(rows, build(layers, input_shape), strict=True):
        x = layer(x)
        assert list(x.shape[1:]) == row["shape"] and x.size == row["activations"]
        assert held(layer) == row["parameters"]


KNOWN = {"lenet": 61_706, "vgg16": 138_357_544}


@pytest.mark.parametrize(("name", "parameters"), KNOWN.items())
def test_the_known_totals(name, parameters):
    rows = network_cost(NETWORKS[name]["layers"], NETWORKS[name]["input_shape"])
    assert sum(row["parameters"] for row in rows) == parameters


def test_vgg16_is_paddles_own():
    from paddle.vision.models import vgg16

    assert held(vgg16()) == KNOWN["vgg16"]


conv = st.fixed_dictionaries(
    {"kind": st.just("conv"), "channels": st.integers(1, 6), "kernel_size": st.integers(1, 4)},
    optional={
        "stride": st.integers(1, 3),
        "padding": st.integers(0, 2),
        "dilation": st.integers(1, 2),
        "groups": st.integers(1, 3),
        "bias": st.booleans(),
    },
)
pool = st.fixed_dictionaries(
    {"kind": st.sampled_from(["max_pool", "avg_pool"]), "kernel_size": st.integers(1, 3)},
    optional={"stride": st.integers(1, 3), "padding": st.integers(0, 2)},
)
plain = st.sampled_from([{"kind": k} for k in ("norm", "relu", "flatten", "global_pool")])
linear = st.fixed_dictionaries({"kind": st.just("linear"), "features": st.integers(1, 20)})
stacks = st.lists(conv | pool | plain | linear, min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(stacks, st.tuples(st.integers(1, 4), st.integers(1, 12), st.integers(1, 12)))
def test_any_stack_is_what_paddle_builds_or_is_refused(layers, input_shape):
    try:
        rows = network_cost(layers, input_shape)
    except ValueError as error:
        assert str(error).startswith("layer ")
        return
    x = paddle.zeros([2, *input_shape])
    for row, layer in zip(rows, build(layers, input_shape), strict=True):
        layer.eval()
        x = layer(x)
        assert list(x.shape[1:]) == row["shape"]
        assert held(layer) == row["parameters"]


@pytest.mark.parametrize(
    ("layers", "shape", "words"),
    [
        ([{"kind": "conv", "channels": 2, "kernel_size": 9}], [1, 8, 8], "layer 1: kernel_size mu"),
        ([{"kind": "linear", "features": 3}], [1, 4, 4], "layer 1: linear needs a vector"),
        ([{"kind": "flatten"}, {"kind": "max_pool", "kernel_size": 2}], [1, 4, 4], "layer 2: max_"),
        ([{"kind": "relu"}, {"kind": "conv"}], [1, 4, 4], "layer 2: conv needs channels"),
        ([{"kind": "con"}], [1, 4, 4], "layer 1: kind must be one of conv, max_pool"),
        ([{"kind": ["conv"]}], [4], "layer 1: kind must be one of"),
        (["conv"], [4], "layer 1: kind must be one of"),
        ([{"kind": "linear", "features": 2, "bias": 1}], [4], "layer 1: bias must be True or"),
        ([{"kind": "linear", "features": None}], [4], "layer 1: features must be a positive"),
        ({"kind": "relu"}, [4], "layers must be a list of layers, got {'kind': 'relu'}"),
        ([{"kind": "relu"}], 4, "input_shape must have 1 or 3 numbers, got 4"),
        ([{"kind": "relu", "stride": 2}], [1, 4, 4], "layer 1: relu has no field stride"),
        (
            [{"kind": "conv", "channels": 3, "kernel_size": 1, "groups": 2}],
            [4, 4, 4],
            "layer 1: out_channels must be divisible by groups",
        ),
        ([{"kind": "linear", "features": 0}], [4], "layer 1: features must be a positive integer"),
        ([{"kind": "linear", "features": 10**6}], [4], "layer 1: features must be at most 100000"),
        ([{"kind": "relu"}], [4, 4], "input_shape must have 1 or 3 numbers, got [4, 4]"),
        (
            [{"kind": "max_pool", "kernel_size": 1, "padding": 1}],
            [1, 4, 4],
            "layer 1: padding must be at most half",
        ),
    ],
)
def test_an_impossible_stack_names_its_layer(layers, shape, words):
    with pytest.raises(ValueError) as caught:
        network_cost(layers, shape)
    assert str(caught.value).startswith(words)


def test_memory_counts_what_each_mode_keeps():
    rows = network_cost([{"kind": "linear", "features": 2}, {"kind": "relu"}], [3])
    weights, x, y = 8, 3, 2  # numbers of the layer, of the input, of each output
    total = {mode: network_memory(rows, [3], mode, 4, 10)["total"] for mode in ("inference", "sgd")}
    assert total["inference"] == 4 * (weights + 10 * max(x + y, y + y))
    assert total["sgd"] == 4 * (2 * weights + 10 * (x + y + y))
    for mode, copies in (("sgd", 2), ("momentum", 3), ("adam", 4)):
        layers = network_memory(rows, [3], mode)["layers"]
        assert sum(layers[0][:3]) == 4 * copies * weights
    half = network_memory(rows, [3], "adam", 2, 10)["total"]
    assert 2 * half == network_memory(rows, [3], "adam", 4, 10)["total"]
    with pytest.raises(ValueError, match="mode must be one of"):
        network_memory(rows, [3], "rmsprop")


def test_the_adam_of_paddle_keeps_two_numbers_a_parameter():
    layer = paddle.nn.Linear(3, 2)
    adam = paddle.optimizer.Adam(parameters=layer.parameters())
    layer(paddle.ones([1, 3])).sum().backward()
    adam.step()
    state = [v.size for k, v in adam.state_dict().items() if "moment" in k]
    rows = network_cost([{"kind": "linear", "features": 2}], [3])
    assert 4 * sum(state) == network_memory(rows, [3], "adam")["layers"][0][2]


def test_rows_do_not_share_their_shapes():
    rows = network_cost([{"kind": "relu"}, {"kind": "relu"}], [3])
    rows[0]["shape"].append(9)
    assert rows[1]["shape"] == [3]


def test_totals_are_in_the_package():
    layers = [{"kind": "linear", "features": 2}]
    totals = arithmetic.network_totals(network_cost(layers, [3]))
    assert totals == {"parameters": 8, "macs": 6, "macs_without_norms": 6, "activations": 2}


def test_totals_give_the_work_with_and_without_normalizations():
    layers = [{"kind": "norm"}, {"kind": "conv", "channels": 5, "kernel_size": 2}, {"kind": "norm"}]
    totals = arithmetic.network_totals(network_cost(layers, [3, 4, 4]))
    work, norms = 5 * 3 * 2 * 2 * 3 * 3, 3 * 4 * 4 + 5 * 3 * 3
    assert totals["macs"] == work + norms and totals["macs_without_norms"] == work
