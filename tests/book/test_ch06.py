"""Chapter 06: the numbers in its words, its results, its exercises."""

import re
from pathlib import Path

import numpy as np
import pytest
from run_chapter import check_answers, run_chapter

from nndl import arithmetic
from nndl.device import paddle
from nndl.exercises.ch06 import EXERCISES
from nndl.models import LeNet, Model_ResNet18, ResNet

SOURCE = Path(__file__).resolve().parents[2] / "book" / "06-receptive-field.md"
TEXT = SOURCE.read_text("utf8")


@pytest.fixture(scope="module")
def page():
    return run_chapter(SOURCE)


def last(layers):
    return arithmetic.receptive_field(layers)[-1]


# --- numbers in the prose and in the alt texts


def test_the_tasks_of_the_explorer():
    assert last([(3, 1, 0, 1)] * 3)[0] == 7 and "1\\. 7 × 7." in TEXT
    strided = [r for r, _, _ in arithmetic.receptive_field([(3, 2, 0, 1)] + [(3, 1, 0, 1)] * 2)]
    assert strided == [3, 7, 11] and "grow, to 7 and 11" in TEXT
    assert last([(3, 1, 0, 1)] * 2 + [(3, 1, 0, 2)])[0] == 9 and "3\\. It is 9 × 9." in TEXT


def test_stack_and_single_layer():
    assert 3 * 9 == 27 and 7 * 7 == 49 and "$3 \\cdot 9 = 27$ against $49$" in TEXT


def test_dilated_and_plain_eight_layers():
    assert last([(3, 1, 1, 2**n) for n in range(8)])[0] == 511
    assert last([(3, 1, 1, 1)] * 8)[0] == 17
    assert "Eight layers see 511 positions" in TEXT and "otherwise see 17" in TEXT


def test_ways_through_four_layers():
    ways = np.ones(1)
    for _ in range(4):
        ways = np.convolve(ways, np.ones(3))
    assert "1 way of $3^4 = 81$, the middle 19" in TEXT
    assert (ways[0], ways.max(), ways.sum()) == (1, 19, 81) and 81**2 == 6561
    assert " ".join(str(int(w)) for w in ways) + "." in TEXT


@pytest.mark.parametrize("tripled, holes", [(3, False), (4, True)])
def test_when_dilation_leaves_holes(tripled, holes):
    layers = [(3, 1, 0, 1), (3, 1, 0, tripled)]  # the first covers 3
    field = last(layers)[0]
    assert (len(arithmetic.backward_cone(layers, field, 0)[0]) < field) == holes
    assert "let no dilation be larger than the field of the layer below" in TEXT


def test_every_subject_of_the_course_is_there():
    for words in (
        "seven of the third",
        "**jump**",
        "**start**",
        "Dilation",
        "Pooling follows the same three rules",
        "maximum over the paths",
        "theoretical",
        "**Gaussian**",
        "least squares",
        "before and after training",
        "It is an analogy",
        "ImageNet stem",
        "RunnerV3(",
        "What this does not show",
        "Further reading",
    ):
        assert words in TEXT, words


# --- form


def test_package_code_is_shown_and_not_pasted():
    shown = re.findall(r"^plots\.show_source\((.+)\)$", TEXT, re.M)
    assert shown == ["arithmetic.receptive_field", "arithmetic.graph_receptive_field"]


# --- results


def test_formula_and_gradient_name_the_same_pixels(page):
    rows = page.table("by gradient").rows
    assert len(rows) == 4 and all(row[-1] == row[-2] for row in rows)


@pytest.mark.parametrize("stem", ["imagenet", "cifar"])
@pytest.mark.parametrize("depth, blocks", [(8, [1] * 3), (20, [3] * 3), (18, [2] * 4)])
def test_windows_are_those_of_the_models(page, depth, blocks, stem):
    model = ResNet(depth, width=4, stem=stem)
    kinds = (paddle.nn.Conv2D, paddle.nn.MaxPool2D)
    windows = []
    for name, layer in model.named_sublayers():
        if isinstance(layer, kinds) and "shortcut" not in name:
            get = getattr
            size = get(layer, "_kernel_size", None) or layer.ksize
            stride = get(layer, "_stride", None) or layer.stride
            padding = get(layer, "_padding", None)
            padding = layer.padding if padding is None else padding
            one = [v[0] if isinstance(v, (list, tuple)) else v for v in (size, stride, padding)]
            windows.append((*one, 1))
    assert windows == page["resnet_windows"](blocks, stem)


def test_fields_of_the_models_that_are_measured(page):
    assert last(page["LENET"].values())[0] == 32 and last(page["resnet8"])[0] == 25
    windows = page["windows18"]
    assert last(windows)[:2] == (435, 32)
    shape = page["maps_of"](LeNet())(paddle.zeros([1, 1, 32, 32])).shape
    assert list(shape) == [1, 120, 1, 1]
    # unit 4 of the ResNet's 8 by 8 map sees no border; so does unit 7 of 14 on 448 pixels
    r, j, c = last(page["resnet8"])
    assert c + 4 * j - (r - 1) / 2 >= 0 and c + 4 * j + (r - 1) / 2 < 32
    r, j, c = last(windows)
    assert c + 7 * j - (r - 1) / 2 >= 0 and c + 7 * j + (r - 1) / 2 < 448


def test_a_stem_decides_the_work(page):
    rows = page.table("picture").rows
    parameters, macs, macs_without_norms = (
        [int(row[place].replace(",", "")) for row in rows] for place in (-3, -2, -1)
    )
    assert round(macs[2] / macs[1]) == 15 and "15 times as much" in TEXT
    assert all(0 < a < b for a, b in zip(macs_without_norms, macs, strict=True))
    assert abs(parameters[2] / parameters[1] - 1) < 0.001  # "nearly the same"
    assert page["follow"]("imagenet", 32)[-1] == (1, 435, 32)
    assert page["follow"]("imagenet", 32)[1][:2] == (8, 43)
    shape = page["maps_of"](Model_ResNet18(stem="cifar"))(paddle.zeros([1, 3, 32, 32])).shape
    assert shape[-1] == page["follow"]("cifar", 32)[-1][0]


def test_sigma_is_the_spread_of_the_counted_ways(page):
    for layers in ([(3, 1, 0, 1)] * 4, page["LENET"].values(), [(3, 2, 0, 2), (5, 1, 0, 1)]):
        ways, jump = np.ones(1), 1
        for k, s, _, d in layers:
            taps = np.zeros((k - 1) * d * jump + 1)
            taps[:: d * jump] = 1 / k
            ways, jump = np.convolve(ways, taps), jump * s
        at = np.arange(len(ways))
        variance = np.sum(ways * at**2) - np.sum(ways * at) ** 2
        assert np.isclose(page["sigma"](layers) ** 2, variance)


def test_random_stacks_are_as_predicted(page):
    theory, measured = np.array(page["theory"]), np.array(page["measured"])
    assert np.all(np.abs(measured / theory - 1) < 0.1)
    assert float(page.table("σ by least squares").rows[-1][-1]) > 0.98  # "nearly Gaussian"


def test_the_fits_find_a_known_width(page):
    bell = page["gaussian"](61, 30, 4.0)
    field = np.outer(bell, bell)
    assert np.isclose(page["moments"](field)[1], 4.0, atol=0.01)
    width, explained = page["least_squares"](field)
    assert abs(width - 4) < 0.01 and explained > 0.9999


def test_all_last_units_of_resnet18_look_over_a_border():
    layers = [(7, 2, 3, 1), (3, 2, 1, 1)]
    for stage in range(4):
        layers += [(3, 2 if stage else 1, 1, 1)] + [(3, 1, 1, 1)] * 3
    r, j, c = last(layers)
    assert (r, -(-224 // j)) == (435, 7)
    ends = [(c + unit * j - (r - 1) / 2, c + unit * j + (r - 1) / 2) for unit in range(7)]
    assert all(max(-first, final - 223) > 100 for first, final in ends)  # "far over a border"
    assert [first < 0 and final > 223 for first, final in ends] == [False] + [True] * 6
    assert "All seven look far over a border, and all but the first over both." in TEXT


def test_the_last_convolution_of_lenet_doubles_the_field():
    fields = arithmetic.receptive_field([(5, 1, 0, 1), (2, 2, 0, 1)] * 2 + [(5, 1, 0, 1)])
    assert fields[-1][0] == 2 * fields[-2][0] and fields[-1][0] - fields[-2][0] == 16


def test_what_the_page_says_of_training(page):
    widths, sigma = page["widths"], page["sigma"]
    untrained = widths["LeNet"][:, 0].mean()
    assert abs(untrained / sigma(page["LENET"].values()) - 1) < 0.1  # "comes close to it"
    assert np.all(widths["ResNet8"] < sigma(page["resnet8"]))  # "stays below its prediction"
    narrower = 0
    for pairs in widths.values():  # "on the mean [...] a few percent narrower"
        change = pairs[:, 1] - pairs[:, 0]
        assert -0.1 < change.mean() / pairs[:, 0].mean() < 0
        narrower += np.sum(change < 0)
    counts = re.findall(r"narrower in (\d) of 3 starts", page.printed)
    assert sum(map(int, counts)) == narrower >= 4  # "in most of the six starts"
    for runs in page["RUNS"].values():
        assert min(run[2] for run in runs) > 0.8  # the training worked


def test_resnet18_uses_a_part_of_its_field(page):
    share = 4 * np.mean(page["widths18"]) / 435
    assert 0.25 < share < 0.5 and np.mean(page["widths18"]) < page["sigma"](page["windows18"])
    assert 4 * max(page["widths18"]) < 224  # "on a picture of 224 [...] lies inside"


# --- exercises


def test_answers_of_the_page_pass(page):
    check_answers(page, TEXT, EXERCISES)


def test_values_are_those_of_the_package():
    value = {exercise.id: exercise.reference for exercise in EXERCISES}
    pooled = [(3, 1, 0, 1), (2, 2, 0, 1), (3, 2, 0, 1), (5, 1, 0, 1)]
    assert value["field-pooling"] == last(pooled)[0]
    assert last([(3, 1, 0, 1)] * value["field-depth"])[0] >= 32
    assert last([(3, 1, 0, 1)] * (value["field-depth"] - 1))[0] < 32
    assert value["field-dilation"] == last([(3, 1, 0, d) for d in (1, 2, 4, 8)])[0]
    size = last([(3, 1, 0, 1)] * 5)[0]
    stack = 5 * arithmetic.conv_parameters(64, 64, 3, bias=False)
    assert value["field-weights"] == arithmetic.conv_parameters(64, 64, size, bias=False) - stack
    holes = [(3, 1, 0, 3), (3, 1, 0, 3), (2, 1, 0, 2)]
    assert value["field-holes"] == len(arithmetic.backward_cone(holes, 30, 0)[0]) ** 2


def test_functions_are_those_of_the_package():
    value = {exercise.id: exercise.reference for exercise in EXERCISES}
    rng = np.random.default_rng(0)
    for _ in range(200):
        layers = [tuple(int(v) for v in rng.integers([1, 1, 0, 1], [5, 3, 3, 3])) for _ in range(3)]
        r, j, c = last(layers)
        assert value["field-stack"]([(k, s, d) for k, s, p, d in layers]) == r
        first, final = value["field-interval"](layers, 1000, 60)
        assert (first, final) == (c + 60 * j - (r - 1) / 2, c + 60 * j + (r - 1) / 2)
