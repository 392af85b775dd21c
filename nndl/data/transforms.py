"""Augmentation of images by :mod:`paddle.vision.transforms`, with a seed of its own."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nndl.arithmetic import checks
from nndl.data.splits import check_samples
from nndl.device import paddle

__all__ = ["ArrayDataset", "Seeded", "augment", "augmentation"]


class Seeded:
    """Make a random transform draw from its own seed and leave everybody else's alone.

    Paddle's transforms draw from Python's and NumPy's global random numbers. Here they find those
    of this object for the time of a call.

    Parameters
    ----------
    transform : callable
        From an image to an image.
    seed : int
        The same seed gives the same sequence of results.

    Examples
    --------
    >>> from paddle.vision.transforms import RandomHorizontalFlip
    >>> row = paddle.to_tensor([[[1.0, 2.0]]])
    >>> flip = Seeded(RandomHorizontalFlip(), seed=0)
    >>> [flip(row).flatten().tolist() for _ in range(3)]
    [[1.0, 2.0], [1.0, 2.0], [2.0, 1.0]]
    """

    def __init__(self, transform: Callable[[Any], Any], seed: int = 0):
        self.transform = checks.function("transform", transform)
        seed = checks.seed("seed", seed)
        self._python = random.Random(seed).getstate()
        self._numpy = np.random.RandomState([seed, 0]).get_state()

    def __call__(self, image: Any) -> Any:
        """Transform one image."""
        before = random.getstate(), np.random.get_state()
        random.setstate(self._python)
        np.random.set_state(self._numpy)
        try:
            return self.transform(image)
        finally:
            self._python, self._numpy = random.getstate(), np.random.get_state()
            random.setstate(before[0])
            np.random.set_state(before[1])


def augmentation(
    size: int,
    padding: int = 4,
    flip: float = 0.5,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    seed: int = 0,
) -> Seeded:
    """Give the usual recipe for small pictures: shift by a random crop, mirror, normalize.

    Parameters
    ----------
    size : int
        Height and width of the images.
    padding : int
        Zeros put around before ``size`` x ``size`` pixels are cut out at random: an image moves by
        at most so many pixels.
    flip : float
        How probably an image is mirrored, left to right: 0 for digits, which have a right way
        round.
    mean, std : sequence of float, optional
        Of each channel; subtracted and divided by. By default values stay as they are.
    seed : int
        The same seed gives the same sequence of images.

    Returns
    -------
    Seeded
        From a tensor ``[C, size, size]`` to another.

    Raises
    ------
    ValueError
        If ``size`` is not positive, ``padding`` negative, ``flip`` outside 0 to 1, a ``std`` not
        positive, or one of ``mean`` and ``std`` is given alone or longer than the other.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, Deep residual learning for image recognition, CVPR 2016,
    section 4.2.

    Examples
    --------
    >>> transform = augmentation(32, padding=4, mean=[0.5] * 3, std=[0.25] * 3)
    >>> list(transform(paddle.rand([3, 32, 32])).shape)
    [3, 32, 32]
    """
    from paddle.vision import transforms

    size, padding = checks.size("size", size), checks.size("padding", padding, least=0)
    flip = checks.number("flip", flip, 0, 1)
    mean, std = _per_channel("mean", mean), _per_channel("std", std, above=0)
    if (mean is None) != (std is None) or (mean is not None and len(mean) != len(std)):
        raise ValueError(f"mean and std must have a number for each channel, got {mean} and {std}")
    steps = []
    if padding:
        steps.append(transforms.RandomCrop(size, padding=padding))
    if flip:
        steps.append(transforms.RandomHorizontalFlip(flip))
    if mean is not None:
        steps.append(transforms.Normalize(mean, std))
    return Seeded(transforms.Compose(steps), seed)


def _per_channel(
    name: str, values: Sequence[float] | None, above: float | None = None
) -> list[float] | None:
    """Return a number for each channel, or None."""
    if values is None:
        return None
    if not isinstance(values, (list, tuple, np.ndarray)) or not len(values):
        raise ValueError(f"{name} must be a list of numbers, one for each channel, got {values!r}")
    return [float(checks.number(name, value, -1e30, 1e30, above=above)) for value in values]


def augment(images: np.ndarray, transform: Callable[[Any], Any]) -> np.ndarray:
    """Transform each image of an array.

    Parameters
    ----------
    images : numpy.ndarray
        Shape ``[N, C, H, W]``; not changed.
    transform : callable
        From a tensor ``[C, H, W]`` to another, such as :func:`augmentation` gives.

    Returns
    -------
    numpy.ndarray
        Shape ``[N, C, H', W']``.

    Raises
    ------
    ValueError
        If there are no images or they have another number of axes.

    Examples
    --------
    >>> from nndl.data import load_digits
    >>> images = load_digits().dev.images
    >>> shifted = augment(images[:10], augmentation(8, padding=1, flip=0))
    >>> shifted.shape, shifted.dtype
    ((10, 1, 8, 8), dtype('float32'))
    """
    check_samples("images", images)
    if images.ndim != 4 or not len(images):
        raise ValueError(f"images must have shape [N, C, H, W] and N > 0, got {images.shape}")
    checks.function("transform", transform)
    return np.stack([_apply(transform, image) for image in images])


class ArrayDataset(paddle.io.Dataset):
    """Images and labels as Paddle's own data loader wants them, transformed one by one.

    Parameters
    ----------
    images : numpy.ndarray
        Shape ``[N, C, H, W]``.
    labels : numpy.ndarray
        Shape ``[N]``.
    transform : callable, optional
        From a tensor ``[C, H, W]`` to another, applied each time an image is asked for.

    Raises
    ------
    ValueError
        If the two lengths differ.

    Notes
    -----
    Without a transform, :class:`nndl.data.Batches` gives the same batches many times faster.

    Examples
    --------
    >>> from nndl.data import load_digits
    >>> dataset = ArrayDataset(*load_digits().train, transform=augmentation(8, 1, flip=0))
    >>> images, labels = next(iter(paddle.io.DataLoader(dataset, batch_size=64)))
    >>> list(images.shape), list(labels.shape)
    ([64, 1, 8, 8], [64])
    """

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        transform: Callable[[Any], Any] | None = None,
    ):
        super().__init__()
        check_samples("images", images)
        check_samples("labels", labels)
        if len(images) != len(labels):
            raise ValueError(
                "images and labels must have the same length, "
                f"got {len(images)} images and {len(labels)} labels"
            )
        self.images = images
        self.labels = labels
        self.transform = None if transform is None else checks.function("transform", transform)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[np.ndarray, Any]:
        image = self.images[index]  # (C, H, W)
        if self.transform is not None:
            image = _apply(self.transform, image)
        return image, self.labels[index]


def _apply(transform: Callable[[Any], Any], image: np.ndarray) -> np.ndarray:
    """Transform one image as a tensor: Paddle's transforms of arrays need OpenCV."""
    return np.asarray(transform(paddle.to_tensor(image)))
