"""Batches of sequences that differ in length."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nndl.arithmetic import checks
from nndl.data.splits import check_samples

__all__ = ["SequenceBatches", "pad_sequences"]

LOWEST = -(2**31)  # that may stand for padding


def pad_sequences(
    sequences: Sequence[Sequence[int]], max_length: int | None = None, value: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Write sequences below each other, the shorter ones filled up at the end.

    Parameters
    ----------
    sequences : sequence of sequences of int
        N sequences of at least one number each.
    max_length : int, optional
        Longer ones are cut off after so many numbers.
    value : int
        What to fill up with.

    Returns
    -------
    padded : numpy.ndarray
        int64, shape ``[N, T]``, where T is the greatest length.
    lengths : numpy.ndarray
        int64, shape ``[N]``.

    Raises
    ------
    ValueError
        If there is no sequence, one is empty, or ``max_length`` is not positive.

    Examples
    --------
    >>> pad_sequences([[5, 6, 7], [8]])
    (array([[5, 6, 7],
           [8, 0, 0]]), array([3, 1]))
    """
    flat, starts, lengths = _concatenate("sequences", sequences, max_length)
    return _pad(flat, starts, lengths, checks.size("value", value, least=LOWEST)), lengths


class SequenceBatches:
    """Hand out sequences and labels in batches, in a new order each epoch.

    Each batch is as long as its longest sequence and no longer.

    Parameters
    ----------
    ids : sequence of sequences of int
        N sequences of at least one number each.
    labels : array
        Shape ``[N, ...]``.
    segments : sequence of sequences of int, optional
        Of the lengths of ``ids``.
    batch_size : int
        Sequences a batch; the last batch of an epoch may be smaller.
    shuffle : bool
        Whether to draw a new order for each epoch.
    seed : int
        Of the orders: the same seed gives the same sequence of epochs.
    max_length : int, optional
        Longer sequences are cut off after so many numbers.
    padding : int
        What shorter sequences are filled up with.

    Attributes
    ----------
    epoch : int
        How many epochs have been begun.

    Raises
    ------
    ValueError
        If the numbers of sequences and labels differ or are 0, a sequence is empty, the segments
        have other lengths, or an argument is out of range.

    Notes
    -----
    An epoch gives ``((ids, lengths), labels)``, or ``((ids, segments, lengths), labels)`` where
    there are segments: tensors of int64, shapes ``[B, T]``, ``[B, T]``, ``[B]``.

    Examples
    --------
    >>> batches = SequenceBatches([[5, 6, 7], [8]], np.array([0, 1]), batch_size=2)
    >>> (ids, lengths), labels = next(iter(batches))
    >>> ids.tolist(), lengths.tolist(), labels.tolist()
    ([[5, 6, 7], [8, 0, 0]], [3, 1], [0, 1])
    """

    def __init__(
        self,
        ids: Sequence[Sequence[int]],
        labels: Any,
        segments: Sequence[Sequence[int]] | None = None,
        *,
        batch_size: int = 64,
        shuffle: bool = False,
        seed: int = 0,
        max_length: int | None = None,
        padding: int = 0,
    ):
        _check_list("ids", ids)
        labels = check_samples("labels", _as_array("labels", labels))
        if len(ids) != len(labels):
            raise ValueError(
                "ids and labels must have the same length, "
                f"got {len(ids)} sequences and {len(labels)} labels"
            )
        self.batch_size = checks.size("batch_size", batch_size)
        self.seed = checks.seed("seed", seed)
        # One long array is padded a batch at a time: the whole set, padded, might not fit.
        self._ids, self._starts, self.lengths = _concatenate("ids", ids, max_length)
        self._segments = None
        if segments is not None:
            self._segments, _, lengths = _concatenate("segments", segments, max_length)
            if not np.array_equal(lengths, self.lengths):
                raise ValueError("segments must have the lengths of ids, got others")
        self.labels = labels
        self.shuffle = checks.flag("shuffle", shuffle)
        self.padding = checks.size("padding", padding, least=LOWEST)
        self.epoch = 0

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[tuple[Any, ...], Any]]:
        # Here and not above, so that whoever only wants arrays does not wait for Paddle's import.
        from nndl.device import paddle

        number = len(self.lengths)
        epoch, self.epoch = self.epoch, self.epoch + 1
        order = np.arange(number)
        if self.shuffle:
            order = np.random.default_rng([self.seed, epoch]).permutation(number)
        for start in range(0, number, self.batch_size):
            chosen = order[start : start + self.batch_size]  # (B,)
            inputs = [self._padded(self._ids, chosen, self.padding)]  # (B, T)
            if self._segments is not None:
                inputs.append(self._padded(self._segments, chosen, 0))  # (B, T)
            inputs.append(self.lengths[chosen])  # (B,)
            yield (
                tuple(paddle.to_tensor(array) for array in inputs),
                paddle.to_tensor(self.labels[chosen]),
            )

    def _padded(self, flat: np.ndarray, chosen: np.ndarray, value: int) -> np.ndarray:
        return _pad(flat, self._starts[chosen], self.lengths[chosen], value)

    def __repr__(self) -> str:
        return (
            f"SequenceBatches({len(self.lengths)} sequences of up to {self.lengths.max()} tokens, "
            f"batch_size={self.batch_size}, shuffle={self.shuffle})"
        )


def _check_list(name: str, sequences: Any) -> None:
    if not isinstance(sequences, (list, tuple, np.ndarray)):
        got = type(sequences).__name__
        raise TypeError(f"{name} must be a list of sequences of whole numbers, got {got}")


def _as_array(name: str, sequence: Any) -> np.ndarray:
    try:
        return np.asarray(sequence)
    except Exception as error:  # rows of different lengths, or an object of its own kind
        raise TypeError(f"{name} must hold numbers, got {sequence!r}") from error


def _concatenate(
    name: str, sequences: Sequence[Sequence[int]], max_length: int | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Put sequences behind each other; say where each starts and how long it is."""
    _check_list(name, sequences)
    if len(sequences) == 0:
        raise ValueError(f"{name} must hold at least one sequence, got none")
    if max_length is not None:
        max_length = checks.integer("max_length", max_length)
    arrays = [_as_array(name, sequence) for sequence in sequences]
    for number, array in enumerate(arrays):
        if array.ndim != 1 or not array.size or array.dtype.kind not in "iu":
            raise ValueError(
                f"{name} must hold sequences of at least one whole number, got shape "
                f"{array.shape} of {array.dtype} at {number}"
            )
    arrays = [array[:max_length] for array in arrays]
    lengths = np.array([len(array) for array in arrays], dtype=np.int64)
    return np.concatenate(arrays).astype(np.int64), np.cumsum(lengths) - lengths, lengths


def _pad(flat: np.ndarray, starts: np.ndarray, lengths: np.ndarray, value: int) -> np.ndarray:
    """Write the sequences that start there below each other, filled up with `value`."""
    steps = np.arange(lengths.max())  # (T,)
    inside = steps < lengths[:, None]  # (B, T)
    places = np.where(inside, starts[:, None] + steps, 0)  # (B, T)
    return np.where(inside, flat[places], value)  # (B, T)
