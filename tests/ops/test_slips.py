"""Everyday slips of who writes or uses operators are told in words that say what to do."""

import inspect

import numpy as np
import pytest

from nndl import layers, ops
from nndl.device import paddle
from nndl.runner import RunnerV2

MADE = {
    "Attention": lambda: ops.Attention(ops.DotScore()),
    "Sequential": lambda: ops.Sequential(ops.Exp()),
    "Graph": lambda: ops.Graph({"exp": (ops.Exp(), "x")}),
    "Index": lambda: ops.Index(0),
    "Power": lambda: ops.Power(2),
    "Reshape": lambda: ops.Reshape((-1,)),
}
SIZES = ((), (2,), (3, 2), (3, 3, 2), (4, 2))


def make(kind):
    """Make an operator with the first sizes that fit."""
    if kind.__name__ in MADE:
        return MADE[kind.__name__]()
    for sizes in SIZES:
        try:
            return kind(*sizes)
        except (TypeError, ValueError):
            continue
    raise AssertionError(f"say in MADE how a {kind.__name__} is made")


def functions():
    for name in ops.__all__:
        thing = getattr(ops, name)
        is_op = inspect.isclass(thing) and issubclass(thing, ops.Op)
        if is_op and thing is not ops.Op:
            yield pytest.param(make(thing), id=name)
        elif name in ("conv2d", "conv2d_loop", "correlate2d_loop"):
            yield pytest.param(thing, id=name)


def arguments(function):
    """Count what must be given."""
    call = function.forward if isinstance(function, ops.Op) else function
    wanted = inspect.signature(call).parameters.values()
    return max(1, sum(p.default is p.empty and p.kind is not p.VAR_POSITIONAL for p in wanted))


@pytest.mark.parametrize("function", list(functions()))
@pytest.mark.parametrize("as_list", [False, True])
def test_a_tensor_of_paddle_is_refused_by_every_operator(function, as_list):
    tensors = [paddle.ones([2, 3]) for _ in range(arguments(function))]
    tensors = [[tensor] for tensor in tensors] if as_list else tensors
    with pytest.raises(TypeError, match=r"must be a NumPy array, got a tensor of Paddle: .*numpy"):
        function(*tensors)


def test_a_tensor_among_arrays_is_refused_too():
    x, tensor = np.ones((2, 3)), paddle.ones([2, 3])
    for call in (
        lambda: ops.Add()(x, tensor),
        lambda: ops.CrossEntropy()(x, paddle.to_tensor([0, 1])),
        lambda: backward_with(ops.Linear(3, 2), x, paddle.ones([2, 2])),
        lambda: ops.Variable(tensor),
        lambda: ops.Variable(x) * tensor,
        lambda: ops.check_gradients(ops.Exp(), [tensor]),
    ):
        with pytest.raises(TypeError, match="got a tensor of Paddle"):
            call()


def backward_with(op, x, grads):
    op(x)
    return op.backward(grads)


def test_the_runner_takes_tensors_as_data_all_the_same():
    x = paddle.ones([2, 3])
    runner = RunnerV2(ops.Linear(3, 1), loss_fn=ops.SquaredError())
    assert type(runner.evaluate((x, paddle.ones([2, 1]))).loss) is float


class TestForgotten:
    class Beginning(ops.Op):
        def __init__(self, scale):
            self.scale = scale

        def forward(self, x):
            self.saved = x
            return self.scale * x

        def backward(self, outputs_grads):
            return self.scale * outputs_grads

    class End(ops.Op):
        def forward(self, x):
            self.saved = x
            return 2 * x

        def backward(self, outputs_grads):
            2 * outputs_grads

    @pytest.mark.parametrize("name", ["params", "grads", "buffers"])
    def test_the_call_of_the_base_class(self, name):
        message = rf"Beginning has no {name}: its __init__ must call super\(\).__init__\(\)"
        with pytest.raises(AttributeError, match=message):
            getattr(self.Beginning(3), name)
        with pytest.raises(AttributeError, match="has no params: its __init__ must call super"):
            ops.Sequential(self.Beginning(3)).state_dict()
        with pytest.raises(AttributeError, match="has no params: its __init__ must call super"):
            RunnerV2(self.Beginning(3)).save_model("never.pdparams")

    def test_a_composition_that_left_it_out(self):
        class Net(ops.Sequential):
            def __init__(self):
                pass

        with pytest.raises(AttributeError, match="Net has no params: its __init__ must call super"):
            Net().params  # noqa: B018

    def test_other_attributes_are_missing_as_ever(self):
        with pytest.raises(AttributeError, match="'Exp' object has no attribute 'weight'"):
            ops.Exp().weight  # noqa: B018
        with pytest.raises(RuntimeError, match="call the operator first"):
            ops.Exp().backward(np.ones(1))

    def test_the_return_of_backward(self):
        message = "End.backward must return the gradient of its input, got None: is there a return"
        x = np.ones((2, 3))
        chain = ops.Sequential(ops.Exp(), self.End(), ops.Exp())
        graph = ops.Graph({"a": (ops.Exp(), "x"), "b": (self.End(), "a")})
        for net in (chain, graph):
            y = net(x)
            with pytest.raises(TypeError, match=message):
                net.backward(np.ones_like(y))
        with pytest.raises(TypeError, match=message):
            ops.apply(self.End(), ops.Variable(x)).sum().backward()
        with pytest.raises(TypeError, match=message):
            ops.check_gradients(self.End(), [x])

    def test_words_still_have_no_gradient(self):
        words = np.array([[0, 1], [2, 0]])
        chain = ops.Sequential(ops.Embedding(3, 2), ops.Exp())
        graph = ops.Graph({"a": (ops.Embedding(3, 2), "x"), "b": (ops.Exp(), "a")})
        for net in (chain, graph):
            assert net.backward(np.ones_like(net(words))) is None


def test_a_name_is_no_bias():
    with pytest.raises(ValueError, match="bias must be True or False, got 'fc1'"):
        ops.Linear(5, 3, "fc1")


def test_both_words_for_both_directions():
    paddle.seed(0)
    one = layers.LSTM(3, 4, direction="bidirect")
    other = layers.LSTM(3, 4, direction="bidirectional")
    other.set_state_dict(one.state_dict())
    x = paddle.ones([2, 5, 3])
    assert (one(x)[0] == other(x)[0]).all() and one.extra_repr() == other.extra_repr()
    assert layers.SRN(3, 4, direction="bidirectional").direction == "bidirect"
    for word in ("bidirect", "bidirectional"):
        with pytest.raises(ValueError, match=f"got '{word}': BiLSTM reads in both"):
            ops.LSTM(3, 4, direction=word)
    with pytest.raises(ValueError, match="direction must be 'forward' or 'reverse', got 'both'"):
        ops.SRN(3, 4, direction="both")
