"""RunnerV3 trains, keeps the best, stops cleanly, and says what is wrong."""

import math
import os
import subprocess
import sys
import weakref

import numpy as np
import pytest

from nndl.data import Batches, load_digits
from nndl.device import paddle
from nndl.metrics import Accuracy
from nndl.runner import Evaluation, GradientNorms, History, LivePlot, RunnerV3

F = paddle.nn.functional


def small_net(seed=0):
    paddle.seed(seed)
    return paddle.nn.Sequential(
        paddle.nn.Conv2D(1, 8, 3, padding=1),
        paddle.nn.ReLU(),
        paddle.nn.MaxPool2D(2),
        paddle.nn.Flatten(),
        paddle.nn.Linear(8 * 4 * 4, 10),
    )


def linear_runner(metric=None, lr=0.1, seed=0, loss_fn=F.cross_entropy, **optimizer):
    paddle.seed(seed)
    model = paddle.nn.Linear(4, 3)
    sgd = paddle.optimizer.SGD(lr, parameters=model.parameters(), **optimizer)
    return RunnerV3(model, sgd, loss_fn, metric)


def toy(batches=5, size=8, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, batches * size)
    inputs = np.eye(4, dtype="float32")[labels] + 0.1 * rng.normal(size=(len(labels), 4))
    return Batches(inputs.astype("float32"), labels, batch_size=size)


def weights(model):
    return {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all((one[name] == other[name]).all() for name in one)


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


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_learns_the_digits(seed):
    train, dev, test = load_digits(seed)
    model = small_net(seed)
    runner = RunnerV3(
        model, paddle.optimizer.Adam(0.005, parameters=model.parameters()), F.cross_entropy,
        Accuracy(),
    )  # fmt: skip
    history = runner.train(
        Batches(*train, shuffle=True, seed=seed), Batches(*dev), num_epochs=12, restore_best=True,
        verbose=False,
    )  # fmt: skip
    assert runner.evaluate(Batches(*test)).score >= 0.93
    assert history.epoch_losses[-1] < 0.2 < history.epoch_losses[0]
    assert runner.evaluate(Batches(*dev)).score == pytest.approx(history.best_score)


def test_the_published_call(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train_loader = dev_loader = toy()
    model = paddle.nn.Linear(4, 3)
    optimizer = paddle.optimizer.Adam(
        learning_rate=0.001, parameters=model.parameters(), weight_decay=0.005
    )
    loss_fn, metric = F.cross_entropy, Accuracy()
    runner = RunnerV3(model, optimizer, loss_fn, metric)
    runner.train(train_loader, dev_loader, num_epochs=30, log_steps=3000, eval_steps=3000, save_path="best_model.pdparams")  # noqa: E501  # fmt: skip
    assert runner.history.dev_steps == [150]  # after the last step, as 3000 is never reached
    runner.load_model("best_model.pdparams")
    score, loss = runner.evaluate(dev_loader)
    assert (score, loss) == (runner.history.dev_scores[0], runner.history.dev_losses[0])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Training on the CPU."
    assert lines[1].startswith("epoch 30/30  step 150/150  train loss ")
    assert len(lines) == 2


def test_equal_to_a_loop_by_hand():
    runner = linear_runner()
    history = runner.train(toy(), num_epochs=3, verbose=False)
    other = linear_runner()
    losses = []
    for _ in range(3):
        for inputs, labels in toy():
            loss = F.cross_entropy(other.model(inputs), labels)
            loss.backward()
            other.optimizer.step()
            other.optimizer.clear_grad()
            losses.append(loss.item())
    assert same(weights(runner.model), weights(other.model))
    assert history.train_losses == losses
    assert history.train_steps == list(range(1, 16))


def test_gradients_left_over_do_not_count():
    clean, dirty = linear_runner(), linear_runner()
    dirty.model(paddle.ones([2, 4])).sum().backward()
    for runner in (clean, dirty):
        runner.train(toy(1), verbose=False)
    assert same(weights(clean.model), weights(dirty.model))


def test_means_weigh_each_sample_the_same():
    # 5 samples in batches of 4 and 1: the last one alone has a loss of 5.
    batches = [
        (paddle.zeros([4, 1]), paddle.zeros([4, 1])),
        (paddle.zeros([1, 1]), paddle.full([1, 1], 5.0)),
    ]
    model = paddle.nn.Linear(1, 1, bias_attr=paddle.nn.initializer.Constant(0.0))
    runner = RunnerV3(model, paddle.optimizer.SGD(0.0, model.parameters()), F.l1_loss)
    assert runner.evaluate(batches) == Evaluation(None, 1.0)
    assert runner.train(batches, verbose=False).epoch_losses == [1.0]


class TestBest:
    @pytest.mark.parametrize(
        ("mode", "values", "best"),
        [
            (None, [-5.0, -2.0, -3.0], 2),  # negative scores: 0 would never be reached
            ("max", [0.1, 0.3, 0.3], 2),  # the first of equals
            ("min", [3.0, 5.0, 4.0], 1),
            ("min", [3.0, 2.0, 1.0], 3),
            ("max", [math.nan, -1.0, math.nan], 2),
        ],
    )
    def test_score(self, tmp_path, mode, values, best):
        runner = linear_runner(Scripted(values))
        seen = []
        path = tmp_path / "best.pdparams"
        original = runner.evaluate
        runner.evaluate = lambda loader: seen.append(weights(runner.model)) or original(loader)
        history = runner.train(
            toy(), toy(), num_epochs=3, mode=mode, save_path=path, restore_best=True, verbose=False
        )
        assert history.best_step == 5 * best
        assert history.best_score == values[best - 1]
        assert same(weights(runner.model), seen[best - 1])
        fresh = linear_runner(seed=9)
        fresh.load_model(path)
        assert same(weights(fresh.model), seen[best - 1])

    def test_without_a_metric_the_least_loss(self):
        history = linear_runner(lr=0.5).train(toy(), toy(), num_epochs=3, verbose=False)
        assert history.best_score == min(history.dev_losses)
        assert history.dev_scores == [None] * 3

    def test_without_restore_the_last_weights_stay(self):
        runner, plain = linear_runner(Scripted([2.0, 1.0])), linear_runner()
        runner.train(toy(), toy(), num_epochs=2, verbose=False)
        plain.train(toy(), num_epochs=2, verbose=False)
        assert same(weights(runner.model), weights(plain.model))

    def test_without_dev_loader_the_last_weights_are_saved(self, tmp_path):
        runner, fresh = linear_runner(), linear_runner(seed=5)
        runner.train(toy(), num_epochs=2, save_path=tmp_path / "a" / "w.pdparams", verbose=False)
        fresh.load_model(tmp_path / "a" / "w.pdparams")
        assert same(weights(runner.model), weights(fresh.model))

    def test_nothing_but_nan_still_leaves_a_file(self, tmp_path):
        runner = linear_runner(Scripted([math.nan]))
        history = runner.train(toy(), toy(), save_path=tmp_path / "w.pdparams", verbose=False)
        assert history.best_score is None
        assert (tmp_path / "w.pdparams").exists()


class TestEvaluation:
    @pytest.mark.parametrize(
        ("eval_steps", "steps"),
        [(0, [5, 10, 15]), (4, [4, 8, 12, 15]), (5, [5, 10, 15]), (99, [15])],
    )
    def test_when(self, eval_steps, steps):
        history = linear_runner(Accuracy()).train(
            toy(), toy(), num_epochs=3, eval_steps=eval_steps, verbose=False
        )
        assert history.dev_steps == steps
        assert len(history.dev_losses) == len(history.dev_scores) == len(steps)
        assert len(history.train_losses) == 15  # an evaluation is no step

    def test_modes_are_kept(self):
        model = paddle.nn.Sequential(paddle.nn.Linear(4, 3), paddle.nn.Dropout(0.5))
        runner = RunnerV3(
            model, paddle.optimizer.SGD(0.1, model.parameters()), F.cross_entropy, Accuracy()
        )
        seen = []
        model[1].register_forward_pre_hook(lambda layer, _: seen.append(layer.training))
        runner.train(toy(2), toy(1), num_epochs=2, eval_steps=1, verbose=False)
        assert seen == [True, False] * 4
        # A frozen part stays frozen, whatever is called.
        model.train()
        model[0].eval()
        runner.evaluate(toy(1))
        runner.predict(np.zeros((1, 4), "float32"))
        assert (model.training, model[0].training, model[1].training) == (True, False, True)
        model.eval()
        runner.train(toy(1), verbose=False)
        assert not any(layer.training for layer in model.sublayers(include_self=True))

    def test_evaluation_leaves_weights_history_and_gradients_alone(self):
        model = paddle.nn.Sequential(paddle.nn.Linear(4, 3), paddle.nn.BatchNorm1D(3))
        runner = RunnerV3(model, loss_fn=F.cross_entropy, metric=Accuracy())
        before = weights(model)
        first, second = runner.evaluate(toy()), runner.evaluate(toy())
        assert first == second
        assert same(before, weights(model))  # the running statistics too
        assert runner.history is None
        assert model[0].weight.grad is None

    def test_metric_alone_and_loss_alone(self):
        model = paddle.nn.Linear(4, 3)
        assert RunnerV3(model, metric=Accuracy()).evaluate(toy()).loss is None
        assert RunnerV3(model, loss_fn=F.cross_entropy).evaluate(toy()).score is None
        with pytest.raises(ValueError, match="needs a metric or a loss_fn, got neither"):
            RunnerV3(model).evaluate(toy())

    def test_mode_is_restored_after_an_error(self):
        runner = linear_runner()
        with pytest.raises(TypeError):
            runner.evaluate([1])
        assert runner.model.training

    def test_predict(self):
        model = paddle.nn.Sequential(paddle.nn.Linear(4, 3), paddle.nn.Dropout(0.9))
        out = RunnerV3(model).predict(np.ones((2, 4), "float32"))
        assert out.stop_gradient
        np.testing.assert_allclose(out.numpy(), model[0](paddle.ones([2, 4])).numpy(), rtol=1e-6)


class TestOtherParts:
    def test_dataloader(self):
        train = load_digits().train
        dataset = paddle.io.TensorDataset(
            [paddle.to_tensor(train.images[:100]), paddle.to_tensor(train.labels[:100])]
        )
        loader = paddle.io.DataLoader(dataset, batch_size=32)
        model = small_net()
        runner = RunnerV3(
            model, paddle.optimizer.Adam(0.01, parameters=model.parameters()), F.cross_entropy,
            Accuracy(),
        )  # fmt: skip
        history = runner.train(loader, loader, num_epochs=2, verbose=False)
        assert len(history.train_losses) == 8
        ours = runner.evaluate(Batches(train.images[:100], train.labels[:100]))
        assert ours.score == pytest.approx(history.dev_scores[-1])
        assert ours.loss == pytest.approx(history.dev_losses[-1], rel=1e-5)

    def test_stream_without_a_length(self, capsys):
        class Stream(paddle.io.IterableDataset):
            def __iter__(self):
                for _ in range(10):
                    yield np.ones(4, "float32"), np.int64(0)

        loader = paddle.io.DataLoader(Stream(), batch_size=4)
        history = linear_runner().train(loader, num_epochs=2, log_steps=2)
        assert len(history.train_losses) == 6
        assert "epoch 1/2  step 2  train loss" in capsys.readouterr().out

    def test_arrays_and_lists(self):
        batches = [(np.ones((2, 4), "float32"), np.array([0, 1])) for _ in range(3)]
        assert len(linear_runner(Accuracy()).train(batches, batches, verbose=False).dev_steps) == 1

    @pytest.mark.parametrize("form", [tuple, list, lambda pair: dict(zip("xs", pair, strict=True))])
    def test_several_inputs(self, form):
        class Two(paddle.nn.Layer):
            def __init__(self):
                super().__init__()
                self.linear = paddle.nn.Linear(4, 3)

            def forward(self, x, s):
                return self.linear(x) * s

        model = Two()
        runner = RunnerV3(model, paddle.optimizer.SGD(0.1, model.parameters()), F.cross_entropy)
        inputs = form([paddle.ones([2, 4]), np.full((2, 1), 2.0, "float32")])
        batch = (inputs, paddle.to_tensor([0, 1]))
        assert len(runner.train([batch], [batch], verbose=False).train_losses) == 1
        expected = model(paddle.ones([2, 4]), paddle.full([2, 1], 2.0))
        assert (runner.predict(inputs) == expected).all()

    def test_a_list_of_numbers_is_one_input(self):
        batch = ([[1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 0.0]], [0, 2])
        assert len(linear_runner().train([batch], verbose=False).train_losses) == 1

    @pytest.mark.parametrize("form", [tuple, list, lambda pair: dict(zip("ab", pair, strict=True))])
    def test_several_labels(self, form):
        def loss_fn(outputs, labels):
            a, b = labels.values() if isinstance(labels, dict) else labels
            return F.cross_entropy(outputs, a) + 2 * F.cross_entropy(outputs, b)

        runner = linear_runner(loss_fn=loss_fn)
        batch = (paddle.ones([3, 4]), form([paddle.to_tensor([0, 1, 2]), np.array([2, 1, 0])]))
        history = runner.train([batch], [batch], num_epochs=2, verbose=False)
        assert history.epoch_losses == history.train_losses
        assert len(history.dev_losses) == 2

    def test_paddles_metrics(self):
        ours = linear_runner(Accuracy()).train(toy(), toy(), num_epochs=2, verbose=False)
        for theirs in (paddle.metric.Accuracy(), paddle.metric.Accuracy(topk=(1, 2))):
            history = linear_runner(theirs).train(toy(), toy(), num_epochs=2, verbose=False)
            assert history.dev_scores == pytest.approx(ours.dev_scores, abs=1e-6)

    def test_paddles_precision(self):
        model = paddle.nn.Sequential(paddle.nn.Linear(1, 1), paddle.nn.Sigmoid())
        model[0].set_state_dict(
            {"weight": np.ones((1, 1), "float32"), "bias": np.zeros(1, "float32")}
        )
        batch = (
            paddle.to_tensor([[1.0], [2.0], [3.0], [-1.0]]),
            paddle.to_tensor([[1], [0], [1], [1]]),
        )
        score = RunnerV3(model, metric=paddle.metric.Precision()).evaluate([batch]).score
        assert score == pytest.approx(2 / 3)

    @pytest.mark.parametrize(("when", "times"), [("epoch", 2), ("step", 10)])
    def test_scheduler(self, when, times):
        schedule = paddle.optimizer.lr.ExponentialDecay(0.1, gamma=0.5)
        runner = linear_runner(lr=schedule)
        runner.train(toy(), num_epochs=2, scheduler_step=when, verbose=False)
        assert runner.optimizer.get_lr() == pytest.approx(0.1 * 0.5**times)

    def test_scheduler_that_watches_the_loss(self):
        schedule = paddle.optimizer.lr.ReduceOnPlateau(0.1, factor=0.5, patience=0, threshold=1e9,
                                                       threshold_mode="abs")  # fmt: skip
        runner = linear_runner(lr=schedule)
        runner.train(toy(), toy(), num_epochs=4, verbose=False)
        assert runner.optimizer.get_lr() == pytest.approx(0.1 * 0.5**3)

    def test_gradient_clipping_by_the_optimizer(self):
        free = linear_runner(lr=1.0)
        clipped = linear_runner(lr=1.0, grad_clip=paddle.nn.ClipGradByGlobalNorm(1e-3))
        before = weights(free.model)["weight"]
        moved = []
        for runner in (free, clipped):
            runner.train(toy(1), verbose=False)
            moved.append(np.abs(weights(runner.model)["weight"] - before).max())
        assert moved[1] <= 1e-3 < moved[0]


class TestInterruption:
    @pytest.mark.parametrize("stop_at", [1, 4, 8])
    def test_history_and_weights_so_far_are_kept(self, stop_at, capsys, tmp_path):
        def stopping(loader):
            for number, batch in enumerate(loader, start=1):
                if number == stop_at:
                    raise KeyboardInterrupt
                yield batch

        class Stopping:
            def __iter__(self):
                return stopping(toy(10))

        runner, plain = linear_runner(), linear_runner()
        path = tmp_path / "w.pdparams"
        history = runner.train(Stopping(), num_epochs=3, save_path=path)
        for batch in list(toy(10))[: stop_at - 1]:
            plain.train([batch], verbose=False)
        assert history.interrupted
        assert history is runner.history
        assert len(history.train_losses) == len(history.train_steps) == stop_at - 1
        assert history.epoch_losses == []
        assert same(weights(runner.model), weights(plain.model))
        assert f"Stopped at step {stop_at - 1}" in capsys.readouterr().out
        assert "interrupted" in repr(history)
        plain.load_model(path)

    def test_during_an_evaluation(self):
        class Stopping(Scripted):
            def accumulate(self):
                if len(self.values) == 1:
                    raise KeyboardInterrupt
                return super().accumulate()

        runner = linear_runner(Stopping([0.5, 0.6]))
        history = runner.train(toy(), toy(), num_epochs=5, restore_best=True, verbose=False)
        assert history.interrupted
        assert (history.dev_steps, history.dev_scores, history.best_step) == ([5], [0.5], 5)
        assert len(history.train_losses) == 10
        assert runner.model.training

    def test_by_a_real_signal(self):
        code = (
            "import os, signal, threading\n"
            "from nndl.device import paddle\n"
            "from nndl.runner import RunnerV3\n"
            "model = paddle.nn.Linear(2, 1)\n"
            "sgd = paddle.optimizer.SGD(0.1, model.parameters())\n"
            "runner = RunnerV3(model, sgd, paddle.nn.functional.mse_loss)\n"
            "batches = [(paddle.ones([4, 2]), paddle.ones([4, 1]))] * 100\n"
            "threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "history = runner.train(batches, num_epochs=10**6, log_steps=0, verbose=False)\n"
            "print(history.interrupted, len(history.train_steps) == len(history.train_losses))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
        )
        assert done.stdout.split() == ["True", "True"]

    def test_an_error_is_no_interruption_but_keeps_the_history(self):
        runner = linear_runner()
        batches = [*toy(3), "nonsense"]
        with pytest.raises(TypeError, match="must give pairs"):
            runner.train(batches, verbose=False)
        assert len(runner.history.train_losses) == 3


class TestMemory:
    def test_no_graph_is_kept(self):
        tokens = weakref.WeakSet()

        class Net(paddle.nn.Layer):
            def __init__(self):
                super().__init__()
                self.linear = paddle.nn.Linear(4, 3)

            def forward(self, x):
                out = self.linear(x) * 1.0

                def hook(grad):
                    return grad

                out.register_hook(hook)  # lives as long as the graph does
                tokens.add(hook)
                return out

        most = []

        class Loader:
            def __iter__(self):
                for batch in toy(100, size=1):
                    most.append(len(tokens))
                    yield batch

        model = Net()
        runner = RunnerV3(model, paddle.optimizer.SGD(0.1, model.parameters()), F.cross_entropy)
        runner.train(Loader(), log_steps=0, verbose=False, callbacks=[GradientNorms()])
        assert max(most) <= 3

    def test_resident_memory_does_not_grow(self):
        page = os.sysconf("SC_PAGE_SIZE")

        def resident():
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * page / 2**20

        if not os.path.exists("/proc/self/statm"):
            pytest.skip("needs /proc")
        model = paddle.nn.Sequential(
            paddle.nn.Linear(256, 256), paddle.nn.ReLU(), paddle.nn.Linear(256, 10)
        )
        runner = RunnerV3(model, paddle.optimizer.SGD(0.01, model.parameters()), F.cross_entropy)
        batch = (paddle.ones([64, 256]), paddle.zeros([64], dtype="int64"))
        callbacks = [GradientNorms(), LivePlot()]
        runner.train([batch] * 100, log_steps=0, callbacks=callbacks, verbose=False)
        before = resident()
        runner.train([batch] * 1500, log_steps=0, callbacks=callbacks, verbose=False)
        # A kept graph holds the 64 x 256 activations of each step: 1500 steps, about 94 MiB.
        assert resident() - before < 20


class TestErrors:
    @pytest.mark.parametrize(
        ("argument", "meant"),
        [
            ("log_eopchs", "log_steps"),
            ("num_epoch", "num_epochs"),
            ("epochs", "num_epochs"),
            ("eval_step", "eval_steps"),
            ("savepath", "save_path"),
            ("restorebest", "restore_best"),
        ],
    )
    def test_misspelt_argument(self, argument, meant):
        with pytest.raises(TypeError, match=f"no argument '{argument}'; did you mean .*'{meant}'"):
            linear_runner().train(toy(), **{argument: 3})

    def test_unknown_argument(self):
        with pytest.raises(TypeError, match="no argument 'banana'; it has num_epochs, log_steps"):
            linear_runner().train(toy(), banana=3)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"num_epochs": 0}, "num_epochs must be a positive integer, got 0"),
            ({"num_epochs": -1}, "num_epochs must be a positive integer, got -1"),
            ({"num_epochs": 1.5}, "num_epochs must be a positive integer, got 1.5"),
            ({"num_epochs": True}, "num_epochs must be a positive integer, got True"),
            ({"log_steps": -1}, "log_steps must be an integer of at least 0, got -1"),
            ({"eval_steps": "3"}, "eval_steps must be an integer of at least 0, got '3'"),
            ({"eval_steps": 3}, "dev_loader must be given when eval_steps is 3, got None"),
            ({"restore_best": True}, "dev_loader must be given when restore_best is True"),
            ({"mode": "best"}, "mode must be 'max' or 'min', got 'best'"),
            ({"mode": "max"}, "mode must be 'min' where there is no metric"),
            ({"scheduler_step": "batch"}, "scheduler_step must be 'epoch' or 'step', got 'batch'"),
        ],
    )
    def test_bad_value(self, arguments, message):
        runner = linear_runner()
        before = weights(runner.model)
        with pytest.raises(ValueError, match=message):
            runner.train(toy(), **arguments)
        assert same(before, weights(runner.model))

    def test_more_than_two_positional_arguments(self):
        with pytest.raises(TypeError):
            linear_runner().train(toy(), toy(), 30)

    def test_parts_missing(self):
        model = paddle.nn.Linear(4, 3)
        with pytest.raises(ValueError, match="optimizer must be given to train"):
            RunnerV3(model, loss_fn=F.cross_entropy).train(toy())
        with pytest.raises(ValueError, match="loss_fn must be given to train"):
            RunnerV3(model, paddle.optimizer.SGD(0.1, model.parameters())).train(toy())

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("net",), "model must be a paddle.nn.Layer, got 'net'"),
            (
                (paddle.nn.Linear(1, 1), 0.1),
                "optimizer must be a paddle.optimizer.Optimizer, got 0.1",
            ),
            ((paddle.nn.Linear(1, 1), None, "mse"), "loss_fn must be a function"),
            ((paddle.nn.Linear(1, 1), None, None, abs), "metric must have reset, update and acc"),
        ],
    )
    def test_parts_of_the_wrong_kind(self, arguments, message):
        with pytest.raises(TypeError, match=message):
            RunnerV3(*arguments)

    @pytest.mark.parametrize(
        ("batch", "got"),
        [
            (paddle.ones([2, 4]), "got Tensor"),
            ((paddle.ones([2, 4]),), "got tuple of 1"),
            ([1, 2, 3], "got list of 3"),
            ({"x": 1}, "got dict"),
        ],
    )
    def test_batches_that_are_no_pairs(self, batch, got):
        message = rf"must give pairs \(inputs, labels\), {got}"
        with pytest.raises(TypeError, match="train_loader " + message):
            linear_runner().train([batch], verbose=False)
        with pytest.raises(TypeError, match="loader " + message):
            linear_runner().evaluate([batch])

    def test_empty_loaders(self):
        with pytest.raises(ValueError, match="train_loader must give at least one batch, got none"):
            linear_runner().train([], verbose=False)
        with pytest.raises(ValueError, match="loader must give at least one batch, got none"):
            linear_runner().train(toy(), [], verbose=False)

    def test_a_generator_is_used_up(self):
        with pytest.raises(ValueError, match="none in epoch 2: a generator is used up"):
            linear_runner().train((batch for batch in toy()), num_epochs=2, verbose=False)

    def test_loss_that_is_no_number(self):
        per_sample = linear_runner(loss_fn=lambda x, y: F.cross_entropy(x, y, reduction="none"))
        with pytest.raises(ValueError, match="loss_fn must give a tensor of one number, got shape"):
            per_sample.train(toy(), verbose=False)
        with pytest.raises(ValueError, match="loss_fn must give a tensor of one number, got shape"):
            per_sample.evaluate(toy())
        with pytest.raises(ValueError, match="tensor of one number, got 1"):
            linear_runner(loss_fn=lambda x, y: 1.0).train(toy(), verbose=False)

    def test_loss_without_a_gradient(self):
        runner = linear_runner(loss_fn=lambda x, y: x.detach().mean())
        with pytest.raises(ValueError, match="depends on a parameter"):
            runner.train(toy(), verbose=False)

    def test_loss_that_runs_away(self):
        runner = linear_runner(lr=1e30, loss_fn=lambda x, y: (x**2).mean())
        with pytest.warns(RuntimeWarning, match=r"training loss became (nan|inf) at step \d+: a l"):
            runner.train(toy(), num_epochs=3, verbose=False)


def test_each_call_has_its_own_history():
    runner = linear_runner()
    first = runner.train(toy(), verbose=False)
    second = runner.train(toy(), verbose=False)
    assert first is not second
    assert isinstance(second, History)
    assert (len(first.train_losses), len(second.train_losses)) == (5, 5)
