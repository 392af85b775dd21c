"""The published sets of images: MNIST, Fashion-MNIST, CIFAR-10.

The files, their addresses and their checksums are those of Paddle's own classes in
:mod:`paddle.vision.datasets`. Their content is read here, since the arrays are wanted as a whole:
that is several times faster than image by image, and takes a subset of any size.
"""

import io
import math
import os
from pathlib import Path
from typing import Any

import numpy as np

from nndl.arithmetic import checks
from nndl.data.archives import Unpacked, read_members
from nndl.data.cache import PublishedFile, cache_folder, check, find
from nndl.data.splits import Images, Splits, train_dev_test
from nndl.files import check_path
from nndl.pickles import read_pickle

__all__ = ["load_cifar10", "load_fashion_mnist", "load_mnist"]

DEV_SHARE = 0.1
PARTS = ("TRAIN_IMAGE", "TRAIN_LABEL", "TEST_IMAGE", "TEST_LABEL")
# Bytes of the files, in the order of PARTS; Paddle publishes addresses and checksums only.
MNIST_SIZES = (9912422, 28881, 1648877, 4542)
FASHION_MNIST_SIZES = (26421880, 29515, 4422102, 5148)
CIFAR10_SIZE = 170498071
# The most that a file may unpack to, whatever its checksum: 60,000 images of 28 x 28; and the
# batches of 10,000 images, with room for the way in which Python 3 writes them for Python 2.
IDX_ENTRIES = {1: 60_000, 3: 60_000 * 28 * 28}  # by the number of axes
BATCH_BYTES = 1 << 26
CIFAR10_BYTES = 1 << 29
CLASSES = 10


def load_mnist(
    seed: int = 0,
    *,
    size: int = 28,
    limit: int | None = None,
    folder: str | os.PathLike | None = None,
    verify: bool = True,
) -> Splits:
    """Load MNIST: 70,000 handwritten digits.

    60,000 are to learn from, a tenth of them for development, and 10,000 to test. The four files
    are taken from ``folder`` if they are there, and downloaded into it if not. Each is compared
    with its published checksum before it is used.

    Parameters
    ----------
    seed : int
        Decides which images are for development; the test set is always the published one.
    size : int
        Height and width: 28 as they are, or 32, with zeros around, as LeNet-5 takes them.
    limit : int, optional
        The most images in each part, for a quick look; drawn by ``seed``, all classes alike.
    folder : path, optional
        Holds the folder ``mnist`` with the files; by default what the environment variable
        ``NNDL_DATA`` names, else the cache of Paddle's own data sets.
    verify : bool
        ``False`` lets files with another checksum pass, such as a subset of your own.

    Returns
    -------
    Splits
        Three :class:`Images`; images float32 ``[N, 1, size, size]`` from 0 to 1, labels int64
        ``[N]``.

    Raises
    ------
    FileNotFoundError
        If a file is missing and can't be downloaded; the message says what to put where.
    ValueError
        If a checksum differs, a file is of another format, or an argument is out of range.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-based learning applied to document
    recognition, Proceedings of the IEEE 86(11), 1998.

    Examples
    --------
    >>> train, dev, test = load_mnist(limit=1000)  # doctest: +SKIP
    >>> train.images.shape  # doctest: +SKIP
    (1000, 1, 28, 28)
    """
    from nndl.device import paddle

    source = paddle.vision.datasets.MNIST
    return _load_idx("MNIST", source, MNIST_SIZES, seed, size, limit, folder, verify)


def load_fashion_mnist(
    seed: int = 0,
    *,
    size: int = 28,
    limit: int | None = None,
    folder: str | os.PathLike | None = None,
    verify: bool = True,
) -> Splits:
    """Load Fashion-MNIST: pictures of clothes in ten classes, in the format of MNIST.

    Parameters
    ----------
    seed, size, limit, verify
        As in :func:`load_mnist`.
    folder : path, optional
        As in :func:`load_mnist`; holds the folder ``fashion-mnist`` with the files.

    Returns
    -------
    Splits
        As :func:`load_mnist` gives it.

    Raises
    ------
    FileNotFoundError, ValueError
        As :func:`load_mnist` does.

    References
    ----------
    H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine
    learning algorithms, 2017. https://arxiv.org/abs/1708.07747

    Examples
    --------
    >>> train, dev, test = load_fashion_mnist(limit=1000)  # doctest: +SKIP
    """
    from nndl.device import paddle

    source = paddle.vision.datasets.FashionMNIST
    return _load_idx(
        "Fashion-MNIST", source, FASHION_MNIST_SIZES, seed, size, limit, folder, verify
    )


def load_cifar10(
    seed: int = 0,
    *,
    limit: int | None = None,
    folder: str | os.PathLike | None = None,
    data_file: str | os.PathLike | None = None,
    verify: bool = True,
) -> Splits:
    """Load CIFAR-10: 60,000 colour pictures of ten kinds of things.

    50,000 are to learn from, a tenth of them for development, and 10,000 to test.

    Parameters
    ----------
    seed, limit, verify
        As in :func:`load_mnist`.
    folder : path, optional
        As in :func:`load_mnist`; holds the folder ``cifar`` with the file.
    data_file : path, optional
        The file itself, ``cifar-10-python.tar.gz``, wherever it is.

    Returns
    -------
    Splits
        Three :class:`Images`; images float32 ``[N, 3, 32, 32]`` from 0 to 1, labels int64 ``[N]``.

    Raises
    ------
    FileNotFoundError, ValueError
        As :func:`load_mnist` does.

    Notes
    -----
    The file holds pickles, which can run code when they are opened. Here they can't: nothing but
    arrays and plain containers is let through, also with ``verify=False``.

    References
    ----------
    A. Krizhevsky, Learning multiple layers of features from tiny images, University of Toronto,
    2009.

    Examples
    --------
    >>> train, dev, test = load_cifar10(limit=500)  # doctest: +SKIP
    >>> train.images.shape  # doctest: +SKIP
    (500, 3, 32, 32)
    """
    from nndl.device import paddle

    module = paddle.vision.datasets.cifar
    file = PublishedFile(module.CIFAR10_URL, module.CIFAR10_MD5, CIFAR10_SIZE)
    path = single_file("CIFAR-10", file, "cifar", folder, data_file, verify, "load_digits")
    train, test = read_cifar10(path)
    return _splits(*train, *test, seed=seed, limit=limit, size=32)


def single_file(
    title: str,
    file: PublishedFile,
    name: str,
    folder: str | os.PathLike | None,
    data_file: str | os.PathLike | None,
    verify: bool,
    instead: str,
) -> Path:
    """Find the one file of a set: where the reader says, or in the cache, or on the network.

    Parameters
    ----------
    title : str
        The set's name, for messages.
    file : PublishedFile
        What to look for.
    name : str
        The set's folder in the cache.
    folder, data_file, verify
        As the loaders take them.
    instead : str
        The function of :mod:`nndl.data` that needs no network.

    Returns
    -------
    pathlib.Path
    """
    verify, place = checks.flag("verify", verify), cache_folder(folder)
    if data_file is None:
        return find(title, [file], place / name, verify, instead)[0]
    path = Path(check_path("data_file", data_file)).expanduser()
    if not path.exists():
        raise FileNotFoundError(f"data_file must name a file that exists, got {str(path)!r}")
    return check(path, file) if verify else path


def _load_idx(title, source, sizes, seed, size, limit, folder, verify) -> Splits:
    """Load a set of four idx files that one of Paddle's classes describes."""
    size, verify = checks.choice("size", size, (28, 32)), checks.flag("verify", verify)
    files = [
        PublishedFile(getattr(source, f"{part}_URL"), getattr(source, f"{part}_MD5"), length)
        for part, length in zip(PARTS, sizes, strict=True)
    ]
    paths = find(title, files, cache_folder(folder) / source.NAME, verify)
    images, labels, test_images, test_labels = (
        read_idx(path, 1 + 2 * ("IMAGE" in part)) for path, part in zip(paths, PARTS, strict=True)
    )
    for path, some in zip(paths, (images, labels, test_images, test_labels), strict=True):
        if not len(some):
            raise ValueError(f"{path} is empty: it says that it holds {some.shape} entries")
        if some.ndim == 3 and some.shape[1:] != (28, 28):
            raise ValueError(f"{path} should hold images of 28 x 28, got {some.shape[1:]}")
        if some.ndim == 1 and some.max(initial=0) >= CLASSES:
            raise ValueError(f"{path} should hold labels from 0 to 9, got {some.max()}")
    return _splits(
        images[:, None],
        labels,
        test_images[:, None],
        test_labels,
        seed=seed,
        limit=limit,
        size=size,
    )


def _splits(images, labels, test_images, test_labels, *, seed, limit, size) -> Splits:
    """Draw the parts from bytes, and only then turn what is left into numbers from 0 to 1."""
    for some, theirs in ((images, labels), (test_images, test_labels)):
        if len(some) != len(theirs):
            raise ValueError(f"there are {len(some)} images, but {len(theirs)} labels")
    train, dev, test = train_dev_test(labels, test_labels, seed, limit, DEV_SHARE)
    parts = []
    for pixels, classes, chosen in (
        (images, labels, train),
        (images, labels, dev),
        (test_images, test_labels, test),
    ):
        numbers = pixels[chosen].astype(np.float32)  # (N, C, H, W)
        numbers /= 255
        if border := (size - numbers.shape[-1]) // 2:
            # (N, C, H, W) -> (N, C, size, size)
            numbers = np.pad(numbers, [(0, 0), (0, 0), (border, border), (border, border)])
        parts.append(Images(numbers, classes[chosen].astype(np.int64)))
    return Splits(*parts)


def read_idx(path: Path, ndim: int) -> np.ndarray:
    """Read a gzipped idx file: the format of MNIST.

    Two zero bytes, one for the type (8 is an unsigned byte), one for the number of axes; the length
    of each axis as a big-endian integer of 4 bytes; the entries.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    ndim : int
        The number of axes it must have: 3 for images, 1 for labels.

    Returns
    -------
    numpy.ndarray
        uint8.

    Raises
    ------
    ValueError
        If the file is of another format, or cut off.
    """
    with Unpacked(path, 4 * (1 + ndim) + IDX_ENTRIES[ndim]) as stream:
        start = stream.read(4 * (1 + ndim))
        if start[:4] != bytes([0, 0, 8, ndim]) or len(start) < 4 * (1 + ndim):
            raise ValueError(f"{path} is no idx file of bytes with {ndim} axes")
        shape = [int(length) for length in np.frombuffer(start, ">i4", offset=4)]
        size = math.prod(shape)
        if min(shape) < 0 or size > IDX_ENTRIES[ndim]:
            raise ValueError(f"{path} says that it holds {shape} entries, more than the set has")
        entries = stream.read(size)
        if len(entries) != size or stream.read(1):
            more = "more" if len(entries) == size else len(entries)
            raise ValueError(f"{path} should hold {shape} entries, got {more}")
    return np.frombuffer(entries, np.uint8).reshape(shape)


def read_cifar10(path: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Read the file of CIFAR-10: five batches to learn from, one to test, each a pickle.

    Parameters
    ----------
    path : pathlib.Path
        ``cifar-10-python.tar.gz``.

    Returns
    -------
    list of (numpy.ndarray, numpy.ndarray)
        Training and test set: images uint8 ``[N, 3, 32, 32]`` and labels ``[N]``.

    Raises
    ------
    ValueError
        If the file is of another format.
    """
    batches: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name, content in read_members(path, _is_batch, BATCH_BYTES, CIFAR10_BYTES):
        name = name.rsplit("/", 1)[-1]
        try:
            if name in batches:
                raise ValueError("it is there twice")
            batches[name] = _images_and_labels(read_pickle(io.BytesIO(content), len(content)))
        except ValueError as error:
            raise ValueError(f"{path} can't be read as CIFAR-10: in {name}, {error}") from error
    parts = []
    for kind in ("data_batch", "test_batch"):
        its = [batches[name] for name in sorted(batches) if name.startswith(kind)]
        if not its:
            raise ValueError(f"{path} is not CIFAR-10: it holds no {kind}")
        images, labels = (np.concatenate(arrays) for arrays in zip(*its, strict=True))
        if not len(images):
            raise ValueError(f"{path} is not CIFAR-10: it holds no images in any {kind}")
        parts.append((images.reshape(-1, 3, 32, 32), labels))  # (N, 3072) -> (N, 3, 32, 32)
    return parts


def _is_batch(name: str) -> bool:
    return name.rsplit("/", 1)[-1].startswith(("data_batch", "test_batch"))


def _images_and_labels(batch: Any) -> tuple[np.ndarray, np.ndarray]:
    """Take the two arrays out of a batch of CIFAR-10, if they are what they should be."""
    if not isinstance(batch, dict):
        raise ValueError(f"there should be a dict, got {type(batch).__name__}")
    for key in (b"data", b"labels"):
        if key not in batch:
            raise ValueError(f"{key.decode()!r} is missing")
    images, labels = batch[b"data"], batch[b"labels"]
    if not (
        isinstance(images, np.ndarray)
        and images.dtype == np.uint8
        and images.shape == (len(images), 3072)
    ):
        raise ValueError("'data' should be an array of bytes with 3072 in each row")
    if not isinstance(labels, list) or not all(type(label) is int for label in labels):
        raise ValueError("'labels' should be a list of integers")
    if len(labels) != len(images):
        raise ValueError(f"there are {len(images)} images, but {len(labels)} labels")
    if not all(0 <= label < CLASSES for label in labels):
        raise ValueError(f"'labels' should be from 0 to {CLASSES - 1}")
    return images, np.array(labels, dtype=np.int64)
