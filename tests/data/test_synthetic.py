"""What is drawn by a rule obeys the rule, depends on the seed alone, and shares no pairs."""

import numpy as np
import pytest

from nndl import data

DRAWN = [
    data.two_moons,
    data.blobs,
    data.sine_points,
    lambda n, seed: data.digit_sum(7, n, n, n, seed).train,
    lambda n, seed: data.digit_sum(7, n, n, n, seed, disjoint=False).dev,
]


@pytest.mark.parametrize("draw", DRAWN)
def test_the_seed_decides(draw):
    one, same, other = draw(50, seed=3), draw(50, seed=3), draw(50, seed=4)
    for array, again in zip(one, same, strict=True):
        np.testing.assert_array_equal(array, again)
    assert not np.array_equal(one.inputs, other.inputs)


def test_no_global_random_state_is_touched():
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    for draw in DRAWN:
        draw(20, seed=1)
    assert (np.random.get_state()[1] == before).all()


def test_moons_without_noise_lie_on_their_circles():
    points, labels = data.two_moons(301, noise=0, seed=1)
    assert points.dtype == np.float32
    assert labels.dtype == np.int64
    assert np.bincount(labels).tolist() == [151, 150]
    centers = np.where(labels[:, None] == 0, [0.0, 0.0], [1.0, 0.5])
    np.testing.assert_allclose(np.linalg.norm(points - centers, axis=1), 1, rtol=1e-5)
    assert (points[labels == 0, 1] >= 0).all()
    assert (points[labels == 1, 1] <= 0.5).all()


def test_no_line_separates_the_moons_but_it_does_the_blobs():
    def linear_accuracy(points, labels):
        columns = np.column_stack([points, np.ones(len(points))])
        targets = np.eye(labels.max() + 1)[labels]
        weights = np.linalg.lstsq(columns, targets, rcond=None)[0]
        return ((columns @ weights).argmax(axis=1) == labels).mean()

    assert 0.8 < linear_accuracy(*data.two_moons(500, noise=0.05)) < 0.95
    for classes in (2, 3):
        assert linear_accuracy(*data.blobs(500, classes, spread=0.15)) > 0.99


def test_noise_has_the_deviation_asked_for():
    x, y = data.sine_points(20000, noise=0.25)
    assert x.shape == y.shape == (20000, 1)
    assert x.min() >= 0
    assert x.max() <= 1
    assert np.std(y - np.sin(2 * np.pi * x)) == pytest.approx(0.25, rel=0.02)


@pytest.mark.parametrize("length", [3, 5, 20])
@pytest.mark.parametrize("disjoint", [True, False])
def test_digit_sums(length, disjoint):
    parts = data.digit_sum(length, 300, 100, 100, seed=length, disjoint=disjoint)
    seen = set()
    for part, size in zip(parts, (300, 100, 100), strict=True):
        assert part.inputs.shape == (size, length)
        assert part.inputs.dtype == part.labels.dtype == np.int64
        assert part.inputs.min() >= 0
        assert part.inputs.max() <= 9
        np.testing.assert_array_equal(part.labels, part.inputs[:, 0] + part.inputs[:, 1])
        assert ((part.inputs[:, 2:] != 0).sum(axis=1) <= 1).all()
        seen |= {tuple(row) for row in part.inputs.tolist()}
    assert len(seen) == 500


@pytest.mark.parametrize("seed", range(30))
def test_pairs_in_test_are_new_in_either_order(seed):
    train, dev, test = (
        {frozenset(row) for row in part.inputs[:, :2].tolist()}
        for part in data.digit_sum(8, 1500, 300, 300, seed)
    )
    assert len(train) == 37
    assert len(dev) == len(test) == 9
    assert not train & dev
    assert not train & test
    assert not dev & test


@pytest.mark.parametrize("seed", range(30))
def test_every_digit_and_every_sum_occurs_in_training(seed):
    train = data.digit_sum(8, 3000, seed=seed).train
    for place in (0, 1):
        assert set(train.inputs[:, place].tolist()) == set(range(10))
    assert set(train.labels.tolist()) == set(range(19))


def test_the_meaningless_digit_comes_up_everywhere():
    inputs = data.digit_sum(6, 1500, disjoint=False).train.inputs
    for place in range(2, 6):
        assert set(inputs[:, place].tolist()) == set(range(10))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.two_moons(0), "n must be a positive integer, got 0"),
        (lambda: data.two_moons(5, noise=-1), "noise must be a number >= 0 .*, got -1"),
        (
            lambda: data.two_moons(5, noise="x"),
            "noise must be a number >= 0 .*, got 'x'",
        ),
        (
            lambda: data.two_moons(5, seed=-1),
            "seed must be an integer from 0 to 4294967295, got -1",
        ),
        (lambda: data.blobs(5, classes=1), "classes must be at least 2, got 1"),
        (
            lambda: data.blobs(5, spread=np.nan),
            "spread must be a number >= 0 .*, got nan",
        ),
        (lambda: data.sine_points(2.5), "n must be a positive integer, got 2.5"),
        (lambda: data.digit_sum(2), "length must be at least 3, got 2"),
        (lambda: data.digit_sum(5, n_dev=0), "n_dev must be a positive integer, got 0"),
        (lambda: data.digit_sum(3, n_test=2000), "n_test must be at most 160: .* got 2000"),
        (
            lambda: data.digit_sum(3, 900, 100, 1, disjoint=False),
            "only so many different sequences of length 3 for 100 pairs .* got 1001",
        ),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
