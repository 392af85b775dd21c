"""The gradient check finds what is wrong, whatever its size, and passes what is right."""

import numpy as np
import pytest

from nndl import ops


class TestGradientCheck:
    """A check that cannot fail would be worthless."""

    def broken(self, spoil):
        class Broken(ops.Conv2D):
            def backward(self, outputs_grads):
                grad = super().backward(outputs_grads)
                return spoil(self, grad)

        return Broken(2, 3, 3, padding=1)

    def check(self, spoil):
        x = np.random.default_rng(0).standard_normal((2, 2, 4, 4))
        ops.check_gradients(self.broken(spoil), [x])

    def test_finds_a_wrong_input_gradient_and_its_place(self):
        def spoil(op, grad):
            grad[1, 0, 2, 3] += 0.5
            return grad

        with pytest.raises(AssertionError, match=r"input 0 at \(1, 0, 2, 3\)"):
            self.check(spoil)

    def test_finds_a_kernel_gradient_that_is_flipped(self):
        def spoil(op, grad):
            op.grads["weight"] = op.grads["weight"][:, :, ::-1, ::-1]
            return grad

        with pytest.raises(AssertionError, match="gradient of weight"):
            self.check(spoil)

    def test_finds_a_nan(self):
        with pytest.raises(AssertionError, match="backward gives nan"):
            self.check(lambda op, grad: grad * np.nan)

    def test_names_a_wrong_shape(self):
        with pytest.raises(ValueError, match=r"must have shape \(2, 2, 4, 4\), got \(2, 2, 4, 3\)"):
            self.check(lambda op, grad: grad[..., :3])

    def test_changes_neither_input_nor_parameters(self):
        op = ops.Conv2D(1, 1, 2)
        x = np.random.default_rng(0).standard_normal((1, 1, 3, 3)).astype(np.float32)
        kept_x, kept_w = x.copy(), op.params["weight"].copy()
        ops.check_gradients(op, [x])
        assert np.array_equal(x, kept_x) and np.array_equal(op.params["weight"], kept_w)


class Scaled(ops.Op):
    """The mean of squares, times a scale; its gradient is off by a factor."""

    def __init__(self, scale, factor=1.0):
        super().__init__()
        self.scale, self.factor = scale, factor

    def forward(self, x):
        self.x = x
        return self.scale * (x * x).mean(keepdims=True)

    def backward(self, outputs_grads):
        return self.factor * 2 * self.scale * outputs_grads * self.x / self.x.size


@pytest.mark.parametrize("scale", [1e-2, 1.0, 1e6])
@pytest.mark.parametrize("factor", [0.0, 0.5, 1.001, -1.0])
def test_a_wrong_factor_is_found_at_any_size(scale, factor):
    # a mean over many numbers has small gradients: an absolute tolerance would pass all of these
    x = np.random.default_rng(0).uniform(0.1, 1, (20, 20))
    assert ops.check_gradients(Scaled(scale), [x]).largest < 1e-5
    with pytest.raises(AssertionError, match="gradient of input 0"):
        ops.check_gradients(Scaled(scale, factor), [x])


def test_large_and_small_numbers_stand_side_by_side():
    class Square(ops.Op):
        factor = 2.0

        def forward(self, x):
            self.x = x
            return x * x

        def backward(self, outputs_grads):
            return np.array([2.0, self.factor]) * self.x * outputs_grads

    op, x = Square(), np.array([1e4, 1e-3])
    assert ops.check_gradients(op, [x]).largest < 1e-5
    op.factor = 2.001  # wrong where the gradient is ten million times smaller
    with pytest.raises(AssertionError, match=r"at \(1,\)"):
        ops.check_gradients(op, [x])


def test_the_step_is_what_floating_point_makes_of_it():
    class Distance(ops.Op):
        def forward(self, x):
            return x - 1e9

        def backward(self, outputs_grads):
            return outputs_grads

    # here neighboring numbers are 1.2e-7 apart: a step of 1e-6 is really up to 5 % off
    x = 1e9 + np.random.default_rng(0).uniform(size=5)
    assert ops.check_gradients(Distance(), [x]).largest < 1e-5


def test_a_gradient_that_is_zero_but_for_rounding_passes():
    class Centered(ops.Op):
        """The sum of what is left after the mean is taken off: 0 for any x."""

        def forward(self, x):
            return (x - x.mean()).sum(keepdims=True)

        def backward(self, outputs_grads):
            return np.zeros(30) * outputs_grads

    ops.check_gradients(Centered(), [np.random.default_rng(0).standard_normal(30)])


def test_inputs_that_hold_nothing_or_integers_are_passed_over():
    class Pick(ops.Op):
        def forward(self, x, index):
            self.shape, self.index = x.shape, index
            return x[index]

        def backward(self, outputs_grads):
            grad = np.zeros(self.shape)
            np.add.at(grad, self.index, outputs_grads)
            return grad, None

    index = np.array([2, 0, 2])
    assert set(ops.check_gradients(Pick(), [np.arange(4.0), index]).errors) == {"input 0"}
    nothing = np.zeros(0, dtype=int)
    assert ops.check_gradients(Pick(), [np.zeros(0), nothing]).errors == {"input 0": 0.0}


class Pair(ops.Op):
    """The sum and the product of two inputs, the second perhaps left out; `factor` spoils it."""

    factor = 1.0

    def forward(self, x, y=None):
        self.saved = x, y
        return (x.sum(keepdims=True), 2 * x) if y is None else (x + y, x * y)

    def backward(self, outputs_grads):
        x, y = self.saved
        first, second = outputs_grads
        if y is None:
            return first + 2 * self.factor * second
        return first + self.factor * second * y, first + second * x


def test_every_one_of_several_outputs_counts():
    op = Pair()
    x, y = np.random.default_rng(0).standard_normal((2, 3, 2))
    for inputs in ([x, y], [x], [x, None]):
        op.factor = 1.0
        report = ops.check_gradients(op, inputs)
        given = sum(value is not None for value in inputs)
        assert list(report.errors) == ["input 0", "input 1"][:given] and report.largest < 1e-6
        op.factor = 1.01  # wrong in the second output alone
        with pytest.raises(AssertionError, match="gradient of input 0"):
            ops.check_gradients(op, inputs)


def test_an_operator_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="must define forward"):
        ops.Op()(np.ones(1))


def test_the_words_name_step_and_tolerance():
    # over a long step a curve's slope is another one: the step is to blame, not the operator
    with pytest.raises(AssertionError, match=r"the slope is .*, with eps 2 and tolerance 1e-05$"):
        ops.check_gradients(ops.Tanh(), [np.array([0.5, 2.0])], eps=2)
