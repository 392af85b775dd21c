"""The arithmetic against what Paddle really does: shapes, parameters, operations."""

import sys

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nndl import arithmetic
from nndl.device import paddle
from nndl.ops import conv2d, convolution_loop

sizes = st.tuples(st.integers(1, 14), st.integers(1, 5))
quick = settings(max_examples=150, deadline=None)


def held(layer) -> int:
    return sum(parameter.size for parameter in layer.parameters() if not parameter.stop_gradient)


@quick
@given(sizes, st.integers(1, 4), st.integers(0, 4), st.integers(1, 3))
def test_output_size_is_paddles(size, stride, padding, dilation):
    n, k = size
    x = paddle.zeros([1, 1, n, n + 1])
    w = paddle.zeros([1, 1, k, 1])
    settings_ = {"stride": stride, "padding": [padding, 0], "dilation": dilation}
    if dilation * (k - 1) + 1 > n + 2 * padding:
        with pytest.raises(ValueError, match="kernel_size must fit the padded input"):
            arithmetic.output_size(n, k, stride, padding, dilation)
        return
    y = paddle.nn.functional.conv2d(x, w, **settings_)
    assert y.shape[2] == arithmetic.output_size(n, k, stride, padding, dilation)
    assert y.shape[3] == arithmetic.output_size(n + 1, 1, stride, 0, dilation)


@quick
@given(sizes, st.integers(1, 4), st.integers(0, 3), st.integers(1, 3), st.integers(0, 3))
def test_transposed_output_size_is_paddles(size, stride, padding, dilation, extra):
    n, k = size
    assume(extra < stride)
    if (n - 1) * stride - 2 * padding + dilation * (k - 1) + 1 + extra < 1:
        with pytest.raises(ValueError, match="padding must leave an output"):
            arithmetic.transposed_output_size(n, k, stride, padding, dilation, extra)
        return
    y = paddle.nn.functional.conv2d_transpose(
        paddle.zeros([1, 1, n, n]),
        paddle.zeros([1, 1, k, k]),
        stride=stride,
        padding=padding,
        dilation=dilation,
        output_padding=extra,
    )
    assert y.shape[2] == arithmetic.transposed_output_size(n, k, stride, padding, dilation, extra)


@quick
@given(sizes, st.integers(1, 4), st.integers(0, 3), st.integers(1, 3))
def test_a_transposed_convolution_restores_the_size_it_came_from(size, stride, padding, dilation):
    n, k = size
    assume(dilation * (k - 1) + 1 <= n + 2 * padding)
    m = arithmetic.output_size(n, k, stride, padding, dilation)
    lost = (n + 2 * padding - dilation * (k - 1) - 1) % stride
    back = arithmetic.transposed_output_size(m, k, stride, padding, dilation, lost)
    assert back == n


@quick
@given(sizes, st.integers(1, 5), st.integers(0, 3), st.integers(1, 3))
def test_never_visited_is_what_no_output_depends_on(size, stride, padding, dilation):
    n, k = size
    assume(dilation * (k - 1) + 1 <= n + 2 * padding)
    x = paddle.zeros([1, 1, n, 1])
    x.stop_gradient = False
    w = paddle.ones([1, 1, k, 1])
    y = paddle.nn.functional.conv2d(
        x, w, stride=[stride, 1], padding=[padding, 0], dilation=[dilation, 1]
    )
    y.sum().backward()
    unread = [i for i, g in enumerate(x.grad.flatten().tolist()) if g == 0]
    assert arithmetic.never_visited(n, k, stride, padding, dilation) == unread


@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("kernel_size", [1, 3, 5])
def test_named_paddings_give_narrow_equal_and_wide(kernel_size, dilation):
    def out(mode):
        padding = arithmetic.padding_for(mode, kernel_size, dilation)
        return arithmetic.output_size(20, kernel_size, 1, padding, dilation)

    extent = arithmetic.effective_kernel_size(kernel_size, dilation)
    assert [out("valid"), out("same"), out("full")] == [21 - extent, 20, 19 + extent]


@quick
@given(
    st.integers(1, 4),
    st.integers(1, 4),
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    st.integers(1, 3),
    st.booleans(),
)
def test_conv_parameters_are_those_paddle_holds(depth, outputs, kernel, groups, bias):
    layer = paddle.nn.Conv2D(
        depth * groups, outputs * groups, kernel, groups=groups, bias_attr=None if bias else False
    )
    count = arithmetic.conv_parameters(depth * groups, outputs * groups, kernel, groups, bias)
    assert held(layer) == count


@pytest.mark.parametrize("bias", [True, False])
def test_other_parameters_are_those_paddle_holds(bias):
    nn, attr = paddle.nn, None if bias else False
    assert held(nn.Linear(7, 3, bias_attr=attr)) == arithmetic.linear_parameters(7, 3, bias)
    attention = nn.MultiHeadAttention(12, 4, bias_attr=attr)
    assert held(attention) == arithmetic.attention_parameters(12, bias)
    for kind, gates in ((nn.SimpleRNN, 1), (nn.GRU, 3), (nn.LSTM, 4)):
        layer = kind(5, 6, bias_ih_attr=attr, bias_hh_attr=attr)
        assert held(layer) == arithmetic.recurrent_parameters(5, 6, gates, bias)
    assert held(nn.BatchNorm2D(9)) == held(nn.LayerNorm(9)) == arithmetic.norm_parameters(9)


class Counted(float):
    """A number that counts the multiplications it takes part in."""

    products = 0

    def __mul__(self, other):
        Counted.products += 1
        return Counted(float(self) * float(other))

    __rmul__ = __mul__

    def __add__(self, other):
        return Counted(float(self) + float(other))

    __radd__ = __add__


def counted(array):
    """Return an array of the same numbers that count their multiplications."""
    numbers = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        numbers[place] = Counted(array[place])
    return numbers


@pytest.mark.parametrize(
    ("depth", "outputs", "kernel", "size", "settings_"),
    [
        (1, 1, (3, 3), 32, {}),
        (4, 6, (3, 2), 5, {"groups": 2}),
        (3, 3, (1, 1), 4, {"groups": 3}),
        (2, 3, (2, 3), 7, {"stride": (2, 1), "padding": (1, 2), "dilation": 2}),
    ],
)
def test_conv_macs_are_the_multiplications_that_the_loops_do(
    monkeypatch, depth, outputs, kernel, size, settings_
):
    plain, checked = convolution_loop.correlate2d_loop, convolution_loop.check_correlation

    # the loops run as they are; only the numbers they multiply are exchanged, once they are checked
    monkeypatch.setattr(
        convolution_loop, "check_correlation", lambda x, w: map(counted, checked(x, w))
    )
    monkeypatch.setattr(
        convolution_loop, "correlate2d_loop", lambda *given: plain(*given).astype(float)
    )
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1, depth, size, size))
    w = rng.standard_normal((outputs, depth // settings_.get("groups", 1), *kernel))
    Counted.products = 0
    y = convolution_loop.conv2d_loop(x, w, **settings_)
    macs = arithmetic.conv_macs(depth, outputs, kernel, y.shape[2:], settings_.get("groups", 1))
    assert Counted.products == macs
    np.testing.assert_allclose(y, conv2d(x, w, **settings_))  # they did compute the convolution


@pytest.fixture
def products(monkeypatch):
    """Count the multiplications of the matrix products that Paddle's layers ask for."""
    counts = []

    def counting(function):
        def call(x, *arguments, **settings_):
            y = function(x, *arguments, **settings_)
            inner = x.shape[-2] if settings_.get("transpose_x") else x.shape[-1]
            counts.append(y.size * inner)
            return y

        return call

    matmul = counting(paddle.matmul)
    monkeypatch.setattr(paddle, "matmul", matmul)
    # the module of this name, which a function of the package hides
    monkeypatch.setattr(sys.modules["paddle.tensor"], "matmul", matmul)
    monkeypatch.setattr(paddle.nn.functional, "linear", counting(paddle.nn.functional.linear))
    return counts


@pytest.mark.parametrize(("cell", "gates"), [("SimpleRNNCell", 1), ("GRUCell", 3), ("LSTMCell", 4)])
def test_recurrent_macs_are_the_products_that_paddles_cells_do(products, cell, gates):
    layer = paddle.nn.RNN(getattr(paddle.nn, cell)(5, 6))
    layer(paddle.zeros([1, 7, 5]))
    assert sum(products) == arithmetic.recurrent_macs(5, 6, 7, gates)


@pytest.mark.parametrize("heads", [1, 4])
def test_attention_macs_are_the_products_that_paddles_layer_does(products, heads):
    layer = paddle.nn.MultiHeadAttention(12, heads)
    keys = paddle.zeros([1, 5, 12])
    layer(paddle.zeros([1, 3, 12]), keys, keys)
    assert sum(products) == arithmetic.attention_macs(3, 5, 12)


def test_linear_macs_are_the_products_that_paddles_layer_does(products):
    paddle.nn.Linear(7, 3)(paddle.zeros([1, 7]))
    assert products == [arithmetic.linear_macs(7, 3)]


def counters():
    """Return the module with the rules that `paddle.flops` applies, a layer each."""
    return pytest.importorskip("paddle.hapi.dynamic_flops", reason="Paddle moved its counter")


def test_flops_are_what_paddles_counter_reports():
    dynamic_flops = counters()
    layer = paddle.nn.Conv2D(6, 4, (3, 2), stride=2, padding=1, groups=2)
    x = paddle.zeros([1, 6, 9, 8])
    y = layer(x)
    layer.total_ops = 0
    # the rule that paddle.flops applies to a convolution; the command around it needs NumPy < 2.4
    dynamic_flops.count_convNd(layer, (x,), y)
    flops = arithmetic.conv_flops(6, 4, (3, 2), tuple(y.shape[2:]), groups=2)
    assert layer.total_ops == flops
    assert flops == arithmetic.conv_macs(6, 4, (3, 2), tuple(y.shape[2:]), groups=2) + y.size


def lenet():
    nn = paddle.nn
    maps = [nn.Conv2D(1, 6, 5), nn.ReLU(), nn.MaxPool2D(2, 2)]
    maps += [nn.Conv2D(6, 16, 5), nn.ReLU(), nn.AvgPool2D(2, 2), nn.Conv2D(16, 120, 5), nn.ReLU()]
    return nn.Sequential(*maps, nn.Flatten(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def test_paddles_counter_reports_the_lenet_of_the_book():
    try:
        total = paddle.flops(lenet(), [1, 1, 32, 32])
    except TypeError as error:  # NumPy 2.4 makes no scalar of an array of one element
        pytest.skip(f"paddle.flops fails with NumPy {np.__version__}: {error}")
    assert total == 423_344


def test_paddles_rules_report_the_lenet_of_the_book():
    dynamic_flops, x, total = counters(), paddle.zeros([1, 1, 32, 32]), 0
    for layer in lenet():
        rule, y = dynamic_flops.register_hooks.get(type(layer)), layer(x)
        if rule is not None:
            layer.total_ops = 0
            rule(layer, (x,), y)
            total += int(layer.total_ops)
        x = y
    assert total == 423_344


def test_lenet_adds_up():
    a = arithmetic
    parameters = a.conv_parameters(1, 6, 5) + a.conv_parameters(6, 16, 5)
    parameters += a.conv_parameters(16, 120, 5)
    parameters += a.linear_parameters(120, 84) + a.linear_parameters(84, 10)
    assert parameters == 61_706
    macs = a.conv_macs(1, 6, 5, 28) + a.conv_macs(6, 16, 5, 10) + a.conv_macs(16, 120, 5, 1)
    macs += a.linear_macs(120, 84) + a.linear_macs(84, 10)
    assert macs == 416_520
    # Paddle's counter adds the biases of convolutions, and a division for each average of the
    # second pooling (the first takes the maximum, which it does not count)
    flops = a.conv_flops(1, 6, 5, 28) + a.conv_flops(6, 16, 5, 10) + a.conv_flops(16, 120, 5, 1)
    flops += a.linear_macs(120, 84) + a.linear_macs(84, 10)
    assert flops + 16 * 5 * 5 == 423_344
