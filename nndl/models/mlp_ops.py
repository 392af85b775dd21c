"""A chain of linear layers, of the NumPy operators."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from nndl.arithmetic.checks import seed as checked_seed
from nndl.arithmetic.checks import size
from nndl.ops import Linear, ReLU, Sequential

__all__ = ["mlp_ops"]


def seeds(seed: int, count: int) -> list[int]:
    """Return a seed of its own for each layer, drawn with one for all."""
    return np.random.default_rng(checked_seed("seed", seed)).integers(2**32, size=count).tolist()


def mlp_ops(sizes: Sequence[int], seed: int = 0) -> Sequential:
    """Build a chain of linear layers with a ReLU between each two.

    Parameters
    ----------
    sizes : sequence of int
        How many numbers go in, how many each layer gives out.
    seed : int
        Draws the weights.

    Returns
    -------
    Sequential
        From inputs of shape (N, sizes[0]) to outputs of shape (N, sizes[-1]).

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or one is no positive integer.

    Examples
    --------
    >>> net = mlp_ops([64, 32, 10])
    >>> net(np.zeros((5, 64))).shape, list(net.ops)
    ((5, 10), ['linear1', 'relu1', 'linear2'])
    """
    if not isinstance(sizes, (list, tuple)):
        raise ValueError(f"sizes must be a list of numbers, got {sizes!r}")
    sizes = [size("sizes", length) for length in sizes]
    if len(sizes) < 2:
        raise ValueError(f"sizes must have at least two numbers, got {sizes}")
    ops = {}
    layers = zip(pairwise(sizes), seeds(seed, len(sizes) - 1), strict=True)
    for number, (ends, own_seed) in enumerate(layers, start=1):
        ops[f"linear{number}"] = Linear(*ends, seed=own_seed)
        ops[f"relu{number}"] = ReLU()
    ops.popitem()  # no ReLU at the end: the outputs may be of any sign
    return Sequential(**ops)
