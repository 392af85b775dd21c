"""Published networks cost what their papers and tables say; the shapes are added up here."""

import pytest

from nndl import arithmetic, profile
from nndl.arithmetic import network_cost, network_totals
from nndl.device import paddle

nn = paddle.nn


def resnet_macs(bottleneck, blocks):
    """Return the work of convolutions and the linear layer, from the shapes in the paper."""
    total, side, inputs = 64 * 3 * 49 * 112**2, 56, 64
    for stage, count in enumerate(blocks):
        width = 64 * 2**stage
        outputs = 4 * width if bottleneck else width
        for block in range(count):
            before, stride = side, 2 if stage and not block else 1
            side //= stride
            if bottleneck:  # the stride is in the 3 x 3 convolution
                total += inputs * width * before**2
                total += (9 * width * width + width * outputs) * side**2
            else:
                total += (9 * inputs * width + 9 * width * width) * side**2
            if inputs != outputs:
                total += inputs * outputs * side**2
            inputs = outputs
    return total + inputs * 1000


def mobilenet_macs():
    """Return the same of MobileNetV2, from table 2 of its paper."""
    total, side, inputs = 32 * 3 * 9 * 112**2, 112, 32
    table = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)]
    table += [(6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    for expansion, outputs, count, stride in table:
        for block in range(count):
            inner = expansion * inputs
            total += inputs * inner * side**2 if expansion > 1 else 0
            side //= stride if block == 0 else 1
            total += (9 * inner + inner * outputs) * side**2
            inputs = outputs
    return total + inputs * 1280 * 49 + 1280 * 1000


def alexnet_macs():
    """Return the same of AlexNet on one GPU."""
    maps = [(3, 64, 11, 55), (64, 192, 5, 27), (192, 384, 3, 13), (384, 256, 3, 13)]
    maps += [(256, 256, 3, 13)]
    dense = 9216 * 4096 + 4096 * 4096 + 4096 * 1000
    return sum(a * b * k * k * side**2 for a, b, k, side in maps) + dense


def vgg16_macs():
    """Return the same as the arithmetic's VGG-16."""
    preset = arithmetic.NETWORKS["vgg16"]
    return network_totals(network_cost(preset["layers"], preset["input_shape"]))["macs"]


@pytest.mark.parametrize(
    ("name", "expected", "billions", "millions"),
    [
        # the last two as torchvision's table of models prints them ("GFLOPS", which are MACs)
        ("resnet18", resnet_macs(False, [2, 2, 2, 2]), 1.81, 11.69),
        ("resnet50", resnet_macs(True, [3, 4, 6, 3]), 4.09, 25.56),
        ("mobilenet_v2", mobilenet_macs(), 0.30, 3.50),
        ("alexnet", alexnet_macs(), 0.71, 61.10),
        pytest.param(*("vgg16", vgg16_macs(), 15.47, 138.36), marks=pytest.mark.slow),
    ],
)
def test_published_networks_cost_what_is_published(name, expected, billions, millions):
    rows = profile.count(getattr(paddle.vision.models, name)(), [3, 224, 224])
    totals = network_totals(rows)
    assert totals["macs_without_norms"] == expected
    assert round(totals["macs_without_norms"] / 1e9, 2) == billions
    assert round(totals["parameters"] / 1e6, 2) == millions
    norms = sum(row["activations"] for row in rows if row["kind"] == "norm")
    assert totals["macs"] - expected == norms
    if name == "resnet50":
        assert (round(expected / 1e9, 3), round(totals["macs"] / 1e9, 3)) == (4.089, 4.1)


def test_paddles_lenet_costs_what_its_layers_say():
    totals = network_totals(profile.count(paddle.vision.models.LeNet(), [1, 28, 28]))
    convolutions = 6 * 9 * 28**2 + 16 * 6 * 25 * 10**2
    assert totals["macs"] == convolutions + 400 * 120 + 120 * 84 + 84 * 10


def test_paddles_own_counter_agrees_where_there_is_no_bias():
    dynamic_flops = pytest.importorskip("paddle.hapi.dynamic_flops", reason="Paddle moved it")
    conv, linear = nn.Conv2D(2, 4, 3, groups=2, bias_attr=False), nn.Linear(4 * 9, 5)
    counted = []
    for layer, shape in ((conv, [2, 5, 5]), (linear, [36])):
        layer.total_ops = 0
        rule = dynamic_flops.register_hooks[type(layer)]
        x = paddle.zeros([1, *shape])
        rule(layer, (x,), layer(x))
        counted.append(int(layer.total_ops))
    rows = profile.count(conv, [2, 5, 5]) + profile.count(linear, [36])
    assert [row["macs"] for row in rows] == counted
