"""The arithmetic against what Paddle really does: shapes, parameters, operations."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nndl import arithmetic
from nndl.device import paddle
from nndl.ops import conv2d_loop

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


@pytest.mark.parametrize(
    ("depth", "outputs", "kernel", "size", "groups"),
    [(1, 1, (3, 3), 32, 1), (4, 6, (3, 2), 5, 2), (3, 3, (1, 1), 4, 3)],
)
def test_conv_macs_are_the_multiplications_that_the_loops_do(depth, outputs, kernel, size, groups):
    import numpy as np

    from nndl.ops import convolution_loop

    x = np.full((1, depth, size, size), None, dtype=object)
    w = np.full((outputs, depth // groups, *kernel), None, dtype=object)
    for array in (x, w):
        for place in np.ndindex(array.shape):
            array[place] = Counted(1.0)
    Counted.products = 0
    rows, columns = size - kernel[0] + 1, size - kernel[1] + 1
    for p in range(outputs):
        for d in range(depth // groups):
            one_map = x[0, p // (outputs // groups) * (depth // groups) + d]
            convolution_loop.correlate2d_loop(one_map, w[p, d])
    macs = arithmetic.conv_macs(depth, outputs, kernel, (rows, columns), groups)
    assert Counted.products == macs
    y = conv2d_loop(np.ones((1, depth, size, size)), np.ones(w.shape), groups=groups)
    assert y.shape[2:] == (rows, columns)


def test_flops_are_what_paddles_counter_reports():
    from paddle.hapi import dynamic_flops

    layer = paddle.nn.Conv2D(6, 4, (3, 2), stride=2, padding=1, groups=2)
    x = paddle.zeros([1, 6, 9, 8])
    y = layer(x)
    layer.total_ops = 0
    # the rule that paddle.flops applies to a convolution; the command around it needs NumPy < 2.4
    dynamic_flops.count_convNd(layer, (x,), y)
    flops = arithmetic.conv_flops(6, 4, (3, 2), tuple(y.shape[2:]), groups=2)
    assert layer.total_ops == flops
    assert flops == arithmetic.conv_macs(6, 4, (3, 2), tuple(y.shape[2:]), groups=2) + y.size


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
