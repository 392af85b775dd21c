"""The samples of the descent explorer, and the arithmetic that both languages share."""

import itertools
import math
from collections.abc import Iterator
from typing import Any

# y = 1.2 x + 0.8 and noise, x between 0.5 and 4: `drawn_samples` says how they were drawn
X = (2.95, 3.22, 3.04, 0.99, 2.6, 3.43, 1.54, 3.92, 2.17, 0.93, 0.99, 1.56, 1.12, 3.19, 3.68, 0.56)
Y = (3.83, 4.25, 4.81, 2.8, 3.89, 5.92, 2.82, 5.65, 2.7, 0.95, 2.64, 2.14, 3.01, 5.37, 6.14, 1.99)
DEV_X = (0.83, 2.63, 3.3, 3.95, 2.07, 0.68, 0.91, 1.36)
DEV_Y = (0.95, 3.55, 5.31, 5.85, 2.57, 1.57, 1.77, 2.65)
# of the draws of samples and orders: the minimal standard generator with the factor 48271
FACTOR, MODULUS, SKIPPED = 48271, 2**31 - 1, 3


def step_roots(curvature: float, momentum: float) -> dict:
    """Return what a step does in the direction of an eigenvalue.

    What is off there follows d[t + 1] = (1 + m - c) d[t] - m d[t - 1], with the momentum m and
    the curvature c, the learning rate times the eigenvalue; so it goes like powers of the roots of
    z^2 - (1 + m - c) z + m.

    Parameters
    ----------
    curvature : float
        The learning rate times the eigenvalue.
    momentum : float
        From 0 to below 1.

    Returns
    -------
    dict
        ``size``, the greatest absolute value of a root, and ``swings``, whether that root is
        negative or complex, so that the sign changes again and again.

    Examples
    --------
    >>> step_roots(1.5, 0)
    {'size': 0.5, 'swings': True}
    >>> step_roots(1.0, 0.25)["size"]  # complex: the root of the momentum
    0.5
    """
    half = (1 + momentum - curvature) / 2
    under = half * half - momentum
    if under < 0:
        return {"size": math.sqrt(momentum), "swings": True}
    return {"size": abs(half) + math.sqrt(under), "swings": half < 0}


def long_run(
    x: Any, y: Any, batches: list[list[int]], start: list[float], rate: float, momentum: float
) -> dict:
    """Return what becomes of a descent along mini-batches, by making all steps.

    A second run with the same batches is followed by how far it is off: that does not depend on the
    targets, and tells whether the steps themselves make differences grow.

    Parameters
    ----------
    x, y : numpy.ndarray
        Inputs and targets, shape (N,).
    batches : list of list of int
        Which samples each step takes.
    start : list of float
        The w and b to begin at.
    rate, momentum : float
        Of the steps.

    Returns
    -------
    dict
        See `DescentPath.outlook`.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = np.array([0.0, 0.0, 2.0, 2.0]), np.array([0.0, 2.0, 0.0, 2.0])
    >>> found = long_run(x, y, [[0], [1], [2], [3]] * 50, [0.0, 0.0], 0.1, 0.0)
    >>> found["kind"], found["mean"] > 1  # which is the minimum
    ('hovers', True)
    """
    import numpy as np

    taken = np.array(batches)  # (steps, B)
    xs, ys = x[taken], y[taken]
    # the gradient of a batch from four means of it
    means = np.stack([xs * xs, xs, xs * ys, ys]).mean(axis=2).T.tolist()  # (steps, 4)
    (w, b), v, u, places = start, 0.0, 0.0, []
    dw, db, dv, du, grown = 0.8, 0.6, 0.0, 0.0, 0.0
    for xx, mx, xy, my in means:
        v = momentum * v + 2 * (w * xx + b * mx - xy)
        u = momentum * u + 2 * (w * mx + b - my)
        w, b = w - rate * v, b - rate * u
        places.append((w, b))
        dv = momentum * dv + 2 * (dw * xx + db * mx)
        du = momentum * du + 2 * (dw * mx + db)
        dw, db = dw - rate * dv, db - rate * du
        size = math.hypot(dw, db, rate * dv, rate * du)
        grown += math.log(size)  # and go on from length 1: nothing overflows
        dw, db, dv, du = dw / size, db / size, dv / size, du / size
    factor = math.exp(grown / len(batches))
    if grown > 0:
        return {"kind": "diverges", "factor": factor}
    late = np.array(places[len(places) // 2 :])  # (steps / 2, 2)
    losses = np.mean((late[:, :1] * x + late[:, 1:] - y) ** 2, axis=1)
    mean, most = float(losses.mean()), float(losses.max())
    return {"kind": "hovers", "factor": factor, "mean": mean, "most": most}


def draws(seed: int) -> Iterator[int]:
    """Yield drawn integers from 1 to 2^31 - 2, by the minimal standard generator.

    Each is the one before times 48271, modulo 2^31 - 1. That is exact in JavaScript's numbers
    too, so that both sides draw the same. The first three are left out: they follow the seed too
    closely.

    Parameters
    ----------
    seed : int
        From 0.

    Yields
    ------
    int

    Examples
    --------
    >>> numbers = draws(0)
    >>> next(numbers) == 48271**4 % (2**31 - 1)
    True
    """
    value = seed + 1
    for count in itertools.count():
        value = value * FACTOR % MODULUS
        if count >= SKIPPED:
            yield value


def shuffled(length: int, numbers: Iterator[int]) -> list[int]:
    """Return the integers below a length in a drawn order, by Fisher and Yates.

    Parameters
    ----------
    length : int
        How many.
    numbers : iterator of int
        Where the draws come from.

    Returns
    -------
    list of int

    Examples
    --------
    >>> sorted(shuffled(5, draws(0)))
    [0, 1, 2, 3, 4]
    """
    order = list(range(length))
    for last in range(length - 1, 0, -1):
        at = next(numbers) % (last + 1)
        order[last], order[at] = order[at], order[last]
    return order


def drawn_samples(seed: int = 11, count: int = 24) -> list[tuple[float, float]]:
    """Return pairs (x, y): x even between 0.5 and 4, y = 1.2 x + 0.8 + 1.2 (u1 + u2 + u3 - 1.5).

    The u are even between 0 and 1, so the noise is nearly normal, with standard deviation 0.6.

    Parameters
    ----------
    seed : int
        Of the draws.
    count : int
        How many pairs.

    Returns
    -------
    list of (float, float)
        Rounded to two decimals. `X` and `Y` are the first 16, `DEV_X` and `DEV_Y` the last 8.

    Examples
    --------
    >>> [x for x, _ in drawn_samples()[:16]] == list(X)
    True
    """
    even = (value / MODULUS for value in draws(seed))
    pairs = []
    for _ in range(count):
        x = round(0.5 + 3.5 * next(even), 2)
        noise = 1.2 * (next(even) + next(even) + next(even) - 1.5)
        pairs.append((x, round(1.2 * x + 0.8 + noise, 2)))
    return pairs
