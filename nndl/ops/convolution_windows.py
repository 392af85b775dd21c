"""The windows of a convolution as the columns of a matrix, and back.

Three choices make this fast. The columns stand in one small buffer that is filled again and again,
so that it stays in the processor's cache. The buffer holds as many samples as fit: on small maps
each call of NumPy costs more than what it computes, and calls are made per block, not per sample.
And a kernel's window is taken apart into its columns, then its rows: only the few shifts sideways
move short pieces of rows; all shifts downwards move whole maps, each in one piece.
"""

from collections.abc import Iterator
from math import prod

import numpy as np

from nndl.ops.buffers import short_buffers

__all__ = ["Windows"]

# numbers in the buffer, 1 MiB in single precision; one sample may need more
BUFFER = 2**18

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
        stride, (top, left), dilation = settings
        kernel = weight_shape[2:]
        columns = depth * prod(kernel) * prod(maps)
        self.size = max(1, min(self.batch, BUFFER // columns))
        # what a tap in row u of the kernel, or in column v, sees of the padded map
        self.rows, self.sides = (
            [slice(tap * d, tap * d + (many - 1) * s + 1, s) for tap in range(taps)]
            for taps, d, many, s in zip(kernel, dilation, maps, stride, strict=True)
        )
        padded_rows = height + 2 * top
        self.padded = np.zeros((self.size, depth, padded_rows, width + 2 * left), dtype)
        self.inside = np.s_[:, :, top : top + height, left : left + width]
        self.shifted = np.empty((self.size, depth, kernel[1], padded_rows, maps[1]), dtype)
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
        padded, shifted, columns = self.padded[:count], self.shifted[:count], self.columns[:count]
        padded[self.inside] = samples  # the zeros around them stay
        for v, side in enumerate(self.sides):
            shifted[:, :, v] = padded[:, :, :, side]  # (b, D, M + 2P, N')
        for u, row in enumerate(self.rows):
            columns[:, :, u] = shifted[:, :, :, row]  # (b, D, V, M', N')
        return self.matrix[:count]

    def fold(self, count: int) -> np.ndarray:
        """Add the first `count` samples' columns back where `unfold` read them: (b, D, M, N)."""
        if self.grads is None:
            self.grads = np.empty_like(self.padded)
        grads, shifted, columns = self.grads[:count], self.shifted[:count], self.columns[:count]
        grads[...] = shifted[...] = 0
        with short_buffers():
            for u, row in enumerate(self.rows):
                shifted[:, :, :, row] += columns[:, :, u]  # (b, D, V, M', N')
            for v, side in enumerate(self.sides):
                grads[:, :, :, side] += shifted[:, :, v]  # (b, D, M + 2P, N')
        return grads[self.inside]
