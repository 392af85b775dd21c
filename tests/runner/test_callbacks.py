"""Callbacks look on at the right moments, and those that come with the Runner do what they say."""

import sys
import types
import warnings

import numpy as np
import pytest

from nndl.data import Batches
from nndl.device import paddle
from nndl.metrics import Accuracy
from nndl.runner import (
    Callback,
    EarlyStopping,
    GradientNorms,
    History,
    LivePlot,
    Logging,
    RunnerV3,
    VisualDL,
    live_plot,
    progress,
)

F = paddle.nn.functional


def linear_runner(metric=None, lr=0.1, **optimizer):
    paddle.seed(0)
    model = paddle.nn.Linear(4, 3)
    sgd = paddle.optimizer.SGD(lr, parameters=model.parameters(), **optimizer)
    return RunnerV3(model, sgd, F.cross_entropy, metric)


def toy(batches=3, size=8):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batches * size, 4)).astype("float32")
    return Batches(x, rng.integers(0, 3, len(x)), batch_size=size)


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


class Diary(Callback):
    def __init__(self):
        self.pages = []

    def on_train_begin(self, run):
        self.pages.append("begin")

    def on_backward_end(self, run):
        assert run.model.weight.grad is not None
        self.pages.append(f"backward {run.step}")

    def on_step_end(self, run):
        assert run.loss.size == 1
        self.pages.append(f"step {run.epoch}/{run.batch}/{run.step}")

    def on_evaluate(self, run):
        assert run.evaluation.loss == run.history.dev_losses[-1] == run.value
        self.pages.append("evaluate" + " best" * run.is_best)

    def on_epoch_end(self, run):
        assert len(run.history.epoch_losses) == run.epoch
        self.pages.append(f"epoch {run.epoch}")

    def on_train_end(self, run):
        assert len(run.history.train_losses) == run.step
        self.pages.append("end")


class TestMoments:
    def test_order(self):
        diary = Diary()
        linear_runner().train(toy(2), toy(), num_epochs=2, callbacks=[diary], verbose=False)
        assert diary.pages == [
            "begin",
            "backward 0", "step 1/1/1", "backward 1", "step 1/2/2", "evaluate best", "epoch 1",
            "backward 2", "step 2/1/3", "backward 3", "step 2/2/4", "evaluate best", "epoch 2",
            "end",
        ]  # fmt: skip

    def test_they_change_nothing(self):
        plain, watched = linear_runner(), linear_runner()
        plain.train(toy(), toy(), num_epochs=2, verbose=False)
        watched.train(
            toy(), toy(), num_epochs=2, verbose=False,
            callbacks=[Diary(), GradientNorms(), EarlyStopping(), LivePlot()],
        )  # fmt: skip
        assert (plain.model.weight == watched.model.weight).all()
        assert plain.history.dev_losses == watched.history.dev_losses

    @pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
    def test_the_end_is_told_whatever_happens(self, error):
        class Fail(Callback):
            def on_step_end(self, run):
                if run.step == 2:
                    raise error

        diary, runner = Diary(), linear_runner()
        if error is KeyboardInterrupt:
            runner.train(toy(), callbacks=[Fail(), diary], verbose=False)
        else:
            with pytest.raises(error):
                runner.train(toy(), callbacks=[Fail(), diary], verbose=False)
        assert diary.pages[-1] == "end"
        assert len(runner.history.train_losses) == 2

    def test_stop(self, capsys):
        class Stop(Callback):
            def on_step_end(self, run):
                if run.step == 4:
                    run.stop("enough is enough")

        history = linear_runner().train(toy(), num_epochs=9, log_steps=0, callbacks=[Stop()])
        assert len(history.train_losses) == 4
        assert (history.stopped, history.interrupted) == ("enough is enough", False)
        assert "stopped early" in repr(history)
        assert "Stopped at step 4: enough is enough." in capsys.readouterr().out

    def test_what_is_no_callback(self):
        for wrong in (print, EarlyStopping, "log"):
            with pytest.raises(TypeError, match=r"callbacks must be a list of nndl\.runner\.Call"):
                linear_runner().train(toy(), callbacks=[wrong])


class TestLogging:
    def test_a_given_one_takes_the_place_of_the_own(self, capsys):
        linear_runner().train(toy(4), log_steps=1, callbacks=[Logging(log_steps=2)])
        lines = capsys.readouterr().out.splitlines()
        assert [line[:21] for line in lines[1:]] == [
            "epoch 1/1  step 2/4  ",
            "epoch 1/1  step 4/4  ",
        ]

    def test_the_loss_is_the_mean_since_the_line_before(self, capsys):
        history = linear_runner().train(toy(4), log_steps=2)
        lines = capsys.readouterr().out.splitlines()
        for line, first in zip(lines[1:], (0, 2), strict=True):
            mean = np.mean(history.train_losses[first : first + 2])
            assert line.endswith(f"train loss {mean:.4f}")


class TestEarlyStopping:
    @pytest.mark.parametrize(
        ("arguments", "mode", "values", "evaluations"),
        [
            ({"patience": 1}, None, [1, 2, 2, 3], 3),  # equal is not better
            ({"patience": 2}, None, [3, 2, 1, 9], 3),
            ({"patience": 2}, None, [3, 2, 4, 2, 2, 9], 5),
            ({"patience": 2}, "min", [3, 2, 4, 2, 9], 4),
            ({"patience": 2, "min_delta": 1.0}, None, [1, 1.5, 2, 9], 3),
            ({"patience": 2, "min_delta": 1.0}, None, [1, 1.5, 2.5, 1, 1, 9], 5),
            ({"patience": 1, "mode": "min"}, "min", [3, 2, 1, 2, 9], 4),
            ({"patience": 2}, None, [-5.0, np.nan, np.nan, 9], 3),
            ({"patience": 9}, None, [1, 1, 1], 3),
        ],
    )
    def test_when(self, arguments, mode, values, evaluations):
        runner = linear_runner(Scripted(values))
        history = runner.train(
            toy(), toy(), num_epochs=len(values), mode=mode, verbose=False,
            callbacks=[EarlyStopping(**arguments)],
        )  # fmt: skip
        assert len(history.dev_scores) == evaluations
        assert (history.stopped is not None) == (evaluations < len(values))

    def test_best_weights_come_back_all_the_same(self):
        runner = linear_runner(Scripted([1, 3, 2, 1]))
        stopping = EarlyStopping(patience=2)
        runner.train(
            toy(), toy(), num_epochs=9, callbacks=[stopping], restore_best=True, verbose=False
        )
        two = linear_runner()
        two.train(toy(), num_epochs=2, verbose=False)
        assert (runner.model.weight == two.model.weight).all()
        # used once more, it counts anew
        runner.metric = Scripted([0, 0, 0, 0])
        assert len(runner.train(toy(), toy(), num_epochs=9, callbacks=[stopping],
                                verbose=False).dev_steps) == 3  # fmt: skip

    def test_errors(self):
        with pytest.raises(ValueError, match="patience must be a positive integer, got 0"):
            EarlyStopping(patience=0)
        with pytest.raises(ValueError, match="min_delta must be a number >= 0, got -1"):
            EarlyStopping(min_delta=-1)
        with pytest.raises(ValueError, match="mode must be 'max' or 'min', got 'best'"):
            EarlyStopping(mode="best")
        with pytest.raises(ValueError, match="dev_loader must be given for EarlyStopping"):
            linear_runner().train(toy(), callbacks=[EarlyStopping()], verbose=False)


class TestGradientNorms:
    def test_equal_to_those_by_hand(self):
        runner, other, norms = linear_runner(), linear_runner(), GradientNorms()
        runner.train(toy(), num_epochs=2, callbacks=[norms], verbose=False)
        by_hand = []
        for _ in range(2):
            for x, labels in toy():
                F.cross_entropy(other.model(x), labels).backward()
                by_hand.append([np.linalg.norm(p.grad.numpy()) for p in other.model.parameters()])
                other.optimizer.step()
                other.optimizer.clear_grad()
        weight, bias = np.transpose(by_hand)
        np.testing.assert_allclose(norms.layers["weight"], weight, rtol=1e-5)
        np.testing.assert_allclose(norms.layers["bias"], bias, rtol=1e-5)
        np.testing.assert_allclose(norms.total, np.linalg.norm(by_hand, axis=1), rtol=1e-5)
        assert norms.steps == [1, 2, 3, 4, 5, 6]

    def test_before_clipping_and_now_and_then(self):
        free, clipped = GradientNorms(), GradientNorms(every=2)
        linear_runner(lr=0.0).train(toy(), callbacks=[free], verbose=False)
        clip = paddle.nn.ClipGradByGlobalNorm(1e-3)
        linear_runner(lr=0.0, grad_clip=clip).train(
            toy(), num_epochs=2, callbacks=[clipped], verbose=False
        )
        assert clipped.steps == [2, 4, 6]
        assert clipped.total[0] == free.total[1] > 1e-2

    def test_frozen_and_unused_parameters(self):
        class Half(paddle.nn.Layer):
            def __init__(self):
                super().__init__()
                self.used, self.unused = paddle.nn.Linear(4, 3), paddle.nn.Linear(2, 2)
                self.used.bias.stop_gradient = True

            def forward(self, x):
                return self.used(x)

        model, norms = Half(), GradientNorms()
        runner = RunnerV3(model, paddle.optimizer.SGD(0.1, model.parameters()), F.cross_entropy)
        runner.train(toy(), callbacks=[norms], verbose=False)
        assert list(norms.layers) == ["used.weight", "unused.weight", "unused.bias"]
        assert norms.layers["unused.weight"] == [0.0, 0.0, 0.0]
        assert norms.total == norms.layers["used.weight"]

    def test_more_steps_than_wait_at_once(self):
        norms = GradientNorms()
        linear_runner().train([next(iter(toy()))] * 230, callbacks=[norms], verbose=False)
        assert len(norms.total) == len(norms.layers["bias"]) == len(norms.steps) == 230

    def test_errors(self):
        with pytest.raises(ValueError, match="every must be a positive integer, got 0"):
            GradientNorms(every=0)


class TestVisualDL:
    def test_without_the_package_it_says_so(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "visualdl", None)
        with pytest.raises(ImportError, match="needs the package of that name: pip install visu"):
            VisualDL("log")

    def test_what_is_written(self, monkeypatch):
        written, closed = [], []

        class LogWriter:
            def __init__(self, logdir):
                self.logdir = logdir

            def add_scalar(self, tag, value, step):
                written.append((tag, value, step))

            def close(self):
                closed.append(self.logdir)

        module = types.SimpleNamespace(LogWriter=LogWriter)
        monkeypatch.setitem(sys.modules, "visualdl", module)
        runner = linear_runner(Accuracy())
        history = runner.train(
            toy(), toy(), num_epochs=2, callbacks=[VisualDL("log", every=2)], verbose=False
        )
        assert closed == ["log"]
        losses = [(value, step) for tag, value, step in written if tag == "train/loss"]
        assert losses == [(history.train_losses[step - 1], step) for step in (2, 4, 6)]
        assert ("train/learning_rate", 0.1, 2) in written
        for name, values in (("loss", history.dev_losses), ("score", history.dev_scores)):
            expected = list(zip(values, (3, 6), strict=True))
            assert [(v, s) for tag, v, s in written if tag == f"dev/{name}"] == expected


class TestLivePlot:
    def test_nothing_outside_a_notebook(self, monkeypatch):
        def no_drawing(*arguments):
            raise AssertionError("it draws")

        monkeypatch.setattr(live_plot, "draw_curves", no_drawing)
        plot = LivePlot(seconds=0)
        linear_runner().train(toy(), callbacks=[plot], verbose=False)
        assert not plot.active

    @pytest.fixture
    def page(self, monkeypatch):
        """What a notebook would show, from top to bottom: lines, and places with their figures."""
        display = pytest.importorskip("IPython.display")
        shown = []

        class Place:
            def __init__(self):
                self.figures = []

            def update(self, figure):
                self.figures.append(figure)

        def fake(value, *, raw, display_id):
            assert raw and display_id and value == {"text/plain": ""}
            shown.append(Place())
            return shown[-1]

        monkeypatch.setattr(display, "display", fake)
        monkeypatch.setattr(progress.Progress, "line", lambda self, text: shown.append(text))
        monkeypatch.setattr(live_plot, "in_watched_notebook", lambda: True)
        return shown

    def test_one_figure_that_moves(self, page):
        runner = linear_runner(Accuracy())
        history = runner.train(toy(60), toy(), num_epochs=2, callbacks=[LivePlot(seconds=0)])
        (place,) = (shown for shown in page if not isinstance(shown, str))
        assert len(place.figures) > 1
        losses, scores = place.figures[-1].axes  # the whole run, in the last one
        assert losses.lines[0].get_ydata().tolist() == history.train_losses
        assert losses.lines[-1].get_ydata().tolist() == history.dev_losses
        assert scores.lines[0].get_ydata().tolist() == history.dev_scores
        assert scores.get_ylabel() == "accuracy"

    @pytest.mark.parametrize("callbacks", [0, 1, 2])
    def test_it_stands_above_all_lines_whoever_adds_it(self, page, callbacks):
        class Talk(Callback):
            def on_train_begin(self, run):
                page.append("begun")

        given = [Talk(), LivePlot(seconds=0)][:callbacks]
        linear_runner().train(toy(), toy(), log_steps=1, callbacks=given)
        place, *lines = page
        assert len(place.figures) >= 1
        assert len(lines) > 2 and all(isinstance(line, str) for line in lines)

    def test_no_figure_is_left_open_where_it_cannot_be_shown_or_drawn(self, page, monkeypatch):
        def fail(*arguments, **more):
            raise ZeroDivisionError

        from matplotlib import pyplot as plt

        before = plt.get_fignums()
        with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
            patch.setattr(live_plot, "_fill", fail)
            live_plot.draw_curves(History())

        class Unplugged(LivePlot):
            def on_train_begin(self, run):
                super().on_train_begin(run)
                self._shown.update = fail

        with pytest.raises(ZeroDivisionError):
            linear_runner().train(toy(), callbacks=[Unplugged(seconds=0)], verbose=False)
        assert plt.get_fignums() == before

    def test_curves(self):
        history = History(
            train_steps=list(range(1, 5001)), train_losses=list(np.linspace(2, 1, 5000))
        )
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            (axes,) = live_plot.draw_curves(history).axes
        noisy, mean = axes.lines
        assert len(noisy.get_xdata()) <= 2 * live_plot.MOST_POINTS
        # the mean of the last 100 losses lies half of 99 steps behind
        np.testing.assert_allclose(
            mean.get_ydata()[-1], np.interp(mean.get_xdata()[-1] - 49.5, np.arange(1, 5001),
                                            history.train_losses), rtol=1e-6
        )  # fmt: skip

    def test_errors(self):
        with pytest.raises(ValueError, match="seconds must be a number >= 0, got -1"):
            LivePlot(seconds=-1)
