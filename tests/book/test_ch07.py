"""Chapter 07 says what is so: its numbers, its claims about results, its exercises."""

import contextlib
import io
import re
from pathlib import Path

import jupytext
import numpy as np
import pytest
from run_chapter import check_answers, run_chapter
from shared_data import SHARED, needs

from nndl import arithmetic, ops
from nndl.exercises.ch07 import EXERCISES

SOURCE = Path(__file__).resolve().parents[2] / "book" / "07-convolution-layers.md"
TEXT = SOURCE.read_text("utf8")


@pytest.fixture(scope="module")
def page():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NNDL_DATA", "no-such-folder")  # the page must run without MNIST
        return run_chapter(SOURCE)


# --- numbers in the prose and in the alt texts


def lenet(maps=6):
    network = arithmetic.NETWORKS["lenet"]
    layers = [{**layer} for layer in network["layers"]]
    layers[0]["channels"] = maps
    return arithmetic.network_cost(layers, network["input_shape"])


def test_the_tasks_of_the_explorer():
    rows, wider = lenet(), lenet(12)
    macs, parameters = ([row[name] for row in rows] for name in ("macs", "parameters"))
    assert macs.index(max(macs)) == 2 and parameters.index(max(parameters)) == 4
    assert rows[1]["parameters"] == rows[3]["parameters"] == 0
    assert wider[0]["macs"] == 2 * macs[0] and wider[2]["macs"] == 2 * macs[2]
    assert 1.9 < wider[2]["parameters"] / parameters[2] < 2
    assert [row["macs"] for row in wider[4:]] == macs[4:]


def test_the_numbers_done_in_the_head(page):
    assert [part.ravel().tolist() for part in page["parts"]] == [[2, 5, 1, 1], [3, 1, 1, 4]]
    assert page["summed"].ravel().tolist() == [15, 16, 12, 15]
    assert "[[[15. 16.]\n  [12. 15.]]]" in page.printed
    assert page["pool"](page["small"], 2, np.max).ravel().tolist() == [5, 2, 2, 8]
    assert page["pool"](page["small"], 2, np.mean).ravel().tolist() == [2.75, 1, 1, 5]


def test_every_subject_of_the_course_is_there():
    for words in (
        "shape $[P, D, U, V]$",
        "What the bias is for",
        "The 1 × 1 convolution",
        "bias additions",
        "Average.",
        "Maximum.",
        "汇聚",
        "平移不变性",
        "aliasing",
        "divisions",
        "restore_best=True",
        "load_mnist",
        "What this does not show",
        "Further reading",
    ):
        assert words in TEXT, words


def test_package_code_is_shown_and_not_pasted():
    shown = re.findall(r"^plots\.show_source\((.+)\)$", TEXT, re.M)
    assert shown == [
        "ops.conv2d_loop",
        "ops.max_pool2d_loop_backward",
        "ops.max_pool2d",
        "models.LeNet",
        "models.lenet_ops",
    ]


# --- results


def test_formulas_equal_the_counter(page):
    for row in page.table("counted MACs").rows:
        assert row[3] == row[4] and row[5] == row[6]
    total = page.table("kind").rows[-1]
    assert total[-2:] == ["61,706", "416,520"]


@pytest.mark.parametrize("U, V", [(1, 1), (3, 2), (2, 4)])
def test_layer_of_the_page_equals_the_package(page, U, V):
    rng = np.random.default_rng(U)
    x, w, b = rng.normal(size=(3, 6, 7)), rng.normal(size=(4, 3, U, V)), rng.normal(size=4)
    assert np.allclose(page["conv_layer"](x, w, b), ops.conv2d(x[None], w, b)[0])


def test_poolings_agree(page):
    rows = page.table("gradient").rows
    assert len(rows) == 6 and all(float(error) < 1e-12 for row in rows for error in row[2:])
    assert "output equal: True\ngradient equal: True" in page.printed
    errors = re.findall(r"^\w+Pool2D: largest relative error (\S+)$", page.printed, re.M)
    assert len(errors) == 2 and all(float(error) < 1e-5 for error in errors)


def test_features_change_less_at_first_and_more_in_the_end(page):
    none, two, four = (np.array(change) for _, change in page["curves"].values())
    assert np.all(four[1:5] < two[1:5]) and np.all(two[1:5] < none[1:5])
    assert none[8] < two[8] < four[8]  # "the pooled ones have changed more"
    assert 0.22 < four[1] < 0.3 and 1 / 3 < none[1] < 0.4  # "a quarter", "more than a third"


def test_answers_come_back_on_the_grid(page):
    same = {name: values.mean(axis=0) for name, values in page["agreement"].items()}
    for name in ("stride", "maximum", "average"):
        values = same[name]
        assert values[0] == 1 and values[4] == pytest.approx(1, abs=0.01) and values[8] > 0.95
        assert max(values[1], values[3]) < 0.9
    assert same["average"][2] == pytest.approx(1, abs=0.01)
    assert max(same["stride"][1:4]) < 0.6
    for s in (1, 2, 3):
        assert same["stride"][s] < min(same["maximum"][s], same["average"][s])
    # "not much more in common [...] than chance would give", and the other far more
    found = re.findall(r"^(\w+), shift 2: agreement (\S+), by chance (\S+)$", page.printed, re.M)
    near = {name: float(agreed) - float(chance) for name, agreed, chance in found}
    assert near["stride"] < 0.15 and near["maximum"] > 0.3


def test_without_shrinking_nothing_changes_and_the_network_is_no_constant(page):
    """Trained, with all ten answers, and by the logits: a constant would agree with itself too."""
    answers = page["read"]["nothing"]
    assert np.all(page["agreement"]["nothing"][:, :5] > 0.99)
    assert all(len(np.unique(run[0])) == 10 for run in answers)
    assert (answers[:, 0] == page["test"].labels).mean() > 0.9
    changes = {
        name: [float(change) for change in values.split()]
        for name, values in re.findall(
            r"^(\w+): largest change of a logit,.*: (.+)$", page.printed, re.M
        )
    }
    assert max(changes["nothing"]) < 1e-5 and min(changes["maximum"]) > 0.1


def test_what_the_page_says_of_the_accuracies(page):
    assert set(page["chosen"].values()) == {0.03}  # "chose the larger rate"
    right = {
        name: (answers[:, 0] == page["test"].labels).mean(axis=1)
        for name, answers in page["read"].items()
    }
    assert all(len(scores) == 3 for scores in right.values())
    assert right["average"].mean() < min(right["stride"].mean(), right["maximum"].mean())
    # "its three starts lie far apart"
    assert np.ptp(right["average"]) > 1.5 * max(np.ptp(right[n]) for n in ("stride", "maximum"))


def test_the_original_second_convolution_read_by_a_table(page):
    assert (page["by_table"], page["by_all"]) == (1516, 2416)
    assert page["by_all"] == arithmetic.conv_parameters(6, 16, 5)


def test_three_times_the_same_network(page):
    rows = page.table("NumPy operators").rows
    assert len(rows) == 11 and all(float(error) < 1e-4 for row in rows for error in row[2:])
    # the comparison is able to see a network that differs
    wrong = page["by_operators"].params["conv2.weight"]
    keep = wrong.copy()
    wrong[0] += 1
    changed = page["by_operators"](page["images"].astype(float))
    wrong[...] = keep
    assert abs(changed - page["results"]["framework"]["output"]).max() > 1e-4


def test_loops_take_hundreds_of_times_as_long(page):
    spent = page["spent"]
    assert all(spent["plain loops"] > 100 * t for name, t in spent.items() if "loops" not in name)
    assert spent["plain loops"] > 500 * min(spent["NumPy operators"], spent["framework"])
    assert "more than a thousand times" not in TEXT and "over a thousand times" not in TEXT


def test_lenet_learns(page):
    assert len(page["scores"]) == 3 and min(page["scores"]) > 0.93
    assert "MNIST is not here" in page.printed  # in the notebook
    cell = TEXT[: TEXT.index("if any((cache_folder()")].rsplit("```", 1)[1]
    assert ":tags: [remove-output]" in cell, "the page is the same wherever it was built"
    # the curves of the first start, as the figure's description has them
    _, history = page["trained"][0]
    losses = history.train_losses
    assert len(losses) == 152 and abs(losses[0] - 2.3) < 0.2 and np.mean(losses[-19:]) < 0.2
    assert history.dev_losses[-1] < 0.3 and abs(history.best_score - 0.95) < 0.03


# --- exercises


def test_answers_of_the_page_pass(page):
    check_answers(page, TEXT, EXERCISES)


def test_values_are_those_of_the_formulas():
    value = {exercise.id: exercise.reference for exercise in EXERCISES}
    assert value["layer-parameters"] == arithmetic.conv_parameters(3, 64, 7)
    assert value["layer-macs"] == arithmetic.conv_macs(16, 32, 5, 14)
    narrow = [(256, 64, 1), (64, 64, 3), (64, 256, 1)]
    assert value["layer-bottleneck"] == sum(P * D * U * U for D, P, U in narrow)
    assert f"{256 * 256 * 9:,}" in TEXT


def test_functions_are_those_of_the_package():
    value = {exercise.id: exercise.reference for exercise in EXERCISES}
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(3, 6, 7)), rng.normal(size=(4, 3, 3, 2)), rng.normal(size=4)
    assert np.allclose(value["layer-forward"](x, w, b), ops.conv2d(x[None], w, b)[0])
    pointwise = ops.conv2d(x[None], w[..., :1, :1].copy(), b)[0]
    assert np.allclose(value["layer-pointwise"](x, w[..., 0, 0], b), pointwise)
    for size, stride, padding in [(2, 2, 0), (3, 2, 1), (3, 1, 1), (2, 3, 0)]:
        one = x[0]
        y = ops.max_pool2d(x[None], size, stride, padding)[0, 0]
        assert np.allclose(value["layer-max-pool"](one, size, stride, padding), y)
        g = rng.normal(size=ops.max_pool2d(x[None], size, stride).shape)
        back = ops.max_pool2d_backward(x[None], g, size, stride)[0, 0]
        assert np.allclose(value["layer-max-back"](one, g[0, 0], size, stride), back)
        back = ops.avg_pool2d_backward(x[None], g, size, stride)[0, 0]
        assert np.allclose(value["layer-avg-back"](g[0, 0], size, stride, one.shape), back)


# --- what runs only where the reader has the files


@needs("mnist")
def test_mnist_is_learned_where_its_files_are(page, monkeypatch):
    """On 5,000 digits and in two epochs, more than nine in ten."""
    cells = jupytext.reads(TEXT, fmt="md:myst").cells
    (cell,) = (c.source for c in cells if c.cell_type == "code" and "load_mnist(size" in c.source)
    monkeypatch.setenv("NNDL_DATA", str(SHARED))
    names, out = dict(page), io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(cell, names)
    assert names["accuracy_mnist"] > 0.9
    assert f"{names['accuracy_mnist']:.3f}" in out.getvalue()
