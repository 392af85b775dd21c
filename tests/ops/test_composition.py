"""Chains and graphs: Paddle's gradients, the operators' own arrays, every value shown."""

import copy

import equality
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl import ops
from nndl.device import paddle
from nndl.ops import Add, Conv2D, Graph, Linear, Multiply, ReLU, Sequential, Sum, Tanh

F = paddle.nn.functional
many = settings(max_examples=200, deadline=None)


def as_tensors(arrays):
    return {name: paddle.to_tensor(a, stop_gradient=False) for name, a in arrays.items()}


@st.composite
def chains(draw):
    """Draw a chain of 1 to 6 operators on (N, D, M, M), the names they go by, and an input."""
    depth = draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.standard_normal((draw(st.integers(1, 2)), depth, 4, 5))
    parts = []
    for _ in range(draw(st.integers(1, 6))):
        if draw(st.booleans()):
            channels = draw(st.integers(1, 3))
            parts.append(Conv2D(depth, channels, 3, padding=1, bias=draw(st.booleans())))
            for param in parts[-1].params.values():
                param[...] = 0.5 * rng.standard_normal(param.shape)
            depth = channels
        else:
            parts.append(draw(st.sampled_from([ReLU, Tanh]))())
    named = draw(st.integers(0, len(parts)))
    first, rest = parts[:named], parts[named:]
    return Sequential(*first, **{f"part{number}": op for number, op in enumerate(rest)}), x, rng


@many
@given(chains())
def test_a_chain_equals_paddles_autograd(case):
    net, x, rng = case
    params = as_tensors(net.params)
    y = tensor = paddle.to_tensor(x, stop_gradient=False)
    for name, op in net.ops.items():
        if isinstance(op, Conv2D):
            y = F.conv2d(y, params[f"{name}.weight"], params.get(f"{name}.bias"), padding=1)
        else:
            y = F.relu(y) if isinstance(op, ReLU) else paddle.tanh(y)
    ours = net(x)
    outputs_grads = rng.standard_normal(ours.shape)
    y.backward(paddle.to_tensor(outputs_grads))
    grads = [net.backward(outputs_grads), *(net.grads[name] for name in params)]
    expected = [tensor.grad, *(param.grad for param in params.values())]
    equality.compare("ops.Sequential", [ours], [y], grads, expected)


@st.composite
def graphs(draw):
    """Draw a graph on two inputs (N, D): each node reads any values before it, maybe one twice."""
    width = draw(st.integers(1, 4))
    nodes, values = {}, ["x", "y"]
    for number in range(draw(st.integers(1, 7))):
        name = f"node{number}"
        kind = draw(st.sampled_from([Add, Multiply, Tanh, ReLU, Linear]))
        op = Linear(width, width, seed=number) if kind is Linear else kind()
        count = 2 if kind in (Add, Multiply) else 1
        nodes[name] = (op, *(draw(st.sampled_from(values)) for _ in range(count)))
        values.append(name)
    read = {name for node in nodes.values() for name in node[1:]}
    ends = [name for name in values if name not in read]
    for number, end in enumerate(ends[1:]):  # whatever nobody has read goes into a last sum
        before = f"sum{number - 1}" if number else ends[0]
        nodes[f"sum{number}"] = (Add(), before, end)
    order = draw(st.permutations(list(nodes)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x, y = rng.standard_normal((2, draw(st.integers(1, 3)), width))
    return Graph({name: nodes[name] for name in order}, inputs=("x", "y")), x, y, rng


def paddles_values(graph, values, params):
    """Compute every node of a graph with Paddle."""
    functions = {Add: paddle.add, Multiply: paddle.multiply, Tanh: paddle.tanh, ReLU: F.relu}
    for name, op in graph.ops.items():
        read = [values[source] for source in graph.sources[name]]
        if isinstance(op, Linear):
            values[name] = F.linear(*read, params[f"{name}.weight"], params[f"{name}.bias"])
        else:
            values[name] = functions[type(op)](*read)
        values[name].retain_grads()
    return values


@many
@given(graphs())
def test_a_graph_equals_paddles_autograd_at_every_value(case):
    graph, x, y, rng = case
    params = as_tensors(graph.params)
    output = graph(x, y)
    values = paddles_values(graph, as_tensors({"x": x, "y": y}), params)
    outputs_grads = rng.standard_normal(output.shape)
    values[graph.output].backward(paddle.to_tensor(outputs_grads))
    grads = graph.backward(outputs_grads)
    assert grads[0] is graph.gradients["x"] and grads[1] is graph.gradients["y"]
    equality.compare(
        "ops.Graph",
        [graph.values[name] for name in values],
        list(values.values()),
        [*(graph.gradients[name] for name in values), *(graph.grads[name] for name in params)],
        [tensor.grad for tensor in (*values.values(), *params.values())],
    )


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_what_flows_back_along_the_edges_adds_up(case):
    graph, x, y, rng = case
    graph.backward(rng.standard_normal(graph(x, y).shape))
    totals = {name: np.zeros_like(value) for name, value in graph.values.items()}
    for name, sources in graph.sources.items():
        for source, part in zip(sources, graph.edge_gradients[name], strict=True):
            totals[source] += part
    for name, total in totals.items():
        if name != graph.output:
            np.testing.assert_allclose(graph.gradients[name], total, rtol=1e-12, atol=1e-12)


def residual_block(depth=2):
    """Return relu(x + f(x)), f a chain with convolutions."""
    branch = Sequential(Conv2D(depth, 3, 3, padding=1, seed=1), Tanh(), Conv2D(3, depth, 1, seed=2))
    return Graph(
        {"f": (branch, "x"), "sum": (Add(), "f", "x"), "out": (ReLU(), "sum")},
    )


def test_the_gradient_check_reaches_every_parameter_of_a_residual_block():
    x = np.random.default_rng(0).standard_normal((2, 2, 3, 3))
    report = ops.check_gradients(residual_block(), [x])
    assert set(report.errors) == {
        "input 0", "f.0.weight", "f.0.bias", "f.2.weight", "f.2.bias",
    }  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(graphs())
def test_drawn_graphs_pass_the_gradient_check(case):
    graph, x, y, _ = case
    # away from 0, where ReLU has a kink
    graph(x, y)
    kinks = [graph.values[graph.sources[n][0]] for n, op in graph.ops.items() if type(op) is ReLU]
    if all(np.abs(value).min() > 1e-3 for value in kinks):
        assert {"input 0", "input 1"} <= set(ops.check_gradients(graph, [x, y]).errors)


def test_the_gradient_check_finds_a_fault_inside_a_composition():
    class Broken(Conv2D):
        def backward(self, outputs_grads):
            grad = super().backward(outputs_grads)
            self.grads["weight"] = 1.01 * self.grads["weight"]
            return grad

    x = np.random.default_rng(0).standard_normal((1, 1, 4, 4))
    net = Sequential(Tanh(), Sequential(Broken(1, 1, 2)))
    with pytest.raises(AssertionError, match=r"gradient of 1\.0\.weight"):
        ops.check_gradients(net, [x])


def test_the_gradient_check_gives_the_operators_their_own_arrays_back():
    net = residual_block()
    before = dict(net.params)
    ops.check_gradients(net, [np.random.default_rng(0).standard_normal((1, 2, 3, 3))])
    assert all(net.params[name] is array for name, array in before.items())


def test_parameters_are_the_operators_own_arrays():
    conv = Conv2D(1, 2, 3)
    net = Sequential(edges=conv, rest=Sequential(ReLU(), Conv2D(2, 1, 3)))
    assert list(net.params) == ["edges.weight", "edges.bias", "rest.1.weight", "rest.1.bias"]
    assert net.params["edges.weight"] is conv.params["weight"]
    conv.params["weight"] = np.ones((2, 1, 3, 3))  # seen at once
    assert net.params["edges.weight"] is conv.params["weight"]
    fresh = {name: np.zeros_like(array) for name, array in net.params.items()}
    net.params = fresh
    assert conv.params["weight"] is fresh["edges.weight"]
    with pytest.raises(TypeError):  # it would be lost: a view of what the operators have
        net.params["edges.weight"] = np.zeros(3)


def test_a_state_is_a_copy_and_goes_into_the_arrays_that_are_there():
    class Counted(ops.Op):
        def __init__(self):
            super().__init__()
            self.buffers["calls"] = np.zeros(1)

        def forward(self, x):
            self.buffers["calls"] += 1
            return x

    net = Sequential(Conv2D(1, 1, 2, seed=1), counted=Counted())
    net(np.ones((1, 1, 2, 2)))
    state, array = net.state_dict(), net.params["0.weight"]
    assert list(state) == ["0.weight", "0.bias", "counted.calls"]
    kept = array.copy()
    array += 1
    net(np.ones((1, 1, 2, 2)))
    assert net.buffers["counted.calls"] == 2
    with pytest.raises(ValueError, match="must have shape"):
        net.set_state_dict({**state, "counted.calls": np.ones(3)})
    assert (array == kept + 1).all()  # all or nothing
    net.set_state_dict(state)
    assert net.params["0.weight"] is array and np.array_equal(array, kept)
    assert net.buffers["counted.calls"] == 1
    state["0.weight"] += 5
    assert np.array_equal(array, kept)


def test_learning_or_not_is_passed_on():
    inner = Conv2D(1, 1, 1)
    graph = Graph({"chain": (Sequential(inner), "x")})
    graph.eval()
    assert not graph.training and not inner.training
    graph.train()
    assert graph.training and inner.training


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_in_is_type_out_and_no_input_is_changed(dtype):
    net = residual_block()
    x = np.random.default_rng(0).standard_normal((2, 2, 4, 4)).astype(dtype)
    kept = x.copy()
    y = net(x)
    grads = [net.backward(np.ones_like(y)), *net.grads.values(), *net.gradients.values()]
    assert y.dtype == dtype and {grad.dtype for grad in grads} == {np.dtype(dtype)}
    assert np.array_equal(x, kept)


def test_an_empty_batch_passes():
    net = residual_block()
    y = net(np.zeros((0, 2, 4, 4)))
    assert y.shape == (0, 2, 4, 4) == net.backward(y).shape
    assert (net.grads["f.0.weight"] == 0).all()


def test_labels_get_no_gradient():
    graph = Graph(
        {"logits": (Linear(3, 4), "x"), "loss": (ops.CrossEntropy(), "logits", "labels")},
        inputs=("x", "labels"),
    )
    loss = graph(np.ones((2, 3)), np.array([0, 3]))
    grad, none = graph.backward(np.ones_like(loss))
    assert grad.shape == (2, 3) and none is None and graph.gradients["labels"] is None


def test_a_node_that_only_prepares_labels_is_passed_over():
    class Shift(ops.Op):
        def forward(self, labels):
            return labels + 1

        def backward(self, outputs_grads):
            raise AssertionError("nothing to pass on")

    graph = Graph(
        {"next": (Shift(), "labels"), "loss": (ops.CrossEntropy(), "x", "next")},
        inputs=("x", "labels"),
    )
    loss = graph(np.ones((2, 4)), np.array([0, 2]))
    assert graph.backward(np.ones_like(loss))[1] is None
    assert graph.edge_gradients["next"] == (None,)


def test_a_copy_shares_parameters_and_keeps_its_own_gradients():
    x = np.random.default_rng(0).standard_normal((1, 2, 3, 3))
    net = residual_block()
    twin = copy.copy(net)
    y = net(x)
    grad = net.backward(np.ones_like(y))
    before = {name: array.copy() for name, array in net.grads.items()}
    twin.backward(twin(x - 1))
    assert all(twin.params[name] is array for name, array in net.params.items())
    assert all(np.array_equal(net.grads[name], array) for name, array in before.items())
    assert not np.array_equal(twin.grads["f.0.weight"], before["f.0.weight"])
    np.testing.assert_array_equal(net.values["x"], x)
    np.testing.assert_array_equal(net.backward(np.ones_like(y)), grad)  # what it saved is there


def test_a_copy_of_an_operator_copies_the_operators_inside():
    class Twice(ops.Op):
        def __init__(self):
            super().__init__()
            self.inner = Tanh()

        def forward(self, x):
            return self.inner(x)

        def backward(self, outputs_grads):
            return self.inner.backward(outputs_grads)

    one, x = Twice(), np.array([0.5, 1.0])
    expected = 1 - np.tanh(x) ** 2
    one(x)
    copy.copy(one)(x + 1)
    np.testing.assert_allclose(one.backward(np.ones(2)), expected)


def test_backward_before_forward_says_what_is_missing():
    with pytest.raises(RuntimeError, match="call the graph first"):
        residual_block().backward(np.ones((1, 2, 3, 3)))
    with pytest.raises(RuntimeError, match="call the operator first"):
        Sequential(Conv2D(1, 1, 1)).backward(np.ones((1, 1, 1, 1)))


TANH = Tanh()
REFUSED = [
    (lambda: Sequential(), "Sequential must have at least one operator, got none"),
    (lambda: Graph({}), "nodes must hold at least one operator, got none"),
    (lambda: Sequential(**{"a.b": Tanh()}), "must be a word without a dot, got 'a.b'"),
    (lambda: Sequential(TANH, ReLU(), TANH), "got the same Tanh as '0' and '2'"),
    (lambda: Sequential(TANH, Sequential(ReLU(), TANH)), "the same Tanh as '0' and '1.1'"),
    (
        lambda: Graph({"a": (Tanh(), "z")}),
        "node 'a' must read one of ['x', 'a'], got 'z'",
    ),
    (
        lambda: Graph({"a": (Add(), "x", "c"), "b": (Tanh(), "a"), "c": (Tanh(), "b")}),
        "nodes must not read each other in a circle, got a -> b -> c -> a",
    ),
    (lambda: Graph({"a": (Add(), "x", "a")}), "in a circle, got a -> a"),
    (
        lambda: Graph({"a": (Tanh(), "x"), "b": (Tanh(), "x")}),
        "nodes must end in one output, got a, b unread",
    ),
    (
        lambda: Graph({"a": (Tanh(), "x")}, inputs=("x", "y")),
        "inputs must be read by a node, got y unread",
    ),
    (lambda: Graph({"x": (Tanh(), "x")}), "names must be used once, got x twice"),
    (
        lambda: Graph({"a": (Tanh(), "x")})(np.ones(1), np.ones(1)),
        "inputs must be x, got 2 arrays",
    ),
    (
        lambda: setattr(Sequential(Linear(1, 1)), "params", {"0.weight": np.ones((1, 1))}),
        "params must have a value for every name, got none for ['0.bias']",
    ),
    (
        lambda: setattr(Sequential(Linear(1, 1)), "grads", {"1.weight": np.ones((1, 1))}),
        "grads must have the names of parameters, got ['1.weight']",
    ),
    (
        lambda: Sequential(Linear(1, 1)).set_state_dict({"0.weight": np.ones((1, 1)), "bias": 0}),
        "state must have the names of state_dict, differs in ['0.bias', 'bias']",
    ),
    (
        lambda: Linear(1, 1).set_state_dict({"weight": np.ones((1, 1)), "bias": np.ones(2)}),
        "state bias must have shape (1,), got (2,)",
    ),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words[:40] for _, words in REFUSED])
def test_refusals_name_argument_value_and_rule(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Sequential(np.tanh), "operator '0' must be an Op, got ufunc"),
        (lambda: Graph({"a": Tanh()}), r"node 'a' must be \(Op, name of an input, \.\.\.\), got"),
        (lambda: Graph({"a": (Tanh(),)}), "node 'a' must be"),
        (lambda: Graph({"a": ("x", Tanh())}), "node 'a' must be"),
    ],
)
def test_what_is_no_operator_is_refused(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def test_a_sum_closes_a_graph():
    graph = Graph({"square": (Multiply(), "x", "x"), "loss": (Sum(), "square")})
    assert graph(np.array([1.0, 2.0])) == 5
    np.testing.assert_array_equal(graph.backward(np.float64(1)), [2, 4])
