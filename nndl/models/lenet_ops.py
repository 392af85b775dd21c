"""Networks of the NumPy operators alone: LeNet-5, and a chain of linear layers."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from nndl.arithmetic.checks import integer
from nndl.ops import AvgPool2D, Conv2D, Flatten, Linear, MaxPool2D, ReLU, Sequential

__all__ = ["lenet_ops", "mlp_ops"]


def _seeds(seed: int, count: int) -> list[int]:
    """Return a seed of its own for each layer."""
    return np.random.default_rng(seed).integers(2**32, size=count).tolist()


def lenet_ops(num_classes: int = 10, seed: int = 0) -> Sequential:
    """Build LeNet-5 for grey pictures of 32 x 32 pixels, with ReLU.

    Parameters
    ----------
    num_classes : int
        How many logits it gives.
    seed : int
        Draws the weights.

    Returns
    -------
    Sequential
        From pictures of shape (N, 1, 32, 32) to logits of shape (N, num_classes); for 10 classes
        it has 61,706 parameters and 416,520 multiply-accumulates.

    Raises
    ------
    ValueError
        If `num_classes` is no positive integer.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document
    recognition", 1998.

    Examples
    --------
    >>> net = lenet_ops()
    >>> net(np.zeros((2, 1, 32, 32))).shape, sum(p.size for p in net.params.values())
    ((2, 10), 61706)
    """
    seeds = _seeds(seed, 5)
    return Sequential(
        conv1=Conv2D(1, 6, 5, seed=seeds[0]),  # (N, 6, 28, 28)
        relu1=ReLU(),
        pool1=MaxPool2D(2, 2),  # (N, 6, 14, 14)
        conv2=Conv2D(6, 16, 5, seed=seeds[1]),  # (N, 16, 10, 10)
        relu2=ReLU(),
        pool2=AvgPool2D(2, 2),  # (N, 16, 5, 5)
        conv3=Conv2D(16, 120, 5, seed=seeds[2]),  # (N, 120, 1, 1)
        relu3=ReLU(),
        flatten=Flatten(),  # (N, 120)
        linear1=Linear(120, 84, seed=seeds[3]),  # (N, 84)
        relu4=ReLU(),
        linear2=Linear(84, integer("num_classes", num_classes), seed=seeds[4]),  # (N, C)
    )


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
    sizes = [integer("sizes", size) for size in sizes]
    if len(sizes) < 2:
        raise ValueError(f"sizes must have at least two numbers, got {sizes}")
    ops = {}
    layers = zip(pairwise(sizes), _seeds(seed, len(sizes) - 1), strict=True)
    for number, (ends, own_seed) in enumerate(layers, start=1):
        ops[f"linear{number}"] = Linear(*ends, seed=own_seed)
        ops[f"relu{number}"] = ReLU()
    ops.popitem()  # no ReLU at the end: the outputs may be of any sign
    return Sequential(**ops)
