"""The tape differentiates what one computes, as Paddle's own automatic differentiation does."""

import operator

import equality
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl import ops
from nndl.device import paddle
from nndl.ops import Variable, apply

F = paddle.nn.functional
many = settings(max_examples=200, deadline=None)

# name -> (how many it reads, the function: the same code for our variables and Paddle's tensors);
# the numbers are exact in single precision, to which Paddle rounds some of them
STEPS = {
    "add": (2, lambda a, b: a + b),
    "subtract": (2, lambda a, b: a - b),
    "multiply": (2, lambda a, b: a * b),
    "divide": (2, lambda a, b: a / (b * b + 1.5)),
    "matmul": (2, lambda a, b: a @ b),
    "power": (1, lambda a: (a * a + 0.5) ** 1.75),
    "exponential": (1, lambda a: 2**a),
    "power of a power": (2, lambda a, b: (a * a + 0.5) ** b),
    "reversed": (1, lambda a: 2 - (3.0 + 1 / (2 + a**2)) * 0.5),
    "negative": (1, lambda a: -a),
    "exp": (1, lambda a: (a.tanh() * 2).exp()),
    "log": (1, lambda a: (a * a + 0.125).log()),
    "tanh": (1, lambda a: a.tanh()),
    "sum": (1, lambda a: a.sum(0, keepdims=True)),  # (1, N): broadcast by who reads it
    "mean": (1, lambda a: a.mean(1, keepdims=True)),
    "whole": (1, lambda a: a * a.mean()),
}
PADDLES = {
    **{name: function for name, (_, function) in STEPS.items()},
    "sum": lambda a: a.sum(0, keepdim=True),
    "mean": lambda a: a.mean(1, keepdim=True),
}


@st.composite
def expressions(draw):
    """Draw steps on three square matrices; each reads any values before it, maybe one twice."""
    values = 3
    steps = []
    for _ in range(draw(st.integers(1, 8))):
        name = draw(st.sampled_from(list(STEPS)))
        steps.append((name, [draw(st.integers(0, values - 1)) for _ in range(STEPS[name][0])]))
        values += 1
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(1, 4))
    return [*rng.uniform(-1, 1, (3, size, size))], steps, rng


def run(values, steps, functions, square):
    """Return all values of an expression, its result last; every value is part of the result."""
    values = list(values)
    for name, read in steps:
        operands = [values[place] for place in read]
        if name == "matmul":  # of two full matrices, kept small
            operands = [(operand + square).tanh() for operand in operands]
        values.append(functions[name](*operands))
    result = values[0]
    for value in values[1:]:
        result = result + value
    return [*values, result]


@many
@given(expressions())
def test_a_drawn_expression_equals_paddles_autograd(case):
    leaves, steps, rng = case
    square = np.zeros_like(leaves[0])
    ours = run(map(Variable, leaves), steps, {n: f for n, (_, f) in STEPS.items()}, square)
    tensors = [paddle.to_tensor(leaf, stop_gradient=False) for leaf in leaves]
    theirs = run(tensors, steps, PADDLES, paddle.to_tensor(square))
    for tensor in theirs[3:]:
        tensor.retain_grads()
    outputs_grads = rng.standard_normal(ours[-1].shape)
    ours[-1].backward(outputs_grads)
    theirs[-1].backward(paddle.to_tensor(outputs_grads))
    equality.compare(
        "ops.tape",
        [variable.value for variable in ours],
        theirs,
        [variable.grad for variable in ours],
        [tensor.grad for tensor in theirs],
    )


@many
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.booleans())
def test_shared_weights_equal_paddles(seed, times, shuffle):
    rng = np.random.default_rng(seed)
    layer = ops.Linear(3, 3, seed=seed)
    layer.params["bias"] = rng.standard_normal(3)
    x = rng.standard_normal((2, 3))
    weight, bias, tensor = (
        paddle.to_tensor(a, stop_gradient=False) for a in (*layer.params.values(), x)
    )
    ours, theirs = start = Variable(x), tensor
    for _ in range(times):
        ours = apply(layer, ours).tanh()
        theirs = F.linear(theirs, weight, bias).tanh()
    if shuffle:  # applied once more, beside
        ours, theirs = ours + apply(layer, x), theirs + F.linear(paddle.to_tensor(x), weight, bias)
    ours.sum().backward()
    theirs.sum().backward()
    equality.compare(
        "ops.tape",
        [ours.value],
        [theirs],
        [start[0].grad, *layer.grads.values()],
        [tensor.grad, weight.grad, bias.grad],
    )


INDICES = [1, -1, slice(1, 3), (slice(None), 2), np.array([0, 2, 0]), (np.array([1, 1]), [0, 0])]


@pytest.mark.parametrize("index", [*INDICES, np.array([True, False, True])], ids=str)
def test_indexing_and_reshaping_equal_paddles(index):
    x = np.random.default_rng(0).standard_normal((3, 4))
    ours, theirs = Variable(x), paddle.to_tensor(x, stop_gradient=False)
    paddles_index = paddle.to_tensor(index) if isinstance(index, np.ndarray) else index
    one, other = ours[index].reshape(-1, 1), theirs[paddles_index].reshape([-1, 1])
    (one * one).sum().backward()
    (other * other).sum().backward()
    equality.compare("ops.Index", [one.value], [other], [ours.grad], [theirs.grad])
    ops.check_gradients(ops.Index(index), [x])


def test_a_chain_of_ten_thousand_operations_does_not_recurse():
    x = Variable(np.array([1.0, 2.0]))
    y = x
    for _ in range(10_000):
        y = y + x
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [10_001, 10_001])


def test_a_doubling_ladder_is_walked_once_a_rung():
    x = y = Variable(1.0)
    for _ in range(60):  # 2 ** 60 paths
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_a_model_of_several_blocks_is_recorded_as_one_operator():
    net = ops.Sequential(ops.Linear(3, 4, seed=1), ops.ReLU(), ops.Linear(4, 3, seed=2))
    x = np.random.default_rng(0).standard_normal((5, 3))
    middle = net(x)
    grads = {}
    second = net.backward(np.ones_like(net(middle)))
    for name, grad in net.grads.items():
        grads[name] = grad
    net(x)
    net.backward(second)
    variable = Variable(x)
    apply(net, apply(net, variable)).sum().backward()  # each application keeps its own `saved`
    for name, grad in net.grads.items():
        assert not np.array_equal(grad, grads[name])
    expected = {name: grad + grads[name] for name, grad in _grads_at(net, x, second).items()}
    for name, grad in net.grads.items():
        np.testing.assert_allclose(grad, expected[name], rtol=1e-12)


def _grads_at(net, x, outputs_grads):
    kept = dict(net.grads)
    net(x)
    net.backward(outputs_grads)
    grads = dict(net.grads)
    net.grads = kept
    return grads


def test_an_operator_that_is_applied_alone_and_in_a_chain_gets_both_parts():
    layer = ops.Linear(2, 2, seed=1)
    chain = ops.Sequential(layer, ops.Tanh())
    x = np.array([[0.5, -1.0]])
    (apply(chain, x) + apply(layer, x)).sum().backward()
    both = dict(layer.grads)
    assert chain.grads["0.weight"] is layer.grads["weight"]
    apply(chain, x).sum().backward()
    one = dict(layer.grads)
    apply(layer, x).sum().backward()
    for name, grad in both.items():
        np.testing.assert_allclose(grad, one[name] + layer.grads[name], rtol=1e-12)


def test_an_application_that_leaves_a_parameter_out_keeps_what_others_gave_it():
    class Scale(ops.Op):
        """Multiply by one of two parameters; only that one gets a gradient."""

        def __init__(self):
            super().__init__()
            self.params = {"0": np.array(2.0), "1": np.array(3.0)}

        def forward(self, x, which):
            self.saved = x, str(which)
            return x * self.params[str(which)]

        def backward(self, outputs_grads):
            x, which = self.saved
            self.grads[which] = (x * outputs_grads).sum()
            return self.params[which] * outputs_grads, None

    scale = Scale()
    apply(scale, apply(scale, Variable(5.0), 0), 1).backward()  # x * a * b
    assert scale.grads == {"0": 15.0, "1": 10.0}


def test_what_an_operator_keeps_from_call_to_call_goes_on_in_the_operator_itself():
    norm, drop, x = (
        ops.BatchNorm(2),
        ops.Dropout(0.5),
        np.random.default_rng(0).uniform(1, 2, (9, 2)),
    )
    one, other = apply(drop, apply(norm, x)), apply(drop, apply(norm, x))
    twin = ops.BatchNorm(2)
    twin(x), twin(x)
    np.testing.assert_array_equal(norm.buffers["mean"], twin.buffers["mean"])
    assert ((one.value == 0) != (other.value == 0)).any()  # drawn anew


def test_backward_gives_gradients_anew():
    x, layer = Variable(np.ones((1, 2))), ops.Linear(2, 1)
    y = apply(layer, x.tanh()).sum()
    y.backward()
    first = x.grad, layer.grads["weight"]
    y.backward()
    np.testing.assert_array_equal(first[0], x.grad)
    np.testing.assert_array_equal(first[1], layer.grads["weight"])


# every operation that the docstring lists, each beside all that may stand on the other side
BETWEEN = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
BESIDE = {
    "an integer": 3,
    "a number": 1.5,
    "NumPy's integer": np.int64(3),
    "NumPy's number": np.float64(1.5),
    "NumPy's number of single precision": np.float32(1.5),
    "an array": np.array([[1.5, 2.0], [0.5, 3.0], [2.5, 1.0]]),
    "an array of integers": np.array([3, 2]),
    "an array without axes": np.array(1.5),
    "an array of another length": np.array([[[1.5]], [[2.0]]]),
    "a list": [1.5, 2.0],
    "a variable": Variable([1.5, 2.0]),
}


@pytest.mark.parametrize("other", BESIDE)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("operation", BETWEEN, ids=lambda function: function.__name__)
def test_every_operation_takes_everything_on_both_sides(operation, reverse, other):
    other = BESIDE[other]
    plain = np.asarray(getattr(other, "value", other))

    def function(x, y):
        return operation(y, x) if reverse else operation(x, y)

    value = np.array([[0.5, 1.25], [2.0, 0.75], [1.5, 3.0]])
    x = Variable(value)
    y = function(x, other)
    expected = function(value, plain)
    assert isinstance(y, Variable)
    np.testing.assert_allclose(y.value, expected, rtol=1e-12)
    y.backward(np.ones(expected.shape))
    step = 1e-6
    slope = (function(value + step, plain) - function(value - step, plain)) / (2 * step)
    slope = slope.reshape(-1, *value.shape).sum(axis=0)  # value was repeated for each
    np.testing.assert_allclose(x.grad, slope, rtol=1e-7)


@pytest.mark.parametrize("reverse", [False, True])
def test_matrix_products_take_arrays_on_both_sides(reverse):
    a, b = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([[1.0, 0.5], [2.0, -1.0]])
    x = Variable(b if reverse else a)
    y = a @ x if reverse else x @ b
    assert isinstance(y, Variable)
    np.testing.assert_array_equal(y.value, a @ b)
    y.sum().backward()
    expected = a.T @ np.ones((3, 2)) if reverse else np.ones((3, 2)) @ b.T
    np.testing.assert_array_equal(x.grad, expected)
    for refused in (lambda: x @ 2, lambda: 2 @ x, lambda: x @ a[0], lambda: a[0] @ x):
        with pytest.raises(ValueError, match="x and y must have two axes or more, got"):
            refused()


def test_signs_stand_alone_and_in_place_means_a_new_variable():
    x = Variable(np.float32([1.0, -2.0]))
    (-x - +x).sum().backward()
    assert x.grad.tolist() == [-2, -2] and (+x).value.tolist() == [1, -2]
    assert (-x).value.dtype == (+x).value.dtype == np.float32
    y = x
    y += 1
    y **= 2
    assert y is not x and y.value.tolist() == [4, 1] and x.value.tolist() == [1, -2]


def test_a_power_at_zero_and_below():
    x, n = Variable([0.0, 0.0, -2.0, 3.0]), Variable([2.0, 0.0, 3.0, 2.0])
    (x**n).sum().backward()
    assert x.grad.tolist() == [0, 0, 12, 6]
    np.testing.assert_allclose(n.grad, [0, 0, np.nan, 9 * np.log(3)])
    y = Variable([-1.0, 0.0, 2.0])
    (2**y).sum().backward()  # a base above 0 takes any exponent
    np.testing.assert_allclose(y.grad, np.log(2) * np.array([0.5, 1, 4]))
    (0 ** y[1:]).sum().backward()
    assert y.grad.tolist() == [0, 0, 0]
    (x**2 + x ** np.array([2.0, 1.0, 2.0, 0.0])).sum().backward()
    assert x.grad.tolist() == [0, 1, -8, 6]


@pytest.mark.parametrize("operation", BETWEEN, ids=lambda function: function.__name__)
@pytest.mark.parametrize("number", [2, 0.5, True, np.int64(2), np.uint8(2), np.float64(0.5)])
def test_a_plain_number_leaves_single_precision_as_it_is(operation, number):
    x = Variable(np.float32([1.0, 2.0]))
    if operation is operator.pow and number is True:
        number = 1
    for y in (operation(x, number), operation(number, x)):
        y.sum().backward()
        assert y.value.dtype == x.grad.dtype == np.float32


def test_half_precision_is_computed_in_single():
    x = Variable(np.full(70_000, 1.0, np.float16))
    y = (x * 100_000 + 70_000).sum()
    y.backward()
    assert y.value.dtype == x.grad.dtype == np.float32
    assert float(y.value) == pytest.approx(70_000 * 170_000.0, rel=1e-6)
    assert (x.grad == 100_000).all()


def test_a_new_shape_may_be_a_tuple_too():
    x = Variable(np.arange(6.0))
    assert x.reshape(2, -1).shape == x.reshape((2, 3)).shape == x.reshape([2, 3]).shape == (2, 3)
    assert x.reshape(6).shape == (6,) and Variable([3.0]).reshape(()).shape == ()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_in_is_type_out_beside_plain_numbers(dtype):
    value = np.array([[0.5, 2.0]], dtype)
    x = Variable(value)
    y = (1 + 2 * (x - 1) / 3 + np.float64(2)) ** 2 @ np.ones((2, 1), dtype)
    loss = apply(ops.Linear(1, 1), -y).exp().mean()
    loss.backward()
    assert loss.value.dtype == x.grad.dtype == dtype and x.value is value


def test_numpys_arrays_leave_the_operation_to_the_variable():
    x = Variable(np.array([[1.0, 2.0]]))
    for y in (np.ones((3, 2)) * x, np.ones((3, 2)) + x, np.ones((3, 2)) - x, np.ones((3, 2)) / x):
        assert isinstance(y, Variable) and y.shape == (3, 2)
    assert (np.ones((3, 1)) @ x).shape == (3, 2)


def test_integers_and_labels_may_stand_in_an_expression():
    logits, labels = Variable(np.zeros((2, 3))), np.array([0, 2])
    loss = apply(ops.CrossEntropy(), logits, labels)
    loss.backward()
    assert logits.grad.shape == (2, 3) and loss.sources[1].grad is None
    counts = Variable(np.array([1, 2]))
    (counts * 0.5).sum().backward()
    np.testing.assert_array_equal(counts.grad, [0.5, 0.5])


def test_an_empty_batch_passes():
    x = Variable(np.zeros((0, 3)))
    layer = ops.Linear(3, 2)
    (apply(layer, x).relu() ** 2).sum().backward()
    assert x.grad.shape == (0, 3) and (layer.grads["weight"] == 0).all()


def test_a_variable_tells_its_value_and_its_maker():
    assert repr(Variable(2.0)) == "Variable(2.0)"
    assert repr(Variable(2.0) + 1) == "Variable(3.0, made by Add)"


def test_refusals_name_argument_value_and_rule():
    x = Variable(np.ones(3))
    with pytest.raises(ValueError, match=r"outputs_grads must be given .* none for shape \(3,\)"):
        (x * 2).backward()
    with pytest.raises(ValueError, match=r"the output's shape \(3,\), got \(2,\)"):
        (x * 2).backward(np.ones(2))
    with pytest.raises(TypeError, match="value must hold real numbers, got <U3"):
        Variable("one")
    with pytest.raises(TypeError, match="op must be an Op, got ufunc"):
        apply(np.tanh, x)

    class Two(ops.Op):
        def forward(self, x):
            return x, x

    with pytest.raises(TypeError, match="op must have one output, got Two with 2"):
        apply(Two(), x)


def test_a_part_that_x_has_not_is_named_and_ends_a_loop():
    x = Variable([1.0, 2.0])
    with pytest.raises(IndexError, match=r"^index must be a part of x of shape \(2,\), got 2: "):
        x[2]
    with pytest.raises(IndexError, match=r"^index must be a part of x of shape \(\), got 0: "):
        ops.Index(0)(3.0)
    assert [float(one.value) for one in x] == [1.0, 2.0]
