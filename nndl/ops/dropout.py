"""Dropout: while training, some numbers are left out, others each time."""

import numpy as np

from nndl.arithmetic.checks import choice, number
from nndl.ops.base import Op
from nndl.ops.checks import generator, gradient_of, real

__all__ = ["Dropout"]

MODES = ("upscale_in_train", "downscale_in_infer")


class Dropout(Op):
    """Set each element to zero with a probability while training; leave it in use.

    Parameters
    ----------
    p : float
        The probability of being left out, from 0 to 1.
    mode : str
        How the expected output is kept the same in training and use: ``"upscale_in_train"``
        divides what is left by 1 - p while training, ``"downscale_in_infer"`` multiplies
        everything by 1 - p in use.
    seed : int
        Of the generator that draws what is left out; it goes on from call to call.

    Attributes
    ----------
    generator : numpy.random.Generator

    Raises
    ------
    ValueError
        If p is not from 0 to 1, or the mode is none of the two.

    References
    ----------
    N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, "Dropout: a simple
    way to prevent neural networks from overfitting", 2014.

    Examples
    --------
    >>> dropout = Dropout(0.5, seed=1)
    >>> dropout(np.ones(6)), dropout.backward(np.ones(6))
    (array([2., 2., 0., 2., 0., 0.]), array([2., 2., 0., 2., 0., 0.]))
    >>> dropout.eval()
    >>> dropout(np.ones(6))
    array([1., 1., 1., 1., 1., 1.])
    """

    def __init__(self, p: float = 0.5, mode: str = "upscale_in_train", seed: int = 0) -> None:
        super().__init__()
        self.p, self.mode = float(number("p", p, 0, 1)), choice("mode", mode, MODES)
        self.generator = generator(seed)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x with some elements left out while training, and all of them in use."""
        x = real("x", x)
        upscale = self.mode == "upscale_in_train"
        if not self.training:
            factor = np.asarray(1 if upscale else 1 - self.p, x.dtype)
        else:
            factor = (self.generator.random(x.shape) >= self.p).astype(x.dtype)
            if upscale and self.p < 1:
                factor /= x.dtype.type(1 - self.p)
        self.saved = factor, x.shape
        return x * factor

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x: what was left out has none."""
        factor, shape = self.saved
        return gradient_of(np.empty(shape, factor.dtype), outputs_grads) * factor
