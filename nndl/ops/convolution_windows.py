"""The windows of a convolution as the columns of a matrix, and back.

Two choices make this fast. The columns stand in one small buffer that is filled again and again, so
that it stays in the processor's cache. And the buffer holds as many samples as fit: on small maps
each call of NumPy costs more than what it computes, and calls are made per block, not per sample.
"""

from collections.abc import Iterator
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

__all__ = ["Windows"]

# numbers in the buffer, 2 MiB in single precision; one sample may need more
BUFFER = 2**19

Pair = tuple[int, int]


class Windows:
    """A buffer for the windows of a few samples, each window a column.

    Parameters
    ----------
    x_shape : (int, int, int, int)
        Shape (B, D, M, N) of the batch.
    weight_shape : (int, int, int, int)
        Shape (P, D / g, U, V) of the kernels.
    maps : (int, int)
        Height and width (M', N') of an output map.
    settings : ((int, int), (int, int), (int, int))
        Stride, padding and dilation as pairs (rows, columns).
    groups : int
        The number g of independent convolutions.
    dtype : numpy.dtype
        The type of the batch.

    Examples
    --------
    Two samples, a 2 x 2 kernel, one output; each sample's window is one column:

    >>> x = np.arange(8.0).reshape(2, 1, 2, 2)
    >>> windows = Windows(x.shape, (1, 1, 2, 2), (1, 1), ((1, 1), (0, 0), (1, 1)), 1, x.dtype)
    >>> [windows.unfold(x[block])[..., 0].tolist() for block in windows.blocks()]
    [[[[0.0, 1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0, 7.0]]]]
    """

    def __init__(
        self,
        x_shape: tuple[int, int, int, int],
        weight_shape: tuple[int, int, int, int],
        maps: Pair,
        settings: tuple[Pair, Pair, Pair],
        groups: int,
        dtype: np.dtype,
    ) -> None:
        self.batch, depth, height, width = x_shape
        self.stride, (top, left), self.dilation = settings
        kernel = weight_shape[2:]
        columns = depth * prod(kernel) * prod(maps)
        # the gradient of the kernels is taken for a block at once, and has to fit as well
        self.size = max(1, min(self.batch, BUFFER // max(columns, prod(weight_shape))))
        padded_shape = (self.size, depth, height + 2 * top, width + 2 * left)
        self.padded = np.zeros(padded_shape, dtype)
        self.inside = np.s_[:, :, top : top + height, left : left + width]
        self.columns = np.empty((self.size, depth, *kernel, *maps), dtype)
        matrix_shape = (self.size, groups, depth // groups * prod(kernel), prod(maps))
        self.matrix = self.columns.reshape(matrix_shape)
        self.grads: np.ndarray | None = None  # padded maps, too; only `fold` needs them

    def blocks(self) -> Iterator[slice]:
        """Yield slices of the batch, each of as many samples as the buffer holds."""
        for first in range(0, self.batch, self.size):
            yield slice(first, min(first + self.size, self.batch))

    def unfold(self, samples: np.ndarray) -> np.ndarray:
        """Return the windows of samples (b, D, M, N) as columns (b, g, D/g*U*V, M'*N').

        The columns are the buffer itself: the next call overwrites them.
        """
        count = len(samples)
        self.padded[self.inside][:count] = samples  # the zeros around them stay
        self.columns[:count] = self._view(self.padded)[:count]
        return self.matrix[:count]

    def fold(self, count: int) -> np.ndarray:
        """Add the first `count` samples' columns back where `unfold` read them: (b, D, M, N)."""
        if self.grads is None:
            self.grads = np.empty_like(self.padded)
        self.grads[...] = 0
        # tap by tap: the windows of one tap never overlap, those of two taps may
        taps = np.moveaxis(self._view(self.grads, writeable=True), (2, 3), (0, 1))
        columns = np.moveaxis(self.columns, (2, 3), (0, 1))  # (U, V, b, D, M', N')
        for tap in np.ndindex(taps.shape[:2]):
            taps[tap][:count] += columns[tap][:count]
        return self.grads[self.inside][:count]

    def _view(self, padded: np.ndarray, writeable: bool = False) -> np.ndarray:
        """Return a view (b, D, U, V, M', N') of padded maps (b, D, M + 2P, N + 2P).

        No number is copied: element (n, d, u, v, i, j) is
        ``padded[n, d, i * stride + u * dilation, j * stride + v * dilation]``.
        """
        sample, depth, row, column = padded.strides
        taps = (row * self.dilation[0], column * self.dilation[1])
        steps = (row * self.stride[0], column * self.stride[1])
        strides = (sample, depth, *taps, *steps)
        return as_strided(padded, self.columns.shape, strides, writeable=writeable)
