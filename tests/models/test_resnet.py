"""ResNets: equal to Paddle's with every tensor carried over, as large as the arithmetic says."""

import equality
import numpy as np
import pytest
from twins import double_precision, draw_state, exact_settings, run, statistics

from nndl import profile
from nndl.arithmetic import network_cost, network_totals
from nndl.data import Batches, load_digits
from nndl.device import paddle
from nndl.metrics import Accuracy
from nndl.models import Model_ResNet18, ResNet, load_from_paddle
from nndl.runner import RunnerV3

theirs = paddle.vision.models


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("depth", "by_hand"), [(18, False), (18, True), (50, False)])
def test_equals_paddles_model_in_output_gradients_and_statistics(depth, by_hand, training):
    with double_precision():
        ours = Model_ResNet18(by_hand=by_hand) if depth == 18 else ResNet(depth, by_hand=by_hand)
        models = ours, getattr(theirs, f"resnet{depth}")(num_classes=10)
    draw_state(models[1], seed=depth + training)
    load_from_paddle(models[0], models[1].state_dict())
    numbers = np.random.default_rng(0).standard_normal((2, 3, 64, 40))
    seen = []
    for model in models:
        exact_settings(model)
        model.train() if training else model.eval()
        before = statistics(model)
        y, grads = run(model, numbers)
        moved = [not np.array_equal(a, b) for a, b in zip(before, statistics(model), strict=True)]
        assert moved == [training] * len(moved)
        seen.append(([y, *statistics(model)], grads))
    (outputs, grads), (expected, expected_grads) = seen
    learned = [p for p in models[1].parameters() if not p.stop_gradient]
    assert len(grads) == 1 + len(learned)
    equality.compare(f"models.ResNet{depth}", outputs, expected, grads, expected_grads)


def test_learns_as_paddles_model_step_by_step():
    with double_precision():
        models = Model_ResNet18(), theirs.resnet18(num_classes=10)
    load_from_paddle(models[0], models[1].state_dict())
    rng = np.random.default_rng(0)
    x = paddle.to_tensor(rng.standard_normal((4, 3, 64, 64)))
    labels = paddle.to_tensor(rng.integers(0, 10, 4))
    for model in models:
        optimizer = paddle.optimizer.SGD(0.01, model.parameters())
        for _ in range(2):
            paddle.nn.functional.cross_entropy(model(x), labels).backward()
            optimizer.step()
            optimizer.clear_grad()
    twin = Model_ResNet18()
    twin.to(dtype="float64")
    load_from_paddle(twin, models[1].state_dict())
    for name, tensor in models[0].state_dict().items():
        np.testing.assert_allclose(
            tensor.numpy(), twin.state_dict()[name].numpy(), rtol=1e-9, atol=1e-9, err_msg=name
        )


def test_loading_carries_every_tensor_over():
    source, model = theirs.resnet18(num_classes=10), Model_ResNet18()
    draw_state(source)
    load_from_paddle(model, source.state_dict())
    ours = sorted(float(tensor.sum()) for tensor in model.state_dict().values())
    assert ours == sorted(float(tensor.sum()) for tensor in source.state_dict().values())
    assert len(ours) == 102  # 62 learned tensors and 20 times a mean and a variance


def test_loading_names_what_is_left_out_on_either_side_and_changes_nothing():
    model, state = Model_ResNet18(), theirs.resnet18(num_classes=10).state_dict()
    before = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    full = dict(state)
    for name in ("bn1._mean", "layer2.0.downsample.0.weight"):
        less = {key: value for key, value in full.items() if key != name}
        with pytest.raises(ValueError, match=f"the state lacks {name}$"):
            load_from_paddle(model, less)
    with pytest.raises(ValueError, match=r"the model has no extra\.weight$"):
        load_from_paddle(model, {**full, "extra.weight": full["fc.weight"]})
    with pytest.raises(ValueError, match=r"the model has no layer2\.0\.downsample\.0\.weight"):
        load_from_paddle(Model_ResNet18(use_residual=False), full)
    with pytest.raises(ValueError, match=r"conv1\.weight has shape \(64, 3, 7, 7\), not \(64, 3, "):
        load_from_paddle(Model_ResNet18(stem="cifar"), full)
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), before[name])


# --- structure


@pytest.mark.parametrize("depth", [8, 14, 18, 20, 32, 34, 50, 56, 101])
def test_has_as_many_layers_with_weights_as_its_depth_says(depth):
    plain = ResNet(depth, width=2, use_residual=False)
    weights = [p for p in plain.parameters() if p.ndim in (2, 4)]
    assert len(weights) == depth


@pytest.mark.parametrize(("depth", "count"), [(20, 3), (32, 5), (56, 9)])
def test_small_networks_are_those_of_the_paper(depth, count):
    model = ResNet(depth)
    assert [len(stage) for stage in model.stages.children()] == [count] * 3
    rows = profile.count(model, [3, 32, 32])
    shapes = [row["shape"] for row in rows if row["kind"] == "conv"]
    assert shapes[0] == [16, 32, 32] and shapes[-1] == [64, 8, 8]
    # Table 6 of the paper rounds to 0.27, 0.46 and 0.85 million; ours has its projections besides
    extra = sum(row["parameters"] for row in rows if "shortcut" in row["name"])
    total = network_totals(rows)["parameters"] - extra
    assert round(total / 1e6, 2) == {20: 0.27, 32: 0.46, 56: 0.85}[depth]


def test_width_scales_every_stage():
    narrow = ResNet(18, width=4)
    shapes = [stage[-1].conv2.weight.shape[0] for stage in narrow.stages.children()]
    assert shapes == [4, 8, 16, 32]


@pytest.mark.parametrize("by_hand", [True, False])
def test_takes_grey_pictures_and_gives_so_many_logits(by_hand):
    model = Model_ResNet18(in_channels=1, num_classes=3, stem="cifar", by_hand=by_hand)
    assert model(paddle.rand([2, 1, 8, 8])).shape == [2, 3]


@pytest.mark.parametrize("stem", ["imagenet", "cifar"])
def test_every_parameter_is_used_with_and_without_shortcuts(stem):
    for use_residual in (True, False):
        model = Model_ResNet18(use_residual=use_residual, stem=stem)
        model(paddle.rand([2, 3, 32, 32])).sum().backward()
        assert all(p.grad is not None for p in model.parameters() if not p.stop_gradient)
    assert not [name for name in model.state_dict() if "shortcut" in name]


# --- cost


def conv(channels, kernel_size, stride=1):
    """Return a convolution as the arithmetic describes it, with its normalization."""
    sizes = {"kernel_size": kernel_size, "stride": stride, "padding": kernel_size // 2}
    return [{"kind": "conv", "channels": channels, "bias": False, **sizes}, {"kind": "norm"}]


def described(stem):
    """Return ResNet18's main path and its three shortcuts with weights, as the arithmetic does."""
    pool = {"kind": "max_pool", "kernel_size": 3, "stride": 2, "padding": 1}
    path = [*conv(64, 7, 2), pool] if stem == "imagenet" else conv(64, 3)
    shortcuts, side = [], 56 if stem == "imagenet" else 32
    for number, channels in enumerate((64, 128, 256, 512)):
        stride = 1 if number == 0 else 2
        path += [*conv(channels, 3, stride), *conv(channels, 3)] + conv(channels, 3) * 2
        if number:
            shortcuts.append((conv(channels, 1, 2), [channels // 2, side, side]))
            side //= 2
    path += [{"kind": "global_pool"}, {"kind": "flatten"}, {"kind": "linear", "features": 10}]
    return path, shortcuts


@pytest.mark.parametrize("by_hand", [True, False])
@pytest.mark.parametrize(("stem", "size"), [("imagenet", 224), ("cifar", 32)])
def test_resnet18_costs_what_the_arithmetic_says_layer_by_layer(stem, size, by_hand):
    path, shortcuts = described(stem)
    expected = network_cost(path, [3, size, size])
    rows = profile.count(Model_ResNet18(stem=stem, by_hand=by_hand), [3, size, size])
    rows = [row for row in rows if row["kind"] not in ("relu", "Identity")]
    on_path = [{**row} for row in rows if "shortcut" not in row["name"]]
    beside = [{**row} for row in rows if "shortcut" in row["name"]]
    for row in on_path + beside:
        del row["name"]
    assert on_path == [row for row in expected if row["kind"] != "flatten"]
    assert beside == [row for layers, shape in shortcuts for row in network_cost(layers, shape)]
    totals = network_totals(rows)
    assert totals["parameters"] == {"imagenet": 11_181_642, "cifar": 11_173_962}[stem]
    convolutions = sum(row["macs"] for row in rows if row["kind"] in ("conv", "linear"))
    assert convolutions == {"imagenet": 1_813_566_464, "cifar": 555_422_720}[stem]


def test_plain_costs_less_by_the_shortcuts_alone():
    rows = profile.count(Model_ResNet18(stem="cifar"), [3, 32, 32])
    plain = profile.count(Model_ResNet18(stem="cifar", use_residual=False), [3, 32, 32])
    assert plain == [row for row in rows if "shortcut" not in row["name"]]


# --- refusals, and learning


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ResNet(19), "depth must be one of 18, 34, 50, 101, 152 (four stages), or 6 n + 2"),
        (lambda: ResNet(2), "(three stages), got 2"),
        (lambda: ResNet(-4), "depth must be a positive integer, got -4"),
        (lambda: ResNet(width=0), "width must be a positive integer, got 0"),
        (lambda: ResNet(8, in_channels=0), "in_channels must be a positive integer, got 0"),
        (lambda: Model_ResNet18(num_classes=0), "num_classes must be a positive integer, got 0"),
        (lambda: Model_ResNet18(stem="x"), "stem must be 'imagenet' or 'cifar', got 'x'"),
    ],
)
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)


def test_a_small_one_learns_the_digits():
    train, dev, _ = load_digits()
    paddle.seed(0)
    model = ResNet(8, width=8, in_channels=1)
    optimizer = paddle.optimizer.Momentum(0.05, 0.9, model.parameters(), weight_decay=1e-4)
    runner = RunnerV3(model, optimizer, paddle.nn.functional.cross_entropy, Accuracy())
    before = runner.evaluate(Batches(*dev)).score
    runner.train(Batches(*train, shuffle=True, seed=0), Batches(*dev), num_epochs=2, verbose=False)
    assert before < 0.3
    assert runner.evaluate(Batches(*dev)).score > 0.8
