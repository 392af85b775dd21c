"""Chapter 02 says what is so: its numbers, its claims about results, its exercises."""

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
from run_chapter import check_answers, run_chapter

from nndl import arithmetic, ops
from nndl.device import paddle
from nndl.exercises.ch02 import EXERCISES
from nndl.widgets import BackpropGraph

SOURCE = Path(__file__).resolve().parents[2] / "book" / "02-tensors-and-operators.md"
TEXT = SOURCE.read_text("utf8")


@pytest.fixture(scope="module")
def page():
    page = run_chapter(SOURCE)
    neuron = page["neuron"]  # the gradient check has left other numbers in it
    neuron(np.array(2.0), np.array(-1.0), np.array(1.5))
    neuron.backward(np.array(1.0))
    return page


# --- numbers in the prose and in the alt texts


def test_the_size_of_the_small_network(page):
    cost = arithmetic.linear_parameters(64, 32) + arithmetic.linear_parameters(32, 10)
    macs = arithmetic.linear_macs(64, 32) + arithmetic.linear_macs(32, 10)
    assert f"{cost:,} parameters, {macs:,} multiply-accumulates for one digit" in page.printed
    assert page["passes"] == 2 * cost


def test_what_the_explorer_is_said_to_show():
    at_zero = BackpropGraph(values={"c": 0}).gradients()
    assert at_zero["a"] == at_zero["b"] == 0 != at_zero["c"]
    product = BackpropGraph(preset="multiply")
    values, grads = {"a": 2, "b": 5}, product.gradients()
    assert "2\\. The gradients of $a$ and $b$ are multiplied by $c$, so both vanish." in TEXT
    assert max(grads, key=grads.get) == min(values, key=values.get)
    assert "3\\. The smaller one" in TEXT
    for b, alive in ((3, False), (3.1, True)):
        assert any(BackpropGraph(preset="relu", values={"b": b}).gradients().values()) == alive
    assert "With $b$ above 3 in the first setting" in TEXT


def test_the_figures_of_the_graphs(page):
    neuron, block = page["neuron"], page["block"]
    for name, number in {"w": "minus 0.235", "x": "0.47", "b": "0.235"}.items():
        value = float(number.replace("minus ", "-"))
        assert neuron.gradients[name] == pytest.approx(value, abs=5e-4)
        assert f"{number} for {name}" in TEXT
    assert neuron.values["y"] == pytest.approx(0.378, abs=5e-4) and "output y is 0.378" in TEXT
    through = block.edge_gradients["p"][block.sources["p"].index("x")]
    assert f"through times and tanh brings back {through:.2g}" in TEXT
    assert block.edge_gradients["y"][0] == 1 and f"their sum, {block.gradients['x']:.3g}" in TEXT


def test_by_hand_and_graph_give_the_same_neuron(page):
    printed = re.search(r"dy/dw = (\S+), dy/dx = (\S+), dy/db = (\S+)", page.printed).groups()
    grads = [page["neuron"].gradients[name] for name in "wxb"]
    assert [f"{grad:.4f}" for grad in grads] == list(printed)


def test_where_the_measured_derivative_is_best(page):
    powers, errors = page["powers"], page["errors_of_steps"]
    best = {name: powers[int(np.argmin(values))] for name, values in errors.items()}
    assert -6 <= best["two sides"] <= -5 and min(errors["two sides"]) < -10  # "ten digits"
    assert -8.5 <= best["one side"] <= -7.5 and min(errors["one side"]) == pytest.approx(-8, abs=1)
    assert "at a step of $10^{-5}$ or $10^{-6}$, ten digits are right" in TEXT


def test_every_subject_of_the_course_is_there():
    for words in (
        "shape",
        "strides",
        "Broadcasting",
        "class Op:",
        "outputs_grads",
        "ops.Sequential.backward",
        "ops.Graph.backward",
        "ops.Variable.backward",
        "ops.check_gradients",
        "PyLayer",
        "RunnerV3(model, optimizer, F.cross_entropy, Accuracy())",
        "What this does not show",
        "Further reading",
    ):
        assert words in TEXT, words


def test_package_code_is_shown_and_not_pasted():
    shown = re.findall(r"^plots\.show_source\((.+)\)$", TEXT, re.M)
    assert shown == [
        "ops.arithmetic.sum_to",
        "ops.Multiply",
        "ops.Graph.backward",
        "ops.Sequential.backward",
        "ops.Variable.backward",
    ]


# --- results


def test_operators_of_the_page_equal_the_packages(page):
    rows = page.table("gradients differ by").rows
    assert len(rows) == 8 and all(float(error) < 1e-12 for row in rows for error in row[1:])
    # the comparison is able to see an operator that differs
    x = np.random.default_rng(0).normal(size=(3, 2))
    wrong = page["MixedUp"]()
    wrong(x, x + 1)
    right = ops.Multiply()
    right(x, x + 1)
    difference = page["largest_difference"](wrong.backward(x), right.backward(x))
    assert difference > 0.1


def test_three_tapes_agree(page):
    assert len({row[1] for row in page.table("tape").rows}) == 1 and page["steps"] == 8


def test_the_tape_of_the_page_on_drawn_graphs(page):
    """It adds where paths meet, in any order."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        mine = [page["Value"](v) for v in rng.normal(size=3)]
        theirs = [paddle.to_tensor(v.data, dtype="float64", stop_gradient=False) for v in mine]
        leaves = list(zip(mine, theirs, strict=True))
        for _ in range(6):
            i, j = rng.integers(len(mine), size=2)
            for values in (mine, theirs):
                values.append(values[i] * values[j] if (i + j) % 2 else values[i] + values[j])
        page["backward"](mine[-1])
        theirs[-1].backward()
        for a, b in leaves:
            assert a.grad == pytest.approx(0.0 if b.grad is None else float(b.grad), rel=1e-12)


def test_checks_pass_and_the_planted_bugs_are_found(page):
    errors = [float(row[2]) for row in page.table("largest relative error").rows]
    assert len(errors) == 9 and max(errors) < 1e-6
    found = re.findall(r"AssertionError: gradient of input 0 at", page.printed)
    assert len(found) == 2
    assert re.search(r"equal inputs: largest error \S+, passed\n", page.printed)


def test_by_hand_equals_paddle_at_every_step(page):
    assert np.abs(page["by_hand"] - page["by_paddle"]).max() < 1e-10
    for ours, theirs in zip(page["our_weights"], page["their_weights"], strict=True):
        assert np.abs(ours - theirs).max() < 1e-10  # "to more than ten digits"
    losses = page["by_hand"]
    assert len(losses) == 300 and losses[-1] < 0.1 * losses[0]
    assert f"falling from about {losses[0]:.1f} to about {losses[-20:].mean():.1f}." in TEXT
    for _, ours, theirs, same in page.table("right by Paddle").rows:
        assert ours == theirs and same is True


def test_a_wrong_gradient_learns_all_the_same(page):
    (_, *right, _), (_, *wrong, _) = page.table("five seeds").rows
    assert min(wrong) > 200 and min(right) > max(wrong)
    losses = page["curves"]
    assert losses["the wrong tanh"][-1] < 0.5 * losses["the wrong tanh"][0]
    ends = {name: f"about {values[-20:].mean():.1f}" for name, values in losses.items()}
    assert f"With the right tanh it falls to {ends['the right tanh']}." in TEXT
    assert f"less far, to {ends['the wrong tanh']}." in TEXT


def test_operators_wrapped_for_paddle(page):
    (matmul,) = re.findall(r"^MatMul: (\S+)$", page.printed, re.M)
    (logistic,) = re.findall(r"^Logistic: (\S+)$", page.printed, re.M)
    assert float(matmul) < 1e-12 and float(logistic) < 1e-12
    assert re.search(r"^paddle.round +level 0.20, rounded 0$", page.printed, re.M)
    assert re.search(r"^straight through +level \S+, rounded 3$", page.printed, re.M)


def test_what_the_page_says_of_the_activation(page):
    accuracy = page["accuracy"]
    relu = accuracy["two layers, ReLU"]
    linear = accuracy["one layer"]["test"] + accuracy["two layers"]["test"]
    assert len(linear) == 10 and min(relu["test"]) > max(linear)
    worst = re.search(r"^worst of five starts with it: (\S+)$", page.printed, re.M)[1]
    best = re.search(r"^best of 10 starts without: (\S+)$", page.printed, re.M)[1]
    assert (worst, best) == (f"{min(relu['test']):.3f}", f"{max(linear):.3f}")
    assert abs(page["useless"]) < 0.01  # "a digit or two"
    # "clearly": more than twice the standard error of a difference of two shares of 300
    mean = np.mean(linear)
    assert page["useful"] > 2 * np.sqrt(2 * mean * (1 - mean) / 300)
    trained = {name: np.mean(scores["train"]) for name, scores in accuracy.items()}
    assert trained["two layers, ReLU"] > max(trained["one layer"], trained["two layers"]) + 0.03
    # the rates were searched far enough: none of the best is the last
    assert max(page["chosen"].values()) < max(page["RATES"])


def test_the_pitfalls_run_on_every_paddle_and_do_not_hang_on_its_version():
    """Fast, so that it is among the tests for the oldest Paddle and the newest."""
    section = TEXT[TEXT.index("## Pitfalls of Paddle 3") : TEXT.index("## What this does not show")]
    names = {"np": np, "paddle": paddle, "F": paddle.nn.functional}
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        for cell in re.findall(
            r"^```{code-cell} python3\n(?::tags.*\n)?([\s\S]+?)^```$", section, re.M
        ):
            exec(cell, names)
    printed = out.getvalue()
    assert "and a list: True" in printed and "gives {(2, 3): 'a matrix'}" in printed
    assert "size is a number: True" in printed and "paddle.Size" not in section


def test_the_pitfalls_still_say_what_readers_search_for(page):
    for words in (
        "len() of a 0-D tensor is wrong",
        "too many indices for array: array is 0-dimensional",
        "The starting index 0 of slice is out of bounds in tensor 0-th axis",
        "TypeError: (InvalidType) Type promotion only support calculations between floating-point "
        "numbers and between complex and real numbers. But got different data type x: int64, y: "
        "float32.",
        "does not match the type of data",
        "unhashable type",
        "The axis is expected to be in range of [0, 0), but got 0",
        "You calculate backward twice for the same subgraph without setting retain_graph=True",
        "that doesn't stop gradient can't use inplace strategy",
    ):
        assert words in page.printed, words


# --- exercises


def test_answers_of_the_page_pass(page):
    check_answers(page, TEXT, EXERCISES)


def test_values_are_those_of_the_package():
    value = {exercise.id: exercise.reference for exercise in EXERCISES}
    assert value["tensor-shape"] == np.broadcast_shapes((8, 1, 5, 6), (4, 5, 1))
    grads = BackpropGraph(formula="(a + b) * a", values={"a": 2, "b": 3}).gradients()
    assert value["tensor-paths"] == (grads["a"], grads["b"])
    assert value["tensor-cost"] == 2 * arithmetic.linear_macs(1000, 512) * 128


def test_functions_are_those_of_the_package():
    value = {exercise.id: exercise.reference for exercise in EXERCISES}
    rng = np.random.default_rng(0)
    for shape in ((3,), (4, 1), (4, 3), (1, 3), ()):
        grad = rng.normal(size=(2, 4, 3))
        assert np.allclose(value["tensor-sum-to"](grad, shape), ops.arithmetic.sum_to(grad, shape))
    x, y, grad = rng.normal(size=(3, 4, 5))
    divide = ops.Divide()
    divide(x, y)
    assert np.allclose(value["tensor-divide"](x, y, grad), divide.backward(grad))
    index = rng.integers(4, size=7)
    take = ops.Index(index)
    grad = rng.normal(size=take(x).shape)
    assert np.allclose(value["tensor-take"](x.shape, index, grad), take.backward(grad))
    loss, labels = ops.CrossEntropy(), rng.integers(5, size=4)
    loss(x, labels)
    assert np.allclose(value["tensor-cross-entropy"](x, labels), loss.backward()[0])


def test_one_suspect_is_guilty_and_the_right_one(page):
    guilty = []
    for seed in range(3):
        for name, op in page["suspects"].items():
            try:
                ops.check_gradients(op, [np.random.default_rng(seed).normal(size=(3, 4))])
            except AssertionError:
                guilty.append(name)
    assert guilty == ["swish"] * 3
