"""The choice between the operators by hand and Paddle's own, for all that is built of them."""

from types import SimpleNamespace
from typing import Any

from nndl.arithmetic.checks import flag
from nndl.device import paddle
from nndl.layers.convolution import Conv2D
from nndl.layers.normalization import BatchNorm2D
from nndl.layers.pooling import AvgPool2D, MaxPool2D

__all__ = ["operators"]

BY_HAND = SimpleNamespace(
    AvgPool2D=AvgPool2D, BatchNorm2D=BatchNorm2D, Conv2D=Conv2D, MaxPool2D=MaxPool2D
)


def operators(by_hand: bool) -> Any:
    """Say where to take Conv2D, BatchNorm2D, MaxPool2D and AvgPool2D from.

    Parameters
    ----------
    by_hand : bool
        Whether they are those of :mod:`nndl.layers`, and not Paddle's own.

    Returns
    -------
    namespace
        With the four as attributes: ``paddle.nn`` itself where not by hand. The parameters of both
        have the same names and shapes, so that one's state fits the other.

    Examples
    --------
    >>> operators(by_hand=True).Conv2D.__module__
    'nndl.layers.convolution'
    >>> operators(by_hand=False) is paddle.nn
    True
    """
    return BY_HAND if flag("by_hand", by_hand) else paddle.nn
