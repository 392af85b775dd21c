"""The batcher hands out everything once an epoch, in an order that the seed decides."""

import numpy as np
import pytest

from nndl.data import Batches
from nndl.device import paddle

IMAGES = np.arange(23 * 4, dtype=np.float32).reshape(23, 1, 2, 2)
LABELS = np.arange(23, dtype=np.int64)


def labels_of(batches):
    return [labels.tolist() for _, labels in batches]


def test_in_order_without_shuffle():
    batches = Batches(IMAGES, LABELS, batch_size=10)
    assert len(batches) == 3
    assert labels_of(batches) == [list(range(10)), list(range(10, 20)), [20, 21, 22]]
    assert labels_of(batches) == labels_of(batches)


def test_shuffle_gives_each_once_and_keeps_the_pairs():
    batches = Batches(IMAGES, LABELS, batch_size=5, shuffle=True)
    seen = []
    for images, labels in batches:
        assert isinstance(images, paddle.Tensor)
        np.testing.assert_array_equal(images.numpy(), IMAGES[labels.numpy()])
        seen += labels.tolist()
    assert sorted(seen) == LABELS.tolist()
    assert seen != LABELS.tolist()


def test_new_order_each_epoch_and_reproducible():
    first, second = (Batches(IMAGES, LABELS, 5, shuffle=True, seed=1) for _ in range(2))
    epochs = [labels_of(first) for _ in range(3)]
    assert epochs == [labels_of(second) for _ in range(3)]
    assert epochs[0] != epochs[1] != epochs[2]
    assert labels_of(Batches(IMAGES, LABELS, 5, shuffle=True, seed=2)) != epochs[0]
    assert first.epoch == 3


def test_no_global_random_state_is_touched():
    np.random.seed(0)
    paddle.seed(0)
    before = np.random.get_state()[1].copy()
    expected = paddle.rand([1]).item()
    paddle.seed(0)
    list(Batches(IMAGES, LABELS, shuffle=True))
    assert (np.random.get_state()[1] == before).all()
    assert paddle.rand([1]).item() == expected


def test_exact_multiple_has_no_empty_batch():
    batches = Batches(IMAGES[:20], LABELS[:20], batch_size=10, shuffle=True)
    assert len(batches) == 2
    assert [len(b) for b in labels_of(batches)] == [10, 10]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"labels": LABELS[:3]}, "images and labels must have the same length, got 23"),
        ({"images": IMAGES[:0], "labels": LABELS[:0]}, "at least one sample, got none"),
        ({"batch_size": 0}, "batch_size must be a positive integer, got 0"),
        ({"batch_size": 2.5}, "batch_size must be a positive integer, got 2.5"),
        ({"batch_size": True}, "batch_size must be a positive integer, got True"),
        ({"shuffle": "no"}, "shuffle must be True or False, got 'no'"),
        ({"seed": -1}, "seed must be an integer from 0 to 4294967295, got -1"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        Batches(**{"images": IMAGES, "labels": LABELS, **arguments})


KINDS = ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "bool"]


@pytest.mark.parametrize("kind", [*KINDS, "float16", "float32", "float64"])
def test_any_type_of_numbers_can_be_shuffled(kind):
    images = (IMAGES % 2).astype(kind) if kind == "bool" else IMAGES.astype(kind)
    batches = Batches(images, LABELS.astype(kind), batch_size=5, shuffle=True)
    order = np.concatenate(labels_of(Batches(IMAGES, LABELS, batch_size=5, shuffle=True)))
    found = [part.numpy() for part, _ in batches]
    np.testing.assert_array_equal(np.concatenate(found), images[order])
