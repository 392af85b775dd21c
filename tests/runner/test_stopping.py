"""A run that a callback stopped goes on from where it stopped, as if nobody had stopped it."""

import numpy as np
import pytest

from nndl.data import Batches
from nndl.device import paddle
from nndl.metrics import Accuracy
from nndl.runner import Callback, EarlyStopping, RunnerV3, load_state

rng = np.random.default_rng(0)
X, y = rng.normal(size=(50, 4)).astype("float32"), rng.integers(0, 2, 50)  # 7 steps an epoch


class StopAt(Callback):
    """Stop at a step, at one of the moments that a callback has."""

    def __init__(self, step, moment="step_end"):
        self.step, self.moment = step, moment

    def _look(self, run, moment):
        if moment == self.moment and run.step >= self.step:
            run.stop("it is time")

    def on_backward_end(self, run):
        if self.moment == "backward_end" and run.step + 1 >= self.step:
            run.stop("it is time")

    def on_step_end(self, run):
        self._look(run, "step_end")

    def on_evaluate(self, run):
        self._look(run, "evaluate")

    def on_epoch_end(self, run):
        self._look(run, "epoch_end")


def new_runner(seed=0, metric=None):
    paddle.seed(seed)
    model = paddle.nn.Sequential(
        paddle.nn.Linear(4, 8), paddle.nn.Dropout(0.4), paddle.nn.Linear(8, 2)
    )
    rate = paddle.optimizer.lr.StepDecay(0.05, step_size=1, gamma=0.8)
    optimizer = paddle.optimizer.Adam(rate, parameters=model.parameters())
    return RunnerV3(model, optimizer, paddle.nn.functional.cross_entropy, metric or Accuracy())


def train(runner, **arguments):
    train_loader = Batches(X, y, batch_size=8, shuffle=True)
    arguments = {"num_epochs": 3, "verbose": False} | arguments
    return runner.train(train_loader, Batches(X, y), **arguments)


def outcome(runner):
    history = {name: value for name, value in vars(runner.history).items() if name != "seconds"}
    return {n: v.numpy().tobytes() for n, v in runner.model.state_dict().items()}, history


@pytest.mark.parametrize("moment", ["backward_end", "step_end", "evaluate", "epoch_end"])
@pytest.mark.parametrize("step", [1, 3, 7, 8, 14, 21])
def test_stopped_at_any_moment_it_goes_on(tmp_path, moment, step):
    path = tmp_path / "c"
    whole = new_runner()
    train(whole, checkpoint_path=tmp_path / "whole", eval_steps=2)
    stopped = new_runner()
    train(stopped, checkpoint_path=path, eval_steps=2, callbacks=[StopAt(step, moment)])
    assert stopped.history.stopped
    resumed = new_runner(seed=5)
    train(resumed, checkpoint_path=path, resume_from=path, eval_steps=2)
    assert resumed.history.stopped is None
    assert outcome(resumed) == outcome(whole)


def test_the_checkpoint_stands_where_it_stopped_and_says_why(tmp_path):
    train(new_runner(), checkpoint_path=tmp_path / "c", callbacks=[StopAt(10)])
    state = load_state(tmp_path / "c")
    assert state["position"] == {"epoch": 2, "batch": 3, "step": 10, "epoch_done": False}
    assert state["history"]["stopped"] == "it is time"


def test_a_budget_run_after_run(tmp_path):
    class Budget(Callback):
        """Five steps a run, as a callback with a budget of time would have it."""

        def on_train_begin(self, run):
            self.last = run.step + 5

        def on_step_end(self, run):
            if run.step >= self.last:
                run.stop("the budget of this run is spent")

    path, runs = tmp_path / "c", []
    whole = new_runner()
    train(whole)
    while not runs or runs[-1].history.stopped:
        runs.append(new_runner(seed=len(runs)))
        train(
            runs[-1], callbacks=[Budget()], checkpoint_path=path,
            resume_from=path if path.exists() else None,
        )  # fmt: skip
        assert len(runs) < 10
    assert [len(runner.history.train_steps) for runner in runs] == [5, 10, 15, 20, 21]
    assert outcome(runs[-1]) == outcome(whole)


class GetsWorse(Accuracy):
    """A metric whose first value is the best."""

    number = 0

    def accumulate(self):
        self.number += 1
        return 1.0 / self.number


def stopped_early(path, patience, **arguments):
    runner = new_runner(metric=GetsWorse())
    runner.metric.number = arguments.pop("done", 0)
    train(
        runner, num_epochs=9, checkpoint_path=path, callbacks=[EarlyStopping(patience)],
        **arguments,
    )  # fmt: skip
    return runner


def test_more_patience_goes_on(tmp_path):
    path = tmp_path / "c"
    assert len(stopped_early(path, 2).history.epoch_steps) == 3
    more = stopped_early(path, 4, resume_from=path, done=3)
    assert len(more.history.epoch_steps) == 5
    assert outcome(more) == outcome(stopped_early(tmp_path / "whole", 4))


def test_the_same_patience_goes_no_further(tmp_path):
    path = tmp_path / "c"
    first = stopped_early(path, 2)
    again = stopped_early(path, 2, resume_from=path, done=3)
    assert outcome(again) == outcome(first)
    assert again.history.stopped == "no better value in 2 evaluations"


def test_a_run_that_is_over_stays_over(tmp_path):
    path = tmp_path / "c"
    first = new_runner()
    train(first, checkpoint_path=path)
    again = new_runner(seed=4)
    train(again, resume_from=path)
    assert outcome(again) == outcome(first)


@pytest.mark.parametrize("why", ["", None, 3])
def test_a_run_is_stopped_for_a_reason(why):
    class Stop(Callback):
        def on_step_end(self, run):
            run.stop(why)

    with pytest.raises(ValueError, match="why must be a text"):
        train(new_runner(), callbacks=[Stop()])
