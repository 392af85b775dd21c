"""The exercises of chapter 05, stride and padding: answers, cases, known mistakes and hints."""

import numpy as np

from nndl.exercises.table import Exercise, Mistake

__all__ = ["EXERCISES"]


def correlate_pair(x, w, stride, padding):
    """Slide ``w`` over the padded ``x``; stride and padding are (rows, columns)."""
    (S1, S2), (P1, P2), (U, V) = stride, padding, w.shape
    x = np.pad(x, ((P1, P1), (P2, P2)))
    y = np.zeros(((x.shape[0] - U) // S1 + 1, (x.shape[1] - V) // S2 + 1))
    for i, j in np.ndindex(*y.shape):
        y[i, j] = np.sum(w * x[i * S1 : i * S1 + U, j * S2 : j * S2 + V])
    return y


def without_steps(x, w, stride, padding):
    """Make the output as small as the stride asks, but move the window cell by cell."""
    y = correlate_pair(x, w, (1, 1), padding)
    rows, columns = correlate_pair(x, w, stride, padding).shape
    return y[:rows, :columns]


def padded_in_front(x, w, stride, padding):
    """Put all zeros before the picture, none behind."""
    x = np.pad(x, ((2 * padding[0], 0), (2 * padding[1], 0)))
    return correlate_pair(x, w, stride, (0, 0))


def same_zeros(M, U, S):
    """Return the zeros before and behind an axis, as "SAME" sets them."""
    zeros = max((-(-M // S) - 1) * S + U - M, 0)
    return zeros // 2, zeros - zeros // 2


def zeros_never_negative_forgotten(M, U, S):
    """Leave out the maximum with 0."""
    zeros = (-(-M // S) - 1) * S + U - M
    return zeros // 2, zeros - zeros // 2


def zeros_rounded_down(M, U, S):
    """Round the number of outputs down."""
    zeros = max((M // S - 1) * S + U - M, 0)
    return zeros // 2, zeros - zeros // 2


def _numbers(*shape, seed):
    """Draw small whole numbers, so that a case can be read and redone by hand."""
    return np.random.default_rng(seed).integers(-3, 4, shape).astype(float)


SIZE = Exercise(
    id="stride-size",
    title="A large window",
    reference=30,
    mistakes=(
        Mistake(
            29,
            "29 is how many steps the window takes. It stands somewhere before the first step, so "
            "there is one position more.",
        ),
        Mistake(
            26,
            "You have left out the padding. The window moves over the padded picture, which has "
            "60 + 4 + 4 columns.",
        ),
        Mistake(
            28,
            "The padding is counted once. It is put on each of the two sides, so it adds 2P.",
        ),
        Mistake(
            31,
            "You have rounded up, or to the nearest. The last step would lead past the edge: a "
            "window that does not fit does not count.",
        ),
        Mistake(
            60,
            "That is the size at stride 1. At stride 2 only every second of those positions is "
            "taken.",
        ),
    ),
    hints=(
        "How many columns has the picture with its zeros? On which of them can the window start, "
        "at the latest?",
        "The padded picture has 68 columns, so the last possible start is 68 − 9 = 59. Starts are "
        "0, 2, 4, ...: how many are there up to 59?",
    ),
)

COST = Exercise(
    id="stride-cost",
    title="What does the stride save?",
    reference=294912,
    mistakes=(
        Mistake(
            4718592,
            "That is the cost at stride 1, with 32 × 32 outputs. Each output is computed only "
            "where the window stops.",
        ),
        Mistake(
            1179648,
            "You have divided the cost at stride 1 by 4. The stride acts on rows and on columns, "
            "so it divides by 4 twice.",
        ),
        Mistake(
            18432,
            "Each of the 32 output maps sums over all 16 input maps. A factor of 16 is missing.",
        ),
        Mistake(
            9216,
            "Each output map has a kernel for each input map and is computed by itself. A factor "
            "of 32, the number of output maps, is missing.",
        ),
        Mistake(
            4640,
            "Those are the parameters. Each weight is used once for each position of the window.",
        ),
    ),
    hints=(
        "Find the size of one output map first. Then ask what one number of it costs.",
        "The output maps are 8 × 8. One output sums 16 windows of 9 products. There are 32 maps of "
        "such outputs.",
    ),
)

DEPTHWISE = Exercise(
    id="stride-depthwise",
    title="Depthwise parameters",
    reference=5952,
    mistakes=(
        Mistake(
            5808,
            "The two layers have a bias each: 48 numbers in the first, 96 in the second.",
        ),
        Mistake(
            62352,
            "In a depthwise convolution each map has one kernel of its own, not one for each of "
            "the 48 input maps.",
        ),
        Mistake(
            115296,
            "That is an ordinary convolution from 48 to 96 maps. Here it is split in two: first "
            "the pixels are mixed, then the maps.",
        ),
        Mistake(
            1248,
            "That is the depthwise convolution alone. The 1 × 1 convolution after it has weights, "
            "too: one for each pair of an input and an output map.",
        ),
    ),
    hints=(
        "The shape of the weight is [P_out, D/g, U, V]. What is g in a depthwise convolution?",
        "The first weight has shape [48, 1, 5, 5], the second [96, 48, 1, 1]. Add a bias for each "
        "output map of each layer.",
    ),
)

SAME = Exercise(
    id="stride-same",
    title="As large as before",
    kind="code",
    reference=lambda U, d: d * (U - 1) // 2,
    cases=((3, 1), (5, 1), (3, 2), (7, 3), (1, 4)),
    mistakes=(
        Mistake(
            lambda U, d: (U - 1) // 2,
            "That is right without dilation. With it, the window reaches over d (U − 1) + 1 cells.",
        ),
        Mistake(
            lambda U, d: d * (U - 1),
            "That is the padding of the wide convolution. You need half of it on each side.",
        ),
        Mistake(
            lambda U, d: (d * U - 1) // 2,
            "You have taken d U for the width of the window. Between U cells there are U − 1 gaps, "
            "so it is d (U − 1) + 1.",
        ),
        Mistake(
            lambda U, d: d * U // 2,
            "Half of d U is not half of what the window reaches beyond its center. A kernel of 1 "
            "reaches beyond nothing, whatever the dilation.",
        ),
    ),
    hints=(
        "Put M' = M and S = 1 into the size formula with dilation and solve for P.",
        "M + 2P − d (U − 1) − 1 + 1 = M. What is 2P?",
    ),
)

LOST = Exercise(
    id="stride-lost",
    title="How many columns are lost?",
    kind="code",
    reference=lambda M, U, S, P: max((M + 2 * P - U) % S - P, 0),
    cases=(
        (8, 3, 3, 0),
        (8, 3, 2, 1),
        (8, 3, 1, 0),
        (10, 5, 5, 1),
        (12, 4, 4, 1),
        (9, 5, 4, 2),
        (7, 2, 3, 0),
        (11, 3, 5, 1),
    ),
    mistakes=(
        Mistake(
            lambda M, U, S, P: (M + 2 * P - U) % S,
            "That counts lost columns of the padded picture. The last P of them are zeros, and "
            "zeros do not count.",
        ),
        Mistake(
            lambda M, U, S, P: (M + 2 * P - U) % S - P,
            "That can be negative: when only zeros are lost, the answer is 0.",
        ),
        Mistake(
            lambda M, U, S, P: (M - U) % S,
            "The window moves over the padded picture. Its remainder is another one.",
        ),
        Mistake(
            lambda M, U, S, P: max((M + P - U) % S - P, 0),
            "There are P zeros in front, too, so the padded picture has M + 2P columns.",
        ),
        Mistake(
            lambda M, U, S, P: M % S,
            "It is not the picture that is divided into steps, but the way that the window can go: "
            "M + 2P − U.",
        ),
    ),
    hints=(
        "How many columns of the padded picture come after the last window? It is a remainder.",
        "(M + 2P − U) mod S columns of the padded picture are lost, the last first. The last P of "
        "that picture are zeros. Use `max` so that nothing gets negative.",
    ),
)

PAIR = Exercise(
    id="stride-pair",
    title="Different steps",
    kind="code",
    reference=correlate_pair,
    cases=(
        (_numbers(4, 4, seed=1), _numbers(2, 2, seed=2), (1, 1), (0, 0)),
        (_numbers(5, 7, seed=3), _numbers(3, 2, seed=4), (2, 3), (1, 0)),
        (_numbers(6, 5, seed=5), _numbers(2, 3, seed=6), (1, 2), (0, 2)),
        (_numbers(6, 8, seed=7) / 4, _numbers(3, 2, seed=8), (2, 3), (0, 0)),
    ),
    mistakes=(
        Mistake(
            without_steps,
            "The shape is right, but the window moves one cell at a time. Output (i, j) belongs to "
            "the window that starts in row i · S and column j · S.",
        ),
        Mistake(
            lambda x, w, stride, padding: correlate_pair(x, w, stride[::-1], padding),
            "The two strides have changed places: the first is for the rows.",
        ),
        Mistake(
            lambda x, w, stride, padding: correlate_pair(x, w, stride, padding[::-1]),
            "The two paddings have changed places: the first is for the rows, above and below.",
        ),
        Mistake(
            padded_in_front,
            "All zeros stand above and to the left. Put P of them on each side.",
        ),
        Mistake(
            lambda x, w, stride, padding: correlate_pair(x, w[::-1, ::-1], stride, padding),
            "You have flipped the kernel. What deep learning calls convolution does not.",
        ),
    ),
    hints=(
        "Start from `correlate` of this page. Give rows and columns a stride and a padding each.",
        "`np.pad(x, ((P1, P1), (P2, P2)))` pads rows and columns differently. The window of output "
        "(i, j) starts in row i * S1 and column j * S2.",
    ),
)

TENSORFLOW = Exercise(
    id="stride-tensorflow",
    title="Padding as TensorFlow does it",
    kind="code",
    reference=same_zeros,
    cases=((8, 3, 2), (8, 3, 1), (7, 3, 2), (8, 4, 1), (8, 1, 2), (9, 2, 4), (10, 5, 3)),
    mistakes=(
        Mistake(
            lambda M, U, S: ((U - 1) // 2, U - 1 - (U - 1) // 2),
            "That is right at stride 1. At a larger stride fewer zeros may do, because the last "
            "window need not end on the last column.",
        ),
        Mistake(
            lambda M, U, S: same_zeros(M, U, S)[::-1],
            "When the number is odd, the extra zero goes behind, not in front.",
        ),
        Mistake(
            zeros_never_negative_forgotten,
            "A window smaller than the stride may leave columns over; then the difference is "
            "negative. There are never fewer than 0 zeros.",
        ),
        Mistake(
            zeros_rounded_down,
            "The number of outputs is M / S, rounded up. `M // S` rounds down; `-(-M // S)` rounds "
            "up.",
        ),
        Mistake(
            lambda M, U, S: (sum(same_zeros(M, U, S)) // 2,) * 2,
            "An odd number cannot be shared out equally. What is left over goes behind.",
        ),
    ),
    hints=(
        "First the number of outputs: M / S, rounded up. How long must the axis be for so many "
        "windows?",
        "So many windows need (outputs − 1) · S + U columns. What is missing to M is the number of "
        "zeros, at least 0. Half of it, rounded down, goes in front.",
    ),
)

BACK = Exercise(
    id="stride-back",
    title="There and back",
    kind="code",
    reference=lambda M, U, S, P: (M + 2 * P - U) % S,
    cases=(
        (7, 3, 2, 1),
        (8, 3, 2, 1),
        (8, 3, 1, 0),
        (10, 4, 3, 0),
        (11, 4, 3, 1),
        (9, 5, 4, 1),
        (8, 3, 3, 0),
    ),
    mistakes=(
        Mistake(
            lambda M, U, S, P: S - 1,
            "That is the largest that may be needed. 7 columns with kernel 3, stride 2 and padding "
            "1 come back without any.",
        ),
        Mistake(
            lambda M, U, S, P: 0,
            "Without output padding you get the smallest length that gives the same output. 8 "
            "columns with kernel 3, stride 2 and padding 1 come back as 7.",
        ),
        Mistake(
            lambda M, U, S, P: M % S,
            "The floor divides M + 2P − U by the stride, not M. Look for what is left over there.",
        ),
        Mistake(
            lambda M, U, S, P: (M - U) % S,
            "The padding is missing: the window moves over M + 2P columns.",
        ),
    ),
    hints=(
        "The floor in the size formula forgets something. What exactly?",
        "Put M' of the direct convolution into the formula of the transposed one. It gives M minus "
        "the remainder of a division.",
    ),
)

BORDER = Exercise(
    id="stride-border",
    title="How far does the border reach?",
    kind="experiment",
    reference=64,
    mistakes=(
        Mistake(
            196,
            "That is after one layer. Feed the result into the next one, four times altogether.",
        ),
        Mistake(
            256,
            "With no zeros around, nothing would change, and no output would be kept from 1. Check "
            "that the padding is 1, or that you count those close to 1, not those above 0.",
        ),
        Mistake(
            144,
            "12 × 12 is the picture less 4 columns: one side, or two layers. The border moves in "
            "from both sides, one cell a layer.",
        ),
        Mistake(
            192,
            "You have counted those that did change. The question is how many are still 1.",
        ),
        Mistake(
            0,
            "Rounding makes 1 into 0.9999999999999999. Compare with `np.isclose`.",
        ),
    ),
    hints=(
        "Call `correlate` with `padding=1` on its own output. Look at the picture after each step.",
        "Four steps in a loop, then `np.isclose(picture, 1).sum()`. Each spoils one more ring.",
    ),
)

SHIFT = Exercise(
    id="stride-shift",
    title="Which movements survive?",
    kind="experiment",
    reference=6,
    mistakes=(
        Mistake(
            1,
            "That is the rule at stride 1. Did you compare all columns that both outputs have, and "
            "are both strides in place?",
        ),
        Mistake(
            2,
            "After the first layer alone that is right. The second one takes only every third of "
            "its outputs.",
        ),
        Mistake(
            3,
            "A movement by 3 is no whole number of steps of the first layer, whose stride is 2.",
        ),
        Mistake(
            5,
            "Strides multiply; they don't add. One step of the second layer is 3 steps of the "
            "first, each 2 cells wide.",
        ),
    ),
    hints=(
        "Write a function with both layers. Feed it two cuts of one long random picture, the "
        "second starting s columns later. Is the second output part of the first?",
        "For each s, compare the first few columns of the new output with the old output from "
        "column 0, from column 1, and so on. One step of the last layer is 3 steps of the first.",
    ),
)

EXERCISES: tuple[Exercise, ...] = (
    SIZE,
    COST,
    DEPTHWISE,
    SAME,
    LOST,
    PAIR,
    TENSORFLOW,
    BACK,
    BORDER,
    SHIFT,
)
