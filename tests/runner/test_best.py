"""The best weights are in their file at the end, also where that was moved or is asked for late."""

import numpy as np
import pytest

from nndl.data import Batches
from nndl.device import paddle
from nndl.metrics import Accuracy
from nndl.runner import Callback, RunnerV3, load_state

rng = np.random.default_rng(0)
X, y = rng.normal(size=(40, 4)).astype("float32"), rng.integers(0, 2, 40)


class Scripted(Accuracy):
    """A metric that gets worse from the second evaluation on: the best weights are the first's."""

    values: tuple = (0.9, 0.5, 0.4, 0.3, 0.2, 0.1)
    number = 0

    def accumulate(self):
        self.number += 1
        return self.values[self.number - 1]


class AfterFirst(Callback):
    """Keep the weights after the first epoch, which are the best."""

    def on_epoch_end(self, run):
        if run.epoch == 1:
            self.weights = {n: v.numpy().copy() for n, v in run.model.state_dict().items()}


def new_runner(done=0):
    paddle.seed(0)
    model = paddle.nn.Linear(4, 2)
    metric = Scripted()
    metric.number = done
    optimizer = paddle.optimizer.Adam(0.1, parameters=model.parameters())
    return RunnerV3(model, optimizer, paddle.nn.functional.cross_entropy, metric)


def train(runner, num_epochs, **arguments):
    loader = Batches(X, y, batch_size=8)
    return runner.train(loader, loader, num_epochs=num_epochs, verbose=False, **arguments)


@pytest.fixture
def begun(tmp_path):
    """Give the checkpoint after two epochs, and the best weights, those after the first."""
    first = AfterFirst()
    train(
        new_runner(), 2, callbacks=[first], checkpoint_path=tmp_path / "c",
        save_path=tmp_path / "best.pdparams",
    )  # fmt: skip
    return tmp_path, first.weights


def check_equal(state, weights):
    assert state.keys() == weights.keys()
    for name, value in weights.items():
        np.testing.assert_array_equal(state[name], value)


@pytest.mark.parametrize("num_epochs", [2, 4])
@pytest.mark.parametrize("name", ["best.pdparams", "another.pdparams"])
def test_a_file_that_was_moved_or_is_another_holds_the_best(begun, num_epochs, name):
    folder, best = begun
    (folder / "best.pdparams").rename(folder / "moved.pdparams")
    runner = new_runner(done=2)
    train(runner, num_epochs, resume_from=folder / "c", save_path=folder / name)
    check_equal(load_state(folder / name), best)
    assert runner.history.best_step == 5


@pytest.mark.parametrize("num_epochs", [2, 4])
def test_what_is_new_at_the_resume_gets_the_best(tmp_path, num_epochs):
    first = AfterFirst()
    train(new_runner(), 2, callbacks=[first], checkpoint_path=tmp_path / "c")
    runner = new_runner(done=2)
    train(
        runner, num_epochs, resume_from=tmp_path / "c", restore_best=True,
        save_path=tmp_path / "best.pdparams",
    )  # fmt: skip
    check_equal(load_state(tmp_path / "best.pdparams"), first.weights)
    check_equal({n: v.numpy() for n, v in runner.model.state_dict().items()}, first.weights)


def test_the_best_outlives_several_resumes(begun):
    folder, best = begun
    for epochs in (3, 4, 5):
        train(
            new_runner(done=epochs - 1), epochs, resume_from=folder / "c",
            checkpoint_path=folder / "c",
        )  # fmt: skip
    train(new_runner(done=5), 5, resume_from=folder / "c", save_path=folder / "late.pdparams")
    check_equal(load_state(folder / "late.pdparams"), best)


def test_the_file_is_there_as_soon_as_the_run_has_gone_on(begun):
    folder, best = begun
    (folder / "best.pdparams").unlink()

    class Look(Callback):
        def on_step_end(self, run):
            if run.step == 12:
                check_equal(load_state(folder / "best.pdparams"), best)
                run.stop("seen")

    runner = new_runner(done=2)
    train(runner, 4, resume_from=folder / "c", save_path=folder / "best.pdparams",
          callbacks=[Look()])  # fmt: skip
    assert runner.history.stopped == "seen"


def test_a_better_one_replaces_it(begun):
    folder, best = begun
    runner = new_runner(done=2)
    runner.metric.values = (0.9, 0.5, 0.95, 0.1)
    train(runner, 4, resume_from=folder / "c", save_path=folder / "best.pdparams")
    assert (load_state(folder / "best.pdparams")["weight"] != best["weight"]).any()
    assert runner.history.best_score == 0.95
