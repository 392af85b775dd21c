"""Data drawn by a rule, for experiments in which one must know what there is to be found."""

import numpy as np

from nndl.arithmetic import checks
from nndl.data.splits import Samples, Splits

__all__ = ["blobs", "digit_sum", "sine_points", "two_moons"]

# Of the 55 pairs of digits (order aside), how many are kept for each of dev and test.
HELD_OUT = 9
MOST_NOISE = 1e30  # with more, single precision overflows


def two_moons(n: int = 1000, noise: float = 0.1, seed: int = 0) -> Samples:
    """Draw points from two half circles that reach into each other.

    The upper moon (class 0) is half the unit circle; the lower one (class 1) is the same half
    turned over and moved by (1, 0.5). No straight line separates them.

    Parameters
    ----------
    n : int
        Points, half of them (rounded up) in class 0.
    noise : float
        Standard deviation of the normal noise on each coordinate.
    seed : int
        The same seed gives the same points.

    Returns
    -------
    Samples
        Inputs float32 ``[n, 2]``, labels int64 ``[n]``, in a random order.

    Raises
    ------
    ValueError
        If ``n`` is not a positive integer, or ``noise`` or ``seed`` negative.

    Examples
    --------
    >>> points, labels = two_moons(200, noise=0.0)
    >>> points.shape, np.bincount(labels).tolist()
    ((200, 2), [100, 100])
    """
    n, rng = checks.size("n", n), np.random.default_rng(checks.seed("seed", seed))
    labels = np.arange(n) % 2
    angle = np.pi * rng.random(n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)  # (n, 2)
    lower = [1.0, 0.5] - upper
    points = np.where(labels[:, None] == 0, upper, lower)
    points += _noise(noise, points.shape, rng)
    order = rng.permutation(n)
    return Samples(points[order].astype(np.float32), labels[order])


def blobs(n: int = 1000, classes: int = 3, spread: float = 0.3, seed: int = 0) -> Samples:
    """Draw points around centers that stand evenly on the unit circle, a class for each.

    With two or three classes and a small ``spread``, straight lines separate them.

    Parameters
    ----------
    n : int
        Points, spread evenly over the classes.
    classes : int
        Centers, at least 2.
    spread : float
        Standard deviation around a center, on each coordinate.
    seed : int
        The same seed gives the same points.

    Returns
    -------
    Samples
        Inputs float32 ``[n, 2]``, labels int64 ``[n]``, in a random order.

    Raises
    ------
    ValueError
        If ``n`` is not a positive integer, ``classes`` below 2, or ``spread`` or ``seed`` negative.

    Examples
    --------
    >>> points, labels = blobs(90, classes=3)
    >>> np.bincount(labels).tolist()
    [30, 30, 30]
    """
    n, rng = checks.size("n", n), np.random.default_rng(checks.seed("seed", seed))
    classes = checks.size("classes", classes)
    if classes < 2:
        raise ValueError(f"classes must be at least 2, got {classes}")
    labels = rng.permutation(np.arange(n) % classes)
    angle = 2 * np.pi * labels / classes
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1)  # (n, 2)
    points += _noise(spread, points.shape, rng, name="spread")
    return Samples(points.astype(np.float32), labels)


def sine_points(n: int = 100, noise: float = 0.1, seed: int = 0) -> Samples:
    """Draw points on one period of the sine, with noise: what a polynomial is fitted to.

    ``y = sin(2 pi x) + noise`` for x from 0 to 1.

    Parameters
    ----------
    n : int
        Points.
    noise : float
        Standard deviation of the normal noise on y.
    seed : int
        The same seed gives the same points.

    Returns
    -------
    Samples
        Inputs float32 ``[n, 1]``, labels float32 ``[n, 1]``, in a random order.

    Raises
    ------
    ValueError
        If ``n`` is not a positive integer, or ``noise`` or ``seed`` negative.

    References
    ----------
    C. M. Bishop, Pattern Recognition and Machine Learning, Springer, 2006, section 1.1.

    Examples
    --------
    >>> x, y = sine_points(50, noise=0.0)
    >>> bool(np.allclose(y, np.sin(2 * np.pi * x), atol=1e-6))
    True
    """
    n, rng = checks.size("n", n), np.random.default_rng(checks.seed("seed", seed))
    x = rng.random([n, 1])
    y = np.sin(2 * np.pi * x) + _noise(noise, x.shape, rng)
    return Samples(x.astype(np.float32), y.astype(np.float32))


def digit_sum(
    length: int,
    n_train: int = 300,
    n_dev: int = 100,
    n_test: int = 100,
    seed: int = 0,
    disjoint: bool = True,
) -> Splits:
    """Draw sequences whose first two digits are to be added, to see how long a network remembers.

    The two digits stand at the beginning; zeros follow, among which at most one is replaced by
    another digit that means nothing. The label is the sum of the first two, 0 to 18. The longer
    the sequence, the longer a network must keep the two in mind.

    There are only 100 pairs of digits. With ``disjoint=True`` a pair that occurs in the test set
    never occurs in the training or the development set, not even the other way round; every digit
    and every sum occurs in training. So only a network that has learned to *add* can answer. Give
    it the chance: let it predict the sum as a number (squared error, rounded), or give it the
    digits as numbers. A network that looks digits up in an embedding and chooses among 19 classes
    may learn the training pairs by heart and fail on new ones however short the sequences are,
    which says nothing about its memory. For that, take ``disjoint=False``: each part may hold any
    pair, and the parts share no *sequence*.

    Parameters
    ----------
    length : int
        Digits in a sequence, at least 3.
    n_train, n_dev, n_test : int
        Sequences in each part; no two are equal.
    seed : int
        The same seed gives the same parts.
    disjoint : bool
        Whether the parts share no pair of digits, or only no sequence.

    Returns
    -------
    Splits
        Three :class:`Samples`; inputs int64 ``[N, length]``, labels int64 ``[N]``.

    Raises
    ------
    ValueError
        If ``length`` is below 3, a number is not positive, there are not as many different
        sequences as asked for, or ``seed`` is negative.

    References
    ----------
    X. Qiu and the PaddlePaddle textbook group, Neural Networks and Deep Learning: Cases and
    Practice (in Chinese), China Machine Press, 2022, chapter 6: the task, with pairs that overlap.

    Examples
    --------
    >>> train, dev, test = digit_sum(length=10)
    >>> train.inputs.shape, test.inputs.shape
    ((300, 10), (100, 10))
    >>> bool((train.inputs[:, :2].sum(axis=1) == train.labels).all())
    True
    """
    length, rng = checks.size("length", length), np.random.default_rng(checks.seed("seed", seed))
    if length < 3:
        raise ValueError(f"length must be at least 3, got {length}")
    given = {"n_train": n_train, "n_dev": n_dev, "n_test": n_test}
    sizes = {name: checks.size(name, size) for name, size in given.items()}
    if checks.flag("disjoint", disjoint):
        return Splits(
            *(
                _digit_sequences(_draw(name, sizes[name], len(pairs), length, rng), pairs, length)
                for name, pairs in zip(sizes, _disjoint_pairs(rng), strict=True)
            )
        )
    pairs = np.stack(np.divmod(np.arange(100), 10), axis=1)  # (100, 2)
    drawn = _draw(" + ".join(sizes), sum(sizes.values()), 100, length, rng)
    numbers = np.split(drawn, np.cumsum(list(sizes.values()))[:-1])
    return Splits(*(_digit_sequences(part, pairs, length) for part in numbers))


def _disjoint_pairs(rng: np.random.Generator) -> list[np.ndarray]:
    """Deal the pairs of digits out to train, dev and test, both orders of a pair together."""
    training = [(a, b) for a in range(10) for b in range(a, 10)]
    held: list[tuple[int, int]] = []
    for pair in rng.permutation(training):
        pair = (int(pair[0]), int(pair[1]))
        rest = [other for other in training if other != pair]
        # Nobody can give an answer, or read a digit, that never came up in training.
        sum_remains = sum(pair) in map(sum, rest)
        digits_remain = all(any(digit in other for other in rest) for digit in pair)
        if sum_remains and digits_remain and len(held) < 2 * HELD_OUT:
            training = rest
            held.append(pair)
    both_orders = [
        sorted({order for a, b in part for order in ((a, b), (b, a))})
        for part in (training, held[:HELD_OUT], held[HELD_OUT:])
    ]
    return [np.array(part) for part in both_orders]


def _variants(length: int) -> int:
    """Count the sequences of one pair: no other digit, or one of nine at one of the places."""
    return 1 + 9 * (length - 2)


def _draw(name: str, size: int, pairs: int, length: int, rng: np.random.Generator) -> np.ndarray:
    """Draw different sequences by their numbers."""
    available = pairs * _variants(length)
    if size > available:
        raise ValueError(
            f"{name} must be at most {available}: there are only so many different sequences of "
            f"length {length} for {pairs} pairs of digits; got {size}"
        )
    return rng.choice(available, size=size, replace=False)


def _digit_sequences(numbers: np.ndarray, pairs: np.ndarray, length: int) -> Samples:
    """Write out sequences given by their numbers."""
    which, variant = np.divmod(numbers, _variants(length))
    inputs = np.zeros([len(numbers), length], dtype=np.int64)
    inputs[:, :2] = pairs[which]
    rows = np.flatnonzero(variant)
    place, digit = np.divmod(variant[rows] - 1, 9)
    inputs[rows, 2 + place] = 1 + digit
    return Samples(inputs, inputs[:, :2].sum(axis=1))


def _noise(
    scale: float, shape: tuple[int, ...], rng: np.random.Generator, name: str = "noise"
) -> np.ndarray:
    """Draw normal noise; refuse a scale that is none."""
    return checks.number(name, scale, 0, MOST_NOISE) * rng.standard_normal(shape)
