"""The exercises of chapter 04, convolution: right answers, cases, known mistakes and hints."""

import numpy as np

from nndl.exercises.table import Exercise, Mistake

__all__ = ["EXERCISES"]


def correlate(x, w):
    """Slide ``w`` over ``x`` and sum the products at each place, as the chapter does."""
    (M, N), (U, V) = x.shape, w.shape
    y = np.zeros((M - U + 1, N - V + 1))
    for i, j in np.ndindex(*y.shape):
        y[i, j] = np.sum(w * x[i : i + U, j : j + V])
    return y


def correlate_full(x, w):
    """Slide ``w`` over ``x`` with every overlap, however small, counting."""
    (U, V) = w.shape
    return correlate(np.pad(x, ((U - 1, U - 1), (V - 1, V - 1))), w)


def convolve(x, w):
    """Turn the kernel by half a turn, then slide it."""
    return correlate(x, np.flip(w))


def combine(w1, w2):
    """Give the one kernel that does the work of two in a row."""
    return correlate_full(w1, np.flip(w2))


def _numbers(*shape, seed=0):
    """Draw small whole numbers, so that a case can be read and redone by hand."""
    return np.random.default_rng(seed).integers(-3, 4, shape).astype(float)


PICTURE, WIDE = _numbers(4, 4, seed=1), _numbers(5, 7, seed=2)
CORNER = np.array([[1.0, 2.0], [3.0, 4.0]])
SLOPE = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 3.0]])

POSITIONS = Exercise(
    id="conv-positions",
    title="How many positions?",
    kind="number",
    reference=432,
    mistakes=(
        Mistake(
            391,
            "You have 23 × 17: the differences M − U and N − V. They count the steps between the "
            "first position and the last. The first position counts too, so add 1 along each axis.",
        ),
        Mistake(
            384,
            "You have 24 × 16: the kernel's height was taken off both axes. The kernel is 5 high "
            "and 3 wide, so the columns lose 3 − 1 = 2.",
        ),
        Mistake(
            416,
            "You have 26 × 16: height and width of the kernel have changed places. A shape is "
            "written rows first: 5 × 3 is 5 high.",
        ),
        Mistake(
            704,
            "You have 32 × 22: the sign in front of the kernel's size is wrong. A window that must "
            "stay inside the picture has fewer places, not more.",
        ),
        Mistake(
            560,
            "560 is the number of pixels. A window that starts in the last rows or columns would "
            "reach over the edge, so those places are no positions.",
        ),
    ),
    hints=(
        "Look at the rows alone. The window's top row can lie on row 0, 1, 2, ... What is the last "
        "row on which all 5 rows of the window are still inside?",
        "There are 28 − 5 + 1 = 24 places along the rows. Do the same for the columns with the "
        "kernel's width, and multiply.",
    ),
)

DENSE = Exercise(
    id="conv-dense",
    title="The same map, fully connected",
    kind="number",
    reference=50_176,
    mistakes=(
        Mistake(
            65_536,
            "You have 256 × 256: as many outputs as inputs. Without padding a 3 × 3 kernel makes a "
            "smaller map, 14 × 14.",
        ),
        Mistake(
            1_764,
            "You have 196 × 9: the weights of a locally connected layer, in which each output sees "
            "9 inputs. Fully connected means that each output sees all 256.",
        ),
        Mistake(
            9,
            "9 is what the convolution has. The question is how many the fully connected layer "
            "needs for a map of the same size.",
        ),
        Mistake(
            50_372,
            "That is with a bias for each of the 196 outputs. The question says: no biases.",
        ),
        Mistake(
            452,
            "You have added 256 inputs and 196 outputs. Every input is joined to every output: "
            "multiply.",
        ),
    ),
    hints=(
        "First find the size of the map that the 3 × 3 kernel makes of 16 × 16.",
        "A fully connected layer without bias has one weight for each pair of an input and an "
        "output. There are 16 · 16 inputs and 14 · 14 outputs.",
    ),
)

DEPTH = Exercise(
    id="conv-depth",
    title="How deep before nothing is left?",
    kind="number",
    reference=15,
    mistakes=(
        Mistake(
            16,
            "After 15 layers the map is 2 × 2. A 3 × 3 kernel no longer fits into it, so there is "
            "no sixteenth layer.",
        ),
        Mistake(
            14,
            "After 14 layers the map is 4 × 4. A 3 × 3 kernel still fits there, once more.",
        ),
        Mistake(
            10,
            "You have divided 32 by 3. A layer does not divide the map by the kernel's size; it "
            "takes U − 1 = 2 rows off.",
        ),
        Mistake(
            30,
            "You have taken one row off at each layer. A kernel of 3 takes U − 1 = 2.",
        ),
    ),
    hints=(
        "Write down the first sizes: 32, 30, 28, ... What must be true of the size for one more "
        "layer to fit?",
        "The last layer starts from 4 × 4 and leaves 2 × 2. How many steps of 2 lead from 32 to 2?",
    ),
)

KERNEL = Exercise(
    id="conv-kernel",
    title="Design a kernel",
    kind="number",
    reference=[[-1, 1]],
    mistakes=(
        Mistake(
            [[1, -1]],
            "This kernel gives −1 where the picture gets brighter to the right. That is the "
            "kernel of the flipped convolution; the chapter's `correlate` does not flip.",
        ),
        Mistake(
            [[-1], [1]],
            "This kernel is two rows high, so it compares a pixel with the one below it. To "
            "compare neighbors in a row, it must be one row high and two columns wide.",
        ),
        Mistake(
            [-1, 1],
            "The weights are right, but this is a list of two numbers. A kernel has rows and "
            "columns: write one row of two, [[..., ...]].",
        ),
        Mistake(
            [[1, 1]],
            "This kernel adds the two pixels, so it answers to brightness and not to change. On a "
            "flat picture it must give 0: its weights must sum to 0.",
        ),
        Mistake(
            [[-0.5, 0.5]],
            "The sign is right, but a rise of 1 must give 1. Yours gives one half.",
        ),
    ),
    hints=(
        "Call the two pixels a (left) and b (right). Which formula gives b − a?",
        "y = w₀·a + w₁·b must equal b − a. Read off w₀ and w₁, and write them as one row: "
        "[[w₀, w₁]].",
    ),
)

COST = Exercise(
    id="conv-cost",
    title="What does it cost?",
    kind="code",
    reference=lambda M, N, U, V: (M - U + 1) * (N - V + 1) * U * V,
    cases=((32, 32, 3, 3), (28, 20, 5, 3), (9, 6, 2, 4), (7, 7, 7, 7)),
    mistakes=(
        Mistake(
            lambda M, N, U, V: M * N * U * V,
            "You have counted one output for each input pixel. Without padding there are fewer: "
            "(M − U + 1) · (N − V + 1).",
        ),
        Mistake(
            lambda M, N, U, V: (M - U) * (N - V) * U * V,
            "The output size is one short along each axis: M − U + 1, not M − U. When the kernel "
            "is as large as the picture there is still one output.",
        ),
        Mistake(
            lambda M, N, U, V: (M - U + 1) * (N - U + 1) * U * U,
            "The kernel's height is used for both axes. With a square kernel nobody notices; with "
            "5 × 3 the width V must appear.",
        ),
        Mistake(
            lambda M, N, U, V: 2 * (M - U + 1) * (N - V + 1) * U * V,
            "That is twice the number: multiplications and additions counted apart (FLOPs in one "
            "of the two conventions). A MAC is one multiplication together with one addition.",
        ),
        Mistake(
            lambda M, N, U, V: (M - U + 1) * (N - V + 1),
            "That is the number of outputs. Each of them costs one multiply-accumulate for every "
            "weight of the kernel.",
        ),
    ),
    hints=(
        "Two questions, multiplied: how many outputs are there, and what does one of them cost?",
        "One output costs U · V multiply-accumulates. There are (M − U + 1) · (N − V + 1) outputs.",
    ),
)

TRUE = Exercise(
    id="conv-true",
    title="The convolution of the mathematicians",
    kind="code",
    reference=convolve,
    cases=((PICTURE, CORNER), (PICTURE, SLOPE), (WIDE, SLOPE), (PICTURE / 4, CORNER)),
    mistakes=(
        Mistake(
            correlate,
            "This is the cross-correlation: the kernel is not flipped. It would pass only with a "
            "kernel that looks the same after half a turn.",
        ),
        Mistake(
            lambda x, w: correlate(x, w[::-1]),
            "Only the rows are reversed (`w[::-1]` is upside down). Both indices have a minus "
            "sign, so the columns must be reversed too.",
        ),
        Mistake(
            lambda x, w: correlate(x, w[:, ::-1]),
            "Only the columns are reversed. Both indices have a minus sign, so the rows must be "
            "reversed too.",
        ),
        Mistake(
            lambda x, w: correlate(x, w.T),
            "A transpose is no flip: it mirrors the kernel along its diagonal, so the first weight "
            "stays first. After a flip the last weight is first.",
        ),
        Mistake(
            lambda x, w: correlate(x, np.rot90(w)),
            "`np.rot90` turns by a quarter. Reversing both axes is half a turn, that is two of "
            "them.",
        ),
    ),
    hints=(
        "You have `correlate`. What must you do to the kernel before you hand it over?",
        "`np.flip(w)` without an axis reverses every axis; `w[::-1, ::-1]` says the same.",
    ),
)

TRUE_GRADIENT = Exercise(
    id="conv-true-gradient",
    title="The gradient of a flipped kernel",
    kind="code",
    reference=lambda x, grad_y: np.flip(correlate(x, grad_y)),
    cases=(
        (PICTURE, CORNER),
        (WIDE, _numbers(4, 6, seed=3)),
        (WIDE, _numbers(3, 5, seed=4)),
        (PICTURE / 4, CORNER),
    ),
    mistakes=(
        Mistake(
            correlate,
            "This is the gradient of the kernel that was used, the flipped one. The weight "
            "w[u, v] sits at its opposite place there, so the gradient must be flipped back.",
        ),
        Mistake(
            lambda x, grad_y: correlate(x, np.flip(grad_y)),
            "You have flipped the gradient of the output. It is the kernel that was flipped, so "
            "it is the kernel's gradient, the result, that must be flipped.",
        ),
        Mistake(
            lambda x, grad_y: np.flip(correlate(x, grad_y)) / grad_y.size,
            "You have taken the mean over the positions. A shared weight gets the sum of what all "
            "its positions contribute; any mean is already inside grad_y.",
        ),
        Mistake(
            lambda x, grad_y: correlate(x, grad_y).T,
            "A transpose is no flip. To undo `np.flip`, flip once more.",
        ),
    ),
    hints=(
        "Write k = np.flip(w), so that y = correlate(x, k). You know the gradient with respect to "
        "k from the chapter. How does w follow from k?",
        "The gradient with respect to k is correlate(x, grad_y). Since w = np.flip(k), the "
        "gradient takes the same way: flip it.",
    ),
)

TWO_IN_ONE = Exercise(
    id="conv-two-in-one",
    title="Two kernels in one",
    kind="code",
    reference=combine,
    cases=(
        (np.array([[1.0, 2.0]]), np.array([[3.0, 5.0]])),
        (CORNER, np.array([[0.0, 1.0], [-1.0, 2.0]])),
        (SLOPE, _numbers(3, 3, seed=5)),
        (CORNER / 4, SLOPE),
    ),
    mistakes=(
        Mistake(
            correlate,
            "You have slid the second kernel over the first one where it fits inside. The two "
            "together see more of the picture than either alone: the answer must be larger.",
        ),
        Mistake(
            correlate_full,
            "The size is right, but the second kernel must be flipped. A pixel at distance s is "
            "reached by every pair of steps u and t with u + t = s: t runs backwards as u runs "
            "forwards.",
        ),
        Mistake(
            lambda w1, w2: w1 * w2,
            "Multiplying weight by weight joins only steps of equal length. Every step of the "
            "first kernel can be followed by every step of the second.",
        ),
        Mistake(
            lambda w1, w2: w1 + w2,
            "A sum of kernels is what two kernels do side by side, their outputs added. Here the "
            "second kernel works on the output of the first.",
        ),
    ),
    hints=(
        "Feed a picture that is 0 but for one 1 through both, on paper, with the two kernels of "
        "one row: [[1, 2]] and [[3, 5]]. How wide is what can be seen of the 1?",
        "Two sizes 3 make 5: pad w1 with U − 1 zeros on each side, then slide a kernel over it. "
        "The weights whose places add up to s are multiplied and summed.",
        "That is the full convolution of the two kernels: correlate the padded w1 with "
        "np.flip(w2).",
    ),
)

STRIPES = Exercise(
    id="conv-stripes",
    title="Loss zero, kernel wrong",
    kind="experiment",
    reference=4 / 3,
    tolerance=0.01,
    mistakes=(
        Mistake(
            1.0,
            "1 is the weight of the Sobel kernel, which is what you would hope for. Read what was "
            "learned: run the cell and look at the top right of the printed kernel.",
        ),
        Mistake(
            4.0,
            "4 is the sum of the right column. The question is about one weight, the one at the "
            "top right.",
        ),
        Mistake(
            2.0,
            "2 is the middle weight of the Sobel kernel's right column. Read the kernel that was "
            "learned, at the top right.",
        ),
        Mistake(
            -4 / 3,
            "That is the top left weight, on the dark side of the edge. The top right one has the "
            "other sign.",
        ),
    ),
    hints=(
        "Print the learned kernel, and look along a column: what do its three weights have in "
        "common?",
        "In a picture whose rows are all equal, only the sum of each column of the kernel can be "
        "seen: −4, 0 and 4. Starting from zeros, gradient descent gives each row the same share.",
    ),
)

RATE = Exercise(
    id="conv-rate",
    title="How fast is too fast?",
    kind="experiment",
    reference=4.0,
    mistakes=(
        Mistake(
            2.0,
            "2 is the rate that the chapter uses. It works, but it is not the largest: look at the "
            "last loss of the next one.",
        ),
        Mistake(
            8.0,
            "At 8 the loss grows without end: each step jumps over the valley and lands higher on "
            "the other side. Look for the largest rate at which the last loss is below the first.",
        ),
        Mistake(
            16.0,
            "16 is the largest of the six, and the worst: its loss soon has more digits than fit "
            "on the line. Look for the largest rate at which the last loss is below the first.",
        ),
        Mistake(
            0.5,
            "0.5 is the smallest of the six. It works, slowly. The question asks for the largest "
            "that still works.",
        ),
    ),
    hints=(
        "For each rate, compare the last loss with the first one.",
        "Where the loss becomes inf or nan, or ends above its start, the rate is too large. Take "
        "the rate just before.",
    ),
)

EXERCISES: tuple[Exercise, ...] = (
    POSITIONS,
    DENSE,
    COST,
    TRUE,
    KERNEL,
    DEPTH,
    TRUE_GRADIENT,
    TWO_IN_ONE,
    STRIPES,
    RATE,
)
