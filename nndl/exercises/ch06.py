"""The exercises of chapter 06, receptive field: answers, cases, known mistakes and hints."""

from math import comb

from nndl.exercises.table import Exercise, Mistake

__all__ = ["EXERCISES"]


def stack_field(layers):
    """Return the field after layers of (kernel, stride, dilation)."""
    r, j = 1, 1
    for k, s, d in layers:
        r += d * (k - 1) * j
        j *= s
    return r


def jump_too_early(layers):
    """Let a layer's own stride widen its field."""
    r, j = 1, 1
    for k, s, d in layers:
        j *= s
        r += d * (k - 1) * j
    return r


def strides_added(layers):
    """Let the jump be 1 plus the strides."""
    r, j = 1, 1
    for k, s, d in layers:
        r += d * (k - 1) * j
        j += s - 1
    return r


def interval(layers, size, unit):
    """Return the first and the last pixel that a unit sees, within the picture."""
    first, last = uncut(layers, size, unit)
    return max(first, 0), min(last, size - 1)


def uncut(layers, size, unit):
    """Return the first and the last position, beyond the borders too."""
    first, last = unit, unit
    for k, s, p, d in reversed(layers):
        first, last = first * s - p, last * s - p + d * (k - 1)
    return first, last


def without_padding(layers, size, unit):
    """Forget that padding moves the first window."""
    return interval([(k, s, 0, d) for k, s, p, d in layers], size, unit)


def next_to_each_other(layers, size, unit):
    """Take neighbors to look one pixel apart."""
    first, last = uncut(layers, size, 0)
    return max(first + unit, 0), min(last + unit, size - 1)


def one_too_far(layers, size, unit):
    """Add the whole field to the first position."""
    first, last = uncut(layers, size, unit)
    return max(first, 0), min(last + 1, size - 1)


def stack_sigma(layers, power=2, less=1):
    """Return the predicted width of the effective field."""
    variance, j = 0.0, 1
    for k, s, d in layers:
        variance += (k**2 - less) / 12 * (d * j) ** power
        j *= s
    return variance**0.5


def sigmas_added(layers):
    """Add standard deviations in place of variances."""
    total, j = 0.0, 1
    for k, s, d in layers:
        total += ((k**2 - 1) / 12) ** 0.5 * d * j
        j *= s
    return total


POOLING = Exercise(
    id="field-pooling",
    title="A stack with pooling",
    reference=24,
    mistakes=(
        Mistake(
            10,
            "You have added up k − 1 as if all strides were 1. After a stride of 2, one step in "
            "the map is two steps in the picture.",
        ),
        Mistake(
            29,
            "You have let a layer's own stride widen its own field. Use the jump of the layer "
            "below: the stride comes in one layer later.",
        ),
        Mistake(
            13,
            "You have left out the pooling. It is a window of 2 with stride 2, and counts like a "
            "convolution.",
        ),
        Mistake(
            23,
            "The stride of the pooling is in, its window is not. Two pixels in place of one: the "
            "field grows there, too.",
        ),
        Mistake(
            32,
            "You have added k for each layer. From the first to the last of k taps there are k − 1 "
            "steps.",
        ),
    ),
    hints=(
        "Make a table with two columns, field and jump, and go down the layers. Which jump does a "
        "layer use for its field?",
        "The jumps before the four layers are 1, 1, 2 and 4. Add (k − 1) times the jump before.",
    ),
)

DEPTH = Exercise(
    id="field-depth",
    title="How deep must it be?",
    reference=16,
    mistakes=(
        Mistake(
            15,
            "15 layers see 31 pixels. At least 32 are asked for, so round up.",
        ),
        Mistake(
            11,
            "You have divided by the kernel size. The windows of neighbors overlap: each further "
            "layer adds 2 pixels, not 3.",
        ),
        Mistake(
            31,
            "Each layer adds one pixel on *each* side, so two in all.",
        ),
        Mistake(
            4,
            "Fields multiply only if each window begins where the last one ends, which takes a "
            "stride of 3. Here they add up.",
        ),
        Mistake(
            5,
            "That would do if the field doubled with each layer, as with doubled dilation. Here it "
            "grows by the same amount each time.",
        ),
    ),
    hints=(
        "What is the field after 1, 2 and 3 layers? By how much does it grow each time?",
        "After n layers the field is 1 + 2n. Which is the first n with 1 + 2n ≥ 32?",
    ),
)

WEIGHTS = Exercise(
    id="field-weights",
    title="Weights saved",
    reference=311296,
    mistakes=(
        Mistake(
            76,
            "That is for a single channel. With 64 maps in and 64 out there is a kernel for each "
            "pair.",
        ),
        Mistake(
            4864,
            "One factor of 64 is missing: each of the 64 output maps has a kernel for each of the "
            "64 input maps.",
        ),
        Mistake(
            737280,
            "You have taken a single kernel of 15 × 15. Five windows of 3 overlap: their field is "
            "smaller than 5 · 3.",
        ),
        Mistake(
            90112,
            "That is what three layers save against 7 × 7. Here there are five.",
        ),
        Mistake(
            458752,
            "Each of the five layers has weights of its own. You have counted one of them.",
        ),
    ),
    hints=(
        "How large is the field of five 3 × 3 layers? That is the kernel of the single layer.",
        "11 × 11 against five times 3 × 3, each times the number of pairs of maps.",
    ),
)

DILATION = Exercise(
    id="field-dilation",
    title="Dilated layers",
    reference=31,
    mistakes=(
        Mistake(9, "That is the field without dilation. Multiply each layer's two steps by d."),
        Mistake(
            16,
            "You have gone to one side only. A kernel of 3 reaches d positions to the left and d "
            "to the right.",
        ),
        Mistake(
            30,
            "Those are the steps from the first to the last position. Count both ends: one more.",
        ),
        Mistake(
            46,
            "You have used d · k. Between three taps there are two gaps, so it is d · (k − 1).",
        ),
        Mistake(
            17,
            "That is the window of the last layer alone. The layers below it add theirs.",
        ),
    ),
    hints=(
        "All strides are 1, so all jumps are 1. What does a layer with dilation d add?",
        "Each layer adds 2d. Start from 1.",
    ),
)

STACK = Exercise(
    id="field-stack",
    title="The field of any stack",
    kind="code",
    reference=stack_field,
    cases=(
        ([(3, 1, 1)],),
        ([(3, 1, 1), (3, 1, 1)],),
        ([(3, 2, 1), (3, 1, 1)],),
        ([(3, 1, 2), (3, 1, 4)],),
        ([(7, 2, 1), (3, 2, 1), (3, 1, 1), (3, 1, 2)],),
        ([(1, 3, 1), (4, 3, 2), (2, 1, 1)],),
    ),
    mistakes=(
        Mistake(
            jump_too_early,
            "You change the jump before you use it. A layer's own stride does not widen its own "
            "field: compute r first, then j.",
        ),
        Mistake(
            strides_added,
            "Strides multiply. A stride of 2 after a stride of 2 is 4 pixels.",
        ),
        Mistake(
            lambda layers: stack_field([(k, s, 1) for k, s, d in layers]),
            "The dilation is not used. The k taps are d units apart.",
        ),
        Mistake(
            lambda layers: stack_field([(k, 1, d) for k, s, d in layers]),
            "The strides are not used. Each step is worth the jump of the layer below.",
        ),
        Mistake(
            lambda layers: stack_field([(d * k, s, 1) for k, s, d in layers]),
            "A dilated kernel spans d (k − 1) + 1 units, not d k.",
        ),
        Mistake(
            lambda layers: stack_field(layers) - 1,
            "Start from 1: the input sees itself.",
        ),
    ),
    hints=(
        "Keep two numbers, r and j, both 1 at first, and go through the layers in order.",
        "In the loop: r += d * (k - 1) * j, and only then j *= s.",
    ),
)

INTERVAL = Exercise(
    id="field-interval",
    title="Which pixels does it see?",
    kind="code",
    reference=interval,
    cases=(
        ([(3, 1, 0, 1)], 10, 0),
        ([(3, 1, 0, 1), (3, 1, 0, 1)], 10, 3),
        ([(3, 2, 0, 1), (3, 1, 0, 1)], 20, 4),
        ([(3, 1, 1, 1), (3, 1, 1, 1)], 10, 0),
        ([(3, 2, 1, 1), (2, 2, 0, 1)], 32, 3),
        ([(3, 2, 1, 1), (3, 1, 2, 2)], 16, 7),
    ),
    mistakes=(
        Mistake(
            uncut,
            "That may lie outside of the picture. Positions below 0 and from `size` on are zeros "
            "of the padding: cut them off.",
        ),
        Mistake(
            without_padding,
            "The padding is left out. It moves the first window to the left, by p units of the "
            "layer below.",
        ),
        Mistake(
            next_to_each_other,
            "Neighbors do not look one pixel apart. They are the product of the strides apart.",
        ),
        Mistake(
            one_too_far,
            "One pixel too many on the right: from first to last, both counted, there are r "
            "pixels, so r − 1 steps.",
        ),
        Mistake(
            lambda layers, size, unit: interval(layers, size, unit)[::-1],
            "The first pixel comes first.",
        ),
    ),
    hints=(
        "The center of unit u is the start plus u jumps. How far is it from there to either end?",
        "From c + u j − (r − 1)/2 to c + u j + (r − 1)/2, then `max` with 0 and `min` with size − "
        "1, as integers.",
    ),
)

PATHS = Exercise(
    id="field-paths",
    title="Paths of a residual network",
    kind="code",
    reference=lambda n: {1 + 4 * m: comb(n, m) for m in range(n + 1)},
    cases=((1,), (2,), (3,), (5,), (0,)),
    mistakes=(
        Mistake(
            lambda n: {1 + 4 * n: 2**n},
            "That is the longest path's field for all. A path that takes a shortcut sees less.",
        ),
        Mistake(
            lambda n: {1 + 4 * m: 1 for m in range(n + 1)},
            "The fields are right. But there are many paths with the same field: it matters how "
            "many blocks a path goes through, not which.",
        ),
        Mistake(
            lambda n: {1 + 2 * m: comb(n, m) for m in range(n + 1)},
            "A block has two convolutions, and each adds 2.",
        ),
        Mistake(
            lambda n: {1 + 2 * m: comb(2 * n, m) for m in range(2 * n + 1)},
            "The shortcut goes around both convolutions at once. No path takes only one of them.",
        ),
        Mistake(
            lambda n: {1 + 4 * m: comb(n, m) for m in range(1, n + 1)},
            "One path is missing: the one that takes every shortcut. It sees a single position.",
        ),
    ),
    hints=(
        "A path is a choice for each block: through it or around it. What is the field of a path "
        "that goes through m blocks?",
        "Its field is 1 + 4m, and there are `math.comb(n, m)` such paths, for m from 0 to n.",
    ),
)

SIGMA = Exercise(
    id="field-sigma",
    title="The width of the effective field",
    kind="code",
    reference=stack_sigma,
    cases=(
        ([(3, 1, 1)],),
        ([(3, 1, 1), (5, 1, 1)],),
        ([(3, 2, 1), (3, 1, 1)],),
        ([(3, 1, 2), (3, 1, 4)],),
        ([(5, 1, 1), (2, 2, 1), (5, 1, 1), (2, 2, 1), (5, 1, 1)],),
    ),
    mistakes=(
        Mistake(
            lambda layers: stack_sigma(layers) ** 2,
            "That is the variance. Take its square root at the end.",
        ),
        Mistake(
            sigmas_added,
            "You have added standard deviations. Of independent numbers, the *variances* add up.",
        ),
        Mistake(
            lambda layers: stack_sigma(layers, power=1),
            "The distance d j of the taps belongs into the variance squared.",
        ),
        Mistake(
            lambda layers: stack_sigma(layers, less=0),
            "k² / 12 is the variance of a continuous box. Of k single taps it is (k² − 1) / 12: a "
            "kernel of 1 spreads nothing.",
        ),
        Mistake(
            lambda layers: stack_sigma([(k, 1, d) for k, s, d in layers]),
            "The strides are not used. The taps of a later layer are jumps apart.",
        ),
    ),
    hints=(
        "It is a loop like that for the field. Keep a variance and a jump.",
        "In the loop: variance += (k**2 - 1) / 12 * (d * j) ** 2, then j *= s. At the end the "
        "square root.",
    ),
)

HOLES = Exercise(
    id="field-holes",
    title="Holes",
    kind="experiment",
    reference=100,
    mistakes=(
        Mistake(
            225,
            "That is the extent of the field, 15 × 15. Some of those pixels are never read: count "
            "where the gradient is not zero.",
        ),
        Mistake(10, "That is one axis. The question is about pixels of a picture."),
        Mistake(
            324,
            "That is the number of ways. Several of them begin at the same pixel.",
        ),
        Mistake(
            22,
            "Those are the weights of the three kernels: 9 + 9 + 4. Count pixels with a gradient.",
        ),
        Mistake(
            25,
            "Those are the pixels after the first two layers. The third one reads at two places in "
            "each direction.",
        ),
    ),
    hints=(
        "`stack` of this page builds the network. Give it a picture of ones whose "
        "`stop_gradient` is False, and call `backward` on one output.",
        "`(x.grad.numpy() != 0).sum()` counts. The layers are (3, 1, 0, 3), (3, 1, 0, 3) and (2, "
        "1, 0, 2).",
    ),
)

QUARTER = Exercise(
    id="field-quarter",
    title="Less than a quarter",
    kind="experiment",
    reference=42,
    mistakes=(
        Mistake(
            43,
            "You have taken 2n for the field. It is 2n + 1, and that just makes the difference.",
        ),
        Mistake(
            41,
            "At 41 layers four sigma are still a little more than a quarter. Did you stop one "
            "early?",
        ),
        Mistake(
            10,
            "That is where they are less than a half: two sigma for a quarter, or four for a half.",
        ),
        Mistake(
            2,
            "You have compared one sigma with a quarter of the field. It is four of them.",
        ),
    ),
    hints=(
        "Start with one layer and add one at a time. `sigma(layers)` and `fields(layers)[-1][0]` "
        "give the two numbers.",
        "Stop at the first depth with 4 * sigma(layers) < fields(layers)[-1][0] / 4.",
    ),
)

EXERCISES: tuple[Exercise, ...] = (
    POOLING,
    DEPTH,
    WEIGHTS,
    DILATION,
    STACK,
    INTERVAL,
    PATHS,
    SIGMA,
    HOLES,
    QUARTER,
)
