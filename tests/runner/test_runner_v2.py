"""RunnerV2 descends by the gradient of all samples, with operators by hand or Paddle's layers."""

import numpy as np
import pytest

from nndl.data import load_digits
from nndl.device import paddle
from nndl.metrics import Accuracy
from nndl.ops import CrossEntropy, Dropout, Flatten, Linear, ReLU, Sequential, SquaredError
from nndl.optim import SGD, Adam
from nndl.runner import RunnerV2

F = paddle.nn.functional
rng = np.random.default_rng(0)
X = rng.normal(size=(40, 3))
LABELS = (X[:, 0] > X[:, 1]).astype(int) + (X[:, 2] > 1)


def op_runner(metric=None, lr=0.5, seed=0, loss_fn=None):
    model = Sequential(Linear(3, 8, seed=seed), ReLU(), Linear(8, 3, seed=seed + 1))
    return RunnerV2(model, SGD(model, lr), loss_fn or CrossEntropy(), metric)


def layer_twin(runner, metric=None, lr=0.5):
    """The same network of Paddle's layers, in double precision."""
    model = paddle.nn.Sequential(
        paddle.nn.Linear(3, 8), paddle.nn.ReLU(), paddle.nn.Linear(8, 3)
    )  # fmt: skip
    model.to(dtype="float64")
    model.set_state_dict(runner.model.state_dict())
    sgd = paddle.optimizer.SGD(lr, parameters=model.parameters())
    return RunnerV2(model, sgd, F.cross_entropy, metric)


def same(one, other):
    return one.keys() == other.keys() and all((one[name] == other[name]).all() for name in one)


def test_by_hand_and_by_paddle_are_the_same():
    ours = op_runner(Accuracy())
    theirs = layer_twin(ours, paddle.metric.Accuracy())
    arguments = {"num_epochs": 20, "verbose": False}
    one = ours.train((X, LABELS), (X[:10], LABELS[:10]), **arguments)
    other = theirs.train((X, LABELS), (X[:10], LABELS[:10]), **arguments)
    np.testing.assert_allclose(one.train_losses, other.train_losses, rtol=1e-10)
    np.testing.assert_allclose(one.dev_losses, other.dev_losses, rtol=1e-10)
    assert one.train_scores == pytest.approx(other.train_scores)
    assert one.dev_scores == pytest.approx(other.dev_scores)
    for name, value in theirs.model.state_dict().items():
        np.testing.assert_allclose(ours.model.params[name], value.numpy(), rtol=1e-9)


def test_equal_to_a_loop_by_hand():
    runner, other = op_runner(), op_runner()
    history = runner.train((X, LABELS), num_epochs=5, verbose=False)
    for loss in history.train_losses:
        assert loss == other.loss_fn(other.model(X), LABELS)
        other.model.backward(other.loss_fn.backward()[0])
        other.optimizer.step()
    assert same(runner.model.params, other.model.params)
    assert history.train_steps == [1, 2, 3, 4, 5]


def test_learns_the_digits():
    train, dev, test = load_digits()
    model = Sequential(Flatten(), Linear(64, 32), ReLU(), Linear(32, 10, seed=1))
    runner = RunnerV2(model, Adam(model, 0.02), CrossEntropy(), Accuracy())
    history = runner.train(train, dev, num_epochs=60, restore_best=True, verbose=False)
    assert runner.evaluate(test).score > 0.93
    assert runner.evaluate(dev).score == history.best_score == max(history.dev_scores)


def test_the_metric_may_be_a_function():
    def accuracy(outputs, labels):
        return (outputs.argmax(axis=1) == labels).mean()

    one = op_runner(accuracy).train((X, LABELS), (X, LABELS), num_epochs=4, verbose=False)
    other = op_runner(Accuracy()).train((X, LABELS), (X, LABELS), num_epochs=4, verbose=False)
    assert one.train_scores == pytest.approx(other.train_scores)
    assert one.dev_scores == pytest.approx(other.dev_scores)
    # a score is that before its step, a score on the development set that after it
    assert one.train_scores[1:] == one.dev_scores[:-1]


@pytest.mark.parametrize("layers", [False, True])
def test_best(tmp_path, layers):
    values = iter([1.0, 3.0, 2.0])
    seen = []

    def scripted(outputs, labels):
        return next(values) if len(outputs) == 5 else 0.0

    runner = op_runner()
    runner = layer_twin(runner) if layers else runner
    runner.metric = scripted
    original = runner.evaluate
    runner.evaluate = lambda data: seen.append(runner.backend.state()) or original(data)
    history = runner.train(
        (X, LABELS), (X[:5], LABELS[:5]), num_epochs=3, save_path=tmp_path / "w.pdparams",
        restore_best=True, verbose=False,
    )  # fmt: skip
    assert (history.best_step, history.best_score) == (2, 3.0)
    assert same(runner.backend.state(), seen[1])
    assert not same(seen[1], seen[2])
    fresh = op_runner(seed=5)
    fresh.load_model(tmp_path / "w.pdparams")
    assert same(fresh.model.state_dict(), seen[1])


def test_when_to_evaluate_and_what_is_printed(capsys):
    history = op_runner(Accuracy()).train(
        (X, LABELS), (X, LABELS), num_epochs=7, eval_epochs=3, log_epochs=2
    )
    assert history.dev_steps == [3, 6, 7]
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("epoch 2/7  train loss ")
    assert "dev loss" not in lines[0]
    assert "  train accuracy " in lines[2]
    assert "  dev loss " in lines[2]
    assert "  dev accuracy " in lines[2]


def test_modes():
    model = Sequential(Linear(3, 8), Dropout(0.5), Linear(8, 3))
    runner = RunnerV2(model, SGD(model), CrossEntropy())
    model.eval()
    seen = []
    forward = model.forward
    model.forward = lambda x: seen.append(model.ops["1"].training) or forward(x)
    runner.train((X, LABELS), (X, LABELS), num_epochs=2, verbose=False)
    assert seen == [True, False] * 2
    assert not model.training
    assert (runner.predict(X) == runner.predict(X)).all()


def test_stopped_by_hand():
    def metric(outputs, labels):
        if len(runner.history.train_losses) == 3:
            raise KeyboardInterrupt
        return 0.0

    runner = op_runner(metric)
    history = runner.train((X, LABELS), num_epochs=10, verbose=False)
    assert history.interrupted
    assert history is runner.history
    assert len(history.train_losses) == len(history.train_steps) == len(history.train_scores) == 3


class TestErrors:
    def test_mixed_kinds(self):
        model, layer = Linear(2, 1), paddle.nn.Linear(2, 1)
        with pytest.raises(TypeError, match=r"optimizer must be an optimizer of nndl\.optim, got"):
            RunnerV2(model, paddle.optimizer.SGD(0.1, layer.parameters()))
        with pytest.raises(TypeError, match=r"optimizer must be a paddle\.optimizer\.Optimizer"):
            RunnerV2(layer, SGD(model))
        with pytest.raises(TypeError, match=r"an nndl\.ops\.Op or a paddle\.nn\.Layer, got 'net'"):
            RunnerV2("net")
        runner = RunnerV2(model, SGD(model), lambda outputs, labels: outputs.mean())
        with pytest.raises(TypeError, match=r"loss_fn must have a backward\(\)"):
            runner.train((np.ones((2, 2)), np.ones((2, 1))), verbose=False)

    def test_loss_of_each_sample(self):
        runner = op_runner(loss_fn=CrossEntropy(reduction="none"))
        with pytest.raises(ValueError, match=r"loss_fn must give one number, got shape \[40\]"):
            runner.train((X, LABELS), verbose=False)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"num_epochs": 0}, "num_epochs must be a positive integer, got 0"),
            ({"log_epochs": -1}, "log_epochs must be an integer of at least 0, got -1"),
            ({"eval_epochs": 0}, "eval_epochs must be a positive integer, got 0"),
            ({"restore_best": True}, "dev_set must be given when restore_best is True"),
            ({"mode": "max"}, "mode must be 'min' where there is no metric"),
            ({"mode": "best"}, "mode must be 'max' or 'min', got 'best'"),
        ],
    )
    def test_bad_values(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            op_runner().train((X, LABELS), **arguments)

    def test_misspelt(self):
        with pytest.raises(TypeError, match="no argument 'log_eopchs'; did you mean 'log_epochs'"):
            op_runner().train((X, LABELS), log_eopchs=3)

    def test_parts_missing(self):
        model = Linear(3, 1)
        with pytest.raises(ValueError, match=r"given to train: RunnerV2\(model, optimizer, loss"):
            RunnerV2(model, loss_fn=SquaredError()).train((X, X[:, :1]))
        with pytest.raises(ValueError, match="loss_fn must be given to train"):
            RunnerV2(model, SGD(model)).train((X, X[:, :1]))
