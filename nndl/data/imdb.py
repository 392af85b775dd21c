"""The film reviews of IMDB: 50,000 texts that praise or pan."""

import os
import re
import string
from pathlib import Path

import numpy as np

from nndl.arithmetic import checks
from nndl.data.archives import read_members
from nndl.data.cache import PublishedFile
from nndl.data.published import DEV_SHARE, single_file
from nndl.data.splits import Splits, Texts, take, train_dev_test

__all__ = ["load_imdb", "tokenize_like_paddle"]

SIZE = 84125825
REVIEW = re.compile(r"aclImdb/(train|test)/(neg|pos)/[^/]*\.txt$")
REVIEW_BYTES = 1 << 17  # the longest has 14 thousand
ARCHIVE_BYTES = 1 << 29  # unpacked; the published one has half as many


def load_imdb(
    seed: int = 0,
    *,
    limit: int | None = None,
    folder: str | os.PathLike | None = None,
    data_file: str | os.PathLike | None = None,
    verify: bool = True,
) -> Splits:
    """Load IMDB: 50,000 reviews of films.

    25,000 are to learn from, a tenth of them for development, and 25,000 to test. The file is the
    one that :class:`paddle.text.Imdb` uses, with its address and checksum; it is read here in one
    pass, several times faster. :func:`encode_texts` turns the reviews into
    numbers, with a vocabulary of the training part. Paddle's class counts the words of the test
    reviews too; and there, 0 stands for praise.

    Parameters
    ----------
    seed : int
        Decides which reviews are for development; the test set is always the published one.
    limit : int, optional
        The most reviews in each part, for a quick look; drawn by ``seed``, both classes alike.
    folder : path, optional
        Holds the folder ``imdb`` with the file; by default what the environment variable
        ``NNDL_DATA`` names, else the cache of Paddle's own data sets.
    data_file : path, optional
        The file itself, ``aclImdb_v1.tar.gz``, wherever it is.
    verify : bool
        ``False`` lets a file with another checksum pass, such as one without the unlabelled
        reviews.

    Returns
    -------
    Splits
        Three :class:`Texts`; labels int64 ``[N]``, 1 for praise, 0 for the contrary.

    Raises
    ------
    FileNotFoundError
        If the file is missing and can't be downloaded; the message says what to put where.
    ValueError
        If the checksum differs, the file is of another format, or an argument is out of range.

    References
    ----------
    A. L. Maas, R. E. Daly, P. T. Pham, D. Huang, A. Y. Ng and C. Potts, Learning word vectors for
    sentiment analysis, ACL 2011.

    Examples
    --------
    >>> reviews = load_imdb(limit=1000)  # doctest: +SKIP
    >>> sequences, vocabulary = encode_texts(reviews, max_size=10000)  # doctest: +SKIP
    """
    from nndl.device import paddle

    module = paddle.text.datasets.imdb
    file = PublishedFile(module.URL, module.MD5, SIZE)
    path = single_file("IMDB", file, "imdb", folder, data_file, verify, "load_docstrings")
    (texts, labels), (test_texts, test_labels) = read_imdb(path)
    train, dev, test = train_dev_test(labels, test_labels, seed, limit, DEV_SHARE)
    return Splits(
        Texts(take(texts, train), labels[train]),
        Texts(take(texts, dev), labels[dev]),
        Texts(take(test_texts, test), test_labels[test]),
    )


def read_imdb(path: Path) -> list[tuple[list[str], np.ndarray]]:
    """Read the file of IMDB in one pass.

    Parameters
    ----------
    path : pathlib.Path
        An archive with a review in each ``aclImdb/{train,test}/{pos,neg}/*.txt``.

    Returns
    -------
    list of (list of str, numpy.ndarray)
        Training and test set: texts and labels, in the order of the archive.

    Raises
    ------
    ValueError
        If it is no such archive, or anything in it is damaged.
    """
    texts: dict[str, list[str]] = {"train": [], "test": []}
    labels: dict[str, list[int]] = {"train": [], "test": []}
    names: set[str] = set()
    for name, content in read_members(path, REVIEW.match, REVIEW_BYTES, ARCHIVE_BYTES):
        if name in names:
            raise ValueError(f"{path} can't be read as IMDB: it holds {name} twice")
        names.add(name)
        _, part, kind, _ = name.split("/")
        try:
            texts[part].append(content.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise ValueError(f"{path} can't be read as IMDB: in {name}, {error}") from error
        labels[part].append(int(kind == "pos"))
    for part, its in texts.items():
        if not its:
            raise ValueError(f"{path} is not IMDB: it holds no reviews in aclImdb/{part}")
    return [(texts[part], np.array(labels[part], dtype=np.int64)) for part in texts]


def tokenize_like_paddle(text: str) -> list[str]:
    """Split a review as :class:`paddle.text.Imdb` does.

    Punctuation is deleted, not replaced by a space, so that "film.<br />I" becomes "filmbr" and
    "i"; :func:`tokenize` keeps such words apart. For comparisons with results got from Paddle's
    class.

    Parameters
    ----------
    text : str
        A review.

    Returns
    -------
    list of str

    Examples
    --------
    >>> tokenize_like_paddle("A film.<br />I'd see it")
    ['a', 'filmbr', 'id', 'see', 'it']
    """
    plain = checks.text("text", text).encode().translate(None, string.punctuation.encode()).lower()
    return [word.decode() for word in plain.split()]
