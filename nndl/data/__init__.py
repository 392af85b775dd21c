"""Data: here without a network, drawn by a rule, or published; and how it comes in batches.

=====================================  ============================================================
:func:`load_digits`                    1,797 real handwritten digits, in the package itself
:func:`photograph`                     two real photographs, from scikit-learn
:func:`load_docstrings`,               real sentences from the installed libraries, to be told apart
:func:`load_docstring_pairs`           or paired
:func:`two_moons`, :func:`blobs`,      drawn by a rule
:func:`sine_points`, :func:`digit_sum`
:func:`load_mnist`, ...                published sets: from a folder or the network
=====================================  ============================================================

Each loader gives ``train, dev, test``. :class:`Batches` and :class:`SequenceBatches` hand them to a
runner; ``nndl.data.transforms`` holds augmentation and what Paddle's own data loader takes.

Examples
--------
>>> from nndl import data
>>> train, dev, test = data.load_digits(seed=0)
>>> train.images.shape, dev.images.shape, test.images.shape
((1200, 1, 8, 8), (297, 1, 8, 8), (300, 1, 8, 8))
"""

from importlib import import_module
from typing import Any

from nndl.data.batches import Batches
from nndl.data.digits import load_digits
from nndl.data.docstrings import ARGUMENT_TYPES, load_docstring_pairs, load_docstrings
from nndl.data.imdb import load_imdb, tokenize_like_paddle
from nndl.data.photographs import photograph
from nndl.data.published import load_cifar10, load_fashion_mnist, load_mnist
from nndl.data.sequences import SequenceBatches, pad_sequences
from nndl.data.splits import Images, Pairs, Samples, Sequences, Splits, Texts
from nndl.data.synthetic import blobs, digit_sum, sine_points, two_moons
from nndl.data.vocabulary import Vocabulary, encode_texts, tokenize

# These need Paddle, for which whoever only wants arrays need not wait (PEP 562).
_NEEDS_PADDLE = ("ArrayDataset", "Seeded", "augment", "augmentation")

__all__ = [
    "ARGUMENT_TYPES",
    "ArrayDataset",
    "Batches",
    "Images",
    "Pairs",
    "Samples",
    "Seeded",
    "SequenceBatches",
    "Sequences",
    "Splits",
    "Texts",
    "Vocabulary",
    "augment",
    "augmentation",
    "blobs",
    "digit_sum",
    "encode_texts",
    "load_cifar10",
    "load_digits",
    "load_docstring_pairs",
    "load_docstrings",
    "load_fashion_mnist",
    "load_imdb",
    "load_mnist",
    "pad_sequences",
    "photograph",
    "sine_points",
    "tokenize",
    "tokenize_like_paddle",
    "two_moons",
]


def __getattr__(name: str) -> Any:
    if name not in _NEEDS_PADDLE:
        raise AttributeError(f"module 'nndl.data' has no attribute {name!r}")
    return getattr(import_module("nndl.data.transforms"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_NEEDS_PADDLE})
