"""Data: here without a network, drawn by a rule, or published; and how it comes in batches.

- In the package itself: :func:`load_digits`, 1,797 real handwritten digits.
- On this machine already: :func:`load_docstrings` and :func:`load_docstring_pairs`, real sentences
  from the installed libraries; :func:`photograph`, two pictures from scikit-learn.
- Drawn by a rule: :func:`two_moons`, :func:`blobs`, :func:`sine_points`, :func:`digit_sum`.
- Published, from a folder or the network: :func:`load_mnist`, :func:`load_fashion_mnist`,
  :func:`load_cifar10`, :func:`load_imdb`.

Each loader gives ``train, dev, test``. :class:`Batches` and :class:`SequenceBatches` hand them to a
runner; :class:`ArrayDataset` is what Paddle's own data loader takes, and :func:`augmentation` what
it may do to images.

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
