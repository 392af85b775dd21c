"""The optimizer belongs to the model, numbers have axes or none, and the parts stand in order."""

import warnings

import numpy as np
import pytest

from nndl import ops, optim
from nndl.device import paddle
from nndl.runner import Callback, EarlyStopping, RunnerV1, RunnerV2, RunnerV3
from nndl.runner.checks import one_number
from nndl.runner.history import History, LossLog

F = paddle.nn.functional
X = np.random.default_rng(0).normal(size=(12, 4)).astype("float32")
LABELS = np.arange(12) % 3


def net(seed=0):
    paddle.seed(seed)
    return paddle.nn.Sequential(paddle.nn.Linear(4, 5), paddle.nn.ReLU(), paddle.nn.Linear(5, 3))


def sgd(parameters):
    return paddle.optimizer.SGD(0.1, parameters=parameters)


def op_net(seed=0):
    return ops.Sequential(first=ops.Linear(4, 5, seed=seed), last=ops.Linear(5, 3, seed=seed))


TRAIN = {
    RunnerV2: lambda runner, **kw: runner.train((X, LABELS), **kw),
    RunnerV3: lambda runner, **kw: runner.train([(X, LABELS)], **kw),
}


class TestOptimizer:
    @pytest.mark.parametrize("runner", TRAIN)
    def test_that_of_another_model_is_refused(self, runner):
        old, new = net(), net()
        message = "optimizer must hold the parameters of this model, got one that holds none of"
        with pytest.raises(ValueError, match=message):
            TRAIN[runner](runner(new, sgd(old.parameters()), F.cross_entropy), verbose=False)

    def test_that_of_another_model_of_operators_is_refused(self):
        runner = RunnerV2(op_net(), optim.SGD(op_net()), ops.CrossEntropy())
        with pytest.raises(ValueError, match="optimizer must hold the parameters of this model"):
            TRAIN[RunnerV2](runner, verbose=False)

    @pytest.mark.parametrize("runner", TRAIN)
    def test_what_it_leaves_out_is_named(self, runner):
        model = net()
        whole = runner(model, sgd(model[2].parameters()), F.cross_entropy)
        with pytest.warns(RuntimeWarning, match=r"model: 0\.weight, 0\.bias will stay") as caught:
            TRAIN[runner](whole, verbose=False)
        assert caught[0].filename == __file__
        model[0].weight.stop_gradient = model[0].bias.stop_gradient = True
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            TRAIN[runner](whole, verbose=False)

    def test_what_one_for_operators_leaves_out_is_named(self):
        model = op_net()
        runner = RunnerV2(model, optim.SGD(model.ops["last"]), ops.CrossEntropy())
        with pytest.warns(RuntimeWarning, match=r"first\.weight, first\.bias will stay"):
            TRAIN[RunnerV2](runner, verbose=False)

    def test_many_names_are_counted(self):
        model = paddle.nn.Sequential(*(paddle.nn.Linear(4, 4) for _ in range(9)))
        with pytest.warns(RuntimeWarning, match=r"0\.weight, .*3\.bias and 8 more will"):
            runner = RunnerV3(model, sgd(model[8].parameters()), F.cross_entropy)
            TRAIN[RunnerV3](runner, verbose=False)

    @pytest.mark.parametrize("runner", TRAIN)
    def test_all_parameters_in_whatever_form_are_fine(self, runner):
        class Scaled(paddle.nn.Layer):
            def __init__(self):
                super().__init__()
                self.scale = self.create_parameter([1])

            def forward(self, outputs, labels):
                return F.cross_entropy(outputs * self.scale, labels)

        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            model = net()
            groups = [{"params": model[0].parameters()}, {"params": model[2].parameters()}]
            TRAIN[runner](runner(model, sgd(groups), F.cross_entropy), verbose=False)
            model, loss_fn = net(), Scaled()
            both = [*model.parameters(), *loss_fn.parameters()]
            TRAIN[runner](runner(model, sgd(both), loss_fn), verbose=False)
        with pytest.warns(RuntimeWarning, match=r"loss_fn\.scale will stay"):
            TRAIN[runner](runner(model, sgd(model.parameters()), loss_fn), verbose=False)

    def test_one_for_a_composition_around_the_model_is_fine(self):
        model = op_net()
        runner = RunnerV2(model, optim.SGD(ops.Sequential(inner=model)), ops.CrossEntropy())
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            TRAIN[RunnerV2](runner, verbose=False)


class Half:
    """A metric that gives one half in some form."""

    def __init__(self, form):
        self.form = form

    def reset(self):
        pass

    def update(self, outputs, labels):
        pass

    def accumulate(self):
        return self.form


FORMS = [
    0.5, np.float32(0.5), np.array(0.5), np.array([0.5]), np.array([[0.5]]), [np.array([0.5])],
    lambda: paddle.to_tensor(0.5), lambda: paddle.to_tensor([0.5]),
    lambda: paddle.to_tensor([[0.5]], dtype="bfloat16"),
]  # fmt: skip


class TestOneNumber:
    @pytest.mark.parametrize("form", FORMS)
    def test_a_score_in_any_form(self, form):
        form = form() if callable(form) else form
        model = net()
        parts = model, sgd(model.parameters()), F.cross_entropy
        stopping = EarlyStopping(patience=1)
        history = RunnerV3(*parts, Half(form)).train(
            [(X, LABELS)], [(X, LABELS)], num_epochs=3, callbacks=[stopping], verbose=False
        )
        assert history.dev_scores == [0.5, 0.5] and type(history.best_score) is float
        data = (X, LABELS)
        if not isinstance(form, list):
            two = RunnerV2(*parts, lambda outputs, labels: form)
            history = two.train(data, data, num_epochs=2, verbose=False)
            assert history.train_scores == history.dev_scores == [0.5, 0.5]
            one = RunnerV1(ops.Linear(4, 1), metric=lambda outputs, labels: form)
            assert one.evaluate((X, X[:, :1])).score == 0.5

    @pytest.mark.parametrize("shape", [[], [1], [1, 1]])
    def test_a_loss_with_axes(self, shape):
        def loss_fn(outputs, labels):
            return F.cross_entropy(outputs, labels).reshape(shape)

        losses = []

        class Look(Callback):
            def on_step_end(self, run):
                losses.append(run.loss.item())
                assert run.loss.ndim == 0

        found = []
        for wanted in (F.cross_entropy, loss_fn):
            model = net()
            runner = RunnerV3(model, sgd(model.parameters()), wanted)
            history = runner.train(
                [(X, LABELS)] * 3, [(X, LABELS)], callbacks=[Look()], verbose=False
            )
            model = net()
            two = RunnerV2(model, sgd(model.parameters()), wanted)
            other = two.train((X, LABELS), (X, LABELS), num_epochs=3, verbose=False)
            found.append([history.train_losses, history.dev_losses, other.train_losses])
            assert type(other.train_losses[0]) is float
        assert found[0] == found[1] and losses[:3] == losses[3:]

    def test_a_loss_of_operators_with_axes(self):
        class Keeping(ops.SquaredError):
            def forward(self, outputs, targets):
                return super().forward(outputs, targets).reshape(1, 1)

        model = ops.Linear(4, 1)
        runner = RunnerV2(model, optim.SGD(model), Keeping())
        history = runner.train((X, X[:, :1]), (X, X[:, :1]), num_epochs=2, verbose=False)
        assert [type(loss) for loss in history.train_losses + history.dev_losses] == [float] * 4
        one = RunnerV1(ops.Linear(4, 1), loss_fn=Keeping())
        assert type(one.evaluate((X, X[:, :1])).loss) is float

    def test_losses_of_16_bits_are_read_as_numbers(self):
        history = History()
        log = LossLog(history)
        log.add(paddle.to_tensor([1.5], dtype="bfloat16"), size=2)
        log.end_epoch()
        assert history.train_losses == history.epoch_losses == [1.5]

    @pytest.mark.parametrize(
        ("value", "got"),
        [
            (np.ones(2), r"shape \[2\]"),
            (None, "NoneType"),
            ("high", "'high'"),
            ([], r"shape \[0\]"),
            ({"accuracy": 1.0}, "dict"),
        ],
    )
    def test_what_is_no_number_is_said(self, value, got):
        with pytest.raises(ValueError, match=f"accumulate of the metric must give one num.*{got}"):
            RunnerV3(net(), metric=Half(value)).evaluate([(X, LABELS)])
        with pytest.raises(ValueError, match="it must give one number"):
            one_number("it", value)


def accuracy(outputs, labels):
    return (outputs.argmax(axis=1) == labels).astype("float32").mean()


class TestOrder:
    """The published RunnerV2 takes the metric before the loss function."""

    def test_of_operators(self):
        model = op_net()
        message = "loss_fn must be a loss function and metric a metric, got .*: the order is model,"
        for metric in (lambda outputs, labels: 1.0, accuracy, Half(1.0)):
            with pytest.raises(TypeError, match=message):
                RunnerV2(model, optim.SGD(model), metric, ops.CrossEntropy())

    def test_of_layers(self):
        model = net()
        for metric in (paddle.metric.Accuracy(), Half(1.0), accuracy):
            for loss_fn in (F.cross_entropy, paddle.nn.CrossEntropyLoss()):
                with pytest.raises(TypeError, match="the order is model, optimizer, loss_fn, met"):
                    RunnerV2(model, sgd(model.parameters()), metric, loss_fn)
                RunnerV2(model, sgd(model.parameters()), loss_fn, metric)

    def test_it_is_said_in_train_where_only_that_can_tell(self):
        model = net()
        runner = RunnerV2(
            model, sgd(model.parameters()), lambda o, t: (o.argmax(1) == t).mean(), F.cross_entropy
        )
        for wrong in (lambda o, t: o.detach().mean(), lambda o, t: 1.0):
            runner.loss_fn = wrong
            with pytest.raises(ValueError, match="the order is model, optimizer, loss_fn, metric"):
                runner.train((X, LABELS), verbose=False)

    def test_a_second_loss_may_be_the_metric(self):
        model = op_net()
        runner = RunnerV2(model, optim.SGD(model), ops.CrossEntropy(), ops.CrossEntropy())
        score, loss = runner.evaluate((X, LABELS))
        assert score == pytest.approx(loss, rel=1e-6)
