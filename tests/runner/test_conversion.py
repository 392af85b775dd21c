"""Readers bring NumPy's types and the published course's classes: they work, or hear what to do."""

import numpy as np
import pytest

from nndl import ops, optim
from nndl.data import Batches
from nndl.device import paddle
from nndl.metrics import Accuracy
from nndl.runner import RunnerV1, RunnerV2, RunnerV3

F = paddle.nn.functional
rng = np.random.default_rng(0)
X = rng.normal(size=(24, 4)).astype("float32")
LABELS = rng.integers(0, 2, 24)


def runner_of(kind, loss_fn=F.cross_entropy, metric=None, outputs=2, dtype="float32"):
    paddle.seed(0)
    model = paddle.nn.Linear(4, outputs)
    model.to(dtype=dtype)
    sgd = paddle.optimizer.SGD(0.1, parameters=model.parameters())
    return kind(model, sgd, loss_fn, metric)


def losses(kind, inputs, labels, how="lists", **parts):
    """Train and evaluate, and return all losses."""
    runner = runner_of(kind, **parts)
    if kind is RunnerV2:
        history = runner.train((inputs, labels), (inputs, labels), num_epochs=2, verbose=False)
    else:
        batches = [(inputs, labels)] * 2
        if how == "batches":
            batches = Batches(inputs, labels, batch_size=8, shuffle=True)
        history = runner.train(batches, batches, verbose=False)
    runner.predict(inputs)
    return history.train_losses + history.dev_losses


CALLS = [(RunnerV2, ""), (RunnerV3, "lists"), (RunnerV3, "batches")]


@pytest.mark.parametrize(("kind", "how"), CALLS)
class TestConverted:
    @pytest.mark.parametrize("dtype", ["float64", "float16"])
    def test_inputs_of_another_precision(self, kind, how, dtype):
        found = losses(kind, X.astype(dtype), LABELS, how)
        assert found == losses(kind, X.astype(dtype).astype("float32"), LABELS, how)

    def test_inputs_for_a_model_in_double_precision(self, kind, how):
        double = losses(kind, X.astype("float64"), LABELS, how, dtype="float64")
        assert losses(kind, X, LABELS, how, dtype="float64") == double
        assert double != losses(kind, X, LABELS, how)

    @pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "uint8", "uint16", "uint32"])
    def test_labels_of_few_bits(self, kind, how, dtype):
        found = losses(kind, X, LABELS.astype(dtype), how, metric=Accuracy())
        assert found == losses(kind, X, LABELS, how)

    def test_targets_in_double_precision(self, kind, how):
        for loss_fn, targets in (
            (F.mse_loss, X[:, :1].astype("float64")),
            (F.binary_cross_entropy_with_logits, (X[:, :1] > 0).astype("float64")),
        ):
            parts = {"loss_fn": loss_fn, "outputs": 1}
            found = losses(kind, X, targets, how, **parts)
            assert found == losses(kind, X, targets.astype("float32"), how, **parts)


@pytest.mark.parametrize(("kind", "how"), CALLS)
class TestNamed:
    @pytest.mark.parametrize("dtype", ["uint8", "int64", "int16", "bool"])
    def test_inputs_that_are_no_floats(self, kind, how, dtype):
        message = rf"inputs must be of a type that the model takes, got {dtype}: .*astype\('float32"
        with pytest.raises(TypeError, match=message):
            losses(kind, (X > 0).astype(dtype), LABELS, how)
        with pytest.raises(TypeError, match=message):
            runner_of(kind).predict((X > 0).astype(dtype))

    @pytest.mark.parametrize("dtype", ["bool", "float32", "float64"])
    def test_classes_that_are_no_integers(self, kind, how, dtype):
        seen = "float32" if dtype == "float64" else dtype  # as the model's own
        message = rf"labels must be of a type that loss_fn takes, got {seen}: .*astype\('int64'\)"
        with pytest.raises(TypeError, match=message):
            losses(kind, X, LABELS.astype(dtype), how)

    @pytest.mark.parametrize("loss_fn", [F.mse_loss, F.binary_cross_entropy_with_logits])
    @pytest.mark.parametrize("dtype", ["bool", "int64"])
    def test_targets_that_are_no_floats(self, kind, how, loss_fn, dtype):
        message = rf"labels must be of .*, got {dtype}: .*labels.astype\('float32'\) for numbers"
        targets = (X[:, :1] > 0).astype(dtype)
        with pytest.raises(TypeError, match=message):
            losses(kind, X, targets, how, loss_fn=loss_fn, outputs=1)
        evaluated = [(X, targets)] if kind is RunnerV3 else (X, targets)
        with pytest.raises(TypeError, match=message):
            runner_of(kind, loss_fn, outputs=1).evaluate(evaluated)


def test_a_model_that_converts_pictures_itself_is_left_alone():
    class Picture(paddle.nn.Layer):
        def __init__(self):
            super().__init__()
            self.linear = paddle.nn.Linear(4, 2)

        def forward(self, x):
            assert x.dtype == paddle.uint8
            return self.linear(x.astype("float32") / 255)

    model = Picture()
    sgd = paddle.optimizer.SGD(0.1, parameters=model.parameters())
    pictures = rng.integers(0, 256, (24, 4)).astype("uint8")
    batches = Batches(pictures, LABELS, batch_size=8, shuffle=True)
    history = RunnerV3(model, sgd, F.cross_entropy).train(batches, verbose=False)
    assert len(history.train_losses) == 3


def test_an_error_of_the_models_own_stays_what_it_is():
    class Broken(paddle.nn.Layer):
        def forward(self, x):
            raise ValueError("a word too many")

    with pytest.raises(ValueError, match=r"^a word too many$"):
        RunnerV3(Broken()).predict(X)

    class Mixed(paddle.nn.Layer):
        def forward(self, x):
            return x * paddle.ones([1], dtype="int64")

    with pytest.raises(TypeError, match="Type promotion only support"):
        RunnerV3(Mixed()).predict(X)


class TestCounts:
    """NumPy's integers are integers, in every room."""

    def test_of_runners_and_batches(self):
        two = np.int64(2)
        runner = runner_of(RunnerV3)
        history = runner.train(
            Batches(X, LABELS, batch_size=np.int32(12), seed=np.uint8(3), shuffle=np.True_),
            [(X, LABELS)], num_epochs=two, eval_steps=two, log_steps=two, verbose=False,
        )  # fmt: skip
        assert history.dev_steps == [2, 4]
        assert {type(step) for step in history.dev_steps} == {int}
        history = runner_of(RunnerV2).train(
            (X, LABELS), (X, LABELS), num_epochs=two, eval_epochs=two, verbose=False
        )
        assert history.dev_steps == [2]

    @pytest.mark.parametrize("argument", ["verbose", "restore_best"])
    @pytest.mark.parametrize("kind", [RunnerV2, RunnerV3])
    def test_flags_are_flags(self, kind, argument):
        with pytest.raises(ValueError, match=f"{argument} must be True or False, got 'False'"):
            runner_of(kind).train((X, LABELS), (X, LABELS), **{argument: "False"})
        with pytest.raises(ValueError, match="verbose must be True or False, got 1"):
            RunnerV1(ops.Linear(4, 1)).train((X, X[:, :1]), verbose=1)


class TestPublishedMetric:
    """The course's ``Accuracy(paddle.metric.Metric)`` works on tensors, in ``update``."""

    class Published(paddle.metric.Metric):
        def __init__(self):
            super().__init__()
            self.reset()

        def update(self, outputs, labels):
            if outputs.shape[1] == 1:
                guesses = paddle.cast(paddle.squeeze(outputs, axis=-1) >= 0, dtype="float32")
            else:
                guesses = paddle.argmax(outputs, axis=1, dtype="int64")
            right = paddle.sum(paddle.cast(guesses == labels, dtype="float32"))
            self.right += self.number_of(right)
            self.count += len(labels)

        def number_of(self, tensor):
            return tensor.item()

        def accumulate(self):
            return self.right / self.count if self.count else 0

        def reset(self):
            self.right = self.count = 0

        def name(self):
            return "Accuracy"

    def test_it_counts_as_ours_does(self):
        ours, theirs = runner_of(RunnerV3, metric=Accuracy()), runner_of(RunnerV3)
        theirs.metric = self.Published()
        batches = [(X[:16], LABELS[:16]), (X[16:], LABELS[16:])]
        assert theirs.evaluate(batches).score == ours.evaluate(batches).score

    def test_with_operators_too(self):
        model = ops.Linear(4, 2)
        runner = RunnerV2(model, optim.SGD(model), ops.CrossEntropy(), self.Published())
        history = runner.train((X, LABELS), (X, LABELS), num_epochs=2, verbose=False)
        ours = RunnerV2(model, metric=Accuracy()).evaluate((X, LABELS)).score
        assert history.dev_scores[-1] == ours

    def test_what_paddle_3_no_longer_does_is_said(self):
        class Older(self.Published):
            def number_of(self, tensor):
                return tensor.numpy()[0]

        with pytest.raises(
            IndexError, match=r"metric Accuracy raised: .*, so that .numpy\(\)\[0\]"
        ):
            runner_of(RunnerV3, metric=Older()).evaluate([(X, LABELS)])


class TestSignatures:
    """A model is given its inputs as its ``forward`` takes them."""

    class Pair(paddle.nn.Layer):
        def __init__(self):
            super().__init__()
            self.embedding, self.linear = paddle.nn.Embedding(9, 4), paddle.nn.Linear(4, 2)

        def forward(self, inputs):
            ids, lengths = inputs
            return self.linear(self.embedding(ids).sum(1) / lengths.unsqueeze(-1))

    class Two(Pair):
        def forward(self, ids, lengths):
            return super().forward((ids, lengths))

    class Optional(Pair):
        def forward(self, ids, lengths=None):
            return super().forward((ids, lengths))

    class Several(Pair):
        def forward(self, *inputs):
            return super().forward(inputs)

    class Named(Pair):
        def forward(self, batch):
            return super().forward((batch["ids"], batch["lengths"]))

    IDS = rng.integers(0, 9, (6, 5))
    LENGTHS = np.full(6, 5.0, "float32")

    def trained(self, model, inputs):
        paddle.seed(0)
        model = model()
        sgd = paddle.optimizer.SGD(0.1, parameters=model.parameters())
        runner = RunnerV3(model, sgd, F.cross_entropy)
        batches = [(inputs, LABELS[:6])]
        runner.predict(inputs)
        return runner.train(batches, batches, num_epochs=2, verbose=False).dev_losses

    def test_all_forms_are_fed(self):
        pair, names = (self.IDS, self.LENGTHS), {"ids": self.IDS, "lengths": self.LENGTHS}
        wanted = self.trained(self.Two, pair)
        for model in (self.Pair, self.Optional, self.Several):
            assert self.trained(model, pair) == wanted
            assert self.trained(model, list(pair)) == wanted
        for model in (self.Two, self.Named):
            assert self.trained(model, names) == wanted

    def test_a_list_of_one_is_that_one(self):
        runner = runner_of(RunnerV3)
        assert (runner.predict([X]) == runner.predict(X)).all()
        assert (runner.predict({"input": X}) == runner.predict(X)).all()

    def test_an_operator_that_takes_a_pair_apart(self):
        class Sum(ops.Op):
            def forward(self, inputs):
                one, other = inputs
                return one + other

        assert (RunnerV2(Sum()).predict((X, X)) == 2 * X).all()
        assert (RunnerV2(ops.Add()).predict((X, X)) == 2 * X).all()


class TestPublishedNames:
    @pytest.mark.parametrize(
        ("name", "here"),
        [
            ("dev_scores", "dev_scores"),
            ("train_step_losses", "train_losses"),
            ("train_epoch_losses", "epoch_losses"),
            ("best_score", "best_score"),
            ("train_loss", "train_losses"),
        ],
    )
    def test_results_are_in_the_history(self, name, here):
        for kind in (RunnerV2, RunnerV3):
            with pytest.raises(AttributeError, match=rf"{name}'.* it is history\.{here}$"):
                getattr(runner_of(kind), name)

    def test_other_names_are_plain_errors(self):
        with pytest.raises(AttributeError, match=r"RunnerV3 has no attribute 'banana'$"):
            runner_of(RunnerV3).banana  # noqa: B018

    def test_custom_print_log(self):
        with pytest.raises(TypeError, match=r"no argument 'custom_print_log'; a nndl.runner.Callb"):
            runner_of(RunnerV3).train([(X, LABELS)], custom_print_log=print)

    def test_a_single_callback_is_no_list(self):
        from nndl.runner import GradientNorms

        with pytest.raises(TypeError, match=r"callbacks must be a list of .*, got GradientNorms"):
            runner_of(RunnerV3).train([(X, LABELS)], callbacks=GradientNorms())


def test_a_generator_for_development_is_used_up_too():
    runner = runner_of(RunnerV3)
    once = (batch for batch in [(X, LABELS)])
    with pytest.raises(ValueError, match=r"dev_loader must give its batches anew.*none in epoch 2"):
        runner.train([(X, LABELS)], once, num_epochs=2, verbose=False)
    with pytest.raises(ValueError, match="dev_loader must give at least one batch, got none"):
        runner.train([(X, LABELS)], [], verbose=False)
    with pytest.raises(ValueError, match=r"^loader must give at least one batch, got none"):
        runner.evaluate([])


def test_a_loss_of_the_published_kind_is_told_who_goes_back():
    class Published(ops.CrossEntropy):
        def backward(self, outputs_grads=1.0):
            super().backward(outputs_grads)  # and the model's, as the published losses do

    model = ops.Linear(4, 2)
    runner = RunnerV2(model, optim.SGD(model), Published())
    with pytest.raises(TypeError, match="backward of Published must return the gradient of the"):
        runner.train((X, LABELS), verbose=False)
