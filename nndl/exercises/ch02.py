"""The exercises of chapter 02, tensors and operators: answers, cases, known mistakes and hints."""

import numpy as np

from nndl.exercises.table import Exercise, Mistake

__all__ = ["EXERCISES"]


def _numbers(*shape, seed, low=-3, high=4):
    """Draw small whole numbers, so that a case can be read and redone by hand."""
    return np.random.default_rng(seed).integers(low, high, shape).astype(float)


SHAPE = Exercise(
    id="tensor-shape",
    title="Which shape?",
    reference=(8, 4, 5, 6),
    mistakes=(
        Mistake(
            (8, 1, 5, 6),
            "You have kept the axis of length 1. A 1 is repeated until it is as long as the axis "
            "beside it, here 4.",
        ),
        Mistake(
            (8, 4, 5, 1),
            "The last axis has length 1 in the second tensor and 6 in the first. The 1 is "
            "repeated, wherever it stands.",
        ),
        Mistake(
            (8, 5, 4, 6),
            "The axes stay in their order. Write the two shapes below each other, aligned at the "
            "right, and go column by column.",
        ),
        Mistake(
            (4, 5, 6),
            "The first axis of the longer shape has nothing below it. It is kept.",
        ),
        Mistake(
            (8, 4, 5, 6, 1),
            "That has an axis more than the longer of the two. Aligned at the right, no axis is "
            "added.",
        ),
    ),
    hints=(
        "Write (8, 1, 5, 6) and, below it, (4, 5, 1), so that the last numbers stand below each "
        "other.",
        "From the right: 6 and 1, 5 and 5, 1 and 4, 8 and nothing. Take the larger one each time.",
    ),
)

PATHS = Exercise(
    id="tensor-paths",
    title="Two paths",
    reference=(7, 2),
    mistakes=(
        Mistake(
            (2, 2),
            "You have followed one path from a to y, through the sum. There is a second edge from "
            "a, straight to the product; the two gradients are added.",
        ),
        Mistake(
            (5, 2),
            "You have followed one path from a to y, straight to the product. The other one leads "
            "through the sum; the two gradients are added.",
        ),
        Mistake(
            (10, 2),
            "You have multiplied the gradients of the two paths. Along a path slopes are "
            "multiplied, but different paths are added.",
        ),
        Mistake(
            (2, 7),
            "You have given the two in the other order: first dy/da, then dy/db.",
        ),
        Mistake(
            (7, 7),
            "b has one path only: through the sum into the product, where the other factor is a.",
        ),
    ),
    hints=(
        "Draw the graph. How many edges leave a? Go back along each of them.",
        "Straight to the product: the other factor is a + b = 5. Through the sum: the other "
        "factor, a, times 1. Add the two.",
    ),
)


def divide_backward(x, y, grad):
    """Return the gradients of z = x / y."""
    return grad / y, -grad * x / y**2


DIVIDE = Exercise(
    id="tensor-divide",
    title="An operator that is missing",
    kind="code",
    reference=divide_backward,
    cases=(
        (6.0, 2.0, 1.0),
        (np.array([1.0, -4.0]), np.array([2.0, 8.0]), np.array([3.0, -1.0])),
        (_numbers(2, 3, seed=1), _numbers(2, 3, seed=2, low=1), _numbers(2, 3, seed=3)),
    ),
    mistakes=(
        Mistake(
            lambda x, y, grad: (1 / y, -x / y**2),
            "Those are the slopes of the division alone. Multiply each by the gradient that "
            "arrives from behind.",
        ),
        Mistake(
            lambda x, y, grad: (grad / y, grad * x / y**2),
            "The sign of the second is wrong: when y grows, x / y moves towards zero.",
        ),
        Mistake(
            lambda x, y, grad: (grad * y, grad * x),
            "Those are the gradients of the product x y.",
        ),
        Mistake(
            lambda x, y, grad: (grad / y, -grad * x / y),
            "Write x / y as x · y⁻¹. The derivative of y⁻¹ is −y⁻², so y stands there squared.",
        ),
        Mistake(
            lambda x, y, grad: (grad / y, -grad / y**2),
            "The slope with respect to y is as large as x is: a factor x is missing.",
        ),
    ),
    hints=(
        "Find ∂z/∂x and ∂z/∂y of z = x / y first. Then multiply each by grad.",
        "∂z/∂x = 1 / y, and ∂z/∂y = −x / y².",
    ),
)


def sum_to(grad, shape):
    """Sum a gradient back to the shape of an input that broadcasting has repeated."""
    added = grad.ndim - len(shape)
    grad = grad.sum(axis=tuple(range(added)))
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


def _mean_to(grad, shape):
    """Average where one must sum."""
    return sum_to(grad, shape) * np.prod(shape) / grad.size


def _first_of(grad, shape):
    """Keep the first copy of what was repeated."""
    added = grad.ndim - len(shape)
    grad = grad[(0,) * added]
    return grad[tuple(slice(0, 1) if length == 1 else slice(None) for length in shape)]


def _without_ones(grad, shape):
    """Sum over the axes that were added in front, and forget those of length 1."""
    return grad.sum(axis=tuple(range(grad.ndim - len(shape))))


def _axes_lost(grad, shape):
    """Sum the axes of length 1 away instead of keeping them."""
    added = grad.ndim - len(shape)
    ones = [added + axis for axis, length in enumerate(shape) if length == 1]
    return grad.sum(axis=(*range(added), *ones))


SUM_TO = Exercise(
    id="tensor-sum-to",
    title="Broadcasting, backwards",
    kind="code",
    reference=sum_to,
    cases=(
        (_numbers(4, 3, seed=4), (3,)),
        (_numbers(4, 3, seed=5), (4, 1)),
        (_numbers(2, 3, 4, seed=6), (3, 1)),
        (_numbers(2, 3, seed=7), (2, 3)),
        (_numbers(2, 3, seed=8), (1, 1)),
        (_numbers(2, 3, seed=9), ()),
        (_numbers(3, 2, seed=14) / 4, (2,)),
    ),
    mistakes=(
        Mistake(
            _mean_to,
            "You have averaged. Every copy changes the loss, and their effects add up: sum.",
        ),
        Mistake(
            _first_of,
            "You have kept the gradient of one copy. The others count as well: sum over them.",
        ),
        Mistake(
            _without_ones,
            "Right for axes that broadcasting has added in front. An axis of length 1 was repeated "
            "too, and must be summed to length 1 again.",
        ),
        Mistake(
            _axes_lost,
            "The sums are right, but the axes of length 1 are gone. The gradient must have the "
            "input's own shape: keepdims=True.",
        ),
    ),
    hints=(
        "Two things may have happened forwards: axes were added in front, and axes of length 1 "
        "were made longer. Undo both, by sums.",
        "added = grad.ndim - len(shape) axes in front are summed away. Then, for each axis of "
        "shape that is 1: grad = grad.sum(axis=axis, keepdims=True).",
    ),
)


def take_backward(shape, index, grad):
    """Return the gradient of y = x[index]."""
    gradient = np.zeros(shape)
    np.add.at(gradient, index, grad)
    return gradient


def _last_one_wins(shape, index, grad):
    gradient = np.zeros(shape)
    gradient[index] = grad
    return gradient


def _counted_once(shape, index, grad):
    gradient = np.zeros(shape)
    gradient[index] += grad
    return gradient


TAKE = Exercise(
    id="tensor-take",
    title="A row that is taken twice",
    kind="code",
    reference=take_backward,
    cases=(
        ((4, 2), np.array([1, 3]), np.array([[1.0, 2.0], [3.0, 4.0]])),
        ((3, 2), np.array([0, 2, 0]), np.array([[1.0, 2.0], [3.0, 4.0], [10.0, 20.0]])),
        ((3,), np.array([2, 2, 2, 1]), np.array([1.0, 2.0, 4.0, 8.0])),
        ((2, 2), np.array([1, 0]), np.array([[0.5, 1.25], [-0.25, 2.0]])),
    ),
    mistakes=(
        Mistake(
            _last_one_wins,
            "Where a row was taken twice, the second gradient has overwritten the first. A value "
            "that is used twice gets the sum. (And gradient[index] += grad does the same: NumPy "
            "reads, adds once and writes. np.add.at adds for each index.)",
        ),
        Mistake(
            lambda shape, index, grad: grad,
            "That has the shape of y. The gradient must have the shape of x; rows that were not "
            "taken get zero.",
        ),
        Mistake(
            lambda shape, index, grad: np.zeros(shape),
            "The rows that were taken have a gradient: what came back to their copies.",
        ),
        Mistake(
            lambda shape, index, grad: np.full(shape, grad.sum()),
            "Each row gets only what comes back to its own copies.",
        ),
    ),
    hints=(
        "Start with zeros in the shape of x. Go through the indices; what comes back to place k "
        "belongs to row index[k].",
        "for k, row in enumerate(index): gradient[row] += grad[k]. A loop adds each time; "
        "gradient[index] += grad does not.",
    ),
)


def softmax(z):
    """Return the softmax of each row."""
    p = np.exp(z - z.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def cross_entropy_backward(z, labels):
    """Return the gradient of the mean cross-entropy with respect to z."""
    return (softmax(z) - np.eye(z.shape[1])[labels]) / len(z)


CROSS_ENTROPY = Exercise(
    id="tensor-cross-entropy",
    title="The first gradient",
    kind="code",
    reference=cross_entropy_backward,
    cases=(
        (np.zeros((1, 2)), np.array([0])),
        (_numbers(3, 4, seed=10), np.array([2, 0, 3])),
        (np.array([[1000.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), np.array([0, 2])),
    ),
    mistakes=(
        Mistake(
            lambda z, labels: softmax(z) - np.eye(z.shape[1])[labels],
            "That is right for the sum of the losses. The loss here is their mean over N samples.",
        ),
        Mistake(
            lambda z, labels: (np.eye(z.shape[1])[labels] - softmax(z)) / len(z),
            "The sign is turned around. Making the right class's score larger makes the loss "
            "smaller, so its gradient is negative.",
        ),
        Mistake(
            lambda z, labels: softmax(z) / len(z),
            "The right class is missing: subtract 1 at each sample's label.",
        ),
        Mistake(
            lambda z, labels: (z - np.eye(z.shape[1])[labels]) / len(z),
            "Those are the scores themselves. They must become probabilities first, by the "
            "softmax.",
        ),
    ),
    hints=(
        "The gradient of one sample's loss is p − (1 at the label). What is p, and what does the "
        "mean do?",
        "p = exp(z − max) / sum of these, for each row; subtract np.eye(C)[labels]; divide by N.",
    ),
)

COST = Exercise(
    id="tensor-cost",
    title="The price of the way back",
    reference=131072000,
    mistakes=(
        Mistake(
            65536000,
            "That is the way forwards, or one of the two products of the way back. The gradients "
            "of X and of Y take a product of that size each.",
        ),
        Mistake(
            196608000,
            "That is forwards and backwards together. Only the way back is asked for.",
        ),
        Mistake(
            1024000,
            "That is for one sample. The batch has 128.",
        ),
        Mistake(
            262144000,
            "That counts an addition and a multiplication apart. One multiply-accumulate is both.",
        ),
        Mistake(
            512000,
            "That is the number of weights. Each is used once for every sample, and then again on "
            "the way back.",
        ),
    ),
    hints=(
        "The way forwards takes N · K · M multiply-accumulates. Which products does the way back "
        "consist of, and how large is each?",
        "∇X = ∇Z Yᵀ takes N · M · K, and ∇Y = Xᵀ ∇Z takes K · N · M. With N = 128, K = 1000 and "
        "M = 512 ... the same number twice.",
    ),
)

PLANTED = Exercise(
    id="tensor-planted",
    title="Which one is wrong?",
    kind="experiment",
    reference="swish",
    mistakes=(
        Mistake(
            "softplus",
            "softplus passes a check with numbers of both signs. Did you draw new ones, and look "
            "at which call raised the error?",
        ),
        Mistake(
            "cube",
            "cube passes. Its slope 3 x² is right, also for negative numbers.",
        ),
        Mistake(
            "center",
            "center passes: the mean that is subtracted depends on every element, so the "
            "gradient's mean is subtracted as well.",
        ),
        Mistake(
            "all",
            "Three of the four pass. If all fail in your check, look at what you give to it: "
            "ops.check_gradients(op, [array]).",
        ),
    ),
    hints=(
        "Check all four in a loop, each with random numbers, and catch AssertionError.",
        "for name, op in suspects.items(): try ops.check_gradients(op, [rng.normal(size=(3, 4))]), "
        "and print name and error if it raises.",
    ),
)

DEAD = Exercise(
    id="tensor-dead",
    title="Units that will never learn",
    kind="experiment",
    reference=17,
    mistakes=(
        Mistake(
            15,
            "Those are the units that are alive: above zero for at least one digit. The others are "
            "asked for.",
        ),
        Mistake(
            2,
            "That is with the biases at zero. Did you set network.params['b1'] to −1 before the "
            "way forwards?",
        ),
        Mistake(
            32,
            "A unit that is off for some digit is not dead yet. It is dead when it is off for "
            "every one of the 1,200.",
        ),
    ),
    hints=(
        "A unit is dead if x @ W1 + b1 is at most 0 in its column, for all rows.",
        "h = flat(train)[0] @ network.params['W1'] - 1; then count the columns in which "
        "(h > 0).any(axis=0) is False.",
    ),
)

EXERCISES = (SHAPE, PATHS, COST, DIVIDE, SUM_TO, TAKE, CROSS_ENTROPY, PLANTED, DEAD)
