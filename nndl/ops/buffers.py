"""How much NumPy copies before it computes."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

__all__ = ["short_buffers"]


@contextmanager
def short_buffers(size: int = 1024) -> Iterator[None]:
    """Let NumPy compute on long pieces of arrays where they stand.

    Where arrays lie in memory in pieces, as slices do, NumPy's functions such as `numpy.add` gather
    pieces in a buffer, 8192 numbers unless told, and compute there. That pays for pieces of ten
    numbers, as one call of the inner loop costs as much as its work; for pieces of a thousand, the
    copies take longer than the sum. Pieces longer than the buffer are never copied.

    Parameters
    ----------
    size : int
        The buffer's length in numbers, within the context and in this thread only.

    Examples
    --------
    >>> with short_buffers(512):
    ...     np.getbufsize()
    512
    >>> np.getbufsize()
    8192
    """
    before = np.setbufsize(size)
    try:
        yield
    finally:
        np.setbufsize(before)
