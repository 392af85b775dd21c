"""Indexing: a part of an array, and the gradient laid back where the part was taken."""

from typing import Any

import numpy as np

from nndl.ops.base import Op
from nndl.ops.checks import gradient_of, real

__all__ = ["Index"]


class Index(Op):
    """Take a part of an array, as ``x[index]`` does.

    Parameters
    ----------
    index : int, slice, array of integers or of truth values, or a tuple of these
        Whatever NumPy takes. An element that is taken several times gets the sum of the gradients.

    Raises
    ------
    IndexError
        If x has no such part.

    Examples
    --------
    >>> index = Index(np.array([2, 0, 2]))
    >>> index(np.array([1.0, 5.0, 7.0]))
    array([7., 1., 7.])
    >>> index.backward(np.array([1.0, 2.0, 3.0]))
    array([2., 0., 4.])
    """

    def __init__(self, index: Any) -> None:
        super().__init__()
        self.index = index

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the part, a copy.

        Raises
        ------
        IndexError
            If x has no such part; of this kind, so that a loop over a `Variable` ends.
        """
        x = real("x", x)
        try:
            part = np.array(x[self.index])
        except IndexError as error:
            raise IndexError(
                f"index must be a part of x of shape {x.shape}, got {self.index!r}: {error}"
            ) from None
        self.saved = x.shape, part
        return part

    def backward(self, outputs_grads: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to x: zeros outside the part."""
        shape, part = self.saved
        grad = np.zeros(shape, part.dtype)
        np.add.at(grad, self.index, gradient_of(part, outputs_grads))
        return grad
