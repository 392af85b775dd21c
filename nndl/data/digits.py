"""1,797 real handwritten digits, in the package itself.

Where they come from
--------------------
E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning
Repository, 1998, https://doi.org/10.24432/C50P49, licence CC BY 4.0. These are the 1,797 images of
its test part as scikit-learn (BSD 3-Clause) ships them: 43 people wrote on 32 x 32 bitmaps, and
each pixel here counts the black ones in a block of 4 x 4, hence the values 0 to 16.

The file ``digits.npz`` was made from them, with nothing changed but the type, by::

    import numpy as np
    from sklearn.datasets import load_digits

    digits = load_digits()
    np.savez_compressed(
        "nndl/data/digits.npz",
        images=digits.images.astype(np.uint8),  # (1797, 8, 8), values 0 to 16
        labels=digits.target.astype(np.uint8),  # (1797,)
    )
"""

from pathlib import Path

import numpy as np

from nndl.arithmetic import checks
from nndl.data.splits import Images, Splits, stratified_order

__all__ = ["load_digits"]

TRAIN, DEV, TEST = 1200, 297, 300
HIGHEST_VALUE = 16
SIZES = (8, 32)


def load_digits(seed: int = 0, size: int = 8) -> Splits:
    """Load the handwritten digits, split into 1200 to train, 297 for development, 300 to test.

    The split is drawn by ``seed``. It is stratified: each part holds about the same share of every
    digit.

    Parameters
    ----------
    seed : int
        Not negative; the same seed gives the same split.
    size : int
        Height and width of the images in pixels: 8 as they are, or 32, enlarged by bilinear
        interpolation.

    Returns
    -------
    Splits
        Three :class:`Images`; images float32 ``[N, 1, size, size]`` from 0 to 1, labels int64
        ``[N]``.

    Raises
    ------
    ValueError
        If ``seed`` is not a whole number from 0, or ``size`` neither 8 nor 32.

    References
    ----------
    E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository, 1998. https://doi.org/10.24432/C50P49

    Examples
    --------
    >>> train, dev, test = load_digits(seed=0, size=32)
    >>> train.images.shape
    (1200, 1, 32, 32)
    >>> float(train.images.min()), float(train.images.max())
    (0.0, 1.0)
    """
    seed = checks.seed("seed", seed)
    size = checks.choice("size", size, SIZES)
    with np.load(Path(__file__).with_name("digits.npz")) as file:
        images = file["images"].astype(np.float32) / HIGHEST_VALUE  # (1797, 8, 8)
        labels = file["labels"].astype(np.int64)  # (1797,)
    if size != images.shape[-1]:
        enlarge = bilinear_matrix(images.shape[-1], size)  # (size, 8)
        images = enlarge @ images @ enlarge.T  # (1797, size, size)
    order = stratified_order(labels, np.random.default_rng(seed))
    parts = np.split(order, [TRAIN, TRAIN + DEV])
    return Splits(*(Images(images[part][:, None], labels[part]) for part in parts))


def bilinear_matrix(size: int, new_size: int) -> np.ndarray:
    """Give the matrix that stretches a row of pixels by linear interpolation.

    Pixels are areas, so their centers lie at 0.5, 1.5, ...; outside the outermost centers the edge
    value goes on. ``matrix @ image @ matrix.T`` stretches both axes: bilinear interpolation.

    Parameters
    ----------
    size, new_size : int
        Pixels before and after.

    Returns
    -------
    numpy.ndarray
        float32, shape ``[new_size, size]``; each row adds up to 1.

    Examples
    --------
    >>> bilinear_matrix(2, 4)
    array([[1.  , 0.  ],
           [0.75, 0.25],
           [0.25, 0.75],
           [0.  , 1.  ]], dtype=float32)
    """
    center = np.clip((np.arange(new_size) + 0.5) * size / new_size - 0.5, 0, size - 1)
    left = np.minimum(np.floor(center).astype(int), size - 2)
    share = (center - left).astype(np.float32)
    matrix = np.zeros((new_size, size), dtype=np.float32)
    rows = np.arange(new_size)
    matrix[rows, left] = 1 - share
    matrix[rows, left + 1] = share
    return matrix
