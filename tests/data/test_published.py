"""MNIST, Fashion-MNIST and CIFAR-10 are read as Paddle reads them, checked, and split soundly."""

import gzip
import hashlib
import io
import pickle
import struct
import tarfile

import numpy as np
import pytest
from shared_data import SHARED, needs

from nndl import data
from nndl.data.published import read_cifar10, read_idx
from nndl.data.splits import train_dev_test
from nndl.device import paddle

LOADERS = {"mnist": data.load_mnist, "fashion-mnist": data.load_fashion_mnist}
CLASSES = {
    "mnist": paddle.vision.datasets.MNIST,
    "fashion-mnist": paddle.vision.datasets.FashionMNIST,
}
FILES = {
    "TRAIN_IMAGE": "train-images-idx3-ubyte.gz",
    "TRAIN_LABEL": "train-labels-idx1-ubyte.gz",
    "TEST_IMAGE": "t10k-images-idx3-ubyte.gz",
    "TEST_LABEL": "t10k-labels-idx1-ubyte.gz",
}


def idx(array):
    header = struct.pack(f">HBB{array.ndim}i", 0, 8, array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes())


def write_idx_files(folder, n=200, n_test=100, seed=0):
    """Write four files in the format of MNIST; the first pixels tell the images apart."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    for kind, number in (("TRAIN", n), ("TEST", n_test)):
        images = rng.integers(0, 256, size=[number, 28, 28], dtype=np.uint8)
        images[:, 0, 0], images[:, 0, 1] = np.divmod(np.arange(number), 256)
        labels = np.arange(number, dtype=np.uint8) % 10
        for part, array in (("IMAGE", images), ("LABEL", labels)):
            (folder / FILES[f"{kind}_{part}"]).write_bytes(idx(array))
    return folder.parent


def write_cifar10(path, n=40, n_test=20, protocol=2, **more):
    """Write an archive in the format of CIFAR-10."""
    rng = np.random.default_rng(0)
    names = [(f"data_batch_{i}", n) for i in range(1, 6)] + [("test_batch", n_test)]
    with tarfile.open(path, "w:gz") as tar:
        for name, number in names:
            batch = {
                b"data": rng.integers(0, 256, size=[number, 3072], dtype=np.uint8),
                b"labels": [i % 10 for i in range(number)],
                b"batch_label": name.encode(),
                **more,
            }
            content = pickle.dumps(batch, protocol=protocol)
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def bytes_of(images):
    return np.round(images * 255).astype(np.uint8)


def origin(images):
    """Read from its first two pixels which image of the file each one is."""
    first = bytes_of(images)[:, 0, 0, :2].astype(int)
    return first[:, 0] * 256 + first[:, 1]


@pytest.mark.parametrize("name", LOADERS)
def test_tiny_files_equal_paddles_reader(name, tmp_path):
    folder = write_idx_files(tmp_path / name)
    train, dev, test = LOADERS[name](folder=folder, verify=False)
    for mode, parts, number in (("TRAIN", (train, dev), 200), ("TEST", (test,), 100)):
        paths = [folder / name / FILES[f"{mode}_{part}"] for part in ("IMAGE", "LABEL")]
        theirs = CLASSES[name](*map(str, paths), mode=mode.lower(), backend="cv2")
        images = np.concatenate([part.images for part in parts])
        labels = np.concatenate([part.labels for part in parts])
        assert sorted(origin(images)) == list(range(number))
        for place, image, label in zip(origin(images), images, labels, strict=True):
            their_image, their_label = theirs[int(place)]
            np.testing.assert_array_equal(bytes_of(image[0]), np.reshape(their_image, [28, 28]))
            assert label == their_label[0]


def test_types_shapes_and_the_untouched_order_of_the_test_set(tmp_path):
    train, dev, test = data.load_mnist(folder=write_idx_files(tmp_path / "mnist"), verify=False)
    assert [len(part.labels) for part in (train, dev, test)] == [180, 20, 100]
    for part in (train, dev, test):
        assert part.images.dtype == np.float32
        assert part.labels.dtype == np.int64
        assert part.images.shape[1:] == (1, 28, 28)
        assert 0 <= part.images.min() < part.images.max() <= 1
    assert origin(test.images).tolist() == list(range(100))


def test_size_32_is_a_border_of_zeros(tmp_path):
    folder = write_idx_files(tmp_path / "mnist")
    small = data.load_mnist(folder=folder, verify=False).dev
    large = data.load_mnist(folder=folder, verify=False, size=32).dev
    assert large.images.shape == (20, 1, 32, 32)
    np.testing.assert_array_equal(large.images[:, :, 2:-2, 2:-2], small.images)
    assert np.isclose(large.images.sum(), small.images.sum())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("limit", [None, 60, 1000])
def test_the_draw_is_disjoint_stratified_and_the_seeds(seed, limit):
    rng = np.random.default_rng(seed)
    labels, test_labels = rng.integers(0, 5, size=1000), rng.integers(0, 5, size=100)
    train, dev, test = train_dev_test(labels, test_labels, seed, limit, 0.1)
    assert not set(train) & set(dev)
    full = (900, 100, 100)
    assert [len(part) for part in (train, dev, test)] == [min(limit or 900, n) for n in full]
    for part in (train, dev, test):
        assert len(set(part.tolist())) == len(part)
    for part in (train, dev):
        expected = np.bincount(labels) / 1000 * len(part)
        assert np.abs(np.bincount(labels[part]) - expected).max() < 2.5
    again = train_dev_test(labels, test_labels, seed, limit, 0.1)
    other = train_dev_test(labels, test_labels, seed + 1, limit, 0.1)
    np.testing.assert_array_equal(train, again[0])
    assert set(dev.tolist()) != set(other[1].tolist())


def test_checksums_are_looked_at_before_use(tmp_path, monkeypatch):
    folder = write_idx_files(tmp_path / "mnist")
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz has MD5 .* verify=False"):
        data.load_mnist(folder=folder)
    for part, name in FILES.items():
        content = (folder / "mnist" / name).read_bytes()
        monkeypatch.setattr(CLASSES["mnist"], f"{part}_MD5", hashlib.md5(content).hexdigest())
    monkeypatch.setenv("NNDL_DATA", str(folder))
    assert len(data.load_mnist().train.labels) == 180


def test_downloads_from_paddles_address(tmp_path, monkeypatch):
    served = write_idx_files(tmp_path / "served") / "served"
    for part, name in FILES.items():
        monkeypatch.setattr(CLASSES["mnist"], f"{part}_URL", (served / name).as_uri())
        content = (served / name).read_bytes()
        monkeypatch.setattr(CLASSES["mnist"], f"{part}_MD5", hashlib.md5(content).hexdigest())
    train = data.load_mnist(folder=tmp_path / "cache", limit=50).train
    assert len(train.labels) == 50
    here = sorted(path.name for path in (tmp_path / "cache" / "mnist").iterdir())
    assert here == sorted(FILES.values())


@pytest.mark.parametrize("protocol", [2, 4])
def test_tiny_cifar10_equals_paddles_reader(tmp_path, protocol):
    path = write_cifar10(tmp_path / "cifar.tar.gz", protocol=protocol)
    for (images, labels), mode in zip(read_cifar10(path), ("train", "test"), strict=True):
        theirs = paddle.vision.datasets.Cifar10(str(path), mode=mode, backend="cv2")
        assert len(images) == len(labels) == len(theirs)
        for image, label, (their_image, their_label) in zip(images, labels, theirs, strict=True):
            np.testing.assert_array_equal(image.transpose(1, 2, 0), their_image)
            assert label == their_label
    train, dev, test = data.load_cifar10(data_file=path, verify=False)
    assert [len(part.labels) for part in (train, dev, test)] == [180, 20, 20]
    assert train.images.shape[1:] == (3, 32, 32)
    assert train.images.dtype == np.float32
    assert set(train.labels.tolist()) == set(range(10))


class Evil:
    """Would run code when it is unpickled."""

    def __reduce__(self):
        return eval, ("1 / 0",)


def test_a_pickle_runs_nothing(tmp_path):
    path = write_cifar10(tmp_path / "cifar.tar.gz", more=Evil())
    with pytest.raises(
        ValueError, match=r"can't be read as CIFAR-10: in data_batch_1, it asks for .*eval"
    ):
        data.load_cifar10(data_file=path, verify=False)


def test_cifar10_needs_permission_and_the_file(tmp_path):
    path = write_cifar10(tmp_path / "cifar.tar.gz")
    with pytest.raises(ValueError, match="pass verify=False"):
        data.load_cifar10(data_file=path)
    with pytest.raises(FileNotFoundError, match="data_file must name a file that exists, got"):
        data.load_cifar10(data_file=tmp_path / "nothing")


def test_broken_files_are_named(tmp_path):
    path = tmp_path / "file.gz"
    whole = idx(np.zeros([2, 3, 3], dtype=np.uint8))
    for content, words in (
        (whole[:-9], "no whole gzip file"),
        (b"no gzip", "no idx file of bytes with 3 axes"),
        (gzip.compress(b"something else"), "no idx file of bytes with 3 axes"),
        (idx(np.zeros(4, dtype=np.uint8)), "no idx file of bytes with 3 axes"),
        (gzip.compress(gzip.decompress(whole)[:-1]), "should hold .* entries, got 17"),
    ):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=words):
            read_idx(path, 3)
    path.write_bytes(b"no archive")
    with pytest.raises(ValueError, match="is no whole tar archive"):
        read_cifar10(path)
    with tarfile.open(path, "w:gz") as tar:
        tar.add(__file__, arcname="other.py")
    with pytest.raises(ValueError, match="holds no data_batch"):
        read_cifar10(path)


def test_files_without_images_or_of_another_set_are_refused(tmp_path):
    folder = write_idx_files(tmp_path / "mnist", n=0)
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz is empty"):
        data.load_mnist(folder=folder, verify=False)
    path = write_cifar10(tmp_path / "cifar.tar.gz", n=0)
    with pytest.raises(ValueError, match="holds no images in any data_batch"):
        data.load_cifar10(data_file=path, verify=False)
    for part, array, words in (
        ("TEST_IMAGE", np.zeros([100, 32, 32], np.uint8), "images of 28 x 28, got"),
        ("TEST_LABEL", np.full(100, 10, np.uint8), "labels from 0 to 9, got 10"),
    ):
        folder = write_idx_files(tmp_path / part / "mnist")
        (folder / "mnist" / FILES[part]).write_bytes(idx(array))
        with pytest.raises(ValueError, match=words) as caught:
            data.load_mnist(folder=folder, verify=False)
        assert FILES[part] in str(caught.value)


def test_images_without_labels_are_refused(tmp_path):
    folder = write_idx_files(tmp_path / "mnist")
    (folder / "mnist" / FILES["TEST_LABEL"]).write_bytes(idx(np.zeros(99, dtype=np.uint8)))
    with pytest.raises(ValueError, match="there are 100 images, but 99 labels"):
        data.load_mnist(folder=folder, verify=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 30}, "size must be 28 or 32, got 30"),
        ({"limit": 0}, "limit must be a positive integer, got 0"),
        ({"seed": -1}, "seed must be an integer from 0 to 4294967295, got -1"),
    ],
)
def test_refusals(tmp_path, arguments, message):
    folder = write_idx_files(tmp_path / "mnist")
    with pytest.raises(ValueError, match=message):
        data.load_mnist(folder=folder, verify=False, **arguments)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=needs(f"{name}/{FILES['TRAIN_IMAGE']}")) for name in LOADERS],
)
def test_the_real_files(name):
    train, dev, test = LOADERS[name](folder=SHARED, seed=1)
    assert [len(part.labels) for part in (train, dev, test)] == [54000, 6000, 10000]
    for part in (dev, test):
        assert np.bincount(part.labels).min() > 0.08 * len(part.labels)
        assert part.images.max() == 1
    labels = [str(SHARED / name / FILES[part]) for part in ("TEST_IMAGE", "TEST_LABEL")]
    theirs = CLASSES[name](*labels, mode="test", backend="cv2")
    np.testing.assert_array_equal(bytes_of(test.images).reshape(10000, 784), theirs.images)
    np.testing.assert_array_equal(test.labels, np.ravel(theirs.labels))


@needs("cifar10/cifar-10-python.tar.gz")
def test_the_real_cifar10():
    path = SHARED / "cifar10" / "cifar-10-python.tar.gz"
    train, dev, test = data.load_cifar10(data_file=path, verify=False)
    assert [len(part.labels) for part in (train, dev, test)] == [3600, 400, 1000]
    theirs = paddle.vision.datasets.Cifar10(str(path), mode="test")
    expected = np.stack([image for image, _ in theirs.data]).reshape(-1, 3, 32, 32)
    np.testing.assert_array_equal(bytes_of(test.images), expected)
    assert test.labels.tolist() == [label for _, label in theirs.data]
