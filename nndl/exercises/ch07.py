"""The exercises of chapter 07, convolution layers and pooling: answers, cases, mistakes, hints."""

import numpy as np

from nndl.exercises.table import Exercise, Mistake

__all__ = ["EXERCISES"]


def correlate(x, w):
    """Slide ``w`` over ``x``."""
    (M, N), (U, V) = x.shape, w.shape
    y = np.zeros((M - U + 1, N - V + 1))
    for i, j in np.ndindex(*y.shape):
        y[i, j] = np.sum(w * x[i : i + U, j : j + V])
    return y


def conv_layer(x, weight, bias):
    """Convolve D maps into P maps: sum over the input maps, then the bias."""
    return np.stack(
        [
            sum(correlate(one, w) for one, w in zip(x, kernels, strict=True)) + b
            for kernels, b in zip(weight, bias, strict=True)
        ]
    )


def bias_for_each_map(x, weight, bias):
    """Add the bias inside the loop over the input maps."""
    return conv_layer(x, weight, len(x) * bias)


def first_map_alone(x, weight, bias):
    """Convolve the first input map and forget the others."""
    return conv_layer(x[:1], weight[:, :1], bias)


def same_kernel_for_all(x, weight, bias):
    """Use the first kernel of each output map on every input map."""
    return conv_layer(x, np.repeat(weight[:, :1], len(x), axis=1), bias)


def pointwise(x, weight, bias):
    """Mix the maps of each pixel."""
    return np.einsum("pd,dmn->pmn", weight, x) + bias[:, None, None]


def pixels_taken_for_maps(x, weight, bias):
    """Reshape to (pixels, maps) without moving the axis of the maps."""
    D, M, N = x.shape
    return (x.reshape(M * N, D) @ weight.T + bias).T.reshape(-1, M, N)


def max_pool(x, size, stride, padding, outside=-np.inf):
    """Take the largest number of each window."""
    x = np.pad(x, padding, constant_values=outside)
    rows, columns = ((n - size) // stride + 1 for n in x.shape)
    y = np.zeros((rows, columns))
    for i, j in np.ndindex(rows, columns):
        y[i, j] = x[i * stride : i * stride + size, j * stride : j * stride + size].max()
    return y


def largest_absolute(x, size, stride, padding):
    """Take the number that is farthest from zero."""
    high, low = (max_pool(part, size, stride, padding) for part in (x, -x))
    return np.where(high >= low, high, -low)


def max_pool_backward(x, grad_y, size, stride):
    """Hand each gradient to the first largest number of its window."""
    grad_x = np.zeros(x.shape)
    for i, j in np.ndindex(*grad_y.shape):
        window = x[i * stride : i * stride + size, j * stride : j * stride + size]
        u, v = np.unravel_index(window.argmax(), window.shape)
        grad_x[i * stride + u, j * stride + v] += grad_y[i, j]
    return grad_x


def overwritten(x, grad_y, size, stride):
    """Set the gradient instead of adding to it."""
    grad_x = np.zeros(x.shape)
    for i, j in np.ndindex(*grad_y.shape):
        window = x[i * stride : i * stride + size, j * stride : j * stride + size]
        u, v = np.unravel_index(window.argmax(), window.shape)
        grad_x[i * stride + u, j * stride + v] = grad_y[i, j]
    return grad_x


def to_all_equals(x, grad_y, size, stride):
    """Hand the whole gradient to every number that equals the largest."""
    grad_x = np.zeros(x.shape)
    for i, j in np.ndindex(*grad_y.shape):
        place = np.s_[i * stride : i * stride + size, j * stride : j * stride + size]
        grad_x[place] += grad_y[i, j] * (x[place] == x[place].max())
    return grad_x


def avg_pool_backward(grad_y, size, stride, shape, share=True):
    """Share each gradient equally over its window."""
    grad_x = np.zeros(shape)
    for i, j in np.ndindex(*grad_y.shape):
        place = np.s_[i * stride : i * stride + size, j * stride : j * stride + size]
        grad_x[place] += grad_y[i, j] / (size**2 if share else 1)
    return grad_x


def average_overwritten(grad_y, size, stride, shape):
    """Set the share instead of adding it."""
    grad_x = np.zeros(shape)
    for i, j in np.ndindex(*grad_y.shape):
        place = np.s_[i * stride : i * stride + size, j * stride : j * stride + size]
        grad_x[place] = grad_y[i, j] / size**2
    return grad_x


def average_side(grad_y, size, stride, shape):
    """Divide by the side of the window, not by its area."""
    return size * avg_pool_backward(grad_y, size, stride, shape)


def _numbers(*shape, seed):
    """Draw small whole numbers, so that a case can be read and redone by hand."""
    return np.random.default_rng(seed).integers(-4, 5, shape).astype(float)


PARAMETERS = Exercise(
    id="layer-parameters",
    title="The first layer of a photograph network",
    reference=9472,
    mistakes=(
        Mistake(9408, "Those are the weights. Each output map has a bias besides."),
        Mistake(
            3200,
            "You have one kernel for each output map. Each output map has a kernel for each of the "
            "three input maps.",
        ),
        Mistake(
            9411,
            "You have given a bias to each input map. It belongs to the output maps.",
        ),
        Mistake(
            9600,
            "You have given a bias to each kernel. The kernels of one output map are summed, and "
            "one bias is added to the sum.",
        ),
        Mistake(
            1408,
            "A kernel of 7 is 7 × 7: it has 49 weights, not 7.",
        ),
    ),
    hints=(
        "What is the shape of the weight, [P, D, U, V]? And that of the bias?",
        "The weight has shape [64, 3, 7, 7]. There are 64 biases.",
    ),
)

MACS = Exercise(
    id="layer-macs",
    title="The work of one layer",
    reference=2508800,
    mistakes=(
        Mistake(
            1280000,
            "That is without padding, with outputs of 10 × 10. Padding 2 keeps a kernel of 5 at "
            "14 × 14.",
        ),
        Mistake(
            156800,
            "A factor of 16 is missing: each output map sums over all input maps.",
        ),
        Mistake(
            78400,
            "A factor of 32 is missing: that is the work for a single output map.",
        ),
        Mistake(
            12832,
            "Those are the parameters. Each weight is used once at each place of the output.",
        ),
        Mistake(
            5017600,
            "You have counted the multiplication and the addition as two. A multiply-accumulate is "
            "both at once.",
        ),
        Mistake(
            2515072,
            "You have counted the additions of the bias, too. They are no multiply-accumulates.",
        ),
    ),
    hints=(
        "How large is an output map? What does one number of it cost?",
        "The output maps are 14 × 14. One of their numbers costs 16 · 5 · 5. There are 32 maps.",
    ),
)

BOTTLENECK = Exercise(
    id="layer-bottleneck",
    title="Through the bottleneck",
    reference=69632,
    mistakes=(
        Mistake(589824, "That is the direct 3 × 3 convolution from 256 to 256 maps."),
        Mistake(
            53248,
            "One of the two 1 × 1 convolutions is missing: there is one on the way in and one on "
            "the way out.",
        ),
        Mistake(
            36864,
            "That is the 3 × 3 convolution in the middle alone. The 1 × 1 convolutions have "
            "weights, too.",
        ),
        Mistake(70016, "You have counted biases; these layers have none."),
        Mistake(
            520192,
            "That is what is saved against the direct convolution. The question is how many "
            "weights the three layers have.",
        ),
    ),
    hints=(
        "Write the shapes of the three weights, [P, D, U, V], one under the other.",
        "[64, 256, 1, 1], [64, 64, 3, 3] and [256, 64, 1, 1]. Multiply each and add.",
    ),
)

FORWARD = Exercise(
    id="layer-forward",
    title="A convolution layer",
    kind="code",
    reference=conv_layer,
    cases=(
        (_numbers(2, 3, 3, seed=1), _numbers(1, 2, 2, 2, seed=2), np.array([1.0])),
        (_numbers(3, 4, 5, seed=3), _numbers(2, 3, 3, 2, seed=4), np.array([2.0, -1.0])),
        (_numbers(1, 4, 4, seed=5), _numbers(3, 1, 1, 3, seed=6), np.array([0.0, 3.0, -2.0])),
        (_numbers(2, 3, 3, seed=10) / 4, _numbers(1, 2, 2, 2, seed=11), np.array([0.5])),
    ),
    mistakes=(
        Mistake(
            lambda x, weight, bias: conv_layer(x, weight, 0 * bias),
            "The bias is missing. Each output map gets its own, on every place.",
        ),
        Mistake(
            bias_for_each_map,
            "The bias is added once for each input map. It belongs behind the sum, once.",
        ),
        Mistake(
            first_map_alone,
            "Only the first input map is read. Sum over all of them.",
        ),
        Mistake(
            same_kernel_for_all,
            "One kernel is used for all input maps. Each has its own: weight[p, d].",
        ),
        Mistake(
            lambda x, weight, bias: conv_layer(x, weight[..., ::-1, ::-1], bias),
            "The kernels are flipped. What deep learning calls convolution does not flip.",
        ),
    ),
    hints=(
        "Output map p is a sum over d. Which kernel goes with input map d?",
        "Start each output map with its bias. Then add `ops.correlate2d_loop(x[d], weight[p, d])` "
        "for each d.",
    ),
)

POINTWISE = Exercise(
    id="layer-pointwise",
    title="1 × 1, without a window",
    kind="code",
    reference=pointwise,
    cases=(
        (_numbers(2, 2, 2, seed=1), _numbers(2, 2, seed=2), np.array([1.0, -1.0])),
        (_numbers(3, 2, 4, seed=3), _numbers(2, 3, seed=4), np.array([0.0, 2.0])),
        (_numbers(1, 3, 2, seed=5), _numbers(3, 1, seed=6), np.array([1.0, 2.0, 3.0])),
        (_numbers(2, 3, 2, seed=12) / 4, _numbers(2, 2, seed=13), np.array([0.5, -1.0])),
    ),
    mistakes=(
        Mistake(
            lambda x, weight, bias: pointwise(x, weight, 0 * bias),
            "The bias is missing: one number for each output map.",
        ),
        Mistake(
            pixels_taken_for_maps,
            "`x.reshape(M * N, D)` does not put the maps into columns: it cuts the numbers in the "
            "order in which they lie. Use `x.reshape(D, M * N)` and multiply from the left.",
        ),
        Mistake(
            lambda x, weight, bias: pointwise(x, weight, bias).transpose(1, 2, 0),
            "The numbers are right and the axes are not: maps come first, (P, M, N).",
        ),
        Mistake(
            lambda x, weight, bias: pointwise(x, np.abs(weight), bias),
            "Weights may be negative; you have lost their signs.",
        ),
    ),
    hints=(
        "At one pixel: D numbers go in, P come out. It is a matrix times a vector.",
        "Make x a matrix of shape (D, M · N), multiply it by weight from the left, give it back "
        "its shape, and add `bias[:, None, None]`.",
    ),
)

MAX_POOL = Exercise(
    id="layer-max-pool",
    title="Maximum pooling with stride and padding",
    kind="code",
    reference=max_pool,
    cases=(
        (_numbers(4, 4, seed=1), 2, 2, 0),
        (-np.abs(_numbers(4, 4, seed=2)) - 1, 3, 1, 1),
        (_numbers(5, 7, seed=3), 3, 2, 1),
        (_numbers(5, 5, seed=4), 2, 1, 0),
        (_numbers(6, 4, seed=14) / 4, 3, 2, 0),
    ),
    mistakes=(
        Mistake(
            lambda x, size, stride, padding: max_pool(x, size, stride, padding, outside=0),
            "Zeros stand outside. Where all numbers are negative, a zero wins. Pad with `-np.inf`.",
        ),
        Mistake(
            lambda x, size, stride, padding: max_pool(x, size, size, padding),
            "The window moves by its own size. It should move by the stride, which may be another.",
        ),
        Mistake(
            lambda x, size, stride, padding: max_pool(x, size, stride, 0),
            "The padding is not used. Windows reach that far beyond each side.",
        ),
        Mistake(
            largest_absolute,
            "You have taken the number farthest from zero. -4 is less than 1.",
        ),
        Mistake(
            lambda x, size, stride, padding: -max_pool(-x, size, stride, padding),
            "That is the smallest of each window.",
        ),
    ),
    hints=(
        "Pad first. What must stand outside, so that it is never the largest?",
        "`np.pad(x, padding, constant_values=-np.inf)`. The window of output (i, j) starts at "
        "(i · stride, j · stride).",
    ),
)

MAX_BACK = Exercise(
    id="layer-max-back",
    title="Who gets the gradient?",
    kind="code",
    reference=max_pool_backward,
    cases=(
        (np.array([[1.0, 3], [2, 0]]), np.array([[5.0]]), 2, 2),
        (np.array([[0.0, 1, 2], [3, 9, 4], [5, 6, 7]]), np.array([[1.0, 2], [3, 4]]), 2, 1),
        (np.array([[2.0, 2], [2, 2]]), np.array([[8.0]]), 2, 2),
        (_numbers(5, 5, seed=7), _numbers(2, 2, seed=8), 3, 2),
        (np.arange(42.0).reshape(6, 7) * 5 % 42, np.array([[0.5, 1, 1.5], [2, 2.5, 3]]), 3, 2),
    ),
    mistakes=(
        Mistake(
            overwritten,
            "Where windows overlap, one number can be the largest of several, and its gradients "
            "add up. Use += instead of =.",
        ),
        Mistake(
            to_all_equals,
            "At a tie only the first gets the gradient. All of them together would get more than "
            "came in.",
        ),
        Mistake(
            lambda x, g, size, stride: max_pool_backward(x, np.ones_like(g), size, stride),
            "The place is right. But it gets the gradient of the output, not 1.",
        ),
        Mistake(
            lambda x, g, size, stride: avg_pool_backward(g, size, stride, x.shape),
            "That is the gradient of the average. The maximum hands all of it to one number.",
        ),
    ),
    hints=(
        "Go through the outputs. For each, find the place of the largest number of its window.",
        "`np.unravel_index(window.argmax(), window.shape)` gives the row and column inside the "
        "window, the first at a tie. Add the start of the window.",
    ),
)

AVG_BACK = Exercise(
    id="layer-avg-back",
    title="Fair shares",
    kind="code",
    reference=avg_pool_backward,
    cases=(
        (np.array([[4.0]]), 2, 2, (2, 2)),
        (np.array([[4.0, 8]]), 2, 1, (2, 3)),
        (_numbers(2, 2, seed=9), 3, 2, (5, 6)),
    ),
    mistakes=(
        Mistake(
            lambda g, size, stride, shape: avg_pool_backward(g, size, stride, shape, share=False),
            "Each cell gets the whole gradient. It had only its share in the mean: divide.",
        ),
        Mistake(
            average_side,
            "A window of size k has k² cells, not k.",
        ),
        Mistake(
            average_overwritten,
            "Where windows overlap, a cell gets a share from each of them. Use += instead of =.",
        ),
        Mistake(
            lambda g, size, stride, shape: avg_pool_backward(g, size, size, shape),
            "The windows start at multiples of the stride, not of their size.",
        ),
    ),
    hints=(
        "By how much does the mean of a window grow, if one of its cells grows by 1?",
        "For each output add `grad_y[i, j] / size**2` to all cells of its window in `grad_x`.",
    ),
)

SHIFTS = Exercise(
    id="layer-shifts",
    title="One bright pixel on its way",
    kind="experiment",
    reference=3,
    mistakes=(
        Mistake(
            5,
            "That many it would be, if the pixel started in the first cell of a window. It starts "
            "further in.",
        ),
        Mistake(
            1,
            "That is the first pooling alone. The second one joins three of its windows.",
        ),
        Mistake(
            4,
            "Did you count the shift by 0, too? Begin with 1.",
        ),
        Mistake(
            15,
            "You have counted those that do not change the largest number of the output. Compare "
            "the whole output, place by place.",
        ),
        Mistake(
            12,
            "You have counted the shifts that do change the output.",
        ),
    ),
    hints=(
        "Write a function that makes the row for a shift and pools it twice. Compare its output "
        "for each shift with that for 0 by `np.array_equal`.",
        "The two poolings together are one with a window of 6. In which of its windows is cell 8, "
        "and where does this window end?",
    ),
)

ORDER = Exercise(
    id="layer-order",
    title="First ReLU or first pooling?",
    kind="experiment",
    reference=(True, False),
    mistakes=(
        Mistake(
            (True, True),
            "Try the average on numbers of both signs: the mean of -3 and 1 is negative, but with "
            "ReLU first the mean is not.",
        ),
        Mistake(
            (False, False),
            "ReLU never turns the order of two numbers round. So the largest stays the largest. "
            "Did you pool with the same window both times?",
        ),
        Mistake(
            (False, True),
            "The two have changed places: the first is the maximum.",
        ),
    ),
    hints=(
        "Draw a random x with negative numbers and compute both orders, for both poolings. Compare "
        "by `np.allclose`.",
        "`np.maximum(ops.max_pool2d(x, 2), 0)` against `ops.max_pool2d(np.maximum(x, 0), 2)`, and "
        "the same with `ops.avg_pool2d`. Answer with two truth values.",
    ),
)

GRID = Exercise(
    id="layer-grid",
    title="The grid of LeNet",
    kind="experiment",
    reference=4,
    mistakes=(
        Mistake(
            1,
            "That would be a network without shrinking. Did you compare moved maps with maps moved "
            "back, and not only their shapes?",
        ),
        Mistake(
            2,
            "After the first pooling that is right. The second one doubles the step.",
        ),
        Mistake(
            8,
            "There are only two poolings with stride 2; 8 works as well, but it is not the least.",
        ),
        Mistake(
            6,
            "Strides multiply, they don't add, and the kernels' size has no part in it.",
        ),
    ),
    hints=(
        "Write a function for the first layers, up to `pool2`. For each s compare its maps for a "
        "picture moved by s columns with its maps for the picture itself, moved by one column.",
        "The maps of s should equal the old ones one column further: compare `new[..., 1:]` with "
        "`old[..., :-1]`. Try s = 1, 2, 3, ...",
    ),
)

EXERCISES: tuple[Exercise, ...] = (
    PARAMETERS,
    MACS,
    BOTTLENECK,
    FORWARD,
    POINTWISE,
    MAX_POOL,
    MAX_BACK,
    AVG_BACK,
    SHIFTS,
    ORDER,
    GRID,
)
