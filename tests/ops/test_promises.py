"""What every operator promises, held over all of them: a new one falls under it by itself."""

import inspect

import numpy as np
import pytest
from examples import arrays_in, converted, functions, operators, output_and_gradients, public

from nndl import ops

each = pytest.mark.parametrize("name", operators())
each_function = pytest.mark.parametrize("name", functions())


def test_everything_public_has_an_example():
    assert {name.split(",")[0] for name in operators()} == public(inspect.isclass)
    assert functions().keys() == public(inspect.isfunction)


@each
def test_passes_the_gradient_check(name):
    op, inputs = operators()[name]
    op.eval() if name == "Dropout" else op.train()
    report = ops.check_gradients(op, inputs)
    floating = [i for i, x in enumerate(inputs) if x.dtype.kind == "f"]
    assert set(report.errors) == {f"input {i}" for i in floating} | set(op.params)


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_in_is_type_out_and_nothing_is_changed(name, dtype):
    op, inputs = operators()[name]
    if name == "Embedding":  # its inputs are integers: the table has the type
        op.params = converted(op.params, dtype)
    inputs = converted(inputs, dtype)
    kept = [x.copy() for x in inputs]
    y = op(*inputs)
    for kind in (int, float):
        ones = [np.ones(np.shape(part), kind) for part in arrays_in(y)]
        grads = op.backward(tuple(ones) if isinstance(y, tuple) else ones[0])
        for array in arrays_in([y, grads, op.grads]):
            assert isinstance(array, np.ndarray) and array.dtype == dtype
    for x, before in zip(inputs, kept, strict=True):
        np.testing.assert_array_equal(x, before)


@each
def test_half_precision_is_computed_and_returned_in_single(name):
    results = []
    for dtype in (np.float16, np.float32):
        op, inputs = operators()[name]
        op.params = converted(converted(op.params, np.float16), dtype)
        inputs = converted(converted(inputs, np.float16), dtype)
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            results.append(arrays_in(output_and_gradients(op, inputs)))
    for half, single in zip(*results, strict=True):
        assert half.dtype == np.float32
        np.testing.assert_allclose(half, single, rtol=1e-6, atol=1e-6)


@each_function
def test_functions_compute_half_precision_in_single_as_well(name):
    arguments = converted(functions()[name], np.float16)
    half = arrays_in(getattr(ops, name)(*arguments))
    single = arrays_in(getattr(ops, name)(*converted(arguments, np.float32)))
    for one, other in zip(half, single, strict=True):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


@each
def test_a_nan_that_comes_in_comes_out(name):
    op, inputs = operators()[name]
    for place in inputs_and_params(op, inputs):
        before, place.flat[0] = place.flat[0], np.nan
        with np.errstate(invalid="ignore"):
            outputs = arrays_in(op(*inputs))
        assert any(np.isnan(y).any() for y in outputs)
        place.flat[0] = before
        for name_, buffer in op.buffers.items():  # a running mean stays NaN for ever
            buffer[...] = 1 if name_ == "variance" else 0


def inputs_and_params(op, inputs):
    """Return the floating-point arrays that an output depends on, to be changed in place."""
    floating = [x for x in inputs if x.dtype.kind == "f"]
    return [*floating, *op.params.values()]


@each
def test_backward_changes_nothing_and_may_come_again(name):
    op, inputs = operators()[name]
    y = op(*inputs)
    before = [part.copy() for part in arrays_in(y)]
    grads = [np.sin(part) for part in before]
    kept = [grad.copy() for grad in grads]
    rounds = []
    for _ in range(2):
        back = op.backward(tuple(grads) if isinstance(y, tuple) else grads[0])
        rounds.append([array.copy() for array in arrays_in([back, op.grads])])
    for one, other in zip(*rounds, strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip([*arrays_in(y), *grads], [*before, *kept], strict=True):
        np.testing.assert_array_equal(one, other)


@each
def test_backward_first_is_refused_and_a_wrong_shape_too(name):
    op, inputs = operators()[name]
    with pytest.raises(RuntimeError, match=r"call the (operator|graph) first"):
        op.backward(np.ones(1))
    op(*inputs)
    with pytest.raises(ValueError, match=r"^outputs_grads must (have the output's|be a)"):
        op.backward(np.ones((7, 7, 7)))


@each
def test_text_is_refused(name):
    op, inputs = operators()[name]
    with pytest.raises(TypeError, match=r"must hold (real numbers|integers), got <U1"):
        op(np.full(inputs[0].shape, "a"), *inputs[1:])


@each_function
def test_functions_refuse_text_and_a_wrong_shape_by_the_arguments_name(name):
    function, arguments = getattr(ops, name), functions()[name]
    names = list(inspect.signature(function).parameters)
    for place, array in enumerate(arguments):
        if not isinstance(array, np.ndarray):
            continue
        for wrong, words in [
            (np.full(array.shape, "a"), rf"^{names[place]} must hold real numbers, got <U1"),
            (np.ones((3, 7, 1, 2, 1)), rf"^(.*\b)?{names[place]} .*must"),
            ([[1.0, 2.0], [3.0]], rf"^{names[place]} must be an array, with rows of equal length"),
        ]:
            changed = [*arguments[:place], wrong, *arguments[place + 1 :]]
            with pytest.raises((TypeError, ValueError), match=words):
                function(*changed)


# what overflowed in half precision, whose largest number is 65504
LARGE = [
    (ops.Sum(), (np.ones(100_000),), 100_000.0),
    (ops.Mean(), (np.ones(100_000),), 1.0),
    (ops.Mean(axis=1), (np.full((1, 3), 60_000.0),), 60_000.0),
    (ops.SquaredError(), (np.full(2, 300.0), np.zeros(2)), 90_000.0),
    (ops.SquaredError("sum"), (np.full(100_000, 1.0), np.zeros(100_000)), 100_000.0),
    (ops.CrossEntropy("sum"), (np.zeros((100_000, 2)), np.zeros(100_000, int)), 69314.72),
    (ops.BatchNorm(1), (np.array([[-300.0], [300.0]]),), 0.0),
    (ops.LayerNorm(2), (np.array([[-300.0, 300.0]]),), 0.0),
    (ops.AvgPool2D(2), (np.full((1, 1, 2, 2), 60_000.0),), 60_000.0),
    (ops.GlobalAvgPool2D(), (np.full((1, 1, 2, 2), 60_000.0),), 60_000.0),
    (ops.MatMul(), (np.full((1, 2), 300.0), np.full((2, 1), 300.0)), 180_000.0),
    (ops.DotScore(), (np.full((1, 1, 2), 300.0), np.full((1, 1, 2), 300.0)), 180_000.0),
    (ops.Softmax(), (np.full(100_000, 5.0),), 1e-5),
    (ops.LogSoftmax(), (np.full(100_000, 5.0),), -11.512925),
]


@pytest.mark.parametrize(("op", "inputs", "expected"), LARGE, ids=lambda x: type(x).__name__)
def test_large_sums_of_half_precision_do_not_overflow(op, inputs, expected):
    with np.errstate(over="raise", invalid="raise"):
        y, grad, _ = output_and_gradients(op, converted(inputs, np.float16))
    assert np.mean(y) == pytest.approx(expected, rel=1e-3, abs=1e-6)
    assert all(np.isfinite(array).all() for array in arrays_in(grad))


NOTHING = np.zeros((0, 3))
REFUSED = [
    lambda: ops.Mean()(NOTHING),
    lambda: ops.Mean(axis=0)(NOTHING),
    lambda: ops.SquaredError()(NOTHING, NOTHING),
    lambda: ops.BinaryCrossEntropy()(NOTHING, NOTHING),
    lambda: ops.CrossEntropy()(NOTHING, np.zeros(0, int)),
    lambda: ops.CrossEntropy(ignore_index=1)(NOTHING, np.zeros(0, int)),
    lambda: ops.GlobalAvgPool2D()(np.zeros((2, 3, 0, 4))),
]


@pytest.mark.parametrize("call", REFUSED)
def test_a_mean_over_nothing_is_refused(call):
    with pytest.raises(ValueError, match=r"must h(old|ave) .*got"):
        call()


def test_a_sum_over_nothing_is_zero_and_a_mean_of_no_rows_has_no_rows():
    labels = np.zeros(0, int)
    for op, inputs in [
        (ops.Sum(), (NOTHING,)),
        (ops.SquaredError("sum"), (NOTHING, NOTHING)),
        (ops.BinaryCrossEntropy("sum"), (NOTHING, NOTHING)),
        (ops.CrossEntropy("sum"), (NOTHING, labels)),
    ]:
        assert op(*inputs) == 0
        assert arrays_in(op.backward(1.0))[0].shape == (0, 3)
    assert ops.Mean(axis=1)(NOTHING).shape == (0,)
    assert ops.CrossEntropy("none")(NOTHING, labels).shape == (0,)
