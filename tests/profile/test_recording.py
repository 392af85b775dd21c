"""Whatever the model does, every operator is seen or refused, and Paddle is as it was."""

import sys
import threading
from types import ModuleType

import pytest

from nndl import profile
from nndl.device import paddle
from nndl.profile.operators import NORMS, PRODUCTS

nn = paddle.nn
held_before = [paddle._C_ops.matmul, paddle.base.core.eager.ops.matmul]  # two objects


class Runs(nn.Layer):
    """Run a function of the input and a linear layer."""

    def __init__(self, function):
        super().__init__()
        self.function, self.linear = function, nn.Linear(4, 3)

    def forward(self, x):
        """Run it."""
        return self.function(x, self.linear)


def functions_of_paddle():
    """Return every attribute that a count may replace, by owner and name."""
    paddles = {
        (name, key): value
        for name, module in list(sys.modules.items())
        if isinstance(module, ModuleType) and name.split(".")[0] == "paddle"
        for key, value in list(vars(module).items())
        if key in PRODUCTS or key in NORMS
    }
    owners = [(paddle.Tensor, ("__matmul__", "__rmatmul__", "numpy"))]
    owners.append((nn.Layer, ("__call__", "__getattr__")))
    return paddles | {(o.__name__, key): vars(o)[key] for o, keys in owners for key in keys}


def total(model):
    """Return the MACs of a model."""
    return sum(row["macs"] for row in profile.count(model, [4]))


def fail(x, linear):
    """Multiply, then break."""
    linear(x)
    raise KeyError("broken")


@pytest.mark.parametrize(
    ("function", "error"),
    [
        (lambda x, linear: linear(x), None),
        (fail, KeyError),
        (lambda x, linear: linear(x[:, :2]), ValueError),  # Paddle's own refusal
        (lambda x, linear: paddle.fft.rfft(linear(x)), ValueError),
        (lambda x, linear: sys.exit(linear), SystemExit),
    ],
    ids=["well", "its own error", "Paddle's error", "refused", "exit"],
)
def test_nothing_stays_replaced(function, error):
    before, model = functions_of_paddle(), Runs(function)
    model.linear.eval()
    if error is None:
        assert total(model) == 12
    else:
        with pytest.raises(error):
            total(model)
    after = functions_of_paddle()
    assert [key for key in before if after[key] is not before[key]] == []
    assert model.training and not model.linear.training
    assert total(Runs(lambda x, linear: linear(x))) == 12  # the profiler is free again


def test_an_error_that_the_model_catches_does_no_harm():
    def tries(x, linear):
        try:
            linear(x[:, :2])
        except ValueError:
            return x @ paddle.ones([4, 5]) + linear(x).sum()

    rows = profile.count(Runs(tries), [4])
    assert [(row["name"], row["macs"]) for row in rows] == [("linear", 0), ("linear", 12), ("", 20)]


def test_hooks_of_a_layer_count_in_it():
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
    model[0].register_forward_pre_hook(lambda layer, inputs: (inputs[0] @ paddle.eye(4),))
    rows = profile.count(model, [4])
    assert [(row["name"], row["macs"]) for row in rows] == [("0", 12 + 16), ("1", 0)]
    normed = nn.utils.weight_norm(nn.Linear(4, 3))
    assert (
        sum(row["parameters"] for row in profile.count(normed, [4])) == 12 + 3 + 4
    )  # a length for each input


def test_layers_made_on_the_way_count_where_they_run():
    assert total(Runs(lambda x, linear: nn.Linear(3, 2)(linear(x)))) == 12 + 6


@pytest.mark.parametrize("name", ["matmul", "conv2d", "rnn"])
def test_an_operator_that_multiplies_is_never_passed_over(name, monkeypatch):
    """The profiler sees what the table of operators lacks."""
    monkeypatch.delitem(PRODUCTS, name)
    held = {"matmul": lambda x: paddle.matmul(x, paddle.eye(4))}
    held["conv2d"] = lambda x: nn.Conv2D(1, 1, 2)(x.reshape([1, 1, 2, 2]))
    held["rnn"] = lambda x: nn.GRU(4, 2)(x.unsqueeze(0))[0]
    with pytest.raises(ValueError, match=rf"\(Runs\) runs {name}"):
        total(Runs(lambda x, linear: (linear(x), held[name](x))[1]))


@pytest.mark.parametrize("function", held_before, ids=["of _C_ops", "of the core"])
def test_a_function_that_the_model_has_held_for_long_is_refused(function):
    """It can't be replaced, but the profiler sees what it does."""
    model = Runs(lambda x, linear: function(linear(x), paddle.eye(3)))
    with pytest.raises(ValueError, match=r"model itself \(Runs\) runs matmul by another way$"):
        total(model)


def test_a_compiled_part_is_refused():
    def function(x, linear):
        return compiled(linear(x))

    compiled = paddle.jit.to_static(nn.Linear(3, 2), full_graph=True)
    compiled.eval()
    compiled(paddle.ones([1, 3]))
    with pytest.raises(ValueError, match=r"but another thread .* runs matmul"):
        total(Runs(function))


def test_work_in_another_thread_is_refused_and_not_counted():
    def function(x, linear):
        thread = threading.Thread(target=lambda: paddle.ones([2, 4]) @ paddle.ones([4, 2]))
        thread.start()
        thread.join()
        return linear(x)

    with pytest.raises(ValueError, match=r"but another thread .* runs matmul"):
        total(Runs(function))


def test_gradients_within_a_model_are_refused():
    def function(x, linear):
        with paddle.enable_grad():
            x = x.detach()
            x.stop_gradient = False
            return paddle.grad(linear(x).sum(), x)[0]

    with pytest.raises(ValueError, match=r"runs \w*Grad"):
        total(Runs(function))


def test_a_busy_profiler_is_said():
    other = paddle.profiler.Profiler(
        targets=[paddle.profiler.ProfilerTarget.CPU], on_trace_ready=lambda profiler: None
    )
    before = functions_of_paddle()
    other.start()
    try:
        with pytest.raises(RuntimeError, match="it is running already"):
            total(Runs(lambda x, linear: linear(x)))
    finally:
        other.stop()
    assert functions_of_paddle() == before


def test_functions_with_their_own_gradients_count():
    class Doubled(paddle.autograd.PyLayer):
        @staticmethod
        def forward(ctx, x):
            return x @ paddle.ones([4, 4])

        @staticmethod
        def backward(ctx, grad):
            return grad

    assert total(Runs(lambda x, linear: linear(Doubled.apply(x)))) == 16 + 12
