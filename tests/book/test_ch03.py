"""Chapter 03 says what is so: its numbers, its claims about results, its exercises."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from run_chapter import check_answers, run_chapter

from nndl import arithmetic, ops, optim
from nndl.data import load_digits
from nndl.device import paddle
from nndl.exercises.ch03 import EXERCISES
from nndl.metrics import Accuracy
from nndl.runner import RunnerV1, RunnerV2
from nndl.widgets import DescentPath

SOURCE = Path(__file__).resolve().parents[2] / "book" / "03-the-runner.md"
TEXT = SOURCE.read_text("utf8")


@pytest.fixture(scope="module")
def page():
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(SOURCE.parent)  # the page goes into a folder of its own
        return run_chapter(SOURCE)


# --- what the course asks for


def test_every_subject_of_the_course_is_there():
    for words in (
        "runner = RunnerV3(model, optimizer, loss_fn, metric)",
        "learning_rate=0.001, parameters=model.parameters(), weight_decay=0.005",
        "F.cross_entropy, Accuracy()",
        "batch_size=64",
        "paddle.set_device(device.choose())",
        "normal equations",
        "underfitting",
        "overfitting",
        "restore_best=True",
        "DataLoader",
        "state_dict",
        "resume_from=",
        "KeyboardInterrupt",
        "EarlyStopping",
        "GradientNorms",
        "StepDecay",
        ".export(",
        "What this does not show",
        "Further reading",
    ):
        assert words in TEXT, words
    assert "state_dist" not in TEXT
    assert "Accuracy(is_logist=True)" in TEXT, "the one word in which the call differs is named"
    with pytest.raises(TypeError, match="is_logist"):
        Accuracy(is_logist=True)
    call = re.search(
        r"runner\.train\(\s*(train_loader, dev_loader, num_epochs=30[^)]*?),?\s*\)", TEXT
    )
    assert " ".join(call[1].split()) == (
        "train_loader, dev_loader, num_epochs=30, log_steps=3000, eval_steps=3000, "
        'save_path="best_model.pdparams"'
    )


def test_package_code_is_shown_and_not_pasted():
    shown = re.findall(r"^plots\.show_source\((.+)\)$", TEXT, re.M)
    assert {"RunnerV1.train", "RunnerV2.train", "runners.Run._train_step"} <= set(shown)
    for line in ("self.precision.backward(loss, self.optimizer)", "np.linalg.lstsq(A, y, rcond"):
        assert line not in TEXT.replace("np.linalg.lstsq(A, y, rcond=None)[0],\n    }", "")


# --- the question


def test_the_loop_of_the_friend_does_what_the_page_says(page):
    assert "19 steps, best loss 0, saved: False" in page.printed
    assert "Twenty epochs of 19 batches are 380 steps" in TEXT and 20 * 19 == 380
    train, dev, test = load_digits()
    assert [len(part.labels) for part in (train, dev, test)] == [1200, 297, 300]


# --- the first Runner


def test_hidden_weights_are_found(page):
    assert "weight [ 1.99 -2.99] bias [1.]" in page.printed


def test_rank(page):
    assert "LinAlgError: Singular matrix" in page.printed
    assert "rank 4 of 5 columns" in page.printed
    assert "Warning: the problem has rank 4, with 5 columns" in page.printed
    weights = page["first"].model.params["weight"].ravel()
    assert f"summer costs {-weights[2]:.2f} less than nothing" in TEXT
    assert page["dead"].sum() == 3
    assert re.search(r"^rank 62 of 65, accuracy 0\.9", page.printed, re.M)  # "nine in ten"


def test_a_saved_model_gives_the_means_of_the_seasons(page):
    means = page["cost"].reshape(4, 3).mean(axis=1)
    assert np.allclose(page["twin"].predict(np.eye(4)).ravel(), means)


def test_solutions_agree(page):
    found = re.findall(r"^(?:by hand and package|package and Paddle): +(\S+)$", page.printed, re.M)
    assert len(found) == 2 and max(map(float, found)) < 1e-11


def test_the_numerical_trap(page):
    errors, degrees = page["errors"], page["degrees"]
    normal = dict(zip(degrees, errors["normal equations"], strict=True))
    assert all(normal[degree] > 1 for degree in range(13, 18)) and normal[10] < 1
    assert max(errors["QR"] + errors["SVD"]) < 1e-2 and "stay below 1e-2" in TEXT
    for row in page.table("κ(A)").rows:
        own, squared = float(row[1]), float(row[2])
        if own < 1e7:
            assert 0.2 < squared / own**2 < 5  # equation eq-condition, to the digits shown
    # "stops growing somewhere above": by how much is the processor's, but not by the square
    assert 1e16 < squared < own**2 / 10


def test_under_and_overfitting_by_degree(page):
    found = page["by_degree"]
    on_train = [values[0] for values in found.values()]
    assert all(a >= b for a, b in itertools.pairwise(on_train))
    assert on_train[0] > 0.25 and on_train[-1] < 0.005
    on_dev = {degree: values[1] for degree, values in found.items()}
    assert min(on_dev, key=on_dev.get) == 3 and abs(on_dev[3] - 0.05) < 0.01
    assert 0.4 < on_dev[13] < 2  # "to about 1"


def test_ridge_is_best_in_between(page):
    rows = page.table("λ").rows
    on_dev = [float(row[2]) for row in rows]
    best = int(np.argmin(on_dev))
    assert 0 < best < len(rows) - 1
    assert on_dev[best] < page["by_degree"][3][1] + 0.01  # "as well as degree 3 did"


# --- the second Runner


def test_logistic_regression_by_hand_is_the_runner(page):
    (difference,) = re.findall(r"^largest difference from the loop: (\S+)$", page.printed, re.M)
    assert float(difference) < 1e-12
    assert page["second"].history.best_score > 0.95


def test_operators_and_paddle_go_the_same_way(page):
    ours, theirs = (run.train_losses for run in page["runs"].values())
    assert len(ours) == 300 and np.allclose(ours, theirs, rtol=0, atol=1e-9)


def test_the_best_model_is_kept(page):
    keeper = page["keeper"]
    history = keeper.history
    assert history.best_step < 300 and history.dev_losses[-1] > history.best_score + 0.1
    assert np.isclose(keeper.evaluate(page["ten_dev"]).loss, history.best_score)
    assert f"is least near step {history.best_step}" in TEXT
    assert history.train_losses[-1] < 0.02


def test_losses_that_stand_side_by_side_are_measured_alike_or_said_not_to_be(page):
    printed = float(re.search(r"^as printed: +training (\S+)$", page.printed, re.M)[1])
    train, dev = map(float, re.findall(r"^measured alike: +\w+ (\S+)$", page.printed, re.M))
    assert train < dev < printed, "the printed mean says the contrary of the two measured alike"
    call = re.search(r"^epoch 30/30 .* train loss (\S+)  dev loss (\S+)", page.printed, re.M)
    alike = re.search(r"^on the training set, measured alike: loss (\S+)$", page.printed, re.M)[1]
    assert float(alike) < float(call[2]) < float(call[1])


# --- the third Runner


def test_noise_halves_with_four_times_the_batch(page):
    noise = [float(row[1]) for row in page.table("batch size").rows]
    for larger, smaller in itertools.pairwise(noise):
        assert 1.8 < larger / smaller < 2.2
    bias = [float(row[2]) for row in page.table("batch size").rows]
    for left, alone in zip(bias, noise, strict=True):
        assert left < 2 * alone / np.sqrt(300) + 0.01  # "the chance of 300 draws"


def test_equal_loops_and_equal_batches(page):
    assert page.printed.count("the same weights, bit for bit: True") == 2
    assert "the same batches: True" in page.printed
    assert "largest difference of a weight: 0e+00" in page.printed
    # the comparison can see a difference: with another seed the weights are others
    other = page["make_network"](seed=5).state_dict()
    assert not all(bool((other[k] == v).all()) for k, v in page["weights"].items())


def test_batches_cost_less(page):
    assert page["costs"]["Batches"] < page["costs"]["DataLoader"]


def test_the_call_as_written(page):
    assert len(re.findall(r"^epoch 30/30  step 570/570 .* best so far$", page.printed, re.M)) == 1
    assert (page["folder"] / "best_model.pdparams").exists()
    score = re.search(r"^on the test set: accuracy (\S+), loss", page.printed, re.M)[1]
    assert float(score) > 0.93


def test_the_sum_of_losses_keeps_every_graph(page):
    rows = page.table("nodes behind it").rows
    assert [row[3] // row[0] for row in rows] == [rows[0][3]] * len(rows) and rows[0][3] > 5
    assert all(row[1] == row[2] and row[4] == 0 for row in rows)


def test_paddles_own_runner_reports_the_last_batch(page):
    each = page["each"]
    assert "loss of the *last batch*, here of 44 digits" in TEXT and 300 % 64 == 44
    printed = re.search(r"^loss: +(\S+) and (\S+)$", page.printed, re.M)
    ours, theirs = float(printed[1]), float(printed[2])
    assert theirs == pytest.approx(each[-1], abs=1e-4) and abs(ours - each[-1]) > 0.01


# --- long runs


def test_killed_and_resumed(page):
    assert "in one go:   (0, ['Training on the" in page.printed
    assert "plug pulled: (1, ['Training on the" in page.printed
    assert "'Going on from step 40, in epoch 3.'" in page.printed
    assert "The last checkpoint was written at step 40. The steps 41 to 47" in TEXT
    assert 2 * 19 < 47 < 3 * 19  # "in the middle of the third epoch"
    assert list(page["whole"]) == list(page["broken"]) and len(page["whole"]) == 4


def test_interrupted(page):
    assert "Stopped at step 25: history and weights so far are kept." in page.printed
    score = re.search(r"^dev accuracy now: (\S+)$", page.printed, re.M)[1]
    assert float(score) > 0.5


def test_callbacks_on_one_run(page):
    norms, rates, epochs = page["norms"], page["rates"], page["epochs_made"]
    assert len(norms.total) == len(rates.rates) == 19 * epochs
    assert epochs < 100 and "no better value in 6 evaluations" in page.printed
    assert rates.rates[0] == 0.02 and rates.rates[57] == 0.01
    assert np.mean(norms.total[-50:]) < np.mean(norms.total[:20]) / 2


# --- the experiment


def test_what_the_page_says_of_the_comparison(page):
    accuracy, on_dev = page["accuracy"], page["on_dev"]
    assert all(len(scores) == 5 for scores in accuracy.values())
    gaps = np.array(accuracy["best weights, rate 0.01"]) - accuracy["last weights, rate 0.01"]
    assert abs(gaps.mean() - 0.10) < 0.03  # "by about ten points"
    assert gaps.mean() > 4 * gaps.std(ddof=1) / np.sqrt(5)  # "many times its error"
    for arm in ("best weights", "weight decay"):  # "hardly more than the error"
        gaps = np.array(accuracy[arm]) - accuracy["last weights"]
        assert abs(gaps.mean()) < 2.8 * gaps.std(ddof=1) / np.sqrt(5) + 0.002  # t, 4 degrees
    assert page["chosen"]["last weights"] < 0.003  # "takes a small rate"
    ranges = {}
    for arm, decay in page["ARMS"].items():
        scores = [on_dev[decay][rate][int(arm == "best weights")] for rate in page["RATES"]]
        ranges[arm] = max(scores) - min(scores)
    assert ranges["last weights"] > 0.1  # "more than ten points"
    assert max(ranges["best weights"], ranges["weight decay"]) < 0.05  # "far less"


def test_three_pairs_of_curves(page):
    under, over, more = (page[name].history for name in ("narrow", "wide", "more"))
    assert under.epoch_losses[-1] > 1 and under.dev_losses[-1] > 1
    assert over.epoch_losses[-1] < 0.15 and over.best_step < 60
    wrong, learned = page["wrong"], page["learned"]
    assert 0.85 < learned[wrong].mean() < 1 and learned[~wrong].mean() > 0.98  # "nearly every"
    alike = float(re.search(r"^training loss at the end (\S+)$", page.printed, re.M)[1])
    assert 0.02 < alike < 0.2  # "small, not zero"
    assert over.dev_losses[-1] > min(over.dev_losses) + 0.1
    assert 0.05 < over.best_score - over.dev_scores[-1] < 0.2
    assert abs(len(more.train_steps) - len(over.train_steps)) < 30  # "about as many steps"
    assert more.epoch_losses[-1] > more.dev_losses[-1] and min(more.dev_scores[5:]) > 0.9
    assert max(more.dev_losses[-5:]) < 0.5 and abs(more.best_score - 0.95) < 0.02


def test_a_share_of_labels_is_wrong(page):
    batches, (train, _, _) = page["mislabeled"](3), load_digits()
    chosen = np.random.default_rng(3).permutation(1200)[:300]
    wrong = np.mean(batches.labels.numpy() != train.labels[chosen])
    assert 0.12 < wrong < 0.28


# --- the loop of practice


def test_the_loop_of_practice(page):
    rows = [table.rows[0] for table in page.tables if "good?" in table.columns]
    assert [row[-1] for row in rows] == ["no", "no", "no", "yes"]
    losses = [(float(row[3]), float(row[4])) for row in rows]
    assert losses[0][0] > 0.25 and losses[1][0] < 0.1  # the first underfits
    assert losses[2][0] > losses[1][0]  # "worse, on the training set, too"
    assert losses[3][0] < 0.03 < 0.05 < losses[3][1]  # "the training loss is nearly 0"
    sizes = [int(row[2].replace(",", "")) for row in rows]
    assert sizes[:2] == [arithmetic.linear_parameters(64, 10)] * 2
    assert sizes[2:] == [
        arithmetic.linear_parameters(64, hidden) + arithmetic.linear_parameters(hidden, 10)
        for hidden in (8, 32)
    ]


def test_five_starts_were_needed(page):
    """A single start would have told another story, as the page says."""
    scores = {
        candidate: np.array([runner.evaluate(page["dev_loader"]).score for runner in runners])
        for candidate, runners in page["candidates"].items()
    }
    assert all(len(found) == 5 for found in scores.values())
    linear, goal = scores[0, 0.03], page["good_enough"]
    assert 0 < np.sum(linear >= goal) < 5
    assert 1 < (goal - linear.mean()) / (linear.std(ddof=1) / np.sqrt(5)) < 4
    gaps = scores[32, 0.03] - linear
    assert gaps.mean() > 2 * gaps.std(ddof=1) / np.sqrt(5)
    more, fewer = (
        np.mean(
            [
                page["attempt"](hidden, 0.03, seed).evaluate(page["dev_loader"]).score
                for seed in range(3)
            ]
        )
        for hidden in (128, 16)
    )
    assert more > scores[32, 0.03].mean()  # "better still"
    assert abs(fewer - goal) < 0.01  # "so near to the goal"


def test_exported_model_predicts_in_a_fresh_process(page):
    assert "nndl in use: False" in page.printed
    assert "the same classes: True" in page.printed and page["theirs"].shape == (300, 10)
    (difference,) = re.findall(r"^largest difference of a logit: (\S+)$", page.printed, re.M)
    assert float(difference) < 1e-4


# --- the explorer


def test_the_tasks_of_the_explorer():
    """Each answer can be seen in the steps that the explorer draws."""
    limit = DescentPath().largest_stable_rate()
    assert f"The limit is {limit:.4f}." in TEXT
    kinds = [DescentPath(learning_rate=rate).outlook()["kind"] for rate in (0.14, 0.16)]
    assert kinds == ["swings", "diverges"]
    for rate, smaller in ((0.14, True), (0.16, False)):
        losses = DescentPath(learning_rate=rate).losses()[:, 0]
        assert (losses[60] < losses[20] / 4) == smaller
    assert not np.allclose(DescentPath().minimum("dev"), DescentPath().minimum(), atol=0.1)
    assert np.isclose(DescentPath(standardize=True).largest_stable_rate(), 1)
    for start in ([-1, 3], [2.5, -0.5]):
        round_valley = DescentPath(standardize=True, learning_rate=0.5, start=start)
        assert np.allclose(round_valley.path()[1], round_valley.minimum())
    least = DescentPath(method="closed").losses()[0, 0]
    slow, quick = (
        DescentPath(learning_rate=0.01, momentum=momentum).losses()[60, 0] / least
        for momentum in (0, 0.9)
    )
    assert 2.8 < slow < 3.5 and quick < 1.05  # "three times the least", "nearly enough"


def test_the_explorer_is_asked_for_more_steps_than_it_draws(page):
    printed = re.findall(r"× the least after 60 steps, near it after (\d+)$", page.printed, re.M)
    swinging, slow, quick = map(int, printed)
    assert 60 < quick < swinging < slow and slow > 300  # "hundreds of steps more"


def test_what_is_said_of_mini_batches(page):
    least = DescentPath(method="closed").losses()[0, 0]

    def last_twenty(size, rate):
        explorer = DescentPath(
            method="batches", batch_size=size, learning_rate=rate, standardize=True
        )
        return explorer.losses()[-20:, 0].mean() / least - 1

    assert last_twenty(16, 0.2) < 1e-9  # "comes to rest"
    assert 0.02 < last_twenty(4, 0.2) < last_twenty(1, 0.2) / 4
    assert last_twenty(1, 0.05) < last_twenty(1, 0.2) / 4  # "much closer"
    above = re.findall(r"on average (\d+)% above the least$", page.printed, re.M)
    four, one, small = map(int, above)
    assert 1 < small < four < one


def test_the_runner_takes_the_explorers_path(page):
    assert f"limit {DescentPath().largest_stable_rate():.4f}, condition number" in page.printed
    lines = re.findall(r"^rate (\S+): .* explorer's by (\S+)$", page.printed, re.M)
    assert [rate for rate, _ in lines] == ["0.14", "0.16"]
    assert all(float(difference) < 1e-8 for _, difference in lines)


# --- exercises


def test_answers_of_the_page_pass(page):
    check_answers(page, TEXT, EXERCISES)


def test_above_the_largest_rate_a_run_diverges():
    largest_rate = {exercise.id: exercise.reference for exercise in EXERCISES}["runner-rate"]
    rng = np.random.default_rng(0)
    for _ in range(20):
        X, y = rng.normal(1, 2, size=(9, 3)), rng.normal(size=(9, 1))
        ends = []
        for share in (0.95, 1.05):
            model = ops.Linear(3, 1)
            descent = optim.SGD(model, share * largest_rate(X))
            runner = RunnerV2(model, descent, ops.SquaredError())
            losses = runner.train((X, y), num_epochs=400, verbose=False).train_losses
            ends.append(losses[-1] / losses[0])
        assert ends[0] <= 1 < 1e3 < ends[1]


def test_values_are_what_runs_give():
    value = {exercise.id: exercise.reference for exercise in EXERCISES}
    A = np.diag([200.0, 0.002])
    assert np.isclose(np.linalg.cond(A.T @ A), value["runner-condition"], rtol=1e-3)
    weight = paddle.to_tensor([0.0], stop_gradient=False)
    optimizer = paddle.optimizer.SGD(0.1, [weight])
    for _ in range(5):
        weight.sum().backward()
        optimizer.step()
    assert np.isclose(weight.item(), value["runner-clear"])


def test_steps_and_evaluations_are_those_of_the_runner():
    from nndl.data import Batches
    from nndl.runner import RunnerV3

    model = paddle.nn.Linear(1, 1)
    runner = RunnerV3(
        model, paddle.optimizer.SGD(0.1, model.parameters()), paddle.nn.functional.mse_loss
    )
    batches = Batches(np.ones((1000, 1), "float32"), np.ones((1000, 1), "float32"), batch_size=64)
    history = runner.train(batches, batches, num_epochs=12, eval_steps=50, verbose=False)
    answer = next(e.reference for e in EXERCISES if e.id == "runner-steps")
    assert (len(history.train_steps), len(history.dev_steps)) == answer


def test_known_wrong_ridges_are_worse(page):
    by_ridge = page["by_ridge"]
    best = by_ridge[page["best_ridge"]]
    assert all(best - score > 0.01 for ridge, score in by_ridge.items() if ridge != 10)


def test_runner_v1_finds_what_the_exercise_says():
    train, dev, _ = load_digits()
    sets = [(p.images.reshape(-1, 64), np.eye(10)[p.labels]) for p in (train, dev)]
    runner = RunnerV1(ops.Linear(64, 10), metric=lambda o, t: np.mean(o.argmax(1) == t.argmax(1)))
    few = tuple(part[:100] for part in sets[0])
    score = runner.train(few, sets[1], ridge=10, verbose=False).dev_scores[0]
    assert 0.85 < score < 0.9
