"""The networks of NumPy operators: what they are made of, equal to Paddle's, and able to learn."""

from itertools import pairwise

import equality
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl import models, ops, optim
from nndl.arithmetic import NETWORKS, network_cost
from nndl.data import load_digits
from nndl.device import paddle

nn = paddle.nn


def paddles_twin(net, layers):
    """Return a Paddle chain in double precision with the parameters of our chain, in order."""
    twin = nn.Sequential(*layers).to(dtype="float64")
    for tensor, value in zip(twin.parameters(), net.params.values(), strict=True):
        assert tuple(tensor.shape) == value.shape
        tensor.set_value(value)
    return twin


def compare(name, net, twin, x, rng):
    """Hold output and every gradient equal, the input's and the parameters'."""
    tensor = paddle.to_tensor(x, stop_gradient=False)
    y, expected = net(x), twin(tensor)
    outputs_grads = rng.standard_normal(y.shape)
    expected.backward(paddle.to_tensor(outputs_grads))
    grads = [net.backward(outputs_grads), *net.grads.values()]
    expected_grads = [tensor.grad, *(parameter.grad for parameter in twin.parameters())]
    equality.compare(name, [y], [expected], grads, expected_grads)


def spread(net, rng):
    """Give every parameter, biases too, a value that is not its first one."""
    for param in net.params.values():
        param += 0.2 * rng.standard_normal(param.shape)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 3), st.integers(1, 12), st.integers(0, 2**32))
def test_lenet_equals_paddles_layers(batch, classes, seed):
    rng = np.random.default_rng(seed)
    net = models.lenet_ops(classes, seed=seed)
    spread(net, rng)
    twin = paddles_twin(
        net,
        [
            *(nn.Conv2D(1, 6, 5), nn.ReLU(), nn.MaxPool2D(2, 2)),
            *(nn.Conv2D(6, 16, 5), nn.ReLU(), nn.AvgPool2D(2, 2)),
            *(nn.Conv2D(16, 120, 5), nn.ReLU(), nn.Flatten()),
            *(nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, classes)),
        ],
    )
    compare("models.lenet_ops", net, twin, rng.standard_normal((batch, 1, 32, 32)), rng)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 7), min_size=2, max_size=5), st.integers(0, 2**32))
def test_mlp_equals_paddles_layers(sizes, seed):
    rng = np.random.default_rng(seed)
    net = models.mlp_ops(sizes, seed=seed)
    spread(net, rng)
    layers = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    twin = paddles_twin(net, layers[:-1])
    compare("models.mlp_ops", net, twin, rng.standard_normal((3, sizes[0])), rng)


KINDS = {
    ops.Conv2D: "conv",
    ops.MaxPool2D: "max_pool",
    ops.AvgPool2D: "avg_pool",
    ops.Flatten: "flatten",
    ops.Linear: "linear",
}


def test_lenet_is_the_arithmetics_preset_layer_by_layer():
    net, preset = models.lenet_ops(), NETWORKS["lenet"]
    rows = network_cost(preset["layers"], preset["input_shape"])
    layers = [op for op in net.ops.values() if not isinstance(op, ops.ReLU)]
    assert [KINDS[type(op)] for op in layers] == [row["kind"] for row in rows]
    x = np.zeros((1, *preset["input_shape"]))
    for op, row in zip(layers, rows, strict=True):
        x = op(x)
        assert list(x.shape[1:]) == row["shape"]
        assert sum(param.size for param in op.params.values()) == row["parameters"]
    assert sum(param.size for param in net.params.values()) == 61_706


@pytest.mark.parametrize("make", [models.lenet_ops, lambda seed: models.mlp_ops([5, 5, 5], seed)])
def test_the_seed_draws_the_weights_anew_for_each_layer(make):
    same = [make(seed=3), make(seed=3)]
    assert all(
        np.array_equal(a, b) for a, b in zip(*(n.params.values() for n in same), strict=True)
    )
    weights = [p for seed in (3, 4) for n, p in make(seed=seed).params.items() if "weight" in n]
    assert len({weight.flat[0] for weight in weights}) == len(weights)


def test_an_mlp_learns_the_digits():
    x, labels = load_digits().train
    x = np.reshape(x, (len(x), 64)).astype(np.float64)
    x, labels = (x - x.mean()) / x.std(), np.asarray(labels)
    net, loss = models.mlp_ops([64, 32, 10]), ops.CrossEntropy()
    optimizer = optim.Adam(net, learning_rate=0.02)
    for _ in range(60):
        loss(net(x), labels)
        net.backward(loss.backward()[0])
        optimizer.step()
    assert (net(x).argmax(axis=1) == labels).mean() > 0.97


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: models.lenet_ops(0), "num_classes must be a positive integer, got 0"),
        (lambda: models.mlp_ops([3]), r"sizes must have at least two numbers, got \[3\]"),
        (lambda: models.mlp_ops([3, 0]), "sizes must be a positive integer, got 0"),
    ],
)
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError, match=words):
        call()
