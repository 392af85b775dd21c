"""The embedded digits are scikit-learn's, split without overlap and without leaving any out."""

import numpy as np
import pytest

from nndl import data
from nndl.data.digits import bilinear_matrix
from nndl.device import paddle


def pixels(images):
    return [image.tobytes() for image in images]


def test_equal_to_scikit_learn():
    datasets = pytest.importorskip("sklearn.datasets")
    theirs = datasets.load_digits()
    from pathlib import Path

    with np.load(Path(data.__file__).with_name("digits.npz")) as file:
        assert (file["images"] == theirs.images).all()
        assert (file["labels"] == theirs.target).all()
        assert file["images"].dtype == np.uint8


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_splits_share_nothing_and_miss_nothing(seed):
    splits = data.load_digits(seed)
    assert [len(part.labels) for part in splits] == [1200, 297, 300]
    # All 1,797 images differ, so an image in two parts would be seen here.
    everything = [p for part in splits for p in pixels(part.images)]
    assert len(set(everything)) == 1797
    for part in splits:
        assert part.images.dtype == np.float32
        assert part.labels.dtype == np.int64
        assert part.images.shape[1:] == (1, 8, 8)
        assert part.images.min() == 0
        assert part.images.max() == 1


@pytest.mark.parametrize("seed", range(5))
def test_splits_are_stratified(seed):
    splits = data.load_digits(seed)
    overall = np.bincount(np.concatenate([part.labels for part in splits])) / 1797
    for part in splits:
        counts = np.bincount(part.labels, minlength=10)
        assert np.abs(counts - overall * len(part.labels)).max() < 3


def test_seed_decides_the_split():
    same, again, other = data.load_digits(3), data.load_digits(3), data.load_digits(4)
    assert (same.train.images == again.train.images).all()
    assert (same.test.labels == again.test.labels).all()
    assert set(pixels(same.test.images)) != set(pixels(other.test.images))


def test_labels_belong_to_their_images():
    splits = data.load_digits(5)
    datasets = pytest.importorskip("sklearn.datasets")
    theirs = datasets.load_digits()
    known = dict(zip(pixels((theirs.images / 16).astype(np.float32)), theirs.target, strict=True))
    for part in splits:
        assert [known[p] for p in pixels(part.images[:, 0])] == part.labels.tolist()


def test_size_32_is_paddles_bilinear():
    small, large = data.load_digits(2, size=8), data.load_digits(2, size=32)
    assert large.dev.images.shape == (297, 1, 32, 32)
    assert large.dev.images.dtype == np.float32
    expected = paddle.nn.functional.interpolate(
        paddle.to_tensor(small.dev.images), size=[32, 32], mode="bilinear", align_corners=False
    )
    np.testing.assert_allclose(large.dev.images, expected.numpy(), atol=1e-6)
    assert (small.dev.labels == large.dev.labels).all()


def test_bilinear_matrix_of_the_same_size_is_the_identity():
    np.testing.assert_array_equal(bilinear_matrix(8, 8), np.eye(8, dtype=np.float32))


@pytest.mark.parametrize("seed", [-1, 1.5, True, "0", None])
def test_bad_seed(seed):
    with pytest.raises(ValueError, match=r"seed must be an integer from 0 to 4294967295, got"):
        data.load_digits(seed)


@pytest.mark.parametrize("size", [0, 16, -8, "8", None])
def test_bad_size(size):
    with pytest.raises(ValueError, match="size must be 8 or 32, got"):
        data.load_digits(size=size)
