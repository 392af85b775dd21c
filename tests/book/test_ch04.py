"""Chapter 04 says what is so: its numbers, its claims about results, its exercises."""

import re
from pathlib import Path

import numpy as np
import pytest
from run_chapter import check_answers, run_chapter

from nndl import arithmetic, ops
from nndl.exercises.ch04 import EXERCISES
from nndl.widgets import PictureKernel

SOURCE = Path(__file__).resolve().parents[2] / "book" / "04-convolution.md"
TEXT = SOURCE.read_text("utf8")


@pytest.fixture(scope="module")
def page():
    return run_chapter(SOURCE)


# --- numbers in the prose


def test_the_size_formula_is_the_one_of_the_prose():
    assert "M' = M - U + 1, \\qquad N' = N - V + 1" in TEXT
    for m in range(1, 12):
        for u in range(1, m + 1):
            assert arithmetic.output_size(m, u) == m - u + 1


def test_parameters_1025_against_9():
    assert arithmetic.linear_parameters(32 * 32, 1) == 1025
    assert arithmetic.conv_parameters(1, 1, 3, bias=False) == 9
    assert "has 1025 parameters. One 3 × 3 kernel has 9" in TEXT


def test_the_cost_8100_and_its_double():
    size = arithmetic.output_size(32, 3)
    macs = arithmetic.conv_macs(1, 1, 3, size)
    assert macs == 8100 and arithmetic.conv_flops(1, 1, 3, size, bias=False) == macs
    assert f"has {macs} FLOPs in one paper and {2 * macs:,} in the next" in TEXT


def test_numbers_of_figures_and_alt_texts():
    outputs = arithmetic.output_size(32, 3) ** 2
    dense = arithmetic.linear_parameters(32 * 32, outputs, bias=False)
    assert f"Fully connected {dense:,} weights, locally connected {outputs * 9:,}" in TEXT
    # "Our loop asks 270,000 times": the places of a 3 x 3 kernel on the photograph
    places = arithmetic.output_size(427, 3) * arithmetic.output_size(640, 3)
    assert round(places, -4) == 270_000 and "270,000 times" in TEXT


def test_every_subject_of_the_course_is_there():
    for words in (
        "cross-correlation",
        "Local connections",
        "Shared weights",
        "paddle.create_parameter",
        "multiply-accumulate",
        "[[12, 16], [24, 28]]",
        "check_gradients",
        'photograph("china")',
        "What this does not show",
        "Further reading",
    ):
        assert words in TEXT, words
    # the API's five questions
    for part in ("Name and purpose", "Parameters", "Return value", "Errors", "Notes"):
        assert f"**{part}**" in TEXT


# --- form


def test_package_code_is_shown_and_not_pasted():
    shown = re.findall(r"^plots\.show_source\((.+)\)$", TEXT, re.M)
    assert shown == ["ops.correlate2d_loop", "ops.conv2d", "layers.Conv2D"]


# --- results


def test_by_hand_example_in_numpy_and_as_a_layer(page):
    by_hand, layer = "[[12. 16.]\n [24. 28.]]", "[[[12. 16.]\n  [24. 28.]]]"
    assert by_hand in page.printed and layer in page.printed
    expected = ops.correlate2d_loop(np.arange(1.0, 10).reshape(3, 3), np.ones((2, 2)))
    assert expected.tolist() == [[12, 16], [24, 28]]


@pytest.mark.parametrize("shape, kernel", [((5, 7), (4, 2)), ((3, 3), (3, 3)), ((6, 4), (1, 3))])
def test_by_hand_operator_equals_the_package(page, shape, kernel):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=shape), rng.normal(size=kernel)
    y = page["correlate"](x, w)
    assert np.allclose(y, ops.correlate2d_loop(x, w))
    assert np.allclose(page["as_matrix"](w, *shape) @ x.ravel(), y.ravel())
    assert np.allclose(page["convolve"](x, w), ops.correlate2d_loop(x, w[::-1, ::-1]))
    g = rng.normal(size=y.shape)
    ours = page["correlate_backward"](x, w, g)
    loops = ops.conv2d_loop_backward(x[None, None], w[None, None], g[None, None])
    for mine, loop in zip(ours, loops[:2], strict=True):
        assert np.allclose(mine, loop[0, 0])


def test_matrix_is_sparse_and_tied(page):
    assert "921,600 entries, 8,100 not zero, 9 different" in page.printed


def test_planted_mistake_is_found_only_where_it_shows(page):
    found = re.search(r"^found: gradient of input 0", page.printed, re.M)
    assert found and "not found: GradientReport" in page.printed


def test_layers_agree_in_output_and_gradients(page):
    errors = re.findall(r"largest relative difference (\d\.\de[-+]\d+)", page.printed)
    assert len(errors) == 4 and max(map(float, errors)) < 1e-5


def test_kernel_is_recovered_with_every_seed(page):
    assert sorted(page["runs"]) == [0, 1, 2]
    for learned, losses in page["runs"].values():
        assert np.abs(learned - page["sobel_x"]).max() < 0.01
        assert losses[-1] < 1e-6 * losses[0] and losses[0] > 0.1


def test_flipping_makes_no_difference_to_learning(page):
    for seed, (learned, losses) in page["runs"].items():
        x, y, start = page["example"](seed)
        other, other_losses = page["learn"](x, y, np.flip(start), flip=True)
        assert np.allclose(np.flip(other), learned, atol=1e-9)
        assert np.allclose(other_losses, losses, atol=1e-12)
        assert np.abs(other - learned).max() > 1  # two kernels, one function
    assert np.mean(page["gaps"]) < 0.01 < np.mean(page["apart"])
    # the proof's one line of calculus: the gradient of the flipped loss is the flipped gradient
    x, y, start = page["example"](3)
    steps = [
        page["learn"](x, y, kernel, steps=1, flip=flip)[0] - kernel
        for kernel, flip in ((start, False), (np.flip(start), True))
    ]
    assert np.allclose(np.flip(steps[1]), steps[0], atol=1e-12)


def test_the_equation_and_the_function_differ_by_a_shift_of_names(page):
    X, W = (
        np.random.default_rng(1).normal(size=(7, 6)),
        np.random.default_rng(2).normal(size=(2, 4)),
    )
    by_function = page["convolve"](X, W)
    U, V = W.shape
    for i, j in np.ndindex(*by_function.shape):
        at = (i + U - 1, j + V - 1)  # as equation eq-convolution counts
        pixels = sum(W[u, v] * X[at[0] - u, at[1] - v] for u in range(U) for v in range(V))
        assert np.isclose(by_function[i, j], pixels)
    assert "The function calls that place $(0, 0)$." in TEXT and "equal: True" in page.printed


def test_brightness_slows_learning(page):
    lines = re.findall(r"^mean (\S+), rate (\S+): last loss (\S+)$", page.printed, re.M)
    losses = {(float(mean), float(rate)): float(loss) for mean, rate, loss in lines}
    assert not losses[0.5, 2.0] < 1e6  # grows without end; inf and nan are meant too
    assert losses[0.5, 0.2] > 10 * losses[0.0, 2.0]
    # the comparison is fair: each rate is about half of the largest stable one, 2 / curvature
    x = page["example"](0)[0]
    for brightness, rate in ((0.0, 2.0), (0.5, 0.2)):
        taps = [
            (x + brightness)[u : u + 94, v : v + 94].ravel() for u in range(3) for v in range(3)
        ]
        curvature = np.linalg.eigvalsh(2 * np.array(taps) @ np.array(taps).T / taps[0].size)[-1]
        assert 0.4 < rate / (2 / curvature) < 0.6


def test_the_runner_does_what_the_loop_does(page):
    for history in page["histories"].values():
        by_hand = page["runs"][0][1]
        assert np.allclose(history.train_losses[:100], by_hand[:100], rtol=1e-3)


# --- the explorer of the photograph: what the reader should have seen


def test_sobel_with_1_in_the_middle_adds_edges_to_the_photograph():
    sobel = PictureKernel()
    assert sobel.state["weight"] == "sobel_x" and sobel.weights[1][1] == 0
    weights = sobel.weights
    weights[1][1] = 1
    both = PictureKernel(weight=weights)
    assert both.total == 1 and both.shown_as() == "gray" and sobel.shown_as() == "signed"
    photo = both.gray_values()[1:-1, 1:-1]
    assert np.array_equal(both.result(), photo + sobel.result())
    sky = slice(0, 10), slice(70, 100)
    assert abs(both.result()[sky] - photo[sky]).mean() < 5
    # emboss: identity and a kernel whose weights sum to 0, as Sobel's do
    rest = np.array(PictureKernel(weight="emboss").weights)
    rest -= np.array(PictureKernel(weight="identity").weights)
    assert rest.sum() == 0 and np.array_equal(rest, -np.flip(rest))


def test_zeros_darken_the_rim():
    zeros, edge, none = (
        PictureKernel(weight="blur", padding=padding) for padding in ("zeros", "edge", "none")
    )
    photo, dark = zeros.gray_values(), zeros.result()
    assert "falls from about 200 to 90" in TEXT
    assert abs(photo[:2, :2] - 203).max() < 3 and round(dark[0, 0]) == 90
    assert np.isclose(dark[0, 0], photo[:2, :2].sum() / 9)
    rim = np.ones(photo.shape, bool)
    rim[1:-1, 1:-1] = False
    assert (dark[rim] < edge.result()[rim]).all()
    assert dark[rim].mean() < 0.7 * edge.result()[rim].mean()
    assert np.array_equal(dark[~rim], edge.result()[~rim])
    assert abs(edge.result()[rim].mean() / photo[rim].mean() - 1) < 0.02
    assert none.result().shape == (photo.shape[0] - 2, photo.shape[1] - 2)


def test_blur_swaps_the_finest_stripes_and_gaussian_blur_removes_them():
    stripes = PictureKernel(picture="stripes").gray_values()[1:-1, -25:-1]
    assert set(stripes.ravel()) == {50, 200} and (stripes[:, 1:] != stripes[:, :-1]).all()
    blurred = PictureKernel(picture="stripes", weight="blur").result()[:, -24:]
    assert np.allclose(blurred[stripes == 200], 100) and np.allclose(blurred[stripes == 50], 150)
    smooth = PictureKernel(picture="stripes", weight="gaussian").result()[:, -24:]
    assert np.allclose(smooth, 125)


# --- exercises


def test_answers_of_the_page_pass(page):
    check_answers(page, TEXT, EXERCISES)


def test_experiments_come_out_as_the_table_says(page):
    by_id = {exercise.id: exercise for exercise in EXERCISES}
    learned, losses = page["learn"](
        page["stripes"], page["stripes_edges"], np.zeros((3, 3)), rate=0.1
    )
    assert losses[-1] < 1e-12 and np.allclose(learned[:, 2], by_id["conv-stripes"].reference)
    works = []
    for rate in (0.5, 1, 2, 4, 8, 16):
        losses = page["learn"](*page["example"](0), steps=100, rate=rate)[1]
        works += [rate] if losses[-1] < losses[0] else []
    assert max(works) == by_id["conv-rate"].reference


def test_two_kernels_in_one_do_what_both_do():
    combine = next(e for e in EXERCISES if e.id == "conv-two-in-one").reference
    rng = np.random.default_rng(1)
    x, first, second = (rng.normal(size=s) for s in ((9, 8), (2, 3), (3, 2)))
    both = ops.correlate2d_loop(ops.correlate2d_loop(x, first), second)
    assert np.allclose(ops.correlate2d_loop(x, combine(first, second)), both)
