"""A refusal names the argument as the reader wrote it, and comes before anything is changed."""

from functools import partial

import numpy as np
import pytest

from nndl import ops, optim
from nndl.device import paddle
from nndl.runner import RunnerV1, RunnerV2, RunnerV3, load_state, save_state

F = paddle.nn.functional
X = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
LABELS = np.arange(8) % 3
WIDE = np.concatenate([X, X], axis=1)
GOOD, BAD = (X, LABELS), (WIDE, LABELS)


def v1():
    return RunnerV1(ops.Linear(4, 1), loss_fn=ops.SquaredError())


def v2():
    model = ops.Linear(4, 3)
    return RunnerV2(model, optim.SGD(model), ops.CrossEntropy())


def v2_of_layers():
    model = paddle.nn.Linear(4, 3)
    sgd = paddle.optimizer.SGD(0.1, parameters=model.parameters())
    return RunnerV2(model, sgd, F.cross_entropy)


def v3():
    model = paddle.nn.Linear(4, 3)
    sgd = paddle.optimizer.SGD(0.1, parameters=model.parameters())
    return RunnerV3(model, sgd, F.cross_entropy)


BY_HAND = "x must have 4 features in its last axis"
BY_PADDLE = r"inputs of shape \[8, 8\] do not go through the model: In operator matmul"


class TestTheShapeOfTheInputs:
    @pytest.mark.parametrize(
        ("make", "words"), [(v1, BY_HAND), (v2, BY_HAND), (v2_of_layers, BY_PADDLE)]
    )
    def test_of_a_whole_set(self, make, words):
        runner = make()
        if make is not v1:  # which takes any width that fits its weight
            with pytest.raises(ValueError, match=f"^train_set: {words}"):
                runner.train(BAD, verbose=False)
        with pytest.raises(ValueError, match=f"^dev_set: {words}"):
            runner.train(GOOD, BAD, verbose=False)
        with pytest.raises(ValueError, match=f"^data: {words}"):
            runner.evaluate(BAD)

    def test_of_batches(self):
        with pytest.raises(ValueError, match=f"^train_loader: {BY_PADDLE}"):
            v3().train([BAD], verbose=False)
        with pytest.raises(ValueError, match=f"^dev_loader: {BY_PADDLE}"):
            v3().train([GOOD], [BAD], verbose=False)
        with pytest.raises(ValueError, match=f"^loader: {BY_PADDLE}"):
            v3().evaluate([BAD])

    @pytest.mark.parametrize("make", [v2_of_layers, v3])
    def test_of_what_is_predicted(self, make):
        with pytest.raises(ValueError, match=f"^x: {BY_PADDLE}"):
            make().predict(WIDE)

    def test_of_several_inputs_by_name(self):
        class Sum(paddle.nn.Layer):
            def forward(self, one, other):
                return paddle.matmul(one, other)

        words = r"^x: inputs of shape \[8, 4\] and \[8, 4\] do not go through the model"
        with pytest.raises(ValueError, match=words):
            RunnerV3(Sum()).predict({"one": X, "other": X})

    def test_of_an_example_to_export(self, tmp_path):
        words = r"inputs \[\[None, 8\] of float32\] do not go through the model .*: In operator"
        with pytest.raises(ValueError, match=words):
            v3().export(tmp_path / "net", WIDE)
        assert not list(tmp_path.iterdir())


def test_the_shape_of_the_labels():
    for train in (lambda bad: v3().train([bad], verbose=False), lambda bad: v3().evaluate([bad])):
        words = r"loader: labels of shape \[7\] do not go through loss_fn: "
        with pytest.raises(ValueError, match=words):
            train((X, LABELS[:7]))


def test_an_error_of_another_kind_is_not_said_to_be_of_the_data():
    runner = v3()
    runner.loss_fn = partial(F.cross_entropy, reduction="none")
    with pytest.raises(ValueError, match=r"^loss_fn must give a tensor of one number"):
        runner.train([GOOD], verbose=False)


@pytest.mark.parametrize("rows", [[[1.0], [1.0, 2.0]], ["a", "b"]])
def test_what_no_array_can_be_made_of(rows):
    with pytest.raises(TypeError, match=r"^train_loader: inputs must be numbers, in rows of equal"):
        v3().train([(rows, LABELS)], verbose=False)
    with pytest.raises(TypeError, match=r"^loader: labels must be numbers, in rows of equal"):
        v3().evaluate([(X, rows)])
    with pytest.raises(TypeError, match=r"^x: inputs must be numbers"):
        v3().predict(rows)


@pytest.mark.parametrize("wrong", [5, 0.5, "batches", b"bytes", X, np.float32(1), len, object])
def test_what_gives_no_batches_is_refused_before_the_first_step(wrong):
    for name, loaders in (("train_loader", (wrong,)), ("dev_loader", ([GOOD], wrong))):
        runner = v3()
        before = runner.model.weight.numpy()
        with pytest.raises(TypeError, match=rf"^{name} must give batches \(inputs, labels\)"):
            runner.train(*loaders, verbose=False)
        assert (runner.model.weight.numpy() == before).all() and runner.history is None
    with pytest.raises(TypeError, match=r"^loader must give batches"):
        v3().evaluate(wrong)


@pytest.mark.parametrize("make", [v1, v2])
@pytest.mark.parametrize(
    "wrong",
    [3, "text", X, (X,), (X, LABELS, LABELS)],
    ids=["number", "text", "array", "one", "three"],
)
def test_a_development_set_that_is_no_pair_is_refused_before_the_first_step(make, wrong):
    runner = make()
    before = runner.model.state_dict()
    with pytest.raises(TypeError, match=r"^dev_set must give pairs \(inputs, labels\), got"):
        runner.train(GOOD, wrong, verbose=False)
    assert all((runner.model.params[name] == before[name]).all() for name in before)


@pytest.mark.parametrize("make", [v2, v3])
def test_more_epochs_than_anybody_waits_for(make):
    data = [GOOD] if make is v3 else GOOD
    with pytest.raises(ValueError, match="num_epochs must be an integer of at most 2147483647"):
        make().train(data, num_epochs=2**31, verbose=False)
    never = {"log_steps": 2**70} if make is v3 else {"log_epochs": 2**70, "eval_epochs": 2**70}
    assert make().train(data, verbose=False, **never).train_losses


@pytest.mark.parametrize("ridge", [2**70, 1e20])
def test_any_cost_that_a_float_holds(ridge):
    runner = v1()
    runner.train((X, X[:, :1]), ridge=ridge, verbose=False)
    assert abs(runner.model.params["weight"]).max() < 1e-15
    with pytest.raises(ValueError, match="ridge must be a finite number"):
        runner.train((X, X[:, :1]), ridge=10**400, verbose=False)


@pytest.mark.parametrize("state", [None, [1, 2], [["a", 1]], "ab", {1: X}])
def test_a_state_is_a_dict_of_names(tmp_path, state):
    with pytest.raises(TypeError, match="state must be a dict of named arrays, got"):
        save_state(state, tmp_path / "w.pdparams")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", ["text", None, {"a": 1}, [[1.0], []], np.array(["a"])], ids=str)
def test_safetensors_holds_arrays_of_numbers_only(tmp_path, value):
    pytest.importorskip("safetensors")
    with pytest.raises(
        TypeError, match=r"state 'a' must be an array of numbers for a .safetensors"
    ):
        save_state({"a": value}, tmp_path / "w.safetensors")


@pytest.mark.parametrize("path", [None, 3, "", b"w"])
def test_what_is_no_path(path):
    for use in (load_state, v1().load_model, v1().save_model, lambda p: v3().export(p, X)):
        with pytest.raises(ValueError, match="path must be a path, got"):
            use(path)
