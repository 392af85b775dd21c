"""What a data set is made of: its parts, and the pairs of inputs and labels in them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from nndl.arithmetic import checks

__all__ = ["Images", "Pairs", "Samples", "Sequences", "Splits", "Texts"]


class Images(NamedTuple):
    """Pictures and what they show.

    Parameters
    ----------
    images : numpy.ndarray
        float32, shape ``[N, C, H, W]``, values from 0 to 1.
    labels : numpy.ndarray
        int64, shape ``[N]``.

    Examples
    --------
    >>> from nndl.data import load_digits
    >>> test = load_digits().test
    >>> len(test.labels), test.images.dtype
    (300, dtype('float32'))
    """

    images: np.ndarray
    labels: np.ndarray


class Samples(NamedTuple):
    """Inputs of any kind and what belongs to them.

    Parameters
    ----------
    inputs : numpy.ndarray
        Shape ``[N, ...]``.
    labels : numpy.ndarray
        Classes, int64 ``[N]``, or numbers to be predicted, float32 ``[N, 1]``.

    Examples
    --------
    >>> Samples(np.zeros([3, 2]), np.array([0, 1, 1])).labels.shape
    (3,)
    """

    inputs: np.ndarray
    labels: np.ndarray


class Texts(NamedTuple):
    """Texts as they are read, and their classes.

    Parameters
    ----------
    texts : list of str
        N texts.
    labels : numpy.ndarray
        int64, shape ``[N]``.

    Examples
    --------
    >>> Texts(["a fine film", "a dull film"], np.array([1, 0])).texts[0]
    'a fine film'
    """

    texts: list[str]
    labels: np.ndarray


class Pairs(NamedTuple):
    """Pairs of texts, and whether the two belong together.

    Parameters
    ----------
    first, second : list of str
        N texts each.
    labels : numpy.ndarray
        int64, shape ``[N]``: 1 where the two belong together, 0 elsewhere.

    Examples
    --------
    >>> Pairs(["an axis"], ["the axis along which to add"], np.array([1])).second
    ['the axis along which to add']
    """

    first: list[str]
    second: list[str]
    labels: np.ndarray


class Sequences(NamedTuple):
    """Texts as the numbers of their words, of different lengths.

    Parameters
    ----------
    ids : list of numpy.ndarray
        N arrays, int64, shape ``[T_n]``.
    labels : numpy.ndarray
        int64, shape ``[N]``.
    segments : list of numpy.ndarray, optional
        Of the shapes of ``ids``: 0 in the first text of a pair, 1 in the second.

    Examples
    --------
    >>> Sequences([np.array([4, 5]), np.array([4])], np.array([0, 1])).segments is None
    True
    """

    ids: list[np.ndarray]
    labels: np.ndarray
    segments: list[np.ndarray] | None = None


class Splits(NamedTuple):
    """The three parts of a data set: to learn from, to choose with, to judge by.

    Parameters
    ----------
    train, dev, test : Images, Samples, Texts, Pairs or Sequences
        Disjoint parts.

    Examples
    --------
    >>> from nndl.data import load_digits
    >>> train, dev, test = load_digits()
    >>> [len(part.labels) for part in (train, dev, test)]
    [1200, 297, 300]
    """

    train: Any
    dev: Any
    test: Any


def check_samples(name: str, samples: np.ndarray) -> np.ndarray:
    """Return an array of numbers with an entry for each sample, or refuse what is none.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    samples : numpy.ndarray
        What was given.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    TypeError
        If it is no array of numbers, or a single number.

    Examples
    --------
    >>> check_samples("labels", np.array(["cat", "dog"]))
    Traceback (most recent call last):
    ...
    TypeError: labels must be an array of numbers, an entry for each sample, got <U3
    """
    is_array = isinstance(samples, np.ndarray)
    if not is_array or samples.ndim == 0 or samples.dtype.kind not in "biuf":
        got = samples.dtype if is_array and samples.ndim else type(samples).__name__
        raise TypeError(f"{name} must be an array of numbers, an entry for each sample, got {got}")
    return samples


def stratified_order(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw an order in which every stretch holds about the same share of each class.

    Each sample gets its place among those of its own class, from 0 to 1; the order is by that
    place. So the first third of the order holds the first third of each class.

    Parameters
    ----------
    labels : numpy.ndarray
        Integers, shape ``[N]``.
    rng : numpy.random.Generator
        Draws the places within each class.

    Returns
    -------
    numpy.ndarray
        A permutation of ``0 .. N - 1``.

    Examples
    --------
    >>> labels = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    >>> order = stratified_order(labels, np.random.default_rng(0))
    >>> sorted(labels[order[:2]].tolist())
    [0, 1]
    """
    place = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        # The random offset within a step keeps the classes from coming in a fixed turn.
        place[members] = (rng.permutation(len(members)) + rng.random()) / len(members)
    return np.argsort(place, kind="stable")


def train_dev_test(
    labels: np.ndarray, test_labels: np.ndarray, seed: int, limit: int | None, dev_share: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw which samples are for training and development, and which of the test set are used.

    For sets that are published in two parts: the development set is drawn, stratified, from the
    training set; the test set stays what it is.

    Parameters
    ----------
    labels, test_labels : numpy.ndarray
        Of the published training and test set.
    seed : int
        Decides the draw.
    limit : int or None
        The most samples in each part, ``None`` for all.
    dev_share : float
        What share of the training set is for development.

    Returns
    -------
    tuple of numpy.ndarray
        Indices into the training set (twice, disjoint) and into the test set.

    Examples
    --------
    >>> parts = train_dev_test(np.arange(10) % 2, np.array([0, 1, 1]), 0, None, 0.2)
    >>> [len(part) for part in parts]
    [8, 2, 3]
    """
    rng = np.random.default_rng(checks.seed("seed", seed))
    if limit is not None:
        limit = checks.integer("limit", limit)
    order = stratified_order(labels, rng)
    dev = round(dev_share * len(labels))
    test = np.arange(len(test_labels))
    if limit is not None:
        test = stratified_order(test_labels, rng)
    return order[dev:][:limit], order[:dev][:limit], test[:limit]


def take(values: Sequence, chosen: np.ndarray) -> list:
    """Return the chosen ones of a list.

    Parameters
    ----------
    values : sequence
        N values.
    chosen : numpy.ndarray
        Indices.

    Returns
    -------
    list

    Examples
    --------
    >>> take(["a", "b", "c"], np.array([2, 0]))
    ['c', 'a']
    """
    return [values[index] for index in chosen]
