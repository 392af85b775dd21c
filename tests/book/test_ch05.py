"""Chapter 05 says what is so: its numbers, its claims about results, its exercises."""

import re
from pathlib import Path

import numpy as np
import pytest
from run_chapter import check_answers, run_chapter

from nndl import arithmetic, ops
from nndl.device import paddle
from nndl.exercises.ch05 import EXERCISES

SOURCE = Path(__file__).resolve().parents[2] / "book" / "05-stride-and-padding.md"
TEXT = SOURCE.read_text("utf8")


@pytest.fixture(scope="module")
def page():
    return run_chapter(SOURCE)


# --- numbers in the prose and in the alt texts


def test_the_named_sizes_of_8_by_8():
    assert arithmetic.output_size(8, 3, padding=1) == 8
    assert arithmetic.output_size(8, 3, stride=2, padding=1) == 4
    assert "The output is 8 × 8, as large as the input." in TEXT and "It is 4 × 4:" in TEXT


def test_a_digit_lasts_three_layers():
    size, depth = 8, 0
    while size >= 3:
        size, depth = arithmetic.output_size(size, 3), depth + 1
    assert depth == 3 and "lasts three layers" in TEXT


@pytest.mark.parametrize("kernel, last, depth", [(3, 2, 15), (5, 4, 7), (7, 2, 5)])
def test_the_falling_lines(page, kernel, last, depth):
    sizes = page["shrink"](32, kernel, 20)
    assert (sizes[-1], len(sizes) - 1) == (last, depth)
    assert re.search(rf"kernel {kernel} (the size falls )?to {last} after {depth} layers", TEXT)


def test_columns_never_visited_in_the_explorer():
    lost = {S: arithmetic.never_visited(8, 3, S) for S in (1, 2, 3, 4)}
    assert lost == {1: [], 2: [7], 3: [6, 7], 4: [3, 7]}
    unread = 64 - (8 - len(lost[3])) ** 2
    assert f"That is {unread} of 64 pixels" in TEXT
    assert arithmetic.never_visited(9, 3, 4, 1) == [2, 6] and "columns 2 and 6 are hatched" in TEXT


def test_the_fourth_task_of_the_explorer():
    assert arithmetic.padding_for("same", 3, dilation=2) == 2
    assert arithmetic.effective_kernel_size(3, 2) == 5
    assert "4\\. Padding 2. A kernel of 3 with dilation 2 reaches over 5 cells" in TEXT


def test_named_paddings_are_those_of_the_table():
    for size in range(7, 12):
        for kernel in (1, 3, 5, 7):
            cases = {"valid": (0, size - kernel + 1), "full": (kernel - 1, size + kernel - 1)}
            cases["same"] = ((kernel - 1) // 2, size)
            for mode, (padding, output) in cases.items():
                assert arithmetic.padding_for(mode, kernel) == padding
                assert arithmetic.output_size(size, kernel, padding=padding) == output


def test_costs_of_the_figures():
    stride = {
        S: arithmetic.conv_macs(16, 32, 3, arithmetic.output_size(32, 3, S, 1)) for S in (1, 2, 4)
    }
    for S, macs in stride.items():
        assert re.search(rf"[Ss]tride {S} takes {macs:,}", TEXT)
    assert stride[1] == 4 * stride[2] == 16 * stride[4]
    ordinary = arithmetic.conv_macs(64, 128, 3, 16)
    grouped = arithmetic.conv_macs(64, 128, 3, 16, groups=4)
    separable = arithmetic.conv_macs(64, 64, 3, 16, groups=64) + arithmetic.conv_macs(
        64, 128, 1, 16
    )
    assert (
        f"ordinary convolution {ordinary:,}, four groups {grouped:,}, depthwise plus 1 by 1 "
        f"convolution {separable:,}" in TEXT
    )


def test_every_subject_of_the_course_is_there():
    for words in (
        "Stride",
        "zeros around the picture",
        "narrow convolution",
        "equal-width convolution",
        "wide convolution",
        "never visited",
        "subsampling",
        "Dilation",
        "depthwise",
        "Transposed convolution",
        "output padding",
        '"SAME"',
        "RunnerV3(model, optimizer, F.cross_entropy, Accuracy())",
        "best_model.pdparams",
        "What this does not show",
        "Further reading",
    ):
        assert words in TEXT, words


# --- form


def test_package_code_is_shown_and_not_pasted():
    shown = re.findall(r"^plots\.show_source\((.+)\)$", TEXT, re.M)
    assert shown == ["arithmetic.output_size", "layers.windows.taps", "layers.Conv2D.forward"]


# --- results


@pytest.mark.parametrize("S, P", [(1, 0), (1, 2), (2, 1), (3, 0), (4, 1)])
def test_by_hand_operators_equal_the_package(page, S, P):
    rng = np.random.default_rng(S)
    x, w = rng.normal(size=(9, 12)), rng.normal(size=(4, 3))
    y = page["correlate"](x, w, S, P)
    assert np.allclose(y, ops.correlate2d_loop(x, w, S, P))
    assert y.shape == (arithmetic.output_size(9, 4, S, P), arithmetic.output_size(12, 3, S, P))


@pytest.mark.parametrize("M, U, S, P", [(7, 3, 2, 1), (8, 3, 2, 1), (10, 4, 3, 0), (9, 5, 4, 1)])
def test_transposed_is_the_adjoint_of_the_convolution(page, M, U, S, P):
    rng = np.random.default_rng(M)
    x, w = rng.normal(size=(M, M)), rng.normal(size=(U, U))
    y = page["correlate"](x, w, S, P)
    g = rng.normal(size=y.shape)
    back = page["transposed"](g, w, S, P, (M + 2 * P - U) % S)
    assert back.shape == x.shape and np.isclose(np.sum(y * g), np.sum(x * back))


def test_layers_agree_in_output_and_gradients(page):
    table = page.table("∇weight").rows
    errors = [float(error) for row in table for error in row[3:]]
    assert len(table) == 12 and len(errors) == 48 and max(errors) < 1e-4
    (error,) = re.findall(r"^largest relative difference: (\S+)$", page.printed, re.M)
    assert float(error) < 1e-4
    # the comparison is able to see a layer that differs: this one starts its windows too late
    values = [
        np.random.default_rng(0).normal(size=s).astype("float32")
        for s in ((2, 3, 8, 8), (5, 3, 3, 3), (5,))
    ]
    layer = page["Conv2D"](3, 5, 3, 2, 1)
    right = page["run"](layer, *values)
    layer.clear_gradients()
    keep, page["conv2d"] = page["conv2d"], lambda x, w, S, P: keep(x.roll(1, axis=2), w, S, P)
    wrong = page["run"](layer, *values)
    page["conv2d"] = keep
    assert page["compare"](wrong, right)[0] > 0.1


def test_what_same_means(page):
    assert "SAME equals padding 1: False" in page.printed
    assert "SAME equals one zero behind each axis: True" in page.printed
    assert "as dilation 2: False\nas dilation 1: True" in page.printed


def test_strided_is_sliced(page):
    assert len(re.findall(r"^stride \d: shape .+, equal: True$", page.printed, re.M)) == 4


def test_arms_differ_in_cost_alone(page):
    table = page.table("strides").rows
    macs = {}
    for name, strides, parameters, cost in table:
        assert parameters == "7,370"
        model = page["make_model"](strides)
        assert sum(int(p.size) for p in model.parameters()) == 7370
        macs[name] = int(cost.replace(",", ""))
        # counted from the outputs of the layers themselves
        x, counted = paddle.zeros([1, 1, 8, 8]), 0
        for layer in model:
            x = layer(x)
            weight = getattr(layer, "weight", None)
            if weight is not None and weight.ndim == 4:
                counted += weight.size * x.shape[2] * x.shape[3]
            elif weight is not None:
                counted += weight.size
        assert macs[name] == counted
    assert round(macs["early"] / macs["late"], 1) == 0.4  # "0.4 of the work", "three fifths"
    assert round(macs["early"] / macs["middle"], 2) == 0.92 == round(1 - 1 / 12, 2)  # "a twelfth"


def test_the_curves_of_one_run_are_as_described(page):
    history = page["history"]
    losses = history.train_losses
    assert len(losses) == 190 and np.mean(losses[45:55]) < 0.3 * losses[0]  # "falls steeply"
    assert abs(history.dev_scores[0] - 0.9) < 0.04 and history.best_score > 0.95
    assert history.dev_losses[-1] < 0.2


def test_what_the_page_says_of_the_comparison(page):
    for name, scores in page["accuracy"].items():
        assert len(scores) == 5 and min(scores) > 0.9
        held = [
            runner.evaluate(page["test_loader"]).score
            for (which, _), runner in page["runners"].items()
            if which == name
        ]
        assert np.allclose(scores, held)
    for one, other in page["pairs"]:  # "of the size of their own errors"
        difference, starts, digits = page["compare_pair"](one, other)
        assert abs(difference) < 2.5 * np.hypot(starts, digits)
        assert np.isclose(difference, np.mean(page["accuracy"][one] - page["accuracy"][other]))
    worst, best = page["worst"], page["best"]
    assert max(page["accuracy"][worst]) >= min(page["accuracy"][best])


def test_a_paired_error_leaves_out_what_both_share(page):
    """Two readers that fail at the same hard digits: the pair shows what each alone cannot."""
    rng = np.random.default_rng(0)
    hard = rng.random(300) < 0.1
    better = np.tile(~hard, (5, 1))
    worse = better.copy()
    worse[:, np.flatnonzero(~hard)[:4]] = False  # four digits more, in every run
    saved = page["right"].copy()
    page["right"].update(better=better, worse=worse)
    difference, starts, digits = page["compare_pair"]("better", "worse")
    page["right"].clear(), page["right"].update(saved)
    assert np.isclose(difference, 4 / 300) and starts < 1e-12
    unpaired = np.hypot(*(page["summary"](right.mean(axis=1))[2] for right in (better, worse)))
    assert digits < unpaired / 3 and difference > 1.9 * digits


# --- exercises


def test_answers_of_the_page_pass(page):
    check_answers(page, TEXT, EXERCISES)


def test_values_are_those_of_the_formulas():
    value = {exercise.id: exercise.reference for exercise in EXERCISES}
    assert value["stride-size"] == arithmetic.output_size(60, 9, 2, 4)
    size = arithmetic.output_size(32, 3, 4, 1)
    assert value["stride-cost"] == arithmetic.conv_macs(16, 32, 3, size)
    assert value["stride-depthwise"] == arithmetic.conv_parameters(
        48, 48, 5, groups=48
    ) + arithmetic.conv_parameters(48, 96, 1)


def test_functions_are_those_of_the_package():
    value = {exercise.id: exercise.reference for exercise in EXERCISES}
    for M in range(5, 14):
        for U in (1, 2, 3, 4, 5):
            for S in range(1, U + 1):
                for P in range(3):
                    last = arithmetic.never_visited(M, U, S, P)
                    assert value["stride-lost"](M, U, S, P) == len(last)
                    back = arithmetic.transposed_output_size(
                        arithmetic.output_size(M, U, S, P),
                        U,
                        S,
                        P,
                        output_padding=value["stride-back"](M, U, S, P),
                    )
                    assert back == M
            if U % 2:
                assert value["stride-same"](U, 2) == arithmetic.padding_for("same", U, 2)


@pytest.mark.parametrize("M, U, S", [(8, 3, 2), (7, 3, 2), (8, 4, 1), (8, 1, 2), (10, 5, 3)])
def test_same_zeros_are_those_of_paddle(M, U, S):
    conv2d = paddle.nn.functional.conv2d
    before, behind = next(e for e in EXERCISES if e.id == "stride-tensorflow").reference(M, U, S)
    x, w = paddle.randn([1, 1, M, M]), paddle.randn([1, 1, U, U])
    ours = conv2d(x, w, stride=S, padding=[before, behind, before, behind])
    assert paddle.allclose(ours, conv2d(x, w, stride=S, padding="SAME"), atol=1e-5)
