"""LeNet-5 of the NumPy operators."""

from nndl.arithmetic.checks import size
from nndl.models.mlp_ops import seeds
from nndl.ops import AvgPool2D, Conv2D, Flatten, Linear, MaxPool2D, ReLU, Sequential

__all__ = ["lenet_ops"]


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
    >>> import numpy as np
    >>> net = lenet_ops()
    >>> net(np.zeros((2, 1, 32, 32))).shape, sum(p.size for p in net.params.values())
    ((2, 10), 61706)
    """
    own = seeds(seed, 5)
    return Sequential(
        conv1=Conv2D(1, 6, 5, seed=own[0]),  # (N, 6, 28, 28)
        relu1=ReLU(),
        pool1=MaxPool2D(2),  # (N, 6, 14, 14)
        conv2=Conv2D(6, 16, 5, seed=own[1]),  # (N, 16, 10, 10)
        relu2=ReLU(),
        pool2=AvgPool2D(2),  # (N, 16, 5, 5)
        conv3=Conv2D(16, 120, 5, seed=own[2]),  # (N, 120, 1, 1)
        relu3=ReLU(),
        flatten=Flatten(),  # (N, 120)
        linear1=Linear(120, 84, seed=own[3]),  # (N, 84)
        relu4=ReLU(),
        linear2=Linear(84, size("num_classes", num_classes), seed=own[4]),  # (N, C)
    )
