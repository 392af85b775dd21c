"""Batches from arrays in memory, with next to no cost."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from nndl.arithmetic.checks import flag, integer
from nndl.arithmetic.checks import seed as check_seed
from nndl.device import as_tensor

__all__ = ["Batches"]


class Batches:
    """Hand out images and labels in batches, in a new order each epoch.

    The arrays become tensors once; a batch is then one ``gather`` of each. A
    :class:`paddle.io.DataLoader` gives the same batches many times slower, since it collects them
    sample by sample: worth it for data that does not fit into memory.

    Parameters
    ----------
    images : array or paddle.Tensor
        Shape ``[N, ...]``.
    labels : array or paddle.Tensor
        Shape ``[N, ...]``.
    batch_size : int
        Samples a batch; the last batch of an epoch may be smaller.
    shuffle : bool
        Whether to draw a new order for each epoch.
    seed : int
        Of the orders: the same seed gives the same sequence of epochs.

    Attributes
    ----------
    epoch : int
        How many epochs have been begun.

    Raises
    ------
    ValueError
        If the two lengths differ or are 0, or another argument breaks
        its rule.

    Examples
    --------
    >>> from nndl.data import load_digits
    >>> batches = Batches(*load_digits().train, batch_size=64, shuffle=True)
    >>> len(batches)
    19
    >>> images, labels = next(iter(batches))
    >>> list(images.shape), list(labels.shape)
    ([64, 1, 8, 8], [64])
    """

    def __init__(
        self,
        images: Any,
        labels: Any,
        batch_size: int = 64,
        shuffle: bool = False,
        seed: int = 0,
    ):
        images, labels = _selectable("images", images), _selectable("labels", labels)
        if len(images) != len(labels):
            raise ValueError(
                "images and labels must have the same length, "
                f"got {len(images)} images and {len(labels)} labels"
            )
        if len(images) == 0:
            raise ValueError("images must hold at least one sample, got none")
        self.batch_size = integer("batch_size", batch_size)
        self.shuffle = flag("shuffle", shuffle)
        self.seed = check_seed("seed", seed)
        self.images, self.labels = images, labels
        self.epoch = 0

    def __len__(self) -> int:
        return -(-self.images.shape[0] // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        # Here and not above, so that whoever only wants arrays does not wait for Paddle's import.
        from nndl.device import paddle

        number = self.images.shape[0]
        epoch, self.epoch = self.epoch, self.epoch + 1
        if not self.shuffle:
            for start in range(0, number, self.batch_size):
                stop = start + self.batch_size
                yield self.images[start:stop], self.labels[start:stop]
            return
        order = paddle.to_tensor(np.random.default_rng([self.seed, epoch]).permutation(number))
        for start in range(0, number, self.batch_size):
            chosen = order[start : start + self.batch_size]  # (B,)
            yield (
                paddle.gather(self.images, chosen),  # (B, ...)
                paddle.gather(self.labels, chosen),
            )

    def __repr__(self) -> str:
        return (
            f"Batches({self.images.shape[0]} samples of shape {list(self.images.shape[1:])}, "
            f"batch_size={self.batch_size}, shuffle={self.shuffle})"
        )


def _selectable(name: str, values: Any) -> Any:
    """Make a tensor of which Paddle can pick samples: on a CPU it can't where they are float16."""
    tensor = as_tensor(values, name)
    if tensor.ndim == 0:
        raise ValueError(f"{name} must have an entry for each sample, got the number {values!r}")
    halves = tensor.place.is_cpu_place() and str(tensor.dtype) == "paddle.float16"
    return tensor.astype("float32") if halves else tensor
