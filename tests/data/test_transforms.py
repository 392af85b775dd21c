"""Augmentation is Paddle's, keeps shape and range, and has a seed of its own."""

import random

import numpy as np
import pytest

from nndl import data
from nndl.data import ArrayDataset, Seeded, augment, augmentation
from nndl.device import paddle

RNG = np.random.default_rng(0)
IMAGES = RNG.random([12, 3, 8, 8], dtype=np.float32)
LABELS = np.arange(12)


def shifted(image, padding):
    """Give every image that a crop and a flip can make of one."""
    wide = np.pad(image, [(0, 0), (padding, padding), (padding, padding)])
    size = image.shape[-1]
    for row in range(2 * padding + 1):
        for column in range(2 * padding + 1):
            crop = wide[:, row : row + size, column : column + size]
            yield crop.tobytes()
            yield np.ascontiguousarray(crop[:, :, ::-1]).tobytes()


def test_each_result_is_a_shifted_or_mirrored_original():
    before = IMAGES.copy()
    changed = augment(IMAGES, augmentation(8, padding=2))
    assert changed.shape == IMAGES.shape
    assert changed.dtype == np.float32
    for image, original in zip(changed, IMAGES, strict=True):
        assert image.tobytes() in set(shifted(original, 2))
    assert (changed != IMAGES).any()
    np.testing.assert_array_equal(IMAGES, before)


def test_every_shift_and_both_sides_come_up():
    image = np.repeat(RNG.random([1, 1, 4, 4], dtype=np.float32), 400, axis=0)
    seen = {one.tobytes() for one in augment(image, augmentation(4, padding=1))}
    assert seen == set(shifted(image[0], 1))


def test_without_flip_and_padding_nothing_moves():
    np.testing.assert_array_equal(augment(IMAGES, augmentation(8, padding=0, flip=0)), IMAGES)
    mirrored = augment(IMAGES, augmentation(8, padding=0, flip=1))
    np.testing.assert_array_equal(mirrored, IMAGES[..., ::-1])


def test_normalize_channel_by_channel():
    mean, std = [0.1, 0.2, 0.3], [0.5, 0.25, 2.0]
    changed = augment(IMAGES, augmentation(8, padding=0, flip=0, mean=mean, std=std))
    expected = (IMAGES - np.reshape(mean, [3, 1, 1])) / np.reshape(std, [3, 1, 1])
    np.testing.assert_allclose(changed, expected, rtol=1e-5, atol=1e-6)


def test_the_seed_decides_and_nobody_elses_is_touched():
    random.seed(1)
    np.random.seed(1)
    before = random.getstate(), np.random.get_state()[1].tolist()
    one = augment(IMAGES, augmentation(8, seed=3))
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before
    random.seed(2)  # of no consequence
    np.testing.assert_array_equal(one, augment(IMAGES, augmentation(8, seed=3)))
    assert (one != augment(IMAGES, augmentation(8, seed=4))).any()
    transform = augmentation(8, seed=3)
    assert (augment(IMAGES, transform) != augment(IMAGES, transform)).any()


def test_seeded_also_for_transforms_that_ask_numpy():
    def draw(_):
        return random.random(), np.random.random()

    one, same = Seeded(draw, seed=5), Seeded(draw, seed=5)
    assert [one(None) for _ in range(3)] == [same(None) for _ in range(3)]
    assert one(None) != one(None)

    def fail(_):
        random.random()
        raise RuntimeError

    state = random.getstate()
    with pytest.raises(RuntimeError):
        Seeded(fail)(None)
    assert random.getstate() == state


def test_dataset_in_paddles_loader():
    plain = ArrayDataset(IMAGES, LABELS)
    assert isinstance(plain, paddle.io.Dataset)
    assert len(plain) == 12
    images, labels = next(iter(paddle.io.DataLoader(plain, batch_size=12)))
    np.testing.assert_array_equal(images.numpy(), IMAGES)
    assert labels.tolist() == LABELS.tolist()
    moved = ArrayDataset(IMAGES, LABELS, transform=augmentation(8, padding=2))
    images, labels = next(iter(paddle.io.DataLoader(moved, batch_size=12, shuffle=True)))
    for image, label in zip(images.numpy(), labels.tolist(), strict=True):
        assert image.tobytes() in set(shifted(IMAGES[label], 2))


def test_reached_from_the_room():
    assert data.ArrayDataset is ArrayDataset
    assert {"augment", "augmentation"} <= set(dir(data))
    with pytest.raises(AttributeError, match=r"nndl\.data' has no attribute 'nothing'"):
        data.nothing  # noqa: B018


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: augmentation(0), "size must be a positive integer, got 0"),
        (lambda: augmentation(8, padding=-1), "padding must be an integer of at least 0, got -1"),
        (lambda: augmentation(8, flip=1.5), "flip must be a number >= 0 and <= 1, got 1.5"),
        (lambda: augmentation(8, mean=[0.5]), "mean and std must have a number for each channel"),
        (lambda: augmentation(8, mean=[0], std=[0]), r"std must be a number .* > 0, got 0"),
        (lambda: augmentation(8, seed=-1), "seed must be an integer from 0 to 4294967295, got -1"),
        (lambda: augment(IMAGES[0], None), r"shape \[N, C, H, W\] and N > 0, got \(3, 8, 8\)"),
        (lambda: augment(IMAGES[:0], None), r"N > 0, got \(0, 3, 8, 8\)"),
        (lambda: ArrayDataset(IMAGES, LABELS[:3]), "got 12 images and 3 labels"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
