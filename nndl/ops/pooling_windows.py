"""The windows of pooling, along one axis at a time: what they see is combined, or shared out.

Maps are worked on a few at a time, so that what lies between the passes stays in the cache.
"""

from collections.abc import Iterator

import numpy as np

from nndl.ops.pooling_shapes import Pooling

__all__ = [
    "COLUMNS",
    "ROWS",
    "blocks",
    "combine",
    "hand_to_all",
    "hand_to_first",
    "inside",
    "slices",
    "taps",
    "to_nearest",
]

# numbers of the input that are worked on at a time, 1 MiB in single precision
BLOCK = 2**18

ROWS, COLUMNS = 1, 2  # the axes of maps (b, M, N)


def taps(pooling: Pooling) -> tuple[list[slice], list[slice]]:
    """Return, for each row and each column of a window, where all windows have it on a map."""
    rows, columns = (
        [slice(tap, tap + (many - 1) * step + 1, step) for tap in range(length)]
        for length, step, _, many in zip(*pooling, strict=True)
    )
    return rows, columns


def slices(x: np.ndarray) -> Iterator[slice]:
    """Yield slices of the maps (B*D, M, N), each of as many as make a block."""
    count, size = x.shape[0] * x.shape[1], max(1, BLOCK // (x.shape[2] * x.shape[3]))
    for first in range(0, count, size):
        yield slice(first, min(first + size, count))


def blocks(x: np.ndarray, pooling: Pooling, outside: float) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the slices with their maps (b, M + 2P, N + 2P), padded with the number `outside`.

    The padded maps are a buffer: the next step overwrites them.
    """
    maps = x.reshape(-1, *x.shape[2:])  # (B*D, M, N)
    (height, width), (top, left) = x.shape[2:], pooling.padding
    padded = None
    for block in slices(x):
        if not top and not left:
            yield block, maps[block]
            continue
        if padded is None:
            shape = (block.stop, height + 2 * top, width + 2 * left)
            padded = np.full(shape, outside, x.dtype)
        part = padded[: block.stop - block.start]
        part[inside(x, pooling)] = maps[block]
        yield block, part


def inside(x: np.ndarray, pooling: Pooling) -> tuple[slice, ...]:
    """Return where a map lies in the padded one."""
    (height, width), (top, left) = x.shape[2:], pooling.padding
    return np.s_[:, top : top + height, left : left + width]


def along(axis: int, tap: slice) -> tuple[slice, ...]:
    """Return the index of a slice along one axis."""
    return (slice(None),) * axis + (tap,)


def combine(function: np.ufunc, maps: np.ndarray, where: list[slice], axis: int) -> np.ndarray:
    """Return the maximum or the sum of what all taps see, an array that may be the maps' own."""
    first, *rest = (maps[along(axis, tap)] for tap in where)
    if not rest:
        return first
    result = function(first, rest[0])
    for part in rest[1:]:
        function(result, part, out=result)
    return result


def hand_to_first(
    grads: np.ndarray, largest: np.ndarray, maps: np.ndarray, where: list[slice], axis: int
) -> np.ndarray:
    """Return the gradient of maps: each window's for the first tap that sees the largest number.

    A NaN counts as the largest, as it does for `numpy.maximum`.
    """
    grad_maps = np.zeros(maps.shape, maps.dtype)
    any_nan = np.isnan(largest.max(initial=-np.inf))  # a NaN equals nothing: it must be asked for
    for tap in where[:-1]:
        at = along(axis, tap)
        holds = maps[at] == largest
        if any_nan:
            holds |= np.isnan(maps[at])
        share = grads * holds
        grad_maps[at] += share  # windows may overlap
        grads = grads - share  # nothing is left for the taps that follow
    grad_maps[along(axis, where[-1])] += grads
    return grad_maps


def to_nearest(grads: np.ndarray, pooling: Pooling) -> np.ndarray:
    """Add the gradient of the padding, in place, to the nearest cells of the maps.

    Where all cells of a window hold minus infinity, the padding holds the largest number as well.
    The cell nearest to the window's first is the first one on the map.
    """
    top, left = pooling.padding
    if top:
        grads[:, top] += grads[:, :top].sum(axis=1)  # (b, N + 2P)
    if left:
        grads[:, :, left] += grads[:, :, :left].sum(axis=2)  # (b, M + 2P)
    return grads


def hand_to_all(grads: np.ndarray, size: int, where: list[slice], axis: int) -> np.ndarray:
    """Return the gradient of maps of that size along an axis: each window's for every tap."""
    shape = (*grads.shape[:axis], size, *grads.shape[axis + 1 :])
    grad_maps = np.zeros(shape, grads.dtype)
    for tap in where:
        grad_maps[along(axis, tap)] += grads
    return grad_maps
