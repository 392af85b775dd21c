"""Receptive fields against what gradients show on real networks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nndl.arithmetic import (
    backward_cone,
    forward_cone,
    graph_receptive_field,
    output_size,
    receptive_field,
)
from nndl.device import paddle

layers = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 2), st.integers(0, 2), st.integers(1, 2)),
    min_size=1,
    max_size=4,
)


def seen(y, x, unit):
    """Return first and last input position that an output unit depends on."""
    (grad,) = paddle.grad(y[0, 0, unit], x, retain_graph=True)
    support = [i for i, g in enumerate(grad.flatten().tolist()) if g != 0]
    return support[0], support[-1]


@settings(max_examples=60, deadline=None)
@given(layers)
def test_a_stack_sees_what_the_recurrence_says(stack):
    n = 120
    x = paddle.ones([1, 1, n], dtype="float64")
    x.stop_gradient = False
    y = x
    for kernel, stride, padding, dilation in stack:
        w = paddle.ones([1, 1, kernel], dtype="float64")
        y = paddle.nn.functional.conv1d(y, w, None, stride, padding, dilation)
    field, jump, start = receptive_field(stack)[-1]
    unit = next(u for u in range(y.shape[2]) if start + u * jump - (field - 1) / 2 >= 0)
    first, last = seen(y, x, unit)
    center = start + unit * jump
    # a dilated or strided stack may skip positions inside; its ends are exact
    assert (first, last) == (center - (field - 1) / 2, center + (field - 1) / 2)


@settings(max_examples=60, deadline=None)
@given(layers, st.integers(12, 40), st.data())
def test_cones_hold_what_gradients_reach_in_every_layer(stack, n, draw):
    sizes = [n]
    for number, layer in enumerate(stack):
        try:
            sizes.append(output_size(sizes[-1], *layer))
        except ValueError:
            stack = stack[:number]
            break
    x = paddle.ones([1, 1, n], dtype="float64")
    x.stop_gradient = False
    maps = [x]
    for kernel, stride, padding, dilation in stack:
        w = paddle.ones([1, 1, kernel], dtype="float64")
        maps.append(paddle.nn.functional.conv1d(maps[-1], w, None, stride, padding, dilation))
    unit = draw.draw(st.integers(0, sizes[-1] - 1))
    cone = backward_cone(stack, n, unit)
    for level, found in zip(maps[:-1], cone, strict=False):
        (grad,) = paddle.grad(maps[-1][0, 0, unit], level, retain_graph=True, allow_unused=True)
        assert found == [i for i, g in enumerate(grad.flatten().tolist()) if g != 0]
    # forwards: a unit is reached by a position when it sees it
    position = draw.draw(st.integers(0, n - 1))
    for depth, reached in enumerate(forward_cone(stack, n, position)):
        units = range(sizes[depth])
        assert reached == [u for u in units if position in backward_cone(stack[:depth], n, u)[0]]


def test_cones_refuse_what_is_not_there():
    with pytest.raises(ValueError, match="unit must be less than the map's size 3, got 3"):
        backward_cone([(3, 1, 0, 1)], 5, 3)
    with pytest.raises(ValueError, match="position must be an integer of at least 0, got -1"):
        forward_cone([], 5, -1)
    with pytest.raises(ValueError, match="layer 2: kernel_size must fit the padded input"):
        forward_cone([(3, 1, 0, 1)] * 2, 4, 0)


@pytest.mark.parametrize(("kernels", "field"), [([3], 3), ([3, 3], 5), ([3, 3, 3], 7), ([7], 7)])
def test_three_small_kernels_see_what_a_large_one_does(kernels, field):
    assert receptive_field([(k, 1, 0, 1) for k in kernels])[-1][0] == field


def test_a_residual_branch_sees_the_larger_of_its_paths():
    x = paddle.ones([1, 1, 40], dtype="float64")
    x.stop_gradient = False
    w = paddle.ones([1, 1, 3], dtype="float64")
    conv = paddle.nn.functional.conv1d
    first = conv(x, w, padding=1)
    branch = conv(conv(first, w, padding=1), w, padding=1)
    y = first + branch
    same = (3, 1, 1, 1)
    fields = graph_receptive_field(
        {
            "first": (same, []),
            "a": (same, ["first"]),
            "b": (same, ["a"]),
            "sum": (None, ["b", "first"]),
        }
    )
    assert fields["sum"] == (7, 1, 0.0) and fields["first"] == (3, 1, 0.0)
    assert seen(y, x, 20) == (17, 23)


def test_branches_with_different_centers_span_both():
    fields = graph_receptive_field(
        {"in": (None, []), "left": ((3, 1, 2, 1), ["in"]), "sum": (None, ["left", "in"])}
    )
    assert fields["left"] == (3, 1, -1.0) and fields["sum"] == (3, 1, -1.0)


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ({"a": ((3, 1, 1, 1), ["b"])}, "inputs must be earlier nodes, got 'b'"),
        (
            {"a": ((3, 2, 1, 1), []), "b": ((3, 1, 1, 1), []), "c": (None, ["a", "b"])},
            "branches must have one jump, got",
        ),
        ({"a": ((3, 0, 1, 1), [])}, "stride must be a positive integer, got 0"),
        ({"a": (3, 1, 1, 1)}, "node 'a' must be .layer, names of inputs., got .3, 1, 1, 1."),
        ({"in": (None, []), "a": (None, "in")}, "node 'a' must be .layer, names of inputs."),
    ],
)
def test_a_graph_that_cannot_be_is_refused(nodes, words):
    with pytest.raises(ValueError, match=words):
        graph_receptive_field(nodes)


@pytest.mark.parametrize("layer", [(3, 1, 0), (0, 1, 0, 1), (3, 1, -1, 1), (3, 1, 0, 1.5), 3, None])
def test_a_faulty_layer_is_named(layer):
    with pytest.raises(ValueError, match="layer 2"):
        receptive_field([(3, 1, 0, 1), layer])
