"""Who watches a value is told only what was measured just now, and in the right direction."""

import numpy as np
import pytest

from nndl.data import Batches
from nndl.device import paddle
from nndl.ops import Linear, SquaredError
from nndl.optim import SGD
from nndl.runner import Callback, EarlyStopping, RunnerV2, RunnerV3

F = paddle.nn.functional
Plateau = paddle.optimizer.lr.ReduceOnPlateau


class Scripted:
    """A metric that says what it is told to, one value an evaluation."""

    def __init__(self, values):
        self.values = list(values)

    def reset(self):
        pass

    def update(self, outputs, labels):
        pass

    def accumulate(self):
        return self.values.pop(0)


def toy(batches=4, size=8):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batches * size, 4)).astype("float32")
    return Batches(x, rng.integers(0, 3, len(x)), batch_size=size)


def runner_with(rate, metric=None, loss_fn=F.cross_entropy):
    paddle.seed(0)
    model = paddle.nn.Linear(4, 3)
    return RunnerV3(
        model, paddle.optimizer.SGD(rate, parameters=model.parameters()), loss_fn, metric
    )


class Told(Plateau):
    """It keeps what it is told."""

    def __init__(self, **arguments):
        self.values = []
        super().__init__(0.01, patience=0, factor=0.5, **arguments)

    def step(self, metrics, epoch=None):
        self.values.append(metrics)
        super().step(metrics, epoch)


@pytest.mark.parametrize("when", ["epoch", "step"])
@pytest.mark.parametrize("eval_steps", [0, 3, 10])
def test_it_is_stepped_once_an_evaluation_whenever_that_is(when, eval_steps):
    rate = Told()
    history = runner_with(rate).train(
        toy(), toy(), num_epochs=5, eval_steps=eval_steps, scheduler_step=when, verbose=False
    )
    assert rate.values == history.dev_losses and len(rate.values) > 1
    assert history.dev_losses == sorted(history.dev_losses, reverse=True)
    assert rate() == 0.01  # it got better at every evaluation


@pytest.mark.parametrize(
    ("mode_of_rate", "mode", "values"),
    [("max", None, [1, 2, 3]), ("max", "max", [1, 2, 3]), ("min", "min", [3, 2, 1])],
)
def test_it_is_told_the_value_that_the_mode_judges(mode_of_rate, mode, values):
    rate = Told(mode=mode_of_rate)
    history = runner_with(rate, Scripted(values)).train(
        toy(), toy(), num_epochs=3, mode=mode, verbose=False
    )
    assert rate.values == values == history.dev_scores
    assert rate() == 0.01


def test_the_least_in_a_run_for_the_greatest_is_the_loss():
    rate = Told(mode="min")
    history = runner_with(rate, Scripted([3, 2, 1])).train(
        toy(), toy(), num_epochs=3, verbose=False
    )
    assert rate.values == history.dev_losses


def test_without_a_development_set_it_is_told_each_epochs_loss():
    rate = Told()
    history = runner_with(rate).train(toy(), num_epochs=3, verbose=False)
    assert rate.values == history.epoch_losses


def test_a_first_nan_is_not_the_best_for_ever():
    rate = Told(mode="max")
    runner_with(rate, Scripted([np.nan, 1, 2, 3])).train(toy(), toy(), num_epochs=4, verbose=False)
    assert rate() == 0.01


@pytest.mark.parametrize(
    ("mode_of_rate", "arguments", "message"),
    [
        ("max", {"dev_loader": toy()}, "mode of ReduceOnPlateau must be 'min' in a run whose"),
        ("max", {}, "mode of ReduceOnPlateau must be 'min'"),
        ("min", {"scheduler_step": "step"}, "scheduler_step must be 'epoch' for ReduceOnPlateau"),
    ],
)
def test_what_it_could_not_be_told_is_refused_before_the_first_step(
    mode_of_rate, arguments, message
):
    rate = Told(mode=mode_of_rate)
    runner = runner_with(rate)
    before = runner.model.weight.numpy()
    with pytest.raises(ValueError, match=message):
        runner.train(toy(), verbose=False, **arguments)
    assert not rate.values and (runner.model.weight.numpy() == before).all()


def test_early_stopping_for_the_least_in_a_run_for_the_greatest_watches_the_loss():
    runner = runner_with(0.01, Scripted(range(6)))
    stopping = EarlyStopping(patience=2, mode="min")
    history = runner.train(toy(), toy(), num_epochs=6, callbacks=[stopping], verbose=False)
    assert history.stopped is None  # the loss falls; the score, which grows, is not for it
    assert -stopping.best == min(history.dev_losses)


def test_early_stopping_for_the_greatest_in_a_run_for_the_least_is_refused():
    with pytest.raises(ValueError, match="mode of EarlyStopping must be 'min' in a run whose"):
        runner_with(0.1).train(toy(), toy(), callbacks=[EarlyStopping(mode="max")], verbose=False)


def test_a_callback_knows_whether_the_weights_of_now_were_evaluated():
    class Look(Callback):
        def __init__(self):
            self.at_steps, self.at_evaluations, self.at_epochs = [], [], []

        def on_step_end(self, run):
            self.at_steps.append((run.is_evaluated, run.is_best))

        def on_evaluate(self, run):
            self.at_evaluations.append((run.is_evaluated, run.is_best, run.value))

        def on_epoch_end(self, run):
            self.at_epochs.append((run.is_evaluated, run.is_best, run.evaluation.score))

    look = Look()
    runner_with(0.1, Scripted([1, 2, 1])).train(
        toy(), toy(), num_epochs=2, eval_steps=3, callbacks=[look], verbose=False
    )
    assert look.at_steps == [(False, False)] * 8  # a score of some steps ago is no best of now
    assert look.at_evaluations == [(True, True, 1), (True, True, 2), (True, False, 1)]
    assert look.at_epochs == [(False, False, 1), (True, False, 1)]


def test_a_resumed_run_knows_its_last_evaluation(tmp_path):
    path = tmp_path / "run.pdckpt"
    runner_with(0.1).train(toy(), toy(), num_epochs=2, checkpoint_path=path, verbose=False)
    seen = []

    class Look(Callback):
        def on_train_begin(self, run):
            seen.append((run.evaluation, run.is_evaluated, run.is_best))

    runner = runner_with(0.1)
    history = runner.train(
        toy(), toy(), num_epochs=3, resume_from=path, callbacks=[Look()], verbose=False
    )
    assert seen == [((None, history.dev_losses[1]), True, True)]


def test_a_step_is_shown_with_the_rate_it_was_made_with():
    rates = []

    class Look(Callback):
        def on_step_end(self, run):
            rates.append(run.optimizer.get_lr())

    rate = paddle.optimizer.lr.ExponentialDecay(0.5, gamma=0.5)
    runner_with(rate).train(toy(), callbacks=[Look()], scheduler_step="step", verbose=False)
    assert rates == [0.5, 0.25, 0.125, 0.0625] and rate() == 0.03125


class TestByAllSamples:
    """RunnerV2, an epoch of which is one step, keeps the same rules."""

    DATA = next(iter(toy(batches=1)))

    def runner(self, rate, metric=None):
        paddle.seed(0)
        model = paddle.nn.Linear(4, 3)
        return RunnerV2(
            model,
            paddle.optimizer.SGD(rate, parameters=model.parameters()),
            F.cross_entropy,
            metric,
        )

    def test_the_rate_and_with_it_the_weights_are_those_of_runner_v3(self):
        ends = []
        for runner, data in ((self.runner, self.DATA), (runner_with, toy(batches=1))):
            rate = paddle.optimizer.lr.StepDecay(0.1, step_size=2, gamma=0.1)
            runner = runner(rate)
            history = runner.train(data, num_epochs=5, verbose=False)
            assert rate() == pytest.approx(0.001)
            ends.append((history.train_losses, runner.model.weight.numpy()))
        np.testing.assert_allclose(ends[0][0], ends[1][0], rtol=1e-5)
        np.testing.assert_allclose(ends[0][1], ends[1][1], rtol=1e-5)

    @pytest.mark.parametrize("eval_epochs", [1, 2])
    def test_a_plateau_is_told_each_evaluation(self, eval_epochs):
        rate = Told()
        history = self.runner(rate).train(
            self.DATA, self.DATA, num_epochs=5, eval_epochs=eval_epochs, verbose=False
        )
        assert rate.values == history.dev_losses and len(rate.values) > 1

    def test_a_plateau_is_told_the_score_where_the_run_judges_it(self):
        rate = Told(mode="max")
        # the first of each two is that of the training set
        self.runner(rate, Scripted([0, 1, 0, 2, 0, 3])).train(
            self.DATA, self.DATA, num_epochs=3, verbose=False
        )
        assert rate.values == [1, 2, 3]

    def test_without_a_development_set_it_is_told_each_epochs_loss(self):
        rate = Told()
        history = self.runner(rate).train(self.DATA, num_epochs=3, verbose=False)
        assert rate.values == history.train_losses

    def test_a_direction_that_nothing_has_is_refused_before_the_first_step(self):
        rate = Told(mode="max")
        runner = self.runner(rate)
        before = runner.model.weight.numpy()
        with pytest.raises(ValueError, match="mode of ReduceOnPlateau must be 'min'"):
            runner.train(self.DATA, self.DATA, verbose=False)
        assert not rate.values and (runner.model.weight.numpy() == before).all()

    def test_an_optimizer_by_hand_has_no_scheduler(self):
        model = Linear(4, 3)
        runner = RunnerV2(model, SGD(model), SquaredError())
        data = np.ones((5, 4)), np.ones((5, 3))
        assert len(runner.train(data, data, num_epochs=2, verbose=False).train_losses) == 2
